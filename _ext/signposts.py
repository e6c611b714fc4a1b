"""ほかのページへ移った節や式の、道しるべを残す。どこへ移ったかは、名から分かるので、書くことはない。"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from moving import ADDRESSES, expected
from sphinx.environment import BuildEnvironment


def places(env: BuildEnvironment) -> dict[str, str]:
    """名のある場所と、それのあるページ（拡張子のない名）。"""
    std = env.domains["std"].data
    labels = {anchor: doc for doc, anchor, *_ in std["anonlabels"].values()}
    terms = {anchor: doc for doc, anchor in std["objects"].values()}
    equations = env.domains["math"].data["objects"]
    formulas = {nodes.make_id(f"equation-{label}"): doc for label, (doc, _) in equations.items()}
    return labels | terms | formulas


def write_signposts(app: Any, name: str, _template: str, context: dict[str, Any], doctree: Any) -> None:
    """ページの終わりに、そこから移った場所の道しるべを置く。"""
    target = app.builder.get_target_uri(name)
    if doctree is None or not (names := expected().get(target)):
        return
    now = places(app.env)
    left = [(anchor, now[anchor]) for anchor in names if now.get(anchor, name) != name]
    if left:
        posts = "".join(_signposts(app, name, left))
        context["body"] += f'<nav class="signposts" aria-label="ここから移った場所">{posts}</nav>'


def _signposts(app: Any, name: str, left: list[tuple[str, str]]) -> Iterator[str]:
    for anchor, doc in left:
        link, title = app.builder.get_relative_uri(name, doc), app.env.titles[doc].astext()
        yield signpost(anchor, f"{link}#{anchor}", title)


def signpost(anchor: str, link: str, title: str) -> str:
    """一つの道しるべ。その場所をめざして来た人にだけ見える。

    Examples
    --------
    >>> signpost("sec-a", "b.html#sec-a", "x < y")
    '<p class="signpost" id="sec-a">ここは<a href="b.html#sec-a">「x &lt; y」</a>へ移りました。</p>'
    """
    return f'<p class="signpost" id="{anchor}">ここは<a href="{escape(link)}">「{escape(title)}」</a>へ移りました。</p>'


def note_record(app: Any, doctree: nodes.document) -> None:
    """記録が変われば、ページを組みなおす。"""
    app.env.note_dependency(str(ADDRESSES))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("doctree-read", note_record)
    app.connect("html-page-context", write_signposts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

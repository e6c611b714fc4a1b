"""公開したことのある場所を、いまの場所へ導く。

ページの名が変わったときは、古い URL にページを残す（sphinxext-rediraffe、``redirects.txt``）。節や式だけがほかのページへ
移ったときは、もとのページに道しるべを残す。どこへ移ったかは、名から分かるので、書くことはない。
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[1]
REDIRECTS = ROOT / "redirects.txt"
ADDRESSES = ROOT / "addresses.txt"
LABELLED = r"^(?:sec|fig|tab|thm|term|equation)-"
"""人の決めた名のある場所。ほかの名（``id3`` など）は、節を足すだけで変わるので、約束しない。"""


def rows(path: Path) -> list[list[str]]:
    """一行ずつの、空白で分けた言葉。"""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def moves() -> dict[str, str]:
    """古いページから、いまのページへ。"""
    steps = {page(old): page(new) for old, new in rows(REDIRECTS)}
    return {old: _end(steps, new) for old, new in steps.items()}


def page(source: str) -> str:
    """原稿のファイルの、サイトの中での場所。"""
    return str(Path(source).with_suffix(".html").as_posix())


def _end(steps: dict[str, str], place: str) -> str:
    while place in steps:
        place = steps[place]
    return place


def recorded() -> dict[str, list[str]]:
    """公開したことのあるページと、その中の名のある場所。"""
    return {place: names for place, *names in rows(ADDRESSES)}


def expected() -> dict[str, list[str]]:
    """いまのページと、そこに来るかもしれない URL の「#」より先。

    Examples
    --------
    >>> "sec-xor-plateau" in expected()["chapters/52_xor_plateau.html"]
    True
    """
    found: dict[str, set[str]] = {}
    for place, names in recorded().items():
        found.setdefault(moves().get(place, place), set()).update(names)
    return {place: sorted(names) for place, names in found.items()}


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

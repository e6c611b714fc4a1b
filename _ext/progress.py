"""解いた問題: 一覧のページ、案内に添える数、章の終わりの、練習問題への道。

解いたことを覚えるのは、読者のブラウザ（`_static/exercises/solved.js`）だけである。ここでは、問いを並べる。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from answering import FOLDER
from builders import makes_site
from docutils import nodes
from exercises import Exercise, recorded
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from workload import exercise_pages, first_of_all, tasks

LABEL = "sec-progress"
"""一覧のページ。"""
HEADINGS = ("問題", "解いた日", "種類", "難しさ", "分")
TOOLS = (
    '<div class="progress-tools pst-js-only" hidden><p class="progress-count"></p><div>'
    '<button type="button" data-do="export">書き出す</button>'
    '<button type="button" data-do="import">読みこむ</button>'
    '<button type="button" data-do="erase">消す</button>'
    '<input type="file" accept=".json,application/json" aria-label="読みこむファイル" hidden></div>'
    '<p class="progress-said" role="status"></p></div>'
)
OPENER = '<summary aria-label="この章の練習問題">'
_CHEVRON = '<i class="fa-solid fa-chevron-down">'
_ARROW = '<i class="fa-solid fa-angle-right">'
_ENTRY = re.compile(
    r'<li class="(?P<classes>[^"]*)"><a class="(?:current )?reference internal" href="(?P<to>[^"]*)"'
)


class Listing(nodes.General, nodes.Element):
    """一覧が入るところ。"""


class SolvedDirective(SphinxDirective):
    """``{solved}``。"""

    def run(self) -> list[nodes.Node]:
        """場所だけを取っておく。中身は、すべてのページを読み終えてから入れる。"""
        return [Listing()]


class FillListing(SphinxPostTransform):
    """取っておいた場所に、ページごとの表を入れる。"""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """練習問題のページを、目次の順に並べる。"""
        for place in list(self.document.findall(Listing)):
            tools = nodes.raw("", TOOLS * makes_site(self.app), format="html")
            place.replace_self([tools, *self._tables()])

    def _tables(self) -> Iterator[nodes.Node]:
        for name in exercise_pages(self.env):
            link = self._link(name, "", self.env.titles[name].astext())
            yield nodes.paragraph("", "", nodes.strong("", "", link), classes=["solved-page"])
            yield _table([self._row(name, task) for task in tasks(self.env, name)])

    def _row(self, name: str, task: Exercise) -> nodes.row:
        stars = "★" * task.stars + "☆" * (3 - task.stars)
        facts = ("", task.kind, stars, str(task.minutes))
        return _cells([self._link(name, task.label, task.title), *map(nodes.Text, facts)])

    def _link(self, name: str, anchor: str, text: str) -> nodes.reference:
        return make_refnode(self.app.builder, self.env.docname, name, anchor, nodes.inline("", text))


def _cells(contents: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", content)) for content in contents))


def _table(rows: list[nodes.row]) -> nodes.table:
    columns = [nodes.colspec(colwidth=width) for width in (8, 2, 3, 2, 1)]
    head = nodes.thead("", _cells([nodes.Text(heading) for heading in HEADINGS]))
    group = nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(columns))
    return nodes.table("", group, classes=["solved", "colwidths-auto"])


class PutWay(SphinxPostTransform):
    """章の終わりに、その章の練習問題への道を置く。"""

    default_priority = 6

    def run(self, **kwargs: Any) -> None:
        """目次で、その章の下にある練習問題を引く。"""
        below = self.env.toctree_includes.get(self.env.docname, [])
        top = next(iter(self.document.findall(nodes.section)), None)
        for name in (name for name in below if top is not None and tasks(self.env, name)):
            words = nodes.inline("", f"練習問題（{first_of_all(self.env, name)}）→")
            link = make_refnode(self.app.builder, self.env.docname, name, "", words)
            top.append(nodes.paragraph("", "", link, classes=["to-exercises"]))


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """続きから組むときも、問いを数えるページを書きなおす。"""
    page, *_ = env.get_domain("std").labels.get(LABEL, ("",))
    parents = [name for name, below in env.toctree_includes.items() if set(below) & set(recorded(env))]
    return [*filter(None, [page]), *parents]


def guide(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """案内のひな型に、解いた数の場所を書くものを渡す。"""
    context["with_exercises"] = lambda navigation: counted(app, pagename, navigation)
    page, *_ = app.env.get_domain("std").labels.get(LABEL, ("",))
    every = sum(len(tasks(app.env, name)) for name in exercise_pages(app.env))
    address = app.builder.get_relative_uri(pagename, page) if page and every else ""
    context["exercises_every"], context["exercises_page"] = every, address or "#"
    if makes_site(app) and pagename == page:
        app.add_css_file(f"{FOLDER}/exercises.css")
        app.add_js_file(f"{FOLDER}/progress.js", loading_method="defer")


def counted(app: Sphinx, here: str, navigation: str) -> str:
    """案内の、練習問題のページの項目に問いの数を書き、章の下を開く印に名前をつける。"""
    known = {app.builder.get_relative_uri(here, name): name for name in recorded(app.env)}
    if here in recorded(app.env):
        known["#"] = here

    def mark(entry: re.Match[str]) -> str:
        name = known.get(entry["to"])
        if not name or not tasks(app.env, name):
            return entry[0]
        facts = f'data-page="{name.rpartition("/")[2]}" data-exercises="{len(tasks(app.env, name))}"'
        return entry[0].replace("<li ", f"<li {facts} ", 1)

    named = navigation.replace("<summary>", OPENER).replace(_CHEVRON, _ARROW)
    return _ENTRY.sub(mark, named)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_node(Listing)
    app.add_directive("solved", SolvedDirective)
    app.add_post_transform(FillListing)
    app.add_post_transform(PutWay)
    app.connect("env-updated", rewrite)
    app.connect("html-page-context", guide)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

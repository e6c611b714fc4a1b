"""一周目だけを読む人のためのもの: ページの頭の読む時間と選ぶボタン、節の開閉、一周目の道の表。

節をたたむのは `_static/laps.js` と `_static/laps.css` である。スクリプトのない画面と紙では、すべてが開いている。
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from builders import makes_site
from docutils import nodes
from laps import FIRST, LOOKED_UP, Badge, depth, order, pages, stops
from reading_time import FIGURE, FORMULA, LETTERS, LINE
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from workload import duration, tasks

HEADINGS = ("ページ", "分", "ここまで", "読む節")
END = "sec-first-lap"
"""一周目の道の節。"""


class Top(nodes.General, nodes.Element):
    """ページの頭の、読む時間と選ぶボタン。"""


class Fold(nodes.General, nodes.Element):
    """一周目でない節の中身の始め（``opens``）と終わり。節の木の形を変えないように、二つの印で挟む。"""


class Road(nodes.General, nodes.Element):
    """一周目の道の表が入るところ。"""


class FirstLapDirective(SphinxDirective):
    """``{first-lap}``。"""

    def run(self) -> list[nodes.Node]:
        """場所だけを取っておく。中身は、すべてのページを読み終えてから入れる。"""
        return [Road()]


class FillRoad(SphinxPostTransform):
    """取っておいた場所に、道の表と、時間の測り方を入れる。"""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """一周目のページを、目次の順に並べる。"""
        for road in list(self.document.findall(Road)):
            total = sum(whole(pages(self.env)[name].minutes(FIRST)) for name in stops(self.env))
            said = f"合わせて、約{spoken(total)}です。{_measure()}"
            road.replace_self([_table(list(self._rows())), nodes.paragraph("", said)])

    def _rows(self) -> Iterator[nodes.row]:
        total = 0
        for name in stops(self.env):
            minutes = whole(pages(self.env)[name].minutes(FIRST))
            total += minutes
            numbers = [nodes.Text(str(minutes)), nodes.Text(spoken(total))]
            yield _cells(
                [[self._link(name, "", self._title(name))], *([n] for n in numbers), self._sections(name)]
            )

    def _title(self, name: str) -> str:
        """章の番号のついた題。"""
        number = self.env.toc_secnumbers.get(name, {}).get("", ())
        return "".join(f"{part}. " for part in number[:1]) + self.env.titles[name].astext()

    def _sections(self, name: str) -> list[nodes.Node]:
        """読む節へのリンク。どの節も一周目なら、そう言う。"""
        parts = [place for place in pages(self.env)[name].places if place.depth == 2]
        if all(place.lap == FIRST for place in pages(self.env)[name].places):
            return [nodes.Text("すべて")]
        links = [self._link(name, part.anchor, part.title) for part in parts if part.lap == FIRST]
        return [node for link in links for node in (nodes.Text("、"), link)][1:]

    def _link(self, name: str, anchor: str, text: str) -> nodes.reference:
        builder, here = self.app.builder, self.env.docname
        return make_refnode(builder, here, name, anchor, nodes.inline("", text))


def _measure() -> str:
    return (
        f"時間は、組まれたページから計算した目安です。本文は1分に{LETTERS}字、別行の式は一つ{FORMULA}分、"
        f"見えているコードは1行{LINE}分、図は一つ{FIGURE}分とします。手を動かす時間は入っていません。"
    )


def _cells(contents: list[list[nodes.Node]]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *content)) for content in contents))


def _table(rows: list[nodes.row]) -> nodes.table:
    columns = [nodes.colspec(colwidth=width) for width in (4, 1, 2, 8)]
    head = nodes.thead("", _cells([[nodes.Text(heading)] for heading in HEADINGS]))
    group = nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(columns))
    return nodes.table("", group, classes=["first-lap-road", "colwidths-auto"])


def whole(minutes: float) -> int:
    """切りのよい分。0分の節はない。

    Examples
    --------
    >>> whole(0.2), whole(25.4)
    (1, 25)
    """
    return max(round(minutes), 1)


def spoken(minutes: int) -> str:
    """時間の言い方。

    Examples
    --------
    >>> spoken(25), spoken(60), spoken(135)
    ('25分', '1時間', '2時間15分')
    """
    hours, rest = divmod(minutes, 60)
    return f"{hours}時間" * bool(hours) + f"{rest}分" * bool(rest or not hours)


class PutTop(SphinxPostTransform):
    """ページの頭に時間を、題にしるしを、一周目でない節に開閉の印を置く。"""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """付録のページには、何も置かない。"""
        title = next(iter(self.document.findall(nodes.section)), None)
        if title is None or title.get("lap", LOOKED_UP) == LOOKED_UP:
            return
        heading = title.next_node(nodes.title)
        if title["lap"] != FIRST:
            heading.append(Badge(lap=title["lap"]))
        title.insert(title.index(heading) + 1, Top(page=self.env.docname))
        if makes_site(self.app):
            for section in list(self.document.findall(nodes.section)):
                self._fold(section)

    def _fold(self, section: nodes.section) -> None:
        around = section.parent
        if depth(section) == 1 or section["lap"] == FIRST or (depth(section) > 2 and around["lap"] != FIRST):
            return
        heading = section.next_node(nodes.title)
        opening = Fold(opens=True, anchor=section["ids"][0], title=heading.astext())
        section.insert(section.index(heading) + 1, opening)
        section.append(Fold())


def times(env: BuildEnvironment, name: str) -> str:
    """読む時間の目安。"""
    page = pages(env)[name]
    first, all_of_it = page.minutes(FIRST), spoken(whole(page.minutes()))
    if not first:
        return f"約{all_of_it}"
    if all(place.lap == FIRST for place in page.places):
        return f"約{all_of_it}（すべて一周目）"
    return f"{FIRST} 約{spoken(whole(first))}　すべて 約{all_of_it}"


def told(env: BuildEnvironment, name: str) -> str:
    """ページにかける時間。練習問題は、読むのではなく解くもの。"""
    if count := len(tasks(env, name)):
        return f"{count}問　解く時間の目安　{duration(env, name)}"
    return f"読む時間の目安　{times(env, name)}"


def following(env: BuildEnvironment, name: str) -> str | None:
    """そのページのあとの、一周目のページ。"""
    after = order(env)[order(env).index(name) + 1 :] if name in order(env) else []
    return next((stop for stop in stops(env) if stop in after), None)


def write_top(translator: Any, top: Top) -> None:
    """ページの頭を書く。"""
    builder, name = translator.builder, top["page"]
    said = told(builder.env, name)
    if not tasks(builder.env, name) and not pages(builder.env)[name].minutes(FIRST):
        said += f"<br />このページに、一周目の節はありません。{_onward(builder, name)}"
    choice = (
        '<button type="button" class="lap-choice pst-js-only" aria-pressed="false">一周目だけを読む</button>'
    )
    translator.body.append(
        f'<div class="reading-time"><div>{said}</div>{choice * makes_site(builder.app)}</div>'
    )
    raise nodes.SkipNode


def _onward(builder: Any, name: str) -> str:
    """次の一周目のページへの道。もうなければ、道の表へ。"""
    there = following(builder.env, name)
    if there is None:
        page, anchor, _ = builder.env.get_domain("std").labels.get(END, (builder.config.root_doc, "", ""))
        uri = builder.get_relative_uri(name, page) + f"#{anchor}"
        return f'一周目は、もう終わっています（<a href="{uri}">一周目の道</a>）。'
    title = escape(builder.env.titles[there].astext())
    return f'一周目の次は、<a href="{builder.get_relative_uri(name, there)}">{title}</a>です。'


def write_top_plainly(translator: Any, top: Top) -> None:
    """EPUB とサイトのほかの形では、時間だけを書く。"""
    add = getattr(translator, "add_text", None) or translator.body.append
    add(f"\n\n{told(translator.builder.env, top['page'])}\n\n")
    raise nodes.SkipNode


def write_fold(translator: Any, fold: Fold) -> None:
    """節の中身の箱。ボタンは、選んだときにだけ現れる。"""
    if fold.get("opens"):
        box, title = f"lap-{fold['anchor']}", escape(fold["title"])
        translator.body.append(
            f'<button type="button" class="lap-toggle" aria-expanded="false" aria-controls="{box}">'
            f'<span class="visually-hidden">{title}を</span>開く</button><div class="lap-body" id="{box}">'
        )
    else:
        translator.body.append("</div>\n")
    raise nodes.SkipNode


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """続きから組むときも、道の表のあるページを書きなおす。"""
    page, *_ = env.get_domain("std").labels.get(END, ("",))
    return [page] if page else []


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.setup_extension("laps")
    plain = (write_top_plainly, None)
    app.add_node(Top, html=(write_top, None), latex=plain, text=plain, man=plain, texinfo=plain)
    app.add_node(Fold, html=(write_fold, None))
    app.add_node(Road)
    app.add_directive("first-lap", FirstLapDirective)
    app.add_post_transform(FillRoad)
    app.add_post_transform(PutTop)
    app.connect("env-updated", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

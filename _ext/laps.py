"""一周目、二周目、発展のしるし。どの節がどれかは、`laps.yml` だけに書く。

一周目でない節の見出しとページの目次に、しるしをつける。その節へのリンクにも、あとの周から来たのでなければ、しるしを添える。
`laps.yml` のない本（検査のための小さな本）では、何もしない。
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from builders import makes_site
from docutils import nodes
from exercises import is_exercises
from reading_time import own
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

FILE = "laps.yml"
FIRST, SECOND, BEYOND, LOOKED_UP = "一周目", "二周目", "発展", "付録"
LAPS = (FIRST, SECOND, BEYOND)
"""読む順。付録は、どの周からも引く。"""
PATH = " > "
"""節の名前の、親と子のあいだ。"""
_LABELS = ("sec-", "ex-")

_logger = logging.getLogger(__name__)


class Badge(nodes.Inline, nodes.Element):
    """しるし。文字を持たないので、題、検索、章の番号の邪魔をしない。"""


@dataclass
class Place:
    """しるしのついた節。"""

    anchor: str
    title: str
    lap: str
    depth: int
    minutes: float
    marked: bool
    """見出しにしるしがつくか。"""


@dataclass
class Page:
    """ページの節と、ページの中の場所ごとのしるし。"""

    places: list[Place] = field(default_factory=list)
    laps: dict[str, str] = field(default_factory=dict)

    def minutes(self, lap: str = "") -> float:
        """読む時間の目安（分）。``lap`` を言えば、その周の節だけ。"""
        return sum(place.minutes for place in self.places if lap in ("", place.lap))


def name(section: nodes.section) -> str:
    """節の名前: ラベルか、なければ見出し。番号からできた `id` は、節が増えると変わるので使わない。"""
    labels = [label for label in section["ids"] if label.startswith(_LABELS)]
    return labels[0] if labels else section.next_node(nodes.title).astext()


def path(section: nodes.section) -> str:
    """ページの題を除いた、親からの名前の列。"""
    around = section.parent
    before = path(around) + PATH if depth(around) > 1 else ""
    return before + name(section)


def depth(section: nodes.Node) -> int:
    """見出しの深さ。ページの題が1。"""
    return 1 + depth(section.parent) if isinstance(section, nodes.section) else 0


def assign(document: nodes.document, marks: str | dict[str, list[str]]) -> Iterator[str]:
    """どの節にも ``lap`` を書き、`laps.yml` との食い違いを返す。

    ``marks`` は、ページ全体のしるしか、しるしから節の名前の一覧を引くもの。
    """
    sections = list(document.findall(nodes.section))
    whole = (
        {FIRST: [], marks: [path(s) for s in sections if depth(s) == 2]} if isinstance(marks, str) else marks
    )
    wanted = {section: lap for lap, listed in whole.items() for section in listed}
    yield from (f"知らないしるしです: {lap}" for lap in whole if lap not in (*LAPS, LOOKED_UP))
    for section in sections:
        if depth(section) > 1:
            yield from _assign(section, wanted)
    for title in (section for section in sections if depth(section) == 1):
        found = [section["lap"] for section in title.findall(nodes.section) if "lap" in section]
        title["lap"] = marks if isinstance(marks, str) else min(found, key=rank, default=FIRST)
    yield from (f"節がありません: {left}" for left in wanted)


def _assign(section: nodes.section, wanted: dict[str, str]) -> Iterator[str]:
    inherited = section.parent.get("lap", "")
    lap = wanted.pop(path(section), inherited)
    if not lap:
        yield f"しるしがありません: {path(section)}"
    elif inherited and rank(lap) < rank(inherited):
        yield f"{inherited}の節の中に、{lap}の節は置けません: {path(section)}"
    section["lap"] = lap or FIRST


def rank(lap: str) -> int:
    """読む順の番号。

    Examples
    --------
    >>> rank("一周目"), rank("発展")
    (0, 2)
    """
    return LAPS.index(lap) if lap in LAPS else 0


def around(node: nodes.Node) -> str:
    """ある場所のしるし。"""
    while node is not None and "lap" not in getattr(node, "attributes", ()):
        node = node.parent
    return node["lap"] if node is not None else LOOKED_UP


def later(target: str, source: str) -> bool:
    """あとの周への道か。

    Examples
    --------
    >>> later("二周目", "一周目"), later("二周目", "発展"), later("発展", "付録")
    (True, False, False)
    """
    return source != LOOKED_UP and rank(target) > rank(source)


class MarkSections(SphinxTransform):
    """節にしるしをつける。見出しの文字（ラベルの題）が読まれたあと、目次が作られる前に働く。"""

    default_priority = 860

    def apply(self, **kwargs: Any) -> None:
        """`laps.yml` を引く。"""
        marks = plan(self.app.srcdir)
        if not marks:
            return
        self.env.note_dependency(str(Path(self.app.srcdir, FILE)))
        for trouble in assign(self.document, marks.get(self.env.docname, {})):
            _logger.warning("%s: %s", FILE, trouble, location=self.env.docname, type="laps")
        pages(self.env)[self.env.docname] = record(self.document, self.env.docname)
        for section in self.document.findall(nodes.section):
            if depth(section) > 1 and begins(section):
                section.next_node(nodes.title).append(Badge(lap=section["lap"]))


def begins(section: nodes.section) -> bool:
    """しるしの始まる節か。大きな節にはいつもつけ、その中の節には、違うときだけつける。"""
    same = depth(section) > 2 and section["lap"] == section.parent["lap"]
    return section["lap"] in (SECOND, BEYOND) and not same


def plan(folder: Path | str) -> dict[str, Any]:
    """`laps.yml` に書かれたもの。"""
    file = Path(folder, FILE)
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}


def record(document: nodes.document, docname: str) -> Page:
    """ページの節、読む時間、場所ごとのしるし。練習問題は、読むのではなく解くものなので、時間を数えない。"""
    page = Page()
    for section in document.findall(nodes.section):
        title = section.next_node(nodes.title).astext()
        minutes = 0.0 if is_exercises(docname) else own(section).minutes
        here = section["ids"][0], title, section["lap"], depth(section), minutes, begins(section)
        page.places.append(Place(*here))
        for inside in section.findall(nodes.Element):  # 中の節が、あとから書きなおす
            page.laps.update(dict.fromkeys(inside.get("ids", ()), section["lap"]))
    return page


def pages(env: BuildEnvironment) -> dict[str, Page]:
    """ページごとの記録。"""
    if not hasattr(env, "backprop_laps"):
        env.backprop_laps = {}
    return env.backprop_laps


def stops(env: BuildEnvironment) -> list[str]:
    """一周目の節のあるページを、目次の順に。"""
    return [name for name in order(env) if name in pages(env) and pages(env)[name].minutes(FIRST)]


def order(env: BuildEnvironment) -> list[str]:
    """目次の順のページ。"""
    root = env.config.root_doc
    return [root, *env.toctree_includes.get(root, [])]


def headings(env: BuildEnvironment, docname: str) -> Iterator[str]:
    """サイトの外で読む写しの、見出しに添えるしるしを、現れる順に。"""
    for place in pages(env).get(docname, Page()).places:
        yield in_words(Badge(lap=place.lap)) if place.marked else ""


class MarkLinks(SphinxPostTransform):
    """あとの周の節へのリンクに、しるしを添える。"""

    default_priority = 8  # リンクが行き先を得る前

    def run(self, **kwargs: Any) -> None:
        """行き先のしるしを引く。"""
        for link in list(self.document.findall(pending_xref)):
            lap = self._target(link)
            if lap and later(lap, around(link)):
                link.parent.insert(link.parent.index(link) + 1, Badge(lap=lap, link=True))

    def _target(self, link: pending_xref) -> str:
        kind, target = link.get("reftype"), link.get("reftarget", "")
        if kind == "doc":
            places = pages(self.env).get(target.lstrip("/"), Page()).places
            return places[0].lap if places else ""
        labels = self.env.get_domain("std").anonlabels if kind == "ref" else {}
        page, anchor, *_ = labels.get(target, ("", ""))
        return pages(self.env).get(page, Page()).laps.get(anchor, "")


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """`laps.yml` にだけあるページ、`laps.yml` にないページ。"""
    marks = plan(app.srcdir)
    for missing in sorted(marks.keys() ^ env.found_docs) if marks else ():
        said = "そのページはありません" if missing in marks else "しるしのないページです"
        _logger.warning("%s: %s: %s", FILE, said, missing, type="laps")


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """読みなおすページの記録を忘れる。"""
    pages(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """並行して読んだページの記録を合わせる。"""
    pages(env).update({name: pages(other)[name] for name in docnames if name in pages(other)})


def write_html(translator: Any, badge: Badge) -> None:
    """しるしを書く。サイトでは、書式で枠をつける。"""
    framed = makes_site(translator.builder.app) and not badge.get("link")
    text = badge["lap"] if framed else in_words(badge)
    translator.body.append(
        f' <span class="lap">{text}</span>' if framed else f'<span class="nobreak">{text}</span>'
    )
    raise nodes.SkipNode


def write_text(translator: Any, badge: Badge) -> None:
    """ほかの形では、括弧に入れて書く。"""
    add = getattr(translator, "add_text", None) or translator.body.append
    add(in_words(badge))
    raise nodes.SkipNode


def in_words(badge: Badge) -> str:
    """枠のない、しるし。

    Examples
    --------
    >>> in_words(Badge(lap="二周目")), in_words(Badge(lap="発展", link=True))
    ('（二周目）', '〔発展〕')
    """
    return f"〔{badge['lap']}〕" if badge.get("link") else f"（{badge['lap']}）"


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    plain = (write_text, None)
    app.add_node(Badge, html=(write_html, None), latex=plain, text=plain, man=plain, texinfo=plain)
    app.add_transform(MarkSections)
    app.add_post_transform(MarkLinks)
    app.connect("env-check-consistency", check)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

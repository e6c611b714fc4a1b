"""検索が探す場所を、組まれたページから集める: 節、用語、記号、式、図、表、コード、定理、文献。

一つの場所は、行き先（ページと `id`）、題、文からなる。文の中の数式は、読める1行の文字にする（`mathtext`）。
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from docutils import nodes
from mathml import Converter, tex_of
from mathtext import MARKS, linear
from sphinx import addnodes

KINDS = ("節", "用語", "記号", "式", "図", "表", "コード", "定理", "文献")
"""場所の種類。並びは `search/reading.js` と同じ。"""
BOLD, THIN = "\x04", "\x05"
"""太字の始めと終わり。"""
LINE = 40
"""抜き書きの1行に並べてよい、別行の式の字の数。番号のある式は、それだけでも場所になる。"""
OUTPUT, FOLDED = "cell_output", "tag_hide-input"
"""セルの出力の箱と、畳まれたセルの箱。"""

_LABEL = re.compile(r"^(?:sec|eq|def|fig|thm|tab|ex|code)-")
_READING = re.compile(r"^[ぁ-ゖー・]+。")
_TEX = re.compile(r' data-tex="[^"]*"')
_TELLING = re.compile(r"^[^\\$]*(?:\b(?:def|class) |\b(?:np|sp)\.)[^\\$]*$")
_APART = (nodes.figure, nodes.table, nodes.citation, addnodes.glossary)
"""それだけで場所になるもの。"""
_SILENT = (
    *_APART, nodes.section, nodes.Titular, nodes.FixedTextElement, nodes.raw, nodes.image, nodes.comment,
    nodes.target, nodes.substitution_definition, addnodes.index, addnodes.toctree,
)  # fmt: skip


@dataclass
class Passage:
    """探す場所。`section` は、それを含む節の `id`（節なら、一つ外の節の `id`。いちばん外なら空）。"""

    kind: str
    anchor: str
    section: str
    number: str
    title: str
    text: str = ""
    names: list[str] = field(default_factory=list)
    math: str = ""
    page: str = ""
    """行き先のページ。空なら、集めたページ。"""


@dataclass
class Page:
    """集めるページ。`number` は、種類と `id` から番号を引く。"""

    doctree: nodes.document
    mathml: Converter
    number: Callable[[str, str], str]

    def passages(self) -> Iterator[Passage]:
        """ページの上から順に。"""
        for section in self.doctree.findall(nodes.section):
            yield from self._section(section)
        for glossary in self.doctree.findall(addnodes.glossary):
            yield from map(self._term, glossary.findall(nodes.definition_list_item))

    def _section(self, section: nodes.section) -> Iterator[Passage]:
        here = anchor(section)
        around = section.parent if isinstance(section.parent, nodes.section) else None
        yield Passage(
            "節", here, anchor(around) if around else "",
            self.number("節", section["ids"][0] if around else ""), self._said(section.next_node(nodes.title)),
            self._said(*(part for part in section.children if not is_silent(part)))
            or "、".join(self._listed(section)),
        )  # fmt: skip
        for part in own(section):
            yield from self._part(part, here)
        if code := "\n".join(shown_code(section)):
            yield Passage("コード", here, here, "", "", code)

    def _listed(self, section: nodes.section) -> Iterator[str]:
        """文のない節（用語集の「か行」など）に並ぶ言葉。"""
        for child in section.children:
            if isinstance(child, addnodes.glossary):
                yield from (self._said(item.next_node(nodes.term)) for item in child[0])

    def _part(self, part: nodes.Element, here: str) -> Iterator[Passage]:
        if isinstance(part, nodes.math_block) and part.get("number"):
            name, formula = part["ids"][0], _TEX.sub("", self.mathml(tex_of(part), display=True))
            yield Passage("式", name, here, self.number("式", name), "", self._formula(part), math=formula)
        elif isinstance(part, nodes.figure) and part["ids"]:
            caption = self._said(part.next_node(nodes.caption))
            yield Passage("図", anchor(part), here, self.number("図", part["ids"][0]), "", caption)
        elif isinstance(part, nodes.table):
            yield from self._rows(part, here)
        elif is_theorem(part):
            title = self._said(part.next_node(nodes.strong)).strip(BOLD + THIN)
            yield Passage("定理", labels(part)[0], here, "", title, self._said(*part.children))
        elif isinstance(part, nodes.citation):
            title = self._said(part.next_node(nodes.label))
            yield Passage("文献", part["ids"][0], here, "", title, self._said(*part.children[1:]))

    def _rows(self, table: nodes.table, here: str) -> Iterator[Passage]:
        """表の一行ずつ。はじめの欄が数式だけなら、記号の説明とみる。"""
        for body in table.findall(nodes.tbody):
            for row in body.findall(nodes.row):
                first, *rest = (self._said(cell) for cell in row.findall(nodes.entry))
                text = " ― ".join(filter(None, rest))
                if row.next_node(nodes.math) and not re.search(r"[ぁ-ん一-龥]", first) and first:
                    yield Passage("記号", here, here, "", first, text, letters(first))
                elif first or text:
                    yield Passage("表", here, here, "", "", " ― ".join(filter(None, [first, text])))

    def _term(self, item: nodes.definition_list_item) -> Passage:
        """用語集の一項目。行き先は、その言葉を扱う節。"""
        term, *others = (self._said(term) for term in item.findall(nodes.term))
        definition = item.next_node(nodes.definition)
        link = home(definition)
        page, _, place = link.get("refuri", "#" + link.get("refid", "")).partition("#")
        meaning = _READING.sub("", self._said(definition).partition("→")[0]).strip()
        return Passage("用語", place, "", "", term, meaning, others, page=page.removesuffix(".html"))

    def _said(self, *parts: nodes.Node | None) -> str:
        """文の中の文字。"""
        return re.sub(r"\s+", " ", "".join(self._spoken(part) for part in parts if part is not None)).strip()

    def _formula(self, node: nodes.Element) -> str:
        return linear(self.mathml.plain(tex_of(node), display=isinstance(node, nodes.math_block)))

    def _spoken(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text):
            return node.astext()
        if isinstance(node, nodes.math):
            return self._formula(node)
        if isinstance(node, nodes.math_block):
            text = self._formula(node)
            return f" {text if len(MARKS.sub('', text)) <= LINE else '…'} "
        inside = "".join(self._spoken(child) for child in node.children if not is_silent(child))
        if isinstance(node, nodes.strong):
            return f"{BOLD}{inside}{THIN}"
        return inside if isinstance(node, nodes.Inline) else f" {inside} "  # 段落や項目の切れ目


def is_silent(node: nodes.Node) -> bool:
    """文に入れないものか。式は、読める文字にする。"""
    if isinstance(node, nodes.math_block):
        return False
    return isinstance(node, _SILENT) or is_theorem(node) or OUTPUT in classes(node)


def is_theorem(node: nodes.Node) -> bool:
    """名前のついた定理か。"""
    return isinstance(node, nodes.block_quote) and bool(labels(node))


def own(section: nodes.section) -> Iterator[nodes.Element]:
    """節の中の要素を、現れる順に。中の節のものと、それだけで場所になるものの中は除く。"""
    waiting = list(section.children)
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, nodes.Element) and not isinstance(part, (nodes.section, addnodes.glossary)):
            yield part
            if not isinstance(part, _APART):
                waiting[:0] = part.children


def shown_code(section: nodes.section) -> Iterator[str]:
    """節に見えているコードの行のうち、関数を決めるか、NumPy か SymPy の関数を使うもの。"""
    for part in own(section):
        if isinstance(part, nodes.literal_block) and not inside(part, section, {OUTPUT, FOLDED}):
            yield from (line.strip() for line in part.astext().splitlines() if _TELLING.search(line))


def inside(node: nodes.Node, outer: nodes.Node, names: set[str]) -> bool:
    """`outer` の中の、これらの class のどれかの箱の中にあるか。"""
    while node is not outer and names.isdisjoint(classes(node)):
        node = node.parent
    return node is not outer


def classes(node: nodes.Node) -> list[str]:
    """要素の class。"""
    return node["classes"] if isinstance(node, nodes.Element) else []


def home(definition: nodes.definition) -> nodes.reference:
    """用語の説明の、矢印のすぐあとの行き先。"""
    arrived = False
    for node in definition.findall(lambda node: isinstance(node, (nodes.Text, nodes.reference))):
        if arrived and isinstance(node, nodes.reference):
            return node
        arrived = arrived or "→" in node.astext()
    raise ValueError(f"用語の行き先がありません: {definition.astext()}")


def labels(node: nodes.Element) -> list[str]:
    """人のつけた名前。"""
    return [name for name in node["ids"] if _LABEL.match(name)]


def anchor(node: nodes.Element) -> str:
    """行き先の `id`。番号だけの `id` より、人のつけた名前を選ぶ。"""
    return [*labels(node), *node["ids"]][0]


def letters(cell: str) -> list[str]:
    """記号の欄の、上つきと下つきを除いた文字。

    Examples
    --------
    >>> letters("w\\x02l\\x03\\x01jk\\x03, W\\x02l\\x03")
    ['w', 'W']
    """
    plain = re.sub("[\x01\x02][^\x01-\x03]*\x03", "", cell)
    return [part for part in re.split(r"[,、\s]+", plain) if part]

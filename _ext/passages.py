"""検索が探す場所を、組まれたページから集める: 節、用語、記号、式、図、表、コード、定理、文献。

一つの場所は、行き先（ページと `id`）、題、文からなる。文の中の数式は、読める1行の文字にする。
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from docutils import nodes
from mathtext import MARKS, linear
from sphinx import addnodes

KINDS = ("節", "用語", "記号", "式", "図", "表", "コード", "定理", "文献")
"""場所の種類。並びは `finder.js` と同じ。"""
BOLD, THIN = "\x04", "\x05"
"""太字の始めと終わり。"""
LINE = 40
"""抜き書きの1行に並べてよい、別行の式の字の数。番号のある式は、それだけでも場所になる。"""
OUTPUT = "cell_output"
"""セルの出力の箱。"""

_LABEL = re.compile(r"^(?:sec|eq|def|fig|thm|tab|ex|code)-")
_SILENT = (
    nodes.raw, nodes.image, nodes.comment, nodes.target, nodes.substitution_definition, nodes.Titular,
    nodes.FixedTextElement, nodes.section, nodes.figure, nodes.table, nodes.citation, addnodes.index,
    addnodes.toctree, addnodes.glossary,
)  # fmt: skip
_READING = re.compile(r"^[ぁ-ゖー・]+。")
_TEX = re.compile(r' data-tex="[^"]*"')
_TELLING = re.compile(r"^[^\\$]*(?:\b(?:def|class) |\b(?:np|sp)\.|@|# )[^\\$]*$")


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
    """集めるページ。`formula` は TeX を MathML にし、`number` は種類と `id` から番号を引く。"""

    doctree: nodes.document
    formula: Callable[[str, bool], str]
    number: Callable[[str, str], str]

    def passages(self) -> Iterator[Passage]:
        """ページの上から順に。"""
        for section in self.doctree.findall(nodes.section):
            yield from self._section(section)
        for glossary in self.doctree.findall(addnodes.glossary):
            yield from map(self._term, glossary.findall(nodes.definition_list_item))

    def _section(self, section: nodes.section) -> Iterator[Passage]:
        here = anchor(section)
        title = self._said(section.next_node(nodes.title))
        around = section.parent if isinstance(section.parent, nodes.section) else None
        yield Passage(
            "節", here, anchor(around) if around else "",
            self.number("節", section["ids"][0] if around else ""), title,
            self._said(section) or "、".join(self._listed(section)),
        )  # fmt: skip
        for part in own(section):
            yield from self._part(part, here)
        if code := "\n".join(self._code(section)):
            yield Passage("コード", here, here, "", "", code)

    def _listed(self, section: nodes.section) -> Iterator[str]:
        """文のない節（用語集の「か行」など）に並ぶ言葉。"""
        for glossary in section.children:
            if isinstance(glossary, addnodes.glossary):
                yield from (self._said(item.next_node(nodes.term)) for item in glossary[0])

    def _part(self, part: nodes.Element, here: str) -> Iterator[Passage]:
        if isinstance(part, nodes.math_block) and part.get("number"):
            formula = self.formula(part.astext(), True)
            text = linear(formula)
            number = self.number("式", part["ids"][0])
            yield Passage("式", part["ids"][0], here, number, "", text, math=untold(formula))
        elif isinstance(part, nodes.figure) and part["ids"]:
            caption = self._said(part.next_node(nodes.caption))
            pictures = " ".join(picture.get("alt", "") for picture in part.findall(nodes.image))
            number = self.number("図", part["ids"][0])
            yield Passage("図", anchor(part), here, number, "", f"{caption} {pictures}".strip())
        elif isinstance(part, nodes.table):
            yield from self._rows(part, here)
        elif isinstance(part, nodes.block_quote) and labels(part):
            title = self._said(part.next_node(nodes.strong)).strip(BOLD + THIN)
            yield Passage("定理", labels(part)[0], here, "", title, self._said(part))
        elif isinstance(part, nodes.citation):
            label = self._said(part.next_node(nodes.label))
            yield Passage("文献", part["ids"][0], here, "", label, self._said(part))

    def _rows(self, table: nodes.table, here: str) -> Iterator[Passage]:
        """表の一行ずつ。はじめの欄が数式だけなら、記号の説明とみる。"""
        for body in table.findall(nodes.tbody):
            for row in body.findall(nodes.row):
                cells = [self._said(cell) for cell in row.findall(nodes.entry)]
                first = row.next_node(nodes.entry)
                symbols = list(first.findall(nodes.math)) if first is not None else []
                rest = " ― ".join(cell for cell in cells[1:] if cell)
                if symbols and not re.search(r"[ぁ-ん一-龥]", cells[0]):
                    yield Passage("記号", here, here, "", cells[0], rest, letters(cells[0]))
                elif any(cells):
                    yield Passage("表", here, here, "", "", " ― ".join(filter(None, cells)))

    def _code(self, section: nodes.section) -> Iterator[str]:
        """節に見えているコードの行のうち、関数を決めるか、NumPy か SymPy の関数を使うか、注のあるもの。"""
        for part in own(section):
            if isinstance(part, nodes.literal_block) and not inside(part, section, OUTPUT, "tag_hide-input"):
                yield from (line.strip() for line in part.astext().splitlines() if _TELLING.search(line))

    def _term(self, item: nodes.definition_list_item) -> Passage:
        """用語集の一項目。行き先は、その言葉を扱う節。"""
        terms = [self._said(term) for term in item.findall(nodes.term)]
        meaning, _, _ = self._said(item.next_node(nodes.definition)).partition("→")
        meaning = _READING.sub("", meaning)
        *_, link = item.next_node(nodes.definition).findall(nodes.reference)
        page, _, place = link.get("refuri", "#" + link.get("refid", "")).partition("#")
        return Passage("用語", place, "", "", terms[0], meaning.strip(), terms[1:], page=page.removesuffix(".html"))

    def _said(self, node: nodes.Node | None) -> str:
        """文の中の文字。"""
        return re.sub(r"\s+", " ", self._spoken(node, outermost=True)).strip() if node is not None else ""

    def _spoken(self, node: nodes.Node, *, outermost: bool = False) -> str:
        if isinstance(node, nodes.Text):
            return node.astext()
        if isinstance(node, (nodes.math, nodes.math_block)):
            text = linear(self.formula(node.astext(), isinstance(node, nodes.math_block)))
            return text if isinstance(node, nodes.math) else f" {text if shortly(text) else '…'} "
        if not outermost and (isinstance(node, _SILENT) or is_theorem(node) or OUTPUT in classes(node)):
            return ""
        if outermost and isinstance(node, nodes.citation):
            return "".join(self._spoken(child) for child in node.children[1:])
        inside = "".join(map(self._spoken, node.children))
        if isinstance(node, nodes.strong):
            return f"{BOLD}{inside}{THIN}"
        return inside if isinstance(node, (nodes.Inline, nodes.TextElement)) and outermost else self._apart(node, inside)

    def _apart(self, node: nodes.Node, inside: str) -> str:
        """段落や項目の切れ目に、空きを入れる。"""
        return inside if isinstance(node, nodes.Inline) else f" {inside} "


def own(section: nodes.section) -> Iterator[nodes.Element]:
    """節のもののうち、中の節のものを除いて、場所になりうる要素。"""
    waiting = [child for child in section.children if isinstance(child, nodes.Element)]
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, (nodes.section, addnodes.glossary)):
            continue
        yield part
        if not isinstance(part, (nodes.figure, nodes.table, nodes.citation)):
            waiting[:0] = [child for child in part.children if isinstance(child, nodes.Element)]


def anchor(node: nodes.Element) -> str:
    """行き先の `id`。番号だけの `id` より、人のつけた名前を選ぶ。"""
    return next(iter([*labels(node), *node["ids"]]), "")


def labels(node: nodes.Element) -> list[str]:
    """人のつけた名前。"""
    return [name for name in node["ids"] if _LABEL.match(name)]


def is_theorem(node: nodes.Node) -> bool:
    """名前のついた定理か。"""
    return isinstance(node, nodes.block_quote) and bool(labels(node))


def shortly(formula: str) -> bool:
    """1行に並べても読める長さの式か。"""
    return len(MARKS.sub("", formula)) <= LINE


def inside(node: nodes.Node, outer: nodes.Node, *names: str) -> bool:
    """`outer` の中の、これらの class のどれかの箱の中にあるか。"""
    while node is not outer and not set(names) & set(classes(node)):
        node = node.parent
    return node is not outer


def untold(mathml: str) -> str:
    """もとの TeX を除いた MathML。"""
    return _TEX.sub("", mathml)


def classes(node: nodes.Node) -> list[str]:
    """要素の class。"""
    return node["classes"] if isinstance(node, nodes.Element) else []


def letters(cell: str) -> list[str]:
    """記号の欄の、上つきと下つきを除いた文字。

    Examples
    --------
    >>> letters("w\\x02l\\x03\\x01jk\\x03, W\\x02l\\x03")
    ['w', 'W']
    """
    plain = re.sub("[\x01\x02][^\x01-\x03]*\x03", "", cell)
    return [part for part in re.split(r"[,、\s]+", plain) if part]


"""一周目だけを読む人の前に現れるもの: 組まれた木から、文、式、コード、ほかの場所への道を取り出す。

`tests/test_laps.py` が、まだ出会っていないものに頼っていないかを調べる。
"""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import laps
import yaml
from docutils import nodes
from indexing import ENTRY
from laps import FIRST, LOOKED_UP, around, depth, path
from pruning import bound, used
from reading_time import hidden, shown
from sphinx.addnodes import pending_xref

ROOT = Path(__file__).resolve().parents[1]
TREES = ROOT / "_build" / ".doctrees"
LEDGER = yaml.safe_load((ROOT / "tests" / "first_lap.yml").read_text(encoding="utf-8"))
"""言い換えた言葉、記号を説明したところ、待っている書きなおし。"""

_WORDLESS = (
    nodes.math, nodes.math_block, nodes.literal, nodes.literal_block, nodes.raw, nodes.image, nodes.comment,
)  # fmt: skip
_COMMAND = re.compile(r"\\[a-zA-Z]+")


@dataclass(frozen=True, order=True)
class Need:
    """一周目の節が、まだ出会っていないもの。"""

    page: str
    section: str
    missing: str


@dataclass(frozen=True)
class Spot:
    """一周目の節。``section`` は、ページの題の下では空。"""

    page: str
    section: str
    node: nodes.section

    def need(self, missing: str) -> Need:
        return Need(self.page, self.section, missing)


def visible(node: nodes.Node) -> Iterator[nodes.Node]:
    """見えているものを、上から順に。中の節は含まない。"""
    yield node
    for child in shown(node) if isinstance(node, nodes.Element) else ():
        if not hidden(child):
            yield from visible(child)


def prose(section: nodes.section) -> Iterator[str]:
    """節の文。リンクの文字（意味は行き先にある）、機械の書いた出力、ページの頭の予告は含まない。"""
    announced = depth(section) == 1
    for child in () if announced else shown(section):
        yield from _words(child)


def _words(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Text):
        yield str(node)
    elif not isinstance(node, (*_WORDLESS, pending_xref)) and not hidden(node):
        printed = node.get("nb_element") == "cell_code_output"
        for child in node.findall(nodes.caption) if printed else shown(node):
            yield from _words(child)


def said(section: nodes.section) -> str:
    """節の文を、リンクの文字も含めてつないだもの。"""
    texts = (str(n) for n in visible(section) if isinstance(n, nodes.Text) and not _inside(n, _WORDLESS))
    return re.sub(r"\s", "", "".join(texts))


def _inside(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    return node is not None and (isinstance(node, kinds) or _inside(node.parent, kinds))


@dataclass(frozen=True)
class Book:
    """組まれた本。"""

    env: Any
    trees: dict[str, nodes.document]

    @classmethod
    def built(cls) -> Book:
        """`make book` の残した木。"""
        env = pickle.loads((TREES / "environment.pickle").read_bytes())
        names = [name for name in laps.order(env) if name in laps.pages(env)]
        return cls(env, {name: pickle.loads((TREES / f"{name}.doctree").read_bytes()) for name in names})

    @cached_property
    def spots(self) -> list[Spot]:
        """一周目の節を、読む順に。"""
        return [
            Spot(name, path(section) if depth(section) > 1 else "", section)
            for name, tree in self.trees.items()
            for section in tree.findall(nodes.section)
            if section["lap"] == FIRST
        ]

    def spot(self, page: str, section: str) -> Spot:
        """名前のところ。"""
        return next(spot for spot in self.spots if (spot.page, spot.section) == (page, section))

    @cached_property
    def places(self) -> dict[str, tuple[str, str]]:
        """式のラベルと図の名前から、ページと、そこの周を引く。"""
        found = {}
        for name, tree in self.trees.items():
            for part in tree.findall(lambda node: isinstance(node, (nodes.math_block, nodes.Element))):
                labels = [part["label"]] if part.get("label") else part.get("ids", [])
                found.update(dict.fromkeys(labels, (name, around(part))))
        return found

    def references(self) -> Iterator[Need]:
        """番号で呼ばれた式、図、表、コードのうち、あとの周か、あとのページにあるもの。"""
        order = list(self.trees)
        for spot in self.spots:
            links = (node for node in visible(spot.node) if isinstance(node, pending_xref))
            for target in (link["reftarget"] for link in links if link["reftype"] in ("eq", "numref")):
                page, lap = self.places[target]
                if lap != LOOKED_UP and (lap != FIRST or order.index(page) > order.index(spot.page)):
                    yield spot.need(target)

    def names(self) -> Iterator[Need]:
        """見えているコードの名前のうち、あとの周のセルが決めたもの。"""
        for page, tree in self.trees.items():
            decided: dict[str, str] = {}
            for cell in (box for box in tree.findall(nodes.container) if "cell" in box["classes"]):
                code, lap = _code(cell), around(cell)
                if lap == FIRST and not any(hidden(part) for part in cell.children):
                    borrowed = used(code) - bound(code)
                    for name in sorted(n for n in borrowed if decided.get(n, FIRST) != FIRST):
                        yield Need(page, _section(cell), name)
                decided.update(dict.fromkeys(bound(code), lap))

    def constructs(self) -> Iterator[Need]:
        """見えているコードの Python の書き方のうち、知っているとしてよいものでも、説明したものでもないもの。"""
        known = set(LEDGER["Python"]["前提"])
        told: set[str] = set()
        for page, tree in self.trees.items():
            for cell in (box for box in tree.findall(nodes.container) if "cell" in box["classes"]):
                if around(cell) != FIRST or any(hidden(part) for part in cell.children):
                    continue
                place = _section(cell)
                told |= {
                    name
                    for name, entry in LEDGER["Python"]["説明"].items()
                    if (entry["ページ"], entry["節"]) == (page, place)
                }
                for name in sorted(written(_code(cell)) - known - told):
                    yield Need(page, place, name)

    def words(self) -> Iterator[Need]:
        """説明の前に使われた用語の、はじめのところ。"""
        terms = sorted((entry["term"] for entry in ENTRY.finditer(_glossary())), key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, terms)))
        known = set(LEDGER["前提"]) | set(LEDGER["別の言葉"])
        for group in self._groups():
            for spot in group:
                strong = (node for node in visible(spot.node) if isinstance(node, nodes.strong))
                known |= {node.astext() for node in strong} | explained("言い換え", spot)
            for spot in group:
                for word in pattern.findall("\n".join(prose(spot.node))):
                    if word not in known:
                        yield spot.need(word)
                        known.add(word)

    def _groups(self) -> Iterator[list[Spot]]:
        """大きな節ごとに、その中の一周目の節と合わせたもの。"""
        group: list[Spot] = []
        for spot in self.spots:
            if depth(spot.node) <= 2 and group:
                yield group
                group = []
            group.append(spot)
        yield group

    def formulas(self, spot: Spot) -> Iterator[str]:
        """節の式の TeX。"""
        for node in visible(spot.node):
            if isinstance(node, (nodes.math, nodes.math_block)):
                yield node.astext()

    def symbols(self) -> Iterator[Need]:
        """説明の前に使われた記号の、はじめのところ。"""
        known: set[str] = set()
        for spot in self.spots:
            known |= explained("記号", spot)
            for tex in self.formulas(spot):
                for name in unknown(tex, known):
                    yield spot.need(name)
                    known.add(name)


_CONSTRUCTS = {
    ast.FunctionDef: "def", ast.Return: "def", ast.For: "for", ast.If: "if", ast.While: "while",
    ast.Assign: "代入", ast.AugAssign: "代入", ast.Call: "関数を呼ぶ", ast.keyword: "関数を呼ぶ",
    ast.Attribute: "名前.名前", ast.List: "リスト", ast.Tuple: "タプル", ast.Dict: "辞書", ast.Subscript: "添字",
    ast.Slice: "スライス", ast.Compare: "比べる", ast.BinOp: "計算", ast.UnaryOp: "計算", ast.BoolOp: "and と or",
    ast.MatMult: "@", ast.BitOr: "|", ast.BitAnd: "&", ast.FloorDiv: "//", ast.Mod: "%", ast.Invert: "~",
    ast.JoinedStr: "f-文字列", ast.ListComp: "内包表記", ast.DictComp: "内包表記", ast.GeneratorExp: "内包表記",
    ast.SetComp: "内包表記", ast.IfExp: "式の中の if", ast.Name: "名前", ast.Constant: "数と文字列",
    ast.Expr: "式", ast.Import: "import", ast.ImportFrom: "import",
}  # fmt: skip
_PARTS = (
    ast.Module, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.arguments, ast.arg,
    ast.comprehension, ast.FormattedValue,
)  # fmt: skip


def written(code: str) -> set[str]:
    """コードに現れる、Python の書き方。表にない書き方は、構文の名前のまま。

    Examples
    --------
    >>> sorted(written("a = W @ x"))
    ['@', '代入', '名前', '計算']
    >>> sorted(written("f = lambda x: x") - written("f = x"))
    ['Lambda']
    >>> "関数の中の def" in written("def f():\\n    def g():\\n        return 1\\n    return g")
    True
    """
    tree = ast.parse(code)
    found = {
        _CONSTRUCTS.get(type(node), type(node).__name__)
        for node in ast.walk(tree)
        if type(node) in _CONSTRUCTS or not isinstance(node, _PARTS)
    }
    inner = (part for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for part in ast.walk(node))
    functions = [node for node in inner if isinstance(node, ast.FunctionDef)]
    return found | ({"関数の中の def"} if len(functions) > len({*map(id, functions)}) else set())


def explained(kind: str, spot: Spot) -> set[str]:
    """表によれば、その節が説明するもの。"""
    return {
        name
        for name, entry in LEDGER[kind].items()
        if (entry.get("ページ"), entry.get("節")) == (spot.page, spot.section)
    }


def unknown(tex: str, known: set[str]) -> list[str]:
    """まだ説明のない記号。表にない命令は、その名前のまま。"""
    forms = {name: re.compile(entry["形"]) for name, entry in LEDGER["記号"].items()}
    found = [name for name, form in forms.items() if name not in known and form.search(tex)]
    listed = {
        place for form in forms.values() for match in form.finditer(tex) for place in range(*match.span())
    }
    told = known | set(LEDGER["ふつうの命令"])
    commands = [match[0] for match in _COMMAND.finditer(tex) if match.start() not in listed]
    return found + [command for command in dict.fromkeys(commands) if command not in told]


def _glossary() -> str:
    return (ROOT / "glossary.md").read_text(encoding="utf-8")


def _code(cell: nodes.container) -> str:
    sources = (part for part in cell.children if part.get("nb_element") == "cell_code_source")
    return "\n".join(block.astext() for part in sources for block in part.findall(nodes.literal_block))


def _section(node: nodes.Node) -> str:
    while not isinstance(node, nodes.section):
        node = node.parent
    return path(node) if depth(node) > 1 else ""

"""読むのにかかる時間の目安を、組まれたページから計算する。

数えるのは、見えているものだけである。畳んだコード、畳んだ答え、サイトに出さないセルは数えない。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docutils import nodes

LETTERS = 300
"""1分に読む、地の文の字の数。文の中の式は、記号一つを1字とする。"""
FORMULA = 1.5
"""別行の式一つにかける分。"""
LINE = 0.12
"""見えているコードの1行にかける分。出力の行は数えない。"""
FIGURE = 0.7
"""図一つ、または動かして見る図一つにかける分。"""

_SYMBOL = re.compile(r"\\[a-zA-Z]+|\\.|[^\s{}^_&]")
_LAYOUT = re.compile(
    r"\\(?:left|right|[bB]igg?[lr]?|math[a-z]+|operatorname|text(?:style)?|[dt]?frac|hat|bar|limits"
    r"|quad|qquad"
    r"|begin|end|[ ,;!:\\])"
)
"""組み方だけの命令。"""
_STANDING = re.compile(r'^"figure":"fig-', re.MULTILINE)
"""紙の図の代わりをする図のしるし。画面に見えるのは一つなので、紙の図だけを数える。"""
_FOLDED = {"dropdown", "toggle"}
_SILENT = (nodes.raw, nodes.image, nodes.comment, nodes.target, nodes.system_message)


@dataclass(frozen=True)
class Reading:
    """読むものの量。

    Examples
    --------
    >>> (Reading(letters=600, formulas=2) + Reading(lines=10, figures=1)).minutes
    6.9
    """

    letters: int = 0
    formulas: int = 0
    lines: int = 0
    figures: int = 0

    def __add__(self, other: Reading) -> Reading:
        return Reading(*(mine + theirs for mine, theirs in zip(self._amounts, other._amounts)))

    @property
    def _amounts(self) -> tuple[int, int, int, int]:
        return self.letters, self.formulas, self.lines, self.figures

    @property
    def minutes(self) -> float:
        """かかる分。"""
        total = self.letters / LETTERS + self.formulas * FORMULA + self.lines * LINE + self.figures * FIGURE
        return round(total, 6)


def own(section: nodes.Element) -> Reading:
    """節そのものの量。中の節は含まない。"""
    return sum((_of(child) for child in shown(section)), Reading())


def shown(parent: nodes.Element) -> Iterator[nodes.Node]:
    """親の中で見えている子。中の節、畳んだ答え（``<details>``）の中、選ばれない形の出力を除く。"""
    folded = 0
    for child in _chosen(parent):
        if isinstance(child, nodes.raw):
            folded += child.astext().count("<details") - child.astext().count("</details")
        if not folded and not isinstance(child, nodes.section):
            yield child


def _chosen(parent: nodes.Element) -> list[nodes.Node]:
    """出力のいくつもの形のうち、ページに出るもの。"""
    if parent.get("nb_element") != "mime_bundle":
        return parent.children
    rich = [child for child in parent.children if child.get("mime_type") != "text/plain"]
    return (rich or parent.children)[:1]


def _of(node: nodes.Node) -> Reading:
    if isinstance(node, nodes.Text):
        return Reading(letters=len(re.sub(r"\s", "", node)))
    if isinstance(node, nodes.math):
        return Reading(letters=symbols(node.astext()))
    if isinstance(node, nodes.math_block):
        return Reading(formulas=1)
    if isinstance(node, nodes.raw):
        shown_alone = node.parent.get("mime_type") == "text/html" and not _STANDING.search(node.astext())
        return Reading(figures=int(shown_alone))
    if isinstance(node, _SILENT) or _FOLDED & set(node["classes"]):
        return Reading()
    if isinstance(node, nodes.literal_block):
        return Reading(lines=_lines(node))
    inside = sum((_of(child) for child in shown(node) if not hidden(child)), Reading())
    return inside + Reading(figures=int(isinstance(node, nodes.figure)))


def hidden(node: nodes.Node) -> bool:
    """畳んだコード、または畳んだ出力か。"""
    if not isinstance(node, nodes.container) or not isinstance(node.parent, nodes.container):
        return False
    part = {"cell_code_source": "input", "cell_code_output": "output"}.get(node.get("nb_element"))
    return bool({f"tag_hide-{part}", "tag_hide-cell"} & set(node.parent["classes"]))


def _lines(block: nodes.literal_block) -> int:
    """コードの行。空の行と、出力の行は数えない。"""
    if "output" in block["classes"]:
        return 0
    return sum(bool(line.strip()) for line in block.astext().splitlines())


def symbols(tex: str) -> int:
    r"""文の中の式の記号の数。

    Examples
    --------
    >>> symbols(r"w^l_{jk}"), symbols(r"\delta = 0.25"), symbols(r"\frac{1}{2}\left(a + b\right)")
    (4, 6, 7)
    """
    return sum(not _LAYOUT.fullmatch(symbol) for symbol in _SYMBOL.findall(tex))

"""検印を、式の番号のそばに押す。

ノートブックでは、検印のセルの出力は、機械の組んだ等式と、審判の一行である。ページの上では同じ式が三度めになるので、
等式は検印の一覧だけに載せ、ここには審判の一行を残す。式の番号の下に、その一行への小さな印をつける。
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from seals import LINE
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform

FOLD = "検印のコード"
PAGE = "seals"
"""検印の一覧のページ。"""


class StampFormulas(SphinxPostTransform):
    """審判の一行を、番号とそこへのリンクで始め、審判の名前と結果のあいだで折らない。式には、一行への印をつける。"""

    default_priority = 6  # 式の番号へのリンクは、このあとの変換が解決する
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """検印のあるページだけを変える。"""
        formulas = {block.get("label"): block for block in self.document.findall(nodes.math_block)}
        for paragraph in list(self.document.findall(nodes.paragraph)):
            if not (match := LINE.match(paragraph.astext())):
                continue
            label = match["label"]
            if formula := formulas.get(label):
                formula["stamp"] = paragraph.astext()
            _leave_the_line(paragraph)
            _name_the_fold(paragraph)
            paragraph["ids"].append(place(label))
            paragraph["classes"].append("stamp-line")
            paragraph.clear()
            paragraph += _line(match, self.env.docname)


def _leave_the_line(paragraph: nodes.paragraph) -> None:
    before = paragraph.previous_sibling()
    if isinstance(before, nodes.math_block):
        before.parent.remove(before)


def _name_the_fold(paragraph: nodes.paragraph) -> None:
    """検印のコードは、図のコードと見分けられる名前で畳む。"""
    cell = paragraph.parent
    while cell is not None and "hide_mode" not in getattr(cell, "attributes", {}):
        cell = cell.parent
    if cell is not None:
        cell["prompt_show"] = FOLD


def _line(match: re.Match[str], page: str) -> list[nodes.Node]:
    label = match["label"]
    head = [nodes.strong("", "検印"), nodes.Text(" 式 "), _reference("math", "eq", label, label, page)]
    judges = re.split(r" (?=数値|独立|対照)", match.string.partition(": ")[2])
    parts: list[nodes.Node] = [nodes.inline("", "", *head, classes=["nobreak"]), nodes.Text(" ")]
    for judge in judges:
        parts += [nodes.inline("", judge, classes=["nobreak"]), nodes.Text(" ")]
    return [*parts, _reference("std", "doc", f"/{PAGE}", "一覧と読み方", page)]


def _reference(domain: str, kind: str, target: str, text: str, page: str) -> pending_xref:
    return pending_xref(
        "", nodes.inline("", text), refdoc=page, refdomain=domain, reftype=kind,
        reftarget=target, refexplicit=kind == "doc", refwarn=True,
    )  # fmt: skip


def place(label: str) -> str:
    """審判の一行の場所。

    Examples
    --------
    >>> place("eq-output-delta")
    'stamp-output-delta'
    """
    return label.replace("eq-", "stamp-", 1)


def mark(formula: nodes.math_block) -> str:
    """番号の下に押す印の HTML。検印のない式なら、何もない。

    Examples
    --------
    >>> mark(nodes.math_block("", "a = b", label="eq-a", stamp="検印 eq-a: 記号 ✓"))
    '<a class="stamp" href="#stamp-a" title="検印 記号 ✓">検印</a>'
    >>> mark(nodes.math_block("", "a = b"))
    ''
    """
    if not (line := formula.get("stamp")):
        return ""
    verdict = f"検印 {line.partition(': ')[2]}"
    return f'<a class="stamp" href="#{place(formula["label"])}" title="{escape(verdict)}">検印</a>'


def setup(app: Any) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    app.add_post_transform(StampFormulas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

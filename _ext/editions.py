"""練習問題の版: 原稿から、解答のない学習者の版を作る。

解答の始めと終わりは、nbgrader と同じ印（``### BEGIN SOLUTION`` と ``### END SOLUTION``）で囲む。「解答」の見出しで始まる
文章のセルは、全体が解答である。
"""

from __future__ import annotations

import copy
import re

from nbformat import NotebookNode

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HEADING = "### 解答"
ANSWER = "**あなたの答え**"
"""学習者の版で、解答の文章の代わりに置くもの。"""
_REGION = re.compile(rf"^([ \t]*){BEGIN}[ \t]*\n(.*?)^[ \t]*{END}[ \t]*$", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"^[ \t]*(\w+(?:, *\w+)*) = ")


def learners(notebook: NotebookNode) -> NotebookNode:
    """解答と、その出力を除いた写し。原稿は変えない。"""
    made = copy.deepcopy(notebook)
    made.cells = [cell for cell in map(_emptied, made.cells) if cell.source.strip()]
    return made


def _emptied(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "markdown" and cell.source.startswith(HEADING):
        cell.source = ANSWER
    elif cell.cell_type == "code" and BEGIN in cell.source:
        rest = _REGION.sub("", cell.source).strip()
        cell.source = _REGION.sub(_blank, cell.source).strip("\n") if rest else ""
        cell.outputs = []
    return cell


def _blank(region: re.Match[str]) -> str:
    """答えを書くところ。変数に入れる答えなら、その変数を残す。"""
    indent, solution = region.groups()
    last = [line for line in solution.rstrip().splitlines() if line.startswith(indent)]
    target = next((found[1] for line in reversed(last) if (found := _TARGET.match(line))), "")
    if indent or not target:
        return f"{indent}...  # ここに書く"
    return f"{target} = ...  # ここに書く"

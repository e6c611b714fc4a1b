"""練習問題の版: 原稿から、解答のない学習者の版と、採点の道具に渡せる教員の版を作る。

解答の始めと終わりは、nbgrader と otter-grader が使うのと同じ印（``### BEGIN SOLUTION`` と ``### END SOLUTION``）で
囲む。「解答」の見出しで始まる文章のセルは、全体が解答である。
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HEADING = "### 解答"
ANSWER = "**あなたの答え**"
"""学習者の版で、解答の文章の代わりに置くもの。"""
WORKED = "**解答**"
"""教員の版の、解答の文章の頭。サイトにない見出しは、写しにも置かない。"""
_POINTS = re.compile(r"^(★{1,3})☆{0,2} ", re.MULTILINE)
_CHECK = re.compile(r'^check\((".*?"), *(.*)\)$', re.MULTILINE)
_REGION = re.compile(rf"^([ \t]*){BEGIN}[ \t]*\n(.*?)^[ \t]*{END}[ \t]*$", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"^[ \t]*(\w+(?:, *\w+)*) = ")


def learners(notebook: NotebookNode) -> NotebookNode:
    """解答と、その出力を除いた写し。原稿は変えない。"""
    made = copy.deepcopy(notebook)
    made.cells = [cell for cell in map(_emptied, made.cells) if cell.source.strip()]
    return made


def teachers(notebook: NotebookNode) -> NotebookNode:
    """解答を残し、nbgrader の読む説明を添えた写し。

    ``nbgrader generate_assignment`` に渡すと、学習者に配る版になる。点は星の数である。
    """
    made = copy.deepcopy(notebook)
    points, cells = 0, []
    for cell, judged in zip(made.cells, _judged(made.cells), strict=True):
        if cell.cell_type == "markdown" and (found := _POINTS.search(cell.source)):
            points = len(found[1])
        cells += _graded(cell, points, judged)
    made.cells = cells
    return made


def _judged(cells: list[NotebookNode]) -> list[bool]:
    """セルごとに、そのセルの問いに判定があるか。"""
    asked, judged = False, []
    for cell in reversed(cells):
        asked = asked or (cell.cell_type == "code" and bool(_CHECK.search(cell.source)))
        judged.append(asked)
        if cell.cell_type == "markdown" and _POINTS.search(cell.source):
            asked = False
    return judged[::-1]


def _graded(cell: NotebookNode, points: int, judged: bool) -> Iterator[NotebookNode]:
    """答えのセルと、それを採点するセル。判定のない問いの答えは、人が採点する。"""
    if cell.cell_type == "markdown" and cell.source.startswith(HEADING):
        body = cell.source.removeprefix(HEADING).strip()
        cell.source = f"{WORKED}\n\n<!-- {BEGIN} -->\n\n{body}\n\n<!-- {END} -->"
        # nbgrader では、文章の解答は、人が採点するセルでなければならない。判定のある問いでは、0 点にする。
        cell.metadata["nbgrader"] = _about(cell.id, 0 if judged else points, grade=True, solution=True)
        yield cell
        return
    if cell.cell_type != "code" or BEGIN not in cell.source:
        yield cell
        return
    asked = _CHECK.search(cell.source)
    cell.source = _CHECK.sub("", cell.source).rstrip()
    cell.outputs = [] if asked else cell.outputs
    cell.metadata["nbgrader"] = _about(cell.id, solution=True)
    yield cell
    if asked:
        call = f"verdict = check({asked[1]}, {asked[2]})"  # assert は、写しで、知らせるだけの文に替わる
        source = f"{call}\nif not verdict:\n    raise ValueError(verdict.line)"
        grading = nbformat.v4.new_code_cell(source, id=f"{cell.id}-grade"[-64:])
        grading.metadata["nbgrader"] = _about(grading.id, points, grade=True)
        yield grading


def _about(name: str, points: int = 0, *, grade: bool = False, solution: bool = False) -> dict[str, object]:
    about = {"grade_id": name, "grade": grade, "solution": solution, "locked": not solution, "task": False}
    return {**about, "schema_version": 3, **({"points": points} if grade else {})}


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

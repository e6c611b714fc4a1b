"""練習問題のページ: どの章にもあり、決まった形をしていて、解答は合格し、白紙は合格せず、解答が学習者の版に漏れない。"""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import toc
import yaml
from bs4 import BeautifulSoup
from corpus import RIGHT
from editions import BEGIN, END, HEADING, learners, teachers
from exercises import KINDS, LABEL
from nbformat import NotebookNode
from takeaway import BUNDLE

from backprop.exercises import QUESTIONS, Formula, Verdict

ROOT = Path(__file__).resolve().parents[1]
PAGES = toc.exercises()
HEAD = re.compile(
    rf"^\((?P<label>{LABEL}[a-z0-9-]+)\)=\n## (?P<title>.+)\n\n"
    rf"(?P<stars>★+)(?P<blank>☆*) \*\*(?P<kind>{'|'.join(KINDS)})\*\*（(?P<minutes>\d+)分） \{{ref\}}`"
)
EXPLAIN = "説明する"
MUST = "**含まれているべきこと**"
HINTS = 3
PER_PAGE, IN_ALL = 6, 150
SHORT = 12
"""これより短い行は、解答のしるしにならない。"""


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def exercises(notebook: NotebookNode) -> Iterator[tuple[re.Match[str], list[NotebookNode]]]:
    """練習問題ごとの、頭と、次の練習問題までのセル。"""
    starts = [n for n, cell in enumerate(notebook.cells) if cell.source.startswith(f"({LABEL}")]
    for start, end in zip(starts, [*starts[1:], len(notebook.cells)], strict=True):
        found = HEAD.match(notebook.cells[start].source)
        assert found, f"頭の行が、決まった形ではありません:\n{notebook.cells[start].source[:200]}"
        yield found, notebook.cells[start:end]


EVERY = [
    pytest.param(path, found, cells, id=found["label"])
    for path in PAGES
    for found, cells in exercises(read(path))
]


def solution_lines(cells: list[NotebookNode]) -> set[str]:
    """解答の行。問いにもある行は除く。"""
    lines: set[str] = set()
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith(HEADING):
            lines |= set(cell.source.splitlines()[1:])
        elif cell.cell_type == "code":
            for region in re.findall(rf"{BEGIN}\n(.*?){END}", cell.source, re.DOTALL):
                lines |= set(region.splitlines())
            if BEGIN in cell.source:
                outputs = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
                lines |= {line for text in outputs for line in text.splitlines()}
    return {line.strip() for line in lines if len(line.strip()) >= SHORT}


def asked_lines(notebook: NotebookNode) -> str:
    """問い、ヒント、用意のコード。"""
    return "\n".join(
        cell.source for cell in notebook.cells
        if not cell.source.startswith(HEADING) and BEGIN not in cell.source
    )  # fmt: skip


class TestEveryChapter:
    def test_every_chapter_is_followed_by_its_exercises(self) -> None:
        contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
        chapters = [page for part in contents["parts"][:-1] for page in part["chapters"]]
        expected = {
            page["file"]: [{"file": f"exercises/{page['file'].removeprefix('chapters/')}_ex"}]
            for page in chapters
        }
        assert {page["file"]: page.get("sections") for page in chapters} == expected

    def test_there_are_enough(self) -> None:
        assert len(EVERY) >= IN_ALL
        assert all(len(list(exercises(read(path)))) >= PER_PAGE for path in PAGES)

    @pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
    def test_kinds_are_mixed(self, path: Path) -> None:
        kinds = Counter(found["kind"] for found, _ in exercises(read(path)))
        assert {"導く", "計算する", EXPLAIN} <= kinds.keys()
        assert {"書く", "虫を探す"} & kinds.keys()
        assert max(kinds.values()) <= sum(kinds.values()) / 2

    def test_questions_and_judges_are_the_same(self) -> None:
        labels = [param.id for param in EVERY]
        judged = {param.id for param in EVERY if param.values[1]["kind"] != EXPLAIN}
        assert len(set(labels)) == len(labels)
        assert judged == QUESTIONS.keys()


@pytest.mark.parametrize(("path", "found", "cells"), EVERY)
class TestEveryExercise:
    def test_the_head(self, path: Path, found: re.Match[str], cells: list[NotebookNode]) -> None:
        assert len(found["stars"] + found["blank"]) == 3
        assert 1 <= int(found["minutes"]) <= 60

    def test_hints(self, path: Path, found: re.Match[str], cells: list[NotebookNode]) -> None:
        texts = [cell.source for cell in cells if '<details class="hint">' in cell.source]
        (text,) = texts
        hints = re.findall(
            r'<details class="hint"><summary>ヒント(\d)</summary>\n\n(.+?)\n\n</details>', text, re.S
        )
        assert [number for number, _ in hints] == ["1", "2", "3"]
        assert len({body for _, body in hints}) == HINTS

    def test_the_solution(self, path: Path, found: re.Match[str], cells: list[NotebookNode]) -> None:
        (solution,) = [cell for cell in cells if cell.source.startswith(HEADING)]
        assert len(solution.source) > len(HEADING) + 40
        checks = [cell for cell in cells if "check(" in cell.source and cell.cell_type == "code"]
        if found["kind"] == EXPLAIN:
            assert MUST in solution.source
            assert len(re.findall(r"^- ", solution.source.partition(MUST)[2], re.MULTILINE)) >= 2
        else:
            (checking,) = checks
            assert BEGIN in checking.source
            assert checking.source.splitlines()[-1].startswith(f'check("{found["label"]}", ')
            assert "✓ 合格" in checking.outputs[-1]["data"]["text/plain"]

    def test_everything_after_the_solution_is_solution(
        self, path: Path, found: re.Match[str], cells: list[NotebookNode]
    ) -> None:
        start = next(n for n, cell in enumerate(cells) if cell.source.startswith(HEADING))
        for cell in cells[start + 1 :]:
            assert cell.cell_type == "markdown" or BEGIN in cell.source, cell.source
            assert cell.cell_type == "code", cell.source


def run(notebook: NotebookNode) -> Iterator[tuple[str, Verdict]]:
    """コードのセルを順に走らせ、判定を集める。"""
    from backprop.exercises import check

    verdicts: list[tuple[str, Verdict]] = []

    def noted(label: str, answer: Any) -> Verdict:
        verdicts.append((label, check(label, answer)))
        return verdicts[-1][1]

    space: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code = re.sub(r"^from backprop\.exercises import check$", "", cell.source, flags=re.MULTILINE)
            space["check"] = noted
            exec(compile(code, cell.id, "exec"), space)
    yield from verdicts


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
class TestEditions:
    def test_nothing_of_the_solutions_is_left(self, path: Path) -> None:
        notebook = read(path)
        text = nbformat.writes(learners(notebook))
        asked = asked_lines(notebook)
        lines = {line for _, cells in exercises(notebook) for line in solution_lines(cells)}
        assert lines
        assert not [
            line for line in lines if json.dumps(line, ensure_ascii=False)[1:-1] in text and line not in asked
        ]
        assert "SOLUTION" not in text

    def test_the_learners_copies_on_the_site_and_in_the_bundle(self, path: Path, html: Path) -> None:
        notebook = read(path)
        lines = {line for _, cells in exercises(notebook) for line in solution_lines(cells)}
        asked = asked_lines(notebook)
        with zipfile.ZipFile(html / BUNDLE) as book:
            inside = book.read(f"{Path(BUNDLE).stem}/notebooks/{path.name}").decode()
        for text in ((html / "exercises" / path.name).read_text(encoding="utf-8"), inside):
            leaked = [line for line in lines if json.dumps(line, ensure_ascii=False)[1:-1] in text]
            assert not [line for line in leaked if line not in asked]
        assert not (html / "_sources" / "exercises" / path.name).exists()

    def test_the_empty_edition_passes_nothing(self, path: Path) -> None:
        verdicts = list(run(learners(read(path))))
        assert {label for label, _ in verdicts} == {
            found["label"] for found, _ in exercises(read(path)) if found["kind"] != EXPLAIN
        }
        assert not [label for label, verdict in verdicts if verdict]

    def test_the_teachers_edition_keeps_every_solution(self, path: Path) -> None:
        text = nbformat.writes(teachers(read(path)))
        lines = {
            line for _, cells in exercises(read(path)) for line in solution_lines(cells) if "✓" not in line
        }
        outputs = re.compile(r"^(?:array\(|\[|\()")
        missing = [line for line in lines if json.dumps(line, ensure_ascii=False)[1:-1] not in text]
        assert not [line for line in missing if not outputs.match(line)]

    def test_the_teachers_edition_is_gradable(self, path: Path) -> None:
        cells = [cell for cell in teachers(read(path)).cells if "nbgrader" in cell.metadata]
        names = [cell.metadata.nbgrader.grade_id for cell in cells]
        assert len(set(names)) == len(names)
        stars = sum(len(found["stars"]) for found, _ in exercises(read(path)))
        assert sum(cell.metadata.nbgrader.get("points", 0) for cell in cells) == stars
        for cell in cells:
            about = cell.metadata.nbgrader
            assert about.grade or not about.solution or cell.cell_type == "code"
            assert about.solution or (about.grade and cell.cell_type == "code")

    def test_names_in_the_notebook_are_the_names_in_the_page(self, path: Path) -> None:
        """どの書き方の式も、ノートブックの名前で書けば、ページに書いたのと同じ判定になる。"""
        notebook, wanted = read(path), {}
        for found, cells in exercises(notebook):
            if isinstance(QUESTIONS.get(found["label"]), Formula):
                wanted[cells[-1].id] = found["label"]
        space: dict[str, Any] = {}
        exec("from sympy import *", space)
        for cell in notebook.cells:
            if cell.cell_type == "code" and BEGIN not in cell.source:
                exec(compile(cell.source, cell.id, "exec"), space)
            if cell.id in wanted:
                label = wanted[cell.id]
                assert QUESTIONS[label].verdict(eval(RIGHT[label][0], space)).passed, label


def test_the_site_shows_folded_solutions_without_marks(html: Path) -> None:
    for path in PAGES:
        page = BeautifulSoup(
            (html / "exercises" / f"{path.stem}.html").read_text(encoding="utf-8"), "html.parser"
        )
        count = len(list(exercises(read(path))))
        assert len(page.select("details.solution")) == count
        assert len(page.select("details.hint")) == HINTS * count
        assert "SOLUTION" not in page.get_text()
        assert not [h for h in page.select("h3") if "解答" in h.get_text()]

"""検印の印: 式の番号のそばにあり、審判の一行へ届く。検印のためのコードは畳んである。"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from seal_cells import code_cells, machinery, seals
from toc import chapters

NOTEBOOKS = chapters()
LINE = re.compile(
    r"検印 式 \(\d+\.\d+\) 記号 ✓ 数値 ✓ \(≤ 1e-12\) 独立 ✓ \(≤ 1e-10\) 対照 (\d+)/\1 一覧と読み方"
)
TAUGHT = {"38_gradient_check": 2}
"""検印のセルだけが使うが、その章の主題なので見せるセルの数: 微分を測る四つの方法。"""


def sealed(path: Path) -> list[str]:
    """章の検印のラベル。"""
    notebook = nbformat.read(path, as_version=4)
    calls = [cell.source for cell in notebook.cells if cell.cell_type == "code" and seals(cell.source)]
    return [label for source in calls for label in re.findall(r'seal\(\s*"(eq-[\w-]+)"', source)]


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def chapter(request: pytest.FixtureRequest, pages: dict[str, BeautifulSoup]) -> tuple[Path, BeautifulSoup]:
    """章の原稿と、つくったページ。"""
    return request.param, pages[f"chapters/{request.param.stem}.html"]


class TestPage:
    def test_every_sealed_formula_is_stamped(self, chapter: tuple[Path, BeautifulSoup]) -> None:
        source, page = chapter
        marks = page.select("div.math > .eqno > a.stamp")
        formulas = {str(mark.find_parent("div", class_="math")["id"]) for mark in marks}
        assert formulas == {f"equation-{label}" for label in sealed(source)}

    def test_the_stamp_leads_to_the_judges_and_back(self, chapter: tuple[Path, BeautifulSoup]) -> None:
        _, page = chapter
        for mark in page.select("a.stamp"):
            line = page.find(id=str(mark["href"]).removeprefix("#"))
            assert isinstance(line, Tag)
            assert LINE.fullmatch(" ".join(line.get_text().split()))
            back, seals_page = (str(link["href"]) for link in line.select("a"))
            assert back == f"#{mark.find_parent('div', class_='math')['id']}"
            assert seals_page.endswith("seals.html")

    def test_the_formula_is_not_printed_again(self, chapter: tuple[Path, BeautifulSoup]) -> None:
        _, page = chapter
        outputs = [line.find_parent("div", class_="cell_output") for line in page.select(".stamp-line")]
        assert not [output for output in outputs if output is None or output.select("math")]

    def test_the_fold_says_what_it_hides(self, chapter: tuple[Path, BeautifulSoup]) -> None:
        _, page = chapter
        for line in page.select(".stamp-line"):
            cell = line.find_parent("div", class_="cell")
            assert cell.select_one("summary").get_text() == "検印のコード"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_machinery_is_folded(path: Path) -> None:
    open_cells = [cell.number for cell in machinery(nbformat.read(path, as_version=4)) if cell.visible]
    assert len(open_cells) == TAUGHT.get(path.stem, 0), open_cells


class TestMachinery:
    """読み手は、検印のためのセルを見つけ、ほかのためのセルを残す。"""

    @staticmethod
    def found(*sources: str) -> list[int]:
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        for cell, source in zip(cells, sources, strict=True):
            cell.outputs = [nbformat.v4.new_output("stream", text="x")] if source.endswith("# 表示") else []
        return [cell.number for cell in machinery(nbformat.v4.new_notebook(cells=cells))]

    DRAW = "def draw(rng):\n    return rng"

    def test_what_only_a_seal_uses(self) -> None:
        assert self.found(self.DRAW, "cases = draw(1)", "seal('eq-a', cases=cases)") == [0, 1, 2]

    def test_what_the_reader_uses_too(self) -> None:
        assert self.found(self.DRAW, "draw(2)  # 表示", "seal('eq-a', cases=draw)") == [2]

    def test_what_is_shown(self) -> None:
        assert self.found("a = 1\na  # 表示", "seal('eq-a', claim=a)") == [1]

    def test_names_inside_functions_are_their_own(self) -> None:
        assert self.found("def draw():\n    Z = 1\n    return Z", "Z = 2\nZ  # 表示", "seal(draw)") == [0, 2]

    def test_every_chapter_with_a_seal_is_seen(self) -> None:
        counts = [sum(seals(c.source) for c in code_cells(nbformat.read(p, as_version=4))) for p in NOTEBOOKS]
        assert sum(counts) == sum(len(sealed(path)) for path in NOTEBOOKS) >= 60

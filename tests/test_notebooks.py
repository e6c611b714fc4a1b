"""章のノートブックと原稿の検査: 実行の記録、書き方、言葉、検印。

出力の一致は、図も含めて nbval が別に調べる（pyproject.toml の ``--nbval`` と conftest.py）。
ここでは nbval が見ないものを調べる。
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import jupytext
import nbformat
import pytest
from bs4 import BeautifulSoup
from execute import normalise, run, written
from nbformat import NotebookNode
from toc import chapters

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = chapters()
APPENDICES = (
    "notation", "seals", "kernel", "proof", "glossary", "trouble", "pitfalls", "references", "errata"
)  # fmt: skip
PAGES = [ROOT / f"{name}.md" for name in ("index", *APPENDICES)]
SEAL = "application/vnd.backprop.seal+json"
HIDDEN = {"remove-input", "remove-cell", "hide-input", "hide-cell"}
LABEL = re.compile(r"(eq|def|thm|fig|sec|ex)(-[a-z0-9]+)+")

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
each_source = pytest.mark.parametrize("path", [*PAGES, *CHAPTERS], ids=lambda path: path.stem)

# design の用語表のうち、使わない言い方。値は、それでも許される文脈（同じ行にあること）。
FORBIDDEN_TERMS = {
    "逆転派": None,
    "逆伝搬": None,
    "順伝搬": None,
    "前方伝播": None,
    "連瑣律": None,
    "チェーンルール": "とも呼",
    "勾配下降": None,
    "誤差関数": "とも呼",
    "コスト関数": "とも呼",
    "重量": None,
    "重み付け値": None,
    "中間層": None,
    "非表示レイヤ": None,
    "計算木": None,
    "ラーニングレート": None,
}
# 文章のうち、言葉ではないもの: コード、数式とそのラベル、リンク先、見出しのラベル。
NOT_PROSE = (
    r"(?s)```.*?```",
    r"(?s)\$\$.*?\$\$( *\([\w-]+\))?",
    r"\$[^$\n]+\$",
    r"`[^`\n]*`",
    r"\]\([^)]*\)",
    r"(?m)^\([\w-]+\)=$",
)
FORBIDDEN_CODE = {
    r"\bsys\.path\b": "sys.path を変えない",
    r"^\s*[!%]": "マジックとシェルを使わない",
    r"^\s*from .* import \*": "import * を使わない",
    r"\bplt\.|\bmatplotlib\b|\.savefig\(|\.subplots\(": "絵は backprop.figures に描かせる",
    r"\bnp\.random\.(?!default_rng|Generator)": "乱数は default_rng(種) から",
    r"NBVAL_": "出力の検査を外さない",
}


@cache
def load(path: Path) -> NotebookNode:
    """ノートブックとして読む（MyST で書かれたページも）。"""
    if path.suffix == ".md":
        return jupytext.read(path, fmt="md:myst")
    return nbformat.read(path, as_version=4)


@cache
def executed_page(path: Path) -> NotebookNode:
    """実行されたノートブック。章は記録されている出力を、そのほかのページは今実行した出力を持つ。"""
    notebook = load(path)
    if path.suffix == ".md" and code_cells(notebook):
        run(notebook, path.parent)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """コードのセル。"""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> set[str]:
    """セルの印。"""
    return set(cell.metadata.get("tags", []))


def code_lines(cell: NotebookNode) -> list[str]:
    """空でない行。"""
    return [line for line in cell.source.splitlines() if line.strip()]


def bundles(cell: NotebookNode) -> list[NotebookNode]:
    """セルの出力のうち、型ごとの表現を持つもの。"""
    return [output.data for output in cell.outputs if "data" in output]


def images(cell: NotebookNode) -> list[str]:
    """セルの出力のうち、図。"""
    return [data["image/svg+xml"] for data in bundles(cell) if "image/svg+xml" in data]


def source_text(path: Path) -> str:
    """文章のセルをつないだもの。"""
    return "\n\n".join(cell.source for cell in load(path).cells if cell.cell_type == "markdown")


def prose(path: Path) -> str:
    """文章から、数式、コード、ラベル、リンク先を除いたもの。"""
    text = source_text(path)
    for pattern in NOT_PROSE:
        text = re.sub(pattern, "", text)
    return text


def equation_labels(path: Path) -> list[str]:
    """原稿で番号つきの式につけられたラベル。"""
    text = source_text(path)
    return re.findall(r"\$\$ *\(([^)\s]+)\)", text) + re.findall(r"(?m)^:label: *(\S+)", text)


class TestExecution:
    """実行の記録。"""

    def test_nbval_is_strict(self, request: pytest.FixtureRequest) -> None:
        assert CHAPTERS
        assert request.config.option.nbval
        assert not request.config.option.nbval_lax
        assert not request.config.option.nbval_sanitize_with
        assert "chapters" in request.config.getini("testpaths")

    @each_chapter
    def test_outputs_are_stored_in_order(self, path: Path) -> None:
        cells = code_cells(load(path))
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        assert any(cell.outputs for cell in cells)

    @each_chapter
    def test_file_is_as_execution_writes_it(self, path: Path) -> None:
        notebook = nbformat.read(path, as_version=4)
        normalise(notebook)
        assert written(notebook) == path.read_text(encoding="utf-8"), "make execute で書き換えられます"

    @each_chapter
    def test_no_error_but_the_intended(self, path: Path) -> None:
        for cell in code_cells(load(path)):
            assert ("raises-exception" in tags(cell)) == any(o.output_type == "error" for o in cell.outputs)
            assert not [output for output in cell.outputs if output.get("name") == "stderr"]

    @each_chapter
    def test_every_output_can_be_read_without_the_book(self, path: Path) -> None:
        assert all("text/plain" in data for cell in code_cells(load(path)) for data in bundles(cell))


class TestStyle:
    """セルの書き方。"""

    @each_source
    def test_nothing_forbidden_in_code(self, path: Path) -> None:
        for cell in code_cells(load(path)):
            for pattern, reason in FORBIDDEN_CODE.items():
                assert not re.search(pattern, cell.source, flags=re.MULTILINE), f"{reason}: {cell.source}"

    @each_source
    def test_imports_stand_in_the_first_cell(self, path: Path) -> None:
        for cell in code_cells(load(path))[1:]:
            nodes = ast.walk(ast.parse(cell.source))
            assert not [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)], cell.source

    @each_source
    def test_cells_are_short(self, path: Path) -> None:
        cells = code_cells(load(path))
        assert max((len(code_lines(cell)) for cell in cells), default=0) <= 30
        visible = [len(code_lines(cell)) for cell in cells if not tags(cell) & HIDDEN]
        assert max(visible, default=0) <= 15

    @each_chapter
    def test_figures_have_caption_name_and_description(self, path: Path) -> None:
        for cell in code_cells(load(path)):
            settings = cell.metadata.get("mystnb", {})
            figure, image = settings.get("figure", {}), settings.get("image", {})
            assert bool(images(cell)) == bool(figure), cell.source
            if images(cell):
                assert len(images(cell)) == 1
                assert re.search(r"[ぁ-ん]", figure["caption"])
                assert re.fullmatch(r"fig(-[a-z0-9]+)+", figure["name"])
                assert re.search(r"[ぁ-ん]", image["alt"])

    def test_files_are_sorted_as_the_table_of_contents(self) -> None:
        assert [path.parent for path in CHAPTERS] == [ROOT / "chapters"] * len(CHAPTERS)
        assert sorted(CHAPTERS) == CHAPTERS


class TestText:
    """文章。"""

    @each_source
    def test_one_term_per_concept(self, path: Path) -> None:
        for line in prose(path).splitlines():
            for term, context in FORBIDDEN_TERMS.items():
                assert term not in line or (context and context in line), f"{term}: {line}"

    @each_source
    def test_brackets_in_japanese_text_are_full_width(self, path: Path) -> None:
        assert not re.findall(r".{0,10}[ぁ-んァ-ヶ一-龠、。]\(.{0,10}", prose(path))

    @each_source
    def test_lines_break_only_after_a_full_stop(self, path: Path) -> None:
        # 段落の途中で改行すると、組んだときに空白になる。
        japanese = "ぁ-んァ-ヶー一-龠々、"
        assert not re.findall(rf".{{0,15}}[{japanese}]\n[{japanese}「『（].{{0,15}}", prose(path))

    @each_source
    def test_no_macro_of_its_own(self, path: Path) -> None:
        definition = r"\\(?:new|renew|provide)command|\\def\\|\\DeclareMathOperator"
        assert not re.findall(definition, source_text(path))

    @each_source
    def test_labels_are_kebab_case(self, path: Path) -> None:
        labels = re.findall(r"(?m)^\(([^)\n]+)\)=$", source_text(path)) + equation_labels(path)
        labels += re.findall(r"(?m)^:name: *(\S+)", source_text(path))
        assert not [label for label in labels if not LABEL.fullmatch(label)]

    def test_no_label_is_given_twice(self) -> None:
        labels = Counter(
            label
            for path in [*PAGES, *CHAPTERS]
            for label in re.findall(r"(?m)^\(([^)\n]+)\)=$", source_text(path)) + equation_labels(path)
        )
        assert not [label for label, count in labels.items() if count > 1]


COUNTS = {"": 1, "二つの": 2, "三つの": 3, "四つの": 4, "五つの": 5, "六つの": 6}
FOLDED = re.compile("次の((?:[二三四五六]つの)?)セル(?:（開くと読めます）|を開くと読めます)")


def told_and_folded(notebook: NotebookNode) -> Iterator[tuple[int, set[int]]]:
    """「次の三つのセル（開くと読めます）」の数と、続く畳んだセルの数（すべてと、検印の前まで）。"""
    cells = [cell for cell in notebook.cells if "remove-cell" not in tags(cell)]
    for n, cell in enumerate(cells):
        told = FOLDED.findall(cell.source) if cell.cell_type == "markdown" else []
        if told:
            run = list(takewhile(lambda cell: "hide-input" in tags(cell), cells[n + 1 :]))
            unsealed = takewhile(lambda cell: not re.search(r"^seal\(", cell.source, re.M), run)
            yield COUNTS[told[0]], {len(run), len(list(unsealed))}


@each_chapter
def test_the_number_of_folded_cells_is_told_right(path: Path) -> None:
    for told, folded in told_and_folded(load(path)):
        assert told in folded


class TestSeals:
    """主張する式と検印は、一対一に対応する。"""

    @staticmethod
    def built_labels(pages: dict[str, BeautifulSoup]) -> Counter[str]:
        """できあがったページの、番号つきの式のラベル。"""
        return Counter(
            element["id"].removeprefix("equation-")
            for page in pages.values()
            for element in page.select("div.math[id^='equation-']")
        )

    def test_numbered_equations_claim_or_define(self, pages: dict[str, BeautifulSoup]) -> None:
        proper = re.compile(r"(eq|def)(-[a-z0-9]+)+")
        assert not [label for label in self.built_labels(pages) if not proper.fullmatch(label)]

    def test_sources_and_pages_number_the_same_equations(self, pages: dict[str, BeautifulSoup]) -> None:
        written = Counter(label for path in [*PAGES, *CHAPTERS] for label in equation_labels(path))
        assert self.built_labels(pages) == written

    def test_every_claim_has_exactly_one_seal(self, pages: dict[str, BeautifulSoup]) -> None:
        claims = Counter(label for label in self.built_labels(pages).elements() if label.startswith("eq-"))
        seals = Counter(
            data[SEAL]["label"]
            for path in [*PAGES, *CHAPTERS]
            for cell in code_cells(executed_page(path))
            for data in bundles(cell)
            if SEAL in data
        )
        assert claims
        assert set(claims.values()) == {1}
        assert seals == claims

    @each_source
    def test_a_seal_follows_its_equation(self, path: Path) -> None:
        stated: set[str] = set()
        for cell in executed_page(path).cells:
            if cell.cell_type == "markdown":
                stated |= set(re.findall(r"\$\$ *\((eq-[^)\s]+)\)", cell.source))
            for data in bundles(cell) if cell.cell_type == "code" else []:
                assert SEAL not in data or data[SEAL]["label"] in stated

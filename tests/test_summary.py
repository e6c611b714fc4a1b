"""「まとめ」の章が、この本のどの章も取りこぼさないこと。"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from laps import LOOKED_UP, plan
from toc import chapters

ROOT = Path(__file__).resolve().parents[1]
SUMMARY = ROOT / "chapters" / "54_summary.ipynb"
LAPS = plan(ROOT)
OTHERS = [path for path in chapters() if path != SUMMARY and LAPS[f"chapters/{path.stem}"] != LOOKED_UP]
"""まとめと付録のほかの章。"""


def text(path: Path) -> str:
    """文章のセルをつないだもの。"""
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def table() -> str:
    """「学習を1ページで」の節の表。"""
    (found,) = re.findall(r"(?m)(?:^\|.*\n)+", text(SUMMARY).split("(sec-applications)=")[0])
    return found


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_the_table_of_learning_leads_to_every_chapter(path: Path, table: str) -> None:
    label = re.search(r"(?m)^\((sec-[a-z0-9-]+)\)=\n# ", text(path))[1]
    assert f"<{label}>" in table


def test_the_whole_of_learning_fits_in_fifteen_lines() -> None:
    cells = [cell.source for cell in nbformat.read(SUMMARY, as_version=4).cells if cell.cell_type == "code"]
    (program,) = [source for source in cells if source.startswith("def learn(")]
    assert len(program.splitlines()) <= 15
    steps = ("output_gradient", "output_delta", "hidden_delta", "weight_gradient", "bias_gradient", "update")
    assert all(f"{step}(" in program for step in steps)

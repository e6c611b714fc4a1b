"""短くしても、失わないもの: 検印、対照、展示、間違い、本文を確かめる文の数が、前の版より減っていない。

増えたら、下の数を上げる。減らすときは、なぜ要らないかを変更の記録に書く。
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from seal_cells import UNSEEN, code_cells
from test_seals_page import stored
from toc import chapters

from backprop.judges.museum import EXHIBITS

ROOT = Path(__file__).resolve().parents[1]
LEAST = {"検印": 70, "対照": 763, "展示": 27, "間違い": 47, "本文を確かめる文": 1679, "図": 135}
"""章と一覧にある数の下限。検印と対照に、入口のページは含まない。"""


def counted() -> dict[str, int]:
    """いまの数。"""
    seals = stored()
    notebooks = [nbformat.read(path, as_version=4) for path in chapters()]
    hidden = [cell for notebook in notebooks for cell in code_cells(notebook) if UNSEEN in cell.tags]
    outputs = [out for notebook in notebooks for cell in notebook.cells for out in cell.get("outputs", [])]
    return {
        "検印": len(seals),
        "対照": sum(controls for controls, _ in seals.values()),
        "展示": len(EXHIBITS),
        "間違い": len(re.findall(r"(?m)^: ", (ROOT / "pitfalls.md").read_text(encoding="utf-8"))),
        "本文を確かめる文": sum(
            isinstance(n, ast.Assert) for c in hidden for n in ast.walk(ast.parse(c.source))
        ),
        "図": sum("image/svg+xml" in output.get("data", {}) for output in outputs),
    }


@pytest.mark.long
@pytest.mark.parametrize("kind", LEAST)
def test_nothing_is_lost(kind: str) -> None:
    assert counted()[kind] >= LEAST[kind]

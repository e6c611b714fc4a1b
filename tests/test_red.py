"""検査の検査: 主張や記録を壊すと、`make test` が赤くなる。"""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import matplotlib as mpl
import nbformat
import pytest
import sympy as sp
from nbformat import NotebookNode

import backprop.judges
from backprop.judges import Case, Seal, SealBroken
from backprop.symbolic import mutants

ROOT = Path(__file__).resolve().parents[1]
SMALL = "33_step3_hidden_delta"
Judged = Callable[[Case], Any]


def notebook(name: str) -> NotebookNode:
    """章のノートブック。入口のページは、MyST の原稿から取り出す。"""
    if name == "index":
        return jupytext.read(ROOT / "index.md", fmt="md:myst")
    return nbformat.read(ROOT / "chapters" / f"{name}.ipynb", as_version=4)


def code_cells(chapter: NotebookNode) -> list[NotebookNode]:
    """コードのセル。"""
    return [cell for cell in chapter.cells if cell.cell_type == "code"]


def seals(cell: NotebookNode) -> bool:
    """検印を求めるセルか。"""
    return "seal(" in cell.source


def recorded(name: str) -> dict[str, int]:
    """記録に残っている検印の名前から、対照の数を引く。"""
    outputs = [output for cell in code_cells(notebook(name)) for output in cell.get("outputs", [])]
    found = [output.get("data", {}).get(backprop.judges.MIME) for output in outputs]
    return {seal["label"]: seal["controls"] for seal in found if seal}


CHAPTERS = [path.stem for path in sorted((ROOT / "chapters").glob("*.ipynb"))]
SEALED = [name for name in ["index", *CHAPTERS] if any(map(seals, code_cells(notebook(name))))]


class TestClaims:
    """章の検印の右辺を、誤った式に一つずつ取り替える。"""

    @pytest.mark.parametrize("name", SEALED)
    def test_no_wrong_right_hand_side_is_sealed(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        refused: dict[str, int] = {}
        controls: dict[str, int] = {}
        genuine = backprop.judges.seal

        def also_with_wrong_claims(label: str, *, claim: sp.Equality, **setting: Any) -> Seal:
            result = genuine(label, claim=claim, **setting)
            controls[label] = result.controls
            refused.setdefault(label, 0)
            for judge in ("numpy", "independent"):
                setting[judge] = once_per_case(setting[judge])
            for wrong in mutants(claim.rhs).values():
                with pytest.raises(SealBroken, match=f"^{label}: (記号|数値|独立)の審判が退けました"):
                    genuine(label, claim=sp.Eq(claim.lhs, wrong, evaluate=False), **setting)
                refused[label] += 1
            return result

        monkeypatch.setattr(backprop.judges, "seal", also_with_wrong_claims)
        run_in_this_process(name)
        assert controls
        assert refused == controls
        if name != "index":  # 原稿に記録がない
            assert controls == recorded(name)


def once_per_case(judge: Judged) -> Judged:
    """同じ場面の値は一度だけ求める。主張が変わっても、比べる相手の値は変わらない。"""
    values: dict[int, Any] = {}

    def remembered(case: Case) -> Any:
        if id(case) not in values:
            values[id(case)] = judge(case)
        return values[id(case)]

    return remembered


def run_in_this_process(name: str) -> None:
    """章のセルを、上から最後の検印まで順に実行する。失敗するはずのセルの失敗だけを見のがす。"""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    mpl.use("agg")
    cells = code_cells(notebook(name))
    last = max(number for number, cell in enumerate(cells) if seals(cell))
    for cell in cells[: last + 1]:
        try:
            exec(compile(cell.source, name, "exec"), namespace)
        except Exception:
            if "raises-exception" not in cell.metadata.get("tags", []):
                raise


# ── 記録 ──────────────────────────────────────────────────


def wrong_picture(cell: NotebookNode) -> None:
    picture = cell.outputs[0].data
    picture["image/png"] = picture["image/png"][:-9] + "A" * 8 + "\n"


def wrong_text(cell: NotebookNode) -> None:
    cell.outputs[0].data["text/plain"] += "0"


def wrong_formula(cell: NotebookNode) -> None:
    cell.outputs[0].data["text/latex"] = r"$\displaystyle 0$"


def wrong_kind(cell: NotebookNode) -> None:
    cell.outputs[0] = nbformat.v4.new_output("display_data", data=cell.outputs[0].data)


def wrong_claim(cell: NotebookNode) -> None:
    assert "claim=Eq(this.delta[j], claim)" in cell.source
    cell.source = cell.source.replace("claim=Eq(this.delta[j], claim)", "claim=Eq(this.delta[j], -claim)")


def missing_output(cell: NotebookNode) -> None:
    cell.outputs.clear()


def unexpected_error(cell: NotebookNode) -> None:
    cell.source += "\nassert False"


# 壊し方と、壊すセルの出力にあるべき型。前から順に、まだ壊していないセルを選ぶ。
SPOILERS = (
    (wrong_picture, "image/png"),
    (wrong_text, "text/plain"),
    (wrong_formula, "text/latex"),
    (wrong_kind, "text/latex"),
    (wrong_claim, backprop.judges.MIME),
    (missing_output, "text/plain"),
    (unexpected_error, "text/plain"),
)


def spoiled(chapter: NotebookNode) -> dict[int, str]:
    """セルを一つずつ違うしかたで壊す。壊したセルの番号から、壊し方を引く。"""
    broken: dict[int, str] = {}
    for spoil, kind in SPOILERS:
        number, cell = next(
            (number, cell)
            for number, cell in enumerate(code_cells(chapter))
            if number not in broken and any(kind in output.get("data", {}) for output in cell.outputs)
        )
        spoil(cell)
        broken[number] = spoil.__name__
    return broken


@pytest.mark.recorded
def test_every_spoiled_record_is_noticed(tmp_path: Path) -> None:
    chapter = copy.deepcopy(notebook(SMALL))
    broken = spoiled(chapter)
    nbformat.write(chapter, tmp_path / "spoiled.ipynb")
    settings = ["-c", ROOT / "pyproject.toml", "-p", "conftest", "-n", "0"]
    command = [sys.executable, "-m", "pytest", *settings, tmp_path]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    red = {int(number) for number in re.findall(r"^FAILED .*::Cell (\d+)", printed, flags=re.MULTILINE)}
    assert red == set(broken), printed

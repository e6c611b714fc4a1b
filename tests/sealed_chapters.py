"""検印のある章を、この場で実行する。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import matplotlib as mpl
import nbformat
import pytest
import sympy as sp
from nbformat import NotebookNode
from printed import Claim
from toc import chapters

import backprop.judges
from backprop.judges import MIME, Case, Seal, SealBroken
from backprop.symbolic import mutants

ROOT = Path(__file__).resolve().parents[1]
Judge = Callable[[Case], Any]


def notebook(name: str) -> NotebookNode:
    """章のノートブック。入口のページは、MyST の原稿から取り出す。"""
    if name == "index":
        return jupytext.read(ROOT / "index.md", fmt="md:myst")
    return nbformat.read(ROOT / "chapters" / f"{name}.ipynb", as_version=4)


def code_cells(chapter: NotebookNode) -> list[NotebookNode]:
    """コードのセル。"""
    return [cell for cell in chapter.cells if cell.cell_type == "code"]


def markdown(name: str) -> str:
    """章の文章。"""
    return "\n\n".join(cell.source for cell in notebook(name).cells if cell.cell_type == "markdown")


def seals(cell: NotebookNode) -> bool:
    """検印を求めるセルか。"""
    return "seal(" in cell.source


CHAPTERS = [path.stem for path in chapters()]
SEALED = [name for name in ["index", *CHAPTERS] if any(map(seals, code_cells(notebook(name))))]


@dataclass(frozen=True)
class Judgement:
    """章の中で押された検印。``shown`` は出力、``refused`` は退けられた誤った右辺の数。"""

    claim: Claim
    shown: dict[str, Any]
    refused: int


@cache
def judged(name: str) -> dict[str, Judgement]:
    """章を一度だけ実行し、その検印と、右辺を誤った式に一つずつ取り替えた検印を求める。"""
    found: dict[str, Judgement] = {}
    genuine = backprop.judges.seal

    def also_with_wrong_claims(label: str, *, claim: sp.Equality, **setting: Any) -> Seal:
        result = genuine(label, claim=claim, **setting)
        refused = 0
        for judge in ("numpy", "independent"):
            setting[judge] = once_per_case(setting[judge])
        for wrong in mutants(claim.rhs).values():
            with pytest.raises(SealBroken, match=f"^{label}: (記号|数値|独立)の審判が退けました"):
                genuine(label, claim=sp.Eq(claim.lhs, wrong, evaluate=False), **setting)
            refused += 1
        found[label] = Judgement(Claim(claim), result._repr_mimebundle_(), refused)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backprop.judges, "seal", also_with_wrong_claims)
        run_in_this_process(name)
    return found


@cache
def recorded(name: str) -> dict[str, dict[str, Any]]:
    """記録に残っている検印の出力。入口のページには記録がないので、いま押した検印の出力。"""
    if name == "index":
        return {label: seal.shown for label, seal in judged(name).items()}
    outputs = [output for cell in code_cells(notebook(name)) for output in cell.get("outputs", [])]
    data = [output.get("data", {}) for output in outputs]
    return {bundle[MIME]["label"]: bundle for bundle in data if MIME in bundle}


def once_per_case(judge: Judge) -> Judge:
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

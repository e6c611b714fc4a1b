"""変異させる部屋と、その部屋の検査。"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from coded import code_digest
from mutation.kinds import EXCLUDED

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# 計算するか決めるファイルのすべてと、その検査。ほかの検査も変異に気づくことがあるが、それは数えない。
TESTS = {
    "arguments": ["bad_input", "odd_calls"],
    "checks": ["bad_input", "odd_calls"],
    "activations": ["activations"],
    "losses": ["losses"],
    "initialisers": ["initialisers"],
    "steps": ["steps"],
    "network": ["network"],
    "optimizers.base": ["optimizers", "optimizers_reference"],
    "optimizers.rules": ["optimizers", "optimizers_reference"],
    "optimizers.schedules": ["optimizers"],
    "autodiff.operation": ["autodiff"],
    "autodiff.operations": ["autodiff"],
    "autodiff.nodes": ["autodiff"],
    "autodiff.graph": ["autodiff"],
    "datasets": ["datasets"],
    "training.ensemble": ["training"],
    "training.history": ["training"],
    "training.inputs": ["training"],
    "training.kernels": ["training"],
    "training.passes": ["training"],
    "training.single": ["training"],
    "curvature": ["curvature"],
    "symbolic.contents": ["symbolic"],
    "symbolic.evaluation": ["symbolic"],
    "symbolic.functions": ["symbolic"],
    "symbolic.identities": ["symbolic"],
    "symbolic.left_sides": ["symbolic"],
    "symbolic.matrices": ["symbolic"],
    "symbolic.network": ["symbolic"],
    "symbolic.notation": ["symbolic"],
    "symbolic.six_steps": ["symbolic"],
    "symbolic.sums": ["symbolic"],
    "symbolic.typesetting": ["symbolic"],
    "symbolic.wrong_forms": ["mutants"],
    "judges.cases": ["seal"],
    "judges.analyticity": ["analyticity"],
    "judges.differences": ["gradcheck", "analyticity"],
    "judges.errors": ["gradcheck"],
    "judges.gradcheck": ["gradcheck", "analyticity"],
    "judges.layercheck": ["analyticity"],
    "judges.measuring": ["analyticity", "gradcheck"],
    "judges.places": ["gradcheck"],
    "judges.reports": ["gradcheck", "analyticity", "rounding"],
    "judges.rounding": ["rounding"],
    "judges.sealing": ["seal"],
    "judges.trial": ["trial"],
    "judges.verdicts": ["analyticity", "gradcheck"],
    "judges.museum.common_rules": ["common_rules"],
    "judges.museum.exhibit": ["exhibits"],
    "judges.museum.judging": ["exhibits"],
    "judges.museum.mistakes": ["exhibits"],
    "judges.museum.parts": ["exhibits"],
    "judges.museum.stages": ["exhibits"],
    "exercises.calling": ["exercises"],
    "exercises.checking": ["exercises"],
    "exercises.choices": ["exercises"],
    "exercises.formulas": ["exercises"],
    "exercises.functions": ["exercises"],
    "exercises.in_page": ["reading_answers"],
    "exercises.reading": ["exercises", "reading_answers"],
    "exercises.values": ["exercises"],
    "exercises.verdicts": ["exercises"],
}

OPERATORS = "tools/mutation/operators.py"
SHARED = {
    "tests/test_bad_input.py": {"arguments", "checks", "symbolic"},
    "tests/test_odd_calls.py": {"arguments", "checks"},
}
"""公開された呼び出しのすべてを調べる検査と、そこに行を持たない部屋。"""


def source(module: str) -> str:
    """部屋のコードの置き場所。"""
    return f"src/backprop/{module.replace('.', '/')}.py"


def stages(module: str) -> list[list[str]]:
    """検査を走らせる順。はじめに doctest とその部屋の検査、次に、その部屋の呼び出しに誤った引数を渡す検査。"""
    own = [source(module), *(f"tests/test_{name}.py" for name in TESTS[module])]
    room = module.partition(".")[0]
    return [own, *(["-k", f"{room}.", name] for name, without in SHARED.items() if room not in without)]


def digests(module: str) -> dict[str, str]:
    """測った結果を左右するもの（コード、検査、変異の作り方）の要約。コードの説明は数えない。"""
    files = [name for stage in stages(module) for name in stage if name.startswith("tests/")]
    return {
        "source": code_digest(ROOT, [ROOT / source(module)]),
        "tests": _digest(files),
        "operators": _digest([OPERATORS], *EXCLUDED),
    }


def _digest(files: Iterable[str], *texts: str) -> str:
    parts = [(ROOT / name).read_bytes() for name in files] + [text.encode() for text in texts]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()

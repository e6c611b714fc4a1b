"""{ref}`プラトーと局所最適解 <sec-plateaus>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, resolve

N = sp.Symbol("N", integer=True, positive=True)
J, P, Q = Index("j", (1, N)), Family("p"), Family("q")
Y, MU, STEP = sp.symbols("y mu h")
NAMES = {"N": N, "j": J, "p": P, "q": Q, "y": Y, "mu": MU}
"""前後の重みを動かす向きの成分 ``p``、``q``、目標 ``y``、罰の強さ ``mu``。"""


def _along() -> sp.Expr:
    """原点から向きに沿って進んだところの損失。"""
    w, v = STEP * P[J], STEP * Q[J]
    return (sp.Sum(v * w, J) - Y) ** 2 / 2 + MU * sp.Sum(w**2 + v**2, J) / 2


MIXED, LENGTH = sp.Sum(P[J] * Q[J], J), sp.Sum(P[J] ** 2 + Q[J] ** 2, J)

wide = Formula(
    lambda: resolve(_along().diff(STEP, 2).subs(STEP, 0)),
    NAMES,
    {
        "罰の項を落とした式": lambda: -2 * Y * MIXED,
        "罰の項だけの式": lambda: MU * LENGTH,
        "2回微分したときの2を、混ざる項で忘れた式": lambda: MU * LENGTH - Y * MIXED,
        "2回微分したときの2を、罰の項で忘れた式": lambda: MU * LENGTH / 2 - 2 * Y * MIXED,
        "h² の係数のままの式": lambda: MU * LENGTH / 2 - Y * MIXED,
        "目標とのずれの符号を逆にした式": lambda: MU * LENGTH + 2 * Y * MIXED,
        "目標を掛け忘れた式": lambda: MU * LENGTH - 2 * MIXED,
        "後ろの重みの罰を忘れた式": lambda: MU * sp.Sum(P[J] ** 2, J) - 2 * Y * MIXED,
    },
)

QUESTIONS = {"ex-plateaus-wide": wide}

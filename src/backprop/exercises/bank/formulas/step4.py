"""{ref}`ステップ4 <sec-step4>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, layers, resolve

ACTIVATION, DELTA, EXPONENT = sp.symbols("a delta v")

positive = Formula(
    lambda: DELTA * (sp.exp(EXPONENT) * ACTIVATION).diff(EXPONENT),
    {"a": ACTIVATION, "delta": DELTA, "v": EXPONENT},
    {
        "w の勾配のままの式": lambda: DELTA * ACTIVATION,
        "活性を掛け忘れた式": lambda: DELTA * sp.exp(EXPONENT),
        "e^v の代わりに v を掛けた式": lambda: DELTA * ACTIVATION * EXPONENT,
        "e^v を、v のべきのように微分した式": lambda: DELTA * ACTIVATION * EXPONENT * sp.exp(EXPONENT - 1),
        "e^v を掛ける代わりに割った式": lambda: DELTA * ACTIVATION * sp.exp(-EXPONENT),
        "v をもう一度掛けた式": lambda: DELTA * ACTIVATION * EXPONENT * sp.exp(EXPONENT),
    },
)

BEFORE, THIS = layers("l-1", "l")
I, J, K, P = THIS.index("i"), THIS.index("j"), BEFORE.index("k"), BEFORE.index("p")
RANK = sp.Symbol("R", integer=True, positive=True)
R, S = Index("r", (1, RANK)), Index("s", (1, RANK))
U, V = Family("u"), Family("v")


def _low_rank() -> sp.Expr:
    """二つの細い表の積で作った重みの、左の表についての勾配。"""
    weight = sp.Sum(U[I, S] * V[P, S], S)
    z = sp.Sum(weight * BEFORE.a[P], P) + THIS.b[I]
    return resolve(sp.Sum(THIS.delta[I] * z.diff(U[J, R]), I))


low_rank = Formula(
    _low_rank,
    {"before": BEFORE, "this": THIS, "u": U, "v": V, "j": J, "k": K, "r": R, "R": RANK},
    {
        "k についての和をとり忘れた式": lambda: THIS.delta[J] * BEFORE.a[K] * V[K, R],
        "k ではなく r について足した式": lambda: THIS.delta[J] * BEFORE.a[K] * sp.Sum(V[K, R], R),
        "w の勾配のままの式": lambda: THIS.delta[J] * BEFORE.a[K],
        "v を掛け忘れた式": lambda: THIS.delta[J] * sp.Sum(BEFORE.a[K], K),
        "活性を掛け忘れた式": lambda: THIS.delta[J] * sp.Sum(V[K, R], K),
        "v_kr で微分した式": lambda: BEFORE.a[K] * sp.Sum(THIS.delta[J] * U[J, R], J),
        "誤差項についても足した式": lambda: sp.Sum(THIS.delta[J], J) * sp.Sum(V[K, R] * BEFORE.a[K], K),
        "r についても足した式": lambda: THIS.delta[J] * sp.Sum(sp.Sum(V[K, R] * BEFORE.a[K], K), R),
        "v の代わりに u を掛けた式": lambda: THIS.delta[J] * U[J, R] * sp.Sum(BEFORE.a[K], K),
    },
)

QUESTIONS = {"ex-step4-positive": positive, "ex-step4-low-rank": low_rank}

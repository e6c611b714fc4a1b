"""{ref}`アルゴリズムの全体 <sec-algorithm>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import BATCH, Family, Index, layers

L, BEFORE = layers("l", "l-1")
J, K, N = L.index("j"), BEFORE.index("k"), Index("n", (1, BATCH))
C, DELTA, A = Family("c"), Family(r"\delta"), Family("a")
NAMES = {"l": L, "before": BEFORE, "j": J, "k": K, "n": N, "c": C, "delta": DELTA, "a": A}
"""``delta[j, n]`` と ``a[k, n]`` は、例 n での誤差項と、前の層の活性。``c[n]`` は、例 n の重さ。"""


def _weighted() -> sp.Expr:
    """例ごとの損失の微分を、重さをつけて足す。"""
    return sp.Sum(C[N] * DELTA[J, N] * A[K, N], N)


weighted = Formula(
    _weighted,
    NAMES,
    {
        "どの例も同じ重さで平均した式": lambda: sp.Sum(DELTA[J, N] * A[K, N], N) / BATCH,
        "重さをつけたうえに、例の数でも割った式": lambda: _weighted() / BATCH,
        "重さの和を、まとめて掛けた式": lambda: sp.Sum(C[N], N) * sp.Sum(DELTA[J, N] * A[K, N], N),
        "誤差項と活性を、別々に足してから掛けた式": lambda: (
            sp.Sum(C[N] * DELTA[J, N], N) * sp.Sum(A[K, N], N)
        ),
        "例について足さない式": lambda: C[N] * DELTA[J, N] * A[K, N],
    },
)

QUESTIONS = {"ex-algorithm-weighted": weighted}

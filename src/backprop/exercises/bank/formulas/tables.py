"""{ref}`表から行列へ <sec-tables-to-matrices>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, resolve

BEFORE, AFTER = sp.symbols("J K", integer=True, positive=True)
J, K = Index("j", (1, BEFORE)), Index("k", (1, AFTER))
W, A, POINTS, H = Family("w"), Family("a"), Family("p"), sp.Symbol("h")
"""線を1本だけ太くする問いの、重み、出どころの値、行き先の点数、増やす量。"""


def _gain() -> sp.Expr:
    """点数の式を、増やした重みで微分して、増やした量を掛ける（点数は、重みの1次式）。"""
    i, n = Index("i", (1, BEFORE)), Index("n", (1, AFTER))
    score = sp.Sum(POINTS[n] * sp.Sum(W[n, i] * A[i], i), n)
    return resolve(H * score.diff(W[K, J]))


one_weight = Formula(
    _gain,
    {"w": W, "a": A, "p": POINTS, "h": H, "j": J, "k": K, "J": BEFORE, "K": AFTER},
    {
        "出どころの値を掛け忘れた式": lambda: H * POINTS[K],
        "点数を掛け忘れた式": lambda: H * A[J],
        "増やした量を掛け忘れた式": lambda: POINTS[K] * A[J],
        "番号を取り違えた式": lambda: H * POINTS[J] * A[K],
        "重みではなく、出どころの値を増やした式": lambda: H * sp.Sum(W[K, J] * POINTS[K], K),
        "もとの重みを余計に掛けた式": lambda: H * POINTS[K] * W[K, J] * A[J],
        "増やしたあとの、線1本の点数の式": lambda: POINTS[K] * (W[K, J] + H) * A[J],
        "出どころの値の代わりに、もとの重みを掛けた式": lambda: H * POINTS[K] * W[K, J],
        "どの出どころの値も足した式": lambda: H * POINTS[K] * sp.Sum(A[J], J),
        "どの行き先の点数も足した式": lambda: H * sp.Sum(POINTS[K], K) * A[J],
    },
)

ROWS, LEFT, RIGHT, COLUMNS = sp.symbols("A B C D", integer=True, positive=True)
TJ, TK = Index("j", (1, ROWS)), Index("k", (1, LEFT))
TL, TI = Index("l", (1, RIGHT)), Index("i", (1, COLUMNS))
P, Q, R = Family("p"), Family("q"), Family("r")


def _summed(body: sp.Expr) -> sp.Expr:
    return sp.Sum(sp.Sum(body, TK), TL)


triple = Formula(
    lambda: resolve(_summed(P[TJ, TK] * Q[TK, TL] * R[TL, TI])),
    {
        **{"p": P, "q": Q, "r": R, "j": TJ, "k": TK, "l": TL, "i": TI},
        **{"A": ROWS, "B": LEFT, "C": RIGHT, "D": COLUMNS},
    },
    {
        "転置を忘れ、$i$ 行 $j$ 列のままにした式": lambda: _summed(P[TI, TK] * Q[TK, TL] * R[TL, TJ]),
        "順序を逆にせず、$P^\\top Q^\\top R^\\top$ とした式": (
            lambda: _summed(P[TK, TI] * Q[TL, TK] * R[TJ, TL])
        ),
        "順序だけを逆にし、転置しなかった式": lambda: _summed(R[TI, TL] * Q[TL, TK] * P[TK, TJ]),
        "真ん中の行列だけ転置した式": lambda: _summed(P[TJ, TK] * Q[TL, TK] * R[TL, TI]),
        "和を一つ忘れた式": lambda: sp.Sum(P[TJ, TK] * Q[TK, TL] * R[TL, TI], TK),
    },
)

QUESTIONS = {"ex-tables-one-weight": one_weight, "ex-tables-triple": triple}

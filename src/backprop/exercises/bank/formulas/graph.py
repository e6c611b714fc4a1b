"""{ref}`計算グラフ <sec-graph>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index

N = sp.Symbol("N", integer=True, positive=True)
K = sp.Symbol("k", positive=True)
I, J = Index("i", (1, N)), Index("j", (1, N))
P, C = Family("p"), Family("c")
TOTAL = sp.Sum(P[I] * C[I], I)
"""割引の前の合計。"""


def _through(rate: sp.Expr) -> sp.Expr:
    """支払いが合計とともに変わる割合に、合計が個数とともに変わる割合を掛ける。"""
    return P[J] * rate


def _paid(total: sp.Expr) -> sp.Expr:
    return total * (1 - K * total)


def _rate() -> sp.Expr:
    """合計を一つの変数とみた微分。"""
    total = sp.Dummy()
    return _paid(total).diff(total).subs(total, TOTAL)


bulk = Formula(
    lambda: _through(sp.expand(_rate())),
    {"N": N, "k": K, "i": I, "j": J, "p": P, "c": C},
    {
        "掛けられる合計の道だけの式": lambda: _through(1 - K * TOTAL),
        "割引の中の合計の道だけの式": lambda: _through(-K * TOTAL),
        "値段を掛け忘れた式": _rate,
        "値段の代わりに、買う数を掛けた式": lambda: C[J] * _rate(),
        "合計の代わりに、その品物の金額だけを使った式": lambda: _through(1 - 2 * K * P[J] * C[J]),
        "割引の道の符号を逆にした式": lambda: _through(sp.S.One),
        "微分する前の、支払いの式": lambda: _paid(TOTAL),
    },
)

QUESTIONS = {"ex-graph-bulk": bulk}

"""{ref}`誤りの博物館 <sec-bug-museum>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import BATCH, Family, Index, Y, resolve

Y_HAT = Family(r"\hat y")
N, P = Index("n", (1, BATCH)), Index("p", (1, BATCH))


def _table_gradient() -> sp.Expr:
    """すべての出力とすべての目標の差の2乗を平均した損失の、一つの出力についての微分。"""
    i = Index("i", (1, BATCH))
    cost = sp.Sum(sp.Sum((Y_HAT[i] - Y[P]) ** 2, P), i) / BATCH**2
    return resolve(cost.diff(Y_HAT[N]))


TARGETS = sp.Sum(Y[P], P)

every_pair = Formula(
    _table_gradient,
    {"yhat": Y_HAT, "y": Y, "n": N, "p": P, "m": BATCH},
    {
        "自分の目標とだけ比べる、正しい損失を微分した式": lambda: 2 * (Y_HAT[N] - Y[N]) / BATCH,
        "2乗の2を落とした式": lambda: _table_gradient() / 2,
        "1/m を1回しか掛けていない式": lambda: BATCH * _table_gradient(),
        "1/m を掛け忘れた式": lambda: BATCH**2 * _table_gradient(),
        "目標を、平均でなく和にした式": lambda: 2 * (Y_HAT[N] - TARGETS) / BATCH,
        "出力を、1回しか数えなかった式": lambda: 2 * (Y_HAT[N] - TARGETS) / BATCH**2,
    },
)

QUESTIONS = {"ex-museum-every-pair": every_pair}

"""{ref}`ステップ6 <sec-step6>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, resolve

W, X, Y, ETA = sp.symbols("w x y eta")
GAP = W * X - Y
SLOPE = (GAP**2 / 2).diff(W)


def _next_gap(slope: sp.Expr = SLOPE) -> sp.Expr:
    """更新したあとの、出力と目標の差。"""
    return sp.factor((W - ETA * slope) * X - Y)


next_gap = Formula(
    _next_gap,
    {"w": W, "x": X, "y": Y, "eta": ETA},
    {
        "更新する前の差の式": lambda: GAP,
        "引く代わりに足した式": lambda: _next_gap(-SLOPE),
        "勾配の x を掛け忘れた式": lambda: _next_gap(GAP),
        "損失の ½ を忘れて微分した式": lambda: _next_gap(2 * SLOPE),
        "新しい重みの式": lambda: W - ETA * SLOPE,
        "新しい出力の式（目標を引き忘れた式）": lambda: _next_gap() + Y,
        "差が変わった量だけの式": lambda: -ETA * X**2 * GAP,
        "学習率を掛け忘れた式": lambda: (1 - X**2) * GAP,
    },
)

COUNT = sp.Symbol("P", integer=True, positive=True)
I, Q = Index("i", (1, COUNT)), Index("q", (1, COUNT))
G, H, THETA = Family("g"), Family("h"), Family("theta")


def _own_rates() -> sp.Expr:
    """成分ごとに学習率を変えたときの、はじめの減り方。"""
    return resolve(sp.Sum(G[I] * (THETA[I] - ETA * H[I] * G[I]).diff(ETA), I))


own_rates = Formula(
    _own_rates,
    {"P": COUNT, "i": I, "q": Q, "g": G, "h": H},
    {
        "学習率がすべて同じときの式": lambda: -sp.Sum(G[I] ** 2, I),
        "勾配を2乗し忘れた式": lambda: -sp.Sum(H[I] * G[I], I),
        "h も2乗した式": lambda: -sp.Sum(H[I] ** 2 * G[I] ** 2, I),
        "h と勾配の2乗を、べつべつに足して掛けた式": lambda: -sp.Sum(H[I], I) * sp.Sum(G[I] ** 2, I),
        "足してから2乗した式": lambda: -(sp.Sum(H[I] * G[I], I) ** 2),
        "道について足し忘れた式": lambda: -H[I] * G[I] ** 2,
        "h で割った式": lambda: -sp.Sum(G[I] ** 2 / H[I], I),
    },
)

QUESTIONS = {"ex-step6-next-gap": next_gap, "ex-step6-own-rates": own_rates}

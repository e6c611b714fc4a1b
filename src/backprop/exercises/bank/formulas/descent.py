"""{ref}`勾配降下法 <sec-gradient-descent>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index

LAM, ETA = sp.symbols("lambda eta", positive=True)
T = sp.Symbol("t", integer=True, nonnegative=True)
START, BOTTOM = sp.symbols("w^{(0)} w^*")
NOW = sp.Symbol("w")


def _after() -> sp.Expr:
    """更新の式から、谷底との差に掛かる数を求める。"""
    updated = NOW - ETA * (LAM * (NOW - BOTTOM) ** 2 / 2).diff(NOW)
    factor = updated.diff(NOW)
    return BOTTOM + factor**T * (START - BOTTOM)


bottom = Formula(
    _after,
    {"lam": LAM, "eta": ETA, "t": T, "start": START, "bottom": BOTTOM},
    {
        "谷底が0にあるときの式": lambda: (1 - ETA * LAM) ** T * START,
        "谷底との差のままの式": lambda: (1 - ETA * LAM) ** T * (START - BOTTOM),
        "谷底を引かずに、足して戻しただけの式": lambda: BOTTOM + (1 - ETA * LAM) ** T * START,
        "差の符号を逆にした式": lambda: BOTTOM + (1 - ETA * LAM) ** T * (BOTTOM - START),
        "1回だけ更新した式": lambda: BOTTOM + (1 - ETA * LAM) * (START - BOTTOM),
        "掛ける代わりに、同じ量を t 回引いた式": lambda: START - T * ETA * LAM * (START - BOTTOM),
        "損失の ½ を忘れた式": lambda: BOTTOM + (1 - 2 * ETA * LAM) ** T * (START - BOTTOM),
    },
)

P = sp.Symbol("P", integer=True, positive=True)
I, CURVE, W = Index("i", (1, P)), Family(r"\lambda"), Family("w")
"""番号、向きごとの曲がりの強さ、重み。"""


def _loss(weight: sp.Expr) -> sp.Expr:
    return CURVE[I] * weight**2 / 2


def _change(linear: sp.Expr, bent: sp.Expr) -> sp.Expr:
    """線形化の項と、曲がりの項の和。"""
    return sp.Sum(-ETA * linear + ETA**2 * bent, I)


SLOPE = CURVE[I] * W[I]

change = Formula(
    lambda: sp.Sum(sp.expand(_loss(W[I] - ETA * _loss(W[I]).diff(W[I])) - _loss(W[I])), I),
    {"P": P, "i": I, "eta": ETA, "curve": CURVE, "w": W},
    {
        "線形化だけの式": lambda: _change(SLOPE**2, sp.S.Zero),
        "更新後の損失の式": lambda: sp.Sum(_loss(W[I] - ETA * SLOPE), I),
        "更新前から更新後を引いた式": lambda: -_change(SLOPE**2, CURVE[I] * SLOPE**2 / 2),
        "曲がりの項の ½ を忘れた式": lambda: _change(SLOPE**2, CURVE[I] * SLOPE**2),
        "曲がりの項で、曲がりの強さを掛け忘れた式": lambda: _change(SLOPE**2, SLOPE**2 / 2),
        "勾配を2乗し忘れた式": lambda: _change(SLOPE, CURVE[I] * SLOPE / 2),
        "勾配に、曲がりの強さを掛け忘れた式": lambda: sp.Sum(_loss(W[I] - ETA * W[I]) - _loss(W[I]), I),
        "損失の ½ を忘れた式": lambda: 2 * _change(SLOPE**2, CURVE[I] * SLOPE**2 / 2),
    },
)

QUESTIONS = {"ex-descent-bottom": bottom, "ex-descent-change": change}

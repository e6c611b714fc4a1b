"""{ref}`2–2–2 を手で解く <sec-two-two-two>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Index, layers

L, BEFORE = layers("l", "l-1")
J, K = L.index("j"), BEFORE.index("k")


def _sum(term: sp.Expr, index: Index) -> sp.Expr:
    return sp.Sum(term, index)


DELTAS, INPUTS = _sum(L.delta[J] ** 2, J), _sum(BEFORE.a[K] ** 2, K)

squares = Formula(
    lambda: _sum(_sum((L.delta[J] * BEFORE.a[K]) ** 2, K), J) + DELTAS,
    {"l": L, "before": BEFORE, "j": J, "k": K},
    {
        "バイアスの分を忘れた式": lambda: DELTAS * INPUTS,
        "重みの分を忘れた式": lambda: DELTAS,
        "バイアスの分を、1だけ足した式": lambda: DELTAS * INPUTS + 1,
        "掛けるところを、足した式": lambda: DELTAS + INPUTS,
        "足してから2乗した式": (
            lambda: (_sum(L.delta[J], J) * _sum(BEFORE.a[K], K)) ** 2 + _sum(L.delta[J], J) ** 2
        ),
        "活性を2乗し忘れた式": lambda: DELTAS * (_sum(BEFORE.a[K], K) + 1),
    },
)


LAST, HIDDEN = layers("L", "L-1")
U, H = LAST.index("j"), HIDDEN.index("k")
ETA = sp.Symbol("eta")


def _after(square: sp.Expr) -> sp.Expr:
    """重みだけを一歩動かしたあとの損失。どの出力の差も、同じ ``1 − η·square`` 倍になる。"""
    return _sum(LAST.delta[U] ** 2, U) * (1 - ETA * square) ** 2 / 2


SIZE = _sum(HIDDEN.a[H] ** 2, H)

one_step = Formula(
    lambda: _after(SIZE),
    {"last": LAST, "hidden": HIDDEN, "j": U, "k": H, "eta": ETA},
    {
        "損失の 1/2 を落とした式": lambda: 2 * _after(SIZE),
        "活性を2乗し忘れた式": lambda: _after(_sum(HIDDEN.a[H], H)),
        "更新の符号が逆の式": lambda: _after(-SIZE),
        "1次の項までで止めた式（予測）": lambda: (
            _sum(LAST.delta[U] ** 2, U) * (sp.Rational(1, 2) - ETA * SIZE)
        ),
        "更新する前の損失の式": lambda: _after(sp.S.Zero),
    },
)

QUESTIONS = {"ex-two-squares": squares, "ex-two-one-step": one_step}

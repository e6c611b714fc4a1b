"""{ref}`モーメンタム <sec-momentum-chapter>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula

ETA, G, MU = sp.symbols("eta g mu", positive=True)
T = sp.Symbol("t", integer=True, positive=True)
"""学習率、いつも同じ勾配、速度の係数、更新の回数。"""


def _velocity(t: sp.Expr) -> sp.Expr:
    return -(1 - MU**t) / (1 - MU) * ETA * G


def _geometric(first: sp.Expr) -> sp.Expr:
    """公比 μ の等比数列の、t 項の和。"""
    return first * (1 - MU**T) / (1 - MU)


def _moved(first: sp.Expr = MU, count: sp.Expr = T) -> sp.Expr:
    """速度の和。"""
    return -ETA * G / (1 - MU) * (count - _geometric(first))


far = Formula(
    _moved,
    {"eta": ETA, "g": G, "mu": MU, "t": T},
    {
        "t 回めの速度だけの式": lambda: _velocity(T),
        "速度を、t 回とも最後の速度だとした式": lambda: T * _velocity(T),
        "勾配降下法の式": lambda: -T * ETA * G,
        "速度がはじめからたまっているとした式": lambda: -T * ETA * G / (1 - MU),
        "等比数列の和を、1 から始めた式": lambda: _moved(first=sp.S.One),
        "進む向きを逆にした式": lambda: -_moved(),
        "等比数列の和を足した式": lambda: _moved(first=-MU),
    },
)

S = sp.Symbol("s", positive=True)
"""学習率と曲がりの強さの積。"""


def _best() -> sp.Expr:
    """特性方程式の判別式を0にする √μ のうち、1より小さい方の2乗。"""
    root = sp.Symbol("q", positive=True)
    ends = sp.solve((1 - root) ** 2 - S, root)
    return next(end for end in ends if end.subs(S, sp.Rational(1, 4)) < 1) ** 2


best = Formula(
    _best,
    {"s": S},
    {
        "√μ を答えた式": lambda: 1 - sp.sqrt(S),
        "平らな底の反対の端の式": lambda: (1 + sp.sqrt(S)) ** 2,
        "s の根号をとり忘れた式": lambda: (1 - S) ** 2,
        "モーメンタムなしで掛かる数の式": lambda: 1 - S,
        "差の2乗を、2乗の和にした式": lambda: 1 + S,
    },
)

QUESTIONS = {"ex-momentum-far": far, "ex-momentum-best": best}

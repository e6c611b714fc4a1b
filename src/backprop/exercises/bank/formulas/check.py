"""{ref}`勾配を確かめる <sec-gradient-check>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula

H, D1, D2, D3 = sp.symbols("h d1 d2 d3", real=True)
"""幅と、``x`` での1階から3階までの微分。"""


def _moved(times: int) -> sp.Expr:
    """3次の多項式の ``f(x + times·h) − f(x)``。"""
    step = times * H
    return step * D1 + step**2 / 2 * D2 + step**3 / 6 * D3


def _error(numerator: sp.Expr, width: sp.Expr = 2 * H) -> sp.Expr:
    """差を幅で割って、微分を引いたもの。"""
    return sp.expand(numerator / width - D1)


ONE_SIDED = 4 * _moved(1) - _moved(2)
"""``−3f(x) + 4f(x+h) − f(x+2h)``。重みの和は0なので、``f(x)`` は打ち消し合う。"""

one_sided = Formula(
    lambda: _error(ONE_SIDED),
    {"h": H, "d1": D1, "d2": D2, "d3": D3},
    {
        "前進差分の誤差の式": lambda: _error(_moved(1), H),
        "中心差分の誤差の式": lambda: _error(_moved(1) - _moved(-1)),
        "複素ステップ法の誤差の式": lambda: -_error(_moved(1) - _moved(-1)),
        "微分を引き忘れた式（測った値そのもの）": lambda: _error(ONE_SIDED) + D1,
        "2h でなく h で割った式": lambda: _error(ONE_SIDED, H),
    },
)

W, X, Y = sp.symbols("w x y", real=True)


def _loss(w: sp.Expr) -> sp.Expr:
    """重みが一つの、二乗誤差。"""
    return (w * X - Y) ** 2


def _gap(h: sp.Expr = H) -> sp.Expr:
    """重みを ``h`` だけ動かして測った傾きと、微分との差。"""
    return sp.expand((_loss(W + h) - _loss(W)) / h - _loss(W).diff(W))


gap = Formula(
    _gap,
    {"w": W, "x": X, "y": Y, "h": H},
    {
        "微分を引き忘れた式（測った傾きそのもの）": lambda: sp.expand((_loss(W + H) - _loss(W)) / H),
        "h で割り忘れた式": lambda: sp.expand(_loss(W + H) - _loss(W) - _loss(W).diff(W)),
        "左へ動かしたときの式": lambda: _gap(-H),
        "微分で、内側の x を掛け忘れた式": (
            lambda: sp.expand((_loss(W + H) - _loss(W)) / H - 2 * (W * X - Y))
        ),
        "半分にした式": lambda: _gap() / 2,
        "x を2乗しなかった式": lambda: H * X,
    },
)

QUESTIONS = {"ex-check-one-sided": one_sided, "ex-check-gap": gap}

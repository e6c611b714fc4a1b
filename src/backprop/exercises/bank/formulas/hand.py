"""{ref}`手で解く <sec-by-hand>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula

Y_HAT, Y, A1, A2 = sp.symbols("y_hat y a1 a2")
U1, U2, V1, V2 = sp.symbols("u1 u2 v1 v2")
NAMES = {"y_hat": Y_HAT, "y": Y, "a1": A1, "a2": A2, "u1": U1, "u2": U2, "v1": V1, "v2": V2}
"""2–2–1 の出力、目標、隠れ層の活性と、入力1から出る線の重み、出力へ入る線の重み。"""


def _two_paths(
    paths: tuple[int, ...] = (0, 1), output: bool = True, hidden: bool = True, entrance: bool = True
) -> sp.Expr:
    """損失から入力1まで、道に沿って掛け、道について足したもの。引数は、通る道と、掛ける微分。"""
    each = [
        v * (a * (1 - a) if hidden else 1) * (u if entrance else 1)
        for v, a, u in ((V1, A1, U1), (V2, A2, U2))
    ]
    return (
        ((Y_HAT - Y) ** 2 / 2).diff(Y_HAT)
        * (Y_HAT * (1 - Y_HAT) if output else 1)
        * sum(each[n] for n in paths)
    )


by_input = Formula(
    _two_paths,
    NAMES,
    {
        "隠れ層の1個めを通る道だけの式": lambda: _two_paths(paths=(0,)),
        "隠れ層の2個めを通る道だけの式": lambda: _two_paths(paths=(1,)),
        "出力層の傾きを掛け忘れた式": lambda: _two_paths(output=False),
        "隠れ層の傾きを掛け忘れた式": lambda: _two_paths(hidden=False),
        "傾きを、どちらの層でも掛け忘れた式": lambda: _two_paths(output=False, hidden=False),
        "入力から出る線の重みを掛け忘れた式": lambda: _two_paths(entrance=False),
    },
)

QUESTIONS = {"ex-hand-input": by_input}

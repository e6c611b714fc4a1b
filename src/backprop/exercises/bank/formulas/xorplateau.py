"""{ref}`XOR のプラトー <sec-xor-plateau>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

from itertools import product

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, resolve

W1, W2, W3, B, F3 = sp.symbols("w_1 w_2 w_3 b f_3")
"""1個のニューロンの重みとバイアス、活性化関数の0での3階微分。"""


def _cubic(corners: int = 8, gap: sp.Expr = sp.S.Half) -> sp.Expr:
    """三つの入力の偶奇で、誤差項と、活性の3次の項の積の平均。"""
    total = sum(
        gap * (-1) ** sum(x) * F3 / 6 * (B + W1 * x[0] + W2 * x[1] + W3 * x[2]) ** 3
        for x in product((0, 1), repeat=3)
    )
    return sp.expand(total) / corners


ALL_THREE = F3 * W1 * W2 * W3

parity = Formula(
    _cubic,
    {"w1": W1, "w2": W2, "w3": W3, "b": B, "f3": F3},
    {
        "四つの例で平均した式": lambda: _cubic(corners=4),
        "例の数で割り忘れた式": lambda: _cubic(corners=1),
        "誤差項の大きさを ½ でなく1とした式": lambda: _cubic(gap=sp.S.One),
        "3次の係数を、3階微分の6分の1にし忘れた式": lambda: 6 * _cubic(),
        "展開の係数の6を忘れた式": lambda: _cubic() / 6,
        "符号を確かめずに、正とした式": lambda: ALL_THREE / 16,
        "XOR と同じように、中心での加重和を掛けた式": lambda: -ALL_THREE / 16 * (B + (W1 + W2 + W3) / 2),
        "二つの入力の XOR の式": lambda: F3 / 8 * W1 * W2 * (B + (W1 + W2) / 2),
    },
)

N = sp.Symbol("N", integer=True, positive=True)
J = Index("j", (1, N))
V, W, BIAS = Family("v"), Family("w"), Family("b")


def _seen() -> sp.Expr:
    """入力が −1 と 1 のとき、誤差項と、出力の4次の項の積の平均。"""
    gaps = {x: sp.Rational(x[0] * x[1], 2) for x in product((-1, 1), repeat=2)}
    cubes = sum(gap * sp.expand((W[J, 1] * x[0] + W[J, 2] * x[1] + BIAS[J]) ** 3) for x, gap in gaps.items())
    return resolve(sp.Sum(V[J] * F3 / 6 * sp.expand(cubes) / 4, J))


PRODUCT = V[J] * W[J, 1] * W[J, 2]

centred = Formula(
    _seen,
    {"N": N, "j": J, "v": V, "w": W, "b": BIAS, "f3": F3},
    {
        "0と1の入力のときの式": lambda: F3 / 8 * sp.Sum(PRODUCT * (BIAS[J] + (W[J, 1] + W[J, 2]) / 2), J),
        "0と1の入力の係数のままの式": lambda: F3 / 8 * sp.Sum(PRODUCT * BIAS[J], J),
        "例の数で割り忘れた式": lambda: 4 * _seen(),
        "3次の係数を、3階微分の6分の1にし忘れた式": lambda: 6 * _seen(),
        "展開の係数の6を忘れた式": lambda: _seen() / 6,
        "誤差項の大きさを ½ でなく1とした式": lambda: 2 * _seen(),
        "バイアスを落とした式": lambda: F3 / 2 * sp.Sum(PRODUCT, J),
    },
)

QUESTIONS = {"ex-xorplateau-parity": parity, "ex-xorplateau-centred": centred}

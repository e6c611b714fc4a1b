"""{ref}`活性化関数 <sec-activations>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import layers, resolve

A = sp.Symbol("a")
SLOPE = A * (1 - A)
"""シグモイド関数の傾きを、活性で書いたもの。"""

bend = Formula(
    lambda: SLOPE.diff(A) * SLOPE,
    {"a": A},
    {
        "連鎖律を忘れて、a で微分しただけの式": lambda: SLOPE.diff(A),
        "もう一度微分する前の式": lambda: SLOPE,
        "傾きを2回掛けた式": lambda: SLOPE**2,
        "積の片方だけを微分した式": lambda: (1 - A) * SLOPE,
        "積のもう片方だけを微分した式": lambda: -A * SLOPE,
        "tanh のときの式": lambda: -2 * A * (1 - A**2),
    },
)

THIS, AFTER = layers("l", "l+1")
P, Q = AFTER.index("p"), THIS.index("q")
C, D = sp.symbols("c d")
NAMES = {"this": THIS, "after": AFTER, "p": P, "q": Q, "c": C, "d": D}
"""層 l と l+1 の記号と、まっすぐな活性化関数の係数。"""


def _bias(scale: sp.Expr = C, shift: sp.Expr = D, own: bool = True) -> sp.Expr:
    """2枚をまとめた層のバイアス。"""
    inner = sp.Sum(AFTER.w[P, Q] * (scale * THIS.b[Q] + shift), Q)
    return resolve(inner + (AFTER.b[P] if own else 0))


affine = Formula(
    _bias,
    NAMES,
    {
        "活性化関数が恒等関数のときの式": lambda: _bias(sp.S.One, sp.S.Zero),
        "d を忘れた式": lambda: _bias(shift=sp.S.Zero),
        "d を、重みを掛けずに一度だけ足した式": lambda: _bias(shift=sp.S.Zero) + D,
        "c を掛け忘れた式": lambda: _bias(scale=sp.S.One),
        "後の層のバイアスを忘れた式": lambda: _bias(own=False),
        "後の層のバイアスにも c を掛けて d を足した式": lambda: C * _bias(sp.S.One, sp.S.Zero) + D,
    },
)

QUESTIONS = {"ex-activations-bend": bend, "ex-activations-affine": affine}

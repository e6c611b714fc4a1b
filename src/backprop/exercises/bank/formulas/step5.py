"""{ref}`ステップ5 <sec-step5>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, layers, resolve

SCALE, U, BIAS, DELTA = sp.symbols("s u b delta")

gain = Formula(
    lambda: DELTA * (SCALE * (U + BIAS)).diff(BIAS),
    {"s": SCALE, "u": U, "b": BIAS, "delta": DELTA},
    {
        "誤差項そのものの式（倍率を忘れた式）": lambda: DELTA,
        "倍率だけの式（誤差項を忘れた式）": lambda: SCALE,
        "s で微分した式": lambda: DELTA * (U + BIAS),
        "倍率を掛ける代わりに割った式": lambda: DELTA / SCALE,
        "b を余計に掛けた式": lambda: DELTA * SCALE * BIAS,
        "誤差項に加重和を掛けた式": lambda: DELTA * SCALE * (U + BIAS),
    },
)

BEFORE, THIS = layers("l-1", "l")
I, J, K, P = THIS.index("i"), THIS.index("j"), BEFORE.index("k"), BEFORE.index("p")
C = Family("c")


def _before_the_weights() -> sp.Expr:
    """重みを掛ける前に足した数についての勾配。"""
    z = sp.Sum(THIS.w[I, P] * (BEFORE.a[P] + C[P]), P)
    return resolve(sp.Sum(THIS.delta[I] * z.diff(C[K]), I))


before_the_weights = Formula(
    _before_the_weights,
    {"before": BEFORE, "this": THIS, "c": C, "i": I, "j": J, "k": K},
    {
        "傾きを余計に掛けた式（前の層の誤差項）": lambda: _before_the_weights() * BEFORE.df(BEFORE.z[K]),
        "誤差項そのものの式": lambda: THIS.delta[J],
        "道についての和をとり忘れた式": lambda: THIS.delta[J] * THIS.w[J, K],
        "重みを掛け忘れた式": lambda: sp.Sum(THIS.delta[J], J),
        "誤差項を掛け忘れた式": lambda: sp.Sum(THIS.w[J, K], J),
        "k について足した式": lambda: THIS.delta[J] * sp.Sum(THIS.w[J, K], K),
        "活性を余計に掛けた式": lambda: _before_the_weights() * BEFORE.a[K],
    },
)

QUESTIONS = {"ex-step5-gain": gain, "ex-step5-before-the-weights": before_the_weights}

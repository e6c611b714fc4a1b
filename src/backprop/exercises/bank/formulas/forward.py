"""{ref}`順伝播 <sec-forward-pass>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, layers, resolve

INPUTS, FIRST = layers("0", "1")
J, K = FIRST.index("j"), INPUTS.index("k")
MEAN, SPREAD = Family(r"\mu"), Family("s")
NAMES = {"inputs": INPUTS, "first": FIRST, "j": J, "k": K, "mean": MEAN, "spread": SPREAD}
"""入力と層1の記号と、入力ごとの平均とばらつき。"""


def _bias(weight: sp.Expr, value: sp.Expr) -> sp.Expr:
    """入力が、ある値だったときの加重和。"""
    return resolve(sp.Sum(weight * value, K) + FIRST.b[J])


WEIGHT = FIRST.w[J, K]

standardised = Formula(
    lambda: _bias(WEIGHT, (0 - MEAN[K]) / SPREAD[K]),
    NAMES,
    {
        "平均を引く代わりに足した式": lambda: _bias(WEIGHT, MEAN[K] / SPREAD[K]),
        "ばらつきで割り忘れた式": lambda: _bias(WEIGHT, -MEAN[K]),
        "ばらつきで割る代わりに掛けた式": lambda: _bias(WEIGHT, -MEAN[K] * SPREAD[K]),
        "重みを掛け忘れた式": lambda: _bias(sp.S.One, -MEAN[K] / SPREAD[K]),
        "もとのバイアスを忘れた式": lambda: _bias(WEIGHT, -MEAN[K] / SPREAD[K]) - FIRST.b[J],
        "もとのバイアスのままの式": lambda: FIRST.b[J],
        "和を忘れ、一つの入力の分だけを引いた式": lambda: FIRST.b[J] - WEIGHT * MEAN[K] / SPREAD[K],
        "平均とばらつきを取り違えた式": lambda: _bias(WEIGHT, -SPREAD[K] / MEAN[K]),
        "ばらつきで2度割った式": lambda: _bias(WEIGHT, -MEAN[K] / SPREAD[K] ** 2),
    },
)

QUESTIONS = {"ex-forward-standardised": standardised}

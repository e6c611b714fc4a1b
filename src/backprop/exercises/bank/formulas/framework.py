"""{ref}`フレームワークの中を見る <sec-framework>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula

G, ETA, EPS, BETA1, BETA2, K = sp.symbols("g eta epsilon beta1 beta2 k", positive=True)


def _moved(averaged: sp.Expr = 1 - BETA1**K, squared: sp.Expr = 1 - BETA2**K) -> sp.Expr:
    """移動平均が勾配の ``averaged`` 倍、2乗の移動平均が2乗の ``squared`` 倍のとき、引く量。"""
    rate = ETA * sp.sqrt(1 - BETA2**K) / (1 - BETA1**K)
    return rate * averaged * G / (sp.sqrt(squared) * G + EPS)


steady = Formula(
    lambda: ETA * G / (G + EPS / sp.sqrt(1 - BETA2**K)),
    {"g": G, "eta": ETA, "eps": EPS, "beta1": BETA1, "beta2": BETA2, "k": K},
    {
        "論文の形の式": lambda: ETA * G / (G + EPS),
        "ε に、√(1−β₂ᵏ) を、割る代わりに掛けた式": lambda: ETA * G / (G + EPS * sp.sqrt(1 - BETA2**K)),
        "ε を落とした式": lambda: ETA,
        "いつも1回めの更新とみなした式": lambda: ETA * G / (G + EPS / sp.sqrt(1 - BETA2)),
        "ḡ = g、s = g² とみなした式": lambda: _moved(sp.S.One, sp.S.One),
        "1−β₂ᵏ の平方根を取り忘れた式": lambda: ETA * G / (G + EPS / (1 - BETA2**K)),
        "`sgd` の式": lambda: ETA * G,
    },
)

QUESTIONS = {"ex-framework-steady": steady}

"""{ref}`まとめ <sec-summary>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, layers, resolve

BEFORE, THIS = layers("l-1", "l")
J, K = THIS.index("j"), BEFORE.index("k")
G, C = Family("g"), Family("c")
"""層 l-1 と層 l の記号、その番号、層 l の活性についての勾配、じかの道の倍率。"""
DIRECT = C[K] * G[K]


def _returned(direct: sp.Expr = DIRECT, slope: bool = True, weight: sp.Expr = THIS.w[J, K]) -> sp.Expr:
    """じかの道と、重みを通る道の和。"""
    return resolve(direct + sp.Sum(G[J] * (THIS.df(THIS.z[J]) if slope else 1) * weight, J))


residual = Formula(
    _returned,
    {"before": BEFORE, "this": THIS, "j": J, "k": K, "g": G, "c": C},
    {
        "重みを通る道だけの式": lambda: _returned(direct=sp.S.Zero),
        "じかの道だけの式": lambda: DIRECT,
        "じかの道の倍率を掛け忘れた式": lambda: _returned(direct=G[K]),
        "傾きを掛け忘れた式": lambda: _returned(slope=False),
        "じかの道にも傾きを掛けた式": lambda: _returned(direct=DIRECT * THIS.df(THIS.z[K])),
        "じかの道を、すべてのニューロンについて足した式": lambda: _returned(direct=sp.Sum(C[J] * G[J], J)),
        "重みを通る道にも倍率を掛けた式": lambda: _returned(weight=C[J] * THIS.w[J, K]),
        "重みの添字を入れかえた式": lambda: _returned(weight=THIS.w[K, J]),
        "誤差項を、g と傾きに直していない式": lambda: DIRECT + sp.Sum(THIS.delta[J] * THIS.w[J, K], J),
        "傾きを、加重和ではなく活性で求めた式": lambda: (
            DIRECT + sp.Sum(G[J] * THIS.df(THIS.a[J]) * THIS.w[J, K], J)
        ),
        "じかの道に g を掛け忘れた式": lambda: _returned(direct=C[K]),
        "足さずに、道を掛け合わせた式": lambda: DIRECT * _returned(direct=sp.S.Zero),
    },
)

QUESTIONS = {"ex-summary-residual": residual}

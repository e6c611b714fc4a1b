"""{ref}`連鎖律 <sec-chain-rule>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, Partials, arbitrary_function, resolve

N = sp.Symbol("N", integer=True, positive=True)
K = Index("k", (1, N))
W, T, DV_DU = sp.Symbol("w"), Family("t"), Partials("u_k -> v")


def _shared() -> sp.Expr:
    """道ごとの積の和。一段めの割合は、定義 ``u_k = w t_k`` を微分して求める。"""
    return resolve(sp.Sum(DV_DU[K] * (W * T[K]).diff(W), K))


shared = Formula(
    _shared,
    {"N": N, "k": K, "w": W, "t": T, "dv_du": DV_DU},
    {
        "1本の道だけの式": lambda: DV_DU[K] * T[K],
        "$w$ から $u_k$ への割合を掛け忘れた式": lambda: sp.Sum(DV_DU[K], K),
        "出力への割合を掛け忘れた式": lambda: sp.Sum(T[K], K),
        "$w$ を余計に掛けた式": lambda: W * sp.Sum(DV_DU[K] * T[K], K),
        "積の和の代わりに、和の積を作った式": lambda: sp.Sum(DV_DU[K], K) * sp.Sum(T[K], K),
        "和の代わりに、$N$ 本の道の平均をとった式": lambda: sp.Sum(DV_DU[K] * T[K], K) / N,
    },
)

X = sp.Symbol("x")
F, DF, DDF = (arbitrary_function("f", order) for order in (0, 1, 2))
G, DG, DDG = (arbitrary_function("g", order) for order in (0, 1, 2))

second = Formula(
    lambda: F(G(X)).diff(X).diff(X),
    {"x": X, "f": F, "df": DF, "ddf": DDF, "g": G, "dg": DG, "ddg": DDG},
    {
        "内側の傾きを2乗し忘れた式": lambda: DDF(G(X)) * DG(X) + DF(G(X)) * DDG(X),
        "内側の曲がりの項を忘れた式": lambda: DDF(G(X)) * DG(X) ** 2,
        "外側の曲がりの項を忘れた式": lambda: DF(G(X)) * DDG(X),
        "二度めの連鎖律を忘れた式": lambda: DDF(G(X)) + DF(G(X)) * DDG(X),
        "積の微分をせずに、外側だけを微分した式": lambda: DDF(G(X)) * DG(X),
        "二つの二階の微分を掛けた式": lambda: DDF(G(X)) * DDG(X),
        "外側の微分を、入力で測った式": lambda: DDF(X) * DG(X) ** 2 + DF(X) * DDG(X),
        "一度だけ微分した式": lambda: DF(G(X)) * DG(X),
    },
)

QUESTIONS = {"ex-chain-shared": shared, "ex-chain-second": second}

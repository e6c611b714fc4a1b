"""{ref}`行列の計算グラフ <sec-matrix-graph>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, resolve

N, M, INNER = sp.symbols("N M K", integer=True, positive=True)
G, X = Family("g"), Family("x")
"""上流の勾配と、部品の入力。"""

I, K, ROW = (Index(name, (1, N)) for name in "ikn")
S, T = (Index(name, (1, INNER)) for name in "st")


def _gram() -> sp.Expr:
    """自分の転置との積の、道についての和。"""
    z = sp.Sum(X[K, T] * X[ROW, T], T)
    return resolve(sp.Sum(G[K, ROW] * z.diff(X[I, S]), K, ROW))


BY_ROW, BY_COLUMN = sp.Sum(G[I, ROW] * X[ROW, S], ROW), sp.Sum(G[K, I] * X[K, S], K)
"""左の行列を通る道と、右の行列を通る道。"""

gram = Formula(
    _gram,
    {"N": N, "K": INNER, "i": I, "k": K, "n": ROW, "s": S, "t": T, "g": G, "x": X},
    {
        "左の行列を通る道だけの式": lambda: BY_ROW,
        "右の行列を通る道だけの式": lambda: BY_COLUMN,
        "左の行列を通る道を2倍した、G が対称なときだけ正しい式": lambda: 2 * BY_ROW,
        "右の行列を通る道を2倍した、G が対称なときだけ正しい式": lambda: 2 * BY_COLUMN,
        "二つの道の差の式": lambda: BY_ROW - BY_COLUMN,
    },
)

J, EXAMPLE, ANY = (Index(name, (1, M)) for name in "jnt")


def _centred() -> sp.Expr:
    """行の平均を引く部品の、道についての和。"""
    z = X[K, EXAMPLE] - sp.Sum(X[K, ANY], ANY) / M
    return resolve(sp.Sum(G[K, EXAMPLE] * z.diff(X[I, J]), K, EXAMPLE))


MEAN = sp.Sum(G[I, EXAMPLE], EXAMPLE) / M
"""上流の勾配の、行の平均。"""

centre = Formula(
    _centred,
    {"N": N, "M": M, "i": I, "k": K, "j": J, "n": EXAMPLE, "t": ANY, "g": G, "x": X},
    {
        "平均を通る道を忘れた式": lambda: G[I, J],
        "平均を通る道だけの式": lambda: -MEAN,
        "平均の 1/M を忘れた式": lambda: G[I, J] - M * MEAN,
        "平均を足した式": lambda: G[I, J] + MEAN,
        "入力の平均を引いた式": lambda: G[I, J] - sp.Sum(X[I, EXAMPLE], EXAMPLE) / M,
        "列の平均を引いた式": lambda: G[I, J] - sp.Sum(G[K, J], K) / N,
    },
)

QUESTIONS = {"ex-matrixgraph-gram": gram, "ex-matrixgraph-centre": centre}

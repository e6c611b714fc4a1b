"""行列の形の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def example_by_example(U: Array, V: Array, delta: Array) -> Array:
    """例ごとの外積を足す。"""
    total = np.zeros((len(U), len(V)))
    for n in range(U.shape[1]):
        total += delta[0, n] * np.outer(U[:, n], V[:, n])
    return total / U.shape[1]


def plain_lists(U: Array, V: Array, delta: Array) -> list[list[float]]:
    """リストのリストで返す。"""
    m = U.shape[1]
    return [[sum(delta[0, n] * u[n] * v[n] for n in range(m)) / m for v in V] for u in U]


RIGHT = {
    "ex-matrix-rows": [
        [[Fraction(-1, 3), 1], [Fraction(2, 3), Fraction(4, 3)]],
        np.array([[-1, 3], [2, 4]]) / 3,
        ((-1 / 3, 1.0), (2 / 3, 4 / 3)),
    ],
    "ex-matrix-ratios": ["誤差項"],
    "ex-matrix-gain": [
        "Sum(g[j, n]*l.a[j, n], n)/m",
        "Sum(l.a[j, n]*g[j, n], n)/m",
        "Sum(g[j, n]*l.a[j, n]/m, n)",
        "Rational(1, 2)*Sum(2*g[j, n]*l.a[j, n], n)/m",
        "1/m*Sum(l.a[j, n]*g[j, n], n)",
        "Sum(g[j, n]*l.a[j, n]*gamma[j], n)/(gamma[j]*m)",
    ],
    "ex-matrix-centre": [
        "G - G*one*one.T/m",
        "-G*one*one.T/m + G",
        "G - (G*one)*one.T/m",
        "G - (one*one.T*G.T).T/m",
        "(m*G - G*one*one.T)/m",
        "G - G@one@one.T/m",
    ],
    "ex-matrix-bilinear": [
        example_by_example,
        plain_lists,
        lambda U, V, delta: (U * delta) @ V.T / U.shape[1],
        lambda U, V, delta: U @ (V * delta).T / delta.size,
        lambda U, V, delta: U @ np.diag(delta[0]) @ V.T / delta.size,
        lambda U, V, delta: np.einsum("pn,qn,n->pq", U, V, delta[0]) / delta.size,
    ],
    "ex-matrix-tied": [
        "W*X*G.T + W*G*X.T",
        "W*G*X.T + W*X*G.T",
        "W*(X*G.T + G*X.T)",
        "(G*X.T*W.T).T + W*G*X.T",
        "((X*G.T + G*X.T)*W.T).T",
        "W@(G@X.T) + W@(X@G.T)",
    ],
}

"""計算グラフの練習問題の、正しい答え。"""

from __future__ import annotations

from itertools import product

import numpy as np

from backprop.checks import Array


def one_by_one(x: Array, y: Array, upstream: Array) -> Array:
    """要素を一つずつ。"""
    found = np.zeros((2, *x.shape))
    for place in product(*map(range, x.shape)):
        found[(0, *place)] = upstream[place] / y[place]
        found[(1, *place)] = -upstream[place] * x[place] / (y[place] * y[place])
    return found


def by_quotient(x: Array, y: Array, upstream: Array) -> tuple[Array, Array]:
    """商を先に求めておく。"""
    z = x / y
    return upstream / y, -upstream * z / y


def by_product(x: Array, y: Array, upstream: Array) -> list[Array]:
    """逆数を掛けたものとみて、掛け算の帰りを2段。"""
    inverse = 1 / y
    return [upstream * inverse, upstream * x * -(inverse**2)]


RIGHT = {
    "ex-graph-garden": [[1200, 800, 16, 15], (1200.0, 800.0, 16.0, 15.0), np.array([1200, 800, 16, 15])],
    "ex-graph-fee": ["r だけ"],
    "ex-graph-order": [3],
    "ex-graph-again": [[3, 12, 30], (3.0, 12.0, 30.0), np.array([3, 12, 30])],
    "ex-graph-divide": [
        one_by_one,
        by_quotient,
        by_product,
        lambda x, y, upstream: (upstream / y, -upstream * x / y**2),
        lambda x, y, upstream: np.stack([upstream / y, -x * upstream * y**-2]),
        lambda x, y, upstream: [(upstream / y).tolist(), (-upstream * x / y**2).tolist()],
    ],
    "ex-graph-bulk": [
        "p[j]*(1 - 2*k*Sum(p[i]*c[i], i))",
        "p[j] - 2*k*p[j]*Sum(c[i]*p[i], i)",
        "p[j]*(1 - k*Sum(p[i]*c[i], i)) - k*p[j]*Sum(p[i]*c[i], i)",
        "(1 - Sum(2*k*p[i]*c[i], i))*p[j]",
        "p[j] - Sum(2*k*p[j]*p[i]*c[i], i)",
        "2*p[j]*(Rational(1, 2) - k*Sum(p[i]*c[i], i))",
    ],
}

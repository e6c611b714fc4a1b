"""対称性の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np

from backprop.checks import Array


def row_by_row(table: Array) -> Array:
    """一つずつ符号を変え、リストを並べる。"""
    rows = [list(-row) if row[-1] < 0 else list(row) for row in table]
    return np.array(sorted(rows, key=lambda row: row[-1]))


def plain_lists(table: Array) -> list[list[float]]:
    """リストのリストで返す。"""
    return [
        [np.sign(row[-1]) * value for value in row] for row in sorted(table, key=lambda row: abs(row[-1]))
    ]


def smallest_first(table: Array) -> Array:
    """小さいものから選び出す。"""
    left, chosen = [row * np.sign(row[-1]) for row in table], []
    while left:
        place = min(range(len(left)), key=lambda n: left[n][-1])
        chosen.append(left.pop(place))
    return np.array(chosen)


RIGHT = {
    "ex-symmetry-count": [
        [24, 384, 12],
        (factorial(4), 2**2 * factorial(2) * 2**3 * factorial(3), Fraction(factorial(4), 2)),
        np.array([24.0, 384.0, 12.0]),
    ],
    "ex-symmetry-flip": [
        "c[i] + Sum(v[i, j], j)",
        "Sum(v[i, j], j) + c[i]",
        "c[i] - Sum(-v[i, j], j)",
        "(2*c[i] + Sum(2*v[i, j], j))/2",
        "-(-c[i] - Sum(v[i, j], j))",
    ],
    "ex-symmetry-volume": ["10倍"],
    "ex-symmetry-inverse": [4],
    "ex-symmetry-standard": [
        row_by_row,
        plain_lists,
        smallest_first,
        lambda table: (np.sign(table[:, -1:]) * table)[np.argsort(np.abs(table[:, -1]))],
        lambda table: np.array([row * np.sign(row[-1]) for row in table[np.abs(table[:, -1]).argsort()]]),
        lambda table: (table.T * np.sign(table[:, -1])).T[np.lexsort([np.abs(table[:, -1])])],
    ],
    "ex-symmetry-shares": [
        "t*(1 - t)*v*f2(z)*r**2",
        "(t - t**2)*r**2*v*f2(z)",
        "v*(t*(1 - t)**2 + (1 - t)*t**2)*f2(z)*r**2",
        "t*v*f2(z)*((1 - t)*r)**2 + (1 - t)*v*f2(z)*(-t*r)**2",
        "-t*(t - 1)*v*f2(z)*r*r",
        "Eq(0, t*v*r**2*f2(z) - t**2*v*r**2*f2(z))",
    ],
}

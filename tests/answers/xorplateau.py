"""XOR のプラトーの練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def backwards(epochs: Array, cost: Array, level: float) -> list[float]:
    """終わりからさかのぼる。"""
    found = []
    for column in cost.T:
        row = len(column)
        while row > 0 and column[row - 1] < level:
            row -= 1
        found.append(epochs[row] if row < len(column) else -1)
    return found


def forwards(epochs: Array, cost: Array, level: float) -> Array:
    """始めから進み、上回るたびに忘れる。"""
    found = np.full(cost.shape[1], -1.0)
    for epoch, row in zip(epochs, cost):
        found[row >= level] = -1
        found[(row < level) & (found == -1)] = epoch
    return found


def worst_to_come(epochs: Array, cost: Array, level: float) -> Array:
    """その先の、いちばん高い損失で決める。"""
    ahead = np.maximum.accumulate(cost[::-1])[::-1] < level
    return np.where(ahead.any(axis=0), epochs[ahead.argmax(axis=0)], -1)


def counted(epochs: Array, cost: Array, level: float) -> Array:
    """ずっと下回っている記録を数える。"""
    number = np.cumprod((cost < level)[::-1], axis=0).sum(axis=0)
    return np.array([epochs[len(epochs) - k] if k else -1 for k in number])


def one_at_a_time(epochs: Array, cost: Array, level: float) -> list[float]:
    """どの記録から先も下回るかを、順に試す。"""
    return [
        next((epoch for n, epoch in enumerate(epochs) if (column[n:] < level).all()), -1) for column in cost.T
    ]


RIGHT = {
    "ex-xorplateau-visible": [
        [Fraction(-1, 2), 0, Fraction(-1, 8)],
        [-0.5, 0.0, -0.125],
        np.array([-0.5, 0.0, -0.125]),
    ],
    "ex-xorplateau-scales": [[4000, 4], (4000.0, Fraction(4))],
    "ex-xorplateau-conjunction": ["一定の回数だけ増える"],
    "ex-xorplateau-parity": [
        "-f3*w1*w2*w3/16",
        "-w1*w2*w3/16*f3",
        "f3/6*(-6*w1*w2*w3)/2/8",
        "-Rational(1, 16)*w3*w2*w1*f3",
        "f3*(b**3 - (b + w1)**3 - (b + w2)**3 - (b + w3)**3 + (b + w1 + w2)**3 + (b + w1 + w3)**3"
        " + (b + w2 + w3)**3 - (b + w1 + w2 + w3)**3)/96",
    ],
    "ex-xorplateau-centred": [
        "f3/2*Sum(v[j]*w[j, 1]*w[j, 2]*b[j], j)",
        "Sum(f3*b[j]*v[j]*w[j, 2]*w[j, 1]/2, j)",
        "f3*Sum(v[j]*w[j, 1]*w[j, 2]*b[j]/2, j)",
        "f3/6*Sum(3*v[j]*w[j, 1]*w[j, 2]*b[j], j)",
        "f3/4*Sum(v[j]*w[j, 1]*(w[j, 2]*b[j] + b[j]*w[j, 2]), j)",
    ],
    "ex-xorplateau-settled": [backwards, forwards, worst_to_come, counted, one_at_a_time],
}

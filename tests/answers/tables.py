"""表から行列への練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def three_loops(W: Array, points: Array) -> Array:
    """くり返しだけで。"""
    gains = np.zeros((W.shape[1], points.shape[1]))
    for j in range(W.shape[1]):
        for n in range(points.shape[1]):
            for k in range(W.shape[0]):
                gains[j, n] += W[k, j] * points[k, n]
    return gains


def one_destination_at_a_time(W: Array, points: Array) -> Array:
    """行き先ごとに、線の全部を一度に戻して足す。"""
    return sum(row[:, np.newaxis] * point for row, point in zip(W, points))


def plain_lists(W: Array, points: Array) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    return [[sum(w * p for w, p in zip(column, ps)) for ps in zip(*points)] for column in zip(*W)]


RIGHT = {
    "ex-tables-guess": [
        [[3, 2], [-1, -4]],
        np.array([[3.0, 2.0], [-1.0, -4.0]]),
        ((3, 2), (-1, -4)),
    ],
    "ex-tables-relay": [[0.5, 4.5], [Fraction(1, 2), Fraction(9, 2)], np.array([0.5, 4.5])],
    "ex-tables-side": ["行を入れ替えたもの"],
    "ex-tables-one-weight": [
        "h*p[k]*a[j]",
        "a[j]*p[k]*h",
        "p[k]*(w[k, j] + h)*a[j] - p[k]*w[k, j]*a[j]",
        "p[k]*((w[k, j] + h)*a[j] - w[k, j]*a[j])",
        "Eq(h, h*p[k]*a[j])",
        "2*h*(p[k]*a[j]/2)",
    ],
    "ex-tables-bug": [2],
    "ex-tables-send-back": [
        three_loops,
        one_destination_at_a_time,
        plain_lists,
        lambda W, points: W.T @ points,
        lambda W, points: (points.T @ W).T,
        lambda W, points: np.einsum("kj,kn->jn", W, points),
        lambda W, points: np.array([(W[:, [j]] * points).sum(axis=0) for j in range(W.shape[1])]),
    ],
    "ex-tables-triple": [
        "Sum(Sum(p[j, k]*q[k, l]*r[l, i], k), l)",
        "Sum(Sum(p[j, k]*q[k, l]*r[l, i], l), k)",
        "Sum(p[j, k]*q[k, l]*r[l, i], k, l)",
        "Sum(r[l, i]*Sum(p[j, k]*q[k, l], k), l)",
        "Sum(p[j, k]*Sum(q[k, l]*r[l, i], l), k)",
        "Eq(p[i, j], Sum(r[l, i]*Sum(q[k, l]*p[j, k], k), l))",
    ],
}

"""順伝播の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def three_loops(W: Array, b: Array, X: Array) -> Array:
    """線を1本ずつたどる。"""
    Z = np.zeros((X.shape[0], W.shape[0]))
    for n in range(X.shape[0]):
        for j in range(W.shape[0]):
            for k in range(W.shape[1]):
                Z[n, j] += W[j, k] * X[n, k]
            Z[n, j] += b[j, 0]
    return Z


def one_by_one(W: Array, b: Array, X: Array) -> Array:
    """例を1個ずつ。"""
    return np.array([(W @ x[:, None] + b).ravel() for x in X])


def plain_lists(W: Array, b: Array, X: Array) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    return [[sum(w * v for w, v in zip(row, x)) + own for row, (own,) in zip(W, b)] for x in X]


RIGHT = {
    "ex-forward-where": ["W2[1, 3]"],
    "ex-forward-square": [
        [[0.5, -8.5], [5.5, -2]],
        [[Fraction(1, 2), Fraction(-17, 2)], [Fraction(11, 2), -2]],
        np.array([[0.5, -8.5], [5.5, -2.0]]),
    ],
    "ex-forward-probe": [
        [[1.5, -1.5], [-1, 3]],
        [[Fraction(3, 2), Fraction(-3, 2)], [-1, 3]],
        np.array([[1.5, -1.5], [-1.0, 3.0]]),
    ],
    "ex-forward-count": [[39, 320, 190], (39, 320, 190), np.array([39, 320, 190])],
    "ex-forward-bug": ["Z"],
    "ex-forward-rows": [
        three_loops,
        one_by_one,
        plain_lists,
        lambda W, b, X: X @ W.T + b.T,
        lambda W, b, X: (W @ X.T + b).T,
        lambda W, b, X: np.einsum("jk,nk->nj", W, X) + b.ravel(),
    ],
    "ex-forward-standardised": [
        "first.b[j] - Sum(first.w[j, k]*mean[k]/spread[k], k)",
        "-Sum(first.w[j, k]/spread[k]*mean[k], k) + first.b[j]",
        "Sum(first.w[j, k]*(0 - mean[k])/spread[k], k) + first.b[j]",
        "first.b[j] + Sum(-mean[k]*first.w[j, k]*spread[k]**-1, k)",
        "first.b[j] - 2*Sum(mean[k]*first.w[j, k]/(2*spread[k]), k)",
    ],
}

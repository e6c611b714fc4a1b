"""勾配消失の練習問題の、正しい答え。"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from backprop.checks import Array


def side_by_side(dW: Array, db: Array, limit: float) -> Array:
    """並べてから、縮める。"""
    gradient = np.hstack([dW, db])
    length = np.sqrt((gradient**2).sum())
    return gradient * limit / length if length > limit else gradient


def by_factor(dW: Array, db: Array, limit: float) -> Array:
    """掛ける数を先に決める。"""
    shrink = min(1.0, limit / np.hypot(np.linalg.norm(dW), np.linalg.norm(db)))
    return np.concatenate([shrink * dW, shrink * db], axis=1)


def plain_lists(dW: Array, db: Array, limit: float) -> list[list[float]]:
    """くり返しとリストで。"""
    rows = [[*weights, bias[0]] for weights, bias in zip(dW.tolist(), db.tolist())]
    square = 0.0
    for row in rows:
        for value in row:
            square += value * value
    if square <= limit**2:
        return rows
    return [[value * limit / math.sqrt(square) for value in row] for row in rows]


def one_line(dW: Array, db: Array, limit: float) -> Array:
    """長い方で割る。"""
    return limit * np.c_[dW, db] / max(limit, np.linalg.norm(np.c_[dW, db]))


def by_trace(dW: Array, db: Array, limit: float) -> Array:
    """2乗の和を、行列の積の対角成分から。"""
    length = np.sqrt(np.trace(dW @ dW.T + db @ db.T))
    found = np.empty((dW.shape[0], dW.shape[1] + 1))
    found[:, :-1], found[:, [-1]] = dW, db
    return np.where(length > limit, found * (limit / length), found)


RIGHT = {
    "ex-vanishing-bound": [[Fraction(1, 2), 2], (0.5, 2.0), np.array([1, 4]) / 2],
    "ex-vanishing-wider": ["伸びる"],
    "ex-vanishing-leaky": [
        "2/((1 + alpha**2)*N)",
        "2/(N + alpha**2*N)",
        "1/(N*(Rational(1, 2) + alpha**2/2))",
        "(2/N)/(1 + alpha**2)",
        "Eq(N, 2/(N*(alpha**2 + 1)))",
        "2*N**(-1)*(1 + alpha*alpha)**(-1)",
    ],
    "ex-vanishing-residual": [
        "g[j] + Sum(after.w[k, j]*after.df(after.z[k])*g[k], k)",
        "Sum(g[k]*after.df(after.z[k])*after.w[k, j], k) + g[j]",
        "g[j]*(1 + after.w[j, j]*after.df(after.z[j]))"
        " + Sum(g[k]*after.df(after.z[k])*after.w[k, j], k) - g[j]*after.w[j, j]*after.df(after.z[j])",
        "2*(g[j]/2 + Sum(after.df(after.z[k])*g[k]*after.w[k, j]/2, k))",
        "Eq(g[j], g[j] + Sum(after.w[k, j]*g[k]*after.df(after.z[k]), k))",
    ],
    "ex-vanishing-bug": [4],
    "ex-vanishing-clip": [side_by_side, by_factor, plain_lists, one_line, by_trace],
}

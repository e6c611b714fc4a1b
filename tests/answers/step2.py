"""ステップ2の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def slope(Z: Array) -> Array:
    """tanh の傾き。"""
    return 1 / np.cosh(Z) ** 2


def one_place_at_a_time(Z: Array, Y: Array) -> Array:
    """くり返しだけで。"""
    delta = np.zeros(Z.shape)
    for j in range(Z.shape[0]):
        for n in range(Z.shape[1]):
            a = np.tanh(Z[j, n])
            delta[j, n] = 2 / Z.shape[0] * (a - Y[j, n]) * (1 - a * a)
    return delta


def plain_lists(Z: Array, Y: Array) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    return [
        [(2 / len(Z)) * (np.tanh(z) - y) / np.cosh(z) ** 2 for z, y in zip(zs, ys)] for zs, ys in zip(Z, Y)
    ]


def column_by_column(Z: Array, Y: Array) -> Array:
    """例ごとに求めて、横に並べる。"""
    columns = [(np.tanh(z) - y) * slope(z) * 2 / z.size for z, y in zip(Z.T, Y.T)]
    return np.column_stack(columns)


RIGHT = {
    "ex-step2-three-outputs": [
        [Fraction(-1, 12), Fraction(1, 32), Fraction(3, 32)],
        (-1 / 12, 1 / 32, 3 / 32),
        np.array([-1 / 12, 0.03125, 0.09375]),
    ],
    "ex-step2-dead-output": ["変わらない"],
    "ex-step2-build": [["dL/dy_hat", "*", "σ'(z)"], ("σ'(z)", "*", "dL/dy_hat")],
    "ex-step2-which-mean": [2],
    "ex-step2-weighted": [
        "(1 - y)*y_hat - c*y*(1 - y_hat)",
        "-c*y*(1 - y_hat) + (1 - y)*y_hat",
        "y_hat - y*y_hat - c*y + c*y*y_hat",
        "(-c*y/y_hat + (1 - y)/(1 - y_hat))*y_hat*(1 - y_hat)",
        "y_hat - y*(y_hat + c*(1 - y_hat))",
        "(y_hat - y) + (1 - c)*y*(1 - y_hat)",
        "y_hat*(1 + (c - 1)*y) - c*y",
    ],
    "ex-step2-centred": [
        "g[j] - Sum(g[i], i)/last.N",
        "g[j] - Sum(g[k], k)/last.N",
        "-Sum(g[i]/last.N, i) + g[j]",
        "(last.N*g[j] - Sum(g[i], i))/last.N",
        "Sum(g[j] - g[i], i)/last.N",
        "Eq(last.delta[j], g[j] - Sum(g[i], i)/last.N)",
        "g[j]*(1 - 1/last.N) - (Sum(g[i], i) - g[j])/last.N",
    ],
    "ex-step2-tanh": [
        one_place_at_a_time,
        plain_lists,
        column_by_column,
        lambda Z, Y: 2 * (np.tanh(Z) - Y) / len(Z) * (1 - np.tanh(Z) ** 2),
        lambda Z, Y: (2 / Z.shape[0]) * slope(Z) * (np.tanh(Z) - Y),
        lambda Z, Y: (1 - np.tanh(Z)) * (1 + np.tanh(Z)) * -(Y - np.tanh(Z)) * 2 / Z.shape[0],
        lambda Z, Y: (((np.tanh(Z.T) - Y.T) * slope(Z.T)) / (len(Z) / 2)).T,
    ],
}

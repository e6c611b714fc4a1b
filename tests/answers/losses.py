"""損失関数の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def two_loops(Y_hat: Array, Y: Array) -> float:
    """くり返しだけで。"""
    outputs, examples = Y.shape
    total = 0.0
    for j in range(outputs):
        for n in range(examples):
            total += (Y_hat[j, n] - Y[j, n]) ** 2
    return total / outputs / examples


def example_by_example(Y_hat: Array, Y: Array) -> float:
    """例ごとの損失を、一つずつ並べてから平均する。"""
    losses = [sum((guess - target) ** 2) / len(target) for guess, target in zip(Y_hat.T, Y.T)]
    return sum(losses) / len(losses)


def column_by_column(Z: Array) -> list[float]:
    """一列ずつ。"""
    found = []
    for z in Z.T:
        largest = max(z)
        found.append(largest + np.log(sum(np.exp(value - largest) for value in z)))
    return found


def added_one_by_one(Z: Array) -> Array:
    """``log(e^a + e^b)`` をくり返す。"""
    total = Z[0]
    for row in Z[1:]:
        larger, smaller = np.maximum(total, row), np.minimum(total, row)
        total = larger + np.log1p(np.exp(smaller - larger))
    return total


RIGHT = {
    "ex-losses-mse": [[2, 3, 2.5], [2, 3, Fraction(5, 2)], np.array([2, 3, 2.5])],
    "ex-losses-half": ["2倍"],
    "ex-losses-blind-test": ["C"],
    "ex-losses-cost": [
        two_loops,
        example_by_example,
        lambda Y_hat, Y: ((Y_hat - Y) ** 2).mean(),
        lambda Y_hat, Y: np.linalg.norm(Y_hat - Y) ** 2 / Y.size,
        lambda Y_hat, Y: ((Y_hat - Y) ** 2).mean(axis=0).mean(),
        lambda Y_hat, Y: np.einsum("jn,jn->", Y_hat - Y, Y_hat - Y) / (Y.shape[0] * Y.shape[1]),
    ],
    "ex-losses-bce-gradient": [[-4, 4, -2], (-4.0, 4.0, -2.0), np.array([-4, 4, -2])],
    "ex-losses-gentle": [
        "(y_hat[j] - y[j])/sqrt(1 + (y_hat[j] - y[j])**2)",
        "(y_hat[j] - y[j])*(1 + (y_hat[j] - y[j])**2)**Rational(-1, 2)",
        "2*(y_hat[j] - y[j])/(2*sqrt((y_hat[j] - y[j])**2 + 1))",
        "-(y[j] - y_hat[j])/sqrt(1 + (y[j] - y_hat[j])**2)",
        "y_hat[j]/sqrt(1 + (y_hat[j] - y[j])**2) - y[j]/sqrt(1 + (y_hat[j] - y[j])**2)",
        "Eq(y[j], (y_hat[j] - y[j])/sqrt(1 + y_hat[j]**2 - 2*y_hat[j]*y[j] + y[j]**2))",
    ],
    "ex-losses-count-data": [
        "1 - y[j]/y_hat[j]",
        "(y_hat[j] - y[j])/y_hat[j]",
        "-y[j]/y_hat[j] + 1",
        "-(y[j] - y_hat[j])/y_hat[j]",
        "Eq(y[j], 1 - y[j]*y_hat[j]**(-1))",
        "(2*y_hat[j] - 2*y[j])/(2*y_hat[j])",
    ],
    "ex-losses-log-sum-exp": [
        column_by_column,
        added_one_by_one,
        lambda Z: Z.max(axis=0) + np.log(np.exp(Z - Z.max(axis=0)).sum(axis=0)),
        lambda Z: np.logaddexp.reduce(Z, axis=0),
        lambda Z: Z.max(0) + np.log(np.einsum("kn->n", np.exp(Z - Z.max(0, keepdims=True)))),
    ],
}

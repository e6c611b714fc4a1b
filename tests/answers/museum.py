"""誤りの博物館の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array
from backprop.network import Network


def both_at_once(W1: Array, W2: Array, X: Array, Y: Array, rate: float) -> Array:
    """二つの勾配を求めてから、まとめて動かす。"""
    for _ in range(2):
        A1 = np.tanh(W1 @ X)
        delta2 = W2 @ A1 - Y
        delta1 = (W2.T @ delta2) * (1 - A1**2)
        m = X.shape[1]
        W1, W2 = W1 - rate * delta1 @ X.T / m, W2 - rate * delta2 @ A1.T / m
    return W1


def example_by_example(W1: Array, W2: Array, X: Array, Y: Array, rate: float) -> Array:
    """例ごとの勾配を足す。"""
    W1, W2 = W1.copy(), W2.copy()
    for _ in range(2):
        first, second = np.zeros_like(W1), np.zeros_like(W2)
        for x, y in zip(X.T, Y.T):
            a = np.tanh(W1 @ x)
            delta2 = W2 @ a - y
            first += np.outer((W2.T @ delta2) * (1 - a * a), x)
            second += np.outer(delta2, a)
        W1 -= rate * first / len(X.T)
        W2 -= rate * second / len(X.T)
    return W1


def in_place_on_copies(W1: Array, W2: Array, X: Array, Y: Array, rate: float) -> Array:
    """写しをとり、誤差項を二つとも求めてから、その場で動かす。"""
    W1, W2, m = np.array(W1), np.array(W2), Y.shape[1]
    for _ in range(2):
        Z1 = W1 @ X
        delta2 = (W2 @ np.tanh(Z1) - Y) / m
        delta1 = W2.T @ delta2 / np.cosh(Z1) ** 2
        W2 -= rate * delta2 @ np.tanh(Z1).T
        W1 -= rate * delta1 @ X.T
    return W1


def examples_in_rows(W1: Array, W2: Array, X: Array, Y: Array, rate: float) -> Array:
    """例を行に並べて。"""
    V1, V2, inputs, targets = W1.T, W2.T, X.T, Y.T
    for _ in range(2):
        hidden = np.tanh(inputs @ V1)
        error = (hidden @ V2 - targets) / len(inputs)
        back = error @ V2.T * (1 - hidden**2)
        V1, V2 = V1 - rate * inputs.T @ back, V2 - rate * hidden.T @ error
    return V1.T


def by_package(W1: Array, W2: Array, X: Array, Y: Array, rate: float) -> Array:
    """パッケージの逆伝播で。バイアスは0のまま。"""
    zeros = [np.zeros((len(W), 1)) for W in (W1, W2)]
    for _ in range(2):
        net = Network([W1, W2], zeros, ["tanh", "identity"], "half_squared_error")
        found = net.gradients(X, Y)
        W1, W2 = W1 - rate * found["W1"], W2 - rate * found["W2"]
    return W1


RIGHT = {
    "ex-museum-rectifier": [4],
    "ex-museum-spoiled": ["W2"],
    "ex-museum-mean-first": [[1, -2], (1.0, -2.0), np.array([1, -2])],
    "ex-museum-cosines": [
        [1, Fraction(24, 25), Fraction(-33, 65)],
        np.array([1, 0.96, -33 / 65]),
    ],
    "ex-museum-who": ["書き起こし"],
    "ex-museum-every-pair": [
        "2*(yhat[n] - Sum(y[p], p)/m)/m",
        "2*yhat[n]/m - 2*Sum(y[p], p)/m**2",
        "2*Sum(yhat[n] - y[p], p)/m**2",
        "Sum(2*(yhat[n] - y[p]), p)/m/m",
        "(2/m)*(yhat[n] - (1/m)*Sum(y[p], p))",
        "-2*(Sum(y[p], p) - m*yhat[n])/m**2",
    ],
    "ex-museum-two-steps": [
        both_at_once,
        example_by_example,
        in_place_on_copies,
        examples_in_rows,
        by_package,
    ],
}

"""アルゴリズムの全体の練習問題の、正しい答え。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.network import Network


def by_rows(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """例を行に並べて。"""
    A1 = np.tanh(X.T @ W1.T + b1.T)
    delta1 = (A1 @ W2.T + b2.T - Y.T) @ W2 * (1 - A1**2)
    return (X @ delta1 / len(X.T)).T


def example_by_example(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """例を一つずつ。"""
    total = np.zeros(W1.shape)
    for x, y in zip(X.T, Y.T):
        a = np.tanh(W1 @ x + b1[:, 0])
        delta = W2.T @ (W2 @ a + b2[:, 0] - y) * (1 - a**2)
        total += np.outer(delta, x)
    return total / X.shape[1]


def four_loops(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> list[list[float]]:
    """くり返しだけで、リストのリストを返す。"""
    A1 = np.tanh(W1 @ X + b1)
    gap = W2 @ A1 + b2 - Y
    found = [[0.0] * W1.shape[1] for _ in range(W1.shape[0])]
    for j in range(W1.shape[0]):
        for k in range(W1.shape[1]):
            for n in range(X.shape[1]):
                back = sum(W2[q, j] * gap[q, n] for q in range(W2.shape[0]))
                found[j][k] += back * (1 - A1[j, n] ** 2) * X[k, n] / X.shape[1]
    return found


def einsum(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """一つの einsum で。"""
    Z1 = W1 @ X + b1
    gap = W2 @ np.tanh(Z1) + b2 - Y
    return np.einsum("qj,qn,jn,kn->jk", W2, gap, np.cosh(Z1) ** -2, X) / Y.shape[1]


def divided_first(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """1/m を、はじめに掛ける。"""
    A1 = np.tanh(W1 @ X + b1)
    gap = (W2 @ A1 + b2 - Y) / X.shape[1]
    return (gap.T @ W2).T * (1 - A1 * A1) @ X.T


def package(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """二乗誤差の平均から、係数を直す。"""
    net = Network([W1, W2], [b1, b2], ["tanh", "identity"], "mse")
    return net.gradients(X, Y)["W1"] * len(Y) / 2


RIGHT = {
    "ex-algorithm-order": [["D", "B", "F", "E", "C", "A", "G"], "DBFECGA", tuple("DBFECAG")],
    "ex-algorithm-chain": [[32, -16, 1], (32.0, -16.0, 1.0), np.array([32, -16, 1])],
    "ex-algorithm-copies": ["変わらない"],
    "ex-algorithm-bug": [4],
    "ex-algorithm-first-gradient": [
        by_rows,
        example_by_example,
        four_loops,
        einsum,
        divided_first,
        package,
    ],
    "ex-algorithm-weighted": [
        "Sum(c[n]*delta[j, n]*a[k, n], n)",
        "Sum(a[k, n]*delta[j, n]*c[n], n)",
        "Sum(2*c[n]*delta[j, n]*a[k, n], n)/2",
        "2*Sum(c[n]*delta[j, n]*a[k, n]/2, n)",
        "-Sum(-c[n]*delta[j, n]*a[k, n], n)",
        "Eq(l.w[j, k], Sum(delta[j, n]*(c[n]*a[k, n]), n))",
        "Sum(c[n]*a[k, n]*(delta[j, n] + 1), n) - Sum(c[n]*a[k, n], n)",
    ],
}

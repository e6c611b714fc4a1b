"""2–2–2 を手で解く練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def sigmoid(z: Array) -> Array:
    """シグモイド関数。"""
    return 1 / (1 + np.exp(-z))


def in_rows(I: Array, W: Array, V: Array, T: Array) -> Array:
    """例も出どころも行のまま。"""
    out = sigmoid(I @ W @ V)
    delta2 = 2 / T.shape[1] * (out - T) * out * (1 - out)
    return I.T @ (delta2 @ V.T) / len(I)


def in_columns(I: Array, W: Array, V: Array, T: Array) -> Array:
    """この本の並べ方に直してから、終わりに戻す。"""
    W1, W2, X, Y = W.T, V.T, I.T, T.T
    out = sigmoid(W2 @ (W1 @ X))
    delta1 = W2.T @ ((out - Y) * out * (1 - out) * 2 / len(Y))
    return (delta1 @ X.T / X.shape[1]).T


def by_sums(I: Array, W: Array, V: Array, T: Array) -> Array:
    """添字のまま足す。"""
    out = sigmoid(I @ W @ V)
    delta2 = (out - T) * out * (1 - out)
    return np.einsum("nk,nq,jq->kj", I, delta2, V) * 2 / T.size


def line_by_line(I: Array, W: Array, V: Array, T: Array) -> Array:
    """一本の線ずつ。"""
    gradient = np.zeros(W.shape)
    for example, target in zip(I, T):
        out = sigmoid(example @ W @ V)
        for k in range(W.shape[0]):
            for j in range(W.shape[1]):
                for q in range(V.shape[1]):
                    delta = 2 * (out[q] - target[q]) * out[q] * (1 - out[q]) / len(target)
                    gradient[k, j] += delta * V[j, q] * example[k]
    return gradient / len(I)


def collapsed(I: Array, W: Array, V: Array, T: Array) -> Array:
    """二つの行列を一つにまとめたものの勾配から。"""
    z = I @ (W @ V)
    upstream = 2 * (sigmoid(z) - T) * sigmoid(z) * sigmoid(-z) / T.size
    return (I.T @ upstream) @ V.T


RIGHT = {
    "ex-two-four": [
        [3, Fraction(1, 4), Fraction(-3, 2), Fraction(-1, 8)],
        (3.0, 0.25, -1.5, -0.125),
        np.array([3, 1 / 4, -3 / 2, -1 / 8]),
    ],
    "ex-two-swapped": [8],
    "ex-two-units": ["10000倍"],
    "ex-two-squares": [
        "Sum(l.delta[j]**2, j)*(Sum(before.a[k]**2, k) + 1)",
        "Sum(l.delta[j]**2, j)*Sum(before.a[k]**2, k) + Sum(l.delta[j]**2, j)",
        "Sum(Sum((l.delta[j]*before.a[k])**2, k), j) + Sum(l.delta[j]**2, j)",
        "Sum(l.delta[j]**2*(1 + Sum(before.a[k]**2, k)), j)",
        "Sum(l.delta[j]**2 + Sum(l.delta[j]**2*before.a[k]**2, k), j)",
        "(1 + Sum(before.a[k]*before.a[k], k))*Sum(l.delta[j]*l.delta[j], j)",
    ],
    "ex-two-rows": [in_rows, in_columns, by_sums, line_by_line, collapsed],
    "ex-two-one-step": [
        "Sum(last.delta[j]**2, j)*(1 - eta*Sum(hidden.a[k]**2, k))**2/2",
        "(1 - eta*Sum(hidden.a[k]**2, k))**2*Sum(last.delta[j]**2, j)/2",
        "Sum((last.delta[j] - eta*last.delta[j]*Sum(hidden.a[k]**2, k))**2, j)/2",
        "Rational(1, 2)*Sum(last.delta[j]**2*(1 - eta*Sum(hidden.a[k]**2, k))**2, j)",
        "Sum(last.delta[j]**2/2, j)*(eta*Sum(hidden.a[k]**2, k) - 1)**2",
        "Sum(last.delta[j]**2, j)/2 - eta*Sum(last.delta[j]**2, j)*Sum(hidden.a[k]**2, k)"
        " + eta**2*Sum(last.delta[j]**2, j)*Sum(hidden.a[k]**2, k)**2/2",
    ],
    "ex-two-rate": [Fraction(4, 17), 4 / 17, np.array(4 / 17)],
}

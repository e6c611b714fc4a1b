"""まとめの練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.activations import Activation
from backprop.checks import Array
from backprop.steps import bias_gradient, hidden_delta, update, weight_gradient


def f(z: Array) -> Array:
    """活性化関数。"""
    return z / np.sqrt(1 + z**2)


def slope(z: Array) -> Array:
    """その傾き。"""
    return (1 + z * z) ** (-3 / 2)


def joined(parts: list[Array]) -> Array:
    """一列にする。"""
    return np.concatenate([part.ravel() for part in parts])


def with_matrices(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, rate: float) -> Array:
    """行列で。"""
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = f(Z1)
    Z2 = W2 @ A1 + b2
    delta2 = (f(Z2) - Y) ** 3 * slope(Z2)
    delta1 = (W2.T @ delta2) * slope(Z1)
    return joined([
        W1 - rate / m * delta1 @ X.T,
        b1 - rate * delta1.mean(axis=1, keepdims=True),
        W2 - rate / m * delta2 @ A1.T,
        b2 - rate * delta2.mean(axis=1, keepdims=True),
    ])  # fmt: skip


def with_the_package(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, rate: float) -> Array:
    """本の六つのステップの関数で。"""
    made = Activation("new", f, slope)
    Z1 = W1 @ X + b1
    A1 = made.value(Z1)
    Z2 = W2 @ A1 + b2
    delta2 = made.pullback(Z2, (made.value(Z2) - Y) ** 3)
    delta1 = hidden_delta(W2, delta2, Z1, made)
    found = [
        weight_gradient(delta1, X),
        bias_gradient(delta1),
        weight_gradient(delta2, A1),
        bias_gradient(delta2),
    ]
    return joined([update(p, dp, rate) for p, dp in zip([W1, b1, W2, b2], found, strict=True)])


def one_example_at_a_time(
    W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, rate: float
) -> Array:
    """例ごとに勾配を足す。"""
    sums = [np.zeros(p.shape) for p in (W1, b1, W2, b2)]
    for n in range(X.shape[1]):
        x, y = X[:, [n]], Y[:, [n]]
        z1 = W1 @ x + b1
        a1 = f(z1)
        z2 = W2 @ a1 + b2
        d2 = (f(z2) - y) ** 3 * slope(z2)
        d1 = W2.T @ d2 * slope(z1)
        sums = [s + part for s, part in zip(sums, (d1 @ x.T, d1, d2 @ a1.T, d2), strict=True)]
    return joined([p - rate * s / X.shape[1] for p, s in zip((W1, b1, W2, b2), sums, strict=True)])


def examples_in_rows(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, rate: float) -> Array:
    """例を行に並べて。"""
    x, y, m = X.T, Y.T, X.shape[1]
    z1 = x @ W1.T + b1.T
    a1 = f(z1)
    z2 = a1 @ W2.T + b2.T
    d2 = (f(z2) - y) ** 3 * slope(z2) / m
    d1 = d2 @ W2 * slope(z1)
    return joined(
        [
            W1 - rate * d1.T @ x,
            b1.ravel() - rate * d1.sum(0),
            W2 - rate * d2.T @ a1,
            b2.ravel() - rate * d2.sum(0),
        ]
    )


def by_angles(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, rate: float) -> list[float]:
    """活性化関数を、角度の正弦と見る。傾きは、余弦の3乗。リストで返す。"""
    angle1 = np.arctan(np.einsum("jk,kn->jn", W1, X) + b1)
    angle2 = np.arctan(np.einsum("jk,kn->jn", W2, np.sin(angle1)) + b2)
    d2 = (np.sin(angle2) - Y) ** 3 * np.cos(angle2) ** 3
    d1 = np.einsum("jk,jn->kn", W2, d2) * np.cos(angle1) ** 3
    found = [
        np.einsum("jn,kn->jk", d1, X), d1.sum(axis=1, keepdims=True),
        np.einsum("jn,kn->jk", d2, np.sin(angle1)), d2.sum(axis=1, keepdims=True),
    ]  # fmt: skip
    new = [p - rate * s / X.shape[1] for p, s in zip((W1, b1, W2, b2), found, strict=True)]
    return [number for part in new for number in part.ravel().tolist()]


RIGHT = {
    "ex-summary-two-ways": [
        [-2, -3, Fraction(-3, 2)],
        (-2.0, -3.0, -1.5),
        np.array([-2.0, -3.0, -1.5]),
    ],
    "ex-summary-residual": [
        "c[k]*g[k] + Sum(g[j]*this.df(this.z[j])*this.w[j, k], j)",
        "Sum(this.w[j, k]*this.df(this.z[j])*g[j], j) + g[k]*c[k]",
        "Eq(before.a[k], c[k]*g[k] + Sum(this.df(this.z[j])*(g[j]*this.w[j, k]), j))",
        "2*(c[k]*g[k]/2 + Sum(g[j]*this.df(this.z[j])*this.w[j, k]/2, j))",
        "c[k]*g[k] - Sum(-g[j]*this.df(this.z[j])*this.w[j, k], j)",
        "Sum(2*g[j]*this.df(this.z[j])*this.w[j, k], j) + c[k]*g[k]"
        " - Sum(this.w[j, k]*g[j]*this.df(this.z[j]), j)",
    ],
    "ex-summary-zeros": ["1倍"],
    "ex-summary-stride": [[2, -4, 5, 2, -3], (2.0, -4.0, 5.0, 2.0, -3.0), np.array([2, -4, 5, 2, -3])],
    "ex-summary-recurrent-bug": [5],
    "ex-summary-six-steps": [
        with_matrices, with_the_package, one_example_at_a_time, examples_in_rows, by_angles,
    ],
}  # fmt: skip

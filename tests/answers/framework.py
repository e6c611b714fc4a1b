"""フレームワークの中を見る練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array
from backprop.network import Network
from backprop.optimizers import GradientDescent


def batch_by_batch(X: Array, y: Array, w: Array, rate: float, batch_size: int) -> float:
    """ミニバッチごとに、測ってから更新する。"""
    total = 0.0
    for start in range(0, len(X), batch_size):
        x_batch, y_batch = X[start : start + batch_size], y[start : start + batch_size]
        gap = x_batch @ w - y_batch
        total += (gap**2).sum()
        w = w - rate * 2 * x_batch.T @ gap / len(gap)
    return total / len(X)


def example_by_example(X: Array, y: Array, w: Array, rate: float, batch_size: int) -> float:
    """例を一つずつ、リストで。"""
    weights, told = list(w), []
    for start in range(0, len(X), batch_size):
        rows = list(zip(X, y))[start : start + batch_size]
        gaps = [sum(w_k * x_k for w_k, x_k in zip(weights, x)) - target for x, target in rows]
        told += [gap**2 for gap in gaps]
        slopes = [
            sum(2 * gap * x[k] for gap, (x, _) in zip(gaps, rows)) / len(rows) for k in range(len(weights))
        ]
        weights = [w_k - rate * slope for w_k, slope in zip(weights, slopes)]
    return sum(told) / len(told)


def averaged(X: Array, y: Array, w: Array, rate: float, batch_size: int) -> float:
    """ミニバッチの損失を、重みつきで平均する。"""
    cuts = range(batch_size, len(X), batch_size)
    losses, sizes = [], []
    for x_batch, y_batch in zip(np.split(X, cuts), np.split(y, cuts)):
        gap = np.einsum("nk,k->n", x_batch, w) - y_batch
        losses.append(np.mean(gap**2))
        sizes.append(len(gap))
        w = w - rate * np.mean(2 * gap[:, np.newaxis] * x_batch, axis=0)
    return np.average(losses, weights=sizes)


def by_package(X: Array, y: Array, w: Array, rate: float, batch_size: int) -> float:
    """この本のネットワークと最適化器で。"""
    net = Network([w.reshape(1, -1)], [np.zeros((1, 1))], ["identity"], "mse")
    descent, total = GradientDescent(learning_rate=rate), 0.0
    for start in range(0, len(X), batch_size):
        batch = X[start : start + batch_size].T, y[np.newaxis, start : start + batch_size]
        total += net.cost(*batch) * batch[1].size
        descent.step([net.weights[0]], [net.gradients(*batch)["W1"]])
    return total / len(X)


def recursive(X: Array, y: Array, w: Array, rate: float, batch_size: int) -> float:
    """残りの例に、自分を使う。"""

    def squares(X: Array, y: Array, w: Array) -> float:
        if not len(X):
            return 0.0
        first, gap = X[:batch_size], X[:batch_size] @ w - y[:batch_size]
        moved = w - 2 * rate / len(gap) * (gap @ first)
        return gap @ gap + squares(X[batch_size:], y[batch_size:], moved)

    return squares(X, y, w) / len(X)


RIGHT = {
    "ex-framework-updates": [[160, 8, 4], (160.0, 8.0, 4.0), np.array([160, 8, 4])],
    "ex-framework-loss-swap": ["2倍"],
    "ex-framework-reported": [Fraction(8, 3), 8 / 3, np.array(8 / 3)],
    "ex-framework-bug": [8],
    "ex-framework-steady": [
        "eta*g/(g + eps/sqrt(1 - beta2**k))",
        "eta*g*sqrt(1 - beta2**k)/(g*sqrt(1 - beta2**k) + eps)",
        "eta/(1 + eps/(g*sqrt(1 - beta2**k)))",
        "eta*sqrt(1 - beta2**k)/(1 - beta1**k)*(1 - beta1**k)*g/(sqrt((1 - beta2**k)*g**2) + eps)",
        "eta - eta*eps/(g*sqrt(1 - beta2**k) + eps)",
        "Eq(g, g*eta/(eps*(1 - beta2**k)**Rational(-1, 2) + g))",
    ],
    "ex-framework-history": [batch_by_batch, example_by_example, averaged, by_package, recursive],
}

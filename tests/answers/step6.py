"""ステップ6の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from backprop.checks import Array


def one_weight_at_a_time(W: Array, X: Array, Y: Array, rate: float) -> Array:
    """くり返しだけで。勾配は、どれも更新する前の重みで。"""
    new = W.copy()
    for j in range(W.shape[0]):
        for k in range(W.shape[1]):
            for n in range(X.shape[1]):
                gap = sum(W[j, p] * X[p, n] for p in range(W.shape[1])) - Y[j, n]
                new[j, k] -= rate * gap * X[k, n] / X.shape[1]
    return new


def one_example_at_a_time(W: Array, X: Array, Y: Array, rate: float) -> Array:
    """例ごとの外積の平均を引く。"""
    return W - rate * np.mean([np.outer(W @ x - y, x) for x, y in zip(X.T, Y.T)], axis=0)


def plain_lists(W: Array, X: Array, Y: Array, rate: float) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    gaps = (W @ X - Y).tolist()
    return [
        [w - rate * sum(d * x for d, x in zip(ds, xs)) / len(ds) for w, xs in zip(ws, X.tolist())]
        for ws, ds in zip(W.tolist(), gaps)
    ]


def in_a_copy(W: Array, X: Array, Y: Array, rate: float) -> Array:
    """写しを、その場で書きかえる。"""
    new = W.copy()
    new -= rate * (W @ X - Y) @ X.T / X.shape[1]
    return new


RIGHT = {
    "ex-step6-two-weights": [
        [Fraction(9, 4), Fraction(3, 2)],
        (2.25, 1.5),
        np.array([2.25, 1.5]),
        [sp.Rational(9, 4), sp.Rational(3, 2)],
    ],
    "ex-step6-one-jump": [Fraction(1, 4), 0.25, sp.Rational(1, 4)],
    "ex-step6-boundary": ["変わらない"],
    "ex-step6-kept": ["更新したあとの重み"],
    "ex-step6-next-gap": [
        "(1 - eta*x**2)*(w*x - y)",
        "(w*x - y)*(1 - eta*x*x)",
        "w*x - y - eta*x**2*(w*x - y)",
        "(w - eta*(w*x - y)*x)*x - y",
        "w*x - y - eta*w*x**3 + eta*x**2*y",
        "-(eta*x**2 - 1)*(w*x - y)",
    ],
    "ex-step6-own-rates": [
        "-Sum(h[i]*g[i]**2, i)",
        "Sum(-h[i]*g[i]**2, i)",
        "-Sum(g[q]*h[q]*g[q], q)",
        "-2*Sum(h[i]*g[i]**2/2, i)",
        "Sum(g[i]*(-h[i]*g[i]), i)",
        "-Sum(h[i]*g[i]**2/2, i) - Sum(h[q]*g[q]**2, q)/2",
    ],
    "ex-step6-one-step": [
        one_weight_at_a_time,
        one_example_at_a_time,
        plain_lists,
        in_a_copy,
        lambda W, X, Y, rate: W - rate * (W @ X - Y) @ X.T / X.shape[1],
        lambda W, X, Y, rate: W + (rate / X.shape[1]) * (Y - W @ X) @ X.T,
        lambda W, X, Y, rate: W - rate * np.einsum("jn,kn->jk", W @ X - Y, X) / len(X.T),
        lambda W, X, Y, rate: (W.T - rate * X @ (W @ X - Y).T / X.shape[1]).T,
    ],
}

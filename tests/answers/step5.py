"""ステップ5の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from backprop.checks import Array


def one_weight_at_a_time(delta: Array, A_prev: Array) -> Array:
    """くり返しだけで。"""
    m = delta.shape[1]
    table = np.zeros((len(delta), len(A_prev) + 1))
    for j in range(len(delta)):
        for n in range(m):
            for k in range(len(A_prev)):
                table[j, k] += delta[j, n] * A_prev[k, n] / m
            table[j, -1] += delta[j, n] / m
    return table


def side_by_side(delta: Array, A_prev: Array) -> Array:
    """二つの勾配を横に並べる。"""
    return np.hstack([delta @ A_prev.T / delta.shape[1], delta.mean(axis=1, keepdims=True)])


def outer_products(delta: Array, A_prev: Array) -> Array:
    """例ごとの外積の平均。"""
    return np.mean([np.outer(d, [*a, 1.0]) for d, a in zip(delta.T, A_prev.T)], axis=0)


def plain_lists(delta: Array, A_prev: Array) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    return [
        [
            *(sum(d * a for d, a in zip(ds, activations)) / len(ds) for activations in A_prev),
            sum(ds) / len(ds),
        ]
        for ds in delta
    ]


def filled(delta: Array, A_prev: Array) -> Array:
    """空の表を埋める。"""
    table = np.empty((delta.shape[0], A_prev.shape[0] + 1))
    table[:, :-1] = np.einsum("jn,kn->jk", delta, A_prev) / delta.shape[1]
    table[:, -1] = delta.sum(axis=1) / delta.shape[1]
    return table


RIGHT = {
    "ex-step5-constant-wire": [
        [-1, Fraction(1, 3), Fraction(-1, 6)],
        (-1.0, 1 / 3, -1 / 6),
        np.array([-1, 1 / 3, -1 / 6]),
        [sp.Integer(-1), sp.Rational(1, 3), sp.Rational(-1, 6)],
    ],
    "ex-step5-balance": [Fraction(5, 6), 5 / 6, np.float64(5 / 6), sp.Rational(5, 6)],
    "ex-step5-shifted-input": ["重みだけ変わる"],
    "ex-step5-already-averaged": [3],
    "ex-step5-gain": [
        "delta*s",
        "s*delta",
        "delta/(1/s)",
        "2*s*delta/2",
        "delta*(s*(u + b) - s*u)/b",
        "delta*s + b - b",
    ],
    "ex-step5-before-the-weights": [
        "Sum(this.w[j, k]*this.delta[j], j)",
        "Sum(this.delta[j]*this.w[j, k], j)",
        "Sum(this.delta[i]*this.w[i, k], i)",
        "2*Sum(this.delta[j]*this.w[j, k]/2, j)",
        "Sum(this.w[i, k]*this.delta[i]/3, i) + 2*Sum(this.w[j, k]*this.delta[j], j)/3",
        "Eq(c[k], Sum(this.w[j, k]*this.delta[j], j))",
    ],
    "ex-step5-one-table": [
        one_weight_at_a_time,
        side_by_side,
        outer_products,
        plain_lists,
        filled,
        lambda delta, A_prev: delta @ np.vstack([A_prev, np.ones((1, delta.shape[1]))]).T / delta.shape[1],
        lambda delta, A_prev: delta @ np.column_stack([A_prev.T, np.ones(delta.shape[1])]) / delta.shape[1],
    ],
}

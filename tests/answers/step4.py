"""ステップ4の練習問題の、正しい答え。"""

from __future__ import annotations

import numpy as np
import sympy as sp

from backprop.checks import Array


def one_weight_at_a_time(delta_first: Array, A_first: Array, delta_second: Array, A_second: Array) -> Array:
    """くり返しだけで。"""
    m = delta_first.shape[1] + delta_second.shape[1]
    gradient = np.zeros((len(delta_first), len(A_first)))
    for delta, A in ((delta_first, A_first), (delta_second, A_second)):
        for n in range(delta.shape[1]):
            for j in range(len(delta)):
                for k in range(len(A)):
                    gradient[j, k] += delta[j, n] * A[k, n] / m
    return gradient


def weighted_mean(delta_first: Array, A_first: Array, delta_second: Array, A_second: Array) -> Array:
    """組ごとの平均の勾配を、例の数で重みをつけて平均する。"""
    sizes = [delta_first.shape[1], delta_second.shape[1]]
    means = [delta_first @ A_first.T / sizes[0], delta_second @ A_second.T / sizes[1]]
    return np.average(means, axis=0, weights=sizes)


def outer_products(delta_first: Array, A_first: Array, delta_second: Array, A_second: Array) -> Array:
    """例ごとの外積の平均。"""
    pairs = [*zip(delta_first.T, A_first.T), *zip(delta_second.T, A_second.T)]
    return np.mean([np.outer(delta, a) for delta, a in pairs], axis=0)


def plain_lists(
    delta_first: Array, A_first: Array, delta_second: Array, A_second: Array
) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    deltas, A = np.hstack([delta_first, delta_second]), np.hstack([A_first, A_second])
    return [[sum(d * a for d, a in zip(ds, activations)) / len(ds) for activations in A] for ds in deltas]


RIGHT = {
    "ex-step4-blanks": [
        [[2, -1, 4], [-6, 3, -12]],
        ((2.0, -1.0, 4.0), (-6.0, 3.0, -12.0)),
        np.array([[2, -1, 4], [-6, 3, -12]]),
        sp.Matrix([[2, -1, 4], [-6, 3, -12]]),
    ],
    "ex-step4-centimetres": ["100倍"],
    "ex-step4-build": [["delta", "a_prev.T"], ("delta", "a_prev.T")],
    "ex-step4-mean-of-products": [3],
    "ex-step4-positive": [
        "delta*a*exp(v)",
        "exp(v)*a*delta",
        "delta*a/exp(-v)",
        "a*delta*exp(v/2)**2",
        "2*delta*a*exp(v)/2",
        "delta*(a*exp(v))",
        "delta*exp(v)*a - delta*a + a*delta",
    ],
    "ex-step4-low-rank": [
        "this.delta[j]*Sum(v[k, r]*before.a[k], k)",
        "Sum(v[k, r]*before.a[k], k)*this.delta[j]",
        "Sum(this.delta[j]*before.a[k]*v[k, r], k)",
        "Sum(before.a[k]*this.delta[j]*v[k, r]/2, k)*2",
        "Eq(u[j, r], this.delta[j]*Sum(before.a[k]*v[k, r], k))",
        "this.delta[j]*Sum(v[k, r]*before.a[k]/2, k) + Sum(v[k, r]*this.delta[j]*before.a[k]/2, k)",
    ],
    "ex-step4-two-parts": [
        one_weight_at_a_time,
        weighted_mean,
        outer_products,
        plain_lists,
        lambda d, A, e, B: (d @ A.T + e @ B.T) / (d.shape[1] + e.shape[1]),
        lambda d, A, e, B: np.hstack([d, e]) @ np.hstack([A, B]).T / (d.shape[1] + e.shape[1]),
        lambda d, A, e, B: ((A @ d.T + B @ e.T) / (A.shape[1] + B.shape[1])).T,
        lambda d, A, e, B: (
            np.einsum("jn,kn->jk", np.hstack([d, e]), np.hstack([A, B])) / np.hstack([d, e]).shape[1]
        ),
    ],
}

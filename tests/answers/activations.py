"""活性化関数の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def two_loops(dA: Array, Z: Array, c: float) -> Array:
    """くり返しと場合分けで。"""
    found = np.zeros(Z.shape)
    for j in range(Z.shape[0]):
        for n in range(Z.shape[1]):
            found[j, n] = dA[j, n] if Z[j, n] > 0 else c * dA[j, n]
    return found


def masked(dA: Array, Z: Array, c: float) -> Array:
    """写しをとって、負のところだけを縮める。"""
    found = dA.copy()
    found[Z < 0] *= c
    return found


def plain_lists(dA: Array, Z: Array, c: float) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    return [[d * (1 if z > 0 else c) for d, z in zip(ds, zs)] for ds, zs in zip(dA, Z)]


def softmax(Z: Array) -> Array:
    """列ごとの softmax。"""
    return np.exp(Z - Z.max(axis=0)) / np.exp(Z - Z.max(axis=0)).sum(axis=0)


def jacobians(Z: Array, dA: Array, tau: float) -> Array:
    """例ごとに、ヤコビ行列を作って掛ける。"""
    found = np.zeros(Z.shape)
    for n, a in enumerate(softmax(Z / tau).T):
        found[:, n] = (np.diag(a) - np.outer(a, a)) @ dA[:, n] / tau
    return found


def heated_loops(Z: Array, dA: Array, tau: float) -> list[list[float]]:
    """くり返しだけで。"""
    A = softmax(Z / tau)
    found = [[0.0] * Z.shape[1] for _ in range(Z.shape[0])]
    for n in range(Z.shape[1]):
        mean = sum(A[i, n] * dA[i, n] for i in range(Z.shape[0]))
        for j in range(Z.shape[0]):
            found[j][n] = A[j, n] * (dA[j, n] - mean) / tau
    return found


def two_stages(Z: Array, dA: Array, tau: float) -> Array:
    """二つの段に分ける。"""
    A = softmax(Z / tau)
    du = A * dA - A * (A * dA).sum(axis=0, keepdims=True)
    return du / tau


RIGHT = {
    "ex-activations-folded": [[-4, -1.5, 3], (-4, Fraction(-3, 2), 3), np.array([-4.0, -1.5, 3.0])],
    "ex-activations-three-slopes": [
        [-0.32, 0.16, 0.4],
        (Fraction(-8, 25), Fraction(4, 25), Fraction(2, 5)),
        np.array([-8, 4, 10]) / 25,
    ],
    "ex-activations-shifted": ["0 < z < 1 で違う"],
    "ex-activations-leaky": [
        two_loops,
        masked,
        plain_lists,
        lambda dA, Z, c: dA * np.where(Z > 0, 1.0, c),
        lambda dA, Z, c: dA * (c + (1 - c) * (Z > 0)),
        lambda dA, Z, c: np.where(np.maximum(Z, c * Z) > 0, dA, c * dA),
    ],
    "ex-activations-bend": [
        "a*(1 - a)*(1 - 2*a)",
        "(1 - 2*a)*(a - a**2)",
        "a - 3*a**2 + 2*a**3",
        "a*(1 - a)**2 - a**2*(1 - a)",
        "2*a*(a - 1)*(a - Rational(1, 2))",
        "a*(1 - a) - 2*a**2*(1 - a)",
    ],
    "ex-activations-affine": [
        "Sum(after.w[p, q]*(c*this.b[q] + d), q) + after.b[p]",
        "after.b[p] + Sum((d + this.b[q]*c)*after.w[p, q], q)",
        "c*Sum(after.w[p, q]*this.b[q], q) + d*Sum(after.w[p, q], q) + after.b[p]",
        "Sum(c*after.w[p, q]*this.b[q], q) + Sum(d*after.w[p, q], q) + after.b[p]",
        "2*(Sum(after.w[p, q]*(c*this.b[q] + d), q)/2 + after.b[p]/2)",
    ],
    "ex-activations-bug": [3],
    "ex-activations-temperature": [
        jacobians,
        heated_loops,
        two_stages,
        lambda Z, dA, tau: softmax(Z / tau) * (dA - np.einsum("in,in->n", softmax(Z / tau), dA)) / tau,
        lambda Z, dA, tau: softmax(Z / tau) / tau * (dA - np.average(dA, axis=0, weights=softmax(Z / tau))),
        lambda Z, dA, tau: (
            ((softmax(Z / tau) * dA) - softmax(Z / tau) * (softmax(Z / tau) * dA).sum(0)) / tau
        ),
    ],
}

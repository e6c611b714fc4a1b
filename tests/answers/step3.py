"""ステップ3の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from backprop.checks import Array


def slope(Z: Array) -> Array:
    """tanh の傾き。"""
    return 1 - np.tanh(Z) ** 2


def three_loops(W_next: Array, delta_next: Array, Z: Array) -> Array:
    """くり返しだけで。"""
    delta = np.zeros(Z.shape)
    for j in range(Z.shape[0]):
        for n in range(Z.shape[1]):
            for k in range(W_next.shape[0]):
                delta[j, n] += W_next[k, j] * delta_next[k, n]
            delta[j, n] *= 1 - np.tanh(Z[j, n]) ** 2
    return delta


def one_path_at_a_time(W_next: Array, delta_next: Array, Z: Array) -> Array:
    """道ごとに傾きを掛けて足す。"""
    return sum(W_next[[k]].T @ delta_next[[k]] * slope(Z) for k in range(len(W_next)))


def plain_lists(W_next: Array, delta_next: Array, Z: Array) -> list[list[float]]:
    """配列でなく、リストのリストで返す。"""
    back = [[sum(w * d for w, d in zip(column, ds)) for ds in delta_next.T] for column in W_next.T]
    return [[b / np.cosh(z) ** 2 for b, z in zip(row, zs)] for row, zs in zip(back, Z)]


RIGHT = {
    "ex-step3-two-paths": [
        [1.25, -1.75],
        (Fraction(5, 4), Fraction(-7, 4)),
        np.array([1.25, -1.75]),
        [sp.Rational(5, 4), sp.Rational(-7, 4)],
    ],
    "ex-step3-build": [
        ["W_next.T", "delta_next", "*", "f'(z)"],
        ("f'(z)", "*", "W_next.T", "delta_next"),
    ],
    "ex-step3-skip": [
        "l.df(l.z[j]) * (Sum(after.w[k, j]*after.delta[k], k) + Sum(v[q, j]*third.delta[q], q))",
        "(Sum(v[q, j]*third.delta[q], q) + Sum(after.w[k, j]*after.delta[k], k)) * l.df(l.z[j])",
        "l.df(l.z[j])*Sum(after.w[k, j]*after.delta[k], k) + l.df(l.z[j])*Sum(v[q, j]*third.delta[q], q)",
        "Sum(l.df(l.z[j])*after.delta[k]*after.w[k, j], k) + Sum(third.delta[q]*v[q, j]*l.df(l.z[j]), q)",
        "Eq(l.delta[j], l.df(l.z[j])*(Sum(after.w[k, j]*after.delta[k], k)"
        " + Sum(v[q, j]*third.delta[q], q)))",
        "2*l.df(l.z[j])*(Sum(after.w[k, j]*after.delta[k], k)/2 + Sum(v[q, j]*third.delta[q], q)/2)",
    ],
    "ex-step3-predict": ["2倍"],
    "ex-step3-bug": [3],
    "ex-step3-loops": [
        three_loops,
        one_path_at_a_time,
        plain_lists,
        lambda W_next, delta_next, Z: (W_next.T @ delta_next) * slope(Z),
        lambda W_next, delta_next, Z: (delta_next.T @ W_next).T * slope(Z),
        lambda W_next, delta_next, Z: np.einsum("kj,kn->jn", W_next, delta_next) / np.cosh(Z) ** 2,
    ],
}

"""手で解く章の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def with_lists(gradients: Array) -> float:
    """リストに集めて。"""
    sizes = [abs(value) for row in gradients for value in row if value != 0]
    return 4 * 0.00005 / min(sizes)


def with_a_running_minimum(gradients: Array) -> float:
    """最小を更新しながら。"""
    smallest = None
    for value in gradients.flatten():
        if value and (smallest is None or abs(value) < smallest):
            smallest = abs(value)
    return 0.0002 / smallest


def with_a_where(gradients: Array) -> float:
    """0を、無限大とみなして。"""
    return 0.0002 / np.where(gradients == 0, np.inf, np.abs(gradients)).min()


def by_the_largest_ratio(gradients: Array) -> float:
    """割合のいちばん大きいもの。"""
    return max(0.0002 / abs(value) for value in gradients[gradients != 0])


def sorted_sizes(gradients: Array) -> Array:
    """並べて、はじめの0でないものを取る。"""
    sizes = np.sort(np.abs(gradients), axis=None)
    return 4 * 5e-5 / sizes[sizes > 0][0]


RIGHT = {
    "ex-hand-logarithm": [
        [[Fraction(-1, 16), Fraction(-1, 8)], [Fraction(3, 32), Fraction(3, 16)]],
        [[-0.0625, -0.125], [0.09375, 0.1875]],
        np.array([[-1 / 16, -2 / 16], [3 / 32, 6 / 32]]),
    ],
    "ex-hand-tolerance": [0.05, Fraction(1, 20), 4 * 0.00005 / 0.0040],
    "ex-hand-detective": ["行4c"],
    "ex-hand-cut": [3],
    "ex-hand-input": [
        "(y_hat - y)*y_hat*(1 - y_hat)*(v1*a1*(1 - a1)*u1 + v2*a2*(1 - a2)*u2)",
        "(y_hat - y)*y_hat*(1 - y_hat)*v1*a1*(1 - a1)*u1 + (y_hat - y)*y_hat*(1 - y_hat)*v2*a2*(1 - a2)*u2",
        "(y - y_hat)*y_hat*(y_hat - 1)*(u2*v2*(a2 - a2**2) + u1*v1*(a1 - a1**2))",
        "-(y - y_hat)*(y_hat - y_hat**2)*(u1*a1*v1*(1 - a1) + a2*u2*(1 - a2)*v2)",
        "2*(y_hat/2 - y/2)*(1 - y_hat)*y_hat*(u1*v1*a1 - u1*v1*a1*a1 + u2*v2*a2 - u2*v2*a2*a2)",
        "y_hat**2*(1 - y_hat)*(v1*a1*(1-a1)*u1 + v2*a2*(1-a2)*u2)"
        " - y*y_hat*(1 - y_hat)*(v1*a1*(1-a1)*u1 + v2*a2*(1-a2)*u2)",
    ],
    "ex-hand-write-tolerance": [
        with_lists,
        with_a_running_minimum,
        with_a_where,
        by_the_largest_ratio,
        sorted_sizes,
        lambda gradients: 4 * 0.00005 / np.abs(gradients[np.nonzero(gradients)]).min(),
    ],
}

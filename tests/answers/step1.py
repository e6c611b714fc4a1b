"""ステップ1の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array
from backprop.losses import LOSSES


def loops(Y_hat: Array, Y: Array, c: float) -> list[list[float]]:
    """くり返しで、リストのリストを返す。"""
    found = []
    for outputs, targets in zip(Y_hat, Y):
        found.append([-c * y / a + (1 - y) / (1 - a) for a, y in zip(outputs, targets)])
    return found


def by_target(Y_hat: Array, Y: Array, c: float) -> Array:
    """目標で場合分けして。"""
    return np.where(Y == 1, -c / Y_hat, 1 / (1 - Y_hat))


def one_fraction(Y_hat: Array, Y: Array, c: float) -> Array:
    """通分して。"""
    return ((1 - Y) * Y_hat - c * Y * (1 - Y_hat)) / (Y_hat * (1 - Y_hat))


def from_the_package(Y_hat: Array, Y: Array, c: float) -> Array:
    """重さのない勾配に、増えた分を足す。"""
    return LOSSES["binary_cross_entropy"].gradient(Y_hat, Y) - (c - 1) * Y / Y_hat


def masked(Y_hat: Array, Y: Array, c: float) -> Array:
    """空の配列を埋めて。"""
    found = np.empty_like(Y_hat)
    ones = Y == 1
    found[ones] = -c / Y_hat[ones]
    found[~ones] = 1 / (1 - Y_hat[~ones])
    return found


RIGHT = {
    "ex-step1-three-outputs": [[2, -4, 5], (2.0, -4.0, 5.0), [Fraction(2), Fraction(-4), Fraction(5)]],
    "ex-step1-backwards": [[1, 0, -1, Fraction(1, 4)], np.array([1, 0, -1, 0.25])],
    "ex-step1-stacked": ["半分"],
    "ex-step1-bug": [3],
    "ex-step1-heavy-ones": [
        loops,
        by_target,
        one_fraction,
        from_the_package,
        masked,
        lambda Y_hat, Y, c: -(c * Y / Y_hat - (1 - Y) / (1 - Y_hat)),
    ],
    "ex-step1-square-root": [
        "(a - y)/(N*sqrt(1 + (a - y)**2))",
        "1/N * (a - y)/sqrt((a - y)**2 + 1)",
        "(a - y)*(1 + (a - y)**2)**Rational(-1, 2)/N",
        "a/(N*sqrt(1 + (y - a)**2)) - y/(N*sqrt(1 + (y - a)**2))",
        "2*(a - y)/(2*N*sqrt(a**2 - 2*a*y + y**2 + 1))",
        "-(y - a)*sqrt(1 + (a - y)**2)/(N*(1 + (a - y)**2))",
    ],
    "ex-step1-total": [
        "Sum(a[i] - y[i], i)",
        "Sum(a[i], i) - Sum(y[i], i)",
        "-Sum(y[i] - a[i], i)",
        "Sum(a[j], j) - Sum(y[j], j)",
        "Sum(2*a[i] - 2*y[i], i)/2",
        "Sum(a[i] - y[i] + 1, i) - last.N",
    ],
}

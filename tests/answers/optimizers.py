"""最適化アルゴリズムの練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backprop.checks import Array


def row_by_row(slopes: Array, eta: float, rho: float, eps: float) -> Array:
    """式のとおりに。"""
    w = s = c = np.zeros(slopes.shape[1])
    for g in slopes:
        s = rho * s + (1 - rho) * g**2
        c = np.maximum(c, s)
        w = w - eta * g / (np.sqrt(c) + eps)
    return w


def weight_by_weight(slopes: Array, eta: float, rho: float, eps: float) -> list[float]:
    """重みごとに、数だけで。"""
    ends = []
    for column in slopes.T:
        w = s = c = 0.0
        for g in column:
            s = rho * s + (1 - rho) * g * g
            c = max(c, s)
            w -= eta * g / (c**0.5 + eps)
        ends.append(w)
    return ends


def all_at_once(slopes: Array, eta: float, rho: float, eps: float) -> Array:
    """移動平均を、係数の表との積で求める。"""
    n = np.arange(len(slopes))
    ages = n[:, None] - n[None, :]
    kept = np.where(ages >= 0, (1 - rho) * rho ** np.maximum(ages, 0.0), 0.0)
    c = np.maximum.accumulate(kept @ slopes**2, axis=0)
    return -eta * np.sum(slopes / (np.sqrt(c) + eps), axis=0)


def largest_root(slopes: Array, eta: float, rho: float, eps: float) -> Array:
    """根号をとってから、大きい方を残す。"""
    s, root, total = 0.0 * slopes[0], 0.0 * slopes[0], 0.0 * slopes[0]
    for g in slopes:
        s = s + (1 - rho) * (g**2 - s)
        root = np.where(np.sqrt(s) > root, np.sqrt(s), root)
        total = total + g / (root + eps)
    return -eta * total


def recursive(slopes: Array, eta: float, rho: float, eps: float) -> Array:
    """自分自身を呼ぶ。"""

    def go(left: Array, s: Array, c: Array) -> Array:
        if len(left) == 0:
            return np.zeros(slopes.shape[1])
        s = rho * s + (1 - rho) * left[0] ** 2
        c = np.maximum(c, s)
        return go(left[1:], s, c) - eta * left[0] / (eps + np.sqrt(c))

    return go(slopes, np.zeros(slopes.shape[1]), np.zeros(slopes.shape[1]))


RIGHT = {
    "ex-optimizers-adagrad": [
        [-1, Fraction(4, 5), Fraction(-12, 13)],
        (-1.0, 0.8, -12 / 13),
        np.array([-1.0, 0.8, -12 / 13]),
    ],
    "ex-optimizers-outlier": ["RMSProp だけ"],
    "ex-optimizers-counter": [4],
    "ex-optimizers-adam": [[Fraction(1, 2), Fraction(1, 3)], (0.5, 1 / 3), np.array([0.5, 1 / 3])],
    "ex-optimizers-rmsprop": [
        "-eta*g/(g*sqrt(1 - rho**t) + eps)",
        "-eta*g/(sqrt((1 - rho**t)*g**2) + eps)",
        "-eta/(sqrt(1 - rho**t) + eps/g)",
        "-(eta*g)/(eps + g*(1 - rho**t)**Rational(1, 2))",
        "-eta*g/(eps + sqrt(g**2 - rho**t*g**2))",
        "eta*g*(-1)/(g*sqrt(1 - rho**t) + eps)",
    ],
    "ex-optimizers-floor": [
        "2*lam*h/(sigma**2 + lam**2*h)",
        "2*h*lam/(h*lam**2 + sigma**2)",
        "2/(sigma**2/(lam*h) + lam)",
        "(2/lam)/(1 + sigma**2/(lam**2*h))",
        "2/lam - 2*sigma**2/(lam*(sigma**2 + lam**2*h))",
        "h*lam/((sigma**2 + lam**2*h)/2)",
    ],
    "ex-optimizers-largest": [row_by_row, weight_by_weight, all_at_once, largest_root, recursive],
}

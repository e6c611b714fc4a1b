"""勾配を確かめる練習問題の、正しい答え。"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from backprop.checks import Array

Cost = Callable[[Array], Any]
H = 1e-5


def two_copies(f: Cost, x: Array) -> Array:
    """右と左の写しを、場所ごとに作る。"""
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        right, left = x.copy(), x.copy()
        right[place] += H
        left[place] -= H
        slopes[place] = (f(right) - f(left)) / (2 * H)
    return slopes


def one_at_a_time(f: Cost, x: Array) -> Array:
    """一つだけ1の配列を足す。"""
    slopes = np.zeros(x.size)
    for n in range(x.size):
        only = np.zeros(x.size)
        only[n] = H
        move = only.reshape(x.shape)
        slopes[n] = (f(x + move) - f(x - move)) / (2 * H)
    return slopes.reshape(x.shape)


def put_back(f: Cost, x: Array) -> Array:
    """一つの写しを動かしては戻す。"""
    moved, slopes = x.copy(), np.zeros_like(x)
    for place, value in np.ndenumerate(x):
        moved[place] = value + H
        right = f(moved)
        moved[place] = value - H
        slopes[place] = (right - f(moved)) / (2 * H)
        moved[place] = value
    return slopes


def comprehension(f: Cost, x: Array) -> Array:
    """内包表記で。"""
    moves = H * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + move) - f(x - move)) / 2 / H for move in moves]).reshape(x.shape)


def complex_steps(f: Cost, x: Array) -> Array:
    """複素ステップ法でも、同じ値になる。"""
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1e-20j
        slopes[place] = f(moved).imag / 1e-20
    return slopes


RIGHT = {
    "ex-check-moving": [
        [7, Fraction(19, 4), Fraction(61, 16)],
        (7.0, 4.75, 3.8125),
        np.array([7, 19 / 4, 61 / 16]),
    ],
    "ex-check-gap": [
        "h*x**2",
        "x**2*h",
        "h*x*x",
        "(2*x*h*(w*x - y) + h**2*x**2)/h - 2*x*(w*x - y)",
        "(((w + h)*x - y)**2 - (w*x - y)**2)/h - 2*x*(w*x - y)",
        "Eq(y, h*x**2)",
    ],
    "ex-check-report": [
        [Fraction(2, 3), Fraction(1, 2), Fraction(3, 4), 2],
        np.array([2 / 3, 0.5, 0.75, 2.0]),
    ],
    "ex-check-copying": [3],
    "ex-check-eight-lines": [two_copies, one_at_a_time, put_back, comprehension, complex_steps],
    "ex-check-one-sided": [
        "-h**2/3*d3",
        "-(h**2)*d3/3",
        "-Rational(1, 3)*d3*h*h",
        "Eq(d1 - d1, -h**2*d3/3)",
        "h**2*d3/6 - h**2*d3/2",
        "(4*(h*d1 + h**2/2*d2 + h**3/6*d3) - (2*h*d1 + 2*h**2*d2 + Rational(4, 3)*h**3*d3))/(2*h) - d1",
    ],
    "ex-check-extrapolation": [
        [16, Fraction(121, 16), Fraction(19, 4)],
        (16.0, 7.5625, 4.75),
    ],
}

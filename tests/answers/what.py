"""誤差逆伝播法とは何かの練習問題の、正しい答え。"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from backprop.checks import Array

Loss = Callable[[Array], float]


def with_copies(J: Loss, w: Array, h: float) -> list[float]:
    """写しを回す。"""
    rates = []
    for i in range(len(w)):
        above, below = w.copy(), w.copy()
        above[i] += h
        below[i] -= h
        rates.append((J(above) - J(below)) / (2 * h))
    return rates


def turned_and_returned(J: Loss, w: Array, h: float) -> Array:
    """回しては、元に戻す。"""
    rates = np.zeros(len(w))
    for i in range(len(w)):
        kept = w[i]
        w[i] = kept + h
        above = J(w)
        w[i] = kept - h
        rates[i] = (above - J(w)) / (2 * h)
        w[i] = kept
    return rates


def along_axes(J: Loss, w: Array, h: float) -> Array:
    """一つだけが h の並びを、足しては引く。"""
    return np.array([J(w + step) - J(w - step) for step in h * np.eye(len(w))]) / h / 2


def half_of_both(J: Loss, w: Array, h: float) -> Array:
    """前へ測った割合と、後ろへ測った割合の平均。"""
    here, steps = J(w), h * np.eye(len(w))
    forward = np.array([(J(w + step) - here) / h for step in steps])
    backward = np.array([(here - J(w - step)) / h for step in steps])
    return (forward + backward) / 2


RIGHT = {
    "ex-what-update": [[1, -1.125, 2], [1, Fraction(-9, 8), 2], np.array([1, -9 / 8, 2])],
    "ex-what-ratios": [[28, 16, 12], (28.0, 16.0, 12.0), np.array([28, 16, 12])],
    "ex-what-far": ["行ったり来たりする"],
    "ex-what-one-knob-net": [
        "2/m*Sum(x[n]*(w*x[n] - y[n]), n)",
        "Sum(2*x[n]*(w*x[n] - y[n]), n)/m",
        "Sum(2/m*(w*x[n] - y[n])*x[n], n)",
        "2*w*Sum(x[n]**2, n)/m - 2*Sum(x[n]*y[n], n)/m",
        "(2*w*Sum(x[n]*x[n], n) - 2*Sum(x[n]*y[n], n))/m",
        "Eq(w, -2/m*Sum(x[n]*(y[n] - w*x[n]), n))",
    ],
    "ex-what-bug": [4],
    "ex-what-measure": [
        with_copies,
        turned_and_returned,
        along_axes,
        half_of_both,
        lambda J, w, h: [
            (J(np.where(np.arange(len(w)) == i, w + h, w)) - J(np.where(np.arange(len(w)) == i, w - h, w)))
            / (2 * h)
            for i in range(len(w))
        ],
    ],
    "ex-what-count": [[23, 46, 18, 24], np.array([23.0, 46.0, 18.0, 24.0])],
    "ex-what-error": [
        "p*h**2",
        "h*h*p",
        "((p*(w + h)**3 + q*(w + h)) - (p*(w - h)**3 + q*(w - h)))/(2*h) - (3*p*w**2 + q)",
        "3*p*w**2 + p*h**2 + q - (3*p*w**2 + q)",
        "Eq(h, p*h**2)",
        "2*p*h**3/(2*h)",
    ],
}

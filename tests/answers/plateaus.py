"""プラトーと局所最適解の練習問題の、正しい答え。"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import sympy as sp

from backprop.checks import Array

Gradient = Callable[[Array], Array]


def whole_matrix(gradient: Gradient, w: Array, d: Array) -> float:
    """ヘッセ行列を作ってから。"""
    H = np.array([gradient(w + 1e-200j * way).imag / 1e-200 for way in np.eye(len(w))])
    return d @ H @ d


def loops(gradient: Gradient, w: Array, d: Array) -> float:
    """内積を、くり返しで。"""
    moved = gradient(w + 1e-30j * d)
    total = 0.0
    for part, step in zip(moved, d):
        total += step * part.imag / 1e-30
    return total


def slope_along(gradient: Gradient, w: Array, d: Array) -> float:
    """向きに沿った傾きを、もう一度微分する。"""
    return (d @ gradient(w + 1e-150j * d)).imag / 1e-150


def by_columns(gradient: Gradient, w: Array, d: Array) -> float:
    """成分一つずつを動かして、重みをつけて足す。"""
    return sum(d[n] * (d @ gradient(w + 1e-100j * way)).imag / 1e-100 for n, way in enumerate(np.eye(len(w))))


RIGHT = {
    "ex-plateaus-corner": [[2, 5, -1], np.array([2.0, 5.0, -1.0]), (sp.Integer(2), Fraction(5), -1.0)],
    "ex-plateaus-waiting": ["なだらかさ"],
    "ex-plateaus-valley": [[Fraction(17, 4), Fraction(8, 17), 1], [4.25, 8 / 17, 1.0]],
    "ex-plateaus-rounding": [5],
    "ex-plateaus-wide": [
        "mu*Sum(p[j]**2 + q[j]**2, j) - 2*y*Sum(p[j]*q[j], j)",
        "Sum(mu*p[j]**2 + mu*q[j]**2 - 2*y*p[j]*q[j], j)",
        "mu*Sum(p[j]**2, j) + mu*Sum(q[j]**2, j) - 2*Sum(y*q[j]*p[j], j)",
        "Sum((mu - y)/2*(p[j] + q[j])**2 + (mu + y)/2*(p[j] - q[j])**2, j)",
        "2*(mu/2*Sum(q[j]**2 + p[j]**2, j) - y*Sum(p[j]*q[j], j))",
        "Sum(mu*(p[j] - q[j])**2, j) + 2*(mu - y)*Sum(p[j]*q[j], j)",
    ],
    "ex-plateaus-bend": [
        lambda gradient, w, d: d @ gradient(w + 1e-200j * d).imag / 1e-200,
        whole_matrix,
        loops,
        slope_along,
        by_columns,
        lambda gradient, w, d: np.sum(d * np.imag(gradient(w + 1e-20j * d))) / 1e-20,
    ],
}

"""勾配降下法の練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from backprop.checks import Array


def slices(gradient: Any, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    """範囲で取り出す。"""
    for first in range(0, X.shape[1], size):
        W = W - rate * gradient(W, X[:, first : first + size], Y[:, first : first + size])
    return W


def numbers(gradient: Any, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    """番号の並びで取り出す。"""
    order = np.arange(X.shape[1])
    now = W.copy()
    for first in range(0, len(order), size):
        chosen = order[first : first + size]
        now -= rate * gradient(now, X[:, chosen], Y[:, chosen])
    return now


def shrinking(gradient: Any, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    """使った例を捨てていく。"""
    while X.shape[1] > 0:
        W = W - rate * gradient(W, X[:, :size], Y[:, :size])
        X, Y = X[:, size:], Y[:, size:]
    return W


def recursive(gradient: Any, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    """自分自身を呼ぶ。"""
    if X.shape[1] == 0:
        return W
    moved = W - rate * gradient(W, X[:, :size], Y[:, :size])
    return recursive(gradient, moved, X[:, size:], Y[:, size:], size, rate)


def split(gradient: Any, W: Array, X: Array, Y: Array, size: int, rate: float) -> list[list[float]]:
    """はじめに切り分け、リストで返す。"""
    places = range(size, X.shape[1], size)
    for x, y in zip(np.split(X, places, axis=1), np.split(Y, places, axis=1)):
        W = W + rate * -gradient(W, x, y)
    return W.tolist()


RIGHT = {
    "ex-descent-together": [[1.25, -0.5], (Fraction(5, 4), Fraction(-1, 2)), np.array([1.25, -0.5])],
    "ex-descent-neuron": [[-0.5, 0.5], (Fraction(-1, 2), Fraction(1, 2)), np.array([-0.5, 0.5])],
    "ex-descent-three-quarters": ["1/4倍"],
    "ex-descent-bottom": [
        "bottom + (1 - eta*lam)**t*(start - bottom)",
        "(start - bottom)*(1 - lam*eta)**t + bottom",
        "(1 - eta*lam)**t*start + (1 - (1 - eta*lam)**t)*bottom",
        "bottom - (1 - eta*lam)**t*(bottom - start)",
        "start*(1 - eta*lam)**t - bottom*((1 - eta*lam)**t - 1)",
        "start + ((1 - eta*lam)**t - 1)*(start - bottom)",
    ],
    "ex-descent-change": [
        "Sum(curve[i]*w[i]**2*((1 - eta*curve[i])**2 - 1)/2, i)",
        "-eta*Sum((curve[i]*w[i])**2, i) + eta**2/2*Sum(curve[i]**3*w[i]**2, i)",
        "Sum(curve[i]*((1 - eta*curve[i])*w[i])**2/2, i) - Sum(curve[i]*w[i]**2/2, i)",
        "-Sum(eta*curve[i]**2*w[i]**2*(2 - eta*curve[i]), i)/2",
        "Sum(-eta*curve[i]**2*w[i]**2*(1 - eta*curve[i]/2), i)",
        "Rational(1, 2)*Sum(eta**2*curve[i]**3*w[i]**2 - 2*eta*curve[i]**2*w[i]**2, i)",
    ],
    "ex-descent-bug": [4],
    "ex-descent-epoch": [slices, numbers, shrinking, recursive, split],
}

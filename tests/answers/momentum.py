"""モーメンタムの練習問題の、正しい答え。"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from backprop.checks import Array


def as_written(gradient: Any, w: Array, eta: float, mu: float, updates: int) -> Array:
    """式のとおりに。"""
    v = np.zeros_like(w)
    for _ in range(updates):
        v = mu * v - eta * gradient(w + mu * v)
        w = w + v
    return w


def from_the_points_ahead(gradient: Any, w: Array, eta: float, mu: float, updates: int) -> Array:
    """先読みした点の列を進め、最後だけ戻す。"""
    phi, v = w.copy(), 0.0 * w
    for _ in range(updates):
        v = mu * v - eta * gradient(phi)
        phi = phi + mu * v - eta * gradient(phi)
    return phi - mu * v


def from_the_last_two(gradient: Any, w: Array, eta: float, mu: float, updates: int) -> Array:
    """速度の代わりに、前の点を覚える。"""
    before, now = w, w
    for _ in range(updates):
        ahead = now + mu * (now - before)
        before, now = now, ahead - eta * gradient(ahead)
    return now


def recursive(gradient: Any, w: Array, eta: float, mu: float, updates: int) -> Array:
    """自分自身を呼ぶ。"""

    def go(w: Array, v: Array, left: int) -> Array:
        if left == 0:
            return w
        new = mu * v - eta * gradient(w + mu * v)
        return go(w + new, new, left - 1)

    return go(w, np.zeros(w.shape), updates)


def other_sign(gradient: Any, w: Array, eta: float, mu: float, updates: int) -> list[Any]:
    """速度の符号を逆にし、学習率を外に出して、リストで返す。"""
    u: Any = 0.0
    for _ in range(updates):
        u = mu * u + gradient(w - eta * mu * u)
        w = w - eta * u
    return w.tolist()


RIGHT = {
    "ex-momentum-overrun": [
        [0, -4, -2],
        (Fraction(0), Fraction(-4), Fraction(-2)),
        np.array([0.0, -4.0, -2.0]),
    ],
    "ex-momentum-flat": ["9"],
    "ex-momentum-bug": [2],
    "ex-momentum-far": [
        "-eta*g/(1 - mu)*(t - mu*(1 - mu**t)/(1 - mu))",
        "-eta*g*t/(1 - mu) + eta*g*mu*(1 - mu**t)/(1 - mu)**2",
        "-eta*g*(t*(1 - mu) - mu + mu**(t + 1))/(1 - mu)**2",
        "eta*g/(mu - 1)*(t + (mu - mu**(t + 1))/(mu - 1))",
        "-(eta*g/(1 - mu))*(t + 1 - (1 - mu**(t + 1))/(1 - mu))",
        "(mu*(1 - mu**t) - t*(1 - mu))*g*eta/(mu - 1)**2",
    ],
    "ex-momentum-best": [
        "(1 - sqrt(s))**2",
        "(sqrt(s) - 1)**2",
        "1 - 2*sqrt(s) + s",
        "1 + s - 2*s**(1/2)",
        "(1 - s**Rational(1, 2))*(1 - sqrt(s))",
        "((1 - s)/(1 + sqrt(s)))**2",
    ],
    "ex-momentum-nesterov": [as_written, from_the_points_ahead, from_the_last_two, recursive, other_sign],
}

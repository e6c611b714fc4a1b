"""連鎖律の練習問題の、正しい答え。"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from math import prod
from typing import Any

import numpy as np
import sympy as sp

Parts = list[Callable[[Any], Any]]


def from_the_entrance(functions: Parts, slopes: Parts, x: float) -> float:
    """値を進めながら、割合を掛ける。"""
    value, rate = x, 1.0
    for function, slope in zip(functions, slopes):
        rate *= slope(value)
        value = function(value)
    return rate


def from_the_exit(functions: Parts, slopes: Parts, x: float) -> float:
    """値をすべて覚えておき、後ろから掛ける。"""
    values = [x]
    for function in functions:
        values.append(function(values[-1]))
    rate = 1.0
    for n in reversed(range(len(slopes))):
        rate = rate * slopes[n](values[n])
    return rate


def one_inside_another(functions: Parts, slopes: Parts, x: float) -> float:
    """外側の一段と、残りに分けて、自分を呼ぶ。"""
    if not functions:
        return 1
    return slopes[0](x) * one_inside_another(functions[1:], slopes[1:], functions[0](x))


def as_an_array(functions: Parts, slopes: Parts, x: float) -> Any:
    """割合を並べてから、すべて掛ける。"""
    rates = []
    for function, slope in zip(functions, slopes):
        rates.append(slope(x))
        x = function(x)
    return np.prod(rates)


def composed(functions: Parts, slopes: Parts, x: float) -> float:
    """段ごとに、はじめから値を求めなおす。"""
    return prod(
        slopes[n](reduce(lambda value, function: function(value), functions[:n], x))
        for n in range(len(slopes))
    )


RIGHT = {
    "ex-chain-stages": [
        [3, 4, -0.0625, -0.75],
        (3, 4, Fraction(-1, 16), Fraction(-3, 4)),
        np.array([3.0, 4.0, -1 / 16, -3 / 4]),
        [3, 4, sp.Rational(-1, 16), sp.Rational(-3, 4)],
    ],
    "ex-chain-two-inputs": [[16, 0], (16.0, 0.0), np.array([16, 0])],
    "ex-chain-long-way": [
        ["dv/du1", "du1/dx", "+", "dv/du3", "du3/du2", "du2/dx"],
        ("du2/dx", "du3/du2", "dv/du3", "+", "du1/dx", "dv/du1"),
        ["dv/du3", "du2/dx", "du3/du2", "+", "dv/du1", "du1/dx"],
    ],
    "ex-chain-growth": ["1より小さい"],
    "ex-chain-shared": [
        "Sum(dv_du[k]*t[k], k)",
        "Sum(t[k]*dv_du[k], k)",
        "Sum(w*t[k]*dv_du[k], k)/w",
        "Eq(w, Sum(dv_du[k]*t[k], k))",
        "Sum(dv_du[k]*t[k]/2, k) + Sum(dv_du[k]*t[k], k)/2",
        "Sum(dv_du[k]*t[k], (k, 1, N))",
    ],
    "ex-chain-bug": [7],
    "ex-chain-program": [
        from_the_entrance,
        from_the_exit,
        one_inside_another,
        as_an_array,
        composed,
        lambda functions, slopes, x: np.array(from_the_exit(functions, slopes, x)),
    ],
    "ex-chain-count": [[48, 14, 36], np.array([48.0, 14.0, 36.0])],
    "ex-chain-second": [
        "ddf(g(x))*dg(x)**2 + df(g(x))*ddg(x)",
        "df(g(x))*ddg(x) + ddf(g(x))*dg(x)*dg(x)",
        "dg(x)*ddf(g(x))*dg(x) + ddg(x)*df(g(x))",
        "dg(x)*(ddf(g(x))*dg(x) + df(g(x))*ddg(x)/dg(x))",
        "Eq(x, ddf(g(x))*dg(x)**2 + df(g(x))*ddg(x))",
        "2*(ddf(g(x))*dg(x)**2/2 + df(g(x))*ddg(x)/2)",
    ],
}

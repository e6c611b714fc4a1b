"""2次関数の谷を下りる道。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop import checks, steps
from backprop.checks import Array
from backprop.interactive import sliders

FLOOR, CEILING = -6, 2
"""対数の軸の両端（10の何乗か）。"""


def descend(curve: Array, start: Array, rate: float, updates: int) -> Array:
    """損失 ``Σ λ_i w_i² / 2`` での道、形 (重みの数, updates + 1)。"""
    path = [start]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(updates):
            path.append(steps.update(path[-1], curve * path[-1], rate))
    return checks.finite_result("谷を下りる重み", np.array(path).T)


def logarithm(path: Array) -> Array:
    """10の何乗か。軸の外へ出る1個までで切る。0 は、軸のすぐ下に置く。"""
    values = np.log10(np.maximum(path, 10.0 ** (FLOOR - 1)))
    return values[: sliders.within(values, FLOOR, CEILING)]


def place(limit: float, rates: Sequence[float]) -> float | None:
    """学習率の境目の、つまみの上の場所（左の端が0、右の端が1）。つまみの外にあれば None。"""
    mark = (limit - rates[0]) / (rates[-1] - rates[0])
    return round(mark, 4) if 0 <= mark <= 1 else None

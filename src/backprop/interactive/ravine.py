"""学習率のつまみ: 細長い谷。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.interactive import sliders, valleys
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table

RATES = tuple(round(0.01 * n, 2) for n in range(1, 23))
LEVELS = (0.05, 0.3, 1.0, 2.5, 5.0, 10.0)
"""等高線を引く損失。"""


@explained
def ravine(
    rates: Sequence[float] = RATES,
    curvatures: tuple[float, float] = (1.0, 10.0),
    *,
    start: tuple[float, float] = (-2.0, 1.0),
    updates: int = 20,
) -> Widget:
    """細長い谷 ``J = (λ₁w₁² + λ₂w₂²)/2`` を、学習率を変えながら下りる図。

    Parameters
    ----------
    rates : sequence of float
        学習率のつまみの位置。小さい順。
    curvatures : tuple of float
        曲がりの強さ λ₁ < λ₂。
    start : tuple of float
        始めの重み。
    updates : int
        更新の回数。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        つまみの位置が正の数の小さい順の並びでない、曲がりの強さか始めの重みが二つでない。

    Notes
    -----
    「勾配降下法」の章（14_gradient_descent）の「細長い谷」の節で使う。

    Examples
    --------
    >>> ravine([0.03, 0.19])
    細長い谷で学習率を変える図: λ₁ = 1、λ₂ = 10、(−2, 1) から 20 回の更新。境目は 2/λ₂ = 0.2。
    """
    rates, (low, high) = sliders.increasing("rates", rates), _two("curvatures", curvatures)
    sliders.increasing("curvatures", curvatures)
    first = _two("start", start)
    updates = checks.count("updates", updates)
    opening = int(np.argmin(np.abs(np.array(rates) - 1.9 / high)))
    paths = {rate: valleys.descend(np.array([low, high]), np.array(first), rate, updates) for rate in rates}
    mark = valleys.place(2 / high, rates)
    data = {
        "label": "学習率と、細長い谷",
        "controls": [sliders.control("学習率 η", [number(rate) for rate in rates], opening)],
        "mark": {"control": 0, "text": "2/λ₂"},
        "readouts": ["w₁ に掛かる数 1 − ηλ₁", "w₂ に掛かる数 1 − ηλ₂", f"{updates} 回めの損失", "様子"],
        "plots": [_contours(low, high, first), _loss(updates)],
        "frames": [_frame(rate, path, low, high, mark) for rate, path in paths.items()],
    }
    where = f"λ₁ = {number(low)}、λ₂ = {number(high)}、({number(first[0])}, {number(first[1])}) から"
    summary = f"細長い谷で学習率を変える図: {where} {updates} 回の更新。境目は 2/λ₂ = {number(2 / high)}。"
    return Widget("sliders", summary, data, _table(paths, low, high, f"{where} {updates} 回の更新。"))


def _two(name: str, value: object) -> tuple[float, float]:
    numbers = [checks.real(f"{name}[{i}]", v) for i, v in enumerate(checks.sequence(name, value))]
    if len(numbers) != 2 or not all(numbers):
        raise ValueError(f"{name} は0でない二つの数でなければなりませんが、{value!r} が与えられました。")
    return numbers[0], numbers[1]


def _contours(low: float, high: float, start: tuple[float, float]) -> sliders.Drawn:
    width, height = 1.2 * abs(start[0]), 1.4 * abs(start[1])
    rings = [[round(float(np.sqrt(2 * J / curve)), 3) for curve in (low, high)] for J in LEVELS]
    return {
        "title": "等高線の上の道",
        "aspect": round(height / width, 3),
        "x": sliders.axis("重み w₁", -width, width, [-2, 0, 2]),
        "y": sliders.axis("重み w₂", -height, height, [-1, 0, 1]),
        "fixed": [{"t": "ellipse", "rx": rx, "ry": ry} for rx, ry in rings],
    }


def _loss(updates: int) -> sliders.Drawn:
    return {
        "title": "損失",
        "x": sliders.axis("更新の回数", -0.5, updates + 0.5, range(0, updates + 1, 5)),
        "y": sliders.powers("J（対数）", -4, valleys.CEILING, 2),
        "fixed": [],
    }


def _manner(rate: float, high: float) -> str:
    if rate * high > 2 + 1e-9:
        return "壁を行き来しながら発散する"
    if abs(rate * high - 2) < 1e-9:
        return "壁のあいだを、同じ幅で行き来する"
    return "壁をまたがずに近づく" if rate * high < 1 + 1e-9 else "壁を行き来しながら近づく"


def _height(path: Array, low: float, high: float) -> Array:
    with np.errstate(over="ignore"):
        return checks.finite_result("損失", (low * path[0] ** 2 + high * path[1] ** 2) / 2)


def _frame(rate: float, path: Array, low: float, high: float, mark: float | None) -> sliders.Drawn:
    height = _height(path, low, high)
    manner = _manner(rate, high)
    seen = path[:, np.abs(path[1]) < 9]  # 枠の外の点は、線の向きがわかるところまで
    cost = valleys.logarithm(height)
    return {
        "d": [[sliders.line(*seen, "walk")], [sliders.line(range(len(cost)), cost, "walk")]],
        "r": [number(1 - rate * low), number(1 - rate * high), number(height[-1]), manner],
        "say": manner,
        "m": mark,
    }


def _table(paths: dict[float, Array], low: float, high: float, caption: str) -> str:
    wanted = np.array([0.1, 0.3, 1.0, 1.8, 1.9, 2.0, 2.1]) / high
    chosen = sorted({min(paths, key=lambda rate: abs(rate - w)) for w in wanted})
    rows = [
        (
            number(rate), number(1 - rate * low), number(1 - rate * high),
            f"({number(paths[rate][0, -1])}, {number(paths[rate][1, -1])})",
            number(_height(paths[rate], low, high)[-1]), _manner(rate, high),
        )
        for rate in chosen
    ]  # fmt: skip
    head = ["学習率 η", "w₁ に掛かる数", "w₂ に掛かる数", "着いたところ", "損失", "様子"]
    return table(head, rows, caption)

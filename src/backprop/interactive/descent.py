"""学習率のつまみ: 重み一つの谷と、細長い谷。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop import checks, steps
from backprop.checks import Array
from backprop.interactive import sliders
from backprop.interactive.widget import Widget, number, table

RATES = tuple(round(0.05 * n, 2) for n in range(1, 43))
RAVINE_RATES = tuple(round(0.01 * n, 2) for n in range(1, 23))
CURVATURES = (1.0, 2.0, 4.0)
EDGE = 3.0
"""重み一つの谷の、描く範囲の端。"""
FLOOR, CEILING = -6, 2
"""対数の軸の両端（10の何乗か）。"""
LEVELS = (0.05, 0.3, 1.0, 2.5, 5.0, 10.0)
"""等高線を引く損失。"""


def learning_rate(
    rates: Sequence[float] = RATES,
    curvatures: Sequence[float] = CURVATURES,
    *,
    start: float = 2.5,
    updates: int = 15,
) -> Widget:
    """重み一つの谷 ``J = λw²/2`` を、学習率を変えながら下りる図。

    Parameters
    ----------
    rates : sequence of float
        学習率のつまみの位置。小さい順。
    curvatures : sequence of float
        曲がりの強さ λ のつまみの位置。小さい順。
    start : float
        始めの重み。0 より大きく3より小さい。
    updates : int
        更新の回数。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        つまみの位置が正の数の小さい順の並びでない、始めの重みが描く範囲にない。

    Notes
    -----
    「勾配降下法」の章（14_gradient_descent）の式 eq-gd-quadratic と eq-learning-rate-limit を動かす。

    Examples
    --------
    >>> learning_rate([0.4, 0.5, 1.1], [1.0, 2.0])
    学習率を変える図: J = λw²/2、w = 2.5 から 15 回の更新。境目は 2/λ。
    """
    rates, curvatures = sliders.increasing("rates", rates), sliders.increasing("curvatures", curvatures)
    if not 0 < checks.real("start", start) < EDGE:
        raise ValueError(
            f"start は 0 より大きく {EDGE:g} より小さくなければなりませんが、{start!r} が与えられました。"
        )
    checks.count("updates", updates)
    middle = len(curvatures) // 2
    opening = int(np.argmin(np.abs(np.array(rates) * curvatures[middle] - 1.8)))
    tallest = float(np.ceil(curvatures[-1] * start**2 * 0.56))
    w = np.linspace(-EDGE, EDGE, 41)
    data = {
        "label": "学習率と、重み一つの谷",
        "controls": [
            sliders.control("学習率 η", [number(rate) for rate in rates], opening),
            sliders.control("曲がりの強さ λ", [number(curve) for curve in curvatures], middle),
        ],
        "mark": {"control": 0, "text": "2/λ"},
        "readouts": ["掛かる数 1 − ηλ", "境目 2/λ", f"{updates} 回めの重み", "様子"],
        "plots": [
            {
                "title": "谷を下りる点",
                "x": sliders.axis("重み w", -EDGE, EDGE, [-2, 0, 2]),
                "y": sliders.axis("損失 J", 0, tallest, [0, tallest / 2, tallest]),
                "fixed": [
                    {
                        "t": "by",
                        "control": 1,
                        "layers": [[sliders.line(w, c * w**2 / 2, "base")] for c in curvatures],
                    }
                ],
            },
            {
                "title": "底までの距離",
                "x": sliders.axis("更新の回数", -0.5, updates + 0.5, range(0, updates + 1, 5)),
                "y": sliders.powers("|w|（対数）", FLOOR, CEILING, 2),
                "fixed": [],
            },
        ],
        "frames": [_frame(rate, curve, start, updates, rates) for rate in rates for curve in curvatures],
    }
    summary = f"学習率を変える図: J = λw²/2、w = {number(start)} から {updates} 回の更新。境目は 2/λ。"
    return Widget("sliders", summary, data, _learning_rate_table(rates, curvatures[middle], start, updates))


def _descend(curve: Array, start: Array, rate: float, updates: int) -> Array:
    """損失 ``Σ λ_i w_i² / 2`` での道、形 (重みの数, updates + 1)。"""
    path = [start]
    for _ in range(updates):
        path.append(steps.update(path[-1], curve * path[-1], rate))
    return np.array(path).T


def _walk(rate: float, curve: float, start: float, updates: int) -> Array:
    return _descend(np.array([curve]), np.array([start]), rate, updates)[0]


def _manner(product: float) -> str:
    """``ηλ`` から決まる、底への近づき方。"""
    if abs(product - 1) < 1e-9:
        return "1回で底に着く"
    if abs(product - 2) < 1e-9:
        return "同じ2点を行き来する"
    if product > 2:
        return "発散する"
    return "底の片側から近づく" if product < 1 else "底をまたぎながら近づく"


def _frame(rate: float, curve: float, start: float, updates: int, rates: Sequence[float]) -> sliders.Drawn:
    path = _walk(rate, curve, start, updates)
    seen = path[: sliders.within(path, -EDGE, EDGE)]
    distance = _logarithm(np.abs(path))
    manner = _manner(rate * curve)
    limit = 2 / curve
    mark = (limit - rates[0]) / (rates[-1] - rates[0])
    return {
        "d": [
            [sliders.line(seen, curve * seen**2 / 2, "walk")],
            [sliders.line(range(len(distance)), distance, "walk")],
        ],
        "r": [number(1 - rate * curve), number(limit), number(path[-1]), manner],
        "say": manner,
        "m": round(mark, 4) if 0 <= mark <= 1 else None,
    }


def _logarithm(path: Array) -> Array:
    """10の何乗か。軸の外へ出る1個までで切る。0 は、軸のすぐ下に置く。"""
    values = np.log10(np.maximum(path, 10.0 ** (FLOOR - 1)))
    return values[: sliders.within(values, FLOOR, CEILING)]


def _learning_rate_table(rates: Sequence[float], curve: float, start: float, updates: int) -> str:
    wanted = np.array([0.1, 0.8, 1.0, 1.8, 2.0, 2.1]) / curve
    chosen = sorted({min(rates, key=lambda rate: abs(rate - w)) for w in wanted})
    paths = {rate: _walk(rate, curve, start, updates) for rate in chosen}
    when = [t for t in (1, 2, 5) if t < updates] + [updates]
    rows = [
        (number(rate), number(1 - rate * curve), *(number(path[t]) for t in when), _manner(rate * curve))
        for rate, path in paths.items()
    ]
    head = ["学習率 η", "掛かる数 1 − ηλ", *(f"{t} 回めの w" for t in when), "様子"]
    return table(
        head, rows, f"λ = {number(curve)}、始めの重み {number(start)}。境目は 2/λ = {number(2 / curve)}。"
    )


def ravine(
    rates: Sequence[float] = RAVINE_RATES,
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
    checks.count("updates", updates)
    opening = int(np.argmin(np.abs(np.array(rates) - 1.9 / high)))
    paths = {rate: _descend(np.array([low, high]), np.array(first), rate, updates) for rate in rates}
    mark = (2 / high - rates[0]) / (rates[-1] - rates[0])
    width, height = 1.2 * abs(first[0]), 1.4 * abs(first[1])
    rings = [[round(float(np.sqrt(2 * J / curve)), 3) for curve in (low, high)] for J in LEVELS]
    data = {
        "label": "学習率と、細長い谷",
        "controls": [sliders.control("学習率 η", [number(rate) for rate in rates], opening)],
        "mark": {"control": 0, "text": "2/λ₂"},
        "readouts": ["w₁ に掛かる数 1 − ηλ₁", "w₂ に掛かる数 1 − ηλ₂", f"{updates} 回めの損失", "様子"],
        "plots": [
            {
                "title": "等高線の上の道",
                "aspect": round(height / width, 3),
                "x": sliders.axis("重み w₁", -width, width, [-2, 0, 2]),
                "y": sliders.axis("重み w₂", -height, height, [-1, 0, 1]),
                "fixed": [{"t": "ellipse", "rx": rx, "ry": ry} for rx, ry in rings],
            },
            {
                "title": "損失",
                "x": sliders.axis("更新の回数", -0.5, updates + 0.5, range(0, updates + 1, 5)),
                "y": sliders.powers("J（対数）", -4, CEILING, 2),
                "fixed": [],
            },
        ],
        "frames": [_ravine_frame(rate, path, low, high, mark) for rate, path in paths.items()],
    }
    where = f"λ₁ = {number(low)}、λ₂ = {number(high)}、({number(first[0])}, {number(first[1])}) から"
    summary = f"細長い谷で学習率を変える図: {where} {updates} 回の更新。境目は 2/λ₂ = {number(2 / high)}。"
    return Widget("sliders", summary, data, _ravine_table(paths, low, high, f"{where} {updates} 回の更新。"))


def _two(name: str, value: object) -> tuple[float, float]:
    numbers = [checks.real(f"{name}[{i}]", v) for i, v in enumerate(checks.sequence(name, value))]
    if len(numbers) != 2 or not all(numbers):
        raise ValueError(f"{name} は0でない二つの数でなければなりませんが、{value!r} が与えられました。")
    return numbers[0], numbers[1]


def _ravine_manner(rate: float, high: float) -> str:
    if rate * high > 2 + 1e-9:
        return "壁を行き来しながら発散する"
    if abs(rate * high - 2) < 1e-9:
        return "壁のあいだを、同じ幅で行き来する"
    return "壁をまたがずに近づく" if rate * high < 1 + 1e-9 else "壁を行き来しながら近づく"


def _height(path: Array, low: float, high: float) -> Array:
    return (low * path[0] ** 2 + high * path[1] ** 2) / 2


def _ravine_frame(rate: float, path: Array, low: float, high: float, mark: float) -> sliders.Drawn:
    height = _height(path, low, high)
    manner = _ravine_manner(rate, high)
    seen = path[:, np.abs(path[1]) < 9]  # 枠の外の点は、線の向きがわかるところまで
    cost = _logarithm(height)
    return {
        "d": [[sliders.line(*seen, "walk")], [sliders.line(range(len(cost)), cost, "walk")]],
        "r": [number(1 - rate * low), number(1 - rate * high), number(height[-1]), manner],
        "say": manner,
        "m": round(mark, 4) if 0 <= mark <= 1 else None,
    }


def _ravine_table(paths: dict[float, Array], low: float, high: float, caption: str) -> str:
    wanted = np.array([0.1, 0.3, 1.0, 1.8, 1.9, 2.0, 2.1]) / high
    chosen = sorted({min(paths, key=lambda rate: abs(rate - w)) for w in wanted})
    rows = [
        (
            number(rate), number(1 - rate * low), number(1 - rate * high),
            f"({number(paths[rate][0, -1])}, {number(paths[rate][1, -1])})",
            number(_height(paths[rate], low, high)[-1]), _ravine_manner(rate, high),
        )
        for rate in chosen
    ]  # fmt: skip
    head = ["学習率 η", "w₁ に掛かる数", "w₂ に掛かる数", "着いたところ", "損失", "様子"]
    return table(head, rows, caption)

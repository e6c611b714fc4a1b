"""学習率のつまみ: 重み一つの谷。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.interactive import sliders, valleys
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table

RATES = tuple(round(0.05 * n, 2) for n in range(1, 43))
CURVATURES = (1.0, 2.0, 4.0)
EDGE = 3.0
"""描く範囲の端。"""


@explained
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
    given, start = start, checks.real("start", start)
    if not 0 < start < EDGE:
        raise ValueError(
            f"start は 0 より大きく {EDGE:g} より小さくなければなりませんが、{given!r} が与えられました。"
        )
    updates = checks.count("updates", updates)
    middle = len(curvatures) // 2
    opening = int(np.argmin(np.abs(np.array(rates) * curvatures[middle] - 1.8)))
    data = {
        "label": "学習率と、重み一つの谷",
        "controls": [
            sliders.control("学習率 η", [number(rate) for rate in rates], opening),
            sliders.control("曲がりの強さ λ", [number(curve) for curve in curvatures], middle),
        ],
        "mark": {"control": 0, "text": "2/λ"},
        "readouts": ["掛かる数 1 − ηλ", "境目 2/λ", f"{updates} 回めの重み", "様子"],
        "plots": [_valley(curvatures, start), _distance(updates)],
        "frames": [_frame(rate, curve, start, updates, rates) for rate in rates for curve in curvatures],
    }
    summary = f"学習率を変える図: J = λw²/2、w = {number(start)} から {updates} 回の更新。境目は 2/λ。"
    return Widget("sliders", summary, data, _table(rates, curvatures[middle], start, updates))


def _valley(curvatures: Sequence[float], start: float) -> sliders.Drawn:
    """谷の形。曲がりの強さごとに一本を用意し、つまみで選ぶ。"""
    tallest = float(np.ceil(curvatures[-1] * start**2 * 0.56))
    w = np.linspace(-EDGE, EDGE, 41)
    shapes = [[sliders.line(w, c * w**2 / 2, "base")] for c in curvatures]
    return {
        "title": "谷を下りる点",
        "x": sliders.axis("重み w", -EDGE, EDGE, [-2, 0, 2]),
        "y": sliders.axis("損失 J", 0, tallest, [0, tallest / 2, tallest]),
        "fixed": [{"t": "by", "control": 1, "layers": shapes}],
    }


def _distance(updates: int) -> sliders.Drawn:
    return {
        "title": "底までの距離",
        "x": sliders.axis("更新の回数", -0.5, updates + 0.5, range(0, updates + 1, 5)),
        "y": sliders.powers("|w|（対数）", valleys.FLOOR, valleys.CEILING, 2),
        "fixed": [],
    }


def _walk(rate: float, curve: float, start: float, updates: int) -> Array:
    return valleys.descend(np.array([curve]), np.array([start]), rate, updates)[0]


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
    distance = valleys.logarithm(np.abs(path))
    manner = _manner(rate * curve)
    limit = 2 / curve
    return {
        "d": [
            [sliders.line(seen, curve * seen**2 / 2, "walk")],
            [sliders.line(range(len(distance)), distance, "walk")],
        ],
        "r": [number(1 - rate * curve), number(limit), number(path[-1]), manner],
        "say": manner,
        "m": valleys.place(limit, rates),
    }


def _table(rates: Sequence[float], curve: float, start: float, updates: int) -> str:
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

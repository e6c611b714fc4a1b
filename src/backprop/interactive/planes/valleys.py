"""二つの谷のある損失の、等高線の上の出発点: 勾配降下法は、どの谷に着くか。"""

from __future__ import annotations

import numpy as np

from backprop import checks
from backprop.autodiff import Variable, gradients
from backprop.checks import Array, DivergenceError, explained
from backprop.interactive import sliders
from backprop.interactive.numbers import number, rounded
from backprop.interactive.widget import Widget, table
from backprop.optimizers import GradientDescent

LOW, HIGH = np.array([-2.2, -1.2]), np.array([2.2, 2.4])
"""等高線を描く範囲の、左下と右上。"""
ASPECT = round(float((HIGH - LOW)[1] / (HIGH - LOW)[0]), 3)
"""縦と横の比。"""
GRID = (49, 59)
"""等高線のための升目の、行と列の数。"""
LEVELS = (-0.4, -0.3, -0.2, -0.1, -0.05, 0.0, 0.1, 0.3, 0.7, 1.5, 3.0, 6.0)
"""等高線を引く損失。"""
STEP = 0.05
RATES = (0.02, 0.5, 0.02)
"""学習率のつまみの、下の端、上の端、刻み。"""
FAR = 100.0
"""原点からこれだけ離れたら、発散したとみなす。"""
ARRIVED = 0.05
"""谷底からこれだけの距離に入ったら、着いたとみなす。"""
ROWS = ((-1.8, 1.0), (-0.5, -0.8), (0.1, 1.5), (0.4, 1.5), (1.8, 1.0), (1.5, -1.0))
"""表に載せる出発点。"""
NAMES = ("左の深い谷に着いた", "右の浅い谷に着いた", "まだ着いていない", "発散した")


@explained
def two_valleys(start: tuple[float, float] = (1.6, 1.6), rate: float = 0.1, *, updates: int = 100) -> Widget:
    """読者の選んだ出発点から、谷が二つある損失の上を、勾配降下法で下りる図。

    損失は ``J = w₁⁴/4 − w₁²/2 + w₁/5 + (w₂ − w₁²/2)²``。谷底は曲がった道 ``w₂ = w₁²/2`` の上にあり、左の方が深い。

    Parameters
    ----------
    start : tuple of float
        はじめの出発点。描く範囲の中の点。
    rate : float
        はじめの学習率。0.02 以上 0.5 以下。
    updates : int
        更新の回数。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        出発点が二つの数でない、範囲の外にある、学習率がつまみの外にある。

    Notes
    -----
    「勾配降下法」の章（14_gradient_descent）の「どこに着くのか」の節で使う。道はページの中で計算し、検査が、
    パッケージの計算グラフの勾配と `GradientDescent` の道と比べる。

    Examples
    --------
    >>> two_valleys()
    出発点を選ぶ図: 谷が二つある損失を、学習率 0.1 で 100 回。はじめの出発点は (1.6, 1.6) で、右の浅い谷に着いた。
    """
    first = _inside(start)
    rate, updates = _rate(rate), checks.count("updates", updates)
    bottoms = minima()
    data = {
        "label": "出発点と、二つの谷",
        "hint": "出発点は、押すか、引くか、矢印キーで選べます",
        "controls": [
            *(_control(f"出発点 {name}", i, first[i]) for i, name in enumerate(("w₁", "w₂"))),
            {"label": "学習率 η", "low": RATES[0], "high": RATES[1], "step": RATES[2], "start": rate},
        ],
        "plane": {
            "title": "等高線の上の道",
            "aspect": ASPECT,
            "x": sliders.axis("重み w₁", LOW[0], HIGH[0], [-2, -1, 0, 1, 2]),
            "y": sliders.axis("重み w₂", LOW[1], HIGH[1], [-1, 0, 1, 2]),
        },
        "rows": GRID[0],
        "columns": GRID[1],
        "levels": list(LEVELS),
        "grid": [rounded([v], 3 if abs(v) < 9.99 else 2)[0] for v in cost(*_mesh()).ravel()],
        "bottoms": [rounded(bottom, 3) for bottom in bottoms],
        "curve": {
            "title": "損失",
            "aspect": ASPECT,
            "x": sliders.axis("更新の回数", -0.02 * updates, 1.02 * updates, range(0, updates + 1, 20)),
            "y": sliders.axis("損失 J", -0.6, 3, [0, 1, 2, 3]),
        },
        "arrived": ARRIVED,
        "far": FAR,
        "updates": updates,
        "manners": list(NAMES),
        "readouts": ["始めの損失", "終わりの損失", "終わりの重み", "様子"],
        "longest": ["−0.459", "−0.459", "(−1.09, −0.592)", NAMES[0]],
    }
    where = f"はじめの出発点は ({number(first[0])}, {number(first[1])}) で、{_manner(_walk(first, rate, updates))}。"
    summary = f"出発点を選ぶ図: 谷が二つある損失を、学習率 {number(rate)} で {updates} 回。{where}"
    return Widget("valleys", summary, data, _table(rate, updates))


def cost(w1: Array, w2: Array) -> Array:
    """損失。"""
    return w1**4 / 4 - w1**2 / 2 + w1 / 5 + (w2 - w1**2 / 2) ** 2


def slope(w: Array) -> Array:
    """計算グラフで求めた勾配。

    Examples
    --------
    (1, 1) では、``(1 − 1 + 1/5 − 2·1·(1/2), 2·(1/2))``。

    >>> slope(np.array([1.0, 1.0])).round(12)
    array([-0.8,  1. ])
    """
    weights = [Variable(np.array([[value]])) for value in w]
    w1, w2 = weights
    square = w1 * w1
    off = w2 - square * 0.5
    loss = square * square * 0.25 - square * 0.5 + w1 * 0.2 + off * off
    return np.array([gradient.item() for gradient in gradients(loss.sum(), weights)])


def minima() -> tuple[Array, Array]:
    """左の深い谷と、右の浅い谷の底。``w₁³ − w₁ + 1/5 = 0`` の、いちばん左といちばん右の根。"""
    roots = np.sort(np.roots([1.0, 0.0, -1.0, 0.2]).real)
    left, _, right = (np.array([root, root**2 / 2]) for root in roots)
    return left, right


def _inside(start: object) -> tuple[float, float]:
    numbers = [checks.real(f"start[{i}]", v) for i, v in enumerate(checks.sequence("start", start))]
    if len(numbers) != 2 or (np.array(numbers) < LOW).any() or (np.array(numbers) > HIGH).any():
        raise ValueError(
            f"start は、w₁ が {LOW[0]} から {HIGH[0]}、w₂ が {LOW[1]} から {HIGH[1]} の点でなければなりませんが、"
            f"{start!r} が与えられました。"
        )
    return numbers[0], numbers[1]


def _rate(rate: object) -> float:
    value = checks.positive("rate", rate)
    if not RATES[0] <= value <= RATES[1]:
        raise ValueError(
            f"rate は {RATES[0]} 以上 {RATES[1]} 以下でなければなりませんが、{value} が与えられました。"
        )
    return value


def _control(label: str, i: int, start: float) -> sliders.Drawn:
    return {"label": label, "low": float(LOW[i]), "high": float(HIGH[i]), "step": STEP, "start": start}


def _mesh() -> tuple[Array, Array]:
    across, up = (np.linspace(low, high, n) for low, high, n in zip(LOW, HIGH, GRID[::-1]))
    w1, w2 = np.meshgrid(across, up)
    return w1, w2


def _walk(start: tuple[float, float], rate: float, updates: int) -> Array:
    """パッケージの勾配降下法の道、形 (2, 点の数)。離れすぎたら、そこで終わる。"""
    w, optimizer = np.array(start), GradientDescent(learning_rate=rate)
    path = [w.copy()]
    while len(path) <= updates and np.linalg.norm(w) < FAR:
        try:
            optimizer.step([w], [slope(w)])
        except DivergenceError:
            break
        path.append(w.copy())
    return np.array(path).T


def _manner(path: Array) -> str:
    end = path[:, -1]
    if np.linalg.norm(end) >= FAR:
        return NAMES[3]
    near = [np.linalg.norm(end - bottom) < ARRIVED for bottom in minima()]
    return NAMES[near.index(True)] if any(near) else NAMES[2]


def _point(w: Array) -> str:
    return f"({number(w[0])}, {number(w[1])})"


def _table(rate: float, updates: int) -> str:
    rows = [
        (_point(np.array(start)), number(cost(*path[:, 0])), number(cost(*path[:, -1])), _point(path[:, -1]),
         _manner(path))
        for start in ROWS
        if (path := _walk(start, rate, updates)).size
    ]  # fmt: skip
    head = ["出発点", "始めの損失", "終わりの損失", "終わりの重み", "様子"]
    what = f"学習率 {number(rate)} で {updates} 回の勾配降下法。"
    return table(head, rows, f"{what}動かせるときは、はじめの行が、いまの出発点と学習率。")

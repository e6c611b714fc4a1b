"""学習率と μ の平面: モーメンタムは、単調に近づくか、ゆれるか、発散するか。"""

from __future__ import annotations

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.interactive import sliders
from backprop.interactive.numbers import number, rounded
from backprop.interactive.widget import Widget, table
from backprop.optimizers import Momentum

EDGE = 4.2
"""平面の、ηλ の端。"""
STEPS = (0.02, 0.01)
"""ηλ と μ のつまみの刻み。"""
NAMES = ("単調に近づく", "ゆれながら近づく", "毎回またぎながら近づく", "発散する")
ON_BORDER = "同じ幅で行き来する"
NEAR = 1e-9
"""つまみの刻みがちょうど境目に乗るときの、丸め誤差。根の重なる境目は、実数の根の側に入れる。"""
SHOWN = (1, 2, 5, 10, 20)
ROWS = (
    (0.1, 0.0), (1.8, 0.0), (2.2, 0.0), (0.1, 0.4), (0.2, 0.4), (1.8, 0.4), (2.7, 0.4), (2.9, 0.4),
    (0.2, 0.9),
)  # fmt: skip
"""表に載せる ηλ と μ の組。"""


@explained
def momentum_plane(at: tuple[float, float] = (0.1, 0.4), *, updates: int = 40) -> Widget:
    """学習率と μ の平面の上で点を動かし、モーメンタムが谷 ``J = λw²/2`` を下りる歩みを見る図。

    Parameters
    ----------
    at : tuple of float
        はじめの点: 学習率と曲がりの強さの積 ηλ（0.02 以上 4.2 以下）と、μ（0 以上 0.98 以下）。
    updates : int
        更新の回数。20 以上。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        点が二つの数でない、平面の外にある、回数が 20 より少ない。

    Notes
    -----
    「モーメンタム」の章（53_momentum）の「細長い谷での速さ」の節で使う。境目は、特性方程式
    ``r² − (1 + μ − ηλ) r + μ = 0`` の根が、正の実数、虚数、負の実数、−1 より小さい実数になるところで分かれる。
    歩みはページの中で計算し、検査がパッケージの `Momentum` と比べる。

    Examples
    --------
    >>> momentum_plane()
    学習率と μ の平面: w = 1 から 40 回の更新。はじめの点は ηλ = 0.1、μ = 0.4 で、単調に近づく。
    """
    steepness, mu = _point(at)
    updates = checks.count("updates", updates)
    if updates < SHOWN[-1]:
        raise ValueError(f"updates は {SHOWN[-1]} 以上でなければなりませんが、{updates} が与えられました。")
    data = {
        "label": "学習率と μ の平面",
        "hint": "点を引くか、矢印キーで動かせます",
        "controls": [
            _control("ηλ（学習率×曲がりの強さ）", 0.02, EDGE, 0, steepness),
            _control("μ（前の速度を残す割合）", 0.0, 0.98, 1, mu),
        ],
        "plane": {
            "title": "学習率と μ の平面",
            "aspect": 0.8,
            "x": sliders.axis("ηλ（学習率×曲がりの強さ）", 0, EDGE, [0, 1, 2, 3, 4]),
            "y": sliders.axis("μ", 0, 1, [0, 0.5, 1]),
        },
        "regions": _regions(),
        "borders": _borders(),
        "curve": {
            "title": "歩み",
            "aspect": 0.8,
            "x": sliders.axis("更新の回数", -0.02 * updates, 1.02 * updates, range(0, updates + 1, 10)),
            "y": sliders.axis("重み w", -1.5, 1.5, [-1, 0, 1]),
        },
        "manners": [*NAMES, ON_BORDER],
        "updates": updates,
        "shown": list(SHOWN),
        "readouts": ["大きい方の根の大きさ", f"{updates} 回めの重み", "様子"],
        "longest": ["0.999", "−1.23×10⁻¹⁰", NAMES[2]],
    }
    start = f"はじめの点は ηλ = {number(steepness)}、μ = {number(mu)} で、{_manner(steepness, mu)}。"
    summary = f"学習率と μ の平面: w = 1 から {updates} 回の更新。{start}"
    return Widget("plane", summary, data, _table(updates))


def _point(at: object) -> tuple[float, float]:
    numbers = [checks.real(f"at[{i}]", v) for i, v in enumerate(checks.sequence("at", at))]
    inside = len(numbers) == 2 and 0.02 <= numbers[0] <= EDGE and 0 <= numbers[1] <= 0.98
    if not inside:
        raise ValueError(
            f"at は、0.02 以上 {EDGE} 以下の数と、0 以上 0.98 以下の数の組でなければなりませんが、"
            f"{at!r} が与えられました。"
        )
    return numbers[0], numbers[1]


def _control(label: str, low: float, high: float, place: int, start: float) -> sliders.Drawn:
    return {"label": label, "low": low, "high": high, "step": STEPS[place], "start": start}


def borders(mu: Array) -> tuple[Array, Array, Array]:
    """μ のときの、三つの境目の ηλ。

    Examples
    --------
    >>> [round(border.item(), 2) for border in borders(np.array([0.25]))]
    [0.25, 2.25, 2.5]
    """
    root = np.sqrt(mu)
    return (1 - root) ** 2, (1 + root) ** 2, 2 * (1 + mu)


def region(steepness: float, mu: float) -> int:
    """点のある領域の番号（`NAMES` の順）。発散との境目の上は 4。

    Examples
    --------
    >>> [region(s, 0.25) for s in (0.2, 1.0, 2.3, 2.6, 2.5)]
    [0, 1, 2, 3, 4]
    """
    monotone, turning, limit = (border.item() for border in borders(np.array([mu])))
    if abs(steepness - limit) < NEAR:
        return 4
    if steepness > limit:
        return 3
    if steepness <= monotone + NEAR:
        return 0
    return 1 if steepness < turning - NEAR else 2


def _manner(steepness: float, mu: float) -> str:
    return (*NAMES, ON_BORDER)[region(steepness, mu)]


def _outline(left: Array, right: Array, mu: Array) -> list[list[float]]:
    x = np.concatenate([left, right[::-1]])
    return [rounded(x, 2), rounded(np.concatenate([mu, mu[::-1]]), 3)]


def _regions() -> list[sliders.Drawn]:
    mu = np.linspace(0, 1, 21) ** 2
    edges = [0 * mu, *borders(mu), 0 * mu + EDGE]
    labels = [(0.28, 0.06), (1.15, 0.5), (1.72, 0.06), (3.5, 0.25)]
    return [
        {"name": name, "outline": _outline(left, right, mu), "at": list(label)}
        for name, left, right, label in zip(NAMES, edges, edges[1:], labels)
    ]


def _borders() -> list[sliders.Drawn]:
    mu = np.linspace(0, 1, 41) ** 2
    first, second, third = borders(mu)
    return [
        sliders.line(first, mu, "border", 3),
        sliders.line(second, mu, "border faint", 3),
        sliders.line(third, mu, "border", 3),
    ]


def _walk(steepness: float, mu: float, updates: int) -> Array:
    """パッケージの最適化器の歩み。"""
    w, optimizer, path = np.array([1.0]), Momentum(learning_rate=1.0, momentum=mu), [1.0]
    for _ in range(updates):
        optimizer.step([w], [steepness * w])
        path.append(w.item())
    return checks.finite_result("谷を下りる重み", np.array(path))


def _largest(steepness: float, mu: float) -> float:
    return float(np.abs(np.roots([1.0, steepness - 1 - mu, mu])).max())


def _table(updates: int) -> str:
    rows = [
        (
            number(steepness), number(mu), number(_largest(steepness, mu)),
            *(number(path[n]) for n in SHOWN), _manner(steepness, mu),
        )
        for steepness, mu in ROWS
        if len(path := _walk(steepness, mu, updates))
    ]  # fmt: skip
    head = ["ηλ", "μ", "大きい方の根の大きさ", *(f"{n} 回めの w" for n in SHOWN), "様子"]
    return table(head, rows, "w = 1 から始めたモーメンタムの歩み。動かせるときは、はじめの行が、いまの点。")

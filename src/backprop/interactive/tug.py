"""softmax の綱引き: 三つの加重和と、確率と傾き。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop import checks
from backprop.activations import ACTIVATIONS
from backprop.checks import Array, explained
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table
from backprop.losses import LOSSES

LOW, HIGH, STEP = -6.0, 6.0, 0.1
"""つまみの両端と刻み。"""
CLASSES = 3
PUSHES = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (3.0, 0.0, 0.0), (1.0, 1.0, 1.0), (5.0, 4.0, 3.0))
"""表に載せる加重和。はじめの加重和のあとに並べる。"""


@explained
def softmax_tug(z: Sequence[float] = (2.0, 1.0, 0.0), target: int = 2) -> Widget:
    """三つの加重和を動かし、softmax の確率と、クロスエントロピーの傾き ``ŷ − y`` を見る図。

    Parameters
    ----------
    z : sequence of float
        はじめの加重和。三つの、−6 以上 6 以下の数。
    target : int
        はじめの正解のクラス。1、2、3 のどれか。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        加重和が三つの数でない、つまみの外にある、正解のクラスがない。

    Notes
    -----
    「活性化関数」の章（13_activations）の「softmax」の節で使う。確率と傾きはページの中で計算し、検査がパッケージと
    比べる。

    Examples
    --------
    >>> softmax_tug()
    softmax の綱引き: 加重和 2、1、0 の確率は 0.665、0.245、0.09。
    """
    start = _checked(z)
    place = checks.count("target", target)
    if place > CLASSES:
        raise ValueError(f"target は 1 から {CLASSES} まででなければなりませんが、{place} が与えられました。")
    share, _, _ = _pulled(start, place)
    data = {
        "label": "softmax の綱引き",
        "names": [f"加重和 z{mark}" for mark in "₁₂₃"],
        "low": LOW,
        "high": HIGH,
        "step": STEP,
        "start": start,
        "target": place - 1,
        "bars": ["確率 ŷ", "傾き ŷ − y（損失の、加重和についての傾き）"],
        "readouts": ["損失", "確率の和", "傾きの和"],
        "longest": ["0.0001", "1", "0"],
    }
    sums, shares = ("、".join(number(v) for v in values) for values in (start, share))
    return Widget("tug", f"softmax の綱引き: 加重和 {sums} の確率は {shares}。", data, _table(start, place))


def _checked(z: object) -> list[float]:
    values = [checks.real(f"z[{i}]", v) for i, v in enumerate(checks.sequence("z", z))]
    if len(values) != CLASSES or any(not LOW <= v <= HIGH for v in values):
        raise ValueError(
            f"z は、{LOW:g} 以上 {HIGH:g} 以下の数を {CLASSES} 個並べたものでなければなりませんが、"
            f"{z!r} が与えられました。"
        )
    return values


def _pulled(z: Sequence[float], target: int) -> tuple[Array, Array, float]:
    """確率、傾き、損失。"""
    f, ce = ACTIVATIONS["softmax"], LOSSES["cross_entropy"]
    Z, Y = np.array(z)[:, None], np.eye(CLASSES)[:, [target - 1]]
    share = f.value(Z)
    slope = f.pullback(Z, ce.gradient(share, Y))
    return share[:, 0], slope[:, 0], ce.value_at_z(Z, Y).item()


def _table(start: Sequence[float], target: int) -> str:
    """クラスごとの値。動かせるときは、この三つの行が、いまの値になる。"""
    share, slope, _ = _pulled(start, target)
    rows = [
        (str(n + 1), number(start[n]), number(share[n]), number(n + 1 == target), number(slope[n]))
        for n in range(CLASSES)
    ]
    for z in PUSHES:
        share, slope, _ = _pulled(z, target)
        rows += [
            (f"{n + 1}（加重和 {'、'.join(map(number, z))}）", number(z[n]), number(share[n]),
             number(n + 1 == target), number(slope[n]))
            for n in range(CLASSES)
        ]  # fmt: skip
    head = ["クラス", "加重和 z", "確率 ŷ", "目標 y", "傾き ŷ − y"]
    return table(head, rows, "softmax の確率と、クロスエントロピーの傾き。")

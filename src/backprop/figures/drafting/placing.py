"""線と節のすきまに、文字の置き場所を選ぶ。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes

from backprop.checks import Array
from backprop.figures.drafting.geometry import Box, Point, Wire, along, around, length_inside, overlap
from backprop.figures.drafting.page import Figure
from backprop.figures.drafting.text import text_at, text_size
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import INK, PAPER, SYMBOL

PAD = 0.035
"""文字のまわりの余白（インチ）。"""


@dataclass
class Label:
    """図に置く文字と、置いてよい場所の候補（よい順、インチ）。"""

    text: str
    candidates: Sequence[Point]
    colour: str = INK
    size: float = SYMBOL
    own: frozenset[int] = field(default_factory=frozenset)  # 重なってよい線（自分の線）の番号
    halo: bool = True


def beside(figure: Figure, wire: Wire, text: str, size: float, fractions: Sequence[float]) -> list[Point]:
    """線分の、進む向きの左わきの点。文字の縁が線に触れないだけ離す。"""
    (x0, y0), (x1, y1) = wire
    span = float(np.hypot(x1 - x0, y1 - y0))
    normal = (-(y1 - y0) / span, (x1 - x0) / span)
    w, h = text_size(figure, text, size)
    distance = abs(normal[0]) * w / 2 + abs(normal[1]) * h / 2 + 0.1
    return [(x + normal[0] * distance, y + normal[1] * distance) for x, y in along(wire, fractions)]


def place(
    ax: Axes,
    labels: Sequence[Label],
    *,
    wires: Sequence[Wire],
    boxes: Sequence[Box],
    faint: frozenset[int] = frozenset(),
) -> None:
    """文字どうし、文字と節、文字とよその線がなるべく重ならない候補を選んで、文字を置く。

    `faint` は、文字の下に隠れてもあまり困らない薄い線の番号。一つずつ、次に二つ組で、ほかを固定して最もよい
    候補に移すことを、動かなくなるまで繰り返す。乱数は使わない。
    """
    if not labels:
        return
    figure = ax.get_figure(root=True)
    fixed = _Surroundings(figure, wires, boxes, faint)
    spots: list[Box] = []
    alone: list[float] = []  # 候補それぞれの、ほかの文字によらない費用
    ranges: list[range] = []  # 文字ごとの、候補の番号
    for item in labels:
        size = text_size(figure, item.text, item.size)
        ranges.append(range(len(spots), len(spots) + len(item.candidates)))
        for preference, candidate in enumerate(item.candidates):
            spots.append(around(candidate, size, PAD))
            alone.append(fixed.cost(spots[-1], item.own) + 0.02 * preference)
    # 重ならなくても、触れそうなほど近い文字は読み違えのもとになる
    apart = np.array(spots) + np.array([-0.1, -0.1, 0.1, 0.1])
    together = 1000 * _overlaps(np.array(spots)) + 8 * _overlaps(apart)
    chosen = _settle(np.array(alone), together, ranges)
    for item, candidates, c in zip(labels, ranges, chosen):
        halo = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.6} if item.halo else None
        position = item.candidates[c - candidates.start]
        text_at(ax, *position, item.text, color=item.colour, fontsize=item.size, bbox=halo, zorder=4.9)


class _Surroundings:
    """文字が避けるもの: 紙の縁、節、線、矢じり。"""

    def __init__(
        self, figure: Figure, wires: Sequence[Wire], boxes: Sequence[Box], faint: frozenset[int]
    ) -> None:
        self.page = (0.05, 0.05, full_width() - 0.05, figure.get_size_inches()[1] - 0.05)
        self.wires, self.boxes, self.faint = wires, boxes, faint
        self.heads = [_head(*wire) for n, wire in enumerate(wires) if n not in faint]

    def cost(self, here: Box, own: frozenset[int]) -> float:
        """長方形 `here` に文字を置く費用。`own` は、重なってよい線の番号。"""
        outside = (here[2] - here[0]) * (here[3] - here[1]) - overlap(here, self.page)
        clash = outside + sum(overlap(here, other) for other in self.boxes)
        cut = sum(
            length_inside(*wire, here) * (0.15 if n in self.faint else 1.0)
            for n, wire in enumerate(self.wires)
            if n not in own
        )
        hidden = sum(overlap(here, head) for head in self.heads)
        return 1000 * clash + 300 * hidden + 3 * cut


def _head(start: Point, end: Point) -> Box:
    """線の終わりの、矢じりのある場所。"""
    back = 0.06 / float(np.hypot(end[0] - start[0], end[1] - start[1]))
    middle = (end[0] + back * (start[0] - end[0]), end[1] + back * (start[1] - end[1]))
    return around(middle, (0.13, 0.13))


def _overlaps(boxes: Array) -> Array:
    """すべての組の、重なる面積。"""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    return np.clip(high - low, 0.0, None).prod(axis=2)


def _settle(alone: Array, together: Array, ranges: Sequence[range]) -> list[int]:
    """費用 ``Σ alone + Σ together`` を、一つか二つを動かしてはもう下げられない選び方。"""
    chosen = [candidates.start for candidates in ranges]
    for _ in range(20):
        before = list(chosen)
        for i, mine in enumerate(ranges):
            rest = [c for n, c in enumerate(chosen) if n != i]
            chosen[i] = mine[int(np.argmin(alone[mine] + together[np.ix_(mine, rest)].sum(axis=1)))]
        for i, mine in enumerate(ranges):
            for k in range(i):
                other = ranges[k]
                rest = [c for n, c in enumerate(chosen) if n not in (i, k)]
                first = alone[mine] + together[np.ix_(mine, rest)].sum(axis=1)
                second = alone[other] + together[np.ix_(other, rest)].sum(axis=1)
                cost = first[:, None] + second[None, :] + together[np.ix_(mine, other)]
                a, b = np.unravel_index(int(np.argmin(cost)), cost.shape)
                chosen[i], chosen[k] = mine[int(a)], other[int(b)]
        if chosen == before:
            break
    return chosen

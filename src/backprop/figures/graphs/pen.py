"""計算グラフの線と節を描く。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch

from backprop.figures.drafting.arrows import arrow, stroke
from backprop.figures.drafting.geometry import Box, Point, Wire, shortened
from backprop.figures.drafting.nodes import frame
from backprop.figures.drafting.numbers import label
from backprop.figures.drafting.placing import Label, beside
from backprop.figures.drafting.text import centred, ink, inside
from backprop.figures.style import BACKWARD, BACKWARD_INK, FORWARD, SYMBOL

SQUARE = 0.93
"""入力の四角の半分の幅の、半径に対する比。"""

SIDE = 0.055
FRACTIONS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.28, 0.72)


@dataclass
class Pen:
    """線と節を描き、文字を置く場所の希望を集める。文字は、すべてを描き終えてから置く。"""

    ax: Axes
    radius: float
    size: float
    paired: bool  # 戻る矢印の場所をあけるか
    lines: list[Wire] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def wire(
        self,
        points: Sequence[Point],
        *,
        value: object,
        gradient: object,
        leaf: bool = False,
        open_end: bool = False,
    ) -> None:
        """値と勾配の線。折れ線の途中には矢じりをつけない。"""
        last = len(points) - 2
        side = SIDE if self.paired else 0.0
        for i, (a, b) in enumerate(pairwise(points)):
            start = 0.0 if i > 0 else _square_reach(a, b, self.radius) if leaf else self.radius
            end = 0.0 if i < last or open_end else self.radius + 0.02
            there = shortened(a, b, start, end, side)
            self._line(there, FORWARD, head=i == last)
            if value is not None and i == last:
                self._beside(there, value, FORWARD)
            if gradient is None:
                continue
            back = shortened(b, a, end, start + (0.02 if i == 0 else 0.0), side)
            self._line(back, BACKWARD, head=i == 0)
            if i == last:
                self._beside(back, gradient, BACKWARD_INK)

    def _line(self, line: Wire, colour: str, *, head: bool) -> None:
        dashed = colour == BACKWARD
        if head:
            arrow(self.ax, *line, colour=colour, dashed=dashed)
        else:
            stroke(self.ax, *line, colour=colour, width=2.4, dashed=dashed, z=3)
        self.lines.append(line)

    def _beside(self, line: Wire, value: object, colour: str) -> None:
        text = label(value)
        spots = beside(self.ax.get_figure(root=True), line, text, self.size, FRACTIONS)
        self.labels.append(Label(text, spots, colour, self.size, frozenset({len(self.lines) - 1})))

    def node(
        self, position: Point, symbol: str, *, leaf: bool, lit: bool, value: object, gradient: object
    ) -> None:
        """節。入力は四角、演算は丸。枝分かれする節では、値を上に、勾配の和を下に書く。"""
        x, y = position
        room = self.radius * (1.2 if leaf else 1.0)  # 四角の隅は、丸より広い
        size = inside(symbol, SYMBOL + 1, room)
        if leaf:
            side = 2 * SQUARE * self.radius - 0.08
            wide = max(side, ink(symbol, size).width / 72)  # 長い名前には、四角を横に広げる
            corner = (x - wide / 2, y - side / 2)
            rounded = "round,pad=0.04,rounding_size=0.08"
            shape = FancyBboxPatch(corner, wide, side, boxstyle=rounded, **frame(lit))
        else:
            shape = Circle(position, self.radius, **frame(lit))
        self.ax.add_patch(shape)
        self.boxes.append((x - self.radius, y - self.radius, x + self.radius, y + self.radius))
        centred(self.ax, position, symbol, size)
        for shown, sign, colour in ((value, 1, FORWARD), (gradient, -1, BACKWARD_INK)):
            if shown is not None:
                spots = [(x + dx, y + sign * (self.radius + 0.14)) for dx in (0, -0.1, -0.2, -0.3)]
                self.labels.append(Label(label(shown), spots, colour, self.size))


def _square_reach(a: Point, b: Point, radius: float) -> float:
    """入力の四角の中心から、線が四角を出るところまでの長さ。角は丸いので、少し内側で切る。"""
    half = SQUARE * radius
    dx, dy = abs(b[0] - a[0]), abs(b[1] - a[1])
    return min(half * float(np.hypot(dx, dy)) / max(dx, dy), 1.25 * half)

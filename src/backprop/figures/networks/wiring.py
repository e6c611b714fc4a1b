"""割りつけたネットワークを描く。線、節、文字の順に。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes

from backprop.figures.drafting.arrows import arrow, stroke
from backprop.figures.drafting.geometry import Wire, along, shortened
from backprop.figures.drafting.nodes import node, three_dots
from backprop.figures.drafting.placing import Label, beside, place
from backprop.figures.networks.plan import RADIUS, Key, Plan
from backprop.figures.style import (
    BACKWARD,
    BACKWARD_INK,
    FORWARD,
    HIGHLIGHT,
    INK,
    PALE,
    SYMBOL,
)

SIDE = 0.07
FRACTIONS = (0.5, *(0.5 + sign * 0.035 * step for step in range(1, 10) for sign in (-1, 1)))
"""文字を置いてよい、線の上の位置。中央から順に。"""

FAN = (0.64, 0.6, 0.68, 0.56, 0.72, 0.76, 0.5, 0.44)
"""線が一点から広がる図で、線どうしが離れている側から順に。"""


@dataclass(frozen=True)
class Marks:
    """ネットワークに書き込むもの: 目立たせるところ、矢印、文字。"""

    lit_nodes: Sequence[Key] = ()
    lit_edges: Sequence[Key] = ()
    forward: Sequence[Key] = ()
    backward: Sequence[Key] = ()
    node_text: Mapping[Key, str] = field(default_factory=dict)
    edge_text: Mapping[Key, str] = field(default_factory=dict)
    backward_text: Mapping[Key, str] = field(default_factory=dict)
    above: Mapping[Key, str] = field(default_factory=dict)
    below: Mapping[Key, str] = field(default_factory=dict)


def draw(ax: Axes, plan: Plan, marks: Marks, fractions: Sequence[float] = FRACTIONS) -> None:
    """線、節、文字の順に描く。文字は、すべての線と節の位置が決まってから置く。"""
    plan.widen(marks.node_text)
    pen = _Pen(ax, plan, marks, fractions)
    for edge in plan.edges:
        pen.edge(edge)
    for key in plan.positions:
        pen.node(key)
    sides = [(*plan.positions[key], plan.radius[key]) for key in plan.positions]
    boxes = [(x - r, y - r, x + r, y + r) for x, y, r in sides]
    place(ax, pen.requests, wires=pen.wires, boxes=boxes, faint=frozenset(pen.faint))


class _Pen:
    """線と節を描き、文字を置く場所の希望を集める。"""

    def __init__(self, ax: Axes, plan: Plan, marks: Marks, fractions: Sequence[float]) -> None:
        self.ax, self.plan, self.marks, self.fractions = ax, plan, marks, fractions
        self.wires: list[Wire] = []
        self.requests: list[Label] = []
        self.faint: set[int] = set()

    def edge(self, edge: Key) -> None:
        """一本の線。行きと帰りの矢印が並ぶ線では、二本を左右にずらす。"""
        (l, j, k), marks = edge, self.marks
        start, end = (l - 1, k), (l, j)
        both, lit = edge in marks.forward and edge in marks.backward, edge in marks.lit_edges
        ends = self.plan.positions[start], self.plan.positions[end]
        radii = self.plan.radius[start], self.plan.radius[end]
        side = SIDE if both else 0.0
        main = len(self.wires)
        self._line(edge, shortened(*ends, radii[0], radii[1] + 0.02, side), lit)
        if edge in marks.backward:
            self._back(edge, shortened(*ends[::-1], radii[1], radii[0] + 0.02, side), both)
        if edge in marks.edge_text:
            colour = FORWARD if edge in marks.forward else INK
            self._label(marks.edge_text[edge], main, colour, self.fractions, both or lit)

    def _line(self, edge: Key, wire: Wire, lit: bool) -> None:
        if lit:
            stroke(self.ax, *wire, colour=HIGHLIGHT, width=7.5, z=0.5)
        if edge in self.marks.forward:
            arrow(self.ax, *wire, colour=FORWARD)
        elif edge not in self.marks.backward:
            if not lit:
                self.faint.add(len(self.wires))
            stroke(self.ax, *wire, colour=INK if lit else PALE, width=1.8 if lit else 1.1)
        self.wires.append(wire)

    def _back(self, edge: Key, wire: Wire, both: bool) -> None:
        arrow(self.ax, *wire, colour=BACKWARD, dashed=True)
        self.wires.append(wire)
        if edge in self.marks.backward_text:
            fractions = [1 - t for t in self.fractions]
            text = self.marks.backward_text[edge]
            self._label(text, len(self.wires) - 1, BACKWARD_INK, fractions, both)

    def _label(self, text: str, n: int, colour: str, fractions: Sequence[float], outside: bool) -> None:
        """線の文字。矢印が二本並ぶ線と太い線ではわきに、ほかでは線の上に、線を切って置く。"""
        size, wire, figure = SYMBOL - 1, self.wires[n], self.ax.get_figure(root=True)
        spots = beside(figure, wire, text, size, fractions) if outside else along(wire, fractions)
        self.requests.append(Label(text, spots, colour, size, frozenset({n})))

    def node(self, key: Key) -> None:
        """一つのニューロンと、その上下に添える文字。"""
        (x, y), marks = self.plan.positions[key], self.marks
        text, lit = marks.node_text.get(key, ""), key in marks.lit_nodes
        node(self.ax, (x, y), text, lit=lit, radius=self.plan.radius[key])
        for text, sign, colour in (
            (marks.above.get(key), 1, FORWARD),
            (marks.below.get(key), -1, BACKWARD_INK),
        ):
            if text:
                away = y + sign * (self.plan.radius[key] + 0.15)
                spots = [(x + dx, away) for dx in (0, 0.12, -0.12, 0.25, -0.25)]
                self.requests.append(Label(text, spots, colour, SYMBOL - 2))
        if key in self.plan.dots:
            following = self.plan.positions.get((key[0], key[1] + 1))
            three_dots(self.ax, x, (y + following[1]) / 2 if following else y - RADIUS - 0.26)

"""一つのニューロンの図。入力から出力まで、順伝播の一歩ずつ。"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import explained
from backprop.figures.drafting.arrows import arrow
from backprop.figures.drafting.geometry import Point, Wire, along, shortened
from backprop.figures.drafting.nodes import node, three_dots
from backprop.figures.drafting.numbers import label
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.placing import Label, place
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import across
from backprop.figures.networks.plan import DOTS, RADIUS
from backprop.figures.networks.wiring import FRACTIONS
from backprop.figures.style import FORWARD, SMALL, SYMBOL

ROW = 0.85
SOURCE, TOTAL, FUNCTION, OUTPUT = 0.85, 3.35, 5.0, 6.45
"""入力、加重和、活性化関数、出力の、広い紙での横の位置（インチ）。"""

HEART = 0.34
"""加重和と活性化関数の丸の半径。"""


@explained
@drawing
def neuron(
    *,
    inputs: Sequence[object] = ("$a_1$", "$a_2$", "$a_3$"),
    weights: Sequence[object] = ("$w_1$", "$w_2$", "$w_3$"),
    bias: object = "$b$",
    z: object = "$z$",
    activation: str = "$f$",
    output: object = "$a$",
    dots: bool = False,
) -> Figure:
    """一つのニューロンの中身。入力に重みを掛けて足し、バイアスを足し、活性化関数を通す。

    Parameters
    ----------
    inputs, weights : sequence of str or float
        入力と、その線の重み。同じ数だけ要る。
    bias, z, output : str or float
        バイアス、加重和、出力。
    activation : str
        活性化関数の記号。
    dots : bool
        最後の入力の手前に「⋮」を置くか。

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        入力と重みの数が違う。

    Notes
    -----
    「順伝播」の章（21_forward_pass）の def-weighted-input を描く。

    Examples
    --------
    >>> figure = neuron(inputs=[1.0, 2.0], weights=[0.5, -0.5], bias=0.1, z=-0.4, output=0.401)
    >>> "$-0.4$" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    if len(checks.sequence("inputs", inputs)) != len(checks.sequence("weights", weights)) or not inputs:
        raise ValueError(
            f"inputs と weights は同じ数だけ要りますが、{len(inputs)} 個と {len(weights)} 個が与えられました。"
        )
    inputs, weights = [label(value) for value in inputs], [label(weight) for weight in weights]
    bias, z, output = (label(value) for value in (bias, z, output))
    column = (len(inputs) - 1) * ROW + (DOTS if dots else 0)
    tall = max(column, 1.6)
    height = tall + 2 * RADIUS + 0.5
    middle = height / 2
    figure, ax = sheet(height)
    sources = _sources(len(inputs), middle + column / 2, dots)
    total, function, out = ((across(x), middle) for x in (TOTAL, FUNCTION, OUTPUT))
    wires = [shortened(source, total, RADIUS, 0.36) for source in sources]
    requests = [
        Label(weight, along(wire, FRACTIONS), FORWARD, SYMBOL, frozenset({n}))
        for n, (wire, weight) in enumerate(zip(wires, weights))
    ]
    for source, wire, value in zip(sources, wires, inputs):
        arrow(ax, *wire, colour=FORWARD)
        node(ax, source, value, radius=RADIUS)
    if dots and len(inputs) > 1:
        three_dots(ax, across(SOURCE), (sources[-1][1] + sources[-2][1]) / 2)
    wires.append(_named(ax, shortened(total, function, HEART, 0.36), z))
    wires.append(_named(ax, shortened(function, out, HEART, 0.0), output))
    above = (across(TOTAL), middle + tall / 2 + 0.1)
    arrow(ax, *shortened(above, total, 0.2, 0.36), colour=FORWARD)
    text_at(ax, *above, bias, color=FORWARD, fontsize=SYMBOL)
    for centre, symbol, name in ((total, r"$\Sigma$", "加重和"), (function, activation, "活性化関数")):
        node(ax, centre, symbol, lit=True, radius=HEART)
        text_at(ax, centre[0], middle - 0.56, name, fontsize=SMALL)
    boxes = [(x - 0.3, y - 0.3, x + 0.3, y + 0.3) for x, y in [*sources, total]]
    place(ax, requests, wires=wires, boxes=boxes)
    return figure


def _sources(n: int, top: float, dots: bool) -> list[Point]:
    """上から順に並べた入力。「⋮」を置くなら、最後の入力の手前を広げる。"""
    found, y = [], top
    for i in range(n):
        found.append((across(SOURCE), y))
        y -= ROW + (DOTS if dots and i == n - 2 else 0)
    return found


def _named(ax: Axes, wire: Wire, text: str) -> Wire:
    """値の名前を上に書いた、横向きの矢印。"""
    (x0, y), (x1, _) = wire
    arrow(ax, *wire, colour=FORWARD)
    text_at(ax, (x0 + x1) / 2, y + 0.2, text, color=FORWARD, fontsize=SYMBOL)
    return wire

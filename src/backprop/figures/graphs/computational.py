"""計算グラフを描く。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backprop.checks import explained
from backprop.figures.drafting.arrows import direction_key
from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.inputs import optional
from backprop.figures.drafting.numbers import label
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.placing import place
from backprop.figures.drafting.text import room
from backprop.figures.drafting.widths import full_width, smallest
from backprop.figures.graphs.layout import DEEPEST, Layout, Wire
from backprop.figures.graphs.pen import Pen
from backprop.figures.style import SYMBOL

Values = Mapping[str, object]
Gradients = Mapping[str | Wire, object]
Places = Mapping[str, Point]

RADIUS = 0.27
SMALL_RADIUS = 0.19
NARROW = 1.05
"""列の間がこれより狭い深いグラフでは、節と文字を小さくする。"""

NUDGE = 0.55
"""そのとき、わきから幹に加わる入力を、行き先へ寄せる幅（列の間に対する比）。幹の文字に線が重ならないように。"""

STUB = 0.75
"""最後の節から右に出る線の長さ。"""


@explained
@drawing
def computational_graph(
    nodes: Mapping[str, tuple[str, Sequence[str]]],
    *,
    values: Mapping[str, object] | None = None,
    gradients: Mapping[str | Wire, object] | None = None,
    highlight: Sequence[str] = (),
    forward_key: str = "順伝播：値",
    backward_key: str = "逆伝播：勾配",
) -> Figure:
    """計算グラフ。左から右へ計算が進み、線の上に値、下に（戻る向きの）勾配が載る。

    Parameters
    ----------
    nodes : dict
        名前から ``(記号, 親の名前の並び)`` への対応。親は子より先に書く。親のない節は入力。
    values : dict, optional
        節の名前から、その節が出す値（数か文字列）への対応。
    gradients : dict, optional
        節の名前から、その節の値に関する最終出力の勾配への対応。枝分かれする節では、
        ``(節, 子)`` で線ごとの勾配を与えられる。節の名前で与えたものは、それらの和として節の下に書く。
    highlight : sequence of str
        目立たせる節。
    forward_key, backward_key : str
        矢印の説明。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        親が前にない、ない節に値や勾配を与えた、深すぎる。

    Notes
    -----
    「計算グラフ」の章（22_computational_graph）による。

    Examples
    --------
    >>> figure = computational_graph(
    ...     {"x": ("$x$", ()), "w": ("$w$", ()), "z": (r"$\\times$", ("x", "w"))},
    ...     values={"x": 2.0, "w": 3.0, "z": 6.0}, gradients={"z": 1.0, "x": 3.0, "w": 2.0})
    >>> [text.get_text() for text in figure.axes[0].texts].count("$6$")
    1
    """
    graph = Layout(nodes)
    values = optional("values", values)
    gradients = optional("gradients", gradients)
    _check(graph, values, gradients, highlight)
    y = graph.heights()
    bottom = 0.95 if gradients or values else 0.5
    figure, ax = sheet(max(y.values()) + bottom + 0.62)
    shown = any(name in values or name in gradients for name in graph.sinks)
    frame = _frame(graph.width, STUB if shown else 0.0)
    joining = graph.joining() if frame.narrow else set()
    at = {
        name: (frame.left + frame.gap * (column + (NUDGE if name in joining else 0.0)), bottom + y[name])
        for name, column in graph.every_column.items()
    }
    size = max(10.5, smallest()) if frame.narrow else SYMBOL - 2
    radius = SMALL_RADIUS if frame.narrow else RADIUS
    round_ones = [room(symbol, smallest()) for name, symbol in graph.symbols.items() if graph.parents[name]]
    pen = Pen(ax, min(max([radius, *round_ones]), RADIUS), size, bool(gradients))
    _wires(pen, graph, at, values, gradients)
    _stubs(pen, graph, at, values, gradients, frame.stub)
    _nodes(pen, graph, at, values, gradients, highlight)
    place(ax, pen.labels, wires=pen.lines, boxes=pen.boxes)
    if values or gradients:
        words = forward_key if values else None, backward_key if gradients else None
        direction_key(ax, 0.28, forward=words[0], backward=words[1])
    return figure


def _check(graph: Layout, values: Values, gradients: Gradients, highlight: Sequence[str]) -> None:
    tables = (("values", values), ("gradients", gradients), ("highlight", dict.fromkeys(highlight)))
    for name, table in tables:
        for entry in table:
            if entry not in graph.symbols and (name != "gradients" or entry not in graph.wires):
                raise ValueError(
                    f"{name} の {entry!r} は nodes にありません。あるのは {', '.join(graph.symbols)} です。"
                )
    for value in (*values.values(), *gradients.values()):
        label(value)  # None は、与えなかったことになってしまう
    if graph.width > DEEPEST:
        raise ValueError(
            f"計算グラフは {DEEPEST} 列までですが、{graph.width} 列あります。途中で分けて描いてください。"
        )


@dataclass(frozen=True)
class _Frame:
    """横の寸法: 左端、列の間、最後の線の長さ、節を小さくするか。"""

    left: float
    gap: float
    stub: float
    narrow: bool


def _frame(columns: int, stub: float) -> _Frame:
    gap = min(1.75, (full_width() - 0.95 - stub) / max(columns - 1, 1))
    narrow = gap <= NARROW
    if narrow:
        stub = min(stub, 0.6)
        gap = (full_width() - 2 * SMALL_RADIUS - 0.2 - stub) / (columns - 1)
    return _Frame((full_width() - gap * (columns - 1) - stub) / 2, gap, stub, narrow)


def _wires(pen: Pen, graph: Layout, at: Places, values: Values, gradients: Gradients) -> None:
    """親から子への線。枝分かれする親の値と勾配の和は、線ではなく節に添える。"""
    for parent, child in graph.wires:
        alone = len(graph.children[parent]) == 1
        pen.wire(
            [at[name] for name in graph.route((parent, child))],
            value=values.get(parent) if alone else None,
            gradient=gradients.get((parent, child), gradients.get(parent) if alone else None),
            leaf=not graph.parents[parent],
        )


def _stubs(pen: Pen, graph: Layout, at: Places, values: Values, gradients: Gradients, length: float) -> None:
    """最後の節から、行き先のない右へ出る線。"""
    for name in graph.sinks:
        if name in values or name in gradients:
            x, h = at[name]
            end = (x + length + pen.radius, h)
            pen.wire([(x, h), end], value=values.get(name), gradient=gradients.get(name), open_end=True)


def _nodes(
    pen: Pen, graph: Layout, at: Places, values: Values, gradients: Gradients, highlight: Sequence[str]
) -> None:
    for name, symbol in graph.symbols.items():
        branching = len(graph.children[name]) > 1
        pen.node(
            at[name],
            symbol,
            leaf=not graph.parents[name],
            lit=name in highlight,
            value=values.get(name) if branching else None,
            gradient=gradients.get(name) if branching else None,
        )

"""計算グラフの図。線の上側に順伝播の値、下側に逆伝播の勾配を書く。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch

from backprop.autodiff import NodeTrace
from backprop.checks import Array, mapping, sequence
from backprop.figures import style
from backprop.figures.style import (
    BACKWARD,
    BACKWARD_INK,
    FORWARD,
    GREY,
    HIGHLIGHT,
    HIGHLIGHT_FILL,
    PAPER,
    SYMBOL,
    WIDTH,
    Figure,
    Label,
    Point,
    arrow,
    drawing,
    label,
)  # fmt: skip

Wire = tuple[str, str]

RADIUS = 0.27
SMALL_RADIUS = 0.19
SQUARE = 0.93
"""入力の四角の半分の幅の、半径に対する比。"""

NARROW = 1.05
"""列の間がこれより狭い深いグラフでは、節と文字を小さくする。"""

NUDGE = 0.55
"""そのとき、わきから幹に加わる入力を、行き先へ寄せる幅（列の間に対する比）。幹の文字に線が重ならないように。"""

DEEPEST = 9
"""値を読めるように描ける、列の数の限り。"""

ROW = 1.25
SIDE = 0.055
STUB = 0.75
SYMBOLS = {
    "+": "$+$", "−": "$-$", "×": r"$\times$", "÷": r"$\div$", "@": r"$\cdot$", "ᵀ": r"$\top$",
    "Σ": r"$\Sigma$", "exp": r"$\exp$", "log": r"$\log$", "sigmoid": r"$\sigma$", "tanh": r"$\tanh$",
    "relu": "ReLU",
}  # fmt: skip
"""`backprop.autodiff` の演算の記号の、組み方。"""

FRACTIONS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.28, 0.72)


class _Graph:
    """節の段（左からの列）と、列の中での並び。"""

    def __init__(self, nodes: Mapping[str, tuple[str, Sequence[str]]]) -> None:
        if not isinstance(nodes, Mapping) or not nodes:
            raise TypeError(
                f"nodes は {{名前: (記号, 親の名前の並び)}} の辞書でなければなりませんが、{nodes!r} が与えられました。"
            )
        self.symbols: dict[str, str] = {}
        self.parents: dict[str, tuple[str, ...]] = {}
        for name, entry in nodes.items():
            if not isinstance(entry, tuple) or len(entry) != 2 or isinstance(entry[1], str):
                raise TypeError(
                    f"nodes[{name!r}] は (記号, 親の名前の並び) でなければなりませんが、{entry!r} が与えられました。"
                )
            self.symbols[name], self.parents[name] = entry[0], tuple(entry[1])
            for parent in self.parents[name]:
                if parent not in self.symbols or parent == name:
                    raise ValueError(
                        f"nodes[{name!r}] の親 {parent!r} が、それより前にありません。親を先に書いてください。"
                    )
        self.children = {name: [c for c in nodes if name in self.parents[c]] for name in nodes}
        self.column = self._columns()
        self.width = max(self.column.values()) + 1

    def _columns(self) -> dict[str, int]:
        """最長の道の長さ。入力だけは、使われる直前の列まで右へ寄せる。"""
        column: dict[str, int] = {}
        for name, parents in self.parents.items():
            column[name] = 1 + max((column[p] for p in parents), default=-1)
        for name, parents in self.parents.items():
            if not parents and self.children[name]:
                column[name] = min(column[c] for c in self.children[name]) - 1
        return column

    def joining(self) -> set[str]:
        """計算の幹に、わきから一本で加わる入力。三つの入力が集まるところでは、両端の二つ。"""
        found = set()
        for parents in self.parents.values():
            inputs = [p for p in parents if not self.parents[p] and len(self.children[p]) == 1]
            if len(inputs) == 3 and len(parents) == 3:
                inputs = [inputs[0], inputs[2]]
            elif len(inputs) == len(parents):
                continue
            found |= set(inputs)
        return found

    def route(self, wire: Wire) -> list[str]:
        """列をまたぐ線が通る、見えない節を含む道。"""
        start, end = wire
        between = range(self.column[start] + 1, self.column[end])
        return [start, *(f"{start}→{end}@{c}" for c in between), end]

    def heights(self) -> dict[str, float]:
        """縦の位置。つながる相手の平均に寄せながら、同じ列の節を `ROW` 以上離す。"""
        links: dict[str, list[str]] = {}
        column = dict(self.column)
        for child, parents in self.parents.items():
            for parent in parents:
                path = self.route((parent, child))
                for step, (a, b) in enumerate(pairwise(path)):
                    column.setdefault(b, self.column[parent] + step + 1)
                    links.setdefault(a, []).append(b)
                    links.setdefault(b, []).append(a)
        columns = [[n for n in column if column[n] == c] for c in range(self.width)]
        y = {n: ROW * (i - (len(names) - 1) / 2) for names in columns for i, n in enumerate(names)}
        for _ in range(200):
            for names in columns:
                wanted = [0.5 * self._pull(n, links, y) + 0.5 * y[n] for n in names]
                inertia = [0.001 if self.parents.get(n, ("",)) == () else 1.0 for n in names]
                for n, position in zip(names, style.spread(wanted, ROW, -1e6, 1e6, inertia)):
                    y[n] = position
        top = max(y.values())
        return {n: round(top - value, 4) for n, value in y.items()}

    def _pull(self, name: str, links: Mapping[str, Sequence[str]], y: Mapping[str, float]) -> float:
        """つながる相手の高さの平均。計算の幹がまっすぐになるよう、入力より演算どうしを重く見る。"""
        others = links.get(name, [name])
        weights = [1.0 if self.parents.get(m, ("",)) == () else 400.0 for m in others]
        return sum(w * y[m] for w, m in zip(weights, others)) / sum(weights)


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
    graph = _Graph(nodes)
    values, gradients = (
        dict(mapping(name, table or {})) for name, table in (("values", values), ("gradients", gradients))
    )
    wires = [(parent, child) for child, parents in graph.parents.items() for parent in dict.fromkeys(parents)]
    for name, table in (
        ("values", values),
        ("gradients", gradients),
        ("highlight", dict.fromkeys(highlight)),
    ):
        for entry in table:
            if entry not in graph.symbols and (name != "gradients" or entry not in wires):
                raise ValueError(
                    f"{name} の {entry!r} は nodes にありません。あるのは {', '.join(graph.symbols)} です。"
                )

    if graph.width > DEEPEST:
        raise ValueError(
            f"計算グラフは {DEEPEST} 列までですが、{graph.width} 列あります。途中で分けて描いてください。"
        )

    y = graph.heights()
    bottom = 0.95 if gradients or values else 0.5
    figure, ax = style.sheet(max(y.values()) + bottom + 0.62)
    sinks = [name for name, children in graph.children.items() if not children]
    stub = STUB if any(name in values or name in gradients for name in sinks) else 0.0
    gap = min(1.75, (WIDTH - 0.95 - stub) / max(graph.width - 1, 1))
    narrow = gap <= NARROW
    if narrow:
        stub = min(stub, 0.6)
        gap = (WIDTH - 2 * SMALL_RADIUS - 0.2 - stub) / (graph.width - 1)
    left = (WIDTH - gap * (graph.width - 1) - stub) / 2
    pen = _Pen(ax, SMALL_RADIUS if narrow else RADIUS, 10.5 if narrow else SYMBOL - 2, bool(gradients))

    joining = graph.joining()

    def at(name: str) -> Point:
        column = graph.column[name] if name in graph.column else int(name.rsplit("@", 1)[1])
        aside = NUDGE if narrow and name in joining else 0.0
        return left + gap * (column + aside), bottom + y[name]

    for parent, child in wires:
        alone = len(graph.children[parent]) == 1
        pen.wire(
            [at(name) for name in graph.route((parent, child))],
            value=values.get(parent) if alone else None,
            gradient=gradients.get((parent, child), gradients.get(parent) if alone else None),
            leaf=not graph.parents[parent],
        )
    for name in sinks:
        if name in values or name in gradients:
            x, h = at(name)
            end = (x + stub + pen.radius, h)
            pen.wire([(x, h), end], value=values.get(name), gradient=gradients.get(name), open_end=True)
    for name, symbol in graph.symbols.items():
        branching = len(graph.children[name]) > 1
        pen.node(
            at(name),
            symbol,
            leaf=not graph.parents[name],
            lit=name in highlight,
            value=values.get(name) if branching else None,
            gradient=gradients.get(name) if branching else None,
        )
    style.place(ax, pen.labels, wires=pen.lines, boxes=pen.boxes)
    if values or gradients:
        style.direction_key(
            ax, 0.28, forward=forward_key if values else None, backward=backward_key if gradients else None
        )
    return figure


def traced_graph(
    records: Sequence[NodeTrace],
    *,
    highlight: Sequence[str] = (),
    forward_key: str = "順伝播：値",
    backward_key: str = "逆伝播：勾配",
) -> Figure:
    """`backprop.autodiff.trace` の記録を、そのまま計算グラフに描く。

    要素が一つのノードには値と勾配を、ほかのノードにはそれらの形を書く。分岐するノードでは、線ごとに流れた勾配を
    それぞれの線に、和をノードの下に書く。

    Parameters
    ----------
    records : sequence of NodeTrace
        `backprop.autodiff.trace` の結果。ノードの名前は、``"$W^1$"`` のように書いておくと、そのまま節に組む。
        名前のないノードには、演算の記号を書く。
    highlight : sequence of str
        目立たせるノードの名前。
    forward_key, backward_key : str
        矢印の説明。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        記録でない、その名前のノードがない、深すぎる。

    Notes
    -----
    「計算グラフ」の章（22_computational_graph）による。

    Examples
    --------
    ``x * x`` では、同じ線を 3 が二度戻る。

    >>> from backprop.autodiff import Variable, trace
    >>> x = Variable(3.0, "$x$")
    >>> figure = traced_graph(trace(x * x + x))
    >>> [text.get_text() for text in figure.axes[0].texts].count("$6$")
    1
    """
    for record in sequence("records", records):
        if not isinstance(record, NodeTrace):
            raise TypeError(
                f"records は autodiff.trace の結果でなければなりませんが、{type(record).__name__} が含まれています。"
            )
    names = [record.name for record in records]
    for name in highlight:
        if name not in names:
            raise ValueError(f"highlight の {name!r} という名前のノードはありません。")
    nodes: dict[str, tuple[str, tuple[str, ...]]] = {}
    gradients: dict[str | Wire, object] = {}
    flows: dict[Wire, object] = {}
    for i, record in enumerate(records):
        nodes[str(i)] = _symbol(record), tuple(map(str, record.parents))
        gradients[str(i)] = _shown(record.gradient)
        for parent, part in zip(record.parents, record.parts):  # x * x では、一本の線に二つの勾配が流れる
            wire = str(parent), str(i)
            flows[wire] = flows[wire] + part if wire in flows else part
    return computational_graph(
        nodes,
        values={str(i): _shown(record.value) for i, record in enumerate(records)},
        gradients=gradients | {wire: _shown(part) for wire, part in flows.items()},
        highlight=[str(i) for i, name in enumerate(names) if name in highlight],
        forward_key=forward_key,
        backward_key=backward_key,
    )


def _symbol(record: NodeTrace) -> str:
    """節に書くもの: 名前があれば名前（数ならその組み方）、なければ演算の記号。"""
    if record.name:
        return f"${record.name}$" if record.name.lstrip("-").replace(".", "").isdigit() else record.name
    symbol = SYMBOLS.get(record.symbol, record.symbol)
    return rf"$(\;){symbol}$" if symbol.startswith("^") else symbol


def _shown(value: Array) -> object:
    """一つの数ならその値、ほかは形。"""
    return float(value.item()) if value.size == 1 else "$(" + r",\,".join(map(str, value.shape)) + ")$"


@dataclass
class _Pen:
    """線と節を描き、文字を置く場所の希望を集める。文字は、すべてを描き終えてから置く。"""

    ax: Axes
    radius: float
    size: float
    paired: bool  # 戻る矢印の場所をあけるか
    lines: list[tuple[Point, Point]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    boxes: list[style.Box] = field(default_factory=list)

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
            there = style.shortened(a, b, start, end, side)
            self._line(there, FORWARD, head=i == last)
            if value is not None and i == last:
                self._beside(there, value, FORWARD)
            if gradient is None:
                continue
            back = style.shortened(b, a, end, start + (0.02 if i == 0 else 0.0), side)
            self._line(back, BACKWARD, head=i == 0)
            if i == last:
                self._beside(back, gradient, BACKWARD_INK)

    def _line(self, line: tuple[Point, Point], colour: str, *, head: bool) -> None:
        dashed = colour == BACKWARD
        if head:
            arrow(self.ax, *line, colour=colour, dashed=dashed)
        else:
            style.stroke(self.ax, *line, colour=colour, width=2.4, dashed=dashed, z=3)
        self.lines.append(line)

    def _beside(self, line: tuple[Point, Point], value: object, colour: str) -> None:
        text = label(value)
        spots = style.beside(self.ax.get_figure(root=True), line, text, self.size, FRACTIONS)
        self.labels.append(Label(text, spots, colour, self.size, frozenset({len(self.lines) - 1})))

    def node(
        self, position: Point, symbol: str, *, leaf: bool, lit: bool, value: object, gradient: object
    ) -> None:
        """節。入力は四角、演算は丸。枝分かれする節では、値を上に、勾配の和を下に書く。"""
        x, y = position
        options = {
            "fc": HIGHLIGHT_FILL if lit else PAPER, "ec": HIGHLIGHT if lit else GREY,
            "lw": 2.6 if lit else 1.2, "zorder": 5,
        }  # fmt: skip
        if leaf:
            side = 2 * SQUARE * self.radius - 0.08
            corner = (x - side / 2, y - side / 2)
            shape = FancyBboxPatch(
                corner, side, side, boxstyle="round,pad=0.04,rounding_size=0.08", **options
            )
        else:
            shape = Circle(position, self.radius, **options)
        self.ax.add_patch(shape)
        self.boxes.append((x - self.radius, y - self.radius, x + self.radius, y + self.radius))
        figure = self.ax.get_figure(root=True)
        # 丸の中の肩の数字は、右上の縁に近い。
        room = 1.35 if not leaf and "^" in symbol else 1.7
        style.centred(self.ax, position, symbol, style.fitted(figure, symbol, SYMBOL + 1, room * self.radius))
        for shown, sign, colour in ((value, 1, FORWARD), (gradient, -1, BACKWARD_INK)):
            if shown is not None:
                spots = [(x + dx, y + sign * (self.radius + 0.14)) for dx in (0, -0.1, -0.2, -0.3)]
                self.labels.append(Label(label(shown), spots, colour, self.size))


def _square_reach(a: Point, b: Point, radius: float) -> float:
    """入力の四角の中心から、線が四角を出るところまでの長さ。角は丸いので、少し内側で切る。"""
    half = SQUARE * radius
    dx, dy = abs(b[0] - a[0]), abs(b[1] - a[1])
    return min(half * float(np.hypot(dx, dy)) / max(dx, dy), 1.25 * half)

"""層を並べたネットワークの図。本の標準の絵であり、各章はその章で使うところだけに色をつける。

ニューロンは ``(l, j)``、線は ``(l, j, k)`` で指す。数式の :math:`a^l_j`、:math:`w^l_{jk}` と同じく、
``(l, j, k)`` は層 ``l−1`` のニューロン ``k`` から層 ``l`` のニューロン ``j`` への線で、``j`` と ``k`` は1から数える。
``None`` は「すべて」を表し、``(2, None, 1)`` は層1のニューロン1から出るすべての線を指す。
``l`` だけを書けば、その層のすべてになる。
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from backprop import checks
from backprop.checks import Array
from backprop.figures import style
from backprop.figures.style import (
    BACKWARD,
    BACKWARD_INK,
    FORWARD,
    GREY,
    HIGHLIGHT,
    HIGHLIGHT_FILL,
    INK,
    PALE,
    PAPER,
    SMALL,
    SYMBOL,
    TEXT,
    WIDTH,
    Figure,
    Label,
    Point,
    arrow,
    drawing,
    label,
    stroke,
    text_at,
)  # fmt: skip

Key = tuple[int, ...]
Selection = Iterable[int | tuple[int | None, ...]]
Labels = Mapping[Any, Any]

RADIUS = 0.30
ROW = 1.0
WIDE_ROW = 1.25
PAIRED_ROW = 1.7
DOTS = 0.42
SIDE = 0.07
FRACTIONS = (0.5, *(0.5 + sign * 0.035 * step for step in range(1, 10) for sign in (-1, 1)))
"""文字を置いてよい、線の上の位置。中央から順に。"""

MOST_PATHS = 4
FAN = (0.64, 0.6, 0.68, 0.56, 0.72, 0.76, 0.5, 0.44)
"""線が一点から広がる図で、線どうしが離れている側から順に。"""


class _Plan:
    """ニューロンと線の名前、記号、位置。"""

    def __init__(
        self,
        sizes: Sequence[int],
        layer_names: Sequence[str] | None,
        index_names: Mapping[int, Sequence[str]] | None,
        ellipsis: Selection,
    ) -> None:
        if not isinstance(sizes, (list, tuple)) or not sizes:
            raise TypeError(
                f"sizes は層ごとのニューロンの数のリストでなければなりませんが、{sizes!r} が与えられました。"
            )
        self.sizes = [checks.count(f"sizes[{l}]", n) for l, n in enumerate(sizes)]
        self.layer_names = (
            list(layer_names) if layer_names is not None else [str(l) for l in range(len(sizes))]
        )
        if len(self.layer_names) != len(sizes):
            raise ValueError(
                f"layer_names の数は層の数 {len(sizes)} でなければなりませんが、{len(self.layer_names)} が与えられました。"
            )
        self.index_names = {l: [str(j) for j in range(1, n + 1)] for l, n in enumerate(self.sizes)}
        for l, names in checks.mapping("index_names", index_names or {}).items():
            if l not in self.index_names or len(names) != self.sizes[l]:
                raise ValueError(
                    f"index_names[{l}] は、層 {l} のニューロンの数だけ要りますが、{names!r} が与えられました。"
                )
            self.index_names[l] = list(names)
        self.nodes: list[Key] = [(l, j) for l, n in enumerate(self.sizes) for j in range(1, n + 1)]
        self.edges: list[Key] = [
            (l, j, k)
            for l in range(1, len(sizes))
            for j, k in product(range(1, self.sizes[l] + 1), range(1, self.sizes[l - 1] + 1))
        ]
        self.dots = self.select("ellipsis", ellipsis, self.nodes)
        self.positions: dict[Key, Point] = {}
        self.rows = [ROW] * len(self.sizes)
        self.radius: dict[Key, float] = dict.fromkeys(self.nodes, RADIUS)

    def select(self, name: str, patterns: Selection, keys: Sequence[Key]) -> list[Key]:
        """模様に合う名前を、描く順に。"""
        chosen: set[Key] = set()
        if not isinstance(patterns, int | Iterable):
            raise TypeError(f"{name} は層の番号か番号の並びでなければなりませんが、{patterns!r} が与えられました。")
        for pattern in [patterns] if isinstance(patterns, int) else patterns:
            fits = [key for key in keys if _matches(pattern, key)]
            if not fits:
                what = "(l, j)" if len(keys[0]) == 2 else "(l, j, k)"
                raise ValueError(
                    f"{name} の {pattern!r} は、層の大きさ {self.sizes} のネットワークにありません。"
                    f" {what} の形で、j と k は1から数えて指してください。"
                )
            chosen.update(fits)
        return [key for key in keys if key in chosen]

    def expand(self, name: str, labels: Labels | None, keys: Sequence[Key]) -> dict[Key, str]:
        """層ごと・一つずつ・関数のどれで与えられたラベルも、名前から文字列への対応にする。"""
        if labels is None or not keys:
            return {}
        checks.mapping(name, labels)
        result: dict[Key, str] = {}
        for pattern, value in labels.items():
            fits = self.select(name, [pattern], keys)
            if isinstance(value, str) and isinstance(pattern, int) and "$" not in value:
                result.update({key: self.symbol(value, *key) for key in fits})
            elif isinstance(value, np.ndarray):
                result.update(self._from_array(f"{name}[{pattern!r}]", value, fits))
            else:
                result.update({key: label(value) for key in fits})
        return result

    def _from_array(self, name: str, values: Array, keys: Sequence[Key]) -> dict[Key, str]:
        l = keys[0][0]
        columns = 1 if len(keys[0]) == 2 else self.sizes[l - 1]
        checks.array(name, values, (self.sizes[l], columns))
        return {key: label(float(values[key[1] - 1, key[2] - 1 if len(key) == 3 else 0])) for key in keys}

    def symbol(self, letter: str, l: int, j: int, k: int | None = None) -> str:
        """本の記法の記号。入力 x と目標 y、出力 ŷ には層の番号をつけない。"""
        index = self.index_names[l][j - 1] + ("" if k is None else self.index_names[l - 1][k - 1])
        layer = "" if letter in ("x", "y", r"\hat{y}", r"\hat y") else f"^{{{self.layer_names[l]}}}"
        return f"${letter}{layer}_{{{index}}}$"

    def column_height(self, l: int) -> float:
        return (self.sizes[l] - 1) * self.rows[l] + DOTS * sum(1 for key in self.dots if key[0] == l)

    def arrange(self, columns: Sequence[float], middle: float) -> None:
        """層 l を横の位置 columns[l] に、中央を `middle` にそろえて並べる。"""
        for l, x in enumerate(columns):
            y = middle + self.column_height(l) / 2
            for j in range(1, self.sizes[l] + 1):
                self.positions[(l, j)] = (x, y)
                y -= self.rows[l] + (DOTS if (l, j) in self.dots else 0)


def _matches(pattern: int | tuple[int | None, ...], key: Key) -> bool:
    if isinstance(pattern, int):
        return key[0] == pattern
    return len(pattern) == len(key) and all(p is None or p == q for p, q in zip(pattern, key))


def _node(
    ax: Axes, position: Point, text: str, *, lit: bool, colour: str = INK, radius: float = RADIUS
) -> None:
    ax.add_patch(
        Circle(
            position, radius, fc=HIGHLIGHT_FILL if lit else PAPER, ec=HIGHLIGHT if lit else GREY,
            lw=2.6 if lit else 1.2, zorder=5,
        )
    )  # fmt: skip
    if text:
        size = style.fitted(ax.get_figure(root=True), text, SYMBOL, 1.72 * radius)
        style.centred(ax, position, text, size, colour)


def _titles(plan: _Plan, titles: Sequence[str] | None) -> list[str]:
    if titles is None:
        hidden = len(plan.sizes) - 2
        middle = ["隠れ層"] if hidden == 1 else [f"隠れ層{i}" for i in range(1, hidden + 1)]
        return ["入力層", *middle, "出力層"][: len(plan.sizes)]
    if titles and len(titles) != len(plan.sizes):
        raise ValueError(
            f"titles の数は層の数 {len(plan.sizes)} でなければなりませんが、{len(titles)} が与えられました。"
        )
    return list(titles)


@drawing
def network(
    sizes: Sequence[int],
    *,
    node_labels: Labels | None = None,
    edge_labels: Labels | None = None,
    backward_labels: Labels | None = None,
    values: Labels | None = None,
    deltas: Labels | None = None,
    titles: Sequence[str] | None = None,
    highlight_nodes: Selection = (),
    highlight_edges: Selection = (),
    forward_edges: Selection = (),
    backward_edges: Selection = (),
    ellipsis: Selection = (),
    layer_names: Sequence[str] | None = None,
    index_names: Mapping[int, Sequence[str]] | None = None,
    key: bool = True,
) -> Figure:
    """層を左から右へ並べたネットワーク。色をつけたところのほかは、細い灰色で描く。

    ラベルは、層の番号から次のどれかへの対応で与える。文字（``"a"`` は :math:`a^l_j` に、``"w"`` は
    :math:`w^l_{jk}` になる）、配列（値を書き込む）。``(l, j)`` や ``(l, j, k)`` から文字列か数への対応でもよい。

    Parameters
    ----------
    sizes : list of int
        層ごとのニューロンの数。入力層が層0。
    node_labels : dict, optional
        ニューロンの中に書くもの。配列なら形は (N_l, 1)。
    edge_labels, backward_labels : dict, optional
        線の上に書くもの。配列なら形は (N_l, N_{l−1})。前者は順伝播の線、後者は逆伝播の線に載る。
    values, deltas : dict, optional
        ニューロンの上（順伝播の色）と下（逆伝播の色）に添えるもの。
    titles : list of str, optional
        層の名前。省くと、入力層・隠れ層・出力層。空のリストなら書かない。
    highlight_nodes, highlight_edges : iterable, optional
        目立たせるニューロンと線。
    forward_edges, backward_edges : iterable, optional
        順伝播の矢印、逆伝播の矢印を描く線。
    ellipsis : iterable, optional
        すぐ下に「⋮」を置くニューロン。「いくつでもよい」を表す。
    layer_names : list of str, optional
        記号の右肩に書く層の名前。たとえば ``["l", "l+1"]``。
    index_names : dict, optional
        層の番号から、記号の右下に書く添字のリストへの対応。たとえば ``{0: ["1", "j", "N_l"]}``。
    key : bool
        矢印を描いたとき、その説明を下に置くか。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        層の大きさが正の整数でない、ないニューロンや線を指した、配列の形が合わない。

    Notes
    -----
    記法は「順伝播」の章（21_forward_pass）による。

    Examples
    --------
    >>> figure = network([2, 3, 1], node_labels={0: "x", 1: "a", 2: r"\\hat{y}"}, forward_edges=[1])
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[:3]
    ['$\\\\hat{y}_{1}$', '$a^{1}_{1}$', '$a^{1}_{2}$']
    """
    plan = _Plan(sizes, layer_names, index_names, ellipsis)
    names = _titles(plan, titles)
    lit_nodes = plan.select("highlight_nodes", highlight_nodes, plan.nodes)
    lit_edges = plan.select("highlight_edges", highlight_edges, plan.edges)
    forward = plan.select("forward_edges", forward_edges, plan.edges)
    backward = plan.select("backward_edges", backward_edges, plan.edges)
    node_text = plan.expand("node_labels", node_labels, plan.nodes)
    edge_text = plan.expand("edge_labels", edge_labels, plan.edges)
    backward_text = plan.expand("backward_labels", backward_labels, plan.edges)
    above = plan.expand("values", values, plan.nodes)
    below = plan.expand("deltas", deltas, plan.nodes)
    for edge in backward_text:
        if edge not in backward:
            raise ValueError(f"backward_labels の {edge} には、backward_edges の矢印がありません。")

    if len(edge_text) + len(backward_text) > 4:  # 線の上に文字が多いときは、線どうしを離す
        row = WIDE_ROW if set(forward).isdisjoint(backward) else PAIRED_ROW
        plan.rows = [row] * len(plan.sizes)
    has_key = key and bool(forward or backward)
    top = 0.22 + (0.32 if names else 0.0) + (0.28 if above else 0.0)
    bottom = 0.22 + (0.38 if has_key else 0.0) + (0.28 if below else 0.0)
    tallest = max(plan.column_height(l) for l in range(len(plan.sizes)))
    height = top + bottom + tallest + 2 * RADIUS
    gap = min(2.9, (WIDTH - 1.7) / max(len(plan.sizes) - 1, 1))
    left = (WIDTH - gap * (len(plan.sizes) - 1)) / 2
    plan.arrange([left + gap * l for l in range(len(plan.sizes))], bottom + RADIUS + tallest / 2)

    figure, ax = style.sheet(height)
    for l, name in enumerate(names):
        text_at(ax, left + gap * l, height - 0.24, name, fontsize=TEXT)
    _draw(
        ax, plan, lit_nodes, lit_edges, forward, backward, node_text, edge_text, backward_text, above, below
    )
    if has_key:
        style.direction_key(
            ax, 0.24, forward="順伝播" if forward else None, backward="逆伝播" if backward else None
        )
    return figure


def _draw(
    ax: Axes,
    plan: _Plan,
    lit_nodes: Sequence[Key],
    lit_edges: Sequence[Key],
    forward: Sequence[Key],
    backward: Sequence[Key],
    node_text: Mapping[Key, str],
    edge_text: Mapping[Key, str],
    backward_text: Mapping[Key, str],
    above: Mapping[Key, str],
    below: Mapping[Key, str],
    fractions: Sequence[float] = FRACTIONS,
) -> None:
    """線、節、文字の順に描く。文字は、すべての線と節の位置が決まってから置く。"""
    figure = ax.get_figure(root=True)
    wires: list[tuple[Point, Point]] = []
    requests: list[Label] = []
    faint: set[int] = set()
    for edge in plan.edges:
        l, j, k = edge
        ends = plan.positions[(l - 1, k)], plan.positions[(l, j)]
        both = edge in forward and edge in backward
        radii = plan.radius[(l - 1, k)], plan.radius[(l, j)]
        main = style.shortened(*ends, radii[0], radii[1] + 0.02, SIDE if both else 0.0)
        own = frozenset({len(wires)})
        wires.append(main)
        if edge in lit_edges:
            stroke(ax, *main, colour=HIGHLIGHT, width=7.5, z=0.5)
        if edge in forward:
            arrow(ax, *main, colour=FORWARD)
        elif edge not in backward:
            lit = edge in lit_edges
            if not lit:
                faint.add(len(wires) - 1)
            stroke(ax, *main, colour=INK if lit else PALE, width=1.8 if lit else 1.1)
        if edge in backward:
            back = style.shortened(*ends[::-1], radii[1], radii[0] + 0.02, SIDE if both else 0.0)
            wires.append(back)
            arrow(ax, *back, colour=BACKWARD, dashed=True)
            if edge in backward_text:
                requests.append(
                    _edge_label(
                        figure, backward_text[edge], back, BACKWARD_INK, frozenset({len(wires) - 1}),
                        [1 - t for t in fractions], both,
                    )
                )  # fmt: skip
        if edge in edge_text:
            colour = FORWARD if edge in forward else INK
            requests.append(
                _edge_label(figure, edge_text[edge], main, colour, own, fractions, both or edge in lit_edges)
            )
    boxes = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in plan.positions.values()]
    for node, (x, y) in plan.positions.items():
        _node(ax, (x, y), node_text.get(node, ""), lit=node in lit_nodes, radius=plan.radius[node])
        for text, sign, colour in ((above.get(node), 1, FORWARD), (below.get(node), -1, BACKWARD_INK)):
            if text:
                spots = [(x + dx, y + sign * (RADIUS + 0.15)) for dx in (0, 0.12, -0.12, 0.25, -0.25)]
                requests.append(Label(text, spots, colour, SYMBOL - 2))
        if node in plan.dots:
            _dots(ax, plan, node)
    style.place(ax, requests, wires=wires, boxes=boxes, faint=frozenset(faint))


def _edge_label(
    figure: Figure,
    text: str,
    wire: tuple[Point, Point],
    colour: str,
    own: frozenset[int],
    fractions: Sequence[float],
    outside: bool,
) -> Label:
    """線の文字。矢印が二本並ぶ線と太い線ではわきに、ほかでは線の上に、線を切って置く。"""
    size = SYMBOL - 1
    spots = style.beside(figure, wire, text, size, fractions) if outside else style.along(wire, fractions)
    return Label(text, spots, colour, size, own)


def _dots(ax: Axes, plan: _Plan, node: Key) -> None:
    x, y = plan.positions[node]
    following = plan.positions.get((node[0], node[1] + 1))
    middle = (y + following[1]) / 2 if following else y - RADIUS - 0.26
    for step in (-0.1, 0.0, 0.1):
        ax.add_patch(Circle((x, middle + step), 0.025, fc=GREY, ec="none", zorder=5))


@drawing
def hidden_delta_paths(
    weights: Array | None = None, deltas: Array | None = None, derivative: float | None = None
) -> Figure:
    """隠れ層のニューロン j から次の層への三本の道と、同じ道を戻る誤差項。

    値を与えなければ記号で、与えればその値と、計算した積・和を書き込む。

    Parameters
    ----------
    weights : ndarray, shape (n,), optional
        ニューロン j から次の層の各ニューロンへの重み :math:`w^{l+1}_{kj}`。
    deltas : ndarray, shape (n,), optional
        次の層の誤差項 :math:`\\delta^{l+1}_k`。
    derivative : float, optional
        :math:`f^{l\\prime}(z^l_j)`。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        三つのうち一部だけが与えられた、形がそろっていない、道が多すぎる。

    Notes
    -----
    「ステップ3」の章（33_step3_hidden_delta）の式 eq-hidden-delta を描く。

    Examples
    --------
    >>> import numpy as np
    >>> figure = hidden_delta_paths(np.array([2.0, -1.0, 0.5]), np.array([0.1, 0.4, -0.2]), 0.25)
    >>> any("-0.075" in text.get_text() for text in figure.axes[0].texts)
    True
    """
    given = [value is not None for value in (weights, deltas, derivative)]
    if any(given) and not all(given):
        raise ValueError("weights、deltas、derivative は、三つとも与えるか、三つとも省いてください。")
    numeric = all(given)
    if numeric:
        checks.array("weights", weights, ("n",))
        checks.array("deltas", deltas, (len(weights),))
        slope = checks.real("derivative", derivative)
        if len(weights) > MOST_PATHS:
            raise ValueError(f"道は {MOST_PATHS} 本まで描けますが、{len(weights)} 本が与えられました。")
    n = len(weights) if numeric else 3
    plan = _Plan([3, n], ["l", "l+1"], {0: ["1", "j", "N_l"]}, [(0, 1), (0, 2)])
    plan.rows, plan.radius[(0, 2)] = [0.85, 1.4 if n > 2 else 1.9], 0.44  # 集まる矢印どうしを離す
    tallest = max(plan.column_height(0), plan.column_height(1))
    bottom = 1.45
    height = bottom + tallest + 2 * RADIUS + 0.6
    plan.arrange([1.5, 5.0], bottom + RADIUS + tallest / 2)
    figure, ax = style.sheet(height)
    for x, name in ((1.5, "層 $l$"), (5.0, "層 $l+1$")):
        text_at(ax, x, height - 0.24, name, fontsize=TEXT)

    paths = plan.select("paths", [(1, None, 2)], plan.edges)
    if numeric:
        forward_text = {edge: label(float(w)) for edge, w in zip(paths, weights)}
        back_text = {edge: _product(float(w), float(d)) for edge, w, d in zip(paths, weights, deltas)}
    else:
        forward_text = {(1, k, 2): rf"$w^{{l+1}}_{{{k}j}}$" for k in range(1, n + 1)}
        back_text = {(1, k, 2): rf"$w^{{l+1}}_{{{k}j}}\,\delta^{{l+1}}_{{{k}}}$" for k in range(1, n + 1)}
    inside = {(0, 1): "$1$", (0, 2): "$j$", (0, 3): "$N_l$"} | {(1, k): f"${k}$" for k in range(1, n + 1)}
    _draw(ax, plan, [(0, 2)], [], paths, paths, inside, forward_text, back_text, {}, {}, FAN)
    for k in range(1, n + 1):
        x, y = plan.positions[(1, k)]
        value = "" if not numeric else "=" + style.mathematics(label(float(deltas[k - 1])))
        text, start = rf"$\delta^{{l+1}}_{{{k}}}{value}$", x + RADIUS + 0.12
        size = style.fitted(figure, text, SYMBOL, WIDTH - 0.1 - start)
        text_at(ax, start, y, text, ha="left", color=BACKWARD_INK, fontsize=size)
    x, y = plan.positions[(0, 2)]
    text_at(
        ax,
        x - plan.radius[(0, 2)] - 0.12,
        y,
        r"$\delta^{l}_{j}$",
        ha="right",
        color=BACKWARD_INK,
        fontsize=SYMBOL + 1,
    )
    if numeric:
        products = [style.mathematics(label(float(w * d))) for w, d in zip(weights, deltas)]
        terms = "".join(p if p.startswith("-") else f"+{p}" for p in products).removeprefix("+")
        total = style.mathematics(label(float(weights @ deltas * slope)))
        formula = rf"$\delta^{{l}}_{{j}}=({terms})\times {style.mathematics(label(slope))}={total}$"
    else:
        terms = "+".join(rf"w^{{l+1}}_{{{k}j}}\delta^{{l+1}}_{{{k}}}" for k in range(1, n + 1))
        formula = rf"$\delta^{{l}}_{{j}}=\left({terms}\right)f^{{l\prime}}(z^{{l}}_{{j}})$"
    text_at(ax, WIDTH / 2, 0.86, formula, fontsize=style.fitted(figure, formula, SYMBOL + 1, WIDTH - 0.3))
    style.direction_key(ax, 0.28, forward="順伝播：重み", backward="逆伝播：重み × 次の層の誤差項")
    return figure


def _product(w: float, d: float) -> str:
    factors = [style.mathematics(label(value)) for value in (w, d, w * d)]
    second = f"({factors[1]})" if d < 0 else factors[1]
    return rf"${factors[0]}\times {second}={factors[2]}$"


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
    n = len(inputs)
    row = 0.85
    column = (n - 1) * row + (DOTS if dots else 0)
    height = max(column, 1.6) + 2 * RADIUS + 0.5
    middle = height / 2
    figure, ax = style.sheet(height)
    sources, y = [], middle + column / 2
    for i in range(n):
        sources.append((0.85, y))
        y -= row + (DOTS if dots and i == n - 2 else 0)
    total, function, out = (3.35, middle), (5.0, middle), (6.45, middle)
    wires, requests = [], []
    for source, value, weight in zip(sources, inputs, weights):
        wire = style.shortened(source, total, RADIUS, 0.36)
        requests.append(
            Label(label(weight), style.along(wire, FRACTIONS), FORWARD, SYMBOL, frozenset({len(wires)}))
        )
        wires.append(wire)
        arrow(ax, *wire, colour=FORWARD)
        _node(ax, source, label(value), lit=False)
    if dots and n > 1:
        centre = (sources[-1][1] + sources[-2][1]) / 2
        for step in (-0.1, 0.0, 0.1):
            ax.add_patch(Circle((0.85, centre + step), 0.025, fc=GREY, ec="none", zorder=5))
    bias_at = (3.35, middle + max(column, 1.6) / 2 + 0.1)
    for start, end, text in ((total, function, z), (function, out, output)):
        wire = style.shortened(start, end, 0.34, 0.36 if end is function else 0.0)
        arrow(ax, *wire, colour=FORWARD)
        text_at(ax, (wire[0][0] + wire[1][0]) / 2, middle + 0.2, label(text), color=FORWARD, fontsize=SYMBOL)
        wires.append(wire)
    arrow(ax, *style.shortened(bias_at, total, 0.2, 0.36), colour=FORWARD)
    text_at(ax, *bias_at, label(bias), color=FORWARD, fontsize=SYMBOL)
    _node(ax, total, r"$\Sigma$", lit=True, radius=0.34)
    _node(ax, function, activation, lit=True, radius=0.34)
    text_at(ax, total[0], middle - 0.56, "加重和", fontsize=SMALL)
    text_at(ax, function[0], middle - 0.56, "活性化関数", fontsize=SMALL)
    style.place(
        ax, requests, wires=wires, boxes=[(x - 0.3, y - 0.3, x + 0.3, y + 0.3) for x, y in [*sources, total]]
    )
    return figure

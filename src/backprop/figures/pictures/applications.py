"""応用の地図。四つのしくみの、逆伝播が入ってくる場所。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from backprop.checks import explained
from backprop.figures.drafting.arrows import arrow, direction_key
from backprop.figures.drafting.geometry import Point, shortened
from backprop.figures.drafting.nodes import frame
from backprop.figures.drafting.page import Figure, TooWide, drawing, sheet
from backprop.figures.drafting.text import centred, inside, text_at
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import BACKWARD, BACKWARD_INK, FORWARD, GREY, INK, SMALL, SYMBOL, TEXT

RADIUS = 0.26
SIDE = 0.055
ROOM = 0.2
"""節のあいだに、矢印が要る長さ（インチ）。"""
MARGIN = 0.3
"""図の左右の余白（インチ）。"""
TITLE = 0.5
"""行の名前と、図との間（インチ）。"""


@dataclass(frozen=True)
class Row:
    """一つのしくみ。節の場所は、横が0から1、縦が行の中心からのインチ。"""

    name: str
    formula: str
    height: float
    nodes: dict[str, tuple[float, float, str]]
    wires: Sequence[tuple[str, str]]
    lit: Sequence[str]
    notes: dict[str, str]


def _chain(*names: str) -> list[tuple[str, str]]:
    return list(zip(names, names[1:]))


_UNROLLED = ("h0", "w1", "h1", "w2", "h2", "w3", "h3", "loss")
ROWS = (
    Row(
        "CNN：同じ重みを、いくつもの場所で使う",
        r"$\sum_p\,\delta_p\,x_{p+k-1}$",
        1.74,
        {
            "w": (0.26, 0, "$w_k$"),
            "z1": (0.5, 0.6, "$z_1$"),
            "z2": (0.5, 0, "$z_2$"),
            "z3": (0.5, -0.6, "$z_3$"),
            "loss": (0.74, 0, r"$\mathcal{L}$"),
        },
        [(a, b) for z in ("z1", "z2", "z3") for a, b in _chain("w", z, "loss")],
        ["w"],
        {},
    ),
    Row(
        "RNN：同じ重みを、いくつもの時刻で使う",
        r"$\sum_t\,\delta_t\,(h_{t-1})^{\top}$",
        0.6,
        {
            name: (
                n / 7,
                0,
                "$W$" if name[0] == "w" else r"$\mathcal{L}$" if name == "loss" else f"$h_{name[1]}$",
            )
            for n, name in enumerate(_UNROLLED)
        },
        _chain(*_UNROLLED),
        ["w1", "w2", "w3"],
        {},
    ),
    Row(
        "GAN：勾配が、識別器を通り抜ける",
        r"$\partial\mathcal{L}/\partial x=(W^1)^{\top}\delta^1$",
        0.88,
        {
            "r": (0.02, 0.17, "$r$"),
            "G": (0.26, 0.17, "$G$"),
            "x": (0.5, 0.17, "$x$"),
            "D": (0.74, 0.17, "$D$"),
            "loss": (0.98, 0.17, r"$\mathcal{L}$"),
        },
        _chain("r", "G", "x", "D", "loss"),
        ["x"],
        {"r": "乱数", "G": "生成器：動かす", "x": "作りもの", "D": "識別器：止める"},
    ),
    Row(
        "Transformer・BERT：softmax が途中にある",
        r"$p_i\;g\cdot(v_i-o)$",
        1.5,
        {
            "q": (0.02, 0.47, "$q$"),
            "k": (0.02, -0.23, "$k_i$"),
            "s": (0.26, 0.12, "$s_i$"),
            "p": (0.5, 0.12, "$p_i$"),
            "v": (0.5, -0.52, "$v_i$"),
            "o": (0.74, -0.2, "$o$"),
            "loss": (0.98, -0.2, r"$\mathcal{L}$"),
        },
        [("q", "s"), ("k", "s"), *_chain("s", "p", "o", "loss"), ("v", "o")],
        ["p"],
        {"p": "softmax"},
    ),
)


@explained
@drawing
def applications() -> Figure:
    """応用の地図: CNN、RNN、GAN、Transformer の、逆伝播が入ってくる場所。

    Returns
    -------
    Figure

    Notes
    -----
    「まとめ」の章（54_summary）で使う。橙で囲んだところが、右肩の式を計算する場所である。

    Examples
    --------
    >>> words = [text.get_text() for text in applications().axes[0].texts]
    >>> words.count("$W$"), "識別器：止める" in words
    (3, True)
    """
    height = sum(TITLE + row.height for row in ROWS) + 0.55
    figure, ax = sheet(height)
    top = height - 0.05
    for row in ROWS:
        _draw(ax, row, top)
        top -= TITLE + row.height
    direction_key(ax, 0.24, forward="順伝播：値", backward="逆伝播：勾配")
    return figure


def _draw(ax: Axes, row: Row, top: float) -> None:
    """上の端が `top` の行。"""
    text_at(ax, 0.15, top - 0.22, row.name, ha="left", fontsize=TEXT, color=INK)
    text_at(ax, full_width() - 0.15, top - 0.22, row.formula, ha="right", fontsize=SYMBOL, color=BACKWARD_INK)
    middle = top - TITLE - row.height / 2
    reach = full_width() - 2 * (MARGIN + RADIUS)
    if reach * _closest(row) < 2 * RADIUS + ROOM:
        raise TooWide("節のあいだが狭すぎて、矢印が図の幅に収まりません。")
    places = {name: (MARGIN + RADIUS + x * reach, middle + y) for name, (x, y, _) in row.nodes.items()}
    for start, end in row.wires:
        _wire(ax, places[start], places[end])
    for name, (_, _, symbol) in row.nodes.items():
        _node(ax, places[name], symbol, lit=name in row.lit)
    for name, note in row.notes.items():
        x, y = places[name]
        side = 1 if name == "p" else -1
        text_at(ax, x, y + side * (RADIUS + 0.17), note, fontsize=SMALL, color=GREY)


def _closest(row: Row) -> float:
    """つながる節の、横の間の最小（行の幅に対する比）。"""
    return min(row.nodes[end][0] - row.nodes[start][0] for start, end in row.wires)


def _wire(ax: Axes, start: Point, end: Point) -> None:
    """行きと帰りの矢印。"""
    there = shortened(start, end, RADIUS + 0.02, RADIUS + 0.05, SIDE)
    back = shortened(end, start, RADIUS + 0.02, RADIUS + 0.05, SIDE)
    arrow(ax, *there, colour=FORWARD, width=2.0)
    arrow(ax, *back, colour=BACKWARD, width=2.0, dashed=True)


def _node(ax: Axes, position: Point, symbol: str, *, lit: bool) -> None:
    ax.add_patch(Circle(position, RADIUS, **frame(lit)))
    centred(ax, position, symbol, inside(symbol, SYMBOL, RADIUS))

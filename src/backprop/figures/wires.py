"""線の上の勾配の図。線の両端の二つの数と、その積。"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

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
    PAPER,
    SYMBOL,
    TEXT,
    WIDTH,
    Figure,
    Point,
    arrow,
    drawing,
    label,
    text_at,
)  # fmt: skip

RADIUS = 0.36
LEFT, KNOB, RIGHT = 1.05, 3.25, 5.55
"""入り口のニューロン、線の上のつまみ、出口のニューロンの横の位置（インチ）。"""

KNOB_SIZE = (0.66, 0.42)
ROW = 1.05
SIDE = 0.075
MOST_WIRES = 4

CELL = (0.56, 0.46)
MOST_CELLS = 14
"""外積の図の1段に並べられる、升の数の限り。"""


@drawing
def wire_gradients(inputs: Array | None = None, delta: float | None = None, *, bias: bool = False) -> Figure:
    """ニューロン j に入る線と、その線の上の重みの勾配。

    値を与えなければ、線1本を記号で描く。与えれば、その値と、計算した積を書き込む。

    Parameters
    ----------
    inputs : ndarray, shape (n,), optional
        前の層の活性 :math:`a^{l-1}_k`。
    delta : float, optional
        ニューロン j の誤差項 :math:`\\delta^l_j`。
    bias : bool
        いつも1を出す入り口から来る線、つまりバイアスも描くか。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        二つのうち一つだけが与えられた、形が合わない、線が多すぎる。

    Notes
    -----
    「ステップ4」の章（34_step4_weight_gradient）の式 eq-weight-gradient と、「ステップ5」の章
    （35_step5_bias_gradient）の式 eq-bias-gradient を描く。

    Examples
    --------
    >>> import numpy as np
    >>> figure = wire_gradients(np.array([0.5, 0.0, -2.0]), 0.2)
    >>> r"$0.2\\times (-2)=-0.4$" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    if (inputs is None) != (delta is None):
        raise ValueError("inputs と delta は、両方とも与えるか、両方とも省いてください。")
    rows = _symbols() if inputs is None else _numbers(inputs, checks.real("delta", delta))
    if bias:
        at_j = r"\delta^{l}_{j}\times 1" if delta is None else _product(delta, 1.0)
        rows.append(("$1$", "$b^{l}_{j}$", f"${at_j}$"))
    if len(rows) > MOST_WIRES:
        raise ValueError(f"線は {MOST_WIRES} 本まで描けますが、{len(rows)} 本になります。")

    tall = (len(rows) - 1) * ROW
    bottom = 1.7 if inputs is None else 1.05
    height = bottom + tall + RADIUS + 0.7
    heights = [bottom + tall - ROW * n for n in range(len(rows))]
    middle = bottom + tall / 2
    figure, ax = style.sheet(height)
    for x, name in ((LEFT, "層 $l-1$"), (RIGHT, "層 $l$")):
        text_at(ax, x, height - 0.24, name, fontsize=TEXT)
    for y, row in zip(heights, rows):
        _wire(ax, y, (RIGHT, middle), *row)
    _circle(ax, (RIGHT, middle), "$z^{l}_{j}$")
    value = "" if delta is None else "=" + style.mathematics(label(float(delta)))
    text = rf"$\delta^{{l}}_{{j}}{value}$"
    size = style.fitted(figure, text, SYMBOL, WIDTH - 0.1 - (RIGHT + RADIUS + 0.1))
    text_at(ax, RIGHT + RADIUS + 0.1, middle, text, ha="left", color=BACKWARD_INK, fontsize=size)
    if inputs is None:
        formula = r"$\partial\mathcal{L}/\partial w^{l}_{jk}=\delta^{l}_{j}\,a^{l-1}_{k}$"
        if bias:
            formula += r"$\qquad\partial\mathcal{L}/\partial b^{l}_{j}=\delta^{l}_{j}$"
        text_at(ax, WIDTH / 2, 0.72, formula, fontsize=SYMBOL + 1)
    style.direction_key(ax, 0.26, forward="順伝播：活性", backward="逆伝播：誤差項")
    return figure


def _symbols() -> list[tuple[str, str, str]]:
    return [("$a^{l-1}_{k}$", "$w^{l}_{jk}$", r"$\delta^{l}_{j}\times a^{l-1}_{k}$")]


def _numbers(inputs: Array, delta: float) -> list[tuple[str, str, str]]:
    checks.array("inputs", inputs, ("n",))
    return [
        (label(float(a)), rf"$w^{{l}}_{{j{k}}}$", f"${_product(delta, float(a))}$")
        for k, a in enumerate(inputs, start=1)
    ]


def _product(first: float, second: float) -> str:
    factors = [style.mathematics(label(float(value))) for value in (first, second, first * second)]
    bracketed = f"({factors[1]})" if second < 0 else factors[1]
    return rf"{factors[0]}\times {bracketed}={factors[2]}"


def _wire(ax: Axes, y: float, target: Point, start: str, knob: str, product: str) -> None:
    """入り口から、つまみを通って、出口まで。戻る矢印は、つまみで止まる。"""
    half = KNOB_SIZE[0] / 2
    arrow(ax, (LEFT + RADIUS, y), (KNOB - half - 0.03, y), colour=FORWARD)
    out = style.shortened((KNOB + half, y), target, 0.0, RADIUS + 0.02, SIDE)
    back = style.shortened(target, (KNOB + half, y), RADIUS, 0.09, SIDE)
    arrow(ax, *out, colour=FORWARD)
    arrow(ax, *back, colour=BACKWARD, dashed=True)
    _circle(ax, (LEFT, y), start)
    corner = (KNOB - half, y - KNOB_SIZE[1] / 2)
    shape = "round,pad=0,rounding_size=0.08"
    ax.add_patch(
        FancyBboxPatch(corner, *KNOB_SIZE, boxstyle=shape, fc=HIGHLIGHT_FILL, ec=HIGHLIGHT, lw=2.6, zorder=5)
    )
    style.centred(ax, (KNOB, y), knob, SYMBOL)
    figure = ax.get_figure(root=True)
    size = style.fitted(figure, product, SYMBOL - 1, KNOB + half - (LEFT + RADIUS) - 0.1)
    text_at(ax, KNOB + half, y - 0.42, product, ha="right", color=BACKWARD_INK, fontsize=size)


def _circle(ax: Axes, position: Point, text: str) -> None:
    ax.add_patch(Circle(position, RADIUS, fc=PAPER, ec=GREY, lw=1.2, zorder=5))
    size = style.fitted(ax.get_figure(root=True), text, SYMBOL, 1.72 * RADIUS)
    style.centred(ax, position, text, size)


@drawing
def outer_products(delta: Array, A_prev: Array) -> Figure:
    """例ごとの外積の表と、その平均。1行が1個の誤差項、1列が1個の活性。

    Parameters
    ----------
    delta : ndarray, shape (N_l, m)
        誤差項 :math:`\\Delta^l`。
    A_prev : ndarray, shape (N_{l−1}, m)
        前の層の活性 :math:`A^{l-1}`。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、表が図の幅に収まらない。

    Notes
    -----
    「ステップ4」の章（34_step4_weight_gradient）の式 eq-weight-gradient-batch を描く。

    Examples
    --------
    >>> import numpy as np
    >>> figure = outer_products(np.array([[0.2, 0.4], [-0.1, 0.3]]), np.array([[1.0, 3.0], [2.0, 0.0]]))
    >>> "$0.7$" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    checks.array("delta", delta, ("N_l", "m"))
    checks.array("A_prev", A_prev, ("N_prev", delta.shape[1]))
    examples = list(zip(delta.T, A_prev.T))
    width, cell_height = CELL
    columns = len(A_prev)
    cells = len(examples) * (columns + 1) + (columns if len(examples) > 1 else 0)
    if cells > MOST_CELLS - len(examples):
        raise ValueError(
            f"外積の表は、活性 {columns} 個と例 {len(examples)} 個では図の幅に収まりません。どちらかを減らしてください。"
        )
    gap = 0.34
    total = cells * width + gap * (len(examples) if len(examples) > 1 else 0)
    height = (len(delta) + 1) * cell_height + 0.75
    figure, ax = style.sheet(height)
    left, top = (WIDTH - total) / 2, height - 0.5
    for n, (d, a) in enumerate(examples):
        if n:
            text_at(ax, left + gap / 2 - 0.02, top - height / 2 + 0.3, "$+$", fontsize=SYMBOL)
            left += gap
        name = f"例 {n + 1}" if len(examples) > 1 else ""
        _table(ax, (left, top), name, d[:, None] * a, rows=d, columns=a)
        left += (columns + 1) * width
    if len(examples) == 1:
        symbols = {"fontsize": SYMBOL, "color": FORWARD}
        text_at(ax, left - columns * width / 2, top + 0.2, "$a^{l-1}_{k}$", **symbols)
        symbols["color"] = BACKWARD_INK
        middle = top - (1 + len(delta) / 2) * cell_height
        text_at(ax, left - (columns + 1) * width - 0.25, middle, r"$\delta^{l}_{j}$", **symbols)
    else:
        text_at(ax, left + gap / 2, top - height / 2 + 0.3, r"$\to$", fontsize=SYMBOL)
        mean = (delta / delta.shape[1]) @ A_prev.T
        _table(ax, (left + gap - width, top), "平均", mean)
    return figure


def _table(
    ax: Axes,
    corner: Point,
    name: str,
    products: Array,
    rows: Sequence[float] | None = None,
    columns: Sequence[float] | None = None,
) -> None:
    """左上の角が `corner` の表。1行めと1列めは見出しの場所で、平均の表では空ける。"""
    (width, height), (left, top) = CELL, corner

    def write(row: int, column: int, value: float, colour: str) -> None:
        x, y = left + (column + 0.5) * width, top - (row + 0.5) * height
        size = style.fitted(ax.get_figure(root=True), label(float(value)), SYMBOL - 1, 0.88 * width)
        style.centred(ax, (x, y), label(float(value)), size, colour)

    middle = left + width * (1 + products.shape[1] / 2)
    text_at(ax, middle, top + 0.2, name, fontsize=TEXT)
    for j, row in enumerate(products, start=1):
        for k, value in enumerate(row, start=1):
            ax.add_patch(
                Rectangle(
                    (left + k * width, top - (j + 1) * height), width, height,
                    fc=PAPER if rows is not None else HIGHLIGHT_FILL,
                    ec=GREY if rows is not None else HIGHLIGHT, lw=1.0, zorder=2,
                )
            )  # fmt: skip
            write(j, k, value, INK)
    for j, value in enumerate(rows if rows is not None else (), start=1):
        write(j, 0, value, BACKWARD_INK)
    for k, value in enumerate(columns if columns is not None else (), start=1):
        write(0, k, value, FORWARD)

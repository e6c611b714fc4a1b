"""外積の表の図。例ごとの表と、その平均。"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.numbers import label
from backprop.figures.drafting.page import Figure, TooWide, drawing, sheet
from backprop.figures.drafting.text import centred, fitted, text_at
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import (
    BACKWARD_INK,
    FORWARD,
    GREY,
    HIGHLIGHT,
    HIGHLIGHT_FILL,
    INK,
    PAPER,
    SYMBOL,
    TEXT,
)

CELL = (0.56, 0.46)
MOST_CELLS = 14
"""一段に並べられる、ますの数の限り。"""

GAP = 0.34
"""表と表の間（インチ）。演算の記号を置く。"""


@explained
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
    examples, columns = delta.shape[1], len(A_prev)
    cells = examples * (columns + 1) + (columns if examples > 1 else 0)
    if cells > MOST_CELLS - examples:
        raise TooWide(
            f"外積の表は、活性 {columns} 個と例 {examples} 個では図の幅に収まりません。どちらかを減らしてください。"
        )
    total = cells * CELL[0] + GAP * (examples if examples > 1 else 0)
    height = (len(delta) + 1) * CELL[1] + 0.75
    figure, ax = sheet(height)
    corner = (full_width() - total) / 2, height - 0.5
    if examples == 1:
        _one(ax, corner, delta[:, 0], A_prev[:, 0])
    else:
        _many(ax, corner, height, delta, A_prev)
    return figure


def _one(ax: Axes, corner: Point, d: Array, a: Array) -> None:
    """例が1個なら、行と列の見出しに記号を添える。"""
    (width, height), (left, top) = CELL, corner
    _table(ax, corner, "", d[:, None] * a, rows=d, columns=a)
    right = left + (len(a) + 1) * width
    text_at(ax, right - len(a) * width / 2, top + 0.2, "$a^{l-1}_{k}$", fontsize=SYMBOL, color=FORWARD)
    middle = top - (1 + len(d) / 2) * height
    text_at(
        ax, right - (len(a) + 1) * width - 0.25, middle, r"$\delta^{l}_{j}$", fontsize=SYMBOL,
        color=BACKWARD_INK,
    )  # fmt: skip


def _many(ax: Axes, corner: Point, height: float, delta: Array, A_prev: Array) -> None:
    """例ごとの表を足し算の順に並べ、右に平均を置く。"""
    (left, top), width = corner, CELL[0]
    sign = top - height / 2 + 0.3
    for n, (d, a) in enumerate(zip(delta.T, A_prev.T)):
        if n:
            text_at(ax, left + GAP / 2 - 0.02, sign, "$+$", fontsize=SYMBOL)
            left += GAP
        _table(ax, (left, top), f"例 {n + 1}", d[:, None] * a, rows=d, columns=a)
        left += (len(a) + 1) * width
    text_at(ax, left + GAP / 2, sign, r"$\to$", fontsize=SYMBOL)
    mean = (delta / delta.shape[1]) @ A_prev.T
    _table(ax, (left + GAP - width, top), "平均", mean)


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
        size = fitted(ax.get_figure(root=True), label(float(value)), SYMBOL - 1, 0.88 * width)
        centred(ax, (x, y), label(float(value)), size, colour)

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

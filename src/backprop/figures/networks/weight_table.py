"""重みの表と線の図。行きは表の行を、帰りは同じ表の列を使う。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.arrows import direction_key
from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.numbers import label, mathematics
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.text import centred, fitted, text_at
from backprop.figures.drafting.widths import across, full_width
from backprop.figures.networks.plan import RADIUS, Plan
from backprop.figures.networks.wiring import FRACTIONS, Marks, draw
from backprop.figures.style import (
    BACKWARD,
    BACKWARD_INK,
    FORWARD,
    GREY,
    HIGHLIGHT_FILL,
    INK,
    PAPER,
    SMALL,
    SYMBOL,
    TEXT,
)

COLUMNS = 0.75, 2.85
"""出どころと行き先の、横の位置（インチ）。"""

ROWS = 1.15, 1.6
"""出どころどうし、行き先どうしの間（インチ）。"""

TABLE, ROOM = 4.42, 1.86
"""表の左の端と、幅（インチ）。"""

CELL = 0.52
"""表のますの高さ（インチ）。"""

KEY, LINE = 0.42, 0.42
"""矢印の説明と、式の1行の高さ（インチ）。"""

MOST = 3

NEAR = (0.32, 0.16, 0.2, 0.28, 0.36, 0.24, 0.4, 0.68, 0.72, 0.64)
"""線の文字を置く位置。線どうしが交わる、まん中のあたりを避ける。"""


@explained
@drawing
def weight_table(
    weights: Array,
    *,
    inputs: Array | None = None,
    returned: Array | None = None,
    row: int | None = None,
    column: int | None = None,
) -> Figure:
    """線に載った重みと、それを並べた表。行きに使う行と、帰りに使う列に印をつける。

    行も列も指さなければ、すべての線に重みを書く。行を指せば、その行き先に入る線だけに、列を指せば、その
    出どころから出る線だけに矢印を引き、表の同じところを囲む。値を与えれば、届く値を
    丸の中に、計算した和を下に書く。

    Parameters
    ----------
    weights : ndarray, shape (n, k)
        k 個の出どころから n 個の行き先への重み。
    inputs : ndarray, shape (k, 1), optional
        出どころの値。
    returned : ndarray, shape (n, 1), optional
        行き先から戻る値。
    row : int, optional
        行きに使う行（行き先の番号）。1から数える。
    column : int, optional
        帰りに使う列（出どころの番号）。1から数える。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、ない行や列を指した、線が多すぎる。

    Notes
    -----
    「表から行列へ」の章（10_tables_to_matrices）の図。

    Examples
    --------
    >>> import numpy as np
    >>> W, d = np.array([[0.25, 1.0, -0.5], [-0.5, 1.0, 1.0]]), np.array([[2.0], [4.0]])
    >>> figure = weight_table(W, returned=d, column=1)
    >>> any(r"0.25\\times 2-0.5\\times 4=-1.5" in text.get_text() for text in figure.axes[0].texts)
    True
    """
    _check(weights, inputs, returned)
    k, j = _place("row", row, len(weights)), _place("column", column, weights.shape[1])
    sums = _sums(weights, inputs, returned, k, j)
    marks, keyed = _marks(weights, inputs, returned, k, j), bool(k and j)
    under = (KEY if keyed else 0.0) + LINE * len(sums)  # 絵の下の、矢印の説明と式
    plan, height = _arrange(weights, 0.24 + under + (0.28 if marks.below else 0.0))

    figure, ax = sheet(height)
    for x, name in zip(map(across, COLUMNS), ("出どころ", "行き先")):
        text_at(ax, x, height - 0.24, name, fontsize=TEXT)
    draw(ax, plan, marks, NEAR if keyed else FRACTIONS)
    if inputs is not None:
        _numbering(ax, plan)
    middle = (plan.positions[(0, 1)][1] + plan.positions[(0, weights.shape[1])][1]) / 2
    _table(ax, (across(TABLE), middle + len(weights) * CELL / 2), weights, k, j)
    for n, (text, colour) in enumerate(sums):
        size = fitted(figure, text, TEXT, full_width() - 0.3)
        text_at(ax, full_width() / 2, under - LINE * n - 0.14, text, color=colour, fontsize=size)
    if keyed:
        direction_key(ax, 0.26, forward="行き：行を使う", backward="帰り：列を使う")
    return figure


def _check(weights: Array, inputs: Array | None, returned: Array | None) -> None:
    checks.array("weights", weights, ("n", "k"))
    if max(weights.shape) > MOST:
        raise ValueError(
            f"weights は {MOST} 行 {MOST} 列まで描けますが、形 {weights.shape} の配列が与えられました。"
        )
    for name, values, count in (("inputs", inputs, weights.shape[1]), ("returned", returned, len(weights))):
        if values is not None:
            checks.array(name, values, (count, 1))


def _place(name: str, value: int | None, count: int) -> int:
    """指した行か列の番号。指さなければ0。"""
    if value is None:
        return 0
    if checks.count(name, value) > count:
        raise ValueError(f"{name} は1から {count} までですが、{value!r} が与えられました。")
    return int(value)


def _arrange(weights: Array, bottom: float) -> tuple[Plan, float]:
    """丸を、下に `bottom` だけ空けて並べる。返すのは、割りつけと、図の高さ。"""
    plan = Plan([weights.shape[1], len(weights)], None, None, ())
    plan.rows = list(ROWS)
    tallest = max(plan.column_height(0), plan.column_height(1)) + 2 * RADIUS
    plan.arrange([across(x) for x in COLUMNS], bottom + tallest / 2)
    return plan, bottom + tallest + 0.5


def _marks(weights: Array, inputs: Array | None, returned: Array | None, k: int, j: int) -> Marks:
    """線と丸に書き込むもの。"""
    written = {(1, r + 1, c + 1): label(float(value)) for (r, c), value in np.ndenumerate(weights)}
    forward = [edge for edge in written if edge[1] == k or not (k or j)]
    backward = [edge for edge in written if edge[2] == j]
    inside = {(1 - axis, n + 1): str(n + 1) for axis in (0, 1) for n in range(weights.shape[axis])}
    below = {}
    if inputs is not None:
        inside = {(0, n): label(float(a)) for n, (a,) in enumerate(inputs, start=1)}
    if inputs is not None and k:
        inside |= {(1, n): label(float(z)) for n, z in enumerate(weights @ inputs[:, 0], start=1)}
    if returned is not None and j:
        below = {(1, n): label(float(d)) for n, (d,) in enumerate(returned, start=1)}
        below[(0, j)] = label(float(weights[:, j - 1] @ returned[:, 0]))
    return Marks(
        forward=forward, backward=backward, node_text=inside, below=below,
        edge_text={edge: written[edge] for edge in forward},
        backward_text={edge: written[edge] for edge in backward},
    )  # fmt: skip


def _sums(
    weights: Array, inputs: Array | None, returned: Array | None, k: int, j: int
) -> list[tuple[str, str]]:
    """行きと帰りの和の式と、その色。"""
    sums = []
    if inputs is not None and k:
        sums.append((f"行き　{k}行め：{_sum(weights[k - 1], inputs[:, 0])}", FORWARD))
    if returned is not None and j:
        sums.append((f"帰り　{j}列め：{_sum(weights[:, j - 1], returned[:, 0])}", BACKWARD_INK))
    return sums


def _sum(weights: Sequence[float], values: Sequence[float]) -> str:
    """掛けて足した式。負の数を掛けるときは、括弧に入れる。"""
    written = ""
    for w, v in zip(weights, values):
        first, second = (mathematics(label(float(number))) for number in (w, v))
        written += "" if first.startswith("-") or not written else "+"
        written += rf"{first}\times " + (f"({second})" if v < 0 else second)
    total = sum(float(w) * float(v) for w, v in zip(weights, values))
    return f"${written}={mathematics(label(total))}$"


def _numbering(ax: Axes, plan: Plan) -> None:
    """丸の中を値に使うとき、出どころの左と、行き先の右に、番号を添える。"""
    for (l, n), (x, y) in plan.positions.items():
        side = 1 if l else -1
        text_at(ax, x + side * (RADIUS + 0.16), y, str(n), fontsize=SMALL, color=GREY)


def _table(ax: Axes, corner: Point, weights: Array, k: int, j: int) -> None:
    """左上の角が `corner` の表。行の見出しは行き先、列の見出しは出どころ。"""
    (left, top), (rows, columns) = corner, weights.shape
    figure, width = ax.get_figure(root=True), across(ROOM) / max(columns, 3)
    for (r, c), value in np.ndenumerate(weights):
        x, y = left + c * width, top - (r + 1) * CELL
        both = (r + 1, c + 1) == (k, j)
        fill = HIGHLIGHT_FILL if both else PAPER
        ax.add_patch(Rectangle((x, y), width, CELL, fc=fill, ec=GREY, lw=1.0, zorder=2))
        text = label(float(value))
        centred(ax, (x + width / 2, y + CELL / 2), text, fitted(figure, text, SYMBOL - 1, 0.86 * width), INK)
    for r in range(rows):
        text_at(
            ax, left - 0.1, top - (r + 0.5) * CELL, f"行き先{r + 1}", ha="right", fontsize=SMALL, color=GREY
        )
    for c in range(columns):
        text_at(ax, left + (c + 0.5) * width, top + 0.18, str(c + 1), fontsize=SMALL, color=GREY)
    text_at(ax, left + columns * width / 2, top + 0.46, "出どころ", fontsize=SMALL, color=GREY)
    if k:
        corner, size = (left, top - k * CELL), (columns * width, CELL)
        ax.add_patch(Rectangle(corner, *size, fc="none", ec=FORWARD, lw=3.0, zorder=4))
        text_at(
            ax, left + columns * width + 0.28, top - (k - 0.5) * CELL, "行き", fontsize=TEXT, color=FORWARD
        )
    if j:
        inset = 0.045  # 行の枠と重ならないように、少し内側に描く
        corner = (left + (j - 1) * width + inset, top - rows * CELL + inset)
        size = (width - 2 * inset, rows * CELL - 2 * inset)
        dashes = (0, (3.2, 1.5))
        ax.add_patch(Rectangle(corner, *size, fc="none", ec=BACKWARD, lw=3.0, ls=dashes, zorder=5))
        x = left + (j - 0.5) * width
        text_at(ax, x, top - rows * CELL - 0.2, "帰り", fontsize=TEXT, color=BACKWARD_INK)

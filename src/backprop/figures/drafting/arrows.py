"""線と矢印。"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.text import text_at, text_size
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import BACKWARD, FORWARD, SMALL


def stroke(
    ax: Axes, start: Point, end: Point, *, colour: str, width: float, dashed: bool = False, z: float = 1
) -> None:
    """まっすぐな線。"""
    style = (0, (3.2, 1.5)) if dashed else "-"
    ax.add_line(
        Line2D(
            [start[0], end[0]], [start[1], end[1]], color=colour, lw=width, ls=style, zorder=z,
            dash_capstyle="butt", solid_capstyle="butt",
        )
    )  # fmt: skip


def arrow(
    ax: Axes, start: Point, end: Point, *, colour: str, width: float = 2.4, dashed: bool = False, z: float = 3
) -> None:
    """頭を塗った矢印。頭は線種によらず実線で囲む。"""
    a, b = np.array(start), np.array(end)
    along = (b - a) / np.hypot(*(b - a))
    side = np.array([-along[1], along[0]])
    size = 0.055 + 0.028 * width
    base = b - along * size
    stroke(ax, start, tuple(base + along * 0.02), colour=colour, width=width, dashed=dashed, z=z)
    ax.add_patch(
        Polygon(
            [b, base + side * size * 0.48, base - side * size * 0.48], fc=colour, ec="none", zorder=z + 0.1
        )
    )


def direction_key(ax: Axes, y: float, *, forward: str | None, backward: str | None) -> None:
    """図の下に置く、矢印の説明（青の実線 = 順伝播、朱の破線 = 逆伝播）。"""
    figure = ax.get_figure(root=True)
    entries = [(t, c, d) for t, c, d in ((forward, FORWARD, False), (backward, BACKWARD, True)) if t]
    widths = [0.62 + text_size(figure, text, SMALL)[0] for text, _, _ in entries]
    x = (full_width() - sum(widths) - 0.5 * (len(widths) - 1)) / 2
    for (text, colour, dashed), width in zip(entries, widths):
        ends = ((x + 0.5, y), (x, y)) if dashed else ((x, y), (x + 0.5, y))
        arrow(ax, *ends, colour=colour, width=2.2, dashed=dashed)
        text_at(ax, x + 0.62, y, text, ha="left", fontsize=SMALL)
        x += width + 0.5

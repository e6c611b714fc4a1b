"""「いまここ」: アルゴリズムの五行と、六つのステップの対応の帯。"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.page import Figure
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width, narrow, smallest
from backprop.figures.style import GREY, HIGHLIGHT, HIGHLIGHT_FILL, INK, PALE, PAPER, SMALL

LINES = {"1": "順伝播", "2": "損失", "3": 1, "4a": 2, "4b": 3, "4c": 4, "4d": 5, "5": 6}
"""行の番号から、ステップの番号への対応。ステップのない行には、そこですること。"""

CELL, TOP, BOTTOM = 0.56, 0.39, 0.1
"""ますの高さと、帯の上と下の余白（インチ）。"""


def here(figure: Figure, step: int) -> Figure:
    """図の上に帯を継ぎ足し、ステップにあたる行を目立たせる。"""
    (ax,), height = figure.axes, figure.get_size_inches()[1]
    rows = 2 if narrow() else 1
    columns = len(LINES) // rows
    strip = BOTTOM + rows * (CELL + TOP)
    figure.set_size_inches(full_width(), height + strip)
    ax.set_ylim(0, height + strip)
    width = (full_width() - 0.4) / columns
    for place, (line, what) in enumerate(LINES.items()):
        row, column = divmod(place, columns)
        bottom = height + BOTTOM + (rows - 1 - row) * (CELL + TOP)
        _cell(ax, (0.2 + column * width, bottom), width, line, what, lit=what == step)
    return figure


def _cell(ax: Axes, corner: Point, width: float, line: str, what: str | int, *, lit: bool) -> None:
    (left, bottom), height = corner, CELL
    look = {"fc": HIGHLIGHT_FILL, "ec": HIGHLIGHT, "lw": 2.4} if lit else {"fc": PAPER, "ec": PALE, "lw": 1.0}
    ax.add_patch(Rectangle((left, bottom), width, height, zorder=5 if lit else 4, **look))
    colour, middle = INK if lit else GREY, left + width / 2
    words = what if isinstance(what, str) else f"ステップ{what}"
    text_at(ax, middle, bottom + 0.39, f"行{line}", fontsize=SMALL, color=colour)
    text_at(ax, middle, bottom + 0.16, words, fontsize=max(10.5, smallest()), color=colour)
    if lit:
        text_at(ax, middle, bottom + height + 0.17, "いまここ", fontsize=SMALL, color=INK)

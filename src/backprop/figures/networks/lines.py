"""「いまここ」: アルゴリズムの五行と、六つのステップの対応の帯。"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from backprop.figures.drafting.page import Figure
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import GREY, HIGHLIGHT, HIGHLIGHT_FILL, INK, PALE, PAPER, SMALL

LINES = {"1": "順伝播", "2": "損失", "3": 1, "4a": 2, "4b": 3, "4c": 4, "4d": 5, "5": 6}
"""行の番号から、ステップの番号への対応。ステップのない行には、そこですること。"""

STRIP = 1.05
"""帯の高さ（インチ）。"""

_CELL = (full_width() - 0.4) / len(LINES), 0.56
_SMALLEST = min(SMALL, 10.5)


def here(figure: Figure, step: int) -> Figure:
    """図の上に帯を継ぎ足し、ステップにあたる行を目立たせる。"""
    (ax,), height = figure.axes, figure.get_size_inches()[1]
    figure.set_size_inches(full_width(), height + STRIP)
    ax.set_ylim(0, height + STRIP)
    for place, (line, what) in enumerate(LINES.items()):
        left = 0.2 + place * _CELL[0]
        _cell(ax, left, height + 0.1, line, what, lit=what == step)
    return figure


def _cell(ax: Axes, left: float, bottom: float, line: str, what: str | int, *, lit: bool) -> None:
    width, height = _CELL
    look = {"fc": HIGHLIGHT_FILL, "ec": HIGHLIGHT, "lw": 2.4} if lit else {"fc": PAPER, "ec": PALE, "lw": 1.0}
    ax.add_patch(Rectangle((left, bottom), width, height, zorder=5 if lit else 4, **look))
    colour, middle = INK if lit else GREY, left + width / 2
    words = what if isinstance(what, str) else f"ステップ{what}"
    text_at(ax, middle, bottom + 0.39, f"行{line}", fontsize=SMALL, color=colour)
    text_at(ax, middle, bottom + 0.16, words, fontsize=_SMALLEST, color=colour)
    if lit:
        text_at(ax, middle, bottom + height + 0.17, "いまここ", fontsize=SMALL, color=INK)

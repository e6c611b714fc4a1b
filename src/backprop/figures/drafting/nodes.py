"""丸い節。注目させたいものは、橙で縁どる。"""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.text import centred, inside
from backprop.figures.style import GREY, HIGHLIGHT, HIGHLIGHT_FILL, PAPER, SYMBOL


def frame(lit: bool) -> dict[str, Any]:
    """節の地と縁の描き方。"""
    if lit:
        return {"fc": HIGHLIGHT_FILL, "ec": HIGHLIGHT, "lw": 2.6, "zorder": 5}
    return {"fc": PAPER, "ec": GREY, "lw": 1.2, "zorder": 5}


def node(ax: Axes, position: Point, text: str, *, radius: float, lit: bool = False) -> None:
    """丸と、その中に収まる文字。"""
    ax.add_patch(Circle(position, radius, **frame(lit)))
    if text:
        centred(ax, position, text, inside(text, SYMBOL, radius))


def three_dots(ax: Axes, x: float, middle: float) -> None:
    """「いくつでもよい」を表す、縦に並ぶ三つの点。"""
    for shift in (-0.1, 0.0, 0.1):
        ax.add_patch(Circle((x, middle + shift), 0.025, fc=GREY, ec="none", zorder=5))

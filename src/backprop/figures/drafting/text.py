"""文字を置き、その大きさを測る。"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Bbox

from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.page import Figure
from backprop.figures.drafting.widths import smallest
from backprop.figures.style import DPI, FONT, INK, SMALL

FILLED = 0.88
"""丸のうち、文字の四隅が使ってよいところ（半径に対する比）。"""


def text_at(ax: Axes, x: float, y: float, text: str, **kwargs: Any) -> Text:
    """インチの座標に、中央揃えで文字を置く。"""
    figure = ax.get_figure(root=True)
    options = {"ha": "center", "va": "center", "zorder": 8, "transform": figure.dpi_scale_trans} | kwargs
    return ax.text(x, y, text, **options)


def centred(ax: Axes, position: Point, text: str, size: float, colour: str = INK) -> None:
    """墨の部分の中央を、節の中央に合わせて文字を置く。

    ふつうの中央揃えは、見えない行の高さまで数えるので、``x`` のように低い文字が沈む。
    """
    if not text.strip():
        return
    box = ink(text, size)
    x, y = position[0] - (box.x0 + box.x1) / 144, position[1] - (box.y0 + box.y1) / 144
    text_at(ax, x, y, text, fontsize=size, color=colour, ha="left", va="baseline")


def ink(text: str, size: float) -> Bbox:
    """墨の部分の長方形（ポイント）。原点は、書きはじめの下線の上。"""
    if not text:
        return Bbox.from_bounds(0, 0, 0, 0)
    try:
        return TextPath((0, 0), text, size=size, prop=font_manager.FontProperties(fname=FONT)).get_extents()
    except AttributeError:  # matplotlib は、空白だけの文字の輪郭を作れない
        return Bbox.from_bounds(0, 0, 0, 0)


def inside(text: str, size: float, radius: float) -> float:
    """半径 `radius` インチの丸に、墨の四隅まで収まる文字の大きさ。その紙の限りより小さくはしない。

    Examples
    --------
    >>> inside("$x$", 15.0, 0.3)
    15.0
    >>> inside("$-0.00012$", 15.0, 0.3)
    10.0
    """
    needed = room(text, size)
    return max(smallest(), min(size, size * radius / needed)) if needed > 0 else size


def room(text: str, size: float) -> float:
    """文字の四隅まで収まる丸の、半径（インチ）。

    Examples
    --------
    >>> room("", 12.0)
    0.0
    >>> round(room("0.5668", 12.0), 2)
    0.32
    """
    box = ink(text, size)
    return float(np.hypot(box.width, box.height)) / 2 / 72 / FILLED


def extent(artist: Text) -> tuple[float, float]:
    """文字の幅と高さ（インチ）。"""
    box = artist.get_window_extent(artist.get_figure(root=True).canvas.get_renderer())
    return box.width / DPI, box.height / DPI


def text_size(figure: Figure, text: str, size: float) -> tuple[float, float]:
    """描かずに測った、文字の幅と高さ（インチ）。"""
    artist = figure.text(0, 0, text, fontsize=size)
    measured = extent(artist)
    artist.remove()
    return measured


def widest(figure: Figure, texts: Iterable[str], size: float = SMALL) -> float:
    """いちばん長い文字の幅（インチ）。何もなければ0。"""
    return max((text_size(figure, text, size)[0] for text in texts), default=0.0)


def fitted(figure: Figure, text: str, size: float, width: float) -> float:
    """幅 `width` インチに収まる文字の大きさ。その紙の限りより小さくはしない。"""
    natural = text_size(figure, text, size)[0]
    return max(smallest(), min(size, size * width / natural)) if natural > 0 else size

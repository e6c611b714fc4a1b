"""図の紙: いつも同じ SVG と PNG になる図と、その上の座標軸。"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from typing import Any, ParamSpec

from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform, Transform
from PIL import Image

from backprop import checks
from backprop.figures.drafting.inputs import worded
from backprop.figures.drafting.lettering import crowded
from backprop.figures.drafting.outlines import steady
from backprop.figures.drafting.vector import VectorRenderer
from backprop.figures.drafting.widths import NARROW, WIDE, Sheet, drawing_now, full_width, on
from backprop.figures.style import DPI, styled

P = ParamSpec("P")
Pair = tuple[float, float]

LEFT, BETWEEN, RIGHT = 0.6, 0.5, 0.25
"""左右に並べた座標軸の、左と間と右の余白（インチ）。目盛りの数が入る。"""


class TooWide(ValueError):
    """紙の幅に収まらない。"""

class _Renderer(RendererAgg):
    """線の座標を丸めてから描く道具（PNG）。"""

    def draw_path(self, gc: Any, path: Outline, transform: Transform, rgbFace: Any = None) -> None:
        path = path.transformed(transform)
        path.vertices = steady(path.vertices)
        super().draw_path(gc, path, IdentityTransform(), rgbFace)


class _Canvas(FigureCanvasBase):
    """字の大きさを SVG の道具で測り、どの道から保存しても（`savefig`）同じ PNG になる描画面。"""

    ruler: VectorRenderer | None = None

    def get_renderer(self) -> VectorRenderer:
        width, height = self.figure.bbox.size
        if self.ruler is None or (self.ruler.width, self.ruler.height) != (width, height):
            self.ruler = VectorRenderer(width, height)  # 測った字の大きさを、覚えさせておく
        return self.ruler

    def draw(self, *_: Any, **__: Any) -> None:
        with styled():
            self.figure.draw(VectorRenderer(*self.figure.bbox.size))

    def print_figure(self, filename: Any, *_: Any, **__: Any) -> None:
        # 余白の自動切り取りと、版や日時の埋め込みを許すと、環境によって中身が変わる
        width, height = (int(side) for side in self.figure.bbox.size)
        renderer = _Renderer(width, height, DPI)
        with styled():
            self.figure.draw(renderer)
        picture = Image.frombytes("RGBA", (width, height), bytes(renderer.buffer_rgba())).convert("RGB")
        picture = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        picture.save(filename, format="png", optimize=True)


class Figure(MatplotlibFigure):
    """本の図。ノートブックのセルの最後に書くと1回だけ表示される。

    pyplot を通さずに作るので、表示を待つ図の列に残らない。

    Parameters
    ----------
    height : float
        高さ（インチ）。

    Attributes
    ----------
    narrow : Figure or None
        同じものを、電話のための狭い紙に描いた図。

    Examples
    --------
    >>> Figure(2.0)
    <Figure size 1400x400 with 0 Axes>
    """

    @checks.explained
    def __init__(self, height: float) -> None:
        height = checks.positive("height", height)
        with styled():
            super().__init__(figsize=(full_width(), height), dpi=DPI)
            _Canvas(self)
        self.narrow: Figure | None = None

    @checks.explained
    def png(self) -> bytes:
        """PNG のバイト列。同じ図からは、いつも同じバイト列ができる。"""
        buffer = io.BytesIO()
        self.savefig(buffer)
        return buffer.getvalue()

    @checks.explained
    def svg(self) -> str:
        """白い紙に描いた SVG。同じ図からは、いつも同じ文字の列ができる。

        狭い紙に描いたものを、画面に出ない ``metadata`` に添える。
        """
        renderer = VectorRenderer(*self.bbox.size)
        with styled():
            self.patch.set_visible(False)  # 紙は、地の色に合わせて替えられるよう、別に書く
            self.draw(renderer)
            self.patch.set_visible(True)
        extra = f"<metadata>\n{self.narrow.svg()}</metadata>\n" if self.narrow else ""
        return renderer.written(extra)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": repr(self)}


def drawing(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """描画の関数を、本の設定の中で、広い紙と狭い紙に実行させる。文字と真偽の引数は、その前に確かめる。"""
    checked = worded(draw)

    def on_sheet(sheet: Sheet, *args: P.args, **kwargs: P.kwargs) -> Figure:
        with styled(), on(sheet):
            return checked(*args, **kwargs)

    def on_phone(*args: P.args, **kwargs: P.kwargs) -> Figure:
        for sheet in NARROW:
            with suppress(TooWide):
                figure = on_sheet(sheet, *args, **kwargs)
                if sheet is NARROW[-1] or not crowded(figure):
                    return figure
        return on_sheet(WIDE, *args, **kwargs)

    @wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Figure:
        if drawing_now():
            return checked(*args, **kwargs)
        figure = on_sheet(WIDE, *args, **kwargs)
        figure.narrow = on_phone(*args, **kwargs)
        return figure

    return wrapped


def sheet(height: float) -> tuple[Figure, Axes]:
    """座標がインチの、枠のない図。"""
    figure = Figure(height)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, full_width()), ylim=(0, height))
    ax.axis("off")
    return figure, ax


def panel(figure: Figure, left: float, bottom: float, wide: float, high: float, **kwargs: Any) -> Axes:
    """位置と大きさをインチで決めた座標軸。"""
    full_width, full_height = figure.get_size_inches()
    position = (left / full_width, bottom / full_height, wide / full_width, high / full_height)
    return figure.add_axes(position, **kwargs)


def halves(figure: Figure, bottom: float, high: float) -> Iterator[Axes]:
    """左右に並べた、二つの座標軸。"""
    wide = (full_width() - LEFT - RIGHT - BETWEEN) / 2
    for column in (0, 1):
        yield panel(figure, LEFT + column * (wide + BETWEEN), bottom, wide, high)


def grid(
    figure: Figure, count: int, columns: int, *, corner: Pair, size: Pair, gap: Pair
) -> Iterator[tuple[Axes, bool, bool]]:
    """左上から順に並ぶ同じ大きさの座標軸と、それが下の端か、左の端か。`corner` は、全体の左下の角。"""
    rows = -(-count // columns)
    for n in range(count):
        row, column = divmod(n, columns)
        left = corner[0] + column * (size[0] + gap[0])
        bottom = corner[1] + (rows - 1 - row) * (size[1] + gap[1])
        yield panel(figure, left, bottom, *size), n + columns >= count, column == 0

"""図の紙: いつも同じ PNG になる図と、その上の座標軸。"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform, Transform
from PIL import Image

from backprop import checks
from backprop.figures.drafting.inputs import worded
from backprop.figures.style import DPI, PAPER, WIDTH, styled

P = ParamSpec("P")
Pair = tuple[float, float]

FINENESS = 2**20
"""線の座標を丸める細かさ（1画素の何分の1か）。"""


class _Renderer(RendererAgg):
    """線の座標を丸めてから描く道具。

    対数目盛りの位置も、学習の結果も、最後の桁は計算機の種類によって違う。
    丸めないと、まっすぐに並ぶ点の、どちら側に曲がるかが変わり、線の縁の色が変わる。
    """

    def draw_path(self, gc: Any, path: Outline, transform: Transform, rgbFace: Any = None) -> None:
        path = path.transformed(transform)
        path.vertices = np.round(path.vertices * FINENESS) / FINENESS
        super().draw_path(gc, path, IdentityTransform(), rgbFace)


class _Canvas(FigureCanvasAgg):
    """どの道から保存しても（`savefig`、ノートブックの表示）同じ PNG になる描画面。"""

    def get_renderer(self) -> RendererAgg:
        renderer = super().get_renderer()
        if not isinstance(renderer, _Renderer):
            self.renderer = _Renderer(renderer.width, renderer.height, renderer.dpi)
        return self.renderer

    def print_figure(self, filename: Any, *_: Any, **__: Any) -> None:
        # 余白の自動切り取りと、版や日時の埋め込みを許すと、環境によって中身が変わる
        raw = io.BytesIO()
        with styled():
            super().print_figure(raw, dpi=DPI, facecolor=PAPER, edgecolor=PAPER, format="rgba")
        size = int(self.renderer.width), int(self.renderer.height)
        # 図はノートブックに埋め込まれるので、256色の表に直して3分の1ほどに縮める
        picture = Image.frombytes("RGBA", size, raw.getvalue()).convert("RGB")
        picture = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        picture.save(filename, format="png", optimize=True)


class Figure(MatplotlibFigure):
    """本の図。幅は `WIDTH`、ノートブックのセルの最後に書くと1回だけ表示される。

    pyplot を通さずに作るので、表示を待つ図の列に残らない。

    Parameters
    ----------
    height : float
        高さ（インチ）。

    Examples
    --------
    >>> Figure(2.0)
    <Figure size 1400x400 with 0 Axes>
    """

    @checks.explained
    def __init__(self, height: float) -> None:
        height = checks.positive("height", height)
        with styled():
            super().__init__(figsize=(WIDTH, height), dpi=DPI)
            _Canvas(self)

    @checks.explained
    def png(self) -> bytes:
        """PNG のバイト列。同じ図からは、いつも同じバイト列ができる。"""
        buffer = io.BytesIO()
        self.savefig(buffer)
        return buffer.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = self.get_size_inches() * 100
        return self.png(), {"width": round(width), "height": round(height)}


def drawing(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """描画の関数を、本の設定の中で実行させる。文字と真偽の引数は、その前に確かめる。"""
    checked = worded(draw)

    @wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with styled():
            return checked(*args, **kwargs)

    return wrapped


def sheet(height: float) -> tuple[Figure, Axes]:
    """座標がインチの、枠のない図。"""
    figure = Figure(height)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(0, height))
    ax.axis("off")
    return figure, ax


def panel(figure: Figure, left: float, bottom: float, width: float, height: float, **kwargs: Any) -> Axes:
    """位置と大きさをインチで決めた座標軸。"""
    full_width, full_height = figure.get_size_inches()
    position = (left / full_width, bottom / full_height, width / full_width, height / full_height)
    return figure.add_axes(position, **kwargs)


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

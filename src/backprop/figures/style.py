"""本の図に共通の描き方。色、書体、寸法、矢印、文字の置き方を、ここだけで決める。

図の幅はすべて同じ (`WIDTH` インチ) なので、どのページでも文字の大きさがそろう。図形を描く座標には、
図の左下を原点とするインチを使う。文字の大きさ（ポイント、1/72 インチ）とじかに比べられるからである。
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import IdentityTransform, Transform
from PIL import Image

from backprop import checks
from backprop.checks import Array

with mpl.rc_context():  # 読み込むだけで大域の設定を書き換えるパッケージなので、書体の登録だけを残して戻す
    import matplotlib_fontja

WIDTH = 7.0
"""図の幅（インチ）。本の段の幅 700 px に、1 インチ = 100 px で収まる。"""

DPI = 200
"""解像度。画面の2倍の細かさで描く。"""

FINENESS = 2**20
"""線の座標を丸める細かさ（1画素の何分の1か）。"""

FORWARD = "#0072B2"
"""順伝播の色（青）。線は実線。"""

BACKWARD = "#D55E00"
"""逆伝播の色（朱）。線は破線。"""

BACKWARD_INK = "#B04A00"
"""逆伝播の文字の色。細い文字でも読めるよう、線の朱より暗くする（明暗差 4.5:1 以上）。"""

HIGHLIGHT = "#E69F00"
"""注目させたいところの縁の色（橙）。"""

HIGHLIGHT_FILL = "#FFF0C2"
"""注目させたいところの地の色。"""

INK = "#222222"
"""文字と、目立たせる線の色。"""

GREY = "#767676"
"""補助の文字と線の色。白地の上で 4.5:1 の明暗差を保つ、いちばん薄い灰色。"""

PALE = "#C4C4C4"
"""いま使っていない線の色。"""

PAPER = "#FFFFFF"
"""地の色。"""

CLASS_COLOURS = ("#56B4E9", "#E69F00")
"""クラス0とクラス1の点の色。形も変える (`CLASS_MARKERS`)。"""

CLASS_MARKERS = ("o", "s")
"""クラス0とクラス1の点の形。"""

SERIES = ("#222222", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#767676")
"""曲線の色。順伝播と逆伝播の色は、ほかの意味に使わない。"""

DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.6, 1.2, 1.6)), (0, (9, 2.5)), (0, (3, 3)))
"""曲線の線種。色と組にして、色だけに頼らない。"""

PALETTE = frozenset(
    colour.lower()
    for colour in (
        FORWARD, BACKWARD, BACKWARD_INK, HIGHLIGHT, HIGHLIGHT_FILL, INK, GREY, PALE, PAPER,
        *CLASS_COLOURS, *SERIES,
    )
)  # fmt: skip
"""図に使ってよい色のすべて（濃淡の地図を除く）。"""

TEXT, SMALL, SYMBOL = 13.0, 12.0, 15.0
"""文字の大きさ（ポイント）: 本文、目盛り、記号。"""

FONT = Path(matplotlib_fontja.get_font_ttf_path())

STYLE: dict[str, Any] = {
    "font.family": font_manager.FontProperties(fname=FONT).get_name(),
    "font.size": TEXT,
    "mathtext.fontset": "cm",  # TeX の書体
    "figure.dpi": DPI,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": TEXT,
    "axes.labelsize": TEXT,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.9,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "lines.linewidth": 2.2,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.edgecolor": PAPER,
}

P = ParamSpec("P")
Point = tuple[float, float]
Box = tuple[float, float, float, float]


@contextmanager
def styled() -> Iterator[None]:
    """読者の設定によらず、本の設定だけで描く。抜けると元に戻る。"""
    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"}
    with mpl.rc_context(defaults | STYLE):
        yield


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

    def __init__(self, height: float) -> None:
        with styled():
            super().__init__(figsize=(WIDTH, height), dpi=DPI)
            _Canvas(self)

    def png(self) -> bytes:
        """PNG のバイト列。同じ図からは、いつも同じバイト列ができる。"""
        buffer = io.BytesIO()
        self.savefig(buffer)
        return buffer.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = self.get_size_inches() * 100
        return self.png(), {"width": round(width), "height": round(height)}


def drawing(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """描画の関数を、本の設定の中で実行させる。"""

    @wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with styled():
            return draw(*args, **kwargs)

    return wrapped


def fitted(figure: Figure, text: str, size: float, width: float) -> float:
    """幅 `width` インチに収まる文字の大きさ。10 ポイントより小さくはしない。"""
    natural = text_size(figure, text, size)[0]
    return max(10.0, min(size, size * width / natural)) if natural > 0 else size


def number(value: float, digits: int = 3) -> str:
    """図に書く数。有効数字 `digits` 桁の数式にする。

    Examples
    --------
    >>> number(-0.0751234), number(2.0), number(-0.0), number(1.5e-7)
    ('$-0.0751$', '$2$', '$0$', '$1.5\\\\times10^{-7}$')
    """
    text = f"{checks.real('value', value) + 0.0:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = rf"{mantissa}\times10^{{{int(exponent)}}}"
    return f"${text}$"


def label(value: object) -> str:
    """文字列はそのまま、数は `number` の書き方で。"""
    return value if isinstance(value, str) else number(value)  # type: ignore[arg-type]


def mathematics(text: str) -> str:
    """両端の ``$`` を外した中身（式の一部に組み込むとき）。"""
    return text.strip("$")


def plain_ticks(ax: Axes, x: int = 6, y: int = 6) -> None:
    """1、2、5 の倍数に目盛りを打つ。"""
    ax.xaxis.set_major_locator(MaxNLocator(x, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(y, steps=[1, 2, 5, 10]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(tick))


def tick(value: float, _: int | None = None) -> str:
    """目盛りの数。10の何乗倍かを軸の端に分けて書かない。

    Examples
    --------
    >>> tick(-0.5), tick(10000.0), tick(2e9)
    ('−0.5', '10000', '$2\\\\times10^{9}$')
    """
    text = f"{value + 0.0:.6g}"
    return number(value, 6) if "e" in text else text.replace("-", "−")


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


# ---- 色の地図 -----------------------------------------------------------------------------------


def _to_oklab(colour: str) -> Array:
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return _OKLAB @ np.cbrt(_LMS @ linear)


def _from_oklab(lab: Array) -> Array:
    linear = np.linalg.solve(_LMS, np.linalg.solve(_OKLAB, lab) ** 3).clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).clip(0, 1)


# OKLab（人の目に等しい歩幅が等しい色差になる色空間）への変換。Ottosson 2020
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _uniform_map(name: str, *colours: str, lightness: Sequence[float]) -> LinearSegmentedColormap:
    """OKLab の中で直線に結んだ色の地図。`lightness` は各色の明るさ。"""
    stops = np.array([[L, *_to_oklab(colour)[1:]] for colour, L in zip(colours, lightness)])
    position = np.linspace(0, len(stops) - 1, 257)
    lab = np.array([np.interp(position, range(len(stops)), column) for column in stops.T])  # (3, 257)
    return LinearSegmentedColormap.from_list(name, [tuple(_from_oklab(column)) for column in lab.T], N=257)


DIVERGING = _uniform_map("backprop_diverging", "#0072B2", PAPER, "#C06A00", lightness=(0.56, 0.985, 0.56))
"""0 と 1 のあいだの出力の色。青（0）から白（0.5）を経て橙（1）へ、左右で明るさが等しい。"""

SEQUENTIAL = _uniform_map("backprop_sequential", PAPER, "#56779B", lightness=(0.985, 0.52))
"""大きさの色。白（小）から青みの灰（大）へ。"""


def ink_on(colour: Any) -> str:
    """地の色 `colour` の上で読みやすいほうの文字の色（黒か白）。明るさ 0.6 で明暗差が等しい。"""
    return INK if _to_oklab(to_hex(colour))[0] > 0.6 else PAPER


# ---- 線と矢印 -----------------------------------------------------------------------------------


def shortened(
    start: Point, end: Point, at_start: float, at_end: float, offset: float = 0.0
) -> tuple[Point, Point]:
    """両端を縮め、進む向きの左へ `offset` だけ平行にずらした線分。"""
    a, b = np.array(start), np.array(end)
    along = (b - a) / np.hypot(*(b - a))
    side = offset * np.array([-along[1], along[0]])
    reach_start, reach_end = (np.sqrt(max(r**2 - offset**2, 0)) for r in (at_start, at_end))
    a, b = a + along * reach_start + side, b - along * reach_end + side
    return (float(a[0]), float(a[1])), (float(b[0]), float(b[1]))


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


# ---- 文字の置き場所 -----------------------------------------------------------------------------


@dataclass
class Label:
    """図に置く文字と、置いてよい場所の候補（よい順、インチ）。"""

    text: str
    candidates: Sequence[Point]
    colour: str = INK
    size: float = SYMBOL
    own: frozenset[int] = field(default_factory=frozenset)  # 重なってよい線（自分の線）の番号
    halo: bool = True


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
    ink = TextPath((0, 0), text, size=size, prop=font_manager.FontProperties(fname=FONT)).get_extents()
    x, y = position[0] - (ink.x0 + ink.x1) / 144, position[1] - (ink.y0 + ink.y1) / 144
    text_at(ax, x, y, text, fontsize=size, color=colour, ha="left", va="baseline")


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


def length_inside(start: Point, end: Point, box: Box) -> float:
    """線分のうち、長方形の中にある長さ（Liang–Barsky）。

    Examples
    --------
    >>> length_inside((0, 0), (4, 0), (1, -1, 3, 1))
    2.0
    >>> length_inside((0, 2), (4, 2), (1, -1, 3, 1))
    0.0
    """
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    first, last = 0.0, 1.0
    for p, q in ((-dx, x0 - box[0]), (dx, box[2] - x0), (-dy, y0 - box[1]), (dy, box[3] - y0)):
        if p == 0:
            if q < 0:
                return 0.0
        elif p < 0:
            first = max(first, q / p)
        else:
            last = min(last, q / p)
    return max(0.0, last - first) * float(np.hypot(dx, dy))


def overlap(a: Box, b: Box) -> float:
    """二つの長方形が重なる面積。"""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _around(point: Point, size: tuple[float, float], pad: float = 0.035) -> Box:
    (x, y), (w, h) = point, size
    return x - w / 2 - pad, y - h / 2 - pad, x + w / 2 + pad, y + h / 2 + pad


def place(
    ax: Axes,
    labels: Sequence[Label],
    *,
    wires: Sequence[tuple[Point, Point]],
    boxes: Sequence[Box],
    faint: frozenset[int] = frozenset(),
) -> None:
    """文字どうし、文字と節、文字とよその線がなるべく重ならない候補を選んで、文字を置く。

    `faint` は、文字の下に隠れてもあまり困らない薄い線の番号。一つずつ、次に二つ組で、ほかを固定して最もよい
    候補に移すことを、動かなくなるまで繰り返す。乱数は使わない。
    """
    figure = ax.get_figure(root=True)
    page = (0.05, 0.05, WIDTH - 0.05, figure.get_size_inches()[1] - 0.05)
    heads = [_head(*wire) for n, wire in enumerate(wires) if n not in faint]
    spots: list[Box] = []
    alone: list[float] = []  # 候補それぞれの、ほかの文字によらない費用
    ranges: list[range] = []  # 文字ごとの、候補の番号
    for item in labels:
        size = text_size(figure, item.text, item.size)
        ranges.append(range(len(spots), len(spots) + len(item.candidates)))
        for preference, candidate in enumerate(item.candidates):
            here = _around(candidate, size)
            outside = (here[2] - here[0]) * (here[3] - here[1]) - overlap(here, page)
            clash = outside + sum(overlap(here, other) for other in boxes)
            cut = sum(
                length_inside(*wire, here) * (0.15 if n in faint else 1.0)
                for n, wire in enumerate(wires)
                if n not in item.own
            )
            spots.append(here)
            hidden = sum(overlap(here, head) for head in heads)
            alone.append(1000 * clash + 300 * hidden + 3 * cut + 0.02 * preference)
    if not labels:
        return
    # 重ならなくても、触れそうなほど近い文字は読み違えのもとになる
    apart = np.array(spots) + np.array([-0.1, -0.1, 0.1, 0.1])
    together = 1000 * _overlaps(np.array(spots)) + 8 * _overlaps(apart)
    chosen = _settle(np.array(alone), together, ranges)
    for item, candidates, c in zip(labels, ranges, chosen):
        halo = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.6} if item.halo else None
        position = item.candidates[c - candidates.start]
        text_at(ax, *position, item.text, color=item.colour, fontsize=item.size, bbox=halo, zorder=6)


def _head(start: Point, end: Point) -> Box:
    """線の終わりの、矢じりのある場所。"""
    back = 0.06 / float(np.hypot(end[0] - start[0], end[1] - start[1]))
    middle = (end[0] + back * (start[0] - end[0]), end[1] + back * (start[1] - end[1]))
    return _around(middle, (0.13, 0.13), pad=0.0)


def _overlaps(boxes: Array) -> Array:
    """すべての組の、重なる面積。"""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    return np.clip(high - low, 0.0, None).prod(axis=2)


def _settle(alone: Array, together: Array, ranges: Sequence[range]) -> list[int]:
    """費用 ``Σ alone + Σ together`` を、一つか二つを動かしてはもう下げられない選び方。"""
    chosen = [candidates.start for candidates in ranges]
    for _ in range(20):
        before = list(chosen)
        for i, mine in enumerate(ranges):
            rest = [c for n, c in enumerate(chosen) if n != i]
            chosen[i] = mine[int(np.argmin(alone[mine] + together[np.ix_(mine, rest)].sum(axis=1)))]
        for i, mine in enumerate(ranges):
            for k in range(i):
                other = ranges[k]
                rest = [c for n, c in enumerate(chosen) if n not in (i, k)]
                first = alone[mine] + together[np.ix_(mine, rest)].sum(axis=1)
                second = alone[other] + together[np.ix_(other, rest)].sum(axis=1)
                cost = first[:, None] + second[None, :] + together[np.ix_(mine, other)]
                a, b = np.unravel_index(int(np.argmin(cost)), cost.shape)
                chosen[i], chosen[k] = mine[int(a)], other[int(b)]
        if chosen == before:
            break
    return chosen


def apart(ax: Axes, path: Array, gap: float = 0.055) -> list[int]:
    """道の点のうち、印をつける点の番号。前の印から ``gap`` インチ離れるまで、次の印をつけない。

    Examples
    --------
    >>> figure, ax = sheet(1.0)
    >>> apart(ax, np.array([[1.0, 1.01, 1.02, 2.0], [0.5, 0.5, 0.5, 0.5]]))
    [0, 3]
    """
    points = ax.transData.transform(path.T) / DPI
    marked = [0]
    for n, point in enumerate(points):
        if np.linalg.norm(point - points[marked[-1]]) >= gap:
            marked.append(n)
    return marked


def along(wire: tuple[Point, Point], fractions: Sequence[float]) -> list[Point]:
    """線分の上の点。"""
    (x0, y0), (x1, y1) = wire
    return [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in fractions]


def beside(
    figure: Figure, wire: tuple[Point, Point], text: str, size: float, fractions: Sequence[float]
) -> list[Point]:
    """線分の、進む向きの左わきの点。文字の縁が線に触れないだけ離す。"""
    (x0, y0), (x1, y1) = wire
    span = float(np.hypot(x1 - x0, y1 - y0))
    normal = (-(y1 - y0) / span, (x1 - x0) / span)
    w, h = text_size(figure, text, size)
    distance = abs(normal[0]) * w / 2 + abs(normal[1]) * h / 2 + 0.09
    return [(x + normal[0] * distance, y + normal[1] * distance) for x, y in along(wire, fractions)]


def direction_key(ax: Axes, y: float, *, forward: str | None, backward: str | None) -> None:
    """図の下に置く、矢印の説明（青の実線 = 順伝播、朱の破線 = 逆伝播）。"""
    figure = ax.get_figure(root=True)
    entries = [(t, c, d) for t, c, d in ((forward, FORWARD, False), (backward, BACKWARD, True)) if t]
    widths = [0.62 + text_size(figure, text, SMALL)[0] for text, _, _ in entries]
    x = (WIDTH - sum(widths) - 0.5 * (len(widths) - 1)) / 2
    for (text, colour, dashed), width in zip(entries, widths):
        ends = ((x + 0.5, y), (x, y)) if dashed else ((x, y), (x + 0.5, y))
        arrow(ax, *ends, colour=colour, width=2.2, dashed=dashed)
        text_at(ax, x + 0.62, y, text, ha="left", fontsize=SMALL)
        x += width + 0.5


def spread(
    targets: Sequence[float], gap: float, low: float, high: float, weights: Sequence[float] | None = None
) -> list[float]:
    """順序を保ち、互いに `gap` 以上離し、`low` と `high` のあいだに収めた位置。`weights` の大きいものは動きにくい。

    Examples
    --------
    >>> spread([1.0, 1.0, 5.0], gap=1.0, low=0.0, high=6.0)
    [0.5, 1.5, 5.0]
    """
    order = np.argsort(targets, kind="stable")
    weights = weights if weights is not None else [1.0] * len(targets)
    blocks: list[list[float]] = []  # [個数, 重み, 目標の重みつき和]。重なる隣どうしを一つの塊にまとめていく
    for rank, i in enumerate(order):
        blocks.append([1, weights[i], weights[i] * (targets[i] - rank * gap)])
        while len(blocks) > 1 and blocks[-2][2] / blocks[-2][1] > blocks[-1][2] / blocks[-1][1]:
            count, weight, total = blocks.pop()
            blocks[-1] = [blocks[-1][0] + count, blocks[-1][1] + weight, blocks[-1][2] + total]
    base = [total / weight for count, weight, total in blocks for _ in range(int(count))]
    result = [0.0] * len(base)
    for rank, i in enumerate(order):
        shifted = min(max(base[rank], low), high - (len(base) - 1) * gap)
        result[i] = float(shifted + rank * gap)
    return result

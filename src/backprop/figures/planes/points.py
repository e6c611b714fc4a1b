"""入力の平面: データの点、範囲、目盛り、点の形の説明。"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from backprop import checks
from backprop.checks import Array
from backprop.figures.drafting.inputs import classes
from backprop.figures.drafting.text import text_at
from backprop.figures.style import CLASS_COLOURS, CLASS_MARKERS, INK, PALE, SMALL, TEXT

Range = tuple[float, float]
Bounds = tuple[Range, Range]


def data(X: Array, Y: Array) -> None:
    """点が平面の上にあり、クラスが 0 か 1 であること。"""
    checks.array("X", X, (2, "m"))
    checks.array("Y", Y, (1, X.shape[1]))
    classes(Y)


def bounds(X: Array, margin: float = 0.3) -> Bounds:
    """点をすべて含み、縦横が同じ長さの範囲。"""
    middle = (X.min(axis=1) + X.max(axis=1)) / 2
    half = float((X.max(axis=1) - X.min(axis=1)).max()) * (0.5 + margin) or 1.0
    left, right = float(middle[0] - half), float(middle[0] + half)
    return (left, right), (float(middle[1] - half), float(middle[1] + half))


def points(ax: Axes, X: Array, Y: Array, **options: object) -> None:
    """クラスごとに形と色を変えた点。"""
    for label in (0, 1):
        ax.plot(
            *X[:, Y[0] == label], CLASS_MARKERS[label], color=CLASS_COLOURS[label], mec=INK, mew=1.3,
            ls="none", zorder=5, **options,
        )  # fmt: skip


def frame(ax: Axes, ends: Bounds) -> None:
    """範囲を決め、四方を薄い線で囲む。"""
    ax.set(xlim=ends[0], ylim=ends[1])
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(PALE)


def axis_names(ax: Axes) -> None:
    """入力の名前。"""
    ax.set_xlabel("$x_1$")
    ax.set_title("$x_2$", loc="left", x=-0.09, fontsize=TEXT)


def ticks(ax: Axes, X: Array, *, x: bool = True, y: bool = True) -> None:
    """点のある範囲の両端と中央だけに目盛りを打つ。半端な数になるなら、その間のきりのよい数に打つ。"""
    for axis, values, shown in ((ax.xaxis, X[0], x), (ax.yaxis, X[1], y)):
        low, high = float(values.min()), float(values.max())
        marks = [low, (low + high) / 2, high] if high > low else [low]
        if high > low and any(abs(t - round(t, 2)) > 1e-9 for t in marks):
            round_values = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
            marks = [float(t) + 0.0 for t in round_values if low <= t <= high]  # -0.0 を書かない
        axis.set_ticks(marks, [f"{t:.3g}" for t in marks] if shown else [""] * len(marks))


def class_key(ax: Axes, x: float, y: float) -> None:
    """点の形の説明。`x` は中央の位置（インチ）。"""
    figure = ax.get_figure(root=True)
    for label, shift in ((0, -0.95), (1, 0.15)):
        ax.plot(
            x + shift, y, CLASS_MARKERS[label], color=CLASS_COLOURS[label], mec=INK, ms=9, clip_on=False,
            transform=figure.dpi_scale_trans,
        )  # fmt: skip
        text_at(ax, x + shift + 0.15, y, f"$y={label}$", ha="left", fontsize=SMALL)

"""決定境界の図。入力の平面の上の、ネットワークの出力。"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.colourmaps import DIVERGING
from backprop.figures.drafting.page import Figure, drawing, grid, panel
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width
from backprop.figures.planes.points import Bounds, axis_names, bounds, class_key, data, frame, points, ticks
from backprop.figures.style import INK, SMALL, SYMBOL, TEXT

Predict = Callable[[Array], Array]

RESOLUTION = 161
BOTTOM = 1.05
GAP = (0.2, 0.45)
"""並べた図の間（インチ）。"""
EDGES = 1.65
"""左の目盛りと、右の色の帯に取るところ（インチ）。"""


@explained
@drawing
def decision_surface(predict: Predict, X: Array, Y: Array, *, title: str = "") -> Figure:
    """入力の平面の上の、ネットワークの出力。太い線は出力が 0.5 になる境界。

    Parameters
    ----------
    predict : callable
        ``X`` (2, m) から出力 (1, m) を求める関数。
    X : ndarray, shape (2, m)
        データの点。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。
    title : str
        図の上に書く文。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、クラスが 0 と 1 でない、`predict` の返り値の形が違う。

    Notes
    -----
    「XOR」の章（42_xor）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = decision_surface(lambda X: X.sum(axis=0, keepdims=True) / 2, X, Y)
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_title(loc="left")
    ('$x_1$', '$x_2$')
    """
    data(X, Y)
    side = 3.4
    figure = Figure(side + BOTTOM + (0.75 if title else 0.45))
    left = (full_width() - side) / 2
    ax = panel(figure, left, BOTTOM, side, side)
    image = _decision(ax, predict, X, Y, 12)
    ticks(ax, X)
    axis_names(ax)
    _output_bar(figure, image, left + side + 0.35, BOTTOM, side - 0.1)
    class_key(ax, full_width() / 2 + 0.1, 0.3)
    if title:
        text_at(ax, full_width() / 2, BOTTOM + side + 0.42, title, fontsize=TEXT)
    return figure


@explained
@drawing
def decision_surfaces(predicts: Sequence[Predict], X: Array, Y: Array, titles: Sequence[str]) -> Figure:
    """学習の途中の出力を、同じ軸と同じ色で並べる。

    Parameters
    ----------
    predicts : sequence of callable
        ``X`` (2, m) から出力 (1, m) を求める関数の並び。
    X : ndarray, shape (2, m)
        データの点。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。
    titles : sequence of str
        それぞれの上に書く文。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        数や形が合わない、クラスが 0 と 1 でない。

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = decision_surfaces([lambda X: X[:1], lambda X: X[1:]], X, Y, ["0 エポック", "100 エポック"])
    >>> [ax.get_title() for ax in figure.axes[:2]]
    ['0 エポック', '100 エポック']
    """
    data(X, Y)
    if not checks.sequence("predicts", predicts) or len(predicts) != len(titles):
        raise ValueError(
            f"predicts と titles は同じ数だけ要りますが、{len(predicts)} 個と {len(titles)} 個が与えられました。"
        )
    n = len(predicts)
    columns = n if n <= 3 else 2 if n == 4 else 3
    rows = -(-n // columns)
    room = full_width() - EDGES - (columns - 1) * GAP[0]
    side = min({1: 2.6, 2: 2.3}.get(columns, 1.65), room / columns)
    body = rows * side + (rows - 1) * GAP[1]
    figure = Figure(body + BOTTOM + 0.5)
    left = max((full_width() - columns * side - (columns - 1) * GAP[0]) / 2 - 0.1, 0.72)
    places = grid(figure, n, columns, corner=(left, BOTTOM), size=(side, side), gap=GAP)
    for (ax, lowest, leftmost), predict, title in zip(places, predicts, titles):
        image = _decision(ax, predict, X, Y, 9)
        ax.set_title(title, fontsize=SMALL, pad=7)
        _outer_names(ax, X, lowest=lowest, leftmost=leftmost)
    right = left + columns * side + (columns - 1) * GAP[0]
    height = min(body, 2.6)
    _output_bar(figure, image, right + 0.2, BOTTOM + (body - height) / 2, height - 0.1)
    class_key(figure.axes[0], full_width() / 2 + 0.1, 0.28)
    return figure


def _outer_names(ax: Axes, X: Array, *, lowest: bool, leftmost: bool) -> None:
    """目盛りの数と軸の名前は、下の端と左の端の図にだけ書く。"""
    ticks(ax, X, x=lowest, y=leftmost)
    if lowest:
        ax.set_xlabel("$x_1$")
    if leftmost:
        ax.set_ylabel("$x_2$", rotation=0, labelpad=14, va="center")


def _decision(ax: Axes, predict: Predict, X: Array, Y: Array, size: float) -> AxesImage:
    ends = bounds(X)
    x1, x2, y_hat = _output(predict, ends)
    image = ax.imshow(
        y_hat, origin="lower", extent=(*ends[0], *ends[1]), cmap=DIVERGING, vmin=0, vmax=1,
        interpolation="bilinear", interpolation_stage="data", aspect="auto",
    )  # fmt: skip
    if y_hat.min() < 0.5 < y_hat.max():
        ax.contour(x1, x2, y_hat, [0.5], colors=INK, linewidths=2.0)
    points(ax, X, Y, ms=size, clip_on=False)
    frame(ax, ends)
    return image


def _output(predict: Predict, ends: Bounds) -> tuple[Array, Array, Array]:
    x1, x2 = (np.linspace(*b, RESOLUTION) for b in ends)
    grid = np.array(np.meshgrid(x1, x2)).reshape(2, -1)  # (2, RESOLUTION²)
    output = checks.function("predict", predict)(grid)
    y_hat = checks.array("predict の返り値", output, (1, grid.shape[1]))
    return x1, x2, y_hat.reshape(RESOLUTION, RESOLUTION)


def _output_bar(figure: Figure, image: AxesImage, left: float, bottom: float, height: float) -> None:
    bar = figure.colorbar(image, cax=panel(figure, left, bottom, 0.16, height), ticks=[0, 0.25, 0.5, 0.75, 1])
    bar.ax.set_title(r"$\hat{y}$", fontsize=SYMBOL, pad=8)
    bar.ax.axhline(0.5, color=INK, lw=2)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)

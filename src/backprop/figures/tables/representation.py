"""隠れ層の表現の図。活性の表と、隠れ層の平面。"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.axes import plain_ticks
from backprop.figures.drafting.colourmaps import DIVERGING
from backprop.figures.drafting.inputs import classes
from backprop.figures.drafting.page import Figure, drawing, panel
from backprop.figures.drafting.placing import Label, place
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import CLASS_COLOURS, CLASS_MARKERS, DPI, INK, SMALL
from backprop.figures.tables.cells import ROW, cells

SIDE = 2.5
"""平面の一辺（インチ）。"""

AROUND = [(0, 0.22), (0, -0.22), (0.38, 0), (-0.38, 0), (0.3, 0.2), (-0.3, 0.2), (0, 0.42), (0, -0.42)]
"""点から見た、名前を置いてよい場所（インチ）。"""


@explained
@drawing
def hidden_representation(
    A1: Array, labels: Sequence[str], Y: Array, *, low: float = 0.0, high: float = 1.0
) -> Figure:
    """隠れ層の表現。入力ごと・ニューロンごとの活性の表と、ニューロンが2個なら隠れ層の平面に移った点。

    Parameters
    ----------
    A1 : ndarray, shape (N_1, m)
        隠れ層の活性。
    labels : sequence of str
        入力の名前。m 個。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。
    low, high : float
        色の両端の値。tanh なら -1 と 1。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、クラスが 0 と 1 でない。

    Notes
    -----
    「XOR」の章（42_xor）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> A1 = np.array([[0.1, 0.9, 0.9, 0.1], [0.9, 0.9, 0.1, 0.1]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = hidden_representation(A1, ["(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)"], Y)
    >>> len(figure.axes)
    2
    """
    checks.array("A1", A1, ("N_1", "m"))
    checks.array("Y", Y, (1, A1.shape[1]))
    low, high = checks.ends("low と high", (low, high))
    if len(labels) != A1.shape[1]:
        raise ValueError(f"labels は {A1.shape[1]} 個要りますが、{len(labels)} 個が与えられました。")
    classes(Y)
    neurons, m = A1.shape
    plane = neurons == 2
    body = max(ROW * m, 2.6 if plane else 0.0)
    figure = Figure(body + (1.05 if plane else 0.8))
    bottom = 0.7 if plane else 0.25
    width = min(1.0 * neurons, 3.9)
    left = 1.6 if plane else (full_width() - width + 1.1) / 2
    ax = panel(figure, left, bottom + (body - ROW * m) / 2, width, ROW * m)
    names = [rf"$a^1_{{{j}}}$" for j in range(1, neurons + 1)]
    cells(ax, A1.T, labels, names, lambda v: f"${v:.2f}$", DIVERGING, low, high)
    ax.xaxis.tick_top()
    ax.tick_params(axis="y", pad=24)
    for i in range(m):
        _point(ax, (-0.12 / width * neurons - 0.5, i), Y[0, i], ms=9, clip_on=False)
    if plane:
        margin = 0.12 * (high - low)
        ends = low - margin, high + margin
        _plane(panel(figure, 4.2, bottom, SIDE, SIDE, xlim=ends, ylim=ends), A1, labels, Y)
    return figure


def _point(ax: Axes, at: tuple[float, float], y: float, **options: object) -> None:
    """クラスの形と色の点。"""
    ax.plot(*at, CLASS_MARKERS[int(y)], color=CLASS_COLOURS[int(y)], mec=INK, **options)


def _plane(ax: Axes, A1: Array, labels: Sequence[str], Y: Array) -> None:
    """隠れ層の平面に移った点と、その名前。"""
    ax.set(xlabel="$a^1_1$")
    ax.set_title("$a^1_2$", loc="left")
    plain_ticks(ax, 4, 4)
    for point, y in zip(A1.T, Y[0]):
        _point(ax, (float(point[0]), float(point[1])), y, ms=11, zorder=4)
    centres = ax.transData.transform(A1.T) / DPI
    requests = [
        Label(text, [(x + dx, y + dy) for dx, dy in AROUND], INK, SMALL)
        for text, (x, y) in zip(labels, centres)
    ]
    boxes = [(x - 0.1, y - 0.1, x + 0.1, y + 0.1) for x, y in centres]
    place(ax, requests, wires=[], boxes=boxes)

"""隠れ層のニューロンが引く直線の図。"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.arrows import arrow
from backprop.figures.drafting.geometry import Wire, along
from backprop.figures.drafting.inputs import at_most
from backprop.figures.drafting.page import Figure, drawing, panel, sheet
from backprop.figures.drafting.placing import Label, place
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width
from backprop.figures.planes.points import Bounds, axis_names, bounds, class_key, data, frame, points, ticks
from backprop.figures.style import DASHES, DPI, INK, SERIES, SMALL

SIDE, BOTTOM = 3.5, 1.35
FRACTIONS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)


@explained
@drawing
def hidden_boundaries(W1: Array, b1: Array, X: Array, Y: Array) -> Figure:
    """隠れ層のそれぞれのニューロンが、入力の平面を分ける直線 :math:`z^1_j = 0`。矢印は :math:`z^1_j > 0` の側。

    Parameters
    ----------
    W1 : ndarray, shape (N_1, 2)
        隠れ層の重み。
    b1 : ndarray, shape (N_1, 1)
        隠れ層のバイアス。
    X : ndarray, shape (2, m)
        データの点。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、ニューロンが多すぎる、クラスが 0 と 1 でない。

    Notes
    -----
    「XOR」の章（42_xor）で使う。直線が図の外を通るニューロンは、下に書く。

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = hidden_boundaries(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[-0.5], [-1.5]]), X, Y)
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[:2]
    ['$y=0$', '$y=1$']
    """
    checks.array("W1", W1, ("N_1", 2))
    checks.array("b1", b1, (len(W1), 1))
    data(X, Y)
    at_most(len(SERIES), "ニューロン", "個", W1)
    ends = bounds(X, 0.4)
    figure, overlay = sheet(SIDE + BOTTOM + 0.45)  # 矢印はインチの座標に描く
    ax = panel(figure, (full_width() - SIDE) / 2, BOTTOM, SIDE, SIDE)
    overlay.set_zorder(1)
    frame(ax, ends)
    missing: list[str] = []
    requests: list[Label] = []
    lines: list[Wire] = []
    for j, (w, b) in enumerate(zip(W1, b1[:, 0])):
        span = _clipped_line(w, float(b), ends)
        if span is None:
            missing.append(f"$z^1_{{{j + 1}}}$")
            continue
        lines.append(_line(ax, overlay, j, w, span))
        own = frozenset({len(lines) - 1})
        spots = along(lines[-1], FRACTIONS)
        requests.append(Label(rf"$z^1_{{{j + 1}}}=0$", spots, INK, SMALL + 1, own))
    points(ax, X, Y, ms=12)
    boxes = [(x - 0.12, y - 0.12, x + 0.12, y + 0.12) for x, y in ax.transData.transform(X.T) / DPI]
    place(overlay, requests, wires=lines, boxes=boxes)
    ticks(ax, X)
    axis_names(ax)
    class_key(overlay, full_width() / 2 + 0.1, 0.62)
    notes = ["矢印は $z^1_j>0$ の側"] if lines else []
    notes += ["、".join(missing) + " の線は図の外"] if missing else []
    text_at(overlay, full_width() / 2, 0.28, "。".join(notes), fontsize=SMALL)
    return figure


def _line(ax: Axes, overlay: Axes, j: int, w: Array, span: tuple[Array, Array]) -> Wire:
    """直線と、正の側を指す二本の矢印。返すのは、直線の両端（インチ）。"""
    a, c = (ax.transData.transform(p) / DPI for p in span)
    ax.plot(*np.transpose(span), color=SERIES[j], ls=DASHES[j], lw=2.4, zorder=3, solid_capstyle="butt")
    normal = w / np.hypot(*w) * 0.34
    for t in (0.12, 0.88):
        start = a + t * (c - a)
        arrow(overlay, tuple(start), tuple(start + normal), colour=SERIES[j], width=1.8)
    return (float(a[0]), float(a[1])), (float(c[0]), float(c[1]))


def _clipped_line(w: Array, b: float, ends: Bounds) -> tuple[Array, Array] | None:
    """直線 ``w·x + b = 0`` の、枠の中の両端。枠を通らなければ None。"""
    if not np.any(w):
        return None
    foot = -b * w / (w @ w)
    direction = np.array([-w[1], w[0]]) / np.hypot(*w)
    low, high = -np.inf, np.inf
    for axis in (0, 1):
        if direction[axis] == 0:
            if not ends[axis][0] <= foot[axis] <= ends[axis][1]:
                return None
            continue
        t = sorted((edge - foot[axis]) / direction[axis] for edge in ends[axis])
        low, high = max(low, t[0]), min(high, t[1])
    return (foot + low * direction, foot + high * direction) if low < high else None

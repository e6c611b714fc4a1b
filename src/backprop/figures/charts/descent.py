"""勾配降下法の図。曲線の上を、更新のたびに点が移っていく。"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.axes import plain_ticks
from backprop.figures.drafting.inputs import drawable, span
from backprop.figures.drafting.page import Figure, drawing, grid
from backprop.figures.drafting.paths import OMITTED, apart, heading
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import DPI, GREY, HIGHLIGHT, INK, PAPER, SMALL, TEXT

Range = tuple[float, float]

RESOLUTION = 401
ARROWS = 3
"""向きの矢じりをつける更新の数。これより後の点は混みあうので、つけない。"""

LEFT, BOTTOM = 0.75, 0.95
GAP = (0.25, 0.55)
"""図と図の間（インチ）。"""


@explained
@drawing
def descent(
    cost: Callable[[Array], Array],
    w_range: Range,
    paths: Mapping[str, Array],
    *,
    x: str = "$w$",
    y: str = "$J$",
) -> Figure:
    """重み一つの損失の曲線と、その上を動く点。道ごとに一枚の図を、同じ軸で並べる。

    Parameters
    ----------
    cost : callable
        重みの配列から、同じ形の損失の配列を求める関数。
    w_range : tuple of float
        描く範囲。
    paths : dict
        名前から、更新のたびの重み (n,) への対応。始点は白い丸、終点は橙の丸で示す。
        範囲の外へ出た道は、出るところで切れ、終点の印がない。混みあう点の印は省く。
    x, y : str
        軸の名前。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        範囲が逆、道がない、道の形が違う、始点が範囲の外にある、損失が有限でない。

    Notes
    -----
    「勾配降下法」の章（14_gradient_descent）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> figure = descent(lambda w: w**2 / 2, (-3.0, 3.0), {"η = 1.5": 2 * (-0.5) ** np.arange(6.0)})
    >>> [ax.get_title() for ax in figure.axes]
    ['η = 1.5']
    """
    low, high = _checked(cost, w_range, paths)
    w = np.linspace(low, high, RESOLUTION)
    J = checks.array("cost の値", cost(w), w.shape)
    pad = 0.06 * (float(J.max()) - float(J.min()) or 1.0)
    heights = float(J.min()) - pad, float(J.max()) + pad
    columns = 2 if len(paths) in (2, 4) else min(3, len(paths))
    rows, height = -(-len(paths) // columns), {1: 2.9, 2: 2.2, 3: 1.75}[columns]
    width = (full_width() - LEFT - 0.3 - GAP[0] * (columns - 1)) / columns
    top = BOTTOM + rows * height + (rows - 1) * GAP[1]
    figure = Figure(top + 0.5)
    places = grid(figure, len(paths), columns, corner=(LEFT, BOTTOM), size=(width, height), gap=GAP)
    omitted: list[bool] = []
    for (ax, lowest, leftmost), (name, path) in zip(places, paths.items()):
        ax.tick_params(labelbottom=lowest, labelleft=leftmost)
        ax.set_xlabel(x if lowest else "")
        ax.set(xlim=(low, high), ylim=heights)
        ax.set_title(name, fontsize=TEXT, pad=7)
        plain_ticks(ax, 5, 5)
        ax.plot(w, J, color=GREY, lw=1.8, zorder=2)
        omitted.append(_walk(ax, path, cost))
    text_at(figure.axes[0], 0.32, top + 0.17, y, fontsize=TEXT)
    if any(omitted):
        text_at(figure.axes[0], full_width() / 2, 0.16, OMITTED, fontsize=SMALL, color=GREY)
    return figure


def _checked(cost: object, w_range: Range, paths: Mapping[str, Array]) -> Range:
    low, high = span("w_range", w_range)
    checks.function("cost", cost)
    if not isinstance(paths, Mapping) or not paths:
        raise TypeError(
            f"paths は、名前から道への空でない辞書でなければなりませんが、{paths!r} が与えられました。"
        )
    for name, path in paths.items():
        drawable(f"paths[{name!r}]", checks.array(f"paths[{name!r}]", path, ("n",)))
        if not low <= path[0] <= high:
            raise ValueError(f"paths[{name!r}] の始点 {path[0]:.3g} が、w_range の外にあります。")
    return low, high


def _walk(ax: Axes, path: Array, cost: Callable[[Array], Array]) -> bool:
    """点と、点を結ぶ線。はじめの数回には、向きの矢じりをつける。枠の外へ出る線は、枠で切れる。

    返すのは、混みあう点の印を省いたか。
    """
    low, high = ax.get_xlim()
    outside = (path < low) | (path > high)
    if outside.any():
        path = path[: int(outside.argmax()) + 1]
    heights = checks.array("cost の値", cost(path), path.shape)
    points = np.stack([path, heights])
    marked = apart(ax, points)
    ax.plot(
        *points, color=INK, lw=1.3, marker="o", ms=4.5, mec=PAPER, mew=0.6, zorder=3,
        markevery=marked,
    )  # fmt: skip
    ax.plot(path[:1], heights[:1], "o", color=PAPER, mec=INK, mew=1.8, ms=8, zorder=5)
    if not outside.any():
        ax.plot(path[-1:], heights[-1:], "o", color=HIGHLIGHT, mec=INK, mew=1.2, ms=8, zorder=4)
    for a, b in zip(points.T[:ARROWS], points.T[1:]):
        length = np.linalg.norm(ax.transData.transform(b) - ax.transData.transform(a))
        inside = low <= b[0] <= high
        if inside and length > 0.35 * DPI:  # 短い線では、矢じりが線を隠す
            heading(ax, a, b, colour=INK, size=SMALL)
    return len(marked) < len(path)

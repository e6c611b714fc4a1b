"""勾配降下法の図。曲線の上を、更新のたびに点が移っていく。"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import Array
from backprop.figures import style
from backprop.figures.style import GREY, HIGHLIGHT, INK, PAPER, SMALL, TEXT, WIDTH, Figure, drawing, panel

Range = tuple[float, float]

RESOLUTION = 401
ARROWS = 3
"""向きの矢じりをつける更新の数。これより後の点は混みあうので、つけない。"""


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
    low, high = checks.ends("w_range", w_range)
    checks.function("cost", cost)
    if not isinstance(paths, Mapping) or not paths:
        raise TypeError(
            f"paths は、名前から道への空でない辞書でなければなりませんが、{paths!r} が与えられました。"
        )
    for name, path in paths.items():
        checks.array(f"paths[{name!r}]", path, ("n",))
        if not low <= path[0] <= high:
            raise ValueError(f"paths[{name!r}] の始点 {path[0]:.3g} が、w_range の外にあります。")
    w = np.linspace(low, high, RESOLUTION)
    J = checks.array("cost の値", cost(w), w.shape)

    columns = 2 if len(paths) in (2, 4) else min(3, len(paths))
    rows = -(-len(paths) // columns)
    left, bottom, gap_x, gap_y = 0.75, 0.7, 0.25, 0.55
    height = {1: 2.9, 2: 2.2, 3: 1.75}[columns]
    width = (WIDTH - left - 0.3 - gap_x * (columns - 1)) / columns
    figure = Figure(bottom + rows * height + (rows - 1) * gap_y + 0.5)
    pad = 0.06 * (float(J.max()) - float(J.min()) or 1.0)
    for n, (name, path) in enumerate(paths.items()):
        row, column = divmod(n, columns)
        at = left + column * (width + gap_x), bottom + (rows - 1 - row) * (height + gap_y)
        ax = panel(figure, *at, width, height)
        ax.set(xlim=(low, high), ylim=(float(J.min()) - pad, float(J.max()) + pad))
        ax.set_title(name, fontsize=TEXT, pad=7)
        style.plain_ticks(ax, 5, 5)
        if n + columns < len(paths):
            ax.tick_params(labelbottom=False)
        else:
            ax.set_xlabel(x)
        if column:
            ax.tick_params(labelleft=False)
        ax.plot(w, J, color=GREY, lw=1.8, zorder=2)
        outside = (path < low) | (path > high)
        seen = path[: int(outside.argmax()) + 1] if outside.any() else path
        heights = checks.array("cost の値", cost(seen), seen.shape)
        _walk(ax, seen, heights, arrived=not outside.any())
    top = bottom + rows * height + (rows - 1) * gap_y
    style.text_at(figure.axes[0], 0.32, top + 0.17, y, fontsize=TEXT)
    return figure


def _walk(ax: Axes, path: Array, heights: Array, arrived: bool) -> None:
    """点と、点を結ぶ線。はじめの数回には、向きの矢じりをつける。枠の外へ出る線は、枠で切れる。"""
    points = np.stack([path, heights])
    ax.plot(
        *points, color=INK, lw=1.3, marker="o", ms=4.5, mec=PAPER, mew=0.6, zorder=3,
        markevery=style.apart(ax, points),
    )  # fmt: skip
    ax.plot(path[:1], heights[:1], "o", color=PAPER, mec=INK, mew=1.8, ms=8, zorder=5)
    if arrived:
        ax.plot(path[-1:], heights[-1:], "o", color=HIGHLIGHT, mec=INK, mew=1.2, ms=8, zorder=4)
    for a, b in zip(points.T[:ARROWS], points.T[1:]):
        length = np.linalg.norm(ax.transData.transform(b) - ax.transData.transform(a))
        inside = ax.get_xlim()[0] <= b[0] <= ax.get_xlim()[1]
        if inside and length > 0.35 * style.DPI:  # 短い線では、矢じりが線を隠す
            ax.annotate(
                "", a + 0.62 * (b - a), a + 0.5 * (b - a), zorder=5,
                arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 0, "mutation_scale": SMALL},
            )  # fmt: skip

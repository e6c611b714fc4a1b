"""損失の地形の図。等高線と、その上の勾配降下の道。"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.axes import plain_ticks
from backprop.figures.drafting.colourmaps import SEQUENTIAL
from backprop.figures.drafting.inputs import at_most, drawable, optional, span
from backprop.figures.drafting.page import Figure, drawing, panel
from backprop.figures.drafting.paths import OMITTED, apart, heading
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width, narrow, smallest
from backprop.figures.drafting.words import keyed
from backprop.figures.style import DASHES, GREY, MARKERS, PALE, PAPER, SERIES, SMALL, TEXT

Range = tuple[float, float]
Box = tuple[float, float, float, float]

LEFT, BAR, RELIEF = 0.75, 0.95, 3.3
"""左の目盛り、右の色の帯、上に積む立体の図に取るところ（インチ）。"""


@explained
@drawing
def loss_surface(
    cost: Callable[[float, float], float],
    x_range: Range,
    y_range: Range,
    *,
    paths: Mapping[str, Array] | None = None,
    x: str = "$w_1$",
    y: str = "$w_2$",
    value: str = "$J$",
    log: bool = False,
    relief: bool = False,
    resolution: int = 81,
) -> Figure:
    """二つのパラメータの関数としての損失を等高線で描き、勾配降下の道を重ねる。

    Parameters
    ----------
    cost : callable
        二つの数から損失を求める関数。
    x_range, y_range : tuple of float
        描く範囲。
    paths : dict, optional
        名前から、通った点 (2, n) への対応。始点は丸、終点は印で示す。
    x, y, value : str
        軸と損失の名前。
    log : bool
        等高線の間隔を対数にとるか（谷底の形を見せたいとき）。
    relief : bool
        左に立体の図を添えるか。
    resolution : int
        格子の細かさ。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        範囲が逆、損失が有限でない、道の形が違う、対数にできない。

    Notes
    -----
    「勾配降下法」の章（14_gradient_descent）と「プラトーと局所最適解」の章（52_plateaus_and_minima）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> path = np.array([[2.0, 1.0, 0.5], [1.0, 0.2, 0.0]])
    >>> figure = loss_surface(lambda u, v: u**2 + 5 * v**2, (-3.0, 3.0), (-2.0, 2.0), paths={"η = 0.1": path})
    >>> "η = 0.1" in [text.get_text() for text in figure.legends[0].get_texts()]
    True
    """
    span("x_range", x_range), span("y_range", y_range), checks.function("cost", cost)
    resolution = checks.count("resolution", resolution)
    paths = keyed(_checked(paths))
    u, v = np.linspace(*x_range, resolution), np.linspace(*y_range, resolution)
    rows = [[checks.real("cost の値", cost(float(a), float(b))) for a in u] for b in v]
    J = np.array(rows)  # (resolution, resolution)
    if log and J.min() <= 0:
        raise ValueError(f"対数の等高線には正の損失が要りますが、最小は {J.min():.3g} です。")

    bottom = 0.75 + 0.32 * -(-len(paths) // 3)
    room = full_width() - LEFT - BAR - (0.4 if log else 0.0)  # 対数の目盛りの数は、長い
    width, height = (2.9, 2.9) if relief else (min(4.4, room), 3.3)
    above = RELIEF if relief and narrow() else 0.0  # 狭い紙では、立体の図を上に積む
    figure = Figure(bottom + height + 0.5 + above)
    middle = max((full_width() - width) / 2 - 0.1, LEFT)
    left = full_width() - width - BAR if relief and not above else middle
    ax = panel(figure, left, bottom, width, height)
    _contours(ax, u, v, J, log)
    _height_bar(figure, J, log, left + width + 0.2, bottom, height - 0.1, value)
    ax.set(xlim=x_range, ylim=y_range, xlabel=x)
    handles = [_path(ax, path, i) for i, path in enumerate(paths.values())]
    ax.set_title(y, loc="left", x=-0.12, fontsize=TEXT, pad=12)
    plain_ticks(ax)
    if any(len(apart(ax, path)) < path.shape[1] for path in paths.values()):
        text_at(ax, left + width, bottom + height + 0.18, OMITTED, ha="right", fontsize=SMALL, color=GREY)
    if relief:
        corner = ((full_width() - 2.75) / 2, bottom + height + 0.55) if above else (0.05, bottom - 0.25)
        _relief(figure, u, v, np.log(J) if log else J, (*corner, 2.75, height + 0.3), x, y)
    if paths:
        figure.legend(
            handles, paths, loc="lower center", ncols=min(3, len(paths)), bbox_to_anchor=(0.5, 0.0),
            handlelength=2.8,
        )  # fmt: skip
    return figure


def _checked(paths: Mapping[str, Array] | None) -> dict[str, Array]:
    paths = optional("paths", paths)
    at_most(len(SERIES), "道", "本", paths)
    for name, path in paths.items():
        drawable(f"paths[{name!r}]", checks.array(f"paths[{name!r}]", path, (2, "n")))
    return paths


def _contours(ax: Axes, u: Array, v: Array, J: Array, log: bool) -> None:
    """濃淡と等高線。平らな地形には何も描かない。"""
    if J.max() == J.min():
        return
    levels = np.geomspace(J.min(), J.max(), 15) if log else np.linspace(J.min(), J.max(), 15)
    ax.imshow(
        np.log(J) if log else J, origin="lower", extent=(u[0], u[-1], v[0], v[-1]), cmap=SEQUENTIAL,
        aspect="auto", interpolation="bilinear", interpolation_stage="data",
    )  # fmt: skip
    ax.contour(u, v, J, levels[1:-1], colors=GREY, linewidths=0.8, linestyles="solid")


def _path(ax: Axes, path: Array, i: int) -> object:
    """白い縁をつけた道。途中に進む向きの矢じり、始点に白丸、終点に塗った印。混みあう点の印は省く。"""
    ax.plot(*path, color=PAPER, lw=4.6, zorder=3, solid_joinstyle="round")
    (line,) = ax.plot(
        *path, color=SERIES[i], ls=DASHES[i], lw=2.2, zorder=4, marker=MARKERS[i], ms=5, mec=PAPER, mew=0.6,
        markevery=apart(ax, path),
    )  # fmt: skip
    ax.plot(*path[:, :1], "o", color=PAPER, mec=SERIES[i], mew=2, ms=9, zorder=6)
    ax.plot(*path[:, -1:], MARKERS[i], color=SERIES[i], mec=PAPER, mew=1, ms=10, zorder=6)
    for a, b in zip(path.T[:3], path.T[1:4]):
        if not np.array_equal(a, b):
            heading(ax, a, b, colour=SERIES[i], size=15)
    return line


def _height_bar(
    figure: Figure, J: Array, log: bool, left: float, bottom: float, height: float, value: str
) -> None:
    norm = (LogNorm if log and J.max() > J.min() else Normalize)(J.min(), J.max())
    bar = figure.colorbar(ScalarMappable(norm, SEQUENTIAL), cax=panel(figure, left, bottom, 0.16, height))
    bar.ax.set_title(value, fontsize=TEXT, pad=8)
    bar.outline.set_visible(False)


def _relief(figure: Figure, u: Array, v: Array, J: Array, place: Box, x: str, y: str) -> None:
    ax = panel(figure, *place, projection="3d")
    ax.plot_surface(
        *np.meshgrid(u, v), J, cmap=SEQUENTIAL, rcount=25, ccount=25, linewidth=0.2, edgecolor=GREY
    )
    ax.set(xlabel=x, ylabel=y, zticklabels=[])
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color(PAPER, 0.0)
        axis.pane.set_edgecolor(PALE)
        axis.line.set_color(GREY)
        axis._axinfo["grid"]["color"] = PALE
    ax.tick_params(labelsize=max(10, smallest()), pad=-2)
    plain_ticks(ax, 4, 4)

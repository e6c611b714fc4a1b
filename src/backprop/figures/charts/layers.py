"""層ごとの大きさの図。測った点と理論の線を重ねて、深さと共にどう変わるかを見る。"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.inputs import drawable, named, two
from backprop.figures.drafting.page import Figure, drawing, grid
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import full_width
from backprop.figures.drafting.words import keyed, listed
from backprop.figures.style import GREY, MARKERS, PALE, PAPER, SERIES, SMALL, TEXT

Panel = Mapping[str, tuple[Array, Array]]

LEFT, BOTTOM, HEIGHT = 0.9, 1.15, 2.1
GAP = (0.35, 0.55)
"""図と図の間（インチ）。"""


@explained
@drawing
def layer_norms(panels: Mapping[str, Panel], *, y: str, x: str = "層 $l$", every: int = 6) -> Figure:
    """層ごとの大きさを、対数目盛りで、同じ軸の図に分けて並べる。点が測った値、線が理論の値。

    Parameters
    ----------
    panels : dict
        図の題から、「名前から ``(測った値, 理論の値)`` への辞書」への対応。値は層1から順に並べた、
        正の1次元の配列。どの図にも同じ名前がこの順に要る。図は4枚まで。
    y, x : str
        軸の名前。
    every : int
        点を打つ層の間隔。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        図がないか多すぎる、名前がそろわない、長さの違う値や、正でない値がある。

    Notes
    -----
    「勾配消失」の章（51_vanishing_gradient）による。

    Examples
    --------
    >>> import numpy as np
    >>> sizes = 0.5 ** np.arange(10.0)
    >>> figure = layer_norms({"ReLU": {"He": (sizes, sizes)}}, y="大きさ", every=3)
    >>> [line.get_marker() for line in figure.axes[0].lines if len(line.get_xdata()) > 2]
    ['None', 'o']
    """
    names = _checked(panels)
    every = checks.count("every", every)
    panels = {
        title: {name: (_steady(points), _steady(line)) for name, (points, line) in keyed(curves).items()}
        for title, curves in keyed(panels).items()
    }
    columns = min(len(panels), 2)
    rows = -(-len(panels) // columns)
    width = (full_width() - LEFT - 0.3 - GAP[0] * (columns - 1)) / columns
    full_height = BOTTOM + rows * HEIGHT + (rows - 1) * GAP[1] + 0.75
    figure = Figure(full_height)
    limits = _limits(panels)
    places = grid(figure, len(panels), columns, corner=(LEFT, BOTTOM), size=(width, HEIGHT), gap=GAP)
    for (ax, lowest, leftmost), (title, curves) in zip(places, panels.items()):
        _curves(ax, curves, every)
        ax.set_ylim(*limits)
        ax.tick_params(labelbottom=lowest, labelleft=leftmost)
        ax.set_title(title, fontsize=TEXT, pad=7)
        ax.set_xlabel(x if lowest else "")
    first, top = figure.axes[0], full_height - 0.25
    text_at(first, 0.3, top, y, ha="left", fontsize=TEXT)
    text_at(first, full_width() - 0.3, top, "点は測定、線は理論", ha="right", fontsize=SMALL, color=GREY)
    handles = [Line2D([], [], lw=1.8, **_marks(k)) for k in range(len(names))]
    figure.legend(
        handles, listed(names), loc="lower center", ncols=len(names), bbox_to_anchor=(0.5, 0.05 / full_height)
    )
    return figure


def _curves(ax: Axes, curves: Panel, every: int) -> None:
    """一枚の図の、点と線。目安として、高さ1に薄い線を引く。"""
    ax.axhline(1, color=PALE, lw=1.4, zorder=0)
    for k, (measured, predicted) in enumerate(curves.values()):
        layers = np.arange(1, len(measured) + 1)
        ax.plot(layers, predicted, color=SERIES[k], lw=1.8, zorder=2)
        ax.plot(layers[::every], measured[::every], ls="none", zorder=3, **_marks(k))
        ax.set_xticks(layers[:: 2 * every])
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=6))
    ax.yaxis.set_minor_locator(NullLocator())


def _steady(values: Array) -> Array:
    """深い積では丸め誤差が育つ。どの機械でも同じ図になるように、有効数字を4桁にする。"""
    return np.array([float(f"{value:.4g}") for value in values])


def _marks(k: int) -> dict[str, object]:
    return {"color": SERIES[k], "marker": MARKERS[k], "ms": 6.5, "mec": PAPER, "mew": 0.7}


def _limits(panels: Mapping[str, Panel]) -> tuple[float, float]:
    """すべての図に共通の、縦軸の範囲。"""
    values = np.concatenate([v for curves in panels.values() for pair in curves.values() for v in pair])
    low, high = np.log10(values.min()), np.log10(values.max())
    pad = 0.05 * (high - low) + 0.2
    return 10 ** (low - pad), 10 ** (high + pad)


def _checked(panels: Mapping[str, Panel]) -> list[str]:
    if not isinstance(panels, Mapping) or not panels:
        raise TypeError(f"panels は、題から中身への空でない辞書でなければなりませんが、{panels!r} が与えられました。")
    if len(panels) > 4:
        raise ValueError(f"図は4枚までですが、{len(panels)} 枚が与えられました。")
    top, first = next(iter(panels.items()))
    named(f"panels[{top!r}]", first)
    for title, curves in panels.items():
        if not isinstance(curves, Mapping) or list(curves) != list(first):
            raise ValueError(f"panels[{title!r}] の名前は {list(first)} でなければなりません。")
        if len(curves) > len(MARKERS):
            raise ValueError(f"panels[{title!r}] の曲線は {len(MARKERS)} 本までですが、{len(curves)} 本が与えられました。")
        for name, pair in curves.items():
            where = f"panels[{title!r}][{name!r}]"
            measured, predicted = two(where, pair, "測った値, 理論の値")
            drawable(where, checks.array(f"{where} の測った値", measured, ("n",)))
            drawable(where, checks.array(f"{where} の理論の値", predicted, measured.shape))
            if (measured <= 0).any() or (predicted <= 0).any():
                raise ValueError(f"対数目盛りには正の値が要りますが、{where} に0以下が含まれています。")
    return list(first)

"""名前のついた曲線。凡例を探さずに読めるよう、名前は線の端に書く。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.axes import axis_names, log_ticks, plain_ticks
from backprop.figures.drafting.inputs import at_most, drawable, levels, named, two, worded
from backprop.figures.drafting.page import Figure, drawing, panel
from backprop.figures.drafting.spreading import spread
from backprop.figures.drafting.text import text_at, text_size, widest
from backprop.figures.drafting.widths import full_width
from backprop.figures.drafting.words import keyed
from backprop.figures.style import DASHES, DPI, GREY, MARKERS, PAPER, SERIES, SMALL

Curve = tuple[Array, Array]
End = tuple[float, float, str, str]
"""線の端の位置、名前、色。"""


@explained
@drawing
def line_plot(
    curves: Mapping[str, tuple[Array, Array]],
    *,
    x: str,
    y: str,
    log_x: bool = False,
    log_y: bool = False,
    references: Mapping[str, float] | None = None,
    markers: bool = False,
    from_zero: bool = False,
) -> Figure:
    """名前のついた曲線。色と線種の組で区別し、名前は線の右端に書く。

    Parameters
    ----------
    curves : dict
        名前から ``(横の値, 縦の値)`` への対応。どちらも同じ長さの1次元の配列。
    x, y : str
        軸の名前。
    log_x, log_y : bool
        軸を対数目盛りにするか。
    references : dict, optional
        名前から縦の値への対応。横一線の目安として描く。
    markers : bool
        点の印をつけるか。
    from_zero : bool
        縦軸に0を入れるか。わずかな違いを、大きな違いに見せないため。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        曲線がない、長さがそろわない、有限でない、対数目盛りに0以下の値を渡した。

    Examples
    --------
    >>> import numpy as np
    >>> h = np.array([1e-4, 1e-3, 1e-2])
    >>> figure = line_plot({"前進差分": (h, h), "中心差分": (h, h**2)}, x="$h$", y="誤差", log_x=True, log_y=True)
    >>> [line.get_linestyle() for line in figure.axes[0].lines[:2]]
    ['-', '--']
    """
    curves = keyed(_checked(curves, log_x, log_y))
    references = keyed(levels(references))
    titled = len(curves) > 1 or next(iter(curves)) != ""
    names = [*(curves if titled else ()), *references]

    figure = Figure(3.9)
    left, right = 0.85, full_width() - (widest(figure, names) + 0.45 if names else 0.4)
    ax = panel(figure, left, 0.72, right - left, 2.75)
    ends = _curves(ax, curves, markers)
    plain_ticks(ax)
    if log_x:
        ax.set_xscale("log")
        log_ticks(ax.xaxis)
    else:
        _across(ax, [horizontal for horizontal, _ in curves.values()], markers)
    if log_y:
        ax.set_yscale("log")
        log_ticks(ax.yaxis)
    else:
        heights = [*(vertical for _, vertical in curves.values()), np.array([*references.values()])]
        ax.set_ylim(*_padded([*heights, np.zeros(1)] if from_zero else heights, 0.06))
    levels_at = _levels(ax, references)
    axis_names(ax, x, y)
    _make_room(ax)
    if names:
        _end_labels(ax, [*(ends if titled else ()), *levels_at], right)
    return figure


@explained
@worded
def loss_curve(
    histories: Mapping[str, tuple[Array, Array]],
    *,
    log: bool = False,
    references: Mapping[str, float] | None = None,
    x: str = "エポック",
    y: str = "損失 $J$",
) -> Figure:
    """学習のあいだの損失。ふつうの目盛りなら、縦軸に必ず0を入れる。

    Parameters
    ----------
    histories : dict
        名前から ``(エポック, 損失)`` への対応。1本だけなら名前は空文字列でもよい。
    log : bool
        縦軸を対数目盛りにするか。
    references : dict, optional
        目安の線。たとえば ``{r"$\\ln 2$": np.log(2)}``。
    x, y : str
        軸の名前。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        `line_plot` と同じ。

    Examples
    --------
    >>> import numpy as np
    >>> epochs = np.arange(5.0)
    >>> figure = loss_curve({"全バッチ": (epochs, 1 / (1 + epochs))}, references={"ln 2": np.log(2)})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['全バッチ', 'ln 2']
    """
    return line_plot(histories, x=x, y=y, log_y=log, references=references, from_zero=not log)


def _checked(curves: Mapping[str, Curve], log_x: bool, log_y: bool) -> dict[str, Curve]:
    named("curves", curves)
    at_most(len(SERIES), "曲線", "本", curves)
    pairs = {name: two(f"curves[{name!r}]", pair, "横の値, 縦の値") for name, pair in curves.items()}
    curves = {name: (_floats(horizontal), vertical) for name, (horizontal, vertical) in pairs.items()}
    for name, (horizontal, vertical) in curves.items():
        where = f"curves[{name!r}]"
        drawable(f"{where} の横の値", checks.array(f"{where} の横の値", horizontal, ("n",)))
        drawable(f"{where} の縦の値", checks.array(f"{where} の縦の値", vertical, (len(horizontal),)))
        for values, log, what in ((horizontal, log_x, "横"), (vertical, log_y, "縦")):
            if log and (values <= 0).any():
                raise ValueError(
                    f"対数目盛りには正の値が要りますが、curves[{name!r}] の{what}の値に0以下が含まれています。"
                )
    return curves


def _floats(values: Array) -> Array:
    """エポックのような整数の横軸も受け入れる。"""
    return values.astype(float) if isinstance(values, np.ndarray) and values.dtype.kind in "iu" else values


def _curves(ax: Axes, curves: Mapping[str, Curve], markers: bool) -> list[End]:
    ends = []
    for i, (name, (horizontal, vertical)) in enumerate(curves.items()):
        ax.plot(
            horizontal, vertical, color=SERIES[i], ls=DASHES[i], zorder=3,
            marker=MARKERS[i] if markers else None, ms=7, mec=PAPER, mew=0.8,
        )  # fmt: skip
        ends.append((horizontal[-1], vertical[-1], name, SERIES[i]))
    return ends


def _levels(ax: Axes, references: Mapping[str, float]) -> list[End]:
    """横一線の目安。"""
    for value in references.values():
        ax.axhline(value, color=GREY, lw=1.2, ls=(0, (2, 2)), zorder=1)
    return [(ax.get_xlim()[1], value, name, GREY) for name, value in references.items()]


def _across(ax: Axes, horizontals: Sequence[Array], markers: bool) -> None:
    """横の範囲と目盛り。番号のような横軸では、番号のあいだに目盛りを打たない。"""
    ax.set_xlim(*_padded(horizontals, 0.03 if markers else 0.0))  # 印を端で切らない
    whole = all((horizontal % 1 == 0).all() for horizontal in horizontals)
    ax.xaxis.get_major_locator().set_params(integer=whole)


def _make_room(ax: Axes) -> None:
    """縦の目盛りの数が長ければ、左の余白を広げる。"""
    figure = ax.get_figure(root=True)
    ticks = ax.yaxis.get_major_formatter().format_ticks(ax.get_yticks())
    needed = widest(figure, ticks) + 0.28
    box = ax.get_position()
    left = max(box.x0, needed / full_width())
    ax.set_position((left, box.y0, box.x1 - left, box.height))


def _padded(arrays: Sequence[Array], share: float) -> tuple[float, float]:
    values = np.concatenate([a for a in arrays if a.size])
    low, high = float(values.min()), float(values.max())
    pad = share * (high - low) if high > low else 0.5
    return low - pad, high + pad


def _end_labels(ax: Axes, ends: Sequence[End], right: float) -> None:
    """線の端の右に名前を並べる。重なるときは縦にずらし、細い線で端と結ぶ。"""
    figure = ax.get_figure(root=True)
    points = [ax.transData.transform((x, y)) / DPI for x, y, _, _ in ends]
    bottom, top = (ax.transAxes.transform((0, h))[1] / DPI for h in (0, 1))
    gap = max(0.24, *(text_size(figure, text, SMALL)[1] + 0.04 for _, _, text, _ in ends))
    heights = spread([p[1] for p in points], gap, bottom, max(top, bottom + gap * len(ends)))
    for (_, _, text, colour), point, y in zip(ends, points, heights):
        text_at(ax, right + 0.3, y, text, ha="left", fontsize=SMALL)
        ax.plot(
            [point[0] + 0.04, right + 0.24], [point[1], y], transform=figure.dpi_scale_trans,
            color=colour, lw=1.0, clip_on=False, solid_capstyle="butt",
        )  # fmt: skip

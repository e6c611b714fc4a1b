"""座標軸の目盛りと名前。"""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from backprop.figures.drafting.numbers import number
from backprop.figures.style import TEXT


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


def log_ticks(axis: Axis) -> None:
    """対数目盛り。範囲が狭く10の累乗だけでは読めないときは、2と5の倍も添える。"""
    low, high = axis.get_view_interval()
    if high / low < 300 and low > 1e-4:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [m * 10.0**p for p in powers for m in (1, 2, 5)]
        axis.set_ticks([t for t in ticks if low <= t <= high])
        axis.set_major_formatter(FuncFormatter(tick))
    else:
        axis.set_major_locator(LogLocator(numticks=7))
    axis.set_minor_locator(NullLocator())


def axis_names(ax: Axes, x: str, y: str) -> None:
    """縦軸の名前は、首をかしげずに読めるよう、軸の上に横書きする。"""
    ax.set_xlabel(x)
    ax.set_title(y, loc="left", fontsize=TEXT, pad=9)

"""活性化関数とその微分の図。"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.axes import plain_ticks
from backprop.figures.drafting.inputs import at_most, drawable, function_pairs
from backprop.figures.drafting.page import Figure, drawing, halves
from backprop.figures.drafting.words import keyed
from backprop.figures.style import DASHES, PALE, SERIES


@explained
@drawing
def activation_plot(
    functions: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]], *, limit: float = 5.0
) -> Figure:
    """活性化関数とその微分を、左右に並べて描く。

    Parameters
    ----------
    functions : dict
        名前から ``(関数, 微分)`` への対応。
    limit : float
        ``-limit`` から ``limit`` までを描く。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        関数がない、多すぎる、関数が有限でない値を返した。

    Notes
    -----
    「活性化関数」の章（13_activations）による。

    Examples
    --------
    >>> import numpy as np
    >>> figure = activation_plot({"tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2)})
    >>> [ax.get_title() for ax in figure.axes]
    ['関数 $f(z)$', "微分 $f'(z)$"]
    """
    function_pairs("functions", functions)
    functions = keyed(functions)
    at_most(len(SERIES), "関数", "個", functions)
    limit = drawable("limit", checks.positive("limit", limit))
    z = np.linspace(-limit, limit, 802)  # 0 を踏まないので、ReLU の微分が途中の値をとらない
    rows = -(-len(functions) // 4)
    bottom = 0.85 + 0.3 * rows
    figure = Figure(2.65 + bottom + 0.45)
    lines = []
    titles = "関数 $f(z)$", "微分 $f'(z)$"
    for column, (ax, title) in enumerate(zip(halves(figure, bottom, 2.65), titles)):
        lines = _lines(ax, z, {name: pair[column] for name, pair in functions.items()})
        ax.set_xlabel("$z$")
        ax.set_title(title)
        plain_ticks(ax, 5, 5)
        ax.set_xlim(-limit, limit)
    figure.legend(
        lines, functions, loc="lower center", ncols=-(-len(functions) // rows), bbox_to_anchor=(0.5, 0.0),
        handlelength=2.6, columnspacing=1.6,
    )  # fmt: skip
    return figure


def _lines(ax: Axes, z: Array, functions: Mapping[str, Callable[[Array], Array]]) -> list[Line2D]:
    ax.axhline(0, color=PALE, lw=1, zorder=0)
    ax.axvline(0, color=PALE, lw=1, zorder=0)
    lines = []
    for i, (name, function) in enumerate(functions.items()):
        values = checks.array(f"functions[{name!r}] の値", function(z), z.shape)
        jumps = np.abs(np.diff(values, prepend=values[0])) > 0.5
        broken = np.where(jumps, np.nan, values)  # 飛びを縦線で結ばない
        lines += ax.plot(z, broken, color=SERIES[i], ls=DASHES[i])
    return lines

"""損失関数の図: 尤度、損失とその傾き、出力1個についての接線。"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.axes import plain_ticks
from backprop.figures.drafting.inputs import at_most, drawable, finite, function_pairs, span
from backprop.figures.drafting.numbers import mathematics, number
from backprop.figures.drafting.page import Figure, drawing, halves
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.words import keyed
from backprop.figures.style import (
    BACKWARD,
    BACKWARD_INK,
    DASHES,
    HIGHLIGHT,
    INK,
    PALE,
    SERIES,
    SMALL,
)

Function = Callable[[Array], Array]
Pairs = Mapping[str, tuple[Function, Function]]

RESOLUTION = 401


def _samples(name: str, function: Function, at: Array) -> Array:
    return checks.array(f"functions[{name!r}] の値", function(at), at.shape)


@explained
@drawing
def likelihoods(predictions: Sequence[float], targets: Array, spread: float) -> Figure:
    """出力を中央とする正規分布の密度と、目標のところでの高さ。出力ごとに1枚。

    Parameters
    ----------
    predictions : sequence of float
        出力。2個まで。
    targets : ndarray, shape (n,)
        目標。
    spread : float
        正規分布の標準偏差。

    Returns
    -------
    Figure
        それぞれの下に、高さの積（尤度）を書く。

    Raises
    ------
    TypeError, ValueError
        出力がない、多すぎる、目標の形が違う、標準偏差が正でない。

    Notes
    -----
    「損失関数」の章（12_loss_functions）の式 eq-gaussian-nll の絵。

    Examples
    --------
    >>> import numpy as np
    >>> figure = likelihoods([1.0, 2.0], np.array([0.7, 1.1]), 0.5)
    >>> [ax.get_title() for ax in figure.axes]
    ['$\\\\hat{y}=1$', '$\\\\hat{y}=2$']
    """
    if not 1 <= len(checks.sequence("predictions", predictions)) <= 2:
        raise ValueError(
            f"predictions は1個か2個でなければなりませんが、{len(predictions)} 個が与えられました。"
        )
    means = [finite(f"predictions[{n}]", mean) for n, mean in enumerate(predictions)]
    drawable("targets", checks.array("targets", targets, ("n",)))
    spread = drawable("spread", checks.positive("spread", spread))

    def density(y: Array, mean: float) -> Array:
        return np.exp(-(((y - mean) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))

    reach = 2.6 * spread
    y = np.linspace(min(*means, *targets) - reach, max(*means, *targets) + reach, RESOLUTION)
    figure = Figure(3.75)
    for column, (ax, mean) in enumerate(zip(halves(figure, 1.15, 2.0), means)):
        ax.plot(y, density(y, mean), color=INK, zorder=3)
        heights = density(targets, mean)
        ax.vlines(targets, 0, heights, color=HIGHLIGHT, lw=2.4, zorder=2)
        ax.plot(targets, heights, "o", color=HIGHLIGHT, mec=INK, ms=8, zorder=4)
        ax.plot(targets, np.zeros_like(targets), "|", color=INK, ms=9, zorder=4, clip_on=False)
        ax.set(xlim=(y[0], y[-1]), ylim=(0, 1.12 / (spread * np.sqrt(2 * np.pi))), xlabel="目標 $y$")
        ax.set_title(rf"$\hat{{y}}={mean:.3g}$")
        if column == 0:
            ax.set_title("密度", loc="left", x=-0.14, fontsize=SMALL)
        plain_ticks(ax, 5, 5)
        product = mathematics(number(float(np.prod(heights))))
        ax.text(0.5, -0.42, f"高さの積（尤度） ${product}$", ha="center", fontsize=SMALL, transform=ax.transAxes)
    return figure


@explained
@drawing
def loss_and_slope(functions: Pairs, x_range: tuple[float, float], *, x: str, slope: str) -> Figure:
    """いくつかの損失と、その傾きを、左右に並べて描く。

    Parameters
    ----------
    functions : dict
        名前から ``(損失, 傾き)`` への対応。どちらも (n,) の配列から同じ形の配列を求める関数。
    x_range : tuple of float
        描く範囲。
    x : str
        横軸の名前。
    slope : str
        傾きの記号。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        関数がない、多すぎる、有限でない値を返した、範囲が逆。

    Notes
    -----
    「損失関数」の章（12_loss_functions）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> pair = (np.square, lambda z: 2 * z)
    >>> figure = loss_and_slope({"2乗": pair}, (-1.0, 1.0), x="$z$", slope=r"$d\\mathcal{L}/dz$")
    >>> [ax.get_title() for ax in figure.axes]
    ['損失 $\\\\mathcal{L}$', '傾き $d\\\\mathcal{L}/dz$']
    """
    function_pairs("functions", functions)
    at_most(len(SERIES), "関数", "個", functions)
    functions = keyed(functions)
    at = np.linspace(*span("x_range", x_range), RESOLUTION)
    bottom = 1.15
    figure = Figure(2.5 + bottom + 0.45)
    lines = []
    titles = r"損失 $\mathcal{L}$", f"傾き {slope}"
    for column, (ax, title) in enumerate(zip(halves(figure, bottom, 2.5), titles)):
        ax.axhline(0, color=PALE, lw=1, zorder=0)
        lines = []
        for i, (name, pair) in enumerate(functions.items()):
            lines += ax.plot(at, _samples(name, pair[column], at), color=SERIES[i], ls=DASHES[i])
        ax.set(xlim=(at[0], at[-1]), xlabel=x)
        ax.set_title(title)
        plain_ticks(ax, 5, 5)
    figure.legend(
        lines, functions, loc="lower center", ncols=min(3, len(functions)), bbox_to_anchor=(0.5, 0.0),
        handlelength=2.6, columnspacing=1.6,
    )  # fmt: skip
    return figure


@explained
@drawing
def tangents(functions: Pairs, at: float, x_range: tuple[float, float], *, x: str) -> Figure:
    """同じところに引いた、いくつかの関数の接線。縦の目盛りをそろえるので、傾きを目で比べられる。

    Parameters
    ----------
    functions : dict
        名前から ``(関数, 傾き)`` への対応。4個まで。どちらも (n,) の配列から同じ形の配列を求める関数。
    at : float
        接線を引くところ。
    x_range : tuple of float
        描く範囲。
    x : str
        横軸の名前。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        関数がない、多すぎる、有限でない値を返した、範囲が逆、接線を引くところが範囲の外にある。

    Notes
    -----
    「ステップ1」の章（31_step1_output_gradient）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> figure = tangents({"2乗": (np.square, lambda u: 2 * u)}, 0.5, (0.0, 1.0), x="$u$")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['傾き $1$']
    """
    function_pairs("functions", functions)
    at_most(4, "関数", "個", functions)
    functions = keyed(functions)
    low, high = span("x_range", x_range)
    if not low < checks.real("at", at) < high:
        raise ValueError(f"at は範囲 {x_range!r} の中になければなりませんが、{at!r} が与えられました。")
    u, here = np.linspace(low, high, RESOLUTION), np.array([float(at)])
    curves = {name: _samples(name, function, u) for name, (function, _) in functions.items()}
    heights = _heights(np.concatenate([*curves.values()]))
    rows, row = -(-len(functions) // 2), 2.4
    figure, pair = Figure(rows * row + 0.35), iter(())
    for n, (name, (function, derivative)) in enumerate(functions.items()):
        value, slope = (float(_samples(name, f, here)[0]) for f in (function, derivative))
        last = n // 2 == rows - 1
        pair = halves(figure, 0.65 + (rows - 1 - n // 2) * row, row - 0.8) if n % 2 == 0 else pair
        ax = next(pair)
        ax.axvline(at, color=PALE, lw=1, zorder=0)
        ax.plot(u, curves[name], color=INK, zorder=3)
        ax.plot(u, value + slope * (u - at), color=BACKWARD, ls=(0, (3.2, 1.5)), zorder=2)
        ax.plot(at, value, "o", color=HIGHLIGHT, mec=INK, ms=8, zorder=4)
        ax.set(xlim=(low, high), ylim=heights, xlabel=x if last else "")
        ax.set_title(name)
        plain_ticks(ax, 5, 4)
        text_at(
            ax, 0.97, 0.88, f"傾き {number(slope)}", color=BACKWARD_INK, fontsize=SMALL, ha="right",
            transform=ax.transAxes,
        )  # fmt: skip
    return figure


def _heights(values: Array) -> tuple[float, float]:
    """曲線が収まる縦の範囲。底には、接線の沈む余地を残す。"""
    low, high = float(values.min()), float(values.max())
    pad = (high - low) or 1.0
    return low - 0.15 * pad, high + 0.1 * pad

"""色のついた表。"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from backprop.checks import Array
from backprop.figures.drafting.colourmaps import ink_on
from backprop.figures.style import PAPER, SMALL

ROW = 0.48
"""一行の高さ（インチ）。"""


def cells(
    ax: Axes,
    values: Array,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    show: Callable[[float], str],
    colours: Colormap,
    low: float,
    high: float,
) -> None:
    """色のついた表。数も書くので、色だけに頼らない。"""
    norm = (values - low) / (high - low) if high > low else np.zeros_like(values)
    ax.imshow(norm, cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for (i, j), share in np.ndenumerate(norm):
        text = show(float(values[i, j]))
        ax.text(j, i, text, ha="center", va="center", fontsize=SMALL, color=ink_on(colours(share)))
    ax.set_xticks(range(len(column_labels)), column_labels)
    ax.set_yticks(range(len(row_labels)), row_labels)
    ax.set_xticks(np.arange(1, values.shape[1]) - 0.5, minor=True)
    ax.set_yticks(np.arange(1, values.shape[0]) - 0.5, minor=True)
    ax.grid(which="minor", color=PAPER, lw=2)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)

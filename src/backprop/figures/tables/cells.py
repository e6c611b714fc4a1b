"""色のついた表。"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.patches import Rectangle

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
    rows, columns = values.shape
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    for (i, j), share in np.ndenumerate(norm):
        ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fc=colours(share), ec=PAPER, lw=2))
        text = show(float(values[i, j]))
        ax.text(j, i, text, ha="center", va="center", fontsize=SMALL, color=ink_on(colours(share)))
    ax.set_xticks(range(len(column_labels)), column_labels)
    ax.set_yticks(range(len(row_labels)), row_labels)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)

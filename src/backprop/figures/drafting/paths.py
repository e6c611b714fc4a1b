"""更新のたびの点を結ぶ道の、印と矢じり。"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from backprop.checks import Array
from backprop.figures.style import DPI

OMITTED = "混みあう点の印は、省いています"
"""印を省いた図に書きそえる文。"""


def apart(ax: Axes, path: Array, gap: float = 0.055) -> list[int]:
    """道の点のうち、印をつける点の番号。前の印から ``gap`` インチ離れるまで、次の印をつけない。

    Examples
    --------
    >>> from backprop.figures.drafting.page import sheet
    >>> figure, ax = sheet(1.0)
    >>> apart(ax, np.array([[1.0, 1.01, 1.02, 2.0], [0.5, 0.5, 0.5, 0.5]]))
    [0, 3]
    """
    points = ax.transData.transform(path.T) / DPI
    marked = [0]
    for n, point in enumerate(points):
        if np.linalg.norm(point - points[marked[-1]]) >= gap:
            marked.append(n)
    return marked


def heading(ax: Axes, start: Array, end: Array, *, colour: str, size: float) -> None:
    """点から次の点へ進む向きの、矢じり。線のまん中に置く。"""
    ax.annotate(
        "", start + 0.62 * (end - start), start + 0.5 * (end - start), zorder=5,
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 0, "mutation_scale": size},
    )  # fmt: skip

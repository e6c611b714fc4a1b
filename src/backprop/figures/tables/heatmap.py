"""数を書き込んだ色の表の図。"""

from __future__ import annotations

from collections.abc import Sequence

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.colourmaps import SEQUENTIAL
from backprop.figures.drafting.numbers import number
from backprop.figures.drafting.page import Figure, drawing, panel
from backprop.figures.drafting.text import text_at, widest
from backprop.figures.drafting.widths import full_width
from backprop.figures.drafting.words import listed
from backprop.figures.style import SMALL, TEXT
from backprop.figures.tables.cells import ROW, cells


@explained
@drawing
def heatmap(
    values: Array,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    rows: str = "",
    columns: str = "",
    title: str = "",
    percent: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Figure:
    """数を書き込んだ色の表。行と列の条件ごとの成功率など。

    Parameters
    ----------
    values : ndarray, shape (r, c)
        表の値。
    row_labels, column_labels : sequence of str
        行と列の名前。r 個と c 個。
    rows, columns, title : str
        行と列が何を表すか、値が何を表すか。
    percent : bool
        0 から 1 の値を百分率で書くか。
    low, high : float, optional
        色の両端の値。省くと、``percent`` なら 0 と 1、そうでなければ最小と最大。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        表の形と名前の数が合わない、有限でない。

    Examples
    --------
    >>> import numpy as np
    >>> figure = heatmap(np.array([[0.0, 0.96]]), ["tanh"], ["0.1", "1"], percent=True)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0 %', '96 %']
    """
    checks.array("values", values, (len(row_labels), len(column_labels)))
    if percent and ((values < 0) | (values > 1)).any():
        raise ValueError("percent=True のとき、values は 0 以上 1 以下でなければなりません。")
    low = checks.real("low", low) if low is not None else 0.0 if percent else float(values.min())
    high = checks.real("high", high) if high is not None else 1.0 if percent else float(values.max())
    row_labels, column_labels = listed(row_labels), listed(column_labels)
    r, c = values.shape
    top, bottom = 0.3 + (0.32 if title else 0.0), 0.42 + (0.32 if columns else 0.0)
    figure = Figure(top + bottom + ROW * r)
    left = 0.4 + widest(figure, [*row_labels, rows])
    width = min(full_width() - left - 0.3, 1.05 * c)
    shift = (full_width() - left - width - 0.3) / 2
    ax = panel(figure, left + shift, bottom, width, ROW * r)
    cells(ax, values, row_labels, column_labels, _percentage if percent else number, SEQUENTIAL, low, high)
    ax.set_xlabel(columns)
    if rows:
        text_at(ax, left + shift - 0.12, bottom + ROW * r + 0.16, rows, ha="right", fontsize=SMALL)
    if title:
        text_at(ax, left + shift + width / 2, bottom + ROW * r + 0.3, title, fontsize=TEXT)
    return figure


def _percentage(value: float) -> str:
    return f"{100 * value:.0f} %"

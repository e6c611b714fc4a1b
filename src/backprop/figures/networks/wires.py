"""線の上の勾配の図。線の両端の二つの数と、その積。"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.arrows import arrow, direction_key
from backprop.figures.drafting.geometry import Point, shortened
from backprop.figures.drafting.nodes import frame, node
from backprop.figures.drafting.numbers import label, mathematics, product
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.text import centred, fitted, text_at
from backprop.figures.drafting.widths import across, full_width
from backprop.figures.style import BACKWARD, BACKWARD_INK, FORWARD, SYMBOL, TEXT

RADIUS = 0.36
LEFT, KNOB, RIGHT = 1.05, 3.25, 5.55
"""入り口のニューロン、線の上のつまみ、出口のニューロンの横の位置（インチ）。"""

KNOB_SIZE = (0.66, 0.42)
ROW = 1.05
SIDE = 0.075
MOST_WIRES = 4


@explained
@drawing
def wire_gradients(inputs: Array | None = None, delta: float | None = None, *, bias: bool = False) -> Figure:
    """ニューロン j に入る線と、その線の上の重みの勾配。

    値を与えなければ、線1本を記号で描く。与えれば、その値と、計算した積を書き込む。

    Parameters
    ----------
    inputs : ndarray, shape (n,), optional
        前の層の活性 :math:`a^{l-1}_k`。
    delta : float, optional
        ニューロン j の誤差項 :math:`\\delta^l_j`。
    bias : bool
        いつも1を出す入り口から来る線、つまりバイアスも描くか。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        二つのうち一つだけが与えられた、形が合わない、線が多すぎる。

    Notes
    -----
    「ステップ4」の章（34_step4_weight_gradient）の式 eq-weight-gradient と、「ステップ5」の章
    （35_step5_bias_gradient）の式 eq-bias-gradient を描く。

    Examples
    --------
    >>> import numpy as np
    >>> figure = wire_gradients(np.array([0.5, 0.0, -2.0]), 0.2)
    >>> r"$0.2\\times (-2)=-0.4$" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    if (inputs is None) != (delta is None):
        raise ValueError("inputs と delta は、両方とも与えるか、両方とも省いてください。")
    rows = _symbols() if inputs is None else _numbers(inputs, checks.real("delta", delta))
    if bias:
        at_j = r"\delta^{l}_{j}\times 1" if delta is None else product(delta, 1.0)
        rows.append(("$1$", "$b^{l}_{j}$", f"${at_j}$"))
    if len(rows) > MOST_WIRES:
        raise ValueError(f"線は {MOST_WIRES} 本まで描けますが、{len(rows)} 本になります。")

    tall = (len(rows) - 1) * ROW
    bottom = 1.7 if inputs is None else 1.05
    height = bottom + tall + RADIUS + 0.7
    heights = [bottom + tall - ROW * n for n in range(len(rows))]
    middle = bottom + tall / 2
    figure, ax = sheet(height)
    left, right = across(LEFT), across(RIGHT)
    for x, name in ((left, "層 $l-1$"), (right, "層 $l$")):
        text_at(ax, x, height - 0.24, name, fontsize=TEXT)
    for y, row in zip(heights, rows):
        _wire(ax, y, (right, middle), *row)
    node(ax, (right, middle), "$z^{l}_{j}$", radius=RADIUS)
    value = "" if delta is None else "=" + mathematics(label(float(delta)))
    text = rf"$\delta^{{l}}_{{j}}{value}$"
    size = fitted(figure, text, SYMBOL, full_width() - 0.1 - (right + RADIUS + 0.1))
    text_at(ax, right + RADIUS + 0.1, middle, text, ha="left", color=BACKWARD_INK, fontsize=size)
    if inputs is None:
        formula = r"$\partial\mathcal{L}/\partial w^{l}_{jk}=\delta^{l}_{j}\,a^{l-1}_{k}$"
        if bias:
            formula += r"$\qquad\partial\mathcal{L}/\partial b^{l}_{j}=\delta^{l}_{j}$"
        text_at(ax, full_width() / 2, 0.72, formula, fontsize=SYMBOL + 1)
    direction_key(ax, 0.26, forward="順伝播：活性", backward="逆伝播：誤差項")
    return figure


def _symbols() -> list[tuple[str, str, str]]:
    return [("$a^{l-1}_{k}$", "$w^{l}_{jk}$", r"$\delta^{l}_{j}\times a^{l-1}_{k}$")]


def _numbers(inputs: Array, delta: float) -> list[tuple[str, str, str]]:
    checks.array("inputs", inputs, ("n",))
    return [
        (label(float(a)), rf"$w^{{l}}_{{j{k}}}$", f"${product(delta, float(a))}$")
        for k, a in enumerate(inputs, start=1)
    ]


def _wire(ax: Axes, y: float, target: Point, start: str, knob: str, product: str) -> None:
    """入り口から、つまみを通って、出口まで。戻る矢印は、つまみで止まる。"""
    left, middle, half = across(LEFT), across(KNOB), KNOB_SIZE[0] / 2
    arrow(ax, (left + RADIUS, y), (middle - half - 0.03, y), colour=FORWARD)
    out = shortened((middle + half, y), target, 0.0, RADIUS + 0.02, SIDE)
    back = shortened(target, (middle + half, y), RADIUS, 0.09, SIDE)
    arrow(ax, *out, colour=FORWARD)
    arrow(ax, *back, colour=BACKWARD, dashed=True)
    node(ax, (left, y), start, radius=RADIUS)
    corner = (middle - half, y - KNOB_SIZE[1] / 2)
    shape = "round,pad=0,rounding_size=0.08"
    ax.add_patch(FancyBboxPatch(corner, *KNOB_SIZE, boxstyle=shape, **frame(True)))
    centred(ax, (middle, y), knob, SYMBOL)
    figure = ax.get_figure(root=True)
    size = fitted(figure, product, SYMBOL - 1, middle + half - (left + RADIUS) - 0.1)
    text_at(ax, middle + half, y - 0.42, product, ha="right", color=BACKWARD_INK, fontsize=size)

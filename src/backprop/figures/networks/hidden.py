"""隠れ層の図。次の層への道と、同じ道を戻る誤差項。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.arrows import direction_key
from backprop.figures.drafting.numbers import label, mathematics, product
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.text import fitted, text_at
from backprop.figures.drafting.widths import across, full_width
from backprop.figures.networks.plan import RADIUS, Plan
from backprop.figures.networks.wiring import FAN, Marks, draw
from backprop.figures.style import BACKWARD_INK, SYMBOL, TEXT

MOST_PATHS = 4
COLUMNS = 1.5, 5.0
"""二つの層の、横の位置（インチ）。"""

BOTTOM = 1.45
CENTRE = (0, 2)
"""注目するニューロン j は、上から2番め。"""


@explained
@drawing
def hidden_delta_paths(
    weights: Array | None = None, deltas: Array | None = None, derivative: float | None = None
) -> Figure:
    """隠れ層のニューロン j から次の層への三本の道と、同じ道を戻る誤差項。

    値を与えなければ記号で、与えればその値と、計算した積・和を書き込む。

    Parameters
    ----------
    weights : ndarray, shape (n,), optional
        ニューロン j から次の層の各ニューロンへの重み :math:`w^{l+1}_{kj}`。
    deltas : ndarray, shape (n,), optional
        次の層の誤差項 :math:`\\delta^{l+1}_k`。
    derivative : float, optional
        :math:`f^{l\\prime}(z^l_j)`。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        三つのうち一部だけが与えられた、形がそろっていない、道が多すぎる。

    Notes
    -----
    「ステップ3」の章（33_step3_hidden_delta）の式 eq-hidden-delta を描く。

    Examples
    --------
    >>> import numpy as np
    >>> figure = hidden_delta_paths(np.array([2.0, -1.0, 0.5]), np.array([0.1, 0.4, -0.2]), 0.25)
    >>> any("-0.075" in text.get_text() for text in figure.axes[0].texts)
    True
    """
    given = weights, deltas, derivative
    words = _numbers(*given) if _complete(*given) else _symbols()
    n = len(words.forward)
    plan = Plan([3, n], ["l", "l+1"], {0: ["1", "j", "N_l"]}, [(0, 1), (0, 2)])
    plan.rows, plan.radius[CENTRE] = [0.85, 1.4 if n > 2 else 1.9], 0.44  # 集まる矢印どうしを離す
    tallest = max(plan.column_height(0), plan.column_height(1))
    height = BOTTOM + tallest + 2 * RADIUS + 0.6
    columns = [across(x) for x in COLUMNS]
    plan.arrange(columns, BOTTOM + RADIUS + tallest / 2)
    figure, ax = sheet(height)
    for x, name in zip(columns, ("層 $l$", "層 $l+1$")):
        text_at(ax, x, height - 0.24, name, fontsize=TEXT)
    paths = plan.select("paths", [(1, None, 2)], plan.edges)
    inside = {(0, 1): "$1$", (0, 2): "$j$", (0, 3): "$N_l$"} | {(1, k): f"${k}$" for k in range(1, n + 1)}
    marks = Marks(
        lit_nodes=[CENTRE], forward=paths, backward=paths, node_text=inside,
        edge_text=dict(zip(paths, words.forward)), backward_text=dict(zip(paths, words.backward)),
    )  # fmt: skip
    draw(ax, plan, marks, FAN)
    _deltas(ax, plan, words.deltas)
    size = fitted(figure, words.formula, SYMBOL + 1, full_width() - 0.3)
    text_at(ax, full_width() / 2, 0.86, words.formula, fontsize=size)
    direction_key(ax, 0.28, forward="順伝播：重み", backward="逆伝播：重み × 次の層の誤差項")
    return figure


class _Words(NamedTuple):
    """道の上の文字、次の層の誤差項、下に書く式。"""

    forward: list[str]
    backward: list[str]
    deltas: list[str]
    formula: str


def _complete(*values: object) -> bool:
    given = [value is not None for value in values]
    if any(given) and not all(given):
        raise ValueError("weights、deltas、derivative は、三つとも与えるか、三つとも省いてください。")
    return all(given)


def _symbols() -> _Words:
    weights = [rf"w^{{l+1}}_{{{k}j}}" for k in (1, 2, 3)]
    deltas = [rf"\delta^{{l+1}}_{{{k}}}" for k in (1, 2, 3)]
    terms = "+".join(w + d for w, d in zip(weights, deltas))
    return _Words(
        [f"${w}$" for w in weights],
        [rf"${w}\,{d}$" for w, d in zip(weights, deltas)],
        [f"${d}$" for d in deltas],
        rf"$\delta^{{l}}_{{j}}=\left({terms}\right)f^{{l\prime}}(z^{{l}}_{{j}})$",
    )


def _numbers(weights: Array, deltas: Array, derivative: float) -> _Words:
    checks.array("weights", weights, ("n",))
    checks.array("deltas", deltas, (len(weights),))
    slope = checks.real("derivative", derivative)
    if len(weights) > MOST_PATHS:
        raise ValueError(f"道は {MOST_PATHS} 本まで描けますが、{len(weights)} 本が与えられました。")
    products = [mathematics(label(float(w * d))) for w, d in zip(weights, deltas)]
    terms = "".join(p if p.startswith("-") else f"+{p}" for p in products).removeprefix("+")
    total = mathematics(label(float(weights @ deltas * slope)))
    return _Words(
        [label(float(w)) for w in weights],
        [f"${product(float(w), float(d))}$" for w, d in zip(weights, deltas)],
        [rf"$\delta^{{l+1}}_{{{k}}}={mathematics(label(float(d)))}$" for k, d in enumerate(deltas, start=1)],
        rf"$\delta^{{l}}_{{j}}=({terms})\times {mathematics(label(slope))}={total}$",
    )


def _deltas(ax: Axes, plan: Plan, following: Sequence[str]) -> None:
    """次の層の誤差項を右に、求める誤差項を左に書く。"""
    for k, text in enumerate(following, start=1):
        x, y = plan.positions[(1, k)]
        start = x + RADIUS + 0.12
        size = fitted(ax.get_figure(root=True), text, SYMBOL, full_width() - 0.1 - start)
        text_at(ax, start, y, text, ha="left", color=BACKWARD_INK, fontsize=size)
    x, y = plan.positions[CENTRE]
    left = x - plan.radius[CENTRE] - 0.12
    text_at(ax, left, y, r"$\delta^{l}_{j}$", ha="right", color=BACKWARD_INK, fontsize=SYMBOL + 1)

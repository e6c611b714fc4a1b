"""出力層の図。加重和から活性へ、どの道が通っているか。"""

from __future__ import annotations

from matplotlib.axes import Axes

from backprop.checks import explained
from backprop.figures.drafting.arrows import direction_key
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.text import text_at
from backprop.figures.drafting.widths import across, full_width
from backprop.figures.networks.plan import DOTS, RADIUS, Key, Plan
from backprop.figures.networks.wiring import FAN, Marks, draw
from backprop.figures.style import BACKWARD_INK, SYMBOL, TEXT

ROWS = 3
CENTRE = 2
"""注目するニューロン j は、上から2番め。"""

BOTTOM, STEP = 1.5, 0.8
DOTTED = [(l, k) for l in (0, 1) for k in range(1, ROWS)]
"""すぐ下に「⋮」を置くところ。"""

PANELS = (
    (
        "要素ごとの活性化関数",
        [(1, k, k) for k in range(1, ROWS + 1)],
        r"$\delta^{L}_{j}=\frac{\partial\mathcal{L}}{\partial a^{L}_{j}}\,f^{L\prime}(z^{L}_{j})$",
    ),
    (
        "softmax",
        [(1, i, k) for i in range(1, ROWS + 1) for k in range(1, ROWS + 1)],
        r"$\delta^{L}_{j}=\sum_{i}\;\frac{\partial\mathcal{L}}{\partial a^{L}_{i}}\,"
        r"\frac{\partial a^{L}_{i}}{\partial z^{L}_{j}}$",
    ),
)
"""題、ある線、誤差項の式。"""


@explained
@drawing
def output_delta_paths() -> Figure:
    """出力層の加重和から活性への道と、同じ道を戻る変化の割合。左が要素ごとの関数、右が softmax。

    Returns
    -------
    Figure

    Notes
    -----
    「ステップ2」の章（32_step2_output_delta）の、道が1本の場合と、すべての活性へ通じる場合を描く。

    Examples
    --------
    >>> figure = output_delta_paths()
    >>> {"要素ごとの活性化関数", "softmax"} <= {text.get_text() for text in figure.axes[0].texts}
    True
    """
    column = (ROWS - 1) * (STEP + DOTS) + 2 * RADIUS
    height = BOTTOM + column + 0.6
    figure, ax = sheet(height)
    for n, (title, edges, formula) in enumerate(PANELS):
        left, squeeze = n * full_width() / 2, across(1.0)
        plan = Plan([ROWS, ROWS], ["L", "L"], dict.fromkeys((0, 1), ["1", "j", "N_L"]), DOTTED)
        plan.rows, plan.edges = [STEP, STEP], edges
        plan.arrange((left + max(0.82 * squeeze, 0.72), left + 2.2 * squeeze), BOTTOM + column / 2)
        _paths(ax, plan)
        text_at(ax, left + full_width() / 4, height - 0.24, title, fontsize=TEXT)
        text_at(ax, left + full_width() / 4, 0.96, formula, fontsize=SYMBOL + 4)
    direction_key(ax, 0.28, forward="順伝播", backward="逆伝播")
    return figure


def _paths(ax: Axes, plan: Plan) -> None:
    """注目するニューロンからの道と、その両端の変化の割合。"""
    inside: dict[Key, str] = {key: plan.symbol("z" if key[0] == 0 else "a", *key) for key in plan.nodes}
    paths = [edge for edge in plan.edges if edge[2] == CENTRE]
    marks = Marks(lit_nodes=[(0, CENTRE)], forward=paths, backward=paths, node_text=inside)
    draw(ax, plan, marks, FAN)
    for _, i, _ in paths:
        x, y = plan.positions[(1, i)]
        index = plan.index_names[1][i - 1]
        rate = rf"$\frac{{\partial\mathcal{{L}}}}{{\partial a^{{L}}_{{{index}}}}}$"
        text_at(ax, x + RADIUS + 0.1, y, rate, ha="left", color=BACKWARD_INK, fontsize=SYMBOL + 3)
    x, y = plan.positions[(0, CENTRE)]
    delta = r"$\delta^{L}_{j}$"
    text_at(ax, x - RADIUS - 0.1, y, delta, ha="right", color=BACKWARD_INK, fontsize=SYMBOL + 1)

"""学習のくり返しの図: 損失を求め、勾配を求め、重みを更新する。"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from backprop import checks
from backprop.checks import explained
from backprop.figures.drafting.arrows import arrow
from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.nodes import frame
from backprop.figures.drafting.numbers import number
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.text import fitted, text_at
from backprop.figures.drafting.widths import full_width, narrow
from backprop.figures.style import BACKWARD, BACKWARD_INK, FORWARD, INK, SYMBOL, TEXT

HEIGHT = 4.1
BOX = (2.3, 1.02)
GAP = 0.06
"""箱と矢印の間（インチ）。"""


@explained
@drawing
def learning_loop(
    *,
    weight: float | None = None,
    cost: float | None = None,
    gradient: float | None = None,
    learning_rate: float | None = None,
) -> Figure:
    """学習のくり返し: 損失を求め、勾配を求め、重みを更新する。

    値を与えなければ言葉と記号で、与えれば一つの重みについて、その値と更新後の値を書き込む。

    Parameters
    ----------
    weight, cost, gradient, learning_rate : float, optional
        いまの重み、損失、その重みの勾配、学習率。四つとも与えるか、四つとも省く。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        四つのうち一部だけが与えられた、有限な実数でない。

    Notes
    -----
    「誤差逆伝播法とは何か」の章（01_what_is_backprop）で使う。

    Examples
    --------
    1 − 0.1×2 = 0.8。

    >>> figure = learning_loop(weight=1.0, cost=0.5, gradient=2.0, learning_rate=0.1)
    >>> any("0.8" in text.get_text() for text in figure.axes[0].texts)
    True
    """
    given = {"weight": weight, "cost": cost, "gradient": gradient, "learning_rate": learning_rate}
    details, update = _words(given)
    box = (BOX[0] if not narrow() else 1.95, BOX[1])
    figure, ax = sheet(HEIGHT)
    margin = 0.15 if narrow() else 0.45
    x, y = margin + box[0] / 2, HEIGHT - 0.3 - box[1] / 2
    weights, gradients = (x, y), (x, 0.3 + box[1] / 2)
    loss = (full_width() - margin - box[0] / 2, HEIGHT / 2)
    words = ("重みとバイアス", "損失", "勾配")
    for centre, word, detail in zip((weights, loss, gradients), words, details):
        _box(ax, centre, box, word, detail, lit=word == "勾配")
    forward = ((x + box[0] / 2 + GAP, y), (loss[0] - 0.3, loss[1] + box[1] / 2 + GAP))
    backward = ((loss[0] - 0.3, loss[1] - box[1] / 2 - GAP), (x + box[0] / 2 + GAP, gradients[1]))
    up = ((x, gradients[1] + box[1] / 2 + GAP), (x, y - box[1] / 2 - GAP))
    arrow(ax, *forward, colour=FORWARD, width=3.0)
    arrow(ax, *backward, colour=BACKWARD, width=3.0, dashed=True)
    arrow(ax, *up, colour=INK, width=3.0)
    side = (forward[0][0] + forward[1][0]) / 2 + 0.35
    text_at(ax, side, y - 0.02, "順伝播", color=FORWARD, fontsize=TEXT, ha="left")
    text_at(ax, side, gradients[1] + 0.02, "誤差逆伝播法", color=BACKWARD_INK, fontsize=TEXT, ha="left")
    lines = ["更新", "（勾配降下法など）", update] if narrow() else ["更新（勾配降下法など）", update]
    for n, line in enumerate(lines):
        height = HEIGHT / 2 + 0.16 * (len(lines) - 1) - 0.32 * n
        text_at(ax, x + (0.18 if line[0] != "（" else 0.1), height, line, fontsize=TEXT, ha="left")
    return figure


def _words(given: dict[str, float | None]) -> tuple[list[str], str]:
    """三つの箱に書く式と、更新の式。値がなければ記号で書く。"""
    missing = [name for name, value in given.items() if value is None]
    if missing and len(missing) < len(given):
        raise ValueError(
            f"{', '.join(given)} は四つとも与えるか、四つとも省きますが、{', '.join(missing)} がありません。"
        )
    if missing:
        update = r"$w\leftarrow w-\eta\,\partial J/\partial w$"
        return ["$w$", "$J$", r"$\partial J/\partial w$"], update
    w, J, g, eta = (checks.real(name, value) for name, value in given.items())
    shown = [number(value) for value in (w, J, g, w - eta * g)]
    details = [f"$w$ = {shown[0]}", f"$J$ = {shown[1]}", rf"$\partial J/\partial w$ = {shown[2]}"]
    return details, f"新しい $w$ = {shown[3]}"


def _box(ax: Axes, centre: Point, box: Point, word: str, detail: str, *, lit: bool) -> None:
    corner = (centre[0] - box[0] / 2 + 0.06, centre[1] - box[1] / 2 + 0.06)
    shape = "round,pad=0.06,rounding_size=0.12"
    ax.add_patch(FancyBboxPatch(corner, box[0] - 0.12, box[1] - 0.12, boxstyle=shape, **frame(lit)))
    text_at(ax, centre[0], centre[1] + 0.2, word, fontsize=TEXT)
    size = fitted(ax.get_figure(root=True), detail, SYMBOL, box[0] - 0.2)
    text_at(ax, centre[0], centre[1] - 0.2, detail, fontsize=size)

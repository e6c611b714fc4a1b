"""判定の表の図。どの審判が、どの誤りに気づいたか。"""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from backprop.checks import explained
from backprop.figures.drafting.arrows import stroke
from backprop.figures.drafting.inputs import optional, text
from backprop.figures.drafting.page import Figure, TooWide, drawing, sheet
from backprop.figures.drafting.text import text_at, widest
from backprop.figures.drafting.widths import full_width
from backprop.figures.style import GREY, INK, PALE, PAPER, SERIES, SMALL

ROW = 0.222
"""一行の高さ（インチ）。"""

GAP = 0.07
"""組のあいだのすき間（インチ）。"""

TALLEST = 7.2
"""図の高さの限り（インチ）。"""

RADIUS = 0.075
NOTICED = SERIES[1]

Verdicts = Mapping[str, Mapping[str, Mapping[str, bool]]]


@explained
@drawing
def verdicts(groups: Verdicts, headings: Mapping[str, str] | None = None) -> Figure:
    """誰が気づいたかの表。塗った丸が気づいたところ、短い横線が気づかなかったところ。

    Parameters
    ----------
    groups : dict
        組の名前から、「行の名前から、審判の名前と判定（気づけば ``True``）の辞書」への対応。
        どの行にも、同じ審判がこの順に要る。
    headings : dict, optional
        審判の名前から、列の見出しへの対応。改行してもよい。省けば名前をそのまま書く。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        行がない、審判がそろわない、判定が真偽値でない、図に収まらない。

    Notes
    -----
    「誤りの博物館」の章（39_bug_museum）による。

    Examples
    --------
    >>> figure = verdicts({"隠れ層": {"転置を忘れる": {"損失": False, "中心差分": True}}})
    >>> [text.get_text() for text in figure.axes[0].texts][:4]
    ['損失', '中心差分', '隠れ層', '転置を忘れる']
    """
    judges = _checked(groups)
    given = optional("headings", headings)
    headings = {judge: text(f"headings[{judge!r}]", given.get(judge, judge)) for judge in judges}
    rows = sum(len(group) for group in groups.values())
    top = 0.35 + 0.2 * max(heading.count("\n") for heading in headings.values())
    height = top + ROW * rows + GAP * len(groups) + 0.5
    if height > TALLEST:
        raise ValueError(f"行は合わせて {rows} 行で、図の高さに収まりません。組を分けてください。")

    figure, ax = sheet(height)
    names = widest(figure, (name for group in groups.values() for name in group))
    left = 0.2 + widest(figure, groups) + 0.15
    columns = left + names + 0.1
    step = (full_width() - columns - 0.15) / len(judges)
    heading_width = widest(figure, (line for heading in headings.values() for line in heading.split("\n")))
    if step < heading_width + 0.03:
        raise TooWide(f"列は {len(judges)} 列で、図の幅に収まりません。見出しを短くしてください。")
    centres = [columns + (i + 0.5) * step for i in range(len(judges))]
    for x, heading in zip(centres, headings.values()):
        text_at(ax, x, height - 0.08, heading, va="top", fontsize=SMALL, linespacing=1.15)

    y = height - top
    for group, lines in groups.items():
        y -= GAP
        stroke(ax, (0.15, y + GAP / 2), (full_width() - 0.15, y + GAP / 2), colour=PALE, width=0.9)
        text_at(ax, 0.2, y - ROW / 2, group, ha="left", fontsize=SMALL, color=GREY)
        for name, verdict in lines.items():
            text_at(ax, left, y - ROW / 2, name, ha="left", fontsize=SMALL)
            for x, noticed in zip(centres, verdict.values()):
                _mark(ax, x, y - ROW / 2, noticed)
            y -= ROW
    _key(ax, y - 0.25)
    return figure


def _mark(ax: Axes, x: float, y: float, noticed: bool) -> None:
    if noticed:
        ax.add_patch(Circle((x, y), RADIUS, fc=NOTICED, ec=PAPER, lw=0.5, zorder=3))
    else:
        stroke(ax, (x - 0.06, y), (x + 0.06, y), colour=GREY, width=1.2, z=2)


def _key(ax: Axes, y: float) -> None:
    for x, noticed, word in ((2.5, True, "気づいた"), (4.0, False, "気づかない")):
        _mark(ax, x, y, noticed)
        text_at(ax, x + 0.18, y, word, ha="left", fontsize=SMALL, color=INK)


def _checked(groups: object) -> list[str]:
    """審判の名前。表の形も確かめる。"""
    if not isinstance(groups, Mapping) or not groups:
        raise TypeError(
            f"groups は、組の名前からの空でない辞書でなければなりませんが、{groups!r} が与えられました。"
        )
    judges: list[str] | None = None
    for group, lines in groups.items():
        if not isinstance(lines, Mapping) or not lines:
            raise TypeError(
                f"groups[{group!r}] は、空でない辞書でなければなりませんが、{lines!r} が与えられました。"
            )
        for name, verdict in lines.items():
            if not isinstance(verdict, Mapping):
                raise TypeError(f"「{name}」の判定は辞書でなければなりませんが、{verdict!r} が与えられました。")
            judges = list(verdict) if judges is None else judges
            if list(verdict) != judges or not judges:
                raise ValueError(
                    f"「{name}」の審判は {judges} でなければなりませんが、{list(verdict)} が与えられました。"
                )
            if not all(isinstance(noticed, bool) for noticed in verdict.values()):
                raise TypeError(
                    f"「{name}」の判定は真偽値でなければなりませんが、{verdict!r} が与えられました。"
                )
    return judges or []

"""かみ合う歯車の図。回転の割合の積が、連鎖律になる。"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, PathPatch
from matplotlib.path import Path

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.arrows import stroke
from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.page import Figure, drawing, sheet
from backprop.figures.drafting.spreading import spread
from backprop.figures.drafting.text import centred, text_at, widest
from backprop.figures.drafting.widths import full_width, narrow
from backprop.figures.style import (
    FORWARD,
    GREY,
    HIGHLIGHT,
    HIGHLIGHT_FILL,
    INK,
    PALE,
    PAPER,
    SMALL,
    SYMBOL,
    TEXT,
)

HUB = 0.21
FEWEST_TEETH = 8
ROOM = 0.22
"""歯の数を書くのに要る、すき間の幅。"""


@explained
@drawing
def gears(pairs: Sequence[tuple[int, int]], names: Sequence[str] = ("x", "u", "v")) -> Figure:
    """かみ合う歯車。軸から軸への回転の割合は歯の数の比で、端から端までの割合はその積になる。

    Parameters
    ----------
    pairs : sequence of tuple of int
        かみ合う組ごとの、（動かす歯車、動かされる歯車）の歯の数。ある組の動かされる歯車と、
        次の組の動かす歯車は、同じ軸についている。
    names : sequence of str
        軸の記号。組の数より一つ多い。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        歯の数が正の整数でない、少なすぎる、記号の数が合わない。

    Notes
    -----
    「連鎖律」の章（11_chain_rule）の式 eq-chain-single の絵。かみ合う歯車は逆に回るので、割合は負になる。

    Examples
    --------
    >>> figure = gears([(36, 18), (27, 18)])
    >>> [text.get_text() for text in figure.axes[0].texts if "回転" in text.get_text()]
    ['$1$ 回転', '$-2$ 回転', '$3$ 回転']
    """
    for n, pair in enumerate(checks.sequence("pairs", pairs)):
        if len(checks.sequence(f"pairs[{n}]", pair)) != 2:
            raise ValueError(f"pairs[{n}] は歯の数二つの組でなければなりませんが、{pair!r} が与えられました。")
        for teeth in pair:
            if checks.count(f"pairs[{n}] の歯の数", teeth) < FEWEST_TEETH:
                raise ValueError(
                    f"pairs の歯の数は {FEWEST_TEETH} 以上でなければなりませんが、{teeth} が与えられました。"
                )
    if len(names) != len(pairs) + 1 or not pairs:
        raise ValueError(
            "names は組の数より一つ多くなければなりませんが、"
            f"{len(pairs)} 組の pairs に {len(names)} 個が与えられました。"
        )
    rates = [Fraction(-driver, driven) for driver, driven in pairs]
    module, centres = _train(pairs)
    largest = max(max(pair) for pair in pairs) * module
    middle = 0.72 + largest
    figure, ax = sheet(middle + largest + 0.72)
    turns = [Fraction(1)]
    for rate in rates:
        turns.append(turns[-1] * rate)
    for n, (driver, driven) in enumerate(pairs):
        here, there = (centres[n], middle), (centres[n + 1], middle)
        plane = 4 - 1.5 * n / len(pairs)  # 同じ軸の歯車は別の面にある。左の組ほど手前
        inner = HUB if n == 0 else pairs[n - 1][1] * module
        _gear(ax, here, driver, module, phase=0.0, plane=plane, inner=inner)
        _gear(ax, there, driven, module, phase=np.pi + np.pi / driven, plane=plane, inner=HUB)
    meshes = [centre + driver * module for centre, (driver, _) in zip(centres, pairs)]
    _rates(ax, meshes, middle, middle + largest + 0.44, names, rates)
    for centre, name, turn in zip(centres, names, turns):
        _hub(ax, (centre, middle), name, clockwise=turn < 0)
        text_at(ax, centre, 0.3, f"${_plain(turn)}$ 回転", fontsize=TEXT, color=INK)
    return figure


def _rates(
    ax: Axes,
    meshes: Sequence[float],
    middle: float,
    top: float,
    names: Sequence[str],
    rates: Sequence[Fraction],
) -> None:
    """かみ合うところの上に、回転の割合を書く。"""
    texts = [
        rf"$\frac{{d{after}}}{{d{before}}}={_plain(rate)}$"
        for before, after, rate in zip(names, names[1:], rates)
    ]
    size = SYMBOL + 3
    width = widest(ax.get_figure(root=True), texts, size)
    places = spread(meshes, width + 0.15, 0.1 + width / 2, full_width() - 0.1 - width / 2)
    for text, x, mesh in zip(texts, places, meshes):
        text_at(ax, x, top, text, fontsize=size)
        stroke(ax, (x, top - 0.3), (mesh, middle + 0.16), colour=PALE, width=1.2, z=7)


def _train(pairs: Sequence[tuple[int, int]]) -> tuple[float, list[float]]:
    """歯1枚あたりの半径と、軸の横の位置。図の幅いっぱいに並べる。"""
    shafts = [0]
    for driver, driven in pairs:
        shafts.append(shafts[-1] + driver + driven)
    on_shaft = [[pairs[0][0]], *([a[1], b[0]] for a, b in zip(pairs, pairs[1:])), [pairs[-1][1]]]
    left = min(x - max(teeth) for x, teeth in zip(shafts, on_shaft))
    right = max(x + max(teeth) for x, teeth in zip(shafts, on_shaft))
    margins = 0.4 if narrow() else 1.3  # 狭い紙でも、歯と数を離す
    module = min((full_width() - margins) / (right - left), 1.35 / max(max(pair) for pair in pairs))
    margin = (full_width() - module * (right - left)) / 2
    return module, [margin + module * (x - left) for x in shafts]


def _gear(
    ax: Axes, centre: Point, teeth: int, module: float, *, phase: float, plane: float, inner: float
) -> None:
    """歯の一枚が角度 `phase` を向く歯車と、歯の数。`inner` は、手前にあるものの半径。"""
    radius, depth = teeth * module, min(1.1 * module, 0.11)
    pitch = 2 * np.pi / teeth
    corners = [(-0.32, -depth), (-0.17, depth), (0.17, depth), (0.32, -depth)]
    angles = np.array([phase + pitch * (n + t) for n in range(teeth) for t, _ in corners])
    radii = np.array([radius + d for _ in range(teeth) for _, d in corners])
    outline: Array = np.array(centre) + (radii * np.array([np.cos(angles), np.sin(angles)])).T
    path = Path(np.vstack([outline, outline[:1]]), closed=True)
    ax.add_patch(PathPatch(path, fc=PAPER, ec=GREY, lw=1.2, zorder=plane, joinstyle="round"))
    if radius - inner > ROOM:
        below = centre[1] - (inner + radius) / 2
        text_at(ax, centre[0], below, str(teeth), fontsize=SMALL, color=GREY, zorder=plane)


def _hub(ax: Axes, centre: Point, name: str, *, clockwise: bool) -> None:
    """軸と、回る向きの矢印。"""
    ax.add_patch(Circle(centre, HUB, fc=HIGHLIGHT_FILL, ec=HIGHLIGHT, lw=2.2, zorder=6))
    centred(ax, centre, f"${name}$", SYMBOL)
    sign = -1 if clockwise else 1
    ends = [sign * angle + np.pi / 2 for angle in (-0.95, 0.95)]
    start, end = (tuple(np.array(centre) + 0.345 * np.array([np.cos(a), np.sin(a)])) for a in ends)
    ax.add_patch(
        FancyArrowPatch(
            start, end,
            connectionstyle=f"arc3,rad={-0.52 * -sign}", arrowstyle="-|>,head_width=3,head_length=5",
            color=FORWARD, lw=2.0, zorder=6, shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip


def _plain(value: Fraction) -> str:
    sign = "-" if value < 0 else ""
    top, bottom = abs(value.numerator), value.denominator
    return f"{sign}{top}" if bottom == 1 else rf"{sign}\frac{{{top}}}{{{bottom}}}"

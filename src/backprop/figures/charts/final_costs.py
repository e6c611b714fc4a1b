"""たくさんの学習の、終わりの損失の分布。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.axes import log_ticks
from backprop.figures.drafting.inputs import drawable, levels, named
from backprop.figures.drafting.page import Figure, drawing, panel
from backprop.figures.drafting.spreading import spread
from backprop.figures.drafting.text import text_at, widest
from backprop.figures.drafting.widths import full_width
from backprop.figures.drafting.words import spoken
from backprop.figures.style import DPI, GREY, INK, PALE, SERIES, SMALL

SEEN = 0.03
"""1個しかない区間の棒の高さ。これより低いと、軸の線に埋もれて見えない。"""

ROW, BOTTOM = 0.95, 0.72


@explained
@drawing
def final_costs(
    costs: Mapping[str, Array],
    *,
    solved_below: float,
    references: Mapping[str, float] | None = None,
    log: bool = False,
    x: str = "学習の終わりの損失 $J$",
) -> Figure:
    """たくさんの初期値から始めた学習の、終わりの損失の分布。条件ごとに1段。

    Parameters
    ----------
    costs : dict
        条件の名前から、終わりの損失 (n,) への対応。
    solved_below : float
        これより小さければ「解けた」とみなす境目。
    references : dict, optional
        名前から損失の値への対応。縦の点線で示す。たとえば ``{r"$\\ln 2$": np.log(2)}``。
    log : bool
        横軸を対数目盛りにするか。
    x : str
        横軸の名前。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        条件がない、配列の形が違う、対数目盛りに0以下の値を渡した。

    Notes
    -----
    「XOR のプラトー」の章（52_xor_plateau）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> figure = final_costs({"σ = 1": np.array([0.01, 0.02, 0.7, 0.01])}, solved_below=0.1)
    >>> figure.axes[0].get_yticklabels()[0].get_text().splitlines()
    ['σ = 1', '解けた 3 / 4（75 %）']
    """
    solved_below, references = _checked(costs, solved_below, references, log)
    edges = _edges(costs, [*references.values(), solved_below], log)
    edges = np.union1d(edges, solved_below)  # 境目をまたぐ棒をつくらない
    n = len(costs)
    figure = Figure(n * ROW + 1.3)
    names = [f"{spoken(name)}\n{_share(values, solved_below)}" for name, values in costs.items()]
    left = 0.35 + widest(figure, names)
    ax = panel(figure, left, BOTTOM, full_width() - left - 0.3, n * ROW)
    bases = [(n - 1 - i) * ROW for i in range(n)]
    for base, values in zip(bases, costs.values()):
        _bars(ax, base, values, edges, solved_below)
    ax.set(xlim=(edges[0], edges[-1]), ylim=(-0.04, n * ROW))
    if log:
        ax.set_xscale("log")
        log_ticks(ax.xaxis)
    for value in references.values():
        ax.axvline(value, color=INK, lw=1.2, ls=(0, (2, 2)), zorder=2)
    ax.axvline(solved_below, color=SERIES[1], lw=1.2, ls=(0, (6, 2)), zorder=2)
    _mark_names(ax, [*references.items(), ("境目", solved_below)], BOTTOM + n * ROW)
    ax.set_yticks([base + 0.25 for base in bases], names, linespacing=1.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(x)
    return figure


def _checked(
    costs: Mapping[str, Array], solved_below: float, references: Mapping[str, float] | None, log: bool
) -> tuple[float, dict[str, float]]:
    named("costs", costs)
    for name, values in costs.items():
        drawable(f"costs[{name!r}]", checks.array(f"costs[{name!r}]", values, ("n",)))
        if log and (values <= 0).any():
            raise ValueError(f"対数目盛りには正の値が要りますが、costs[{name!r}] に0以下が含まれています。")
    return drawable("solved_below", checks.positive("solved_below", solved_below)), levels(references)


def _edges(costs: Mapping[str, Array], marks: Sequence[float], log: bool) -> Array:
    """棒の区切り。どの損失も、どの目安も入る。"""
    everything = np.concatenate([*costs.values(), np.array(marks)])
    if log:
        return np.geomspace(everything.min() * 0.8, everything.max() * 1.25, 61)
    return np.linspace(min(0.0, everything.min()), everything.max() * 1.05, 61)


def _bars(ax: Axes, base: float, values: Array, edges: Array, solved_below: float) -> None:
    """一つの条件の棒。解けたものを緑で、ほかを灰色で描く。"""
    counts, _ = np.histogram(values, edges)
    solved = edges[1:] <= solved_below
    heights = np.where(counts > 0, np.maximum(0.6 * counts / counts.max(), SEEN), 0.0)
    for part, colour in ((solved, SERIES[1]), (~solved, GREY)):
        ax.bar(
            edges[:-1][part], heights[part], np.diff(edges)[part], bottom=base, align="edge",
            color=colour, lw=0, zorder=3,
        )  # fmt: skip
    ax.axhline(base, color=PALE, lw=1, zorder=1)


def _mark_names(ax: Axes, marks: Sequence[tuple[str, float]], top: float) -> None:
    """縦線の名前を線の上に書く。近い線どうしでは、名前が重ならないよう左右によける。"""
    figure = ax.get_figure(root=True)
    gap = widest(figure, (name for name, _ in marks)) + 0.12
    centres = [ax.transData.transform((value, 0.0))[0] / DPI for _, value in marks]
    places = spread(centres, gap, 0.2 + gap / 2, full_width() - gap / 2)
    moved = any(abs(x - centre) > 0.05 for x, centre in zip(places, centres))
    for (name, _), x, centre in zip(marks, places, centres):
        text_at(ax, x, top + (0.32 if moved else 0.16), name, fontsize=SMALL)
        if moved:  # よけた名前と線を結ぶ
            ax.plot(
                [centre, x], [top + 0.03, top + 0.2], transform=figure.dpi_scale_trans, color=GREY, lw=1.0,
                clip_on=False,
            )  # fmt: skip


def _share(values: Array, solved_below: float) -> str:
    hits = int((values < solved_below).sum())
    return f"解けた {hits} / {len(values)}（{100 * hits / len(values):.0f} %）"

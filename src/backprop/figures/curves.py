"""曲線、分布、表の図。凡例を探さずに読めるよう、名前は線の端に書く。"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import Colormap
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from backprop import checks
from backprop.checks import Array
from backprop.figures import style
from backprop.figures.style import (
    CLASS_COLOURS,
    CLASS_MARKERS,
    DASHES,
    DIVERGING,
    DPI,
    GREY,
    INK,
    PALE,
    PAPER,
    SEQUENTIAL,
    SERIES,
    SMALL,
    WIDTH,
    Figure,
    drawing,
    ink_on,
    number,
    panel,
    text_at,
)  # fmt: skip

MARKERS = ("o", "s", "^", "D", "v", "P")

SEEN = 0.03
"""1個しかない区間の棒の高さ。これより低いと、軸の線に埋もれて見えない。"""


def _table(name: str, value: object) -> None:
    if not isinstance(value, Mapping) or not value:
        raise TypeError(
            f"{name} は、名前から中身への空でない辞書でなければなりませんが、{value!r} が与えられました。"
        )


def _levels(references: Mapping[str, float] | None) -> dict[str, float]:
    levels = checks.mapping("references", references or {})
    return {name: checks.real(f"references[{name!r}]", value) for name, value in levels.items()}


def _axis_labels(ax: Axes, x: str, y: str) -> None:
    """縦軸の名前は、首をかしげずに読めるよう、軸の上に横書きする。"""
    ax.set_xlabel(x)
    ax.set_title(y, loc="left", fontsize=style.TEXT, pad=9)


def _log_ticks(axis: Axis) -> None:
    """対数目盛り。範囲が狭く10の累乗だけでは読めないときは、2と5の倍も添える。"""
    low, high = axis.get_view_interval()
    if high / low < 300 and low > 1e-4:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [m * 10.0**p for p in powers for m in (1, 2, 5)]
        axis.set_ticks([t for t in ticks if low <= t <= high])
        axis.set_major_formatter(FuncFormatter(style.tick))
    else:
        axis.set_major_locator(LogLocator(numticks=7))
    axis.set_minor_locator(NullLocator())


def _end_labels(ax: Axes, ends: Sequence[tuple[float, float, str, str]], right: float) -> None:
    """線の端の右に名前を並べる。重なるときは縦にずらし、細い線で端と結ぶ。"""
    figure = ax.get_figure(root=True)
    points = [ax.transData.transform((x, y)) / DPI for x, y, _, _ in ends]
    bottom, top = (ax.transAxes.transform((0, h))[1] / DPI for h in (0, 1))
    heights = style.spread([p[1] for p in points], 0.24, bottom, max(top, bottom + 0.24 * len(ends)))
    for (_, _, text, colour), point, y in zip(ends, points, heights):
        text_at(ax, right + 0.3, y, text, ha="left", fontsize=SMALL)
        ax.plot(
            [point[0] + 0.04, right + 0.24], [point[1], y], transform=figure.dpi_scale_trans,
            color=colour, lw=1.0, clip_on=False, solid_capstyle="butt",
        )  # fmt: skip


@drawing
def line_plot(
    curves: Mapping[str, tuple[Array, Array]],
    *,
    x: str,
    y: str,
    log_x: bool = False,
    log_y: bool = False,
    references: Mapping[str, float] | None = None,
    markers: bool = False,
    from_zero: bool = False,
) -> Figure:
    """名前のついた曲線。色と線種の組で区別し、名前は線の右端に書く。

    Parameters
    ----------
    curves : dict
        名前から ``(横の値, 縦の値)`` への対応。どちらも同じ長さの1次元の配列。
    x, y : str
        軸の名前。
    log_x, log_y : bool
        軸を対数目盛りにするか。
    references : dict, optional
        名前から縦の値への対応。横一線の目安として描く。
    markers : bool
        点の印をつけるか。
    from_zero : bool
        縦軸に0を入れるか。わずかな違いを、大きな違いに見せないため。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        曲線がない、長さがそろわない、有限でない、対数目盛りに0以下の値を渡した。

    Examples
    --------
    >>> import numpy as np
    >>> h = np.array([1e-4, 1e-3, 1e-2])
    >>> figure = line_plot({"前進差分": (h, h), "中心差分": (h, h**2)}, x="$h$", y="誤差", log_x=True, log_y=True)
    >>> [line.get_linestyle() for line in figure.axes[0].lines[:2]]
    ['-', '--']
    """
    _table("curves", curves)
    if len(curves) > len(SERIES):
        raise ValueError(f"曲線は {len(SERIES)} 本までですが、{len(curves)} 本が与えられました。")
    curves = {name: (_floats(horizontal), vertical) for name, (horizontal, vertical) in curves.items()}
    for name, (horizontal, vertical) in curves.items():
        checks.array(f"curves[{name!r}] の横の値", horizontal, ("n",))
        checks.array(f"curves[{name!r}] の縦の値", vertical, (len(horizontal),))
        for values, log, what in ((horizontal, log_x, "横"), (vertical, log_y, "縦")):
            if log and (values <= 0).any():
                raise ValueError(
                    f"対数目盛りには正の値が要りますが、curves[{name!r}] の{what}の値に0以下が含まれています。"
                )
    references = _levels(references)

    figure = Figure(3.9)
    named = len(curves) > 1 or next(iter(curves)) != ""
    names = [*(curves if named else ()), *references]
    widest = max((style.text_size(figure, name, SMALL)[0] for name in names), default=0.0)
    left, right = 0.85, WIDTH - (widest + 0.45 if names else 0.4)
    ax = panel(figure, left, 0.72, right - left, 2.75)
    ends = []
    for i, (name, (horizontal, vertical)) in enumerate(curves.items()):
        ax.plot(
            horizontal, vertical, color=SERIES[i], ls=DASHES[i], zorder=3,
            marker=MARKERS[i] if markers else None, ms=7, mec=PAPER, mew=0.8,
        )  # fmt: skip
        ends.append((horizontal[-1], vertical[-1], name, SERIES[i]))
    style.plain_ticks(ax)
    if log_x:
        ax.set_xscale("log")
        _log_ticks(ax.xaxis)
    if log_y:
        ax.set_yscale("log")
        _log_ticks(ax.yaxis)
    if not log_x:
        ax.set_xlim(*_padded([x for x, _ in curves.values()], 0.03 if markers else 0.0))  # 印を端で切らない
        whole = all((horizontal % 1 == 0).all() for horizontal, _ in curves.values())
        ax.xaxis.get_major_locator().set_params(integer=whole)
    if not log_y:
        heights = [*(y for _, y in curves.values()), np.array([*references.values()])]
        ax.set_ylim(*_padded([*heights, np.zeros(1)] if from_zero else heights, 0.06))
    for name, value in references.items():
        ax.axhline(value, color=GREY, lw=1.2, ls=(0, (2, 2)), zorder=1)
        ends.append((ax.get_xlim()[1], value, name, GREY))
    _axis_labels(ax, x, y)
    _make_room(ax)
    if names:
        _end_labels(ax, ends if named else ends[len(curves) :], right)
    return figure


def _floats(values: Array) -> Array:
    """エポックのような整数の横軸も受け入れる。"""
    return values.astype(float) if isinstance(values, np.ndarray) and values.dtype.kind in "iu" else values


def _make_room(ax: Axes) -> None:
    """縦の目盛りの数が長ければ、左の余白を広げる。"""
    figure = ax.get_figure(root=True)
    ticks = ax.yaxis.get_major_formatter().format_ticks(ax.get_yticks())
    needed = max(style.text_size(figure, text, SMALL)[0] for text in ticks) + 0.28
    box = ax.get_position()
    left = max(box.x0, needed / WIDTH)
    ax.set_position((left, box.y0, box.x1 - left, box.height))


def _padded(arrays: Sequence[Array], share: float) -> tuple[float, float]:
    values = np.concatenate([a for a in arrays if a.size])
    low, high = float(values.min()), float(values.max())
    pad = share * (high - low) if high > low else 0.5
    return low - pad, high + pad


def loss_curve(
    histories: Mapping[str, tuple[Array, Array]],
    *,
    log: bool = False,
    references: Mapping[str, float] | None = None,
    x: str = "エポック",
    y: str = "損失 $J$",
) -> Figure:
    """学習のあいだの損失。ふつうの目盛りなら、縦軸に必ず0を入れる。

    Parameters
    ----------
    histories : dict
        名前から ``(エポック, 損失)`` への対応。1本だけなら名前は空文字列でもよい。
    log : bool
        縦軸を対数目盛りにするか。
    references : dict, optional
        目安の線。たとえば ``{r"$\\ln 2$": np.log(2)}``。
    x, y : str
        軸の名前。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        `line_plot` と同じ。

    Examples
    --------
    >>> import numpy as np
    >>> epochs = np.arange(5.0)
    >>> figure = loss_curve({"全バッチ": (epochs, 1 / (1 + epochs))}, references={"ln 2": np.log(2)})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['全バッチ', 'ln 2']
    """
    return line_plot(histories, x=x, y=y, log_y=log, references=references, from_zero=not log)


@drawing
def activation_plot(
    functions: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]], *, limit: float = 5.0
) -> Figure:
    """活性化関数とその微分を、左右に並べて描く。

    Parameters
    ----------
    functions : dict
        名前から ``(関数, 微分)`` への対応。
    limit : float
        ``-limit`` から ``limit`` までを描く。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        関数がない、多すぎる、関数が有限でない値を返した。

    Notes
    -----
    「活性化関数」の章（13_activations）による。

    Examples
    --------
    >>> import numpy as np
    >>> figure = activation_plot({"tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2)})
    >>> [ax.get_title() for ax in figure.axes]
    ['関数 $f(z)$', "微分 $f'(z)$"]
    """
    _table("functions", functions)
    if len(functions) > len(SERIES):
        raise ValueError(f"関数は {len(SERIES)} 個までですが、{len(functions)} 個が与えられました。")
    limit = checks.positive("limit", limit)
    z = np.linspace(-limit, limit, 802)  # 0 を踏まないので、ReLU の微分が途中の値をとらない
    rows = -(-len(functions) // 4)
    bottom = 0.85 + 0.3 * rows
    figure = Figure(2.65 + bottom + 0.45)
    lines = []
    for column, title in enumerate(("関数 $f(z)$", "微分 $f'(z)$")):
        ax = panel(figure, 0.6 + 3.3 * column, bottom, 2.85, 2.65)
        ax.axhline(0, color=PALE, lw=1, zorder=0)
        ax.axvline(0, color=PALE, lw=1, zorder=0)
        lines = []
        for i, (name, pair) in enumerate(functions.items()):
            values = checks.array(f"functions[{name!r}] の値", pair[column](z), z.shape)
            broken = np.where(
                np.abs(np.diff(values, prepend=values[0])) > 0.5, np.nan, values
            )  # 飛びを縦線で結ばない
            lines += ax.plot(z, broken, color=SERIES[i], ls=DASHES[i])
        ax.set_xlabel("$z$")
        ax.set_title(title)
        style.plain_ticks(ax, 5, 5)
        ax.set_xlim(-limit, limit)
    figure.legend(
        lines, functions, loc="lower center", ncols=-(-len(functions) // rows), bbox_to_anchor=(0.5, 0.0),
        handlelength=2.6, columnspacing=1.6,
    )  # fmt: skip
    return figure


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
    「XOR のプラトー」の章（43_xor_plateau）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> figure = final_costs({"σ = 1": np.array([0.01, 0.02, 0.7, 0.01])}, solved_below=0.1)
    >>> figure.axes[0].get_yticklabels()[0].get_text().splitlines()
    ['σ = 1', '解けた 3 / 4（75 %）']
    """
    _table("costs", costs)
    for name, values in costs.items():
        checks.array(f"costs[{name!r}]", values, ("n",))
        if log and (values <= 0).any():
            raise ValueError(f"対数目盛りには正の値が要りますが、costs[{name!r}] に0以下が含まれています。")
    solved_below = checks.positive("solved_below", solved_below)
    references = _levels(references)

    everything = np.concatenate([*costs.values(), np.array([*references.values(), solved_below])])
    if log:
        edges = np.geomspace(everything.min() * 0.8, everything.max() * 1.25, 61)
    else:
        edges = np.linspace(min(0.0, everything.min()), everything.max() * 1.05, 61)
    edges = np.union1d(edges, solved_below)  # 境目をまたぐ棒をつくらない
    row, n = 0.95, len(costs)
    figure = Figure(n * row + 1.3)
    names = [f"{name}\n{_share(values, solved_below)}" for name, values in costs.items()]
    left = 0.35 + max(style.text_size(figure, name, SMALL)[0] for name in names)
    ax = panel(figure, left, 0.72, WIDTH - left - 0.3, n * row)
    for i, values in enumerate(costs.values()):
        base = (n - 1 - i) * row
        counts, _ = np.histogram(values, edges)
        solved = edges[1:] <= solved_below
        heights = np.where(counts > 0, np.maximum(0.6 * counts / counts.max(), SEEN), 0.0)
        for part, colour in ((solved, SERIES[1]), (~solved, GREY)):
            ax.bar(
                edges[:-1][part], heights[part], np.diff(edges)[part], bottom=base, align="edge",
                color=colour, lw=0, zorder=3,
            )  # fmt: skip
        ax.axhline(base, color=PALE, lw=1, zorder=1)
    ax.set(xlim=(edges[0], edges[-1]), ylim=(-0.04, n * row))
    if log:
        ax.set_xscale("log")
        _log_ticks(ax.xaxis)
    marks = [(name, value, INK, (0, (2, 2))) for name, value in references.items()]
    marks.append(("境目", solved_below, SERIES[1], (0, (6, 2))))
    for _, value, colour, dashes in marks:
        ax.axvline(value, color=colour, lw=1.2, ls=dashes, zorder=2)
    _mark_names(ax, [(name, value) for name, value, _, _ in marks], 0.72 + n * row)
    ax.set_yticks([(n - 1 - i) * row + 0.25 for i in range(n)], names, linespacing=1.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(x)
    return figure


def _mark_names(ax: Axes, marks: Sequence[tuple[str, float]], top: float) -> None:
    """縦線の名前を線の上に書く。近い線どうしでは、名前が重ならないよう左右によける。"""
    figure = ax.get_figure(root=True)
    gap = max(style.text_size(figure, name, SMALL)[0] for name, _ in marks) + 0.12
    centres = [ax.transData.transform((value, 0.0))[0] / DPI for _, value in marks]
    places = style.spread(centres, gap, 0.2 + gap / 2, WIDTH - gap / 2)
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


def _cells(
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
    ax.imshow(norm, cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for (i, j), share in np.ndenumerate(norm):
        ax.text(
            j,
            i,
            show(float(values[i, j])),
            ha="center",
            va="center",
            fontsize=SMALL,
            color=ink_on(colours(share)),
        )
    ax.set_xticks(range(len(column_labels)), column_labels)
    ax.set_yticks(range(len(row_labels)), row_labels)
    ax.set_xticks(np.arange(1, values.shape[1]) - 0.5, minor=True)
    ax.set_yticks(np.arange(1, values.shape[0]) - 0.5, minor=True)
    ax.grid(which="minor", color=PAPER, lw=2)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)


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
    r, c = values.shape
    top, bottom = 0.3 + (0.32 if title else 0.0), 0.42 + (0.32 if columns else 0.0)
    figure = Figure(top + bottom + 0.48 * r)
    widest = max(style.text_size(figure, text, SMALL)[0] for text in [*row_labels, rows])
    left = 0.4 + widest
    width = min(WIDTH - left - 0.3, 1.05 * c)
    shift = (WIDTH - left - width - 0.3) / 2
    ax = panel(figure, left + shift, bottom, width, 0.48 * r)
    _cells(ax, values, row_labels, column_labels, _percentage if percent else number, SEQUENTIAL, low, high)
    ax.set_xlabel(columns)
    if rows:
        text_at(ax, left + shift - 0.12, bottom + 0.48 * r + 0.16, rows, ha="right", fontsize=SMALL)
    if title:
        text_at(ax, left + shift + width / 2, bottom + 0.48 * r + 0.3, title, fontsize=style.TEXT)
    return figure


def _percentage(value: float) -> str:
    return f"{100 * value:.0f} %"


@drawing
def hidden_representation(
    A1: Array, labels: Sequence[str], Y: Array, *, low: float = 0.0, high: float = 1.0
) -> Figure:
    """隠れ層の表現。入力ごと・ニューロンごとの活性の表と、ニューロンが2個なら隠れ層の平面に移った点。

    Parameters
    ----------
    A1 : ndarray, shape (N_1, m)
        隠れ層の活性。
    labels : sequence of str
        入力の名前。m 個。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。
    low, high : float
        色の両端の値。tanh なら -1 と 1。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、クラスが 0 と 1 でない。

    Notes
    -----
    「XOR」の章（42_xor）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> A1 = np.array([[0.1, 0.9, 0.9, 0.1], [0.9, 0.9, 0.1, 0.1]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = hidden_representation(A1, ["(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)"], Y)
    >>> len(figure.axes)
    2
    """
    checks.array("A1", A1, ("N_1", "m"))
    checks.array("Y", Y, (1, A1.shape[1]))
    low, high = checks.ends("low と high", (low, high))
    if len(labels) != A1.shape[1]:
        raise ValueError(f"labels は {A1.shape[1]} 個要りますが、{len(labels)} 個が与えられました。")
    _classes(Y)
    neurons, m = A1.shape
    plane = neurons == 2
    body = max(0.48 * m, 2.6 if plane else 0.0)
    figure = Figure(body + (1.05 if plane else 0.8))
    bottom = 0.7 if plane else 0.25
    width = min(1.0 * neurons, 3.9)
    left = 1.6 if plane else (WIDTH - width + 1.1) / 2
    table_bottom = bottom + (body - 0.48 * m) / 2
    ax = panel(figure, left, table_bottom, width, 0.48 * m)
    names = [rf"$a^1_{{{j}}}$" for j in range(1, neurons + 1)]
    _cells(ax, A1.T, labels, names, lambda v: f"${v:.2f}$", DIVERGING, low, high)
    ax.xaxis.tick_top()
    ax.tick_params(axis="y", pad=24)
    for i in range(m):
        label = int(Y[0, i])
        ax.plot(
            -0.12 / width * neurons - 0.5, i, CLASS_MARKERS[label], color=CLASS_COLOURS[label], mec=INK, ms=9,
            clip_on=False,
        )  # fmt: skip
    if plane:
        space = panel(figure, 4.2, bottom, 2.5, 2.5)
        margin = 0.12 * (high - low)
        space.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin), xlabel="$a^1_1$")
        space.set_title("$a^1_2$", loc="left")
        style.plain_ticks(space, 4, 4)
        requests = []
        for i, text in enumerate(labels):
            label = int(Y[0, i])
            point = (float(A1[0, i]), float(A1[1, i]))
            space.plot(*point, CLASS_MARKERS[label], color=CLASS_COLOURS[label], mec=INK, ms=11, zorder=4)
            x, y = space.transData.transform(point) / DPI
            ring = [
                (0, 0.22),
                (0, -0.22),
                (0.38, 0),
                (-0.38, 0),
                (0.3, 0.2),
                (-0.3, 0.2),
                (0, 0.42),
                (0, -0.42),
            ]
            requests.append(style.Label(text, [(x + dx, y + dy) for dx, dy in ring], INK, SMALL))
        boxes = [(x - 0.1, y - 0.1, x + 0.1, y + 0.1) for x, y in space.transData.transform(A1.T) / DPI]
        style.place(space, requests, wires=[], boxes=boxes)
    return figure


def _classes(Y: Array) -> None:
    if not np.isin(Y, (0.0, 1.0)).all():
        raise ValueError(
            f"Y の要素は 0 か 1 でなければなりませんが、{sorted(set(Y.ravel().tolist()))} が与えられました。"
        )

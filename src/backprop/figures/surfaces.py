"""平面の上の関数の図。ネットワークの出力（決定境界）と、損失の地形。"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from backprop import checks
from backprop.checks import Array
from backprop.figures import style
from backprop.figures.curves import MARKERS, _classes
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
    SYMBOL,
    TEXT,
    WIDTH,
    Figure,
    Label,
    drawing,
    panel,
    text_at,
)  # fmt: skip

Predict = Callable[[Array], Array]
Range = tuple[float, float]

RESOLUTION = 161


def _bounds(X: Array, margin: float = 0.3) -> tuple[Range, Range]:
    """点をすべて含み、縦横が同じ長さの範囲。"""
    middle = (X.min(axis=1) + X.max(axis=1)) / 2
    half = float((X.max(axis=1) - X.min(axis=1)).max()) * (0.5 + margin) or 1.0
    return (float(middle[0] - half), float(middle[0] + half)), (
        float(middle[1] - half),
        float(middle[1] + half),
    )


def _data(X: Array, Y: Array) -> None:
    checks.array("X", X, (2, "m"))
    checks.array("Y", Y, (1, X.shape[1]))
    _classes(Y)


def _output(predict: Predict, bounds: tuple[Range, Range]) -> tuple[Array, Array, Array]:
    x1, x2 = (np.linspace(*b, RESOLUTION) for b in bounds)
    grid = np.array(np.meshgrid(x1, x2)).reshape(2, -1)  # (2, RESOLUTION²)
    output = checks.function("predict", predict)(grid)
    y_hat = checks.array("predict の返り値", output, (1, grid.shape[1]))
    return x1, x2, y_hat.reshape(RESOLUTION, RESOLUTION)


def _decision(ax: Axes, predict: Predict, X: Array, Y: Array, size: float) -> AxesImage:
    bounds = _bounds(X)
    x1, x2, y_hat = _output(predict, bounds)
    image = ax.imshow(
        y_hat, origin="lower", extent=(*bounds[0], *bounds[1]), cmap=DIVERGING, vmin=0, vmax=1,
        interpolation="bilinear", aspect="auto",
    )  # fmt: skip
    if y_hat.min() < 0.5 < y_hat.max():
        ax.contour(x1, x2, y_hat, [0.5], colors=INK, linewidths=2.0)
    for label in (0, 1):
        ax.plot(
            *X[:, Y[0] == label], CLASS_MARKERS[label], color=CLASS_COLOURS[label], mec=INK, mew=1.3, ms=size,
            ls="none", clip_on=False, zorder=5,
        )  # fmt: skip
    ax.set(xlim=bounds[0], ylim=bounds[1])
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(PALE)
    return image


def _ticks(ax: Axes, X: Array, *, x: bool = True, y: bool = True) -> None:
    """点のある範囲の両端と中央だけに目盛りを打つ。半端な数になるなら、その間のきりのよい数に打つ。"""
    for axis, values, shown in ((ax.xaxis, X[0], x), (ax.yaxis, X[1], y)):
        low, high = float(values.min()), float(values.max())
        ticks = [low, (low + high) / 2, high] if high > low else [low]
        if high > low and any(abs(t - round(t, 2)) > 1e-9 for t in ticks):
            round_values = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
            ticks = [float(t) + 0.0 for t in round_values if low <= t <= high]  # -0.0 を書かない
        axis.set_ticks(ticks, [f"{t:.3g}" for t in ticks] if shown else [""] * len(ticks))


def _output_bar(figure: Figure, image: AxesImage, left: float, bottom: float, height: float) -> None:
    bar = figure.colorbar(image, cax=panel(figure, left, bottom, 0.16, height), ticks=[0, 0.25, 0.5, 0.75, 1])
    bar.ax.set_title(r"$\hat{y}$", fontsize=SYMBOL, pad=8)
    bar.ax.axhline(0.5, color=INK, lw=2)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)


def _class_key(ax: Axes, x: float, y: float) -> None:
    """点の形の説明。`x` は中央の位置（インチ）。"""
    figure = ax.get_figure(root=True)
    for label, shift in ((0, -0.95), (1, 0.15)):
        ax.plot(
            x + shift, y, CLASS_MARKERS[label], color=CLASS_COLOURS[label], mec=INK, ms=9, clip_on=False,
            transform=figure.dpi_scale_trans,
        )  # fmt: skip
        text_at(ax, x + shift + 0.15, y, f"$y={label}$", ha="left", fontsize=SMALL)


@drawing
def decision_surface(predict: Predict, X: Array, Y: Array, *, title: str = "") -> Figure:
    """入力の平面の上の、ネットワークの出力。太い線は出力が 0.5 になる境界。

    Parameters
    ----------
    predict : callable
        ``X`` (2, m) から出力 (1, m) を求める関数。
    X : ndarray, shape (2, m)
        データの点。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。
    title : str
        図の上に書く文。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、クラスが 0 と 1 でない、`predict` の返り値の形が違う。

    Notes
    -----
    「XOR」の章（42_xor）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = decision_surface(lambda X: X.sum(axis=0, keepdims=True) / 2, X, Y)
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_title(loc="left")
    ('$x_1$', '$x_2$')
    """
    _data(X, Y)
    side, bottom = 3.4, 1.05
    figure = Figure(side + bottom + (0.75 if title else 0.45))
    left = (WIDTH - side) / 2
    ax = panel(figure, left, bottom, side, side)
    image = _decision(ax, predict, X, Y, 12)
    _ticks(ax, X)
    ax.set_xlabel("$x_1$")
    ax.set_title("$x_2$", loc="left", x=-0.09, fontsize=TEXT)
    _output_bar(figure, image, left + side + 0.35, bottom, side - 0.1)
    _class_key(ax, WIDTH / 2 + 0.1, 0.3)
    if title:
        text_at(ax, WIDTH / 2, bottom + side + 0.42, title, fontsize=TEXT)
    return figure


@drawing
def decision_surfaces(predicts: Sequence[Predict], X: Array, Y: Array, titles: Sequence[str]) -> Figure:
    """学習の途中の出力を、同じ軸と同じ色で並べる。

    Parameters
    ----------
    predicts : sequence of callable
        ``X`` (2, m) から出力 (1, m) を求める関数の並び。
    X : ndarray, shape (2, m)
        データの点。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。
    titles : sequence of str
        それぞれの上に書く文。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        数や形が合わない、クラスが 0 と 1 でない。

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = decision_surfaces([lambda X: X[:1], lambda X: X[1:]], X, Y, ["0 エポック", "100 エポック"])
    >>> [ax.get_title() for ax in figure.axes[:2]]
    ['0 エポック', '100 エポック']
    """
    _data(X, Y)
    if not checks.sequence("predicts", predicts) or len(predicts) != len(titles):
        raise ValueError(
            f"predicts と titles は同じ数だけ要りますが、{len(predicts)} 個と {len(titles)} 個が与えられました。"
        )
    n = len(predicts)
    columns = n if n <= 3 else 2 if n == 4 else 3
    rows = -(-n // columns)
    side = {1: 2.6, 2: 2.3}.get(columns, 1.65)
    gap_x, gap_y, bottom = 0.2, 0.45, 1.05
    body = rows * side + (rows - 1) * gap_y
    figure = Figure(body + bottom + 0.5)
    left = (WIDTH - columns * side - (columns - 1) * gap_x) / 2 - 0.1
    for i, (predict, title) in enumerate(zip(predicts, titles)):
        row, column = divmod(i, columns)
        ax = panel(
            figure, left + column * (side + gap_x), bottom + (rows - 1 - row) * (side + gap_y), side, side
        )
        image = _decision(ax, predict, X, Y, 9)
        lowest = i + columns >= n
        _ticks(ax, X, x=lowest, y=column == 0)
        ax.set_title(title, fontsize=SMALL, pad=7)
        if lowest:
            ax.set_xlabel("$x_1$")
        if column == 0:
            ax.set_ylabel("$x_2$", rotation=0, labelpad=14, va="center")
    right = left + columns * side + (columns - 1) * gap_x
    height = min(body, 2.6)
    _output_bar(figure, image, right + 0.2, bottom + (body - height) / 2, height - 0.1)
    _class_key(figure.axes[0], WIDTH / 2 + 0.1, 0.28)
    return figure


@drawing
def hidden_boundaries(W1: Array, b1: Array, X: Array, Y: Array) -> Figure:
    """隠れ層のそれぞれのニューロンが、入力の平面を分ける直線 :math:`z^1_j = 0`。矢印は :math:`z^1_j > 0` の側。

    Parameters
    ----------
    W1 : ndarray, shape (N_1, 2)
        隠れ層の重み。
    b1 : ndarray, shape (N_1, 1)
        隠れ層のバイアス。
    X : ndarray, shape (2, m)
        データの点。
    Y : ndarray, shape (1, m)
        クラス（0 か 1）。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        形が合わない、ニューロンが多すぎる、クラスが 0 と 1 でない。

    Notes
    -----
    「XOR」の章（42_xor）で使う。直線が図の外を通るニューロンは、下に書く。

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> figure = hidden_boundaries(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[-0.5], [-1.5]]), X, Y)
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[:2]
    ['$y=0$', '$y=1$']
    """
    checks.array("W1", W1, ("N_1", 2))
    checks.array("b1", b1, (len(W1), 1))
    _data(X, Y)
    if len(W1) > len(SERIES):
        raise ValueError(f"ニューロンは {len(SERIES)} 個までですが、{len(W1)} 個が与えられました。")
    bounds = _bounds(X, 0.4)
    side, bottom = 3.5, 1.35
    figure, overlay = style.sheet(side + bottom + 0.45)  # 矢印はインチの座標に描く
    ax = panel(figure, (WIDTH - side) / 2, bottom, side, side)
    overlay.set_zorder(1)
    ax.set(xlim=bounds[0], ylim=bounds[1])
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(PALE)
    missing, requests, lines = [], [], []
    for j, (w, b) in enumerate(zip(W1, b1[:, 0])):
        ends = _clipped_line(w, float(b), bounds)
        if ends is None:
            missing.append(f"$z^1_{{{j + 1}}}$")
            continue
        a, c = (ax.transData.transform(p) / DPI for p in ends)
        lines.append(((float(a[0]), float(a[1])), (float(c[0]), float(c[1]))))
        ax.plot(*np.transpose(ends), color=SERIES[j], ls=DASHES[j], lw=2.4, zorder=3, solid_capstyle="butt")
        normal = w / np.hypot(*w) * 0.34
        for t in (0.12, 0.88):
            start = a + t * (c - a)
            tip = start + normal
            style.arrow(overlay, tuple(start), tuple(tip), colour=SERIES[j], width=1.8)
        spots = style.along(lines[-1], (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78))
        own = frozenset({len(lines) - 1})
        requests.append(Label(rf"$z^1_{{{j + 1}}}=0$", spots, INK, SMALL + 1, own))
    for label in (0, 1):
        ax.plot(
            *X[:, Y[0] == label], CLASS_MARKERS[label], color=CLASS_COLOURS[label], mec=INK, mew=1.3, ms=12,
            ls="none", zorder=5,
        )  # fmt: skip
    boxes = [(x - 0.12, y - 0.12, x + 0.12, y + 0.12) for x, y in ax.transData.transform(X.T) / DPI]
    style.place(overlay, requests, wires=lines, boxes=boxes)
    _ticks(ax, X)
    ax.set_xlabel("$x_1$")
    ax.set_title("$x_2$", loc="left", x=-0.09, fontsize=TEXT)
    _class_key(overlay, WIDTH / 2 + 0.1, 0.62)
    notes = ["矢印は $z^1_j>0$ の側"] if lines else []
    notes += ["、".join(missing) + " の線は図の外"] if missing else []
    text_at(overlay, WIDTH / 2, 0.28, "。".join(notes), fontsize=SMALL)
    return figure


def _clipped_line(w: Array, b: float, bounds: tuple[Range, Range]) -> tuple[Array, Array] | None:
    """直線 ``w·x + b = 0`` の、枠の中の両端。枠を通らなければ None。"""
    if not np.any(w):
        return None
    foot = -b * w / (w @ w)
    direction = np.array([-w[1], w[0]]) / np.hypot(*w)
    low, high = -np.inf, np.inf
    for axis in (0, 1):
        if direction[axis] == 0:
            if not bounds[axis][0] <= foot[axis] <= bounds[axis][1]:
                return None
            continue
        t = sorted((edge - foot[axis]) / direction[axis] for edge in bounds[axis])
        low, high = max(low, t[0]), min(high, t[1])
    return (foot + low * direction, foot + high * direction) if low < high else None


@drawing
def loss_surface(
    cost: Callable[[float, float], float],
    x_range: Range,
    y_range: Range,
    *,
    paths: Mapping[str, Array] | None = None,
    x: str = "$w_1$",
    y: str = "$w_2$",
    value: str = "$J$",
    log: bool = False,
    relief: bool = False,
    resolution: int = 81,
) -> Figure:
    """二つのパラメータの関数としての損失を等高線で描き、勾配降下の道を重ねる。

    Parameters
    ----------
    cost : callable
        二つの数から損失を求める関数。
    x_range, y_range : tuple of float
        描く範囲。
    paths : dict, optional
        名前から、通った点 (2, n) への対応。始点は丸、終点は印で示す。
    x, y, value : str
        軸と損失の名前。
    log : bool
        等高線の間隔を対数にとるか（谷底の形を見せたいとき）。
    relief : bool
        左に立体の図を添えるか。
    resolution : int
        格子の細かさ。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        範囲が逆、損失が有限でない、道の形が違う、対数にできない。

    Notes
    -----
    「勾配降下法」の章（14_gradient_descent）と「プラトーと局所最適解」の章（52_plateaus_and_minima）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> path = np.array([[2.0, 1.0, 0.5], [1.0, 0.2, 0.0]])
    >>> figure = loss_surface(lambda u, v: u**2 + 5 * v**2, (-3.0, 3.0), (-2.0, 2.0), paths={"η = 0.1": path})
    >>> "η = 0.1" in [text.get_text() for text in figure.legends[0].get_texts()]
    True
    """
    checks.ends("x_range", x_range), checks.ends("y_range", y_range), checks.function("cost", cost)
    resolution = checks.count("resolution", resolution)
    paths = dict(checks.mapping("paths", paths or {}))
    if len(paths) > len(SERIES):
        raise ValueError(f"道は {len(SERIES)} 本までですが、{len(paths)} 本が与えられました。")
    for name, path in paths.items():
        checks.array(f"paths[{name!r}]", path, (2, "n"))
    u, v = np.linspace(*x_range, resolution), np.linspace(*y_range, resolution)
    J = np.array([[float(cost(float(a), float(b))) for a in u] for b in v])  # (resolution, resolution)
    checks.array("cost の値", J)
    if log and J.min() <= 0:
        raise ValueError(f"対数の等高線には正の損失が要りますが、最小は {J.min():.3g} です。")

    legend_rows = -(-len(paths) // 3)
    bottom = 0.75 + 0.32 * legend_rows
    width, height = (2.9, 2.9) if relief else (4.4, 3.3)
    figure = Figure(bottom + height + 0.5)
    left = WIDTH - width - 0.95 if relief else (WIDTH - width) / 2 - 0.1
    ax = panel(figure, left, bottom, width, height)
    levels = np.geomspace(J.min(), J.max(), 15) if log else np.linspace(J.min(), J.max(), 15)
    if J.max() > J.min():
        shade = np.log(J) if log else J
        ax.imshow(
            shade,
            origin="lower",
            extent=(*x_range, *y_range),
            cmap=SEQUENTIAL,
            aspect="auto",
            interpolation="bilinear",
        )
        ax.contour(u, v, J, levels[1:-1], colors=GREY, linewidths=0.8, linestyles="solid")
    _height_bar(figure, J, log, left + width + 0.2, bottom, height - 0.1, value)
    ax.set(xlim=x_range, ylim=y_range, xlabel=x)
    handles = [_path(ax, path, i) for i, path in enumerate(paths.values())]
    ax.set_title(y, loc="left", x=-0.12, fontsize=TEXT, pad=12)
    style.plain_ticks(ax)
    if relief:
        _relief(figure, u, v, np.log(J) if log else J, bottom, height, x, y)
    if paths:
        figure.legend(
            handles,
            paths,
            loc="lower center",
            ncols=min(3, len(paths)),
            bbox_to_anchor=(0.5, 0.0),
            handlelength=2.8,
        )
    return figure


def _path(ax: Axes, path: Array, i: int) -> object:
    """白い縁をつけた道。途中に進む向きの矢じり、始点に白丸、終点に塗った印。混みあう点の印は省く。"""
    ax.plot(*path, color=PAPER, lw=4.6, zorder=3, solid_joinstyle="round")
    (line,) = ax.plot(
        *path, color=SERIES[i], ls=DASHES[i], lw=2.2, zorder=4, marker=MARKERS[i], ms=5, mec=PAPER, mew=0.6,
        markevery=style.apart(ax, path),
    )  # fmt: skip
    ax.plot(*path[:, :1], "o", color=PAPER, mec=SERIES[i], mew=2, ms=9, zorder=6)
    ax.plot(*path[:, -1:], MARKERS[i], color=SERIES[i], mec=PAPER, mew=1, ms=10, zorder=6)
    for a, b in zip(path.T[:3], path.T[1:4]):
        if not np.array_equal(a, b):
            ax.annotate(
                "", a + 0.62 * (b - a), a + 0.5 * (b - a), zorder=5,
                arrowprops={"arrowstyle": "-|>", "color": SERIES[i], "lw": 0, "mutation_scale": 15},
            )  # fmt: skip
    return line


def _height_bar(
    figure: Figure, J: Array, log: bool, left: float, bottom: float, height: float, value: str
) -> None:
    norm = (LogNorm if log and J.max() > J.min() else Normalize)(J.min(), J.max())
    bar = figure.colorbar(ScalarMappable(norm, SEQUENTIAL), cax=panel(figure, left, bottom, 0.16, height))
    bar.ax.set_title(value, fontsize=TEXT, pad=8)
    bar.outline.set_visible(False)


def _relief(
    figure: Figure, u: Array, v: Array, J: Array, bottom: float, height: float, x: str, y: str
) -> None:
    ax = panel(figure, 0.05, bottom - 0.25, 2.75, height + 0.3, projection="3d")
    ax.plot_surface(
        *np.meshgrid(u, v), J, cmap=SEQUENTIAL, rcount=41, ccount=41, linewidth=0.2, edgecolor=GREY
    )
    ax.set(xlabel=x, ylabel=y, zticklabels=[])
    ax.patch.set_visible(False)  # 右隣の目盛りを隠さない
    ax.tick_params(labelsize=10, pad=-2)
    style.plain_ticks(ax, 4, 4)

"""深さと重みの大きさのつまみ: 層ごとの誤差項の長さ。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop import checks
from backprop.activations import ACTIVATIONS
from backprop.checks import Array, explained
from backprop.interactive import sliders
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table
from backprop.network import Network

NAMES = {"sigmoid": "シグモイド", "tanh": "tanh", "relu": "ReLU", "identity": "恒等関数"}
DEPTHS = (5, 10, 20, 50)
SCALES = (0.05, 0.08, 0.1, 0.125, 0.177, 0.25, 0.35, 0.5, 1.0)
FLOOR, CEILING = -20, 20
"""縦軸の両端（10の何乗か）。"""
SHRINKS, GROWS = 0.9, 1.1
"""一段の倍率がこれより小さければ「縮む」、大きければ「伸びる」と言う。"""


@explained
def vanishing(
    activations: Sequence[str] = tuple(NAMES),
    depths: Sequence[int] = DEPTHS,
    scales: Sequence[float] = SCALES,
    *,
    width: int = 64,
    nets: int = 3,
) -> Widget:
    """層ごとの誤差項の長さを、深さ、重みの大きさ、活性化関数を変えながら見る図。

    出力の一つ手前の層の長さを1とする。`nets` 個のネットワークの、長さの2乗の平均の平方根である。
    様子は、両端の比ではなく、1層戻る一段ごとの倍率で言う。0.9 より小さければ縮む、1.1 より大きければ伸びる、
    あいだなら保つ。

    Parameters
    ----------
    activations : sequence of str
        隠れ層の活性化関数の名前。
    depths : sequence of int
        重みのある層の数。3以上の、小さい順。
    scales : sequence of float
        重みの標準偏差。小さい順。
    width : int
        隠れ層と入力層の幅。
    nets : int
        平均するネットワークの数。種は0から順に使う。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        活性化関数の名前がない、つまみの位置が小さい順に並んでいない、深さが3より小さい、誤差項がすべて0になる。

    Notes
    -----
    「勾配消失」の章（51_vanishing_gradient）で使う。

    Examples
    --------
    >>> vanishing(["relu", "tanh"], [3, 5], [0.1, 0.5], width=4, nets=1)
    深さと重みの大きさを変える図: 層ごとの誤差項の長さ。幅 4、深さ 3〜5、標準偏差 0.1〜0.5、2 種類の活性化関数。
    """
    depths, scales = _checked(activations, depths, scales)
    width, nets = checks.count("width", width), checks.count("nets", nets)
    ratios = {
        (name, depth): _ratios(name, depth, scales, width, nets) for name in activations for depth in depths
    }
    data = {
        "label": "深さと重みの大きさ",
        "controls": [
            sliders.control("活性化関数", [NAMES.get(name, name) for name in activations], 0, choice=True),
            sliders.control("層の数 L", [str(depth) for depth in depths], min(1, len(depths) - 1)),
            sliders.control("重みの標準偏差 σ", [number(s) for s in scales], _nearest(scales, 0.1)),
        ],
        "readouts": [
            "層1の長さ（倍）", "1層戻るごとに（倍）", "縮む・保つ・伸びる段の数", "1倍から最も離れた段（倍）",
        ],
        "plots": [
            {
                "title": "層ごとの誤差項の長さ",
                "x": sliders.axis("層", 0, max(depths), [1, *range(10, max(depths), 10)]),
                "y": sliders.powers("長さ（出力の一つ手前の層が1、対数）", FLOOR, CEILING, 5),
                "fixed": [sliders.rule("", y=0)],
            },
            {
                "title": "1層戻るごとの倍率",
                "x": sliders.axis("戻った先の層", 0, max(depths), [1, *range(10, max(depths), 10)]),
                "y": sliders.axis("倍率（対数）", -1.5, 1.5, [-1, 0, 1], ["0.1", "1", "10"]),
                "fixed": [sliders.rule("", y=0)],
            },
        ],
        "frames": [
            _frame(ratios[name, depth][i])
            for name in activations
            for depth in depths
            for i in range(len(scales))
        ],
    }
    spans = f"深さ {depths[0]}〜{depths[-1]}、標準偏差 {number(scales[0])}〜{number(scales[-1])}"
    what = f"幅 {width}、{spans}、{len(activations)} 種類の活性化関数。"
    summary = f"深さと重みの大きさを変える図: 層ごとの誤差項の長さ。{what}"
    return Widget("sliders", summary, data, _table(ratios, activations, depths[-1], scales))


def _checked(
    activations: Sequence[str], depths: Sequence[int], scales: Sequence[float]
) -> tuple[list[int], list[float]]:
    """深さと、重みの標準偏差。活性化関数の名前も確かめる。"""
    for i, name in enumerate(checks.sequence("activations", activations)):
        checks.choice(f"activations[{i}]", name, ACTIVATIONS)
    if not activations:
        raise ValueError("activations には少なくとも一つの名前が要りますが、[] が与えられました。")
    whole = [checks.count(f"depths[{i}]", n) for i, n in enumerate(checks.sequence("depths", depths))]
    for i, depth in enumerate(whole):
        if depth < 3:
            raise ValueError(f"depths[{i}] は 3 以上でなければなりませんが、{depth} が与えられました。")
    sliders.increasing("depths", [float(depth) for depth in whole])
    return whole, sliders.increasing("scales", scales)


def _nearest(values: Sequence[float], wanted: float) -> int:
    return int(np.argmin(np.abs(np.array(values) - wanted)))


def _ratios(name: str, depth: int, scales: Sequence[float], width: int, nets: int) -> Array:
    """隠れ層の誤差項の長さの比、形 (標準偏差の数, depth − 1)。"""
    squares = np.zeros((len(scales), depth - 1))
    for seed in range(nets):
        rng = np.random.default_rng(seed)
        sizes, names = [width] * depth + [1], [name] * (depth - 1) + ["sigmoid"]
        unit = Network.random(sizes, names, "binary_cross_entropy", rng=rng)
        x = rng.standard_normal((width, 1))
        for i, scale in enumerate(scales):
            scaled = [scale * W for W in unit.weights]
            net = Network(scaled, unit.biases, names, "binary_cross_entropy")
            record = net.forward(x)
            # 出力が飽和していても誤差項が0にならないよう、答えと反対の目標を選ぶ
            deltas, _ = net.backward(record, (record.A[-1] <= 0.5).astype(float))
            with np.errstate(over="ignore"):
                squares[i] += [(delta**2).sum() for delta in deltas[:-1]]
    if not checks.finite_result("誤差項の長さ", squares)[:, -1].all():
        raise ValueError(
            f"{name}、{depth} 層で、出力の一つ手前の層の誤差項がすべて0になり、比べられません。"
            " width か nets を大きくしてください。"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(squares / squares[:, -1:])


def _frame(ratio: Array) -> sliders.Drawn:
    logs = np.log10(np.maximum(ratio, 10.0 ** (2 * FLOOR)))[::-1]
    logs = logs[: sliders.within(logs, FLOOR, CEILING)][::-1]
    text = number(ratio[0], 1) if np.isfinite(ratio[0]) else "0"
    steps = _steps(ratio)
    manners = _manners(steps)
    return {
        "d": [[sliders.run(len(ratio) - len(logs) + 1, logs, "norms", 1)], [_dots(steps)]],
        "r": [text, _span(steps), "・".join(map(str, manners)), _most(steps)],
        "say": "縮む {}、保つ {}、伸びる {}".format(*manners),
    }


def _steps(ratio: Array) -> Array:
    """1層戻るごとの倍率。``[i]`` は、層 i + 2 から層 i + 1 へ。誤差項が0になった先は、0とみなす。"""
    lengths = np.nan_to_num(ratio)
    return np.divide(lengths[:-1], lengths[1:], out=np.zeros(len(ratio) - 1), where=lengths[1:] > 0)


def _dots(steps: Array) -> sliders.Drawn:
    logs = np.clip(np.log10(np.maximum(steps, 1e-9)), -2, 2)  # 枠の外の点は、すぐ外に置く
    return sliders.run(1, logs, "pace", 2) | {"t": "dots"}


def _span(steps: Array) -> str:
    low, high = number(steps.min(), 2), number(steps.max(), 2)
    return low if low == high else f"{low}〜{high}"


def _manners(steps: Array) -> tuple[int, int, int]:
    """縮む段、保つ段、伸びる段の数。"""
    shrunk, grown = int((steps < SHRINKS).sum()), int((steps > GROWS).sum())
    return shrunk, len(steps) - shrunk - grown, grown


def _most(steps: Array) -> str:
    """1倍からいちばん離れた段。"""
    with np.errstate(divide="ignore"):
        at = int(np.abs(np.log(steps)).argmax())
    return f"{at + 2}→{at + 1}: {number(steps[at], 2)}"


def _table(
    ratios: dict[tuple[str, int], Array], activations: Sequence[str], depth: int, scales: Sequence[float]
) -> str:
    rows = [
        (number(scale), *(f"{_span(steps)}（{'・'.join(map(str, _manners(steps)))}）" for steps in paces))
        for i, scale in enumerate(scales)
        if (paces := [_steps(ratios[name, depth][i]) for name in activations])
    ]
    head = ["標準偏差 σ", *(NAMES.get(name, name) for name in activations)]
    what = f"{depth} 層のネットワークで、1層戻るごとに、誤差項の長さが何倍になるか。"
    return table(head, rows, f"{what}括弧の中は、縮む段、保つ段、伸びる段の数。")

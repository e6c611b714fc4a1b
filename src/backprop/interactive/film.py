"""エポックのつまみ: 学習の途中の出力と損失。"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.colourmaps import DIVERGING
from backprop.interactive import sliders
from backprop.interactive.numbers import number, rounded
from backprop.interactive.widget import Widget, table
from backprop.network import Network
from backprop.training import History

SIDE = 25
"""塗り分けを測る升目の、一辺の点の数。"""
LOW, HIGH = -0.3, 1.3
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
"""出力の範囲を64段階に分け、1文字で書く。"""
CURVE = 101
"""損失の曲線に使う点の数の限り。"""


@explained
def training(histories: Mapping[str, History], X: Array, Y: Array) -> Widget:
    """学習の途中の塗り分けと損失を、エポックを変えながら見る図。

    Parameters
    ----------
    histories : dict of str to History
        設定の名前から学習の記録。どれも同じエポックの写しを二つ以上持つ。
    X : ndarray, shape (2, m)
        入力。範囲は0以上1以下。
    Y : ndarray, shape (1, m)
        目標。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        記録の表が空である、写しのエポックがそろわない、配列の形が合わない、入力が範囲の外にある。

    Notes
    -----
    「XOR を学ぶ」の章（42_xor）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> from backprop.datasets import xor
    >>> from backprop.optimizers import GradientDescent
    >>> from backprop.training import train
    >>> net = Network.random([2, 3, 1], ["sigmoid"] * 2, "mse", rng=np.random.default_rng(0))
    >>> descent = GradientDescent(learning_rate=1.0)
    >>> history = train(net, *xor(), optimizer=descent, epochs=20, snapshots=(0, 20))
    >>> training({"学習率1": history}, *xor())
    学習の途中を見る図: 0〜20 エポックの 2 枚。学習率1 の損失は 0.293 から 0.251 へ。
    """
    epochs = _check(histories, X, Y)
    names = list(histories)
    last = epochs[-1]
    top = max(0.8, *(float(h.cost.max()) for h in histories.values()))
    data = {
        "label": "学習の途中",
        "controls": [
            sliders.control("設定", names, len(names) - 1, choice=True),
            sliders.control("エポック", [str(epoch) for epoch in epochs], 0, play=True),
        ],
        "readouts": [
            "損失 J",
            *(f"{_input(x)} での出力（目標 {number(y)}）" for x, y in zip(X.T, Y[0])),
            "正しい例",
        ],
        "colours": [_hexadecimal(level) for level in np.linspace(0, 1, 17)],
        "side": SIDE,
        "plots": [
            {
                "title": "出力 ŷ の塗り分け",
                "aspect": 1,
                "x": sliders.axis("x₁", LOW, HIGH, [0, 0.5, 1]),
                "y": sliders.axis("x₂", LOW, HIGH, [0, 0.5, 1]),
                "fixed": [sliders.dots(*X[:, Y[0] == y], f"class{y:g}") for y in (0.0, 1.0)],
            },
            {
                "title": "損失",
                "x": sliders.axis("エポック", -round(last / 40), round(last * 1.025), [0, last // 2, last]),
                "y": sliders.axis("J", 0, round(top, 2), [0, 0.2, 0.4, 0.6]),
                "fixed": [{"t": "by", "control": 0, "layers": [[_curve(h)] for h in histories.values()]}],
            },
        ],
        "frames": [_frame(h, epoch, X, Y) for h in histories.values() for epoch in epochs],
    }
    ends = [
        f"{name} の損失は {number(h.cost[0])} から {number(h.cost[-1])} へ。" for name, h in histories.items()
    ]
    summary = f"学習の途中を見る図: {epochs[0]}〜{last} エポックの {len(epochs)} 枚。{''.join(ends)}"
    return Widget("sliders", summary, data, _table(histories, epochs, X, Y))


def _check(histories: object, X: Array, Y: Array) -> list[int]:
    if not checks.mapping("histories", histories):
        raise ValueError("histories には少なくとも一つの記録が要りますが、空の辞書が与えられました。")
    snapshots = []
    for name, history in histories.items():  # type: ignore[attr-defined]
        kept = sorted(checks.instance(f"histories[{name!r}]", history, History).snapshots)
        if len(kept) < 2 or (snapshots and kept != snapshots):
            raise ValueError(
                "histories の記録は、どれも同じエポックの写しを二つ以上持たなければなりませんが、"
                f"histories[{name!r}] の写しは {kept} です。"
            )
        snapshots = kept
    checks.array("X", X, (2, "m"))
    checks.array("Y", Y, (1, X.shape[1]))
    if X.min() < 0 or X.max() > 1:
        raise ValueError(
            f"X の要素は 0 以上 1 以下でなければなりませんが、{X.min()} から {X.max()} まであります。"
        )
    return snapshots


def _hexadecimal(level: float) -> str:
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in DIVERGING(level)[:3])


def _input(x: Array) -> str:
    return f"({number(x[0])}, {number(x[1])})"


def _curve(history: History) -> sliders.Drawn:
    every = -(-len(history.epochs) // CURVE)
    return sliders.line(history.epochs[::every], history.cost[::every], "base", 3)


def _raster(network: Network) -> sliders.Drawn:
    """出力の64段階の地図。下の行から順に、左から右へ。段階は、出力の範囲を等分する。"""
    ticks = np.linspace(LOW, HIGH, SIDE)
    grid = np.array(np.meshgrid(ticks, ticks)).reshape(2, -1)  # (2, SIDE²)
    output = network.predict(grid)[0]
    low, high = np.floor(output.min() * 50) / 50, np.ceil(output.max() * 50) / 50
    levels = np.rint((output - low) / (high - low) * (len(ALPHABET) - 1)).astype(int)
    code = "".join(ALPHABET[level] for level in levels)
    return {"t": "raster", "code": code, "span": rounded([low, high], 2)}


def _cost(history: History, epoch: int, X: Array, Y: Array) -> float:
    return history.snapshots[epoch].cost(X, Y)


def _correct(output: Array, Y: Array) -> int:
    return int(((output > 0.5) == (Y > 0.5)).sum())


def _frame(history: History, epoch: int, X: Array, Y: Array) -> sliders.Drawn:
    network = history.snapshots[epoch]
    output, cost = network.predict(X), _cost(history, epoch, X, Y)
    count = f"{Y.shape[1]} 個のうち {_correct(output, Y)} 個"
    at = sliders.dots(rounded([epoch], 0), [cost], "end", 3)
    return {
        "d": [[_raster(network)], [at]],
        "r": [number(cost), *(number(value, 2) for value in output[0]), count],
        "say": f"損失 {number(cost)}、正しい例は{count}",
    }


def _table(histories: Mapping[str, History], epochs: list[int], X: Array, Y: Array) -> str:
    every = max(1, (len(epochs) - 1) // 5)
    rows = []
    for name, history in histories.items():
        for epoch in epochs[::every]:
            outputs = (number(value, 2) for value in history.snapshots[epoch].predict(X)[0])
            rows.append((f"{name}、{epoch} エポック", number(_cost(history, epoch, X, Y)), *outputs))
    head = ["設定とエポック", "損失 J", *(f"{_input(x)}（目標 {number(y)}）" for x, y in zip(X.T, Y[0]))]
    return table(head, rows, "学習の途中の、損失と四つの例での出力。")

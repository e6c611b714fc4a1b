"""ネットワークのつまみを一つ回す: 損失とその傾き、出力。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.inputs import text
from backprop.interactive import sliders
from backprop.interactive.curves import tangents
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table
from backprop.network import Network

LOW, HIGH, STEP = -2.0, 3.0, 0.25
"""つまみの両端と刻み。"""
MOST, WIDEST = 25, 50
"""選べるつまみの数と、例の数。"""
TICKS = 6
"""縦の軸の目盛りの、間の数の限り。"""
FLAT = 0.01
"""傾きの大きさがこれより小さければ、ほとんど変わらないとみなす。"""
REACH = 0.75
"""接線を、点の左右に引く長さ。"""
_UP, _DOWN = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"), str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class _Knob:
    """一つのつまみ: 名前、配列の中の場所、始めの値。"""

    network: Network
    array: str
    place: tuple[int, ...]

    @property
    def name(self) -> str:
        """記号。``w²₁₃`` のように、右上に層、右下に番号。"""
        indices = self.place if self.array[0] == "W" else self.place[:1]
        places = "".join(str(n + 1) for n in indices)
        return f"{self.array[0].lower()}{self.array[1:].translate(_UP)}{places.translate(_DOWN)}"

    @property
    def spoken(self) -> str:
        """読み上げられる名前。"""
        return f"{'重み' if self.array[0] == 'W' else 'バイアス'} {self.name}"

    @property
    def start(self) -> float:
        return float(self.network.parameters()[self.array][self.place])

    def turned(self, value: float) -> Network:
        """このつまみだけを `value` にしたネットワーク。"""
        changed = self.network.parameters()[self.array].copy()
        changed[self.place] = value
        return self.network.replace(**{self.array: changed})

    def cost(self, value: float, X: Array, Y: Array) -> float:
        return float(self.turned(value).cost(X, Y))

    def slope(self, value: float, X: Array, Y: Array) -> float:
        return float(self.turned(value).gradients(X, Y)[self.array][self.place])


@explained
def knobs(network: Network, X: Array, Y: Array, *, first: int = 1, figure: str = "") -> Widget:
    """つまみ（重みかバイアス）を一つ選んで回し、損失とその傾き、出力を見る図。ほかのつまみは止めてある。

    Parameters
    ----------
    network : Network
        入力も出力も1個で、つまみが25個までのネットワーク。選んだつまみは、−2 から 3 の目盛り（0.25 刻み）のうち、
        始めの値に最も近いところから回す。
    X : ndarray, shape (1, m)
        入力。等しい間隔で増える、2個から50個の例。
    Y : ndarray, shape (1, m)
        目標。
    first : int
        はじめに選んでおくつまみの番号。`Network.parameters` の順に、1から数える。
    figure : str
        画面で代わりをする紙の図の名前。空なら、代わりをしない。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        ネットワークが入力1個出力1個でない、つまみか例が多すぎる、配列の形や間隔が合わない。

    Notes
    -----
    「誤差逆伝播法とは何か」の章（01_what_is_backprop）の「つまみを一つ回す」の節で使う。傾きは `Network.gradients`
    が求める。

    Examples
    --------
    >>> line = Network([np.array([[0.5]])], [np.array([[0.0]])], ["identity"], "mse")
    >>> knobs(line, np.array([[-1.0, 0.0, 1.0]]), np.array([[-1.0, 0.0, 1.0]]))
    つまみを一つ回す図: 2 個のつまみ。はじめの損失は 0.167。
    """
    found = _knobs(network)
    _check(network, X, Y)
    chosen = checks.count("first", first)
    if chosen > len(found):
        raise ValueError(f"first は 1 から {len(found)} まででなければなりませんが、{chosen} が与えられました。")
    marks, start = _marks(), float(network.cost(X, Y))
    at = [int(np.abs(marks - knob.start).argmin()) for knob in found]
    spoken = {"says": [knob.spoken for knob in found], "homes": at}
    data = {
        "label": "つまみを一つ回す",
        "figure": text("figure", figure),
        "controls": [
            sliders.control("つまみ", [knob.name for knob in found], chosen - 1, choice=True) | spoken,
            sliders.control("選んだつまみの値", [number(v) for v in marks], at[chosen - 1]),
        ],
        "readouts": ["損失 J", "傾き（割合）", "損失を減らすには"],
        "plots": [_costs(found, X, Y, start), _outputs(X, Y)],
        "frames": [_frame(knob, v, X, Y) for knob in found for v in marks.tolist()],
    }
    what = f"{len(found)} 個のつまみ。はじめの損失は {number(start)}。"
    return Widget("sliders", f"つまみを一つ回す図: {what}", data, _table(found, X, Y))


def _marks() -> Array:
    return LOW + STEP * np.arange(round((HIGH - LOW) / STEP) + 1)


def _knobs(network: object) -> list[_Knob]:
    net = checks.instance("network", network, Network)
    if net.sizes[0] != 1 or net.sizes[-1] != 1:
        raise ValueError(
            f"network は、入力も出力も1個のネットワークでなければなりませんが、{net!r} が与えられました。"
        )
    arrays = net.parameters()
    found = [_Knob(net, name, at) for name in arrays for at in np.ndindex(arrays[name].shape)]
    if len(found) > MOST:
        raise ValueError(
            f"network のつまみは {MOST} 個まででなければなりませんが、{len(found)} 個（{net!r}）が与えられました。"
        )
    return found


def _check(network: Network, X: object, Y: object) -> None:
    count = checks.array("X", X, (1, "m")).shape[1]
    checks.array("Y", Y, (1, count))
    gaps = np.diff(X[0])
    if not 2 <= count <= WIDEST or gaps.min() <= 0 or np.ptp(gaps) > 1e-9 * gaps.max():
        raise ValueError(
            f"X は、等しい間隔で増える2個から {WIDEST} 個の数でなければなりませんが、{X} が与えられました。"
        )
    checks.finite_result("損失", network.cost(X, Y))


def _costs(found: list[_Knob], X: Array, Y: Array, start: float) -> sliders.Drawn:
    """どのつまみにも同じ目盛りの、損失の曲線。始めの損失の4倍までを見せる。"""
    fine = np.linspace(LOW, HIGH, 51)
    top = max(1, ceil(4 * start))
    curves = [
        [sliders.line(fine, [knob.cost(v, X, Y) for v in fine], "one"), _home(knob, start)] for knob in found
    ]
    return {
        "title": "損失と接線",
        "x": sliders.axis("選んだつまみの値", LOW, HIGH, range(int(LOW), int(HIGH) + 1)),
        "y": sliders.axis("損失 J", 0, top, _ticks(0, top)),
        "fixed": [
            {"t": "by", "control": 0, "layers": curves}, {"t": "none", "s": "open", "name": "始めの値"},
        ],
    }


def _ticks(low: int, high: int) -> range:
    return range(low, high + 1, -(-(high - low) // TICKS))


def _home(knob: _Knob, cost: float) -> sliders.Drawn:
    return sliders.dots([knob.start], [cost], "open")


def _outputs(X: Array, Y: Array) -> sliders.Drawn:
    """出力と目標。横の位置は例の番号、目盛りに書くのは入力。"""
    last, reach = X.shape[1] - 1, max(1, ceil(3 * np.abs(Y).max()))
    shown = sorted({0, last // 2, last})
    target = sliders.run(0, Y[0], "two")
    return {
        "title": "出力と目標",
        "x": sliders.axis("入力 x", -0.3, last + 0.3, shown, [number(X[0, n]) for n in shown]),
        "y": sliders.axis("出力", -reach, reach, _ticks(-reach, reach)),
        "fixed": [
            target | {"name": "目標 y"}, target | {"t": "dots"}, {"t": "none", "s": "norms", "name": "出力 ŷ"},
        ],
    }  # fmt: skip


def _frame(knob: _Knob, value: float, X: Array, Y: Array) -> sliders.Drawn:
    cost, slope = knob.cost(value, X, Y), knob.slope(value, X, Y)
    outputs = knob.turned(value).predict(X)[0]
    touching = tangents.tangent(value, cost, slope) | {"r": REACH}
    return {
        "d": [[touching], [sliders.run(0, outputs, "norms")]],
        "r": [number(cost), number(slope), _manner(slope)],
        "say": f"損失 {number(cost)}、傾き {number(slope)}",
    }


def _manner(slope: float) -> str:
    if abs(slope) < FLAT:
        return "ほとんど変わらない"
    return "増やす" if slope < 0 else "減らす"


def _table(found: list[_Knob], X: Array, Y: Array) -> str:
    head = ["つまみ", "始めの値", "傾き（割合）", "損失を減らすには", "最も小さい損失", "そのときの値"]
    caption = "つまみを一つだけ回したときの、始めの傾きと、−2 から 3 までの目盛りの中で最も小さい損失。"
    return table(head, _rows(found, X, Y), caption)


def _rows(found: list[_Knob], X: Array, Y: Array) -> Iterator[tuple[str, ...]]:
    for knob in found:
        slope, marks = knob.slope(knob.start, X, Y), _marks()
        costs = np.array([knob.cost(v, X, Y) for v in marks])
        least = costs.argmin()
        yield (
            knob.name, number(knob.start), number(slope), _manner(slope),
            number(costs[least]), number(marks[least]),
        )  # fmt: skip

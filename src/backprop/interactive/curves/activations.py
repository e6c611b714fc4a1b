"""加重和のつまみ: 活性化関数の値と傾き。"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backprop.activations import ACTIVATIONS, Activation
from backprop.checks import Array, explained
from backprop.interactive import sliders
from backprop.interactive.curves import tangents
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table

NAMES = {
    "sigmoid": "シグモイド関数", "tanh": "tanh", "softplus": "softplus", "relu": "ReLU",
    "leaky_relu": "leaky ReLU", "identity": "恒等関数",
}  # fmt: skip
KINKED = ("relu", "leaky_relu")
"""z = 0 で折れている関数。"""
REACH = 6.0
FLAT = 0.01
"""傾きが、最も大きい傾きのこの割合より小さければ、ほとんど平らとみなす。"""


@explained
def activations(*, step: float = 0.5) -> Widget:
    """活性化関数を選び、加重和を変えながら、値と接線、傾きを見る図。

    折れ目では微分がないので、接線を引かず、パッケージの約束した値を点で示す。

    Parameters
    ----------
    step : float
        加重和のつまみの刻み。6 を割り切る数。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        刻みが正の数でない、6 を割り切らない、細かすぎる。

    Notes
    -----
    「活性化関数」の章（13_activations）の「六つの関数とその傾き」の節で使う。

    Examples
    --------
    >>> activations(step=1)
    活性化関数と傾きの図: 加重和 −6〜6、6 種類の活性化関数。
    """
    z = tangents.ticks("step", step, REACH)
    data = {
        "label": "活性化関数と、その傾き",
        "controls": [
            sliders.control("活性化関数", list(NAMES.values()), 0, choice=True),
            sliders.control("加重和 z", [number(v) for v in z], len(z) // 2 + len(z) // 6),
        ],
        "readouts": ["値 f(z)", "傾き f′(z)", "最も大きい傾きの何倍か", "様子"],
        "plots": [
            _plot("値と接線", sliders.axis("値 f(z)", -1.5, 6, [-1, 0, 1, 2, 4, 6]), _values),
            _plot("傾き", sliders.axis("傾き f′(z)", -0.1, 1.1, [0, 0.25, 0.5, 1]), _slopes),
        ],
        "frames": [_frame(name, float(v)) for name in NAMES for v in z],
    }
    what = f"加重和 −{number(REACH)}〜{number(REACH)}、{len(NAMES)} 種類の活性化関数。"
    return Widget("sliders", f"活性化関数と傾きの図: {what}", data, _table())


def _plot(title: str, y: sliders.Drawn, curves: Callable[[str], list[sliders.Drawn]]) -> sliders.Drawn:
    return {
        "title": title,
        "x": sliders.axis("加重和 z", -REACH, REACH, [-6, -3, 0, 3, 6]),
        "y": y,
        "fixed": [
            sliders.rule("", y=0),
            {"t": "by", "control": 0, "layers": [curves(name) for name in NAMES]},
        ],
    }


def _values(name: str) -> list[sliders.Drawn]:
    z = np.linspace(-REACH, REACH, 49)
    return [sliders.line(z, ACTIVATIONS[name].value(z), "one", 3)]


def _slopes(name: str) -> list[sliders.Drawn]:
    """傾きの曲線。折れ目では切り、届かない端を白丸にする。"""
    f, ends = ACTIVATIONS[name], np.array([1e-9, REACH])
    if name not in KINKED:
        z = np.linspace(-REACH, REACH, 49)
        return [sliders.line(z, f.derivative(z), "one", 3)]
    left, right = f.derivative(-ends[::-1]), f.derivative(ends)
    halves = [sliders.line(-ends[::-1], left, "one", 3), sliders.line(ends, right, "one", 3)]
    return [*halves, sliders.dots([0.0], [right[0]], "open", 3)]


def _frame(name: str, z: float) -> sliders.Drawn:
    f = ACTIVATIONS[name]
    value, slope = (function(np.array([z])).item() for function in (f.value, f.derivative))
    kink = name in KINKED and z == 0
    touching = sliders.dots([z], [value], "end") if kink else tangents.tangent(z, value, slope)
    share, manner = slope / _steepest(f), _manner(slope / _steepest(f))
    if kink:
        manner = f"折れ目。微分はなく、{number(slope)} は約束"
    return {
        "d": [[touching], [tangents.drop(z, slope)]],
        "r": [number(value), number(slope), number(share), manner],
        "say": f"傾き {number(slope)}、{manner}",
    }


def _steepest(f: Activation) -> float:
    """最も大きい傾き。softplus では、届かない 1。"""
    return round(float(f.derivative(np.array([0.0, 1.0, 40.0])).max()), 9)


def _manner(share: float) -> str:
    if share == 0:
        return "平ら"
    return "ほとんど平ら" if share < FLAT else "傾いている"


def _table() -> str:
    z = np.array([-6.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0])
    columns: list[Array] = [pair for name in NAMES for pair in _both(ACTIVATIONS[name], z)]
    rows = [(number(at), *(number(column[n]) for column in columns)) for n, at in enumerate(z)]
    head = ["加重和 z", *(f"{shown}の{kind}" for shown in NAMES.values() for kind in ("値", "傾き"))]
    return table(head, rows, "六つの活性化関数の値と傾き。ReLU と leaky ReLU の z = 0 での傾きは、約束の値。")


def _both(f: Activation, z: Array) -> tuple[Array, Array]:
    return f.value(z), f.derivative(z)

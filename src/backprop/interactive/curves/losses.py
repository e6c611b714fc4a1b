"""加重和のつまみ: 損失と、その傾き。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array, explained
from backprop.interactive import sliders
from backprop.interactive.curves import tangents
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table
from backprop.losses import LOSSES

REACH = 8.0
TARGETS = (1.0, 0.0)
FLAT = 0.01
"""傾きの大きさがこれより小さければ、ほとんど押されないとみなす。"""


@dataclass(frozen=True)
class _Pair:
    """出力層の活性化関数と損失の組。"""

    title: str
    style: str
    activation: str
    loss: str

    def value(self, z: Array, target: float) -> Array:
        """損失。"""
        y_hat = ACTIVATIONS[self.activation].value(z)[None]
        return LOSSES[self.loss].value(y_hat, np.full((1, len(z)), target))

    def slope(self, z: Array, target: float) -> Array:
        """損失の、加重和についての傾き（出力層の誤差項）。"""
        f, loss = ACTIVATIONS[self.activation], LOSSES[self.loss]
        y_hat, y = f.value(z)[None], np.full((1, len(z)), target)
        return f.pullback(z[None], loss.gradient(y_hat, y))[0]


PAIRS = (
    _Pair("シグモイド関数と2値クロスエントロピー", "one", "sigmoid", "binary_cross_entropy"),
    _Pair("シグモイド関数と平均二乗誤差", "two", "sigmoid", "mse"),
    _Pair("恒等関数と平均二乗誤差", "three", "identity", "mse"),
)


@explained
def losses(*, step: float = 0.5) -> Widget:
    """出力層の活性化関数と損失の組ごとに、加重和を変えながら、損失とその傾きを見る図。

    Parameters
    ----------
    step : float
        加重和のつまみの刻み。8 を割り切る数。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        刻みが正の数でない、8 を割り切らない、細かすぎる。

    Notes
    -----
    「損失関数」の章（12_loss_functions）の「自信をもって外したとき」の節で使う。傾きは、損失の勾配を、活性化関数の
    `pullback` で加重和まで戻したもの、つまり出力層の誤差項である。

    Examples
    --------
    >>> losses(step=2)
    損失と傾きの図: 加重和 −8〜8、活性化関数と損失の 3 組、目標は 1 か 0。
    """
    z = tangents.ticks("step", step, REACH)
    data = {
        "label": "損失と、その傾き",
        "controls": [
            sliders.control("組", [pair.title for pair in PAIRS], 0, choice=True),
            sliders.control("目標", [f"{number(target)} が正解" for target in TARGETS], 0, choice=True),
            sliders.control("加重和 z", [number(v) for v in z], int(0.25 * len(z))),
        ],
        "readouts": ["出力", "損失", "傾き（誤差項 δ）", "様子"],
        "plots": [
            _plot("損失と接線", sliders.axis("損失 ℒ", 0, 8, [0, 2, 4, 6, 8]), _Pair.value),
            _plot("傾き", sliders.axis("傾き ∂ℒ/∂z", -1.25, 1.25, [-1, 0, 1]), _Pair.slope, zero=True),
        ],
        "frames": [
            frame for pair in PAIRS for target in TARGETS for frame in _frames(pair, target, z)
        ],
    }
    what = f"加重和 −{number(REACH)}〜{number(REACH)}、活性化関数と損失の {len(PAIRS)} 組、目標は 1 か 0。"
    return Widget("sliders", f"損失と傾きの図: {what}", data, _table())


def _plot(title: str, y: sliders.Drawn, height: Callable[..., Array], *, zero: bool = False) -> sliders.Drawn:
    """すべての組の曲線。目標ごとに用意し、つまみで選ぶ。"""
    fine = np.linspace(-REACH, REACH, 65)
    curves = [[sliders.line(fine, height(pair, fine, t), pair.style, 2) for pair in PAIRS] for t in TARGETS]
    named = [{"t": "none", "s": pair.style, "name": pair.title} for pair in PAIRS] if not zero else []
    rules = [sliders.rule("", y=0)] if zero else []
    return {
        "title": title,
        "x": sliders.axis("加重和 z", -REACH, REACH, [-8, -4, 0, 4, 8]),
        "y": y,
        "fixed": [*rules, {"t": "by", "control": 1, "layers": curves}, *named],
    }


def _frames(pair: _Pair, target: float, z: Array) -> list[sliders.Drawn]:
    values, slopes = pair.value(z, target), pair.slope(z, target)
    outputs = ACTIVATIONS[pair.activation].value(z)
    columns = (column.tolist() for column in (z, outputs, values, slopes))
    return [_frame(pair, target, *each) for each in zip(*columns)]


def _frame(pair: _Pair, target: float, z: float, y_hat: float, value: float, slope: float) -> sliders.Drawn:
    manner = _manner(pair, target, y_hat, slope)
    return {
        "d": [[tangents.tangent(z, value, slope)], [tangents.drop(z, slope)]],
        "r": [number(y_hat), number(value), number(slope), manner],
        "say": manner,
    }


def _manner(pair: _Pair, target: float, y_hat: float, slope: float) -> str:
    """外しているか（境目は 0.5）と、押す力が残っているか。"""
    wrong = (y_hat > 0.5) != (target > 0.5) or y_hat == 0.5
    if abs(slope) >= FLAT:
        return "外していて、傾きがある" if wrong else "当たっていて、傾きが残る"
    return "外しているのに、傾きが消えた" if wrong else "当たっていて、傾きがほとんどない"


def _table() -> str:
    z = np.array([-8.0, -4.0, -2.0, 0.0, 2.0, 4.0, 8.0])
    columns = [values for pair in PAIRS for values in (pair.value(z, 1.0), pair.slope(z, 1.0))]
    rows = [(number(at), *(number(column[n]) for column in columns)) for n, at in enumerate(z)]
    head = ["加重和 z", *(f"{pair.title}の{kind}" for pair in PAIRS for kind in ("損失", "傾き"))]
    return table(head, rows, "目標が 1 のときの、損失と、その z についての傾き。")

"""{ref}`ステップ1 <sec-step1>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.judges import complex_step
from backprop.losses import LOSSES
from backprop.steps import output_gradient

Y_HAT, Y = np.array([[1 / 2], [1 / 4], [4 / 5]]), np.array([[0.0], [1.0], [0.0]])
"""三つの出力の問いの、出力と目標。"""


def _by_loss(name: str) -> Array:
    return output_gradient(Y_HAT, Y, LOSSES[name]).ravel()


three_outputs = Values(
    lambda: _by_loss("binary_cross_entropy"),
    {
        "クロスエントロピーの勾配の値": lambda: _by_loss("cross_entropy"),
        "出力と目標の差の値": lambda: _by_loss("half_squared_error"),
        "平均二乗誤差の勾配の値": lambda: _by_loss("mse"),
        "目標の0と1を取り違えた値": (
            lambda: output_gradient(Y_HAT, 1 - Y, LOSSES["binary_cross_entropy"]).ravel()
        ),
        "二つの項の、どちらも出力で割った値": lambda: ((1 - 2 * Y) / Y_HAT).ravel(),
        "出力の数で割った値": lambda: _by_loss("binary_cross_entropy") / len(Y),
    },
)

TARGETS, GRADIENT = np.array([0.5, 1.0, -1.0, 0.0]), np.array([0.25, -0.5, 0.0, 0.125])
"""勾配から出力へ戻る問いの、目標と、平均二乗誤差の出力の勾配。"""

backwards = Values(
    lambda: TARGETS + GRADIENT * len(TARGETS) / 2,
    {
        "二乗誤差の半分とみなした値": lambda: TARGETS + GRADIENT,
        "差の符号が逆の値": lambda: TARGETS - GRADIENT * len(TARGETS) / 2,
        "係数を、割らずに掛けた値": lambda: TARGETS + GRADIENT * 2 / len(TARGETS),
        "係数の2を忘れた値": lambda: TARGETS + GRADIENT * len(TARGETS),
        "目標を足し忘れた値": lambda: GRADIENT * len(TARGETS) / 2,
    },
)

stacked = Choice(
    "半分",
    "差は変わらず、前についた係数の分母が、出力の数といっしょに2倍になります。",
    {
        "変わらない": "損失の値なら変わりません。けれども、前についた係数に、出力の数が入っています。",
        "2倍": "一つの出力が現れるのは、和の一つの項だけです。項が増えても、ほかの項の微分は0です。",
        "決まらない": "差は同じなので、係数だけで決まります。",
    },
)

bug = Choice(
    3,
    "3行めの Y.size は出力の数と例の数の積なので、例の数でも割ってしまいます。",
    {
        1: "1行めは、縦に平均するので、例ごとの平均二乗誤差です。例の数では割っていません。",
        2: "2行めは、同じ場所どうしの差です。例の数によりません。",
        4: "4行めは、2行めと3行めの値を掛けるだけです。",
    },
)


def _heavy_value(Y_hat: Array, Y: Array, c: float) -> Array:
    return -c * Y * np.log(Y_hat) - (1 - Y) * np.log(1 - Y_hat)


def _heavy_gradient(Y_hat: Array, Y: Array, c: float) -> Array:
    """勾配の式を使わずに、損失から測る。"""
    return complex_step(lambda outputs: _heavy_value(outputs, Y, c).sum(), Y_hat)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, float]:
    shape = [(2, 1), (1, 3), (3, 2), (1, 1), (4, 3), (2, 4)][n]
    outputs = rng.uniform(0.1, 0.9, size=shape)
    targets = np.arange(outputs.size).reshape(shape) % 2.0
    return outputs, targets, float(rng.uniform(2, 5))


heavy_ones = Function(
    _heavy_gradient,
    _draw,
    {
        "c を掛け忘れた値": lambda Y_hat, Y, c: _heavy_gradient(Y_hat, Y, 1.0),
        "c を二つの項の両方に掛けた値": lambda Y_hat, Y, c: c * _heavy_gradient(Y_hat, Y, 1.0),
        "c を目標が0の項に掛けた値": lambda Y_hat, Y, c: -Y / Y_hat + c * (1 - Y) / (1 - Y_hat),
        "例の数で割った値": lambda Y_hat, Y, c: _heavy_gradient(Y_hat, Y, c) / Y.shape[1],
        "出力の数で割った値": lambda Y_hat, Y, c: _heavy_gradient(Y_hat, Y, c) / len(Y),
        "符号が逆の値": lambda Y_hat, Y, c: -_heavy_gradient(Y_hat, Y, c),
        "目標が0の項の符号が逆の値": lambda Y_hat, Y, c: -c * Y / Y_hat - (1 - Y) / (1 - Y_hat),
        "目標が0の項を忘れた値": lambda Y_hat, Y, c: -c * Y / Y_hat,
        "微分していない、損失の値": _heavy_value,
    },
)

QUESTIONS = {
    "ex-step1-three-outputs": three_outputs,
    "ex-step1-backwards": backwards,
    "ex-step1-stacked": stacked,
    "ex-step1-bug": bug,
    "ex-step1-heavy-ones": heavy_ones,
}

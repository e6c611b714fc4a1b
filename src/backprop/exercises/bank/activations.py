"""{ref}`活性化関数 <sec-activations>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.network import Network

X = np.array([[-1.0, 0.25, 2.0]])
W1, B1 = np.array([[2.0], [-1.0]]), np.array([[-1.0], [1.0]])
W2, B2 = np.array([[1.0, -2.0]]), np.zeros((1, 1))
"""二つの折れ目の問いの、入力とネットワーク。"""


def _outputs(hidden: str = "relu", output: str = "identity", bias: Array = B1) -> Array:
    return Network([W1, W2], [bias, B2], [hidden, output], "mse").predict(X)[0]


folded = Values(
    _outputs,
    {
        "ReLU を通し忘れた値": lambda: _outputs(hidden="identity"),
        "隠れ層のバイアスを足し忘れた値": lambda: _outputs(bias=0 * B1),
        "出力まで ReLU に通した値": lambda: _outputs(output="relu"),
        "負の加重和を、0にせず、正に直した値": lambda: (W2 @ np.abs(W1 @ X + B1))[0],
        "入力を ReLU に通した値": lambda: (W2 @ (W1 @ np.maximum(X, 0) + B1))[0],
        "出力の重みの負の符号を落とした値": lambda: (np.abs(W2) @ np.maximum(W1 @ X + B1, 0))[0],
    },
)

ACTIVITY, INPUT, WEIGHT = 0.8, -2.0, 2.5
SIGMOID = ACTIVATIONS["sigmoid"]
INSIDE = np.array([INPUT, 1.0, WEIGHT])
"""加重和を、重み、バイアス、入力で微分した値。"""

three_slopes = Values(
    lambda: SIGMOID.derivative(np.log(ACTIVITY / (1 - ACTIVITY))) * INSIDE,
    {
        "傾きを掛け忘れた値": lambda: INSIDE,
        "傾きの代わりに、活性を掛けた値": lambda: ACTIVITY * INSIDE,
        "tanh の傾きを掛けた値": lambda: (1 - ACTIVITY**2) * INSIDE,
        "傾きを、加重和の代わりに活性で測った値": lambda: SIGMOID.derivative(ACTIVITY) * INSIDE,
        "入力と重みを取り違えた値": lambda: ACTIVITY * (1 - ACTIVITY) * INSIDE[::-1],
        "傾きのうち、1 − a だけを掛けた値": lambda: (1 - ACTIVITY) * INSIDE,
    },
)

shifted = Choice(
    "0 < z < 1 で違う",
    "そこでは z > 0 なのに、a = z − 1 は負です。",
    {
        "どこでも合う": "z = 1/2 のときの a の符号を、確かめてください。",
        "z < 0 で違う": "z < 0 では a = −1 で、どちらも負です。",
        "1 < z で違う": "z > 1 では a = z − 1 も正です。",
    },
)

bug = Choice(
    3,
    "softplus の傾きは σ(z) です。3行めは、z の場所に a を入れています。",
    {
        1: "シグモイド関数の傾きは、a(1 − a) で正しく求まります。",
        2: "tanh の傾きは、1 − a² で正しく求まります。",
        4: "ReLU では、a > 0 と z > 0 は同じことです。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, float]:
    width, m = [(2, 1), (3, 2), (1, 4), (4, 3), (2, 5), (3, 3)][n]
    Z = rng.normal(size=(width, m))
    Z[0, 0] = -np.abs(Z[0, 0])  # どの回にも、負の側を入れる
    return rng.normal(size=(width, m)), Z, float(rng.uniform(0.05, 0.5))


leaky = Function(
    lambda dA, Z, c: dA * np.where(Z > 0, 1.0, c),
    _draw,
    {
        "負の側の傾きを0にした値": lambda dA, Z, c: dA * (Z > 0),
        "傾きの代わりに、活性を掛けた値": lambda dA, Z, c: dA * np.maximum(Z, c * Z),
        "割合を掛け忘れて、傾きだけを返した値": lambda dA, Z, c: np.where(Z > 0, 1.0, c),
        "正の側と負の側の傾きを取り違えた値": lambda dA, Z, c: dA * np.where(Z > 0, c, 1.0),
        "加重和ではなく、割合の符号で場合を分けた値": lambda dA, Z, c: dA * np.where(dA > 0, 1.0, c),
        "傾きを掛け忘れた値": lambda dA, Z, c: dA,
    },
)

SOFTMAX = ACTIVATIONS["softmax"]


def _heated(Z: Array, tau: float) -> Array:
    return SOFTMAX.value(Z / tau)


def _draw_heated(rng: np.random.Generator, n: int) -> tuple[Array, Array, float]:
    width, m = [(2, 1), (3, 2), (4, 1), (2, 3), (3, 3), (5, 2)][n]
    return rng.normal(size=(width, m)), rng.normal(size=(width, m)), float(rng.uniform(1.5, 3.0))


temperature = Function(
    lambda Z, dA, tau: SOFTMAX.pullback(Z / tau, dA) / tau,
    _draw_heated,
    {
        "帰りに、温度で割り忘れた値": lambda Z, dA, tau: SOFTMAX.pullback(Z / tau, dA),
        "活性を求めるとき、温度で割り忘れた値": lambda Z, dA, tau: SOFTMAX.pullback(Z, dA) / tau,
        "温度を無視した値": lambda Z, dA, tau: SOFTMAX.pullback(Z, dA),
        "帰りに、温度で割る代わりに掛けた値": lambda Z, dA, tau: SOFTMAX.pullback(Z / tau, dA) * tau,
        "ヤコビ行列の対角だけを使った値": lambda Z, dA, tau: (
            _heated(Z, tau) * (1 - _heated(Z, tau)) * dA / tau
        ),
        "平均を引き忘れた値": lambda Z, dA, tau: _heated(Z, tau) * dA / tau,
        "重さのない平均を引いた値": lambda Z, dA, tau: _heated(Z, tau) * (dA - dA.mean(axis=0)) / tau,
        "列ではなく、行の中で和を取った値": lambda Z, dA, tau: SOFTMAX.pullback((Z / tau).T, dA.T).T / tau,
        "勾配を、softmax に通しただけの値": lambda Z, dA, tau: _heated(dA, tau),
    },
)


QUESTIONS = {
    "ex-activations-folded": folded,
    "ex-activations-three-slopes": three_slopes,
    "ex-activations-shifted": shifted,
    "ex-activations-leaky": leaky,
    "ex-activations-bug": bug,
    "ex-activations-temperature": temperature,
}

"""{ref}`ステップ2 <sec-step2>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.exercises.choices import Choice, Tiles
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.losses import LOSSES
from backprop.steps import output_delta, output_gradient

MSE, SIGMOID, TANH = LOSSES["mse"], ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]

Y_HAT, Y = np.array([[0.5], [0.25], [0.75]]), np.array([[1.0], [0.0], [0.0]])
"""三つの出力の問いの、出力と目標。"""
Z = np.log(Y_HAT / (1 - Y_HAT))
SLOPE = Y_HAT * (1 - Y_HAT)

three_outputs = Values(
    lambda: output_delta(output_gradient(Y_HAT, Y, MSE), Z, SIGMOID).ravel(),
    {
        "傾きを掛け忘れた値": lambda: output_gradient(Y_HAT, Y, MSE).ravel(),
        "傾きの 1 − ŷ を掛け忘れた値": lambda: (output_gradient(Y_HAT, Y, MSE) * Y_HAT).ravel(),
        "出力の数で割り忘れた値": lambda: (2 * (Y_HAT - Y) * SLOPE).ravel(),
        "損失を二乗誤差の半分にした値": lambda: ((Y_HAT - Y) * SLOPE).ravel(),
        "差だけの値（2値クロスエントロピーの誤差項）": lambda: (Y_HAT - Y).ravel(),
        "傾きを、加重和ではなく出力で求めた値": lambda: (
            output_gradient(Y_HAT, Y, MSE) * SIGMOID.derivative(Y_HAT)
        ).ravel(),
    },
)

dead_output = Choice(
    "変わらない",
    "z = −3 での ReLU の傾きは0なので、出力の勾配がいくつでも、誤差項は0です。",
    {
        "減る": "目標に近づくはずの出力は、加重和を少し増やしただけでは動きません。",
        "増える": "損失が増えるのは、出力が目標から遠ざかるときです。出力は動くでしょうか。",
    },
)

which_mean = Choice(
    2,
    "2行めの A.shape[1] は例の数です。平均二乗誤差は、出力の数で平均します。",
    {
        1: "1行めは、シグモイド関数の定義のとおりです。",
        3: "3行めは、シグモイド関数の傾きを出力で書いた式で、正しい値になります。",
        4: "4行めは、同じ形の行列の、要素ごとの積です。シグモイド関数は要素ごとの関数なので、これで足ります。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    shape = [(2, 1), (1, 3), (3, 2), (4, 1), (3, 5), (2, 4)][n]
    return rng.normal(size=shape), rng.uniform(-1, 1, size=shape)


tanh = Function(
    lambda Z, Y: output_delta(output_gradient(TANH.value(Z), Y, MSE), Z, TANH),
    _draw,
    {
        "傾きを掛け忘れた値": lambda Z, Y: output_gradient(TANH.value(Z), Y, MSE),
        "傾きを、加重和ではなく活性で求めた値": (
            lambda Z, Y: output_delta(output_gradient(TANH.value(Z), Y, MSE), TANH.value(Z), TANH)
        ),
        "出力の数ではなく、例の数で割った値": (
            lambda Z, Y: 2 * (TANH.value(Z) - Y) / Z.shape[1] * TANH.derivative(Z)
        ),
        "出力の数だけでなく、例の数でも割った値": (
            lambda Z, Y: 2 * (TANH.value(Z) - Y) / Z.size * TANH.derivative(Z)
        ),
        "出力の数で割り忘れた値": lambda Z, Y: 2 * (TANH.value(Z) - Y) * TANH.derivative(Z),
        "損失を二乗誤差の半分にした値": lambda Z, Y: (TANH.value(Z) - Y) * TANH.derivative(Z),
        "加重和と目標の差を使った値": lambda Z, Y: 2 * (Z - Y) / len(Z) * TANH.derivative(Z),
        "傾きを、シグモイド関数の傾きの形にした値": (
            lambda Z, Y: 2 * (TANH.value(Z) - Y) / len(Z) * TANH.value(Z) * (1 - TANH.value(Z))
        ),
        "差の符号を逆にした値": lambda Z, Y: 2 * (Y - TANH.value(Z)) / len(Z) * TANH.derivative(Z),
    },
)


def _rows(first: str, second: str) -> list[tuple[str, str, str]]:
    """要素ごとの積は、左右を入れ替えても同じ。"""
    return [(first, "*", second), (second, "*", first)]


build = Tiles(
    {
        "dL/dy_hat": r"\frac{\partial\mathcal{L}}{\partial\hat y}",
        "σ'(z)": r"\sigma'(z^L)",
        "σ'(y_hat)": r"\sigma'(\hat y)",
        "y_hat": r"\hat y",
        "gap": r"(\hat y - y)",
        "*": r"\odot",
    },
    r"\delta^L",
    _rows("dL/dy_hat", "σ'(z)"),
    "出力の勾配に、加重和での傾きを、要素ごとに掛けています。",
    {
        "傾きを掛け忘れた式": [("dL/dy_hat",)],
        "傾きを、加重和ではなく出力で求めた式": _rows("dL/dy_hat", "σ'(y_hat)"),
        "傾きの代わりに、出力を掛けた式": _rows("dL/dy_hat", "y_hat"),
        "要素ごとの積の印を書き忘れた式": [("dL/dy_hat", "σ'(z)"), ("σ'(z)", "dL/dy_hat")],
        "損失が2値クロスエントロピーのときの式": [("gap",)],
        "損失が二乗誤差の半分のときの式": _rows("gap", "σ'(z)"),
    },
    {
        "gap": "損失の形は、まだ決まっていません。",
        "σ'(y_hat)": "シグモイド関数に入るのは、出力ではありません。",
        "y_hat": "出力の値ではなく、出力の動きやすさが要ります。",
    },
)

QUESTIONS = {
    "ex-step2-three-outputs": three_outputs,
    "ex-step2-dead-output": dead_output,
    "ex-step2-which-mean": which_mean,
    "ex-step2-tanh": tanh,
    "ex-step2-build": build,
}

"""{ref}`手で解く <sec-by-hand>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.network import Network

W1, B1 = np.array([[2.0, -1.0], [-2.0, 1.0]]), np.array([[0.0], [np.log(3)]])
W2, B2 = np.array([[2.0, -4.0]]), np.array([[2.0]])
X, Y = np.array([[1.0], [2.0]]), np.array([[1.0]])
NET = Network([W1, W2], [B1, B2], ["sigmoid", "sigmoid"], "half_squared_error")
"""電卓のいらない問いの、2–2–1 のネットワーク。"""
SIGMOID = ACTIVATIONS["sigmoid"]


def _wrong_gradient(
    back: Array = W2, output_slope: bool = True, hidden: Array | float | None = None
) -> Array:
    """層1の重みの勾配を、``back`` の重みと ``hidden`` の傾きで求めたもの。"""
    record = NET.forward(X)
    delta2 = (record.A[2] - Y) * (SIGMOID.derivative(record.Z[1]) if output_slope else 1)
    return (back.T @ delta2) * (SIGMOID.derivative(record.Z[0]) if hidden is None else hidden) @ X.T


def _gradients() -> dict[str, Array]:
    return NET.gradients(X, Y)


logarithm = Values(
    lambda: _gradients()["W1"],
    {
        "出力層の傾きを掛け忘れた値": lambda: _wrong_gradient(output_slope=False),
        "隠れ層の傾きを掛け忘れた値": lambda: _wrong_gradient(hidden=1.0),
        "傾きの代わりに、活性を掛けた値": lambda: _wrong_gradient(hidden=NET.forward(X).A[1]),
        "傾きを、加重和ではなく活性で求めた値": (
            lambda: _wrong_gradient(hidden=SIGMOID.derivative(NET.forward(X).A[1]))
        ),
        "更新したあとの重みで戻った値": lambda: _wrong_gradient(W2 - _gradients()["W2"]),
        "行と列を入れ替えた値": lambda: _gradients()["W1"].T,
        "入り口の値を掛け忘れた値": lambda: np.hstack([_gradients()["b1"]] * 2),
    },
)

ON_PAPER = np.array([0.1250, -0.0040, 0.0, 0.0200])
"""紙に書いた四つの勾配。"""
ROUNDING = 0.00005
"""小数第4位への、1回の丸めのずれの上限。"""


def _tolerance(gradients: Array, times: int = 4) -> float:
    return times * ROUNDING / np.abs(gradients[gradients != 0]).min()


tolerance = Values(
    lambda: _tolerance(ON_PAPER),
    {
        "丸めの1回分だけを許した値": lambda: _tolerance(ON_PAPER, times=1),
        "絶対値がいちばん大きい勾配で割った値": lambda: 4 * ROUNDING / np.abs(ON_PAPER).max(),
        "勾配で割らない値": lambda: 4 * ROUNDING,
        "正の勾配だけから選んだ値": lambda: _tolerance(ON_PAPER[ON_PAPER > 0]),
    },
)

detective = Choice(
    "行4c",
    "誤差項は二つの層とも正しいので、それに入り口の値を掛ける行が残ります。",
    {
        "行1": "行1の値が違えば、ふつう、それを使う誤差項も違い、b1 と b2 も不合格になります。",
        "行3": "行3の値が違えば、出力層の誤差項、つまり b2 が不合格になります。",
        "行4a": "行4a を間違えたのなら、出力層の誤差項、つまり b2 が不合格になります。",
        "行4b": "行4b を間違えたのなら、隠れ層の誤差項、つまり b1 が不合格になります。",
        "行4d": "行4d が求めるのは、バイアスの勾配です。",
    },
)

cut = Choice(
    3,
    "隠れ層の2個めの誤差項が0になり、それを掛けて作る三つの勾配が0になります。",
    {
        0: "行4b で、重み0を掛けて戻る誤差項があります。",
        1: "0になるのは、勾配そのものより先に、一つの誤差項です。それを使う勾配は一つではありません。",
        2: "誤差項を使うのは、重みの勾配だけではありません。",
        4: "0の重みの、自分の勾配まで数えていませんか。その式には、出口の誤差項と入り口の活性しか現れません。",
        5: "0になる誤差項は一つだけです。もう一つの隠れ層のニューロンには、ふつうに戻ります。",
        6: "0になる誤差項は一つだけです。もう一つの隠れ層のニューロンには、ふつうに戻ります。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array]:
    """いちばん小さい絶対値は、2個以上あれば負の数のもの。0のある表も、ない表もある。"""
    shape = [(2, 2), (2, 1), (1, 1), (3, 2), (1, 4), (2, 3)][n]
    table = np.round(rng.uniform(0.001, 0.3, size=shape), 4)
    if table.size > 1:
        table.flat[table.argmin()] *= -1
    if n in (0, 3, 5):
        table.flat[table.argmax()] = 0.0
    return (table,)


write_tolerance = Function(
    _tolerance,
    _draw,
    {
        "丸めの1回分だけを許した値": lambda gradients: _tolerance(gradients, times=1),
        "絶対値がいちばん大きい勾配で割った値": lambda gradients: 4 * ROUNDING / np.abs(gradients).max(),
        "勾配の絶対値の平均で割った値": lambda gradients: (
            4 * ROUNDING / np.abs(gradients[gradients != 0]).mean()
        ),
        "正の勾配だけから選んだ値": lambda gradients: _tolerance(gradients[gradients > 0]),
        "絶対値をとらずに、いちばん小さい数で割った値": lambda gradients: (
            4 * ROUNDING / gradients[gradients != 0].min()
        ),
        "勾配で割らない値": lambda gradients: 4 * ROUNDING,
        "0も数えた値": lambda gradients: 4 * ROUNDING / min(abs(float(value)) for value in gradients.flat),
    },
)

QUESTIONS = {
    "ex-hand-logarithm": logarithm,
    "ex-hand-tolerance": tolerance,
    "ex-hand-detective": detective,
    "ex-hand-cut": cut,
    "ex-hand-write-tolerance": write_tolerance,
}

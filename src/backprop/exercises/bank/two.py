"""{ref}`2–2–2 を手で解く <sec-two-two-two>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.network import Network
from backprop.steps import hidden_delta

# 問いの数。行列は、この本の並べ方（行が、入る先のニューロン）。
FIRST = np.array([[1.0, 1.0], [0.5, -1.0]])
SECOND = np.array([[1.0, 0.5], [-1.0, 0.75]])
INPUT, TARGET = np.array([[2.0], [-1.0]]), np.array([[1.0], [1.0]])


def _network(first: Array, second: Array, output: str = "identity") -> Network:
    zeros = [np.zeros((len(matrix), 1)) for matrix in (first, second)]
    return Network([first, second], zeros, ["identity", output], "mse")


def _four(first: Array = FIRST) -> Array:
    """番号順の、四つの ``W`` の勾配。"""
    return _network(first, SECOND).gradients(INPUT, TARGET)["W1"].T.ravel()


def _sent(second: Array, entrance: Array = INPUT) -> Array:
    """``second`` で戻した誤差項から求めた、四つの勾配。"""
    hidden = FIRST @ INPUT
    delta = hidden_delta(second, SECOND @ hidden - TARGET, hidden, ACTIVATIONS["identity"])
    return (delta @ entrance.T).T.ravel()


four = Values(
    _four,
    {
        "V1 と V3 を通る道だけの値": lambda: _sent(SECOND * [[1.0], [0.0]]),
        "V2 と V4 を通る道だけの値": lambda: _sent(SECOND * [[0.0], [1.0]]),
        "V2 と V3 を取り違えた値": lambda: _sent(SECOND.T),
        "W1、W3、W2、W4 の順に並べた値": lambda: (
            _network(FIRST, SECOND).gradients(INPUT, TARGET)["W1"].ravel()
        ),
        "W2 と W3 を取り違えて順伝播した値": lambda: _four(FIRST.T),
        "入力の代わりに、隠れ層の値を掛けた値": lambda: _sent(SECOND, FIRST @ INPUT),
    },
)

swapped = Choice(
    8,
    "8行めです。H2 から出る線は V3 と V4 です。V2 は、H1 から出る線です。",
    {
        3: "3行めの Y1 に入るのは、H1 から V1、H2 から V3 の線です。正しい行です。",
        4: "4行めの Y2 に入るのは、H1 から V2、H2 から V4 の線です。正しい行です。",
        5: "5行めは、出力が2個の平均二乗誤差と恒等関数の誤差項です。2 と 1/2 が打ち消し合います。",
        6: "6行めも、5行めと同じ形の、正しい誤差項です。",
        7: "7行めの H1 から出る線は V1 と V2 です。正しい行です。",
        1: "1行めの H1 に入る線は、番号順では W1 と W3 です。正しい行です。",
        2: "2行めの H2 に入る線は、番号順では W2 と W4 です。正しい行です。",
        9: "9行めの式は、出口の誤差項と入り口の値の積です。前の行が正しければ、正しい値です。",
    },
)

units = Choice(
    "10000倍",
    "勾配に入力が1回、重みの動きを H の動きに直すときにもう1回、100倍が掛かります。",
    {
        "変わらない": "H の値は変わりませんが、重みを動かしたときの H の動き方は、入力によります。",
        "100倍": "W の勾配が100倍になるところまでは合っています。W の動きを H の動きに直すとき、入力は何回掛かりますか。",
        "100分の1": "W は100分の1ですが、動く幅を決めるのは W ではなく、W の勾配です。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array, Array]:
    m, inputs, hidden, outputs = [
        (1, 2, 3, 2), (4, 3, 2, 3), (2, 2, 2, 2), (3, 1, 4, 3), (5, 4, 3, 1), (3, 2, 3, 4)
    ][n]  # fmt: skip
    shapes = ((m, inputs), (inputs, hidden), (hidden, outputs), (m, outputs))
    return tuple(rng.normal(size=shape) for shape in shapes)


def _rows(I: Array, W: Array, V: Array, T: Array) -> Array:
    return _network(W.T, V.T, "sigmoid").gradients(I.T, T.T)["W1"].T


def _parts(I: Array, W: Array, V: Array, T: Array) -> tuple[Array, Array]:
    """出力と目標の差と、出力層の傾き。"""
    z = I @ W @ V
    sigmoid = ACTIVATIONS["sigmoid"]
    return sigmoid.value(z) - T, sigmoid.derivative(z)


def _plain_difference(I: Array, W: Array, V: Array, T: Array) -> Array:
    return I.T @ (_parts(I, W, V, T)[0] @ V.T) / len(I)


def _no_slope(I: Array, W: Array, V: Array, T: Array) -> Array:
    return _plain_difference(I, W, V, T) * 2 / T.shape[1]


def _last_path(I: Array, W: Array, V: Array, T: Array) -> Array:
    difference, slope = _parts(I, W, V, T)
    delta = (difference * slope * 2 / T.shape[1])[:, [-1]]
    return I.T @ (delta @ V[:, [-1]].T) / len(I)


def _no_transpose(I: Array, W: Array, V: Array, T: Array) -> Array:
    difference, slope = _parts(I, W, V, T)
    return I.T @ (difference * slope * 2 / T.shape[1] @ V) / len(I)


rows = Function(
    _rows,
    _draw,
    {
        "出力と目標の差を、そのまま送り返した値": _plain_difference,
        "出力層の傾きを掛け忘れた値": _no_slope,
        "2/N を落とした値": lambda I, W, V, T: _rows(I, W, V, T) * T.shape[1] / 2,
        "2乗の2を落とした値": lambda I, W, V, T: _rows(I, W, V, T) / 2,
        "例の数で割り忘れた値": lambda I, W, V, T: _rows(I, W, V, T) * len(I),
        "終わりの出力への道だけの値": _last_path,
        "V の転置を忘れた値": _no_transpose,
        "この本の並べ方（転置した形）の値": lambda I, W, V, T: _rows(I, W, V, T).T,
    },
)


X = np.array([1.0, 2.0])
HIDDEN = np.array([[0.5, 0.75], [-1.5, 1.0]]) @ X
DELTA2 = np.array([[0.5, -1.5], [-0.75, 1.0]]) @ HIDDEN - [1.0, 0.0]
"""本文の数の、入力、隠れ層、出力層の誤差項。"""

rate = Values(
    lambda: 1 / (HIDDEN @ HIDDEN),
    {
        "入力の2乗の和の逆数": lambda: 1 / (X @ X),
        "隠れ層の値の和の逆数": lambda: 1 / HIDDEN.sum(),
        "隠れ層の値の和を2乗したものの逆数": lambda: 1 / HIDDEN.sum() ** 2,
        "V の勾配の2乗の和の逆数": lambda: 1 / (HIDDEN @ HIDDEN * (DELTA2 @ DELTA2)),
        "出力層の誤差項の2乗の和の逆数": lambda: 1 / (DELTA2 @ DELTA2),
        "2乗の和そのもの": lambda: HIDDEN @ HIDDEN,
    },
)

QUESTIONS = {
    "ex-two-four": four,
    "ex-two-swapped": swapped,
    "ex-two-units": units,
    "ex-two-rows": rows,
    "ex-two-rate": rate,
}

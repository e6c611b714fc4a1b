"""{ref}`アルゴリズムの全体 <sec-algorithm>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.exercises.choices import Choice, Order
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.network import Network

order = Order(
    "DBFECAG",
    {
        ("D", "B"): "B は、D の求める Z1 を使います。",
        ("B", "F"): "F は、B の求める A1 を使います。",
        ("F", "E"): "E は、F の求める A2 を使います。",
        ("E", "C"): "C は、E の求める delta2 を使います。",
        ("E", "A"): "A は、E の求める delta2 を使います。",
        ("C", "G"): "G は、C の求める delta1 を使います。",
        ("C", "A"): "A は W2 を書きかえます。C は、順伝播で使ったのと同じ W2 で戻さなければなりません。",
    },
    ("DBFECGA",),
)

X_IN, TARGET = 2.0, 2.0
WEIGHTS, BIASES = (1.0, -1.0, 2.0), (0.0, 3.0, 1.0)
"""一列に並んだ三つの層。隠れ層の活性化関数は ``z²``。"""


def _chain(
    slope_at_a: bool = False,
    slope: bool = True,
    weight: int = 0,
    entrance: bool = True,
    sloped_output: bool = False,
) -> Array:
    """三つの重みの勾配。``weight`` は、戻るときの重みの層のずれ。"""
    z1 = WEIGHTS[0] * X_IN + BIASES[0]
    z2 = WEIGHTS[1] * z1**2 + BIASES[1]
    z3 = WEIGHTS[2] * z2**2 + BIASES[2]
    inputs, outputs = (X_IN, z1**2, z2**2), (z1**2, z2**2, z3)
    slopes = [2 * (z**2 if slope_at_a else z) if slope else 1.0 for z in (z1, z2)]
    delta3 = (z3 - TARGET) * (2 * z3 if sloped_output else 1)
    delta2 = WEIGHTS[2 + weight] * delta3 * slopes[1]
    delta1 = WEIGHTS[1 + weight] * delta2 * slopes[0]
    return np.array([delta1, delta2, delta3]) * (inputs if entrance else outputs)


chain = Values(
    _chain,
    {
        "傾きを掛け忘れた値": lambda: _chain(slope=False),
        "傾きを、加重和ではなく活性で求めた値": lambda: _chain(slope_at_a=True),
        "一つ手前の層の重みで戻った値": lambda: _chain(weight=-1),
        "線の入り口ではなく、出口の活性を掛けた値": lambda: _chain(entrance=False),
        "恒等関数の出力層にも、z² の傾きを掛けた値": lambda: _chain(sloped_output=True),
        "後ろの層から並べた値": lambda: _chain()[::-1],
    },
)

copies = Choice(
    "変わらない",
    "足す項は2倍になりますが、前につく 1/m は半分になります。",
    {
        "2倍": "例について足したあと、例の数で割ります。その数も2倍になっています。",
        "半分": "例の数で割る前の和は、同じ例が2回ずつ現れるので、2倍になっています。",
        "決まらない": "同じ例なら、誤差項も活性も同じです。和が何倍になるかは決まります。",
    },
)

bug = Choice(
    4,
    "4行めは、層 l の活性化関数の傾きに、層 l−1 の加重和を入れています。",
    {
        1: "1行めは行4a です。リストの末尾は、どちらも出力層のものです。",
        2: "2行めは行4c です。As は入力から並ぶので、As[l - 1] は層 l−1 の活性です。",
        3: "3行めは行4d です。例について足して、例の数で割っています。",
        5: "5行めの重みは層 l のもので、番号は合っています。掛けている slope を見てください。",
    },
)

TANH = ACTIVATIONS["tanh"]


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, ...]:
    sizes = [(2, 3, 2, 1), (2, 2, 1, 3), (3, 2, 2, 2), (1, 3, 2, 4), (3, 4, 1, 2), (2, 3, 3, 5)]
    entry, hidden, outputs, m = sizes[n]
    shapes = (hidden, entry), (hidden, 1), (outputs, hidden), (outputs, 1), (entry, m), (outputs, m)
    return tuple(rng.normal(size=shape) for shape in shapes)


def _right(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    net = Network([W1, W2], [b1, b2], ["tanh", "identity"], "half_squared_error")
    return net.gradients(X, Y)["W1"]


def _no_slope(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    delta2 = W2 @ np.tanh(W1 @ X + b1) + b2 - Y
    return W2.T @ delta2 @ X.T / X.shape[1]


def _slope_at_a(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    A1 = np.tanh(W1 @ X + b1)
    delta2 = W2 @ A1 + b2 - Y
    return W2.T @ delta2 * TANH.derivative(A1) @ X.T / X.shape[1]


def _slope_on_output(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    net = Network([W1, W2], [b1, b2], ["tanh", "tanh"], "half_squared_error")
    return net.gradients(X, Y)["W1"]


def _last_path(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    return _right(W1, b1, W2[[-1]], b2[[-1]], X, Y[[-1]])


first_gradient = Function(
    _right,
    _draw,
    {
        "1/m を掛け忘れた値": lambda *given: _right(*given) * given[4].shape[1],
        "隠れ層の傾きを掛け忘れた値": _no_slope,
        "傾きを、加重和ではなく活性で求めた値": _slope_at_a,
        "出力層まで tanh にした値": _slope_on_output,
        "足さずに、終わりの道だけを残した値": _last_path,
        "最後の例だけを使った値": lambda W1, b1, W2, b2, X, Y: _right(W1, b1, W2, b2, X[:, -1:], Y[:, -1:]),
        "バイアスを足し忘れた値": lambda W1, b1, W2, b2, X, Y: _right(W1, 0 * b1, W2, 0 * b2, X, Y),
        "差の符号が逆の値": lambda *given: -_right(*given),
    },
)

QUESTIONS = {
    "ex-algorithm-order": order,
    "ex-algorithm-chain": chain,
    "ex-algorithm-copies": copies,
    "ex-algorithm-bug": bug,
    "ex-algorithm-first-gradient": first_gradient,
}

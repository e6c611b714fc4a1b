"""{ref}`XOR <sec-xor>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.datasets import xor
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.steps import bias_gradient, weight_gradient

X, Y = xor()
WEIGHTS = np.array([[1.0, -0.5]])
Z = WEIGHTS @ X
GAP = Z**2 - Y
"""曲がったニューロンの問いの、重み、加重和、出力と目標の差。活性化関数は ``z²``、バイアスは0。"""


def _square(delta: Array = GAP * 2 * Z) -> Array:
    """誤差項からの、二つの重みとバイアスの勾配。"""
    return np.append(weight_gradient(delta, X), bias_gradient(delta))


square = Values(
    _square,
    {
        "例の数で割り忘れた値": lambda: 4 * _square(),
        "傾きを掛け忘れた値": lambda: _square(GAP),
        "傾きを、加重和ではなく活性で求めた値": lambda: _square(GAP * 2 * Z**2),
        "傾きの代わりに、活性を掛けた値": lambda: _square(GAP * Z**2),
        "目標を引き忘れた値": lambda: _square(Z**2 * 2 * Z),
        "損失の ½ を忘れ、例の数でも割り忘れた値": lambda: 8 * _square(),
        "(1, 1) の例だけの値": lambda: _square(GAP * 2 * Z * [0, 0, 0, 1]),
        "(0, 1) の例だけの値": lambda: _square(GAP * 2 * Z * [0, 1, 0, 0]),
    },
)

reversed_answers = Choice(
    "W2 と b2",
    "出力層の加重和の符号だけが逆になります。1 − σ(z) = σ(−z) なので、出力は 1 − ŷ です。",
    {
        "W1 と b1": "隠れ層の活性は 1 − a になりますが、出力層の加重和の符号が逆になるとは限りません。",
        "W2 だけ": "出力層の加重和のうち、バイアスの分の符号が、もとのままです。",
        "四つとも": "W2 と b2 だけで答えは逆になります。隠れ層まで変えると、別のものが出力層に届きます。",
    },
)

bug = Choice(
    7,
    "7行めの右辺は、形 (N, 1) から (N,) を引いて、形 (N, N) になります。keepdims=True が要ります。",
    {
        1: "1行めでエラーになるのは2回めです。1回めには正しかった形を、どの行が変えたのでしょうか。",
        2: "2行めの形は (1, N) と (N, 4) の積で、正しい順伝播です。",
        3: "3行めは、シグモイド関数と2値クロスエントロピーの誤差項です。",
        4: "4行めは、転置した重みで戻し、シグモイド関数の傾きを掛けています。",
        5: "5行めの積の形は (N, 2) で、W1 と同じです。",
        6: "6行めの積の形は (1, N) で、W2 と同じです。",
        8: "8行めは、出力が1個なので、形 (1, 1) から (1,) を引いても (1, 1) のままです。",
    },
)


BOTH = X[:1] * X[1:]
PATTERNS = np.vstack([np.ones(4), X])


def _sums(p: float = BOTH.mean(), target: Array = BOTH) -> Array:
    """どの例にも ``p`` と答えたときの誤差項を、三つの並びと掛けて足す。"""
    return ((p - target) @ PATTERNS.T)[0]


and_sums = Values(
    _sums,
    {
        "p を ½ のままにした値": lambda: _sums(0.5),
        "XOR の値": lambda: _sums(Y.mean(), Y),
        "p を ¾ とした値": lambda: _sums(1 - BOTH.mean()),
        "例の数で割って、平均にした値": lambda: _sums() / 4,
        "(1, 1) の例だけの値": lambda: (BOTH.mean() - 1) * PATTERNS[:, 3],
        "目標を引き忘れた値": lambda: _sums(target=np.zeros((1, 4))),
    },
)


SIZES = ((2, 1), (3, 4), (1, 2), (4, 3), (5, 2), (3, 3))
"""入力の数、例の数。"""


def _draw(rng: np.random.Generator, n: int) -> tuple[Array]:
    inputs, m = SIZES[n]
    examples = rng.integers(0, 2, size=(inputs, m)).astype(float)
    examples[0, 0], examples[-1, -1] = 1.0, 0.0  # 0と1のどちらも、必ず見張る
    return (examples,)


def _watchers(E: Array) -> Array:
    return _rows(10 * (2 * E - 1), 5 - 10 * E.sum(axis=0))


def _rows(weights: Array, biases: Array) -> Array:
    return np.vstack([weights, np.broadcast_to(biases, weights.shape[1])]).T


watchers = Function(
    _watchers,
    _draw,
    {
        "見張る例で0の入力の重みを、0にした値": lambda E: _rows(10 * E, 5 - 10 * E.sum(axis=0)),
        "バイアスを、いつも5にした値": lambda E: _rows(10 * (2 * E - 1), 5.0),
        "バイアスの符号を逆にした値": lambda E: _rows(10 * (2 * E - 1), 10 * E.sum(axis=0) - 5),
        "バイアスで、1の数でなく、入力の数を使った値": lambda E: _rows(10 * (2 * E - 1), 5 - 10.0 * len(E)),
        "バイアスで、0の入力も1個ずつ引いた値": (
            lambda E: _rows(10 * (2 * E - 1), 5 - 10 * (2 * E - 1).sum(axis=0))
        ),
        "裏返しの見張りの値": lambda E: -_watchers(E),
        "例を行に並べないまま返した値": lambda E: _watchers(E).T,
    },
)

QUESTIONS = {
    "ex-xor-square": square,
    "ex-xor-reversed": reversed_answers,
    "ex-xor-bug": bug,
    "ex-xor-and": and_sums,
    "ex-xor-watchers": watchers,
}

"""{ref}`ステップ6 <sec-step6>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.losses import LOSSES
from backprop.steps import output_gradient, update, weight_gradient

WEIGHTS, TARGET, RATE = np.array([2.0, 1.0]), 4.0, 0.125
"""二つの重みの問いの、更新する前の重み、目標、学習率。"""


def _gradient(w: Array) -> Array:
    """``½(w₁w₂ − y)²`` の勾配。"""
    return (w.prod() - TARGET) * w[::-1]


def _one_by_one(*order: int) -> Array:
    """一つ動かすたびに勾配を求めなおしたときの、最後の重み。"""
    w = WEIGHTS.copy()
    for n in order:
        w[n] -= RATE * _gradient(w)[n]
    return w


two_weights = Values(
    lambda: update(WEIGHTS, _gradient(WEIGHTS), RATE),
    {
        "w1 を先に動かし、新しい w1 で w2 の勾配を求めた値": lambda: _one_by_one(0, 1),
        "w2 を先に動かし、新しい w2 で w1 の勾配を求めた値": lambda: _one_by_one(1, 0),
        "引く代わりに足した値": lambda: WEIGHTS + RATE * _gradient(WEIGHTS),
        "学習率を掛け忘れた値": lambda: WEIGHTS - _gradient(WEIGHTS),
        "二つの勾配を取り違えた値": lambda: WEIGHTS - RATE * _gradient(WEIGHTS)[::-1],
        "重みの動いた量だけの値": lambda: -RATE * _gradient(WEIGHTS),
        "勾配そのものの値": lambda: _gradient(WEIGHTS),
        "損失の ½ を忘れて微分した値": lambda: WEIGHTS - 2 * RATE * _gradient(WEIGHTS),
    },
)

START, BOTTOM, SLOPE = 4.0, 1.0, 4.0 * 4.0 - 4.0
"""1回で着く学習率の問いの、はじめの重み、底、はじめの重みでの勾配。"""

one_jump = Values(
    lambda: (START - BOTTOM) / SLOPE,
    {
        "底ではなく、w = 0 に着く学習率": lambda: START / SLOPE,
        "動かしたい距離そのものの値": lambda: START - BOTTOM,
        "勾配の逆数の値": lambda: 1 / SLOPE,
        "割る数と割られる数を逆にした値": lambda: SLOPE / (START - BOTTOM),
        "距離を、勾配ではなく重みで割った値": lambda: (START - BOTTOM) / START,
        "勾配の定数項を忘れた値": lambda: (START - BOTTOM) / (4 * START),
    },
)

boundary = Choice(
    "変わらない",
    "重みは1回の更新で −1 倍になるので、3と −3 を行き来し、損失は9のままです。",
    {
        "減る": "底を通りすぎた先は、もとのところより底に近いでしょうか。",
        "増える": "底を通りすぎた先は、もとのところより底から遠いでしょうか。",
    },
)

kept = Choice(
    "更新したあとの重み",
    "kept と W は同じ配列の二つの名前なので、3行めで一緒に書きかわっています。",
    {
        "更新する前の重み": "1行めは、写しを作っていません。3行めの -= で、kept の中身はどうなりますか。",
        "2回更新した重み": "重みを動かすのは3行めだけで、一度しか通りません。",
        "エラーで止まる": "どの行も、NumPy では正しい書き方です。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array, float]:
    outputs, inputs, m = [(2, 3, 4), (1, 1, 1), (3, 2, 1), (2, 2, 3), (1, 4, 2), (4, 1, 5)][n]
    return (
        rng.normal(size=(outputs, inputs)),
        rng.normal(size=(inputs, m)),
        rng.normal(size=(outputs, m)),
        float(rng.uniform(0.1, 0.9)),
    )


def _slope(W: Array, X: Array, Y: Array) -> Array:
    """平均損失の、重みについての勾配。"""
    return weight_gradient(output_gradient(W @ X, Y, LOSSES["half_squared_error"]), X)


one_step = Function(
    lambda W, X, Y, rate: update(W, _slope(W, X, Y), rate),
    _draw,
    {
        "引く代わりに足した値": lambda W, X, Y, rate: W + rate * _slope(W, X, Y),
        "例の数で割り忘れた値": lambda W, X, Y, rate: W - rate * X.shape[1] * _slope(W, X, Y),
        "学習率を掛け忘れた値": lambda W, X, Y, rate: W - _slope(W, X, Y),
        "勾配だけの値": lambda W, X, Y, rate: _slope(W, X, Y),
        "重みの動いた量だけの値": lambda W, X, Y, rate: -rate * _slope(W, X, Y),
        "2回更新した値": lambda W, X, Y, rate: (
            W - rate * _slope(W, X, Y) - rate * _slope(W - rate * _slope(W, X, Y), X, Y)
        ),
        "損失の ½ を忘れた値": lambda W, X, Y, rate: W - 2 * rate * _slope(W, X, Y),
        "損失を平均二乗誤差にした値": lambda W, X, Y, rate: W - 2 * rate / len(Y) * _slope(W, X, Y),
        "はじめの例だけで更新した値": lambda W, X, Y, rate: W - rate * _slope(W, X[:, :1], Y[:, :1]),
        "何も動かさない値": lambda W, X, Y, rate: W,
    },
)

QUESTIONS = {
    "ex-step6-two-weights": two_weights,
    "ex-step6-one-jump": one_jump,
    "ex-step6-boundary": boundary,
    "ex-step6-kept": kept,
    "ex-step6-one-step": one_step,
}

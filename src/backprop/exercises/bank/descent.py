"""{ref}`勾配降下法 <sec-gradient-descent>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.losses import mse_gradient
from backprop.steps import update, weight_gradient

HESSIAN = np.array([[2.0, 1.0], [1.0, 4.0]])
START, RATE = np.array([2.0, -1.0]), 0.25
"""混ざる谷の問いの、2階微分、出発点、学習率。"""


def _one_after_another() -> Array:
    """一つめの重みを更新してから、二つめの勾配を求める。"""
    point = START.copy()
    for n in range(len(point)):
        point[n] -= RATE * (HESSIAN @ point)[n]
    return point


together = Values(
    lambda: update(START, HESSIAN @ START, RATE),
    {
        "二つめの勾配を、更新した後の重みで求めた値": _one_after_another,
        "勾配の向きに進んだ値": lambda: START + RATE * HESSIAN @ START,
        "学習率を掛け忘れた値": lambda: START - HESSIAN @ START,
        "二つの重みの積の項を落とした値": lambda: START - RATE * np.diag(HESSIAN) * START,
        "2乗を微分したときの2を忘れた値": lambda: START - RATE * (HESSIAN - np.diag([1.0, 2.0])) @ START,
        "引く量だけの値": lambda: RATE * HESSIAN @ START,
        "勾配の値": lambda: HESSIAN @ START,
    },
)

INPUTS, STEP = np.array([[1.0, 2.0, 1.0]]), 0.375
"""三つの例の谷の、入力と学習率。"""


def _curvature() -> float:
    """谷底から1だけ離れたところの勾配。目標がすべて0なら、谷底は0。"""
    return weight_gradient(mse_gradient(INPUTS, np.zeros((1, 3))), INPUTS).item()


def _factor_and_limit(curvature: float, limit: float | None = None) -> list[float]:
    factor = update(np.ones(1), np.array([curvature]), STEP).item()
    return [factor, 2 / curvature if limit is None else limit]


neuron = Values(
    lambda: _factor_and_limit(_curvature()),
    {
        "2乗を微分したときの2を忘れた値": lambda: _factor_and_limit(_curvature() / 2),
        "例の数で割り忘れた値": lambda: _factor_and_limit(3 * _curvature()),
        "入力を2乗し忘れた値": lambda: _factor_and_limit(2 * INPUTS.mean()),
        "境目の代わりに、1回で底に着く学習率を答えた値": lambda: _factor_and_limit(
            _curvature(), 1 / _curvature()
        ),
        "掛かる数の代わりに、学習率と曲がりの強さの積を答えた値": lambda: [
            STEP * _curvature(),
            2 / _curvature(),
        ],
        "符号を落とした値": lambda: np.abs(_factor_and_limit(_curvature())),
    },
)

three_quarters = Choice(
    "1/4倍",
    "重みは −1/2 倍になり、損失は重みの2乗に比例します。",
    {
        "1/16倍": "損失は、重みの4乗ではなく2乗に比例します。",
        "1/2倍": "それは、谷底までの距離です。損失は、重みの2乗に比例します。",
        "増える": "重みに掛かる数の大きさは、1より小さいままです。またぐことと、遠ざかることは、別のことです。",
    },
)

bug = Choice(
    4,
    "入力は混ぜた番号で、目標は混ぜる前の順で取り出しています。",
    {
        1: "1行めは、例の番号を混ぜています。どの番号も、一度ずつ現れます。",
        2: "2行めは、ミニバッチの先頭の番号を、size おきに作っています。",
        3: "3行めは、混ぜた番号から、size 個を取り出しています。",
        5: "5行めは、勾配の逆向きに進んでいます。",
    },
)


Gradient = Callable[[Array, Array, Array], Array]
Case = tuple[Gradient, Array, Array, Array, int, float]


def _mse_slope(W: Array, X: Array, Y: Array) -> Array:
    return weight_gradient(mse_gradient(W @ X, Y), X)


def _draw(rng: np.random.Generator, n: int) -> Case:
    outputs, inputs, m, size = [
        (2, 2, 1, 1), (1, 3, 5, 2), (3, 1, 4, 4), (3, 2, 7, 3), (2, 4, 6, 2), (1, 1, 5, 4),
    ][n]  # fmt: skip
    W, X = rng.normal(size=(outputs, inputs)), rng.normal(size=(inputs, m))
    return _mse_slope, W, X, rng.normal(size=(outputs, m)), size, float(rng.uniform(0.05, 0.2))


def _batches(m: int, size: int) -> Iterator[slice]:
    yield from (slice(first, min(first + size, m)) for first in range(0, m, size))


def _one_epoch(gradient: Gradient, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    for part in _batches(X.shape[1], size):
        W = update(W, gradient(W, X[:, part], Y[:, part]), rate)
    return W


def _from_the_start(gradient: Gradient, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    return W - rate * sum(gradient(W, X[:, part], Y[:, part]) for part in _batches(X.shape[1], size))


def _no_remainder(gradient: Gradient, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    m = X.shape[1] // size * size
    return _one_epoch(gradient, W, X[:, :m], Y[:, :m], size, rate)


def _divided_again(gradient: Gradient, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    for part in _batches(X.shape[1], size):
        W = W - rate * gradient(W, X[:, part], Y[:, part]) / size
    return W


def _first_again(gradient: Gradient, W: Array, X: Array, Y: Array, size: int, rate: float) -> Array:
    for _ in _batches(X.shape[1], size):
        W = W - rate * gradient(W, X[:, :size], Y[:, :size])
    return W


epoch = Function(
    _one_epoch,
    _draw,
    {
        "どの勾配も、始めの重みで求めた値": _from_the_start,
        "終わりの半端な例を使わなかった値": _no_remainder,
        "すべての例で、1回だけ更新した値": lambda gradient, W, X, Y, size, rate: W - rate * gradient(W, X, Y),
        "勾配を、ミニバッチの例の数でもう一度割った値": _divided_again,
        "はじめのミニバッチだけをくり返し使った値": _first_again,
        "勾配の向きに進んだ値": lambda gradient, W, X, Y, size, rate: _one_epoch(
            lambda *given: -gradient(*given), W, X, Y, size, rate
        ),
        "更新を1回でやめた値": lambda gradient, W, X, Y, size, rate: (
            W - rate * gradient(W, X[:, :size], Y[:, :size])
        ),
    },
)

QUESTIONS = {
    "ex-descent-together": together,
    "ex-descent-neuron": neuron,
    "ex-descent-three-quarters": three_quarters,
    "ex-descent-bug": bug,
    "ex-descent-epoch": epoch,
}

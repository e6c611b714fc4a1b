"""{ref}`最適化アルゴリズム <sec-optimizers>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.optimizers import AdaGrad, Adam, GradientDescent, RMSProp
from backprop.optimizers.base import Optimizer

TINY = 1e-200
"""無視する ε。"""


def _walked(optimizer: Optimizer, slopes: Array, start: float) -> Array:
    """更新のたびの重み。"""
    w, path = np.array([start]), []
    for slope in slopes:
        optimizer.step([w], [np.array([slope])])
        path.append(w.item())
    return np.array(path)


def _moves(optimizer: Optimizer) -> Array:
    return np.diff(_walked(optimizer, THREE, 0.0), prepend=0.0)


THREE = np.array([3.0, -4.0, 12.0])
"""AdaGrad の問いの、三つの勾配。学習率は1。"""

adagrad = Values(
    lambda: _moves(AdaGrad(learning_rate=1.0, epsilon=TINY)),
    {
        "勾配降下法の値": lambda: _moves(GradientDescent(learning_rate=1.0)),
        "その回の勾配だけの大きさで割った値": lambda: -np.sign(THREE),
        "2乗の和の根号の代わりに、大きさの和で割った値": lambda: -THREE / np.cumsum(np.abs(THREE)),
        "根号をとり忘れた値": lambda: -THREE / np.cumsum(THREE**2),
        "2乗の和の代わりに、2乗の平均で割った値": lambda: (
            -THREE / np.sqrt(np.cumsum(THREE**2) / np.arange(1, 4))
        ),
        "変化の代わりに、0から始めた重みを答えた値": lambda: _walked(
            AdaGrad(learning_rate=1.0, epsilon=TINY), THREE, 0.0
        ),
    },
)

outlier = Choice(
    "RMSProp だけ",
    "RMSProp は古い2乗を薄めますが、AdaGrad は足し込むだけです。",
    {
        "AdaGrad だけ": "AdaGrad の s は減りません。大きな勾配の2乗が、いつまでも残ります。",
        "両方": "AdaGrad の s は、1000回めには1万を超えています。",
        "どちらでもない": "移動平均の中の、はじめの2乗は 0.9 の999乗倍に薄まります。残るのは、いつも1の平均です。",
    },
)

counter = Choice(
    4,
    "回数が、配列を一つ更新するたびに増えています。更新1回につき、1だけ増えなければなりません。",
    {
        1: "1行めは、回数を0から始めています。",
        2: "2行めは、更新のくり返しです。",
        3: "3行めは、配列を順に取り出しています。",
        5: "5行めは、勾配の移動平均です。配列ごとに、別々に覚えています。",
        6: "6行めは、2乗の移動平均です。配列ごとに、別々に覚えています。",
        7: "7行めの式は正しく書けています。使っている k がおかしくなったのは、別の行のせいです。",
        8: "8行めの式は正しく書けています。使っている k がおかしくなったのは、別の行のせいです。",
        9: "9行めは、Adam の更新の式です。",
    },
)

PAIR, START, RATE, HALF = np.array([5.0, -1.0]), 1.0, 0.5, 0.5
"""Adam の問いの、二つの勾配、始めの重み、学習率、二つの係数。"""


def _adam(
    *,
    mean_fixed: bool = True,
    square_fixed: bool = True,
    averaged: bool = True,
    counted: bool = True,
    power: float = 0.5,
) -> Array:
    """Adam の更新式を、少し変えて使う。"""
    w, mean, s, path = START, 0.0, 0.0, []
    for k, g in enumerate(PAIR, start=1):
        mean, s = HALF * mean + (1 - HALF) * g, HALF * s + (1 - HALF) * g**2
        bias = 1 - HALF ** (k if counted else 1)
        forward = (mean / (bias if mean_fixed else 1)) if averaged else g
        w -= RATE * forward / (s / (bias if square_fixed else 1)) ** power
        path.append(w)
    return np.array(path)


def _package_adam() -> Array:
    return _walked(Adam(learning_rate=RATE, beta1=HALF, beta2=HALF, epsilon=TINY), PAIR, START)


adam = Values(
    _package_adam,
    {
        "偏りを直さない値": lambda: _adam(mean_fixed=False, square_fixed=False),
        "勾配の平均の偏りを直し忘れた値": lambda: _adam(mean_fixed=False),
        "2乗の平均の偏りを直し忘れた値": lambda: _adam(square_fixed=False),
        "回数を1のままにした値": lambda: _adam(counted=False),
        "勾配を平均せずに進んだ値": lambda: _adam(averaged=False),
        "根号をとり忘れた値": lambda: _adam(power=1.0),
        "勾配降下法の値": lambda: _walked(GradientDescent(learning_rate=RATE), PAIR, START),
        "重みの代わりに、変化を答えた値": lambda: np.diff(_package_adam(), prepend=START),
    },
)

Case = tuple[Array, float, float, float]


def _draw(rng: np.random.Generator, n: int) -> Case:
    updates, weights = ((3, 2), (1, 3), (6, 1), (4, 4), (8, 2), (5, 3))[n]
    slopes = rng.normal(size=(updates, weights)) * np.exp(rng.normal(size=(updates, weights)))
    return slopes, float(rng.uniform(0.1, 1)), float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.05, 0.3))


def _averages(slopes: Array, rho: float) -> Array:
    """更新のたびの、2乗の移動平均。"""
    s, rows = np.zeros(slopes.shape[1]), []
    for g in slopes:
        s = rho * s + (1 - rho) * g**2
        rows.append(s)
    return np.array(rows)


def _divided(slopes: Array, squares: Array, eta: float, eps: float) -> Array:
    """割る数の2乗の表から、すべての更新のあとの重み。"""
    return -eta * (slopes / (np.sqrt(squares) + eps)).sum(axis=0)


def _largest(slopes: Array, eta: float, rho: float, eps: float) -> Array:
    return _divided(slopes, np.maximum.accumulate(_averages(slopes, rho)), eta, eps)


def _kept_in_place(slopes: Array, eta: float, rho: float, eps: float) -> Array:
    s, rows = np.zeros(slopes.shape[1]), []
    for g in slopes:
        s = np.maximum(s, rho * s + (1 - rho) * g**2)
        rows.append(s)
    return _divided(slopes, np.array(rows), eta, eps)


def _package(optimizer: Optimizer, slopes: Array) -> Array:
    w = np.zeros(slopes.shape[1])
    for g in slopes:
        optimizer.step([w], [g])
    return w


largest = Function(
    _largest,
    _draw,
    {
        "最大値を覚えない RMSProp の値": lambda slopes, eta, rho, eps: _package(
            RMSProp(learning_rate=eta, decay=rho, epsilon=eps), slopes
        ),
        "AdaGrad の値": lambda slopes, eta, rho, eps: _package(
            AdaGrad(learning_rate=eta, epsilon=eps), slopes
        ),
        "移動平均の方にも、最大値を入れた値": _kept_in_place,
        "平均ではなく、勾配の2乗の最大値で割った値": lambda slopes, eta, rho, eps: _divided(
            slopes, np.maximum.accumulate(slopes**2), eta, eps
        ),
        "最大値を、すべての重みで共有した値": lambda slopes, eta, rho, eps: _divided(
            slopes,
            np.maximum.accumulate(_averages(slopes, rho)).max(axis=1, keepdims=True),
            eta,
            eps,
        ),
        "ε を根号の中に足した値": lambda slopes, eta, rho, eps: _divided(
            slopes, np.maximum.accumulate(_averages(slopes, rho)) + eps, eta, 0.0
        ),
        "古い最大値で割った値": lambda slopes, eta, rho, eps: _divided(
            slopes,
            np.vstack([0 * slopes[:1], np.maximum.accumulate(_averages(slopes, rho))[:-1]]),
            eta,
            eps,
        ),
        "勾配の向きに進んだ値": lambda slopes, eta, rho, eps: -_largest(slopes, eta, rho, eps),
    },
)

QUESTIONS = {
    "ex-optimizers-adagrad": adagrad,
    "ex-optimizers-outlier": outlier,
    "ex-optimizers-counter": counter,
    "ex-optimizers-adam": adam,
    "ex-optimizers-largest": largest,
}

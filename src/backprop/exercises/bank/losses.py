"""{ref}`損失関数 <sec-losses>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.losses import LOSSES

MSE = LOSSES["mse"]
Y_HAT = np.array([[1.0, 1.0], [3.0, 4.0], [0.0, 2.0]])
Y = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 2.0]])
"""例ごとの損失の問いの、出力と目標。"""


def _with_mean(losses: Array) -> Array:
    return np.array([*losses, losses.mean()])


mse = Values(
    lambda: _with_mean(MSE.value(Y_HAT, Y)),
    {
        "二乗誤差の半分（出力の数でなく、2で割った値）": lambda: _with_mean(
            LOSSES["half_squared_error"].value(Y_HAT, Y)
        ),
        "出力の数で割り忘れた値": lambda: _with_mean(((Y_HAT - Y) ** 2).sum(axis=0)),
        "例について平均せずに、足した値": lambda: np.array([*MSE.value(Y_HAT, Y), MSE.value(Y_HAT, Y).sum()]),
        "差を、2乗せずに絶対値にした値": lambda: _with_mean(np.abs(Y_HAT - Y).mean(axis=0)),
        "差を平均してから、2乗した値": lambda: _with_mean((Y_HAT - Y).mean(axis=0) ** 2),
        "損失の平方根をとった値": lambda: _with_mean(np.sqrt(MSE.value(Y_HAT, Y))),
    },
)

half = Choice(
    "2倍",
    "1/4 は 1/2 の2乗なので、対数は2倍です。",
    {
        "2.25倍": "それは、2乗の損失 (1 − ŷ)² です。対数のほうを計算してください。",
        "1.5倍": "それは、目標からのはずれ 1 − ŷ の比です。対数は、はずれに比例しません。",
        "4倍": "1/4 を 1/2 の累乗で書いて、累乗の対数の規則を使ってください。",
    },
)

blind_test = Choice(
    "C",
    "1行1列の表では、縦の平均も横の平均も同じ数です。",
    {
        "A": "出力が3個、例が2個なら、返る数の個数が3個と2個で違い、形で気づきます。",
        "B": "形は同じでも、行の平均と列の平均です。ばらばらの数なら、値で気づきます。",
        "D": "横に平均すると、4個のはずの損失が1個になり、形で気づきます。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    shape = [(3, 1), (2, 4), (1, 3), (4, 2), (3, 3), (1, 1)][n]
    return rng.normal(size=shape), rng.normal(size=shape)


cost = Function(
    lambda Y_hat, Y: MSE.value(Y_hat, Y).mean(),
    _draw,
    {
        "二乗誤差の半分の平均損失": (lambda Y_hat, Y: LOSSES["half_squared_error"].value(Y_hat, Y).mean()),
        "出力の数で割り忘れた値": lambda Y_hat, Y: ((Y_hat - Y) ** 2).sum(axis=0).mean(),
        "例について平均せずに、足した値": lambda Y_hat, Y: MSE.value(Y_hat, Y).sum(),
        "どちらの平均もとらずに、足した値": lambda Y_hat, Y: ((Y_hat - Y) ** 2).sum(),
        "差を平均してから、2乗した値": lambda Y_hat, Y: (Y_hat - Y).mean() ** 2,
        "差を、2乗せずに絶対値にした値": lambda Y_hat, Y: np.abs(Y_hat - Y).mean(),
        "平均損失の平方根をとった値": lambda Y_hat, Y: np.sqrt(MSE.value(Y_hat, Y).mean()),
        "終わりの例の損失": lambda Y_hat, Y: MSE.value(Y_hat, Y)[-1],
    },
)

BCE = LOSSES["binary_cross_entropy"]
P, T = np.array([[0.25], [0.75], [0.5]]), np.array([[1.0], [0.0], [1.0]])
"""確率についての傾きの問いの、出力と目標。"""

bce_gradient = Values(
    lambda: BCE.gradient(P, T)[:, 0],
    {
        "差のまま、$\\hat y(1-\\hat y)$ で割り忘れた値": lambda: (P - T)[:, 0],
        "平均二乗誤差の勾配の値": lambda: MSE.gradient(P, T)[:, 0],
        "目標が1の項だけの値（クロスエントロピーの勾配）": (
            lambda: LOSSES["cross_entropy"].gradient(P, T)[:, 0]
        ),
        "差を $\\hat y$ だけで割った値": lambda: ((P - T) / P)[:, 0],
        "差を $1-\\hat y$ だけで割った値": lambda: ((P - T) / (1 - P))[:, 0],
        "目標が0の項の符号を逆にした値": lambda: -np.abs(BCE.gradient(P, T)[:, 0]),
        "3個の出力について平均した値": lambda: BCE.gradient(P, T)[:, 0] / 3,
    },
)


def _draw_sums(rng: np.random.Generator, n: int) -> tuple[Array]:
    shape = [(3, 1), (2, 4), (4, 2), (3, 3), (1, 3), (5, 2)][n]
    far = rng.choice([-1000.0, 0.0, 1000.0], size=shape[1]) if n else 0.0
    return (rng.normal(size=shape, scale=2) + far,)


def _first_class(Z: Array) -> Array:
    chosen = np.zeros(Z.shape)
    chosen[0] = 1
    return chosen


def _after_largest(Z: Array) -> Array:
    return np.log(np.exp(Z - Z.max(axis=0)).sum(axis=0))


log_sum_exp = Function(
    lambda Z: LOSSES["cross_entropy"].value_at_z(Z, _first_class(Z)) + Z[0],
    _draw_sums,
    {
        "最大値を足し戻し忘れた値": _after_largest,
        "最大値だけの値": lambda Z: Z.max(axis=0),
        "最大値を、足さずに引いた値": lambda Z: _after_largest(Z) - Z.max(axis=0),
        "最大値を二度足した値": lambda Z: _after_largest(Z) + 2 * Z.max(axis=0),
        "和の代わりに平均の対数をとった値": lambda Z: _after_largest(Z) + Z.max(axis=0) - np.log(len(Z)),
        "はじめのクラスの損失の値": lambda Z: LOSSES["cross_entropy"].value_at_z(Z, _first_class(Z)),
    },
)

QUESTIONS = {
    "ex-losses-mse": mse,
    "ex-losses-half": half,
    "ex-losses-blind-test": blind_test,
    "ex-losses-cost": cost,
    "ex-losses-bce-gradient": bce_gradient,
    "ex-losses-log-sum-exp": log_sum_exp,
}

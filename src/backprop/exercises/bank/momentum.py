"""{ref}`モーメンタム <sec-momentum-chapter>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.optimizers import GradientDescent, Momentum, Nesterov
from backprop.optimizers.base import Optimizer
from backprop.steps import update

RATE, MU, UPDATES = 0.25, 0.5, 3
"""底を通り過ぎる問いの、学習率、係数、更新の回数。"""


def _valley(w: Array) -> Array:
    return 4 * w


def _walked(optimizer: Optimizer) -> list[float]:
    w, path = np.array([8.0]), []
    for _ in range(UPDATES):
        optimizer.step([w], [_valley(w)])
        path.append(w.item())
    return path


def _by_hand(
    kept: float = MU, pushed: float = -RATE, late: bool = False, speeds: bool = False
) -> list[float]:
    """モーメンタムの更新式を、少し変えて3回使う。"""
    w, v, path = 8.0, 0.0, []
    for _ in range(UPDATES):
        before, v = v, kept * v + pushed * 4 * w
        w += before if late else v
        path.append(v if speeds else w)
    return path


overrun = Values(
    lambda: _walked(Momentum(learning_rate=RATE, momentum=MU)),
    {
        "勾配降下法の値": lambda: _walked(GradientDescent(learning_rate=RATE)),
        "速度を μ 倍し忘れた値": lambda: _by_hand(kept=1.0),
        "古い速度で重みを動かした値": lambda: _by_hand(late=True),
        "勾配の向きに押した値": lambda: _by_hand(pushed=RATE),
        "勾配に 1−μ を掛けた値": lambda: _by_hand(pushed=-RATE * (1 - MU)),
        "重みの代わりに、速度を答えた値": lambda: _by_hand(speeds=True),
        "ネステロフの加速法の値": lambda: _walked(Nesterov(learning_rate=RATE, momentum=MU)),
    },
)

flat = Choice(
    "9",
    "一歩の長さは 0.9、0.81、… と縮み、その和は 0.9/(1−0.9) に近づきます。",
    {
        "0": "勾配が0でも、速度は0になりません。1回の更新で μ 倍になるだけです。",
        "10": "それは、長さ1の一歩も数えた和です。ここでは、その次の一歩から数えます。",
        "限りなく大きくなる": "一歩の長さは公比 0.9 の等比数列なので、いくつ足しても、決まった値を超えません。",
    },
)

bug = Choice(
    2,
    "速度を、エポックのたびに0へ戻しています。速度は、学習のあいだずっと覚えておきます。",
    {
        1: "1行めは、エポックのくり返しです。ここは正しい場所です。",
        3: "3行めは、ミニバッチを順に取り出しています。",
        4: "4行めは、いまの重みで、ミニバッチの勾配を求めています。毎回求めるのが正しいのです。",
        5: "5行めは、モーメンタムの速度の式です。右辺の v に何が入っているかを見てください。",
        6: "6行めは、新しい速度だけ重みを動かしています。",
    },
)

Gradient = Callable[[Array], Array]
Case = tuple[Gradient, Array, float, float, int]


def _draw(rng: np.random.Generator, n: int) -> Case:
    shape: tuple[int, ...] = ((1,), (2,), (3,), (2, 1), (3, 2), (2, 4))[n]
    H = rng.normal(size=(shape[0], shape[0]))
    curved = H @ H.T / shape[0]
    return (
        lambda w: curved @ np.sin(w),
        rng.normal(size=shape),
        float(rng.uniform(0.1, 0.4)),
        float(rng.uniform(0.5, 0.9)),
        (3, 1, 4, 2, 5, 3)[n],
    )


def _package(optimizer: Optimizer, gradient: Gradient, w: Array, updates: int) -> Array:
    w = w.copy()
    for _ in range(updates):
        optimizer.step([w], [gradient(w)])
    return w


def _ahead(gradient: Gradient, w: Array, eta: float, mu: float, updates: int) -> Array:
    """先読みした点の列から、先読みする前の重みを求める。"""
    made = Nesterov(learning_rate=eta, momentum=mu)
    last = _package(made, gradient, w, updates - 1)
    return update(last, gradient(last), eta)


def _looking(
    gradient: Gradient, w: Array, mu: float, eta: float, updates: int, reach: float, jump: bool = False
) -> Array:
    """速度の ``reach`` 倍だけ先の勾配を使う。"""
    v = np.zeros_like(w)
    for _ in range(updates):
        ahead = w + reach * v
        v = mu * v - eta * gradient(ahead)
        w = (ahead if jump else w) + v
    return w


nesterov = Function(
    _ahead,
    _draw,
    {
        "先読みした点を返した値": lambda gradient, w, eta, mu, updates: _package(
            Nesterov(learning_rate=eta, momentum=mu), gradient, w, updates
        ),
        "いまの点の勾配を使ったモーメンタムの値": lambda gradient, w, eta, mu, updates: _package(
            Momentum(learning_rate=eta, momentum=mu), gradient, w, updates
        ),
        "勾配降下法の値": lambda gradient, w, eta, mu, updates: _package(
            GradientDescent(learning_rate=eta), gradient, w, updates
        ),
        "速度を μ 倍せずに先読みした値": lambda gradient, w, eta, mu, updates: _looking(
            gradient, w, mu, eta, updates, 1.0
        ),
        "逆の向きに先読みした値": lambda gradient, w, eta, mu, updates: _looking(
            gradient, w, mu, eta, updates, -mu
        ),
        "先読みした点から動いた値": lambda gradient, w, eta, mu, updates: _looking(
            gradient, w, mu, eta, updates, mu, jump=True
        ),
    },
)

QUESTIONS = {
    "ex-momentum-overrun": overrun,
    "ex-momentum-flat": flat,
    "ex-momentum-bug": bug,
    "ex-momentum-nesterov": nesterov,
}

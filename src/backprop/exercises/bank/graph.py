"""{ref}`計算グラフ <sec-graph>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop import autodiff
from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values

GARDEN = {"x": 3.0, "y": 5.0, "u": 100.0, "v": 200.0}
"""花壇の縦、横、柵と土の値段。"""


def _garden(fence: float = 2.0, soil: float = 1.0) -> Array:
    """費用の勾配。``fence`` と ``soil`` は、二つの費用に掛ける数。"""
    leaves = {name: autodiff.Variable(value) for name, value in GARDEN.items()}
    x, y, u, v = leaves.values()
    total = fence * (x + y) * u + soil * (x * y) * v
    return np.array([float(rate) for rate in autodiff.gradients(total, list(leaves.values()))])


def _one_path(rates: Array) -> Array:
    """縦と横の割合だけを、片方の道のものにする。"""
    return np.append(rates[:2], _garden()[2:])


garden = Values(
    _garden,
    {
        "柵の道だけの値": lambda: _one_path(_garden(soil=0.0)),
        "土の道だけの値": lambda: _one_path(_garden(fence=0.0)),
        "道の割合を、足す代わりに掛けた値": lambda: _one_path(_garden(soil=0.0) * _garden(fence=0.0)),
        "縦と横を取り違えた値": lambda: _garden()[[1, 0, 2, 3]],
        "柵の式の2を忘れた値": lambda: _garden(fence=1.0),
        "柵と土の値段の割合を取り違えた値": lambda: _garden()[[0, 1, 3, 2]],
    },
)

fee = Choice(
    "r だけ",
    "足し算は割合をそのまま渡します。掛け算は相手の値を渡すので、r の割合だけが変わります。",
    {
        "c だけ": "c からの道では、受付料は足し算の相手になるだけです。帰りの足し算は、割合をそのまま渡します。",
        "四つとも": "足し算は、相手の値がいくらでも、割合をそのまま渡します。",
        "どれも変わらない": "最後の掛け算は、r へ、割引の前の合計を渡します。受付料を足すと、その合計が変わります。",
    },
)

order = Choice(
    3,
    "d_u がそろうのは4行めのあとです。3行めは、それを待たずに流しています。",
    {
        1: "1行めは出口の割合で、いつでも1です。",
        2: "2行めは L = v * u の帰りです。L の割合は、もうそろっています。",
        4: "4行めは v = u + x の帰りです。v は L の行だけで使われるので、d_v はもうそろっています。",
    },
)


FACTORS = [5.0, 2.0, 3.0, 0.5]
"""左から順に掛けていく数。"""


def _grads(forget_leaf: bool = False, forget_inner: bool = False, calls: int = 3) -> list[float]:
    """勾配をためたまま、3回戻ったときの、はじめの数の勾配。"""
    leaf, inner, found = 0.0, [0.0] * (len(FACTORS) - 2), []
    for _ in range(calls):
        leaf, inner = (0.0 if forget_leaf else leaf), [0.0 if forget_inner else grad for grad in inner]
        upstream = 1.0
        for n, factor in enumerate(reversed(FACTORS[2:])):
            inner[n] += upstream * factor
            upstream = inner[n]
        leaf += upstream * FACTORS[1]
        found.append(leaf)
    return found


again = Values(
    _grads,
    {
        "途中のノードの勾配を、毎回消した値": lambda: _grads(forget_inner=True),
        "葉の勾配だけを、毎回消した値": lambda: _grads(forget_leaf=True),
        "どの勾配も、毎回消した値": lambda: _grads(True, True),
        "呼ぶたびに2倍になるとした値": lambda: _grads()[0] * 2.0 ** np.arange(3),
        "呼ぶたびに4倍になるとした値": lambda: _grads()[0] * 4.0 ** np.arange(3),
        "途中のノードが一つ多いときの値": lambda: _grads()[0] * np.array([1, 5, 15]),
        "勾配の代わりに、積の値をためた値": lambda: np.prod(FACTORS) * np.arange(1, 4),
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    shape = [(3, 1), (2, 3), (1, 1), (4,), (1, 5), (3, 2)][n]
    y = rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2.0, size=shape)
    return rng.normal(size=shape), y, rng.normal(size=shape)


def _divide_backward(x: Array, y: Array, upstream: Array) -> Array:
    above, below = autodiff.Variable(x), autodiff.Variable(y)
    loss = (above / below * autodiff.Variable(upstream)).sum()
    return np.array(autodiff.gradients(loss, [above, below]))


divide = Function(
    _divide_backward,
    _draw,
    {
        "割る数の勾配の符号を忘れた値": lambda x, y, upstream: [upstream / y, upstream * x / y**2],
        "掛け算の帰りの値": lambda x, y, upstream: [upstream * y, upstream * x],
        "上流の勾配を掛け忘れた値": lambda x, y, upstream: [1 / y, -x / y**2],
        "二つの勾配の順を逆にした値": lambda x, y, upstream: [-upstream * x / y**2, upstream / y],
        "割る数の勾配で、2乗し忘れた値": lambda x, y, upstream: [upstream / y, -upstream * x / y],
        "割る数の勾配で、割られる数を掛け忘れた値": lambda x, y, upstream: [upstream / y, -upstream / y**2],
        "割る数の勾配の分子と分母を、取り違えた値": lambda x, y, upstream: [
            upstream / y,
            -upstream * y / x**2,
        ],
    },
)

QUESTIONS = {
    "ex-graph-garden": garden,
    "ex-graph-fee": fee,
    "ex-graph-order": order,
    "ex-graph-again": again,
    "ex-graph-divide": divide,
}

"""{ref}`XOR のプラトー <sec-xor-plateau>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.datasets import xor
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values

X, Y = xor()
WEIGHTS, BIAS = np.array([1.0, -2.0]), 0.5
GAPS = 0.5 - Y[0]
"""誤差項。どの例でも、出力は ½。"""

Activation = Callable[[Array], Array]
RELU = ACTIVATIONS["relu"]
ALL: tuple[Activation, ...] = (np.square, lambda z: z**3, RELU.value)
SLOPES: tuple[Activation, ...] = (lambda z: 2 * z, lambda z: 3 * z**2, RELU.derivative)


def _slopes(gaps: Array = GAPS, bias: float = BIAS, activations: tuple[Activation, ...] = ALL) -> list[float]:
    """出力への重みの勾配を、活性化関数ごとに。"""
    return [float(np.mean(gaps * f(WEIGHTS @ X + bias))) for f in activations]


visible = Values(
    _slopes,
    {
        "例の数で割り忘れた値": lambda: [4 * slope for slope in _slopes()],
        "XOR ではなく OR の目標で求めた値": lambda: _slopes(0.5 - X.max(axis=0)),
        "斜めどうしでなく、隣どうしで比べた値": lambda: _slopes(0.5 - X[0]),
        "バイアスを落とした値": lambda: _slopes(bias=0.0),
        "ReLU で、負の加重和もそのまま使った値": lambda: _slopes(activations=(*ALL[:2], lambda z: z)),
        "活性の代わりに、傾きを掛けた値": lambda: _slopes(activations=SLOPES),
    },
)


MEASURED, RATE, SCALE = 2000.0, 0.2, 0.1
NEW_RATE, NEW_SCALE, LIMIT, TINY = 0.4, 0.05, 10_000.0, 0.01
"""測った回数とその設定、新しい設定、待てる回数、小さな重みの大きさ。"""


def _waits(power: float, *, with_rate: bool = True) -> list[float]:
    """回数が、学習率と、重みの大きさの ``power`` 乗に反比例するとした、二つの答え。"""
    constant = MEASURED * RATE * SCALE**power
    rate = NEW_RATE if with_rate else RATE
    return [constant / (rate * NEW_SCALE**power), constant / (LIMIT * TINY**power)]


scales = Values(
    lambda: _waits(2),
    {
        "重みの大きさを2乗し忘れた値": lambda: _waits(1),
        "重みの大きさを3乗した値": lambda: _waits(3),
        "重みの大きさを考えに入れなかった値": lambda: _waits(0),
        "重みの大きさに、反比例ではなく比例するとした値": lambda: _waits(-2),
        "学習率の違いを考えに入れなかった値": lambda: _waits(2, with_rate=False),
    },
)


conjunction = Choice(
    "一定の回数だけ増える",
    "AND は、入力の1次式から見えます。重みどうしが互いを伸ばし、伸び方は指数関数的です。",
    {
        "100倍": "それは、3次の項からしか見えない XOR の待ち方です。AND は、何次の項から見えますか。",
        "10倍": "それは、2次の項からはじめて見えるときの待ち方です。AND は、何次の項から見えますか。",
        "変わらない": "小さな重みからは、伸びる分だけ長くかかります。何倍に伸びればよいかが変わります。",
    },
)


SIZES = ((5, 3), (4, 1), (6, 2), (1, 4), (8, 5), (7, 3))
"""記録の数、ネットワークの数。"""
LEVEL = 0.6


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, float]:
    records, networks = SIZES[n]
    cost = rng.uniform(size=(records, networks))
    cost[:, 0] *= LEVEL  # 始めから終わりまで下回る
    if networks > 2:
        cost[-1, 1], cost[-1, 2] = 0.9, 0.1
    return 10.0 + 10.0 * np.arange(records), cost, LEVEL


def _first_row(cost: Array, level: float) -> Array:
    """それからあと、ずっと下回っている、はじめの行。なければ、行の数。"""
    above = cost >= level
    return np.where(above.any(axis=0), len(cost) - above[::-1].argmax(axis=0), 0)


def _for_good(epochs: Array, cost: Array, level: float, never: float | None = -1.0) -> Array:
    row = _first_row(cost, level)
    last = epochs[-1] if never is None else never
    return np.where(row < len(cost), epochs[np.minimum(row, len(cost) - 1)], last)


def _first_time(epochs: Array, cost: Array, level: float) -> Array:
    below = cost < level
    return np.where(below.any(axis=0), epochs[below.argmax(axis=0)], -1.0)


def _last_above(epochs: Array, cost: Array, level: float) -> Array:
    row = np.maximum(_first_row(cost, level) - 1, 0)
    return np.where(cost[-1] < level, epochs[row], -1.0)


def _row_number(epochs: Array, cost: Array, level: float) -> Array:
    row = _first_row(cost, level)
    return np.where(row < len(cost), row, -1)


settled = Function(
    _for_good,
    _draw,
    {
        "はじめて下回ったエポックを返した値": _first_time,
        "下回らないまま終わったものを、始めのエポックとした値": lambda epochs, cost, level: _for_good(
            epochs, cost, level, never=epochs[0]
        ),
        "下回らないまま終わったものを、終わりのエポックとした値": lambda epochs, cost, level: _for_good(
            epochs, cost, level, never=None
        ),
        "最後に上回っていたエポックを返した値": _last_above,
        "エポックの代わりに、記録の番号を返した値": _row_number,
        "どのネットワークも下回っているエポックを返した値": lambda epochs, cost, level: np.full(
            cost.shape[1], _for_good(epochs, cost.max(axis=1, keepdims=True), level)[0]
        ),
    },
)

QUESTIONS = {
    "ex-xorplateau-visible": visible,
    "ex-xorplateau-scales": scales,
    "ex-xorplateau-conjunction": conjunction,
    "ex-xorplateau-settled": settled,
}

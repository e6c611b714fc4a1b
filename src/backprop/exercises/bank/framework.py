"""{ref}`フレームワークの中を見る <sec-framework>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from math import ceil

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.network import Network

EXAMPLES, BATCH, EPOCHS = 1000, 32, 5
LEFT = EXAMPLES % BATCH
TIMES = ceil(EXAMPLES / BATCH) * EPOCHS

updates = Values(
    lambda: [TIMES, LEFT, BATCH / LEFT],
    {
        "余りのミニバッチを数えなかった値": lambda: [EXAMPLES // BATCH * EPOCHS, LEFT, BATCH / LEFT],
        "1エポックの更新だけを数えた値": lambda: [TIMES / EPOCHS, LEFT, BATCH / LEFT],
        "エポックの境で分けなおさなかった値": lambda: [ceil(EXAMPLES * EPOCHS / BATCH), LEFT, BATCH / LEFT],
        "重さの比を、逆さにした値": lambda: [TIMES, LEFT, LEFT / BATCH],
        "重さが、どの例も同じとした値": lambda: [TIMES, LEFT, 1],
        "例を1個ずつ更新に使った値": lambda: [EXAMPLES * EPOCHS, LEFT, BATCH / LEFT],
        "重さを、例の数で割らずに比べた値": lambda: [TIMES, LEFT, BATCH],
    },
)

loss_swap = Choice(
    "2倍",
    "平均二乗誤差の 2ŷ(1−ŷ) が、出力 1/2 では 1/2 になります。2値クロスエントロピーには、これがありません。",
    {
        "変わらない": "差 ŷ − y は同じですが、平均二乗誤差の誤差項には、もう一つ掛かるものがあります。",
        "4倍": "シグモイド関数の傾きは 1/4 ですが、平均二乗誤差には、2乗から出る2もあります。",
        "半分": "逆です。小さいのは、傾きの掛かる平均二乗誤差の方です。",
    },
)

bug = Choice(
    8,
    "8行めの sum() は、ニューロンについても足した一つの数です。例についてだけ足すには axis=0 が要ります。",
    {
        1: "1行めは、例を行に並べた順伝播です。b1 は、どの行にも同じように足されます。",
        2: "2行めは、出力層の順伝播です。",
        3: "3行めは、平均二乗誤差とシグモイド関数の誤差項を、例の数で割ったものです。",
        4: "4行めは、例を行に並べたときの、転置した重みで戻す式です。",
        5: "5行めの積の形は (3, 1) で、例について足しています。",
        6: "6行めは、出力が1個なので、足しているのは例についてだけです。",
        7: "7行めの積の形は (2, 3) で、例について足しています。",
    },
)


def _network(w: Array) -> Network:
    return Network([w[np.newaxis]], [np.zeros((1, 1))], ["identity"], "mse")


def _batches(X: Array, y: Array, size: int) -> list[tuple[Array, Array]]:
    starts = range(0, len(X), size)
    return [(X[s : s + size].T, y[np.newaxis, s : s + size]) for s in starts]


def _told(
    X: Array, y: Array, w: Array, rate: float, size: int, *, late: bool = False,
    weighted: bool = True, factor: float = 1.0, summed: bool = False,
) -> float:  # fmt: skip
    """1エポックの、ミニバッチごとの損失の平均。``late`` なら、更新の直後に測る。"""
    costs, counts = [], []
    for batch in _batches(X, y, size):
        before, count = _network(w), batch[0].shape[1]
        w = w - rate * factor * (count if summed else 1) * before.gradients(*batch)["W1"][0]
        costs.append((_network(w) if late else before).cost(*batch))
        counts.append(count if weighted else 1)
    return float(np.average(costs, weights=counts))


def _whole(X: Array, y: Array, w: Array, rate: float, size: int, *, epochs: int) -> float:
    """``epochs`` エポック学習したあとの、データ全体の損失。"""
    for _ in range(epochs):
        for batch in _batches(X, y, size):
            w = w - rate * _network(w).gradients(*batch)["W1"][0]
    return _network(w).cost(X.T, y[np.newaxis])


def _before(X: Array, y: Array, w: Array, rate: float, size: int) -> float:
    return _whole(X, y, w, rate, size, epochs=0)


def _after(X: Array, y: Array, w: Array, rate: float, size: int) -> float:
    return _whole(X, y, w, rate, size, epochs=1)


def _last(X: Array, y: Array, w: Array, rate: float, size: int) -> float:
    """終わりのミニバッチの、更新の直前の損失。"""
    *earlier, last = _batches(X, y, size)
    for batch in earlier:
        w = w - rate * _network(w).gradients(*batch)["W1"][0]
    return _network(w).cost(*last)


THREE = np.array([[1.0], [1.0], [2.0]]), np.array([2.0, 0.0, 3.0]), np.zeros(1), 0.25, 2
"""画面に出る損失の問いの、例、目標、重み、学習率、ミニバッチの大きさ。"""

reported = Values(
    lambda: _told(*THREE),
    {
        "例の数の重みをつけずに平均した値": lambda: _told(*THREE, weighted=False),
        "更新の直後に測った値": lambda: _told(*THREE, late=True),
        "更新せずに、すべての例で測った値": lambda: _before(*THREE),
        "エポックのあとの、データ全体の損失": lambda: _after(*THREE),
        "終わりのミニバッチだけの値": lambda: _last(*THREE),
        "2乗の2を落として更新した値": lambda: _told(*THREE, factor=0.5),
        "勾配を、平均でなく和にした値": lambda: _told(*THREE, summed=True),
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array, float, int]:
    m, inputs, size = ((1, 2, 3), (5, 2, 2), (4, 3, 4), (7, 1, 3), (6, 4, 4), (3, 2, 1))[n]
    data = rng.normal(size=(m, inputs)), rng.normal(size=m), rng.normal(size=inputs)
    return (*data, float(rng.uniform(0.05, 0.2)), size)


history = Function(
    _told,
    _draw,
    {
        "例の数の重みをつけずに平均した値": lambda *given: _told(*given, weighted=False),
        "更新の直後に測った値": lambda *given: _told(*given, late=True),
        "更新せずに、すべての例で測った値": _before,
        "エポックのあとの、データ全体の損失": _after,
        "終わりのミニバッチだけの値": _last,
        "2乗の2を落として更新した値": lambda *given: _told(*given, factor=0.5),
        "勾配を、平均でなく和にした値": lambda *given: _told(*given, summed=True),
        "例の数で割らない、二乗の和": lambda X, *given: _told(X, *given) * len(X),
        "二乗誤差の半分の値": lambda *given: _told(*given) / 2,
    },
)

QUESTIONS = {
    "ex-framework-updates": updates,
    "ex-framework-loss-swap": loss_swap,
    "ex-framework-reported": reported,
    "ex-framework-bug": bug,
    "ex-framework-history": history,
}

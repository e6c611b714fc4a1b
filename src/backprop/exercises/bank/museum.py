"""{ref}`誤りの博物館 <sec-bug-museum>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.steps import hidden_delta, update, weight_gradient

rectifier = Choice(
    4,
    "4行めは、届いた勾配の符号を見ています。ReLU の傾きを決めるのは、順伝播の加重和の符号です。",
    {
        1: "1行めは、加重和が正だったところを覚えています。逆伝播で使うべきなのは、これです。",
        2: "2行めは ReLU の順伝播です。加重和が正のところだけを通します。",
        3: "3行めは写しをとっています。届いた配列を書きかえないための、正しい行です。",
    },
)

spoiled = Choice(
    "W2",
    "tanh_slope が A1 をその場で2乗にしたので、あとから A1 を使う W2 の勾配だけが違います。",
    {
        "W1": "W1 の勾配に使うのは delta1 と X です。delta1 の値は、正しく求まっています。",
        "b1": "b1 の勾配に使うのは delta1 です。傾きの値そのものは、正しく返っています。",
        "b2": "b2 の勾配に使うのは delta2 だけです。A1 は使いません。",
    },
)

who = Choice(
    "書き起こし",
    "間違っているのは損失のほうです。5個の例のままで、正しい損失の勾配と比べるのは、この調べ方だけです。",
    {
        "形": "X.T に表を掛けて平均すると、w と同じ形になります。形の検査は通ります。",
        "複素ステップ": "測るのも、同じ loss です。gradient は、その loss の正しい微分なので、一致します。",
        "例を1個": "例が1個なら、表は1行1列で、引き算は正しい差になります。間違いは現れません。",
    },
)


DELTA, A = np.array([[2.0, -1.0, -4.0]]), np.array([[4.0, 1.0, 1.0]])
"""三つの例の、誤差項と入り口の活性。"""


def _both_orders() -> list[float]:
    return [weight_gradient(DELTA, A).item(), DELTA.mean() * A.mean()]


mean_first = Values(
    _both_orders,
    {
        "二つを逆に並べた値": lambda: _both_orders()[::-1],
        "例の数で割り忘れた値": lambda: [(DELTA * A).sum(), DELTA.sum() * A.sum()],
        "和どうしを掛けてから、1回だけ割った値": lambda: [_both_orders()[0], DELTA.sum() * A.sum() / 3],
        "終わりの例だけの値": lambda: [(DELTA * A)[0, -1]] * 2,
        "二つめで、誤差項だけを平均した値": lambda: [_both_orders()[0], DELTA.mean()],
        "二つめを、大きさだけで答えた値": lambda: [_both_orders()[0], -_both_orders()[1]],
    },
)


TRUE = np.array([3.0, 4.0])
WRONG = np.array([[6.0, 8.0], [4.0, 3.0], [5.0, -12.0]])
"""正しい勾配と、三つの間違った勾配。"""


def _lengths() -> Array:
    return np.linalg.norm(WRONG, axis=1)


cosines = Values(
    lambda: WRONG @ TRUE / _lengths() / np.linalg.norm(TRUE),
    {
        "大きさで割らない、内積の値": lambda: WRONG @ TRUE,
        "正しい勾配の大きさだけで割った値": lambda: WRONG @ TRUE / np.linalg.norm(TRUE),
        "間違った勾配の大きさだけで割った値": lambda: WRONG @ TRUE / _lengths(),
        "正しい勾配の大きさの2乗で割った値": lambda: WRONG @ TRUE / (TRUE @ TRUE),
        "符号を捨てた値": lambda: np.abs(WRONG @ TRUE) / _lengths() / np.linalg.norm(TRUE),
        "成分の絶対値の和で割った値": lambda: WRONG @ TRUE / np.abs(WRONG).sum(axis=1) / np.abs(TRUE).sum(),
    },
)


TANH = ACTIVATIONS["tanh"]
Weights = tuple[Array, Array]


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array, Array, float]:
    inputs, hidden, outputs, m = [
        (2, 3, 1, 1), (3, 2, 2, 4), (1, 4, 2, 3), (3, 3, 3, 3), (4, 2, 3, 5), (2, 2, 1, 2)
    ][n]  # fmt: skip
    sizes = ((hidden, inputs), (outputs, hidden), (inputs, m), (outputs, m))
    return *(rng.normal(size=size) for size in sizes), 0.25


def _gradients(
    W1: Array, W2: Array, X: Array, Y: Array, record: Weights | None = None, after: Array | None = None
) -> Weights:
    """二つの重みの勾配。``record`` は順伝播に使う重み、``after`` は誤差項を戻すのに使う重み。"""
    first, second = record or (W1, W2)
    Z1 = first @ X
    A1 = TANH.value(Z1)
    delta2 = second @ A1 - Y
    delta1 = hidden_delta(W2 if after is None else after, delta2, Z1, TANH)
    return weight_gradient(delta1, X), weight_gradient(delta2, A1)


def _steps(
    W1: Array, W2: Array, X: Array, Y: Array, rate: float,
    times: int = 2, early: bool = False, piling: bool = False, stale: bool = False,
) -> Array:  # fmt: skip
    """``times`` 回更新したあとの ``W1``。残りの引数は、展示の間違い。"""
    start, total1, total2 = (W1, W2), np.zeros(W1.shape), np.zeros(W2.shape)
    for _ in range(times):
        record = start if stale else (W1, W2)
        found1, found2 = _gradients(W1, W2, X, Y, record)
        if early:
            found1, _ = _gradients(W1, W2, X, Y, record, after=update(W2, found2, rate))
        total1, total2 = (total1 + found1, total2 + found2) if piling else (found1, found2)
        W1, W2 = update(W1, total1, rate), update(W2, total2, rate)
    return W1


def _no_slope(W1: Array, W2: Array, X: Array, Y: Array, rate: float) -> Array:
    for _ in range(2):
        A1 = TANH.value(W1 @ X)
        delta2 = W2 @ A1 - Y
        found1, found2 = weight_gradient(W2.T @ delta2, X), weight_gradient(delta2, A1)
        W1, W2 = update(W1, found1, rate), update(W2, found2, rate)
    return W1


two_steps = Function(
    _steps,
    _draw,
    {
        "伝える前に W2 を更新した値": lambda *given: _steps(*given, early=True),
        "勾配を消さずに、足しこんだ値": lambda *given: _steps(*given, piling=True),
        "順伝播を、はじめに一度だけした値": lambda *given: _steps(*given, stale=True),
        "1回の更新で終わった値": lambda *given: _steps(*given, times=1),
        "3回更新した値": lambda *given: _steps(*given, times=3),
        "隠れ層の傾きを掛け忘れた値": _no_slope,
        "例の数で割り忘れた値": (lambda W1, W2, X, Y, rate: _steps(W1, W2, X, Y, rate * X.shape[1])),
    },
)

QUESTIONS = {
    "ex-museum-rectifier": rectifier,
    "ex-museum-spoiled": spoiled,
    "ex-museum-mean-first": mean_first,
    "ex-museum-cosines": cosines,
    "ex-museum-who": who,
    "ex-museum-two-steps": two_steps,
}

"""{ref}`まとめ <sec-summary>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.judges import complex_step
from backprop.steps import update

V_W_X, TARGET = np.array([0.5, 1.0, 2.0]), 4.5
"""二つに分かれる道の問いの、v、w、x と、目標。"""


def _branched(at: Array) -> Array:
    v, w, x = at
    return v * (w * x) ** 2 + w * x


def _measured(output: Callable[[Array], Array]) -> Array:
    """動かして測った勾配。出力の誤差項は、正しい出力のものを使う。"""
    return (_branched(V_W_X) - TARGET) * complex_step(output, V_W_X)


two_ways = Values(
    lambda: complex_step(lambda at: (_branched(at) - TARGET) ** 2 / 2, V_W_X),
    {
        "じかに出力へ行く道を忘れた値": lambda: _measured(lambda at: at[0] * (at[1] * at[2]) ** 2),
        "重みと入力の勾配で、活性を通る道を忘れた値": lambda: _measured(
            lambda at: at[0] * (V_W_X[1] * V_W_X[2]) ** 2 + at[1] * at[2]
        ),
        "傾きを掛け忘れた値": lambda: _measured(
            lambda at: at[0] * (V_W_X[1] * V_W_X[2]) ** 2 + (V_W_X[0] + 1) * at[1] * at[2]
        ),
        "傾きを、加重和ではなく活性で求めた値": lambda: _measured(
            lambda at: at[0] * (V_W_X[1] * V_W_X[2]) ** 2 + (V_W_X[0] * 8 + 1) * at[1] * at[2]
        ),
        "差の代わりに、出力を掛けた値": lambda: _branched(V_W_X) * complex_step(_branched, V_W_X),
        "差 ŷ − y を掛け忘れた値": lambda: complex_step(_branched, V_W_X),
    },
)

zeros = Choice(
    "1倍",
    "重みを通る道は0で、じかに足す道だけが、勾配をそのまま戻します。",
    {
        "0倍": "重みを通る道は0ですが、じかに足す道が残っています。",
        "2の20乗倍": "傾き tanh′(0) は1ですが、それには0の重みも掛かります。",
        "決まらない": "加重和はどれも0で、傾きも重みも決まっています。",
    },
)

KERNEL, DELTA, STRIDE, LENGTH = np.array([1.0, -2.0, 3.0]), np.array([2.0, -1.0]), 2, 5
"""二つずつずらす畳み込みの、重み、誤差項、ずらす幅、入力の長さ。"""


def _spread(
    kernel: Array = KERNEL, stride: int = STRIDE, overlap: Callable[[float, float], float] = float.__add__
) -> Array:
    """場所ごとに、誤差項と重みの積を入力へ戻す。"""
    found = np.zeros(LENGTH)
    for place, delta in enumerate(DELTA):
        for n, w in enumerate(kernel):
            at = place * stride + n
            found[at] = overlap(float(found[at]), float(delta * w)) if found[at] else delta * w
    return found


def _strided(x: Array) -> Array:
    """誤差項を掛けて足した加重和。"""
    return sum(delta * (KERNEL @ x[STRIDE * p : STRIDE * p + 3]) for p, delta in enumerate(DELTA))


stride = Values(
    lambda: complex_step(_strided, np.zeros(LENGTH)),
    {
        "重なった場所で、足さずに上書きした値": lambda: _spread(overlap=lambda old, new: new),
        "重なった場所で、はじめの分だけを残した値": lambda: _spread(overlap=lambda old, new: old),
        "重なった場所で、平均した値": lambda: _spread(overlap=lambda old, new: (old + new) / 2),
        "1個ずつずらした値": lambda: _spread(stride=1),
        "重みを逆の順に並べた値": lambda: _spread(kernel=KERNEL[::-1]),
        "誤差項を掛け忘れた値": lambda: _spread() / np.array([2.0, 2.0, 1.25, -1.0, -1.0]),
    },
)

recurrent_bug = Choice(
    5,
    "手前の時刻の加重和 z[t − 1] で傾きを求めなければなりません。",
    {
        1: "1行めは、最後の時刻の加重和についての誤差項です。ステップ2のとおりです。",
        2: "2行めは、時刻についての和を0から始めています。",
        3: "3行めは、最後の時刻から順にさかのぼっています。",
        4: "4行めは、時刻 t の誤差項と、その入り口の活性 h[t] の積を足しています。",
    },
)

Case = tuple[Array, Array, Array, Array, Array, Array, float]


def _f(z: Array) -> Array:
    return z / np.sqrt(1 + z**2)


def _slope(z: Array) -> Array:
    return (1 + z**2) ** -1.5


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate([np.ravel(part) for part in parts])


def _cost(parameters: Sequence[Array], X: Array, Y: Array) -> Array:
    W1, b1, W2, b2 = parameters
    return ((_f(W2 @ _f(W1 @ X + b1) + b2) - Y) ** 4).sum() / 4 / X.shape[1]


def _one_step(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, rate: float) -> Array:
    """公式を使わず、動かして測った勾配で更新する。"""
    old = [W1, b1, W2, b2]

    def moved(n: int, at: Array) -> Array:
        return _cost([*old[:n], at, *old[n + 1 :]], X, Y)

    return _joined(
        [update(p, complex_step(lambda at, n=n: moved(n, at), p), rate) for n, p in enumerate(old)]
    )


def _mistaken(
    *,
    slope: Callable[[Array], Array] = _slope,
    slopes: tuple[bool, bool] = (True, True),
    power: int = 3,
    scale: float = 1.0,
    divided: bool = True,
    biases_divided: bool = True,
    late: bool = False,
) -> Callable[..., Array]:
    """六つのステップを、少し変えて書いた関数。"""

    def step(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array, rate: float) -> Array:
        m = X.shape[1] if divided else 1
        Z1 = W1 @ X + b1
        A1 = _f(Z1)
        Z2 = W2 @ A1 + b2
        delta2 = scale * (_f(Z2) - Y) ** power * (slope(Z2) if slopes[1] else 1)
        dW2 = delta2 @ A1.T / m
        back = update(W2, dW2, rate) if late else W2
        delta1 = back.T @ delta2 * (slope(Z1) if slopes[0] else 1)
        sums = [delta1.sum(axis=1, keepdims=True), delta2.sum(axis=1, keepdims=True)]
        db1, db2 = (total / (m if biases_divided else 1) for total in sums)
        pairs = zip((W1, b1, W2, b2), (delta1 @ X.T / m, db1, dW2, db2), strict=True)
        return _joined([update(p, dp, rate) for p, dp in pairs])

    return step


def _draw(rng: np.random.Generator, n: int) -> Case:
    n0, n1, n2, m = ((2, 3, 1, 1), (1, 2, 2, 3), (3, 1, 2, 4), (2, 2, 2, 2), (4, 3, 2, 5), (3, 3, 1, 2))[n]
    shapes = ((n1, n0), (n1, 1), (n2, n1), (n2, 1), (n0, m), (n2, m))
    W1, b1, W2, b2, X, Y = (rng.normal(size=shape) for shape in shapes)
    return W1, b1, W2, b2, X, Y, float(rng.uniform(0.2, 1))


six_steps = Function(
    _one_step,
    _draw,
    {
        "傾きを、加重和ではなく活性で求めた値": _mistaken(slope=lambda z: _slope(_f(z))),
        "傾きの指数を −1/2 とした値": _mistaken(slope=lambda z: (1 + z**2) ** -0.5),
        "出力層の傾きを掛け忘れた値": _mistaken(slopes=(True, False)),
        "隠れ層の傾きを掛け忘れた値": _mistaken(slopes=(False, True)),
        "二乗誤差の半分の勾配を使った値": _mistaken(power=1),
        "4乗を微分したときの4を残した値": _mistaken(scale=4.0),
        "例の数で割り忘れた値": _mistaken(divided=False, biases_divided=False),
        "バイアスの勾配だけ、例の数で割り忘れた値": _mistaken(biases_divided=False),
        "更新したあとの W2 で誤差項を戻した値": _mistaken(late=True),
        "勾配の向きに進んだ値": _mistaken(scale=-1.0),
    },
)

QUESTIONS = {
    "ex-summary-two-ways": two_ways,
    "ex-summary-zeros": zeros,
    "ex-summary-stride": stride,
    "ex-summary-recurrent-bug": recurrent_bug,
    "ex-summary-six-steps": six_steps,
}

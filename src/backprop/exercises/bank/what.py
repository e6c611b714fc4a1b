"""{ref}`誤差逆伝播法とは何か <sec-what-is-backprop>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.judges import central_difference, forward_difference
from backprop.steps import update

KNOBS = np.array([0.5, -1.0, 2.0])
RATES = np.array([-2.0, 0.5, 0.0])
ETA = 0.25
"""三つのつまみの問いの、いまの値、勾配、学習率。"""

one_update = Values(
    lambda: update(KNOBS, RATES, ETA),
    {
        "引かずに足した値": lambda: KNOBS + ETA * RATES,
        "学習率を掛け忘れた値": lambda: KNOBS - RATES,
        "つまみから引かずに、回す量だけを答えた値": lambda: -ETA * RATES,
        "割合の符号を見ずに、どのつまみも減らした値": lambda: KNOBS - ETA * np.abs(RATES),
        "割合の大きさを見ずに、符号だけで回した値": lambda: KNOBS - ETA * np.sign(RATES),
        "学習率を、つまみのほうに掛けた値": lambda: ETA * KNOBS - RATES,
    },
)

W, H = np.array([2.0]), 2.0
"""測った割合の問いの、つまみの値と、回す幅。"""


def _cube(w: Array) -> float:
    return (w**3).sum()


def _ratios(first: float | None = None, second: float | None = None, third: float | None = None) -> Array:
    """三つの数。間違えたところだけを差しかえる。"""
    right = [forward_difference(_cube, W, H)[0], central_difference(_cube, W, H)[0], 3 * W[0] ** 2]
    return np.array([r if given is None else given for r, given in zip(right, (first, second, third))])


def _backward() -> float:
    return (_cube(W) - _cube(W - H)) / H


ratios = Values(
    _ratios,
    {
        "前と後ろの差を、幅 $2h$ でなく $h$ で割った値": lambda: _ratios(second=2 * _ratios()[1]),
        "前へ回す代わりに、後ろへ回した値": lambda: _ratios(first=_backward()),
        "前へ回した変化を、回した量で割り忘れた値": lambda: _ratios(first=_ratios()[0] * H),
        "前と後ろの差を、幅で割り忘れた値": lambda: _ratios(second=_ratios()[1] * 2 * H),
        "前へ回した変化を、$2h$ で割った値": lambda: _ratios(first=_ratios()[0] / 2),
        "本当の傾きを、前へ回したところで求めた値": lambda: _ratios(third=3 * (W[0] + H) ** 2),
        "一つめと二つめの順を取り違えた値": lambda: _ratios()[[1, 0, 2]],
    },
)

far = Choice(
    "行ったり来たりする",
    "割合は 2w なので、η = 1 の更新は w ← −w です。谷の反対側の、同じ高さに着きます。",
    {
        "0に近づく": "1回めの更新を計算してください。3 から 1×6 を引くと、いくつでしょうか。",
        "1回で0に着く": "w = 3 での割合は、w そのものではなく 2w です。",
        "限りなく離れる": "1回めのあとの w の絶対値は、はじめより大きいでしょうか。",
    },
)

bug = Choice(
    4,
    "4行めは、いまの値 kept + h から h を引くので、つまみは元の位置に戻るだけです。",
    {
        1: "1行めは、あとで戻すために、いまの値を覚えておきます。",
        2: "2行めで、つまみは前へ h だけ回ります。",
        3: "3行めは、前へ回したときの損失です。",
        5: "5行めの書き方は正しいのです。ただし、このときつまみがどこにあるかを、確かめてください。",
        6: "6行めは、つまみを元に戻しています。",
        7: "7行めは、前と後ろに h ずつ回したのなら、正しい式です。本当に、そう回っているでしょうか。",
    },
)

Loss = Callable[[Array], float]


def _draw(rng: np.random.Generator, n: int) -> tuple[Loss, Array, float]:
    number = [1, 3, 2, 5, 4, 2][n]
    slopes, bends = rng.normal(size=number), rng.normal(size=number)

    def loss(w: Array) -> float:
        w = np.asarray(w, float)
        return float((bends * w**3).sum() + (slopes @ w) ** 2)

    return loss, rng.normal(size=number), float(rng.choice([0.25, 0.125, 0.5]))


def _moved_one_by_one(J: Loss, w: Array, h: float) -> Array:
    """前へ回したつまみを、元に戻さない。"""
    w, found = w.copy(), []
    for i in range(len(w)):
        w[i] += h
        above = J(w)
        w[i] -= 2 * h
        found.append((above - J(w)) / (2 * h))
    return np.array(found)


def _returned_only_halfway(J: Loss, w: Array, h: float) -> Array:
    return forward_difference(J, w, h) / 2


def _all_at_once(J: Loss, w: Array, h: float) -> Array:
    return np.full(len(w), (J(w + h) - J(w - h)) / (2 * h))


measure = Function(
    central_difference,
    _draw,
    {
        "前へだけ回して測った値": forward_difference,
        "後ろへだけ回して測った値": lambda J, w, h: -forward_difference(lambda v: J(-v), -w, h),
        "幅 $2h$ でなく、$h$ で割った値": lambda J, w, h: 2 * central_difference(J, w, h),
        "幅で割り忘れた値": lambda J, w, h: 2 * h * central_difference(J, w, h),
        "後ろへは回さずに、幅 $2h$ で割った値": _returned_only_halfway,
        "測ったつまみを元に戻さずに、次のつまみを回した値": _moved_one_by_one,
        "すべてのつまみを一度に回した値": _all_at_once,
        "前と後ろを取り違えた値": lambda J, w, h: -central_difference(J, w, h),
    },
)

SIZES = (4, 3, 2)
"""手間を数える問いの、層の幅。"""


def _counts(biases: bool = True, sides: int = 2, skipped: int = 1) -> list[int]:
    """四つの数。``sides`` はつまみ一つの順伝播の回数、``skipped`` は前の層へ戻さない層の数。"""
    lines = [a * b for a, b in pairwise(SIZES)]
    knobs = sum(lines) + (sum(SIZES[1:]) if biases else 0)
    return [knobs, sides * knobs, sum(lines), sum(lines) + sum(lines[skipped:])]


count = Values(
    _counts,
    {
        "バイアスを数え忘れた値": lambda: _counts(biases=False),
        "つまみ一つに、順伝播を1回だけ数えた値": lambda: _counts(sides=1),
        "最初の層からも、前へ戻す掛け算を数えた値": lambda: _counts(skipped=0),
        "前の層へ戻す掛け算を数え忘れた値": lambda: _counts(skipped=2),
        "入力にもバイアスがあるとした値": lambda: [
            _counts()[0] + SIZES[0],
            _counts()[1] + 2 * SIZES[0],
            *_counts()[2:],
        ],
    },
)

QUESTIONS = {
    "ex-what-update": one_update,
    "ex-what-ratios": ratios,
    "ex-what-far": far,
    "ex-what-bug": bug,
    "ex-what-measure": measure,
    "ex-what-count": count,
}

"""{ref}`ステップ5 <sec-step5>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.steps import bias_gradient, weight_gradient

DELTA, CONSTANT = np.array([[-1.5, -0.5], [1.0, -1 / 3], [0.0, -1 / 3]]), -3.0
"""いつも同じ入り口の問いの、誤差項（読者は知らない）と、入り口の値。"""
WIRE = weight_gradient(DELTA, np.full((1, 2), CONSTANT)).ravel()
"""問いに書いた、重みの勾配。"""

constant_wire = Values(
    lambda: bias_gradient(DELTA).ravel(),
    {
        "重みの勾配を、そのまま写した値": lambda: WIRE,
        "入り口の値で割る代わりに、掛けた値": lambda: WIRE * CONSTANT,
        "入り口の値で割る代わりに、引いた値": lambda: WIRE - CONSTANT,
        "入り口の値で割る代わりに、足した値": lambda: WIRE + CONSTANT,
        "割る数と割られる数を逆にした値": lambda: CONSTANT / WIRE,
    },
)

U, Y = np.array([[1.0, -2.0, 4.0]]), np.array([[2.0, 3.0, 0.5]])
"""釣り合いの問いの、バイアスを足す前の値と目標。"""

balance = Values(
    lambda: -bias_gradient(U - Y).item(),  # 勾配は、b に b = 0 での勾配を足したもの
    {
        "例の数で割り忘れた値": lambda: (Y - U).sum(),
        "例1だけを合わせた値": lambda: (Y - U)[0, 0],
        "例2だけを合わせた値": lambda: (Y - U)[0, 1],
        "例3だけを合わせた値": lambda: (Y - U)[0, 2],
        "目標の平均だけの値": lambda: Y.mean(),
        "バイアスを足す前の値の平均を、引く代わりに足した値": lambda: Y.mean() + U.mean(),
    },
)

shifted_input = Choice(
    "重みだけ変わる",
    "誤差項は変わらないので、バイアスの勾配も変わりません。重みの勾配には、入力が掛かります。",
    {
        "どちらも変わらない": "誤差項は変わりませんが、二つの勾配の一方には、入力が掛かります。",
        "バイアスだけ変わる": "バイアスの値は変わりましたが、バイアスの勾配の式に、その値は現れません。",
        "どちらも変わる": "加重和が同じなら、誤差項も同じです。誤差項だけで決まる勾配はどちらでしょうか。",
    },
)

already_averaged = Choice(
    3,
    "3行めでは、1行めで掛けた 1/m が、mean でもう一度掛かります。",
    {
        1: "1行めから 1/m を取ると、2行めが正しくなくなります。",
        2: "2行めは、1行めの 1/m のおかげで、平均損失の勾配になっています。",
        4: "4行めは、dW と db を使うだけです。書きなおしても、二つの値は変わりません。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    this, before, m = [(2, 3, 2), (1, 1, 1), (3, 2, 1), (2, 2, 4), (1, 4, 3), (4, 1, 5)][n]
    return rng.normal(size=(this, m)), rng.normal(size=(before, m))


def _table(delta: Array, A_prev: Array, entrance: float = 1.0) -> Array:
    """いつも ``entrance`` を出す入り口を、下に足したときの重みの勾配。"""
    return weight_gradient(delta, np.vstack([A_prev, np.full((1, A_prev.shape[1]), entrance)]))


one_table = Function(
    _table,
    _draw,
    {
        "バイアスの勾配を、はじめの列に置いた値": lambda delta, A_prev: np.roll(
            _table(delta, A_prev), 1, axis=1
        ),
        "例の数で割り忘れた値": lambda delta, A_prev: _table(delta, A_prev) * delta.shape[1],
        "バイアスの列だけ、例の数で割り忘れた値": (
            lambda delta, A_prev: np.hstack(
                [weight_gradient(delta, A_prev), delta.sum(axis=1, keepdims=True)]
            )
        ),
        "重みの列だけ、例の数で割り忘れた値": (
            lambda delta, A_prev: np.hstack([delta @ A_prev.T, bias_gradient(delta)])
        ),
        "バイアスの列を、例の数で2度割った値": (
            lambda delta, A_prev: np.hstack(
                [weight_gradient(delta, A_prev), bias_gradient(delta) / delta.shape[1]]
            )
        ),
        "1の代わりに0の行を足した値": lambda delta, A_prev: _table(delta, A_prev, entrance=0.0),
        "はじめの例の誤差項を、最後の列に置いた値": (
            lambda delta, A_prev: np.hstack([weight_gradient(delta, A_prev), delta[:, :1]])
        ),
        "ニューロンについて足したものを、最後の列に置いた値": (
            lambda delta, A_prev: np.hstack(
                [weight_gradient(delta, A_prev), np.full((len(delta), 1), delta.mean())]
            )
        ),
    },
)

QUESTIONS = {
    "ex-step5-constant-wire": constant_wire,
    "ex-step5-balance": balance,
    "ex-step5-shifted-input": shifted_input,
    "ex-step5-already-averaged": already_averaged,
    "ex-step5-one-table": one_table,
}

"""{ref}`ステップ4 <sec-step4>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice, Tiles
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.steps import weight_gradient

DELTA, A_PREV = np.array([[1.0], [-3.0]]), np.array([[2.0], [-1.0], [4.0]])
"""消えた数の問いの、誤差項と活性（を、決まらない定数倍を除いて選んだもの）。"""
TABLE = weight_gradient(DELTA, A_PREV)


def _filled(upper: float, lower: float) -> Array:
    """1行3列と2行1列を埋めた表。"""
    table = TABLE.copy()
    table[0, 2], table[1, 0] = upper, lower
    return table


blanks = Values(
    lambda: TABLE,
    {
        "行の比ではなく、行の差をそろえて埋めた値": lambda: _filled(
            TABLE[1, 2] - (TABLE[1, 1] - TABLE[0, 1]), TABLE[0, 0] + (TABLE[1, 1] - TABLE[0, 1])
        ),
        "比を逆に掛けた値": lambda: _filled(
            TABLE[1, 2] * TABLE[1, 1] / TABLE[0, 1], TABLE[0, 0] * TABLE[0, 1] / TABLE[1, 1]
        ),
        "比の符号を落とした値": lambda: _filled(-TABLE[0, 2], -TABLE[1, 0]),
        "同じ列の数を、そのまま写した値": lambda: _filled(TABLE[1, 2], TABLE[0, 0]),
        "読めないところを0にした値": lambda: _filled(0, 0),
    },
)

centimetres = Choice(
    "100倍",
    "誤差項は変わらず、入り口の値だけが100倍です。重みの値は、勾配の式に現れません。",
    {
        "変わらない": "加重和と誤差項は変わりません。入り口の値はどうでしょうか。",
        "100分の1": "重みは100分の1になりましたが、重みの値は勾配の式に現れません。",
        "1万倍": "勾配の式に、入り口の値が現れるのは一度だけです。",
    },
)

mean_of_products = Choice(
    3,
    "3行めは、平均どうしの積です。積の平均とは、例が1個でなければ、ふつう違います。",
    {
        1: "1行めは、例についての和を行列の積で書いたものです。",
        2: "2行めは、積の順を入れ替えてから転置したもので、1行めと同じ値です。",
        4: "4行めは、例ごとの外積の平均です。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array, Array]:
    this, before, first, second = [
        (2, 3, 1, 2),
        (1, 1, 1, 1),
        (3, 2, 4, 1),
        (2, 2, 3, 2),
        (1, 3, 3, 3),
        (3, 1, 2, 5),
    ][n]
    return (
        rng.normal(size=(this, first)),
        rng.normal(size=(before, first)),
        rng.normal(size=(this, second)),
        rng.normal(size=(before, second)),
    )


def _together(d: Array, A: Array, e: Array, B: Array) -> Array:
    return weight_gradient(np.hstack([d, e]), np.hstack([A, B]))


two_parts = Function(
    _together,
    _draw,
    {
        "組ごとの平均の勾配を、そのまま平均した値": (
            lambda d, A, e, B: (weight_gradient(d, A) + weight_gradient(e, B)) / 2
        ),
        "組ごとの平均の勾配を、足した値": lambda d, A, e, B: weight_gradient(d, A) + weight_gradient(e, B),
        "例の数で割り忘れた値": lambda d, A, e, B: d @ A.T + e @ B.T,
        "例の数で2度割った値": lambda d, A, e, B: _together(d, A, e, B) / (d.shape[1] + e.shape[1]),
        "組ごとの平均の和を、さらに例の数で割った値": (
            lambda d, A, e, B: (weight_gradient(d, A) + weight_gradient(e, B)) / (d.shape[1] + e.shape[1])
        ),
        "はじめの組だけの値": lambda d, A, e, B: weight_gradient(d, A),
        "あとの組の例の数だけで割った値": lambda d, A, e, B: (d @ A.T + e @ B.T) / e.shape[1],
        "誤差項の平均と活性の平均を掛けた値": (
            lambda d, A, e, B: np.outer(np.hstack([d, e]).mean(axis=1), np.hstack([A, B]).mean(axis=1))
        ),
        "転置した値": lambda d, A, e, B: _together(d, A, e, B).T,
    },
)

build = Tiles(
    {
        "delta": r"\delta^l",
        "delta.T": r"(\delta^l)^\top",
        "delta_next": r"\delta^{l+1}",
        "a_prev": "a^{l-1}",
        "a_prev.T": r"(a^{l-1})^\top",
        "a.T": r"(a^l)^\top",
        "W": "W^l",
        "*": r"\odot",
    },
    r"\frac{\partial\mathcal{L}}{\partial W^l}",
    [("delta", "a_prev.T")],
    "縦に並べた誤差項と、横に倒した活性の積です。形は、重みの行列と同じです。",
    {
        "行と列を入れ替えた式": [("a_prev", "delta.T")],
        "転置を忘れた式": [("delta", "a_prev"), ("a_prev", "delta")],
        "表にならずに、一つの数になる順に掛けた式": [("a_prev.T", "delta"), ("delta.T", "a_prev")],
        "要素ごとに掛けた式": [("delta", "*", "a_prev"), ("a_prev", "*", "delta")],
        "入り口ではなく、出口の活性を掛けた式": [("delta", "a.T")],
        "この層ではなく、次の層の誤差項を掛けた式": [("delta_next", "a_prev.T")],
    },
    {
        "W": "重みの値は、その重みの勾配の式に現れません。",
        "a.T": "この層の重みを動かしても、線の入り口の値しか掛かりません。",
        "delta_next": "この層の重みが変えるのは、この層の加重和です。",
        "*": "要素ごとの積は、同じ番号どうしの積です。ここでは、番号のすべての組が要ります。",
    },
)

QUESTIONS = {
    "ex-step4-blanks": blanks,
    "ex-step4-centimetres": centimetres,
    "ex-step4-mean-of-products": mean_of_products,
    "ex-step4-two-parts": two_parts,
    "ex-step4-build": build,
}

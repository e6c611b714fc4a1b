"""{ref}`表から行列へ <sec-tables-to-matrices>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values

SENT = np.array([[1.0, 1.0], [0.0, 2.0]])
ARRIVED = np.array([[3.0, 7.0], [-1.0, -9.0]])
"""表を当てる問いの、出どころの値と、届いた値。1列が一度の試し。"""

guess = Values(
    lambda: ARRIVED @ np.linalg.inv(SENT),
    {
        "行と列を取り違えた値": lambda: (ARRIVED @ np.linalg.inv(SENT)).T,
        "一度めを引き忘れた値": lambda: ARRIVED / SENT.max(axis=0),
        "増やした2で割り忘れた値": lambda: np.column_stack([ARRIVED[:, 0], ARRIVED[:, 1] - ARRIVED[:, 0]]),
        "届いた値を、そのまま列に並べた値": lambda: ARRIVED,
        "届いた値を、そのまま行に並べた値": lambda: ARRIVED.T,
    },
)

W = np.array([[1.0, 2.0], [3.0, -1.0]])
V = np.array([[2.0, -0.5]])
"""中継のある帰り道の、前の段と後の段の表。"""

relay = Values(
    lambda: (W.T @ V.T)[:, 0],
    {
        "転置を忘れ、表の行を使った値": lambda: (W @ V.T)[:, 0],
        "中継1を通る道だけの値": lambda: W[0] * V[0, 0],
        "中継2を通る道だけの値": lambda: W[1] * V[0, 1],
        "後の段の重みを掛け忘れた値": lambda: W.sum(axis=0),
        "出どころの順を取り違えた値": lambda: (W.T @ V.T)[::-1, 0],
        "後の段の重みの符号を落とした値": lambda: (W.T @ np.abs(V).T)[:, 0],
    },
)

side = Choice(
    "行を入れ替えたもの",
    "左から掛けた行列の1行が、積の1行を決めます。Q の1行めは、W の2行めだけを選びます。",
    {
        "列を入れ替えたもの": "列が入れ替わるのは、右から掛けた WQ です。左の行列の1行が、積の1行を作ります。",
        "転置したもの": "積の1行1列は、0×w₁₁ + 1×w₂₁ = w₂₁ です。転置なら、w₁₁ のはずです。",
        "同じもの": "どんな W も変えないのは、1行1列と2行2列が1、ほかが0の行列です。Q では、1のある場所が違います。",
    },
)

bug = Choice(
    2,
    "reshape は数を詰めなおすだけで、表を倒しません。形は正しくても、別々の例の値が混ざります。",
    {
        1: "1行めは、問いのとおりの値です。1行に1例ずつ並んでいます。",
        3: "3行めの積の書き方は正しいのです。掛ける A の中を、数で見てください。",
        4: "4行めの点数の求め方は正しいのです。掛ける Z は、その前から違っています。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    after, before, m = [(2, 3, 1), (2, 2, 1), (3, 2, 4), (1, 4, 2), (4, 1, 3), (3, 3, 3)][n]
    return rng.normal(size=(after, before)), rng.normal(size=(after, m))


send_back = Function(
    lambda W, points: W.T @ points,
    _draw,
    {
        "転置を忘れ、表の行を使った値": lambda W, points: W @ points,
        "足さずに、終わりの行き先だけを残した値": lambda W, points: W[[-1]].T @ points[[-1]],
        "はじめの行き先だけの値": lambda W, points: W[[0]].T @ points[[0]],
        "和の代わりに、行き先についての平均をとった値": lambda W, points: W.T @ points / len(W),
        "重みを掛けずに、点数だけを足した値": lambda W, points: np.ones_like(W).T @ points,
        "どの例にも、はじめの例の点数を使った値": (
            lambda W, points: W.T @ np.repeat(points[:, :1], points.shape[1], axis=1)
        ),
    },
)

QUESTIONS = {
    "ex-tables-guess": guess,
    "ex-tables-relay": relay,
    "ex-tables-side": side,
    "ex-tables-bug": bug,
    "ex-tables-send-back": send_back,
}

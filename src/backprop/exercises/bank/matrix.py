"""{ref}`行列の形 <sec-matrix-form>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.steps import weight_gradient

X = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]])
DELTA = np.array([[2.0, 0.0], [1.0, -3.0], [-1.0, 1.0]])
"""例を行に並べた、入力と誤差項。"""

rows = Values(
    lambda: weight_gradient(DELTA.T, X.T).T,
    {
        "例を列に並べたときの形（転置）の値": lambda: weight_gradient(DELTA.T, X.T),
        "例の数で割り忘れた値": lambda: X.T @ DELTA,
        "例の数ではなく、入力の数で割った値": lambda: X.T @ DELTA / 2,
        "足さずに、終わりの例だけを残した値": lambda: np.outer(X[-1], DELTA[-1]) / 3,
        "平均した二つを掛けた値": lambda: np.outer(X.mean(axis=0), DELTA.mean(axis=0)),
    },
)

ratios = Choice(
    "誤差項",
    "入力は正しく掛かっています。行ごとに一つずつ違う倍率を持てるのは、誤差項だけです。",
    {
        "入力": "入力だけが違うなら、比は列ごとにそろい、同じ行の中で違うはずです。",
        "全体の倍率": "1/m や 1/2 のような全体の倍率なら、6個の比がすべてそろうはずです。",
        "誤差項と入力": "入力も違うなら、同じ行の中の二つの比が、そろわないはずです。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    p, q, m = [(2, 3, 1), (3, 2, 4), (1, 4, 2), (3, 3, 3), (4, 1, 3), (2, 2, 5)][n]
    return rng.normal(size=(p, m)), rng.normal(size=(q, m)), rng.normal(size=(1, m))


def _right(U: Array, V: Array, delta: Array) -> Array:
    """例ごとに ``δ u`` を「出口の誤差項」とみれば、重みの勾配と同じ積になる。"""
    return weight_gradient(U * delta, V)


bilinear = Function(
    _right,
    _draw,
    {
        "例の数で割り忘れた値": lambda U, V, delta: U * delta @ V.T,
        "例の数ではなく、u の成分の数で割った値": lambda U, V, delta: U * delta @ V.T / len(U),
        "誤差項だけを、先に例について平均した値": lambda U, V, delta: delta.mean() * U @ V.T / U.shape[1],
        "足さずに、終わりの例だけを残した値": (
            lambda U, V, delta: _right(U[:, -1:], V[:, -1:], delta[:, -1:]) / U.shape[1]
        ),
        "誤差項を掛け忘れた値": lambda U, V, delta: weight_gradient(U, V),
        "誤差項を2度掛けた値": lambda U, V, delta: weight_gradient(U * delta, V * delta),
        "積の順を逆にした（転置した）値": lambda U, V, delta: _right(U, V, delta).T,
    },
)

QUESTIONS = {"ex-matrix-rows": rows, "ex-matrix-ratios": ratios, "ex-matrix-bilinear": bilinear}

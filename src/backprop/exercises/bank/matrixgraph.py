"""{ref}`行列の計算グラフ <sec-matrix-graph>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop import autodiff
from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.judges import complex_step

reach = Choice(
    5,
    "動くのは Z の1行めだけで、列は5列あります。",
    {
        1: "U の要素は、足し算と要素ごとの掛け算なら1か所にだけ届きます。行列の積ではどうでしょうか。",
        3: "3は Z の行の数です。ほかの行の計算に、U の1行めを使いますか。",
        4: "4は、掛けて足す組の数です。変わる Z の要素の数ではありません。",
        15: "15は Z のすべての要素です。2行めと3行めの計算に、U の1行めを使いますか。",
        20: "20は V の要素の個数です。変わる Z の要素を数えてください。",
    },
)

U, V = np.array([[1.0, 2.0], [0.0, -1.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [-1.0, 2.0]])
"""自分が上流になる積の、二つの行列。損失は、要素の2乗の和の半分。"""


def _by_graph() -> Array:
    """計算グラフでの、右の行列の勾配。"""
    right = autodiff.Variable(V)
    loss = ((autodiff.Variable(U) @ right) ** 2).sum() * autodiff.Variable(np.array(0.5))
    return autodiff.gradients(loss, [right])[0]


product = Values(
    _by_graph,
    {
        "行と列を入れ替えた値": lambda: (U @ V).T @ U,
        "上流の勾配を、すべて1とした値": lambda: U.T @ np.ones((3, 2)),
        "V を掛け忘れた値": lambda: U.T @ U,
        "V を転置して掛けた値": lambda: U.T @ U @ V.T,
        "上流の勾配を、2乗のままにした値": lambda: U.T @ (U @ V) ** 2,
    },
)

bug = Choice(
    3,
    "3行めは、2か所で使われた X の、片方の線の勾配だけです。",
    {
        1: "1行めは、行列の積の左の入力 P の勾配です。右の A を転置して、右から掛けています。",
        2: "2行めは、行列の積の右の入力 A の勾配です。左の P を転置して、左から掛けています。",
        4: "4行めは、形を調べるだけで、値を変えません。",
    },
)


def _unstretched(G: Array, rows: int, columns: int) -> Array:
    """引き伸ばして上流の勾配を掛けた和を、引き伸ばす前の配列で測る。"""
    return complex_step(lambda b: (G * (b + np.zeros(G.shape))).sum(), np.zeros((rows, columns)))


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, int, int]:
    shape, rows, columns = [
        ((3, 4), 3, 1),
        ((3, 4), 1, 4),
        ((2, 3), 1, 1),
        ((4, 2), 4, 2),
        ((3, 1), 3, 1),
        ((1, 5), 1, 1),
    ][n]
    return rng.normal(size=shape), rows, columns


unstretch = Function(
    _unstretched,
    _draw,
    {
        "和ではなく平均にした値": (
            lambda G, rows, columns: _unstretched(G, rows, columns) * rows * columns / G.size
        ),
        "いつも横に足した値": lambda G, rows, columns: G.sum(axis=1, keepdims=True),
        "いつも縦に足した値": lambda G, rows, columns: G.sum(axis=0, keepdims=True),
        "いつも全部を足した値": lambda G, rows, columns: np.full((rows, columns), G.sum()),
        "足さずに、はじめの行や列を取り出した値": lambda G, rows, columns: G[:rows, :columns],
        "足さずに、終わりの行や列を取り出した値": lambda G, rows, columns: G[-rows:, -columns:],
    },
)

QUESTIONS = {
    "ex-matrixgraph-reach": reach,
    "ex-matrixgraph-product": product,
    "ex-matrixgraph-bug": bug,
    "ex-matrixgraph-unstretch": unstretch,
}

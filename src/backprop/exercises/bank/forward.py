"""{ref}`順伝播 <sec-forward-pass>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.network import Network

where = Choice(
    "W2[1, 3]",
    "行き先の2番めが行、出どころの4番めが列で、NumPy の番号は0から始まります。",
    {
        "W2[3, 1]": "行き先と出どころが、逆です。",
        "W2[2, 4]": "式の番号は1から始まりますが、NumPy の番号は0から始まります。",
        "W1[1, 3]": "W1 は、入力から層1への線の重みです。",
    },
)

W, X, B = np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([[2.0, -1.0], [1.0, 4.0]]), np.array([[0.5], [-1.0]])
"""どこを取り違えても形が合う問いの、重み、入力、バイアス。"""


def _weighted_inputs(weight: Array, bias: Array, inputs: Array) -> Array:
    return Network([weight], [bias], ["identity"], "mse").forward(inputs).Z[0]


square = Values(
    lambda: _weighted_inputs(W, B, X),
    {
        "重みを転置して掛けた値": lambda: _weighted_inputs(W.T, B, X),
        "入力に重みを、右から掛けた値": lambda: X @ W + B,
        "例を行に並べたものとして求めた値": lambda: _weighted_inputs(W, B, X.T),
        "バイアスを、行ではなく列に足した値": lambda: W @ X + B.T,
        "バイアスを足し忘れた値": lambda: W @ X,
        "行列の積の代わりに、同じ場所どうしを掛けた値": lambda: W * X + B,
        "答えを転置して並べた値": lambda: _weighted_inputs(W, B, X).T,
    },
)

ANSWERS = np.array([[0.5, 2.0, -1.0], [-1.0, -2.0, 2.0]])
"""中の見えない層が、0、1番めだけが1、2番めだけが1の入力に返した答え。"""

probe = Values(
    lambda: ANSWERS[:, 1:] - ANSWERS[:, :1],
    {
        "バイアスを引き忘れた値": lambda: ANSWERS[:, 1:],
        "バイアスを引く代わりに足した値": lambda: ANSWERS[:, 1:] + ANSWERS[:, :1],
        "列を行に並べた値": lambda: (ANSWERS[:, 1:] - ANSWERS[:, :1]).T,
        "バイアスを、列ではなく行に並べて引いた値": lambda: ANSWERS[:, 1:] - ANSWERS[:, 0],
        "列の順を逆にした値": lambda: (ANSWERS[:, 1:] - ANSWERS[:, :1])[:, ::-1],
        "一つめの答えを、1列めとした値": lambda: ANSWERS[:, :2],
    },
)

SIZES, M = [5, 4, 3], 10
"""数える問いの、幅と例の数。"""


def _counts(biases: bool = True, m: int = M, Z: bool = True) -> list[int]:
    rng = np.random.default_rng(0)
    net = Network.random(SIZES, ["tanh", "identity"], "mse", rng=rng)
    record = net.forward(rng.normal(size=(SIZES[0], m)))
    weights = sum(weight.size for weight in net.weights)
    kept = [*record.A, *(record.Z if Z else ())]
    own = sum(bias.size for bias in net.biases) if biases else 0
    return [weights + own, m * weights, sum(values.size for values in kept)]


count = Values(
    _counts,
    {
        "バイアスを数え忘れた値": lambda: _counts(biases=False),
        "例の数を掛け忘れた値": lambda: _counts(m=1),
        "残す数で、加重和と活性の片方を数え忘れた値": lambda: _counts(Z=False),
        "残す数で、入力を2回数えた値": lambda: [*_counts()[:2], 2 * M * sum(SIZES)],
        "残す数で、入力を数え忘れた値": lambda: [*_counts()[:2], 2 * M * sum(SIZES[1:])],
        "掛け算に、バイアスも数えた値": lambda: [_counts()[0], M * _counts()[0], _counts()[2]],
    },
)

bug = Choice(
    "Z",
    "Z と A に同じ配列が並び、そこには、書きかえたあとの活性が入っています。",
    {
        "A": "A に並ぶのは、書きかえたあとの配列です。そこには活性が入っています。",
        "Z と A の両方": "次の層は、A の最後の活性から計算します。その値は正しいままです。",
        "どちらも正しい": "Z に並べたあとで、その配列の中身を書きかえています。",
    },
)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    m, inputs, outputs = [(1, 2, 3), (4, 3, 2), (3, 2, 3), (2, 2, 2), (5, 1, 4), (3, 3, 1)][n]
    return rng.normal(size=(outputs, inputs)), rng.normal(size=(outputs, 1)), rng.normal(size=(m, inputs))


rows = Function(
    lambda W, b, X: _weighted_inputs(W, b, X.T.copy()).T,
    _draw,
    {
        "バイアスを足し忘れた値": lambda W, b, X: X @ W.T,
        "バイアスを、縦のまま足した値": lambda W, b, X: X @ W.T + b,
        "重みを転置しなかった値": lambda W, b, X: X @ W + b.T,
        "例を列に並べたまま返した値": lambda W, b, X: W @ X.T + b,
        "はじめのバイアスだけを、どこにも足した値": lambda W, b, X: X @ W.T + b[0],
        "バイアスを、例の数だけ足した値": lambda W, b, X: X @ W.T + len(X) * b.T,
        "どの例にも、はじめの例の値を返した値": lambda W, b, X: (W @ X[:1].T + b).T + 0 * X[:, :1],
    },
)

QUESTIONS = {
    "ex-forward-where": where,
    "ex-forward-square": square,
    "ex-forward-probe": probe,
    "ex-forward-count": count,
    "ex-forward-bug": bug,
    "ex-forward-rows": rows,
}

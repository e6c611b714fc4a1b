"""{ref}`ステップ3 <sec-step3>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array
from backprop.exercises.choices import Choice, Tiles
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.steps import hidden_delta

W = np.array([[1.0, 2.0], [-3.0, 0.5]])
DELTA, Z = np.array([0.5, -0.25]), np.array([0.5, -1.0])
"""二つの道の問いの、重み、次の層の誤差項、加重和。活性化関数は ``z²``。"""

two_paths = Values(
    lambda: W.T @ DELTA * 2 * Z,
    {
        "転置を忘れて求めた値": lambda: W @ DELTA * 2 * Z,
        "傾きを掛け忘れた値": lambda: W.T @ DELTA,
        "傾きを、加重和ではなく活性で求めた値": lambda: W.T @ DELTA * 2 * Z**2,
        "傾きの代わりに、活性を掛けた値": lambda: W.T @ DELTA * Z**2,
        "終わりの道だけの値": lambda: W[1] * DELTA[1] * 2 * Z,
        "はじめの道だけの値": lambda: W[0] * DELTA[0] * 2 * Z,
    },
)


predict = Choice(
    "2倍",
    "誤差項は、次の層の重みについて1次の式です。加重和を止めてあるので、傾きは変わりません。",
    {
        "4倍": "重みは、一つの道に一度しか掛かりません。",
        "変わらない": "次の層の重みは、道に沿って掛かります。",
        "決まらない": "次の層の誤差項と、この層の加重和は止めてあります。残るのは重みだけです。",
    },
)

bug = Choice(
    3,
    "3行めは、更新した後の重みで戻っています。前の行で書きかえたからです。",
    {
        1: "1行めは、出力層の誤差項です。二乗誤差の半分と恒等関数なら、差だけになります。",
        2: "2行めの更新の式は正しく書けています。それがここにあることで、ほかの行が困ります。",
        4: "4行めの入力 X は、層1の重みの、手前の活性です。",
    },
)


SIZES = ((2, 2, 1), (1, 3, 2), (3, 1, 1), (3, 2, 4), (2, 4, 3), (3, 3, 3))
"""次の層の幅、この層の幅、例の数。"""


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    after, this, m = SIZES[n]
    return rng.normal(size=(after, this)), rng.normal(size=(after, m)), rng.normal(size=(this, m))


TANH = ACTIVATIONS["tanh"]

loops = Function(
    lambda W_next, delta_next, Z: hidden_delta(W_next, delta_next, Z, TANH),
    _draw,
    {
        "転置を忘れて求めた値": lambda W_next, delta_next, Z: hidden_delta(W_next.T, delta_next, Z, TANH),
        "傾きを掛け忘れた値": lambda W_next, delta_next, Z: W_next.T @ delta_next,
        "傾きを、加重和ではなく活性で求めた値": (
            lambda W_next, delta_next, Z: hidden_delta(W_next, delta_next, np.tanh(Z), TANH)
        ),
        "足さずに、終わりの道だけを残した値": (
            lambda W_next, delta_next, Z: hidden_delta(W_next[[-1]], delta_next[[-1]], Z, TANH)
        ),
        "傾きを、道ごとに2度掛けた値": (
            lambda W_next, delta_next, Z: W_next.T @ delta_next * TANH.derivative(Z) ** 2
        ),
    },
)


def _rows(weights: str = "W_next.T", slope: str = "f'(z)") -> list[tuple[str, ...]]:
    """要素ごとの積は、左右を入れ替えても同じ。"""
    return [(weights, "delta_next", "*", slope), (slope, "*", weights, "delta_next")]


build = Tiles(
    {
        "W_next": "W^{l+1}",
        "W_next.T": r"(W^{l+1})^\top",
        "W.T": r"(W^l)^\top",
        "delta_next": r"\delta^{l+1}",
        "f'(z)": r"f^{l\prime}(z^l)",
        "f'(a)": r"f^{l\prime}(a^l)",
        "*": r"\odot",
    },
    r"\delta^l",
    _rows(),
    "次の層の重みの列で戻し、加重和での傾きを、要素ごとに掛けています。",
    {
        "転置を忘れた式": _rows("W_next"),
        "次の層ではなく、この層の重みで戻った式": _rows("W.T"),
        "傾きを、加重和ではなく活性で求めた式": _rows(slope="f'(a)"),
        "傾きを掛け忘れた式": [("W_next.T", "delta_next")],
        "要素ごとの積の印を書き忘れた式": [
            ("W_next.T", "delta_next", "f'(z)"),
            ("f'(z)", "W_next.T", "delta_next"),
        ],
        "行列の積の順を逆にした式": [
            ("delta_next", "W_next.T", "*", "f'(z)"),
            ("f'(z)", "*", "delta_next", "W_next.T"),
        ],
    },
    {
        "W_next": "帰りには、この表の列を使います。",
        "W.T": "この層の加重和を動かしても、損失への道は、この層の重みを通りません。",
        "f'(a)": "傾きは、活性化関数に入る値で求めます。",
    },
)

QUESTIONS = {
    "ex-step3-two-paths": two_paths,
    "ex-step3-predict": predict,
    "ex-step3-bug": bug,
    "ex-step3-loops": loops,
    "ex-step3-build": build,
}

"""{ref}`連鎖律 <sec-chain-rule>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, permutations
from math import prod
from typing import Any

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice, Tiles
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.judges import complex_step

STAGES: tuple[Callable[[Any], Any], ...] = (lambda x: 3 * x - 1, lambda u: u * u, lambda v: 1 / v)
"""三段の問いの、三つの関数。"""


def _slope(function: Callable[[Any], Any], at: float) -> float:
    return complex_step(function, np.array(float(at))).item()


def _rates(places: tuple[float, float, float]) -> Array:
    """一段ずつの割合と、その積。割合を測る場所を、段ごとに選べる。"""
    local = [_slope(stage, place) for stage, place in zip(STAGES, places)]
    return np.array([*local, prod(local)])


stages = Values(
    lambda: _rates((1, 2, 4)),
    {
        "どの段の割合も、入力 $x$ で測った値": lambda: _rates((1, 1, 1)),
        "おしまいの段の割合だけ、入力 $x$ で測った値": lambda: _rates((1, 2, 1)),
        "割合を、段に入る値でなく、段を出た後の値で測った値": lambda: _rates((2, 4, 0.25)),
        "割合を、掛けずに足した値": lambda: (
            _rates((1, 2, 4)) * [1, 1, 1, 0] + [0, 0, 0, sum(_rates((1, 2, 4))[:3])]
        ),
        "はじめの段の割合を掛け忘れた値": lambda: _rates((1, 2, 4)) / [1, 1, 1, 3],
        "おしまいの段の割合の、符号を落とした値": lambda: np.abs(_rates((1, 2, 4))),
    },
)

AT = np.array([3.0, 1.0])
"""二つの入力の問いの、入力の値。"""


def _two_inputs(first: bool = True, second: bool = True, minus: float = -1.0) -> Array:
    x1, x2 = AT
    u1, u2 = x1 * x2, x1 - x2
    into = np.array([[x2, x1], [1.0, minus]])
    out = np.array([u2**2 * first, 2 * u1 * u2 * second])
    return out @ into


two_inputs = Values(
    _two_inputs,
    {
        "$u_2$ を通る道を忘れた値": lambda: _two_inputs(second=False),
        "$u_1$ を通る道を忘れた値": lambda: _two_inputs(first=False),
        "$x_2$ から $u_2$ への割合の、符号を落とした値": lambda: _two_inputs(minus=1.0),
        "二つの入力の順を取り違えた値": lambda: _two_inputs()[::-1],
        "道ごとの積を、足さずに掛けた値": lambda: _two_inputs(second=False) * _two_inputs(first=False),
    },
)

growth = Choice(
    "1より小さい",
    "割合は掛け合わさります。1.1 と 0.9 の組の積は 0.99 で、それが10組あります。",
    {
        "ちょうど1": "平均が1でも、割合は足し算では合わさりません。1.1 と 0.9 を掛けてみてください。",
        "1より大きい": "1.1 と 0.9 の組を一つ作って、掛けてみてください。",
        "順序で決まる": "一段ずつの割合は、もう決まった数です。数の掛け算は、順序を替えても同じです。",
    },
)

bug = Choice(
    7,
    "7行めは、p を通る道の分を上書きしています。道について足すには、+= と書きます。",
    {
        1: "1行めの u は、問いのとおりの、途中の量です。",
        2: "2行めの p は、順向きの値です。u から p への割合は3です。",
        3: "3行めの q は、順向きの値です。x がもう一度使われますが、それは8行めで数えています。",
        4: "4行めの v は、p と q の積です。正しい値 240 は、この式の割合です。",
        5: "5行めは、積 pq を、片方を止めて微分しています。",
        6: "6行めは、p を通る道の積です。この時点では、まだ途中まででかまいません。",
        8: "8行めは、u を通る道と、x から q へじかに行く道を足しています。どちらも正しく書けています。",
    },
)

PARTS: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...] = (
    (lambda x: 3 * x - 1, lambda x: 3.0),
    (np.sin, np.cos),
    (lambda x: x * x + 1, lambda x: 2 * x),
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (np.exp, np.exp),
    (lambda x: 1 / (2 + x * x), lambda x: -2 * x / (2 + x * x) ** 2),
)
"""何段でもつなぐ、関数とその微分。"""


def _draw(rng: np.random.Generator, n: int) -> tuple[list[Any], list[Any], float]:
    number = [1, 2, 3, 2, 5, 4][n]
    chosen = [PARTS[i] for i in rng.permutation(len(PARTS))[:number]]
    return [f for f, _ in chosen], [df for _, df in chosen], float(rng.uniform(0.2, 0.8))


def _composite(functions: list[Any], x: Any) -> Any:
    for function in functions:
        x = function(x)
    return x


def _entering(functions: list[Any], x: float) -> list[float]:
    """それぞれの関数に入る値。"""
    return [_composite(functions[:n], x) for n in range(len(functions))]


program = Function(
    lambda functions, slopes, x: complex_step(lambda X: _composite(functions, X), np.array(x)),
    _draw,
    {
        "どの段の傾きも、入力で測った値": lambda functions, slopes, x: prod(slope(x) for slope in slopes),
        "傾きを、関数を出た後の値で測った値": (
            lambda functions, slopes, x: prod(
                slope(function(value))
                for function, slope, value in zip(functions, slopes, _entering(functions, x))
            )
        ),
        "割合を、掛けずに足した値": (
            lambda functions, slopes, x: sum(
                slope(value) for slope, value in zip(slopes, _entering(functions, x))
            )
        ),
        "おしまいの段の割合だけの値": lambda functions, slopes, x: slopes[-1](_entering(functions, x)[-1]),
        "関数を、逆の順に働かせた値": (
            lambda functions, slopes, x: prod(
                slope(value) for slope, value in zip(slopes[::-1], _entering(functions[::-1], x))
            )
        ),
        "割合でなく、出力の値": lambda functions, slopes, x: _composite(functions, x),
    },
)

WIDTHS = (4, 2, 3, 1)
"""どちらから括り出すかの問いの、幅。"""


def _counts(lines: int = len(WIDTHS) - 2, whole: bool = False) -> list[int]:
    """掛け算の数。``lines`` は1本の道の掛け算、``whole`` は、載っている割合そのものの段も数えるか。"""
    pairs = list(pairwise(WIDTHS))
    backward, forward = (pairs, pairs) if whole else (pairs[:-1], pairs[1:])
    return [
        prod(WIDTHS) * lines,
        WIDTHS[-1] * sum(a * b for a, b in backward),
        WIDTHS[0] * sum(a * b for a, b in forward),
    ]


count = Values(
    _counts,
    {
        "道の数だけを数え、1本の道の掛け算を数え忘れた値": lambda: _counts(lines=1),
        "1本の道に、割合の数だけ掛け算があるとした値": lambda: _counts(lines=3),
        "出口からと入り口からを取り違えた値": lambda: [_counts()[n] for n in (0, 2, 1)],
        "載っている割合そのものの段も、掛け算に数えた値": lambda: _counts(whole=True),
        "入り口が4個あることを忘れた値": lambda: [*_counts()[:2], _counts()[2] // WIDTHS[0]],
    },
)

SHORT, LONG = ("dv/du1", "du1/dx"), ("dv/du3", "du3/du2", "du2/dx")
"""短い道と長い道に載っている割合の札。"""


def _rows(*paths: tuple[str, ...], sign: tuple[str, ...] = ("+",)) -> list[tuple[str, ...]]:
    """道ごとの積の和を書く、すべての並び。"""
    if len(paths) == 1:
        return list(permutations(paths[0]))
    first, second = map(_rows, paths)
    return [(*a, *sign, *b) for one, other in ((first, second), (second, first)) for a in one for b in other]


long_way = Tiles(
    {
        "dv/du1": r"\frac{\partial v}{\partial u_1}",
        "dv/du3": r"\frac{\partial v}{\partial u_3}",
        "du1/dx": r"\frac{du_1}{dx}",
        "du2/dx": r"\frac{du_2}{dx}",
        "du3/du2": r"\frac{du_3}{du_2}",
        "du3/du1": r"\frac{du_3}{du_1}",
        "dx/du2": r"\frac{dx}{du_2}",
        "+": "+",
    },
    r"\frac{dv}{dx}",
    _rows(SHORT, LONG),
    "道に沿って掛け、道について足しています。長い道には、割合が三つあります。",
    {
        "道について足さずに、すべて掛けた式": _rows(SHORT, LONG, sign=()),
        "短い道だけの式": _rows(SHORT),
        "長い道だけの式": _rows(LONG),
        "長い道の、まん中の一段を飛ばした式": _rows(SHORT, ("dv/du3", "du2/dx")),
        "入り口の割合を、二つの道で取り違えた式": _rows(
            ("dv/du1", "du2/dx"), ("dv/du3", "du3/du2", "du1/dx")
        ),
    },
    {
        "du3/du1": "問いの矢印の中に、u1 から u3 へ行くものはありません。",
        "dx/du2": "矢印の割合は、出発点を少し動かしたときの、行き先の動きです。",
    },
)

QUESTIONS = {
    "ex-chain-stages": stages,
    "ex-chain-two-inputs": two_inputs,
    "ex-chain-growth": growth,
    "ex-chain-bug": bug,
    "ex-chain-program": program,
    "ex-chain-count": count,
    "ex-chain-long-way": long_way,
}

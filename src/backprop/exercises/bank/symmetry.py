"""{ref}`対称性と、たくさんの谷 <sec-many-valleys>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values


def _orders(neurons: str) -> int:
    """並べ替えで区別できる並びの数。同じ字は、双子。"""
    return len(set(permutations(neurons)))


def _rearranged(width: int) -> int:
    """並べ替えと符号で区別できる並びの数。"""
    signs, orders = product((1, -1), repeat=width), permutations(range(1, width + 1))
    return len({tuple(np.multiply(sign, order)) for sign, order in product(signs, orders)})


ALONE, TWO_LAYERS, TWINS = _orders("abcd"), _rearranged(2) * _rearranged(3), _orders("aabc")

count = Values(
    lambda: [ALONE, TWO_LAYERS, TWINS],
    {
        "層ごとの数を、掛けずに足した値": lambda: [ALONE, _rearranged(2) + _rearranged(3), TWINS],
        "符号を数え忘れた値": lambda: [ALONE, _orders("ab") * _orders("abc"), TWINS],
        "二つの層のニューロンを、混ぜて並べた値": lambda: [ALONE, _rearranged(5), TWINS],
        "符号を、層ごとに一度だけ変えた値": lambda: [ALONE, 2 * _orders("ab") * 2 * _orders("abc"), TWINS],
        "双子を、入れ替えれば別の点になるとした値": lambda: [ALONE, TWO_LAYERS, ALONE],
        "双子を、1個のニューロンとして数えた値": lambda: [ALONE, TWO_LAYERS, _orders("abc")],
        "どこでも、符号も変えた値": lambda: [_rearranged(4), TWO_LAYERS, _rearranged(4) // 2],
    },
)


volume = Choice(
    "10倍",
    "後ろの重みの勾配は、誤差項と活性の積です。誤差項は変わらず、活性が10倍になりました。",
    {
        "変わらない": "出力と損失は変わりませんが、後ろの重みの入り口の活性が変わりました。",
        "1/10倍": "それは、前の重みとバイアスの勾配です。戻る道で、小さくなった後ろの重みを通るからです。",
        "100倍": "活性の10倍は、勾配に一度だけ掛かります。誤差項は変わりません。",
    },
)

inverse = Choice(
    4,
    "4行めは、逆の並べ替えで列を選んでいます。行と同じ順で選べば、ニューロンと重みの組が崩れません。",
    {
        1: "1行めは、新しい j 番めに、もとの order[j] 番めのニューロンを置いています。",
        2: "2行めは、バイアスを、重みと同じ順に並べています。",
        3: "3行めの back は、たしかに逆の並べ替えです。それをどこで使うかが問題です。",
    },
)


SIZES = ((2, 3), (1, 4), (3, 3), (4, 3), (3, 5), (5, 4))
"""ニューロンの数と、1個ぶんの数の個数。"""


def _draw(rng: np.random.Generator, n: int) -> tuple[Array]:
    return (rng.normal(size=SIZES[n]),)


def _signs(table: Array) -> Array:
    return np.where(table[:, -1:] < 0, -1.0, 1.0)


def _sorted(table: Array) -> Array:
    return table[np.argsort(table[:, -1])]


def _last_only(table: Array) -> Array:
    return _sorted(np.hstack([table[:, :-1], np.abs(table[:, -1:])]))


standard = Function(
    lambda table: _sorted(_signs(table) * table),
    _draw,
    {
        "出力の重みの符号だけを変えた値": _last_only,
        "符号をそろえずに並べた値": _sorted,
        "符号をそろえただけで、並べ替えていない値": lambda table: _signs(table) * table,
        "列ごとに、別々に並べた値": lambda table: np.sort(_signs(table) * table, axis=0),
        "大きい順に並べた値": lambda table: _sorted(_signs(table) * table)[::-1],
        "並べてから、符号をそろえた値": lambda table: _signs(_sorted(table)) * _sorted(table),
        "すべての数の絶対値をとった値": lambda table: _sorted(np.abs(table)),
    },
)

QUESTIONS = {
    "ex-symmetry-count": count,
    "ex-symmetry-volume": volume,
    "ex-symmetry-inverse": inverse,
    "ex-symmetry-standard": standard,
}

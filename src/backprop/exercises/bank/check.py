"""{ref}`勾配を確かめる <sec-gradient-check>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values
from backprop.judges import central_difference, forward_difference, relative_error, richardson

WIDTHS = (1.0, 0.5, 0.25)
ONE = np.array([1.0])


def _cube(x: Array) -> float:
    return (x**3).item()


def _measured(method: Callable[..., Array]) -> list[float]:
    """三つの幅で測った、``x³`` の ``x = 1`` での傾き。"""
    return [method(_cube, ONE, h).item() for h in WIDTHS]


moving = Values(
    lambda: _measured(forward_difference),
    {
        "幅で割り忘れた値": lambda: [
            d * h for d, h in zip(_measured(forward_difference), WIDTHS, strict=True)
        ],
        "左へ動かして測った値": lambda: [_cube(ONE) / h - _cube(ONE - h) / h for h in WIDTHS],
        "右と左へ動かして測った値": lambda: _measured(central_difference),
        "正しい微分 3 とのずれ": lambda: [d - 3 for d in _measured(forward_difference)],
        "正しい微分の値": lambda: [3.0, 3.0, 3.0],
    },
)


GIVEN = np.array([3.0, 0.5, 0.25, -1.0])
"""正しい勾配を1としたときの、与えられた勾配。"""

report = Values(
    lambda: relative_error(GIVEN, np.ones(4)),
    {
        "正しい値で割った値": lambda: np.abs(GIVEN - 1),
        "与えられた値で割った値": lambda: np.abs(GIVEN - 1) / np.abs(GIVEN),
        "絶対値の小さい方で割った値": lambda: np.abs(GIVEN - 1) / np.minimum(np.abs(GIVEN), 1),
        "二つの絶対値の和で割った値": lambda: np.abs(GIVEN - 1) / (np.abs(GIVEN) + 1),
        "与えられた値と正しい値の比": lambda: GIVEN,
        "符号だけの違いを、同じとみた値": lambda: relative_error(np.abs(GIVEN), np.ones(4)),
    },
)

copying = Choice(
    3,
    "3行めは写しではなく、渡された x に別の名前をつけただけです。f(moved) と f(x) は同じ値なので、測った傾きはいつも0です。",
    {
        1: "1行めは、x と同じ形の入れ物です。測った傾きを、同じ場所に入れるので正しい形です。",
        2: "2行めは、場所を一つずつ挙げるだけです。どの形の配列でも、もれなく一度ずつ回ります。",
        4: "4行めは、いまの場所だけを h 動かします。moved が x の写しなら、正しい行です。",
        5: "5行めの式は、右へ動かした差を h で割っています。moved と x が別の配列なら、正しい行です。",
    },
)


SHAPES = [(3,), (2, 3), (4, 1), (1, 1), (2, 2, 2), (3, 2)]
STEP = 1e-5


def _draw(rng: np.random.Generator, n: int) -> tuple[Callable[[Array], float], Array]:
    """どの成分にも曲がりがあり、成分どうしが掛け合わされ、成分を入れ替えると値が変わる関数と、点。"""
    x, slopes = rng.normal(size=SHAPES[n]), rng.normal(size=SHAPES[n])

    def f(v: Array) -> float:
        return (slopes * v + np.sin(v) + v**2).sum() + (v * slopes).sum() ** 2 / 4

    return f, x


def _differences(f: Callable[[Array], float], x: Array, restore: bool, width: float = 2 * STEP) -> Array:
    moved, found = x.copy(), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if restore:
            moved = x.copy()
        moved[place] += STEP
        right = f(moved)
        moved[place] -= 2 * STEP
        found[place] = (right - f(moved)) / width
    return found


def _first_only(f: Callable[[Array], float], x: Array) -> Array:
    return np.where(np.arange(x.size).reshape(x.shape) == 0, central_difference(f, x, STEP), 0.0)


def _together(f: Callable[[Array], float], x: Array) -> Array:
    return np.full(x.shape, (f(x + STEP) - f(x - STEP)) / (2 * STEP))


eight_lines = Function(
    lambda f, x: central_difference(f, x, STEP),
    _draw,
    {
        "右へだけ動かした差の値": lambda f, x: forward_difference(f, x, STEP),
        "2h でなく h で割った値": lambda f, x: _differences(f, x, True, STEP),
        "幅で割り忘れた、差そのものの値": lambda f, x: _differences(f, x, True, 1.0),
        "一つめの成分だけを測って、終わった値": _first_only,
        "動かした成分を、もとに戻さずに次へ進んだ値": lambda f, x: _differences(f, x, False),
        "すべての成分をいっしょに動かした値": _together,
        "差の符号を逆にした値": lambda f, x: -central_difference(f, x, STEP),
        "はじめの添字だけで場所を決めた（行をまとめて動かした）値": lambda f, x: _by_rows(f, x),
    },
)


def _by_rows(f: Callable[[Array], float], x: Array) -> Array:
    found = np.zeros(x.shape)
    for i in range(len(x)):
        right, left = x.copy(), x.copy()
        right[i] += STEP
        left[i] -= STEP
        found[i] = (f(right) - f(left)) / (2 * STEP)
    return found


def _fifth(x: Array) -> float:
    return (x**5).item()


def _extrapolated() -> tuple[float, float, float]:
    wide, narrow = (central_difference(_fifth, ONE, h).item() for h in (1.0, 0.5))
    return wide, narrow, richardson(_fifth, ONE, 1.0).item()


extrapolation = Values(
    _extrapolated,
    {
        "三つめを、単純に平均した値": lambda: (*_extrapolated()[:2], sum(_extrapolated()[:2]) / 2),
        "三つめの 4 を、広い幅の方に掛けた値": (
            lambda: (*_extrapolated()[:2], (4 * _extrapolated()[0] - _extrapolated()[1]) / 3)
        ),
        "三つめを、h に比例する誤差を消す 2対1 の組み合わせにした値": (
            lambda: (*_extrapolated()[:2], 2 * _extrapolated()[1] - _extrapolated()[0])
        ),
        "三つめを 3 で割り忘れた値": (
            lambda: (*_extrapolated()[:2], 4 * _extrapolated()[1] - _extrapolated()[0])
        ),
        "三つめを、正しい微分にした値": lambda: (*_extrapolated()[:2], 5.0),
        "はじめの二つを、右へだけ動かして求めた値": (
            lambda: (
                *(forward_difference(_fifth, ONE, h).item() for h in (1.0, 0.5)),
                (4 * forward_difference(_fifth, ONE, 0.5) - forward_difference(_fifth, ONE, 1.0)).item() / 3,
            )
        ),
    },
)

QUESTIONS = {
    "ex-check-moving": moving,
    "ex-check-report": report,
    "ex-check-copying": copying,
    "ex-check-eight-lines": eight_lines,
    "ex-check-extrapolation": extrapolation,
}

"""数と行列の答え。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backprop.checks import Array, explained, function, mapping
from backprop.exercises.verdicts import UNKNOWN, Verdict, mistaken, refused

CLOSE = 1e-9
"""ちょうどの数で答える問いで許す、割合の違い。"""

ALWAYS: dict[str, Callable[[Array], Array]] = {
    "符号を逆にした値": lambda right: -right,
    "2倍にした値": lambda right: 2 * right,
    "半分にした値": lambda right: right / 2,
}
"""どの数の問いでも見分ける間違い。"""


@explained
@dataclass(frozen=True)
class Values:
    """数、ベクトル、行列の答えの審判。

    Parameters
    ----------
    right : callable
        正しい値を、問いの数から計算する関数。
    wrong : mapping of str to callable, optional
        間違いの名前から、その間違いをしたときの値を計算する関数を引く。
    digits : int or None, optional
        答えを丸める、小数点より下の桁数。None なら、ちょうどの数。

    Raises
    ------
    TypeError
        関数や辞書でない。

    Examples
    --------
    >>> question = Values(lambda: 2 * 3 + 1, {"1を足し忘れた値": lambda: 2 * 3})
    >>> question.verdict(7)
    ✓ 合格: 審判の計算した値と合いました。
    >>> question.verdict(6), question.verdict(-7)
    (✗ まだです: 1を足し忘れた値と同じ値です。, ✗ まだです: 符号を逆にした値と同じ値です。)
    """

    right: Callable[[], Any]
    wrong: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    digits: int | None = None

    def __post_init__(self) -> None:
        function("right", self.right), mapping("wrong", self.wrong)

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        given, right = numbers(answer), np.asarray(self.right(), float)
        if given is None:
            return refused("数か、数の配列で答えてください。")
        if right.ndim == 1 and given.size == right.size and given.ndim == 2 and 1 in given.shape:
            given = given.ravel()  # 縦に並べた列も、一つの並びとして読む
        if given.shape != right.shape:
            return refused(f"答えの形が違います。{_form(right)}のはずですが、{_form(given)}です。")
        if self._same(given, right):
            return Verdict(True, "審判の計算した値と合いました。")
        for name, value in self.mistakes().items():
            if self._same(given, value):
                return mistaken(name)
        return refused(_first_place(given, right, self._near(given, right)) + UNKNOWN)

    def mistakes(self) -> dict[str, Array]:
        """見分ける間違いと、その値。正しい値と同じになるものは除く。"""
        right = np.asarray(self.right(), float)
        named = {name: np.asarray(value(), float) for name, value in self.wrong.items()}
        found = named | {name: change(right) for name, change in ALWAYS.items()}
        return {name: value for name, value in found.items() if not self._same(value, right)}

    def _same(self, one: Array, other: Array) -> bool:
        return one.shape == other.shape and bool(self._near(one, other).all())

    def _near(self, one: Array, other: Array) -> Array:
        if self.digits is None:
            return np.abs(one - other) <= CLOSE * np.maximum(1.0, np.abs(other).max(initial=0.0))
        return np.abs(one - other) <= (0.5 + 1e-6) * 10.0**-self.digits


def numbers(answer: Any) -> Array | None:
    """答えを数の配列にする。数でなければ None。

    Examples
    --------
    >>> from fractions import Fraction
    >>> numbers(Fraction(1, 4)).item(), numbers("1/4")
    (0.25, None)
    """
    if isinstance(answer, (str, bytes, bool)):
        return None
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return None
    return found if np.isfinite(found).all() else None


def _form(value: Array) -> str:
    return "一つの数" if not value.shape else f"形 {value.shape} の配列"


def _first_place(given: Array, right: Array, near: Array) -> str:
    if not right.shape or near.all():
        return ""
    place = tuple(int(n) + 1 for n in np.argwhere(~near)[0])
    where = f"{place[0]} 番め" if len(place) == 1 else f"{place[0]} 行 {place[1]} 列"
    return f"はじめに違うのは {where}の {given[tuple(n - 1 for n in place)]:g} です。"

"""選ぶ答え、並べる答え、札を並べて作る式。"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backprop.arguments import choice, explained, instance, mapping, sequence
from backprop.exercises.verdicts import UNKNOWN, Verdict, mistaken, refused

Row = Sequence[str]
"""左から順に並べた札の名前。"""


@explained
@dataclass(frozen=True)
class Choice:
    """一つを選ぶ答えの審判。虫のいる行の番号、気づく審判の名前、予想など。

    Parameters
    ----------
    right : hashable
        正しい答え。
    because : str
        合格のときの、理由の一行。
    wrong : mapping, optional
        ほかの答えから、なぜ違うかの一行を引く。

    Raises
    ------
    TypeError
        辞書でない。

    Examples
    --------
    >>> question = Choice(3, "3行めは、更新した後の重みを使っています。", {2: "2行めは、前の層の誤差項です。"})
    >>> question.verdict(3), question.verdict(2)
    (✓ 合格: 3行めは、更新した後の重みを使っています。, ✗ まだです: 2行めは、前の層の誤差項です。)
    """

    right: Hashable
    because: str
    wrong: Mapping[Any, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mapping("wrong", self.wrong)

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        if not isinstance(answer, Hashable) or isinstance(answer, bool) is not isinstance(self.right, bool):
            return refused("選んだものを一つ、そのまま書いてください。")
        if answer == self.right:
            return Verdict(True, self.because)
        if answer in self.wrong:
            return Verdict(False, self.wrong[answer], str(answer))
        return refused(f"次の中から一つを選んでください: {'、'.join(self.options())}")

    def options(self) -> list[str]:
        """選べるもの。正しいものがどれかわからないように、名前の順に並べる。"""
        return sorted(map(repr, (self.right, *self.wrong)))


@explained
@dataclass(frozen=True)
class Order:
    """並べる答えの審判。

    Parameters
    ----------
    right : sequence
        正しい順。
    because : mapping, optional
        ``(先, 後)`` の組から、なぜその順でなければならないかの一行を引く。
    others : sequence of sequence, optional
        ほかに許す順。

    Raises
    ------
    TypeError
        並びや辞書でない。

    Examples
    --------
    >>> question = Order("ABC", {("A", "B"): "B は、A の値を使います。"})
    >>> question.verdict(["A", "B", "C"]), question.verdict(["B", "A", "C"])
    (✓ 合格: 正しい順です。, ✗ まだです: B は、A の値を使います。)
    """

    right: Sequence[Any]
    because: Mapping[tuple[Any, Any], str] = field(default_factory=dict)
    others: Sequence[Sequence[Any]] = ()

    def __post_init__(self) -> None:
        mapping("because", self.because), sequence("others", self.others)

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        given = list(answer) if isinstance(answer, (list, tuple, str)) else None
        if given is None or sorted(map(str, given)) != sorted(map(str, self.right)):
            return refused(f"{len(self.right)} 個のすべてを、一度ずつ並べてください。")
        if given in [list(order) for order in (self.right, *self.others)]:
            return Verdict(True, "正しい順です。")
        for (first, second), reason in self.because.items():
            if given.index(first) > given.index(second):
                return Verdict(False, reason, f"{first}と{second}の順")
        return refused(UNKNOWN)


@explained
@dataclass(frozen=True)
class Tiles:
    """札を並べて作る式の審判。要らない札も混ざっている。

    Parameters
    ----------
    tiles : mapping
        札の名前から、その TeX を引く。札は一枚ずつある。
    left : str
        作る式の左辺の TeX。
    right : sequence of sequence
        正しい並びのすべて。掛ける順を替えてよいなら、替えたものも書く。
    because : str
        合格のときの、理由の一行。
    wrong : mapping, optional
        間違いの名前から、その並び（いくつでも）を引く。
    needless : mapping, optional
        要らない札の名前から、なぜ要らないかの一行を引く。

    Raises
    ------
    TypeError
        辞書や並びや文字列でない。
    ValueError
        札にない名前や、同じ札を二度使う並びがある。

    Examples
    --------
    >>> question = Tiles(
    ...     {"W.T": r"W^\\top", "W": "W", "delta": r"\\delta"}, r"\\frac{\\partial L}{\\partial a}",
    ...     [["W.T", "delta"]], "帰りは、表の列を使います。", {"転置を忘れた式": [["W", "delta"]]},
    ... )
    >>> question.verdict(["W.T", "delta"]), question.verdict(["W", "delta"])
    (✓ 合格: 帰りは、表の列を使います。, ✗ まだです: 転置を忘れた式と同じ式です。)
    """

    tiles: Mapping[str, str]
    left: str
    right: Sequence[Row]
    because: str
    wrong: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    needless: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mapping("tiles", self.tiles), mapping("needless", self.needless)
        instance("left", self.left, str), instance("because", self.because, str)
        for name, rows in {"right": self.right, **mapping("wrong", self.wrong)}.items():
            for row in sequence(name, rows):
                self._one_of_each(name, sequence(name, row))
        self._one_of_each("needless", list(self.needless))

    def _one_of_each(self, name: str, row: Row) -> None:
        for tile in row:
            choice(name, tile, self.tiles)
        if len(set(row)) < len(row):
            raise ValueError(f"{name} の {list(row)} は、同じ札を二度使っています。")

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        given = tuple(answer) if isinstance(answer, (list, tuple)) else ()
        if not given or not all(isinstance(tile, str) for tile in given):
            return refused("要る札を、左から順に並べてください。")
        for place, tile in enumerate(given):
            if tile not in self.tiles:
                return refused(f"{tile!r} という札はありません。あるのは {'、'.join(self.tiles)} です。")
            if tile in given[:place]:
                return refused(f"{tile} の札は、一枚しかありません。")
        return self._compared(given)

    def _compared(self, given: tuple[str, ...]) -> Verdict:
        if given in map(tuple, self.right):
            return Verdict(True, self.because)
        for name, rows in self.wrong.items():
            if given in map(tuple, rows):
                return mistaken(name, "式")
        for tile in given:
            if tile in self.needless:
                return self.unneeded(tile)
        return refused(UNKNOWN)

    def unneeded(self, tile: str) -> Verdict:
        """要らない札のある式への判定。"""
        return Verdict(False, f"{tile} の札は要りません。{self.needless[tile]}", f"{tile} を使った式")

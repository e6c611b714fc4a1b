"""選ぶ答えと、並べる答え。"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backprop.arguments import explained, mapping, sequence
from backprop.exercises.verdicts import UNKNOWN, Verdict, refused


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

"""読者の答えへの判定。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from backprop.arguments import explained, instance

UNKNOWN = "知っている間違いのどれとも違います。ヒントを開いて、途中から確かめてください。"


@explained
@dataclass(frozen=True)
class Verdict:
    """一つの答えへの判定。

    Attributes
    ----------
    passed : bool
        合格か。
    line : str
        読者への一行。正しい答えは書かない。
    named : str
        見分けた間違いの名前。見分けられなければ空。

    Raises
    ------
    TypeError
        真偽値や文字列でない。

    Examples
    --------
    >>> Verdict(True, "手の計算と合いました。")
    ✓ 合格: 手の計算と合いました。
    """

    passed: bool
    line: str
    named: str = ""

    def __post_init__(self) -> None:
        (
            instance("passed", self.passed, bool),
            instance("line", self.line, str),
            instance("named", self.named, str),
        )

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{'✓ 合格' if self.passed else '✗ まだです'}: {self.line}"

    def _repr_markdown_(self) -> str | None:
        # ノートブックでは、一行の中の数式を組んで見せる。
        return repr(self) if "$" in self.line else None


def refused(line: str) -> Verdict:
    """名前のつかない不合格。

    Examples
    --------
    >>> bool(refused("数で答えてください。"))
    False
    """
    return Verdict(False, line)


def mistaken(name: str, what: str = "値") -> Verdict:
    """どの間違いかがわかった不合格。

    Examples
    --------
    >>> mistaken("転置を忘れた式")
    ✗ まだです: 転置を忘れた式と同じ値です。
    """
    return Verdict(False, f"{name}と同じ{what}です。", name)


class Question(Protocol):
    """一つの問いの審判。"""

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        ...


def ruled(question: Question, answer: Any) -> Verdict:
    """審判の判定。書かれていない答えと、審判を壊す答えは、不合格にする。

    Examples
    --------
    >>> class Broken:
    ...     def verdict(self, answer):
    ...         return 1 / answer
    >>> ruled(Broken(), ...), ruled(Broken(), 0)
    (✗ まだです: まだ答えが書かれていません。, ✗ まだです: この答えは、比べられませんでした（ZeroDivisionError）。)
    """
    if answer is None or answer is ...:
        return refused("まだ答えが書かれていません。")
    try:
        return question.verdict(answer)
    except Exception as error:
        return refused(f"この答えは、比べられませんでした（{type(error).__name__}）。")

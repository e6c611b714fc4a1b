"""答えを、その問いの審判に渡す。"""

from __future__ import annotations

import difflib
from typing import Any

from backprop.arguments import explained, instance
from backprop.exercises.bank import QUESTIONS
from backprop.exercises.verdicts import Verdict, ruled


@explained
def check(label: str, answer: Any) -> Verdict:
    """練習問題の答えを判定する。

    Parameters
    ----------
    label : str
        問いの名前（``ex-…``）。
    answer : object
        数、配列、SymPy の式、関数、選んだもの、並べたもの。問いごとに決まっている。

    Returns
    -------
    Verdict
        合格か不合格かと、一行の説明。知っている間違いなら、その名前を言う。正しい答えは言わない。

    Raises
    ------
    TypeError, ValueError
        問いの名前でない。

    Examples
    --------
    >>> check("ex-step3-two-paths", [1.25, -1.75])
    ✓ 合格: 審判の計算した値と合いました。
    >>> check("ex-step3-two-paths", [0, 3.25])
    ✗ まだです: 転置を忘れて求めた値と同じ値です。
    >>> check("ex-step3-two-paths", ...)
    ✗ まだです: まだ答えが書かれていません。
    """
    if instance("label", label, str) not in QUESTIONS:
        near = difflib.get_close_matches(label, QUESTIONS, 1)
        raise ValueError(
            f"{label!r} という問いはありません。" + (f"{near[0]} のことでしょうか。" if near else "")
        )
    return ruled(QUESTIONS[label], answer)

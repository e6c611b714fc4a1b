"""すべての問いの審判。章ごとに、ファイルが一つある。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from backprop.exercises.bank import step3
from backprop.exercises.verdicts import Verdict


class Question(Protocol):
    """一つの問いの審判。"""

    def verdict(self, answer: object) -> Verdict:
        """答えへの判定。"""
        ...


def _gathered(*chapters: Mapping[str, Question]) -> dict[str, Question]:
    found: dict[str, Question] = {}
    for questions in chapters:
        if twice := found.keys() & questions.keys():
            raise ValueError(f"同じ名前の問いが二つあります: {sorted(twice)}")
        found |= questions
    return found


QUESTIONS: dict[str, Question] = _gathered(step3.QUESTIONS)
"""問いの名前から、審判を引く表。"""

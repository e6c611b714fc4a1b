"""問いの名前（``ex-…``）から、その審判を引く表。

章ごとに、ファイルが一つある。式の答えだけは、NumPy のないブラウザの中でも判定できるように、`formulas` に分けて置く。
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from backprop.exercises.verdicts import Question


def _banks() -> Iterator[dict[str, Question]]:
    from backprop.exercises.bank import formulas

    for place in (__name__, formulas.__name__):
        paths = __path__ if place == __name__ else formulas.__path__
        for module in sorted(found.name for found in iter_modules(paths) if not found.ispkg):
            yield import_module(f"{place}.{module}").QUESTIONS


def _gathered() -> dict[str, Question]:
    found: dict[str, Question] = {}
    for questions in _banks():
        if twice := found.keys() & questions.keys():
            raise ValueError(f"同じ名前の問いが二つあります: {sorted(twice)}")
        found |= questions
    return found


QUESTIONS: dict[str, Question] = _gathered()
"""すべての問い。"""

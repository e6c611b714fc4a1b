"""答えの欄に要るもの: 問いの審判に、見分けられるどの答えについても、前もって判定を言わせておく。

ブラウザの中では、比べることと、言われたとおりに言うことだけをする。言葉は、ノートブックで `check` が言うものと同じになる。
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from backprop.exercises import QUESTIONS, Choice, Formula, Order, Tiles, Values, Verdict, check, values
from backprop.exercises.verdicts import UNKNOWN

ODD = 987654.0
"""どこにも現れない値。審判の言葉の中で、この数のところに、読者の答えが入る。"""
GIVEN = "{}"
FIELDS = 30
"""欄の数の上限。これより大きな行列は、ノートブックで答えるほうが速い。"""
SELF, NOTEBOOK = "self", "notebook"
"""読者が自分で確かめる問いと、ノートブックで判定する問い。"""


_EMPTY = check(next(iter(QUESTIONS)), ...)
"""何も書かれていないときの判定。どの問いでも同じ。"""


class Sheet(dict[str, Any]):
    """答えの欄に渡すもの。言葉は ``lines`` に並べ、ほかからは番号で指す。"""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__(kind=kind, **facts)
        self.lines: list[str] = []

    def line(self, said: Verdict | str) -> int:
        """言葉の番号。"""
        text = said if isinstance(said, str) else repr(said)
        if text not in self.lines:
            self.lines.append(text)
        return self.lines.index(text)


@cache
def sheet(label: str) -> Sheet:
    """問いの答えの欄。"""
    return made_of(label, QUESTIONS.get(label))


def made_of(label: str, question: object) -> Sheet:
    """審判の答えの欄。審判のない問いは、読者が自分で確かめる。"""
    match question:
        case None:
            return Sheet(SELF)
        case Values() as question if np.asarray(question.right(), float).size <= FIELDS:
            return _values(question)
        case Choice() as question if question.wrong:
            return _choice(label, question)
        case Order() as question:
            return _order(label, question)
        case Tiles() as question:
            return _tiles(label, question)
        case Formula() as question:
            return _formula(question)
    return Sheet(NOTEBOOK)


def _values(question: Values) -> Sheet:
    right = np.asarray(question.right(), float)
    made = Sheet("values", shape=right.shape, right=_flat(right))
    made["empty"] = made.line(_EMPTY)
    made["strange"] = made.line(question.verdict("数でない"))
    made["passed"] = made.line(question.verdict(right))
    wrong = {name: value for name, value in question.mistakes().items() if value.shape == right.shape}
    made["wrong"] = [[_flat(value), made.line(question.verdict(value))] for value in wrong.values()]
    made["unknown"] = [made.line(_different(question, right, place)) for place in range(right.size)]
    made["near"] = (
        {"relative": values.CLOSE}
        if question.digits is None
        else {"absolute": (0.5 + 1e-6) * 10.0**-question.digits}
    )
    return made


def _different(question: Values, right: np.ndarray, place: int) -> str:
    """はじめに違うのがそこだったときの言葉。"""
    given = right.copy()
    given.flat[place] = ODD
    return repr(question.verdict(given)).replace(f"{ODD:g}", GIVEN)


def _flat(value: np.ndarray) -> list[float]:
    return [float(number) for number in value.flat]


def _choice(label: str, question: Choice) -> Sheet:
    made = Sheet("choice")
    made["empty"] = made.line(_EMPTY)
    made["options"] = [
        [made.line(str(option)), made.line(question.verdict(option)), option == question.right]
        for option in _mixed(label, [question.right, *question.wrong])
    ]
    return made


def _order(label: str, question: Order) -> Sheet:
    orders = [list(map(str, order)) for order in (question.right, *question.others)]
    mixed = list(map(str, _mixed(label, list(question.right), numbers=False)))
    turned = ([*mixed[n:], *mixed[:n]] for n in range(len(mixed)))
    made = Sheet("order")
    made["items"] = [made.line(item) for item in next((way for way in turned if way not in orders), mixed)]
    made["orders"] = [[made.line(text) for text in order] for order in orders]
    made["passed"] = made.line(question.verdict(list(question.right)))
    made["unknown"] = made.line(Verdict(False, UNKNOWN))
    made["because"] = [
        [made.line(str(first)), made.line(str(second)), made.line(Verdict(False, reason))]
        for (first, second), reason in question.because.items()
    ]
    return made


def _tiles(label: str, question: Tiles) -> Sheet:
    names = _mixed(label, list(question.tiles))
    made = Sheet("tiles")
    made["left"] = made.line(f"${question.left} =$")
    made["tiles"] = [[name, made.line(f"${question.tiles[name]}$")] for name in names]
    made["empty"] = made.line(_EMPTY)
    made["passed"] = made.line(Verdict(True, question.because))
    made["unknown"] = made.line(Verdict(False, UNKNOWN))
    rows = [row for known in (question.right, *question.wrong.values()) for row in known]
    made["rows"] = {
        ",".join(str(names.index(tile)) for tile in row): made.line(question.verdict(row)) for row in rows
    }
    made["needless"] = {names.index(tile): made.line(question.unneeded(tile)) for tile in question.needless}
    return made


def _formula(question: Formula) -> Sheet:
    made = Sheet("formula", names=[*question.names, "Sum"])
    made["empty"] = made.line(_EMPTY)
    made["marks"] = [repr(Verdict(passed, "")) for passed in (False, True)]
    return made


def _mixed(label: str, options: Sequence[Any], numbers: bool = True) -> list[Any]:
    """正しいものがどこに来るかに、決まりのない並べ方。いつつくっても同じで、数は小さい順。"""
    if numbers and all(isinstance(option, (int, float)) for option in options):
        return sorted(options)
    return sorted(options, key=lambda option: hashlib.sha256(f"{label} {option}".encode()).digest())

"""練習問題のすべての問い: 正しい答えはどんな書き方でも合格、間違いはすべて不合格で、その名前を言う。"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from corpus import RIGHT, STRANGE

from backprop.exercises import QUESTIONS, Choice, Formula, Function, Order, Tiles, Values, check

KINDS = (Formula, Function)
"""いろいろな書き方のある答え。"""


def mistakes(label: str) -> dict[str, Any]:
    """その問いの審判が知っている間違い。"""
    question = QUESTIONS[label]
    match question:
        case Values():
            return dict(question.mistakes())
        case Formula():
            return {f"{name} ({n})": form for n, (name, form) in enumerate(question.mistakes())}
        case Function() | Choice():
            wrong = dict(question.wrong)
            return wrong if isinstance(question, Function) else {name: name for name in wrong}
        case Order():
            return {
                f"{first}と{second}": _swapped(question.right, first, second)
                for first, second in question.because
            }
        case Tiles():
            return {
                f"{name} ({n})": row for name, rows in question.wrong.items() for n, row in enumerate(rows)
            }
    return {}


def _swapped(order: Any, first: Any, second: Any) -> list[Any]:
    """二つを入れかえた並び。"""
    exchange = {first: second, second: first}
    return [exchange.get(item, item) for item in order]


class TestEveryQuestion:
    def test_every_question_has_right_answers(self) -> None:
        assert RIGHT.keys() == QUESTIONS.keys()

    @pytest.mark.parametrize("label", QUESTIONS)
    def test_right_answers_pass_in_any_form(self, label: str) -> None:
        assert len(RIGHT[label]) >= (5 if isinstance(QUESTIONS[label], KINDS) else 1)
        for answer in RIGHT[label]:
            verdict = check(label, answer)
            assert verdict.passed, (answer, verdict)

    @pytest.mark.parametrize(
        "label",
        [
            pytest.param(label, marks=pytest.mark.long if isinstance(question, Formula) else ())
            for label, question in QUESTIONS.items()
        ],
    )
    def test_mistakes_are_refused_and_named(self, label: str) -> None:
        wrong = mistakes(label)
        verdicts = {name: check(label, answer) for name, answer in wrong.items()}
        assert not [name for name, verdict in verdicts.items() if verdict.passed]
        named = [name for name, verdict in verdicts.items() if verdict.named]
        assert wrong
        assert len(named) >= 0.9 * len(wrong), [n for n in wrong if n not in named]

    @pytest.mark.parametrize("label", [k for k, q in QUESTIONS.items() if isinstance(q, Values)])
    def test_numbers_tell_every_mistake_apart(self, label: str) -> None:
        question, wrong = QUESTIONS[label], mistakes(label)
        assert set(question.wrong) <= set(wrong), "正しい値と同じ値になる間違いがあります。"
        named = {name: check(label, wrong[name]).named for name in question.wrong}
        assert named == {name: name for name in question.wrong}

    @pytest.mark.parametrize("label", [k for k, q in QUESTIONS.items() if isinstance(q, Tiles)])
    def test_rows_have_one_meaning_and_only_needed_tiles(self, label: str) -> None:
        question = QUESTIONS[label]
        rows = [tuple(row) for known in (question.right, *question.wrong.values()) for row in known]
        assert len(set(rows)) == len(rows)
        needed = {frozenset(row) for row in question.right}
        assert all(tiles.isdisjoint(question.needless) for tiles in needed)
        assert set(question.tiles) - set.union(*map(set, needed)), "要らない札がありません。"
        for tile in question.needless:
            assert check(label, [*question.right[0], tile]).named

    @pytest.mark.parametrize("label", [k for k, q in QUESTIONS.items() if isinstance(q, Function)])
    def test_functions_are_tried_at_different_sizes(self, label: str) -> None:
        shapes = [tuple(np.shape(value) for value in case) for case in QUESTIONS[label].cases()]
        assert len(set(shapes)) >= 3 or all(shape == () for case in shapes for shape in case)

    @pytest.mark.long
    @pytest.mark.parametrize("label", QUESTIONS)
    def test_strange_answers_get_one_line(self, label: str) -> None:
        for answer in STRANGE:
            verdict = check(label, answer)
            assert not verdict.passed, answer
            assert verdict.line.strip(), answer
            assert "\n" not in verdict.line, answer

    @pytest.mark.parametrize("label", [k for k, q in QUESTIONS.items() if isinstance(q, Values)])
    def test_the_right_value_is_never_told(self, label: str) -> None:
        right = np.asarray(QUESTIONS[label].right(), float)
        for answer in (right + 0.125, right * 3, np.full(right.shape, 987.0), np.zeros((4, 4)), "x"):
            line = check(label, answer).line
            places = re.findall(r"はじめに違うのは.*?です。|形 \(.*?\) の配列", line)
            for place in places:
                line = line.replace(place, "")
            assert not re.findall(r"-?\d", line), line

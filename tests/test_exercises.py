"""練習問題の審判: 正しい答えはどんな書き方でも合格、間違いはすべて不合格で、その名前を言う。"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import re
from collections.abc import Callable
from typing import Any

import answers
import numpy as np
import pytest
import sympy as sp

from backprop.activations import ACTIVATIONS
from backprop.exercises import QUESTIONS, Choice, Formula, Function, Order, Values, calling, check, functions

CHAPTERS = [module.name for module in pkgutil.iter_modules(answers.__path__)]
RIGHT: dict[str, list[Any]] = {}
for chapter in CHAPTERS:
    RIGHT |= importlib.import_module(f"answers.{chapter}").RIGHT
KINDS = (Formula, Function)
"""いろいろな書き方のある答え。"""
STRANGE = [
    *(
        None,
        ...,
        "",
        "x",
        b"x",
        True,
        10**400,
        float("nan"),
        float("inf"),
        1j,
        [],
        [[]],
        {},
        {1: 2},
        {3},
        object(),
    ),
    *(
        np.zeros(0),
        np.zeros((2, 2, 2)),
        np.array(["a"]),
        [1, [2, 3]],
        sp.Symbol("q"),
        sp.nan,
        sp.Matrix([[1]]),
    ),
    *(
        print,
        len,
        lambda: 1,
        lambda *given: None,
        lambda *given: "a",
        lambda *given: np.nan,
        np.random.rand,
        Exception,
    ),
]


def mistakes(label: str) -> dict[str, Any]:
    """その問いの審判が知っている間違い。"""
    question = QUESTIONS[label]
    match question:
        case Values() | Formula():
            return dict(question.mistakes())
        case Function() | Choice():
            wrong = dict(question.wrong)
            return wrong if isinstance(question, Function) else {name: name for name in wrong}
    return {}


class TestEveryQuestion:
    def test_every_question_has_right_answers(self) -> None:
        assert RIGHT.keys() == QUESTIONS.keys()

    @pytest.mark.parametrize("label", QUESTIONS)
    def test_right_answers_pass_in_any_form(self, label: str) -> None:
        assert len(RIGHT[label]) >= (5 if isinstance(QUESTIONS[label], KINDS) else 1)
        for answer in RIGHT[label]:
            verdict = check(label, answer)
            assert verdict.passed, (answer, verdict)

    @pytest.mark.parametrize("label", QUESTIONS)
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

    @pytest.mark.parametrize("label", [k for k, q in QUESTIONS.items() if isinstance(q, Function)])
    def test_functions_are_tried_at_different_sizes(self, label: str) -> None:
        shapes = [tuple(np.shape(value) for value in case) for case in QUESTIONS[label].cases()]
        assert len(set(shapes)) >= 3 or all(shape == () for case in shapes for shape in case)

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


class TestFunctions:
    LABEL = "ex-step3-loops"

    def right(self) -> Callable[..., Any]:
        return RIGHT[self.LABEL][0]

    def line(self, answer: Any) -> str:
        verdict = check(self.LABEL, answer)
        assert not verdict.passed
        return verdict.line

    def test_endless_functions_are_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(calling, "LIMIT", 0.2)
        monkeypatch.setattr(calling.call, "__kwdefaults__", {"limit": 0.2})

        def endless(*_: Any) -> Any:
            while True:
                with contextlib.suppress(Exception):
                    len([])

        assert "秒で終わりませんでした" in self.line(endless)

    def test_failures_are_told_in_one_line(self) -> None:
        assert "ZeroDivisionError で止まりました" in self.line(lambda *_: 1 / 0)
        assert "SystemExit で止まりました" in self.line(lambda *_: exit())
        assert "return を忘れていませんか" in self.line(lambda *_: None)
        assert "関数で答えてください" in self.line(self.right()(*QUESTIONS[self.LABEL].cases()[0]))

    def test_spoiled_arguments(self) -> None:
        def spoiling(W_next: Any, delta_next: Any, Z: Any) -> Any:
            answer = self.right()(W_next, delta_next, Z)
            Z *= 0
            return answer

        assert "書きかえています" in self.line(spoiling)

    def test_wrong_shapes(self) -> None:
        assert "形が違います" in self.line(lambda W, D, Z: self.right()(W, D, Z)[0])
        assert "形が違います" in self.line(lambda W, D, Z: 1.0)

    def test_answers_by_shape(self) -> None:
        """大きさごとに覚えた値を返す関数は、次の判定で同じ数が来るとしても、問いの数を知らなければ合わない。"""
        stored = {case[0].shape: np.zeros(case[2].shape) for case in QUESTIONS[self.LABEL].cases()}
        assert self.line(lambda W, D, Z: stored[W.shape])

    def test_patched_packages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """審判の使う関数を書きかえても、合格にはならない。"""
        tanh = ACTIVATIONS["tanh"]
        original = type(tanh).pullback

        def patching(W_next: Any, delta_next: Any, Z: Any) -> Any:
            type(tanh).pullback = lambda self, Z, upstream: upstream * 0
            return np.zeros(Z.shape)

        try:
            assert self.line(patching)
        finally:
            type(tanh).pullback = original
        assert check(self.LABEL, self.right()).passed

    def test_wrong_only_at_one_size(self) -> None:
        def wrong_for_one_example(W_next: Any, delta_next: Any, Z: Any) -> Any:
            right = self.right()(W_next, delta_next, Z)
            return right * 2 if Z.shape[1] == 1 else right

        assert "値が違います" in self.line(wrong_for_one_example)

    def test_a_small_difference_is_seen(self) -> None:
        assert self.line(lambda *given: self.right()(*given) * (1 + 1e-6))
        assert check(self.LABEL, lambda *given: self.right()(*given) * (1 + 1e-13)).passed
        assert functions.CLOSE <= 1e-8


class TestFormulas:
    LABEL = "ex-step3-skip"

    def test_unknown_symbols_are_pointed_at(self) -> None:
        assert "問いにない記号 u " in check(self.LABEL, sp.Symbol("u")).line

    def test_texts_are_read_without_running_them(self) -> None:
        assert "「__import__」という記号は" in check(self.LABEL, "__import__('os')").line


class TestOrder:
    QUESTION = Order("ABC", {("A", "B"): "B は、A の値を使います。"}, ("ACB",))

    def test_orders(self) -> None:
        assert self.QUESTION.verdict("ABC").passed
        assert self.QUESTION.verdict(["A", "C", "B"]).passed
        assert self.QUESTION.verdict("BAC").named == "AとBの順"
        assert not self.QUESTION.verdict("CAB").passed

    @pytest.mark.parametrize("answer", [["A"], "AAB", None, 3, {"A": 1}])
    def test_not_an_order(self, answer: Any) -> None:
        assert "一度ずつ" in self.QUESTION.verdict(answer).line


def test_unknown_labels() -> None:
    with pytest.raises(ValueError, match="ex-step3-loops のことでしょうか"):
        check("ex-step3-loop", 1)
    with pytest.raises(TypeError, match="label"):
        check(3, 1)

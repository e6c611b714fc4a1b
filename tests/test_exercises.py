"""練習問題の審判: 止まらない関数、壊す関数、読めない式、知らない問い。"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from corpus import RIGHT
from IPython.core.formatters import DisplayFormatter

from backprop.activations import ACTIVATIONS
from backprop.exercises import QUESTIONS, Order, Tiles, calling, check, functions
from backprop.exercises.verdicts import UNKNOWN, refused
from backprop.symbolic import layers


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

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ("after.w*after.delta", "番号"),
            ("Sum(after.w[k, j]*after.delta[k])", "Sum\\(式, 番号\\)"),
            ("", "まだ式が"),
            ("l.df(l.z[j]", "読めなくなりました"),
            ("l.__class__", "使えません"),
            ("2**99", "指数は"),
            ("(lambda: 1)()", "読めません"),
            ("[1, 2]", "読めません"),
            ("l.z[j] if 1 else 2", "読めません"),
        ],
    )
    def test_what_cannot_be_read_is_told(self, answer: str, said: str) -> None:
        verdict = check(self.LABEL, answer)
        assert not verdict.passed
        assert re.search(said, verdict.line), verdict.line

    def test_symbols_without_an_index_are_told(self) -> None:
        (after,) = layers("l+1")
        assert "番号の添えられていない記号" in check(self.LABEL, after.delta * 2).line

    def test_the_name_of_a_mistake_does_not_tell_the_right_formula(self) -> None:
        for name, _ in QUESTIONS[self.LABEL].mistakes():
            assert not re.search(r"[\\\[\]^_]", name), name

    def test_texts_are_read_without_running_them(self) -> None:
        assert "「__import__」という記号は" in check(self.LABEL, "__import__('os')").line


class TestChoice:
    def test_what_is_not_offered_is_told(self) -> None:
        line = check("ex-step3-predict", "へる").line
        assert all(option in line for option in ("2倍", "4倍", "変わらない", "決まらない"))


class TestValues:
    def test_a_column_is_read_as_a_row(self) -> None:
        right = np.asarray(QUESTIONS["ex-step3-two-paths"].right())
        assert check("ex-step3-two-paths", right.reshape(-1, 1)).passed
        assert not check("ex-step3-two-paths", np.stack([right, right])).passed


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


class TestTiles:
    TILES = {"A": "a", "B": "b", "C": "c", "D": "d"}
    QUESTION = Tiles(
        TILES,
        "x",
        [["A", "B"], ["B", "A"]],
        "わけ。",
        {"A を忘れた式": [["B"]], "C を掛けた式": [["A", "B", "C"], ["A", "C"]]},
        {"C": "C は定数です。"},
    )

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (["A", "B"], "✓ 合格: わけ。"),
            (("B", "A"), "✓ 合格: わけ。"),
            (["B"], "✗ まだです: A を忘れた式と同じ式です。"),
            (["A", "C"], "✗ まだです: C を掛けた式と同じ式です。"),
            (["D", "C"], "✗ まだです: C の札は要りません。C は定数です。"),
            (["E"], "✗ まだです: 'E' という札はありません。あるのは A、B、C、D です。"),
            (["A", "E\n"], "✗ まだです: 'E\\n' という札はありません。あるのは A、B、C、D です。"),
            (["A", "A"], "✗ まだです: A の札は、一枚しかありません。"),
        ],
    )
    def test_rows(self, answer: Any, said: str) -> None:
        assert repr(self.QUESTION.verdict(answer)) == said

    def test_names_of_mistakes(self) -> None:
        rows = [["B"], ["A", "B", "C"], ["D", "C"], ["A"], ["A", "B", "D"]]
        named = [self.QUESTION.verdict(row).named for row in rows]
        assert named == ["A を忘れた式", "C を掛けた式", "C を使った式", "", ""]

    @pytest.mark.parametrize(
        "answer", [[], (), "AB", {"A": 1, "B": 2}, 3, ["A", 3], [["A"]], np.array(["A"])]
    )
    def test_not_a_row(self, answer: Any) -> None:
        assert self.QUESTION.verdict(answer).line == "要る札を、左から順に並べてください。"

    def test_what_is_not_known_tells_nothing(self) -> None:
        assert self.QUESTION.verdict(["A"]).line == UNKNOWN

    @pytest.mark.parametrize(
        ("changed", "error", "said"),
        [
            ({"tiles": ["A"]}, TypeError, "tiles は辞書"),
            ({"left": 1}, TypeError, "left は str"),
            ({"because": None}, TypeError, "because は str"),
            ({"right": "AB"}, TypeError, "right は並び"),
            ({"right": ["AB"]}, TypeError, "right は並び"),
            ({"right": [["E"]]}, ValueError, "right に 'E' はありません"),
            ({"right": [["A", "A"]]}, ValueError, "同じ札を二度"),
            ({"wrong": [["A"]]}, TypeError, "wrong は辞書"),
            ({"wrong": {"悪い式": [["E"]]}}, ValueError, "悪い式 に 'E' はありません"),
            ({"needless": ["C"]}, TypeError, "needless は辞書"),
            ({"needless": {"E": "ない札。"}}, ValueError, "needless に 'E' はありません"),
        ],
    )
    def test_spoilt_questions(self, changed: dict[str, Any], error: type[Exception], said: str) -> None:
        given = {"tiles": self.TILES, "left": "x", "right": [["A"]], "because": "わけ。"}
        with pytest.raises(error, match=said):
            Tiles(**{**given, **changed})


@pytest.mark.parametrize(
    ("line", "kinds"),
    [("$b$ で割った値です。", {"text/plain", "text/markdown"}), ("違います。", {"text/plain"})],
)
def test_formulas_in_a_verdict_are_typeset_in_a_notebook(line: str, kinds: set[str]) -> None:
    shown, _ = DisplayFormatter().format(refused(line))
    assert set(shown) == kinds
    assert all(line in text for text in shown.values())


def test_unknown_labels() -> None:
    with pytest.raises(ValueError, match="ex-step3-loops のことでしょうか"):
        check("ex-step3-loop", 1)
    with pytest.raises(TypeError, match="label"):
        check(3, 1)

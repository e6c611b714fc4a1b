"""章の出力の表。"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop.tables import Table


class TestWritten:
    """一つの値の書き方。"""

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.25, "0.25"), (-0.25, "−0.25"), (-3, "−3"), (4e-06, "4e-06"), (-4e-06, "−4e-06"), (True, "はい"),
            (np.False_, "いいえ"), (None, "なし"), (np.inf, "∞"), (-np.inf, "−∞"), (np.nan, "nan"),
            (np.float64(0.5), "0.5"), (np.int64(-2), "−2"), ("2e-07", "2e-07"), ("$w$", "$w$"),
        ],
    )  # fmt: skip
    def test_scalar(self, value: Any, text: str) -> None:
        assert Table({"a": value}, ["値"]).cells()[1] == ["a", text]

    def test_rows_may_be_lists_tuples_or_arrays(self) -> None:
        for row in ([1.0, -2.0], (1.0, -2.0), np.array([1.0, -2.0])):
            assert Table({"a": row}, ["x", "y"]).cells() == [["", "x", "y"], ["a", "1.0", "−2.0"]]

    def test_a_list_within_a_row(self) -> None:
        assert Table({0: [[2, 3], (1, False)]}, ["x", "y"]).cells()[1] == ["0", "2、3", "1、いいえ"]


class TestTable:
    """表。"""

    def test_columns_are_aligned_by_what_a_terminal_shows(self) -> None:
        lines = repr(Table({"正しい": [1, 2], "a": ["全角", 4]}, ["x", "y"], "式")).splitlines()
        assert lines == ["式      x     y", "正しい  1     2", "a       全角  4"]

    def test_bars_do_not_break_the_markdown(self) -> None:
        made = Table({"|a|": [1]}, ["b|c"])._repr_markdown_()
        assert made.splitlines() == [r"|  | b\|c |", "|---|---|", r"| \|a\| | 1 |"]

    @pytest.mark.parametrize(
        ("rows", "columns", "message"),
        [
            ([1, 2], ["x"], "rows"),
            ({}, ["x"], "rows が空です"),
            ({"a": [1]}, "xy", "columns"),
            ({"a": [1], "b": [1, 2]}, ["x"], "行 b の値は 2 個"),
            ({"a": []}, ["x"], "行 a の値は 0 個"),
        ],
    )
    def test_bad_input(self, rows: Any, columns: Any, message: str) -> None:
        with pytest.raises((TypeError, ValueError), match=message):
            Table(rows, columns)

"""章の出力を、本の組み方の表にする。

辞書や並びをそのまま見せる代わりに、行と列に名前のある表を見せる。ノートブックでは Markdown の表に、端末では桁をそろえた
文字の表になる。数は、与えられたとおりに書く。丸めるのは、呼ぶ側である。
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop.checks import explained, instance, mapping, sequence

_WORDS = {True: "はい", False: "いいえ", None: "なし"}


@explained
@dataclass(frozen=True)
class Table:
    """行の名前と値の表。

    Parameters
    ----------
    rows : mapping
        行の名前から、その行の値（一つの値か、値の並び）を引く。
    columns : sequence of str
        値の列の見出し。
    corner : str
        行の名前の列の見出し。

    Raises
    ------
    TypeError, ValueError
        ``rows`` が辞書でない、空である、どれかの行の値の数が見出しの数と違う、見出しが文字列でない。

    Examples
    --------
    >>> Table({"正しい式": [0.335, True], "符号が逆": [0.778, False]}, ["損失", "下がったか"], "式")
    式        損失   下がったか
    正しい式  0.335  はい
    符号が逆  0.778  いいえ
    >>> print(Table({1: 0.5}, ["値"], "層")._repr_markdown_())
    | 層 | 値 |
    |---|---|
    | 1 | 0.5 |
    >>> Table({"a": [1, 2]}, ["値"])
    Traceback (most recent call last):
    ValueError: rows の行 a の値は 2 個ですが、見出しは 1 個です。
    """

    rows: Mapping[Any, Any]
    columns: Sequence[str]
    corner: str = ""

    def __post_init__(self) -> None:
        if not mapping("rows", self.rows):
            raise ValueError("rows が空です。少なくとも1行が要ります。")
        for i, heading in enumerate(sequence("columns", self.columns)):
            instance(f"columns[{i}]", heading, str)
        for name, value in self.rows.items():
            if (given := len(_values(value))) != len(self.columns):
                raise ValueError(
                    f"rows の行 {name} の値は {given} 個ですが、見出しは {len(self.columns)} 個です。"
                )

    def cells(self) -> list[list[str]]:
        """見出しの行と、それぞれの行の、書く文字。"""
        body = [[_written(name), *map(_written, _values(value))] for name, value in self.rows.items()]
        return [[self.corner, *self.columns], *body]

    def __repr__(self) -> str:
        cells = self.cells()
        widths = [max(map(_width, column)) for column in zip(*cells)]
        return "\n".join("  ".join(map(_padded, row, widths)).rstrip() for row in cells)

    def _repr_markdown_(self) -> str:
        head, *body = [
            f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in self.cells()
        ]
        return "\n".join([head, "|" + "---|" * (len(self.columns) + 1), *body])


def _values(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _written(value: Any) -> str:
    """一つの値の書き方。整数も小数も、Python が書くとおりの桁で書く。"""
    if value is None or isinstance(value, (bool, np.bool_)):
        return _WORDS[None if value is None else bool(value)]
    if isinstance(value, (list, tuple)):
        return "、".join(map(_written, value))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and np.isinf(value):
        return "∞" if value > 0 else "−∞"
    return str(value).replace("-", "−", 1) if isinstance(value, (int, float)) and value < 0 else str(value)


def _width(text: str) -> int:
    """端末での幅。漢字や仮名は2桁を占める。"""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))

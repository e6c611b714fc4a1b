"""層を並べたネットワークの割りつけ: ニューロンと線の名前、記号、位置。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from backprop import checks
from backprop.checks import Array
from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.inputs import optional, texts, whole
from backprop.figures.drafting.numbers import label
from backprop.figures.drafting.text import room
from backprop.figures.drafting.widths import smallest

Key = tuple[int, ...]
Selection = Iterable[int | tuple[int | None, ...]]
Labels = Mapping[Any, Any]

RADIUS = 0.30
WIDEST = 0.40
"""節の丸の半径と、長い文字のために広げてよい半径（インチ）。"""
ROW = 1.0
DOTS = 0.42
"""「⋮」を置くために広げる、ニューロンの間（インチ）。"""


class Plan:
    """ニューロンと線の名前、記号、位置。"""

    def __init__(
        self,
        sizes: Sequence[int],
        layer_names: Sequence[str] | None,
        index_names: Mapping[int, Sequence[str]] | None,
        ellipsis: Selection,
    ) -> None:
        if not isinstance(sizes, (list, tuple)) or not sizes:
            raise TypeError(
                f"sizes は層ごとのニューロンの数のリストでなければなりませんが、{sizes!r} が与えられました。"
            )
        self.sizes = [checks.count(f"sizes[{l}]", n) for l, n in enumerate(sizes)]
        self.layer_names = (
            list(layer_names) if layer_names is not None else [str(l) for l in range(len(sizes))]
        )
        if len(self.layer_names) != len(sizes):
            raise ValueError(
                f"layer_names の数は層の数 {len(sizes)} でなければなりませんが、{len(self.layer_names)} が与えられました。"
            )
        self.index_names = {l: [str(j) for j in range(1, n + 1)] for l, n in enumerate(self.sizes)}
        for l, names in optional("index_names", index_names).items():
            if l not in self.index_names or len(texts(f"index_names[{l}]", names)) != self.sizes[l]:
                raise ValueError(
                    f"index_names[{l}] は、層 {l} のニューロンの数だけ要りますが、{names!r} が与えられました。"
                )
            self.index_names[l] = list(names)
        self.nodes: list[Key] = [(l, j) for l, n in enumerate(self.sizes) for j in range(1, n + 1)]
        self.edges: list[Key] = [
            (l, j, k)
            for l in range(1, len(sizes))
            for j, k in product(range(1, self.sizes[l] + 1), range(1, self.sizes[l - 1] + 1))
        ]
        self.dots = self.select("ellipsis", ellipsis, self.nodes)
        self.positions: dict[Key, Point] = {}
        self.rows = [ROW] * len(self.sizes)
        self.radius: dict[Key, float] = dict.fromkeys(self.nodes, RADIUS)

    def select(self, name: str, patterns: Selection, keys: Sequence[Key]) -> list[Key]:
        """模様に合う名前を、描く順に。"""
        chosen: set[Key] = set()
        for pattern in _patterns(name, patterns):
            fits = [key for key in keys if _matches(pattern, key)]
            if not fits:
                what = "(l, j)" if keys and len(keys[0]) == 2 else "(l, j, k)"
                raise ValueError(
                    f"{name} の {pattern!r} は、層の大きさ {self.sizes} のネットワークにありません。"
                    f" {what} の形で、j と k は1から数えて指してください。"
                )
            chosen.update(fits)
        return [key for key in keys if key in chosen]

    def expand(self, name: str, labels: Labels | None, keys: Sequence[Key]) -> dict[Key, str]:
        """層ごと・一つずつ・関数のどれで与えられたラベルも、名前から文字列への対応にする。"""
        result: dict[Key, str] = {}
        for pattern, value in optional(name, labels).items():
            fits = self.select(name, [pattern], keys)
            if isinstance(value, str) and whole(pattern) and "$" not in value:
                result.update({key: self.symbol(value, *key) for key in fits})
            elif isinstance(value, np.ndarray):
                result.update(self._from_array(f"{name}[{pattern!r}]", value, fits))
            else:
                result.update({key: label(value) for key in fits})
        return result

    def _from_array(self, name: str, values: Array, keys: Sequence[Key]) -> dict[Key, str]:
        l = keys[0][0]
        columns = 1 if len(keys[0]) == 2 else self.sizes[l - 1]
        checks.array(name, values, (self.sizes[l], columns))
        return {key: label(float(values[key[1] - 1, key[2] - 1 if len(key) == 3 else 0])) for key in keys}

    def symbol(self, letter: str, l: int, j: int, k: int | None = None) -> str:
        """本の記法の記号。入力 x と目標 y、出力 ŷ には層の番号をつけない。"""
        index = self.index_names[l][j - 1] + ("" if k is None else self.index_names[l - 1][k - 1])
        layer = "" if letter in ("x", "y", r"\hat{y}", r"\hat y") else f"^{{{self.layer_names[l]}}}"
        return f"${letter}{layer}_{{{index}}}$"

    def widen(self, written: Mapping[Key, str]) -> None:
        """文字を縮めても収まらない節の丸を、四隅が収まるまで広げる。"""
        for key, text in written.items():
            self.radius[key] = max(self.radius[key], min(room(text, smallest()), WIDEST))

    def column_height(self, l: int) -> float:
        return (self.sizes[l] - 1) * self.rows[l] + DOTS * sum(1 for key in self.dots if key[0] == l)

    def arrange(self, columns: Sequence[float], middle: float) -> None:
        """層 l を横の位置 columns[l] に、中央を `middle` にそろえて並べる。"""
        for l, x in enumerate(columns):
            y = middle + self.column_height(l) / 2
            for j in range(1, self.sizes[l] + 1):
                self.positions[(l, j)] = (x, y)
                y -= self.rows[l] + (DOTS if (l, j) in self.dots else 0)


def _patterns(name: str, value: object) -> list[Any]:
    """層の番号一つか、模様の並び。文字列や配列も数えあげられるが、模様の並びではない。"""
    if whole(value):
        return [value]
    if isinstance(value, (str, bytes, Mapping, np.ndarray)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} は層の番号か番号の並びでなければなりませんが、{value!r} が与えられました。")
    return list(value)


def _matches(pattern: object, key: Key) -> bool:
    if whole(pattern):
        return key[0] == pattern
    if not isinstance(pattern, (tuple, list)) or len(pattern) != len(key):
        return False
    return all(p is None or (whole(p) and p == q) for p, q in zip(pattern, key))

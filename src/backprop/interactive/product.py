"""行列の積: ますに触れると、そのますを作る行と列が灯る。帰りは、同じ表を縦に読む。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.inputs import text
from backprop.interactive.formula import mathml
from backprop.interactive.numbers import number, rounded
from backprop.interactive.widget import Widget, table

MOST = 6
"""一つの行列の行と列の数。電話の画面に収まるだけにする。"""
LARGEST = 999.0
"""ますに書ける数の大きさ。"""


@dataclass(frozen=True)
class _Way:
    """積を一つ。帰りなら、左の行列は、重みの表を倒したもの。"""

    left: Array
    right: Array
    value: str
    """右の行列の名前。"""
    back: bool

    @property
    def product(self) -> Array:
        return self.left @ self.right

    @property
    def name(self) -> str:
        """ことばの中での、積の名前。文字で終わるなら、あとの仮名とのあいだを空ける。"""
        return "帰りの積" if self.back else f"W{self.value} "

    @property
    def width(self) -> int:
        """横に並ぶますの数。帰りでは、倒す前の表が、倒した表の上に立つ。"""
        return max(self.left.shape if self.back else self.left.shape[1:]) + self.right.shape[1]

    def used(self, k: int) -> str:
        """積の `k` 行めを作る、重みの表の行か列。"""
        return f"W の{k + 1}{'列' if self.back else '行'}め"

    def column(self, n: int) -> str:
        """積の `n` 列めを作る、右の行列の列。"""
        return self.value if self.right.shape[1] == 1 else f"{self.value} の{n + 1}列め"

    def spot(self, k: int, n: int) -> str:
        """積のますの場所。"""
        return f"{k + 1}行め" if self.right.shape[1] == 1 else f"{k + 1}行{n + 1}列"

    def terms(self, k: int, n: int) -> Array:
        return self.left[k] * self.right[:, n]


@explained
def product(
    W: Array, A: Array, *, opened: Sequence[int] = (1, 1), points: Array | None = None, figure: str = ""
) -> Widget:
    """重みの表と、値を並べた行列の積を、ますごとに予想してから見る図。

    積のますに触れると、それを作る行と列が灯り、和が数で書かれる。ほかのますに触れると、それを使って作るますが灯る。

    Parameters
    ----------
    W : ndarray, shape (N, M)
        重みの表。行き先が行、出どころが列。
    A : ndarray, shape (M, K)
        出どころの値。1列が一つの例。
    opened : sequence of int
        はじめに見せておくますの、行と列の番号。1から数える。`points` があれば、帰りの積のます。
    points : ndarray, shape (N, 1), optional
        行き先の点数。あれば、倒した表を掛ける帰りの積も見せ、そちらから始める。
    figure : str
        画面で代わりをする紙の図の名前。空なら、代わりをしない。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        配列の形が合わない、大きすぎる、ますに書けない数がある、はじめのますがない。

    Notes
    -----
    「表から行列へ」の章（10_tables_to_matrices）の「例が増えたら、列を増やす」と「表を倒す ― 転置」の節で使う。

    Examples
    --------
    >>> W = np.array([[2.0, -1.0, 3.0], [1.0, 4.0, -2.0]])
    >>> product(W, np.array([[3.0], [2.0], [1.0]]), points=np.array([[1.0], [3.0]]))
    行列の積の図: 帰りの積は 5、11、−3。行きの積は 7、9。
    """
    left, right = _real("W", W, ("N", "M")), _real("A", A, ("M", "K"))
    if left.shape[1] != len(right):
        raise ValueError(
            f"A の形は ({left.shape[1]}, K) でなければなりませんが、{right.shape} が与えられました"
            f"（W の形は {left.shape}）。"
        )
    ways = [_Way(left, right, "a" if right.shape[1] == 1 else "A", back=False)]
    if points is not None:
        ways.insert(0, _Way(left.T, _real("points", points, (len(left), 1)), "p", back=True))
    _fit(ways)
    start = _place(opened, ways[0].product.shape)
    data = {
        "label": "行列の積",
        "widest": max(way.width for way in ways),
        "figure": text("figure", figure),
        "ways": [_drawn(way, start if n == 0 else None) for n, way in enumerate(ways)],
    }
    return Widget("product", f"行列の積の図: {''.join(map(_said, ways))}", data, _table(ways))


def _said(way: _Way) -> str:
    return f"{'帰り' if way.back else '行き'}の積は {'、'.join(map(number, way.product.ravel()))}。"


def _real(name: str, value: object, shape: tuple[int | str, ...]) -> Array:
    found = checks.array(name, value, shape)
    if np.iscomplexobj(found):
        raise TypeError(f"{name} の要素は実数でなければなりませんが、{found.dtype} が与えられました。")
    if max(found.shape) > MOST or np.abs(found).max() > LARGEST:
        raise ValueError(
            f"{name} は {MOST} 行 {MOST} 列まで、大きさが {LARGEST:g} までの数でなければなりませんが、"
            f"形は {found.shape}、最も大きい大きさは {np.abs(found).max():g} です。"
        )
    return found.astype(float)


def _fit(ways: list[_Way]) -> None:
    for way in ways:
        largest = np.abs(way.product).max()
        if largest > LARGEST:
            raise ValueError(
                f"W との積の大きさは {LARGEST:g} まででなければなりませんが、{way.name.strip()} に {largest:g} があります。"
            )


def _place(opened: object, shape: tuple[int, ...]) -> tuple[int, int]:
    found = [checks.count(f"opened[{i}]", n) for i, n in enumerate(checks.sequence("opened", opened))]
    if len(found) != 2 or any(n > size for n, size in zip(found, shape)):
        raise ValueError(
            f"opened は {shape[0]} 行 {shape[1]} 列の積の、行と列の番号の組でなければなりませんが、"
            f"{opened!r} が与えられました。"
        )
    return found[0] - 1, found[1] - 1


def _drawn(way: _Way, start: tuple[int, int] | None) -> dict[str, Any]:
    """一つの向きの絵。`start` がなければ、どのますもはじめから見せる。"""
    every = list(np.ndindex(way.product.shape))
    opened = every if start is None else [start]
    top = "W^{\\top}" if way.back else "W"
    corner = [("corner", "W", way.left.T)] if way.back else []
    grids = [
        *corner, ("left", top, way.left), ("right", way.value, way.right),
        ("product", f"{top} {way.value}", way.product),
    ]  # fmt: skip
    return {
        "name": "帰り" if way.back else "行き",
        "way": "b" if way.back else "f",
        "grids": [
            {"key": key, "math": mathml(tex), "label": _label(way, key), "rows": _shown(values)}
            for key, tex, values in grids
        ],
        "cells": dict(_cells(way)),
        "opened": [_id("product", *place) for place in opened],
        "start": _id("product", *opened[0]),
    }


def _label(way: _Way, key: str) -> str:
    left = "倒した W" if way.back else "W"
    return {"corner": "W", "left": left, "right": way.value, "product": way.name.strip()}[key]


def _shown(values: Array) -> list[list[str]]:
    return [[number(v) for v in row] for row in values]


def _id(key: str, row: int, column: int) -> str:
    return f"{key}-{row}-{column}"


def _cells(way: _Way) -> Iterator[tuple[str, dict[str, Any]]]:
    """ますごとの、ことばと、一緒に灯るます。"""
    rows, columns = way.product.shape
    for k, j in np.ndindex(way.left.shape):
        says = [
            f"{number(way.left[k, j])} は、{way.name}の{k + 1}行めへ。",
            f"W の{'列' if way.back else '行'}は、積の行を作ります。",
        ]
        lit = [_id("product", k, n) for n in range(columns)]
        twins = [_id("left", k, j), *([_id("corner", j, k)] if way.back else [])]
        for name in twins:
            yield name, {"says": says, "lit": [*twins, *lit]}
    for j, n in np.ndindex(way.right.shape):
        says = [
            f"{number(way.right[j, n])} は、{way.name}の{n + 1}列めへ。",
            f"{way.value} の列は、積の列を作ります。",
        ]
        lit = [_id("right", j, n), *(_id("product", k, n) for k in range(rows))]
        yield _id("right", j, n), {"says": says, "lit": lit}
    for k, n in np.ndindex(way.product.shape):
        yield _id("product", k, n), _entry(way, k, n)


def _entry(way: _Way, k: int, n: int) -> dict[str, Any]:
    """積のます: 問い、答え、答えを作るます、よくある間違いの値。"""
    inner = range(way.left.shape[1])
    lit = [*(_id("left", k, j) for j in inner), *(_id("right", j, n) for j in inner), _id("product", k, n)]
    if way.back:
        lit += [_id("corner", j, k) for j in inner]
    return {
        "ask": f"{way.name}の{way.spot(k, n)}は？",
        "says": [f"{way.used(k)}と、{way.column(n)}", _sum(way, k, n)],
        "lit": lit,
        "value": rounded([way.product[k, n]], 9)[0],
        "slips": _slips(way, k, n),
    }


def _sum(way: _Way, k: int, n: int) -> str:
    pairs = zip(way.left[k], way.right[:, n])
    parts = " + ".join(f"{_factor(a)}×{_factor(b)}" for a, b in pairs)
    return f"{parts} = {number(way.product[k, n])}"


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _slips(way: _Way, k: int, n: int) -> list[list[Any]]:
    """よくある間違いの値と、その言い方。同じ値なら、先のものを言う。"""
    found: dict[float, str] = {}
    for value, said in _mistakes(way, k, n):
        found.setdefault(rounded([value], 9)[0], said)
    found.pop(rounded([way.product[k, n]], 9)[0], None)
    return [[value, said] for value, said in found.items()]


def _mistakes(way: _Way, k: int, n: int) -> Iterator[tuple[float, str]]:
    product, (rows, columns) = way.product, way.product.shape
    terms = way.terms(k, n)
    if n < rows and k < columns:
        yield product[n, k], f"{n + 1}行{k + 1}列の値です。行と列の番号が逆です。"
    if way.back and k < way.left.shape[1]:
        row = way.left[:, k]
        count = min(len(row), len(way.right))
        yield float(row[:count] @ way.right[:count, n]), f"W の{k + 1}行めを横に読んだ値です。帰りは、縦に読みます。"
    for other in (other for other in range(rows) if other != k):
        yield product[other, n], f"{way.used(other)}を使った値です。"
    for other in (other for other in range(columns) if other != n):
        yield product[k, other], f"{way.column(other)}を使った値です。"
    if k < len(way.right) and n < way.left.shape[1]:
        yield way.left[k, n] * way.right[k, n], "同じ場所どうしを掛けた値です。行と列を使います。"
    for j, term in enumerate(terms, start=1):
        yield terms.sum() - term, f"{j}組めの積を足し忘れた値です。"
    for j, term in enumerate(terms, start=1):
        yield terms.sum() - 2 * term, f"{j}組めの積の符号が逆の値です。"


def _table(ways: list[_Way]) -> str:
    rows = [
        (f"{way.name}の{way.spot(k, n)}", f"{way.used(k)}と、{way.column(n)}", _sum(way, k, n))
        for way in ways
        for k, n in np.ndindex(way.product.shape)
    ]
    return table(["ます", "使うもの", "計算"], rows, "積のますと、それを作る行と列。")

"""図に与えられたものの検査。"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence, Sized
from functools import wraps
from numbers import Integral
from typing import Any, ParamSpec, TypeVar

import numpy as np

from backprop import checks
from backprop.checks import Array

P = ParamSpec("P")
T = TypeVar("T")

LARGEST = 1e100
"""描ける数の大きさの限り。"""


def named(name: str, value: object) -> None:
    """名前から中身への、空でない辞書であること。"""
    if not isinstance(value, Mapping) or not value:
        raise TypeError(
            f"{name} は、名前から中身への空でない辞書でなければなりませんが、{value!r} が与えられました。"
        )


def optional(name: str, value: Mapping[Any, Any] | None) -> dict[Any, Any]:
    """省いてもよい辞書の写し。空の文字列や0を、省いたものとはみなさない。"""
    return {} if value is None else dict(checks.mapping(name, value))


def two(name: str, value: object, what: str) -> tuple[Any, Any]:
    """二つのものの組。"""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} は ({what}) の組でなければなりませんが、{value!r} が与えられました。")
    return value[0], value[1]


def function_pairs(name: str, functions: Mapping[str, object]) -> None:
    """名前から、二つの関数の組への、空でない辞書であること。"""
    named(name, functions)
    for key, value in functions.items():
        for function in two(f"{name}[{key!r}]", value, "関数, 微分"):
            checks.function(f"{name}[{key!r}]", function)


def at_most(limit: int, what: str, unit: str, given: Sized) -> None:
    """描き分けられる数を超えないこと。"""
    if len(given) > limit:
        raise ValueError(f"{what}は {limit} {unit}までですが、{len(given)} {unit}が与えられました。")


def levels(references: Mapping[str, float] | None) -> dict[str, float]:
    """目安の線: 名前から有限な数への辞書。"""
    given = optional("references", references)
    return {name: finite(f"references[{name!r}]", value) for name, value in given.items()}


def drawable(name: str, value: Any) -> Any:
    """数か、配列の要素が、目盛りの計算のあふれない大きさであることを確かめて返す。

    Examples
    --------
    >>> drawable("limit", 1e308)
    Traceback (most recent call last):
    ValueError: limit は大きさ 1e+100 までの数でなければ描けませんが、1e+308 が与えられました。
    """
    largest = float(np.abs(value).max())
    if largest > LARGEST:
        raise ValueError(f"{name} は大きさ {LARGEST:g} までの数でなければ描けませんが、{largest:g} が与えられました。")
    return value


def finite(name: str, value: object) -> float:
    """描ける大きさの実数であることを確かめて返す。"""
    return drawable(name, checks.real(name, value))


def span(name: str, value: object) -> tuple[float, float]:
    """描ける大きさの、範囲の両端であることを確かめて返す。"""
    low, high = checks.ends(name, value)
    return drawable(name, low), drawable(name, high)


def classes(Y: Array) -> None:
    """クラスが 0 か 1 であること。"""
    if not np.isin(Y, (0.0, 1.0)).all():
        raise ValueError(
            f"Y の要素は 0 か 1 でなければなりませんが、{sorted(set(Y.ravel().tolist()))} が与えられました。"
        )


def whole(value: object) -> bool:
    """整数か。真偽値は、番号とみなさない。"""
    return isinstance(value, Integral) and not isinstance(value, bool)


# ---- 文字と真偽 ----


def text(name: str, value: object) -> str:
    """文字列であることを確かめて返す。

    Examples
    --------
    >>> text("title", None)
    Traceback (most recent call last):
    TypeError: title は文字列でなければなりませんが、None が与えられました。
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} は文字列でなければなりませんが、{value!r} が与えられました。")
    return value


def texts(name: str, value: object) -> Sequence[str]:
    """文字列の並びであることを確かめて返す。"""
    for i, item in enumerate(checks.sequence(name, value)):
        text(f"{name}[{i}]", item)
    return value  # type: ignore[return-value]


def flag(name: str, value: object) -> bool:
    """真偽値であることを確かめて返す。

    Examples
    --------
    >>> flag("log", "いいえ")
    Traceback (most recent call last):
    TypeError: log は True か False でなければなりませんが、'いいえ' が与えられました。
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} は True か False でなければなりませんが、{value!r} が与えられました。")
    return bool(value)


_WORDS: dict[str, Callable[[str, object], object]] = {
    "str": text,
    "bool": flag,
    "Sequence[str]": texts,
    "Sequence[str] | None": lambda name, value: None if value is None else texts(name, value),
}
"""注釈から、その引数の確かめかたを引く表。"""


def worded(draw: Callable[P, T]) -> Callable[P, T]:
    """文字と真偽の引数を、描く前に、注釈のとおりか確かめるデコレータ。

    どの図にもあるので、関数ごとには書かない。

    Examples
    --------
    >>> @worded
    ... def chart(title: str = "", log: bool = False) -> None: ...
    >>> chart(log=1)
    Traceback (most recent call last):
    TypeError: log は True か False でなければなりませんが、1 が与えられました。
    """
    signature = inspect.signature(draw)
    found = {name: _WORDS.get(str(p.annotation)) for name, p in signature.parameters.items()}

    @wraps(draw)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            if check := found[name]:
                check(name, value)
        return draw(*args, **kwargs)

    return checked


def step_number(value: object) -> int:
    """六つのステップの番号。

    Examples
    --------
    >>> step_number(7)
    Traceback (most recent call last):
    ValueError: number は1から6でなければなりませんが、7 が与えられました。
    """
    number = checks.count("number", value)
    if number > 6:
        raise ValueError(f"number は1から6でなければなりませんが、{number} が与えられました。")
    return number

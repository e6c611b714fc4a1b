"""配列でない引数を確かめる小さな関数。

誤った入力は、計算が始まる前に、与えられたものと求められるものの両方を名指しして断る。
この部屋は NumPy を知らない。数式だけを扱う部屋（`backprop.symbolic`）も、NumPy のないところで使えるように。
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, TypeVar

T = TypeVar("T")
_LARGEST = sys.float_info.max


def sequence(name: str, value: object) -> Sequence[Any]:
    """リストやタプルなどの並びであることを確かめて返す。文字列と配列は、並びとみなさない。

    Examples
    --------
    >>> sequence("activations", "sigmoid")
    Traceback (most recent call last):
    TypeError: activations は並び（リストやタプル）でなければなりませんが、'sigmoid' が与えられました。
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        given = type(value).__name__ if hasattr(value, "shape") else repr(value)  # 配列は中身が長い
        raise TypeError(f"{name} は並び（リストやタプル）でなければなりませんが、{given} が与えられました。")
    return value


def mapping(name: str, value: object) -> Mapping[Any, Any]:
    """辞書であることを確かめて返す。

    Examples
    --------
    >>> mapping("references", [0.5])
    Traceback (most recent call last):
    TypeError: references は辞書でなければなりませんが、[0.5] が与えられました。
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} は辞書でなければなりませんが、{value!r} が与えられました。")
    return value


def function(name: str, value: object) -> Callable[..., Any]:
    """呼び出せるものであることを確かめて返す。

    Examples
    --------
    >>> function("predict", 0.5)
    Traceback (most recent call last):
    TypeError: predict は関数でなければなりませんが、0.5 が与えられました。
    """
    if not callable(value):
        raise TypeError(f"{name} は関数でなければなりませんが、{value!r} が与えられました。")
    return value


def instance(name: str, value: object, kind: type[T]) -> T:
    """決まったクラスのものであることを確かめて返す。

    Examples
    --------
    >>> instance("path", "chapters", dict)
    Traceback (most recent call last):
    TypeError: path は dict でなければなりませんが、str が与えられました。
    """
    if not isinstance(value, kind):
        raise TypeError(
            f"{name} は {kind.__name__} でなければなりませんが、{type(value).__name__} が与えられました。"
        )
    return value


def real(name: str, value: object) -> float:
    """有限な実数であることを確かめて返す。

    Examples
    --------
    >>> real("weight_scale", "0.1")
    Traceback (most recent call last):
    TypeError: weight_scale は実数でなければなりませんが、'0.1' が与えられました。
    """
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Real):
        raise TypeError(f"{name} は実数でなければなりませんが、{value!r} が与えられました。")
    if not -_LARGEST <= number <= _LARGEST:
        raise ValueError(f"{name} は有限でなければなりませんが、{value!r} が与えられました。")
    return float(number)


def positive(name: str, value: object) -> float:
    """正の実数であることを確かめて返す。

    Examples
    --------
    >>> positive("learning_rate", 0.5)
    0.5
    >>> positive("learning_rate", -0.5)
    Traceback (most recent call last):
    ValueError: learning_rate は正でなければなりませんが、-0.5 が与えられました。
    """
    number = real(name, value)
    if number <= 0:
        raise ValueError(f"{name} は正でなければなりませんが、{value!r} が与えられました。")
    return number


def not_negative(name: str, value: object) -> float:
    """0以上の実数であることを確かめて返す。

    Examples
    --------
    >>> not_negative("noise", -0.5)
    Traceback (most recent call last):
    ValueError: noise は0以上でなければなりませんが、-0.5 が与えられました。
    """
    number = real(name, value)
    if number < 0:
        raise ValueError(f"{name} は0以上でなければなりませんが、{value!r} が与えられました。")
    return number


def in_interval(name: str, value: object, low: float, high: float) -> float:
    """``low <= value < high`` であることを確かめて返す。

    Examples
    --------
    >>> in_interval("momentum", 1.0, 0.0, 1.0)
    Traceback (most recent call last):
    ValueError: momentum は 0.0 以上 1.0 未満でなければなりませんが、1.0 が与えられました。
    """
    number = real(name, value)
    if not low <= number < high:
        raise ValueError(f"{name} は {low} 以上 {high} 未満でなければなりませんが、{value!r} が与えられました。")
    return number


def ends(name: str, value: object) -> tuple[float, float]:
    """範囲の両端 ``(小さい値, 大きい値)`` であることを確かめて返す。

    Examples
    --------
    >>> ends("x_range", (1.0, -1.0))
    Traceback (most recent call last):
    ValueError: x_range は (小さい値, 大きい値) でなければなりませんが、(1.0, -1.0) が与えられました。
    """
    pair = [real(name, end) for end in value] if isinstance(value, (tuple, list)) else []
    if len(pair) != 2 or not pair[0] < pair[1]:
        raise ValueError(f"{name} は (小さい値, 大きい値) でなければなりませんが、{value!r} が与えられました。")
    return pair[0], pair[1]


def count(name: str, value: object) -> int:
    """1以上の整数であることを確かめて返す。

    Examples
    --------
    >>> count("epochs", 0)
    Traceback (most recent call last):
    ValueError: epochs は1以上でなければなりませんが、0 が与えられました。
    """
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"{name} は整数でなければなりませんが、{value!r} が与えられました。")
    if number < 1:
        raise ValueError(f"{name} は1以上でなければなりませんが、{value!r} が与えられました。")
    return int(number)


def choice(name: str, value: object, table: Mapping[str, T]) -> T:
    """表から名前で選ぶ。

    Examples
    --------
    >>> choice("activation", "sigmiod", {"sigmoid": 1, "tanh": 2})
    Traceback (most recent call last):
    ValueError: activation に 'sigmiod' はありません。選べるのは sigmoid, tanh です。
    """
    if not isinstance(value, str) or value not in table:
        raise ValueError(f"{name} に {value!r} はありません。選べるのは {', '.join(table)} です。")
    return table[value]


def seed(name: str, value: object) -> int:
    """乱数の種（0以上の整数）であることを確かめて返す。

    Examples
    --------
    >>> seed("seed", -1)
    Traceback (most recent call last):
    ValueError: seed は0以上の整数でなければなりませんが、-1 が与えられました。
    """
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"{name} は0以上の整数でなければなりませんが、{value!r} が与えられました。")
    if number < 0:
        raise ValueError(f"{name} は0以上の整数でなければなりませんが、{value!r} が与えられました。")
    return int(number)


def _scalar(value: Any) -> Any:
    """NumPy の、形 ``()`` の配列は、その中の一つの数とみなす。"""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value

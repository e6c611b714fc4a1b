"""入力を確かめる小さな関数。

誤った入力は、計算が始まる前に、与えられたものと求められるものの両方を名指しして断る。
どの関数も引数を書き換えない。配列のふつうの型は浮動小数点数で、複素数は複素ステップ法
（{ref}`勾配を確かめる <sec-gradient-check>`）のためにだけ受け入れる。
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from backprop.arguments import (
    choice,
    count,
    ends,
    explain_binding,
    explained,
    function,
    in_interval,
    instance,
    mapping,
    not_negative,
    positive,
    real,
    seed,
    sequence,
)

__all__ = [
    "Array",
    "DivergenceError",
    "array",
    "batches",
    "choice",
    "count",
    "ends",
    "explained",
    "finite_result",
    "floats",
    "function",
    "generator",
    "in_interval",
    "instance",
    "mapping",
    "not_negative",
    "plain",
    "positive",
    "real",
    "same_shape",
    "seed",
    "sequence",
    "shapes",
]

Array = NDArray[Any]
T = TypeVar("T")


class DivergenceError(ArithmeticError):
    """学習が発散したか、計算があふれた。損失、勾配、パラメータのどれかが有限でなくなったか、大きくなりすぎた。"""


def array(name: str, value: object, shape: tuple[int | str, ...] | None = None) -> Array:
    """浮動小数点数の、有限な、求められた形の配列であることを確かめて返す。

    Parameters
    ----------
    name : str
        メッセージに出す引数の名前。
    value : array_like
        確かめる値。
    shape : tuple of int or str, optional
        求める形。文字列の次元（``"m"`` など）は、1以上ならいくつでもよい。

    Returns
    -------
    ndarray
        同じ配列（コピーしない）。

    Raises
    ------
    TypeError
        整数・真偽値・オブジェクトの配列、または配列でないもの。
    ValueError
        形が違う、空である、NaN か無限大を含む。

    Examples
    --------
    >>> import numpy as np
    >>> array("X", np.array([[1.0, 2.0]]), shape=(1, "m"))
    array([[1., 2.]])
    >>> array("Y", np.array([1.0, 2.0]), shape=(1, "m"))
    Traceback (most recent call last):
    ValueError: Y の形は (1, m) でなければなりませんが、(2,) が与えられました。
    """
    floats(name, _ndarray(name, value))
    if shape is not None:
        _check_shape(name, value, shape)
    if value.size == 0:
        raise ValueError(f"{name} が空です（形 {value.shape}）。少なくとも1つの要素が要ります。")
    if not np.isfinite(value).all():
        raise ValueError(f"{name} に NaN か無限大が含まれています。有限な値だけを与えてください。")
    return value


def floats(name: str, value: object) -> Array:
    """浮動小数点数であることだけを確かめて返す。一つの数でも配列でもよく、NaN や無限大でもよい。

    何度も呼ばれる関数のためのもので、配列の要素には触れない。

    Examples
    --------
    >>> import numpy as np
    >>> floats("z", 0.5)
    array(0.5)
    >>> floats("z", np.array([1, 2]))
    Traceback (most recent call last):
    TypeError: z の要素は浮動小数点数でなければなりませんが、dtype=int64 が与えられました。 整数なら .astype(float) で変換してください。
    """
    if isinstance(value, np.ndarray):
        plain(name, value)
        if value.dtype.kind in "fc":
            return value
        raise TypeError(
            f"{name} の要素は浮動小数点数でなければなりませんが、dtype={value.dtype} が与えられました。"
            " 整数なら .astype(float) で変換してください。"
        )
    if isinstance(value, (float, complex, np.inexact)):
        return np.asarray(value)
    raise TypeError(f"{name} は浮動小数点数か、その配列でなければなりませんが、{value!r} が与えられました。")


def finite_result(name: str, value: Array) -> Array:
    """計算した値が有限であることを確かめて返す。有限なものから求めた値が有限でなければ、あふれたのである。

    Examples
    --------
    >>> import numpy as np
    >>> finite_result("W1 の勾配", np.array([np.inf]))
    Traceback (most recent call last):
    backprop.checks.DivergenceError: W1 の勾配が、浮動小数点数の最大値を超えてあふれました。渡した値が大きすぎます。学習の途中なら、学習率が大きすぎるのかもしれません。
    """
    if not np.isfinite(value).all():
        raise DivergenceError(
            f"{name}が、浮動小数点数の最大値を超えてあふれました。渡した値が大きすぎます。"
            "学習の途中なら、学習率が大きすぎるのかもしれません。"
        )
    return value


def plain(name: str, value: np.ndarray) -> np.ndarray:
    """マスクや行列の約束を持たない配列であることを確かめて返す。そうした配列では、同じ式が別の意味になる。

    読者が自分で派生させた配列は、その読者のものとして受け取る。

    Examples
    --------
    >>> import numpy as np
    >>> plain("X", np.ma.array([1.0, 2.0], mask=[False, True]))
    Traceback (most recent call last):
    TypeError: X はマスクのない配列でなければなりませんが、MaskedArray が与えられました。 隠した要素を除くか、.filled(値) で埋めてください。
    """
    if type(value) is np.ndarray or not isinstance(value, (np.ma.MaskedArray, np.matrix, np.recarray)):
        return value
    kind = type(value).__name__
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} はマスクのない配列でなければなりませんが、{kind} が与えられました。"
            " 隠した要素を除くか、.filled(値) で埋めてください。"
        )
    raise TypeError(
        f"{name} はふつうの配列でなければなりませんが、{kind} が与えられました。"
        f" np.asarray({name}) で変換してください。"
    )


def _ndarray(name: str, value: object) -> Array:
    if not isinstance(value, np.ndarray):
        hint = " np.array(…, dtype=float) で配列にしてください。" if isinstance(value, (list, tuple)) else ""
        given = type(value).__name__
        raise TypeError(f"{name} は NumPy の配列でなければなりませんが、{given} が与えられました。{hint}")
    return value


def batches(**arrays: object) -> None:
    """名前つきで渡した配列が、どれも例を並べた浮動小数点数の配列で、同じ形であることを確かめる。

    Raises
    ------
    TypeError, ValueError
        浮動小数点数の配列でない、例の軸がない、空である、形がそろわない。

    Examples
    --------
    >>> import numpy as np
    >>> batches(Y_hat=np.zeros((1, 4)), Y=np.zeros(4))
    Traceback (most recent call last):
    ValueError: Y の形は (N, m) でなければなりませんが、(4,) が与えられました。
    """
    for name, value in arrays.items():
        if floats(name, _ndarray(name, value)).ndim < 2:
            raise ValueError(f"{name} の形は (N, m) でなければなりませんが、{value.shape} が与えられました。")
        if value.size == 0:
            raise ValueError(f"{name} が空です（形 {value.shape}）。少なくとも1つの要素が要ります。")
    same_shape(**arrays)


def _check_shape(name: str, value: Array, shape: tuple[int | str, ...]) -> None:
    fits = value.ndim == len(shape) and all(
        isinstance(expected, str) or expected == given for expected, given in zip(shape, value.shape)
    )
    if not fits:
        expected = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name} の形は ({expected}) でなければなりませんが、{value.shape} が与えられました。")


def same_shape(**arrays: Array) -> None:
    """名前つきで渡した配列の形がすべて等しいことを確かめる（黙ったブロードキャストを防ぐ）。

    Raises
    ------
    ValueError
        形がそろっていない。

    Examples
    --------
    >>> import numpy as np
    >>> same_shape(Y_hat=np.zeros((4, 1)), Y=np.zeros(4))
    Traceback (most recent call last):
    ValueError: 形がそろっていません: Y_hat は (4, 1)、Y は (4,) です。
    """
    shapes = {name: np.shape(value) for name, value in arrays.items()}
    if len(set(shapes.values())) > 1:
        listed = "、".join(f"{name} は {shape}" for name, shape in shapes.items())
        raise ValueError(f"形がそろっていません: {listed} です。")


def generator(name: str, value: object) -> np.random.Generator:
    """乱数生成器であることを確かめて返す（種を隠れて決めない）。

    Examples
    --------
    >>> generator("rng", 0)
    Traceback (most recent call last):
    TypeError: rng は np.random.default_rng(種) で作った乱数生成器でなければなりませんが、0 が与えられました。
    """
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} は np.random.default_rng(種) で作った乱数生成器でなければなりませんが、{value!r} が与えられました。"
        )
    return value


def shapes(**layout: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """配列の引数の形を、添字の名前でまとめて確かめるデコレータ。

    同じ名前の次元は、すべての引数で同じ大きさでなければならない。

    Parameters
    ----------
    **layout : str
        引数の名前と、空白で区切った次元の名前。例: ``W="N_l N_prev", A_prev="N_prev m"``。

    Returns
    -------
    callable
        確かめてから元の関数を呼ぶ関数。

    Examples
    --------
    >>> import numpy as np
    >>> @shapes(W="N_l N_prev", A_prev="N_prev m")
    ... def product(W, A_prev):
    ...     return W @ A_prev
    >>> product(np.ones((3, 2)), np.ones((2, 4))).shape
    (3, 4)
    >>> product(np.ones((3, 2)), np.ones((3, 4)))
    Traceback (most recent call last):
    ValueError: A_prev の形は (N_prev, m) で N_prev=2 でなければなりませんが、(3, 4) が与えられました。
    """

    def decorate(function: Callable[..., T]) -> Callable[..., T]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> T:
            try:
                given = signature.bind(*args, **kwargs).arguments
            except TypeError:
                explain_binding(function, args, kwargs)
                raise
            _unify({name: (given[name], dims.split()) for name, dims in layout.items() if name in given})
            return function(*args, **kwargs)

        return checked

    return decorate


def _unify(arguments: dict[str, tuple[object, list[str]]]) -> None:
    known: dict[str, int] = {}
    for name, (value, dims) in arguments.items():
        given = array(name, value, shape=tuple(dims)).shape
        if any(known.get(dim, size) != size for dim, size in zip(dims, given)):
            fixed = "、".join(f"{dim}={known[dim]}" for dim in dims if dim in known)
            raise ValueError(
                f"{name} の形は ({', '.join(dims)}) で {fixed} でなければなりませんが、{given} が与えられました。"
            )
        known.update(zip(dims, given))

"""演算の共通の部分: 入力を確かめ、覚え、勾配を入力の形に戻す。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backprop.checks import Array, array, explained


class Operation:
    """演算の共通の部分。入力を確かめ、覚え、勾配を入力の形に戻す。

    演算ごとに違うのは二つの関数だけである: `value` は値、`pullback` は ``上流の勾配 × 局所的な微分``。
    どちらも引数だけから決まり、何も書き換えない。引数は読み取り専用で渡し、返されたものは必ず確かめる。

    Attributes
    ----------
    symbol : str
        図に書く記号。
    arity : int
        入力の数。

    Examples
    --------
    新しい演算は、二つの関数を書けばつくれる。

    >>> from backprop.autodiff import Variable, apply, gradients
    >>> class Sin(Operation):
    ...     symbol = "sin"
    ...
    ...     def value(self, x):
    ...         return np.sin(x)
    ...
    ...     def pullback(self, upstream, x):
    ...         return (upstream * np.cos(x),)
    >>> x = Variable(0.0)
    >>> gradients(apply(Sin(), x), [x])
    [array(1.)]
    """

    symbol = "?"
    arity = 1
    _inputs: tuple[Array, ...] = ()
    _shape: tuple[int, ...] = ()

    @explained
    def __init__(self) -> None:
        pass

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = explained(cls.__init__)

    @explained
    def forward(self, *inputs: Array | float) -> Array:
        """値を求め、逆伝播のために入力を覚える。

        Parameters
        ----------
        *inputs : ndarray or float
            入力。数 ``x`` は形 ``()`` の配列とみなす。`backward` まで書き換えてはならない。

        Returns
        -------
        ndarray
            新しい配列。

        Raises
        ------
        TypeError, ValueError
            入力の数、型、形が合わない、値が有限な浮動小数点数の配列でない。断ったときは、覚えている入力も
            変わらない。

        Examples
        --------
        >>> from backprop.autodiff import Multiply, Subtract
        >>> import numpy as np
        >>> Multiply().forward(np.array([[3.0]]), np.array([[5.0]]))
        array([[15.]])
        >>> Subtract().forward(np.zeros(4), np.zeros((4, 1)))
        Traceback (most recent call last):
        ValueError: Subtract の入力の形 (4,) と (4, 1) は、階数（軸の数）が違います。reshape でそろえてください。
        """
        name = type(self).__name__
        if len(inputs) != self.arity:
            raise TypeError(
                f"{name} の入力は {self.arity} 個でなければなりませんが、{len(inputs)} 個が与えられました。"
            )
        arrays = tuple(array(f"{name} の第{i}入力", as_array(x)) for i, x in enumerate(inputs, start=1))
        given = tuple(map(_read_only, arrays))
        _check_nothing(name, _called(f"{name} の check", self.check, *given))
        output = array(f"{name} の結果", as_array(_called(f"{name} の value", self.value, *given)))
        _check_real(f"{name} の結果", output, arrays)
        if not output.flags.owndata or any(np.may_share_memory(output, x) for x in arrays):
            output = output.copy()
        self._inputs, self._shape = arrays, output.shape
        return output

    @explained
    def backward(self, upstream: Array | float) -> tuple[Array, ...]:
        """出力に関する勾配（上流）から、入力ごとの勾配を求める。何度呼んでもよい。

        Parameters
        ----------
        upstream : ndarray or float
            出力と同じ形。書き換えない。

        Returns
        -------
        tuple of ndarray
            入力と同じ数、同じ形の、新しい配列。``upstream`` ともお互いともメモリーを共有しない。

        Raises
        ------
        RuntimeError
            まだ `forward` を呼んでいない。
        TypeError, ValueError
            ``upstream`` の形が出力と違う、`pullback` が入力ごとの有限な勾配を返さない。

        Examples
        --------
        3×5 の微分は (5, 3)。上流が 2 なら (10, 6)。

        >>> from backprop.autodiff import Multiply
        >>> multiply = Multiply()
        >>> multiply.forward(3.0, 5.0)
        array(15.)
        >>> multiply.backward(2.0)
        (array(10.), array(6.))
        """
        name = type(self).__name__
        if not self._inputs:
            raise RuntimeError(f"{name} の backward の前に、forward を呼んでください。")
        upstream = array(f"{name} の upstream", as_array(upstream), shape=self._shape)
        parts = _called(f"{name} の pullback", self.pullback, *map(_read_only, (upstream, *self._inputs)))
        _check_parts(name, parts, self.arity)
        return tuple(
            self._part(f"{name} の第{i}入力に関する勾配", part, x, upstream)
            for i, (part, x) in enumerate(zip(parts, self._inputs), start=1)
        )

    def _part(self, name: str, part: object, x: Array, upstream: Array) -> Array:
        """`pullback` の返した一つの勾配を確かめ、引き伸ばした軸で足して、入力の形に戻す。"""
        gradient = array(name, as_array(part))
        _check_real(name, gradient, (upstream, *self._inputs))
        stretched = _stretched_axes(gradient.shape, x.shape, self._shape)
        if stretched is None:
            raise ValueError(
                f"{name} の形は、入力と同じ {x.shape} でなければなりませんが、{gradient.shape} が返されました。"
            )
        # 引き伸ばしは分岐（コピー）なので、逆伝播では和になる。足す軸がなくても sum は新しい配列を返す。
        with np.errstate(all="ignore"):
            return array(name, np.asarray(gradient.sum(axis=stretched, keepdims=True)))

    def check(self, *inputs: Array) -> None:
        """入力の形がこの演算に合うことを確かめる。"""

    def value(self, *inputs: Array) -> Array:
        """演算の値。"""
        raise NotImplementedError(_unwritten(self, "value"))

    def pullback(self, upstream: Array, *inputs: Array) -> tuple[Array, ...]:
        """入力ごとの ``上流の勾配 × 局所的な微分``。引き伸ばした軸は、まだ足していなくてよい。"""
        raise NotImplementedError(_unwritten(self, "pullback"))


def as_array(value: object) -> object:
    return np.asarray(value) if isinstance(value, (float, np.inexact)) else value


def _unwritten(operation: Operation, hook: str) -> str:
    name = type(operation).__name__
    return f"{name} には {hook} がありません。演算のクラスに、value と pullback の二つを書いてください。"


def _read_only(x: Array) -> Array:
    view = x.view()
    view.flags.writeable = False
    return view


def _called(name: str, hook: Callable[..., Any], *arguments: Array) -> Any:
    """演算ごとの関数を、警告を出さずに呼ぶ。引数に書き込もうとしたら、名前をつけて断る。"""
    try:
        with np.errstate(all="ignore"):
            return hook(*arguments)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise ValueError(
            f"{name} が、渡された配列を書き換えようとしました。x.copy() のような写しに書いてください。"
        ) from error


def _check_nothing(name: str, returned: object) -> None:
    if returned is not None:
        raise TypeError(
            f"{name} の check は、入力を断るなら例外を投げ、何も返さない関数でなければなりませんが、"
            f"{returned!r} を返しました。"
        )


def _check_parts(name: str, parts: object, arity: int) -> None:
    if isinstance(parts, (tuple, list)) and len(parts) == arity:
        return
    given = f"{len(parts)} 個の並び" if isinstance(parts, (tuple, list)) else type(parts).__name__
    shape = "(…,)" if arity == 1 else f"({', '.join('…' * arity)})"
    comma = "（カンマを忘れていませんか）" if arity == 1 else ""
    raise TypeError(
        f"{name} の pullback は、{arity} 個の入力ごとの勾配の並びを返さなければなりませんが、{given} を返しました。"
        f" return {shape} としてください{comma}。"
    )


def _check_real(name: str, value: Array, sources: tuple[Array, ...]) -> None:
    if value.dtype.kind == "c" and not any(x.dtype.kind == "c" for x in sources):
        raise TypeError(f"{name} は実数でなければなりませんが、複素数（dtype={value.dtype}）が返されました。")


def _stretched_axes(
    given: tuple[int, ...], wanted: tuple[int, ...], output: tuple[int, ...]
) -> tuple[int, ...] | None:
    """勾配を足せば入力の形に戻る軸。入力の長さが1で、出力の長さまで引き伸ばされた軸だけが足せる。"""
    if len(given) != len(wanted):
        return None
    axes = tuple(i for i, (n, k) in enumerate(zip(given, wanted)) if n != k)
    fits = len(output) == len(given) and all(wanted[i] == 1 and given[i] == output[i] for i in axes)
    return axes if fits or not axes else None

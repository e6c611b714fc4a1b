"""記号の式に数を入れる。記号を扱う部屋のうち、ここだけが NumPy を使う。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from numbers import Integral, Number
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backprop.checks import Array, explained, function, instance, mapping, plain, sequence
from backprop.symbolic.contents import unknowns
from backprop.symbolic.functions import ArbitraryFunction, expand_definitions
from backprop.symbolic.matrices import require_shapes
from backprop.symbolic.notation import Component, Family, Index


@explained
class OneBased:
    """1から始まる番号で読む配列。式の番号は1から、NumPy の番号は0から始まるため。

    列ベクトル (N, 1) は、番号一つで読める。

    Raises
    ------
    TypeError
        数の配列でない。

    Examples
    --------
    >>> float(OneBased(np.array([[10.0], [20.0]]))[2])
    20.0
    """

    def __init__(self, values: Array) -> None:
        self.values = _numbers("values", values)

    def __getitem__(self, indices: int | tuple[int, ...]) -> Any:
        indices = indices if isinstance(indices, tuple) else (indices,)
        padded = (*indices, 1) if self.is_column(len(indices)) else indices
        inside = all(1 <= index <= size for index, size in zip(padded, self.values.shape))
        if len(padded) != self.values.ndim or not inside:
            raise IndexError(f"形 {self.values.shape} の配列を、番号 {indices} で読もうとしました。")
        return self.values[tuple(index - 1 for index in padded)]

    def is_column(self, rank: int) -> bool:
        """番号 ``rank`` 個で読むと、最後の長さ1の軸が余るか。"""
        return self.values.ndim == rank + 1 and self.values.shape[-1] == 1


def _numbers(name: str, value: object) -> Array:
    """数の配列であることを確かめて返す。リストは配列にする。"""
    array = np.asarray(value) if isinstance(value, (list, tuple)) else instance(name, value, np.ndarray)
    if plain(name, array).dtype.kind not in "fiuc":
        raise TypeError(f"{name} の要素は数でなければなりませんが、dtype={array.dtype} が与えられました。")
    return array


@explained
def lambdify(expression: sp.Expr, indices: tuple[Index, ...] = ()) -> Callable[..., complex]:
    """記号の式を、数を返す関数にする。

    Parameters
    ----------
    expression : Expr
        `resolve` を通した式でなくてもよい。
    indices : tuple of Index
        得られる関数の引数になる番号。

    Returns
    -------
    callable
        ``g(values, *at)``。``values`` は記号から値を引く辞書（族には1から始まる番号の順に並んだ
        配列、名前だけの関数には NumPy の関数、記号には数）、``at`` は1から始まる番号。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> g = lambdify(sp.Sum(l.w[i, j] * l.z[i], i), (j,))
    >>> values = {l.w: np.eye(2), l.z: np.array([3.0, 4.0]), l.N: 2}
    >>> float(g(values, 1)), float(g(values, 2))
    (3.0, 4.0)
    """
    return _lambdify(instance("expression", expression, sp.Expr), _checked_indices(indices))


def _checked_indices(indices: object) -> tuple[Index, ...]:
    return tuple(instance(f"indices[{i}]", j, Index) for i, j in enumerate(sequence("indices", indices)))


@lru_cache(maxsize=1024)
def _lambdify(expression: sp.Expr, indices: tuple[Index, ...]) -> Callable[..., complex]:
    expression = expand_definitions(expression)
    names = {item: f"v{n}" for n, item in enumerate(sorted(unknowns(expression), key=str))}
    found = dict.fromkeys([*indices, *sorted(expression.atoms(sp.Idx), key=str)])
    numbers = {index: sp.Symbol(f"i{n}", integer=True) for n, index in enumerate(found)}
    symbols = {item: sp.Symbol(name) for item, name in names.items() if isinstance(item, sp.Symbol)}
    code = expression.replace(
        lambda e: isinstance(e, Component), lambda e: sp.IndexedBase(names[e.base])[e.indices]
    )
    code = code.replace(
        lambda e: isinstance(e, ArbitraryFunction), lambda e: sp.Function(names[e.func])(*e.args)
    )
    arguments = [*map(sp.Symbol, names.values()), *(numbers[index] for index in indices)]
    modules = [{"Kronecker": lambda p, q: float(p == q)}, "numpy"]
    function = sp.lambdify(arguments, code.xreplace({**numbers, **symbols}), modules=modules)
    return lambda values, *at: function(*(_readable(values, item) for item in names), *at)


def _readable(values: Mapping[Any, Any], item: Any) -> Any:
    if item not in values:
        raise ValueError(f"記号 {item} に値が与えられていません。")
    value = values[item]
    if isinstance(item, Family):
        return OneBased(_numbers(str(item), value))
    if isinstance(item, sp.MatrixSymbol):
        return _numbers(str(item), value)
    return function(str(item), value) if isinstance(item, type) else _number(item, value)


def _number(symbol: sp.Symbol, value: Any) -> complex:
    """記号の値。整数と決めた記号（幅やバッチの大きさ）には、整数だけ。"""
    single = isinstance(value, np.ndarray) and plain(str(symbol), value).size == 1
    number = value.item() if single else value
    kind, word = (Integral, "整数") if symbol.is_integer else (Number, "数")
    if isinstance(number, (bool, np.bool_)) or not isinstance(number, kind):
        raise TypeError(f"{symbol} は{word}でなければなりませんが、{value!r} が与えられました。")
    if symbol.is_positive and not number > 0:
        raise ValueError(f"{symbol} は正でなければなりませんが、{value!r} が与えられました。")
    return number


@lru_cache(maxsize=1024)
def _free_indices(expression: sp.Expr) -> frozenset[sp.Idx]:
    return frozenset(index for index in expression.free_symbols if isinstance(index, sp.Idx))


@lru_cache(maxsize=1024)
def _axes(expression: sp.Expr) -> tuple[tuple[Family, int, int, sp.Expr], ...]:
    """式の成分が読む族、番号の数、何番めの番号か、その番号の範囲の端。名前の順に並べる。"""
    found = {
        (component.base, len(component.indices), axis, index.upper)
        for component in expand_definitions(expression).atoms(Component)
        for axis, index in enumerate(component.indices)
        if isinstance(index, sp.Idx)
    }
    return tuple(sorted(found, key=str))


def _check_lengths(expression: sp.Expr, values: Mapping[Any, Any]) -> None:
    """族の値の長さが、番号の範囲とちょうど同じであることを確かめる。長い配列の残りを、黙って捨てない。"""
    for family, rank, axis, upper in _axes(expression):
        if family not in values or not all(symbol in values for symbol in upper.free_symbols):
            continue
        array, size = _readable(values, family), _size(upper, values)
        if array.values.ndim == rank + array.is_column(rank) and array.values.shape[axis] != size:
            raise IndexError(
                f"{family} の{axis + 1}番めの番号は {size} までですが、形 {array.values.shape} の値が与えられました。"
            )


def _size(upper: sp.Expr, values: Mapping[Any, Any]) -> int:
    return int(upper) if upper.is_Integer else int(_lambdify(upper, ())(values))


@explained
def evaluate(expression: sp.Expr, values: Mapping[Any, Any], indices: tuple[Index, ...] = ()) -> Array:
    """すべての番号について式の値を求め、配列に並べる。

    行列の式は、番号の式に直さず、NumPy の行列の演算で求める。

    Parameters
    ----------
    expression : Expr or MatrixExpr
    values : mapping
        記号から値を引く辞書。番号の範囲の大きさもここから読む。
    indices : tuple of Index
        並べる番号。行列の式では要らない。

    Returns
    -------
    ndarray
        形は番号の範囲の大きさの順。行列の式なら、その行列の形。値が複素数なら、複素数の配列。

    Raises
    ------
    TypeError, ValueError
        式でない、値の与えられていない記号がある、値が数や数の配列や関数でない、幅が正の整数でない。
    IndexError
        番号が配列の外を指す、族の値の長さが番号の範囲と違う。
    ShapeError
        行列の形が合わない（NumPy のように黙って広げることはしない）。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> j = l.index("j")
    >>> evaluate(2 * l.z[j], {l.z: np.array([3.0, 4.0]), l.N: 2}, (j,))
    array([6., 8.])
    >>> evaluate(l.A.T * l.Delta, {l.A: np.array([[1.0, 2.0]]), l.Delta: np.array([[3.0, 4.0]])})
    array([[3., 4.],
           [6., 8.]])
    """
    mapping("values", values)
    if isinstance(expression, sp.MatrixExpr):
        with np.errstate(all="ignore"):
            return _matrix_value(expression, values)
    value = lambdify(expression, indices)
    if free := _free_indices(expression) - set(indices):
        raise ValueError(f"番号 {', '.join(sorted(map(str, free)))} の値が決まりません。indices に入れてください。")
    _check_lengths(expression, values)
    shape = tuple(_size(index.upper, values) for index in indices)
    with np.errstate(all="ignore"):  # あふれた値は無限大
        numbers = np.asarray([value(values, *(n + 1 for n in at)) for at in np.ndindex(*shape)])
    if numbers.dtype.kind not in "fiuc":
        raise TypeError(f"式の値は数でなければなりませんが、{numbers.ravel()[0]!r} になりました。")
    return numbers.astype(complex if numbers.dtype.kind == "c" else float, copy=False).reshape(shape)


def _matrix_value(expression: sp.MatrixExpr, values: Mapping[Any, Any]) -> Array:
    match expression:
        case sp.MatrixSymbol():
            return _readable(values, expression)
        case sp.OneMatrix():
            return np.ones([int(lambdify(size)(values)) for size in expression.shape])
        case sp.Transpose():
            return _matrix_value(expression.arg, values).T
        case ElementwiseApplyFunction():
            x = sp.Symbol("x")
            value = lambdify(expression.function(x))
            at = np.vectorize(lambda number: value({**values, x: number}))
            return at(_matrix_value(expression.expr, values))
        case sp.MatAdd() | sp.HadamardProduct():
            parts = [_matrix_value(part, values) for part in expression.args]
            require_shapes(len({part.shape for part in parts}) == 1, expression)
            return sum(parts) if isinstance(expression, sp.MatAdd) else np.multiply.reduce(parts)
        case sp.MatMul():
            coefficient, factors = expression.as_coeff_matrices()
            product, *rest = (_matrix_value(factor, values) for factor in factors)
            for factor in rest:
                require_shapes(product.shape[1] == factor.shape[0], expression)
                product = product @ factor
            return lambdify(coefficient)(values) * product
    raise TypeError(f"{type(expression).__name__} の値は求められません。")

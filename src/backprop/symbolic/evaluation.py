"""記号の式に数を入れる。記号を扱う部屋のうち、ここだけが NumPy を使う。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backprop.checks import Array
from backprop.symbolic.functions import ArbitraryFunction, expand_definitions
from backprop.symbolic.matrices import require_shapes
from backprop.symbolic.notation import Component, Family, Index


class OneBased:
    """1から始まる番号で読む配列。式の番号は1から、NumPy の番号は0から始まるため。

    列ベクトル (N, 1) は、番号一つで読める。

    Examples
    --------
    >>> float(OneBased(np.array([[10.0], [20.0]]))[2])
    20.0
    """

    def __init__(self, values: Array) -> None:
        self.values = values

    def __getitem__(self, indices: int | tuple[int, ...]) -> Any:
        indices = indices if isinstance(indices, tuple) else (indices,)
        column = self.values.ndim == len(indices) + 1 and self.values.shape[-1] == 1
        padded = (*indices, 1) if column else indices
        if len(padded) != self.values.ndim or any(index < 1 for index in padded):
            raise IndexError(f"形 {self.values.shape} の配列を、番号 {indices} で読もうとしました。")
        return self.values[tuple(index - 1 for index in padded)]


def unknowns(expression: sp.Expr) -> set[Any]:
    """式の値を決めるために要るもの: 成分の族、行列、名前だけの関数、そのほかの記号。

    番号は含まない。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> i = l.index("i")
    >>> unknowns(sp.Sum(l.z[i], i)) == {l.z, l.N}
    True
    """
    families = {component.base for component in expression.atoms(Component)}
    functions = {function.func for function in expression.atoms(ArbitraryFunction)}
    hidden = {item.label for item in families | expression.atoms(sp.Idx)}
    free = {item for item in expression.free_symbols if type(item) in (sp.Symbol, sp.MatrixSymbol)}
    return families | functions | free - hidden


@lru_cache(maxsize=1024)
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
    return OneBased(np.asarray(values[item])) if isinstance(item, Family) else values[item]


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
        形は番号の範囲の大きさの順。行列の式なら、その行列の形。

    Raises
    ------
    ValueError
        値の与えられていない記号がある。
    IndexError
        番号が配列の外を指す。
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
    if isinstance(expression, sp.MatrixExpr):
        return _matrix_value(expression, values)
    function = lambdify(expression, indices)
    sizes = [index.upper if index.upper.is_Integer else _readable(values, index.upper) for index in indices]
    shape = tuple(map(int, sizes))
    numbers = [function(values, *(n + 1 for n in at)) for at in np.ndindex(*shape)]
    return np.asarray(numbers, dtype=float).reshape(shape)


def _matrix_value(expression: sp.MatrixExpr, values: Mapping[Any, Any]) -> Array:
    match expression:
        case sp.MatrixSymbol():
            return np.asarray(_readable(values, expression))
        case sp.OneMatrix():
            return np.ones([int(lambdify(size)(values)) for size in expression.shape])
        case sp.Transpose():
            return _matrix_value(expression.arg, values).T
        case ElementwiseApplyFunction():
            x = sp.Symbol("x")
            function = lambdify(expression.function(x))
            at = np.vectorize(lambda number: function({**values, x: number}))
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

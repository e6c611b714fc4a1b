"""行列の式の微分と、成分への書き下し。"""

from __future__ import annotations

import re

import sympy as sp
from sympy.matrices.exceptions import ShapeError
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backprop.arguments import explained, instance
from backprop.symbolic.notation import BATCH, Family, Index
from backprop.symbolic.typesetting import typeset

_CAPITAL = re.compile(r"\\?[A-Z][a-z]*")
_SMALL = re.compile(r"\\?[a-z]+")


@explained
def matrix_pullback(
    expression: sp.MatrixExpr, wrt: sp.MatrixSymbol, upstream: sp.MatrixExpr
) -> sp.MatrixExpr:
    """行列の式 ``Z(X)`` を通して、上流の勾配 ``G = ∂𝓛/∂Z`` を ``∂𝓛/∂X`` に引き戻す。

    ``d𝓛 = ⟨G, dZ⟩ = tr(Gᵀ dZ)`` なので、``G`` を定数とみて ``tr(Gᵀ Z(X))`` を ``X`` で微分すればよい。

    Parameters
    ----------
    expression : MatrixExpr
        ``Z(X)``。
    wrt : MatrixSymbol
        ``X``。
    upstream : MatrixExpr
        ``G``。``Z`` と同じ形。

    Returns
    -------
    MatrixExpr
        ``X`` と同じ形。

    Raises
    ------
    TypeError, ValueError
        行列の式や記号でない、``G`` の形が ``Z`` と違う。

    Examples
    --------
    >>> n, p, m = sp.symbols("n p m", integer=True, positive=True)
    >>> W, A, D = sp.MatrixSymbol("W", n, p), sp.MatrixSymbol("A", p, m), sp.MatrixSymbol("D", n, m)
    >>> matrix_pullback(W * A, W, D)
    D*A.T
    >>> matrix_pullback(W * A, A, D)
    W.T*D
    """
    instance("expression", expression, sp.MatrixExpr), instance("wrt", wrt, sp.MatrixSymbol)
    if expression.shape != instance("upstream", upstream, sp.MatrixExpr).shape:
        raise ValueError(f"upstream の形は {expression.shape} でなければなりませんが、{upstream.shape} が与えられました。")
    return typeset(sp.Trace(upstream.T * expression).diff(wrt).doit())


@explained
def component(expression: sp.MatrixExpr, row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """行列の式の一つの成分を、番号の式で書く。

    行列 ``W^l`` の成分は ``w^l_{jk}``、``Δ^l`` の成分は ``δ^l_{jn}`` になる（`entries`）。大きさが1の向きの
    番号は書かない。

    Parameters
    ----------
    expression : MatrixExpr
    row, column : Index
        行と列の番号。

    Returns
    -------
    Expr
        `resolve` を通していない式。

    Raises
    ------
    ShapeError
        積や和の形が合わない。
    TypeError
        扱えない種類の行列の式。番号でない。
    ValueError
        名前が同じで形の違う行列がある（成分を見分けられない）。

    Examples
    --------
    >>> from backprop.symbolic import layers, resolve
    >>> l, after = layers("l", "l+1")
    >>> j, n = l.index("j"), Index("n", (1, BATCH))
    >>> sp.latex(resolve(component(after.W.T * after.Delta, j, n)))
    '\\\\sum_{k=1}^{N_{l+1}} \\\\delta^{l+1}_{kn} w^{l+1}_{kj}'
    """
    instance("expression", expression, sp.MatrixExpr)
    instance("row", row, sp.Expr), instance("column", column, sp.Expr)
    _check_apart(expression)
    return _component(expression, row, column)


def _check_apart(expression: sp.MatrixExpr) -> None:
    known: dict[tuple[Family, int], sp.MatrixSymbol] = {}
    for matrix in sorted(expression.atoms(sp.MatrixSymbol), key=sp.default_sort_key):
        other = known.setdefault((entries(matrix), len(_used(matrix.shape, matrix.shape))), matrix)
        if other != matrix:
            raise ValueError(
                f"{other.name} {other.shape} と {matrix.name} {matrix.shape} は別の行列ですが、成分の名前が同じに"
                "なります。違う名前をつけてください。"
            )


def _component(expression: sp.MatrixExpr, row: sp.Expr, column: sp.Expr) -> sp.Expr:
    match expression:
        case sp.MatrixSymbol():
            return entries(expression)[_used((row, column), expression.shape)]
        case sp.OneMatrix():
            return sp.S.One
        case sp.ZeroMatrix():
            return sp.S.Zero
        case sp.Transpose():
            return _component(expression.arg, column, row)
        case ElementwiseApplyFunction():
            return expression.function(_component(expression.expr, row, column))
        case sp.MatAdd() | sp.HadamardProduct():
            require_shapes(len({part.shape for part in expression.args}) == 1, expression)
            scalar = sp.Add if isinstance(expression, sp.MatAdd) else sp.Mul
            return scalar(*(_component(part, row, column) for part in expression.args))
        case sp.MatMul():
            coefficient, factors = expression.as_coeff_matrices()
            return coefficient * _product_component(factors, row, column)
    raise TypeError(f"{type(expression).__name__} の成分は求められません。")


def _product_component(factors: list[sp.MatrixExpr], row: sp.Expr, column: sp.Expr) -> sp.Expr:
    first, *rest = factors
    if not rest:
        return _component(first, row, column)
    require_shapes(first.cols == rest[0].rows, first * rest[0])
    name = "n" if first.cols == BATCH else "k"
    while name in (str(row), str(column)):
        name += "'"
    k = Index(name, (1, first.cols))
    body = _component(first, row, k) * _product_component(rest, k, column)
    return body if first.cols == 1 else sp.Sum(body, k)


def require_shapes(fits: bool, expression: sp.MatrixExpr) -> None:
    if not fits:
        raise ShapeError(f"{expression} の形が合いません。")


@explained
def entries(matrix: sp.MatrixSymbol) -> Family:
    """行列の成分の族。名前は、行列なら文字を小文字にしたもの、列や行なら文字そのもの。

    大文字の行列と小文字の列という、この本の書きかたでない名前は、角かっこで囲む。違う行列が同じ成分を持つことは
    ない。

    Raises
    ------
    TypeError
        行列の記号でない。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> entries(l.W) == l.w, entries(l.Delta) == l.delta
    (True, True)
    >>> entries(l.bias) == l.b, entries(sp.MatrixSymbol("a", l.N, l.N))
    (True, [a])
    """
    instance("matrix", matrix, sp.MatrixSymbol)
    letter, *superscript = matrix.name.partition("^")
    if 1 in matrix.shape:
        letter = letter if _SMALL.fullmatch(letter) else f"[{letter}]"
    else:
        letter = letter.lower() if _CAPITAL.fullmatch(letter) else f"[{letter}]"
    return Family("".join([letter, *superscript]))


def _used(indices: tuple[sp.Expr, sp.Expr], shape: tuple[sp.Expr, sp.Expr]) -> tuple[sp.Expr, ...]:
    return tuple(index for index, size in zip(indices, shape) if size != 1)

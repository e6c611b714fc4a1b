"""行列の式の微分と、成分への書き下し。"""

from __future__ import annotations

import sympy as sp
from sympy.matrices.exceptions import ShapeError
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backprop.symbolic.notation import BATCH, Family, Index
from backprop.symbolic.typesetting import typeset


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
    ValueError
        ``G`` の形が ``Z`` と違う。

    Examples
    --------
    >>> n, p, m = sp.symbols("n p m", integer=True, positive=True)
    >>> W, A, D = sp.MatrixSymbol("W", n, p), sp.MatrixSymbol("A", p, m), sp.MatrixSymbol("D", n, m)
    >>> matrix_pullback(W * A, W, D)
    D*A.T
    >>> matrix_pullback(W * A, A, D)
    W.T*D
    """
    if expression.shape != upstream.shape:
        raise ValueError(f"upstream の形は {expression.shape} でなければなりませんが、{upstream.shape} が与えられました。")
    return typeset(sp.Trace(upstream.T * expression).diff(wrt).doit())


def component(expression: sp.MatrixExpr, row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """行列の式の一つの成分を、番号の式で書く。

    行列 ``W^l`` の成分は ``w^l_{jk}``、``Δ^l`` の成分は ``δ^l_{jn}`` になる。大きさが1の向きの番号は書かない。

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
        扱えない種類の行列の式。

    Examples
    --------
    >>> from backprop.symbolic import layers, resolve
    >>> l, after = layers("l", "l+1")
    >>> j, n = l.index("j"), Index("n", (1, BATCH))
    >>> sp.latex(resolve(component(after.W.T * after.Delta, j, n)))
    '\\\\sum_{k=1}^{N_{l+1}} \\\\delta^{l+1}_{kn} w^{l+1}_{kj}'
    """
    match expression:
        case sp.MatrixSymbol():
            return entries(expression)[_used((row, column), expression.shape)]
        case sp.OneMatrix():
            return sp.S.One
        case sp.ZeroMatrix():
            return sp.S.Zero
        case sp.Transpose():
            return component(expression.arg, column, row)
        case ElementwiseApplyFunction():
            return expression.function(component(expression.expr, row, column))
        case sp.MatAdd() | sp.HadamardProduct():
            require_shapes(len({part.shape for part in expression.args}) == 1, expression)
            scalar = sp.Add if isinstance(expression, sp.MatAdd) else sp.Mul
            return scalar(*(component(part, row, column) for part in expression.args))
        case sp.MatMul():
            coefficient, factors = expression.as_coeff_matrices()
            return coefficient * _product_component(factors, row, column)
    raise TypeError(f"{type(expression).__name__} の成分は求められません。")


def _product_component(factors: list[sp.MatrixExpr], row: sp.Expr, column: sp.Expr) -> sp.Expr:
    first, *rest = factors
    if not rest:
        return component(first, row, column)
    require_shapes(first.cols == rest[0].rows, first * rest[0])
    name = "n" if first.cols == BATCH else "k"
    while name in (str(row), str(column)):
        name += "'"
    k = Index(name, (1, first.cols))
    body = component(first, row, k) * _product_component(rest, k, column)
    return body if first.cols == 1 else sp.Sum(body, k)


def require_shapes(fits: bool, expression: sp.MatrixExpr) -> None:
    if not fits:
        raise ShapeError(f"{expression} の形が合いません。")


def entries(matrix: sp.MatrixSymbol) -> Family:
    """行列の成分の族。名前は、行列の名前の文字を小文字にしたもの。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> entries(l.W) == l.w, entries(l.Delta) == l.delta
    (True, True)
    """
    letter, *superscript = matrix.name.partition("^")
    return Family("".join([letter.lower(), *superscript]))


def _used(indices: tuple[sp.Expr, sp.Expr], shape: tuple[sp.Expr, sp.Expr]) -> tuple[sp.Expr, ...]:
    return tuple(index for index, size in zip(indices, shape) if size != 1)

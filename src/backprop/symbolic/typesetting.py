"""行列の式を、本の記法で組む。"""

from __future__ import annotations

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.printing.printer import Printer

from backprop.arguments import instance


class Transposed(sp.Transpose):
    """転置。``X^⊤`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        inside = printer._print(self.arg)
        simple = isinstance(self.arg, sp.MatrixSymbol) and "^" not in inside
        return (inside if simple else rf"\left({inside}\right)") + r"^{\top}"


class Hadamard(sp.HadamardProduct):
    """要素ごとの積。``X ⊙ Y`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        def grouped(factor: sp.MatrixExpr) -> str:
            inside = printer._print(factor)
            return rf"\left({inside}\right)" if factor.is_MatMul or factor.is_MatAdd else inside

        return r" \odot ".join(map(grouped, self.args))


class Elementwise(ElementwiseApplyFunction):
    """要素ごとに関数を施した行列。``f(X)`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        x = sp.Dummy()
        return printer._print(self.function(x)).replace(printer._print(x), printer._print(self.expr))


class Ones(sp.OneMatrix):
    """1 を並べた列か行。列を ``𝟏``、行を ``𝟏^⊤`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        return r"\mathbf{1}" + (r"^{\top}" if self.rows == 1 else "")


def typeset(expression: sp.Basic) -> sp.Basic:
    """行列の式を、本の記法で組まれる同じ式にする。

    Parameters
    ----------
    expression : MatrixExpr
        行列の式、その跡（`sympy.Trace`）、または等式。

    Returns
    -------
    Basic
        数学としても SymPy にとっても同じ式。

    Raises
    ------
    TypeError
        SymPy の式でない。

    Examples
    --------
    >>> from backprop.symbolic import BATCH, layers
    >>> (l,) = layers("l")
    >>> sp.latex(typeset(l.Delta * l.A.T / BATCH))
    '\\\\frac{1}{m} \\\\Delta^{l} \\\\left(A^{l}\\\\right)^{\\\\top}'
    """
    instance("expression", expression, sp.Basic)
    houses = {sp.Transpose: Transposed, sp.HadamardProduct: Hadamard, sp.OneMatrix: Ones}
    houses[ElementwiseApplyFunction] = Elementwise
    for plain, house in houses.items():
        expression = expression.replace(plain, house)
    return expression

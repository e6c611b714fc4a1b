"""等式の左辺に使う記号: ``∂𝓛/∂x``、``∂J/∂x``、``∂J/∂X``。"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.printing.printer import Printer

from backprop.arguments import explained, instance


class LossDerivative(sp.Function):
    """``∂𝓛/∂x`` という記号。等式の左辺に使う。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> sp.latex(LossDerivative(l.b[l.index("j")]))
    '\\\\frac{\\\\partial \\\\mathcal{L}}{\\\\partial b^{l}_{j}}'
    """

    numerator = r"\mathcal{L}"

    def _latex(self, printer: Printer, **_: object) -> str:
        return rf"\frac{{\partial {self.numerator}}}{{\partial {printer._print(self.args[0])}}}"


class CostDerivative(LossDerivative):
    """``∂J/∂x`` という記号。バッチの平均損失についての等式の左辺に使う。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> sp.latex(CostDerivative(l.b[l.index("j")]))
    '\\\\frac{\\\\partial J}{\\\\partial b^{l}_{j}}'
    """

    numerator = "J"


@explained
def derivative_of(tex: str) -> type[LossDerivative]:
    """``∂(…)/∂x`` という記号を作る。損失でも平均損失でもない量についての等式の左辺に使う。

    Parameters
    ----------
    tex : str
        微分される量の組版。

    Returns
    -------
    type
        SymPy の関数。同じ名前からは同じ関数が返る。

    Raises
    ------
    TypeError, ValueError
        名前が文字列でない、空。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> sp.latex(derivative_of(r"(-\\log p)")(l.a[l.index("j")]))
    '\\\\frac{\\\\partial (-\\\\log p)}{\\\\partial a^{l}_{j}}'
    """
    if not instance("tex", tex, str).strip():
        raise ValueError("tex は、微分される量の名前でなければなりませんが、空の文字列が与えられました。")
    return _derivative_class(tex)


@cache
def _derivative_class(tex: str) -> type[LossDerivative]:
    return type(f"d({tex})", (LossDerivative,), {"numerator": tex})


@explained
def gradient_symbol(wrt: sp.MatrixSymbol) -> sp.MatrixSymbol:
    """``∂J/∂X`` という記号。形は ``X`` と同じ。等式の左辺に使う。

    Raises
    ------
    TypeError
        行列の記号でない。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> gradient_symbol(l.bias).shape
    (N_{l}, 1)
    """
    instance("wrt", wrt, sp.MatrixSymbol)
    return sp.MatrixSymbol(rf"\frac{{\partial J}}{{\partial {wrt.name}}}", *wrt.shape)

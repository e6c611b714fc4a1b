"""名前だけの関数と、定義を持つ関数。"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.printing.printer import Printer

from backprop.arguments import explained, instance, seed
from backprop.symbolic.notation import Component, Index


class ArbitraryFunction(sp.Function):
    """名前だけの関数。微分すると、同じ名前にプライムのついた関数になる。"""

    tex = "f"
    order = 0

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """最初の引数による微分。ほかの引数（目標）は定数として扱う。"""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return arbitrary_function(self.tex, self.order + 1)(*self.args)

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        arguments = ", ".join(printer._print(argument) for argument in self.args)
        applied = rf"{_primed(self.tex, self.order)}\!\left({arguments}\right)"
        return applied if exp is None else rf"\left({applied}\right)^{{{exp}}}"

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        return self.fdiff(1) * self.args[0].diff(wrt)


@explained
def arbitrary_function(tex: str, order: int = 0) -> type[ArbitraryFunction]:
    """名前だけの関数を作る。同じ名前と階数からは同じ関数が返る。

    Parameters
    ----------
    tex : str
        組版での名前。``"f^l"`` など。
    order : int
        何回微分した関数か。

    Returns
    -------
    type
        SymPy の関数。

    Raises
    ------
    TypeError, ValueError
        名前が文字列でない、回数が0以上の整数でない。

    Examples
    --------
    >>> f, x = arbitrary_function("f^l"), sp.Symbol("x")
    >>> sp.latex(f(2 * x).diff(x))
    '2 f^{l\\\\prime}\\\\!\\\\left(2 x\\\\right)'
    """
    return _function_class(instance("tex", tex, str), seed("order", order))


@cache
def _function_class(tex: str, order: int) -> type[ArbitraryFunction]:
    return type(f"{tex}{chr(39) * order}", (ArbitraryFunction,), {"tex": tex, "order": order})


def _primed(tex: str, order: int) -> str:
    base, _, superscript = tex.partition("^")
    primes = r"\prime" * order
    return base + (f"^{{{superscript.strip('{}')}{primes}}}" if superscript or primes else "")


class DefinedFunction(sp.Function):
    """名前で組み、計算では定義に戻す関数。微分も、公式ではなく定義から求める。"""

    tex = ""

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """関数の定義。"""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """定義を微分した式。"""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        x = sp.Dummy()
        return self.definition(x).diff(x).xreplace({x: self.args[0]})

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.tex}{power}\!\left({printer._print(self.args[0])}\right)"


class sigma(DefinedFunction):
    """シグモイド関数 ``σ(z) = 1 / (1 + e^{−z})``。

    Examples
    --------
    >>> from backprop.symbolic import is_zero
    >>> z = sp.Symbol("z")
    >>> sigma(z).diff(z)
    exp(-z)/(1 + exp(-z))**2
    >>> is_zero(sigma(z).diff(z) - sigma(z) * (1 - sigma(z)))
    True
    """

    tex = r"\sigma"

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """``1 / (1 + e^{−x})``。"""
        return 1 / (1 + sp.exp(-x))


class tanh(DefinedFunction):
    """双曲線正接 ``tanh z = (e^z − e^{−z}) / (e^z + e^{−z})``。

    Examples
    --------
    >>> from backprop.symbolic import is_zero
    >>> z = sp.Symbol("z")
    >>> is_zero(tanh(z).diff(z) - (1 - tanh(z) ** 2))
    True
    """

    tex = r"\tanh"

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """``(e^x − e^{−x}) / (e^x + e^{−x})``。"""
        return (sp.exp(x) - sp.exp(-x)) / (sp.exp(x) + sp.exp(-x))


class softplus(DefinedFunction):
    """softplus ``ζ(z) = log(1 + e^z)``。

    Examples
    --------
    >>> from backprop.symbolic import is_zero
    >>> z = sp.Symbol("z")
    >>> is_zero(softplus(z).diff(z) - sigma(z))
    True
    """

    tex = r"\operatorname{softplus}"

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """``log(1 + e^x)``。"""
        return sp.log(1 + sp.exp(x))


class softmax(DefinedFunction):
    """softmax の一つの成分 ``e^{z_j} / Σ_k e^{z_k}``。引数は族の成分 ``z_j``。

    和は、番号 ``j`` の範囲のすべてについて取る。ほかの成分 ``z_i`` で微分しても 0 にならない。

    Examples
    --------
    >>> from backprop.symbolic import Kronecker, is_zero, layers
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> jacobian = softmax(l.z[i]) * (Kronecker(i, j) - softmax(l.z[j]))
    >>> is_zero(softmax(l.z[i]).diff(l.z[j]) - jacobian)
    True
    >>> sp.latex(softmax(l.z[j]))
    '\\\\operatorname{softmax}_{j}\\\\!\\\\left(z^{l}\\\\right)'
    """

    tex = r"\operatorname{softmax}"

    @staticmethod
    def definition(x: Component) -> sp.Expr:
        """``e^{x_j} / Σ_k e^{x_k}``。"""
        (own,) = x.indices
        k = Index("k", (own.lower, own.upper))
        return sp.exp(x) / sp.Sum(sp.exp(x.base[k]), k)

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        return self.definition(self.args[0]).diff(wrt)

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        (x,) = self.args
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.tex}_{{{printer._print(x.indices[0])}}}{power}\!\left({printer._print(x.base)}\right)"


@explained
def expand_definitions(expression: sp.Expr) -> sp.Expr:
    """名前のついた関数を、すべて定義に置き換えた式。

    Raises
    ------
    TypeError
        式でない。

    Examples
    --------
    >>> expand_definitions(2 * sigma(sp.Symbol("z")))
    2/(1 + exp(-z))
    """
    return instance("expression", expression, sp.Basic).replace(
        lambda e: isinstance(e, DefinedFunction), lambda e: e.definition(expand_definitions(e.args[0]))
    )

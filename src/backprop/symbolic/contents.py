"""式が何からできているか。"""

from __future__ import annotations

from typing import Any

import sympy as sp

from backprop.arguments import explained, instance
from backprop.symbolic.functions import ArbitraryFunction
from backprop.symbolic.notation import Component


@explained
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
    instance("expression", expression, sp.Basic)
    families = {component.base for component in expression.atoms(Component)}
    functions = {function.func for function in expression.atoms(ArbitraryFunction)}
    hidden = {item.label for item in families | expression.atoms(sp.Idx)}
    free = {item for item in expression.free_symbols if type(item) in (sp.Symbol, sp.MatrixSymbol)}
    return families | functions | free - hidden

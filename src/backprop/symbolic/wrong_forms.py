"""式を少しだけ壊す。壊した式は、検印の審判がすべて退けなければならない（対照）。

壊し方は、人が実際に書き間違えるものを集めた: 符号、係数、落とした因子や項、入れ替えた添字、
平均と和、数え落とした和の端、``f′`` の代わりの ``f``、``z`` ではなく ``a`` での微分、
前の層の活性 ``a^{l−1}`` の代わりの ``a^l`` や ``z^{l−1}``、余計に掛けた活性や ``f′``。
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy.matrices.exceptions import ShapeError
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backprop.arguments import instance
from backprop.symbolic.functions import ArbitraryFunction, arbitrary_function
from backprop.symbolic.identities import is_same
from backprop.symbolic.matrices import component
from backprop.symbolic.network import Layer
from backprop.symbolic.notation import BATCH, Component, Family

Variants = Iterator[tuple[str, sp.Expr]]


def mutants(expression: sp.Expr) -> dict[str, sp.Expr]:
    """式の、数学として別物である変異をすべて作る。

    行列の式では、大きさがすべて等しいときに計算できる変異だけを作る。どんな大きさでも計算できないものは、
    審判に見せるまでもない。

    Parameters
    ----------
    expression : Expr or MatrixExpr

    Returns
    -------
    dict of str to Expr
        壊し方の説明から、壊した式を引く辞書。元の式と恒等的に等しくなる変異と、0で割ることになって
        値を持たない変異は含まない。

    Raises
    ------
    TypeError
        SymPy の式でない（文字列は読まない）。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> j = l.index("j")
    >>> list(mutants(l.delta[j] * l.a[j]))
    ['符号を反転', '係数を2倍', '\\\\delta^{l}[j] を落とす', 'a^{l}[j] を落とす']
    """
    instance("expression", expression, sp.Expr)
    found: dict[sp.Expr, str] = {}
    for name, variant in _whole(expression):
        if variant not in found and _computable(variant) and not is_same(variant, expression):
            found[variant] = name
    return {name: variant for variant, name in found.items()}


def _whole(expression: sp.Expr) -> Variants:
    yield "符号を反転", -expression
    yield "係数を2倍", 2 * expression
    if isinstance(expression, sp.MatrixExpr):
        yield "1/m をもう一度掛ける", expression / BATCH
        yield from _everywhere_in_matrices(expression)
    else:
        if isinstance(expression, Component):
            yield from _extra_factors(expression)
        yield from _everywhere(expression)


def _extra_factors(expression: Component) -> Variants:
    """誤差項だけの式に、要らない因子を掛ける。ほかに壊すところがない。"""
    letter, _, layer = expression.base.label.name.partition("^")
    if letter == r"\delta" and len(expression.indices) == 1:
        this, j = Layer(layer.strip("{}")), expression.indices[0]
        yield f"{this.a[j]} を余計に掛ける", expression * this.a[j]
        yield f"{this.df(this.z[j])} を余計に掛ける", expression * this.df(this.z[j])


def _everywhere(expression: sp.Expr) -> Variants:
    """式の木の、どこか一か所だけを壊した式。"""
    yield from _here(expression)
    if isinstance(expression, (Component, sp.Idx)):
        return
    positions = [0] if isinstance(expression, sp.Sum) else range(len(expression.args))
    for n in positions:
        for name, variant in _everywhere(expression.args[n]):
            yield name, expression.func(*expression.args[:n], variant, *expression.args[n + 1 :])


def _here(expression: sp.Expr) -> Variants:
    if isinstance(expression, sp.Mul):
        yield from _dropped(expression, "を落とす")
    elif isinstance(expression, sp.Add):
        yield from _dropped(expression, "の項を落とす")
        yield from ((f"{term} の符号を変える", expression - 2 * term) for term in expression.args)
    elif isinstance(expression, sp.Sum):
        yield from _sum_variants(expression)
    elif isinstance(expression, sp.Pow) and expression.exp.is_Integer and expression.exp > 1:
        yield f"{expression} の指数を1減らす", expression.base ** (expression.exp - 1)
    elif isinstance(expression, Component):
        yield from _component_variants(expression)
    elif isinstance(expression, ArbitraryFunction) and expression.order > 0:
        yield from _derivative_variants(expression)


def _dropped(expression: sp.Expr, ending: str) -> Variants:
    for part in expression.args:
        rest = [other for other in expression.args if other is not part]
        yield from _built(f"{part} {ending}", expression.func, *rest)


def _built(name: str, kind: type[sp.Expr], *parts: sp.Expr) -> Variants:
    """部分から組んだ式。大きさの決まった行列の形が合わなければ、なにもない。"""
    try:
        variant = kind(*parts)
    except ShapeError:
        return
    yield name, variant


def _sum_variants(expression: sp.Sum) -> Variants:
    for n, (index, lower, upper) in enumerate(expression.limits):
        yield f"{index} の和を平均にする", expression / (upper - lower + 1)
        for which, bounds in (("最初", (lower + 1, upper)), ("最後", (lower, upper - 1))):
            limits = (*expression.limits[:n], (index, *bounds), *expression.limits[n + 1 :])
            yield f"{index} の和の{which}の項を落とす", sp.Sum(expression.function, *limits)


def _component_variants(expression: Component) -> Variants:
    indices = expression.indices
    for n in range(len(indices) - 1):
        swapped = (*indices[:n], indices[n + 1], indices[n], *indices[n + 2 :])
        which = "" if len(indices) == 2 else f" {indices[n]} と {indices[n + 1]} "
        yield f"{expression} の添字{which}を入れ替える", expression.base[swapped]
    letter, _, layer = expression.base.label.name.partition("^")
    if letter == "a" and layer.endswith("-1}"):
        this = layer.replace("-1}", "}")
        yield f"{expression} をこの層の活性にする", Family(f"a^{this}")[expression.indices]
        yield f"{expression} を加重和にする", Family(f"z^{layer}")[expression.indices]


def _derivative_variants(expression: ArbitraryFunction) -> Variants:
    original = arbitrary_function(expression.tex, expression.order - 1)
    yield f"{expression} を微分しない", original(*expression.args)
    if len(expression.args) == 1:
        yield f"{expression} を活性での値にする", expression.func(original(*expression.args))
        if isinstance(expression.args[0], ArbitraryFunction):
            yield f"{expression} を内側の値でなく入力で求める", expression.func(*expression.args[0].args)


# ── 行列の式 ──────────────────────────────────────────────────


def _computable(expression: sp.Expr) -> bool:
    """値を持つか。0で割る式は値を持たない。行列の式は、大きさがすべて等しいときに計算できればよい。"""
    if not isinstance(expression, sp.MatrixExpr):
        return not expression.has(sp.zoo, sp.nan)
    blocks = expression.atoms(sp.MatrixSymbol, sp.OneMatrix)
    sizes = {size: BATCH for block in blocks for size in block.shape if size.is_Symbol}
    try:
        component(expression.xreplace(sizes), *sp.symbols("i j", integer=True))
    except ShapeError:
        return False
    return True


def _everywhere_in_matrices(expression: sp.MatrixExpr, transposed: bool = False) -> Variants:
    """行列の式の木の、どこか一か所だけを壊した式。"""
    yield from _matrix_variants(expression)
    if isinstance(expression, sp.MatrixSymbol):
        if not transposed:  # 転置の中では、転置を忘れることと同じになる
            yield f"{expression} を転置する", expression.T
        return
    for n, part in enumerate(expression.args):
        if isinstance(part, sp.MatrixExpr):
            for name, variant in _everywhere_in_matrices(part, isinstance(expression, sp.Transpose)):
                parts = (*expression.args[:n], variant, *expression.args[n + 1 :])
                yield from _built(name, expression.func, *parts)


def _matrix_variants(expression: sp.MatrixExpr) -> Variants:
    match expression:
        case sp.MatMul():
            yield from _dropped(expression, "を落とす")
            for n in range(len(expression.args) - 1):
                left, right = expression.args[n : n + 2]
                swapped = (*expression.args[:n], right, left, *expression.args[n + 2 :])
                yield from _built(f"{left} と {right} の順序を入れ替える", sp.MatMul, *swapped)
        case sp.HadamardProduct():
            yield from _dropped(expression, "を落とす")
            yield from _built("要素ごとの積を行列の積にする", sp.MatMul, *expression.args)
        case sp.MatAdd():
            yield from _dropped(expression, "の項を落とす")
            yield from ((f"{term} の符号を変える", expression - 2 * term) for term in expression.args)
        case sp.Transpose():
            yield f"{expression.arg} の転置を忘れる", expression.arg
        case ElementwiseApplyFunction():
            x = sp.Dummy("z")
            body = expression.function(x)
            if isinstance(body, ArbitraryFunction) and body.order > 0:
                for name, variant in _derivative_variants(body):
                    yield name, ElementwiseApplyFunction(sp.Lambda(x, variant), expression.expr)
        case sp.MatrixSymbol():
            yield from _layer_variants(expression)


def _layer_variants(matrix: sp.MatrixSymbol) -> Variants:
    """前の層の活性の代わりに使われる、この層の活性と、前の層の加重和。"""
    letter, _, superscript = matrix.name.partition("^")
    if letter == "A" and superscript.endswith("-1}"):
        previous, this = Layer(superscript.strip("{}")), Layer(superscript.strip("{}").removesuffix("-1"))
        yield f"{matrix} をこの層の活性にする", this.A
        yield f"{matrix} を加重和にする", previous.Z

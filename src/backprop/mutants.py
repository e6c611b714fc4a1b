"""式を少しだけ壊す。壊した式は、検印の審判がすべて退けなければならない（対照）。

壊し方は、人が実際に書き間違えるものを集めた: 符号、係数、落とした因子や項、入れ替えた添字、
平均と和、数え落とした和の端、``f′`` の代わりの ``f``、``z`` ではなく ``a`` での微分、
前の層の活性 ``a^{l−1}`` の代わりの ``a^l`` や ``z^{l−1}``。
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backprop.symbolic import ArbitraryFunction, Component, Family, arbitrary_function, is_zero

Variants = Iterator[tuple[str, sp.Expr]]


def mutants(expression: sp.Expr) -> dict[str, sp.Expr]:
    """式の、数学として別物である変異をすべて作る。

    Parameters
    ----------
    expression : Expr

    Returns
    -------
    dict of str to Expr
        壊し方の説明から、壊した式を引く辞書。元の式と恒等的に等しくなる変異は含まない。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> j = l.index("j")
    >>> list(mutants(l.delta[j] * l.a[j]))
    ['符号を反転', '係数を2倍', '\\\\delta^{l}[j] を落とす', 'a^{l}[j] を落とす']
    """
    found: dict[sp.Expr, str] = {}
    for name, variant in _whole(expression):
        if variant not in found and not is_zero(variant - expression):
            found[variant] = name
    return {name: variant for variant, name in found.items()}


def _whole(expression: sp.Expr) -> Variants:
    yield "符号を反転", -expression
    yield "係数を2倍", 2 * expression
    yield from _everywhere(expression)


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
        yield f"{part} {ending}", expression.func(*rest)


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

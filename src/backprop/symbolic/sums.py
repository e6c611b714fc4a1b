"""和を片づける: 展開し、クロネッカーのデルタを消し、和の外に出せる因子を出す。"""

from __future__ import annotations

from itertools import permutations, product

import sympy as sp

from backprop.arguments import instance
from backprop.symbolic.notation import Index
from backprop.symbolic.typesetting import typeset

Terms = list[tuple[sp.Expr, tuple["Index", ...]]]


def resolve(expression: sp.Expr) -> sp.Expr:
    """和を展開し、クロネッカーのデルタを片づけた式。

    ``Σ_i [i = j] g_i`` を ``g_j`` に変えるのは、``j`` の範囲が和の範囲と同じ記号で与えられている
    ときだけである。範囲が違えば、その項が和の中にあるとは限らないので、そのまま残す。

    Parameters
    ----------
    expression : Expr
        `Index` についての和を含む式。

    Returns
    -------
    Expr

    Raises
    ------
    TypeError
        SymPy の式でない（文字列は読まない）。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> resolve(sp.Sum(l.z[i] ** 2, i).diff(l.z[j]))
    2*z^{l}[j]
    """
    instance("expression", expression, sp.Basic)
    if isinstance(expression, sp.MatrixExpr):
        return typeset(expression)
    if isinstance(expression, sp.Equality):
        return sp.Eq(resolve(expression.lhs), resolve(expression.rhs), evaluate=False)
    return sp.Add(*(_rebuild(body, bound) for body, bound in resolved_terms(expression)))


def resolved_terms(expression: sp.Expr) -> Terms:
    return [_eliminate(body, bound) for body, bound in _terms(expression)]


def _terms(expression: sp.Expr) -> Terms:
    """式を ``Σ_{番号} 単項式`` の和に分ける。"""
    if isinstance(expression, sp.Add):
        return [term for argument in expression.args for term in _terms(argument)]
    if isinstance(expression, sp.Mul):
        return _multiply([_terms(factor) for factor in expression.args])
    if isinstance(expression, sp.Pow) and expression.exp.is_Integer and expression.exp > 1:
        return _multiply([_terms(expression.base)] * int(expression.exp))
    if isinstance(expression, sp.Sum):
        return [_summed(body, bound, expression.limits) for body, bound in _terms(expression.function)]
    if expression.args and not isinstance(expression, (sp.Indexed, sp.Idx, sp.KroneckerDelta)):
        return [(expression.func(*map(resolve, expression.args)), ())]
    return [(expression, ())]


def _multiply(factors: list[Terms]) -> Terms:
    terms = []
    for choice in product(*factors):
        fresh = [_renamed(body, bound) for body, bound in choice]
        terms.append((sp.Mul(*(body for body, _ in fresh)), sum((bound for _, bound in fresh), ())))
    return terms


def _renamed(body: sp.Expr, bound: tuple[Index, ...]) -> tuple[sp.Expr, tuple[Index, ...]]:
    """束縛された番号を新しいものに替える。積や入れ子の和で名前がぶつからないようにするため。"""
    fresh = {index: Index(sp.Dummy(index.name, integer=True), (index.lower, index.upper)) for index in bound}
    return body.xreplace(fresh), tuple(fresh[index] for index in bound)


def _summed(
    body: sp.Expr, bound: tuple[Index, ...], limits: tuple[sp.Tuple, ...]
) -> tuple[sp.Expr, tuple[Index, ...]]:
    """和の番号に、番号の名前が持つ範囲ではなく、和が実際に動く範囲を持たせる。"""
    own = {index: Index(sp.Dummy(str(index), integer=True), (lower, upper)) for index, lower, upper in limits}
    return body.xreplace(own), (*bound, *own.values())


def _eliminate(body: sp.Expr, bound: tuple[Index, ...]) -> tuple[sp.Expr, tuple[Index, ...]]:
    for factor in sp.Mul.make_args(body):
        if isinstance(factor, sp.KroneckerDelta):
            for index, other in permutations(factor.args):
                if index in bound and _same_range(index, other):
                    return _eliminate(body.xreplace({index: other}), tuple(b for b in bound if b != index))
    return body, bound


def _same_range(index: Index, other: sp.Expr) -> bool:
    return isinstance(other, sp.Idx) and (index.lower, index.upper) == (other.lower, other.upper)


def _rebuild(body: sp.Expr, bound: tuple[Index, ...]) -> sp.Expr:
    """読みやすい名前に戻し、和の外に出せる因子を出す。"""
    taken = {str(index) for index in body.atoms(sp.Idx)}  # 束縛された番号は Dummy なので、名前がぶつからない
    names = {}
    for index in bound:
        name = index.name
        while name in taken:
            name += "'"
        taken.add(name)
        names[index] = Index(name, (index.lower, index.upper))
    body, indices = body.xreplace(names), tuple(names.values())
    for index in indices:
        outside, inside = _split(body, index)
        body = outside * (sp.Sum(inside, index) if inside != 1 else index.upper - index.lower + 1)
    return body


def _split(body: sp.Expr, index: Index) -> tuple[sp.Expr, sp.Expr]:
    inside = [factor for factor in sp.Mul.make_args(body) if index in factor.atoms(sp.Idx)]
    outside = [factor for factor in sp.Mul.make_args(body) if index not in factor.atoms(sp.Idx)]
    return sp.Mul(*outside), sp.Mul(*inside)

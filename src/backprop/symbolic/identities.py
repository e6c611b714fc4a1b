"""式が恒等的に 0 であるかの判定。"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import permutations

import sympy as sp
from sympy.matrices.exceptions import ShapeError

from backprop.arguments import instance
from backprop.symbolic.functions import ArbitraryFunction, expand_definitions
from backprop.symbolic.matrices import component
from backprop.symbolic.notation import Component, Index
from backprop.symbolic.sums import resolved_terms


def is_zero(expression: sp.Expr) -> bool:
    """式が恒等的に 0 であることを、和の番号の名前によらずに判定する。

    行列の式は、すべての成分が 0 であることを、番号の式に直して判定する。形の合わない行列の式は 0 ではない。

    Parameters
    ----------
    expression : Expr or MatrixExpr

    Returns
    -------
    bool
        0 と示せたとき真。示せなければ偽。

    Raises
    ------
    TypeError
        SymPy の式でない（文字列は読まない）。扱えない種類の行列の式である。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> is_zero(sp.Sum(l.z[i], i) - sp.Sum(l.z[j], j))
    True
    >>> X = sp.MatrixSymbol("X", l.N, l.N)
    >>> is_zero(X * l.Z - X.T * l.Z), is_zero(X * l.Z - (l.Z.T * X.T).T)
    (False, True)
    """
    instance("expression", expression, sp.Expr)
    if isinstance(expression, sp.MatrixExpr):
        try:
            expression = component(expression, *_any_place(expression))
        except ShapeError:
            return False
    bodies: dict[tuple[Index, ...], sp.Expr] = {}
    for body, bound in resolved_terms(expand_definitions(expression)):
        body, bound = _canonical(body, bound)
        bodies[bound] = bodies.get(bound, sp.S.Zero) + body
    return all(_vanishes(body) for body in bodies.values())


def is_same(one: sp.Expr, other: sp.Expr) -> bool:
    """二つの式が恒等的に等しいことを、示せたとき真。行列の形が違えば、等しくない。

    Parameters
    ----------
    one, other : Expr or MatrixExpr

    Returns
    -------
    bool

    Raises
    ------
    TypeError
        SymPy の式でない、または扱えない種類の行列の式である。

    Examples
    --------
    >>> from backprop.symbolic import layers
    >>> (l,) = layers("l")
    >>> is_same(l.W * l.W.T, l.W * l.W.T), is_same(l.W, l.W.T)
    (True, False)
    """
    instance("one", one, sp.Expr), instance("other", other, sp.Expr)
    shapes = [getattr(expression, "shape", None) for expression in (one, other)]
    return shapes[0] == shapes[1] and is_zero(one - other)


def _any_place(expression: sp.MatrixExpr) -> tuple[Index, Index]:
    rows, columns = expression.shape
    return Index("i", (1, rows)), Index("j", (1, columns))


def _vanishes(body: sp.Expr) -> bool:
    return body == 0 or (not _differs_at_a_point(body) and sp.simplify(body) == 0)


def _differs_at_a_point(body: sp.Expr) -> bool:
    """一点での値が 0 でなければ、恒等的に 0 ではない。整理より早くわかる。

    族の成分も、一つずつ別の数とみなす。任意の関数の値は、関数と引数の値の組ごとに、別の数とみなす。
    """
    components = sorted(body.atoms(Component), key=str)
    body = body.xreplace({component: sp.Symbol(f"component {n}") for n, component in enumerate(components)})
    # 同じ項の和は、掛け算に直す。数を入れたあとの和を SymPy に求めさせると、百倍ほどかかる。
    body = body.xreplace({total: total.doit() for total in body.atoms(sp.Sum) if _repeats(total)})
    symbols = sorted(body.free_symbols, key=str)
    if any(type(symbol) is not sp.Symbol for symbol in symbols):
        return False
    point = dict(zip(symbols, _any_numbers()))
    value = _with_values(body.subs(point)).evalf(30)
    return bool(value.is_number and abs(value) > 1e-15)


def _any_numbers() -> Iterator[sp.Rational]:
    """でたらめな、いつも同じ順の、0と1のあいだの有理数。"""
    draw = random.Random(0)
    while True:
        yield sp.Rational(draw.random())


def _repeats(total: sp.Sum) -> bool:
    return not total.function.has(*total.variables)


def _with_values(number: sp.Expr) -> sp.Expr:
    """変数のない式に現れる任意の関数の値を、内側から順に、でたらめな有理数に替える。"""
    known: dict[tuple[type, tuple[sp.Expr, ...]], sp.Rational] = {}
    numbers = _any_numbers()
    while calls := number.atoms(ArbitraryFunction):
        inner = [call for call in calls if not any(argument.has(ArbitraryFunction) for argument in call.args)]
        keys = {call: (call.func, tuple(argument.evalf(25) for argument in call.args)) for call in inner}
        for key in sorted(keys.values(), key=str):
            known.setdefault(key, next(numbers))
        number = number.xreplace({call: known[key] for call, key in keys.items()})
    return number


def _canonical(body: sp.Expr, bound: tuple[Index, ...]) -> tuple[sp.Expr, tuple[Index, ...]]:
    """束縛された番号の名前と順序を、式の形だけで決める。式に現れない番号についての和は、番号の数を掛ける。"""
    used = body.atoms(sp.Idx)
    body *= sp.Mul(*(index.upper - index.lower + 1 for index in bound if index not in used))
    bound = tuple(index for index in bound if index in used)
    candidates = []
    for order in permutations(sorted(bound, key=lambda index: str(index.upper))):
        names = {index: Index(f"_{n}", (index.lower, index.upper)) for n, index in enumerate(order)}
        candidates.append((body.xreplace(names), tuple(names[index] for index in order)))
    return min(candidates, key=lambda candidate: sp.default_sort_key(candidate[0]))

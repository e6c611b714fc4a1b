r"""主張と、それを組んだ TeX を、同じ点で比べる。

主張の右辺は `backprop.symbolic.evaluation` が、組まれた右辺は `reading_tex` が、同じ名前に同じ値を入れて求める。
左辺は、何を、どの番号について表すかを、木の形で比べる。どちらも、SymPy の組版を通らない。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from reading_tex import (
    GREEK,
    Call,
    Derivation,
    Named,
    Node,
    Number,
    Operation,
    Partial,
    Unreadable,
    read,
    read_name,
    sides,
    tokens_of,
)
from reading_values import MATRICES, World

from backprop.symbolic import (
    ArbitraryFunction,
    Component,
    DefinedFunction,
    Family,
    Index,
    LossDerivative,
    Partials,
    softmax,
)
from backprop.symbolic import Partial as PartialSymbol
from backprop.symbolic.contents import unknowns
from backprop.symbolic.evaluation import evaluate

CLOSE, FAR = 1e-9, 1e-6
"""一致とみなす相対誤差と、違うとみなす相対誤差。間は、どちらとも言わない。"""

# ── 左辺 ──────────────────────────────────────────────


def name_of(item: Any) -> Node:
    """記号の名前。綴りだけの名前（``lambda``、``c3``）は、ギリシア文字や添字のついた文字とみなす。"""
    text = getattr(item, "name", str(item))
    plain = re.fullmatch(r"([A-Za-z]+?)_?(j?\d*)", text)
    if not plain:
        return read_name(text)
    letter, index = plain.groups()
    letter = f"\\{letter}" if f"\\{letter}" in GREEK else letter
    return read_name(letter + (f"_{{{index}}}" if index else ""))


def family_name(name: str) -> Named:
    """添字のつく族の名前。添字があってはじめて、上つきの数は層の番号とわかる。"""
    return replace(read(f"{name}_{{i}}"), indices=())


def function_name(function: type[ArbitraryFunction]) -> Named:
    """名前だけの関数の名前。"""
    letter, _, layer = function.tex.partition("^")
    return Named(letter, layer.strip("{}"), primes=function.order)


def ends_of(family: Partials) -> list[Named]:
    """偏微分の族の、動かす量と動かされる量。"""
    return [family_name(part.strip().partition("_")[0]) for part in family.label.name.split("->")]


def quantity(item: Any) -> Node:
    """左辺の表す量を、組版を通さずに、木にする。"""
    match item:
        case sp.Integer():
            return Number(int(item))
        case LossDerivative():
            return Partial(read_name(item.numerator), quantity(item.args[0]))
        case PartialSymbol():
            (below, above), indices = ends_of(item.base), tuple(map(quantity, item.indices))
            rank = item.base.parts[1][1]
            return Partial(replace(above, indices=indices[:rank]), replace(below, indices=indices[rank:]))
        case softmax():
            x = quantity(item.args[0])
            return Call(Named("softmax", indices=x.indices), (replace(x, indices=()),))
        case Component():
            return replace(family_name(item.base.label.name), indices=tuple(map(quantity, item.indices)))
        case Index() | sp.Symbol() | sp.MatrixSymbol():
            return name_of(item)
        case sp.Derivative(variables=(variable,)):
            return Derivation(quantity(variable), quantity(item.expr))
        case sp.Pow(exp=sp.Rational(p=1, q=2)):
            return Call(Named(r"\sqrt"), (quantity(item.base),))
        case sp.Pow():
            return Operation("^", (quantity(item.base), quantity(item.exp)))
        case sp.Function():
            return Call(_function(item), tuple(map(quantity, item.args)))
    raise TypeError(f"左辺に {type(item).__name__} があります。")


def _function(item: sp.Function) -> Named:
    if isinstance(item, ArbitraryFunction):
        return function_name(type(item))
    name = str(item.func).removeprefix(r"\mathrm{").removesuffix("}")
    return Named(f"\\{name}" if isinstance(item, DefinedFunction) and name != "softplus" else name)


# ── 右辺 ──────────────────────────────────────────────

LAYERS = ("l-2", "l-1", "l", "l+1", "l+2", "l+3", "L-1", "L")


class Claim:
    """一つの主張。点ごとの右辺の値は、一度だけ求める。"""

    def __init__(self, claim: sp.Equality) -> None:
        self.claim = claim
        found = [index for index in sp.preorder_traversal(claim.lhs) if isinstance(index, Index)]
        self.indices = tuple(dict.fromkeys(found))

    @cached_property
    def left(self) -> Node:
        """左辺の表す量。"""
        return quantity(self.claim.lhs)

    @cached_property
    def points(self) -> list[tuple[World, np.ndarray]]:
        """大きさの互いに違う点と、すべて等しい点。それぞれでの右辺の値。"""
        worlds = [World(sizes, self._positive, seed) for seed, sizes in enumerate(self._sizes)]
        return [(world, self._value(world)) for world in worlds]

    @cached_property
    def fixed(self) -> dict[str, int]:
        """番号ではなく名前の一部である添字（``b_j`` の ``j``）の値。"""
        names = [name_of(symbol) for symbol in self._symbols]
        indices = [index for name in names if isinstance(name, Named) for index in name.indices]
        return {index.family: 5 for index in indices if isinstance(index, Named)}

    @property
    def _symbols(self) -> list[sp.Symbol]:
        hidden = {item.label for item in self.claim.atoms(sp.Idx, sp.IndexedBase)}
        return sorted(self.claim.atoms(sp.Symbol) - hidden, key=str)

    @property
    def _sizes(self) -> list[dict[str, int]]:
        whole = [name_of(symbol).family for symbol in self._symbols if symbol.is_integer]
        names = dict.fromkeys([*whole, "m", *(f"N_^{{{layer}}}" for layer in LAYERS)])
        return [{name: n + 2 for n, name in enumerate(names)}, dict.fromkeys(names, 3)]

    @property
    def _positive(self) -> frozenset[str]:
        names = [name_of(symbol) for symbol in self._symbols if symbol.is_positive]
        return frozenset(name.family for name in names if isinstance(name, Named))

    def _value(self, world: World) -> np.ndarray:
        needed = unknowns(self.claim.rhs) | {index.upper for index in self.indices if index.upper.is_Symbol}
        values = {item: self._meaning(item, world) for item in needed}
        return evaluate(self.claim.rhs, values, self.indices)

    def _meaning(self, item: Any, world: World) -> Any:
        if isinstance(item, Partials):
            below, above = ends_of(item)
            return self._array(world, f"∂{above.family}/∂{below.family}", self._lengths(item, world))
        if isinstance(item, Family):
            return self._array(world, family_name(item.label.name).family, self._lengths(item, world))
        if isinstance(item, sp.MatrixSymbol):
            name = name_of(item)
            name = replace(name, letter=MATRICES.get(name.letter, name.letter)).family
            shape = [self._size(length, world) for length in item.shape]
            rank = 1 + (item.shape[1] != 1)
            return self._array(world, name, shape[:rank]).reshape(shape)
        if isinstance(item, type):
            return world.function(function_name(item).family)
        return world.value(name_of(item), self.fixed)

    @staticmethod
    def _array(world: World, name: str, shape: list[int]) -> np.ndarray:
        places = [[n + 1 for n in place] for place in np.ndindex(*shape)]
        return np.reshape([world.component(name, *place) for place in places], shape)

    def _lengths(self, family: Family, world: World) -> list[int]:
        """族の大きさ: 現れる番号の、最も大きな値。"""
        used = [part.indices for part in self.claim.rhs.atoms(Component) if part.base == family]
        return [max(self._size(index, world) for index in column) for column in zip(*used)]

    def _size(self, length: sp.Expr, world: World) -> int:
        largest = length.xreplace({index: index.upper for index in length.atoms(sp.Idx)})
        sizes = {symbol: sp.Integer(world.size(name_of(symbol).family)) for symbol in largest.free_symbols}
        return int(largest.xreplace(sizes))


# ── 比べる ──────────────────────────────────────────────


def disagreement(claim: Claim, tex: str) -> str:
    """組まれた等式が主張と違えば、そのわけ。同じなら空。"""
    try:
        tokens = tokens_of(tex)
        if len(places := sides(tokens)) != 2:
            raise Unreadable("辺が二つでない")
        left, right = (tokens[start:end] for start, end in places)
        found = read_name(left)
        if found != claim.left and not is_matrix_of(found, claim.left):
            return f"左辺は {claim.left} でなければならないが、{found}"
        whole = found != claim.left or isinstance(claim.claim.rhs, sp.MatrixExpr)
        return right_disagreement(claim, read(right), whole)
    except Unreadable as refusal:
        return str(refusal)


def is_matrix_of(found: Node, left: Node) -> bool:
    """成分の主張の左辺を、行列で書いたものか。"""
    if not (isinstance(found, Named) and isinstance(left, Named) and found.letter in MATRICES):
        return False
    return replace(found, letter=MATRICES[found.letter], indices=left.indices) == left


def right_disagreement(claim: Claim, right: Node, whole: bool) -> str:
    """右辺の値が主張と違えば、そのわけ。"""
    for world, expected in claim.points:
        for error in errors(claim, right, world, expected, whole):
            if not error <= CLOSE:
                assert not error <= FAR, f"{claim.claim}: 相対誤差 {error:.1e} では、どちらとも言えない"
                return f"右辺の値の相対誤差 {error:.1e}"
    return ""


def errors(claim: Claim, right: Node, world: World, expected: np.ndarray, whole: bool) -> Iterator[float]:
    """番号の値ごとの相対誤差。行列なら、全体で一つ。"""
    for place in [()] if whole else np.ndindex(*expected.shape):
        at = {str(index): n + 1 for index, n in zip(claim.indices, place)}
        found = world.value(right, {**claim.fixed, **at})
        if np.shape(found) != np.shape(expected[place]):
            raise Unreadable(f"形 {np.shape(found)}")
        yield float(np.max(np.abs(found - expected[place])) / (1 + np.max(np.abs(expected[place]))))

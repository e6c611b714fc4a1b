"""読んだ式の値。

名前ごとに、でたらめな値を決める。同じ名前は、いつも同じ値を持つ。大きさは互いに違う数にも、すべて等しい数にも
できる。違えば、転置や添字の取り違えは、値を持たないか、違う値になる。等しければ、どの形も値を持つ。
"""

from __future__ import annotations

import operator
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, reduce
from itertools import product
from typing import Any

import numpy as np
from reading_tex import LAYER, Call, Named, Node, Number, Ones, Operation, Partial, Total, Unreadable

MATRICES = {"W": "w", "A": "a", "Z": "z", r"\Delta": r"\delta", "G": "g"}
COLUMNS = {"b", "z", "a", r"\delta"}
KNOWN: dict[str, Callable[[Any], Any]] = {
    "e": np.exp,
    r"\sqrt": np.sqrt,
    "|": np.abs,
    r"\sigma": lambda x: 1 / (1 + np.exp(-x)),
    r"\tanh": np.tanh,
    "softplus": lambda x: np.log1p(np.exp(x)),
}
LONGEST = 16


def previous(layer: str) -> str:
    """一つ前の層の番号。"""
    letter, _, shift = layer.partition("+") if "+" in layer else layer.partition("-")
    number = (int(shift or 0) if "+" in layer else -int(shift or 0)) - 1
    return str(int(letter) + number) if letter.isdigit() else letter + (f"{number:+d}" if number else "")


class World:
    """名前から決まるでたらめな値。

    Parameters
    ----------
    sizes : dict
        大きさの名前から、その値。
    positive : frozenset of str
        正と断られた名前。ほかの値は、符号もでたらめである。
    """

    def __init__(
        self, sizes: Mapping[str, int], positive: frozenset[str] = frozenset(), seed: int = 0
    ) -> None:
        self.sizes, self.positive, self.seed = sizes, positive, seed
        self.component_table, self.function = cache(self._component_table), cache(self._function)

    def size(self, name: str) -> int:
        """大きさ。"""
        if name not in self.sizes:
            raise Unreadable(f"大きさのわからない {name}")
        return self.sizes[name]

    def component(self, name: str, *indices: int) -> float:
        """成分の値。"""
        if not all(0 <= index < LONGEST for index in indices):
            raise Unreadable(f"{name} に番号 {indices} はない")
        return float(self.component_table(name, len(indices))[indices])

    def _random(self, name: str, kind: int) -> np.random.Generator:
        return np.random.default_rng([zlib.crc32(name.encode()), kind, self.seed])

    def _component_table(self, name: str, rank: int) -> np.ndarray:
        random = self._random(name, rank)
        drawn = random.uniform(0.4, 1.6, [LONGEST] * rank)
        return drawn if name in self.positive else drawn * random.choice([-1, 1], drawn.shape)

    def _function(self, name: str) -> Callable[..., Any]:
        """名前だけの関数。"""
        random = self._random(name, 99)
        offset, slopes = random.normal(), random.uniform(0.5, 2, 3)
        return lambda *x: np.sin(offset + sum(map(operator.mul, slopes, x))) + 2 * x[0]

    def value(self, node: Node, at: Mapping[str, int]) -> Any:
        """番号の値 ``at`` のもとでの、式の値。"""
        match node:
            case Number(value):
                return value
            case Named():
                return self._named(node, at)
            case Ones():
                return np.ones((self.size("m"), 1))
            case Call():
                return self._call(node, at)
            case Partial(Named() as above, Named() as below):
                name = f"∂{above.family}/∂{below.family}"
                return self.component(name, *self._places((*above.indices, *below.indices), at))
            case Total():
                return self._total(node, at)
            case Operation(sign, parts):
                return OPERATIONS[sign](*(self.value(part, at) for part in parts))
        raise Unreadable(f"値のない {node}")

    def _named(self, node: Named, at: Mapping[str, int]) -> Any:
        if node.indices:
            return self.component(node.family, *self._places(node.indices, at))
        for known in (at, self.sizes):
            if node.family in known:
                return known[node.family]
        if LAYER.fullmatch(node.layer) and node.letter in {*MATRICES, *COLUMNS} and "(" not in node.layer:
            return self._array(node)
        return self.component(node.family)

    def _array(self, node: Named) -> np.ndarray:
        """添字のない族は、成分を並べた列か行列である。"""
        family = replace(node, letter=MATRICES.get(node.letter, node.letter)).family
        places = np.ndindex(*map(self.size, shape_of(node)))
        if node.letter in MATRICES:
            found = [self.component(family, row + 1, column + 1) for row, column in places]
            return np.reshape(found, [self.size(size) for size in shape_of(node)])
        return np.array([[self.component(family, row + 1)] for (row,) in places])

    def _places(self, indices: Iterable[Node], at: Mapping[str, int]) -> list[int]:
        return [self._whole(index, at) for index in indices]

    def _whole(self, node: Node, at: Mapping[str, int]) -> int:
        value = self.value(node, at)
        if not isinstance(value, int):
            raise Unreadable("番号が整数でない")
        return value

    def _call(self, node: Call, at: Mapping[str, int]) -> Any:
        values = [self.value(argument, at) for argument in node.arguments]
        if node.function.letter == "softmax":
            return _softmax(self._places(node.function.indices, at), *values)
        family = node.function.family
        if family not in KNOWN:
            return self.function(family)(*values)
        _require(len(values) == 1)
        return KNOWN[family](*values)

    def _total(self, node: Total, at: Mapping[str, int]) -> Any:
        names = [name for name, _, _ in node.limits]
        ranges = [range(self._whole(low, at), self._whole(high, at) + 1) for _, low, high in node.limits]
        return sum(self.value(node.body, {**at, **dict(zip(names, point))}) for point in product(*ranges))


def shape_of(node: Named) -> list[str]:
    """層の族の、大きさの名前。行列でなければ行の数だけ。"""
    rows = f"N_^{{{node.layer}}}"
    if node.letter not in MATRICES:
        return [rows]
    return [rows, f"N_^{{{previous(node.layer)}}}" if node.letter == "W" else "m"]


def _softmax(places: list[int], vector: Any) -> float:
    _require(np.ndim(vector) == 2 and 1 <= places[0] <= len(vector))
    powers = np.exp(vector[:, 0])
    return float(powers[places[0] - 1] / powers.sum())


def _multiplied(*factors: Any) -> Any:
    """並べた積。行列どうしなら行列の積で、形が合わなければならない。"""
    result, *rest = factors
    for factor in rest:
        if np.ndim(result) and np.ndim(factor):
            _require(result.shape[1] == factor.shape[0])
            result = result @ factor
        else:
            result = result * factor
    return result


def _same_shape(rule: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """形の同じものどうしの計算。NumPy のように、黙って広げることはしない。"""

    def calculated(*parts: Any) -> Any:
        _require(len({np.shape(part) for part in parts}) == 1)
        return reduce(rule, parts)

    return calculated


def _transposed(matrix: Any) -> Any:
    _require(np.ndim(matrix) == 2)
    return matrix.T


def _power(base: Any, exponent: Any) -> Any:
    _require(np.ndim(base) == np.ndim(exponent) == 0)
    return base**exponent


def _divided(above: Any, below: Any) -> Any:
    _require(np.ndim(below) == 0 and below != 0)
    return above / below


def _require(fits: bool) -> None:
    if not fits:
        raise Unreadable("形が合わないか、値がない")


OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": _same_shape(operator.add),
    "-": operator.neg,
    "*": _multiplied,
    "/": _divided,
    "^": _power,
    r"\odot": _same_shape(operator.mul),
    r"\top": _transposed,
    "[=]": lambda left, right: int(left == right),
}

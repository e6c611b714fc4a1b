"""記号の層: 幅、重み、バイアス、加重和、活性、誤差項、活性化関数の記号。"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from backprop.arguments import count, explained, instance, seed
from backprop.symbolic.functions import ArbitraryFunction, arbitrary_function
from backprop.symbolic.notation import BATCH, Family, Index


@explained
@dataclass(frozen=True)
class Layer:
    """記号の層。幅、重み、バイアス、加重和、活性、誤差項、活性化関数の記号をまとめて持つ。

    Attributes
    ----------
    name : str
        層の番号の組版: ``"l"``, ``"l+1"``, ``"L"``, ``"0"`` など。

    Examples
    --------
    >>> l, next_layer = layers("l", "l+1")
    >>> j, k = l.index("j"), next_layer.index("k")
    >>> sp.latex(next_layer.w[k, j] * next_layer.delta[k] * l.df(l.z[j]))
    'f^{l\\\\prime}\\\\!\\\\left(z^{l}_{j}\\\\right) \\\\delta^{l+1}_{k} w^{l+1}_{kj}'
    """

    name: str

    def __post_init__(self) -> None:
        instance("name", self.name, str)

    @cached_property
    def N(self) -> sp.Symbol:
        """幅 ``N_l``。"""
        return sp.Symbol(f"N_{{{self.name}}}", integer=True, positive=True)

    @cached_property
    def w(self) -> Family:
        """重み ``w^l_{jk}``。"""
        return self._family("w")

    @cached_property
    def b(self) -> Family:
        """バイアス ``b^l_j``。"""
        return self._family("b")

    @cached_property
    def z(self) -> Family:
        """加重和 ``z^l_j``。"""
        return self._family("z")

    @cached_property
    def a(self) -> Family:
        """活性 ``a^l_j``。"""
        return self._family("a")

    @cached_property
    def delta(self) -> Family:
        """誤差項 ``δ^l_j``。"""
        return self._family(r"\delta")

    @cached_property
    def f(self) -> type[ArbitraryFunction]:
        """活性化関数 ``f^l``（名前だけ）。"""
        return arbitrary_function(f"f^{{{self.name}}}")

    @cached_property
    def df(self) -> type[ArbitraryFunction]:
        """活性化関数の微分 ``f^l′``。"""
        return arbitrary_function(f"f^{{{self.name}}}", 1)

    @cached_property
    def W(self) -> sp.MatrixSymbol:
        """重みの行列 ``W^l`` (N_l, N_{l−1})。"""
        previous = Layer(str(sp.sympify(self.name) - 1).replace(" ", ""))
        return self._matrix("W", previous.N)

    @cached_property
    def bias(self) -> sp.MatrixSymbol:
        """バイアスの列 ``b^l`` (N_l, 1)。"""
        return self._matrix("b", sp.S.One)

    @cached_property
    def Z(self) -> sp.MatrixSymbol:
        """加重和の行列 ``Z^l`` (N_l, m)。"""
        return self._matrix("Z", BATCH)

    @cached_property
    def A(self) -> sp.MatrixSymbol:
        """活性の行列 ``A^l`` (N_l, m)。"""
        return self._matrix("A", BATCH)

    @cached_property
    def Delta(self) -> sp.MatrixSymbol:
        """誤差項の行列 ``Δ^l`` (N_l, m)。"""
        return self._matrix(r"\Delta", BATCH)

    @cached_property
    def G(self) -> sp.MatrixSymbol:
        """活性についての1例ごとの損失の勾配 ``∂𝓛/∂a^l_j`` を並べた行列 ``G^l`` (N_l, m)。"""
        return self._matrix("G", BATCH)

    def index(self, name: str) -> Index:
        """この層のニューロンの番号 1, …, ``N_l``。"""
        return Index(instance("name", name, str), (1, self.N))

    def weighted_input(self, j: Index, k: Index, previous: Layer) -> sp.Expr:
        """加重和の定義 ``Σ_k w^l_{jk} a^{l−1}_k + b^l_j``。"""
        instance("j", j, sp.Expr), instance("k", k, Index), instance("previous", previous, Layer)
        return sp.Sum(self.w[j, k] * previous.a[k], k) + self.b[j]

    def position(self, l: int, num_layers: int) -> int:
        """``l`` と ``L`` に数を入れたときの、この層の番号。

        Examples
        --------
        >>> Layer("l+1").position(l=2, num_layers=4), Layer("L").position(l=2, num_layers=4)
        (3, 4)
        """
        l, num_layers = seed("l", l), count("num_layers", num_layers)
        return int(sp.sympify(self.name, locals={"l": l, "L": num_layers}))

    def _family(self, letter: str) -> Family:
        return Family(f"{letter}^{{{self.name}}}")

    def _matrix(self, letter: str, columns: sp.Expr) -> sp.MatrixSymbol:
        return sp.MatrixSymbol(f"{letter}^{{{self.name}}}", self.N, columns)


@explained
def layers(*names: str) -> tuple[Layer, ...]:
    """記号の層をまとめて作る。

    Raises
    ------
    TypeError, ValueError
        名前が文字列でない、``l``, ``L``, 整数の和や差でない。

    Examples
    --------
    >>> [layer.name for layer in layers("l-1", "l")]
    ['l-1', 'l']
    """
    for name in names:
        if not re.fullmatch(r"(l|L|\d+)([+-]\d+)?", instance("層の名前", name, str)):
            raise ValueError(f"層の名前は l, l+1, L, 0 のような形でなければなりませんが、{name!r} が与えられました。")
    return tuple(Layer(name) for name in names)


Y = Family("y")
"""目標 ``y_j``。"""

ELL = arbitrary_function(r"\ell")
"""出力1個ずつの損失 ``ℓ(ŷ_j, y_j)``（名前だけ）。"""

"""番号、成分の族、偏微分の族: 数式の語彙。

微分すると、同じ族の成分どうしからクロネッカーのデルタが現れる。
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.printer import Printer

BATCH = sp.Symbol("m", integer=True, positive=True)
"""バッチの大きさ ``m``。"""


class Index(sp.Idx):
    """範囲 1, …, N を知っている番号。

    Examples
    --------
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> Index("j", (1, N)).upper
    N
    """

    def _latex(self, printer: Printer) -> str:
        return printer._print(self.label)


class Kronecker(sp.KroneckerDelta):
    """クロネッカーのデルタ。誤差項 δ と紛れないように ``[i = j]`` と組む。

    Examples
    --------
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> i, j = Index("i", (1, N)), Index("j", (1, N))
    >>> sp.latex(Kronecker(i, j))
    '[\\\\,i=j\\\\,]\\\\,'
    >>> Kronecker(i, i)
    1
    """

    def _latex(self, printer: Printer, **_: object) -> str:
        left, right = (printer._print(argument) for argument in self.args)
        return rf"[\,{left}={right}\,]\,"


class Component(sp.Indexed):
    """族の一つの成分 ``z^l_j``。同じ族の成分による微分は `Kronecker` の積になる。"""

    precedence = 55  # 掛け算より強く、べきより弱い。上つきの層番号とべきの指数を分けて組むため

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        if isinstance(wrt, sp.Indexed) and wrt.base == self.base:
            return sp.Mul(*(Kronecker(p, q) for p, q in zip(self.indices, wrt.indices)))
        return sp.S.Zero

    def _latex(self, printer: Printer, **_: object) -> str:
        subscript = "".join(printer._print(index) for index in self.indices)
        return f"{self.base.label.name}_{{{subscript}}}"


class Family(sp.IndexedBase):
    """成分の族。``w[k, j]`` のように番号を添えて `Component` を得る。

    Examples
    --------
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> i, j = Index("i", (1, N)), Index("j", (1, N))
    >>> z = Family("z")
    >>> z[i].diff(z[j])
    Kronecker(i, j)
    """

    def __getitem__(self, indices: Any, **_: object) -> Component:
        return Component(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def _latex(self, printer: Printer, **_: object) -> str:
        return self.label.name


class Partial(Component):
    """一つの偏微分 ``∂u_k/∂x_j``。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        (below, _), (above, rank) = self.base.parts
        names = [printer._print(index) for index in self.indices]
        top, bottom = ("".join(part) for part in (names[:rank], names[rank:]))
        return rf"\frac{{\partial {_subscripted(above, top)}}}{{\partial {_subscripted(below, bottom)}}}"


class Partials(Family):
    """偏微分の族。``"x_j -> u_k"`` は ``∂u_k/∂x_j`` を表し、``[k, j]`` と、動かされる側の番号から添える。

    値は式ではなく、一つ一つが記号である。どんな関数の偏微分でもよい、という主張に使う。

    Parameters
    ----------
    name : str
        動かす量と動かされる量を ``->`` で結んだもの。下線のあとの文字の数が、番号の数である。

    Raises
    ------
    ValueError
        名前の形が違う、添えた番号の数が合わない。

    Examples
    --------
    >>> M, N = sp.symbols("M N", integer=True, positive=True)
    >>> j, k = Index("j", (1, M)), Index("k", (1, N))
    >>> sp.latex(Partials("x_j -> u_k")[k, j]), sp.latex(Partials("u_k -> v")[k])
    ('\\\\frac{\\\\partial u_{k}}{\\\\partial x_{j}}', '\\\\frac{\\\\partial v}{\\\\partial u_{k}}')
    """

    def __new__(cls, name: str | sp.Symbol) -> Partials:
        parts = [part.strip() for part in str(name).split("->")]
        if len(parts) != 2 or not all(parts):
            raise ValueError(
                f"偏微分の名前は 'x_j -> u_k' のような形でなければなりませんが、{str(name)!r} が与えられました。"
            )
        return super().__new__(cls, name)

    @property
    def parts(self) -> list[tuple[str, int]]:
        """動かす量と動かされる量の、名前と番号の数。"""
        split = [part.strip().partition("_") for part in self.label.name.split("->")]
        return [(letter, len(indices)) for letter, _, indices in split]

    def __getitem__(self, indices: Any, **_: object) -> Partial:
        indices = indices if isinstance(indices, tuple) else (indices,)
        expected = sum(rank for _, rank in self.parts)
        if len(indices) != expected:
            raise ValueError(f"{self.label.name} の番号は {expected} 個でなければなりませんが、{indices} が与えられました。")
        return Partial(self, *indices)


def _subscripted(letter: str, indices: str) -> str:
    return f"{letter}_{{{indices}}}" if indices else letter

"""組む側を壊す。壊れた組み方で組んだ検印のどれかは、読み返すと主張と違わなければならない。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from backprop.judges import sealing
from backprop.symbolic import (
    ArbitraryFunction,
    Component,
    CostDerivative,
    DefinedFunction,
    Elementwise,
    Hadamard,
    Index,
    Kronecker,
    LossDerivative,
    Ones,
    Partial,
    Transposed,
    softmax,
)

Typesetter = Callable[..., Any]
Breaker = Callable[[Typesetter], Typesetter]


def replacing(old: str, new: str) -> Breaker:
    """組んだ文字列の一部を、書き換える。"""
    return lambda genuine: lambda *arguments, **more: genuine(*arguments, **more).replace(old, new)


def printing(rule: Callable[[Any, Any], str]) -> Breaker:
    """式と組版器から、まるごと組みなおす。"""
    return lambda genuine: lambda self, printer, **_: rule(self, printer)


def with_indices(choose: Callable[[list[str]], list[str]]) -> Breaker:
    """番号を選びなおして、添字を組む。"""
    return printing(
        lambda self, printer: (
            f"{self.base.label.name}_{{{''.join(choose([printer._print(index) for index in self.indices]))}}}"
        )
    )


def rebuilding(change: Callable[[sp.Equality], sp.Basic]) -> Breaker:
    """`typeset` が、違う式を返す。"""
    return lambda genuine: lambda claim: genuine(change(claim))


def without_signs(claim: sp.Equality) -> sp.Basic:
    """積の負号を落とした等式。"""
    return claim.replace(lambda e: e.is_Mul and e.args[0] == -1, lambda e: -e)


def joined(mark: str) -> Breaker:
    """要素ごとの積を、かっこをつけずに、別の印で組む。"""
    return printing(lambda self, printer: mark.join(map(printer._print, self.args)))


def upside_down(self: Partial, printer: Any) -> str:
    """偏微分の、動かす量と動かされる量を逆に組む。"""
    (below, _), (above, rank) = self.base.parts
    names = [printer._print(index) for index in self.indices]
    top, bottom = ("".join(part) for part in (names[:rank], names[rank:]))
    return rf"\frac{{\partial {below}_{{{bottom or 'j'}}}}}{{\partial {above}_{{{top or 'j'}}}}}"


BREAKERS: dict[str, tuple[Any, str, Breaker]] = {
    "添字を逆に並べる": (Component, "_latex", with_indices(lambda names: names[::-1])),
    "終わりの添字を落とす": (Component, "_latex", with_indices(lambda names: names[:-1] or names)),
    "層の番号を落とす": (Component, "_latex", replacing("^{l}", "")),
    "次の層をこの層にする": (Component, "_latex", replacing("{l+1}", "{l}")),
    "添字の名前を替える": (Index, "_latex", replacing("k", "j")),
    "偏微分の上下を逆にする": (Partial, "_latex", printing(upside_down)),
    "デルタの番号を替える": (Kronecker, "_latex", replacing("i=j", "i=i")),
    "プライムを落とす": (ArbitraryFunction, "_latex", replacing(r"\prime", "")),
    "二つめの引数を落とす": (ArbitraryFunction, "_latex", replacing(", y_{j}", "")),
    "べきを落とす": (DefinedFunction, "_latex", replacing("^{2}", "")),
    "softmax の添字を替える": (softmax, "_latex", replacing("_{j}", "_{i}")),
    "左辺の損失を平均損失にする": (LossDerivative, "_latex", replacing(r"\mathcal{L}", "J")),
    "左辺の平均損失を損失にする": (CostDerivative, "_latex", replacing("J", r"\mathcal{L}")),
    "転置の印を落とす": (Transposed, "_latex", replacing(r"^{\top}", "")),
    "要素ごとの積を行列の積にする": (Hadamard, "_latex", joined(" ")),
    "要素ごとの積のかっこを落とす": (Hadamard, "_latex", joined(r" \odot ")),
    "要素ごとの関数を落とす": (
        Elementwise,
        "_latex",
        printing(lambda self, printer: printer._print(self.expr)),
    ),
    "1の列を行にする": (Ones, "_latex", replacing(r"\mathbf{1}", r"\mathbf{1}^{\top}")),
    "和の下端をずらす": (LatexPrinter, "_print_Sum", replacing("=1}", "=2}")),
    "和の上端を落とす": (LatexPrinter, "_print_Sum", replacing("^{N_{l+1}}", "^{N_{l}}")),
    "和の項の符号を落とす": (LatexPrinter, "_print_Add", replacing("- ", "+ ")),
    "積の符号を落とす": (LatexPrinter, "_print_Mul", replacing("- ", "")),
    "typeset が負号を落とす": (sealing, "typeset", rebuilding(without_signs)),
}
"""壊し方の名前から、壊すものと、その組み方の壊し方。"""

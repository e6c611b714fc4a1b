"""式の答え。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from backprop.arguments import explained, function, mapping
from backprop.exercises.verdicts import UNKNOWN, Verdict, mistaken, refused
from backprop.symbolic import mutants
from backprop.symbolic.contents import unknowns
from backprop.symbolic.identities import is_same


@explained
@dataclass(frozen=True)
class Formula:
    """SymPy の式の答えの審判。幅は記号のままで、恒等的に等しいかを決める。

    Parameters
    ----------
    right : callable
        正しい式を導く関数。
    wrong : mapping of str to callable, optional
        間違いの名前から、その間違いをした式を作る関数を引く。ほかに、正しい式を少し壊したもの
        （`backprop.symbolic.mutants`）も、名前で見分ける。

    Raises
    ------
    TypeError
        関数や辞書でない。

    Examples
    --------
    >>> w, x, b = sp.symbols("w x b")
    >>> question = Formula(lambda: (w * x + b).diff(w), {"$b$ で微分した式": lambda: sp.Integer(1)})
    >>> question.verdict(x + w - w)
    ✓ 合格: 審判の導いた式と、恒等的に等しいことを示せました。
    >>> question.verdict(sp.Integer(1))
    ✗ まだです: $b$ で微分した式と同じ式です。
    """

    right: Callable[[], sp.Expr]
    wrong: Mapping[str, Callable[[], sp.Expr]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        function("right", self.right), mapping("wrong", self.wrong)

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        given = answer.rhs if isinstance(answer, sp.Equality) else answer
        given = (
            sp.sympify(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else given
        )
        if not isinstance(given, sp.Expr):
            return refused("SymPy の式で答えてください。")
        right = self.right()
        if strange := unknowns(given) - unknowns(right) - self.known():
            return refused(f"問いにない記号 {'、'.join(sorted(map(str, strange)))} が使われています。")
        try:
            if is_same(given, right):
                return Verdict(True, "審判の導いた式と、恒等的に等しいことを示せました。")
            named = next((name for name, form in self.mistakes().items() if is_same(given, form)), "")
        except TypeError:
            return refused("審判の読めない種類の式です。本と同じ記号で書いてください。")
        return mistaken(named, "式") if named else refused(UNKNOWN)

    def mistakes(self) -> dict[str, sp.Expr]:
        """見分ける間違いと、その式。"""
        right = self.right()
        named = {name: form() for name, form in self.wrong.items()}
        return named | {f"「{name}」の式": form for name, form in mutants(right).items()}

    def known(self) -> set[Any]:
        """間違いの式に現れる記号。"""
        return set().union(*(unknowns(form) for form in self.mistakes().values()))

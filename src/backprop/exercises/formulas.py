"""式の答え。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from backprop.arguments import explained, function, mapping
from backprop.exercises.reading import PARTS, Unread, read
from backprop.exercises.verdicts import UNKNOWN, Verdict, mistaken, refused
from backprop.symbolic import Component, Family, Layer, mutants
from backprop.symbolic.contents import unknowns
from backprop.symbolic.identities import is_same

KINDS = {
    "の符号を変える": "符号を一つ間違えた式", "符号を反転": "符号を逆にした式", "係数を2倍": "2倍にした式",
    "もう一度掛ける": "例の数で二度割った式", "余計に掛ける": "因子を余計に掛けた式",
    "の和を平均にする": "和を平均にした式", "の和の": "和の端の項を落とした式", "の項を落とす": "項を一つ落とした式",
    "を落とす": "因子を一つ落とした式", "の指数を": "指数を間違えた式", "の添字": "添字を入れ替えた式",
    "をこの層の活性にする": "活性の層を間違えた式", "を加重和にする": "活性を加重和にした式",
    "を微分しない": "微分し忘れた式", "を活性での値にする": "傾きを活性で求めた式",
    "を内側の値でなく": "内側の値を使わなかった式", "": "一か所だけ違う式",
}  # fmt: skip
"""正しい式を少し壊したものの、読者に見せる名前。前から順に探す。"""


@explained
@dataclass(frozen=True)
class Formula:
    """SymPy の式の答えの審判。幅は記号のままで、恒等的に等しいかを決める。

    Parameters
    ----------
    right : callable
        正しい式を導く関数。
    names : mapping of str to object
        問いの記号: 書くときの名前から、記号、添字のつく族、番号、層を引く。
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
    >>> question = Formula(
    ...     lambda: (w * x + b).diff(w), {"w": w, "x": x, "b": b}, {"$b$ で微分した式": lambda: sp.Integer(1)}
    ... )
    >>> question.verdict(x + w - w)
    ✓ 合格: 審判の導いた式と、恒等的に等しいことを示せました。
    >>> question.verdict("2*x/2")
    ✓ 合格: 審判の導いた式と、恒等的に等しいことを示せました。
    >>> question.verdict(sp.Integer(1))
    ✗ まだです: $b$ で微分した式と同じ式です。
    """

    right: Callable[[], sp.Expr]
    names: Mapping[str, Any]
    wrong: Mapping[str, Callable[[], sp.Expr]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        function("right", self.right), mapping("names", self.names), mapping("wrong", self.wrong)

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        try:
            given = _expression(read(answer, self.names) if isinstance(answer, str) else answer)
        except Unread as trouble:
            return refused(str(trouble))
        if not isinstance(given, sp.Expr):
            return refused("SymPy の式で答えてください。")
        right = self.right()
        if _bare(given):
            return refused("番号の添えられていない記号があります。w[k, j] のように書いてください。")
        strange = unknowns(given) - unknowns(right) - self._named()
        if strange := strange and strange - self._mistaken():
            return refused(f"問いにない記号 {'、'.join(sorted(map(str, strange)))} が使われています。")
        try:
            if is_same(given, right):
                return Verdict(True, "審判の導いた式と、恒等的に等しいことを示せました。")
            named = next((name for name, form in self.mistakes() if is_same(given, form)), "")
        except TypeError:
            return refused("審判の読めない種類の式です。本と同じ記号で書いてください。")
        return mistaken(named, "式") if named else refused(UNKNOWN)

    def mistakes(self) -> list[tuple[str, sp.Expr]]:
        """見分ける間違いの名前と、その式。同じ名前の間違いがいくつもあってよい。"""
        return self._mistakes

    @cached_property
    def _mistakes(self) -> list[tuple[str, sp.Expr]]:
        named = [(name, form()) for name, form in self.wrong.items()]
        return named + [(_kind(name), form) for name, form in mutants(self.right()).items()]

    def _named(self) -> set[Any]:
        """問いに現れる記号。"""
        return {symbol for value in self.names.values() for symbol in _symbols(value)}

    def _mistaken(self) -> set[Any]:
        """間違いの式に現れる記号。"""
        return set().union(*(unknowns(form) for _, form in self.mistakes()))


def _kind(mutant: str) -> str:
    """壊し方の名前から、正しい式の部分を言わない、間違いの名前。"""
    return next(name for part, name in KINDS.items() if part in mutant)


def _bare(expression: sp.Expr) -> bool:
    """番号のない族が残っているか。"""
    return bool(expression.xreplace(dict.fromkeys(expression.atoms(Component), sp.S.One)).atoms(Family))


def _symbols(value: Any) -> list[Any]:
    """名前の指す記号。層なら、その層のすべて。"""
    return [getattr(value, part) for part in PARTS] if isinstance(value, Layer) else [value]


def _expression(answer: Any) -> Any:
    """等式なら右辺、数なら SymPy の数。"""
    if isinstance(answer, sp.Equality):
        return answer.rhs
    number = isinstance(answer, (int, float)) and not isinstance(answer, bool)
    return sp.sympify(answer) if number else answer

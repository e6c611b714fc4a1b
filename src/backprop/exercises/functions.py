"""関数の答え。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backprop.checks import Array, explained, function, mapping
from backprop.exercises.calling import Unfinished, call
from backprop.exercises.values import numbers
from backprop.exercises.verdicts import UNKNOWN, Verdict, mistaken, refused

ROUNDS = 6
"""引数を引きなおす回数。"""

CLOSE = 1e-9
"""正しい値とのずれの、値の大きさに対する割合の上限。"""

Arguments = tuple[Any, ...]


class Unusable(Exception):
    """値を比べるところまで行かなかった。理由の一行を持つ。"""


@explained
@dataclass(frozen=True)
class Function:
    """読者の書いた関数の審判。大きさの違う乱数の引数で、独立に計算した値と比べる。

    Parameters
    ----------
    right : callable
        正しい値を計算する関数。
    draw : callable
        ``draw(rng, n)`` で、``n`` 回めの引数を引く関数。大きさは回ごとに変え、例が1個の場合も入れる。
    wrong : mapping of str to callable, optional
        間違いの名前から、その間違いをした関数を引く。

    Raises
    ------
    TypeError
        関数や辞書でない。

    Examples
    --------
    >>> question = Function(np.dot, lambda rng, n: (rng.normal(size=n + 1), rng.normal(size=n + 1)),
    ...                     {"1 番めだけを掛けた積": lambda u, v: u[0] * v[0]})
    >>> question.verdict(lambda u, v: sum(u * v))
    ✓ 合格: 6 通りの大きさと数で、審判の計算した値と合いました。
    >>> question.verdict(lambda u, v: u[0] * v[0])
    ✗ まだです: 1 番めだけを掛けた積と同じ値です。
    """

    right: Callable[..., Any]
    draw: Callable[[np.random.Generator, int], Arguments]
    wrong: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        function("right", self.right), function("draw", self.draw, takes=2), mapping("wrong", self.wrong)

    def verdict(self, answer: Any) -> Verdict:
        """答えへの判定。"""
        if not callable(answer):
            return refused("関数で答えてください（呼び出した結果ではなく、関数そのもの）。")
        cases = self.cases()
        rights = [np.asarray(self.right(*_copies(case)), float) for case in cases]  # 読者の関数より先に
        given = _outcomes(answer, cases, rights)
        if any(
            not _same(self.right(*_copies(case)), right) for case, right in zip(cases, rights, strict=True)
        ):
            return refused("本のパッケージの中身を書きかえる関数は、判定できません。")
        if all(map(_same, given, rights)):
            return Verdict(True, f"{len(cases)} 通りの大きさと数で、審判の計算した値と合いました。")
        if named := next(
            (name for name in self.wrong if _alike(given, self._repeated(name, cases, rights))), ""
        ):
            return mistaken(named)
        reasons = [str(value) for value in given if isinstance(value, Unusable)]
        return refused(reasons[0] if reasons else _counterexample(cases, given, rights) + UNKNOWN)

    def cases(self) -> list[Arguments]:
        """比べる引数。"""
        rng = np.random.default_rng(0)
        return [self.draw(rng, n) for n in range(ROUNDS)]

    def _repeated(self, name: str, cases: list[Arguments], rights: list[Array]) -> list[Array | Unusable]:
        return _outcomes(self.wrong[name], cases, rights)


def _outcomes(
    answer: Callable[..., Any], cases: list[Arguments], rights: list[Array]
) -> list[Array | Unusable]:
    """どの引数での値も。値にならなければ、そのわけ。止まらない関数を、二度は待たない。"""
    found: list[Array | Unusable] = []
    for case, right in zip(cases, rights, strict=True):
        try:
            found.append(_value(answer, case, right.shape))
        except Unusable as reason:
            found.append(reason)
            if isinstance(reason.__cause__, Unfinished):
                return found * len(cases)
    return found


def _alike(given: list[Array | Unusable], expected: list[Array | Unusable]) -> bool:
    """同じ値で、同じところで値にならないか。"""
    usable = [value for value in expected if not isinstance(value, Unusable)]
    return bool(usable) and len(given) == len(expected) and all(map(_same, given, expected))


def _value(answer: Callable[..., Any], case: Arguments, shape: tuple[int, ...]) -> Array:
    """関数の値。"""
    arguments = _copies(case)
    try:
        value = call(answer, *arguments)
    except Unfinished as error:
        raise Unusable(f"関数が {error}くり返しの終わりを確かめてください。") from error
    except BaseException as error:
        raise Unusable(_stopped(error, case)) from None
    if not all(_unchanged(now, before) for now, before in zip(arguments, case, strict=True)):
        raise Unusable("渡された配列を書きかえています。写しをとってから計算してください。")
    if value is None:
        raise Unusable("関数が None を返しました。return を忘れていませんか。")
    if (found := numbers(value)) is None:
        raise Unusable("関数は、有限の数か、その配列を返さなければなりません。")
    if found.shape != shape:
        raise Unusable(
            f"返した配列の形が違います。{_shapes(case)}のとき {shape} のはずですが、{found.shape} です。"
        )
    return found


def _stopped(error: BaseException, case: Arguments) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return f"{_shapes(case)}のとき、関数が {type(error).__name__} で止まりました。{text}"


def _shapes(case: Arguments) -> str:
    forms = (f"{np.shape(value)}" if np.shape(value) else "数" for value in case if not callable(value))
    return f"引数の形が {'、'.join(forms)} "


def _copies(case: Arguments) -> Arguments:
    return tuple(value.copy() if isinstance(value, np.ndarray) else value for value in case)


def _unchanged(now: Any, before: Any) -> bool:
    return now is before or not isinstance(before, np.ndarray) or np.array_equal(now, before)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Unusable) or isinstance(other, Unusable):
        return isinstance(one, Unusable) and isinstance(other, Unusable)
    one, other = np.asarray(one, float), np.asarray(other, float)
    return one.shape == other.shape and bool(
        (np.abs(one - other) <= CLOSE * np.maximum(1.0, np.abs(other).max(initial=0.0))).all()
    )


def _counterexample(cases: list[Arguments], given: list[Array], rights: list[Array]) -> str:
    """はじめて違う引数の、大きさと場所。"""
    n = next(n for n, (value, right) in enumerate(zip(given, rights, strict=True)) if not _same(value, right))
    fitting = "" if n == 0 else "ほかの大きさでは合うことがあっても、"
    return f"{fitting}{_shapes(cases[n])}のとき、値が違います。"

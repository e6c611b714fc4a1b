"""検印: 一つの式を、互いに独立な審判にかける。

1. 記号: 主張と、微分して導いた式との差が、任意の幅で恒等的に 0 である。
2. 数値: 主張に数を入れた値が、`backprop` の関数の値と一致する。
3. 独立: 損失を求めるプログラムだけから、公式を使わずに測った微分と一致する。
4. 対照: 主張を少し壊した式は、1〜3 の審判がすべて退ける。一つでも通れば、検印そのものが誤りである。
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy.matrices.exceptions import ShapeError

from backprop.checks import (
    Array,
    explained,
    function,
    instance,
    sequence,
)
from backprop.judges.cases import Case
from backprop.judges.errors import norm_relative_error
from backprop.symbolic import Component, Index, mutants, resolve, typeset
from backprop.symbolic.contents import unknowns
from backprop.symbolic.evaluation import evaluate
from backprop.symbolic.identities import is_same

NUMPY_BOUND = 1e-12
INDEPENDENT_BOUND = 1e-10
REJECTION_BOUND = 1e-6
"""対照の相対誤差は、少なくともこれだけ大きくなければならない。許容誤差との間は、どちらとも言わない。"""

MIME = "application/vnd.backprop.seal+json"


class SealBroken(AssertionError):
    """検印が押せなかった。メッセージに、どの審判が何を見つけたか、または、なぜ答えられなかったかを書く。"""


@dataclass(frozen=True)
class Seal:
    """押された検印。ノートブックでは、確かめた等式と一行の結果を表示する。

    Attributes
    ----------
    label : str
        式のラベル ``eq-…``。
    claim : Equality
        確かめた等式。
    controls : int
        退けられた対照の数。
    """

    label: str
    claim: sp.Equality
    controls: int

    @property
    def sizes(self) -> str:
        """記号の審判が等しさを示した大きさ: ``任意の大きさ``、``定まった大きさ``、``一つの数``。

        層の幅やバッチの大きさが一つでも記号のままなら、任意の大きさである。
        """
        matrices = self.claim.atoms(sp.MatrixSymbol, sp.OneMatrix)
        ranges = [index.upper for index in self.claim.atoms(Index)]
        if any(size.free_symbols for size in (*ranges, *(size for m in matrices for size in m.shape))):
            return "任意の大きさ"
        return "定まった大きさ" if matrices or self.claim.atoms(Component) else "一つの数"

    @property
    def line(self) -> str:
        """一行の結果。実行のたびに変わる桁は含まない。"""
        n = self.controls
        return f"検印 {self.label}: 記号 ✓ 数値 ✓ (≤ {NUMPY_BOUND:.0e}) 独立 ✓ (≤ {INDEPENDENT_BOUND:.0e}) 対照 {n}/{n}"

    def __repr__(self) -> str:
        return self.line

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        tex = sp.latex(typeset(self.claim))
        facts = {
            "label": self.label,
            "claim": tex,
            "sizes": self.sizes,
            "judges": {"symbolic": True, "numpy": NUMPY_BOUND, "independent": INDEPENDENT_BOUND},
            "controls": self.controls,
        }
        shown = self.line.replace(self.label, f"`{self.label}`")
        return {
            "text/plain": self.line,
            "text/markdown": f"$$\n{tex}\n$$\n\n**{shown[:2]}**{shown[2:]}",
            MIME: facts,
        }


@explained
def seal(
    label: str,
    *,
    claim: sp.Equality,
    derived: sp.Expr,
    cases: Sequence[Case],
    numpy: Callable[[Case], Array],
    independent: Callable[[Case], Array],
) -> Seal:
    """主張を審判にかけ、すべて通れば検印を返す。

    Parameters
    ----------
    label : str
        式のラベル ``eq-…``。
    claim : Equality
        主張する等式。左辺に現れる番号が、右辺の動く番号である。
    derived : Expr
        SymPy に微分させて得た式。
    cases : sequence of Case
        数を入れる場面（`backprop.judges.cases`）。
    numpy : callable
        場面から、`backprop` の関数で求めた値。
    independent : callable
        場面から、公式を使わずに測った値。

    Returns
    -------
    Seal

    Raises
    ------
    SealBroken
        どれかの審判が主張を退けた、対照を通した、または答えられなかった。
    TypeError, ValueError
        引数の型が違う、ラベルの形が違う、等式でない、場面がない、二つの審判が同じ計算である。

    Examples
    --------
    ``d(w²)/dw = 2w``。

    >>> from backprop.judges.cases import sample_cases
    >>> from backprop.symbolic import LossDerivative
    >>> w = sp.Symbol("w")
    >>> cases = sample_cases(lambda rng: {w: rng.normal()}, lambda values: values[w] ** 2)
    >>> seal("eq-square", claim=sp.Eq(LossDerivative(w), 2 * w), derived=(w**2).diff(w), cases=cases,
    ...      numpy=lambda case: 2 * case[w], independent=lambda case: case.complex_step(w))
    検印 eq-square: 記号 ✓ 数値 ✓ (≤ 1e-12) 独立 ✓ (≤ 1e-10) 対照 4/4
    """
    if not instance("label", label, str).startswith("eq-"):
        raise ValueError(f"label は eq- で始まらなければなりませんが、{label!r} が与えられました。")
    if not isinstance(claim, sp.Equality):
        raise ValueError(
            f"claim は等式でなければなりませんが、{claim} が与えられました"
            "（両辺の形が違う行列の等式は、SymPy が False に変えます）。"
        )
    instance("derived", derived, sp.Expr), function("numpy", numpy), function("independent", independent)
    if _program(numpy) == _program(independent):
        raise ValueError(
            "numpy と independent が同じ計算です。"
            "independent は、公式を使わずに測る、別の計算でなければなりません。"
        )
    if not sequence("cases", cases):
        raise ValueError("cases が空です。少なくとも1つの場面が要ります。")
    for n, case in enumerate(cases):
        instance(f"cases[{n}]", case, Case)
    judges = _Judges(label, derived, _free_indices(claim.lhs), cases, numpy, independent)
    judges.accept(claim.rhs)
    controls = mutants(claim.rhs)
    if not controls:
        raise SealBroken(
            f"{label}: 主張を壊した対照を一つも作れません。落ちることのない検査は検査ではありません。"
        )
    for name, variant in controls.items():
        judges.reject(name, variant)
    return Seal(label, claim, len(controls))


def _program(judge: Callable[[Case], Array]) -> object:
    """計算の中身。二度書いた同じ関数も、同じものから作った同じ関数も等しい。引数の名前にはよらない。"""
    code = getattr(judge, "__code__", None)
    if code is None:
        return judge
    held = [cell.cell_contents for cell in judge.__closure__ or ()]
    given = (getattr(judge, "__self__", None), *held, *(judge.__defaults__ or ()))
    known = tuple(item if isinstance(item, (int, float, str)) else id(item) for item in given)
    return code.co_code, code.co_names, code.co_consts, known


def _free_indices(lhs: sp.Expr) -> tuple[Index, ...]:
    found = [index for index in sp.preorder_traversal(lhs) if isinstance(index, Index)]
    return tuple(dict.fromkeys(found))


class _Judges:
    """三人の審判。比べる相手の値は、場面ごとに一度だけ求める。答えられない審判は、何も認めず、何も退けない。"""

    def __init__(
        self,
        label: str,
        derived: sp.Expr,
        indices: tuple[Index, ...],
        cases: Sequence[Case],
        numpy: Callable[[Case], Array],
        independent: Callable[[Case], Array],
    ) -> None:
        self.label, self.derived, self.indices, self.cases = label, derived, indices, cases
        # 番号の式の値は番号の数だけの次元を持つ。行列の式の値は、列や行が一つでも行列のままである。
        self.arranged = np.asarray if isinstance(derived, sp.MatrixExpr) else np.squeeze
        self.answers = {
            "数値": [self._answer("数値", numpy, case) for case in cases],
            "独立": [self._answer("独立", independent, case) for case in cases],
        }

    def accept(self, claim: sp.Expr) -> None:
        if not self._symbolic(claim):
            raise SealBroken(f"{self.label}: 記号の審判が退けました。{self._difference(claim)}。")
        values = [self._value(claim, case) for case in self.cases]
        for judge, error, bound in self._errors(values):
            if not error <= bound:
                raise SealBroken(
                    f"{self.label}: {judge}の審判が退けました。相対誤差 {error:.1e} > {bound:.0e}。"
                )
        if any(value is None for value in values):
            raise SealBroken(f"{self.label}: 主張が値を持たない場面があります。")
        for judge, answers in self.answers.items():
            if any(value.shape != answer.shape for value, answer in zip(values, answers)):
                raise SealBroken(f"{self.label}: 主張の値と、{judge}の審判の値の形が違う場面があります。")

    def reject(self, name: str, variant: sp.Expr) -> None:
        passed = ["記号"] if self._symbolic(variant) else []
        values = [self._value(variant, case) for case in self.cases]
        passed += [judge for judge, error, _ in self._errors(values) if not error > REJECTION_BOUND]
        if passed:
            raise SealBroken(f"{self.label}: 対照（{name}）が{'・'.join(passed)}の審判を通りました。")

    def _symbolic(self, expression: sp.Expr) -> bool:
        with self._undecided("記号の審判が答えられませんでした"):
            return is_same(expression, self.derived)

    def _difference(self, claim: sp.Expr) -> str:
        shapes = [getattr(expression, "shape", "数") for expression in (claim, self.derived)]
        if shapes[0] != shapes[1]:
            return f"主張の形は {shapes[0]}、導いた式の形は {shapes[1]} です"
        return f"差は {resolve(claim - self.derived)} です"

    def _errors(self, values: Sequence[Array | None]) -> list[tuple[str, float, float]]:
        bounds = {"数値": NUMPY_BOUND, "独立": INDEPENDENT_BOUND}
        return [(judge, _worst(values, self.answers[judge]), bound) for judge, bound in bounds.items()]

    def _answer(self, name: str, judge: Callable[[Case], Array], case: Case) -> Array:
        with self._undecided(f"{name}の審判が答えられませんでした"):
            given = judge(case)
            answer = np.asarray(given)
        if answer.dtype.kind not in "fiu" or not answer.size or not np.isfinite(answer).all():
            raise SealBroken(
                f"{self.label}: {name}の審判が、有限な実数の配列ではなく、{given!r} を返しました。"
            )
        return self.arranged(answer.astype(np.result_type(answer, float)))

    def _value(self, expression: sp.Expr, case: Case) -> Array | None:
        needed = unknowns(expression) | {index.upper for index in self.indices if not index.upper.is_Integer}
        with self._undecided(f"式 {expression} の値を求められませんでした"):
            try:
                values = {item: case[item] for item in needed}
                return self.arranged(evaluate(expression, values, self.indices))
            except (
                IndexError,
                KeyError,
                ShapeError,
            ):  # 添字や層や転置を取り違えた対照は、場面によっては値を持たない
                return None

    @contextmanager
    def _undecided(self, what: str) -> Iterator[None]:
        """例外は、判定ではない。"""
        try:
            yield
        except Exception as error:
            raise SealBroken(f"{self.label}: {what}（{type(error).__name__}: {error}）。") from error


def _worst(values: Sequence[Array | None], answers: Sequence[Array]) -> float:
    """値を持つ場面での最大の誤差。形で退けるのは、形の合う場面が一つもないときだけである。"""
    pairs = [(value, answer) for value, answer in zip(values, answers) if value is not None]
    fitting = [_error(value, answer) for value, answer in pairs if value.shape == answer.shape]
    return max(fitting, default=np.inf if pairs else np.nan)


def _error(value: Array, answer: Array) -> float:
    return norm_relative_error(value, answer) if np.isfinite(value).all() else np.inf

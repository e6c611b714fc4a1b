"""勾配の検査の報告。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from backprop.checks import Array
from backprop.judges.differences import METHODS
from backprop.judges.errors import relative_error
from backprop.judges.places import LAYER, place_of, symbol
from backprop.judges.rounding import advice, told_apart

Index = tuple[int, ...]

LISTED = 5
"""並べる折れ目の数。"""

SLACK = 1e-6
"""折れ目の傾きは差分で測るので、このくらいは割り引いて、あいだにあるかを見る。"""


@dataclass(frozen=True, eq=False)
class GradientReport:
    """一つの配列の勾配を検査した結果。

    Attributes
    ----------
    name : str
        配列の名前。
    method : str
        数値微分の方法（表 `METHODS` の名前）。
    tolerance : float
        相対誤差の許容限界。
    scale : float
        これより小さい値の違いは絶対誤差で測る（`relative_error`）。
    analytic, numeric : ndarray
        与えられた勾配と、数値微分。
    kinks : dict of tuple to tuple
        ちょうど折れ目の上にある要素の添字から、左と右の傾きへの対応。
    unsure : frozenset of tuple
        測った値の誤差が大きくて、合うとも違うとも言えない要素の添字。
    note : str
        頼まれた方法では測れず、ほかの方法に切り替えたときの理由。
    """

    name: str
    method: str
    tolerance: float
    scale: float
    analytic: Array
    numeric: Array
    kinks: Mapping[Index, tuple[float, float]] = field(default_factory=dict)
    unsure: frozenset[Index] = frozenset()
    note: str = ""

    @property
    def errors(self) -> Array:
        """要素ごとの相対誤差。"""
        return relative_error(self.analytic, self.numeric, self.scale)

    @property
    def ok(self) -> bool:
        """どの要素も、許容限界の中で合うか、折れ目の約束の値であるか。"""
        return not self.wrong and not self.unsure

    @property
    def max_relative_error(self) -> float:
        """最大の相対誤差。"""
        return float(self.errors.max())

    @property
    def worst_index(self) -> tuple[int, ...]:
        """相対誤差が最大の要素の添字（0から数える）。誤った要素があれば、その中から選ぶ。"""
        errors = self.errors
        return max(self.wrong or np.ndindex(errors.shape), key=lambda index: float(errors[index]))

    @property
    def wrong(self) -> list[tuple[int, ...]]:
        """誤った要素の添字: 相対誤差が許容限界を超え、折れ目の約束の値でもなく、測った値も確かなもの。"""
        return [index for index in far_indices(self.errors, self.tolerance) if not self._excused(index)]

    def _excused(self, index: Index) -> bool:
        return index in self.unsure or (index in self.kinks and self._between(index))

    def _between(self, index: Index) -> bool:
        """与えられた値は、左と右の傾きのあいだにあるか。"""
        low, high = sorted(self.kinks[index])
        slack = SLACK * max(abs(low), abs(high))
        return low - slack <= float(self.analytic[index]) <= high + slack

    @property
    def worst_analytic(self) -> float:
        """相対誤差が最大の要素の、与えられた値。"""
        return float(self.analytic[self.worst_index])

    @property
    def worst_numeric(self) -> float:
        """相対誤差が最大の要素の、数値微分。"""
        return float(self.numeric[self.worst_index])

    def __str__(self) -> str:
        return "\n".join([f"{self._title}: {self._verdict}。{self._details(symbol)}", *self._below])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        details = self._details(lambda *place: f"${symbol(*place)}$")
        return _joined(f"{self._title}: **{self._verdict}** — {details}", self._below)

    def _details(self, typeset: Callable[[str, Index], str]) -> str:
        return self._summary + (f"最大は {self._worst(typeset)}" if self.wrong else "")

    @property
    def _title(self) -> str:
        return f"勾配の検査（{METHODS[self.method].label}）"

    @property
    def _verdict(self) -> str:
        return verdict_of(bool(self.wrong), bool(self.unsure))

    @property
    def _summary(self) -> str:
        if self.wrong:
            return (
                f"{self.name} の {self.numeric.size}個の要素のうち{len(self.wrong)}個で、"
                f"相対誤差が {self.tolerance:g} を超えました。"
            )
        if self.unsure:
            return (
                f"{self.name} の {self.numeric.size}個の要素のうち{len(self.unsure)}個で、"
                "測った値の誤差が大きく、合うとも違うとも言えません。"
            )
        kept = sum(self.errors[index] > self.tolerance for index in self.kinks)
        all_but = f"要素すべてで、相対誤差 ≤ {self.tolerance:g}。"
        if kept:
            all_but = f"要素のうち、折れ目の上の{kept}個のほかはすべて、相対誤差 ≤ {self.tolerance:g}。"
        return f"{self.name} の {self.numeric.size}個の{all_but}"

    @property
    def _wrong_values(self) -> tuple[Array, Array]:
        """誤った要素の、与えられた値と測った値。"""
        arrays = self.analytic, self.numeric
        given, measured = (np.array([a[index] for index in self.wrong], dtype=a.dtype) for a in arrays)
        return given, measured

    @property
    def _below(self) -> list[str]:
        """はじめの行の下に並べる行。"""
        return [*advice(*self._wrong_values), *self._remarks]

    @property
    def _remarks(self) -> list[str]:
        """折れ目と、方法を切り替えた理由。"""
        lines = [self._kink_line(index) for index in list(self.kinks)[:LISTED]]
        if len(self.kinks) > LISTED:
            lines.append(f"- 折れ目: ほかに {len(self.kinks) - LISTED} か所")
        return [*lines, *([f"- {self.note}"] if self.note else [])]

    def _kink_line(self, index: Index) -> str:
        left, right = self.kinks[index]
        place, given = place_of(self.name, index), float(self.analytic[index])
        judged = (
            "そのあいだにある、約束の値です"
            if self._between(index)
            else "どちらでもなく、そのあいだにもありません"
        )
        return f"- 折れ目: {place}: 左の傾き {left:.4g}、右の傾き {right:.4g}。与えられた値 {given:.4g} は、{judged}。"

    def _worst(self, typeset: Callable[[str, tuple[int, ...]], str]) -> str:
        place = place_of(self.name, self.worst_index)
        if LAYER.fullmatch(self.name):
            place += f"（{typeset(self.name, self.worst_index)}）"
        given, measured = told_apart(self.worst_analytic, self.worst_numeric)
        return f"{place}: 与えられた値 {given}、測った値 {measured}、相対誤差 {self.max_relative_error:.2g}。"


@dataclass(frozen=True)
class Kink:
    """検査の点の近くにある、ReLU や leaky ReLU の折れ目。

    Attributes
    ----------
    layer, neuron, example : int
        層、ニューロン、例の番号。どれも1から数える。
    z : float
        検査の点での加重和。0 なら、ちょうど折れ目の上にある。
    """

    layer: int
    neuron: int
    example: int
    z: float

    def __str__(self) -> str:
        place = f"層{self.layer}のニューロン{self.neuron}、例{self.example}"
        if self.z == 0:
            return f"{place}: z = 0（折れ目の上。逆伝播が返すのは約束の値）"
        return f"{place}: z = {self.z:.2g}（h だけずらすと折れ目をまたぐ）"


@dataclass(frozen=True, eq=False)
class GradientsReport:
    """いくつかの配列の勾配を検査した結果。

    Attributes
    ----------
    reports : dict of str to GradientReport
        配列の名前ごとの結果。
    kinks : tuple of Kink
        ネットワークの検査で、ずらしたときにまたいだ、またはちょうど上にある折れ目。
    """

    reports: dict[str, GradientReport]
    kinks: tuple[Kink, ...] = field(default=())
    _unit: ClassVar[str] = "要素"

    @property
    def ok(self) -> bool:
        """すべての配列で合格か。"""
        return all(report.ok for report in self.reports.values())

    @property
    def size(self) -> int:
        """検査した勾配の要素の数。"""
        return sum(report.numeric.size for report in self.reports.values())

    @property
    def wrong(self) -> dict[str, list[tuple[int, ...]]]:
        """誤った要素のある配列の名前と、その添字。"""
        return {name: report.wrong for name, report in self.reports.items() if report.wrong}

    @property
    def unsure(self) -> dict[str, frozenset[tuple[int, ...]]]:
        """合うとも違うとも言えない要素のある配列の名前と、その添字。"""
        return {name: report.unsure for name, report in self.reports.items() if report.unsure}

    @property
    def worst(self) -> GradientReport:
        """相対誤差が最大の配列の結果。"""
        return max(self.reports.values(), key=lambda report: report.max_relative_error)

    @property
    def max_relative_error(self) -> float:
        """最大の相対誤差。"""
        return self.worst.max_relative_error

    def __str__(self) -> str:
        return "\n".join([f"{self._title}: {self._verdict}。{self._summary}", *self._lines(symbol)])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        lines = self._lines(lambda *place: f"${symbol(*place)}$")
        return _joined(f"{self._title}: **{self._verdict}** — {self._summary}", lines)

    def _lines(self, typeset: Callable[[str, Index], str]) -> list[str]:
        wrong = [f"- {report._worst(typeset)}" for report in self.reports.values() if report.wrong]
        values = zip(*(report._wrong_values for report in self.reports.values()))
        remarks = [line for report in self.reports.values() for line in report._remarks]
        return [*wrong, *advice(*map(np.concatenate, values)), *dict.fromkeys(remarks), *self._kink_lines]

    @property
    def _title(self) -> str:
        labels = dict.fromkeys(METHODS[report.method].label for report in self.reports.values())
        return f"勾配の検査（{'、'.join(labels)}）"

    @property
    def _verdict(self) -> str:
        return verdict_of(bool(self.wrong), bool(self.unsure))

    @property
    def _summary(self) -> str:
        if self.ok:
            limit = max(report.tolerance for report in self.reports.values())
            return f"{self.size}個の{self._unit}すべてで、相対誤差 ≤ {limit:g}。"
        if not self.wrong:
            count = sum(map(len, self.unsure.values()))
            return (
                f"{self.size}個の{self._unit}のうち{count}個で、測った値の誤差が大きく、"
                f"合うとも違うとも言えません（{', '.join(self.unsure)}）。"
            )
        count = sum(map(len, self.wrong.values()))
        return (
            f"{self.size}個の{self._unit}のうち{count}個が違います。それぞれの配列で最も違うのは次の要素です。"
        )

    @property
    def _kink_lines(self) -> list[str]:
        listed = [f"- 折れ目: {kink}" for kink in self.kinks[:LISTED]]
        if len(self.kinks) > LISTED:
            listed.append(f"- 折れ目: ほかに {len(self.kinks) - LISTED} か所")
        if self.kinks and not self.ok:
            listed.append("- 折れ目をまたぐ差分は微分の近似にならないので、上の違いは誤りとは限りません。")
        return listed


class NetworkReport(GradientsReport):
    """ネットワークのすべてのパラメータの勾配を検査した結果。"""

    _unit: ClassVar[str] = "パラメータ"


def verdict_of(wrong: bool, unsure: bool) -> str:
    """判定の言葉。誤りが一つでもあれば不合格で、誤りはなくても決められない要素があれば、決めない。"""
    if wrong:
        return "不合格"
    return "判定できません" if unsure else "合格"


def far_indices(errors: Array, tolerance: float) -> list[Index]:
    """許容限界を超えた要素の添字。"""
    return [tuple(map(int, index)) for index in np.argwhere(~(errors <= tolerance))]


def _joined(first: str, rest: list[str]) -> str:
    return "\n".join([first, "", *rest]) if rest else first

"""勾配の検査の報告。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from backprop.checks import Array
from backprop.judges.differences import METHODS
from backprop.judges.errors import relative_error
from backprop.judges.places import LAYER, place_of, symbol


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
    """

    name: str
    method: str
    tolerance: float
    scale: float
    analytic: Array
    numeric: Array

    @property
    def errors(self) -> Array:
        """要素ごとの相対誤差。"""
        return relative_error(self.analytic, self.numeric, self.scale)

    @property
    def ok(self) -> bool:
        """すべての要素で、相対誤差が許容限界以下か。"""
        return self.max_relative_error <= self.tolerance

    @property
    def max_relative_error(self) -> float:
        """最大の相対誤差。"""
        return float(self.errors.max())

    @property
    def worst_index(self) -> tuple[int, ...]:
        """相対誤差が最大の要素の添字（0から数える）。"""
        return tuple(map(int, np.unravel_index(self.errors.argmax(), self.errors.shape)))

    @property
    def wrong(self) -> list[tuple[int, ...]]:
        """許容限界を超えた要素の添字。"""
        return [tuple(map(int, index)) for index in np.argwhere(self.errors > self.tolerance)]

    @property
    def worst_analytic(self) -> float:
        """相対誤差が最大の要素の、与えられた値。"""
        return float(self.analytic[self.worst_index])

    @property
    def worst_numeric(self) -> float:
        """相対誤差が最大の要素の、数値微分。"""
        return float(self.numeric[self.worst_index])

    def __str__(self) -> str:
        return f"{self._title}: {self._verdict}。{self._summary}" + (
            "" if self.ok else f"最大は {self._worst(symbol)}"
        )

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        details = "" if self.ok else f"最大は {self._worst(lambda *place: f'${symbol(*place)}$')}"
        return f"{self._title}: **{self._verdict}** — {self._summary}{details}"

    @property
    def _title(self) -> str:
        return f"勾配の検査（{METHODS[self.method].label}）"

    @property
    def _verdict(self) -> str:
        return "合格" if self.ok else "不合格"

    @property
    def _summary(self) -> str:
        if self.ok:
            return f"{self.name} の {self.numeric.size}個の要素すべてで、相対誤差 ≤ {self.tolerance:g}。"
        return (
            f"{self.name} の {self.numeric.size}個の要素のうち{len(self.wrong)}個で、"
            f"相対誤差が {self.tolerance:g} を超えました。"
        )

    def _worst(self, typeset: Callable[[str, tuple[int, ...]], str]) -> str:
        place = place_of(self.name, self.worst_index)
        if LAYER.fullmatch(self.name):
            place += f"（{typeset(self.name, self.worst_index)}）"
        return (
            f"{place}: 与えられた値 {self.worst_analytic:.4g}、測った値 {self.worst_numeric:.4g}、"
            f"相対誤差 {self.max_relative_error:.2g}。"
        )


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
class NetworkReport:
    """ネットワークのすべてのパラメータの勾配を検査した結果。

    Attributes
    ----------
    reports : dict of str to GradientReport
        パラメータの名前ごとの結果。
    kinks : tuple of Kink
        ずらしたときにまたいだ、またはちょうど上にある折れ目。
    """

    reports: dict[str, GradientReport]
    kinks: tuple[Kink, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """すべてのパラメータで合格か。"""
        return all(report.ok for report in self.reports.values())

    @property
    def size(self) -> int:
        """検査した勾配の要素の数。"""
        return sum(report.numeric.size for report in self.reports.values())

    @property
    def wrong(self) -> dict[str, list[tuple[int, ...]]]:
        """不合格のパラメータの名前と、許容限界を超えた要素の添字。"""
        return {name: report.wrong for name, report in self.reports.items() if not report.ok}

    @property
    def worst(self) -> GradientReport:
        """相対誤差が最大のパラメータの結果。"""
        return max(self.reports.values(), key=lambda report: report.max_relative_error)

    @property
    def max_relative_error(self) -> float:
        """最大の相対誤差。"""
        return self.worst.max_relative_error

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self._title}: {self._verdict}。{self._summary}",
                *(f"- {report._worst(symbol)}" for report in self.reports.values() if not report.ok),
                *self._kink_lines,
            ]
        )

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        def typeset(name: str, index: tuple[int, ...]) -> str:
            return f"${symbol(name, index)}$"

        wrong = [f"- {report._worst(typeset)}" for report in self.reports.values() if not report.ok]
        lines = [f"{self._title}: **{self._verdict}** — {self._summary}", *wrong, *self._kink_lines]
        return "\n".join([lines[0], "", *lines[1:]]) if lines[1:] else lines[0]

    @property
    def _title(self) -> str:
        return self.worst._title

    @property
    def _verdict(self) -> str:
        return "合格" if self.ok else "不合格"

    @property
    def _summary(self) -> str:
        if self.ok:
            limit = max(report.tolerance for report in self.reports.values())
            return f"{self.size}個のパラメータすべてで、相対誤差 ≤ {limit:g}。"
        count = sum(map(len, self.wrong.values()))
        return f"{self.size}個のパラメータのうち{count}個が違います。それぞれの配列で最も違うのは次の要素です。"

    @property
    def _kink_lines(self) -> list[str]:
        listed = [f"- 折れ目: {kink}" for kink in self.kinks[:5]]
        if len(self.kinks) > 5:
            listed.append(f"- 折れ目: ほかに {len(self.kinks) - 5} か所")
        if self.kinks and not self.ok:
            listed.append("- 折れ目をまたぐ差分は微分の近似にならないので、上の違いは誤りとは限りません。")
        return listed

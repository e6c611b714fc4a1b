"""与えられた勾配と測った値から、判定を下す。

違う要素があっても、誤りと言う前に、測りかたのほうを疑う: 打ち消しあった丸めではないか、折れ目の上ではないか、
複素ステップ法がその要素でも正しく働いているか。
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backprop.checks import Array, positive
from backprop.judges.differences import METHODS, Function, NotAnalytic
from backprop.judges.measuring import AUTO, Measurement, Sides, doubt_at, extrapolated, grain_of, sides
from backprop.judges.reports import GradientReport, Index, far_indices

NEAR = 0.1
"""折れ目の近くでは、左と右の傾きの差のこの割合より大きい違いだけを見る。"""

CANCELLED = 16.0
"""途中の計算が、損失や勾配のこの倍より大きければ、値は打ち消しあった残りとみなす。"""

FINE = 1e-3
"""誤差の見積もりが、許容限界に値の大きさを掛けたものの、この割合より小さければ、測れたとみなす。"""

LOOKED_AT = 64
"""違う要素のうち、念入りに調べなおす数。違いの大きいものから選ぶ。"""


@dataclass(frozen=True, eq=False)
class Subject:
    """判定されるもの。

    Attributes
    ----------
    name : str
        報告に書く名前。
    function : callable
        微分される関数。
    x, gradient : ndarray
        検査する点と、確かめたい勾配。
    method : str
        頼まれた方法。
    tolerance : float or None
        相対誤差の許容限界。
    """

    name: str
    function: Function
    x: Array
    gradient: Array
    method: str
    tolerance: float | None


def judge(subject: Subject, found: Measurement, size: float) -> GradientReport:
    """測った値と比べて、判定を下す。

    Parameters
    ----------
    subject : Subject
        判定されるもの。
    found : Measurement
        測った勾配。
    size : float
        損失と勾配の大きさ。分解能はこれに比例する。

    Returns
    -------
    GradientReport

    Raises
    ------
    NotAnalytic
        複素ステップ法を名指ししたのに、違う要素の一つで、関数が解析的でない。

    Examples
    --------
    >>> from backprop.judges.measuring import measure
    >>> x = np.array([1.0, 2.0])
    >>> square = Subject("x", lambda x: (x**2).sum(), x, np.array([2.0, 5.0]), "auto", None)
    >>> judge(square, measure(square.function, x, "auto"), 5.0).wrong
    [(1,)]
    """
    report = _compared(subject, found, size)
    natural = size
    if report.wrong and not found.kinked:  # 折れ目も、値の粗さに見える
        natural = max(size, _natural_size(subject.function, subject.x))
    if found.method != "complex_step":
        return _by_differences(subject, report, found, size, natural)
    if natural > CANCELLED * size:
        report = _compared(subject, found, natural)
    try:
        return _by_complex_step(subject, report, found, natural)
    except NotAnalytic as reason:  # 全体を見たときには、打ち消しあって見えなかった
        if subject.method != AUTO:
            raise
        return judge(subject, extrapolated(subject.function, subject.x, str(reason)), size)


def _by_differences(
    subject: Subject, report: GradientReport, found: Measurement, size: float, natural: float
) -> GradientReport:
    far, blurred = far_indices(report.errors, report.tolerance), _blurred(report, found, size)
    kinks = _slopes(_looks(subject, [*far, *blurred], natural))
    return replace(report, kinks=kinks, unsure=frozenset(blurred) - set(kinks))


def _by_complex_step(
    subject: Subject, report: GradientReport, found: Measurement, natural: float
) -> GradientReport:
    far = far_indices(report.errors, report.tolerance)
    looks = _looks(subject, [*np.ndindex(subject.x.shape)] if found.kinked else far, natural)
    doubtful = sorted(set(far) - set(looks), key=lambda index: -report.errors[index])[:LOOKED_AT]
    unsure = [*_doubted(subject, report, doubtful), *_between_kinks(report, looks, far)]
    kinks = _slopes(looks)
    return replace(report, kinks=kinks, unsure=frozenset(unsure) - set(kinks))


def _slopes(looks: Mapping[Index, Sides]) -> dict[Index, tuple[float, float]]:
    """ちょうど折れ目の上にある要素の、左と右の傾き。"""
    return {index: (look.left, look.right) for index, look in looks.items() if look.kink}


def _natural_size(function: Function, x: Array) -> float:
    """途中の計算の大きさ。打ち消しあって値が小さくなっても、値の粗さに残っている。"""
    return grain_of(function, x) / float(np.finfo(x.dtype).eps)


def _compared(subject: Subject, found: Measurement, size: float) -> GradientReport:
    method, numeric, asked = METHODS[found.method], found.numeric, subject.tolerance
    limit = method.tolerances[numeric.dtype.name] if asked is None else positive("tolerance", asked)
    resolution = 10 * float(np.finfo(numeric.dtype).eps) ** method.accuracy_power * size
    given = subject.gradient.copy()
    return GradientReport(
        subject.name, method.name, limit, resolution / limit, given, numeric, note=found.note
    )


def _looks(subject: Subject, places: Sequence[Index], size: float) -> dict[Index, Sides]:
    """左と右で傾きの違う要素。"""
    found = {index: sides(subject.function, subject.x, index, size) for index in places}
    return {index: look for index, look in found.items() if look is not None}


def _between_kinks(report: GradientReport, looks: Mapping[Index, Sides], far: Sequence[Index]) -> list[Index]:
    """折れ目が近すぎて、狭い幅で測った傾きでも確かめられない要素。"""
    return [
        index
        for index in far
        if index in looks
        and not abs(looks[index].slope - report.numeric[index])
        <= NEAR * looks[index].gap
        < abs(report.analytic[index] - report.numeric[index])
    ]


def _doubted(subject: Subject, report: GradientReport, doubtful: Sequence[Index]) -> list[Index]:
    """複素ステップ法の答えに残る疑いより、違いが小さい要素。"""
    differences = np.abs(report.analytic - report.numeric)
    return [index for index in doubtful if differences[index] <= doubt_at(subject.function, subject.x, index)]


def _blurred(report: GradientReport, found: Measurement, size: float) -> list[Index]:
    """測った値の誤差が大きくて、合うとも違うとも言えない要素。"""
    differences = np.abs(report.analytic - report.numeric)
    values = np.maximum(np.abs(report.analytic), np.abs(report.numeric))
    with np.errstate(over="ignore"):  # 許容限界が大きくて限りがあふれれば、どの差も限りより小さい
        limit = report.tolerance * np.maximum(values, report.scale)
        coarse = found.blur > np.maximum(limit, FINE * report.tolerance * size)
    return [tuple(map(int, index)) for index in np.argwhere(coarse & (differences <= limit + found.blur))]

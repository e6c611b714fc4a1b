"""勾配を測る。使える方法を選び、測れたかどうかも言う。

``auto`` は、複素ステップ法が正しく働く関数にだけ複素ステップ法を使い、ほかは、リチャードソン補外に切り替えて
そのことを報告する。どの方法でも、ちょうど折れ目の上にある要素は、左と右の傾きを測って見分ける。
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from backprop.checks import Array, choice
from backprop.judges.analyticity import along
from backprop.judges.differences import (
    METHODS,
    NOT_ANALYTIC,
    Function,
    NotAnalytic,
    best_step,
    checked_point,
    richardson_quotient,
    scale_of,
    value_at,
    verified,
)

Index = tuple[int, ...]

AUTO = "auto"
"""方法を、関数を調べてから選ぶ。"""

CHOICES = {AUTO: AUTO, **METHODS}

UNEVEN = 0.77
"""幅に掛ける半端な数。2の累乗の幅では、ずらした点が粗い目盛りの上に並び、粗さが見えないことがある。"""

NARROWER = 8.0
"""測りなおすときに、幅を何分の1にするか。"""

TRIES = 4
"""幅を変えて測りなおす回数。"""

OFFSETS = tuple(n / 4 for n in range(-4, 5))
"""値を求める点。幅の何倍ずらすか。"""

SAMPLES = 9
"""値の粗さを測る回数。"""

ROUGH = 16.0
"""値の粗さが、幅で割ったあとの微分に、何倍で効くとみるか。"""

SIDES = 1e-4
"""左と右の傾きが、この割合より違えば、折れ目を疑う。"""

CLEAR = 100.0
"""左と右の傾きの差が、丸め誤差のこの倍より大きい幅で測る。"""


@dataclass(frozen=True, eq=False)
class Measurement:
    """測った勾配。

    Attributes
    ----------
    method : str
        使った方法（表 `METHODS` の名前）。
    numeric : ndarray
        測った勾配。
    blur : ndarray
        測った値の誤差の見積もり。見積もらない方法では 0。
    kinked : bool
        点の上か近くに折れ目があるか。
    note : str
        ほかの方法に切り替えたときの理由。
    """

    method: str
    numeric: Array
    blur: Array
    kinked: bool = False
    note: str = ""


def measure(function: Function, x: Array, method: str, probe: Function | None = None) -> Measurement:
    """勾配を測る。

    Parameters
    ----------
    function : callable
        配列から一つの数を求める関数。
    x : ndarray
        測る点。
    method : str
        ``"auto"`` か、表 `METHODS` の名前。
    probe : callable, optional
        関数を複素数の方向へ延ばして調べるときに、``function`` の代わりに呼ぶ同じ関数。

    Returns
    -------
    Measurement

    Raises
    ------
    NotAnalytic
        複素ステップ法を名指ししたのに、関数が解析的でない。
    TypeError, ValueError
        方法がない、点や値が数でない、同じ点で違う値を返す。

    Examples
    --------
    >>> measure(lambda x: np.var(x), np.array([1.0, 2.0]), "auto").method
    'richardson'
    """
    choice("method", method, CHOICES)
    if method not in (AUTO, "complex_step"):
        numeric = METHODS[method].gradient(function, x)
        return Measurement(method, numeric, np.zeros_like(numeric))
    try:
        numeric, found = verified(function, checked_point(function, x), probe or function)
    except NotAnalytic as reason:
        if method != AUTO:
            raise
        return extrapolated(function, x, str(reason))
    return Measurement("complex_step", numeric, np.zeros_like(numeric), kinked=found.verdict == "kink")


def extrapolated(function: Function, x: Array, reason: str) -> Measurement:
    """リチャードソン補外で測る。値の粗さと、幅を半分にした値との差から、誤差も見積もる。"""
    numeric, blur = np.empty_like(x), np.empty_like(x)
    grain = grain_of(function, x)
    for index in np.ndindex(x.shape):
        numeric[index], blur[index] = _settled(function, x, index, grain)
    note = reason.split("複素ステップ法は使えないので")[0] + "そこで、リチャードソン補外で測りました。"
    return Measurement("richardson", numeric, blur, note=note)


def _settled(function: Function, x: Array, index: Index, grain: float) -> tuple[float, float]:
    """幅を狭めながら測り、誤差の見積もりがいちばん小さいものを選ぶ。"""
    at, here = _along_axis(function, x, index), value_at(function, x, None, 0.0).real
    h = UNEVEN * best_step("richardson", x.dtype) * scale_of(x[index])
    tolerance = METHODS["richardson"].tolerances[x.dtype.name]
    found = []
    for _ in range(TRIES):
        values = {offset * h: at(offset * h) if offset else here for offset in OFFSETS}
        wide, narrow = (richardson_quotient(values.__getitem__, width) for width in (h, h / 2))
        rough = max(grain, _roughness(list(values.values())))
        found.append((abs(wide - narrow) + ROUGH * rough / h, wide))
        if found[-1][0] <= tolerance * abs(wide):
            break
        h /= NARROWER
    blur, value = min(found)
    return value, blur


def _roughness(values: Sequence[float]) -> float:
    """値を4次式でならしたときの残り。滑らかなら、丸め誤差しか残らない。"""
    fit = np.polynomial.Polynomial.fit(OFFSETS, values, 4)
    return float(np.abs(np.asarray(values) - fit(np.array(OFFSETS))).max())


def grain_of(function: Function, x: Array) -> float:
    """値そのものの粗さ。くじで引いた要素を、半端な点のまわりでずらして測る。

    幅を狭めれば、速い変化や折れ目による残りは減るので、二つの幅の小さいほうをとる。
    """
    rng, h = np.random.default_rng(x.size), UNEVEN * best_step("richardson", x.dtype)
    places = [tuple(rng.integers(x.shape)) for _ in range(SAMPLES)]
    medians = [
        np.median([_roughness(_nearby(function, x, place, width, rng.uniform(-1, 1))) for place in places])
        for width in (h, h / NARROWER)
    ]
    return float(min(medians))


def _nearby(function: Function, x: Array, index: Index, h: float, shift: float) -> list[float]:
    """一つの要素を、半端な点のまわりで等しくずらした値。"""
    values, width = [], h * scale_of(x[index])
    for offset in OFFSETS:
        moved = x.copy()
        moved[index] += (shift + offset) * width
        values.append(_real(function, moved))
    return values


def _real(function: Function, point: Array) -> float:
    with np.errstate(all="ignore"):
        return float(np.real(function(point)))


def _along_axis(function: Function, x: Array, index: Index) -> Callable[[float], float]:
    return lambda offset: value_at(function, x, index, offset).real


def doubt_at(function: Function, x: Array, index: Index) -> float:
    """一つの要素で、複素ステップ法の答えに残る疑い。その要素について解析的でなければ断る。"""
    found = along(function, x, index)
    if found.verdict == "conjugate":
        raise NotAnalytic(NOT_ANALYTIC)
    return found.doubt


@dataclass(frozen=True)
class Sides:
    """左と右で傾きの違う要素。

    Attributes
    ----------
    left, right : float
        左と右の傾き。
    kink : bool
        ちょうど折れ目の上か。近くにあるだけなら偽。
    slope : float
        折れ目をまたがない、狭い幅で測った傾き。折れ目の上では、左と右の平均。
    """

    left: float
    right: float
    kink: bool
    slope: float

    @property
    def gap(self) -> float:
        """左と右の傾きの差。"""
        return abs(self.right - self.left)


def sides(function: Function, x: Array, index: Index, size: float) -> Sides | None:
    """左と右の傾きを測る。違わなければ ``None``。

    幅を狭めても傾きの差が残るときだけ、折れ目の上とみなす。幅は、差が丸め誤差に埋もれないところまで狭める。
    """
    here, at = value_at(function, x, None, 0.0).real, _along_axis(function, x, index)
    wide = best_step("central_difference", x.dtype) * scale_of(x[index])
    left, right = _side(at, here, -wide), _side(at, here, wide)
    gap = abs(right - left)
    if gap <= SIDES * max(abs(left), abs(right)):
        return None
    rounding = CLEAR * float(np.finfo(x.dtype).eps)
    narrow = 2.0 ** np.ceil(np.log2(rounding * max(size / gap, scale_of(x[index]))))
    if narrow >= wide / NARROWER:
        return None
    before, after = _side(at, here, -narrow), _side(at, here, narrow)
    return Sides(left, right, abs(after - before) > gap / 2, (before + after) / 2)


def _side(at: Callable[[float], float], here: float, h: float) -> float:
    """片側の差分を、半分の幅のものと組み合わせて補外したもの。"""
    return 2 * (at(h / 2) - here) / (h / 2) - (at(h) - here) / h

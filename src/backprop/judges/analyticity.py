"""関数が、実数の点のまわりで解析的かどうかを、値だけから測る。

複素ステップ法は、解析的な関数でなければ正しくない。分散、ノルム、絶対値のように、虚部を途中で捨てる計算は、
エラーも警告も出さずに、違う答えを返す。名前の一覧では守れないので、渡された関数そのものを調べる。

複素数 ``z`` が半径 ``r`` の円を一周するときの ``f(x + z v)`` を、フーリエ級数に分ける。

- 解析的なら、現れるのは ``z`` の0以上の累乗だけで、負の累乗の係数は 0 になる。
- ``z`` の共役が混じると、``1/z`` の係数は ``r² ∂f/∂z̄`` になり、複素ステップ法の答えは ``2 ∂f/∂z̄`` だけずれる。
  折れ目があれば、``1/z²`` や ``1/z³`` の係数も残る。

大きな ``r`` では、遠くの特異点や折れ目が円の中に入る。小さな ``r`` では、丸め誤差 ``ε|f|/r`` に埋もれる。
そこで、大きいほうから順に、負の累乗が消えるか、同じ値にとどまるかを見る。
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from backprop.checks import Array

Function = Callable[[Array], complex]

POINTS = 16
"""円の上の点の数。"""

LARGEST = 0.5
"""はじめに試す半径。半分ずつにして、``√ε`` まで試す。それより小さいと、足し算の丸めで実部だけが動かなくなる。"""

NOISE = 16.0
"""丸め誤差とみなす大きさ。``ε|f|`` の何倍か。"""

VISIBLE = 4.0
"""丸め誤差とみなす大きさの、この倍より大きければ、丸め誤差ではない。"""

STEADY = 0.25
"""半径を変えても、変わりかたがこの割合より小さければ、丸め誤差ではない。"""

NEARBY = 2.0**-4
"""折れ目かどうかを見るために、離れてみる距離。"""

TRIES = 3
"""離れてみる回数。"""

DIRECTIONS = 2
"""調べる方向の数。一つの方向では、成分どうしが打ち消しあうことがある。"""

COARSE = 1.0
"""実数のまま粗く測るときの幅。``ε`` の4乗根の何倍か。"""

FAITHFUL = 1e-3
"""実数のまま粗く測った傾きとの違いが、この割合より小さければ、同じ傾きとみなす。"""


@dataclass(frozen=True, eq=False)
class Continuation:
    """実数の点のまわりを、複素数で調べた結果。

    Attributes
    ----------
    verdict : str
        ``"analytic"`` 解析的、``"kink"`` 点の上や近くにだけ折れ目がある、``"conjugate"`` 解析的でない、
        ``"unclear"`` 丸め誤差が大きくて決められない。
    direction : ndarray
        調べた方向 ``v``。
    slope : float
        その方向の微分。
    doubt : float
        複素ステップ法の答えに、まだ疑いの残る大きさ。
    """

    verdict: str
    direction: Array
    slope: float
    doubt: float


@dataclass(frozen=True)
class _Ring:
    """一つの円で測ったもの: 微分、負の累乗の係数を半径で割ったもの、その丸め誤差。"""

    slope: complex
    negative: Array
    noise: float

    @property
    def left(self) -> float:
        """負の累乗の大きさ。解析的なら丸め誤差しかない。"""
        return float(np.linalg.norm(self.negative))

    @property
    def blurred(self) -> float:
        """複素ステップ法の答えのずれとして、まだありうる大きさ。"""
        return max(self.left, self.noise)


def continuation(function: Function, x: Array) -> Continuation:
    """関数を、実数の点のまわりで、複素数の方向へ延ばして調べる。

    Parameters
    ----------
    function : callable
        実数と複素数の配列から、一つの数を求める関数。
    x : ndarray
        調べる点。float32 か float64。

    Returns
    -------
    Continuation
        点で解析的でなくても、少し離れた点で解析的なら、折れ目とみなす。

    Examples
    --------
    >>> x = np.array([0.5, -1.0])
    >>> [continuation(f, x).verdict for f in (lambda x: np.exp(x).sum(), lambda x: np.var(x) + 0 * x[0])]
    ['analytic', 'conjugate']
    """
    rng = np.random.default_rng(x.size)
    found = [_follow(function, x, _direction(rng, x)) for _ in range(min(DIRECTIONS, x.size))]
    worst = max(found, key=lambda one: (one.verdict == "conjugate", one.doubt))
    if worst.verdict == "conjugate" and _analytic_nearby(function, x, rng):
        return replace(worst, verdict="kink")
    return worst


def along(function: Function, x: Array, index: tuple[int, ...]) -> Continuation:
    """一つの成分だけを複素数の方向へ延ばして調べる。傾きと疑いは、その成分の偏微分のもの。

    Examples
    --------
    >>> along(lambda x: np.abs(x).sum() + x[0], np.array([3.0, 2.0]), (1,)).verdict
    'conjugate'
    """
    direction, length = np.zeros_like(x), max(1.0, abs(float(x[index])))
    direction[index] = length
    found = _follow(function, x, direction)
    return replace(found, slope=found.slope / length, doubt=found.doubt / length)


def _analytic_nearby(function: Function, x: Array, rng: np.random.Generator) -> bool:
    """少し離れた点で解析的なら、もとの点にあるのは折れ目だけである。"""
    nearby = [np.asarray(x + NEARBY * _direction(rng, x), dtype=x.dtype) for _ in range(TRIES)]
    return any(_follow(function, point, _direction(rng, x)).verdict == "analytic" for point in nearby)


def _direction(rng: np.random.Generator, x: Array) -> Array:
    """どの成分も小さくない、でたらめな方向。"""
    lengths = rng.uniform(0.5, 1.0, x.shape) * rng.choice([-1.0, 1.0], x.shape)
    return np.asarray(lengths * np.maximum(1.0, np.abs(x)), dtype=x.dtype)


def _follow(function: Function, x: Array, direction: Array) -> Continuation:
    """半径を小さくしながら、負の累乗の係数を見る。"""
    radii = _radii(x)
    grain = _grain(_coefficients(function, x, direction, radii[-1]))
    rings: list[_Ring] = []
    for radius in radii:
        coefficients = _coefficients(function, x, direction, radius)
        if coefficients is not None:
            rounding = float(np.finfo(x.dtype).eps) * float(np.abs(coefficients).sum())
            rings.append(_ring(coefficients, radius, NOISE * max(grain, rounding)))
            if rings[-1].left <= rings[-1].noise:
                break
    if not rings:
        return Continuation("unclear", direction, np.nan, np.inf)
    best = min(rings, key=lambda ring: ring.blurred)
    doubt = 2 * max(best.blurred, _hidden(rings))
    slope = float(best.slope.real)
    verdict = _verdict(rings) if _agrees(function, x, direction, slope) else "conjugate"
    return Continuation(verdict, direction, slope, doubt)


def _agrees(function: Function, x: Array, direction: Array, slope: float) -> bool:
    """実数のまま測った粗い傾きと合うか。実数と複素数とで違う計算をする関数は、合わない。"""
    here = abs(_value(function, x).real)
    h = COARSE * 2.0 ** round(math.log2(float(np.finfo(x.dtype).eps)) / 4)

    def central(h: float) -> float:
        ahead, behind = (_value(function, x + side * h * direction).real for side in (1, -1))
        return (ahead - behind) / (2 * h)

    with np.errstate(all="ignore"):
        wide, narrow = central(h), central(h / 2)
    rough = abs(wide - narrow) + float(np.finfo(x.dtype).eps) * max(1.0, here) / h
    limit = FAITHFUL * max(abs(narrow), abs(slope)) + VISIBLE * NOISE * rough
    return not abs(narrow - slope) > limit


def _radii(x: Array) -> list[float]:
    count = round(-math.log2(float(np.finfo(x.dtype).eps)) / 2)
    return [LARGEST / 2**power for power in range(count)]


def _coefficients(function: Function, x: Array, direction: Array, radius: float) -> Array | None:
    """円の上の値のフーリエ係数。遠い点を関数が断れば、測れない。"""
    turns = np.exp(2j * np.pi * np.arange(POINTS) / POINTS)
    points = [(x + radius * turn * direction).astype(np.result_type(x, np.complex64)) for turn in turns]
    try:
        values = np.array([_value(function, point) for point in points])
    except (ArithmeticError, TypeError, ValueError):
        return None
    return np.fft.fft(values) / POINTS if np.isfinite(values).all() else None


def _grain(coefficients: Array | None) -> float:
    """値の丸めの粗さ。いちばん小さな円では、2次より上の係数は丸め誤差だけでできている。"""
    return 0.0 if coefficients is None else float(np.median(np.abs(coefficients[2:-1])))


def _ring(coefficients: Array, radius: float, rounding: float) -> _Ring:
    return _Ring(coefficients[1] / radius, coefficients[-3:] / radius, rounding / radius)


def _value(function: Function, point: Array) -> complex:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return complex(function(point.copy()))


def _hidden(rings: list[_Ring]) -> float:
    """最後の円では丸め誤差に埋もれて見えないかもしれない、一つ前の円に残っていたもの。"""
    if len(rings) > 1 and rings[-2].left <= VISIBLE * rings[-1].noise:
        return rings[-2].left
    return 0.0


def _verdict(rings: list[_Ring]) -> str:
    gone = rings[-1].left <= rings[-1].noise
    if gone and not _hidden(rings):
        return "analytic"
    if _stays(rings):
        return "conjugate"
    return "analytic" if gone else "unclear"


def _stays(rings: list[_Ring]) -> bool:
    """続く三つの円で同じ値にとどまり、そのあとも小さくならないか。"""
    same = [
        np.linalg.norm(after.negative - before.negative) <= STEADY * after.left
        and after.left > VISIBLE * after.noise
        for before, after in pairwise(rings)
    ]
    smallest = min(ring.blurred for ring in rings)
    return any(one and two and ring.left <= 2 * smallest for one, two, ring in zip(same, same[1:], rings[2:]))

"""勾配を確かめる道具。{ref}`勾配を確かめる <sec-gradient-check>`の章に対応する。

微積分を知らない審判である。損失を計算するプログラムだけを、少しずらした点で呼び、その値から勾配を求める。

============================ ============================== ============== ==================
方法                         式                             打ち切り誤差   丸め誤差を含む最良
============================ ============================== ============== ==================
`forward_difference`         (f(x+h) − f(x)) / h            O(h)           h ≈ ε^(1/2)
`central_difference`         (f(x+h) − f(x−h)) / 2h         O(h²)          h ≈ ε^(1/3)
`richardson`                 (4 D(h/2) − D(h)) / 3          O(h⁴)          h ≈ ε^(1/5)
`complex_step`               Im f(x+ih) / h                 O(h²)          h は小さいほどよい
============================ ============================== ============== ==================

``ε`` は浮動小数点数の型の間隔（float64 なら 2⁻⁵²）、``D`` は中心差分。差分では、``h`` を小さくすると
近い数どうしの引き算で桁が落ちる。複素ステップ法には引き算がないので、打ち切り誤差が見えなくなるまで
``h`` を小さくできる。
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from backprop import checks
from backprop.checks import (
    Array,
    array,
    choice,
    explained,
    positive,
)
from backprop.judges.analyticity import VISIBLE, Continuation, along, continuation
from backprop.judges.places import place_of

Function = Callable[[Array], complex]
"""配列から一つの数を求める関数。渡された配列を書き換えてもよい（いつも写しが渡される）。"""

LOST = 1e-9
"""複素ステップ法の答えと、有限の円で測った傾きとが、この割合より違えば、虚部は途中で失われている。"""


@explained
def forward_difference(function: Function, x: Array, h: float | None = None) -> Array:
    """前進差分 ``(f(x + h e_i) − f(x)) / h``。

    打ち切り誤差は ``(h/2) f″``、丸め誤差は ``ε|f|/h`` の程度で、和は ``h ≈ ε^(1/2)`` で最小になる。

    Parameters
    ----------
    function : callable
        ``x`` と同じ形の配列から、有限な一つの実数を求める関数。
    x : ndarray
        微分する点。形は自由、float32 か float64。書き換えない。
    h : float, optional
        すべての要素に共通の、ずらす幅。省けば `best_step` に要素ごとの尺度を掛ける。

    Returns
    -------
    ndarray
        ``x`` と同じ形と型の、勾配の近似。

    Raises
    ------
    TypeError
        ``x`` が実数の配列でない、関数の値が一つの実数でない。
    ValueError
        ``h`` が正でない、小さすぎて ``x + h`` が ``x`` と同じになる、関数の値が有限でない。

    Examples
    --------
    ``f = x²`` の誤差は、ちょうど ``h`` になる。

    >>> import numpy as np
    >>> forward_difference(lambda x: (x**2).sum(), np.array([1.0, 3.0]), h=0.5)
    array([2.5, 6.5])
    """
    here = value_at(function, checked_point(function, x), None, 0.0)
    return _gradient("forward_difference", function, x, h, lambda at, h: (at(h) - here) / h)


@explained
def central_difference(function: Function, x: Array, h: float | None = None) -> Array:
    """中心差分 ``(f(x + h e_i) − f(x − h e_i)) / 2h``。

    打ち切り誤差は ``(h²/6) f‴``、丸め誤差は ``ε|f|/h`` の程度で、和は ``h ≈ ε^(1/3)`` で最小になる。

    Parameters
    ----------
    function, x, h
        `forward_difference` と同じ。

    Returns
    -------
    ndarray
        ``x`` と同じ形と型の、勾配の近似。

    Raises
    ------
    TypeError, ValueError
        `forward_difference` と同じ。

    Examples
    --------
    ``f = x³`` の誤差は、ちょうど ``h²`` になる: 3 + 0.25、12 + 0.25。

    >>> import numpy as np
    >>> central_difference(lambda x: (x**3).sum(), np.array([1.0, 2.0]), h=0.5)
    array([ 3.25, 12.25])
    """
    return _gradient("central_difference", function, x, h, _central)


@explained
def richardson(function: Function, x: Array, h: float | None = None) -> Array:
    """リチャードソン補外をした中心差分 ``(4 D(h/2) − D(h)) / 3``。

    ``D(h) = f′ + c h² + O(h⁴)`` の ``h²`` の項を、二つの ``h`` の組み合わせで消す。
    打ち切り誤差は ``O(h⁴)``、丸め誤差は ``ε|f|/h`` の程度で、和は ``h ≈ ε^(1/5)`` で最小になる。

    Parameters
    ----------
    function, x, h
        `forward_difference` と同じ。

    Returns
    -------
    ndarray
        ``x`` と同じ形と型の、勾配の近似。

    Raises
    ------
    TypeError, ValueError
        `forward_difference` と同じ。

    Examples
    --------
    4次までの多項式では、打ち切り誤差がない。

    >>> import numpy as np
    >>> richardson(lambda x: (x**4).sum(), np.array([1.0, 2.0]), h=0.5)
    array([ 4., 32.])
    """
    return _gradient("richardson", function, x, h, richardson_quotient)


@explained
def complex_step(function: Function, x: Array, h: float | None = None) -> Array:
    """複素ステップ法 ``Im f(x + i h e_i) / h``（Squire & Trapp, 1998）。

    実数の点のまわりのテイラー展開の虚部を読む。引き算がないので桁落ちがなく、打ち切り誤差は
    ``(h²/6) f‴`` だから、``h`` が十分に小さければ丸めの精度で正しい。関数は解析的でなければならない:
    絶対値、分散、ノルム、実部、共役、実数の配列への代入が途中にあると、正しい答えにならない。そこで、答えを
    返す前に、関数を複素数の方向へ延ばして調べる（`backprop.judges.analyticity`）。折れ目の上の点では、
    関数が複素数で選ぶほうの傾きを返す。

    Parameters
    ----------
    function : callable
        複素数の配列から、有限な一つの複素数を求める関数。
    x, h
        `forward_difference` と同じ。``h`` の既定値は float64 で 1e-200、float32 で 1e-20。

    Returns
    -------
    ndarray
        ``x`` と同じ形と型の勾配。

    Raises
    ------
    NotAnalytic
        関数が解析的でない、複素数を受け取れない。`TypeError` の一種。
    TypeError
        ``x`` が実数の配列でない。
    ValueError
        ``h`` が正でない、関数の値が有限でない、同じ点で違う値を返す。

    Examples
    --------
    >>> import numpy as np
    >>> complex_step(lambda x: np.exp(x).sum(), np.array([0.0, 1.0])) == np.exp([0.0, 1.0])
    array([ True,  True])
    >>> complex_step(lambda x: np.var(x) + 0 * x[0], np.array([1.0, 2.0]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    backprop.judges.differences.NotAnalytic: function は、複素数へ延ばすと解析的ではありません（...
    """
    x = checked_point(function, x)
    if h is None:
        return verified(function, x, function)[0]
    gradient = imaginary_parts(function, x, h)
    if continuation(function, x).verdict == "conjugate":
        raise NotAnalytic(NOT_ANALYTIC)
    return gradient


def verified(function: Function, x: Array, probe: Function) -> tuple[Array, Continuation]:
    """複素ステップ法の答えと、関数を複素数の方向へ延ばして調べた結果。解析的でなければ断る。

    フーリエ変換のように、途中の値がもともと複素数である関数では、小さな虚部が埋もれる。そのときは、同じ微分を
    有限の円の上の値から求める。

    Parameters
    ----------
    function : callable
        微分する関数。
    x : ndarray
        微分する点。
    probe : callable
        調べるときに呼ぶ、同じ関数。

    Returns
    -------
    tuple of ndarray and Continuation

    Raises
    ------
    NotAnalytic
        解析的でない、複素数を受け取れない。

    Examples
    --------
    >>> def spectrum(x):
    ...     F = np.fft.fft(x)
    ...     return F[1] * F[-1] if np.iscomplexobj(x) else abs(F[1]) ** 2
    >>> verified(spectrum, np.array([1.0, 2.0, 4.0]), spectrum)[0].round(9)
    array([-4., -1.,  5.])
    """
    gradient, found = imaginary_parts(function, x), continuation(probe, x)
    if found.verdict == "analytic" and is_lost(found, gradient):
        gradient = np.array([along(probe, x, index).slope for index in np.ndindex(x.shape)], dtype=x.dtype)
        gradient = gradient.reshape(x.shape)
    if found.verdict == "conjugate" or is_lost(found, gradient):
        raise NotAnalytic(NOT_ANALYTIC)
    return gradient, found


NOT_ANALYTIC = (
    "function は、複素数へ延ばすと解析的ではありません（途中で虚部が捨てられるか、共役と混ざります。"
    "np.var、np.std、np.linalg.norm、np.abs、real、実数の配列への代入などが原因です）。"
    '複素ステップ法は使えないので、method="richardson" で測ってください。'
)


class NotAnalytic(TypeError):
    """複素ステップ法では測れない関数である。"""


def imaginary_parts(function: Function, x: Array, h: float | None = None) -> Array:
    """`complex_step` の式そのもの。関数が解析的かどうかは調べない。"""
    step = positive("h", h) if h is not None else best_step("complex_step", x.dtype)
    if value_at(function, x, None, 0.0) != value_at(function, x, None, 0.0):
        raise ValueError(
            "function が、同じ点で違う値を返しました。乱数を使うなら、種を決めて、毎回同じにしてください。"
        )
    moved = x.astype(np.result_type(x, np.complex64))
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = _complex_value(function, moved, index, 1j * step).imag / step
    return gradient


def _complex_value(function: Function, x: Array, index: tuple[int, ...], offset: complex) -> complex:
    """複素数を入れた値。実数なら動くのに、複素数では動かない関数には、その理由を言う。"""
    outcome: list[complex] = []

    def called(point: Array) -> complex:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                outcome.append(function(point))
        except np.exceptions.ComplexWarning as warning:
            raise NotAnalytic(NOT_ANALYTIC) from warning
        except Exception as error:
            raise NotAnalytic(
                f"function は複素数の入力を受け取れません（{error}）。"
                '複素ステップ法は使えないので、method="richardson" で測ってください。'
            ) from error
        return outcome.pop()

    return value_at(called, x, index, offset)


def is_lost(found: Continuation, gradient: Array) -> bool:
    """小さな虚部が、途中で消えたり埋もれたりしたか。有限の円で測った傾きと合わない。"""
    if found.verdict == "kink":
        return False
    parts = gradient * found.direction
    limit = LOST * max(float(np.abs(parts).sum()), found.doubt)
    return not abs(float(parts.sum()) - found.slope) <= limit + VISIBLE * found.doubt


@explained
def best_step(method: str, dtype: DTypeLike = np.float64) -> float:
    """打ち切り誤差と丸め誤差の和が最小になる ``h`` の、理論による目安。

    関数とその導関数の大きさが1の程度のときの値で、2の累乗に丸めてある（``x + h`` が丸められずに済む）。
    複素ステップ法には最小がなく、``h²`` が消えるほど小さい値を返す。

    Parameters
    ----------
    method : str
        表 `METHODS` の名前。
    dtype : dtype, optional
        浮動小数点数の型。

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        その名前の方法がない、浮動小数点数の型でない。

    Examples
    --------
    float64 では ε = 2⁻⁵²。

    >>> [math.log2(best_step(m)) for m in ("forward_difference", "central_difference", "richardson")]
    [-26.0, -17.0, -10.0]
    >>> best_step("complex_step")
    1e-200
    """
    power = choice("method", method, METHODS).step_power
    try:
        precision = np.finfo(np.dtype(dtype if dtype is not None else object))
    except (TypeError, ValueError):
        raise TypeError(
            f"dtype は浮動小数点数の型でなければなりませんが、{dtype!r} が与えられました。"
        ) from None
    if power is None:
        return 1e-200 if precision.bits >= 64 else 1e-20
    return 2.0 ** round(math.log2(float(precision.eps)) * power)


def _central(at: Callable[[float], float], h: float) -> float:
    return (at(h) - at(-h)) / (2 * h)


def richardson_quotient(at: Callable[[float], float], h: float) -> float:
    """ずらした値 ``at(offset)`` から、`richardson` の式を求める。"""
    return (4 * _central(at, h / 2) - _central(at, h)) / 3


def _gradient(
    method: str,
    function: Function,
    x: Array,
    h: float | None,
    quotient: Callable[[Callable[[float], float], float], float],
) -> Array:
    x = checked_point(function, x)
    given = positive("h", h) if h is not None else None
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = given if given is not None else best_step(method, x.dtype) * scale_of(x[index])

        def at(offset: float, index: tuple[int, ...] = index) -> float:
            return value_at(function, x, index, offset)

        gradient[index] = quotient(at, step)
    return gradient


def scale_of(value: float) -> float:
    """点の大きさに合わせて、ずらす幅に掛ける数。"""
    # |x| が大きいほど浮動小数点数の間隔も広い。2の累乗なら、掛けても x + h は丸められない。
    return 2.0 ** math.ceil(math.log2(max(1.0, abs(float(value)))))


def checked_point(function: Function, x: Array) -> Array:
    """関数と、微分する点とを確かめて、点を返す。"""
    checks.function("function", function)
    if array("x", x).dtype.name not in ("float32", "float64"):
        raise TypeError(
            f"x は float32 か float64 の配列でなければなりませんが、dtype={x.dtype} が与えられました。"
        )
    return x


def value_at(function: Function, x: Array, index: tuple[int, ...] | None, offset: complex) -> complex:
    """一つの要素だけをずらした点での値。一つの有限な数でなければ断る。"""
    moved = x.copy()
    if index is not None:
        moved[index] += offset
        if moved[index] == x[index]:
            raise ValueError(
                f"h が小さすぎて、{place_of('x', index)} を {offset} ずらしても同じ値になります。"
            )
    with np.errstate(all="ignore"):  # あふれは警告でなく、下の有限でない値として断る
        value = np.asarray(function(moved))
    if value.ndim != 0 or value.dtype.kind not in "fciu":
        raise TypeError(
            f"function は一つの数を返さなければなりませんが、形 {value.shape}、dtype={value.dtype} でした。"
        )
    if x.dtype.kind == "c" and value.dtype.kind != "c":
        raise NotAnalytic(NOT_ANALYTIC)
    if x.dtype.kind == "f" and value.dtype.kind == "c":
        raise TypeError("function が実数の入力に複素数を返しました。")
    if not np.isfinite(value):
        where = "" if index is None else f"（{place_of('x', index)} を {offset} ずらした点）"
        raise ValueError(f"function の値 {value} が有限ではありません{where}。")
    return value.item()


@dataclass(frozen=True)
class Method:
    """数値微分の方法。

    Attributes
    ----------
    name, label : str
        表 `METHODS` での名前と、日本語の名前。
    gradient : callable
        ``(function, x, h=None)`` から勾配を求める関数。
    step_power : float or None
        最良の幅は ``h ≈ ε^step_power``。
    accuracy_power : float
        そのときの誤差は ``ε^accuracy_power`` の程度。
    tolerances : mapping of str to float
        型の名前ごとの、相対誤差の許容限界の既定値。
    """

    name: str
    label: str
    gradient: Callable[..., Array]
    step_power: float | None
    accuracy_power: float
    tolerances: Mapping[str, float]


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "forward_difference",
            "前進差分",
            forward_difference,
            1 / 2,
            1 / 2,
            {"float64": 1e-4, "float32": 1e-1},
        ),
        Method(
            "central_difference",
            "中心差分",
            central_difference,
            1 / 3,
            2 / 3,
            {"float64": 1e-6, "float32": 1e-2},
        ),
        Method(
            "richardson", "リチャードソン補外", richardson, 1 / 5, 4 / 5, {"float64": 1e-6, "float32": 1e-2}
        ),
        Method(
            "complex_step", "複素ステップ法", complex_step, None, 1.0, {"float64": 1e-10, "float32": 1e-3}
        ),
    )
}
"""数値微分の方法の表。"""

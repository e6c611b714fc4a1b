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
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike

from backprop import checks
from backprop.checks import Array, array, choice, instance, mapping, not_negative, positive, same_shape
from backprop.network import Network

Function = Callable[[Array], complex]
"""配列から一つの数を求める関数。渡された配列を書き換えてもよい（いつも写しが渡される）。"""

KINKED = ("relu", "leaky_relu")
"""``z = 0`` に折れ目のある活性化関数。"""


# ---- 四つの数値微分 ----


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
    here = _value(function, _checked(function, x), None, 0.0)
    return _gradient("forward_difference", function, x, h, lambda at, h: (at(h) - here) / h)


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
    return _gradient(
        "richardson", function, x, h, lambda at, h: (4 * _central(at, h / 2) - _central(at, h)) / 3
    )


def complex_step(function: Function, x: Array, h: float | None = None) -> Array:
    """複素ステップ法 ``Im f(x + i h e_i) / h``（Squire & Trapp, 1998）。

    実数の点のまわりのテイラー展開の虚部を読む。引き算がないので桁落ちがなく、打ち切り誤差は
    ``(h²/6) f‴`` だから、``h`` が十分に小さければ丸めの精度で正しい。関数は解析的でなければならない:
    絶対値、実部、共役、虚部を捨てる型変換が途中にあると、正しい答えにならない。

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
    TypeError
        ``x`` が実数の配列でない、関数が実数を返した（途中で虚部が捨てられた）。
    ValueError
        ``h`` が正でない、関数の値が有限でない。

    Examples
    --------
    >>> import numpy as np
    >>> complex_step(lambda x: np.exp(x).sum(), np.array([0.0, 1.0])) == np.exp([0.0, 1.0])
    array([ True,  True])
    >>> complex_step(lambda x: np.abs(x).sum(), np.array([1.0]))
    Traceback (most recent call last):
    TypeError: function が複素数の入力に実数を返しました。途中で虚部が捨てられています（abs、real、実数の配列への代入など）。
    """
    x = _checked(function, x)
    step = positive("h", h) if h is not None else best_step("complex_step", x.dtype)
    moved = x.astype(np.result_type(x, np.complex64))
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = _value(function, moved, index, 1j * step).imag / step
    return gradient


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
        precision = np.finfo(dtype)
    except (TypeError, ValueError):
        raise TypeError(f"dtype は浮動小数点数の型でなければなりませんが、{dtype!r} が与えられました。") from None
    if power is None:
        return 1e-200 if precision.bits >= 64 else 1e-20
    return 2.0 ** round(math.log2(float(precision.eps)) * power)


def _central(at: Callable[[float], float], h: float) -> float:
    return (at(h) - at(-h)) / (2 * h)


def _gradient(
    method: str,
    function: Function,
    x: Array,
    h: float | None,
    quotient: Callable[[Callable[[float], float], float], float],
) -> Array:
    x = _checked(function, x)
    given = positive("h", h) if h is not None else None
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = given if given is not None else best_step(method, x.dtype) * _scale(x[index])

        def at(offset: float, index: tuple[int, ...] = index) -> float:
            return _value(function, x, index, offset)

        gradient[index] = quotient(at, step)
    return gradient


def _scale(value: float) -> float:
    # |x| が大きいほど浮動小数点数の間隔も広い。2の累乗なら、掛けても x + h は丸められない。
    return 2.0 ** math.ceil(math.log2(max(1.0, abs(float(value)))))


def _checked(function: Function, x: Array) -> Array:
    checks.function("function", function)
    if array("x", x).dtype.name not in ("float32", "float64"):
        raise TypeError(
            f"x は float32 か float64 の配列でなければなりませんが、dtype={x.dtype} が与えられました。"
        )
    return x


def _value(function: Function, x: Array, index: tuple[int, ...] | None, offset: complex) -> complex:
    moved = x.copy()
    if index is not None:
        moved[index] += offset
        if moved[index] == x[index]:
            raise ValueError(f"h が小さすぎて、{_place('x', index)} を {offset} ずらしても同じ値になります。")
    value = np.asarray(function(moved))
    if value.ndim != 0 or value.dtype.kind not in "fciu":
        raise TypeError(
            f"function は一つの数を返さなければなりませんが、形 {value.shape}、dtype={value.dtype} でした。"
        )
    if x.dtype.kind == "c" and value.dtype.kind != "c":
        raise TypeError(
            "function が複素数の入力に実数を返しました。"
            "途中で虚部が捨てられています（abs、real、実数の配列への代入など）。"
        )
    if x.dtype.kind == "f" and value.dtype.kind == "c":
        raise TypeError("function が実数の入力に複素数を返しました。")
    if not np.isfinite(value):
        where = "" if index is None else f"（{_place('x', index)} を {offset} ずらした点）"
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


# ---- 相対誤差 ----


def relative_error(a: Array, b: Array, scale: float = 0.0) -> Array:
    """要素ごとの相対誤差 ``|a − b| / max(|a|, |b|, scale)``。どちらも 0 なら 0。

    ``scale`` は「これより小さい値の違いは、絶対誤差で測る」という大きさである。0 なら純粋な相対誤差で、
    本当は 0 の勾配に丸め誤差が残っただけでも 1 になる。

    Parameters
    ----------
    a, b : ndarray
        比べる配列。形は等しい。
    scale : float, optional
        0以上の実数。

    Returns
    -------
    ndarray
        同じ形。値は0以上2以下（``a`` と ``b`` の符号が反対のとき1を超える）。

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない、``scale`` が負。

    Examples
    --------
    >>> import numpy as np
    >>> relative_error(np.array([1.0, 0.0, 1e-17]), np.array([0.5, 0.0, 0.0]))
    array([0.5, 0. , 1. ])
    >>> relative_error(np.array([1.0, 0.0, 1e-17]), np.array([0.5, 0.0, 0.0]), scale=1.0)
    array([5.e-01, 0.e+00, 1.e-17])
    """
    _same(a, b)
    size = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.float64(not_negative("scale", scale)))
    with np.errstate(over="ignore"):
        return np.divide(np.abs(a - b), size, out=np.zeros_like(size), where=size > 0)


def norm_relative_error(a: Array, b: Array) -> float:
    """配列全体の相対誤差 ``‖a − b‖ / max(‖a‖, ‖b‖)``。どちらも 0 なら 0。

    一つの要素だけの大きな誤りは、他の要素に薄められて見えにくくなる。

    Parameters
    ----------
    a, b : ndarray
        比べる配列。形は等しい。

    Returns
    -------
    float
        0以上2以下。

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない。

    Examples
    --------
    >>> import numpy as np
    >>> norm_relative_error(np.array([3.0, 4.0]), np.array([3.0, 3.5]))
    0.1
    """
    _same(a, b)
    largest = max(np.abs(a).max(), np.abs(b).max())
    if largest == 0:
        return 0.0
    a, b = a / largest, b / largest  # 二乗があふれたり消えたりしないように
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b)))


def _same(a: Array, b: Array) -> None:
    same_shape(a=array("a", a), b=array("b", b))


# ---- 検査と報告 ----


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
        place = _place(self.name, self.worst_index)
        if _LAYER.fullmatch(self.name):
            place += f"（{typeset(self.name, self.worst_index)}）"
        return (
            f"{place}: 与えられた値 {self.worst_analytic:.4g}、測った値 {self.worst_numeric:.4g}、"
            f"相対誤差 {self.max_relative_error:.2g}。"
        )


_LAYER = re.compile(r"([Wb])([1-9]\d*)")


def _place(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def symbol(name: str, index: tuple[int, ...]) -> str:
    """重みやバイアスの要素の、数式での名前。添字は本文と同じく1から数える。

    Parameters
    ----------
    name : str
        ``W1``、``b2`` など。
    index : tuple of int
        配列の添字（0から数える）。

    Returns
    -------
    str

    Raises
    ------
    ValueError
        重みやバイアスの名前でない、添字が0以上の整数二つでない。

    Examples
    --------
    >>> symbol("W2", (1, 3)), symbol("W2", (1, 10)), symbol("b1", (0, 0))
    ('w^{2}_{24}', 'w^{2}_{2,11}', 'b^{1}_{1}')
    """
    match = _LAYER.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise ValueError(f"name は W1 や b2 のような名前でなければなりませんが、{name!r} が与えられました。")
    whole = isinstance(index, tuple) and all(isinstance(i, int) and i >= 0 for i in index)
    if not whole or len(index) != 2:
        raise ValueError(f"index は0以上の整数二つの組でなければなりませんが、{index!r} が与えられました。")
    letter, layer = match.groups()
    j, k = (i + 1 for i in index)
    between = "" if max(j, k) < 10 else ","  # 2桁の番号は、区切らないと読みとれない
    return f"w^{{{layer}}}_{{{j}{between}{k}}}" if letter == "W" else f"b^{{{layer}}}_{{{j}}}"


def check_gradient(
    function: Function,
    x: Array,
    gradient: Array,
    *,
    method: str = "complex_step",
    tolerance: float | None = None,
    name: str = "x",
) -> GradientReport:
    """与えられた勾配を、数値微分と比べる。

    要素ごとに ``|a − b| ≤ tolerance · max(|a|, |b|, scale)`` を求める。``scale`` は、方法の分解能
    （誤差の目安 ``ε^p`` の10倍に、``|f|`` と最大の勾配の大きい方を掛けたもの）が許容限界に届く大きさである。
    それより小さい違いは数値微分の誤差と見分けられないので、誤りとはしない。

    Parameters
    ----------
    function : callable
        `forward_difference` の ``function``。``method="complex_step"`` なら複素数も受け取れること。
    x : ndarray
        検査する点。書き換えない。
    gradient : ndarray
        確かめたい勾配。``x`` と同じ形。
    method : str, optional
        表 `METHODS` の名前。
    tolerance : float, optional
        相対誤差の許容限界。省けば、方法と型ごとの既定値。
    name : str, optional
        報告に書く名前。

    Returns
    -------
    GradientReport

    Raises
    ------
    TypeError, ValueError
        方法がない、配列の型や形が合わない、有限でない、その他 `forward_difference` や `complex_step` が断るもの。

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 2.0])
    >>> check_gradient(lambda x: (x**3).sum(), x, 3 * x**2)
    勾配の検査（複素ステップ法）: 合格。x の 2個の要素すべてで、相対誤差 ≤ 1e-10。
    >>> check_gradient(lambda x: (x**3).sum(), x, np.array([3.0, 6.0])).worst_index
    (1,)
    """
    chosen = choice("method", method, METHODS)
    _check_shapes(name, gradient, _checked(function, x))
    numeric = chosen.gradient(function, x)
    size = max(abs(_value(function, x, None, 0.0)), float(np.abs(numeric).max()))
    return _report(name, chosen, tolerance, size, gradient, numeric)


def _check_shapes(name: str, gradient: Array, x: Array) -> None:
    array(f"{name} の勾配", gradient)
    if gradient.dtype.kind != "f":
        raise TypeError(
            f"{name} の勾配は実数の配列でなければなりませんが、dtype={gradient.dtype} が与えられました。"
        )
    if gradient.shape != x.shape:
        raise ValueError(
            f"{name} の勾配の形は {x.shape} でなければなりませんが、{gradient.shape} が与えられました。"
        )


def _report(
    name: str, method: Method, tolerance: float | None, size: float, analytic: Array, numeric: Array
) -> GradientReport:
    limit = method.tolerances[numeric.dtype.name] if tolerance is None else positive("tolerance", tolerance)
    resolution = 10 * float(np.finfo(numeric.dtype).eps) ** method.accuracy_power * size
    return GradientReport(name, method.name, limit, resolution / limit, analytic.copy(), numeric)


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


def check_network(
    network: Network,
    X: Array,
    Y: Array,
    gradients: Mapping[str, Array] | None = None,
    *,
    method: str = "complex_step",
    tolerance: float | None = None,
) -> NetworkReport:
    """ネットワークの勾配を、パラメータの要素を一つずつずらす数値微分と比べる。

    基準は `check_gradient` と同じ。ただし ``scale`` はすべてのパラメータに共通で、損失と勾配のほかに
    出力と目標の大きさも数える（飽和した出力では ``ŷ − y`` の引き算で桁が落ちる）。

    Parameters
    ----------
    network : Network
        検査するネットワーク。書き換えない。
    X : ndarray, shape (N_0, m)
        入力。
    Y : ndarray, shape (N_L, m)
        目標。
    gradients : mapping of str to ndarray, optional
        確かめたい勾配。名前は ``W1, b1, …``。省けば ``network.gradients(X, Y)``。
    method : str, optional
        表 `METHODS` の名前。
    tolerance : float, optional
        相対誤差の許容限界。省けば、方法と型ごとの既定値。

    Returns
    -------
    NetworkReport

    Raises
    ------
    TypeError, ValueError
        方法がない、勾配の名前や形がパラメータと合わない、その他 `Network.cost` が断るもの。

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> network = Network.random([2, 3, 1], ["tanh", "sigmoid"], "binary_cross_entropy", rng=rng)
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[1.0, 0.0]])
    >>> check_network(network, X, Y)
    勾配の検査（複素ステップ法）: 合格。13個のパラメータすべてで、相対誤差 ≤ 1e-10。
    >>> wrong = network.gradients(X, Y)
    >>> wrong["W2"][0, 1] *= 2
    >>> check_network(network, X, Y, wrong).wrong
    {'W2': [(0, 1)]}
    """
    chosen = choice("method", method, METHODS)
    parameters = instance("network", network, Network).parameters()
    analytic = network.gradients(X, Y) if gradients is None else mapping("gradients", gradients)
    if set(analytic) != set(parameters):
        raise ValueError(
            f"gradients の名前は {', '.join(parameters)} でなければなりませんが、"
            f"{', '.join(map(str, analytic))} が与えられました。"
        )
    for name, value in parameters.items():
        _check_shapes(name, analytic[name], value)
    watch = _KinkWatch(network, X)
    numeric = {name: chosen.gradient(watch.cost_of(name, Y), value) for name, value in parameters.items()}
    # 出力と目標の差 ŷ − y には、それぞれの大きさの ε 倍の丸め誤差が残る。
    natural = [network.cost(X, Y), network.predict(X), Y, *numeric.values()]
    size = max(np.abs(value).max() for value in natural)
    reports = {
        name: _report(name, chosen, tolerance, float(size), analytic[name], numeric[name])
        for name in parameters
    }
    return NetworkReport(reports, watch.kinks())


class _KinkWatch:
    """ずらした点のどこかで、ReLU の入力の符号が変わらないかを見張る。"""

    def __init__(self, network: Network, X: Array) -> None:
        self.network, self.X = network, X
        self.layers = [l for l, f in enumerate(network.activations) if f.name in KINKED]
        self.Z = network.forward(X).Z
        self.near = {l: self.Z[l] == 0 for l in self.layers}  # (N_l, m)

    def cost_of(self, name: str, Y: Array) -> Function:
        def cost(value: Array) -> complex:
            moved = self.network.replace(**{name: value})
            if self.layers:
                self._look(moved.forward(self.X).Z)
            return moved.cost(self.X, Y)

        return cost

    def _look(self, Z: list[Array]) -> None:
        for l in self.layers:
            self.near[l] |= (Z[l].real > 0) != (self.Z[l] > 0)

    def kinks(self) -> tuple[Kink, ...]:
        return tuple(
            Kink(l + 1, int(j) + 1, int(n) + 1, float(self.Z[l][j, n]))
            for l in self.layers
            for j, n in np.argwhere(self.near[l])
        )

"""相対誤差。"""

from __future__ import annotations

import numpy as np

from backprop.checks import (
    Array,
    array,
    explained,
    not_negative,
    same_shape,
)


@explained
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


@explained
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

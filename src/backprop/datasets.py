"""小さなデータ。例は列に並び、要素は浮動小数点数である。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array, count, explained, generator, not_negative, plain


@explained
def xor() -> tuple[Array, Array]:
    """排他的論理和（XOR）。二つの入力のうち、ちょうど一つが1のとき1。

    Returns
    -------
    X : ndarray, shape (2, 4)
    Y : ndarray, shape (1, 4)

    Examples
    --------
    >>> X, Y = xor()
    >>> X
    array([[0., 0., 1., 1.],
           [0., 1., 0., 1.]])
    >>> Y
    array([[0., 1., 1., 0.]])
    """
    return parity(2)


@explained
def parity(bits: int) -> tuple[Array, Array]:
    """パリティ。1である入力の数が奇数のとき1。``bits=2`` は XOR。

    Parameters
    ----------
    bits : int
        入力の数。1以上20以下（例の数は ``2**bits``）。

    Returns
    -------
    X : ndarray, shape (bits, 2**bits)
    Y : ndarray, shape (1, 2**bits)

    Raises
    ------
    TypeError, ValueError
        ``bits`` が範囲の外。

    Examples
    --------
    >>> X, Y = parity(3)
    >>> Y
    array([[0., 1., 1., 0., 1., 0., 0., 1.]])
    """
    if count("bits", bits) > 20:
        raise ValueError(f"bits は20以下でなければなりませんが、{bits} が与えられました。")
    numbers = np.arange(2**bits)
    X = (numbers >> np.arange(bits)[::-1, np.newaxis] & 1).astype(float)  # (bits, 2**bits)
    return X, X.sum(axis=0, keepdims=True) % 2


@explained
def spirals(
    points: int, classes: int, *, rng: np.random.Generator, noise: float = 0.1
) -> tuple[Array, Array]:
    """絡み合う渦巻き。直線では分けられない多クラスの例。

    Parameters
    ----------
    points : int
        1クラスあたりの点の数。
    classes : int
        クラスの数 ``K``。
    rng : numpy.random.Generator
        乱数生成器。
    noise : float
        角度に加える正規分布の標準偏差（ラジアン）。0以上。

    Returns
    -------
    X : ndarray, shape (2, K * points)
        点の座標。半径は1以下。
    Y : ndarray, shape (K, K * points)
        正解のクラスだけが1の列。

    Raises
    ------
    TypeError, ValueError
        数が正の整数でない、``noise`` が負、``rng`` が乱数生成器でない。

    Examples
    --------
    >>> import numpy as np
    >>> X, Y = spirals(5, 3, rng=np.random.default_rng(0))
    >>> X.shape, Y.shape
    ((2, 15), (3, 15))
    """
    count("points", points), count("classes", classes), generator("rng", rng), not_negative("noise", noise)
    labels = np.repeat(np.arange(classes), points)
    radius = np.tile(np.linspace(0.05, 1.0, points), classes)
    angle = 2 * np.pi * labels / classes + 4 * radius + noise * rng.standard_normal(classes * points)
    return radius * np.stack([np.cos(angle), np.sin(angle)]), one_hot(labels, classes)


@explained
def one_hot(labels: Array, classes: int) -> Array:
    """クラスの番号（0から始まる整数）を、正解だけが1の列にする。

    Parameters
    ----------
    labels : ndarray of int, shape (m,)
    classes : int
        クラスの数 ``K``。

    Returns
    -------
    ndarray, shape (K, m)

    Raises
    ------
    TypeError, ValueError
        番号が整数の1次元配列でない、範囲の外にある。

    Examples
    --------
    >>> import numpy as np
    >>> one_hot(np.array([1, 0, 2]), 3)
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 0., 1.]])
    """
    count("classes", classes)
    if isinstance(labels, np.ndarray):
        plain("labels", labels)
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise TypeError(
            f"labels は整数の1次元配列でなければなりませんが、{labels!r} が与えられました。{_as_labels(labels)}"
        )
    if labels.size == 0 or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels は空でなく、要素は 0 以上 {classes} 未満でなければなりませんが、{labels!r} が与えられました。")
    return (np.arange(classes)[:, np.newaxis] == labels).astype(float)  # (K, m)


def _as_labels(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return " np.array(番号の並び) で配列にしてください。"
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return " .astype(int) で整数にしてください。" if floats else ""

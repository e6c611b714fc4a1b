"""活性化関数とその微分。{ref}`活性化関数 <sec-activations>`の章に対応する。

どの関数も、有限な入力のすべてで警告を出さず、正しい極限を返す。微分は加重和 ``z`` での値であり、
活性 ``a`` での値ではない。複素数の入力は、複素ステップ法のために解析接続として扱う。
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop.checks import Array, explained, floats, same_shape

LEAK = 0.01
"""leaky ReLU の、負の側の傾き。"""

KINKED = ("relu", "leaky_relu")
"""``z = 0`` に折れ目があり、そこで微分できない活性化関数。"""


@explained
@dataclass(frozen=True)
class Activation:
    """活性化関数 ``f`` と、加重和 ``z`` での微分 ``f′(z)`` の組。

    Attributes
    ----------
    name : str
        表 `ACTIVATIONS` での名前。
    value : callable
        ``Z`` (N_l, m) から ``A = f(Z)`` (N_l, m) を求める関数。
    derivative : callable
        ``Z`` (N_l, m) から ``f′(Z)`` (N_l, m) を求める関数。

    Examples
    --------
    >>> import numpy as np
    >>> f = ACTIVATIONS["tanh"]
    >>> float(f.value(np.array(0.0))), float(f.derivative(np.array(0.0)))
    (0.0, 1.0)
    """

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array], Array]

    def pullback(self, Z: Array, dA: Array) -> Array:
        """``∂𝓛/∂A`` を ``∂𝓛/∂Z`` に引き戻す。

        要素ごとの関数なら ``dA * f′(Z)``。要素が互いに影響する `softmax` だけが別の式になる。

        Parameters
        ----------
        Z, dA : ndarray, shape (N_l, m)
            加重和と、活性に関する損失の勾配。

        Returns
        -------
        ndarray, shape (N_l, m)
            加重和に関する損失の勾配。

        Examples
        --------
        >>> import numpy as np
        >>> f = ACTIVATIONS["sigmoid"]
        >>> f.pullback(np.array([[0.0]]), np.array([[2.0]]))
        array([[0.5]])
        """
        same_shape(Z=floats("Z", Z), dA=floats("dA", dA))
        return dA * self.derivative(Z)


@explained
class Softmax(Activation):
    """列ごとの softmax。各出力がその列のすべての入力に依存するので、微分は行列（ヤコビ行列）になる。"""

    def pullback(self, Z: Array, dA: Array) -> Array:
        """ヤコビ行列 ``∂a_i/∂z_j = a_i([i=j] − a_j)`` を、作らずに掛ける。

        Parameters
        ----------
        Z, dA : ndarray, shape (N_l, m)
            加重和と、活性に関する損失の勾配。

        Returns
        -------
        ndarray, shape (N_l, m)
            加重和に関する損失の勾配。

        Examples
        --------
        >>> import numpy as np
        >>> ACTIVATIONS["softmax"].pullback(np.zeros((2, 1)), np.array([[1.0], [0.0]]))
        array([[ 0.25],
               [-0.25]])
        """
        same_shape(Z=floats("Z", Z), dA=floats("dA", dA))
        A = softmax(Z)  # (N_l, m)
        return A * (dA - (A * dA).sum(axis=0, keepdims=True))


def _of_floats(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """浮動小数点数だけを受け取る関数にする。"""

    @explained
    @functools.wraps(function)
    def checked(z: Array) -> Array:
        return function(floats("z", z))

    return checked


def _sign(z: Array) -> Array:
    """実部の符号。0 では +1。"""
    return np.where(np.real(z) >= 0, 1.0, -1.0).astype(np.real(z).dtype)


@_of_floats
def identity(z: Array) -> Array:
    """恒等関数 ``f(z) = z``。

    Examples
    --------
    >>> import numpy as np
    >>> identity(np.array([-1.0, 2.0]))
    array([-1.,  2.])
    """
    return +z


@_of_floats
def identity_derivative(z: Array) -> Array:
    """恒等関数の微分 ``f′(z) = 1``。

    Examples
    --------
    >>> import numpy as np
    >>> identity_derivative(np.array([-1.0, 2.0]))
    array([1., 1.])
    """
    return np.ones_like(z)


@_of_floats
def sigmoid(z: Array) -> Array:
    """シグモイド関数 ``σ(z) = 1 / (1 + e^{−z})``。

    ``e^{−z}`` は大きな負の ``z`` であふれる。そこでは分子と分母に ``e^z`` を掛けた式を使い、
    指数関数の引数をつねに0以下に保つ。

    Examples
    --------
    >>> import numpy as np
    >>> sigmoid(np.array([-1e4, 0.0, 1e4]))
    array([0. , 0.5, 1. ])
    """
    positive = np.real(z) >= 0
    e = np.exp(np.where(positive, -z, z))
    return np.where(positive, 1, e) / (1 + e)


@_of_floats
def sigmoid_derivative(z: Array) -> Array:
    """シグモイド関数の微分 ``σ′(z) = σ(z)(1 − σ(z)) = e^{−|z|} / (1 + e^{−|z|})²``。

    右の形は、``1 − σ(z)`` の桁落ちがない。

    Examples
    --------
    >>> import numpy as np
    >>> sigmoid_derivative(np.array([-1e4, 0.0, 1e4]))
    array([0.  , 0.25, 0.  ])
    """
    e = np.exp(np.where(np.real(z) >= 0, -z, z))
    return e / (1 + e) ** 2


@_of_floats
def tanh(z: Array) -> Array:
    """双曲線正接 ``tanh z``。

    Examples
    --------
    >>> import numpy as np
    >>> tanh(np.array([-1e4, 0.0, 1e4]))
    array([-1.,  0.,  1.])
    """
    return np.tanh(z)


@_of_floats
def tanh_derivative(z: Array) -> Array:
    """双曲線正接の微分 ``1 − tanh² z = (2 e^{−|z|} / (1 + e^{−2|z|}))²``。

    右の形は、``|z|`` が大きいときの桁落ちがない。

    Examples
    --------
    >>> import numpy as np
    >>> tanh_derivative(np.array([-1e4, 0.0, 1e4]))
    array([0., 1., 0.])
    """
    e = np.exp(np.where(np.real(z) >= 0, -z, z))
    return (2 * e / (1 + e * e)) ** 2


@_of_floats
def relu(z: Array) -> Array:
    """ReLU ``max(z, 0)``。

    Examples
    --------
    >>> import numpy as np
    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    return np.where(np.real(z) <= 0, 0, z)  # この向きなら NaN は NaN のまま


@_of_floats
def relu_derivative(z: Array) -> Array:
    """ReLU の微分。``z = 0`` では微分できないので、約束として 0（劣勾配の一つ）を使う。

    Examples
    --------
    >>> import numpy as np
    >>> relu_derivative(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    return (np.real(z) > 0).astype(z.dtype)


@_of_floats
def leaky_relu(z: Array) -> Array:
    """leaky ReLU。負の側の傾きは `LEAK`。

    Examples
    --------
    >>> import numpy as np
    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]))
    array([-0.02,  0.  ,  3.  ])
    """
    return np.where(np.real(z) > 0, z, LEAK * z)


@_of_floats
def leaky_relu_derivative(z: Array) -> Array:
    """leaky ReLU の微分。``z = 0`` では約束として `LEAK` を使う。

    Examples
    --------
    >>> import numpy as np
    >>> leaky_relu_derivative(np.array([-2.0, 0.0, 3.0]))
    array([0.01, 0.01, 1.  ])
    """
    return np.where(np.real(z) > 0, 1, LEAK).astype(z.dtype)


@_of_floats
def softplus(z: Array) -> Array:
    """softplus ``log(1 + e^z) = max(z, 0) + log(1 + e^{−|z|})``。

    Examples
    --------
    >>> import numpy as np
    >>> softplus(np.array([-1e4, 0.0, 1e4]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+04])
    """
    return np.where(np.real(z) >= 0, z, 0) + np.log1p(np.exp(-_sign(z) * z))


@explained
def softmax(Z: Array) -> Array:
    """列ごとの softmax ``a_j = e^{z_j} / Σ_k e^{z_k}``。

    どの列も最大の要素を引いてから指数関数に入れる。比は変わらず、あふれなくなる。

    Parameters
    ----------
    Z : ndarray, shape (N_l, m)

    Returns
    -------
    ndarray, shape (N_l, m)
        列の和が1になる正の数。

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([[1e4, 0.0], [0.0, 0.0]]))
    array([[1. , 0.5],
           [0. , 0.5]])
    """
    if floats("Z", Z).ndim == 0:
        raise ValueError("Z の形は (N_l, m) でなければなりませんが、一つの数が与えられました。")
    if len(Z) == 0:
        raise ValueError(f"Z が空です（形 {Z.shape}）。少なくとも1つの要素が要ります。")
    with np.errstate(over="ignore"):  # 差があふれて −∞ になっても、e^{−∞} = 0 は正しい極限
        e = np.exp(Z - np.real(Z).max(axis=0, keepdims=True))  # (N_l, m)
    return e / e.sum(axis=0, keepdims=True)


def _softmax_derivative(Z: Array) -> Array:
    raise TypeError(
        "softmax は要素ごとの関数ではないので、f′(z) を持ちません。"
        " ヤコビ行列を掛けるには pullback(Z, dA) を使ってください。"
    )


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("identity", identity, identity_derivative),
        Activation("sigmoid", sigmoid, sigmoid_derivative),
        Activation("tanh", tanh, tanh_derivative),
        Activation("relu", relu, relu_derivative),
        Activation("leaky_relu", leaky_relu, leaky_relu_derivative),
        Activation("softplus", softplus, sigmoid),
        Softmax("softmax", softmax, _softmax_derivative),
    )
}
"""活性化関数の表。名前から `Activation` を引く。"""

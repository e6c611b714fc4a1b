"""損失の曲がり方を調べる道具。{ref}`プラトーと局所最適解 <sec-plateaus>`の章に対応する。

すべての重みとバイアスを一列に並べたものを ``w`` (P,) とする。並びは `Network.parameters` の順
``W1, b1, W2, …`` で、行列は行ごとに並べる。勾配は `backprop.network` の逆伝播が求め、2階微分は、
その勾配を複素ステップ法で微分して求める。
"""

from __future__ import annotations

import numpy as np

from backprop.activations import KINKED
from backprop.checks import Array, array, explained, instance
from backprop.network import Network

STEP = 1e-200
"""虚数の方向にずらす幅。引き算がないので、いくらでも小さくできる。"""


@explained
def parameter_vector(network: Network) -> Array:
    """すべての重みとバイアスを一列に並べたもの。

    Parameters
    ----------
    network : Network

    Returns
    -------
    ndarray, shape (P,)
        写し。書き換えても、ネットワークは変わらない。

    Raises
    ------
    TypeError
        ``network`` が Network でない。

    Examples
    --------
    >>> net = Network([np.array([[1.0, 2.0]])], [np.array([[3.0]])], ["tanh"], "mse")
    >>> parameter_vector(net)
    array([1., 2., 3.])
    """
    return np.concatenate([value.ravel() for value in _checked(network).parameters().values()])


@explained
def with_parameters(network: Network, vector: Array) -> Network:
    """一列に並べた値を、重みとバイアスに戻した、新しいネットワーク。

    Parameters
    ----------
    network : Network
        形を借りるネットワーク。書き換えない。
    vector : ndarray, shape (P,)
        `parameter_vector` と同じ並びの値。

    Returns
    -------
    Network

    Raises
    ------
    TypeError, ValueError
        ``network`` が Network でない、``vector`` の型や形が合わない、有限でない。

    Examples
    --------
    >>> net = Network([np.zeros((1, 2))], [np.zeros((1, 1))], ["tanh"], "mse")
    >>> with_parameters(net, np.array([1.0, 2.0, 3.0])).parameters()
    {'W1': array([[1., 2.]]), 'b1': array([[3.]])}
    """
    current = _checked(network).parameters()
    array("vector", vector, (sum(value.size for value in current.values()),))
    ends = np.cumsum([value.size for value in current.values()])
    parts = np.split(vector, ends[:-1])
    return network.replace(**{name: part.reshape(current[name].shape) for name, part in zip(current, parts)})


@explained
def gradient_vector(network: Network, X: Array, Y: Array) -> Array:
    """平均損失 ``J`` の勾配を、一列に並べたもの。

    Parameters
    ----------
    network : Network
    X : ndarray, shape (N_0, m)
    Y : ndarray, shape (N_L, m)

    Returns
    -------
    ndarray, shape (P,)
        並びは `parameter_vector` と同じ。

    Raises
    ------
    TypeError, ValueError
        ``network`` が Network でない、その他 `Network.gradients` が断るもの。

    Examples
    --------
    >>> net = Network([np.array([[1.0]])], [np.array([[0.0]])], ["identity"], "half_squared_error")
    >>> gradient_vector(net, np.array([[2.0]]), np.array([[5.0]]))
    array([-6., -3.])
    """
    gradients = _checked(network).gradients(X, Y)
    return np.concatenate([gradients[name].ravel() for name in network.parameters()])


@explained
def hessian(network: Network, X: Array, Y: Array) -> Array:
    """平均損失 ``J`` のヘッセ行列 ``∂²J/∂w_i∂w_j``（定義 {eq}`def-hessian`）。

    逆伝播の勾配を、パラメータ一つずつについて複素ステップ法で微分する。勾配は `Network.gradients` の
    もので、逆伝播を ``P`` 回行う。

    Parameters
    ----------
    network : Network
        活性化関数はどれも、何度でも微分できるものであること。
    X : ndarray, shape (N_0, m)
    Y : ndarray, shape (N_L, m)

    Returns
    -------
    ndarray, shape (P, P)
        対称な行列。並びは `parameter_vector` と同じ。

    Raises
    ------
    TypeError
        ``network`` が Network でない。
    ValueError
        ReLU のように折れ目のある活性化関数がある、その他 `Network.gradients` が断るもの。

    Examples
    --------
    2重みの線形ネットワーク ``½(w₂w₁ − 1)²`` の、原点でのヘッセ行列（バイアスの行と列を除く）。

    >>> zero = np.zeros((1, 1))
    >>> net = Network([zero, zero], [zero, zero], ["identity", "identity"], "half_squared_error")
    >>> hessian(net, np.array([[1.0]]), np.array([[1.0]]))[::2, ::2]
    array([[ 0., -1.],
           [-1.,  0.]])
    """
    kinked = [f.name for f in _checked(network).activations if f.name in KINKED]
    if kinked:
        raise ValueError(
            f"ヘッセ行列には、折れ目のない活性化関数が要りますが、{', '.join(kinked)} が含まれています。"
        )
    matrix = _derivatives_of_gradient(network, X, Y)
    return (matrix + matrix.T) / 2  # 丸め誤差による、わずかな非対称をならす


def _derivatives_of_gradient(network: Network, X: Array, Y: Array) -> Array:
    """勾配を、パラメータ一つずつについて微分したもの (P, P)。まだ、対称とは限らない。"""
    here = parameter_vector(network)
    rows = [
        gradient_vector(with_parameters(network, here + 1j * STEP * direction), X, Y).imag / STEP
        for direction in np.eye(len(here))
    ]
    return np.array(rows)


def _checked(network: object) -> Network:
    return instance("network", network, Network)

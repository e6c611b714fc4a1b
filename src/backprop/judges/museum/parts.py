"""正しい部品: 展示の、間違いのないところ。"""

from __future__ import annotations

from backprop.checks import Array, explained, instance
from backprop.network import ForwardPass, Network
from backprop.steps import bias_gradient, hidden_delta, weight_gradient

Gradients = dict[str, Array]


@explained
def right_output(network: Network, record: ForwardPass, Y: Array) -> Array:
    """ステップ1と2: 正しい ``Δ²`` (N_2, m)。"""
    return instance("network", network, Network).backward(record, Y)[0][-1]


@explained
def right_hidden(network: Network, record: ForwardPass, delta2: Array) -> Array:
    """ステップ3: ``Δ²`` から正しく伝えた ``Δ¹`` (N_1, m)。"""
    instance("network", network, Network), instance("record", record, ForwardPass)
    return hidden_delta(network.weights[1], delta2, record.Z[0], network.activations[0])


@explained
def collect(record: ForwardPass, delta1: Array, delta2: Array) -> Gradients:
    """ステップ4と5: 誤差項から正しく求めた四つの勾配。"""
    instance("record", record, ForwardPass)
    return {
        "W1": weight_gradient(delta1, record.A[0]),
        "b1": bias_gradient(delta1),
        "W2": weight_gradient(delta2, record.A[1]),
        "b2": bias_gradient(delta2),
    }


@explained
def from_output(network: Network, record: ForwardPass, delta2: Array) -> Gradients:
    """出力層の誤差項のあとを、すべて正しく続ける。"""
    return collect(record, right_hidden(network, record, delta2), delta2)


@explained
def right(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """正しい逆伝播。

    Examples
    --------
    >>> from backprop.judges.museum import SOFTMAX
    >>> import numpy as np
    >>> network, (X, Y) = SOFTMAX.network(), SOFTMAX.data()
    >>> made = right(network, network.forward(X), Y)
    >>> all(np.array_equal(made[name], value) for name, value in network.gradients(X, Y).items())
    True
    """
    return from_output(network, record, right_output(network, record, Y))

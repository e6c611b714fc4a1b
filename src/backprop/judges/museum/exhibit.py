"""展示: 正しい実装と、一か所だけ違う実装。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backprop.checks import (
    Array,
    array,
    explained,
    function,
    instance,
)
from backprop.judges.museum.parts import Gradients, right
from backprop.judges.museum.stages import Ground, OwnStage
from backprop.network import ForwardPass, Network

Backward = Callable[[Network, ForwardPass, Array], Gradients]

Memory = dict[str, Any]

Step = Callable[["Exhibit", Network, Array, Array, Memory], None]


def _plain_step(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: Memory) -> None:
    """展示の勾配で、ふつうに一歩更新する。"""
    gradients = exhibit.gradients(network, X, Y)
    for name, value in network.parameters().items():
        value -= exhibit.stage.rate * gradients[name]


@explained
@dataclass(frozen=True, eq=False)
class Exhibit:
    """一つの展示: 正しい実装と、一か所だけ違う実装。

    Attributes
    ----------
    name : str
        表 `EXHIBITS` での名前。
    room : str
        誤りのある場所。
    title : str
        誤りの中身。
    page : str
        正しい式を説明するページのラベル。
    stage : Ground
        動かす舞台（`Stage`）か、読者の舞台（`OwnStage`）。
    backward : callable
        ``(network, record, Y)`` から、すべてのパラメータの勾配を求める関数。
    forward : callable
        ``(network, X)`` から順伝播の記録を求める関数。
    cost : callable
        ``(network, X, Y)`` から平均損失を求める、展示のプログラム。複素数でも動く。
    step : callable
        ``(exhibit, network, X, Y, memory)`` で、ネットワークをその場で一歩更新する関数。
    gate : ndarray or None
        ドロップアウトの倍率 (1, N_1)。

    Raises
    ------
    TypeError, ValueError
        舞台でない、関数でない、倍率の形が違う。
    """

    name: str
    room: str
    title: str
    page: str
    stage: Ground
    backward: Backward = right
    forward: Callable[[Network, Array], ForwardPass] = Network.forward
    cost: Callable[[Network, Array, Array], Any] = Network.cost
    step: Step = _plain_step
    gate: Array | None = None

    def __post_init__(self) -> None:
        for name in ("name", "room", "title", "page"):
            instance(name, getattr(self, name), str)
        instance("stage", self.stage, Ground)
        for name in ("backward", "forward", "cost", "step"):
            function(name, getattr(self, name))
        if self.gate is not None:
            array("gate", self.gate, (1, 3))

    def gradients(self, network: Network, X: Array, Y: Array) -> Gradients:
        """展示の勾配。"""
        return self.backward(network, self.forward(network, X), Y)


@explained
def control(stage: Ground) -> Exhibit:
    """同じ舞台に置いた、正しい実装。審判がこれを疑ってはならない。

    Examples
    --------
    >>> from backprop.judges.museum import SOFTMAX
    >>> control(SOFTMAX).title
    '正しい実装'
    """
    return Exhibit("control", "対照", "正しい実装", "sec-algorithm", stage)


@explained
def own(backward: Backward, network: Network, X: Array, Y: Array, *, rate: float = 0.1) -> Exhibit:
    """読者の書いた逆伝播を、展示と同じように審判に見せるためのもの。

    Parameters
    ----------
    backward : callable
        ``(network, record, Y)`` から、勾配の辞書 ``W1, b1, W2, …`` を求める関数。``record`` は
        `Network.forward` の記録。
    network : Network
        大きさも深さも自由。どの幅も例の数も違うものがよい。
    X, Y : ndarray, shape (N_0, m), (N_L, m)
        入力と目標。
    rate : float, optional
        学習を見る審判のための学習率。

    Returns
    -------
    Exhibit

    Raises
    ------
    TypeError, ValueError
        関数でない、ネットワークとデータが合わない、学習率が正でない。

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> net = Network.random([4, 5, 3, 2], ["tanh", "tanh", "sigmoid"], "mse", rng=rng)
    >>> X, Y = rng.normal(size=(4, 6)), rng.uniform(size=(2, 6))
    >>> mine = own(lambda network, record, Y: network.backward(record, Y)[1], net, X, Y)
    >>> sorted(mine.gradients(net, X, Y)) == ["W1", "W2", "W3", "b1", "b2", "b3"]
    True
    """
    return Exhibit(
        "own", "読者", "読者の逆伝播", "", OwnStage(network, X, Y, rate), function("backward", backward)
    )

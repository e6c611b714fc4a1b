"""展示: 正しい実装と、一か所だけ違う実装。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backprop.checks import Array, array, function, instance
from backprop.judges.museum.parts import Gradients, right
from backprop.judges.museum.stages import Stage
from backprop.network import ForwardPass, Network

Backward = Callable[[Network, ForwardPass, Array], Gradients]

Memory = dict[str, Any]

Step = Callable[["Exhibit", Network, Array, Array, Memory], None]


def _plain_step(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: Memory) -> None:
    """展示の勾配で、ふつうに一歩更新する。"""
    gradients = exhibit.gradients(network, X, Y)
    for name, value in network.parameters().items():
        value -= exhibit.stage.rate * gradients[name]


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
    stage : Stage
        動かす舞台。
    backward : callable
        ``(network, record, Y)`` から四つの勾配を求める関数。
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
        舞台が `Stage` でない、関数でない、倍率の形が違う。
    """

    name: str
    room: str
    title: str
    page: str
    stage: Stage
    backward: Backward = right
    forward: Callable[[Network, Array], ForwardPass] = Network.forward
    cost: Callable[[Network, Array, Array], Any] = Network.cost
    step: Step = _plain_step
    gate: Array | None = None

    def __post_init__(self) -> None:
        instance("stage", self.stage, Stage)
        for name in ("backward", "forward", "cost", "step"):
            function(name, getattr(self, name))
        if self.gate is not None:
            array("gate", self.gate, (1, 3))

    def gradients(self, network: Network, X: Array, Y: Array) -> Gradients:
        """展示の勾配。"""
        return self.backward(network, self.forward(network, X), Y)


def control(stage: Stage) -> Exhibit:
    """同じ舞台に置いた、正しい実装。審判がこれを疑ってはならない。

    Examples
    --------
    >>> from backprop.judges.museum import SOFTMAX
    >>> control(SOFTMAX).title
    '正しい実装'
    """
    return Exhibit("control", "対照", "正しい実装", "sec-algorithm", stage)

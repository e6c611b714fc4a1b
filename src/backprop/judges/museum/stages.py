"""舞台: 展示を動かすネットワークとデータ。"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from backprop.checks import Array, count, explained, instance, positive, seed
from backprop.network import Network


class Ground(ABC):
    """展示を動かす場所。

    Attributes
    ----------
    rate : float
        学習率。
    seed : int
        くじの種。
    """

    rate: float
    seed: int

    @abstractmethod
    def network(self) -> Network:
        """学習の前のネットワーク。呼ぶたびに、同じものを新しく作る。"""

    @abstractmethod
    def data(self) -> tuple[Array, Array]:
        """入力 ``X`` (N_0, m) と目標 ``Y`` (N_L, m)。"""


@explained
@dataclass(frozen=True)
class Stage(Ground):
    """展示を動かすネットワークとデータ。

    Attributes
    ----------
    activations : tuple of str
        隠れ層と出力層の活性化関数。
    loss : str
        損失関数。
    outputs : int
        出力の数。1 なら2クラス、3 なら3クラスの分類。入力と隠れ層の幅は3。
    m : int
        例の数。
    rate : float
        学習率。
    seed : int
        重みとデータの種。

    Raises
    ------
    TypeError, ValueError
        出力の数が 1 でも 3 でもない、例の数が正の整数でない、学習率が正でない、種が0以上の整数でない。

    Examples
    --------
    >>> Stage(("tanh", "softmax"), "cross_entropy").network()
    Network(3–3–3, tanh–softmax, cross_entropy)
    """

    activations: tuple[str, str]
    loss: str
    outputs: int = 3
    m: int = 12
    rate: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if count("outputs", self.outputs) not in (1, 3):
            raise ValueError(f"outputs は 1 か 3 でなければなりませんが、{self.outputs!r} が与えられました。")
        count("m", self.m), positive("rate", self.rate)
        seed("seed", self.seed)
        self.network()  # その名前の関数がなければ、ここで断られる

    def network(self) -> Network:
        """学習の前のネットワーク。呼ぶたびに、同じものを新しく作る。"""
        rng = np.random.default_rng(int(self.seed))
        return Network.random([3, 3, self.outputs], self.activations, self.loss, rng=rng, bias_scale=0.5)

    def data(self) -> tuple[Array, Array]:
        """クラスごとに散らばった点 ``X`` (3, m) と目標 ``Y`` (N_L, m)。"""
        classes = np.arange(self.m) % max(self.outputs, 2)
        noise = np.random.default_rng(100 + self.seed).normal(size=(3, self.m))
        X = 1.5 * np.eye(3)[:, classes] + 0.5 * noise  # (3, m)
        return X, np.eye(3)[:, classes] if self.outputs == 3 else classes[np.newaxis].astype(float)


@explained
@dataclass(frozen=True, eq=False)
class OwnStage(Ground):
    """読者のネットワークとデータ。大きさも深さも自由。

    Attributes
    ----------
    start : Network
        学習の前のネットワーク。書き換えない。
    X, Y : ndarray, shape (N_0, m), (N_L, m)
        入力と目標。
    rate : float
        学習率。
    seed : int
        一つの重みを選ぶくじの種。

    Raises
    ------
    TypeError, ValueError
        ネットワークとデータが合わない、学習率が正でない、種が0以上の整数でない。

    Examples
    --------
    >>> net = Network([np.ones((2, 4))], [np.zeros((2, 1))], ["softmax"], "cross_entropy")
    >>> OwnStage(net, np.ones((4, 3)), np.full((2, 3), 0.5)).network()
    Network(4–2, softmax, cross_entropy)
    """

    start: Network
    X: Array
    Y: Array
    rate: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        instance("start", self.start, Network).cost(self.X, self.Y)  # 合わないデータは、ここで断られる
        positive("rate", self.rate), seed("seed", self.seed)

    def network(self) -> Network:
        """学習の前のネットワークの写し。"""
        return self.start.replace()

    def data(self) -> tuple[Array, Array]:
        """入力と目標。"""
        return self.X, self.Y


SQUARED = Stage(("tanh", "sigmoid"), "mse", rate=1.0)

BINARY = Stage(("tanh", "sigmoid"), "binary_cross_entropy")

SOFTMAX = Stage(("tanh", "softmax"), "cross_entropy")

RELU = Stage(("relu", "softmax"), "cross_entropy")

TRIPLE = Stage(("tanh", "softmax"), "cross_entropy", m=3)

SINGLE = Stage(("tanh", "identity"), "mse", outputs=1, rate=0.1)

STAGES = (SQUARED, BINARY, SOFTMAX, RELU, TRIPLE, SINGLE)

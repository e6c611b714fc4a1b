"""多くのネットワークの学習。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop.checks import Array, count, explained, positive
from backprop.network import Network
from backprop.training.history import EnsembleHistory, divergence, frozen, milestones_of
from backprop.training.inputs import cast, check_data, check_ensemble
from backprop.training.passes import STACKED, Pass, layer_views, with_ones

BLOCK = 512
"""`train_ensemble` が一度に進めるネットワークの数。作業の配列がキャッシュに収まる大きさ。"""


@explained
def train_ensemble(
    networks: Sequence[Network],
    X: Array,
    Y: Array,
    *,
    learning_rate: float,
    epochs: int,
    record_every: int | None = None,
) -> EnsembleHistory:
    """同じ形の多くのネットワークを、それぞれ勾配降下法で、同時に学習させる。

    一つずつ `train` した結果と同じ計算を、ネットワークの番号を最後の軸にして並べて行う。
    渡したネットワークは変えない。

    Parameters
    ----------
    networks : sequence of Network
        大きさ、活性化関数、損失関数が同じネットワーク。
    X : ndarray, shape (N_0, m)
        入力。どのネットワークにも共通。
    Y : ndarray, shape (N_L, m)
        目標。
    learning_rate : float
        学習率 ``η``。
    epochs : int
        更新の回数（毎回、データ全体を使う）。
    record_every : int, optional
        何エポックごとに損失を記録するか。なければ、始めと終わりだけ。

    Returns
    -------
    EnsembleHistory

    Raises
    ------
    TypeError, ValueError
        引数の型、形、範囲が合わない、ネットワークの形がそろわない。
    DivergenceError
        どれかのネットワークの損失、勾配、パラメータが有限でなくなった。

    Examples
    --------
    >>> from backprop.datasets import xor
    >>> rng = np.random.default_rng(0)
    >>> shape = [2, 8, 1], ["tanh", "sigmoid"], "binary_cross_entropy"
    >>> starts = [Network.random(*shape, rng=rng) for _ in range(9)]
    >>> history = train_ensemble(starts, *xor(), learning_rate=0.5, epochs=1000)
    >>> int((history.final_cost < 0.1).sum())
    9
    """
    first = check_ensemble(networks)
    check_data(first, X, Y)
    learning_rate = positive("learning_rate", learning_rate)
    count("epochs", epochs)
    every = epochs if record_every is None else record_every
    milestones = milestones_of(epochs, count("record_every", every))
    blocks = []
    with np.errstate(all="ignore"):  # あふれは警告ではなく、DivergenceError で知らせる
        for start in range(0, len(networks), BLOCK):
            stack = _Stack(networks[start : start + BLOCK], X, Y)
            blocks.append(stack.run(learning_rate, epochs, set(milestones), start))
    cost = np.concatenate([cost for cost, _ in blocks], axis=1)  # (記録の数, ネットワークの数)
    return EnsembleHistory(
        frozen(milestones), frozen(cost), [network for _, trained in blocks for network in trained]
    )


class _Stack:
    """最後の軸に並べたネットワーク。"""

    def __init__(self, networks: Sequence[Network], X: Array, Y: Array) -> None:
        self.like, n = networks[0], len(networks)
        values = [list(network.parameters().values()) for network in networks]
        dtype = np.result_type(*values[0])
        total = sum(value.size for value in values[0])
        self.theta, self.g = np.empty((total, n), dtype), np.empty((total, n), dtype)
        self.views = layer_views(self.like, self.theta)  # それぞれ (N_l, N_{l-1} + 1, n)
        for l, view in enumerate(self.views):
            view[:, :-1] = np.stack([network.weights[l] for network in networks], axis=-1)
            view[:, -1:] = np.stack([network.biases[l] for network in networks], axis=-1)
        X1 = with_ones(cast("X", X, dtype))[..., np.newaxis]
        self.X1 = np.repeat(X1, n, axis=-1)  # (N_0 + 1, m, n)
        self.Y = np.repeat(cast("Y", Y, dtype)[..., np.newaxis], n, axis=-1)  # (N_L, m, n)
        blocks = list(zip(self.views, layer_views(self.like, self.g)))
        self.sweep = Pass(self.like, blocks, self.X1.shape[1:], STACKED)

    def run(
        self, learning_rate: float, epochs: int, milestones: set[int], start: int
    ) -> tuple[Array, list[Network]]:
        cost = []
        for epoch in range(epochs + 1):
            if epoch > 0:
                self.sweep.gradient(self.X1, self.Y)
                if epoch == 1:
                    self._check("勾配", self.g, epoch, start, started=False)
                np.multiply(self.g, learning_rate, self.g)
                np.subtract(self.theta, self.g, self.theta)
                self._check("勾配かパラメータ", self.theta, epoch, start)
            if epoch in milestones:
                cost.append(self.sweep.costs(self.X1, self.Y))
                self._check("損失", cost[-1][np.newaxis], epoch, start, started=epoch > 0)
        return np.array(cost), self._networks()

    def _check(self, name: str, values: Array, epoch: int, start: int, *, started: bool = True) -> None:
        sums = values.sum(axis=0)  # ネットワークごと (n,)
        if not np.isfinite(sums).all():
            which = start + int(np.isfinite(sums).argmin())
            raise divergence(name, epoch, which=f"、networks[{which}] の", started=started)

    def _networks(self) -> list[Network]:
        names = [activation.name for activation in self.like.activations]
        return [
            Network(
                [view[:, :-1, i] for view in self.views],
                [view[:, -1:, i] for view in self.views],
                names,
                self.like.loss.name,
            )
            for i in range(self.theta.shape[1])
        ]

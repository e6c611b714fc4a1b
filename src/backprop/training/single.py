"""一つのネットワークの学習。"""

from __future__ import annotations

import copy
import math
from collections.abc import Collection, Iterator

import numpy as np

from backprop.checks import Array, DivergenceError, count, explained
from backprop.network import Network
from backprop.optimizers import GradientDescent, Optimizer
from backprop.training.history import History, divergence, frozen, milestones_of
from backprop.training.inputs import (
    cast,
    check_batches,
    check_data,
    check_network,
    check_optimizer,
    check_snapshots,
    check_writeable,
)
from backprop.training.passes import MATRICES, Pass, layer_views, with_ones


@explained
def train(
    network: Network,
    X: Array,
    Y: Array,
    *,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    record_every: int = 1,
    snapshots: Collection[int] = (),
) -> History:
    """ネットワークを、その場で学習させる。

    計算はパラメータの型（ふつう float64）で行う。同じ ``network`` と ``optimizer`` でもう一度呼べば、
    モーメンタムなどの状態も含めて、続きから学習する。

    Parameters
    ----------
    network : Network
        学習させるネットワーク。終わると、重みとバイアスが書き換わっている。
    X : ndarray, shape (N_0, m)
        入力。1列が1例。
    Y : ndarray, shape (N_L, m)
        目標。
    optimizer : Optimizer
        更新のしかた（`backprop.optimizers`）。
    epochs : int
        データ全体を何回使うか。
    batch_size : int, optional
        ミニバッチの大きさ。なければ、毎回データ全体で1回更新する。最後のミニバッチは小さいことがある。
    rng : numpy.random.Generator, optional
        ミニバッチの並べ替えに使う乱数生成器。``batch_size`` があれば必要で、なければ使わない。
    record_every : int
        何エポックごとに損失を記録するか。エポック 0 と最後は、いつも記録する。
    snapshots : collection of int
        ネットワークの写しを残すエポック（0以上 ``epochs`` 以下）。

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        引数の型、形、範囲が合わない。
    DivergenceError
        損失、勾配、パラメータのどれかが有限でなくなった（または二乗和があふれるほど大きくなった）。
        どの例外でも、``network``、``optimizer``、``rng`` は呼び出す前のままである。

    Examples
    --------
    直線 ``y = 2x − 1`` の上の3点から、傾きと切片を学ぶ。

    >>> net = Network([np.array([[0.0]])], [np.array([[0.0]])], ["identity"], "mse")
    >>> X, Y = np.array([[-1.0, 0.0, 1.0]]), np.array([[-3.0, -1.0, 1.0]])
    >>> train(net, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=20, record_every=10)
    History(エポック 0–20, 記録 3, 損失 3.66667 → 2.1934e-19)
    >>> round(net.weights[0].item(), 6), round(net.biases[0].item(), 6)
    (2.0, -1.0)
    """
    check_network("network", network)
    check_writeable(network)
    check_data(network, X, Y)
    check_optimizer(optimizer)
    count("epochs", epochs), count("record_every", record_every)
    check_batches(X.shape[1], batch_size, rng)
    kept = check_snapshots(snapshots, epochs)

    job = _Job(network, X, Y, optimizer, batch_size, copy.deepcopy(rng))
    with np.errstate(all="ignore"):  # あふれは警告ではなく、DivergenceError で知らせる
        history = job.run(epochs, record_every, kept)
    job.write_back(network, optimizer, rng)
    return history


class _Batches:
    """ミニバッチの列。

    例を、記憶の上では行に並べる。行を並べ替えるのは速く、連続した行の転置は、そのまま積に使える。
    """

    def __init__(self, X: Array, Y: Array, batch_size: int | None, rng: np.random.Generator | None) -> None:
        self.rng = rng if batch_size is not None else None
        self.sources = [np.ascontiguousarray(with_ones(X).T), np.ascontiguousarray(Y.T)]
        self.mixed = self.sources if self.rng is None else [source.copy() for source in self.sources]
        rows, targets = self.mixed
        size = batch_size or len(rows)
        self.views = [
            (rows[start : start + size].T, targets[start : start + size].T)
            for start in range(0, len(rows), size)
        ]

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        if self.rng is not None:
            order = self.rng.permutation(len(self.mixed[0]))
            for source, mixed in zip(self.sources, self.mixed):
                np.take(source, order, axis=0, out=mixed, mode="clip")  # "raise" は out を二度書く
        return iter(self.views)


class _Job:
    """写しの上での、一回の学習。"""

    def __init__(
        self,
        network: Network,
        X: Array,
        Y: Array,
        optimizer: Optimizer,
        batch_size: int | None,
        rng: np.random.Generator | None,
    ) -> None:
        dtype = np.result_type(*network.parameters().values())
        self.X, self.Y, self.rng = cast("X", X, dtype), cast("Y", Y, dtype), rng
        self.batches = _Batches(self.X, self.Y, batch_size, rng)
        self.network = network.replace()
        self._lay_out(dtype)
        self.before = dict(vars(optimizer))
        self.optimizer = optimizer._moved(list(network.parameters().values()), self.parameters)
        self.plain = self.started = False
        blocks = list(zip(self.views, self.gradient_views))
        widths = {X.shape[1], *(Y_batch.shape[1] for _, Y_batch in self.batches.views)}
        self.passes = {m: Pass(network, blocks, (m,), MATRICES) for m in widths}
        self.whole = with_ones(self.X)  # (N_0 + 1, m)

    def _lay_out(self, dtype: np.dtype) -> None:
        """θ と g を作り、写しの重みとバイアスを θ の眺めに替える。"""
        net = self.network
        total = sum(value.size for value in net.parameters().values())
        self.theta, self.g = np.empty((2, total), dtype)
        self.views, self.gradient_views = layer_views(net, self.theta), layer_views(net, self.g)
        for view, W, b in zip(self.views, net.weights, net.biases):
            view[:, :-1], view[:, -1:] = W, b
        net.weights[:] = [view[:, :-1] for view in self.views]
        net.biases[:] = [view[:, -1:] for view in self.views]
        self.parameters = list(net.parameters().values())
        self.gradients = [part for view in self.gradient_views for part in (view[:, :-1], view[:, -1:])]

    def run(self, epochs: int, record_every: int, snapshots: set[int]) -> History:
        milestones = milestones_of(epochs, record_every)
        recorded, kept, cost = set(milestones.tolist()), {}, []
        for epoch in range(epochs + 1):
            if epoch > 0:
                for X1, Y in self.batches:
                    self.passes[Y.shape[1]].gradient(X1, Y)
                    self._update(epoch)
            if epoch in recorded:
                cost.append(self._cost(epoch))
            if epoch in snapshots:
                kept[epoch] = self.network.replace()
        return History(frozen(milestones), frozen(np.array(cost, self.theta.dtype)), kept)

    def _cost(self, epoch: int) -> float:
        cost = float(self.passes[self.X.shape[1]].costs(self.whole, self.Y))
        if not math.isfinite(cost):
            raise divergence("損失", epoch, started=epoch > 0)
        return cost

    def _update(self, epoch: int) -> None:
        """g によって θ を更新する（ステップ6）。"""
        if self.plain:
            np.multiply(self.g, self.optimizer.rate(self.optimizer.t), self.g)  # g は、あとでもう使わない
            np.subtract(self.theta, self.g, self.theta)
            self.optimizer.t += 1
            self._check_finite("勾配かパラメータ", self.theta, epoch)
            return
        self._check_finite("勾配", self.g, epoch)
        try:
            self.optimizer.step(self.parameters, self.gradients)
        except DivergenceError as error:
            started = self.started or math.isfinite(np.vdot(self.g, self.g))
            raise divergence("勾配かパラメータ", epoch, started=started) from error
        self.started = True
        # 最適化器が一度受け取った配列なら、勾配降下法に限り、念入りな確かめを省いて同じ更新をする
        self.plain = type(self.optimizer) is GradientDescent

    def _check_finite(self, name: str, vector: Array, epoch: int) -> None:
        # NaN も無限大も和に残るので、和が有限なら、どの要素も有限である。
        if not math.isfinite(np.add.reduce(vector)):
            raise divergence(name, epoch, started=self.started)

    def write_back(self, network: Network, optimizer: Optimizer, rng: np.random.Generator | None) -> None:
        yours = list(network.parameters().values())
        for mine, live in zip(self.parameters, yours):
            live[...] = mine
        after = vars(self.optimizer) | {"_parameters": tuple(yours)}
        vars(optimizer).update({k: v for k, v in after.items() if v is not self.before.get(k, self)})
        if rng is not None:
            rng.bit_generator.state = self.rng.bit_generator.state

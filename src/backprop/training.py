"""学習: 勾配を求めて更新することの、くり返し。

数学は `backprop.steps` と `backprop.network` のもので、ここにあるのは同じ計算を速くくり返す仕組みだけである。

- すべての重みとバイアスを、一本のベクトル θ に並べる。勾配も同じ並びの一本のベクトル g に書く。
- 層ごとに ``[W^l b^l]`` を一つの行列とみなし、活性の下に1の行を足す。すると ``W a + b`` も
  ``[∂J/∂W^l ∂J/∂b^l]`` も、行列の積ひとつになる。
- 作業に使う配列は始めに一度だけ作り、毎回そこへ上書きする。

どの学習も写しの上で行い、終わってから書き戻す。断った呼び出しも、発散した学習も、何も変えない。
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from backprop.activations import Activation
from backprop.checks import Array, DivergenceError, array, count, generator, instance, positive
from backprop.losses import Loss
from backprop.network import Network
from backprop.optimizers import GradientDescent, Optimizer

BLOCK = 512
"""`train_ensemble` が一度に進めるネットワークの数。作業の配列がキャッシュに収まる大きさ。"""


@dataclass(frozen=True, eq=False)
class History:
    """学習の記録。

    Attributes
    ----------
    epochs : ndarray of int, shape (記録の数,)
        記録したエポック。0 は学習の前。
    cost : ndarray, shape (記録の数,)
        そのエポックを終えたときの、データ全体での平均損失 ``J``。
    snapshots : dict of int to Network
        頼んだエポックでの、ネットワークの写し。

    Examples
    --------
    >>> History(np.array([0, 10]), np.array([0.75, 0.5]))
    History(エポック 0–10, 記録 2, 損失 0.75 → 0.5)
    """

    epochs: Array
    cost: Array
    snapshots: dict[int, Network] = field(default_factory=dict)

    def __repr__(self) -> str:
        kept = f", 写し {', '.join(map(str, self.snapshots))}" if self.snapshots else ""
        return (
            f"History(エポック {self.epochs[0]}–{self.epochs[-1]}, 記録 {len(self.epochs)}, "
            f"損失 {self.cost[0]:.6g} → {self.cost[-1]:.6g}{kept})"
        )


@dataclass(frozen=True, eq=False)
class EnsembleHistory:
    """多くのネットワークを同時に学習させた記録。

    Attributes
    ----------
    epochs : ndarray of int, shape (記録の数,)
        記録したエポック。0 は学習の前。
    cost : ndarray, shape (記録の数, ネットワークの数)
        そのエポックを終えたときの、ネットワークごとの平均損失 ``J``。
    networks : list of Network
        学習の終わったネットワーク。渡した順に並ぶ。
    """

    epochs: Array
    cost: Array
    networks: list[Network]

    @property
    def final_cost(self) -> Array:
        """最後の平均損失、形 (ネットワークの数,)。"""
        return self.cost[-1]

    def __repr__(self) -> str:
        return (
            f"EnsembleHistory({len(self.networks)} 個の {self.networks[0]!r}, "
            f"エポック {self.epochs[0]}–{self.epochs[-1]}, 損失の中央値 {np.median(self.final_cost):.6g})"
        )


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
    _check_network("network", network)
    _check_writeable(network)
    _check_data(network, X, Y)
    _check_optimizer(optimizer)
    count("epochs", epochs), count("record_every", record_every)
    _check_batches(X.shape[1], batch_size, rng)
    kept = _check_snapshots(snapshots, epochs)

    job = _Job(network, X, Y, optimizer, batch_size, copy.deepcopy(rng))
    with np.errstate(all="ignore"):  # あふれは警告ではなく、DivergenceError で知らせる
        history = job.run(epochs, record_every, kept)
    job.write_back(network, optimizer, rng)
    return history


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
    first = _check_ensemble(networks)
    _check_data(first, X, Y)
    positive("learning_rate", learning_rate), count("epochs", epochs)
    milestones = _milestones(epochs, count("record_every", epochs if record_every is None else record_every))
    blocks = []
    with np.errstate(all="ignore"):  # あふれは警告ではなく、DivergenceError で知らせる
        for start in range(0, len(networks), BLOCK):
            stack = _Stack(networks[start : start + BLOCK], X, Y)
            blocks.append(stack.run(learning_rate, epochs, set(milestones), start))
    cost = np.concatenate([cost for cost, _ in blocks], axis=1)  # (記録の数, ネットワークの数)
    return EnsembleHistory(
        _frozen(milestones), _frozen(cost), [network for _, trained in blocks for network in trained]
    )


# ---- 一往復の計算 ------------------------------------------------------------------------------


class _Generic:
    """`Activation` をそのまま使い、結果を作業の配列に書く。"""

    def __init__(self, activation: Activation, Z: Array) -> None:
        self.activation = activation

    def value(self, Z: Array, A: Array) -> None:
        A[...] = self.activation.value(Z)

    def pullback(self, Z: Array, A: Array, dA: Array) -> None:
        dA[...] = self.activation.pullback(Z, dA)


class _Sigmoid(_Generic):
    """シグモイドは式を変えて、新しい配列を作らずに計算する。

    ``e = e^{−z}`` があふれても ``σ = 1/(1+e)`` は正しい。``σ′ = e σ²`` は ``σ(1−σ)`` と違って桁落ちせず、
    ``e`` を有限の最大値で止めれば ``∞ × 0`` にもならない。
    """

    def __init__(self, activation: Activation, Z: Array) -> None:
        super().__init__(activation, Z)
        self.e = np.empty_like(Z)
        self.largest = np.array(np.finfo(Z.dtype).max)
        self.one = np.array(1, Z.dtype)

    def value(self, Z: Array, A: Array) -> None:
        e = self.e
        np.negative(Z, e)
        np.exp(e, e)
        np.minimum(e, self.largest, out=e)
        np.add(e, self.one, A)
        np.reciprocal(A, A)

    def pullback(self, Z: Array, A: Array, dA: Array) -> None:
        np.multiply(dA, A, dA)
        np.multiply(dA, self.e, dA)
        np.multiply(dA, A, dA)


class _Relu(_Generic):
    """ReLU も、新しい配列を作らずに計算する。"""

    def __init__(self, activation: Activation, Z: Array) -> None:
        super().__init__(activation, Z)
        self.mask = np.empty(Z.shape, bool)

    def value(self, Z: Array, A: Array) -> None:
        np.maximum(Z, 0, out=A)

    def pullback(self, Z: Array, A: Array, dA: Array) -> None:
        np.greater(Z, 0, self.mask)
        np.multiply(dA, self.mask, dA)


_KERNELS: dict[str, type[_Generic]] = {"sigmoid": _Sigmoid, "relu": _Relu}


@dataclass(frozen=True)
class _Products:
    """順伝播と逆伝播に現れる三つの積。結果は ``out`` に書く。"""

    affine: Callable[[Array, Array, Array], object]
    """``[W b] Ã``"""
    outer: Callable[[Array, Array, Array], object]
    """``Δ Ãᵀ``"""
    back: Callable[[Array, Array, Array], object]
    """``Wᵀ Δ``"""


_MATRICES = _Products(
    affine=lambda Wb, A1, out: Wb.dot(A1, out),
    outer=lambda delta, A1, out: delta.dot(A1.T, out),
    back=lambda W, delta, out: W.T.dot(delta, out),
)
# 最後の添字 n がネットワークの番号。メモリーの上で隣り合うので、内側のくり返しが長くなる。
_STACKED = _Products(
    affine=lambda Wb, A1, out: np.einsum("jkn,kmn->jmn", Wb, A1, out=out),
    outer=lambda delta, A1, out: np.einsum("jmn,kmn->jkn", delta, A1, out=out),
    back=lambda W, delta, out: np.einsum("jkn,jmn->kmn", W, delta, out=out),
)


class _Layer:
    """一つの層の作業の配列。``batch`` は例の軸の形で、``(m,)`` または ``(m, n)``。"""

    def __init__(self, Wb: Array, dWb: Array, activation: Activation, batch: tuple[int, ...]) -> None:
        self.Wb, self.dWb = Wb, dWb  # (N_l, N_{l-1} + 1, ...)
        self.W = Wb[:, :-1]  # (N_l, N_{l-1}, ...)
        self.Z = np.empty((len(Wb), *batch), Wb.dtype)
        self.delta = np.empty_like(self.Z)
        self.A1 = np.ones((len(Wb) + 1, *batch), Wb.dtype)  # 最後の行は1のまま
        self.A = self.A1[:-1]
        self.f = _KERNELS.get(activation.name, _Generic)(activation, self.Z)


class _Pass:
    """大きさの決まったバッチの、順伝播と逆伝播。勾配は ``[dW db]`` に書き込まれる。"""

    def __init__(
        self,
        network: Network,
        blocks: list[tuple[Array, Array]],
        batch: tuple[int, ...],
        products: _Products,
    ) -> None:
        self.layers = [_Layer(*block, f, batch) for block, f in zip(blocks, network.activations)]
        self.backwards = list(pairwise(reversed(self.layers)))
        self.loss: Loss = network.loss
        self.products = products
        self.scale = np.array(1 / batch[0], self.layers[0].Z.dtype)

    def forward(self, X1: Array) -> None:
        affine, A1 = self.products.affine, X1
        for layer in self.layers:
            affine(layer.Wb, A1, layer.Z)
            layer.f.value(layer.Z, layer.A)
            A1 = layer.A1

    def gradient(self, X1: Array, Y: Array) -> None:
        self.forward(X1)
        self._output_delta(Y)
        outer, back = self.products.outer, self.products.back
        for layer, previous in self.backwards:
            outer(layer.delta, previous.A1, layer.dWb)  # ステップ4と5
            back(layer.W, layer.delta, previous.delta)  # ステップ3
            previous.f.pullback(previous.Z, previous.A, previous.delta)
        outer(self.layers[0].delta, X1, self.layers[0].dWb)

    def _output_delta(self, Y: Array) -> None:
        last = self.layers[-1]
        if self.loss.output_activation is not None:  # 対になる組では、ステップ1と2の積がこの差になる
            np.subtract(last.A, Y, last.delta)
        else:
            last.delta[...] = self.loss.gradient(last.A, Y)
            last.f.pullback(last.Z, last.A, last.delta)
        # J は平均なので、始めに 1/m を掛けておけば、あとの積はすべて J の勾配になる
        np.multiply(last.delta, self.scale, last.delta)

    def costs(self, X1: Array, Y: Array) -> Array:
        self.forward(X1)
        last, loss = self.layers[-1], self.loss
        losses = loss.value(last.A, Y) if loss.value_at_z is None else loss.value_at_z(last.Z, Y)
        return losses.mean(axis=0)


def _layer_views(network: Network, vector: Array) -> list[Array]:
    """一本のベクトル ``vector`` の、層ごとの ``[W b]`` としての眺め。"""
    shapes = [(rows, columns + 1, *vector.shape[1:]) for columns, rows in pairwise(network.sizes)]
    ends = np.cumsum([rows * columns for rows, columns, *_ in shapes])
    return [vector[end - shape[0] * shape[1] : end].reshape(shape) for end, shape in zip(ends, shapes)]


def _with_ones(X: Array) -> Array:
    return np.concatenate([X, np.ones_like(X[:1])])  # (N_0 + 1, m)


def _check_finite(name: str, vector: Array, epoch: int) -> None:
    # NaN も無限大も和に残るので、和が有限なら、どの要素も有限である。
    if not math.isfinite(np.add.reduce(vector)):
        raise _divergence(name, epoch)


def _divergence(name: str, epoch: int, which: str = "") -> DivergenceError:
    return DivergenceError(
        f"エポック {epoch} で{which}学習が発散しました（{name}が有限でないか、大きすぎます）。"
        " 学習率を小さくしてください。渡されたものは、呼び出す前のままです。"
    )


def _milestones(epochs: int, record_every: int) -> Array:
    return np.unique(np.append(np.arange(0, epochs + 1, record_every), epochs))


def _frozen(values: Array) -> Array:
    values.flags.writeable = False
    return values


# ---- 一つのネットワークの学習 ------------------------------------------------------------------


class _Batches:
    """ミニバッチの列。

    例を、記憶の上では行に並べる。行を並べ替えるのは速く、連続した行の転置は、そのまま積に使える。
    """

    def __init__(self, X: Array, Y: Array, batch_size: int | None, rng: np.random.Generator | None) -> None:
        self.rng = rng if batch_size is not None else None
        self.sources = [np.ascontiguousarray(_with_ones(X).T), np.ascontiguousarray(Y.T)]
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
        self.X, self.Y, self.rng = X.astype(dtype, copy=False), Y.astype(dtype, copy=False), rng
        self.batches = _Batches(self.X, self.Y, batch_size, rng)
        self.network = network.replace()
        self._lay_out(dtype)
        # 最適化器の写しでは、覚えているパラメータの配列を、写しの配列に読みかえる
        self.optimizer, self.plain = copy.deepcopy(optimizer, _renaming(network, self.network)), False
        blocks = list(zip(self.views, self.gradient_views))
        widths = {X.shape[1], *(Y_batch.shape[1] for _, Y_batch in self.batches.views)}
        self.passes = {m: _Pass(network, blocks, (m,), _MATRICES) for m in widths}
        self.whole = _with_ones(self.X)  # (N_0 + 1, m)

    def _lay_out(self, dtype: np.dtype) -> None:
        """θ と g を作り、写しの重みとバイアスを θ の眺めに替える。"""
        net = self.network
        total = sum(value.size for value in net.parameters().values())
        self.theta, self.g = np.empty((2, total), dtype)
        self.views, self.gradient_views = _layer_views(net, self.theta), _layer_views(net, self.g)
        for view, W, b in zip(self.views, net.weights, net.biases):
            view[:, :-1], view[:, -1:] = W, b
        net.weights[:] = [view[:, :-1] for view in self.views]
        net.biases[:] = [view[:, -1:] for view in self.views]
        self.parameters = list(net.parameters().values())
        self.gradients = [part for view in self.gradient_views for part in (view[:, :-1], view[:, -1:])]

    def run(self, epochs: int, record_every: int, snapshots: set[int]) -> History:
        milestones = _milestones(epochs, record_every)
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
        return History(_frozen(milestones), _frozen(np.array(cost, self.theta.dtype)), kept)

    def _cost(self, epoch: int) -> float:
        cost = float(self.passes[self.X.shape[1]].costs(self.whole, self.Y))
        if not math.isfinite(cost):
            raise _divergence("損失", epoch)
        return cost

    def _update(self, epoch: int) -> None:
        """g によって θ を更新する（ステップ6）。"""
        if self.plain:
            np.multiply(self.g, self.optimizer.rate(self.optimizer.t), self.g)  # g は、あとでもう使わない
            np.subtract(self.theta, self.g, self.theta)
            self.optimizer.t += 1
            _check_finite("勾配かパラメータ", self.theta, epoch)
            return
        _check_finite("勾配", self.g, epoch)
        try:
            self.optimizer.step(self.parameters, self.gradients)
        except DivergenceError as error:
            raise _divergence("勾配かパラメータ", epoch) from error
        # 最適化器が一度受け取った配列なら、勾配降下法に限り、念入りな確かめを省いて同じ更新をする
        self.plain = type(self.optimizer) is GradientDescent

    def write_back(self, network: Network, optimizer: Optimizer, rng: np.random.Generator | None) -> None:
        state = copy.deepcopy(vars(self.optimizer), _renaming(self.network, network))
        for mine, yours in zip(self.parameters, network.parameters().values()):
            yours[...] = mine
        vars(optimizer).update(state)
        if rng is not None:
            rng.bit_generator.state = self.rng.bit_generator.state


def _renaming(old: Network, new: Network) -> dict[int, Array]:
    pairs = zip(old.parameters().values(), new.parameters().values())
    return {id(theirs): ours for theirs, ours in pairs}


# ---- 多くのネットワークの学習 ------------------------------------------------------------------


class _Stack:
    """最後の軸に並べたネットワーク。"""

    def __init__(self, networks: Sequence[Network], X: Array, Y: Array) -> None:
        self.like, n = networks[0], len(networks)
        values = [list(network.parameters().values()) for network in networks]
        dtype = np.result_type(*values[0])
        total = sum(value.size for value in values[0])
        self.theta, self.g = np.empty((total, n), dtype), np.empty((total, n), dtype)
        self.views = _layer_views(self.like, self.theta)  # それぞれ (N_l, N_{l-1} + 1, n)
        for l, view in enumerate(self.views):
            view[:, :-1] = np.stack([network.weights[l] for network in networks], axis=-1)
            view[:, -1:] = np.stack([network.biases[l] for network in networks], axis=-1)
        X1 = _with_ones(X.astype(dtype, copy=False))[..., np.newaxis]
        self.X1 = np.repeat(X1, n, axis=-1)  # (N_0 + 1, m, n)
        self.Y = np.repeat(Y.astype(dtype, copy=False)[..., np.newaxis], n, axis=-1)  # (N_L, m, n)
        blocks = list(zip(self.views, _layer_views(self.like, self.g)))
        self.sweep = _Pass(self.like, blocks, self.X1.shape[1:], _STACKED)

    def run(
        self, learning_rate: float, epochs: int, milestones: set[int], start: int
    ) -> tuple[Array, list[Network]]:
        cost = []
        for epoch in range(epochs + 1):
            if epoch > 0:
                self.sweep.gradient(self.X1, self.Y)
                np.multiply(self.g, learning_rate, self.g)
                np.subtract(self.theta, self.g, self.theta)
                self._check("勾配かパラメータ", self.theta, epoch, start)
            if epoch in milestones:
                cost.append(self.sweep.costs(self.X1, self.Y))
                self._check("損失", cost[-1][np.newaxis], epoch, start)
        return np.array(cost), self._networks()

    def _check(self, name: str, values: Array, epoch: int, start: int) -> None:
        sums = values.sum(axis=0)  # ネットワークごと (n,)
        if not np.isfinite(sums).all():
            which = start + int(np.isfinite(sums).argmin())
            raise _divergence(name, epoch, which=f"、networks[{which}] の")

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


# ---- 入力の確かめ ------------------------------------------------------------------------------


def _check_network(name: str, network: object) -> None:
    for key, value in instance(name, network, Network).parameters().items():
        _check_real(f"{name} の {key}", array(f"{name} の {key}", value))


def _check_writeable(network: Network) -> None:
    for key, value in network.parameters().items():
        if not value.flags.writeable:
            raise ValueError(f"network の {key} は書き込めない配列なので、その場で学習できません。")


def _check_real(name: str, value: Array) -> None:
    if value.dtype.kind != "f":
        raise TypeError(f"{name} は実数の配列でなければなりませんが、dtype={value.dtype} が与えられました。")


def _check_data(network: Network, X: Array, Y: Array) -> None:
    _check_real("X", array("X", X, shape=(network.sizes[0], "m")))
    _check_real("Y", array("Y", Y, shape=(network.sizes[-1], X.shape[1])))
    network.loss.check_targets(Y)


def _check_optimizer(optimizer: object) -> None:
    if not isinstance(optimizer, Optimizer):
        given = optimizer.__name__ if isinstance(optimizer, type) else type(optimizer).__name__
        raise TypeError(
            "optimizer は GradientDescent(learning_rate=0.1) のような最適化器でなければなりませんが、"
            f"{given} が与えられました。"
        )


def _check_batches(m: int, batch_size: object, rng: object) -> None:
    if batch_size is not None and count("batch_size", batch_size) > m:
        raise ValueError(f"batch_size は例の数 {m} 以下でなければなりませんが、{batch_size} が与えられました。")
    if batch_size is not None or rng is not None:
        generator("rng", rng)


def _check_snapshots(snapshots: object, epochs: int) -> set[int]:
    if not isinstance(snapshots, Collection) or isinstance(snapshots, str):
        raise TypeError(f"snapshots はエポックの並びでなければなりませんが、{snapshots!r} が与えられました。")
    for epoch in snapshots:
        if isinstance(epoch, (bool, np.bool_)) or not isinstance(epoch, (int, np.integer)):
            raise TypeError(f"snapshots の要素は整数でなければなりませんが、{epoch!r} が与えられました。")
        if not 0 <= epoch <= epochs:
            raise ValueError(f"snapshots の要素は 0 以上 {epochs} 以下でなければなりませんが、{epoch} が与えられました。")
    return set(map(int, snapshots))


def _check_ensemble(networks: Sequence[Network]) -> Network:
    if isinstance(networks, Network) or not isinstance(networks, Sequence):
        raise TypeError(f"networks は Network の並びでなければなりませんが、{type(networks).__name__} が与えられました。")
    if not networks:
        raise ValueError("networks が空です。少なくとも1つのネットワークが要ります。")
    for i, network in enumerate(networks):
        _check_network(f"networks[{i}]", network)
        if repr(network) != repr(networks[0]):
            raise ValueError(
                "networks の形はすべて同じでなければなりませんが、"
                f"networks[0] は {networks[0]!r}、networks[{i}] は {network!r} です。"
            )
    return networks[0]

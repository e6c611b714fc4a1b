"""一往復（順伝播と逆伝播）の計算を、作業の配列の上で行う。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backprop.activations import Activation
from backprop.checks import Array
from backprop.losses import Loss
from backprop.network import Network
from backprop.training.kernels import KERNELS, Kernel


@dataclass(frozen=True)
class _Products:
    """順伝播と逆伝播に現れる三つの積。結果は ``out`` に書く。"""

    affine: Callable[[Array, Array, Array], object]
    """``[W b] Ã``"""
    outer: Callable[[Array, Array, Array], object]
    """``Δ Ãᵀ``"""
    back: Callable[[Array, Array, Array], object]
    """``Wᵀ Δ``"""


MATRICES = _Products(
    affine=lambda Wb, A1, out: Wb.dot(A1, out),
    outer=lambda delta, A1, out: delta.dot(A1.T, out),
    back=lambda W, delta, out: W.T.dot(delta, out),
)

# 最後の添字 n がネットワークの番号。メモリーの上で隣り合うので、内側のくり返しが長くなる。
STACKED = _Products(
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
        self.f = KERNELS.get(activation.name, Kernel)(activation, self.Z)


class Pass:
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
        if self.loss.delta is not None:  # 対になる組では、ステップ1と2の積が簡単な式になる
            self.loss.delta(last.A, Y, last.delta)
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


def layer_views(network: Network, vector: Array) -> list[Array]:
    """一本のベクトル ``vector`` の、層ごとの ``[W b]`` としての眺め。"""
    shapes = [(rows, columns + 1, *vector.shape[1:]) for columns, rows in pairwise(network.sizes)]
    ends = np.cumsum([rows * columns for rows, columns, *_ in shapes])
    return [vector[end - shape[0] * shape[1] : end].reshape(shape) for end, shape in zip(ends, shapes)]


def with_ones(X: Array) -> Array:
    return np.concatenate([X, np.ones_like(X[:1])])  # (N_0 + 1, m)

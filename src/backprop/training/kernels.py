"""新しい配列を作らない、活性化関数の計算。"""

from __future__ import annotations

import numpy as np

from backprop.activations import Activation
from backprop.checks import Array


class Kernel:
    """`Activation` をそのまま使い、結果を作業の配列に書く。"""

    def __init__(self, activation: Activation, Z: Array) -> None:
        self.activation = activation

    def value(self, Z: Array, A: Array) -> None:
        A[...] = self.activation.value(Z)

    def pullback(self, Z: Array, A: Array, dA: Array) -> None:
        dA[...] = self.activation.pullback(Z, dA)


class _Sigmoid(Kernel):
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


class _Relu(Kernel):
    """ReLU も、新しい配列を作らずに計算する。"""

    def __init__(self, activation: Activation, Z: Array) -> None:
        super().__init__(activation, Z)
        self.mask = np.empty(Z.shape, bool)

    def value(self, Z: Array, A: Array) -> None:
        np.maximum(Z, 0, out=A)

    def pullback(self, Z: Array, A: Array, dA: Array) -> None:
        np.greater(Z, 0, self.mask)
        np.multiply(dA, self.mask, dA)


KERNELS: dict[str, type[Kernel]] = {"sigmoid": _Sigmoid, "relu": _Relu}

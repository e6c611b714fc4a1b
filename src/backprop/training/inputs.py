"""学習に渡されたものを確かめる。"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from backprop.checks import Array, array, count, generator, instance
from backprop.network import Network
from backprop.optimizers import Optimizer


def check_network(name: str, network: object) -> None:
    for key, value in instance(name, network, Network).parameters().items():
        _check_real(f"{name} の {key}", array(f"{name} の {key}", value))


def check_writeable(network: Network) -> None:
    for key, value in network.parameters().items():
        if not value.flags.writeable:
            raise ValueError(f"network の {key} は書き込めない配列なので、その場で学習できません。")


def _check_real(name: str, value: Array) -> None:
    if value.dtype.kind != "f":
        raise TypeError(f"{name} は実数の配列でなければなりませんが、dtype={value.dtype} が与えられました。")


def check_data(network: Network, X: Array, Y: Array) -> None:
    _check_real("X", array("X", X, shape=(network.sizes[0], "m")))
    _check_real("Y", network.loss.targets(Y, (network.sizes[-1], X.shape[1])))


def cast(name: str, value: Array, dtype: np.dtype) -> Array:
    """パラメータの型にする。収まらない値は断る。"""
    with np.errstate(over="ignore"):
        narrow = value.astype(dtype, copy=False)
    if narrow is not value and not np.isfinite(narrow).all():
        raise ValueError(f"{name} に、パラメータの型 {dtype} に収まらない大きさの値が含まれています。")
    return narrow


def check_optimizer(optimizer: object) -> None:
    if not isinstance(optimizer, Optimizer):
        given = optimizer.__name__ if isinstance(optimizer, type) else type(optimizer).__name__
        raise TypeError(
            "optimizer は GradientDescent(learning_rate=0.1) のような最適化器でなければなりませんが、"
            f"{given} が与えられました。"
        )


def check_batches(m: int, batch_size: object, rng: object) -> None:
    if batch_size is not None and count("batch_size", batch_size) > m:
        raise ValueError(f"batch_size は例の数 {m} 以下でなければなりませんが、{batch_size} が与えられました。")
    if batch_size is not None or rng is not None:
        generator("rng", rng)


def check_snapshots(snapshots: object, epochs: int) -> set[int]:
    flat = not isinstance(snapshots, np.ndarray) or snapshots.ndim == 1
    if not isinstance(snapshots, Collection) or isinstance(snapshots, (str, bytes)) or not flat:
        raise TypeError(f"snapshots はエポックの並びでなければなりませんが、{snapshots!r} が与えられました。")
    for epoch in snapshots:
        if isinstance(epoch, (bool, np.bool_)) or not isinstance(epoch, (int, np.integer)):
            raise TypeError(f"snapshots の要素は整数でなければなりませんが、{epoch!r} が与えられました。")
        if not 0 <= epoch <= epochs:
            raise ValueError(f"snapshots の要素は 0 以上 {epochs} 以下でなければなりませんが、{epoch} が与えられました。")
    return set(map(int, snapshots))


def check_ensemble(networks: Sequence[Network]) -> Network:
    if isinstance(networks, Network) or not isinstance(networks, Sequence):
        raise TypeError(f"networks は Network の並びでなければなりませんが、{type(networks).__name__} が与えられました。")
    if not networks:
        raise ValueError("networks が空です。少なくとも1つのネットワークが要ります。")
    for i, network in enumerate(networks):
        check_network(f"networks[{i}]", network)
        if repr(network) != repr(networks[0]):
            raise ValueError(
                "networks の形はすべて同じでなければなりませんが、"
                f"networks[0] は {networks[0]!r}、networks[{i}] は {network!r} です。"
            )
    return networks[0]

"""一つの例か、全例をまとめたバッチについての、一往復と更新のすべての値。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backprop import steps
from backprop.checks import Array
from backprop.network import Network

Values = dict[str, float]


@dataclass(frozen=True)
class Trip:
    """一往復。

    値の名前は ``w1_21`` のように、種類、層、番号。全例をまとめたときは、例ごとの値に、例の番号（1から）を
    ``d1_2@3`` のようにつけたものもある。
    """

    sizes: tuple[int, ...]
    hidden: str
    output: str
    loss: str
    rate: float
    shown: int
    examples: int
    batch: bool
    values: Values

    def activation(self, l: int) -> str:
        """層 `l` の活性化関数の名前。"""
        return self.output if l == 2 else self.hidden

    @property
    def paired(self) -> bool:
        """ステップ1と2が、引き算一つにまとまる組か。"""
        return self.loss in ("binary_cross_entropy", "cross_entropy")

    @property
    def used(self) -> list[int]:
        """計算に使う例の番号（1から）。"""
        return list(range(1, self.examples + 1)) if self.batch else [self.shown + 1]

    @property
    def count(self) -> int:
        """パラメータの数。"""
        inputs, hidden, outputs = self.sizes
        return hidden * (inputs + 1) + outputs * (hidden + 1)


def round_trip(network: Network, X: Array, Y: Array, rate: float, shown: int, batch: bool = False) -> Trip:
    """例 `shown`（0から）を見せる一往復。`batch` なら、全例の平均の勾配で更新する。"""
    used = slice(None) if batch else slice(shown, shown + 1)
    X_used, Y_used = X[:, used], Y[:, used]
    record = network.forward(X_used)
    deltas, gradients = network.backward(record, Y_used)
    parameters = network.parameters()
    moved = {name: steps.update(value, gradients[name], rate) for name, value in parameters.items()}
    after = network.replace(**moved)
    again = after.forward(X_used)
    by_example = {
        **_inputs(X_used, Y_used), **_layers("z", record.Z), **_layers("a", record.A[1:]),
        **_layers("d", deltas), **_layers("s", _slopes(network, record.Z)),
        **_layers("r", [network.weights[1].T @ deltas[1]]),
        **_numbered("dy", steps.output_gradient(record.A[-1], Y_used, network.loss)),
        **_layers("nz", again.Z), **_layers("na", again.A[1:]),
        "loss": _losses(network, X_used, Y_used), "nloss": _losses(after, X_used, Y_used),
    }  # fmt: skip
    place = shown if batch else 0
    values = {name: float(row[place]) for name, row in by_example.items()}
    if batch:
        values |= {f"{name}@{n + 1}": float(v) for name, row in by_example.items() for n, v in enumerate(row)}
    values |= _named(parameters, "") | _named(gradients, "g") | _named(moved, "n")
    values |= {"cost": float(network.cost(X_used, Y_used)), "ncost": float(after.cost(X_used, Y_used))}
    values["predicted"] = float(-rate * sum((g**2).sum() for g in gradients.values()))
    hidden, output = (f.name for f in network.activations)
    return Trip(
        network.sizes, hidden, output, network.loss.name, rate, shown, X.shape[1], batch, values
    )  # fmt: skip


def _losses(network: Network, X: Array, Y: Array) -> Array:
    return np.array([network.cost(X[:, [n]], Y[:, [n]]) for n in range(X.shape[1])])


def _slopes(network: Network, Z: list[Array]) -> list[Array]:
    """層ごとの傾き。softmax には傾きがないので、0 を並べておく。"""
    return [
        np.zeros_like(z) if f.name == "softmax" else f.derivative(z) for f, z in zip(network.activations, Z)
    ]


def _inputs(X: Array, Y: Array) -> dict[str, Array]:
    return {**_numbered("x", X), **_numbered("y", Y)}


def _numbered(name: str, rows: Array) -> dict[str, Array]:
    return {f"{name}{j}": row for j, row in enumerate(rows, start=1)}


def _layers(name: str, layers: list[Array]) -> dict[str, Array]:
    return {
        f"{name}{l}_{j}": row for l, rows in enumerate(layers, start=1) for j, row in enumerate(rows, start=1)
    }


def _named(arrays: dict[str, Array], prefix: str) -> Values:
    return dict(_elements(arrays, prefix))


def _elements(arrays: dict[str, Array], prefix: str) -> Iterator[tuple[str, float]]:
    for name, value in arrays.items():
        for (j, k), element in np.ndenumerate(value):
            place = f"{j + 1}{k + 1}" if name[0] == "W" else f"{j + 1}"
            yield f"{prefix}{name.lower()}_{place}", float(element)

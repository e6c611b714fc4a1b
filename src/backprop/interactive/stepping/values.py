"""一つの例についての、一往復と更新のすべての値。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop import steps
from backprop.checks import Array
from backprop.network import Network

Values = dict[str, float]


def round_trip(network: Network, x: Array, y: Array, rate: float) -> Values:
    """一つの例について、一往復と更新のすべての値。名前は ``w1_21`` のように、種類、層、番号。"""
    record = network.forward(x)
    deltas, gradients = network.backward(record, y)
    parameters = network.parameters()
    moved = {name: steps.update(value, gradients[name], rate) for name, value in parameters.items()}
    after = network.replace(**moved)
    slopes = [f.derivative(Z) for f, Z in zip(network.activations, record.Z)]
    squared = sum((g**2).sum() for g in gradients.values())
    return {
        "x1": x[0, 0], "x2": x[1, 0], "y": y[0, 0], "rate": rate,
        **_named(parameters, ""), **_named(gradients, "g"), **_named(moved, "n"),
        **_by_layer("z", record.Z), **_by_layer("a", record.A[1:]),
        **_by_layer("s", slopes), **_by_layer("d", deltas),
        **_by_layer("nz", after.forward(x).Z), **_by_layer("na", after.forward(x).A[1:]),
        "loss": network.cost(x, y), "nloss": after.cost(x, y), "predicted": -rate * squared,
        "dy": steps.output_gradient(record.A[-1], y, network.loss)[0, 0],
    }  # fmt: skip


def _named(arrays: dict[str, Array], prefix: str) -> Values:
    found = {}
    for name, value in arrays.items():
        for (j, k), element in np.ndenumerate(value):
            place = f"{j + 1}{k + 1}" if name[0] == "W" else f"{j + 1}"
            found[f"{prefix}{name.lower()}_{place}"] = float(element)
    return found


def _by_layer(name: str, columns: Sequence[Array]) -> Values:
    return {
        f"{name}{l}_{j}": float(value)
        for l, column in enumerate(columns, start=1)
        for j, value in enumerate(column[:, 0], start=1)
    }

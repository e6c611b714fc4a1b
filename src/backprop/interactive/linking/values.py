"""「アルゴリズムの全体」の章で手でたどる 2–3–2 の、一往復と更新のすべての値。"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backprop import steps
from backprop.checks import Array
from backprop.interactive.numbers import number
from backprop.network import Network

NETWORK = Network(
    [np.array([[1.0, 0.5], [0.5, -1.0], [-1.0, 1.0]]), np.array([[0.25, 1.0, -0.5], [-0.5, 1.0, 1.0]])],
    [np.array([[0.0], [0.5], [0.0]]), np.array([[0.5], [0.25]])],
    ["relu", "identity"],
    "half_squared_error",
)
X, Y = np.array([[1.0], [2.0]]), np.array([[1.0], [-0.5]])
RATE = 0.1
OUTPUTS, HIDDEN = (1, 2), (1, 2, 3)
"""出力層と隠れ層の番号。"""


def round_trip() -> dict[str, str]:
    """名前から、表示する数を引く表。名前は ``w2_13`` のように、種類、層、番号。

    種類は、a 活性（``a0`` は入力）、b バイアス、c 声の和、d 誤差項、dy 出力の勾配、e 学習率と勾配の積、g 勾配、
    n 更新のあと、s 傾き、v 道ごとの声、w 重み、y 目標、z 加重和。

    Examples
    --------
    >>> found = round_trip()
    >>> found["w2_13"], found["d1_3"], found["nw2_21"], found["gb2_1"]
    ('−0.5', '1', '−0.65', '−0.5')
    """
    record = NETWORK.forward(X)
    deltas, gradients = NETWORK.backward(record, Y)
    parameters = NETWORK.parameters()
    slopes = [f.derivative(Z) for f, Z in zip(NETWORK.activations, record.Z)]
    voices = NETWORK.weights[1] * deltas[1]
    found = dict(_each("y", Y)) | dict(_each("dy", steps.output_gradient(record.A[-1], Y, NETWORK.loss)))
    found |= dict(_each("v2_", voices)) | dict(_each("c1_", voices.sum(axis=0)[:, np.newaxis]))
    for name, value in parameters.items():
        kind = f"{name.lower()}_"
        found |= dict(_each(kind, value)) | dict(_each(f"g{kind}", gradients[name]))
        found |= dict(_each(f"e{kind}", RATE * gradients[name]))
        found |= dict(_each(f"n{kind}", steps.update(value, gradients[name], RATE)))
    for kind, start, columns in (("z", 1, record.Z), ("s", 1, slopes), ("d", 1, deltas), ("a", 0, record.A)):
        for l, column in enumerate(columns, start=start):
            found |= dict(_each(f"{kind}{l}_", column))
    return {name: number(value) for name, value in found.items()} | {"eta": number(RATE)}


def _each(prefix: str, value: Array) -> Iterator[tuple[str, float]]:
    """行列の成分を一つずつ。1列の行列なら、番号は一つ。"""
    for (j, k), element in np.ndenumerate(value):
        yield f"{prefix}{j + 1}{k + 1 if value.shape[1] > 1 else ''}", float(element)

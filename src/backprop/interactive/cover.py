"""本の表紙: 値が前へ流れ、誤差項が後ろへ流れ、重みが動く。"""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop import checks, steps
from backprop.checks import Array, explained
from backprop.interactive.numbers import number, rounded
from backprop.interactive.widget import Widget, table
from backprop.network import Network

WIDEST = 4
"""一つの層に描けるニューロンの数。"""
THICKEST = 1e6
"""線に描ける重みの大きさ。"""


@explained
def cover(network: Network, x: Array, y: Array, *, learning_rate: float, rounds: int = 8) -> Widget:
    """順伝播、損失、逆伝播、更新を、何往復も動かして見せる図。

    Parameters
    ----------
    network : Network
        隠れ層が一つの、どの層も4個までのネットワーク。変えない。
    x : ndarray, shape (N_0, 1)
        入力。
    y : ndarray, shape (N_2, 1)
        目標。
    learning_rate : float
        学習率。
    rounds : int
        往復の数。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        隠れ層が一つでない、ニューロンが多すぎる、配列の型や形が合わない。

    Notes
    -----
    五行の手順（23_algorithm、sec-algorithm-lines）を、本の表紙（index）で動かす。

    Examples
    --------
    >>> import numpy as np
    >>> net = Network([np.eye(2), np.ones((1, 2))], [np.zeros((2, 1)), np.zeros((1, 1))],
    ...               ["relu", "identity"], "half_squared_error")
    >>> cover(net, np.array([[1.0], [2.0]]), np.array([[2.0]]), learning_rate=0.02, rounds=3)
    2–2–1 のネットワークの、順伝播、逆伝播、更新の3往復。損失は 0.5 から 0.0446 へ。
    """
    _check(network, x, y)
    rate, rounds = checks.positive("learning_rate", learning_rate), checks.count("rounds", rounds)
    trips, walker = [], network
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(rounds):
            trip, walker = _trip(walker, x, y, rate)
            trips.append(trip)
        end = number(_cost(walker, x, y))
    sizes = "–".join(map(str, network.sizes))
    summary = (
        f"{sizes} のネットワークの、順伝播、逆伝播、更新の{rounds}往復。損失は {trips[0]['loss']} から {end} へ。"
    )
    data = {
        "label": summary, "sizes": list(network.sizes),
        "target": _texts(y), "end": end, "trips": trips,
    }  # fmt: skip
    return Widget("cover", summary, data, _table(trips, _texts(y), number(rate)))


def _check(network: Network, x: Array, y: Array) -> None:
    checks.instance("network", network, Network)
    if len(network.sizes) != 3 or max(network.sizes) > WIDEST:
        raise ValueError(
            f"network は、隠れ層が一つで、どの層も {WIDEST} 個までのネットワークでなければなりませんが、"
            f"{network!r} が与えられました。"
        )
    checks.array("x", x, (network.sizes[0], 1))
    checks.array("y", y, (network.sizes[-1], 1))


def _texts(column: Array) -> list[str]:
    return [number(value) for value in column.ravel()]


def _trip(network: Network, x: Array, y: Array, rate: float) -> tuple[dict[str, Any], Network]:
    """一往復で見せる値と、更新のあとのネットワーク。"""
    record = network.forward(x)
    deltas, gradients = network.backward(record, y)
    if max(np.abs(W).max() for W in network.weights) > THICKEST:
        raise ValueError(f"重みが {THICKEST:g} を超え、線に描けません。learning_rate は {rate!r} でした。")
    moved = {
        name: checks.finite_result("更新した重み", steps.update(value, gradients[name], rate))
        for name, value in network.parameters().items()
    }
    trip = {
        "a": [_texts(A) for A in record.A], "d": [_texts(delta) for delta in deltas],
        "w": [[rounded(row, 3) for row in W] for W in network.weights],
        "loss": number(_cost(network, x, y)),
    }  # fmt: skip
    return trip, network.replace(**moved)


def _cost(network: Network, x: Array, y: Array) -> float:
    return float(checks.finite_result("損失", network.cost(x, y)))


def _table(trips: list[dict[str, Any]], target: list[str], rate: str) -> str:
    rows = [
        (str(n), "、".join(trip["a"][-1]), trip["loss"], "、".join(trip["d"][-1]), "、".join(trip["d"][0]))
        for n, trip in enumerate(trips, start=1)
    ]
    head = ["往復", "出力", "損失", "出力層の誤差項", "隠れ層の誤差項"]
    return table(head, rows, f"目標は {'、'.join(target)}、学習率は {rate}。往復のたびに、重みとバイアスを更新する。")

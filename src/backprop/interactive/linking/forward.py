"""順伝播の図: 入力、重み、バイアス、隠れ層の活性化関数を、読者が変えられる。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.interactive.formula import markup, mathml
from backprop.interactive.linking.naming import neuron, spoken, symbol
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table
from backprop.network import ForwardPass, Network

HIDDEN = {"relu": "ReLU", "sigmoid": "シグモイド", "tanh": "tanh", "identity": "恒等関数"}
"""読者が選べる、隠れ層の活性化関数。"""
LIMIT = 10.0
"""入力、重み、バイアスの大きさの限り。絵の中に、どの数も書けるように。"""
WIDEST = 3


@explained
def forward_pass(network: Network, x: Array) -> Widget:
    """順伝播の図。入力、重み、バイアスのどれを変えても、加重和と活性がすぐに変わる。

    サイトでは、読者の画面の小さな計算が、変えたあとの値を求める。その計算は、検査が NumPy と突き合わせる。

    Parameters
    ----------
    network : Network
        隠れ層が一つのネットワーク。幅はどれも3まで。隠れ層は ReLU、シグモイド、tanh、恒等関数のどれか。出力層は恒等関数。
    x : ndarray, shape (N_0, 1)
        はじめの入力。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        ネットワークの大きさか関数が違う、入力の型や形が合わない、数が −10 から 10 のあいだにない。

    Notes
    -----
    「順伝播」の章（21_forward_pass）で使う。

    Examples
    --------
    >>> import numpy as np
    >>> net = Network([np.eye(2), np.ones((1, 2))], [np.zeros((2, 1)), np.zeros((1, 1))],
    ...               ["relu", "identity"], "half_squared_error")
    >>> forward_pass(net, np.array([[1.0], [-2.0]]))
    2–2–1 の順伝播の図。入力 1、−2 の出力は 1。
    """
    _check(network, x)
    record = network.forward(x)
    parts = dict(_parts(network, record))
    sizes = "–".join(map(str, network.sizes))
    given, found = ("、".join(number(value) for value in column[:, 0]) for column in (x, record.A[-1]))
    data = {
        "label": f"{sizes} の順伝播",
        "sizes": network.sizes,
        "live": _live(network, x),
        "say": {name: spoken(name) for name in parts},
        "math": {name: mathml(symbol(name)) for name in parts},
        "results": [],
        "motion": "forward",
        "picture": {"wires": {"1": ["w"], "2": ["w"]}, "above": _biases(network), "below": {}, "inside": {},
                    "targets": False, "biases": False, "corner": []},
        "general": _general(network),
        "units": [_unit(network, l, j) for l in (1, 2) for j in range(1, network.sizes[l] + 1)],
        "opens": _opens(network),
        "code": _code(network),
    }  # fmt: skip
    return Widget(
        "linked", f"{sizes} の順伝播の図。入力 {given} の出力は {found}。", data, _table(sizes, parts)
    )


def _check(network: Network, x: Array) -> None:
    checks.instance("network", network, Network)
    hidden, output = network.activations[0].name, network.activations[-1].name
    fits = network.num_layers == 2 and max(network.sizes) <= WIDEST
    if not fits or hidden not in HIDDEN or output != "identity":
        raise ValueError(
            "network は、隠れ層が一つ、幅がどれも3まで、隠れ層の活性化関数が"
            f" {'、'.join(HIDDEN)} のどれか、出力層が identity でなければなりませんが、"
            f"{network!r} が与えられました。"
        )
    checks.array("x", x, (network.sizes[0], 1))
    arrays = {f"network の {name}": value for name, value in network.parameters().items()}
    for name, value in {**arrays, "x": x}.items():
        if np.abs(value).max() > LIMIT:
            raise ValueError(
                f"{name} の要素は −10 から 10 のあいだでなければなりませんが、{value.tolist()} が与えられました。"
            )


def _live(network: Network, x: Array) -> dict[str, Any]:
    arrays = {name: value.tolist() for name, value in network.parameters().items()}
    functions = {"hidden": network.activations[0].name, "output": network.activations[1].name}
    return {**arrays, **functions, "x": x.tolist(), "limit": LIMIT, "choices": list(HIDDEN.items())}


def _parts(network: Network, record: ForwardPass) -> Iterator[tuple[str, float]]:
    """名前と値。層の順。"""
    yield from ((f"a0_{k + 1}", value) for k, value in enumerate(record.A[0][:, 0]))
    for l, (W, b) in enumerate(zip(network.weights, network.biases), start=1):
        for (j, k), value in np.ndenumerate(W):
            yield f"w{l}_{j + 1}{k + 1}", value
        for kind, column in (("b", b), ("z", record.Z[l - 1]), ("a", record.A[l])):
            yield from ((f"{kind}{l}_{j + 1}", value) for j, value in enumerate(column[:, 0]))


def _every(network: Network, kind: str, *layers: int) -> str:
    places = {l: range(1, width + 1) for l, width in enumerate(network.sizes)}
    if kind == "w":
        return " ".join(f"w{l}_{j}{k}" for l in layers for j in places[l] for k in places[l - 1])
    return " ".join(f"{kind}{l}_{j}" for l in layers for j in places[l])


def _biases(network: Network) -> dict[str, list[str]]:
    return {f"{l}_{j}": [f"b{l}_{j}"] for l in (1, 2) for j in range(1, network.sizes[l] + 1)}


def _general(network: Network) -> list[Any]:
    def item(source: str, kind: str, layers: tuple[int, ...], words: str) -> list[str]:
        return [mathml(source), _every(network, kind, *layers), words]

    return [
        item("z^{l}_{j}", "z", (1, 2), "加重和"), "=", [mathml(r"\sum_{k}"), "", ""],
        item("w^{l}_{jk}", "w", (1, 2), "重み"), item("a^{l-1}_{k}", "a", (0, 1), "前の層の活性"), "+",
        item("b^{l}_{j}", "b", (1, 2), "バイアス"), "、",
        item("a^{l}_{j}", "a", (1, 2), "活性"), "=", [mathml("f^{l}"), "", ""], "(",
        item("z^{l}_{j}", "z", (1, 2), "加重和"), ")",
    ]  # fmt: skip


def _unit(network: Network, l: int, j: int) -> dict[str, Any]:
    before = range(1, network.sizes[l - 1] + 1)
    products = [item for k in before for item in (f"w{l}_{j}{k}", "×", f"a{l - 1}_{k}", "+")]
    outcome = [f"a{l}_{j}", "=", [mathml(f"f^{{{l}}}"), "", ""], "(", f"z{l}_{j}", ")"]
    flow = {
        "in": [*([f"a{l - 1}_{k}", f"w{l}_{j}{k}", f"p{l}_{j}{k}"] for k in before), [f"b{l}_{j}"]],
        "op": ["∑", f"z{l}_{j}"], "tail": ["f", "", ""], "out": f"a{l}_{j}", "way": "f",
    }  # fmt: skip
    items = [f"z{l}_{j}", "=", *products, f"b{l}_{j}", "、", *outcome]
    return {"title": neuron(l, j), "at": f"n{l}_{j}", "items": items, "flow": flow}


def _opens(network: Network) -> dict[str, int]:
    found, n = {}, 0
    for l in (1, 2):
        for j in range(1, network.sizes[l] + 1):
            wires = [f"w{l}_{j}{k}" for k in range(1, network.sizes[l - 1] + 1)]
            found |= dict.fromkeys([f"n{l}_{j}", *wires], n)
            n += 1
    return found


def _code(network: Network) -> list[list[Any]]:
    def every(kind: str, l: int) -> str:
        return _every(network, kind, l)

    lines = []
    for l, before, function in ((1, "x", "{hidden}.value"), (2, "A1", "identity.value")):
        lines += [
            [[f"Z{l}", every("z", l)], " = ", [f"W{l}", every("w", l)], " @ ", [before, every("a", l - 1)],
             " + ", [f"b{l}", every("b", l)]],
            [[f"A{l}", every("a", l)], f" = {function}(", [f"Z{l}", every("z", l)], ")"],
        ]  # fmt: skip
    return lines


def _table(sizes: str, parts: dict[str, float]) -> str:
    rows = [(markup(symbol(name)), spoken(name), number(value)) for name, value in parts.items()]
    return table(["記号", "何の値か", "値"], rows, f"{sizes} の順伝播。はじめの入力、重み、バイアスでの値。")

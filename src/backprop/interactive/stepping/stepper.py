"""一歩ずつの図を組み立てる。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.interactive.formula import markup
from backprop.interactive.numbers import number
from backprop.interactive.stepping.bugs import bugs
from backprop.interactive.stepping.plan import Step, plan
from backprop.interactive.stepping.values import Trip, round_trip
from backprop.interactive.widget import Widget, table
from backprop.network import Network

WIDEST = 4
"""一つの層のニューロンと、例の、数の限り。"""

SEE = {
    "順伝播": ("順伝播の章", "21_forward_pass.html"),
    "損失": ("損失関数の章", "12_loss_functions.html"),
    "ステップ1": ("ステップ1の章", "31_step1_output_gradient.html"),
    "ステップ2": ("ステップ2の章", "32_step2_output_delta.html"),
    "ステップ3": ("ステップ3の章", "33_step3_hidden_delta.html"),
    "ステップ4": ("ステップ4の章", "34_step4_weight_gradient.html"),
    "ステップ5": ("ステップ5の章", "35_step5_bias_gradient.html"),
    "ステップ6": ("ステップ6の章", "36_step6_update.html"),
}


@explained
def stepper(network: Network, X: Array, Y: Array, *, learning_rate: float, first: int = 0) -> Widget:
    """順伝播、逆伝播、更新を、一歩ずつ見せる図。

    一歩ごとに、式、形、数を代入した計算、線とニューロンの上の値が現れる。サイトでは、大きさ、活性化関数、損失、
    例、学習率、重みを読者が選びなおせる。値を先に予想させ、「誤りの博物館」の誤りを入れて、どの数が変わり、どの
    審判が気づくかを見せる。選びなおした値は、読者のブラウザの中の、この本の実装と突き合わせた計算による。

    誤りのうち三つ（`backprop.interactive.stepping.bugs` の `LEFT_OUT`）は、入れない。ドロップアウトの誤りは、順伝播から違うネットワークを要る。勾配を
    消さない誤りと、順伝播を一度しかしない誤りは、一歩では正しいものと同じになる。

    Parameters
    ----------
    network : Network
        隠れ層が一つの、どの層もニューロンが4個までのネットワーク。
    X : ndarray, shape (N_0, m)
        入力。例は4個まで。
    Y : ndarray, shape (N_2, m)
        目標。
    learning_rate : float
        学習率。
    first : int
        はじめに見せる例の番号（0から）。表にもこの例を使う。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        隠れ層が一つでない、ニューロンか例が多すぎる、配列の型や形が合わない、目標が損失の定義域にない、番号の例がない。

    Notes
    -----
    「アルゴリズムの全体」の章（23_algorithm）と「XOR を学ぶ」の章（42_xor）で使う。手順の番号は前者による。

    Examples
    --------
    >>> import numpy as np
    >>> from backprop.datasets import xor
    >>> net = Network([np.eye(2), np.ones((1, 2))], [np.zeros((2, 1)), np.zeros((1, 1))],
    ...               ["sigmoid"] * 2, "binary_cross_entropy")
    >>> stepper(net, *xor(), learning_rate=0.5, first=1)
    2–2–1 のネットワークの、順伝播から更新までの18歩。例 (0, 1)、目標 1: 損失は 0.256 から 0.209 へ。
    """
    first = _check(network, X, Y, first)
    rate = checks.positive("learning_rate", learning_rate)
    trip = round_trip(network, X, Y, rate, first)
    steps = list(plan(trip))
    size = "–".join(map(str, network.sizes))
    shown = dict.fromkeys(name for step in steps for name in step.shows)
    data = {
        "label": f"{size} のネットワークの一歩ずつ",
        "net": _plain(network), "X": X.tolist(), "Y": Y.tolist(), "rate": rate, "first": first,
        "values": {name: number(trip.values[name]) for name in shown},
        "draws": _draws(), "see": SEE, "bugs": bugs(),
    }  # fmt: skip
    name = f"例 ({_row(X[:, first])})、目標 {_target(Y[:, first])}"
    losses = f"損失は {number(trip.values['loss'])} から {number(trip.values['nloss'])} へ。"
    summary = f"{size} のネットワークの、順伝播から更新までの{len(steps) - 1}歩。{name}: {losses}"
    return Widget("stepper", summary, data, _table(steps, trip, name))


def _check(network: Network, X: Array, Y: Array, first: int) -> int:
    sizes = checks.instance("network", network, Network).sizes
    if len(sizes) != 3 or max(sizes) > WIDEST:
        raise ValueError(
            f"network は隠れ層が一つで、どの層もニューロンが {WIDEST} 個までの Network でなければなりませんが、"
            f"{network!r} が与えられました。"
        )
    checks.array("X", X, (sizes[0], "m"))
    network.loss.targets(Y, (sizes[2], X.shape[1]))
    if X.shape[1] > WIDEST:
        raise ValueError(f"X の例は {WIDEST} 個まででなければなりませんが、{X.shape[1]} 個が与えられました。")
    example = checks.seed("first", first)
    if example >= X.shape[1]:
        raise ValueError(
            f"first は例の数 {X.shape[1]} より小さくなければなりませんが、{first} が与えられました。"
        )
    return example


def _plain(network: Network) -> dict[str, Any]:
    """ページの計算に渡す、ネットワーク。"""
    hidden, output = (f.name for f in network.activations)
    values = {name: value.tolist() for name, value in network.parameters().items()}
    return {"hidden": hidden, "output": output, "loss": network.loss.name, **values}


def _draws() -> list[int]:
    """審判「前進差分」の選ぶ、一つのパラメータの番号。パラメータの数ごとのくじ（`museum.random_point`）。"""
    most = 2 * WIDEST * (WIDEST + 1)
    return [int(np.random.default_rng(0).integers(count)) for count in range(1, most + 1)]


def _row(values: Array) -> str:
    return ", ".join(map(number, values))


def _target(values: Array) -> str:
    return _row(values) if len(values) == 1 else f"({_row(values)})"


def _table(steps: Sequence[Step], trip: Trip, name: str) -> str:
    rows = [
        (step.title, "<br>".join(markup(f) for f in step.formulas), "<br>".join(step.sums(trip)))
        for step in steps
        if step.formulas
    ]
    caption = (
        f"{name}、学習率 {number(trip.rate)} での一往復と更新。"
        "数は有効数字3桁に丸めて示し、計算には丸める前の値を使う。"
    )
    return table(["手順", "式", "数を入れると"], rows, caption)

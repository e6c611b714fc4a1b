"""一歩ずつの図を組み立てる。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.interactive.formula import markup, mathml
from backprop.interactive.numbers import number
from backprop.interactive.stepping.plan import Step, plan
from backprop.interactive.stepping.values import Values, round_trip
from backprop.interactive.widget import Widget, table
from backprop.network import Network

SIZES = (2, 2, 1)

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
WAYS = {"順伝播": "f", "逆伝播": "b", "更新": "u"}
"""線を通る向き: 順伝播、逆伝播、更新（矢印はなく、線の縁だけを目立たせる）。"""


@explained
def stepper(network: Network, X: Array, Y: Array, *, learning_rate: float, first: int = 1) -> Widget:
    """順伝播、逆伝播、更新を、1例について一歩ずつ見せる図。

    一歩ごとに、式、形、数を代入した計算、線とニューロンの上の値が現れる。例ごとに、同じ重みから始めて1回更新する。

    Parameters
    ----------
    network : Network
        2–2–1 の、シグモイド関数と2値クロスエントロピーのネットワーク。
    X : ndarray, shape (2, m)
        入力。
    Y : ndarray, shape (1, m)
        目標。要素は0か1。
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
        ネットワークの大きさか関数が違う、配列の型や形が合わない、目標が0でも1でもない、番号の例がない。

    Notes
    -----
    「XOR を学ぶ」の章（42_xor）で使う。手順の番号は「アルゴリズムの全体」の章（23_algorithm）による。

    Examples
    --------
    >>> import numpy as np
    >>> from backprop.datasets import xor
    >>> net = Network([np.eye(2), np.ones((1, 2))], [np.zeros((2, 1)), np.zeros((1, 1))],
    ...               ["sigmoid"] * 2, "binary_cross_entropy")
    >>> stepper(net, *xor(), learning_rate=0.5)
    2–2–1 のネットワークの、順伝播から更新までの20歩。例 (0, 1)、目標 1: 損失は 0.256 から 0.209 へ。
    """
    first = _check(network, X, Y, first)
    rate = checks.positive("learning_rate", learning_rate)
    values = [round_trip(network, X[:, [n]], Y[:, [n]], rate) for n in range(X.shape[1])]
    steps = list(plan())
    data = {
        "label": "2–2–1 のネットワークの一歩ずつ",
        "first": first,
        "steps": [_shared(step) for step in steps],
        "examples": [_example(steps, v) for v in values],
    }
    shown = values[first]
    name = f"例 ({number(shown['x1'])}, {number(shown['x2'])})、目標 {number(shown['y'])}"
    losses = f"損失は {number(shown['loss'])} から {number(shown['nloss'])} へ。"
    summary = f"2–2–1 のネットワークの、順伝播から更新までの{len(steps)}歩。{name}: {losses}"
    return Widget("stepper", summary, data, _table(steps, shown, name))


def _check(network: Network, X: Array, Y: Array, first: int) -> int:
    checks.instance("network", network, Network)
    names = [f.name for f in network.activations], network.loss.name
    if network.sizes != SIZES or names != (["sigmoid"] * 2, "binary_cross_entropy"):
        raise ValueError(
            "network は Network(2–2–1, sigmoid–sigmoid, binary_cross_entropy) でなければなりませんが、"
            f"{network!r} が与えられました。"
        )
    checks.array("X", X, (2, "m"))
    checks.array("Y", Y, (1, X.shape[1]))
    if not np.isin(Y, (0.0, 1.0)).all():
        raise ValueError(f"Y の要素は 0 か 1 でなければなりませんが、{Y.ravel().tolist()} が与えられました。")
    example = checks.seed("first", first)
    if example >= X.shape[1]:
        raise ValueError(
            f"first は例の数 {X.shape[1]} より小さくなければなりませんが、{first} が与えられました。"
        )
    return example


def _shared(step: Step) -> dict[str, Any]:
    return {
        "phase": step.phase, "title": step.title, "note": step.note, "shapes": step.shapes,
        "formulas": [mathml(formula) for formula in step.formulas], "see": SEE[step.see],
        "shows": step.shows, "nodes": step.nodes, "wires": step.wires,
        "way": step.way or WAYS.get(step.phase, ""),
    }  # fmt: skip


def _example(steps: Sequence[Step], values: Values) -> dict[str, Any]:
    shown = dict.fromkeys(name for step in steps for name in step.shows)
    return {
        "name": f"({number(values['x1'])}, {number(values['x2'])})",
        "target": number(values["y"]),
        "values": {name: number(values[name]) for name in shown},
        "sums": [step.sums(values) for step in steps],
    }


def _table(steps: Sequence[Step], values: Values, name: str) -> str:
    rows = [
        (step.title, "<br>".join(markup(f) for f in step.formulas), "<br>".join(step.sums(values)))
        for step in steps
        if step.formulas
    ]
    rate = number(values["rate"])
    caption = (
        f"{name}、学習率 {rate} での一往復と更新。数は有効数字3桁に丸めて示し、計算には丸める前の値を使う。"
    )
    return table(["手順", "式", "数を入れると"], rows, caption)

"""2–2–1 のネットワークの、順伝播から更新までの一歩ずつ。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backprop import checks, steps
from backprop.checks import Array
from backprop.interactive.formula import markup, mathml
from backprop.interactive.widget import Widget, number, table
from backprop.network import Network

SIZES = (2, 2, 1)
PHASES = ("出発点", "順伝播", "逆伝播", "更新")
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

DY = r"\frac{\partial\loss}{\partial\yhat}"

Values = dict[str, float]


@dataclass(frozen=True)
class _Step:
    """一歩。例によらない部分。`sums` は、値の表から、数を代入した行をつくる。"""

    phase: str
    title: str
    see: str
    formulas: Sequence[str]
    shapes: str
    note: str
    shows: Sequence[str]
    sums: Any
    nodes: Sequence[str] = ()
    wires: Sequence[str] = ()
    way: str = field(default="")


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
    _check(network, X, Y, first)
    rate = checks.positive("learning_rate", learning_rate)
    values = [_values(network, X[:, [n]], Y[:, [n]], rate) for n in range(X.shape[1])]
    plan = list(_plan())
    data = {
        "label": "2–2–1 のネットワークの一歩ずつ",
        "first": first,
        "steps": [_shared(step) for step in plan],
        "examples": [_example(plan, v) for v in values],
    }
    shown = values[first]
    name = f"例 ({number(shown['x1'])}, {number(shown['x2'])})、目標 {number(shown['y'])}"
    losses = f"損失は {number(shown['loss'])} から {number(shown['nloss'])} へ。"
    summary = f"2–2–1 のネットワークの、順伝播から更新までの{len(plan)}歩。{name}: {losses}"
    return Widget("stepper", summary, data, _table(plan, shown, name))


def _check(network: Network, X: Array, Y: Array, first: int) -> None:
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
    if checks.seed("first", first) >= X.shape[1]:
        raise ValueError(
            f"first は例の数 {X.shape[1]} より小さくなければなりませんが、{first} が与えられました。"
        )


# ---- 値 -----------------------------------------------------------------------------------------


def _values(network: Network, x: Array, y: Array, rate: float) -> Values:
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


# ---- 数を代入した行 -----------------------------------------------------------------------------


def _signed(text: str) -> str:
    """演算子のあとでは、負の数を括弧に入れる。"""
    return f"({text})" if text.startswith("−") else text


def _forward(value: float, *, after: bool = True) -> str:
    return f'<span class="f">{_signed(number(value)) if after else number(value)}</span>'


def _backward(value: float, *, after: bool = True) -> str:
    return f'<span class="b">{_signed(number(value)) if after else number(value)}</span>'


def _plain(value: float) -> str:
    return _signed(number(value))


def _line(symbol: str, terms: str, result: str) -> str:
    return f"{markup(symbol)} = {terms} = {result}"


def _weighted(l: int, j: int, new: str = "") -> Any:
    """加重和。``w × 入り口の活性`` を足し、バイアスを足す。"""

    def line(v: Values) -> list[str]:
        inputs = ("x1", "x2") if l == 1 else (f"{new}a1_1", f"{new}a1_2")
        products = [f"{_plain(v[f'{new}w{l}_{j}{k}'])} × {_forward(v[i])}" for k, i in enumerate(inputs, 1)]
        terms = " + ".join([*products, _plain(v[f"{new}b{l}_{j}"])])
        return [_line(_z(l, j), terms, _forward(v[f"{new}z{l}_{j}"], after=False))]

    return line


def _activated(l: int, j: int, new: str = "") -> Any:
    def line(v: Values) -> list[str]:
        symbol = r"\yhat" if l == 2 else _a(l, j)
        z, a = v[f"{new}z{l}_{j}"], v[f"{new}a{l}_{j}"]
        return [_line(symbol, f"σ({_forward(z, after=False)})", _forward(a, after=False))]

    return line


def _logarithm(v: Values, new: str = "") -> str:
    output = _forward(v[f"{new}a2_1"], after=False)
    return f"−log {output}" if v["y"] == 1 else f"−log (1 − {output})"


def _loss(v: Values) -> list[str]:
    return [_line(r"\loss", _logarithm(v), _forward(v["loss"], after=False))]


def _output_gradient(v: Values) -> list[str]:
    output = _forward(v["a2_1"])
    terms = f"({output} − {number(v['y'])}) / ({output} × (1 − {output}))"
    return [_line(r"\partial\loss/\partial\yhat", terms, _backward(v["dy"], after=False))]


def _slope(v: Values, l: int, j: int) -> str:
    a = _forward(v[f"a{l}_{j}"])
    return _line(rf"\sigma\prime({_z(l, j)})", f"{a} × (1 − {a})", _forward(v[f"s{l}_{j}"], after=False))


def _output_delta(v: Values) -> list[str]:
    result = _backward(v["d2_1"], after=False)
    product = f"{_backward(v['dy'], after=False)} × {_forward(v['s2_1'])}"
    difference = f"{_forward(v['a2_1'])} − {number(v['y'])}"
    return [_slope(v, 2, 1), _line(_d(2, 1), product, result), _line(r"\yhat - y", difference, result)]


def _hidden_delta(j: int) -> Any:
    def lines(v: Values) -> list[str]:
        terms = f"{number(v[f'w2_1{j}'])} × {_backward(v['d2_1'])} × {_forward(v[f's1_{j}'])}"
        return [_slope(v, 1, j), _line(_d(1, j), terms, _backward(v[f"d1_{j}"], after=False))]

    return lines


def _weight_gradient(l: int, j: int) -> Any:
    def lines(v: Values) -> list[str]:
        return [
            _line(
                rf"\partial\loss/\partial {_w(l, j, k)}",
                f"{_backward(v[f'd{l}_{j}'], after=False)} × {_forward(v[i])}",
                _backward(v[f"gw{l}_{j}{k}"], after=False),
            )
            for k, i in enumerate(("x1", "x2") if l == 1 else ("a1_1", "a1_2"), start=1)
        ]

    return lines


def _bias_gradients(v: Values) -> list[str]:
    neurons = ((2, 1), (1, 1), (1, 2))
    left = [markup(rf"\partial\loss/\partial {_b(l, j)} = {_d(l, j)}") for l, j in neurons]
    right = [_backward(v[f"gb{l}_{j}"], after=False) for l, j in neurons]
    return [f"{a} = {b}" for a, b in zip(left, right)]


def _updates(l: int) -> Any:
    def lines(v: Values) -> list[str]:
        names = [name for name in v if name.startswith((f"w{l}_", f"b{l}_"))]
        return [
            f"{markup(_parameter(name))} ← {number(v[name])} − {number(v['rate'])} × "
            f"{_backward(v[f'g{name}'])} = {number(v[f'n{name}'])}"
            for name in names
        ]

    return lines


def _again(v: Values) -> list[str]:
    return [line for part in (_weighted(1, 1, "n"), _activated(1, 1, "n"), _weighted(1, 2, "n"),
                              _activated(1, 2, "n"), _weighted(2, 1, "n"), _activated(2, 1, "n"))
            for line in part(v)]  # fmt: skip


def _comparison(v: Values) -> list[str]:
    return [
        _line(r"\loss", _logarithm(v, "n"), _forward(v["nloss"], after=False)),
        f"損失の変化: {number(v['nloss'])} − {number(v['loss'])} = {number(v['nloss'] - v['loss'])}",
        f"一次近似の予想: −<i>η</i> × (勾配の成分の2乗の和) = {number(v['predicted'])}",
    ]


# ---- 手順 ---------------------------------------------------------------------------------------


def _z(l: int | str, j: int | str) -> str:
    return f"z^{{{l}}}_{{{j}}}"


def _a(l: int | str, j: int | str) -> str:
    return f"a^{{{l}}}_{{{j}}}"


def _b(l: int | str, j: int | str) -> str:
    return f"b^{{{l}}}_{{{j}}}"


def _d(l: int | str, j: int | str) -> str:
    return rf"\delta^{{{l}}}_{{{j}}}"


def _w(l: int, j: int, k: int | str) -> str:
    return f"w^{{{l}}}_{{{j}{k}}}"


def _parameter(name: str) -> str:
    kind, l, place = name[0], int(name[1]), name.partition("_")[2]
    return f"{kind}^{{{l}}}_{{{place}}}"


def _gradient(parameter: str) -> str:
    return rf"\frac{{\partial\loss}}{{\partial {parameter}}}"


def _plan() -> Iterator[_Step]:
    """すべての手順。順番は「アルゴリズムの全体」の章の行1から行5。"""
    yield _Step(
        "出発点", "重みとバイアスを決めたところ", "順伝播", (), "",
        "出力は目標より大きいでしょうか、小さいでしょうか。予想してから進んでください。",
        ["x1", "x2", "y", *(f"w1_{j}{k}" for j in (1, 2) for k in (1, 2)), "w2_11", "w2_12",
         "b1_1", "b1_2", "b2_1"],
        lambda v: [],
    )  # fmt: skip
    yield from _forward_plan()
    yield from _backward_plan()
    yield from _update_plan()


def _forward_plan() -> Iterator[_Step]:
    layer = {1: (r"z^{1} = W^{1} x + b^{1}", "(2, 1) = (2, 2) (2, 1) + (2, 1)"),
             2: (r"z^{2} = W^{2} a^{1} + b^{2}", "(1, 1) = (1, 2) (2, 1) + (1, 1)")}  # fmt: skip
    for l, j, inputs in (
        (1, 1, ("x_{1}", "x_{2}")),
        (1, 2, ("x_{1}", "x_{2}")),
        (2, 1, (_a(1, 1), _a(1, 2))),
    ):
        where = f"隠れ層の{j}個め" if l == 1 else "出力"
        products = " + ".join(rf"{_w(l, j, k)} {i}" for k, i in enumerate(inputs, start=1))
        yield _Step(
            "順伝播", f"行1 ― {where}の加重和", "順伝播",
            (f"{_z(l, j)} = {products} + {_b(l, j)}", layer[l][0]), layer[l][1],
            "入ってくる値に線の重みを掛けて足し、最後にバイアスを足します。",
            [f"z{l}_{j}"], _weighted(l, j), [f"z{l}_{j}"], [f"{l}_{j}1", f"{l}_{j}2"],
        )  # fmt: skip
        symbol = rf"\yhat = {_a(2, 1)}" if l == 2 else _a(l, j)
        column = r"\yhat" if l == 2 else "a^{1}"
        yield _Step(
            "順伝播", f"行1 ― {where}の活性", "順伝播",
            (rf"{symbol} = \sigma({_z(l, j)})", rf"{column} = \sigma(z^{{{l}}})"),
            f"({3 - l}, 1) = ({3 - l}, 1)",
            "加重和をシグモイド関数に通すと、0と1のあいだの数になります。" if l == 1 else
            "これがネットワークの答え ŷ です。はじめの予想は当たりましたか。",
            [f"a{l}_{j}"], _activated(l, j), [f"a{l}_{j}"],
        )  # fmt: skip
    yield _Step(
        "順伝播", "行2 ― 損失", "損失", (r"\loss = \minus y\log\yhat - (1 - y)\log(1 - \yhat)",), "一つの数",
        "この数は、逆伝播の計算には使いません。学習が進んだかを見るためのものです。",
        ["loss"], _loss, ["loss"],
    )  # fmt: skip


def _backward_plan() -> Iterator[_Step]:
    yield _Step(
        "逆伝播", "行3 ― 出力の勾配（ステップ1）", "ステップ1",
        (rf"{DY} = \frac{{\yhat - y}}{{\yhat(1 - \yhat)}}",), "(1, 1)",
        "出力を少し増やすと、損失はどれだけ増えるか。負なら、出力を増やすと損失が減ります。",
        ["dy"], _output_gradient, ["dy"],
    )  # fmt: skip
    yield _Step(
        "逆伝播", "行4a ― 出力層の誤差項（ステップ2）", "ステップ2",
        (rf"{_d(2, 1)} = {DY} \times \sigma\prime({_z(2, 1)}) = \yhat - y",),
        "(1, 1) = (1, 1) ⊙ (1, 1)",
        "傾き σ′ を掛けると、ステップ1の分母と約されて、ŷ − y だけが残ります。",
        ["d2_1"], _output_delta, ["d2_1"],
    )  # fmt: skip
    for j in (1, 2):
        yield _Step(
            "逆伝播", f"行4b ― 隠れ層の{j}個めの誤差項（ステップ3）", "ステップ3",
            (rf"{_d(1, j)} = {_w(2, 1, j)}{_d(2, 1)} \times \sigma\prime({_z(1, j)})",
             r"\delta^{1} = (W^{2})^{\top}\delta^{2} \odot \sigma\prime(z^{1})"),
            "(2, 1) = (2, 1) (1, 1) ⊙ (2, 1)",
            "行きに使った重みを、帰りにも使います。帰ってきた値に、自分の傾きを掛けます。",
            [f"d1_{j}"], _hidden_delta(j), [f"d1_{j}"], [f"2_1{j}"],
        )  # fmt: skip
    outer = {1: (r"\delta^{1} x^{\top}", "(2, 2) = (2, 1) (1, 2)"),
             2: (r"\delta^{2} (a^{1})^{\top}", "(1, 2) = (1, 1) (1, 2)")}  # fmt: skip
    for l, j, start in ((2, 1, _a(1, "k")), (1, 1, "x_{k}"), (1, 2, "x_{k}")):
        where = f"隠れ層の{j}個めに入る線" if l == 1 else "出力に入る線"
        yield _Step(
            "逆伝播", f"行4c ― {where}の重みの勾配（ステップ4）", "ステップ4",
            (rf"{_gradient(_w(l, j, 'k'))} = {_d(l, j)}{start}",
             rf"{_gradient(f'W^{{{l}}}')} = {outer[l][0]}"), outer[l][1],
            "線の出口の誤差項と、入り口の値の積です。" + ("入り口が0の線の勾配は、いつも0です。" if l == 1 else ""),
            [f"gw{l}_{j}1", f"gw{l}_{j}2"], _weight_gradient(l, j), [], [f"{l}_{j}1", f"{l}_{j}2"],
        )  # fmt: skip
    yield _Step(
        "逆伝播", "行4d ― バイアスの勾配（ステップ5）", "ステップ5",
        (rf"{_gradient(_b('l', 'j'))} = {_d('l', 'j')}",), "(1, 1)、(2, 1)",
        "例が1個なら、誤差項そのものです。これで9個の勾配がそろいました。",
        ["gb2_1", "gb1_1", "gb1_2"], _bias_gradients, ["b2_1", "b1_1", "b1_2"],
    )  # fmt: skip


def _update_plan() -> Iterator[_Step]:
    wires = {1: ["1_11", "1_12", "1_21", "1_22"], 2: ["2_11", "2_12"]}
    for l, where, shape in (
        (2, "出力層", "(1, 2) = (1, 2) − (1, 2)"),
        (1, "隠れ層", "(2, 2) = (2, 2) − (2, 2)"),
    ):
        biases = [f"b{l}_{j}" for j in range(1, 4 - l)]
        yield _Step(
            "更新", f"行5 ― {where}の重みとバイアス（ステップ6）", "ステップ6",
            (rf"W^{{{l}}} \leftarrow W^{{{l}}} - \eta {_gradient(f'W^{{{l}}}')}",
             rf"b^{{{l}}} \leftarrow b^{{{l}}} - \eta {_gradient(f'b^{{{l}}}')}"), shape,
            "勾配の逆向きに、学習率 η の割合だけ動かします。勾配がすべてそろってから動かすのが決まりです。",
            [*(f"nw{wire}" for wire in wires[l]), *(f"n{b}" for b in biases)],
            _updates(l), biases, wires[l],
        )  # fmt: skip
    yield _Step(
        "更新", "行1をもう一度 ― 新しい重みでの出力", "順伝播",
        (r"\yhat = \sigma(W^{2}\sigma(W^{1} x + b^{1}) + b^{2})",), "(1, 1)",
        "出力は、目標に近づいたでしょうか。",
        ["nz1_1", "na1_1", "nz1_2", "na1_2", "nz2_1", "na2_1"], _again, ["a2_1"],
        [*wires[1], *wires[2]], "f",
    )  # fmt: skip
    yield _Step(
        "更新", "行2をもう一度 ― 新しい損失", "ステップ6", (r"\loss = \minus y\log\yhat - (1 - y)\log(1 - \yhat)",),
        "一つの数", "損失は下がりました。一次近似の予想との差は、歩幅を小さくするほど縮みます。",
        ["nloss"], _comparison, ["loss"],
    )  # fmt: skip


# ---- 出力 ---------------------------------------------------------------------------------------


def _shared(step: _Step) -> dict[str, Any]:
    return {
        "phase": step.phase, "title": step.title, "note": step.note, "shapes": step.shapes,
        "formulas": [mathml(formula) for formula in step.formulas], "see": SEE[step.see],
        "shows": step.shows, "nodes": step.nodes, "wires": step.wires,
        "way": step.way or WAYS.get(step.phase, ""),
    }  # fmt: skip


def _example(plan: Sequence[_Step], values: Values) -> dict[str, Any]:
    shown = dict.fromkeys(name for step in plan for name in step.shows)
    return {
        "name": f"({number(values['x1'])}, {number(values['x2'])})",
        "target": number(values["y"]),
        "values": {name: number(values[name]) for name in shown},
        "sums": [step.sums(values) for step in plan],
    }


def _table(plan: Sequence[_Step], values: Values, name: str) -> str:
    rows = [
        (step.title, "<br>".join(markup(f) for f in step.formulas), "<br>".join(step.sums(values)))
        for step in plan
        if step.formulas
    ]
    rate = number(values["rate"])
    caption = (
        f"{name}、学習率 {rate} での一往復と更新。数は有効数字3桁に丸めて示し、計算には丸める前の値を使う。"
    )
    return table(["手順", "式", "数を入れると"], rows, caption)

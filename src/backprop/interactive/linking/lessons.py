"""六つのステップの図の中身: 式、プログラムの行、ニューロンや線の一つ一つの計算、絵に出す数。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backprop.interactive.linking.naming import neuron
from backprop.interactive.linking.values import HIDDEN, OUTPUTS

INPUTS = (1, 2)
WIRES = {1: [(j, k) for j in HIDDEN for k in INPUTS], 2: [(j, k) for j in OUTPUTS for k in HIDDEN]}
WIDTHS = {0: INPUTS, 1: HIDDEN, 2: OUTPUTS}


@dataclass(frozen=True)
class Unit:
    """一つのニューロンか線の計算。

    `items` は式で、部分の名前と演算の記号を並べる。`flow` は、流れの図。`at` は絵の中の場所で、`near` も
    選ぶと、この計算が開く。
    """

    title: str
    at: str
    items: Sequence[str]
    flow: dict[str, Any]
    near: Sequence[str] = ()


@dataclass(frozen=True)
class Lesson:
    """一つのステップ。

    `general` は一般の式で、``(TeX, 応える部分, ことば)`` か演算の記号を並べる。`code` の行は、同じ組か文字を並べる。
    `results` は、読者が計算させるまで伏せる部分の種類。`wires`、`above`、`below` は、絵に出す数、
    `inside` は、ニューロンに触れたとき一緒に灯る数。`biases` なら、ニューロンの中にはバイアスだけを書く。
    """

    line: str
    name: str
    general: Sequence[Any]
    code: Sequence[Sequence[Any]]
    units: Sequence[Unit]
    results: Sequence[str]
    motion: str
    wires: dict[str, list[str]] = field(default_factory=dict)
    above: dict[str, list[str]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    inside: dict[str, list[str]] = field(default_factory=dict)
    targets: bool = False
    biases: bool = False
    corner: Sequence[str] = ()


def every(kind: str, l: int) -> str:
    """層 `l` の、一つの種類の部分のすべて。

    Examples
    --------
    >>> every("d", 1), every("w", 2)
    ('d1_1 d1_2 d1_3', 'w2_11 w2_12 w2_13 w2_21 w2_22 w2_23')
    """
    if kind in ("y", "dy"):
        return " ".join(f"{kind}{j}" for j in OUTPUTS)
    if kind[-1] == "w":
        return " ".join(f"{kind}{l}_{j}{k}" for j, k in WIRES[l])
    return " ".join(f"{kind}{l}_{j}" for j in WIDTHS[l])


def both(kind: str) -> str:
    """隠れ層と出力層の、一つの種類の部分のすべて。"""
    return f"{every(kind, 1)} {every(kind, 2)}"


def _notes(kind: str, *layers: int) -> dict[str, list[str]]:
    return {f"{l}_{j}": [f"{kind}{l}_{j}"] for l in layers for j in WIDTHS[l]}


def _outputs(kind: str) -> dict[str, list[str]]:
    return {f"2_{j}": [f"{kind}{j}"] for j in OUTPUTS}


def _one() -> Lesson:
    units = [
        Unit(
            neuron(2, j), f"n2_{j}", [f"dy{j}", "=", f"a2_{j}", "−", f"y{j}"],
            {"in": [[f"a2_{j}"], [f"y{j}"]], "op": ["−"], "out": f"dy{j}"},
        )
        for j in OUTPUTS
    ]  # fmt: skip
    return Lesson(
        "3", "出力の勾配",
        [(r"\frac{\partial\loss}{\partial a^{L}_{j}}", every("dy", 2), "出力の勾配"), "=",
         ("a^{L}_{j}", every("a", 2), "出力層の活性"), "−", ("y_{j}", every("y", 2), "目標")],
        [[("dA2", every("dy", 2)), " = ", ("A2", every("a", 2)), " - ", ("y", every("y", 2))]],
        units, ["dy"], "target", below=_outputs("dy"), targets=True,
    )  # fmt: skip


def _two() -> Lesson:
    units = [
        Unit(
            neuron(2, j), f"n2_{j}", [f"d2_{j}", "=", f"dy{j}", "×", f"s2_{j}"],
            {"in": [[f"dy{j}"], [f"s2_{j}"]], "op": ["×"], "out": f"d2_{j}"},
        )
        for j in OUTPUTS
    ]  # fmt: skip
    return Lesson(
        "4a", "出力層の誤差項",
        [(r"\delta^{L}_{j}", every("d", 2), "出力層の誤差項"), "=",
         (r"\frac{\partial\loss}{\partial a^{L}_{j}}", every("dy", 2), "出力の勾配"), "×",
         (r"f^{L\prime}(z^{L}_{j})", every("s", 2), "出力層の傾き")],
        [[("delta2", every("d", 2)), " = ", ("dA2", every("dy", 2)), " * ",
          ("identity.derivative(Z2)", every("s", 2))]],
        units, ["d2"], "inside", above=_outputs("dy"), below=_notes("d", 2), inside=_notes("s", 2),
    )  # fmt: skip


def _three() -> Lesson:
    def terms(k: int) -> list[str]:
        first, second = ([f"w2_{j}{k}", "×", f"d2_{j}"] for j in OUTPUTS)
        return ["(", *first, "+", *second, ")"]

    units = [
        Unit(
            neuron(1, k), f"n1_{k}", [f"d1_{k}", "=", *terms(k), "×", f"s1_{k}"],
            {"in": [[f"d2_{j}", f"w2_{j}{k}", f"v2_{j}{k}"] for j in OUTPUTS], "op": ["∑", f"c1_{k}"],
             "tail": ["× ", f"s1_{k}", ""], "out": f"d1_{k}"},
            [f"w2_{j}{k}" for j in OUTPUTS],
        )
        for k in HIDDEN
    ]  # fmt: skip
    return Lesson(
        "4b", "隠れ層の誤差項",
        [(r"\delta^{l}_{j}", every("d", 1), "隠れ層の誤差項"), "=", "(", (r"\sum_{k}", "", ""),
         ("w^{l+1}_{kj}", every("w", 2), "次の層への重み"), (r"\delta^{l+1}_{k}", every("d", 2), "次の層の誤差項"),
         ")", "×", (r"f^{l\prime}(z^{l}_{j})", every("s", 1), "隠れ層の傾き")],
        [[("delta1", every("d", 1)), " = (", ("W2.T", every("w", 2)), " @ ", ("delta2", every("d", 2)),
          ") * ", ("relu.derivative(Z1)", every("s", 1))]],
        units, ["d1", "v", "c"], "back", wires={"2": ["w"]}, below=_notes("d", 1, 2), inside=_notes("s", 1),
    )  # fmt: skip


def _four() -> Lesson:
    units = [
        Unit(
            f"{neuron(l - 1, k)}から{neuron(l, j)}への線", f"w{l}_{j}{k}",
            [f"gw{l}_{j}{k}", "=", f"d{l}_{j}", "×", f"a{l - 1}_{k}"],
            {"in": [[f"d{l}_{j}"], [f"a{l - 1}_{k}"]], "op": ["×"], "out": f"gw{l}_{j}{k}"},
        )
        for l in (2, 1)
        for j, k in WIRES[l]
    ]  # fmt: skip
    before = f"{every('a', 0)} {every('a', 1)}"
    return Lesson(
        "4c", "重みの勾配",
        [(r"\frac{\partial\loss}{\partial w^{l}_{jk}}", both("gw"), "重みの勾配"), "=",
         (r"\delta^{l}_{j}", both("d"), "線の出口の誤差項"), "×", ("a^{l-1}_{k}", before, "線の入り口の活性")],
        [[("dW2", every("gw", 2)), " = ", ("delta2", every("d", 2)), " @ ", ("A1.T", every("a", 1))],
         [("dW1", every("gw", 1)), " = ", ("delta1", every("d", 1)), " @ ", ("x.T", every("a", 0))]],
        units, ["gw"], "meet", wires={"1": ["gw"], "2": ["gw"]}, below=_notes("d", 1, 2),
    )  # fmt: skip


def _five() -> Lesson:
    units = [
        Unit(
            neuron(l, j), f"n{l}_{j}", [f"gb{l}_{j}", "=", f"d{l}_{j}"],
            {"in": [[f"d{l}_{j}"], ["one"]], "op": ["×"], "out": f"gb{l}_{j}"},
        )
        for l in (2, 1)
        for j in WIDTHS[l]
    ]  # fmt: skip
    return Lesson(
        "4d", "バイアスの勾配",
        [(r"\frac{\partial\loss}{\partial b^{l}_{j}}", both("gb"), "バイアスの勾配"), "=",
         (r"\delta^{l}_{j}", both("d"), "誤差項")],
        [[("db2", every("gb", 2)), " = ", ("delta2", every("d", 2))],
         [("db1", every("gb", 1)), " = ", ("delta1", every("d", 1))]],
        units, ["gb"], "bias", above=_notes("gb", 1, 2), below=_notes("d", 1, 2),
    )  # fmt: skip


def _six() -> Lesson:
    def unit(kind: str, l: int, place: str, title: str, at: str) -> Unit:
        name = f"{kind}{l}_{place}"
        return Unit(
            title, at, [f"n{name}", "←", name, "−", "eta", "×", f"g{name}"],
            {"in": [[f"g{name}"], ["eta"]], "op": ["×", f"e{name}"], "tail": ["", name, " −"],
             "out": f"n{name}"},
        )  # fmt: skip

    units = []
    for l in (2, 1):
        for j, k in WIRES[l]:
            title = f"{neuron(l - 1, k)}から{neuron(l, j)}への線の重み"
            units.append(unit("w", l, f"{j}{k}", title, f"w{l}_{j}{k}"))
        units += [unit("b", l, str(j), f"{neuron(l, j)}のバイアス", f"n{l}_{j}") for j in WIDTHS[l]]

    def line(name: str, kind: str, l: int) -> list[Any]:
        return [
            (f"new_{name}", every(f"n{kind}", l)), " = ", (name, every(kind, l)), " - ", ("eta", "eta"),
            " * ", (f"d{name}", every(f"g{kind}", l)),
        ]  # fmt: skip

    return Lesson(
        "5", "更新",
        [("w^{l}_{jk}", both("nw"), "新しい重み"), "←", ("w^{l}_{jk}", both("w"), "重み"), "−",
         (r"\eta", "eta", "学習率"), "×",
         (r"\frac{\partial J}{\partial w^{l}_{jk}}", both("gw"), "重みの勾配"), "、",
         ("b^{l}_{j}", both("nb"), "新しいバイアス"), "←", ("b^{l}_{j}", both("b"), "バイアス"), "−",
         (r"\eta", "eta", "学習率"), "×",
         (r"\frac{\partial J}{\partial b^{l}_{j}}", both("gb"), "バイアスの勾配")],
        [line("W2", "w", 2), line("b2", "b", 2), line("W1", "w", 1), line("b1", "b", 1)],
        units, ["n", "ew", "eb"], "glow", wires={"1": ["w", "nw", "gw"], "2": ["w", "nw", "gw"]},
        inside={f"{l}_{j}": [f"b{l}_{j}", f"nb{l}_{j}", f"gb{l}_{j}"] for l in (1, 2) for j in WIDTHS[l]},
        biases=True, corner=["eta"],
    )  # fmt: skip


LESSONS = {number: build() for number, build in enumerate((_one, _two, _three, _four, _five, _six), start=1)}

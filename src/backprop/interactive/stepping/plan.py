"""一歩ずつの図の、すべての手順: 式、形、説明、現れる値。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backprop.interactive.stepping import sums, symbols

DY = r"\frac{\partial\loss}{\partial\yhat}"


@dataclass(frozen=True)
class Step:
    """一歩。例によらない部分。`sums` は、値の表から、数を代入した行をつくる。"""

    phase: str
    title: str
    see: str
    formulas: Sequence[str]
    shapes: str
    note: str
    shows: Sequence[str]
    sums: sums.Lines
    nodes: Sequence[str] = ()
    wires: Sequence[str] = ()
    way: str = field(default="")


def plan() -> Iterator[Step]:
    """すべての手順。順番は「アルゴリズムの全体」の章の行1から行5。"""
    yield Step(
        "出発点", "重みとバイアスを決めたところ", "順伝播", (), "",
        "出力は目標より大きいでしょうか、小さいでしょうか。予想してから進んでください。",
        ["x1", "x2", "y", *(f"w1_{j}{k}" for j in (1, 2) for k in (1, 2)), "w2_11", "w2_12",
         "b1_1", "b1_2", "b2_1"],
        lambda v: [],
    )  # fmt: skip
    yield from _forward()
    yield from _backward()
    yield from _update()


def _forward() -> Iterator[Step]:
    layer = {1: (r"z^{1} = W^{1} x + b^{1}", "(2, 1) = (2, 2) (2, 1) + (2, 1)"),
             2: (r"z^{2} = W^{2} a^{1} + b^{2}", "(1, 1) = (1, 2) (2, 1) + (1, 1)")}  # fmt: skip
    for l, j, inputs in (
        (1, 1, ("x_{1}", "x_{2}")),
        (1, 2, ("x_{1}", "x_{2}")),
        (2, 1, (symbols.a(1, 1), symbols.a(1, 2))),
    ):
        where = f"隠れ層の{j}個め" if l == 1 else "出力"
        products = " + ".join(rf"{symbols.w(l, j, k)} {i}" for k, i in enumerate(inputs, start=1))
        yield Step(
            "順伝播", f"行1 ― {where}の加重和", "順伝播",
            (f"{symbols.z(l, j)} = {products} + {symbols.b(l, j)}", layer[l][0]), layer[l][1],
            "入ってくる値に線の重みを掛けて足し、最後にバイアスを足します。",
            [f"z{l}_{j}"], sums.weighted(l, j), [f"z{l}_{j}"], [f"{l}_{j}1", f"{l}_{j}2"],
        )  # fmt: skip
        symbol = rf"\yhat = {symbols.a(2, 1)}" if l == 2 else symbols.a(l, j)
        column = r"\yhat" if l == 2 else "a^{1}"
        yield Step(
            "順伝播", f"行1 ― {where}の活性", "順伝播",
            (rf"{symbol} = \sigma({symbols.z(l, j)})", rf"{column} = \sigma(z^{{{l}}})"),
            f"({3 - l}, 1) = ({3 - l}, 1)",
            "加重和をシグモイド関数に通すと、0と1のあいだの数になります。" if l == 1 else
            "これがネットワークの答え ŷ です。はじめの予想は当たりましたか。",
            [f"a{l}_{j}"], sums.activated(l, j), [f"a{l}_{j}"],
        )  # fmt: skip
    yield Step(
        "順伝播", "行2 ― 損失", "損失", (r"\loss = \minus y\log\yhat - (1 - y)\log(1 - \yhat)",), "一つの数",
        "この数は、逆伝播の計算には使いません。学習が進んだかを見るためのものです。",
        ["loss"], sums.loss, ["loss"],
    )  # fmt: skip


def _backward() -> Iterator[Step]:
    yield Step(
        "逆伝播", "行3 ― 出力の勾配（ステップ1）", "ステップ1",
        (rf"{DY} = \frac{{\yhat - y}}{{\yhat(1 - \yhat)}}",), "(1, 1)",
        "出力を少し増やすと、損失はどれだけ増えるか。負なら、出力を増やすと損失が減ります。",
        ["dy"], sums.output_gradient, ["dy"],
    )  # fmt: skip
    yield Step(
        "逆伝播", "行4a ― 出力層の誤差項（ステップ2）", "ステップ2",
        (rf"{symbols.d(2, 1)} = {DY} \times \sigma\prime({symbols.z(2, 1)}) = \yhat - y",),
        "(1, 1) = (1, 1) ⊙ (1, 1)",
        "傾き σ′ を掛けると、ステップ1の分母と約されて、ŷ − y だけが残ります。",
        ["d2_1"], sums.output_delta, ["d2_1"],
    )  # fmt: skip
    for j in (1, 2):
        yield Step(
            "逆伝播", f"行4b ― 隠れ層の{j}個めの誤差項（ステップ3）", "ステップ3",
            (rf"{symbols.d(1, j)} = {symbols.w(2, 1, j)}{symbols.d(2, 1)}"
             rf" \times \sigma\prime({symbols.z(1, j)})",
             r"\delta^{1} = (W^{2})^{\top}\delta^{2} \odot \sigma\prime(z^{1})"),
            "(2, 1) = (2, 1) (1, 1) ⊙ (2, 1)",
            "行きに使った重みを、帰りにも使います。帰ってきた値に、自分の傾きを掛けます。",
            [f"d1_{j}"], sums.hidden_delta(j), [f"d1_{j}"], [f"2_1{j}"],
        )  # fmt: skip
    outer = {1: (r"\delta^{1} x^{\top}", "(2, 2) = (2, 1) (1, 2)"),
             2: (r"\delta^{2} (a^{1})^{\top}", "(1, 2) = (1, 1) (1, 2)")}  # fmt: skip
    for l, j, start in ((2, 1, symbols.a(1, "k")), (1, 1, "x_{k}"), (1, 2, "x_{k}")):
        where = f"隠れ層の{j}個めに入る線" if l == 1 else "出力に入る線"
        yield Step(
            "逆伝播", f"行4c ― {where}の重みの勾配（ステップ4）", "ステップ4",
            (rf"{symbols.gradient(symbols.w(l, j, 'k'))} = {symbols.d(l, j)}{start}",
             rf"{symbols.gradient(f'W^{{{l}}}')} = {outer[l][0]}"), outer[l][1],
            "線の出口の誤差項と、入り口の値の積です。" + ("入り口が0の線の勾配は、いつも0です。" if l == 1 else ""),
            [f"gw{l}_{j}1", f"gw{l}_{j}2"], sums.weight_gradient(l, j), [], [f"{l}_{j}1", f"{l}_{j}2"],
        )  # fmt: skip
    yield Step(
        "逆伝播", "行4d ― バイアスの勾配（ステップ5）", "ステップ5",
        (rf"{symbols.gradient(symbols.b('l', 'j'))} = {symbols.d('l', 'j')}",), "(1, 1)、(2, 1)",
        "例が1個なら、誤差項そのものです。これで9個の勾配がそろいました。",
        ["gb2_1", "gb1_1", "gb1_2"], sums.bias_gradients, ["b2_1", "b1_1", "b1_2"],
    )  # fmt: skip


def _update() -> Iterator[Step]:
    wires = {1: ["1_11", "1_12", "1_21", "1_22"], 2: ["2_11", "2_12"]}
    for l, where, shape in (
        (2, "出力層", "(1, 2) = (1, 2) − (1, 2)"),
        (1, "隠れ層", "(2, 2) = (2, 2) − (2, 2)"),
    ):
        biases = [f"b{l}_{j}" for j in range(1, 4 - l)]
        yield Step(
            "更新", f"行5 ― {where}の重みとバイアス（ステップ6）", "ステップ6",
            (rf"W^{{{l}}} \leftarrow W^{{{l}}} - \eta {symbols.gradient(f'W^{{{l}}}')}",
             rf"b^{{{l}}} \leftarrow b^{{{l}}} - \eta {symbols.gradient(f'b^{{{l}}}')}"), shape,
            "勾配の逆向きに、学習率 η の割合だけ動かします。勾配がすべてそろってから動かすのが決まりです。",
            [*(f"nw{wire}" for wire in wires[l]), *(f"n{b}" for b in biases)],
            sums.updates(l), biases, wires[l],
        )  # fmt: skip
    yield Step(
        "更新", "行1をもう一度 ― 新しい重みでの出力", "順伝播",
        (r"\yhat = \sigma(W^{2}\sigma(W^{1} x + b^{1}) + b^{2})",), "(1, 1)",
        "出力は、目標に近づいたでしょうか。",
        ["nz1_1", "na1_1", "nz1_2", "na1_2", "nz2_1", "na2_1"], sums.again, ["a2_1"],
        [*wires[1], *wires[2]], "f",
    )  # fmt: skip
    yield Step(
        "更新", "行2をもう一度 ― 新しい損失", "ステップ6", (r"\loss = \minus y\log\yhat - (1 - y)\log(1 - \yhat)",),
        "一つの数", "損失は下がりました。一次近似の予想との差は、歩幅を小さくするほど縮みます。",
        ["nloss"], sums.comparison, ["loss"],
    )  # fmt: skip

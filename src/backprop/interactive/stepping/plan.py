"""一歩ずつの図の、すべての手順: 式、形、説明、現れる値。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backprop.interactive.stepping import sums, symbols
from backprop.interactive.stepping.values import Trip


@dataclass(frozen=True)
class Step:
    """一歩。`sums` は、数を代入した行をつくる。`nodes` と `wires` は、目立たせるニューロンと線。"""

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


def plan(t: Trip) -> Iterator[Step]:
    """すべての手順。順番は「アルゴリズムの全体」の章の行1から行5。"""
    shows = [f"{letter}{j}" for letter, n in zip("xy", (t.sizes[0], t.sizes[2])) for j in range(1, n + 1)]
    yield Step(
        "出発点", "重みとバイアスを決めたところ", "順伝播", (), "",
        "出力は目標より大きいでしょうか、小さいでしょうか。予想してから進んでください。",
        [*shows, *sums.updated(t, 1), *sums.updated(t, 2)], lambda _: [],
    )  # fmt: skip
    for l in (1, 2):
        yield from _layer(t, l)
    yield _loss(t)
    yield from _deltas(t)
    yield from _gradients(t)
    yield from _updates(t)


def _all(t: Trip, l: int) -> list[int]:
    return list(range(1, t.sizes[l] + 1))


def _nodes(t: Trip, l: int) -> list[str]:
    return [f"{l}_{j}" for j in _all(t, l)]


def _wires(t: Trip, l: int) -> list[str]:
    return [f"{l}_{j}{k}" for j in _all(t, l) for k in _all(t, l - 1)]


def _unit(t: Trip, l: int, j: int) -> str:
    if l == 1:
        return f"隠れ層の{j}個め"
    return "出力" if t.sizes[2] == 1 else f"出力の{j}個め"


def _size(t: Trip, rows: int) -> str:
    """活性や誤差項を並べた行列の形。"""
    return f"({rows}, {len(t.used)})"


def _letter(t: Trip, letter: str, l: int) -> str:
    """層の値を並べたもの。全例をまとめたときは、大文字の行列。"""
    if l == 0:
        return "X" if t.batch else "x"
    capital = r"\Delta" if letter == r"\delta" else letter.upper()
    return f"{capital if t.batch else letter}^{{{l}}}"


def _entry(l: int, k: int | str) -> str:
    return f"x_{{{k}}}" if l == 1 else symbols.a(1, k)


# ---- 順伝播 --------------------------------------------------------------------------------------

ACTIVATED = {
    "identity": "恒等関数なので、加重和がそのまま活性です。",
    "sigmoid": "加重和をシグモイド関数に通すと、0と1のあいだの数になります。",
    "tanh": "加重和を tanh に通すと、−1と1のあいだの数になります。",
    "relu": "ReLU は、負の加重和を0にし、正の加重和をそのまま通します。",
    "leaky_relu": "leaky ReLU は、負の加重和を0.01倍し、正の加重和をそのまま通します。",
    "softplus": "加重和を softplus に通すと、正の数になります。",
    "softmax": "e を底とする指数関数に入れ、その和で割ります。足すと1になります。",
}


def _layer(t: Trip, l: int) -> Iterator[Step]:
    before, after = _letter(t, "a", l - 1), _letter(t, "z", l)
    rows, columns = t.sizes[l], t.sizes[l - 1]
    for j in _all(t, l):
        products = " + ".join(f"{symbols.w(l, j, k)} {_entry(l, k)}" for k in _all(t, l - 1))
        yield Step(
            "順伝播", f"行1 ― {_unit(t, l, j)}の加重和", "順伝播",
            (f"{symbols.z(l, j)} = {products} + {symbols.b(l, j)}",
             f"{after} = W^{{{l}}} {before} + b^{{{l}}}"),
            f"{_size(t, rows)} = ({rows}, {columns}) {_size(t, columns)} + ({rows}, 1)",
            "入ってくる値に線の重みを掛けて足し、最後にバイアスを足します。",
            [f"z{l}_{j}"], sums.weighted(l, j), [f"{l}_{j}"],
            [f"{l}_{j}{k}" for k in _all(t, l - 1)], "f",
        )  # fmt: skip
    name = t.activation(l)
    f, layer = symbols.function(name, l), _letter(t, "a", l)
    one = symbols.numbered(r"\yhat", "j", t.sizes[2]) if l == 2 else symbols.a(1, "j")
    formula = f"{one} = {f}({symbols.z(l, 'j' if rows > 1 or l == 1 else 1)})"
    if name == "softmax":
        formula = rf"{one} = \frac{{e^{{{symbols.z(l, 'j')}}}}}{{\sum_{{k}}e^{{{symbols.z(l, 'k')}}}}}"
    answer = "これがネットワークの答え ŷ です。はじめの予想は当たりましたか。" if l == 2 else ""
    yield Step(
        "順伝播", f"行1 ― {'隠れ層' if l == 1 else '出力層'}の活性", "順伝播",
        (formula, f"{layer} = {f}({after})"), f"{_size(t, rows)} = {_size(t, rows)}",
        ACTIVATED[name] + answer, [f"a{l}_{j}" for j in _all(t, l)], sums.activated(l), _nodes(t, l),
    )  # fmt: skip


def _loss_formula(t: Trip) -> str:
    """損失の定義。"""
    y, output = (symbols.numbered(letter, "j", t.sizes[2]) for letter in ("y", r"\yhat"))
    total = r"\sum_{j}" if t.sizes[2] > 1 else ""
    if t.loss == "binary_cross_entropy":
        if not total:
            return rf"\loss = \minus {y}\log{output} - (1 - {y})\log(1 - {output})"
        return rf"\loss = \minus {total}({y}\log{output} + (1 - {y})\log(1 - {output}))"
    if t.loss == "cross_entropy":
        return rf"\loss = \minus {total}{y}\log{output}"
    divisor = t.sizes[2] if t.loss == "mse" else 2
    factor = "" if divisor == 1 else rf"\frac{{1}}{{{divisor}}}"
    return rf"\loss = {factor}{total}({output} - {y})^{{2}}"


def _mean(t: Trip) -> str:
    return rf"\frac{{1}}{{{len(t.used)}}}"


def _loss(t: Trip) -> Step:
    mean = [rf"J = {_mean(t)}\sum_{{n}}\loss^{{(n)}}"] if t.batch else []
    return Step(
        "順伝播", "行2 ― 損失", "損失", (_loss_formula(t), *mean), "一つの数",
        "この数は、逆伝播の計算には使いません。学習が進んだかを見るためのものです。",
        ["loss", "cost"] if t.batch else ["loss"], sums.loss, _nodes(t, 2),
    )  # fmt: skip


# ---- 逆伝播 --------------------------------------------------------------------------------------


def _dy(t: Trip, j: int | str) -> str:
    return rf"\frac{{\partial\loss}}{{\partial {symbols.numbered(chr(92) + 'yhat', j, t.sizes[2])}}}"


def _output_gradient(t: Trip) -> str:
    y, output = (symbols.numbered(letter, "j", t.sizes[2]) for letter in ("y", r"\yhat"))
    difference = f"{output} - {y}"
    return {
        "binary_cross_entropy": rf"\frac{{{difference}}}{{{output}(1 - {output})}}",
        "cross_entropy": rf"\minus \frac{{{y}}}{{{output}}}",
        "half_squared_error": difference,
        "mse": (rf"\frac{{2}}{{{t.sizes[2]}}}" if t.sizes[2] > 1 else "2") + f"({difference})",
    }[t.loss]


def _output_delta(t: Trip, j: int) -> tuple[list[str], str]:
    """ステップ2の式と、説明。"""
    y, output = (symbols.numbered(letter, j, t.sizes[2]) for letter in ("y", r"\yhat"))
    d, slope = symbols.d(2, j), f"{symbols.slope(t.output, 2)}({symbols.z(2, j)})"
    if t.loss == "cross_entropy":
        note = "softmax とクロスエントロピーの組では、ステップ1と2がまとまって、ŷ − y だけが残ります。"
        return [f"{d} = {output} - {y}"], note
    if t.output == "softmax":
        other = symbols.numbered(r"\yhat", "k", t.sizes[2])
        inside = rf"{output}({_dy(t, j)} - \sum_{{k}}{other}{_dy(t, 'k')})"
        note = (
            "softmax の出力は、どの加重和にもよります。そこで、行3の値から、ŷ で重みをつけた平均を引きます。"
        )
        return [f"{d} = {inside}"], note
    if t.loss == "binary_cross_entropy":
        note = "傾き σ′ を掛けると、ステップ1の分母と約されて、ŷ − y だけが残ります。"
        return [rf"{d} = {_dy(t, j)} \times {slope} = {output} - {y}"], note
    note = "行3の値に、自分の傾きを掛けます。"
    if t.output == "identity":
        note = "恒等関数の傾きは1なので、行3の値のままです。"
    return [rf"{d} = {_dy(t, j)} \times {slope}"], note


def _hidden_delta(t: Trip, j: int) -> tuple[list[str], str]:
    """ステップ3の式と、説明。"""
    products = " + ".join(f"{symbols.w(2, i, j)}{symbols.d(2, i)}" for i in _all(t, 2))
    this, after = _letter(t, r"\delta", 1), _letter(t, r"\delta", 2)
    if t.hidden == "softmax":
        g, a = "g_{{{}}}", "a^{{1}}_{{{}}}"
        formula = (
            rf"{symbols.d(1, j)} = {a.format(j)}({g.format(j)} - \sum_{{k}}{a.format('k')}{g.format('k')})"
        )
        note = "行きに使った重みを、帰りにも使って、届いた値 g を求めます。softmax では、a で重みをつけた平均を引きます。"
        return [formula, rf"g = (W^{{2}})^{{\top}}{after}"], note
    inside = f"({products})" if t.sizes[2] > 1 else products
    slope = symbols.slope(t.hidden, 1)
    return [
        rf"{symbols.d(1, j)} = {inside} \times {slope}({symbols.z(1, j)})",
        rf"{this} = (W^{{2}})^{{\top}}{after} \odot {slope}({_letter(t, 'z', 1)})",
    ], "行きに使った重みを、帰りにも使います。帰ってきた値に、自分の傾きを掛けます。"


def _deltas(t: Trip) -> Iterator[Step]:
    yield Step(
        "逆伝播", "行3 ― 出力の勾配（ステップ1）", "ステップ1",
        (f"{_dy(t, 'j')} = {_output_gradient(t)}",), _size(t, t.sizes[2]),
        "出力を少し増やすと、損失はどれだけ増えるか。負なら、出力を増やすと損失が減ります。",
        [f"dy{j}" for j in _all(t, 2)], sums.output_gradients, _nodes(t, 2),
    )  # fmt: skip
    yield from _output_deltas(t)
    yield from _hidden_deltas(t)


def _output_deltas(t: Trip) -> Iterator[Step]:
    outputs = t.sizes[2]
    for j in _all(t, 2):
        formulas, note = _output_delta(t, j)
        one, shape = "" if outputs == 1 else f"の{j}個め", _size(t, outputs)
        yield Step(
            "逆伝播", f"行4a ― 出力層{one}の誤差項（ステップ2）", "ステップ2", formulas,
            shape if t.output == "softmax" else f"{shape} = {shape} ⊙ {shape}",
            note, [f"d2_{j}"], sums.output_delta(j), [f"2_{j}"],
        )  # fmt: skip


def _hidden_deltas(t: Trip) -> Iterator[Step]:
    _, hidden, outputs = t.sizes
    for j in _all(t, 1):
        formulas, note = _hidden_delta(t, j)
        product = f"({hidden}, {outputs}) {_size(t, outputs)}"
        last = "" if t.hidden == "softmax" else f" ⊙ {_size(t, hidden)}"
        yield Step(
            "逆伝播", f"行4b ― 隠れ層の{j}個めの誤差項（ステップ3）", "ステップ3", formulas,
            f"{_size(t, hidden)} = {product}{last}", note, [f"d1_{j}"], sums.hidden_delta(j), [f"1_{j}"],
            [f"2_{i}{j}" for i in _all(t, 2)], "b",
        )  # fmt: skip


def _outer(t: Trip, l: int, j: int) -> tuple[list[str], str]:
    """ステップ4の式と、形。"""
    of, rows, columns = "J" if t.batch else r"\loss", t.sizes[l], t.sizes[l - 1]
    entry, before = _entry(l, "k"), _letter(t, "a", l - 1)
    back = rf"{before}^{{\top}}" if l == 1 else rf"({before})^{{\top}}"
    shape = f"({rows}, {columns}) = {_size(t, rows)} ({len(t.used)}, {columns})"
    one, mean = f"{symbols.d(l, j)}{entry}", ""
    if t.batch:
        mean = _mean(t)
        start = "x^{(n)}_{k}" if l == 1 else "a^{1(n)}_{k}"
        one = rf"{mean}\sum_{{n}}\delta^{{{l}(n)}}_{{{j}}}{start}"
    return [
        f"{symbols.gradient(symbols.w(l, j, 'k'), of)} = {one}",
        rf"{symbols.gradient(f'W^{{{l}}}', of)} = {mean}{_letter(t, chr(92) + 'delta', l)} {back}",
    ], shape


def _gradients(t: Trip) -> Iterator[Step]:
    for l, j in sums.neurons(t):
        formulas, shape = _outer(t, l, j)
        note = (
            "線の出口の誤差項と、入り口の値の積です。"
            if not t.batch
            else "線の出口の誤差項と入り口の値の積の、例についての平均です。"
        )
        if l == 1 and not t.batch:
            note += "入り口が0の線の勾配は、いつも0です。"
        yield Step(
            "逆伝播", f"行4c ― {_unit(t, l, j)}に入る線の重みの勾配（ステップ4）", "ステップ4", formulas, shape, note,
            [f"gw{l}_{j}{k}" for k in _all(t, l - 1)], sums.weight_gradient(l, j), [f"{l}_{j}"],
            [f"{l}_{j}{k}" for k in _all(t, l - 1)],
        )  # fmt: skip
    of = "J" if t.batch else r"\loss"
    one = rf"{_mean(t)}\sum_{{n}}\delta^{{l(n)}}_{{j}}" if t.batch else symbols.d("l", "j")
    note = "誤差項の、例についての平均です。" if t.batch else "例が1個なら、誤差項そのものです。"
    yield Step(
        "逆伝播", "行4d ― バイアスの勾配（ステップ5）", "ステップ5",
        (f"{symbols.gradient(symbols.b('l', 'j'), of)} = {one}",), f"({t.sizes[2]}, 1)、({t.sizes[1]}, 1)",
        f"{note}これで{t.count}個の勾配がそろいました。",
        [f"gb{l}_{j}" for l, j in sums.neurons(t)], sums.bias_gradients, [*_nodes(t, 1), *_nodes(t, 2)],
    )  # fmt: skip


# ---- 更新 ----------------------------------------------------------------------------------------


def _updates(t: Trip) -> Iterator[Step]:
    of, name = ("J", "cost") if t.batch else (r"\loss", "loss")
    for l, where in ((2, "出力層"), (1, "隠れ層")):
        shape = f"({t.sizes[l]}, {t.sizes[l - 1]})"
        yield Step(
            "更新", f"行5 ― {where}の重みとバイアス（ステップ6）", "ステップ6",
            [rf"{p} \leftarrow {p} - \eta {symbols.gradient(p, of)}" for p in (f"W^{{{l}}}", f"b^{{{l}}}")],
            f"{shape} = {shape} − {shape}",
            "勾配の逆向きに、学習率 η の割合だけ動かします。勾配がすべてそろってから動かすのが決まりです。",
            [f"n{name}" for name in sums.updated(t, l)], sums.updates(l), _nodes(t, l), _wires(t, l), "u",
        )  # fmt: skip
    inside = rf"{symbols.function(t.hidden, 1)}(W^{{1}} {_letter(t, 'a', 0)} + b^{{1}})"
    output = rf"{symbols.function(t.output, 2)}(W^{{2}}{inside} + b^{{2}})"
    again = [f"n{letter}{l}_{j}" for l in (1, 2) for letter in "za" for j in _all(t, l)]
    yield Step(
        "更新", "行1をもう一度 ― 新しい重みでの出力", "順伝播",
        (rf"{'A^{2}' if t.batch else chr(92) + 'yhat'} = {output}",), _size(t, t.sizes[2]),
        "出力は、目標に近づいたでしょうか。",
        again, sums.again, _nodes(t, 2), [*_wires(t, 1), *_wires(t, 2)], "f",
    )  # fmt: skip
    change = t.values[f"n{name}"] - t.values[name]
    way = "下がりました" if change < 0 else "上がりました" if change > 0 else "変わりません"
    yield Step(
        "更新", "行2をもう一度 ― 新しい損失", "ステップ6", (_loss_formula(t),), "一つの数",
        f"損失は{way}。一次近似の予想との差は、歩幅を小さくするほど縮みます。",
        ["nloss", "ncost"] if t.batch else ["nloss"], sums.comparison, _nodes(t, 2),
    )  # fmt: skip

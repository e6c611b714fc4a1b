"""数を代入した行。どの関数も、一往復から行をつくる。順伝播の値と逆伝播の値は、色を分ける。"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from backprop.interactive.formula import markup
from backprop.interactive.numbers import number
from backprop.interactive.stepping import symbols
from backprop.interactive.stepping.values import Trip

Lines = Callable[[Trip], list[str]]


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


def _average(terms: Iterable[str], count: int) -> str:
    """例についての平均。"""
    return f"({' + '.join(terms)}) / {count}"


def _output(t: Trip, j: int) -> str:
    return symbols.numbered(r"\yhat", j, t.sizes[2])


def _entries(l: int, t: Trip, new: str = "") -> list[str]:
    """層 `l` に入ってくる値の名前。"""
    prefix = "x" if l == 1 else f"{new}a1_"
    return [f"{prefix}{k}" for k in range(1, t.sizes[l - 1] + 1)]


def weighted(l: int, j: int, new: str = "") -> Lines:
    """加重和。``w × 入り口の活性`` を足し、バイアスを足す。"""

    def line(t: Trip) -> list[str]:
        v, inputs = t.values, enumerate(_entries(l, t, new), 1)
        products = [f"{_plain(v[f'{new}w{l}_{j}{k}'])} × {_forward(v[i])}" for k, i in inputs]
        terms = " + ".join([*products, _plain(v[f"{new}b{l}_{j}"])])
        return [_line(symbols.z(l, j), terms, _forward(v[f"{new}z{l}_{j}"], after=False))]

    return line


def activated(l: int, new: str = "") -> Lines:
    """層の活性。"""

    def lines(t: Trip) -> list[str]:
        return [_activated(t, l, j, new) for j in range(1, t.sizes[l] + 1)]

    return lines


def _activated(t: Trip, l: int, j: int, new: str) -> str:
    name, z = t.activation(l), _forward(t.values[f"{new}z{l}_{j}"], after=False)
    terms = {
        "identity": markup(symbols.z(l, j)), "sigmoid": f"σ({z})", "tanh": f"tanh({z})",
        "relu": f"max({z}, 0)", "leaky_relu": f"leaky ReLU({z})", "softplus": f"log (1 + e<sup>{z}</sup>)",
    }  # fmt: skip
    if name == "softmax":
        powers = [
            f"e<sup>{_forward(t.values[f'{new}z{l}_{k}'], after=False)}</sup>"
            for k in range(1, t.sizes[l] + 1)
        ]
        terms[name] = f"{powers[j - 1]} / ({' + '.join(powers)})"
    symbol = _output(t, j) if l == 2 else symbols.a(l, j)
    return _line(symbol, terms[name], _forward(t.values[f"{new}a{l}_{j}"], after=False))


def _logarithms(t: Trip, new: str) -> str:
    """クロスエントロピーの和。"""
    terms = []
    for j in range(1, t.sizes[2] + 1):
        output, y = _forward(t.values[f"{new}a2_{j}"], after=False), t.values[f"y{j}"]
        parts = [(y, f"log {output}")]
        if t.loss == "binary_cross_entropy":
            parts.append((1 - y, f"log (1 − {output})"))
        terms += [f"−{'' if p == 1 else f'{number(p)} × '}{text}" for p, text in parts if p != 0]
    return " ".join([terms[0], *(f"− {term[1:]}" for term in terms[1:])])


def _loss(t: Trip, new: str = "") -> str:
    if t.paired:
        return _logarithms(t, new)
    squares = " + ".join(
        f"({_forward(t.values[f'{new}a2_{j}'], after=False)} − {_plain(t.values[f'y{j}'])})²"
        for j in range(1, t.sizes[2] + 1)
    )
    divisor = t.sizes[2] if t.loss == "mse" else 2
    if divisor == 1:
        return squares
    return f"({squares}) / {divisor}" if t.sizes[2] > 1 else f"{squares} / {divisor}"


def _mean_loss(t: Trip, new: str = "") -> list[str]:
    if not t.batch:
        return []
    terms = [_forward(t.values[f"{new}loss@{n}"]) for n in t.used]
    return [_line("J", _average(terms, len(t.used)), _forward(t.values[f"{new}cost"], after=False))]


def loss(t: Trip) -> list[str]:
    """損失と、全例をまとめたときは、その平均。"""
    return [_line(r"\loss", _loss(t), _forward(t.values["loss"], after=False)), *_mean_loss(t)]


def output_gradients(t: Trip) -> list[str]:
    """ステップ1の出力の勾配。"""
    lines = []
    for j in range(1, t.sizes[2] + 1):
        symbol = rf"\partial\loss/\partial {_output(t, j)}"
        lines.append(_line(symbol, _output_gradient(t, j), _backward(t.values[f"dy{j}"], after=False)))
    return lines


def _output_gradient(t: Trip, j: int) -> str:
    output, y = _forward(t.values[f"a2_{j}"]), _plain(t.values[f"y{j}"])
    if t.loss == "binary_cross_entropy":
        return f"({output} − {y}) / ({output} × (1 − {output}))"
    if t.loss == "cross_entropy":
        return f"−{y} / {output}"
    if t.loss == "half_squared_error":
        return f"{output} − {y}"
    return f"2 × ({output} − {y})" + (f" / {t.sizes[2]}" if t.sizes[2] > 1 else "")


def _slope(t: Trip, l: int, j: int) -> list[str]:
    """傾きの行。softmax には、傾きがない。"""
    name, v = t.activation(l), t.values
    symbol = f"{symbols.slope(name, l)}({symbols.z(l, j)})"
    result = _forward(v[f"s{l}_{j}"], after=False)
    z, a = number(v[f"z{l}_{j}"]), _forward(v[f"a{l}_{j}"])
    side = "正" if v[f"z{l}_{j}"] > 0 else "負" if v[f"z{l}_{j}"] < 0 else "0"
    if name in ("relu", "leaky_relu"):
        return [
            f"{markup(symbol)} = {result}（{z} は{side}）" if z != "0" else f"{markup(symbol)} = {result}"
        ]
    if name == "identity":
        return [f"{markup(symbol)} = {result}"]
    terms = {"sigmoid": f"{a} × (1 − {a})", "tanh": f"1 − {a}²"}
    terms["softplus"] = f"σ({_forward(v[f'z{l}_{j}'], after=False)})"
    return [_line(symbol, terms[name], result)]


def output_delta(j: int) -> Lines:
    """ステップ2の誤差項。"""

    def lines(t: Trip) -> list[str]:
        v = t.values
        result = _backward(v[f"d2_{j}"], after=False)
        difference = f"{_forward(v[f'a2_{j}'])} − {_plain(v[f'y{j}'])}"
        if t.loss == "cross_entropy":
            return [_line(symbols.d(2, j), difference, result)]
        if t.output == "softmax":
            return [_line(symbols.d(2, j), _pulled(t, 2, j), result)]
        product = f"{_backward(v[f'dy{j}'], after=False)} × {_forward(v[f's2_{j}'])}"
        found = [*_slope(t, 2, j), _line(symbols.d(2, j), product, result)]
        if t.paired:
            symbol = rf"{_output(t, j)} - {symbols.numbered('y', j, t.sizes[2])}"
            found.append(_line(symbol, difference, result))
        return found

    return lines


def _pulled(t: Trip, l: int, j: int) -> str:
    """softmax の引き戻し。``a_j (g_j − Σ_k a_k g_k)``。"""
    received = [f"dy{k}" if l == 2 else f"r1_{k}" for k in range(1, t.sizes[l] + 1)]
    own = [_forward(t.values[f"a{l}_{k}"]) for k in range(1, t.sizes[l] + 1)]
    terms = " + ".join(f"{a} × {_backward(t.values[g])}" for a, g in zip(own, received))
    return f"{own[j - 1]} × ({_backward(t.values[received[j - 1]], after=False)} − ({terms}))"


def _back(t: Trip, j: int) -> str:
    return " + ".join(
        f"{_plain(t.values[f'w2_{i}{j}']) if i > 1 else number(t.values[f'w2_{i}{j}'])}"
        f" × {_backward(t.values[f'd2_{i}'])}"
        for i in range(1, t.sizes[2] + 1)
    )


def hidden_delta(j: int) -> Lines:
    """ステップ3の誤差項。"""

    def lines(t: Trip) -> list[str]:
        v = t.values
        result = _backward(v[f"d1_{j}"], after=False)
        if t.hidden == "softmax":
            received = [
                _line(f"g_{{{k}}}", _back(t, k), _backward(v[f"r1_{k}"], after=False))
                for k in range(1, t.sizes[1] + 1)
            ]
            return [*received, _line(symbols.d(1, j), _pulled(t, 1, j), result)]
        back = f"({_back(t, j)})" if t.sizes[2] > 1 else _back(t, j)
        return [*_slope(t, 1, j), _line(symbols.d(1, j), f"{back} × {_forward(v[f's1_{j}'])}", result)]

    return lines


def _of(t: Trip) -> str:
    return "J" if t.batch else r"\loss"


def weight_gradient(l: int, j: int) -> Lines:
    """ステップ4の、ニューロン j に入る線の重みの勾配。"""

    def terms(t: Trip, entry: str) -> str:
        v = t.values
        if not t.batch:
            return f"{_backward(v[f'd{l}_{j}'], after=False)} × {_forward(v[entry])}"
        pairs = [(v[f"d{l}_{j}@{n}"], v[f"{entry}@{n}"]) for n in t.used]
        products = [f"{_backward(d, after=n > 0)} × {_forward(a)}" for n, (d, a) in enumerate(pairs)]
        return _average(products, len(t.used))

    def lines(t: Trip) -> list[str]:
        return [
            _line(
                rf"\partial {_of(t)}/\partial {symbols.w(l, j, k)}",
                terms(t, entry),
                _backward(t.values[f"gw{l}_{j}{k}"], after=False),
            )
            for k, entry in enumerate(_entries(l, t), start=1)
        ]

    return lines


def neurons(t: Trip) -> list[tuple[int, int]]:
    """出力層、隠れ層の順の、すべてのニューロンの層と番号。"""
    return [(l, j) for l in (2, 1) for j in range(1, t.sizes[l] + 1)]


def bias_gradients(t: Trip) -> list[str]:
    """ステップ5の、すべてのバイアスの勾配。"""
    lines = []
    for l, j in neurons(t):
        result = _backward(t.values[f"gb{l}_{j}"], after=False)
        symbol = rf"\partial {_of(t)}/\partial {symbols.b(l, j)}"
        if t.batch:
            terms = [_backward(t.values[f"d{l}_{j}@{n}"], after=n > 1) for n in t.used]
            lines.append(_line(symbol, _average(terms, len(t.used)), result))
        else:
            lines.append(f"{markup(f'{symbol} = {symbols.d(l, j)}')} = {result}")
    return lines


def updated(t: Trip, l: int) -> list[str]:
    """層 `l` の重みとバイアスの名前。"""
    wires = [f"w{l}_{j}{k}" for j in range(1, t.sizes[l] + 1) for k in range(1, t.sizes[l - 1] + 1)]
    return [*wires, *(f"b{l}_{j}" for j in range(1, t.sizes[l] + 1))]


def updates(l: int) -> Lines:
    """ステップ6の、層 l のすべての重みとバイアスの更新。"""

    def lines(t: Trip) -> list[str]:
        v = t.values
        return [
            f"{markup(symbols.parameter(name))} ← {number(v[name])} − {number(t.rate)} × "
            f"{_backward(v[f'g{name}'])} = {number(v[f'n{name}'])}"
            for name in updated(t, l)
        ]

    return lines


def again(t: Trip) -> list[str]:
    """新しい重みでの順伝播。"""
    return [
        line
        for l in (1, 2)
        for part in (*(weighted(l, j, "n") for j in range(1, t.sizes[l] + 1)), activated(l, "n"))
        for line in part(t)
    ]


def comparison(t: Trip) -> list[str]:
    """新しい損失と、損失の変化、その一次近似。"""
    name, v = "cost" if t.batch else "loss", t.values
    return [
        _line(r"\loss", _loss(t, "n"), _forward(v["nloss"], after=False)),
        *_mean_loss(t, "n"),
        f"損失の変化: {number(v[f'n{name}'])} − {_plain(v[name])} = {number(v[f'n{name}'] - v[name])}",
        f"一次近似の予想: −<i>η</i> × (勾配の成分の2乗の和) = {number(v['predicted'])}",
    ]

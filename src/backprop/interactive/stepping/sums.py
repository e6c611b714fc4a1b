"""数を代入した行。どの関数も、値の表から行をつくる。順伝播の値と逆伝播の値は、色を分ける。"""

from __future__ import annotations

from collections.abc import Callable

from backprop.interactive.formula import markup
from backprop.interactive.numbers import number
from backprop.interactive.stepping import symbols
from backprop.interactive.stepping.values import Values

Lines = Callable[[Values], list[str]]


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


def weighted(l: int, j: int, new: str = "") -> Lines:
    """加重和。``w × 入り口の活性`` を足し、バイアスを足す。"""

    def line(v: Values) -> list[str]:
        inputs = ("x1", "x2") if l == 1 else (f"{new}a1_1", f"{new}a1_2")
        products = [f"{_plain(v[f'{new}w{l}_{j}{k}'])} × {_forward(v[i])}" for k, i in enumerate(inputs, 1)]
        terms = " + ".join([*products, _plain(v[f"{new}b{l}_{j}"])])
        return [_line(symbols.z(l, j), terms, _forward(v[f"{new}z{l}_{j}"], after=False))]

    return line


def activated(l: int, j: int, new: str = "") -> Lines:
    """活性。"""

    def line(v: Values) -> list[str]:
        symbol = r"\yhat" if l == 2 else symbols.a(l, j)
        z, a = v[f"{new}z{l}_{j}"], v[f"{new}a{l}_{j}"]
        return [_line(symbol, f"σ({_forward(z, after=False)})", _forward(a, after=False))]

    return line


def _logarithm(v: Values, new: str = "") -> str:
    output = _forward(v[f"{new}a2_1"], after=False)
    return f"−log {output}" if v["y"] == 1 else f"−log (1 − {output})"


def loss(v: Values) -> list[str]:
    """損失。"""
    return [_line(r"\loss", _logarithm(v), _forward(v["loss"], after=False))]


def output_gradient(v: Values) -> list[str]:
    """ステップ1の出力の勾配。"""
    output = _forward(v["a2_1"])
    terms = f"({output} − {number(v['y'])}) / ({output} × (1 − {output}))"
    return [_line(r"\partial\loss/\partial\yhat", terms, _backward(v["dy"], after=False))]


def _slope(v: Values, l: int, j: int) -> str:
    a = _forward(v[f"a{l}_{j}"])
    return _line(
        rf"\sigma\prime({symbols.z(l, j)})", f"{a} × (1 − {a})", _forward(v[f"s{l}_{j}"], after=False)
    )


def output_delta(v: Values) -> list[str]:
    """ステップ2の誤差項。傾きを掛けたものと、約したもの。"""
    result = _backward(v["d2_1"], after=False)
    product = f"{_backward(v['dy'], after=False)} × {_forward(v['s2_1'])}"
    difference = f"{_forward(v['a2_1'])} − {number(v['y'])}"
    return [_slope(v, 2, 1), _line(symbols.d(2, 1), product, result), _line(r"\yhat - y", difference, result)]


def hidden_delta(j: int) -> Lines:
    """ステップ3の誤差項。"""

    def lines(v: Values) -> list[str]:
        terms = f"{number(v[f'w2_1{j}'])} × {_backward(v['d2_1'])} × {_forward(v[f's1_{j}'])}"
        return [_slope(v, 1, j), _line(symbols.d(1, j), terms, _backward(v[f"d1_{j}"], after=False))]

    return lines


def weight_gradient(l: int, j: int) -> Lines:
    """ステップ4の、ニューロン j に入る線の重みの勾配。"""

    def lines(v: Values) -> list[str]:
        return [
            _line(
                rf"\partial\loss/\partial {symbols.w(l, j, k)}",
                f"{_backward(v[f'd{l}_{j}'], after=False)} × {_forward(v[i])}",
                _backward(v[f"gw{l}_{j}{k}"], after=False),
            )
            for k, i in enumerate(("x1", "x2") if l == 1 else ("a1_1", "a1_2"), start=1)
        ]

    return lines


def bias_gradients(v: Values) -> list[str]:
    """ステップ5の、すべてのバイアスの勾配。"""
    neurons = ((2, 1), (1, 1), (1, 2))
    left = [markup(rf"\partial\loss/\partial {symbols.b(l, j)} = {symbols.d(l, j)}") for l, j in neurons]
    right = [_backward(v[f"gb{l}_{j}"], after=False) for l, j in neurons]
    return [f"{a} = {b}" for a, b in zip(left, right)]


def updates(l: int) -> Lines:
    """ステップ6の、層 l のすべての重みとバイアスの更新。"""

    def lines(v: Values) -> list[str]:
        names = [name for name in v if name.startswith((f"w{l}_", f"b{l}_"))]
        return [
            f"{markup(symbols.parameter(name))} ← {number(v[name])} − {number(v['rate'])} × "
            f"{_backward(v[f'g{name}'])} = {number(v[f'n{name}'])}"
            for name in names
        ]

    return lines


def again(v: Values) -> list[str]:
    """新しい重みでの順伝播。"""
    return [line for part in (weighted(1, 1, "n"), activated(1, 1, "n"), weighted(1, 2, "n"),
                              activated(1, 2, "n"), weighted(2, 1, "n"), activated(2, 1, "n"))
            for line in part(v)]  # fmt: skip


def comparison(v: Values) -> list[str]:
    """新しい損失と、損失の変化、その一次近似。"""
    return [
        _line(r"\loss", _logarithm(v, "n"), _forward(v["nloss"], after=False)),
        f"損失の変化: {number(v['nloss'])} − {number(v['loss'])} = {number(v['nloss'] - v['loss'])}",
        f"一次近似の予想: −<i>η</i> × (勾配の成分の2乗の和) = {number(v['predicted'])}",
    ]

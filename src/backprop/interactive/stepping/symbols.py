"""式の中の記号。どれも `backprop.interactive.formula` が読む TeX の記法で書く。"""

from __future__ import annotations


def z(l: int | str, j: int | str) -> str:
    """加重和。"""
    return f"z^{{{l}}}_{{{j}}}"


def a(l: int | str, j: int | str) -> str:
    """活性。"""
    return f"a^{{{l}}}_{{{j}}}"


def b(l: int | str, j: int | str) -> str:
    """バイアス。"""
    return f"b^{{{l}}}_{{{j}}}"


def d(l: int | str, j: int | str) -> str:
    """誤差項。"""
    return rf"\delta^{{{l}}}_{{{j}}}"


def w(l: int, j: int, k: int | str) -> str:
    """重み。"""
    return f"w^{{{l}}}_{{{j}{k}}}"


def numbered(letter: str, j: int | str, count: int) -> str:
    """番号のついた文字。一つしかなければ、番号をつけない。"""
    return letter if count == 1 else f"{letter}_{{{j}}}"


def function(name: str, l: int) -> str:
    """層 `l` の活性化関数。"""
    return r"\sigma" if name == "sigmoid" else f"f^{{{l}}}"


def slope(name: str, l: int) -> str:
    """層 `l` の活性化関数の微分。"""
    return r"\sigma\prime" if name == "sigmoid" else rf"f^{{{l}\prime}}"


def parameter(name: str) -> str:
    """値の名前（``w1_21`` など）から、その記号。"""
    kind, l, place = name[0], int(name[1]), name.partition("_")[2]
    return f"{kind}^{{{l}}}_{{{place}}}"


def gradient(parameter: str, of: str = r"\loss") -> str:
    """損失の偏微分。"""
    return rf"\frac{{\partial {of}}}{{\partial {parameter}}}"

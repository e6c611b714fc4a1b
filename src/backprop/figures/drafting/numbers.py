"""図に書く数の書き方。"""

from __future__ import annotations

from backprop import checks


def number(value: float, digits: int = 3) -> str:
    """図に書く数。有効数字 `digits` 桁の数式にする。

    Examples
    --------
    >>> number(-0.0751234), number(2.0), number(-0.0), number(1.5e-7)
    ('$-0.0751$', '$2$', '$0$', '$1.5\\\\times10^{-7}$')
    """
    text = f"{checks.real('value', value) + 0.0:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = rf"{mantissa}\times10^{{{int(exponent)}}}"
    return f"${text}$"


def label(value: object) -> str:
    """文字列はそのまま、数は `number` の書き方で。"""
    return value if isinstance(value, str) else number(value)  # type: ignore[arg-type]


def mathematics(text: str) -> str:
    """両端の ``$`` を外した中身（式の一部に組み込むとき）。"""
    return text.strip("$")


def product(first: float, second: float) -> str:
    """二つの数の積の式の中身。負の数を掛けるときは、括弧に入れる。

    Examples
    --------
    >>> product(0.5, -2.0)
    '0.5\\\\times (-2)=-1'
    """
    factors = [mathematics(label(float(value))) for value in (first, second, first * second)]
    bracketed = f"({factors[1]})" if second < 0 else factors[1]
    return rf"{factors[0]}\times {bracketed}={factors[2]}"

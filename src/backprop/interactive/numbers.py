"""図に見せる数の書き方と、位置の丸め方。"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from backprop.checks import Array

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """10 の何乗か。

    Examples
    --------
    >>> power(-7)
    '10⁻⁷'
    """
    return f"10{str(exponent).translate(_RAISED)}"


def number(value: float, digits: int = 3) -> str:
    """表示する数。有効数字 `digits` 桁。

    Examples
    --------
    >>> number(-0.0751234), number(2.0), number(-0.0), number(1.5e-7), number(123456.0), number(1234.0)
    ('−0.0751', '2', '0', '1.5×10⁻⁷', '1.23×10⁵', '1230')
    """
    text = f"{float(value) + 0.0:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if exponent and 0 < int(exponent) < 5:
        text = f"{float(text):.0f}"
    elif exponent:
        text = f"{mantissa}×{power(int(exponent))}"
    return text.replace("-", "−")


def rounded(values: Iterable[float] | Array, decimals: int) -> list[float]:
    """図に描く位置。小数第 `decimals` 位に丸める。

    Examples
    --------
    >>> rounded([0.12345, -0.001, 2.0], 2)
    [0.12, 0, 2]
    """
    plain = (np.round(np.asarray(values, dtype=float), decimals) + 0.0).tolist()
    return [int(value) if value == int(value) else value for value in plain]

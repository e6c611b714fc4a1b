"""動かして見る図の検査が共有するもの: 表示されるはずの数。"""

from __future__ import annotations

import math


def shown(value: float, digits: int = 3) -> str:
    """表示されるはずの文字。実装とは別に書く。"""
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if -4 <= power < 5:
        text = f"{round(value, digits - 1 - power):.{max(0, digits - 1 - power)}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
    mantissa = f"{value:.{digits - 1}e}".split("e")[0].rstrip("0").rstrip(".")
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}×10{raised}".replace("-", "−")

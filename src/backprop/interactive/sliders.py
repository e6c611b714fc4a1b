"""つまみのついた図に共通の部品: つまみ、軸、描くもの、つまみの位置ごとの一枚。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backprop import checks
from backprop.checks import Array
from backprop.figures.drafting.inputs import drawable
from backprop.interactive.numbers import power, rounded

Drawn = dict[str, Any]


def control(
    label: str, values: Sequence[str], start: int, *, choice: bool = False, play: bool = False
) -> Drawn:
    """つまみ（``choice`` なら、一つを選ぶボタン）。`values` は、位置ごとに見せる文字。"""
    kind = {"choice": True} if choice else {"play": True} if play else {}
    return {"label": label, "values": list(values), "start": start, **kind}


def axis(
    label: str, low: float, high: float, ticks: Sequence[float], names: Sequence[str] | None = None
) -> Drawn:
    """軸。目盛りには、`names` がなければ、その数を書く。"""
    texts = names or [f"{tick:g}".replace("-", "−") for tick in ticks]
    return {"label": label, "low": low, "high": high, "ticks": [list(t) for t in zip(ticks, texts)]}


def powers(label: str, low: int, high: int, every: int) -> Drawn:
    """対数の軸。位置は10の何乗かで表す。

    Examples
    --------
    >>> powers("損失", -2, 0, 2)["ticks"]
    [[-2, '10⁻²'], [0, '1']]
    """
    ticks = range(low, high + 1, every)
    return axis(label, low, high, ticks, [power(t) if t else "1" for t in ticks])


def line(x: Array | Sequence[float], y: Array | Sequence[float], style: str, decimals: int = 2) -> Drawn:
    """折れ線。`style` は、見た目を決める名前。"""
    return {"t": "line", "s": style, "x": rounded(x, decimals), "y": rounded(y, decimals)}


def run(first: int, y: Array | Sequence[float], style: str, decimals: int = 2) -> Drawn:
    """横の位置が `first` から1ずつ増える折れ線。"""
    return {"t": "line", "s": style, "from": first, "y": rounded(y, decimals)}


def dots(x: Array | Sequence[float], y: Array | Sequence[float], style: str, decimals: int = 2) -> Drawn:
    """点。"""
    return line(x, y, style, decimals) | {"t": "dots"}


def rule(text: str, *, x: float | None = None, y: float | None = None) -> Drawn:
    """縦か横の、印の線。"""
    return {"t": "rule", "text": text, **({"x": x} if x is not None else {"y": y})}


def increasing(name: str, values: object) -> list[float]:
    """つまみの位置: 正の数を、小さい順に二つ以上。

    Examples
    --------
    >>> increasing("rates", [0.1, 0.1])
    Traceback (most recent call last):
    ValueError: rates は小さい順に並んだ二つ以上の数でなければなりませんが、[0.1, 0.1] が与えられました。
    """
    numbers = [
        drawable(f"{name}[{i}]", checks.positive(f"{name}[{i}]", v))
        for i, v in enumerate(checks.sequence(name, values))
    ]
    if len(numbers) < 2 or any(a >= b for a, b in zip(numbers, numbers[1:])):
        raise ValueError(
            f"{name} は小さい順に並んだ二つ以上の数でなければなりませんが、{numbers} が与えられました。"
        )
    return numbers


def within(path: Array, low: float, high: float) -> int:
    """道のうち、枠の中にあるところまでの点の数。枠から出る1個を含む。"""
    edge = 1e-9  # 丸め誤差だけ外にある点は、枠の上にある
    outside = (path < low - edge) | (path > high + edge)
    return int(outside.argmax()) + 1 if outside.any() else len(path)

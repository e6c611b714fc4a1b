"""図の中の一つ一つの数（部分）の、名前から引く記号と、ことば。

名前は ``w2_13`` のように、種類、層、番号。同じ名前のものは、絵、式、プログラムのどこにあっても、一緒に灯る。
"""

from __future__ import annotations

import re

_NAME = re.compile(r"([a-z]+?)(\d)?_?(\d+)?")
_SYMBOLS = {
    "a": "a^{%s}_{%s}", "b": "b^{%s}_{%s}", "d": r"\delta^{%s}_{%s}", "w": "w^{%s}_{%s}", "z": "z^{%s}_{%s}",
    "gb": r"\frac{\partial\loss}{\partial b^{%s}_{%s}}", "gw": r"\frac{\partial\loss}{\partial w^{%s}_{%s}}",
    "nb": "b^{%s}_{%s}", "nw": "w^{%s}_{%s}",
}  # fmt: skip
_WORDS = {
    "a": "活性", "b": "バイアス", "c": "声の和", "d": "誤差項", "gb": "バイアスの勾配", "nb": "新しいバイアス",
    "s": "活性化関数の傾き", "z": "加重和", "eb": "学習率とバイアスの勾配の積",
}  # fmt: skip
_WIRES = {
    "w": "重み", "gw": "重みの勾配", "nw": "新しい重み", "v": "声（重みと誤差項の積）",
    "ew": "学習率と重みの勾配の積", "p": "重みと活性の積",
}  # fmt: skip


def split(part: str) -> tuple[str, int, str]:
    """種類、層、番号。

    Examples
    --------
    >>> split("gw2_13"), split("y1"), split("eta")
    (('gw', 2, '13'), ('y', 0, '1'), ('eta', 0, ''))
    """
    kind, first, last = _NAME.fullmatch(part).groups()
    return (kind, int(first), last) if last else (kind, 0, first or "")


def symbol(part: str) -> str:
    r"""TeX で書いた記号。入力は ``x``。

    Examples
    --------
    >>> symbol("d1_3"), symbol("a0_2"), symbol("s2_1"), symbol("eta")
    ('\\delta^{1}_{3}', 'x_{2}', 'f^{2\\prime}(z^{2}_{1})', '\\eta')
    """
    kind, l, place = split(part)
    if kind == "s":
        return rf"f^{{{l}\prime}}(z^{{{l}}}_{{{place}}})"
    if kind == "f":
        return f"f^{{{l}}}(z^{{{l}}}_{{{place}}})"
    if kind == "a" and l == 0:
        return f"x_{{{place}}}"
    if kind == "dy":
        return rf"\frac{{\partial\loss}}{{\partial a^{{2}}_{{{place}}}}}"
    return {"y": f"y_{{{place}}}", "eta": r"\eta"}.get(kind) or _SYMBOLS[kind] % (l, place)


def neuron(l: int, j: str | int) -> str:
    """ニューロンの呼び方。

    Examples
    --------
    >>> neuron(1, 3)
    '隠れ層の3個め'
    """
    return f"{('入力', '隠れ層', '出力層')[l]}の{j}個め"


def spoken(part: str) -> str:
    """読み上げることば。

    Examples
    --------
    >>> spoken("w2_13"), spoken("s1_2"), spoken("y1")
    ('隠れ層の3個めから出力層の1個めへの線の重み', '隠れ層の2個めの活性化関数の傾き', '出力層の1個めの目標')
    """
    kind, l, place = split(part)
    if kind in _WIRES:
        return f"{neuron(l - 1, place[1])}から{neuron(l, place[0])}への線の{_WIRES[kind]}"
    if kind == "a" and l == 0:
        return neuron(0, place)
    outputs = {"y": "目標", "dy": "出力の勾配"}
    if kind in outputs:
        return f"{neuron(2, place)}の{outputs[kind]}"
    return "学習率" if kind == "eta" else f"{neuron(l, place)}の{_WORDS[kind]}"

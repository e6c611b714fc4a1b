"""配列の要素の呼び名。"""

from __future__ import annotations

import re
from numbers import Integral

from backprop.arguments import explained

LAYER = re.compile(r"([Wb])([1-9]\d*)")


def place_of(name: str, index: tuple[int, ...]) -> str:
    """要素の、プログラムの中での名前。``W1[0, 2]`` など。"""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


@explained
def symbol(name: str, index: tuple[int, ...]) -> str:
    """重みやバイアスの要素の、数式での名前。添字は本文と同じく1から数える。

    Parameters
    ----------
    name : str
        ``W1``、``b2`` など。
    index : tuple of int
        配列の添字（0から数える）。

    Returns
    -------
    str

    Raises
    ------
    ValueError
        重みやバイアスの名前でない、添字が0以上の整数二つでない。

    Examples
    --------
    >>> symbol("W2", (1, 3)), symbol("W2", (1, 10)), symbol("b1", (0, 0))
    ('w^{2}_{24}', 'w^{2}_{2,11}', 'b^{1}_{1}')
    """
    match = LAYER.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise ValueError(f"name は W1 や b2 のような名前でなければなりませんが、{name!r} が与えられました。")
    whole = isinstance(index, tuple) and all(isinstance(i, Integral) and i >= 0 for i in index)
    if not whole or len(index) != 2:
        raise ValueError(f"index は0以上の整数二つの組でなければなりませんが、{index!r} が与えられました。")
    letter, layer = match.groups()
    j, k = (int(i) + 1 for i in index)
    between = "" if max(j, k) < 10 else ","  # 2桁の番号は、区切らないと読みとれない
    return f"w^{{{layer}}}_{{{j}{between}{k}}}" if letter == "W" else f"b^{{{layer}}}_{{{j}}}"

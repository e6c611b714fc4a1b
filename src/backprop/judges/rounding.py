"""手計算で丸めた値: 見分けのつく桁まで書くことと、丸めほどの違いかどうか。"""

from __future__ import annotations

import math

import numpy as np

from backprop.checks import Array

DIGITS = 4
"""ふつうに書く有効数字。"""

EXACT = 17
"""float64 の二つの値を必ず見分ける有効数字。"""

LAST_PLACE = 2
"""途中も同じ桁に丸めながら計算したとき、終わりの桁に出る違いは、ほとんどこれまで。"""

FEWEST = 3
"""手計算の値は、少なくともこの桁数まで求めてあるとみなす。"""

ROUGH = 0.1
"""これより大きな割合の違いを許すと、検査にならない。"""


def told_apart(a: float, b: float) -> tuple[str, str]:
    """二つの数を、書いたものが違って見えるだけの桁で書く。

    Parameters
    ----------
    a, b : float
        違う数。

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> told_apart(6.0, 9.0), told_apart(-0.10637, -0.10635694)
    (('6', '9'), ('-0.10637', '-0.10636'))
    """
    for digits in range(DIGITS, EXACT + 1):
        written = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if written[0] != written[1]:
            break
    return written


def allowance(given: Array, measured: Array) -> float | None:
    """合わない値がどれも手計算の丸めほどの違いなら、それを許す相対誤差（10の累乗）。そうでなければ None。

    Parameters
    ----------
    given, measured : ndarray, shape (n,)
        合わなかった値。与えられたものと、測ったもの。

    Returns
    -------
    float or None

    Examples
    --------
    >>> allowance(np.array([-0.10637, 0.0532]), np.array([-0.10635694, 0.05317847]))
    0.001
    >>> allowance(np.array([-0.1163]), np.array([-0.10635694])) is None
    True
    """
    places = _last_places(given)
    gaps, sizes = np.abs(given - measured), np.maximum(np.abs(given), np.abs(measured))
    if places is None or (gaps > LAST_PLACE * places).any():
        return None
    error = float((gaps / sizes).max())
    return 10.0 ** math.ceil(math.log10(error)) if error <= ROUGH else None


def _last_places(values: Array) -> Array | None:
    """手で書いた値なら、それぞれのいちばん下の桁の大きさ。計算したままの値が混じっていれば None。

    終わりの0は書かれないので、桁の少ない値も、3桁か、ほかの値と同じ位までは書いたとみなす。
    """
    written = [np.format_float_scientific(value, trim="-").split("e") for value in values]
    lengths = np.array([len(digits.strip("-").replace(".", "")) for digits, _ in written])
    if lengths.max() > 2 * np.finfo(values.dtype).precision // 3:
        return None
    places = np.array([int(power) for _, power in written]) + 1 - np.maximum(lengths, FEWEST)
    return 10.0 ** np.maximum(places, min(places[lengths >= FEWEST], default=places.min()))


def advice(given: Array, measured: Array) -> list[str]:
    """合わない値が手計算の丸めほどの違いなら、許し方を言う行。

    Examples
    --------
    >>> advice(np.array([-0.10637]), np.array([-0.10635694]))[0][2:18]
    '手計算で丸めた値ほどの違いです。'
    >>> advice(np.array([6.0]), np.array([9.0]))
    []
    """
    allowed = allowance(given, measured) if given.size else None
    if allowed is None:
        return []
    return [
        f"- 手計算で丸めた値ほどの違いです。丸めを許すなら、tolerance={allowed:g} を添えてください"
        "（相対誤差が、この値までなら合格とします）。"
    ]

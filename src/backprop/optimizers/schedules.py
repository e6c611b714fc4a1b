"""学習率の予定。"""

from __future__ import annotations

import math
from collections.abc import Callable

from backprop.checks import count, positive

Schedule = Callable[[int], float]
"""学習率の予定: ステップの番号 ``t = 0, 1, …`` から、そのステップの学習率を求める関数。"""


def constant(rate: float) -> Schedule:
    """一定の学習率 ``η(t) = η₀``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        正の実数でない。

    Examples
    --------
    >>> constant(0.5)(100)
    0.5
    """
    rate = positive("rate", rate)
    return lambda t: rate


def step_decay(rate: float, *, factor: float, every: int) -> Schedule:
    """階段状の減衰 ``η(t) = η₀ · factor^⌊t/every⌋``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。
    factor : float
        一段ごとの倍率。正で1以下。
    every : int
        一段の長さ（ステップの数）。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    >>> schedule = step_decay(0.8, factor=0.5, every=10)
    >>> schedule(0), schedule(9), schedule(10), schedule(20)
    (0.8, 0.8, 0.4, 0.2)
    """
    rate, factor, every = positive("rate", rate), _at_most("factor", factor, 1.0), count("every", every)
    return lambda t: rate * factor ** (t // every)


def exponential_decay(rate: float, *, decay: float) -> Schedule:
    """指数的な減衰 ``η(t) = η₀ · decay^t``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。
    decay : float
        1ステップごとの倍率。正で1以下。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    >>> schedule = exponential_decay(0.8, decay=0.5)
    >>> schedule(0), schedule(1), schedule(2)
    (0.8, 0.4, 0.2)
    """
    rate, decay = positive("rate", rate), _at_most("decay", decay, 1.0)
    return lambda t: rate * decay**t


def cosine(rate: float, *, final: float, steps: int) -> Schedule:
    """余弦に沿った減衰 ``η(t) = η_T + (η₀ − η_T)(1 + cos(πt/T))/2``。``t ≥ T`` では ``η_T``。

    Loshchilov & Hutter (2017) の、再開のない形。

    Parameters
    ----------
    rate : float
        始めの学習率 ``η₀ > 0``。
    final : float
        終わりの学習率 ``η_T``。正で ``η₀`` 以下。
    steps : int
        ``T``。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    >>> schedule = cosine(1.0, final=0.5, steps=10)
    >>> schedule(0), schedule(5), schedule(10), schedule(99)
    (1.0, 0.75, 0.5, 0.5)
    """
    rate, steps = positive("rate", rate), count("steps", steps)
    final = _at_most("final", final, rate)
    return lambda t: final + (rate - final) * (1 + math.cos(math.pi * min(t / steps, 1.0))) / 2


def _at_most(name: str, value: float, limit: float) -> float:
    number = positive(name, value)
    if number > limit:
        raise ValueError(f"{name} は {limit} 以下でなければなりませんが、{value!r} が与えられました。")
    return number

"""学習率の予定。

どれも、設定を覚えた小さな値である。呼べば学習率を返し、設定が同じなら等しく、ファイルにしまえる（pickle）。
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from backprop.checks import count, explained, positive, seed

Schedule = Callable[[int], float]
"""学習率の予定: ステップの番号 ``t = 0, 1, …`` から、そのステップの学習率を求める関数。"""


@explained
@dataclass(frozen=True)
class constant:
    """一定の学習率 ``η(t) = η₀``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。

    Raises
    ------
    TypeError, ValueError
        正の実数でない。

    Examples
    --------
    >>> constant(0.5)(100)
    0.5
    """
    rate: float

    def __post_init__(self) -> None:
        _settle(self, rate=positive("rate", self.rate))

    def __call__(self, t: int) -> float:
        seed("t", t)
        return self.rate


@explained
@dataclass(frozen=True)
class step_decay:
    """階段状の減衰 ``η(t) = η₀ · factor^⌊t/every⌋``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。
    factor : float
        一段ごとの倍率。正で1以下。
    every : int
        一段の長さ（ステップの数）。

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
    rate: float
    factor: float = field(kw_only=True)
    every: int = field(kw_only=True)

    def __post_init__(self) -> None:
        factor, every = _at_most("factor", self.factor, 1.0), count("every", self.every)
        _settle(self, rate=positive("rate", self.rate), factor=factor, every=every)

    def __call__(self, t: int) -> float:
        return self.rate * self.factor ** (seed("t", t) // self.every)


@explained
@dataclass(frozen=True)
class exponential_decay:
    """指数的な減衰 ``η(t) = η₀ · decay^t``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。
    decay : float
        1ステップごとの倍率。正で1以下。

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
    rate: float
    decay: float = field(kw_only=True)

    def __post_init__(self) -> None:
        _settle(self, rate=positive("rate", self.rate), decay=_at_most("decay", self.decay, 1.0))

    def __call__(self, t: int) -> float:
        return self.rate * self.decay ** seed("t", t)


@explained
@dataclass(frozen=True)
class cosine:
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
    rate: float
    final: float = field(kw_only=True)
    steps: int = field(kw_only=True)

    def __post_init__(self) -> None:
        rate, steps = positive("rate", self.rate), count("steps", self.steps)
        _settle(self, rate=rate, final=_at_most("final", self.final, rate), steps=steps)

    def __call__(self, t: int) -> float:
        done = min(seed("t", t) / self.steps, 1.0)
        return self.final + (self.rate - self.final) * (1 + math.cos(math.pi * done)) / 2


def _settle(schedule: Schedule, **settings: float) -> None:
    """確かめた設定を、書き換えられない値に入れる。"""
    for name, value in settings.items():
        object.__setattr__(schedule, name, value)


def _at_most(name: str, value: float, limit: float) -> float:
    number = positive(name, value)
    if number > limit:
        raise ValueError(f"{name} は {limit} 以下でなければなりませんが、{value!r} が与えられました。")
    return number

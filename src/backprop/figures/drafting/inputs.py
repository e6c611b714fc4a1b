"""図に与えられたものの検査。"""

from __future__ import annotations

from collections.abc import Mapping, Sized

import numpy as np

from backprop import checks
from backprop.checks import Array


def named(name: str, value: object) -> None:
    """名前から中身への、空でない辞書であること。"""
    if not isinstance(value, Mapping) or not value:
        raise TypeError(
            f"{name} は、名前から中身への空でない辞書でなければなりませんが、{value!r} が与えられました。"
        )


def at_most(limit: int, what: str, unit: str, given: Sized) -> None:
    """描き分けられる数を超えないこと。"""
    if len(given) > limit:
        raise ValueError(f"{what}は {limit} {unit}までですが、{len(given)} {unit}が与えられました。")


def levels(references: Mapping[str, float] | None) -> dict[str, float]:
    """目安の線: 名前から有限な数への辞書。"""
    given = checks.mapping("references", references or {})
    return {name: checks.real(f"references[{name!r}]", value) for name, value in given.items()}


def classes(Y: Array) -> None:
    """クラスが 0 か 1 であること。"""
    if not np.isin(Y, (0.0, 1.0)).all():
        raise ValueError(
            f"Y の要素は 0 か 1 でなければなりませんが、{sorted(set(Y.ravel().tolist()))} が与えられました。"
        )

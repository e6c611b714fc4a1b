"""曲線の上の点と、その接線。"""

from __future__ import annotations

import numpy as np

from backprop import checks
from backprop.checks import Array
from backprop.interactive import sliders
from backprop.interactive.numbers import rounded


def tangent(z: float, value: float, slope: float) -> sliders.Drawn:
    """点 ``(z, value)`` と、そこを通る傾き `slope` の線分。"""
    (x,), (y,), (m,) = rounded([z], 2), rounded([value], 2), rounded([slope], 3)
    return {"t": "tangent", "x": x, "y": y, "m": m}


def drop(z: float, slope: float) -> sliders.Drawn:
    """傾きの図の、0から曲線までの棒と、その点。"""
    (x,), (y,) = rounded([z], 2), rounded([slope], 3)
    return {"t": "drop", "x": x, "y": y}


def ticks(name: str, step: float, reach: float) -> Array:
    """つまみの位置: ``−reach`` から ``reach`` まで、`step` 刻み。0を含む。"""
    step = checks.positive(name, step)
    count = round(reach / step)
    if not 2 <= count <= 60 or abs(count * step - reach) > 1e-9:
        raise ValueError(
            f"{name} は {reach:g} を2から60までの整数で割った数でなければなりませんが、{step} が与えられました。"
        )
    return np.arange(-count, count + 1) * step

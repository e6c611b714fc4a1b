"""点、線分、長方形の幾何（インチ）。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Point = tuple[float, float]
Wire = tuple[Point, Point]
Box = tuple[float, float, float, float]


def shortened(start: Point, end: Point, at_start: float, at_end: float, offset: float = 0.0) -> Wire:
    """両端を縮め、進む向きの左へ `offset` だけ平行にずらした線分。"""
    a, b = np.array(start), np.array(end)
    along = (b - a) / np.hypot(*(b - a))
    side = offset * np.array([-along[1], along[0]])
    reach_start, reach_end = (np.sqrt(max(r**2 - offset**2, 0)) for r in (at_start, at_end))
    a, b = a + along * reach_start + side, b - along * reach_end + side
    return (float(a[0]), float(a[1])), (float(b[0]), float(b[1]))


def along(wire: Wire, fractions: Sequence[float]) -> list[Point]:
    """線分の上の点。"""
    (x0, y0), (x1, y1) = wire
    return [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in fractions]


def length_inside(start: Point, end: Point, box: Box) -> float:
    """線分のうち、長方形の中にある長さ（Liang–Barsky）。

    Examples
    --------
    >>> length_inside((0, 0), (4, 0), (1, -1, 3, 1))
    2.0
    >>> length_inside((0, 2), (4, 2), (1, -1, 3, 1))
    0.0
    """
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    first, last = 0.0, 1.0
    for p, q in ((-dx, x0 - box[0]), (dx, box[2] - x0), (-dy, y0 - box[1]), (dy, box[3] - y0)):
        if p == 0:
            if q < 0:
                return 0.0
        elif p < 0:
            first = max(first, q / p)
        else:
            last = min(last, q / p)
    return max(0.0, last - first) * float(np.hypot(dx, dy))


def overlap(a: Box, b: Box) -> float:
    """二つの長方形が重なる面積。"""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def around(point: Point, size: tuple[float, float], pad: float = 0.0) -> Box:
    """点を中心とする長方形。"""
    (x, y), (w, h) = point, size
    return x - w / 2 - pad, y - h / 2 - pad, x + w / 2 + pad, y + h / 2 + pad

"""濃淡の地図の色。人の目に等しい歩幅で変わるように、OKLab の中でつくる。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb

from backprop.checks import Array
from backprop.figures.style import INK, PAPER

# OKLab（人の目に等しい歩幅が等しい色差になる色空間）への変換。Ottosson 2020
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


STEPS = 255
"""色の段の数。まん中があり、画像の色の表（256 色まで）に収まる。"""


def to_oklab(colour: str) -> Array:
    """色の名前から OKLab の座標 (L, a, b)。"""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return _OKLAB @ np.cbrt(_LMS @ linear)


def _from_oklab(lab: Array) -> Array:
    linear = np.linalg.solve(_LMS, np.linalg.solve(_OKLAB, lab) ** 3).clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).clip(0, 1)


def _uniform_map(name: str, *colours: str, lightness: Sequence[float]) -> LinearSegmentedColormap:
    """OKLab の中で直線に結んだ色の地図。`lightness` は各色の明るさ。"""
    stops = np.array([[L, *to_oklab(colour)[1:]] for colour, L in zip(colours, lightness)])
    position = np.linspace(0, len(stops) - 1, STEPS)
    lab = np.array([np.interp(position, range(len(stops)), column) for column in stops.T])  # (3, STEPS)
    return LinearSegmentedColormap.from_list(name, [tuple(_from_oklab(column)) for column in lab.T], N=STEPS)


DIVERGING = _uniform_map("backprop_diverging", "#0072B2", PAPER, "#C06A00", lightness=(0.56, 0.985, 0.56))
"""0 と 1 のあいだの出力の色。青（0）から白（0.5）を経て橙（1）へ、左右で明るさが等しい。"""

SEQUENTIAL = _uniform_map("backprop_sequential", PAPER, "#56779B", lightness=(0.985, 0.52))
"""大きさの色。白（小）から青みの灰（大）へ。"""

DARK_MAPS = (
    (DIVERGING, _uniform_map("dark_diverging", "#0072B2", PAPER, "#C06A00", lightness=(0.6, 0.2, 0.6))),
    (SEQUENTIAL, _uniform_map("dark_sequential", PAPER, "#56779B", lightness=(0.2, 0.63))),
)
"""明るい図の地図と、暗い画面での地図。明るさの順が逆になるので、上に書く文字の色も、一緒に入れ替わる。"""


def ink_on(colour: Any) -> str:
    """地の色 `colour` の上で読みやすいほうの文字の色（黒か白）。明るさ 0.6 で明暗差が等しい。"""
    return INK if to_oklab(to_hex(colour))[0] > 0.6 else PAPER

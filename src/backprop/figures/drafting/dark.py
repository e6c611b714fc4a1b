"""暗い画面のための色。明るい図の色を、一つずつ、決まった色に替える。"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from functools import cache
from io import BytesIO

from matplotlib.colors import Colormap, to_hex
from PIL import Image

from backprop.figures.drafting.colourmaps import DARK_MAPS, STEPS
from backprop.figures.style import DARK

_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_PICTURE = re.compile(r"data:image/png;base64,([\w+/=]+)")


def darkened(svg: str) -> str:
    """明るい図の SVG から、暗い画面のための SVG。

    Raises
    ------
    KeyError
        替え方の決まっていない色がある。

    Examples
    --------
    >>> darkened('<path fill="#222222" stroke="#0072b2"/>')
    '<path fill="#ececec" stroke="#74c0f2"/>'
    """
    svg = _PICTURE.sub(lambda found: "data:image/png;base64," + _repainted(found[1]), svg)
    return _COLOUR.sub(lambda found: dark(found[0]), svg)


def dark(colour: str) -> str:
    """明るい図の色に代わる色。"""
    return _table()[colour]


@cache
def _table() -> dict[str, str]:
    table = {}
    for light, night in DARK_MAPS:
        for i in range(STEPS):
            # 面と画像では、端数の扱いが違う
            table |= {to_hex(light(i)): to_hex(night(i)), _cut(light, i): to_hex(night(i))}
    return table | {light.lower(): night.lower() for light, night in DARK.items()}


def _cut(colours: Colormap, i: int) -> str:
    """画像の画素になった色。"""
    return f"#{bytes(colours(i, bytes=True)[:3]).hex()}"


def _repainted(data: str) -> str:
    """画像の色の表だけを替えたもの。"""
    picture = Image.open(BytesIO(b64decode(data)))
    palette = picture.getpalette() or []
    colours = (f"#{bytes(palette[n : n + 3]).hex()}" for n in range(0, len(palette), 3))
    used = {index for _, index in picture.getcolors()}
    repainted = [dark(colour) if n in used else colour for n, colour in enumerate(colours)]
    picture.putpalette(bytes.fromhex("".join(colour[1:] for colour in repainted)))
    buffer = BytesIO()
    picture.save(buffer, format="png", optimize=True)
    return b64encode(buffer.getvalue()).decode()

"""描かれた文字の、場所と大きさ。重なりや、はみ出しを見つける。"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from backprop.figures.drafting.vector import VectorRenderer
from backprop.figures.style import styled

TOUCH = 1.0
"""重なったとみなさない、触れあいの幅（画素）。"""

EDGE = 4.0
"""紙の縁から空けるところ（画素）。"""


class Letters(NamedTuple):
    """一つながりの文字、占める長方形（画素）、大きさ（ポイント）。"""

    text: str
    box: Bbox
    size: float


def lettering(figure: Figure) -> list[Letters]:
    """図に描かれた文字。範囲の外の目盛りのように、描かれないものは含まない。"""
    renderer = VectorRenderer(*figure.bbox.size)
    with styled():  # 数式の組み方は覚えられるので、読者の設定で組ませない
        figure.draw(renderer)
        # 地の余白を含めない、文字だけの範囲
        return [
            Letters(artist.get_text(), Text.get_window_extent(artist, renderer), artist.get_fontsize())
            for artist in renderer.texts
        ]


def overlaps(letters: list[Letters]) -> list[tuple[str, str]]:
    """重なっている文字の組。"""
    return [
        (a.text, b.text)
        for a, b in combinations(letters, 2)
        if a.box.padded(-TOUCH).overlaps(b.box.padded(-TOUCH))
    ]


def outside(figure: Figure, letters: list[Letters]) -> list[str]:
    """紙からはみ出すか、縁に近すぎる文字。"""
    page = figure.bbox.padded(-EDGE)
    return [
        text
        for text, box, _ in letters
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]


def covering(figure: Figure, letters: list[Letters]) -> list[str]:
    """自分のものでない丸に、かかっている文字。"""
    found = []
    for circle in figure.findobj(Circle):
        ends = [circle.center, np.add(circle.center, (circle.radius, 0))]
        centre, edge = circle.axes.transData.transform(ends)
        radius = edge[0] - centre[0] - TOUCH
        for text, box, _ in letters:
            nearest = np.clip(centre, box.min, box.max)
            if np.hypot(*(box.min + box.size / 2 - centre)) > radius > np.hypot(*(nearest - centre)):
                found.append(text)
    return found


def crowded(figure: Figure) -> bool:
    """文字が、重なるか、紙に収まらないか、よその丸にかかるか。"""
    letters = lettering(figure)
    return bool(overlaps(letters) or outside(figure, letters) or covering(figure, letters))

"""電子書籍の表紙。書体のない読書器でも同じに見えるように、字を輪郭にする。"""

from __future__ import annotations

from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from press.volume import Work

WIDTH, HEIGHT = 1600, 2400
FONT = "node_modules/@fontsource/biz-udgothic/files/biz-udgothic-japanese-700-normal.woff2"
LAYERS = ((260, 3), (800, 4), (1340, 2))
"""下の絵のニューロンの、層ごとの横の位置と数。"""


def svg(about: Work, here: Path) -> str:
    """表紙の絵。

    Parameters
    ----------
    about : Work
        題、副題、版。
    here : Path
        書体（npm のもの）のあるフォルダ。
    """
    font = TTFont(here / FONT)
    subtitle = about.subtitle.split("、")
    parts = [
        _line(font, about.title, 520, 190),
        *(_line(font, part + ("、" if n + 1 < len(subtitle) else ""), 720 + 110 * n, 78)
          for n, part in enumerate(subtitle)),
        _line(font, f"第 {about.version} 版", 2240, 56),
    ]  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}">'
        f"<title>{about.whole}</title>"
        f'<path fill="#fff" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>{_network()}'
        f'<g fill="#111">{"".join(parts)}</g></svg>\n'
    )


def _line(font: TTFont, text: str, baseline: float, size: float) -> str:
    """中央にそろえた一行。"""
    glyphs, names, scale = font.getGlyphSet(), font.getBestCmap(), size / font["head"].unitsPerEm
    advances = [glyphs[names[ord(letter)]].width * scale for letter in text]
    x, drawn = (WIDTH - sum(advances)) / 2, []
    for letter, advance in zip(text, advances, strict=True):
        pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:g}")
        glyphs[names[ord(letter)]].draw(pen)
        drawn.append(
            f'<path transform="translate({x:.1f} {baseline}) scale({scale:.5f} {-scale:.5f})"'
            f' d="{pen.getCommands()}"/>'
        )
        x += advance
    return "".join(drawn)


def _network() -> str:
    """行きの線（青の実線）と、帰りの線（朱色の破線）。"""
    places = [[(x, 1500 + 260 * (n - (count - 1) / 2)) for n in range(count)] for x, count in LAYERS]
    wires = [(a, b) for left, right in zip(places, places[1:], strict=False) for a in left for b in right]
    forward = "".join(f"M{a} {b}L{c} {d}" for (a, b), (c, d) in wires)
    backward = "".join(f"M{a} {b + 14}L{c} {d + 14}" for (a, b), (c, d) in wires[-2:] + wires[:4])
    circles = "".join(f'<circle cx="{x}" cy="{y}" r="62"/>' for layer in places for x, y in layer)
    return (
        f'<g fill="none" stroke-width="7"><path stroke="#0072b2" d="{forward}"/>'
        f'<path stroke="#b04a00" stroke-dasharray="26 16" d="{backward}"/></g>'
        f'<g fill="#fff" stroke="#111" stroke-width="7">{circles}</g>'
    )

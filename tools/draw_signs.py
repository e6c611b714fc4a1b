"""本のしるしを描く: ロゴ、アイコン、共有用のカード。

``python tools/draw_signs.py`` は、`_static` の三つのファイルを書く。何度描いても同じファイルになる。

しるしは、誤差逆伝播法そのもの。二つの層のあいだを、値が前へ（青）、勾配が後ろへ（朱、破線）流れる。
"""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle
from PIL import Image, ImageDraw

from backprop.figures import style

STATIC = Path(__file__).resolve().parents[1] / "_static"
SIDE = 32
"""しるしの座標の一辺。"""

NODE = "#7A828C"
"""ニューロンの色。明るい地でも暗い地でも、3:1 以上の明暗差がある。"""

NODES = ((5, 8), (5, 24), (27, 8), (27, 24))
RADIUS = 4.5
# 矢印: 色、線の左右の端、矢じりの根もとと先、高さ。後ろへの線は、本の図の破線にならって、矢じりから離す。
ARROWS = (
    (style.FORWARD, (11, 16), (16, 21.5), 8),
    (style.BACKWARD, (17.4, 21), (16, 10.5), 24),
)
THICKNESS = 3.6
HEAD = 4.4
"""矢じりの幅の半分。"""

SOFT = 8
"""アイコンを、この倍の大きさで描いてから縮める。"""


def logo() -> str:
    """ロゴの SVG。画面の左上と、ブラウザのタブに使う。"""
    shapes = [f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="{NODE}"/>' for x, y in NODES]
    for colour, (a, b), (root, tip), y in ARROWS:
        line = f"M{a} {y - THICKNESS / 2:g}h{b - a:g}v{THICKNESS:g}h{a - b:g}z"
        head = f"M{root} {y - HEAD:g}L{tip} {y}L{root} {y + HEAD:g}z"
        shapes.append(f'<path fill="{colour}" d="{line}{head}"/>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{"".join(shapes)}</svg>\n'


def icon() -> bytes:
    """SVG を読まないブラウザのための、32 px と 16 px のアイコン（ICO）。"""
    picture = Image.new("RGBA", (SIDE * SOFT, SIDE * SOFT))
    pen = ImageDraw.Draw(picture)
    for x, y in NODES:
        pen.ellipse([SOFT * v for v in (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)], fill=NODE)
    for colour, (a, b), (root, tip), y in ARROWS:
        pen.rectangle([SOFT * v for v in (a, y - THICKNESS / 2, b, y + THICKNESS / 2)], fill=colour)
        corners = ((root, y - HEAD), (tip, y), (root, y + HEAD))
        pen.polygon([(SOFT * x, SOFT * height) for x, height in corners], fill=colour)
    file = io.BytesIO()
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    small.save(file, "ICO", sizes=[(32, 32), (16, 16)])
    return file.getvalue()


def card() -> bytes:
    """共有したときに出るカード（1200×630 px の PNG）。"""
    with style.styled():
        figure = Figure(figsize=(12, 6.3), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 12), ylim=(0, 6.3))
        axes.set_axis_off()
        _words(axes)
        _network(axes)
        file = io.BytesIO()
        figure.savefig(file, format="png", metadata={"Software": None})
    picture = Image.open(file).convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()


def _words(axes: Axes) -> None:
    font = font_manager.FontProperties(fname=style.FONT)
    axes.add_patch(Rectangle((0, 0), 0.22, 3.15, color=style.BACKWARD, linewidth=0))
    axes.add_patch(Rectangle((0, 3.15), 0.22, 3.15, color=style.FORWARD, linewidth=0))
    axes.text(0.85, 4.05, "誤差逆伝播法", font=font, fontsize=68, color=style.INK, va="center")
    axes.text(0.9, 2.85, "記号で導き、数値で確かめる", font=font, fontsize=31, color=style.INK, va="center")
    delta = r"$\delta^{\,l} = (W^{\,l+1})^{\top}\delta^{\,l+1} \odot f'(z^{\,l})$"
    axes.text(0.9, 1.6, delta, fontsize=32, color=style.BACKWARD_INK, va="center")


def _network(axes: Axes) -> None:
    """ロゴと同じ絵を、カードの右に。"""
    scale, left, top = 0.105, 7.95, 4.85

    def place(x: float, y: float) -> tuple[float, float]:
        return left + scale * x, top - scale * y

    for x, y in NODES:
        axes.add_patch(Circle(place(x, y), scale * RADIUS, color=NODE, linewidth=0))
    for colour, (a, b), (root, tip), y in ARROWS:
        corner = place(a, y + THICKNESS / 2)
        axes.add_patch(Rectangle(corner, scale * (b - a), scale * THICKNESS, color=colour, linewidth=0))
        corners = [place(root, y - HEAD), place(tip, y), place(root, y + HEAD)]
        axes.add_patch(Polygon(corners, color=colour, linewidth=0))


def signs() -> dict[str, bytes]:
    """ファイルの名前から、その中身を引く。"""
    return {"logo.svg": logo().encode(), "favicon.ico": icon(), "card.png": card()}


if __name__ == "__main__":
    for name, content in signs().items():
        (STATIC / name).write_bytes(content)

"""図を SVG に描く道具。

matplotlib の描く線、字、画像を受けとって、短い SVG を書く。字は輪郭にするので、どの機械でも同じ形になる。
名前は中身の要約から作るので、いくつの図が一つのページに並んでも、ぶつからない。
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox, Transform
from PIL import Image

from backprop.checks import Array
from backprop.figures.drafting.outlines import FINE, numbers, outline, steady
from backprop.figures.style import DPI, PAPER

EM = 1000
"""字の輪郭の目盛り（字の高さを、いくつに分けるか）。"""

COARSE = 0.25
"""濃淡の画像の、画素の細かさ（図の画素に対する比）。なめらかなので、粗くてよい。"""

HOLE = "~"
"""名前の頭に置いておく印。描き終えてから、中身の要約に替える。"""

_CAPS = {"round": "round", "projecting": "square"}


class VectorRenderer(RendererBase):
    """SVG を書く描画の道具。大きさは画素（1インチを `DPI` に分けたもの）。"""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.body: list[str] = []
        self.texts: list[Text] = []  # 描かれた文字
        self.shapes: dict[str, str] = {}  # くり返し使う形。書き方から、名前へ
        self.flip = Affine2D().scale(1, -1).translate(0, height)

    # ---- matplotlib の決まり ----

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def flipy(self) -> bool:
        return True

    def points_to_pixels(self, points: Any) -> Any:
        return points * DPI / 72

    def get_image_magnification(self) -> float:
        return COARSE

    def draw_path(
        self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None
    ) -> None:
        """線と面。"""
        drawn = path.transformed(transform + self.flip)
        style = self._style(gc, rgbFace)
        if not style or not len(drawn.vertices):
            return
        clip = self._clip(gc, drawn.vertices)
        if rgbFace is None and clip:  # 枠の遠くまで続く線を、切ってから書く
            drawn = _near(drawn, self.width, self.height)
        self._add(f'<path{style}{clip} d="{outline(drawn)}"/>')

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        """同じ形の印。"""
        style = self._style(gc, rgbFace)
        places = steady(path.transformed(trans + self.flip).vertices)
        places = places[np.isfinite(places).all(axis=1)]
        if not style or not len(places):
            return
        mark = marker_path.transformed(marker_trans + Affine2D().scale(1, -1))
        name = self._shape(f'<path id="{{}}" d="{outline(mark)}"/>')
        uses = [self._use(name, *point) for point in np.floor(places * FINE + 0.5).astype(int).tolist()]
        self._add(f"<g{style}{self._clip(gc, places)}>{''.join(uses)}</g>")

    def draw_image(
        self, gc: GraphicsContextBase, x: float, y: float, im: Any, transform: Any = None
    ) -> None:
        """濃淡の画像。下の行から並んでいる。"""
        rows, columns = im.shape[:2]
        size = columns / COARSE, rows / COARSE
        self._picture(gc, np.asarray(im)[::-1], x, self.height - y - size[1], *size)

    def draw_quad_mesh(
        self, gc: Any, master_transform: Any, meshWidth: int, meshHeight: int, coordinates: Any, offsets: Any,
        offsetTrans: Any, facecolors: Any, antialiased: Any, edgecolors: Any,
    ) -> None:  # fmt: skip
        """色の目盛りの帯。一つの画像にする。"""
        corners = self.flip.transform(master_transform.transform(coordinates.reshape(-1, 2)))
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        colours = np.asarray(facecolors).reshape(meshHeight, meshWidth, 4)[::-1]
        self._picture(gc, (colours * 255).round().astype(np.uint8), left, top, right - left, bottom - top)

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, angle: float,
        ismath: Any = False, mtext: Any = None,
    ) -> None:  # fmt: skip
        """字。輪郭を一度だけ書き、あとは名前で使う。"""
        if ismath:
            glyphs, shapes, bars = text_to_path.get_glyphs_mathtext(prop, s)
        else:
            font = get_font(findfont(prop))
            font.set_size(text_to_path.FONT_SCALE, text_to_path.DPI)
            glyphs, shapes, bars = text_to_path.get_glyphs_with_font(font, s)
        parts = [self._glyph(shapes[name], *place) for name, *place in glyphs]
        parts += [_bar(vertices, codes) for vertices, codes in bars]
        scale = self.points_to_pixels(prop.get_size_in_points()) / text_to_path.FONT_SCALE
        x, y = steady(np.array([x, y]))
        turned = f"rotate({-angle:g})" if angle else ""
        place = f"translate({numbers([round(x * FINE), round(y * FINE)])}){turned}scale({scale:.4g})"
        if inside := "".join(parts):
            self.texts += [mtext] if mtext is not None and mtext not in self.texts else []
            self._add(f'<g fill="{to_hex(gc.get_rgb())}" transform="{place}">{inside}</g>')

    # ---- 部分 ----

    def _add(self, element: str) -> None:
        self.body.append(element)

    def _shape(self, template: str) -> str:
        """くり返し使う形を一度だけ書き、その名前を返す。"""
        return self.shapes.setdefault(template, f"{HOLE}{len(self.shapes):x}")

    def _use(self, name: str, x: int, y: int) -> str:
        across, down = f' x="{x}"' if x else "", f' y="{y}"' if y else ""
        return f'<use href="#{name}"{across}{down}/>'

    def _glyph(self, shape: tuple[Array, Any], x: float, y: float, size: float) -> str:
        vertices, codes = shape
        if not len(vertices):
            return ""
        unit = EM / text_to_path.FONT_SCALE
        drawn = Path(np.asarray(vertices) * [1, -1], codes)
        name = self._shape(f'<path id="{{}}" d="{outline(drawn, fine=unit, simplify=False)}"/>')
        x, y = round(x * unit), -round(y * unit)
        if size == 1:
            return self._use(name, x, y)
        return f'<use href="#{name}" transform="translate({numbers([x, y])})scale({size:.3g})"/>'

    def _style(self, gc: GraphicsContextBase, face: Any) -> str:
        """塗りと線の書き方。どちらもなければ、空。"""
        text = ""
        if face is not None and (len(face) == 3 or face[3] > 0):
            text += f' fill="{to_hex(face)}"' + _opacity("fill", face[3] if len(face) > 3 else 1.0)
        colour, width = gc.get_rgb(), self.points_to_pixels(gc.get_linewidth())
        if width > 0 and (len(colour) == 3 or colour[3] > 0):
            text += f' stroke="{to_hex(colour)}" stroke-width="{round(width * FINE)}"'
            text += _opacity("stroke", colour[3] if len(colour) > 3 else 1.0) + self._dashes(gc)
            if cap := _CAPS.get(str(gc.get_capstyle())):
                text += f' stroke-linecap="{cap}"'
            if gc.get_joinstyle() == "miter":
                text += ' stroke-linejoin="miter"'
        return text

    def _dashes(self, gc: GraphicsContextBase) -> str:
        offset, pattern = gc.get_dashes()
        if pattern is None:
            return ""
        lengths = [round(self.points_to_pixels(part) * FINE) for part in pattern]
        start = f' stroke-dashoffset="{round(self.points_to_pixels(offset) * FINE)}"' if offset else ""
        return f' stroke-dasharray="{numbers(lengths)}"{start}'

    def _clip(self, gc: GraphicsContextBase, vertices: Array) -> str:
        """はみ出すものだけを、枠で切る。"""
        box = gc.get_clip_rectangle()
        if box is None:
            return ""
        corners = self.flip.transform(box.get_points())
        frame = Bbox([corners.min(axis=0), corners.max(axis=0)])
        reach = self.points_to_pixels(gc.get_linewidth()) / 2
        finite = vertices[np.isfinite(vertices).all(axis=1)]
        low, high = finite.min(axis=0) - reach, finite.max(axis=0) + reach
        if (low >= frame.min - 0.5).all() and (high <= frame.max + 0.5).all():
            return ""
        path = outline(Path.unit_rectangle().transformed(Affine2D().scale(*frame.size).translate(*frame.min)))
        name = self._shape(f'<clipPath id="{{}}"><path d="{path}"/></clipPath>')
        return f' clip-path="url(#{name})"'

    def _picture(
        self, gc: GraphicsContextBase, colours: Array, left: float, top: float, width: float, height: float
    ) -> None:
        edges = np.floor(steady(np.array([left, top, left + width, top + height])) * FINE + 0.5).astype(int)
        x, y, right, bottom = edges.tolist()
        buffer = BytesIO()
        _indexed(colours).save(buffer, format="png", optimize=True)
        data = b64encode(buffer.getvalue()).decode()
        place = f'x="{x}" y="{y}" width="{right - x}" height="{bottom - y}"'
        clip = self._clip(gc, np.array([[left, top], [left + width, top + height]]))
        self._add(f'<image {place}{clip} preserveAspectRatio="none" href="data:image/png;base64,{data}"/>')

    # ---- 書き上げ ----

    def written(self, extra: str = "") -> str:
        """描いたものの SVG。`extra` は、終わりに添える要素。"""
        width, height = round(self.width * FINE), round(self.height * FINE)
        size = f'width="{round(self.width * 100 / DPI)}" height="{round(self.height * 100 / DPI)}"'
        shapes = [template.replace("{}", name) for template, name in self.shapes.items()]
        paper = f'<path id="{HOLE}p" fill="{PAPER.lower()}" d="M0 0h{width}v{height}H0z"/>'
        middle = "\n".join(["<defs>", *shapes, "</defs>", paper, *self.body])
        digest = hashlib.sha256(middle.encode()).hexdigest()[:8]
        inside = middle.replace(f'"{HOLE}', f'"f{digest}-').replace(f"#{HOLE}", f"#f{digest}-")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" fill="none"'
            f' stroke-linejoin="round">\n{inside}\n{extra}</svg>'
        )


def _opacity(what: str, value: float) -> str:
    return "" if value >= 1 else f' {what}-opacity="{value:.3g}"'


def _bar(vertices: Sequence[tuple[float, float]], codes: Any) -> str:
    """分数や根号の横棒。"""
    drawn = Path(np.asarray(vertices) * [1, -1], codes)
    return f'<path d="{outline(drawn, fine=EM / text_to_path.FONT_SCALE, simplify=False)}"/>'


def _near(path: Path, width: float, height: float) -> Path:
    """紙とそのまわりにある部分。"""
    around = (-width, -height, 2 * width, 2 * height)
    pieces = list(path.iter_segments(clip=around, simplify=False))
    vertices = [point for points, _ in pieces for point in points.reshape(-1, 2)]
    codes = [code for points, code in pieces for _ in range(len(points) // 2)]
    near = Path(vertices, codes)
    near.should_simplify = path.should_simplify
    return near


def _indexed(colours: Array) -> Image.Image:
    """色の表で書いた画像。色は 256 までで、暗い画面では表だけを替える。"""
    height, width = colours.shape[:2]
    flat = colours.reshape(-1, 4)[:, :3]
    table, index = np.unique(flat, axis=0, return_inverse=True)
    picture = Image.frombytes("P", (width, height), index.reshape(-1).astype(np.uint8).tobytes())
    picture.putpalette(table.astype(np.uint8).tobytes())
    return picture


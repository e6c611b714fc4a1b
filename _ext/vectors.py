"""図の SVG を、PDF に描きなおす。LaTeX の原稿は、SVG を載せられない。

読むのは、`backprop.figures` の書く SVG だけである。道（``path``）、くり返し（``use``）、まとまり（``g``）、画像しかない。
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path as File
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Transform
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms.images import ImageConverter

UNIT = 2000
"""図の1インチの目盛り。"""
_SPACE = "{http://www.w3.org/2000/svg}"
_COMMAND = re.compile(r"([MlhvqcHz])([^A-Za-z]*)")
_NUMBER = re.compile(r"-?[\d.]+")
_STEP = re.compile(r"(translate|scale|rotate)\(([^)]*)\)")
_CODES = {"l": ([Path.LINETO], 2), "q": ([Path.CURVE3] * 2, 4), "c": ([Path.CURVE4] * 3, 6)}
_CAPS = {"square": "projecting"}
_KEPT = {"CreationDate": None, "Creator": None, "Producer": None}
"""版と日時を埋め込まない。"""


def to_pdf(svg: str) -> bytes:
    """図の PDF。"""
    root = ElementTree.fromstring(svg)
    drawing = _Drawing(*_numbers(root.get("viewBox", ""))[2:])
    drawing.names = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    for element in root:
        if element.tag not in (f"{_SPACE}defs", f"{_SPACE}metadata", f"{_SPACE}style"):
            drawing.draw(element, Affine2D(), {})
    return drawing.pdf()


def outline(d: str) -> Path:
    """道の ``d`` 属性の輪郭。

    Examples
    --------
    >>> outline("M1 2h3v-4z").vertices.tolist()
    [[1.0, 2.0], [4.0, 2.0], [4.0, -2.0], [1.0, 2.0]]
    """
    points, codes = [], []
    here = start = np.zeros(2)
    for letter, text in _COMMAND.findall(d):
        values = _numbers(text)
        if letter == "M":
            here = start = np.array(values)
            points.append(here), codes.append(Path.MOVETO)
        elif letter == "z":
            here = start
            points.append(start), codes.append(Path.CLOSEPOLY)
        elif letter in "hvH":
            here = np.array([values[0], here[1]]) if letter == "H" else here + _straight(letter, values[0])
            points.append(here), codes.append(Path.LINETO)
        else:
            kinds, size = _CODES[letter]
            for n in range(0, len(values), size):
                stretch = here + np.reshape(values[n : n + size], (-1, 2))
                points += list(stretch)
                codes += kinds
                here = stretch[-1]
    return Path(points, codes)


def _straight(letter: str, length: float) -> np.ndarray:
    return np.array([length, 0.0] if letter == "h" else [0.0, length])


def _numbers(text: str) -> list[float]:
    return [float(found) for found in _NUMBER.findall(text)]


@dataclass
class _Drawing:
    """描いている PDF。"""

    width: float
    height: float
    names: dict[str, Element] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.figure = Figure(figsize=(self.width / UNIT, self.height / UNIT))
        FigureCanvasPdf(self.figure)
        self.ax = self.figure.add_axes((0, 0, 1, 1))
        self.ax.set(xlim=(0, self.width), ylim=(self.height, 0))
        self.ax.axis("off")
        self.order = 0

    def draw(self, element: Element, place: Transform, style: dict[str, str]) -> None:
        """要素を、`place` だけ動かして描く。塗りと線は、外のまとまりから受けつぐ。"""
        style = style | dict(element.attrib)
        place = Affine2D(_moved(element).get_matrix()) + place
        kind = element.tag.removeprefix(_SPACE)
        if kind == "g":
            for inside in element:
                self.draw(inside, place, {k: v for k, v in style.items() if k != "transform"})
        elif kind == "use":
            shape = self.names[element.get("href", "")[1:]]
            kept = {k: v for k, v in style.items() if k not in ("x", "y", "transform")}
            self.draw(shape, place, kept)
        elif kind == "image":
            self._image(style)
        else:
            self._path(outline(style["d"]), place, style)

    def _path(self, path: Path, place: Transform, style: dict[str, str]) -> None:
        self.order += 1
        points = 72 / UNIT
        dashes = [length * points for length in _numbers(style.get("stroke-dasharray", ""))]
        start = float(style.get("stroke-dashoffset", 0)) * points
        width = float(style.get("stroke-width", 0)) * points
        patch = PathPatch(
            path.transformed(place), fc=_ink(style, "fill"), ec=_ink(style, "stroke"), lw=width,
            capstyle=_CAPS.get(cap := style.get("stroke-linecap", "butt"), cap),
            joinstyle=style.get("stroke-linejoin", "round"), zorder=self.order,
            ls=(start, [length / width for length in dashes]) if dashes else "-",
        )  # fmt: skip
        self.ax.add_patch(patch)
        self._clip(patch, style)

    def _image(self, style: dict[str, str]) -> None:
        self.order += 1
        x, y, width, height = (float(style[name]) for name in ("x", "y", "width", "height"))
        pixels = imread(BytesIO(b64decode(style["href"].partition(",")[2])), format="png")
        image = self.ax.imshow(pixels, extent=(x, x + width, y + height, y), aspect="auto", zorder=self.order)
        self.ax.set(xlim=(0, self.width), ylim=(self.height, 0))
        self._clip(image, style)

    def _clip(self, artist: Any, style: dict[str, str]) -> None:
        if found := re.search(r"#([\w-]+)", style.get("clip-path", "")):
            frame = outline(self.names[found[1]][0].get("d", ""))
            artist.set_clip_path(frame, self.ax.transData)
        else:
            artist.set_clip_on(False)

    def pdf(self) -> bytes:
        buffer = BytesIO()
        self.figure.savefig(buffer, format="pdf", metadata=_KEPT, transparent=True)
        return buffer.getvalue()


def _moved(element: Element) -> Affine2D:
    """要素を動かす変換。書かれた順に、外から掛かる。"""
    moved = Affine2D()
    for kind, text in reversed(list(_steps(element))):
        values = _numbers(text)
        if kind == "translate":
            moved.translate(*values)
        elif kind == "scale":
            moved.scale(values[0])
        else:
            moved.rotate_deg(values[0])
    return moved


def _steps(element: Element) -> Iterator[tuple[str, str]]:
    yield from _STEP.findall(element.get("transform", ""))
    if element.tag == f"{_SPACE}use":
        yield "translate", f"{element.get('x', 0)} {element.get('y', 0)}"


def _ink(style: dict[str, str], what: str) -> Any:
    colour = style.get(what, "none")
    return (colour, float(style.get(f"{what}-opacity", 1))) if colour != "none" else "none"


class FigureConverter(ImageConverter):
    """SVG を載せられない形の本で、図を PDF に替える。"""

    conversion_rules = [("image/svg+xml", "application/pdf")]

    def is_available(self) -> bool:
        return True

    def convert(self, _from: str, _to: str) -> bool:
        File(_to).write_bytes(to_pdf(File(_from).read_text(encoding="utf-8")))
        return True


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    app.add_post_transform(FigureConverter)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

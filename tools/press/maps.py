"""図の中の、画素の絵（値を一つずつ塗った地図と、その目盛りの帯）を、紙の細かさにする。"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

from PIL import Image

FULL = 121 / 25.4
"""紙の上の図の、いちばん広い幅（インチ）。press.css の図の幅（版面の72%）。"""
FINE = 310
"""1インチの画素の数。"""
PICTURE = re.compile(
    r'<image(?P<place>[^>]*? width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)"[^>]*?)'
    r' href="data:image/png;base64,(?P<data>[^"]+)"'
)


def fine(svg: str) -> str:
    """画素の絵を、あいだの値をなめらかに補って、細かくした図。画素の絵のない図は、そのまま。

    Parameters
    ----------
    svg : str
        図。``viewBox`` の幅が、図の幅。
    """
    (whole,) = re.findall(r'viewBox="0 0 ([\d.]+) [\d.]+"', svg)

    def finer(found: re.Match[str]) -> str:
        size = tuple(round(FINE * FULL * float(found[side]) / float(whole)) for side in ("width", "height"))
        return f'<image{found["place"]} href="data:image/png;base64,{_resized(found["data"], size)}"'

    return PICTURE.sub(finer, svg)


def _resized(data: str, size: tuple[int, int]) -> str:
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        larger = tuple(max(new, old) for new, old in zip(size, picture.size, strict=True))
        made = io.BytesIO()
        picture.convert("RGB").resize(larger, Image.Resampling.BICUBIC).save(made, "PNG", optimize=True)
    return base64.b64encode(made.getvalue()).decode()


def place(figure: Path, folder: Path) -> str | None:
    """画素の絵のある図を、細かくして置く。その名前。画素の絵がなければ、何もしない。"""
    text = figure.read_text(encoding="utf-8") if figure.suffix == ".svg" else ""
    if "<image" not in text:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / figure.name).write_text(fine(text), encoding="utf-8")
    return figure.name

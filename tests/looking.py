"""目で見るために、ページの終わりまでの画面の写しを、段に折って並べる。`_build/engines/whole` に置く。

    PYTHONPATH=tests .venv/bin/python tests/looking.py firefox 390 dark chapters/14_gradient_descent.html

ページを書かなければ、すべてのページ。
"""

from __future__ import annotations

import io
import math
import sys
from contextlib import ExitStack
from pathlib import Path

from engines import Engine, start
from PIL import Image

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"
OUT = HTML.parent / "engines" / "whole"
HEIGHT = 1000
TALLEST = 24_000
PREPARE = """
    const root = document.documentElement;
    root.dataset.theme = root.dataset.mode = arguments[0];
    for (const image of document.images) image.loading = 'eager';
    await Promise.all([...document.images].map(image => image.decode().catch(() => 0)));
    for (const bar of document.querySelectorAll('.bd-header-article')) bar.style.position = 'static';
    return root.scrollHeight;
"""
SCROLL = """
    scrollTo(0, arguments[0]);
    await new Promise(done => setTimeout(done, 50));
    return Math.round(scrollY);
"""


def whole(engine: Engine, url: str, width: int, theme: str) -> Image.Image:
    """ページの終わりまでの写し。"""
    engine.resize(width, HEIGHT)
    engine.visit(url)
    engine.settle()
    height = min(engine.run(PREPARE, theme), TALLEST)
    picture = Image.new("RGB", (width, height))
    for top in range(0, height, HEIGHT):
        place = engine.run(SCROLL, top)
        with Image.open(io.BytesIO(engine.picture())) as shot:
            picture.paste(shot.convert("RGB"), (0, place))
    return picture


def folded(picture: Image.Image) -> Image.Image:
    """縦に長い写しを、正方形に近い段組みにする。"""
    columns = max(1, round(math.sqrt(picture.height / picture.width)))
    height = math.ceil(picture.height / columns)
    sheet = Image.new("RGB", ((picture.width + 8) * columns, height), "#c000ff")
    for column in range(columns):
        part = picture.crop((0, column * height, picture.width, min((column + 1) * height, picture.height)))
        sheet.paste(part, (column * (picture.width + 8), 0))
    return sheet


def main(name: str, width: str, theme: str, *places: str) -> None:
    """一つのブラウザで、ページを順に写す。"""
    pages = places or [
        path.relative_to(HTML).as_posix()
        for path in sorted(HTML.rglob("*.html"))
        if "_static" not in path.parts
    ]
    OUT.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        engine = start(name, stack)
        for place in pages:
            file = OUT / f"{name}-{width}-{theme}-{place.replace('/', '_')}.png"
            folded(whole(engine, (HTML / place).as_uri(), int(width), theme)).save(file)
            print(file, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

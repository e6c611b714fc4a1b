"""本のしるしの検査: ロゴ、アイコン、共有用のカード。"""

from __future__ import annotations

import io
import re
from pathlib import Path
from urllib.parse import urljoin

import draw_signs
import pytest
from bs4 import BeautifulSoup
from PIL import Image

STATIC = Path(__file__).resolve().parents[1] / "_static"

Pages = dict[str, BeautifulSoup]


def luminance(colour: str) -> float:
    """WCAG の相対輝度。"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """二つの色の明暗差（WCAG）。"""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.recorded
@pytest.mark.parametrize("name", ["logo.svg", "favicon.ico", "card.png"])
def test_what_is_recorded_is_what_is_drawn(name: str) -> None:
    assert (STATIC / name).read_bytes() == draw_signs.signs()[name], "tools/draw_signs.py を走らせてください"


def test_sizes() -> None:
    with Image.open(STATIC / "card.png") as card:
        assert card.size == (1200, 630)
    with Image.open(STATIC / "favicon.ico") as icon:
        assert icon.info["sizes"] == {(16, 16), (32, 32)}
    assert all((STATIC / name).stat().st_size < 30_000 for name in draw_signs.signs())


@pytest.mark.parametrize("ground", ["#ffffff", "#121212"])
def test_the_logo_is_seen_on_both_grounds(ground: str) -> None:
    colours = set(re.findall(r"#[0-9A-Fa-f]{6}", (STATIC / "logo.svg").read_text(encoding="utf-8")))
    assert len(colours) == 3
    assert min(contrast(colour, ground) for colour in colours) >= 3


def test_the_small_icon_keeps_the_three_colours() -> None:
    with Image.open(io.BytesIO((STATIC / "favicon.ico").read_bytes())) as icon:
        icon.size = (16, 16)
        pixels = icon.convert("RGBA")
    wanted = [(0x7A, 0x82, 0x8C), (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)]
    data = [pixels.getpixel((x, y)) for x in range(16) for y in range(16)]
    for colour in wanted:
        near = [p for p in data if p[3] > 200 and max(abs(a - b) for a, b in zip(p, colour)) < 24]
        assert len(near) >= 3


def test_every_page_wears_them(pages: Pages) -> None:
    for place, page in pages.items():
        icons = {urljoin(place, str(link["href"])) for link in page.select('link[rel~="icon"]')}
        assert "_static/logo.svg" in icons
        assert place == "404.html" or "_static/favicon.ico" in icons
        title = page.select_one(".book-title")
        if place != "404.html":
            assert urljoin(place, str(title.img["src"])) == "_static/logo.svg"
            assert "誤差逆伝播法" in title.get_text()

"""サイトの軽さ: 使わない部品がなく、図の大きさが書かれ、画面の絵がそろっている。"""

from __future__ import annotations

import re
from pathlib import Path

from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from lightness import FONTS, ICONS, PRIVATE, THEME
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]

Pages = dict[str, BeautifulSoup]


def test_no_heavy_script_is_left(pages: Pages, html: Path) -> None:
    for place, page in pages.items():
        for script in page.select("script[src]"):
            file = (html / place).parent / str(script["src"]).partition("?")[0]
            if file.name == "searchindex.js":  # 検索ページだけが読む
                continue
            assert file.stat().st_size < 100_000, (place, script["src"])


def test_every_picture_reserves_its_place(pages: Pages, html: Path) -> None:
    pictures = [(place, image) for place, page in pages.items() for image in page.select("img[src$='.png']")]
    assert len(pictures) > 100
    for place, image in pictures:
        with Image.open((html / place).parent / str(image["src"])) as file:
            assert (int(image["width"]), int(image["height"])) == file.size, (place, image["src"])


def test_pictures_below_the_first_wait_until_they_are_near(pages: Pages) -> None:
    for place, page in pages.items():
        waiting = [image.get("loading") == "lazy" for image in page.select("img[src$='.png']")]
        assert waiting == [n > 0 for n in range(len(waiting))], place


def test_every_icon_is_drawn(pages: Pages) -> None:
    styles = (ROOT / "_static" / "icons.css").read_text(encoding="utf-8")
    drawn = set(re.findall(r"(?m)^\.(fa-[a-z-]+) \{ --icon:", styles))
    sizes = {"fa-solid", "fa-lg", "fa-brands"}
    icons = [icon for page in pages.values() for icon in page.select("i[class*=fa-]")]
    used = {name for icon in icons for name in icon["class"]}
    assert {name for name in used if name.startswith("fa-")} - sizes <= drawn


def test_the_icon_font_has_what_the_theme_writes(html: Path) -> None:
    styles = (html / THEME).read_text(encoding="utf-8")
    names = ("bell", "exclamation-circle", "exclamation-triangle", "info-circle", "lightbulb", "share")
    letters = {PRIVATE.search(styles, styles.index(f"--pst-icon-{name}:"))[0] for name in names}
    assert len(letters) == len(names)
    assert {ord(letter) for letter in letters} <= TTFont(html / FONTS / ICONS).getBestCmap().keys()
    assert (html / FONTS / ICONS).stat().st_size < 10_000

"""図を、画面の幅と明暗に合わせる。

図の SVG は、広い紙に描いたものの中に、電話のための狭い紙に描いたものを添えている（`backprop.figures`）。
ページには、明るい画面の図と暗い画面の図を並べて書き、画面の幅によって、広い図か狭い図かを選ばせる。見えない方は
読み込まれないので、明るい画面の読者が受けとるのは、いつも一つである。縦横の画素数を書いておくと、図が届く前から
場所が決まり、読んでいる行が動かない。

図は地を塗らない。図だけを開いたときには、行き先（``#paper``）になった紙が、地を塗る。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from builders import makes_site
from sphinx.application import Sphinx

from backprop.figures.drafting.dark import darkened
from backprop.figures.drafting.widths import PHONE

_SECOND = re.compile(r"<metadata>\n(<svg .*</svg>)</metadata>\n", re.DOTALL)
_PAPER = re.compile(r'<path id="[\w-]+p" fill="(#\w+)" (d="[^"]+")/>')
_SIZE = re.compile(r'<svg [^>]*?width="(\d+)" height="(\d+)"')
_IMAGE = re.compile(
    r'<a class="(?P<link>[^"]*\bimage-reference\b[^"]*)" href="(?P<place>[^"]+)\.svg">\s*'
    r'<img alt="(?P<alt>[^"]*)" (?:class="[^"]*" )?src="(?P=place)\.svg"[^>]*/>\s*</a>'
    r'|<img alt="(?P<bare>[^"]*)" (?:class="[^"]*" )?src="(?P<only>[^"]+)\.svg"[^>]*/>'
)
SCREEN = "(max-width: 600px)"
"""狭い図を見せる画面。"""
THEMES = {"light": "", "dark": "-dark"}
"""画面の明暗と、ファイルの名につける尾。"""
NARROW = "-narrow"
PICTURE = (
    '<a class="{link} figure-{theme}{wide}" href="{place}{tail}.svg#paper"><picture>'
    '<source media="{phone}" srcset="{place}{narrow}{tail}.svg"'
    ' width="{narrow_size[0]}" height="{narrow_size[1]}" />'
    '<img class="dark-light" alt="{alt}" src="{place}{tail}.svg"'
    ' width="{size[0]}" height="{size[1]}"{waiting} /></picture></a>'
)
WAITING = ' loading="lazy" decoding="async"'


def variants(svg: str) -> dict[str, str]:
    """ファイルの名の尾から、その図への対応。電話のための図を添えていなければ、空。

    Examples
    --------
    >>> second = '<svg width="540"></svg>'
    >>> list(variants(f'<svg width="700">\\n<metadata>\\n{second}</metadata>\\n</svg>'))
    ['', '-dark', '-narrow', '-narrow-dark']
    >>> variants('<svg width="700"></svg>')
    {}
    """
    found = _SECOND.search(svg)
    if not found:
        return {}
    drawn = {"": svg[: found.start()] + svg[found.end() :], NARROW: found[1] + "\n"}
    return {
        width + tail: on_any_ground(darkened(text) if tail else text)
        for width, text in drawn.items()
        for tail in THEMES.values()
    }


def on_any_ground(svg: str) -> str:
    """地を塗らない図。``#paper`` を指して開いたときだけ、塗る。

    Examples
    --------
    >>> on_any_ground('<path id="fa-p" fill="#ffffff" d="M0 0z"/>')
    '<style>#paper:target{fill:#ffffff}</style><path id="paper" d="M0 0z"/>'
    """
    return _PAPER.sub(r'<style>#paper:target{fill:\1}</style><path id="paper" \2/>', svg)


def split(folder: Path) -> Iterator[str]:
    """図のファイルを、幅と明暗ごとに分けて書く。返すのは、分けた図の名前。"""
    for path in sorted(folder.glob("*.svg")):
        for tail, text in variants(path.read_text(encoding="utf-8")).items():
            path.with_stem(path.stem + tail).write_text(text, encoding="utf-8", newline="\n")
            if not tail:
                yield path.stem


def fit(app: Sphinx, exception: Exception | None) -> None:
    """書き終えたページの図を、画面に合う図にする。"""
    if exception or not makes_site(app):
        return
    out = Path(app.outdir)
    names = set(split(out / "_images"))
    for path in sorted(out.rglob("*.html")) if names else ():
        if "_static" not in path.parts:
            before = path.read_text(encoding="utf-8")
            after = fitted(before, path.parent, names)
            if after != before:
                path.write_text(after, encoding="utf-8")


def fitted(page: str, folder: Path, names: set[str]) -> str:
    """図を、画面に合う図に替えたページ。開いたときに見えているのは、はじめの一つだけである。"""
    seen = 0

    def write(match: re.Match[str]) -> str:
        nonlocal seen
        place = match["place"] or match["only"]
        if place.rpartition("/")[2] not in names:
            return match[0]
        seen += 1
        link = match["link"] or "reference internal image-reference"
        alt = match["alt"] if match["place"] else match["bare"]
        return "".join(
            PICTURE.format(
                link=link, theme=theme, place=place, tail=tail, narrow=NARROW, phone=SCREEN, alt=alt,
                size=size(folder / f"{place}.svg"), narrow_size=size(folder / f"{place}{NARROW}.svg"),
                wide=wide(folder / f"{place}{NARROW}.svg"), waiting="" if seen == 1 and not tail else WAITING,
            )
            for theme, tail in THEMES.items()
        )  # fmt: skip

    return _IMAGE.sub(write, page)


def wide(file: Path) -> str:
    """電話の段より広い図につける組と、段の何倍か。"""
    times = size(file)[0] / (100 * PHONE)
    return f' figure-wide" style="--wide: {times:.3g}' if times > 1 else ""


@cache
def size(file: Path) -> tuple[int, int]:
    """図の横と縦（画素）。"""
    found = _SIZE.search(file.read_text(encoding="utf-8"))
    return int(found[1]), int(found[2])


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    app.connect("build-finished", fit)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""数式の書体: STIX Two Math から、本に現れた文字だけを抜き出し、TeX の寸法に近づける。"""

from __future__ import annotations

import functools
import html
import io
import re
import unicodedata
from collections.abc import Iterable
from importlib.resources import as_file, files
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = ("fonts", "STIXTwoMath-Regular.ttf")

# 線の太さは、画面の1画素にそろえる。添字の位置は、文字の高さや深さによらず、TeX と同じに決める。
_CONSTANTS = {
    "FractionRuleThickness": 52,
    "RadicalRuleThickness": 56,
    "RadicalVerticalGap": 140,
    "FractionNumeratorShiftUp": 430,
    "FractionDenominatorShiftDown": 370,
    "FractionNumeratorGapMin": 60,
    "FractionDenominatorGapMin": 60,
    "FractionNumDisplayStyleGapMin": 180,
    "FractionDenomDisplayStyleGapMin": 180,
    "SubscriptBaselineDropMin": -40,
    "SuperscriptBaselineDropMax": 386,
}
_ROOT_HEIGHT = 0.85
_WIDTHS = {**dict.fromkeys("()[]{}⟨⟩", 470), "√": 860}
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SINGLE = re.compile(r"<mi>(\w|[∂∇])</mi>")


def characters(pages: Iterable[str]) -> set[str]:
    """ページの数式に現れる文字。1文字の変数は、ブラウザが斜体の文字に替えて描く。

    Examples
    --------
    >>> sorted(characters(["<p>a</p><math><mi>x</mi><mo>&lt;</mo><mi>sin</mi></math>"]))
    ['<', 'i', 'n', 's', 'x', '𝑥']
    """
    formulas = [formula for page in pages for formula in _FORMULA.findall(page)]
    written = {letter for formula in formulas for letter in html.unescape(_TAG.sub("", formula))}
    single = {letter for formula in formulas for letter in _SINGLE.findall(formula)}
    roots = {"√"} if any("<msqrt" in formula or "<mroot" in formula for formula in formulas) else set()
    return written | roots | {_italic()[letter] for letter in single if letter in _italic()}


@functools.cache
def _italic() -> dict[str, str]:
    """文字から、数学用の斜体の文字を引く。"""
    block = [*map(chr, range(0x1D434, 0x1D468)), *map(chr, range(0x1D6E2, 0x1D71C))]
    pairs = {letter: unicodedata.decomposition(letter).split() for letter in block}
    return {chr(int(pair[1], 16)): letter for letter, pair in pairs.items() if pair} | {"h": "ℎ"}


def font_file(letters: Iterable[str]) -> bytes:
    """文字を持つ数式の書体（WOFF2）。"""
    options = subset.Options(flavor="woff2", layout_features=["dtls", "ss04"], hinting=False)
    options.name_IDs = [0, 5, 7, 13, 14]
    with as_file(files("ziamath").joinpath(*SOURCE)) as path:
        font = TTFont(path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, letters))
    subsetter.subset(font)
    tune(font)
    font.save(binary := io.BytesIO())
    return binary.getvalue()


def tune(font: TTFont) -> None:
    """TeX の寸法に近づける。

    Chromium は、伸びる括弧と根号の幅を、いちばん大きな字形の幅で取る。小さく描くと余った幅が空きに見えるので、
    どの大きさの字形も同じ幅にする。
    """
    font.flavor = "woff2"
    math = font["MATH"].table
    for name, value in _CONSTANTS.items():
        getattr(math.MathConstants, name).Value = value
    variants = math.MathVariants
    names = font.getBestCmap()
    for base, construction in zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction):
        code = next((code for code, name in names.items() if name == base), None)
        if chr(code or 0) == "√":
            _lower_root(font, base, construction)
        if width := _WIDTHS.get(chr(code or 0)):
            for glyph in _drawn_as(construction) - {base}:
                _set_width(font, glyph, width, stretch=chr(code) == "√")


def _lower_root(font: TTFont, name: str, construction: Any) -> None:
    """いちばん小さい根号を低くする。もとの高さでは、文中の根号が行の下まで垂れる。"""
    glyph = font["glyf"][name]
    glyph.coordinates.scale((1, _ROOT_HEIGHT))
    glyph.coordinates.toInt()
    glyph.recalcBounds(font["glyf"])
    size = construction.MathGlyphVariantRecord[0]
    size.AdvanceMeasurement = round(size.AdvanceMeasurement * _ROOT_HEIGHT)


def _drawn_as(construction: Any) -> set[str]:
    parts = construction.GlyphAssembly.PartRecords if construction.GlyphAssembly else []
    sizes = construction.MathGlyphVariantRecord
    return {size.VariantGlyph for size in sizes} | {part.glyph for part in parts}


def _set_width(font: TTFont, name: str, width: int, *, stretch: bool) -> None:
    """字形の幅を変える。根号は横に縮め、括弧は中央に置いたまま左右の余白を変える。"""
    old, bearing = font["hmtx"][name]
    glyph = font["glyf"][name]
    if stretch and old <= width:
        return
    if stretch:
        glyph.coordinates.scale((width / old, 1))
    else:
        glyph.coordinates.translate(((width - old) / 2, 0))
    glyph.coordinates.toInt()
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, glyph.xMin)

"""数式を、文の中で読める1行の文字にする。検索の抜き書きに使う。

上つきと下つきは、組みの印（制御文字）ではさむ。印は、見せるときに ``<sup>`` と ``<sub>`` になり、探すときは読みとばされる。
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from xml.etree import ElementTree

SUB, SUP, END = "\x01", "\x02", "\x03"
MARKS = re.compile("[\x01-\x05]")

_INVISIBLE = re.compile("[\u2061-\u2064\u200b]")
_RELATIONS = frozenset("=≠≈≃≤≥<>→⟶∈≪≫⇒⇔")
_COMPOUND = re.compile(r"[\s/+−=±,]|.\(")
_PRIMES = re.compile("[′″]+")
_HATS = {
    "^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "¯": "\u0304", "‾": "\u0304", "˙": "\u0307",
}  # fmt: skip


@cache
def linear(mathml: str) -> str:
    """MathML を1行の文字に。

    Examples
    --------
    >>> linear("<math><msub><mi>z</mi><mi>j</mi></msub><mo>=</mo><mn>2</mn></math>")
    'z\\x01j\\x03 = 2'
    >>> linear("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac></math>")
    '(a+1)/b'
    >>> linear("<math><mover><mi>y</mi><mo>^</mo></mover></math>")
    'ŷ'
    """
    return re.sub(r"\s+", " ", _write(ElementTree.fromstring(mathml))).strip()


def _write(element: ElementTree.Element) -> str:
    name = element.tag.rpartition("}")[2]
    if name in {"mi", "mn", "mo", "mtext"}:
        return _letters("".join(element.itertext()), operator=name == "mo")
    if name in {"annotation", "mphantom"}:
        return ""
    return _FORMS.get(name, "".join)([_write(child) for child in element])


def _letters(text: str, *, operator: bool) -> str:
    """太字や筆記体の数学の文字は、ふつうの文字にする（1字が2単位になり、探すときに数がずれる）。"""
    plain = "".join(unicodedata.normalize("NFKC", c) if ord(c) > 0xFFFF else c for c in text)
    plain = _INVISIBLE.sub("", plain)
    return f" {plain} " if operator and plain in _RELATIONS else plain


def _below(parts: list[str]) -> str:
    return f"{parts[0]}{SUB}{parts[1]}{END}"


def _above(parts: list[str]) -> str:
    return "".join(parts) if _PRIMES.fullmatch(parts[1]) else f"{parts[0]}{SUP}{parts[1]}{END}"


def _both(parts: list[str]) -> str:
    return _below([_above([parts[0], parts[2]]), parts[1]])


def _over(parts: list[str]) -> str:
    return unicodedata.normalize("NFC", parts[0] + _HATS.get(parts[1], parts[1]))


def _fraction(parts: list[str]) -> str:
    return "/".join(f"({part})" if _COMPOUND.search(MARKS.sub("", part)) else part for part in parts)


def _rows(parts: list[str]) -> str:
    return "; ".join(parts).replace(";  =", " =")


_FORMS: dict[str, Callable[[list[str]], str]] = {
    "msub": _below, "munder": _below, "msup": _above, "msubsup": _both, "munderover": _both, "mover": _over,
    "mfrac": _fraction, "msqrt": lambda parts: f"√({''.join(parts)})", "mspace": lambda parts: " ",
    "mtable": _rows, "mtr": " ".join,
}  # fmt: skip

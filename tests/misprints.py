r"""組まれた等式を、一か所だけ印刷し損じる。

書き換えるのは TeX の字句だけで、式の意味は見ない。損じた式は、読めないか、主張と違わなければならない。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reading_tex import LAYER, Reader, closing, sides, tex_of, tokens_of

Edits = Iterator[tuple[str, int, int, list[str]]]
"""損じ方の種類と、書き換える場所のはじめと終わり、かわりに置く字句。"""


class Misprint(NamedTuple):
    """損じた等式。``instead`` は、書き換えた場所に置いたもの。"""

    kind: str
    instead: str
    tex: str


HARMLESS = {
    ("eq-tanh-derivative", "z"): "tanh z のかっこは、なくても同じ",
    ("eq-steepest-descent", "d_{i}"): "一つの成分を囲むかっこ",
    ("eq-steepest-descent", "g_{i}"): "一つの成分を囲むかっこ",
    ("eq-loss-decrease", "g_{i}"): "一つの成分を囲むかっこ",
    ("eq-forward-variance", r"\left(z^{l}_{j}\right)^{2}"): "期待値の波かっこの中のかっこ",
    ("eq-backward-variance", r"\left(\delta^{l}_{j}\right)^{2}"): "期待値の波かっこの中のかっこ",
    ("eq-backward-variance", r"f^{l\prime}\!\left(z^{l}_{j}\right)"): "関数の値のべきのかっこ",
    ("eq-second-order", "_{ji}"): "どちらの番号についても足すので、名前を入れ替えても同じ",
}
"""損じても意味の変わらないもの（ラベルと、かわりに置いたもの）と、そのわけ。"""


def misprints(tex: str) -> list[Misprint]:
    """損じた等式のすべて。同じものは一度だけ。"""
    tokens = tokens_of(tex)
    found: dict[str, Misprint] = {}
    for kind, start, end, instead in _edits(tokens):
        spoiled = tex_of([*tokens[:start], *instead, *tokens[end:]])
        found.setdefault(spoiled, Misprint(kind, tex_of(instead), spoiled))
    return list(found.values())


def _edits(tokens: list[str]) -> Edits:
    for place, token in enumerate(tokens):
        if token in RULES:
            yield from RULES[token](tokens, place)
    (_, (start, end)) = sides(tokens)
    reader = Reader(tokens[start:end])
    reader.whole(reader.expression)
    for kind, first, last in reader.parts:
        yield kind, start + first, start + last, []


def _sign(tokens: list[str], at: int) -> Edits:
    before, after = tokens[at - 1] if at else "", tokens[at + 1]
    if before in ("l", "L") and after.isdigit():  # 層の番号
        return
    opposite = "+" if tokens[at] == "-" else "-"
    binary = before not in ("", "=", "{", "(", "|")
    yield "符号", at, at + 1, [opposite] if binary else []


def _subscript(tokens: list[str], at: int) -> Edits:
    if tokens[at - 1] == r"\sum":
        return
    end = closing(tokens, at + 1) + 1 if tokens[at + 1] == "{" else at + 2
    inside = tokens[at + 2 : end - 1] if tokens[at + 1] == "{" else [tokens[at + 1]]
    if _is_shifted(inside):
        yield from (("層の大きさ", at, end, ["_", "{", *other, "}"]) for other in _neighbours(inside))
        return
    yield "添字の脱落", at, end, []
    if not all(re.fullmatch("[a-z0-9]", token) for token in inside):
        return
    for n in range(len(inside) - 1):
        swapped = [*inside[:n], inside[n + 1], inside[n], *inside[n + 2 :]]
        if swapped != inside:
            yield "添字の入れ替え", at, end, ["_", "{", *swapped, "}"]
    if len(inside) > 1:
        for n in range(len(inside)):
            yield "添字の脱落", at, end, ["_", "{", *inside[:n], *inside[n + 1 :], "}"]


def _superscript(tokens: list[str], at: int) -> Edits:
    if tokens[at + 1] != "{":
        return
    end = closing(tokens, at + 1) + 1
    inside = tokens[at + 2 : end - 1]
    layer = [token for token in inside if token != r"\prime"]
    primes = inside[len(layer) :]
    if inside == [r"\top"]:
        yield "転置", at, end, []
    elif primes:
        yield "プライム", at, end, ["^", "{", *inside[:-1], "}"] if inside[:-1] else []
    if _is_shifted(layer) or layer and (primes or tokens[end : end + 1] == ["_"]):
        yield from (("層", at, end, ["^", "{", *other, *primes, "}"]) for other in _neighbours(layer))
    elif len(inside) == 1 and re.fullmatch("[a-z0-9]", inside[0]):
        yield "べき", at, end, []


def _is_shifted(tokens: list[str]) -> bool:
    return bool({"l", "L"} & set(tokens)) and bool(LAYER.fullmatch("".join(tokens)))


def _neighbours(layer: list[str]) -> Iterator[list[str]]:
    """前の層と、次の層。"""
    letter, *shift = layer
    number = int("".join(shift) or 0)
    for other in (number - 1, number + 1):
        if letter.isdigit():
            yield list(str(int(letter) + other))
        else:
            yield [letter, *(f"{other:+d}" if other else "")]


def _total(tokens: list[str], at: int) -> Edits:
    below = closing(tokens, at + 2) + 1
    above = closing(tokens, below + 1) + 1 if tokens[below] == "^" else below
    yield "和", at, above, []
    for place in range(at, below):
        if tokens[place] == "1":
            yield "和の端", place, place + 1, ["2"]
        elif tokens[place] == r"\\" or (
            place > at and r"\substack" in tokens[at:below] and place == below - 2
        ):
            yield "和の端", place, place, ["-", "1"]
    if above > below:
        yield "和の端", above - 1, above - 1, ["-", "1"]


def _fraction(tokens: list[str], at: int) -> Edits:
    middle = closing(tokens, at + 1) + 1
    end = closing(tokens, middle) + 1
    above, below = tokens[at + 1 : middle], tokens[middle:end]
    if below[1] == r"\partial":
        yield "偏微分の上下", at, end, [r"\frac", *below, *above]
    elif above[1] != "d":
        yield "平均" if below == ["{", "m", "}"] else "分母", at, end, [] if above[1:-1] == ["1"] else above


def _bracket(tokens: list[str], at: int) -> Edits:
    depth = 0
    for end in range(at, len(tokens)):
        depth += {r"\left": 1, r"\right": -1}.get(tokens[end], 0)
        if depth == 0:
            function = tokens[at - 1] == r"\!"
            yield "かっこ", at - function, end + 2, tokens[at + 2 : end]
            return


RULES = {
    "+": _sign,
    "-": _sign,
    "_": _subscript,
    "^": _superscript,
    "'": lambda tokens, at: iter([("プライム", at, at + 1, [])]),
    r"\sum": _total,
    r"\frac": _fraction,
    r"\left": _bracket,
    r"\odot": lambda tokens, at: iter([("⊙", at, at + 1, [])]),
    r"\operatorname": lambda tokens, at: iter([("関数", at, closing(tokens, at + 1) + 1, [r"\sigma"])]),
}

"""六つのステップの図を組み立てる。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from backprop.checks import explained
from backprop.figures.drafting.inputs import step_number
from backprop.interactive.formula import markup, mathml
from backprop.interactive.linking.lessons import LESSONS, Lesson, Unit
from backprop.interactive.linking.naming import split, spoken, symbol
from backprop.interactive.linking.values import NETWORK, round_trip
from backprop.interactive.widget import Widget, table

STRIP = (
    ("1", "順伝播", "21_forward_pass"), ("2", "損失", "12_loss_functions"),
    ("3", "出力の勾配", "31_step1_output_gradient"), ("4a", "出力層の誤差項", "32_step2_output_delta"),
    ("4b", "隠れ層の誤差項", "33_step3_hidden_delta"), ("4c", "重みの勾配", "34_step4_weight_gradient"),
    ("4d", "バイアスの勾配", "35_step5_bias_gradient"), ("5", "更新", "36_step6_update"),
)  # fmt: skip
"""五行の手順の、行の番号、すること、くわしい章。"""


@explained
def step(number: int) -> Widget:
    """いつもの 2–3–2 の、一つのステップの計算。絵、式、プログラムの行の、どれに触れても、同じ数が灯る。

    数は「アルゴリズムの全体」の章で手でたどるもので、パッケージの六つのステップの関数が求める。

    Parameters
    ----------
    number : int
        ステップの番号。1から6。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        番号が1から6の整数でない。

    Notes
    -----
    導出の章（31 から 36）で使う。

    Examples
    --------
    >>> step(3)
    ステップ3の図: 2–3–2 の隠れ層の誤差項。3 個の計算。
    """
    number = step_number(number)
    lesson, values = LESSONS[number], round_trip()
    tex = {name: _symbol(name, lesson) for name in _named(lesson)}
    data = {
        "label": f"ステップ{number}（行{lesson.line}）: {lesson.name}",
        "figure": f"fig-step{number}",
        "strip": {"now": lesson.line, "cells": [[line, name, f"{page}.html"] for line, name, page in STRIP]},
        "sizes": NETWORK.sizes,
        "values": {name: values[name] for name in [*tex, *_intermediate(lesson)] if name in values},
        "say": {name: spoken(name) for name in tex},
        "math": {name: mathml(source) for name, source in tex.items()},
        "results": list(lesson.results),
        "motion": lesson.motion,
        "picture": _picture(lesson),
        "general": [_general(item) for item in lesson.general],
        "units": [{"title": u.title, "at": u.at, "items": u.items, "flow": u.flow} for u in lesson.units],
        "opens": _opens(lesson.units),
        "code": [
            [list(token) if isinstance(token, tuple) else token for token in line] for line in lesson.code
        ],
    }
    sizes = "–".join(map(str, NETWORK.sizes))
    summary = f"ステップ{number}の図: {sizes} の{lesson.name}。{len(lesson.units)} 個の計算。"
    return Widget("linked", summary, data, _table(number, lesson, values, tex))


def _symbol(name: str, lesson: Lesson) -> str:
    source = symbol(name)
    return source.replace(r"\loss", " J") if lesson.motion == "glow" else source


def _notes(lesson: Lesson) -> Iterable[str]:
    for place in (lesson.above, lesson.below, lesson.inside):
        for names in place.values():
            yield from names


def _named(lesson: Lesson) -> list[str]:
    """式か絵に現れて、記号を持つ部分。"""
    items = [item for unit in lesson.units for item in unit.items]
    known = round_trip()
    drawn = [f"{kind}{l}_{j}" for kind, l, j in _neurons()]
    wires = [f"{kind}{unit}" for unit, kind in _wires(lesson)]
    targets = [f"y{j}" for j in (1, 2)] if lesson.targets else []
    names = [*items, *_notes(lesson), *drawn, *wires, *targets, *lesson.corner]
    return [name for name in dict.fromkeys(names) if name in known]


def _neurons() -> Iterable[tuple[str, int, int]]:
    for l, width in enumerate(NETWORK.sizes):
        for j in range(1, width + 1):
            yield from ((kind, l, j) for kind in ("z", "a") if l or kind == "a")


def _wires(lesson: Lesson) -> Iterable[tuple[str, str]]:
    for l, kinds in lesson.wires.items():
        before, after = NETWORK.sizes[int(l) - 1 : int(l) + 1]
        for j in range(1, after + 1):
            for k in range(1, before + 1):
                yield from ((f"{l}_{j}{k}", kind) for kind in kinds)


def _intermediate(lesson: Lesson) -> list[str]:
    """流れの図の途中にだけ現れる数。"""
    flows = [unit.flow for unit in lesson.units]
    return [
        *(f["op"][1] for f in flows if len(f["op"]) > 1),
        *(t[2] for f in flows for t in f["in"] if t[2:]),
    ]


def _picture(lesson: Lesson) -> dict[str, Any]:
    return {
        "wires": lesson.wires, "above": lesson.above, "below": lesson.below, "inside": lesson.inside,
        "targets": lesson.targets, "biases": lesson.biases, "corner": list(lesson.corner),
    }  # fmt: skip


def _general(item: Any) -> Any:
    if isinstance(item, str):
        return item
    source, parts, words = item
    return [mathml(source), parts, words]


def _opens(units: Sequence[Unit]) -> dict[str, int]:
    return {place: n for n, unit in enumerate(units) for place in (unit.at, *unit.near)}


def _table(number: int, lesson: Lesson, values: dict[str, str], tex: dict[str, str]) -> str:
    results = [unit.flow["out"] for unit in lesson.units]
    used = dict.fromkeys(item for unit in lesson.units for item in unit.items if item in values)
    names = sorted(used, key=lambda name: (name not in results, split(name)[1] == 1))
    rows = [(markup(tex[name]), spoken(name), values[name]) for name in names]
    caption = f"ステップ{number}（行{lesson.line}）で求める数と、そのもとになる数。2–3–2 の、一つの例での値。"
    return table(["記号", "何の値か", "値"], rows, caption)

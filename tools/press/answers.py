"""ヒントと解答を、練習問題から抜いて、本の終わりに集める。ヒントを読むとき、隣の解答が目に入らないように、二つに分ける。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bs4 import Tag

from press.leaves import Leaf, told
from press.paper import new

KINDS = {"hint": "ヒント", "solution": "解答"}


@dataclass(frozen=True)
class Answer:
    """一つの問いの、ヒントか解答。

    Attributes
    ----------
    place : str
        問いの、一冊の中での名前。
    title : str
        問いの番号と題。
    boxes : list of Tag
        畳んであった箱。
    """

    place: str
    title: str
    boxes: list[Tag]


def taken(leaf: Leaf) -> dict[str, list[Answer]]:
    """紙の形にした練習問題のページから抜いた、ヒントと解答。抜いたあとに、集めたところへのつながりを置く。"""
    found: dict[str, list[Answer]] = {kind: [] for kind in KINDS}
    for section in leaf.article.find_all("section", id=True):
        here = [kind for kind in KINDS if _take(section, kind, found[kind])]
        if here:
            section.append(_ways(section["id"], here))
    return found


def _take(section: Tag, kind: str, found: list[Answer]) -> bool:
    # 二周目の問いでは、節と箱のあいだに、畳むための箱がもう一つある。
    boxes = [box for box in section.find_all("div", class_=kind) if box.find_parent("section") is section]
    if boxes:
        title = told(section.find(["h2", "h3", "h4", "h5"]))
        found.append(Answer(section["id"], title, [box.extract() for box in boxes]))
    return bool(boxes)


def _ways(place: str, kinds: Sequence[str]) -> Tag:
    """「ヒント（…ページ）、解答（…ページ）」。番号は、組んでから書き入れる（typeset）。"""
    ways = new("p", "to-answers")
    for n, kind in enumerate(kinds):
        ways.extend(["、" if n else "", new("a", "at", KINDS[kind], href=f"#{place}--{kind}")])
    return ways


def gathered(kind: str, answers: Sequence[tuple[Leaf, Sequence[Answer]]]) -> Iterator[Tag]:
    """集めたヒントか解答。ページごとに見出しを立て、問いへのつながりを添える。"""
    for leaf, found in answers:
        if not found:
            continue
        page = new("section", "gathered-page", id=f"{leaf.key}--{kind}")
        page.append(new("h2", "", leaf.title))
        page.extend(_gathered(kind, answer) for answer in found)
        yield page


def _gathered(kind: str, answer: Answer) -> Tag:
    """一つの問いのヒントか解答。題は目次にもしおりにも載せないので、見出しにしない。"""
    box = new("section", "gathered", id=f"{answer.place}--{kind}")
    title = new("p", "gathered-title")
    title.append(new("a", "at", answer.title, href=f"#{answer.place}"))
    box.append(title)
    for one in answer.boxes:
        if kind == "solution":
            one.find(class_="opened-title").decompose()
        box.append(one)
    return box

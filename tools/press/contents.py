"""目次と索引と、参照に添えるページの番号。番号は、組んでから書き入れる（typeset）。"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bs4 import Tag

from press.leaves import told
from press.paper import new

LISTED = {"h1": "part", "h2": "chapter", "h3": "section"}
"""目次に載せる見出し: 部、章、節。"""
DEPTHS = {kind: depth for depth, kind in enumerate(LISTED.values())}
QUIET = ("glossary", "genindex")
"""ここを指す参照には、番号を添えない。語の引き先は索引にある。"""


@dataclass(frozen=True)
class Heading:
    """目次に載せる見出し。

    Attributes
    ----------
    kind : str
        ``part``、``chapter``、``section`` のどれか。
    title : str
        番号のついた題。
    place : str
        一冊の中での名前。
    """

    kind: str
    title: str
    place: str


def headings(articles: Sequence[Tag]) -> list[Heading]:
    """目次に載せる見出し。"""
    found = (heading for article in articles for heading in article.find_all(list(LISTED)))
    return [Heading(LISTED[heading.name], told(heading), _place(heading)) for heading in found]


def _place(heading: Tag) -> str:
    return heading.get("id") or heading.find_parent(id=True)["id"]


def contents(listing: Sequence[Heading]) -> Tag:
    """目次。"""
    listed = new("nav", "book-contents", **{"aria-label": "目次"})
    listed.append(new("p", "book-contents-title", "目次"))
    for heading in listing:
        line = new("a", f"entry entry-{heading.kind}", href=f"#{heading.place}")
        line.append(new("span", "entry-title", heading.title))
        line.append(new("span", "entry-page", **{"data-to": heading.place}))
        listed.append(line)
    return listed


def index(article: Tag) -> None:
    """索引。語の行き先を、ページの番号にする。文字の見出しは、目次に載せない。"""
    for letter in article.find_all("section", class_="index-letter"):
        heading = letter.h3
        heading.name, heading["class"] = "p", ["index-initial"]
    for places in article.find_all(class_="index-places"):
        links = places.find_all("a", href=re.compile("^#"))
        pages = " ".join(link["href"][1:] + ("*" if link.find("strong") else "") for link in links)
        places.replace_with(new("span", "index-pages", **{"data-pages": pages}))


def refer(articles: Sequence[Tag]) -> None:
    """参照のあとに、ページの番号を書く場所を空ける。"""
    for article in articles:
        for link in article.find_all("a", class_=["internal", "at"], href=re.compile("^#")):
            target = link["href"][1:]
            if target.split("--")[0] not in QUIET:
                link.insert_after(new("span", "page-of", **{"data-to": target}))

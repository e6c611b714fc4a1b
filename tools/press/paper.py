"""画面のためのページを、紙の上の形にする。動かすもの、畳んだものを外し、つながりを一冊の中に向ける。"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from press.leaves import Leaf, key

SCREEN_NAMES = {"script", "style", "template", "noscript", "button", "input", "source"}
SCREEN_CLASSES = {
    "headerlink", "folded", "citing", "interactive-live", "reading-time", "lap-choice", "signpost", "answer",
    "figure-dark", "figure-narrow", "toctree-wrapper", "index-letters", "progress", "progress-tools",
    "downloads",
}  # fmt: skip
"""紙には要らないもの: 動かすもの、畳んだコード、しるしを付ける欄、暗い画面と狭い画面の図、引用の道具。"""
WORDS = {"（開くと読めます）": "（サイトとノートブックにあります）", "セルを開くと読めます": "セルは、サイトとノートブックにあります"}
"""畳んだコードのことを言う、画面の言葉と、紙の言葉。"""
LOWER = {f"h{level}": f"h{level + 1}" for level in range(1, 6)}
_made = BeautifulSoup("", "html.parser")


def printed(leaf: Leaf, bound: Collection[str]) -> Tag:
    """紙の上の形の本文。

    Parameters
    ----------
    leaf : Leaf
        ページ。中身は書きかえる。
    bound : collection of str
        一冊に綴じるページの名。ほかへのつながりは、字だけにする。
    """
    article = leaf.article
    for element in article.find_all(_of_screen):
        element.decompose()
    _pictures(leaf)
    _names(leaf)
    _links(leaf, bound)
    _opened(article)
    _words(article)
    _headings(article, leaf.depth)
    return article


def _of_screen(element: Tag) -> bool:
    return element.name in SCREEN_NAMES or not SCREEN_CLASSES.isdisjoint(element.get("class", ()))


def new(name: str, classes: str = "", text: str = "", **attributes: str) -> Tag:
    """新しい要素。"""
    made = _made.new_tag(name, attrs={**({"class": classes} if classes else {}), **attributes})
    if text:
        made.string = text
    return made


def target(name: str, fragment: str = "") -> str:
    """ページの中の場所の、一冊の中での名前。"""
    return f"{key(name)}--{fragment}" if fragment else key(name)


def _pictures(leaf: Leaf) -> None:
    """図は、明るい画面のものを、サイトの上の場所から。"""
    for link in leaf.article.find_all("a", class_="image-reference"):
        link.unwrap()
    for picture in leaf.article.find_all("picture"):
        picture.unwrap()
    for image in leaf.article.find_all("img", src=True):
        image["src"] = _place(leaf.name, image["src"])
        del image["loading"]


def _place(name: str, reference: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), reference))


def _names(leaf: Leaf) -> None:
    """ページの中の名前を、一冊の中で一つしかないものにする。"""
    for element in leaf.article.find_all(id=True):
        element["id"] = target(leaf.name, element["id"])


def _links(leaf: Leaf, bound: Collection[str]) -> None:
    for link in leaf.article.find_all("a", href=True):
        href = unquote(link["href"])
        if re.match(r"[a-z]+:", href):
            continue
        place, _, fragment = href.partition("#")
        name = _place(leaf.name, place).removesuffix(".html") if place else leaf.name
        if name not in bound or "download" in link.attrs:
            link.unwrap()
        else:
            link["href"] = f"#{target(name, fragment)}"


def _opened(article: Tag) -> None:
    """畳んだところを開き、その題を、太字の一行にする。"""
    for box in article.find_all("details"):
        summary = box.find("summary", recursive=False)
        if summary:
            summary.name = "p"
            summary["class"] = "opened-title"
        box.name = "div"
        box["class"] = [*box.get("class", []), "opened"]
        box.attrs.pop("open", None)


def _words(article: Tag) -> None:
    for said, instead in WORDS.items():
        for text in article.find_all(string=lambda text, said=said: said in text):
            text.replace_with(text.replace(said, instead))


def _headings(article: Tag, depth: int) -> None:
    """部を h1 とし、入口と章は h2 から、練習問題は h3 から始める。"""
    for _ in range(max(depth, 1)):
        for heading in article.find_all(list(LOWER)):
            heading.name = LOWER[heading.name]

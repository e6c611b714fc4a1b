"""できあがったサイトのページを、目次の順に読む。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup, Tag

LEFT_OUT = {"progress", "errata"}
"""画面の上でしか働かないページと、本を出したあとに増えていくページ。"""


class Missing(Exception):
    """綴じるページがない。"""


@dataclass(frozen=True)
class Leaf:
    """一つのページ。

    Attributes
    ----------
    name : str
        サイトの中での場所から、拡張子を除いたもの（``chapters/33_step3_hidden_delta``）。
    part : str
        部の題。入口のページでは空。
    depth : int
        部のすぐ下の章なら 1、章の下の練習問題なら 2、入口なら 0。
    title : str
        番号のついた題。
    article : Tag
        本文。
    style : str
        そのページだけのスタイルシート。
    """

    name: str
    part: str
    depth: int
    title: str
    article: Tag
    style: str

    @property
    def key(self) -> str:
        """一冊の中での、ページの名前。"""
        return key(self.name)


def key(name: str) -> str:
    """ページの場所から、一冊の中での名前。"""
    return name.replace("/", "-")


def told(element: Tag | None) -> str:
    """見出しの字。見出しへのリンクの印は除く。"""
    if element is None:
        return ""
    texts = (text for text in element.find_all(string=True) if text.find_parent(class_="headerlink") is None)
    return "".join(texts).strip()


def read(root: Path) -> list[Leaf]:
    """綴じるページを、順に。

    Raises
    ------
    Missing
        サイトがないか、目次にあるページがサイトにない。
    """
    html = root / "_build" / "html"
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [_read(html, *entry) for entry in _entries(contents) if entry[0] not in LEFT_OUT]


def _entries(contents: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    yield contents["root"], "", 0
    for part in contents["parts"]:
        for chapter in part["chapters"]:
            yield chapter["file"], part["caption"], 1
            for section in chapter.get("sections", []):
                yield section["file"], part["caption"], 2


def _read(html: Path, name: str, part: str, depth: int) -> Leaf:
    path = html / f"{name}.html"
    if not path.is_file():
        raise Missing(f"{path} がありません。先に本をつくってください（make book）。")
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    article = page.select_one("article.bd-article")
    styles = (
        style.get_text() for style in page.head.find_all("style") if style.find_parent("noscript") is None
    )
    title = told(article.find("h1"))
    return Leaf(name, part, depth, title, article, "".join(style for style in styles if "@page" not in style))

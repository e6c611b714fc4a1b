"""できた紙の本と電子書籍を読む。"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from bs4 import BeautifulSoup
from pikepdf import Array, OutlineItem, Pdf

NEEDED = ("pdftotext", "pdffonts", "java")


def lacking() -> list[str]:
    """ないもの。"""
    return [name for name in NEEDED if shutil.which(name) is None]


def told(*command: str | Path) -> str:
    """プログラムの言ったこと。"""
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout


@dataclass(frozen=True)
class Word:
    """紙の上の一語（空白で区切られた字の並び）。位置は左上から測った pt。"""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Paper:
    """紙の本。

    Parameters
    ----------
    path : Path
        PDF。
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pdf = Pdf.open(path)
        self.numbers = {page.objgen: n for n, page in enumerate(self.pdf.pages, 1)}

    @cached_property
    def destinations(self) -> dict[str, Array]:
        """名前のついた場所。"""
        return {unquote(name.lstrip("/")): place for name, place in self.pdf.Root.get("/Dests", {}).items()}

    def page_of(self, name: str) -> int:
        """名前のついた場所の、1から数えたページ。"""
        return self.numbers[self.destinations[name][0].objgen]

    @cached_property
    def words(self) -> list[list[Word]]:
        """ページごとの語。"""
        found: list[list[Word]] = []
        mark = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
        for line in told("pdftotext", "-bbox", self.path, "-").splitlines():
            if "<page " in line:
                found.append([])
            elif matched := mark.search(line):
                *place, text = matched.groups()
                found[-1].append(Word(text, *map(float, place)))
        return found

    @cached_property
    def text(self) -> str:
        """すべての字。"""
        return told("pdftotext", self.path, "-")

    @cached_property
    def texts(self) -> list[str]:
        """ページごとの字。空白を除く。"""
        return [re.sub(r"\s", "", page) for page in self.text.split("\f")]

    def links(self) -> Iterator[tuple[int, str]]:
        """本の中へのつながりのあるページと、行き先の名前。"""
        for n, page in enumerate(self.pdf.pages, 1):
            for note in page.get("/Annots", []):
                if "/Dest" in note:
                    yield n, unquote(str(note.Dest).lstrip("/"))

    def outline(self) -> list[tuple[int, str, int]]:
        """しおりの、深さ、題、ページ。"""

        def walk(items: list[OutlineItem], depth: int) -> Iterator[tuple[int, str, int]]:
            for item in items:
                yield depth, item.title, self.numbers[item.destination[0].objgen]
                yield from walk(item.children, depth + 1)

        with self.pdf.open_outline() as outline:
            return list(walk(outline.root, 0))


class Ebook:
    """電子書籍。

    Parameters
    ----------
    path : Path
        EPUB。
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}

    @cached_property
    def pages(self) -> dict[str, BeautifulSoup]:
        """本文のページ。"""
        return {
            name.removeprefix("EPUB/"): BeautifulSoup(data, "html.parser")
            for name, data in self.files.items()
            if name.endswith(".xhtml")
        }

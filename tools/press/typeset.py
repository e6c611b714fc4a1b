"""Chromium で組み、目次、索引、参照にページの番号を書き入れる。番号を書くと行が変わることがあるので、動かなくなるまで組みなおす。"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

from pikepdf import Array, Pdf

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROUNDS = 5


class Unprinted(Exception):
    """組めないわけ。"""


def browser() -> str:
    """Chromium のある場所。

    Raises
    ------
    Unprinted
        見つからない。
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise Unprinted("紙の本を組むには Chromium が要ります（Debian なら make print-tools）。")


def version() -> str:
    """組むプログラムの版。

    Raises
    ------
    Unprinted
        見つからない。
    """
    return subprocess.run(
        [browser(), "--version"], capture_output=True, encoding="utf-8", check=False
    ).stdout.strip()


def pdf(page: Path, made: Path, seconds: int = 600) -> None:
    """HTML を PDF にする。"""
    command = [browser(), "--headless=new", "--disable-gpu", "--no-pdf-header-footer"]
    command += [f"--print-to-pdf={made}", "--allow-file-access-from-files"]
    # 絵と書体が、みな届いてから刷る。
    command += ["--virtual-time-budget=60000"]
    command += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    run = subprocess.run([*command, page.as_uri()], capture_output=True, timeout=seconds, check=False)
    if run.returncode or not made.is_file():
        raise Unprinted(f"Chromium が PDF をつくれませんでした: {run.stderr.decode(errors='replace')[-500:]}")


def typeset(text: str, folder: Path) -> Path:
    """組んで、ページの番号が落ち着くまで組みなおした PDF。"""
    book, made, numbers = folder / "book.html", folder / "book.pdf", {}
    for n in range(ROUNDS):
        book.write_text(numbered(text, numbers), encoding="utf-8")
        pdf(book, made)
        found = places(made)
        print(f"組みました（{n + 1}回め、{_pages_of(made)}ページ）。", flush=True)
        if found == numbers:
            return made
        numbers = found
    raise Unprinted(f"ページの番号が、{ROUNDS}回組んでも落ち着きません。")


def _pages_of(made: Path) -> int:
    with Pdf.open(made) as pdf:
        return len(pdf.pages)


def places(made: Path) -> dict[str, int]:
    """PDF の中の名前のついた場所の、1から数えたページの番号。"""
    with Pdf.open(made) as pdf:
        numbers = {page.objgen: n for n, page in enumerate(pdf.pages, 1)}
        return {name: numbers[place[0].objgen] for name, place in destinations(pdf).items()}


def destinations(pdf: Pdf) -> dict[str, Array]:
    """名前のついた場所。Chromium は、どこかからつながりのある名前だけを残す。"""
    return {unquote(name.lstrip("/")): place for name, place in pdf.Root.Dests.items()}


def numbered(text: str, numbers: Mapping[str, int]) -> str:
    """ページの番号を書き入れた HTML。まだわからないところは、幅だけ空ける。"""

    def one(found: re.Match[str]) -> str:
        number = numbers.get(unescape(found["to"]), 888)
        shown = f"（{number}ページ）" if 'class="page-of"' in found[0] else str(number)
        return f"{found['tag']}{shown}<"

    def many(found: re.Match[str]) -> str:
        return f"{found['tag']}{_pages(unescape(found['to']).split(), numbers)}<"

    text = re.sub(r'(?P<tag><span[^>]* data-to="(?P<to>[^"]*)"[^>]*>)<', one, text)
    return re.sub(r'(?P<tag><span[^>]* data-pages="(?P<to>[^"]*)"[^>]*>)<', many, text)


def _pages(places: Sequence[str], numbers: Mapping[str, int]) -> str:
    """索引の一つの語のページ。同じ番号は一つにし、小さい順に並べる。主な行き先（``*`` のついたもの）は太字。"""
    best: dict[int, tuple[str, str]] = {}
    for n, place in enumerate(places):
        name = place.removesuffix("*")
        number = numbers.get(name, 1000 + n)
        if number not in best or place != name:
            best[number] = (name, "index-page main" if place != name else "index-page")
    return ", ".join(
        f'<a class="{kind}" href="#{escape(name)}">{number}</a>'
        for number, (name, kind) in sorted(best.items())
    )

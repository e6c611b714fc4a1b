"""できあがったサイトの検査: 言葉、ファイルとつながり。"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Comment, Doctype, Tag

Pages = dict[str, BeautifulSoup]

# 画面の言葉として残ってよい英字。固有の名前と、機械の用語だけ。
ALLOWED_WORDS = {
    "Ctrl", "JavaScript", "PDF", "TeX", "pdf", "ipynb", "md",
    "MIT", "XOR", "softmax", "NumPy", "SymPy", "Python", "MyST", "Keras", "PyTorch",
}  # fmt: skip
SPOKEN_ATTRIBUTES = (
    "title", "aria-label", "placeholder", "data-bs-title", "data-bs-original-title", "data-tooltip",
)  # fmt: skip
# 画面の部品のうち、題名や本文の写しで、英字があってよいもの。
NOT_INTERFACE = (
    "script, style, code, pre, math, title, .author, article.bd-article > *,"
    " #jb-print-docs-body h1, #print-main-content nav, .bd-docs-nav li a, .page-toc li a,"
    " .prev-next-title"
)
OUTSIDE_CSS = re.compile(r"""(?:url\(|@import)\s*['"]?((?:https?:)?//[^'")\s]+)""")


def article(page: BeautifulSoup) -> Tag | None:
    """ページの本文。"""
    return page.select_one("article.bd-article")


def strings(element: Tag, but: set[int]) -> Iterator[str]:
    """要素の中の文字。id が ``but`` にある要素の中は見ない。"""
    for child in element.children:
        if isinstance(child, Tag):
            if id(child) not in but:
                yield from strings(child, but)
        elif not isinstance(child, (Comment, Doctype)):
            yield str(child)


def interface_words(page: BeautifulSoup) -> set[str]:
    """本文でない、画面の部品の言葉と、ページのどこにあっても部品とみなす属性の言葉。"""
    attributes = [str(e[name]) for e in page.find_all(True) for name in SPOKEN_ATTRIBUTES if e.has_attr(name)]
    prompts = [e.get_text() for e in page.select("summary .admonition-title, svg title, .caption-number")]
    texts = strings(page, set(map(id, page.select(NOT_INTERFACE))))
    return {word for text in [*attributes, *prompts, *texts] for word in re.findall(r"[A-Za-z]{2,}", text)}


def references(page: BeautifulSoup) -> Iterator[str]:
    """ページを開くだけで読み込まれるものの場所。"""
    yield from (str(element["src"]) for element in page.select("[src]"))
    for element in page.select("link[href]"):
        if not set(element.get("rel", [])) & {"canonical", "next", "prev", "search", "index"}:
            yield str(element["href"])
    for text in [*page.find_all("style"), *page.select("[style]")]:
        yield from re.findall(r"url\(['\"]?([^'\")]+)", text.get("style") or text.get_text())


def leaves(reference: str) -> bool:
    """このサイトの外を指すか。"""
    return bool(re.match(r"(https?:)?//", reference.strip()))


class TestWords:
    """画面の言葉。"""

    def test_no_english_in_the_interface(self, pages: Pages) -> None:
        left = {place: words for place in pages if (words := interface_words(pages[place]) - ALLOWED_WORDS)}
        assert not left

    def test_language_is_declared(self, pages: Pages) -> None:
        assert {page.html.get("lang") for page in pages.values()} == {"ja"}

    def test_no_raw_markup(self, pages: Pages) -> None:
        stray = {}
        for place, page in pages.items():
            body = article(page) or page.new_tag("article")
            text = "".join(strings(body, set(map(id, body.select("script, style, code, pre, .math")))))
            if found := re.findall(r".{0,20}(?:\*\*|\$\$?|\{\w+\}`|:::|�).{0,20}", text):
                stray[place] = found
        assert not stray

    def test_sentences_are_joined_without_a_space(self, pages: Pages) -> None:
        loose = {}
        for place, page in pages.items():
            text = "".join(element.get_text() for element in page.select("article p"))
            if found := re.findall(r".{0,15}[ぁ-んァ-ヶ一-龠、。）]\n.{0,15}", text):
                loose[place] = found
        assert not loose

    def test_chapters_are_numbered_and_figures_named(self, pages: Pages) -> None:
        captions = [number.get_text() for page in pages.values() for number in page.select(".caption-number")]
        assert captions
        assert all(re.match(r"(図|表|コード) [\d.]+ $", caption) for caption in captions)


class TestFiles:
    """ファイルとつながり。"""

    def test_nothing_is_loaded_from_outside(self, pages: Pages) -> None:
        assert not [(place, r) for place, page in pages.items() for r in references(page) if leaves(r)]

    def test_stylesheets_load_nothing_from_outside(self, html: Path) -> None:
        outside = {
            path.name: found
            for path in html.rglob("*.css")
            if (found := OUTSIDE_CSS.findall(path.read_text(encoding="utf-8")))
        }
        assert not outside

    def test_every_link_inside_the_site_arrives(self, pages: Pages, html: Path) -> None:
        ids = {place: {e["id"] for e in page.select("[id]")} for place, page in pages.items()}
        checked, broken = 0, []
        for place, page in pages.items():
            for element in page.select("a[href], img[src], script[src], link[href]"):
                target = str(element.get("href") or element.get("src"))
                # urljoin は、知らない名の規約（site:）では、つながずに返す。
                url = urlsplit(urljoin(f"http://site/{place}", target))
                if url.netloc != "site":
                    continue
                checked += 1
                path, mark = unquote(url.path).lstrip("/"), unquote(url.fragment)
                if not (html / path).is_file() or (mark and path in ids and mark not in ids[path]):
                    broken.append((place, target))
        assert checked > 5000
        assert not broken

    def test_download_buttons_give_the_source(self, pages: Pages, html: Path) -> None:
        chapters = {place: page for place, page in pages.items() if place.startswith("chapters/")}
        assert chapters
        for place, page in chapters.items():
            target = page.select_one("a.btn-download-source-button")["href"]
            assert (html / Path(place).parent / target).resolve().suffix == ".ipynb"
            json.loads((html / Path(place).parent / target).read_text(encoding="utf-8"))

    def test_every_image_says_what_it_shows(self, pages: Pages) -> None:
        images = [image for page in pages.values() for image in (article(page) or page).select("article img")]
        images += [image for page in pages.values() if article(page) for image in article(page).select("img")]
        silent = [image.get("src") for image in images if not re.search(r"[ぁ-ん]", image.get("alt", ""))]
        assert images
        assert not silent

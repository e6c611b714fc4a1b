"""できあがったサイトの検査: 言葉、外との通信、幅、検索。数式は test_mathematics.py が調べる。"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Comment, Doctype, Tag
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"

Pages = dict[str, BeautifulSoup]
Visit = Callable[..., webdriver.Chrome]

# 画面の言葉として残ってよい英字。固有の名前と、機械の用語だけ。
ALLOWED_WORDS = {
    "Ctrl", "JavaScript", "PDF", "TeX", "pdf", "ipynb", "md",
    "MIT", "XOR", "NumPy", "SymPy", "Python", "MyST", "Keras", "PyTorch",
}  # fmt: skip
SPOKEN_ATTRIBUTES = (
    "title", "aria-label", "placeholder", "data-bs-title", "data-bs-original-title", "data-tooltip",
)  # fmt: skip
# 画面の部品のうち、題名や本文の写しで、英字があってよいもの。
NOT_INTERFACE = (
    "script, style, code, pre, math, title, .author, article.bd-article > *,"
    " #jb-print-docs-body h1, #print-main-content nav, .bd-docs-nav li a, .page-toc li a,"
    " .prev-next-title, #search-results"
)
OUTSIDE_CSS = re.compile(r"""(?:url\(|@import)\s*['"]?((?:https?:)?//[^'")\s]+)""")
QUERIES = (
    "誤差逆伝播法", "連鎖律", "隠れ層", "計算グラフ", "勾配", "偏微分", "転置", "活性化関数", "重み", "学習率",
    "出力層の誤差項", "NumPy", "numpy", "sigmoid", "XOR", "この本にない言葉",
)  # fmt: skip


def article(page: BeautifulSoup) -> Tag | None:
    """ページの本文。"""
    return page.select_one("article.bd-article")


def body_text(page: BeautifulSoup) -> str:
    """ページの本文の文字。"""
    body = article(page)
    return body.get_text() if body else ""


def interface_words(page: BeautifulSoup) -> set[str]:
    """本文でない、画面の部品の言葉と、ページのどこにあっても部品とみなす属性の言葉。"""
    page = copy.copy(page)
    attributes = [str(e[name]) for e in page.find_all(True) for name in SPOKEN_ATTRIBUTES if e.has_attr(name)]
    prompts = [e.get_text() for e in page.select("summary .admonition-title, svg title, .caption-number")]
    for element in page.select(NOT_INTERFACE):
        if not element.decomposed:
            element.decompose()
    texts = [text for text in page.find_all(string=True) if not isinstance(text, (Comment, Doctype))]
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
            body = copy.copy(article(page) or BeautifulSoup("", "html.parser"))
            for element in body.select("script, style, code, pre, .math"):
                element.decompose()
            if found := re.findall(r".{0,20}(?:\*\*|\$\$?|\{\w+\}`|:::|�).{0,20}", body.get_text()):
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

    def test_stylesheets_load_nothing_from_outside(self) -> None:
        outside = {
            path.name: found
            for path in HTML.rglob("*.css")
            if (found := OUTSIDE_CSS.findall(path.read_text(encoding="utf-8")))
        }
        assert not outside

    def test_every_link_inside_the_site_arrives(self, pages: Pages) -> None:
        broken = []
        for place, page in pages.items():
            for element in page.select("a[href], img[src], script[src], link[href]"):
                target = str(element.get("href") or element.get("src"))
                url = urlsplit(urljoin(f"site:///{place}", target)) if not leaves(target) else None
                if url is None or url.scheme != "site":
                    continue
                path = unquote(url.path).lstrip("/")
                there = pages.get(path)
                if not (HTML / path).is_file() or (
                    there and url.fragment and url.fragment != "" and not there.find(id=unquote(url.fragment))
                ):
                    broken.append((place, target))
        assert not broken

    def test_download_buttons_give_the_source(self, pages: Pages) -> None:
        chapters = {place: page for place, page in pages.items() if place.startswith("chapters/")}
        assert chapters
        for place, page in chapters.items():
            target = page.select_one("a.btn-download-source-button")["href"]
            assert (HTML / Path(place).parent / target).resolve().suffix == ".ipynb"
            json.loads((HTML / Path(place).parent / target).read_text(encoding="utf-8"))

    def test_every_image_says_what_it_shows(self, pages: Pages) -> None:
        images = [image for page in pages.values() for image in (article(page) or page).select("article img")]
        images += [image for page in pages.values() if article(page) for image in article(page).select("img")]
        silent = [image.get("src") for image in images if not re.search(r"[ぁ-ん]", image.get("alt", ""))]
        assert images
        assert not silent


# 開いたページについて、一度に調べること。幅を替えたあとに調べるものは、幅ごとの名前にする。
LOOK = """
    const limit = document.documentElement.clientWidth + 1;
    const clips = e => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
    const contained = e => e && (clips(e) || contained(e.parentElement));
    const shown = [...document.querySelectorAll('article.bd-article *:not(math *)')];
    const wide = shown.filter(e => e.getBoundingClientRect().right > limit && !contained(e.parentElement));
    const page = document.documentElement.scrollWidth > limit ? ['page'] : [];
    const inner = e => { const s = getComputedStyle(e); return [
      e.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight),
      e.clientHeight - parseFloat(s.paddingTop) - parseFloat(s.paddingBottom)]; };
    const distorted = [...document.querySelectorAll('article.bd-article img')].filter(e => {
      const [width, height] = inner(e);
      return Math.abs(width / height / (e.naturalWidth / e.naturalHeight) - 1) > 0.02;
    });
    return {
      wide: [...page, ...wide.map(e => e.outerHTML.slice(0, 120))],
      distorted: distorted.map(e => e.alt),
      bars: [...document.querySelectorAll('header.bd-header')].filter(e => e.offsetHeight > 0).length,
    };
"""
WIDTHS = (1280, 768, 390)


@dataclass(frozen=True)
class Sight:
    """ブラウザで開いた一つのページに見えたもの。"""

    requests: frozenset[str]
    errors: list[str]
    source: BeautifulSoup
    at: dict[int, dict[str, Any]]  # 幅から、LOOK の結果を引く


def is_error(entry: dict[str, str]) -> bool:
    """ブラウザがどのサイトにも求める favicon.ico は、なくてよい。"""
    return entry["level"] == "SEVERE" and "favicon.ico" not in entry["message"]


def requested(entries: list[dict[str, str]]) -> Iterator[str]:
    """ブラウザが求めたものの場所。"""
    for entry in entries:
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            yield message["params"]["request"]["url"]


@pytest.fixture(scope="session")
def visit(browser: webdriver.Chrome, site: str) -> Visit:
    """ページを開き、書体がそろうのを待つ。"""

    def open_page(place: str, width: int = 1280) -> webdriver.Chrome:
        widen(browser, width)
        browser.get(site + place)
        browser.execute_async_script("const done = arguments[0]; document.fonts.ready.then(() => done());")
        return browser

    return open_page


def widen(browser: webdriver.Chrome, width: int) -> None:
    """画面の幅を変える。"""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.fixture(scope="session")
def sights(pages: Pages, visit: Visit) -> dict[str, Sight]:
    """すべてのページを一度ずつ開いて見えたもの。検査ごとには開かない。"""

    def look(place: str) -> Sight:
        chromium = visit(place)
        at = {}
        for width in WIDTHS:
            widen(chromium, width)
            at[width] = chromium.execute_script(LOOK)
        return Sight(
            frozenset(requested(chromium.get_log("performance"))),
            [entry["message"] for entry in chromium.get_log("browser") if is_error(entry)],
            BeautifulSoup(chromium.page_source, "html.parser"),
            at,
        )

    return {place: look(place) for place in pages}


class TestBrowser:
    """ブラウザで開いたページ。"""

    def test_no_request_leaves_the_site(self, sights: dict[str, Sight], site: str) -> None:
        asked = frozenset().union(*(sight.requests for sight in sights.values()))
        assert site + "index.html" in asked
        assert not [url for url in asked if not url.startswith((site, "data:", "blob:", "about:"))]

    def test_no_error_in_the_console(self, sights: dict[str, Sight]) -> None:
        assert not {place: sight.errors for place, sight in sights.items() if sight.errors}

    @pytest.mark.parametrize("width", WIDTHS)
    def test_no_page_is_wider_than_the_screen(self, sights: dict[str, Sight], width: int) -> None:
        # 自分の中で横に動く箱の中身は、はみ出してよい。
        assert not {place: s.at[width]["wide"] for place, s in sights.items() if s.at[width]["wide"]}

    def test_no_stray_header_bar(self, sights: dict[str, Sight]) -> None:
        assert not [place for place, sight in sights.items() if sight.at[1280]["bars"]]

    def test_figures_keep_their_shape_on_a_phone(self, sights: dict[str, Sight]) -> None:
        assert not {place: s.at[390]["distorted"] for place, s in sights.items() if s.at[390]["distorted"]}

    def test_no_english_after_scripts_have_run(self, sights: dict[str, Sight]) -> None:
        words = {place: interface_words(sight.source) - ALLOWED_WORDS for place, sight in sights.items()}
        assert not {place: left for place, left in words.items() if left}


class TestSearch:
    """検索。どの言葉でも、それを含むページが、そしてそれだけが見つかる。"""

    @staticmethod
    def containing(pages: Pages, query: str) -> set[str]:
        """本文に言葉を含むページ。索引は、用語の一覧なので探す先に入らない。"""
        return {
            place
            for place, page in pages.items()
            if place != "genindex.html" and query.lower() in body_text(page).lower()
        }

    @pytest.mark.parametrize("query", QUERIES)
    def test_query(self, pages: Pages, visit: Visit, site: str, query: str) -> None:
        chromium = visit("search.html")
        box = next(box for box in chromium.find_elements(By.NAME, "q") if box.is_displayed())
        box.send_keys(query + "\n")
        WebDriverWait(chromium, 20).until(
            lambda _: any(summary.text for summary in chromium.find_elements(By.CLASS_NAME, "search-summary"))
        )
        links = chromium.find_elements(By.CSS_SELECTOR, "#search-results ul.search li a")
        found = {urlsplit(link.get_attribute("href")).path.lstrip("/") for link in links}
        assert found == self.containing(pages, query)
        words = re.findall(r"[A-Za-z]{2,}", chromium.find_element(By.CSS_SELECTOR, ".search-summary").text)
        assert not words

    def test_the_queries_occur_in_the_book(self, pages: Pages) -> None:
        assert sum(bool(self.containing(pages, query)) for query in QUERIES) >= len(QUERIES) // 2

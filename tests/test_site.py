"""できあがったサイトの検査: 言葉、外との通信、数式、幅、検索。"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
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
    "Ctrl", "JavaScript", "PDF", "pdf", "ipynb", "md",
    "XOR", "NumPy", "SymPy", "Python", "MyST", "Keras", "PyTorch",
}  # fmt: skip
SPOKEN_ATTRIBUTES = (
    "title", "aria-label", "placeholder", "data-bs-title", "data-bs-original-title", "data-tooltip",
)  # fmt: skip
# 画面の部品のうち、題名や本文の写しで、英字があってよいもの。
NOT_INTERFACE = (
    "script, style, code, pre, mjx-container, title, .author, article.bd-article > *,"
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


def interface_words(page: BeautifulSoup) -> set[str]:
    """本文でない、画面の部品の言葉と、ページのどこにあっても部品とみなす属性の言葉。"""
    page = BeautifulSoup(str(page), "html.parser")
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
            body = BeautifulSoup(str(article(page) or ""), "html.parser")
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


@pytest.fixture
def visit(browser: webdriver.Chrome, site: str) -> Visit:
    """ページを開き、数式が組まれるのを待つ。"""

    def open_page(place: str, width: int = 1280) -> webdriver.Chrome:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        browser.get(site + place)
        browser.execute_async_script(
            "const done = arguments[0], typeset = window.MathJax ? MathJax.startup.promise : 0;"
            "Promise.all([document.fonts.ready, typeset]).then(() => done());"
        )
        return browser

    return open_page


class TestBrowser:
    """ブラウザで開いたページ。"""

    def test_no_request_leaves_the_site(self, pages: Pages, visit: Visit, site: str) -> None:
        asked = set()
        for place in pages:
            chromium = visit(place)
            for entry in chromium.get_log("performance"):
                message = json.loads(entry["message"])["message"]
                if message["method"] == "Network.requestWillBeSent":
                    asked.add(message["params"]["request"]["url"])
        assert site + "index.html" in asked
        assert any("mathjax" in url for url in asked)
        assert not [url for url in asked if not url.startswith((site, "data:", "blob:", "about:"))]

    def test_no_error_in_the_console(self, pages: Pages, visit: Visit) -> None:
        errors = {}
        for place in pages:
            chromium = visit(place)
            if found := [entry["message"] for entry in chromium.get_log("browser") if self.is_error(entry)]:
                errors[place] = found
        assert not errors

    @staticmethod
    def is_error(entry: dict[str, str]) -> bool:
        """ブラウザがどのサイトにも求める favicon.ico は、なくてよい。"""
        return entry["level"] == "SEVERE" and "favicon.ico" not in entry["message"]

    def test_mathematics_is_typeset(self, pages: Pages, visit: Visit) -> None:
        for place, page in pages.items():
            written = page.select("span.math, div.math")
            typeset = visit(place).find_elements(By.CSS_SELECTOR, ".math mjx-container")
            assert len(typeset) >= len(written), place

    def test_mathematics_has_no_error(self, pages: Pages, visit: Visit) -> None:
        # 知らない命令は、組まれた数式の中に赤い文字として残る。
        script = """
            const wrong = 'mjx-merror, [data-mjx-error], mjx-container [style*="color: red"]';
            return [...document.querySelectorAll(wrong)].map(
              e => e.getAttribute('data-mjx-error') || e.closest('.math').innerHTML.slice(0, 200));
        """
        errors = {place: found for place in pages if (found := visit(place).execute_script(script))}
        assert not errors

    @pytest.mark.parametrize("width", [390, 1280])
    def test_no_page_is_wider_than_the_screen(self, pages: Pages, visit: Visit, width: int) -> None:
        # 自分の中で横に動く箱の中身は、はみ出してよい。
        script = """
            const limit = document.documentElement.clientWidth + 1;
            const clips = e => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
            const contained = e => e && (clips(e) || contained(e.parentElement));
            const shown = document.querySelectorAll('article.bd-article *:not(mjx-assistive-mml *)');
            const wide = [...shown].filter(
              e => e.getBoundingClientRect().right > limit && !contained(e.parentElement));
            const page = document.documentElement.scrollWidth > limit ? ['page'] : [];
            return [...page, ...wide.map(e => e.outerHTML.slice(0, 120))];
        """
        wide = {place: found for place in pages if (found := visit(place, width).execute_script(script))}
        assert not wide

    def test_no_stray_header_bar(self, pages: Pages, visit: Visit) -> None:
        bars = {}
        for place in pages:
            headers = visit(place).find_elements(By.CSS_SELECTOR, "header.bd-header")
            bars[place] = any(header.is_displayed() for header in headers)
        assert not any(bars.values())

    def test_figures_keep_their_shape_on_a_phone(self, pages: Pages, visit: Visit) -> None:
        script = """
            const inner = e => { const s = getComputedStyle(e); return [
              e.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight),
              e.clientHeight - parseFloat(s.paddingTop) - parseFloat(s.paddingBottom)]; };
            return [...document.querySelectorAll('article.bd-article img')].filter(e => {
              const [width, height] = inner(e);
              return Math.abs(width / height / (e.naturalWidth / e.naturalHeight) - 1) > 0.02;
            }).map(e => e.alt);
        """
        distorted = {place: found for place in pages if (found := visit(place, 390).execute_script(script))}
        assert not distorted

    def test_no_english_after_scripts_have_run(self, pages: Pages, visit: Visit) -> None:
        left = {}
        for place in pages:
            live = BeautifulSoup(visit(place).page_source, "html.parser")
            if words := interface_words(live) - ALLOWED_WORDS:
                left[place] = words
        assert not left


class TestSearch:
    """検索。どの言葉でも、それを含むページが、そしてそれだけが見つかる。"""

    @staticmethod
    def containing(pages: Pages, query: str) -> set[str]:
        """本文に言葉を含むページ。"""
        return {
            place
            for place, page in pages.items()
            if article(page) and query.lower() in article(page).get_text().lower()
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

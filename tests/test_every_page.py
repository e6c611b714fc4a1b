"""ブラウザですべてのページを一度ずつ開き、三つの幅で見る: 外との通信、誤り、はみ出し、数式、言葉。"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from browsing import LAID_OUT, resize, wake, widen
from bs4 import BeautifulSoup
from selenium import webdriver
from test_site import ALLOWED_WORDS, interface_words

Pages = dict[str, BeautifulSoup]
Sights = dict[str, "Sight"]

# 開いたページについて、画面の幅ごとに調べること。自分の中で横に動く箱の中身は、はみ出してよい。
LOOK = """
    const limit = document.documentElement.clientWidth + 1;
    const all = selector => [...document.querySelectorAll(selector)];
    const beyond = e => e.getBoundingClientRect().right > limit;
    const cut = e => e.closest('[clip-path]');
    const clips = e => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
    const contained = e => !e.matches('article') && (clips(e) || contained(e.parentElement));
    const inner = e => { const s = getComputedStyle(e); return [
      e.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight),
      e.clientHeight - parseFloat(s.paddingTop) - parseFloat(s.paddingBottom)]; };
    const distorted = image => {
      const [width, height] = inner(image);
      return Math.abs(width / height / (image.naturalWidth / image.naturalHeight) - 1) > 0.02;
    };
    const tex = e => e.querySelector('math').dataset.tex;
    const shown = e => !e.closest('details:not([open])') && e.offsetParent;
    const scrollers = all('div.math > .formula, span.math.wide').filter(shown);
    const moves = e => e.scrollWidth > e.clientWidth + 1;
    return {
      wide: [
        ...document.documentElement.scrollWidth > limit ? ['page'] : [],
        ...all('article.bd-article *:not(math *)')
          .filter(e => beyond(e) && !cut(e) && !contained(e.parentElement))
          .map(e => e.outerHTML.slice(0, 120)),
      ],
      distorted: all('article.bd-article img').filter(distorted).map(e => e.alt),
      bars: all('header.bd-header').filter(e => e.offsetHeight > 0).length,
      invisible: all('.math').filter(
        e => shown(e) && !e.querySelector('math').getBoundingClientRect().height).map(tex),
      outside: all('article .math math').filter(
        e => beyond(e.firstElementChild) && !contained(e.parentElement)).map(e => e.dataset.tex),
      clipped: scrollers.filter(e => e.scrollHeight > e.clientHeight + 1).map(tex),
      moving: scrollers.filter(moves).length,
      stuck: scrollers.filter(e => moves(e) && e.tabIndex < 0).map(tex),
      idle: scrollers.filter(e => !moves(e) && e.tabIndex >= 0).map(tex),
    };
"""
# スクリプトが走ったあとのページ。画面の言葉のない、数式とコードと、コードから写された名前と、名前に写された問いの題名と「札の名」を除く。
SOURCE = """
    const page = document.documentElement.cloneNode(true);
    for (const e of page.querySelectorAll('.linked-token')) {  // プログラムの名前は、そのまま読み上げる
      e.setAttribute('aria-label', e.getAttribute('aria-label').replace(e.textContent, ''));
    }
    for (const figure of page.querySelectorAll('.interactive-live')) {  // 式のボタンの名前は、式のとおり
      const formulas = [...figure.querySelectorAll('math')].map(e => e.textContent);
      for (const e of figure.querySelectorAll('[aria-label]')) {
        const words = formulas.reduce((text, formula) => text.replaceAll(formula, ''), e.ariaLabel);
        e.setAttribute('aria-label', words);
      }
    }
    for (const e of page.querySelectorAll('.answer [aria-label]')) {
      const title = e.closest('section').querySelector('h2').textContent.replace(/^[\\d.\\s]+|#$/g, '');
      e.setAttribute('aria-label', e.getAttribute('aria-label').replace(title, '').replace(/「.*」を/, ''));
    }
    page.querySelectorAll('math, pre, script, style').forEach(e => e.remove());
    return page.outerHTML;
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


def settle(browser: webdriver.Chrome, seconds: float = 2) -> dict[str, Any]:
    """動く箱の印は、組みなおしたあとに付く（scrolling.js）。それを待って見えたもの。"""
    until = time.monotonic() + seconds
    while True:
        seen = browser.execute_script(LOOK)
        if not (seen["stuck"] or seen["idle"]) or time.monotonic() > until:
            return seen
        time.sleep(0.05)


@pytest.fixture(scope="module")
def sights(browser: webdriver.Chrome, pages: Pages, site: str) -> Sights:
    """すべてのページを一度ずつ開いて見えたもの。検査ごとには開かない。"""

    def look(place: str) -> Sight:
        # 前のページを、いまの幅に組みなおさせない。
        browser.get("about:blank")
        resize(browser, WIDTHS[0])
        browser.get(site + place)
        browser.execute_script(LAID_OUT)
        wake(browser)
        browser.execute_async_script("const done = arguments[0]; document.fonts.ready.then(() => done());")
        at = {}
        for width in WIDTHS:
            widen(browser, width)
            at[width] = settle(browser)
        return Sight(
            frozenset(requested(browser.get_log("performance"))),
            [entry["message"] for entry in browser.get_log("browser") if is_error(entry)],
            BeautifulSoup(browser.execute_script(SOURCE), "html.parser"),
            at,
        )

    # ほかの検査が残した記録は、このページのものではない。
    browser.get_log("performance")
    browser.get_log("browser")
    return {place: look(place) for place in pages}


@pytest.mark.long
class TestBrowser:
    """ブラウザで開いたページ。"""

    def test_no_request_leaves_the_site(self, sights: Sights, site: str) -> None:
        asked = frozenset().union(*(sight.requests for sight in sights.values()))
        assert site + "index.html" in asked
        assert not [url for url in asked if not url.startswith((site, "data:", "blob:", "about:"))]

    def test_no_error_in_the_console(self, sights: Sights) -> None:
        assert not {place: sight.errors for place, sight in sights.items() if sight.errors}

    @pytest.mark.parametrize("width", WIDTHS)
    def test_no_page_is_wider_than_the_screen(self, sights: Sights, width: int) -> None:
        assert not {place: s.at[width]["wide"] for place, s in sights.items() if s.at[width]["wide"]}

    @pytest.mark.parametrize("wrong", ["invisible", "outside", "clipped", "stuck", "idle"])
    @pytest.mark.parametrize("width", WIDTHS)
    def test_formulas(self, sights: Sights, width: int, wrong: str) -> None:
        assert any(sight.at[width]["moving"] for sight in sights.values())
        assert not {place: s.at[width][wrong] for place, s in sights.items() if s.at[width][wrong]}

    def test_no_stray_header_bar(self, sights: Sights) -> None:
        assert not [place for place, sight in sights.items() if sight.at[1280]["bars"]]

    def test_figures_keep_their_shape_on_a_phone(self, sights: Sights) -> None:
        assert not {place: s.at[390]["distorted"] for place, s in sights.items() if s.at[390]["distorted"]}

    def test_no_english_after_scripts_have_run(self, sights: Sights) -> None:
        words = {place: interface_words(sight.source) - ALLOWED_WORDS for place, sight in sights.items()}
        assert not {place: left for place, left in words.items() if left}

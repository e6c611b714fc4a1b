"""読みやすさの検査: 字詰め、行の長さ、句読点、図の明暗差、幅、印刷。"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import resize
from matplotlib.colors import to_hex
from selenium import webdriver
from test_signs import contrast

from backprop.figures import style
from backprop.figures.drafting.dark import dark

Open = Callable[..., webdriver.Chrome]

CHAPTERS = ("chapters/37_matrix_form.html", "chapters/52_plateaus_and_minima.html")
PAPER = 665
"""A4 の紙の、余白を除いた幅（CSS の px）。"""


@pytest.fixture(scope="module")
def look(browser: webdriver.Chrome, site: str) -> Open:
    """ページを、決まった幅で開く。"""

    def open_page(place: str, width: int = 1280) -> webdriver.Chrome:
        resize(browser, width)
        browser.get(site + place)
        return browser

    return open_page


class TestLines:
    """字と行。"""

    @pytest.mark.parametrize(
        ("width", "fewest", "most"), [(390, 20, 24), (768, 36, 42), (1280, 38, 42), (1920, 38, 42)]
    )
    def test_length_and_height(self, look: Open, width: int, fewest: int, most: int) -> None:
        measured = look("index.html", width).execute_script("""
            const text = document.querySelector('article.bd-article p'), style = getComputedStyle(text);
            const size = parseFloat(style.fontSize);
            return [text.clientWidth / size, parseFloat(style.lineHeight) / size];
        """)
        assert fewest <= measured[0] <= most
        assert 1.7 <= measured[1] <= 2

    def test_japanese_and_latin_are_set_apart_without_a_character(self, look: Open) -> None:
        gap, code, text = look("index.html").execute_script("""
            const width = (tag, text) => {
              const block = document.createElement(tag), e = document.createElement('span');
              e.textContent = text;
              block.append(e);
              document.querySelector('article.bd-article section').append(block);
              const size = parseFloat(getComputedStyle(e).fontSize);
              return [e.getBoundingClientRect().width / size, e.textContent];
            };
            const extra = tag => width(tag, '式abc')[0] - width(tag, '式')[0] - width(tag, 'abc')[0];
            return [extra('p'), extra('pre'), width('p', '式abc')[1]];
        """)
        assert 0.1 < gap < 0.3
        assert abs(code) < 0.02
        assert text == "式abc"

    @pytest.mark.parametrize("place", CHAPTERS)
    @pytest.mark.parametrize("width", [390, 768])
    def test_no_line_begins_with_a_full_stop(self, look: Open, place: str, width: int) -> None:
        count, wrong = look(place, width).execute_script("""
            const wrong = [], closing = /[、。，．）」』】・：；！？]/g;
            const article = document.querySelector('article.bd-article');
            const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
            const box = (node, i) => {
              const range = document.createRange();
              range.setStart(node, i);
              range.setEnd(node, i + 1);
              return range.getBoundingClientRect();
            };
            let count = 0;
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const block = node.parentElement.closest('p, li, dd, figcaption');
              if (!block || node.parentElement.closest('pre, math, code, table, .math')) continue;
              const padding = parseFloat(getComputedStyle(block).paddingLeft);
              const left = block.getBoundingClientRect().left + padding;
              for (const found of node.data.matchAll(closing)) {
                const place = box(node, found.index);
                count += 1;
                if (place.width && place.left < left + 2) {
                  wrong.push(node.data.slice(Math.max(0, found.index - 10), found.index + 5));
                }
              }
            }
            return [count, wrong];
        """)
        assert count > 100
        assert not wrong


class TestFigures:
    """暗い画面の図。"""

    COLOURS = (
        style.INK, style.GREY, style.BACKWARD_INK, style.FORWARD, style.BACKWARD, style.PALE, *style.SERIES,
    )  # fmt: skip

    ENOUGH = 7
    """WCAG のいちばん厳しい基準（AAA）。これより大きな明暗差は、暗い画面ではまぶしい。"""

    def test_as_legible_as_in_the_light(self) -> None:
        ground = dark(style.PAPER.lower())
        for before in self.COLOURS:
            wanted = min(contrast(before, style.PAPER), self.ENOUGH)
            assert contrast(dark(before.lower()), ground) >= wanted, before

    def test_the_ground_is_that_of_the_page(self, look: Open) -> None:
        ground = look("index.html").execute_script("""
            document.documentElement.dataset.theme = 'dark';
            return getComputedStyle(document.body).backgroundColor;
        """)
        assert to_hex([int(part) / 255 for part in re.findall(r"\d+", ground)[:3]]) == dark("#ffffff")


class TestPrint:
    """紙に刷る。"""

    UNWANTED = (
        ".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header-article", ".prev-next-footer",
        "#jb-print-docs-body", ".copybtn", ".headerlink", "#pst-skip-link", "details.folded",
    )  # fmt: skip

    @pytest.fixture
    def paper(self, look: Open) -> Iterator[Callable[[str], webdriver.Chrome]]:
        """暗い画面で開いたページを、紙の幅で、紙のための組にする。"""
        chromium = look("index.html")

        def lay(place: str) -> webdriver.Chrome:
            look(place, PAPER)
            chromium.execute_script("document.documentElement.dataset.theme = 'dark'")
            chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
            return chromium

        yield lay
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    @pytest.mark.parametrize("place", ["chapters/01_what_is_backprop.html", *CHAPTERS])
    def test_only_the_text(self, paper: Callable[[str], webdriver.Chrome], place: str) -> None:
        chromium = paper(place)
        seen = chromium.execute_script("""
            const all = selector => [...document.querySelectorAll(selector)];
            const shown = selector => all(selector).some(e => e.getClientRects().length);
            const limit = document.documentElement.clientWidth + 1;
            const bad = {unwanted: arguments[0].filter(shown)};
            bad.unknown = arguments[0].filter(selector => !document.querySelector(selector));
            bad.wide = all('article.bd-article :is(p, pre, img, table, figure, .formula)')
              .filter(e => e.getClientRects().length && e.getBoundingClientRect().right > limit)
              .map(e => e.outerHTML.slice(0, 120));
            bad.title = shown('article.bd-article h1') ? [] : ['h1'];
            return bad;
        """, list(self.UNWANTED))  # fmt: skip
        assert not {name: found for name, found in seen.items() if found}

    def test_dark_screens_print_black_on_white(self, paper: Callable[[str], webdriver.Chrome]) -> None:
        chromium = paper(CHAPTERS[0])
        found = chromium.execute_script("""
            const dark = rgb => rgb.match(/\\d+/g).slice(0, 3).every(v => v < 128);
            const all = [...document.querySelectorAll('article.bd-article *')]
              .filter(e => e.getClientRects().length);
            const ground = e => getComputedStyle(e).backgroundColor;
            const painted = e => !/, 0\\)|transparent/.test(ground(e));
            return {
              ground: getComputedStyle(document.body).backgroundColor,
              patches: all.filter(e => painted(e) && dark(ground(e))).length,
              pale: all.filter(e => e.matches('p, pre, pre *, li, h1, h2, td, th, a, math')
                && !dark(getComputedStyle(e).color)).map(e => e.outerHTML.slice(0, 100)).slice(0, 5),
              filters: all.filter(e => getComputedStyle(e).filter !== 'none').length,
            };
        """)
        assert found == {"ground": "rgb(255, 255, 255)", "patches": 0, "pale": [], "filters": 0}

    def test_folded_answers_are_opened_and_outside_links_tell_where_they_go(
        self, paper: Callable[[str], webdriver.Chrome]
    ) -> None:
        chromium = paper("index.html")
        seen = chromium.execute_script("""
            const article = document.querySelector('article.bd-article > section');
            article.insertAdjacentHTML('beforeend', `
              <details class="sd-dropdown" id="folded"><summary>解答</summary><p>隠れていた文</p></details>
              <p><a class="reference external" id="outside" href="https://example.org/a">外</a>
                 <a class="reference internal" id="inside" href="notation.html">内</a></p>`);
            const after = id => getComputedStyle(document.getElementById(id), '::after').content;
            return {
              folded: document.querySelector('#folded p').getBoundingClientRect().height > 0
                && document.querySelector('#folded p').checkVisibility({contentVisibilityAuto: true}),
              citing: document.querySelector('details.citing pre').getBoundingClientRect().height > 0,
              outside: after('outside'), inside: after('inside'),
            };
        """)
        assert seen["folded"]
        assert seen["citing"]
        assert "https://example.org/a" in seen["outside"]
        assert seen["inside"] == "none"

    def test_nothing_is_cut_in_two(self, paper: Callable[[str], webdriver.Chrome]) -> None:
        broken = paper(CHAPTERS[1]).execute_script("""
            const rules = {
              'h2, h3': 'breakAfter', figure: 'breakInside',
              'div.math': 'breakInside', blockquote: 'breakInside',
              '.cell_output:has(> div.math)': 'breakInside',
            };
            return Object.entries(rules).flatMap(([selector, rule]) => {
              const all = [...document.querySelectorAll(`article.bd-article :is(${selector})`)]
                .filter(e => e.getClientRects().length);
              return all.length && all.every(e => getComputedStyle(e)[rule] === 'avoid') ? [] : [selector];
            });
        """)
        assert not broken

    def test_a_chapter_fits_a4(self, paper: Callable[[str], webdriver.Chrome]) -> None:
        chromium = paper(CHAPTERS[0])
        printed: dict[str, Any] = chromium.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
        pdf = base64.b64decode(printed["data"])
        assert pdf.count(b"/MediaBox [0 0 594") + pdf.count(b"/MediaBox [0 0 595") >= 5

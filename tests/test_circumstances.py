"""さまざまな読み方の検査: スクリプトなし、電話、紙、拡大、読者の決めた色。"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import LAID_OUT, by_finger, resize, wake, widen
from bs4 import BeautifulSoup
from selenium import webdriver

Pages = dict[str, BeautifulSoup]
Open = Callable[..., webdriver.Chrome]

CHAPTER = "chapters/14_gradient_descent.html"
WITH_TABLES = "chapters/37_matrix_form.html"
STEPPER = "chapters/42_xor.html"
PAPER = 665
PAGE = 980
"""A4 の紙の、余白を除いた幅と高さ（CSS の px）。"""
OPAQUE = r"rgb\(\d+, \d+, \d+\)"


@pytest.fixture(scope="module")
def look(browser: webdriver.Chrome, site: str) -> Open:
    """ページを、決まった幅で開く。"""

    def open_page(place: str, width: int = 1280) -> webdriver.Chrome:
        resize(browser, width)
        browser.get(site + place)
        widen(browser, width)
        wake(browser)
        return browser

    return open_page


@pytest.fixture
def unscripted(browser: webdriver.Chrome, site: str) -> Iterator[Open]:
    """ページのスクリプトを走らせずに開く。"""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    def open_page(place: str, width: int = 1280) -> webdriver.Chrome:
        resize(browser, width)
        browser.get(site + place)
        return browser

    yield open_page
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.fixture
def media(browser: webdriver.Chrome) -> Iterator[Callable[..., None]]:
    """画面か紙か、と、読者の設定。"""

    def emulate(kind: str = "", **features: str) -> None:
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": listed})

    yield emulate
    emulate()


class TestWithoutScripts:
    """スクリプトを走らせない画面。"""

    COLOURS = """
        const colour = (selector, what) => getComputedStyle(document.querySelector(selector))[what];
        return [colour('body', 'backgroundColor'), colour('.bd-header-article', 'backgroundColor'),
          colour('article p a', 'color'), colour('article p', 'color'), colour('.bd-sidebar-primary',
            'backgroundColor')];
    """

    def test_the_page_has_its_colours(self, unscripted: Open) -> None:
        chromium = unscripted(CHAPTER)
        assert not chromium.execute_script("return document.querySelector('.copy-tex')"), (
            "スクリプトが走りました"
        )
        ground, header, link, text, side = chromium.execute_script(self.COLOURS)
        assert all(re.fullmatch(OPAQUE, colour) for colour in (ground, header, side))
        assert len({ground, link, text}) == 3

    def test_the_contents_are_beside_the_text(self, unscripted: Open) -> None:
        boxes = unscripted(CHAPTER).execute_script("""
            const box = selector => document.querySelector(selector).getBoundingClientRect();
            const [side, text, link] = [box('.bd-sidebar-primary'), box('main'), box('.to-contents')];
            return [side.width, side.right, text.left, link.width];
        """)
        assert boxes[0] > 150
        assert boxes[1] <= boxes[2] + 1
        assert boxes[3] == 0

    def test_the_contents_follow_the_text_on_a_phone(self, unscripted: Open) -> None:
        chromium = unscripted(CHAPTER, 390)
        chromium.find_element("css selector", ".to-contents").click()
        seen = chromium.execute_script("""
            const links = [...document.querySelectorAll('.bd-sidebar-primary a.reference')];
            const page = document.documentElement;
            return [links.filter(a => a.checkVisibility({visibilityProperty: true,
              opacityProperty: true})).length,
              document.querySelector('#pst-primary-sidebar').getBoundingClientRect().top,
                page.scrollWidth - page.clientWidth];
        """)
        assert seen[0] > 30
        assert 0 <= seen[1] < 300
        assert seen[2] <= 1

    def test_buttons_that_need_scripts_are_not_shown(self, unscripted: Open) -> None:
        chromium = unscripted(CHAPTER, 390)
        kinds = ".sidebar-toggle, .theme-switch-button, .search-button__button, .btn-fullscreen-button"
        every = "return [...document.querySelectorAll(arguments[0])]"
        shown = f"{every}.filter(e => e.getClientRects().length).length"
        assert chromium.execute_script("return document.querySelectorAll(arguments[0]).length", kinds) >= 4
        assert not chromium.execute_script(shown, kinds)

    def test_live_figures_show_their_table(self, unscripted: Open) -> None:
        every = "return [...document.querySelectorAll('.interactive-table')]"
        tables = f"{every}.map(e => e.getBoundingClientRect().height)"
        heights = unscripted(CHAPTER).execute_script(tables)
        assert heights
        assert min(heights) > 100


class TestPhone:
    """電話の画面。"""

    @pytest.fixture(autouse=True)
    def finger(self, browser: webdriver.Chrome) -> None:
        by_finger(browser)

    def test_copy_buttons_cover_no_code(self, look: Open) -> None:
        # 指の画面には、引用の写すボタンだけがある。
        codes, count, covered = look(WITH_TABLES, 390).execute_script("""
            document.querySelectorAll('details').forEach(box => { box.open = true; });
            const all = [...document.querySelectorAll('article .highlight > button.copybtn')];
            const buttons = all.filter(e => e.offsetParent);
            const over = button => {
              const [a, b] = [button, button.parentElement.querySelector('pre')].map(e => e
                .getBoundingClientRect());
              return a.left < b.right - 1 && a.top < b.bottom;
            };
            return [all.filter(e => !e.closest('.citing')).length,
              buttons.filter(e => !e.closest('.citing')).length,
              buttons.filter(over).map(e => e.parentElement.textContent.slice(0, 40))];
        """)
        assert codes > 30
        assert count == 0
        assert not covered

    def test_what_goes_on_beyond_the_edge_says_so(self, look: Open) -> None:
        boxes = look(WITH_TABLES, 390).execute_async_script(LAID_OUT + """
            const done = arguments[0];
            setTimeout(() => {
            const boxes = [...document
              .querySelectorAll('.pst-scrollable-table-container, figure > a.figure-wide')]
              .filter(e => e.scrollWidth > e.clientWidth + 1);
            done(boxes.map(e => [e.classList.contains('more-after'), getComputedStyle(e).maskImage,
              getComputedStyle(e, '::after').content]));
            }, 500);
        """)
        assert len(boxes) >= 2
        assert all(marked and mask != "none" and "→" in hint for marked, mask, hint in boxes)

    def test_the_hint_goes_when_the_end_is_seen(self, look: Open) -> None:
        chromium = look(WITH_TABLES, 390)
        told = """
            const box = document.querySelector('.pst-scrollable-table-container.more-after');
            box.scrollLeft = box.scrollWidth;
            box.dispatchEvent(new Event('scroll'));
            return [...box.classList];
        """
        classes = chromium.execute_script(told)
        assert "more-before" in classes
        assert "more-after" not in classes

    def test_lettering_of_figures_can_be_read(self, look: Open) -> None:
        # 電話のための図は、1インチを 100 px として、12 ポイント以上の字で描かれている。
        scales = look(WITH_TABLES, 390).execute_script("""
            return [...document.querySelectorAll('.figure-light img')].map(
              e => e.getBoundingClientRect().width / e.parentElement.querySelector('source').width);
        """)
        assert scales
        assert min(scales) * 100 * 12 / 72 >= 11

    def test_captions_end_without_a_mark(self, look: Open) -> None:
        number, opacity, link = look(CHAPTER, 390).execute_script("""
            const caption = document.querySelector('figcaption'),
              link = caption.querySelector('a.headerlink');
            const box = e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right,
              b.bottom]; };
            return [box(caption.querySelector('.caption-number')), getComputedStyle(link).opacity, box(link)];
        """)
        assert opacity == "0"
        # 番号に触れると、図へのリンクを写す。
        assert abs(link[0] - number[0]) < 4
        assert link[2] - link[0] >= 44
        assert abs(link[1] - number[1]) < 8

    def test_numbers_of_figures_stand_upright(self, look: Open) -> None:
        every = "return [...document.querySelectorAll('.caption-number')]"
        slant = f"{every}.map(e => getComputedStyle(e).fontStyle)"
        assert set(look(CHAPTER).execute_script(slant)) == {"normal"}


class TestPaper:
    """ブラウザから刷る紙。"""

    def test_pages_have_numbers_and_running_heads(self, look: Open) -> None:
        heads = look(CHAPTER).execute_script("""
            const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]);
            const margins = rules.filter(rule => rule instanceof CSSPageRule)
              .flatMap(rule => [...rule.cssRules]);
            return margins.filter(rule => rule.style.content).map(rule => [rule.name, rule.style.content]);
        """)
        found = dict(heads)
        assert "counter(page)" in found["bottom-center"]
        assert "勾配降下法" in found["top-right"]
        assert "誤差逆伝播法" in found["top-left"]

    @pytest.mark.parametrize("place", [WITH_TABLES, STEPPER])
    def test_nothing_tall_is_kept_in_one_piece(
        self, look: Open, media: Callable[..., None], place: str
    ) -> None:
        # 切れないものが高いと、前のページの下が大きく空く。
        chromium = look(place, PAPER)
        media("print")
        tall = chromium.execute_script("""
            const whole = e => {
              const s = getComputedStyle(e);
              const moves = /auto|scroll|hidden/.test(s.overflowX) || /flex|grid/.test(s.display)
                && e.querySelector('pre');
              return s.breakInside === 'avoid' || moves;
            };
            return [...document.querySelectorAll('article *:not(figure, figure *, math, math *)')]
              .filter(e => e.getBoundingClientRect().height > arguments[0] && whole(e))
                .map(e => e.outerHTML.slice(0, 120));
        """, PAGE / 3)  # fmt: skip
        assert not tall

    def test_indices_in_tables_stand_clear(self, look: Open, media: Callable[..., None]) -> None:
        chromium = look(STEPPER, PAPER)
        media("print")
        gaps = chromium.execute_script("""
            return [...document.querySelectorAll('.interactive-table i + :is(sub, sup)')].map(script => {
              const [a, b] = [script.previousElementSibling, script].map(e => e.getBoundingClientRect());
              return (b.left - a.right) / parseFloat(getComputedStyle(script.parentElement).fontSize);
            });
        """)
        assert len(gaps) > 50
        assert min(gaps) > 0.1


class TestOwnColours:
    """読者の決めた色（forced colors）。"""

    def test_live_figures_use_the_colours_of_the_reader(self, look: Open, media: Callable[..., None]) -> None:
        media(forced_colors="active", prefers_color_scheme="dark")
        seen: dict[str, Any] = look(STEPPER).execute_script("""
            const probe = document.body.appendChild(document.createElement('div'));
            const system = name => { probe.style.color = name; return getComputedStyle(probe).color; };
            const own = ['Canvas', 'CanvasText', 'LinkText', 'VisitedText', 'GrayText', 'Highlight',
              'ButtonText'].map(system);
            // 色の地図の上の点と境目は、地図と同じく、決まった色のまま。
            const drawn = [...document
              .querySelectorAll('.interactive-live svg *:not(.class0, .class1, .contour)')]
              .filter(e => e.getClientRects().length);
            const paints = new Set(drawn.flatMap(e => { const s = getComputedStyle(e); return [s.fill,
              s.stroke]; }));
            return {drawn: drawn.length, own, paints: [...paints].filter(paint => paint !== 'none')};
        """)
        assert seen["drawn"] > 20
        assert len(set(seen["own"])) > 3
        assert not set(seen["paints"]) - set(seen["own"])

    def test_icons_are_seen(self, look: Open, media: Callable[..., None]) -> None:
        media(forced_colors="active", prefers_color_scheme="dark")
        grounds = look(CHAPTER, 390).execute_script("""
            const icons = [...document
              .querySelectorAll('.bd-header-article .fa-solid, .bd-header-article .fas')];
            return icons.filter(e => e.getClientRects().length).map(e => getComputedStyle(e).backgroundColor);
        """)
        assert len(grounds) >= 4
        assert all(ground not in ("rgba(0, 0, 0, 0)", "rgb(0, 0, 0)") for ground in grounds)

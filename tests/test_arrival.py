"""つながりの先に着いた行は、ページが組みおわるまで動かない。読者が動かしたあとは、引きもどさない。"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import LAID_OUT, resize, until
from selenium import webdriver

PLACE = "chapters/13_activations.html"
FIRST, SECOND = "sec-elementwise", "sec-softmax"
GROWN = 400
"""上に加えるものの高さ（px）。"""
SETTLED = 3.0
"""組みおわるのを待つ秒数（arrival.js）。"""
NEAR = 1

GROW = """
    const [height, name, done] = arguments;
    const frame = () => new Promise(next => requestAnimationFrame(() => setTimeout(next)));
    const frames = async count => { for (let n = 0; n < count; n += 1) await frame(); };
    const top = () => name ? document.getElementById(name).getBoundingClientRect().top : -scrollY;
    (async () => {
      // ブラウザに保たせず、組みおわらないところもなくす。ずれるのは、加えた分だけになる。
      document.documentElement.style.overflowAnchor = 'none';
      await frames(10);
      const before = top(), article = document.querySelector('article.bd-article');
      article.insertAdjacentHTML('afterbegin', `<div style="height: ${height}px">`);
      await frames(4);
      done(Math.round(top() - before));
    })();
"""
WHEEL = "document.dispatchEvent(new WheelEvent('wheel', {bubbles: true}));"
CORRECT = """
    const done = arguments[arguments.length - 1];
    const frame = () => new Promise(next => requestAnimationFrame(() => setTimeout(next)));
    (async () => {
      for (let n = 0; n < 10; n += 1) await frame();
      // 上へもどると、テーマがボタンを出す。
      for (const step of [40, -30]) { scrollBy(0, step); await frame(); await frame(); }
      const button = document.getElementById('pst-back-to-top');
      done([button.style.display, button.checkVisibility({ visibilityProperty: true })]);
    })();
"""


CLOCK = "window.told = 0; performance.now = () => window.told;"
"""機械の速さによらないように、ページの時計を、検査が進める。"""


@pytest.fixture(scope="module")
def clocked(browser: webdriver.Chrome) -> webdriver.Chrome:
    """時計の止まったページを開くブラウザ。"""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CLOCK})
    return browser


@pytest.fixture(params=[1280, 390])
def arrive(
    request: pytest.FixtureRequest, clocked: webdriver.Chrome, site: str
) -> Callable[[], webdriver.Chrome]:
    """一つのつながりの先に着く。"""

    def go() -> webdriver.Chrome:
        resize(clocked, request.param)
        clocked.get("about:blank")
        clocked.get(f"{site}{PLACE}#{FIRST}")
        clocked.execute_script(LAID_OUT)
        return clocked

    return go


def grown(browser: webdriver.Chrome, name: str | None) -> int:
    """上に加えたときに、その名の要素（なければ、ページ）の、画面の中で動いた量。"""
    return browser.execute_async_script(GROW, GROWN, name)


class TestArrival:
    """着いたばかりの読者と、動かしはじめた読者。"""

    def test_the_target_stays_while_the_page_grows(self, arrive: Callable[[], webdriver.Chrome]) -> None:
        assert abs(grown(arrive(), FIRST)) <= NEAR

    def test_so_does_one_reached_within_the_page(self, arrive: Callable[[], webdriver.Chrome]) -> None:
        browser = arrive()
        browser.execute_script(WHEEL + f"location.hash = '{SECOND}';")
        assert abs(grown(browser, SECOND)) <= NEAR

    def test_a_reader_who_moves_is_not_pulled_back(self, arrive: Callable[[], webdriver.Chrome]) -> None:
        browser = arrive()
        browser.execute_script(WHEEL)
        assert abs(grown(browser, FIRST) - GROWN) <= NEAR

    def test_nor_one_who_drags_the_bar_beside_the_page(
        self, arrive: Callable[[], webdriver.Chrome]
    ) -> None:
        browser = arrive()
        browser.execute_script("scrollBy(0, 2000);")  # 帯を引いても、指や車輪の知らせは来ない
        assert abs(grown(browser, FIRST) - GROWN) <= NEAR

    def test_nor_one_who_reads_on_for_a_while(self, arrive: Callable[[], webdriver.Chrome]) -> None:
        browser = arrive()
        browser.execute_script(f"window.told = {SETTLED * 1000 + 1};")
        assert abs(grown(browser, FIRST) - GROWN) <= NEAR

    def test_no_button_covers_the_line_until_the_reader_moves(
        self, arrive: Callable[[], webdriver.Chrome]
    ) -> None:
        browser = arrive()
        assert browser.execute_async_script(CORRECT) == ["block", False]
        browser.execute_script(WHEEL)
        # 広い画面には、テーマもこのボタンを見せない。
        narrow = browser.execute_script("return innerWidth < 600")
        assert browser.execute_async_script(CORRECT) == ["block", narrow]

    def test_nor_one_who_loads_the_page_again(self, arrive: Callable[[], webdriver.Chrome]) -> None:
        browser = arrive()
        browser.execute_script(WHEEL + "scrollBy(0, 2000);")
        browser.refresh()
        assert browser.execute_script("return performance.getEntriesByType('navigation')[0].type") == "reload"
        until(browser, lambda page: page.execute_script("return scrollY") > 2000)
        assert grown(browser, None) == 0


def test_the_script_waits_as_long_as_these_tests_think() -> None:
    script = Path(__file__).resolve().parents[1] / "_static" / "arrival.js"
    assert f"SETTLED = {SETTLED * 1000:.0f};" in script.read_text(encoding="utf-8")

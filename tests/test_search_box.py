"""検索の欄: どこからでも開き、打つたびに見つかり、キーだけで使え、行を動かさない。"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import resize, until
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

CHAPTER = "chapters/14_gradient_descent.html"
Open = Callable[[str], webdriver.Chrome]

SHIFT = """
    window.shift = 0;
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({type: "layout-shift", buffered: true});
"""
FOCUSED = "return document.activeElement"
BOX = "document.querySelector('dialog[open], main .bd-search-container')"
RESULTS = f"return [...{BOX}.querySelectorAll('a.search-result')].map(a => a.href)"
COUNT = f"return {BOX}.querySelector('.search-count')?.textContent || ''"


@pytest.fixture(params=["http", "file"])
def look(browser: webdriver.Chrome, site: str, html: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """ページを、サーバーから、またはファイルを直接に開く。"""
    base = site if request.param == "http" else html.as_uri() + "/"
    resize(browser, 1280)
    browser.get_log("browser")

    def open_page(place: str) -> webdriver.Chrome:
        browser.get(base + place)
        return browser

    yield open_page
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def press(chromium: webdriver.Chrome, *keys: str) -> None:
    """キーを、はじめのものを押したまま、押す。"""
    actions = ActionChains(chromium)
    for key in keys[:-1]:
        actions.key_down(key)
    actions.send_keys(keys[-1])
    for key in keys[:-1]:
        actions.key_up(key)
    actions.perform()


def requested(chromium: webdriver.Chrome) -> list[str]:
    """前に尋ねてから、取り寄せられたファイルの名前。アイコンは、ブラウザが好きなときに取り寄せる。"""
    events = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    names = [event["request"]["url"].partition("?")[0].rpartition("/")[2] for event in sent]
    return [name for name in names if not name.endswith((".ico", ".svg"))]


def type_words(chromium: webdriver.Chrome, words: str) -> list[str]:
    """検索の箱を開いて打ち込み、見つかった場所。"""
    press(chromium, "/")
    until(chromium, lambda page: page.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    chromium.switch_to.active_element.send_keys(words)
    until(chromium, lambda page: re.search("件|見つかりません", page.execute_script(COUNT)))
    return chromium.execute_script(RESULTS)


class TestDialog:
    """どのページでも開く箱。"""

    def test_typing_finds_with_one_request(self, look: Open) -> None:
        chromium = look(CHAPTER)
        until(chromium, lambda page: page.execute_script("return document.readyState === 'complete'"))
        assert "search-index.js" not in requested(chromium), "欄に来る前に読み込んでいます"
        found = type_words(chromium, "隠れ層の誤差項")
        assert found[0].endswith("chapters/33_step3_hidden_delta.html#sec-step3")
        assert requested(chromium) == ["search-index.js"]
        assert "件" in chromium.execute_script(COUNT)

    def test_keys_lead_to_the_place(self, look: Open) -> None:
        chromium = look(CHAPTER)
        found = type_words(chromium, "連鎖律")
        press(chromium, Keys.ARROW_DOWN)
        assert chromium.execute_script(FOCUSED).get_attribute("href") == found[0]
        press(chromium, Keys.ARROW_DOWN)
        assert chromium.execute_script(FOCUSED).get_attribute("href") == found[1]
        press(chromium, Keys.ARROW_UP)
        press(chromium, Keys.ARROW_UP)
        assert chromium.execute_script(FOCUSED).get_attribute("type") == "search"
        press(chromium, Keys.ENTER)
        until(chromium, lambda page: page.current_url == found[0])

    def test_typing_again_goes_back_to_the_field(self, look: Open) -> None:
        chromium = look(CHAPTER)
        type_words(chromium, "adam")
        press(chromium, Keys.ARROW_DOWN)
        press(chromium, "x")
        assert chromium.execute_script(FOCUSED).get_attribute("value") == "adamx"

    def test_a_place_on_the_same_page_closes_the_box(self, look: Open) -> None:
        chromium = look(CHAPTER)
        type_words(chromium, "条件数")
        chromium.find_element(By.CSS_SELECTOR, "dialog[open] a.search-result").click()
        until(chromium, lambda page: "#sec-ravine" in page.current_url)
        assert not chromium.find_elements(By.CSS_SELECTOR, "dialog[open]")

    def test_escape_closes_and_returns(self, look: Open) -> None:
        chromium = look(CHAPTER)
        button = chromium.find_element(By.CSS_SELECTOR, ".search-button-field")
        button.send_keys(Keys.ENTER)
        chromium.switch_to.active_element.send_keys("勾配")
        until(chromium, lambda page: page.execute_script(RESULTS))
        press(chromium, Keys.ARROW_DOWN)
        press(chromium, Keys.ESCAPE)
        until(chromium, lambda page: not page.find_elements(By.CSS_SELECTOR, "dialog[open]"))
        assert chromium.execute_script(FOCUSED) == button

    def test_slash_is_a_letter_in_a_field(self, look: Open) -> None:
        chromium = look(CHAPTER)
        type_words(chromium, "a/b")
        assert chromium.execute_script(FOCUSED).get_attribute("value") == "a/b"

    def test_the_whole_list_is_on_the_page(self, look: Open) -> None:
        chromium = look(CHAPTER)
        type_words(chromium, "勾配")
        more = chromium.find_element(By.CSS_SELECTOR, "dialog[open] a.search-more")
        more.send_keys(Keys.ENTER)
        until(chromium, lambda page: "search.html?q=" in page.current_url and page.execute_script(RESULTS))
        assert len(chromium.execute_script(RESULTS)) > 10

    def test_results_speak(self, look: Open) -> None:
        chromium = look(CHAPTER)
        type_words(chromium, "ゑゑゑ")
        status = chromium.find_element(By.CSS_SELECTOR, "dialog[open] .search-count")
        assert status.get_attribute("role") == "status"
        assert "見つかりませんでした" in status.text


class TestPage:
    """検索のページ。"""

    def test_the_address_asks(self, look: Open) -> None:
        chromium = look("search.html?q=%E3%82%8C%E3%82%93%E3%81%95%E3%82%8A%E3%81%A4")
        until(chromium, lambda page: page.execute_script(RESULTS))
        assert chromium.execute_script(RESULTS)[0].endswith("11_chain_rule.html#sec-chain-rule")
        field = chromium.execute_script(FOCUSED)
        assert field.get_attribute("value") == "れんさりつ"
        field.send_keys(" 多変数")
        until(chromium, lambda page: page.execute_script(RESULTS)[0].endswith("#sec-chain-rule-multi"))
        assert "%E5%A4%9A" in chromium.current_url

    def test_nothing_moves(self, look: Open, browser: webdriver.Chrome) -> None:
        script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SHIFT})
        chromium = look("search.html?q=%E5%8B%BE%E9%85%8D")
        until(chromium, lambda page: page.execute_script(RESULTS))
        page = chromium.execute_script("return window.shift")
        chromium = look(CHAPTER)
        type_words(chromium, "勾配")
        box = chromium.execute_script("return window.shift")
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
        assert page < 0.02
        assert box < 0.02


def test_without_scripts_the_page_says_what_to_do(browser: webdriver.Chrome, site: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(site + CHAPTER)
        form = browser.find_element(By.CSS_SELECTOR, "#pst-primary-sidebar form.bd-search")
        assert form.get_attribute("action").endswith("search.html")
        browser.get(site + "search.html?q=%E5%8B%BE%E9%85%8D")
        links = browser.find_elements(By.CSS_SELECTOR, "main li a")
        named = {link.get_attribute("href").rpartition("/")[2] for link in links}
        assert named >= {"genindex.html", "glossary.html", "notation.html"}
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

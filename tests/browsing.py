"""ブラウザでの検査が共有するもの: 待つこと、画面の幅、検索の結果。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FINISHED = """
    const asked = new URLSearchParams(location.search).get('q');
    return asked === arguments[0] && document.querySelector('#search-results h2')?.innerText === '検索結果';
"""
FOUND = "return [...document.querySelectorAll('#search-results ul.search li > a')].map(a => a.href)"


def until(browser: webdriver.Chrome, condition: Callable[[webdriver.Chrome], Any]) -> None:
    """条件が成り立つまで待つ。"""
    WebDriverWait(browser, 20, poll_frequency=0.02).until(condition)


def resize(browser: webdriver.Chrome, width: int) -> None:
    """画面の幅を変える。"""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def widen(browser: webdriver.Chrome, width: int) -> None:
    """画面の幅を変え、そのあとの組みなおしを待つ。"""
    resize(browser, width)
    browser.execute_async_script(
        "const done = arguments[0];"
        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));"
    )


def search(browser: webdriver.Chrome, site: str, query: str) -> list[str]:
    """検索ページの欄に打ち込み、終わるのを待って、見つかったページのサイトの中での場所を、出た順に返す。"""
    if not browser.current_url.startswith(site + "search.html"):
        browser.get(site + "search.html")
    box = next(box for box in browser.find_elements(By.NAME, "q") if box.is_displayed())
    box.clear()
    box.send_keys(query + "\n")
    until(browser, lambda chromium: chromium.execute_script(FINISHED, query))
    return [urlsplit(link).path.lstrip("/") for link in browser.execute_script(FOUND)]

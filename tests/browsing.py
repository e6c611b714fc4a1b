"""ブラウザでの検査が共有するもの: 待つこと、画面の幅、検索の結果。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

TITLE = "return document.querySelector('#search-results h2')?.innerText"
LINKS = "return [...document.querySelectorAll('#search-results ul.search li > a')].map(a => a.href)"


def until(browser: webdriver.Chrome, condition: Callable[[webdriver.Chrome], Any]) -> None:
    """条件が成り立つまで待つ。"""
    WebDriverWait(browser, 20, poll_frequency=0.02).until(condition)


def widen(browser: webdriver.Chrome, width: int) -> None:
    """画面の幅を変え、そのあとの組みなおしを待つ。"""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_async_script(
        "const done = arguments[0];"
        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));"
    )


def search_results(browser: webdriver.Chrome) -> list[str]:
    """検索が終わるのを待って、見つかったページのサイトの中での場所を、出た順に返す。"""
    until(browser, lambda chromium: chromium.execute_script(TITLE) == "検索結果")
    return [urlsplit(link).path.lstrip("/") for link in browser.execute_script(LINKS)]

"""ブラウザでの検査が共有するもの: 待つこと、画面の幅。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait


def until(browser: webdriver.Chrome, condition: Callable[[webdriver.Chrome], Any]) -> None:
    """条件が成り立つまで待つ。"""
    WebDriverWait(browser, 20, poll_frequency=0.02).until(condition)


LAID_OUT = """
    document.head.append(Object.assign(document.createElement('style'),
      { textContent: '* { content-visibility: visible !important }' }));
"""
"""近づくまで組まないところ（reading.css）も、組み終えた姿にする。"""


def resize(browser: webdriver.Chrome, width: int) -> None:
    """画面の幅を変える。"""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def by_finger(browser: webdriver.Chrome) -> None:
    """指で触れる、マウスのない画面にする。閉じるまで、戻らない。"""
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})


WAKE = """
    const done = arguments[0];
    const all = [...document.querySelectorAll('.interactive[data-kind]')];
    const shown = all.filter(e => e.getClientRects().length);
    const frame = () => new Promise(requestAnimationFrame);
    (async () => {
      for (const root of shown) {
        root.scrollIntoView({block: 'center', behavior: 'instant'});
        const until = performance.now() + 5000;
        while (!root.classList.contains('live') && performance.now() < until) await frame();
      }
      scrollTo({top: 0, behavior: 'instant'});
      await frame();
      done(shown.filter(e => !e.classList.contains('live')).length);
    })();
"""


def wake(browser: webdriver.Chrome) -> None:
    """触れて確かめる図を、読み進んだときのように、すべて始める。"""
    assert browser.execute_async_script(WAKE) == 0


def widen(browser: webdriver.Chrome, width: int) -> None:
    """画面の幅を変え、そのあとの組みなおしを待つ。"""
    resize(browser, width)
    browser.execute_async_script(
        "const done = arguments[0];"
        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));"
    )

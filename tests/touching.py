"""動かして見る図の検査が共有するもの: ページの中の計算、図を開くこと。"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browsing import resize, until, wake
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

KERNELS = Path(__file__).resolve().parents[1] / "_static" / "interactive" / "parts"


def computed(browser: webdriver.Chrome, part: str, name: str, calls: list[list[Any]]) -> list[Any]:
    """ページの中の計算（`parts` の中のファイルの関数）を、呼び出しの並びについて行わせる。"""
    browser.get("data:text/html,<title>kernel</title>")
    source = (KERNELS / part).read_text(encoding="utf-8")
    ask = """
        const [source, name, calls, done] = arguments;
        const bytes = new TextEncoder().encode(source);
        const address = 'data:text/javascript;base64,' + btoa(String.fromCharCode(...bytes));
        import(address).then(part => done(calls.map(each => part[name](...each))), e => done(String(e)));
    """
    return browser.execute_async_script(ask, source, name, calls)


def figure(browser: webdriver.Chrome, page: str, kind: str, width: int = 1280) -> WebElement:
    """ページを開き、その種類の図を画面に出す。"""
    resize(browser, width)
    browser.get(page)
    wake(browser)
    query = f'.interactive[data-kind="{kind}"] > .interactive-live'
    until(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, query))
    found = browser.find_element(By.CSS_SELECTOR, query)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", found)
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    return found


def texts(app: WebElement, query: str) -> list[str]:
    """図の中の、見つかったものの字。見えない字も読む。"""
    return app.parent.execute_script(
        "return [...arguments[0].querySelectorAll(arguments[1])].map(e => e.textContent)", app, query
    )


def point_at(app: WebElement, x: float, y: float, kind: str = "mouse", drag: bool = False) -> None:
    """平面の枠の中の割合 ``(x, y)`` を、マウスか指で押す。`drag` なら、点をつまんでそこまで引く。"""
    app.parent.execute_script(
        """
        const [app, x, y, kind, drag] = arguments;
        const pad = app.querySelector('.pad'), handle = pad.querySelector('.pad-handle');
        const frame = pad.querySelector('.frame').getBoundingClientRect();
        const to = { clientX: frame.left + x * frame.width, clientY: frame.bottom - y * frame.height };
        const start = handle.getBoundingClientRect();
        const from = { clientX: start.left + start.width / 2, clientY: start.top + start.height / 2 };
        pad.setPointerCapture = () => { pad.caught = true; };
        pad.hasPointerCapture = () => pad.caught;
        const always = { pointerId: 7, pointerType: kind, bubbles: true, isPrimary: true };
        const made = (type, where) => new PointerEvent(type, { ...where, ...always });
        const fire = (type, target, where) => target.dispatchEvent(made(type, where));
        if (drag) {
          fire('pointerdown', handle, from);
          fire('pointermove', pad, to);
          pad.caught = false;
          fire('pointerup', pad, to);
        } else {
          const target = pad.querySelector('svg');
          fire('pointerdown', target, to);
          pad.caught = false;
          fire('pointerup', target, to);
          target.isConnected ? fire('click', target, to) : fire('click', pad.querySelector('svg'), to);
        }
        """,
        app, x, y, kind, drag,
    )  # fmt: skip

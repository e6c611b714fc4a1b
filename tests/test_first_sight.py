"""はじめに見えるとき: 読みかけのページを見せず、書体が届かなくても、見せる。"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browsing import until
from selenium import webdriver

PLACE = "chapters/11_chain_rule.html"
HEADING = b"<h1"


class _Slow(SimpleHTTPRequestHandler):
    """ページを、題の手前で止めて送り、書体は、いつまでも送らないことのできるサーバー。"""

    go, fonts = threading.Event(), threading.Event()

    def do_GET(self) -> None:
        """書体は待たせ、ページは二つに分けて送る。"""
        if ".woff2" in self.path:
            self.fonts.wait(30)
        if self.path.rpartition("/")[2] == Path(PLACE).name:
            self.halves()
        else:
            super().do_GET()

    def halves(self) -> None:
        """題の手前までと、そこから先。"""
        head, found, rest = Path(self.translate_path(self.path)).read_bytes().partition(HEADING)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(head)
        self.wfile.flush()
        self.go.wait(30)
        self.wfile.write(found + rest)

    def log_message(self, *_: object) -> None:
        """何も言わない。"""


@pytest.fixture
def address(html: Path) -> Iterator[str]:
    """ページの場所。"""
    _Slow.go, _Slow.fonts = threading.Event(), threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Slow, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{PLACE}"
    _Slow.go.set()
    _Slow.fonts.set()
    server.shutdown()


@pytest.fixture
def framed(browser: webdriver.Chrome, address: str) -> Iterator[webdriver.Chrome]:
    """ページを枠の中に開くブラウザ。枠の外からなら、読みかけのページを見られる。"""
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    browser.get(address.removesuffix(PLACE) + "robots.txt")
    browser.execute_script("""
        window.frame = document.body.appendChild(document.createElement("iframe"));
        frame.src = arguments[0];
    """, address)  # fmt: skip
    yield browser
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    browser.get("about:blank")


def seen(browser: webdriver.Chrome, part: str) -> list[str | bool]:
    """枠の中の、読み終えたか、`part` まで届いたか、見えているか。"""
    return browser.execute_script("""
        const page = frame.contentDocument;
        return [page.readyState, Boolean(page.querySelector(arguments[0])),
          page.body && frame.contentWindow.getComputedStyle(page.body).opacity];
    """, part)  # fmt: skip


def test_a_half_read_page_is_not_shown(framed: webdriver.Chrome) -> None:
    _Slow.fonts.set()
    until(framed, lambda chromium: seen(chromium, ".header-article-items__end")[1])
    framed.execute_async_script("setTimeout(arguments[0], 800)")
    assert seen(framed, "h1") == ["loading", False, "0"]
    _Slow.go.set()
    until(framed, lambda chromium: seen(chromium, "h1") == ["complete", True, "1"])


def test_a_font_that_does_not_come_keeps_nobody_waiting(framed: webdriver.Chrome) -> None:
    _Slow.go.set()
    until(framed, lambda chromium: seen(chromium, ".prev-next-footer") == ["interactive", True, "1"])

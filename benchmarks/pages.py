"""測るために、できあがったサイトを配り、ブラウザで開く。"""

from __future__ import annotations

import functools
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"


class Quiet(SimpleHTTPRequestHandler):
    """記録を画面に出さずに配る。"""

    def log_message(self, *_: object) -> None:
        """記録を画面に出さない。"""


class _Server(ThreadingHTTPServer):
    """ブラウザが受け取るのをやめても、驚かないサーバー。"""

    def handle_error(self, request: object, client_address: object) -> None:
        """切られたつながりは、誤りではない。"""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    """フォルダを配る手元のサーバー。"""
    server = _Server(("127.0.0.1", 0), functools.partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def headless() -> webdriver.ChromeOptions:
    """画面も控えもないブラウザの設定。"""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(argument)
    return options


@contextmanager
def opened(address: str, slower: float = 1) -> Iterator[webdriver.Chrome]:
    """控えのないブラウザで開き、開いたあとの CPU を遅くする。"""
    with webdriver.Chrome(options=headless(), service=Service(shutil.which("chromedriver"))) as browser:
        browser.set_script_timeout(300)
        browser.get(address)
        browser.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": slower})
        yield browser

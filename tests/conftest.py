"""検査が共有するもの: できあがったページ、手元のサーバー、ブラウザ。"""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from moving import moves
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"

# make を通さずに pytest を走らせても、カーネルはこの作業ツリーの設定と番人のもとで動く。
os.environ["IPYTHONDIR"] = str(ROOT / "tools" / "ipython")
os.environ["MPLCONFIGDIR"] = str(ROOT / "_build" / "matplotlib")


@pytest.fixture(scope="session")
def html() -> Path:
    """できあがった本のあるフォルダ。"""
    if not (HTML / "index.html").is_file():
        pytest.fail("できあがったページがありません。先に make book を実行してください。")
    return HTML


@pytest.fixture(scope="session")
def pages(html: Path) -> dict[str, BeautifulSoup]:
    """できあがったページ。サイトの中での場所から、解析した HTML を引く。古い URL から導くだけのページは除く。"""
    old = moves()
    return {
        path.relative_to(html).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.parts and path.relative_to(html).as_posix() not in old
    }


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """記録を画面に出さない。"""


@pytest.fixture(scope="session")
def site(html: Path) -> Iterator[str]:
    """できあがった本を配る手元のサーバー。その URL（末尾は ``/``）。"""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_QuietHandler, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """画面のない Chromium。ほかのファイルの検査の設定が残らないよう、ファイルごとに開く。

    見つからなければ理由を示して飛ばす（REQUIRE_BROWSER=1 なら失敗させる）。
    """
    chrome = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if not (chrome and driver):
        give_up = pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip
        give_up("Chromium と chromedriver が見つからないので、ブラウザでの検査ができません。")
    options = webdriver.ChromeOptions()
    options.binary_location = chrome
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(argument)
    # 手元のサーバーのほかは、どこも見つからない。
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with webdriver.Chrome(options=options, service=Service(driver)) as chromium:
        yield chromium

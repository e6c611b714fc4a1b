"""検査が共有するもの: できあがったページ、手元のサーバー、ブラウザ。"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anchored import Anchors
from bs4 import BeautifulSoup, Tag
from engines import process, start
from moving import moves
from selenium import webdriver

if TYPE_CHECKING:
    from papers import Ebook, Paper

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
UNBOUND = {"errata", "progress"}
"""紙の本と電子書籍に載せないページ。"""
# 紙の本の道具のない環境（最も古い版の組、Intel の Mac）では、紙の本の検査を集めない。
collect_ignore = (
    [] if find_spec("pikepdf") else ["test_paper.py", "test_ebook.py", "test_press.py", "test_shelf.py"]
)

# make を通さずに pytest を走らせても、カーネルはこの作業ツリーの設定と番人のもとで動く。
os.environ["IPYTHONDIR"] = str(ROOT / "tools" / "ipython")
os.environ["MPLCONFIGDIR"] = str(ROOT / "_build" / "matplotlib")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """``--dist loadgroup`` では、同じブラウザを使う検査を一つのプロセスに配る。

    xdist 3.8 の印 ``xdist_group`` は、検査の名の控えを書きかえるので、名をそのつど作る pytest 9.2 では、黙って効かない。
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class ByBrowser(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return process(nodeid)

    return ByBrowser(config, log)


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


@pytest.fixture(scope="session")
def anchors(pages: dict[str, BeautifulSoup]) -> Anchors:
    """できあがったページの、名前のついた場所。"""
    return Anchors(pages)


@pytest.fixture(scope="session")
def book_pdf() -> Paper:
    """できた紙の本。"""
    # PDF を読む道具は、外の審判の環境にはない。要るときにだけ読む。
    from papers import Paper

    return Paper(_pressed("backprop-book.pdf"))


@pytest.fixture(scope="session")
def book_epub() -> Ebook:
    """できた電子書籍。"""
    from papers import Ebook

    return Ebook(_pressed("backprop-book.epub"))


@pytest.fixture(scope="session")
def bodies(pages: dict[str, BeautifulSoup]) -> dict[str, Tag]:
    """紙の本と電子書籍に載せるページの、サイトでの本文。目次の順に並ぶ。"""
    from toc import pages as listed

    return {
        name: pages[f"{name}.html"].select_one("article.bd-article")
        for name in listed()
        if name not in UNBOUND
    }


def _pressed(name: str) -> Path:
    from papers import lacking

    if missing := lacking():
        pytest.fail(f"{'、'.join(missing)} がありません。make print-tools で入れてください。")
    made = ROOT / "_build" / "press" / name
    if not made.is_file():
        pytest.fail(f"{made} がありません。make pdf と make epub でつくってください。")
    return made


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
    with ExitStack() as stack:
        yield start("chromium", stack, "REQUIRE_BROWSER").driver

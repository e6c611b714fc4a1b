"""動かして見る図のスクリプトの部品を、本を組まずに、ブラウザの中で動かす。"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from selenium import webdriver

SOURCES = Path(__file__).resolve().parents[1] / "_static" / "interactive"
RUN = """
    const [script, q, done] = arguments;
    const names = ARGUMENTS;
    Promise.all(names.map(name => import(`/parts/${name}.js`)))
      .then(parts => new Function(...names, 'q', `return (${script});`)(...parts, q))
      .then(value => done({ value }), error => done({ error: String(error.stack) }));
"""
Ask = Callable[..., Any]


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def log_message(self, *_: object) -> None:
        """記録を画面に出さない。"""


@contextmanager
def asking(browser: webdriver.Chrome, *parts: str) -> Iterator[Ask]:
    """``ask(script, argument)`` は、部品 `parts` と引数 ``q`` を使う JavaScript の式の値。"""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=SOURCES))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser.get(f"http://127.0.0.1:{server.server_port}/interactive.css")
    browser.set_script_timeout(60)
    run = RUN.replace("ARGUMENTS", repr(list(parts)))

    def ask(script: str, argument: Any = None) -> Any:
        answer = browser.execute_async_script(run, script, argument)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    yield ask
    server.shutdown()
    server.server_close()

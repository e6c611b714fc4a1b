"""三つのブラウザを、同じ言葉で動かす: Chromium、Firefox、WebKit（Safari の代わり）。

Firefox は WebDriver BiDi を自分で話すので、仲立ちのプログラム（geckodriver）は要らない。
WebKit は、見えない画面（Xvfb）の中の MiniBrowser を WebKitWebDriver で動かす。
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.websocket_connection import WebSocketConnection

HEIGHT = 900
WAIT = 60
"""一つの命令の答えを待つ秒数。"""
ASYNC = """
    const done = arguments[arguments.length - 1];
    (async function () {{ {script} }}).apply(null, [...arguments].slice(0, -1))
      .then(value => done({{ value }}), error => done({{ error: String(error.stack || error) }}));
"""
STILL = """
    await document.fonts.ready;
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    await frame();
    await frame();
"""
"""書体が届き、幅に合わせた組みなおしが終わるのを待つ。"""


class Engine(ABC):
    """一つのブラウザの、一つの画面。"""

    name: str

    @abstractmethod
    def visit(self, url: str) -> None:
        """ページを開き、読み終えるのを待つ。"""

    @abstractmethod
    def resize(self, width: int, height: int = HEIGHT) -> None:
        """画面の、ページの見える幅と高さを変える。"""

    @abstractmethod
    def run(self, script: str, *arguments: Any) -> Any:
        """ページの中で、終わるのを待つことのあるプログラムを走らせ、``return`` の値を得る。"""

    @abstractmethod
    def picture(self) -> bytes:
        """見えている画面の PNG。"""

    def settle(self) -> None:
        """組みなおしが終わるのを待つ。"""
        self.run(STILL)


class _Driven(Engine):
    """WebDriver で動かすブラウザ。"""

    def __init__(self, driver: webdriver.Remote) -> None:
        self.driver = driver
        driver.set_script_timeout(WAIT)

    def visit(self, url: str) -> None:
        self.driver.get(url)

    def run(self, script: str, *arguments: Any) -> Any:
        answer = self.driver.execute_async_script(ASYNC.format(script=script), *arguments)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def picture(self) -> bytes:
        return self.driver.get_screenshot_as_png()


class Chromium(_Driven):
    """Chromium。画面の大きさは、窓によらずに決められる。"""

    name = "chromium"

    def resize(self, width: int, height: int = HEIGHT) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


class WebKit(_Driven):
    """WebKitGTK の MiniBrowser。窓の枠と帯の分だけ、窓を大きくする。"""

    name = "webkit"

    def resize(self, width: int, height: int = HEIGHT) -> None:
        for _ in range(5):
            inner = self.driver.execute_script("return [innerWidth, innerHeight]")
            if inner == [width, height]:
                return
            outer = self.driver.get_window_rect()
            self.driver.set_window_rect(
                x=0, y=0, width=outer["width"] + width - inner[0], height=outer["height"] + height - inner[1]
            )
            time.sleep(0.1)
        raise RuntimeError(f"窓を {width}×{height} にできません: {inner}")


class Firefox(Engine):
    """Firefox。BiDi の命令を、じかに送る。"""

    name = "firefox"

    def __init__(self, connection: WebSocketConnection) -> None:
        self.connection = connection
        self.send("session.new", capabilities={})
        self.page = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **parameters: Any) -> Any:
        """一つの命令の答え。"""
        answer = self.connection.send_cmd(method, parameters)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}: {answer.get('message', '')}")
        return answer["result"]

    def visit(self, url: str) -> None:
        self.send("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def resize(self, width: int, height: int = HEIGHT) -> None:
        viewport = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self.page, viewport=viewport)

    def run(self, script: str, *arguments: Any) -> Any:
        answer = self.send(
            "script.callFunction", target={"context": self.page}, awaitPromise=True,
            functionDeclaration=f"async given => JSON.stringify(await (async function () {{ {script} }})"
                                ".apply(null, JSON.parse(given)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
        )  # fmt: skip
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def picture(self) -> bytes:
        return base64.b64decode(self.send("browsingContext.captureScreenshot", context=self.page)["data"])


@contextmanager
def chromium() -> Iterator[Chromium]:
    """画面のない Chromium。"""
    chrome = _program("chromium", "chromium-browser", "google-chrome")
    driver = _program("chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chrome
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(argument)
    # 画面がなければマウスもないとみなされ、指の画面の見た目になる。机の上の画面として開く。
    options.add_argument(f"--blink-settings={MOUSE}")
    # 手元のサーバーのほかは、どこも見つからない。
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with webdriver.Chrome(options=options, service=Service(driver)) as started:
        yield Chromium(started)


@contextmanager
def firefox() -> Iterator[Firefox]:
    """画面のない Firefox。はじめて開いたときのまっさらな設定で。"""
    program = _program("firefox-esr", "firefox")
    with ExitStack() as stack:
        profile = stack.enter_context(tempfile.TemporaryDirectory())
        Path(profile, "user.js").write_text(PREFERENCES, encoding="utf-8")
        started = subprocess.Popen(
            [program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(_stop, started)
        port = json.loads(_await(lambda: _read(Path(profile, "WebDriverBiDiServer.json"))))["ws_port"]
        connection = WebSocketConnection(f"ws://127.0.0.1:{port}/session", WAIT, 0.002)
        stack.callback(connection.close)
        yield Firefox(connection)


@contextmanager
def webkit() -> Iterator[WebKit]:
    """見えない画面の中の MiniBrowser。"""
    driver, server = _program("WebKitWebDriver"), _program("Xvfb")
    with ExitStack() as stack:
        reading, writing = os.pipe()
        screen = subprocess.Popen(
            [server, "-displayfd", str(writing), "-screen", "0", "1920x2160x24", "-nolisten", "tcp"],
            pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(_stop, screen)
        os.close(writing)
        with os.fdopen(reading) as answer:
            display = answer.readline().strip()
        settings = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (settings / "gtk-3.0").mkdir()
        (settings / "gtk-3.0" / "gtk.css").write_text(NARROW, encoding="utf-8")
        environment = {
            **os.environ, "DISPLAY": f":{display}", "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1",
            "XDG_CONFIG_HOME": str(settings),
        }  # fmt: skip
        service = webdriver.webkitgtk.service.Service(driver, env=environment)
        options = webdriver.WebKitGTKOptions()
        started = stack.enter_context(webdriver.WebKitGTK(options=options, service=service))
        yield WebKit(started)


NARROW = "* { min-width: 0; padding: 0; margin: 0; border-width: 0; font-size: 1px; -gtk-icon-size: 1px; }"
"""窓の帯のボタンと欄を縮める。もとのままでは、窓を電話の幅にできない。"""
PREFERENCES = 'user_pref("ui.useOverlayScrollbars", 1);'
"""ページの幅を画面の幅にそろえる。電話の Firefox では、動かす帯は場所を取らない。"""
MOUSE = "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"
STARTERS = {"webkit": webkit, "firefox": firefox, "chromium": chromium}
"""時間のかかる順。並べて走らせるとき、終わりに一つだけが残らないように。"""
PACKAGES = {
    "chromium": "Chromium と chromedriver",
    "firefox": "Firefox",
    "webkit": "WebKitWebDriver（webkit2gtk-driver）と Xvfb",
}


def process(nodeid: str) -> str:
    """その名の検査を走らせるプロセス。同じブラウザを使うものは、一つに。"""
    asked = STARTERS.keys() & set(re.split(r"[\[\]-]", nodeid))
    return min(asked, default="chromium")


class Missing(Exception):
    """ブラウザか、それを動かすものがない。"""


def _program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise Missing(names[0])
    return found


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _await(look: Any, seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > until:
            raise TimeoutError(f"{seconds}秒待っても、ブラウザが答えません。")
        time.sleep(0.05)
    return found


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def start(name: str, stack: ExitStack, required: str = "REQUIRE_ENGINES") -> Engine:
    """ブラウザを開く。見つからなければ理由を示して飛ばす（環境変数 ``required`` があれば失敗させる）。"""
    try:
        return stack.enter_context(STARTERS[name]())
    except Missing as missing:
        give_up = pytest.fail if os.environ.get(required) else pytest.skip
        give_up(f"{PACKAGES[name]}が見つからない（{missing}）ので、{name} での検査ができません。")
        raise AssertionError from missing

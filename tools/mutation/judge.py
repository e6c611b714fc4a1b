"""変異させた部屋を検査にかける、常駐のプロセス。`run.py` が始め、`ask.py` が呼ぶ。

重い外部のライブラリと、変異させる部屋を使わないモジュールを先に取り込んでおき、呼ばれるたびに fork する。
変異させる部屋と、それを使うモジュールと、検査は、子が毎回はじめから取り込むので、変異は取り込みのときから効く。
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys

import pytest

PRELOADED = (
    "autograd.numpy",
    "bs4",
    "hypothesis.strategies",
    "matplotlib.pyplot",
    "matplotlib_fontja",
    "mpmath",
    "numpy",
    "selenium.webdriver",
    "sympy.matrices.expressions.applyfunc",
    "sympy.tensor",
    "yaml",
)
MEMORY = 6 * 2**30
PATIENCE = 4
"""変異のないときの何倍まで待つか。計算機がほかの仕事をしていても同じところで止まるように、CPU の時間で測る。"""

OPTIONS = ["-x", "-q", "--doctest-modules", "--override-ini=addopts=", "-p", "no:cacheprovider"]


class FirstFailure:
    """最初に落ちた検査の名前。"""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.name = self.name or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.name = self.name or f"{report.nodeid} の取り込み"


class WithoutPages:
    """できあがった本のページを見る検査は、走らせない。写しには、ページがない。"""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if "html" not in getattr(item, "fixturenames", ())]


def examine(stages: list[list[str]]) -> str:
    """検査を順に走らせ、一つでも落ちれば ``killed: 検査の名前``、すべて通れば ``survived`` を返す。"""
    for files in stages:
        failure = FirstFailure()
        if code := pytest.main([*OPTIONS, *files], plugins=[failure, WithoutPages()]):
            return f"killed: {failure.name or code}"
    return "survived"


def answer(connection: socket.socket, stages: list[list[str]], seconds: int, limit: int) -> None:
    """子プロセスで検査を走らせて答える。時間（``limit`` は CPU の時間）が尽きれば、答えずに終わる。"""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.alarm(seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    connection.sendall(examine(stages).encode())


def main(address: str, orders: str) -> None:
    given = json.loads(orders)
    for name in (*PRELOADED, *given["preloaded"]):
        importlib.import_module(name)
    pytest.main(["--version"])  # pytest の中身も取り込んでおく
    gc.freeze()  # 子が、先に取り込んだものまで毎回ごみかどうか調べないように
    limit = seconds = given["seconds"]
    sys.dont_write_bytecode = False
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        while True:
            connection, _ = server.accept()
            if not (child := os.fork()):
                server.close()
                try:
                    answer(connection, given["stages"], seconds, limit)
                finally:
                    os._exit(0)
            connection.close()
            # はじめの、変異のない一回だけがバイトコードを書く。同じ大きさの変異が同じ秒に書かれると、
            # バイトコードは古いものと見分けがつかない。
            if not sys.dont_write_bytecode:
                sys.dont_write_bytecode = True
                limit = patience(child)
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def patience(child: int) -> int:
    """変異のない一回が終わるのを待ち、変異のある一回に許す CPU の時間（秒）を決める。"""
    usage = os.wait4(child, 0)[2]
    return 5 + round(PATIENCE * (usage.ru_utime + usage.ru_stime))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""変異させた部屋を検査にかける、常駐のプロセス。`run.py` が始め、`ask.py` が呼ぶ。

関数の中の変異は、`swap.py` が、取り込んだままの検査のもとで差し替えて確かめる。取り込みのときにも効く変異で、
差し替えでは落ちなかったものは、ここで確かめる。重い外部のライブラリと、変異させる部屋を使わないモジュールを先に取り込んでおき、呼ばれるたびに
fork する。変異させる部屋と、それを使うモジュールと、検査は、子がはじめから取り込む。
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
import time
from pathlib import Path
from typing import Any

import pytest
from swap import BUDGET, REACHED, FirstFailure, allow, killers, promising, remember, start, used, wanted

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
IMPORTING = 10
"""検査を取り込むのにかかる、およその CPU の秒数。"""

ADDRESS = "swap.sock"
OPTIONS = ["-x", "-q", "--doctest-modules", "--override-ini=addopts=", "-p", "no:cacheprovider"]


class BestFirst:
    """それまでの変異でよく落ちた検査、変異のないときに速かった検査の順に走らせる。

    検査ごとに CPU の時間を限り、``BUDGET`` 秒を使えば、残りの検査は走らせない。
    """

    def __init__(self, narrowed: dict[str, str]) -> None:
        self.narrowed = narrowed
        reached = json.loads(Path(REACHED).read_text(encoding="utf-8"))
        self.seconds = {name: seconds for name, _, seconds in reached}
        self.killed = killers()

    def order(self, item: pytest.Item) -> tuple[float, float]:
        """小さいものから走らせる。"""
        seconds = self.seconds.get(item.nodeid, 0)
        return promising(self.killed[item.nodeid], seconds), seconds

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(wanted(items, self.narrowed), key=self.order)
        self.start = used()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        if used() - self.start > BUDGET:
            return True  # もう走らせない
        allow(self.seconds.get(item.nodeid, 0))
        return None


def examine(files: list[str], narrowed: dict[str, str]) -> str:
    """検査を取り込みなおして走らせ、一つでも落ちれば ``killed: 検査の名前``、すべて通れば ``survived`` を返す。"""
    failure = FirstFailure()
    if code := pytest.main([*OPTIONS, *files], plugins=[failure, BestFirst(narrowed)]):
        if failure.name:
            remember(failure.name)
        return f"killed: {failure.name or code}"
    return "survived"


def swapped() -> tuple[str, str]:
    """`swap.py` の判定と、それで決まりかどうか。"""
    with socket.socket(socket.AF_UNIX) as swapper:
        swapper.connect(ADDRESS)
        answer = b"".join(iter(lambda: swapper.recv(4096), b"")).decode()
    sure, _, verdict = answer.partition(" ")
    return sure, verdict


def verdict(files: list[str], narrowed: dict[str, str]) -> str:
    """変異の結末。時間が尽きれば空。"""
    sure, found = swapped()
    return examine(files, narrowed) if (sure, found) == ("unsure", "survived") else found


def answer(connection: socket.socket, orders: dict[str, Any]) -> None:
    """子プロセスで検査を走らせて答える。時間が尽きれば、答えずに終わる。"""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.alarm(orders["seconds"])
    allow(IMPORTING)  # 検査が始まるまで
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    connection.sendall(verdict(orders["swap"]["files"], orders["swap"]["narrowed"]).encode())


def main(address: str, orders: str) -> None:
    given = json.loads(orders)
    for name in (*PRELOADED, *given["preloaded"]):
        importlib.import_module(name)
    pytest.main(["--version"])  # pytest の中身も取り込んでおく
    if not os.fork():
        try:
            start({**given["swap"], "address": ADDRESS, "options": OPTIONS})
        finally:
            os._exit(0)
    while not Path(ADDRESS).exists():
        if os.waitpid(-1, os.WNOHANG)[0]:
            raise SystemExit("検査の取り込みに失敗しました。")
        time.sleep(0.05)
    gc.freeze()  # 子が、先に取り込んだものまで毎回ごみかどうか調べないように
    # 同じ大きさの変異が同じ秒に書かれると、バイトコードは古いものと見分けがつかない。
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        first = True
        while True:
            connection, _ = server.accept()
            if not os.fork():
                server.close()
                try:
                    if first:  # 変異のない一回
                        connection.sendall("".join(swapped()).encode())
                    else:
                        answer(connection, given)
                finally:
                    os._exit(0)
            connection.close()
            first = False


if __name__ == "__main__":
    main(*sys.argv[1:])

"""検査をすべて取り込んだまま、変異した関数の中身だけを差し替えて検査にかける、常駐のプロセス。`judge.py` が始める。

はじめに一度、変異のない検査を一つずつ走らせて、それぞれが部屋のどの行を通り、何秒かかるかを記録する。変異ごとには、
変わった文を通る検査だけを、速いものから走らせる。取り込みのときに一度も通らない文なら、差し替えは、取り込みなおす
のと同じことになる。取り込みのときにも通る文で、検査が一つも落ちなければ、取り込みなおして確かめるのは `judge.py`。
"""

from __future__ import annotations

import ast
import difflib
import functools
import gc
import json
import os
import resource
import signal
import socket
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

SPARE = 4
PATIENCE = 6
"""一つの検査に許す CPU の時間は、``SPARE`` 秒と、変異のないときの ``PATIENCE`` 倍。"""

BUDGET = 30
"""一つの変異を検査にかける CPU の秒数。これだけ走らせても落ちなければ、走らせていない検査があっても、生き残りと数える。"""

CACHED = ("backprop.", "test_")
REACHED = "reached.json"
KILLERS = "killers.txt"
"""それまでに変異で落ちた検査の名前。時間のわりによく落ちるものから走らせる。"""


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


def used() -> float:
    """このプロセスの使った CPU の秒数。"""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def allow(seconds: float) -> None:
    """変異のないときに ``seconds`` 秒かかる検査に、許す時間を決める。使い切れば、プロセスは終わる。"""
    limit = int(used() + SPARE + PATIENCE * seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def promising(killed: int, seconds: float) -> float:
    """先に走らせたい検査ほど小さい数。時間のわりに、それまでの変異でよく落ちたもの。"""
    return -killed / (seconds + 0.02)


def killers() -> Counter[str]:
    """検査の名前から、それまでの変異で落ちた回数。"""
    return Counter(Path(KILLERS).read_text(encoding="utf-8").splitlines())


def remember(name: str) -> None:
    """検査が、変異で落ちたことを書きとめる。"""
    with Path(KILLERS).open("a", encoding="utf-8") as file:
        print(name, file=file)


# ── 変わった文 ────────────────────────────────────────────────


def owners(text: str) -> dict[int, set[int]]:
    """行の番号から、その行のある、いちばん内側の文の行。中に文をもつ文は、中の文の行を除く。"""
    inner: dict[int, ast.AST] = {}
    for node in ast.walk(ast.parse(text)):  # 外側が先
        if isinstance(node, (ast.stmt, ast.excepthandler)):
            decorators = [decorator.lineno for decorator in getattr(node, "decorator_list", [])]
            inner |= dict.fromkeys(range(min([node.lineno, *decorators]), node.end_lineno + 1), node)
    rows = defaultdict(set)
    for row, node in inner.items():
        rows[node].add(row)
    return {row: rows[node] for row, node in inner.items()}


def changed_rows(old: str, new: str) -> set[int]:
    """変異が変えた文の、もとの行。"""
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    changed = {
        row
        for tag, first, last, _, _ in matcher.get_opcodes()
        if tag != "equal"
        for row in range(first + 1, max(last, first + 1) + 1)
    }
    found = owners(old)
    return {row for row in changed for row in found.get(row, {row})}


# ── 差し替え ──────────────────────────────────────────────────


def functions_of(path: str) -> list[FunctionType]:
    """いまある関数のうち、そのファイルのもの。"""
    return [f for f in gc.get_objects() if isinstance(f, FunctionType) and f.__code__.co_filename == path]


def pairs(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """変わった関数の、前と後の中身。"""
    insides = [[part for part in code.co_consts if isinstance(part, CodeType)] for code in (old, new)]
    if [code.co_name for code in insides[0]] != [code.co_name for code in insides[1]]:
        raise ValueError("関数の数が変わりました。")
    for before, after in zip(*insides):
        if before != after:
            yield before, after
            yield from pairs(before, after)


def replace(path: str, old: str, new: str, functions: list[FunctionType]) -> None:
    """関数の中身を差し替える。"""
    codes = [compile(text, path, "exec", dont_inherit=True) for text in (old, new)]
    wanted = dict(pairs(*codes))
    for function in functions:
        if function.__code__ in wanted:
            function.__code__ = wanted[function.__code__]


# ── 検査 ──────────────────────────────────────────────────────


def wanted(items: list[pytest.Item], narrowed: dict[str, str]) -> list[pytest.Item]:
    """走らせる検査。できあがった本のページを見るものは除く（写しには、ページがない）。"""
    return [
        item
        for item in items
        if "html" not in getattr(item, "fixturenames", ()) and narrowed.get(item.location[0], "") in item.name
    ]


class Swapper:
    """pytest の、検査をくり返すところの代わり。"""

    def __init__(self, path: Path, address: str, narrowed: dict[str, str]) -> None:
        self.path, self.address, self.narrowed = str(path), address, narrowed
        self.rows: set[int] = set()
        self.shared: dict[str, set[int]] = defaultdict(set)

    # 通った行を記録する。

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self.follow if frame.f_code.co_filename == self.path else None

    def follow(self, frame: FrameType, event: str, argument: Any) -> Any:
        self.rows.add(frame.f_lineno)
        return self.follow

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        """いくつかの検査が共有する用意は、その行を、使うすべての検査が通ったものとする。"""
        outer, self.rows = self.rows, set()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                self.shared[fixturedef.argname] |= self.rows
            self.rows |= outer

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = wanted(items, self.narrowed)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.settrace(None)
        self.imported = self.rows
        sys.dont_write_bytecode = True
        self.old = Path(self.path).read_text(encoding="utf-8")
        self.functions = functions_of(self.path)
        if session.testsfailed:
            return False
        gc.collect()
        gc.freeze()
        self.serve(session)
        return True

    def serve(self, session: pytest.Session) -> None:
        """呼ばれるたびに fork する。最初は、変異のない検査を走らせて記録をとる。"""
        parent, first = os.getppid(), True
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(self.address)
            server.listen()
            server.settimeout(1)
            while os.getppid() == parent:
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                if not (child := os.fork()):
                    server.close()
                    connection.setblocking(True)
                    try:
                        verdict = self.baseline(session) if first else self.verdict(session)
                        connection.sendall(verdict.encode())
                    finally:
                        os._exit(0)
                connection.close()
                if first:
                    os.waitpid(child, 0)
                    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                    self.reached = json.loads(Path(REACHED).read_text(encoding="utf-8"))
                    self.reached = [(name, set(rows), seconds) for name, rows, seconds in self.reached]
                    first = False

    def baseline(self, session: pytest.Session) -> str:
        """変異のない検査を、逆の順に走らせる。順によって落ちる検査があれば、ここでわかる。"""
        remembered = [
            thing
            for thing in gc.get_objects()
            if isinstance(thing, functools._lru_cache_wrapper)
            and (getattr(thing, "__module__", "") or "").startswith(CACHED)
        ]
        gc.unfreeze()
        found, failed = {}, ""
        backwards = list(reversed(session.items))
        for item, after in zip(backwards, [*backwards[1:], None]):
            for thing in remembered:
                thing.cache_clear()
            self.rows = set()
            start = time.process_time()
            sys.settrace(self.trace)
            failed = failed or self.run(session, item, after)
            sys.settrace(None)
            found[item.nodeid] = (self.rows, time.process_time() - start, getattr(item, "fixturenames", ()))
        rows = [
            (name, sorted(own.union(*(self.shared[fixture] for fixture in fixtures))), seconds)
            for name, (own, seconds, fixtures) in found.items()
        ]
        Path(KILLERS).touch()
        Path(REACHED).write_text(json.dumps(rows), encoding="utf-8")
        return f"killed: {failed}" if failed else "survived"

    def run(self, session: pytest.Session, item: pytest.Item, after: pytest.Item | None) -> str:
        """一つの検査を走らせ、落ちればその名前を返す。"""
        failure = FirstFailure()
        session.config.pluginmanager.register(failure)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        session.config.pluginmanager.unregister(failure)
        return failure.name

    def verdict(self, session: pytest.Session) -> str:
        """変異した関数の中身を差し替えて検査にかける。はじめの語は、これで決まりなら ``sure``、でなければ ``unsure``。"""
        new = Path(self.path).read_text(encoding="utf-8")
        rows = changed_rows(self.old, new)
        sure = "unsure" if rows & self.imported else "sure"
        try:
            replace(self.path, self.old, new, self.functions)
        except (ValueError, SyntaxError):
            return "unsure survived"
        items = {item.nodeid: item for item in session.items}
        before = killers()
        chosen = [(seconds, name) for name, reached, seconds in self.reached if reached & rows]
        chosen.sort(key=lambda one: (promising(before[one[1]], one[0]), *one))
        for (seconds, name), (_, after) in zip(chosen, [*chosen[1:], (0, None)]):
            if used() > BUDGET:
                break
            allow(seconds)
            if failed := self.run(session, items[name], items.get(after)):
                remember(name)
                return f"{sure} killed: {failed}"
        return f"{sure} survived"


def start(orders: dict[str, Any]) -> None:
    """検査を取り込んで、待つ。"""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    swapper = Swapper(Path.cwd() / orders["source"], orders["address"], orders["narrowed"])
    sys.settrace(swapper.trace)
    pytest.main([*orders["options"], "--capture=sys", "--basetemp=kept", *orders["files"]], plugins=[swapper])

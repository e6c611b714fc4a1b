"""ノートブックを実行するカーネルの番人。外との通信、ほかのプログラム、置き場所の外への書き込みを断る。

`tools/ipython` のカーネルの設定が置くので、本をつくるときも検査のときも、すべてのセルはこの番人のもとで動く。
Python が知らせる出来事（監査フック）を見るだけなので、特別な権限も、特定の機械も要らない。
悪意を防ぐ壁ではなく、うっかり外に頼ったことに気づくための網である。
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = {None, "127.0.0.1", "::1", "localhost"}
"""この機械の中を指す宛先。カーネルは、実行を頼んだ側とここで話す。"""

PLACES = {
    "socket.bind": 1,
    "socket.connect": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyaddr": 0,
    "socket.gethostbyname": 0,
    "socket.getnameinfo": 0,
    "socket.sendmsg": 1,
    "socket.sendto": 1,
}
"""通信の出来事と、宛先が何番目の引数か。"""

PATHS = {
    "open": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (1,),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
    "sqlite3.connect": (0,),
}
"""ファイルを変える出来事と、変えられるものが何番目の引数か。"""

PROGRAMS = {
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pty.spawn",
    "subprocess.Popen",
}
"""ほかのプログラムを動かす出来事。動き出せば、ここからは何も見えない。"""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


class Refused(PermissionError):
    """番人が断った。`OSError` なので、なくてもよい書き込みや問い合わせは、頼んだ側があきらめて先へ進む。"""


def install(root: Path) -> None:
    """このプロセスに番人を置く。外すことはできない。

    Parameters
    ----------
    root : Path
        書き込んでよいフォルダ。
    """
    # はじめの一度だけ、一時ファイルの置き場所に試し書きをする。断ると、代わりに章のフォルダで試される。
    tempfile.gettempdir()
    sys.addaudithook(guard(root))


def guard(root: Path) -> Callable[[str, tuple[Any, ...]], None]:
    """出来事を見て、外に及ぶものを断る関数。

    Parameters
    ----------
    root : Path
        書き込んでよいフォルダ。

    Returns
    -------
    callable
        出来事の名前と引数を受けとる監査フック。断るときは `Refused` を投げる。

    Examples
    --------
    >>> watch = guard(Path("本"))
    >>> watch("os.mkdir", ("本/_build", 0o777, -1))
    >>> watch("socket.connect", (None, ("192.0.2.1", 80)))
    Traceback (most recent call last):
    guard.Refused: ノートブックがこの機械の外と通信しようとしました: 192.0.2.1
    """
    allowed = os.path.realpath(root)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in PLACES:
            if (place := _host(arguments[PLACES[event]])) not in HERE:
                raise Refused(f"ノートブックがこの機械の外と通信しようとしました: {place}")
        elif event in PROGRAMS:
            raise Refused(f"ノートブックがほかのプログラムを動かそうとしました: {event} {arguments}")
        elif event in PATHS:
            for path in _changed(event, arguments):
                if not _inside(path, allowed):
                    raise Refused(f"ノートブックが作業ツリーの外に書こうとしました: {path}")

    return watch


def _host(address: object) -> object:
    """宛先のうち、機械の名前。"""
    name = address[0] if isinstance(address, tuple) else address
    return os.fsdecode(name) if isinstance(name, bytes) else name


def _changed(event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
    """出来事が変えようとするファイルやフォルダ。番号で渡されたものは、開くときに調べてある。"""
    if event == "open" and not arguments[2] & WRITING:
        return
    for position in PATHS[event]:
        if not isinstance(arguments[position], int):
            yield os.fsdecode(arguments[position])


def _inside(path: str, allowed: str) -> bool:
    """書き込んでよいところか。"""
    if path in (os.devnull, ":memory:"):
        return True
    return Path(os.path.realpath(path)).is_relative_to(allowed)

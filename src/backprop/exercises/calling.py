"""読者の書いた関数を、止まらなくても、壊れていても、本を止めずに呼ぶ。"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

LIMIT = 5.0
"""一度の呼び出しに許す秒数。"""


class Unfinished(Exception):
    """時間のうちに終わらなかった。"""


class _Stop(BaseException):
    """止まらない関数の中へ投げるもの。``except Exception`` には捕まらない。"""


def call(function: Callable[..., Any], *arguments: Any, limit: float = LIMIT) -> Any:
    """別のスレッドで関数を呼び、答えを返す。

    Parameters
    ----------
    function : callable
    *arguments : object
    limit : float, optional
        許す秒数。

    Returns
    -------
    object

    Raises
    ------
    Unfinished
        時間のうちに終わらない。
    Exception
        関数が投げたもの。

    Examples
    --------
    >>> call(max, 1, 2)
    2
    """
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["value"] = function(*arguments)
        except _Stop:
            pass
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        _interrupt(thread)
        raise Unfinished(f"{limit:g} 秒で終わりませんでした。")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _interrupt(thread: threading.Thread) -> None:
    """スレッドの次の一行で、例外を起こす。"""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Stop))
    thread.join(1.0)

"""ページを書く仕事を、いくつものプロセスに分ける。

読む仕事は分けない。番号は、ページを読んだ順に振るものがあり、番号を振る拡張（sphinx_multitoc_numbering）も分けてよいと
言っていない。分けられないシステム（fork のない Windows など）では、Sphinx が一つずつ書く。
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from sphinx.application import Sphinx
from sphinx.util.parallel import parallel_available

T, R = TypeVar("T"), TypeVar("R")
_task: Callable[[Any], Any] | None = None
"""分けたプロセスがする仕事。fork で渡るので、送れない関数でもよい。"""


def shared(task: Callable[[T], R], over: Iterable[T]) -> list[R]:
    """それぞれに ``task`` をした結果を、順番どおりに。

    Examples
    --------
    >>> shared(lambda x: x + 1, [1, 2, 3])
    [2, 3, 4]
    """
    global _task
    if not parallel_available:
        return list(map(task, over))
    _task = task
    try:
        with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
            return list(pool.map(_do, over))
    finally:
        _task = None


def _do(argument: Any) -> Any:
    return _task(argument)


def write_in_parallel(app: Sphinx, env: Any) -> None:
    """読み終えてから、書くプロセスの数を決める。"""
    app.parallel = os.cpu_count() or 1


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("env-check-consistency", write_in_parallel)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

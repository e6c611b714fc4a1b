"""章のうち、古くなったものだけを実行し、その出力を jupyter-cache に入れる。

どの章も自分のカーネルで動くので、いくつかを並べて実行する。出力は、そのあとの Sphinx がそのまま使う。
"""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from building.chapters import notebooks
from building.memory import Memory
from execute import run
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

CACHE = ".jupyter_cache"
MEMORY = "executed.json"


class Broken(RuntimeError):
    """実行に失敗した章がある。"""


def refresh(root: Path, work: Path, workers: int | None = None) -> list[str]:
    """古くなった章を実行する。

    Parameters
    ----------
    root : Path
        作業ツリー。
    work : Path
        覚えと出力を置くフォルダ（`_build`）。
    workers : int, optional
        同時に実行する章の数。書かなければ、コアの数。

    Returns
    -------
    list of str
        実行した章。

    Raises
    ------
    Broken
        失敗した章がある。そこまでに実行しおえた章は覚えている。
    """
    work.mkdir(parents=True, exist_ok=True)
    cache, memory = get_cache(str(work / CACHE)), Memory(work / MEMORY, root)
    stale = {}
    for path, notebook in notebooks(root).items():
        name = path.relative_to(root).as_posix()
        if reason := memory.why_stale(name, notebook) or missing(cache, notebook):
            memory.forget(name)
            drop(cache, notebook)
            stale[path] = copy.deepcopy(notebook)
            print(f"実行します: {name}（{reason}）", flush=True)
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        running = {
            pool.submit(trace, notebook, path, work / "seen", root): path for path, notebook in stale.items()
        }
        for number, done in enumerate(as_completed(running), start=1):
            path = running[done]
            name = path.relative_to(root).as_posix()
            if error := done.exception():
                pool.shutdown(cancel_futures=True)
                raise Broken(_explained(name, error)) from error
            seconds, seen = done.result()
            bundle = CacheBundleIn(stale[path], str(path), data={"execution_seconds": seconds})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            memory.keep(name, stale[path], seen)
            print(f"[{number}/{len(stale)}] {name}: {seconds:.1f} 秒", flush=True)
    return [path.relative_to(root).as_posix() for path in stale]


def missing(cache: JupyterCacheAbstract, notebook: NotebookNode) -> str:
    """出力が残っていないとき、そのわけ。"""
    try:
        cache.get_cache_bundle(cache.match_cache_notebook(notebook).pk)
    except KeyError:
        return "出力が残っていない"
    return ""


def drop(cache: JupyterCacheAbstract, notebook: NotebookNode) -> None:
    """古い出力を捨てる。半ば失われていても、残りを捨てる。"""
    _, key = cache.create_hashed_notebook(notebook)
    with contextlib.suppress(KeyError):
        cache.remove_cache(cache.match_cache_notebook(notebook).pk)
    shutil.rmtree(Path(cache.path, "executed", key), ignore_errors=True)


def trace(notebook: NotebookNode, path: Path, folder: Path, root: Path) -> tuple[float, Iterable[str]]:
    """一つの章を実行し、かかった秒と、通ったところの印を返す。"""
    log = folder / (path.relative_to(root).as_posix().replace("/", ".") + ".txt")
    start = time.perf_counter()
    run(notebook, path.parent, {"SEEN_FILE": str(log)})
    return time.perf_counter() - start, log.read_text(encoding="utf-8").splitlines()


def _explained(name: str, error: BaseException) -> str:
    if isinstance(error, CellExecutionError):
        return f"{name} の実行に失敗しました。\n{error}"
    return f"{name} を実行できません: {type(error).__name__}: {error}"


def main(root: Path) -> int:
    """古くなった章を実行し、うまくいけば 0 を返す。"""
    try:
        done = refresh(root, root / "_build")
    except Broken as broken:
        print(broken, file=sys.stderr)
        return 1
    print(f"実行した章: {len(done)}" if done else "どの章の出力も新しいままです。", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))

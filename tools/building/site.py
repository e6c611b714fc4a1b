"""本のサイトをつくる。ページはいつもすべて組みなおし、章の実行だけを、変わったところに限る。

続きから組むと、前の回に出た警告が消えて成功に見え、ほかのページの番号やリンクが古いまま残る。すべてを組みなおしても
十数秒なので、続きからは組まない。何も変わっていなければ、何もしない。
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from building import digests, execution
from jupyter_book.sphinx import build_sphinx

STAMP = ".built"
USUAL = gc.get_threshold()
SKIPPED = {"_build", "node_modules", "__pycache__", "tests", "benchmarks", "notebooks"}
UNUSED = {".mo", ".pyc"}
SPARED = "tools/pyodide/node_modules/pyodide"
"""なくても本はつくれる道具。あるかどうかで、ページが変わる。"""
STRICT = {"warningiserror": True, "keep_going": True}
"""警告も失敗とみなし、すべての警告を見せる。"""


def inputs(root: Path) -> Iterator[Path]:
    """サイトの内容を決めるファイル。"""
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".") and name not in SKIPPED]
        place = Path(folder)
        if place.name == "profile_default":
            files = [name for name in files if name.endswith(".py")]
            names.clear()
        yield from (place / name for name in files if name[0] != "." and Path(name).suffix not in UNUSED)


def state(root: Path) -> str:
    """サイトの内容を決めるものすべての指紋。"""
    return f"{digests.of_files(list(inputs(root)), root)}{sys.version}{(root / SPARED).is_dir()}"


def build(root: Path) -> int:
    """本をつくり、うまくいけば 0 を返す。"""
    work = root / "_build"
    stamp, now = work / STAMP, state(root)
    if (
        stamp.is_file()
        and stamp.read_text(encoding="utf-8") == now
        and (work / "html" / "index.html").is_file()
    ):
        print("変わったものはありません。")
        return 0
    stamp.unlink(missing_ok=True)
    if failed := execution.main(root):
        return failed
    for name in ("html", ".doctrees"):
        shutil.rmtree(work / name, ignore_errors=True)
    if typeset(root, work / "html", nitpicky=True, **STRICT):
        return 1
    # 続きから組むための覚え。置き場所によって変わり、読者には要らない。
    (work / "html" / ".buildinfo").unlink(missing_ok=True)
    stamp.write_text(now, encoding="utf-8")
    return 0


def typeset(root: Path, pages: Path, *, nitpicky: bool = False, **options: Any) -> int | Exception:
    """ページを組む。うまくいけば 0 を返す。``nitpicky`` なら、行き先のないリンクも警告する。"""
    settings = {
        "external_toc_path": (root / "_toc.yml").as_posix(),
        "latex_individualpages": False,
        "nb_execution_cache_path": str(root / "_build" / execution.CACHE),
        "nitpicky": nitpicky,
    }
    # 木を組むあいだは、ごみ集めがほとんど空振りになる。
    gc.set_threshold(200_000, 20, 20)
    try:
        return build_sphinx(
            root, pages, noconfig=True, path_config=root / "_config.yml", confoverrides=settings,
            quiet=True, **options,
        )  # fmt: skip
    finally:
        gc.set_threshold(*USUAL)


if __name__ == "__main__":
    sys.exit(build(Path(__file__).resolve().parents[2]))

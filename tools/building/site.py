"""本のサイトをつくる。ページはいつもすべて組みなおし、章の実行だけを、変わったところに限る。

続きから組むと、前の回に出た警告が消えて成功に見え、ほかのページの番号やリンクが古いまま残る。すべてを組みなおしても
十数秒なので、続きからは組まない。何も変わっていなければ、何もしない。
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from building import digests, execution

STAMP = ".built"
SKIPPED = {"_build", "node_modules", "__pycache__", "tests", "benchmarks", "notebooks"}
UNUSED = {".mo", ".pyc"}
START = "from jupyter_book.cli.main import main; main()"
# 名のないリンクも、警告も、失敗とみなす。
COMMAND = [sys.executable, "-c", START, "build", "-n", "-W", "--keep-going", "--quiet", "."]


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
    return digests.of_files(list(inputs(root)), root) + sys.version


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
    if failed := subprocess.run(COMMAND, cwd=root, check=False).returncode:
        return failed
    stamp.write_text(now, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(build(Path(__file__).resolve().parents[2]))

"""本の入口を、読者のとおりに歩く。`make doors` が呼ぶ。

一つめは、きれいな写しを、空白と日本語とかぎ括弧とアポストロフィのあるフォルダに置き、git も make も使わずに、README の
命令でつくる。できたサイトは、手元でつくったものと1バイトも違ってはならない。二つめは、持ち帰りの書庫を解き、その README の
命令で道具をそろえ、章を実行する。
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import book

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
AWKWARD = "わたしの 本 [第1版] it's"
CHAPTER = "33_step3_hidden_delta.ipynb"


class Shut(RuntimeError):
    """開かない入口。"""


def run(*command: str | Path, folder: Path) -> None:
    """命令を走らせる。失敗すれば、画面に出たものを添える。"""
    unwanted = {*book.SETTINGS, *book.FORGOTTEN, "MAKEFLAGS", "MAKELEVEL", "KERNEL_GUARD"}
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise Shut(f"{' '.join(map(str, command))} が失敗しました。\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def differences(one: Path, other: Path) -> list[str]:
    """二つのサイトの、片方にしかないファイルと、中身の違うファイル。"""
    names = [{path.relative_to(root) for path in root.rglob("*") if path.is_file()} for root in (one, other)]
    only = names[0] ^ names[1]
    _, changed, unread = filecmp.cmpfiles(one, other, names[0] & names[1], shallow=False)
    return sorted({*map(Path.as_posix, only), *map(str, changed), *map(str, unread)})


def clone(work: Path) -> None:
    """git のない写しから、README の命令で。"""
    folder = work / AWKWARD
    book.copy(ROOT, folder)
    shutil.rmtree(folder / "notebooks", ignore_errors=True)
    run(sys.executable, "tools/book.py", folder=folder)
    if found := differences(HTML, folder / "_build" / "html"):
        raise Shut(f"手元のサイトと違います: {'、'.join(found[:10])}")


def takeaway(work: Path) -> None:
    """書庫から。"""
    with zipfile.ZipFile(HTML / "backprop-book.zip") as archive:
        archive.extractall(work / AWKWARD)
    (folder,) = (work / AWKWARD).iterdir()
    run(sys.executable, "start.py", "--version", folder=folder)
    python = folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    convert = ["-m", "nbconvert", "--execute", f"notebooks/{CHAPTER}"]
    run(python, *convert, "--to", "html", "--output-dir", work, folder=folder)


def doors() -> Iterator[tuple[str, float]]:
    """歩いた入口と、かかった秒。"""
    for door in (clone, takeaway):
        with tempfile.TemporaryDirectory() as work:
            start = time.perf_counter()
            door(Path(work))
            yield door.__doc__.rstrip("。"), time.perf_counter() - start


def main() -> int:
    """すべての入口を歩く。"""
    try:
        for name, seconds in doors():
            print(f"開きました: {name}（{seconds:.0f} 秒）", flush=True)
    except Shut as shut:
        print(f"エラー: {shut}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""python -m press pdf | epub | shelf"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ziamath

from press import epub, finish, shelf, typeset, volume
from press.leaves import Missing

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "_build" / "press"
MATHEMATICS = Path(ziamath.__file__).parent / "fonts"
"""数式の書体。サイトの数式の書体（本に現れた字だけを抜いたもの）の、元。"""


def pdf(made: Path) -> None:
    """紙の本。"""
    _fonts()
    text, headings = volume.page(ROOT)
    print("綴じました。", flush=True)
    raw = typeset.typeset(text, FOLDER)
    finish.finish(raw, made, volume.work(ROOT), headings)


def _fonts() -> None:
    """スタイルシートと、それの使う書体を、組むところに置く。"""
    fonts = FOLDER / "fonts"
    fonts.mkdir(exist_ok=True)
    style = HERE / "press.css"
    shutil.copyfile(style, FOLDER / style.name)
    for name in sorted(set(re.findall(r"url\(fonts/([^)]+)\)", style.read_text(encoding="utf-8")))):
        (found,) = [*(HERE / "node_modules" / "@fontsource").glob(f"*/files/{name}"), *MATHEMATICS.glob(name)]
        shutil.copyfile(found, fonts / name)


def once(name: str, make: Callable[[Path], None], tool: str = "") -> None:
    """つくる。もとのものが前と同じなら、何もしない。"""
    made, start = FOLDER / name, time.monotonic()
    stamp = FOLDER / f".{name}"
    mark = _mark(tool)
    if made.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == mark:
        print(f"前と同じです: {made}")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    make(made)
    stamp.write_text(mark, encoding="utf-8")
    print(
        f"できました: {made}（{made.stat().st_size / 1e6:.1f} MB、{time.monotonic() - start:.0f}秒）",
        flush=True,
    )


def _mark(tool: str) -> str:
    """もとのもの（サイト、綴じる道具、書誌、組むプログラムの版）の値。"""
    digest = hashlib.sha256(f"{tool} {os.environ.get('SOURCE_DATE_EPOCH')}".encode())
    # 入口のページには、できたものの大きさを、あとから書く。
    front = (ROOT / "_build" / "html" / "index.html").read_text(encoding="utf-8")
    digest.update(shelf.PLACE.sub("", front).encode())
    for path in _sources():
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    html = ROOT / "_build" / "html"
    shelved = html / "index.html"
    yield from (path for path in sorted(html.rglob("*.html")) if path != shelved)
    yield from sorted((html / "_images").glob("*"))
    yield from [html / "_static" / "site.css", ROOT / "_toc.yml", ROOT / "CITATION.cff", ROOT / "index.md"]
    yield from sorted(path for path in HERE.iterdir() if path.is_file())


def main(arguments: list[str]) -> int:
    """命令を読む。"""
    try:
        if arguments == ["shelf"]:
            shelf.shelve(ROOT, FOLDER)
        elif arguments == ["epub"]:
            once(shelf.EPUB, lambda made: epub.epub(ROOT, made))
        elif arguments == ["pdf"]:
            once(shelf.PDF, pdf, typeset.version())
        else:
            raise typeset.Unprinted("pdf、epub、shelf のどれか一つを書いてください。")
    except (Missing, typeset.Unprinted) as refused:
        print(f"エラー: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

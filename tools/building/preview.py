"""書きながらの下見。保存されたページだけを組みなおし、開いているブラウザに読みなおさせる。

速さのために続きから組むので、ほかのページの番号やリンクは古いままのことがある。下見は `_build/preview` に置き、配る本の
`_build/html` には触れない。
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

from building import execution, site
from livereload import Server

PLACES = (
    "chapters", "exercises",
    "src", "_static", "_templates", "_ext", "*.md", "*.bib", "_toc.yml", "_config.yml",
    "redirects.txt",
)  # fmt: skip
PORT = 8765


class Preview:
    """下見を組むもの。

    Parameters
    ----------
    root : Path
        作業ツリー。
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pages = root / "_build" / "preview" / "html"

    def build(self) -> None:
        """変わった章を実行し、変わったページを組む。失敗しても、直して保存すれば続く。"""
        start = time.perf_counter()
        if execution.main(self.root) == 0:
            failed = site.typeset(self.root, self.pages, tags=["preview"])
            state = "組めないところがあります" if failed else "組みました"
            print(
                f"{state}（{time.perf_counter() - start:.1f} 秒）。番号とリンクの確かめは make book で。",
                flush=True,
            )


def ignored(path: str) -> bool:
    """見張らなくてよいもの。"""
    return "__pycache__" in path or ".ipynb_checkpoints" in path or Path(path).suffix in {".mo", ".pyc"}


def main(root: Path, port: int = PORT) -> None:
    """下見を組んで配り、保存を待つ。"""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    os.chdir(root)  # かぎ括弧のある置き場所でも、見張る名前が型と読まれないように
    sys.path.insert(0, str(root / "_ext"))
    preview = Preview(root)
    preview.build()
    server = Server()
    for place in PLACES:
        server.watch(place, preview.build, ignore=ignored)
    print(f"http://127.0.0.1:{port}/ を開いてください。やめるときは Ctrl+C。", flush=True)
    server.serve(root=str(preview.pages), port=port)

"""持ち帰る章の検査が共有するもの: 書庫を解いたもの、ノートブックの読み方、パッケージの入っていない Python。"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from takeaway import BUNDLE

OURS = ("backprop", "gyakudenpa", "__editable__", "matplotlib_fontja")
_READER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Copy:
    """置き場所の中の、一つの写し。"""

    path: Path
    notebook: NotebookNode

    @classmethod
    def all(cls, folder: Path) -> list[Copy]:
        """フォルダの中の、すべての写し。"""
        return [cls(path, nbformat.read(path, as_version=4)) for path in sorted(folder.glob("*.ipynb"))]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """文章: Markdown のセルと、Markdown の出力。"""
        return tuple(self._texts())

    def _texts(self) -> Iterator[str]:
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown":
                yield cell.source
            for output in cell.get("outputs", []):
                yield from [output.data["text/markdown"]] if "text/markdown" in output.get("data", {}) else []

    @cached_property
    def page(self) -> BeautifulSoup:
        """文章を、MyST を知らない道具が組んだもの。"""
        return BeautifulSoup("\n".join(map(_READER.render, self.texts)), "html.parser")

    def code(self) -> list[NotebookNode]:
        """コードのセル。"""
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]


def unpacked(html: Path, folder: Path) -> Path:
    """書庫を解いたフォルダ。"""
    with zipfile.ZipFile(html / BUNDLE) as archive:
        archive.extractall(folder)
    return folder / Path(BUNDLE).stem


@dataclass(frozen=True)
class Bare:
    """この本のパッケージと図の書体だけが入っていない Python。"""

    python: Path
    packages: Path

    @classmethod
    def made(cls, folder: Path) -> Bare:
        """からの仮想環境に、入っているもののうち、ほかのすべてを見せる。"""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        (packages := folder / "packages").mkdir()
        for root in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
            for path in Path(root).iterdir():
                if path.suffix != ".pth" and not path.name.startswith(OURS):
                    (packages / path.name).symlink_to(path)
        return cls(Path(folder, "venv", "Scripts" if os.name == "nt" else "bin", "python"), packages)

    def run(
        self, code: str, *before: Path, folder: Path, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """ネットワークなしに走らせる。``before`` は、ほかに先だって使えるもの。"""
        hidden = ("PIP_", "PYTHON", "VIRTUAL_ENV")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(hidden)},
            "PYTHONPATH": os.pathsep.join(map(str, [*before, self.packages])),
            "PYTHONUTF8": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            **settings,
        }
        return subprocess.run(
            [self.python, "-c", code], cwd=folder, env=environment, capture_output=True,
            encoding="utf-8", check=False,
        )  # fmt: skip

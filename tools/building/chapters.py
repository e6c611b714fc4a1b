"""コードのセルを持つページと、本をつくるときに読まれるのと同じノートブック。"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import toc
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode


def notebooks(root: Path) -> dict[Path, NotebookNode]:
    """目次にあるページのうち、コードのセルを持つもの。読んだものは書き換えてはならない。"""
    paths = [*_others(root), *toc.notebooks(root)]
    pages = {path: _read(path, path.stat().st_mtime_ns) for path in paths}
    return {path: notebook for path, notebook in pages.items() if notebook}


def _others(root: Path) -> list[Path]:
    """入口のページと、章でないページ。"""
    pages = [root / f"{name}.md" for name in toc.pages(root)]
    return [path for path in pages if path.is_file()]


@cache
def _read(path: Path, _stamp: int) -> NotebookNode | None:
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), MdParserConfig(), NbParserConfig(), text)
    return code_only(reader.read(text)) if reader else None


def code_only(notebook: NotebookNode) -> NotebookNode:
    """コードのセルだけを、出力なしで残す。実行するのも、出力を引くのも、コードだけで決まる。"""
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in notebook.cells:
        cell.outputs = []
    return notebook

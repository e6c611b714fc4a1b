"""どの章を、どんな実装と道具で実行したかの覚え。どれか一つでも違えば、その章の出力は古い。

覚えは `_build/executed.json` に、章を実行しおえるたびに書く。出力そのものは jupyter-cache が持つ。
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from building import digests
from nbformat import NotebookNode

TOOLS = ("constraints.txt", "tools/guard.py", "tools/building/seen.py", "tools/building/digests.py")
KERNEL = "tools/ipython/profile_default/ipython_kernel_config.py"


def surroundings(root: Path) -> str:
    """どの章の出力も左右するもの: Python、道具の版、カーネルの設定、実装のファイルの名前。"""
    files = [root / name for name in (*TOOLS, KERNEL) if (root / name).is_file()]
    names = sorted(path.relative_to(root).as_posix() for path in (root / "src").rglob("*.py"))
    parts = [platform.python_version(), platform.platform(), digests.of_files(files, root), *names]
    return digests.of_bytes("\n".join(parts).encode())


def of_cells(notebook: NotebookNode) -> str:
    """コードのセルと、その印（tags）の指紋。文章は入らない。"""
    cells = [
        [cell.source, sorted(cell.metadata.get("tags", []))]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()[:20]


class Memory:
    """章を実行したときのことの覚え。

    Parameters
    ----------
    path : Path
        覚えを書くファイル。
    root : Path
        作業ツリー。
    """

    def __init__(self, path: Path, root: Path) -> None:
        self._path, self._root = path, root
        self._now: dict[str, str] = {}
        self._around = surroundings(root)
        kept = _read(path)
        self._chapters: dict[str, Any] = (
            kept.get("chapters", {}) if kept.get("around") == self._around else {}
        )

    def why_stale(self, name: str, notebook: NotebookNode) -> str:
        """実行しなおすわけ。古くなければ空。"""
        if name not in self._chapters:
            return "まだ実行していないか、道具が変わった"
        kept = self._chapters[name]
        if kept["cells"] != of_cells(notebook):
            return "コードのセルが変わった"
        changed = [mark for mark, was in kept["seen"].items() if self._digest(mark) != was]
        return f"{'、'.join(changed[:3])} が変わった" if changed else ""

    def forget(self, name: str) -> None:
        """古い覚えを消す。実行が途中で終わっても、古い出力を新しいと思わないように、実行の前に呼ぶ。"""
        if self._chapters.pop(name, None):
            self._write()

    def keep(self, name: str, notebook: NotebookNode, seen: Iterable[str]) -> None:
        """実行しおえた章を覚える。"""
        marks = {mark: self._digest(mark) for mark in sorted(set(seen))}
        self._chapters[name] = {"cells": of_cells(notebook), "seen": marks}
        self._write()

    def _digest(self, mark: str) -> str:
        # はじめに見たときの指紋を使う。実行のあいだに書きかえられたものは、次の回に、変わったと見える。
        if mark not in self._now:
            self._now[mark] = digests.of_mark(mark, self._root)
        return self._now[mark]

    def _write(self) -> None:
        text = json.dumps({"around": self._around, "chapters": self._chapters}, ensure_ascii=False, indent=1)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._path)


def _read(path: Path) -> dict[str, Any]:
    """前の覚え。読めなければ、何も覚えていない。"""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}

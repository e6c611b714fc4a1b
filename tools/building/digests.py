"""実装のうち、章が通ったところの中身の指紋。

印は、`seen` が書き留めるもの: ``backprop.steps``（モジュールの、関数の中身を除いた骨組み）、
``backprop.steps:output_delta``（関数の中身）、``file:…``（読まれたファイル）。説明の文とコメントは指紋に入らない。
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from building.seen import Functions, without_docstring


def of_bytes(content: bytes) -> str:
    """短い指紋。"""
    return hashlib.sha256(content).hexdigest()[:20]


def of_files(paths: list[Path], root: Path) -> str:
    """いくつものファイルの、名前と中身の指紋。"""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(root).as_posix()}\0{of_bytes(path.read_bytes())}\n".encode())
    return total.hexdigest()


def of_source(source: str) -> dict[str, str]:
    """モジュールの骨組み（空の名前）と、関数の中身の指紋。

    Examples
    --------
    >>> before = of_source("A = 1\\ndef f(x):\\n    return x")
    >>> after = of_source("A = 1\\ndef f(x):\\n    return x + 1  # 足す")
    >>> before[""] == after[""], before["f"] == after["f"]
    (True, False)
    """
    bodies: dict[str, str] = {}

    def strip(name: str, node: Any) -> ast.stmt:
        body = without_docstring(node.body)
        bodies[name] = bodies.get(name, "") + "\n".join(map(ast.dump, body))
        # 生成関数かどうかは、呼んだだけで効く。
        node.body = [
            ast.Expr(ast.Constant(any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(node))))
        ]
        return node

    tree = Functions(strip).visit(ast.parse(source))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef)):
            node.body = without_docstring(node.body)
    return {"": of_bytes(ast.dump(tree).encode()), **{k: of_bytes(v.encode()) for k, v in bodies.items()}}


@cache
def _parsed(content: bytes) -> dict[str, str]:
    return of_source(content.decode())


def of_mark(mark: str, root: Path) -> str:
    """いまの中身の指紋。なくなったものは空。"""
    if mark.startswith("file:"):
        path = root / mark.removeprefix("file:")
        return of_bytes(path.read_bytes()) if path.is_file() else ""
    module, _, name = mark.partition(":")
    place = root / "src" / Path(*module.split("."))
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if path.is_file():
            return _parsed(path.read_bytes()).get(name, "")
    return ""

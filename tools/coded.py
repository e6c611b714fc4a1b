"""コードを見分ける要約。説明とコメントは数えない。"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path


def code_lines(text: str) -> list[str]:
    """説明（docstring）とコメントと空の行を除いた行。

    Examples
    --------
    >>> code_lines('def f():\\n    \\"\\"\\"説明。\\"\\"\\"\\n    # 理由\\n\\n    return 1  # 値\\n')
    ['def f():', '    return 1  # 値']
    """
    described: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            described.update(range(node.lineno, node.end_lineno + 1))
    numbered = enumerate(text.splitlines(), start=1)
    return [line for n, line in numbered if n not in described and line.strip() and line.strip()[0] != "#"]


def code_digest(root: Path, paths: Iterable[Path]) -> str:
    """いくつかのファイルのコードの要約。名前とコードのどちらが変わっても変わる。"""
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in paths):
        for part in (name, "\n".join(code_lines(path.read_text(encoding="utf-8")))):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()

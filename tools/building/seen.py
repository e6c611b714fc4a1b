"""章を実行するカーネルが、実装のどこを通ったかを書き留める。

通らなかった関数の中身が変わっても、章の出力は変わらない。だから、実装の関数を一つ変えたときに実行しなおすのは、
それを通った章だけでよい。`backprop` のモジュールを取り込むときに、どの関数のはじめにも、通ったことを知らせる一行を
差しこむ。書き留めるのは、取り込んだモジュール、通った関数、読んだファイルの名前（`digests` の印）である。
"""

from __future__ import annotations

import ast
import builtins
import os
import sys
import zlib
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

PACKAGE = "backprop"
REPORT = "_backprop_seen_"
"""差しこむ一行が呼ぶ関数の名前。"""
UNREAD = {".venv", "_build", ".git", "node_modules", "__pycache__"}
"""作業ツリーの中の、章の内容ではないもの。"""


class Functions(ast.NodeTransformer):
    """モジュールとクラスの直下の関数を、一つずつ `change` に渡して書き換える。関数の中の関数は、その中身とみなす。"""

    def __init__(self, change: Callable[[str, Any], ast.stmt]) -> None:
        self._change = change
        self._classes: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self._change(".".join([*self._classes, node.name]), node)

    visit_AsyncFunctionDef = visit_FunctionDef


def without_docstring(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """説明の文を除いた中身。"""
    first = body[0] if body else None
    written = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return list(body[1:] if written and isinstance(first.value.value, str) else body)


def reporting(tree: ast.Module, module: str) -> ast.Module:
    """どの関数のはじめにも、通ったことを知らせる一行を差しこんだもの。

    Examples
    --------
    >>> print(ast.unparse(reporting(ast.parse("def f(x):\\n    return 2 * x"), "backprop.a")))
    def f(x):
        _backprop_seen_('backprop.a:f')
        return 2 * x
    """

    def report(name: str, node: Any) -> ast.stmt:
        call = ast.Call(ast.Name(REPORT, ast.Load()), [ast.Constant(f"{module}:{name}")], [])
        place = len(node.body) - len(without_docstring(node.body))
        line = ast.copy_location(ast.Expr(call), node.body[min(place, len(node.body) - 1)])
        node.body.insert(place, line)
        return node

    return ast.fix_missing_locations(Functions(report).visit(tree))


class Loader(SourceFileLoader):
    """差しこんだものを訳す。訳したものの控えは、ふつうの控えと混ざらないところに置く。"""

    compiled: Path

    def source_to_code(self, data: Any, path: Any, **_: Any) -> CodeType:
        tree = ast.parse(data, path)
        return compile(reporting(tree, self.name), path, "exec", dont_inherit=True)

    def path_stats(self, path: str) -> dict[str, int]:
        """日付の代わりに、中身から決まる数。同じ秒に書き換えても、古い控えは使われない。"""
        content = Path(path).read_bytes()
        return {"mtime": zlib.crc32(content), "size": len(content)}

    def get_code(self, fullname: str) -> CodeType | None:
        usual, sys.pycache_prefix = sys.pycache_prefix, str(self.compiled)
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix = usual

    def exec_module(self, module: ModuleType) -> None:
        getattr(builtins, REPORT)(self.name)
        super().exec_module(module)


class Finder(MetaPathFinder):
    """`backprop` のモジュールだけを `Loader` に読ませる。"""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] != PACKAGE:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


def start(target: Path, root: Path) -> None:
    """このプロセスが通るところを、``target`` に一行に一つずつ書き留めはじめる。

    Parameters
    ----------
    target : Path
        書き留めるファイル。
    root : Path
        作業ツリー。この中の、読まれたファイルも書き留める。
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    Loader.compiled = target.parent / "compiled"
    log = target.open("w", encoding="utf-8")
    known: set[str] = set()

    def report(mark: str) -> None:
        if mark not in known:
            known.add(mark)
            log.write(f"{mark}\n")
            log.flush()

    setattr(builtins, REPORT, report)
    sys.meta_path.insert(0, Finder())
    sys.addaudithook(reads(root, report))


def reads(root: Path, report: Callable[[str], None]) -> Callable[[str, tuple[Any, ...]], None]:
    """作業ツリーの中のファイルが読まれたら知らせる監査フック。"""
    top = os.path.realpath(root) + os.sep

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], (str, bytes)) or arguments[2] & os.O_WRONLY:
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        place = path.removeprefix(top)
        if place == path or UNREAD & set(Path(place).parts) or place.endswith((".py", ".pyc")):
            return
        report("file:" + place.replace(os.sep, "/"))

    return watch

"""サイトに出さないセル（``remove-cell``）のうち、あとのセルが要るものだけを残す。

多くは、本文の数が計算と合うことの検査である。読者が数を書きかえると落ちて、そこで止まってしまうので、写しには入れない。
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from functools import cache
from symtable import SymbolTable, symtable

from nbformat import NotebookNode

REMOVED = "remove-cell"


def prune(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """出さないセルを除き、要るものは検査の行だけを除いて残した列。"""
    shown = {name for cell in cells if not _removed(cell) for name in bound(_code(cell))}
    kept: list[NotebookNode] = []
    wanted: set[str] = set()
    for cell in reversed(cells):
        if not _removed(cell):
            kept.append(cell)
            wanted |= used(_code(cell))
        elif (bound(_code(cell)) - shown) & wanted:
            cell = copy.deepcopy(cell)
            cell.source = without_checks(cell.source)
            kept.append(cell)
            wanted |= used(cell.source)
    return kept[::-1]


def _removed(cell: NotebookNode) -> bool:
    return REMOVED in cell.metadata.get("tags", [])


def _code(cell: NotebookNode) -> str:
    return cell.source if cell.cell_type == "code" else ""


def bound(code: str) -> set[str]:
    """セルの外から見える名前のうち、このコードが決めるもの。

    Examples
    --------
    >>> sorted(bound("import a.b\\nx, y = 1, 2\\ndef f():\\n    z = 1\\nfor i in x: k = i"))
    ['a', 'f', 'i', 'k', 'x', 'y']
    """
    names = symtable(code, "cell", "exec").get_symbols()
    return {name.get_name() for name in names if name.is_assigned() or name.is_imported()}


def used(code: str) -> set[str]:
    """コードが、外から読む名前。関数の引数や、内包の中の名前は数えない。

    Examples
    --------
    >>> sorted(used("y = f(x.real)\\n[k * z for k in y]\\ndef g(a): return a + b"))
    ['b', 'f', 'x', 'y', 'z']
    """
    return set(_used(symtable(code, "cell", "exec")))


def _used(table: SymbolTable) -> Iterator[str]:
    for name in table.get_symbols():
        if name.is_referenced() and (table.get_type() == "module" or name.is_global()):
            yield name.get_name()
    for child in table.get_children():
        yield from _used(child)


def without_checks(code: str) -> str:
    """いちばん外の ``assert`` を除いたコード。

    Examples
    --------
    >>> without_checks("assert (\\n    x\\n)\\ny = 1\\nassert y")
    'y = 1'
    """
    lines = code.split("\n")
    for node in reversed(ast.parse(code).body):
        if isinstance(node, ast.Assert):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip("\n")


@cache
def imported(code: str) -> set[str]:
    """コードが取り込むパッケージ。

    Examples
    --------
    >>> sorted(imported("import a.b as c\\nfrom d.e import f"))
    ['a', 'd']
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found

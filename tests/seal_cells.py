"""検印のためだけにあるセルを、名前の流れから見つける。

検印を求めるセルと、何も表示せず、決めた名前がどれもそのようなセルでしか使われないセルである。
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

FOLDED = {"hide-input", "remove-cell", "remove-input", "hide-cell"}
UNSEEN = "remove-cell"


@dataclass(frozen=True)
class Cell:
    """コードのセルの、この読み手に要るところ。"""

    number: int
    source: str
    tags: frozenset[str]
    silent: bool
    defined: frozenset[str]
    used: frozenset[str]

    @property
    def visible(self) -> bool:
        """読者に、開かなくても見えるか。"""
        return not self.tags & FOLDED

    @property
    def lines(self) -> int:
        """空でない行の数。"""
        return sum(bool(line.strip()) for line in self.source.splitlines())


def code_cells(notebook: NotebookNode) -> list[Cell]:
    """コードのセルを、上から順に。"""
    return [
        Cell(number, cell.source, tags, not cell.outputs, *names(cell.source))
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        for tags in [frozenset(cell.metadata.get("tags", []))]
    ]


def names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """セルが決める名前と、セルの外から来る名前。

    Examples
    --------
    >>> defined, used = names("def draw(rng):\\n    Z = rng.normal()\\n    return {x: Z}\\ny = draw(z)")
    >>> sorted(defined), sorted(used)
    (['draw', 'y'], ['x', 'z'])
    """
    table = symtable.symtable(source, "cell", "exec")
    symbols = table.get_symbols()
    defined = {s.get_name() for s in symbols if s.is_assigned() and not s.is_imported()}
    used = {name for name in _globals(table) if name not in defined}
    used |= {name for name in defined if _changed(source, name)}
    return frozenset(defined), frozenset(used)


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    module = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (module or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def _changed(source: str, name: str) -> bool:
    """前の値を使って書きかえるか（``a += 1``）。"""
    changes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AugAssign))
    return any(isinstance(change.target, ast.Name) and change.target.id == name for change in changes)


def seals(source: str) -> bool:
    """検印を求めるか。"""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id == "seal" for called in calls)


def machinery(notebook: NotebookNode) -> list[Cell]:
    """検印のためだけにあるセル。"""
    cells = code_cells(notebook)
    found = {cell.number for cell in cells if seals(cell.source)}
    while more := {cell.number for cell in cells if cell.number not in found and _serves(cell, cells, found)}:
        found |= more
    return [cell for cell in cells if cell.number in found]


def _serves(cell: Cell, cells: list[Cell], found: set[int]) -> bool:
    users = [other for other in cells if other.number != cell.number and other.used & cell.defined]
    told = [user.number for user in users if UNSEEN not in user.tags]
    return cell.silent and bool(told) and found.issuperset(told)

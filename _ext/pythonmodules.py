"""ブラウザへ運ぶ Python のモジュール: 式の判定に要るものだけを、取り込みをたどって選ぶ。

関数の中での取り込みもたどる。ブラウザの中で足りないものがわかっても、取り寄せられないので。
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

ROOM = "backprop.exercises.in_page"
BANK = "backprop.exercises.bank.formulas"
HOLLOW = {"backprop.exercises": "", "backprop.exercises.bank": ""}
"""からにして運ぶもの。もとのものは、NumPy の要る審判も取り込む。"""
OUTSIDE = ("sympy", "mpmath")
SKIPPED = ".tests"
"""名前にこれを含むものは運ばない。"""


def own() -> dict[str, str]:
    """この本のパッケージのうち、要るモジュールの、場所とプログラム。

    Examples
    --------
    >>> [place for place in own() if "bank" in place][:2]
    ['backprop/exercises/bank/__init__.py', 'backprop/exercises/bank/formulas/__init__.py']
    """
    banks = [f"{BANK}.{path.stem}" for path in _path(BANK).parent.glob("*.py") if path.stem != "__init__"]
    return _gathered([ROOM, *banks], ["backprop"], HOLLOW)


def brought(own: Mapping[str, str]) -> list[str]:
    """パッケージのモジュールが、外から取り込むものの名前。

    Examples
    --------
    >>> brought({"a.py": "import sympy as sp, os", "b.py": "from sympy.core import Add"})
    ['sympy', 'sympy.core', 'sympy.core.Add']
    """
    names = {name for place, text in own.items() for name in _imports(text, *_described(place))}
    return sorted(name for name in names if name.split(".")[0] in OUTSIDE)


def outside() -> dict[str, str]:
    """SymPy と mpmath のうち、この本のパッケージから取り込みのたどれるモジュールの、場所とプログラム。"""
    return _gathered(brought(own()), OUTSIDE, {})


def _gathered(roots: Iterable[str], packages: Iterable[str], hollow: Mapping[str, str]) -> dict[str, str]:
    """取り込みのたどれるモジュールの、場所とプログラム。名前の順。"""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        path = _path(name) if name.split(".")[0] in packages and SKIPPED not in name else None
        if path is None or name in found:
            continue
        found[name] = hollow[name] if name in hollow else path.read_text(encoding="utf-8")
        waiting += _imports(found[name], name, path.name == "__init__.py")
        waiting += [name.rpartition(".")[0]] if "." in name else []
    return {_place(name): found[name] for name in sorted(found)}


def _imports(text: str, name: str, is_package: bool) -> Iterator[str]:
    """取り込むかもしれないもの。``from a import b`` の ``b`` は、モジュールかもしれないし、そうでないかもしれない。"""
    parts = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))


def _path(name: str) -> Path | None:
    """モジュールのファイル。モジュールでなければ None。"""
    top, *rest = name.split(".")
    place = Path(find_spec(top).submodule_search_locations[0], *rest)
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def _place(name: str) -> str:
    top, *rest = name.split(".")
    base = Path(find_spec(top).submodule_search_locations[0]).parent
    return _path(name).relative_to(base).as_posix()


def _described(place: str) -> tuple[str, bool]:
    """場所から、モジュールの名前と、パッケージか。"""
    name = place.removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__"), name.endswith(".__init__")

"""読者の書いた式を、ブラウザの中で判定する Python を、サイトに置く。式で答える問いのページがあるときだけ。

ブラウザのための Python（Pyodide）、SymPy と mpmath の要るところ、この本の記号の部屋を、`_static/python` に置く。
どのファイルも、gzip で縮めて base64 の文字にしたものを渡すスクリプトである。直接に開いたページ（file:）で、ページが
読めるのは、スクリプトだけなので。読みこんで働かせるのは `_static/exercises/formulas.js`（`tools/pyodide/formulas.js`）。

Python のモジュールは、標準ライブラリも、Pyodide の Python で訳しておく。訳したものは `_build/python` に残し、もとが同じなら使いつづける。
道具（`tools/pyodide` の npm のもの）がなければ、置かない。ページは、式の欄がないだけで、ほかは変わらない。
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import exercises
import nodejs
import pythonmodules
from builders import makes_site
from packing import EPOCH
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

TOOLS = nodejs.TOOLS / "pyodide"
RUNTIME = TOOLS / "node_modules" / "pyodide"
TEMML = nodejs.TOOLS / "math" / "node_modules" / "temml"
FOLDER, SCRIPT = "_static/python", "_static/exercises/formulas.js"
WASM, LIBRARY = "pyodide.asm.wasm", "python_stdlib.zip"
LICENCES = "LICENSES.txt"
ABSENT = "式の答えを判定する Python（tools/pyodide の pyodide）がそろっていないので、式の欄のないページをつくります。"
_PART = '/*! 利用許諾は {} */\nbackpropPart("{}","{}");\n'

Make = Callable[[], str]


def wanted(env: BuildEnvironment) -> set[str]:
    """ページにある、式で答える問いの名前。"""
    labels = {exercise.label for found in exercises.recorded(env).values() for exercise in found}
    if not labels:
        return set()
    from backprop.exercises.in_page import questions  # SymPy を取り込むので、要る本でだけ

    return labels & questions().keys()


def offered(env: BuildEnvironment) -> bool:
    """ページに式の欄を置けるか。"""
    return RUNTIME.is_dir() and bool(wanted(env))


def write(app: Sphinx, exception: Exception | None) -> None:
    """できあがったサイトに置く。"""
    if exception or not makes_site(app) or not wanted(app.env):
        return
    if not RUNTIME.is_dir():
        print(ABSENT, flush=True)
        return
    out, kept = Path(app.outdir), Path(app.outdir).parent / "python"
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    (out / SCRIPT).parent.mkdir(parents=True, exist_ok=True)
    parts = {}
    for name, key, make in _parts():
        text = remembered(kept / f"{name}.js", key, make)
        (out / FOLDER / f"{name}.js").write_text(text, encoding="utf-8")
        parts[name] = {"stamp": _digest(text.encode())[:8], "size": len(text.encode())}
    (out / FOLDER / LICENCES).write_text(licences(), encoding="utf-8")
    (out / SCRIPT).write_text(_script(parts), encoding="utf-8")


def _script(parts: dict[str, dict[str, Any]]) -> str:
    """ページの側のスクリプトに、ファイルの一覧と、その大きさを書きこむ。"""
    size = f"{sum(part['size'] for part in parts.values()) / 1e6:.0f} MB"
    text = (TOOLS / "formulas.js").read_text(encoding="utf-8")
    text = text.replace("const PARTS = {};", f"const PARTS = {json.dumps(parts, separators=(',', ':'))};")
    return text.replace('const SIZE = "";', f'const SIZE = "{size}";')


def _parts() -> Iterator[tuple[str, str, Make]]:
    """ファイルの名前、もとが同じかを見分ける値、中身の作り方。"""
    engine = _engine()
    yield "engine", _digest(engine), lambda: packed("engine", engine)
    wasm = (RUNTIME / WASM).read_bytes()
    yield WASM, _digest(wasm), lambda: packed(WASM, wasm)
    own, made_with = pythonmodules.own(), (TOOLS / "compile.cjs", TOOLS / "package-lock.json")
    tool = _digest(*(path.read_bytes() for path in made_with), _PART.encode())
    yield LIBRARY, tool, lambda: packed(LIBRARY, compiled(library()))
    versions = [f"{name} {version(name)}" for name in pythonmodules.OUTSIDE]
    outer = json.dumps([tool, versions, pythonmodules.brought(own), pythonmodules.SKIPPED])
    yield "sympy.zip", outer, lambda: packed("sympy.zip", compiled(pythonmodules.outside()))
    yield "backprop.zip", json.dumps([tool, own]), lambda: packed("backprop.zip", compiled(own))
    temml = (TEMML / "dist" / "temml.min.js").read_text(encoding="utf-8")
    yield "temml", _digest(temml.encode()), lambda: temml


def library() -> dict[str, str]:
    """Python の標準ライブラリの、場所とプログラム。訳さずに運ぶと、始まるまでの時間の半分を、訳すのに使う。"""
    with zipfile.ZipFile(RUNTIME / LIBRARY) as book:
        return {name: book.read(name).decode() for name in sorted(book.namelist()) if name.endswith(".py")}


def packed(name: str, content: bytes) -> str:
    """中身を縮めて渡すスクリプト。"""
    return _PART.format(LICENCES, name, base64.b64encode(gzip.compress(content, 9, mtime=0)).decode())


def _engine() -> bytes:
    """裏方（Worker）のプログラム。"""
    info = json.loads((RUNTIME / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]
    lock = json.dumps({"info": info, "packages": {}})
    scripts = (RUNTIME / "pyodide.asm.js", RUNTIME / "pyodide.js", TOOLS / "worker.js")
    texts = [path.read_text(encoding="utf-8") for path in scripts]
    return "\n;\n".join([*texts[:2], f"const LOCK = {lock};", texts[2]]).encode()


def compiled(sources: dict[str, str]) -> bytes:
    """モジュールを訳し、縮めない書庫に入れたもの。縮めるのは、書庫の全体を一度に。"""
    made = nodejs.ask(TOOLS / "compile.cjs", sources)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as book:
        for place in sorted(made):
            entry = zipfile.ZipInfo(f"{place}c", EPOCH)
            entry.create_system = 3
            book.writestr(entry, base64.b64decode(made[place]))
    return written.getvalue()


def remembered(path: Path, key: str, make: Make) -> str:
    """スクリプトの中身。前に作ったものが残っていて、もとが同じなら、それを使う。"""
    mark = path.with_name(f"{path.name}.key")
    key = _digest(key.encode())
    if path.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == key:
        return path.read_text(encoding="utf-8")
    text = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    mark.write_text(key, encoding="utf-8")
    return text


def licences() -> str:
    """置いたものの利用許諾。"""
    pyodide = json.loads((RUNTIME / "package.json").read_text(encoding="utf-8"))
    source = f"Pyodide {pyodide['version']}（ソースコード: {pyodide['homepage']}）"
    given = {
        source: TOOLS / "licences" / "pyodide-MPL-2.0.txt",
        "Python": TOOLS / "licences" / "python-PSF.txt",
        "temml": TEMML / "LICENSE",
        "この本のコード": TOOLS.parents[1] / "LICENSE",
    }
    texts = {name: path.read_text(encoding="utf-8") for name, path in given.items()}
    for name in pythonmodules.OUTSIDE:
        files = [path for path in distribution(name).files or [] if path.name == "LICENSE"]
        texts[f"{name} {version(name)}"] = files[0].read_text(encoding="utf-8")
    line = "=" * 72
    return "\n\n".join(f"{line}\n{name}\n{line}\n\n{text.strip()}\n" for name, text in texts.items())


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。書式とスクリプトをまとめる拡張（bundling）が、大きなファイルを読まないように、そのあとで。"""
    app.connect("build-finished", write, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

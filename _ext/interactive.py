"""動かして見る図のスクリプトと書式を、その図のあるページにだけ読み込ませる。

書式は、どの図も使う `interactive.css` と、種類と同じ名前のもの（あれば）である。
`_static` の中のものは、Jupyter Book がすべてのページに読み込ませる。ほかのページの読者を待たせないよう、
いったん外して、要るページに戻す。

図のあるセルと、図が代わりをする紙の図のセルには、書式の見るクラスをつける。書式の `:has()` で選ぶと、ブラウザは、図の中が
変わるたびに、図の全体を調べなおす。

図の種類ごとのスクリプトは、同じ部品（`parts`）を取り込む。直接に開いたページ（file:）では、ブラウザは取り込みを
断るので、本を組むときに、種類ごとの一つのファイルにまとめる（`tools/bundle` の esbuild）。
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nodejs
from builders import makes_site
from docutils import nodes

FOLDER = "interactive"
"""スクリプトと書式の置き場所（`_static` の中）。"""
PARTS = "parts"
"""どの種類からも取り込む部品の置き場所（`FOLDER` の中）。"""
TOUCHABLE = "touchable"
"""図のあるセルのクラス。"""
STANDING, STOOD_FOR = "standing-in", "stood-for"
"""働きはじめると、すぐ前の紙の図の代わりをする図のセルと、その紙の図のセルのクラス。"""
STAND_INS = {"sliders", "product"}
_KIND = re.compile(r'<div class="interactive" data-kind="(\w+)">')


def kinds(body: str) -> list[str]:
    """本文にある図の種類。

    Examples
    --------
    >>> kinds('<p>図</p><div class="interactive" data-kind="stepper"></div>')
    ['stepper']
    >>> kinds("<p>図のないページ</p>")
    []
    """
    return sorted(set(_KIND.findall(body)))


def _withhold(app: Any, config: Any) -> None:
    """すべてのページに読み込まれるものの一覧から外す。"""
    for name in ("html_css_files", "html_js_files"):
        kept = [file for file in getattr(config, name) if not str(file).startswith(f"{FOLDER}/")]
        setattr(config, name, kept)


def _load(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """図のあるページにだけ、要るものを足す。"""
    found = kinds(context.get("body") or "") if makes_site(app) else []
    for name in ("interactive", *found) if found else ():
        if (Path(app.srcdir) / "_static" / FOLDER / f"{name}.css").is_file():
            app.add_css_file(f"{FOLDER}/{name}.css")
    for kind in found:
        app.add_js_file(f"{FOLDER}/{kind}.js", loading_method="defer")


def _mark(app: Any, doctree: nodes.document) -> None:
    """図のあるセルと、図が代わりをする紙の図のセルに、クラスをつける。"""
    for cell in [found for found in doctree.findall(nodes.container) if "cell" in found["classes"]]:
        found = kinds("".join(raw.astext() for raw in cell.findall(nodes.raw)))
        if not found:
            continue
        cell["classes"].append(TOUCHABLE)
        place = cell.parent.index(cell)
        before = cell.parent[place - 1] if place else nodes.container()
        stand_ins = STAND_INS.intersection(found)
        if stand_ins and "cell" in before.get("classes", ()) and next(before.findall(nodes.figure), None):
            cell["classes"].append(STANDING)
            before["classes"] += [STOOD_FOR, *(f"{STOOD_FOR}-{kind}" for kind in sorted(stand_ins))]


def _gather(app: Any, exception: Exception | None) -> None:
    """種類ごとのスクリプトを、部品ごと、一つのファイルにする。"""
    folder = Path(app.outdir) / "_static" / FOLDER
    if exception or not makes_site(app) or not folder.is_dir():
        return
    source = Path(app.srcdir) / "_static" / FOLDER
    entries = [str(path) for path in sorted(source.glob("*.js"))]
    if entries:
        question = {"entryPoints": entries, "outdir": str(folder)}
        nodejs.ask(nodejs.TOOLS / "bundle" / "modules.cjs", question)
    shutil.rmtree(folder / PARTS, ignore_errors=True)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("config-inited", _withhold)
    app.connect("doctree-read", _mark)
    app.connect("html-page-context", _load)
    app.connect("build-finished", _gather, priority=800)  # 書式から要らない名前を除く bundling より先に
    return {"parallel_read_safe": True, "parallel_write_safe": True}

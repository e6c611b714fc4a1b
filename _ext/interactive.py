"""動かして見る図のスクリプトと書式を、その図のあるページにだけ読み込ませる。

`_static` の中のものは、Jupyter Book がすべてのページに読み込ませる。ほかのページの読者を待たせないよう、
いったん外して、要るページに戻す。
"""

from __future__ import annotations

import re
from typing import Any

from builders import makes_site

FOLDER = "interactive"
"""スクリプトと書式の置き場所（`_static` の中）。"""
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
    if found:
        app.add_css_file(f"{FOLDER}/interactive.css")
    for kind in found:
        app.add_js_file(f"{FOLDER}/{kind}.js", loading_method="defer")


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("config-inited", _withhold)
    app.connect("html-page-context", _load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""サイトを軽くする: 使わない大きな部品と印を除く。

テーマの絵文字の部品（1.5 MB）は、`_static/icons.css` の小さな絵に置きかえる。
テーマのスクリプトは、開くとすぐにページじゅうを測り、まだ描かれていないところまで組ませるので、測らせない。
いくつもの支度を一つの長い仕事として続けるので、一つずつに分け、あいだで読者の指に応えられるようにする。
横に動く箱は、`_static/scrolling.js` が、描かれたものから測る。
コードの字句のうち、どの画面でも地の文字と同じに見えるものからは、印を外す。ページの要素が3割ほど減る。
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from builders import makes_site
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

SCRIPT = re.compile(r"[ \t]*<script src=\"[^\"]*(?:fontawesome|sphinx_highlight)\.js[^>]*></script>\n")
PLAIN = re.compile(r'<span class="(?:n|p|w)">([^<]*)</span>')
"""名前、区切り、空白。どの画面でも、コードの地の文字と同じ色。"""
MISREAD = re.compile(r'<span class="k">(case)</span>(?=\[|<span class="o">\.</span>)')
"""Pygments が match 文の case と取り違える、行のはじめの変数 case。"""
THEME = "_static/styles/pydata-sphinx-theme.css"
FONTS = "_static/vendor/fontawesome/webfonts"
ICONS = "fa-solid-900.woff2"
"""注意書きの絵に使う書体。"""
PRIVATE = re.compile("[\ue000-\uf8ff]")
SEARCH = ("searchtools.js", "language_data.js", "sphinx_highlight.js")
"""Sphinx の検索の部品。この本は自分の検索を使う。"""
APART = re.compile(r"\b(\w+)\(\)(?=\s*(?::|\}\s*else if\s*\()document\.addEventListener)"), r"setTimeout(\1)"
"""部品の支度の始め方。読み終えたページでは、すぐに続けて始める。"""
MEASURES = (
    re.compile(r',"complete"===document\.readyState\?(\w+)\(\):window\.addEventListener\("load",\1\)'),
    "",
)
"""テーマが、横に動く箱をすべて測るところ。"""
SEES = re.compile(r"\w+\((\w+)\)&&\(this\._targetLinks\.set"), r"\1&&(this._targetLinks.set"
"""テーマが、目次の行き先がすべて見えるかを測るところ。"""
EASED = {
    "_static/scripts/pydata-sphinx-theme.js": (APART, MEASURES),
    "_static/scripts/bootstrap.js": (APART, SEES),
    "_static/scripts/sphinx-book-theme.js": (APART,),
    "_static/copybutton.js": (APART,),
}
"""部品ごとの、書きかえるところと、書きかえたもの。"""
UNUSED = (
    "_static/scripts/fontawesome*", f"{FONTS}/*.ttf", f"{FONTS}/fa-[br]*", "_static/locales",
    "_static/**/*.map",
    "_static/*-macros.html", *(f"_static/{name}" for name in SEARCH),
)  # fmt: skip


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """書き終えたページと部品に手を入れる。"""
    if exception or not makes_site(app):
        return
    out = Path(app.outdir)
    for path in sorted(out.rglob("*.html")):
        if "_static" not in path.parts:
            before = path.read_text(encoding="utf-8")
            light = MISREAD.sub(r"\1", PLAIN.sub(r"\1", SCRIPT.sub("", before)))
            path.write_text(light, encoding="utf-8")
    reduce_font(out / FONTS / ICONS, set(PRIVATE.findall((out / THEME).read_text(encoding="utf-8"))))
    for place in EASED:
        script = eased(place, (out / place).read_text(encoding="utf-8"))
        (out / place).write_text(script, encoding="utf-8")
    for pattern in UNUSED:
        for path in list(out.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def eased(place: str, script: str) -> str:
    """部品のスクリプトから、長い仕事を除き、分けたもの。

    Raises
    ------
    ExtensionError
        書きかえるところが、ちょうど一つは見つからない。部品の版が変わったら、探しなおす。

    Examples
    --------
    >>> eased("_static/copybutton.js", "if (ready) { start() } else if (document.addEventListener) {}")
    'if (ready) { setTimeout(start) } else if (document.addEventListener) {}'
    """
    for pattern, rest in EASED[place]:
        script, found = pattern.subn(rest, script)
        if found != 1:
            raise ExtensionError(f"{place} の、書きかえるところが、{found}個見つかりました")
    return script


def reduce_font(file: Path, letters: set[str]) -> None:
    """書体を、使う文字だけにする。"""
    font = TTFont(file, recalcTimestamp=False)
    subsetter = Subsetter(Options())
    subsetter.populate(text="".join(sorted(letters)))
    subsetter.subset(font)
    font.save(file)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""だれもが読めるように、docutils の書く HTML を直し、スタイルシートをいつも同じ順に並べる。"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from builders import makes_site
from sphinx.application import Sphinx

STYLES = sorted(
    (path.name for path in (Path(__file__).resolve().parents[1] / "_static").glob("*.css")),
    key=lambda name: (name == "print.css", name),
)
"""この本のスタイルシート。紙のためのものは、画面のためのものを書き換えるので、終わりに読む。"""

_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_MARKS = re.compile(r"<math\b.*?</math>|<[^>]*>", re.DOTALL)
_VOID = re.compile(r"<(br|hr|img|input|wbr|col|source)\b([^>]*?)\s*/?>")
_BARE = re.compile(r"(<\w[^>]*?\s(?:download|open|hidden|checked|disabled))(?=[\s/>])")
_FORMULA = '<span class="visually-hidden">式 </span>'


def mend(body: str) -> str:
    """ページの本文を直す。

    Examples
    --------
    >>> mend('<th class="head"><p></p></th><th class="head"><p>式</p></th>')
    '<td></td><th class="head"><p>式</p></th>'
    >>> mend('<th><p><math><mi>x</mi></math></p></th>')
    '<th><span class="visually-hidden">式 </span><p><math><mi>x</mi></math></p></th>'
    >>> mend('<div class="citation" role="doc-biblioentry">')
    '<div class="citation" role="listitem">'
    """
    # 文献の一つひとつは、一覧の項目。doc-biblioentry は、使われなくなった役割。
    return _HEADING.sub(_heading, body).replace(' role="doc-biblioentry"', ' role="listitem"')


def _heading(found: re.Match[str]) -> str:
    """表の見出し。何も書かれていなければ見出しではなく、数式だけなら言葉を添える。"""
    inside = found[1]
    if _MARKS.sub("", inside).strip():
        return found[0]
    return found[0].replace(inside, _FORMULA + inside) if "<math" in inside else "<td></td>"


def close(body: str) -> str:
    """XML としても読めるように、閉じない印を閉じ、値のない性質に値をつける。

    Examples
    --------
    >>> close('a<br>b<img src="a.png"><a href="b" download>c</a>')
    'a<br />b<img src="a.png" /><a href="b" download="">c</a>'
    """
    return _BARE.sub(r'\1=""', _VOID.sub(r"<\1\2 />", body))


def write_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """ページを書く前に、本文を直し、スタイルシートを並べる。"""
    if "body" in context:
        context["body"] = mend(context["body"]) if makes_site(app) else close(mend(context["body"]))
    if "css_files" in context:
        context["css_files"].sort(key=_place)  # ほかの拡張があとから加えるので、別の列に取り替えない


def _place(sheet: Any) -> int:
    """この本のものでなければ -1。ファイルを見つけた順は、機械によって違うので、頼らない。"""
    name = Path(str(getattr(sheet, "filename", sheet))).name
    return STYLES.index(name) if name in STYLES else -1


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("html-page-context", write_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

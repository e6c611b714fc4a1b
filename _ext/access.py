"""だれもが読めるように、docutils の書く HTML を直す。"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_FIXES = (
    # 何も書かれていない欄は、見出しではない。
    (re.compile(r'<th class="[^"]*"><p></p></th>'), "<td></td>"),
    # 文献の一つひとつは、一覧の項目。doc-biblioentry は、使われなくなった役割。
    (re.compile(' role="doc-biblioentry"'), ' role="listitem"'),
)


def mend(body: str) -> str:
    """ページの本文を直す。

    Examples
    --------
    >>> mend('<th class="head stub"><p></p></th><th class="head"><p>式</p></th>')
    '<td></td><th class="head"><p>式</p></th>'
    >>> mend('<div class="citation" role="doc-biblioentry">')
    '<div class="citation" role="listitem">'
    """
    for pattern, replacement in _FIXES:
        body = pattern.sub(replacement, body)
    return body


def write_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """ページを書く前に、本文を直す。"""
    if "body" in context:
        context["body"] = mend(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("html-page-context", write_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

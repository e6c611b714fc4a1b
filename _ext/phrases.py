"""題と案内を、語の切れ目で折れるようにする。切れ目は BudouX が決め、``<wbr>`` で書く。

語の切れ目を自分で知るのは Chromium だけである。ほかのブラウザは、「プログ／ラム」のように折る。
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import budoux
from builders import makes_site
from sphinx.application import Sphinx

_TITLES = re.compile(
    r"<(h[1-6])\b[^>]*>.*?</\1>|"
    r'(?<=<p class="prev-next-title">).*?(?=</p>)|'
    r'(?<=<span class="index-places">).*?(?=</span>)|'
    r'<a class="(?:current )?reference internal(?: nav-link)?" href="[^"]*">'
    r'(?:(?!<span class="std|</a>).)*</a>(?=\s*(?:</?[lu][il]|<details))',
    re.DOTALL,
)
"""見出し、前と次の題、索引の行き先、案内の中の題。"""
_VERBATIM = re.compile(r"(<(?:math|code)\b.*?</(?:math|code)>|<[^>]*>|&#?\w+;)", re.DOTALL)


def divide(page: str) -> str:
    """題の、語の切れ目に印をつける。

    Examples
    --------
    >>> divide('<h2><span>1.1. </span>先に動かすと、何が混ざるか<a href="#a">#</a></h2><p>先に動かすと</p>')
    '<h2><span>1.1. </span>先に<wbr>動かすと、<wbr>何が<wbr>混ざるか<a href="#a">#</a></h2><p>先に動かすと</p>'
    """
    return _TITLES.sub(lambda title: _divided(title[0]), page)


@cache
def _divided(title: str) -> str:
    if "<wbr>" in title:  # 下見は、変わらなかったページを書きなおさない
        return title
    parts = _VERBATIM.split(title)
    return "".join(part if n % 2 else "<wbr>".join(_parser().parse(part)) for n, part in enumerate(parts))


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def write(app: Sphinx, exception: Exception | None) -> None:
    """書き終えたページに印をつける。案内は、ページを書くときに、ほかの部品が作る。"""
    if exception or not makes_site(app):
        return
    for path in sorted(Path(app.outdir).rglob("*.html")):
        if "_static" not in path.parts:
            path.write_text(divide(path.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

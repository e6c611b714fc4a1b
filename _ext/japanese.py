"""日本語の本のための Sphinx の調整: 文の継ぎ目、用語集へのつながり、隠したコードの読み上げ、写すボタンの言葉。"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform

COPYING = {
    "copy": "コピー",
    "copy_to_clipboard": "クリップボードにコピー",
    "copy_success": "コピーしました",
    "copy_failure": "コピーできませんでした",
}
_ENGLISH_FIRST = "'en': {"
_WIDE_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n")
_ENGLISH = re.compile(r"（[^）。]*[A-Za-z]{3}[^）。]*）")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_VERBATIM = (nodes.FixedTextElement, nodes.literal, nodes.math, nodes.math_block, nodes.raw)


class JoinLines(SphinxTransform):
    """原稿の改行を、全角の文字のあとでは空白にせず、つなげる。"""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """文章の文字列を書き換える。コードと数式には触れない。"""
        for element in self.document.findall(nodes.TextElement):
            if isinstance(element, _VERBATIM):
                continue
            before = ""
            for place, child in enumerate(element.children):
                if isinstance(child, nodes.Text):
                    element[place] = nodes.Text(_WIDE_BREAK.sub("", before + child)[len(before) :])
                before = child.astext()[-1:] or before


class LinkTerms(SphinxTransform):
    """英語を添えて太字で導いた用語を、用語集につなぐ。用語集にない用語は、ビルドの警告になる。

    原稿には ``**誤差項**（error term）`` とだけ書く。ノートブックのままでも読めるように、記法を増やさない。
    """

    default_priority = 510

    def apply(self, **kwargs: Any) -> None:
        """太字の中身を、用語への参照で包む。"""
        for strong in list(self.document.findall(nodes.strong)):
            after = strong.next_node(descend=False, siblings=True)
            if isinstance(after, nodes.Text) and _ENGLISH.match(after):
                reference = self._reference(strong.astext())
                strong.clear()
                strong += reference

    def _reference(self, term: str) -> pending_xref:
        inner = nodes.inline(term, term, classes=["xref", "std", "std-term"])
        return pending_xref(
            term, inner, refdoc=self.env.docname, refdomain="std", reftype="term", reftarget=term,
            refexplicit=False, refwarn=True,
        )  # fmt: skip


class MarkEmphasis(SphinxTransform):
    """強めた和文に、傾けないためのしるしをつける。和文の書体に斜体はなく、傾けると偽の斜体になる。"""

    default_priority = 520

    def apply(self, **kwargs: Any) -> None:
        """書名などの欧文は、傾けたままにする。"""
        for emphasis in self.document.findall(nodes.emphasis):
            if _JAPANESE.search(emphasis.astext()):
                emphasis["classes"].append("japanese")


def teach(app: Any, exception: Exception | None) -> None:
    """写すボタン（sphinx-copybutton）に、日本語の言葉を加える。ボタンは、ページの言語の言葉を使う。"""
    path = Path(app.outdir, "_static", "copybutton.js")
    if path.is_file():
        words = json.dumps(COPYING, ensure_ascii=False)
        script = path.read_text(encoding="utf-8").replace(
            _ENGLISH_FIRST, f"'ja': {words},\n  {_ENGLISH_FIRST}", 1
        )
        path.write_text(script, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.setup_extension("myst_nb")
    app.add_transform(JoinLines)
    app.add_transform(LinkTerms)
    app.add_transform(MarkEmphasis)
    app.connect("build-finished", teach)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

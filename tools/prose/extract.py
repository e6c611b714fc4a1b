"""本文の日本語だけを取り出し、textlint にかけられる Markdown にする。

数式とコードは、文の骨組みを保つために、インラインコード（規則の対象にならない）に置き換える。
ディスプレイ数式、コードのセル、ラベルの行、囲みの行、文献の行は空行になる。行の番号は、1行が1文の原稿のまま変わらない。

    python tools/prose/extract.py 出力先 index.md chapters/41_two_two_two.ipynb
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat

_FENCE = re.compile(r"^```.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADER = re.compile(r"\A---\n.*?^---\n", re.MULTILINE | re.DOTALL)
_DISPLAY = re.compile(r"\$\$.*?\$\$(?:[ \t]*\([\w-]+\))?", re.DOTALL)
_REFERENCES = re.compile(r"^\*\*(?:参考文献|出発点にした記事)\*\*.*$", re.MULTILINE)
_LINE_ONLY = re.compile(r"^(?:\([\w-]+\)=|\+\+\+|:{3,}(?:\{\w+\}.*)?)[ \t]*$", re.MULTILINE)
_ROLE_WITH_TEXT = re.compile(r"\{\w+\}`([^`<]+?)\s*<[^>]+>`")
_ROLE = re.compile(r"\{\w+\}`[^`]+`")
_READING = re.compile(r"^  [ぁ-ゖー・]+。", re.MULTILINE)  # 用語集の読み。文ではない
_MATH = re.compile(r"\$(?!\s)[^$\n]+\$")


def prose(text: str) -> str:
    """Markdown から、文だけを残す。

    Examples
    --------
    >>> prose("(sec-x)=\\n# 題\\n\\n式 {eq}`eq-a` の $x$ です。\\n\\n$$\\ny\\n$$ (eq-a)\\n")
    '\\n# 題\\n\\n式 `参照` の `式` です。\\n\\n\\n\\n\\n'
    """
    for pattern in (_HEADER, _FENCE, _DISPLAY, _REFERENCES, _LINE_ONLY):
        text = pattern.sub(lambda match: "\n" * match[0].count("\n"), text)
    text = _READING.sub("  ", text)
    text = _ROLE_WITH_TEXT.sub(lambda match: match[1], text)
    text = _ROLE.sub("`参照`", text)
    return _MATH.sub("`式`", text)


def source(path: Path) -> str:
    """ファイルの中の Markdown の全文。図の見出しと代わりの文も、文として数える。"""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    parts = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        else:
            figure = cell.metadata.get("mystnb", {})
            parts.append(figure.get("figure", {}).get("caption", ""))
            parts.append(figure.get("image", {}).get("alt", ""))
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str]) -> None:
    """取り出した文を、同じ名前の ``.md`` として書く。"""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments[1:]:
        path = Path(name)
        (folder / f"{path.stem}.md").write_text(prose(source(path)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

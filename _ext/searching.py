"""本の検索。Sphinx の検索の代わりに、本の文そのものを一つのスクリプトにして置く。

ページごとに探す場所を集め（`passages`）、終わりに、探して並べるプログラム（`search` の中）とつないで `INDEX` に書く。
読者が検索の欄に来たときに、`_static/search.js` がそれを一度だけ読み込む。ファイルを直接に開いても働く。
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from builders import makes_site
from docutils import nodes
from exercises import is_exercises
from indexing import aliases, words
from mathtext import MARKS
from passages import KINDS, Page, Passage
from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent / "search"
PROGRAMS = ("folding", "reading", "cutting", "matching", "resembling", "ranking", "showing", "finder", "box")
"""読者の側で走るプログラム。この順につなぐ。"""
SYNONYMS, KEYWORDS, EQUATIONS = (HERE / f"{name}.yml" for name in ("synonyms", "keywords", "equations"))
"""言い換え、節に添える言葉、式の名前。"""
INDEX = "_static/search-index.js"
MEMORY = "search.json"
"""下見の覚え。下見は、変わったページだけを書く。"""
WEIGHTS = {
    "省いたこと": 50, "まとめ": 60, "確かめる": 80, "記号で導く": 85, "NumPy で書く": 85, "この式が言うこと": 90,
}  # fmt: skip
"""どの章にもある、くり返しや補いの節の重み（百分率）。"""
LIGHT = {"図": 70, "コード": 50, "表": 80, "文献": 60}
"""種類の重み。"""
BACK = {"proof", "seals", "kernel", "errata", "references"}
"""本文をくり返すか、本文の外のことを述べるページ。題のほかは、軽くする。"""
LARGEST = 290_000
"""索引の重さ（gzip のバイト数）の上限。"""
LONGEST = (10_000, 1500, 1000, 700, 600, 500, 450, 400, 350, 325, 300, 275, 250, 180, 120)
"""一つの場所の文の字の数。はじめのものなら、切りつめない。"""
ASKED = 60
"""練習問題の文の、索引に入れる字の数。ヒントと解答は、探されても見せない。"""
PROGRESS = "progress"
"""練習問題の一覧のページ。"""
TEXT = 6
"""行の中の、文の場所。"""
Row = list[Any]

_COMMENT = re.compile(r"(?m)^\s*//.*\n|^\s+")


def take_over(app: Sphinx) -> None:
    """Sphinx には、検索の索引もページも作らせない。"""
    if makes_site(app):
        app.builder.search = False


def collect(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """番号とリンクの決まったページから、探す場所を集める。ページを書くプロセスは、このあとで分かれる。"""
    if makes_site(app):
        page = Page(doctree, app.mathml, partial(number, app, docname))
        app.passages[docname] = [vars(passage) for passage in page.passages()]


def number(app: Sphinx, page: str, kind: str, name: str) -> str:
    """節、式、図の番号。なければ空。"""
    if kind == "節":
        found = app.env.toc_secnumbers.get(page, {}).get(f"#{name}" if name else "", ())
        dotted = ".".join(map(str, found))
        return app.config.numfig_format["section"] % dotted if dotted and not name else dotted
    family = {"式": "displaymath", "図": "figure"}[kind]
    found = ".".join(map(str, app.env.toc_fignumbers.get(page, {}).get(family, {}).get(name, ())))
    return f"({found})" if kind == "式" else found


def search_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """検索のページ。"""
    if makes_site(app):
        yield "search", {"title": "検索"}, "search.html"


def write(app: Sphinx, exception: Exception | None) -> None:
    """探すプログラムと、探す場所を、一つのファイルに書く。"""
    if exception or not makes_site(app):
        return
    found = app.passages
    if app.tags.has("preview"):
        memory = Path(app.outdir).parent / MEMORY
        found = (json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}) | found
        memory.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    pages = [name for name in order(app) if name in found]
    book = Book([(name, [Passage(**row) for row in found[name]]) for name in pages])
    synonyms = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    index = {
        "pages": [app.builder.get_target_uri(name) for name in pages],
        "places": list(book.rows()),
        "words": list(synonyms.items()),
    }
    (Path(app.outdir) / INDEX).write_text(fitted(index), encoding="utf-8")


def fitted(index: dict[str, Any]) -> str:
    """読者の側で走る一つのファイル。本が大きくなって上限を超えるなら、長い文の終わりを、超えなくなるまで切りつめる。"""
    for longest in LONGEST:
        text = joined(index | {"places": [shortened(row, longest) for row in index["places"]]})
        if len(gzip.compress(text.encode(), 9, mtime=0)) <= LARGEST:
            break
    return text


def joined(index: dict[str, Any]) -> str:
    """プログラムと、探す場所。"""
    sources = [(HERE / f"{name}.js").read_text(encoding="utf-8") for name in PROGRAMS]
    data = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    start = f"window.bookSearch = bookFinder({data});\nif (window.document) searchBox(window.bookSearch);"
    return "\n".join(["(() => {", *(_COMMENT.sub("", source) for source in sources), start, "})();", ""])


def shortened(row: Row, longest: int) -> Row:
    """文を、文の切れ目で、``longest`` 字までにした行。

    Examples
    --------
    >>> shortened([0, 0, -1, "a", "", "題", "短い文。次の文。"], 5)
    [0, 0, -1, 'a', '', '題', '短い文。']
    """
    if len(row) <= TEXT or len(row[TEXT]) <= longest:
        return row
    kept = row[TEXT][:longest]
    return [*row[:TEXT], kept[: kept.rfind("。") + 1] or kept, *row[TEXT + 1 :]]


def order(app: Sphinx) -> list[str]:
    """ページを、目次の順に。"""
    root = app.config.root_doc
    listed = [root, *app.env.toctree_includes.get(root, [])]
    return listed + sorted(app.env.found_docs - set(listed))


class Book:
    """集めた場所を、索引の行にするもの。"""

    def __init__(self, pages: list[tuple[str, list[Passage]]]) -> None:
        self._pages = {name: number for number, (name, _) in enumerate(pages)}
        self._passages = [
            (name, passage) for name, passages in pages for passage in passages
            if not (is_exercises(name) or name == PROGRESS) or passage.kind == "節"
        ]  # fmt: skip
        self._sections: dict[tuple[str, str], int] = {}
        named: dict[str, int] = {}
        for place, (name, passage) in enumerate(self._passages):
            if passage.kind == "節":
                self._sections[name, passage.anchor] = self._sections["", passage.anchor] = place
                title = f"{name.rpartition('/')[2]}#{MARKS.sub('', passage.title)}"
                named.setdefault(title, place)
            named.setdefault(passage.anchor.removeprefix("equation-"), place)
        self._passages += [("", alias) for alias in other_names() if ("", alias.anchor) in self._sections]
        self._keywords = dict(_placed(KEYWORDS, named))
        self._equations = dict(_placed(EQUATIONS, named))

    def rows(self) -> Iterator[Row]:
        """一行ずつ: 種類、ページ、含む節の行、`id`、番号、題、文、ほかの名前、重み、MathML。"""
        readings = {word.text: word.reading for word in words()}
        for place, (page, passage) in enumerate(self._passages):
            parent, anchor = self._parent(page, passage), passage.anchor
            listed = is_exercises(page) or page == PROGRESS
            title, *others = self._equations.get(place, [passage.title])
            names = [*passage.names, *others, *self._keywords.get(place, [])]
            if passage.kind == "用語":
                page, section = self._passages[parent]
                anchor = section.anchor
                names += filter(None, [readings.get(passage.title)])
            row = [
                KINDS.index(passage.kind), self._pages[page], parent, anchor, passage.number, title,
                passage.text[:ASKED] if listed else passage.text, names,
                100 if place in self._keywords else weight(page, passage), "" if listed else passage.math,
            ]  # fmt: skip
            while row[-1] in ("", [], 100):
                row.pop()
            yield row

    def _parent(self, name: str, passage: Passage) -> int:
        if passage.kind == "用語":
            return self._sections[passage.page or name, passage.anchor]
        return self._sections[name, passage.section] if passage.section else -1


def _placed(file: Path, named: dict[str, int]) -> Iterator[tuple[int, list[str]]]:
    """この本にある場所と、それに添える言葉。"""
    for name, listed in yaml.safe_load(file.read_text(encoding="utf-8")).items():
        if name in named:
            yield named[name], listed.split("、")


def other_names() -> Iterator[Passage]:
    """用語集の見出しではない言い方。"""
    for word in aliases():
        yield Passage("用語", word.label, "", "", word.text)


def weight(page: str, passage: Passage) -> int:
    """百分率で表した重み。"""
    if is_exercises(page):
        return 50
    if page in BACK and passage.section:
        return 40
    if passage.kind == "節" and not passage.section:
        return 115
    if passage.kind == "記号":
        return 120 if page == "notation" else 70
    return WEIGHTS.get(passage.title, LIGHT.get(passage.kind, 100))


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。数式を文字にするのに、`mathml` を使う。"""
    app.setup_extension("mathml")
    app.passages = {}
    app.connect("builder-inited", take_over)
    app.connect("doctree-resolved", collect)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

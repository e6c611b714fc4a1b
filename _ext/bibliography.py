"""参考文献の一覧の、日本語の組み方。章の「参考文献」の行と同じ順に、著者、題名、載った場所、年を書く。

本文からの参照は「LeCun ら（1989）」、一覧の見出しは「LeCun 1989」である。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pybtex.database import Entry, Person
from pybtex.plugin import register_plugin
from pybtex.style.formatting import BaseStyle, toplevel
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.names.plain import NameStyle as PlainNames
from pybtex.style.template import Node, href, join, names, optional, tag
from pybtex.style.template import field as entry_field
from sphinxcontrib.bibtex.plugin import register_plugin as register_reference_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle, PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

_WIDE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def is_japanese(entry: Entry) -> bool:
    """著者の名が日本語で書かれているか。

    Examples
    --------
    >>> is_japanese(Entry("book", persons={"author": [Person("斎藤, 康毅")]}))
    True
    """
    return any(_WIDE.search(str(person)) for person in entry.persons["author"])


def edition(text: str) -> str:
    """版の書き方。

    Examples
    --------
    >>> edition("2"), edition("改訂第3")
    ('第2版', '改訂第3版')
    """
    return f"第{text}版" if text.isdigit() else f"{text}版"


class Names(PlainNames):
    """著者の名。日本語の名は姓名の順に続けて書き、そのほかは名を頭文字にする。"""

    def format(self, person: Person, abbr: bool = False) -> Any:
        """一人の名。"""
        if _WIDE.search(str(person)):
            return join["".join(person.last_names), "".join(person.first_names)]
        return super().format(person, abbr)


class Labels(BaseLabelStyle):
    """一覧の見出し: 最初の著者の姓と年。同じになるものには文字を添える。"""

    def format_labels(self, sorted_entries: Sequence[Entry]) -> Iterator[str]:
        """並べられた順の見出し。"""
        plain = [f"{' '.join(e.persons['author'][0].last_names)} {e.fields['year']}" for e in sorted_entries]
        for n, label in enumerate(plain):
            same = plain[:n].count(label)
            yield label + ("abcdefgh"[same] if plain.count(label) > 1 else "")


class Style(BaseStyle):
    """一覧の一項目。"""

    def __init__(self) -> None:
        super().__init__(
            label_style=Labels, name_style=Names, sorting_style="author_year_title", abbreviate_names=True
        )

    def get_article_template(self, e: Entry) -> Node:
        """論文誌の論文。"""
        place = join[
            tag("em")[entry_field("journal")], " ", tag("strong")[entry_field("volume")],
            optional["(", entry_field("number"), ")"], ", ", _pages(), _note(),
        ]  # fmt: skip
        return _entry(e, _quoted(), place)

    def get_inproceedings_template(self, e: Entry) -> Node:
        """会議録や論文集の論文。"""
        volume = join[tag("strong")[entry_field("volume")], optional["(", entry_field("number"), ")"]]
        volume = join[", ", entry_field("series"), " ", volume] if "series" in e.fields else join[" ", volume]
        place = join[
            tag("em")[entry_field("booktitle")], optional[volume], optional[", ", entry_field("publisher")],
            optional[", ", _pages()],
        ]  # fmt: skip
        return _entry(e, _quoted(), place)

    def get_book_template(self, e: Entry) -> Node:
        """本。"""
        comma = "、" if is_japanese(e) else ", "
        which = optional[entry_field("edition", apply_func=lambda text: edition(str(text))), comma]
        return _entry(e, _book_title(e), join[which, entry_field("publisher")])

    def get_mastersthesis_template(self, e: Entry) -> Node:
        """修士論文。"""
        return _thesis(e, "修士論文")

    def get_phdthesis_template(self, e: Entry) -> Node:
        """博士論文。"""
        return _thesis(e, "博士論文")

    def get_misc_template(self, e: Entry) -> Node:
        """そのほか。"""
        return _entry(e, _quoted(), entry_field("howpublished"))


def _pages() -> Node:
    return entry_field("pages", apply_func=lambda text: str(text).replace("--", "–"))


def _note() -> Node:
    return optional["（", entry_field("note"), "）"]


def _quoted() -> Node:
    return join["“", entry_field("title"), "”"]


def _book_title(e: Entry) -> Node:
    return join["『", entry_field("title"), "』"] if is_japanese(e) else tag("em")[entry_field("title")]


def _thesis(e: Entry, kind: str) -> Node:
    return _entry(e, _book_title(e), join[e.fields.get("type", kind), ", ", entry_field("school"), _note()])


def _entry(e: Entry, title: Node, place: Node) -> Node:
    web = []
    if "doi" in e.fields:
        web = [" ", href(f"https://doi.org/{e.fields['doi']}")[f"doi:{e.fields['doi']}"]]
    elif "url" in e.fields:
        web = [" ", href(e.fields["url"])[e.fields["url"]]]
    if is_japanese(e):
        year = join["（", entry_field("year"), "）。"]
        return toplevel[join[join[names("author", sep="、"), title, place, year], join[web] if web else ""]]
    year = join[" (", entry_field("year"), ")."]
    return toplevel[join[names("author", sep=", "), ", ", title, ", ", place, year, join[web] if web else ""]]


def _brackets() -> BracketStyle:
    return BracketStyle(left="（", right="）", sep="、")


@dataclass
class References(AuthorYearReferenceStyle):
    """本文からの参照: 「Griewank と Walther（2008）」、「LeCun ら（1989）」。"""

    bracket_textual: BracketStyle = field(default_factory=_brackets)
    bracket_parenthetical: BracketStyle = field(default_factory=_brackets)
    person: PersonStyle = field(
        default_factory=lambda: PersonStyle(sep="、", sep2=" と ", last_sep="、", other=" ら")
    )
    author_year_sep: str = " "
    text_reference_sep: str = ""


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.setup_extension("sphinxcontrib.bibtex")
    register_plugin("pybtex.style.formatting", "japanese", Style)
    register_reference_plugin("sphinxcontrib.bibtex.style.referencing", "japanese", References)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

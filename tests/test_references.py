"""参考文献の検査: 章の「参考文献」の行、`references.bib`、`references.md` が食い違わないこと。"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bibliography import Style
from pybtex.database import BibliographyData, Entry, Person, parse_file
from toc import chapters

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = chapters()
BIB = ROOT / "references.bib"
PAGE = ROOT / "references.md"

REQUIRED = {
    "article": {"title", "journal", "volume", "pages", "year"},
    "book": {"title", "publisher", "year"},
    "inproceedings": {"title", "booktitle", "year"},
    "mastersthesis": {"title", "school", "year"},
    "misc": {"title", "howpublished", "year"},
    "phdthesis": {"title", "school", "year"},
}
PARAGRAPH = re.compile(r"(?m)^\*\*参考文献\*\*.*(?:\n.+)*")
QUOTED = re.compile(r"“([^”]+)”|『([^』]+)』|(?<!\*)\*([^*]+)\*(?!\*)")
YEAR = re.compile(r"[(（](\d{4})[)）]")
DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+")
ITEM = re.compile(r"(?m)^- \{cite:t\}`(\w+)`　(.+)$")


@cache
def bibliography() -> BibliographyData:
    """`references.bib` の全体。"""
    return parse_file(BIB)


def plain(text: str) -> str:
    """文字と数字だけを残した、比べるための題。"""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def names(title: str) -> set[str]:
    """題の書き方。副題を省いてもよい。"""
    return {plain(title), plain(re.split(r": | ― ", title)[0])}


def entries_called(title: str) -> dict[str, Entry]:
    """その題の文献。"""
    return {key: e for key, e in bibliography().entries.items() if plain(title) in names(e.fields["title"])}


def paragraphs(path: Path) -> list[str]:
    """章の「参考文献」の段落。"""
    cells = nbformat.read(path, as_version=4).cells
    return [p for c in cells if c.cell_type == "markdown" for p in PARAGRAPH.findall(c.source)]


def cited(paragraph: str) -> list[tuple[str, str | None]]:
    """段落に挙げられた文献の、題と年。

    論文は引用符、和書は二重かぎ括弧、洋書と学位論文は斜体の中を題とみなす。文献ごとに初めのものが題で、
    そのあとの斜体は、載った場所である。
    """
    found: list[tuple[str, str | None]] = []
    for source in re.split(r"(?<=\)\.)\s|(?<=\)); |\n", paragraph):
        titles = list(QUOTED.finditer(source))
        if not titles:
            continue
        first = titles[0]
        year = YEAR.search(source, first.end())
        found.append((next(filter(None, first.groups())), year[1] if year else None))
    return found


class TestChapters:
    """章の「参考文献」の行。"""

    def test_there_are_chapters_that_cite(self) -> None:
        assert sum(len(cited(p)) for path in CHAPTERS for p in paragraphs(path)) >= 30

    @pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
    def test_every_source_is_in_the_bibliography_with_the_same_year(self, path: Path) -> None:
        for paragraph in paragraphs(path):
            sources = cited(paragraph)
            assert sources, f"題の読みとれない「参考文献」: {paragraph}"
            for title, year in sources:
                found = entries_called(title)
                assert found, f"references.bib にない: {title}"
                assert year is None or year in {e.fields["year"] for e in found.values()}, (title, year)

    @pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
    def test_first_author_is_the_same(self, path: Path) -> None:
        for paragraph in paragraphs(path):
            for title, _ in cited(paragraph):
                authors = {
                    " ".join(e.persons["author"][0].last_names) for e in entries_called(title).values()
                }
                assert any(author in paragraph for author in authors), (title, authors)


class TestBibliography:
    """`references.bib`。"""

    def test_keys_are_sorted_and_unique(self) -> None:
        keys = re.findall(r"(?m)^@\w+\{([^,]+),$", BIB.read_text(encoding="utf-8"))
        assert keys == sorted(set(keys))
        assert set(keys) == set(bibliography().entries)
        assert not [key for key in keys if not re.fullmatch(r"[a-z]+\d{4}[a-z]?", key)]

    def test_no_field_is_missing_or_empty(self) -> None:
        for key, entry in bibliography().entries.items():
            assert REQUIRED[entry.type] <= set(entry.fields), key
            assert entry.persons["author"], key
            assert not [name for name, value in entry.fields.items() if not value.strip()], key

    def test_years_are_plausible_and_in_the_key(self) -> None:
        for key, entry in bibliography().entries.items():
            assert 1800 <= int(entry.fields["year"]) <= 2026, key
            assert re.search(r"\d{4}", key)[0] == entry.fields["year"]

    def test_pages_ascend(self) -> None:
        for key, entry in bibliography().entries.items():
            if "pages" in entry.fields:
                pages = [int(page) for page in entry.fields["pages"].split("--")]
                assert pages == sorted(pages), key
                assert len(pages) <= 2, key

    def test_identifiers_are_well_formed(self) -> None:
        for key, entry in bibliography().entries.items():
            assert DOI.fullmatch(entry.fields.get("doi", "10.1000/x")), key
            assert re.fullmatch(r"https?://\S+", entry.fields.get("url", "http://x")), key

    def test_no_title_is_entered_twice(self) -> None:
        titles = [plain(entry.fields["title"]) for entry in bibliography().entries.values()]
        assert len(titles) == len(set(titles))


class TestPage:
    """`references.md`。"""

    def test_every_entry_is_annotated_once(self) -> None:
        items = ITEM.findall(PAGE.read_text(encoding="utf-8"))
        assert sorted(key for key, _ in items) == sorted(bibliography().entries)

    def test_every_annotation_is_a_sentence_with_a_link(self) -> None:
        for key, text in ITEM.findall(PAGE.read_text(encoding="utf-8")):
            assert re.fullmatch(r".+。→ \{ref\}`[^`]*<sec-[a-z0-9-]+>`", text), key

    def test_nothing_else_is_cited(self) -> None:
        keys = re.findall(r"\{cite[^}]*\}`([^`]+)`", PAGE.read_text(encoding="utf-8"))
        assert set(keys) <= set(bibliography().entries)


class TestStyle:
    """一覧の組み方。"""

    @staticmethod
    def rendered(entries: list[Entry]) -> dict[str, str]:
        """見出しから、組まれた書誌を引く。"""
        return {e.label: e.text.render_as("text") for e in Style().format_entries(entries)}

    def test_entries_read_like_the_lines_of_the_chapters(self) -> None:
        shown = self.rendered(list(bibliography().entries.values()))
        assert len(shown) == len(bibliography().entries)
        assert shown["Rumelhart 1986"] == (
            "D. E. Rumelhart, G. E. Hinton, R. J. Williams, "
            "“Learning representations by back-propagating errors”, Nature 323(6088), 533–536 (1986). "
            "doi:10.1038/323533a0"
        )
        assert shown["斎藤 2016"] == (
            "斎藤康毅『ゼロから作るDeep Learning ― Pythonで学ぶディープラーニングの理論と実装』"
            "オライリー・ジャパン（2016）。"
        )
        assert "第2版, SIAM (2008)" in shown["Griewank 2008"]
        assert "修士論文, University of Helsinki（フィンランド語）" in shown["Linnainmaa 1970"]

    def test_same_author_and_year_get_different_labels(self) -> None:
        fields = {"publisher": "P", "year": "2000"}
        entries = [Entry("book", fields | {"title": title}, {"author": [Person("A, B")]}) for title in "XY"]
        assert sorted(self.rendered(entries)) == ["A 2000a", "A 2000b"]

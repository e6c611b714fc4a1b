"""用語集と、よくある間違いの一覧。"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from toc import chapters

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = chapters()
SOURCES = [ROOT / "index.md", ROOT / "notation.md", ROOT / "proof.md", *CHAPTERS]
ENTRY = re.compile(r"(?m)^(?P<term>[^\s:(#].*) : (?P<key>\S)\n(?:(?P<english>\S.*)\n)?  (?P<text>.+)$")
READING = re.compile(r"[ぁ-ゖー・]+")
INTRODUCED = re.compile(r"\*\*([^*\n]+)\*\*（(?:[ァ-ヶー]+、)?([^）、,。]*[A-Za-z]{3}[^）、,。]*)")
SMALL = str.maketrans("ぁぃぅぇぉっゃゅょ", "あいうえおつやゆよ")


def entries() -> list[re.Match[str]]:
    """用語集の項目。"""
    return list(ENTRY.finditer((ROOT / "glossary.md").read_text(encoding="utf-8")))


def plain(kana: str) -> str:
    """濁点、小さい文字、長音の記号を除いた、並べるための読み。"""
    letters = unicodedata.normalize("NFD", kana)
    return re.sub("[\u3099\u309aー・]", "", letters).translate(SMALL)


def texts(path: Path) -> str:
    """文章のセルをつないだもの。"""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


class TestGlossary:
    """用語集。"""

    def test_there_are_enough_entries_and_no_term_twice(self) -> None:
        terms = [entry["term"] for entry in entries()] + [e["english"] for e in entries() if e["english"]]
        assert len(entries()) >= 80
        assert len(terms) == len(set(terms))
        source = (ROOT / "glossary.md").read_text(encoding="utf-8")
        assert len(entries()) == len(re.findall(r"(?m)^\S.* : \S$", source))

    def test_every_japanese_entry_has_its_reading_and_its_english(self) -> None:
        for entry in entries():
            if not re.match("[A-Za-z]", entry["key"]):
                reading = entry["text"].partition("。")[0]
                assert READING.fullmatch(reading), entry["term"]
                assert plain(reading)[0] == entry["key"], entry["term"]
                assert re.match("[A-Za-z]", entry["english"] or ""), entry["term"]

    def test_entries_are_in_the_order_of_their_readings(self) -> None:
        readings = [e["text"].partition("。")[0] for e in entries() if not re.match("[A-Za-z]", e["key"])]
        assert list(map(plain, readings)) == sorted(map(plain, readings))
        latin = [entry["term"].lower() for entry in entries() if re.match("[A-Za-z]", entry["key"])]
        assert latin == sorted(latin)

    def test_every_entry_leads_to_a_place_in_the_book(self) -> None:
        assert not [entry["term"] for entry in entries() if not re.search(r"→ \{ref\}`sec-", entry["text"])]

    @pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
    def test_introduced_terms_are_listed_with_the_same_english(self, path: Path) -> None:
        english = {entry["term"]: entry["english"] or entry["term"] for entry in entries()}
        for term, translation in INTRODUCED.findall(texts(path)):
            assert english.get(term) == translation.strip(), (term, translation)

    def test_introduced_terms_are_linked_in_the_pages(self, pages: dict[str, BeautifulSoup]) -> None:
        for path in CHAPTERS:
            introduced = {term for term, _ in INTRODUCED.findall(texts(path))}
            links = pages[f"chapters/{path.stem}.html"].select("strong a[href*='glossary.html#term-']")
            assert {link.get_text() for link in links} >= introduced

    def test_terms_stand_in_the_index(self, pages: dict[str, BeautifulSoup]) -> None:
        listed = {word.get_text() for word in pages["genindex.html"].select(".index-word")}
        assert not [entry["term"] for entry in entries() if entry["term"] not in listed]


class TestPitfalls:
    """よくある間違いの一覧。どの間違いにも、走らせて見せる場所がある。"""

    # 一覧に欠けてはならない間違い（題の一部）。
    REQUIRED = (
        "勾配降下法のこと", "記号微分や数値微分", "後ろから計算するから", "答えとのずれ", "$y - \\hat y$ と書く",
        "$f'$ を掛けない", "$z$ ではなく $a$", "`A >= 0`", "$W^\\top$ の代わりに", "形が合うように", "木とみなす",
        "上書きする", "輪がなければ", "½と2と1/N", "バイアスの勾配を平均", "伝える前に", "届いた勾配に書き込む",
        "2回呼ぶ", "対角線だけ", "$\\varepsilon$ を足す", "4分の1倍", "ReLU に替えれば", "0や同じ値から",
        "最小に近い", "小さいほどよい", "一点で合えば", "float32", "折れ目", "損失が下がれば", "形の違う配列",
        "値を切りつめる",
    )  # fmt: skip

    def items(self) -> list[tuple[str, str]]:
        """間違いと、その説明。"""
        source = (ROOT / "pitfalls.md").read_text(encoding="utf-8")
        return re.findall(r"(?m)^(\S.*)\n: (.+)$", source)

    def test_the_list_is_complete(self) -> None:
        titles = [title for title, _ in self.items()]
        assert len(titles) == len(set(titles))
        assert not [words for words in self.REQUIRED if not any(words in title for title in titles)]

    def test_every_mistake_is_run_where_the_link_leads(self) -> None:
        code = {}  # 節のラベルから、その節にあるコードのセルの数を引く
        for path in CHAPTERS:
            open_sections: list[tuple[int, str]] = []
            for cell in nbformat.read(path, as_version=4).cells:
                if cell.cell_type == "code":
                    for _, label in open_sections:
                        code[label] += 1
                    continue
                for label, marks in re.findall(r"(?m)(?:^\((sec-[\w-]+)\)=\n)?^(#+) ", cell.source):
                    open_sections = [section for section in open_sections if section[0] < len(marks)]
                    if label:
                        open_sections.append((len(marks), label))
                        code[label] = 0
        for title, text in self.items():
            labels = re.findall(r"\{ref\}`(?:[^`<]*<)?(sec-[\w-]+)>?`", text)
            assert labels, title
            assert all(code.get(label) for label in labels), (title, labels)

"""検索と索引: 読者が打ち込みそうな言葉で、それを扱う節がはじめに出る。"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
import searching
import yaml
from bs4 import BeautifulSoup
from finding import INDEX, Index
from indexing import aliases, words

ROOT = Path(__file__).resolve().parents[1]
ALIASES = yaml.safe_load((ROOT / "_ext" / "aliases.yml").read_text(encoding="utf-8"))
QUERIES: dict[str, dict[str, str | list[str]]] = yaml.safe_load(
    (ROOT / "tests" / "search_queries.yml").read_text(encoding="utf-8")
)
LARGEST = 300_000
"""索引の重さの上限（gzip のバイト数）。"""
BOUNDS = {"seen": (0.94, 0.98), "unseen": (0.90, 0.98), "all": (0.93, 0.98)}
"""はじめに出る割合と、三番目までに出る割合の下限。検索を作る前に書いて、作るあいだ見なかった問いは、分けて数える。"""

Pages = dict[str, BeautifulSoup]
Results = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def index(html: Path) -> Index:
    """できあがった索引。"""
    return Index(html)


@pytest.fixture(scope="module")
def results(index: Index) -> Results:
    """すべての問いの結果。"""
    return index.find(query for group in QUERIES.values() for query in group)


def wanted(index: Index, places: str | list[str]) -> set[str]:
    """出るべき節の場所。"""
    return {index.sections[place] for place in ([places] if isinstance(places, str) else places)}


def rank(found: list[dict[str, Any]], sections: set[str]) -> int:
    """出るべき節の順位（はじめが 0）。"""
    order = [n for n, result in enumerate(found) if result["section"] in sections]
    return order[0] if order else len(found) + 99


class TestQueries:
    """学ぶ人の問い。"""

    def test_there_are_enough(self) -> None:
        assert len(QUERIES["seen"]) >= 150
        assert len(QUERIES["unseen"]) >= 40
        assert not QUERIES["seen"].keys() & QUERIES["unseen"].keys()

    def test_every_place_exists(self, index: Index) -> None:
        for places in (QUERIES["seen"] | QUERIES["unseen"]).values():
            assert wanted(index, places)
        for name in ("keywords", "equations"):
            listed = yaml.safe_load((ROOT / "_ext" / "search" / f"{name}.yml").read_text(encoding="utf-8"))
            assert not listed.keys() - index.sections.keys(), name

    @pytest.mark.parametrize("group", BOUNDS)
    def test_the_section_comes_first(self, index: Index, results: Results, group: str) -> None:
        asked = QUERIES["seen"] | QUERIES["unseen"] if group == "all" else QUERIES[group]
        ranks = {query: rank(results[query], wanted(index, places)) for query, places in asked.items()}
        late = {query: place for query, place in ranks.items() if place}
        first, three = BOUNDS[group]
        assert sum(place == 0 for place in ranks.values()) >= first * len(ranks), late
        assert sum(place < 3 for place in ranks.values()) >= three * len(ranks), late

    def test_a_trouble_is_found_first(self, index: Index, results: Results) -> None:
        asked = {q: place for q, place in QUERIES["seen"].items() if "sec-trouble" in str(place)}
        assert len(asked) >= 35
        assert not {q: n for q, place in asked.items() if (n := rank(results[q], wanted(index, place)))}


SAME = {
    "Ａｄａｍ": "adam", "ＸＯＲ": "xor", "ﾊﾞｲｱｽ": "バイアス", "モメンタム": "モーメンタム", "しぐもいど": "シグモイド",
    "逆伝搬": "逆伝播", "連鎖率": "連鎖律", "疑似コード": "擬似コード", "平均二乗誤差": "平均2乗誤差", "Ｗ": "w",
    "softmaxの微分": "softmax の微分",
}  # fmt: skip
"""書き方だけが違う言葉。"""


class TestWords:
    """言葉の書き方。"""

    @pytest.mark.parametrize("one", SAME)
    def test_spellings_find_the_same(self, index: Index, one: str) -> None:
        found = index.find([one, SAME[one]])
        assert found[one]
        urls = [[result["url"] for result in found[query]] for query in (one, SAME[one])]
        assert urls[0] == urls[1]

    @pytest.mark.long
    def test_every_term_leads_to_its_section_with_its_meaning(self, index: Index, pages: Pages) -> None:
        named = [word for word in words() if word.text not in {alias.text for alias in aliases()}]
        found = index.find({name for word in named for name in (word.text, word.reading)})
        assert len(named) > 200
        lost = []
        for word in named:
            for name in (word.text, word.reading):
                (first, *_) = found[name]
                right = first["section"] == index.sections[word.label] and first["kind"] == "用語"
                if not (right and first["excerpt"]):
                    lost.append((name, first["kind"], first["url"]))
        assert not lost

    def test_every_other_name_leads_to_its_section(self, index: Index) -> None:
        found = index.find(ALIASES)
        lost = {
            word.text: found[word.text][0]["url"]
            for word in aliases()
            if found[word.text][0]["section"] != index.sections[word.label]
        }
        assert not lost

    def test_every_equation_is_found_by_its_label_and_its_symbols(self, index: Index) -> None:
        labels = [label for label in index.sections if re.match("(eq|def)-", label)]
        found = index.find(labels)
        assert len(labels) > 80
        lost = [label for label in labels if found[label][0]["url"].partition("#")[2] != f"equation-{label}"]
        assert not lost
        for symbol in ("δ", "∂", "σ′", "∇", "η", "⊙", "W"):
            assert index.find([symbol])[symbol], symbol

    def test_nothing_is_found_for_nothing(self, index: Index) -> None:
        found = index.find(["", "　", "<script>alert(1)</script>", "ゑゑゑゑ", "(", "\\", "‮"])
        assert not found[""]
        assert not found["　"]
        assert not any("<script" in result["title"] + result["excerpt"] for result in sum(found.values(), []))

    def test_a_slip_still_finds_the_term(self, index: Index) -> None:
        for slip, label in {"ソフトマクス": "sec-softmax", "クロスエントロビー": "sec-cross-entropy"}.items():
            assert index.find([slip])[slip][0]["section"] == index.sections[label]


class TestIndex:
    """索引の中身。"""

    def test_it_is_light(self, html: Path) -> None:
        assert len(gzip.compress((html / INDEX).read_bytes(), 9, mtime=0)) <= LARGEST

    def test_it_stays_light_when_the_book_grows(self, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(searching, "LARGEST", 220_000)
        assert len(gzip.compress(searching.fitted(index.data).encode(), 9, mtime=0)) <= 220_000

    def test_every_place_is_there(self, index: Index, pages: Pages) -> None:
        ids = {name: {tag["id"] for tag in page.select("[id]")} for name, page in pages.items()}
        lost = [row[1:4] for row in index.data["places"] if row[3] not in ids[index.data["pages"][row[1]]]]
        assert len(index.data["places"]) > 1000
        assert not lost

    def test_every_section_equation_and_figure_is_listed(self, index: Index, pages: Pages) -> None:
        listed = {(index.data["pages"][row[1]], row[3]) for row in index.data["places"]}
        for name, page in pages.items():
            for tag in page.select("article section[id], article div.math[id], article figure[id]"):
                if name not in {"genindex.html", "search.html"}:
                    ids = {tag["id"], *(span["id"] for span in tag.select(":scope > span[id]"))}
                    assert any((name, place) in listed for place in ids), (name, ids)

    def test_texts_are_readable(self, index: Index) -> None:
        texts = [row[6] for row in index.data["places"] if len(row) > 6]
        raw = re.compile(r"\\[a-zA-Z]+\{|\$|\{\w+\}`|(?m:^import |^from \w+ import)")
        assert not [text for text in texts if raw.search(text)]
        assert not [text for text in texts if re.search(r"(?:図|表|準備|検印)のコード$|検印 eq-", text)]

    def test_excerpts_show_the_words(self, results: Results) -> None:
        for query, found in results.items():
            assert found, query
            for result in found[:10]:
                shown = result["excerpt"] or result["math"]
                assert shown, (query, result["url"])
                tags = set(re.findall(r"</?(\w+)", result["excerpt"]))
                assert tags <= {"mark", "sub", "sup"}, (query, tags)
                assert len(BeautifulSoup(result["excerpt"], "html.parser").get_text()) <= 200
        first = [found[0] for found in results.values()]
        marked = [hit for hit in first if "<mark>" in hit["title"] + hit["excerpt"] or hit["math"]]
        assert len(marked) >= 0.95 * len(first)

    def test_pages_to_come_join_by_themselves(self, html: Path) -> None:
        # 目次に入ったページは、名前によらず集められる。
        assert not re.search("chapters", (ROOT / "_ext" / "passages.py").read_text(encoding="utf-8"))


def index_words(page: BeautifulSoup) -> list[str]:
    """索引のページに並ぶ言葉。"""
    return [word.get_text() for word in page.select(".index-word")]


class TestPrintedIndex:
    """巻末の索引。"""

    def test_every_term_and_alias_is_in_the_index(self, pages: Pages) -> None:
        listed = set(index_words(pages["genindex.html"]))
        terms = {term.get_text().strip("# \n") for term in pages["glossary.html"].select("dl.glossary dt")}
        assert len(terms) > 200
        assert terms <= listed
        assert ALIASES.keys() <= listed

    def test_aliases_lead_to_sections_that_use_other_words(self, pages: Pages) -> None:
        terms = {term.get_text().strip("# \n") for term in pages["glossary.html"].select("dl.glossary dt")}
        assert not ALIASES.keys() & terms
        places = {place["id"] for page in pages.values() for place in page.select("section[id], span[id]")}
        assert {label for _, label in ALIASES.values()} <= places

    def test_it_has_only_letters_and_kana_as_headings(self, pages: Pages) -> None:
        headings = [heading.get_text().strip("# \n") for heading in pages["genindex.html"].select("h2")]
        assert len(headings) > 40
        assert not [heading for heading in headings if not re.fullmatch("[A-Zあ-ん]", heading)]

    def test_it_is_in_the_order_of_readings(self, pages: Pages) -> None:
        texts = index_words(pages["genindex.html"])
        order = [texts.index(word) for word in ("後退型", "恒等関数", "勾配", "勾配降下法", "誤差項")]
        assert order == sorted(order)

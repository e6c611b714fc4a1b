"""紙の本（PDF）: できたファイルそのものを読んで、サイトと比べる。"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from fontTools.ttLib import TTFont
from papers import Paper, Word, told
from press import finish, typeset, volume
from press.__main__ import HERE

ROOT = Path(__file__).resolve().parents[1]
A4 = (595.28, 841.89)
LEFT, RIGHT = 21 / 25.4 * 72, (210 - 21) / 25.4 * 72
TOP, BOTTOM = 23 / 25.4 * 72, (297 - 21) / 25.4 * 72
LINE = "版面の行です。" * 15
"""はみ出させてみる行。"""
FAMILIES = {
    "BIZUDGothic", "BIZUDMincho", "STIXTwoText", "STIXTwoMath", "DejaVuSansMono", "OTS-derived-font",
}  # fmt: skip
"""刷ってよい書体。サイトの数式の書体は、抜き出したものなので、名が OTS-derived-font になる。"""


def numbers(element: Tag, name: str) -> list[str]:
    """数式（eqno）か図（caption-number）の番号。"""
    return [re.sub(r"\s", "", found.get_text()).removesuffix("#") for found in element.find_all(class_=name)]


@pytest.fixture(scope="module")
def book_html(book_pdf: Paper) -> BeautifulSoup:
    """組んだ HTML。"""
    return BeautifulSoup((book_pdf.path.parent / "book.html").read_text(encoding="utf-8"), "html.parser")


class TestForm:
    """紙の形。"""

    def test_every_page_is_a4(self, book_pdf: Paper) -> None:
        sizes = {tuple(float(value) for value in page.mediabox) for page in book_pdf.pdf.pages}
        for left, bottom, right, top in sizes:
            assert (left, bottom) == (0, 0)
            assert (right, top) == pytest.approx(A4, abs=1)

    def test_number_of_pages(self, book_pdf: Paper) -> None:
        assert 500 < len(book_pdf.pdf.pages) < 700

    def test_page_numbers_are_printed(self, book_pdf: Paper) -> None:
        """扉と奥付のほかは、下に、1から数えたページの番号がある。"""
        for n, words in enumerate(book_pdf.words[1:-1], 2):
            foot = [word.text for word in words if word.top > BOTTOM]
            assert foot == [str(n)], f"{n}ページの下: {foot}"

    def test_running_heads(self, book_pdf: Paper) -> None:
        """部の扉のほかは、上に、章の題がある。"""
        bare = {book_pdf.page_of(name) for name in book_pdf.destinations if name.startswith("part--")}
        blank = [
            n
            for n, words in enumerate(book_pdf.words[1:-1], 2)
            if n not in bare and not any(word.bottom < TOP for word in words)
        ]
        assert not blank

    def test_letters_have_the_size_of_the_style(self, book_pdf: Paper) -> None:
        """本文の字は、書式の大きさ。版面からはみ出すものが一つでもあれば、Chromium は、本のすべてを縮める。"""
        assert _shrunk(book_pdf) == pytest.approx(1, abs=0.005)

    @pytest.mark.parametrize("style", ["margin-right: -20mm", "white-space: nowrap", "width: 200mm"])
    def test_what_sticks_out_is_noticed(self, book_pdf: Paper, tmp_path: Path, style: str) -> None:
        assert _shrunk(_sheet(book_pdf, tmp_path, "")) == pytest.approx(1, abs=0.005)
        assert _shrunk(_sheet(book_pdf, tmp_path, style)) < 0.98

    def test_no_letter_is_cut_off(self, book_pdf: Paper, book_html: BeautifulSoup) -> None:
        """版面の外の字は、刷られない。組んだ HTML の仮名は、どれも、同じ数より多く刷られている（表の見出しはくり返す）。"""
        letters = _kana(book_html.body.get_text())
        assert letters.total() > 200_000
        assert letters - _printed(book_pdf) == Counter()

    def test_what_is_cut_off_is_noticed(self, book_pdf: Paper, tmp_path: Path) -> None:
        whole = _kana("ふつうの行です。" + LINE)
        assert whole - _printed(_sheet(book_pdf, tmp_path, "")) == Counter()
        assert whole - _printed(_sheet(book_pdf, tmp_path, "margin-left: -9mm"))

    def test_no_heading_is_left_at_the_foot(self, book_pdf: Paper) -> None:
        """章と節の題のあとに、同じページに、何かが続く。"""
        lonely = []
        for _, title, n in book_pdf.outline():
            squeezed, text = re.sub(r"\s", "", title), book_pdf.texts[n - 1]
            if text.removesuffix(str(n)).endswith(squeezed) and not _is_part(book_pdf, n):
                lonely.append((n, title))
        assert not lonely

    def test_no_small_heading_is_left_at_the_foot(self, book_pdf: Paper, book_html: BeautifulSoup) -> None:
        """表の題と、開いたところの題も、次のものと離れない。"""
        found = book_html.select("p.rubric, caption, .opened-title, .gathered-title")
        titles = {_bare(title.get_text()) for title in found}
        lonely = [
            (n, line)
            for n, words in enumerate(book_pdf.words, 1)
            if (line := _bare(_last_line(words))) in titles and not _is_part(book_pdf, n)
        ]
        assert len(titles) > 100
        assert not lonely

    def test_no_cell_is_one_letter_wide(self, book_pdf: Paper) -> None:
        """表の列は、一字ずつの縦書きになるほど、狭くない。"""
        assert {n: found for n, words in enumerate(book_pdf.words, 1) if (found := _stacked(words))} == {}


def _shrunk(book: Paper) -> float:
    """本文の字の、書式の大きさに対する割合。"""
    style = (HERE / "press.css").read_text(encoding="utf-8")
    size = float(re.search(r"font: ([\d.]+)pt/", style.partition("html[data-theme], body.paper")[2])[1])
    last = book.page_of("part--hint") - 1 if "part--hint" in book.destinations else None
    heights = Counter(
        round(word.bottom - word.top, 2)
        for words in book.words[:last]
        for word in words
        if re.match("[ぁ-ん]", word.text) and TOP < word.top < BOTTOM
    )
    return heights.most_common(1)[0][0] / size


def _bare(text: str) -> str:
    """空白と、行き先のページを除いた字。"""
    return re.sub(r"\s|（\d+ページ）$", "", text)


def _last_line(words: list[Word]) -> str:
    """版面のいちばん下の行。"""
    inside = [word for word in words if word.top > TOP - 1 and word.bottom < BOTTOM + 1]
    foot = max((word.bottom for word in inside), default=0.0)
    return "".join(word.text for word in sorted(inside, key=lambda word: word.left) if word.bottom > foot - 3)


def _stacked(words: list[Word], tall: int = 4) -> list[str]:
    """一字ずつ、真下に並んだ字。"""
    letters = [word for word in words if re.fullmatch("[ぁ-んァ-ヶ一-龠]", word.text)]
    runs: list[list[Word]] = []
    for word in sorted(letters, key=lambda word: (round(word.left), word.top)):
        last = runs[-1][-1] if runs else None
        if last and abs(last.left - word.left) < 1 and word.top - last.top < 2 * (word.bottom - word.top):
            runs[-1].append(word)
        else:
            runs.append([word])
    stacks = ("".join(word.text for word in run) for run in runs)
    return [stack for stack in stacks if len(set(stack)) >= tall]


def _kana(text: str) -> Counter[str]:
    return Counter(re.findall("[ぁ-んァ-ヶ]", text))


def _printed(book: Paper) -> Counter[str]:
    """柱のほかに刷られた仮名。"""
    return _kana("".join(word.text for words in book.words for word in words if word.top > TOP - 4))


def _sheet(book: Paper, folder: Path, style: str) -> Paper:
    """同じ書式で組んだ、一枚の紙。"""
    page = book.path.parent / f"{folder.name}.html"
    head = (book.path.parent / "book.html").read_text(encoding="utf-8").partition("<body")[0]
    line = f'<p style="{style}">{LINE}</p>'
    text = '<body class="paper"><main><article class="bd-article leaf depth1">'
    page.write_text(
        f"{head}{text}<p>ふつうの行です。</p>{line}</article></main></body></html>", encoding="utf-8"
    )
    try:
        typeset.pdf(page, folder / "sheet.pdf")
    finally:
        page.unlink()
    return Paper(folder / "sheet.pdf")


def _is_part(book: Paper, page: int) -> bool:
    return page in {book.page_of(name) for name in book.destinations if name.startswith("part--")}


class TestLetters:
    """書体と絵。"""

    def test_fonts_are_embedded_outlines(self, book_pdf: Paper) -> None:
        """どの書体も輪郭として埋め込まれ、本の書体である（Type 3 も、機械にある書体も使わない）。"""
        lines = told("pdffonts", book_pdf.path).splitlines()[2:]
        assert lines
        for line in lines:
            name, kind = line[:36].strip(), line[37:54].strip()
            assert kind == "CID TrueType", line
            assert line[72:].split()[0] == "yes", line
            assert name.partition("+")[2].split("-")[0] in {family.split("-")[0] for family in FAMILIES}, line

    def test_every_letter_has_a_glyph(self, book_html: BeautifulSoup) -> None:
        fonts = HERE.parents[1] / "_build" / "press" / "fonts"
        known = {code for path in fonts.iterdir() for code in TTFont(path).getBestCmap()}
        used = Counter(letter for text in book_html.body.find_all(string=True) for letter in text)
        unknown = {
            letter: n for letter, n in used.items() if ord(letter) not in known and not _unseen(letter)
        }
        assert not unknown

    def test_pictures_are_vectors_or_fine(self, book_pdf: Paper) -> None:
        """図は輪郭。値を一つずつ塗った地図と目盛りの帯だけが画素で、1インチに300より細かい。"""
        lines = told("pdfimages", "-list", book_pdf.path).splitlines()[2:]
        assert lines
        assert [line for line in lines if min(map(int, line.split()[12:14])) < 300] == []


def _unseen(letter: str) -> bool:
    """形のない字: 改行、幅のない空白、数式の見えない演算子。"""
    return letter.isspace() or 0x2060 <= ord(letter) <= 0x2064 or ord(letter) in {0x200B, 0xFE0E}


class TestAgreement:
    """サイトと同じ番号、同じ題。"""

    def test_outline_is_the_contents_of_the_site(self, book_pdf: Paper, bodies: dict[str, Tag]) -> None:
        """しおりの章の題は、サイトの題と同じ順に並ぶ。節も、同じ。"""
        chapters = [title for depth, title, _ in book_pdf.outline() if depth < 3]
        expected = []
        for name, body in bodies.items():
            own = [_title(heading) for heading in body.find_all(["h1", "h2"])]
            whole = not name.startswith("exercises/") and name != "genindex"
            expected += own[1:] if name == "index" else own if whole else own[:1]
        assert _subsequence(expected, chapters) == []

    def test_contents_page_lists_the_outline(self, book_pdf: Paper) -> None:
        """目次に、しおりの題が、どれもある（ページは、下で調べる）。"""
        last = min(n for _, title, n in book_pdf.outline() if title == volume.FRONT) - 1
        printed = "".join(book_pdf.texts[1:last])
        for _, title, _ in book_pdf.outline():
            assert re.sub(r"\s", "", title) in printed, title

    def test_equation_numbers(self, book_pdf: Paper, bodies: dict[str, Tag]) -> None:
        """数式の番号は、サイトと同じ順に、右の端に刷られている。"""
        expected = [
            re.match(r"\([\w.]+\)", number)[0] for body in bodies.values() for number in numbers(body, "eqno")
        ]
        edge = [
            word.text
            for words in book_pdf.words
            for word in sorted(words, key=lambda word: word.top)
            if re.fullmatch(r"\([\w.]+\)", word.text) and word.right > RIGHT - 12
        ]
        assert len(expected) > 80
        assert _subsequence(expected, edge) == []

    @pytest.mark.parametrize("kind", ["図", "表"])
    def test_caption_numbers(self, book_pdf: Paper, bodies: dict[str, Tag], kind: str) -> None:
        """図と表の番号は、サイトと同じ順に刷られている。"""
        expected = [
            _plain(number.get_text())
            for body in bodies.values()
            for number in body.find_all(class_="caption-number")
            if number.get_text().strip().startswith(kind)
        ]
        found = [_plain(mark) for mark in re.findall(rf"{kind}\s?[\dA-Z]+(?:\.\d+)?\b", book_pdf.text)]
        assert kind == "表" or len(expected) > 100
        assert _subsequence(expected, found) == []

    def test_exercise_titles(self, book_pdf: Paper, bodies: dict[str, Tag]) -> None:
        """練習問題の番号と題は、サイトと同じ。"""
        whole = _plain("".join(book_pdf.texts))
        titles = [
            _plain(_title(heading))
            for name, body in bodies.items()
            if name.startswith("exercises/")
            for heading in body.find_all("h2")
        ]
        assert len(titles) > 200
        assert [title for title in titles if title not in whole] == []

    def test_every_number_printed_for_a_page_is_that_page(
        self, book_pdf: Paper, book_html: BeautifulSoup
    ) -> None:
        """参照、目次、索引に書いたページの番号は、行き先のページ。"""
        marks = book_html.find_all(attrs={"data-to": True})
        assert len(marks) > 1000
        wrong = [
            mark
            for mark in marks
            if int(re.sub(r"\D", "", mark.get_text())) != _page(book_pdf, mark["data-to"])
        ]
        links = book_html.find_all("a", class_="index-page")
        wrong += [link for link in links if int(link.get_text()) != _page(book_pdf, link["href"][1:])]
        assert len(links) > 300
        assert not wrong

    def test_every_link_lands(self, book_pdf: Paper, book_html: BeautifulSoup) -> None:
        lost = {name for _, name in book_pdf.links() if name not in book_pdf.destinations}
        links = {link["href"][1:] for link in book_html.find_all("a", href=re.compile("^#"))}
        ids = {element["id"] for element in book_html.find_all(id=True)}
        assert len(links) > 1000
        assert not lost | (links - ids)


def _plain(text: str) -> str:
    """空白を除き、数式の字をふつうの字にしたもの。"""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _page(book: Paper, name: str) -> int:
    return book.page_of(name)


def _title(heading: Tag) -> str:
    return "".join(
        text for text in heading.find_all(string=True) if text.find_parent(class_="headerlink") is None
    ).strip()


def _subsequence(expected: list[str], found: list[str]) -> list[str]:
    """``found`` の中に順に見つからない、はじめのもの。"""
    rest = iter(found)
    for one in expected:
        if not any(one == other for other in rest):
            return [one]
    return []


class TestPlan:
    """載せるものと、載せないもの。"""

    def test_nothing_is_said_to_be_opened_here(self, book_pdf: Paper) -> None:
        """畳んだコードのことは、サイトにあると言う。"""
        whole = "".join(book_pdf.texts)
        assert "サイトとノートブックにあります" in whole
        assert "開くと読め" not in whole

    def test_machinery_is_left_out(self, book_pdf: Paper, bodies: dict[str, Tag]) -> None:
        """サイトで畳んだ、図を描くコードは、刷らない。"""
        folded = {
            line.strip()
            for body in bodies.values()
            for box in body.find_all("details", class_="folded")
            for line in box.get_text().splitlines()
            if len(line.strip()) > 30
        }
        left = [copy.copy(body) for body in bodies.values()]
        for body in left:
            for box in body.find_all("details", class_="folded"):
                box.extract()
        shown = "".join(re.sub(r"\s", "", body.get_text()) for body in left)
        only = {line for line in (re.sub(r"\s", "", line) for line in folded) if line not in shown}
        whole = "".join(book_pdf.texts)
        assert len(only) > 300
        assert [line for line in only if line in whole] == []

    def test_answers_are_gathered_at_the_end(self, book_pdf: Paper, bodies: dict[str, Tag]) -> None:
        """どの問いのヒントと解答も、終わりの二つの部にあり、問いからページで引ける。"""
        first = {kind: book_pdf.page_of(f"part--{kind}") for kind in ("hint", "solution")}
        last = next(n for _, title, n in book_pdf.outline() if title == "索引")
        asked = [
            f"{name.replace('/', '-')}--{section['id']}"
            for name, body in bodies.items()
            if name.startswith("exercises/")
            for section in body.find_all("section", id=re.compile("^ex-"))
        ]
        assert len(asked) > 200
        for name in asked:
            assert book_pdf.page_of(name) < first["hint"]
            assert first["hint"] < book_pdf.page_of(f"{name}--hint") < first["solution"]
            assert first["solution"] < book_pdf.page_of(f"{name}--solution") < last

    def test_index_is_in_kana_order(self, book_pdf: Paper) -> None:
        n = next(n for _, title, n in book_pdf.outline() if title == "索引")
        column = (RIGHT - LEFT) / 3
        letters = [
            word.text
            for words in book_pdf.words[n - 1 : -1]
            for word in sorted(words, key=lambda word: (int((word.left - LEFT + 2) / column), word.top))
            if re.fullmatch("[A-Zあ-ん]", word.text) and TOP - 5 < word.top < BOTTOM
        ]
        assert letters == sorted(letters)
        assert len(letters) > 40


class TestTold:
    """題、著者、言語、開き方。"""

    def test_metadata(self, book_pdf: Paper) -> None:
        about, info, root = volume.work(ROOT), book_pdf.pdf.docinfo, book_pdf.pdf.Root
        assert str(info.Title) == about.whole
        assert str(info.Author) == about.author
        assert str(info.CreationDate) == str(info.ModDate)
        assert str(root.Lang) == "ja"
        assert str(root.PageMode) == "/UseOutlines"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert bool(root.MarkInfo.Marked)
        with book_pdf.pdf.open_metadata(update_docinfo=False) as told_xmp:
            assert told_xmp["dc:title"] == about.whole


class TestAgain:
    """もう一度つくっても、同じバイト列になる。"""

    def test_a_part_typeset_twice(
        self, book_pdf: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = (book_pdf.path.parent / "book.html").read_text(encoding="utf-8")
        start, end = (
            text.index('<article class="bd-article leaf depth1" data-head="3.'),
            text.index('<article class="bd-article leaf depth1" data-head="4.'),
        )
        part = (
            text[: text.index('<section class="title-page">')]
            + "<main>"
            + text[start:end]
            + "</main></div></body></html>"
        )
        page = book_pdf.path.parent / "again.html"
        page.write_text(part, encoding="utf-8")
        made = []
        for n, epoch in enumerate(["1700000000", "1700000000", "1700086400"]):
            monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
            raw, out = tmp_path / f"{n}-raw.pdf", tmp_path / f"{n}.pdf"
            typeset.pdf(page, raw)
            finish.finish(raw, out, volume.work(ROOT), [])
            made.append(out.read_bytes())
        page.unlink()
        assert made[0] == made[1]
        assert made[0] != made[2]

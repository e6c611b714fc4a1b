"""綴じる部屋（tools/press）の一つ一つの働き。"""

from __future__ import annotations

import base64
import io
import re

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from press import answers, contents, epub, maps, paper, typeset
from press.leaves import Leaf


def leaf(text: str, name: str = "exercises/a", depth: int = 2) -> Leaf:
    """一つのページ。"""
    article = BeautifulSoup(f"<article>{text}</article>", "html.parser").article
    return Leaf(name, "部", depth, "題", article, "")


class TestNumbers:
    """ページの番号を書き入れる。"""

    PLACES = (
        '<span class="page-of" data-to="a--x"></span><span class="entry-page" data-to="a--y"></span>'
        '<span class="index-pages" data-pages="a--x* b--z a--y b--x*"></span>'
    )

    def test_pages_are_written(self) -> None:
        text = typeset.numbered(self.PLACES, {"a--x": 7, "a--y": 12, "b--z": 7, "b--x": 3})
        assert "（7ページ）" in text
        assert ">12<" in text

    def test_index_joins_sorts_and_keeps_the_main_place(self) -> None:
        text = typeset.numbered(self.PLACES, {"a--x": 7, "a--y": 12, "b--z": 7, "b--x": 3})
        pages = BeautifulSoup(text, "html.parser").find(class_="index-pages").find_all("a")
        assert [(link.get_text(), "main" in link["class"]) for link in pages] == [
            ("3", True), ("7", True), ("12", False),
        ]  # fmt: skip

    def test_first_round_keeps_every_link(self) -> None:
        """Chromium は、つながりのある場所の名前だけを残す。一度めに落とすと、二度めに番号が書けない。"""
        text = typeset.numbered(self.PLACES, {})
        assert len(BeautifulSoup(text, "html.parser").find(class_="index-pages").find_all("a")) == 4

    def test_restless_pages_are_refused(self, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
        rounds = iter(range(100))
        monkeypatch.setattr(typeset, "pdf", lambda page, made: None)
        monkeypatch.setattr(typeset, "places", lambda made: {"a--x": next(rounds)})
        monkeypatch.setattr(typeset, "_pages_of", lambda made: 1)
        with pytest.raises(typeset.Unprinted, match="落ち着きません"):
            typeset.typeset(self.PLACES, tmp_path)

    def test_no_browser_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        with pytest.raises(typeset.Unprinted, match="make print-tools"):
            typeset.browser()


class TestPaper:
    """紙の上の形にする。"""

    def test_tools_of_the_screen_go(self) -> None:
        page = leaf(
            '<p>残る</p><button>押す</button><details class="folded"><pre>code</pre></details>'
            '<div class="interactive-live">動く</div><script>1</script><div class="answer">欄</div>'
            '<p class="signpost" hidden>道しるべ</p>'
        )
        assert paper.printed(page, set()).get_text() == "残る"

    def test_folded_code_is_said_to_be_elsewhere(self) -> None:
        page = leaf("<p>次のセル（開くと読めます）は用意で、残りのセルを開くと読めます。</p>")
        assert "開く" not in paper.printed(page, set()).get_text()

    def test_links_stay_inside_or_become_words(self) -> None:
        page = leaf(
            '<p id="here"><a href="../chapters/b.html#eq">中</a><a href="../errata.html">外</a>'
            '<a href="#here">自分</a><a href="https://example.org/">よそ</a></p>'
        )
        links = paper.printed(page, {"exercises/a", "chapters/b"}).find_all("a")
        assert [link["href"] for link in links] == [
            "#chapters-b--eq", "#exercises-a--here", "https://example.org/",
        ]  # fmt: skip

    @pytest.mark.parametrize(("depth", "name"), [(0, "h2"), (1, "h2"), (2, "h3")])
    def test_headings_go_down(self, depth: int, name: str) -> None:
        page = leaf("<section id='s'><h1>題</h1></section>", depth=depth)
        assert paper.printed(page, set()).section.find(name).get_text() == "題"

    def test_light_picture_stays(self) -> None:
        page = leaf(
            '<a class="image-reference figure-dark"><img src="d.svg"/></a>'
            '<picture><source/><img src="l.svg"/></picture>'
        )
        assert [image["src"] for image in paper.printed(page, set()).find_all("img")] == ["exercises/l.svg"]


class TestAnswers:
    """ヒントと解答を抜く。"""

    BOX = (
        '<details class="hint"><summary>ヒント1</summary><p>考える</p></details>'
        '<details class="solution"><summary>解答</summary><p>答え</p></details>'
    )

    @pytest.mark.parametrize("inside", ["{}", '<div class="lap-body">{}</div>'])
    def test_they_are_taken_even_from_inside_a_lap(self, inside: str) -> None:
        """二周目の問いでは、箱が、畳むための箱の中にある。"""
        page = leaf(f'<section id="ex"><h2>1. 問い</h2>{inside.format(self.BOX)}</section>')
        paper.printed(page, set())
        found = answers.taken(page)
        assert [answer.title for kind in found.values() for answer in kind] == ["1. 問い", "1. 問い"]
        assert "答え" not in page.article.get_text()
        ways = [link["href"] for link in page.article.find_all("a", class_="at")]
        assert ways == ["#exercises-a--ex--hint", "#exercises-a--ex--solution"]

    def test_gathered_at_the_names_that_are_pointed_at(self) -> None:
        page = leaf(f'<section id="ex"><h2>1. 問い</h2>{self.BOX}</section>')
        paper.printed(page, set())
        (box,) = answers.gathered("solution", [(page, answers.taken(page)["solution"])])
        assert box.find(id="exercises-a--ex--solution").find("a")["href"] == "#exercises-a--ex"
        assert "答え" in box.get_text()
        assert "解答" not in box.get_text()


class TestContents:
    """目次に載せる見出し。"""

    def test_answers_are_not_listed_one_by_one(self) -> None:
        page = leaf(f'<section id="ex"><h1>練習</h1><h2>問い</h2>{TestAnswers.BOX}</section>')
        paper.printed(page, set())
        assert [heading.title for heading in contents.headings([page.article])] == ["練習"]


class TestXhtml:
    """電子書籍の決まりに合わせる。"""

    def test_scriptlevel_moves_to_mstyle(self) -> None:
        article = BeautifulSoup(
            '<article id="a"><math data-tex="x_1"><msub scriptlevel="1"><mi>x</mi></msub></math></article>',
            "html.parser",
        ).article
        epub._xml(article, {"a": "a.xhtml"}, None, {})
        assert article.math["alttext"] == "x_1"
        assert article.math["xmlns"] == epub.MATHML
        assert article.find("mstyle")["scriptlevel"] == "1"
        assert article.find("msub").attrs == {}


class TestMaps:
    """図の中の画素の絵を、紙の細かさにする。"""

    def test_only_the_pixels_change(self) -> None:
        made = io.BytesIO()
        Image.new("RGB", (10, 20), (10, 120, 200)).save(made, "PNG")
        data = base64.b64encode(made.getvalue()).decode()
        svg = (
            '<svg viewBox="0 0 1000 500"><path d="M0 0"/>'
            f'<image x="1" width="500" height="250" href="data:image/png;base64,{data}"/></svg>'
        )
        finer = maps.fine(svg)
        assert re.sub(r'base64,[^"]*', "", finer) == re.sub(r'base64,[^"]*', "", svg)
        (held,) = re.findall(r'base64,([^"]*)', finer)
        picture = Image.open(io.BytesIO(base64.b64decode(held)))
        assert picture.size == (round(maps.FINE * maps.FULL / 2), round(maps.FINE * maps.FULL / 4))
        assert picture.getpixel((5, 5)) == (10, 120, 200)

    def test_a_drawing_stays(self) -> None:
        assert maps.fine('<svg viewBox="0 0 10 10"><path d="M0 0"/></svg>').count("image") == 0

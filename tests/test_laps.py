"""一周目: しるし、読む時間、一周目だけで欠けるところがないこと、読む節を選ぶボタン。"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import nbformat
import pytest
import toc
from browsing import until, widen
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from docutils.utils import new_document
from exercises import is_exercises
from first_lap import spoken, whole
from first_reading import LEDGER, Book, Need, said, unknown, written
from laps import BEYOND, FIRST, LOOKED_UP, SECOND, assign, later, name, plan, rank
from reading_time import FIGURE, FORMULA, LETTERS, LINE, Reading, own
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

ROOT = Path(__file__).resolve().parents[1]
MARKS = plan(ROOT)
LONGEST, ROUND_TRIP = 10 * 60, 150
"""一周目のすべてと、はじめての一往復が終わるまでに、かけてよい分。"""
MIXED, NOTHING = "chapters/11_chain_rule.html", "chapters/14_gradient_descent.html"
"""一周目の節とほかの節のあるページと、一周目の節のないページ。"""

Pages = dict[str, BeautifulSoup]
Open = Callable[..., webdriver.Chrome]


def document(*sections: tuple[int, str]) -> nodes.document:
    """深さと題から作る木。題が ``sec-`` で始まれば、ラベルにもする。"""
    made = new_document("page")
    around: list[nodes.Element] = [made]
    for depth, title in sections:
        section = nodes.section(
            "", nodes.title("", title), ids=[title] if title.startswith("sec-") else ["id9"]
        )
        del around[depth:]
        around[-1] += section
        around.append(section)
    return made


def marks(tree: nodes.document) -> list[str]:
    """節のしるしを、上から順に。"""
    return [section["lap"] for section in tree.findall(nodes.section)]


class TestPlan:
    """`laps.yml` の読み方。食い違いは、本づくりの警告、つまり失敗になる。"""

    PAGE = ((1, "題"), (2, "sec-a"), (3, "細部"), (2, "あと"))

    def test_a_part_inherits_the_mark_of_its_section(self) -> None:
        tree = document(*self.PAGE)
        assert not list(assign(tree, {FIRST: ["sec-a"], SECOND: ["あと"]}))
        assert marks(tree) == [FIRST, FIRST, FIRST, SECOND]

    def test_a_part_may_come_later_than_its_section(self) -> None:
        tree = document(*self.PAGE)
        assert not list(assign(tree, {FIRST: ["sec-a"], SECOND: ["あと"], BEYOND: ["sec-a > 細部"]}))
        assert marks(tree) == [FIRST, FIRST, BEYOND, SECOND]

    @pytest.mark.parametrize("lap", [FIRST, SECOND, BEYOND, LOOKED_UP])
    def test_a_page_may_be_marked_whole(self, lap: str) -> None:
        tree = document(*self.PAGE)
        assert not list(assign(tree, lap))
        assert marks(tree) == [lap] * 4

    @pytest.mark.parametrize(
        ("listed", "said"),
        [
            ({FIRST: ["sec-a"]}, "しるしがありません: あと"),
            ({FIRST: ["sec-a", "あと", "どこ"]}, "節がありません: どこ"),
            ({FIRST: ["sec-a", "あと"], SECOND: ["細部"]}, "節がありません: 細部"),
            ({SECOND: ["sec-a", "あと"], FIRST: ["sec-a > 細部"]}, f"{SECOND}の節の中に、{FIRST}の節は置けません"),
            ({"三周目": ["sec-a", "あと"]}, "知らないしるしです: 三周目"),
        ],
        ids=["欠け", "余り", "親のない名前", "逆さ", "しるし"],
    )  # fmt: skip
    def test_what_does_not_fit_is_named(self, listed: dict[str, list[str]], said: str) -> None:
        assert any(said in trouble for trouble in assign(document(*self.PAGE), listed))

    def test_every_page_of_the_book_is_marked(self) -> None:
        assert sorted(MARKS) == sorted(toc.pages())

    def test_a_label_is_preferred_to_the_heading(self) -> None:
        tree = document((1, "題"), (2, "sec-a"), (2, "見出し"))
        assert [name(section) for section in tree.findall(nodes.section)] == ["題", "sec-a", "見出し"]

    def test_later_is_told_from_the_order(self) -> None:
        assert [rank(lap) for lap in (FIRST, SECOND, BEYOND)] == [0, 1, 2]
        assert later(BEYOND, SECOND)
        assert not later(FIRST, SECOND)
        assert not later(SECOND, LOOKED_UP)


class TestReadingTime:
    """読む時間。見えているものだけを数える。"""

    @staticmethod
    def cell(*tags: str, output: nodes.Node | None = None) -> nodes.container:
        """コードのセル。"""
        code = nodes.literal_block("", "x = 1\n\ny = 2")
        source = nodes.container("", code, nb_element="cell_code_source", classes=["cell_input"])
        shown = nodes.container("", output or nodes.literal_block("", "3", classes=["output"]))
        shown["nb_element"] = "cell_code_output"
        return nodes.container("", source, shown, classes=["cell", *(f"tag_{tag}" for tag in tags)])

    @pytest.mark.parametrize(
        ("parts", "amount"),
        [
            ([nodes.paragraph("", "一二三 四五")], Reading(letters=5)),
            ([nodes.paragraph("", "", nodes.math("", r"\delta^l_j = \frac12"))], Reading(letters=6)),
            ([nodes.math_block("", "x = 1")], Reading(formulas=1)),
            ([nodes.figure("", nodes.image(), nodes.caption("", "題"))], Reading(letters=1, figures=1)),
            ([nodes.section("", nodes.title("", "中の節"))], Reading()),
            ([nodes.paragraph("", "答え", classes=["dropdown"])], Reading()),
            (
                [nodes.raw("", "<details>", format="html"), nodes.paragraph("", "答え"),
                 nodes.raw("", "</details>", format="html"), nodes.paragraph("", "問い")],
                Reading(letters=2),
            ),
        ],
        ids=["文", "文の中の式", "別行の式", "図", "中の節", "畳んだ囲み", "畳んだ答え"],
    )  # fmt: skip
    def test_amount(self, parts: list[nodes.Node], amount: Reading) -> None:
        assert own(nodes.section("", *parts)) == amount

    @pytest.mark.parametrize(
        ("tags", "lines"), [((), 2), (("hide-input",), 0), (("hide-cell",), 0), (("hide-output",), 2)]
    )
    def test_folded_code_is_not_counted(self, tags: tuple[str, ...], lines: int) -> None:
        assert own(nodes.section("", self.cell(*tags))) == Reading(lines=lines)

    def test_a_formula_in_the_output_is_counted_unless_folded(self) -> None:
        formula = nodes.math_block("", "x")
        assert own(nodes.section("", self.cell(output=formula))).formulas == 1
        assert own(nodes.section("", self.cell("hide-output", output=formula.deepcopy()))).formulas == 0

    def test_only_one_form_of_an_output_is_counted(self) -> None:
        plain = nodes.container("", nodes.literal_block("", "Figure"), mime_type="text/plain")
        picture = nodes.container("", nodes.figure("", nodes.image()), mime_type="image/png")
        bundle = nodes.container("", plain, picture, nb_element="mime_bundle")
        assert own(nodes.section("", bundle)) == Reading(figures=1)

    @pytest.mark.parametrize(("stands", "figures"), [("", 2), ("fig-a", 1)])
    def test_what_stands_in_for_a_paper_figure_counts_once(self, stands: str, figures: int) -> None:
        touched = nodes.raw("", f'<script>\n{{"label":"x",\n"figure":"{stands}"}}\n</script>', format="html")
        bundle = nodes.container("", touched, mime_type="text/html")
        assert own(nodes.section("", nodes.figure("", nodes.image()), bundle)) == Reading(figures=figures)

    def test_minutes_follow_the_measure(self) -> None:
        assert Reading(LETTERS, 2, 10, 3).minutes == pytest.approx(1 + 2 * FORMULA + 10 * LINE + 3 * FIGURE)


@pytest.fixture(scope="module")
def book(html: Path) -> Book:
    """組まれた本。"""
    return Book.built()


def waiting(*things: str) -> set[Need]:
    """待っている書きなおしのうち、ページと節がそろっているもの。"""
    return {Need(w["ページ"], w["節"], thing) for w in LEDGER["待つ"] for thing in w["もの"]}


class TestFirstLap:
    """一周目だけで、欠けるところがない。"""

    def test_nothing_is_needed_that_has_not_been_met(self, book: Book) -> None:
        found = {
            *book.references(), *book.names(), *book.words(), *book.symbols(), *book.constructs(),
        }  # fmt: skip
        assert sorted(found - waiting()) == [], "laps.yml で節を選びなおすか、章の文を直してください"
        assert sorted(waiting() - found) == [], (
            "もう満たされています。tests/first_lap.yml の「待つ」から消してください"
        )

    def test_every_waiting_change_is_said(self) -> None:
        assert all(entry["すること"] for entry in LEDGER["待つ"])

    @pytest.mark.parametrize("kind", ["言い換え", "記号"])
    def test_the_ledger_tells_the_truth(self, book: Book, kind: str) -> None:
        for word, entry in LEDGER[kind].items():
            if "ページ" in entry:
                spot = book.spot(entry["ページ"], entry["節"])
                assert entry["文"] in said(spot.node), (word, said(spot.node))

    def test_every_explained_construct_is_said_and_used(
        self, book: Book, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = LEDGER["Python"]["説明"]
        for construct, entry in told.items():
            cells = book.spot(entry["ページ"], entry["節"]).node.findall(nodes.Text)
            assert entry["文"] in re.sub(r"\s", "", "".join(map(str, cells))), construct
            others = {k: v for k, v in told.items() if k != construct}
            monkeypatch.setitem(LEDGER, "Python", {**LEDGER["Python"], "説明": others})
            assert construct in {need.missing for need in book.constructs()}, construct
            monkeypatch.undo()

    @pytest.mark.parametrize(
        ("code", "strange"),
        [
            ("f = lambda x: x", "Lambda"),
            ("if (n := 3) > 2:\n    pass", "NamedExpr"),
            ("g(*xs)", "Starred"),
            ("c = a | b", "|"),
            ("def f():\n    def g():\n        return 1\n    return g", "関数の中の def"),
        ],
    )
    def test_strange_constructs_are_seen(self, code: str, strange: str) -> None:
        known = {*LEDGER["Python"]["前提"], *LEDGER["Python"]["説明"]}
        assert strange in written(code) - known

    def test_every_explained_word_is_used(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        for word in LEDGER["言い換え"]:
            others = {k: v for k, v in LEDGER["言い換え"].items() if k != word}
            monkeypatch.setitem(LEDGER, "言い換え", others)
            assert word in {need.missing for need in book.words()}, word
            monkeypatch.undo()

    def test_every_listed_symbol_is_used(self, book: Book) -> None:
        formulas = "\n".join(tex for spot in book.spots for tex in book.formulas(spot))
        assert not [name for name, entry in LEDGER["記号"].items() if not re.search(entry["形"], formulas)]
        written = set(re.findall(r"\\[a-zA-Z]+", formulas))
        assert not set(LEDGER["ふつうの命令"]) - written

    def test_it_takes_less_than_ten_hours(self, book: Book) -> None:
        assert 0 < sum(own(spot.node).minutes for spot in book.spots) <= LONGEST

    def test_the_first_round_trip_is_near(self, book: Book) -> None:
        worked = [n for n, spot in enumerate(book.spots) if "sec-algorithm-worked" in spot.section]
        assert worked
        assert sum(own(spot.node).minutes for spot in book.spots[: worked[-1] + 1]) <= ROUND_TRIP

    def test_it_reaches_a_trained_network(self, book: Book) -> None:
        assert book.spots[0].page == "index"
        assert book.spots[-1].page == "chapters/42_xor"

    def test_a_symbol_without_a_place_is_noticed(self) -> None:
        assert unknown(r"\prod_j x_j", set()) == [r"\prod"]
        assert unknown(r"\frac{a}{b}", set()) == []
        assert unknown(r"G \odot F", {"⊙"}) == []
        assert unknown(r"(W^{l+1})^\top \mathbf 1", {"右上の l"}) == ["1 の列", "⊤"]


def around(element: Tag) -> Tag | None:
    """要素を含む節。"""
    return element.find_parent("section")


class TestPages:
    """できあがったページのしるし。"""

    def test_every_later_section_has_a_mark_on_the_page_and_in_the_outline(
        self, pages: Pages, book: Book
    ) -> None:
        for docname, page in book.env.backprop_laps.items():
            html = pages[f"{docname}.html"]
            outline = html.select_one(".page-toc") or html.new_tag("nav")
            for place in page.places:
                heading = html.find(id=place.anchor).find(re.compile("^h[1-6]$"))
                wanted = [place.lap] if place.marked else []
                assert [mark.get_text() for mark in heading.select(".lap")] == wanted, (docname, place.title)
                links = outline.select(f'a[href="#{place.anchor}"]')
                assert all([m.get_text() for m in link.select(".lap")] == wanted for link in links)

    def test_the_first_lap_is_unmarked_and_the_rest_is_not(self, book: Book) -> None:
        for page in book.env.backprop_laps.values():
            for place in page.places:
                assert not (place.marked and place.lap in (FIRST, LOOKED_UP))
                assert place.marked or place.lap in (FIRST, LOOKED_UP) or place.depth > 2

    def test_titles_in_the_side_bar_and_the_window_stay_clean(self, pages: Pages) -> None:
        for place, page in pages.items():
            assert not page.select(".bd-docs-nav .lap, .prev-next-area .lap"), place
            assert not re.search("二周目|発展", page.title.get_text()), place

    def test_links_to_later_sections_say_so(self, pages: Pages, book: Book) -> None:
        laps = book.env.backprop_laps
        marked = 0
        for docname, record in laps.items():
            here = f"http://site/{docname}.html"
            for link in pages[f"{docname}.html"].select(
                "article section a.reference.internal:not(.headerlink)"
            ):
                url = urlsplit(urljoin(here, str(link["href"])))
                target = laps.get(url.path.lstrip("/").removesuffix(".html"))
                if target is None or link.find_parent(class_="reading-time") or called_by_number(link):
                    continue
                lap = target.laps.get(unquote(url.fragment)) if url.fragment else target.places[0].lap
                wanted = later(lap, record.laps[around(link)["id"]])
                said = link.find_next_sibling()
                shown = said is not None and link.next_sibling is said and said.get_text() == f"〔{lap}〕"
                assert shown == wanted, (docname, link.get_text(), lap)
                marked += wanted
        assert marked > 20

    def test_every_page_to_be_read_says_its_time(self, pages: Pages, book: Book) -> None:
        for docname, record in book.env.backprop_laps.items():
            tops = pages[f"{docname}.html"].select(".reading-time")
            if record.places[0].lap == LOOKED_UP:
                assert not tops
                continue
            (top,) = tops
            if is_exercises(docname):  # 読むのではなく解く時間を言う（test_answering.py）
                assert "解く時間の目安" in top.get_text()
                continue
            first, whole_page = record.minutes(FIRST), spoken(whole(record.minutes()))
            assert f"約{whole_page}" in top.get_text()
            assert (f"一周目 約{spoken(whole(first))}　" in top.get_text()) == (0 < first < record.minutes())

    def test_a_page_without_the_first_lap_leads_on(self, pages: Pages, book: Book) -> None:
        stops = [name for name in book.trees if book.env.backprop_laps[name].minutes(FIRST)]
        for docname in book.trees:
            top = pages[f"{docname}.html"].select_one(".reading-time")
            if top is None or docname in stops:
                assert top is None or not top.select("a")
                continue
            (link,) = top.select("a")
            reached = urlsplit(urljoin(f"http://site/{docname}.html", str(link["href"])))
            after = [stop for stop in stops if list(book.trees).index(stop) > list(book.trees).index(docname)]
            assert reached.path == f"/{after[0] if after else 'index'}.html"
            assert (reached.fragment == "sec-first-lap") == (not after)

    def test_the_road_adds_up(self, pages: Pages, book: Book) -> None:
        total = 0
        rows = pages["index.html"].select("table.first-lap-road tbody tr")
        for row, docname in zip(rows, book.trees):
            title, minutes, so_far, sections = row.select("td")
            total += int(minutes.get_text())
            assert so_far.get_text() == spoken(total)
            assert sections.get_text()
            assert title.a["href"].partition("#")[0] in (f"{docname}.html", "") or docname not in str(title)
        stops = {spot.page for spot in book.spots}
        assert len(rows) == len(stops)
        assert f"合わせて、約{spoken(total)}です。" in pages["index.html"].find(id="sec-first-lap").get_text()
        exact = sum(own(spot.node).minutes for spot in book.spots)
        assert total == pytest.approx(exact, abs=len(rows) / 2)

    def test_the_measure_is_said_where_the_road_is(self, pages: Pages) -> None:
        said = pages["index.html"].find(id="sec-first-lap").get_text()
        assert all(f"{number}" in said for number in (LETTERS, FORMULA, LINE, FIGURE))

    @pytest.mark.parametrize("path", toc.chapters(), ids=lambda path: path.stem)
    def test_notebooks_outside_the_site_say_so_too(self, html: Path, book: Book, path: Path) -> None:
        cells = nbformat.read(html / "chapters" / path.name, as_version=4).cells
        text = re.sub(
            r"(?ms)^```.*?^```", "", "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
        )
        headings = re.findall(r"(?m)^#{1,6} (.*)$", text)
        places = book.env.backprop_laps[f"chapters/{path.stem}"].places
        assert len(headings) == len(places)
        for heading, place in zip(headings, places):
            assert heading.endswith(f"（{place.lap}）") == place.marked, heading


def called_by_number(link: Tag) -> bool:
    """式、図、表、コードの番号で呼ぶリンクか。"""
    return bool(re.fullmatch(r"\([\d.]+\)|(図|表|コード) [\d.]+", link.get_text().strip()))


SHOWN = (
    "return [...document.querySelectorAll('.lap-body')].map(body => body.getBoundingClientRect().height > 0)"
)
CHOSEN = "return document.documentElement.matches('.first-lap')"
WATCH = """
    window.drawn = [];
    const look = () => {
      const bodies = [...document.querySelectorAll('.lap-body')];
      if (bodies.length) drawn.push(Math.max(...bodies.map(body => body.getBoundingClientRect().height)));
      if (document.readyState !== 'complete') requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
"""
"""組みはじめから読み終わるまでの、どのこまでも、たたまれた中身の高さを測る。"""
REFUSE = """
    Object.defineProperty(window, 'localStorage', {
      get() { throw new DOMException('refused', 'SecurityError'); },
    });
"""


@pytest.fixture(params=["http", "file"])
def address(request: pytest.FixtureRequest, site: str, html: Path) -> str:
    """サイトの置き場所: サーバーと、フォルダ。"""
    return site if request.param == "http" else html.as_uri() + "/"


@pytest.fixture
def opened(browser: webdriver.Chrome, address: str) -> Iterator[Open]:
    """何も選んでいない読者が、ページを開く。"""

    def open_page(place: str) -> webdriver.Chrome:
        browser.get("about:blank")
        browser.get(address + place)
        return browser

    open_page("index.html").execute_script("localStorage.removeItem('lap')")
    widen(browser, 1280)
    yield open_page
    browser.execute_script("try { localStorage.removeItem('lap') } catch {}; window.name = ''")


def choose(browser: webdriver.Chrome) -> None:
    """「一周目だけを読む」を押す。"""
    browser.find_element(By.CSS_SELECTOR, ".lap-choice").click()


def shown(browser: webdriver.Chrome) -> list[bool]:
    """一周目でない節の、中身が見えているか。"""
    return browser.execute_script(SHOWN)


@pytest.mark.long
class TestChooser:
    """「一周目だけを読む」。"""

    def test_at_first_everything_is_open(self, opened: Open) -> None:
        browser = opened(MIXED)
        assert all(shown(browser))
        assert not any(b.is_displayed() for b in browser.find_elements(By.CSS_SELECTOR, ".lap-toggle"))

    def test_the_choice_folds_the_rest_and_follows_the_reader(self, opened: Open) -> None:
        browser = opened(MIXED)
        choose(browser)
        assert not any(shown(browser))
        assert browser.find_element(By.CSS_SELECTOR, ".lap-choice").get_attribute("aria-pressed") == "true"
        browser = opened(NOTHING)
        assert not any(shown(browser))
        assert browser.find_element(By.CSS_SELECTOR, ".lap-choice").get_attribute("aria-pressed") == "true"
        choose(browser)
        assert all(shown(browser))
        assert not opened(MIXED).execute_script(CHOSEN)

    def test_first_lap_sections_stay(self, opened: Open, book: Book) -> None:
        browser = opened(MIXED)
        choose(browser)
        first = {spot.node["ids"][0] for spot in book.spots if spot.page == MIXED.removesuffix(".html")}
        for anchor in first:
            section = browser.find_element(By.ID, anchor)
            assert section.find_element(By.XPATH, "./p").is_displayed() or section.find_elements(
                By.XPATH, "./section"
            )

    def test_a_folded_section_is_opened_by_key_and_says_its_state(self, opened: Open) -> None:
        browser = opened(MIXED)
        choose(browser)
        button = browser.find_elements(By.CSS_SELECTOR, ".lap-toggle")[0]
        assert spoken_state(button) == ("false", "手で導くを開く")
        browser.execute_script("arguments[0].focus()", button)
        ActionChains(browser).send_keys(Keys.ENTER).perform()
        assert shown(browser)[0]
        assert not any(shown(browser)[1:])
        assert spoken_state(button) == ("true", "手で導くをたたむ")
        assert browser.switch_to.active_element == button
        assert browser.execute_script(
            "return document.getElementById(arguments[0].getAttribute('aria-controls')) === "
            "arguments[0].nextElementSibling", button,
        )  # fmt: skip
        ActionChains(browser).send_keys(Keys.SPACE).perform()
        assert not any(shown(browser))

    def test_what_is_folded_cannot_be_reached_by_key(self, opened: Open) -> None:
        browser = opened(MIXED)
        choose(browser)
        link = browser.find_element(By.CSS_SELECTOR, ".lap-body a")
        browser.execute_script("arguments[0].focus()", link)
        assert browser.switch_to.active_element != link

    @pytest.mark.parametrize("mark", ["fig-creased", "sec-chain-rule-order", "fig-nine-paths"])
    def test_a_link_opens_the_section_it_leads_to(self, opened: Open, mark: str) -> None:
        choose(opened(MIXED))
        browser = opened(f"{MIXED}#{mark}")
        target = browser.find_element(By.ID, mark)
        until(browser, lambda _: target.is_displayed())
        assert sum(shown(browser)) == 1
        until(browser, lambda chromium: 0 <= top_of(chromium, target) < 300)

    def test_a_link_on_the_same_page_opens_it_every_time(self, opened: Open) -> None:
        browser = opened(MIXED)
        choose(browser)
        link = browser.find_element(By.CSS_SELECTOR, ".page-toc a[href='#sec-chain-rule-order']")
        for _ in range(2):
            link.click()
            until(browser, lambda chromium: sum(shown(chromium)) == 1)
            browser.execute_script("document.querySelector('#sec-chain-rule-order > .lap-toggle').click()")
            assert not any(shown(browser))

    def test_searching_the_page_can_find_what_is_folded(self, opened: Open) -> None:
        browser = opened(MIXED)
        choose(browser)
        bodies = browser.find_elements(By.CSS_SELECTOR, ".lap-body")
        assert len(browser.find_elements(By.CSS_SELECTOR, ".lap-body[hidden='until-found']")) == len(bodies)
        assert {body.value_of_css_property("content-visibility") for body in bodies} == {"hidden"}
        browser.execute_script("arguments[0].dispatchEvent(new Event('beforematch'))", bodies[0])
        assert sum(shown(browser)) == 1

    def test_it_is_folded_before_the_page_is_drawn(self, opened: Open) -> None:
        choose(opened(MIXED))
        browser = opened("index.html")
        script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        try:
            drawn = opened(MIXED).execute_script("return window.drawn")
        finally:
            browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
        assert drawn
        assert set(drawn) == {0}

    def test_paper_shows_everything(self, opened: Open) -> None:
        browser = opened(MIXED)
        choose(browser)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            assert all(shown(browser))
            assert not browser.find_element(By.CSS_SELECTOR, ".lap-choice").is_displayed()
            assert all(
                mark.is_displayed() for mark in browser.find_elements(By.CSS_SELECTOR, "h2 .lap, h3 .lap")
            )
            assert not any(b.is_displayed() for b in browser.find_elements(By.CSS_SELECTOR, ".lap-toggle"))
        finally:
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    def test_without_javascript_everything_is_open(self, opened: Open) -> None:
        choose(opened(MIXED))
        browser = opened("index.html")
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            opened(MIXED)
            assert all(shown(browser))
            buttons = browser.find_elements(By.CSS_SELECTOR, ".lap-choice, .lap-toggle")
            assert buttons
            assert not any(button.is_displayed() for button in buttons)
        finally:
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    def test_a_reader_whose_browser_keeps_nothing_can_choose_too(self, opened: Open) -> None:
        browser = opened("index.html")
        script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": REFUSE})
        try:
            browser.get(browser.current_url.replace("index.html", MIXED))
            choose(browser)
            assert not any(shown(browser))
            browser.get(browser.current_url.replace(MIXED, NOTHING))
            assert not any(shown(browser))
        finally:
            browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def test_going_back_finds_the_last_choice(self, opened: Open) -> None:
        browser = opened(MIXED)
        browser.get(browser.current_url.replace(MIXED, NOTHING))
        choose(browser)
        browser.back()
        until(browser, lambda chromium: not any(shown(chromium)))


def spoken_state(button: WebElement) -> tuple[str, str]:
    """開いているかと、読み上げられる名前。"""
    return button.get_attribute("aria-expanded"), button.accessible_name.replace(" ", "")


def top_of(browser: webdriver.Chrome, element: WebElement) -> float:
    """画面の上の端からの距離。"""
    return browser.execute_script("return arguments[0].getBoundingClientRect().top", element)

"""サイトの図: 幅と明暗に合う一つだけが届き、場所が先に決まり、電話でも字が読める。"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import picturing
import pytest
from browsing import resize, until
from bs4 import BeautifulSoup, Tag
from selenium import webdriver
from test_figures import drawn
from vectors import to_pdf

Pages = dict[str, BeautifulSoup]
Open = Callable[..., webdriver.Chrome]
CHAPTER = "chapters/13_activations.html"
WIDE_FIGURE = "chapters/22_computational_graph.html"
"""電話の段に収まらない図のあるページ。"""
MOST = 80_000
"""一つのページの図の、一つの幅と明暗での重さの限り（gzip）。"""


def links(page: BeautifulSoup, theme: str) -> list[Tag]:
    """図へのリンク。"""
    return page.select(f"a.figure-{theme}")


@pytest.fixture(scope="module")
def illustrated(pages: Pages) -> Pages:
    """図のあるページ。"""
    found = {place: page for place, page in pages.items() if page.select("a.image-reference")}
    assert len(found) > 25
    return found


class TestFiles:
    """できあがったページとファイル。"""

    def test_every_figure_has_its_four_pictures(self, illustrated: Pages, html: Path) -> None:
        count = 0
        for place, page in illustrated.items():
            day, night = (links(page, theme) for theme in ("light", "dark"))
            assert len(day) + len(night) == len(page.select("a.image-reference")), place
            for light, dark in zip(day, night, strict=True):
                stem = light["href"].removesuffix(".svg#paper")
                assert dark["href"] == f"{stem}-dark.svg#paper"
                assert light.img["alt"] == dark.img["alt"]
                for link, tail in ((light, ""), (dark, "-dark")):
                    assert link.img["src"] == f"{stem}{tail}.svg"
                    assert link.source["srcset"] == f"{stem}-narrow{tail}.svg"
                    for shown, name in ((link.img, "src"), (link.source, "srcset")):
                        svg = (html / place).parent / shown[name]
                        assert (int(shown["width"]), int(shown["height"])) == picturing.size(svg)
                        count += 1
        assert count > 4 * 130

    def test_only_the_first_is_fetched_at_once(self, illustrated: Pages) -> None:
        for place, page in illustrated.items():
            for theme in ("light", "dark"):
                waiting = [link.img.get("loading") == "lazy" for link in links(page, theme)]
                assert waiting == [n > 0 or theme == "dark" for n in range(len(waiting))], place

    def test_the_paper_is_blank_unless_it_is_opened_alone(self, html: Path) -> None:
        grounds = set()
        for path in (html / "_images").glob("*.svg"):
            text = path.read_text(encoding="utf-8")
            root = ElementTree.fromstring(text)
            assert "<metadata>" not in text, path.name
            (paper,) = (e for e in root if e.get("id") == "paper")
            assert "fill" not in paper.attrib
            (ground,) = re.findall(r"#paper:target\{fill:(#\w+)\}", text)
            grounds.add((path.stem.endswith("-dark"), ground))
        assert grounds == {(False, "#ffffff"), (True, "#121212")}

    def test_names_inside_do_not_clash(self, html: Path) -> None:
        seen: dict[str, str] = {}
        for path in sorted((html / "_images").glob("*.svg")):
            if not path.stem.endswith("-dark"):
                for name in re.findall(r' id="(f[\w-]+)"', path.read_text(encoding="utf-8")):
                    # 段に収まらない図では、広い図と狭い図が同じことがある。
                    figure = path.stem.removesuffix("-narrow")
                    assert seen.setdefault(name, figure) == figure

    def test_a_page_of_figures_is_light(self, illustrated: Pages, html: Path) -> None:
        for place, page in illustrated.items():
            files = {link.img["src"] for link in links(page, "light")}
            weight = sum(len(gzip.compress(((html / place).parent / f).read_bytes(), 9)) for f in files)
            assert weight < MOST, (place, weight)

    def test_a_figure_without_a_second_sheet_is_left_alone(self, tmp_path: Path) -> None:
        page = '<a class="image-reference" href="a.svg"><img alt="図" src="a.svg" /></a>'
        (tmp_path / "a.svg").write_text('<svg width="1" height="1"></svg>', encoding="utf-8")
        assert picturing.fitted(page, tmp_path, set(picturing.split(tmp_path))) == page


class TestScreen:
    """ブラウザで見た図。"""

    @pytest.fixture
    def look(self, browser: webdriver.Chrome, site: str) -> Iterator[Open]:
        """ページを、幅と明暗を決めて開き、どの図も届かせる。"""

        def open_page(place: str, width: int, theme: str = "light") -> webdriver.Chrome:
            resize(browser, width)
            browser.get(site + place)
            browser.execute_script("""
                document.documentElement.dataset.theme = arguments[0];
                const all = selector => document.querySelectorAll(selector);
                for (const part of all('section')) part.style.contentVisibility = 'visible';
                for (const box of all('details')) box.open = true;
                for (const e of all(`.figure-${arguments[0]} img`)) e.loading = 'eager';
            """, theme)  # fmt: skip
            until(browser, lambda page: page.execute_script(f"""
                return [...document.querySelectorAll('.figure-{theme} img')].every(e => e.complete);
            """))  # fmt: skip
            return browser

        yield open_page
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    SHOWN = """
        return [...document.querySelectorAll('a.image-reference')].filter(e => e.getClientRects().length)
          .map(e => [e.className, e.querySelector('img').currentSrc]);
    """

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1280, 390])
    def test_the_right_one_is_shown(self, look: Open, width: int, theme: str) -> None:
        shown = look(CHAPTER, width, theme).execute_script(self.SHOWN)
        assert len(shown) == 5
        for names, source in shown:
            assert f"figure-{theme}" in names
            assert source.endswith("-dark.svg") == (theme == "dark")
            assert ("-narrow" in source) == (width == 390)

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_there_is_no_plate_behind(self, look: Open, theme: str) -> None:
        grounds = look(CHAPTER, 1280, theme).execute_script("""
            return [...document.querySelectorAll(`.figure-${arguments[0]} img`)].map(e => {
              const { backgroundColor, filter, padding } = getComputedStyle(e);
              return [backgroundColor, filter, padding].join();
            });
        """, theme)  # fmt: skip
        assert set(grounds) == {"rgba(0, 0, 0, 0),none,0px"}

    def test_paper_is_light(self, look: Open) -> None:
        chromium = look(CHAPTER, 1280, "dark")
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert {"figure-light" in names for names, _ in chromium.execute_script(self.SHOWN)} == {True}

    @pytest.mark.parametrize(("theme", "tail"), [("light", "-narrow.svg"), ("dark", "-narrow-dark.svg")])
    def test_no_picture_is_fetched_in_vain(
        self, browser: webdriver.Chrome, site: str, theme: str, tail: str
    ) -> None:
        feature = {"name": "prefers-color-scheme", "value": theme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        resize(browser, 390)
        browser.get("about:blank")
        browser.get(site + CHAPTER)
        browser.execute_script("document.querySelector('figure').scrollIntoView()")
        until(browser, lambda page: page.execute_script("return document.readyState === 'complete'"))
        entries = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
        fetched = [name for name in entries if "_images" in name]
        extra = [name for name in fetched if not name.endswith(tail)]
        # はじめの一つだけは、明暗のわからないうちに頼む。
        assert len(extra) <= (theme == "dark"), extra

    @pytest.mark.parametrize("place", [CHAPTER, WIDE_FIGURE])
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_lettering_on_a_phone(self, look: Open, place: str, theme: str) -> None:
        sizes = look(place, 390, theme).execute_script("""
            const drawn = e => e.parentElement.querySelector('source').width;
            const seen = e => !e.closest('.paper-figure');  // 動く図が代わりをする
            return [...document.querySelectorAll(`.figure-${arguments[0]} img`)].filter(seen).map(e =>
              e.getBoundingClientRect().width / drawn(e) * 100 * 12 / 72);
        """, theme)  # fmt: skip
        assert sizes
        assert min(sizes) >= 11

    def test_a_wide_figure_moves_sideways_and_the_page_does_not(self, look: Open) -> None:
        page, moving = look(WIDE_FIGURE, 390).execute_script("""
            const boxes = [...document.querySelectorAll('.figure-wide.figure-light')];
            return [document.documentElement.scrollWidth, boxes.map(e => e.scrollWidth / e.clientWidth)];
        """)
        assert page <= 390
        assert moving
        assert min(moving) > 1.1

    def test_the_place_is_settled_before_the_picture_comes(self, look: Open) -> None:
        settled, waiting, complete = look(CHAPTER, 390).execute_async_script("""
            const done = arguments[0];
            const images = () => [...document.querySelectorAll('.figure-light img')];
            const measure = () => images().map(e => Math.round(e.getBoundingClientRect().height));
            const settled = measure();
            for (const e of images()) {
              const fresh = e.parentElement.cloneNode(true);  // 前の絵の大きさを持たない
              fresh.querySelector('source').srcset = 'nowhere.svg';
              e.parentElement.replaceWith(fresh);
            }
            // 「ない」という返事は、次の仕事になる。その前に測る（返事が来ると、代わりの文の高さになる）。
            queueMicrotask(() => done([settled, measure(), images().map(e => e.complete)]));
        """)
        assert settled
        assert not any(complete)
        assert waiting == settled

    def test_opened_alone_it_has_its_paper(self, look: Open) -> None:
        chromium = look(CHAPTER, 1280, "dark")
        chromium.get(chromium.execute_script("return document.querySelector('a.figure-dark').href"))
        assert (
            chromium.execute_script('return getComputedStyle(document.getElementById("paper")).fill')
            == "rgb(18, 18, 18)"
        )


@pytest.mark.parametrize("name", ["graph_neuron", "loss_surface", "activation_plot", "final_costs"])
def test_a_figure_becomes_a_pdf(name: str) -> None:
    svg = drawn(name)[1]
    made = to_pdf(svg)
    assert made.startswith(b"%PDF")
    assert made == to_pdf(svg)

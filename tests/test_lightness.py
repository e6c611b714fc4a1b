"""サイトの軽さ: 使わない部品と印がなく、明暗が先に決まり、画面の絵がそろっている。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import resize, until
from bs4 import BeautifulSoup
from bundling import SCRIPTS, STYLE
from fontTools.ttLib import TTFont
from lightness import EASED, FONTS, ICONS, PRIVATE, eased
from pydata_sphinx_theme.pygments import get_pygments_stylesheet
from selenium import webdriver
from selenium.webdriver.common.by import By
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[1]

Pages = dict[str, BeautifulSoup]


def test_no_heavy_script_is_left(pages: Pages, html: Path) -> None:
    for place, page in pages.items():
        for script in page.select("script[src]"):
            file = (html / place).parent / str(script["src"]).partition("?")[0]
            if file.name == "searchindex.js":  # 検索ページだけが読む
                continue
            assert file.stat().st_size < 130_000, (place, script["src"])


def test_every_icon_is_drawn(pages: Pages) -> None:
    styles = (ROOT / "_static" / "icons.css").read_text(encoding="utf-8")
    drawn = set(re.findall(r"(?m)^\.(fa-[a-z-]+) \{ --icon:", styles))
    sizes = {"fa-solid", "fa-lg", "fa-brands"}
    icons = [icon for page in pages.values() for icon in page.select("i[class*=fa-]")]
    used = {name for icon in icons for name in icon["class"]}
    assert {name for name in used if name.startswith("fa-")} - sizes <= drawn


def test_the_icon_font_has_what_the_theme_writes(html: Path) -> None:
    written = re.findall(r"--pst-icon-[\w-]+:([^;}]+)", (html / STYLE).read_text(encoding="utf-8"))
    letters = {letter for text in written for letter in PRIVATE.findall(text)}
    assert letters
    assert {ord(letter) for letter in letters} <= TTFont(html / FONTS / ICONS).getBestCmap().keys()
    assert (html / FONTS / ICONS).stat().st_size < 10_000


PLAIN = ("n", "p", "w")
COLOUR = r'html\[data-theme="{}"\] \.highlight{} {{[^}}]*?\bcolor: (#\w+)[^}}]*}}'


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tokens_without_a_mark_look_like_the_code_around_them(html: Path, theme: str) -> None:
    styles = get_pygments_stylesheet("a11y-high-contrast-light", "a11y-high-contrast-dark")
    (ground,) = re.findall(COLOUR.format(theme, ""), styles)
    for token in PLAIN:
        (rule,) = re.finditer(COLOUR.format(theme, rf" \.{token}"), styles)
        assert rule[1] == ground
        assert rule[0].endswith(f"{{ color: {ground} }}")
    # 読者が見るのも、この配色。
    (keyword,) = re.findall(COLOUR.format(theme, r" \.k"), styles)
    written = (html / STYLE).read_text(encoding="utf-8")
    assert f"html[data-theme={theme}] .highlight .k{{color:{keyword}}}" in written


def test_only_tokens_that_look_different_are_marked(pages: Pages) -> None:
    marked = {name for page in pages.values() for e in page.select("pre span[class]") for name in e["class"]}
    assert {"k", "o", "mi", "s2"} <= marked
    assert not marked & set(PLAIN)


def test_a_variable_is_not_marked_as_a_keyword(pages: Pages) -> None:
    assert not [place for place, page in pages.items() if page.find("span", class_="k", string="case")]


WATCH = """
    window.themes = [];
    new MutationObserver(changes => {
      if (!document.body) return;
      for (const { target, oldValue } of changes) themes.push(oldValue, target.dataset.theme);
    }).observe(document, { subtree: true, attributeFilter: ["data-theme"], attributeOldValue: true });
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_settled_before_the_page_is_laid_out(
    browser: webdriver.Chrome, site: str, scheme: str
) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    browser.get(site + "index.html")
    browser.execute_script("localStorage.clear()")
    browser.get(site + "index.html")
    assert set(browser.execute_script("return window.themes")) == {scheme}
    assert browser.execute_script("return document.documentElement.dataset.theme") == scheme


class TestFarParts:
    """画面から遠いところは、近づくまで組まない。"""

    PAGE = "chapters/37_matrix_form.html"
    # 手の空いたときのほかに、まだ組まれていないものの位置や大きさを読むと、書きとめる。
    READS = """
        window.forced = [];
        let idle = false;
        const ask = requestIdleCallback;
        window.requestIdleCallback = task => ask(deadline => { idle = true; task(deadline); idle = false; });
        const skipped = e => e?.checkVisibility() && !e.checkVisibility({contentVisibilityAuto: true});
        const note = (e, name) => {
          const inside = /^(scroll|client)/.test(name) && skipped(e.firstElementChild);
          if (!idle && (inside || skipped(e))) forced.push(`${name} ${e.localName}.${e.className}`);
        };
        const watch = (owner, name) => {
          const old = Object.getOwnPropertyDescriptor(owner, name), kind = old.get ? 'get' : 'value';
          const read = function (...given) { note(this, name); return old[kind].apply(this, given); };
          Object.defineProperty(owner, name, {...old, [kind]: read});
        };
        for (const name of ['scrollWidth', 'scrollHeight', 'clientWidth', 'clientHeight', 'getClientRects',
          'getBoundingClientRect']) watch(Element.prototype, name);
        for (const name of ['offsetWidth', 'offsetHeight', 'offsetTop', 'innerText']) {
          watch(HTMLElement.prototype, name);
        }
        const style = getComputedStyle;
        window.getComputedStyle = (e, ...rest) => { note(e, 'style'); return style(e, ...rest); };
    """
    FAR = """
        return [...document.querySelectorAll('article math')].filter(
          e => !e.checkVisibility({contentVisibilityAuto: true})).length;
    """
    UNREACHED = """
        return [...document.querySelectorAll('article :is(pre, .cell_output, .formula, .math.wide)')].filter(
          e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible'
            && e.tabIndex !== 0).length;
    """

    @pytest.fixture
    def opened(self, browser: webdriver.Chrome, site: str) -> Iterator[webdriver.Chrome]:
        """どこを読むかを書きとめながら、電話の幅で開いた章。"""
        told = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": self.READS})
        resize(browser, 390)
        browser.get("about:blank")
        browser.get(site + self.PAGE)
        until(browser, lambda page: page.execute_script("return document.readyState === 'complete'"))
        yield browser
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", told)

    def test_they_are_not_laid_out_at_the_start(self, opened: webdriver.Chrome) -> None:
        assert opened.execute_script(self.FAR) > 100
        opened.execute_async_script("setTimeout(arguments[0], 600)")
        assert not opened.execute_script("return forced")

    def test_their_boxes_are_reached_by_keys_all_the_same(self, opened: webdriver.Chrome) -> None:
        until(opened, lambda page: not page.execute_script(self.UNREACHED))
        assert (
            opened.execute_script("return document.querySelectorAll('article [tabindex=\"0\"]').length") > 5
        )

    def test_the_theme_does_not_measure_the_whole_page_nor_prepare_at_once(self, html: Path) -> None:
        script = "".join((html / place).read_text(encoding="utf-8") for place in SCRIPTS)
        assert not [place for place, parts in EASED.items() for pattern, _ in parts if pattern.search(script)]
        for place in EASED:
            with pytest.raises(ExtensionError, match="0個"):
                eased(place, "a(); b()")

    def test_contents_are_not_laid_out_until_opened_on_a_phone(self, opened: webdriver.Chrome) -> None:
        sides = (
            "return [...document.querySelectorAll('div#pst-primary-sidebar a, div#pst-secondary-sidebar a')]"
        )
        assert opened.execute_script(sides + ".length") > 40
        assert not opened.execute_script(sides + ".some(e => e.getClientRects().length)")
        opened.find_element(By.CSS_SELECTOR, ".primary-toggle").click()
        within = "return document.querySelector('dialog[open] a.reference')?.getClientRects().length"
        until(opened, lambda page: page.execute_script(within))

    def test_paper_is_laid_out_at_once(self, html: Path) -> None:
        style = (html / STYLE).read_text(encoding="utf-8")
        assert re.search(r"@media screen\{@supports \(overflow-anchor: ?auto\)\{section~section", style)

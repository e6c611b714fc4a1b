"""部品をまとめること: 一つの書式、待たせないスクリプト、先に読む書体、ページの重さ、直接に開いたページ。"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import bundling
import pytest
from browsing import until, wake
from bs4 import BeautifulSoup, Tag
from bundling import FONT, SCRIPTS, STYLE, Names, Page
from selenium import webdriver
from test_site import leaves

ROOT = Path(__file__).resolve().parents[1]

Pages = dict[str, BeautifulSoup]

SHARED, HEAVIEST = 80_000, 160_000
"""gzip で縮めた大きさの上限。どのページも読むもの（書式、スクリプト、書体）と、それに一つのページを加えたもの。図は数えない。"""
# スクリプトがあとから現すもの。ページを開いただけでは、どの要素にも当たらない。
SWITCHED = (
    ".copybtn", ".tooltip", ".dropdown-menu.show", ".nav-link.active", ".copy-report", ".copy-tex",
    ".bd-search",
    "#pst-search-dialog", "dialog", ".pst-sidebar-hidden", "::backdrop", ".interactive-live",
    ".stepper-picture", ".sliders-plot", "[data-theme=dark]", "[data-mode=auto]", "@media print", "@page",
    "prefers-reduced-motion", "forced-colors",
)  # fmt: skip
# この本のページの使わない、Bootstrap、sphinx-design、MyST-NB などの部品。
FAMILIES = (
    "accordion", "alert", "carousel", "card", "modal", "offcanvas", "popover", "progress-bar",
    "spinner", "toast",
    "sd-", "jupyter-widgets", "bd-breadcrumbs", "bd-header-announcement__",
)  # fmt: skip


UNMET = {
    "fab",
    "fa-rocket",
    "fa-lightbulb",
    "fa-github",
    "chr-med",
    "chr-lrg",
    "wbk-med-acc",
    "wbk-lrg-acc",
    "toggle-hidden",
    "toggle-button",
}
"""この本の規則のうち、リポジトリを決めたときか、まだ現れない数式や囲みにだけ当てはまるもの。"""
PARTS = re.findall(
    r"default as (\w+)", (ROOT / "tools" / "bundle" / "bootstrap.mjs").read_text(encoding="utf-8")
)
"""サイトに入れる Bootstrap の部品。"""
USED_BY = {"dropdown": "Dropdown", "tooltip": "Tooltip", "scroll": "ScrollSpy"}
EVERY_PART = {
    "alert", "carousel", "collapse", "dropdown", "offcanvas", "popover", "scrollspy", "toast", "tooltip",
}  # fmt: skip
"""名前からわかる Bootstrap の部品。ほかの部品や HTML と同じ言葉を名とするもの（modal、button、tab）のほか。"""
PACKAGES = ("pydata_sphinx_theme", "sphinx_book_theme", "sphinx_design", "sphinx_copybutton", "myst_nb")
SOURCES = sorted({
    *(ROOT / "_static").rglob("*.css"),
    *(path for name in PACKAGES for path in Path(find_spec(name).origin).parent.rglob("*.css")),
})  # fmt: skip
"""まとめる前の書式。"""


def classes(style: str) -> set[str]:
    """書式の選ぶクラス。"""
    bare = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"|:not\([^)]*\)", "", style, flags=re.DOTALL)
    selectors = re.findall(r"[^{}]+(?=\{)", bare)
    return {word for selector in selectors for word in re.findall(r"\.(-?[A-Za-z_][\w-]*)", selector)}


@pytest.fixture(scope="module")
def written(pages: Pages) -> Pages:
    """見つからないページ（自分の中に書式を持つ）のほかの、すべてのページ。"""
    return {place: page for place, page in pages.items() if place != "404.html"}


@pytest.fixture(scope="module")
def style(html: Path, written: Pages) -> str:
    """まとめた書式と、一部のページの中に書いた書式。"""
    inside = dict.fromkeys(sheet for page in written.values() for sheet in within(page))
    return "\n".join([(html / STYLE).read_text(encoding="utf-8"), *inside])


def within(page: BeautifulSoup) -> list[str]:
    """ページの中に書いた書式。紙の柱（@page）のほか。"""
    sheets = [sheet.get_text() for sheet in page.select("head > style")]
    return [text for text in sheets if "@top-left" not in text]


def arrive(place: str, tag: str) -> str:
    """ページから見た場所の、サイトの中での場所。"""
    return Page(place, "").arrive(tag)


def scripts(page: BeautifulSoup) -> list[Tag]:
    """ファイルのあるスクリプト。"""
    return page.select("script[src]")


def font(page: BeautifulSoup) -> str | None:
    """先に読ませる書体の、ページから見た場所。"""
    found = [re.search(r'as: "font".*href: "([^"]+)"', script.get_text()) for script in page.select("script")]
    return next((match[1] for match in found if match), None)


class TestHead:
    """ページの読み込むもの。"""

    def test_one_stylesheet(self, written: Pages) -> None:
        for place, page in written.items():
            sheets = [str(link["href"]) for link in page.select("link[rel=stylesheet]")]
            assert [arrive(place, f'href="{sheet}"') for sheet in sheets] == [STYLE], place

    def test_the_rules_of_some_pages_are_on_those_pages_alone(self, written: Pages, html: Path) -> None:
        parts = {".interactive-live": "div.interactive", ".sliders-plot": "[data-kind=sliders]"}
        shared = (html / STYLE).read_text(encoding="utf-8")
        for rule, part in parts.items():
            assert rule not in shared
            there = {place for place, page in written.items() if any(rule in sheet for sheet in within(page))}
            wanted = {place for place, page in written.items() if page.select(part)}
            assert wanted <= there, rule
            if rule == ".interactive-live":
                assert wanted == there

    def test_no_script_blocks_the_page(self, written: Pages) -> None:
        for place, page in written.items():
            assert scripts(page), place
            for script in scripts(page):
                # type="module" は、直接に開いたページでは働かない。
                assert script.has_attr("defer"), (place, script)
                assert script.get("type") is None, (place, script)

    def test_two_scripts_and_what_the_page_alone_needs(self, written: Pages) -> None:
        for place, page in written.items():
            first, *own, last = (arrive(place, str(script)) for script in scripts(page))
            assert (first, last) == SCRIPTS, place
            assert not [source for source in own if not re.search("/(interactive|exercises)/", source)], place

    def test_formulas_have_their_font_at_once(self, written: Pages, html: Path, style: str) -> None:
        (address,) = re.findall(r"url\((mathematics\.woff2[^)]*)\)", style)
        for place, page in written.items():
            early = font(page)
            assert (early is not None) == bool(page.find("math")), place
            assert early is None or early.endswith(f"_static/{address}")
        assert (html / FONT).read_bytes()[:4] == b"wOF2"
        assert "data:font" not in style
        assert "data:application" not in style

    def test_what_it_names_is_there(self, html: Path, style: str) -> None:
        files = [url.partition("?")[0] for url in re.findall(r"url\([\"']?([^)\"']+)", style)]
        files = [file for file in files if not file.startswith("data:")]
        assert len(files) >= 2
        assert not [file for file in files if leaves(file) or not (html / "_static" / file).is_file()]

    def test_each_is_asked_for_by_its_content(self, written: Pages, html: Path) -> None:
        for place in (STYLE, *SCRIPTS):
            mark = bundling.stamp(html / place)
            for page in written.values():
                assert page.select_one(f"[href$='{place}{mark}'], [src$='{place}{mark}']")


def test_every_page_is_light(written: Pages, html: Path) -> None:
    def weight(place: str) -> int:
        return len(gzip.compress((html / place).read_bytes(), 9))

    assert sum(map(weight, (STYLE, FONT, *SCRIPTS))) <= SHARED
    heavy = {}
    for place, page in written.items():
        parts = {place, STYLE, FONT, *(arrive(place, str(script)) for script in scripts(page))}
        heavy[place] = sum(map(weight, parts))
    assert max(heavy.values()) <= HEAVIEST, max(heavy, key=heavy.__getitem__)


class TestStyle:
    """まとめた書式に残るもの。"""

    @pytest.mark.parametrize("name", SWITCHED)
    def test_what_scripts_switch_on_stays(self, style: str, name: str) -> None:
        assert name in style

    @pytest.mark.long
    @pytest.mark.parametrize("name", FAMILIES)
    def test_what_no_page_uses_is_gone(self, pages: Pages, style: str, name: str) -> None:
        used = {word for page in pages.values() for e in page.select("[class]") for word in e["class"]}
        assert not [word for word in used if word.startswith(name)], "使うようになったので、この表から除く"
        assert not re.findall(rf"\.{re.escape(name)}[\w-]*", style)

    def test_every_class_is_in_a_page_or_a_script(self, pages: Pages, html: Path, style: str) -> None:
        known = {word for page in pages.values() for e in page.select("[class]") for word in e["class"]}
        for path in html.rglob("_static/**/*.js"):
            known |= set(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
        chosen = classes(style)
        assert len(chosen) > 200
        assert len(chosen - known) <= 0.02 * len(chosen), sorted(chosen - known)

    def test_a_class_of_a_page_keeps_its_rules(self, pages: Pages, style: str) -> None:
        used = {word for page in pages.values() for e in page.select("[class]") for word in e["class"]}
        kept = used & classes(style)
        assert len(kept) > 150
        lost = {path.name: used & classes(path.read_text(encoding="utf-8")) - kept for path in SOURCES}
        assert not {name: found for name, found in lost.items() if found}

    def test_no_rule_of_this_book_is_lost(self, style: str) -> None:
        ours = [path for path in SOURCES if path.is_relative_to(ROOT / "_static")]
        lost = set().union(*(classes(path.read_text(encoding="utf-8")) for path in ours)) - classes(style)
        assert lost <= UNMET

    def test_the_ring_of_the_keyboard_stays(self, style: str) -> None:
        # 名前のない規則と、:is( ) で始まる規則も、使わない規則と一緒に除いてはならない。
        rings = re.findall(r"(?:^|[},])([^{},]*:focus-visible)\{[^}]*outline:[^}]*solid", style)
        assert ":focus-visible" in rings
        assert ":is(.search-result,.search-more):focus-visible" in style

    def test_licences_stay(self, style: str, html: Path) -> None:
        head, end = ((html / script).read_text(encoding="utf-8") for script in SCRIPTS)
        assert "Bootstrap" in style
        assert "STIX Two Math" in style
        assert "clipboard.js" in head
        assert re.search(r"/\*! Bootstrap [\d.]+ .*Popper [\d.]+ .*MIT \*/", end)


class TestBootstrap:
    """Bootstrap の部品は、ページの使うものだけ。多くの部品は、何かが押されるたびに、ページじゅうを探す。"""

    def test_the_pages_use_each_part_and_no_other(self, written: Pages) -> None:
        given = ("data-bs-toggle", "data-bs-spy", "data-bs-dismiss", "data-bs-ride", "data-bs-slide")
        used = {e[name] for page in written.values() for name in given for e in page.select(f"[{name}]")}
        assert {USED_BY[name] for name in used} == set(PARTS)

    def test_the_script_has_those_parts_alone(self, html: Path) -> None:
        script = (html / SCRIPTS[1]).read_text(encoding="utf-8")
        assert EVERY_PART.intersection(re.findall(r'"(\w+)"', script)) == {part.lower() for part in PARTS}

    def test_the_versions_are_those_of_the_theme(self) -> None:
        theme = (
            Path(find_spec("pydata_sphinx_theme").origin).parent / "theme" / "pydata_sphinx_theme" / "static"
        )
        told = (theme / "scripts" / "bootstrap.js.LICENSE.txt").read_text(encoding="utf-8")
        entry = (ROOT / "tools" / "bundle" / "bootstrap.mjs").read_text(encoding="utf-8")
        wanted = json.loads((ROOT / "tools" / "bundle" / "package.json").read_text(encoding="utf-8"))[
            "dependencies"
        ]
        assert f"Bootstrap v{wanted['bootstrap']}" in told
        assert f"Bootstrap {wanted['bootstrap']}" in entry
        assert f"Popper {wanted['@popperjs/core']}" in entry


PAGE = """\
<head><script>early()</script>
  <link href="../_static/a.css?digest=1" rel="stylesheet" />
  <link rel="preload" as="script" href="../_static/z.js" />
  <link rel="stylesheet" type="text/css" href="../_static/b.css" />
  <script src="../_static/one.js?v=1"></script>
  <script>let told = 1;</script>
  <script src="../_static/own.js"></script>
</head><body><script type="application/json">{}</script>
  <script defer src="../_static/z.js"></script></body>
"""


class TestPage:
    """ページの書きかえ。"""

    @pytest.fixture
    def page(self) -> Page:
        return Page("chapters/a.html", PAGE)

    def test_what_it_reads(self, page: Page) -> None:
        assert page.sheets() == ["_static/a.css", "_static/b.css"]
        assert page.scripts() == (["_static/one.js", "let told = 1;", "_static/own.js"], ["_static/z.js"])

    def test_what_is_written(self, page: Page) -> None:
        gone = {"_static/one.js", "let told = 1;", "_static/z.js"}
        made = page.bundled(gone, "  HEAD\n", ["  SCRIPT\n", "  LAST\n"])
        assert (
            made
            == """\
<head><script>early()</script>
  HEAD
  SCRIPT
  <script defer src="../_static/own.js"></script>
</head><body><script type="application/json">{}</script>
  LAST
</body>
"""
        )

    @pytest.mark.parametrize(
        ("script", "text", "expected"),
        [
            ("_static/togglebutton.js", '<button class="btn dropdown-toggle">', False),
            ("_static/togglebutton.js", '<div class="admonition dropdown">', True),
            ("_static/togglebutton.js", '<div class="toggle docutils">', True),
            ("let toggleHintShow = '…'; var togglebuttonSelector", "", False),
            ("_static/design-tabs.js", '<div class="sd-tab-set docutils">', True),
            ("_static/design-tabs.js", "<p>sd-tab-set</p>", False),
            ("_static/doctools.js", "", True),
        ],
    )
    def test_scripts_without_a_page_are_left_out(self, script: str, text: str, expected: bool) -> None:
        assert bundling.needed(script, [Page("a.html", text)]) is expected

    def test_names(self) -> None:
        text = '<p class="a b" id="c" title="文 > 式"><input type="search" disabled />'
        told = Names(
            [text + "<script>if (a < b) c()</script><style></style><title></title><u class=d>"]
        ).told()
        assert told["classes"] == ["a", "b", "d"]
        assert told["ids"] == ["c"]
        assert told["tags"] == ["input", "p", "script", "style", "title", "u"]
        assert told["attributes"]["names"] == ["class", "disabled", "id", "title", "type"]
        assert "search" in told["attributes"]["values"]
        assert "文 > 式" not in told["attributes"]["values"]


class TestSheets:
    """書式をつなぐこと。"""

    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        (tmp_path / "_static" / "theme").mkdir(parents=True)
        (tmp_path / "_static" / "font.woff2").write_bytes(b"x")
        (tmp_path / "_static" / "base.css").write_text('a{b:url("data:x")}', encoding="utf-8")
        (tmp_path / "_static" / "theme" / "theme.css").write_text(
            '@charset "UTF-8";@import "../base.css";\n'
            "@font-face{font-family:A;"
            'src:url(../font.woff2) format("woff2"),url(../font.ttf) format("truetype")}'
            "@font-face{font-family:B;src:url(lost.woff2)}",
            encoding="utf-8",
        )
        return tmp_path

    def test_places_are_kept_and_lost_fonts_left_out(self, out: Path) -> None:
        found = dict(bundling.flattened(out, ["_static/theme/theme.css"]))
        assert list(found) == ["_static/base.css", "_static/theme/theme.css"]
        assert found["_static/base.css"] == 'a{b:url("data:x")}'
        mark = bundling.stamp(out / "_static" / "font.woff2")
        face = f'@font-face{{font-family:A;src:url("font.woff2{mark}") format("woff2")}}'
        assert found["_static/theme/theme.css"].strip() == face


@pytest.fixture
def quiet(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """前のページの記録を捨てたブラウザ。"""
    browser.get_log("browser")
    yield browser
    browser.get("about:blank")


@pytest.mark.parametrize("place", ["chapters/42_xor.html", "index.html"])
def test_a_page_opened_as_a_file_is_whole(quiet: webdriver.Chrome, html: Path, place: str) -> None:
    quiet.get((html / place).as_uri())
    until(quiet, lambda chromium: chromium.execute_script("return document.readyState") == "complete")
    wake(quiet)
    seen = quiet.execute_async_script("""
        const done = arguments[0];
        document.fonts.load("1em 'Book Math'", "∂").then(() => document.fonts.ready).then(() => done({
          font: [...document.fonts].filter(face => /Book Math/.test(face.family)).map(face => face.status),
          wide: getComputedStyle(document.querySelector(".bd-article-container")).maxWidth,
          buttons: document.querySelectorAll("button.copybtn").length,
          widgets: document.querySelectorAll(".interactive-live").length,
          worded: document.querySelector("button.copybtn").dataset.tooltip,
        }));
    """)
    assert seen["font"] == ["loaded"]
    assert seen["wide"] == "752px"
    assert seen["buttons"] > 0
    assert seen["worded"] == "コピー"
    assert seen["widgets"] > 0
    assert not [entry for entry in quiet.get_log("browser") if entry["level"] == "SEVERE"]

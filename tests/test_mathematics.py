"""できあがったサイトの数式の検査: MathML、もとの TeX、番号とリンク、写すこと、書体。"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from anchored import Anchors
from browsing import widen
from bs4 import BeautifulSoup, Tag
from fontTools.ttLib import TTFont
from mathml import FONT, LICENCE, Converter, MathError
from selenium import webdriver
from selenium.webdriver.common.by import By
from toc import chapters

ROOT = Path(__file__).resolve().parents[1]
MATHML = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mstyle", "mfrac", "msqrt", "mroot", "mpadded",
    "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd",
}  # fmt: skip
LABELLED = re.compile(r"\$\$\n(?P<tex>(?:(?!\$\$).)*)\$\$ \((?P<label>[a-z0-9-]+)\)", re.DOTALL)

Pages = dict[str, BeautifulSoup]


def formulas(page: BeautifulSoup) -> list[Tag]:
    """ページの数式の箱。"""
    return page.select("span.math, div.math")


def notebooks() -> Iterator[tuple[str, dict[str, Any]]]:
    """章のページの場所と、そのノートブック。"""
    for path in chapters():
        yield f"chapters/{path.stem}.html", json.loads(path.read_text(encoding="utf-8"))


def sources(notebook: dict[str, Any]) -> str:
    """ノートブックの本文。"""
    cells = (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return "\n\n".join("".join(source) for source in cells)


def latex_outputs(notebook: dict[str, Any]) -> Iterator[str]:
    """見えるセルの出力のうち、SymPy の式。"""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if "text/latex" in output.get("data", {}):
                yield "".join(output["data"]["text/latex"]).strip().strip("$")


MOVED = 0.02
"""ページを開くときに行の動いてよい量（Layout Shift）。"""


class TestMarkup:
    """ページに書かれた数式。スクリプトは走らせない。"""

    def test_every_formula_is_mathml(self, pages: Pages) -> None:
        wrong = []
        for place, page in pages.items():
            for box in formulas(page):
                found = box.find_all("math")
                strange = {element.name for math in found for element in math.find_all(True)} - MATHML
                if len(found) != 1 or strange or not found[0].find(True):
                    wrong.append((place, strange, box.get_text()[:80]))
        assert sum(len(formulas(page)) for page in pages.values()) > 4000
        assert not wrong

    def test_no_script_draws_formulas(self, pages: Pages, html: Path) -> None:
        scripts = [str(script) for page in pages.values() for script in page.select("script")]
        assert scripts
        assert not [script for script in scripts if re.search("mathjax|katex|temml", script, re.IGNORECASE)]
        assert not list(html.rglob("*[Mm]ath[Jj]ax*"))

    def test_every_formula_keeps_its_tex(self, pages: Pages) -> None:
        empty = [(place, box) for place, page in pages.items() for box in formulas(page)
                 if not box.math.get("data-tex", "").strip()]  # fmt: skip
        assert not empty

    def test_labelled_equations_keep_the_tex_of_the_source(self, anchors: Anchors) -> None:
        count = 0
        for place, notebook in notebooks():
            for match in LABELLED.finditer(sources(notebook)):
                box = anchors[place].get(f"equation-{match['label']}")
                assert box is not None, match["label"]
                assert box.math["data-tex"] == match["tex"].strip()
                assert box.math["display"] == "block"
                count += 1
        assert count > 70

    def test_results_of_sympy_are_formulas(self, pages: Pages) -> None:
        count = 0
        for place, notebook in notebooks():
            kept = {math["data-tex"] for math in pages[place].select(".cell_output math")}
            for tex in latex_outputs(notebook):
                assert tex.strip() in kept, (place, tex)
                count += 1
        assert count > 80

    def test_equations_are_numbered_in_order_and_linked(self, pages: Pages) -> None:
        numbers = {}
        for place, page in pages.items():
            for step, number in enumerate(page.select("div.math > .eqno"), start=1):
                box = number.parent
                chapter, own = re.fullmatch(r"\((?:(\d+)\.)?(\d+)\)#(?:検印)?", number.get_text()).groups()
                link = number.select_one("a.headerlink")
                assert int(own) == step or not chapter
                assert link["href"] == f"#{box['id']}"
                assert re.search("[ぁ-ん]", link["title"])
                numbers[place, box["id"]] = f"({chapter}.{own})" if chapter else f"({own})"
        assert len(numbers) > 80
        references = [
            (place, link) for place, page in pages.items() for link in page.select("a[href*='#equation-']")
            if "headerlink" not in link.get("class", []) and not link.find_parent(class_="signposts")
        ]  # fmt: skip
        assert len(references) > 100
        for place, link in references:
            file, _, name = link["href"].partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(place), file)) if file else place
            assert link.get_text() == numbers[target, name]

    def test_theorems_and_figures_have_a_link_to_themselves(self, pages: Pages) -> None:
        query = "blockquote[id^='thm-'], figure[id^='fig-']"
        named = [element for page in pages.values() for element in page.select(query)]
        assert {element["id"][:4] for element in named} == {"thm-", "fig-"}
        for element in named:
            link = element.select_one("a.headerlink")
            assert link["href"] == f"#{element['id']}"
            assert re.search("[ぁ-ん]", link["title"])

    def test_punctuation_keeps_to_its_formula(self, pages: Pages) -> None:
        loose = []
        boxes = [box for page in pages.values() for box in page.select("span.math")]
        for box in boxes:
            beside = (str(box.previous_sibling or ""), str(box.next_sibling or ""))
            touches = beside[0].endswith(("（", "「")) or beside[1].startswith(("、", "。", "）", "」"))
            if touches and "nobreak" not in box.parent.get("class", []):
                loose.append(beside)
        assert any("nobreak" in box.parent.get("class", []) for box in boxes)
        assert not loose

    def test_text_of_a_page_shows_no_tex(self, pages: Pages) -> None:
        # 検索の結果は、ページの文字から作られる。
        texts = (box.get_text() for page in pages.values() for box in formulas(page))
        assert not [text for text in texts if re.search(r"\\[A-Za-z]|[{}]\\|\$", text)]


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    """TeX を MathML にするもの。"""
    converter = Converter()
    yield converter
    converter.close()


class TestConverter:
    """一つ一つの数式。"""

    @pytest.mark.parametrize(
        ("tex", "query"),
        [
            (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "mtable/mtr[2]/mtd[2]"),
            (r"\begin{align*} a &= b \\ &= c \end{align*}", "mtable/mtr[2]/mtd[2]"),
            (
                r"\begin{cases} 1 & x > 0 \\ 0 & \text{そのほか} \end{cases}",
                "mrow/mtable/mtr[2]/mtd[2]/mtext",
            ),
            (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "mrow/mtable/mtr[2]/mtd[2]/mn"),
            (r"\sum_{\substack{i \\ j}} x", ".//munder//mtable/mtr[2]"),
            (r"\text{隠れ層}", "mtext"),
            (r"\operatorname{softmax}_j z", ".//msub/mi"),
            (r"\xrightarrow{f}", ".//mover"),
            (r"f^{l\prime}", "msup/mrow/mo[@class='tml-prime']"),
            (r"\hat{\mathbf y}", "mover/mi"),
            (r"\underbrace{a + b}_{c}", ".//munder/munder"),
        ],
    )
    def test_structure(self, converter: Converter, tex: str, query: str) -> None:
        root = ElementTree.fromstring(converter(tex, display=True))
        assert root.find(query) is not None, ElementTree.tostring(root, encoding="unicode")
        assert root.get("data-tex") == tex

    @pytest.mark.parametrize("tex", [r"\unknown", r"\frac{1}", "a & b", r"\begin{none}x\end{none}", "{"])
    def test_wrong_tex_is_refused(self, converter: Converter, tex: str) -> None:
        with pytest.raises(MathError):
            converter(tex, display=True)

    def test_an_answer_is_kept_and_asked_for_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = Converter(tmp_path / "kept.json")
        first.prepare(" x_1 ", display=False)
        first.close()
        again = Converter(tmp_path / "kept.json")
        monkeypatch.setattr(again, "_ask", None)
        assert again("x_1", display=False).startswith("<math")
        with pytest.raises(TypeError):
            again("x_2", display=False)

    def test_no_answer_is_lost(self, pages: dict[str, BeautifulSoup], html: Path) -> None:
        """分かれたプロセスが尋ねた答えは残らず、つくるたびに尋ねなおすことになる。"""
        kept = json.loads((html.parent / "mathml.json").read_text(encoding="utf-8"))["answers"]
        asked = {
            f"{int(formula.get('display') == 'block')}{formula['data-tex']}"
            for page in pages.values()
            for box in formulas(page)
            for formula in box.select("math")
        }
        assert asked <= kept.keys(), sorted(asked - kept.keys())[:5]

    def test_commas_between_numbers_separate(self, converter: Converter) -> None:
        assert "<mn>1,2</mn>" not in converter("(1,2)", display=False)

    @pytest.mark.parametrize(
        ("tex", "query", "expected"),
        [
            # 添字の中の等号、総和の左右
            (r"\sum_{k=1}^N (x)", ".//munderover/mrow/mo", {"lspace": "0", "rspace": "0"}),
            (r"a = \sum_k (x)", ".//munder/mo", {"lspace": "0", "rspace": "0"}),
            (r"a \sum_k x", ".//munder/mo", {"lspace": None, "rspace": None}),
            # 低い中身の括弧、高い中身の括弧
            (r"\left(x\right)", ".//mo", {"stretchy": "false"}),
            (r"\left(\frac12\right)", ".//mo", {"stretchy": "true"}),
            # 符号と演算
            (r"a \ge\; -b", ".//mo[2]", {"form": "prefix"}),
            (r"a - b", ".//mo", {"form": None}),
            (r"1 + \cdots + n", ".//mo[3]", {"form": None}),
            # 掛け算の記号と、それだけを書いたもの
            (r"a \odot b", ".//mo", {"lspace": "0.2222em"}),
            (r"\odot", ".//mo", {"lspace": "0"}),
        ],
    )
    def test_spacing(
        self, converter: Converter, tex: str, query: str, expected: dict[str, str | None]
    ) -> None:
        found = ElementTree.fromstring(converter(tex, display=True)).find(query)
        assert {name: found.get(name) for name in expected} == expected

    def test_functions_are_set_apart(self, converter: Converter) -> None:
        def widths(tex: str) -> list[str]:
            root = ElementTree.fromstring(converter(tex, display=False))
            return [element.get("width") for element in root.iter("mspace")]

        assert len(widths(r"y_j \log x")) == 2
        assert len(widths(r"(y) \log (x)")) == 1
        assert len(widths(r"\max|x|")) == 1
        assert not widths(r"\tanh")
        assert not widths(r"\tanh\!\left(z\right)")


@pytest.fixture(scope="module")
def font(html: Path) -> TTFont:
    """ページの読む書体。"""
    return TTFont(html / "_static" / FONT)


class TestFont:
    """数式の書体。"""

    def test_it_is_small_and_keeps_what_formulas_need(self, font: TTFont, html: Path) -> None:
        assert (html / "_static" / FONT).stat().st_size < 30_000
        assert {"MATH", "GSUB"} <= set(font.keys())
        assert {"ss04"} <= {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}

    def test_its_licence_is_beside_it(self, html: Path) -> None:
        licence = (html / "_static" / LICENCE).read_text(encoding="utf-8")
        assert "STIX Fonts Project Authors" in licence
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence

    def test_it_draws_roots_if_there_are_roots(self, font: TTFont, pages: Pages) -> None:
        assert any(page.find("msqrt") for page in pages.values())
        assert ord("√") in font.getBestCmap()


COPY = """
    const e = document.querySelector(arguments[0]), inside = arguments[1] ? e.firstChild : e;
    const range = document.createRange();
    range.selectNodeContents(inside);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const clipboardData = new DataTransfer();
    const event = new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true });
    document.dispatchEvent(event);
    return [clipboardData.getData('text/plain'), clipboardData.getData('text/html')];
"""
SHIFT = """
    const done = arguments[0];
    new PerformanceObserver((list, observer) => {
      observer.disconnect();
      const moved = entry => entry.sources.some(source => source.node?.closest?.('math'));
      done(list.getEntries().filter(moved).length);
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(0), 1500);
"""


CHAIN_RULE = r"\frac{dv}{dx} = \frac{dv}{du}\,\frac{du}{dx} = f'(g(x))\,g'(x)"


class TestBrowser:
    """ブラウザで開いた数式。"""

    def test_formulas_use_the_shipped_font(self, browser: webdriver.Chrome, pages: Pages, site: str) -> None:
        place = max(pages, key=lambda place: len(formulas(pages[place])))
        browser.get(site + place)
        browser.execute_cdp_cmd("DOM.enable", {})
        browser.execute_cdp_cmd("CSS.enable", {})
        root = browser.execute_cdp_cmd("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        query = {"nodeId": root, "selector": "article math:not(:has(mtext))"}
        nodes = browser.execute_cdp_cmd("DOM.querySelectorAll", query)["nodeIds"]
        fonts: set[str] = set()
        for node in nodes:
            used = browser.execute_cdp_cmd("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
            fonts |= {(font["familyName"], font["isCustomFont"]) for font in used}
        assert len(nodes) > 200
        assert {custom for _, custom in fonts} == {True}, fonts

    def test_no_formula_moves_when_the_font_arrives(self, browser: webdriver.Chrome, site: str) -> None:
        widen(browser, 390)
        browser.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 4})
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        moved = []
        # 機械が混んでいると、書体より先に描かれることもある。先に読ませていなければ、毎回動く。
        while len(moved) < 3 and (not moved or moved[-1] > MOVED):
            browser.get(site + "chapters/37_matrix_form.html")
            moved.append(browser.execute_async_script(SHIFT))
        browser.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 1})
        browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
        assert moved[-1] <= MOVED

    def copied(self, browser: webdriver.Chrome, selector: str, *, text_only: bool = False) -> tuple[str, str]:
        """要素の中身、または最初の文字列だけを選んで、写したもの（文字、HTML）。"""
        return tuple(browser.execute_script(COPY, selector, text_only))

    @pytest.fixture
    def page(self, browser: webdriver.Chrome, site: str) -> webdriver.Chrome:
        browser.get(site + "chapters/11_chain_rule.html")
        widen(browser, 1280)
        return browser

    def test_copied_sentence_holds_tex(self, page: webdriver.Chrome) -> None:
        text, markup = self.copied(page, "p:has(> .math math[data-tex='\\\\Delta u = g(x+h) - g(x)'])")
        assert "途中の量は $\\Delta u = g(x+h) - g(x)$ だけ動き" in text.replace("\n", "")
        assert "<math" in markup

    def test_formula_selected_in_part_is_copied_whole(self, page: webdriver.Chrome) -> None:
        text, _ = self.copied(page, "#equation-eq-chain-single math mo", text_only=True)
        assert text.strip() == f"$$\n{CHAIN_RULE}\n$$"

    def test_copied_equation_leaves_its_buttons_behind(self, page: webdriver.Chrome) -> None:
        text, _ = self.copied(page, "#equation-eq-chain-single")
        shown = page.find_element(By.CSS_SELECTOR, "#equation-eq-chain-single .eqno").text
        assert "検印" in shown
        number = shown.splitlines()[0].strip("#¶ ")
        assert re.fullmatch(r"\(\d+\.1\)", number)
        assert re.fullmatch(rf"\s*\$\$\n[^#]*\n\$\$\s*{re.escape(number)}\s*", text)

    def test_text_without_formulas_is_left_alone(self, page: webdriver.Chrome) -> None:
        assert self.copied(page, "h1", text_only=True) == ("", "")

    @pytest.mark.parametrize(
        ("selector", "expected"),
        [
            ("#equation-eq-chain-single .copy-tex", CHAIN_RULE),
            ("#equation-eq-chain-single .headerlink", "chapters/11_chain_rule.html#equation-eq-chain-single"),
            ("figure .headerlink", "chapters/11_chain_rule.html#fig-"),
        ],
    )
    def test_buttons_copy_and_say_so(self, page: webdriver.Chrome, selector: str, expected: str) -> None:
        permissions = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        page.execute_cdp_cmd("Browser.grantPermissions", permissions)
        button = page.find_element(By.CSS_SELECTOR, selector)
        assert re.search("[ぁ-ん]", button.get_attribute("aria-label"))
        page.execute_script("arguments[0].click();", button)
        said = page.execute_async_script(
            "const done = arguments[0], report = document.querySelector('.copy-report');"
            "const look = () => report.textContent ? done(report.textContent) : setTimeout(look, 20); look();"
        )
        copied = page.execute_async_script("navigator.clipboard.readText().then(arguments[0]);")
        assert said == "コピーしました"
        assert expected in copied

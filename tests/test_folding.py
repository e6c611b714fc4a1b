"""畳んだコード: 出力の下に置き、何のコードかを言う。"""

from __future__ import annotations

from collections import Counter

import pytest
from browsing import resize
from bs4 import BeautifulSoup, Tag
from folding import FIGURE, FOLDED, PLAIN, PREPARING, TABLE
from selenium import webdriver
from stamping import FOLD

NAMES = {FIGURE, TABLE, PLAIN, PREPARING, FOLD}
"""畳んだところの言葉。"""
PICTURES = "figure, img, .interactive"


def folds(pages: dict[str, BeautifulSoup]) -> list[tuple[str, Tag, Tag]]:
    """ページの、セルと、その畳んだコード。"""
    return [
        (place, fold.find_parent("div", class_="cell"), fold)
        for place, page in pages.items()
        for fold in page.select(f"details.{FOLDED}")
    ]


def test_the_code_stands_below_what_it_makes(pages: dict[str, BeautifulSoup]) -> None:
    found = folds(pages)
    assert len(found) > 300
    for place, cell, fold in found:
        assert [child for child in cell.children if isinstance(child, Tag)][-1] is fold, place
        assert not fold.has_attr("open")


def test_each_says_what_it_makes(pages: dict[str, BeautifulSoup]) -> None:
    counted: Counter[str] = Counter()
    for place, cell, fold in folds(pages):
        name = fold.summary.get_text(strip=True)
        counted[name] += 1
        output = cell.select_one(":scope > .cell_output")
        if name == FOLD:
            assert output.select_one(".stamp-line"), place
        elif output is None:
            assert name == PREPARING, place
        elif output.select_one(PICTURES):
            assert name == FIGURE, place
        else:
            assert name == (TABLE if output.select_one("table") else PLAIN), place
    assert set(counted) == NAMES
    assert min(counted.values()) > 5


LINED_UP = """
    return [...document.querySelectorAll('.cell_input + .cell_output > .output.text_plain pre')].map(said => {
      const text = document.createRange();
      text.selectNodeContents(said);
      const box = said.closest('.cell_output');
      const edge = box.getBoundingClientRect().left + parseFloat(getComputedStyle(box).paddingLeft);
      const off = text.getBoundingClientRect().left - edge;
      return [Math.round(off), getComputedStyle(said.closest('.highlight')).backgroundColor];
    });
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_said_stands_under_the_code(
    browser: webdriver.Chrome, site: str, width: int, theme: str
) -> None:
    resize(browser, width)
    browser.get(site + "chapters/21_forward_pass.html")
    browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    found = browser.execute_script(LINED_UP)
    assert len(found) > 5
    assert {tuple(one) for one in found} == {(0, "rgba(0, 0, 0, 0)")}

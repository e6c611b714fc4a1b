"""索引: 目次から行け、行き先の名を言う。番号のあるものには、どれにもそこへのリンクがある。"""

from __future__ import annotations

import re
from copy import copy
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from anchored import Anchors
from bs4 import BeautifulSoup, Tag
from selenium import webdriver
from selenium.webdriver.common.by import By

Pages = dict[str, BeautifulSoup]

NUMBERED = {
    "式": ".eqno",
    "図・表・コード": ".caption-number",
    "節": "article :is(h1, h2, h3, h4, h5, h6) > .section-number",
    "定理": "article blockquote[id^=thm-] p:first-of-type > strong:first-child",
}
"""番号や名のついたもの。"""


@pytest.fixture(scope="module")
def index(pages: Pages) -> BeautifulSoup:
    """索引のページ。"""
    return pages["genindex.html"]


def arrive(anchors: Anchors, place: str, link: Tag) -> Tag | None:
    """リンクの行き先の要素。ページの頭へのリンクなら、その本文。"""
    address = urlsplit(urljoin(f"http://site/{place}", str(link["href"])))
    there = address.path.lstrip("/")
    if not address.fragment:
        return anchors.pages[there].select_one("article")
    return anchors[there].get(unquote(address.fragment))


def heading(target: Tag) -> str:
    """行き先の節の題。周のしるしと、そこへのリンクの「#」は除く。"""
    section = target if target.name == "section" else target.find_parent("section")
    title = copy(section.find(re.compile("h[1-6]")))
    for mark in title.select(".lap, .headerlink"):
        mark.decompose()
    return title.get_text().strip()


class TestIndex:
    """索引のページ。"""

    def test_it_is_in_the_contents_of_every_page(self, pages: Pages) -> None:
        for place, page in pages.items():
            contents = page.select_one("nav.bd-docs-nav")
            if place != "404.html":
                assert contents.find("a", string=re.compile(r"^\s*索引\s*$")), place

    def test_its_neighbours_are_the_pages_beside_it(self, pages: Pages, index: BeautifulSoup) -> None:
        (before,) = index.select("a.left-prev")
        assert "解いた問題" in before.get_text()
        (after,) = pages["progress.html"].select("a.right-next")
        assert after["href"] == "genindex.html"

    def test_every_entry_says_where_it_leads(
        self, pages: Pages, anchors: Anchors, index: BeautifulSoup
    ) -> None:
        links = index.select(".index-words li a")
        assert len(links) > 300
        for link in links:
            target = arrive(anchors, "genindex.html", link)
            assert target is not None, link
            place = str(link["href"]).partition("#")[0]
            title = pages[place].select_one("article h1").get_text().rstrip("#").strip()
            said = re.sub(r"^(?:第\d+章|[\d.]+) ", "", link.get_text())
            shown = title if target.name == "dt" else heading(target)
            assert said == re.sub(r"^[\d.]+ ", "", shown), link
            numbered = pages[place].select_one("h1 .section-number")
            assert bool(re.match(r"第\d+章 |\d+\.\d", link.get_text())) == bool(numbered), link

    def test_a_word_leads_to_a_place_only_once(self, index: BeautifulSoup) -> None:
        for entry in index.select(".index-words li"):
            names = [link.get_text() for link in entry.select("a")]
            assert names
            assert len(set(names)) == len(names), entry.get_text()

    def test_it_fits_a_phone(self, browser: webdriver.Chrome, site: str) -> None:
        metrics = {"width": 320, "height": 900, "deviceScaleFactor": 1, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.get(site + "genindex.html")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 320
        assert browser.find_element(By.CSS_SELECTOR, ".index-places a").is_displayed()


@pytest.mark.parametrize("kind", NUMBERED)
def test_everything_numbered_has_its_own_link(pages: Pages, anchors: Anchors, kind: str) -> None:
    found = [(place, e) for place, page in pages.items() for e in page.select(NUMBERED[kind])]
    assert len(found) >= 5
    for place, element in found:
        link = element.select_one("a.headerlink") or element.parent.select_one("a.headerlink")
        assert link, (place, element)
        assert link.get("title"), (place, link)
        assert arrive(anchors, place, link) is not None, (place, link)

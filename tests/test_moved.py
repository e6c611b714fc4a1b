"""一度公開した URL は、「#」より先も含めて、ページの名が変わっても、その場所へ導く。"""

from __future__ import annotations

import posixpath
from pathlib import Path

import moving
import pytest
from anchored import Anchors
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = moving.ROOT
Pages = dict[str, BeautifulSoup]


def test_the_record_is_not_empty() -> None:
    assert len(moving.recorded()) >= 36
    assert sum(map(len, moving.recorded().values())) >= 700


@pytest.mark.parametrize("place", moving.recorded())
def test_every_address_once_published_leads_to_its_place(pages: Pages, anchors: Anchors, place: str) -> None:
    now = moving.moves().get(place, place)
    assert now in pages, f"{place} は、どこにも導かれません。redirects.txt に書いてください。"
    lost = [name for name in moving.recorded()[place] if not arrives(anchors, now, name)]
    assert not lost, f"{place} のこの場所が、{now} からたどれません。"


def arrives(anchors: Anchors, page: str, name: str) -> bool:
    """そのページの、その場所に着くか。道しるべがあれば、その先まで見る。"""
    tag = anchors[page].get(name)
    if tag is None or "signpost" not in tag.get("class", []):
        return tag is not None
    there, _, anchor = tag.a["href"].partition("#")
    end = anchors.pages.get(posixpath.normpath(posixpath.join(posixpath.dirname(page), there)))
    return (
        anchor == name and end is not None and end.find(id=name, class_=lambda c: c != "signpost") is not None
    )


class TestFollowing:
    """移った節をめざして来た人は、どこに着くか。"""

    OLD, NEW = "chapters/53_optimizers.html", "chapters/53_momentum.html"
    MARK = "sec-momentum"

    def test_scripts_lead_on(self, browser: webdriver.Chrome, site: str) -> None:
        browser.get(f"{site}{self.OLD}#{self.MARK}")
        WebDriverWait(browser, 10).until(lambda page: page.current_url == f"{site}{self.NEW}#{self.MARK}")

    def test_without_scripts_the_post_is_seen_alone(self, browser: webdriver.Chrome, site: str) -> None:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            browser.get("about:blank")
            browser.get(f"{site}{self.OLD}#{self.MARK}")
            seen = [post.get_attribute("id") for post in browser.find_elements(By.CSS_SELECTOR, ".signpost")
                    if post.is_displayed()]  # fmt: skip
        finally:
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        assert seen == [self.MARK]


def test_signposts_end_at_the_place() -> None:
    def made(body: str) -> BeautifulSoup:
        return BeautifulSoup(body, "html.parser")

    post = '<p class="signpost" id="sec-x">ここは<a href="b.html#sec-x">「b」</a>へ移りました。</p>'
    there = {"c/b.html": made('<section id="sec-x">本物</section>')}
    assert arrives(Anchors({"c/a.html": made(post), **there}), "c/a.html", "sec-x")
    assert arrives(Anchors(there), "c/b.html", "sec-x")
    assert not arrives(Anchors({"c/a.html": made(""), **there}), "c/a.html", "sec-x")
    assert not arrives(Anchors({"c/a.html": made(post)}), "c/a.html", "sec-x")
    assert not arrives(Anchors({"c/a.html": made(post), "c/b.html": made(post)}), "c/a.html", "sec-x")
    assert not arrives(Anchors({"c/a.html": made(post), "c/b.html": made("")}), "c/a.html", "sec-x")


def test_old_addresses_are_written_and_new_ones_are_not_hidden(html: Path) -> None:
    for old, new in moving.moves().items():
        sources = [p for end in (".md", ".ipynb") for p in ROOT.glob(str(Path(old).with_suffix(end)))]
        assert not sources, f"{old} の原稿は、まだあります。"
        text = (html / old).read_text(encoding="utf-8")
        assert Path(new).name in text, old


def test_moves_are_followed_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "redirects.txt"
    file.write_text("# 覚え書き\na.md b.ipynb\n\nb.ipynb c/d.md\n", encoding="utf-8")
    monkeypatch.setattr(moving, "REDIRECTS", file)
    assert moving.moves() == {"a.html": "c/d.html", "b.html": "c/d.html"}

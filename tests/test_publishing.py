"""公開のためのもの: 説明、書誌、引用と、URL を決めたときに加わるもの。"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import metadata
import nbformat
import pytest
import yaml
from browsing import until
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from takeaway import STAGED
from test_site import ALLOWED_WORDS, interface_words

ROOT = Path(__file__).resolve().parents[1]
FACTS = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
NAMES = [author["name"] for author in FACTS["authors"]]
BASE = "https://example.org/book"
REPOSITORY = "https://github.com/example/book"

Pages = dict[str, BeautifulSoup]


def chapters(pages: Pages) -> Pages:
    """番号のある、章のページ。"""
    return {place: page for place, page in written(pages).items() if page.select_one("h1 .section-number")}


def written(pages: Pages) -> Pages:
    """この本のページ。検索と、見つからないページは、引用されない。"""
    return {place: page for place, page in pages.items() if place not in {"search.html", "404.html"}}


def appendix(pages: Pages) -> Pages:
    """番号のない、付録のページ。"""
    numbered = chapters(pages)
    return {place: page for place, page in written(pages).items() if place not in {"index.html", *numbered}}


def chapter_number(page: BeautifulSoup) -> int:
    """章の番号。"""
    return int(re.match(r"第(\d+)章", meta(page, "citation_title")[0])[1])


def zotero_name(author: str) -> tuple[str, str]:
    """文献管理ソフトのする、著者の名の分け方（名、姓）。半角のコンマか、終わりの空白で分ける。"""
    last, comma, first = author.partition(",")
    if comma:
        return first.strip(), last
    first, _, last = re.sub(r"\s+", " ", author.strip()).rpartition(" ")
    return first, last


def test_how_names_are_split() -> None:
    assert zotero_name("『本 ― 副題』著者一同") == ("『本 ―", "副題』著者一同")
    assert zotero_name("Rumelhart, David") == ("David", "Rumelhart")


def meta(page: BeautifulSoup, name: str) -> list[str]:
    """``<meta>`` の値。"""
    return [str(tag["content"]) for tag in page.select(f"meta[name='{name}'], meta[property='{name}']")]


class TestHead:
    """``<head>`` の説明と書誌。"""

    def test_every_page_of_the_book_describes_itself(self, pages: Pages) -> None:
        written = {place: page for place, page in pages.items() if page.select("article")}
        described = {place: meta(written[place], "description") for place in written.keys() - GENERATED}
        assert len(described) > 30
        for place, found in described.items():
            assert len(found) == 1, place
            assert 10 <= len(found[0]) <= 200, (place, found)
            assert not re.search(r"[\\$]", found[0]), (place, found)

    def test_chapters_say_how_to_cite_them(self, pages: Pages) -> None:
        titles = set()
        for place, page in chapters(pages).items():
            (title,) = meta(page, "citation_title")
            assert re.fullmatch(r"第\d+章 .+", title), place
            assert meta(page, "DC.title") == meta(page, "og:title") == [title]
            assert meta(page, "citation_inbook_title") == meta(page, "og:site_name") == [FACTS["title"]]
            assert meta(page, "citation_publication_date") == [str(FACTS["date-released"]).replace("-", "/")]
            titles.add(title)
        assert len(titles) == len(chapters(pages)) >= 25

    def test_the_appendix_says_so_too(self, pages: Pages) -> None:
        titles = {meta(page, "citation_title")[0] for page in appendix(pages).values()}
        assert {"記号の表", "ほかの本の流儀", "用語集", "索引", "正誤表"} <= titles
        assert len(titles) == len(appendix(pages)) >= 8

    def test_collective_authors_are_read_whole(self, pages: Pages) -> None:
        for place, page in written(pages).items():
            for name in ("citation_author", "DC.creator"):
                found = meta(page, name)
                assert [author.replace(" ", "") for author in NAMES] == found, (place, name)
                assert [zotero_name(author) for author in found] == [("", author) for author in found]

    def test_pages_are_parts_of_a_book(self, pages: Pages) -> None:
        for place, page in written(pages).items():
            # Zotero は、これがあれば本の章、なくて og:type が book なら本、どちらでもなければ論文とみなす。
            part = meta(page, "citation_book_title")
            assert part == ([] if place == "index.html" else [FACTS["title"]]), place
            assert meta(page, "og:type") == ["article" if part else "book"]

    def test_linked_data(self, pages: Pages) -> None:
        numbered = chapters(pages)
        for place, page in written(pages).items():
            (script,) = page.select("script[type='application/ld+json']")
            facts = json.loads(script.string)
            book = facts.get("isPartOf", facts)
            kind = "Book" if place == "index.html" else "Chapter"
            assert facts["@context"] == "https://schema.org"
            assert facts["@type"] == [kind, "LearningResource"], place
            assert facts["name"] == meta(page, "og:title")[0]
            assert facts["description"] == meta(page, "description")[0]
            assert facts["author"] == [{"@type": "Organization", "name": name} for name in NAMES]
            assert (facts["inLanguage"], facts["datePublished"]) == ("ja", str(FACTS["date-released"]))
            assert facts["license"].startswith("https://creativecommons.org/licenses/by/4.0/")
            assert "Book" in book["@type"]
            assert book["name"] == FACTS["title"]
            assert facts.get("position") == (chapter_number(page) if place in numbered else None)
            assert "url" not in facts

    def test_each_thing_is_said_once(self, pages: Pages) -> None:
        for place, page in pages.items():
            assert len(page.select("meta[name=viewport]")) == 1, place
            names = [str(tag["name"]) for tag in page.select("meta[name]")]
            twice = {name for name in names if names.count(name) > 1}
            assert not twice, place
            assert len(page.select("title")) == 1
            title = page.title.get_text()
            assert title.count(FACTS["title"]) == 1, (place, title)
        assert pages["index.html"].title.get_text() == FACTS["title"]

    def test_no_address_is_invented_while_none_is_set(self, pages: Pages, html: Path) -> None:
        assert yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"] == ""
        for page in pages.values():
            assert not page.select("link[rel=canonical]")
            assert not meta(page, "og:url") + meta(page, "citation_public_url") + meta(page, "DC.identifier")
        assert not (html / "sitemap.xml").exists()


GENERATED = {"search.html"}


class TestCiting:
    """「この章を引用」。"""

    def test_text_and_bibtex_agree_with_the_page(self, pages: Pages) -> None:
        for place, page in chapters(pages).items():
            (box,) = page.select("details.citing")
            text, bibtex = (block.get_text() for block in box.select("pre"))
            (title,) = meta(page, "citation_title")
            assert f"「{title}」『{FACTS['title']}』第 {FACTS['version']} 版." in text, place
            assert re.match(r"@incollection\{backprop-\d+,\n", bibtex)
            year = str(FACTS["date-released"])[:4]
            assert f"（{year}）" in text
            wanted = {"title": title, "booktitle": FACTS["title"], "year": year}
            wanted["publisher"] = f"{{{FACTS['preferred-citation']['publisher']['name']}}}"
            for field, value in wanted.items():
                assert re.search(rf"(?m)^  {field} += \{{{re.escape(value)}\}},$", bibtex), (place, field)

    def test_one_click_copies(self, browser: webdriver.Chrome, site: str) -> None:
        browser.execute_cdp_cmd(
            "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        )
        browser.get(f"{site}chapters/33_step3_hidden_delta.html")
        browser.execute_script("document.querySelector('details.citing').open = true")
        button = browser.find_elements(By.CSS_SELECTOR, "details.citing button.copybtn")[1]
        browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
        ActionChains(browser).move_to_element(button).click().perform()
        copied = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        shown = browser.find_elements(By.CSS_SELECTOR, "details.citing pre")[1].text
        assert shown.startswith("@incollection{")
        assert copied.strip() == shown.strip()


class TestCitation:
    """CITATION.cff。公式の形のとおりかは make forms が調べる。"""

    def test_it_is_cited_as_this_edition_of_the_book(self) -> None:
        book, released = FACTS["preferred-citation"], str(FACTS["date-released"])
        assert book["type"] == "book"
        assert all(book[name] == FACTS[name] for name in ("title", "version", "authors"))
        assert book["edition"] == f"第 {FACTS['version']} 版"
        assert (book["year"], book["month"]) == (int(released[:4]), int(released[5:7]))
        assert book["publisher"]["name"] == FACTS["authors"][0]["name"]

    def test_licences_are_not_a_choice(self) -> None:
        assert (FACTS["license"], FACTS["preferred-citation"]["license"]) == ("MIT", "CC-BY-4.0")
        assert {"MIT", "CC BY 4.0", "どちらかを選ぶのではありません"} <= set(
            re.findall(r"MIT|CC BY 4\.0|どちらかを選ぶのではありません", FACTS["message"])
        )

    def test_bibtex_of_the_book_is_complete(self) -> None:
        text = metadata.book().bibtex()
        assert text.startswith("@book{")
        fields = set(re.findall(r"(?m)^  (\w+) ", text))
        assert fields == {"author", "title", "publisher", "year", "edition"}

    def test_the_front_page_gives_the_file(self) -> None:
        front = (ROOT / "index.md").read_text(encoding="utf-8")
        assert "[CITATION.cff](CITATION.cff)" in front
        assert not re.search(r"`CITATION\.cff`", front)

    def test_the_link_of_the_front_page_leads_to_it(self, pages: Pages, html: Path) -> None:
        (link,) = (a for a in pages["index.html"].select("article a") if a.get_text() == "CITATION.cff")
        assert (html / str(link["href"])).read_bytes() == (ROOT / "CITATION.cff").read_bytes()


def small_book(folder: Path, words: str, *, repository: str = "", base: str = "") -> Path:
    """この本と同じ設定を持つ、2ページの本。"""
    configuration = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    configuration["repository"]["url"] = repository
    configuration["html"]["baseurl"] = base
    configuration["execute"]["execute_notebooks"] = "off"
    configuration["sphinx"]["config"]["suppress_warnings"] += ["ref", "myst.xref_missing", "toc"]
    contents = {
        "format": "jb-book",
        "root": "front",
        "parts": [{"caption": "部", "numbered": True, "chapters": [{"file": "page"}]}],
    }
    for name, data in (("_config.yml", configuration), ("_toc.yml", contents)):
        content = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        (folder / name).write_text(content, encoding="utf-8")
    # はじめのページは、この本のものと同じく、コードのセルを持てる文章で書く。
    head = (ROOT / "index.md").read_text(encoding="utf-8").partition("\n# ")[0]
    words_of_front = f"{head}\n# 本\n\nこれは、公開の検査のための小さな本です。\n"
    (folder / "front.md").write_text(words_of_front, encoding="utf-8")
    cells = [
        nbformat.v4.new_markdown_cell(f"# 章\n\nこれは、公開の検査のための小さな章です。\n\n{words}"),
        nbformat.v4.new_code_cell("1 + 1"),
        nbformat.v4.new_code_cell("2 + 2", metadata={"tags": ["hide-input"]}),
    ]
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / "page.ipynb")
    moves = "older.md former.ipynb\nformer.ipynb page.ipynb\n"
    (folder / "redirects.txt").write_text(moves, encoding="utf-8")
    for name in ("_ext", "_static", "_templates", "references.bib"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def build(folder: Path, *options: str) -> str:
    """本をつくり、画面に出たものを返す。"""
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", *options, str(folder)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.mark.long
class TestPublished:
    """リポジトリと基準の URL を決めた本。小さな本で試す。"""

    @pytest.fixture(scope="class")
    @staticmethod
    def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
        words = "{doc}`表紙 <front>`へ。"
        folder = small_book(tmp_path_factory.mktemp("published"), words, repository=REPOSITORY, base=BASE)
        build(folder, "-W")
        return folder / "_build" / "html"

    def test_canonical_addresses(self, published: Path) -> None:
        page = BeautifulSoup((published / "page.html").read_text(encoding="utf-8"), "html.parser")
        address = f"{BASE}/page.html"
        assert page.select_one("link[rel=canonical]")["href"] == address
        for name in ("og:url", "citation_public_url", "DC.identifier"):
            assert meta(page, name) == [address]
        assert address in page.select_one("details.citing").get_text()
        facts = json.loads(page.select_one("script[type='application/ld+json']").string)
        assert facts["url"] == address

    def test_sitemap_lists_every_page(self, published: Path) -> None:
        tree = ElementTree.parse(published / "sitemap.xml")
        listed = {element.text for element in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
        assert listed == {f"{BASE}/front.html", f"{BASE}/page.html"}
        assert f"Sitemap: {BASE}/sitemap.xml" in (published / "robots.txt").read_text(encoding="utf-8")

    def test_launch_buttons_open_the_copies(self, published: Path) -> None:
        page = BeautifulSoup((published / "page.html").read_text(encoding="utf-8"), "html.parser")
        links = {str(link["href"]) for link in page.select("a[href^=http]")}
        assert "https://mybinder.org/v2/gh/example/book/notebooks?urlpath=lab/tree/page.ipynb" in links
        assert "https://colab.research.google.com/github/example/book/blob/notebooks/page.ipynb" in links
        assert REPOSITORY in links
        assert interface_words(page) <= ALLOWED_WORDS | {"Binder", "Colab"}
        assert (published.parent / STAGED / "page.ipynb").is_file()

    @pytest.mark.parametrize("place", ["front.html", "genindex.html", "search.html"])
    def test_pages_that_are_no_notebooks_cannot_be_launched(self, published: Path, place: str) -> None:
        page = BeautifulSoup((published / place).read_text(encoding="utf-8"), "html.parser")
        assert not page.select("a[href*=mybinder], a[href*=colab], .dropdown-launch-buttons")

    def test_an_error_is_reported_in_japanese(self, published: Path) -> None:
        page = BeautifulSoup((published / "page.html").read_text(encoding="utf-8"), "html.parser")
        (link,) = page.select("a[href*='/issues/new']")
        address, _, query = str(link["href"]).partition("?")
        assert address == f"{REPOSITORY}/issues/new"
        asked = {name: value for name, (value,) in parse_qs(query).items()}
        assert asked["title"] == "[誤り] 第1章 章"
        assert asked["page"] == "第1章 章（page.html）"
        assert asked["version"] == FACTS["version"]
        # 用紙にある欄だけを埋める。
        form = yaml.safe_load(
            (ROOT / ".github/ISSUE_TEMPLATE" / asked["template"]).read_text(encoding="utf-8")
        )
        fields = {field.get("id") for field in form["body"]}
        assert asked.keys() - {"template", "title"} <= fields
        assert asked["title"].startswith(form["title"])

    def test_the_copy_knows_where_it_came_from(self, published: Path) -> None:
        notebook = nbformat.read(published / "page.ipynb", as_version=4)
        text, start, *_, end = (cell.source for cell in notebook.cells)
        assert f"[表紙]({BASE}/front.html)へ。" in text
        assert f'REPOSITORY = "{REPOSITORY}/archive/main.zip"' in start
        assert f"{BASE}/page.html" in end

    def test_missing_pages_lead_back_from_any_depth(self, published: Path) -> None:
        page = BeautifulSoup((published / "404.html").read_text(encoding="utf-8"), "html.parser")
        assert page.title.get_text() == f"ページが見つかりません ― {FACTS['title']}"
        assert page.select_one("base")["href"] == "/book/"
        assert {link["href"] for link in page.select("a")} == {"index.html", "search.html", "genindex.html"}

    @pytest.mark.parametrize("old", ["older.html", "former.html"])
    def test_an_old_address_leads_on_with_its_anchor(
        self, published: Path, browser: webdriver.Chrome, old: str
    ) -> None:
        browser.get(f"{(published / old).as_uri()}?x=1#place")
        until(browser, lambda page: page.title.startswith("1. 章"))
        assert browser.current_url == f"{(published / 'page.html').as_uri()}?x=1#place"

    def test_an_old_address_leads_on_without_scripts(
        self, published: Path, browser: webdriver.Chrome
    ) -> None:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get((published / "former.html").as_uri())
        until(browser, lambda page: page.current_url == (published / "page.html").as_uri())
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    def test_an_old_address_is_a_page_for_people_too(self, published: Path) -> None:
        page = BeautifulSoup((published / "older.html").read_text(encoding="utf-8"), "html.parser")
        assert page.select_one("main a")["href"] == "page.html"
        assert page.html["lang"] == "ja"
        assert interface_words(page) <= ALLOWED_WORDS
        assert meta(page, "robots") == ["noindex"]


def test_launch_buttons_wait_for_the_repository(pages: Pages) -> None:
    for page in pages.values():
        assert not page.select("a[href*=mybinder], a[href*=colab], .launch-buttons, .dropdown-launch-buttons")


def test_licences_stand_on_every_page(pages: Pages) -> None:
    for place, page in pages.items():
        if page.select("article"):
            links = {str(link["href"]) for link in page.select("footer a[rel=license], .extra_footer a")}
            assert any("creativecommons.org/licenses/by/4.0" in link for link in links), place
            assert any("opensource.org" in link for link in links), place

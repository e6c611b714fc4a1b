"""入口のページから持ち帰れるもの（紙の本、電子書籍、サイトの写し、章と実装）。"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from papers import Ebook, Paper

NAMES = ["backprop-book.pdf", "backprop-book.epub", "backprop-book-site.zip", "backprop-book.zip"]


class TestShelf:
    """`make downloads` の置いたもの。"""

    @pytest.fixture
    def listed(self, html: Path, book_pdf: Paper, book_epub: Ebook) -> BeautifulSoup:
        """入口のページの、持ち帰れるものの段落。"""
        page = BeautifulSoup((html / "index.html").read_text(encoding="utf-8"), "html.parser")
        (paragraph,) = page.find_all("p", class_="downloads")
        return paragraph

    def test_every_download_is_told_with_its_size(self, html: Path, listed: BeautifulSoup) -> None:
        assert [link["href"] for link in listed.find_all("a")] == NAMES
        assert not listed.has_attr("hidden")
        for link in listed.find_all("a"):
            size = float(re.search(r"([\d.]+) MB", link.get_text())[1])
            assert size == pytest.approx((html / link["href"]).stat().st_size / 1e6, abs=0.05)

    def test_number_of_pages(self, listed: BeautifulSoup, book_pdf: Paper) -> None:
        assert f"A4 で{len(book_pdf.pdf.pages)}ページ" in listed.get_text()

    def test_shelved_files_are_those_that_were_made(
        self, html: Path, book_pdf: Paper, book_epub: Ebook
    ) -> None:
        for made in (book_pdf.path, book_epub.path):
            assert (html / made.name).read_bytes() == made.read_bytes()

    def test_the_copy_of_the_site_is_whole(self, html: Path, book_pdf: Paper) -> None:
        with zipfile.ZipFile(html / "backprop-book-site.zip") as archive:
            inside = {name.removeprefix("backprop-book/") for name in archive.namelist()}
        there = {path.relative_to(html).as_posix() for path in html.rglob("*") if path.is_file()}
        assert inside == there - set(NAMES)


class TestRefusal:
    """そろわないときは、わけを言い、何も変えない。"""

    def test_nothing_is_shelved_without_the_books(self, book_pdf: Paper, tmp_path: Path) -> None:
        from press import shelf
        from press.leaves import Missing

        html = tmp_path / "_build" / "html"
        html.mkdir(parents=True)
        (html / "index.html").write_text('<p class="downloads" hidden></p>', encoding="utf-8")
        (html / shelf.BUNDLE).write_bytes(b"")
        shutil.copyfile(book_pdf.path, tmp_path / shelf.PDF)
        with pytest.raises(Missing, match="backprop-book.epub がありません"):
            shelf.shelve(tmp_path, tmp_path)
        assert sorted(path.name for path in html.iterdir()) == ["backprop-book.zip", "index.html"]
        assert "hidden" in (html / "index.html").read_text(encoding="utf-8")

    def test_no_site_no_book(self, book_pdf: Paper, tmp_path: Path) -> None:
        from press import leaves

        root = Path(__file__).resolve().parents[1]
        shutil.copyfile(root / "_toc.yml", tmp_path / "_toc.yml")
        with pytest.raises(leaves.Missing, match="make book"):
            leaves.read(tmp_path)

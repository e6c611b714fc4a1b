"""サイトのほかの形（EPUB、LaTeX）。この本の拡張が、ビルドを止めず、サイトの飾りを持ちこまない。"""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_publishing import FACTS, build, small_book

ROOT = Path(__file__).resolve().parents[1]
NAME = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
# 拡張が手を入れるもの: 数式、定理、用語、生の HTML、動かして見る図、持ち帰りのリンク、周のしるし。
WORDS = """\
文の中の $\\delta_j$、と、番号のある式。

$$
\\mathbf{Z} = \\mathbf{W}\\mathbf{A}
$$ (eq-small)

(thm-small)=
> **定理** 式 {eq}`eq-small` のとおりです。

一行め<br>二行め <a href="x.zip" download>書庫</a>

<div class="interactive" data-kind="stepper"></div>

## あとの節

文。
"""
LAPS = "front: 一周目\npage: {二周目: [あとの節]}\n"
SITE_ONLY = ("citation_title", "og:title", "<script", "icons.css", "stepper.js", "この章を引用", "lap-")
"""サイトのページにだけあるもの。"""
XHTML = "{http://www.w3.org/1999/xhtml}"


def marked_book(folder: Path) -> Path:
    """周のしるしのある、小さな本。"""
    (folder / "laps.yml").write_text(LAPS, encoding="utf-8")
    return small_book(folder, WORDS)


def test_the_kind_is_told_by_the_name_of_the_builder() -> None:
    told = [path.name for path in (ROOT / "_ext").glob("*.py") if "builder.format" in path.read_text("utf-8")]
    assert not told, "EPUB の書式も html なので、builders.makes_site で見分けてください"


@pytest.mark.long
class TestEpub:
    """EPUB。"""

    @pytest.fixture(scope="class")
    @staticmethod
    def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = marked_book(tmp_path_factory.mktemp("epub"))
        printed = build(folder, "--builder", "custom", "--custom-builder", "epub")
        warnings = re.findall("WARNING: (.*)", printed)
        assert all("favicon.ico" in warning for warning in warnings), warnings
        return folder / "_build" / "epub" / f"{NAME}.epub"

    @staticmethod
    def contents(book: Path) -> dict[str, str]:
        with zipfile.ZipFile(book) as archive:
            names = [name for name in archive.namelist() if name.endswith((".xhtml", ".opf", ".ncx"))]
            return {name: archive.read(name).decode() for name in names}

    def test_every_page_is_well_formed(self, book: Path) -> None:
        found = self.contents(book)
        assert any(name.endswith("page.xhtml") for name in found)
        for text in found.values():
            ElementTree.fromstring(text)

    def test_it_is_named_like_the_book(self, book: Path) -> None:
        (package,) = (text for name, text in self.contents(book).items() if name.endswith(".opf"))
        root = ElementTree.fromstring(package)
        facts = {
            name: [element.text for element in root.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")]
            for name in ("title", "creator", "publisher", "language")
        }
        assert facts["title"] == [FACTS["title"]]
        assert facts["creator"] == [FACTS["authors"][0]["name"]]
        assert facts["publisher"] == [FACTS["preferred-citation"]["publisher"]["name"]]
        assert facts["language"] == ["ja"]
        assert FACTS["version"] in package
        assert "unknown" not in package

    def test_nothing_of_the_site_is_carried_over(self, book: Path) -> None:
        found = self.contents(book)
        assert not [name for name in found if "404" in name]
        (page,) = (text for name, text in found.items() if name.endswith("page.xhtml"))
        assert "<math" in page
        assert re.search("あとの節(<[^>]*>)?（二周目）", page)
        assert "読む時間の目安" in page
        assert not [word for word in SITE_ONLY if word in page and word != "icons.css"]


@pytest.mark.long
class TestLatex:
    """LaTeX の原稿。"""

    def test_it_is_written_and_named(self, tmp_path: Path) -> None:
        folder = marked_book(tmp_path)
        build(folder, "--builder", "custom", "--custom-builder", "latex")
        source = (folder / "_build" / "latex" / f"{NAME}.tex").read_text(encoding="utf-8")
        assert re.search(r"\\title\{(.*)\}", source)[1] == FACTS["title"]
        assert re.search(r"\\author\{(.*)\}", source)[1] == FACTS["authors"][0]["name"]
        assert re.search(r"\\release\{(.*)\}", source)[1] == FACTS["version"]
        assert r"\mathbf{Z} = \mathbf{W}\mathbf{A}" in source
        assert r"\setCJKmainfont{HaranoAjiMincho" in source
        assert "FreeSerif" not in source
        assert "あとの節（二周目）" in source
        assert "読む時間の目安" in source

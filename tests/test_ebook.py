"""電子書籍（EPUB）: できたファイルそのものを読んで、サイトと比べる。"""

from __future__ import annotations

import json
import posixpath
import re
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from papers import Ebook
from press import epub, volume

ROOT = Path(__file__).resolve().parents[1]
CHECKER = ROOT / "_build" / "press" / "venv"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def trees(book_epub: Ebook) -> dict[str, ElementTree.Element]:
    """XML として読んだページ。"""
    return {
        name.removeprefix("EPUB/"): ElementTree.fromstring(data)
        for name, data in book_epub.files.items()
        if name.endswith(".xhtml")
    }


def checked(path: Path) -> list[dict]:
    """EPUBCheck の言うこと。"""
    (jar,) = CHECKER.glob("lib/python*/site-packages/epubcheck/epubcheck.jar")
    done = subprocess.run(
        ["java", "-jar", jar, "--json", "-", "--quiet", path],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return json.loads(done.stdout)["messages"]


class TestForm:
    """電子書籍の決まり。"""

    def test_epubcheck_has_nothing_to_say(self, book_epub: Ebook) -> None:
        assert checked(book_epub.path) == []

    def test_epubcheck_can_say_something(self, book_epub: Ebook, tmp_path: Path) -> None:
        """つながりを一つ切れば、EPUBCheck が見つける。"""
        broken = tmp_path / "broken.epub"
        with zipfile.ZipFile(broken, "w") as archive:
            for name, data in book_epub.files.items():
                archive.writestr(name, data.replace(b'href="genindex.xhtml"', b'href="lost.xhtml"'))
        assert any(message["severity"] == "ERROR" for message in checked(broken))

    def test_container(self, book_epub: Ebook) -> None:
        with zipfile.ZipFile(book_epub.path) as archive:
            first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert book_epub.files["mimetype"] == b"application/epub+zip"

    def test_every_link_lands(self, trees: dict[str, ElementTree.Element]) -> None:
        ids = {name: {element.get("id") for element in tree.iter()} for name, tree in trees.items()}
        lost, count = [], 0
        for name, tree in trees.items():
            for link in tree.iter(f"{XHTML}a"):
                place, _, fragment = unquote(link.get("href", "")).partition("#")
                if re.match("[a-z]+:", place):
                    continue
                count += 1
                home = posixpath.normpath(place) if place else name
                if home not in ids or (fragment and fragment not in ids[home]):
                    lost.append((name, link.get("href")))
        assert count > 2000
        assert not lost

    def test_no_program(self, trees: dict[str, ElementTree.Element]) -> None:
        """スクリプトも、押すものもない。"""
        names = {f"{XHTML}{name}" for name in ("script", "button", "input", "template")}
        assert not [(name, e.tag) for name, tree in trees.items() for e in tree.iter() if e.tag in names]


class TestAgreement:
    """サイトと同じ式、図、番号。"""

    def test_formulas(self, trees: dict[str, ElementTree.Element], bodies: dict[str, Tag]) -> None:
        """式は、どれも MathML で、元の TeX を代わりの言葉にしている。畳んだコードの出力と、動く図のほかは、みなある。"""
        expected = sorted(
            " ".join(formula["data-tex"].split())
            for body in bodies.values()
            for formula in body.find_all("math")
            if not formula.find_parent(class_=["folded", "interactive-live", "answer", "toctree-wrapper"])
            and not formula.find_parent("template")
        )
        found = sorted(
            " ".join(formula.get("alttext").split())
            for name, tree in trees.items()
            if name != "nav.xhtml"
            for formula in tree.iter(f"{MATHML}math")
        )
        assert len(found) > 8000
        assert found == expected

    def test_numbers(self, book_epub: Ebook, bodies: dict[str, Tag]) -> None:
        """数式、図の番号は、どのページでも、サイトと同じ順に並ぶ。"""
        for name, body in bodies.items():
            page = book_epub.pages[f"{name.replace('/', '-')}.xhtml"]
            for kind in ("eqno", "caption-number"):
                assert _numbers(page, kind) == _numbers(body, kind), (name, kind)

    def test_pictures(self, book_epub: Ebook, trees: dict[str, ElementTree.Element]) -> None:
        """図には、どれも説明があり、絵は輪郭（SVG）である。"""
        images = [image for tree in trees.values() for image in tree.iter(f"{XHTML}img")]
        assert len(images) > 100
        for image in images:
            assert image.get("alt", "").strip()
            assert image.get("src", "").endswith(".svg")
            assert f"EPUB/{image.get('src')}" in book_epub.files

    def test_answers_are_gathered_at_the_end(self, trees: dict[str, ElementTree.Element]) -> None:
        def kinds(name: str) -> set[str]:
            classes = {c for e in trees[name].iter() for c in (e.get("class") or "").split()}
            return classes & {"hint", "solution"}

        assert kinds("answers-hint.xhtml") == {"hint"}
        assert kinds("answers-solution.xhtml") == {"solution"}
        assert not [name for name in trees if name.startswith("exercises-") and kinds(name)]

    def test_contents(self, book_epub: Ebook, bodies: dict[str, Tag]) -> None:
        """目次は、サイトの部、章、節と同じ順に並ぶ。"""
        entries = [link.get_text() for link in book_epub.pages["nav.xhtml"].find(id="toc").find_all("a")]
        rest = iter(entries)
        for name, body in bodies.items():
            heading = body.find("h1")
            title = volume.FRONT if name == "index" else _title(heading)
            assert any(title == entry for entry in rest), title


def _numbers(element: Tag, name: str) -> list[str]:
    return [re.sub(r"[\s#]", "", found.get_text()) for found in element.find_all(class_=name)]


def _title(heading: Tag) -> str:
    return "".join(
        text for text in heading.find_all(string=True) if text.find_parent(class_="headerlink") is None
    ).strip()


class TestTold:
    """題、著者、読みやすさについての情報。"""

    def test_metadata(self, book_epub: Ebook) -> None:
        about = volume.work(ROOT)
        package = BeautifulSoup(book_epub.files["EPUB/content.opf"], "xml")
        assert package.find("dc:title").get_text() == about.whole
        assert package.find("dc:creator").get_text() == about.author
        assert package.find("dc:language").get_text() == "ja"
        assert package.find("dc:date").get_text() == about.date
        told = {meta["property"]: meta.get_text() for meta in package.find_all("meta")}
        assert told["schema:accessibilityHazard"] == "none"
        assert {"schema:accessMode", "schema:accessibilityFeature", "schema:accessibilitySummary"} <= set(
            told
        )

    def test_cover(self, book_epub: Ebook) -> None:
        """表紙の絵には、書体を使わない。"""
        cover = ElementTree.fromstring(book_epub.files["EPUB/cover.svg"])
        assert not list(cover.iter("{http://www.w3.org/2000/svg}text"))
        assert cover.find("{http://www.w3.org/2000/svg}title").text == volume.work(ROOT).whole


class TestAgain:
    """もう一度つくっても、同じバイト列になる。"""

    def test_the_whole_book_twice(self, book_epub: Ebook, tmp_path: Path) -> None:
        again = tmp_path / "again.epub"
        epub.epub(ROOT, again)
        assert again.read_bytes() == book_epub.path.read_bytes()

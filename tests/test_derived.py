"""サイトの外で読む写し: どこでも読める書き方、切れないリンク、図の説明、サイトと同じ番号。

同じ検査を、すべての章のすべての写し（サイトのボタンが渡すものと、書庫の中のもの）にかける。
"""

from __future__ import annotations

import posixpath
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import execute
import nbformat
import plainly
import pytest
import yaml
from bs4 import BeautifulSoup
from editions import learners
from nbformat import NotebookNode
from takeaways import Copy, unpacked
from toc import chapters, exercises, notebooks

ROOT = Path(__file__).resolve().parents[1]
NAMES = [path.stem for path in notebooks()]
# サイトに出さないセルが決め、あとのセルが使う名前。
NEEDED: tuple[str, ...] = ()
# 言葉ではないもの: コード。
VERBATIM = re.compile(r"(?ms)^```(?!\{).*?^```$|(?<![`}])`[^`{}\n]+`")
UNREADABLE = {
    "役割": re.compile(r"\{[\w:+-]+\}`"),
    "指示": re.compile(r"(?m)^[ >]*(?:`{3,}|:{3,})\{|^[ >]*:{3,}"),
    "ラベルの行": re.compile(r"(?m)^[ >]*\([\w-]+\)=$"),
    "式の尾": re.compile(r"\$\$ *\([\w-]+\)"),
    "属性": re.compile(r"(?m)^\{[.#]|\]\{[.#]"),
    "区切りと注釈": re.compile(r"(?m)^(?:\+\+\+|%)(?: |$)"),
}


@pytest.fixture(scope="module")
def together(html: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Copy]:
    """書庫の中の章。"""
    return Copy.all(unpacked(html, tmp_path_factory.mktemp("book")) / "notebooks")


@pytest.fixture(scope="module")
def alone(html: Path) -> list[Copy]:
    """サイトの章のページが渡す、一つずつの写し。"""
    return [copy for name in ("chapters", "exercises") for copy in Copy.all(html / name)]


@pytest.fixture(scope="module", params=["together", "alone"])
def copies(request: pytest.FixtureRequest) -> list[Copy]:
    """両方の置き場所。"""
    return request.getfixturevalue(request.param)


def tagged(cell: NotebookNode) -> bool:
    """サイトに出さないセルか。"""
    return "remove-cell" in cell.metadata.get("tags", [])


def unreadable(text: str) -> Counter[str]:
    """ほかの道具では読めない書き方の数。"""
    text = VERBATIM.sub("", text)
    return Counter({name: len(pattern.findall(text)) for name, pattern in UNREADABLE.items()})


def anchors(copy: Copy) -> set[str]:
    """リンクの行き先になれるもの。"""
    return {str(tag["id"]) for tag in copy.page.select("[id]")}


def dead(copy: Copy, beside: dict[str, set[str]]) -> Iterator[str]:
    """開けないリンク。``beside`` は、隣にあるファイルと、その中の行き先。"""
    for link in copy.page.select("a[href]"):
        address = str(link["href"])
        file, _, mark = address.partition("#")
        if not re.match(r"https?://", address):
            name = posixpath.normpath(file) if file else copy.path.name
            if name not in beside or (mark and mark not in beside[name]):
                yield f"{copy.path.name}: {address}"


def undescribed(copy: Copy) -> Iterator[str]:
    """説明のない図。"""
    for cell in copy.code():
        for output in cell.outputs:
            for kind in output.get("data", {}):
                if kind.startswith("image/") and not output.metadata.get(kind, {}).get("alt", "").strip():
                    yield f"{copy.path.name}: {cell.id}"
    yield from (f"{copy.path.name}: {image}" for image in copy.page.select("img") if not image.get("alt"))


class TestReadable:
    """MyST を知らない道具でも読める。"""

    def test_every_chapter_of_the_contents_and_nothing_else(self, copies: list[Copy]) -> None:
        assert sorted(copy.path.stem for copy in copies) == sorted(NAMES)

    def test_nothing_unreadable_is_left(self, copies: list[Copy]) -> None:
        found = Counter(dict.fromkeys(UNREADABLE, 0))
        for copy in copies:
            for text in copy.texts:
                assert not plainly.leftovers(text), copy.path.name
                found.update(unreadable(text))
        assert found == Counter(dict.fromkeys(UNREADABLE, 0))

    def test_the_sources_are_full_of_it(self) -> None:
        found = Counter[str]()
        for path in chapters():
            for text in Copy(path, nbformat.read(path, as_version=4)).texts:
                found.update(unreadable(text))
        assert found["役割"] > 500
        assert found["ラベルの行"] > 180
        assert found["式の尾"] > 80

    def test_no_link_is_dead(self, copies: list[Copy]) -> None:
        beside = {copy.path.name: anchors(copy) for copy in copies}
        assert sum(len(copy.page.select("a[href]")) for copy in copies) > 100
        assert not [address for copy in copies for address in dead(copy, beside)]

    def test_a_copy_alone_asks_for_no_neighbour(self, alone: list[Copy]) -> None:
        for copy in alone:
            assert not list(dead(copy, {copy.path.name: anchors(copy)}))

    def test_no_image_is_without_words(self, copies: list[Copy]) -> None:
        assert not [name for copy in copies for name in undescribed(copy)]
        pictures = [output for copy in copies for cell in copy.code() for output in cell.outputs
                    if "image/svg+xml" in output.get("data", {})]  # fmt: skip
        assert len(pictures) >= 125
        # 絵を出せない道具に出る文も、説明である。
        assert all(o.data["text/plain"] == o.metadata["image/svg+xml"]["alt"] for o in pictures)

    def test_captions_say_the_number_and_the_description(self, copies: list[Copy]) -> None:
        for copy in copies:
            for cell, below in zip(copy.notebook.cells, copy.notebook.cells[1:]):
                for output in cell.get("outputs", []):
                    if "image/svg+xml" in output.get("data", {}):
                        assert re.match(r'<a id="fig-[\w-]+"></a>\*\*図 [\d.]+:\*\* .', below.source)
                        assert output.metadata["image/svg+xml"]["alt"] in below.source

    def test_hidden_code_is_folded_and_checks_are_left_out(self, together: list[Copy]) -> None:
        folded = [cell for copy in together for cell in copy.code()
                  if cell.metadata.get("jupyter", {}).get("source_hidden")]  # fmt: skip
        sources = [nbformat.read(path, as_version=4).cells for path in chapters()]
        sources += [learners(nbformat.read(path, as_version=4)).cells for path in exercises()]
        tags = Counter(tag for cells in sources for cell in cells for tag in cell.metadata.get("tags", []))
        assert len(folded) == tags["hide-input"] + tags["remove-input"] + len(NAMES) + len(NEEDED)
        code = sum(cell.cell_type == "code" for cells in sources for cell in cells)
        made = sum(len(copy.code()) for copy in together)
        assert made == code - tags["remove-cell"] + len(NAMES) + len(NEEDED)
        needed = "\n".join(cell.source for copy in together for cell in copy.code() if tagged(cell))
        assert all(re.search(rf"\b{name}\b", needed) for name in NEEDED)
        assert not re.search(r"(?m)^assert\b", needed)
        assert not [copy for copy in together for cell in copy.code() if "mystnb" in cell.metadata]


class TestNumbers:
    """番号は、できあがったページのもの。"""

    @staticmethod
    def pairs(copies: list[Copy], pages: dict[str, BeautifulSoup]) -> Iterator[tuple[Copy, BeautifulSoup]]:
        for copy in copies:
            folder = "exercises" if copy.path.stem.endswith("_ex") else "chapters"
            yield copy, pages[f"{folder}/{copy.path.stem}.html"].select_one("article.bd-article")

    @pytest.mark.long
    def test_equations(self, copies: list[Copy], pages: dict[str, BeautifulSoup]) -> None:
        total = 0
        for copy, page in self.pairs(copies, pages):
            shown = {
                str(element["id"]): element.select_one(".eqno").contents[0].strip("()")
                for element in page.select("div.math[id^=equation-]")
            }
            text = "\n".join(copy.texts)
            pattern = (
                r'<a id="(equation-[\w-]+)"></a>\n\n[ >]*\$\$\n(?:(?!\$\$).)*\\tag\{([\d.]+)\}\n[ >]*\$\$$'
            )
            assert dict(re.findall(pattern, text, flags=re.DOTALL | re.MULTILINE)) == shown
            assert text.count(r"\tag{") == len(shown)
            total += len(shown)
        assert total > 80

    def test_figures(self, copies: list[Copy], pages: dict[str, BeautifulSoup]) -> None:
        for copy, page in self.pairs(copies, pages):
            shown = {
                str(figure["id"]): figure.select_one(".caption-number").get_text(strip=True)
                for figure in page.select("figure[id^=fig-]")
            }
            text = "\n".join(copy.texts)
            assert dict(re.findall(r'<a id="(fig-[\w-]+)"></a>\*\*(図 [\d.]+):\*\*', text)) == shown

    def test_headings(self, copies: list[Copy], pages: dict[str, BeautifulSoup]) -> None:
        for copy, page in self.pairs(copies, pages):
            shown = [number.get_text(strip=True) for number in page.select(".section-number")]
            headings = copy.page.select("h1,h2,h3,h4,h5")
            numbers = [heading.get_text().split(" ")[0] for heading in headings]
            if shown:
                assert numbers == shown
            else:  # 付録には、番号がない
                assert not [number for number in numbers if re.match(r"第?\d", number)]

    def test_references(self, together: list[Copy], pages: dict[str, BeautifulSoup]) -> None:
        for copy, page in self.pairs(together, pages):
            shown = Counter(
                link.get_text()
                for link in page.select("a.reference.internal")
                if not link.find_parent(class_="stamp-line")  # 写しの検印の行には、式の名前だけがある
                and not link.find_parent(class_="solution")  # 写しに、解答はない
                if re.search(r"#(equation|fig)-", link["href"]) and "index.html" not in link["href"]
            )
            made = Counter(
                link.get_text()
                for link in copy.page.select("a[href]")
                if re.search(r"#(equation|fig)-", link["href"])
            )
            outside = Counter(
                link.get_text()
                for link in page.select("a.reference.internal[href^='../'][href*='#equation-']")
                if "index.html" not in link["href"] and not link["href"].startswith("../chapters/")
            )
            assert made + outside == shown


class TestOtherTools:
    """ほかの道具にかけてみる。"""

    @pytest.fixture
    def copy(self, together: list[Copy]) -> Path:
        """図と式と表のある章の写し。"""
        return next(copy.path for copy in together if copy.path.stem.startswith("23_"))

    @staticmethod
    def convert(path: Path, folder: Path, *options: str) -> Path:
        """nbconvert の書いたもの。"""
        command = [sys.executable, "-m", "nbconvert", *options, "--output-dir", str(folder), str(path)]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert result.returncode == 0, result.stderr
        (made,) = [made for made in folder.iterdir() if made.is_file()]
        return made

    def test_html_speaks_every_picture(self, copy: Path, tmp_path: Path) -> None:
        # nbconvert は、SVG の図の説明（alt）を読まない。題の下に書いた説明が、図と同じ数だけある。
        made = self.convert(copy, tmp_path, "--to", "html", "--template", "classic")
        page = BeautifulSoup(made.read_text(encoding="utf-8"), "html.parser")
        pictures = page.select("img")
        assert pictures
        told = [details.get_text() for details in page.select("details")]
        described = [text for text in told if text.strip().startswith("図の説明")]
        assert len(described) == len(pictures)
        assert all(re.search("[ぁ-ん]", text.removeprefix("図の説明")) for text in described)

    def test_script_is_python(self, copy: Path, tmp_path: Path) -> None:
        made = self.convert(copy, tmp_path, "--to", "script")
        assert made.suffix == ".py"
        compile(made.read_text(encoding="utf-8"), made.name, "exec")

    def test_a_source_chapter_becomes_python_too(self, tmp_path: Path) -> None:
        assert self.convert(chapters()[0], tmp_path, "--to", "script").suffix == ".py"


def test_metadata_and_extensions_are_the_books() -> None:
    source = nbformat.read(chapters()[0], as_version=4)
    assert source.metadata == execute.METADATA
    assert "version" not in execute.METADATA["language_info"]
    book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert sorted(plainly.EXTENSIONS) == sorted(book["parse"]["myst_enable_extensions"])

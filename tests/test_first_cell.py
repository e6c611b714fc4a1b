"""写しのはじめのセル: この本のパッケージの入っていない Python で、章を動かせるようにする。"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
import takeaway
from takeaways import Bare, unpacked

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = "31_step1_output_gradient.ipynb"
SHOW = "\nimport backprop\nprint(backprop.__version__, backprop.__file__)"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """NumPy、SymPy、Matplotlib はあるが、この本のパッケージも図の書体もないところ。"""
    return Bare.made(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def book(html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """書庫を解いたフォルダ。"""
    return unpacked(html, tmp_path_factory.mktemp("持ち帰り [1] it's"))


@pytest.fixture
def namesake(tmp_path: Path) -> Path:
    """同じ名前の、別のパッケージ。"""
    package = tmp_path / "others" / "backprop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        '"""Another project."""\nraise ImportError("old")\n', encoding="utf-8"
    )
    return package.parent


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """ノートブックが一つだけある、空のフォルダ。"""
    folder = tmp_path / "ひとつ だけ"
    folder.mkdir()
    return folder


def first(path: Path) -> str:
    """はじめのコードのセル。"""
    cells = nbformat.read(path, as_version=4).cells
    return next(cell.source for cell in cells if cell.cell_type == "code")


def wheel(book: Path) -> Path:
    """書庫の中の wheel。"""
    (found,) = book.glob("gyakudenpa-*.whl")
    return found


class TestFound:
    """近くにあれば、ネットワークなしに使う。"""

    def test_it_is_silent_where_ours_is_importable(self, book: Path, python: Bare, alone: Path) -> None:
        result = python.run(first(book / "notebooks" / CHAPTER), book / "src", folder=alone)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")

    def test_the_unpacked_book(self, book: Path, python: Bare) -> None:
        result = python.run(first(book / "notebooks" / CHAPTER) + SHOW, folder=book / "notebooks")
        said, used = result.stdout.splitlines()
        assert said == f"この本の backprop を {wheel(book)} から使います。"
        assert str(wheel(book)) in used

    def test_a_wheel_beside(self, book: Path, python: Bare, alone: Path) -> None:
        shutil.copy(wheel(book), alone)
        result = python.run(first(book / "notebooks" / CHAPTER) + SHOW, folder=alone)
        assert str(alone / wheel(book).name) in result.stdout.splitlines()[1]

    @pytest.mark.parametrize("name", ["backprop-book.zip", "backprop-book (1).zip"])
    def test_the_archive_beside(self, html: Path, book: Path, python: Bare, alone: Path, name: str) -> None:
        shutil.copy(html / takeaway.BUNDLE, alone / name)
        records = "\nfrom backprop import records\nprint(len(records.names()), bool(records.load('xor-map')))"
        result = python.run(first(book / "notebooks" / CHAPTER) + SHOW + records, folder=alone)
        _, used, read = result.stdout.splitlines()
        assert name in used
        assert read == "4 True"

    def test_the_unpacked_folder_beside(self, book: Path, python: Bare, alone: Path) -> None:
        (alone / "backprop-book").symlink_to(book, target_is_directory=True)
        result = python.run(first(book / "notebooks" / CHAPTER) + SHOW, folder=alone)
        assert wheel(book).name in result.stdout.splitlines()[1]

    @pytest.mark.long
    def test_a_whole_chapter_runs(self, book: Path, python: Bare) -> None:
        cells = nbformat.read(book / "notebooks" / CHAPTER, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        result = python.run(code, folder=book / "notebooks")
        assert result.returncode == 0, result.stderr
        assert result.stderr.count("matplotlib-fontja を入れてカーネルを再起動すると") == 1


class TestNamesake:
    """同じ名前の別のパッケージを、この本のものと取り違えない。"""

    def test_ours_is_used_instead(self, book: Path, python: Bare, namesake: Path) -> None:
        result = python.run(first(book / "notebooks" / CHAPTER) + SHOW, namesake, folder=book / "notebooks")
        said, used = result.stdout.splitlines()
        assert said.startswith("同じ名前の別の backprop は使いません。この本の backprop を ")
        assert str(wheel(book)) in used

    def test_ours_is_used_even_after_the_other_was_imported(
        self, book: Path, python: Bare, namesake: Path
    ) -> None:
        (namesake / "backprop" / "__init__.py").write_text("", encoding="utf-8")
        code = "import backprop\n" + first(book / "notebooks" / CHAPTER) + SHOW
        result = python.run(code, namesake, folder=book / "notebooks")
        assert str(wheel(book)) in result.stdout.splitlines()[1]

    def test_the_reader_is_told_what_to_do(self, python: Bare, namesake: Path, alone: Path) -> None:
        result = python.run(takeaway.first_cell(), namesake, folder=alone)
        assert result.returncode == 1
        (said,) = result.stderr.splitlines()[-1:]
        assert said.startswith("ModuleNotFoundError: 同じ名前の別の backprop は使いません。")
        assert "gyakudenpa-*.whl か backprop-book.zip を、このノートブックと同じフォルダに置いて" in said


class TestRepository:
    """近くになければ、原稿のリポジトリから取り寄せる。"""

    @staticmethod
    def cell(address: str) -> str:
        """取り寄せる先を決めたセル。"""
        return takeaway.first_cell(f"{address}")

    def test_it_is_fetched_and_kept_beside(
        self, book: Path, python: Bare, alone: Path, tmp_path: Path
    ) -> None:
        source = tmp_path / "book-main.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.json")]:
                archive.write(path, Path("book-main", path.relative_to(ROOT)))
            for name in ("pyproject.toml", "README.md", "LICENSE"):
                archive.write(ROOT / name, Path("book-main", name))
        # ネットワークがないので、組み立ての道具には、入っているものを使う。
        settings = {"PIP_NO_BUILD_ISOLATION": "0"}
        result = python.run(self.cell(source.as_uri()) + SHOW, folder=alone, **settings)
        said, used = result.stdout.splitlines()
        assert said.startswith("リポジトリから取り寄せました。この本の backprop を ")
        (kept,) = alone.glob("*.whl")
        assert str(kept) in used
        again = python.run(self.cell("https://nowhere.invalid/") + SHOW, folder=alone)
        assert "取り寄せ" not in again.stdout
        assert again.returncode == 0

    def test_one_line_when_nothing_is_reachable(self, python: Bare, alone: Path) -> None:
        result = python.run(self.cell("https://nowhere.invalid/book.zip"), folder=alone)
        assert result.returncode == 1
        (said,) = result.stderr.splitlines()[-1:]
        assert said.startswith("ModuleNotFoundError: この本の backprop が見つかりません。")
        assert not list(alone.iterdir())


def test_a_package_of_one_chapter_lies_beside_too(book: Path, python: Bare, alone: Path) -> None:
    for installed in python.packages.glob("autograd*"):
        installed.unlink()
    path = next((book / "notebooks").glob("39_*.ipynb"))
    shown = "\nimport autograd.numpy\nprint(autograd.__file__)"
    result = python.run(first(path) + shown, folder=book / "notebooks")
    assert "autograd-" in result.stdout.splitlines()[-1], result.stderr
    shutil.copy(wheel(book), alone)
    result = python.run(first(path), folder=alone)
    assert result.returncode == 1
    assert "この章は autograd も使います。ネットワークに" in result.stderr.splitlines()[-1]


def test_every_copy_begins_with_it(html: Path, book: Path) -> None:
    expected = {takeaway.first_cell(), takeaway.first_cell(packages=["autograd"])}
    for folder in (html / "chapters", book / "notebooks"):
        assert {first(path) for path in folder.glob("*.ipynb")} == expected


def test_the_address_is_known_when_the_repository_is() -> None:
    code = takeaway.first_cell(takeaway.source_address("https://github.com/example/book", "main"))
    assert 'REPOSITORY = "https://github.com/example/book/archive/main.zip"' in code
    assert len(code.splitlines()) <= 45

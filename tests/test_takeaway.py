"""持ち帰り用の一式: 書庫、その起動の道具、wheel、枝に置くもの、`make lab` の章。私物は、どこにも出ない。"""

from __future__ import annotations

import functools
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import execute
import install
import lint
import nbformat
import notebooks
import packing
import pytest
import toc
import yaml
from bs4 import BeautifulSoup
from takeaway import BUNDLE, STAGED
from takeaways import Copy, unpacked

import backprop

ROOT = Path(__file__).resolve().parents[1]
PRIVATE = "my_solutions.ipynb"

Pages = dict[str, BeautifulSoup]


@pytest.fixture(scope="module")
def book(html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """書庫を解いたフォルダ。"""
    return unpacked(html, tmp_path_factory.mktemp("持ち帰り [1] it's"))


@pytest.fixture(scope="module")
def made() -> tuple[str, bytes]:
    """いま作った wheel。"""
    return packing.wheel(ROOT)


class TestArchive:
    """書庫。"""

    def test_the_front_page_offers_it(self, pages: Pages) -> None:
        assert len(pages["index.html"].select(f"article a[download][href='{BUNDLE}']")) == 1

    def test_what_is_in_it(self, book: Path) -> None:
        names = {path.relative_to(book).as_posix() for path in book.rglob("*") if path.is_file()}
        assert {
            "README.md",
            "start.py",
            "LICENSE",
            "LICENSE-TEXT",
            "CITATION.cff",
            "constraints.txt",
        } <= names
        assert {f"notebooks/{path.name}" for path in toc.notebooks()} <= names
        package = [*(ROOT / "src/backprop").rglob("*.py"), *(ROOT / "src/backprop").rglob("*.json")]
        assert {path.relative_to(ROOT).as_posix() for path in package} <= names
        # ここで動かないものは、入れない。
        assert not {name for name in names if "Makefile" in name or name.startswith((".", "tests", "tools"))}

    def test_its_own_words_are_true_inside_it(self, book: Path) -> None:
        text = (book / "README.md").read_text(encoding="utf-8")
        assert not re.search(r"\$\{?[a-z]|make |_build", text)
        named = set(re.findall(r"`([\w./-]+(?:\.\w+|/))`", text)) | set(
            re.findall(r"`(LICENSE[\w-]*)`", text)
        )
        assert {"start.py", "notebooks/", "src/", "LICENSE", "CITATION.cff"} <= named
        assert not [name for name in named if name != ".venv" and not (book / name).exists()]
        assert "python3 start.py" in text
        assert "py start.py" in text
        assert f"第 {backprop.__version__} 版" in text

    def test_the_package_installs_from_it_as_well(self, book: Path) -> None:
        # pyproject.toml が指すファイルが、みなそこにある。
        assert packing.wheel(book)[0] == next(book.glob("gyakudenpa-*.whl")).name

    def test_the_bytes_depend_on_the_contents_only(self, html: Path, book: Path) -> None:
        with zipfile.ZipFile(html / BUNDLE) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {packing.EPOCH}
            assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}
            files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        assert packing.zipped(dict(reversed(files.items()))) == (html / BUNDLE).read_bytes()

    def test_pages_of_chapters_hand_out_the_copies(self, html: Path, pages: Pages) -> None:
        for place, page in pages.items():
            sources = [str(link["href"]) for link in page.select("a.btn-download-source-button")]
            if place.startswith(("chapters/", "exercises/")):
                assert sources == [Path(place).with_suffix(".ipynb").name]
                assert (html / place).with_suffix(".ipynb").is_file()
            else:
                assert not [source for source in sources if source.endswith(".ipynb")]
        assert not list((html / "_sources").rglob("*.ipynb"))


class TestWheel:
    """パッケージの wheel。"""

    def test_it_is_the_one_in_the_archive(self, book: Path, made: tuple[str, bytes]) -> None:
        assert (book / made[0]).read_bytes() == made[1]

    def test_it_does_not_depend_on_the_machine(
        self, made: tuple[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(packing.tempfile, "tempdir", str(tmp_path))
        old = os.umask(0o077)
        try:
            assert packing.wheel(ROOT) == made
        finally:
            os.umask(old)

    def test_the_version_has_one_source(self, made: tuple[str, bytes]) -> None:
        with zipfile.ZipFile(io.BytesIO(made[1])) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
            facts = Parser().parsestr(archive.read(name).decode())
        citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        assert facts["Name"] == "gyakudenpa"
        assert facts["Version"] == backprop.__version__ == citation["version"]
        assert made[0] == f"gyakudenpa-{backprop.__version__}-py3-none-any.whl"

    def test_a_bare_tree_knows_its_version_and_stays_light(self) -> None:
        code = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); import backprop"
        code += "; print(backprop.__version__, 'numpy' in sys.modules)"
        result = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code],
            capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        assert result.stdout == f"{backprop.__version__} False\n"

    def test_a_repacked_package_is_whole(self, tmp_path: Path) -> None:
        name, content = packing.repacked("autograd")
        (tmp_path / name).write_bytes(content)
        with zipfile.ZipFile(tmp_path / name) as archive:
            (record,) = [entry for entry in archive.namelist() if entry.endswith(".dist-info/RECORD")]
            listed = {line.split(",")[0] for line in archive.read(record).decode().splitlines()}
            assert listed == set(archive.namelist())
            assert any("licen" in entry.lower() for entry in archive.namelist())
            assert not [entry for entry in archive.namelist() if entry.endswith((".pyc", "INSTALLER"))]

    def test_a_package_of_one_kind_of_machine_is_refused(self) -> None:
        with pytest.raises(ValueError, match="numpy は、機械ごとに違う"):
            packing.repacked("numpy")


class TestStart:
    """書庫の中の ``start.py``。"""

    @pytest.fixture
    def started(self, book: Path, tmp_path: Path) -> Path:
        """道具だけを写したフォルダ。名前には、空白も引用符も日本語も角括弧もある。"""
        folder = tmp_path / "it's [my] 本 #1"
        (folder / "notebooks").mkdir(parents=True)
        for path in [*book.glob("*.py"), *book.glob("*.txt"), *book.glob("*.whl")]:
            shutil.copy(path, folder)
        return folder

    @staticmethod
    def start(folder: Path, pip: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """はじめの準備のうち、仮想環境だけを本当につくり、pip と JupyterLab の代わりに、受けとったものを書く。"""
        fake = folder.parent / "fake"
        for name, code in (("pip", pip), ("jupyterlab", "print('lab', os.getcwd(), sys.argv[1:])")):
            (fake / name).mkdir(parents=True, exist_ok=True)
            (fake / name / "__init__.py").touch()
            (fake / name / "__main__.py").write_text(f"import os, sys\n{code}\n", encoding="utf-8")
        prelude = (
            "import runpy, subprocess, sys; real = subprocess.check_call\n"
            "def call(command):\n    real(command + ['--without-pip'] * (command[2] == 'venv'))\n"
            f"subprocess.check_call = call; runpy.run_path({str(folder / 'start.py')!r}, run_name='__main__')"
        )
        return subprocess.run(
            [sys.executable, "-c", prelude, *arguments], cwd=folder.parent, capture_output=True,
            encoding="utf-8", check=False, env={**os.environ, "PYTHONPATH": str(fake), "PYTHONUTF8": "1"},
        )  # fmt: skip

    def test_it_installs_once_and_opens_the_notebooks(self, started: Path) -> None:
        result = self.start(started, "print('pip', sys.argv[1:])", "--no-browser")
        assert result.returncode == 0, result.stderr
        first, *pip, lab = result.stdout.splitlines()
        assert first == "はじめの準備をします（数分かかります）。"
        (wheel,) = (f"./{path.name}" for path in started.glob("gyakudenpa-*.whl"))
        locked = ["--require-hashes", "--only-binary=:all:", "--no-deps", "--requirement", "constraints.txt"]
        assert pip == [
            f"pip {['install', '--quiet', *words]}" for words in (locked, ["--no-index", "--no-deps", wheel])
        ]
        assert lab == f"lab {started} {['--notebook-dir=notebooks', '--no-browser']}"
        assert self.start(started, "raise SystemExit(1)").stdout.startswith("lab ")

    def test_a_moved_folder_is_prepared_again(self, started: Path) -> None:
        self.start(started, "pass")
        moved = started.rename(started.with_name("ほか"))
        assert "はじめの準備をします" in self.start(moved, "pass").stdout

    def test_a_failure_is_said_in_one_line_and_tried_again(self, started: Path) -> None:
        result = self.start(started, "raise SystemExit(1)")
        assert result.returncode == 1
        assert result.stderr.strip().startswith("準備ができませんでした。")
        assert "はじめの準備をします" in self.start(started, "pass").stdout

    def test_an_old_python_is_told(self, started: Path) -> None:
        code = "import sys, runpy; sys.version_info = (3, 10); sys.version = '3.10.1 (x)'"
        run = f"{code}; runpy.run_path({str(started / 'start.py')!r}, run_name='__main__')"
        result = subprocess.run(
            [sys.executable, "-c", run], capture_output=True, encoding="utf-8", check=False
        )
        assert result.returncode == 1
        assert result.stderr == "Python 3.11 以上が要ります。これは 3.10.1 です。\n"

    def test_a_newer_list_is_installed_again(self, started: Path) -> None:
        self.start(started, "pass")
        with (started / "constraints.txt").open("a", encoding="utf-8") as listed:
            listed.write("# 新しい版\n")
        assert "はじめの準備をします" in self.start(started, "pass").stdout

    def test_what_it_installs_is_pinned_and_sealed(self, book: Path) -> None:
        pinned = (book / "constraints.txt").read_text(encoding="utf-8")
        needed = ("jupyterlab", "ipykernel", "numpy", "sympy", "matplotlib", "matplotlib-fontja", "autograd")
        for name in needed:
            assert re.search(rf"(?m)^{name}==", pinned), name
        whole = (ROOT / "constraints.txt").read_text(encoding="utf-8")
        assert all("--hash=sha256:" in entry for entry in install.entries(pinned))
        # 同じ版を、本をつくるときと同じ中身で入れる。
        assert set(re.findall(r"--hash=\S+", pinned)) <= set(re.findall(r"--hash=\S+", whole))
        local = [path.name.split("-") for path in book.glob("*.whl") if not path.name.startswith("gyaku")]
        assert all(f"{name}=={version}" in pinned for name, version, *_ in local)


class TestBranch:
    """リポジトリの枝に置くもの。"""

    def test_it_holds_the_copies_and_a_place_to_run_them(self, html: Path) -> None:
        staged = html.parent / STAGED
        for path in toc.notebooks():
            copy = staged / path.relative_to(ROOT)
            assert copy.read_bytes() == (html / path.relative_to(ROOT)).read_bytes()
        binder = staged / ".binder"
        listed = (binder / "requirements.txt").read_text(encoding="utf-8")
        assert [(binder / name).resolve() for name in re.findall(r"(?m)^-[cr] (\S+)$", listed)] == [
            staged / "constraints.txt"
        ]
        # Binder は、枝のいちばん上で走らせる。
        prepare = (binder / "postBuild").read_text(encoding="utf-8")
        assert all((staged / name).is_file() for name in re.findall(r"\./\S+", prepare))
        assert prepare.count(".whl") == 1
        assert prepare.startswith("#!/bin/sh\n")
        assert {"LICENSE", "LICENSE-TEXT", "README.md"} <= {path.name for path in staged.iterdir()}


class TestReaders:
    """`make lab` が置く章。"""

    FILES = {"a.ipynb": b"1", "b.ipynb": b"1"}
    NEWER = {"a.ipynb": b"2", "b.ipynb": b"2", "c.ipynb": b"2"}

    def test_what_the_reader_wrote_is_kept(self, tmp_path: Path) -> None:
        assert notebooks.put(tmp_path, self.FILES) == []
        (tmp_path / "a.ipynb").write_bytes(b"mine")
        assert notebooks.put(tmp_path, self.FILES) == []  # 新しいものがないなら、何も言わない
        assert notebooks.put(tmp_path, self.NEWER) == ["a.ipynb"]
        assert {path.name: path.read_bytes() for path in tmp_path.glob("*.ipynb")} == {
            **self.NEWER,
            "a.ipynb": b"mine",
        }
        assert notebooks.put(tmp_path, self.NEWER) == ["a.ipynb"]
        (tmp_path / "a.ipynb").unlink()
        assert notebooks.put(tmp_path, self.NEWER) == []
        assert (tmp_path / "a.ipynb").read_bytes() == b"2"

    def test_a_file_that_was_there_before_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "a.ipynb").write_bytes(b"mine")
        assert notebooks.put(tmp_path, self.FILES) == ["a.ipynb"]
        assert (tmp_path / "a.ipynb").read_bytes() == b"mine"

    def test_the_kept_ones_are_named(self) -> None:
        lines = list(notebooks.report(Path("ここ"), ["a.ipynb"]))
        assert lines[0] == "章は ここ にあります。"
        assert lines[-1].strip() == "a.ipynb"
        assert len(list(notebooks.report(Path("ここ"), []))) == 1

    def test_they_come_from_the_built_archive(self, html: Path) -> None:
        assert notebooks.bundled(html / BUNDLE).keys() == {path.name for path in toc.notebooks()}

    def test_an_unbuilt_book_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="先に make book を"):
            notebooks.bundled(tmp_path / BUNDLE)

    def test_the_folder_is_not_recorded(self) -> None:
        ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        assert f"/{notebooks.FOLDER.name}/" in ignored


class TestPrivate:
    """目次にないノートブックは、公開も、書きかえも、検査もしない。"""

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        """私物のある作業ツリー。"""
        (tmp_path / "chapters").mkdir()
        contents = {"format": "jb-book", "root": "index", "chapters": [{"file": "chapters/01_a"}]}
        (tmp_path / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
        for name in ("01_a.ipynb", PRIVATE):
            nbformat.write(nbformat.v4.new_notebook(), tmp_path / "chapters" / name)
        return tmp_path

    def test_only_the_contents_count(self, tree: Path) -> None:
        assert [path.name for path in toc.chapters(tree)] == ["01_a.ipynb"]
        assert [path.name for path in toc.private(tree)] == [PRIVATE]

    def test_a_missing_chapter_is_said(self, tree: Path) -> None:
        (tree / "chapters" / "01_a.ipynb").unlink()
        with pytest.raises(FileNotFoundError, match="目次にあるファイルがありません.*01_a"):
            toc.chapters(tree)

    def test_it_is_not_executed(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        touched: list[str] = []
        same = functools.partial(Path.read_text, encoding="utf-8")
        monkeypatch.setattr(execute, "notebooks", lambda: toc.notebooks(tree))
        monkeypatch.setattr(execute, "execute", lambda path: touched.append(path.name) or same(path))
        execute.main([])
        assert touched == ["01_a.ipynb"]

    def test_it_is_not_collected_nor_linted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        space = runpy.run_path(str(ROOT / "conftest.py"))
        hook = space["pytest_ignore_collect"]
        assert hook(ROOT / "chapters" / PRIVATE) is True
        assert hook(toc.chapters()[0]) is None
        assert hook(ROOT / "chapters") is None
        monkeypatch.setattr(lint, "private", lambda: [ROOT / "chapters" / PRIVATE])
        assert f"--extend-exclude=chapters/{PRIVATE}" in lint.command()

    def test_no_command_takes_every_notebook(self) -> None:
        text = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert "chapters/*.ipynb" not in text

    def test_it_is_in_nothing_that_is_handed_out(self, html: Path, book: Path) -> None:
        names = {path.name for path in [*html.rglob("*.ipynb"), *book.rglob("*.ipynb")]}
        assert names == {path.name for path in toc.notebooks()}


def test_a_copy_is_what_the_site_shows(html: Path) -> None:
    """出力は、原稿に記録されたもののまま。"""
    for copy in Copy.all(html / "chapters"):
        source = nbformat.read(ROOT / "chapters" / copy.path.name, as_version=4)
        pictures = [o.data["image/svg+xml"] for c in source.cells if c.cell_type == "code" for o in c.outputs
                    if "image/svg+xml" in o.get("data", {})]  # fmt: skip
        assert pictures == [o.data["image/svg+xml"] for c in copy.code() for o in c.outputs
                            if "image/svg+xml" in o.get("data", {})]  # fmt: skip
        assert json.loads(copy.path.read_text(encoding="utf-8"))["nbformat_minor"] == 5

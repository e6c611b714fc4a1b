"""本の入口: README の命令、どの置き場所でも、どのシステムでも、書き込めない場所でも。"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import book
import install
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CODE = ("_ext", "benchmarks", "src", "tests", "tools")
STATEMENTS = {"py": "py", "python": "python", "python3": "python3"}


def blocks(language: str) -> list[str]:
    """README の、その言語のコード。注釈は除く。"""
    found = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    return [line.partition("#")[0].strip() for block in found for line in block.splitlines() if line.strip()]


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """この本の Python のファイル。"""
    paths = [
        path
        for top in CODE
        for path in sorted((ROOT / top).rglob("*.py"))
        if "node_modules" not in path.parts
    ]
    for path in [ROOT / "conftest.py", *paths]:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def published() -> list[str]:
    """配られるファイルの、作業ツリーの中での場所。"""
    found = []
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if not book.MADE.fullmatch(name) and name != ".git"]
        found += [Path(folder, name).relative_to(ROOT).as_posix() for name in files]
    return found


class TestReadme:
    """README に書いた命令が、確かめている命令である。"""

    def test_windows_needs_one_command(self) -> None:
        assert blocks("powershell") == ["py tools/book.py", "py tools/book.py test"]

    def test_make_and_python_do_the_same(self) -> None:
        """make の命令は、同じ名前の `tools/book.py` の命令を呼ぶだけである。"""
        assert [line.split()[-1] for line in blocks("console") if line.startswith("make ")][:2] == [
            "book",
            "test",
        ]
        for name in book.COMMANDS.keys() - {"build"}:
            assert re.search(rf"(?m)^{name}:.*\n\t\$\(BOOK\) {name}(?: \$\(ONLY\))?$", MAKEFILE), name
        assert re.search(r"(?m)^book:.*\n\t\$\(BOOK\) build$", MAKEFILE)

    def test_every_command_that_is_named_exists(self) -> None:
        named = re.findall(r"(?:py|python3?) tools/book\.py(?: ([a-z]+))?(?![\w/])", README)
        assert len(named) >= 5
        assert set(named) - {""} <= book.COMMANDS.keys()
        made = set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE))
        assert set(re.findall(r"`make ([a-z-]+)", README)) <= made

    def test_the_same_steps_run_on_windows_and_macos(self) -> None:
        jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
        runs = [step["run"] for step in jobs["elsewhere"]["steps"] if "run" in step]
        *read, site = [line.replace("python ", "py ") for line in runs]
        assert read == blocks("powershell")
        assert site == "py tools/book.py test-site"
        assert jobs["elsewhere"]["strategy"]["matrix"]["system"] == ["windows-latest", "macos-latest"]


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """書かれたとおりの命令。道具のない Python でも動くよう、この環境の外のものは見せない。"""
    command = [sys.executable, "-I", str(ROOT / "tools" / "book.py"), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **settings)


class TestCommand:
    """`tools/book.py`。"""

    def test_help_lists_every_command(self) -> None:
        said = run("--help").stdout
        assert all(
            re.search(rf"(?m)^ +{name} +{re.escape(what)}$", said) for name, what in book.COMMANDS.items()
        )

    def test_help_on_a_terminal_of_another_encoding(self) -> None:
        assert "本をつくる" in run("--help", env={**os.environ, "PYTHONIOENCODING": "ascii"}).stdout

    @pytest.mark.parametrize("words", [["bild"], ["build", "now"], ["--wheel", "x", "y"]])
    def test_unknown_words(self, words: list[str]) -> None:
        done = run(*words)
        assert done.returncode == 2
        assert "error" in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.fixture
    def options(self) -> Any:
        return book.parser().parse_args(["build"])

    def test_old_python(self, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "version_info", (3, 10, 4))
        with pytest.raises(book.Stopped, match=r"Python 3\.11 以上が要ります（これは 3\.10 です）"):
            book.outside(options, [], [])

    def test_the_versions_that_are_tested_come_from_the_project(self) -> None:
        assert book.tested()[0] == "3.11"
        assert len(book.tested()) >= 4

    def test_old_python_can_read_the_file_so_far(self) -> None:
        """古い Python でも、わけを言うところまでは読める。"""
        for name in ("book.py", "takeaway/start.py"):
            text = (ROOT / "tools" / name).read_text(encoding="utf-8")
            ast.parse(text, feature_version=(3, 8))
            assert not re.search(r"(?m)^(import|from) (tomllib|install|building|yaml)", text), name

    def test_a_place_that_cannot_be_written(self, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        with pytest.raises(book.Stopped, match=r"書きこめません。--work フォルダ で"):
            book.outside(options, [], [])

    def test_what_is_forgotten_and_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", "elsewhere")
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        found = book.surroundings()
        assert not {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"} & found.keys()
        assert found["PYTHONUTF8"] == found["OPENBLAS_NUM_THREADS"] == "1"

    def test_the_same_settings_under_make(self) -> None:
        for name, value in book.SETTINGS.items():
            written = value.replace(str(ROOT), "$(CURDIR)").replace(os.sep, "/")
            assert f"export {name} := {written}\n" in MAKEFILE

    def test_what_is_left_out_runs_in_the_whole_check(self) -> None:
        """make test で飛ばす検査は、きれいな作業ツリーでの一通りの検査で、いつも走る。"""
        lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
        assert {*(f"make {command}" for command in book.TESTS), "make doors"} <= set(lines)

    def test_node_only_where_needed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AXE", raising=False)
        assert book.folders("test", []) == book.folders("build", []) == ["math", "bundle", "pyodide"]
        assert book.folders("lab", []) == ["math", "bundle"]
        assert book.folders("edit", []) == []
        assert book.folders("environment", ["prose"]) == ["prose"]
        monkeypatch.setenv("AXE", "1")
        assert book.folders("test-site", []) == ["math", "bundle", "pyodide", "axe"]

    def test_what_may_be_missing(self, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        """式を判定する Python が取り寄せられなくても、そう言って、本をつくる。ほかのものがなければ、やめる。"""

        def offline(name: str, wheels: Path | None) -> None:
            raise install.Refused(f"{name} の置き場につながりません。")

        monkeypatch.setattr(book, "supply_node", offline)
        book.supply("pyodide", None)
        said = capsys.readouterr().err
        assert "つながりません" in said
        assert "欄のない本をつくります" in said
        with pytest.raises(install.Refused):
            book.supply("math", None)


class TestElsewhere:
    """書き込めない場所の本を、写しでつくる。"""

    @pytest.fixture
    def source(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        root = tmp_path / "DVD の [本]"
        for name, text in {"tools/book.py": "print('写しで:', *__import__('sys').argv[1:])", "a.md": "一",
                           "_build/html/index.html": "x", ".venv/x": "x", ".venv-audit/x": "x", ".git/x": "x",
                           "tools/math/node_modules/x": "x", "chapters/a.ipynb": "{}"}.items():  # fmt: skip
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        monkeypatch.setattr(book, "ROOT", root)
        return root

    def listed(self, folder: Path) -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    def test_only_the_book_is_copied(self, source: Path, tmp_path: Path, capfd: Any) -> None:
        before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
        work = tmp_path / "it's work"
        assert book.main(["test", "--work", str(work), "-k", "x"]) == 0
        assert self.listed(work) == {"tools/book.py", "a.md", "chapters/a.ipynb"}
        assert "写しで: test -k x" in capfd.readouterr().out
        assert before == {path: path.stat().st_mtime_ns for path in source.rglob("*")}

    def test_what_was_made_stays_and_what_went_goes(self, source: Path, tmp_path: Path) -> None:
        work = tmp_path / "work"
        book.main(["--work", str(work)])
        for name in ("_build/html/index.html", ".venv/bin/python", "notebooks/mine.ipynb"):
            (work / name).parent.mkdir(parents=True)
            (work / name).write_text("", encoding="utf-8")
        (source / "a.md").unlink()
        (source / "b.md").write_text("二", encoding="utf-8")
        book.main([f"--work={work}"])
        made = {"_build/html/index.html", ".venv/bin/python", "notebooks/mine.ipynb"}
        assert self.listed(work) == {"tools/book.py", "b.md", "chapters/a.ipynb"} | made

    def test_a_copy_of_what_is_read_only_can_be_changed(self, source: Path, tmp_path: Path) -> None:
        (source / "a.md").chmod(0o444)
        book.main(["--work", str(tmp_path / "work")])
        assert (tmp_path / "work" / "a.md").stat().st_mode & 0o200

    @pytest.mark.parametrize(("place", "reason"), [("inside", "外のフォルダ"), ("other", "ほかのもの")])
    def test_refused_places(self, source: Path, tmp_path: Path, place: str, reason: str, capsys: Any) -> None:
        target = source / "work" if place == "inside" else tmp_path / "other"
        if place == "other":
            target.mkdir()
            (target / "diary.txt").write_text("日記", encoding="utf-8")
        before = self.listed(tmp_path)
        assert book.main(["--work", str(target)]) == 1
        assert reason in capsys.readouterr().err
        assert self.listed(tmp_path) == before


class TestEverySystem:
    """Windows でも読めて書ける。"""

    RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")

    def test_file_names(self) -> None:
        names = published()
        assert len(names) > 300
        parts = {part for name in names for part in name.split("/")}
        assert not [
            part for part in parts if re.search(r'[<>:"|?*\\]|[. ]$', part) or self.RESERVED.fullmatch(part)
        ]
        assert len({name.lower() for name in names}) == len(names)
        assert max(map(len, names)) <= 120

    def test_no_links(self) -> None:
        assert not [name for name in published() if (ROOT / name).is_symlink()]

    def test_text_is_read_and_written_in_utf8(self) -> None:
        """Windows では、文字コードを言わずに開いたファイルは、UTF-8 として読まれない。"""
        assert not [f"{path}: {line}" for path, tree in sources() for line in silent(tree)]

    @pytest.mark.parametrize(
        ("code", "found"),
        [
            ("p.read_text()", True), ("p.write_text(x)", True), ("open(p)", True), ("p.open('w')", True),
            ("run(c, text=True)", True), ("p.read_text('utf-8')", False), ("open(p, 'rb')", False),
            ("p.open('w', encoding='utf-8')", False), ("Image.open(p)", False),
            ("run(c, capture_output=True)", False),
        ],
    )  # fmt: skip
    def test_silence_is_heard(self, code: str, found: bool) -> None:
        assert bool(list(silent(ast.parse(code)))) is found

    def test_the_way_to_a_book_needs_no_shell(self) -> None:
        """つくるまでに走る Python は、シェルも、Windows にないものも使わない。"""
        names = ["book.py", "install.py", "toc.py", "execute.py", "guard.py", "notebooks.py", "lint.py"]
        paths = [*(ROOT / "tools" / name for name in names), *(ROOT / "tools" / "building").glob("*.py"),
                 *(ROOT / "_ext").glob("*.py"), *(ROOT / "tools" / "takeaway").glob("*.py")]  # fmt: skip
        unusable = re.compile(r"shell=True|os\.(system|fork|symlink|getuid)|symlink_to|/bin/|/dev/null|/tmp")
        found = {path.name: unusable.findall(path.read_text(encoding="utf-8")) for path in paths}
        # 番人は、そうしたことを断るために、名前をあげる。takeaway は、Binder（Linux）のための準備を書く。
        assert {name for name, hits in found.items() if hits} == {"guard.py", "takeaway.py"}

    def test_lines_end_the_same_everywhere(self) -> None:
        assert re.search(r"(?m)^\* +text=auto eol=lf", (ROOT / ".gitattributes").read_text(encoding="utf-8"))


def silent(tree: ast.Module) -> Iterator[int]:
    """文字のファイルを、文字コードを言わずに読み書きする行。"""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        name = node.func.attr if owner else getattr(node.func, "id", "")
        told = {keyword.arg for keyword in node.keywords}
        words = [
            word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)
        ]
        if name in {"read_text", "write_text"}:
            said = "encoding" in told or len(node.args) > (name == "write_text")
        elif name == "open":
            other = isinstance(owner, ast.Name) and owner.id in {"Image", "Pdf", "os"}
            said = other or "encoding" in told or any("b" in word for word in words)
        else:
            called = name in {"run", "Popen", "check_output", "check_call"}
            said = "encoding" in told or not called or not {"text", "universal_newlines"} & told
        if not said:
            yield node.lineno

"""本をつくる手順: 実行しなおすのは古くなった章だけで、古い出力は決して使わない。"""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from building import digests, execution, preview, seen, site
from building.memory import Memory, surroundings

ROOT = Path(__file__).resolve().parents[1]

LEAVES = '''"""数を作る。"""
import json
from importlib.resources import files

BASE = 1

def used(x):
    """使う関数。"""
    return helper(x) + BASE

def helper(x):
    return 2 * x

def unused(x):
    return x - 1

def read():
    return json.loads((files("backprop") / "data.json").read_text())

class Box:
    def __init__(self, x):
        self.x = x

    def opened(self):
        return self.x

    def closed(self):
        return None
'''
FIRST = ["from backprop.leaves import used", "print(used(3))"]
SECOND = ["from backprop.leaves import Box, read", "print(Box(read()).opened())"]
THIRD = ["print(1 + 1)"]


def write(path: Path, cells: list[str], text: str = "# 章", tags: tuple[str, ...] = ()) -> None:
    """文章のセル一つと、コードのセルを持つ章。"""
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(text), *map(nbformat.v4.new_code_cell, cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    made.cells[-1].metadata["tags"] = list(tags)
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number}"
    nbformat.write(made, path)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """三つの章の小さな本。名前に、空白とかぎ括弧とアポストロフィがある。"""
    root = tmp_path_factory.mktemp("本") / "the [book] it's"
    package = root / "src" / "backprop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "leaves.py").write_text(LEAVES, encoding="utf-8")
    (package / "data.json").write_text("[5]", encoding="utf-8")
    (root / "chapters").mkdir()
    for name, cells in (("1_first", FIRST), ("2_second", SECOND), ("3_third", THIRD)):
        write(root / "chapters" / f"{name}.ipynb", cells)
    listed = "".join(f"      - file: chapters/{name}\n" for name in ("1_first", "2_second", "3_third"))
    (root / "_toc.yml").write_text(
        f"format: jb-book\nroot: index\nparts:\n  - chapters:\n{listed}", encoding="utf-8"
    )
    (root / "index.md").write_text("# 本\n", encoding="utf-8")
    for name in ("guard.py", "building/seen.py", "ipython/profile_default/ipython_kernel_config.py"):
        target = root / "tools" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tools" / name, target)
    return root


@pytest.fixture
def executed(book: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """古くなった章を実行し、その名前の頭の数を並べる。"""
    monkeypatch.setenv("IPYTHONDIR", str(book / "tools" / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(book / "src"))

    def run() -> list[str]:
        return sorted(Path(name).name[0] for name in execution.refresh(book, book / "_build"))

    return run


@pytest.fixture
def fresh(executed: Any, book: Path) -> Iterator[Path]:
    """どの章も新しい本。検査が終われば、実行した結果も含めて、もとに戻す。"""
    executed()
    kept = book.with_name("kept")
    shutil.copytree(book, kept)
    yield book
    shutil.rmtree(book)
    kept.rename(book)


def outputs(book: Path, name: str) -> str:
    """本をつくるときに使われる、章の出力。"""
    notebook = nbformat.read(book / "chapters" / f"{name}.ipynb", as_version=4)
    _, merged = execution.get_cache(str(book / "_build" / execution.CACHE)).merge_match_into_notebook(
        notebook
    )
    return "".join(output.text for cell in merged.cells for output in cell.get("outputs", []))


def edit(path: Path, old: str, new: str) -> None:
    """ファイルの一か所を書き換える。"""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.long
class TestRefresh:
    """何が変われば、どの章を実行しなおすか。"""

    def test_nothing_changed_nothing_executed(self, fresh: Path, executed: Any) -> None:
        assert executed() == []
        assert outputs(fresh, "1_first") == "7\n"
        assert outputs(fresh, "2_second") == "[5]\n"

    @pytest.mark.parametrize(
        ("old", "new", "again"),
        [
            ("return 2 * x", "return 3 * x", ["1"]),
            ("return helper(x) + BASE", "return helper(x) - BASE", ["1"]),
            ("return self.x", "return [self.x]", ["2"]),
            ("self.x = x", "self.x = [x]", ["2"]),
            ("return x - 1", "return x - 2", []),
            ("return None", "return 0", []),
            ('"""使う関数。"""', '"""使われる関数。"""', []),
            ("return x - 1", "return x - 1  # 一つ前", []),
            ("BASE = 1", "BASE = 2", ["1", "2"]),
            ("def unused(x)", "def unused(x, y=0)", ["1", "2"]),
        ],
        ids=[
            "called-by-a-called-function", "called", "method", "constructor", "never-called",
            "never-called-method", "docstring", "comment", "module-level", "signature",
        ],
    )  # fmt: skip
    def test_only_chapters_that_passed_through(
        self, fresh: Path, executed: Any, old: str, new: str, again: list[str]
    ) -> None:
        edit(fresh / "src" / "backprop" / "leaves.py", old, new)
        assert executed() == again
        if old == "return 2 * x":
            assert outputs(fresh, "1_first") == "10\n"

    def test_data_that_was_read(self, fresh: Path, executed: Any) -> None:
        (fresh / "src" / "backprop" / "data.json").write_text("[6]", encoding="utf-8")
        assert executed() == ["2"]
        assert outputs(fresh, "2_second") == "[6]\n"

    def test_text_is_not_executed(self, fresh: Path, executed: Any) -> None:
        write(fresh / "chapters" / "1_first.ipynb", FIRST, "# 章\n\n書きなおした文。")
        assert executed() == []

    @pytest.mark.parametrize(
        ("cells", "tags"), [([*FIRST, "2"], ()), (FIRST, ("raises-exception",))], ids=["cell", "tag"]
    )
    def test_code_and_tags_are(
        self, fresh: Path, executed: Any, cells: list[str], tags: tuple[str, ...]
    ) -> None:
        write(fresh / "chapters" / "1_first.ipynb", cells, tags=tags)
        assert executed() == ["1"]

    def test_a_new_file_may_hide_another(self, fresh: Path, executed: Any) -> None:
        (fresh / "src" / "backprop" / "more.py").write_text("", encoding="utf-8")
        assert executed() == ["1", "2", "3"]

    def test_other_tools_everything(self, fresh: Path, executed: Any) -> None:
        (fresh / "constraints.txt").write_text("numpy==0\n", encoding="utf-8")
        assert executed() == ["1", "2", "3"]

    def test_lost_output(self, fresh: Path, executed: Any) -> None:
        folder = fresh / "_build" / execution.CACHE / "executed"
        (lost,) = [path for path in folder.rglob("base.ipynb") if "1 + 1" in path.read_text(encoding="utf-8")]
        lost.unlink()
        assert executed() == ["3"]

    def test_same_second_same_size(self, fresh: Path, executed: Any) -> None:
        """書き換えた日付も大きさも同じなら、Python の控えは古いまま使われる。"""
        path = fresh / "src" / "backprop" / "leaves.py"
        before = path.stat()
        edit(path, "return 2 * x", "return 4 * x")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert executed() == ["1"]
        assert outputs(fresh, "1_first") == "13\n"

    def test_a_failure_is_not_remembered_as_success(
        self, fresh: Path, executed: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = fresh / "src" / "backprop" / "leaves.py"
        good = path.read_text(encoding="utf-8")
        edit(path, "return 2 * x", "return 1 / 0")
        with pytest.raises(
            execution.Broken, match=r"chapters/1_first.ipynb の実行に失敗(?s:.)*ZeroDivisionError"
        ):
            executed()
        assert execution.main(fresh) == 1
        assert "ZeroDivisionError" in capsys.readouterr().err
        path.write_text(good, encoding="utf-8")
        assert executed() == ["1"]

    def test_why(self, fresh: Path) -> None:
        edit(fresh / "src" / "backprop" / "leaves.py", "return 2 * x", "return 5 * x")
        memory = Memory(fresh / "_build" / execution.MEMORY, fresh)
        notebook = nbformat.read(fresh / "chapters" / "1_first.ipynb", as_version=4)
        assert memory.why_stale("chapters/1_first.ipynb", notebook) == "backprop.leaves:helper が変わった"

    def test_an_unreadable_memory_means_everything(self, fresh: Path, executed: Any) -> None:
        (fresh / "_build" / execution.MEMORY).write_text("{", encoding="utf-8")
        assert executed() == ["1", "2", "3"]


class TestSeen:
    """通ったところの書き留め。"""

    @pytest.mark.parametrize("module", [seen, digests])
    def test_examples(self, module: Any) -> None:
        result = doctest.testmod(module, extraglobs=vars(module))
        assert result.failed == 0 < result.attempted

    def test_every_function_of_the_package_reports(self) -> None:
        """差しこむ一行は、どの関数にもちょうど一つ入り、ほかには何も変えない。"""
        for path in sorted((ROOT / "src" / "backprop").rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            names = set(digests.of_source(source)) - {""}
            told = ast.unparse(seen.reporting(ast.parse(source), "m"))
            for name in names:
                assert f"{seen.REPORT}('m:{name}')" in told
            silent = re.sub(rf"\n *{seen.REPORT}\('m:[^']*'\)", "", told)
            assert silent == ast.unparse(ast.parse(source)), path

    def test_no_code_looks_at_sources_or_docstrings(self) -> None:
        """中身や説明の文を読むコードがあれば、通らなかった関数や説明の文も、出力を変えうる。"""
        reading = re.compile(r"__doc__|getsource|getdoc|inspect\.getcomments|__code__\.co_code")
        texts = [*(ROOT / "src").rglob("*.py"), *(ROOT / "chapters").glob("*.ipynb")]
        assert not [path.name for path in texts if reading.search(path.read_text(encoding="utf-8"))]

    def test_generators_count_from_the_call(self) -> None:
        before, after = (digests.of_source(f"def f():\n    {word} 1") for word in ("return", "yield"))
        assert before[""] != after[""]


class TestSite:
    """何も変わっていなければ何もせず、何か変わればすべて組みなおす。"""

    @pytest.fixture
    def builds(self, book: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """組んだ回数を数える。組むと、入口のページができる。"""
        done: list[int] = []

        def typeset(*_: Any, **options: Any) -> int:
            assert options == {"nitpicky": True, **site.STRICT}
            done.append(1)
            (book / "_build" / "html").mkdir(parents=True, exist_ok=True)
            (book / "_build" / "html" / "index.html").write_text("", encoding="utf-8")
            return 0

        monkeypatch.setattr(site, "typeset", typeset)
        monkeypatch.setattr(site.execution, "main", lambda _: 0)
        (book / "_build" / site.STAMP).unlink(missing_ok=True)
        return done

    def test_built_once(self, book: Path, builds: list[int]) -> None:
        assert site.build(book) == site.build(book) == 0
        assert len(builds) == 1

    @pytest.mark.parametrize(
        "place", ["index.md", "chapters/1_first.ipynb", "src/backprop/leaves.py", "_toc.yml"]
    )
    def test_any_change(self, fresh: Path, builds: list[int], place: str) -> None:
        site.build(fresh)
        path = fresh / place
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        site.build(fresh)
        assert len(builds) == 2

    def test_new_and_gone(self, fresh: Path, builds: list[int]) -> None:
        site.build(fresh)
        (fresh / "new.md").write_text("# 新", encoding="utf-8")
        site.build(fresh)
        (fresh / "new.md").unlink()
        site.build(fresh)
        assert len(builds) == 3

    def test_a_failed_build_is_built_again(
        self, book: Path, builds: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site.build(book)
        (book / "index.md").write_text("# 本を変える\n", encoding="utf-8")
        with monkeypatch.context() as failing:
            failing.setattr(site.execution, "main", lambda _: 3)
            assert site.build(book) == 3
        (book / "index.md").write_text("# 本\n", encoding="utf-8")
        site.build(book)
        assert len(builds) == 2

    def test_lost_pages(self, book: Path, builds: list[int]) -> None:
        site.build(book)
        (book / "_build" / "html" / "index.html").unlink()
        site.build(book)
        assert len(builds) == 2

    def test_everything_that_is_tracked_counts_or_is_known_not_to(self) -> None:
        """サイトを変えうるファイルが、見落とされていない。"""
        counted = {path.relative_to(ROOT).as_posix() for path in site.inputs(ROOT)}
        for place in ("_config.yml", "_toc.yml", "CITATION.cff", "references.bib", "_ext/aliases.yml",
                      "tools/math/convert.cjs", "tools/mutation/score.json", "tools/outside/score.json",
                      "_static/logo.svg", "chapters/33_step3_hidden_delta.ipynb",
                      "src/backprop/steps.py"):  # fmt: skip
            assert place in counted
        assert not [place for place in counted if place.startswith(("_build/", ".venv/", "tests/"))]


class TestPreview:
    """下見は、配る本に触れない。"""

    def test_apart_from_the_book(self) -> None:
        made = preview.Preview(ROOT)
        assert made.pages != ROOT / "_build" / "html"
        assert not made.pages.is_relative_to(ROOT / "_build" / "html")

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("chapters/a.ipynb", False),
            ("chapters/.ipynb_checkpoints/a.ipynb", True),
            ("src/__pycache__/a.pyc", True),
        ],
    )
    def test_what_is_watched(self, path: str, expected: bool) -> None:
        assert preview.ignored(path) is expected


def test_surroundings_name_real_files() -> None:
    from building.memory import KERNEL, TOOLS

    assert all((ROOT / name).is_file() for name in (*TOOLS, KERNEL))
    assert surroundings(ROOT) == surroundings(ROOT)
    assert json.dumps(surroundings(ROOT))


PAGE = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

# 小さな本

```{code-cell} ipython3
from pathlib import Path

Path("src/value.txt").read_text()
```
"""


@pytest.mark.long
class TestSmallBook:
    """ほんとうにつくる。失敗を忘れず、古い結果を残さず、目次にないものを読まない。"""

    @pytest.fixture
    def small(self, tmp_path: Path) -> Path:
        """この本と同じ設定を持つ、1ページの本。"""
        root = tmp_path / "a [b] it's 本"
        shutil.copytree(ROOT / "tools" / "building", root / "tools" / "building")
        for name in ("_ext", "_templates", "_static", "tools/bundle", "tools/math", "tools/ipython"):
            skipped = shutil.ignore_patterns("__pycache__", "log", "pid", "security", "startup", "db")
            shutil.copytree(ROOT / name, root / name, ignore=skipped)
        settings = ("_config.yml", "CITATION.cff", "pyproject.toml", "tools/guard.py")
        for name in (*settings, "references.bib", "glossary.md"):
            shutil.copy(ROOT / name, root / name)
        (root / "redirects.txt").write_text("# 名前の変わったページはない\n", encoding="utf-8")
        for name in ("src", "chapters"):
            (root / name).mkdir()
        (root / "src" / "value.txt").write_text("11111", encoding="utf-8")
        (root / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
        (root / "index.md").write_text(PAGE, encoding="utf-8")
        return root

    @staticmethod
    def make(root: Path) -> subprocess.CompletedProcess[str]:
        """道具はそろっているとして、本をつくる。"""
        start = f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r})\n"
        start += (
            f"from pathlib import Path; from building import site; sys.exit(site.build(Path({str(root)!r})))"
        )
        environment = {**os.environ, "IPYTHONDIR": str(root / "tools" / "ipython"), "PYTHONUTF8": "1"}
        return subprocess.run(
            [sys.executable, "-c", start],
            cwd=root,
            capture_output=True,
            encoding="utf-8",
            env=environment,
            check=False,
        )

    @pytest.mark.parametrize(
        ("trouble", "signs"),
        [
            (
                "{ref}`sec-nowhere` $\\unknown{x}$",
                [r"WARNING: .*undefined label", r"数式にできません: Unsupported function name: \\unknown"],
            ),
            ("```{code-cell} ipython3\n1 / 0\n```", ["index.md の実行に失敗しました", "ZeroDivisionError"]),
        ],
        ids=["warnings", "error"],
    )
    def test_a_failed_build_fails_again(self, small: Path, trouble: str, signs: list[str]) -> None:
        (small / "index.md").write_text(f"{PAGE}\n{trouble}\n", encoding="utf-8")
        for _ in range(2):
            result = self.make(small)
            assert result.returncode
            assert all(re.search(sign, result.stderr) for sign in signs), result.stderr

    def test_a_warning_of_another_process_fails_too(self, small: Path) -> None:
        """多くのページは、いくつものプロセスが書く。"""
        names = [f"page{n}" for n in range(8)]
        toc = "format: jb-book\nroot: index\nchapters:\n" + "".join(f"- file: {name}\n" for name in names)
        (small / "_toc.yml").write_text(toc, encoding="utf-8")
        for name in names:
            wrong = "$\\unknown{x}$" if name == names[-2] else "$x$"
            (small / f"{name}.md").write_text(f"# {name}\n\n{wrong}\n", encoding="utf-8")
        result = self.make(small)
        assert result.returncode
        assert "page6.md" in result.stderr
        assert "数式にできません: Unsupported function name: \\unknown" in result.stderr

    def test_nothing_stale_and_nothing_private(self, small: Path) -> None:
        page = small / "_build" / "html" / "index.html"
        (small / "chapters" / "private.md").write_text("# 私物\n\n{ref}`nowhere`\n", encoding="utf-8")
        first = self.make(small)
        assert first.returncode == 0, first.stderr
        assert "11111" in page.read_text(encoding="utf-8")
        assert not (small / "_build" / "html" / "chapters").exists()
        assert self.make(small).stdout == "変わったものはありません。\n"
        (small / "src" / "value.txt").write_text("22222", encoding="utf-8")
        assert self.make(small).returncode == 0
        assert "22222" in page.read_text(encoding="utf-8")

    def test_the_second_book_is_the_same_to_the_byte(self, small: Path) -> None:
        def whole() -> dict[str, bytes]:
            html = small / "_build" / "html"
            return {
                str(path.relative_to(html)): path.read_bytes() for path in html.rglob("*") if path.is_file()
            }

        assert self.make(small).returncode == 0
        first = whole()
        shutil.rmtree(small / "_build")
        assert self.make(small).returncode == 0
        assert whole() == first

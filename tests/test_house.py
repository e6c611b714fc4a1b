"""家のきまり: 部屋の向き、版の範囲、記録にあってはならないもの、日本語の原稿の約束。"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml
from building import site
from packaging.requirements import Requirement

import backprop

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "backprop"

# 下から上へ。どの部屋も、自分より下の部屋だけを使う。
LAYERS = (
    {"arguments"},
    {"checks"},
    {"activations", "initialisers", "symbolic"},
    {"losses"},
    {"steps"},
    {"optimizers", "network", "autodiff", "datasets", "records"},
    {"training", "curvature"},
    {"figures", "judges", "tables"},
    {"interactive", "exercises"},
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
# NumPy のほかに、その部屋だけが使ってよいもの。
OUTSIDE = {
    "figures": {"matplotlib", "matplotlib_fontja", "PIL"},
    **{room: {"sympy"} for room in ("symbolic", "judges", "exercises")},
}
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in MODULES})


def room_of(path: Path) -> str:
    """モジュールが属する部屋（`src/backprop` のすぐ下の名前）。"""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def nodes(path: Path) -> list[ast.AST]:
    """モジュールの、書かれた順の節。読むのは一度だけ。"""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports(path: Path) -> Iterator[tuple[str, ...]]:
    """モジュールが取り込む名前。``from a.b import c`` は ``("a", "b", "c")``。"""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: 相対的な取り込みは使わない"
            yield from ((*node.module.split("."), alias.name) for alias in node.names)


@cache
def home(name: tuple[str, ...]) -> Path:
    """取り込む名前のあるファイル。``backprop.a`` が部屋なら、その ``__init__.py``。"""
    places = (PACKAGE.joinpath(*name[1:end]) for end in range(len(name), 0, -1))
    files = (path for place in places for path in (place.with_suffix(".py"), place / "__init__.py"))
    return next(path for path in files if path in MODULES)


def private(path: Path) -> list[str]:
    """よそのファイルから取り込むか、取り込んだものからたどる、下線で始まる名前。"""
    brought = [name for name in imports(path) if name[0] == "backprop"]
    names = [".".join(name) for name in brought]
    for node in nodes(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names += [f"{node.value.id}.{node.attr}" for name in brought if name[-1] == node.value.id]
    return [name for name in names if re.search(r"\._(?!_)", name)]


def tracked() -> list[Path]:
    """記録されているファイル。"""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("git の作業ツリーではないので、記録されているファイルがわかりません。")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def requirements(name: str) -> dict[str, list[Requirement]]:
    """要求の一覧。名前から、条件ごとの要求を引く。"""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if (text := line.partition(" #")[0].strip(" \\")) and not text.startswith(("#", "-")):
            requirement = Requirement(text)
            found.setdefault(requirement.name.lower().replace("_", "-"), []).append(requirement)
    return found


class TestPackage:
    """`src/backprop` の部屋。"""

    @pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
    def test_arrows_point_down(self, path: Path) -> None:
        room = room_of(path)
        if room == "__init__":
            assert not list(imports(path))
            return
        assert room in LEVEL, f"{room} がどの層の部屋か、LAYERS に書いてください"
        for name, *rest in imports(path):
            if name == "backprop":
                assert rest[0] == room or LEVEL[rest[0]] < LEVEL[room], f"{room} は {rest[0]} を使えない"
            else:
                assert name in sys.stdlib_module_names | {"numpy"} | OUTSIDE.get(room, set())

    def test_symbols_need_no_numpy(self) -> None:
        """記号の部屋は、数を入れるところのほか、NumPy のないところでも動く。"""
        program = (
            "import sys; sys.modules['numpy'] = None\n"
            "from backprop.symbolic import derive_six_steps, mutants\n"
            "assert all(mutants(step.rhs) for step in derive_six_steps().values())"
        )
        subprocess.run([sys.executable, "-c", program], cwd=ROOT / "src", check=True)

    @pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PACKAGE).as_posix())
    def test_files_of_a_folder_form_no_circle_and_keep_their_private_names(self, folder: Path) -> None:
        needs: dict[str, set[str]] = {}
        for path in (path for path in MODULES if path.is_relative_to(folder)):
            assert not private(path), path.name
            mine = path.relative_to(folder).parts[0]
            for place in (home(name) for name in imports(path) if name[0] == "backprop"):
                if place.is_relative_to(folder) and (other := place.relative_to(folder).parts[0]) != mine:
                    needs.setdefault(mine, set()).add(other)
        TopologicalSorter(needs).prepare()  # 輪があれば、そのファイルの並びを名指しして断る

    def test_benchmarks_do_not_draw(self) -> None:
        for path in (ROOT / "benchmarks").glob("*.py"):
            assert not any(name[0] == "matplotlib" for name in imports(path))


class TestVersions:
    """版の範囲と、そろっていなければならない版。"""

    def test_traps_of_the_tool_chain_are_fenced(self) -> None:
        required = {name: found[0].specifier for name, found in requirements("requirements.txt").items()}
        assert not required["jupyter-book"].contains("2.0.0")
        assert not required["sphinx-book-theme"].contains("1.3.0")
        assert not required["pydata-sphinx-theme"].contains("0.17.0")
        assert not any("japanize" in name for name in requirements("constraints.txt"))

    def test_every_requirement_has_an_exact_version(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        exact = requirements("constraints.txt")
        wanted = requirements("requirements.txt")
        for requirement in map(Requirement, project["dependencies"]):
            wanted.setdefault(requirement.name, []).append(requirement)
        for name, found in wanted.items():
            for pinned in exact[name]:
                (version,) = pinned.specifier
                assert version.operator == "=="
                assert all(requirement.specifier.contains(version.version) for requirement in found)

    def test_constraints_name_no_place(self) -> None:
        text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
        assert not re.findall(r"://|^-|@ ", text, flags=re.MULTILINE)

    def test_citation_has_the_version_and_title_of_the_project(self) -> None:
        citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert citation["version"] == backprop.__version__ == project["version"]
        assert citation["title"] == book["title"]
        assert f"## {backprop.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


class TestConfiguration:
    """本の設定のうち、外れても黙って通ってしまうもの。"""

    def test_book_is_strict(self) -> None:
        book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        assert book["execute"]["raise_on_error"] is True
        assert book["execute"]["stderr_output"] == "error"
        assert book["sphinx"]["recursive_update"] is True
        assert "linkify" not in book["parse"]["myst_enable_extensions"]
        assert ".*" in book["exclude_patterns"]
        assert site.STRICT == {"warningiserror": True, "keep_going": True}

    def test_static_files_stay_small(self) -> None:
        # _static の css と js は、すべてのページが、使う規則だけにした一つずつのファイルで読み込む（test_bundling.py）。
        # 検索の入り口、読む周を選ぶボタン、着いた行を保つもの、電話と紙と読者の色の書式も、どのページにもある。
        loaded = [path for path in (ROOT / "_static").iterdir() if path.suffix in {".css", ".js"}]
        assert sum(path.stat().st_size for path in loaded) < 43_000


class TestRecords:
    """記録されているファイル。"""

    def test_no_place_of_one_machine(self) -> None:
        folders = r"(?<![\w.~])/(?:home|root|Users|work|tmp|opt|mnt)/\w|[A-Z]:\\\\?Users"
        place = re.compile(folders + r"|localhost:\d|127\.0\.0\.1:\d")
        found = {}
        for path in tracked():
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            if path != Path(__file__).resolve() and (places := place.findall(text)):
                found[path.name] = places
        assert not found

    def test_nothing_built_is_recorded(self) -> None:
        built = {"_build", ".venv", "__pycache__", ".ipynb_checkpoints"}
        assert not [path for path in tracked() if built & set(path.parts) or path.suffix == ".mo"]

    def test_lines_are_short(self) -> None:
        long = [
            f"{path.name}:{number}"
            for path in tracked()
            if path.suffix == ".py"
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
            if len(line) > 110
        ]
        assert not long


class TestMake:
    """はじめて使う人が出会うところ。"""

    @staticmethod
    def find_python(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Makefile が Python を探すときに使うものを、ひとりで走らせる。"""
        shell = shutil.which("sh")
        if not shell:
            pytest.skip("sh がないので、make book の検査ができません。")
        environment = {} if path is None else {"PATH": path}
        return subprocess.run(
            [shell, ROOT / "tools" / "find-python", *arguments],
            capture_output=True, encoding="utf-8", env={"LC_ALL": "C.UTF-8", **environment}, check=False,
        )  # fmt: skip

    @staticmethod
    def fake_python(folder: Path, name: str, *, new: bool, venv: bool, version: str = "3.11") -> None:
        """版や venv の有無をよそおう、にせの Python。"""
        program = folder / name
        program.write_text(
            f'#!/bin/sh\ncase "$2" in *version*) echo {version}; exit {int(not new)};; '
            f"*venv*) exit {int(not venv)};; esac\n",
            encoding="utf-8",
        )
        program.chmod(0o755)

    def refused(self, result: subprocess.CompletedProcess[str]) -> str:
        assert result.returncode == 1
        assert not result.stdout
        assert len(result.stderr.splitlines()) == 1
        return result.stderr

    def test_missing_python_is_said_in_one_line(self, tmp_path: Path) -> None:
        assert "Python 3.11 以上（3.14 まで）が見つかりません" in self.refused(
            self.find_python(path=str(tmp_path))
        )

    def test_old_python_is_passed_over(self, tmp_path: Path) -> None:
        self.fake_python(tmp_path, "python3", new=False, venv=True)
        assert "見つかりません" in self.refused(self.find_python(path=str(tmp_path)))
        self.fake_python(tmp_path, "python3.14", new=True, venv=True, version="3.14")
        assert self.find_python(path=str(tmp_path)).stdout == "python3.14\n"

    def test_untested_python_is_taken_only_when_asked_for(self, tmp_path: Path) -> None:
        for name in ("python3", "python3.15"):
            self.fake_python(tmp_path, name, new=True, venv=True, version="3.15")
        assert "見つかりません" in self.refused(self.find_python(path=str(tmp_path)))
        asked = self.find_python("python3.15", path=str(tmp_path))
        assert (asked.returncode, asked.stdout) == (0, "python3.15\n")
        assert (
            asked.stderr
            == "注意: Python 3.15 では確かめていません（確かめているのは 3.11 3.12 3.13 3.14）。\n"
        )
        self.fake_python(tmp_path, "python3.13", new=True, venv=True, version="3.13")
        assert self.find_python(path=str(tmp_path)).stdout == "python3.13\n"
        assert self.find_python("python3.13", path=str(tmp_path)).stderr == ""

    def test_chosen_python_is_obeyed(self, tmp_path: Path) -> None:
        self.fake_python(tmp_path, "python3", new=True, venv=True)
        self.fake_python(tmp_path, "old", new=False, venv=True)
        assert "PYTHON=old は使えません" in self.refused(self.find_python("old", path=str(tmp_path)))

    def test_missing_venv_is_said_in_one_line(self, tmp_path: Path) -> None:
        self.fake_python(tmp_path, "python3", new=True, venv=False)
        assert "venv がありません" in self.refused(self.find_python(path=str(tmp_path)))


# GNU の道具だけが受けつける書き方。macOS と BSD では、別の意味になるか、断られる。
GNU_ONLY = {
    "sed の \\t や \\n": r"\bsed\b[^|\n]*\\[tn+?|]",
    "sed -i": r"\bsed\s+(?:-\w+\s+)*-i",
    "sed -r": r"\bsed\s+-\w*r",
    "grep -P": r"\bgrep\s+(?:-\w+\s+)*-\w*P",
    "readlink -f": r"\breadlink\s+-[fem]",
    "date -d": r"\bdate\s+(?:-\w+\s+)*(?:-d|--date)",
    "mapfile": r"\b(?:mapfile|readarray)\b",
    "xargs -r": r"\bxargs\s+(?:-\w+\s+)*-\w*r",
    "find -printf": r"\bfind\b.*-printf",
    "stat -c": r"\bstat\s+(?:-c|--format)",
    "sort -V": r"\bsort\s+-\w*V",
    "cp --": r"\b(?:cp|mv|ln|mkdir|touch)\s+--\w",
    "echo -e": r"\becho\s+-[en]",
    "timeout、nproc、realpath、sha256sum": r"\b(?:timeout\s+\d|nproc|realpath|sha256sum|tac|seq)\b(?!-)",
    "連想配列": r"\bdeclare\s+-A",
}


def scripts() -> list[Path]:
    """シェルが読むもの。"""
    found = [ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / "tools" / "find-python"]
    return [*found, *sorted(ROOT.glob(".github/workflows/*.yml")), *ROOT.glob(".binder/postBuild")]


def gnu_only(text: str) -> list[str]:
    """GNU の道具だけが受けつける書き方のある行。コメントは見ない。"""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [
        f"{kind}: {line}" for kind, pattern in GNU_ONLY.items() for line in lines if re.search(pattern, line)
    ]


class TestPortable:
    """Makefile とスクリプトは、macOS の道具でも動く。"""

    @pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
    def test_no_gnu_only_words(self, path: Path) -> None:
        assert not gnu_only(path.read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        "line",
        [
            r"sed 's/a/b\tc/' x", "sed -i s/a/b/ x", "sed -r 's/(a)/b/'", "grep -oP 'a' x", "readlink -f x",
            "date -d yesterday", "mapfile -t x", "ls | xargs -r rm", "find . -printf '%p'", "stat -c %s x",
            "sort -V x", "cp --parents a b", "echo -e x", "timeout 3 x", "make -j $(nproc)", "declare -A x",
        ],
    )  # fmt: skip
    def test_each_kind_is_noticed(self, line: str) -> None:
        assert gnu_only(line)

    def test_what_is_portable_passes(self) -> None:
        fine = ["sed -n 's/a/b/p' x", "grep -E 'a|b' x", "date +%F", "xargs -0 rm", "mkdir -p x", "cut -f 1"]
        assert not gnu_only("\n".join([*fine, "timeout-minutes: 3", "# sed -i"]))

    def test_help_lists_every_target_with_its_words(self) -> None:
        if not shutil.which("make"):
            pytest.skip("make がないので、make help の検査ができません。")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        done = subprocess.run(
            ["make", "help"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True, env=environment
        )
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        assert ["make book", "本をつくる（_build/html）"] in rows
        assert all(len(row) == 2 and re.fullmatch(r"make [a-z-]+", row[0]) for row in rows)
        assert len(rows) >= 15

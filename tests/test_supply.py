"""依存するもの: どれにも理由と正確な版があり、知られた脆弱性の検査は、調べ残しを「ない」と言わない。"""

from __future__ import annotations

import ast
import doctest
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kernel
import pytest
from audit import vulnerabilities
from audit.vulnerabilities import CLEAN, FOUND, UNCHECKED, judge_npm, judge_python
from install import entries, read
from packaging.requirements import Requirement
from supply import wheels
from test_house import requirements

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = sorted((ROOT / "tools").glob("*/package.json"))
# 自分の仮想環境を持つ道具。隣の constraints.txt に、正確な版がある。
TOOLS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tools").glob("*/requirements.txt"))


def read_json(path: Path) -> dict[str, Any]:
    """JSON のファイル。"""
    return json.loads(path.read_text(encoding="utf-8"))


def used() -> set[str]:
    """直接に使うもの。`requirements.txt`、`pyproject.toml`、`package.json` に書かれたものと、証明の核。"""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    written = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for group in project["project"].get("optional-dependencies", {}).values():
        written += group
    return (
        {Requirement(text).name.lower() for text in written}
        | {name for path in ("requirements.txt", *TOOLS) for name in requirements(path)}
        | {name for package in PACKAGES for name in npm_versions(package)}
        | set(kernel.APT)
    )


def npm_versions(path: Path) -> dict[str, str]:
    """`package.json` に書かれた、npm から直接に使うものと、その版。"""
    package = read_json(path)
    return package.get("dependencies", {}) | package.get("devDependencies", {})


def npm_lock(path: Path) -> dict[str, dict[str, Any]]:
    """隣の `package-lock.json` の、すべての版。"""
    return read_json(path.with_name("package-lock.json"))["packages"]


def reasons() -> list[tuple[str, str]]:
    """CONTRIBUTING の表。依存するものと、なぜ要るか。括弧の中は但し書き。"""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| もの | なぜ要るか |\n|---|---|\n")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [(name, reason) for names, reason in rows for name in re.sub(r"（.*?）", "", names).split("、")]


class TestReasons:
    """依存するものには、どれにも一行の理由がある。"""

    def test_everything_used_has_one_reason(self) -> None:
        listed = Counter(name for name, _ in reasons())
        assert used() - listed.keys() == set(), "CONTRIBUTING.md の表に理由がありません"
        assert listed.keys() - used() == set(), "もう使っていないものが CONTRIBUTING.md の表にあります"
        assert set(listed.values()) == {1}

    def test_reasons_are_words(self) -> None:
        assert not [name for name, reason in reasons() if not re.search(r"[ぁ-ん]", reason)]


LOCKS = (*wheels.LOCKS, "tools/supply/oldest.txt", "tools/outside/torch-cpu.txt")
"""正確な版と中身の値の一覧のすべて。"""
NO_WHEEL = {
    (
        "tools/mutation/constraints.txt",
        "yattag",
    ): "作者がソースだけを出している。一覧の setuptools で組み立てる",
    (
        "tools/outside/constraints.txt",
        "tensorflow",
    ): "Python 3.14 と Intel の Mac には、まだ、またはもう出ていない",
    ("tools/outside/constraints.txt", "tensorflow-cpu"): "Python 3.14 には、まだ出ていない",
    ("tools/outside/constraints.txt", "h5py"): "tensorflow が古い版に留めていて、Python 3.14 のものがない",
    ("tools/outside/constraints.txt", "jaxlib"): "Intel の Mac には、もう出ていない",
    ("tools/outside/torch.txt", "torch"): "Intel の Mac には、もう出ていない",
}
"""ホイールのない組のある版と、それでよいわけ。本をつくる一覧（constraints.txt）には、一つもない。"""


class TestLocks:
    """正確な版の一覧。`constraints.txt` は test_house.py も調べる。"""

    def test_all_are_known(self) -> None:
        found = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tools").glob("*/*.txt")}
        hashed = {name for name in found if "--hash=sha256:" in (ROOT / name).read_text(encoding="utf-8")}
        assert hashed | {"constraints.txt"} == set(LOCKS)
        asked = {path.relative_to(ROOT).as_posix() for path in vulnerabilities.LOCKS}
        assert set(LOCKS) - asked == {"tools/supply/oldest.txt", "tools/outside/torch-cpu.txt"}

    @pytest.mark.parametrize("name", LOCKS)
    def test_every_file_is_sealed(self, name: str) -> None:
        assert len(read(ROOT / name)) == len(entries((ROOT / name).read_text(encoding="utf-8")))
        assert not re.findall(r"://|^-|@ ", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)

    def test_what_builds_the_package_is_sealed_too(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        for requirement in map(Requirement, project["build-system"]["requires"]):
            (pinned,) = requirements("constraints.txt")[requirement.name]
            assert requirement.specifier.contains(next(iter(pinned.specifier)).version)

    @pytest.mark.parametrize("path", TOOLS)
    def test_tools_are_pinned(self, path: str) -> None:
        lock = (ROOT / path).with_name("constraints.txt")
        assert lock.exists(), f"{path} の隣に constraints.txt がありません"
        exact = requirements(lock.relative_to(ROOT).as_posix())
        if path.startswith("tools/outside/"):
            exact |= requirements("tools/outside/torch.txt")
        for name, found in requirements(path).items():
            for pinned in exact[name]:
                (version,) = pinned.specifier
                assert version.operator == "=="
                assert all(requirement.specifier.contains(version.version) for requirement in found)

    @pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.parent.name)
    def test_npm_packages_are_pinned_and_sealed(self, path: Path) -> None:
        lock = npm_lock(path)
        for name, version in npm_versions(path).items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version)
            assert lock[f"node_modules/{name}"]["version"] == version
        assert not [name for name, package in lock.items() if name and "integrity" not in package]

    @pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.parent.name)
    def test_npm_lock_names_no_place(self, path: Path) -> None:
        assert not [name for name, package in npm_lock(path).items() if "resolved" in package]


class TestWheels:
    """対応する Python とシステムの、どの組にもホイールがある。置き場に尋ねた記録（wheels.json）で調べる。"""

    def test_examples(self) -> None:
        assert doctest.testmod(wheels) == (0, 5)

    def test_the_record_is_of_these_versions(self) -> None:
        record = read_json(wheels.RECORD)
        assert tuple(record) == wheels.LOCKS
        stale = [lock for lock, found in record.items() if found["digest"] != wheels.digest(lock)]
        assert not stale, "版を変えたら、make constraints で、ホイールがあるかを調べなおしてください"

    def test_what_has_none_is_listed_with_a_reason(self) -> None:
        record = read_json(wheels.RECORD)
        lacking = {
            (lock, pin.partition("==")[0])
            for lock, found in record.items()
            for pins in found["missing"].values()
            for pin in pins
        }
        assert lacking == NO_WHEEL.keys()
        assert not record["constraints.txt"]["missing"]

    def test_what_is_built_is_named_in_the_makefile(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert set(re.findall(r"--build (\S+)", makefile)) == {"yattag"}
        assert set(re.findall(r"--no-binary (\S+)", makefile)) == {"yattag"}

    def test_the_systems_are_those_the_resolver_knows(self) -> None:
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        written = tomllib.loads(text)["tool"]["uv"]["required-environments"]
        wanted = {(platform, machine) for _, platform, _, machine in wheels.SYSTEMS.values()}
        assert {tuple(re.findall(r"'(\w+)'", line)) for line in written} == wanted
        assert wheels.pythons() == list(range(11, 11 + len(wheels.pythons())))


def pip_report(*answers: dict[str, Any]) -> str:
    """pip-audit の報告。"""
    return json.dumps({"dependencies": answers, "fixes": []})


def npm_report(total: int, **severities: str) -> str:
    """npm audit の報告。"""
    found = {name: {"name": name, "severity": level, "range": "<2"} for name, level in severities.items()}
    return json.dumps({"vulnerabilities": found, "metadata": {"dependencies": {"total": total}}})


SAFE = {"name": "numpy", "version": "2.5.5", "vulns": []}
WEAK = {"name": "Jinja2", "version": "3.1.0", "vulns": [{"id": "CVE-0000-1", "fix_versions": ["3.1.6"]}]}
NOT_FOUND = "Dependency not found on PyPI and could not be audited: jinja2 (3.1.0)"
SKIPPED = {"name": "jinja2", "skip_reason": NOT_FOUND}
WANTED = [("numpy", "2.5.5"), ("jinja2", "3.1.0")]
NPM_DOWN = json.dumps({"message": "405 Method Not Allowed", "error": {"summary": "", "detail": ""}})


class TestAudit:
    """知られた脆弱性の検査（make audit）。道具の報告の読み方。"""

    def test_examples(self) -> None:
        assert doctest.testmod(vulnerabilities) == (0, 2)

    def test_every_pin_is_asked_about(self) -> None:
        exact = requirements("constraints.txt")
        text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
        asked = vulnerabilities.pins(text)
        assert len(asked) == sum(map(len, exact.values()))
        sheets = vulnerabilities.sheets(asked)
        assert {pin for sheet in sheets for pin in sheet} == set(asked)
        assert all(len(dict(sheet)) == len(sheet) for sheet in sheets)

    def test_clean(self) -> None:
        result = judge_python(WANTED, [pip_report(SAFE, WEAK | {"vulns": []})])
        assert (result.checked, result.found, result.unchecked) == (2, (), "")
        assert "2 個の版を調べました" in str(result)

    def test_vulnerable(self) -> None:
        result = judge_python(WANTED, [pip_report(SAFE), pip_report(WEAK)])
        assert result.found == ("jinja2 3.1.0 の CVE-0000-1（直った版: 3.1.6）",)
        assert "調べました" not in str(result)

    @pytest.mark.parametrize(
        ("reports", "reason"),
        [
            (
                [pip_report(SAFE, SKIPPED)],
                "2 個のうち 1 個の版に答えがありません（Dependency not found on PyPI",
            ),
            ([pip_report(SAFE)], "理由は示されませんでした"),
            ([pip_report(SAFE, WEAK | {"version": "3.1.6", "vulns": []})], "1 個の版に答えがありません"),
            ([pip_report()], "2 個のうち 2 個"),
            ([pip_report(SAFE), "WARNING: x\nERROR: Could not connect\nTip: y"], "ERROR: Could not connect"),
            (["[]"], "2 個のうち 2 個"),
            ([""], "2 個のうち 2 個"),
        ],
        ids=["skipped", "dropped", "other-version", "nothing", "no-service", "not-a-report", "silent"],
    )
    def test_unanswered_is_not_clean(self, reports: list[str], reason: str) -> None:
        result = judge_python(WANTED, reports)
        assert reason in result.unchecked
        assert "調べていません" in str(result)
        assert "調べました" not in str(result)

    def test_no_pins_are_not_clean(self) -> None:
        assert judge_python([], [pip_report()]).unchecked

    def test_npm_severities(self) -> None:
        assert "9 個の版を調べました" in str(judge_npm(npm_report(9)))
        result = judge_npm(npm_report(9, heavy="high", worst="critical", light="moderate"))
        assert result.found == ("heavy <2（high）", "worst <2（critical）")
        assert result.minor == ("light <2（moderate）",)
        assert "調べました" not in str(judge_npm(npm_report(9, light="low")))

    @pytest.mark.parametrize(
        ("report", "reason"),
        [
            (NPM_DOWN, "405 Method Not Allowed"),
            (json.dumps({"error": {"summary": "network"}}), "network"),
            ("npm を動かせません: No such file or directory", "npm を動かせません"),
            (npm_report(0), "調べるものがありませんでした"),
            ("[]", "[]"),
            ("", "理由は示されませんでした"),
        ],
        ids=["refused", "network", "missing", "nothing", "not-a-report", "silent"],
    )
    def test_npm_unanswered_is_not_clean(self, report: str, reason: str) -> None:
        result = judge_npm(report)
        assert reason in result.unchecked
        assert not result.checked

    def test_a_missing_tool_is_said(self, tmp_path: Path) -> None:
        assert "を動かせません" in vulnerabilities.ask([str(tmp_path / "npm"), "audit"])

    @pytest.mark.parametrize(
        ("python", "npm", "code", "skipping"),
        [
            ([SAFE], npm_report(9), CLEAN, CLEAN),
            ([SAFE], npm_report(9, light="low"), CLEAN, CLEAN),
            ([SAFE], NPM_DOWN, UNCHECKED, CLEAN),
            ([], npm_report(9), UNCHECKED, CLEAN),
            ([SAFE], npm_report(9, heavy="high"), FOUND, FOUND),
            ([WEAK], NPM_DOWN, FOUND, FOUND),
        ],
    )
    def test_exit_code(
        self,
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str],
        python: list[dict[str, Any]], npm: str, code: int, skipping: int,
    ) -> None:  # fmt: skip
        def answer(command: list[str], *_: Path) -> str:
            return npm if command[0] == "npm" else pip_report(*python)

        lock = tmp_path / "constraints.txt"
        lock.write_text("".join(f"{a['name']}=={a['version']}\n" for a in python or [SAFE]), encoding="utf-8")
        monkeypatch.setattr(vulnerabilities, "LOCKS", (lock,))
        monkeypatch.setattr(vulnerabilities, "WORK", tmp_path / "work")
        monkeypatch.setattr(vulnerabilities, "ask", answer)
        assert vulnerabilities.main([]) == code
        assert "飛ばします" not in capsys.readouterr().out
        assert vulnerabilities.main(["--may-skip"]) == skipping
        assert ("飛ばします" in capsys.readouterr().out) == (code == UNCHECKED)

    def test_the_build_asks(self) -> None:
        assert "\nmake audit" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


# 索引の名前と、import する名前が違うもの
IMPORTED = {"beautifulsoup4": "bs4"}


def imported(path: Path) -> Iterator[str]:
    """読みこむだけで import されるもの。関数の中で、要るときにだけ読むものは数えない。"""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node in body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def foreign(paths: list[Path]) -> set[str]:
    """たどれる自分のファイルをすべてたどって、そこで要る、よその package の名前。"""
    places = [ROOT / "tests", ROOT / "tools", ROOT / "_ext", ROOT / "src"]
    seen: set[Path] = set()
    found: set[str] = set()
    while paths:
        seen.add(path := paths.pop())
        for name in imported(path):
            part = name.replace(".", "/")
            ours = [p for place in places for p in (place / f"{part}.py", place / part / "__init__.py")]
            here = [p for p in ours if p.is_file()]
            paths += [p for p in here if p not in seen]
            if not here:
                found.add(name.partition(".")[0])
    return found - sys.stdlib_module_names - {"backprop"}


class TestOutside:
    """外の審判の環境には、本をつくる道具がない。そこで走る検査は、そこにあるものだけで読みこめる。"""

    def test_what_runs_there_can_be_imported_there(self) -> None:
        marked = [
            p
            for p in (ROOT / "tests").glob("test_*.py")
            if re.search(r"mark\.(torch|keras)", p.read_text("utf-8"))
        ]
        assert len(marked) >= 5
        there = {IMPORTED.get(n, n) for n in requirements("tools/outside/requirements.txt")}
        needed = foreign([ROOT / "conftest.py", ROOT / "tests" / "conftest.py", *marked])
        assert needed - there == set()
        assert {"pytest", "selenium", "bs4", "numpy"} <= needed  # たどれていなければ、空になる

"""遠くで走る検査の設定（.github/workflows）と、対応する版の両端。"""

from __future__ import annotations

import doctest
import functools
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lowest
import pytest
import takeaway
import yaml
from install import entries
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from supply import wheels

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

OFFICIAL = re.compile(
    r"actions/(checkout|setup-(python|node)|(upload|download)-artifact|upload-pages-artifact|deploy-pages)"
    r"@[0-9a-f]{40}  # v\d+\.\d+\.\d+"
)
"""中身の値（SHA）で留め、その版を横に書いた、公式の部品。"""
DOWNLOADS = ("backprop-book.pdf", "backprop-book.epub", "backprop-book-site.zip", "backprop-book.zip")
"""リリースに添えるもの。"""
SENDING = [
    *["書く権限:       contents: write"] * 2,
    "秘密:           GH_TOKEN: ${{ github.token }}",
    "取り寄せの鍵を残す",
]
"""リリースに添える仕事と、読者の章を枝に送る仕事だけが、書く権限と鍵を使う。提案（pull request）では走らない。"""
DAMAGES = [
    (r"@[0-9a-f]{40}  # v[\d.]+", "@v6", "留めていない"),
    (r"@[0-9a-f]{40} ", "@de0fac2 ", "留めていない"),
    (r"  # v[\d.]+", "", "留めていない"),
    (r"actions/setup-node", "someone/setup-node", "留めていない"),
    (r"(?m)^  pull_request:", "  pull_request_target:", "危ないきっかけ"),
    (r"(?m)^  push:", "  workflow_run:", "危ないきっかけ"),
    (r"(?m)^  push:", "  issue_comment:", "危ないきっかけ"),
    (r"contents: read", "contents: write", "書く権限"),
    (r"(?m)^permissions:\n.*$", "permissions: write-all", "書く権限"),
    (r"run: \.ci/run", 'run: echo "${{ secrets.TOKEN }}"', "秘密"),
    (r"run: \.ci/run", 'run: echo "${{ github.token }}"', "秘密"),
    (r"run: \.ci/run", 'run: echo "${{ github.event.pull_request.title }}"', "外からの文"),
    (r"run: \.ci/run", 'run: git checkout "${{ github.head_ref }}"', "外からの文"),
    (r"run: \.ci/run", "run: pipx run something", "留めずに入れる"),
    (r"run: \.ci/run", "run: python -m pip install something", "留めずに入れる"),
    (r"persist-credentials: false", "fetch-depth: 0", "鍵を残す"),
]
"""設定の壊し方と、それで見つかるべき危なさ。"""


def dangers(text: str) -> list[str]:
    """設定の危ないところ。

    よそからの提案も走らせるので、部品は中身の値で留め、書く権限と秘密を持たせず、外からの文を命令に混ぜない。
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    kinds = {
        "危ないきっかけ": r"\b(pull_request_target|workflow_run|issue_comment|repository_dispatch)\b",
        "書く権限": r"^ *(?!pages:|id-token:)[\w-]+: *write\b|write-all",
        "秘密": r"\$\{\{[^}]*\b(secrets|github\.token)\b",
        "外からの文": r"\$\{\{[^}]*\bgithub\.(event|head_ref|actor)",
        "留めずに入れる": r"\b(pip install|pipx|uvx|npx|npm (install|i)\b|curl|wget)",
    }
    found = [f"{kind}: {line}" for kind, bad in kinds.items() for line in lines if re.search(bad, line)]
    used = [line.partition("uses: ")[2] for line in lines if "uses: " in line]
    found += [f"留めていない部品: {name}" for name in used if not OFFICIAL.fullmatch(name)]
    if text.count("actions/checkout@") != text.count("persist-credentials: false"):
        found.append("取り寄せの鍵を残す")
    return found


each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def load(path: Path) -> dict[Any, Any]:
    """設定。YAML は on を真偽値と読むので、きっかけの鍵は True になる。"""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """すべての段。"""
    for job in load(path)["jobs"].values():
        yield from job["steps"]


def commands(path: Path) -> list[str]:
    """走らせる命令。"""
    return [step["run"] for step in steps(path) if "run" in step]


def targets() -> set[str]:
    """Makefile の、名前で呼べるもの。"""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
    (names,) = re.findall(r"(?m)^\.PHONY: (.*)$", makefile)
    return set(names.split())


def pythons(path: Path) -> set[str]:
    """使う Python の版。"""
    found = set()
    for step in steps(path):
        version = step.get("with", {}).get("python-version", "")
        found |= set(version.split()) if "$" not in version else set()
    for job in load(path)["jobs"].values():
        found |= set(job.get("strategy", {}).get("matrix", {}).get("python", []))
    return found


class TestWorkflows:
    """設定は、ここにあるものだけを呼び、余分な権限を持たない。"""

    def test_all_are_there(self) -> None:
        assert [path.stem for path in WORKFLOWS] == ["ci", "pages", "weekly"]

    def test_triggers(self) -> None:
        ci, pages, weekly = map(load, WORKFLOWS)
        assert set(ci[True]) == {"push", "pull_request"}
        assert pages[True] == {
            "push": {"branches": ["main"]}, "release": {"types": ["published"]}, "workflow_dispatch": None,
        }  # fmt: skip
        assert set(weekly[True]) == {"schedule", "workflow_dispatch"}
        (when,) = weekly[True]["schedule"]
        assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", when["cron"])

    @each_workflow
    def test_nothing_may_be_written(self, path: Path) -> None:
        assert load(path)["permissions"] == {"contents": "read"}
        extra = {name: job["permissions"] for name, job in load(path)["jobs"].items() if "permissions" in job}
        publishing = {
            "deploy": {"pages": "write", "id-token": "write"},
            "notebooks": {"contents": "write"},
            "release": {"contents": "write"},
        }
        assert extra == (publishing if path.stem == "pages" else {})

    def test_what_is_published_has_passed(self) -> None:
        jobs = load(WORKFLOWS[1])["jobs"]
        assert {jobs[name]["needs"] for name in ("deploy", "notebooks", "release")} == {"build"}
        # 版を出したときは、リリースに添えるだけで、公開しているものは動かさない。
        assert jobs["release"]["if"] == "github.event_name == 'release'"
        assert jobs["deploy"]["if"] == jobs["notebooks"]["if"] == "github.event_name != 'release'"
        done = [step.get("run") or step["uses"] for step in jobs["build"]["steps"]]
        assert [name.partition("@")[0] for name in done[-4:]] == [
            ".ci/run", "actions/upload-artifact", "actions/upload-pages-artifact", "actions/upload-artifact"
        ]  # fmt: skip
        notebooks, pages, downloads = (step["with"] for step in jobs["build"]["steps"][-3:])
        assert downloads["path"].split() == [f"_build/html/{name}" for name in DOWNLOADS]
        assert pages == {"path": "_build/html"}
        assert notebooks["path"] == f"_build/{takeaway.STAGED}"
        assert notebooks["include-hidden-files"] is True

    def test_the_branch_holds_only_what_was_built(self, tmp_path: Path) -> None:
        *_, switch, download, push = load(WORKFLOWS[1])["jobs"]["notebooks"]["steps"]
        assert download["with"] == {"name": "notebooks"}
        assert switch["run"] == f"git switch --orphan {takeaway.BRANCH}"
        # 手元の二つのリポジトリで、同じ命令を走らせてみる。
        origin, work = tmp_path / "origin.git", tmp_path / "work"
        git = functools.partial(subprocess.run, check=True, capture_output=True, encoding="utf-8")
        git(["git", "init", "--bare", "--initial-branch=main", origin])
        git(["git", "clone", origin, work])
        git(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--allow-empty", "-m", "x"],
            cwd=work,
        )
        (work / "source.py").write_text("1\n", encoding="utf-8")
        git(["git", "add", "source.py"], cwd=work)
        git(["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "原稿"], cwd=work)
        git(["git", "push", "origin", "main"], cwd=work)
        for content in ("はじめ", "つぎ"):
            git(["git", "switch", "main"], cwd=work)
            git(["git", "branch", "-D", takeaway.BRANCH], cwd=work, check=False)
            git(["sh", "-e", "-c", switch["run"]], cwd=work)
            (work / ".binder").mkdir(exist_ok=True)
            (work / ".binder" / "runtime.txt").write_text(content, encoding="utf-8")
            git(["sh", "-e", "-c", push["run"]], cwd=work, env={**os.environ, "GITHUB_SHA": "abc"})
        listed = git(["git", "ls-tree", "-r", "--name-only", takeaway.BRANCH], cwd=origin).stdout
        assert listed.splitlines() == [".binder/runtime.txt"]
        assert git(["git", "rev-list", "--count", takeaway.BRANCH], cwd=origin).stdout == "1\n"

    @each_workflow
    def test_every_job_ends(self, path: Path) -> None:
        assert all(job["timeout-minutes"] <= 120 for job in load(path)["jobs"].values())

    @each_workflow
    def test_nothing_is_dangerous(self, path: Path) -> None:
        assert dangers(path.read_text(encoding="utf-8")) == (SENDING if path.stem == "pages" else [])

    @pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage[2])
    def test_each_danger_is_noticed(self, damage: tuple[str, str, str]) -> None:
        before, after, kind = damage
        text = WORKFLOWS[0].read_text(encoding="utf-8")
        assert re.search(before, text), before
        assert any(kind in danger for danger in dangers(re.sub(before, after, text, count=1)))

    def test_one_action_has_one_version(self) -> None:
        text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
        found = {(name, rest) for name, rest in re.findall(r"uses: (\S+)@(.+)", text)}
        assert len(found) == len({name for name, _ in found})

    @each_workflow
    def test_commands_exist(self, path: Path) -> None:
        called = [name for line in commands(path) for name in re.findall(r"\bmake +([\w-]+)", line)]
        assert not set(called) - targets()
        files = [line for line in commands(path) if re.fullmatch(r"[.\w/-]*/[\w.-]+", line)]
        assert all(os.access(ROOT / name, os.X_OK) for name in files)
        assert called or files
        programs = {name for line in commands(path) for name in re.findall(r"\bpython (\S+\.py)", line)}
        assert all((ROOT / name).is_file() for name in programs)

    def test_execution_is_compared_twice(self) -> None:
        runs = [step["run"] for step in load(WORKFLOWS[2])["jobs"]["execute"]["steps"] if "run" in step]
        assert runs == ["make execute", "git diff --exit-code"] * 2


class TestRenewal:
    """使うものを新しくする提案（dependabot.yml）は、使うもののある、どの場所にも及ぶ。"""

    def test_every_place_is_watched_after_a_week(self) -> None:
        settings = load(ROOT / ".github" / "dependabot.yml")
        places = {
            update["package-ecosystem"]: set(update.get("directories", [update.get("directory")]))
            for update in settings["updates"]
        }
        for kind, file, top in (("pip", "requirements.txt", {"/"}), ("npm", "package.json", set())):
            folders = {path.parent.relative_to(ROOT) for path in ROOT.glob(f"tools/*/{file}")}
            assert places[kind] == {f"/{folder.as_posix()}" for folder in folders} | top
        assert places["github-actions"] == {"/"}
        assert all(update["cooldown"]["default-days"] >= 7 for update in settings["updates"])
        assert all(update["schedule"]["interval"] == "weekly" for update in settings["updates"])


class TestPython:
    """毎週の検査の Python は、対応すると言っている最も古いものから、抜けなく並ぶ。"""

    def test_versions_begin_at_the_oldest_supported(self) -> None:
        versions = load(WORKFLOWS[2])["jobs"]["execute"]["strategy"]["matrix"]["python"]
        minors = [int(version.removeprefix("3.")) for version in versions]
        assert minors == list(range(minors[0], minors[0] + len(minors)))
        assert minors == wheels.pythons()
        assert PROJECT["requires-python"] == f">=3.{minors[0]}"
        assert f"Python 3.{minors[0]} 以上" in (ROOT / "README.md").read_text(encoding="utf-8")

    @each_workflow
    def test_supported_versions_only(self, path: Path) -> None:
        assert all(version in SpecifierSet(PROJECT["requires-python"]) for version in pythons(path))
        assert pythons(path)

    def test_the_oldest_of_make_compat_is_installed(self) -> None:
        (oldest,) = re.findall(
            r"(?m)^oldest: PYTHON \?= python(\S+)$", (ROOT / "Makefile").read_text("utf-8")
        )
        assert PROJECT["requires-python"] == f">={oldest}"
        assert oldest in pythons(WORKFLOWS[2])


class TestLowest:
    """最も古い版の組。"""

    def test_examples(self) -> None:
        assert doctest.testmod(lowest) == (0, 2)

    def test_every_range_is_held_at_its_lower_end(self) -> None:
        text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
        lines = list(lowest.lowest((ROOT / "pyproject.toml").read_text(encoding="utf-8"), text))
        for requirement in map(Requirement, PROJECT["dependencies"]):
            (line,) = [line for line in lines if line.startswith(f"{requirement.name}==")]
            version = line.partition("==")[2]
            (lower,) = [part.version for part in requirement.specifier if part.operator == ">="]
            assert version == lower
        assert {line.split("==")[0] for line in lines} == {entry.split("==")[0] for entry in entries(text)}

    def test_the_locked_set_is_the_lowest(self) -> None:
        files = (ROOT / name for name in ("pyproject.toml", "constraints.txt"))
        wanted = {
            Requirement(line) for line in lowest.lowest(*(path.read_text(encoding="utf-8") for path in files))
        }
        here = {"python_version": "3.11", "python_full_version": "3.11.9"}
        pairs = {(r.name, r.specifier) for r in wanted if not r.marker or r.marker.evaluate(here)}
        locked = (ROOT / "tools" / "supply" / "oldest.txt").read_text(encoding="utf-8")
        for entry in entries(locked):
            pinned = Requirement(entry.partition(" --hash")[0])
            if not pinned.marker or pinned.marker.evaluate(here):
                (found,) = [specifier for name, specifier in pairs if name == pinned.name]
                assert found.contains(next(iter(pinned.specifier)).version), pinned

    def test_a_range_without_a_lower_end_is_refused(self) -> None:
        with pytest.raises(ValueError, match="下の端.*numpy<3"):
            list(lowest.lowest('[project]\ndependencies = ["numpy<3"]', ""))

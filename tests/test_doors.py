"""ほかの入口（conda、devcontainer、Binder）と、知らせるための用紙。名ざしするものが、どれもここにある。"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from supply import wheels
from test_workflows import targets

ROOT = Path(__file__).resolve().parents[1]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[0-9]*.yml"))
TESTED = {f"3.{minor}" for minor in wheels.pythons()}
EDITABLE = "python -m pip install --no-deps --no-build-isolation"

each_form = pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)


def read(name: str) -> str:
    """ファイルの中身。"""
    return (ROOT / name).read_text(encoding="utf-8")


def lines(text: str) -> list[str]:
    """コメントでない行。"""
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


class TestDoors:
    """どの入口も、確かめている Python で、値つきの一覧から入れる。"""

    def test_conda(self) -> None:
        settings = yaml.safe_load(read("environment.yml"))
        *packages, pip = settings["dependencies"]
        (version,) = [name.partition("=")[2] for name in packages if name.startswith("python=")]
        assert version in TESTED
        assert "pip" in packages
        assert pip["pip"] == ["--require-hashes", "--only-binary=:all:", "--requirement constraints.txt"]
        assert settings["name"] == re.search(r"conda activate (\S+)", read("environment.yml"))[1]
        assert f"#   {EDITABLE} --editable ." in read("environment.yml")

    def test_conda_takes_nothing_but_python_from_elsewhere(self) -> None:
        *packages, _ = yaml.safe_load(read("environment.yml"))["dependencies"]
        names = {name.partition("=")[0] for name in packages}
        assert names == {"python", "pip"}

    def test_devcontainer(self) -> None:
        settings = json.loads(read(".devcontainer/devcontainer.json"))
        image, _, version = settings["image"].rpartition(":")
        assert image == "mcr.microsoft.com/devcontainers/python"
        assert version in TESTED
        (command,) = re.fullmatch(r"make (\w+)", settings["postCreateCommand"]).groups()
        assert command in targets()
        python = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
        assert python == "${containerWorkspaceFolder}/.venv/bin/python"
        assert "VENV := .venv\n" in read("Makefile")

    def test_binder(self) -> None:
        assert read(".binder/runtime.txt").strip().removeprefix("python-") in TESTED
        assert lines(read(".binder/requirements.txt")) == ["--only-binary=:all:", "-r ../constraints.txt"]
        assert lines(read(".binder/postBuild")) == [f"{EDITABLE} --no-index --editable ."]
        assert os.access(ROOT / ".binder" / "postBuild", os.X_OK)

    def test_no_place_is_named(self) -> None:
        for name in ("environment.yml", ".binder/requirements.txt", ".binder/postBuild"):
            assert "://" not in read(name)


def elements(path: Path) -> list[dict[str, Any]]:
    """用紙の、書きこむところ。"""
    return [element for element in yaml.safe_load(read(str(path)))["body"] if element["type"] != "markdown"]


class TestForms:
    """誤りの報告、動かない、提案・質問の用紙。公式の形のとおりかは make forms が調べる。"""

    def test_all_are_there(self) -> None:
        assert [path.stem for path in FORMS] == ["1_error", "2_trouble", "3_idea"]

    @each_form
    def test_every_question_is_asked_in_japanese_and_once(self, path: Path) -> None:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert all(re.search(r"[ぁ-ん一-龥]", form[name]) for name in ("name", "description"))
        found = elements(path)
        for name in ("id", "label"):
            values = [element.get(name) or element["attributes"][name] for element in found]
            assert len(values) == len(set(values))
        assert all(re.fullmatch(r"[a-z]+", element["id"]) for element in found)
        assert any(element["validations"]["required"] for element in found)

    @pytest.mark.parametrize(
        ("name", "asked"),
        [
            ("1_error", {"version", "page", "wrong", "right", "evidence"}),
            ("2_trouble", {"system", "python", "version", "command", "output"}),
            ("3_idea", {"kind", "content"}),
        ],
    )
    def test_what_is_needed_is_required(self, name: str, asked: set[str]) -> None:
        (path,) = (path for path in FORMS if path.stem == name)
        assert {element["id"] for element in elements(path) if element["validations"]["required"]} == asked

    def test_the_last_form_takes_everything_else(self) -> None:
        config = yaml.safe_load(read(".github/ISSUE_TEMPLATE/config.yml"))
        assert config == {"blank_issues_enabled": False}
        (kind,) = (element for element in elements(FORMS[-1]) if element["id"] == "kind")
        assert "そのほか" in kind["attributes"]["options"]

    def test_proposals_are_asked_for_what_exists(self) -> None:
        text = read(".github/PULL_REQUEST_TEMPLATE.md")
        named = set(re.findall(r"`make ([\w-]+)`", text))
        assert named >= {"test", "lint", "prose", "execute"}
        assert named <= targets()
        files = re.findall(r"`([\w-]+\.md)`", text)
        assert files == ["CHANGELOG.md", "errata.md"]
        assert all((ROOT / name).is_file() for name in files)
        assert "MIT" in text
        assert "CC BY 4.0" in text

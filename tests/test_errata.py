"""正誤表: どの誤りにも、版、場所、誤、正、直した版があり、直したと言うものは直っている。"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
UNRELEASED = "未公開"
FIELDS = ("誤", "正", "直した版")

Entry = tuple[str, str, dict[str, str]]
"""版、場所、項目。"""


def read(text: str) -> list[Entry]:
    """正誤表の誤りのすべて。"""
    found = []
    for version, section in re.findall(r"(?ms)^## (\S+)\n(.*?)(?=^## |\Z)", text):
        for block in re.split(r"\n\n+", section.strip()):
            place, *rows = block.splitlines()
            fields = [re.fullmatch(r": \*\*(.+?)\*\* (.+?)(?: ?です。)?", row) for row in rows]
            found.append((version, place, {field[1]: field[2] for field in fields if field}))
    return found


def releases(text: str) -> list[str]:
    """変更の記録にある版。新しいものから。"""
    return re.findall(r"(?m)^## (\S+?)(?=（|$)", text)


def faults(errata: str, changes: str, sources: str) -> list[str]:
    """正誤表の不備。"""
    versions, found = releases(changes), []
    order = [version for version, _, _ in read(errata)]
    if sorted(order, key=lambda version: versions.index(version) if version in versions else -1) != order:
        found.append("版が新しい順に並んでいません")
    for version, place, fields in read(errata):
        if version not in versions or version == UNRELEASED:
            found.append(f"{place}: 版 {version} は出ていません")
        elif tuple(fields) != FIELDS:
            found.append(f"{place}: 誤、正、直した版がそろっていません")
        elif fields["直した版"] not in versions[: versions.index(version)]:
            found.append(f"{place}: 直した版 {fields['直した版']} は、{version} のあとの版ではありません")
        elif (quoted := re.match(r"「(.+)」(?:と書いていました。)?$", fields["誤"])) and quoted[1] in sources:
            found.append(f"{place}: 直したと言う文が、まだあります")
    return found


def everything() -> str:
    """本文と変更の記録。正誤表は除く。ノートブックの中の TeX の ``\\`` は、二重になっている。"""
    paths = [path for path in ROOT.glob("*.md") if path.name != "errata.md"]
    paths += (ROOT / "chapters").glob("*.ipynb")
    return "".join(path.read_text(encoding="utf-8").replace("\\\\", "\\") for path in paths)


ERRATA = (ROOT / "errata.md").read_text(encoding="utf-8")
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_entry_is_whole_and_mended() -> None:
    assert len(read(ERRATA)) >= 10
    assert not faults(ERRATA, CHANGES, everything())


def test_it_is_in_the_book_and_linked() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert {"file": "errata"} in contents["parts"][-1]["chapters"]
    assert "](errata.md)" in CHANGES
    assert "](errata.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


GOOD = "## 1.0\n\n章\n: **誤** 「地球は平ら。」\n: **正** 地球は丸い。\n: **直した版** 2.0\n"
HISTORY = "## 未公開\n\n## 2.0（2026-01-02）\n\n## 1.0（2026-01-01）\n"


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("## 1.0", "## 0.9", "版 0.9 は出ていません"),
        ("## 1.0", "## 未公開", "版 未公開 は出ていません"),
        (": **正** 地球は丸い。\n", "", "そろっていません"),
        ("**直した版** 2.0", "**直した版** 1.0", "あとの版ではありません"),
        ("地球は平ら。", "月は丸い。", "まだあります"),
        ("## 1.0", GOOD + "\n## 2.0\n\n章\n: **誤** あ\n: **正** い\n: **直した版** 未公開\n\n## 1.0", "新しい順"),
    ],
)
def test_each_fault_is_noticed(before: str, after: str, fault: str) -> None:
    assert not faults(GOOD, HISTORY, "月は丸い。")
    assert any(fault in found for found in faults(GOOD.replace(before, after, 1), HISTORY, "月は丸い。"))

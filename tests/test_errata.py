"""正誤表: どの誤りにも、版、場所、誤、正、直した版があり、直したと言うものは直っている。"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
import toc
import yaml

ROOT = Path(__file__).resolve().parents[1]
UNRELEASED = "未公開"
FIELDS = ("誤", "正", "直した版")

NOT_PAGES = ["変更の記録"]
"""章の見出しのうち、ページの題でないもの。"""
ABSENT = r"（(\S+) にはありません）。$"
BARE = "と、ことわりなしに書いていました。"
"""条件をつけて直した文。もとの文は、新しい文の終わりとしてなら、残っていてよい。"""
QUOTED = rf"「(.+)」(と書いていました。|{BARE})?(?:{ABSENT[:-1]})?$"


class Entry(NamedTuple):
    """一つの誤り。"""

    version: str
    chapter: str
    place: str
    fields: dict[str, str]

    def stood_in(self, version: str) -> bool:
        """その版にあったか。ことわりがなければ、前の版にもあった。"""
        absent = re.search(ABSENT, self.fields.get("誤", ""))
        newer = number(self.version) > number(version)
        return self.version == version or (newer and (not absent or absent[1] != version))


def number(version: str) -> list[int]:
    """版の番号。大きさの順に並ぶ。"""
    return [int(part) for part in re.findall(r"\d+", version)]


def read(text: str) -> list[Entry]:
    """正誤表の誤りのすべて。"""
    found = []
    for version, section in re.findall(r"(?ms)^## (\S+)\n(.*?)(?=^## |\Z)", text):
        chapter = ""
        for block in re.split(r"\n\n+", section.strip()):
            if block.startswith("### "):
                chapter = block.removeprefix("### ")
                continue
            place, *rows = block.splitlines()
            fields = [re.fullmatch(r": \*\*(.+?)\*\* (.+?)(?: ?です。)?", row) for row in rows]
            found.append(Entry(version, chapter, place, {field[1]: field[2] for field in fields if field}))
    return found


def stands(wrong: str, sources: str) -> bool:
    """引用した文が、まだあるか。"""
    if not (quoted := re.match(QUOTED, wrong)):
        return False
    if quoted[2] == BARE:  # 文の始めにあれば、ことわりのないまま残っている
        return re.search(r'(?<![^\s"。*])' + re.escape(quoted[1]), sources) is not None
    return quoted[1] in sources


def releases(text: str) -> list[str]:
    """変更の記録にある版。新しいものから。"""
    return re.findall(r"(?m)^## (\S+?)(?=（|$)", text)


def faults(errata: str, changes: str, sources: str) -> list[str]:
    """正誤表の不備。"""
    versions, found = releases(changes), []
    order = [entry.version for entry in read(errata)]
    if sorted(order, key=lambda version: versions.index(version) if version in versions else -1) != order:
        found.append("版が新しい順に並んでいません")
    for version, chapter, place, fields in read(errata):
        if version not in versions or version == UNRELEASED:
            found.append(f"{place}: 版 {version} は出ていません")
        elif tuple(fields) != FIELDS:
            found.append(f"{place}: 誤、正、直した版がそろっていません")
        elif fields["直した版"] not in versions[: versions.index(version)]:
            found.append(f"{place}: 直した版 {fields['直した版']} は、{version} のあとの版ではありません")
        elif not chapter:
            found.append(f"{place}: 章の見出しがありません")
        elif stands(fields["誤"], sources):
            found.append(f"{place}: 直したと言う文が、まだあります: {fields['誤']}")
    return found


def summary(errata: str) -> list[str]:
    """正誤表の始めに書く、版ごとの数。"""
    entries, (new, old) = read(errata), VERSIONS
    listed = [entry for entry in entries if entry.version == new]
    also = sum(entry.stood_in(old) for entry in listed)
    return [
        f"{new} に見つかった誤りは{len(listed)}か所で、そのうち{also}か所は {old} にもありました。",
        f"ほかに、{old} にあって {new} で直した誤りが{len(entries) - len(listed)}か所です。",
    ]


def tally(errata: str, version: str) -> list[str]:
    """変更の記録の、その版の「正誤」に書く数。"""
    found = Counter(entry.chapter for entry in read(errata) if entry.stood_in(version))
    chapters = "、".join(f"{chapter} {found[chapter]}" for chapter in titles() if found[chapter])
    return [f"誤りが{found.total()}か所見つかった。", f"章ごとの数: {chapters}。"]


def titles() -> list[str]:
    """ページの題。目次の順。"""
    return ["はじめのページ", *map(title, toc.pages()[1:]), *NOT_PAGES]


def title(file: str) -> str:
    """ページの題。"""
    path = ROOT / f"{file}.ipynb"
    if path.is_file():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    else:
        text = (ROOT / f"{file}.md").read_text(encoding="utf-8")
    found = re.search(r"(?m)^# (.+)$", text)
    return found[1] if found else file


def everything() -> str:
    """本文と変更の記録。正誤表は除く。ノートブックの中の TeX の ``\\`` は、二重になっている。"""
    paths = [path for path in ROOT.glob("*.md") if path.name != "errata.md"]
    paths += (ROOT / "chapters").glob("*.ipynb")
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    return text.replace("\\\\", "\\").replace('\\"', '"')


ERRATA = (ROOT / "errata.md").read_text(encoding="utf-8")
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


VERSIONS = list(dict.fromkeys(entry.version for entry in read(ERRATA)))


def test_every_entry_is_whole_and_mended() -> None:
    assert len(read(ERRATA)) >= 190
    assert not faults(ERRATA, CHANGES, everything())


def test_it_says_how_many() -> None:
    for sentence in summary(ERRATA):
        assert sentence in ERRATA


def test_it_is_in_the_order_of_the_book() -> None:
    order = titles()
    for version in VERSIONS:
        headings = re.findall(r"(?m)^### (.+)$", ERRATA.split(f"\n## {version}\n")[1].split("\n## ")[0])
        assert headings == sorted(set(headings), key=order.index)


def test_the_changes_count_the_same() -> None:
    for version in VERSIONS:
        (section,) = re.findall(rf"(?ms)^## {re.escape(version)}（.*?(?=^## |\Z)", CHANGES)
        told = section.split("### 正誤\n")[1]
        assert "](errata.md)" in told
        for words in tally(ERRATA, version):
            assert words in told
    unreleased = CHANGES.split("\n## ")[1].split("### 正誤\n")[1]
    for count in re.findall(r"\d+か所", summary(ERRATA)[0]):
        assert count in unreleased


def test_it_is_in_the_book_and_linked() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert {"file": "errata"} in contents["parts"][-1]["chapters"]
    assert "](errata.md)" in CHANGES
    assert "](errata.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


GOOD = "## 1.0\n\n### 題\n\n章\n: **誤** 「地球は平ら。」\n: **正** 地球は丸い。\n: **直した版** 2.0\n"
HISTORY = "## 未公開\n\n## 2.0（2026-01-02）\n\n## 1.0（2026-01-01）\n"


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("## 1.0", "## 0.9", "版 0.9 は出ていません"),
        ("## 1.0", "## 未公開", "版 未公開 は出ていません"),
        (": **正** 地球は丸い。\n", "", "そろっていません"),
        ("**直した版** 2.0", "**直した版** 1.0", "あとの版ではありません"),
        ("地球は平ら。", "月は丸い。", "まだあります"),
        ("地球は平ら。」", f"月は丸い。」{BARE}", "まだあります"),
        ("### 題\n\n", "", "章の見出しがありません"),
        (
            "## 1.0",
            GOOD + "\n## 2.0\n\n章\n: **誤** あ\n: **正** い\n: **直した版** 未公開\n\n## 1.0",
            "新しい順",
        ),
    ],
)
def test_each_fault_is_noticed(before: str, after: str, fault: str) -> None:
    assert not faults(GOOD, HISTORY, "月は丸い。")
    assert any(fault in found for found in faults(GOOD.replace(before, after, 1), HISTORY, "月は丸い。"))


def test_a_narrowed_sentence_may_end_as_the_old_one() -> None:
    assert not stands(f"「月は丸い。」{BARE}", "遠くから見れば、月は丸い。")
    assert stands("「月は丸い。」", "遠くから見れば、月は丸い。")


def test_an_older_version_has_what_is_not_excepted() -> None:
    (entry,) = read(GOOD)
    assert [entry.stood_in(version) for version in ("2.0", "1.0", "0.9")] == [False, True, True]
    (entry,) = read(GOOD.replace("平ら。」", "平ら。」（0.9 にはありません）。"))
    assert [entry.stood_in(version) for version in ("1.0", "0.9")] == [True, False]

"""検査の検査: 主張や記録を壊すと、検査が赤くなる。"""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pytest
from broken_printing import BREAKERS
from misprints import HARMLESS, misprints
from nbformat import NotebookNode
from printed import disagreement
from sealed_chapters import ROOT, SEALED, code_cells, judged, markdown, notebook, recorded
from sources import UNREAD, equations, sources

from backprop.judges import MIME, Seal

pytestmark = pytest.mark.long

SMALL = "33_step3_hidden_delta"
every_sealed_chapter = pytest.mark.parametrize("name", SEALED)


class TestClaims:
    """章の検印の右辺を、誤った式に一つずつ取り替える。"""

    @every_sealed_chapter
    def test_no_wrong_right_hand_side_is_sealed(self, name: str) -> None:
        found = judged(name)
        assert found.keys() == recorded(name).keys() != set()
        for label, seal in found.items():
            assert seal.refused == recorded(name)[label][MIME]["controls"]


# ── 印刷 ──────────────────────────────────────────────────


def shown(name: str) -> dict[str, str]:
    """章の検印が組んだ等式。"""
    return {label: bundle[MIME]["claim"] for label, bundle in recorded(name).items()}


def written(name: str) -> dict[str, list[str]]:
    """検印のある式の原稿から読める等式。"""
    found = sources(markdown(name))
    return {label: equations(label, found[label]) for label in recorded(name) if label not in UNREAD}


def passing(label: str, name: str, tex: str) -> set[tuple[str, str]]:
    """損じたのに、主張と同じと読めるもの。"""
    claim = judged(name)[label].claim
    return {(label, wrong.instead) for wrong in misprints(tex) if not disagreement(claim, wrong.tex)}


@cache
def spoiled_ways() -> dict[str, Counter[str]]:
    """検印の組む等式と原稿の式の、損じ方の種類ごとの数。"""
    everything = {
        "検印": [tex for name in SEALED for tex in shown(name).values()],
        "原稿": [tex for name in SEALED for found in written(name).values() for tex in found],
    }
    return {
        where: Counter(wrong.kind for tex in texs for wrong in misprints(tex))
        for where, texs in everything.items()
    }


class TestPrinted:
    """組まれた等式を読み返す。"""

    @every_sealed_chapter
    def test_what_is_printed_is_what_was_checked(self, name: str) -> None:
        for label, seal in judged(name).items():
            for bundle in (recorded(name)[label], seal.shown):
                tex = bundle[MIME]["claim"]
                assert bundle["text/markdown"].startswith(f"$$\n{tex}\n$$\n\n**検印**")
                assert disagreement(seal.claim, tex) == "", label

    @every_sealed_chapter
    def test_the_source_says_the_same(self, name: str) -> None:
        for label, found in written(name).items():
            for tex in found:
                assert disagreement(judged(name)[label].claim, tex) == "", label

    @every_sealed_chapter
    def test_no_misprint_passes(self, name: str) -> None:
        for label, tex in shown(name).items():
            assert passing(label, name, tex) == {known for known in HARMLESS if known[0] == label}

    @every_sealed_chapter
    def test_no_misprint_of_the_source_passes(self, name: str) -> None:
        for label, found in written(name).items():
            for tex in found:
                assert passing(label, name, tex) <= HARMLESS.keys()

    def test_what_cannot_be_read_is_listed_with_a_reason(self) -> None:
        chapter_of = {label: name for name in SEALED for label in recorded(name)}
        assert {label for label, _ in HARMLESS} <= chapter_of.keys()
        for label in UNREAD:  # 読めるようになれば、一覧から除く
            (tex,) = equations(label, sources(markdown(chapter_of[label]))[label])
            assert disagreement(judged(chapter_of[label])[label].claim, tex)

    def test_every_kind_of_misprint_occurs(self) -> None:
        kinds = {
            "符号", "項", "因子", "添字の入れ替え", "添字の脱落", "層", "層の大きさ", "転置", "プライム", "⊙",
            "和", "和の端", "平均", "分母", "べき", "かっこ", "関数", "偏微分の上下",
        }  # fmt: skip
        assert all(found.keys() == kinds for found in spoiled_ways().values())

    def test_counts_are_those_of_the_page(self) -> None:
        page = (ROOT / "proof.md").read_text(encoding="utf-8")
        (section,) = re.findall(r"^## 印刷を読み返す\n(.+?)^## ", page, flags=re.MULTILINE | re.DOTALL)
        seals, read = (sum(len(found(name)) for name in SEALED) for found in (shown, written))
        ways = [sum(found.values()) for found in spoiled_ways().values()]
        assert re.findall(r"(\d+)(?=個|通り)", section) == list(map(str, [seals, ways[0], read, ways[1]]))

    @pytest.mark.parametrize("name", BREAKERS)
    def test_broken_printing_is_noticed(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        sound = [(label, chapter) for chapter in SEALED for label in judged(chapter)]
        place, attribute, broken = BREAKERS[name]
        monkeypatch.setattr(place, attribute, broken(getattr(place, attribute)))
        assert any(wrongly_printed(label, chapter) for label, chapter in sound)


def wrongly_printed(label: str, name: str) -> bool:
    """いま組みなおすと、主張と違うか。"""
    claim = judged(name)[label].claim
    tex = Seal(label, claim.claim, 1)._repr_mimebundle_()[MIME]["claim"]
    return disagreement(claim, tex) != ""


# ── 記録 ──────────────────────────────────────────────────


def wrong_picture(cell: NotebookNode) -> None:
    picture = cell.outputs[0].data
    picture["image/svg+xml"] = picture["image/svg+xml"].replace("h", "v", 9)


def wrong_text(cell: NotebookNode) -> None:
    cell.outputs[0].data["text/plain"] += "0"


def wrong_formula(cell: NotebookNode) -> None:
    cell.outputs[0].data["text/latex"] = r"$\displaystyle 0$"


def wrong_kind(cell: NotebookNode) -> None:
    cell.outputs[0] = nbformat.v4.new_output("display_data", data=cell.outputs[0].data)


def wrong_claim(cell: NotebookNode) -> None:
    assert "claim=Eq(this.delta[j], claim)" in cell.source
    cell.source = cell.source.replace("claim=Eq(this.delta[j], claim)", "claim=Eq(this.delta[j], -claim)")


def missing_output(cell: NotebookNode) -> None:
    cell.outputs.clear()


def unexpected_error(cell: NotebookNode) -> None:
    cell.source += "\nassert False"


# 壊し方と、壊すセルの出力にあるべき型。前から順に、まだ壊していないセルを選ぶ。
SPOILERS = (
    (wrong_picture, "image/svg+xml"),
    (wrong_text, "text/plain"),
    (wrong_formula, "text/latex"),
    (wrong_kind, "text/latex"),
    (wrong_claim, MIME),
    (missing_output, "text/plain"),
    (unexpected_error, "text/plain"),
)


def spoiled(chapter: NotebookNode) -> dict[int, str]:
    """セルを一つずつ違うしかたで壊す。壊したセルの番号から、壊し方を引く。"""
    broken: dict[int, str] = {}
    for spoil, kind in SPOILERS:
        number, cell = next(
            (number, cell)
            for number, cell in enumerate(code_cells(chapter))
            if number not in broken and any(kind in output.get("data", {}) for output in cell.outputs)
        )
        spoil(cell)
        broken[number] = spoil.__name__
    return broken


@pytest.mark.recorded
def test_every_spoiled_record_is_noticed(tmp_path: Path) -> None:
    chapter = copy.deepcopy(notebook(SMALL))
    broken = spoiled(chapter)
    nbformat.write(chapter, tmp_path / "spoiled.ipynb")
    settings = ["-c", ROOT / "pyproject.toml", "-p", "conftest", "-n", "0"]
    command = [sys.executable, "-m", "pytest", *settings, tmp_path]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False).stdout
    red = {int(number) for number in re.findall(r"^FAILED .*::Cell (\d+)", printed, flags=re.MULTILINE)}
    assert red == set(broken), printed

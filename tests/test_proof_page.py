"""検査の成績のページの数は、測ったものである。"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import outside_scores
import pytest
import scores
from bs4 import BeautifulSoup
from mutation import outcomes, rooms
from outside.score import source_digest
from test_analyticity import CASES as ANALYTICITY
from test_analyticity import SPOILED
from test_bad_input import MISTAKES
from test_mutation import KNOWN
from test_outside_judges import NETWORKS
from test_torch_graphs import BOUND as GRAPH_BOUND
from test_torch_graphs import GRAPHS
from test_torch_networks import BOUND as NETWORK_BOUND
from test_torch_networks import LEVELS, PLAIN, SATURATED
from test_torch_optimizers import BOUND as OPTIMIZER_BOUND
from test_torch_optimizers import KINDS, RUNS

import backprop

ROOT = Path(__file__).resolve().parents[1]
SCORE = json.loads((ROOT / "tools" / "mutation" / "score.json").read_text(encoding="utf-8"))
UNMEASURED = scores.unmeasured()
MEASURED = [module for module in rooms.TESTS if module not in UNMEASURED]
JUDGED = json.loads((ROOT / "tools" / "outside" / "score.json").read_text(encoding="utf-8"))


def test_counts_are_those_of_the_tests() -> None:
    text = (ROOT / "proof.md").read_text(encoding="utf-8")
    assert re.findall(r"(\d+)個のネットワーク", text) == [str(NETWORKS)]
    assert re.findall(r"合わせて(\d+)通り", text) == [str(len(MISTAKES))]
    assert f"{len(ANALYTICITY)}個の関数" in text
    assert f"間違った勾配を{len(SPOILED)}通り" in text
    assert f"合わせて{len(ANALYTICITY) * (1 + len(SPOILED))}の判定" in text


def test_everything_that_computes_or_decides_is_mutated() -> None:
    """図と、表と、動かして見る図と、記録と、練習問題の問い（正しい答えと間違いを一つずつ判定させる）のほかのすべて。

    取り込みなおすだけのファイルも除く。
    """
    package = ROOT / "src" / "backprop"
    found = {
        path.relative_to(package).with_suffix("").as_posix().replace("/", ".")
        for path in package.rglob("*.py")
    }
    shown = {"figures", "interactive", "records", "tables"}
    asked = "exercises.bank"
    drawn = {name for name in found if name.partition(".")[0] in shown or name.startswith(asked)}
    assert found - drawn - {name for name in found if only_imports(package, name)} == set(rooms.TESTS)


def only_imports(package: Path, name: str) -> bool:
    """説明と、取り込みと、``__all__`` と、版だけのファイル。"""
    tree = ast.parse((package / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8"))
    return all(
        isinstance(node, (ast.Import, ast.ImportFrom))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"__all__", "__version__"})
        for node in tree.body
    )


def test_what_is_not_measured_is_said(pages: dict[str, BeautifulSoup]) -> None:
    """測っていない部屋は、名簿とページに名をあげる。測れば、名簿から消す。"""
    assert set(UNMEASURED) == set(rooms.TESTS) - set(SCORE["modules"])
    text = pages["proof.html"].get_text()
    assert ("まだ測っていません。" in text) == bool(UNMEASURED)
    listed = {item.get_text().strip() for item in pages["proof.html"].select("li")}
    assert set(UNMEASURED) <= listed


@pytest.mark.parametrize("module", MEASURED)
def test_the_score_is_that_of_the_present_source(module: str) -> None:
    row, now = SCORE["modules"][module], rooms.digests(module)
    for name, what in (("source", "コード"), ("operators", "変異の作り方")):
        assert row[name] == now[name], (
            f"{module} を測ったあとで{what}が変わりました。make mutants を走らせてください。"
        )


@pytest.mark.parametrize("module", MEASURED)
def test_nothing_survives_without_a_reason(module: str) -> None:
    row = SCORE["modules"].get(module, {"mutants": 0, "killed": 0, "kinds": {}, "survivors": []})
    survivors = {outcomes.Mutation(module, e["function"], e["old"], e["new"]) for e in row["survivors"]}
    problems = outcomes.complaints(survivors, [mutation for mutation in KNOWN if mutation.module == module])
    assert not problems, "\n".join(["make mutants を走らせてください。", *problems])
    assert row["mutants"] == row["killed"] + sum(entry["count"] for entry in row["survivors"])
    assert row["mutants"] == sum(row["kinds"].values())


def test_the_table_is_that_of_the_record(pages: dict[str, BeautifulSoup]) -> None:
    rows = [[cell.get_text() for cell in row.select("td")] for row in pages["proof.html"].select("tbody tr")]
    names = {*rooms.TESTS, "合計"}
    shown = {name: [int(number) for number in numbers[:-1]] for name, *numbers in rows if name in names}
    expected = {name: expected_row(row) for name, row in SCORE["modules"].items()}
    expected["合計"] = [sum(column) for column in zip(*expected.values())]
    assert shown == expected
    text = pages["proof.html"].get_text()
    assert f"変異は合わせて{expected['合計'][len(SCORE['kinds'])]}個です。" in text
    assert f"この版（{backprop.__version__}）" in text
    for description in (*SCORE["kinds"].values(), *SCORE["excluded"]):
        assert description.replace("`", "") in text


def expected_row(row: dict[str, Any]) -> list[int]:
    """表の一行の数。生き残ったものには、どれも理由がある（上の検査）。"""
    own = [row["kinds"].get(kind, 0) for kind in SCORE["kinds"]]
    return [*own, row["mutants"], row["killed"], row["mutants"] - row["killed"], 0]


class TestOutsideJudges:
    """外の審判の成績。"""

    def test_the_record_is_that_of_this_code(self) -> None:
        assert JUDGED["source"] == source_digest(), (
            "src/backprop が変わりました。make outside で測りなおしてください"
        )

    def test_enough_was_judged_and_the_package_was_right(self) -> None:
        numbers = {name: row["compared"] for name, row in JUDGED["judged"].items()}
        assert numbers == {
            "ネットワークの損失と勾配": PLAIN + SATURATED,
            "最適化器の歩み": len(KINDS) * RUNS,
            "計算グラフの値と勾配": GRAPHS,
            "Keras の学習（倍精度）": 5,
            "Keras の学習（単精度）": 2,
        }
        assert PLAIN + SATURATED >= 600
        assert len(KINDS) * RUNS >= 1000
        assert GRAPHS >= 800
        for row in JUDGED["judged"].values():
            assert row.get("decided", 0) == row.get("backprop", 0)

    def test_the_page_names_the_bounds(self) -> None:
        text = (ROOT / "proof.md").read_text(encoding="utf-8")
        assert (NETWORK_BOUND, GRAPH_BOUND, OPTIMIZER_BOUND) == (1e-11, 1e-12, 1e-12)
        assert "ネットワークで $10^{-11}$、計算グラフと最適化器で $10^{-12}$" in text
        assert f"絶対値が{max(LEVELS):.0f}に達する" in text

    def test_the_table_is_that_of_the_record(self, pages: dict[str, BeautifulSoup]) -> None:
        rows = pages["proof.html"].select("tbody tr")
        cells = [[cell.get_text() for cell in row.select("td")] for row in rows]
        shown = {name: numbers for name, *numbers in cells if name in JUDGED["judged"]}
        assert shown == {
            name: [node.astext() for node in outside_scores._judged_numbers(row)]
            for name, row in JUDGED["judged"].items()
        }
        text = pages["proof.html"].get_text()
        for entry in JUDGED["skipped"]:
            assert entry["reason"] in text
        assert ("飛ばした審判はありません。" in text) == (not JUDGED["skipped"])

    @pytest.mark.parametrize("lines", [[], ["test_x: PyTorch が入っていません"]])
    def test_what_was_skipped_is_listed(self, lines: list[str]) -> None:
        text = "".join(node.astext() for node in outside_scores._skipped(lines))
        assert all(line in text for line in lines)
        assert ("飛ばした審判はありません。" in text) == (not lines)

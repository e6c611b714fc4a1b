"""検査の成績のページの数は、測ったものである。"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import scores
from bs4 import BeautifulSoup
from outside.score import source_digest
from test_bad_input import MISTAKES
from test_mutation import KNOWN
from test_outside_judges import NETWORKS
from test_torch_graphs import BOUND as GRAPH_BOUND
from test_torch_graphs import GRAPHS
from test_torch_networks import BOUND as NETWORK_BOUND
from test_torch_networks import LEVELS, PLAIN, SATURATED
from test_torch_optimizers import BOUND as OPTIMIZER_BOUND
from test_torch_optimizers import KINDS, RUNS

ROOT = Path(__file__).resolve().parents[1]
SCORE = json.loads((ROOT / "tools" / "mutation" / "score.json").read_text(encoding="utf-8"))
JUDGED = json.loads((ROOT / "tools" / "outside" / "score.json").read_text(encoding="utf-8"))
CORE = {"steps", "activations", "losses", "network", "graph", "optimizers", "gradcheck", "seal", "mutants"}


def test_counts_are_those_of_the_tests() -> None:
    text = (ROOT / "proof.md").read_text(encoding="utf-8")
    assert re.findall(r"(\d+)個のネットワーク", text) == [str(NETWORKS)]
    assert re.findall(r"合わせて(\d+)通り", text) == [str(len(MISTAKES))]


def test_the_whole_core_is_mutated_and_nothing_is_missed_without_a_reason() -> None:
    assert set(SCORE["modules"]) == CORE
    for row in SCORE["modules"].values():
        assert row["mutants"] == row["killed"] + row["equivalent"]
        assert row["survived"] == 0
    assert sum(entry["count"] for entry in SCORE["equivalent"]) == sum(
        row["equivalent"] for row in SCORE["modules"].values()
    )
    listed = [(e["module"], e["function"], e["old"], e["new"]) for e in SCORE["equivalent"]]
    assert set(listed) == {tuple(vars(mutation).values()) for mutation in KNOWN}


def test_the_table_is_that_of_the_record(pages: dict[str, BeautifulSoup]) -> None:
    rows = [[cell.get_text() for cell in row.select("td")] for row in pages["proof.html"].select("tbody tr")]
    rooms = CORE | {"合計"}
    shown = {name: [int(number) for number in numbers[:4]] for name, *numbers in rows if name in rooms}
    columns = ("mutants", "killed", "equivalent", "survived")
    expected = {name: [row[column] for column in columns] for name, row in SCORE["modules"].items()}
    expected["合計"] = [sum(column) for column in zip(*expected.values())]
    assert shown == expected
    assert f"変異は合わせて{expected['合計'][0]}個です。" in pages["proof.html"].get_text()
    year, month, day = map(int, SCORE["date"].split("-"))
    assert f"{year}年{month}月{day}日に、backprop " in pages["proof.html"].get_text()


class TestOutsideJudges:
    """外の審判の成績。"""

    def test_the_record_is_that_of_this_code(self) -> None:
        assert JUDGED["source"] == source_digest(), "src/backprop が変わりました。make outside で測りなおしてください"

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
            name: [node.astext() for node in scores._judged_numbers(row)]
            for name, row in JUDGED["judged"].items()
        }
        text = pages["proof.html"].get_text()
        for entry in JUDGED["skipped"]:
            assert entry["reason"] in text
        assert ("飛ばした審判はありません。" in text) == (not JUDGED["skipped"])

    @pytest.mark.parametrize("lines", [[], ["test_x: PyTorch が入っていません"]])
    def test_what_was_skipped_is_listed(self, lines: list[str]) -> None:
        text = "".join(node.astext() for node in scores._skipped(lines))
        assert all(line in text for line in lines)
        assert ("飛ばした審判はありません。" in text) == (not lines)

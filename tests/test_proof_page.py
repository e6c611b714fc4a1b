"""検査の成績のページの数は、測ったものである。"""

from __future__ import annotations

import json
import re
from pathlib import Path

from bs4 import BeautifulSoup
from test_bad_input import MISTAKES
from test_mutation import KNOWN
from test_outside_judges import NETWORKS

ROOT = Path(__file__).resolve().parents[1]
SCORE = json.loads((ROOT / "tools" / "mutation" / "score.json").read_text(encoding="utf-8"))
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

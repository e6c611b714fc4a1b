"""よく使われる検査の規則: 正しい実装を疑わず、博物館の展示のうち、ページの表の数だけに気づく。"""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from common_rules import HEADINGS, counted

from backprop.judges.museum import EXHIBITS, STAGES, control
from backprop.judges.museum.common_rules import by_every_element, by_falling_loss, by_one_element

UPDATES = {"early", "piling", "stale"}
"""勾配は正しく、更新が間違っている展示。"""
COSTS = {"every_pair", "epsilon"}
"""損失が間違っていて、その損失の勾配にはなっている展示。"""


@pytest.mark.parametrize("stage", STAGES.values() if isinstance(STAGES, dict) else STAGES)
def test_right_programs_are_not_doubted(stage: object) -> None:
    exhibit = control(stage)
    assert not by_every_element(exhibit)
    assert by_one_element(exhibit) == 0
    assert not by_falling_loss(exhibit)


def test_what_comparing_every_element_misses() -> None:
    missed = {name for name, exhibit in EXHIBITS.items() if not by_every_element(exhibit)}
    assert missed == UPDATES | COSTS


def test_comparing_one_element_never_sees_more() -> None:
    for exhibit in EXHIBITS.values():
        assert 0 <= by_one_element(exhibit) <= 1
        assert by_every_element(exhibit) or by_one_element(exhibit) == 0


def test_a_loss_that_stays_does_not_fall() -> None:
    assert by_falling_loss(EXHIBITS["flipped_sign"])
    assert sum(map(by_falling_loss, EXHIBITS.values())) < len(EXHIBITS) / 2


@pytest.mark.long
def test_the_table_is_counted_now(pages: dict[str, BeautifulSoup]) -> None:
    tables = pages["proof.html"].select("table")
    rows = next(
        table
        for table in tables
        if [cell.get_text().strip() for cell in table.select("th")] == list(HEADINGS)
    ).select("tbody tr")
    shown = {cells[0].get_text().strip(): tuple(int(cell.get_text()) for cell in cells[1:])
             for cells in (row.select("td") for row in rows)}  # fmt: skip
    assert shown == counted()
    assert all(sum(numbers) == len(EXHIBITS) for numbers in shown.values())
    assert "27個の展示に向けて" in pages["proof.html"].get_text()
    assert len(EXHIBITS) == 27

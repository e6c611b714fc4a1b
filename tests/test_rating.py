"""速さの測定の、点数の決めかたの検査: 倍率と、くり返し。"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOM = Path(__file__).resolve().parents[1] / "benchmarks" / "lighthouse.py"


@pytest.fixture(scope="module")
def lighthouse() -> ModuleType:
    """測定の部屋。パッケージではないので、場所から読む。"""
    spec = importlib.util.spec_from_file_location("measured_lighthouse", ROOM)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("index", "slower"), [(1750, 4), (875, 2), (3500, 8), (437.5, 1), (100, 1)])
def test_the_slowdown_follows_the_machine(lighthouse: ModuleType, index: float, slower: float) -> None:
    assert lighthouse.slowdown(index) == slower


@pytest.mark.parametrize(
    ("scores", "found", "left"), [([99, 100], 99, 1), ([97, 98, 100], 98, 1), ([90, 97, 95, 100], 97, 1)]
)
def test_it_stops_when_it_is_enough_and_after_three(
    lighthouse: ModuleType, scores: list[int], found: int, left: int
) -> None:
    answers: Iterator[int] = iter(scores)
    judge = object.__new__(lighthouse.Lighthouse)
    judge.ask = lambda address: lighthouse.Rating(next(answers), 1.0, 0.0, 1000.0)
    assert judge.best("", lambda seen: seen.score >= 98).score == found
    assert len(list(answers)) == left

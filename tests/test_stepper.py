"""一歩ずつの図の検査: 入っている値、ページの計算と言葉、ブラウザでの動き。"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from asking import Ask, asking
from selenium import webdriver
from test_engine import PAIRS, drawn, plain

from backprop.activations import ACTIVATIONS
from backprop.interactive.formula import mathml
from backprop.interactive.stepping.plan import plan
from backprop.interactive.stepping.values import round_trip
from backprop.network import Network

PARTS = ("engine", "formula", "trip", "plan")
PLAN = """q.map(state => {
  const t = trip.trip(state);
  const text = step => step.sums(t).map(line => line.replaceAll(/ data-name="[^"]*"/g, '').replaceAll('<span>', ''));
  return plan.plan(t).map(step => ({ ...step, sums: text(step), formulas: step.formulas.map(formula.mathml) }));
})"""


@pytest.fixture(scope="module")
def ask(browser: webdriver.Chrome) -> Iterator[Ask]:
    with asking(browser, *PARTS) as made:
        yield made


def every_kind() -> Iterator[tuple[Network, Any, Any, int, bool]]:
    """すべての活性化関数と損失の組。一つの例と、全例。"""
    for n, (pair, hidden) in enumerate(product(PAIRS, ACTIVATIONS)):
        net, X, Y = drawn(n, pair, hidden)
        for batch in (False, True):
            yield net, X, Y, n % X.shape[1], batch


class TestWords:
    """ページの書く手順は、Python の書く手順と、一字も違わない。"""

    def test_every_step_of_every_kind(self, ask: Ask) -> None:
        cases = list(every_kind())
        states = [plain(net, X, Y, rate=0.25, shown=n, batch=batch) for net, X, Y, n, batch in cases]
        answers = ask(PLAN, states)
        count = 0
        for (net, X, Y, n, batch), answer in zip(cases, answers, strict=True):
            t = round_trip(net, X, Y, 0.25, n, batch)
            steps = list(plan(t))
            assert [step["title"] for step in answer] == [step.title for step in steps]
            for given, step in zip(answer, steps, strict=True):
                expected = {
                    "phase": step.phase, "see": step.see, "shapes": step.shapes, "note": step.note,
                    "shows": list(step.shows), "nodes": list(step.nodes), "wires": list(step.wires),
                    "way": step.way, "formulas": [mathml(f) for f in step.formulas],
                }  # fmt: skip
                assert {name: given[name] for name in expected} == expected, (net, step.title)
                lines = [unmarked(line) for line in step.sums(t)]
                assert [unmarked(line) for line in given["sums"]] == lines, (net, step.title)
                count += len(lines)
        assert count > 5000


def unmarked(line: str) -> str:
    """色のない数の印を除く。"""
    return line.replace("</span>", "").replace('<span class="f">', "‹f›").replace('<span class="b">', "‹b›")

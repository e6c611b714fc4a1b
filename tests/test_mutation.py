"""変異の検査（make mutants）の名簿は、いまのコードを指している。変異そのものは、ここでは走らせない。"""

from __future__ import annotations

import ast

import pytest
from mutation import run

KNOWN = run.reasons(list(run.TESTS))


def lines(module: str, function: str) -> list[str]:
    """その関数やクラスに属する行。空白は、名簿と同じに詰める。"""
    text = (run.ROOT / run.source(module)).read_text(encoding="utf-8")
    tree = ast.parse(text)
    numbered = enumerate(text.splitlines(), start=1)
    return [" ".join(line.split()) for row, line in numbered if run.place(tree, row) == function]


@pytest.mark.parametrize("mutation", KNOWN, ids=lambda mutation: f"{mutation.module}-{mutation.new}")
def test_every_equivalent_mutation_points_at_a_line_of_the_source(mutation: run.Mutation) -> None:
    assert mutation.old in lines(mutation.module, mutation.function)
    assert mutation.new != mutation.old
    assert KNOWN[mutation]


def test_places_have_the_names_of_functions_and_classes() -> None:
    tree = ast.parse("x = 1\n\n@d\nclass A:\n    @e\n    def f(self):\n        return 1\n")
    assert [run.place(tree, row) for row in range(1, 8)] == ["", "", "A", "A", "A.f", "A.f", "A.f"]


def test_survivors_and_stale_entries_are_complaints() -> None:
    new, listed, killed = (run.Mutation("steps", "update", "a - b", f"a {sign} b") for sign in "+*/")
    verdicts = {new: "survived", listed: "survived", killed: "killed"}
    found = [run.Outcome(mutation, verdict, "") for mutation, verdict in verdicts.items()]
    problems = run.complaints(found, {listed: "理由", killed: "理由"})
    assert [problem.split("\n")[0] for problem in problems] == [
        "検査が気づかない変異です: steps.update",
        "equivalent.toml にありますが、生き残りません: steps.update",
    ]
    assert run.count("steps", found, {listed: "理由"}) == {
        "mutants": 3,
        "killed": 1,
        "timeout": 0,
        "equivalent": 1,
        "survived": 1,
    }

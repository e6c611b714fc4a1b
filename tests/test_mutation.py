"""変異の検査（make mutants）の部品。変異そのものは、ここでは走らせない。"""

from __future__ import annotations

import ast
import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import parso
import pytest
from mutation import kinds, operators, outcomes, record, rooms, run, swap

KNOWN = outcomes.reasons()


# ── 名簿 ──────────────────────────────────────────────────────


def lines(module: str, function: str) -> list[str]:
    """その関数やクラスに属する行。空白は、名簿と同じに詰める。"""
    text = (rooms.ROOT / rooms.source(module)).read_text(encoding="utf-8")
    tree = ast.parse(text)
    numbered = enumerate(text.splitlines(), start=1)
    return [" ".join(line.split()) for row, line in numbered if outcomes.place(tree, row) == function]


@pytest.mark.parametrize("mutation", KNOWN, ids=lambda mutation: f"{mutation.module}-{mutation.new}")
def test_every_equivalent_mutation_points_at_a_line_of_the_source(mutation: outcomes.Mutation) -> None:
    assert f"\n{mutation.old}\n" in "\n".join(["", *lines(mutation.module, mutation.function), ""])
    assert mutation.new != mutation.old
    assert mutation.module in rooms.TESTS
    assert KNOWN[mutation]


def test_places_have_the_names_of_functions_and_classes() -> None:
    tree = ast.parse("x = 1\n\n@d\nclass A:\n    @e\n    def f(self):\n        return 1\n")
    assert [outcomes.place(tree, row) for row in range(1, 8)] == ["", "", "A", "A", "A.f", "A.f", "A.f"]


# ── 変異の作り方 ──────────────────────────────────────────────


def mutated(operator: str, code: str) -> list[str]:
    """その種類の変異をした、すべてのコード。"""
    changer = operators.OPERATORS[operator]()
    found, tree = [], parso.parse(f"{code}\n")
    for node in nodes(tree):
        for number, (start, end) in enumerate(changer.mutation_positions(node)):
            rows = code.splitlines()
            assert start[0] == end[0], "この検査のコードは、一行の節だけを変える"
            row = rows[start[0] - 1]
            new = changer.mutate(node, number).get_code(include_prefix=False)
            rows[start[0] - 1] = row[: start[1]] + new + row[end[1] :]
            found.append("\n".join(rows))
    return found


def nodes(tree: parso.tree.NodeOrLeaf) -> list[parso.tree.NodeOrLeaf]:
    """木のすべての節。"""
    return [tree, *(node for child in getattr(tree, "children", []) for node in nodes(child))]


@pytest.mark.parametrize(
    ("operator", "code", "expected"),
    [
        ("ScaleTolerance", "x <= 1e-12", ["x <= 1e-11", "x <= 1e-13"]),
        ("ScaleTolerance", "x + 0.01", ["x + 0.1", "x + 0.001"]),
        ("ScaleTolerance", "x * 0.5 + 2 + 0.0", []),
        ("DropRaise", "if x: raise ValueError(x)", ["if x: pass"]),
        ("DropRaise", "try: f()\nexcept E: raise", ["try: f()\nexcept E: pass"]),
        ("DropRaise", "try: f()\nexcept E: raise F from None", ["try: f()\nexcept E: pass"]),
        ("DropCall", "check(x)", ["()"]),
        ("DropCall", "a.check(x), b.check(y)", ["(), b.check(y)", "a.check(x), ()"]),
        ("DropCall", "y = check(x)\nreturn check(y)\na[check(x)]", []),
        ("DropFilter", "[x for x in y if x > 0]", ["[x for x in y if True]"]),
        ("DropFilter", "x if y else z", []),
    ],
)
def test_mutations_of_the_house(operator: str, code: str, expected: list[str]) -> None:
    assert mutated(operator, code) == expected


def test_every_operator_has_a_kind() -> None:
    names = [
        "core/ReplaceUnaryOperator_Delete_Not",
        "core/ReplaceTrueWithFalse",
        "core/AddNot",
        "core/NumberReplacer",
    ]
    assert [kinds.kind(name) for name in names] == ["演算", "条件", "条件", "数"]
    assert {kinds.kind(f"house/{name}") for name in operators.OPERATORS} <= set(kinds.KINDS)


# ── 差し替え ──────────────────────────────────────────────────

CODE = """\
@decorated(1)
def f(x,
      y=2):
    if x and (
        y
    ):
        return 1
    def g():
        raise ValueError(
            x)
    return g
"""


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        ("decorated(1)", "decorated(2)", {1, 2, 3}),
        ("y=2", "y=3", {1, 2, 3}),
        ("        y\n", "        not y\n", {4, 5, 6}),
        ("return 1", "return 2", {7}),
        ("raise ValueError(\n            x)", "pass", {9, 10}),
        ("return g", "return not g", {11}),
    ],
)
def test_a_changed_statement_is_all_of_its_lines_but_those_inside(old: str, new: str, rows: set[int]) -> None:
    assert CODE.count(old) == 1
    assert swap.changed_rows(CODE, CODE.replace(old, new)) == rows


def test_functions_are_changed_where_they_are() -> None:
    """クラスの中でも、つくってある閉包でも、飾りの内側でも、同じ関数の中身が変わる。"""
    old = "class A:\n    def f(self):\n        return 1\ndef outer(x):\n    return lambda: x + 1\n"
    names: dict[str, Any] = {}
    exec(compile(old, "swapped.py", "exec", dont_inherit=True), names)
    made, closed = names["A"](), names["outer"](2)
    functions = swap.functions_of("swapped.py")
    assert {function.__name__ for function in functions} == {"f", "outer", "<lambda>"}
    swap.replace("swapped.py", old, old.replace("x + 1", "x - 1").replace("return 1", "return 5"), functions)
    assert (made.f(), closed(), names["outer"](0)()) == (5, 1, -1)
    with pytest.raises(ValueError, match="関数の数"):
        swap.replace("swapped.py", old, old.replace("lambda: x + 1", "x"), functions)


def test_tests_that_kill_much_for_their_time_come_first() -> None:
    """時間のわりに、それまでよく落ちたもの。まだ落ちたことのないものは、いちばん後で、どれも同じ。"""
    tests = [(0, 5.0), (3, 1.0), (1, 0.1), (3, 0.1)]
    first = sorted(tests, key=lambda one: swap.promising(*one))
    assert first == [(3, 0.1), (1, 0.1), (3, 1.0), (0, 5.0)]
    assert swap.promising(0, 0.1) == swap.promising(0, 9.0)


# ── 結末と記録 ────────────────────────────────────────────────


def mutation(sign: str) -> outcomes.Mutation:
    return outcomes.Mutation("steps", "update", "a - b", f"a {sign} b")


def outcome(sign: str, verdict: str) -> outcomes.Outcome:
    return outcomes.Outcome(mutation(sign), "演算", verdict, "")


def test_survivors_and_stale_entries_are_complaints() -> None:
    found = [
        outcome("+", "survived"),
        outcome("*", "survived"),
        outcome("*", "survived"),
        outcome("/", "killed"),
    ]
    alive = outcomes.survivors(found)
    assert alive == {mutation("+"): 1, mutation("*"): 2}
    problems = outcomes.complaints(alive, {mutation("*"), mutation("/")})
    assert [problem.split("\n")[0] for problem in problems] == [
        "検査が気づかない変異です: steps.update",
        "equivalent.toml にありますが、生き残りません: steps.update",
    ]
    assert outcomes.counts([*found, outcome("%", "timeout")]) == {"mutants": 5, "killed": 2, "timeout": 1}


def test_only_what_has_no_reason_is_measured_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--again`` は、生き残ったもののうち、理由のないものだけをかけなおす。"""
    monkeypatch.setattr(outcomes, "reasons", lambda: {outcomes.Mutation("steps", "", "a", "b"): "同じ"})
    session = tmp_path / "session.sqlite"
    with contextlib.closing(sqlite3.connect(session)) as database, database:
        database.execute("CREATE TABLE mutation_specs (job_id, start_pos_row, diff)")
        database.execute("CREATE TABLE work_results (job_id, output)")
        for job, new, output in (
            ("落ちた", "c", "killed: x"),
            ("理由あり", "b", "survived"),
            ("理由なし", "c", "survived"),
            ("時間切れ", "d", "timeout"),
        ):
            database.execute("INSERT INTO mutation_specs VALUES (?, 1, ?)", (job, f"-a\n+{new}\n"))
            database.execute("INSERT INTO work_results VALUES (?, ?)", (job, output))
    outcomes.forget_survivors("steps", session)
    with contextlib.closing(sqlite3.connect(session)) as database:
        kept = [job for (job,) in database.execute("SELECT job_id FROM work_results")]
    assert kept == ["落ちた", "理由あり", "時間切れ"]


@pytest.fixture
def score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """まだ何も測っていない記録。"""
    monkeypatch.setattr(record, "SCORE", tmp_path / "score.json")
    return tmp_path / "score.json"


def test_results_are_written_room_by_room(score: Path) -> None:
    assert record.stale("steps")
    for module in ("steps", "checks", "steps"):
        record.write(
            module, rooms.digests(module), [outcome("+", "survived"), outcome("*", "killed")], "8.7.0"
        )
    written = json.loads(score.read_text(encoding="utf-8"))
    assert list(written["modules"]) == ["checks", "steps"]
    assert written["modules"]["steps"]["kinds"] == {"演算": 2}
    assert not record.stale("steps")
    assert record.stale("losses")
    assert record.alive(["steps", "losses"]) == {mutation("+"): 1}


@pytest.mark.parametrize("changed", ["source", "tests", "operators"])
def test_only_what_has_changed_is_measured_again(score: Path, changed: str) -> None:
    for module in rooms.TESTS:
        digests = rooms.digests(module) | ({changed: "前の"} if module == "losses" else {})
        record.write(module, digests, [outcome("*", "killed")], "8.7.0")
    assert run.chosen(run.PARSER.parse_args([])) == ["losses"]
    assert run.chosen(run.PARSER.parse_args(["--module", "steps"])) == ["steps"]
    assert run.chosen(run.PARSER.parse_args(["--force"])) == list(rooms.TESTS)


def test_digests_tell_the_source_from_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rooms.digests("symbolic.sums")
    for name in (
        "src/backprop/symbolic/sums.py",
        "tests/test_symbolic.py",
        "tests/test_odd_calls.py",
        rooms.OPERATORS,
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((rooms.ROOT / name).read_bytes())
    monkeypatch.setattr(rooms, "ROOT", tmp_path)
    assert rooms.digests("symbolic.sums") == before
    with (tmp_path / "tests/test_symbolic.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    now = rooms.digests("symbolic.sums")
    assert [name for name in now if now[name] != before[name]] == ["tests"]


def test_what_may_be_imported_before_the_mutation() -> None:
    free = run.untouched("symbolic.sums")
    assert {"backprop", "backprop.network", "backprop.training.single"} <= set(free)
    assert not [name for name in free if name.startswith(("backprop.symbolic", "backprop.judges"))]
    assert "backprop.losses" not in run.untouched("activations")
    assert run.untouched("arguments") == ["backprop"]
    assert not [name for name in run.untouched("network") if name.startswith("backprop.exercises.bank")]

"""変異の結末: cosmic-ray の記録を読み、名簿（`equivalent.toml`）と突き合わせる。"""

from __future__ import annotations

import ast
import contextlib
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutation.kinds import kind
from mutation.rooms import HERE, ROOT, source

EQUIVALENT = HERE / "equivalent.toml"


@dataclass(frozen=True)
class Mutation:
    """一つの変異。行の番号によらず、関数と、変わる前と後の行で見分ける。"""

    module: str
    function: str
    old: str
    new: str

    def __str__(self) -> str:
        where = ".".join(filter(None, [self.module, self.function]))
        return f"{where}\n    - {self.old}\n    + {self.new or '（なくす）'}"


@dataclass(frozen=True)
class Outcome:
    """一つの変異の種類、結末（``killed``、``timeout``、``survived``）、それを見つけた検査。"""

    mutation: Mutation
    kind: str
    verdict: str
    killer: str


class Failed(Exception):
    """変異を調べることができなかった。"""


def read(module: str, session: Path) -> list[Outcome]:
    """cosmic-ray の記録を読む。"""
    query = (
        "SELECT operator_name, start_pos_row, diff, output"
        " FROM mutation_specs JOIN work_results USING (job_id)"
        " WHERE worker_outcome != 'SKIPPED' ORDER BY start_pos_row, start_pos_col, operator_name, occurrence"
    )
    with contextlib.closing(sqlite3.connect(session)) as database:
        rows = database.execute(query).fetchall()
    tree = ast.parse((ROOT / source(module)).read_text(encoding="utf-8"))
    found = []
    for operator, row, diff, output in rows:
        verdict, _, killer = output.strip().partition(": ")
        if verdict not in ("killed", "timeout", "survived"):
            raise Failed(f"{module}: 検査が走りませんでした。\n{output}")
        mutation = Mutation(module, place(tree, row), changed(diff, "-"), changed(diff, "+"))
        found.append(Outcome(mutation, kind(operator), verdict, killer))
    return found


def forget_survivors(module: str, session: Path) -> None:
    """生き残った変異のうち、理由のないものの記録を消す。cosmic-ray は、記録のない変異だけを検査にかける。"""
    known = reasons()
    query = (
        "SELECT job_id, start_pos_row, diff FROM mutation_specs JOIN work_results USING (job_id)"
        " WHERE output LIKE 'survived%'"
    )
    tree = ast.parse((ROOT / source(module)).read_text(encoding="utf-8"))
    with contextlib.closing(sqlite3.connect(session)) as database, database:
        for job, row, diff in database.execute(query).fetchall():
            if Mutation(module, place(tree, row), changed(diff, "-"), changed(diff, "+")) not in known:
                database.execute("DELETE FROM work_results WHERE job_id = ?", (job,))


def place(tree: ast.AST, row: int) -> str:
    """行のある関数やクラスの名前（``Adam.rate`` など）。デコレーターは、飾るものに含める。"""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first <= row <= node.end_lineno:
                return ".".join(filter(None, [node.name, place(node, row)]))
    return ""


def changed(diff: str, sign: str) -> str:
    """差分のうち、消えた行（``-``）か現れた行（``+``）。cosmic-ray の入れる余分な空白は除く。"""
    marked = (line for line in diff.splitlines() if line.startswith(sign) and not line.startswith(sign * 3))
    return "\n".join(filter(None, (" ".join(line[1:].split()) for line in marked)))


# ── 名簿と突き合わせる ────────────────────────────────────────


def reasons() -> dict[Mutation, str]:
    """意味の変わらない変異と、その理由。"""
    table = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("equivalent", [])
    return {
        Mutation(entry["module"], entry["function"], entry["old"], new): entry["reason"]
        for entry in table
        for new in entry["new"]
    }


def survivors(found: Iterable[Outcome]) -> Counter[Mutation]:
    """生き残った変異。同じ行の同じ変わり方がいくつかあれば、その数。"""
    return Counter(outcome.mutation for outcome in found if outcome.verdict == "survived")


def complaints(alive: Iterable[Mutation], known: Iterable[Mutation]) -> list[str]:
    """並んでいないのに生き残った変異と、並んでいるのに生き残らなかった変異。"""
    alive, known = set(alive), set(known)
    unexpected = [f"検査が気づかない変異です: {mutation}" for mutation in alive - known]
    stale = [f"equivalent.toml にありますが、生き残りません: {mutation}" for mutation in known - alive]
    return sorted(unexpected) + sorted(stale)


def counts(found: Sequence[Outcome]) -> dict[str, int]:
    """変異の数と、検査が落ちた数。終わらない変異は、落ちたものに含む。"""
    verdicts = Counter(outcome.verdict for outcome in found)
    return {
        "mutants": len(found),
        "killed": verdicts["killed"] + verdicts["timeout"],
        "timeout": verdicts["timeout"],
    }

"""計算するか決めるコードを cosmic-ray で変異させ、検査がどれだけ気づくかを数える。``make mutants`` が呼ぶ。

変異は、コードの演算子、数、条件、デコレーターなどを一つだけ変えたもの。どの変異でも、検査が少なくとも一つ
落ちなければならない。落とせない変異は、意味が変わらない理由を添えて `equivalent.toml` に並べる。並んでいない
変異が生き残ったとき、並んでいる変異が生き残らなくなったときは失敗する。

すべての部屋を調べて失敗がなければ、結果を `score.json` に書く。``--module 部屋`` なら、その部屋だけを調べて
表を出すだけにする。検査を書き足したあとは、``--again`` で、前の回に落ちなかった変異だけをかけなおせる。
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import datetime
import json
import os
import platform
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "_build" / "mutation"
TOOL = WORK / "venv" / "bin" / "python"
SCORE = HERE / "score.json"
EQUIVALENT = HERE / "equivalent.toml"
COPIED = ("src", "tests", "tools", "_ext", "pyproject.toml")
ASK = (sys.executable, "-I", HERE / "ask.py", "judge.sock")
ORIGINAL = "original.py"
SECONDS = 240
"""一つの変異にかける時間の限界。終わらない変異は、落ちたものと数える。"""

# 計算するか決めるファイルのすべてと、その検査。ほかの検査も変異に気づくことがあるが、それは数えない。
TESTS = {
    "arguments": ["bad_input"],
    "checks": ["bad_input"],
    "activations": ["activations"],
    "losses": ["losses"],
    "initialisers": ["initialisers"],
    "steps": ["steps"],
    "network": ["network"],
    "optimizers.base": ["optimizers", "optimizers_reference"],
    "optimizers.rules": ["optimizers", "optimizers_reference"],
    "optimizers.schedules": ["optimizers"],
    "autodiff.operation": ["autodiff"],
    "autodiff.operations": ["autodiff"],
    "autodiff.nodes": ["autodiff"],
    "autodiff.graph": ["autodiff"],
    "datasets": ["datasets"],
    "training.ensemble": ["training"],
    "training.history": ["training"],
    "training.inputs": ["training"],
    "training.kernels": ["training"],
    "training.passes": ["training"],
    "training.single": ["training"],
    "curvature": ["curvature"],
    "symbolic.evaluation": ["symbolic"],
    "symbolic.functions": ["symbolic"],
    "symbolic.identities": ["symbolic"],
    "symbolic.left_sides": ["symbolic"],
    "symbolic.matrices": ["symbolic"],
    "symbolic.network": ["symbolic"],
    "symbolic.notation": ["symbolic"],
    "symbolic.six_steps": ["symbolic"],
    "symbolic.sums": ["symbolic"],
    "symbolic.typesetting": ["symbolic"],
    "symbolic.wrong_forms": ["mutants"],
    "judges.cases": ["seal"],
    "judges.differences": ["gradcheck"],
    "judges.errors": ["gradcheck"],
    "judges.gradcheck": ["gradcheck"],
    "judges.places": ["gradcheck"],
    "judges.reports": ["gradcheck"],
    "judges.sealing": ["seal"],
    "judges.museum.exhibit": ["museum"],
    "judges.museum.judging": ["museum"],
    "judges.museum.mistakes": ["museum"],
    "judges.museum.parts": ["museum"],
    "judges.museum.stages": ["museum"],
}

WITHOUT_REFUSALS = {"arguments", "checks", "symbolic"}
"""`tests/test_bad_input.py` の表に、行を持たない部屋。"""

CONFIGURATION = """\
[cosmic-ray]
module-path = "{path}"
timeout = {seconds}.0
excluded-modules = []
test-command = "{command}"

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = [
    # | は、ほとんどが型の注釈で、実行されない。
    "core/ReplaceBinaryOperator_BitOr_.*",
    # 浮動小数点数の配列では、計算する前に TypeError になる。
    "core/ReplaceBinaryOperator_.*_(BitOr|BitAnd|BitXor|LShift|RShift)",
    # 演算は四則の中で入れ替える。
    "core/ReplaceBinaryOperator_.*_(FloorDiv|Mod|Pow)",
    # 数や文字列が同じ物かどうかは、Python の処理系の都合で決まる。
    "core/ReplaceComparisonOperator_(Eq|NotEq|Lt|LtE|Gt|GtE)_Is(Not)?",
]
"""


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
    """一つの変異の結末（``killed``、``timeout``、``survived``）と、それを見つけた検査。"""

    mutation: Mutation
    verdict: str
    killer: str


class Failed(Exception):
    """変異を調べることができなかった。"""


# ── 一つの部屋を調べる ────────────────────────────────────────


def stages(module: str) -> list[list[str]]:
    """検査を走らせる順。はじめに doctest とその部屋の検査、次に、その部屋に誤った引数を渡す検査。"""
    own = [source(module), *(f"tests/test_{name}.py" for name in TESTS[module])]
    room = module.partition(".")[0]
    refusals = ["-k", f"{room}.", "tests/test_bad_input.py"]
    return [own] if room in WITHOUT_REFUSALS else [own, refusals]


def copy(ground: Path) -> None:
    """変異させてよい、作業ツリーの写し。"""
    shutil.rmtree(ground, ignore_errors=True)
    ground.mkdir(parents=True)
    unwanted = shutil.ignore_patterns("__pycache__", "node_modules", "mutation")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, ground / name, ignore=unwanted)
        else:
            shutil.copy(ROOT / name, ground)


@contextlib.contextmanager
def judge(module: str, ground: Path) -> Iterator[None]:
    """検査を走らせる常駐のプロセスを立てる。"""
    command = [sys.executable, HERE / "judge.py", "judge.sock", str(SECONDS), json.dumps(stages(module))]
    environment = {**os.environ, "PYTHONPATH": str(ground / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with subprocess.Popen(command, cwd=ground, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            while not (ground / "judge.sock").exists():
                if process.poll() is not None:
                    raise Failed(f"{module}: 検査のプロセスが始まりません。")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def ask(ground: Path) -> str:
    """変異のないままで検査にかける。"""
    return subprocess.run(ASK, cwd=ground, capture_output=True, encoding="utf-8", check=False).stdout.strip()


def tool(ground: Path, module: str, *arguments: str) -> str:
    """cosmic-ray のモジュールを命令として呼び、その出力を返す。"""
    command = [TOOL, "-m", module, *arguments]
    result = subprocess.run(command, cwd=ground, capture_output=True, encoding="utf-8", check=False)
    if result.returncode:
        raise Failed(f"{module} {' '.join(arguments)} が失敗しました。\n{result.stdout}{result.stderr}")
    return result.stdout


def examine(module: str, again: bool) -> list[Outcome]:
    """一つの部屋のすべての変異を、または前の回に落ちなかった変異だけを、検査にかける。"""
    ground = WORK / module
    session = ground / "session.sqlite"
    before = remembered(module, session) if again else None
    copy(ground)
    shutil.copy(ROOT / source(module), ground / ORIGINAL)
    if before:
        session.write_bytes(before)
    command = shlex.join(map(str, ASK))
    settings = CONFIGURATION.format(path=source(module), seconds=SECONDS + 60, command=command)
    (ground / "cosmic-ray.toml").write_text(settings, encoding="utf-8")
    with judge(module, ground):
        if (verdict := ask(ground)) != "survived":
            raise Failed(f"{module}: 変異のないままで検査が落ちます: {verdict}")
        folder = (ground / source(module)).parent / "__pycache__"
        for compiled in folder.glob(f"{module.rpartition('.')[2]}.*"):
            compiled.unlink()
        if before:
            forget_survivors(session)
        else:
            tool(ground, "cosmic_ray.cli", "init", "cosmic-ray.toml", session.name)
            tool(ground, "cosmic_ray.tools.filters.operators_filter", session.name, "cosmic-ray.toml")
        tool(ground, "cosmic_ray.cli", "exec", "cosmic-ray.toml", session.name)
    return outcomes(module, session)


def source(module: str) -> str:
    """部屋のコードの置き場所。"""
    return f"src/backprop/{module.replace('.', '/')}.py"


def remembered(module: str, session: Path) -> bytes | None:
    """前の回の記録。コードが変わっていれば、どの変異のことだったかがもうわからないので使わない。"""
    original = session.with_name(ORIGINAL)
    if not session.exists() or not original.exists():
        return None
    return session.read_bytes() if original.read_bytes() == (ROOT / source(module)).read_bytes() else None


def forget_survivors(session: Path) -> None:
    """生き残った変異の記録を消す。cosmic-ray は、記録のない変異だけを検査にかける。"""
    with contextlib.closing(sqlite3.connect(session)) as database, database:
        database.execute("DELETE FROM work_results WHERE output LIKE 'survived%'")


def outcomes(module: str, session: Path) -> list[Outcome]:
    """cosmic-ray の記録を読む。"""
    query = (
        "SELECT start_pos_row, diff, output FROM mutation_specs JOIN work_results USING (job_id)"
        " WHERE worker_outcome != 'SKIPPED' ORDER BY start_pos_row, start_pos_col, operator_name, occurrence"
    )
    with contextlib.closing(sqlite3.connect(session)) as database:
        rows = database.execute(query).fetchall()
    tree = ast.parse((ROOT / source(module)).read_text(encoding="utf-8"))
    found = []
    for row, diff, output in rows:
        verdict, _, killer = output.strip().partition(": ")
        if verdict not in ("killed", "timeout", "survived"):
            raise Failed(f"{module}: 検査が走りませんでした。\n{output}")
        old, new = changed(diff, "-"), changed(diff, "+")
        found.append(Outcome(Mutation(module, place(tree, row), old, new), verdict, killer))
    return found


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


# ── 結果を突き合わせる ────────────────────────────────────────


def reasons(modules: Sequence[str]) -> dict[Mutation, str]:
    """意味の変わらない変異と、その理由。"""
    table = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("equivalent", [])
    return {
        Mutation(entry["module"], entry["function"], entry["old"], new): entry["reason"]
        for entry in table
        if entry["module"] in modules
        for new in entry["new"]
    }


def complaints(found: Sequence[Outcome], known: dict[Mutation, str]) -> list[str]:
    """並んでいないのに生き残った変異と、並んでいるのに生き残らなかった変異。"""
    alive = {outcome.mutation for outcome in found if outcome.verdict == "survived"}
    unexpected = [f"検査が気づかない変異です: {mutation}" for mutation in alive if mutation not in known]
    stale = [f"equivalent.toml にありますが、生き残りません: {mutation}" for mutation in known if mutation not in alive]
    return sorted(unexpected) + sorted(stale)


def count(module: str, found: Sequence[Outcome], known: dict[Mutation, str]) -> dict[str, int]:
    """部屋ごとの数。終わらない変異は、落ちたものに含む。"""
    own = [outcome for outcome in found if outcome.mutation.module == module]
    verdicts = Counter(outcome.verdict for outcome in own)
    equivalent = sum(outcome.verdict == "survived" and outcome.mutation in known for outcome in own)
    return {
        "mutants": len(own),
        "killed": verdicts["killed"] + verdicts["timeout"],
        "timeout": verdicts["timeout"],
        "equivalent": equivalent,
        "survived": verdicts["survived"] - equivalent,
    }


def table(rows: dict[str, dict[str, int]]) -> str:
    """部屋ごとの数と、合わせた点数。"""
    total = Counter()
    lines = [f"{'部屋':<12}  変異  検査が落ちた（うち時間切れ）  意味が同じ  生き残り    点数"]
    for name, row in rows.items():
        total.update(row)
        lines.append(line(name, row))
    return "\n".join([*lines, line("合計", total)])


def line(name: str, row: dict[str, int]) -> str:
    different = row["mutants"] - row["equivalent"]
    score = f"{row['killed'] / different:8.2%}" if different else "       –"
    killed = f"{row['killed']:12d}（{row['timeout']}）"
    return f"{name:<14}{row['mutants']:6d}{killed}{row['equivalent']:22d}{row['survived']:10d}{score}"


def record(rows: dict[str, dict[str, int]], found: Sequence[Outcome], known: dict[Mutation, str]) -> None:
    """本の一ページのもとになる記録。"""
    times = Counter(outcome.mutation for outcome in found if outcome.verdict == "survived")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    content = {
        "date": datetime.date.today().isoformat(),
        "versions": {
            "backprop": project["version"],
            "cosmic-ray": tool(WORK, "cosmic_ray.cli", "--version").split()[-1],
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "sympy", "pytest", "autograd")},
        },
        "modules": rows,
        "equivalent": [{**vars(mutation), "count": times[mutation]} for mutation in known],
    }
    SCORE.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="計算するか決めるコードの変異を検査にかける")
    parser.add_argument("--module", choices=TESTS, help="この部屋だけを調べる（score.json は書かない）")
    parser.add_argument("--again", action="store_true", help="コードが前の回と同じなら、生き残った変異と、まだの変異だけを調べる")
    arguments = parser.parse_args()
    modules = [arguments.module] if arguments.module else list(TESTS)
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            everything = pool.map(examine, modules, [arguments.again] * len(modules))
            found = [outcome for results in everything for outcome in results]
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    known = reasons(modules)
    rows = {module: count(module, found, known) for module in modules}
    print(table(rows))
    if problems := complaints(found, known):
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    if not arguments.module:
        record(rows, found, known)
        print(f"{SCORE.relative_to(ROOT)} に書きました。")
    return 0


if __name__ == "__main__":
    sys.exit(main())

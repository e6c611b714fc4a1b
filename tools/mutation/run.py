"""計算するか決めるコードを cosmic-ray で変異させ、検査がどれだけ気づくかを数える。``make mutants`` が呼ぶ。

変異は、コードの演算子、数、条件、例外などを一つだけ変えたもの（`kinds.py`）。どの変異でも、検査が少なくとも一つ
落ちなければならない。落とせない変異は、意味が変わらない理由を添えて `equivalent.toml` に並べる。並んでいない
変異が生き残ったとき、並んでいる変異が生き残らなくなったときは失敗する。

測るのは、前に測ってからコードか検査か変異の作り方の変わった部屋だけで、終わった部屋から `score.json` に書く。
``--module 部屋`` なら、その部屋だけを、変わっていなくても測る。検査を書き足したあとは、``--again`` で、前の回に
落ちず、理由も書いていない変異と、まだの変異だけをかけなおせる。
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mutation import record
from mutation.kinds import EXCLUDED
from mutation.outcomes import Failed, Outcome, complaints, forget_survivors, read, reasons
from mutation.rooms import HERE, ROOT, TESTS, digests, source, stages

WORK = ROOT / "_build" / "mutation"
TOOL = WORK / "venv" / "bin" / "python"
COPIED = ("src", "tests", "tools", "_ext", "chapters", "_toc.yml", "pyproject.toml")
ASK = (sys.executable, "-I", HERE / "ask.py", "judge.sock")
ORIGINAL = "original.py"
PACKAGE = ROOT / "src" / "backprop"
SECONDS = 1800
"""一つの変異にかける時間の限界。検査ごとの限界は `swap.py` にあり、これは、CPU を使わずに止まる検査のためのもの。"""

CONFIGURATION = """\
[cosmic-ray]
module-path = "{path}"
timeout = {seconds}.0
excluded-modules = []
test-command = "{command}"

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = {excluded}
"""


# ── 一つの部屋を調べる ────────────────────────────────────────


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


def untouched(module: str) -> list[str]:
    """変異させる部屋を、間接にも取り込まないモジュール。審判のプロセスが、先に取り込んでおいてよい。"""
    names = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in PACKAGE.rglob("*.py")
    }
    uses = {name: _imported(path, names) | _enclosing(name) for name, path in names.items()}
    # 名前を組み立てて取り込むものは、何を取り込むかが読めない。
    unreadable = {name for name, path in names.items() if "import_module" in path.read_text(encoding="utf-8")}
    touched = {f"backprop.{module}"} | unreadable
    while reached := {name for name, used in uses.items() if name not in touched and used & touched}:
        touched |= reached
    return sorted(names.keys() - touched)


def _imported(path: Path, names: dict[str, Path]) -> set[str]:
    """ファイルの取り込むモジュール。``from a import b`` の ``b`` がモジュールなら、``a.b`` も。"""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for used in found for name in (used, *_enclosing(used)) if name in names}


def _enclosing(name: str) -> set[str]:
    """モジュールを取り込むと先に取り込まれる、外側のパッケージ。"""
    parts = name.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts))}


@contextlib.contextmanager
def judge(module: str, ground: Path) -> Iterator[None]:
    """検査を走らせる常駐のプロセスを立てる。"""
    room, steps = module.partition(".")[0], stages(module)
    swap = {
        "source": source(module),
        "files": [name for stage in steps for name in stage if name.endswith(".py")],
        "narrowed": {stage[-1]: f"{room}." for stage in steps if stage[0] == "-k"},
    }
    orders = json.dumps({"seconds": SECONDS, "preloaded": untouched(module), "swap": swap})
    environment = {**os.environ, "PYTHONPATH": str(ground / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, HERE / "judge.py", "judge.sock", orders]
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


def tool(ground: Path, program: str, *arguments: str) -> str:
    """cosmic-ray の命令を呼び、その出力を返す。``program`` は、モジュールの名前か、ファイル。"""
    command = [TOOL, *(["-m", program] if not program.endswith(".py") else [program]), *arguments]
    result = subprocess.run(command, cwd=ground, capture_output=True, encoding="utf-8", check=False)
    if result.returncode:
        raise Failed(f"{program} {' '.join(arguments)} が失敗しました。\n{result.stdout}{result.stderr}")
    return result.stdout


def cosmic_ray(ground: Path, *arguments: str) -> str:
    """この本の変異の種類を足した cosmic-ray。"""
    return tool(ground, str(HERE / "operators.py"), *arguments)


def examine(module: str, again: bool) -> list[Outcome]:
    """一つの部屋のすべての変異を、または前の回に落ちず、理由もない変異だけを、検査にかける。"""
    ground = WORK / module
    session = ground / "session.sqlite"
    before = remembered(module, session) if again else None
    copy(ground)
    shutil.copy(ROOT / source(module), ground / ORIGINAL)
    if before:
        session.write_bytes(before)
    command = shlex.join(map(str, ASK))
    settings = CONFIGURATION.format(
        path=source(module), seconds=SECONDS + 60, command=command, excluded=json.dumps(list(EXCLUDED))
    )
    (ground / "cosmic-ray.toml").write_text(settings, encoding="utf-8")
    with judge(module, ground):
        if (verdict := ask(ground)) != "survived":
            raise Failed(f"{module}: 変異のないままで検査が落ちます: {verdict}")
        folder = (ground / source(module)).parent / "__pycache__"
        for compiled in folder.glob(f"{module.rpartition('.')[2]}.*"):
            compiled.unlink()
        if before:
            forget_survivors(module, session)
        else:
            cosmic_ray(ground, "init", "cosmic-ray.toml", session.name)
            tool(ground, "cosmic_ray.tools.filters.operators_filter", session.name, "cosmic-ray.toml")
        cosmic_ray(ground, "exec", "cosmic-ray.toml", session.name)
    return read(module, session)


def remembered(module: str, session: Path) -> bytes | None:
    """前の回の記録。コードが変わっていれば、どの変異のことだったかがもうわからないので使わない。"""
    original = session.with_name(ORIGINAL)
    if not session.exists() or not original.exists():
        return None
    return session.read_bytes() if original.read_bytes() == (ROOT / source(module)).read_bytes() else None


def measure(module: str, again: bool) -> None:
    """一つの部屋を測り、結果を書き足す。"""
    measured, start = digests(module), time.perf_counter()
    found = examine(module, again)
    record.write(module, measured, found, cosmic_ray(WORK, "--version").split()[-1])
    seconds = time.perf_counter() - start
    print(f"{module}: 変異 {len(found)} 個、{seconds:.0f} 秒", flush=True)


# ── 表 ────────────────────────────────────────────────────────


def table(rows: dict[str, dict[str, Any]]) -> str:
    """部屋ごとの数。"""
    lines = [f"{'部屋':<24}  変異  検査が落ちた（うち時間切れ）  生き残り"]
    for name, row in rows.items():
        left = row["mutants"] - row["killed"]
        lines.append(f"{name:<26}{row['mutants']:6d}{row['killed']:12d}（{row['timeout']}）{left:16d}")
    return "\n".join(lines)


def chosen(arguments: argparse.Namespace) -> list[str]:
    """測る部屋。"""
    if arguments.module:
        return arguments.module
    return [module for module in TESTS if arguments.force or record.stale(module)]


PARSER = argparse.ArgumentParser(description="計算するか決めるコードの変異を検査にかける")
PARSER.add_argument("--module", choices=TESTS, nargs="+", help="これらの部屋だけを測る")
PARSER.add_argument("--force", action="store_true", help="変わっていない部屋も測りなおす")
PARSER.add_argument(
    "--again", action="store_true", help="コードが前の回と同じなら、生き残った変異と、まだの変異だけをかける"
)
PARSER.add_argument("--workers", type=int, default=os.cpu_count(), help="同時に測る部屋の数")


def main() -> int:
    arguments = PARSER.parse_args()
    modules = chosen(arguments)
    try:
        with ThreadPoolExecutor(arguments.workers) as pool:
            list(pool.map(measure, modules, [arguments.again] * len(modules)))
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    rows = record.rows()
    print(table({module: rows[module] for module in modules}))
    known = [mutation for mutation in reasons() if mutation.module in modules]
    problems = complaints(record.alive(modules), known)
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())

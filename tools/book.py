"""本の命令。どのシステムでも同じように働き、make も、シェルも、前もって入れておくものも要らない。

    python tools/book.py            本をつくる（_build/html）
    python tools/book.py test       確かめる
    python tools/book.py lab        章のノートブックを開く
    python tools/book.py --help     ほかの命令

Windows では python の代わりに py と打つ。はじめの一度は、道具を `.venv` にそろえるので数分かかる。
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
OLDEST = (3, 11)
SETTINGS = {
    # 行列の積を並列に計算すると、和の順序が変わって最後の桁が動く。
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # 端末の文字コードにかかわらず、日本語のファイルを読み書きする。
    "PYTHONUTF8": "1",
    "IPYTHONDIR": str(ROOT / "tools" / "ipython"),
    # 書体の一覧の控えも、作業ツリーの中に作らせる。
    "MPLCONFIGDIR": str(ROOT / "_build" / "matplotlib"),
}
FORGOTTEN = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME")
"""読んだコードの控えを残さなくするものと、よそのモジュールを混ぜるもの。"""
COMMANDS = {
    "build": "本をつくる",
    "test": "本をつくり、確かめる（続く言葉は pytest に渡る）",
    "test-site": "できあがったページを、読み、ブラウザで開いて動かす検査",
    "test-long": "長くかかるので test と test-site では飛ばす検査",
    "engines": "三つのブラウザ（Chromium、Firefox、WebKit）ですべてのページを測る検査",
    "formulas": "式の問いの正しい答えと間違いのすべてを、ブラウザの中の Python で判定する検査",
    "pdf": "紙の本（PDF）をつくる（_build/press）",
    "epub": "電子書籍（EPUB）をつくる（_build/press）",
    "downloads": "紙の本と電子書籍をつくり、サイトに置いて、入口のページからつなぐ",
    "test-print": "紙の本と電子書籍をつくり、確かめる（続く言葉は pytest に渡る）",
    "lab": "読者のためのノートブックを notebooks に置いて、JupyterLab で開く",
    "edit": "章の原稿を JupyterLab で直す",
    "watch": "保存するたびに組みなおす下見を、ブラウザで見る",
    "teacher": "練習問題の教員の版（解答と採点のセルつき）を作る（_build/teacher/notebooks）",
    "execute": "章を実行しなおし、決まった形に整えて保存する（章を書かなければ、すべて）",
    "lint": "書き方の検査",
    "environment": "道具をそろえるだけ",
}
TAKING = {
    "test": "pytest に渡す言葉",
    "test-site": "pytest に渡す言葉",
    "test-long": "pytest に渡す言葉",
    "test-print": "pytest に渡す言葉",
    "engines": "pytest に渡す言葉",
    "formulas": "pytest に渡す言葉",
    "execute": "章のファイル",
    "environment": "npm のものも要る tools の中のフォルダ",
}
"""命令のあとに続けてよいもの。"""
TESTS = {
    "test": "not site and not long and not engines and not formulas and not printed",
    "test-site": "site and not long and not engines and not formulas",
    "test-long": "long",
    "test-print": "printed",
}
"""検査の命令と、走らせる検査の印。"""
NODE = {
    "watch": ["math"],
    "lab": ["math", "bundle"],
    **dict.fromkeys(("build", *TESTS, "engines", "formulas"), ["math", "bundle", "pyodide"]),
    **dict.fromkeys(("pdf", "epub", "downloads", "test-print"), ["math", "bundle", "pyodide", "press"]),
}
"""命令に要る、npm のものの入るフォルダ。"""
PRESSED = {
    "pdf": ["pdf"],
    "epub": ["epub"],
    "downloads": ["pdf", "epub", "shelf"],
    "test-print": ["pdf", "epub", "shelf"],
}
"""紙の本と電子書籍の命令と、綴じる部屋（tools/press）にさせること。"""
SPARED = {"pyodide": "ブラウザの中で式を判定する欄のない本をつくります。"}
"""そろわなくても、本はつくれるものと、ないとどうなるか。"""
MADE = re.compile(r"_build|node_modules|__pycache__|\.venv.*")
"""つくられたもの。写しには写さず、写しのものは消さない。"""


class Stopped(Exception):
    """続けられないわけの一行。"""


# ── はじめの Python ───────────────────────────────────────────


def main(arguments: list[str]) -> int:
    """命令を読み、道具をそろえた環境の中で走らせる。"""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    options, rest = parser().parse_known_args(arguments)
    if rest and options.command not in TAKING:
        parser().error("知らない言葉です: " + " ".join(rest))
    try:
        if options.work:
            return elsewhere(Path(options.work), arguments)
        return inside(options.command, rest) if options.inside else outside(options, rest, arguments)
    except Stopped as stopped:
        print(f"エラー: {stopped}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("止めました。", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """命令の読み方。"""
    listed = "\n".join(f"  {name:<12} {what}" for name, what in COMMANDS.items())
    made = argparse.ArgumentParser(
        prog="python tools/book.py", usage="%(prog)s [命令] [--wheels フォルダ] [--work フォルダ]",
        description="『誤差逆伝播法』をつくる、確かめる、動かす。", add_help=False, epilog="命令:\n" + listed,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    made.add_argument(
        "command", nargs="?", choices=COMMANDS, default="build", metavar="命令", help="書かなければ build"
    )
    made.add_argument(
        "--wheels",
        metavar="フォルダ",
        help="make wheels で集めたフォルダ。ネットワークを使わずに道具をそろえる",
    )
    made.add_argument(
        "--work", metavar="フォルダ", help="ここに写して、写しのほうでつくる（書きこめない場所の本のために）"
    )
    made.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    made.add_argument("-h", "--help", action="help", help="この説明")
    return made


def outside(options: argparse.Namespace, rest: list[str], arguments: list[str]) -> int:
    """`.venv` に道具をそろえ、その Python で同じ命令を走らせる。"""
    if sys.version_info < OLDEST:
        raise Stopped(
            f"Python {dotted(OLDEST)} 以上が要ります（これは {dotted(sys.version_info[:2])} です）。"
        )
    if not os.access(ROOT, os.W_OK):
        raise Stopped(f"{ROOT} には書きこめません。--work フォルダ で、そこに写しを作ってつくれます。")
    # 3.11 からの標準ライブラリを使うので、版を確かめてから取り込む。
    import install

    if dotted(sys.version_info[:2]) not in tested():
        print(f"注意: Python {dotted(sys.version_info[:2])} では、まだ確かめていません。", file=sys.stderr)

    wheels = Path(options.wheels).resolve() if options.wheels else None
    environment = surroundings()
    try:
        install.install(VENV, [ROOT / "constraints.txt"], project=ROOT, wheels=wheels)
        for name in folders(options.command, rest):
            supply(name, wheels)
    except install.Refused as refused:
        raise Stopped(str(refused)) from refused
    command = [install.python_of(VENV), Path(__file__).resolve(), "--inside", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def tested() -> list[str]:
    """確かめている Python の版。`tools/find-python` と同じく、pyproject.toml から読む。"""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)


def folders(command: str, rest: list[str]) -> list[str]:
    """npm のものを入れるフォルダ。axe（AXE=1 のときだけの検査）は、ほかでは要らない。"""
    if command == "environment":
        return rest
    return NODE.get(command, []) + (["axe"] if command == "test-site" and os.environ.get("AXE") else [])


def supply(name: str, wheels: Path | None) -> None:
    """npm のものをそろえる。なくてもよいものがそろわなければ、そう言って、先へ進む。"""
    import install

    try:
        supply_node(name, wheels)
    except install.Refused as refused:
        if name not in SPARED:
            raise
        print(f"注意: {refused}{SPARED[name]}", file=sys.stderr)


def supply_node(name: str, wheels: Path | None) -> None:
    """`tools` の中の、npm の要るフォルダを、記録のとおりにそろえる。前と同じなら何もしない。"""
    import install

    folder = ROOT / "tools" / name
    mark = folder / "node_modules" / ".installed"
    lock = (folder / "package-lock.json").read_text(encoding="utf-8")
    if mark.is_file() and mark.read_text(encoding="utf-8") == lock:
        return
    install.node(VENV, folder, wheels / install.NODE if wheels else None)
    mark.write_text(lock, encoding="utf-8")


def surroundings() -> dict[str, str]:
    """命令を走らせるときの環境変数。"""
    kept = {name: value for name, value in os.environ.items() if name not in FORGOTTEN}
    return {**kept, **SETTINGS}


def elsewhere(work: Path, arguments: list[str]) -> int:
    """書きこめない場所の本を写し、写しのほうで同じ命令を走らせる。写しの仮想環境や出力は残す。"""
    target = work.expanduser().resolve()
    if target.is_relative_to(ROOT):
        raise Stopped(f"--work には、{ROOT} の外のフォルダを渡してください。")
    if target.exists() and any(target.iterdir()) and not (target / "tools" / "book.py").is_file():
        raise Stopped(f"{target} には、ほかのものが入っています。空のフォルダを渡してください。")
    try:
        copy(ROOT, target)
    except OSError as error:
        raise Stopped(f"{target} に写せません（{error.strerror or error}）。") from error
    print(f"{target} に写しました。", flush=True)
    place = arguments.index("--work") if "--work" in arguments else -1
    rest = (
        arguments[:place] + arguments[place + 2 :]
        if place >= 0
        else [a for a in arguments if "--work=" not in a]
    )
    command = [sys.executable, target / "tools" / "book.py", *rest]
    return subprocess.run(command, cwd=target, check=False).returncode


def copy(source: Path, target: Path) -> None:
    """本のファイルを写す。前の写しにあって、もとから消えたものは、写しからも消す。"""
    target.mkdir(parents=True, exist_ok=True)
    wanted = {path.name for path in source.iterdir() if not MADE.fullmatch(path.name) and path.name != ".git"}
    for old in target.iterdir():
        if old.name not in wanted and not MADE.fullmatch(old.name) and old.name != "notebooks":
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for name in sorted(wanted):
        path, place = source / name, target / name
        if path.is_dir():
            copy(path, place)
        else:
            shutil.copyfile(path, place)
            place.chmod(path.stat().st_mode | 0o200)


def dotted(version: tuple[int, ...]) -> str:
    """版の書き方。"""
    return ".".join(map(str, version))


# ── 道具をそろえた Python ────────────────────────────────────


def inside(command: str, rest: list[str]) -> int:
    """仮想環境の中で、命令をする。"""
    if command in {"build", *TESTS, "engines", "formulas", *PRESSED, "lab", "teacher"}:
        from building import site

        if failed := site.build(ROOT):
            return failed
    for what in PRESSED.get(command, []):
        if failed := press(what):
            return failed
    ways = {
        "build": announce,
        **{command: partial(checked, marks) for command, marks in TESTS.items()},
        "engines": lambda rest: test(["-m", "engines", *rest, "tests/test_engines.py"], "loadgroup"),
        "formulas": lambda rest: test(["-m", "formulas", *rest, "tests/test_browser_python.py"], "loadgroup"),
        "watch": watch,
        **dict.fromkeys(("environment", "pdf", "epub", "downloads"), nothing),
    }
    return ways.get(command, tool(command))(rest)


def announce(_: list[str]) -> int:
    """できた本の場所を言う。"""
    print(f"本ができました: {ROOT / '_build' / 'html' / 'index.html'}", flush=True)
    return 0


def nothing(_: list[str]) -> int:
    """することは、もう済んでいる。"""
    return 0


def watch(_: list[str]) -> int:
    """下見を配る。"""
    from building import preview

    preview.main(ROOT)
    return 0


def checked(marks: str, rest: list[str]) -> int:
    """印を選んで、検査を走らせる。"""
    return test(["-m", marks, *rest], "loadfile")


def test(rest: list[str], together: str) -> int:
    """検査を走らせる。一つのファイル（か、同じブラウザを使う検査）は一つのプロセスで、並べかえずに。"""
    parallel = ["--numprocesses", "auto", "--dist", together, "--no-loadscope-reorder"]
    return python("-m", "pytest", *parallel, *rest)


def tool(command: str):
    """`tools` の中の、命令と同じ働きをするものを走らせる。"""
    scripts = {
        "lab": ["tools/notebooks.py"],
        "edit": ["-m", "jupyterlab", "--notebook-dir=chapters"],
        "execute": ["tools/execute.py"],
        "teacher": ["tools/teacher.py"],
        "lint": ["tools/lint.py"],
    }
    if command in {"lab", "edit"}:
        os.environ["KERNEL_GUARD"] = "off"
    return lambda rest: python(*scripts[command], *rest)


def python(*arguments: str) -> int:
    """同じ Python で、別のプロセスを走らせる。"""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode


def press(what: str) -> int:
    """綴じる部屋（tools/press）に、一つのことをさせる。"""
    if find_spec("pikepdf") is None:
        raise Stopped("紙の本と電子書籍をつくる pikepdf が、この機械（Intel の Mac）のためには出ていません。")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
    command = [sys.executable, "-m", "press", what]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

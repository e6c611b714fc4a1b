"""証明の核（Coq）に、proofs の定理を確かめさせる。

    make proofs              組み、もう一つの核（coqchk）にも見せ、印刷を proofs/printed.txt と比べる
    make proofs RECORD=1     印刷を、proofs/printed.txt に記録する

Coq と Coquelicot がなければ、root で apt-get のあるところでは入れ、ほかでは一行で断る。本をつくるのには要らない。
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "proofs"
PRINTED = SOURCES / "printed.txt"
CATALOGUE = tomllib.loads((SOURCES / "theorems.toml").read_text(encoding="utf-8"))
LIBRARY = ("-Q", ".", "Backprop")
APT = ("coq", "libcoq-coquelicot")
AXIOMS = {"classic", "functional_extensionality_dep", "sig_forall_dec", "sig_not_dec"}
"""古典的な実数の公理。定理がこのほかの公理に頼れば、断る。"""
NEEDED = (
    "Coq と Coquelicot が要ります。Debian と Ubuntu なら sudo apt-get install coq libcoq-coquelicot、"
    "macOS と Windows なら CONTRIBUTING.md の「核に確かめさせる」のとおりに入れてください。"
)
AGAIN = "直したのなら、make proofs RECORD=1 で記録しなおしてください。"
PROBE = "From Coquelicot Require Import Coquelicot.\n"


class Refused(Exception):
    """続けられないわけ。"""


def main(arguments: list[str]) -> int:
    """組み、確かめ、印刷を比べるか、記録する。"""
    try:
        supply()
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            text = heading() + printed(work) + checked(work)
        if "--record" in arguments:
            PRINTED.write_text(text, encoding="utf-8")
        compare(text, PRINTED.read_text(encoding="utf-8"))
    except Refused as refused:
        print(f"エラー: {refused}", file=sys.stderr)
        return 1
    count = len(CATALOGUE["theorems"])
    print(f"核は、{count}個の定理を、どれも認めました。印刷は proofs/printed.txt のとおりです。")
    return 0


# ── 核をそろえる ──────────────────────────────────────────────


def ready() -> bool:
    """核と、Coquelicot があるか。"""
    if not (shutil.which("coqc") and shutil.which("coqchk")):
        return False
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Probe.v").write_text(PROBE, encoding="utf-8")
        return not subprocess.run(
            ["coqc", "Probe.v"], cwd=folder, capture_output=True, check=False
        ).returncode


def supply() -> None:
    """なければ入れる。入れられなければ断る。"""
    if ready():
        return
    if not (shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0):
        raise Refused(NEEDED)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *APT]):
        done = subprocess.run(["apt-get", *words], env=environment, check=False)
        if done.returncode:
            raise Refused(NEEDED)


# ── 核を走らせる ──────────────────────────────────────────────


def run(*command: str, folder: Path) -> str:
    """命令を走らせる。断られれば、言われたことを添える。"""
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise Refused(f"{command[-1]} が核に断られました。\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout + done.stderr


def compiled(work: Path) -> None:
    """原稿を写して、順に組む。"""
    for name in CATALOGUE["files"]:
        shutil.copy(SOURCES / f"{name}.v", work)
        run("coqc", "-w", "none", *LIBRARY, f"{name}.v", folder=work)


def printed(work: Path) -> str:
    """定義と定理を、核に印刷させる。定理には、頼った公理の名を添える。"""
    compiled(work)
    definitions, theorems = CATALOGUE["definitions"], CATALOGUE["theorems"]
    asked = [("Print", name) for name in definitions]
    asked += [(word, name) for name in theorems for word in ("Check", "Print Assumptions")]
    answers = dict(zip(asked, ask(work, asked)))
    parts = [section(f"定義 {name}", meaning(answers["Print", name])) for name in definitions]
    axioms: dict[str, str] = {}
    for name, labels in theorems.items():
        used = dict(axioms_of(answers["Print Assumptions", name]))
        axioms |= used
        told = "、".join(sorted(plain(axiom) for axiom in used)) or "なし"
        title = f"定理 {name}" + (f"（{'、'.join(labels)}）" if labels else "")
        parts.append(section(title, f"{answers['Check', name]}\n公理: {told}"))
    if unknown := {plain(axiom) for axiom in axioms} - AXIOMS:
        raise Refused(f"古典的な実数のものでない公理に頼っています: {'、'.join(sorted(unknown))}")
    return "".join(parts) + section("公理", "\n".join(axioms[name] for name in sorted(axioms)))


def ask(work: Path, questions: list[tuple[str, str]]) -> Iterator[str]:
    """核への問いの答えを、順に。"""
    lines = ["From Coq Require Import Reals.", "From Coquelicot Require Import Coquelicot."]
    lines += [f"From Backprop Require Import {' '.join(CATALOGUE['files'])}.", "Set Printing Width 88."]
    lines += [f'Redirect "answer{n}" {word} {name}.' for n, (word, name) in enumerate(questions)]
    (work / "Questions.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run("coqc", "-w", "none", *LIBRARY, "Questions.v", folder=work)
    for n in range(len(questions)):
        yield (work / f"answer{n}.out").read_text(encoding="utf-8").strip()


def meaning(answer: str) -> str:
    """「Print」の答えから、引数の読み方を除いたもの。"""
    return answer.partition("\n\nArguments ")[0]


def axioms_of(answer: str) -> Iterator[tuple[str, str]]:
    """「Print Assumptions」の答えの、公理の名と、その印刷。

    Examples
    --------
    >>> list(axioms_of("Axioms:\\nA.b : c\\nD.e\\n  : f"))
    [('A.b', 'A.b : c'), ('D.e', 'D.e\\n  : f')]
    >>> list(axioms_of("Closed under the global context"))
    []
    """
    for entry in re.split(r"\n(?=\S)", answer)[1:]:
        yield entry.split()[0], entry


def plain(name: str) -> str:
    """モジュールの名を除いた、公理の名。"""
    return name.rpartition(".")[2]


def checked(work: Path) -> str:
    """組んだものを、はじめから読みなおす、もう一つの核に見せる。"""
    names = [f"Backprop.{name}" for name in CATALOGUE["files"]]
    summary = run("coqchk", "-silent", "-o", *LIBRARY, *names, folder=work).split("===============")[-1]
    return section("coqchk", "\n".join(line.rstrip() for line in summary.splitlines() if line.strip()))


def section(title: str, body: str) -> str:
    """印刷の一つの節。"""
    return f"== {title}\n{body}\n\n"


# ── 記録と比べる ──────────────────────────────────────────────


def digest() -> str:
    """原稿の中身の値。"""
    total = hashlib.sha256()
    for name in CATALOGUE["files"]:
        total.update((SOURCES / f"{name}.v").read_bytes())
    return total.hexdigest()


def heading() -> str:
    """印刷の初め。"""
    (version,) = re.findall(r"version (\S+)", run("coqc", "--version", folder=ROOT))
    return f"# make proofs RECORD=1 が書いたもの。手で直さない。\n# 核: Coq {version}\n# 原稿: {digest()}\n\n"


def body(text: str) -> str:
    """印刷のうち、核の版によらない部分。"""
    return re.sub(r"(?m)^# .*\n", "", text)


def compare(text: str, record: str) -> None:
    """記録と違えば、はじめに違う節を名指しして断る。"""
    new, old = (body(part).split("\n== ") for part in (text, record))
    for one, other in zip([*new, ""], [*old, ""]):
        if one != other:
            title = (one or other).splitlines()[0]
            raise Refused(f"核の印刷が記録と違います: {title}\n{AGAIN}")
    if digest() not in record:
        raise Refused(f"原稿が、記録のあとで変わりました。\n{AGAIN}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

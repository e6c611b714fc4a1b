"""本をつくりなおす速さの測定。すべてを実行してつくる時間を1として、直したところだけの時間の比を表にする。

    make bench-build

写しの中で、はじめから、一つの文を変えて、実装の関数を一つ変えて、何も変えずに、つくる。二度めにすべてを実行してつくった
サイトは、はじめのものと1バイトも違ってはならない。下見（make watch）が一つの文の変更を見せるまでの秒も測る。
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools")]

import book  # noqa: E402
from doors import differences  # noqa: E402

CHAPTER = "chapters/33_step3_hidden_delta.ipynb"
SENTENCE = ("です。", "でした。")
FUNCTION = ("src/backprop/curvature.py", "def hessian", "    pass\n")
LIMIT, SOON = 0.1, 5.0
PREVIEW = """
import sys, time
sys.path.insert(0, "tools")
from pathlib import Path
from building.preview import Preview
made = Preview(Path.cwd())
made.build()
path = Path({chapter!r})
path.write_text(path.read_text(encoding="utf-8").replace(*{sentence!r}, 1), encoding="utf-8")
start = time.perf_counter()
made.build()
print("SECONDS", time.perf_counter() - start)
"""


def run(folder: Path, *arguments: str) -> tuple[float, str]:
    """写しの中で命令を走らせ、かかった秒と、画面に出たものを返す。"""
    environment = {**os.environ, **book.SETTINGS, "PYTHONPATH": str(folder / "src")}
    environment |= {name: value.replace(str(ROOT), str(folder)) for name, value in book.SETTINGS.items()}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"失敗しました: {arguments}\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - start, done.stdout


def build(folder: Path) -> tuple[float, list[str]]:
    """つくり、かかった秒と、実行された章を返す。"""
    seconds, said = run(folder, "tools/book.py", "--inside", "build")
    return seconds, re.findall(r"実行します: (\S+?)（", said)


def edit(path: Path, old: str, new: str) -> None:
    """はじめに見つかった一か所を変える。"""
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def insert(path: Path, function: str, line: str) -> None:
    """関数の中身の終わりに一行を足す。"""
    before, found, after = path.read_text(encoding="utf-8").partition(function)
    body, rest = re.match(r"(.*?\n)(?=\n*(?:def|class|@|\Z))", after, flags=re.DOTALL), ""
    assert found, function
    assert body, function
    rest = after[body.end() :]
    path.write_text(before + found + body[1].rstrip("\n") + "\n" + line + rest, encoding="utf-8")


def main() -> int:
    """測って、表にする。"""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work, "book")
        book.copy(ROOT, folder)
        shutil.copytree(ROOT / "tools" / "math" / "node_modules", folder / "tools" / "math" / "node_modules")
        html = folder / "_build" / "html"
        whole, executed = build(folder)
        shutil.copytree(html, Path(work, "first"))
        shutil.rmtree(folder / "_build")
        again, _ = build(folder)
        different = differences(Path(work, "first"), html)
        edit(folder / CHAPTER, *SENTENCE)
        sentence, none = build(folder)
        insert(folder / FUNCTION[0], *FUNCTION[1:])
        function, seeing = build(folder)
        nothing, _ = build(folder)
        code = PREVIEW.format(chapter=CHAPTER, sentence=tuple(reversed(SENTENCE)))
        preview = float(run(folder, "-c", code)[1].split("SECONDS")[1])
    print(f"すべてを実行して                {whole:7.1f} 秒（{len(executed)} 章）。もう一度 {again:.1f} 秒")
    print(f"一つの文を変えて                {sentence:7.1f} 秒、比 {sentence / whole:.3f}（上限 {LIMIT}）")
    print(f"curvature の関数を変えて        {function:7.1f} 秒、比 {function / whole:.3f}: {'、'.join(seeing)}")
    print(f"何も変えずに                    {nothing:7.1f} 秒")
    print(f"下見が一つの文の変更を見せるまで{preview:7.1f} 秒（目安 {SOON:.0f} 秒）")
    print(f"二度めのサイトとの違い: {'、'.join(different) or 'ない'}")
    wrong = bool(none or different or len(seeing) == len(executed) or sentence / whole > LIMIT)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())

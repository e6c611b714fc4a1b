"""目次（`_toc.yml`）にある章と練習問題。`chapters` や `exercises` に置いた、目次にないノートブックは、読者や著者の私物とみなし、何もしない。

python tools/toc.py             目次にある章と練習問題を並べる
python tools/toc.py --private   目次にないノートブックを並べる
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "chapters"
EXERCISES = "exercises"


def pages(root: Path = ROOT) -> list[str]:
    """目次にあるページの名（拡張子のない置き場所）を、入口から目次の順に。"""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = contents.get("parts", [contents])
    listed = (name for part in parts for name in _under(part))
    return [contents["root"], *(name.removesuffix(".ipynb") for name in listed)]


def _under(entry: Mapping[str, Any]) -> Iterator[str]:
    """部や章の下のページ。練習問題は、章の下にある。"""
    for page in [*entry.get("chapters", []), *entry.get("sections", [])]:
        yield page["file"]
        yield from _under(page)


def chapters(root: Path = ROOT) -> list[Path]:
    """目次にある章のノートブックを、目次の順に。

    Raises
    ------
    FileNotFoundError
        目次にある章のファイルがない。
    """
    return _notebooks(root, FOLDER)


def exercises(root: Path = ROOT) -> list[Path]:
    """目次にある練習問題のノートブックを、目次の順に。

    Raises
    ------
    FileNotFoundError
        目次にある練習問題のファイルがない。
    """
    return _notebooks(root, EXERCISES)


def notebooks(root: Path = ROOT) -> list[Path]:
    """章と練習問題のノートブックのすべて。"""
    return [*chapters(root), *exercises(root)]


def _notebooks(root: Path, folder: str) -> list[Path]:
    paths = [root / f"{name}.ipynb" for name in pages(root) if name.startswith(f"{folder}/")]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise FileNotFoundError(f"目次にあるファイルがありません: {missing}")
    return paths


def private(root: Path = ROOT) -> list[Path]:
    """`chapters` と `exercises` にあって、目次にないノートブック。"""
    found = {path for folder in (FOLDER, EXERCISES) for path in (root / folder).glob("**/*.ipynb")}
    return sorted(found - set(notebooks(root)))


def main(arguments: Sequence[str]) -> None:
    """作業ツリーから見た場所を、一行に一つずつ書く。"""
    for path in private() if "--private" in arguments else notebooks():
        print(path.relative_to(ROOT).as_posix())


if __name__ == "__main__":
    main(sys.argv[1:])

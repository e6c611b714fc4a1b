"""目次（`_toc.yml`）にある章。`chapters` に置いた、目次にないノートブックは、読者や著者の私物とみなし、何もしない。

python tools/toc.py             目次にある章を並べる
python tools/toc.py --private   目次にないノートブックを並べる
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "chapters"


def pages(root: Path = ROOT) -> list[str]:
    """目次にあるページの名（拡張子のない置き場所）を、入口から目次の順に。"""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = contents.get("parts", [contents])
    listed = [page["file"] for part in parts for page in part.get("chapters", [])]
    return [contents["root"], *(name.removesuffix(".ipynb") for name in listed)]


def chapters(root: Path = ROOT) -> list[Path]:
    """目次にある章のノートブックを、目次の順に。

    Raises
    ------
    FileNotFoundError
        目次にある章のファイルがない。
    """
    paths = [root / f"{name}.ipynb" for name in pages(root) if name.startswith(f"{FOLDER}/")]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise FileNotFoundError(f"目次にある章のファイルがありません: {missing}")
    return paths


def private(root: Path = ROOT) -> list[Path]:
    """`chapters` にあって、目次にないノートブック。"""
    return sorted(set((root / FOLDER).glob("**/*.ipynb")) - set(chapters(root)))


def main(arguments: Sequence[str]) -> None:
    """作業ツリーから見た場所を、一行に一つずつ書く。"""
    for path in private() if "--private" in arguments else chapters():
        print(path.relative_to(ROOT).as_posix())


if __name__ == "__main__":
    main(sys.argv[1:])

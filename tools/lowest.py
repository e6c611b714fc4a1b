"""対応する最も古い版の組を、一覧の形で出力する。make constraints が oldest.txt のもとにする。

`pyproject.toml` に範囲を書いたものは下の端、そのほかのものは `constraints.txt` の版にする。
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lowest(project: str, constraints: str) -> Iterator[str]:
    """版の組を、一行ずつで返す。

    Parameters
    ----------
    project : str
        `pyproject.toml` の中身。
    constraints : str
        `constraints.txt` の中身。

    Raises
    ------
    ValueError
        範囲に下の端のないものがある。

    Examples
    --------
    >>> project = '[project]\\ndependencies = ["numpy>=2.0,<3"]'
    >>> list(lowest(project, "numpy==2.4.6\\n    --hash=sha256:00\\npytest==9.2.0\\n"))
    ['numpy==2.0', 'pytest==9.2.0']
    """
    bounds: dict[str, str] = {}
    for requirement in tomllib.loads(project)["project"]["dependencies"]:
        found = re.match(r"([\w.-]+)>=([\d.]+)", requirement)
        if not found:
            raise ValueError(f"下の端（>=）のない範囲です: {requirement}")
        bounds[found[1]] = found[2]
    yield from (f"{name}=={version}" for name, version in bounds.items())
    pins = (line.rstrip("\\ ") for line in constraints.splitlines() if not line.startswith((" ", "#")))
    yield from (pin for pin in pins if pin.partition("==")[0] not in bounds)


if __name__ == "__main__":
    files = (ROOT / name for name in ("pyproject.toml", "constraints.txt"))
    print(*lowest(*(path.read_text(encoding="utf-8") for path in files)), sep="\n")

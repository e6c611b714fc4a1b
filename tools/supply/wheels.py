"""正確な版の一覧のどの版にも、対応する Python とシステムのためのホイールがあるかを調べる。``make constraints`` が使う。

    python tools/supply/wheels.py --write   置き場に尋ねて、wheels.json に書く
    python tools/supply/wheels.py --name    このプロジェクトの名前

記録は、どの一覧について調べたものかを、版の並びの値で覚えている。一覧が変わったのに調べなおさないと、検査が落ちる。
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_name("wheels.json")
LOCKS = (
    "constraints.txt",
    "tools/audit/constraints.txt",
    "tools/forms/constraints.txt",
    "tools/mutation/constraints.txt",
    "tools/outside/constraints.txt",
    "tools/outside/torch.txt",
    "tools/press/constraints.txt",
    "tools/supply/constraints.txt",
    "tools/takeaway/constraints.txt",
)
"""どの Python にも対応する一覧。最も古い版の組（oldest.txt）は、一つの Python だけのもの。"""
SYSTEMS = {
    "Linux（x86_64）": ("posix", "linux", "Linux", "x86_64"),
    "Linux（ARM）": ("posix", "linux", "Linux", "aarch64"),
    "macOS（Intel）": ("posix", "darwin", "Darwin", "x86_64"),
    "macOS（Apple）": ("posix", "darwin", "Darwin", "arm64"),
    "Windows": ("nt", "win32", "Windows", "AMD64"),
}
"""対応するシステムの、os_name、sys_platform、platform_system、platform_machine。"""
GLIBC, MACOS = 28, (14, 0)
"""glibc 2.28（2018年）と macOS 14 より新しいものを求めるホイールは、ないものとする。"""


def project() -> dict[str, Any]:
    """pyproject.toml の [project]。"""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pythons() -> list[int]:
    """確かめている Python の、3 のあとの版。

    Examples
    --------
    >>> pythons()[0]
    11
    """
    listed = " ".join(project()["classifiers"])
    return [int(minor) for minor in re.findall(r"Python :: 3\.(\d+)", listed)]


def platforms(system: str) -> list[str]:
    """システムの受けつける、ホイールの名前の終わり。"""
    _, platform, _, machine = SYSTEMS[system]
    if platform == "linux":
        old = (f"manylinux{year}_{machine}" for year in ("2014", "2010", "1"))
        return [*(f"manylinux_2_{n}_{machine}" for n in range(GLIBC, 4, -1)), *old]
    return list(mac_platforms(MACOS, machine)) if platform == "darwin" else ["win_amd64"]


def accepted(system: str, minor: int) -> set[Tag]:
    """Python とシステムの受けつけるホイールの種類。"""
    names = platforms(system)
    own = cpython_tags((3, minor), platforms=names)
    return {*own, *compatible_tags((3, minor), interpreter=f"cp3{minor}", platforms=names)}


def situation(system: str, minor: int) -> dict[str, str]:
    """条件（marker）を判じるための、機械のようす。"""
    keys = ("os_name", "sys_platform", "platform_system", "platform_machine")
    version = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.9"}
    others = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return dict(zip(keys, SYSTEMS[system], strict=True)) | version | others


def without(packages: Iterable[dict[str, Any]], system: str, minor: int) -> list[str]:
    """この Python とシステムでは入れるのに、ホイールのない版。

    Examples
    --------
    >>> mac = "a-1-cp312-cp312-macosx_11_0_arm64.whl"
    >>> packages = [{"name": "a", "version": "1", "wheels": [{"name": mac}]}]
    >>> without(packages, "macOS（Apple）", 12), without(packages, "macOS（Intel）", 12)
    ([], ['a==1'])
    """
    tags, here = accepted(system, minor), situation(system, minor)
    wanted = [found for found in packages if "marker" not in found or Marker(found["marker"]).evaluate(here)]
    return [
        f"{found['name']}=={found['version']}"
        for found in wanted
        if not any(parse_wheel_filename(name)[3] & tags for name in names(found))
    ]


def names(package: dict[str, Any]) -> list[str]:
    """一つの版のホイールの名前。"""
    wheels = package.get("wheels", [])
    return [wheel.get("name") or wheel["url"].rpartition("/")[2] for wheel in wheels]


def pins(text: str) -> list[str]:
    """一覧の版を、条件とともに。

    Examples
    --------
    >>> pins("# 題\\na==1 ; sys_platform == 'win32' \\\\\\n    --hash=sha256:00\\n")
    ["a==1 ; sys_platform == 'win32'"]
    """
    lines = (line for line in text.splitlines() if not line.startswith((" ", "#")))
    return [line.rstrip("\\ ") for line in lines if line.strip()]


def digest(lock: str) -> str:
    """一覧の版の並びの値。"""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return hashlib.sha256("\n".join(pins(text)).encode()).hexdigest()


def published(lock: str) -> list[dict[str, Any]]:
    """一覧の版の、置き場にあるファイルの名前。"""
    with tempfile.TemporaryDirectory() as folder:
        wanted, found = Path(folder, "wanted.txt"), Path(folder, "pylock.toml")
        wanted.write_text("\n".join(pins((ROOT / lock).read_text(encoding="utf-8"))), encoding="utf-8")
        uv = Path(sys.executable).with_name("uv")
        command = [uv, "pip", "compile", "--quiet", "--no-config", "--universal", "--python-version", "3.11"]
        command += ["--no-deps", "--format", "pylock.toml", "--output-file", found, wanted]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        return tomllib.loads(found.read_text(encoding="utf-8"))["packages"]


def survey(lock: str) -> dict[str, Any]:
    """一つの一覧の記録。"""
    packages = published(lock)
    missing = {
        f"{system} {minor}": lacking
        for system in SYSTEMS
        for minor in pythons()
        if (lacking := without(packages, system, minor))
    }
    return {"digest": digest(lock), "missing": missing}


def main(arguments: Sequence[str] | None = None) -> int:
    """記録を書くか、名前を出力する。"""
    parser = argparse.ArgumentParser(description="正確な版にホイールがあるかを調べる")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--write", action="store_true", help="置き場に尋ねて、記録を書く")
    group.add_argument("--name", action="store_true", help="このプロジェクトの名前")
    if parser.parse_args(arguments).name:
        print(project()["name"])
        return 0
    record = {lock: survey(lock) for lock in LOCKS}
    RECORD.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

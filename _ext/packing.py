"""持ち帰れる形にまとめる: パッケージの wheel、書庫、リポジトリの枝に置く一式。

同じ中身からは、いつも同じファイルができる。作るときに、ネットワークは使わない。
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

WHEEL_SOURCES = ("pyproject.toml", "README.md", "LICENSE", "src/backprop/**/*.py", "src/backprop/**/*.json")
EPOCH = (2026, 1, 1, 0, 0, 0)
"""書庫の中の日付。いつ作っても同じファイルになるように、決めておく。"""
_INSTALLED = ("INSTALLER", "REQUESTED", "direct_url.json")
SECONDS = "1767225600"
"""同じ日付を、1970年からの秒で。"""


def members(root: Path, patterns: tuple[str, ...]) -> dict[str, bytes]:
    """当てはまるファイルの、場所と中身。"""
    paths = sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def place(folder: Path, files: Mapping[str, bytes]) -> None:
    """フォルダをからにして、ファイルを置く。"""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o644)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """書庫の中身。"""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # 作った機械によらず、下の属性を読ませる
            entry.external_attr = 0o644 << 16
            book.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def wheel(root: Path) -> tuple[str, bytes]:
    """パッケージの wheel の、名前と中身。"""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        place(source, members(root, WHEEL_SOURCES))
        made.mkdir()
        build = f"from setuptools.build_meta import build_wheel; build_wheel({str(made)!r})"
        result = subprocess.run(
            [sys.executable, "-c", build], cwd=source, capture_output=True, encoding="utf-8", check=False,
            env={**os.environ, "SOURCE_DATE_EPOCH": SECONDS, "PYTHONUTF8": "1"},
        )  # fmt: skip
        if result.returncode:
            raise RuntimeError(f"パッケージの wheel を作れませんでした。\n{result.stderr}")
        (path,) = made.iterdir()
        with zipfile.ZipFile(path) as archive:  # 属性は、作った人の設定（umask）によって違う
            return path.name, zipped({entry: archive.read(entry) for entry in archive.namelist()})


def repacked(name: str) -> tuple[str, bytes]:
    """入っているパッケージを、入れる前の wheel に戻したものの、名前と中身。

    ネットワークのない教室のために、小さなものだけを、書庫に入れる。

    Raises
    ------
    ValueError
        機械ごとに違うもので、どこでも使えるわけではない。
    """
    package = distribution(name)
    about = package.read_text("WHEEL") or ""
    if "Tag: py3-none-any" not in about:
        raise ValueError(f"{name} は、機械ごとに違うので、持ち帰る書庫に入れられません。")
    # 入れたときにできたものは、wheel のものではない
    files = sorted(
        (path for path in package.files or [] if path.hash and path.name not in _INSTALLED), key=str
    )
    record = next(path.as_posix() for path in package.files or [] if path.name == "RECORD")
    lines = [f"{path.as_posix()},{path.hash.mode}={path.hash.value},{path.size}" for path in files]
    contents = {path.as_posix(): path.read_binary() for path in files}
    contents[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    return f"{record.partition('.dist-info/')[0]}-py3-none-any.whl", zipped(contents)

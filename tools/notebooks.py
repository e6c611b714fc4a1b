"""できあがった本の書庫から、読者の章を `notebooks` に置き、JupyterLab で開く。

読者が書きこんだ章は、決して上書きしない。前に置いたままのものだけを、新しくする。

    python tools/notebooks.py            置いて、開く
    python tools/notebooks.py --no-open  置くだけ
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "_build" / "html" / "backprop-book.zip"
FOLDER = ROOT / "notebooks"
RECORD = ".placed.json"
"""置いたときの中身の要約を書いておくファイル。"""


def bundled(bundle: Path) -> dict[str, bytes]:
    """書庫の中の章。

    Raises
    ------
    FileNotFoundError
        本がまだできていない。
    """
    if not bundle.is_file():
        raise FileNotFoundError(f"{bundle} がありません。先に make book を実行してください。")
    with zipfile.ZipFile(bundle) as archive:
        return {
            name.rpartition("/")[2]: archive.read(name)
            for name in archive.namelist()
            if name.split("/")[1:2] == ["notebooks"]
        }


def put(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """章を置き、読者のものとして残した章の名前を返す。"""
    folder.mkdir(exist_ok=True)
    record = folder / RECORD
    placed = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    kept = []
    for name, content in sorted(files.items()):
        path = folder / name
        now = path.read_bytes() if path.exists() else None
        if now in (None, content) or _digest(now) == placed.get(name):
            path.write_bytes(content)
            placed[name] = _digest(content)
        elif _digest(content) != placed.get(name):
            kept.append(name)
    record.write_text(json.dumps(placed, indent=1), encoding="utf-8")
    return kept


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def report(folder: Path, kept: Sequence[str]) -> Iterator[str]:
    """置いたところと、残した章。"""
    yield f"章は {folder} にあります。"
    if kept:
        yield "次の章は、あなたが書きかえたものを残しました。新しいものが要るなら、名前を変えるか消して、もう一度実行してください。"
        yield from (f"  {name}" for name in kept)


def main(arguments: Sequence[str]) -> int:
    """章を置き、開く。"""
    try:
        kept = put(FOLDER, bundled(BUNDLE))
    except FileNotFoundError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    print("\n".join(report(FOLDER, kept)), flush=True)
    if "--no-open" in arguments:
        return 0
    # 場所に空白や引用符があっても崩れないように、そのフォルダに入って開く
    return subprocess.call([sys.executable, "-m", "jupyterlab", *arguments], cwd=FOLDER)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

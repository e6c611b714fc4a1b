"""ノートブックを実行しなおし、決まった形に整えて保存する。

同じノートブックを二度実行しても、ファイルは1バイトも変わらない。変わるなら、そのノートブックは
時刻や乱数など、読者の手元で再現できないものに頼っている。

    python tools/execute.py                            目次にある章と練習問題のすべて
    python tools/execute.py chapters/41_two_two_two.ipynb
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from toc import notebooks

TIMEOUT = 120
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    # 拡張子がないと、nbconvert --to script が .txt を書く。版は、実行した機械で変わるので書かない。
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
CELL_METADATA = {"tags", "mystnb"}


def execute(path: Path) -> str:
    """ノートブックを実行し、整えた内容を返す（ファイルには書かない）。

    Parameters
    ----------
    path : Path
        ノートブックのファイル。

    Returns
    -------
    str
        保存すべきファイルの内容。

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        `raises-exception` の印のないセルが失敗した。
    """
    notebook = nbformat.read(path, as_version=4)
    run(notebook, path.parent)
    normalise(notebook)
    return written(notebook)


def written(notebook: NotebookNode) -> str:
    """保存するときのファイルの内容。"""
    return nbformat.writes(notebook) + "\n"


def run(notebook: NotebookNode, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """すべてのセルを、環境変数を足した新しいカーネルで、上から順に実行する。"""
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    # client.execute は、自分の作ったイベントループを閉じない。並べて実行すると、閉じないソケットがたまる。
    asyncio.run(client.async_execute(env={**os.environ, **(environment or {})}))


def normalise(notebook: NotebookNode) -> None:
    """実行した機械や編集した道具によって変わるものを取り除く。"""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(METADATA)
    used: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        for key in set(cell.metadata) - CELL_METADATA:
            del cell.metadata[key]
        cell.id = _unique_id(cell.get("id"), number, used)
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                # 途中の段には、実行した機械の中の場所が現れる。
                output.traceback = [f"{output.ename}: {output.evalue}"]
    nbformat.validate(notebook)


def _unique_id(given: str | None, number: int, used: set[str]) -> str:
    """すでにある番号札を保ち、ないものと重なったものにだけ、位置から決まる札をつける。"""
    label = given if given and given not in used else f"cell-{number:03d}"
    while label in used:
        label += "x"
    used.add(label)
    return label


def main(arguments: Sequence[str]) -> None:
    """引数のノートブック（なければ目次にある章と練習問題）をすべて実行し、変わったものを書きもどす。"""
    paths = [Path(name) for name in arguments] or notebooks()
    # どの章も自分のカーネルで動く。いくつかを並べて実行し、もとの順に書きもどす。
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, content in zip(paths, pool.map(execute, paths)):
            changed = content != path.read_text(encoding="utf-8")
            if changed:
                path.write_text(content, encoding="utf-8", newline="\n")
            print(path, "書き換えました" if changed else "変わりません", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

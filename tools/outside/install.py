"""外の審判を、専用の仮想環境に入れる。``make outside`` が呼ぶ。

    python tools/outside/install.py 環境のフォルダ

CPU だけの torch には ``2.13.0+cpu`` のような名前がつく。pip に設定されている置き場にあれば、それを入れる
（torch-cpu.txt）。なければ、パッケージの索引にあるものを入れる（torch.txt）。macOS、Windows、ARM の Linux では、
それも CPU の版である。ほかの Linux では CUDA のある版で、使わない数 GB のものが一緒に入る。どちらでも、計算は CPU で
行い、中身を、記録された値と比べる。
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from install import Absent, Refused, install  # noqa: E402


def attempts(platform: str) -> Iterator[list[Path]]:
    """入れる一覧の組。前の組の torch が見つからなければ、次を試す。

    Examples
    --------
    >>> [[lock.name for lock in locks] for locks in attempts("darwin")]
    [['torch.txt', 'constraints.txt']]
    >>> [locks[0].name for locks in attempts("linux")]
    ['torch-cpu.txt', 'torch.txt']
    """
    for name in ["torch-cpu.txt"] * (platform == "linux") + ["torch.txt"]:
        yield [HERE / name, HERE / "constraints.txt"]


def main(arguments: Sequence[str], platform: str = sys.platform) -> int:
    """torch のある組を入れる。見つからないほかのわけでは、次を試さない。"""
    (environment,) = arguments
    for locks in attempts(platform):
        try:
            install(Path(environment), locks)
        except Absent as absent:
            why = absent
        except Refused as refused:
            why = refused
            break
        else:
            return 0
    print(f"エラー: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

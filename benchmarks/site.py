"""サイトの重さと速さの測定。同じ章を、Jupyter Book のはじめの設定でつくったものと、同じ実行の中で比べる。

    make bench-site
    make bench-site LIGHTHOUSE=1    すべての章の、Lighthouse（携帯電話）の点数も
    make bench-site LIGHTHOUSE="42_xor 33_step3_hidden_delta"    その章の点数だけ

どちらも手元のサーバーから gzip で縮めて配り、何も控えのないブラウザで、CPU を4倍遅くして開く。はじめの設定は数式の
部品を外のサーバーから読むが、ここでは同じ版を手元から配る（遠くへ取りに行く時間は、相手の分に含めない）。
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import yaml
from lighthouse import Lighthouse, Rating, npm
from pages import Quiet, headless, served
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / "_build" / "html"
STOCK = ROOT / "_build" / "stock"
MATHJAX = "mathjax@3.2.2"
SLOWER = 4
BOUNDS = {"bytes": 0.15, "drawn": 0.25}
SHIFT = 0.0
SCORE, FIRST = 98, 1300
"""Lighthouse の点数の下限と、はじめの字が見えるまで（ミリ秒）の上限。"""

# 最後の数式が描かれた時刻と、読んでいる行の動いた量を記録する。
WATCH = """
window.watched = {shift: 0, drawn: null};
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) watched.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
const drawn = () => {
  if (document.readyState === "loading" || document.fonts.status !== "loaded") return false;
  const formulas = [...document.querySelectorAll(".math")];
  return formulas.length > 0 && formulas.every(formula => formula.querySelector("math, mjx-math"));
};
const look = () => {
  if (drawn()) requestAnimationFrame(() => { watched.drawn = performance.now(); });
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@dataclass(frozen=True)
class Visit:
    """ページを一度開いたときの測定。"""

    bytes: int
    drawn: float
    shift: float
    hosts: frozenset[str]


def build_stock() -> Path:
    """同じ章を、はじめの設定でつくる（出力は章に記録されているもの）。"""
    shutil.rmtree(STOCK, ignore_errors=True)
    shutil.copytree(ROOT / "chapters", STOCK / "chapters")
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    parts = [
        {**part, "chapters": [c for c in part["chapters"] if c["file"].startswith("chapters/")]}
        for part in contents["parts"]
    ]
    parts = [part for part in parts if part["chapters"]]
    configuration = {
        "title": "Stock",
        "execute": {"execute_notebooks": "off"},
        "sphinx": {"config": {"mathjax_path": "/mathjax/es5/tex-mml-chtml.js", "html_extra_path": ["extra"]}},
    }
    files = {"_config.yml": configuration, "_toc.yml": {"format": "jb-book", "root": "index", "parts": parts}}
    for name, data in files.items():
        (STOCK / name).write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (STOCK / "index.md").write_text("# Stock\n", encoding="utf-8")
    extra = STOCK / "extra"
    extra.mkdir()
    archive = npm("pack", MATHJAX, "--silent", cwd=extra).strip().splitlines()[-1]
    shutil.unpack_archive(extra / archive, extra)
    (extra / archive).unlink()
    (extra / "package").rename(extra / "mathjax")
    start = "from jupyter_book.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", start, "build", "--quiet", str(STOCK)], check=True)
    return STOCK / "_build" / "html"


class _Handler(Quiet):
    """字のファイルを、gzip で縮めて配る。"""

    def do_GET(self) -> None:
        """一つのファイルを配る。"""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        kind, body = self.guess_type(path), path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml")):
            body = packed(path)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@functools.cache
def packed(path: Path) -> bytes:
    """gzip で縮めたファイル。"""
    return gzip.compress(path.read_bytes())


def visit(address: str) -> Visit:
    """控えのない新しいブラウザで、ページを一度開く。"""
    options = headless()
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver"))) as browser:
        browser.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        browser.get(address)
        WebDriverWait(browser, 120).until(lambda page: page.execute_script("return watched.drawn !== null"))
        watched = browser.execute_script("return watched")
        events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sizes = [e["params"]["encodedDataLength"] for e in events if e["method"] == "Network.loadingFinished"]
    sent = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    hosts = frozenset(urlsplit(url).hostname for url in sent if url.startswith("http"))
    return Visit(int(sum(sizes)), watched["drawn"], watched["shift"], hosts)


def heaviest(count: int) -> list[str]:
    """数式のいちばん多い章から順に。"""
    weights = {
        path.stem: path.read_text(encoding="utf-8").count('class="math')
        for path in (OURS / "chapters").glob("*.html")
    }
    return sorted(weights, key=weights.__getitem__, reverse=True)[:count]


def main() -> int:
    """測って、表を出す。上限を超えた行があれば 1 を返す。"""
    parser = argparse.ArgumentParser(description="サイトの重さと速さ")
    parser.add_argument("--pages", type=int, default=3, help="数式の多い順に、いくつの章を測るか")
    parser.add_argument("--rounds", type=int, default=5, help="くり返しの回数")
    told = "すべての章の、Lighthouse の点数も求める。章の名を続ければ、その章の点数だけ"
    parser.add_argument("--lighthouse", nargs="*", metavar="章", help=told)
    chosen = parser.parse_args()
    if chosen.lighthouse:
        return 0 if rated(chosen.lighthouse) else 1
    good = True if chosen.lighthouse is None else rated([])
    with served(OURS, _Handler) as ours, served(build_stock(), _Handler) as stock:
        for name in heaviest(chosen.pages):
            place = f"chapters/{name}.html"
            rounds = [(visit(ours + place), visit(stock + place)) for _ in range(chosen.rounds)]
            good &= report(name, *zip(*rounds, strict=True))
    return 0 if good else 1


def report(name: str, mine: tuple[Visit, ...], theirs: tuple[Visit, ...]) -> bool:
    """一つの章の行。すべて上限の中なら True。"""
    print(f"\n{name}（{len(mine)}回の中央値）")
    good = True
    for field, bound in BOUNDS.items():
        ours, other = (median(getattr(visit, field) for visit in visits) for visits in (mine, theirs))
        unit, scale = ("MB", 1e6) if field == "bytes" else ("秒", 1e3)
        ok = ours / other <= bound
        good &= ok
        label = {"bytes": "届いた量", "drawn": "最後の数式が描かれるまで"}[field]
        fraction = f"{ours / scale:.2f} ÷ {other / scale:.2f} {unit} = {ours / other:.2f}"
        print(f"  {label}: {fraction}（上限 {bound}）{mark(ok)}")
    shift = max(visit.shift for visit in mine)
    hosts = frozenset().union(*(visit.hosts for visit in mine))
    other = max(visit.shift for visit in theirs)
    print(f"  行の動いた量: {shift:.4f}（上限 {SHIFT}、相手 {other:.4f}）{mark(shift <= SHIFT)}")
    print(f"  ほかのサーバーへの問い合わせ: {sorted(hosts - {'127.0.0.1'})}{mark(hosts == {'127.0.0.1'})}")
    return good and shift <= SHIFT and hosts == {"127.0.0.1"}


def rated(names: list[str]) -> bool:
    """名をあげた章（なければ、すべての章）の Lighthouse の点数の表。すべて上限の中なら True。"""
    chapters = {path.stem: path for path in sorted((OURS / "chapters").glob("*.html"))}
    if unknown := set(names) - chapters.keys():
        raise SystemExit(f"ない章です: {'、'.join(sorted(unknown))}")
    judge = Lighthouse(ROOT / "_build" / "lighthouse")
    good = True
    print("| 章 | 点数 | はじめの字（秒） | 行の動いた量 | 速さの指数 |\n|---|---|---|---|---|")
    with served(OURS, _Handler) as ours:
        judge.ask(f"{ours}index.html")  # 機械の速さを知るため
        for path in [chapters[name] for name in names] or chapters.values():
            seen = judge.best(f"{ours}chapters/{path.name}", enough)
            good &= enough(seen)
            row = f"{path.stem} | {seen.score} | {seen.first / 1e3:.2f} | {seen.shift:.4f} | {seen.index:.0f}"
            print(f"| {row} |{mark(enough(seen))}", flush=True)
    return good


def enough(seen: Rating) -> bool:
    """上限の中か。"""
    return seen.score >= SCORE and seen.first <= FIRST and seen.shift <= SHIFT


def mark(ok: bool) -> str:
    """上限の中か。"""
    return "" if ok else "  ← 上限を超えています"


if __name__ == "__main__":
    sys.exit(main())

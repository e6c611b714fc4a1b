"""外の審判の成績を記録する、pytest の部品。``make outside`` が使う。

検査が ``record_property("outside", …)`` で届けた数を、審判ごとに合わせる。すべての検査が通ったときだけ、
``--score`` の示すファイルに書く。飛ばした検査も、その理由とともに残す。記録は、どのコードを調べたものかを、
`source_digest` で覚えている。
"""

from __future__ import annotations

import datetime
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from coded import code_digest

import backprop

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "backprop"
SCORE = Path(__file__).with_name("score.json")
ROOMS = (
    "activations", "arguments", "autodiff", "checks", "initialisers",
    "losses", "network", "optimizers", "steps", "training",
)  # fmt: skip
"""審判が調べる部屋と、それらが使う部屋。"""
USED = ("numpy", "torch", "keras", "tensorflow", "tensorflow-cpu", "jax", "mpmath")


def source_digest(package: Path = PACKAGE) -> str:
    """調べたコードを見分ける値。説明とコメントは数えない。"""
    mine = (
        path
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0].removesuffix(".py") in ROOMS
    )
    return code_digest(package, mine)


def combined(reports: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """審判ごとの成績を、数の多い順に。数は足し、誤差は最大を取る。

    Examples
    --------
    >>> first = {"name": "網", "compared": 3, "worst": 2e-13}
    >>> combined([first, {"name": "網", "compared": 2, "worst": 1.234e-12}])
    {'網': {'compared': 5, 'worst': 1.2e-12}}
    """
    found: dict[str, dict[str, Any]] = {}
    for report in reports:
        row = found.setdefault(report["name"], {})
        for key, value in report.items():
            if key == "worst":
                row[key] = float(f"{max(row.get(key, 0.0), value):.1e}")
            elif key != "name":
                row[key] = row.get(key, 0) + value
    return dict(sorted(found.items(), key=lambda item: (-item[1]["compared"], item[0])))


def versions() -> dict[str, str]:
    """本と、審判と、その土台の版。"""
    found = {"backprop": backprop.__version__, "python": platform.python_version()}
    for name in USED:
        try:
            found[name.removesuffix("-cpu")] = version(name).partition("+")[0]
        except PackageNotFoundError:
            continue
    return found


class Recorder:
    """検査の結果を集める。"""

    def __init__(self, path: Path) -> None:
        self.path, self.reports, self.skipped = path, [], {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.skipped[report.nodeid.partition("::")[2]] = report.longrepr[2].removeprefix("Skipped: ")
        elif report.when == "call":
            self.reports += [value for name, value in report.user_properties if name == "outside"]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.OK and self.reports:
            content = {
                "date": datetime.date.today().isoformat(),
                "versions": versions(),
                "source": source_digest(),
                "judged": combined(self.reports),
                "skipped": [{"test": name, "reason": why} for name, why in sorted(self.skipped.items())],
            }
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """記録の置き場所。"""
    parser.addoption("--score", type=Path, help="外の審判の成績を書くファイル")


def pytest_configure(config: pytest.Config) -> None:
    """並列に走らせるときは、まとめ役だけが記録する。"""
    if config.getoption("--score") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.getoption("--score")))

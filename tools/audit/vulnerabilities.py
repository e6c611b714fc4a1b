"""使うものの正確な版に、知られた脆弱性がないかを調べる。

調べる道具は pip-audit と npm audit。どちらも、問い合わせに答えがないと「見つからない」と言って終わることがある。
ここでは、答えのあった版だけを数え、一つでも足りなければ「調べていません」と言う。

    python tools/audit/vulnerabilities.py [--may-skip]

終わりの値は、見つかれば 1、見つからずに調べ残しがあれば 3（`--may-skip` をつければ 0）、すべて調べて何もなければ 0。
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "_build" / "audit"
# 最も古い版の組（tools/supply/oldest.txt）は、わざと古いので調べない。
LOCKS = (
    ROOT / "constraints.txt",
    *sorted((ROOT / "tools").glob("*/constraints.txt")),
    ROOT / "tools" / "outside" / "torch.txt",
)
PACKAGES = sorted((ROOT / "tools").glob("*/package-lock.json"))
# textlint が読むのは、この本の原稿だけ。軽いものでは止めない。
SERIOUS = ("high", "critical")

CLEAN, FOUND, UNCHECKED = 0, 1, 3

Pin = tuple[str, str]


@dataclass(frozen=True)
class Result:
    """一つの道具の結果。

    Attributes
    ----------
    name : str
        調べたもの。
    checked : int
        答えのあった版の数。
    found : tuple of str
        見つかった脆弱性。
    minor : tuple of str
        見つかったが、軽いので止める理由にしないもの。
    unchecked : str
        調べ残しがあれば、その理由。なければ空。
    """

    name: str
    checked: int = 0
    found: tuple[str, ...] = ()
    minor: tuple[str, ...] = ()
    unchecked: str = ""

    def __str__(self) -> str:
        lines = [f"{self.name}: 脆弱性があります: {vulnerability}" for vulnerability in self.found]
        lines += [f"{self.name}: 軽い脆弱性があります（止めません）: {vulnerability}" for vulnerability in self.minor]
        if self.unchecked:
            lines.append(f"{self.name}: 調べていません: {self.unchecked}")
        elif not lines:
            lines.append(f"{self.name}: {self.checked} 個の版を調べました。知られた脆弱性はありません。")
        return "\n".join(lines)


def pins(text: str) -> list[Pin]:
    """正確な版の一覧から、名前と版の組。どの機械のための版も数える。

    Examples
    --------
    >>> pins("# 題\\nnumpy==2.4.6 ; python_version < '3.12' \\\\\\n    --hash=sha256:00\\nPyYAML==6.0.3\\n")
    [('numpy', '2.4.6'), ('pyyaml', '6.0.3')]
    """
    found = []
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", " ")):
            requirement = Requirement(line.rstrip("\\ "))
            (version,) = requirement.specifier
            found.append((canonicalize_name(requirement.name), str(Version(version.version))))
    return found


def sheets(wanted: Sequence[Pin]) -> list[list[Pin]]:
    """同じ名前が二度現れないように分けたもの。pip-audit は、一つのものの二つの版を一度に受けつけない。

    Examples
    --------
    >>> sheets([("numpy", "2.4.6"), ("numpy", "2.5.5"), ("six", "1.17.0"), ("six", "1.17.0")])
    [[('numpy', '2.4.6'), ('six', '1.17.0')], [('numpy', '2.5.5')]]
    """
    split: list[dict[str, str]] = []
    for name, version in dict.fromkeys(wanted):
        sheet = next((sheet for sheet in split if name not in sheet), None)
        if sheet is None:
            split.append(sheet := {})
        sheet[name] = version
    return [list(sheet.items()) for sheet in split]


def judge_python(wanted: Sequence[Pin], reports: Sequence[str]) -> Result:
    """pip-audit の報告（`--format json`）を読む。

    Parameters
    ----------
    wanted : sequence of (str, str)
        答えがなければならない、名前と版の組。
    reports : sequence of str
        報告の文。失敗した問い合わせでは、報告でない文のこともある。

    Returns
    -------
    Result
        数えるのは、版を挙げて答えのあったものだけ。
    """
    name = "Python のパッケージ"
    answers: dict[Pin, list[str]] = {}
    reasons = []
    for report in reports:
        try:
            dependencies = json.loads(report)["dependencies"]
        except (ValueError, KeyError, TypeError):
            reasons.append(_complaint(report))
            continue
        for dependency in dependencies:
            if "vulns" in dependency:
                pin = canonicalize_name(dependency["name"]), dependency["version"]
                answers[pin] = [_describe(pin, vulnerability) for vulnerability in dependency["vulns"]]
            else:
                reasons.append(dependency.get("skip_reason", ""))
    missing = [pin for pin in dict.fromkeys(wanted) if pin not in answers]
    return Result(
        name,
        checked=len(answers),
        found=tuple(line for lines in answers.values() for line in lines),
        unchecked=_shortfall(len(missing), len(set(wanted)), reasons) if missing or not wanted else "",
    )


def _describe(pin: Pin, vulnerability: dict[str, Any]) -> str:
    """脆弱性の一行。"""
    fixed = "、".join(vulnerability.get("fix_versions", [])) or "まだない"
    return f"{pin[0]} {pin[1]} の {vulnerability['id']}（直った版: {fixed}）"


def _shortfall(missing: int, total: int, reasons: Sequence[str]) -> str:
    """調べ残しの一行。"""
    reason = next(filter(None, reasons), "理由は示されませんでした")
    return f"{total} 個のうち {missing} 個の版に答えがありません（{reason}）"


def _complaint(text: str) -> str:
    """報告の代わりに出された知らせのうち、わけを述べる行。"""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "ERROR" in line), lines[-1] if lines else "")


def judge_npm(report: str) -> Result:
    """npm audit の報告（`--json`）を読む。

    Parameters
    ----------
    report : str
        報告の文。失敗した問い合わせでは、報告でない文のこともある。

    Returns
    -------
    Result
        `SERIOUS` より軽いものは、述べるだけで止めない。
    """
    name = "npm のパッケージ"
    try:
        answer = json.loads(report)
        checked = answer["metadata"]["dependencies"]["total"]
        vulnerabilities = answer["vulnerabilities"].values()
    except (ValueError, KeyError, TypeError):
        return Result(name, unchecked=_npm_reason(report))
    if not checked:
        return Result(name, unchecked="調べるものがありませんでした")
    lines = {
        f"{item['name']} {item['range']}（{item['severity']}）": item["severity"] for item in vulnerabilities
    }
    return Result(
        name,
        checked,
        found=tuple(line for line, severity in lines.items() if severity in SERIOUS),
        minor=tuple(line for line, severity in lines.items() if severity not in SERIOUS),
    )


def _npm_reason(report: str) -> str:
    """npm audit が答えを得られなかった理由。"""
    try:
        answer = json.loads(report)
        return str(answer.get("message") or answer["error"]["summary"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return _complaint(report) or "理由は示されませんでした"


def ask(command: Sequence[str], folder: Path = ROOT) -> str:
    """道具を走らせ、報告を返す。報告がなければ、画面に出した知らせを返す。"""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    except OSError as error:
        return f"{command[0]} を動かせません: {error.strerror}"
    return done.stdout.strip() or done.stderr


def ask_pip_audit(sheet: Sequence[Pin], number: int) -> str:
    """一枚ぶんの版を pip-audit に尋ねる。"""
    WORK.mkdir(parents=True, exist_ok=True)
    listed = WORK / f"pins-{number}.txt"
    listed.write_text("".join(f"{name}=={version}\n" for name, version in sheet), encoding="utf-8")
    options = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off")
    return ask(
        [sys.executable, "-m", "pip_audit", "--requirement", str(listed), *options,
         "--cache-dir", str(WORK / "cache")]
    )  # fmt: skip


def audit_python() -> Result:
    """本と道具の `constraints.txt` の、すべての版を調べる。"""
    wanted = [pin for lock in LOCKS for pin in pins(lock.read_text(encoding="utf-8"))]
    return judge_python(wanted, [ask_pip_audit(sheet, n) for n, sheet in enumerate(sheets(wanted))])


def audit_npm() -> list[Result]:
    """道具の `package-lock.json` のすべての版を調べる。"""
    command = ["npm", "audit", "--package-lock-only", "--json"]
    return [judge_npm(ask(command, lock.parent)) for lock in PACKAGES]


def main(arguments: Sequence[str]) -> int:
    """すべてを調べて結果を述べ、終わりの値を返す。"""
    results = [audit_python(), *audit_npm()]
    print(*results, sep="\n")
    if any(result.found for result in results):
        return FOUND
    if not any(result.unchecked for result in results):
        return CLEAN
    if "--may-skip" in arguments:
        print("脆弱性の検査を飛ばします。調べ残しがあります。")
        return CLEAN
    return UNCHECKED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""測った結果の記録（`score.json`）。部屋ごとに書き足すので、途中でやめても、済んだ部屋の結果は残る。"""

from __future__ import annotations

import datetime
import json
import platform
import threading
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from mutation.kinds import EXCLUDED, KINDS
from mutation.outcomes import Mutation, Outcome, counts, survivors
from mutation.rooms import HERE, TESTS, digests

SCORE = HERE / "score.json"
_WRITING = threading.Lock()


def rows() -> dict[str, dict[str, Any]]:
    """部屋ごとの記録。もうない部屋のものは除く。"""
    if not SCORE.exists():
        return {}
    recorded = json.loads(SCORE.read_text(encoding="utf-8"))["modules"]
    return {module: recorded[module] for module in TESTS if module in recorded}


def stale(module: str) -> bool:
    """まだ測っていないか、測ったあとでコード、検査、変異の作り方のどれかが変わった。"""
    row = rows().get(module, {})
    return any(row.get(name) != digest for name, digest in digests(module).items())


def alive(modules: Sequence[str]) -> dict[Mutation, int]:
    """記録にある、生き残った変異と、その数。"""
    recorded = rows()
    return {
        Mutation(module, entry["function"], entry["old"], entry["new"]): entry["count"]
        for module in modules
        if module in recorded
        for entry in recorded[module]["survivors"]
    }


def write(module: str, measured: dict[str, str], found: Sequence[Outcome], tool: str) -> None:
    """一つの部屋の結果を書き足す。

    Parameters
    ----------
    module : str
        部屋の名前。
    measured : dict
        測ったものの要約（`rooms.digests`）。測っている間に変わったかもしれないので、始めに求めておく。
    found : sequence of Outcome
        変異の結末。
    tool : str
        cosmic-ray の版。
    """
    row = {
        "date": datetime.date.today().isoformat(),
        "versions": {"cosmic-ray": tool, "Python": platform.python_version()}
        | {name: version(name) for name in ("numpy", "sympy", "pytest")},
        **measured,
        **counts(found),
        "kinds": {name: n for name in KINDS if (n := Counter(outcome.kind for outcome in found)[name])},
        "survivors": [
            {"function": mutation.function, "old": mutation.old, "new": mutation.new, "count": n}
            for mutation, n in survivors(found).items()
        ],
    }
    with _WRITING:
        recorded = {**rows(), module: row}
        content = {
            "kinds": KINDS,
            "excluded": list(EXCLUDED.values()),
            "modules": {name: recorded[name] for name in TESTS if name in recorded},
        }
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        SCORE.with_suffix(".new").write_text(text, encoding="utf-8")
        SCORE.with_suffix(".new").replace(SCORE)

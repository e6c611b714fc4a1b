"""外の審判と比べた結果の表を、記録から作る。

``{outside-judges}`` と書いたところに、`tools/outside/score.json` の表が入る。記録は ``make outside`` が書く。
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

JUDGED = Path(__file__).resolve().parents[1] / "tools" / "outside" / "score.json"
JUDGED_HEADINGS = ("比べたもの", "数", "誤差の最大", "食い違い", "この本が正しい", "審判が正しい")
VERDICTS = ("decided", "backprop", "other")


class OutsideJudgesDirective(SphinxDirective):
    """``{outside-judges}``。"""

    def run(self) -> list[nodes.Node]:
        """一文のまとめ、審判ごとの表、飛ばした検査。"""
        self.env.note_dependency(str(JUDGED))
        record = json.loads(JUDGED.read_text(encoding="utf-8"))
        rows = [[nodes.Text(name), *_judged_numbers(row)] for name, row in record["judged"].items()]
        skipped = [f"{entry['test']}: {entry['reason']}" for entry in record["skipped"]]
        return [
            nodes.paragraph("", _measured(record)),
            _grid(JUDGED_HEADINGS, rows),
            *_skipped(skipped),
        ]


def _judged_numbers(row: dict[str, Any]) -> Iterator[nodes.Node]:
    yield nodes.Text(str(row["compared"]))
    yield nodes.Text(power_of_ten(row["worst"]))
    yield from (nodes.Text(str(row.get(verdict, "–"))) for verdict in VERDICTS)


def power_of_ten(value: float) -> str:
    """2桁の小数と10の累乗で表した数。

    Examples
    --------
    >>> power_of_ten(2.6e-13), power_of_ten(0.0)
    ('2.6×10⁻¹³', '0')
    """
    digits, _, exponent = f"{value:.1e}".partition("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}×10{raised}" if value else "0"


def _skipped(lines: Sequence[str]) -> Iterator[nodes.Node]:
    if not lines:
        yield nodes.paragraph("", "飛ばした審判はありません。")
        return
    yield nodes.paragraph("", "次の検査は、飛ばしました。")
    yield nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", line)) for line in lines))


def _measured(record: dict[str, Any]) -> str:
    """いつ、どの版で測ったか。"""
    versions = "、".join(f"{name} {number}" for name, number in record["versions"].items())
    year, month, day = map(int, record["date"].split("-"))
    return f"{year}年{month}月{day}日に、{versions}で測りました。"


def _grid(headings: Sequence[str], rows: Sequence[Sequence[nodes.Node]]) -> nodes.table:
    """見出しの一行と、その下の行。"""
    columns = [nodes.colspec(colwidth=1) for _ in headings]
    head = nodes.thead("", _cells([nodes.Text(heading) for heading in headings]))
    body = nodes.tbody("", *map(_cells, rows))
    return nodes.table("", nodes.tgroup("", *columns, head, body, cols=len(columns)))


def _cells(contents: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", content)) for content in contents))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_directive("outside-judges", OutsideJudgesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""検査の成績の表を、記録から作る。

``{mutation-score}`` と書いたところに、`tools/mutation/score.json` の表が入る。記録は ``make mutants`` が書く。
意味が同じ変異の理由は `tools/mutation/equivalent.toml` から取り、``$…$`` を数式として組む。

``{outside-judges}`` と書いたところには、`tools/outside/score.json` の表が入る。記録は ``make outside`` が書く。
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

TOOLS = Path(__file__).resolve().parents[1] / "tools"
RECORD = TOOLS / "mutation" / "score.json"
JUDGED = TOOLS / "outside" / "score.json"
EQUIVALENT = RECORD.with_name("equivalent.toml")
HEADINGS = ("部屋", "変異", "検査が落ちた", "意味が同じ", "見のがした", "得点")
COLUMNS = ("mutants", "killed", "equivalent", "survived")
MUTATION = ("module", "function", "old", "new")
JUDGED_HEADINGS = ("比べたもの", "数", "誤差の最大", "食い違い", "この本が正しい", "審判が正しい")
VERDICTS = ("decided", "backprop", "other")


def score(row: dict[str, int]) -> str:
    """意味の変わる変異のうち、検査が落ちた割合。

    Examples
    --------
    >>> score({"mutants": 10, "killed": 7, "equivalent": 2, "survived": 1})
    '87.5 %'
    """
    return f"{row['killed'] / (row['mutants'] - row['equivalent']):.1%}".replace("%", " %")


class MutationScoreDirective(SphinxDirective):
    """``{mutation-score}``。"""

    def run(self) -> list[nodes.Node]:
        """一文のまとめ、部屋ごとの表、意味が同じ変異の理由。"""
        for source in (RECORD, EQUIVALENT):
            self.env.note_dependency(str(source))
        record = json.loads(RECORD.read_text(encoding="utf-8"))
        total = Counter[str]()
        for row in record["modules"].values():
            total.update(row)
        return [
            _summary(record, total),
            _table(record["modules"], total),
            *self._reasons(record["equivalent"]),
        ]

    def _reasons(self, equivalent: Sequence[dict[str, Any]]) -> Iterator[nodes.Node]:
        """理由ごとに、その理由で残した変異の数。"""
        reasons, counts = _known_reasons(), Counter[str]()
        for entry in equivalent:
            mutation = tuple(entry[key] for key in MUTATION)
            if mutation not in reasons:
                raise self.error(f"{mutation} が {EQUIVALENT.name} にありません。make mutants で測りなおしてください。")
            counts[reasons[mutation]] += entry["count"]
        if counts:
            lines = [self.parse_inline(f"{reason}（{n}個）")[0] for reason, n in counts.most_common()]
            items = [nodes.list_item("", nodes.paragraph("", "", *line)) for line in lines]
            yield nodes.paragraph("", "意味が同じとした変異の理由は、次のとおりです。")
            yield nodes.bullet_list("", *items)


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


def _known_reasons() -> dict[tuple[str, ...], str]:
    """名簿にある変異と、その理由。"""
    table = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    return {
        (entry["module"], entry["function"], entry["old"], new): entry["reason"]
        for entry in table
        for new in entry["new"]
    }


def _summary(record: dict[str, Any], total: dict[str, int]) -> nodes.paragraph:
    return nodes.paragraph("", f"{_measured(record)}変異は合わせて{total['mutants']}個です。")


def _measured(record: dict[str, Any]) -> str:
    """いつ、どの版で測ったか。"""
    versions = "、".join(f"{name} {number}" for name, number in record["versions"].items())
    year, month, day = map(int, record["date"].split("-"))
    return f"{year}年{month}月{day}日に、{versions}で測りました。"


def _table(modules: dict[str, dict[str, int]], total: dict[str, int]) -> nodes.table:
    rows = [[nodes.literal("", name), *_numbers(row)] for name, row in modules.items()]
    return _grid(HEADINGS, [*rows, [nodes.Text("合計"), *_numbers(total)]])


def _grid(headings: Sequence[str], rows: Sequence[Sequence[nodes.Node]]) -> nodes.table:
    """見出しの一行と、その下の行。"""
    columns = [nodes.colspec(colwidth=1) for _ in headings]
    head = nodes.thead("", _cells([nodes.Text(heading) for heading in headings]))
    body = nodes.tbody("", *map(_cells, rows))
    return nodes.table("", nodes.tgroup("", *columns, head, body, cols=len(columns)))


def _numbers(row: dict[str, int]) -> Iterator[nodes.Node]:
    yield from (nodes.Text(str(row[column])) for column in COLUMNS)
    yield nodes.Text(score(row))


def _cells(contents: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", content)) for content in contents))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_directive("mutation-score", MutationScoreDirective)
    app.add_directive("outside-judges", OutsideJudgesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

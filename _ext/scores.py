"""変異検査の得点の表を、記録から作る。

``{mutation-score}`` と書いたところに、`tools/mutation/score.json` の表が入る。記録は ``make mutants`` が書く。
意味が同じ変異の理由は `tools/mutation/equivalent.toml` から取り、``$…$`` を数式として組む。
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

RECORD = Path(__file__).resolve().parents[1] / "tools" / "mutation" / "score.json"
EQUIVALENT = RECORD.with_name("equivalent.toml")
HEADINGS = ("部屋", "変異", "検査が落ちた", "意味が同じ", "見のがした", "得点")
COLUMNS = ("mutants", "killed", "equivalent", "survived")
MUTATION = ("module", "function", "old", "new")


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


def _known_reasons() -> dict[tuple[str, ...], str]:
    """名簿にある変異と、その理由。"""
    table = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    return {
        (entry["module"], entry["function"], entry["old"], new): entry["reason"]
        for entry in table
        for new in entry["new"]
    }


def _summary(record: dict[str, Any], total: dict[str, int]) -> nodes.paragraph:
    versions = "、".join(f"{name} {number}" for name, number in record["versions"].items())
    year, month, day = map(int, record["date"].split("-"))
    text = f"{year}年{month}月{day}日に、{versions}で測りました。変異は合わせて{total['mutants']}個です。"
    return nodes.paragraph("", text)


def _table(modules: dict[str, dict[str, int]], total: dict[str, int]) -> nodes.table:
    rows = [_cells([nodes.literal("", name), *_numbers(row)]) for name, row in modules.items()]
    rows.append(_cells([nodes.Text("合計"), *_numbers(total)]))
    columns = [nodes.colspec(colwidth=1) for _ in HEADINGS]
    head = nodes.thead("", _cells([nodes.Text(heading) for heading in HEADINGS]))
    return nodes.table("", nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(columns)))


def _numbers(row: dict[str, int]) -> Iterator[nodes.Node]:
    yield from (nodes.Text(str(row[column])) for column in COLUMNS)
    yield nodes.Text(score(row))


def _cells(contents: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", content)) for content in contents))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_directive("mutation-score", MutationScoreDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

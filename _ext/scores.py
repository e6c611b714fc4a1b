"""変異検査の得点の表を、記録から作る。

``{mutation-score}`` と書いたところに、`tools/mutation/score.json` の表が入る。記録は ``make mutants`` が書く。
意味が同じ変異の理由は `tools/mutation/equivalent.toml` から取り、``$…$`` を数式として組む。
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from metadata import CITATION, book
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tools" / "mutation" / "score.json"
EQUIVALENT = RECORD.with_name("equivalent.toml")
UNMEASURED = RECORD.with_name("unmeasured.txt")
RESULTS = {"mutants": "変異", "killed": "検査が落ちた", "equivalent": "意味が同じ", "survived": "見のがした"}
MUTATION = ("module", "function", "old", "new")


def score(row: dict[str, int]) -> str:
    """意味の変わる変異のうち、検査が落ちた割合。

    Examples
    --------
    >>> score({"mutants": 10, "killed": 7, "equivalent": 2})
    '87.5 %'
    """
    return f"{row['killed'] / (row['mutants'] - row['equivalent']):.1%}".replace("%", " %")


def reasons() -> dict[tuple[str, ...], str]:
    """名簿にある変異と、その理由。"""
    table = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    return {
        (entry["module"], entry["function"], entry["old"], new): entry["reason"]
        for entry in table
        for new in entry["new"]
    }


def unmeasured() -> list[str]:
    """まだ測っていない部屋。測り終えれば、名簿は空になる。"""
    return UNMEASURED.read_text(encoding="utf-8").split()


def judged(modules: dict[str, dict[str, Any]]) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """部屋ごとの数と、意味が同じとした理由ごとの数。生き残った変異は、名簿にあれば意味が同じ、なければ見のがしである。"""
    known, rows, found = reasons(), {}, Counter[str]()
    for module, row in modules.items():
        numbers = Counter({"mutants": row["mutants"], "killed": row["killed"]})
        for entry in row["survivors"]:
            reason = known.get((module, *(entry[key] for key in MUTATION[1:])))
            numbers["equivalent" if reason else "survived"] += entry["count"]
            found += Counter({reason: entry["count"]} if reason else {})
        rows[module] = numbers + Counter()
    return rows, found


class MutationScoreDirective(SphinxDirective):
    """``{mutation-score}``。"""

    def run(self) -> list[nodes.Node]:
        """何を変異させたか、部屋ごとの表、変異させないもの、意味が同じ変異の理由。"""
        for source in (RECORD, EQUIVALENT, UNMEASURED, CITATION):
            self.env.note_dependency(str(source))
        record = json.loads(RECORD.read_text(encoding="utf-8"))
        modules = record["modules"]
        rows, found = judged(modules)
        total = Counter[str]()
        for row in rows.values():
            total.update(row)
        return [
            *self._listed(
                "変異の種類は、次のとおりです。", (f"**{k}**: {v}。" for k, v in record["kinds"].items())
            ),
            *self._listed("次の変異は作りません。", (f"{reason}。" for reason in record["excluded"])),
            _summary(modules, total),
            _table(list(record["kinds"]), modules, rows, total),
            *self._listed(
                "次の部屋は、この版のコードではまだ測っていません。", (f"`{name}`" for name in unmeasured())
            ),
            *self._listed(
                "意味が同じとした変異の理由は、次のとおりです。",
                (f"{reason}（{n}個）" for reason, n in found.most_common()),
            ),
        ]

    def _listed(self, heading: str, lines: Iterable[str]) -> Iterator[nodes.Node]:
        items = [nodes.list_item("", nodes.paragraph("", "", *self.parse_inline(line)[0])) for line in lines]
        if items:
            yield nodes.paragraph("", heading)
            yield nodes.bullet_list("", *items)


def _summary(modules: dict[str, dict[str, Any]], total: Counter[str]) -> nodes.paragraph:
    tools = dict.fromkeys(
        f"{name} {number}" for row in modules.values() for name, number in row["versions"].items()
    )
    days = sorted({row["date"] for row in modules.values()})
    when = "から".join(dict.fromkeys(_day(day) for day in (days[0], days[-1])))
    text = f"測った部屋のコードは、説明とコメントを除けば、この版（{book().version}）の src/backprop と同じです。"
    text += f"{when}に、{'、'.join(tools)}で測りました。変異は合わせて{total['mutants']}個です。"
    return nodes.paragraph("", text)


def _day(date: str) -> str:
    year, month, day = map(int, date.split("-"))
    return f"{year}年{month}月{day}日"


def _table(
    kinds: Sequence[str],
    modules: dict[str, dict[str, Any]],
    rows: dict[str, Counter[str]],
    total: Counter[str],
) -> nodes.table:
    every = Counter[str]()
    for row in modules.values():
        every.update(row["kinds"])
    body = [
        _cells([nodes.literal("", name), *_numbers(kinds, row["kinds"], rows[name])])
        for name, row in modules.items()
    ]
    body.append(_cells([nodes.Text("合計"), *_numbers(kinds, every, total)]))
    headings = ["部屋", *kinds, *RESULTS.values(), "得点"]
    columns = [nodes.colspec(colwidth=1) for _ in headings]
    head = nodes.thead("", _cells([nodes.Text(heading) for heading in headings]))
    return nodes.table("", nodes.tgroup("", *columns, head, nodes.tbody("", *body), cols=len(columns)))


def _numbers(kinds: Sequence[str], own: dict[str, int], row: Counter[str]) -> Iterator[nodes.Node]:
    yield from (nodes.Text(str(own.get(kind, 0))) for kind in kinds)
    yield from (nodes.Text(str(row[column])) for column in RESULTS)
    yield nodes.Text(score(row))


def _cells(contents: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", content)) for content in contents))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_directive("mutation-score", MutationScoreDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

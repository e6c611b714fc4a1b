"""よく使われる検査の規則と、この本の審判が、博物館の展示のいくつに気づくか。表の数は、本をつくるたびに数える。

``{common-rules}`` と書いたところに、表が入る。
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

HEADINGS = ("規則", "必ず気づく", "くじしだい", "気づかない")


def counted() -> dict[str, tuple[int, int, int]]:
    """規則ごとの、必ず気づく展示、くじしだいの展示、気づかない展示の数。"""
    from backprop.judges.museum import EXHIBITS, examine
    from backprop.judges.museum.common_rules import by_every_element, by_falling_loss, by_one_element

    exhibits = list(EXHIBITS.values())
    chances = {
        "損失が下がる": [float(by_falling_loss(exhibit)) for exhibit in exhibits],
        "一つの要素だけ、許容限界 0.01": [by_one_element(exhibit) for exhibit in exhibits],
        "すべての要素、相対誤差 0.000001": [float(by_every_element(exhibit)) for exhibit in exhibits],
        "この本の審判（記号と自動微分を除く七人）": [
            float(any(examine(exhibit, {}).values())) for exhibit in exhibits
        ],
    }
    return {
        rule: (sum(c == 1 for c in found), sum(0 < c < 1 for c in found), sum(c == 0 for c in found))
        for rule, found in chances.items()
    }


class CommonRulesDirective(SphinxDirective):
    """``{common-rules}``。"""

    def run(self) -> list[nodes.Node]:
        """一つの行に、一つの規則。"""
        rows = [_row(rule, *map(str, numbers)) for rule, numbers in counted().items()]
        columns = [nodes.colspec(colwidth=1) for _ in HEADINGS]
        head = nodes.thead("", _row(*HEADINGS))
        return [nodes.table("", nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(columns)))]


def _row(*texts: str) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in texts))


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_directive("common-rules", CommonRulesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

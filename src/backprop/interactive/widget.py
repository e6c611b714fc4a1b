"""ノートブックの出力としての、動かして見る図。"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backprop.checks import explained, mapping
from backprop.figures.drafting.inputs import text

LIMIT = 60_000
"""出力の大きさの限り（文字数）。読み込む時間を、図一枚より短く保つ。"""


@explained
@dataclass(frozen=True)
class Widget:
    """動かして見る図。ノートブックのセルの最後に書くと表示される。

    Attributes
    ----------
    kind : str
        図の種類（``"stepper"``、``"sliders"`` など）。サイトの、同じ名前のスクリプトが組み立てる。
    summary : str
        文字だけの画面での一行。
    data : dict
        表示する値。計算したものは、どれも表示する桁に丸めてあり、機械によって変わる最後の桁を持たない。
    table : str
        動かせないところで見せる表（HTML）。

    Raises
    ------
    TypeError
        値が辞書でない、ほかが文字列でない。

    Examples
    --------
    >>> widget = Widget("sliders", "一行の説明", {"low": 0.5}, "<p>表</p>")
    >>> widget
    一行の説明
    >>> print(widget._repr_mimebundle_()["text/html"])
    <div class="interactive" data-kind="sliders">
    <div class="interactive-table" tabindex="0">
    <p>表</p>
    </div>
    <script type="application/json">
    {"low":0.5}
    </script>
    </div>
    """

    kind: str
    summary: str
    data: dict[str, Any]
    table: str

    def __post_init__(self) -> None:
        text("kind", self.kind), text("summary", self.summary), text("table", self.table)
        mapping("data", self.data)

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.summary, "text/html": self._html()}

    def _html(self) -> str:
        lines = [f"{_json({name: value})[1:-1]}" for name, value in self.data.items()]
        content = "{" + ",\n".join(lines) + "}"
        return "\n".join(
            (
                f'<div class="interactive" data-kind="{self.kind}">',
                f'<div class="interactive-table" tabindex="0">\n{self.table}\n</div>',
                f'<script type="application/json">\n{content}\n</script>',
                "</div>",
            )
        )


def _json(value: object) -> str:
    # 「</」があると、ブラウザはそこで script が終わったとみなす
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """表の HTML。行の1個めは、その行の見出し。中身は HTML、題は文字。

    Examples
    --------
    >>> print(table(["a", "b"], [["1", "2"]], "題"))
    <table>
    <caption>題</caption>
    <thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>
    <tbody>
    <tr><th scope="row">1</th><td>2</td></tr>
    </tbody>
    </table>
    """
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = [
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    ]
    return "\n".join(
        (
            "<table>",
            f"<caption>{html.escape(caption)}</caption>",
            f"<thead><tr>{columns}</tr></thead>",
            "<tbody>",
            *body,
            "</tbody>",
            "</table>",
        )
    )

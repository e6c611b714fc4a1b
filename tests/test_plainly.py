"""MyST の書き方を、どの道具でも読める Markdown に書きなおすところ。"""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from deriving import derive
from numbering import Doors
from plainly import Unreadable, leftovers, rewrite
from pruning import prune


class Answers:
    """何を尋ねられたかがわかる答え。"""

    def __init__(self, lap: str = "") -> None:
        self.lap = lap
        self.asked: list[tuple[str, ...]] = []
        self.numbers = iter(range(1, 100))
        self.images: dict[str, Any] = {}

    def role(self, name: str, content: str) -> str:
        self.asked.append((name, content))
        return f"[{content}](#{name})"

    def link(self, target: str, text: str) -> str:
        return f"[{text}](→{target})"

    def image(self, source: str) -> str:
        return f"attachment:{source}"

    def equation(self, label: str) -> str:
        return "7.3"

    def figure(self, name: str) -> str:
        return "図 7.1"

    def heading(self) -> tuple[str, str]:
        return f"7.{next(self.numbers)}. ", self.lap

    def note(self, label: str) -> int:
        return 1

    def finish(self) -> None:
        """数は調べない。"""


def plain(text: str) -> str:
    """書きなおしたもの。読めない書き方は、残っていない。"""
    made = rewrite(text, Answers())
    assert not leftovers(made)
    return made


SAME = [
    "文だけ。**太字**と `{ref}` と $x_{1}$ と [外](https://example.org/)。",
    "```python\n{ref}`a` (b)=\n```",
    "- 一つ\n- 二つ\n\n1. 三つ",
    "| a | b |\n|---|---|\n| `x` | $y$ |",
    "$$\nx = 1\n$$",
    "<details>\n<summary>答え</summary>\n\n中身\n\n</details>",
    "![絵](https://example.org/a.png)",
]
CHANGED = {
    "役割": ("文 {eq}`a`、{ref}`題 <b>`。", "文 [a](#eq)、[題 <b>](#ref)。"),
    "太字と一覧の中の役割": ("- **{ref}`a`** と {ref}`b`\n  続き {ref}`a`", "- **[a](#ref)** と [b](#ref)\n  続き [a](#ref)"),
    "コードと同じ字の役割": ("`{eq}` は {eq}`a` の書き方", "`{eq}` は [a](#eq) の書き方"),
    "表の中の役割": (
        "| {eq}`a` | b |\n|---|---|\n| {eq}`a` | {eq}`a` |",
        "| [a](#eq) | b |\n|---|---|\n| [a](#eq) | [a](#eq) |",
    ),
    "引用の中の役割": ("> 定理 {eq}`a`\n> 続き {eq}`b`", "> 定理 [a](#eq)\n> 続き [b](#eq)"),
    "ラベルの行と見出し": ("(sec-a)=\n## 題", '<a id="sec-a"></a>\n\n## 7.1. 題'),
    "ラベルのすぐあとの文": ("(thm-a)=\n> 定理", '<a id="thm-a"></a>\n\n> 定理'),
    "式の番号": ("$$\nx\n$$ (eq-a)", '<a id="equation-eq-a"></a>\n\n$$\nx \\tag{7.3}\n$$'),
    "一覧の中の式": (
        "- a\n\n  $$\n  x\n  $$ (eq-a)", '- a\n\n  <a id="equation-eq-a"></a>\n\n  $$\n  x \\tag{7.3}\n  $$'
    ),
    "amsmath": ("\\begin{align}\na &= b\n\\end{align}", "$$\n\\begin{aligned}\na &= b\n\\end{aligned}\n$$"),
    "内へのリンク": ("[前](a.ipynb) と [外](https://b.c)", "[前](→a.ipynb) と [外](https://b.c)"),
    "画像": ("![絵](a.png)", "![絵](attachment:a.png)"),
    "注": ("文[^a]。\n\n[^a]: 注の {eq}`b`", '文[（注1）](#note-a)。\n\n<a id="note-a"></a>**注1** 注の [b](#eq)'),
    "定義の一覧": ("**語**\n: 説明 {eq}`a`", "**語**\n\n- 説明 [a](#eq)"),
    "注釈": ("前\n\n% 覚え書き\n\n後", "前\n\n\n\n後"),
    "囲み": (":::{note}\n本文 {eq}`a`\n:::", "> **メモ**\n>\n> 本文 [a](#eq)"),
    "題のある囲み": ("```{admonition} 題\n:class: tip\n本文\n```", "> **題**\n>\n> 本文"),
    "畳んだ囲み": (
        "```{admonition} 題\n:class: dropdown\n本文\n```", "<details>\n<summary>題</summary>\n\n本文\n\n</details>"
    ),
    "定理": (
        "```{prf:theorem} 名\n:label: thm-a\n本文\n```", '<a id="thm-a"></a>\n\n> **定理（名）**\n>\n> 本文'
    ),
    "入れ子": ("````{note}\n```{tip}\n中\n```\n````", "> **メモ**\n>\n> > **こつ**\n> >\n> > 中"),
    "式の指示": (
        "```{math}\n:label: eq-a\nx\n```", '<a id="equation-eq-a"></a>\n\n$$\nx \\tag{7.3}\n$$'
    ),
    "コードの指示": ("```{code-block} python\nx = 1\n```", "```python\nx = 1\n```"),
    "図の指示": (
        "```{figure} a.png\n---\nname: fig-a\nalt: 説明\n---\n題\n```",
        '<a id="fig-a"></a>\n\n![説明](attachment:a.png)\n\n**図 7.1:** 題',
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_what_every_tool_reads_is_left_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(("text", "made"), CHANGED.values(), ids=CHANGED)
def test_what_only_myst_reads_is_rewritten(text: str, made: str) -> None:
    assert leftovers(text) or text != made
    assert plain(text) == made


@pytest.mark.parametrize(
    "text",
    ["```{exercise-start}\n```", "[語]{.red}", "題\n==", "`x`{.python}"],
    ids=["指示", "属性", "見出し", "コード"],
)
def test_what_has_no_rule_is_refused_in_japanese(text: str) -> None:
    with pytest.raises(Unreadable, match="[ぁ-ん]"):
        rewrite(text, Answers())


def test_headings_of_later_laps_say_so() -> None:
    made = rewrite("## $W$ の題\n\n### {ref}`a`\n文", Answers("（二周目）"))
    assert made == "## 7.1. $W$ の題（二周目）\n\n### 7.2. [a](#ref)（二周目）\n文"


def notebook(*cells: Any) -> nbformat.NotebookNode:
    """セルを並べたノートブック。"""
    return nbformat.v4.new_notebook(cells=list(cells))


def code(source: str, *tags: str, **settings: Any) -> nbformat.NotebookNode:
    """印のついたコードのセル。"""
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags), **settings})


class TestCells:
    """セルの扱い。"""

    def test_the_first_cell_stands_before_the_code(self) -> None:
        made = derive(
            notebook(nbformat.v4.new_markdown_cell("# 題"), code("1")), Answers(), "準備", "出どころ"
        )
        assert [cell.source for cell in made.cells] == ["# 7.1. 題", "準備", "1", "出どころ"]
        assert [cell.execution_count for cell in made.cells if cell.cell_type == "code"] == [1, 2]

    def test_a_picture_without_words_is_refused(self) -> None:
        cell = code("draw()")
        cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": "", "text/plain": "<Figure>"})]
        with pytest.raises(Unreadable, match="図に説明"):
            derive(notebook(cell), Answers(), "", "")

    def test_hidden_code_is_folded(self) -> None:
        made = derive(notebook(code("1", "hide-input"), code("2", "remove-output")), Answers(), "", "")
        assert made.cells[1].metadata["jupyter"] == {"source_hidden": True}
        assert "jupyter" not in made.cells[2].metadata

    def test_only_checks_are_removed(self) -> None:
        cells = [
            code("x = 1"),
            code("assert x == 1", "remove-cell"),
            code("y = x\nassert y\nz = 2", "remove-cell"),
            code("w = 3", "remove-cell"),
            code("def f(w):\n    return [z for z in w]\n\n\nf([y])"),
        ]
        assert [cell.source for cell in prune(cells)] == ["x = 1", "y = x\nz = 2", cells[-1].source]

    def test_what_a_kept_cell_needs_is_kept_too(self) -> None:
        cells = [code("a = 1", "remove-cell"), code("b = a", "remove-cell"), code("b")]
        assert [cell.source for cell in prune(cells)] == ["a = 1", "b = a", "b"]


class TestDoors:
    """どこに置かれるかで、開けるものが違う。"""

    CHAPTERS = frozenset({"chapters/a", "chapters/b"})

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({}, ["#x", None, None]),
            ({"beside": True}, ["#x", "b.ipynb#x", None]),
            ({"site": "S/"}, ["#x", "S/chapters/b.html#x", "S/glossary.html#x"]),
            ({"beside": True, "site": "S/"}, ["#x", "b.ipynb#x", "S/glossary.html#x"]),
            ({"branch": "B/"}, ["#x", "B/chapters/b.ipynb", None]),
        ],
    )
    def test_addresses(self, settings: dict[str, Any], expected: list[str | None]) -> None:
        doors = Doors(self.CHAPTERS, **settings)
        targets = ("chapters/a", "chapters/b", "glossary")
        assert [doors.address("chapters/a", target, "x") for target in targets] == expected

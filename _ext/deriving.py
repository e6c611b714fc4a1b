"""章のノートブックから、サイトの外でも読める写しを作る。

サイトと同じように、隠すセルを除き、コードを畳み、図に番号と題を添え、文章の記法を書きなおす。残る検査は、
読者が数を変えても止まらないものにする。
"""

from __future__ import annotations

import base64
import copy
import mimetypes

import nbformat
from nbformat import NotebookNode
from numbering import Chapter
from plainly import Unreadable, anchor, rewrite
from pruning import REMOVED, prune
from softening import softened

_FOLDED = {"hide-input", "hide-cell", "remove-input", REMOVED}
START_ID = "start"
END_ID = "end"


def derive(notebook: NotebookNode, page: Chapter, start: str, end: str) -> NotebookNode:
    """ノートブックの写し。

    Parameters
    ----------
    notebook : NotebookNode
        原稿。変えない。
    page : Chapter
        番号とリンクを答えるもの。
    start : str
        コードのセルの前に置く、パッケージを用意するコード。
    end : str
        終わりに置く、出どころとライセンスの文。
    """
    cells: list[NotebookNode] = []
    for source in prune(notebook.cells):
        cells += _cells(copy.deepcopy(source), page)
    page.finish()
    first = next((n for n, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    folded = {"cellView": "form", "jupyter": {"source_hidden": True}}  # Colab と、JupyterLab や VS Code
    cells.insert(first, nbformat.v4.new_code_cell(start, id=START_ID, metadata=folded))
    cells.append(nbformat.v4.new_markdown_cell(end, id=END_ID))
    _count(cells)
    derived = nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(notebook.metadata))
    nbformat.validate(derived)
    return derived


def _cells(cell: NotebookNode, page: Chapter) -> list[NotebookNode]:
    """一つのセルの写し。図には、題のセルが続く。"""
    if cell.cell_type == "markdown":
        return [_text(cell, page)]
    if cell.cell_type != "code":
        return []
    settings = cell.metadata.pop("mystnb", {})
    cell.source = softened(cell.source)
    _fold(cell)
    for output in cell.outputs:
        _output(cell, output, settings, page)
    return [cell, *_caption(cell, settings, page)]


def _text(cell: NotebookNode, page: Chapter) -> NotebookNode:
    page.images.clear()
    cell.source = rewrite(cell.source, page).strip("\n")
    attachments = {
        name: {mimetypes.guess_type(name)[0]: base64.b64encode(path.read_bytes()).decode()}
        for name, path in page.images.items()
    }
    if attachments:
        cell.attachments = nbformat.from_dict(attachments)
    return cell


def _fold(cell: NotebookNode) -> None:
    """サイトで畳むコードを、JupyterLab と VS Code でも畳む。"""
    tags = set(cell.metadata.get("tags", []))
    if "remove-output" in tags:
        cell.outputs = []
    hidden = {"source_hidden": bool(tags & _FOLDED), "outputs_hidden": "hide-output" in tags}
    if any(hidden.values()):
        cell.metadata["jupyter"] = {name: True for name, value in hidden.items() if value}


def _output(cell: NotebookNode, output: NotebookNode, settings: NotebookNode, page: Chapter) -> None:
    """文章の出力を書きなおし、図に説明を添える。"""
    data = output.get("data", {})
    if "text/markdown" in data:
        data["text/markdown"] = rewrite(data["text/markdown"], page)
    for kind in [kind for kind in data if kind.startswith("image/")]:
        alternative = settings.get("image", {}).get("alt", "").strip()
        if not alternative:
            raise Unreadable(f"図に説明（alt）がありません:\n{cell.source}")
        output.metadata.setdefault(kind, {})["alt"] = alternative
        data["text/plain"] = alternative


def _caption(cell: NotebookNode, settings: NotebookNode, page: Chapter) -> list[NotebookNode]:
    """図の番号、題、見えない人への説明。

    描きなおすと出力の説明は消え、JupyterLab は出力の説明を読み上げないので、文章にも書く。
    """
    figure = settings.get("figure")
    if not figure:
        return []
    caption = rewrite(figure["caption"].strip(), page)
    name = figure.get("name")
    title = f"{anchor(name)}**{page.figure(name)}:** {caption}" if name else caption
    alternative = settings.get("image", {}).get("alt", "").strip()
    details = (
        f"\n\n<details>\n<summary>図の説明</summary>\n\n{alternative}\n\n</details>" if alternative else ""
    )
    return [nbformat.v4.new_markdown_cell(title + details, id=f"{cell.id}-caption"[-64:])]


def _count(cells: list[NotebookNode]) -> None:
    """除いたセルの分だけ飛んだ実行の番号を、つけなおす。"""
    for number, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number

"""畳むコード: 読者の見るもの（図、表、審判の一行）を先に置き、それをつくるコードは、下の小さな言葉に畳む。

ノートブックでは、コードが先にある。サイトでは、図のたびに、コードの帯が行く手をふさぐので、順を入れ替える。
"""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform

FOLDED = "folded"
"""畳むコードのクラス。"""
PLAIN, PREPARING = "コード", "準備のコード"
FIGURE, TABLE = "図のコード", "表のコード"


class FoldBelow(SphinxPostTransform):
    """畳んだコードを、出力の下へ移し、何のコードかを言う。"""

    default_priority = 200  # myst_nb が畳んだ（199）あとで
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """コードのセルごとに変える。"""
        for fold in list(self.document.findall(HideCodeCellNode)):
            cell = fold.parent
            if fold["prompt_show"] == PLAIN:
                fold["prompt_show"] = name(cell)
            cell.remove(fold)
            cell.append(fold)


def name(cell: nodes.Element) -> str:
    """何のコードか。

    Examples
    --------
    >>> name(nodes.container("", nodes.container("", nodes.image())))
    '図のコード'
    >>> name(nodes.container("", nodes.raw("", "<table></table>"))), name(nodes.container("", nodes.table()))
    ('表のコード', '表のコード')
    >>> name(nodes.container("", nodes.literal_block("", "import numpy as np")))
    '準備のコード'
    """
    written = [raw.astext() for raw in cell.findall(nodes.raw)]
    if next(cell.findall(nodes.image), None) or any('class="interactive"' in text for text in written):
        return FIGURE
    if next(cell.findall(nodes.table), None) or any("<table" in text for text in written):
        return TABLE
    shown = any(part.get("nb_element") == "cell_code_output" for part in cell.findall(nodes.container))
    return PLAIN if shown else PREPARING


def _open(translator: Any, node: HideCodeCellNode) -> None:
    words = html.escape(node["prompt_show"])
    translator.body.append(f'<details class="{FOLDED}">\n<summary>{words}</summary>\n')


def _close(translator: Any, node: HideCodeCellNode) -> None:
    translator.body.append("</details>\n")


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.setup_extension("myst_nb")
    app.add_post_transform(FoldBelow)
    app.add_node(HideCodeCellNode, override=True, html=(_open, _close))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

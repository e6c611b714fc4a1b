"""定理に、そこへのリンク「#」をつける。

定理は、``(thm-…)=`` の名を持つ引用として書かれている。
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PREFIX = "thm-"
LABEL = "この定理へのリンク"


class LinkTheorems(SphinxPostTransform):
    """定理の見出し（引用の最初の太字）のうしろに、リンクを入れる。"""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """名を持つ引用を探す。"""
        for theorem in self.document.findall(nodes.block_quote):
            name = next((name for name in theorem["ids"] if name.startswith(PREFIX)), None)
            heading = next(iter(theorem.findall(nodes.strong)), None)
            if name and heading is not None:
                place = heading.parent.index(heading)
                heading.parent.insert(place + 1, nodes.raw("", link(name), format="html"))


def link(name: str) -> str:
    """定理へのリンク。

    Examples
    --------
    >>> link("thm-a")
    '<a class="headerlink" href="#thm-a" title="この定理へのリンク">#</a>'
    """
    return f'<a class="headerlink" href="#{name}" title="{LABEL}">#</a>'


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_post_transform(LinkTheorems)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

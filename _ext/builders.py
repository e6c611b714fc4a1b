"""何を作っているか。"""

from __future__ import annotations

from sphinx.application import Sphinx


def makes_site(app: Sphinx) -> bool:
    """ブラウザで読むサイトを作っているか。EPUB も、書式（format）は html なので、名前で見分ける。"""
    return app.builder.name == "html"

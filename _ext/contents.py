"""目次にあるページだけを本に入れる。目次にないファイルは、置いてあっても読まない。

sphinx-external-toc の同じ働きは、仮想環境や `_build` の中まで探してから除くので数秒かかり、かぎ括弧のある置き場所では
何も除かない。
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config


def include(app: Sphinx, config: Config) -> None:
    """目次にあるページのファイルを、読むものとして並べる。"""
    root = Path(app.srcdir)
    names = sorted(config.external_site_map)
    config.include_patterns = [
        place for name in names for place in (name, *(name + end for end in config.source_suffix))
        if (root / place).is_file()
    ]  # fmt: skip


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。目次（sphinx_external_toc）が読まれたあとに働く。"""
    app.connect("config-inited", include, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

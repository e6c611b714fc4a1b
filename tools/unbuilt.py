"""できあがった本を調べる検査を外す、pytest の部品。make compat が使う。"""

from __future__ import annotations

import pytest

BUILT = {"book", "book_epub", "book_pdf", "browser", "converter", "html"}
"""できあがった本か、それをつくる道具（仮想環境、temml）が要る fixture。"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """本をつくらずに走らせられる検査だけを残す。"""
    left_out = [item for item in items if BUILT & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]

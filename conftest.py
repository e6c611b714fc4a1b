"""検査の全体にかかわる取り決め: nbval が調べるものと比べるもの、どの命令で走る検査か。"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
# 途中の段（traceback）には、実行した機械の中の場所が現れる。番号は実行の順で決まり、別に調べている。
NOT_COMPARED = ("traceback", "execution_count", "metadata")
SITE = {"html", "pages", "anchors", "site", "browser"}
"""できあがったページを読む検査と、ブラウザで開く検査の使うもの。"""
PRINTED = {"book_pdf", "book_epub"}
"""紙の本と電子書籍を読む検査の使うもの。"""


def pytest_collectstart(collector: pytest.Collector) -> None:
    """図も、組まれた数式も、出力の種類も、記録と1バイトも違わないことを求める。nbval は、はじめは図を比べない。"""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = NOT_COMPARED


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """目次にないノートブックは、読者や著者の私物なので、調べない。"""
    path = collection_path.resolve()
    return True if path.suffix == ".ipynb" and path.is_relative_to(ROOT) and _is_private(path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """練習問題のノートブックの出力は、長い検査で比べる。解答が合格し、白紙が合格しないことは、いつもの検査が見る。

    できあがったページを読むか、ブラウザで開く検査には、印 ``site`` を、紙の本か電子書籍を読む検査には、印 ``printed`` をつける。
    """
    for item in items:
        if item.path.suffix == ".ipynb" and item.path.parent == ROOT / "exercises":
            item.add_marker(pytest.mark.long)
        elif PRINTED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.printed)
        elif SITE & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.site)


def _is_private(notebook: Path) -> bool:
    # 外の審判の環境には、目次を読む道具（PyYAML）がない。そこではノートブックを調べないので、要るときにだけ読む。
    from toc import notebooks

    return notebook not in notebooks()

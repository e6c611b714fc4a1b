"""できあがったページの、名前のついた場所。"""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag


class Anchors(dict[str, dict[str, Tag]]):
    """ページの、id から要素を引く辞書。引かれたページを、一度だけ初めから終わりまで見る。"""

    def __init__(self, pages: dict[str, BeautifulSoup]) -> None:
        super().__init__()
        self.pages = pages

    def __missing__(self, place: str) -> dict[str, Tag]:
        tags = self.pages[place].find_all(id=True)
        self[place] = {str(tag["id"]): tag for tag in reversed(tags)}
        return self[place]

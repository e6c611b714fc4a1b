"""一度公開した URL は、「#」より先も含めて、ページの名が変わっても、その場所へ導く。"""

from __future__ import annotations

from pathlib import Path

import moving
import pytest
from bs4 import BeautifulSoup

ROOT = moving.ROOT
Pages = dict[str, BeautifulSoup]


def test_the_record_is_not_empty() -> None:
    assert len(moving.recorded()) >= 36
    assert sum(map(len, moving.recorded().values())) >= 700


@pytest.mark.parametrize("place", moving.recorded())
def test_every_address_once_published_leads_to_its_place(pages: Pages, place: str) -> None:
    now = moving.moves().get(place, place)
    assert now in pages, f"{place} は、どこにも導かれません。redirects.txt に書いてください。"
    lost = [name for name in moving.recorded()[place] if pages[now].find(id=name) is None]
    assert not lost, f"{place} のこの場所が、{now} にありません。"


def test_old_addresses_are_written_and_new_ones_are_not_hidden(html: Path) -> None:
    for old, new in moving.moves().items():
        sources = [p for end in (".md", ".ipynb") for p in ROOT.glob(str(Path(old).with_suffix(end)))]
        assert not sources, f"{old} の原稿は、まだあります。"
        text = (html / old).read_text(encoding="utf-8")
        assert Path(new).name in text, old


def test_moves_are_followed_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "redirects.txt"
    file.write_text("# 覚え書き\na.md b.ipynb\n\nb.ipynb c/d.md\n", encoding="utf-8")
    monkeypatch.setattr(moving, "REDIRECTS", file)
    assert moving.moves() == {"a.html": "c/d.html", "b.html": "c/d.html"}

"""できた紙の本、電子書籍、サイトの写しを、サイトに置き、入口のページに大きさを書く。"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

from pikepdf import Pdf

from press.leaves import Missing

PDF, EPUB, BUNDLE, SITE = (
    "backprop-book.pdf",
    "backprop-book.epub",
    "backprop-book.zip",
    "backprop-book-site.zip",
)
PLACE = re.compile(r'<p class="downloads"[^>]*>.*?</p>', re.DOTALL)


def shelve(root: Path, press: Path) -> None:
    """入口のページの、持ち帰るものの一覧を書く。

    Raises
    ------
    Missing
        紙の本か電子書籍かサイトが、まだない。
    """
    html = root / "_build" / "html"
    for path in (html / "index.html", html / BUNDLE, press / PDF, press / EPUB):
        if not path.is_file():
            raise Missing(f"{path} がありません。先に make book、make pdf、make epub をしてください。")
    for name in (PDF, EPUB):
        shutil.copyfile(press / name, html / name)
    _copy(html)
    front = html / "index.html"
    text, count = PLACE.subn(_listed(html), front.read_text(encoding="utf-8"))
    if count != 1:
        raise Missing(f"{front} に、持ち帰るものを書くところがありません。")
    front.write_text(text, encoding="utf-8")
    print(f"置きました: {html / PDF}、{html / EPUB}、{html / SITE}")


def _copy(html: Path) -> None:
    """ネットワークのないところで読む、サイトの写し。"""
    left = {PDF, EPUB, BUNDLE, SITE}
    with zipfile.ZipFile(html / SITE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in html.rglob("*") if path.is_file() and path.name not in left):
            entry = zipfile.ZipInfo(
                f"backprop-book/{path.relative_to(html).as_posix()}", (2000, 1, 1, 0, 0, 0)
            )
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def _listed(html: Path) -> str:
    with Pdf.open(html / PDF) as pdf:
        pages = len(pdf.pages)
    told = "、".join([
        _link(html, PDF, f"紙の本（PDF、A4 で{pages}ページ", "）"),
        _link(html, EPUB, "電子書籍（EPUB", "）"),
        _link(html, SITE, "サイトの写し（zip", "）"),
        _link(html, BUNDLE, "章と実装（zip", "）"),
    ])  # fmt: skip
    return f'<p class="downloads">持ち帰れるもの: {told}。</p>'


def _link(html: Path, name: str, before: str, after: str) -> str:
    size = (html / name).stat().st_size / 1e6
    return f'<a href="{name}" download>{before}、{size:.1f} MB{after}</a>'

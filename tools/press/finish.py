"""組んだ PDF に、しおり、題、著者、言語を書き、いつも同じバイト列に保存する。"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, OutlineItem, Pdf

from press.contents import DEPTHS, Heading
from press.typeset import destinations
from press.volume import Work

KEYWORDS = "誤差逆伝播法, backpropagation, ニューラルネットワーク, 連鎖律, SymPy, NumPy"


def moment(about: Work) -> datetime:
    """本の日付。SOURCE_DATE_EPOCH があれば、それ。"""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.fromtimestamp(int(epoch), UTC)
    return datetime.fromisoformat(about.date).replace(tzinfo=UTC)


def finish(raw: Path, made: Path, about: Work, headings: Sequence[Heading]) -> None:
    """仕上げた PDF。

    Parameters
    ----------
    raw, made : Path
        組んだ PDF と、仕上げたものを置く場所。
    about : Work
        題、著者、版、日付。
    headings : sequence of Heading
        目次に載せた見出し。しおりにする。
    """
    with Pdf.open(raw) as pdf:
        _outline(pdf, headings)
        _told(pdf, about)
        pdf.save(
            made, object_stream_mode=ObjectStreamMode.generate, compress_streams=True, recompress_flate=True,
            deterministic_id=True, linearize=True,
        )  # fmt: skip


def _outline(pdf: Pdf, headings: Sequence[Heading]) -> None:
    """目次と同じしおり。部は閉じておく。"""
    places = destinations(pdf)
    with pdf.open_outline() as outline:
        outline.root.clear()
        above = [outline.root]
        for heading in headings:
            depth = min(DEPTHS[heading.kind], len(above) - 1)
            item = OutlineItem(heading.title, Array(places[heading.place]))
            item.is_closed = True
            above[depth].append(item)
            above[depth + 1 :] = [item.children]


def _told(pdf: Pdf, about: Work) -> None:
    """題、著者、言語、開き方。"""
    when = moment(about)
    stamp = when.strftime("D:%Y%m%d%H%M%SZ")
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary(
            Title=about.whole, Author=about.author, Subject=f"第 {about.version} 版", Keywords=KEYWORDS,
            Creator="make pdf", Producer="Chromium", CreationDate=stamp, ModDate=stamp,
        )
    )  # fmt: skip
    pdf.Root.Lang = "ja"
    pdf.Root.PageMode = Name.UseOutlines
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
        told["dc:title"], told["dc:creator"], told["dc:language"] = about.whole, [about.author], ["ja"]
        told["xmp:CreateDate"] = told["xmp:ModifyDate"] = when.isoformat()

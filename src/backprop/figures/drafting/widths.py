"""紙の幅。どの図も二度、広い画面と紙のための幅と、電話のための幅で描く。

文字の大きさは変えない。幅 358 px の段では、広い図の文字は 8 px ほどに縮む。初めから狭い紙に描けば、縮まない。
狭い紙に収まらない図は、文字を縮めずに、収まるまで紙を広げる。画面では、指で横に動かして見る。
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from backprop.figures.style import SMALL, WIDTH


@dataclass(frozen=True)
class Sheet:
    """紙の幅（インチ）と、そこに書く文字の小ささの限り（ポイント）。"""

    width: float
    smallest: float


WIDE = Sheet(WIDTH, 10.0)
"""本の段の幅。"""

PHONE = 5.4
"""電話の画面の段（358 px）に置いたとき、`SMALL` の文字が 11 px になる幅。"""

NARROW = tuple(Sheet(width, SMALL) for width in (PHONE, 6.2, WIDTH, 8.0, 9.0))
"""電話のための紙。前から順に試す。"""

_sheet: ContextVar[Sheet | None] = ContextVar("sheet", default=None)


@contextmanager
def on(sheet: Sheet) -> Iterator[None]:
    """この紙に描く。"""
    token = _sheet.set(sheet)
    try:
        yield
    finally:
        _sheet.reset(token)


def drawing_now() -> bool:
    """描いている途中か（図の関数が、ほかの図の関数を使っている）。"""
    return _sheet.get() is not None


def full_width() -> float:
    """いま描いている紙の幅（インチ）。

    Examples
    --------
    >>> with on(NARROW[0]):
    ...     full_width()
    5.4
    >>> full_width()
    7.0
    """
    return (_sheet.get() or WIDE).width


def smallest() -> float:
    """いま描いている紙の、文字の小ささの限り（ポイント）。"""
    return (_sheet.get() or WIDE).smallest


def narrow() -> bool:
    """電話のための紙か。"""
    return _sheet.get() in NARROW


def across(share: float) -> float:
    """広い紙で左から `share` インチのところの、いまの紙での位置。

    Examples
    --------
    >>> with on(NARROW[0]):
    ...     across(3.5)
    2.7
    """
    return share * full_width() / WIDTH

"""いつもの書体の入っていない機械でも、図は描ける。"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from backprop.figures import style


@dataclass
class Entry:
    """機械に入っている書体。"""

    name: str
    fname: str


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """matplotlib-fontja がない。"""
    monkeypatch.setattr(style, "matplotlib_fontja", None)


def test_the_usual_font_needs_no_words() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "ipaexg" in style._font([]).name.lower()


@pytest.mark.usefixtures("without")
def test_a_japanese_font_of_the_machine_is_borrowed() -> None:
    fonts = [Entry("DejaVu Sans", "d.ttf"), Entry("Meiryo", "m.ttc"), Entry("Hiragino Sans", "h.ttc")]
    with pytest.warns(UserWarning, match="図の書体に Hiragino Sans を使います。matplotlib-fontja を入れて"):
        assert style._font(fonts) == Path("h.ttc")


@pytest.mark.usefixtures("without")
def test_a_machine_without_any_is_told_once() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert style._font([Entry("DejaVu Sans", "d.ttf")]).name == "DejaVuSans.ttf"
        warnings.warn("Glyph 25613 (x) missing from font(s) DejaVu Sans.", stacklevel=1)
    assert [str(warning.message).partition("。")[0] for warning in said] == [
        "日本語の書体がないので、図の中の日本語は四角になります"
    ]

"""本の図に共通の色、書体、寸法。

図の幅はすべて同じ (`WIDTH` インチ) なので、どのページでも文字の大きさがそろう。
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

with mpl.rc_context():  # 読み込むだけで大域の設定を書き換えるパッケージなので、書体の登録だけを残して戻す
    try:
        import matplotlib_fontja
    except ImportError:  # ノートブックだけを持ち帰った、ネットワークのない機械
        matplotlib_fontja = None

WIDTH = 7.0
"""図の幅（インチ）。本の段の幅 700 px に、1 インチ = 100 px で収まる。"""

DPI = 200
"""解像度。画面の2倍の細かさで描く。"""

FORWARD = "#0072B2"
"""順伝播の色（青）。線は実線。"""

BACKWARD = "#D55E00"
"""逆伝播の色（朱）。線は破線。"""

BACKWARD_INK = "#B04A00"
"""逆伝播の文字の色。細い文字でも読めるよう、線の朱より暗くする（明暗差 4.5:1 以上）。"""

HIGHLIGHT = "#E69F00"
"""注目させたいところの縁の色（橙）。"""

HIGHLIGHT_FILL = "#FFF0C2"
"""注目させたいところの地の色。"""

INK = "#222222"
"""文字と、目立たせる線の色。"""

GREY = "#767676"
"""補助の文字と線の色。白地の上で 4.5:1 の明暗差を保つ、いちばん薄い灰色。"""

PALE = "#C4C4C4"
"""いま使っていない線の色。"""

PAPER = "#FFFFFF"
"""地の色。"""

CLASS_COLOURS = ("#56B4E9", "#E69F00")
"""クラス0とクラス1の点の色。形も変える (`CLASS_MARKERS`)。"""

CLASS_MARKERS = ("o", "s")
"""クラス0とクラス1の点の形。"""

SERIES = ("#222222", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#767676")
"""曲線の色。順伝播と逆伝播の色は、ほかの意味に使わない。"""

DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.6, 1.2, 1.6)), (0, (9, 2.5)), (0, (3, 3)))
"""曲線の線種。色と組にして、色だけに頼らない。"""

MARKERS = ("o", "s", "^", "D", "v", "P")
"""曲線の上の印。これも色と組にする。"""

PALETTE = frozenset(
    colour.lower()
    for colour in (
        FORWARD, BACKWARD, BACKWARD_INK, HIGHLIGHT, HIGHLIGHT_FILL, INK, GREY, PALE, PAPER,
        *CLASS_COLOURS, *SERIES,
    )
)  # fmt: skip
"""図に使ってよい色のすべて（濃淡の地図を除く）。"""

DARK = {
    PAPER: "#121212",
    INK: "#ECECEC",
    GREY: "#A9A9A9",
    PALE: "#626262",
    FORWARD: "#74C0F2",
    BACKWARD: "#FF9350",
    BACKWARD_INK: "#FF9F66",
    HIGHLIGHT: "#E69F00",
    HIGHLIGHT_FILL: "#463814",
    "#56B4E9": "#56B4E9",
    "#009E73": "#3FD0A4",
    "#CC79A7": "#E9A2CB",
}
"""暗い画面での色。地はページの地と同じで、図の後ろに板は見えない。"""

TEXT, SMALL, SYMBOL = 13.0, 12.0, 15.0
"""文字の大きさ（ポイント）: 本文、目盛り、記号。"""

BORROWED = (
    "IPAexGothic", "Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Hiragino Maru Gothic Pro",
    "BIZ UDGothic", "Yu Gothic", "Meiryo", "MS Gothic", "TakaoGothic", "VL Gothic", "Droid Sans Fallback",
)  # fmt: skip
"""いつもの書体がないときに借りる、日本語の書体。先にあるものから。"""


def _font(fonts: Iterable[Any]) -> Path:
    """図の書体。いつもの書体がなければ、その機械にある日本語の書体を借りて、そう言う。"""
    if matplotlib_fontja:
        return Path(matplotlib_fontja.get_font_ttf_path())
    found = {font.name: font.fname for font in fonts}
    advice = "matplotlib-fontja を入れてカーネルを再起動すると、本と同じ書体になります。"
    if name := next((name for name in BORROWED if name in found), None):
        warnings.warn(f"図の書体に {name} を使います。{advice}", stacklevel=2)
        return Path(found[name])
    warnings.warn(f"日本語の書体がないので、図の中の日本語は四角になります。{advice}", stacklevel=2)
    warnings.filterwarnings("ignore", message="Glyph .* missing from")  # 一文字ごとには言わない
    logging.getLogger("matplotlib.mathtext").setLevel(logging.ERROR)
    return Path(font_manager.findfont("DejaVu Sans"))


FONT = _font(font_manager.fontManager.ttflist)

STYLE: dict[str, Any] = {
    "font.family": font_manager.FontProperties(fname=FONT).get_name(),
    "font.size": TEXT,
    "mathtext.fontset": "stix",  # 本文の数式（STIX Two Math）と同じ形の書体
    "figure.dpi": DPI,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": TEXT,
    "axes.labelsize": TEXT,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.9,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "lines.linewidth": 2.2,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.edgecolor": PAPER,
}


@contextmanager
def styled() -> Iterator[None]:
    """読者の設定によらず、本の設定だけで描く。抜けると元に戻る。"""
    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"}
    with mpl.rc_context(defaults | STYLE):
        yield

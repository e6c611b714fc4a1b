"""線と字の輪郭を、SVG の短い書き方にする。

座標は整数に丸め、前の点からの差で書く。計算機によって違うのは最後の桁なので、丸めれば、いつも同じ文字の列になる。
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.path import Path

from backprop.checks import Array

FINE = 10
"""1画素を、いくつに分けるか。"""

FINENESS = 2**20
"""丸める前にそろえる細かさ（1画素の何分の1か）。

対数目盛りの位置も、学習の結果も、最後の桁は計算機の種類によって違う。
そろえないと、まっすぐに並ぶ点の、どれが省かれるかが変わる。
"""

_LETTERS = {Path.LINETO: "l", Path.CURVE3: "q", Path.CURVE4: "c"}


def steady(vertices: Array) -> Array:
    """計算機によって違う桁を落とした座標。"""
    return np.round(vertices * FINENESS) / FINENESS


def numbers(values: Iterable[int]) -> str:
    """整数の並び。符号が区切りになるところには、空白を置かない。

    Examples
    --------
    >>> numbers([3, -4, 0, 12])
    '3-4 0 12'
    """
    text = "".join(f"{value}" if value < 0 else f" {value}" for value in values)
    return text.removeprefix(" ")


def outline(path: Path, *, fine: float = FINE, simplify: bool | None = None) -> str:
    """輪郭の ``d`` 属性。`fine` 分の1の目盛りに丸める。

    Examples
    --------
    >>> outline(Path([(0, 0), (1, 0), (1, 2), (0, 0)], closed=True), fine=10)
    'M0 0h10v20z'
    >>> outline(Path([(0, 0), (1, 1), (2, 0)]), fine=10)
    'M0 0l10 10 10-10'
    """
    pen = _Pen()
    even = Path(steady(path.vertices), path.codes)
    even.should_simplify = path.should_simplify
    for vertices, code in even.iter_segments(simplify=simplify):
        pen.move(int(code), np.floor(vertices * fine + 0.5).astype(int).tolist())
    return "".join(pen.written)


class _Pen:
    """書いた命令と、いまの点。"""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.here = (0, 0)
        self.last = ""

    def move(self, code: int, points: list[int]) -> None:
        """輪郭の一区切り。"""
        if code == Path.MOVETO:
            self._write("M", points)
            self.here = points[0], points[1]
        elif code == Path.CLOSEPOLY:
            self._write("z", [])
        else:
            self._draw(_LETTERS[Path.code_type(code)], points)

    def _draw(self, letter: str, points: list[int]) -> None:
        x, y = self.here
        steps = [value - (x if n % 2 == 0 else y) for n, value in enumerate(points)]
        self.here = points[-2], points[-1]
        if letter != "l":
            self._write(letter, steps)
        elif steps[1] == 0:
            if steps[0]:
                self._write("h", steps[:1])
        elif steps[0] == 0:
            self._write("v", steps[1:])
        else:
            self._write("l", steps)

    def _write(self, letter: str, values: list[int]) -> None:
        text = numbers(values)
        if letter == self.last and letter in "lqc":
            self.written.append(text if text.startswith("-") else " " + text)
        else:
            self.written.append(letter + text)
        self.last = letter

"""行列の式の図。行列をます目で描き、どの辺どうしの長さが等しいかを見せる。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.geometry import Point
from backprop.figures.drafting.inputs import optional, text, texts, whole
from backprop.figures.drafting.numbers import label
from backprop.figures.drafting.page import Figure, TooWide, drawing, sheet
from backprop.figures.drafting.text import centred, fitted, ink, text_at
from backprop.figures.drafting.widths import full_width, narrow, smallest
from backprop.figures.style import GREY, HIGHLIGHT, HIGHLIGHT_FILL, INK, PALE, PAPER, SMALL, SYMBOL

Shape = tuple[int, int]
Content = Array | list[list[str]] | Shape
Term = str | tuple[str, Content] | tuple[str, Content, str]
Cell = tuple[int, int | None, int | None]

CELL = 0.52
SMALLEST = 0.3
OPERATOR, TIGHT = 0.42, 0.3
"""演算の記号に取る幅（インチ）。広い紙と、狭い紙。"""


class _Block:
    """ます目で描く一つの行列。"""

    def __init__(self, position: int, term: object, stretched: object) -> None:
        where = f"terms[{position}]"
        if not isinstance(term, (tuple, list)) or len(term) not in (2, 3) or not isinstance(term[0], str):
            raise TypeError(
                f"{where} は (名前, 配列か形) か (名前, 配列か形, 形の書き方) でなければなりませんが、{term!r} が与えられました。"
            )
        self.name, content = term[0], term[1]
        self.texts: list[list[str]] | None = None
        if isinstance(content, np.ndarray):
            self.texts = [[label(float(v)) for v in row] for row in checks.array(where, content, ("n", "m"))]
        elif isinstance(content, list):
            self.texts = [list(texts(where, row)) for row in content]
            if len({len(row) for row in self.texts}) != 1:
                raise ValueError(f"{where} の行の長さがそろっていません。")
            content = len(self.texts), len(self.texts[0])
        if self.texts is None and not (isinstance(content, tuple) and len(content) == 2):
            raise TypeError(
                f"{where} の中身は配列か (行の数, 列の数) でなければなりませんが、{content!r} が与えられました。"
            )
        sizes = content.shape if isinstance(content, np.ndarray) else content
        self.rows, self.columns = (checks.count(f"{where} の大きさ", n) for n in sizes)
        self.shape = text(where, term[2]) if len(term) == 3 else f"$({self.rows},\\,{self.columns})$"
        self.drawn = (self.rows, self.columns) if stretched is None else _stretched(where, stretched)
        if any(n not in (1, k) for n, k in zip((self.rows, self.columns), self.drawn)):
            raise ValueError(
                f"{where} を形 {self.drawn} に引き伸ばせません。引き伸ばせるのは、長さ1の辺だけです。"
            )


@explained
@drawing
def matrices(
    terms: Sequence[Term],
    *,
    highlight: Sequence[Cell] = (),
    stretched: Mapping[int, Shape] | None = None,
) -> Figure:
    """行列の式を、ます目の大きさで描く。横に並ぶ辺の長さを見比べれば、形が合うかどうかがわかる。

    Parameters
    ----------
    terms : sequence
        左から順に、演算の記号（文字列）か行列。行列は ``(名前, 中身)`` か ``(名前, 中身, 形の書き方)`` で、
        中身は 2次元の配列（数を書き込む）か、文字列の行のリストか、``(行の数, 列の数)``。形の書き方を省けば、
        行と列の数を書く。
    highlight : sequence of tuple
        目立たせるます。``(何個めの行列か, 行, 列)`` で、行列は左から、どれも1から数える。``None`` は「すべて」。
    stretched : mapping, optional
        何個めの行列かから、引き伸ばした形への対応。増えた分は、点線のますで描く（ブロードキャスト）。

    Returns
    -------
    Figure

    Raises
    ------
    TypeError, ValueError
        行列の書き方が違う、ないますを指した、引き伸ばせない、幅に収まらない。

    Notes
    -----
    「順伝播」の章（21_forward_pass）の eq-forward-matrix を描く。

    Examples
    --------
    >>> figure = matrices([("$W$", (3, 2)), r"$\\,$", ("$X$", (2, 4)), "$=$", ("$Z$", (3, 4))])
    >>> "$(3,\\\\,4)$" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    shapes = optional("stretched", stretched)
    blocks: list[_Block] = []
    for position, term in enumerate(checks.sequence("terms", terms)):
        if not isinstance(term, str):
            blocks.append(_Block(position, term, shapes.pop(len(blocks) + 1, None)))
    if not blocks:
        raise ValueError("terms に行列が一つもありません。")
    if shapes:
        raise ValueError(
            f"stretched の {next(iter(shapes))!r} 個めの行列はありません。行列は {len(blocks)} 個です。"
        )
    lit = _cells(highlight, blocks)

    operators = sum(isinstance(term, str) for term in terms)
    gap = TIGHT if narrow() else OPERATOR
    room = full_width() - (0.2 if narrow() else 0.5) - gap * operators
    cell = min(CELL, room / sum(block.drawn[1] for block in blocks))
    if cell < max(SMALLEST, _needed(blocks) if narrow() else 0.0):
        raise TooWide("行列が大きすぎて、図の幅に収まりません。行か列を減らしてください。")
    tallest = max(block.drawn[0] for block in blocks) * cell
    figure, ax = sheet(tallest + 1.25)
    middle = 0.55 + tallest / 2
    x = (full_width() - gap * operators - cell * sum(block.drawn[1] for block in blocks)) / 2
    remaining = iter(enumerate(blocks, start=1))
    for term in terms:
        if isinstance(term, str):
            text_at(ax, x + gap / 2, middle, term, fontsize=SYMBOL + 1)
            x += gap
            continue
        number, block = next(remaining)
        _draw_block(ax, block, (x, middle + block.drawn[0] * cell / 2), cell, lit[number])
        centre = x + block.drawn[1] * cell / 2
        text_at(ax, centre, middle + tallest / 2 + 0.36, block.name, fontsize=SYMBOL + 1)
        text_at(ax, centre, middle - tallest / 2 - 0.3, block.shape, fontsize=SMALL)
        x += block.drawn[1] * cell
    return figure


def _needed(blocks: Sequence[_Block]) -> float:
    """書き込む数が、いちばん小さな字で収まるますの幅（インチ）。"""
    written = [text for block in blocks for row in block.texts or () for text in row]
    return max((ink(text, smallest()).width / 72 + 0.04 for text in written), default=0.0)


def _cells(highlight: Sequence[Cell], blocks: Sequence[_Block]) -> dict[int, set[Shape]]:
    """目立たせるますの番号を、行列ごとに。引き伸ばして増えたますも指せる。"""
    lit: dict[int, set[Shape]] = {number: set() for number in range(1, len(blocks) + 1)}
    for entry in checks.sequence("highlight", highlight):
        number, row, column = entry if _is_cell(entry) else (0, 0, 0)
        rows, columns = blocks[number - 1].drawn if number in lit else (0, 0)
        chosen = {
            (r, c)
            for r in range(1, rows + 1)
            for c in range(1, columns + 1)
            if row in (None, r) and column in (None, c)
        }
        if not chosen:
            raise ValueError(
                f"highlight の {entry!r} は図にありません。(何個めの行列か, 行, 列) を1から数えて指してください。"
            )
        lit[number] |= chosen
    return lit


def _is_cell(entry: object) -> bool:
    """ますの指し方の形をしているか。"""
    if not isinstance(entry, (tuple, list)) or len(entry) != 3:
        return False
    return whole(entry[0]) and all(n is None or whole(n) for n in entry[1:])


def _stretched(where: str, shape: object) -> Shape:
    sizes = [checks.count(f"{where} を引き伸ばした大きさ", n) for n in checks.sequence("stretched", shape)]
    if len(sizes) != 2:
        raise ValueError(f"stretched の形は (行の数, 列の数) でなければなりませんが、{shape!r} が与えられました。")
    return sizes[0], sizes[1]


def _draw_block(ax: Axes, block: _Block, corner: Point, cell: float, lit: set[Shape]) -> None:
    """左上の角を `corner` に置いたます目。ふちが隠れないよう、目立たせるますはあとから描く。"""
    figure = ax.get_figure(root=True)
    x, y = corner
    every = [(r, c) for r in range(1, block.drawn[0] + 1) for c in range(1, block.drawn[1] + 1)]
    for r, c in sorted(every, key=lambda at: at in lit):
        copy = r > block.rows or c > block.columns
        ax.add_patch(
            Rectangle(
                (x + (c - 1) * cell, y - r * cell), cell, cell,
                fc=HIGHLIGHT_FILL if (r, c) in lit else PAPER,
                ec=HIGHLIGHT if (r, c) in lit else PALE if copy else GREY,
                lw=2.2 if (r, c) in lit else 1.1, ls=(0, (2, 1.6)) if copy else "-",
                zorder=3.0 if (r, c) in lit else 1.5 if copy else 2.0,
            )
        )  # fmt: skip
        if block.texts is not None:
            text = block.texts[(r - 1) % block.rows][(c - 1) % block.columns]
            size = fitted(figure, text, SMALL, 0.86 * cell)
            centre = (x + (c - 0.5) * cell, y - (r - 0.5) * cell)
            centred(ax, centre, text, size, GREY if copy else INK)

"""応用の地図の検査: 目立つ場所、向き、線のつながり、文字、再現性。"""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, Polygon
from matplotlib.text import Text

from backprop import figures
from backprop.figures import style
from backprop.figures.drafting.lettering import crowded
from backprop.figures.pictures.applications import RADIUS, ROWS, Row

pytestmark = pytest.mark.filterwarnings("error")


@cache
def drawn() -> figures.Figure:
    """地図。描くのは一度だけ。"""
    figure = figures.applications()
    figure.svg()
    return figure


def words() -> list[Text]:
    """図の文字。"""
    return [text for text in drawn().axes[0].texts if text.get_text().strip()]


def circles(*, lit: bool) -> list[Circle]:
    """節の丸。目立つものか、そうでないもの。"""
    found = [p for p in drawn().axes[0].patches if isinstance(p, Circle)]
    return [p for p in found if (to_hex(p.get_edgecolor()).upper() == style.HIGHLIGHT) == lit]


def heads(colour: str) -> list[Polygon]:
    """ある色の矢印の頭。"""
    found = [p for p in drawn().axes[0].patches if type(p) is Polygon]
    return [p for p in found if to_hex(p.get_facecolor()).upper() == colour]


class TestLooks:
    """見た目。"""

    def test_texts_do_not_overlap_and_stay_on_the_page(self) -> None:
        for figure in (drawn(), drawn().narrow):
            assert not crowded(figure)

    def test_nodes_do_not_touch(self) -> None:
        centres = np.array([c.center for c in circles(lit=True) + circles(lit=False)])
        gaps = [np.hypot(*(a - b)) for a, b in combinations(centres, 2)]
        assert min(gaps) > 2 * RADIUS + 0.05

    def test_backward_is_dashed(self) -> None:
        for line in drawn().axes[0].lines:
            assert line.is_dashed() == (to_hex(line.get_color()).upper() == style.BACKWARD)

    def test_same_bytes_again(self) -> None:
        assert figures.applications().svg() == drawn().svg()


class TestContent:
    """地図の中身。"""

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name[:3])
    def test_wires_join_named_nodes_from_left_to_right(self, row: Row) -> None:
        assert set(row.lit) | set(row.notes) <= set(row.nodes)
        for start, end in row.wires:
            assert row.nodes[start][0] < row.nodes[end][0]

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name[:3])
    def test_every_node_reaches_the_loss_through_or_past_the_lit_place(self, row: Row) -> None:
        reached = {"loss"}
        for _ in row.nodes:
            reached |= {start for start, end in row.wires if end in reached}
        assert reached == set(row.nodes)

    def test_one_place_is_lit_in_each_row(self) -> None:
        assert [len(row.lit) for row in ROWS] == [1, 3, 1, 1]  # RNN では、同じ W が3回現れる
        assert len(circles(lit=True)) == 6

    def test_every_wire_goes_and_comes_back(self) -> None:
        wires = sum(len(row.wires) for row in ROWS)
        assert len(heads(style.FORWARD)) == len(heads(style.BACKWARD)) == wires + 1  # 1は矢印の説明

    def test_arrows_point_the_right_way(self) -> None:
        for colour, sign in ((style.FORWARD, 1), (style.BACKWARD, -1)):
            for head in heads(colour):
                tip, base = head.get_xy()[:2]
                assert sign * (tip[0] - base[0]) > 0

    def test_gradient_passes_through_the_discriminator(self) -> None:
        gan = ROWS[2]
        assert gan.wires == [("r", "G"), ("G", "x"), ("x", "D"), ("D", "loss")]
        assert "止める" in gan.notes["D"]
        assert "動かす" in gan.notes["G"]


class TestTicks:
    """決定境界の図の目盛り。"""

    def test_round_numbers_for_scattered_points(self) -> None:
        X = np.array([[-0.819, 0.852, 0.1], [-0.846, 0.872, 0.2]])
        figure = figures.decision_surface(lambda X: X[:1], X, np.array([[0.0, 1.0, 1.0]]))
        ticks = figure.axes[0].get_xticks()
        assert ticks.tolist() == [-0.5, 0.0, 0.5]

    def test_ends_and_middle_for_tidy_points(self) -> None:
        X = np.array([[0.0, 0.0, 3.0], [0.0, 3.0, 0.0]])
        figure = figures.decision_surface(lambda X: X[:1], X, np.array([[0.0, 1.0, 1.0]]))
        assert figure.axes[0].get_xticks().tolist() == [0.0, 1.5, 3.0]

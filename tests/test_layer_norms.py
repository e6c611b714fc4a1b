"""層ごとの大きさの図の検査: 点は測定、線は理論、軸は共通、断られる入力。"""

from __future__ import annotations

import numpy as np
import pytest

from backprop import figures

pytestmark = pytest.mark.filterwarnings("error")

MEASURED, THEORY = 0.4 ** np.arange(20.0), 0.5 ** np.arange(20.0)
NAMES = ("ReLU", "tanh", "恒等関数")


def figure(**options: object) -> figures.Figure:
    panels = {name: {"Glorot": (MEASURED, THEORY), "He": (2 * MEASURED, 2 * THEORY)} for name in NAMES}
    return figures.layer_norms(panels, y="大きさ", **options)


def test_points_are_measured_and_lines_are_theory() -> None:
    for ax in figure(every=3).axes:
        lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
        for k, (line, points) in enumerate(zip(lines[::2], lines[1::2])):
            assert np.allclose(line.get_ydata(), (1 + k) * THEORY, rtol=1e-3, atol=0)
            assert np.array_equal(line.get_xdata(), np.arange(1, 21))
            assert np.array_equal(points.get_xdata(), np.arange(1, 21, 3))
            assert np.allclose(points.get_ydata(), (1 + k) * MEASURED[::3], rtol=1e-3, atol=0)
            assert points.get_linestyle() == "None"


def test_rounding_errors_of_another_machine_leave_no_trace() -> None:
    other = MEASURED * (1 + 1e-5 * np.cos(np.arange(20)))
    here, there = (
        figures.layer_norms({"ReLU": {"He": (measured, THEORY)}}, y="大きさ").svg()
        for measured in (MEASURED, other)
    )
    assert here == there


def test_all_panels_share_one_axis_that_holds_everything() -> None:
    axes = figure().axes
    assert [ax.get_title() for ax in axes] == list(NAMES)
    assert len({ax.get_ylim() for ax in axes}) == 1
    low, high = axes[0].get_ylim()
    assert low < MEASURED.min()
    assert high > 2 * MEASURED.max()
    assert axes[0].get_yscale() == "log"


def test_drawing_never_writes() -> None:
    given = MEASURED.copy()
    given.flags.writeable = False
    figures.layer_norms({"ReLU": {"He": (given, given)}}, y="大きさ")
    assert np.array_equal(given, MEASURED)


def curves(measured: object, theory: object = THEORY) -> dict[str, object]:
    return {"ReLU": {"He": (measured, theory)}}


@pytest.mark.parametrize(
    ("panels", "error", "words"),
    [
        ({}, TypeError, ("panels", "空でない辞書", "{}")),
        ([MEASURED], TypeError, ("panels", "辞書")),
        ({str(n): curves(MEASURED)["ReLU"] for n in range(5)}, ValueError, ("4枚まで", "5 枚")),
        ({**curves(MEASURED), "tanh": {"Glorot": (MEASURED, THEORY)}}, ValueError, ("'tanh'", "He")),
        ({"ReLU": {}}, TypeError, ("'ReLU'", "空でない")),
        ({"ReLU": {str(n): (MEASURED, THEORY) for n in range(7)}}, ValueError, ("6 本まで", "7 本")),
        (curves(MEASURED[:5]), ValueError, ("理論の値", "(5,)", "(20,)")),
        (curves(MEASURED[:, np.newaxis]), ValueError, ("測った値", "(20, 1)")),
        (curves(np.zeros(20)), ValueError, ("'He'", "0以下")),
        (curves(MEASURED, -THEORY), ValueError, ("'He'", "0以下")),
        (curves(np.full(20, np.nan)), ValueError, ("測った値", "NaN")),
        (curves(np.arange(1, 21)), TypeError, ("測った値",)),
    ],
)
def test_bad_panels(panels: object, error: type[Exception], words: tuple[str, ...]) -> None:
    with pytest.raises(error) as refused:
        figures.layer_norms(panels, y="大きさ")
    assert all(word in str(refused.value) for word in words), str(refused.value)


@pytest.mark.parametrize("every", [0, 1.5])
def test_bad_spacing(every: object) -> None:
    with pytest.raises((TypeError, ValueError), match="every は"):
        figure(every=every)

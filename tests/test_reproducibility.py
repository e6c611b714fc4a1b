"""別の計算機で描いても同じ図になること。計算の最後の桁の違いは、画素に現れない。"""

from __future__ import annotations

import numpy as np
import pytest

from backprop import figures
from backprop.checks import Array

Z = np.arange(0.5, 36.5, 0.5)
WIDTHS = 2.0 ** np.arange(-50.0, 0.0)
# 対数目盛りの上でまっすぐに並ぶ点。線の角の描き方が、いちばん変わりやすい。
CURVES = {"横は一様": (Z, 2.0**-53 * np.exp(Z), False), "横も対数": (WIDTHS, WIDTHS**2, True)}


def png(horizontal: Array, vertical: Array, log_x: bool) -> bytes:
    """点を結ぶ折れ線の図。"""
    return figures.line_plot({"": (horizontal, vertical)}, x="$x$", y="$y$", log_x=log_x, log_y=True).svg()


@pytest.mark.parametrize("name", CURVES)
def test_last_digits_leave_no_trace(name: str) -> None:
    horizontal, vertical, log_x = CURVES[name]
    expected = png(horizontal, vertical, log_x)
    for seed in range(5):
        # np.exp や np.log10 の、計算機による違いの何十倍か
        noise = 1 + 1e-14 * np.random.default_rng(seed).standard_normal(len(vertical))
        assert png(horizontal, vertical * noise, log_x) == expected


def test_what_can_be_seen_leaves_a_trace() -> None:
    horizontal, vertical, log_x = CURVES["横は一様"]
    moved = vertical * np.where(horizontal == 18, 1.1, 1)
    assert png(horizontal, moved, log_x) != png(horizontal, vertical, log_x)

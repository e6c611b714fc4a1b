"""一列に並ぶものを、重ならないように離す。"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def spread(
    targets: Sequence[float], gap: float, low: float, high: float, weights: Sequence[float] | None = None
) -> list[float]:
    """順序を保ち、互いに `gap` 以上離し、`low` と `high` のあいだに収めた位置。`weights` の大きいものは動きにくい。

    Examples
    --------
    >>> spread([1.0, 1.0, 5.0], gap=1.0, low=0.0, high=6.0)
    [0.5, 1.5, 5.0]
    """
    order = np.argsort(targets, kind="stable")
    weights = weights if weights is not None else [1.0] * len(targets)
    blocks: list[list[float]] = []  # [個数, 重み, 目標の重みつき和]。重なる隣どうしを一つの塊にまとめていく
    for rank, i in enumerate(order):
        blocks.append([1, weights[i], weights[i] * (targets[i] - rank * gap)])
        while len(blocks) > 1 and blocks[-2][2] / blocks[-2][1] > blocks[-1][2] / blocks[-1][1]:
            count, weight, total = blocks.pop()
            blocks[-1] = [blocks[-1][0] + count, blocks[-1][1] + weight, blocks[-1][2] + total]
    base = [total / weight for count, weight, total in blocks for _ in range(int(count))]
    result = [0.0] * len(base)
    for rank, i in enumerate(order):
        shifted = min(max(base[rank], low), high - (len(base) - 1) * gap)
        result[i] = float(shifted + rank * gap)
    return result

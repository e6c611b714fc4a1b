"""外の審判と比べる検査が共有するもの: 審判の呼び出し、誤差、食い違いを裁く mpmath、成績の数え方。

**食い違ったときに裁くもの** 二つのプログラムの答えが違うとき、正しいのがどちらかを、ここの mpmath の計算が
決める。微分の公式を一つも使わない: 値を求める関数だけを定義どおりに書き、400桁の中心差分で微分する。
刻みが 10⁻⁶⁰ なので、打ち切りの誤差は無視でき、引き算で失われる桁も残りの340桁で足りる。
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np
import pytest

EXACT = mpmath.MPContext()
EXACT.dps = 400
STEP = EXACT.mpf(10) ** -60
SMALLEST = 1e-290
"""これより小さい値は 0 とみなす。その先の数（非正規化数）は桁が足りない。"""

Arrays = Mapping[str, np.ndarray]

exact_exp = np.vectorize(EXACT.exp, otypes=[object])
exact_log = np.vectorize(EXACT.log, otypes=[object])
_exact = np.vectorize(EXACT.mpf, otypes=[object])


def outside_judge(name: str) -> Any:
    """外の審判のモジュール。なければ理由を示して飛ばす（REQUIRE_JUDGES=1 なら失敗させる）。"""
    try:
        return importlib.import_module(name)
    except ImportError:
        give_up = pytest.fail if os.environ.get("REQUIRE_JUDGES") else pytest.skip
        return give_up(
            f"{name} が入っていないので、比べられません。make outside なら、専用の環境に入れます。"
        )


def exact(values: Any) -> np.ndarray:
    """倍精度の数を、そのまま400桁の数にする。"""
    return np.asarray(_exact(np.asarray(values, dtype=object)), dtype=object)


def exact_gradient(value: Callable[[np.ndarray], Any], at: np.ndarray) -> np.ndarray:
    """一つの数を返す関数の勾配を、中心差分で求め、倍精度に丸める。"""
    point = exact(at)
    found = np.empty(point.shape)
    for index in np.ndindex(point.shape):
        ends = []
        for step in (STEP, -STEP):
            moved = point.copy()
            moved[index] += step
            ends.append(value(moved))
        found[index] = float((ends[0] - ends[1]) / (2 * STEP))
    return found


def norm(values: np.ndarray) -> float:
    """``‖x‖``。二乗があふれたり消えたりしないように、先に最大の要素で割る。NaN があれば無限大。"""
    largest = float(np.abs(values).max())
    if not largest < np.inf:
        return np.inf
    return largest * float(np.linalg.norm(values / largest)) if largest > 0 else 0.0


def error(given: np.ndarray, expected: np.ndarray, scale: np.ndarray) -> float:
    """尺度 ``s`` に対する誤差 ``‖g − ĝ‖ / ‖s‖``。"""
    assert given.shape == expected.shape
    return norm(given - expected) / max(norm(scale), SMALLEST)


@dataclass
class Tally:
    """比べた数と、食い違って mpmath が裁いた数。

    Attributes
    ----------
    bound : float
        これより大きい誤差を、食い違いとする。
    patience : int
        この本の実装の間違いが、この数だけ見つかったら、残りを比べるのをやめる（裁くのには時間がかかる）。
    compared : int
        比べたものの数。
    worst : float
        誤差の最大。裁いたものでは、mpmath の答えとの差。
    right : dict of str to int
        裁いたもののうち、正しかったもの（``backprop``、``other``）ごとの数。
    wrong : list
        この本の実装のほうが間違っていた例。
    """

    bound: float
    patience: int = 10
    compared: int = 0
    worst: float = 0.0
    decided: int = 0
    right: dict[str, int] = field(default_factory=lambda: {"backprop": 0, "other": 0})
    wrong: list[Any] = field(default_factory=list)

    def compare(
        self, case: Any, ours: Arrays, theirs: Arrays, scale: Arrays, truth: Callable[[str], np.ndarray]
    ) -> None:
        """一つの例を比べる。``truth`` は、食い違った配列についてだけ尋ねる。"""
        assert ours.keys() == theirs.keys()
        self.compared += 1
        gaps = {name: error(ours[name], theirs[name], scale[name]) for name in ours}
        disputed = [name for name, gap in gaps.items() if not gap <= self.bound]
        self.worst = max([self.worst, *(gap for name, gap in gaps.items() if name not in disputed)])
        if not disputed:
            return
        self.decided += 1
        answers = {name: truth(name) for name in disputed}
        mine, other = (
            max(error(given[name], answers[name], scale[name]) for name in disputed)
            for given in (ours, theirs)
        )
        self.right["backprop"] += int(mine <= self.bound)
        self.right["other"] += int(other <= self.bound)
        if mine <= self.bound:
            self.worst = max(self.worst, mine)
        else:
            self.wrong.append((case, disputed, mine, other))
            assert len(self.wrong) < self.patience, self.wrong

    def report(self) -> dict[str, Any]:
        """成績の記録に入れるもの。"""
        return {"compared": self.compared, "worst": self.worst, "decided": self.decided, **self.right}

"""最適化アルゴリズム（最適化器）。{ref}`最適化アルゴリズム <sec-optimizers>`の章に対応する。

どの最適化器も勾配だけを見る。勾配がどう求められたか、損失関数が何かは知らない。
記号は ``θ`` がパラメータ、``g`` が勾配、``η`` が学習率で、演算はすべて要素ごとである。
"""

from backprop.optimizers.base import BLOCK, Optimizer, State
from backprop.optimizers.rules import (
    OPTIMIZERS,
    AdaGrad,
    Adam,
    AdamHat,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
)
from backprop.optimizers.schedules import Schedule, constant, cosine, exponential_decay, step_decay

__all__ = [
    "BLOCK",
    "OPTIMIZERS",
    "AdaGrad",
    "Adam",
    "AdamHat",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "Schedule",
    "State",
    "constant",
    "cosine",
    "exponential_decay",
    "step_decay",
]

"""{ref}`ステップ1 <sec-step1>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Y as TARGETS
from backprop.symbolic import layers, resolve

A, Y, N = sp.symbols("a y N")
"""一つの出力、その目標、出力の数。"""
ROOT = sp.sqrt(1 + (A - Y) ** 2)

square_root = Formula(
    lambda: ROOT.diff(A) / N,
    {"a": A, "y": Y, "N": N},
    {
        "出力の数で割り忘れた式": lambda: ROOT.diff(A),
        "平方根の中の微分を掛け忘れた式": lambda: 1 / (2 * N * ROOT),
        "平方根を微分せず、中の微分だけをした式": lambda: 2 * (A - Y) * ROOT / N,
        "微分していない式": lambda: ROOT / N,
        "平均二乗誤差の式": lambda: 2 * (A - Y) / N,
        "分母の平方根を忘れた式": lambda: (A - Y) / (N * ROOT**2),
    },
)

(LAST,) = layers("L")
OUTPUTS, I, J = LAST.a, LAST.index("i"), LAST.index("j")
EXCESS = sp.Sum(OUTPUTS[I] - TARGETS[I], I)
"""合計の過不足。"""

total = Formula(
    lambda: resolve((EXCESS**2 / 2).diff(OUTPUTS[J])),
    {"last": LAST, "a": OUTPUTS, "y": TARGETS, "i": I, "j": J},
    {
        "自分の出力と目標の差だけの式": lambda: OUTPUTS[J] - TARGETS[J],
        "出力の数で割った式": lambda: EXCESS / LAST.N,
        "出力の数を掛けた式": lambda: EXCESS * LAST.N,
        "目標の和を引き忘れた式": lambda: sp.Sum(OUTPUTS[I], I),
        "自分の出力と目標の差を、もう一度足した式": lambda: EXCESS + OUTPUTS[J] - TARGETS[J],
    },
)

QUESTIONS = {"ex-step1-square-root": square_root, "ex-step1-total": total}

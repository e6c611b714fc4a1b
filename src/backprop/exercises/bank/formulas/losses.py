"""{ref}`損失関数 <sec-losses>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, Y, resolve

N = sp.Symbol("N", integer=True, positive=True)
I, J = Index("i", (1, N)), Index("j", (1, N))
Y_HAT = Family(r"\hat{y}")
NAMES = {"N": N, "j": J, "y_hat": Y_HAT, "y": Y}
GAP = Y_HAT[J] - Y[J]


def _gradient(loss: sp.Expr) -> sp.Expr:
    """出力ごとの損失 ``loss``（番号 ``i``）の和の、``ŷ_j`` についての勾配。"""
    return resolve(sp.Sum(loss, I).diff(Y_HAT[J]))


gentle = Formula(
    lambda: _gradient(sp.sqrt(1 + (Y_HAT[I] - Y[I]) ** 2) - 1),
    NAMES,
    {
        "内側の微分を掛け忘れた式": lambda: 1 / (2 * sp.sqrt(1 + GAP**2)),
        "外側の $\\frac12$ を忘れた式": lambda: 2 * GAP / sp.sqrt(1 + GAP**2),
        "内側の2を忘れた式": lambda: GAP / (2 * sp.sqrt(1 + GAP**2)),
        "平方根で割り忘れた式": lambda: GAP,
        "割らずに、平方根を掛けた式": lambda: GAP * sp.sqrt(1 + GAP**2),
        "平方根をとらずに割った式": lambda: GAP / (1 + GAP**2),
        "ほかの出力の分も足した式": lambda: sp.Sum(
            (Y_HAT[I] - Y[I]) / sp.sqrt(1 + (Y_HAT[I] - Y[I]) ** 2), I
        ),
        "損失のままの式": lambda: sp.sqrt(1 + GAP**2) - 1,
    },
)

count_data = Formula(
    lambda: _gradient(Y_HAT[I] - Y[I] * sp.log(Y_HAT[I]) + sp.log(sp.factorial(Y[I]))),
    NAMES,
    {
        "$e^{-\\hat y_j}$ の項を忘れた式": lambda: -Y[J] / Y_HAT[J],
        "対数を微分し忘れた式": lambda: 1 - Y[J] * sp.log(Y_HAT[J]),
        "$e^{-\\hat y_j}$ の符号を間違えた式": lambda: -1 - Y[J] / Y_HAT[J],
        "二乗誤差の半分の勾配の式": lambda: GAP,
        "2値クロスエントロピーの勾配の式": lambda: GAP / (Y_HAT[J] * (1 - Y_HAT[J])),
        "差を、出力でなく目標で割った式": lambda: GAP / Y[J],
        "ほかの出力の分も足した式": lambda: sp.Sum(1 - Y[I] / Y_HAT[I], I),
        "微分する前の損失の式": lambda: Y_HAT[J] - Y[J] * sp.log(Y_HAT[J]),
    },
)

QUESTIONS = {"ex-losses-gentle": gentle, "ex-losses-count-data": count_data}

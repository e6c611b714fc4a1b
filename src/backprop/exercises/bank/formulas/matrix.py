"""{ref}`行列の形 <sec-matrix-form>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import BATCH, Family, Index, layers, matrix_pullback, resolve

L, BEFORE, FIRST = layers("l", "0", "1")
J, N = L.index("j"), Index("n", (1, BATCH))
GAMMA, UPSTREAM = Family("gamma"), Family("g")
"""倍率と、掛けたあとの値についての、1例ごとの損失の勾配。"""


def _gain(change: dict[sp.Expr, sp.Expr] | None = None) -> sp.Expr:
    """``u_jn = γ_j a_jn`` のときの、平均損失の ``γ_j`` についての勾配。``change`` は、書きまちがえるところ。"""
    i = L.index("i")
    u = GAMMA[i] * L.a[i, N]
    total = sp.Sum(sp.Sum(UPSTREAM[i, N] * u.diff(GAMMA[J]), i), N) / BATCH
    return resolve(total).xreplace(change or {})


gain = Formula(
    _gain,
    {"l": L, "gamma": GAMMA, "g": UPSTREAM, "j": J, "n": N, "m": BATCH},
    {
        "1/m を掛け忘れた式": lambda: BATCH * _gain(),
        "活性を掛け忘れた式（足すバイアスの勾配）": lambda: _gain({L.a[J, N]: sp.S.One}),
        "活性の代わりに倍率を掛けた式": lambda: _gain({L.a[J, N]: GAMMA[J]}),
        "先に平均した二つを掛けた式": (lambda: sp.Sum(UPSTREAM[J, N], N) * sp.Sum(L.a[J, N], N) / BATCH**2),
        "例について足していない式": lambda: UPSTREAM[J, N] * L.a[J, N] / BATCH,
    },
)


A, G = sp.MatrixSymbol("A", L.N, BATCH), sp.MatrixSymbol("G", L.N, BATCH)
ONE = sp.OneMatrix(BATCH, 1)


def _mean(matrix: sp.MatrixExpr) -> sp.MatrixExpr:
    """どの列も、列の平均に替えた行列。"""
    return matrix * ONE * ONE.T / BATCH


centre = Formula(
    lambda: matrix_pullback(A - _mean(A), A, G),
    {"A": A, "G": G, "one": ONE, "m": BATCH},
    {
        "平均を定数とみた式": lambda: G,
        "平均でなく、列の和を引いた式": lambda: G - BATCH * _mean(G),
        "平均を足した式": lambda: G + _mean(G),
        "平均の分だけの式": lambda: _mean(G),
        "上流の勾配ではなく、A の平均を引いた式": lambda: A - _mean(A),
    },
)


W = sp.MatrixSymbol("W", FIRST.N, BEFORE.N)
X, G_OUT = sp.MatrixSymbol("X", BEFORE.N, BATCH), sp.MatrixSymbol("G", BEFORE.N, BATCH)
SENDING, RETURNING = sp.MatrixSymbol("W_1", FIRST.N, BEFORE.N), sp.MatrixSymbol("W_2", FIRST.N, BEFORE.N)


def _tied(sending: bool = True, returning: bool = True) -> sp.MatrixExpr:
    """``Z = WᵀWX`` の、``W`` についての勾配。二つの場所の ``W`` を、別の行列とみて求めてから足す。"""
    z = RETURNING.T * SENDING * X
    both = {SENDING: sending, RETURNING: returning}
    parts = [matrix_pullback(z, place, G_OUT) for place, kept in both.items() if kept]
    return sum(parts[1:], parts[0]).xreplace({SENDING: W, RETURNING: W})


tied = Formula(
    lambda: matrix_pullback(W.T * W * X, W, G_OUT),
    {"W": W, "X": X, "G": G_OUT},
    {
        "行きの W（右の W）だけを動かした式": lambda: _tied(returning=False),
        "帰りの W（左の Wᵀ）だけを動かした式": lambda: _tied(sending=False),
        "行きの W の勾配を2倍にした式": lambda: 2 * _tied(returning=False),
        "帰りの W の勾配を2倍にした式": lambda: 2 * _tied(sending=False),
        "二つの場所の勾配を、足さずに引いた式": lambda: 2 * _tied(returning=False) - _tied(),
    },
)

QUESTIONS = {"ex-matrix-gain": gain, "ex-matrix-centre": centre, "ex-matrix-tied": tied}

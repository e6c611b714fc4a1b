"""{ref}`ステップ2 <sec-step2>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, layers, resolve

C, Y, Y_HAT = sp.symbols("c y yhat")


def _weighted(ones: sp.Expr = C, zeros: sp.Expr = sp.S.One, slope: bool = True) -> sp.Expr:
    """目標が1の項を ``ones`` 倍、0の項を ``zeros`` 倍した2値クロスエントロピーの、シグモイド関数での誤差項。"""
    terms = (-ones * Y * sp.log(Y_HAT), -zeros * (1 - Y) * sp.log(1 - Y_HAT))
    if not slope:
        return sp.Add(*terms).diff(Y_HAT)
    return sp.Add(*(sp.factor(term.diff(Y_HAT) * Y_HAT * (1 - Y_HAT)) for term in terms))


weighted = Formula(
    _weighted,
    {"c": C, "y": Y, "y_hat": Y_HAT},
    {
        "傾きを掛け忘れた式": lambda: _weighted(slope=False),
        "c を付け忘れた（いつもの差の）式": lambda: _weighted(ones=sp.S.One),
        "差の全体を c 倍した式": lambda: _weighted(zeros=C),
        "目標が0の項を c 倍した式": lambda: _weighted(ones=sp.S.One, zeros=C),
        "目標だけを c 倍した差の式": lambda: Y_HAT - C * Y,
        "出力だけを c 倍した差の式": lambda: C * Y_HAT - Y,
        "目標が1の項だけの式": lambda: -C * Y * (1 - Y_HAT),
        "目標が0の項だけの式": lambda: (1 - Y) * Y_HAT,
        "傾きが残ったままの式": lambda: _weighted() * Y_HAT * (1 - Y_HAT),
    },
)

(LAST,) = layers("L")
I, J, K = LAST.index("i"), LAST.index("j"), LAST.index("k")
G = Family("g")


def _centred() -> sp.Expr:
    """加重和の平均を引いた出力の誤差項。"""
    output = LAST.z[I] - sp.Sum(LAST.z[K], K) / LAST.N
    return resolve(sp.Sum(G[I] * output.diff(LAST.z[J]), I))


centred = Formula(
    _centred,
    {"last": LAST, "g": G, "i": I, "j": J, "k": K},
    {
        "自分の出力への道だけの式": lambda: G[J] * (1 - 1 / LAST.N),
        "平均を通る道を忘れた式": lambda: G[J],
        "平均を通る道だけの式": lambda: -sp.Sum(G[I], I) / LAST.N,
        "平均ではなく和を引いた式": lambda: G[J] - sp.Sum(G[I], I),
        "どの出力も、自分の加重和と同じように動くとみて足した式": lambda: (1 - 1 / LAST.N) * sp.Sum(G[I], I),
        "平均を通る道の符号を逆にした式": lambda: G[J] + sp.Sum(G[I], I) / LAST.N,
    },
)

QUESTIONS = {"ex-step2-weighted": weighted, "ex-step2-centred": centred}

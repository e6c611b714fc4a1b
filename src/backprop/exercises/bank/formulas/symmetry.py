"""{ref}`対称性と、たくさんの谷 <sec-many-valleys>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, Index, arbitrary_function

D, OUTPUTS = sp.symbols("d M", integer=True, positive=True)
I, J = Index("i", (1, OUTPUTS)), Index("j", (1, D))
C, V = Family("c"), Family("v")

flip = Formula(
    lambda: C[I] + sp.Sum(V[I, J], J),
    {"i": I, "j": J, "c": C, "v": V},
    {
        "バイアスを変えない式": lambda: C[I],
        "重みの和を引いた式": lambda: C[I] - sp.Sum(V[I, J], J),
        "和の半分だけを足した式": lambda: C[I] + sp.Sum(V[I, J], J) / 2,
        "バイアスの符号も変えた式": lambda: -C[I] + sp.Sum(V[I, J], J),
        "足すことになる分だけの式": lambda: sp.Sum(V[I, J], J),
        "どの出力の重みも足した式": lambda: C[I] + sp.Sum(V[I, J], I, J),
        "ニューロンについて足していない式": lambda: C[I] + V[I, J],
    },
)

T, OUT, Z, R, STEP = sp.symbols("t v z r h")
ACTIVATION, SLOPE, BEND = (arbitrary_function("f", order) for order in (0, 1, 2))


def _second_order() -> sp.Expr:
    """双子を、出力の1次の変化が打ち消し合うように引き離したときの、出力の2次の項。"""
    pushed, pulled = Z + (1 - T) * STEP * R, Z - T * STEP * R
    output = T * OUT * ACTIVATION(pushed) + (1 - T) * OUT * ACTIVATION(pulled)
    return sp.factor(output.diff(STEP, 2).subs(STEP, 0))


def _with(share: sp.Expr) -> sp.Expr:
    return share * OUT * BEND(Z) * R**2


shares = Formula(
    _second_order,
    {"t": T, "v": OUT, "z": Z, "r": R, "f1": SLOPE, "f2": BEND},
    {
        "一つめの双子だけを動かした式": lambda: _with(T * (1 - T) ** 2),
        "二つめの双子だけを動かした式": lambda: _with((1 - T) * T**2),
        "分け前を掛け忘れた式": lambda: _with((1 - T) ** 2 + T**2),
        "動かす量を2乗し忘れた式": lambda: _with(2 * T * (1 - T)),
        "二つを、同じ量だけ離した式": lambda: _with(sp.S.One),
        "二つめの分を、足さずに引いた式": lambda: _with(T * (1 - T) ** 2 - (1 - T) * T**2),
        "活性化関数を1回しか微分していない式": lambda: T * (1 - T) * OUT * SLOPE(Z) * R**2,
        "加重和の変化を2乗し忘れた式": lambda: T * (1 - T) * OUT * BEND(Z) * R,
        "半分にした式": lambda: _with(T * (1 - T)) / 2,
        "もとの出力の重みを掛け忘れた式": lambda: _with(T * (1 - T)) / OUT,
    },
)

QUESTIONS = {"ex-symmetry-flip": flip, "ex-symmetry-shares": shares}

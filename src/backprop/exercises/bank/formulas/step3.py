"""{ref}`ステップ3 <sec-step3>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, layers, resolve

L, AFTER, THIRD = layers("l", "l+1", "l+2")
J, K, Q = L.index("j"), AFTER.index("k"), THIRD.index("q")
V = Family("v")
NAMES = {"l": L, "after": AFTER, "third": THIRD, "v": V, "j": J, "k": K, "q": Q}
"""層 l、l+1、l+2 の記号。``v[q, j]`` は、層 l のニューロン j から層 l+2 のニューロン q への重み。"""


def _skipped(near: bool = True, far: bool = True, slope: bool = True) -> sp.Expr:
    """層 l から、層 l+1 と層 l+2 の両方へ線が出るときの、層 l の誤差項。"""
    paths = [
        sp.Sum(AFTER.w[K, J] * AFTER.delta[K], K) if near else sp.S.Zero,
        sp.Sum(V[Q, J] * THIRD.delta[Q], Q) if far else sp.S.Zero,
    ]
    return resolve(sum(paths) * (L.df(L.z[J]) if slope else 1))


skip = Formula(
    _skipped,
    NAMES,
    {
        "一つ先の層への道だけの式": lambda: _skipped(far=False),
        "二つ先の層への道だけの式": lambda: _skipped(near=False),
        "傾きを掛け忘れた式": lambda: _skipped(slope=False),
        "二つ先の層への道にだけ、傾きを掛け忘れた式": (
            lambda: _skipped(far=False) + _skipped(near=False, slope=False)
        ),
    },
)

QUESTIONS = {"ex-step3-skip": skip}

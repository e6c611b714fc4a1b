"""{ref}`勾配消失 <sec-vanishing>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import Family, layers, resolve

ALPHA, N = sp.symbols("alpha N", positive=True)


def _variance(slopes: sp.Expr = (1 + ALPHA**2) / 2) -> sp.Expr:
    """傾きの2乗の平均が ``slopes`` のとき、倍率を1にする重みの分散。"""
    return 1 / (N * slopes)


leaky = Formula(
    _variance,
    {"alpha": ALPHA, "N": N},
    {
        "負の側の傾きを0とみなした式（He）": lambda: _variance(sp.Rational(1, 2)),
        "傾きを、いつも1とみなした式": lambda: _variance(sp.S.One),
        "確率の ½ を掛け忘れた式": lambda: _variance(1 + ALPHA**2),
        "傾きを2乗しないで平均した式": lambda: _variance((1 + ALPHA) / 2),
        "傾きを平均してから2乗した式": lambda: _variance(((1 + ALPHA) / 2) ** 2),
        "分散ではなく、標準偏差の式": lambda: sp.sqrt(_variance()),
        "正の側の分を落とした式": lambda: _variance(ALPHA**2 / 2),
    },
)


(AFTER,) = layers("l+1")
I, J, K = (AFTER.index(name) for name in "ijk")
FLOW, BEFORE = Family("g"), Family("a")


def _through() -> sp.Expr:
    """近道のある層の出力を、手前の活性で微分し、届いた勾配を掛けて足す。"""
    z = sp.Sum(AFTER.w[K, I] * BEFORE[I], I) + AFTER.b[K]
    slope = (BEFORE[K] + AFTER.f(z)).diff(BEFORE[J]).xreplace({z: AFTER.z[K]})
    return resolve(sp.Sum(FLOW[K] * resolve(slope), K))


SLOPE = AFTER.df(AFTER.z[K])


def _by_weights(weight: sp.Expr = AFTER.w[K, J], slope: sp.Expr = SLOPE) -> sp.Expr:
    return sp.Sum(weight * slope * FLOW[K], K)


residual = Formula(
    _through,
    {"after": AFTER, "j": J, "k": K, "g": FLOW},
    {
        "近道を数え忘れた式": _by_weights,
        "近道だけの式": lambda: FLOW[J],
        "傾きを掛け忘れた式": lambda: FLOW[J] + _by_weights(slope=sp.S.One),
        "転置を忘れた式": lambda: FLOW[J] + _by_weights(weight=AFTER.w[J, K]),
        "傾きを、番号 j の加重和で求めた式": lambda: FLOW[J] + _by_weights(slope=AFTER.df(AFTER.z[J])),
        "近道にも傾きを掛けた式": lambda: AFTER.df(AFTER.z[J]) * FLOW[J] + _by_weights(),
        "近道が、すべての番号に届くとした式": lambda: sp.Sum(FLOW[K], K) + _by_weights(),
        "近道の1に、g を掛け忘れた式": lambda: 1 + _by_weights(),
    },
)

QUESTIONS = {"ex-vanishing-leaky": leaky, "ex-vanishing-residual": residual}

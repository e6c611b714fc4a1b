"""{ref}`誤差逆伝播法とは何か <sec-what-is-backprop>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula
from backprop.symbolic import BATCH, Family, Index, resolve

N = Index("n", (1, BATCH))
W, X, Y = sp.Symbol("w"), Family("x"), Family("y")
GAP = W * X[N] - Y[N]

one_knob_net = Formula(
    lambda: resolve((sp.Sum(GAP**2, N) / BATCH).diff(W)),
    {"m": BATCH, "n": N, "w": W, "x": X, "y": Y},
    {
        "2乗の微分の2を忘れた式": lambda: sp.Sum(X[N] * GAP, N) / BATCH,
        "入力を掛け忘れた式": lambda: 2 * sp.Sum(GAP, N) / BATCH,
        "例の数で割り忘れた式": lambda: 2 * sp.Sum(X[N] * GAP, N),
        "入力の代わりに、つまみを掛けた式": lambda: 2 * sp.Sum(W * GAP, N) / BATCH,
        "差の向きを逆にした式": lambda: 2 * sp.Sum(X[N] * (Y[N] - W * X[N]), N) / BATCH,
        "1個の例だけの式": lambda: 2 * X[N] * GAP,
        "微分せずに、損失のままの式": lambda: sp.Sum(GAP**2, N) / BATCH,
    },
)

P, Q, H = sp.symbols("p q h")


def _loss(w: sp.Expr) -> sp.Expr:
    return P * w**3 + Q * w


SLOPE = _loss(W).diff(W)
CENTRAL = (_loss(W + H) - _loss(W - H)) / (2 * H)
FORWARD = (_loss(W + H) - _loss(W)) / H

error = Formula(
    lambda: sp.expand(CENTRAL - SLOPE),
    {"w": W, "h": H, "p": P, "q": Q},
    {
        "本当の傾きを引き忘れた式（中心差分）": lambda: sp.expand(CENTRAL),
        "本当の傾きの式": lambda: SLOPE,
        "前へだけ回したときのずれの式": lambda: sp.expand(FORWARD - SLOPE),
        "幅 $2h$ でなく、$h$ で割ったときのずれの式": lambda: sp.expand(2 * CENTRAL - SLOPE),
        "幅 $2h$ で割る前のずれの式": lambda: 2 * P * H**3,
        "$h^3$ の項を $h$ で割っただけの式": lambda: 2 * P * H**2,
        "$q$ の項を引き忘れた式": lambda: sp.expand(CENTRAL - SLOPE + Q),
    },
)

QUESTIONS = {"ex-what-one-knob-net": one_knob_net, "ex-what-error": error}

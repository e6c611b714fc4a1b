"""{ref}`最適化アルゴリズム <sec-optimizers>`の練習問題のうち、式で答えるものの審判。"""

from __future__ import annotations

import sympy as sp

from backprop.exercises.formulas import Formula

ETA, G, RHO, EPS = sp.symbols("eta g rho varepsilon", positive=True)
T = sp.Symbol("t", integer=True, positive=True)
"""学習率、いつも同じ勾配、2乗の移動平均の係数、0で割るのを防ぐ数、更新の回数。"""


def _step(root: sp.Expr) -> sp.Expr:
    """割る数 √s からの、一歩。"""
    return -ETA * G / (root + EPS)


def _square() -> sp.Expr:
    """t 回めの s。どの2乗も、いまの g² に、係数の積が掛かっている。"""
    return G**2 * (1 - RHO) * (1 - RHO**T) / (1 - RHO)


rmsprop = Formula(
    lambda: _step(sp.sqrt(sp.cancel(_square()))),
    {"eta": ETA, "g": G, "rho": RHO, "eps": EPS, "t": T},
    {
        "AdaGrad の式": lambda: _step(G * sp.sqrt(T)),
        "根号をとり忘れた式": lambda: _step(G**2 * (1 - RHO**T)),
        "係数 1−ρ を忘れた式": lambda: _step(G * sp.sqrt((1 - RHO**T) / (1 - RHO))),
        "ε を根号の中に足した式": lambda: -ETA * G / sp.sqrt(G**2 * (1 - RHO**T) + EPS),
        "s が落ち着いたあとの式": lambda: _step(G),
        "始めの一歩の式": lambda: _step(G * sp.sqrt(1 - RHO)),
        "いまの勾配の重みを ρ とした式": lambda: _step(G * sp.sqrt(RHO * (1 - RHO**T) / (1 - RHO))),
        "勾配の向きに進んだ式": lambda: -_step(G * sp.sqrt(1 - RHO**T)),
        "ε を忘れた式": lambda: -ETA / sp.sqrt(1 - RHO**T),
    },
)

LAM, SIGMA, H = sp.symbols("lambda sigma h", positive=True)
"""曲がりの強さ、ゆらぎの大きさ、床の高さ。"""


def _rate(height: sp.Expr = H) -> sp.Expr:
    """$w^2$ の平均が変わらなくなる高さから、学習率を求める。"""
    square = sp.Symbol("E", positive=True)
    after = (1 - ETA * LAM) ** 2 * square + ETA**2 * SIGMA**2
    return next(rate for rate in sp.solve((after - square).subs(square, height), ETA) if rate != 0)


floor = Formula(
    _rate,
    {"lam": LAM, "sigma": SIGMA, "h": H},
    {
        "ηλ が2よりずっと小さいとした近似の式": lambda: 2 * LAM * H / SIGMA**2,
        "移項の符号を間違えた式": lambda: 2 * LAM * H / (SIGMA**2 - LAM**2 * H),
        "σ を2乗し忘れた式": lambda: 2 * LAM * H / (SIGMA + LAM**2 * H),
        "w² の平均ではなく、損失の平均を h とした式": lambda: sp.simplify(_rate(2 * H / LAM)),
        "w の大きさを h とした式": lambda: _rate(H**2),
        "逆数の式": lambda: 1 / _rate(),
        "2を忘れた式": lambda: LAM * H / (SIGMA**2 + LAM**2 * H),
    },
)

QUESTIONS = {"ex-optimizers-rmsprop": rmsprop, "ex-optimizers-floor": floor}

"""{ref}`プラトーと局所最適解 <sec-plateaus>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values

W1, W2 = sp.symbols("w_1 w_2", real=True)


def _hessian(loss: sp.Expr, at: tuple[sp.Expr, sp.Expr]) -> Array:
    return np.array(sp.hessian(loss, (W1, W2)).subs({W1: at[0], W2: at[1]}), float)


BOTH_AXES_RISE = _hessian(W1**2 + 3 * W1 * W2 + W2**2 + W1**2 * W2, (sp.S.Zero, sp.S.Zero))
WAYS = np.array([[1.0, 0.0], [np.sqrt(0.5), np.sqrt(0.5)], [np.sqrt(0.5), -np.sqrt(0.5)]])
"""軸の向き、45度の向き、−45度の向き。長さは1。"""


def _bends(matrix: Array, ways: Array = WAYS) -> Array:
    return np.array([way @ matrix @ way for way in ways])


OFF = np.array([[0.0, 1.0], [1.0, 0.0]])

corner = Values(
    lambda: _bends(BOTH_AXES_RISE),
    {
        "向きの長さを1にそろえ忘れた値": lambda: _bends(BOTH_AXES_RISE, np.sign(WAYS)),
        "混ざる成分を、一度しか数えなかった値": lambda: _bends(np.triu(BOTH_AXES_RISE)),
        "対角の成分だけで求めた値": lambda: _bends(np.diag(np.diag(BOTH_AXES_RISE))),
        "2乗を2回微分したときの2を忘れた値": lambda: _bends(BOTH_AXES_RISE - np.eye(2)),
        "混ざる成分を2倍にした値": lambda: _bends(BOTH_AXES_RISE + 3 * OFF),
    },
)


waiting = Choice(
    "なだらかさ",
    "近さは対数でしか効きません。固有値の大きさは、1回ごとに伸びる割合を決めます。",
    {
        "近さ": "ずれを2乗しても、1まで伸びるのに要る「何倍」の対数は、2倍になるだけです。",
        "同じ": "一方は対数の中、もう一方は、1回ごとに伸びる割合に現れます。数を入れて比べてください。",
        "どちらも抜けない": "ちょうど停留点の上ではなく、下る向きにずれているので、ずれは伸びつづけます。",
    },
)


VALLEY = (W2 * W1 - 1) ** 2 / 2
SHARP, EVEN = (_hessian(VALLEY, at) for at in ((sp.Integer(2), sp.Rational(1, 2)), (sp.S.One, sp.S.One)))
"""損失が0の曲線の上の、二つの点のヘッセ行列。"""


def _answers(curvature: Callable[[Array], float], limit: float = 2.0) -> list[float]:
    sharp, even = curvature(SHARP), curvature(EVEN)
    return [sharp, limit / sharp, limit / even]


def _largest(matrix: Array) -> float:
    return float(np.linalg.eigvalsh(matrix)[-1])


valley = Values(
    lambda: _answers(_largest),
    {
        "境目の代わりに、1回で底に着く学習率を答えた値": lambda: _answers(_largest, limit=1.0),
        "対角の成分の大きい方を、固有値とした値": lambda: _answers(lambda matrix: matrix.diagonal().max()),
        "重みを2乗し忘れた値": lambda: _answers(lambda matrix: float(np.sqrt(matrix.diagonal()).sum())),
        "二つの固有値の平均を使った値": lambda: _answers(lambda matrix: matrix.trace() / 2),
        "どちらの点でも、同じ境目とした値": lambda: [
            _largest(SHARP),
            2 / _largest(SHARP),
            2 / _largest(SHARP),
        ],
        "境目の順を入れ替えた値": lambda: [_largest(SHARP), 2 / _largest(EVEN), 2 / _largest(SHARP)],
    },
)


rounding = Choice(
    5,
    "0のはずの固有値は、丸め誤差で、ごく小さな負の数にもなります。0と比べると、それも数えてしまいます。",
    {
        1: "1行めは、勾配を一列に並べています。停留点かどうかを見るのに要ります。",
        2: "2行めのヘッセ行列は、丸め誤差のほかは正しい値です。",
        3: "3行めは、対称な行列の固有値を、小さい順に返します。",
        4: "4行めは、勾配の長さを、0ではなく小さな幅と比べています。丸め誤差があっても大丈夫です。",
    },
)


Gradient = Callable[[Array], Array]
Case = tuple[Gradient, Array, Array]
SIZES = (1, 2, 3, 5, 4, 2)


def _draw(rng: np.random.Generator, n: int) -> Case:
    """谷と丘の混ざった損失 ``½wᵀAw + ¼Σw⁴`` の勾配。"""
    size = SIZES[n]
    A = rng.normal(size=(size, size))
    return lambda w: (A + A.T) @ w + w**3, rng.normal(size=size), rng.normal(size=size)


def _product(gradient: Gradient, w: Array, d: Array) -> Array:
    """ヘッセ行列と向きの積。"""
    return gradient(w + 1e-200j * d).imag / 1e-200


def _diagonal(gradient: Gradient, w: Array, d: Array) -> float:
    return sum(
        step**2 * _product(gradient, w, way)[n] for n, (way, step) in enumerate(zip(np.eye(len(d)), d))
    )


bend = Function(
    lambda gradient, w, d: d @ _product(gradient, w, d),
    _draw,
    {
        "向きの長さを1にそろえた値": lambda gradient, w, d: d @ _product(gradient, w, d) / (d @ d),
        "½ を掛けた値": lambda gradient, w, d: d @ _product(gradient, w, d) / 2,
        "向きとの内積の代わりに、成分を足した値": lambda gradient, w, d: _product(gradient, w, d).sum(),
        "1階微分の値": lambda gradient, w, d: d @ gradient(w),
        "対角の成分だけで求めた値": _diagonal,
        "原点での値": lambda gradient, w, d: d @ _product(gradient, 0 * w, d),
        "符号を逆にした値": lambda gradient, w, d: -d @ _product(gradient, w, d),
    },
)

QUESTIONS = {
    "ex-plateaus-corner": corner,
    "ex-plateaus-waiting": waiting,
    "ex-plateaus-valley": valley,
    "ex-plateaus-rounding": rounding,
    "ex-plateaus-bend": bend,
}

"""{ref}`勾配消失 <sec-vanishing>`の練習問題の審判（式で答えるものを除く）。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.exercises.choices import Choice
from backprop.exercises.functions import Function
from backprop.exercises.values import Values

W2, W3 = np.diag([2.0, 1.0]), np.diag([0.5, 2.0])
SLOPES1, SLOPES2, DELTA3 = np.array([0.5, 0.5]), np.array([1.0, 0.5]), np.array([3.0, 4.0])
"""限界の問いの、重み、傾き、終わりの誤差項。"""


def _ratio(slopes1: Array = SLOPES1, slopes2: Array = SLOPES2) -> float:
    """2層戻ったときの、誤差項の長さの比。"""
    back = slopes1 * (W2.T @ (slopes2 * (W3.T @ DELTA3)))
    return float(np.linalg.norm(back) / np.linalg.norm(DELTA3))


def _limit(slopes: bool = True, weights: bool = True) -> float:
    """定理の右辺の積。"""
    steepest = SLOPES1.max() * SLOPES2.max() if slopes else 1.0
    return float(steepest * (np.linalg.norm(W2, 2) * np.linalg.norm(W3, 2) if weights else 1.0))


LENGTH = np.linalg.norm(DELTA3)

bound = Values(
    lambda: [_ratio(), _limit()],
    {
        "限界で、重みを見落とした値": lambda: [_ratio(), _limit(weights=False)],
        "限界で、傾きを見落とした値": lambda: [_ratio(), _limit(slopes=False)],
        "誤差項に、傾きを掛け忘れた値": lambda: [_ratio(np.ones(2), np.ones(2)), _limit()],
        "比にしない、長さそのもの": lambda: [_ratio() * LENGTH, _limit() * LENGTH],
        "2乗の比と、2乗の限界": lambda: [_ratio() ** 2, _limit() ** 2],
        "限界に、いちばん小さい伸びを使った値": lambda: [
            _ratio(), SLOPES1.min() * SLOPES2.min() * np.diag(W2).min() * np.diag(W3).min()
        ],
        "層2の傾きを、2個とも1とした値": lambda: [_ratio(slopes2=np.ones(2)), _limit()],
        "二つを逆の順に並べた値": lambda: [_limit(), _ratio()],
    },
)  # fmt: skip

wider = Choice(
    "伸びる",
    "2乗の平均の倍率は Nσ² です。幅を4倍にすると 0.64 から 2.56 になり、1を超えます。",
    {
        "もっと速く縮む": "声の数が増えると、足したものの2乗の平均は大きくなります。",
        "同じ速さで縮む": "標準偏差は同じでも、一つのニューロンに届く声の数が変わりました。",
        "保たれる": "倍率は Nσ² です。幅256、標準偏差 0.1 で、ちょうど1になるでしょうか。",
    },
)

bug = Choice(
    4,
    "rng.normal の2番めの引数は標準偏差です。分散を渡しているので、重みが小さすぎます。",
    {
        1: "1行めは、空のリストを用意しているだけです。",
        2: "2行めは、隣り合う層の幅の組を作ります。(手前の幅, この層の幅) の順で合っています。",
        3: "3行めの 2/n_in は、He の初期化の分散です。名前のとおりなら正しい値です。",
        5: "5行めは、作った重みをリストに加えているだけです。",
        6: "6行めは、バイアスを0から始めています。本文の仮定と同じです。",
    },
)


def _length(*gradients: Array) -> float:
    return float(np.sqrt(sum((gradient**2).sum() for gradient in gradients)))


def _shrunk(gradient: Array, length: float, limit: float) -> Array:
    return gradient * min(1.0, limit / length)


def _clipped(dW: Array, db: Array, limit: float) -> Array:
    both = np.hstack([dW, db])
    return _shrunk(both, _length(both), limit)


def _draw(rng: np.random.Generator, n: int) -> tuple[Array, Array, float]:
    rows, columns = ((2, 3), (1, 1), (4, 2), (3, 3), (1, 4), (3, 1))[n]
    dW, db = rng.normal(size=(rows, columns)), rng.normal(size=(rows, 1))
    # 縮めない場合、少しだけ縮める場合、重みかバイアスだけが長すぎる場合を混ぜる
    return dW, db, _length(dW, db) * (0.3, 1.5, 0.9, 0.5, 2.5, 0.7)[n]


clip = Function(
    _clipped,
    _draw,
    {
        "成分ごとに切った値": lambda dW, db, limit: np.clip(np.hstack([dW, db]), -limit, limit),
        "重みとバイアスを、別々に縮めた値": lambda dW, db, limit: np.hstack(
            [_shrunk(part, _length(part), limit) for part in (dW, db)]
        ),
        "短いときにも、limit の長さに伸ばした値": (
            lambda dW, db, limit: np.hstack([dW, db]) * limit / _length(dW, db)
        ),
        "長さの代わりに、長さの2乗で割った値": (
            lambda dW, db, limit: _shrunk(np.hstack([dW, db]), _length(dW, db) ** 2, limit)
        ),
        "重みの長さだけで縮めた値": (lambda dW, db, limit: _shrunk(np.hstack([dW, db]), _length(dW), limit)),
        "重みだけを縮めた値": (lambda dW, db, limit: np.hstack([_shrunk(dW, _length(dW, db), limit), db])),
        "長さを、絶対値の和で測った値": (
            lambda dW, db, limit: _shrunk(np.hstack([dW, db]), np.abs(dW).sum() + np.abs(db).sum(), limit)
        ),
        "縮めなかった値": lambda dW, db, limit: np.hstack([dW, db]),
        "長いときに、長さを1にした値": lambda dW, db, limit: (
            np.hstack([dW, db]) / (_length(dW, db) if _length(dW, db) > limit else 1.0)
        ),
    },
)

QUESTIONS = {
    "ex-vanishing-bound": bound,
    "ex-vanishing-wider": wider,
    "ex-vanishing-bug": bug,
    "ex-vanishing-clip": clip,
}

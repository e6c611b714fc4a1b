"""世の中でよく使われる、三つの検査の規則。博物館の展示に、それぞれがいくつ気づくかを数えるためのもの。

- ``すべての要素`` 中心差分と、すべての要素で比べ、相対誤差の最大が ``1e-6`` を超えれば気づく。
- ``一つの要素`` パラメータの配列ごとに、くじで選んだ一つの要素だけを、``1e-2`` の許容限界で比べる。
- ``損失が下がる`` 学習のあとの損失が、始めの損失より小さくなければ気づく。
"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array, explained, instance
from backprop.judges.differences import central_difference
from backprop.judges.museum.exhibit import Exhibit
from backprop.judges.museum.judging import learn

STEP = 1e-5
"""中心差分の刻み。"""
ALL = 1e-6
"""すべての要素を比べるときの、相対誤差の許容限界。"""
ONE = 1e-2
"""一つの要素を比べるときの、絶対と相対の許容限界。"""
TINY = 1e-8
"""相対誤差の分母の下限。"""


def _pairs(exhibit: Exhibit) -> list[tuple[Array, Array]]:
    """パラメータごとの、検査に出す勾配（形が違えば引き伸ばす）と、中心差分。"""
    network, (X, Y) = instance("exhibit", exhibit, Exhibit).stage.network(), exhibit.stage.data()
    given = exhibit.gradients(network, X, Y)
    return [
        (
            np.broadcast_to(given[name], value.shape),
            central_difference(
                lambda at, name=name: exhibit.cost(network.replace(**{name: at}), X, Y), value, STEP
            ),
        )
        for name, value in network.parameters().items()
    ]


@explained
def by_every_element(exhibit: Exhibit) -> bool:
    """すべての要素の相対誤差の最大で、気づくか。

    Parameters
    ----------
    exhibit : Exhibit

    Returns
    -------
    bool

    Examples
    --------
    >>> from backprop.judges.museum import EXHIBITS
    >>> by_every_element(EXHIBITS["no_slope"])
    True
    """
    return any(
        bool((np.abs(given - measured) > ALL * np.maximum(TINY, np.abs(given) + np.abs(measured))).any())
        for given, measured in _pairs(exhibit)
    )


@explained
def by_one_element(exhibit: Exhibit) -> float:
    """くじで選んだ一つの要素で気づく確率。配列ごとに一つ引き、どれかで違えば気づく。

    Parameters
    ----------
    exhibit : Exhibit

    Returns
    -------
    float
        0以上1以下。1 なら、どの要素を引いても気づく。

    Examples
    --------
    >>> from backprop.judges.museum import EXHIBITS
    >>> round(by_one_element(EXHIBITS["no_slope"]), 2)
    0.96
    """
    missed = 1.0
    for given, measured in _pairs(exhibit):
        missed *= 1 - float((np.abs(given - measured) > ONE + ONE * np.abs(measured)).mean())
    return 1 - missed


@explained
def by_falling_loss(exhibit: Exhibit) -> bool:
    """損失が下がらなければ、気づく。

    Parameters
    ----------
    exhibit : Exhibit

    Returns
    -------
    bool

    Examples
    --------
    >>> from backprop.judges.museum import EXHIBITS
    >>> by_falling_loss(EXHIBITS["flipped_sign"]), by_falling_loss(EXHIBITS["no_slope"])
    (True, False)
    """
    result = learn(exhibit)
    return not result.after < result.before

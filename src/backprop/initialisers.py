"""重みの大きさの決めかた。

重みを平均 0 の乱数から引くとき、誤差項や活性の大きさが層を通るたびにどう変わるかは、重みの標準偏差と
層の幅で決まる。ここには、幅から標準偏差を求める規則だけを置く。どの規則も
{ref}`重みをどう選ぶか <sec-initialisation>` で導く。
"""

from __future__ import annotations

from collections.abc import Callable

from backprop.checks import count, explained

Initialiser = Callable[[int, int], float]
"""``(N_in, N_out)`` から重みの標準偏差を求める規則。"""


@explained
def glorot(n_in: int, n_out: int) -> float:
    """Glorot の標準偏差 ``√(2 / (N_in + N_out))``。

    傾きが1の活性化関数のもとで、活性の2乗の平均を保つ分散 ``1/N_in`` と、誤差項の2乗の平均を保つ分散
    ``1/N_out`` の間をとったもの。

    Parameters
    ----------
    n_in, n_out : int
        重みの行列の列の数 ``N_{l−1}`` と行の数 ``N_l``。

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        幅が正の整数でない。

    Notes
    -----
    X. Glorot, Y. Bengio (2010)。「勾配消失」の章（51_vanishing_gradient）による。

    Examples
    --------
    >>> glorot(100, 100), glorot(6, 2)
    (0.1, 0.5)
    """
    return (2 / (count("n_in", n_in) + count("n_out", n_out))) ** 0.5


@explained
def he(n_in: int, n_out: int) -> float:
    """He の標準偏差 ``√(2 / N_in)``。

    ReLU は平均して半分のニューロンを0にするので、分散 ``1/N_in`` を2倍にしたもの。

    Parameters
    ----------
    n_in, n_out : int
        重みの行列の列の数 ``N_{l−1}`` と行の数 ``N_l``。後者は、確かめるだけで使わない。

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        幅が正の整数でない。

    Notes
    -----
    K. He ほか (2015)。「勾配消失」の章（51_vanishing_gradient）による。

    Examples
    --------
    >>> he(200, 50), he(8, 3)
    (0.1, 0.5)
    """
    count("n_out", n_out)
    return (2 / count("n_in", n_in)) ** 0.5


INITIALISERS: dict[str, Initialiser] = {"glorot": glorot, "he": he}
"""名前から規則への対応。"""

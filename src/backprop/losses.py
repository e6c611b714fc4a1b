"""損失関数と、その出力に関する勾配。{ref}`損失関数 <sec-losses>`の章に対応する。

値は1例ごとの損失 𝓛 で、形は ``(m,)``。バッチの平均 ``J`` は `backprop.network.Network.cost` が取る。
出力が確率でなければならない二つの損失は、対になる活性化関数を `output_activation` に持つ。
その組では、値も δ も割り算なしに計算するので、出力が 0 や 1 に飽和しても正しい。
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop.activations import softplus
from backprop.checks import Array, array, batches, explained


@explained
@dataclass(frozen=True)
class Loss:
    """損失関数 𝓛 と、その出力に関する勾配 ``∂𝓛/∂ŷ`` の組。

    Attributes
    ----------
    name : str
        表 `LOSSES` での名前。
    value : callable
        ``(Y_hat, Y)`` (N_L, m) から1例ごとの損失 (m,) を求める関数。
    gradient : callable
        ``(Y_hat, Y)`` (N_L, m) から ``∂𝓛/∂Ŷ`` (N_L, m) を求める関数。
    check_targets : callable
        目標 ``Y`` が損失の定義域にあることを確かめる関数。外れていれば ``ValueError``。
    output_activation : str or None
        出力が確率でなければならない損失に、対になる活性化関数の名前。どれでもよければ ``None``。
    value_at_z : callable or None
        対になる活性化関数のもとで、``(Z, Y)`` から1例ごとの損失を安定に求める関数。
    delta : callable or None
        対になる活性化関数のもとで、``(Y_hat, Y)`` から、`value_at_z` の ``Z`` に関する勾配を求める関数。
        ``out`` を渡せば、そこへ書く。学習の1ステップごとに通るので、引数を確かめない。

    Examples
    --------
    >>> import numpy as np
    >>> LOSSES["mse"].value(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]]))
    array([2.5])
    """

    name: str
    value: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], Array]
    check_targets: Callable[[Array], None]
    output_activation: str | None = None
    value_at_z: Callable[[Array, Array], Array] | None = None
    delta: Callable[..., Array] | None = None

    def targets(self, Y: object, shape: tuple[int | str, ...]) -> Array:
        """目標の型、形、定義域を確かめて返す。クラスの番号が並んでいれば、列への直しかたを言う。

        Parameters
        ----------
        Y : ndarray, shape (N_L, m)
            目標。
        shape : tuple of int or str
            求める形（`backprop.checks.array`）。

        Returns
        -------
        ndarray
            同じ配列。

        Raises
        ------
        TypeError, ValueError
            配列の型や形が合わない、有限でない、損失の定義域にない。

        Examples
        --------
        >>> import numpy as np
        >>> LOSSES["cross_entropy"].targets(np.array([0, 2, 1]), (3, 3))
        Traceback (most recent call last):
        TypeError: Y はクラスの番号ではなく、正解のクラスだけを1にした列でなければなりません。 one_hot(Y, 3)（backprop.datasets）で列にしてください。
        """
        if self.output_activation == "softmax" and _are_class_numbers(Y, shape):
            raise TypeError(
                "Y はクラスの番号ではなく、正解のクラスだけを1にした列でなければなりません。"
                f" one_hot(Y, {shape[0]})（backprop.datasets）で列にしてください。"
            )
        self.check_targets(array("Y", Y, shape))
        return Y


Pairwise = Callable[[Array, Array], Array]


def _of_batches(first: str, *, probabilities: bool = False) -> Callable[[Pairwise], Pairwise]:
    """同じ形の二つのバッチだけを受け取る関数にする（黙ったブロードキャストを防ぐ）。"""

    def decorate(function: Pairwise) -> Pairwise:
        signature = inspect.signature(function)

        @explained
        @functools.wraps(function)
        def checked(*args: Array, **kwargs: Array) -> Array:
            direct = len(args) == 2 and not kwargs
            values, Y = args if direct else signature.bind(*args, **kwargs).args
            batches(**{first: values, "Y": Y})
            if probabilities:
                _check_probabilities(first, values)
            with np.errstate(over="ignore", invalid="ignore"):  # あふれた損失は無限大
                return function(values, Y)

        return checked

    return decorate


@_of_batches("Y_hat")
def mse(Y_hat: Array, Y: Array) -> Array:
    """平均二乗誤差 ``𝓛 = (1/N_L) Σ_j (ŷ_j − y_j)²``。

    Examples
    --------
    >>> import numpy as np
    >>> mse(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]]))
    array([2.5])
    """
    return ((Y_hat - Y) ** 2).mean(axis=0)


@_of_batches("Y_hat")
def mse_gradient(Y_hat: Array, Y: Array) -> Array:
    """平均二乗誤差の勾配 ``(2/N_L)(ŷ_j − y_j)``。

    Examples
    --------
    >>> import numpy as np
    >>> mse_gradient(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]]))
    array([[1.],
           [2.]])
    """
    return 2 * (Y_hat - Y) / len(Y)


@_of_batches("Y_hat")
def half_squared_error(Y_hat: Array, Y: Array) -> Array:
    """二乗誤差の半分 ``𝓛 = ½ Σ_j (ŷ_j − y_j)²``。

    Examples
    --------
    >>> import numpy as np
    >>> half_squared_error(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]]))
    array([2.5])
    """
    return ((Y_hat - Y) ** 2).sum(axis=0) / 2


@_of_batches("Y_hat")
def half_squared_error_gradient(Y_hat: Array, Y: Array) -> Array:
    """二乗誤差の半分の勾配 ``ŷ_j − y_j``。

    Examples
    --------
    >>> import numpy as np
    >>> half_squared_error_gradient(np.array([[3.0]]), np.array([[1.0]]))
    array([[2.]])
    """
    return Y_hat - Y


@_of_batches("Y_hat", probabilities=True)
def binary_cross_entropy(Y_hat: Array, Y: Array) -> Array:
    """2値クロスエントロピー ``𝓛 = −Σ_j (y_j log ŷ_j + (1 − y_j) log(1 − ŷ_j))``。

    ``0 log 0`` は 0 とする。確信をもって外した出力の損失は無限大になる。

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy(np.array([[0.5, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]]))
    array([0.69314718, 0.        ,        inf])
    """
    return -(_xlogy(Y, Y_hat) + _xlogy(1 - Y, 1 - Y_hat)).sum(axis=0) + 0.0


@_of_batches("Y_hat", probabilities=True)
def binary_cross_entropy_gradient(Y_hat: Array, Y: Array) -> Array:
    """2値クロスエントロピーの勾配 ``−y_j / ŷ_j + (1 − y_j) / (1 − ŷ_j)``。

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy_gradient(np.array([[0.5, 0.0]]), np.array([[1.0, 0.0]]))
    array([[-2.,  1.]])
    """
    return _ratio(1 - Y, 1 - Y_hat) - _ratio(Y, Y_hat)


@_of_batches("Z")
def binary_cross_entropy_at_z(Z: Array, Y: Array) -> Array:
    """シグモイドのもとでの2値クロスエントロピー ``Σ_j (y_j ζ(−z_j) + (1 − y_j) ζ(z_j))``。

    ``ζ`` は softplus。対数の中が 0 になることがない。

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy_at_z(np.array([[0.0, 1e4, 1e4]]), np.array([[1.0, 1.0, 0.0]]))
    array([6.93147181e-01, 0.00000000e+00, 1.00000000e+04])
    """
    return (Y * softplus(-Z) + (1 - Y) * softplus(Z)).sum(axis=0)


@_of_batches("Y_hat", probabilities=True)
def cross_entropy(Y_hat: Array, Y: Array) -> Array:
    """クロスエントロピー ``𝓛 = −Σ_j y_j log ŷ_j``。

    Examples
    --------
    >>> import numpy as np
    >>> cross_entropy(np.array([[0.25], [0.75]]), np.array([[1.0], [0.0]]))
    array([1.38629436])
    """
    return -_xlogy(Y, Y_hat).sum(axis=0) + 0.0


@_of_batches("Y_hat", probabilities=True)
def cross_entropy_gradient(Y_hat: Array, Y: Array) -> Array:
    """クロスエントロピーの勾配 ``−y_j / ŷ_j``。

    Examples
    --------
    >>> import numpy as np
    >>> cross_entropy_gradient(np.array([[0.25], [0.75]]), np.array([[1.0], [0.0]]))
    array([[-4.],
           [ 0.]])
    """
    return -_ratio(Y, Y_hat) + 0.0


@_of_batches("Z")
def cross_entropy_at_z(Z: Array, Y: Array) -> Array:
    """softmax のもとでのクロスエントロピー ``Σ_j y_j (log Σ_k e^{z_k} − z_j)``。

    対数の中の和は、最大の要素を引いてから取る（log-sum-exp）。最大の要素の ``e^0 = 1`` は ``log1p`` に任せ、
    ほとんど確信している出力の、1 に比べて小さな損失も、桁を落とさずに求める。

    Examples
    --------
    >>> import numpy as np
    >>> cross_entropy_at_z(np.array([[0.0, 1e4], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([6.93147181e-01, 1.00000000e+04])
    >>> cross_entropy_at_z(np.array([[40.0], [0.0]]), np.array([[1.0], [0.0]]))
    array([4.24835426e-18])
    """
    largest = np.expand_dims(np.real(Z).argmax(axis=0), 0)
    shifted = Z - np.take_along_axis(np.real(Z), largest, axis=0)  # (N_L, m)
    terms = np.exp(shifted)
    # 最大の要素の e^0 = 1 は log1p が足す。複素数なら、虚部の分だけ 1 からずれる
    np.put_along_axis(terms, largest, np.expm1(np.take_along_axis(shifted, largest, axis=0)), axis=0)
    log_sum = np.log1p(terms.sum(axis=0, keepdims=True))  # (1, m)
    return np.where(Y == 0, 0, Y * (log_sum - shifted)).sum(axis=0)  # 差があふれても、y_j = 0 の項は 0


def _difference(Y_hat: Array, Y: Array, out: Array | None = None) -> Array:
    """シグモイドと2値クロスエントロピーの誤差項 ``ŷ − y``。"""
    return np.subtract(Y_hat, Y, out=out)


def _scaled_difference(Y_hat: Array, Y: Array, out: Array | None = None) -> Array:
    """softmax とクロスエントロピーの誤差項 ``ŷ_j Σ_k y_k − y_j``。

    和がちょうど1なら ``ŷ − y`` と1ビットも違わない。丸めた目標では、和が1からわずかに外れる。
    """
    if out is None:
        return Y_hat * Y.sum(axis=0) - Y
    np.multiply(Y_hat, Y.sum(axis=0), out=out)
    return np.subtract(out, Y, out=out)


def _xlogy(x: Array, y: Array) -> Array:
    with np.errstate(divide="ignore"):  # log 0 = −∞ は、ここでは正しい極限
        return x * np.log(np.where(x == 0, 1, y))


def _ratio(x: Array, y: Array) -> Array:
    with np.errstate(divide="ignore", over="ignore"):  # x / 0 = ∞ は、ここでは正しい極限
        return x / np.where(x == 0, 1, y)


def _are_class_numbers(Y: object, shape: tuple[int | str, ...]) -> bool:
    """整数を一列に並べたものか。"""
    if not isinstance(Y, (list, tuple, np.ndarray)):
        return False
    try:
        values = np.asarray(Y)
    except ValueError:  # 長さのそろわないリスト
        return False
    row = values.ndim == 1 or (values.ndim == 2 and 1 in values.shape and values.shape[0] != shape[0])
    return row and values.size > 0 and values.dtype.kind in "iuf" and bool((values == np.rint(values)).all())


def _any_targets(Y: Array) -> None:
    pass


def _check_probabilities(name: str, values: Array) -> None:
    low, high = float(np.real(values).min()), float(np.real(values).max())
    if not (low >= 0 and high <= 1):
        raise ValueError(
            f"{name} の要素は 0 以上 1 以下でなければなりませんが、{low:g} から {high:g} までの値が与えられました。"
        )


def _probabilities(Y: Array) -> None:
    _check_probabilities("Y", Y)


def _distributions(Y: Array) -> None:
    _probabilities(Y)
    sums = np.real(Y).sum(axis=0)
    if not np.allclose(sums, 1.0, rtol=0, atol=1e-6):
        worst = int(np.abs(sums - 1).argmax())
        raise ValueError(
            f"Y の各列の和は1でなければなりませんが、列 {worst} の和は {sums[worst]:g} です。"
            " 正解のクラスだけを1にした列（one-hot）を与えてください。"
        )


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("mse", mse, mse_gradient, _any_targets),
        Loss("half_squared_error", half_squared_error, half_squared_error_gradient, _any_targets),
        Loss(
            "binary_cross_entropy",
            binary_cross_entropy,
            binary_cross_entropy_gradient,
            _probabilities,
            output_activation="sigmoid",
            value_at_z=binary_cross_entropy_at_z,
            delta=_difference,
        ),
        Loss(
            "cross_entropy",
            cross_entropy,
            cross_entropy_gradient,
            _distributions,
            output_activation="softmax",
            value_at_z=cross_entropy_at_z,
            delta=_scaled_difference,
        ),
    )
}
"""損失関数の表。名前から `Loss` を引く。"""

"""誤差逆伝播法の六つのステップ。導出の各章に、関数が一つずつ対応する。

例は列に並ぶ。``m`` はバッチの大きさ、``N_l`` は層 ``l`` のニューロンの数である。
どの関数も引数を書き換えず、新しい配列を返す。結果があふれたときは、無限大を返さずに断る。
"""

from __future__ import annotations

import numpy as np

from backprop.activations import Activation
from backprop.checks import (
    Array,
    DivergenceError,
    array,
    explained,
    finite_result,
    instance,
    positive,
    same_shape,
    shapes,
)
from backprop.losses import Loss


@shapes(Y_hat="N_L m", Y="N_L m")
def output_gradient(Y_hat: Array, Y: Array, loss: Loss) -> Array:
    """ステップ1: 出力に関する損失の勾配 ``∂𝓛/∂a^L_j``。

    {ref}`ステップ1 <sec-step1>`の式。

    Parameters
    ----------
    Y_hat, Y : ndarray, shape (N_L, m)
        出力 ``Ŷ = A^L`` と目標。
    loss : Loss
        損失関数。

    Returns
    -------
    ndarray, shape (N_L, m)

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない、目標が損失の定義域にない。

    Examples
    --------
    二乗誤差の半分なら ``ŷ − y``: 0.8 − 1 = −0.2。

    >>> import numpy as np
    >>> from backprop.losses import LOSSES
    >>> output_gradient(np.array([[0.8]]), np.array([[1.0]]), LOSSES["half_squared_error"])
    array([[-0.2]])
    """
    instance("loss", loss, Loss).check_targets(Y)
    return loss.gradient(Y_hat, Y)


@shapes(dA="N_L m", Z="N_L m")
def output_delta(dA: Array, Z: Array, activation: Activation) -> Array:
    """ステップ2: 出力層の誤差項 ``δ^L_j = (∂𝓛/∂a^L_j) f^L′(z^L_j)``。

    {ref}`ステップ2 <sec-step2>`の式。

    Parameters
    ----------
    dA : ndarray, shape (N_L, m)
        出力に関する損失の勾配（ステップ1）。
    Z : ndarray, shape (N_L, m)
        出力層の加重和 ``Z^L``。
    activation : Activation
        出力層の活性化関数 ``f^L``。

    Returns
    -------
    ndarray, shape (N_L, m)

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない。
    DivergenceError
        結果があふれる。

    Examples
    --------
    シグモイドなら ``σ′(0) = 1/4``: −0.2 × 0.25 = −0.05。

    >>> import numpy as np
    >>> from backprop.activations import ACTIVATIONS
    >>> output_delta(np.array([[-0.2]]), np.array([[0.0]]), ACTIVATIONS["sigmoid"])
    array([[-0.05]])
    """
    with np.errstate(all="ignore"):
        delta = instance("activation", activation, Activation).pullback(Z, dA)  # (N_L, m)
    return finite_result("出力層の誤差項", delta)


@shapes(W_next="N_next N_l", delta_next="N_next m", Z="N_l m")
def hidden_delta(W_next: Array, delta_next: Array, Z: Array, activation: Activation) -> Array:
    """ステップ3: 隠れ層の誤差項 ``δ^l_j = (Σ_k w^{l+1}_{kj} δ^{l+1}_k) f^l′(z^l_j)``。

    {ref}`ステップ3 <sec-step3>`の式 ``eq-hidden-delta``。

    Parameters
    ----------
    W_next : ndarray, shape (N_{l+1}, N_l)
        次の層の重み ``W^{l+1}``。
    delta_next : ndarray, shape (N_{l+1}, m)
        次の層の誤差項 ``Δ^{l+1}``。
    Z : ndarray, shape (N_l, m)
        この層の加重和 ``Z^l``。
    activation : Activation
        この層の活性化関数 ``f^l``。

    Returns
    -------
    ndarray, shape (N_l, m)

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない。
    DivergenceError
        結果があふれる。

    Examples
    --------
    2×0.1 − 1×0.4 + 0.5×(−0.2) = −0.3、これに ``σ′(0) = 1/4`` を掛けて −0.075。

    >>> import numpy as np
    >>> from backprop.activations import ACTIVATIONS
    >>> W_next = np.array([[2.0], [-1.0], [0.5]])
    >>> delta_next = np.array([[0.1], [0.4], [-0.2]])
    >>> hidden_delta(W_next, delta_next, np.array([[0.0]]), ACTIVATIONS["sigmoid"])
    array([[-0.075]])
    """
    with np.errstate(all="ignore"):
        delta = instance("activation", activation, Activation).pullback(Z, W_next.T @ delta_next)  # (N_l, m)
    return finite_result("隠れ層の誤差項", delta)


@shapes(delta="N_l m", A_prev="N_prev m")
def weight_gradient(delta: Array, A_prev: Array) -> Array:
    """ステップ4: 重みの勾配。1例では ``∂𝓛/∂w^l_{jk} = δ^l_j a^{l−1}_k``、ここではバッチの平均。

    {ref}`ステップ4 <sec-step4>`の式 ``∂J/∂W^l = (1/m) Δ^l (A^{l−1})ᵀ``。

    Parameters
    ----------
    delta : ndarray, shape (N_l, m)
        誤差項 ``Δ^l``。
    A_prev : ndarray, shape (N_{l−1}, m)
        前の層の活性 ``A^{l−1}``。

    Returns
    -------
    ndarray, shape (N_l, N_{l−1})

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない。
    DivergenceError
        結果があふれる。

    Examples
    --------
    2例の平均: (0.1×1 + 0.3×2) / 2 = 0.35。

    >>> import numpy as np
    >>> weight_gradient(np.array([[0.1, 0.3]]), np.array([[1.0, 2.0]]))
    array([[0.35]])
    """
    with np.errstate(all="ignore"):
        gradient = (delta / delta.shape[1]) @ A_prev.T  # 1/m は、積より小さい Δ に掛けておく
    return finite_result("重みの勾配", gradient)  # (N_l, N_{l-1})


@shapes(delta="N_l m")
def bias_gradient(delta: Array) -> Array:
    """ステップ5: バイアスの勾配。1例では ``∂𝓛/∂b^l_j = δ^l_j``、ここではバッチの平均。

    {ref}`ステップ5 <sec-step5>`の式 ``∂J/∂b^l = (1/m) Δ^l 1``。

    Parameters
    ----------
    delta : ndarray, shape (N_l, m)
        誤差項 ``Δ^l``。

    Returns
    -------
    ndarray, shape (N_l, 1)
        バイアスと同じ形。

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない。
    DivergenceError
        結果があふれる。

    Examples
    --------
    2例の平均: (0.1 + 0.3) / 2 = 0.2。

    >>> import numpy as np
    >>> bias_gradient(np.array([[0.1, 0.3]]))
    array([[0.2]])
    """
    with np.errstate(all="ignore"):
        gradient = delta.sum(axis=1, keepdims=True) / delta.shape[1]
    return finite_result("バイアスの勾配", gradient)  # (N_l, 1)


@explained
def update(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    """ステップ6: 更新 ``w ← w − η ∂J/∂w``。

    {ref}`ステップ6 <sec-step6>`の式。元の配列は書き換えず、更新した値を返す。

    Parameters
    ----------
    parameter, gradient : ndarray
        重みまたはバイアスと、その勾配。形は等しい。
    learning_rate : float
        学習率 ``η > 0``。

    Returns
    -------
    ndarray
        同じ形。

    Raises
    ------
    TypeError, ValueError
        配列の型や形が合わない、有限でない、学習率が正でない。
    DivergenceError
        結果があふれる。

    Examples
    --------
    1 − 0.1×2 = 0.8。

    >>> import numpy as np
    >>> update(np.array([[1.0]]), np.array([[2.0]]), learning_rate=0.1)
    array([[0.8]])
    """
    same_shape(parameter=array("parameter", parameter), gradient=array("gradient", gradient))
    with np.errstate(all="ignore"):
        new = parameter - positive("learning_rate", learning_rate) * gradient
    if not np.isfinite(new).all():
        raise DivergenceError("更新した値が、浮動小数点数の最大値を超えてあふれました。学習が発散しています。")
    return new

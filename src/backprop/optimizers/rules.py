"""最適化器ごとの更新式。"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backprop.checks import Array, explained, in_interval, positive
from backprop.optimizers.base import Optimizer, State
from backprop.optimizers.schedules import Schedule
from backprop.steps import update


class GradientDescent(Optimizer):
    """勾配降下法 ``θ ← θ − η g``。ステップ6 `backprop.steps.update` そのもの。

    Parameters
    ----------
    learning_rate : float or callable
        学習率 ``η``。既定値は 0.01。

    Raises
    ------
    TypeError, ValueError
        学習率が正の実数でも関数でもない。

    Examples
    --------
    1 − 0.1×2 = 0.8。

    >>> import numpy as np
    >>> theta = np.array([1.0])
    >>> GradientDescent(learning_rate=0.1).step([theta], [np.array([2.0])])
    >>> theta
    array([0.8])
    """

    def _rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        return update(theta, g, rate), ()


@explained
@dataclass(kw_only=True, eq=False)
class Momentum(Optimizer):
    """モーメンタム: ``v ← μ v − η g``、``θ ← θ + v``。``v`` は 0 から始める。

    Polyak (1964) の重い球の方法を、速度 ``v`` で書いたもの（Sutskever et al., 2013 の形、Keras も同じ）。
    PyTorch は ``v ← μ v + g``、``θ ← θ − η v`` とする。学習率が一定なら同じ列になり、
    予定に沿って変わるときは違う（PyTorch では、変えた学習率がすでにたまった速度にも掛かる）。

    Parameters
    ----------
    learning_rate : float or callable
        学習率 ``η``。既定値は 0.01。
    momentum : float
        ``μ``。``0 ≤ μ < 1``。既定値は 0.9。

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    v = −0.1×2 = −0.2、1 − 0.2 = 0.8。次に v = 0.9×(−0.2) − 0.2 = −0.38、0.8 − 0.38 = 0.42。

    >>> import numpy as np
    >>> theta, optimizer = np.array([1.0]), Momentum(learning_rate=0.1)
    >>> optimizer.step([theta], [np.array([2.0])])
    >>> optimizer.step([theta], [np.array([2.0])])
    >>> theta.round(12)
    array([0.42])
    """

    momentum: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        self.momentum = in_interval("momentum", self.momentum, 0.0, 1.0)

    def _initial_state(self, parameter: Array) -> State:
        return (np.zeros_like(parameter),)

    def _rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        (v,) = state
        v = self.momentum * v - rate * g
        return theta + v, (v,)


class Nesterov(Momentum):
    """ネステロフの加速法: ``v ← μ v − η g``、``θ ← θ + μ v − η g``。``v`` は 0 から始める。

    Nesterov (1983) の方法の、Sutskever et al. (2013) による形では、勾配を先読みした点 ``θ + μ v`` で測る。
    最適化器は渡された勾配しか見ないので、ここでは先読みした点の方を ``θ`` として持つ
    （変数を置きかえただけで、同じ列である）。Keras と同じ。PyTorch は ``η`` を速度に含めない
    （学習率が一定なら同じ）。

    Parameters
    ----------
    learning_rate : float or callable
        学習率 ``η``。既定値は 0.01。
    momentum : float
        ``μ``。``0 ≤ μ < 1``。既定値は 0.9。

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    v = −0.1×2 = −0.2、1 + 0.9×(−0.2) − 0.2 = 0.62。

    >>> import numpy as np
    >>> theta = np.array([1.0])
    >>> Nesterov(learning_rate=0.1).step([theta], [np.array([2.0])])
    >>> theta
    array([0.62])
    """

    def _rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        (v,) = state
        v = self.momentum * v - rate * g
        return theta + self.momentum * v - rate * g, (v,)


@explained
@dataclass(kw_only=True, eq=False)
class AdaGrad(Optimizer):
    """AdaGrad: ``s ← s + g²``、``θ ← θ − η g / (√s + ε)``。``s`` は 0 から始める。

    Duchi, Hazan & Singer (2011) の対角版。``ε`` は根号の外に立つ（PyTorch も同じで、ε = 1e-10）。
    Keras は ``√(s + ε)`` で、``s`` を 0.1 から始め、ε = 1e-7 とする。

    Parameters
    ----------
    learning_rate : float or callable
        学習率 ``η``。既定値は 0.01。
    epsilon : float
        0での割り算を防ぐ ``ε > 0``。既定値は 1e-10。

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    最初の1歩の長さは、勾配の大きさによらず η になる: g/(√g²) = ±1。

    >>> import numpy as np
    >>> theta = np.array([1.0, 1.0])
    >>> AdaGrad(learning_rate=0.1).step([theta], [np.array([2.0, -50.0])])
    >>> theta.round(9)
    array([0.9, 1.1])
    """

    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        super().__post_init__()
        self.epsilon = positive("epsilon", self.epsilon)

    def _initial_state(self, parameter: Array) -> State:
        return (np.zeros_like(parameter),)

    def _rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        (s,) = state
        s = s + g**2
        return theta - rate * g / (np.sqrt(s) + self.epsilon), (s,)


@explained
@dataclass(kw_only=True, eq=False)
class RMSProp(Optimizer):
    """RMSProp: ``s ← ρ s + (1 − ρ) g²``、``θ ← θ − η g / (√s + ε)``。``s`` は 0 から始める。

    Tieleman & Hinton (2012) の講義スライドによる。スライドに ``ε`` はなく、実装ごとに置き場所が違う:
    ここと PyTorch（ρ = 0.99、η = 0.01、ε = 1e-8）では根号の外、Keras（ρ = 0.9、ε = 1e-7）では
    ``√(s + ε)``。

    Parameters
    ----------
    learning_rate : float or callable
        学習率 ``η``。既定値は 0.001。
    decay : float
        ``ρ``。``0 ≤ ρ < 1``。既定値は 0.9。
    epsilon : float
        0での割り算を防ぐ ``ε > 0``。既定値は 1e-8。

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    s = 0.75×0 + 0.25×2² = 1、1 − 0.1×2/√1 = 0.8。

    >>> import numpy as np
    >>> theta = np.array([1.0])
    >>> RMSProp(learning_rate=0.1, decay=0.75).step([theta], [np.array([2.0])])
    >>> theta.round(8)
    array([0.8])
    """

    learning_rate: float | Schedule = 0.001
    decay: float = 0.9
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        self.decay = in_interval("decay", self.decay, 0.0, 1.0)
        self.epsilon = positive("epsilon", self.epsilon)

    def _initial_state(self, parameter: Array) -> State:
        return (np.zeros_like(parameter),)

    def _rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        (s,) = state
        s = self.decay * s + (1 - self.decay) * g**2
        return theta - rate * g / (np.sqrt(s) + self.epsilon), (s,)


@explained
@dataclass(kw_only=True, eq=False)
class Adam(Optimizer):
    """Adam: 勾配とその二乗の移動平均を、始めの偏りを直して使う。

    ``m ← β₁ m + (1 − β₁) g``、``v ← β₂ v + (1 − β₂) g²``、
    ``m̂ = m / (1 − β₁^k)``、``v̂ = v / (1 − β₂^k)``、``θ ← θ − η m̂ / (√v̂ + ε)``。
    ``k = 1, 2, …`` は何回目の更新か、``m`` と ``v`` は 0 から始める。

    Kingma & Ba (2015) のアルゴリズム1。``ε`` は、偏りを直した ``√v̂`` に足す（PyTorch も同じ）。
    Keras は同じ論文の2節の終わりにある変形 ``θ ← θ − η √(1 − β₂^k)/(1 − β₁^k) · m / (√v + ε̂)`` を使い、
    ``ε̂ = 1e-7`` とする。``ε̂ = ε √(1 − β₂^k)`` のときに等しく、始めのうちほど違いが大きい。
    その形は `AdamHat`。

    Parameters
    ----------
    learning_rate : float or callable
        学習率 ``η``。既定値は 0.001。
    beta1, beta2 : float
        移動平均の係数。0以上1未満。既定値は 0.9 と 0.999。
    epsilon : float
        0での割り算を防ぐ ``ε > 0``。既定値は 1e-8。

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    最初の1歩の長さは、勾配の大きさによらず η になる: m̂ = g、v̂ = g²。

    >>> import numpy as np
    >>> theta = np.array([1.0, 1.0])
    >>> Adam(learning_rate=0.1).step([theta], [np.array([2.0, -50.0])])
    >>> theta.round(8)
    array([0.9, 1.1])
    """

    learning_rate: float | Schedule = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        self.beta1 = in_interval("beta1", self.beta1, 0.0, 1.0)
        self.beta2 = in_interval("beta2", self.beta2, 0.0, 1.0)
        self.epsilon = positive("epsilon", self.epsilon)

    def _initial_state(self, parameter: Array) -> State:
        return np.zeros_like(parameter), np.zeros_like(parameter)

    def _rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        m, v = state
        k = self.t + 1
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat = m / (1 - self.beta1**k)
        v_hat = v / (1 - self.beta2**k)
        return theta - rate * m_hat / (np.sqrt(v_hat) + self._epsilon_at(k)), (m, v)

    def _epsilon_at(self, k: int) -> float:
        return self.epsilon


@explained
@dataclass(kw_only=True, eq=False)
class AdamHat(Adam):
    """Adam の、``ε̂`` の形: ``θ ← θ − η √(1 − β₂^k)/(1 − β₁^k) · m / (√v + ε̂)``。

    Kingma & Ba (2015) の2節の終わりにある変形で、``ε̂`` を、偏りを直す前の ``√v`` に足す。Keras の Adam は
    この形である（{ref}`Keras の実行の記録 <sec-keras-record>`で、更新のたびに確かめる）。

    Parameters
    ----------
    learning_rate, beta1, beta2
        `Adam` と同じ。
    epsilon : float
        ``ε̂ > 0``。既定値は、Keras と同じ 1e-7。

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    m = 0.5×2 = 1、v = 0.25×2² = 1 なので、1 − 0.1×(√0.25/0.5)×1/(1 + 1) = 0.95。

    >>> import numpy as np
    >>> theta = np.array([1.0])
    >>> AdamHat(learning_rate=0.1, beta1=0.5, beta2=0.75, epsilon=1.0).step([theta], [np.array([2.0])])
    >>> theta.round(12)
    array([0.95])
    """

    epsilon: float = 1e-7

    def _epsilon_at(self, k: int) -> float:
        # 分母 √v + ε̂ を √(1 − β₂^k) で割ると、√v̂ + ε̂/√(1 − β₂^k) になる
        return self.epsilon / math.sqrt(1 - self.beta2**k)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "gradient_descent": GradientDescent,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
}
"""最適化器の表。名前からクラスを引く。"""

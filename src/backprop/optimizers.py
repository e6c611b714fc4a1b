"""最適化アルゴリズム（最適化器）。{ref}`最適化アルゴリズム <sec-optimizers>`の章に対応する。

どの最適化器も勾配だけを見る。勾配がどう求められたか、損失関数が何かは知らない。
記号は ``θ`` がパラメータ、``g`` が勾配、``η`` が学習率で、演算はすべて要素ごとである。
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from backprop.checks import Array, DivergenceError, count, in_interval, positive, same_shape
from backprop.steps import update

BLOCK = 8192
"""大きな配列を切り分けて更新するときの、一切れの要素の数。"""

State = tuple[Array, ...]
"""最適化器がパラメータの配列一つごとに覚えている配列（速度やモーメント）。形はパラメータと同じ。"""

Schedule = Callable[[int], float]
"""学習率の予定: ステップの番号 ``t = 0, 1, …`` から、そのステップの学習率を求める関数。"""


def constant(rate: float) -> Schedule:
    """一定の学習率 ``η(t) = η₀``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        正の実数でない。

    Examples
    --------
    >>> constant(0.5)(100)
    0.5
    """
    rate = positive("rate", rate)
    return lambda t: rate


def step_decay(rate: float, *, factor: float, every: int) -> Schedule:
    """階段状の減衰 ``η(t) = η₀ · factor^⌊t/every⌋``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。
    factor : float
        一段ごとの倍率。正で1以下。
    every : int
        一段の長さ（ステップの数）。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    >>> schedule = step_decay(0.8, factor=0.5, every=10)
    >>> schedule(0), schedule(9), schedule(10), schedule(20)
    (0.8, 0.8, 0.4, 0.2)
    """
    rate, factor, every = positive("rate", rate), _at_most("factor", factor, 1.0), count("every", every)
    return lambda t: rate * factor ** (t // every)


def exponential_decay(rate: float, *, decay: float) -> Schedule:
    """指数的な減衰 ``η(t) = η₀ · decay^t``。

    Parameters
    ----------
    rate : float
        ``η₀ > 0``。
    decay : float
        1ステップごとの倍率。正で1以下。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    >>> schedule = exponential_decay(0.8, decay=0.5)
    >>> schedule(0), schedule(1), schedule(2)
    (0.8, 0.4, 0.2)
    """
    rate, decay = positive("rate", rate), _at_most("decay", decay, 1.0)
    return lambda t: rate * decay**t


def cosine(rate: float, *, final: float, steps: int) -> Schedule:
    """余弦に沿った減衰 ``η(t) = η_T + (η₀ − η_T)(1 + cos(πt/T))/2``。``t ≥ T`` では ``η_T``。

    Loshchilov & Hutter (2017) の、再開のない形。

    Parameters
    ----------
    rate : float
        始めの学習率 ``η₀ > 0``。
    final : float
        終わりの学習率 ``η_T``。正で ``η₀`` 以下。
    steps : int
        ``T``。

    Returns
    -------
    callable

    Raises
    ------
    TypeError, ValueError
        上の範囲にない。

    Examples
    --------
    >>> schedule = cosine(1.0, final=0.5, steps=10)
    >>> schedule(0), schedule(5), schedule(10), schedule(99)
    (1.0, 0.75, 0.5, 0.5)
    """
    rate, steps = positive("rate", rate), count("steps", steps)
    final = _at_most("final", final, rate)
    return lambda t: final + (rate - final) * (1 + math.cos(math.pi * min(t / steps, 1.0))) / 2


def _at_most(name: str, value: float, limit: float) -> float:
    number = positive(name, value)
    if number > limit:
        raise ValueError(f"{name} は {limit} 以下でなければなりませんが、{value!r} が与えられました。")
    return number


@dataclass(kw_only=True, eq=False)
class Optimizer:
    """すべての最適化器に共通の部分。更新式 `_rule` だけが、最適化器ごとに違う。

    一つの最適化器は、一組のパラメータに専用である。最初の `step` がその組を決め、以後は別の組を断る
    （前の学習の速度やモーメントが、気づかれないまま次の学習に混ざるのを防ぐ）。

    Attributes
    ----------
    learning_rate : float or callable
        学習率 ``η``、またはその予定 ``t ↦ η(t)``（``t = 0, 1, …``）。
    t : int
        済んだステップの数。
    """

    learning_rate: float | Schedule = 0.01
    t: int = field(default=0, init=False, repr=False)
    _parameters: tuple[Array, ...] = field(default=(), init=False, repr=False)
    _states: list[State] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if not callable(self.learning_rate):
            self.learning_rate = positive("learning_rate", self.learning_rate)

    def step(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
        """パラメータを1回、その場で更新する。

        新しい値をすべて求めて確かめてから書き込む。だから、断った呼び出しは何も変えず、
        勾配の配列がパラメータの配列そのものであってもよい。

        Parameters
        ----------
        parameters : sequence of ndarray
            書き換えるパラメータ。前の呼び出しと同じ配列の組。
        gradients : sequence of ndarray
            それぞれの勾配。パラメータと同じ数、同じ形。

        Raises
        ------
        TypeError
            実数の浮動小数点数の配列でない。
        ValueError
            数や形がそろわない、書き込めない、前と違う組である、勾配が有限でない、学習率が正でない。
        DivergenceError
            更新後の値が有限でない、勾配か更新後の値の二乗和があふれるほど大きい。

        Examples
        --------
        >>> import numpy as np
        >>> theta = np.array([1.0, 2.0])
        >>> optimizer = GradientDescent(learning_rate=0.5)
        >>> optimizer.step([theta], [np.array([2.0, 2.0])])
        >>> theta
        array([0., 1.])
        >>> optimizer.step([theta], [np.array([np.nan, 0.0])])
        Traceback (most recent call last):
        ValueError: gradients[0] に NaN か無限大が含まれています。有限な値だけを与えてください。
        """
        _check_lists(parameters, gradients)
        states = self._states if self._parameters else [self._initial_state(p) for p in parameters]
        self._check_same_parameters(parameters)
        rate = self.rate(self.t)
        with np.errstate(over="ignore", invalid="ignore"):
            _check_finite(gradients)
            results = [self._rule_in_blocks(*each, rate) for each in zip(parameters, gradients, states)]
            _check_finite_results([new for new, _ in results])
        for parameter, (new, _) in zip(parameters, results):
            parameter[...] = new
        self._states = [state for _, state in results]
        self._parameters = tuple(parameters)
        self.t += 1

    def rate(self, t: int) -> float:
        """ステップ ``t = 0, 1, …`` の学習率。

        Raises
        ------
        TypeError, ValueError
            予定が正の実数を返さない。

        Examples
        --------
        >>> GradientDescent(learning_rate=lambda t: 1 / (1 + t)).rate(3)
        0.25
        """
        if callable(self.learning_rate):
            return positive(f"learning_rate({t})", self.learning_rate(t))
        return positive("learning_rate", self.learning_rate)

    def reset(self) -> None:
        """ステップの数と状態を忘れ、別のパラメータの組に使えるようにする。

        Examples
        --------
        >>> import numpy as np
        >>> optimizer = Momentum()
        >>> optimizer.step([np.ones(2)], [np.ones(2)])
        >>> optimizer.reset()
        >>> optimizer.t
        0
        """
        self.t, self._parameters, self._states = 0, (), []

    def _initial_state(self, parameter: Array) -> State:
        return ()

    def _rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        raise NotImplementedError(
            "Optimizer は共通の部分だけを持ちます。GradientDescent などを使ってください。"
        )

    def _rule_in_blocks(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        g = g.astype(theta.dtype, copy=False)
        # 更新は要素ごとなので、切り分けても結果は同じ。途中の配列がキャッシュに収まり、数倍速くなる。
        if theta.size <= BLOCK:
            return self._rule(theta, g, state, rate)
        olds = [old.reshape(-1) for old in (theta, g, *state)]
        news = [np.empty(theta.size, old.dtype) for old in (theta, *state)]
        for start in range(0, theta.size, BLOCK):
            block = slice(start, start + BLOCK)
            theta_part, g_part, *state_part = (old[block] for old in olds)
            result, state_part = self._rule(theta_part, g_part, tuple(state_part), rate)
            for new, part in zip(news, (result, *state_part)):
                new[block] = part
        result, *new_state = (new.reshape(theta.shape) for new in news)
        return result, tuple(new_state)

    def _check_same_parameters(self, parameters: Sequence[Array]) -> None:
        known = self._parameters
        if not known:
            _check_no_overlap(parameters)
        elif len(known) != len(parameters) or not all(map(_same_memory, known, parameters)):
            raise ValueError(
                "parameters が前の呼び出しと違う配列の組です。最適化器は一組のパラメータに専用です。"
                " 別の組には、新しい最適化器を作るか、reset() を呼んでください。"
            )


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


def _check_lists(parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
    # 学習の1ステップごとに通るので、正しい入力では配列の要素に触れない。
    for name, arrays in (("parameters", parameters), ("gradients", gradients)):
        if not isinstance(arrays, (list, tuple)):
            raise TypeError(
                f"{name} は配列のリストでなければなりませんが、{type(arrays).__name__} が与えられました。"
                " 配列一つなら [theta] とします。"
            )
    if len(parameters) != len(gradients):
        raise ValueError(
            f"parameters と gradients の数がそろっていません: {len(parameters)} 個と {len(gradients)} 個です。"
        )
    if not parameters:
        raise ValueError("parameters が空です。少なくとも1つの配列が要ります。")
    for i, (parameter, gradient) in enumerate(zip(parameters, gradients)):
        _check_float(f"parameters[{i}]", parameter)
        _check_float(f"gradients[{i}]", gradient)
        if parameter.shape != gradient.shape:
            same_shape(**{f"parameters[{i}]": parameter, f"gradients[{i}]": gradient})
        if not parameter.flags.writeable:
            raise ValueError(f"parameters[{i}] は書き込めない配列なので、その場で更新できません。")


def _check_float(name: str, value: object) -> None:
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        given = f"dtype={value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
        raise TypeError(
            f"{name} は実数の浮動小数点数の配列でなければなりませんが、{given} が与えられました。"
        )


def _check_finite(gradients: Sequence[Array]) -> None:
    # 二乗和は1回の積和で済み、有限ならどの要素も、その二乗も有限である。
    for i, gradient in enumerate(gradients):
        if not math.isfinite(np.vdot(gradient, gradient)):
            if not np.isfinite(gradient).all():
                raise ValueError(
                    f"gradients[{i}] に NaN か無限大が含まれています。有限な値だけを与えてください。"
                )
            raise DivergenceError(f"gradients[{i}] が大きすぎます（二乗和があふれます）。学習が発散しています。")


def _check_finite_results(values: Sequence[Array]) -> None:
    for i, value in enumerate(values):
        if not math.isfinite(np.vdot(value, value)):
            raise DivergenceError(
                f"parameters[{i}] の更新後の値が有限でないか、大きすぎます（二乗和があふれます）。学習が発散しています。"
            )


def _same_memory(known: Array, given: Array) -> bool:
    # ビューは取り出すたびに別のオブジェクトになるので、同じメモリーを指していれば同じ配列とみなす。
    return known is given or (
        known.__array_interface__["data"] == given.__array_interface__["data"]
        and known.shape == given.shape
        and known.strides == given.strides
        and known.dtype == given.dtype
    )


def _check_no_overlap(parameters: Sequence[Array]) -> None:
    for (i, first), (j, second) in combinations(enumerate(parameters), 2):
        if np.shares_memory(first, second):
            raise ValueError(f"parameters[{i}] と parameters[{j}] が同じメモリーを共有しています。")

"""すべての最適化器に共通の部分。"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from backprop.checks import Array, DivergenceError, explained, function, plain, positive, same_shape
from backprop.optimizers.schedules import Schedule

BLOCK = 8192
"""大きな配列を切り分けて更新するときの、一切れの要素の数。"""

State = tuple[Array, ...]
"""最適化器がパラメータの配列一つごとに覚えている配列（速度やモーメント）。形はパラメータと同じ。"""


@explained
@dataclass(kw_only=True, eq=False)
class Optimizer:
    """すべての最適化器に共通の部分。更新式 `_rule` だけが、最適化器ごとに違う。

    一つの最適化器は、一組のパラメータに専用である。最初の `step` がその組を決め、以後は別の組を断る
    （前の学習の速度やモーメントが、気づかれないまま次の学習に混ざるのを防ぐ）。ファイルにしまって
    （pickle）取り出したあとの最初の `step` は、しまったときと同じ並び、形、型、値の組なら、別の配列でも
    受け取り、以後はその組に専用になる。

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
    _restored: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        if callable(self.learning_rate):
            function("learning_rate", self.learning_rate, takes=1)
        else:
            self.learning_rate = positive("learning_rate", self.learning_rate)

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._restored = bool(self._parameters)

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
        >>> from backprop.optimizers import GradientDescent
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
        self._parameters, self._restored = tuple(parameters), False
        self.t += 1

    def rate(self, t: int) -> float:
        """ステップ ``t = 0, 1, …`` の学習率。

        Raises
        ------
        TypeError, ValueError
            予定が正の実数を返さない。

        Examples
        --------
        >>> from backprop.optimizers import GradientDescent
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
        >>> from backprop.optimizers import Momentum
        >>> import numpy as np
        >>> optimizer = Momentum()
        >>> optimizer.step([np.ones(2)], [np.ones(2)])
        >>> optimizer.reset()
        >>> optimizer.t
        0
        """
        self.t, self._parameters, self._states = 0, (), []

    def _moved(self, old: Sequence[Array], new: Sequence[Array]) -> Optimizer:
        """``old`` の写し ``new`` を更新する、自分の写し。写すのは状態の配列だけで、予定などは同じものを使う。"""
        moved = copy.copy(self)
        if self._parameters:
            self._check_same_parameters(old)
            moved._parameters = tuple(new)
        moved._states, moved._restored = copy.deepcopy(self._states), False
        return moved

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
            return self._checked_rule(theta, g, state, rate)
        olds = [old.reshape(-1) for old in (theta, g, *state)]
        news = [np.empty(theta.size, old.dtype) for old in (theta, *state)]
        for start in range(0, theta.size, BLOCK):
            block = slice(start, start + BLOCK)
            theta_part, g_part, *state_part = (old[block] for old in olds)
            result, state_part = self._checked_rule(theta_part, g_part, tuple(state_part), rate)
            for new, part in zip(news, (result, *state_part)):
                new[block] = part
        result, *new_state = (new.reshape(theta.shape) for new in news)
        return result, tuple(new_state)

    def _checked_rule(self, theta: Array, g: Array, state: State, rate: float) -> tuple[Array, State]:
        """更新式の返すものを確かめる。更新式は、読者が書くこともある。"""
        made = self._rule(theta, g, state, rate)
        if isinstance(made, tuple) and len(made) == 2 and isinstance(made[1], tuple):
            new = made[0]
            kind = isinstance(new, (np.ndarray, np.floating))  # 0次元の演算の結果は、数になる
            if kind and (new.shape, new.dtype) == (theta.shape, theta.dtype):
                return made
        raise TypeError(
            f"{type(self).__name__} の _rule は、(更新した値, 状態の組) を返さなければなりません。"
            f" 更新した値は、形 {theta.shape}、dtype={theta.dtype} の配列です。"
        )

    def _check_same_parameters(self, parameters: Sequence[Array]) -> None:
        known = self._parameters
        same = _same_values if self._restored else _same_memory
        if not known or self._restored:
            _check_no_overlap(parameters)
        if known and (len(known) != len(parameters) or not all(map(same, known, parameters))):
            if self._restored:
                raise ValueError(
                    "parameters が、最適化器をしまったときの組と違います。並び、形、型、値が同じ組だけを、続きから更新"
                    "できます。最適化器は一組のパラメータに専用です。 別の組には、reset() を呼んでください。"
                )
            raise ValueError(
                "parameters が前の呼び出しと違う配列の組です。最適化器は一組のパラメータに専用です。"
                " 別の組には、新しい最適化器を作るか、reset() を呼んでください。"
            )


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
    if isinstance(value, np.ndarray):
        plain(name, value)
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


def _same_values(known: Array, given: Array) -> bool:
    return known.dtype == given.dtype and np.array_equal(known, given)


def _check_no_overlap(parameters: Sequence[Array]) -> None:
    for (i, first), (j, second) in combinations(enumerate(parameters), 2):
        if np.shares_memory(first, second):
            raise ValueError(f"parameters[{i}] と parameters[{j}] が同じメモリーを共有しています。")

"""与えられた勾配を、数値微分と比べる。{ref}`勾配を確かめる <sec-gradient-check>`の章に対応する。"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from backprop import checks
from backprop.activations import KINKED
from backprop.checks import (
    Array,
    array,
    choice,
    explained,
    instance,
    mapping,
)
from backprop.judges.differences import Function, checked_point, value_at
from backprop.judges.measuring import (
    AUTO,
    CHOICES,
    measure,
)
from backprop.judges.reports import GradientReport, GradientsReport, Kink, NetworkReport
from backprop.judges.verdicts import Subject, judge
from backprop.network import Network


@explained
def check_gradient(
    function: Function,
    x: Array,
    gradient: Array,
    *,
    method: str = AUTO,
    tolerance: float | None = None,
    name: str = "x",
) -> GradientReport:
    """与えられた勾配を、数値微分と比べる。

    要素ごとに ``|a − b| ≤ tolerance · max(|a|, |b|, scale)`` を求める。``scale`` は、方法の分解能
    （誤差の目安 ``ε^p`` の10倍に、``|f|`` と最大の勾配の大きい方を掛けたもの）が許容限界に届く大きさである。
    それより小さい違いは数値微分の誤差と見分けられないので、誤りとはしない。

    ``method`` を省けば、関数を複素数の方向へ延ばして調べ、複素ステップ法が正しく働くときだけ使う。ほかの
    ときはリチャードソン補外に切り替え、報告にそう書く。ちょうど折れ目の上にある要素では、左と右の傾きの
    あいだの値を、約束の値として認める。測った値の誤差が大きくて決められなければ、そう言う。

    Parameters
    ----------
    function : callable
        `forward_difference` の ``function``。複素数は、受け取れなくてもよい。
    x : ndarray
        検査する点。書き換えない。
    gradient : ndarray
        確かめたい勾配。``x`` と同じ形。
    method : str, optional
        ``"auto"`` か、表 `METHODS` の名前。
    tolerance : float, optional
        相対誤差の許容限界。省けば、方法と型ごとの既定値。
    name : str, optional
        報告に書く名前。

    Returns
    -------
    GradientReport

    Raises
    ------
    TypeError, ValueError
        方法がない、配列の型や形が合わない、有限でない、その他 `forward_difference` や `complex_step` が断るもの。

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 2.0])
    >>> check_gradient(lambda x: (x**3).sum(), x, 3 * x**2)
    勾配の検査（複素ステップ法）: 合格。x の 2個の要素すべてで、相対誤差 ≤ 1e-10。
    >>> check_gradient(lambda x: (x**3).sum(), x, np.array([3.0, 6.0])).worst_index
    (1,)

    分散は、複素数では虚部を捨てる。

    >>> y = np.array([1.0, 2.0, 6.0])
    >>> print(check_gradient(np.var, y, 2 * (y - 3) / 3))  # doctest: +ELLIPSIS
    勾配の検査（リチャードソン補外）: 合格。x の 3個の要素すべてで、相対誤差 ≤ 1e-06。
    - function は、複素数へ延ばすと解析的ではありません（...）。そこで、リチャードソン補外で測りました。
    """
    choice("method", method, CHOICES), instance("name", name, str)
    gradient = _checked_gradient(name, gradient, checked_point(function, x))
    found = measure(function, x, method)
    size = max(abs(value_at(function, x, None, 0.0)), float(np.abs(found.numeric).max()))
    return judge(Subject(name, function, x, gradient, method, tolerance), found, size)


def _checked_gradient(name: str, gradient: Array, x: Array) -> Array:
    """確かめたい勾配。形 ``()`` の点では、一つの数でもよい。"""
    gradient = np.asarray(gradient) if isinstance(gradient, (float, np.floating)) else gradient
    array(f"{name} の勾配", gradient)
    if gradient.dtype.kind != "f":
        raise TypeError(
            f"{name} の勾配は実数の配列でなければなりませんが、dtype={gradient.dtype} が与えられました。"
        )
    if gradient.shape != x.shape:
        raise ValueError(
            f"{name} の勾配の形は {x.shape} でなければなりませんが、{gradient.shape} が与えられました。"
        )
    return gradient


@explained
def check_network(
    network: Network,
    X: Array,
    Y: Array,
    gradients: Mapping[str, Array] | None = None,
    *,
    method: str = AUTO,
    tolerance: float | None = None,
) -> NetworkReport:
    """ネットワークの勾配を、パラメータの要素を一つずつずらす数値微分と比べる。

    基準は `check_gradient` と同じ。ただし ``scale`` はすべてのパラメータに共通で、損失と勾配のほかに
    出力と目標の大きさも数える（飽和した出力では ``ŷ − y`` の引き算で桁が落ちる）。

    Parameters
    ----------
    network : Network
        検査するネットワーク。書き換えない。
    X : ndarray, shape (N_0, m)
        入力。
    Y : ndarray, shape (N_L, m)
        目標。
    gradients : mapping of str to ndarray, optional
        確かめたい勾配。名前は ``W1, b1, …``。省けば ``network.gradients(X, Y)``。
    method : str, optional
        ``"auto"`` か、表 `METHODS` の名前。
    tolerance : float, optional
        相対誤差の許容限界。省けば、方法と型ごとの既定値。

    Returns
    -------
    NetworkReport

    Raises
    ------
    TypeError, ValueError
        方法がない、勾配の名前や形がパラメータと合わない、その他 `Network.cost` が断るもの。

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> network = Network.random([2, 3, 1], ["tanh", "sigmoid"], "binary_cross_entropy", rng=rng)
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[1.0, 0.0]])
    >>> check_network(network, X, Y)
    勾配の検査（複素ステップ法）: 合格。13個のパラメータすべてで、相対誤差 ≤ 1e-10。
    >>> wrong = network.gradients(X, Y)
    >>> wrong["W2"][0, 1] *= 2
    >>> check_network(network, X, Y, wrong).wrong
    {'W2': [(0, 1)]}
    """
    choice("method", method, CHOICES)
    parameters = instance("network", network, Network).parameters()
    analytic = network.gradients(X, Y) if gradients is None else mapping("gradients", gradients)
    analytic = _checked_gradients(analytic, parameters)
    watch = _KinkWatch(network, X)
    costs = {name: _network_cost(network, name, X, Y) for name in parameters}
    found = {
        name: measure(watch.watched(name, costs[name]), value, method, probe=costs[name])
        for name, value in parameters.items()
    }
    # 出力と目標の差 ŷ − y には、それぞれの大きさの ε 倍の丸め誤差が残る。
    natural = [network.cost(X, Y), network.predict(X), Y, *(one.numeric for one in found.values())]
    size = float(max(np.abs(value).max() for value in natural))
    reports = {
        name: judge(Subject(name, costs[name], value, analytic[name], method, tolerance), found[name], size)
        for name, value in parameters.items()
    }
    return NetworkReport(reports, watch.kinks())


def _network_cost(network: Network, name: str, X: Array, Y: Array) -> Function:
    return lambda value: network.replace(**{name: value}).cost(X, Y)


def _checked_gradients(gradients: Mapping[str, Array], parameters: Mapping[str, Array]) -> dict[str, Array]:
    if set(gradients) != set(parameters):
        raise ValueError(
            f"gradients の名前は {', '.join(parameters)} でなければなりませんが、"
            f"{', '.join(map(str, gradients))} が与えられました。"
        )
    return {name: _checked_gradient(name, gradients[name], value) for name, value in parameters.items()}


@explained
def check_gradients(
    cost: Callable[[dict[str, Array]], complex],
    parameters: Mapping[str, Array],
    gradients: Mapping[str, Array],
    *,
    method: str = AUTO,
    tolerance: float | None = None,
) -> GradientsReport:
    """いくつもの配列を持つ、自分のプログラムの勾配を、数値微分と比べる。

    どの配列も、要素を一つずつずらす。基準は `check_gradient` と同じで、``scale`` はすべての配列に共通である。

    Parameters
    ----------
    cost : callable
        配列の辞書から、損失（一つの数）を求める関数。渡された辞書も配列も写しなので、書き換えてもよい。
    parameters : mapping of str to ndarray
        検査する点。名前も形も自由。書き換えない。
    gradients : mapping of str to ndarray
        確かめたい勾配。名前と形は ``parameters`` と同じ。
    method, tolerance
        `check_gradient` と同じ。

    Returns
    -------
    GradientsReport

    Raises
    ------
    TypeError, ValueError
        辞書でない、空である、名前や形が合わない、その他 `check_gradient` が断るもの。

    Examples
    --------
    L2 正則化の勾配を忘れた。

    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    >>> def ridge(p):
    ...     return ((X @ p["w"] + p["c"] - y) ** 2).mean() + 0.1 * np.linalg.norm(p["w"]) ** 2
    >>> p = {"w": rng.normal(size=3), "c": rng.normal(size=1)}
    >>> rest = X @ p["w"] + p["c"] - y
    >>> g = {"w": 2 * X.T @ rest / 5, "c": 2 * rest.mean(keepdims=True)}
    >>> check_gradients(ridge, p, g).wrong
    {'w': [(0,), (1,), (2,)]}
    >>> check_gradients(ridge, p, g | {"w": g["w"] + 0.2 * p["w"]}).ok
    True
    """
    choice("method", method, CHOICES), checks.function("cost", cost)
    if not mapping("parameters", parameters):
        raise ValueError("parameters が空です。少なくとも1つの配列が要ります。")
    costs = {name: _cost_of(cost, parameters, name) for name in parameters}
    for name, value in parameters.items():
        array(f"parameters[{name!r}]", value), checked_point(costs[name], value)
    gradients = _checked_gradients(mapping("gradients", gradients), parameters)
    found = {name: measure(costs[name], value, method) for name, value in parameters.items()}
    here = abs(value_at(costs[name], value, None, 0.0))
    size = max(here, *(float(np.abs(one.numeric).max()) for one in found.values()))
    reports = {
        name: judge(Subject(name, costs[name], value, gradients[name], method, tolerance), found[name], size)
        for name, value in parameters.items()
    }
    return GradientsReport(reports)


def _cost_of(
    cost: Callable[[dict[str, Array]], complex], parameters: Mapping[str, Array], name: str
) -> Function:
    """一つの配列だけの関数とみた損失。ほかの配列も、毎回写しを渡す。"""
    others = {key: part for key, part in parameters.items() if key != name}
    return lambda value: cost({name: value, **{key: part.copy() for key, part in others.items()}})


class _KinkWatch:
    """ずらした点のどこかで、ReLU の入力の符号が変わらないかを見張る。"""

    def __init__(self, network: Network, X: Array) -> None:
        self.network, self.X = network, X
        self.layers = [l for l, f in enumerate(network.activations) if f.name in KINKED]
        self.Z = network.forward(X).Z
        self.near = {l: self.Z[l] == 0 for l in self.layers}  # (N_l, m)

    def watched(self, name: str, cost: Function) -> Function:
        def seen(value: Array) -> complex:
            if self.layers:
                self._look(self.network.replace(**{name: value}).forward(self.X).Z)
            return cost(value)

        return seen

    def _look(self, Z: list[Array]) -> None:
        for l in self.layers:
            self.near[l] |= (Z[l].real > 0) != (self.Z[l] > 0)

    def kinks(self) -> tuple[Kink, ...]:
        return tuple(
            Kink(l + 1, int(j) + 1, int(n) + 1, float(self.Z[l][j, n]))
            for l in self.layers
            for j, n in np.argwhere(self.near[l])
        )

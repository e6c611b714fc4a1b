"""与えられた勾配を、数値微分と比べる。{ref}`勾配を確かめる <sec-gradient-check>`の章に対応する。"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backprop.activations import KINKED
from backprop.checks import Array, array, choice, instance, mapping, positive
from backprop.judges.differences import METHODS, Function, Method, checked_point, value_at
from backprop.judges.reports import GradientReport, Kink, NetworkReport
from backprop.network import Network


def check_gradient(
    function: Function,
    x: Array,
    gradient: Array,
    *,
    method: str = "complex_step",
    tolerance: float | None = None,
    name: str = "x",
) -> GradientReport:
    """与えられた勾配を、数値微分と比べる。

    要素ごとに ``|a − b| ≤ tolerance · max(|a|, |b|, scale)`` を求める。``scale`` は、方法の分解能
    （誤差の目安 ``ε^p`` の10倍に、``|f|`` と最大の勾配の大きい方を掛けたもの）が許容限界に届く大きさである。
    それより小さい違いは数値微分の誤差と見分けられないので、誤りとはしない。

    Parameters
    ----------
    function : callable
        `forward_difference` の ``function``。``method="complex_step"`` なら複素数も受け取れること。
    x : ndarray
        検査する点。書き換えない。
    gradient : ndarray
        確かめたい勾配。``x`` と同じ形。
    method : str, optional
        表 `METHODS` の名前。
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
    """
    chosen = choice("method", method, METHODS)
    _check_shapes(name, gradient, checked_point(function, x))
    numeric = chosen.gradient(function, x)
    size = max(abs(value_at(function, x, None, 0.0)), float(np.abs(numeric).max()))
    return _report(name, chosen, tolerance, size, gradient, numeric)


def _check_shapes(name: str, gradient: Array, x: Array) -> None:
    array(f"{name} の勾配", gradient)
    if gradient.dtype.kind != "f":
        raise TypeError(
            f"{name} の勾配は実数の配列でなければなりませんが、dtype={gradient.dtype} が与えられました。"
        )
    if gradient.shape != x.shape:
        raise ValueError(
            f"{name} の勾配の形は {x.shape} でなければなりませんが、{gradient.shape} が与えられました。"
        )


def _report(
    name: str, method: Method, tolerance: float | None, size: float, analytic: Array, numeric: Array
) -> GradientReport:
    limit = method.tolerances[numeric.dtype.name] if tolerance is None else positive("tolerance", tolerance)
    resolution = 10 * float(np.finfo(numeric.dtype).eps) ** method.accuracy_power * size
    return GradientReport(name, method.name, limit, resolution / limit, analytic.copy(), numeric)


def check_network(
    network: Network,
    X: Array,
    Y: Array,
    gradients: Mapping[str, Array] | None = None,
    *,
    method: str = "complex_step",
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
        表 `METHODS` の名前。
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
    chosen = choice("method", method, METHODS)
    parameters = instance("network", network, Network).parameters()
    analytic = network.gradients(X, Y) if gradients is None else mapping("gradients", gradients)
    if set(analytic) != set(parameters):
        raise ValueError(
            f"gradients の名前は {', '.join(parameters)} でなければなりませんが、"
            f"{', '.join(map(str, analytic))} が与えられました。"
        )
    for name, value in parameters.items():
        _check_shapes(name, analytic[name], value)
    watch = _KinkWatch(network, X)
    numeric = {name: chosen.gradient(watch.cost_of(name, Y), value) for name, value in parameters.items()}
    # 出力と目標の差 ŷ − y には、それぞれの大きさの ε 倍の丸め誤差が残る。
    natural = [network.cost(X, Y), network.predict(X), Y, *numeric.values()]
    size = max(np.abs(value).max() for value in natural)
    reports = {
        name: _report(name, chosen, tolerance, float(size), analytic[name], numeric[name])
        for name in parameters
    }
    return NetworkReport(reports, watch.kinks())


class _KinkWatch:
    """ずらした点のどこかで、ReLU の入力の符号が変わらないかを見張る。"""

    def __init__(self, network: Network, X: Array) -> None:
        self.network, self.X = network, X
        self.layers = [l for l, f in enumerate(network.activations) if f.name in KINKED]
        self.Z = network.forward(X).Z
        self.near = {l: self.Z[l] == 0 for l in self.layers}  # (N_l, m)

    def cost_of(self, name: str, Y: Array) -> Function:
        def cost(value: Array) -> complex:
            moved = self.network.replace(**{name: value})
            if self.layers:
                self._look(moved.forward(self.X).Z)
            return moved.cost(self.X, Y)

        return cost

    def _look(self, Z: list[Array]) -> None:
        for l in self.layers:
            self.near[l] |= (Z[l].real > 0) != (self.Z[l] > 0)

    def kinks(self) -> tuple[Kink, ...]:
        return tuple(
            Kink(l + 1, int(j) + 1, int(n) + 1, float(self.Z[l][j, n]))
            for l in self.layers
            for j, n in np.argwhere(self.near[l])
        )

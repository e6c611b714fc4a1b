"""博物館の審判。どれも、おかしいと気づけば ``True`` を返す。"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from backprop.checks import (
    Array,
    DivergenceError,
    choice,
    explained,
    function,
    instance,
    mapping,
)
from backprop.judges import check_gradient, complex_step, forward_difference, relative_error
from backprop.judges.museum.exhibit import Exhibit
from backprop.judges.museum.parts import Gradients
from backprop.judges.museum.stages import Ground
from backprop.network import Network

Judge = Callable[["Exhibit"], bool]

Reference = Callable[[Network, Array, Array], Mapping[str, Array]]
"""よその審判: ネットワークとデータから、``J`` の勾配を求める関数。"""

STEPS = 200
"""学習の更新の回数。"""

FALLEN = 0.5
"""「損失が下がった」とみなす、終わりの損失と始めの損失の比。"""

ACCURATE = 0.9
"""「よく当たる」とみなす、学習に使った例での正解率。"""

DRIFT = 1e-6
"""二歩動かしたあとの重みを比べるときの、差の許容限界。"""

ONE_POINT = 1e-4
"""一つの重みだけの前進差分と比べるときの、相対誤差の許容限界。"""

EXACT = 1e-10
"""式から求めた勾配どうしを比べるときの、相対誤差の許容限界。"""


@dataclass(frozen=True)
class Outcome:
    """学習の結果のうち、外から見えるもの。

    Attributes
    ----------
    before, after : float
        学習の前と後の、展示のプログラムが示す平均損失。
    accuracy : float
        学習に使った例での正解率。
    """

    before: float
    after: float
    accuracy: float


@explained
def learn(exhibit: Exhibit) -> Outcome:
    """展示のとおりに `STEPS` 回更新する。

    Parameters
    ----------
    exhibit : Exhibit

    Returns
    -------
    Outcome
        同じ展示からは、いつも同じ結果（2回めからは覚えているものを返す）。

    Examples
    --------
    >>> from backprop.judges.museum import EXHIBITS
    >>> learn(EXHIBITS["no_slope"]).accuracy
    1.0
    """
    return _learned(instance("exhibit", exhibit, Exhibit))


@functools.cache
def _learned(exhibit: Exhibit) -> Outcome:
    """たしかに展示であるものの、学習の結果。覚えておくには、引数が辞書の鍵にならなければならない。"""
    network, (X, Y), memory = exhibit.stage.network(), exhibit.stage.data(), {}
    before = float(exhibit.cost(network, X, Y))
    try:
        for _ in range(STEPS):
            exhibit.step(exhibit, network, X, Y, memory)
        return Outcome(before, float(exhibit.cost(network, X, Y)), _accuracy(network, X, Y))
    except DivergenceError:
        return Outcome(before, np.inf, 0.0)


def _accuracy(network: Network, X: Array, Y: Array) -> float:
    """正解率。出力が一つなら 0.5 より大きいか、いくつかなら最大の出力の番号で答える。

    Parameters
    ----------
    network : Network
    X : ndarray, shape (N_0, m)
    Y : ndarray, shape (N_L, m)
        0 か 1 の目標。

    Returns
    -------
    float
        0以上1以下。

    Raises
    ------
    TypeError, ValueError
        `Network.predict` が断るもの。

    Examples
    --------
    >>> from backprop.judges.museum import SOFTMAX
    >>> round(_accuracy(SOFTMAX.network(), *SOFTMAX.data()), 2)
    0.67
    """
    Y_hat = network.predict(X)
    if len(Y) == 1:
        return float(((Y_hat > 0.5) == (Y > 0.5)).mean())
    return float((Y_hat.argmax(axis=0) == Y.argmax(axis=0)).mean())


def _classifies(exhibit: Exhibit) -> bool:
    """目標は 0 と 1 だけか。"""
    return bool(np.isin(exhibit.stage.data()[1], (0, 1)).all())


def _loss_stays(exhibit: Exhibit) -> bool:
    result = learn(exhibit)
    return not result.after < FALLEN * result.before


def _answers_badly(exhibit: Exhibit) -> bool:
    return learn(exhibit).accuracy < ACCURATE


def _shapes_differ(exhibit: Exhibit) -> bool:
    network = exhibit.stage.network()
    gradients = exhibit.gradients(network, *exhibit.stage.data())
    return any(np.shape(gradients[name]) != value.shape for name, value in network.parameters().items())


def _cost_of(exhibit: Exhibit, network: Network, name: str) -> Callable[[Array], complex]:
    """一つのパラメータの配列だけの関数とみた、展示のプログラムの平均損失。"""
    X, Y = exhibit.stage.data()
    return lambda value: exhibit.cost(network.replace(**{name: value}), X, Y)


def _submitted(exhibit: Exhibit, network: Network) -> Gradients:
    """検査に出す勾配。形が違えば、更新のときと同じように引き伸ばす。"""
    given, parameters = exhibit.gradients(network, *exhibit.stage.data()), network.parameters()
    if set(mapping("backward の返すもの", given)) != set(parameters):
        raise ValueError(
            f"backward は {', '.join(parameters)} の勾配を返さなければなりませんが、"
            f"{', '.join(map(str, given))} が返りました。"
        )
    return {name: _stretched(name, given[name], value.shape) for name, value in parameters.items()}


def _stretched(name: str, gradient: Array, shape: tuple[int, ...]) -> Array:
    try:
        return np.broadcast_to(np.asarray(gradient, dtype=float), shape).copy()
    except ValueError:
        raise ValueError(
            f"{name} の勾配の形は {shape} でなければなりませんが、{np.shape(gradient)} が返りました。"
        ) from None


def _measured(exhibit: Exhibit, network: Network) -> Gradients:
    """展示のプログラムの平均損失を、複素ステップ法で微分したもの。"""
    return {
        name: complex_step(_cost_of(exhibit, network, name), value)
        for name, value in network.parameters().items()
    }


@explained
def differs_at(exhibit: Exhibit, name: str, index: tuple[int, ...]) -> bool:
    """一つの重みだけを前進差分で検査して、違いに気づくか。

    Parameters
    ----------
    exhibit : Exhibit
    name : str
        パラメータの名前。``W1, b1, W2, b2``。
    index : tuple of int
        要素の添字（0から数える）。

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        その名前のパラメータや、その添字の要素がない。

    Examples
    --------
    隠れ層の ``f′`` を忘れても、出力層の重みの勾配は正しい。

    >>> from backprop.judges.museum import EXHIBITS
    >>> differs_at(EXHIBITS["no_slope"], "W2", (0, 0)), differs_at(EXHIBITS["no_slope"], "W1", (0, 0))
    (False, True)
    """
    network = instance("exhibit", exhibit, Exhibit).stage.network()
    value, index = choice("name", name, network.parameters()), instance("index", index, tuple)
    if index not in list(np.ndindex(value.shape)):
        raise ValueError(f"index は形 {value.shape} の中になければなりませんが、{index!r} が与えられました。")
    measured = forward_difference(_cost_of(exhibit, network, name), value)
    return bool(relative_error(_submitted(exhibit, network)[name], measured)[index] > ONE_POINT)


@explained
def random_point(stage: Ground) -> tuple[str, tuple[int, ...]]:
    """くじで選んだ、一つの重みかバイアスの名前と添字。

    Examples
    --------
    >>> from backprop.judges.museum import SOFTMAX
    >>> random_point(SOFTMAX)
    ('W2', (2, 2))
    """
    parameters = instance("stage", stage, Ground).network().parameters()
    places = [(name, index) for name, value in parameters.items() for index in np.ndindex(value.shape)]
    return places[np.random.default_rng(int(stage.seed)).integers(len(places))]


def _differs_at_one_point(exhibit: Exhibit) -> bool:
    return differs_at(exhibit, *random_point(exhibit.stage))


def _differs_by(method: str) -> Judge:
    def judge(exhibit: Exhibit) -> bool:
        network = exhibit.stage.network()
        given = _submitted(exhibit, network)
        return any(
            check_gradient(_cost_of(exhibit, network, name), value, given[name], method=method).wrong
            for name, value in network.parameters().items()
        )

    return judge


def _drifts(exhibit: Exhibit) -> bool:
    (X, Y), memory = exhibit.stage.data(), {}
    network, truth = exhibit.stage.network(), exhibit.stage.network()
    for _ in range(2):
        exhibit.step(exhibit, network, X, Y, memory)
        measured = _measured(exhibit, truth)
        for name, value in truth.parameters().items():
            value -= exhibit.stage.rate * measured[name]
    pairs = zip(network.parameters().values(), truth.parameters().values())
    return not all(np.allclose(a, b, rtol=0, atol=DRIFT) for a, b in pairs)


@explained
def cosine(exhibit: Exhibit) -> float:
    """展示の勾配と、測った勾配の、向きの近さ ``cos``。すべてのパラメータを一列に並べて比べる。

    正なら、展示の勾配の逆へ十分に小さく動けば損失は下がる。1 なら向きは正しく、違うのは長さだけである。

    Parameters
    ----------
    exhibit : Exhibit

    Returns
    -------
    float
        −1 以上 1 以下。

    Examples
    --------
    >>> from backprop.judges.museum import EXHIBITS
    >>> round(cosine(EXHIBITS["flipped_sign"]), 6), round(cosine(EXHIBITS["no_factor"]), 6)
    (-1.0, 1.0)
    """
    network = instance("exhibit", exhibit, Exhibit).stage.network()
    a, b = (
        np.concatenate([part.ravel() for part in parts.values()])
        for parts in (_submitted(exhibit, network), _measured(exhibit, network))
    )
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@explained
def differs_from(exhibit: Exhibit, reference: Reference) -> bool:
    """よその審判の求めた勾配と比べて、違いに気づくか。

    よその審判は、展示のプログラムではなく、損失の定義から勾配を求める。

    Parameters
    ----------
    exhibit : Exhibit
    reference : callable
        ``(network, X, Y)`` から、名前 ``W1, b1, W2, b2`` で引く勾配を求める関数。

    Returns
    -------
    bool

    Examples
    --------
    >>> from backprop.judges.museum import EXHIBITS
    >>> differs_from(EXHIBITS["no_slope"], Network.gradients)
    True
    >>> differs_from(EXHIBITS["early"], Network.gradients)
    False
    """
    instance("exhibit", exhibit, Exhibit), function("reference", reference)
    network, (X, Y) = exhibit.stage.network(), exhibit.stage.data()
    given = _submitted(exhibit, network)
    truth = _true_gradients(exhibit, network, reference, X, Y)
    size = max(np.abs(value).max() for value in truth.values())
    return any(relative_error(given[name], truth[name], 1e-3 * size).max() > EXACT for name in given)


def _true_gradients(
    exhibit: Exhibit, network: Network, reference: Reference, X: Array, Y: Array
) -> Mapping[str, Array]:
    """よその審判の求めた勾配。ドロップアウトの倍率は、重みの列に掛けて渡す。"""
    if exhibit.gate is None:
        return mapping("reference の返すもの", reference(network, X, Y))
    truth = dict(reference(network.replace(W2=network.weights[1] * exhibit.gate), X, Y))
    return truth | {"W2": truth["W2"] * exhibit.gate}


JUDGES: dict[str, Judge] = {
    "損失": _loss_stays,
    "正解率": _answers_badly,
    "形": _shapes_differ,
    "前進差分": _differs_at_one_point,
    "中心差分": _differs_by("central_difference"),
    "複素ステップ": _differs_by("complex_step"),
    "二歩": _drifts,
}
"""審判の表。どれも、おかしいと気づけば ``True`` を返す。"""


@explained
def examine(exhibit: Exhibit, references: Mapping[str, Reference]) -> dict[str, bool]:
    """すべての審判に見せる。目標が 0 と 1 でなければ、「正解率」には見せない。

    Parameters
    ----------
    exhibit : Exhibit
    references : mapping
        よその審判の名前から、勾配を求める関数への対応（`differs_from`）。

    Returns
    -------
    dict of str to bool
        審判の名前から、おかしいと気づいたかどうかへの対応。

    Examples
    --------
    >>> from backprop.judges.museum import EXHIBITS
    >>> noticed = examine(EXHIBITS["no_slope"], {"本の逆伝播": Network.gradients})
    >>> [name for name, found in noticed.items() if found]
    ['中心差分', '複素ステップ', '二歩', '本の逆伝播']
    """
    instance("exhibit", exhibit, Exhibit)
    for name, reference in mapping("references", references).items():
        function(f"references[{name!r}]", reference)
    judges = JUDGES if _classifies(exhibit) else {k: judge for k, judge in JUDGES.items() if k != "正解率"}
    noticed = {name: judge(exhibit) for name, judge in judges.items()}
    return noticed | {name: differs_from(exhibit, reference) for name, reference in references.items()}

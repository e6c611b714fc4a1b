"""誤りの博物館: わざと間違えた逆伝播と、それに気づく審判。{ref}`誤りの博物館 <sec-bug-museum>`の章に対応する。

- **展示**（`Exhibit`）は、正しい逆伝播と一か所だけ違う、小さな関数である。まわりは `backprop.steps` の部品でできている。
- **舞台**（`Stage`）は、展示を動かすネットワークとデータである。どの層も幅が等しいので、多くの誤りで形が合ってしまう。
- **審判**（`JUDGES`）は、展示を見て、おかしいと気づけば ``True`` を返す。

ここにあるのは間違いの見本である。正しい逆伝播は `backprop.network.Network.backward` にある。
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop.checks import Array, array, choice, count, function, instance, mapping, positive
from backprop.gradcheck import check_gradient, complex_step, forward_difference, relative_error
from backprop.network import ForwardPass, Network
from backprop.steps import bias_gradient, hidden_delta, output_delta, output_gradient, weight_gradient

Gradients = dict[str, Array]
Backward = Callable[[Network, ForwardPass, Array], Gradients]
Memory = dict[str, Any]
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

EPSILON = 1e-8
"""対数の中に足される、小さな数。"""


# ---- 舞台 ----


@dataclass(frozen=True)
class Stage:
    """展示を動かすネットワークとデータ。

    Attributes
    ----------
    activations : tuple of str
        隠れ層と出力層の活性化関数。
    loss : str
        損失関数。
    outputs : int
        出力の数。1 なら2クラス、3 なら3クラスの分類。入力と隠れ層の幅は3。
    m : int
        例の数。
    rate : float
        学習率。
    seed : int
        重みとデータの種。

    Raises
    ------
    TypeError, ValueError
        出力の数が 1 でも 3 でもない、例の数が正の整数でない、学習率が正でない、種が0以上の整数でない。

    Examples
    --------
    >>> Stage(("tanh", "softmax"), "cross_entropy").network()
    Network(3–3–3, tanh–softmax, cross_entropy)
    """

    activations: tuple[str, str]
    loss: str
    outputs: int = 3
    m: int = 12
    rate: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if count("outputs", self.outputs) not in (1, 3):
            raise ValueError(f"outputs は 1 か 3 でなければなりませんが、{self.outputs!r} が与えられました。")
        count("m", self.m), positive("rate", self.rate)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed は0以上の整数でなければなりませんが、{self.seed!r} が与えられました。")

    def network(self) -> Network:
        """学習の前のネットワーク。呼ぶたびに、同じものを新しく作る。"""
        rng = np.random.default_rng(self.seed)
        return Network.random([3, 3, self.outputs], self.activations, self.loss, rng=rng, bias_scale=0.5)

    def data(self) -> tuple[Array, Array]:
        """クラスごとに散らばった点 ``X`` (3, m) と目標 ``Y`` (N_L, m)。"""
        classes = np.arange(self.m) % max(self.outputs, 2)
        noise = np.random.default_rng(100 + self.seed).normal(size=(3, self.m))
        X = 1.5 * np.eye(3)[:, classes] + 0.5 * noise  # (3, m)
        return X, np.eye(3)[:, classes] if self.outputs == 3 else classes[np.newaxis].astype(float)


SQUARED = Stage(("tanh", "sigmoid"), "mse", rate=1.0)
BINARY = Stage(("tanh", "sigmoid"), "binary_cross_entropy")
SOFTMAX = Stage(("tanh", "softmax"), "cross_entropy")
RELU = Stage(("relu", "softmax"), "cross_entropy")
TRIPLE = Stage(("tanh", "softmax"), "cross_entropy", m=3)
SINGLE = Stage(("tanh", "identity"), "mse", outputs=1, rate=0.1)
STAGES = (SQUARED, BINARY, SOFTMAX, RELU, TRIPLE, SINGLE)


# ---- 正しい部品 ----


def right_output(network: Network, record: ForwardPass, Y: Array) -> Array:
    """ステップ1と2: 正しい ``Δ²`` (N_2, m)。"""
    return instance("network", network, Network).backward(record, Y)[0][-1]


def right_hidden(network: Network, record: ForwardPass, delta2: Array) -> Array:
    """ステップ3: ``Δ²`` から正しく伝えた ``Δ¹`` (N_1, m)。"""
    instance("network", network, Network), instance("record", record, ForwardPass)
    return hidden_delta(network.weights[1], delta2, record.Z[0], network.activations[0])


def collect(record: ForwardPass, delta1: Array, delta2: Array) -> Gradients:
    """ステップ4と5: 誤差項から正しく求めた四つの勾配。"""
    instance("record", record, ForwardPass)
    return {
        "W1": weight_gradient(delta1, record.A[0]),
        "b1": bias_gradient(delta1),
        "W2": weight_gradient(delta2, record.A[1]),
        "b2": bias_gradient(delta2),
    }


def from_output(network: Network, record: ForwardPass, delta2: Array) -> Gradients:
    """出力層の誤差項のあとを、すべて正しく続ける。"""
    return collect(record, right_hidden(network, record, delta2), delta2)


def right(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """正しい逆伝播。

    Examples
    --------
    >>> network, (X, Y) = SOFTMAX.network(), SOFTMAX.data()
    >>> made = right(network, network.forward(X), Y)
    >>> all(np.array_equal(made[name], value) for name, value in network.gradients(X, Y).items())
    True
    """
    return from_output(network, record, right_output(network, record, Y))


# ---- 出力層の展示 ----


def _flipped_sign(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``ŷ − y`` の符号が逆。"""
    return from_output(network, record, Y - record.A[2])


def _no_factor(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """平均二乗誤差の ``2/N`` を落とした。"""
    dA = record.A[2] - Y
    return from_output(network, record, output_delta(dA, record.Z[1], network.activations[1]))


def _plain_difference(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """平均二乗誤差なのに、``σ′`` も ``2/N`` もない。"""
    return from_output(network, record, record.A[2] - Y)


def _slope_again(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """2値クロスエントロピーで、もう済んでいる ``σ′`` をまた掛けた。"""
    delta2 = (record.A[2] - Y) * network.activations[1].derivative(record.Z[1])
    return from_output(network, record, delta2)


def _diagonal_softmax(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """ヤコビ行列の対角線の外を捨てた。"""
    A = record.A[2]
    dA = output_gradient(A, Y, network.loss)
    return from_output(network, record, dA * A * (1 - A))


def _epsilon_cost(network: Network, X: Array, Y: Array) -> float:
    """損失の対数にだけ ``ε`` を足した。勾配は ``ε`` のない式のまま。"""
    return -(Y * np.log(network.predict(X) + EPSILON)).sum(axis=0).mean()


# ---- 隠れ層の展示 ----


def _no_slope(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """隠れ層の ``f′`` を掛け忘れた。"""
    delta2 = right_output(network, record, Y)
    delta1 = network.weights[1].T @ delta2
    return collect(record, delta1, delta2)


def _slope_at_a(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``f′`` を、``z`` ではなく ``a`` で求めた。"""
    delta2 = right_output(network, record, Y)
    delta1 = hidden_delta(network.weights[1], delta2, record.A[1], network.activations[0])
    return collect(record, delta1, delta2)


def _wrong_slope(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """tanh のニューロンに、シグモイド関数の傾きを掛けた。"""
    delta2, A1 = right_output(network, record, Y), record.A[1]
    delta1 = (network.weights[1].T @ delta2) * A1 * (1 - A1)
    return collect(record, delta1, delta2)


def _open_mask(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """ReLU のマスクを ``A >= 0`` で作った。"""
    delta2 = right_output(network, record, Y)
    delta1 = (network.weights[1].T @ delta2) * (record.A[1] >= 0)  # 活性は負にならないので、いつも真
    return collect(record, delta1, delta2)


def _no_transpose(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """転置を忘れた。"""
    delta2 = right_output(network, record, Y)
    delta1 = hidden_delta(network.weights[1].T, delta2, record.Z[0], network.activations[0])
    return collect(record, delta1, delta2)


def _last_path(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``+=`` のはずが ``=``。最後の道だけが残る。"""
    delta2, W2 = right_output(network, record, Y), network.weights[1]
    for k in range(len(W2)):
        dA1 = W2[[k]].T @ delta2[[k]]
    return collect(record, network.activations[0].pullback(record.Z[0], dA1), delta2)


GATE = np.array([[2.0, 0.0, 2.0]])
"""ドロップアウト: 隠れ層の2番を消し、残りを2倍にする。比べられるように、いつも同じものを使う。"""


def _dropout_forward(network: Network, X: Array) -> ForwardPass:
    """隠れ層にドロップアウトを置いた順伝播。"""
    record, (_, W2), (_, b2) = network.forward(X), network.weights, network.biases
    A1 = GATE.T * record.A[1]  # (N_1, m)
    Z2 = W2 @ A1 + b2  # (N_2, m)
    return ForwardPass([record.Z[0], Z2], [X, A1, network.activations[1].value(Z2)])


def _dropout_cost(network: Network, X: Array, Y: Array) -> float:
    """ドロップアウトのある平均損失。``W²`` の列を 0 倍か 2 倍にしたのと同じである。"""
    return network.replace(W2=network.weights[1] * GATE).cost(X, Y)


def _dropout_once(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """逆伝播では、消しただけで、2倍していない。"""
    delta2 = record.A[2] - Y
    delta1 = right_hidden(network, record, delta2) * (GATE.T > 0)
    return collect(record, delta1, delta2)


# ---- 重みの展示 ----


def _swapped_product(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``Δ Aᵀ`` のはずが ``A Δᵀ``。"""
    gradients = right(network, record, Y)
    return gradients | {"W1": gradients["W1"].T, "W2": gradients["W2"].T}


def _same_layer(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """一つ前の層の活性のはずが、同じ層の活性。"""
    delta2 = right_output(network, record, Y)
    delta1 = right_hidden(network, record, delta2)
    wrong = {"W1": weight_gradient(delta1, record.A[1]), "W2": weight_gradient(delta2, record.A[2])}
    return collect(record, delta1, delta2) | wrong


def _spoiled_record(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """傾き ``1 − a²`` を、記録した ``A¹`` の場所で計算した。"""
    delta2 = right_output(network, record, Y)
    slope = record.A[1]  # 写しではない
    slope *= -slope
    slope += 1
    return collect(record, (network.weights[1].T @ delta2) * slope, delta2)


# ---- バイアスの展示 ----


def _bias_mean_twice(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """バイアスの ``1/m`` が2回。"""
    gradients, m = right(network, record, Y), Y.shape[1]
    return gradients | {"b1": gradients["b1"] / m, "b2": gradients["b2"] / m}


def _bias_over_neurons(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """例についての平均のはずが、ニューロンについての平均。"""
    delta2 = right_output(network, record, Y)
    delta1 = right_hidden(network, record, delta2)
    wrong = {f"b{l}": delta.mean(axis=0).reshape(-1, 1) for l, delta in ((1, delta1), (2, delta2))}
    return collect(record, delta1, delta2) | wrong


def _bias_as_number(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``axis`` を書き忘れて、一つの数になった。"""
    delta2 = right_output(network, record, Y)
    delta1 = right_hidden(network, record, delta2)
    m = Y.shape[1]
    wrong = {"b1": delta1.sum() / m, "b2": delta2.sum() / m}
    return collect(record, delta1, delta2) | wrong


# ---- バッチの展示 ----


def _last_example(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """例ごとのくり返しで上書きし、最後の例の勾配だけが残った。"""
    last = ForwardPass([Z[:, -1:] for Z in record.Z], [A[:, -1:] for A in record.A])
    return right(network, last, Y[:, -1:])


def _every_pair(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``(1, m)`` から ``(m, 1)`` を引いた。どの出力も、すべての目標と比べられる。"""
    difference = record.A[2] - Y.T  # (1, m) − (m, 1) = (m, m)
    return from_output(network, record, 2 * difference.mean(axis=0, keepdims=True))


def _every_pair_cost(network: Network, X: Array, Y: Array) -> float:
    """`_every_pair` の損失。"""
    return ((network.predict(X) - Y.T) ** 2).mean()


# ---- 更新の展示 ----


def _plain_step(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: Memory) -> None:
    """展示の勾配で、ふつうに一歩更新する。"""
    gradients = exhibit.gradients(network, X, Y)
    for name, value in network.parameters().items():
        value -= exhibit.stage.rate * gradients[name]


def _early_step(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: Memory) -> None:
    """誤差項を前の層へ伝える前に、重みを更新した。"""
    record, rate = exhibit.forward(network, X), exhibit.stage.rate
    delta2 = right_output(network, record, Y)
    network.weights[1] -= rate * weight_gradient(delta2, record.A[1])
    network.biases[1] -= rate * bias_gradient(delta2)
    delta1 = right_hidden(network, record, delta2)
    network.weights[0] -= rate * weight_gradient(delta1, record.A[0])
    network.biases[0] -= rate * bias_gradient(delta1)


def _piling_step(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: Memory) -> None:
    """勾配を足しこむだけで、一度も0に戻さない。"""
    gradients = exhibit.gradients(network, X, Y)
    for name, value in network.parameters().items():
        memory[name] = memory.get(name, 0.0) + gradients[name]
        value -= exhibit.stage.rate * memory[name]


def _stale_step(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: Memory) -> None:
    """始めの順伝播の記録を、使い続ける。"""
    record = memory.setdefault("record", exhibit.forward(network, X))
    gradients = exhibit.backward(network, record, Y)
    for name, value in network.parameters().items():
        value -= exhibit.stage.rate * gradients[name]


# ---- 展示の表 ----


Step = Callable[["Exhibit", Network, Array, Array, Memory], None]


@dataclass(frozen=True, eq=False)
class Exhibit:
    """一つの展示: 正しい実装と、一か所だけ違う実装。

    Attributes
    ----------
    name : str
        表 `EXHIBITS` での名前。
    room : str
        誤りのある場所。
    title : str
        誤りの中身。
    page : str
        正しい式を説明するページのラベル。
    stage : Stage
        動かす舞台。
    backward : callable
        ``(network, record, Y)`` から四つの勾配を求める関数。
    forward : callable
        ``(network, X)`` から順伝播の記録を求める関数。
    cost : callable
        ``(network, X, Y)`` から平均損失を求める、展示のプログラム。複素数でも動く。
    step : callable
        ``(exhibit, network, X, Y, memory)`` で、ネットワークをその場で一歩更新する関数。
    gate : ndarray or None
        ドロップアウトの倍率 (1, N_1)。

    Raises
    ------
    TypeError, ValueError
        舞台が `Stage` でない、関数でない、倍率の形が違う。
    """

    name: str
    room: str
    title: str
    page: str
    stage: Stage
    backward: Backward = right
    forward: Callable[[Network, Array], ForwardPass] = Network.forward
    cost: Callable[[Network, Array, Array], Any] = Network.cost
    step: Step = _plain_step
    gate: Array | None = None

    def __post_init__(self) -> None:
        instance("stage", self.stage, Stage)
        for name in ("backward", "forward", "cost", "step"):
            function(name, getattr(self, name))
        if self.gate is not None:
            array("gate", self.gate, (1, 3))

    def gradients(self, network: Network, X: Array, Y: Array) -> Gradients:
        """展示の勾配。"""
        return self.backward(network, self.forward(network, X), Y)


def control(stage: Stage) -> Exhibit:
    """同じ舞台に置いた、正しい実装。審判がこれを疑ってはならない。

    Examples
    --------
    >>> control(SOFTMAX).title
    '正しい実装'
    """
    return Exhibit("control", "対照", "正しい実装", "sec-algorithm", stage)


# fmt: off
EXHIBITS: dict[str, Exhibit] = {
    exhibit.name: exhibit
    for exhibit in (
        Exhibit("flipped_sign", "出力層", "差の符号が逆", "sec-step1-mistakes", SOFTMAX, _flipped_sign),
        Exhibit("no_factor", "出力層", "2/N を落とす", "sec-scales", SQUARED, _no_factor),
        Exhibit("plain_difference", "出力層", "二乗誤差でも差だけ", "sec-mse-sigmoid", SQUARED, _plain_difference),
        Exhibit("slope_again", "出力層", "傾きをもう一度掛ける", "sec-step2-mistakes", BINARY, _slope_again),
        Exhibit(
            "diagonal_softmax", "出力層", "softmax の対角線だけ", "sec-softmax-pullback", SOFTMAX, _diagonal_softmax
        ),
        Exhibit("no_slope", "隠れ層", "傾きを忘れる", "sec-step3-mistakes", SOFTMAX, _no_slope),
        Exhibit("slope_at_a", "隠れ層", "傾きを a で求める", "sec-derivative-at-z", SOFTMAX, _slope_at_a),
        Exhibit("wrong_slope", "隠れ層", "別の関数の傾き", "sec-activations", SOFTMAX, _wrong_slope),
        Exhibit("open_mask", "隠れ層", "マスクが A >= 0", "sec-activations-mistakes", RELU, _open_mask),
        Exhibit("no_transpose", "隠れ層", "転置を忘れる", "sec-step3-mistakes", SOFTMAX, _no_transpose),
        Exhibit("last_path", "隠れ層", "道を上書きする", "sec-graph-mistakes", SOFTMAX, _last_path),
        Exhibit(
            "dropout_once", "隠れ層", "2倍は行きだけ", "sec-graph-rule", RELU, _dropout_once,
            forward=_dropout_forward, cost=_dropout_cost, gate=GATE,
        ),
        Exhibit("swapped_product", "重み", "積の順が逆", "sec-step4-mistakes", SOFTMAX, _swapped_product),
        Exhibit("same_layer", "重み", "同じ層の a を使う", "sec-step4-mistakes", SOFTMAX, _same_layer),
        Exhibit("spoiled_record", "重み", "記録に書き込む", "sec-step6-mistakes", SOFTMAX, _spoiled_record),
        Exhibit("bias_mean_twice", "バイアス", "1/m を2回", "sec-step5-mistakes", SOFTMAX, _bias_mean_twice),
        Exhibit("bias_over_neurons", "バイアス", "軸を取り違える", "sec-step5-batch", TRIPLE, _bias_over_neurons),
        Exhibit("bias_as_number", "バイアス", "軸を書き忘れる", "sec-step5-mistakes", SOFTMAX, _bias_as_number),
        Exhibit("last_example", "バッチ", "最後の例だけ使う", "sec-step5-batch", SOFTMAX, _last_example),
        Exhibit(
            "every_pair", "損失", "引き算が表になる", "sec-loss-mistakes", SINGLE, _every_pair, cost=_every_pair_cost
        ),
        Exhibit("epsilon", "損失", "対数に小さな数を足す", "sec-log-epsilon", SOFTMAX, cost=_epsilon_cost),
        Exhibit("early", "更新", "伝える前に更新する", "sec-update-order", SOFTMAX, step=_early_step),
        Exhibit("piling", "更新", "勾配を消さない", "sec-graph-mistakes", SOFTMAX, step=_piling_step),
        Exhibit("stale", "更新", "順伝播は一度だけ", "sec-step6-mistakes", SOFTMAX, step=_stale_step),
    )
}
# fmt: on
"""展示の表。"""


# ---- 審判 ----


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


@functools.cache
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
    >>> learn(EXHIBITS["no_slope"]).accuracy
    1.0
    """
    instance("exhibit", exhibit, Exhibit)
    network, (X, Y), memory = exhibit.stage.network(), exhibit.stage.data(), {}
    before = float(exhibit.cost(network, X, Y))
    for _ in range(STEPS):
        exhibit.step(exhibit, network, X, Y, memory)
    return Outcome(before, float(exhibit.cost(network, X, Y)), _accuracy(network, X, Y))


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
    >>> round(_accuracy(SOFTMAX.network(), *SOFTMAX.data()), 2)
    0.67
    """
    Y_hat = network.predict(X)
    if len(Y) == 1:
        return float(((Y_hat > 0.5) == (Y > 0.5)).mean())
    return float((Y_hat.argmax(axis=0) == Y.argmax(axis=0)).mean())


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
    given = exhibit.gradients(network, *exhibit.stage.data())
    return {
        name: np.broadcast_to(np.asarray(given[name]), value.shape).copy()
        for name, value in network.parameters().items()
    }


def _measured(exhibit: Exhibit, network: Network) -> Gradients:
    """展示のプログラムの平均損失を、複素ステップ法で微分したもの。"""
    return {
        name: complex_step(_cost_of(exhibit, network, name), value)
        for name, value in network.parameters().items()
    }


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

    >>> differs_at(EXHIBITS["no_slope"], "W2", (0, 0)), differs_at(EXHIBITS["no_slope"], "W1", (0, 0))
    (False, True)
    """
    network = instance("exhibit", exhibit, Exhibit).stage.network()
    value = choice("name", name, network.parameters())
    if index not in list(np.ndindex(value.shape)):
        raise ValueError(f"index は形 {value.shape} の中になければなりませんが、{index!r} が与えられました。")
    measured = forward_difference(_cost_of(exhibit, network, name), value)
    return bool(relative_error(_submitted(exhibit, network)[name], measured)[index] > ONE_POINT)


def _random_point(stage: Stage) -> tuple[str, tuple[int, ...]]:
    """くじで選んだ、一つの重みかバイアスの名前と添字。

    Examples
    --------
    >>> _random_point(SOFTMAX)
    ('W2', (2, 2))
    """
    parameters = stage.network().parameters()
    places = [(name, index) for name, value in parameters.items() for index in np.ndindex(value.shape)]
    return places[np.random.default_rng(stage.seed).integers(len(places))]


def _differs_at_one_point(exhibit: Exhibit) -> bool:
    return differs_at(exhibit, *_random_point(exhibit.stage))


def _differs_by(method: str) -> Judge:
    def judge(exhibit: Exhibit) -> bool:
        network = exhibit.stage.network()
        given = _submitted(exhibit, network)
        return not all(
            check_gradient(_cost_of(exhibit, network, name), value, given[name], method=method).ok
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
    >>> round(cosine(EXHIBITS["flipped_sign"]), 6), round(cosine(EXHIBITS["no_factor"]), 6)
    (-1.0, 1.0)
    """
    network = instance("exhibit", exhibit, Exhibit).stage.network()
    a, b = (
        np.concatenate([part.ravel() for part in parts.values()])
        for parts in (_submitted(exhibit, network), _measured(exhibit, network))
    )
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


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
    >>> differs_from(EXHIBITS["no_slope"], Network.gradients)
    True
    >>> differs_from(EXHIBITS["early"], Network.gradients)
    False
    """
    instance("exhibit", exhibit, Exhibit), function("reference", reference)
    network, (X, Y) = exhibit.stage.network(), exhibit.stage.data()
    given = _submitted(exhibit, network)
    gate = 1.0 if exhibit.gate is None else exhibit.gate
    truth = dict(reference(network.replace(W2=network.weights[1] * gate), X, Y))
    truth["W2"] = truth["W2"] * gate
    size = max(np.abs(value).max() for value in truth.values())
    return any(relative_error(given[name], truth[name], 1e-3 * size).max() > EXACT for name in given)


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


def examine(exhibit: Exhibit, references: Mapping[str, Reference]) -> dict[str, bool]:
    """すべての審判に見せる。

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
    >>> noticed = examine(EXHIBITS["no_slope"], {"本の逆伝播": Network.gradients})
    >>> [name for name, found in noticed.items() if found]
    ['中心差分', '複素ステップ', '二歩', '本の逆伝播']
    """
    instance("exhibit", exhibit, Exhibit)
    for name, reference in mapping("references", references).items():
        function(f"references[{name!r}]", reference)
    noticed = {name: judge(exhibit) for name, judge in JUDGES.items()}
    return noticed | {name: differs_from(exhibit, reference) for name, reference in references.items()}

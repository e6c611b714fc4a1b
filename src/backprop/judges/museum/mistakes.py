"""わざと間違えた逆伝播、損失、更新。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array
from backprop.judges.museum.exhibit import Exhibit, Memory
from backprop.judges.museum.parts import Gradients, collect, from_output, right, right_hidden, right_output
from backprop.judges.museum.stages import BINARY, RELU, SINGLE, SOFTMAX, SQUARED, TRIPLE
from backprop.network import ForwardPass, Network
from backprop.steps import bias_gradient, hidden_delta, output_delta, output_gradient, weight_gradient

EPSILON = 1e-8
"""対数の中に足される、小さな数。"""


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


def _slope_of_error(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``f′`` を、``z`` ではなく、届いた勾配で求めた。ReLU では、届いた勾配の負のところを0にする。"""
    delta2 = right_output(network, record, Y)
    back = network.weights[1].T @ delta2
    return collect(record, back * network.activations[0].derivative(back), delta2)


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


def _weight_for_activation(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """線を通ってきた活性のはずが、その線の重み。"""
    delta2 = right_output(network, record, Y)
    delta1 = right_hidden(network, record, delta2)
    pairs = enumerate(zip((delta1, delta2), network.weights), start=1)
    wrong = {f"W{l}": bias_gradient(delta) * W for l, (delta, W) in pairs}
    return collect(record, delta1, delta2) | wrong


def _spoiled_record(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """傾き ``1 − a²`` を、記録した ``A¹`` の場所で計算した。"""
    delta2 = right_output(network, record, Y)
    slope = record.A[1]  # 写しではない
    slope *= -slope
    slope += 1
    return collect(record, (network.weights[1].T @ delta2) * slope, delta2)


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


def _last_example(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """例ごとのくり返しで上書きし、最後の例の勾配だけが残った。"""
    last = ForwardPass([Z[:, -1:] for Z in record.Z], [A[:, -1:] for A in record.A])
    return right(network, last, Y[:, -1:])


def _mean_first(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """活性も目標も、例について先に平均し、1例のように逆伝播した。"""
    means = [A.mean(axis=1, keepdims=True) for A in record.A]
    delta2 = means[2] - Y.mean(axis=1, keepdims=True)
    delta1 = (network.weights[1].T @ delta2) * (1 - means[1] ** 2)
    return collect(ForwardPass(record.Z, means), delta1, delta2)


def _every_pair(network: Network, record: ForwardPass, Y: Array) -> Gradients:
    """``(1, m)`` から ``(m, 1)`` を引いた。どの出力も、すべての目標と比べられる。"""
    difference = record.A[2] - Y.T  # (1, m) − (m, 1) = (m, m)
    return from_output(network, record, 2 * difference.mean(axis=0, keepdims=True))


def _every_pair_cost(network: Network, X: Array, Y: Array) -> float:
    """`_every_pair` の損失。"""
    return ((network.predict(X) - Y.T) ** 2).mean()


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
    first = exhibit.forward(network, X)
    # 逆伝播は古い記録を断るので、手で組んだ記録として渡す
    record = memory.setdefault("record", ForwardPass(first.Z, first.A))
    gradients = exhibit.backward(network, record, Y)
    for name, value in network.parameters().items():
        value -= exhibit.stage.rate * gradients[name]


# fmt: off
EXHIBITS: dict[str, Exhibit] = {
    exhibit.name: exhibit
    for exhibit in (
        Exhibit("flipped_sign", "出力層", "差の符号が逆", "sec-step1-mistakes", SOFTMAX, _flipped_sign),
        Exhibit("no_factor", "出力層", "2/N を落とす", "sec-scales", SQUARED, _no_factor),
        Exhibit("plain_difference", "出力層", "二乗誤差でも差だけ", "sec-mse-sigmoid", SQUARED, _plain_difference),
        Exhibit("slope_again", "出力層", "傾きをもう一度掛ける", "sec-step2-mistakes", BINARY, _slope_again),
        Exhibit(
            "diagonal_softmax", "出力層", "softmax の対角線だけ", "sec-step2-mistakes", SOFTMAX, _diagonal_softmax
        ),
        Exhibit("no_slope", "隠れ層", "傾きを忘れる", "sec-step3-mistakes", SOFTMAX, _no_slope),
        Exhibit("slope_at_a", "隠れ層", "傾きを a で求める", "sec-derivative-at-z", SOFTMAX, _slope_at_a),
        Exhibit("wrong_slope", "隠れ層", "別の関数の傾き", "sec-activations", SOFTMAX, _wrong_slope),
        Exhibit("open_mask", "隠れ層", "マスクが A >= 0", "sec-activations-mistakes", RELU, _open_mask),
        Exhibit("slope_of_error", "隠れ層", "誤差の傾き", "sec-derivative-at-z", RELU, _slope_of_error),
        Exhibit("no_transpose", "隠れ層", "転置を忘れる", "sec-step3-mistakes", SOFTMAX, _no_transpose),
        Exhibit("last_path", "隠れ層", "道を上書きする", "sec-graph-mistakes", SOFTMAX, _last_path),
        Exhibit(
            "dropout_once", "隠れ層", "2倍は行きだけ", "sec-graph-rule", RELU, _dropout_once,
            forward=_dropout_forward, cost=_dropout_cost, gate=GATE,
        ),
        Exhibit("swapped_product", "重み", "積の順が逆", "sec-step4-mistakes", SOFTMAX, _swapped_product),
        Exhibit("same_layer", "重み", "同じ層の a を使う", "sec-step4-mistakes", SOFTMAX, _same_layer),
        Exhibit(
            "weight_for_activation", "重み", "活性の代わりに重み", "sec-step4-by-hand", SOFTMAX, _weight_for_activation
        ),
        Exhibit("spoiled_record", "重み", "記録に書き込む", "sec-step6-mistakes", SOFTMAX, _spoiled_record),
        Exhibit("bias_mean_twice", "バイアス", "1/m を2回", "sec-step5-mistakes", SOFTMAX, _bias_mean_twice),
        Exhibit("bias_over_neurons", "バイアス", "軸を取り違える", "sec-step5-mistakes", TRIPLE, _bias_over_neurons),
        Exhibit("bias_as_number", "バイアス", "軸を書き忘れる", "sec-step5-mistakes", SOFTMAX, _bias_as_number),
        Exhibit("last_example", "バッチ", "最後の例だけ使う", "sec-step5-batch", SOFTMAX, _last_example),
        Exhibit("mean_first", "バッチ", "平均してから戻る", "sec-matrix-form", SOFTMAX, _mean_first),
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

PUZZLES = tuple(
    EXHIBITS[name]
    for name in (
        "open_mask",
        "plain_difference",
        "spoiled_record",
        "every_pair",
        "early",
        "weight_for_activation",
        "slope_of_error",
        "mean_first",
    )
)
"""章の問題1から順の展示。章では番号で呼び、名前を先に見せない。"""

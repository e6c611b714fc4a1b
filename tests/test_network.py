"""ネットワークの検査: 手計算、複素ステップ法、例の順番、書き換えないこと、型。"""

from __future__ import annotations

import numpy as np
import pytest

from backprop.activations import ACTIVATIONS
from backprop.checks import DivergenceError
from backprop.losses import LOSSES
from backprop.network import ForwardPass, Network
from backprop.steps import output_delta, output_gradient, update

pytestmark = pytest.mark.filterwarnings("error")

LOG3 = np.log(3.0)
OUTPUTS = [
    (loss.name, output)
    for loss in LOSSES.values()
    for output in ([loss.output_activation] if loss.output_activation else ACTIVATIONS)
]


def targets(loss: str, rng: np.random.Generator, outputs: int, m: int) -> np.ndarray:
    """どの損失の定義域にも入る、途中の値の目標。"""
    if loss == "cross_entropy":
        return rng.dirichlet(np.ones(outputs), m).T
    return rng.random((outputs, m))


def example(loss="mse", output="tanh", hidden=("sigmoid", "tanh"), m=5, seed=0):
    """3–4–2–3 のネットワークと、データ。"""
    rng = np.random.default_rng(seed)
    network = Network.random([3, 4, 2, 3], [*hidden, output], loss, rng=rng, bias_scale=0.5)
    return network, rng.normal(size=(3, m)), targets(loss, rng, 3, m)


def by_complex_step(network, X, Y, h=1e-30):
    """損失を計算するプログラムだけから求めた勾配。"""
    gradients = {}
    for name, value in network.parameters().items():
        gradients[name] = np.empty_like(value)
        for index in np.ndindex(value.shape):
            moved = value.astype(complex)
            moved[index] += 1j * h
            gradients[name][index] = network.replace(**{name: moved}).cost(X, Y).imag / h
    return gradients


def assert_same_gradients(given, expected, tolerance):
    """すべての勾配を一本のベクトルとみなした、相対誤差。"""
    assert list(given) == list(expected)
    assert all(given[name].shape == expected[name].shape for name in expected)
    difference = np.concatenate([(given[name] - expected[name]).ravel() for name in expected])
    size = np.concatenate([expected[name].ravel() for name in expected])
    assert np.linalg.norm(difference) <= tolerance * np.linalg.norm(size)


# ---- 手計算 ----


@pytest.fixture
def relu_network():
    """2–2–1、ReLU と恒等関数、½二乗誤差。二つめの例では、隠れ層の二つめのニューロンが止まる。"""
    network = Network(
        [np.array([[1.0, 0.5], [-1.0, 1.0]]), np.array([[2.0, -4.0]])],
        [np.array([[0.5], [-0.5]]), np.array([[1.0]])],
        ["relu", "identity"],
        "half_squared_error",
    )
    return network, np.array([[1.0, 2.0], [2.0, -1.0]]), np.array([[3.0, 7.0]])


def test_forward_by_hand(relu_network):
    network, X, Y = relu_network
    record = network.forward(X)
    # 例1 x = (1, 2):  z1 = 1×1 + 0.5×2 + 0.5 = 2.5,    z2 = −1×1 + 1×2 − 0.5 = 0.5
    # 例2 x = (2, −1): z1 = 1×2 + 0.5×(−1) + 0.5 = 2,   z2 = −1×2 + 1×(−1) − 0.5 = −3.5 → 0
    np.testing.assert_array_equal(record.Z[0], [[2.5, 2.0], [0.5, -3.5]])
    np.testing.assert_array_equal(record.A[1], [[2.5, 2.0], [0.5, 0.0]])
    # 2×2.5 − 4×0.5 + 1 = 4,  2×2 − 4×0 + 1 = 5
    np.testing.assert_array_equal(record.A[2], [[4.0, 5.0]])
    np.testing.assert_array_equal(network.predict(X), [[4.0, 5.0]])
    # 差は 1 と −2。(½×1 + ½×4)/2 = 1.25
    assert network.cost(X, Y) == 1.25


def test_six_steps_by_hand(relu_network):
    network, X, Y = relu_network
    deltas, gradients = network.backward(network.forward(X), Y)
    np.testing.assert_array_equal(deltas[1], [[1.0, -2.0]])
    # 2×δ は (2, −4)。−4×δ は (−4, 8) だが、例2 では止まっているので (−4, 0)
    np.testing.assert_array_equal(deltas[0], [[2.0, -4.0], [-4.0, 0.0]])
    # (1×2.5 − 2×2)/2 = −0.75,  (1×0.5 − 2×0)/2 = 0.25;  (1 − 2)/2 = −0.5
    np.testing.assert_array_equal(gradients["W2"], [[-0.75, 0.25]])
    np.testing.assert_array_equal(gradients["b2"], [[-0.5]])
    # (2×1 − 4×2)/2 = −3,  (2×2 − 4×(−1))/2 = 4;  (−4×1 + 0×2)/2 = −2,  (−4×2 + 0×(−1))/2 = −4
    np.testing.assert_array_equal(gradients["W1"], [[-3.0, 4.0], [-2.0, -4.0]])
    # (2 − 4)/2 = −1,  (−4 + 0)/2 = −2
    np.testing.assert_array_equal(gradients["b1"], [[-1.0], [-2.0]])
    # 更新 (η = 0.5): 1 + 1.5 = 2.5, 0.5 − 2 = −1.5;  −1 + 1 = 0, 1 + 2 = 3
    np.testing.assert_array_equal(update(network.weights[0], gradients["W1"], 0.5), [[2.5, -1.5], [0.0, 3.0]])


def test_sigmoid_network_by_hand():
    # σ(log 3) = 3/4、σ(−log 3) = 1/4、どちらも σ′ = 3/16。出力は σ(3/4 − 3×1/4) = σ(0) = 1/2
    network = Network(
        [np.array([[LOG3, 0.0], [0.0, -LOG3]]), np.array([[1.0, -3.0]])],
        [np.zeros((2, 1)), np.zeros((1, 1))],
        ["sigmoid", "sigmoid"],
        "binary_cross_entropy",
    )
    X, Y = np.ones((2, 1)), np.ones((1, 1))
    assert network.cost(X, Y) == pytest.approx(np.log(2.0), rel=1e-15)
    deltas, gradients = network.backward(network.forward(X), Y)
    # δ² = 1/2 − 1;  δ¹ = (1×(−1/2)×3/16, −3×(−1/2)×3/16)
    np.testing.assert_allclose(deltas[1], [[-1 / 2]], rtol=1e-14)
    np.testing.assert_allclose(deltas[0], [[-3 / 32], [9 / 32]], rtol=1e-14)
    np.testing.assert_allclose(gradients["W2"], [[-3 / 8, -1 / 8]], rtol=1e-14)
    np.testing.assert_allclose(gradients["W1"], [[-3 / 32, -3 / 32], [9 / 32, 9 / 32]], rtol=1e-14)
    np.testing.assert_allclose(gradients["b1"], [[-3 / 32], [9 / 32]], rtol=1e-14)
    # 同じネットワークの二乗誤差では、σ′(0) = 1/4 と 2 が掛かる: 2×(−1/2)×1/4 = −1/4
    squared = Network(network.weights, network.biases, ["sigmoid", "sigmoid"], "mse")
    assert squared.gradients(X, Y)["b2"] == pytest.approx(-1 / 4, rel=1e-14)


# ---- 微積分を知らない審判 ----


@pytest.mark.parametrize(("loss", "output"), OUTPUTS)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_gradients_by_complex_step(loss, output, hidden):
    network, X, Y = example(loss, output, (hidden, "tanh"))
    assert_same_gradients(network.gradients(X, Y), by_complex_step(network, X, Y), 1e-13)


@pytest.mark.parametrize("sizes", [[1, 1], [3, 1], [1, 3], [2, 1, 1, 1, 2], [1, 5, 1, 5], [4] * 7])
@pytest.mark.parametrize("m", [1, 6])
def test_every_depth_and_width_by_complex_step(sizes, m):
    rng = np.random.default_rng(3)
    network = Network.random(sizes, ["tanh"] * (len(sizes) - 1), "mse", rng=rng, bias_scale=1.0)
    X, Y = rng.normal(size=(sizes[0], m)), rng.normal(size=(sizes[-1], m))
    assert_same_gradients(network.gradients(X, Y), by_complex_step(network, X, Y), 1e-13)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_delta_of_a_pair_is_steps_1_and_2(loss):
    network, X, Y = example(loss, LOSSES[loss].output_activation)
    record = network.forward(X)
    dA = output_gradient(record.A[-1], Y, network.loss)
    delta = output_delta(dA, record.Z[-1], network.activations[-1])
    np.testing.assert_allclose(network.backward(record, Y)[0][-1], delta, rtol=1e-12)


def accepted_targets(loss: str, outputs: int, m: int) -> dict[str, np.ndarray]:
    """損失が受け取る目標のいろいろ。"""
    rng = np.random.default_rng(5)
    soft = targets(loss, rng, outputs, m)
    found = {
        "途中の値": soft,
        "float32 から": soft.astype(np.float32).astype(float),
        "1だけ": np.eye(outputs)[:, rng.integers(outputs, size=m)],
        "少し大きい": np.minimum(soft * (1 + 9e-7), 1.0),
        "少し小さい": soft * (1 - 9e-7),
    }
    if loss in ("mse", "half_squared_error"):
        found["何でも"] = rng.normal(scale=100.0, size=(outputs, m))
    return found


@pytest.mark.parametrize("kind", ["途中の値", "float32 から", "1だけ", "少し大きい", "少し小さい", "何でも"])
@pytest.mark.parametrize(("loss", "output"), OUTPUTS)
def test_gradients_are_those_of_the_cost_for_every_accepted_target(loss, output, kind):
    network, X, _ = example(loss, output)
    Y = accepted_targets(loss, 3, X.shape[1]).get(kind)
    if Y is not None:
        assert_same_gradients(network.gradients(X, Y), by_complex_step(network, X, Y), 1e-12)


def test_deltas_are_the_gradients_at_the_weighted_inputs():
    """1例なら z^l = … + b^l だから、∂𝓛/∂z^l = ∂𝓛/∂b^l。"""
    network, X, Y = example(m=1)
    deltas, _ = network.backward(network.forward(X), Y)
    expected = by_complex_step(network, X, Y)
    for l, delta in enumerate(deltas, start=1):
        np.testing.assert_allclose(delta, expected[f"b{l}"], rtol=1e-12)


# ---- 例の並び ----


def test_gradients_do_not_depend_on_the_order_of_the_examples():
    network, X, Y = example(m=9)
    order = np.random.default_rng(1).permutation(9)
    assert_same_gradients(network.gradients(X[:, order], Y[:, order]), network.gradients(X, Y), 1e-15)
    assert network.cost(X[:, order], Y[:, order]) == pytest.approx(network.cost(X, Y), rel=1e-15)


def test_gradients_are_the_mean_of_those_of_single_examples():
    network, X, Y = example(m=4)
    each = [network.gradients(X[:, [n]], Y[:, [n]]) for n in range(4)]
    mean = {name: sum(gradients[name] for gradients in each) / 4 for name in each[0]}
    assert_same_gradients(network.gradients(X, Y), mean, 1e-14)
    costs = [network.cost(X[:, [n]], Y[:, [n]]) for n in range(4)]
    assert network.cost(X, Y) == pytest.approx(sum(costs) / 4, rel=1e-15)


def test_repeating_the_batch_changes_nothing():
    network, X, Y = example()
    twice = network.gradients(np.hstack([X, X]), np.hstack([Y, Y]))
    assert_same_gradients(twice, network.gradients(X, Y), 1e-15)


# ---- 書き換えない、共有しない ----


@pytest.mark.parametrize(("loss", "output"), OUTPUTS)
def test_inputs_and_parameters_are_not_modified(loss, output):
    network, X, Y = example(loss, output)
    for array in (X, Y, *network.parameters().values()):
        array.flags.writeable = False
    record = network.forward(X)
    for array in (*record.Z, *record.A):
        array.flags.writeable = False
    first = network.backward(record, Y)
    second = network.backward(record, Y)  # 同じ記録から二度呼んでも同じ
    assert all(np.array_equal(p, q) for p, q in zip(first[0], second[0]))
    assert all(np.array_equal(first[1][name], second[1][name]) for name in first[1])
    network.cost(X, Y)


def test_gradients_do_not_share_memory():
    network, X, Y = example("half_squared_error", "identity", ("identity", "identity"))
    record = network.forward(X)
    deltas, gradients = network.backward(record, Y)
    kept = [X, Y, *record.Z, *network.parameters().values()]
    for given in (*gradients.values(), *deltas):
        assert not any(np.shares_memory(given, array) for array in kept)


def test_network_keeps_its_own_copies():
    W, b = np.ones((1, 1)), np.zeros((1, 1))
    network = Network([W], [b], ["identity"], "mse")
    W[:], b[:] = 5.0, 5.0
    assert network.predict(np.ones((1, 1))) == 1.0


def test_replace_leaves_the_original_and_copies_the_rest():
    network, X, _ = example()
    before = {name: value.copy() for name, value in network.parameters().items()}
    new = np.zeros_like(network.weights[1])
    other = network.replace(W2=new)
    for value in (new, *other.parameters().values()):
        value[:] = 7.0
    assert all(np.array_equal(network.parameters()[name], before[name]) for name in before)
    changed = network.replace(b3=np.full((3, 1), 2.0))
    np.testing.assert_array_equal(changed.biases[2], 2.0)
    assert all(np.array_equal(changed.parameters()[name], before[name]) for name in before if name != "b3")
    assert repr(changed) == repr(network)


def test_parameters_are_the_live_arrays_in_order():
    network, X, _ = example()
    assert list(network.parameters()) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    network.parameters()["b3"][:] += 100.0
    assert network.biases[2].min() > 90.0
    assert all(network.parameters()[f"W{l}"] is network.weights[l - 1] for l in (1, 2, 3))


# ---- 形、名前、乱数 ----


def test_shapes_and_names():
    network, X, Y = example("cross_entropy", "softmax")
    assert (network.sizes, network.num_layers) == ((3, 4, 2, 3), 3)
    assert repr(network) == "Network(3–4–2–3, sigmoid–tanh–softmax, cross_entropy)"
    record = network.forward(X)
    assert [Z.shape for Z in record.Z] == [(4, 5), (2, 5), (3, 5)]
    assert [A.shape for A in record.A] == [(3, 5), (4, 5), (2, 5), (3, 5)]
    assert record.A[0] is X
    np.testing.assert_array_equal(network.predict(X), record.A[3])


def test_random_weights_have_the_scale_asked_for():
    rng = np.random.default_rng(0)
    network = Network.random([200, 100, 1], ["tanh"] * 2, "mse", rng=rng, weight_scale=0.1, bias_scale=3.0)
    assert network.weights[0].std() == pytest.approx(0.1, rel=0.02)
    assert network.biases[0].std() == pytest.approx(3.0, rel=0.2)
    zero = Network.random([2, 3, 1], ["tanh"] * 2, "mse", rng=rng, weight_scale=0.0)
    assert not any(value.any() for value in zero.parameters().values())


def test_random_defaults():
    network = Network.random([100, 100, 1], ["tanh"] * 2, "mse", rng=np.random.default_rng(0))
    assert network.weights[0].std() == pytest.approx(1.0, rel=0.02)
    assert not network.biases[0].any()


def test_random_depends_only_on_the_generator():
    first, second, other = (example(seed=seed)[0].weights[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 1e-3


# ---- 型と極限 ----


@pytest.mark.parametrize(("loss", "output"), OUTPUTS)
def test_float32_stays_float32(loss, output):
    network, X, Y = example(loss, output)
    narrow = {name: value.astype(np.float32) for name, value in network.parameters().items()}
    single = network.replace(**narrow)
    X, Y = X.astype(np.float32), Y.astype(np.float32)
    record = single.forward(X)
    deltas, gradients = single.backward(record, Y)
    arrays = [*record.Z, *record.A, *deltas, *gradients.values(), single.cost(X, Y)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_complex_parameters_give_a_complex_cost():
    network, X, Y = example()
    moved = network.replace(W1=network.weights[0] + 1e-30j)
    assert moved.cost(X, Y).imag != 0
    assert moved.cost(X, Y).real == pytest.approx(network.cost(X, Y), rel=1e-15)


@pytest.mark.parametrize(
    ("loss", "output", "z", "y", "cost", "delta"),
    [
        ("binary_cross_entropy", "sigmoid", [1e4], [0.0], 1e4, [1.0]),
        ("binary_cross_entropy", "sigmoid", [-1e4], [0.0], 0.0, [0.0]),
        ("cross_entropy", "softmax", [1e4, -1e4], [0.0, 1.0], 2e4, [1.0, -1.0]),
        ("cross_entropy", "softmax", [1e4, -1e4], [1.0, 0.0], 0.0, [0.0, 0.0]),
    ],
)
def test_saturated_outputs(loss, output, z, y, cost, delta):
    """出力が 0 や 1 に飽和しても、損失も誤差項も正しい極限になる。"""
    bias = np.array(z)[:, np.newaxis]
    network = Network([np.zeros((len(z), 1))], [bias], [output], loss)
    X, Y = np.ones((1, 1)), np.array(y)[:, np.newaxis]
    with np.errstate(all="raise", under="ignore"):
        assert network.cost(X, Y) == cost
        np.testing.assert_array_equal(network.gradients(X, Y)["b1"][:, 0], delta)


def test_relu_at_zero_passes_no_gradient():
    network = Network(
        [np.zeros((1, 1)), np.ones((1, 1))],
        [np.zeros((1, 1))] * 2,
        ["relu", "identity"],
        "half_squared_error",
    )
    gradients = network.gradients(np.ones((1, 1)), np.ones((1, 1)))
    assert gradients["W1"] == gradients["b1"] == 0.0
    assert gradients["b2"] == -1.0


@pytest.mark.parametrize("width", [3, 5])
def test_the_record_of_a_narrower_or_wider_network_is_refused(width):
    network, X, Y = example()
    other = Network.random([3, width, 2, 3], ["tanh"] * 3, "mse", rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="record は大きさ"):
        network.backward(other.forward(X), Y)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_a_paired_loss_refuses_every_other_output(name):
    required = LOSSES[name].output_activation
    for other in set(ACTIVATIONS) - {required}:
        with pytest.raises(ValueError, match=f"{required} でなければなりませんが、{other} が"):
            Network([np.ones((2, 2))], [np.zeros((2, 1))], [other], name)


# ---- 記録は、いまの重みと入力のものでなければならない ----


def spoil(name: str, network: Network, X: np.ndarray, record: ForwardPass) -> Network:
    """順伝播のあとで、何かを変える。"""
    if name == "別のネットワーク":
        rng = np.random.default_rng(9)
        return Network.random(network.sizes, ["sigmoid", "tanh", "tanh"], "mse", rng=rng)
    changed = {
        "重み": network.weights[1], "バイアス": network.biases[2], "入力": X,
        "記録した加重和": record.Z[1], "記録した活性": record.A[1], "記録した出力": record.A[3],
    }[name]  # fmt: skip
    changed[0, 0] += 1e-9
    return network


@pytest.mark.parametrize(
    "name",
    ["別のネットワーク", "重み", "バイアス", "入力", "記録した加重和", "記録した活性", "記録した出力"],
)
def test_a_record_that_is_out_of_date_is_refused(name):
    network, X, Y = example()
    record = network.forward(X)
    network.backward(record, Y)
    changed = spoil(name, network, X, record)
    with pytest.raises(
        ValueError, match=r"record の Z\d か A\d が、いまの重みと入力から求めたものと違います"
    ):
        changed.backward(record, Y)
    # わざと使うなら、組みなおす
    changed.backward(ForwardPass(record.Z, record.A), Y)


def test_checking_a_record_costs_no_gradient_of_the_package(monkeypatch):
    """`gradients` は、いま作った記録を確かめなおさない。"""
    network, X, Y = example()
    monkeypatch.setattr(Network, "_check_fresh", lambda *_: pytest.fail("確かめなおした"))
    network.gradients(X, Y)
    with pytest.raises(pytest.fail.Exception):
        network.backward(network.forward(X), Y)


def test_the_record_of_an_equal_network_is_right():
    network, X, Y = example()
    given = network.replace().backward(network.forward(X), Y)[1]
    assert_same_gradients(given, network.gradients(X, Y), 1e-15)


def test_a_record_put_together_by_hand_is_checked_for_its_shapes():
    network, X, Y = example()
    record = network.forward(X)
    assert_same_gradients(
        network.backward(ForwardPass(record.Z, record.A), Y)[1], network.gradients(X, Y), 1e-15
    )
    for Z, A, error, part in (
        (None, None, TypeError, "A は並び"),
        (record.Z, record.A[1:], ValueError, "Z は 3 個、A は 3 個"),
    ):
        with pytest.raises(error, match=part):
            ForwardPass(Z, A)
    for Z, A, part in (
        ([*record.Z[:2], record.Z[2][:, :1]], record.A, r"record の Z3 の形は \(3, 5\)"),
        (record.Z, [*record.A[:2], record.A[2][:, :1], record.A[3]], r"record の Z3 の形は \(3, 1\)"),
        (record.Z, [*record.A[:3], record.A[3][:, :1]], r"record の A3 の形は \(3, 5\)"),
        ([record.Z[0] * np.nan, *record.Z[1:]], record.A, "record の Z1 に NaN"),
    ):
        with pytest.raises(ValueError, match=part):
            network.backward(ForwardPass(Z, A), Y)


# ---- あふれ、書き換えられた重み ----


@pytest.mark.parametrize(
    ("scale", "weight", "named"),
    [
        (1e200, 1e200, r"Z1 が、.*あふれ"),
        (1e200, 1.0, "平均損失が、.*あふれ"),
        (1e160, 1.0, "平均損失が、.*あふれ"),
    ],
)
def test_an_overflow_is_named(scale, weight, named):
    network = Network([np.full((1, 1), weight)], [np.zeros((1, 1))], ["identity"], "mse")
    X, Y = np.full((1, 2), scale), np.zeros((1, 2))
    with pytest.raises(DivergenceError, match=named):
        network.cost(X, Y)
    with pytest.raises(DivergenceError, match="あふれ"):
        network.gradients(X, Y)


def test_a_hand_written_descent_that_overflows_hears_of_its_learning_rate():
    """自分で更新をくり返すと、`train` を通らずに、順伝播か損失があふれる。"""
    X, Y = np.ones((1, 2)), np.zeros((1, 2))
    network = Network([np.ones((1, 1))], [np.zeros((1, 1))], ["identity"], "mse")

    def descend() -> None:
        for _ in range(1000):
            gradients = network.gradients(X, Y)
            for name, value in network.parameters().items():
                value -= 3.0 * gradients[name]
            network.cost(X, Y)

    with pytest.raises(DivergenceError, match="あふれ.*学習率が大きすぎ"):
        descend()
    with pytest.raises(DivergenceError, match="Z1 が.*あふれ.*学習率が大きすぎ"):
        Network([np.full((1, 1), 1e200)], [np.zeros((1, 1))], ["identity"], "mse").cost(1e200 * X, Y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b3"])
@pytest.mark.parametrize("hidden", ["tanh", "relu", "sigmoid"])
def test_a_parameter_that_is_no_number_is_named(name, bad, hidden):
    network, X, Y = example(hidden=(hidden, hidden))
    network.parameters()[name][0, 0] = bad
    for call in (
        lambda: network.predict(X), lambda: network.forward(X),
        lambda: network.cost(X, Y), lambda: network.gradients(X, Y),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"{name} に NaN か無限大"):
            call()


@pytest.mark.parametrize(
    ("spoiled", "error", "named"),
    [
        (lambda net: net.weights.__setitem__(1, np.ones((2, 3))), ValueError, "W2 の形は"),
        (lambda net: net.weights.__setitem__(0, np.ones((4, 2))), ValueError, r"X の形は \(2, m\)"),
        (lambda net: net.weights.__setitem__(0, [[1.0]]), TypeError, "W1 は NumPy の配列"),
        (lambda net: net.biases.__setitem__(1, np.ones(2)), ValueError, r"b2 の形は \(2, 1\)"),
        (lambda net: net.biases.__setitem__(1, np.ones((1, 1))), ValueError, r"b2 の形は \(2, 1\)"),
        (lambda net: net.weights.append(np.ones((1, 3))), ValueError, "4, 3, 3"),
        (
            lambda net: (net.weights.append(np.ones((1, 3))), net.biases.append(np.ones((1, 1)))),
            ValueError,
            "4, 4, 3",
        ),
        (lambda net: (net.weights.pop(), net.biases.pop()), ValueError, "2, 2, 3"),
        (lambda net: net.weights.pop(), ValueError, "2, 3, 3"),
        (lambda net: net.weights.__setitem__(0, net.weights[0].tolist()), TypeError, "W1 は NumPy の配列"),
        (lambda net: net.weights.__setitem__(0, net.weights[0][:, :, np.newaxis]), ValueError, "W1 の形は"),
        (lambda net: net.weights.__setitem__(0, np.ones(4)), ValueError, "W1 の形は"),
    ],
)
def test_parameters_that_no_longer_fit_are_named(spoiled, error, named):
    network, X, _ = example(m=2)
    spoiled(network)
    with pytest.raises(error, match=named):
        network.predict(X)


@pytest.mark.parametrize("bias", [np.ones((1, 1)), np.ones((2, 2))], ids=["引き伸ばせる", "列が多い"])
def test_a_bias_of_the_only_layer_is_not_stretched(bias):
    network = Network([np.ones((2, 1))], [np.ones((2, 1))], ["tanh"], "mse")
    network.biases[0] = bias
    with pytest.raises(ValueError, match=r"b1 の形は \(2, 1\)"):
        network.predict(np.ones((1, 2)))


def test_an_input_of_a_record_that_is_no_batch_is_named():
    network, X, Y = example()
    record = network.forward(X)
    with pytest.raises(ValueError, match="record の A0 の形"):
        network.backward(ForwardPass(record.Z, [X[:, 0], *record.A[1:]]), Y)


@pytest.mark.parametrize(("ulps", "fresh"), [(4, True), (2000, False)])
def test_a_record_may_differ_by_rounding_only(ulps, fresh):
    """計算する機械が違えば、足し算の順も違う。"""
    network, X, Y = example()
    record, expected = network.forward(X), network.gradients(X, Y)
    record.Z[0][...] *= 1 + ulps * np.finfo(float).eps
    if fresh:
        assert_same_gradients(network.backward(record, Y)[1], expected, 1e-13)
    else:
        with pytest.raises(ValueError, match="forward をもう一度"):
            network.backward(record, Y)


@pytest.mark.parametrize(("ulps", "fresh"), [(100, True), (101, False)])
def test_rounding_is_a_hundred_units_in_the_last_place(ulps, fresh):
    network, X = Network([np.ones((1, 1))], [np.zeros((1, 1))], ["identity"], "mse"), np.full((1, 1), 4.0)
    record = network.forward(X)
    for value in (record.Z[0], record.A[1]):
        value[...] *= 1 + ulps * np.finfo(float).eps
    if fresh:
        network.backward(record, X)
    else:
        with pytest.raises(ValueError, match="forward をもう一度"):
            network.backward(record, X)


def test_what_is_refused_draws_nothing():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="無限大"):
        Network.random([2, 3, 1], ["tanh", "tanh"], "mse", rng=rng, weight_scale=1.7e308)
    for activations, loss in (([1], "mse"), (["tanh"], None)):
        with pytest.raises(ValueError, match="ありません"):
            Network.random([2, 1], activations, loss, rng=rng)
    assert rng.random() == np.random.default_rng(0).random()


def test_sizes_may_be_an_array():
    rng = np.random.default_rng
    network = Network.random(np.array([2, 3, 1]), ["tanh"] * 2, "mse", rng=rng(0))
    assert network.sizes == (2, 3, 1)
    for bad in (np.array([2.0, 3.0]), np.array([True, True])):
        with pytest.raises(TypeError, match="sizes"):
            Network.random(bad, ["tanh"], "mse", rng=rng(0))
    for bad in (np.array(3), np.ones((2, 2), int)):
        with pytest.raises(TypeError, match="sizes .*ndarray"):
            Network.random(bad, ["tanh"], "mse", rng=rng(0))


def test_a_record_cannot_be_changed():
    network, X, _ = example()
    record = network.forward(X)
    with pytest.raises(AttributeError):
        record.A = record.Z


def test_a_record_put_together_by_hand_looks_the_same_and_has_one_more_A():
    network, X, _ = example()
    record = network.forward(X)
    assert repr(ForwardPass(record.Z, record.A)) == repr(record)
    assert ForwardPass(record.Z, record.A) == record
    with pytest.raises(TypeError):
        ForwardPass(record.Z, record.A, True)
    for A in (record.A[1:], [X, *record.A]):
        with pytest.raises(ValueError, match="A"):
            ForwardPass(record.Z, A)


def test_every_length_is_named():
    with pytest.raises(ValueError, match="1, 2, 3 が与えられました"):
        Network([np.ones((1, 1))], [np.zeros((1, 1))] * 2, ["tanh"] * 3, "mse")

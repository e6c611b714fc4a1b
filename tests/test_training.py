"""学習の検査: 速いくり返しが定義と同じ数を出すこと、断られた学習と発散が何も変えないこと。"""

from __future__ import annotations

import copy
import pickle
import threading
import warnings
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from backprop.activations import ACTIVATIONS
from backprop.checks import DivergenceError
from backprop.datasets import spirals, xor
from backprop.losses import LOSSES
from backprop.network import Network
from backprop.optimizers import OPTIMIZERS, Adam, GradientDescent, Momentum, cosine
from backprop.training import EnsembleHistory, History, ensemble, passes, train, train_ensemble

pytestmark = pytest.mark.filterwarnings("error")


def flat(network: Network) -> np.ndarray:
    return np.concatenate([value.ravel() for value in network.parameters().values()])


def assert_close(given: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    assert np.linalg.norm(given - expected) <= tolerance * np.linalg.norm(expected)


def bits(network: Network) -> list[bytes]:
    return [value.tobytes() for value in network.parameters().values()]


def definition(network, X, Y, *, optimizer, epochs, batch_size=None, rng=None):
    """`Network.gradients` と `Optimizer.step` だけで書いた学習。損失の列を返す。"""
    m = X.shape[1]
    cost = [network.cost(X, Y)]
    for _ in range(epochs):
        order = np.arange(m) if batch_size is None else rng.permutation(m)
        size = batch_size or m
        for start in range(0, m, size):
            batch = order[start : start + size]
            gradients = network.gradients(X[:, batch], Y[:, batch])
            optimizer.step(list(network.parameters().values()), list(gradients.values()))
        cost.append(network.cost(X, Y))
    return np.array(cost)


def xor_network(seed=0, hidden="tanh"):
    rng = np.random.default_rng(seed)
    return Network.random([2, 3, 1], [hidden, "sigmoid"], "binary_cross_entropy", rng=rng, bias_scale=0.5)


def case(loss, output, hidden, depth, seed=0):
    rng = np.random.default_rng([list(LOSSES).index(loss), list(ACTIVATIONS).index(hidden), depth, seed])
    sizes = rng.integers(2, 6, depth + 1).tolist()
    network = Network.random(
        sizes, [hidden] * (depth - 1) + [output], loss, rng=rng, weight_scale=0.5, bias_scale=0.5
    )
    X, Y = rng.normal(size=(sizes[0], 7)), rng.random((sizes[-1], 7))
    return network, X, Y / Y.sum(axis=0) if loss == "cross_entropy" else Y


OUTPUTS = [
    (loss.name, output)
    for loss in LOSSES.values()
    for output in ([loss.output_activation] if loss.output_activation else ACTIVATIONS)
]


# ---- 定義と同じ数 ----


@pytest.mark.parametrize("batch_size", [None, 1, 3, 7])
@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize(("loss", "output"), OUTPUTS)
def test_one_epoch_is_the_definition(loss, output, hidden, batch_size):
    for depth in (1, 2, 4):
        network, X, Y = case(loss, output, hidden, depth)
        expected = network.replace()
        settings = {"epochs": 1, "batch_size": batch_size}
        cost = definition(
            expected,
            X,
            Y,
            optimizer=GradientDescent(learning_rate=0.1),
            rng=np.random.default_rng(1),
            **settings,
        )
        history = train(
            network,
            X,
            Y,
            optimizer=GradientDescent(learning_rate=0.1),
            rng=np.random.default_rng(1),
            **settings,
        )
        assert_close(flat(network), flat(expected), 1e-14)
        assert_close(history.cost, cost, 1e-14)


@pytest.mark.parametrize("depth", [6, 7, 9])
def test_every_layer_of_a_deep_network_is_trained(depth):
    network, X, Y = case("mse", "identity", "tanh", depth)
    starts, expected = [network.replace(), network.replace()], network.replace()
    before = {name: value.copy() for name, value in network.parameters().items()}
    definition(expected, X, Y, optimizer=GradientDescent(learning_rate=0.1), epochs=2)
    train(network, X, Y, optimizer=GradientDescent(learning_rate=0.1), epochs=2)
    together = train_ensemble(starts, X, Y, learning_rate=0.1, epochs=2).networks[1]
    for name, value in expected.parameters().items():
        assert (value != before[name]).all(), name
        for trained in (network, together):
            moved, right = trained.parameters()[name] - before[name], value - before[name]
            assert_close(moved, right, 1e-9)


@pytest.mark.parametrize("scale", [1 - 9e-7, 1 + 9e-7])
@pytest.mark.parametrize("batch_size", [None, 3])
def test_targets_that_do_not_sum_to_one_are_followed_by_training(scale, batch_size):
    """勾配は ŷΣy − y。ŷ − y との違いは目標の和のずれほどなので、大きな学習率で1歩だけ動かして見る。"""
    network, X, Y = case("cross_entropy", "softmax", "tanh", 2)
    Y, start = Y * scale, network.replace()
    expected = start.replace()
    rate = 1e-3
    definition(
        expected, X, Y, optimizer=GradientDescent(learning_rate=rate), epochs=1, batch_size=batch_size,
        rng=np.random.default_rng(2),
    )  # fmt: skip
    train(
        network, X, Y, optimizer=GradientDescent(learning_rate=rate), epochs=1, batch_size=batch_size,
        rng=np.random.default_rng(2),
    )  # fmt: skip
    assert_close(flat(network) - flat(start), flat(expected) - flat(start), 1e-10)
    if batch_size is None:
        together = train_ensemble([start, start], X, Y, learning_rate=rate, epochs=1).networks[1]
        assert_close(flat(together) - flat(start), flat(expected) - flat(start), 1e-10)


@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_follows_the_definition(name, batch_size):
    X, Y = spirals(5, 2, rng=np.random.default_rng(0))
    start = Network.random(
        [2, 4, 3, 2], ["tanh", "sigmoid", "softmax"], "cross_entropy", rng=np.random.default_rng(1)
    )
    trained, expected = start.replace(), start.replace()
    settings = {"epochs": 20, "batch_size": batch_size}
    cost = definition(
        expected,
        X,
        Y,
        optimizer=OPTIMIZERS[name](learning_rate=0.02),
        rng=np.random.default_rng(2),
        **settings,
    )
    history = train(
        trained,
        X,
        Y,
        optimizer=OPTIMIZERS[name](learning_rate=0.02),
        rng=np.random.default_rng(2),
        **settings,
    )
    assert_close(flat(trained), flat(expected), 1e-12)
    assert_close(history.cost, cost, 1e-13)


def test_a_schedule_is_followed():
    X, Y = xor()
    network = xor_network()
    expected = network.replace()
    optimizers = [GradientDescent(learning_rate=lambda t: 0.5 / (1 + t)) for _ in range(2)]
    cost = definition(expected, X, Y, optimizer=optimizers[0], epochs=10)
    assert_close(train(network, X, Y, optimizer=optimizers[1], epochs=10).cost, cost, 1e-14)
    assert optimizers[1].t == 10


def test_saturated_neurons_follow_the_definition():
    # σ′ の桁落ち（1 − σ(40) は 0 になる）も、e^{−z} のあふれ（z = −800）もある
    network = Network(
        [np.array([[40.0], [-800.0], [800.0], [-40.0]]), np.full((1, 4), 1e3)],
        [np.zeros((4, 1)), np.zeros((1, 1))],
        ["sigmoid", "identity"],
        "half_squared_error",
    )
    X, Y = np.array([[1.0]]), np.array([[1e3]])
    expected = network.gradients(X, Y)["W1"]
    before = network.weights[0].copy()
    # σ′(40) = 4e-18 の変化が、40 に足しても消えないように、大きな学習率で1歩だけ
    train(network, X, Y, optimizer=GradientDescent(learning_rate=1e12), epochs=1)
    moved = (before - network.weights[0]) / 1e12
    np.testing.assert_allclose(moved, expected, rtol=1e-13, atol=0)
    assert np.abs(expected[[0, 3]]).min() > 1e-12  # δ = 1000、重み 1000、σ′(40) = 4e-18


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu"])
def test_the_convention_at_zero_is_the_same(hidden):
    network = Network(
        [np.zeros((2, 1)), np.ones((1, 2))], [np.zeros((2, 1)), np.zeros((1, 1))], [hidden, "identity"], "mse"
    )
    X, Y = np.array([[1.0, 2.0]]), np.array([[1.0, -3.0]])
    together = train_ensemble([network], X, Y, learning_rate=0.5, epochs=1).networks[0]
    expected = network.replace()
    definition(expected, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=1)
    train(network, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=1)
    np.testing.assert_array_equal(flat(network), flat(expected))
    np.testing.assert_array_equal(flat(together), flat(expected))


def test_one_step_by_hand():
    # J = (1/2)Σ½(wx + b − y)²、w = b = 0、x = (1, 2)、y = (2, 6)。δ = (−2, −6)
    # dw = (−2×1 − 6×2)/2 = −7,  db = (−2 − 6)/2 = −4;  η = 0.1 で w = 0.7, b = 0.4
    # 損失: 前 (2 + 18)/2 = 10。後 ŷ = (1.1, 1.8)、差 (−0.9, −4.2)、(0.405 + 8.82)/2 = 4.6125
    network = Network([np.zeros((1, 1))], [np.zeros((1, 1))], ["identity"], "half_squared_error")
    history = train(
        network,
        np.array([[1.0, 2.0]]),
        np.array([[2.0, 6.0]]),
        optimizer=GradientDescent(learning_rate=0.1),
        epochs=1,
    )
    assert network.weights[0].item() == pytest.approx(0.7, rel=1e-15)
    assert network.biases[0].item() == pytest.approx(0.4, rel=1e-15)
    assert history.cost == pytest.approx([10.0, 4.6125], rel=1e-14)


def test_a_smaller_last_batch_is_averaged_over_its_own_size():
    # 恒等関数、w だけが動く: 例はどれも x = 1, y = 1。どのバッチの勾配も w − 1（平均だから大きさによらない）
    # 3例をバッチ 2 で: 1 − w は2回、(1 − 0.5)² = 1/4 倍になる
    network = Network([np.zeros((1, 1))], [np.zeros((1, 1))], ["identity"], "half_squared_error")
    X, Y = np.array([[1.0, 1.0, 1.0]]), np.array([[1.0, 1.0, 1.0]])
    train(
        network, X, Y, optimizer=GradientDescent(learning_rate=0.25), epochs=1, batch_size=2,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    # w と b が同じだけ動くので、残差は1回ごとに 1 − 2×0.25 = 1/2 倍
    assert 1 - (network.weights[0] + network.biases[0]).item() == pytest.approx(0.25, rel=1e-14)


@pytest.mark.parametrize("batch_size", [1, 3, 10])
def test_every_example_is_used_once_an_epoch(batch_size):
    # 目標は 8 のべき。学習率がごく小さいとき、変化は、バッチごとの平均 (Σ y) / 大きさ の和になる。
    # これに大きさの最小公倍数を掛けて8進法で書けば、n 桁めは、例 n の使われた回数 × (公倍数 ÷ バッチの大きさ)
    m, rate = 10, 1e-40
    Y = 8.0 ** np.arange(m)[np.newaxis]
    network = Network([np.zeros((1, 1))], [np.zeros((1, 1))], ["identity"], "half_squared_error")
    gd = GradientDescent(learning_rate=rate)
    train(
        network, np.zeros((1, m)), Y, optimizer=gd, epochs=1, batch_size=batch_size,
        rng=np.random.default_rng(3),
    )  # fmt: skip
    multiple = {1: 1, 3: 3, 10: 10}[batch_size]
    total = round(network.biases[0].item() / rate * multiple)
    digits = [total // 8**n % 8 for n in range(m)]
    # 大きさ 3 では 3+3+3+1。最後の一つの例だけが、3 倍の重みで数えられる
    assert sorted(digits) == {1: [1] * 10, 3: [1] * 9 + [3], 10: [1] * 10}[batch_size]
    assert gd.t == -(-m // batch_size)


def test_examples_are_shuffled_anew_every_epoch(monkeypatch):
    seen = []
    original = passes.Pass.gradient

    def spy(self, X1, Y):
        seen.append(tuple(Y[0]))
        original(self, X1, Y)

    monkeypatch.setattr(passes.Pass, "gradient", spy)
    network = Network([np.zeros((1, 1))], [np.zeros((1, 1))], ["identity"], "mse")
    data = np.arange(6.0)[np.newaxis]
    train(
        network, data, data, optimizer=GradientDescent(learning_rate=0.01), epochs=3, batch_size=4,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    epochs = [seen[i] + seen[i + 1] for i in (0, 2, 4)]
    assert all(sorted(epoch) == list(range(6)) for epoch in epochs)
    assert len(set(epochs)) == 3
    assert [len(batch) for batch in seen] == [4, 2] * 3


def test_the_result_depends_only_on_the_generator():
    X, Y = spirals(5, 2, rng=np.random.default_rng(0))
    results = []
    for seed in (1, 1, 2):
        network = Network.random(
            [2, 3, 2], ["tanh", "softmax"], "cross_entropy", rng=np.random.default_rng(0)
        )
        train(
            network, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=5, batch_size=3,
            rng=np.random.default_rng(seed),
        )  # fmt: skip
        results.append(flat(network))
    np.testing.assert_array_equal(results[0], results[1])
    assert np.abs(results[0] - results[2]).max() > 1e-6


def test_float32_networks_train_in_float32():
    X, Y = xor()
    network = xor_network()
    single = network.replace(
        **{name: value.astype(np.float32) for name, value in network.parameters().items()}
    )
    for optimizer in (GradientDescent(learning_rate=0.5), Momentum(learning_rate=0.05)):
        history = train(single, X, Y, optimizer=optimizer, epochs=20)
        assert {value.dtype for value in single.parameters().values()} == {np.dtype(np.float32)}
        assert history.cost.dtype == np.float32
    definition(network, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=20)
    definition(network, X, Y, optimizer=Momentum(learning_rate=0.05), epochs=20)
    assert_close(flat(single), flat(network), 1e-5)


def test_data_is_not_modified():
    X, Y = xor()
    X.flags.writeable = Y.flags.writeable = False
    train(
        xor_network(), X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=3, batch_size=3,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    train_ensemble([xor_network()], X, Y, learning_rate=0.5, epochs=3)


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda A: np.repeat(A, 2, axis=1)[:, ::2]])
def test_the_memory_layout_of_the_data_does_not_matter(layout):
    X, Y = xor()
    first, second = xor_network(), xor_network()
    train(first, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=5)
    train(second, layout(X), layout(Y), optimizer=GradientDescent(learning_rate=0.5), epochs=5)
    assert bits(first) == bits(second)


def test_xor_is_learned():
    X, Y = xor()
    network = xor_network()
    history = train(
        network, X, Y, optimizer=GradientDescent(learning_rate=1.0), epochs=2000, record_every=2000
    )
    assert history.cost[-1] < 0.02
    np.testing.assert_array_equal(network.predict(X) > 0.5, Y == 1)


# ---- その場で、続きから ----


def test_the_live_arrays_are_trained_in_place():
    X, Y = xor()
    network = xor_network()
    arrays = list(network.parameters().values())
    before = bits(network)
    train(network, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=2)
    assert all(p is q for p, q in zip(arrays, network.parameters().values()))
    assert not any(p == q for p, q in zip(before, bits(network)))
    assert all(array.flags.c_contiguous for array in arrays)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_continues_where_it_stopped(name):
    X, Y = xor()
    once, twice = xor_network(), xor_network()
    first, second = OPTIMIZERS[name](learning_rate=0.05), OPTIMIZERS[name](learning_rate=0.05)
    whole = train(once, X, Y, optimizer=first, epochs=12)
    parts = [train(twice, X, Y, optimizer=second, epochs=epochs) for epochs in (7, 5)]
    assert bits(once) == bits(twice)
    assert first.t == second.t == 12
    np.testing.assert_array_equal(whole.cost, [*parts[0].cost, *parts[1].cost[1:]])


def test_training_and_single_steps_can_be_mixed():
    X, Y = xor()
    network, expected = xor_network(), xor_network()
    optimizer, whole = Momentum(learning_rate=0.1), Momentum(learning_rate=0.1)
    definition(network, X, Y, optimizer=optimizer, epochs=3)
    train(network, X, Y, optimizer=optimizer, epochs=3)
    definition(network, X, Y, optimizer=optimizer, epochs=3)
    definition(expected, X, Y, optimizer=whole, epochs=9)
    assert_close(flat(network), flat(expected), 1e-14)
    assert optimizer.t == 9


def test_the_generator_advances_like_in_the_definition():
    X, Y = xor()
    used, expected = np.random.default_rng(5), np.random.default_rng(5)
    for _ in range(3):
        expected.permutation(4)
    train(xor_network(), X, Y, optimizer=GradientDescent(learning_rate=0.1), epochs=3, batch_size=2, rng=used)
    assert used.random() == expected.random()


# ---- 渡された最適化器 ----


class Locked:
    """写せないもの（鍵）を持つ予定。"""

    def __init__(self, rate):
        self.rate, self.lock, self.asked = rate, threading.Lock(), []

    def __call__(self, t):
        with self.lock:
            self.asked.append(t)
            return self.rate


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_schedule_stays_the_one_that_was_given(name):
    X, Y = xor()
    network, expected = xor_network(), xor_network()
    schedule = Locked(0.01)
    optimizer, other = OPTIMIZERS[name](learning_rate=schedule), OPTIMIZERS[name](learning_rate=0.01)
    train(network, X, Y, optimizer=optimizer, epochs=3)
    assert optimizer.learning_rate is schedule
    assert schedule.asked == [0, 1, 2]
    schedule.rate = other.learning_rate = 0.02  # 変えれば、次の学習に効く
    train(expected, X, Y, optimizer=(again := OPTIMIZERS[name](learning_rate=0.01)), epochs=3)
    again.learning_rate = 0.02
    for net, chosen in ((network, optimizer), (expected, again)):
        train(net, X, Y, optimizer=chosen, epochs=2)
    assert schedule.asked == [0, 1, 2, 3, 4]
    assert bits(network) == bits(expected)


class Logging(Momentum):
    """読者が書いた最適化器。覚えるものが増えている。"""

    def __post_init__(self):
        super().__post_init__()
        self.log, self.calls = [], 0

    def _rule(self, theta, g, state, rate):
        self.log.append(rate)
        self.calls += 1
        return super()._rule(theta, g, state, rate)


def test_what_a_readers_optimizer_holds_is_shared_not_copied():
    X, Y = xor()
    network, optimizer = xor_network(), Logging(learning_rate=0.1)
    log = optimizer.log
    train(network, X, Y, optimizer=optimizer, epochs=2)
    assert optimizer.log is log
    assert (len(log), optimizer.calls, optimizer.t) == (8, 8, 2)
    assert all(p is q for p, q in zip(optimizer._parameters, network.parameters().values()))


def test_what_a_schedule_writes_into_the_optimizer_stays():
    """学習のあいだに読者の書き換えた属性は、学習が変えたものでなければ、終わってもそのまま残る。"""

    def schedule(t):
        optimizer.momentum = 0.5
        return 0.1

    optimizer = Momentum(learning_rate=schedule)
    train(xor_network(), *xor(), optimizer=optimizer, epochs=2)
    assert (optimizer.momentum, optimizer.t) == (0.5, 2)


class InPlace(Momentum):
    """状態を、その場で書き換える更新。"""

    def _rule(self, theta, g, state, rate):
        (v,) = state
        v *= self.momentum
        v -= rate * g
        return theta + v, (v,)


def test_a_refused_training_does_not_touch_states_written_in_place():
    network, X, Y, rate = diverging("ゆっくり")
    optimizer = InPlace(learning_rate=1e-3)
    train(network, X, Y, optimizer=optimizer, epochs=2)
    before = copy.deepcopy(optimizer._states)
    optimizer.learning_rate = rate
    with pytest.raises(DivergenceError):
        train(network, X, Y, optimizer=optimizer, epochs=2000)
    assert all(np.array_equal(*pair) for s, t in zip(optimizer._states, before) for pair in zip(s, t))


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_continues_after_it_was_stored(name, together):
    X, Y = xor()
    network, expected = xor_network(), xor_network()
    schedule = cosine(0.1, final=0.01, steps=9)
    optimizer, other = OPTIMIZERS[name](learning_rate=schedule), OPTIMIZERS[name](learning_rate=schedule)
    train(network, X, Y, optimizer=optimizer, epochs=4)
    train(expected, X, Y, optimizer=other, epochs=4)
    if together:
        network, optimizer = pickle.loads(pickle.dumps((network, optimizer)))
    else:
        network, optimizer = pickle.loads(pickle.dumps(network)), pickle.loads(pickle.dumps(optimizer))
    assert optimizer.learning_rate == schedule
    for net, chosen in ((network, optimizer), (expected, other)):
        train(net, X, Y, optimizer=chosen, epochs=5)
    assert bits(network) == bits(expected)
    assert optimizer.t == 9


def test_an_optimizer_that_was_stored_belongs_to_what_it_had():
    X, Y = xor()
    network = xor_network()
    optimizer = Adam(learning_rate=0.1)
    train(network, X, Y, optimizer=optimizer, epochs=3)
    stored = pickle.dumps(optimizer)
    strangers = [xor_network(1), network.replace(b1=network.biases[0] + 1e-12)]
    strangers.append(Network.random([2, 4, 1], ["tanh", "sigmoid"], "mse", rng=np.random.default_rng(0)))
    strangers.append(network.replace(**{k: v.astype(np.float32) for k, v in network.parameters().items()}))
    for stranger in strangers:
        restored, before = pickle.loads(stored), bits(stranger)
        with pytest.raises(ValueError, match="しまったときの組と違います.*専用"):
            train(stranger, X, Y, optimizer=restored, epochs=1)
        assert bits(stranger) == before
    restored = pickle.loads(stored)
    train(network.replace(), X, Y, optimizer=restored, epochs=1)
    used = network.replace()
    restored = pickle.loads(stored)
    train(used, X, Y, optimizer=restored, epochs=1)
    for other in (network, used.replace()):
        with pytest.raises(ValueError, match="前の呼び出しと違う"):  # 一度使えば、その組に専用
            train(other, X, Y, optimizer=restored, epochs=1)
    copied = copy.deepcopy(optimizer)
    train(network.replace(), X, Y, optimizer=copied, epochs=1)
    assert optimizer.t == 3


# ---- 記録 ----


@pytest.mark.parametrize(
    ("epochs", "every", "expected"),
    [(3, 1, [0, 1, 2, 3]), (10, 4, [0, 4, 8, 10]), (10, 5, [0, 5, 10]), (3, 100, [0, 3]), (1, 1, [0, 1])],
)
def test_recorded_epochs(epochs, every, expected):
    X, Y = xor()
    full = train(xor_network(), X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=epochs)
    history = train(
        xor_network(), X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=epochs, record_every=every
    )
    assert history.epochs.tolist() == expected
    assert history.epochs.dtype.kind == "i"
    np.testing.assert_array_equal(history.cost, full.cost[expected])
    assert history.snapshots == {}


def test_cost_is_that_of_the_whole_training_set():
    X, Y = xor()
    network = xor_network()
    history = train(
        network, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=4, batch_size=3,
        rng=np.random.default_rng(0), snapshots=range(5),
    )  # fmt: skip
    assert_close(history.cost, np.array([history.snapshots[epoch].cost(X, Y) for epoch in range(5)]), 1e-15)


def test_snapshots_are_independent_copies():
    X, Y = xor()
    network = xor_network()
    before = bits(network)
    history = train(
        network, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=6, record_every=6,
        snapshots=np.array([6, 0, 3]),
    )  # fmt: skip
    assert list(history.snapshots) == [0, 3, 6]
    assert bits(history.snapshots[0]) == before
    assert bits(history.snapshots[6]) == bits(network)
    shorter = xor_network()
    train(shorter, X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=3)
    assert bits(history.snapshots[3]) == bits(shorter)
    network.weights[0][:] = 0.0
    assert history.snapshots[6].weights[0].all()


def test_history_shows_itself_and_cannot_be_changed():
    X, Y = xor()
    gd = GradientDescent(learning_rate=0.5)
    history = train(xor_network(), X, Y, optimizer=gd, epochs=4, record_every=2, snapshots=[4])
    first, last = history.cost[[0, -1]]
    assert repr(history) == f"History(エポック 0–4, 記録 3, 損失 {first:.6g} → {last:.6g}, 写し 4)"
    with pytest.raises(FrozenInstanceError):
        history.cost = None
    with pytest.raises(ValueError, match="read-only"):
        history.cost[0] = 0.0
    assert History(np.array([0]), np.array([1.0])).snapshots == {}


def test_records_are_equal_only_to_themselves():
    given = {History: (np.ones(2), {}), EnsembleHistory: (np.ones((2, 1)), [xor_network()])}
    for kind, values in given.items():
        one, other = (kind(np.array([0, 1]), *values) for _ in range(2))
        assert one == one
        assert one != other
        assert len({one, other, one}) == 2


# ---- 発散 ----


def diverging(kind):
    """発散するはずの学習の引数。"""
    network = Network.random(
        [2, 3, 1], ["relu", "identity"], "mse", rng=np.random.default_rng(1), bias_scale=1.0
    )
    X, Y = np.array([[1.0, -2.0, 3.0], [0.5, 1.0, -1.0]]), np.array([[1.0, 2.0, 3.0]])
    rate = {"ゆっくり": 2.0, "最初の1歩": 1e308, "二乗があふれる": 1e160}[kind]
    return network, X, Y, rate


@pytest.mark.parametrize("batch_size", [None, 2])
@pytest.mark.parametrize("kind", ["ゆっくり", "最初の1歩", "二乗があふれる"])
@pytest.mark.parametrize("name", ["gradient_descent", "momentum", "nesterov"])
def test_divergence_is_reported_and_changes_nothing(name, kind, batch_size):
    network, X, Y, rate = diverging(kind)
    optimizer, rng = OPTIMIZERS[name](learning_rate=1e-3), np.random.default_rng(0)
    train(network, X, Y, optimizer=optimizer, epochs=2)  # 途中の状態から
    optimizer.learning_rate = rate
    before, state, position = (
        bits(network),
        copy.deepcopy(vars(optimizer)),
        copy.deepcopy(rng.bit_generator.state),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(DivergenceError, match=r"エポック \d+ で学習が発散しました.*学習率を小さく"):
            train(network, X, Y, optimizer=optimizer, epochs=2000, batch_size=batch_size, rng=rng)
    assert caught == []
    assert bits(network) == before
    assert rng.bit_generator.state == position
    assert optimizer.t == state["t"]
    assert all(
        np.array_equal(p, q)
        for mine, theirs in zip(optimizer._states, state["_states"])
        for p, q in zip(mine, theirs)
    )
    # 直せば、同じ最適化器で続けられる
    optimizer.learning_rate = 1e-3
    train(network, X, Y, optimizer=optimizer, epochs=1)


@pytest.mark.parametrize("rate", [1e-3, 1e-300])
@pytest.mark.parametrize("scale", [1e100, 1.3e154, 1e160, 1e200, 1e307])
@pytest.mark.parametrize("optimizer", [GradientDescent, Momentum, Adam])
def test_data_that_is_too_large_is_not_blamed_on_the_learning_rate(optimizer, scale, rate):
    network = Network([np.ones((1, 1))], [np.zeros((1, 1))], ["identity"], "mse")
    X, Y = np.full((1, 1), scale), np.zeros((1, 1))
    with pytest.raises(DivergenceError, match="エポック [01] で.*X か Y、または始めの重み"):
        train(network, X, Y, optimizer=optimizer(learning_rate=rate), epochs=3)
    if scale > 1e150:  # 一度に学習させるときは、勾配の二乗があふれるだけなら進む
        with pytest.raises(DivergenceError, match=r"networks\[0\] の学習が発散.*X か Y、または始めの重み"):
            train_ensemble([network], X, Y, learning_rate=rate, epochs=3)


def test_data_that_does_not_fit_the_type_of_the_parameters_is_refused():
    network = xor_network()
    single = network.replace(**{k: v.astype(np.float32) for k, v in network.parameters().items()})
    X, Y = xor()
    for call in (
        lambda: train(single, X * 1e100, Y, optimizer=GradientDescent(learning_rate=0.1), epochs=1),
        lambda: train_ensemble([single], X * 1e100, Y, learning_rate=0.1, epochs=1),
    ):
        with pytest.raises(ValueError, match="X に、パラメータの型 float32 に収まらない"):
            call()


@pytest.mark.parametrize(
    ("epochs", "cost", "error"),
    [
        (None, np.ones(1), TypeError),
        ([0], np.ones(1), TypeError),
        (np.array([0.0]), np.ones(1), ValueError),
        (np.array([0]), np.ones(2), ValueError),
        (np.array([0, 1]), np.ones(1), ValueError),
        (np.array(0), np.ones(1), ValueError),
        (np.array([], int), np.ones(0), ValueError),
        (np.array([0]), np.array([1]), TypeError),
        (np.array([[0]]), np.ones(1), ValueError),
        (np.array([0]), np.array(1.0), ValueError),
    ],
)
def test_a_history_holds_a_record(epochs, cost, error):
    for make in (lambda: History(epochs, cost), lambda: EnsembleHistory(epochs, cost, [xor_network()])):
        with pytest.raises(error, match="epochs|cost"):
            make()
    with pytest.raises(ValueError, match=r"cost の形は \(1,\) .*\(1, 1\)"):
        History(np.array([0]), np.ones((1, 1)))
    with pytest.raises(ValueError, match=r"cost の形は \(1, 1\) .*\(1,\)"):
        EnsembleHistory(np.array([0]), np.ones(1), [xor_network()])
    with pytest.raises(ValueError, match="networks が空です"):
        EnsembleHistory(np.array([0]), np.ones((1, 0)), [])
    with pytest.raises(TypeError, match=r"networks\[0\]"):
        EnsembleHistory(np.array([0]), np.ones((1, 1)), [3])
    with pytest.raises(TypeError, match="snapshots は辞書"):
        History(np.array([0]), np.ones(1), [3])


REFUSED = {
    "複素数の重み": (TypeError, "W1 は実数の配列でなければなりませんが、dtype=complex128"),
    "複素数の入力": (TypeError, "X は実数の配列でなければなりませんが、dtype=complex128"),
    "複素数の目標": (TypeError, "Y は実数の配列でなければなりませんが、dtype=complex128"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_only_real_numbers_are_trained(what):
    """複素数は、複素ステップ法のためにだけある。学習すれば、損失に大小がない。"""
    network, (X, Y) = xor_network(), xor()
    if what == "複素数の重み":
        network = network.replace(W1=network.weights[0] + 0j)
    X, Y = X + 0j if what == "複素数の入力" else X, Y + 0j if what == "複素数の目標" else Y
    before = bits(network)
    error, message = REFUSED[what]
    for call in (
        lambda: train(network, X, Y, optimizer=GradientDescent(learning_rate=0.1), epochs=1),
        lambda: train_ensemble([network], X, Y, learning_rate=0.1, epochs=1),
    ):
        with pytest.raises(error, match=message):
            call()
    assert bits(network) == before


def test_a_network_that_cannot_be_written_is_not_trained_in_place():
    network, (X, Y) = xor_network(), xor()
    network.biases[1].flags.writeable = False
    before = bits(network)
    with pytest.raises(ValueError, match="network の b2 は書き込めない配列なので、その場で学習できません"):
        train(network, X, Y, optimizer=GradientDescent(learning_rate=0.1), epochs=1)
    assert bits(network) == before
    train_ensemble([network], X, Y, learning_rate=0.1, epochs=1)  # 渡したものに書かないので、かまわない


@pytest.mark.parametrize(
    ("snapshots", "error", "message"),
    [
        (
            np.array([[0, 1]]),
            TypeError,
            r"snapshots はエポックの並びでなければなりませんが、array\(\[\[0, 1\]\]\)",
        ),
        (np.array(1), TypeError, r"snapshots はエポックの並びでなければなりませんが、array\(1\)"),
        ([-1], ValueError, "snapshots の要素は 0 以上 3 以下でなければなりませんが、-1"),
        ([4], ValueError, "snapshots の要素は 0 以上 3 以下でなければなりませんが、4"),
    ],
)
def test_snapshots_are_epochs_of_this_training(snapshots, error, message):
    with pytest.raises(error, match=message):
        train(
            xor_network(), *xor(), optimizer=GradientDescent(learning_rate=0.1), epochs=3, snapshots=snapshots
        )


def test_the_first_member_of_another_shape_is_named():
    """形がどちらへ違っても断り、はじめのものと、違うものの両方を言う。"""
    X, Y = xor()
    one = xor_network()
    other = Network.random(
        [2, 4, 1], ["tanh", "sigmoid"], "binary_cross_entropy", rng=np.random.default_rng(0)
    )
    for first, second in ((one, other), (other, one)):
        with pytest.raises(ValueError, match="networks の形") as caught:
            train_ensemble([first, second], X, Y, learning_rate=0.1, epochs=1)
        assert f"networks[0] は {first!r}、networks[1] は {second!r} です。" in str(caught.value)


def test_a_fresh_optimizer_is_still_fresh_after_divergence():
    network, X, Y, rate = diverging("ゆっくり")
    optimizer = Momentum(learning_rate=rate)
    with pytest.raises(DivergenceError):
        train(network, X, Y, optimizer=optimizer, epochs=2000)
    optimizer.step([np.ones(1)], [np.ones(1)])  # まだ、どのパラメータの組にも結びついていない


def test_the_epoch_of_divergence_is_named():
    # J = ½(w − 0)²、η = 3: 残差は1歩ごとに −2 倍。w は 2^k で、1024 歩めに float64 の最大を超える
    network = Network([np.array([[1.0]])], [np.zeros((1, 1))], ["identity"], "half_squared_error")
    X, Y = np.array([[1.0, -1.0]]), np.zeros((1, 2))  # バイアスの勾配は打ち消し合って 0
    with pytest.raises(DivergenceError, match="エポック 1024 で.*勾配かパラメータが.*学習率を小さく"):
        train(network, X, Y, optimizer=GradientDescent(learning_rate=3.0), epochs=5000, record_every=5000)
    # 損失は w² なので、毎回記録すれば、その半分の歩数であふれに気づく
    with pytest.raises(DivergenceError, match="エポック 512 で.*損失が.*学習率を小さく"):
        train(network, X, Y, optimizer=GradientDescent(learning_rate=3.0), epochs=5000)


def test_the_epoch_of_divergence_of_an_ensemble_is_named():
    """上と同じ計算を、動かないものと並べて。記録するエポックを待たずに気づき、学習率のせいだと言う。"""
    moving, still = (
        Network([np.array([[w]])], [np.zeros((1, 1))], ["identity"], "half_squared_error") for w in (1.0, 0.0)
    )
    X, Y = np.array([[1.0, -1.0]]), np.zeros((1, 2))
    for record_every, message in (
        (None, r"エポック 1024 で、networks\[1\] の学習が発散.*勾配かパラメータが.*学習率を小さく"),
        (1, r"エポック 512 で、networks\[1\] の学習が発散.*損失が.*学習率を小さく"),
    ):
        with pytest.raises(DivergenceError, match=message):
            train_ensemble([still, moving], X, Y, learning_rate=3.0, epochs=5000, record_every=record_every)
    # 入力が大きければ、パラメータより先に勾配があふれる。それでも、進んだあとなら学習率のせいである
    with pytest.raises(
        DivergenceError, match=r"networks\[1\] の学習が発散.*勾配かパラメータが.*学習率を小さく"
    ):
        train_ensemble([still, moving], 1e10 * X, Y, learning_rate=3e-20, epochs=5000)


def test_a_loss_that_overflows_after_the_first_step_is_blamed_on_the_learning_rate():
    # 勾配は 1e20、η = 1e130。1歩で w = 1 − 1e150。勾配もパラメータも、その二乗も有限だが、損失は (1e10 w)² であふれる
    network = Network([np.array([[1.0]])], [np.zeros((1, 1))], ["identity"], "half_squared_error")
    X, Y = np.array([[1e10, -1e10]]), np.zeros((1, 2))
    message = "エポック 1 で.*損失が.*学習率を小さく"
    with pytest.raises(DivergenceError, match=message):
        train(network, X, Y, optimizer=GradientDescent(learning_rate=1e130), epochs=3)
    with pytest.raises(DivergenceError, match=message):
        train_ensemble([network], X, Y, learning_rate=1e130, epochs=3, record_every=1)


def test_an_interrupted_training_changes_nothing(monkeypatch):
    X, Y = xor()
    network, optimizer, rng = xor_network(), Momentum(learning_rate=0.1), np.random.default_rng(0)
    before, calls = bits(network), []
    original = passes.Pass.gradient

    def interrupted(self, X1, Y):
        calls.append(1)
        if len(calls) > 5:
            raise KeyboardInterrupt
        original(self, X1, Y)

    monkeypatch.setattr(passes.Pass, "gradient", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(network, X, Y, optimizer=optimizer, epochs=9, batch_size=2, rng=rng)
    assert bits(network) == before
    assert optimizer.t == 0
    assert rng.random() == np.random.default_rng(0).random()


def test_an_optimizer_of_another_network_is_refused():
    X, Y = xor()
    mine, yours = xor_network(0), xor_network(1)
    for name in ("gradient_descent", "adam"):
        optimizer = OPTIMIZERS[name](learning_rate=0.1)
        train(mine, X, Y, optimizer=optimizer, epochs=2)
        before = bits(yours)
        with pytest.raises(ValueError, match="最適化器は一組のパラメータに専用です"):
            train(yours, X, Y, optimizer=optimizer, epochs=2)
        assert bits(yours) == before
        assert optimizer.t == 2


def test_a_schedule_that_breaks_is_reported_as_such():
    X, Y = xor()
    network = xor_network()
    before = bits(network)
    for optimizer in (GradientDescent, Momentum):
        with pytest.raises(ValueError, match=r"learning_rate\(3\) は正"):
            train(network, X, Y, optimizer=optimizer(learning_rate=lambda t: 0.3 - 0.1 * t), epochs=9)
    assert bits(network) == before


# ---- 多くのネットワーク ----


@pytest.mark.parametrize(("loss", "output"), OUTPUTS)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_an_ensemble_is_trained_like_its_members(loss, output, hidden):
    for depth in (1, 3):
        network, X, Y = case(loss, output, hidden, depth)
        rng = np.random.default_rng(9)
        starts = [
            network.replace(
                **{name: 0.5 * rng.normal(size=value.shape) for name, value in network.parameters().items()}
            )
            for _ in range(3)
        ]
        before = [bits(start) for start in starts]
        history = train_ensemble(starts, X, Y, learning_rate=0.05, epochs=50, record_every=20)
        assert [bits(start) for start in starts] == before
        assert history.epochs.tolist() == [0, 20, 40, 50]
        for i, start in enumerate(starts):
            alone = train(
                start, X, Y, optimizer=GradientDescent(learning_rate=0.05), epochs=50, record_every=20
            )
            assert_close(flat(history.networks[i]), flat(start), 1e-12)
            assert_close(history.cost[:, i], alone.cost, 1e-12)
            assert history.final_cost[i] == history.cost[-1, i]


def test_an_ensemble_larger_than_a_block():
    X, Y = xor()
    starts = [xor_network(seed) for seed in range(ensemble.BLOCK + 3)]
    history = train_ensemble(starts, X, Y, learning_rate=0.5, epochs=5)
    assert history.cost.shape == (2, ensemble.BLOCK + 3)
    assert len(history.networks) == ensemble.BLOCK + 3
    for i in (0, ensemble.BLOCK - 1, ensemble.BLOCK, ensemble.BLOCK + 2):
        train(starts[i], X, Y, optimizer=GradientDescent(learning_rate=0.5), epochs=5)
        assert_close(flat(history.networks[i]), flat(starts[i]), 1e-13)


def test_an_ensemble_shows_itself():
    X, Y = xor()
    history = train_ensemble([xor_network(seed) for seed in range(3)], X, Y, learning_rate=0.5, epochs=5)
    assert repr(history).startswith(
        "EnsembleHistory(3 個の Network(2–3–1, tanh–sigmoid, binary_cross_entropy), エポック 0–5, 損失の中央値 0."
    )
    alone = train_ensemble([xor_network()], X, Y, learning_rate=0.5, epochs=5, record_every=2)
    assert repr(alone) == (
        "EnsembleHistory(1 個の Network(2–3–1, tanh–sigmoid, binary_cross_entropy), "
        f"エポック 0–5, 損失の中央値 {alone.cost[-1, 0]:.6g})"
    )
    with pytest.raises(FrozenInstanceError):
        alone.cost = None
    deep, _, _ = case("mse", "identity", "tanh", 3)
    by_hand = EnsembleHistory(np.array([0]), np.ones((1, 2)), [xor_network(), deep])
    assert repr(by_hand).startswith(f"EnsembleHistory(2 個の {xor_network()!r}, ")  # 形を言うのは、最初のもの


@pytest.mark.parametrize("first", [np.float32, np.float64])
def test_an_ensemble_is_trained_in_the_type_of_its_first_member(first):
    """型を混ぜて渡せば、最初のネットワークの型で計算する。途中で型が変わることはない。"""
    types = [first, np.float32 if first is np.float64 else np.float64]
    nets = [
        xor_network().replace(**{k: v.astype(kind) for k, v in xor_network().parameters().items()})
        for kind in types
    ]
    history = train_ensemble(nets, *xor(), learning_rate=0.5, epochs=3)
    assert history.cost.dtype == first
    for network in history.networks:
        assert {value.dtype for value in network.parameters().values()} == {np.dtype(first)}


def test_a_diverging_member_is_named():
    start, X, Y, rate = diverging("ゆっくり")
    still = start.replace(**{name: np.zeros_like(value) for name, value in start.parameters().items()})
    quiet = still.replace(b2=Y.mean(axis=1, keepdims=True))  # 勾配が 0 なので、動かない
    before = bits(start)
    with pytest.raises(DivergenceError, match=r"エポック \d+ で、networks\[2\] の学習が発散しました"):
        train_ensemble([quiet, quiet, start, quiet], X, Y, learning_rate=rate, epochs=2000)
    assert bits(start) == before


def test_a_diverging_member_of_a_later_block_is_named(monkeypatch):
    monkeypatch.setattr(ensemble, "BLOCK", 2)
    start, X, Y, rate = diverging("ゆっくり")
    quiet = start.replace(**{name: np.zeros_like(value) for name, value in start.parameters().items()})
    quiet = quiet.replace(b2=Y.mean(axis=1, keepdims=True))
    with pytest.raises(DivergenceError, match=r"networks\[3\]"):
        train_ensemble([quiet, quiet, quiet, start], X, Y, learning_rate=rate, epochs=2000)

"""博物館の展示、舞台、審判を、一つずつ小さく確かめる: どの展示も、書いてあるとおりに間違っているか。

展示と審判を組み合わせた表は `test_museum.py` が確かめる。ここでは、どれも短い式と比べる。
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from backprop.checks import Array, DivergenceError
from backprop.judges import museum
from backprop.judges.museum import EXHIBITS, JUDGES, STAGES, Exhibit, OwnStage, Stage, examine, judging, learn
from backprop.judges.museum.stages import Ground
from backprop.network import Network

Parts = dict[str, Array]


# ---- 展示の間違い ----


def parts(exhibit: Exhibit) -> Parts:
    """正しい順伝播と逆伝播に現れるものを、`Network` を使わずに。"""
    network, (X, Y) = exhibit.stage.network(), exhibit.stage.data()
    (W1, W2), (b1, b2) = network.weights, network.biases
    hidden, output = (f.name for f in network.activations)
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1) if hidden == "tanh" else np.maximum(Z1, 0)
    slope = 1 - A1**2 if hidden == "tanh" else (Z1 > 0) * 1.0
    Z2 = W2 @ A1 + b2
    e = np.exp(Z2)
    A2 = {"softmax": e / e.sum(axis=0), "sigmoid": e / (1 + e), "identity": Z2}[output]
    D2 = A2 - Y
    if network.loss.name == "mse":
        D2 = 2 * D2 / len(Y) * (A2 * (1 - A2) if output == "sigmoid" else 1)
    return {
        "A0": X,
        "A1": A1,
        "A2": A2,
        "Y": Y,
        "W1": W1,
        "W2": W2,
        "slope": slope,
        "D2": D2,
        "D1": (W2.T @ D2) * slope,
    }


def collected(p: Parts, **wrong: Array) -> Parts:
    """ステップ4と5。"""
    p = p | wrong
    m = p["Y"].shape[1]
    return {
        "W1": p["D1"] @ p["A0"].T / m,
        "b1": p["D1"].mean(axis=1, keepdims=True),
        "W2": p["D2"] @ p["A1"].T / m,
        "b2": p["D2"].mean(axis=1, keepdims=True),
    }


def from_output(p: Parts, D2: Array) -> Parts:
    """ステップ3から5。"""
    return collected(p, D2=D2, D1=(p["W2"].T @ D2) * p["slope"])


def mean_first(mean: Parts, W2: Array) -> Parts:
    """平均した活性と目標を、1例のように。"""
    D2 = mean["A2"] - mean["Y"]
    return collected(mean, D2=D2, D1=(W2.T @ D2) * (1 - mean["A1"] ** 2))


MISTAKES: dict[str, Callable[[Parts], Parts]] = {
    "flipped_sign": lambda p: from_output(p, p["Y"] - p["A2"]),
    "no_factor": lambda p: from_output(p, 3 / 2 * p["D2"]),
    "plain_difference": lambda p: from_output(p, p["A2"] - p["Y"]),
    "slope_again": lambda p: from_output(p, (p["A2"] - p["Y"]) * p["A2"] * (1 - p["A2"])),
    "diagonal_softmax": lambda p: from_output(p, -p["Y"] * (1 - p["A2"])),
    "no_slope": lambda p: collected(p, D1=p["W2"].T @ p["D2"]),
    "slope_at_a": lambda p: collected(p, D1=(p["W2"].T @ p["D2"]) * (1 - np.tanh(p["A1"]) ** 2)),
    "wrong_slope": lambda p: collected(p, D1=(p["W2"].T @ p["D2"]) * p["A1"] * (1 - p["A1"])),
    "open_mask": lambda p: collected(p, D1=p["W2"].T @ p["D2"]),
    "no_transpose": lambda p: collected(p, D1=(p["W2"] @ p["D2"]) * p["slope"]),
    "last_path": lambda p: collected(p, D1=np.outer(p["W2"][2], p["D2"][2]) * p["slope"]),
    "swapped_product": lambda p: collected(p) | {k: collected(p)[k].T for k in ("W1", "W2")},
    "same_layer": lambda p: {**collected(p), "W1": p["D1"] @ p["A1"].T / 12, "W2": p["D2"] @ p["A2"].T / 12},
    "spoiled_record": lambda p: {**collected(p), "W2": p["D2"] @ p["slope"].T / 12},
    "bias_mean_twice": lambda p: {**collected(p), **{k: collected(p)[k] / 12 for k in ("b1", "b2")}},
    "bias_over_neurons": lambda p: (
        collected(p) | {f"b{l}": p[f"D{l}"].mean(axis=0)[:, np.newaxis] for l in (1, 2)}
    ),
    "bias_as_number": lambda p: collected(p) | {f"b{l}": p[f"D{l}"].sum() / 12 for l in (1, 2)},
    "last_example": lambda p: collected({k: v if k == "W2" else v[:, -1:] for k, v in p.items()}),
    "every_pair": lambda p: from_output(p, 2 * (p["A2"] - p["Y"].T).mean(axis=0, keepdims=True)),
    "weight_for_activation": lambda p: (
        collected(p) | {f"W{l}": p[f"D{l}"].mean(axis=1, keepdims=True) * p[f"W{l}"] for l in (1, 2)}
    ),
    "slope_of_error": lambda p: collected(p, D1=np.where((back := p["W2"].T @ p["D2"]) > 0, back, 0)),
    "mean_first": lambda p: mean_first({k: v.mean(axis=1, keepdims=True) for k, v in p.items()}, p["W2"]),
    "epsilon": collected,
    "early": collected,
    "piling": collected,
    "stale": collected,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_an_exhibit_is_wrong_in_the_way_it_says(name: str) -> None:
    exhibit = EXHIBITS[name]
    given, expected = (
        exhibit.gradients(exhibit.stage.network(), *exhibit.stage.data()),
        MISTAKES[name](parts(exhibit)),
    )
    assert list(given) == ["W1", "b1", "W2", "b2"]
    for key, value in expected.items():
        assert np.shape(given[key]) == np.shape(value)
        np.testing.assert_allclose(given[key], value, rtol=1e-12, atol=1e-14)


def test_dropout_scales_only_on_the_way_there() -> None:
    """行きでは2番を消して残りを2倍にし、帰りでは消すだけ。損失は、行きのもの。"""
    exhibit = EXHIBITS["dropout_once"]
    network, (X, Y) = exhibit.stage.network(), exhibit.stage.data()
    gate, p = np.array([[2.0], [0.0], [2.0]]), parts(exhibit)
    Z2 = network.weights[1] @ (gate * p["A1"]) + network.biases[1]
    A2 = np.exp(Z2) / np.exp(Z2).sum(axis=0)
    D1 = (network.weights[1].T @ (A2 - Y)) * p["slope"] * (gate > 0)
    expected = collected(p, D2=A2 - Y, D1=D1, A1=gate * p["A1"])
    for key, value in exhibit.gradients(network, X, Y).items():
        np.testing.assert_allclose(value, expected[key], rtol=1e-12, atol=1e-14)
    record = exhibit.forward(network, X)
    np.testing.assert_allclose(record.Z[0], network.weights[0] @ X + network.biases[0], rtol=1e-12)
    np.testing.assert_allclose(record.Z[1], Z2, rtol=1e-12)
    assert exhibit.cost(network, X, Y) == pytest.approx(-(Y * np.log(A2)).sum() / 12, rel=1e-12)
    np.testing.assert_array_equal(exhibit.gate, gate.T)


def test_costs_of_exhibits() -> None:
    """損失の間違い: 対数の中に足した 1e-8 と、すべての組の差。"""
    epsilon, pairs = EXHIBITS["epsilon"], EXHIBITS["every_pair"]
    p = parts(epsilon)
    expected = -np.log((p["A2"] * p["Y"]).sum(axis=0) + 1e-8).mean()
    assert float(epsilon.cost(epsilon.stage.network(), *epsilon.stage.data())) == pytest.approx(
        expected, rel=1e-14
    )
    p = parts(pairs)
    expected = np.mean([(a - y) ** 2 for a in p["A2"][0] for y in p["Y"][0]])
    assert pairs.cost(pairs.stage.network(), *pairs.stage.data()) == pytest.approx(expected, rel=1e-12)


STEPS: dict[str, Callable[[Network, Network, Array, Array], Parts]] = {
    # 二歩めに使う勾配。前の重み、いまの重みと、データから
    "piling": lambda before, now, X, Y: {
        k: v + now.gradients(X, Y)[k] for k, v in before.gradients(X, Y).items()
    },
    "control": lambda before, now, X, Y: now.gradients(X, Y),
}


@pytest.mark.parametrize("name", STEPS)
def test_two_steps_of_an_exhibit(name: str) -> None:
    exhibit = EXHIBITS["piling"] if name == "piling" else museum.control(museum.SOFTMAX)
    network, (X, Y), memory = exhibit.stage.network(), exhibit.stage.data(), {}
    before = exhibit.stage.network()
    exhibit.step(exhibit, network, X, Y, memory)
    first = before.gradients(X, Y)
    for key, value in network.parameters().items():
        np.testing.assert_allclose(value, before.parameters()[key] - 0.5 * first[key], rtol=1e-13, atol=1e-15)
    now = network.replace()
    exhibit.step(exhibit, network, X, Y, memory)
    second = STEPS[name](before, now, X, Y)
    for key, value in network.parameters().items():
        np.testing.assert_allclose(value, now.parameters()[key] - 0.5 * second[key], rtol=1e-12, atol=1e-14)


def test_the_early_step_propagates_through_the_new_weights() -> None:
    exhibit = EXHIBITS["early"]
    network, p = exhibit.stage.network(), parts(exhibit)
    before, truth = exhibit.stage.network(), collected(p)
    exhibit.step(exhibit, network, *exhibit.stage.data(), {})
    W2 = before.weights[1] - 0.5 * truth["W2"]
    late = collected(p, D1=(W2.T @ p["D2"]) * p["slope"])
    expected = {"W2": truth["W2"], "b2": truth["b2"], "W1": late["W1"], "b1": late["b1"]}
    for key, value in network.parameters().items():
        np.testing.assert_allclose(
            value, before.parameters()[key] - 0.5 * expected[key], rtol=1e-12, atol=1e-14
        )


def test_the_stale_step_keeps_the_first_record() -> None:
    exhibit = EXHIBITS["stale"]
    network, p, memory = exhibit.stage.network(), parts(exhibit), {}
    W1, W2 = (W.copy() for W in network.weights)
    for _ in range(2):
        expected = collected(p, D1=(network.weights[1].T @ p["D2"]) * p["slope"])
        W1, W2 = W1 - 0.5 * expected["W1"], W2 - 0.5 * expected["W2"]
        exhibit.step(exhibit, network, *exhibit.stage.data(), memory)
        np.testing.assert_allclose(network.weights[0], W1, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(network.weights[1], W2, rtol=1e-12, atol=1e-14)


# ---- 舞台 ----


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize(("outputs", "m"), [(1, 12), (3, 12), (3, 5)])
def test_the_data_of_a_stage(outputs: int, m: int, seed: int) -> None:
    """クラスは順に並び、点は、そのクラスの軸の 1.5 のまわりに、標準偏差 0.5 で散らばる。"""
    stage = Stage(("tanh", "identity"), "mse", outputs=outputs, m=m, seed=seed)
    X, Y = stage.data()
    noise = np.random.default_rng(100 + seed).normal(size=(3, m))
    for n in range(m):
        number = n % (3 if outputs == 3 else 2)
        centre = np.zeros(3)
        centre[number] = 1.5
        np.testing.assert_allclose(X[:, n], centre + noise[:, n] / 2, rtol=1e-14, atol=1e-15)
        assert Y[:, n].tolist() == (
            [float(k == number) for k in range(3)] if outputs == 3 else [float(number)]
        )
    rng = np.random.default_rng(seed)
    expected = Network.random([3, 3, outputs], ["tanh", "identity"], "mse", rng=rng, bias_scale=0.5)
    for mine, other in zip(stage.network().parameters().values(), expected.parameters().values()):
        assert np.array_equal(mine, other)


def test_the_stages_of_the_museum() -> None:
    shown = [(s.activations, s.loss, s.outputs, s.m, s.rate, s.seed) for s in STAGES]
    assert shown == [
        (("tanh", "sigmoid"), "mse", 3, 12, 1.0, 0),
        (("tanh", "sigmoid"), "binary_cross_entropy", 3, 12, 0.5, 0),
        (("tanh", "softmax"), "cross_entropy", 3, 12, 0.5, 0),
        (("relu", "softmax"), "cross_entropy", 3, 12, 0.5, 0),
        (("tanh", "softmax"), "cross_entropy", 3, 3, 0.5, 0),
        (("tanh", "identity"), "mse", 1, 12, 0.1, 0),
    ]
    assert STAGES[0] == Stage(("tanh", "sigmoid"), "mse", rate=1.0)
    with pytest.raises(FrozenInstanceError):
        STAGES[0].rate = 2.0


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"outputs": 2}, ValueError, "outputs は 1 か 3 でなければなりませんが、2"),
        ({"outputs": 0}, ValueError, "outputs は1以上"),
        ({"m": 0}, ValueError, "m は1以上"),
        ({"rate": 0.0}, ValueError, "rate は正"),
        ({"seed": -1}, ValueError, "seed は0以上"),
        ({"loss": "rmse"}, ValueError, "'rmse'"),
    ],
)
def test_stages_that_cannot_be(wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        replace(STAGES[5], **wrong)


def line(w: float = 1.0) -> Network:
    """入力をそのまま返す一層のネットワーク。"""
    return Network([np.array([[w]])], [np.zeros((1, 1))], ["identity"], "half_squared_error")


def test_a_stage_of_the_reader() -> None:
    net, X, Y = line(), np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]])
    stage = OwnStage(net, X, Y)
    assert (stage.rate, stage.seed) == (0.1, 0)
    stage.network().weights[0][:] = 5.0
    assert net.weights[0].item() == stage.network().weights[0].item() == 1.0
    assert stage.data()[0] is X
    assert stage.data()[1] is Y
    assert stage != OwnStage(net, X, Y)
    for wrong, message in (({"rate": 0.0}, "rate は正"), ({"seed": -1}, "seed は0以上")):
        with pytest.raises(ValueError, match=message):
            OwnStage(net, X, Y, **wrong)
    with pytest.raises(ValueError, match="Y の形"):
        OwnStage(net, X, np.ones((2, 2)))
    with pytest.raises(TypeError, match="start は Network"):
        OwnStage(3, X, Y)
    with pytest.raises(FrozenInstanceError):
        stage.rate = 1.0


def test_a_stage_needs_both_a_network_and_data() -> None:
    class WithoutNetwork(Ground):
        def data(self) -> tuple[Array, Array]:
            return np.ones((1, 1)), np.ones((1, 1))

    class WithoutData(Ground):
        def network(self) -> Network:
            return line()

    for kind, missing in ((WithoutNetwork, "network"), (WithoutData, "data")):
        with pytest.raises(TypeError, match=f"abstract method.*{missing}"):
            kind()


# ---- 展示をつくる ----


def test_the_output_is_the_last_layer() -> None:
    deep = Network.random([3, 2, 4, 3], ["tanh"] * 3, "mse", rng=np.random.default_rng(0))
    X, Y = museum.SOFTMAX.data()
    record = deep.forward(X)
    np.testing.assert_array_equal(museum.right_output(deep, record, Y), deep.backward(record, Y)[0][2])


def test_an_exhibit_without_a_mistake_is_right() -> None:
    made = Exhibit("a", "b", "c", "d", museum.SOFTMAX)
    assert (made.backward, made.forward, made.cost) == (museum.right, Network.forward, Network.cost)
    assert made.gate is None
    assert made != Exhibit("a", "b", "c", "d", museum.SOFTMAX)
    with pytest.raises(FrozenInstanceError):
        made.name = "e"
    shown = museum.control(museum.RELU)
    assert (shown.name, shown.room, shown.page, shown.stage) == (
        "control",
        "対照",
        "sec-algorithm",
        museum.RELU,
    )


@pytest.mark.parametrize(
    "key", ["name", "room", "title", "page", "stage", "backward", "forward", "cost", "step"]
)
def test_every_part_of_an_exhibit_is_checked(key: str) -> None:
    with pytest.raises(TypeError, match=f"^{key} は"):
        replace(EXHIBITS["early"], **{key: 3})
    for gate in (np.ones((3, 1)), np.ones((1, 2))):
        with pytest.raises(ValueError, match=r"gate の形は \(1, 3\)"):
            replace(EXHIBITS["early"], gate=gate)


def test_what_the_reader_shows() -> None:
    def backward(network: Network, record: Any, Y: Array) -> Parts:
        return network.backward(record, Y)[1]

    X, Y = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]])
    shown = museum.own(backward, line(), X, Y)
    assert (shown.name, shown.room, shown.title, shown.page) == ("own", "読者", "読者の逆伝播", "")
    assert (shown.backward, shown.stage.rate) == (backward, 0.1)
    assert museum.own(backward=backward, network=line(), X=X, Y=Y, rate=0.5).stage.rate == 0.5
    with pytest.raises(TypeError, match="名前をつけずに渡せる引数は 4 個ですが、5 個"):
        museum.own(backward, line(), X, Y, 0.5)
    with pytest.raises(TypeError, match="backward は関数"):
        museum.own(3, line(), X, Y)


# ---- 審判 ----


def nothing(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: dict[str, Any]) -> None:
    """何も更新しない。"""


def shown(network: Network, X: Any, Y: Any, gradients: Parts | None = None, **changes: Any) -> Exhibit:
    """自分の舞台に置いた展示。勾配は、与えられたものか、正しいもの。"""
    X, Y = np.array(X, float), np.array(Y, float)

    def backward(network: Network, record: Any, Y: Array) -> Parts:
        return network.backward(record, Y)[1] if gradients is None else gradients

    exhibit = museum.own(backward, network, X, Y, rate=changes.pop("rate", 0.1))
    return replace(exhibit, **changes)


@pytest.mark.parametrize(("after", "noticed"), [(0.25, True), (0.2499, False), (0.6, True), (np.nan, True)])
def test_the_loss_must_fall_below_half(after: float, noticed: bool) -> None:
    """200歩の終わりの損失が、始めの半分より小さくなければ、気づく。"""
    steps = []

    def step(exhibit: Exhibit, network: Network, *rest: Any) -> None:
        steps.append(1)
        network.biases[0][...] = len(steps)

    def cost(network: Network, X: Array, Y: Array) -> float:
        return after if network.biases[0].item() == 200 else 0.5

    exhibit = shown(line(), [[1.0]], [[1.0]], step=step, cost=cost)
    assert JUDGES["損失"](exhibit) == noticed
    assert len(steps) == 200
    result = learn(exhibit)
    assert len(steps) == 200  # 2回めからは、覚えている
    assert result.before == 0.5
    with pytest.raises(FrozenInstanceError):
        result.before = 1.0


def test_divergence_is_a_failure_to_learn() -> None:
    def step(*rest: Any) -> None:
        raise DivergenceError

    result = learn(shown(line(), [[1.0]], [[0.0]], step=step))
    assert (result.before, result.after, result.accuracy) == (0.5, np.inf, 0.0)


@pytest.mark.parametrize(("right", "noticed"), [(10, False), (9, False), (8, True)])
@pytest.mark.parametrize("turned", [False, True])
def test_nine_of_ten_must_be_right(right: int, noticed: bool, turned: bool) -> None:
    """出力が一つなら、0.5 より大きいかどうかで答える。ちょうど 0.5 は、0 と答える。"""
    Y = np.array([[0.0, 1.0] * 5])
    X = np.where(Y == 1, 0.51, 0.5)
    X[0, right:] = 1 - X[0, right:] + 0.005 * (2 * Y[0, right:] - 1) * -1
    X, Y = (X[:, ::-1], Y[:, ::-1]) if turned else (X, Y)
    exhibit = shown(line(), X, Y, step=nothing)
    assert learn(exhibit).accuracy == right / 10
    assert JUDGES["正解率"](exhibit) == noticed


def test_a_half_is_no() -> None:
    """答えでも目標でも、ちょうど 0.5 は 0 とみなす。"""
    for x, y, accuracy in ((0.4, 0.5, 1.0), (0.5, 0.5, 1.0), (0.6, 0.5, 0.0), (0.5, 0.6, 0.0)):
        assert learn(shown(line(), [[x]], [[y]], step=nothing)).accuracy == accuracy


def test_the_largest_output_is_the_answer() -> None:
    net = Network([np.eye(3)], [np.zeros((3, 1))], ["identity"], "half_squared_error")
    X = np.array([[0.1, 0.9, 0.2, 0.3], [0.2, 0.8, 0.1, 0.2], [0.3, 0.1, 0.3, 0.1]])  # 2, 0, 2, 0
    for truth, accuracy in (
        ([2, 0, 2, 0], 1.0),
        ([1, 0, 2, 0], 0.75),
        ([2, 1, 2, 0], 0.75),
        ([0, 2, 1, 1], 0.0),
    ):
        assert learn(shown(net, X, np.eye(3)[:, truth], step=nothing)).accuracy == accuracy
    two = Network([np.eye(2)], [np.zeros((2, 1))], ["identity"], "half_squared_error")
    assert learn(shown(two, [[0.1, 0.4], [0.2, 0.3]], [[0, 1], [1, 0]], step=nothing)).accuracy == 1.0


@pytest.mark.parametrize(
    ("target", "asked"), [([0, 1], True), ([0, 0.5], False), ([1, 2], False), ([-1, 1], False)]
)
def test_only_classes_are_answered(target: list[float], asked: bool) -> None:
    found = examine(shown(line(), [[0.0, 1.0]], [target], step=nothing), {"定義": Network.gradients})
    assert list(found) == [name for name in (*JUDGES, "定義") if asked or name != "正解率"]


def test_shapes() -> None:
    right = {"W1": np.ones((1, 1)), "b1": np.ones((1, 1))}
    for gradients, noticed in (
        (right, False),
        (right | {"b1": np.ones(1)}, True),
        (right | {"W1": 1.0}, True),
        (right | {"W1": np.ones((2, 1))}, True),
        (right | {"b1": np.ones((1, 1, 1))}, True),
    ):
        assert JUDGES["形"](shown(line(), [[1.0]], [[0.0]], gradients)) == noticed


# J = ½(w x + b)² で x = 1, w = 1, b = 0: どちらの勾配も 1
TRUTH = {"W1": np.ones((1, 1)), "b1": np.ones((1, 1))}


def off(**by: float) -> Parts:
    """正しい勾配から、いくつかを違わせたもの。"""
    return {name: value + by.get(name, 0.0) for name, value in TRUTH.items()}


def test_gradients_are_stretched_as_in_an_update() -> None:
    exhibit = shown(line(), [[1.0]], [[0.0]], {"W1": 1.0, "b1": np.ones(1)})
    assert not JUDGES["複素ステップ"](exhibit)
    with pytest.raises(ValueError, match=r"b1 の勾配の形は \(1, 1\) でなければなりませんが、\(2,\) が"):
        JUDGES["複素ステップ"](shown(line(), [[1.0]], [[0.0]], TRUTH | {"b1": np.ones(2)}))
    for gradients in ({"W1": np.ones((1, 1))}, TRUTH | {"W2": 1.0}):
        with pytest.raises(
            ValueError, match=f"W1, b1 の勾配を返さなければなりませんが、{', '.join(gradients)} が"
        ):
            JUDGES["複素ステップ"](shown(line(), [[1.0]], [[0.0]], gradients))
    with pytest.raises(TypeError, match="backward の返すもの は辞書"):
        JUDGES["複素ステップ"](shown(line(), [[1.0]], [[0.0]], [1.0]))


@pytest.mark.parametrize(
    ("judge", "small", "large"),
    [("中心差分", 0.9e-6, 1.2e-6), ("複素ステップ", 0.9e-10, 1.2e-10)],
)
def test_each_difference_has_its_limit(judge: str, small: float, large: float) -> None:
    for name in TRUTH:
        assert not JUDGES[judge](shown(line(), [[1.0]], [[0.0]], off(**{name: small})))
        assert JUDGES[judge](shown(line(), [[1.0]], [[0.0]], off(**{name: large})))


def test_one_weight_is_compared_with_a_forward_difference() -> None:
    """一つの重みだけを、相対誤差一万分の1まで。ほかの重みは見ない。"""
    for name, other in (("W1", "b1"), ("b1", "W1")):
        for by, noticed in ((0.9e-4, False), (1.1e-4, True), (-0.9e-4, False), (-1.1e-4, True)):
            exhibit = shown(line(), [[1.0]], [[0.0]], off(**{name: by, other: 0.5}))
            assert museum.differs_at(exhibit, name, (0, 0)) == noticed
    wide = Network([np.ones((1, 2))], [np.zeros((1, 1))], ["identity"], "half_squared_error")
    exhibit = shown(wide, [[1.0], [2.0]], [[0.0]], {"W1": np.array([[3.0, 7.0]]), "b1": 3.0})
    assert [museum.differs_at(exhibit, "W1", (0, n)) for n in (0, 1)] == [False, True]
    with pytest.raises(ValueError, match=r"index は形 \(1, 2\) の中になければなりませんが、\(0, 2\) が"):
        museum.differs_at(exhibit, "W1", (0, 2))


def test_the_weight_is_drawn_from_all() -> None:
    names = [museum.random_point(replace(museum.SINGLE, seed=seed)) for seed in range(60)]
    places = {(n, i) for n, v in museum.SINGLE.network().parameters().items() for i in np.ndindex(v.shape)}
    assert set(names) == places
    exhibit = shown(line(), [[1.0]], [[0.0]], off(W1=0.5, b1=0.5))
    assert JUDGES["前進差分"](exhibit)
    assert not JUDGES["前進差分"](shown(line(), [[1.0]], [[0.0]]))


@pytest.mark.parametrize(
    ("when", "by", "noticed"), [(1, 2e-6, True), (2, 1.1e-6, True), (2, 0.9e-6, False), (3, 1.0, False)]
)
@pytest.mark.parametrize("name", ["W1", "b1"])
def test_two_steps_are_compared(when: int, by: float, noticed: bool, name: str) -> None:
    """二歩のあとの重みを、百万分の1まで比べる。三歩めは見ない。大きな重みでも、比べるのは差そのもの。"""
    steps = []

    def step(exhibit: Exhibit, network: Network, X: Array, Y: Array, memory: dict[str, Any]) -> None:
        steps.append(1)
        gradients = network.gradients(X, Y)
        for key, value in network.parameters().items():
            value -= 0.25 * gradients[key] - (by if key == name and len(steps) == when else 0.0)

    exhibit = shown(line(100.0), [[1e-3]], [[0.0]], step=step, rate=0.25)
    assert JUDGES["二歩"](exhibit) == noticed
    assert len(steps) == 2


def test_cosine_of_two_directions() -> None:
    """正しい勾配 (1, 1) と、(1, 0) のなす角は45度。"""
    for given, expected in (((1, 0), 0.5**0.5), ((1, 1), 1.0), ((-2, -2), -1.0), ((3, -3), 0.0)):
        gradients = {"W1": np.array([[given[0]]], float), "b1": np.array([[given[1]]], float)}
        assert museum.cosine(shown(line(), [[1.0]], [[0.0]], gradients)) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("truth", "by", "noticed"),
    [
        (1.0, 0.9e-10, False),
        (1.0, 1.1e-10, True),
        (1.0, -0.9e-10, False),
        (1.0, -1.1e-10, True),
        # 小さい要素は、最大の要素の千分の1を尺度にして測る
        (0.0, 0.9e-13, False),
        (0.0, 1.1e-13, True),
    ],
)
def test_another_judge_compares_to_ten_digits(truth: float, by: float, noticed: bool) -> None:
    reference = {"W1": np.array([[truth]]), "b1": np.array([[-1.0]])}
    given = {"W1": np.array([[truth + by]]), "b1": np.array([[-1.0]])}
    exhibit = shown(line(), [[1.0]], [[0.0]], given)
    assert museum.differs_from(exhibit, lambda network, X, Y: reference) == noticed


def test_the_limits_themselves_are_not_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """相対誤差がちょうど許容限界なら、気づかない。"""
    exhibit = shown(line(), [[1.0]], [[0.0]])
    for limit, judge in (
        (1e-4, lambda: museum.differs_at(exhibit, "W1", (0, 0))),
        (1e-10, lambda: museum.differs_from(exhibit, Network.gradients)),
    ):
        for error, noticed in ((limit, False), (np.nextafter(limit, 1.0), True)):
            monkeypatch.setattr(
                judging, "relative_error", lambda a, b, *scale, error=error: np.full(np.shape(a), error)
            )
            assert judge() == noticed


def test_another_judge_sees_the_weights_behind_the_gate() -> None:
    """ドロップアウトの倍率は、重みの列に掛けて渡す。掛けた重みの勾配は、倍率を掛ければ、もとの重みの勾配になる。"""
    exhibit, seen = EXHIBITS["dropout_once"], []

    def reference(network: Network, X: Array, Y: Array) -> Parts:
        seen.append(network)
        return network.gradients(X, Y)

    network, data = exhibit.stage.network(), exhibit.stage.data()
    truth = judging._true_gradients(exhibit, network, reference, *data)
    np.testing.assert_array_equal(seen[0].weights[1], network.weights[1] * exhibit.gate)
    np.testing.assert_array_equal(truth["W2"], seen[0].gradients(*data)["W2"] * exhibit.gate)
    np.testing.assert_array_equal(truth["W1"], seen[0].gradients(*data)["W1"])
    with pytest.raises(TypeError, match="reference の返すもの は辞書"):
        museum.differs_from(shown(line(), [[1.0]], [[0.0]]), lambda network, X, Y: [1.0])


def test_the_names_of_the_judges() -> None:
    assert list(JUDGES) == ["損失", "正解率", "形", "前進差分", "中心差分", "複素ステップ", "二歩"]
    with pytest.raises(TypeError, match=r"references\['甲'\] は関数"):
        examine(museum.control(museum.SOFTMAX), {"甲": 3})
    for call in (
        learn,
        museum.cosine,
        lambda e: museum.differs_from(e, Network.gradients),
        lambda e: examine(e, {}),
        lambda e: museum.differs_at(e, "W1", (0, 0)),
    ):
        with pytest.raises(TypeError, match="exhibit は Exhibit"):
            call(3)


@pytest.mark.parametrize(
    "call",
    [
        museum.collect, museum.control, museum.cosine, museum.differs_at, museum.differs_from,
        museum.examine, museum.from_output, museum.learn, museum.own, museum.random_point, museum.right,
        museum.right_hidden, museum.right_output, Exhibit, Stage, museum.OwnStage,
    ],
)  # fmt: skip
def test_it_says_what_is_missing(call: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r"与えられていません。 \w+\(.*\) のように書いてください。$"):
        call()

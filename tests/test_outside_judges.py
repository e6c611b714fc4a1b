"""外部の審判と、多くのネットワークの勾配を比べる。

ネットワークは hypothesis が引く。ここの審判は二人である。PyTorch は `test_torch_networks.py` にいる。

- HIPS autograd。順伝播は、下の `judged_cost` に定義どおりに書いてあり、`src/backprop` を使わない。
- `backprop.autodiff` の計算グラフ。同じ式を、ステップ1〜6を使わずに微分する。

**誤差の測り方** パラメータの配列ごとに ``‖g − ĝ‖ / ‖s‖`` を求める。``s`` は、同じ計算をすべての項の絶対値で
行った値、つまり打ち消しあいがなければ持つはずの大きさである。``ŷ − y`` や ``Σ_k w_kj δ_k`` の項が打ち消し
あうと、どのプログラムの答えにも、残った値ではなく項の大きさに比例する丸め誤差が残るので、``‖ĝ‖`` だけを
尺度にはできない。尺度が甘すぎないことは二つの検査で確かめる: たいていのネットワークでは ``‖ĝ‖`` を尺度に
しても同じ限界に収まり、わざと壊したステップはどれも見つかる。

**折れ目** ちょうど ``z = 0`` での ReLU と leaky ReLU の微分は、約束である。審判は ``where(z > 0, …)`` と
書いてあるので、autograd も 0 での微分に負の側の傾きを使い、約束が一致する。
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad, grad
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import SMALLEST, error, norm

import backprop.network as rooms
from backprop import autodiff
from backprop.activations import ACTIVATIONS
from backprop.losses import LOSSES
from backprop.network import Network

NETWORKS = 1500
BOUND = 1e-10
PAIRS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
SCALES = (1.0, 0.3, 3.0, 30.0, 1.0, 3.0, 30.0, 0.0)
"""層ごとの重みの、最大の大きさ。"""
KINKED = ("relu", "leaky_relu")

# ---- 引いたネットワーク ------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """一つのネットワークとデータ。"""

    network: Network
    X: np.ndarray
    Y: np.ndarray

    @property
    def names(self) -> list[str]:
        return [f.name for f in self.network.activations]


@st.composite
def drawn_networks(draw: st.DrawFn) -> Drawn:
    """深さ1〜6、幅1〜8、バッチ1〜7。重みの大きさは層ごとに違い、0 から 30 まで。

    形は hypothesis が一つずつ選び（失敗すれば、小さいものに縮める）、要素は引いた種の乱数から取る。
    """
    loss, depth, m = draw(st.sampled_from(list(LOSSES))), draw(st.integers(1, 6)), draw(st.integers(1, 7))
    sizes = draw(st.lists(st.integers(1, 8), min_size=depth + 1, max_size=depth + 1))
    names = draw(st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=depth, max_size=depth))
    names[-1] = PAIRS.get(loss, names[-1])
    scales = draw(st.lists(st.sampled_from(SCALES), min_size=depth, max_size=depth))
    zeros = draw(st.sampled_from([0.0, 0.5]))  # ちょうど 0 にする重みとバイアスの割合
    sharp = draw(st.booleans())  # 目標が 0 と 1 だけか
    seed = draw(st.integers(0, 2**20))
    rng = np.random.default_rng(seed)

    def parameter(scale: float, shape: tuple[int, int]) -> np.ndarray:
        return rng.uniform(-scale, scale, shape) * (rng.random(shape) >= zeros)

    weights = [parameter(scale, (n, k)) for scale, k, n in zip(scales, sizes, sizes[1:])]
    biases = [parameter(scale, (n, 1)) for scale, n in zip(scales, sizes[1:])]
    X = rng.normal(size=(sizes[0], m))
    return Drawn(Network(weights, biases, names, loss), X, targets(loss, sizes[-1], m, sharp, rng))


def targets(loss: str, n: int, m: int, sharp: bool, rng: np.random.Generator) -> np.ndarray:
    """損失の定義域にある目標。"""
    if loss == "cross_entropy":
        return np.eye(n)[rng.integers(n, size=m)].T.copy() if sharp else rng.dirichlet(np.ones(n), m).T
    if loss == "binary_cross_entropy":
        return rng.integers(2, size=(n, m)).astype(float) if sharp else rng.random((n, m))
    return rng.normal(size=(n, m))


def judging(number: int) -> Callable[[Callable[[Drawn], None]], Callable[[], None]]:
    """決まった数のネットワークを、いつも同じ順に引いて調べる。"""
    plan = settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: plan(given(drawn_networks())(test))


Judge = Callable[[Drawn], tuple[float, dict[str, np.ndarray]]]
"""ネットワークとデータから、平均損失と、名前ごとの勾配を求める。"""

# ---- 審判 autograd -----------------------------------------------------------------------------


def log_sum_exp(Z):
    return functools.reduce(anp.logaddexp, [Z[j] for j in range(len(Z))])


FUNCTIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: anp.exp(-anp.logaddexp(0.0, -z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: anp.logaddexp(0.0, z),
    "softmax": lambda Z: anp.exp(Z - log_sum_exp(Z)),
}
# 確率の損失は、log の中が 0 にならないように、加重和から求める。
FROM_Z = {
    "binary_cross_entropy": lambda Z, T: anp.sum(
        T * anp.logaddexp(0.0, -Z) + (1 - T) * anp.logaddexp(0.0, Z), axis=0
    ),
    "cross_entropy": lambda Z, T: anp.sum(T * (log_sum_exp(Z) - Z), axis=0),
}
FROM_OUTPUT = {
    "mse": lambda P, T: anp.mean((P - T) ** 2, axis=0),
    "half_squared_error": lambda P, T: 0.5 * anp.sum((P - T) ** 2, axis=0),
}


def judged_cost(parameters, names, loss, X, Y):
    A = X
    for (W, b), name in zip(parameters, names):
        Z = anp.dot(W, A) + b
        A = FUNCTIONS[name](Z)
    return anp.mean(FROM_Z[loss](Z, Y) if loss in FROM_Z else FROM_OUTPUT[loss](A, Y))


def autograd_judge(case: Drawn) -> tuple[float, dict[str, np.ndarray]]:
    """autograd による平均損失と勾配。"""
    pairs = list(zip(case.network.weights, case.network.biases))
    data = case.names, case.network.loss.name, case.X, case.Y
    with np.errstate(over="ignore"):  # autograd の tanh の微分 1/cosh² は、あふれて正しく 0 になる
        cost, found = judged_cost(pairs, *data), grad(judged_cost)(pairs, *data)
    return cost, {f"{name}{l}": g for l, pair in enumerate(found, 1) for name, g in zip("Wb", pair)}


def magnitudes(case: Drawn) -> dict[str, np.ndarray]:
    """すべての項の絶対値で行った逆伝播。審判の関数だけから求める。"""
    Z, A = [], [case.X]
    for W, b, name in zip(case.network.weights, case.network.biases, case.names):
        Z.append(W @ A[-1] + b)
        A.append(FUNCTIONS[name](Z[-1]))

    def through(l: int, T: np.ndarray) -> np.ndarray:
        if case.names[l] == "softmax":
            return A[l + 1] * (T + (A[l + 1] * T).sum(axis=0))
        with np.errstate(over="ignore"):
            return T * elementwise_grad(FUNCTIONS[case.names[l]])(Z[l])

    loss, found = case.network.loss.name, {}
    T = np.abs(A[-1]) + np.abs(case.Y)
    if loss not in PAIRS:
        T = through(len(Z) - 1, T * (2 / len(case.Y) if loss == "mse" else 1.0))
    for l in range(len(Z), 0, -1):
        found[f"W{l}"] = T @ np.abs(A[l - 1]).T / T.shape[1]
        found[f"b{l}"] = T.mean(axis=1, keepdims=True)
        if l > 1:
            T = through(l - 2, np.abs(case.network.weights[l - 1]).T @ T)
    return found


def errors(
    given: dict[str, np.ndarray], expected: dict[str, np.ndarray], scale: dict[str, np.ndarray]
) -> dict[str, float]:
    assert given.keys() == expected.keys()
    assert all(given[name].shape == expected[name].shape for name in given)
    return {name: error(given[name], expected[name], scale[name]) for name in given}


def check(case: Drawn, judge: Judge, scale: dict[str, np.ndarray]) -> list[float]:
    """損失と勾配が審判と合うことを確かめ、審判の勾配そのものを尺度にした誤差を返す。"""
    cost, expected = judge(case)
    given = case.network.gradients(case.X, case.Y)
    # log Σ e^z の中は1以上なので、ほとんど当たった例のクロスエントロピーには、1に対する丸めが残る
    floor = 1e-12 if case.network.loss.name == "cross_entropy" else SMALLEST
    assert case.network.cost(case.X, case.Y) == pytest.approx(cost, rel=1e-12, abs=floor)
    found = errors(given, expected, scale)
    assert max(found.values()) <= BOUND, found
    return list(errors(given, expected, expected).values())


# ---- 比べる ------------------------------------------------------------------------------------


@pytest.mark.long
def test_more_than_a_thousand_networks_agree_with_autograd():
    networks: set[tuple[object, ...]] = set()
    seen: Counter[str] = Counter()
    plain: list[float] = []

    @judging(NETWORKS)
    def compare(case: Drawn) -> None:
        plain.extend(check(case, autograd_judge, magnitudes(case)))
        parts = [case.X, case.Y, *case.network.parameters().values()]
        networks.add((repr(case.network), *(part.tobytes() for part in parts)))
        seen.update(traits(case))

    compare()
    assert len(networks) >= 1000
    wanted = [f"深さ {n}" for n in range(1, 7)] + [f"幅 {n}" for n in range(1, 9)]
    wanted += [f"バッチ {n}" for n in range(1, 8)] + [f"出力 {name}" for name in ACTIVATIONS]
    wanted += [f"{loss} と {name}" for loss in LOSSES for name in ACTIVATIONS]
    wanted += ["20 より大きい重み", "0 だけの重み", "折れ目の上"]
    assert {name: seen[name] for name in wanted if seen[name] < 20} == {}
    assert seen["0 でない勾配"] > 0.6 * len(plain)
    assert np.mean(np.array(plain) <= BOUND) > 0.95


def traits(case: Drawn) -> Iterator[str]:
    """引いたネットワークの特徴。"""
    net, m = case.network, case.X.shape[1]
    yield from (f"深さ {net.num_layers}", f"バッチ {m}", f"出力 {case.names[-1]}")
    yield from (f"幅 {n}" for n in set(net.sizes))
    yield from (f"{net.loss.name} と {name}" for name in set(case.names))
    yield from ["20 より大きい重み"] * any(np.abs(W).max() > 20 for W in net.weights)
    yield from ["0 だけの重み"] * any(not W.any() for W in net.weights)
    at_a_kink = [f in KINKED and not Z.all() for f, Z in zip(case.names, net.forward(case.X).Z)]
    yield from ["折れ目の上"] * any(at_a_kink)
    yield from ["0 でない勾配"] * sum(norm(g) > SMALLEST for g in net.gradients(case.X, case.Y).values())


WRONG_STEPS: dict[str, tuple[str, Callable[..., np.ndarray]]] = {
    "2/N を忘れた": ("output_gradient", lambda Y_hat, Y, loss: Y_hat - Y),
    "出力の微分を活性で求めた": ("output_delta", lambda dA, Z, f: f.pullback(f.value(Z), dA)),
    "転置を忘れた": ("hidden_delta", lambda W, delta, Z, f: f.pullback(Z, W.reshape(W.T.shape) @ delta)),
    "隠れ層の微分を活性で求めた": (
        "hidden_delta",
        lambda W, delta, Z, f: f.pullback(f.value(Z), W.T @ delta),
    ),
    "隠れ層の微分を忘れた": ("hidden_delta", lambda W, delta, Z, f: W.T @ delta),
    "重みの勾配が和": ("weight_gradient", lambda delta, A: delta @ A.T),
    "バイアスの勾配が和": ("bias_gradient", lambda delta: delta.sum(axis=1, keepdims=True)),
}


def test_the_judge_notices_wrong_steps(monkeypatch):
    """尺度が甘すぎないこと: 壊したステップは、どれも、いくつものネットワークで見つかる。"""
    cases: list[Drawn] = []

    @judging(100)
    def collect(case: Drawn) -> None:
        cases.append(case)

    collect()
    known = [(case, autograd_judge(case)[1], magnitudes(case)) for case in cases]
    for mistake, (step, wrong) in WRONG_STEPS.items():
        with monkeypatch.context() as patch:
            patch.setattr(rooms, step, wrong)
            found = [
                max(errors(case.network.gradients(case.X, case.Y), expected, scale).values())
                for case, expected, scale in known
            ]
        assert sum(value > 1e-3 for value in found) >= 5, mistake


def test_computational_graphs_and_networks_are_one():
    def judge(case: Drawn) -> tuple[float, dict[str, np.ndarray]]:
        named = {name: autodiff.Variable(value, name) for name, value in case.network.parameters().items()}
        A = autodiff.Variable(case.X)
        for l, name in enumerate(case.names, start=1):
            Z = autodiff.affine(named[f"W{l}"], A, named[f"b{l}"])
            A = autodiff.activate(name, Z)
        cost = cost_as_graph(case.network.loss.name, Z, A, case.Y)
        return cost.value.item(), dict(zip(named, autodiff.gradients(cost, list(named.values()))))

    @judging(300)
    def compare(case: Drawn) -> None:
        check(case, judge, magnitudes(case))

    compare()


def cost_as_graph(loss: str, Z: autodiff.Node, A: autodiff.Node, Y: np.ndarray) -> autodiff.Node:
    m = Y.shape[1]
    if loss == "mse":
        return ((A - Y) ** 2).mean()
    if loss == "half_squared_error":
        return ((A - Y) ** 2).sum() * (0.5 / m)
    if loss == "binary_cross_entropy":
        return (Y * autodiff.activate("softplus", -Z) + (1 - Y) * autodiff.activate("softplus", Z)).sum() / m
    shifted = Z - Z.value.max(axis=0, keepdims=True)  # 比は変わらず、log の中は 1 以上になる
    return (Y * (autodiff.log(autodiff.exp(shifted).sum(axis=0)) - shifted)).sum() / m

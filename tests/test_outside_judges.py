"""外部の審判と、多くのネットワークの勾配を比べる。

ネットワークは hypothesis が引く。審判は三人いる。

- HIPS autograd。順伝播は、下の `judged_cost` に定義どおりに書いてあり、`src/backprop` を使わない。
- PyTorch。順伝播も損失も PyTorch のもので書く（``pytest -m torch``）。
- `backprop.graph` の計算グラフ。同じ式を、ステップ1〜6を使わずに微分する。

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
from collections.abc import Callable
from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad, grad
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backprop.network as rooms
from backprop import graph, steps
from backprop.activations import ACTIVATIONS
from backprop.losses import LOSSES
from backprop.network import Network

NETWORKS = 1200
BOUND = 1e-10
SMALLEST = 1e-290
"""これより小さい勾配は 0 とみなす。その先の数（非正規化数）は桁が足りない。"""
PAIRS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
KINKED = ("relu", "leaky_relu")

# ---- 引いたネットワーク ------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """一つのネットワークとデータ。"""

    network: Network
    X: np.ndarray
    Y: np.ndarray
    seed: int

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
    scales = draw(st.lists(st.sampled_from([0.0, 0.3, 1.0, 3.0, 30.0]), min_size=depth, max_size=depth))
    zeros = draw(st.sampled_from([0.0, 0.5]))  # ちょうど 0 にする重みとバイアスの割合
    sharp = draw(st.booleans())  # 目標が 0 と 1 だけか
    seed = draw(st.integers(0, 2**20))
    rng = np.random.default_rng(seed)

    def parameter(scale: float, shape: tuple[int, int]) -> np.ndarray:
        return rng.uniform(-scale, scale, shape) * (rng.random(shape) >= zeros)

    weights = [parameter(scale, (n, k)) for scale, k, n in zip(scales, sizes, sizes[1:])]
    biases = [parameter(scale, (n, 1)) for scale, n in zip(scales, sizes[1:])]
    X = rng.normal(size=(sizes[0], m))
    return Drawn(Network(weights, biases, names, loss), X, targets(loss, sizes[-1], m, sharp, rng), seed)


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
    return lambda check: plan(given(drawn_networks())(check))


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


def judged(case: Drawn) -> tuple[float, dict[str, np.ndarray]]:
    """autograd による平均損失と勾配。"""
    pairs = list(zip(case.network.weights, case.network.biases))
    data = case.names, case.network.loss.name, case.X, case.Y
    with np.errstate(over="ignore"):  # autograd の tanh の微分 1/cosh² は、あふれて正しく 0 になる
        cost, found = judged_cost(pairs, *data), grad(judged_cost)(pairs, *data)
    return cost, {f"{name}{l}": g for l, pair in enumerate(found, 1) for name, g in zip("Wb", pair)}


def magnitudes(case: Drawn, *, saturating: bool = True) -> dict[str, np.ndarray]:
    """すべての項の絶対値で行った逆伝播。審判の関数だけから求める。

    ``saturating=False`` なら、活性化関数の微分の代わりに、その上限 1 を掛ける。
    """
    Z, A = [], [case.X]
    for W, b, name in zip(case.network.weights, case.network.biases, case.names):
        Z.append(W @ A[-1] + b)
        A.append(FUNCTIONS[name](Z[-1]))

    def through(l: int, T: np.ndarray) -> np.ndarray:
        if not saturating:
            return T + T.sum(axis=0) if case.names[l] == "softmax" else T
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


def error(given: np.ndarray, expected: np.ndarray, scale: np.ndarray) -> float:
    """``‖g − ĝ‖ / ‖s‖``。二乗があふれたり消えたりしないように、先に ``s`` の最大で割る。"""
    top = max(float(np.abs(scale).max()), SMALLEST)
    return float(np.linalg.norm((given - expected) / top) / max(np.linalg.norm(scale / top), 1e-3))


def errors(given: dict[str, np.ndarray], expected: dict[str, np.ndarray], scale: dict[str, np.ndarray]):
    assert given.keys() == expected.keys()
    assert all(given[name].shape == expected[name].shape for name in given)
    return {name: error(given[name], expected[name], scale[name]) for name in given}


def worst_error(case: Drawn) -> float:
    """すべての配列のうち最大の、autograd との誤差。"""
    found = errors(case.network.gradients(case.X, case.Y), judged(case)[1], magnitudes(case))
    return max(found.values())


def test_more_than_a_thousand_networks_agree_with_autograd():
    seen: Counter[str] = Counter()
    networks: set[tuple] = set()

    @judging(NETWORKS)
    def compare(case: Drawn) -> None:
        net = case.network
        cost, expected = judged(case)
        given = net.gradients(case.X, case.Y)
        assert net.cost(case.X, case.Y) == pytest.approx(cost, rel=1e-12, abs=1e-300)
        found = errors(given, expected, magnitudes(case))
        assert max(found.values()) <= BOUND, (case, found)
        count_what_was_seen(case, errors(given, expected, expected))

    def count_what_was_seen(case: Drawn, plain: dict[str, float]) -> None:
        net = case.network
        networks.add((repr(net), case.X.shape[1], case.seed))
        sizes, gradients = net.sizes, net.gradients(case.X, case.Y)
        seen.update(f"深さ {net.num_layers}, 幅 {n}, バッチ {case.X.shape[1]}".split(", ")[0] for n in sizes[:1])
        seen.update(f"幅 {n}" for n in set(sizes))
        seen[f"バッチ {case.X.shape[1]}"] += 1
        seen.update(f"{net.loss.name} と {name}" for name in set(case.names))
        seen[f"出力 {case.names[-1]}"] += 1
        seen["大きな重み"] += max(np.abs(W).max() for W in net.weights) > 20
        seen["0 だけの重み"] += any(not W.any() for W in net.weights)
        Z = net.forward(case.X).Z
        seen["折れ目の上"] += any((z == 0).any() for z, f in zip(Z, case.names) if f in KINKED)
        seen["配列"] += len(gradients)
        seen["0 でない配列"] += sum(np.abs(g).max() > SMALLEST for g in gradients.values())
        seen["勾配そのものを尺度にしても合う配列"] += sum(value <= BOUND for value in plain.values())

    compare()
    assert len(networks) >= 1000
    wanted = [f"深さ {n}" for n in range(1, 7)] + [f"幅 {n}" for n in range(1, 9)]
    wanted += [f"バッチ {n}" for n in range(1, 8)] + [f"出力 {name}" for name in ACTIVATIONS]
    wanted += [f"{loss} と {name}" for loss in LOSSES for name in ACTIVATIONS]
    wanted += ["大きな重み", "0 だけの重み", "折れ目の上"]
    print(seen)
    assert {name: seen[name] for name in wanted if seen[name] < 20} == {}
    assert seen["0 でない配列"] > 0.5 * seen["配列"]
    assert seen["勾配そのものを尺度にしても合う配列"] > 0.95 * seen["配列"]

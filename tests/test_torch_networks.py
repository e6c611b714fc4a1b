"""ネットワークの損失と勾配を、PyTorch と比べる（``pytest -m torch``）。食い違えば mpmath が裁く。

PyTorch は σ′ と tanh′ を ``a(1 − a)`` と ``1 − a²`` で求めるので、飽和したところで桁が落ちる。だから、飽和した
ネットワークでは、答えの違うものがいくつも出る。そのすべてで、この本の実装が正しいことを確かめる。
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from judging import EXACT, SMALLEST, Tally, error, exact, exact_exp, exact_gradient, exact_log, outside_judge
from test_outside_judges import PAIRS, SCALES, WRONG_STEPS, Drawn, magnitudes, targets

import backprop.network as rooms
from backprop.activations import ACTIVATIONS, LEAK
from backprop.losses import LOSSES
from backprop.network import Network

PLAIN = 1000
SATURATED = 700
BOUND = 1e-11
LEVELS = (10.0, 40.0, 300.0, 1e3, 3e3)
"""加重和の絶対値の最大。40 より先では、1 − σ(z) が倍精度で 0 になる。"""
NAME = "ネットワークの損失と勾配"


@pytest.fixture(scope="module")
def torch() -> Any:
    """PyTorch。"""
    return outside_judge("torch")


# ---- くじ --------------------------------------------------------------------------------------


def plain(number: int) -> Drawn:
    """番号で決まるネットワーク。深さ1〜6、幅1〜8、バッチ1〜7。重みの大きさは層ごとに違い、0 から 30 まで。

    hypothesis の引くものは、ほかにどの検査が読み込まれているかで変わる。記録に残す数なので、ここでは使わない。
    """
    rng = np.random.default_rng([20261125, number])
    loss, depth, m = str(rng.choice(list(LOSSES))), int(rng.integers(1, 7)), int(rng.integers(1, 8))
    sizes = [int(n) for n in rng.integers(1, 9, depth + 1)]
    kept = 1.0 - rng.choice([0.0, 0.5])  # 残りの重みとバイアスは、ちょうど 0

    def parameter(scale: float, shape: tuple[int, int]) -> np.ndarray:
        return rng.uniform(-scale, scale, shape) * (rng.random(shape) < kept)

    scales = rng.choice(SCALES, depth)
    weights = [parameter(scale, (n, k)) for scale, k, n in zip(scales, sizes, sizes[1:])]
    biases = [parameter(scale, (n, 1)) for scale, n in zip(scales, sizes[1:])]
    network = Network(weights, biases, functions(loss, depth, rng), loss)
    X, Y = rng.normal(size=(sizes[0], m)), targets(loss, sizes[-1], m, bool(rng.integers(2)), rng)
    return Drawn(network, X, Y)


def functions(loss: str, depth: int, rng: np.random.Generator) -> list[str]:
    """層ごとの活性化関数。"""
    names = [str(name) for name in rng.choice(list(ACTIVATIONS), depth)]
    return [*names[:-1], PAIRS.get(loss, names[-1])]


def saturated(number: int) -> Drawn:
    """層ごとに、加重和の絶対値の最大がちょうど決まった大きさになるように、重みを伸ばしたネットワーク。"""
    rng = np.random.default_rng([20261126, number])
    loss, depth, m = str(rng.choice(list(LOSSES))), int(rng.integers(1, 6)), int(rng.choice([1, 1, 2, 5]))
    sizes = [int(n) for n in rng.integers(1, 7, depth + 1)]
    names = functions(loss, depth, rng)
    X = rng.normal(size=(sizes[0], m))
    weights, biases, A = [], [], X
    for k, n, name in zip(sizes, sizes[1:], names):
        W, b = rng.normal(size=(n, k)), rng.normal(size=(n, 1))
        # どの層も振り切れていると、勾配がすべて 0 になってしまうので、三つに一つは伸ばさない
        stretch = rng.choice(LEVELS) / np.abs(W @ A + b).max() if rng.random() < 2 / 3 else 1.0
        weights.append(W * stretch)
        biases.append(b * stretch)
        A = ACTIVATIONS[name].value(weights[-1] @ A + biases[-1])
    Y = targets(loss, sizes[-1], m, bool(rng.integers(2)), rng)
    return Drawn(Network(weights, biases, names, loss), X, Y)


# ---- 審判 --------------------------------------------------------------------------------------


def torch_judge(torch: Any) -> Callable[[Drawn], dict[str, np.ndarray]]:
    """PyTorch による平均損失と勾配。順伝播も損失も PyTorch のもの。"""
    F = torch.nn.functional
    # 決まった値より大きい z では softplus を z そのものにする。既定値の 20 では e^{-20} の違いが残る
    functions = {
        "identity": torch.nn.Identity(),
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "leaky_relu": lambda z: F.leaky_relu(z, LEAK),
        "softplus": lambda z: F.softplus(z, threshold=40),
        "softmax": lambda z: F.softmax(z, dim=0),
    }
    losses = {
        "mse": lambda Z, A, Y: F.mse_loss(A, Y),
        "half_squared_error": lambda Z, A, Y: F.mse_loss(A, Y, reduction="sum") / (2 * Y.shape[1]),
        "binary_cross_entropy": lambda Z, A, Y: (
            F.binary_cross_entropy_with_logits(Z, Y, reduction="sum") / Y.shape[1]
        ),
        "cross_entropy": lambda Z, A, Y: F.cross_entropy(Z.T, Y.T),
    }

    def judge(case: Drawn) -> dict[str, np.ndarray]:
        values = case.network.parameters().items()
        named = {name: torch.tensor(value, requires_grad=True) for name, value in values}
        A, Y = torch.tensor(case.X), torch.tensor(case.Y)
        for l, name in enumerate(case.names, start=1):
            Z = named[f"W{l}"] @ A + named[f"b{l}"]
            A = functions[name](Z)
        cost = losses[case.network.loss.name](Z, A, Y)
        found = torch.autograd.grad(cost, list(named.values()))
        return {"J": np.array(cost.item()), **{name: g.numpy() for name, g in zip(named, found)}}

    return judge


def ours(case: Drawn) -> dict[str, np.ndarray]:
    """この本の実装による平均損失と勾配。"""
    return {
        "J": np.array(case.network.cost(case.X, case.Y)),
        **case.network.gradients(case.X, case.Y),
    }


# 定義どおりの値。微分は書かない。
EXACT_FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda Z: Z,
    "sigmoid": lambda Z: 1 / (1 + exact_exp(-Z)),
    "tanh": lambda Z: (exact_exp(Z) - exact_exp(-Z)) / (exact_exp(Z) + exact_exp(-Z)),
    "softplus": lambda Z: exact_log(1 + exact_exp(Z)),
    "softmax": lambda Z: exact_exp(Z) / exact_exp(Z).sum(axis=0),
}
# 倍精度の 0.01 は 1/100 ではないので、傾きは実装と同じ倍精度の数にする。
SLOPES = {"relu": exact(0.0), "leaky_relu": exact(LEAK)}
EXACT_LOSSES: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "mse": lambda Z, A, Y: ((A - Y) ** 2).sum(axis=0) / len(Y),
    "half_squared_error": lambda Z, A, Y: ((A - Y) ** 2).sum(axis=0) / 2,
    # 1 − σ(z) = σ(−z)
    "binary_cross_entropy": lambda Z, A, Y: (
        Y * exact_log(1 + exact_exp(-Z)) + (1 - Y) * exact_log(1 + exact_exp(Z))
    ).sum(axis=0),
    "cross_entropy": lambda Z, A, Y: (-Y * exact_log(A)).sum(axis=0),
}


class Exact:
    """一つのネットワークの、400桁の平均損失と、その数値微分。

    ReLU の折れ目のどちら側にあるかは、動かす前の点で決める（折れ目の上では、負の側の傾きという約束）。
    """

    def __init__(self, case: Drawn) -> None:
        self.case, self.Y = case, exact(case.Y)
        self.values = {name: exact(value) for name, value in case.network.parameters().items()}
        self.slopes: list[np.ndarray | None] = []
        A = exact(case.X)
        for l, name in enumerate(case.names, start=1):
            Z = self.values[f"W{l}"] @ A + self.values[f"b{l}"]
            slope = np.where(Z > 0, EXACT.mpf(1), SLOPES[name]) if name in SLOPES else None
            self.slopes.append(slope)
            A = self._activity(name, Z, slope)

    def __call__(self, name: str) -> np.ndarray:
        """損失 ``J`` か、名前の示すパラメータに関する勾配。"""
        if name == "J":
            return np.array(float(self.cost({})))
        at = self.case.network.parameters()[name]
        return exact_gradient(lambda moved: self.cost({name: moved}), at)

    def cost(self, moved: dict[str, np.ndarray]) -> Any:
        """パラメータを取り替えたときの平均損失。"""
        values, A = {**self.values, **moved}, exact(self.case.X)
        for l, (name, slope) in enumerate(zip(self.case.names, self.slopes), start=1):
            Z = values[f"W{l}"] @ A + values[f"b{l}"]
            A = self._activity(name, Z, slope)
        losses = EXACT_LOSSES[self.case.network.loss.name](Z, A, self.Y)
        return losses.sum() / len(losses)

    @staticmethod
    def _activity(name: str, Z: np.ndarray, slope: np.ndarray | None) -> np.ndarray:
        return EXACT_FUNCTIONS[name](Z) if slope is None else Z * slope


# ---- 比べる ------------------------------------------------------------------------------------


def scales(case: Drawn) -> dict[str, np.ndarray]:
    """打ち消しあいがなければ持つはずの大きさ。損失も勾配も、これを尺度にする。"""
    A = case.network.predict(case.X)
    J = case.network.cost(case.X, case.Y)
    cost = {
        "mse": np.mean((np.abs(A) + np.abs(case.Y)) ** 2),
        "half_squared_error": ((np.abs(A) + np.abs(case.Y)) ** 2).sum() / (2 * A.shape[1]),
        "binary_cross_entropy": J,
        "cross_entropy": 1 + J,  # log Σ e^z の中は1以上なので、その丸めは1に対するもの
    }[case.network.loss.name]
    return {"J": np.array(cost), **magnitudes(case)}


Judge = Callable[[Drawn], dict[str, np.ndarray]]


def compare(tally: Tally, case: Drawn, judge: Judge) -> None:
    tally.compare(case, ours(case), judge(case), scales(case), lambda name: Exact(case)(name))


@pytest.mark.torch
def test_a_thousand_networks(torch: Any, record_property: Callable[[str, Any], None]) -> None:
    tally, judge = Tally(BOUND), torch_judge(torch)
    for number in range(PLAIN):
        compare(tally, plain(number), judge)
    assert not tally.wrong
    assert tally.compared == PLAIN
    record_property("outside", {"name": NAME, **tally.report()})


@pytest.mark.torch
def test_saturated_networks(torch: Any, record_property: Callable[[str, Any], None]) -> None:
    tally, judge, seen = Tally(BOUND), torch_judge(torch), Counter[str]()
    for number in range(SATURATED):
        case = saturated(number)
        compare(tally, case, judge)
        seen.update(traits(case))
    assert not tally.wrong
    assert {name: seen[name] for name in TRAITS if seen[name] < 30} == {}
    assert seen["0 でない勾配"] > 0.8 * SATURATED
    # 飽和すると PyTorch の桁が落ちる。一度も裁かなかったなら、飽和したところを調べていない
    assert tally.decided >= 30
    record_property("outside", {"name": NAME, **tally.report()})


TRAITS = ("1例だけ", "0 でない勾配", *(f"{z:g} より大きい z の {f}" for z in (39, 999) for f in ACTIVATIONS))


def traits(case: Drawn) -> Iterator[str]:
    """飽和したネットワークの特徴。"""
    yield from ["1例だけ"] * (case.X.shape[1] == 1)
    for name, Z in zip(case.names, case.network.forward(case.X).Z):
        yield from (f"{z:g} より大きい z の {name}" for z in (39, 999) if np.abs(Z).max() > z)
    found = case.network.gradients(case.X, case.Y).values()
    yield from ["0 でない勾配"] * any(np.abs(g).max() > SMALLEST for g in found)


def small(number: int) -> list[Drawn]:
    """2層以上で、パラメータの少ないネットワーク。400桁の微分が、すぐに済む。"""
    cases = (case for case in map(saturated, itertools.count()) if case.network.num_layers > 1)
    few = (c for c in cases if sum(value.size for value in c.network.parameters().values()) <= 30)
    return list(itertools.islice(few, number))


def test_the_arbiter_agrees_with_the_package() -> None:
    """PyTorch がなくても、裁くものと、この本の実装とを比べる。"""
    for case in small(25):
        truth, given, scale = Exact(case), ours(case), scales(case)
        assert max(error(given[name], truth(name), scale[name]) for name in given) <= BOUND


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", [-300.0, -30.0, -15.0, 15.0, 30.0, 300.0])
def test_no_digit_is_lost_in_saturation(name: str, z: float) -> None:
    """PyTorch と同じところで桁を落としても、PyTorch とは食い違わない。だから、裁くものとじかに比べる。"""
    weights = [np.array([[z], [z / 2]]), np.array([[1.0, -2.0]])]
    biases = [np.zeros((2, 1)), np.zeros((1, 1))]
    network = Network(weights, biases, [name, "identity"], "mse")
    case = Drawn(network, np.array([[1.0]]), np.array([[0.3]]))
    given, scale = ours(case), scales(case)
    assert max(error(given[key], Exact(case)(key), scale[key]) for key in given) <= BOUND


@pytest.mark.parametrize("mistake", WRONG_STEPS)
@pytest.mark.long
def test_a_wrong_step_loses_the_trial(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """壊した実装と、壊す前の答え（審判の代わり）を比べると、裁くものは、壊したほうを間違いとする。"""
    known = [(case, ours(case)) for case in small(60)]
    monkeypatch.setattr(rooms, *WRONG_STEPS[mistake])
    tally = Tally(BOUND, patience=100)
    for case, right in known:
        compare(tally, case, lambda _, right=right: right)
    assert tally.wrong
    assert tally.right == {"backprop": 0, "other": tally.decided}


def test_a_wrong_judge_loses_the_trial() -> None:
    tally = Tally(BOUND, patience=100)
    for case in small(5):
        compare(tally, case, lambda case: {name: g * (1 + 1e-9) for name, g in ours(case).items()})
    assert tally.decided
    assert not tally.wrong
    assert tally.right == {"backprop": tally.decided, "other": 0}

"""動かして見る図の計算（`_static/interactive/parts/engine.js`）を、ブラウザの中で動かし、パッケージと比べる。"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from asking import Ask, asking
from selenium import webdriver

from backprop import steps
from backprop.activations import ACTIVATIONS
from backprop.interactive.numbers import number
from backprop.losses import LOSSES
from backprop.network import Network

CLOSE = 1e-12
PAIRS = [
    (output, loss)
    for output, loss in product(ACTIVATIONS, LOSSES)
    if LOSSES[loss].output_activation in (None, output)
]


@pytest.fixture(scope="module")
def ask(browser: webdriver.Chrome) -> Iterator[Ask]:
    with asking(browser, "engine", "numbers") as made:
        yield made


def drawn(seed: int, pair: tuple[str, str], hidden: str, scale: float = 1.0) -> tuple[Network, Any, Any]:
    """大きさも例の数も違うネットワークを、一つ引く。"""
    rng = np.random.default_rng(seed)
    sizes = [int(n) for n in rng.integers(1, 5, 3)]
    m = int(rng.integers(1, 5))
    net = Network.random(sizes, [hidden, pair[0]], pair[1], rng=rng, weight_scale=scale, bias_scale=scale / 2)
    X, Y = scale * rng.normal(size=(sizes[0], m)), rng.normal(size=(sizes[2], m))
    if pair[1] == "binary_cross_entropy":
        Y = rng.integers(0, 2, Y.shape) * 1.0 if seed % 2 else rng.uniform(size=Y.shape)
    if pair[1] == "cross_entropy":
        Y = np.eye(sizes[2])[:, rng.integers(0, sizes[2], m)] if seed % 2 else softmax_columns(Y)
    return net, X, Y


def softmax_columns(Y: np.ndarray) -> np.ndarray:
    e = np.exp(Y)
    return e / e.sum(axis=0)


def plain(net: Network, X: Any, Y: Any, **more: Any) -> dict[str, Any]:
    """ブラウザに渡す形。"""
    hidden, output = (f.name for f in net.activations)
    values = {name: value.tolist() for name, value in net.parameters().items()}
    names = {"hidden": hidden, "output": output, "loss": net.loss.name}
    return {"net": values | names, "X": X.tolist(), "Y": Y.tolist(), **more}


def apart(given: Any, expected: Any) -> float:
    """要素ごとの相対誤差の最大。配列の最大の要素の 1e-3 倍より小さいものは、その大きさに対して測る。"""
    a, b = np.asarray(given, dtype=float), np.asarray(expected, dtype=float)
    assert a.shape == b.shape
    if np.array_equal(a, b):
        return 0.0
    size = np.maximum(np.maximum(abs(a), abs(b)), 1e-3 * abs(b).max())
    return float((abs(a - b) / np.where(size == 0, 1, size)).max())


ROUND_TRIP = """q.map(({ net, X, Y, rate }) => {
  const record = engine.forward(net, X), found = engine.backward(net, record, Y);
  const after = engine.updated(net, found, rate);
  return { ...record, ...found, losses: engine.losses(net, record, Y), cost: engine.cost(net, X, Y),
    after: engine.PARAMETERS.map(name => after[name]), lower: engine.cost(after, X, Y) };
})"""


class TestRoundTrip:
    """一往復と更新。"""

    @pytest.mark.parametrize("scale", [1.0, 6.0])
    def test_random_networks(self, ask: Ask, scale: float) -> None:
        """すべての活性化関数、損失、バッチ。大きい重みでは、出力も隠れ層も飽和する。"""
        cases = [
            drawn(4 * n + k, pair, hidden, scale)
            for n, (pair, hidden) in enumerate(product(PAIRS, ACTIVATIONS))
            for k in range(4)
        ]
        assert len(cases) >= 400
        answers = ask(ROUND_TRIP, [plain(*case, rate=0.1) for case in cases])
        worst = max(self.compared(*case, answer) for case, answer in zip(cases, answers, strict=True))
        assert worst <= CLOSE, worst

    @staticmethod
    def compared(net: Network, X: Any, Y: Any, answer: dict[str, Any]) -> float:
        record = net.forward(X)
        deltas, gradients = net.backward(record, Y)
        moved = {name: steps.update(value, gradients[name], 0.1) for name, value in net.parameters().items()}
        if net.loss.value_at_z is None:
            losses = net.loss.value(record.A[-1], Y)
        else:
            losses = net.loss.value_at_z(record.Z[-1], Y)
        expected = {
            "A0": X, "Z1": record.Z[0], "A1": record.A[1], "Z2": record.Z[1], "A2": record.A[2],
            "dA": net.loss.gradient(record.A[-1], Y), "delta2": deltas[1], "delta1": deltas[0],
            "losses": losses, "cost": net.cost(X, Y), **gradients,
        }  # fmt: skip
        pairs = [(answer[name], value) for name, value in expected.items()]
        pairs += list(zip(answer["after"], moved.values(), strict=True))
        # 損失の差し引きで桁が落ちるので、新しい損失だけは、もとの損失の大きさに対して測る。
        pairs.append(([answer["cost"], answer["lower"]], [net.cost(X, Y), net.replace(**moved).cost(X, Y)]))
        return max(apart(given, value) for given, value in pairs)

    def test_each_step_is_the_step_of_the_package(self, ask: Ask) -> None:
        """検印を押した式を書いた、六つのステップの関数と、一つずつ比べる。"""
        net, X, Y = drawn(5, ("sigmoid", "mse"), "tanh")
        rng = np.random.default_rng(3)
        d2, back = rng.normal(size=(net.sizes[2], X.shape[1])), rng.normal(size=(net.sizes[1], X.shape[1]))
        given = plain(net, X, Y, d2=d2.tolist(), back=back.tolist())
        found = ask(
            """(() => { const r = engine.forward(q.net, q.X), S = engine.STEPS;
            const dA = S.outputGradient(q.net, r, q.Y);
            return [dA, S.outputDelta(q.net, r, q.Y, dA), S.hiddenDelta(q.net, r, S.back(q.net, q.d2)),
              S.weightGradient(q.d2, r.A1), S.biasGradient(q.d2), S.update(q.net.W2, q.net.W2, 0.3)]; })()""",
            given,
        )
        record, (hidden, output) = net.forward(X), net.activations
        dA = steps.output_gradient(record.A[2], Y, net.loss)
        expected = [
            dA,
            steps.output_delta(dA, record.Z[1], output),
            steps.hidden_delta(net.weights[1], d2, record.Z[0], hidden),
            steps.weight_gradient(d2, record.A[1]),
            steps.bias_gradient(d2),
            steps.update(net.weights[1], net.weights[1], 0.3),
        ]
        assert max(apart(a, b) for a, b in zip(found, expected, strict=True)) <= CLOSE


class TestFunctions:
    """活性化関数と損失の、端まで。"""

    Z = [0.0, 1e-12, 1e-3, 0.5, 1.0, 3.0, 18.0, 37.0, 40.0, 300.0, 700.0, 745.5, 1e4]

    @pytest.mark.parametrize("name", list(ACTIVATIONS))
    def test_activations(self, ask: Ask, name: str) -> None:
        Z = np.array([[sign * z for sign in (1, -1) for z in self.Z], [0.25] * (2 * len(self.Z))])
        dA = np.random.default_rng(0).normal(size=Z.shape)
        q = {"name": name, "Z": Z.tolist(), "dA": dA.tolist()}
        value, pulled, slope = ask(
            """(f => [f.value(q.Z), f.pullback(q.Z, q.dA), f.derivative && f.derivative(q.Z)])
            (engine.ACTIVATIONS[q.name])""",
            q,
        )
        f = ACTIVATIONS[name]
        for given, expected in ((value, f.value(Z)), (pulled, f.pullback(Z, dA))):
            assert np.allclose(given, expected, rtol=CLOSE, atol=5e-324)
        if name == "softmax":
            assert slope is None
        else:
            assert np.allclose(slope, f.derivative(Z), rtol=CLOSE, atol=5e-324)

    def test_losses_of_saturated_outputs(self, ask: Ask) -> None:
        rng = np.random.default_rng(1)
        z = np.array([sign * z for sign in (1, -1) for z in self.Z])
        for output, loss in PAIRS:
            one = loss != "cross_entropy"
            Z = z[np.newaxis] if one else np.vstack([z, 0 * z, z[::-1]])
            Y = rng.integers(0, 2, Z.shape) * 1.0 if one else np.eye(3)[:, rng.integers(0, 3, Z.shape[1])]
            A = ACTIVATIONS[output].value(Z)
            given = ask(
                "engine.losses(q.net, { Z2: q.Z, A2: q.A }, q.Y)",
                {"net": {"loss": loss}, "Z": Z.tolist(), "A": A.tolist(), "Y": Y.tolist()},
            )
            at_z, chosen = LOSSES[loss].value_at_z, LOSSES[loss]
            expected = chosen.value(A, Y) if at_z is None else at_z(Z, Y)
            assert np.allclose(given, expected, rtol=CLOSE, atol=0), (output, loss)

    def test_allowed_pairs(self, ask: Ask) -> None:
        names = list(product(ACTIVATIONS, LOSSES))
        found = ask("q.map(([output, loss]) => engine.allowed(output, loss))", names)
        assert [pair for pair, ok in zip(names, found, strict=True) if ok] == PAIRS
        listed = ask("[Object.keys(engine.ACTIVATIONS), Object.keys(engine.LOSSES)]")
        assert [set(part) for part in listed] == [set(ACTIVATIONS), set(LOSSES)]


class TestNumbers:
    """数の書き方は、Python の `number` と1文字も違わない。"""

    def test_written_as_by_python(self, ask: Ask) -> None:
        rng = np.random.default_rng(2)
        ties = "0 -0.0 1 0.125 1.125 1.375 2.5 0.5 12.25 1225 0.0625 999.5 1000.5 12345"
        edges = "99999 99950 123456 9.995 0.00012345 9.9995e-5 1e-5 1.5e-7 1e300 5e-324 1e4 1e5"
        values = [float(v) for v in f"{ties} {edges}".split()]
        values += [k / 64 for k in range(1, 400)]
        values += list(10 ** rng.uniform(-9, 9, 1500) * rng.choice([-1, 1], 1500))
        for digits in (1, 2, 3, 6):
            asked = [[float(v) for v in values], digits]
            found = ask("q[0].map(value => numbers.number(value, q[1]))", asked)
            expected = [number(float(v), digits) for v in values]
            assert [(v, a, b) for v, a, b in zip(values, found, expected, strict=True) if a != b] == []
        assert ask("[numbers.number(Infinity), numbers.number(-Infinity)]") == ["∞", "−∞"]
        assert math.isclose(float(number(0.125, 2)), 0.12)  # ちょうど真ん中は偶数へ

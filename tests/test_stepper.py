"""一歩ずつの図の検査: 入っている値、ページの計算と言葉、ブラウザでの動き。"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import product
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from asking import Ask, asking
from autograd import grad
from selenium import webdriver
from test_engine import PAIRS, apart, drawn, plain

from backprop import interactive
from backprop.activations import ACTIVATIONS
from backprop.interactive.formula import mathml
from backprop.interactive.stepping import bugs as stepping_bugs
from backprop.interactive.stepping.plan import plan
from backprop.interactive.stepping.values import round_trip
from backprop.judges import museum
from backprop.network import Network

PARTS = ("engine", "formula", "trip", "plan", "bugs", "judges")
PLAN = """q.map(state => {
  const t = trip.trip(state);
  const text = step => step.sums(t).map(line => line.replaceAll(/ data-name="[^"]*"/g, '').replaceAll('<span>', ''));
  return plan.plan(t).map(step => ({ ...step, sums: text(step), formulas: step.formulas.map(formula.mathml) }));
})"""


@pytest.fixture(scope="module")
def ask(browser: webdriver.Chrome) -> Iterator[Ask]:
    with asking(browser, *PARTS) as made:
        yield made


def every_kind() -> Iterator[tuple[Network, Any, Any, int, bool]]:
    """すべての活性化関数と損失の組。一つの例と、全例。"""
    for n, (pair, hidden) in enumerate(product(PAIRS, ACTIVATIONS)):
        net, X, Y = drawn(n, pair, hidden)
        for batch in (False, True):
            yield net, X, Y, n % X.shape[1], batch


class TestWords:
    """ページの書く手順は、Python の書く手順と、一字も違わない。"""

    def test_every_step_of_every_kind(self, ask: Ask) -> None:
        cases = list(every_kind())
        states = [plain(net, X, Y, rate=0.25, shown=n, batch=batch) for net, X, Y, n, batch in cases]
        answers = ask(PLAN, states)
        count = 0
        for (net, X, Y, n, batch), answer in zip(cases, answers, strict=True):
            t = round_trip(net, X, Y, 0.25, n, batch)
            steps = list(plan(t))
            assert [step["title"] for step in answer] == [step.title for step in steps]
            for given, step in zip(answer, steps, strict=True):
                expected = {
                    "phase": step.phase, "see": step.see, "shapes": step.shapes, "note": step.note,
                    "shows": list(step.shows), "nodes": list(step.nodes), "wires": list(step.wires),
                    "way": step.way, "formulas": [mathml(f) for f in step.formulas],
                }  # fmt: skip
                assert {name: given[name] for name in expected} == expected, (net, step.title)
                lines = [unmarked(line) for line in step.sums(t)]
                assert [unmarked(line) for line in given["sums"]] == lines, (net, step.title)
                count += len(lines)
        assert count > 5000


def unmarked(line: str) -> str:
    """色のない数の印を除く。"""
    return line.replace("</span>", "").replace('<span class="f">', "‹f›").replace('<span class="b">', "‹b›")


# ---- 誤りと審判 ----------------------------------------------------------------------------------

NEEDS = "Object.entries(bugs.BUGS).map(([name, bug]) => [name, bug.needs(q.net, q.m)])"
COMPUTE = """q.map(({ net, X, Y, rate, bug }) => {
  const found = bugs.BUGS[bug], record = engine.forward(net, X);
  const made = (found?.backward ?? engine.backward)(net, record, Y);
  const after = found?.step?.(net, record, Y, rate)[0] ?? engine.updated(net, made, rate);
  const list = values => engine.PARAMETERS.map(name => values[name]);
  return { gradients: list(made), after: list(after), cost: engine.mean((found?.losses ?? engine.losses)(net, record, Y)) };
})"""
EXAMINE = "q.map(({ net, X, Y, rate, bug, draws }) => judges.examine(net, X, Y, bugs.BUGS[bug], rate, draws))"
RATE = 0.2
FUNCTIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
    "softmax": lambda z: anp.exp(z) / anp.exp(z).sum(axis=0),
    "mse": lambda p, t: ((p - t) ** 2).mean(axis=0),
    "half_squared_error": lambda p, t: ((p - t) ** 2).sum(axis=0) / 2,
    "cross_entropy": lambda p, t: -(t * anp.log(p)).sum(axis=0),
    "binary_cross_entropy": lambda p, t: -(t * anp.log(p) + (1 - t) * anp.log(1 - p)).sum(axis=0),
}


def by_autograd(net: Network, X: Any, Y: Any) -> dict[str, Any]:
    """よその自動微分。"""

    def cost(parameters: dict[str, Any]) -> Any:
        A = X
        for l, f in enumerate(net.activations, start=1):
            A = FUNCTIONS[f.name](anp.dot(parameters[f"W{l}"], A) + parameters[f"b{l}"])
        return FUNCTIONS[net.loss.name](A, Y).mean()

    return grad(cost)(net.parameters())


def exhibit(name: str, net: Network, X: Any, Y: Any, rate: float) -> museum.Exhibit:
    """博物館の展示を、このネットワークと例の上に置いたもの。"""
    if not name:
        return museum.own(museum.right, net, X, Y, rate=rate)
    stage = museum.OwnStage(net, X, Y, rate)
    made = dataclasses.replace(museum.EXHIBITS[name], stage=stage)
    if name == "flipped_sign":  # 博物館では、ステップ1と2のまとまる組にだけある
        made = dataclasses.replace(made, backward=lambda n, r, Y: museum.from_output(n, r, -museum.right_output(n, r, Y)))
    return made


def staged(seed: int) -> tuple[Network, Any, Any]:
    """誤りの条件に当たりやすい、大きさのそろったものを多く引く。目標は、ときどき0と1。"""
    rng = np.random.default_rng(seed)
    pair = PAIRS[seed % len(PAIRS)] if seed % 3 else [("identity", "mse"), ("softmax", "cross_entropy"),
            ("sigmoid", "binary_cross_entropy"), ("softmax", "mse"), ("identity", "half_squared_error")][seed // 3 % 5]  # fmt: skip
    hidden = list(ACTIVATIONS)[seed // 2 % 7] if seed % 2 else ("tanh", "relu")[seed // 2 % 2]
    n = int(rng.integers(2, 5))
    sizes = [n] * 3 if seed % 4 < 2 else [int(k) for k in rng.integers(1, 5, 3)]
    m = n if seed % 5 == 0 else int(rng.integers(1, 5))
    if seed % 7 == 0:
        sizes[2] = 1
    net = Network.random(sizes, [hidden, pair[0]], pair[1], rng=rng, weight_scale=0.8, bias_scale=0.5)
    X, Y = rng.normal(size=(sizes[0], m)), rng.normal(size=(sizes[2], m))
    if pair[1] == "binary_cross_entropy" or seed % 11 == 0:
        Y = rng.integers(0, 2, Y.shape) * 1.0
    if pair[1] == "cross_entropy":
        Y = np.eye(sizes[2])[:, rng.integers(0, sizes[2], m)]
    return net, X, Y


class TestBugs:
    """ページの誤りと審判は、博物館のものと同じ。"""

    def test_all_but_three_are_there(self, ask: Ask) -> None:
        names = ask("Object.keys(bugs.BUGS)")
        assert set(names) == set(museum.EXHIBITS) - set(stepping_bugs.LEFT_OUT)
        assert set(names) == set(stepping_bugs.TOLD) == set(stepping_bugs.bugs())
        assert len(stepping_bugs.LEFT_OUT) == 3

    def test_wrong_gradients_costs_and_updates(self, ask: Ask) -> None:
        cases = applicable(ask, 20)
        for (name, net, X, Y), answer in zip(cases, ask(COMPUTE, self.asked(cases)), strict=True):
            shown = exhibit(name, net, X, Y, RATE)
            assert answer["cost"] == pytest.approx(shown.cost(net, X, Y), rel=1e-12, abs=1e-15)
            wrong, right = shown.gradients(net, X, Y), net.gradients(X, Y)
            size = max(abs(value).max() for value in right.values())
            for given, (key, value) in zip(answer["gradients"], wrong.items(), strict=True):
                away = abs(np.array(given) - np.broadcast_to(value, right[key].shape)).max()
                assert away <= 1e-12 * max(size, np.abs(value).max()), (name, key)
            moved = shown.stage.network()
            shown.step(shown, moved, X, Y, {})
            assert max(map(apart, answer["after"], moved.parameters().values())) <= 1e-11, name

    @pytest.mark.long
    def test_verdicts_are_those_of_the_museum(self, ask: Ask) -> None:
        cases, compared = applicable(ask, 7), dict.fromkeys([*museum.JUDGES, "記号", "自動微分"], 0)
        for (name, net, X, Y), found in zip(cases, ask(EXAMINE, self.asked(cases)), strict=True):
            verdict = examined(exhibit(name, net, X, Y, RATE))
            for judge, noticed in found.items():
                if isinstance(noticed, str) or not verdict:
                    assert noticed == "折れ目の近く" or judge not in verdict
                    continue
                assert noticed == verdict[judge], (name, judge, net, X.shape)
                compared[judge] += 1
        assert min(compared.values()) > 50, compared

    @staticmethod
    def asked(cases: list[Any]) -> list[dict[str, Any]]:
        draws = stepper_data()["draws"]
        return [plain(net, X, Y, rate=RATE, bug=name, draws=draws) for name, net, X, Y in cases]


def examined(shown: museum.Exhibit) -> dict[str, bool]:
    """博物館の審判の答え。学習のあとで softmax の出力が飽和し、0 と ∞ の積になる展示は、答えがない。"""
    try:
        with np.errstate(invalid="ignore"):
            return museum.examine(shown, {"記号": by_autograd, "自動微分": by_autograd})
    except ValueError:
        return {}


def applicable(ask: Ask, most: int) -> list[tuple[str, Network, Any, Any]]:
    """どの誤りも、当てはまるネットワークを、`most` 個まで。空の名前は、正しい実装。"""
    cases, seen = [], dict.fromkeys(["", *stepping_bugs.bugs()], 0)
    for seed in range(260):
        net, X, Y = staged(seed)
        needs = dict(ask(NEEDS, plain(net, X, Y, m=X.shape[1])))
        names = [name for name in seen if not needs.get(name) and seen[name] < most]
        for name in names:
            seen[name] += 1
            cases.append((name, net, X, Y))
    assert min(seen.values()) >= 5, seen
    return cases


def stepper_data() -> dict[str, Any]:
    net = Network.random([2, 3, 2], ["relu", "identity"], "mse", rng=np.random.default_rng(0))
    return interactive.stepper(net, np.ones((2, 1)), np.ones((2, 1)), learning_rate=0.1).data

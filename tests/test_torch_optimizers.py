"""最適化器の歩みを、PyTorch と1歩ずつ比べる（``pytest -m torch``）。食い違えば mpmath が裁く。

設定は、最適化器の説明にある違いを埋めて、同じ列になるようにする。

- モーメンタムとネステロフの加速法: PyTorch は学習率を速度に含めない。学習率が変わるときは、PyTorch の学習率を
  1 とし、勾配に学習率を掛けて渡せば同じになる。
- `AdamHat`: PyTorch にはない。1歩ごとに ``ε = ε̂ / √(1 − β₂^k)`` とした Adam と同じである。
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from judging import EXACT, Tally, exact, outside_judge

from backprop.optimizers import (
    OPTIMIZERS,
    AdaGrad,
    Adam,
    AdamHat,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
    Schedule,
    constant,
    cosine,
    exponential_decay,
    step_decay,
)

RUNS = 160
"""最適化器一つごとの、歩みの数。"""
BOUND = 1e-12
NAME = "最適化器の歩み"
KINDS: dict[str, type[Optimizer]] = {**OPTIMIZERS, "adam_hat": AdamHat}
SHAPES = ((1,), (5,), (3, 4), (4, 1), (1, 1), (2, 3, 2), ())
BIG = (90, 100)
"""最適化器が切り分けて更新する大きさ（`backprop.optimizers.BLOCK` を超える）。"""


@pytest.fixture(scope="module")
def torch() -> Any:
    """PyTorch。"""
    return outside_judge("torch")


@dataclass(frozen=True)
class Run:
    """一つの歩み: 設定、始めの点、1歩ごとの勾配。"""

    kind: str
    schedule: Schedule
    settings: dict[str, float]
    start: list[np.ndarray]
    gradients: list[list[np.ndarray]]

    def optimizer(self) -> Optimizer:
        return KINDS[self.kind](learning_rate=self.schedule, **self.settings)


def draw(kind: str, number: int) -> Run:
    """番号で決まる歩み。"""
    rng = np.random.default_rng([20261127, list(KINDS).index(kind), number])
    steps = int(rng.integers(20, 51))
    shapes = [SHAPES[i] for i in rng.integers(len(SHAPES), size=rng.integers(1, 4))]
    if number % 40 == 0:
        shapes = [BIG]
    # 要素ごとに大きさの違う勾配。二つに一つの歩みでは、0 が混ざる
    sizes = [10.0 ** rng.uniform(-6, 4, shape) for shape in shapes]
    kept = rng.choice([1.0, 0.5])
    gradients = [
        [
            np.array(size * rng.normal(size=shape) * (rng.random(shape) < kept))
            for size, shape in zip(sizes, shapes)
        ]
        for _ in range(steps)
    ]
    # 二つに一つの歩みは原点から始める。始めの点が大きいと、小さな一歩の誤りが丸めに埋もれる
    far = rng.choice([0.0, 1.0])
    start = [np.array(far * 10.0 ** rng.uniform(-3, 2) * rng.normal(size=shape)) for shape in shapes]
    return Run(kind, draw_schedule(rng, steps), draw_settings(kind, rng), start, gradients)


def draw_schedule(rng: np.random.Generator, steps: int) -> Schedule:
    rate = float(10.0 ** rng.uniform(-4, 0))
    return [
        constant(rate),
        step_decay(rate, factor=float(rng.uniform(0.1, 1)), every=int(rng.integers(1, 12))),
        exponential_decay(rate, decay=float(rng.uniform(0.8, 1))),
        cosine(rate, final=rate * float(rng.uniform(0.01, 1)), steps=int(rng.integers(5, steps + 5))),
        lambda t: rate / (1 + t),
    ][rng.integers(5)]


def draw_settings(kind: str, rng: np.random.Generator) -> dict[str, float]:
    def coefficient(*usual: float) -> float:
        return float(rng.choice([*usual, rng.uniform(0, 0.99), 0.0]))

    epsilon = {"epsilon": float(10.0 ** rng.uniform(-10, 0))}
    if kind == "gradient_descent":
        return {}
    if issubclass(KINDS[kind], Momentum):
        return {"momentum": coefficient(0.9, 0.5, 0.99)}
    if kind == "adagrad":
        return epsilon
    if kind == "rmsprop":
        return {"decay": coefficient(0.9, 0.99), **epsilon}
    return {"beta1": coefficient(0.9, 0.5), "beta2": coefficient(0.999, 0.99), **epsilon}


def walk(run: Run) -> Iterator[list[np.ndarray]]:
    """この本の最適化器で歩く。"""
    optimizer, theta = run.optimizer(), [value.copy() for value in run.start]
    for gradients in run.gradients:
        optimizer.step(theta, gradients)
        yield [value.copy() for value in theta]


# ---- PyTorch -----------------------------------------------------------------------------------


def torch_walk(torch: Any, run: Run) -> Iterator[list[np.ndarray]]:
    """PyTorch の最適化器で、同じ道を歩く。"""
    theta = [torch.tensor(value, requires_grad=True) for value in run.start]
    optimizer = torch_optimizer(torch, run, theta)
    group = optimizer.param_groups[0]
    for t, gradients in enumerate(run.gradients):
        rate, factor = run.schedule(t), 1.0
        if run.kind in ("momentum", "nesterov"):
            rate, factor = 1.0, rate
        if run.kind == "adam_hat":
            group["eps"] = run.settings["epsilon"] / math.sqrt(1 - run.settings["beta2"] ** (t + 1))
        group["lr"] = rate
        for value, gradient in zip(theta, gradients):
            value.grad = torch.tensor(gradient * factor)
        optimizer.step()
        yield [value.detach().numpy().copy() for value in theta]


def torch_optimizer(torch: Any, run: Run, theta: list[Any]) -> Any:
    """同じ設定の、PyTorch の最適化器。まとめて更新する書き方も、一つずつの書き方も使う。"""
    of, how = run.settings, {"lr": 1.0, "foreach": len(run.gradients) % 2 == 0}
    if run.kind == "gradient_descent":
        return torch.optim.SGD(theta, **how)
    if run.kind in ("momentum", "nesterov"):
        # 慣性のないネステロフの加速法は勾配降下法であり、PyTorch は断る
        nesterov = run.kind == "nesterov" and of["momentum"] > 0
        return torch.optim.SGD(theta, momentum=of["momentum"], nesterov=nesterov, **how)
    if run.kind == "adagrad":
        return torch.optim.Adagrad(theta, eps=of["epsilon"], **how)
    if run.kind == "rmsprop":
        return torch.optim.RMSprop(theta, alpha=of["decay"], eps=of["epsilon"], **how)
    return torch.optim.Adam(theta, betas=(of["beta1"], of["beta2"]), eps=of["epsilon"], **how)


# ---- 400桁の歩み -------------------------------------------------------------------------------

_exact_sqrt = np.vectorize(EXACT.sqrt, otypes=[object])


def exact_walk(run: Run, which: int) -> Iterator[np.ndarray]:
    """一つの配列の歩みを、文献の式のとおりに400桁で求める。"""
    theta, rule = exact(run.start[which]), EXACT_RULES[run.kind]
    of = {name: EXACT.mpf(value) for name, value in run.settings.items()}
    state = [exact(np.zeros_like(run.start[which])) for _ in range(2)]
    for t, gradients in enumerate(run.gradients):
        theta, *state = rule(theta, exact(gradients[which]), state, EXACT.mpf(run.schedule(t)), t + 1, of)
        yield np.array(theta, dtype=float)


def _exact_momentum(theta, g, state, rate, k, of):
    v = of["momentum"] * state[0] - rate * g
    return theta + v, v


def _exact_nesterov(theta, g, state, rate, k, of):
    v = of["momentum"] * state[0] - rate * g
    return theta + of["momentum"] * v - rate * g, v


def _exact_adagrad(theta, g, state, rate, k, of):
    s = state[0] + g * g
    return theta - rate * g / (_exact_sqrt(s) + of["epsilon"]), s


def _exact_rmsprop(theta, g, state, rate, k, of):
    s = of["decay"] * state[0] + (1 - of["decay"]) * g * g
    return theta - rate * g / (_exact_sqrt(s) + of["epsilon"]), s


def _exact_moments(g, state, of):
    m = of["beta1"] * state[0] + (1 - of["beta1"]) * g
    return m, of["beta2"] * state[1] + (1 - of["beta2"]) * g * g


def _exact_adam(theta, g, state, rate, k, of):
    m, v = _exact_moments(g, state, of)
    root = _exact_sqrt(v / (1 - of["beta2"] ** k))
    return theta - rate * (m / (1 - of["beta1"] ** k)) / (root + of["epsilon"]), m, v


def _exact_adam_hat(theta, g, state, rate, k, of):
    m, v = _exact_moments(g, state, of)
    step = rate * EXACT.sqrt(1 - of["beta2"] ** k) / (1 - of["beta1"] ** k)
    return theta - step * m / (_exact_sqrt(v) + of["epsilon"]), m, v


EXACT_RULES: dict[str, Callable[..., tuple[np.ndarray, ...]]] = {
    "gradient_descent": lambda theta, g, state, rate, k, of: (theta - rate * g,),
    "momentum": _exact_momentum,
    "nesterov": _exact_nesterov,
    "adagrad": _exact_adagrad,
    "rmsprop": _exact_rmsprop,
    "adam": _exact_adam,
    "adam_hat": _exact_adam_hat,
}

# ---- 比べる ------------------------------------------------------------------------------------


def stacked(path: Iterator[list[np.ndarray]]) -> dict[str, np.ndarray]:
    """配列ごと、歩ごとの値。名前は「何歩め」と「どの配列」。"""
    return {f"{t}:{i}": value for t, step in enumerate(path) for i, value in enumerate(step)}


def scales(run: Run, path: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """それまでに通った点のうち、原点から最も遠いもの。0 の近くを通るときの打ち消しあいを、誤りと数えないため。"""
    far, found = [np.abs(value) for value in run.start], {}
    for name, value in path.items():
        i = int(name.partition(":")[2])
        found[name] = far[i] = np.maximum(far[i], np.abs(value))
    return found


def compare(tally: Tally, run: Run, theirs: dict[str, np.ndarray]) -> None:
    path = stacked(walk(run))
    truths: dict[int, list[np.ndarray]] = {}

    def truth(name: str) -> np.ndarray:
        t, i = map(int, name.split(":"))
        if i not in truths:
            truths[i] = list(exact_walk(run, i))
        return truths[i][t]

    tally.compare(run, path, theirs, scales(run, path), truth)


def exact_path(run: Run) -> dict[str, np.ndarray]:
    """すべての配列の、400桁の歩み。"""
    return stacked(zip(*(list(exact_walk(run, i)) for i in range(len(run.start)))))


@pytest.mark.torch
@pytest.mark.parametrize("kind", KINDS)
def test_more_than_a_thousand_runs(
    kind: str, torch: Any, record_property: Callable[[str, Any], None]
) -> None:
    tally = Tally(BOUND)
    for number in range(RUNS):
        run = draw(kind, number)
        compare(tally, run, stacked(torch_walk(torch, run)))
    assert not tally.wrong
    assert tally.compared == RUNS
    record_property("outside", {"name": NAME, **tally.report()})


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_the_rule_is_that_of_the_literature(kind: str) -> None:
    """PyTorch がなくても、文献の式を400桁で計算したものと比べる。大きな配列は、形が違うだけなので除く。"""
    tally = Tally(BOUND)
    for number in range(1, 25):
        run = draw(kind, number)
        compare(tally, run, exact_path(run))
    assert (tally.compared, tally.decided) == (24, 0)


def inside_root(self, theta, g, state, rate):
    (s,) = state
    s = s + g**2
    return theta - rate * g / np.sqrt(s + self.epsilon), (s,)


def rate_outside(self, theta, g, state, rate):
    (v,) = state
    v = self.momentum * v + g
    return theta - rate * v, (v,)


def not_corrected(self, theta, g, state, rate):
    m, v = state
    m, v = self.beta1 * m + (1 - self.beta1) * g, self.beta2 * v + (1 - self.beta2) * g**2
    return theta - rate * m / (np.sqrt(v) + self._epsilon_at(self.t + 1)), (m, v)


def late(self, theta, g, state, rate):
    new, state = Adam._rule(self, theta, g, state, rate)
    return new + (self.t > 30) * 1e-9 * np.abs(new), state


def without_decay(self, theta, g, state, rate):
    s = self.decay * state[0] + g**2
    return theta - rate * g / (np.sqrt(s) + self.epsilon), (s,)


WRONG_RULES: dict[str, tuple[str, type[Optimizer], str, Any]] = {
    "ε が根号の中": ("adagrad", AdaGrad, "_rule", inside_root),
    "学習率が速度の外": ("momentum", Momentum, "_rule", rate_outside),
    "先読みを忘れた": ("nesterov", Nesterov, "_rule", Momentum._rule),
    "1 − ρ を忘れた": ("rmsprop", RMSProp, "_rule", without_decay),
    "偏りを直さない": ("adam", Adam, "_rule", not_corrected),
    "ε を ε̂ とした": ("adam_hat", AdamHat, "_epsilon_at", Adam._epsilon_at),
    "学習率の予定が1歩遅れる": (
        "gradient_descent",
        Optimizer,
        "rate",
        lambda self, t: self.learning_rate(t + 1),
    ),
    "31歩めから10⁻⁹ だけずれる": ("adam_hat", AdamHat, "_rule", late),
}


@pytest.mark.long
@pytest.mark.parametrize("mistake", WRONG_RULES)
def test_a_wrong_rule_loses_the_trial(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, owner, name, wrong = WRONG_RULES[mistake]
    monkeypatch.setattr(owner, name, wrong)
    tally = Tally(BOUND, patience=100)
    for number in range(1, 13):
        run = draw(kind, number)
        compare(tally, run, exact_path(run))
    assert tally.wrong
    assert tally.right == {"backprop": 0, "other": tally.decided}


def test_a_wrong_judge_loses_the_trial() -> None:
    tally = Tally(BOUND, patience=100)
    for kind in KINDS:
        run = draw(kind, 3)
        compare(tally, run, {name: value * (1 + 1e-9) for name, value in exact_path(run).items()})
    assert tally.right == {"backprop": len(KINDS), "other": 0}

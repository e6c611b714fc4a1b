"""審判は互いに独立である。値が等しいことではなく、値がどこから来たかを見る。"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
import sympy as sp
from sealed_chapters import SEALED, run_in_this_process

import backprop.judges
from backprop import autodiff, curvature, steps
from backprop.activations import ACTIVATIONS, Activation
from backprop.judges import Seal, SealBroken, network_cases, operation_cases, sample_cases, seal
from backprop.losses import LOSSES
from backprop.network import ForwardPass, Network
from backprop.optimizers import GradientDescent
from backprop.symbolic import Family, LossDerivative, layers
from backprop.training import train

PACKAGE = Path(backprop.judges.__file__).parents[1]
BEFORE, THIS, AFTER, LAST = layers("l-1", "l", "l+1", "L")
J, K, P = THIS.index("j"), AFTER.index("k"), BEFORE.index("p")

# 名前から見分ける。見分けられることは TestBackward が確かめる。
BACKWARD = re.compile(r"^steps\.|\b_?\w*(gradient|derivative|pullback|backward|delta|hessian)\w*")
# プログラムだけから傾きを測る関数は、公式を使わない。
MEASURING = "judges.differences."
# 値を渡すだけで、何も判定しないもの。
NEUTRAL = ("arguments.", "checks.", "symbolic.", "judges.cases.")

# 独立の審判も、逆伝播か更新の関数を使う検印。
SHARED: dict[str, set[str]] = {}
# 数値の審判だけが使う関数のない検印。同じ関数を、独立の審判は入力を得るのに使う。
SAME_FUNCTIONS = {
    "eq-linear-collapse",  # 二層の出力を、独立の審判は、いくつかの入力に対する出力だけから当てる
    "eq-forward-matrix",  # 独立の審判は、前の層の活性から先を、線を一本ずつたどって求める
    "eq-complex-step-error",  # 独立の審判は、差分商を手で書き、引く傾きだけを、ごく小さい h の同じ関数で測る
}


def name_of(frame: FrameType) -> str | None:
    """`src/backprop` の関数なら、部屋からの名前（``steps.update`` など）。"""
    code = frame.f_code
    if not code.co_filename.startswith(f"{PACKAGE}/"):
        return None
    room = Path(code.co_filename).relative_to(PACKAGE).with_suffix("")
    return ".".join([*room.parts, code.co_qualname])


@contextmanager
def watching(look: Callable[[str], None]) -> Iterator[None]:
    """`src/backprop` の関数が呼ばれるたびに、その名前を見せる。どんな名前で取り込まれていてもわかる。"""

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (name := name_of(frame)):
            look(name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)


def called(program: Callable[[], object]) -> set[str]:
    """プログラムが呼ぶ、`src/backprop` の関数。"""
    seen: set[str] = set()
    with watching(seen.add):
        program()
    return seen


def backward(names: set[str]) -> set[str]:
    """逆伝播の関数だけ。"""
    return {name for name in names if BACKWARD.search(name) and not name.startswith((*NEUTRAL, MEASURING))}


@contextmanager
def without_backward() -> Iterator[None]:
    """逆伝播のどの関数も、呼ばれれば例外を投げる。"""

    def refuse(name: str) -> None:
        if backward({name}):
            raise NotImplementedError(f"{name} は使えません。")

    with watching(refuse):
        yield


class TestBackward:
    """逆伝播の関数は、名前で見分けられ、どう取り込まれていても使えなくできる。"""

    X, Y = np.array([[0.2, -0.4], [0.1, 0.3]]), np.array([[0.3, 0.6]])

    def network(self) -> Network:
        return Network.random([2, 3, 1], ["tanh", "sigmoid"], "mse", rng=np.random.default_rng(0))

    def programs(self) -> Iterator[tuple[str, Callable[[], object]]]:
        net, at = self.network(), np.array([[0.5, -0.25]])
        record = net.forward(self.X)
        yield "Network.gradients", lambda: net.gradients(self.X, self.Y)
        yield "Network.backward", lambda: net.backward(record, self.Y)
        yield (
            "train",
            lambda: train(net, self.X, self.Y, optimizer=GradientDescent(learning_rate=0.1), epochs=1),
        )
        yield "gradient_vector", lambda: curvature.gradient_vector(net, self.X, self.Y)
        yield "hessian", lambda: curvature.hessian(net, self.X, self.Y)
        yield "graph", lambda: autodiff.gradients(autodiff.exp(x := autodiff.Variable(at)).sum(), [x])
        yield "weight_gradient", lambda: steps.weight_gradient(at, at)
        yield "update", lambda: steps.update(at, at, 0.1)
        for name, f in ACTIVATIONS.items():
            yield f"{name}.pullback", lambda f=f: f.pullback(at, at)
        for name, loss in LOSSES.items():
            yield f"{name}.gradient", lambda loss=loss: loss.gradient(np.array([[0.4]]), np.array([[1.0]]))
        operations = [autodiff.Add(), autodiff.Multiply(), autodiff.MatMul()]
        for operation in operations:
            square = np.eye(2)
            operation.forward(square, square)
            yield type(operation).__name__, lambda operation=operation: operation.backward(np.eye(2))

    def test_every_way_back_is_recognised_and_can_be_shut(self) -> None:
        for name, program in self.programs():
            assert backward(called(program)), name
            with pytest.raises(NotImplementedError, match="使えません"), without_backward():
                program()

    def test_the_way_forward_stays_open(self) -> None:
        net = self.network()
        with without_backward():
            assert net.cost(self.X, self.Y) > 0
            assert all(f.value(np.array([[0.5], [1.0]])).size == 2 for f in ACTIVATIONS.values())
        assert not backward(called(lambda: net.cost(self.X, self.Y)))


@pytest.mark.long
class TestCases:
    """場面の独立の審判は、逆伝播のどの関数も使えなくても、同じ値を答える。"""

    def answers(self, case: Any, items: list[Any]) -> list[np.ndarray]:
        measured = [case.complex_step(item) for item in items]
        with without_backward():
            again = [case.complex_step(item) for item in items]
        assert all(map(np.array_equal, measured, again))
        return measured

    @pytest.mark.parametrize("batch", [1, 3])
    def test_network_cases(self, batch: int) -> None:
        for case in network_cases(batch=batch):
            before = [BEFORE.a] if case.l == 1 else [BEFORE.a, BEFORE.z, BEFORE.w, BEFORE.b]
            self.answers(case, [*before, THIS.z, THIS.a, THIS.w, THIS.b, AFTER.w, AFTER.b, LAST.a, THIS.W])
            with without_backward():
                for measured in (THIS.delta, AFTER.delta, LAST.G, LAST.delta):
                    assert np.isfinite(case[measured]).all()

    def test_sample_cases(self) -> None:
        w = sp.Symbol("w")
        f = ACTIVATIONS["tanh"]
        cases = sample_cases(lambda rng: {w: rng.normal()}, lambda values: f.value(np.asarray(values[w])))
        for case in cases:
            assert np.allclose(self.answers(case, [w])[0], f.derivative(np.asarray(case[w])), rtol=1e-12)

    def test_operation_cases(self) -> None:
        N = sp.Symbol("N", integer=True, positive=True)
        x, y, g = map(Family, "xyg")
        operation = autodiff.Multiply()
        with without_backward():
            cases = operation_cases(operation.value, {x: (N, 1), y: (N, 1)}, g)
        for case in cases:
            self.answers(case, [x, y])


class TestWrongProgram:
    """実装の片方だけが間違っていれば、数値の審判と独立の審判は食い違う。"""

    def sealed(self, **changes: Any) -> Seal:
        setting = {
            "claim": sp.Eq(THIS.delta[J], sp.Sum(AFTER.w[K, J] * AFTER.delta[K], K) * THIS.df(THIS.z[J])),
            "derived": sp.Sum(AFTER.w[K, J] * AFTER.delta[K], K) * THIS.df(THIS.z[J]),
            "cases": network_cases(number=2),
            "numpy": lambda c: steps.hidden_delta(c[AFTER.w], c[AFTER.delta], c[THIS.z], c.activation(THIS)),
            "independent": lambda c: c.complex_step(THIS.z),
        }
        return seal("eq-hidden-delta", **{**setting, **changes})

    def test_wrong_derivative_of_an_activation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 主張に入れる f′ も、hidden_delta の f′ も同じように間違うので、気づくのは独立の審判だけである。
        right = ACTIVATIONS["sigmoid"]
        wrong = Activation("sigmoid", right.value, lambda z: 1.01 * right.derivative(z))
        monkeypatch.setitem(ACTIVATIONS, "sigmoid", wrong)
        with pytest.raises(SealBroken, match="独立の審判が退けました"):
            self.sealed(cases=network_cases(number=1))

    def test_wrong_step(self, monkeypatch: pytest.MonkeyPatch) -> None:
        genuine = steps.hidden_delta
        monkeypatch.setattr(steps, "hidden_delta", lambda *given: 1.01 * genuine(*given))
        with pytest.raises(SealBroken, match="数値の審判が退けました"):
            self.sealed()

    def test_wrong_forward_pass(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 活性の記録だけが間違うと、δ a の形の勾配は、損失のプログラムを測ったものと食い違う。
        genuine = Network.forward

        def wrong(self: Network, X: np.ndarray) -> ForwardPass:
            record = genuine(self, X)
            return dataclasses.replace(record, A=[record.A[0], *(1.01 * A for A in record.A[1:])])

        claim = THIS.delta[J] * BEFORE.a[P]
        setting = {
            "claim": sp.Eq(LossDerivative(THIS.w[J, P]), claim),
            "derived": claim,
            "cases": network_cases(),
            "numpy": lambda c: steps.weight_gradient(c[THIS.delta], c[BEFORE.a]),
            "independent": lambda c: c.complex_step(THIS.w),
        }
        assert self.sealed(**setting).controls
        monkeypatch.setattr(Network, "forward", wrong)
        with pytest.raises(SealBroken, match="独立の審判が退けました"):
            self.sealed(**setting)


@pytest.mark.long
class TestBook:
    """章に押された、すべての検印。"""

    @pytest.mark.parametrize("name", SEALED)
    def test_independent_judges_need_no_way_back(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        found = 0
        genuine = backprop.judges.seal

        def examined(label: str, *, claim: sp.Equality, **setting: Any) -> Seal:
            nonlocal found
            found += 1
            numeric, independent = (
                called(lambda judge=setting[judge]: [judge(case) for case in setting["cases"]])
                for judge in ("numpy", "independent")
            )
            assert backward(independent) == SHARED.get(label, set()), label
            only = {name for name in numeric - independent if not name.startswith(NEUTRAL)}
            assert bool(only) == (label not in SAME_FUNCTIONS), label
            # 入口のページの二つめの検印は、押されないことを見せる
            return genuine(label, claim=claim, **setting) if name == "index" else Seal(label, claim, 1)

        monkeypatch.setattr(backprop.judges, "seal", examined)
        run_in_this_process(name)
        assert found

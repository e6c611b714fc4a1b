"""くじで引いた計算グラフの勾配を、PyTorch の自動微分と比べる（``pytest -m torch``）。食い違えば mpmath が裁く。

グラフは一つの手順書（`Step` の列）で表し、同じ手順を三つの計算機で行う: `backprop.autodiff`、PyTorch、400桁の数。
手順は、前の段の結果をくり返し使うので、枝分かれとひし形のある有向非巡回グラフになる。
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from judging import EXACT, SMALLEST, Tally, error, exact, exact_exp, exact_gradient, exact_log, outside_judge

from backprop import autodiff
from backprop.activations import ACTIVATIONS, LEAK

GRAPHS = 1000
BOUND = 1e-12
NAME = "計算グラフの値と勾配"
LARGEST = 1e6
"""これより大きい値になる手順は、引きなおす。"""
NOISE = 1e-8
"""尺度を測るときに掛ける乱れの大きさ。"""
AWAY = 0.05
"""割り算、対数、累乗に渡す値の絶対値の、最小。"""


@pytest.fixture(scope="module")
def torch() -> Any:
    """PyTorch。"""
    return outside_judge("torch")


# ---- 手順書 ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """一つの段: 演算、その設定、入力にする段の番号。"""

    operation: str
    setting: Any
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Recipe:
    """一つのグラフ。葉の値、そのあとの段、出力に関する勾配、勾配を求める段の番号。"""

    number: int
    leaves: list[np.ndarray]
    steps: list[Step]
    seed: np.ndarray
    wrt: list[int]


Machine = Callable[[Step, Sequence[Any]], Any]
"""一つの段を行い、値（ノードやテンソル）を返すもの。"""


def run(machine: Machine, recipe: Recipe, leaves: Sequence[Any]) -> list[Any]:
    """すべての段の値。"""
    values = list(leaves)
    for step in recipe.steps:
        values.append(machine(step, [values[i] for i in step.inputs]))
    return values


# ---- くじ --------------------------------------------------------------------------------------

POWERS = (2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 1.7)
ELEMENTWISE = tuple(name for name in ACTIVATIONS if name != "softmax")
KINDS = (
    *(
        "Add",
        "Subtract",
        "Multiply",
        "Divide",
        "Negate",
        "Power",
        "Exp",
        "Log",
        "Softmax",
        "MatMul",
        "Affine",
    ),
    *("Transpose", "Broadcast", "Sum", "Mean"),
    *(f"Elementwise {name}" for name in ELEMENTWISE),
)


class Lottery:
    """番号で決まる手順書を、一段ずつ引く。"""

    def __init__(self, number: int) -> None:
        self.number, self.rng = number, np.random.default_rng([20261128, number])
        # 三つに一つのグラフには、活性化関数が振り切れる大きな葉がある
        self.large = number % 3 == 0
        self.leaves = [self.leaf() for _ in range(self.rng.integers(2, 6))]
        self.values, self.steps = list(self.leaves), []

    def leaf(self) -> np.ndarray:
        shape = tuple(self.rng.choice([1, 2, 3, 4], 2))
        scale = self.rng.choice([1.0, 40.0, 1e3]) if self.large else 1.0
        return scale * self.rng.normal(size=shape)

    def recipe(self) -> Recipe:
        for _ in range(self.rng.integers(4, 21)):
            self.add(str(self.rng.choice(KINDS)))
        if self.rng.random() < 0.3:
            self.gather()
        seed = np.array(self.rng.normal(size=self.values[-1].shape))
        count = len(self.leaves)
        inner = self.rng.choice(len(self.steps), min(2, len(self.steps)), replace=False) + count
        return Recipe(self.number, self.leaves, self.steps, seed, [*range(count), *map(int, inner)])

    def gather(self) -> None:
        """まだ使われていない段の値を、一つの数にまとめる。"""
        used = {i for step in self.steps for i in step.inputs}
        for i in set(range(len(self.values))) - used:
            if self.values[i].shape != ():
                self.push(Step("Sum", None, (i,)))
        numbers = [i for i, value in enumerate(self.values) if value.shape == ()]
        total = numbers[0]
        for i in numbers[1:]:
            self.push(Step("Add", None, (total, i)))
            total = len(self.values) - 1

    def pick(self, fits: Callable[[np.ndarray], bool] = lambda value: True) -> int | None:
        """条件に合う段。新しい段ほど選ばれやすい。"""
        found = [i for i, value in enumerate(self.values) if fits(value)]
        if not found:
            return None
        chances = 1.3 ** np.arange(len(found))
        return int(self.rng.choice(found, p=chances / chances.sum()))

    def add(self, kind: str) -> None:
        kind, _, name = kind.partition(" ")
        first = self.pick(NEEDS.get(kind, lambda value: True))
        if first is not None:
            x = self.values[first]
            others = [self.pick(fits) for fits in partners(kind, x)]
            if None not in others:
                self.push(Step(kind, name or self.setting(kind, x), (first, *others)))

    def setting(self, kind: str, x: np.ndarray) -> Any:
        """演算の設定。なければ ``None``。"""
        if kind == "Power":  # 負の数は、整数乗だけ
            return float(self.rng.choice(POWERS[: len(POWERS) if x.min() > AWAY else 4]))
        if kind == "Broadcast":
            return tuple(int(n if n > 1 else self.rng.integers(1, 5)) for n in x.shape)
        if kind in ("Sum", "Mean") and x.ndim and self.rng.random() < 0.8:
            return int(self.rng.integers(-x.ndim, x.ndim))
        return None

    def push(self, step: Step) -> None:
        with np.errstate(all="ignore"):
            value = package(step, [autodiff.Variable(self.values[i]) for i in step.inputs]).value
        if np.abs(value).max() < LARGEST:
            self.steps.append(step)
            self.values.append(value)


def stretches(x: np.ndarray, y: np.ndarray) -> bool:
    """階数が等しく、違う長さは1だけか。"""
    return x.ndim == y.ndim and all(1 in (n, k) or n == k for n, k in zip(x.shape, y.shape))


def partners(kind: str, x: np.ndarray) -> list[Callable[[np.ndarray], bool]]:
    """第1入力が ``x`` のとき、残りの入力が満たさなければならない条件。"""
    if kind in ("Add", "Subtract", "Multiply"):
        return [lambda y: stretches(x, y)]
    if kind == "Divide":
        return [lambda y: stretches(x, y) and bool(np.abs(y).min() > AWAY)]
    if kind in ("MatMul", "Affine"):
        product = [lambda y: y.ndim == 2 and len(y) == x.shape[1]]
        return product + [lambda b: b.shape == (len(x), 1)] * (kind == "Affine")
    return []


NEEDS: dict[str, Callable[[np.ndarray], bool]] = {
    "Power": lambda x: bool(np.abs(x).min() > AWAY),
    "Exp": lambda x: bool(x.max() < 12),
    "Log": lambda x: bool(x.min() > AWAY),
    **{kind: lambda x: x.ndim == 2 for kind in ("Softmax", "MatMul", "Affine", "Transpose", "Broadcast")},
}

# ---- 三つの計算機 ------------------------------------------------------------------------------


def package(step: Step, inputs: Sequence[autodiff.Node]) -> autodiff.Node:
    """この本の計算グラフ。"""
    kind = getattr(autodiff, step.operation)
    operation = kind() if step.setting is None else kind(step.setting)
    return autodiff.apply(operation, *inputs)


def ours(recipe: Recipe) -> dict[str, np.ndarray]:
    """この本の計算グラフによる、出力の値と勾配。"""
    nodes = run(package, recipe, [autodiff.Variable(leaf) for leaf in recipe.leaves])
    found = autodiff.gradients(nodes[-1], [nodes[i] for i in recipe.wrt], recipe.seed)
    return {"出力": nodes[-1].value, **{str(i): g for i, g in zip(recipe.wrt, found)}}


def torch_machine(torch: Any) -> Machine:
    """PyTorch のテンソル。"""
    F = torch.nn.functional
    functions = {
        "identity": lambda z: z.clone(),
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "leaky_relu": lambda z: F.leaky_relu(z, LEAK),
        "softplus": lambda z: F.softplus(z, threshold=40),
    }
    operations: dict[str, Callable[..., Any]] = {
        "Add": lambda _, x, y: x + y,
        "Subtract": lambda _, x, y: x - y,
        "Multiply": lambda _, x, y: x * y,
        "Divide": lambda _, x, y: x / y,
        "Negate": lambda _, x: -x,
        "Power": lambda p, x: x**p,
        "Exp": lambda _, x: torch.exp(x),
        "Log": lambda _, x: torch.log(x),
        "Elementwise": lambda name, x: functions[name](x),
        "Softmax": lambda _, x: F.softmax(x, dim=0),
        "MatMul": lambda _, x, y: x @ y,
        "Affine": lambda _, W, A, b: F.linear(A.T, W, b[:, 0]).T,
        "Transpose": lambda _, x: x.T,
        "Broadcast": lambda shape, x: x.expand(shape),
        "Sum": lambda axis, x: x.sum() if axis is None else x.sum(axis, keepdim=True),
        "Mean": lambda axis, x: x.mean() if axis is None else x.mean(axis, keepdim=True),
    }
    return lambda step, inputs: operations[step.operation](step.setting, *inputs)


def judging_with(torch: Any, machine: Machine) -> Callable[[Recipe], dict[str, np.ndarray]]:
    """PyTorch の自動微分による、出力の値と勾配。"""

    def judge(recipe: Recipe) -> dict[str, np.ndarray]:
        leaves = [torch.tensor(leaf, requires_grad=True) for leaf in recipe.leaves]
        values = run(machine, recipe, leaves)
        wrt, seed = [values[i] for i in recipe.wrt], torch.tensor(recipe.seed)
        found = torch.autograd.grad(values[-1], wrt, seed, allow_unused=True, materialize_grads=True)
        named = {str(i): g.numpy() for i, g in zip(recipe.wrt, found)}
        return {"出力": values[-1].detach().numpy(), **named}

    return judge


def scales(torch: Any, recipe: Recipe, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """丸めへの敏感さ: どの段の入力にも小さな乱れを掛けたときの、答えの動きの、乱れに対する比。

    答えが、大きな項の打ち消しあいで残ったものなら、答えそのものより大きくなる。だから、それを尺度にする。
    """
    rng = np.random.default_rng([20261129, recipe.number])
    machine = torch_machine(torch)

    def noise(x: Any) -> Any:
        return torch.tensor(1 + NOISE * rng.normal(size=x.shape))

    def stirred(x: Any) -> Any:
        # 逆伝播の乱れは、順伝播の乱れと別のもの。同じなら、恒等的に 0 の勾配（x / x など）は揺れない
        moved = x * noise(x)
        moved.register_hook(lambda g: g * noise(g))
        return moved

    def shaky(step: Step, inputs: Sequence[Any]) -> Any:
        if step.operation == "Softmax":  # 列の中での打ち消しあいも揺らす
            e = stirred(torch.exp(stirred(inputs[0] - inputs[0].detach().amax(0))))
            return stirred(e) / stirred(stirred(e).sum(0))
        return machine(step, [stirred(x) for x in inputs])

    judge, shaken = judging_with(torch, machine), judging_with(torch, shaky)
    still = judge(recipe)
    moves = [shaken(recipe) for _ in range(4)]
    return {
        name: np.maximum(np.abs(value), sum(np.abs(move[name] - still[name]) for move in moves) / NOISE)
        for name, value in given.items()
    }


class Exact:
    """400桁の計算機。折れ目のどちら側にあるかは、動かす前の値で決める。"""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.seed = recipe, exact(recipe.seed)
        self.base = self.run({})

    def __call__(self, name: str) -> np.ndarray:
        """出力の値か、段の番号 ``name`` の値に関する勾配。"""
        if name == "出力":
            return np.array(self.base[-1], dtype=float)
        at = self.base[int(name)]
        return exact_gradient(lambda moved: np.sum(self.seed * self.run({int(name): moved})[-1]), at)

    def run(self, changed: dict[int, np.ndarray]) -> list[np.ndarray]:
        """いくつかの段の値を取り替えて、すべての段を計算する。"""
        values: list[np.ndarray] = [exact(leaf) for leaf in self.recipe.leaves]
        values = [changed.get(i, value) for i, value in enumerate(values)]
        for i, step in enumerate(self.recipe.steps, start=len(values)):
            known = changed.get(i)
            values.append(self.step(step, [values[j] for j in step.inputs]) if known is None else known)
        return values

    def step(self, step: Step, inputs: Sequence[np.ndarray]) -> np.ndarray:
        if step.setting in SLOPES:
            at = self.base[step.inputs[0]] if hasattr(self, "base") else inputs[0]
            value = inputs[0] * np.where(at > 0, EXACT.mpf(1), SLOPES[step.setting])
        else:
            value = EXACT_OPERATIONS[step.operation](step.setting, *inputs)
        return np.asarray(value, dtype=object)  # 0次元の配列どうしの計算は、数になってしまう


def arbiter(recipe: Recipe) -> Callable[[str], np.ndarray]:
    """尋ねられてはじめて計算する、裁くもの。"""
    return lambda name: Exact(recipe)(name)


SLOPES = {"relu": exact(0.0), "leaky_relu": exact(LEAK)}
EXACT_FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + exact_exp(-z)),
    "tanh": lambda z: (exact_exp(z) - exact_exp(-z)) / (exact_exp(z) + exact_exp(-z)),
    "softplus": lambda z: exact_log(1 + exact_exp(z)),
    "softmax": lambda Z: exact_exp(Z) / exact_exp(Z).sum(axis=0),
}
EXACT_OPERATIONS: dict[str, Callable[..., Any]] = {
    "Add": lambda _, x, y: x + y,
    "Subtract": lambda _, x, y: x - y,
    "Multiply": lambda _, x, y: x * y,
    "Divide": lambda _, x, y: x / y,
    "Negate": lambda _, x: -x,
    "Power": lambda p, x: x ** EXACT.mpf(p),
    "Exp": lambda _, x: exact_exp(x),
    "Log": lambda _, x: exact_log(x),
    "Elementwise": lambda name, x: EXACT_FUNCTIONS[name](x),
    "Softmax": lambda _, x: EXACT_FUNCTIONS["softmax"](x),
    "MatMul": lambda _, x, y: x @ y,
    "Affine": lambda _, W, A, b: W @ A + b,
    "Transpose": lambda _, x: x.T,
    "Broadcast": lambda shape, x: np.broadcast_to(x, shape),
    "Sum": lambda axis, x: x.sum(axis=axis, keepdims=axis is not None),
    "Mean": lambda axis, x: (
        x.sum(axis=axis, keepdims=axis is not None) / (x.size if axis is None else x.shape[axis])
    ),
}

# ---- 比べる ------------------------------------------------------------------------------------


@pytest.mark.torch
def test_a_thousand_graphs(torch: Any, record_property: Callable[[str, Any], None]) -> None:
    tally, judge, seen = Tally(BOUND), judging_with(torch, torch_machine(torch)), Counter[str]()
    for number in range(GRAPHS):
        recipe = Lottery(number).recipe()
        given = ours(recipe)
        tally.compare(recipe, given, judge(recipe), scales(torch, recipe, given), arbiter(recipe))
        seen.update(traits(recipe, given))
    assert not tally.wrong
    assert tally.compared == GRAPHS
    assert {name: seen[name] for name in (*KINDS, *TRAITS) if seen[name] < 100} == {}
    assert seen["0 でない勾配"] > 0.8 * GRAPHS
    record_property("outside", {"name": NAME, **tally.report()})


TRAITS = (
    "何度も使う段",
    "同じものどうし",
    "引き伸ばし",
    "数の出力",
    "配列の出力",
    "つながらない葉",
    "大きな葉",
)


def traits(recipe: Recipe, given: dict[str, np.ndarray]) -> Iterator[str]:
    """グラフの特徴。"""
    used = Counter(i for step in recipe.steps for i in step.inputs)
    yield from {
        f"{s.operation} {s.setting}" if s.operation == "Elementwise" else s.operation for s in recipe.steps
    }
    yield from ["何度も使う段"] * (max(used.values(), default=0) > 1)
    yield from ["同じものどうし"] * any(len(s.inputs) > len(set(s.inputs)) for s in recipe.steps)
    shapes = [
        node.shape for node in run(package, recipe, [autodiff.Variable(leaf) for leaf in recipe.leaves])
    ]
    binary = [s for s in recipe.steps if s.operation in ("Add", "Subtract", "Multiply", "Divide")]
    yield from ["引き伸ばし"] * any(len({shapes[i] for i in s.inputs}) > 1 for s in binary)
    yield "数の出力" if given["出力"].shape == () else "配列の出力"
    gradients = [value for name, value in given.items() if name != "出力"]
    yield from ["つながらない葉"] * any(not g.any() for g in gradients)
    yield from ["0 でない勾配"] * any(np.abs(g).max() > SMALLEST for g in gradients)
    yield from ["大きな葉"] * any(np.abs(leaf).max() > 100 for leaf in recipe.leaves)


def plainly(recipe: Recipe, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """PyTorch のないときの尺度: 答えそのもの。打ち消しあいのない、小さなグラフにだけ使う。"""
    return {name: np.maximum(np.abs(value), 1e-3) for name, value in given.items()}


@pytest.fixture(scope="module")
def small() -> list[Recipe]:
    """小さな葉だけを持つ、短い手順書。"""
    found = (Lottery(number).recipe() for number in range(400) if number % 3)
    return [recipe for recipe in found if len(recipe.steps) <= 8][:60]


@pytest.mark.long
def test_the_arbiter_agrees_with_the_package(small: list[Recipe]) -> None:
    """PyTorch がなくても、裁くものと、この本の計算グラフとを比べる。"""
    for recipe in small[:25]:
        truth, given = Exact(recipe), ours(recipe)
        scale = plainly(recipe, given)
        assert max(error(given[name], truth(name), scale[name]) for name in given) <= 1e-10


def overwriting(output: autodiff.Node, wrt: Sequence[autodiff.Node], seed: np.ndarray) -> list[np.ndarray]:
    """枝分かれで勾配を足さず、あとから来たものに取り替える、誤った逆伝播。"""
    upstream = {id(output): seed}
    for node in reversed(autodiff.topological_order(output)):
        if node.operation is not None:
            parts = node.operation.backward(upstream[id(node)])
            upstream.update(zip(map(id, node.parents), parts))
    return [upstream.get(id(node), np.zeros_like(node.value)) for node in wrt]


def squashed(self, upstream, Z):
    A = ACTIVATIONS["softmax"].value(Z)
    return (upstream * A * (1 - A),)


WRONG_OPERATIONS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "枝分かれで足さない": (autodiff, "gradients", overwriting),
    "減算の符号": (autodiff.Subtract, "pullback", lambda self, g, x, y: (g, g)),
    "乗算で自分を掛ける": (autodiff.Multiply, "pullback", lambda self, g, x, y: (g * x, g * y)),
    "除算の符号": (autodiff.Divide, "pullback", lambda self, g, x, y: (g / y, g * x / y / y)),
    "累乗の p を忘れた": (autodiff.Power, "pullback", lambda self, g, x: (g * x ** (self.exponent - 1),)),
    "指数関数の微分を 1 とした": (autodiff.Exp, "pullback", lambda self, g, x: (g,)),
    "対数の微分を log とした": (autodiff.Log, "pullback", lambda self, g, x: (g * np.log(x),)),
    "活性で微分した": (
        autodiff.Elementwise,
        "pullback",
        lambda self, g, z: (self.activation.pullback(self.activation.value(z), g),),
    ),
    "softmax を要素ごととみなした": (autodiff.Softmax, "pullback", squashed),
    "行列の積の片方が2倍": (autodiff.MatMul, "pullback", lambda self, g, P, Q: (g @ Q.T, 2 * P.T @ g)),
    "バイアスに流さない": (autodiff.Affine, "pullback", lambda self, g, W, A, b: (g @ A.T, W.T @ g, 0 * g)),
    "平均で割らない": (autodiff.Mean, "pullback", autodiff.Sum.pullback),
}


@pytest.mark.long
@pytest.mark.parametrize("mistake", WRONG_OPERATIONS)
def test_a_wrong_operation_loses_the_trial(
    mistake: str, small: list[Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    """壊した実装と、壊す前の答え（審判の代わり）を比べると、裁くものは、壊したほうを間違いとする。"""
    known = [(recipe, ours(recipe)) for recipe in small]
    monkeypatch.setattr(*WRONG_OPERATIONS[mistake])
    tally = Tally(1e-10, patience=100)
    for recipe, right in known:
        tally.compare(recipe, ours(recipe), right, plainly(recipe, right), arbiter(recipe))
    assert tally.wrong
    assert tally.right == {"backprop": 0, "other": tally.decided}


Known = list[tuple[Recipe, dict[str, np.ndarray], dict[str, np.ndarray]]]


@pytest.fixture(scope="module")
def known(torch: Any) -> Known:
    """手順書と、PyTorch の答えと、尺度。"""
    judge = judging_with(torch, torch_machine(torch))
    recipes = [Lottery(number).recipe() for number in range(150)]
    return [(recipe, judge(recipe), scales(torch, recipe, ours(recipe))) for recipe in recipes]


@pytest.mark.torch
@pytest.mark.parametrize("mistake", WRONG_OPERATIONS)
def test_the_scale_hides_no_mistake(mistake: str, known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """尺度が甘すぎないこと: 壊した演算は、PyTorch と比べても、いくつものグラフで見つかる。"""
    monkeypatch.setattr(*WRONG_OPERATIONS[mistake])
    found = 0
    for recipe, right, scale in known:
        given = ours(recipe)
        found += max(error(given[name], right[name], scale[name]) for name in given) > 1e-3
    assert found >= 5

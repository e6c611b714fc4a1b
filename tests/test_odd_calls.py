"""思いがけない呼びかたの検査。

表（`test_bad_input.INTERFACE`）は、引数ごとに選んだ誤りを並べる。ここでは選ばずに、公開された呼び出しのすべての
引数に、同じ奇妙な値を順に入れる。答えは、使える結果か、日本語の文で断ることのどちらかでなければならない。
引数を忘れる、余分に渡す、名前を間違えることも、すべての呼び出しで試す。
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import sympy as sp
from test_bad_input import INTERFACE, JAPANESE, X, Y, network, public, state

from backprop import arguments, checks, optimizers, symbolic
from backprop.autodiff import Add, Operation, Variable, apply, gradients
from backprop.losses import mse
from backprop.network import Network
from backprop.optimizers import Adam
from backprop.symbolic import evaluation
from backprop.training import train

ROOMS = (
    "activations", "autodiff", "curvature", "datasets", "initialisers", "losses", "network", "optimizers",
    "steps", "symbolic", "training",
)  # fmt: skip


def matrix_subclass() -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.matrix([[0.5, 0.25]])


ODD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "文字列": lambda: "x",
    "空の文字列": lambda: "",
    "バイト列": lambda: b"x",
    "虚数": lambda: 1j,
    "True": lambda: True,
    "np.True_": lambda: np.True_,
    "NaN": lambda: np.nan,
    "無限大": lambda: np.inf,
    "1e308": lambda: 1e308,
    "大きな整数": lambda: 10**30,
    "負の整数": lambda: -1,
    "空のリスト": lambda: [],
    "空のタプル": lambda: (),
    "空の辞書": lambda: {},
    "集合": lambda: {1},
    "物": lambda: object(),
    "数のリスト": lambda: [[0.5, 0.25], [0.5, 0.75]],
    "文字のリスト": lambda: ["a"],
    "None のリスト": lambda: [None],
    "マスク": lambda: np.ma.array(np.full((2, 3), 0.5), mask=np.eye(2, 3)),
    "マスクされた数": lambda: np.ma.masked,
    "行列": matrix_subclass,
    "整数の配列": lambda: np.arange(6).reshape(2, 3),
    "真偽の配列": lambda: np.eye(2, 3) > 0,
    "物の配列": lambda: np.full((2, 3), None),
    "文字の配列": lambda: np.array(["a", "b"]),
    "日付の配列": lambda: np.array(["2000-01-01"], "datetime64[D]"),
    "空の配列": lambda: np.zeros((0, 3)),
    "0次元の配列": lambda: np.array(0.5),
    "0次元の整数": lambda: np.array(2),
    "5次元の配列": lambda: np.full((1, 1, 2, 1, 3), 0.5),
    "NaN の配列": lambda: np.full((2, 3), np.nan),
    "あふれる配列": lambda: np.full((2, 3), 1e308),
    "生成器": lambda: (x for x in [1.0]),
    "関数": lambda: lambda *_: None,
    "クラス": lambda: Adam,
    "ネットワーク": network,
    "ノード": lambda: Variable(0.5),
    "演算": Add,
    "最適化器": Adam,
    "記号": lambda: sp.Symbol("x"),
    "乱数生成器": lambda: np.random.default_rng(0),
}


NEVER = {
    "文字列", "空の文字列", "バイト列", "True", "np.True_", "物", "数のリスト", "文字のリスト", "None のリスト",
    "マスク", "マスクされた数", "行列", "整数の配列", "真偽の配列", "物の配列", "文字の配列", "日付の配列", "生成器",
    "関数", "クラス", "記号",
}  # fmt: skip
"""どの引数にも、正しくない値。"""

ENDLESS = {"虚数", "NaN", "無限大", "NaN の配列"}
"""極限までたしかな値を返す、要素ごとの関数と損失だけが受け取る値。"""

THIS, BEFORE = symbolic.layers("l", "l-1")
J, K = THIS.index("j"), BEFORE.index("k")
PRODUCT = THIS.W * BEFORE.A
VALUES = {THIS.z: np.array([1.0, 2.0]), THIS.N: 2}

SYMBOLIC: dict[str, tuple[Callable[..., object], dict[str, Any]]] = {
    "Layer": (symbolic.Layer, {"name": "l"}),
    "Layer.position": (THIS.position, {"l": 2, "num_layers": 4}),
    "Layer.weighted_input": (THIS.weighted_input, {"j": J, "k": K, "previous": BEFORE}),
    "component": (symbolic.component, {"expression": PRODUCT, "row": J, "column": K}),
    "entries": (symbolic.entries, {"matrix": THIS.W}),
    "gradient_symbol": (symbolic.gradient_symbol, {"wrt": THIS.W}),
    "matrix_pullback": (
        symbolic.matrix_pullback, {"expression": PRODUCT, "wrt": BEFORE.A, "upstream": THIS.Delta},
    ),
    "expand_definitions": (symbolic.expand_definitions, {"expression": THIS.z[J]}),
    "unknowns": (evaluation.unknowns, {"expression": THIS.z[J]}),
    "lambdify": (evaluation.lambdify, {"expression": THIS.z[J], "indices": (J,)}),
    "evaluate": (evaluation.evaluate, {"expression": THIS.z[J], "values": VALUES, "indices": (J,)}),
    "evaluate の族": (
        lambda z: evaluation.evaluate(THIS.z[J], {**VALUES, THIS.z: z}, (J,)), {"z": VALUES[THIS.z]},
    ),
    "evaluate の行列": (lambda Z: evaluation.evaluate(2 * THIS.Z, {THIS.Z: Z}), {"Z": np.ones((2, 2))}),
    "evaluate の幅": (lambda N: evaluation.evaluate(THIS.z[J], {**VALUES, THIS.N: N}, (J,)), {"N": 2}),
    "evaluate の関数": (
        lambda f: evaluation.evaluate(THIS.f(sp.S.One), {THIS.f: f}), {"f": np.sin},
    ),
    "OneBased": (evaluation.OneBased, {"values": np.ones((2, 1))}),
}  # fmt: skip
FINE = {
    # 記号も式であり、記号の部屋では配列の要素は整数でもよい。予定は学習率を返す関数である（返すものは、下で調べる）
    ("component", "row"): {"記号"}, ("component", "column"): {"記号"}, ("Layer", "name"): {"文字列", "空の文字列"},
    ("Layer.weighted_input", "j"): {"記号"},
    ("expand_definitions", "expression"): {"記号"}, ("unknowns", "expression"): {"記号"},
    ("lambdify", "expression"): {"記号"},
    ("OneBased", "values"): {"数のリスト", "整数の配列"},
    **{(key, "learning_rate"): {"関数"} for key in INTERFACE if key.startswith("optimizers.")},
    ("evaluate の行列", "Z"): {"数のリスト", "整数の配列"},
}  # fmt: skip


def rows() -> Iterator[tuple[str, str]]:
    for key, row in INTERFACE.items():
        if key.split(".")[0] in ROOMS:
            yield from ((key, name) for name in row.arguments if name != "self")
    for key, (_, good) in SYMBOLIC.items():
        yield from ((key, name) for name in good)


def prepared(key: str) -> tuple[Callable[..., object], dict[str, Any]]:
    if key in SYMBOLIC:
        call, good = SYMBOLIC[key]
        return call, dict(good)
    return INTERFACE[key].call, INTERFACE[key].good()


def outcome(call: Callable[[], object]) -> str:
    """「結果」か「断った」か、そうでなければ何が起きたか。"""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            call()
        except Exception as error:
            return "断った" if JAPANESE.search(str(error)) else f"{type(error).__name__}: {error}"
    return "結果"


def may_be_accepted(key: str, name: str, odd: str) -> bool:
    """その値を受け取ってもよいか。"""
    if odd in FINE.get((key, name), ()) or key in SYMBOLIC and odd not in NEVER:
        return True
    if odd == "None":
        parameter = inspect.signature(INTERFACE[key].call).parameters.get(name)
        return parameter.default is None or name in ("axis", "seed")
    return odd not in NEVER and (odd not in ENDLESS or key.split(".")[0] in ("activations", "losses"))


@pytest.mark.parametrize(("key", "name"), [*rows()])
def test_odd_values_are_used_or_refused_in_japanese(key: str, name: str) -> None:
    wrong = {}
    for odd, make in ODD.items():
        call, good = prepared(key)
        before = state(good)
        given = good | {name: make()}
        found = outcome(lambda call=call, given=given: call(**given))
        if found == "結果" and not may_be_accepted(key, name, odd):
            wrong[odd] = "黙って受け取った"
        elif found == "断った" and state(good) != before:
            wrong[odd] = "断ったのに、渡されたものを変えた"
        elif found not in ("結果", "断った"):
            wrong[odd] = found
    assert wrong == {}


# ---- 引数の数と名前 ----


def is_a_judge(key: str, call: Callable[..., object]) -> bool:
    """審判の部屋の関数。クラスは、読者がつくる舞台のほかは、審判が返すものである。"""
    return key.startswith("judges.") and (
        inspect.isfunction(call) and "." not in call.__qualname__ or key.endswith("OwnStage")
    )


def callables() -> dict[str, Callable[..., object]]:
    found = {key: call for key, call in public() if key.split(".")[0] in ROOMS or is_a_judge(key, call)}
    for key in (
        "arbitrary_function", "component", "derivative_of", "entries", "expand_definitions",
        "gradient_symbol", "layers", "matrix_pullback", "Layer",
    ):  # fmt: skip
        found[f"symbolic.{key}"] = getattr(symbolic, key)
    for key in ("evaluate", "lambdify", "unknowns", "OneBased"):
        found[f"symbolic.{key}"] = getattr(evaluation, key)
    return found


def misuses(call: Callable[..., object]) -> Iterator[Callable[[], object]]:
    """余分な引数、知らない名前、足りない引数。"""
    parameters = list(inspect.signature(call).parameters.values())
    any_number, any_name = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    kinds = {parameter.kind for parameter in parameters}
    required = [p for p in parameters if p.default is p.empty and p.kind not in (any_number, any_name)]
    if any_number not in kinds:
        yield lambda: call(*[None] * 30)
    if any_name not in kinds:
        yield lambda: call(*[None] * len(required), zzz=1)
    if required and required[0].name != "self":
        yield lambda: call()
    elif len(required) > 1:
        yield lambda: call(None)


def assert_explained(call: Callable[..., Any]) -> None:
    """引数の数や名前の違う呼び出しは、どれも、書きなおした形を示して断られる。"""
    for misuse in misuses(call):
        with pytest.raises(TypeError, match=r"[ぁ-ん].* \S+\(.*\) のように書いてください。$"):
            misuse()


@pytest.mark.parametrize("key", callables())
def test_a_wrong_number_or_name_is_explained(key: str) -> None:
    assert_explained(callables()[key])


@pytest.mark.parametrize("key", callables())
def test_explaining_keeps_name_description_and_signature(key: str) -> None:
    call = callables()[key]
    inner = inspect.unwrap(call.__init__ if isinstance(call, type) else call)
    assert call.__doc__
    assert call.__module__.startswith("backprop.")
    expected = inspect.signature(inner)
    if isinstance(call, type) or inspect.ismethod(call):
        expected = expected.replace(parameters=list(expected.parameters.values())[1:])
    assert str(inspect.signature(call)).split(" ->")[0] == str(expected).split(" ->")[0]


FIRST_CALLS = {
    "位置": (lambda: optimizers.GradientDescent(0.1), "GradientDescent(learning_rate=0.1)"),
    "lr": (lambda: optimizers.Adam(lr=0.1), "lr という引数はありません（learning_rate のことでしょうか）"),
    "alpha": (lambda: optimizers.Momentum(alpha=0.1), "Momentum(learning_rate=0.1)"),
    "epoch": (
        lambda: train(network(), X, Y, optimizer=Adam(), epoch=3),
        "train(network, X, Y, optimizer=…, epochs=3)",
    ),
    "忘れた最適化器": (lambda: train(network(), X, Y, epochs=3), "train の optimizer が与えられていません"),
    "種": (
        lambda: Network.random([2, 1], ["tanh"], "mse", seed=3), "rng=np.random.default_rng(3)",
    ),
    "忘れた乱数": (
        lambda: Network.random([2, 1], ["tanh"], "mse"), "rng=np.random.default_rng(種)",
    ),
    "忘れた目標": (lambda: mse(Y), "mse(Y_hat, Y)"),
    "二度": (lambda: mse(Y, Y, Y_hat=Y), "Y_hat が二度"),
    "リスト": (lambda: network().predict([[0.0], [1.0]]), "np.array(…, dtype=float)"),
    "リストの重み": (lambda: Network([[[1.0]]], [[[0.0]]], ["tanh"], "mse"), "np.array(…, dtype=float)"),
    "番号": (
        lambda: Network.random([2, 3], ["softmax"], "cross_entropy", rng=np.random.default_rng(0)).cost(
            X, np.array([0, 1, 2, 0])
        ),
        "one_hot(Y, 3)",
    ),
    "番号の学習": (
        lambda: train(
            Network.random([2, 3], ["softmax"], "cross_entropy", rng=np.random.default_rng(0)),
            X, [0, 1, 2, 0], optimizer=Adam(), epochs=1,
        ),
        "one_hot(Y, 3)",
    ),
    "整数": (lambda: network().predict(np.array([[0], [1]])), ".astype(float)"),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRST_CALLS)
def test_a_beginner_is_told_what_to_write(case: str) -> None:
    call, part = FIRST_CALLS[case]
    with pytest.raises(TypeError) as caught:
        call()
    assert part in str(caught.value)


# ---- 読者の関数が返すもの ----


@pytest.mark.parametrize("odd", ODD)
def test_a_schedule_may_return_anything_but_only_a_rate_is_used(odd: str) -> None:
    def schedule(t: int) -> object:
        return ODD[odd]()

    theta, optimizer = np.ones(2), Adam(learning_rate=schedule)
    found = outcome(lambda: optimizer.step([theta], [np.ones(2)]))
    assert found == ("結果" if odd in ("0次元の配列", "0次元の整数", "大きな整数") else "断った"), found
    net, other = network(), Adam(learning_rate=schedule)
    before = state(net)
    assert outcome(lambda: train(net, X, Y, optimizer=other, epochs=1)) == found
    assert found == "結果" or state(net) == before


@pytest.mark.parametrize("hook", ["value", "pullback", "check"])
@pytest.mark.parametrize("odd", ODD)
def test_an_operation_may_return_anything_but_only_a_gradient_is_used(odd: str, hook: str) -> None:
    class Mine(Operation):
        def value(self, x: np.ndarray) -> object:
            return ODD[odd]() if hook == "value" else x * 1.0

        def pullback(self, upstream: np.ndarray, x: np.ndarray) -> object:
            return ODD[odd]() if hook == "pullback" else (upstream,)

        def check(self, x: np.ndarray) -> object:
            return ODD[odd]() if hook == "check" else None

    x = Variable(np.full((2, 3), 0.5))
    fine = {
        "value": {"1e308", "0次元の配列", "5次元の配列", "あふれる配列"},
        "pullback": set(),
        "check": {"None"},
    }

    def call() -> object:
        node = apply(Mine(), x)
        return node if hook == "value" else gradients(node.sum(), [x])

    assert outcome(call) == ("結果" if odd in fine[hook] else "断った")


# ---- 確かめる側の、境目 ----


NUMBERS = (arguments.count, arguments.seed, arguments.real, arguments.positive, arguments.not_negative)
NO_NUMBERS = (True, False, np.True_, np.False_, np.array(True), np.ma.masked, np.array([1]), "1", None)


@pytest.mark.parametrize("check", NUMBERS)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_truth_is_no_number(check: Callable[[str, object], object], value: object) -> None:
    with pytest.raises(TypeError, match="^n は.*でなければなりませんが"):
        check("n", value)


def test_the_largest_count() -> None:
    assert arguments.count("n", 10**9) == 10**9
    with pytest.raises(ValueError, match="n は 1000000000 以下"):
        arguments.count("n", 10**9 + 1)


def test_a_right_call_that_fails_inside_keeps_its_own_error() -> None:
    @arguments.explained
    def broken(x: float) -> float:
        return x + "1"

    with pytest.raises(TypeError, match="unsupported operand"):
        broken(1.0)


def test_a_function_without_a_list_of_arguments_is_left_alone() -> None:
    assert checks.function("f", min, takes=2) is min
    arguments.explain_binding(min, (), {})


LARGEST = float(np.finfo(float).max)


def test_the_ends_of_what_is_a_real_number() -> None:
    """いちばん大きな浮動小数点数までは有限で、無限大はどちらの向きでも断る。"""
    assert [arguments.real("x", x) for x in (-LARGEST, LARGEST)] == [-LARGEST, LARGEST]
    for infinite in (-np.inf, np.inf):
        with pytest.raises(ValueError, match="x は有限でなければなりません"):
            arguments.real("x", infinite)


def test_an_interval_has_its_lower_end_but_not_its_upper() -> None:
    assert arguments.in_interval("momentum", 0.0, 0.0, 1.0) == 0.0
    for outside in (-0.5, 1.0, 1.5):
        with pytest.raises(ValueError, match="momentum は 0.0 以上 1.0 未満"):
            arguments.in_interval("momentum", outside, 0.0, 1.0)


def test_the_ends_of_a_range_differ() -> None:
    assert arguments.ends("x_range", (1.0, 2.0)) == (1.0, 2.0)
    with pytest.raises(ValueError, match=r"x_range は \(小さい値, 大きい値\)"):
        arguments.ends("x_range", (1.0, 1.0))


def test_a_class_is_mistaken_for_what_it_makes() -> None:
    """引数の数を決めて受け取る関数の代わりにクラスを渡すのは、つくり忘れである。"""
    assert arguments.function("kind", Adam) is Adam
    with pytest.raises(TypeError, match="rate は関数でなければなりませんが、クラス Adam が与えられました"):
        arguments.function("rate", Adam, takes=1)


@arguments.explained
class Explained:
    """読者に見せる呼び出しと、見せない呼び出し。"""

    def __init__(self, size: int) -> None:
        self.size = size

    def grow(self, by: int) -> int:
        return self.size + by

    @classmethod
    def of(cls, size: int) -> Explained:
        return cls(size)

    def _hidden(self, by: int) -> int:
        return self.size - by

    def __add__(self, by: int) -> int:
        return self.size + by

    @arguments.explained
    def __call__(self, by: int) -> int:
        return self.size * by


def test_only_what_is_shown_to_the_reader_is_explained() -> None:
    for call in (Explained(2)._hidden, Explained(2).__add__):
        with pytest.raises(TypeError, match="^[^ぁ-ん]*$"):
            call()
    two = Explained.of(2)
    assert (two.grow(3), two._hidden(1), two + 1, two(4)) == (5, 1, 3, 8)


def fit(X: object, *, learning_rate: float, epochs: int = 1, rng: object = None, start: str = "0") -> None:
    """足りない、余る、綴りの違う引数を試す関数。"""


def joined(A: object, B: object = np.ones(2)) -> None:
    """既定値が配列の関数。配列は、何と比べても一つの真偽にならない。"""


def named(*, first: int) -> None:
    """名前をつけて渡す引数だけの関数。"""


MISUSED: dict[str, tuple[Callable[..., object], Callable[[Callable], object], str]] = {
    "つくる": (Explained, lambda f: f(), "Explained の size が与えられていません。 Explained(size)"),
    "メソッド": (
        Explained(2).grow, lambda f: f(), "Explained.grow の by が与えられていません。 Explained.grow(by)",
    ),
    "メソッドにクラス": (
        Explained(2).grow, lambda f: f(1, int),
        "Explained.grow に名前をつけずに渡せる引数は 1 個ですが、2 個が与えられました。 Explained.grow(by)",
    ),
    "クラスのメソッド": (
        Explained.of, lambda f: f(1, 2),
        "Explained.of に名前をつけずに渡せる引数は 1 個ですが、2 個が与えられました。 Explained.of(size)",
    ),
    "下線のある名前": (
        Explained(2), lambda f: f(), "Explained.__call__ の by が与えられていません。 Explained.__call__(by)",
    ),
    "綴り": (
        fit, lambda f: f(1, learning_rat=0.1),
        "fit に learning_rat という引数はありません（learning_rate のことでしょうか）。 fit(X, learning_rate=0.1)",
    ),
    "知らない名前と忘れ物": (
        fit, lambda f: f(lr=0.1),
        "fit に lr という引数はありません（learning_rate のことでしょうか）。 fit(X, learning_rate=0.1)",
    ),
    "もう渡した名前": (
        fit, lambda f: f(1, learning_rate=0.1, lr=0.2),
        "fit に lr という引数はありません。 fit(X, learning_rate=0.1)",
    ),
    "もう渡した位置": (
        fit, lambda f: f(1, x=2, learning_rate=0.1),
        "fit に x という引数はありません。 fit(X, learning_rate=0.1)",
    ),
    "余り": (
        fit, lambda f: f(1, 0.1),
        "fit に名前をつけずに渡せる引数は 1 個ですが、2 個が与えられました。 fit(X, learning_rate=0.1)",
    ),
    "余りは、まだ渡していない引数に": (
        fit, lambda f: f(1, 20, learning_rate=0.1),
        "fit に名前をつけずに渡せる引数は 1 個ですが、2 個が与えられました。 fit(X, learning_rate=0.1, epochs=20)",
    ),
    "二度": (
        fit, lambda f: f(1, X=2, learning_rate=0.1), "fit の X が二度与えられています。 fit(X, learning_rate=0.1)",
    ),
    "名前だけ": (named, lambda f: f(3), "named の引数には、名前が要ります。 named(first=3)"),
    "既定値が配列": (joined, lambda f: f(), "joined の A が与えられていません。 joined(A)"),
    "既定値のある配列だけ": (
        joined, lambda f: f(B=np.zeros(2)), "joined の A が与えられていません。 joined(A, B=…)",
    ),
    "短い値": (
        fit, lambda f: f(1, learning_rate=0.1, start="x" * 18, zzz=0),
        f"fit に zzz という引数はありません。 fit(X, learning_rate=0.1, start='{'x' * 18}')",
    ),
    "長い値": (
        fit, lambda f: f(1, learning_rate=0.1, start="x" * 19, zzz=0),
        "fit に zzz という引数はありません。 fit(X, learning_rate=0.1, start=…)",
    ),
    "乱数と、ほかの値": (
        fit, lambda f: f(1, learning_rate=0.1, seed=3, start="3"),
        "fit に seed という引数はありません（rng のことでしょうか）。"
        " fit(X, learning_rate=0.1, rng=np.random.default_rng(3), start='3')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISUSED)
def test_the_whole_explanation_of_a_misuse(case: str) -> None:
    call, misuse, expected = MISUSED[case]
    call = arguments.explained(call) if inspect.isfunction(call) else call
    with pytest.raises(TypeError) as caught:
        misuse(call)
    assert str(caught.value) == f"{expected} のように書いてください。"


def test_arrays_of_the_readers_own_kind_are_accepted() -> None:
    class Mine(np.ndarray):
        pass

    mine = np.ones((2, 3)).view(Mine)
    assert checks.plain("X", mine) is mine
    assert checks.array("X", mine) is mine


def test_batches_hold_at_least_one_example() -> None:
    with pytest.raises(ValueError, match=r"Y_hat が空です（形 \(1, 0\)）"):
        checks.batches(Y_hat=np.ones((1, 0)), Y=np.ones((1, 0)))
    checks.batches(Y_hat=np.ones((1, 1)), Y=np.ones((1, 1)))


@pytest.mark.parametrize(("shape", "written"), [((), "()"), (("N",), "(N,)"), (("N", "m"), "(N, m)")])
def test_a_shape_is_written_as_a_tuple(shape: tuple[str, ...], written: str) -> None:
    expected = re.escape(f"T の形は {written} でなければなりませんが、(1, 1, 1) が与えられました。")
    with pytest.raises(ValueError, match=f"^{expected}$"):
        checks.array("T", np.ones((1, 1, 1)), shape=shape)


def test_no_arrays_have_the_same_shape() -> None:
    checks.same_shape()
    checks.same_shape(X=np.ones((2, 3)))


def test_an_array_that_may_be_left_out_is_checked_when_it_is_given() -> None:
    @checks.shapes(W="N m", b="N 1")
    def affine(W: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
        return W if b is None else W + b

    assert affine(np.ones((2, 3))).shape == affine(np.ones((2, 3)), np.ones((2, 1))).shape == (2, 3)
    with pytest.raises(ValueError, match=r"b の形は \(N, 1\) で N=2"):
        affine(np.ones((2, 3)), np.ones((3, 1)))

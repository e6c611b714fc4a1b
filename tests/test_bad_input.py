"""誤った入力の検査。

`INTERFACE` は、公開された関数とクラスのすべてを、引数ごとに「正しい値」と「よくある誤り」で並べた表である。
どの誤りも、計算の前に、引数の名前と与えられたものを日本語で名指しして断られ、渡されたものを1ビットも変えない。
表に抜けがないことは `test_the_table_is_complete` が、部屋の中身を調べて確かめる。
"""

from __future__ import annotations

import copy
import importlib
import inspect
import pkgutil
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import sympy as sp

import backprop
from backprop import (
    activations,
    autodiff,
    curvature,
    figures,
    initialisers,
    interactive,
    judges,
    optimizers,
    records,
    steps,
)
from backprop.activations import ACTIVATIONS
from backprop.checks import DivergenceError, floats
from backprop.datasets import one_hot, parity, spirals
from backprop.losses import LOSSES
from backprop.network import Network
from backprop.optimizers import Adam, GradientDescent, Optimizer
from backprop.steps import output_gradient, update
from backprop.symbolic import Family, LossDerivative
from backprop.tables import Table
from backprop.training import EnsembleHistory, History, train, train_ensemble

SIGMOID, MSE, BCE, CE = (
    ACTIVATIONS["sigmoid"],
    LOSSES["mse"],
    LOSSES["binary_cross_entropy"],
    LOSSES["cross_entropy"],
)
JAPANESE = re.compile(r"[ぁ-ん]")


def network() -> Network:
    rng = np.random.default_rng(0)
    return Network.random([2, 3, 1], ["tanh", "sigmoid"], "binary_cross_entropy", rng=rng, bias_scale=0.5)


def descent() -> GradientDescent:
    return GradientDescent(learning_rate=0.1)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def refused(call: Callable[[], object], error: type[Exception] | tuple, *parts: str) -> str:
    """``call`` が、警告なしに、``parts`` のすべて（正規表現）を含む日本語の文で断られる。"""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error) as caught:
            call()
    message = str(caught.value)
    assert type(caught.value) in (error if isinstance(error, tuple) else (error,)), repr(caught.value)
    assert JAPANESE.search(message), f"日本語ではない: {message}"
    for part in parts:
        assert re.search(part, message), f"{part!r} がない: {message}"
    return message


# ---- 引数の種類と、その誤り --------------------------------------------------------------------


class Arg:
    """正しい値と、誤りの名前から（誤った値、文に含まれるもの）への表。"""

    def __init__(self, good: Any, bad: Mapping[str, tuple[Any, str]] | None = None, named: str = "") -> None:
        self.good, self.bad, self.named = good, dict(bad or {}), named

    def without(self, *mistakes: str) -> Arg:
        """この引数では正しいものを除く。"""
        assert set(mistakes) <= set(self.bad)
        return Arg(self.good, {k: v for k, v in self.bad.items() if k not in mistakes}, self.named)

    def called(self, named: str) -> Arg:
        """文の中での引数の呼び名（正規表現）。"""
        return Arg(self.good, self.bad, named)

    def plus(self, **bad: tuple[Any, str]) -> Arg:
        return Arg(self.good, {**self.bad, **bad}, self.named)


def with_element(array: np.ndarray, value: float) -> np.ndarray:
    bad = array.copy()
    bad.flat[-1] = value
    return bad


def shown(value: np.ndarray) -> str:
    return re.escape(str(value.shape))


def elements(good: np.ndarray) -> dict[str, tuple[Any, str]]:
    return {
        "リスト": (good.tolist(), r"list|\["),
        "None": (None, "None"),
        "整数": (np.ones(good.shape, int), "int64"),
        "真偽値": (np.ones(good.shape, bool), "bool"),
        "オブジェクト": (good.astype(object), "object"),
        "文字列": (good.astype(str), "<U"),
        "マスク": (np.ma.array(good, mask=good == good.flat[0]), "マスクのない配列.*filled"),
        "別の種類": (good.view(np.recarray), "recarray.*np.asarray"),
    }


def array(good: np.ndarray, *, finite: bool = True) -> Arg:
    """形の自由な配列。``finite=False`` なら、要素の値には触れない関数に渡すもの。"""
    infinite = {
        "NaN": (with_element(good, np.nan), "NaN か無限大"),
        "無限大": (with_element(good, -np.inf), "NaN か無限大"),
    }
    return Arg(good, {**elements(good), **(infinite if finite else {})})


ANY_SHAPE = "形|空"
"""二つの引数の形が合わないとき、どちらが誤りかは決められない。どちらかの名前と形が出ていればよい。"""


def matrix(good: np.ndarray, *, finite: bool = True) -> Arg:
    """行と列の決まった配列。``(N, 1)`` のつもりの ``(N,)``、転置、余分な列、空。"""
    wrong = {
        "1次元": good.ravel(),
        "3次元": good[..., np.newaxis],
        "転置": np.vstack([good, good]).T,
        "列が多い": np.hstack([good, good[:, :1]]),
        "空": good[:, :0],
    }
    return array(good, finite=finite).plus(**{k: (bad, ANY_SHAPE) for k, bad in wrong.items()})


def vector(good: np.ndarray) -> Arg:
    return array(good).plus(
        **{"2次元": (good[:, np.newaxis], shown(good[:, np.newaxis])), "空": (good[:0], r"\(0,\)")}
    )


def real(good: float, *, optional: bool = False) -> Arg:
    bad = {
        "文字列": ("0.1", "'0.1'"),
        "真偽値": (True, "True"),
        "NaN": (np.nan, "nan"),
        "無限": (np.inf, "inf"),
        "配列": (np.ones(2), "array"),
        "複素数": (1j, "1j"),
    }
    return Arg(good, bad if optional else {**bad, "None": (None, "None")})


def positive(good: float, *, optional: bool = False) -> Arg:
    return real(good, optional=optional).plus(**{"0": (0.0, r"0\.0"), "負": (-0.5, r"-0\.5")})


def not_negative(good: float) -> Arg:
    return real(good).plus(負=(-0.5, r"-0\.5"))


def fraction(good: float) -> Arg:
    """0以上1未満。"""
    return not_negative(good).plus(**{"1": (1.0, r"1\.0")})


def count(good: int, *, optional: bool = False) -> Arg:
    bad = {
        "0": (0, "0 が"),
        "負": (-3, "-3"),
        "小数": (2.0, r"2\.0"),
        "文字列": ("3", "'3'"),
        "真偽値": (True, "True"),
        "配列": (np.array([1, 2]), "array"),
    }
    return Arg(good, bad if optional else {**bad, "None": (None, "None")})


def seed(good: int = 0) -> Arg:
    return count(good).without("0")


def name(good: str) -> Arg:
    return Arg(good, {"綴り": ("sigmiod", "sigmiod"), "数": (3, "3"), "None": (None, "None")})


def thing(good: Any) -> Arg:
    """決まったクラスのもの。"""
    return Arg(good, {"None": (None, "None"), "文字列": ("x", "str|'x'"), "数": (3, "int|3")})


def function(good: Callable, *, optional: bool = False) -> Arg:
    bad = {"数": (3, "3"), "文字列": ("f", "'f'")}
    return Arg(good, bad if optional else {**bad, "None": (None, "None")})


def items(good: Any) -> Arg:
    return Arg(good, {"数": (3, "3|int"), "None": (None, "None"), "文字列": ("ab", "'ab'|str")})


def table(good: Mapping, *, optional: bool = False) -> Arg:
    bad = {"数": (3, "3|int"), "リスト": ([1], r"\[1\]|list"), "文字列": ("ab", "'ab'|str")}
    return Arg(good, bad if optional else {**bad, "None": (None, "None")})


def given(value: Any) -> Arg:
    """誤りを試さない引数（ほかの引数を試すのに要るもの、文字の飾り）。"""
    return Arg(value)


class Row:
    """公開された関数一つ。"""

    def __init__(self, call: Callable[..., object], /, **arguments: Arg) -> None:
        self.call, self.arguments = call, arguments

    def good(self) -> dict[str, Any]:
        return {name: copy.deepcopy(arg.good) for name, arg in self.arguments.items()}


# ---- 公開された関数の表 ------------------------------------------------------------------------

X, Y = np.array([[0.0, 0.5, 1.0, -1.0], [1.0, 0.0, 2.0, 0.5]]), np.array([[0.0, 1.0, 1.0, 0.0]])
A23, B23, C32 = np.full((2, 3), 0.5), np.full((2, 3), 0.25), np.full((3, 2), 0.5)
DISTRIBUTIONS = np.array([[0.5, 1.0, 0.0], [0.5, 0.0, 1.0]])
PLANE = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
TIMES, FALLING = np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.5, 0.25])


def cube(x: np.ndarray) -> float:
    return (x**3).sum()


def pair(function: Callable) -> tuple[Callable, Callable]:
    return function, function


def data(**arrays: np.ndarray) -> dict[str, Arg]:
    """形のそろわなければならない行列。"""
    return {key: matrix(value).called("|".join(arrays)) for key, value in arrays.items()}


def steps_rows() -> Iterator[tuple[str, Row]]:
    yield "steps.output_gradient", Row(output_gradient, **data(Y_hat=A23, Y=B23), loss=thing(MSE))
    yield "steps.output_delta", Row(steps.output_delta, **data(dA=A23, Z=B23), activation=thing(SIGMOID))
    W, delta, Z = C32, np.full((3, 4), 0.5), np.full((2, 4), 0.5)
    yield (
        "steps.hidden_delta",
        Row(steps.hidden_delta, **data(W_next=W, delta_next=delta, Z=Z), activation=thing(SIGMOID)),
    )
    yield "steps.weight_gradient", Row(steps.weight_gradient, **data(delta=A23, A_prev=np.full((4, 3), 0.5)))
    anything = matrix(A23).without("転置", "列が多い")
    yield "steps.bias_gradient", Row(steps.bias_gradient, delta=anything)
    both = data(parameter=A23, gradient=B23)
    yield "steps.update", Row(update, **both, learning_rate=positive(0.1))


def functions_rows() -> Iterator[tuple[str, Row]]:
    for key, f in vars(activations).items():
        if inspect.isfunction(f) and f.__module__ == activations.__name__ and not key.startswith("_"):
            argument = next(iter(inspect.signature(f).parameters))
            yield f"activations.{key}", Row(f, **{argument: array(A23, finite=False)})
    empty = array(A23, finite=False).plus(
        **{
            "空": (np.ones((0, 3)), r"空|\(0, 3\)"),
            "一つの数": (np.array(0.5), "一つの数"),
        }
    )
    yield "activations.softmax", Row(activations.softmax, Z=empty)
    for key in ("sigmoid", "softmax"):
        f = ACTIVATIONS[key]
        both = {k: matrix(v, finite=False).called("Z|dA") for k, v in {"Z": A23, "dA": B23}.items()}
        row = Row(type(f).pullback, self=given(f), **both)
        yield f"activations.{type(f).__name__}.pullback", row
    for loss in LOSSES.values():
        for f in (loss.value, loss.gradient, loss.value_at_z):
            if f is not None:
                first = next(iter(inspect.signature(f).parameters))
                arrays = {first: DISTRIBUTIONS, "Y": DISTRIBUTIONS}
                both = {k: matrix(v, finite=False).called("|".join(arrays)) for k, v in arrays.items()}
                yield f"losses.{f.__name__}", Row(f, **both)


def network_rows() -> Iterator[tuple[str, Row]]:
    net = network()
    weights, biases = net.weights, net.biases
    spoiled = {
        "つながらない": ([weights[0], np.ones((1, 4))], r"\(1, 4\)"),
        "NaN": ([with_element(weights[0], np.nan), weights[1]], "NaN"),
        "整数": ([np.ones((3, 2), int), weights[1]], "int64"),
        "リスト": ([weights[0].tolist(), weights[1]], "list"),
        "配列": (weights[0], "ndarray"),
        "空": ([], "0"),
    }
    yield (
        "network.Network",
        Row(
            Network,
            weights=items(weights).plus(**spoiled).called("weights|W1|b1|W2"),
            biases=items(biases)
            .plus(**{"(N,)": ([biases[0].ravel(), biases[1]], r"\(3,\)"), "空": ([], "0")})
            .called("biases|b1"),
            activations=items(["tanh", "sigmoid"])
            .plus(
                綴り=(["tanh", "sigmiod"], "sigmiod"),
                短い=(["tanh"], "1"),
                関数=([np.tanh, "sigmoid"], "tanh"),
            )
            .called("activations"),
            loss=name("mse"),
        ),
    )
    yield (
        "network.Network.random",
        Row(
            Network.random,
            sizes=items([2, 3, 1]).plus(
                **{
                    "0": ([2, 0, 1], "0 が"),
                    "小数": ([2.0, 3, 1], r"2\.0"),
                    "一つ": ([2], r"\[2\]"),
                }
            ),
            activations=items(["tanh", "sigmoid"]),
            loss=name("mse"),
            rng=Arg(rng(), {"種": (0, "0 が"), "None": (None, "None")}),
            weight_scale=not_negative(1.0).without("文字列").plus(規則=("glorto", "glorto")),
            bias_scale=not_negative(1.0),
        ),
    )
    self = given(net)
    W1 = matrix(weights[0])
    yield "network.Network.replace", Row(Network.replace, self=self, W1=W1)
    one = matrix(X).without("列が多い")
    yield "network.Network.forward", Row(Network.forward, self=self, X=one)
    yield "network.Network.predict", Row(Network.predict, self=self, X=one)
    both = data(X=X, Y=Y)
    outside = both["Y"].plus(定義域の外=(Y + 1, "1 から 2"))
    yield "network.Network.cost", Row(Network.cost, self=self, X=both["X"], Y=outside)
    yield "network.Network.gradients", Row(Network.gradients, self=self, X=both["X"], Y=outside)
    deep = Network.random([2, 3, 3, 1], ["tanh", "tanh", "sigmoid"], "binary_cross_entropy", rng=rng())
    record = thing(net.forward(X)).plus(深い=(deep.forward(X), r"2, 3, 3, 1"), 配列=(X, "ndarray"))
    yield "network.Network.backward", Row(Network.backward, self=self, record=record, Y=matrix(Y))


def graph_rows() -> Iterator[tuple[str, Row]]:
    x, y = autodiff.Variable(A23), autodiff.Variable(B23)
    infinite = {"リスト": ([1.0], "list"), "整数": (1, "int"), "NaN": (np.nan, "NaN")}
    numbers = array(A23).without("None").plus(**infinite)
    yield "autodiff.Variable", Row(autodiff.Variable, value=numbers)
    first, second = numbers.called("第1入力"), numbers.called("第2入力")
    yield (
        "autodiff.Operation.forward",
        Row(lambda self, x, y: self.forward(x, y), self=given(autodiff.Multiply()), x=first, y=second),
    )
    done = autodiff.Multiply()
    done.forward(A23, B23)
    upstream = matrix(A23).called("upstream")
    yield (
        "autodiff.Operation.backward",
        Row(lambda self, upstream: self.backward(upstream), self=given(done), upstream=upstream),
    )
    yield "autodiff.Power", Row(autodiff.Power, exponent=real(2.0).plus(**{"0": (0, "0")}))
    yield (
        "autodiff.Elementwise",
        Row(autodiff.Elementwise, activation=name("tanh").plus(softmax=("softmax", "softmax"))),
    )
    shape = items((2, 3)).plus(**{"小数": ((2.0, 3), r"2\.0"), "負": ((2, -3), "-3"), "空": ((0, 3), "0")})
    yield "autodiff.Broadcast", Row(autodiff.Broadcast, shape=shape)
    yield "autodiff.Reshape", Row(autodiff.Reshape, shape=shape)
    axis = Arg(1, {"小数": (1.0, r"1\.0"), "真偽値": (True, "True"), "文字列": ("1", "'1'")})
    yield "autodiff.Sum", Row(autodiff.Sum, axis=axis)
    yield "autodiff.Mean", Row(autodiff.Mean, axis=axis)
    outside = axis.plus(外=(2, r"2.*\(2, 3\)"))
    yield "autodiff.Node.sum", Row(lambda self, axis: self.sum(axis), self=given(x), axis=outside)
    yield "autodiff.Node.mean", Row(lambda self, axis: self.mean(axis), self=given(x), axis=outside)
    yield (
        "autodiff.Node.broadcast",
        Row(
            lambda self, shape: self.broadcast(shape),
            self=given(autodiff.Variable(np.ones((2, 1)))),
            shape=shape.plus(合わない=((3, 3), r"\(3, 3\)")).called("shape|Broadcast"),
        ),
    )
    yield (
        "autodiff.Node.reshape",
        Row(
            lambda self, shape: self.reshape(shape),
            self=given(x),
            shape=shape.plus(合わない=((3, 3), r"\(3, 3\)")).called("shape|Reshape"),
        ),
    )
    for operator in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "matmul", "rmatmul"):
        good = np.ones((3, 2)) if "matmul" in operator else B23
        wrong = {
            "(N,)": (np.ones(2), r"\(2,\)"),
            "整数": (np.ones((2, 3), int), "int64"),
            "NaN": (good * np.nan, "NaN"),
            "文字列": ("x", "'x'"),
            "None": (None, "None"),
            "リスト": ([1.0], r"\[1\.0\]"),
        }
        other = Arg(good, wrong, "value|入力|計算グラフの定数")
        yield (
            f"autodiff.Node.__{operator}__",
            Row(getattr(autodiff.Node, f"__{operator}__"), self=given(x), other=other),
        )
    yield "autodiff.Node.__pow__", Row(autodiff.Node.__pow__, self=given(x), exponent=real(2.0))
    node = thing(x).plus(配列=(A23, "ndarray")).called("parents")
    yield (
        "autodiff.apply",
        Row(
            lambda operation, x, y: autodiff.apply(operation, x, y),
            operation=thing(autodiff.Add()),
            x=node,
            y=node,
        ),
    )
    yield "autodiff.exp", Row(autodiff.exp, x=node)
    yield "autodiff.log", Row(autodiff.log, x=node)
    yield "autodiff.activate", Row(autodiff.activate, name=name("tanh").called("activation"), z=node)
    W, A, b = (autodiff.Variable(v) for v in (C32, A23, np.ones((3, 1))))
    flat = (autodiff.Variable(np.ones(3)), r"\(3,\)")
    nodes = {"W": Arg(W, node.bad), "A": Arg(A, node.bad), "b": Arg(b, {**node.bad, "(N,)": flat})}
    yield "autodiff.affine", Row(autodiff.affine, **{k: arg.called("parents|b") for k, arg in nodes.items()})
    total = (x * y).sum()
    output = thing(total)
    yield "autodiff.topological_order", Row(autodiff.topological_order, output=output)
    wrong_seed = {
        "形": (np.ones(2), r"\(2,\)"),
        "文字列": ("1", "str"),
        "整数": (1, "int"),
        "NaN": (np.nan, "NaN"),
    }
    up = Arg(1.0, wrong_seed)
    yield (
        "autodiff.gradients",
        Row(
            lambda output, wrt, seed: autodiff.gradients(output, wrt, seed),
            output=output,
            wrt=items([x]).plus(ノード=(x, "Node|Variable"), 配列=([A23], "ndarray")),
            seed=up,
        ),
    )
    yield "autodiff.trace", Row(autodiff.trace, output=output, seed=up)
    yield (
        "autodiff.replace",
        Row(
            autodiff.replace,
            output=output,
            values=table({}).plus(葉でない=({autodiff.Variable(1.0): 2.0}, "葉"), 数の名前=({3: 2.0}, "3")),
        ),
    )


def optimizers_rows() -> Iterator[tuple[str, Row]]:
    rate = positive(0.5)
    yield "optimizers.constant", Row(optimizers.constant, rate=rate)
    share = positive(0.5).plus(大きい=(1.5, r"1\.5"))
    yield "optimizers.step_decay", Row(optimizers.step_decay, rate=rate, factor=share, every=count(10))
    yield "optimizers.exponential_decay", Row(optimizers.exponential_decay, rate=rate, decay=share)
    yield "optimizers.cosine", Row(optimizers.cosine, rate=rate, final=Arg(0.1, share.bad), steps=count(10))
    kinds = {
        "learning_rate": positive(0.1),
        "momentum": fraction(0.9),
        "decay": fraction(0.9),
        "beta1": fraction(0.9),
        "beta2": fraction(0.9),
        "epsilon": positive(1e-8),
    }
    for kind in (Optimizer, *optimizers.OPTIMIZERS.values(), optimizers.AdamHat):
        names = inspect.signature(kind).parameters
        yield f"optimizers.{kind.__name__}", Row(kind, **{name: kinds[name] for name in names})
    used = Adam()
    theta = np.ones((2, 1))
    used.step([theta], [np.ones((2, 1))])
    lists = {
        "配列": (np.ones((2, 1)), "parameters と gradients|ndarray"),
        "(N,)": ([np.ones(2)], r"\(2,\)"),
        "整数": ([np.ones((2, 1), int)], "int64"),
        "オブジェクト": ([np.ones((2, 1), object)], "object"),
        "リスト": ([[1.0, 2.0]], "list"),
        "余分": ([np.ones((2, 1))] * 2, "2 個"),
        "空": ([], "0 個"),
    }
    nan = {"NaN": ([np.full((2, 1), np.nan)], "NaN"), "無限大": ([np.full((2, 1), np.inf)], "NaN か無限大")}
    both = "parameters|gradients"
    yield (
        "optimizers.Optimizer.step",
        Row(
            lambda self, parameters, gradients: self.step(parameters, gradients),
            self=given(Adam()),
            parameters=items([theta]).plus(**lists).called(both),
            gradients=items([np.ones((2, 1))]).plus(**lists, **nan).called(both),
        ),
    )


def training_rows() -> Iterator[tuple[str, Row]]:
    both = data(X=X, Y=Y)
    both["Y"] = both["Y"].plus(定義域の外=(Y + 1, "1 から 2"))
    generator = Arg(rng(), {"種": (0, "0 が"), "None": (None, "None")})
    yield (
        "training.train",
        Row(
            train,
            network=thing(network()),
            **both,
            optimizer=thing(descent()).plus(クラス=(GradientDescent, "GradientDescent")),
            epochs=count(2),
            batch_size=count(2, optional=True).plus(大きい=(5, "5 が")),
            rng=generator,
            record_every=count(1),
            snapshots=items([1]).plus(先=([9], "9"), 小数=([1.0], r"1\.0"), 真偽値=([True], "True")),
        ),
    )
    yield (
        "training.train_ensemble",
        Row(
            train_ensemble,
            networks=items([network(), network()]).plus(
                空=([], "空"), 一つ=(network(), "Network"), 要素=([network(), 3], "int")
            ),
            **both,
            learning_rate=positive(0.1),
            epochs=count(2),
            record_every=count(1, optional=True),
        ),
    )
    epochs, cost = recorded(np.array([0, 10])), array(np.array([0.75, 0.5]), finite=False)
    yield (
        "training.History",
        Row(
            History,
            epochs=epochs,
            cost=cost.plus(**shapes_but(cost.good, 1)),
            snapshots=table({0: network()}).plus(空の配列=(np.ones(0), "ndarray|array")),
        ),
    )
    costs = array(np.array([[0.75, 0.5], [0.25, 0.125]]), finite=False)
    yield (
        "training.EnsembleHistory",
        Row(
            EnsembleHistory,
            epochs=epochs,
            cost=costs.plus(**shapes_but(costs.good, 2)),
            networks=items([network(), network()]).plus(
                空=([], "空"),
                一つ=(network(), "Network"),
                要素=([network(), 3], "int"),
                配列=(np.ones(2), "ndarray"),
            ),
        ),
    )


def recorded(good: np.ndarray) -> Arg:
    """記録したエポックの並び。"""
    bad = {"リスト": (good.tolist(), "list"), "None": (None, "None"), "小数": (good.astype(float), "float64")}
    return Arg(good, bad).plus(**shapes_but(good, 1))


def shapes_but(good: np.ndarray, rank: int) -> dict[str, tuple[Any, str]]:
    """次元の数の違う配列と、短い配列。"""
    fill = good.flat[0]
    wrong = {f"{d}次元": np.full((len(good),) * d, fill) for d in range(4) if d != rank}
    return {k: (v, ANY_SHAPE) for k, v in {**wrong, "短い": good[:-1], "空": good[:0]}.items()}


def gradcheck_rows() -> Iterator[tuple[str, Row]]:
    point = array(np.array([1.0, 2.0])).plus(複素数=(np.array([1j]), "complex128"), 空=(np.ones(0), "空"))
    returns = {
        "配列を返す": (lambda x: x * 1.0, r"\(2,\)"),
        "NaN を返す": (lambda x: x.sum() * np.nan, "nan"),
    }
    f = function(cube).plus(**returns)
    for kind in ("forward_difference", "central_difference", "richardson", "complex_step"):
        call = getattr(judges, kind)
        yield f"judges.{kind}", Row(call, function=f, x=point, h=positive(1e-5, optional=True))
    yield (
        "judges.best_step",
        Row(
            judges.best_step,
            method=name("richardson"),
            dtype=Arg(float, {"整数": (int, "int"), "文字列": ("倍精度", "倍精度"), "数": (3, "3")}),
        ),
    )
    both = {
        k: v.without("転置", "列が多い", "1次元", "3次元", "空").plus(
            **{"(N,)": (np.ones(2), r"\(2,\)"), "空": (np.ones((0, 3)), "空")}
        )
        for k, v in data(a=A23, b=B23).items()
    }
    yield "judges.relative_error", Row(judges.relative_error, **both, scale=not_negative(0.0))
    yield "judges.norm_relative_error", Row(judges.norm_relative_error, **both)
    index = items((0, 1)).plus(足りない=((0,), r"\(0,\)"), 小数=((0.5, 1), r"0\.5"), 負=((-1, 1), "-1"))
    yield "judges.symbol", Row(judges.symbol, name=name("W2"), index=index)
    tolerance = positive(1e-8, optional=True)
    method = name("complex_step")
    gradient = point.plus(形=(np.ones(3), r"\(3,\)"), 転置=(np.ones((2, 1)), r"\(2, 1\)"))
    yield (
        "judges.check_gradient",
        Row(
            judges.check_gradient,
            function=f,
            x=point.called("x の勾配|x"),
            gradient=gradient.called("x の勾配|x"),
            method=method,
            tolerance=tolerance,
        ),
    )
    net = network()
    right = net.gradients(X, Y)
    wrong = {
        "名前": ({**right, "W9": right["W1"]}, "W9"),
        "足りない": ({"W1": right["W1"]}, "W1"),
        "形": ({**right, "b1": right["b1"].ravel()}, r"b1.*\(3,\)"),
        "NaN": ({**right, "b1": right["b1"] * np.nan}, "b1.*NaN"),
        "整数": ({**right, "b1": np.ones((3, 1), int)}, "b1.*int64"),
    }
    yield (
        "judges.check_network",
        Row(
            judges.check_network,
            network=thing(net),
            **data(X=X, Y=Y),
            gradients=table(right, optional=True).plus(**wrong).called("gradients|b1 の勾配"),
            method=method,
            tolerance=tolerance,
        ),
    )


def own_code_rows() -> Iterator[tuple[str, Row]]:
    """読者のプログラムの勾配を確かめるもの。"""
    tolerance = positive(1e-8, optional=True)
    point, gradient = {"w": np.array([1.0, 2.0])}, {"w": np.array([3.0, 12.0])}
    wrong = {
        "空": ({}, "空|gradients の名前"),
        "名前": ({"v": point["w"]}, "w"),
        "リスト": ({"w": [1.0, 2.0]}, "w.*list"),
        "NaN": ({"w": np.array([1.0, np.nan])}, "w.*NaN"),
        "整数": ({"w": np.array([1, 2])}, "w.*int64"),
    }
    longer = {"形": ({"w": np.ones(3)}, r"w.*\(3,\)")}
    yield (
        "judges.check_gradients",
        Row(
            judges.check_gradients,
            cost=function(lambda p: cube(p["w"])).called("cost|function"),
            parameters=table(point).plus(**wrong).called("parameters|gradients"),
            gradients=table(gradient).plus(**wrong, **longer).called("gradients|w の勾配"),
            tolerance=tolerance,
        ),
    )
    x = array(np.array([1.0, 2.0])).plus(空=(np.ones(0), "空"))
    yield (
        "judges.check_layer",
        Row(
            lambda forward, backward, x, seed, tolerance: judges.check_layer(
                forward, backward, x, seed=seed, tolerance=tolerance
            ),
            forward=function(lambda x: x**3).plus(数を返す=(lambda x: 1, "int")),
            backward=function(lambda G, x: 3 * G * x**2).plus(何も返さない=(lambda G, x: None, "None")),
            x=x.called("x|inputs"),
            seed=seed(),
            tolerance=tolerance,
        ),
    )


def small_rows() -> Iterator[tuple[str, Row]]:
    yield "datasets.parity", Row(parity, bits=count(2).plus(大きい=(21, "21")))
    yield (
        "datasets.spirals",
        Row(
            spirals,
            points=count(3),
            classes=count(2),
            rng=Arg(rng(), {"種": (0, "0 が"), "None": (None, "None")}),
            noise=not_negative(0.1),
        ),
    )
    labels = {
        "小数": (np.array([0.0, 1.0]), r"0\., 1\."),
        "真偽値": (np.array([True, False]), "True"),
        "オブジェクト": (np.array([0, 1], object), "object"),
        "リスト": ([0, 1], r"\[0, 1\]"),
        "None": (None, "None"),
        "2次元": (np.array([[0, 1]]), r"\[\[0, 1\]\]"),
        "空": (np.array([], int), "空"),
        "範囲の外": (np.array([0, 2]), r"\[0, 2\]"),
        "負": (np.array([-1, 0]), "-1"),
    }
    yield "datasets.one_hot", Row(one_hot, labels=Arg(np.array([0, 1]), labels), classes=count(2))
    yield "records.load", Row(records.load, name=name("xor-map").plus(数=(3, "int")).called("name|記録"))
    for rule in ("glorot", "he"):
        yield f"initialisers.{rule}", Row(getattr(initialisers, rule), n_in=count(3), n_out=count(2))
    net = thing(network())
    yield "curvature.parameter_vector", Row(curvature.parameter_vector, network=net)
    flat = vector(curvature.parameter_vector(network())).plus(長さ=(np.ones(3), r"\(3,\)"))
    yield "curvature.with_parameters", Row(curvature.with_parameters, network=net, vector=flat)
    both = data(X=X, Y=Y)
    yield "curvature.gradient_vector", Row(curvature.gradient_vector, network=net, **both)
    yield "curvature.hessian", Row(curvature.hessian, network=net, **both)


def seal_rows() -> Iterator[tuple[str, Row]]:
    w, x, g = sp.Symbol("w"), Family("x"), Family("g")
    draw, program = function(lambda rng: {w: rng.normal()}), function(lambda values: values[w] ** 2)
    yield "judges.SampleCase", Row(judges.SampleCase, values=table({w: 3.0}), program=program)
    yield (
        "judges.sample_cases",
        Row(judges.sample_cases, draw=draw, program=program, number=count(1), seed=seed()),
    )
    inputs = table({x: (2, 1)})
    yield (
        "judges.operation_cases",
        Row(
            judges.operation_cases,
            operation=function(lambda x: 2 * x),
            inputs=inputs,
            upstream=Arg(g, {"数": (3, "int"), "None": (None, "None"), "多い": ((g, g), "2 個")}),
            functions=table({}, optional=True),
            seed=seed(),
        ),
    )
    both = data(X=X, Y=Y)
    layer = count(1).plus(大きい=(3, "3 が"))
    yield "judges.NetworkCase", Row(judges.NetworkCase, network=thing(network()), **both, l=layer)
    losses = items(["mse"]).plus(綴り=(["rmse"], "rmse"), 空=([], "空"))
    yield (
        "judges.network_cases",
        Row(
            judges.network_cases,
            number=count(1),
            seed=seed(),
            losses=losses.called("loss|losses"),
            batch=count(1),
        ),
    )
    samples = judges.sample_cases(draw.good, program.good)
    yield (
        "judges.seal",
        Row(
            judges.seal,
            label=Arg("eq-square", {"形": ("square", "square"), "数": (3, "int"), "None": (None, "None")}),
            claim=Arg(sp.Eq(LossDerivative(w), 2 * w), {"式": (2 * w, r"2\*w"), "None": (None, "None")}),
            derived=Arg(2 * w, {"None": (None, "None"), "文字列": ("2*w", r"2\*w|str")}),
            cases=items(samples).plus(空=([], "空")),
            numpy=function(lambda case: 2 * case[w]),
            independent=function(lambda case: case.complex_step(w)),
        ),
    )


def span(good: tuple[float, float]) -> Arg:
    wrong = {"逆": ((1.0, -1.0), "-1"), "NaN": ((0.0, np.nan), "nan"), "文字列": (("0", 1.0), "'0'")}
    return Arg(good, {**wrong, "三つ": ((0.0, 1.0, 2.0), "2"), "数": (3, "3"), "None": (None, "None")})


def spoiled(good: np.ndarray, wrap: Callable[[Any], Any], named: str) -> Arg:
    """中に1次元の配列を一つ含むもの。"""
    return Arg(wrap(good), {k: (wrap(v), part) for k, (v, part) in vector(good).bad.items()}, named)


def figures_rows() -> Iterator[tuple[str, Row]]:
    smooth = pair(np.tanh)
    named = table({"f": smooth})
    yield "figures.activation_plot", Row(figures.activation_plot, functions=named, limit=positive(5.0))
    ends = span((-1.0, 1.0))
    yield (
        "figures.loss_and_slope",
        Row(figures.loss_and_slope, functions=named, x_range=ends, x=given("x"), slope=given("s")),
    )
    yield (
        "figures.tangents",
        Row(
            figures.tangents,
            functions=named,
            at=real(0.5).plus(外=(2.0, r"2\.0")),
            x_range=ends,
            x=given("x"),
        ),
    )
    curves = spoiled(FALLING, lambda v: {"A": (TIMES, v)}, "curves").plus(**table({}).bad)
    levels = table({"ln 2": 0.7}, optional=True).plus(
        NaN=({"a": np.nan}, "nan"), 文字列の値=({"a": "x"}, "'x'")
    )
    levels = levels.called("references|a")
    axes = {"x": given("x"), "y": given("y")}
    yield "figures.line_plot", Row(figures.line_plot, curves=curves, references=levels, **axes)
    yield "figures.loss_curve", Row(figures.loss_curve, histories=curves, references=levels)
    wide = np.linspace(0.1, 1.0, 9)
    yield (
        "figures.final_costs",
        Row(
            figures.final_costs,
            costs=spoiled(wide, lambda v: {"A": v}, "costs").plus(**table({}).bad),
            solved_below=positive(0.5),
            references=levels,
        ),
    )
    number = real(0.0, optional=True)
    yield (
        "figures.heatmap",
        Row(
            figures.heatmap,
            values=matrix(np.array([[0.5, 0.25]])),
            row_labels=given(["a"]),
            column_labels=given(["b", "c"]),
            low=number,
            high=real(1.0, optional=True),
        ),
    )
    plane = {"X": matrix(PLANE), "Y": matrix(Y).plus(クラスでない=(Y * 2, "2"))}
    plane = {k: v.called("[XY]") for k, v in plane.items()}
    first = function(lambda X: X[:1])
    yield "figures.decision_surface", Row(figures.decision_surface, predict=first, **plane)
    predicts = items([first.good]).plus(空=([], "0 個"))
    yield (
        "figures.decision_surfaces",
        Row(figures.decision_surfaces, predicts=predicts, **plane, titles=given(["t"])),
    )
    lines = {"W1": matrix(np.eye(2)).without("転置", "列が多い"), "b1": matrix(-np.ones((2, 1)))}
    lines = {k: v.called("W1|b1") for k, v in lines.items()}
    yield "figures.hidden_boundaries", Row(figures.hidden_boundaries, **lines, **plane)
    yield (
        "figures.hidden_representation",
        Row(
            figures.hidden_representation,
            A1=matrix(PLANE).without("転置").called("A1|Y"),
            labels=given(["a", "b", "c", "d"]),
            Y=plane["Y"].called("Y"),
            low=real(0.0).called("low"),
            high=real(1.0).called("high").plus(逆=(-1.0, r"-1\.0")),
        ),
    )
    roads = spoiled(FALLING, lambda v: {"A": v}, "paths").plus(**table({}).bad, 外=({"A": FALLING + 9}, "10"))
    square = function(np.square)
    yield "figures.descent", Row(figures.descent, cost=square, w_range=span((-2.0, 2.0)), paths=roads)
    points = {"形": ({"A": np.ones((3, 2))}, r"\(3, 2\)"), "整数": ({"A": np.ones((2, 3), int)}, "int64")}
    bowl = function(lambda u, v: u * u + v * v)
    yield (
        "figures.loss_surface",
        Row(
            figures.loss_surface,
            cost=bowl,
            x_range=ends,
            y_range=ends,
            paths=table({}, optional=True).plus(**points),
            resolution=count(9),
        ),
    )
    teeth = {"少ない": ([(8, 3)], "3"), "小数": ([(8.0, 16)], r"8\.0"), "空": ([], "0")}
    yield (
        "figures.gears",
        Row(figures.gears, pairs=items([(8, 16)]).plus(**teeth).called("pairs|歯"), names=given(["x", "u"])),
    )
    four = {key: real(0.5, optional=True) for key in ("weight", "cost", "gradient", "learning_rate")}
    yield "figures.learning_loop", Row(figures.learning_loop, **four)
    yield (
        "figures.likelihoods",
        Row(
            figures.likelihoods,
            predictions=items([1.0]).plus(空=([], "0 個"), NaN=([np.nan], "nan")),
            targets=vector(TIMES),
            spread=positive(0.5),
        ),
    )
    measured = spoiled(FALLING, lambda v: {"t": {"A": (v, v)}}, "panels").plus(**table({}).bad)
    yield "figures.layer_norms", Row(figures.layer_norms, panels=measured, y=given("y"), every=count(1))
    yield (
        "figures.hidden_delta_paths",
        Row(
            figures.hidden_delta_paths,
            weights=vector(TIMES).without("None").called("weights|deltas"),
            deltas=vector(FALLING).without("None").called("weights|deltas"),
            derivative=real(0.5, optional=True),
        ),
    )
    yield (
        "figures.wire_gradients",
        Row(figures.wire_gradients, inputs=vector(TIMES).without("None"), delta=real(0.5, optional=True)),
    )
    both = data(delta=np.ones((2, 1)), A_prev=np.ones((3, 1)))
    yield "figures.outer_products", Row(figures.outer_products, **both)
    given_table = data(weights=A23, inputs=np.ones((3, 1)), returned=np.ones((2, 1)))
    yield (
        "figures.weight_table",
        Row(
            figures.weight_table,
            weights=given_table["weights"],
            **{name: given_table[name].without("None") for name in ("inputs", "returned")},
            row=count(1, optional=True).plus(大きい=(3, "3")),
            column=count(1, optional=True).plus(大きい=(4, "4")),
        ),
    )
    yield "figures.step", Row(figures.step, number=count(3).plus(大きい=(7, "7")))
    sizes = items([2, 1]).plus(**{"0": ([2, 0], "0 が"), "小数": ([2.0, 1], r"2\.0"), "空": ([], r"\[\]")})
    on_edges = table({}, optional=True).plus(
        形=({1: np.ones((3, 3))}, r"\(3, 3\)"), NaN=({1: np.full((1, 2), np.nan)}, "NaN")
    )
    on_nodes = table({}, optional=True).plus(
        **{"(N,)": ({1: np.ones(1)}, r"\(1,\)"), "NaN": ({1: np.full((1, 1), np.nan)}, "NaN")}
    )
    nowhere = Arg((), {"ない": ([(9, 9)], "9"), "文字列": ("a", "a"), "小数": (1.5, r"1\.5")})
    yield (
        "figures.network",
        Row(
            figures.network,
            sizes=sizes,
            **dict.fromkeys(("edge_labels", "backward_labels"), on_edges),
            **dict.fromkeys(("node_labels", "values", "deltas"), on_nodes),
            **{f"{kind}_edges": nowhere for kind in ("highlight", "forward", "backward")},
            highlight_nodes=nowhere,
            ellipsis=nowhere,
            index_names=table({}, optional=True).plus(短い=({0: ["1"]}, "'1'")),
        ),
    )
    written = Arg(
        0.5, {"NaN": (np.nan, "nan"), "None": (None, "None"), "配列": (np.ones(2), "array")}, "value|label"
    )
    yield (
        "figures.neuron",
        Row(
            figures.neuron,
            inputs=items([1.0]).plus(NaN=([np.nan], "nan")).called("inputs|value"),
            weights=items([2.0]).plus(NaN=([np.nan], "nan")).called("weights|value"),
            bias=written,
            z=written,
            output=written,
        ),
    )
    wrong_terms = {
        "形でない": ([("$W$", 3)], "3"),
        "NaN": ([("$W$", A23 * np.nan)], "NaN"),
        "空": ([], "terms"),
        "数": (3, "3"),
        "None": (None, "None"),
    }
    yield (
        "figures.matrices",
        Row(
            figures.matrices,
            terms=Arg([("$W$", A23)], wrong_terms),
            highlight=Arg(
                (), {"ない": ([(2, 1, 1)], "2, 1, 1"), "数": (3, "3"), "短い": ([(1, 1)], r"\(1, 1\)")}
            ),
            stretched=table({}, optional=True).plus(ない=({2: (3, 3)}, "2")),
        ),
    )
    nodes = table({"x": ("$x$", ())}).plus(親がない=({"y": ("$y$", ("x",))}, "'x'"), 中身=({"y": 3}, "3"))
    numbers = table({}, optional=True).plus(ない=({"q": 1.0}, "'q'"), NaN=({"x": np.nan}, "nan"))
    numbers = numbers.called("values|gradients")
    yield (
        "figures.computational_graph",
        Row(
            figures.computational_graph,
            nodes=nodes,
            values=numbers.called("values?"),
            gradients=numbers.called("gradients|value"),
        ),
    )
    traced = items(autodiff.trace(autodiff.Variable(2.0) * 3.0)).plus(数の並び=([3], "3|int"))
    yield "figures.traced_graph", Row(figures.traced_graph, records=traced)
    judged = {"組": {"行": {"審判": True}}}
    different = {"組": {"行": {"審判": True}, "次": {"別": True}}}
    yield (
        "figures.verdicts",
        Row(
            figures.verdicts,
            groups=table(judged)
            .plus(そろわない=(different, "別"), 判定でない=({"組": {"行": {"審判": 3}}}, "3"))
            .called("groups|審判|判定"),
        ),
    )


def places(good: list[float]) -> Arg:
    """つまみの位置。正の数が小さい順に並ぶ。"""
    wrong = {
        "逆順": (good[::-1], re.escape(str(good[::-1]))),
        "一つ": (good[:1], re.escape(str(good[:1]))),
        "0": ([0.0, *good], r"0\.0"),
        "NaN": ([*good, np.nan], "nan"),
        "文字列の要素": (["0.1", *good], "'0.1'"),
    }
    return items(good).plus(**wrong)


def tables_rows() -> Iterator[tuple[str, Row]]:
    rows = table({"a": [1]}).plus(空=({}, "空"), 長い行=({"a": [1, 2]}, "a"))
    columns = Arg(["x"], {"数": (3, "3"), "None": (None, "None"), "文字列": ("x", "'x'|str")}).plus(
        要素が配列=([np.array(1.0)], "ndarray"), 配列=(np.array(["x"]), "ndarray")
    )
    yield "tables.Table", Row(Table, rows=rows, columns=columns)


def interactive_rows() -> Iterator[tuple[str, Row]]:
    rates = places([0.1, 0.5])
    yield (
        "interactive.learning_rate",
        Row(
            interactive.learning_rate,
            rates=rates,
            curvatures=places([1.0, 2.0]),
            start=real(2.5).plus(外=(3.0, r"3\.0"), 負=(-1.0, r"-1\.0")),
            updates=count(3),
        ),
    )
    pair_of = items((-2.0, 1.0)).plus(**{"三つ": ((1.0, 2.0, 3.0), "3"), "0": ((0.0, 1.0), r"0\.0")})
    yield (
        "interactive.ravine",
        Row(
            interactive.ravine,
            rates=rates,
            curvatures=places([1.0, 10.0]).plus(三つ=([1.0, 2.0, 3.0], "3")),
            start=pair_of,
            updates=count(3),
        ),
    )
    layers = {"小数": ([3.0, 5], r"3\.0"), "浅い": ([2, 5], "2"), "逆順": ([5, 3], "5")}
    yield (
        "interactive.vanishing",
        Row(
            interactive.vanishing,
            activations=items(["relu"]).plus(綴り=(["reul"], "reul"), 空=([], r"\[\]")),
            depths=items([3, 5]).plus(**layers),
            scales=places([0.1, 0.5]),
            width=count(4),
            nets=count(1),
        ),
    )
    flat = real(-1 / 9).plus(**{"0": (0.0, "0")})
    inverse = function(lambda v: 1 / v.item())
    yield (
        "interactive.step_size",
        Row(interactive.step_size, function=inverse, at=real(3.0), slope=flat, name=given("1/x")),
    )
    shallow = Network([np.eye(2)], [np.zeros((2, 1))], ["identity"], "mse")
    yield (
        "interactive.cover",
        Row(
            interactive.cover,
            network=thing(network()).plus(隠れ層がない=(shallow, "隠れ層が一つ")),
            x=matrix(X[:, :1]), y=matrix(Y[:, :1]), learning_rate=positive(0.1), rounds=count(2),
        ),
    )  # fmt: skip
    yield "interactive.losses", Row(interactive.losses, step=positive(0.5).plus(割り切れない=(0.7, r"0\.7")))
    yield (
        "interactive.activations",
        Row(interactive.activations, step=positive(0.5).plus(割り切れない=(0.7, r"0\.7"))),
    )
    yield "interactive.knobs", knobs_row()
    yield "interactive.softmax_tug", Row(
        interactive.softmax_tug,
        z=items((2.0, 1.0, 0.0)).plus(二つ=((2.0, 1.0), "2"), 外=((7.0, 0.0, 0.0), r"7\.0")),
        target=count(2).plus(大きい=(4, "4")),
    )
    yield "interactive.momentum_plane", Row(
        interactive.momentum_plane,
        at=items((0.1, 0.4)).plus(三つ=((0.1, 0.4, 0.0), r"0\.0"), 外=((5.0, 0.4), r"5\.0")),
        updates=count(40).plus(少ない=(19, "19")),
    )
    yield "interactive.two_valleys", Row(
        interactive.two_valleys,
        start=items((1.6, 1.6)).plus(三つ=((1.6, 1.6, 0.0), r"0\.0"), 外=((3.0, 0.0), r"3\.0")),
        rate=positive(0.1).plus(大きい=(0.6, r"0\.6")),
        updates=count(3),
    )
    rates = [np.array([[4.0], [-0.25]]), np.array([[0.5, 4.0]])]
    yield "interactive.paths", Row(
        interactive.paths,
        rates=items(rates).plus(一つ=(rates[:1], "1"), 逆順=(rates[::-1], r"\(1, 2\)")),
        names=items([["x"], ["a", "b"], ["v"]]).plus(足りない=([["x"], ["v"]], "2")),
        ways=items(["exit"]).plus(綴り=(["exti"], "exti"), 空=([], r"\[\]")),
    )
    yield "interactive.product", product_row()
    x = autodiff.Variable(2.0, "$x$")
    wrong = {"空": ({}, "空"), "葉": ({"a": x}, "0 個"), "名前のない葉": ({"a": autodiff.Variable(2.0) * 2}, "名前")}
    yield "interactive.backward_graph", Row(
        interactive.backward_graph,
        outputs=table({"a": x * x}).plus(数のノード=({"a": 4.0}, "float"), **wrong),
        figure=given(""),
    )
    yield "interactive.training", training_row()
    yield "interactive.stepper", stepper_row()
    yield "interactive.step", Row(interactive.step, number=count(3).plus(大きい=(7, "7")))
    yield "interactive.forward_pass", forward_row()


def training_row() -> Row:
    history = train(network(), PLANE, Y, optimizer=descent(), epochs=2, snapshots=(0, 2))
    short = train(network(), PLANE, Y, optimizer=descent(), epochs=2, snapshots=(0, 1))
    other = {"a": history, "b": short}
    wrong = {"空": ({}, "空"), "別のエポック": (other, r"\[0, 1\]"), "ほか": ({"a": 1}, "int|1")}
    plane = {"X": matrix(PLANE).plus(外=(PLANE * 2, r"2\.0")), "Y": matrix(Y)}
    plane = {k: v.called("[XY]") for k, v in plane.items()}
    return Row(interactive.training, histories=table({"a": history}).plus(**wrong), **plane)


def knobs_row() -> Row:
    line = Network([np.array([[0.5]])], [np.array([[0.0]])], ["identity"], "mse")
    xs = np.array([[-1.0, 0.0, 1.0]])
    return Row(
        interactive.knobs,
        network=thing(line).plus(入力が多い=(network(), "2–3–1")),
        X=matrix(xs).plus(逆順=(xs[:, ::-1].copy(), "等しい間隔")).called("[XY]"),
        Y=matrix(xs**2).called("[XY]"),
        first=count(1).plus(大きい=(3, "3")),
        figure=given("fig-a"),
    )


def product_row() -> Row:
    W, a = np.array([[2.0, -1.0, 3.0], [1.0, 4.0, -2.0]]), np.array([[3.0], [2.0], [1.0]])
    return Row(
        interactive.product,
        W=matrix(W).without("列が多い").plus(大きい=(W * 1000, "4000"), 合わない=(W.T.copy(), ANY_SHAPE)),
        A=matrix(a).without("列が多い").plus(大きい=(a * 1000, "3000")),
        opened=items((2, 1)).plus(一つ=((1,), r"\(1,\)"), 外=((4, 1), r"\(4, 1\)"), 小数=((1.0, 1), r"1\.0")),
        points=matrix(np.array([[1.0], [3.0]])).without("None").plus(多い=(np.ones((3, 1)), "形")),
        figure=given("fig-a"),
    )


def stepper_row() -> Row:
    zeros = [np.zeros((2, 1)), np.zeros((1, 1))]
    tiny = Network([np.eye(2), np.ones((1, 2))], zeros, ["sigmoid"] * 2, "binary_cross_entropy")
    plane = {"X": matrix(PLANE), "Y": matrix(Y).plus(確率でない=(Y * 2, "2"))}
    plane = {k: v.called("[XY]") for k, v in plane.items()}
    ones, biases = [np.ones((5, 2)), np.ones((1, 5))], [np.zeros((5, 1)), zeros[1]]
    wide = Network(ones, biases, ["tanh", "identity"], "mse")
    one = Network([np.ones((1, 2))], [zeros[1]], ["sigmoid"], "binary_cross_entropy")
    return Row(
        interactive.stepper,
        network=thing(tiny).plus(広い=(wide, "2–5–1"), 隠れ層がない=(one, "2–1")),
        **plane,
        learning_rate=positive(0.5),
        first=seed(1).plus(大きい=(4, "4")),
    )


def forward_row() -> Row:
    zeros = [np.zeros((2, 1)), np.zeros((1, 1))]

    def two_layers(hidden: str, output: str, W1: np.ndarray) -> Network:
        return Network([W1, np.ones((1, 2))], zeros, [hidden, output], "half_squared_error")

    wrong = {
        "隠れ層": (two_layers("softplus", "identity", np.eye(2)), "softplus"),
        "出力層": (two_layers("relu", "sigmoid", np.eye(2)), "sigmoid"),
        "大きい重み": (two_layers("relu", "identity", 11 * np.eye(2)), r"W1.*11\.0"),
    }
    return Row(
        interactive.forward_pass,
        network=thing(two_layers("relu", "identity", np.eye(2))).plus(**wrong),
        x=matrix(np.array([[1.0], [2.0]])).plus(大きい=(np.array([[11.0], [0.0]]), r"x.*11\.0")),
    )


INTERFACE: dict[str, Row] = {
    key: row
    for rows in (
        steps_rows(),
        functions_rows(),
        network_rows(),
        graph_rows(),
        optimizers_rows(),
        training_rows(),
        gradcheck_rows(),
        own_code_rows(),
        small_rows(),
        seal_rows(),
        figures_rows(),
        interactive_rows(),
        tables_rows(),
    )
    for key, row in rows
}


# 表に行のないものと、その理由
ROOMS_WITHOUT_ROWS = {
    "arguments": "確かめる側。誤りごとの文は doctest にある",
    "checks": "同じく、確かめる側。誤りごとの文は doctest にある",
    "exercises": "読者の答えを判定する部屋。どんな答えも断らずに判定する。引数の誤りは test_exercises で試す",
    "symbolic": "SymPy の式を組む部屋。誤りは test_symbolic と test_odd_calls で試す",
}
WITHOUT_ROWS = {
    **dict.fromkeys(
        (
            "network.ForwardPass",
            "autodiff.NodeTrace",
            "judges.GradientReport",
            "judges.GradientsReport",
            "judges.Kink",
            "judges.NetworkReport",
            "judges.Seal",
        ),
        "結果を入れて返すためのもの",
    ),
    **dict.fromkeys(
        ("activations.Activation", "activations.Softmax", "losses.Loss", "judges.Method"),
        "部屋の中の表だけがつくる",
    ),
    **dict.fromkeys(
        ("judges.Case.complex_step", "judges.SampleCase.complex_step", "judges.NetworkCase.complex_step"),
        "辞書と同じく、ない記号には KeyError を返す",
    ),
    "judges.NetworkCase.activation": "辞書と同じ",
    "losses.Loss.targets": "ネットワークと学習が、自分の形を渡して呼ぶ。目標の誤りは、cost や train の行で試す",
    "autodiff.Node": "Variable と apply だけがつくる",
    "optimizers.Optimizer.rate": "学習の1ステップごとに通る。学習率の方は、ここで毎回確かめる",
    "figures.Figure": "図を描く関数が返すもの",
    "interactive.Widget": "動かして見る図をつくる関数が返すもの",
    "figures.Figure.set": "matplotlib のもの",
}
# 演算の中身は、forward と backward が引数を確かめてから呼ぶ
HOOKS = ("check", "value", "pullback")
TEXT = re.compile(r"(str|bool|None|Sequence\[str\]|Mapping\[str, str\]|[ |])+")


def public() -> Iterator[tuple[str, Callable[..., object]]]:
    """公開された関数、クラスをつくる呼び出し、メソッドのすべて。"""
    for room in pkgutil.iter_modules(backprop.__path__):
        module = importlib.import_module(f"backprop.{room.name}")
        for key in getattr(module, "__all__", vars(module)):
            thing = getattr(module, key)
            own = getattr(thing, "__module__", "").startswith(module.__name__)
            if not own or key.startswith("_") or room.name in ROOMS_WITHOUT_ROWS:
                continue
            if inspect.isfunction(thing):
                yield f"{room.name}.{key}", thing
            elif inspect.isclass(thing) and not issubclass(thing, Exception):
                yield f"{room.name}.{key}", thing
                hooks = HOOKS if issubclass(thing, autodiff.Operation) else ()
                methods = {
                    k: getattr(thing, k) for k in vars(thing) if not k.startswith("_") and k not in hooks
                }
                yield from ((f"{room.name}.{key}.{k}", m) for k, m in methods.items() if inspect.isroutine(m))


def needed(call: Callable[..., object]) -> set[str]:
    """誤りを試さなければならない引数: 文字と真偽のほかのすべて。"""
    return {
        p.name
        for p in inspect.signature(call).parameters.values()
        if p.name != "self"
        and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        and not TEXT.fullmatch(str(p.annotation))
    }


def test_the_table_is_complete() -> None:
    everything = dict(public())
    rows = {key: {name for name, arg in row.arguments.items() if arg.bad} for key, row in INTERFACE.items()}
    missing = {
        key: lacking
        for key, call in everything.items()
        if key not in WITHOUT_ROWS and (lacking := needed(call) - rows.get(key, set()))
    }
    assert missing == {}
    gone = {key for key in (*INTERFACE, *WITHOUT_ROWS) if key not in everything and "__" not in key}
    assert gone == set()


@pytest.mark.parametrize("key", INTERFACE)
def test_right_arguments_are_accepted(key: str) -> None:
    """表の「正しい値」は、ほんとうに正しい。"""
    row = INTERFACE[key]
    row.call(**row.good())


def state(value: object) -> object:
    """1ビットの変化もわかる姿。"""
    match value:
        case np.ndarray():
            return value.dtype, value.shape, value.tobytes()
        case Network():
            return state(value.parameters())
        case Optimizer():
            return value.t, value.learning_rate, state(value._states)
        case np.random.Generator():
            return repr(value.bit_generator.state)
        case autodiff.Node():
            return state(value.value)
        case autodiff.Operation():
            return state(value._inputs)
        case list() | tuple():
            return [state(item) for item in value]
        case Mapping():
            return {key: state(item) for key, item in value.items()}
    return None


MISTAKES = [
    (key, name, mistake)
    for key, row in INTERFACE.items()
    for name, arg in row.arguments.items()
    for mistake in arg.bad
]


@pytest.mark.parametrize(("key", "name", "mistake"), MISTAKES)
def test_wrong_arguments_are_refused_and_change_nothing(key: str, name: str, mistake: str) -> None:
    row, arg = INTERFACE[key], INTERFACE[key].arguments[name]
    bad, part = arg.bad[mistake]
    arguments = row.good() | {name: bad}
    before = state(arguments)
    named = rf"(?<![A-Za-z0-9_])({arg.named or name})(?![A-Za-z0-9_])"
    message = refused(lambda: row.call(**arguments), (TypeError, ValueError), named, part)
    assert state(arguments) == before
    if part == ANY_SHAPE:
        assert any(str(np.shape(value)) in message for value in arguments.values()), message


# ---- そのほかの文 ----

CASES: dict[str, tuple[Callable[[], object], type[Exception], tuple[str, ...]]] = {
    # 活性化関数と損失関数
    "softmax: 一つの数": (lambda: ACTIVATIONS["softmax"].value(0.5), ValueError, (r"Z の形", "一つの数")),
    "sigmoid: 整数": (lambda: SIGMOID.value(1), TypeError, (r"z は浮動小数点数", "1 が")),
    "bce: 確率でない出力": (
        lambda: BCE.value(np.array([[1.5]]), np.array([[1.0]])),
        ValueError,
        (r"Y_hat の要素は 0 以上 1 以下", r"1\.5"),
    ),
    "ce: 負の出力": (
        lambda: CE.gradient(np.array([[-0.5], [1.0]]), np.array([[1.0], [0.0]])),
        ValueError,
        (r"Y_hat の要素は 0 以上 1 以下", r"-0\.5"),
    ),
    "bce: 確率でない目標": (
        lambda: output_gradient(np.array([[0.5]]), np.array([[2.0]]), BCE),
        ValueError,
        (r"Y の要素は 0 以上 1 以下", "2 まで"),
    ),
    "ce: 和が1でない目標": (
        lambda: output_gradient(np.full((2, 1), 0.5), np.array([[1.0], [1.0]]), CE),
        ValueError,
        (r"Y の各列の和は1", "列 0 の和は 2", "one-hot"),
    ),
    "update: 負の学習率": (
        lambda: update(np.ones(1), np.ones(1), -0.1),
        ValueError,
        ("learning_rate は正", r"-0\.1"),
    ),
    "update: 0の学習率": (
        lambda: update(np.ones(1), np.ones(1), 0.0),
        ValueError,
        ("learning_rate", r"0\.0"),
    ),
    "update: 文字列の学習率": (
        lambda: update(np.ones(1), np.ones(1), "0.1"),
        TypeError,
        ("learning_rate は実数", r"'0\.1'"),
    ),
    "update: 真偽値の学習率": (
        lambda: update(np.ones(1), np.ones(1), True),
        TypeError,
        ("learning_rate", "True"),
    ),
    "update: NaN の学習率": (
        lambda: update(np.ones(1), np.ones(1), np.nan),
        ValueError,
        ("learning_rate は有限", "nan"),
    ),
    # ネットワーク
    "Network: 活性化関数の綴り": (
        lambda: Network([np.ones((1, 1))], [np.ones((1, 1))], ["sigmiod"], "mse"),
        ValueError,
        (r"activations\[0\]", "sigmiod", "選べるのは.*sigmoid"),
    ),
    "Network: 損失関数の綴り": (
        lambda: Network([np.ones((1, 1))], [np.ones((1, 1))], ["sigmoid"], "rmse"),
        ValueError,
        ("loss に 'rmse'", "選べるのは.*mse"),
    ),
    "Network: 名前でない活性化関数": (
        lambda: Network([np.ones((1, 1))], [np.ones((1, 1))], [SIGMOID], "mse"),
        ValueError,
        (r"activations\[0\]", "選べるのは"),
    ),
    "Network: 並びでない活性化関数": (
        lambda: Network([np.ones((1, 1))], [np.ones((1, 1))], "sigmoid", "mse"),
        TypeError,
        ("activations は.*並び", "'sigmoid'"),
    ),
    "Network: None の活性化関数": (
        lambda: Network([np.ones((1, 1))], [np.ones((1, 1))], None, "mse"),
        TypeError,
        ("activations は.*並び", "None"),
    ),
    "Network: 配列一つの重み": (
        lambda: Network(np.ones((1, 1)), [np.ones((1, 1))], ["sigmoid"], "mse"),
        TypeError,
        ("weights は.*並び", "ndarray"),
    ),
    "Network: 配列一つのバイアス": (
        lambda: Network([np.ones((1, 1))], np.ones((1, 1)), ["sigmoid"], "mse"),
        TypeError,
        ("biases は.*並び", "ndarray"),
    ),
    "Network: 層の数": (
        lambda: Network([np.ones((1, 1))] * 2, [np.ones((1, 1))], ["sigmoid"], "mse"),
        ValueError,
        ("weights, biases, activations", "2, 1, 1"),
    ),
    "Network: 層がない": (lambda: Network([], [], [], "mse"), ValueError, ("weights", "0, 0, 0", "1以上")),
    "Network: つながらない層": (
        lambda: Network(
            [np.ones((3, 2)), np.ones((1, 2))], [np.ones((3, 1)), np.ones((1, 1))], ["tanh"] * 2, "mse"
        ),
        ValueError,
        (r"W2 の形は \(N_2, 3\)", r"\(1, 2\)"),
    ),
    "Network: (N,) のバイアス": (
        lambda: Network([np.ones((3, 2))], [np.ones(3)], ["tanh"], "mse"),
        ValueError,
        (r"b1 の形は \(3, 1\)", r"\(3,\)"),
    ),
    "Network: 対にならない出力 (bce)": (
        lambda: Network([np.ones((1, 1))], [np.ones((1, 1))], ["tanh"], "binary_cross_entropy"),
        ValueError,
        ("binary_cross_entropy", "sigmoid でなければ", "tanh"),
    ),
    "Network: 対にならない出力 (ce)": (
        lambda: Network([np.ones((1, 1))], [np.ones((1, 1))], ["sigmoid"], "cross_entropy"),
        ValueError,
        ("cross_entropy", "softmax でなければ", "sigmoid"),
    ),
    "replace: ない名前": (
        lambda: network().replace(W3=np.ones((1, 1))),
        ValueError,
        ("'W3'", "W1, b1, W2, b2"),
    ),
    "random: 並びでない大きさ": (
        lambda: Network.random(3, ["tanh"], "mse", rng=rng()),
        TypeError,
        ("sizes は.*並び", "3 が"),
    ),
    "random: 一つの大きさ": (
        lambda: Network.random([3], [], "mse", rng=rng()),
        ValueError,
        ("sizes", r"\[3\]", "少なくとも2つ"),
    ),
    "random: 0の大きさ": (
        lambda: Network.random([2, 0], ["tanh"], "mse", rng=rng()),
        ValueError,
        (r"sizes\[1\] は1以上", "0 が"),
    ),
    "random: 小数の大きさ": (
        lambda: Network.random([2.0, 1], ["tanh"], "mse", rng=rng()),
        TypeError,
        (r"sizes\[0\] は整数", r"2\.0"),
    ),
    "random: 負の標準偏差": (
        lambda: Network.random([2, 1], ["tanh"], "mse", rng=rng(), weight_scale=-1.0),
        ValueError,
        ("weight_scale は0以上", r"-1\.0"),
    ),
    "random: 無限の標準偏差": (
        lambda: Network.random([2, 1], ["tanh"], "mse", rng=rng(), bias_scale=np.inf),
        ValueError,
        ("bias_scale は有限", "inf"),
    ),
    "random: 種": (
        lambda: Network.random([2, 1], ["tanh"], "mse", rng=0),
        TypeError,
        ("rng", "0 が", "default_rng"),
    ),
    "cost: 定義域の外の目標": (
        lambda: network().cost(X, Y + 1),
        ValueError,
        ("Y の要素は 0 以上 1 以下", "1 から 2"),
    ),
    "gradients: 定義域の外の目標": (
        lambda: network().gradients(X, Y - 0.5),
        ValueError,
        ("Y の要素は 0 以上 1 以下", r"-0\.5"),
    ),
    "backward: 記録でないもの": (
        lambda: network().backward(X, Y),
        TypeError,
        ("record は ForwardPass", "ndarray"),
    ),
    # 学習
    "train: ネットワークでない": (
        lambda: train("net", X, Y, optimizer=descent(), epochs=1),
        TypeError,
        ("network は Network", "str"),
    ),
    "train: 最適化器のクラス": (
        lambda: train(network(), X, Y, optimizer=GradientDescent, epochs=1),
        TypeError,
        ("optimizer は GradientDescent\\(", "GradientDescent が"),
    ),
    "train: 学習率だけ": (
        lambda: train(network(), X, Y, optimizer=0.1, epochs=1),
        TypeError,
        ("optimizer", "float"),
    ),
    "train: 0エポック": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=0),
        ValueError,
        ("epochs は1以上", "0 が"),
    ),
    "train: 負のエポック": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=-3),
        ValueError,
        ("epochs", "-3"),
    ),
    "train: 小数のエポック": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=1e3),
        TypeError,
        ("epochs は整数", r"1000\.0"),
    ),
    "train: 真偽値のエポック": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=True),
        TypeError,
        ("epochs", "True"),
    ),
    "train: 0の記録": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=1, record_every=0),
        ValueError,
        ("record_every は1以上", "0 が"),
    ),
    "train: 乱数生成器がない": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=1, batch_size=2),
        TypeError,
        ("rng", "None", "default_rng"),
    ),
    "train: 種": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=1, batch_size=2, rng=0),
        TypeError,
        ("rng", "0 が", "default_rng"),
    ),
    "train: 使わない種": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=1, rng=0),
        TypeError,
        ("rng", "0 が", "default_rng"),
    ),
    "train: 大きすぎるバッチ": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=1, batch_size=5, rng=rng()),
        ValueError,
        ("batch_size は例の数 4 以下", "5 が"),
    ),
    "train: 0のバッチ": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=1, batch_size=0, rng=rng()),
        ValueError,
        ("batch_size は1以上", "0 が"),
    ),
    "train: 先のエポックの写し": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=3, snapshots=[4]),
        ValueError,
        ("snapshots の要素は 0 以上 3 以下", "4 が"),
    ),
    "train: 小数の写し": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=3, snapshots=[1.0]),
        TypeError,
        ("snapshots の要素は整数", r"1\.0"),
    ),
    "train: 並びでない写し": (
        lambda: train(network(), X, Y, optimizer=descent(), epochs=3, snapshots=2),
        TypeError,
        ("snapshots は.*並び", "2 が"),
    ),
    "train: 定義域の外の目標": (
        lambda: train(network(), X, 2 * Y, optimizer=descent(), epochs=1),
        ValueError,
        ("Y の要素は 0 以上 1 以下", "2 まで"),
    ),
    "train: 複素数の入力": (
        lambda: train(network(), X + 0j, Y, optimizer=descent(), epochs=1),
        TypeError,
        ("X は実数", "complex128"),
    ),
    "train: 複素数のパラメータ": (
        lambda: train(network().replace(b1=np.zeros((3, 1), complex)), X, Y, optimizer=descent(), epochs=1),
        TypeError,
        ("network の b1 は実数", "complex128"),
    ),
    "train: 発散": (
        lambda: train(
            Network([np.ones((1, 1))], [np.zeros((1, 1))], ["identity"], "mse"),
            np.ones((1, 1)),
            np.zeros((1, 1)),
            optimizer=GradientDescent(learning_rate=1e3),
            epochs=1000,
        ),
        DivergenceError,
        (r"エポック \d+ で学習が発散", "学習率を小さく", "呼び出す前のまま"),
    ),
    "train_ensemble: 空": (
        lambda: train_ensemble([], X, Y, learning_rate=0.1, epochs=1),
        ValueError,
        ("networks が空", "少なくとも1つ"),
    ),
    "train_ensemble: ネットワーク一つ": (
        lambda: train_ensemble(network(), X, Y, learning_rate=0.1, epochs=1),
        TypeError,
        ("networks は Network の並び", "Network が"),
    ),
    "train_ensemble: ネットワークでない要素": (
        lambda: train_ensemble([network(), None], X, Y, learning_rate=0.1, epochs=1),
        TypeError,
        (r"networks\[1\] は Network", "NoneType"),
    ),
    "train_ensemble: そろわない形": (
        lambda: train_ensemble(
            [network(), Network.random([2, 4, 1], ["tanh", "sigmoid"], "binary_cross_entropy", rng=rng())],
            X,
            Y,
            learning_rate=0.1,
            epochs=1,
        ),
        ValueError,
        ("networks の形", "2–3–1", r"networks\[1\].*2–4–1"),
    ),
    "train_ensemble: 0の学習率": (
        lambda: train_ensemble([network()], X, Y, learning_rate=0.0, epochs=1),
        ValueError,
        ("learning_rate は正", r"0\.0"),
    ),
    "train_ensemble: 0エポック": (
        lambda: train_ensemble([network()], X, Y, learning_rate=0.1, epochs=0),
        ValueError,
        ("epochs は1以上", "0 が"),
    ),
    "train_ensemble: 0の記録": (
        lambda: train_ensemble([network()], X, Y, learning_rate=0.1, epochs=1, record_every=0),
        ValueError,
        ("record_every は1以上", "0 が"),
    ),
    # データ
    "parity: 0": (lambda: parity(0), ValueError, ("bits は1以上", "0 が")),
    "parity: 21": (lambda: parity(21), ValueError, ("bits は20以下", "21 が")),
    "parity: 小数": (lambda: parity(2.0), TypeError, ("bits は整数", r"2\.0")),
    "spirals: 0個": (lambda: spirals(0, 2, rng=rng()), ValueError, ("points は1以上", "0 が")),
    "spirals: 0クラス": (lambda: spirals(5, 0, rng=rng()), ValueError, ("classes は1以上", "0 が")),
    "spirals: 種": (lambda: spirals(5, 2, rng=1), TypeError, ("rng", "1 が", "default_rng")),
    "spirals: 負の雑音": (
        lambda: spirals(5, 2, rng=rng(), noise=-0.1),
        ValueError,
        ("noise は0以上", r"-0\.1"),
    ),
    "spirals: 文字列の雑音": (
        lambda: spirals(5, 2, rng=rng(), noise="小"),
        TypeError,
        ("noise は実数", "'小'"),
    ),
    "one_hot: 小数": (lambda: one_hot(np.array([0.0]), 2), TypeError, ("labels は整数", r"array\(\[0\.\]\)")),
    "one_hot: リスト": (lambda: one_hot([0, 1], 2), TypeError, ("labels は整数の1次元配列", r"\[0, 1\]")),
    "one_hot: 2次元": (
        lambda: one_hot(np.array([[0, 1]]), 2),
        TypeError,
        ("labels は整数の1次元配列", r"\[\[0, 1\]\]"),
    ),
    "one_hot: 範囲の外": (
        lambda: one_hot(np.array([0, 2]), 2),
        ValueError,
        ("labels", "0 以上 2 未満", r"\[0, 2\]"),
    ),
    "one_hot: 負": (lambda: one_hot(np.array([-1]), 2), ValueError, ("labels", "0 以上 2 未満", "-1")),
    "one_hot: 空": (lambda: one_hot(np.array([], int), 2), ValueError, ("labels は空でなく",)),
    "one_hot: 0クラス": (lambda: one_hot(np.array([0]), 0), ValueError, ("classes は1以上", "0 が")),
    "floats: 分数": (lambda: floats("z", "1/2"), TypeError, ("z は浮動小数点数", "'1/2'")),
}


@pytest.mark.parametrize("case", CASES)
def test_other_arguments(case):
    call, error, parts = CASES[case]
    refused(call, error, *parts)


# ---- 断った呼び出しは、何も変えない ----

REFUSED_TRAININGS: dict[str, dict[str, Any]] = {
    "形": {"Y": Y[:, :3]},
    "NaN": {"X": with_element(X, np.nan)},
    "定義域": {"Y": Y + 1},
    "整数": {"X": X.astype(int)},
    "エポック": {"epochs": 0},
    "バッチ": {"batch_size": 9},
    "乱数": {"batch_size": 2, "rng": None},
    "写し": {"snapshots": [99]},
    "記録": {"record_every": -1},
    "発散": {"rate": 1e300},
}


@pytest.mark.parametrize("mistake", REFUSED_TRAININGS)
def test_a_refused_training_changes_nothing(mistake):
    settings: dict[str, Any] = {"X": X, "Y": Y, "epochs": 5, "rng": rng()} | REFUSED_TRAININGS[mistake]
    net, optimizer = network(), Adam(learning_rate=0.01)
    train(net, X, Y, optimizer=optimizer, epochs=2)  # 状態のある最適化器
    optimizer.learning_rate = settings.pop("rate", 0.01)
    generator = settings["rng"]
    before = [value.tobytes() for value in net.parameters().values()]
    state = copy.deepcopy((optimizer.t, optimizer._states))
    position = None if generator is None else copy.deepcopy(generator.bit_generator.state)
    with pytest.raises((TypeError, ValueError, DivergenceError)):
        train(net, settings.pop("X"), settings.pop("Y"), optimizer=optimizer, **settings)
    assert [value.tobytes() for value in net.parameters().values()] == before
    assert optimizer.t == state[0]
    assert all(
        np.array_equal(p, q) for mine, kept in zip(optimizer._states, state[1]) for p, q in zip(mine, kept)
    )
    assert generator is None or generator.bit_generator.state == position


@pytest.mark.parametrize("bad", ["nan", "complex", "shape", "read-only"])
def test_a_network_spoiled_by_hand_is_refused(bad):
    net = network()
    if bad == "nan":
        net.weights[1][0, 0] = np.nan
    elif bad == "complex":
        net.weights[1] = net.weights[1].astype(complex)
    elif bad == "shape":
        net.weights[1] = np.ones((1, 4))
    else:
        net.weights[1].flags.writeable = False
    before = [value.tobytes() for value in net.parameters().values()]
    error = TypeError if bad == "complex" else ValueError
    refused(lambda: train(net, X, Y, optimizer=descent(), epochs=2), error, "W2")
    assert [value.tobytes() for value in net.parameters().values()] == before


def test_refused_calls_leave_the_network_as_it_was():
    net = network()
    before = [value.tobytes() for value in net.parameters().values()]
    for call in (
        lambda: net.forward(X[:1]),
        lambda: net.cost(X, Y[0]),
        lambda: net.gradients(X, Y + 1),
        lambda: net.replace(W1=np.ones((3, 3))),
        lambda: net.replace(b9=np.ones((1, 1))),
    ):
        with pytest.raises(ValueError, match="[ぁ-ん]"):
            call()
    assert [value.tobytes() for value in net.parameters().values()] == before

"""誤った入力の検査。

公開された関数の、配列の引数のそれぞれを、よくある誤りのそれぞれに取りかえる。どの誤りも、計算の前に、
引数の名前、与えられたもの、求められるものを日本語で名指しして断られ、パラメータを1ビットも変えない。
"""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from backprop.activations import ACTIVATIONS
from backprop.checks import DivergenceError, floats
from backprop.datasets import one_hot, parity, spirals
from backprop.gradcheck import check_network
from backprop.losses import LOSSES
from backprop.network import Network
from backprop.optimizers import Adam, GradientDescent
from backprop.steps import (
    bias_gradient,
    hidden_delta,
    output_delta,
    output_gradient,
    update,
    weight_gradient,
)
from backprop.training import train, train_ensemble

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


def refused(call: Callable[[], object], error: type[Exception], *parts: str) -> str:
    """``call`` が、警告なしに、``parts`` のすべて（正規表現）を含む日本語の文で断られる。"""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error) as caught:
            call()
    message = str(caught.value)
    assert type(caught.value) is error, f"{type(caught.value).__name__}: {message}"
    assert JAPANESE.search(message), f"日本語ではない: {message}"
    for part in parts:
        assert re.search(part, message), f"{part!r} がない: {message}"
    return message


# ---- 配列の引数を、よくある誤りに取りかえる ----


@dataclass(frozen=True)
class Target:
    """検査する関数と、正しい配列の引数。"""

    call: Callable[..., object]
    arrays: dict[str, np.ndarray]
    looks_at_values: bool = True
    """NaN と無限大も断るか。`activations` と `losses` の関数は、配列の要素に触れない。"""


X, Y = np.array([[0.0, 0.5, 1.0, -1.0], [1.0, 0.0, 2.0, 0.5]]), np.array([[0.0, 1.0, 1.0, 0.0]])
A23, B23, C32 = np.full((2, 3), 0.5), np.full((2, 3), 0.25), np.full((3, 2), 0.5)

TARGETS: dict[str, Target] = {
    "output_gradient": Target(lambda Y_hat, Y: output_gradient(Y_hat, Y, MSE), {"Y_hat": A23, "Y": B23}),
    "output_delta": Target(lambda dA, Z: output_delta(dA, Z, SIGMOID), {"dA": A23, "Z": B23}),
    "hidden_delta": Target(
        lambda W_next, delta_next, Z: hidden_delta(W_next, delta_next, Z, SIGMOID),
        {"W_next": C32, "delta_next": np.full((3, 4), 0.5), "Z": np.full((2, 4), 0.5)},
    ),
    "weight_gradient": Target(weight_gradient, {"delta": A23, "A_prev": np.full((4, 3), 0.5)}),
    "bias_gradient": Target(bias_gradient, {"delta": A23}),
    "update": Target(
        lambda parameter, gradient: update(parameter, gradient, 0.1), {"parameter": A23, "gradient": B23}
    ),
    "forward": Target(lambda X: network().forward(X), {"X": X}),
    "predict": Target(lambda X: network().predict(X), {"X": X}),
    "cost": Target(lambda X, Y: network().cost(X, Y), {"X": X, "Y": Y}),
    "gradients": Target(lambda X, Y: network().gradients(X, Y), {"X": X, "Y": Y}),
    "backward": Target(lambda Y: network().backward(network().forward(X), Y), {"Y": Y}),
    "replace": Target(lambda W1: network().replace(W1=W1), {"W1": network().weights[0]}),
    "Network": Target(
        lambda W1, b1, W2, b2: Network([W1, W2], [b1, b2], ["tanh", "sigmoid"], "mse"), network().parameters()
    ),
    "train": Target(lambda X, Y: train(network(), X, Y, optimizer=descent(), epochs=2), {"X": X, "Y": Y}),
    "train_ensemble": Target(
        lambda X, Y: train_ensemble([network()], X, Y, learning_rate=0.1, epochs=2), {"X": X, "Y": Y}
    ),
    "check_network": Target(lambda X, Y: check_network(network(), X, Y), {"X": X, "Y": Y}),
    **{
        f"{name}.{part}": Target(getattr(loss, part), {first: A23 / A23.sum(axis=0), "Y": B23}, False)
        for name, loss in LOSSES.items()
        for part, first in (("value", "Y_hat"), ("gradient", "Y_hat"), ("value_at_z", "Z"))
        if getattr(loss, part) is not None
    },
    **{
        f"{name}.pullback": Target(f.pullback, {"Z": A23, "dA": B23}, False)
        for name, f in ACTIVATIONS.items()
    },
    **{
        f"{name}.{part}": Target(getattr(f, part), {"Z" if name == "softmax" else "z": A23}, False)
        for name, f in ACTIVATIONS.items()
        for part in ("value", "derivative")
        if (name, part) != ("softmax", "derivative")
    },
}


def with_element(array: np.ndarray, value: float) -> np.ndarray:
    bad = array.copy()
    bad.flat[-1] = value
    return bad


# 誤り: 作り方、例外、文に含まれるもの
SPOILED: dict[str, tuple[Callable[[np.ndarray], Any], type[Exception], str]] = {
    "リスト": (lambda a: a.tolist(), TypeError, r"配列.*(list|\[\[)"),
    "None": (lambda a: None, TypeError, r"配列.*None"),
    "整数": (lambda a: np.ones(a.shape, int), TypeError, r"浮動小数点数.*dtype=int64.*astype\(float\)"),
    "真偽値": (lambda a: np.ones(a.shape, bool), TypeError, r"浮動小数点数.*dtype=bool"),
    "オブジェクト": (lambda a: a.astype(object), TypeError, r"浮動小数点数.*dtype=object"),
    "文字列": (lambda a: a.astype(str), TypeError, r"浮動小数点数.*dtype=<U"),
    "NaN": (lambda a: with_element(a, np.nan), ValueError, r"NaN か無限大.*有限な値"),
    "無限大": (lambda a: with_element(a, -np.inf), ValueError, r"NaN か無限大.*有限な値"),
}
VALUES = ("NaN", "無限大")
# 形の誤り。関数によっては、これも正しい（活性化関数は、どの形でもよい）
MISSHAPED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "1次元": lambda a: a.ravel(),
    "3次元": lambda a: a[..., np.newaxis],
    "転置": lambda a: np.vstack([a, a]).T,
    "列が多い": lambda a: np.hstack([a, a[:, :1]]),
    "空": lambda a: a[:, :0],
}
CORRECT = {("forward", "X", "列が多い"), ("predict", "X", "列が多い"), ("Network", "W1", "列が多い")}
"""形を変えても正しい入力。例の数と入力の数は自由である。"""


@pytest.mark.parametrize(
    ("function", "name", "mistake"),
    [
        (function, name, mistake)
        for function, target in TARGETS.items()
        for name in target.arrays
        for mistake in SPOILED
        if target.looks_at_values or mistake not in VALUES
    ],
)
def test_wrong_elements(function, name, mistake):
    target, (spoil, error, part) = TARGETS[function], SPOILED[mistake]
    arguments = {**target.arrays, name: spoil(target.arrays[name])}
    refused(lambda: target.call(**arguments), error, rf"(^|\W){name}\W", part)


@pytest.mark.parametrize(
    ("function", "name", "mistake"),
    [
        (function, name, mistake)
        for function, target in TARGETS.items()
        if len(target.arrays) > 1 or function in ("forward", "predict", "backward", "replace")
        for name in target.arrays
        for mistake in MISSHAPED
        if (function, name, mistake) not in CORRECT
    ],
)
def test_wrong_shapes(function, name, mistake):
    target = TARGETS[function]
    bad = MISSHAPED[mistake](target.arrays[name])
    arguments = {**target.arrays, name: bad}
    # 二つの引数の形が合わないとき、どちらが誤りかは決められない。どちらかの名前と形が出ていればよい
    named = "|".join(target.arrays)
    message = refused(lambda: target.call(**arguments), ValueError, rf"(^|\W)({named})\W")
    shapes = [str(np.shape(value)) for value in arguments.values()]
    assert any(shape in message for shape in shapes), message
    assert re.search("形|空", message)


# ---- そのほかの引数 ----

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

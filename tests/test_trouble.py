"""「困ったとき」のページ: 書いてある原因を本当につくり、書いてある症状が出ることを確かめる。"""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jupytext
import matplotlib as mpl
import numpy as np
import pytest

from backprop.activations import ACTIVATIONS
from backprop.checks import DivergenceError
from backprop.datasets import xor
from backprop.judges import check_gradients, check_network, relative_error
from backprop.network import Network
from backprop.optimizers import Adam, GradientDescent, Momentum, Optimizer
from backprop.training import train

SOURCE = Path(__file__).resolve().parents[1] / "trouble.md"
SEEDS = range(5)
Gradients = dict[str, np.ndarray]

# backward の行と、その壊し方
BACK = "(W2.T @ delta2) * (1 - A1**2)"
START = "m, record = X.shape[1], net.forward(X)"
FIRST_LINE = "2 / len(Y) * (A2 - Y)"
SUMS = ("delta2.sum(axis=1, keepdims=True) / m", "delta1.sum(axis=1, keepdims=True) / m")
PRODUCTS = ("delta2 @ A1.T / m", "delta1 @ X.T / m")
ALL, FIRST = ["W1", "W2", "b1", "b2"], ["W1", "b1"]
NO_FACTOR = {FIRST_LINE: "A2 - Y"}
NO_SLOPE = {BACK: "W2.T @ delta2"}
AT_A = {BACK: "(W2.T @ delta2) * (1 - np.tanh(A1) ** 2)"}
TURNED = {BACK: "(W2 @ delta2) * (1 - A1**2)"}
EARLY = {BACK: "((W2 - 0.1 * delta2 @ A1.T / m).T @ delta2) * (1 - A1**2)"}
SPOILED = {BACK: "(W2.T @ delta2) * np.add(np.multiply(A1, -A1, out=A1), 1, out=A1)"}
NO_MEAN = {line: line.removesuffix(" / m") for line in (*PRODUCTS, *SUMS)}
TWICE = {line: f"{line} / m" for line in (*PRODUCTS, *SUMS)}
LAST = {START: "X, Y = X[:, -1:], Y[:, -1:]; m, record = 1, net.forward(X)"}
TABLE: list[tuple[dict[str, str], list[str], float | None]] = [
    (NO_FACTOR, ALL, 1.5),
    ({"(A2 - Y)": "(Y - A2)"}, ALL, -1.0),
    ({"dA2 * A2 * (1 - A2)": "dA2"}, ALL, None),
    (NO_MEAN, ALL, 5.0),
    (LAST, ALL, None),
    (NO_SLOPE, FIRST, None),
    (AT_A, FIRST, None),
    (EARLY, FIRST, None),
    (TURNED, FIRST, None),
    ({line: NO_MEAN[line] for line in PRODUCTS}, ["W1", "W2"], 5.0),
    ({line: TWICE[line] for line in SUMS}, ["b1", "b2"], 0.2),
    (SPOILED, ["W2"], None),
]
"""ページの表と同じ順の、壊し方、不合格になるもの、そろった倍率（ばらばらなら None）。"""

XOR_X, XOR_Y = xor()
TANH = [2, 4, 1], ["tanh", "sigmoid"], "binary_cross_entropy"
PLAIN = [2, 4, 1], ["tanh", "identity"], "mse"
TANH_SLOPE, SIGMOID_SLOPE = (ACTIVATIONS[name].derivative for name in ("tanh", "sigmoid"))


# ---- ページの中のもの ----


@cache
def page() -> SimpleNamespace:
    """ページのコードを、上から実行したあとの名前と、セルの終わりに見せたもの（`shown`）。"""
    space: dict[str, Any] = {}
    shown: list[Any] = []
    cells = [cell.source for cell in jupytext.read(SOURCE, fmt="md:myst").cells if cell.cell_type == "code"]
    with mpl.rc_context({"backend": "agg"}):
        for n, code in enumerate(cells):
            name = f"<{SOURCE.name} {n}>"
            linecache.cache[name] = len(code), None, code.splitlines(keepends=True), name
            *body, last = ast.parse(code).body
            exec(compile(ast.Module(body, []), name, "exec"), space)
            if isinstance(last, ast.Expr):
                shown.append(eval(compile(ast.Expression(last.value), name, "eval"), space))
            else:
                exec(compile(ast.Module([last], []), name, "exec"), space)
    return SimpleNamespace(**space, shown=shown)


def section(label: str) -> str:
    """見出しの札から次の札までの文章。"""
    (found,) = re.findall(rf"(?ms)^\({label}\)=\n(.*?)(?=^\(sec-|\Z)", SOURCE.read_text(encoding="utf-8"))
    return found


def rows(label: str) -> list[list[str]]:
    """節の表の、見出しを除いた行。"""
    lines = [line for line in section(label).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


Stage = tuple[Network, np.ndarray, np.ndarray]


def stages(**how: Any) -> Iterator[Stage]:
    """幅も例の数も違うネットワークとデータ。"""
    return (page().stage(seed, **how) for seed in SEEDS)


def failing(lines: dict[str, str], net: Network, X: np.ndarray, Y: np.ndarray) -> Gradients:
    """`backward` を壊すと不合格になる配列の倍率。比べる相手は、検査に合格した勾配。"""
    given, right = page().changed(lines)(net, X, Y), net.gradients(X, Y)
    wrong = [n for n in given if relative_error(given[n], right[n]).max() > 1e-10]
    return {name: given[name] / right[name] for name in sorted(wrong)}


def even(ratios: Gradients) -> float | None:
    """どの要素でも同じ倍率なら、その倍率。違えば None。"""
    every = np.concatenate([ratio.ravel() for ratio in ratios.values()])
    return every[0] if np.ptp(every) < 1e-6 * abs(every[0]) else None


def one_example(stage: Stage) -> Stage:
    net, X, Y = stage
    return net, X[:, :1], Y[:, :1]


def small_net(seed: int, shape: tuple[list[int], list[str], str], **how: Any) -> Network:
    return Network.random(*shape, rng=np.random.default_rng(seed), **how)


def descended(net: Network, X: np.ndarray, Y: np.ndarray, rate: float, epochs: int) -> np.ndarray:
    """学習させたネットワークの、損失の歩み。"""
    return train(net, X, Y, optimizer=GradientDescent(learning_rate=rate), epochs=epochs).cost


# ---- 検査に出す ----


def test_every_trouble_says_what_to_measure_and_where_to_read() -> None:
    troubles = re.findall(r"(?m)^\((sec-trouble-[\w-]+)\)=\n### ", SOURCE.read_text(encoding="utf-8"))
    assert len(troubles) >= 15
    for label in troubles:
        assert label == "sec-trouble-rate" or "**まず測る**" in section(label), label
        assert "{ref}`" in section(label), label


def test_the_backward_pass_of_the_page_is_right() -> None:
    backward = page().backward
    for stage in (*stages(), *stages(sizes=(4, 4, 4), m=4)):
        assert check_network(*stage).ok
        assert check_network(*stage, backward(*stage)).ok
    for net, X, Y in stages():
        sizes = [*net.sizes, X.shape[1]]
        assert len(set(sizes)) == len(sizes) == 4
        assert check_gradients(
            lambda p, net=net, X=X, Y=Y: net.replace(**p).cost(X, Y), net.parameters(), backward(net, X, Y)
        ).ok


def test_the_outputs_of_the_page_are_those_its_words_tell() -> None:
    right, ends, slopes, ratios, rounded, steps, _ = page().shown
    assert right.ok
    assert rounded.ok
    assert ends.rows == {"W1": [1, 1], "b1": [0.2, 0.2], "W2": [1, 1], "b2": [0.2, 0.2]}
    assert slopes.cells()[1][1:] == ["1.0"] * 4
    assert ratios.cells()[1:] == [[str(m), *[f"{m:.1f}"] * 3] for m in (1, 2, 5)]
    assert steps.cells()[1][1:] == ["1.0"] * 3
    assert rows("sec-trouble-which")[-2][0] == "b1 と b2"  # 「表の下から2行め」


# ---- どの勾配が不合格か ----


def test_the_table_of_the_page_is_the_one_tried_here() -> None:
    shown = [(what, factor) for what, factor, *_ in rows("sec-trouble-which")]
    words = {
        tuple(ALL): "すべて",
        tuple(FIRST): "W1 と b1",
        ("W1", "W2"): "W1 と W2",
        ("b1", "b2"): "b1 と b2",
    }
    for (what, factor), (lines, names, number) in zip(shown, TABLE, strict=True):
        assert what.removesuffix("（例が1個なら合格）") == words.get(tuple(names), *names[:1])
        assert ("合格）" in what) == (lines is LAST)
        assert factor == ("ばらばら" if number is None else f"どれも ${number:g}$")


@pytest.mark.long
@pytest.mark.parametrize(("lines", "names", "factor"), TABLE)
def test_a_broken_line_is_known_by_what_fails_and_by_its_factor(
    lines: dict[str, str], names: list[str], factor: float | None
) -> None:
    how = {"sizes": (2, 4, 4)} if lines is TURNED else {}
    for stage in stages(**how):
        parts = failing(lines, *stage)
        assert list(parts) == names
        same = even(parts)
        assert same is None if factor is None else np.isclose(same, factor, rtol=1e-6)
        assert sorted(check_network(*stage, page().changed(lines)(*stage)).wrong) == names


def test_a_lost_transpose_stops_where_the_widths_differ() -> None:
    for stage in stages():
        with pytest.raises(ValueError, match="matmul"):
            page().changed(TURNED)(*stage)


def test_of_two_mistakes_the_later_layer_shows_the_factor() -> None:
    for stage in stages():
        parts = failing(NO_FACTOR | NO_SLOPE, *stage)
        assert list(parts) == ALL
        assert all(np.allclose(parts[name], 1.5) for name in ("W2", "b2"))
        assert all(np.ptp(parts[name]) > 0.01 for name in FIRST)


def test_two_outputs_hide_the_lost_factor() -> None:
    assert not any(failing(NO_FACTOR, *stage) for stage in stages(sizes=(2, 4, 2)))


def test_a_wrong_factor_is_undone_by_the_learning_rate() -> None:
    for stage in stages():
        scaled, plain = page().changed(NO_FACTOR)(*stage), page().backward(*stage)
        for name, value in stage[0].parameters().items():
            np.testing.assert_allclose(
                value - 0.1 * scaled[name] / 1.5, value - 0.1 * plain[name], rtol=1e-12
            )


def test_the_slope_that_was_forgotten_comes_back_as_ones() -> None:
    for stage in stages():
        net, x, y = one = one_example(stage)
        record = net.forward(x)
        at_z, at_a = TANH_SLOPE(record.Z[0]), TANH_SLOPE(record.A[1])
        forgot, misplaced, late = (failing(lines, *one)["b1"] * at_z for lines in (NO_SLOPE, AT_A, EARLY))
        assert np.allclose(forgot, 1)
        assert np.allclose(misplaced, at_a)
        assert not np.allclose(at_a, 1)
        assert not np.allclose(late, 1)
        assert not np.allclose(late, at_a)
        assert np.allclose(net.gradients(x, y)["b1"], net.backward(record, y)[0][0])


def test_a_lost_transpose_is_neither_slope() -> None:
    for net, x, y in stages(sizes=(4, 4, 4), m=1):
        at_z, at_a = (TANH_SLOPE(v) for v in (net.forward(x).Z[0], net.forward(x).A[1]))
        turned = failing({"(W2.T @ delta2)": "(W2 @ delta2)"}, net, x, y)["b1"] * at_z
        assert not np.allclose(turned, 1)
        assert not np.allclose(turned, at_a)


@pytest.mark.parametrize(
    ("factor", "lines", "loss"),
    [
        (2, {FIRST_LINE: "2 * (A2 - Y)"}, "half_squared_error"),
        (1 / 2, {FIRST_LINE: "0.5 * (A2 - Y)"}, "half_squared_error"),
        (3 / 2, NO_FACTOR, "mse"),
        (5, NO_MEAN, "mse"),
        (1 / 5, TWICE, "mse"),
        (-1, {"(A2 - Y)": "(Y - A2)"}, "mse"),
    ],
)
def test_one_factor_everywhere_names_its_constant(factor: float, lines: dict[str, str], loss: str) -> None:
    for net, X, Y in stages():
        judged = Network(net.weights, net.biases, ["tanh", "sigmoid"], loss)
        right = {} if loss == "mse" else {FIRST_LINE: "1 * (A2 - Y)"}
        assert not failing(right, judged, X, Y)
        parts = failing(lines, judged, X, Y)
        assert list(parts) == ALL
        assert np.isclose(even(parts), factor)


LAYER = {PRODUCTS[0]: "delta2 @ A2.T / m", PRODUCTS[1]: "delta1 @ A1.T / m"}
SWAPPED = {PRODUCTS[0]: "A1 @ delta2.T / m", PRODUCTS[1]: "X @ delta1.T / m"}
AXIS = {SUMS[0]: "delta2.sum(axis=0)[:, None] / m", SUMS[1]: "delta1.sum(axis=0)[:, None] / m"}


@pytest.mark.parametrize(
    ("lines", "names"), [(LAYER, ["W1", "W2"]), (SWAPPED, ["W1", "W2"]), (AXIS, ["b1", "b2"])]
)
def test_only_w_or_only_b_is_silent_where_sizes_are_equal(lines: dict[str, str], names: list[str]) -> None:
    for stage in stages(sizes=(4, 4, 4), m=4):
        parts = failing(lines, *stage)
        assert list(parts) == names
        assert even(parts) is None
    for stage in stages():
        assert refused(lines, *stage)


def refused(lines: dict[str, str], *given: Any) -> bool:
    """検査に出すまでに、形で断られるか。"""
    try:
        check_network(*given, page().changed(lines)(*given))
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(
    ("lines", "factor"), [(NO_MEAN, lambda m: m), (TWICE, lambda m: 1 / m), (LAST, None)]
)
def test_a_mistake_in_the_mean_shows_with_more_examples(
    lines: dict[str, str], factor: Callable[[int], float] | None
) -> None:
    for net, X, Y in stages():
        assert not failing(lines, net, X[:, :1], Y[:, :1])
        for m in (2, 5):
            same = even(failing(lines, net, X[:, :m], Y[:, :m]))
            assert same is None if factor is None else np.isclose(same, factor(m))


@pytest.mark.parametrize(
    ("old", "new"),
    [("W2.T @ delta2", "W2 @ delta2"), ("delta2 @ A1.T", "delta2 @ A1"), ("delta1 @ X.T", "delta1 @ X")],
)
def test_a_lost_transpose_stops_at_the_shapes_of_the_page(old: str, new: str) -> None:
    assert all(refused({old: new}, *stage) for stage in stages())


# ---- 手計算と合わない、同じに見える ----


def test_a_rounded_gradient_passes_with_the_tolerance_of_the_page() -> None:
    net, X, Y = page().stage(0)
    rounded = {name: g.round(5) for name, g in page().backward(net, X, Y).items()}
    told = check_network(net, X, Y, rounded)
    assert not told.ok
    assert "tolerance=0.01 " in str(told)
    assert check_network(net, X, Y, rounded, tolerance=0.01).ok


@pytest.mark.long
def test_the_tolerance_lets_only_the_early_update_through() -> None:
    for stage in stages():
        for lines in (NO_FACTOR, NO_SLOPE, AT_A, NO_MEAN, TWICE):
            assert not check_network(*stage, page().changed(lines)(*stage), tolerance=0.01).ok
    hidden = page().changed({BACK: EARLY[BACK].replace("0.1 *", "0.01 *")})
    stage = page().stage(0)
    assert not check_network(*stage, hidden(*stage)).ok
    assert check_network(*stage, hidden(*stage), tolerance=0.01).ok


def test_float32_shows_as_an_error_of_a_millionth() -> None:
    for net, X, Y in stages():
        parts = {name: value.astype(np.float32) for name, value in net.parameters().items()}
        given = net.replace(**parts).gradients(X.astype(np.float32), Y.astype(np.float32))
        given = {name: g.astype(float) for name, g in given.items()}
        assert 1e-7 < check_network(net, X, Y, given).max_relative_error < 1e-5


def test_the_report_shows_the_digits_in_which_a_copied_value_differs() -> None:
    net, X, Y = page().stage(0)
    copied = page().backward(net, X, Y)
    copied["W2"][0, 0] = float(f"{copied['W2'][0, 0]:.4g}")
    report = check_network(net, X, Y, copied)
    given, true = str(report).split("与えられた値 ")[1].split("、相対")[0].split("、測った値 ")
    assert report.wrong == {"W2": [(0, 0)]}
    assert given != true
    assert f"{float(given):.4g}" == f"{report.worst.worst_numeric:.4g}"


# ---- 検査は合格なのに、学習しない ----

Step = Callable[[Network, np.ndarray, np.ndarray, float], None]


def step(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
    page().step(net, X, Y, rate)


def piling() -> Step:
    """勾配を0に戻さない更新。"""
    memory: Gradients = {}

    def piled(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        for name, g in net.gradients(X, Y).items():
            memory[name] = memory.get(name, 0) + g
            net.parameters()[name][...] -= rate * memory[name]

    return piled


def copying(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
    """写しの更新。"""
    for name, value in net.parameters().items():
        value = value - rate * net.gradients(X, Y)[name]


def climbing(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
    step(net, X, Y, -rate)


def last_layer_only(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
    gradients = net.gradients(X, Y)
    for name in ("W2", "b2"):
        net.parameters()[name][...] -= rate * gradients[name]


def weights_only(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
    gradients = net.gradients(X, Y)
    for l, W in enumerate(net.weights, start=1):
        W -= rate * gradients[f"W{l}"]


def stale() -> Step:
    """始めの順伝播を使い回す更新。"""
    first = "memory.setdefault('record', net.forward(X))"
    reused = page().changed({START: f"m, record = X.shape[1], {first}"}, memory={})

    def stepped(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        for name, g in reused(net, X, Y).items():
            net.parameters()[name][...] -= rate * g

    return stepped


def early(net: Network, X: np.ndarray, Y: np.ndarray, rate: float) -> None:
    """更新してから伝える更新。"""
    late = page().changed({BACK: EARLY[BACK].replace("0.1 *", f"{rate} *")})
    for name, g in late(net, X, Y).items():
        net.parameters()[name][...] -= rate * g


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        (lambda: step, [1, 1, 1]),
        (piling, [1, 2, 3]),
        (lambda: copying, [0, 0, 0]),
        (lambda: climbing, [-1, -1, -1]),
    ],
)
def test_three_drops_name_the_mistake_of_the_update(rule: Callable[[], Step], seen: list[int]) -> None:
    assert f"${', '.join(map(str, seen))}$" in [row[0] for row in rows("sec-trouble-passes")]
    for net, X, Y in stages():
        assert page().drops(rule(), net.replace(), X, Y) == seen


@pytest.mark.parametrize("rule", [weights_only, last_layer_only])
def test_what_is_not_updated_makes_the_drop_smaller(rule: Step) -> None:
    for net, X, Y in stages():
        assert 0 < max(page().drops(rule, net.replace(), X, Y)) < 0.99


@pytest.mark.parametrize("make", [Adam, Momentum])
def test_another_optimizer_does_not_drop_as_predicted(make: Callable[..., Optimizer]) -> None:
    for net, X, Y in stages():
        optimizer = make(learning_rate=1e-4)

        def rule(net: Network, X: np.ndarray, Y: np.ndarray, _: float, by: Optimizer = optimizer) -> None:
            gradients = net.gradients(X, Y)
            by.step(*([of[n] for n in gradients] for of in (net.parameters(), gradients)))

        assert abs(page().drops(rule, net.replace(), X, Y)[-1] - 1) > 0.5


@pytest.mark.parametrize("rule", [stale, lambda: early])
def test_two_mistakes_do_not_show_in_the_drops(rule: Callable[[], Step]) -> None:
    for net, X, Y in stages():
        assert np.abs(np.array(page().drops(rule(), net.replace(), X, Y)) - 1).max() <= 0.01


# ---- エラーで止まる ----


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(ValueError, match=".") as caught:
        call()
    return str(caught.value)


def test_the_words_of_numpy_are_those_of_the_page() -> None:
    net, X, _ = page().stage(0)
    (W1, W2), (b1, _) = net.weights, net.biases
    text = section("sec-trouble-shapes")
    for words, calls in {
        "mismatch in its core dimension": [lambda: W1 @ X.T, lambda: W2 @ (W2 @ (W1 @ X))],
        "not aligned": [lambda: np.dot(W1, X.T)],
        "could not be broadcast together": [lambda: W1 @ X + b1.T, lambda: W1 @ X + b1.ravel()],
    }.items():
        assert words in text
        assert all(words in complaint(call) for call in calls)


def test_a_lost_keepdims_spreads_silently() -> None:
    net, X, Y = page().stage(0)
    b1, db1 = net.biases[0], net.gradients(X, Y)["b1"].sum(axis=1)
    assert db1.shape == (4,)
    assert (b1 - 0.1 * db1).shape == (4, 4)
    assert (np.ones((1, 4)) - np.ones((4, 1))).shape == (4, 4)


def finite(*arrays: Any) -> list[bool]:
    return [bool(np.isfinite(a).all()) for a in arrays]


@np.errstate(all="ignore")
def test_the_logarithm_of_zero_spoils_only_the_loss() -> None:
    z, t = np.array([[40.0]]), np.array([[0.0]])
    a = 1 / (1 + np.exp(-z))
    naive = -(t * np.log(a) + (1 - t) * np.log(1 - a)).mean()
    assert a == 1
    assert finite(z, a, naive) == [True, True, False]


@np.errstate(all="ignore")
def test_a_softmax_of_ones_own_overflows_above_709() -> None:
    for top, fits in ((709.0, True), (710.0, False)):
        z = np.array([[top], [0.0]])
        assert finite(z, np.exp(z) / np.exp(z).sum(axis=0)) == [True, fits]


@np.errstate(all="ignore")
def test_too_long_a_step_multiplies_until_nan() -> None:
    z, sizes = np.array(1.0), []
    for _ in range(2000):
        z = z - 3.0 * z  # 学習率3、損失 z²/2
        sizes.append(float(abs(z)))
    assert np.allclose(np.divide(sizes[1:9], sizes[:8]), 2)
    assert np.isnan(z)


def test_training_says_in_which_epoch_it_diverged() -> None:
    with pytest.raises(DivergenceError, match="^エポック .*学習が発散しました"):
        descended(small_net(0, PLAIN), XOR_X, XOR_Y, 10.0, 1000)


# ---- 損失がおかしい ----


def constant_answer(loss: str, activation: str, bias: np.ndarray, Y: np.ndarray) -> float:
    """バイアスだけで、いつも同じ出力を返すネットワークの損失。"""
    return Network([np.zeros((len(Y), 1))], [bias], [activation], loss).cost(np.ones((1, Y.shape[1])), Y)


def test_the_loss_of_an_answer_that_ignores_the_input() -> None:
    bits, classes = np.tile([[0.0, 1.0]], 4), np.eye(5)[:, np.arange(10) % 5]
    zero = np.zeros((1, 1))
    assert np.isclose(constant_answer("binary_cross_entropy", "sigmoid", zero, bits), np.log(2))
    assert np.isclose(constant_answer("cross_entropy", "softmax", np.zeros((5, 1)), classes), np.log(5))
    assert np.isclose(constant_answer("mse", "identity", zero + 0.5, bits), 0.25)
    assert bits.var() == 0.25
    assert round(np.log(2), 3) == 0.693


def test_a_loss_measured_outside_the_loop_never_moves() -> None:
    for seed in SEEDS:
        net = small_net(seed, ([2, 4, 1], ["tanh", "sigmoid"], "mse"))
        outside, told = net.predict(XOR_X), set()
        for _ in range(5):
            told.add(float(((outside - XOR_Y) ** 2).mean()))
            step(net, XOR_X, XOR_Y, 0.1)
        assert len(told) == 1
        assert net.cost(XOR_X, XOR_Y) not in told


def test_a_vanishing_gradient_shows_in_the_lengths() -> None:
    for seed in SEEDS:
        deep = small_net(seed, ([16] * 10 + [1], ["sigmoid"] * 10, "mse"), weight_scale=0.1)
        x = np.random.default_rng(seed).normal(size=(16, 3))
        lengths = [np.linalg.norm(d) for d in deep.backward(deep.forward(x), np.ones((1, 3)))[0]]
        assert lengths[0] < 1e-4 * lengths[-1]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_tiny_step_tells_a_long_step_from_a_wrong_sign(sign: int) -> None:
    for seed in SEEDS:
        net = small_net(seed, PLAIN)
        start, after = net.cost(XOR_X, XOR_Y), {}
        for rate in (10.0, 0.01):
            moved = net.replace()
            step(moved, XOR_X, XOR_Y, sign * rate)
            after[rate] = moved.cost(XOR_X, XOR_Y)
        assert after[10.0] > start
        assert (after[0.01] < start) == (sign == 1)


def test_plateau_saturation_and_solution_look_different() -> None:
    assert max(SIGMOID_SLOPE(5.0), TANH_SLOPE(5.0)) < 0.01
    kinds = ["sigmoid", "sigmoid"], "binary_cross_entropy"
    for seed in SEEDS:
        small = small_net(seed, ([2, 3, 1], *kinds), weight_scale=0.1)
        descended(small, XOR_X, XOR_Y, 0.1, 1000)
        seen = page().where(small, XOR_X, XOR_Y)
        assert seen["勾配"] < 0.01
        assert seen["ずれ"] > 0.4
        assert max(seen["加重和"]) < 1
        solved = small_net(seed, ([2, 8, 1], *kinds), weight_scale=1.0)
        descended(solved, XOR_X, XOR_Y, 1.0, 5000)
        seen = page().where(solved, XOR_X, XOR_Y)
        assert seen["勾配"] < 0.01
        assert seen["ずれ"] < 0.05
    far = Network([np.full((1, 2), 20.0)], [np.full((1, 1), 20.0)], ["sigmoid"], "mse")
    seen = page().where(far, XOR_X, np.zeros((1, 4)))
    assert seen["勾配"] < 1e-6
    assert seen["ずれ"] > 0.99
    assert min(seen["加重和"]) > 5


def test_what_starts_at_zero_or_dead_has_no_gradient_at_all() -> None:
    zero = small_net(0, ([2, 3, 1], ["sigmoid", "sigmoid"], "binary_cross_entropy"), weight_scale=0.0)
    assert (zero.gradients(XOR_X, XOR_Y)["W1"] == 0).all()
    dead = Network(
        [np.full((3, 2), -1.0), np.ones((1, 3))],
        [np.zeros((3, 1)), np.zeros((1, 1))],
        ["relu", "sigmoid"],
        "mse",
    )
    assert (dead.gradients(XOR_X, XOR_Y)["W1"] == 0).all()
    assert page().where(dead, XOR_X, XOR_Y)["ずれ"] >= 0.5


def test_equal_rows_stay_equal() -> None:
    for seed in SEEDS:
        net = small_net(seed, TANH)
        for name in ("W1", "W2"):
            net.parameters()[name][...] = np.random.default_rng(seed).normal()
        start = net.weights[0].copy()
        descended(net, XOR_X, XOR_Y, 1.0, 300)
        assert (net.weights[0] == net.weights[0][:1]).all()
        assert np.abs(net.weights[0] - start).max() > 0.1
        assert not correct(net)


def rises(seed: int, rate: float, **batch: Any) -> int:
    """損失の増えたエポックの数。"""
    rng = np.random.default_rng(seed)
    net = Network.random(*TANH, rng=rng, weight_scale="glorot")
    batch = {**batch, "rng": rng} if batch else {}
    how = {"optimizer": GradientDescent(learning_rate=rate), "epochs": 300}
    return int((np.diff(train(net, XOR_X, XOR_Y, **how, **batch).cost) > 0).sum())


def test_the_whole_batch_tells_the_noise_from_the_rate() -> None:
    for seed in SEEDS:
        assert rises(seed, 1.0, batch_size=1) > rises(seed, 1.0) == 0
        assert rises(seed, 10.0) > 10


def every_pair(net: Network, X: np.ndarray, Y: np.ndarray) -> Gradients:
    """目標を縦に並べたときの勾配: どの出力も、すべての目標と比べられる。"""
    m, (_, A1, A2) = X.shape[1], net.forward(X).A
    delta2 = 2 * (A2 - Y.T).mean(axis=0, keepdims=True)
    delta1 = (net.weights[1].T @ delta2) * (1 - A1**2)
    pairs = {"1": (delta1, X), "2": (delta2, A1)}
    means = {f"b{l}": d.mean(axis=1, keepdims=True) for l, (d, _) in pairs.items()}
    return {f"W{l}": d @ A.T / m for l, (d, A) in pairs.items()} | means


def test_targets_in_a_column_end_in_one_half_everywhere() -> None:
    for seed in SEEDS:
        net = small_net(seed, PLAIN)
        for _ in range(2000):
            for name, g in every_pair(net, XOR_X, XOR_Y).items():
                net.parameters()[name][...] -= 0.1 * g
        assert np.abs(net.predict(XOR_X) - 0.5).max() < 0.02
        assert (net.predict(XOR_X) - XOR_Y.T).shape == (4, 4)


def test_two_examples_are_learnt_where_four_are_not() -> None:
    for seed in SEEDS:
        two, four = (
            descended(small_net(seed, TANH, weight_scale=0.1), XOR_X[:, :n], XOR_Y[:, :n], 0.1, 1000)[-1]
            for n in (2, 4)
        )
        assert two < 0.01
        assert four > 0.68


# ---- どう選ぶか ----


def correct(net: Network) -> bool:
    return np.array_equal(net.predict(XOR_X) > 0.5, XOR_Y > 0.5)


def test_the_recipe_for_the_rate_counts_as_the_page_says() -> None:
    shape, costs = [], {}
    for rate, right, up, curve in rows("sec-trouble-rate"):
        number = float(rate.strip("$"))
        ended = [page().learn(number, seed) for seed in range(20)]
        costs[number] = [run.cost for _, run in ended]
        assert sum(correct(net) for net, _ in ended) == int(right), rate
        assert sum(bool((np.diff(cost) > 0).any()) for cost in costs[number]) == int(up), rate
        shape.append((number, curve))
    assert shape == [
        (0.001, "ほとんど下がらない"),
        (0.01, "ほとんど下がらない"),
        (0.1, "下りの途中"),
        (1.0, "滑らかに下がる"),
        (10.0, "跳ねる"),
    ]
    falls = {
        rate: np.median([cost[[0, -31]] - cost[-1] for cost in costs[rate]], axis=0) for rate in costs
    }  # 始めからの下がりと、最後の30エポックの下がり（中央値）
    assert max(falls[0.001][0], falls[0.01][0]) < 0.03
    assert falls[0.1][1] > 0.02 > 0.005 > falls[1.0][1] > 0
    assert falls[1.0][0] > 0.6


def test_the_curves_of_the_figure_look_as_its_caption_says() -> None:
    flat, smooth, jumpy = (run.cost for run in page().runs.values())
    assert flat[0] - flat[-1] < 0.05
    assert 0.6 < flat[-1] < 0.75
    assert (np.diff(smooth) < 0).all()
    assert smooth[-1] < 0.01
    assert (jumpy[10:] > 0.7).all()
    assert jumpy[10:].max() > 8
    assert (np.diff(jumpy) > 0).sum() > 100


@pytest.mark.parametrize("seed", range(20))
def test_another_loss_wants_another_rate(seed: int) -> None:
    with pytest.raises(DivergenceError):
        descended(small_net(seed, PLAIN, weight_scale="glorot"), XOR_X, XOR_Y, 1.0, 300)
    net = small_net(seed, PLAIN, weight_scale="glorot")
    descended(net, XOR_X, XOR_Y, 0.1, 300)
    assert correct(net)


def test_updates_are_counted_by_batches() -> None:
    X = np.random.default_rng(0).normal(size=(2, 60))
    Y = (X[:1] > 0).astype(float)
    for size, updates in ((re.match(r"\d+", row[0])[0], int(row[1])) for row in rows("sec-trouble-epochs")):
        calls: list[int] = []

        def rate(t: int, calls: list[int] = calls) -> float:
            calls.append(t)
            return 0.1

        rng = np.random.default_rng(0)
        how = {"epochs": 10, "batch_size": int(size), "rng": rng}
        train(Network.random(*TANH, rng=rng), X, Y, optimizer=GradientDescent(learning_rate=rate), **how)
        assert len(set(calls)) == updates == 10 * -(-60 // int(size))


def test_softmax_with_cross_entropy_is_the_plain_difference() -> None:
    plain = {"delta2 = dA2 * A2 * (1 - A2)": "delta2 = A2 - Y"}
    diagonal = {FIRST_LINE: "-Y / A2"}
    labels = np.eye(3)[:, np.arange(5) % 3]
    for net, X, _ in stages():
        soft = Network(net.weights, net.biases, ["tanh", "softmax"], "cross_entropy")
        assert not failing(plain, soft, X, labels)
        assert list(failing(diagonal, soft, X, labels)) == ALL

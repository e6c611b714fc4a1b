"""損失関数の検査: 手計算、mpmath、複素ステップ法、飽和、目標の定義域。"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from backprop.activations import ACTIVATIONS
from backprop.losses import LOSSES

pytestmark = pytest.mark.filterwarnings("error")

RNG = np.random.default_rng
PAIRED = ["binary_cross_entropy", "cross_entropy"]


def probabilities(rng, shape):
    """どの列の和も1の、正の数。"""
    values = rng.uniform(0.1, 1.0, shape)
    return values / values.sum(axis=0)


def exact(name, y_hat, y):
    """定義そのもの。1例の損失を mpmath で。"""
    y_hat, y = [mpmath.mpf(v) for v in y_hat], [mpmath.mpf(v) for v in y]
    pairs = list(zip(y_hat, y))
    if name == "mse":
        return mpmath.fsum((p - t) ** 2 for p, t in pairs) / len(pairs)
    if name == "half_squared_error":
        return mpmath.fsum((p - t) ** 2 for p, t in pairs) / 2
    if name == "binary_cross_entropy":
        return -mpmath.fsum(t * mpmath.log(p) + (1 - t) * mpmath.log(1 - p) for p, t in pairs)
    return -mpmath.fsum(t * mpmath.log(p) for p, t in pairs)


def test_table_holds_every_loss_under_its_own_name():
    assert list(LOSSES) == ["mse", "half_squared_error", "binary_cross_entropy", "cross_entropy"]
    assert all(loss.name == name for name, loss in LOSSES.items())
    outputs = [loss.output_activation for loss in LOSSES.values()]
    assert outputs == [None, None, "sigmoid", "softmax"]
    assert all((loss.value_at_z is None) == (loss.output_activation is None) for loss in LOSSES.values())


@pytest.mark.parametrize("name", LOSSES)
def test_every_function_keeps_its_own_name_and_description(name):
    # 入力の検査で包んでも、読者が help で見るのは中の関数である
    assert LOSSES[name].value.__name__ == name
    assert LOSSES[name].gradient.__name__ == f"{name}_gradient"
    assert "np.array" in LOSSES[name].value.__doc__


@pytest.mark.parametrize(
    ("name", "y_hat", "y", "value", "gradient"),
    [
        # 差は 1, 2, −2。(1+4+4)/3 = 3;  2/3×差
        ("mse", [2.0, 3.0, 0.0], [1.0, 1.0, 2.0], 3.0, [2 / 3, 4 / 3, -4 / 3]),
        # (1+4+4)/2 = 4.5;  差そのもの
        ("half_squared_error", [2.0, 3.0, 0.0], [1.0, 1.0, 2.0], 4.5, [1.0, 2.0, -2.0]),
        # −log 0.8 − log(1−0.6);  −1/0.8, 1/(1−0.6)
        ("binary_cross_entropy", [0.8, 0.6], [1.0, 0.0], -np.log(0.8) - np.log(0.4), [-1.25, 2.5]),
        # 目標が途中の値でもよい: −(0.25 log 0.5 + 0.75 log 0.5) = log 2;  −0.25/0.5 + 0.75/0.5 = 1
        ("binary_cross_entropy", [0.5], [0.25], np.log(2.0), [1.0]),
        # −log 0.25;  −1/0.25
        ("cross_entropy", [0.25, 0.75], [1.0, 0.0], np.log(4.0), [-4.0, 0.0]),
        # −(0.5 log 0.25 + 0.5 log 0.75);  −0.5/0.25, −0.5/0.75
        ("cross_entropy", [0.25, 0.75], [0.5, 0.5], -0.5 * np.log(0.1875), [-2.0, -2 / 3]),
    ],
)
def test_by_hand(name, y_hat, y, value, gradient):
    Y_hat, Y = np.array(y_hat)[:, np.newaxis], np.array(y)[:, np.newaxis]
    assert LOSSES[name].value(Y_hat, Y) == pytest.approx(value, rel=1e-15)
    assert LOSSES[name].gradient(Y_hat, Y)[:, 0] == pytest.approx(gradient, rel=1e-15)


@pytest.mark.parametrize("name", LOSSES)
def test_each_column_is_an_example(name):
    Y_hat, Y = probabilities(RNG(0), (3, 5)), probabilities(RNG(1), (3, 5))
    values = LOSSES[name].value(Y_hat, Y)
    assert values.shape == (5,)
    expected = [float(exact(name, Y_hat[:, n], Y[:, n])) for n in range(5)]
    np.testing.assert_allclose(values, expected, rtol=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_arguments_may_be_given_by_name(name):
    Y_hat, Y = probabilities(RNG(12), (3, 4)), probabilities(RNG(13), (3, 4))
    for function in (LOSSES[name].value, LOSSES[name].gradient):
        np.testing.assert_array_equal(function(Y_hat, Y=Y), function(Y_hat, Y))
        np.testing.assert_array_equal(function(Y=Y, Y_hat=Y_hat), function(Y_hat, Y))
        with pytest.raises(TypeError, match="名前をつけずに渡せる引数は 2 個ですが、3 個"):
            function(Y_hat, Y, Y)


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_by_complex_step(name):
    Y_hat, Y, h = probabilities(RNG(2), (4, 6)), probabilities(RNG(3), (4, 6)), 1e-30
    by_step = np.empty_like(Y)
    for j in range(4):
        shift = np.zeros((4, 1))
        shift[j] = h
        by_step[j] = LOSSES[name].value(Y_hat + 1j * shift, Y).imag / h
    np.testing.assert_allclose(LOSSES[name].gradient(Y_hat, Y), by_step, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", PAIRED)
def test_value_at_z_is_the_value_at_the_output(name):
    loss = LOSSES[name]
    Z, Y = RNG(4).normal(size=(3, 6)), probabilities(RNG(5), (3, 6))
    Y_hat = ACTIVATIONS[loss.output_activation].value(Z)
    np.testing.assert_allclose(loss.value_at_z(Z, Y), loss.value(Y_hat, Y), rtol=1e-14)


@pytest.mark.parametrize("name", PAIRED)
def test_delta_of_a_pair_is_the_difference(name):
    """対になる組では δ = ŷ − y。値を計算するプログラムから、複素ステップ法で。"""
    loss, h = LOSSES[name], 1e-30
    Z, Y = RNG(6).normal(scale=3.0, size=(4, 5)), probabilities(RNG(7), (4, 5))
    f = ACTIVATIONS[loss.output_activation]
    delta = np.vstack([loss.value_at_z(Z + 1j * h * np.eye(4)[:, [j]], Y).imag / h for j in range(4)])
    np.testing.assert_allclose(delta, f.value(Z) - Y, rtol=0, atol=1e-14)
    np.testing.assert_allclose(f.pullback(Z, loss.gradient(f.value(Z), Y)), delta, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", PAIRED)
@pytest.mark.parametrize("scale", [0.25, 1 - 1e-6, 1.0, 1 + 1e-6])
def test_delta_of_a_pair_is_the_gradient_of_the_value(name, scale):
    """目標の和が1から外れても、δ は、報告される損失そのものの勾配である。"""
    loss, h = LOSSES[name], 1e-30
    Z, Y = RNG(6).normal(scale=3.0, size=(4, 5)), scale * probabilities(RNG(7), (4, 5))
    by_step = np.vstack([loss.value_at_z(Z + 1j * h * np.eye(4)[:, [j]], Y).imag / h for j in range(4)])
    Y_hat = ACTIVATIONS[loss.output_activation].value(Z)
    np.testing.assert_allclose(loss.delta(Y_hat, Y), by_step, rtol=0, atol=1e-15)
    into = np.empty_like(Y)
    assert loss.delta(Y_hat, Y, into) is into
    np.testing.assert_array_equal(into, loss.delta(Y_hat, Y))


def test_delta_of_one_hot_targets_is_the_difference_to_the_last_bit():
    Y_hat, Y = probabilities(RNG(1), (3, 6)), np.eye(3)[:, [0, 1, 2, 0, 1, 2]]
    for name in PAIRED:
        np.testing.assert_array_equal(LOSSES[name].delta(Y_hat, Y), Y_hat - Y)


@pytest.mark.parametrize(
    "labels",
    [np.array([0, 1, 2, 0]), np.array([[0, 1, 2, 0]]), np.array([0.0, 1.0, 2.0, 0.0]), [0, 1, 2, 0],
     np.array([[0], [1], [2], [0]])],
    ids=["整数", "行", "小数", "リスト", "列"],
)  # fmt: skip
def test_class_numbers_are_told_to_become_columns(labels):
    with pytest.raises(TypeError, match=r"one_hot\(Y, 3\)"):
        LOSSES["cross_entropy"].targets(labels, (3, 4))
    with pytest.raises((TypeError, ValueError), match=r"Y (は|の)") as caught:
        LOSSES["mse"].targets(labels, (3, 4))
    assert "one_hot" not in str(caught.value)


def test_targets_are_returned_as_they_are():
    Y = np.eye(3)
    assert LOSSES["cross_entropy"].targets(Y, (3, "m")) is Y
    for bad in ([[1.0], [0.0, 1.0]], Y[:2], np.full((3, 1), 0.5)):
        with pytest.raises((TypeError, ValueError), match="Y ") as caught:
            LOSSES["cross_entropy"].targets(bad, (3, "m"))
        assert "one_hot(Y" not in str(caught.value)


@pytest.mark.parametrize("z", [-1e4, -800.0, -40.0, -1e-10, 0.0, 1e-10, 40.0, 800.0, 1e4])
@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_at_z_against_mpmath(z, y):
    with np.errstate(all="raise", under="ignore"):
        value = LOSSES["binary_cross_entropy"].value_at_z(np.array([[z]]), np.array([[y]]))
    with mpmath.workdps(60 + int(abs(z))):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        expected = float(exact("binary_cross_entropy", [p], [y]))
    assert value.item() == pytest.approx(expected, rel=2e-15, abs=1e-307)


@pytest.mark.parametrize("scale", [1.0, 50.0, 1e4])
def test_cross_entropy_at_z_against_mpmath(scale):
    Z = scale * RNG(8).normal(size=(4, 6))
    Y = np.eye(4)[:, [0, 1, 2, 3, 0, 1]]
    with np.errstate(all="raise", under="ignore"):
        values = LOSSES["cross_entropy"].value_at_z(Z, Y)
    with mpmath.workdps(50):
        expected = [
            float(mpmath.log(mpmath.fsum(mpmath.exp(z) for z in column)) - column[k])
            for column, k in zip(Z.T, Y.argmax(axis=0))
        ]
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-14 * scale)


def test_cross_entropy_at_z_where_the_difference_overflows():
    Z = np.array([[1.7e308, 1.7e308], [-1.7e308, -1.7e308]])
    with np.errstate(all="raise", under="ignore"):
        values = LOSSES["cross_entropy"].value_at_z(Z, np.array([[1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_array_equal(values, [0.0, np.inf])


def test_saturated_outputs_have_the_right_limits():
    certain = np.array([[0.0, 1.0, 0.0, 1.0]])
    Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    bce = LOSSES["binary_cross_entropy"]
    np.testing.assert_array_equal(bce.value(certain, Y), [0.0, 0.0, np.inf, np.inf])
    np.testing.assert_array_equal(bce.gradient(certain, Y), [[1.0, -1.0, -np.inf, np.inf]])
    one_hot = np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(LOSSES["cross_entropy"].value(one_hot, one_hot), [0.0, 0.0])
    np.testing.assert_array_equal(LOSSES["cross_entropy"].value(one_hot, one_hot[::-1]), [np.inf, np.inf])
    gradient = LOSSES["cross_entropy"].gradient(one_hot, one_hot)
    np.testing.assert_array_equal(gradient, -one_hot)
    assert not np.signbit(gradient[one_hot == 0]).any()
    # 損失 0 の符号も正
    assert not np.signbit(bce.value(certain[:, :2], Y[:, :2])).any()
    assert not np.signbit(LOSSES["cross_entropy"].value(one_hot, one_hot)).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("name", LOSSES)
def test_dtype_is_kept(name, dtype):
    loss = LOSSES[name]
    Y_hat = probabilities(RNG(9), (3, 4)).astype(dtype)
    Y = np.eye(3, dtype=np.dtype(dtype).type(0).real.dtype)[:, [0, 1, 2, 0]]
    assert loss.value(Y_hat, Y).dtype == loss.gradient(Y_hat, Y).dtype == dtype
    if loss.value_at_z is not None:
        assert loss.value_at_z(Y_hat, Y).dtype == dtype


@pytest.mark.parametrize("name", LOSSES)
def test_inputs_are_not_modified_and_not_aliased(name):
    loss = LOSSES[name]
    Y_hat, Y = probabilities(RNG(10), (3, 4)), probabilities(RNG(11), (3, 4))
    Y_hat.flags.writeable = Y.flags.writeable = False
    loss.value(Y_hat, Y)
    gradient = loss.gradient(Y_hat, Y)
    assert not np.shares_memory(gradient, Y_hat)
    assert not np.shares_memory(gradient, Y)
    if loss.value_at_z is not None:
        loss.value_at_z(Y_hat, Y)


@pytest.mark.parametrize("name", PAIRED)
@pytest.mark.parametrize("bad", [-0.25, 1.25])
def test_outputs_that_are_no_probabilities_are_refused(name, bad):
    Y_hat, Y = np.array([[bad], [0.5]]), np.array([[1.0], [0.0]])
    for function in (LOSSES[name].value, LOSSES[name].gradient):
        with pytest.raises(ValueError, match="Y_hat の要素は 0 以上 1 以下"):
            function(Y_hat, Y)


def test_losses_cannot_be_changed():
    with pytest.raises(AttributeError):
        LOSSES["mse"].value = LOSSES["cross_entropy"].value


@pytest.mark.parametrize("name", ["mse", "half_squared_error"])
def test_any_target_is_in_the_domain_of_a_squared_error(name):
    LOSSES[name].check_targets(np.array([[-1e3, 1e3]]))


@pytest.mark.parametrize(
    ("name", "Y"),
    [
        ("binary_cross_entropy", [[0.0, 0.25, 1.0]]),
        ("binary_cross_entropy", [[1.0], [1.0]]),  # 出力は独立なので、和は1でなくてよい
        ("cross_entropy", [[0.0, 0.25], [1.0, 0.75]]),
        ("cross_entropy", [[0.25, 0.25], [0.75 - 5e-7, 0.75 + 5e-7]]),  # 和の丸め誤差は許す
    ],
)
def test_targets_in_the_domain(name, Y):
    LOSSES[name].check_targets(np.array(Y))


@pytest.mark.parametrize(
    ("name", "Y", "named"),
    [
        ("binary_cross_entropy", [[-0.1, 0.5]], r"Y の要素は 0 以上 1 以下.*-0\.1 から 0\.5"),
        ("binary_cross_entropy", [[0.5, 1.1]], r"0\.5 から 1\.1"),
        ("cross_entropy", [[2.0], [-1.0]], r"-1 から 2"),
        ("cross_entropy", [[1.0, 1.0], [0.0, 1.0]], r"列 1 の和は 2"),
        ("cross_entropy", [[1.0, 0.0], [0.0, 0.5]], r"列 1 の和は 0\.5"),
        ("cross_entropy", [[0.0], [1 - 2e-6]], r"和は1"),
    ],
)
def test_targets_outside_the_domain(name, Y, named):
    with pytest.raises(ValueError, match=named):
        LOSSES[name].check_targets(np.array(Y))


@pytest.mark.parametrize(
    "Y",
    [np.zeros(0), np.array(2), np.zeros((1, 3, 1)), np.array([0.25, 1.0, 2.0]), np.array([0.75, 1.0, 2.0]),
     [[0, 1], [2]], None],
    ids=["空", "一つの数", "3次元", "切り上げても合わない", "切り捨てても合わない", "長さがそろわない", "ない"],
)  # fmt: skip
def test_what_is_no_row_of_class_numbers_is_not_taken_for_it(Y):
    with pytest.raises((TypeError, ValueError), match="Y (は|の)") as caught:
        LOSSES["cross_entropy"].targets(Y, (2, "m"))
    assert "one_hot" not in str(caught.value)


@pytest.mark.parametrize("labels", [np.array([2]), np.array([[0, 2, 1]])], ids=["一例", "クラスと同じ数の例"])
def test_few_class_numbers_are_class_numbers_too(labels):
    with pytest.raises(TypeError, match=r"one_hot\(Y, 3\)"):
        LOSSES["cross_entropy"].targets(labels, (3, labels.size))


@pytest.mark.parametrize("function", ["value", "gradient", "value_at_z"])
@pytest.mark.parametrize("name", PAIRED)
def test_cross_entropies_are_straight_in_the_target(name, function):
    """目標の一次式なので、負の目標でも式のとおりになる。"""
    call = getattr(LOSSES[name], function)
    Y_hat, Y = probabilities(RNG(3), (3, 4)), RNG(4).uniform(0.5, 1.5, (3, 4))
    at = [call(Y_hat, t * Y) for t in (-1, 0, 1)]
    np.testing.assert_allclose(at[0] - at[1], at[1] - at[2], rtol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_a_forgotten_target_is_named(name):
    with pytest.raises(TypeError, match=f"^{name} の Y が与えられていません"):
        LOSSES[name].value(np.ones((2, 3)))


@pytest.mark.parametrize("name", LOSSES)
def test_an_argument_too_many_is_not_overlooked(name):
    Y = np.full((2, 3), 0.5)
    with pytest.raises(TypeError, match=f"^{name} に zzz という引数はありません"):
        LOSSES[name].value(Y, Y, zzz=1)

"""六つのステップの検査: 手計算、定義どおりの和、複素ステップ法、引数を書き換えないこと。"""

from __future__ import annotations

import numpy as np
import pytest

from backprop.activations import ACTIVATIONS
from backprop.checks import DivergenceError
from backprop.losses import LOSSES
from backprop.steps import (
    bias_gradient,
    hidden_delta,
    output_delta,
    output_gradient,
    update,
    weight_gradient,
)

pytestmark = pytest.mark.filterwarnings("error")


def read_only(values):
    array = np.array(values, dtype=float)
    array.flags.writeable = False
    return array


def test_step1_by_hand():
    # mse、2出力、2例。差は [[0.5, −1], [0, 3]]、2/N_L = 1 倍
    Y_hat, Y = read_only([[1.5, 0.0], [2.0, 4.0]]), read_only([[1.0, 1.0], [2.0, 1.0]])
    np.testing.assert_array_equal(output_gradient(Y_hat, Y, LOSSES["mse"]), [[0.5, -1.0], [0.0, 3.0]])
    # 3出力なら 2/3 倍: 差 3 → 2
    gradient = output_gradient(read_only([[3.0], [0.0], [0.0]]), read_only([[0.0]] * 3), LOSSES["mse"])
    np.testing.assert_array_equal(gradient, [[2.0], [0.0], [0.0]])


def test_step2_by_hand():
    # σ′(0) = 1/4、σ′(log 3) = 3/16
    Z, dA = read_only([[0.0, np.log(3.0)]]), read_only([[-0.4, 1.6]])
    np.testing.assert_allclose(output_delta(dA, Z, ACTIVATIONS["sigmoid"]), [[-0.1, 0.3]], rtol=1e-14)


def test_step3_by_hand():
    # W (2, 3)、Δ (2, 1)。列ごとの和: 1×10 + 4×1 = 14、2×10 + 5×1 = 25、3×10 + 6×1 = 36
    # ReLU′ は z の符号だけを見る: 1, 0, 1
    W_next, delta_next = read_only([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), read_only([[10.0], [1.0]])
    Z = read_only([[0.5], [-0.5], [2.0]])
    delta = hidden_delta(W_next, delta_next, Z, ACTIVATIONS["relu"])
    np.testing.assert_array_equal(delta, [[14.0], [0.0], [36.0]])


def test_step3_on_a_square_matrix_uses_the_transpose():
    # 正方行列では、転置を忘れても形は合う。Wᵀδ = [1×1 + 3×0, 2×1 + 4×0] = [1, 2]、Wδ なら [1, 3]
    W_next, delta_next = read_only([[1.0, 2.0], [3.0, 4.0]]), read_only([[1.0], [0.0]])
    Z = read_only([[0.0]] * 2)
    np.testing.assert_array_equal(
        hidden_delta(W_next, delta_next, Z, ACTIVATIONS["identity"]), [[1.0], [2.0]]
    )


def test_step4_by_hand():
    # Δ (2, 2)、A (3, 2)、2例の平均。左上: (1×1 + 3×4)/2 = 6.5、右下: (2×3 + (−2)×6)/2 = −3
    delta, A_prev = read_only([[1.0, 3.0], [2.0, -2.0]]), read_only([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    expected = [[6.5, 8.5, 10.5], [-3.0, -3.0, -3.0]]
    np.testing.assert_array_equal(weight_gradient(delta, A_prev), expected)


def test_step5_by_hand():
    # (1 + 3 + 5)/3 = 3、(2 − 2 + 6)/3 = 2。形はバイアスと同じ (2, 1)
    delta = read_only([[1.0, 3.0, 5.0], [2.0, -2.0, 6.0]])
    np.testing.assert_array_equal(bias_gradient(delta), [[3.0], [2.0]])


def test_step6_by_hand():
    # 1 − 0.5×2 = 0、−3 − 0.5×(−4) = −1
    parameter, gradient = read_only([[1.0, -3.0]]), read_only([[2.0, -4.0]])
    np.testing.assert_array_equal(update(parameter, gradient, learning_rate=0.5), [[0.0, -1.0]])


def test_update_returns_a_new_array():
    parameter, gradient = np.ones((2, 1)), np.ones((2, 1))
    new = update(parameter, gradient, learning_rate=0.1)
    assert not np.shares_memory(new, parameter)
    assert not np.shares_memory(new, gradient)
    np.testing.assert_array_equal(parameter, 1.0)


@pytest.mark.parametrize("name", LOSSES)
def test_step1_is_the_gradient_of_the_loss(name):
    rng, h = np.random.default_rng(0), 1e-30
    Y_hat = rng.dirichlet(np.ones(3), 4).T
    Y = rng.dirichlet(np.ones(3), 4).T
    loss = LOSSES[name]
    expected = [loss.value(Y_hat + 1j * h * np.eye(3)[:, [j]], Y).imag / h for j in range(3)]
    np.testing.assert_allclose(output_gradient(Y_hat, Y, loss), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_steps_2_and_3_by_complex_step(name):
    """Σ_k c_k a_k(z) を z で微分すると、c を引き戻したもの。列ごとに別の例。"""
    rng, h, f = np.random.default_rng(1), 1e-30, ACTIVATIONS[name]
    Z, dA = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    W_next, delta_next = rng.normal(size=(2, 4)), rng.normal(size=(2, 3))

    def derivative(weighted_sum):
        return np.array([weighted_sum(Z + 1j * h * np.eye(4)[:, [j]]).imag / h for j in range(4)])

    by_step = derivative(lambda Z: (dA * f.value(Z)).sum(axis=0))
    np.testing.assert_allclose(output_delta(dA, Z, f), by_step, rtol=1e-12, atol=1e-15)
    by_step = derivative(lambda Z: (delta_next * (W_next @ f.value(Z))).sum(axis=0))
    np.testing.assert_allclose(hidden_delta(W_next, delta_next, Z, f), by_step, rtol=1e-12, atol=1e-14)


def test_steps_4_and_5_are_means_over_the_examples():
    rng = np.random.default_rng(2)
    delta, A_prev = rng.normal(size=(3, 7)), rng.normal(size=(2, 7))
    each = [np.outer(delta[:, n], A_prev[:, n]) for n in range(7)]
    np.testing.assert_allclose(weight_gradient(delta, A_prev), sum(each) / 7, rtol=1e-14)
    np.testing.assert_allclose(bias_gradient(delta)[:, 0], [sum(row) / 7 for row in delta], rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(dtype):
    A, W, f = np.ones((2, 3), dtype), np.ones((2, 2), dtype), ACTIVATIONS["tanh"]
    results = [
        output_gradient(A, A, LOSSES["mse"]),
        output_delta(A, A, f),
        hidden_delta(W, A, A, f),
        weight_gradient(A, A),
        bias_gradient(A),
        update(A, A, 0.1),
    ]
    assert [result.dtype for result in results] == [np.dtype(dtype)] * 6


HUGE = np.array([[1.7e308, 1.7e308]])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (
            lambda: output_delta(
                HUGE.T * [[1.0], [-1.0]], read_only([[-9.0], [9.0]]), ACTIVATIONS["softmax"]
            ),
            "出力層の誤差項",
        ),
        (lambda: hidden_delta(HUGE.T, HUGE.T, read_only([[1.0]]), ACTIVATIONS["relu"]), "隠れ層の誤差項"),
        (lambda: weight_gradient(HUGE, HUGE), "重みの勾配"),
        (lambda: bias_gradient(HUGE), "バイアスの勾配"),
        (lambda: update(HUGE, -HUGE, 1.0), "更新した値"),
    ],
)
def test_an_overflow_is_named_without_a_warning(call, named):
    with pytest.raises(DivergenceError, match=f"^{named}が、.*あふれました.*(学習率が大きすぎ|発散)"):
        call()

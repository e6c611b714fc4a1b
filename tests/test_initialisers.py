"""重みの大きさの規則の検査: 値、行列の大きさ、前からの呼び出しを変えないこと、断られる入力。"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from backprop.initialisers import INITIALISERS, glorot, he
from backprop.network import Network

pytestmark = pytest.mark.filterwarnings("error")

SIZES = [300, 200, 100, 50]


def random(weight_scale, seed: int = 0, bias_scale: float = 0.0) -> Network:
    rng = np.random.default_rng(seed)
    return Network.random(
        SIZES, ["tanh"] * 3, "mse", rng=rng, weight_scale=weight_scale, bias_scale=bias_scale
    )


# ---- 値 ----


def test_values_by_hand() -> None:
    # 2 / (3 + 5) = 1/4、2 / 8 = 1/4
    assert glorot(3, 5) == glorot(5, 3) == 0.5
    assert he(8, 3) == he(8, 100) == 0.5
    assert he(3, 8) != he(8, 3)


@pytest.mark.parametrize("width", [1, 7, 64])
def test_a_square_matrix_keeps_the_size(width: int) -> None:
    # 幅の等しい層では、傾き1なら N σ² = 1、ReLU なら N σ² / 2 = 1
    assert width * glorot(width, width) ** 2 == pytest.approx(1, rel=1e-15)
    assert width * he(width, width) ** 2 / 2 == pytest.approx(1, rel=1e-15)


# ---- ネットワークの重み ----


@pytest.mark.parametrize("name", INITIALISERS)
def test_weights_have_the_size_of_the_rule(name: str) -> None:
    for W, (n_in, n_out) in zip(random(name).weights, pairwise(SIZES)):
        assert W.shape == (n_out, n_in)
        # 標準偏差の推定の誤差は、成分の数を n として 1/√(2n) の割合
        assert W.std() == pytest.approx(INITIALISERS[name](n_in, n_out), rel=4 / np.sqrt(2 * W.size))


@pytest.mark.parametrize("name", INITIALISERS)
def test_a_name_only_rescales_the_same_draws(name: str) -> None:
    plain, scaled = random(1.0, bias_scale=0.5), random(name, bias_scale=0.5)
    for V, W, (n_in, n_out) in zip(plain.weights, scaled.weights, pairwise(SIZES)):
        assert np.array_equal(INITIALISERS[name](n_in, n_out) * V, W)
    assert all(np.array_equal(b, c) for b, c in zip(plain.biases, scaled.biases))


def test_a_number_means_what_it_meant() -> None:
    rng = np.random.default_rng(3)
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(SIZES)]
    expected = [0.1 * rng.standard_normal(shape) for shape in shapes]
    for given in (0.1, np.float64(0.1)):
        assert all(np.array_equal(W, V) for W, V in zip(random(given, seed=3).weights, expected))
    assert not any(W.any() for W in random(0).weights)


# ---- 断られる入力 ----


@pytest.mark.parametrize("rule", INITIALISERS.values(), ids=INITIALISERS)
@pytest.mark.parametrize(
    ("widths", "error", "name", "given"),
    [
        ((0, 1), ValueError, "n_in は1以上", "0 が"),
        ((1, -2), ValueError, "n_out は1以上", "-2 が"),
        ((2.0, 1), TypeError, "n_in は整数", "2.0 が"),
        ((1, True), TypeError, "n_out は整数", "True が"),
    ],
)
def test_bad_widths(rule, widths, error, name: str, given: str) -> None:
    with pytest.raises(error, match=name) as refused:
        rule(*widths)
    assert given in str(refused.value)


@pytest.mark.parametrize(
    ("scale", "error", "message"),
    [
        ("xavier", ValueError, "weight_scale に 'xavier' はありません。選べるのは glorot, he です。"),
        ("0.1", ValueError, "weight_scale に '0.1' はありません。選べるのは glorot, he です。"),
        (he, TypeError, "weight_scale は実数でなければなりません"),
        (None, TypeError, "weight_scale は実数でなければなりません"),
        (-0.1, ValueError, "weight_scale は0以上でなければなりませんが、-0.1 が与えられました。"),
        (np.nan, ValueError, "weight_scale は有限でなければなりません"),
    ],
)
def test_bad_scales_draw_nothing(scale, error, message: str) -> None:
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(error) as refused:
        Network.random([2, 1], ["tanh"], "mse", rng=rng, weight_scale=scale)
    assert message in str(refused.value)
    assert rng.bit_generator.state == before

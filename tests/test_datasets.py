"""小さなデータの検査: 表そのもの、数え上げ、形、再現性。"""

from __future__ import annotations

import numpy as np
import pytest

from backprop.datasets import one_hot, parity, spirals, xor

pytestmark = pytest.mark.filterwarnings("error")


def test_xor_is_its_truth_table():
    X, Y = xor()
    assert [(*map(int, x), int(y)) for x, y in zip(X.T, Y[0])] == [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
    assert X.dtype == Y.dtype == np.float64


@pytest.mark.parametrize("bits", [1, 2, 3, 6])
def test_parity_counts_the_ones(bits):
    X, Y = parity(bits)
    assert X.shape == (bits, 2**bits)
    assert Y.shape == (1, 2**bits)
    # 列は 0, 1, 2, … の2進表示
    columns = ["".join(f"{x:.0f}" for x in column) for column in X.T]
    assert columns == [format(n, f"0{bits}b") for n in range(2**bits)]
    assert Y[0].tolist() == [bin(n).count("1") % 2 for n in range(2**bits)]


def test_the_longest_parity_has_a_million_examples():
    X, Y = parity(20)
    assert X.shape == (20, 2**20)
    assert Y.sum() == 2**19
    with pytest.raises(ValueError, match="20以下"):
        parity(21)


def test_each_call_gives_its_own_arrays():
    X, Y = xor()
    X[:], Y[:] = 9.0, 9.0
    assert xor()[0].max() == xor()[1].max() == 1.0


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_spirals(classes):
    X, Y = spirals(20, classes, rng=np.random.default_rng(0))
    assert X.shape == (2, 20 * classes)
    assert Y.shape == (classes, 20 * classes)
    assert Y.argmax(axis=0).tolist() == [k for k in range(classes) for _ in range(20)]
    np.testing.assert_array_equal(Y.sum(axis=0), 1.0)
    radius = np.hypot(*X)
    assert radius.max() == pytest.approx(1.0)
    assert radius.min() == pytest.approx(0.05)


def test_spirals_without_noise_are_rotations_of_each_other():
    X, _ = spirals(10, 4, rng=np.random.default_rng(0), noise=0.0)
    quarter_turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    np.testing.assert_allclose(quarter_turn @ X[:, :10], X[:, 10:20], atol=1e-15)


def test_a_spiral_turns_by_four_radians_from_the_centre_to_the_rim():
    X, _ = spirals(50, 1, rng=np.random.default_rng(0), noise=0.0)
    radius = np.linspace(0.05, 1.0, 50)
    np.testing.assert_allclose(X[0] + 1j * X[1], radius * np.exp(4j * radius), rtol=1e-13)


def test_spirals_depend_only_on_the_generator():
    first, second, other = (spirals(5, 2, rng=np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 1e-3


def test_noise_turns_the_points_and_keeps_their_radius():
    still, _ = spirals(200, 1, rng=np.random.default_rng(3), noise=0.0)
    noisy, _ = spirals(200, 1, rng=np.random.default_rng(3), noise=0.2)
    np.testing.assert_allclose(np.hypot(*still), np.hypot(*noisy), rtol=1e-14)
    turned = np.angle((noisy[0] + 1j * noisy[1]) / (still[0] + 1j * still[1]))
    assert 0.17 < turned.std() < 0.23
    np.testing.assert_allclose(turned, 0.2 * np.random.default_rng(3).standard_normal(200), atol=1e-13)


def test_the_noise_is_a_tenth_of_a_radian_unless_told_otherwise():
    usual, told = (spirals(9, 2, rng=np.random.default_rng(1), **noise)[0] for noise in ({}, {"noise": 0.1}))
    np.testing.assert_array_equal(usual, told)


def test_one_hot():
    Y = one_hot(np.array([2, 0, 0]), 3)
    np.testing.assert_array_equal(Y, [[0, 1, 1], [0, 0, 0], [1, 0, 0]])
    assert Y.dtype == np.float64
    np.testing.assert_array_equal(one_hot(np.array([1], np.uint8), 2), [[0], [1]])


@pytest.mark.parametrize("labels", [np.array(1), np.array([[1]]), np.array([1.0]), [1]])
def test_labels_are_whole_numbers_in_a_row(labels):
    with pytest.raises(TypeError, match="整数の1次元配列"):
        one_hot(labels, 3)


@pytest.mark.parametrize("labels", [[], [-1], [3], [4], [0, 7, 1]])
def test_labels_are_the_numbers_of_classes(labels):
    with pytest.raises(ValueError, match="0 以上 3 未満"):
        one_hot(np.array(labels, int), 3)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([0, 1], r" np\.array\(番号の並び\) で配列にしてください。$"),
        ((0, 1), r" np\.array\(番号の並び\) で配列にしてください。$"),
        (np.array([0.0, 1.0]), r" \.astype\(int\) で整数にしてください。$"),
        (np.array([True, False]), "与えられました。$"),
        (np.ones((1, 2), int), "与えられました。$"),
        (None, "与えられました。$"),
    ],
)
def test_one_hot_says_how_to_make_labels(labels, told):
    with pytest.raises(TypeError, match=told):
        one_hot(labels, 2)


def test_one_hot_refuses_masked_labels():
    with pytest.raises(TypeError, match="labels"):
        one_hot(np.ma.array([0, 1], mask=[False, True]), 2)

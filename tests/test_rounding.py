"""手計算で丸めた値への親切: 違って見える桁まで書くこと、丸めの許し方を言うこと、誤りを丸めと呼ばないこと。"""

from __future__ import annotations

import re

import numpy as np
import pytest

from backprop.judges import check_gradient, check_gradients, check_network
from backprop.judges.rounding import advice, allowance, told_apart
from backprop.network import Network

pytestmark = pytest.mark.filterwarnings("error")

X, Y = np.array([[1.0], [2.0]]), np.array([[1.0]])
TOLERANCE = re.compile(r"tolerance=(\S+) を")
SEEDS = range(5)


def by_hand(seed: int, decimals: int) -> tuple[Network, dict[str, np.ndarray]]:
    """シグモイド二層の 2–2–1 を、途中も小数 ``decimals`` 桁に丸めながら解いたもの。"""
    rng = np.random.default_rng(seed)
    parts = {"W1": (2, 2), "b1": (2, 1), "W2": (1, 2), "b2": (1, 1)}
    W1, b1, W2, b2 = (np.round(rng.normal(size=shape), 1) for shape in parts.values())

    def sigma(z: np.ndarray) -> np.ndarray:
        return (1 / (1 + np.exp(-z))).round(decimals)

    A1 = sigma((W1 @ X + b1).round(decimals))
    A2 = sigma((W2 @ A1 + b2).round(decimals))
    delta2 = ((A2 - Y) * (A2 * (1 - A2)).round(decimals)).round(decimals)
    delta1 = ((W2.T @ delta2).round(decimals) * (A1 * (1 - A1)).round(decimals)).round(decimals)
    gradients = {"W1": delta1 @ X.T, "b1": delta1, "W2": delta2 @ A1.T, "b2": delta2}
    net = Network([W1, W2], [b1, b2], ["sigmoid", "sigmoid"], "half_squared_error")
    return net, {name: value.round(decimals) for name, value in gradients.items()}


# ---- 違って見える桁 ----


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (6.0, 9.0, ("6", "9")),
        (-0.01798, -0.00899, ("-0.01798", "-0.00899")),
        (1.2344, 1.2346, ("1.234", "1.235")),
        (-0.10637, -0.10635694, ("-0.10637", "-0.10636")),
        (0.5, 0.50000001, ("0.5", "0.50000001")),
        (1.0, 1.0 + 2.0**-52, ("1", "1.0000000000000002")),
    ],
)
def test_two_different_numbers_never_look_the_same(a, b, expected):
    assert told_apart(a, b) == expected
    assert told_apart(b, a) == expected[::-1]


def test_any_two_neighbours_are_told_apart():
    values = np.random.default_rng(0).standard_normal(300) * 10.0 ** np.arange(-150, 150)
    for value in values:
        one, other = told_apart(float(value), float(np.nextafter(value, np.inf)))
        assert one != other


def test_a_report_never_prints_one_number_twice():
    point = np.array([1.5])
    for gap in (1e-1, 1e-4, 1e-6, 1e-9):
        report = check_gradient(lambda x: (x**2).sum(), point, np.array([3.0 + gap]))
        given, measured = re.search(r"与えられた値 (\S+)、測った値 (\S+)、", str(report)).groups()
        assert given != measured


# ---- 丸めの許し方 ----


@pytest.mark.long
@pytest.mark.parametrize(("decimals", "least"), [(4, 3), (5, 5)])
def test_a_gradient_rounded_by_hand_fails_and_says_how_to_allow_it(decimals, least):
    told = 0
    for seed in SEEDS:
        net, gradients = by_hand(seed, decimals)
        report = check_network(net, X, Y, gradients)
        assert not report.ok
        found = TOLERANCE.search(str(report))
        told += bool(found)
        if found:
            assert (
                str(report).count("手計算で丸めた") == report._repr_markdown_().count("手計算で丸めた") == 1
            )
            assert check_network(net, X, Y, gradients, tolerance=float(found[1])).ok
    assert told >= least


@pytest.mark.long
@pytest.mark.parametrize("factor", [2.0, 0.5, -1.0, 1.25])
def test_a_wrong_gradient_is_never_called_rounded(factor):
    for seed in SEEDS:
        net, gradients = by_hand(seed, 5)
        gradients["W1"] = (gradients["W1"] * factor).round(5)
        report = check_network(net, X, Y, gradients)
        assert "W1" in report.wrong
        assert "手計算" not in str(report)


def test_one_element_rounded_among_computed_ones():
    # 誤りの桁に、ほかの（合っている）要素の桁は関わらない。
    net, _ = by_hand(0, 4)
    gradients = net.gradients(X, Y)
    exact = gradients["W2"][0, 1]
    gradients["W2"][0, 1] = round(exact, 4)
    report = check_network(net, X, Y, gradients)
    assert report.wrong == {"W2": [(0, 1)]}
    assert TOLERANCE.search(str(report))
    gradients["b1"] *= 2
    assert not TOLERANCE.search(str(check_network(net, X, Y, gradients)))


def test_every_checker_says_it():
    line = "- 手計算で丸めた値ほどの違いです。丸めを許すなら、tolerance=0.001 を添えてください（相対誤差が、この値までなら合格とします）。"
    scalar = check_gradient(np.sin, np.array(1.0), 0.5404)
    assert str(scalar).splitlines()[1:] == scalar._repr_markdown_().splitlines()[2:] == [line]
    point, given = {"w": np.array([1.0, 2.0])}, {"w": np.array([0.5404, np.cos(2.0)])}
    several = check_gradients(lambda p: np.sin(p["w"]).sum(), point, given)
    assert several.wrong == {"w": [(0,)]}
    assert str(several).splitlines()[-1] == line
    assert check_gradient(np.sin, np.array(1.0), 0.5403, tolerance=1e-3).ok


def test_nothing_is_said_where_nothing_is_wrong():
    right = check_gradient(lambda x: (x**2).sum(), np.array([0.25]), np.array([0.5]))
    assert str(right).count("\n") == 0
    assert advice(np.array([]), np.array([])) == []


def one(given: float, measured: float, dtype: type = np.float64) -> float | None:
    return allowance(np.array([given], dtype), np.array([measured], dtype))


def test_the_last_place_may_differ_by_two():
    assert one(1234.0, 1236.0) == one(1234.0, 1232.0) == one(-1234.0, -1236.0) == 0.01
    assert one(1234.0, 1236.25) is None
    assert one(1234.0, 1231.75) is None
    assert one(-1234.0, 1234.0) is None
    assert one(0.1234, 0.12359) == one(0.1234, 0.12321) == 0.01
    assert one(0.1234, 0.12361) is None
    assert one(0.1234, 0.12319) is None


def test_the_allowance_is_the_next_power_of_ten():
    assert one(0.5404, 0.5403023) == 1e-3
    assert one(0.54030, 0.5403023) == 1e-5
    assert one(5.404, 5.403023) == one(5404.0, 5403.023) == one(5.404e-20, 5.403023e-20) == 1e-3


def test_numbers_written_with_few_digits_have_zeros_at_the_end():
    # 0.54 は 0.540 まで求めてある。
    assert one(0.54, 0.5403) == 1e-3
    assert one(0.54, 0.5419) == 1e-2
    assert one(0.54, 0.5421) is None
    assert one(0.5, 0.5009) == 1e-2
    assert one(10.0, 9.0) is None
    assert one(10.0, 10.15) == 0.1


def test_long_numbers_were_not_written_by_hand():
    assert one(0.1234567891, 0.12345678912) == 1e-9
    assert one(0.12345678912, 0.12345678913) is None
    assert one(0.1234, 0.12345, np.float32) == 1e-3
    assert one(0.12345, 0.12346, np.float32) is None


def both(given: tuple[float, float], measured: tuple[float, float]) -> float | None:
    return allowance(np.array(given), np.array(measured))


def test_zeros_at_the_end_are_not_written():
    # 隣に 1234 があれば、7 は 7.00 である。0.007 は、隣と同じ位までしか書いていない。
    assert both((7.0, 1234.0), (7.0, 1235.0)) == 1e-3
    assert both((7.0, 0.1234), (7.02, 0.1235)) == 1e-2
    assert both((7.0, 0.1234), (7.0201, 0.1235)) is None
    assert both((0.7, 1.23), (0.71, 1.24)) == 0.1
    assert both((0.7, 1.23), (0.73, 1.24)) is None
    assert both((0.0071, 0.1234), (0.0072, 0.1235)) == 0.1
    assert both((0.0071, 0.1234), (0.00731, 0.1235)) is None


def test_a_difference_of_a_tenth_is_the_last_that_is_allowed():
    assert both((10.0, 1234.0), (9.0, 1235.0)) == 0.1
    assert both((10.0, 1234.0), (8.75, 1235.0)) is None
    assert both((9.0, 1234.0), (11.0, 1235.0)) is None

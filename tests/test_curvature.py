"""曲がり方の検査: 並び、手で求めたヘッセ行列、損失だけからの2階微分、断ること、書き換えないこと。"""

from __future__ import annotations

import numpy as np
import pytest

from backprop import curvature
from backprop.curvature import gradient_vector, hessian, parameter_vector, with_parameters
from backprop.datasets import xor
from backprop.judges import network_cases, norm_relative_error
from backprop.network import Network

pytestmark = pytest.mark.filterwarnings("error")

CASES = network_cases(number=6, batch=3)


def second_difference(cost, point, a, b, h=1e-3):
    """損失の値だけから、差分で求めた2階微分（補外を1回）。"""

    def at(step):
        u, v = step * np.eye(len(point))[[a, b]]
        corners = [s * t * cost(point + s * u + t * v) for s in (1, -1) for t in (1, -1)]
        return sum(corners) / (4 * step**2)

    return (4 * at(h) - at(2 * h)) / 3


@pytest.fixture
def net():
    return Network.random(
        [2, 3, 1], ["tanh", "sigmoid"], "binary_cross_entropy", rng=np.random.default_rng(0), bias_scale=1.0
    )


class TestVector:
    """一列に並べることと、戻すこと。"""

    def test_order_is_that_of_the_parameters(self, net):
        names = list(net.parameters())
        assert names == ["W1", "b1", "W2", "b2"]
        expected = [number for name in names for row in net.parameters()[name].tolist() for number in row]
        assert parameter_vector(net).tolist() == expected

    def test_round_trip(self, net):
        again = with_parameters(net, parameter_vector(net))
        for name, value in again.parameters().items():
            np.testing.assert_array_equal(value, net.parameters()[name])

    def test_gradient_has_the_same_order(self, net):
        X, Y = xor()
        slopes = with_parameters(net, gradient_vector(net, X, Y)).parameters()
        for name, value in net.gradients(X, Y).items():
            np.testing.assert_array_equal(slopes[name], value)

    def test_a_copy_is_returned(self, net):
        before = net.weights[0].copy()
        parameter_vector(net)[:] = 0.0
        with_parameters(net, np.zeros(13)).weights[0][:] = 7.0
        np.testing.assert_array_equal(net.weights[0], before)


class TestHessian:
    """ヘッセ行列。"""

    @pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case.network))
    def test_against_the_loss_alone(self, case):
        def cost(vector):
            return with_parameters(case.network, vector).cost(case.X, case.Y)

        found, point = hessian(case.network, case.X, case.Y), parameter_vector(case.network)
        rows, columns = np.random.default_rng(0).integers(len(point), size=(2, 60))
        expected = [second_difference(cost, point, a, b) for a, b in zip(rows, columns)]
        assert norm_relative_error(found[rows, columns], np.array(expected)) < 1e-7

    @pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case.network))
    def test_symmetric(self, case):
        # 勾配の微分は、ならす前から、丸め誤差のほかは対称である
        raw = curvature._derivatives_of_gradient(case.network, case.X, case.Y)
        assert np.abs(raw - raw.T).max() <= 1e-14 * np.abs(raw).max()
        np.testing.assert_array_equal(hessian(case.network, case.X, case.Y), (raw + raw.T) / 2)

    def test_linear_neuron_by_hand(self):
        # J = (1/2)((w+b−1)² + (3w+b)²)/2。∂²/∂w² = (1+9)/2、∂²/∂w∂b = (1+3)/2、∂²/∂b² = 1
        net = Network([np.array([[0.3]])], [np.array([[-0.2]])], ["identity"], "half_squared_error")
        found = hessian(net, np.array([[1.0, 3.0]]), np.array([[1.0, 0.0]]))
        np.testing.assert_allclose(found, [[5.0, 2.0], [2.0, 1.0]], rtol=1e-15)

    def test_sees_the_saddle_and_the_valley(self):
        zero, one = np.zeros((1, 1)), np.ones((1, 1))
        for value, expected in ((0.0, [-1.0, 1.0]), (1.0, [0.0, 2.0])):
            W = np.array([[value]])
            net = Network([W, W], [zero, zero], ["identity"] * 2, "half_squared_error")
            weights_only = hessian(net, one, one)[::2, ::2]
            np.testing.assert_allclose(np.linalg.eigvalsh(weights_only), expected, atol=1e-15)

    def test_changes_nothing(self, net):
        X, Y = xor()
        before = [value.copy() for value in (*net.parameters().values(), X, Y)]
        hessian(net, X, Y)
        for old, new in zip(before, (*net.parameters().values(), X, Y), strict=True):
            np.testing.assert_array_equal(old, new)


class TestRefusals:
    """断ること。"""

    @pytest.mark.parametrize("name", ["relu", "leaky_relu"])
    def test_kinks(self, name):
        net = Network.random([2, 2, 1], [name, "sigmoid"], "mse", rng=np.random.default_rng(0))
        with pytest.raises(ValueError, match=f"折れ目.*{name}"):
            hessian(net, *xor())

    @pytest.mark.parametrize("call", [parameter_vector, lambda net: with_parameters(net, np.zeros(1))])
    def test_not_a_network(self, call):
        with pytest.raises(TypeError, match="Network でなければ"):
            call(np.zeros(3))
        with pytest.raises(TypeError, match="Network でなければ"):
            hessian(np.zeros(3), *xor())
        with pytest.raises(TypeError, match="Network でなければ"):
            gradient_vector(np.zeros(3), *xor())

    @pytest.mark.parametrize("wrong", [np.zeros(12), np.zeros((13, 1)), np.full(13, np.nan)])
    def test_wrong_vector(self, net, wrong):
        with pytest.raises(ValueError, match="vector"):
            with_parameters(net, wrong)

    def test_wrong_data(self, net):
        X, Y = xor()
        with pytest.raises(ValueError, match="Y"):
            hessian(net, X, Y.T)

"""活性化関数の検査: 手計算、mpmath、複素ステップ法、極限、型、softmax のヤコビ行列。"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from backprop import activations
from backprop.activations import ACTIVATIONS, LEAK, Activation

pytestmark = pytest.mark.filterwarnings("error")

ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]
SMOOTH = ["identity", "sigmoid", "tanh", "softplus"]
KINKED = ["relu", "leaky_relu"]

# 0 の近く、ふつうの範囲、float64 の指数関数の限界 (±709, ±745) の両側、1e4、表せる最大の数
SMALL = [0.0, 1e-300, 1e-20, 1e-8, 0.1, 0.5, 1.0, 3.0]
MAGNITUDES = [*SMALL, 20.0, 37.0, 200.0, 700.0, 710.0, 750.0, 1e4, 1.7e308]
EXTREMES = np.array([*MAGNITUDES, *(-z for z in MAGNITUDES[1:])])

# 定義をそのまま 60 桁で計算する。微分は教科書の式ではなく、定義の商の微分から別に書く。
EXACT = {
    "identity": (lambda z: z, lambda z: mpmath.mpf(1)),
    "sigmoid": (lambda z: 1 / (1 + mpmath.exp(-z)), lambda z: mpmath.exp(-z) / (1 + mpmath.exp(-z)) ** 2),
    "tanh": (mpmath.tanh, lambda z: mpmath.sech(z) ** 2),
    "relu": (lambda z: max(z, mpmath.mpf(0)), lambda z: mpmath.mpf(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else LEAK * z, lambda z: mpmath.mpf(1 if z > 0 else LEAK)),
    "softplus": (lambda z: mpmath.log(1 + mpmath.exp(z)), lambda z: 1 / (1 + mpmath.exp(-z))),
}


def exact(name: str, which: int, z: float) -> float:
    # 1 + e^{-z} の 1 が埋もれないだけの桁数。1.7e308 では指数関数の値を作らず、極限をそのまま使う。
    if abs(z) > 1e300:
        limits = {
            "identity": (z, 1.0),
            "sigmoid": (float(z > 0), 0.0),
            "tanh": (np.sign(z), 0.0),
            "relu": (max(z, 0.0), float(z > 0)),
            "leaky_relu": (z if z > 0 else LEAK * z, 1.0 if z > 0 else LEAK),
            "softplus": (max(z, 0.0), float(z > 0)),
        }
        return limits[name][which]
    with mpmath.workdps(60 + int(abs(z))):
        return float(EXACT[name][which](mpmath.mpf(z)))


def test_table_holds_every_activation_under_its_own_name():
    assert list(ACTIVATIONS) == ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "softmax"]
    assert all(f.name == name for name, f in ACTIVATIONS.items())
    assert LEAK == 0.01


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_function_keeps_its_own_name_and_description(name):
    # 入力の検査で包んでも、読者が help で見るのは中の関数である
    assert ACTIVATIONS[name].value.__name__ == name
    assert "np.array" in ACTIVATIONS[name].value.__doc__


@pytest.mark.parametrize(
    ("name", "z", "value", "derivative"),
    [
        ("identity", -3.0, -3.0, 1.0),
        ("sigmoid", 0.0, 0.5, 0.25),  # 1/(1+1);  0.5×0.5
        ("sigmoid", np.log(3.0), 0.75, 0.1875),  # 1/(1+1/3) = 3/4;  3/4×1/4
        ("tanh", np.log(2.0), 0.6, 0.64),  # (2−1/2)/(2+1/2) = 3/5;  1−9/25
        ("relu", 2.5, 2.5, 1.0),
        ("relu", -2.5, 0.0, 0.0),
        ("leaky_relu", -2.5, -0.025, 0.01),
        ("softplus", np.log(3.0), np.log(4.0), 0.75),  # log(1+3);  3/(1+3)
    ],
)
def test_by_hand(name, z, value, derivative):
    f = ACTIVATIONS[name]
    assert f.value(np.array([z])) == pytest.approx(value, rel=1e-15)
    assert f.derivative(np.array([z])) == pytest.approx(derivative, rel=4e-15)


@pytest.mark.parametrize("z", EXTREMES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_exact_at_extreme_arguments_without_warnings(name, z):
    f = ACTIVATIONS[name]
    # 0 に近づく極限では桁あふれ（underflow）が起きて 0 になるのが正しいので、それだけは許す
    with np.errstate(all="raise", under="ignore"):
        value, derivative = f.value(np.array([z])), f.derivative(np.array([z]))
    # 正規化数の最小 2e-308 より下では有効数字が減るので、絶対誤差で比べる
    assert value.item() == pytest.approx(exact(name, 0, z), rel=2e-15, abs=3e-308)
    assert derivative.item() == pytest.approx(exact(name, 1, z), rel=2e-15, abs=3e-308)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_derivative_by_complex_step(name):
    z = np.random.default_rng(0).normal(scale=3.0, size=(5, 40))
    h = 1e-30
    by_step = ACTIVATIONS[name].value(z + 1j * h).imag / h
    np.testing.assert_allclose(ACTIVATIONS[name].derivative(z), by_step, rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", SMOOTH)
def test_complex_values_continue_the_real_function(name):
    rng = np.random.default_rng(1)
    z = rng.normal(scale=2.0, size=20) + 0.1j * rng.normal(size=20)
    plain = {
        "identity": z,
        "sigmoid": 1 / (1 + np.exp(-z)),
        "tanh": np.tanh(z),
        "softplus": np.log(1 + np.exp(z)),
    }
    np.testing.assert_allclose(ACTIVATIONS[name].value(z), plain[name], rtol=1e-14)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_complex_arguments_are_finite_at_the_extremes(name):
    z = np.array([[-1e4, -750.0, 0.0, 750.0, 1e4]]) + 1e-30j
    Z = np.vstack([z, z[:, ::-1]])
    with np.errstate(all="raise", under="ignore"):
        A = ACTIVATIONS[name].value(Z)
    assert A.dtype == np.complex128
    np.testing.assert_allclose(A.real, ACTIVATIONS[name].value(Z.real), rtol=1e-15)


def test_derivative_at_zero_is_a_convention():
    zero = np.array([0.0, -0.0])
    assert ACTIVATIONS["relu"].derivative(zero).tolist() == [0.0, 0.0]
    assert ACTIVATIONS["leaky_relu"].derivative(zero).tolist() == [LEAK, LEAK]
    # となりの数では、もう約束ではない
    tiny = np.nextafter(0.0, [1.0, -1.0])
    assert ACTIVATIONS["relu"].derivative(tiny).tolist() == [1.0, 0.0]
    assert ACTIVATIONS["leaky_relu"].derivative(tiny).tolist() == [1.0, LEAK]


@pytest.mark.parametrize("name", KINKED)
def test_complex_step_gives_the_convention_at_the_kink(name):
    f, h = ACTIVATIONS[name], 1e-30
    np.testing.assert_array_equal(f.value(np.array([1j * h])).imag / h, f.derivative(np.array([0.0])))


def test_derivative_is_taken_at_z_not_at_a():
    z = np.array([1.5])
    for name in ("sigmoid", "tanh", "softplus"):
        f = ACTIVATIONS[name]
        assert abs(f.derivative(z) - f.derivative(f.value(z))).item() > 1e-2


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_not_a_number_stays_not_a_number(name):
    assert np.isnan(ACTIVATIONS[name].value(np.array([[np.nan], [1.0]]))[0, 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_dtype_is_kept(name, dtype):
    f = ACTIVATIONS[name]
    Z = np.array([[-2.0, 0.0], [0.5, 3.0]], dtype)
    assert f.value(Z).dtype == dtype
    assert f.pullback(Z, np.ones_like(Z)).dtype == dtype
    if name != "softmax":
        assert f.derivative(Z).dtype == dtype


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_float32_is_accurate_to_its_own_precision(name):
    Z = np.linspace(-100, 100, 401, dtype=np.float32)
    f = ACTIVATIONS[name]
    with np.errstate(all="raise", under="ignore"):
        value, derivative = f.value(Z), f.derivative(Z)
    tiny = float(np.finfo(np.float32).tiny)
    np.testing.assert_allclose(value, f.value(Z.astype(float)), rtol=5e-7, atol=2 * tiny)
    np.testing.assert_allclose(derivative, f.derivative(Z.astype(float)), rtol=5e-7, atol=2 * tiny)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_inputs_are_not_modified_and_not_aliased(name):
    Z, dA = np.array([[0.5, -1.0], [2.0, 0.0]]), np.ones((2, 2))
    Z.flags.writeable = dA.flags.writeable = False
    f = ACTIVATIONS[name]
    results = [f.value(Z), f.pullback(Z, dA)]
    if name != "softmax":
        results.append(f.derivative(Z))
    assert all(not np.shares_memory(result, given) for result in results for given in (Z, dA))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_pullback_is_the_product_with_the_derivative(name):
    rng = np.random.default_rng(2)
    Z, dA = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    f = ACTIVATIONS[name]
    expected = [[dA[i, n] * f.derivative(Z[i : i + 1, n : n + 1]).item() for n in range(4)] for i in range(3)]
    np.testing.assert_array_equal(f.pullback(Z, dA), expected)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_single_number_is_accepted(name):
    f = ACTIVATIONS[name]
    assert float(f.value(0.5)) == f.value(np.array([0.5])).item()
    assert float(f.derivative(0.5)) == f.derivative(np.array([0.5])).item()


# ---- softmax ----


def test_softmax_by_hand():
    # e^0 : e^{log 2} : e^{log 5} = 1 : 2 : 5。和は 8
    A = activations.softmax(np.log(np.array([[1.0], [2.0], [5.0]])))
    np.testing.assert_allclose(A, [[1 / 8], [2 / 8], [5 / 8]], rtol=1e-15)


def test_softmax_against_mpmath():
    Z = np.random.default_rng(3).normal(scale=30.0, size=(6, 5))
    with mpmath.workdps(50):
        columns = [[mpmath.exp(z) for z in column] for column in Z.T]
        expected = np.array([[float(e / mpmath.fsum(column)) for e in column] for column in columns]).T
    np.testing.assert_allclose(activations.softmax(Z), expected, rtol=1e-13)


def test_softmax_at_the_extremes():
    Z = np.array([[1e4, -1e4, 1.7e308, 0.0], [0.0, 0.0, -1.7e308, 0.0]])
    with np.errstate(all="raise", under="ignore"):
        A = activations.softmax(Z)
    np.testing.assert_array_equal(A, [[1.0, 0.0, 1.0, 0.5], [0.0, 1.0, 0.0, 0.5]])


def test_softmax_is_unchanged_by_adding_a_number_to_a_column():
    Z = np.random.default_rng(4).normal(size=(4, 3))
    shifted = Z + [[1.0, -50.0, 300.0]]
    np.testing.assert_allclose(activations.softmax(shifted), activations.softmax(Z), rtol=1e-13)


def test_softmax_columns_do_not_influence_each_other():
    Z = np.random.default_rng(5).normal(size=(4, 3))
    alone = np.hstack([activations.softmax(Z[:, [n]]) for n in range(3)])
    np.testing.assert_array_equal(activations.softmax(Z), alone)


def test_softmax_pullback_is_the_jacobian_by_complex_step():
    rng = np.random.default_rng(6)
    Z, dA, h = rng.normal(size=(5, 1)), rng.normal(size=(5, 1)), 1e-30
    # jacobian[i, j] = ∂a_i/∂z_j
    jacobian = np.hstack([activations.softmax(Z + 1j * h * np.eye(5)[:, [j]]).imag / h for j in range(5)])
    a = activations.softmax(Z)
    np.testing.assert_allclose(jacobian, np.diag(a[:, 0]) - a @ a.T, atol=1e-15)
    assert np.abs(jacobian - np.diag(np.diag(jacobian))).max() > 1e-2  # 対角ではない
    np.testing.assert_allclose(ACTIVATIONS["softmax"].pullback(Z, dA), jacobian.T @ dA, rtol=1e-12)


def test_softmax_pullback_of_a_constant_is_zero():
    # 出力の和はいつも1だから、すべての出力を同じだけ望んでも、どの入力にも勾配はない
    Z = np.random.default_rng(7).normal(size=(4, 3))
    np.testing.assert_allclose(ACTIVATIONS["softmax"].pullback(Z, np.full((4, 3), 2.5)), 0.0, atol=1e-15)


def test_softmax_has_no_elementwise_derivative():
    with pytest.raises(TypeError, match=r"pullback\(Z, dA\)"):
        ACTIVATIONS["softmax"].derivative(np.zeros((2, 1)))


def test_activations_cannot_be_changed():
    with pytest.raises(AttributeError):
        ACTIVATIONS["relu"].value = np.exp
    assert isinstance(ACTIVATIONS["softmax"], Activation)


def test_complex_step_is_right_where_the_real_part_is_zero():
    # 実部の符号で場合を分ける式は、境目の z = 0 で虚部を落としやすい。
    h = 1e-30
    for f in (ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"], ACTIVATIONS["softplus"]):
        slope = f.value(np.array([1j * h])).imag / h
        assert np.allclose(slope, f.derivative(np.array([0.0])), rtol=1e-14), f.name

"""勾配の検査の検査: 誤差の次数、精度、折れ目、誤りの場所、断ること、書き換えないこと。"""

from __future__ import annotations

import math

import numpy as np
import pytest

from backprop import judges
from backprop.judges import (
    METHODS,
    GradientReport,
    Kink,
    NotAnalytic,
    best_step,
    central_difference,
    check_gradient,
    check_network,
    complex_step,
    forward_difference,
    norm_relative_error,
    relative_error,
    richardson,
    symbol,
)
from backprop.network import Network

pytestmark = pytest.mark.filterwarnings("error")

DIFFERENCES = ["forward_difference", "central_difference", "richardson"]
POINT = np.array([[0.3, -0.7, 1.1], [0.9, 0.2, -1.4]])


def wavy(x):
    """どの階の微分も消えない、大きさが1の程度の関数。"""
    return np.exp(np.sin(x + 0.5)).sum() + np.prod(x[0])


def wavy_gradient(x):
    gradient = np.exp(np.sin(x + 0.5)) * np.cos(x + 0.5)
    a, b, c = x[0]
    gradient[0] += [b * c, a * c, a * b]
    return gradient


# ---- 数値微分 ----


@pytest.mark.parametrize(
    ("method", "order"), [("forward_difference", 1), ("central_difference", 2), ("richardson", 4)]
)
def test_error_falls_with_the_known_order(method, order):
    steps = 2.0 ** -np.arange(2, 7)
    differentiate = METHODS[method].gradient
    errors = [np.abs(differentiate(wavy, POINT, h) - wavy_gradient(POINT)) for h in steps]
    slopes = np.polyfit(np.log(steps), np.log([e.max() for e in errors]), 1)[0]
    assert slopes == pytest.approx(order, abs=0.1)


def test_complex_step_has_order_2_until_it_is_exact():
    steps = 2.0 ** -np.arange(2, 7)
    errors = [np.abs(complex_step(wavy, POINT, h) - wavy_gradient(POINT)).max() for h in steps]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(2, abs=0.1)
    for h in (1e-10, 1e-100, 1e-300):
        np.testing.assert_allclose(complex_step(wavy, POINT, h), wavy_gradient(POINT), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # f = x³、x = 2、h = 1/2。前進: (15.625 − 8)/0.5、中心: (15.625 − 3.375)/1
        ("forward_difference", 15.25),
        ("central_difference", 12.25),
        # D(1/4) = (11.390625 − 5.359375)/0.5 = 12.0625、(4×12.0625 − 12.25)/3 = 12
        ("richardson", 12.0),
        # Im (2 + i/2)³ / (1/2) = (3·4·0.5 − 0.125)/0.5
        ("complex_step", 11.75),
    ],
)
def test_each_formula_by_hand(method, expected):
    assert METHODS[method].gradient(lambda x: x**3, np.array(2.0), 0.5) == expected


def resolution(method, dtype):
    """理論による誤差の目安: ε^p の10倍に、関数の値の大きさを掛けたもの。"""
    power = {
        "forward_difference": 1 / 2,
        "central_difference": 2 / 3,
        "richardson": 4 / 5,
        "complex_step": 1,
    }[method]
    return 10 * float(np.finfo(dtype).eps) ** power * wavy(POINT)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_default_steps_reach_the_accuracy_of_theory(method, dtype):
    computed = METHODS[method].gradient(wavy, POINT.astype(dtype))
    assert (computed.dtype, computed.shape) == (dtype, POINT.shape)
    error = np.abs(computed - wavy_gradient(POINT)).max()
    assert resolution(method, dtype) / 1000 < error < resolution(method, dtype)


@pytest.mark.parametrize("method", DIFFERENCES)
def test_the_default_step_is_near_the_best(method):
    # 既定の h の誤差は、2⁻⁴⁰ から 2⁻¹ までを全部試した中の最良の20倍に収まる。もっと小さい h はむしろ悪い。
    differentiate = METHODS[method].gradient
    exact = wavy_gradient(POINT)

    def error(h):
        return np.abs(differentiate(wavy, POINT, h) - exact).max()

    best = min(error(2.0**-k) for k in range(1, 41))
    assert np.abs(differentiate(wavy, POINT) - exact).max() < 20 * best
    assert error(best_step(method) * 2.0**-12) > 100 * best


def test_best_steps_are_powers_of_two_near_the_theory():
    for dtype, eps in ((np.float64, 2.0**-52), (np.float32, 2.0**-23)):
        for method, power in zip(DIFFERENCES, (1 / 2, 1 / 3, 1 / 5)):
            h = best_step(method, dtype)
            assert math.log2(h).is_integer()
            assert 0.7 < h / eps**power < 1.42
    assert (best_step("complex_step"), best_step("complex_step", np.float32)) == (1e-200, 1e-20)


def test_complex_step_of_more_than_double_precision():
    assert best_step("complex_step", np.longdouble) == best_step("complex_step", np.float64) == 1e-200


def test_the_default_step_grows_with_the_size_of_x():
    # f = (x/10⁶)² の勾配は 2x/10¹²。h が x の尺度に合っていなければ、桁が落ちる。
    x = np.array([3e6, -5.0e6])
    for method in DIFFERENCES:
        computed = METHODS[method].gradient(lambda x: ((x / 1e6) ** 2).sum(), x)
        assert relative_error(computed, 2 * x / 1e12).max() < 1e-6
    asked = []
    forward_difference(lambda x: asked.append(x.copy()) or 0.0, np.array([1.0, 5.0, -0.01]))
    base = best_step("forward_difference")
    assert [(a - asked[0])[i] for i, a in enumerate(asked[1:])] == [base, 8 * base, base]


@pytest.mark.parametrize("method", METHODS)
def test_the_point_is_never_modified(method):
    def vandal(x):
        value = (x**2).sum()
        x[...] = 7.0  # 渡されたものを書き換える関数
        return value

    x = POINT.copy()
    x.flags.writeable = False
    np.testing.assert_allclose(METHODS[method].gradient(vandal, x), 2 * POINT, rtol=1e-6)
    assert np.array_equal(x, POINT)
    report = check_gradient(vandal, x, 2 * POINT, method=method)
    assert report.ok


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (2, 3, 2)])
def test_the_gradient_has_the_shape_of_the_point(method, shape):
    x = np.asarray(np.random.default_rng(0).standard_normal(shape))
    computed = METHODS[method].gradient(lambda x: (x**2).sum(), x)
    assert computed.shape == shape
    np.testing.assert_allclose(computed, 2 * x, rtol=1e-6, atol=1e-7)


def test_complex_step_keeps_the_precision_of_the_point():
    seen = set()
    for dtype in (np.float32, np.float64):
        complex_step(lambda x: seen.add(x.dtype.name) or x.sum(), np.ones(2, dtype))
    assert seen == {"float32", "float64", "complex64", "complex128"}


def test_noncontiguous_points():
    x = np.arange(12.0).reshape(3, 4).T[::2]
    np.testing.assert_allclose(complex_step(lambda x: (x**2).sum(), x), 2 * x, rtol=1e-15)


def test_differences_at_a_kink_are_wrong_and_complex_step_takes_a_side():
    # ReLU の折れ目 x = 0: 中心差分は二つの傾きの平均 1/2、前進差分は右の傾き 1
    def relu_sum(x):
        return np.where(np.real(x) > 0, x, 0).sum()

    x = np.array([0.0, 1.0, -1.0])
    assert central_difference(relu_sum, x).tolist() == [0.5, 1.0, 0.0]
    assert forward_difference(relu_sum, x).tolist() == [1.0, 1.0, 0.0]
    assert richardson(relu_sum, x).tolist() == pytest.approx([0.5, 1.0, 0.0], rel=1e-12)
    assert complex_step(relu_sum, x).tolist() == [0.0, 1.0, 0.0]


# ---- 断ること ----


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("function", "x", "h", "error", "message"),
    [
        (wavy, [1.0], None, TypeError, "x は NumPy の配列"),
        (wavy, np.array([1, 2]), None, TypeError, "x の要素は浮動小数点数"),
        (wavy, np.array([1j]), None, TypeError, "x は float32 か float64"),
        (wavy, np.array([1.0], dtype=np.longdouble), None, TypeError, "x は float32 か float64"),
        (wavy, np.array([np.nan]), None, ValueError, "x に NaN"),
        (wavy, np.ones((0, 2)), None, ValueError, "x が空"),
        (wavy, POINT, 0.0, ValueError, "h は正"),
        (wavy, POINT, -1e-5, ValueError, "h は正"),
        (wavy, POINT, "1e-5", TypeError, "h は実数"),
        (lambda x: x, np.ones(2), None, TypeError, r"一つの数を返さなければ.*形 \(2,\)"),
        (lambda x: x.sum(keepdims=True), np.ones((1, 1)), None, TypeError, r"形 \(1, 1\)"),
        (lambda x: "1", np.ones(2), None, TypeError, "一つの数を返さなければ"),
        (lambda x: None, np.ones(2), None, TypeError, "一つの数を返さなければ"),
        (lambda x: x.sum() * np.nan, np.ones(2), None, ValueError, "function の値.*有限ではありません"),
        (lambda x: x.sum() + np.inf, np.ones(2), None, ValueError, "function の値.*有限ではありません"),
    ],
)
def test_bad_input_is_refused(method, function, x, h, error, message):
    with pytest.raises(error, match=message):
        METHODS[method].gradient(function, x, h)


def test_the_place_where_a_function_becomes_nan_is_named():
    def partly(x):
        return np.nan if x[1, 0].real > 1 else x.sum()

    with pytest.raises(ValueError, match=r"x\[1, 0\] を 0.5 ずらした点"):
        forward_difference(partly, np.ones((2, 2)), h=0.5)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.abs(x).sum(),
        lambda x: x.real.sum(),
        lambda x: 3.0,
        lambda x: float((x**2).sum().real),
    ],
)
def test_complex_step_refuses_a_real_result(function):
    with pytest.raises(NotAnalytic, match='途中で虚部が捨てられる.*method="richardson"'):
        complex_step(function, POINT)


@pytest.mark.parametrize("method", DIFFERENCES)
def test_differences_refuse_a_complex_result(method):
    with pytest.raises(TypeError, match="実数の入力に複素数を返しました"):
        METHODS[method].gradient(lambda x: x.sum() * 1j, POINT)


@pytest.mark.parametrize("method", DIFFERENCES)
def test_steps_that_do_not_move_the_point_are_refused(method):
    with pytest.raises(ValueError, match=r"h が小さすぎて、x\[1\] を"):
        METHODS[method].gradient(lambda x: x.sum(), np.array([0.0, 1.0]), 1e-17)


def test_whole_numbers_are_accepted_as_values():
    assert forward_difference(lambda x: 3, np.ones(2)).tolist() == [0.0, 0.0]
    with pytest.raises(TypeError, match="一つの数"):
        forward_difference(lambda x: True, np.ones(2))


def test_unknown_methods_are_refused():
    for call in (
        lambda: best_step("central"),
        lambda: check_gradient(wavy, POINT, POINT, method="central"),
        lambda: check_network(network(), *data(), method="central"),
    ):
        with pytest.raises(ValueError, match=r"method に 'central' はありません.*complex_step"):
            call()


# ---- 相対誤差 ----


def test_relative_error_by_hand():
    a = np.array([1.0, 2.0, 0.0, 0.0, -1.0, 1e-300, 1e300])
    b = np.array([1.0, 1.5, 0.0, 1e-9, 1.0, 0.0, -1e300])
    # 0、0.5/2、0/0 は 0、1、2、1、2
    assert relative_error(a, b).tolist() == [0.0, 0.25, 0.0, 1.0, 2.0, 1.0, 2.0]
    # 尺度 4: 0、0.5/4、0、1e−9/4、2/4、1e−300/4、変わらず 2
    assert relative_error(a, b, scale=4.0).tolist() == [0.0, 0.125, 0.0, 2.5e-10, 0.5, 2.5e-301, 2.0]
    assert relative_error(b, a).tolist() == relative_error(a, b).tolist()
    assert relative_error(np.array(2.0), np.array(1.0)) == 0.5
    assert relative_error(np.array([1j]), np.array([1.0])) == pytest.approx(math.sqrt(2))


def test_norm_relative_error_by_hand():
    a, b = np.array([[3.0, 4.0]]), np.array([[3.0, 3.0]])
    assert norm_relative_error(a, b) == norm_relative_error(b, a) == pytest.approx(1 / 5, rel=1e-15)
    assert norm_relative_error(a * 1e200, b * 1e200) == pytest.approx(1 / 5, rel=1e-15)
    assert norm_relative_error(a * 1e-200, b * 1e-200) == pytest.approx(1 / 5, rel=1e-15)
    assert norm_relative_error(np.zeros(3), np.zeros(3)) == 0.0
    assert norm_relative_error(np.zeros(3), np.ones(3)) == 1.0
    assert norm_relative_error(a, -a) == 2.0


@pytest.mark.parametrize("measure", [relative_error, norm_relative_error])
def test_relative_errors_refuse_bad_input(measure):
    with pytest.raises(ValueError, match=r"a は \(2,\)、b は \(2, 1\)"):
        measure(np.ones(2), np.ones((2, 1)))
    with pytest.raises(ValueError, match="b に NaN"):
        measure(np.ones(1), np.full(1, np.nan))
    with pytest.raises(TypeError, match="a の要素は浮動小数点数"):
        measure(np.ones(1, dtype=int), np.ones(1))
    with pytest.raises(ValueError, match="scale は0以上"):
        relative_error(np.ones(1), np.ones(1), scale=-1.0)


# ---- check_gradient ----


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_right_gradients_pass_and_wrong_ones_are_located(method, dtype):
    x = POINT.astype(dtype)
    right = wavy_gradient(POINT)
    report = check_gradient(wavy, x, right, method=method)
    assert report.ok
    assert report.wrong == []
    for index in np.ndindex(x.shape):
        wrong = right.copy()
        wrong[index] *= 1.2
        report = check_gradient(wavy, x, wrong, method=method)
        assert not report.ok
        assert (report.worst_index, report.wrong) == (index, [index])
        assert report.worst_analytic == wrong[index]
        assert report.worst_numeric == pytest.approx(right[index], abs=resolution(method, dtype))
        difference = abs(report.worst_analytic - report.worst_numeric)
        assert report.scale == pytest.approx(resolution(method, dtype) / report.tolerance, rel=1e-6)
        size = max(abs(wrong[index]), report.scale)
        assert report.max_relative_error == pytest.approx(difference / size, rel=1e-6)


@pytest.mark.parametrize(
    ("method", "smallest"),
    [
        ("complex_step", 1e-9),
        ("richardson", 1e-5),
        ("central_difference", 1e-5),
        ("forward_difference", 1e-3),
    ],
)
def test_small_errors_are_noticed(method, smallest):
    right = wavy_gradient(POINT)
    for factor, ok in ((1 + smallest / 100, True), (1 + smallest, False)):
        wrong = right.copy()
        wrong[1, 2] *= factor
        assert check_gradient(wavy, POINT, wrong, method=method).ok is ok


def test_noise_where_the_gradient_is_zero_is_no_error_but_a_small_wrong_value_is():
    # cos の勾配は 0 で −sin 0 = 0。値は1の程度なので、丸め誤差 1e−16 は誤りではない。
    def flat(x):
        return np.cos(x).sum()

    x = np.zeros(2)
    assert check_gradient(flat, x, np.array([1e-16, -1e-16])).ok
    report = check_gradient(flat, x, np.array([1e-16, 1e-12]))
    assert (report.ok, report.worst_index) == (False, (1,))
    assert check_gradient(flat, x, np.array([1e-12, 0.0]), method="central_difference").ok
    assert not check_gradient(flat, x, np.array([1e-8, 0.0]), method="central_difference").ok


def test_a_huge_wrong_value_does_not_hide_a_small_one():
    wrong = wavy_gradient(POINT)
    wrong[0, 0], wrong[1, 1] = 1e12, wrong[1, 1] + 1e-6
    assert check_gradient(wavy, POINT, wrong).wrong == [(0, 0), (1, 1)]


def test_tolerance_can_be_chosen():
    wrong = wavy_gradient(POINT) * 1.05
    assert check_gradient(wavy, POINT, wrong, tolerance=0.1).ok
    assert not check_gradient(wavy, POINT, wrong, tolerance=0.01).ok
    assert check_gradient(wavy, POINT, wrong, tolerance=0.1).tolerance == 0.1
    with pytest.raises(ValueError, match="tolerance は正"):
        check_gradient(wavy, POINT, wrong, tolerance=0.0)


def test_the_method_is_the_first_thing_that_is_checked():
    """方法の名前が誤りなら、ほかにも誤りがあっても、まず方法を言う。"""
    x, wrong = np.ones(2), np.ones(3)
    for call in (
        lambda: check_gradient(lambda x: x.sum(), x, wrong, method="simpson"),
        lambda: check_network(network(), *data(), {"W1": wrong}, method="simpson"),
        lambda: judges.check_gradients(lambda p: p["x"].sum(), {"x": x}, {"x": wrong}, method="simpson"),
    ):
        with pytest.raises(ValueError, match="method に 'simpson' はありません"):
            call()


def test_the_point_is_checked_before_the_gradients():
    """点が複素数なら、勾配にも誤りがあっても、まず点のことを言う。"""
    for point in (np.array([1j]), np.array([1.0], np.longdouble)):
        with pytest.raises(TypeError, match="x は float32 か float64 の配列"):
            judges.check_gradients(lambda p: p["w"].sum(), {"w": point}, {"v": np.ones(1)})


def test_a_number_is_the_gradient_at_a_number():
    """形 () の点でだけ、勾配は一つの数でよい。"""
    for given in (6.0, np.float64(6.0), np.array(6.0)):
        assert check_gradient(lambda x: x**2, np.array(3.0), given).ok
    for given in (6, None, "6"):
        with pytest.raises(TypeError, match="x の勾配 は NumPy の配列"):
            check_gradient(lambda x: x**2, np.array(3.0), given)
    with pytest.raises(ValueError, match=r"x の勾配の形は \(1,\) でなければなりませんが、\(\)"):
        check_gradient(lambda x: (x**2).sum(), np.array([3.0]), 6.0)
    with pytest.raises(TypeError, match="x の勾配は実数の配列でなければなりませんが、dtype=complex128"):
        check_gradient(lambda x: (x**2).sum(), np.array([3.0]), np.array([6.0 + 0j]))
    with pytest.raises(TypeError, match="name は str"):
        check_gradient(lambda x: (x**2).sum(), np.array([3.0]), np.array([6.0]), name=3)


def test_the_limit_itself_passes():
    # |1 − 0.5| / 1 = 0.5 は、ちょうど許容限界
    at_limit = GradientReport("x", "complex_step", 0.5, 0.0, np.array([1.0, 1.0]), np.array([0.5, 1.0]))
    assert at_limit.ok
    assert at_limit.wrong == []


def test_check_gradient_refuses_bad_gradients():
    for bad, error, message in [
        (np.ones((3, 2)), ValueError, r"w の勾配の形は \(2, 3\).*\(3, 2\)"),
        (np.ones((2, 3), dtype=int), TypeError, "w の勾配 の要素は浮動小数点数"),
        (np.ones((2, 3), dtype=complex), TypeError, "w の勾配は実数"),
        (np.full((2, 3), np.nan), ValueError, "w の勾配 に NaN"),
    ]:
        with pytest.raises(error, match=message):
            check_gradient(wavy, POINT, bad, name="w")


def test_reports_in_japanese():
    right = check_gradient(lambda x: (x**2).sum(), np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    assert str(right) == repr(right)
    assert str(right) == "勾配の検査（複素ステップ法）: 合格。x の 2個の要素すべてで、相対誤差 ≤ 1e-10。"
    assert right._repr_markdown_() == (
        "勾配の検査（複素ステップ法）: **合格** — x の 2個の要素すべてで、相対誤差 ≤ 1e-10。"
    )
    wrong = check_gradient(
        lambda x: x**2, np.array(3.0), np.array(3.0), method="central_difference", name="y"
    )
    assert str(wrong) == (
        "勾配の検査（中心差分）: 不合格。y の 1個の要素のうち1個で、相対誤差が 1e-06 を超えました。"
        "最大は y: 与えられた値 3、測った値 6、相対誤差 0.5。"
    )
    wrong = check_gradient(
        lambda x: (x**2).sum(), np.array([[1.0, 2.0]]), np.array([[2.0, 8.0]]), name="W3", tolerance=1e-8
    )
    assert str(wrong).endswith("最大は W3[0, 1]（w^{3}_{12}）: 与えられた値 8、測った値 4、相対誤差 0.5。")
    assert "**不合格** — " in wrong._repr_markdown_()
    assert "（$w^{3}_{12}$）" in wrong._repr_markdown_()


def test_reports_keep_their_own_arrays():
    given = wavy_gradient(POINT)
    report = check_gradient(wavy, POINT, given)
    given[...] = 0.0
    assert report.ok


def test_reports_cannot_be_changed_and_are_equal_only_to_themselves():
    one, other = (check_gradient(wavy, POINT, wavy_gradient(POINT)) for _ in "ab")
    reports = check_network(network(), *data()).reports
    first, second = judges.NetworkReport(reports), judges.NetworkReport(reports)
    kink = Kink(1, 2, 3, 0.0)
    assert one != other
    assert first != second
    assert kink == Kink(1, 2, 3, 0.0)
    records = ((one, "analytic"), (first, "reports"), (kink, "z"), (METHODS["richardson"], "label"))
    for record, name in records:
        with pytest.raises(AttributeError):
            setattr(record, name, None)


# ---- 報告だけを、手で作って ----


def report_of(analytic, numeric, **given):
    """許容限界 0.25、尺度 1 の報告。相対誤差は、差を、1か、大きいほうの絶対値で割ったもの。"""
    analytic, numeric = np.array(analytic), np.array(numeric)
    return GradientReport("w", "central_difference", 0.25, 1.0, analytic, numeric, **given)


def test_the_worst_element_of_a_right_report_is_the_farthest():
    report = report_of([1.0, 2.0, 3.0], [1.0, 2.25, 3.25])
    assert (report.ok, report.worst_index) == (True, (1,))
    assert (report.worst_analytic, report.worst_numeric) == (2.0, 2.25)


def test_the_worst_element_of_a_wrong_report_is_a_wrong_one():
    """約束の値は、どれほど測った値から遠くても、誤りの代わりに名指ししない。"""
    report = report_of([0.0, 2.0, 3.0], [1.0, 4.0, 3.0], kinks={(0,): (0.0, 2.0)})
    assert report.errors.tolist() == [1.0, 0.5, 0.0]
    assert (report.wrong, report.worst_index) == ([(1,)], (1,))


@pytest.mark.parametrize("slopes", [(-300.0, 100.0), (100.0, -300.0)])
def test_a_convention_may_exceed_the_slopes_by_what_differences_cannot_tell(slopes):
    """差分で測った傾きは、大きいほうの百万分の1ほど不確か。そのちょうど境目までを、あいだとみなす。"""
    slack = 1e-6 * 300.0

    def accepted(given):
        return report_of([given], [0.0], kinks={(0,): slopes}).ok

    for end, outward in ((-300.0, -1.0), (100.0, 1.0)):
        assert accepted(end)
        assert accepted(end + outward * slack)
        assert not accepted(end + outward * 1.001 * slack)
        assert not accepted(end + outward * 1.0)


def test_only_conventions_that_differ_from_the_measured_value_are_counted():
    """折れ目の上でも、測った値と合う要素は「ほか」に数える。相対誤差がちょうど許容限界なら、合っている。"""
    slopes = {(n,): (0.0, 2.0) for n in range(3)}
    mixed = report_of([0.0, 1.0, 0.75, 5.0], [1.0, 1.0, 1.0, 5.0], kinks=slopes)
    assert mixed.errors.tolist() == [1.0, 0.0, 0.25, 0.0]
    assert "w の 4個の要素のうち、折れ目の上の1個のほかはすべて、相対誤差 ≤ 0.25。" in str(mixed)
    agreed = report_of([1.0, 0.75], [1.0, 1.0], kinks={(0,): (0.0, 2.0), (1,): (0.0, 2.0)})
    assert "w の 2個の要素すべてで、相対誤差 ≤ 0.25。" in str(agreed)


@pytest.mark.parametrize(("number", "rest"), [(1, None), (5, None), (6, 1), (7, 2), (11, 6)])
def test_only_the_first_kinks_of_an_array_are_listed(number, rest):
    kinks = {(n,): (0.0, 2.0) for n in range(number)}
    lines = str(report_of([1.0] * number, [1.0] * number, kinks=kinks)).splitlines()[1:]
    expected = [f"- 折れ目: w[{n}]: 左の傾き 0" for n in range(min(number, 5))]
    assert [line.partition("、")[0] for line in lines[:5]] == expected
    assert lines[5:] == ([] if rest is None else [f"- 折れ目: ほかに {rest} か所"])


def test_symbols():
    assert symbol("W12", (0, 10)) == "w^{12}_{1,11}"
    assert (symbol("W1", (0, 8)), symbol("W1", (0, 9)), symbol("W1", (9, 0))) == (
        "w^{1}_{19}",
        "w^{1}_{1,10}",
        "w^{1}_{10,1}",
    )
    assert symbol("b2", (3, 0)) == "b^{2}_{4}"
    for bad in ("x", "W", "W0", "W1a", "c1"):
        with pytest.raises(ValueError, match="name は W1 や b2"):
            symbol(bad, (0, 0))
    for index in ((), (0,), (0, 0, 0), (0, -1)):
        with pytest.raises(ValueError, match="index は0以上の整数二つの組"):
            symbol("W1", index)


# ---- check_network ----


def network(
    activations=("tanh", "softplus", "sigmoid"), loss="binary_cross_entropy", seed=0, dtype=np.float64
):
    rng = np.random.default_rng(seed)
    net = Network.random([3, 4, 3, 2], activations, loss, rng=rng, bias_scale=0.3)
    return net.replace(**{name: value.astype(dtype) for name, value in net.parameters().items()})


def data(seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((3, 5)), np.eye(2)[:, rng.integers(2, size=5)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("activations", "loss"),
    [
        (("tanh", "softplus", "sigmoid"), "binary_cross_entropy"),
        (("sigmoid", "softmax", "softmax"), "cross_entropy"),
        (("relu", "leaky_relu", "identity"), "mse"),
        (("identity", "tanh", "sigmoid"), "half_squared_error"),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_networks_pass(method, activations, loss, dtype):
    report = check_network(network(activations, loss, dtype=dtype), *data(), method=method)
    assert report.ok, str(report)
    assert report.size == 4 * 3 + 4 + 3 * 4 + 3 + 2 * 3 + 2
    assert list(report.reports) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert report.wrong == {}
    assert report.kinks == ()


def test_nothing_is_modified():
    net, (X, Y) = network(), data()
    given = net.gradients(X, Y)
    before = [v.copy() for v in (*net.parameters().values(), X, Y, *given.values())]
    check_network(net, X, Y, given)
    assert all(
        np.array_equal(v, w) for v, w in zip((*net.parameters().values(), X, Y, *given.values()), before)
    )


@pytest.mark.parametrize("method", METHODS)
def test_every_single_wrong_element_is_found_exactly(method):
    net, (X, Y) = network(), data()
    right = net.gradients(X, Y)
    for name, value in right.items():
        index = tuple(n - 1 for n in value.shape)
        wrong = {key: v.copy() for key, v in right.items()}
        wrong[name][index] *= 1.5
        report = check_network(net, X, Y, wrong, method=method)
        assert report.wrong == {name: [index]}
        assert report.worst.name == name
        assert report.worst.worst_index == index
        assert not report.ok


def test_a_wrong_backward_pass_is_found_in_the_layers_it_touches(monkeypatch):
    # 隠れ層の f′ を忘れた逆伝播。出力層の勾配は正しいまま。
    from backprop import network as module

    monkeypatch.setattr(module, "hidden_delta", lambda W, delta, Z, f: W.T @ delta)
    report = check_network(network(), *data())
    assert set(report.wrong) == {"W1", "b1", "W2", "b2"}


def test_small_gradients_of_early_layers_are_still_checked():
    # 勾配消失: W1 の勾配は W3 の 1e−7 倍ほど。それでも2倍の誤りは見つかる。
    rng = np.random.default_rng(0)
    net = Network.random([2, 3, 3, 3, 1], ["sigmoid"] * 4, "mse", rng=rng, weight_scale=0.01)
    X, Y = rng.standard_normal((2, 4)), rng.random((1, 4))
    gradients = net.gradients(X, Y)
    assert np.abs(gradients["W1"]).max() < 1e-6 * np.abs(gradients["b4"]).max()
    assert check_network(net, X, Y, gradients).ok
    gradients["W1"][0, 0] *= 2
    assert check_network(net, X, Y, gradients).wrong == {"W1": [(0, 0)]}


def test_rounding_noise_on_a_plateau_is_no_error():
    # 重みがすべて0の XOR では、どの勾配も 0。丸め誤差の 1e−17 を誤りと呼んではならない。
    net = Network(
        [np.zeros((3, 2)), np.zeros((1, 3))], [np.zeros((3, 1)), np.zeros((1, 1))], ["tanh", "sigmoid"], "mse"
    )
    X, Y = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0, 0.0]])
    gradients = {name: g + 1e-17 for name, g in net.gradients(X, Y).items()}
    for method in METHODS:
        assert check_network(net, X, Y, gradients, method=method).ok


def test_saturated_outputs_lose_digits_without_being_wrong():
    net = Network([np.array([[30.0], [-2.0]])], [np.zeros((2, 1))], ["softmax"], "cross_entropy")
    assert check_network(net, np.array([[0.7]]), np.array([[1.0], [0.0]])).ok


@pytest.mark.parametrize(("weight", "target", "size"), [(-100.0, 1.0, 100.0), (0.0, 1.0, 1.0)])
def test_the_scale_of_a_network_counts_the_cost_and_the_targets(weight, target, size):
    # z = −100 で目標が 1 なら J = log(1 + e¹⁰⁰) = 100。z = 0 なら J = log 2 で、目標の 1 が最大
    net = Network([np.array([[weight]])], [np.zeros((1, 1))], ["sigmoid"], "binary_cross_entropy")
    report = check_network(net, np.array([[1.0]]), np.array([[target]]), method="central_difference")
    eps = 2.0**-52
    assert report.reports["b1"].scale == pytest.approx(10 * eps ** (2 / 3) * size / 1e-6, rel=1e-9)


def test_gradients_with_other_names_or_shapes_are_refused():
    net, (X, Y) = network(), data()
    right = net.gradients(X, Y)
    for bad, error, message in [
        ({"W1": right["W1"]}, ValueError, "gradients の名前は W1, b1, W2, b2, W3, b3 .*W1 が与え"),
        ({**right, "W4": right["W3"]}, ValueError, "W4 が与え"),
        ({**right, "b1": right["b1"][:, 0]}, ValueError, r"b1 の勾配の形は \(4, 1\).*\(4,\)"),
        ({**right, "W1": right["W1"].T}, ValueError, r"W1 の勾配の形は \(4, 3\).*\(3, 4\)"),
        ({**right, "b3": right["b3"] * np.nan}, ValueError, "b3 の勾配 に NaN"),
    ]:
        with pytest.raises(error, match=message):
            check_network(net, X, Y, bad)
    with pytest.raises(ValueError, match="X の形"):
        check_network(net, X[:2], Y)


def test_network_reports_in_japanese():
    net, (X, Y) = network(), data()
    right = check_network(net, X, Y)
    assert str(right) == repr(right)
    assert str(right) == "勾配の検査（複素ステップ法）: 合格。39個のパラメータすべてで、相対誤差 ≤ 1e-10。"
    assert right._repr_markdown_() == (
        "勾配の検査（複素ステップ法）: **合格** — 39個のパラメータすべてで、相対誤差 ≤ 1e-10。"
    )
    gradients = net.gradients(X, Y)
    gradients["W2"][1, 3] *= 2
    gradients["b1"][2, 0] *= -1
    wrong = check_network(net, X, Y, gradients)
    first, *lines = str(wrong).splitlines()
    assert first == (
        "勾配の検査（複素ステップ法）: 不合格。39個のパラメータのうち2個が違います。"
        "それぞれの配列で最も違うのは次の要素です。"
    )
    given = gradients["W2"][1, 3]
    assert lines[0].startswith("- b1[2, 0]（b^{1}_{3}）: 与えられた値")
    assert lines[1] == (
        f"- W2[1, 3]（w^{{2}}_{{24}}）: 与えられた値 {given:.4g}、測った値 {given / 2:.4g}、相対誤差 0.5。"
    )
    assert wrong.max_relative_error == pytest.approx(2.0)
    first, blank, *items = wrong._repr_markdown_().splitlines()
    assert "**不合格** — " in first
    assert blank == ""
    assert items[1].startswith("- W2[1, 3]（$w^{2}_{24}$）")


def test_a_network_of_two_precisions_promises_the_weaker_limit():
    net, (X, Y) = network(), data()
    mixed = net.replace(W1=net.weights[0].astype(np.float32))
    report = check_network(mixed, X, Y)
    assert (report.reports["W1"].tolerance, report.reports["W2"].tolerance) == (1e-3, 1e-10)
    assert str(report).endswith("相対誤差 ≤ 0.001。")


# ---- 折れ目 ----


def one_neuron(activation, bias):
    return Network(
        [np.array([[2.0]]), np.array([[1.0]])],
        [np.array([[bias]]), np.array([[0.0]])],
        [activation, "identity"],
        "mse",
    )


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("method", DIFFERENCES)
def test_a_kink_within_the_step_is_reported(activation, method):
    # z = 2x + b を折れ目のすぐ下に置く（前進差分は上へしかずらさない）。例2だけが近い: z = 6, −h/8
    z = -best_step(method) / 8
    net = one_neuron(activation, z - 2.0)
    report = check_network(net, np.array([[4.0, 1.0]]), np.array([[1.0, 1.0]]), method=method)
    (kink,) = report.kinks
    assert (kink.layer, kink.neuron, kink.example) == (1, 1, 2)
    assert kink.z == pytest.approx(z)
    assert f"- 折れ目: 層1のニューロン1、例2: z = {kink.z:.2g}（h だけずらすと折れ目をまたぐ）" in str(report)


def test_a_kink_makes_differences_fail_and_says_why():
    z = best_step("central_difference") / 8
    net = one_neuron("relu", z - 2.0)
    X, Y = np.array([[1.0]]), np.array([[1.0]])
    report = check_network(net, X, Y, method="central_difference")
    assert not report.ok
    assert str(report).endswith(
        "- 折れ目をまたぐ差分は微分の近似にならないので、上の違いは誤りとは限りません。"
    )
    clean = check_network(net, X, Y)  # 複素ステップ法は実部を動かさない
    assert clean.ok
    assert clean.kinks == ()
    far = check_network(one_neuron("relu", -1.0), X, Y, method="central_difference")
    assert far.ok
    assert far.kinks == ()


def test_a_point_on_the_kink_is_reported_by_every_method():
    net, X, Y = one_neuron("relu", -2.0), np.array([[1.0]]), np.array([[1.0]])
    report = check_network(net, X, Y)
    assert report.ok
    assert report.kinks == (Kink(layer=1, neuron=1, example=1, z=0.0),)
    assert str(report).endswith(
        "- 折れ目: 層1のニューロン1、例1: z = 0（折れ目の上。逆伝播が返すのは約束の値）"
    )
    assert report._repr_markdown_().splitlines()[1] == ""
    for method in DIFFERENCES:
        assert check_network(net, X, Y, method=method).kinks == report.kinks


def test_smooth_networks_have_no_kinks_and_long_lists_are_shortened():
    assert check_network(one_neuron("tanh", -2.0), np.array([[1.0]]), np.array([[1.0]])).kinks == ()
    net = one_neuron("relu", -2.0)
    report = check_network(net, np.ones((1, 7)), np.ones((1, 7)))
    assert len(report.kinks) == 7
    assert [kink.example for kink in report.kinks] == [1, 2, 3, 4, 5, 6, 7]
    assert str(report).count("層1のニューロン1") == 5
    assert str(report).endswith("- 折れ目: ほかに 2 か所")


def test_reaching_a_kink_from_below_is_not_crossing_it():
    # 負の側からずらして、ちょうど z = 0 に着く。そこまでは ReLU は 0 のままで、差分は正しい
    h = best_step("forward_difference")
    net = Network(
        [np.zeros((1, 1)), np.ones((1, 1))],
        [np.full((1, 1), -h), np.zeros((1, 1))],
        ["relu", "identity"],
        "half_squared_error",
    )
    report = check_network(net, np.ones((1, 1)), np.ones((1, 1)), method="forward_difference")
    assert report.ok
    assert report.kinks == ()


@pytest.mark.parametrize("z", [-0.25, 0.25])
def test_a_kink_on_either_side_is_described_by_its_distance(z):
    assert str(Kink(2, 1, 3, z)) == f"層2のニューロン1、例3: z = {z}（h だけずらすと折れ目をまたぐ）"
    assert str(Kink(2, 1, 3, 0.0)).endswith("z = 0（折れ目の上。逆伝播が返すのは約束の値）")


def test_five_kinks_are_all_listed():
    reports = check_network(network(), *data()).reports
    for number, rest in ((5, ""), (6, "ほかに 1 か所")):
        report = judges.NetworkReport(reports, (Kink(1, 1, 1, 0.0),) * number)
        assert str(report).count("z = 0") == 5
        assert ("ほかに" in str(report)) == bool(rest)
        assert rest in str(report)


def test_public_names_have_examples():
    for name in (
        "forward_difference",
        "central_difference",
        "richardson",
        "complex_step",
        "best_step",
        "symbol",
        "relative_error",
        "norm_relative_error",
        "check_gradient",
        "check_network",
    ):
        assert ">>>" in getattr(judges, name).__doc__, name

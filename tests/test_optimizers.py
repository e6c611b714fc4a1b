"""最適化器の検査: 手計算、閉じた式、独立に書いた更新式、断られた呼び出し。"""

from __future__ import annotations

import itertools
import math
import pickle
import re

import numpy as np
import pytest

from backprop.checks import DivergenceError
from backprop.optimizers import (
    OPTIMIZERS,
    AdaGrad,
    Adam,
    AdamHat,
    GradientDescent,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
    base,
    constant,
    cosine,
    exponential_decay,
    rules,
    step_decay,
)

pytestmark = pytest.mark.filterwarnings("error")

EVERY_KIND = (Optimizer, *OPTIMIZERS.values(), AdamHat)


def run(optimizer: Optimizer, start: float, gradients: list[float]) -> list[float]:
    theta = np.array([start])
    path = []
    for g in gradients:
        optimizer.step([theta], [np.array([g])])
        path.append(theta.item())
    return path


def test_names_match_classes():
    assert {
        "gradient_descent": GradientDescent,
        "momentum": Momentum,
        "nesterov": Nesterov,
        "adagrad": AdaGrad,
        "rmsprop": RMSProp,
        "adam": Adam,
    } == OPTIMIZERS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gradient_descent", {"learning_rate": 0.01}),
        ("momentum", {"learning_rate": 0.01, "momentum": 0.9}),
        ("nesterov", {"learning_rate": 0.01, "momentum": 0.9}),
        ("adagrad", {"learning_rate": 0.01, "epsilon": 1e-10}),
        ("rmsprop", {"learning_rate": 0.001, "decay": 0.9, "epsilon": 1e-8}),
        ("adam", {"learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}),
    ],
)
def test_defaults_of_the_standard_definitions(name, expected):
    optimizer = OPTIMIZERS[name]()
    assert {key: getattr(optimizer, key) for key in expected} == expected
    listed = ", ".join(f"{key}={value!r}" for key, value in expected.items())
    assert repr(optimizer) == f"{OPTIMIZERS[name].__name__}({listed})"


# ---- 手計算。2歩とも、別々の勾配 2 と −1 を使う ----


def test_gradient_descent_by_hand():
    # 1 − 0.1×2 = 0.8;  0.8 − 0.1×(−1) = 0.9
    assert run(GradientDescent(learning_rate=0.1), 1.0, [2.0, -1.0]) == pytest.approx([0.8, 0.9], rel=1e-15)


def test_momentum_by_hand():
    # v = 0.5×0 − 0.1×2 = −0.2,      θ = 1 − 0.2 = 0.8
    # v = 0.5×(−0.2) − 0.1×(−1) = 0, θ = 0.8
    # v = 0.5×0 − 0.1×3 = −0.3,      θ = 0.5
    assert run(Momentum(learning_rate=0.1, momentum=0.5), 1.0, [2.0, -1.0, 3.0]) == pytest.approx(
        [0.8, 0.8, 0.5], rel=1e-15
    )


def test_nesterov_by_hand():
    # v = −0.1×2 = −0.2,                    θ = 1 + 0.5×(−0.2) − 0.1×2 = 0.7
    # v = 0.5×(−0.2) − 0.1×(−1) = 0,        θ = 0.7 + 0.5×0 − 0.1×(−1) = 0.8
    # v = 0.5×0 − 0.1×3 = −0.3,             θ = 0.8 + 0.5×(−0.3) − 0.1×3 = 0.35
    assert run(Nesterov(learning_rate=0.1, momentum=0.5), 1.0, [2.0, -1.0, 3.0]) == pytest.approx(
        [0.7, 0.8, 0.35], rel=1e-15
    )


def test_adagrad_by_hand():
    # ε = 1:  s = 9,      θ = 1 − 0.4×3/(3 + 1) = 0.7
    #         s = 9 + 16 = 25,  θ = 0.7 − 0.4×4/(5 + 1) = 0.7 − 4/15 = 13/30
    assert run(AdaGrad(learning_rate=0.4, epsilon=1.0), 1.0, [3.0, 4.0]) == pytest.approx(
        [0.7, 13 / 30], rel=1e-15
    )


def test_rmsprop_by_hand():
    # ρ = 3/4, ε = 1:  s = 1/4×4² = 4,              θ = 1 − 0.3×4/(2 + 1) = 0.6
    #                  s = 3/4×4 + 1/4×24 = 9,      θ = 0.6 − 0.3×√24/(3 + 1)
    path = run(RMSProp(learning_rate=0.3, decay=0.75, epsilon=1.0), 1.0, [4.0, math.sqrt(24.0)])
    assert path == pytest.approx([0.6, 0.6 - 0.3 * math.sqrt(24.0) / 4], rel=1e-14)


def test_adam_by_hand():
    # β₁ = 1/2, β₂ = 3/4, ε = 1, η = 0.3
    # k = 1: m = 1/2×2 = 1,            v = 1/4×4 = 1
    #        m̂ = 1/(1 − 1/2) = 2,      v̂ = 1/(1 − 3/4) = 4,       θ = 1 − 0.3×2/(2 + 1) = 0.8
    # k = 2: m = 1/2×1 + 1/2×(−1) = 0, v = 3/4×1 + 1/4×1 = 1,     θ は動かない
    # k = 3: m = 1/2×0 + 1/2×3 = 3/2,  v = 3/4×1 + 1/4×9 = 3
    #        m̂ = (3/2)/(7/8) = 12/7,   v̂ = 3/(37/64) = 192/37
    optimizer = Adam(learning_rate=0.3, beta1=0.5, beta2=0.75, epsilon=1.0)
    third = 0.8 - 0.3 * (12 / 7) / (math.sqrt(192 / 37) + 1)
    assert run(optimizer, 1.0, [2.0, -1.0, 3.0]) == pytest.approx([0.8, 0.8, third], rel=1e-14)


# ---- 閉じた式: f(θ) = λθ²/2 ----


def test_adam_hat_by_hand():
    # β₁ = 1/2、β₂ = 3/4、g = 2。m = 1, 3/2、v = 1, 7/4、1 − β₁^k = 1/2, 3/4、1 − β₂^k = 1/4, 7/16
    optimizer = AdamHat(learning_rate=0.1, beta1=0.5, beta2=0.75, epsilon=1.0)
    first = 0.1 * (math.sqrt(1 / 4) / (1 / 2)) * 1 / (1 + 1)
    second = 0.1 * (math.sqrt(7 / 16) / (3 / 4)) * (3 / 2) / (math.sqrt(7 / 4) + 1)
    assert run(optimizer, 1.0, [2.0, 2.0]) == pytest.approx([1 - first, 1 - first - second], rel=1e-15)
    assert AdamHat().epsilon == 1e-7


def test_gradient_descent_on_a_quadratic_follows_the_closed_form():
    curvature, theta = np.array([1.0, 0.3, 5.0]), np.array([1.0, -2.0, 0.5])
    start, optimizer = theta.copy(), GradientDescent(learning_rate=0.1)
    for _ in range(50):
        optimizer.step([theta], [curvature * theta])
    np.testing.assert_allclose(theta, start * (1 - 0.1 * curvature) ** 50, rtol=1e-13, atol=1e-15)


def test_momentum_on_a_quadratic_follows_the_closed_form():
    # (θ, v) は一次変換 [[1 − ηλ, μ], [−ηλ, μ]] を繰り返し受ける。
    eta, mu, curvature = 0.1, 0.8, 3.0
    transition = np.array([[1 - eta * curvature, mu], [-eta * curvature, mu]])
    theta, optimizer = np.array([2.0]), Momentum(learning_rate=eta, momentum=mu)
    for _ in range(30):
        optimizer.step([theta], [curvature * theta])
    expected = np.linalg.matrix_power(transition, 30) @ [2.0, 0.0]
    np.testing.assert_allclose(theta, expected[:1], rtol=1e-12)


def test_nesterov_is_the_lookahead_form_after_a_change_of_variable():
    # Sutskever et al. (2013): v ← μv − η g(θ + μv)、θ ← θ + v。こちらの θ は θ + μv にあたる。
    def gradient(theta):
        return 3 * theta + np.sin(theta)

    eta, mu = 0.05, 0.9
    plain, v = np.array([1.5]), np.zeros(1)
    ours, optimizer = np.array([1.5]), Nesterov(learning_rate=eta, momentum=mu)
    for _ in range(40):
        v = mu * v - eta * gradient(plain + mu * v)
        plain = plain + v
        optimizer.step([ours], [gradient(ours)])
        np.testing.assert_allclose(ours, plain + mu * v, rtol=1e-10, atol=1e-13)


# ---- 要素を一つずつ、ふつうの数で計算する更新式との比較 ----


def reference(name: str, theta: float, history: list[float], rate: float) -> float:
    """これまでの勾配の全体から θ を求める。状態を持ち回らず、移動平均は和として書き下す。"""
    n = len(history)
    for k in range(1, n + 1):
        g = history[:k]
        if name == "gradient_descent":
            change = g[-1]
        elif name == "momentum":
            change = sum(0.9 ** (k - 1 - i) * g[i] for i in range(k))
        elif name == "nesterov":
            change = g[-1] + 0.9 * sum(0.9 ** (k - 1 - i) * g[i] for i in range(k))
        elif name == "adagrad":
            change = g[-1] / (math.sqrt(sum(x * x for x in g)) + 1e-10)
        elif name == "rmsprop":
            change = g[-1] / (math.sqrt(sum(0.1 * 0.9 ** (k - 1 - i) * g[i] ** 2 for i in range(k))) + 1e-8)
        else:
            m = sum(0.1 * 0.9 ** (k - 1 - i) * g[i] for i in range(k)) / (1 - 0.9**k)
            v = sum(0.001 * 0.999 ** (k - 1 - i) * g[i] ** 2 for i in range(k)) / (1 - 0.999**k)
            change = m / (math.sqrt(v) + 1e-8)
        theta -= rate * change
    return theta


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_twenty_random_steps_equal_the_formula(name):
    rng = np.random.default_rng(7)
    shapes = [(2, 3), (2, 1), ()]
    start = [np.asarray(rng.standard_normal(shape)) for shape in shapes]
    parameters = [p.copy() for p in start]
    steps = [[np.asarray(rng.standard_normal(shape)) for shape in shapes] for _ in range(20)]
    optimizer = OPTIMIZERS[name](learning_rate=0.05)
    for gradients in steps:
        optimizer.step(parameters, gradients)
    assert optimizer.t == 20
    for i, p in enumerate(parameters):
        for index in np.ndindex(p.shape):
            history = [gradients[i][index].item() for gradients in steps]
            assert p[index] == pytest.approx(
                reference(name, start[i][index].item(), history, 0.05), rel=1e-12
            )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_splitting_a_vector_changes_nothing(name):
    rng = np.random.default_rng(3)
    whole, parts = np.ones(5), np.ones(5)
    first, second = OPTIMIZERS[name](), OPTIMIZERS[name]()
    for _ in range(4):
        g = rng.standard_normal(5)
        first.step([whole], [g])
        second.step([parts[:2], parts[2:]], [g[:2], g[2:]])  # ビューは毎回新しいオブジェクト
    assert np.array_equal(whole, parts)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("block", [1, 3, 4, 11, 12])
def test_blocks_change_nothing(name, block, monkeypatch):
    rng = np.random.default_rng(5)
    whole, blocks = np.ones((4, 3)), np.asfortranarray(np.ones((4, 3)))
    first, second = OPTIMIZERS[name](learning_rate=0.1), OPTIMIZERS[name](learning_rate=0.1)
    for _ in range(3):
        g = rng.standard_normal((3, 4)).T
        first.step([whole], [g])
        with monkeypatch.context() as patch:
            patch.setattr(base, "BLOCK", block)
            second.step([blocks], [g])
    assert np.array_equal(whole, blocks)
    assert all(np.array_equal(s, t) for s, t in zip(first._states[0], second._states[0]))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("block", [2, 100])
def test_float64_gradients_do_not_change_the_type_of_float32_state(name, block, monkeypatch):
    monkeypatch.setattr(base, "BLOCK", block)
    theta, optimizer = np.ones(3, dtype=np.float32), OPTIMIZERS[name]()
    for _ in range(2):
        optimizer.step([theta], [np.full(3, 0.5)])
    assert all(array.dtype == np.float32 for state in optimizer._states for array in state)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_parameters_stay_float32(name):
    theta = np.ones(3, dtype=np.float32)
    optimizer = OPTIMIZERS[name]()
    for _ in range(3):
        optimizer.step([theta], [np.full(3, 0.5, dtype=np.float32)])
    assert theta.dtype == np.float32
    assert all(array.dtype == np.float32 for state in optimizer._states for array in state)
    assert (theta < 1).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gradients_are_not_written_into(name):
    g = np.array([1.0, -2.0])
    g.flags.writeable = False
    theta, optimizer = np.ones(2), OPTIMIZERS[name]()
    optimizer.step([theta], [g])
    optimizer.step([theta], [g])
    assert np.array_equal(g, [1.0, -2.0])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gradients_may_be_the_parameters_themselves(name):
    # f(x, y) = xy の勾配は (y, x)。x を先に書き換えると、y の勾配が狂う。
    x, y = np.array([2.0]), np.array([3.0])
    expected_x, expected_y = x.copy(), y.copy()
    OPTIMIZERS[name](learning_rate=0.5).step([x, y], [y, x])
    OPTIMIZERS[name](learning_rate=0.5).step([expected_x, expected_y], [np.array([3.0]), np.array([2.0])])
    assert (x, y) == (expected_x, expected_y)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_parameters_array_itself_is_updated(name):
    theta = np.ones((2, 2))
    view = theta[0]
    OPTIMIZERS[name](learning_rate=0.1).step([theta], [np.ones((2, 2))])
    assert (view < 1).all()
    assert np.shares_memory(view, theta)


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam"])
def test_zero_gradient_is_no_division_by_zero(name):
    theta = np.ones(2)
    OPTIMIZERS[name]().step([theta], [np.zeros(2)])
    assert np.array_equal(theta, [1.0, 1.0])


# ---- 学習率の予定 ----


def test_schedule_is_asked_for_steps_0_1_2():
    asked = []

    def schedule(t):
        asked.append(t)
        return 1.0 / 2**t

    # 1 − 1×1 = 0;  0 − 1/2×1 = −0.5;  −0.5 − 1/4×1 = −0.75
    assert run(GradientDescent(learning_rate=schedule), 1.0, [1.0, 1.0, 1.0]) == [0.0, -0.5, -0.75]
    assert asked == [0, 1, 2]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_constant_schedule_equals_a_number(name):
    gradients = [1.0, -0.5, 2.0]
    number = run(OPTIMIZERS[name](learning_rate=0.3), 1.0, gradients)
    assert run(OPTIMIZERS[name](learning_rate=constant(0.3)), 1.0, gradients) == number


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_rule_uses_the_rate_of_the_step(name):
    gradients = [1.0, -0.5, 2.0]
    number = run(OPTIMIZERS[name](learning_rate=0.3), 1.0, gradients)
    changing = run(OPTIMIZERS[name](learning_rate=lambda t: [0.3, 0.3, 0.1][t]), 1.0, gradients)
    assert changing[:2] == number[:2]
    assert changing[2] != number[2]


def test_schedules_by_hand():
    assert [step_decay(0.8, factor=0.5, every=3)(t) for t in (0, 2, 3, 5, 6)] == [0.8, 0.8, 0.4, 0.4, 0.2]
    assert [exponential_decay(0.5, decay=0.5)(t) for t in (0, 1, 3)] == [0.5, 0.25, 0.0625]
    # (1 + cos(π/3))/2 = 3/4, (1 + cos(2π/3))/2 = 1/4
    schedule = cosine(1.0, final=0.2, steps=3)
    assert [schedule(t) for t in (0, 1, 2, 3, 7)] == pytest.approx([1.0, 0.8, 0.4, 0.2, 0.2], rel=1e-15)


@pytest.mark.parametrize(
    "make",
    [
        lambda: constant(0.0),
        lambda: constant(-1.0),
        lambda: step_decay(0.0, factor=0.5, every=1),
        lambda: step_decay(0.1, factor=1.5, every=1),
        lambda: step_decay(0.1, factor=0.0, every=1),
        lambda: step_decay(0.1, factor=0.5, every=0),
        lambda: exponential_decay(0.1, decay=1.01),
        lambda: exponential_decay(0.0, decay=0.5),
        lambda: exponential_decay(0.1, decay=0.0),
        lambda: cosine(0.1, final=0.2, steps=10),
        lambda: cosine(0.0, final=0.1, steps=10),
        lambda: cosine(0.1, final=0.0, steps=10),
        lambda: cosine(0.1, final=0.1, steps=0),
    ],
)
def test_schedules_refuse_bad_values(make):
    with pytest.raises(ValueError, match="でなければなりません"):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: step_decay(0.8, 0.5, every=3),
        lambda: step_decay(0.8, 3, factor=0.5),
        lambda: exponential_decay(0.5, 0.5),
        lambda: cosine(1.0, 0.2, steps=3),
        lambda: cosine(1.0, 3, final=0.2),
    ],
)
def test_settings_of_schedules_are_keywords(make):
    with pytest.raises(TypeError, match="のように書いてください。$"):
        make()


def test_settings_of_schedules_are_plain_numbers():
    schedule = step_decay(np.array(0.5), factor=np.float32(0.5), every=np.int64(3))
    assert [type(value) for value in (schedule.rate, schedule.factor, schedule.every)] == [float, float, int]
    assert hash(schedule) == hash(step_decay(0.5, factor=0.5, every=3))


@pytest.mark.parametrize(
    "schedule",
    [
        constant(0.5),
        step_decay(0.8, factor=0.5, every=3),
        exponential_decay(0.5, decay=0.5),
        cosine(1.0, final=0.2, steps=3),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_schedules_can_be_stored_and_compared(schedule):
    again = pickle.loads(pickle.dumps(schedule))
    assert again == schedule
    assert [again(t) for t in range(9)] == [schedule(t) for t in range(9)]
    assert again != constant(0.25)
    with pytest.raises(AttributeError):
        again.rate = 0.1
    assert f"rate={schedule.rate}" in repr(Momentum(learning_rate=schedule))
    for bad, error in ((-1, ValueError), (1.5, TypeError), ("1", TypeError), (True, TypeError)):
        with pytest.raises(error, match="t は0以上の整数"):
            schedule(bad)


@pytest.mark.parametrize("bad", [lambda: 0.1, lambda t, u: 0.1, float, GradientDescent])
def test_a_schedule_takes_the_step(bad):
    with pytest.raises(TypeError, match="learning_rate は.*関数でなければ"):
        GradientDescent(learning_rate=bad)


def test_a_rate_may_be_an_array_of_one_number():
    assert GradientDescent(learning_rate=np.array(0.25)).learning_rate == 0.25
    assert run(GradientDescent(learning_rate=lambda t: np.array(0.5)), 1.0, [2.0]) == [0.0]


@pytest.mark.parametrize(
    "made",
    [
        lambda theta: theta,
        lambda theta: None,
        lambda theta: (theta.mean(), ()),
        lambda theta: (theta[:1], ()),
        lambda theta: (theta.tolist(), ()),
        lambda theta: (theta.astype(np.float32), ()),
        lambda theta: (theta, None),
        lambda theta: (theta, (), ()),
        lambda theta: (theta,),
        lambda theta: (np.append(theta, 1.0), ()),
    ],
)
@pytest.mark.parametrize("block", [2, 100])
def test_what_a_rule_of_a_reader_returns_is_checked(made, block, monkeypatch):
    class Mine(GradientDescent):
        def _rule(self, theta, g, state, rate):
            return made(theta)

    monkeypatch.setattr(base, "BLOCK", block)
    theta, optimizer = np.ones(3), Mine()
    with pytest.raises(TypeError, match="Mine の _rule は、"):
        optimizer.step([theta], [np.ones(3)])
    np.testing.assert_array_equal(theta, 1.0)
    assert optimizer.t == 0


@pytest.mark.parametrize("array", [np.ma.array(np.ones(2), mask=[True, False]), np.ones(2).view(np.recarray)])
def test_arrays_of_another_kind_are_refused(array):
    for call in (
        lambda: GradientDescent().step([array], [np.ones(2)]),
        lambda: GradientDescent().step([np.ones(2)], [array]),
    ):
        with pytest.raises(TypeError, match=r"(parameters|gradients)\[0\] は(マスクのない|ふつうの)配列"):
            call()


def test_schedule_limits_are_included():
    assert step_decay(0.1, factor=1.0, every=1)(5) == 0.1
    assert exponential_decay(0.1, decay=1.0)(5) == 0.1
    assert cosine(0.1, final=0.1, steps=1)(0) == pytest.approx(0.1)


# ---- 断ること ----


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: GradientDescent(learning_rate=0.0), "learning_rate"),
        (lambda: Momentum(learning_rate=-0.1), "learning_rate"),
        (lambda: AdaGrad(learning_rate=math.nan), "learning_rate"),
        (lambda: RMSProp(learning_rate=math.inf), "learning_rate"),
        (lambda: Adam(learning_rate=0.0), "learning_rate"),
        (lambda: Momentum(momentum=1.0), "momentum"),
        (lambda: Nesterov(momentum=-0.1), "momentum"),
        (lambda: AdaGrad(epsilon=0.0), "epsilon"),
        (lambda: RMSProp(decay=1.0), "decay"),
        (lambda: RMSProp(decay=-0.5), "decay"),
        (lambda: RMSProp(epsilon=0.0), "epsilon"),
        (lambda: Adam(beta1=1.0), "beta1"),
        (lambda: Adam(beta2=1.0), "beta2"),
        (lambda: Adam(beta2=-0.1), "beta2"),
        (lambda: Adam(epsilon=-1e-8), "epsilon"),
    ],
)
def test_constructors_refuse_bad_hyperparameters(make, named):
    with pytest.raises(ValueError, match=named):
        make()


def test_limits_of_hyperparameters_are_included():
    assert (Momentum(momentum=0).momentum, RMSProp(decay=0).decay, Adam(beta1=0, beta2=0).beta2) == (
        0.0,
        0.0,
        0.0,
    )


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_hyperparameters_are_keywords(kind):
    example = re.escape(f"{kind.__name__}(learning_rate=0.1)")
    for call in (lambda: kind(0.1), lambda: kind(lr=0.1), lambda: kind(eta=0.1)):
        with pytest.raises(TypeError, match=example):
            call()


def test_hyperparameters_are_numbers():
    with pytest.raises(TypeError, match="learning_rate は実数"):
        Adam(learning_rate="0.1")


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_two_optimizers_with_the_same_settings_are_two(kind):
    # 設定が同じでも、覚えている速度やモーメントは別のものである
    one, other = kind(), kind()
    assert one != other
    assert len({one, other}) == 2


ONE = np.array([1.0])
BAD_CALLS = {
    "リストでない parameters": (np.ones(2), [np.ones(2)], TypeError, "配列のリスト"),
    "リストでない gradients": ([np.ones(2)], np.ones((1, 2)), TypeError, "配列のリスト"),
    "空": ([], [], ValueError, "空"),
    "数が違う": ([np.ones(2), np.ones(1)], [np.ones(2)], ValueError, "2 個と 1 個"),
    "形が違う": ([np.ones((2, 1))], [np.ones(2)], ValueError, r"\(2, 1\).*\(2,\)"),
    "ブロードキャストできる形": ([np.ones((2, 2))], [np.ones((1, 2))], ValueError, "形がそろっていません"),
    "整数のパラメータ": ([np.ones(2, dtype=int)], [np.ones(2)], TypeError, r"parameters\[0\].*int"),
    "整数の勾配": ([np.ones(2)], [np.ones(2, dtype=int)], TypeError, r"gradients\[0\].*int"),
    "複素数": ([np.ones(2)], [np.ones(2, dtype=complex)], TypeError, r"gradients\[0\].*complex"),
    "ふつうの数": ([1.0], [1.0], TypeError, r"parameters\[0\].*float"),
    "二つ目の勾配が NaN": (
        [np.ones(2), np.ones(1)],
        [np.ones(2), np.full(1, np.nan)],
        ValueError,
        r"gradients\[1\]",
    ),
    "無限大": ([np.ones(2)], [np.array([np.inf, 0.0])], ValueError, r"gradients\[0\] に NaN か無限大"),
    "二乗があふれる": ([np.ones(2)], [np.array([1e200, 0.0])], DivergenceError, r"gradients\[0\] が大きすぎ"),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("case", BAD_CALLS)
def test_refused_first_call_changes_nothing(name, case):
    parameters, gradients, error, message = BAD_CALLS[case]
    before = [np.array(p, copy=True) for p in parameters]
    optimizer = OPTIMIZERS[name]()
    with pytest.raises(error, match=message):
        optimizer.step(parameters, gradients)
    assert all(np.array_equal(p, q) for p, q in zip(parameters, before))
    assert optimizer.t == 0
    optimizer.step([np.ones(7)], [np.ones(7)])  # パラメータの組も、まだ決まっていない


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_refused_later_call_leaves_parameters_and_state_as_they_were(name):
    rng = np.random.default_rng(0)
    steps = [[rng.standard_normal(2), rng.standard_normal((1, 2))] for _ in range(4)]
    theta, other = [np.ones(2), np.ones((1, 2))], [np.ones(2), np.ones((1, 2))]
    disturbed, undisturbed = OPTIMIZERS[name](learning_rate=0.1), OPTIMIZERS[name](learning_rate=0.1)
    for g in steps:
        disturbed.step(theta, g)
        undisturbed.step(other, g)
        for bad in ([g[0], np.full((1, 2), np.nan)], [g[0]], [g[0], g[1].T], [g[0], np.full((1, 2), 1e300)]):
            with pytest.raises((ValueError, DivergenceError), match="gradients"):
                disturbed.step(theta, bad)
    assert all(np.array_equal(p, q) for p, q in zip(theta, other))
    assert disturbed.t == undisturbed.t == 4


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_different_set_of_parameters_is_refused_until_reset(name):
    theta, stranger = np.ones(2), np.ones(2)
    optimizer = OPTIMIZERS[name](learning_rate=0.1)
    optimizer.step([theta], [np.ones(2)])
    same_place = theta.view(np.float32)[::2]  # 先頭も形も間隔も同じで、型だけが違う
    for wrong in (
        [stranger],
        [theta.reshape(2, 1)],
        [theta, stranger],
        [theta[::-1]],
        [theta[:1]],
        [same_place],
    ):
        with pytest.raises(ValueError, match="専用"):
            optimizer.step(wrong, [np.ones_like(p) for p in wrong])
    assert np.array_equal(stranger, [1.0, 1.0])
    optimizer.reset()
    optimizer.step([stranger], [np.ones(2)])
    fresh = np.ones(2)
    OPTIMIZERS[name](learning_rate=0.1).step([fresh], [np.ones(2)])
    assert np.array_equal(stranger, fresh)
    assert optimizer.t == 1


def test_fewer_parameters_than_before_are_a_different_set():
    first, second = np.ones(2), np.ones(3)
    optimizer = Momentum()
    optimizer.step([first, second], [np.ones(2), np.ones(3)])
    with pytest.raises(ValueError, match="専用"):
        optimizer.step([first], [np.ones(2)])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_stored_optimizer_is_bound_by_its_first_step(name):
    theta, optimizer = np.ones(2), OPTIMIZERS[name](learning_rate=0.1)
    optimizer.step([theta], [np.ones(2)])
    first, expected = theta.copy(), theta.copy()
    restored = pickle.loads(pickle.dumps(optimizer))
    for wrong in (theta + 1e-15, theta.reshape(2, 1), theta.astype(np.float32), theta[:1]):
        with pytest.raises(ValueError, match="しまったときの組と違います"):
            restored.step([wrong], [np.ones_like(wrong)])
    restored.step([first], [np.ones(2)])
    with pytest.raises(ValueError, match="前の呼び出しと違う"):
        restored.step([first.copy()], [np.ones(2)])
    restored.step([first], [np.ones(2)])
    for _ in range(2):
        optimizer.step([theta], [np.ones(2)])
    assert np.array_equal(first, theta)
    assert not np.array_equal(first, expected)


@pytest.mark.parametrize(("kept", "given"), [(np.float64, np.float32), (np.float32, np.float64)])
def test_a_stored_optimizer_refuses_the_same_values_of_another_type(kept, given):
    theta, optimizer = np.ones(2, kept), GradientDescent(learning_rate=0.5)
    optimizer.step([theta], [np.ones(2, kept)])
    restored = pickle.loads(pickle.dumps(optimizer))
    with pytest.raises(ValueError, match="しまったときの組と違います"):
        restored.step([theta.astype(given)], [np.ones(2, given)])


def test_an_optimizer_moved_to_copies_belongs_to_the_copies():
    """学習は、最適化器を、パラメータの写しへ移して始める。"""
    theta, optimizer = np.ones(2), Momentum(learning_rate=0.5)
    fresh = optimizer._moved([theta], [theta.copy()])
    fresh.step([theta], [np.ones(2)])
    optimizer.step([theta], [np.ones(2)])
    copied = theta.copy()
    with pytest.raises(ValueError, match="前の呼び出しと違う"):
        optimizer._moved([copied], [copied])
    moved = optimizer._moved([theta], [copied])
    with pytest.raises(ValueError, match="前の呼び出しと違う"):
        moved.step([copied.copy()], [np.ones(2)])
    moved.step([copied], [np.ones(2)])
    optimizer.step([theta], [np.ones(2)])
    np.testing.assert_array_equal(copied, theta)


def test_the_transposed_view_is_a_different_set():
    theta, optimizer = np.ones((2, 2)), Momentum()
    optimizer.step([theta], [np.ones((2, 2))])
    with pytest.raises(ValueError, match="専用"):
        optimizer.step([theta.T], [np.ones((2, 2))])


@pytest.mark.parametrize(
    "read",
    [
        lambda theta: (theta[:2], theta[:2].view(np.float32)[::2]),  # 型だけが違う
        lambda theta: (theta[:1], theta[:2]),  # 形だけが違う
        lambda theta: (theta[:2], theta[::2]),  # 間隔だけが違う
    ],
    ids=["dtype", "shape", "strides"],
)
def test_the_same_memory_read_in_another_way_is_a_different_set(read):
    for first, second in itertools.permutations(read(np.ones(4))):
        optimizer = Momentum()
        optimizer.step([first], [np.zeros_like(first)])
        with pytest.raises(ValueError, match="専用"):
            optimizer.step([second], [np.zeros_like(second)])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_arrays_sharing_memory_are_refused(name):
    theta = np.ones(4)
    with pytest.raises(ValueError, match=r"parameters\[0\] と parameters\[1\]"):
        OPTIMIZERS[name]().step([theta[:3], theta[2:]], [np.ones(3), np.ones(2)])
    assert np.array_equal(theta, np.ones(4))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_read_only_parameters_are_refused_before_the_others_change(name):
    first, second = np.ones(2), np.ones(2)
    second.flags.writeable = False
    with pytest.raises(ValueError, match=r"parameters\[1\] は書き込めない"):
        OPTIMIZERS[name]().step([first, second], [np.ones(2), np.ones(2)])
    assert np.array_equal(first, np.ones(2))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize(("rate", "dtype"), [(1e200, np.float64), (1.7e308, np.float64), (1e200, np.float32)])
def test_a_diverging_update_is_refused_and_changes_nothing(name, rate, dtype):
    first, second = np.ones(1, dtype), np.ones(1, dtype)
    optimizer = OPTIMIZERS[name](learning_rate=rate)
    with pytest.raises(DivergenceError, match="発散"):
        optimizer.step([first, second], [np.zeros(1, dtype), np.full(1, 1e10, dtype)])
    assert (first.item(), second.item(), optimizer.t) == (1.0, 1.0, 0)


@pytest.mark.parametrize(
    ("bad", "error"), [(0.0, ValueError), (-0.1, ValueError), (math.nan, ValueError), ("1", TypeError)]
)
def test_bad_rates_from_a_schedule_are_refused(bad, error):
    theta = np.ones(1)
    optimizer = Adam(learning_rate=lambda t: 0.1 if t == 0 else bad)
    optimizer.step([theta], [np.ones(1)])
    before = theta.copy()
    with pytest.raises(error, match=r"learning_rate\(1\)"):
        optimizer.step([theta], [np.ones(1)])
    assert np.array_equal(theta, before)
    assert optimizer.t == 1


def test_a_rate_changed_by_hand_is_checked_too():
    optimizer = GradientDescent(learning_rate=0.1)
    optimizer.learning_rate = -0.1
    with pytest.raises(ValueError, match="learning_rate"):
        optimizer.step([np.ones(1)], [np.ones(1)])


def test_gradient_descent_is_step_6(monkeypatch):
    monkeypatch.setattr(rules, "update", lambda theta, g, rate: theta - 2 * rate * g)
    # 2倍にすり替えた更新に従う: 1 − 2×0.1×2 = 0.6
    assert run(GradientDescent(learning_rate=0.1), 1.0, [2.0]) == pytest.approx([0.6])


def test_the_common_part_has_no_rule():
    with pytest.raises(NotImplementedError, match="GradientDescent"):
        Optimizer().step([np.ones(1)], [np.ones(1)])

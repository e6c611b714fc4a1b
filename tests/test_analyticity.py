"""複素ステップ法は、正しく働く関数にだけ使われる。どの関数にも、正しい判定が出る。

正しい勾配は、外の審判 autograd が求める（autograd の知らない関数には、手で求めた式を添える）。
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop.judges import (
    NotAnalytic,
    analyticity,
    check_gradient,
    check_gradients,
    check_layer,
    check_network,
    complex_step,
    differences,
    measuring,
    richardson,
    sample_cases,
    verdicts,
)
from backprop.judges.analyticity import along, continuation
from backprop.judges.measuring import Measurement, Sides, extrapolated, grain_of, sides
from backprop.network import Network

RNG = np.random.default_rng(1)
X = RNG.normal(size=(6, 3))
G = RNG.normal(size=(6, 3))
A = RNG.normal(size=(6, 6))
SQUARE = 3 * np.eye(3)

Program = Callable[[Any, Any], Any]


def normalised(np_: Any, x: Any, variance: Any) -> Any:
    return ((x - x.mean(0)) / np_.sqrt(variance) * G).sum()


def spectrum(np_: Any, x: Any) -> Any:
    """フーリエ変換の成分の積。実数の列では実数になるので、実部を取って返す。"""
    F = np_.fft.fft(x)
    value = F[1] * F[-1] + F[0] ** 2
    return value if np.iscomplexobj(x) else np_.real(value)


# どれも解析的。複素ステップ法で測られなければならない。
ANALYTIC: dict[str, Program] = {
    "exp": lambda np_, x: np_.exp(x).sum(),
    "多項式": lambda np_, x: (x**5 - 3 * x**2 + x).sum(),
    "行列の積": lambda np_, x: (np_.dot(A, x) * G).sum(),
    "二次形式": lambda np_, x: np_.trace(np_.dot(x.T, x)),
    "逆行列": lambda np_, x: (np_.linalg.inv(SQUARE + x[:3]) * G[:3]).sum(),
    "行列式": lambda np_, x: np_.linalg.det(SQUARE + x[:3]),
    "連立方程式": lambda np_, x: np_.linalg.solve(SQUARE + x[:3], x[3:]).sum(),
    "速い振動": lambda np_, x: np_.sin(100 * x).sum(),
    "鋭いシグモイド": lambda np_, x: (1 / (1 + np_.exp(-30 * x))).sum(),
    "tanh": lambda np_, x: (np_.tanh(5 * x) * G).sum(),
    "log-sum-exp": lambda np_, x: np_.log(np_.exp(x).sum()),
    "softmax": lambda np_, x: (np_.exp(x) / np_.exp(x).sum(0) * G).sum(),
    "自分で書いた分散": lambda np_, x: ((x - x.mean(0)) ** 2).mean(),
    "自分で書いた正規化": lambda np_, x: normalised(np_, x, ((x - x.mean(0)) ** 2).mean(0)),
    "対数": lambda np_, x: np_.log(x * x + 1e-6).sum(),
    "平方根": lambda np_, x: np_.sqrt(x * x + 1).sum(),
    "実数の累乗": lambda np_, x: ((x * x + 2) ** 1.7).sum(),
    "大きな定数": lambda np_, x: 1e8 + np_.sin(x).sum(),
    "小さな値": lambda np_, x: 1e-30 * np_.sin(x).sum(),
    "大きな値": lambda np_, x: 1e30 * np_.sin(x).sum(),
    "割り算": lambda np_, x: (1 / (x + 10)).sum(),
    "折れ目から離れた最大値": lambda np_, x: np_.maximum(x, 0.0).sum(),
    "折れ目から離れた枝": lambda np_, x: np_.where(x > 0, x**2, 3 * x).sum(),
    "並べ替え": lambda np_, x: (np_.sort(x.ravel()) * np_.arange(18.0)).sum(),
    "形を変える": lambda np_, x: (x.reshape(3, 6).T * G).sum() + x[0, 0] * x[5, 2],
    "つなぐ": lambda np_, x: np_.concatenate([x, x**2]).sum(),
    "フーリエ変換": lambda np_, x: spectrum(np_, x[:, 0]),
}
# どれも、途中で虚部を捨てるか、共役と混ぜる。
CONJUGATE: dict[str, Program] = {
    "var": lambda np_, x: (np_.var(x, axis=0) * G[0]).sum() + x[0, 0],
    "var だけ": lambda np_, x: np_.var(x),
    "std": lambda np_, x: np_.std(x) + x.sum(),
    "正規化": lambda np_, x: normalised(np_, x, np_.var(x, axis=0)),
    "norm の2乗": lambda np_, x: 0.1 * np_.linalg.norm(x) ** 2 + (x**3).sum(),
    "norm": lambda np_, x: np_.linalg.norm(x) * x[0, 0],
    "abs": lambda np_, x: (np_.abs(x) * G + x).sum(),
    "abs の2乗": lambda np_, x: (np_.abs(x) ** 2 + x).sum(),
    "実部": lambda np_, x: (np_.real(x) ** 2 + x).sum(),
    "共役": lambda np_, x: (np_.conj(x) * x).sum(),
    "小さな罰": lambda np_, x: (x**2).sum() + 1e-6 * np_.var(x),
    "とても小さな罰": lambda np_, x: (x**2).sum() + 1e-8 * np_.var(x),
    "符号": lambda np_, x: (np_.sign(x) * x * G).sum(),
    "型で変わる": lambda np_, x: (x**3).sum() if np.iscomplexobj(x) else (x**2).sum(),
}
# 複素数を受け取れない。
REAL_ONLY: dict[str, Program] = {
    "logaddexp": lambda np_, x: np_.logaddexp(x, 0.0).sum(),
    "float": lambda np_, x: (x**2).sum() if np_ is anp else float((x**2).sum()),
    "整数の添字": lambda np_, x: (x**2).sum() if np_ is anp else sum(abs(v) ** 2 for v in x.ravel().tolist()),
}


def buffered(x: Any) -> Any:
    buffer = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        buffer[index] = x[index] ** 2
    return buffer.sum()


# autograd の知らない関数と、その勾配。
BY_HAND: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
    "実数の配列への代入": (buffered, 2 * X),
    "vdot": (lambda x: np.vdot(x, x), 2 * X),
    "内積の実部": (lambda x: np.vdot(x, x).real + x.sum() * 0, 2 * X),
    "cov": (lambda x: np.cov(x[:, 0], x[:, 1])[0, 1] + 0 * x[0, 0], np.zeros_like(X)),
    "correlate": (lambda x: np.correlate(x[:, 0], x[:, 1])[0], np.stack([X[:, 1], X[:, 0], 0 * X[:, 0]], 1)),
    "hypot": (lambda x: np.hypot(x, 3.0).sum(), X / np.hypot(X, 3.0)),
    "arctan2": (lambda x: np.arctan2(x, 2.0).sum(), 2 / (4 + X**2)),
    "cbrt": (lambda x: np.cbrt(x + 10).sum(), np.cbrt(X + 10) ** -2 / 3),
    "math.exp": (lambda x: sum(__import__("math").exp(v) for v in x.ravel()), np.exp(X)),
    "複素数の余弦": (lambda x: np.fft.fft(x.ravel()).real.sum(), np.eye(18)[0].reshape(6, 3) * 18),
    "slogdet": (
        lambda x: np.linalg.slogdet(SQUARE + x[:3])[1] + 0 * x.sum(),
        np.vstack([np.linalg.inv(SQUARE + X[:3]).T, np.zeros((3, 3))]),
    ),
    "断る関数": (lambda x: _only_real(x).sum(), np.ones_like(X)),
}
BY_HAND["cov"][1][:, 0] = (X[:, 1] - X[:, 1].mean()) / 5
BY_HAND["cov"][1][:, 1] = (X[:, 0] - X[:, 0].mean()) / 5


def _only_real(x: np.ndarray) -> np.ndarray:
    if np.iscomplexobj(x):
        raise RuntimeError("複素数は困ります")
    return x


def cases() -> dict[str, tuple[Callable[[Any], Any], np.ndarray, str]]:
    """関数、正しい勾配、使われるはずの方法。"""
    found = {}
    for table, method in ((ANALYTIC, "complex_step"), (CONJUGATE, "richardson"), (REAL_ONLY, "richardson")):
        for name, program in table.items():
            right = grad(lambda x, program=program: program(anp, x))(X)
            found[name] = (lambda x, program=program: program(np, x), right, method)
    return found | {name: (function, right, "richardson") for name, (function, right) in BY_HAND.items()}


CASES = cases()
SPOILED = ("一つの要素", "符号", "倍", "ある列を忘れる")


@pytest.mark.parametrize("name", CASES)
def test_a_right_gradient_passes_and_the_method_is_said(name: str) -> None:
    function, right, method = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = check_gradient(function, X, right)
    assert report.ok, str(report)
    assert report.method == method
    assert bool(report.note) == (method == "richardson")
    assert (
        "複素ステップ" in str(report)
        if method == "complex_step"
        else "そこで、リチャードソン補外で" in str(report)
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("mistake", SPOILED)
def test_a_wrong_gradient_fails(name: str, mistake: str) -> None:
    function, right, _ = CASES[name]
    wrong = right.copy()
    if mistake == "一つの要素":
        largest = np.unravel_index(np.abs(right).argmax(), right.shape)
        wrong[largest] *= 1 + 1e-4
    elif mistake == "ある列を忘れる":
        wrong[:, np.abs(right).sum(0).argmax()] = 0
    else:
        wrong *= {"符号": -1, "倍": 2}[mistake]
    report = check_gradient(function, X, wrong)
    assert report.wrong
    assert "不合格" in str(report)


@pytest.mark.parametrize("name", CASES)
def test_complex_step_answers_rightly_or_refuses(name: str) -> None:
    function, right, method = CASES[name]
    if method == "complex_step":
        measured = complex_step(function, X)
        assert np.abs(measured - right).max() <= 1e-10 * np.abs(right).max()
        return
    with pytest.raises(NotAnalytic, match='method="richardson" で測って'):
        complex_step(function, X)
    with pytest.raises(NotAnalytic, match='method="richardson" で測って'):
        check_gradient(function, X, right, method="complex_step")
    (case,) = sample_cases(lambda rng: {"x": X}, lambda values: function(values["x"]), number=1)
    with pytest.raises(NotAnalytic):
        case.complex_step("x")


def test_the_forgotten_gradient_of_a_penalty_is_noticed() -> None:
    """複素ステップ法も罰の勾配を 0 と測るので、そのまま信じれば合格してしまう。"""
    without = 3 * X**2
    assert not check_gradient(lambda x: (x**3).sum() + 0.1 * np.linalg.norm(x) ** 2, X, without).ok
    assert check_gradient(lambda x: (x**3).sum() + 0.1 * np.linalg.norm(x) ** 2, X, without + 0.2 * X).ok


def test_a_step_that_is_given_is_no_excuse() -> None:
    """幅を自分で決めても、解析的でない関数は断る。折れ目の上なら、関数の選ぶほうの傾きを返す。"""
    for name in ("var", "var だけ"):
        with pytest.raises(NotAnalytic, match='method="richardson" で測って'):
            complex_step(CASES[name][0], X, h=1e-20)
    slopes = complex_step(lambda x: (np.maximum(x, 0) * G).sum(), at_zero(), h=1e-20)
    np.testing.assert_allclose(slopes, G * (at_zero() >= 0), rtol=1e-14)


def test_discarded_imaginary_parts_are_told_in_japanese_only() -> None:
    """一部だけを実数の配列に写す関数。NumPy の警告を読者に見せずに、断る。"""

    def partly(x: np.ndarray) -> Any:
        buffer = np.zeros(x.size - 1)
        buffer[:] = x.ravel()[1:]
        return (buffer**2).sum() + x[0, 0] ** 2

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(NotAnalytic, match="途中で虚部が捨てられる"):
            complex_step(partly, X)
        assert check_gradient(partly, X, 2 * X).method == "richardson"
    assert caught == []


@pytest.mark.parametrize(
    ("gradient", "doubt", "lost"),
    [
        (1 + 0.9e-9, 0.0, False),
        (1 + 1.1e-9, 0.0, True),
        (1 - 0.9e-9, 0.0, False),
        (1 - 1.1e-9, 0.0, True),
        (1 + 3.9e-3, 1e-3, False),  # 有限の円で測った傾きも、疑いの4倍までは不確か
        (1 + 4.1e-3, 1e-3, True),
        (np.nan, 0.0, True),
    ],
)
def test_imaginary_parts_are_lost_when_the_slope_differs(gradient: float, doubt: float, lost: bool) -> None:
    """小さな虚部の言う傾きは、有限の円で測った傾きと、十億分の1まで合う。"""
    for verdict in ("analytic", "conjugate", "unclear"):
        found = analyticity.Continuation(verdict, np.array([2.0, 0.0]), 2.0, 2 * doubt)
        assert differences.is_lost(found, np.array([gradient, 5.0])) == lost
    kink = analyticity.Continuation("kink", np.array([2.0, 0.0]), 2.0, 2 * doubt)
    assert not differences.is_lost(kink, np.array([gradient, 5.0]))


# ---- 折れ目 ----


def at_zero() -> np.ndarray:
    x = X.copy()
    x[2, 1] = 0.0
    return x


RELUS: dict[str, Callable[[Any], Any]] = {
    "maximum": lambda x: (np.maximum(x, 0) * G).sum(),
    "where": lambda x: (np.where(x > 0, x, 0) * G).sum(),
    "where、0 を含む": lambda x: (np.where(x >= 0, x, 0) * G).sum(),
    "マスク": lambda x: (x * (np.real(x) > 0) * G).sum(),
    "abs": lambda x: ((np.abs(x) + x) / 2 * G).sum(),
    "clip": lambda x: (np.clip(x, 0, 100) * G).sum(),
}


@pytest.mark.parametrize("name", RELUS)
@pytest.mark.parametrize("given", [0.0, 0.5, 1.0])
def test_any_value_between_the_slopes_is_a_convention(name: str, given: float) -> None:
    x = at_zero()
    gradient = G * (x > 0)
    gradient[2, 1] = given * G[2, 1]
    report = check_gradient(RELUS[name], x, gradient)
    assert report.ok, str(report)
    if (name, given) == ("abs", 0.5):
        return  # 差分も 1/2 と測るので、違いがない
    assert set(report.kinks) == {(2, 1)}
    assert sorted(report.kinks[2, 1]) == pytest.approx(sorted([0, G[2, 1]]), abs=1e-6)
    assert "折れ目: x[2, 1]: 左の傾き" in str(report)
    assert "約束の値です" in str(report)


@pytest.mark.parametrize("name", RELUS)
@pytest.mark.parametrize("given", [-0.5, 1.5])
def test_a_value_outside_the_slopes_is_wrong(name: str, given: float) -> None:
    x = at_zero()
    gradient = G * (x > 0)
    gradient[2, 1] = given * G[2, 1]
    report = check_gradient(RELUS[name], x, gradient)
    assert report.wrong == [(2, 1)]
    assert "そのあいだにもありません" in str(report)


@pytest.mark.parametrize("name", RELUS)
def test_a_mistake_elsewhere_is_not_excused_by_a_kink(name: str) -> None:
    x = at_zero()
    gradient = G * (x > 0)
    gradient[0, 0] += 0.1
    assert check_gradient(RELUS[name], x, gradient).wrong == [(0, 0)]


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("name", ["maximum", "where", "マスク"])
def test_close_to_a_kink_there_is_one_right_value(name: str, distance: float) -> None:
    x = at_zero()
    x[2, 1] = distance
    right = G * (x > 0)
    assert check_gradient(RELUS[name], x, right).ok
    for given in (0.0, 0.7):  # 折れ目の上でなければ、左と右のあいだの値も約束ではない
        wrong = right.copy()
        wrong[2, 1] = given * G[2, 1]
        assert check_gradient(RELUS[name], x, wrong).wrong == [(2, 1)]


def test_a_network_on_a_kink_accepts_every_convention() -> None:
    weights, biases = [np.eye(2), np.ones((1, 2))], [np.zeros((2, 1)), np.zeros((1, 1))]
    net = Network(weights, biases, ["relu", "identity"], "mse")
    data = np.array([[0.0], [1.0]]), np.array([[3.0]])
    other = net.gradients(*data)
    other["b1"][0, 0] = other["b1"][1, 0]  # 0 での傾きを 1 とする約束
    for gradients in (None, other):
        report = check_network(net, *data, gradients)
        assert report.ok
        assert report.kinks
    other["b1"][0, 0] *= 2
    assert check_network(net, *data, other).wrong == {"b1": [(0, 0)]}


# ---- 決められないとき ----


def test_noise_is_not_called_a_mistake() -> None:
    """float32 で計算する関数は、値が粗い。正しい勾配を不合格にせず、違う勾配は見つける。"""

    def coarse(x: np.ndarray) -> float:
        return float((np.abs(x).astype(np.float32) ** 2).sum())

    report = check_gradient(coarse, X, 2 * X)
    assert not report.wrong
    assert report.unsure
    assert "合うとも違うとも言えません" in str(report)
    assert "判定できません" in str(report)
    assert check_gradient(coarse, X, 4 * X).wrong


def test_the_rest_of_a_cancellation_is_not_a_gradient() -> None:
    """正規化した列の和は、いつも 0 である。残る丸め誤差を、勾配とも折れ目ともみなさない。"""

    def total(x: np.ndarray) -> Any:
        return ((x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean(0))).sum()

    for seed in range(5):
        x = np.random.default_rng(seed).normal(size=(6, 3))
        report = check_gradient(total, x, np.zeros_like(x))
        assert report.ok, str(report)
        assert not report.kinks
        assert check_gradient(total, x, np.full_like(x, 1e-9)).wrong
        assert check_gradient(lambda x: total(x) + x[0, 0], x, np.zeros_like(x)).wrong == [(0, 0)]


def test_a_random_function_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="同じ点で違う値.*種を決めて"):
        check_gradient(lambda x: (x * (rng.random(x.shape) > 0.5)).sum(), X, np.ones_like(X))


@pytest.mark.parametrize("by", [1.0, -1.0])
def test_a_function_that_drifts_is_refused(by: float) -> None:
    calls: list[int] = []

    def drifting(x: np.ndarray) -> Any:
        calls.append(1)
        return x.sum() + by * len(calls)

    with pytest.raises(ValueError, match="同じ点で違う値"):
        complex_step(drifting, X)


def test_what_cannot_be_decided_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """虚部が消え、解析的かどうかも決められないなら、有限の円の上の値も信じずに、断る。"""
    slope = analyticity.Continuation("unclear", np.ones(1), 1.0, 0.0)
    monkeypatch.setattr(differences, "continuation", lambda function, x: slope)
    monkeypatch.setattr(differences, "along", lambda function, x, index: slope)
    with pytest.raises(NotAnalytic):
        complex_step(lambda x: 0 * x[0], np.ones(1))


def test_lost_imaginary_parts_are_noticed() -> None:
    """値が小さすぎて虚部が消える。消えたまま 0 と測られてはならない。"""
    tiny = 1e-150
    report = check_gradient(lambda x: (tiny * x**2).sum(), X, tiny * 2 * X)
    assert not report.wrong


def test_users_other_calls_of_the_function_see_only_copies() -> None:
    def greedy(x: np.ndarray) -> Any:
        x *= 2
        return x.sum()

    before = X.copy()
    assert check_gradient(greedy, X, np.full_like(X, 2.0)).ok
    assert np.array_equal(X, before)


EPS = float(np.finfo(float).eps)


def judged(given: Any, measured: Any, method: str = "complex_step", size: float = 1.0, **found: Any) -> Any:
    """関数 f(x) = (測った勾配)·x についての判定。測った値の誤差などは、手で決める。"""
    given, measured = np.array(given), np.array(measured)
    blur = np.array(found.pop("blur", np.zeros_like(measured)))
    point = np.ones_like(measured)
    tolerance = found.pop("tolerance", None)
    subject = verdicts.Subject("x", lambda x: (measured * x).sum(), point, given, "auto", tolerance)
    return verdicts.judge(subject, Measurement(method, measured, blur, **found), size)


LIMITS = {
    "forward_difference": (1e-4, 1e-1),
    "central_difference": (1e-6, 1e-2),
    "richardson": (1e-6, 1e-2),
    "complex_step": (1e-10, 1e-3),
}


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("method", LIMITS)
def test_the_limits_of_every_method_and_type(
    method: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """省いたときの許容限界は、方法と型で決まる。"""
    monkeypatch.setattr(verdicts, "doubt_at", lambda function, x, index: 0.0)
    limit = LIMITS[method][kind is np.float32]
    for share, ok in ((0.8, True), (1.3, False)):
        report = judged(np.array([1 - share * limit], kind), np.array([1], kind), method)
        assert (report.tolerance, report.ok) == (limit, ok)


def test_subjects_are_equal_only_to_themselves() -> None:
    one, other = (verdicts.Subject("x", np.sum, np.ones(1), np.ones(1), "auto", None) for _ in "ab")
    assert one == one
    assert one != other
    assert len({one, other}) == 2
    with pytest.raises(AttributeError):
        one.name = "y"


def test_what_is_measured_finely_enough_is_decided() -> None:
    """値も勾配も小さいときは、測った値の誤差が、許容限界に大きさを掛けたものの千分の1より小さければよい。"""
    for blur, unsure in ((0.0009, False), (0.0011, True)):
        report = judged([0.0], [0.0], "richardson", size=1e6, blur=[blur])
        assert (report.tolerance, report.ok) == (1e-6, not unsure)
        assert report.unsure == (frozenset({(0,)}) if unsure else frozenset())


def test_what_is_measured_coarsely_is_not_decided() -> None:
    """値が大きければ、許容限界にその値を掛けたものと比べる。それより粗くても、もっと違えば誤りである。"""
    for blur, difference, wrong, unsure in (
        (0.0009, 0.0, 0, 0),
        (0.0009, 0.0015, 1, 0),
        (0.0011, 0.0, 0, 1),
        (0.0011, 0.0015, 0, 1),
        (0.0011, 0.0030, 1, 0),
    ):
        report = judged([1000.0 - difference], [1000.0], "richardson", blur=[blur])
        assert (len(report.wrong), len(report.unsure)) == (wrong, unsure), (blur, difference)


@pytest.mark.parametrize(("blur", "unsure"), [(1.5, True), (1.5 - EPS, False)])
def test_a_difference_at_the_edge_of_the_blur_is_not_decided(blur: float, unsure: bool) -> None:
    """違い 2 が、許容限界 0.5 に測った値の誤差を足したものと、ちょうど同じとき。"""
    report = judged([1.0], [-1.0], "richardson", blur=[blur], tolerance=0.5)
    assert (len(report.wrong), len(report.unsure)) == ((0, 1) if unsure else (1, 0))


def test_only_the_most_wrong_elements_are_examined_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """違いの大きいほうから64個を調べなおす。調べない要素は、誤りのままにする。"""
    asked = []

    def endless(function: Any, x: np.ndarray, index: tuple[int, ...]) -> float:
        asked.append(index)
        return np.inf

    monkeypatch.setattr(verdicts, "doubt_at", endless)
    errors = np.random.default_rng(0).permutation(np.linspace(0.1, 0.9, 66))
    report = judged(1.0 + errors, np.ones(66))
    order = [(int(n),) for n in np.argsort(-errors)]
    assert asked == order[:64]
    assert report.unsure == frozenset(order[:64])
    assert sorted(report.wrong) == sorted(order[64:])


@pytest.mark.parametrize(("doubt", "unsure"), [(0.49, False), (0.5, True), (0.51, True)])
def test_a_difference_within_the_doubt_is_not_decided(
    doubt: float, unsure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "doubt_at", lambda function, x, index: doubt)
    report = judged([1.5], [1.0])
    assert (report.wrong, bool(report.unsure)) == ([] if unsure else [(0,)], unsure)


@pytest.mark.parametrize(
    ("slope", "given", "unsure"),
    [
        (0.0, 2.0, False),
        (1.0, 2.0, False),  # 狭い幅で測った傾きは、左右の差 10 の1割までなら、違ってよい
        (1.1, 2.0, True),
        (-1.1, 2.0, True),
        (1.0, 1.1, False),  # 与えられた値は、左右の差の1割より違わなければ、誤りと言えない
        (1.0, 1.0, True),
        (1.0, 0.5, True),
    ],
)
def test_between_close_kinks_nothing_is_decided(
    slope: float, given: float, unsure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Sides(left=-2.0, right=8.0, kink=False, slope=3.0 + slope)
    monkeypatch.setattr(verdicts, "sides", lambda function, x, index, size: look)
    report = judged([3.0 + given], [3.0], kinked=True)
    assert (report.wrong, bool(report.unsure)) == ([] if unsure else [(0,)], unsure)
    assert report.kinks == {}


@pytest.mark.parametrize(("size", "cancelled"), [(16.0, False), (16.0 * (1 + EPS), True)])
def test_from_sixteen_times_the_value_it_is_the_rest_of_a_cancellation(
    size: float, cancelled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """途中の計算が値の16倍より大きければ、分解能も、途中の計算の大きさから決める。"""
    monkeypatch.setattr(verdicts, "_natural_size", lambda function, x: size)
    monkeypatch.setattr(verdicts, "doubt_at", lambda function, x, index: 0.0)
    assert judged([100 * EPS], [0.0]).ok == cancelled
    assert not judged([200 * EPS], [0.0]).ok


# ---- 調べかた ----


@pytest.mark.long
def test_networks_are_analytic_everywhere_they_should_be() -> None:
    """深さ、幅、活性化関数、損失、重みの大きさをくじで引く。飽和したものも含む。"""
    names = ["sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity", "softmax"]
    for seed in range(60):
        rng = np.random.default_rng(seed)
        depth = int(rng.integers(1, 4))
        sizes = [int(n) for n in rng.integers(1, 6, depth + 1)]
        loss = str(rng.choice(["mse", "cross_entropy", "binary_cross_entropy"]))
        chosen = [str(rng.choice(names)) for _ in range(depth)]
        chosen[-1] = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(loss, chosen[-1])
        scale = float(rng.choice([0.1, 1.0, 3.0, 30.0]))
        net = Network.random(sizes, chosen, loss, rng=rng, weight_scale=scale, bias_scale=0.5)
        data = rng.normal(size=(sizes[0], 3)), rng.dirichlet(np.ones(sizes[-1]), 3).T
        report = check_network(net, *data)
        assert report.ok, (seed, net, str(report))
        assert {one.method for one in report.reports.values()} == {"complex_step"}, (seed, net)


@pytest.mark.parametrize("radius", [1e-3, 1e-1, 1.0])
def test_a_singularity_nearby_is_not_a_conjugate(radius: float) -> None:
    assert continuation(lambda x: np.log(x).sum(), np.full(3, radius)).verdict == "analytic"


def test_one_coordinate_among_many_is_enough() -> None:
    many = np.random.default_rng(0).normal(size=300)
    assert continuation(lambda x: (x**2).sum() + np.abs(x[123]), many).verdict == "conjugate"
    assert along(lambda x: (x**2).sum() + np.abs(x[123]), many, (123,)).verdict == "conjugate"
    assert along(lambda x: (x**2).sum() + np.abs(x[123]), many, (122,)).verdict == "analytic"


def test_float32_points_are_followed_too() -> None:
    x = X.astype(np.float32)
    assert continuation(lambda x: np.exp(x).sum(), x).verdict == "analytic"
    assert continuation(lambda x: np.var(x) + 0 * x[0, 0], x).verdict == "conjugate"


@pytest.mark.parametrize(("name", "value"), [("NOISE", 1e9), ("VISIBLE", 1e12), ("STEADY", 0.0)])
def test_the_limits_are_not_vacuous(name: str, value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """限界をゆるめれば、共役を見のがす。"""
    monkeypatch.setattr(analyticity, name, value)
    assert continuation(lambda x: (x**2).sum() + 1e-8 * np.var(x), X).verdict != "conjugate"


def mixed(shares: Any, of_real: Callable[[np.ndarray], Any] = lambda x: 1.0) -> Callable[[np.ndarray], Any]:
    """値がおよそ1で、半径 1/2, 1/4, … の円の上でだけ、共役が ε の ``shares`` 倍ずつ混じる関数。最後の割合は、符号を変えながら先へ続く。

    共役の割合は、負の累乗の係数を半径で割ったものになる。丸め誤差とみなす限界は ε の 32, 64, 128, … 倍。
    """

    def function(x: np.ndarray) -> Any:
        if not np.iscomplexobj(x):
            return of_real(x)
        number = round(-np.log2(abs(x[0]))) - 1
        share = shares[number] if number < len(shares) else shares[-1] * (-1) ** (number - len(shares) + 1)
        return 1 + share * EPS * np.conj(x[0])

    return function


def followed(shares: Any, **of_real: Any) -> tuple[str, float]:
    """判定と、ε の何倍の疑いが残るか。"""
    found = along(mixed(shares, **of_real), np.zeros(1), (0,))
    return found.verdict, found.doubt / EPS


@pytest.mark.parametrize(
    ("shares", "verdict", "doubt"),
    [
        ([0], "analytic", 64),  # はじめの円の丸め誤差の2倍
        ([30, 0], "analytic", 64),
        ([40, 0], "analytic", 80),  # 次の円では丸め誤差に埋もれて、見えなくなっただけかもしれない
        ([250, 0], "analytic", 500),
        ([260, 0], "analytic", 128),  # 次の円の丸め誤差 64 の4倍より大きいものは、見えなくなるはずがない
        ([1e9, 1e9, 0], "analytic", 256),
        ([1e9, 250, 0], "analytic", 500),  # 見るのは、一つ前の円だけ
        ([250, 1e9, 0], "analytic", 256),
    ],
)
def test_what_may_be_hidden_in_rounding_stays_in_doubt(shares: Any, verdict: str, doubt: float) -> None:
    assert followed(shares) == (verdict, pytest.approx(doubt, rel=0.02))


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        # 三つの円で続けて同じ値なら共役。そのあと符号を変えつづけても、小さくはならない
        ([1e6, 1e6, 1e6], "conjugate"),
        ([1e6, 1e6, -1e6], "analytic"),
        # 同じとは、違いが4分の1まで
        ([1e6, 0.81e6, 0.66e6], "conjugate"),
        ([1e6, 0.79e6, 0.64e6], "analytic"),
        ([1e6, 0.81e6, 0.64e6], "analytic"),
        # そのあと半分より小さくなれば、折れ目か遠くの特異点
        ([1e6, 1e6, 1e6, -0.51e6], "conjugate"),
        ([1e6, 1e6, 1e6, -0.49e6], "analytic"),
        # 丸め誤差 64 と 128 の4倍より大きくなければ、同じに見えても偶然かもしれない
        ([530, 530, 530], "conjugate"),
        ([500, 500, 500], "analytic"),
    ],
)
def test_what_stays_the_same_is_a_conjugate(shares: Any, verdict: str) -> None:
    assert followed(shares)[0] == verdict


@pytest.mark.parametrize(("kind", "number"), [(np.float64, 26), (np.float32, 12)])
def test_circles_are_halved_down_to_the_root_of_rounding(kind: type, number: int) -> None:
    """半径 1/2 から、半分ずつ、型の間隔の平方根まで。"""
    radii: list[float] = []

    def never(x: np.ndarray) -> Any:
        if not np.iscomplexobj(x):
            return 0.0
        radii.append(float(abs(x[0])))
        return (-1) ** round(np.log2(radii[-1])) * np.conj(x[0])

    along(never, np.zeros(1, kind), (0,))
    assert sorted(set(np.round(-np.log2(radii)).tolist())) == list(range(1, number + 1))


@pytest.mark.parametrize("x", [0.5, 1.0, -4.0, 10.0])
def test_a_circle_grows_with_the_point(x: float) -> None:
    """大きな点では円も大きくし、傾きと疑いは、その成分の偏微分のものに直す。"""
    size = max(1.0, abs(x))
    found = along(lambda x: 3 * x[1], np.array([7.0, x]), (1,))
    assert found.verdict == "analytic"
    assert found.slope == pytest.approx(3, rel=1e-13)
    assert found.direction.tolist() == [0.0, size]
    assert found.doubt / EPS == pytest.approx(64 * 3 * (abs(x) + size / 2) / size, rel=0.02)


@pytest.mark.parametrize("error", [ArithmeticError, ZeroDivisionError, TypeError, ValueError, None])
def test_circles_on_which_the_function_fails_are_skipped(error: type[Exception] | None) -> None:
    """遠い点を関数が断るか、有限でない値を返すなら、その円では測らない。どの円でも測れなければ、決められない。"""

    def within(radius: float) -> Callable[[np.ndarray], Any]:
        def function(x: np.ndarray) -> Any:
            if np.iscomplexobj(x) and abs(x[0]) > radius:
                if error:
                    raise error
                return np.nan
            return 1.0 + 0 * x[0]

        return function

    found = along(within(0.3), np.zeros(1), (0,))
    assert (found.verdict, found.doubt / EPS) == ("analytic", pytest.approx(128, rel=0.02))
    nowhere = along(within(0.0), np.zeros(1), (0,))
    assert (nowhere.verdict, nowhere.doubt) == ("unclear", np.inf)
    assert np.isnan(nowhere.slope)


def test_the_grain_of_the_function_counts_as_rounding() -> None:
    """関数の値が粗ければ、その粗さを、丸め誤差とみなす。"""

    def coarse(x: np.ndarray) -> Any:
        return 1 + 1e-6 * np.sin(1e12 * x[0].real + 3e11 * x[0].imag + 1) + 0j

    found = along(coarse, np.zeros(1), (0,))
    assert 64e-7 < found.doubt < 640e-7


def test_the_function_sees_copies_and_its_warnings_are_not_shown() -> None:
    def greedy(x: np.ndarray) -> Any:
        warnings.warn("読者に見せない", UserWarning, stacklevel=1)
        value = np.log(np.zeros(1)).sum() * 0 if x[0] == 9 else (x**2).sum()
        x[...] = 9
        return value

    x = np.array([1.0, 2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert continuation(greedy, x).verdict == "analytic"
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("power", "first_circle"), [(12, True), (13, False), (14, False), (15, False), (16, True)]
)
def test_which_powers_look_negative_on_sixteen_points(power: int, first_circle: bool) -> None:
    """16個の点では、13次から15次の項が負の累乗と見分けられない。小さな円では消えるので、判定は変わらない。"""
    found = along(lambda x: 1 + 1e-3 * x[0] ** power, np.zeros(1), (0,))
    assert found.verdict == "analytic"
    assert (found.doubt < 65 * EPS) == first_circle


@pytest.mark.parametrize(
    ("real_slope", "slope", "verdict"),
    [
        # 大きな傾きは、千分の1まで
        (1.0009, 1.0, "analytic"),
        (1.0011, 1.0, "conjugate"),
        (0.9991, 1.0, "analytic"),
        (0.9989, 1.0, "conjugate"),
        # 小さな傾きは、幅 2⁻¹³ の差分の丸め誤差の64倍まで
        (0.99 * 2.0**19 * EPS, 0.0, "analytic"),
        (1.01 * 2.0**19 * EPS, 0.0, "conjugate"),
        (0.99 * 2.0**19 * EPS, 2.0**19 * EPS / 50, "analytic"),
    ],
)
def test_the_slope_agrees_with_that_of_real_numbers(real_slope: float, slope: float, verdict: str) -> None:
    """実数のときと複素数のときとで違う計算をする関数は、傾きの違いで見分ける。"""

    def function(x: np.ndarray) -> Any:
        return (slope if np.iscomplexobj(x) else real_slope) * x[0]

    assert along(function, np.zeros(1), (0,)).verdict == verdict


@pytest.mark.parametrize(("by", "verdict"), [(0.9e-3, "analytic"), (1.1e-3, "conjugate")])
def test_a_curved_slope_agrees_with_that_of_real_numbers(by: float, verdict: str) -> None:
    """曲がった関数でも、二つの狭い幅で測った傾きは、千分の1よりよく合う。"""
    found = along(lambda x: np.sin(x[0]) * (1 if np.iscomplexobj(x) else 1 + by), np.zeros(1), (0,))
    assert found.verdict == verdict


@pytest.mark.parametrize(("slope", "verdict"), [(0.04, "analytic"), (0.1, "conjugate")])
def test_a_slope_measured_roughly_is_compared_roughly(slope: float, verdict: str) -> None:
    """幅を半分にしたときの傾きの変わりかたの、64倍までは合うとみる。3次の項は、変わりかたを 0.00075 にする。"""
    cubic = 1e-3 * 2.0**26

    def function(x: np.ndarray) -> Any:
        return 0 * x[0] if np.iscomplexobj(x) else slope * x[0] + cubic * x[0] ** 3

    assert along(function, np.zeros(1), (0,)).verdict == verdict


def test_directions_grow_with_the_point(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def follow(function: Any, x: np.ndarray, direction: np.ndarray) -> Any:
        seen.append(direction)
        return analyticity.Continuation("analytic", direction, 0.0, 1.0)

    monkeypatch.setattr(analyticity, "_follow", follow)
    x = np.array([0.1, -4.0, 100.0], np.float32)
    continuation(lambda x: 0.0, x)
    for direction in seen:
        assert direction.dtype == np.float32
        shares = np.abs(direction) / [1, 4, 100]
        assert shares.min() >= 0.5
        assert shares.max() <= 1
    assert not np.array_equal(*seen)
    seen.clear()
    continuation(lambda x: 0.0, np.zeros(300))
    for direction in seen:  # 正も負も、同じくらい
        assert 100 < (direction > 0).sum() < 200


@pytest.mark.parametrize(("share", "verdict"), [(7.5, "analytic"), (8.5, "conjugate")])
def test_a_large_value_leaves_a_rough_slope(share: float, verdict: str) -> None:
    """値が8なら、差分の丸め誤差も8倍になる。"""

    def function(x: np.ndarray) -> Any:
        return 8.0 + (0 if np.iscomplexobj(x) else share * 2.0**19 * EPS) * x[0]

    assert along(function, np.zeros(1), (0,)).verdict == verdict


def test_a_kink_is_looked_at_from_three_points_nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    """方向を変えて二度調べ、解析的でなければ、どの成分も 1/32 から 1/16 だけ離れた三つの点で調べなおす。"""
    centres = []

    def follow(function: Any, x: np.ndarray, direction: np.ndarray) -> Any:
        centres.append(x)
        assert np.abs(direction).min() >= 0.5
        assert np.abs(direction).max() <= 1
        return analyticity.Continuation("conjugate", direction, 0.0, 1.0)

    monkeypatch.setattr(analyticity, "_follow", follow)
    x = np.random.default_rng(0).uniform(-1, 1, (3, 4))
    assert continuation(lambda x: 0.0, x).verdict == "conjugate"
    assert [np.array_equal(centre, x) for centre in centres] == [True, True, False, False, False]
    for centre in centres[2:]:
        away = np.abs(centre - x)
        assert away.min() >= (1 - 1e-12) / 32
        assert away.max() <= (1 + 1e-12) / 16
    assert len({centre.tobytes() for centre in centres}) == 4
    centres.clear()
    continuation(lambda x: 0.0, np.zeros(1))
    assert len(centres) == 1 + 3  # 成分が一つなら、方向は一つでよい


def ring(left: float, noise: float = 1.0) -> Any:
    """負の累乗の大きさと、丸め誤差だけを決めた円。"""
    return analyticity._Ring(0.0, np.array([0.0, 0.0, left]), noise)


def test_the_ends_of_every_comparison() -> None:
    """境目ちょうどの円。"""
    assert analyticity._verdict([ring(1.0)]) == "analytic"  # 丸め誤差と同じなら、消えたとみる
    assert analyticity._verdict([ring(1.0 + EPS)]) == "unclear"
    assert analyticity._hidden([ring(4.0), ring(0.0)]) == 4.0  # 4倍までなら、埋もれたのかもしれない
    assert analyticity._hidden([ring(4.0 + 4 * EPS), ring(0.0)]) == 0.0
    assert analyticity._hidden([ring(4.0)]) == 0.0
    steady = [ring(100.0), ring(80.0), ring(64.0)]  # 変わりかたが、ちょうど4分の1
    assert analyticity._stays(steady)
    assert not analyticity._stays([ring(100.0 * (1 + EPS)), *steady[1:]])
    assert not analyticity._stays([ring(4.0), ring(4.0), ring(4.0)])  # 丸め誤差の4倍より大きいこと
    assert analyticity._stays([ring(4.5), ring(4.5), ring(4.5)])
    assert analyticity._stays([*steady, ring(-32.0)])  # そのあとは、半分まで
    assert not analyticity._stays([*steady, ring(-32.0 * (1 - EPS))])
    assert not analyticity._stays(steady[:2])
    one, other = (analyticity.Continuation("analytic", np.ones(1), 1.0, 0.0) for _ in "ab")
    assert one != other
    with pytest.raises(AttributeError):
        one.doubt = 1.0
    noisy = ring(2.0, noise=3.0)
    assert (ring(2.0).blurred, noisy.blurred, noisy.left) == (2.0, 3.0, 2.0)
    assert ring(-3.0).left == 3.0
    with pytest.raises(AttributeError):
        noisy.noise = 1.0


def test_the_grain_is_a_median_of_high_powers() -> None:
    """定数と1次の項、共役の項は除く。測れなければ 0。"""
    assert analyticity._grain(np.arange(16.0) * -1j) == 8.0
    assert analyticity._grain(None) == 0.0
    assert along(np.sum, np.zeros(1), (0,)).doubt <= 64 * EPS
    smooth = along(lambda x: np.exp(x).sum(), np.zeros(1), (0,))
    assert smooth.doubt < 1000 * EPS  # 大きな円での高次の項は、粗さではない


def test_nothing_needs_only_one_circle() -> None:
    """丸め誤差さえない関数なら、粗さを見る小さな円と、はじめの円で決まる。実数では、点と、二つの幅の両側。"""
    calls: list[np.ndarray] = []
    found = along(lambda x: calls.append(x) or 0.0, np.zeros(1), (0,))
    assert (found.verdict, found.slope, found.doubt) == ("analytic", 0.0, 0.0)
    assert [np.iscomplexobj(x) for x in calls].count(True) == 16 + 16
    assert [np.iscomplexobj(x) for x in calls].count(False) == 1 + 4


def test_a_slope_at_the_limit_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyticity, "FAITHFUL", 0.0)
    for slope, verdict in ((2.0**-33, "analytic"), (2.0**-33 * (1 + EPS), "conjugate")):
        found = along(lambda x, slope=slope: 0.0 if np.iscomplexobj(x) else slope * x[0], np.zeros(1), (0,))
        assert found.verdict == verdict


@pytest.mark.parametrize(
    ("found", "verdict", "doubt"),
    [
        ([("conjugate", 0.1), ("analytic", 0.5)], "conjugate", 0.1),
        ([("analytic", 0.5), ("conjugate", 0.1)], "conjugate", 0.1),
        ([("conjugate", 0.1), ("conjugate", 0.5)], "conjugate", 0.5),
        ([("analytic", 0.5), ("analytic", 0.1)], "analytic", 0.5),
        ([("analytic", 0.1), ("unclear", 0.5)], "unclear", 0.5),
        ([("conjugate", 0.1), ("unclear", 0.5)], "conjugate", 0.1),
        ([("unclear", 0.1), ("unclear", 0.5), ("analytic", 0.1)], "unclear", 0.5),  # 折れ目かどうかは調べない
    ],
)
def test_the_worse_of_two_directions_decides(
    found: list[tuple[str, float]], verdict: str, doubt: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = iter([*found, *[("conjugate", 1.0)] * 3])

    def follow(function: Any, x: np.ndarray, direction: np.ndarray) -> Any:
        word, size = next(rest)
        return analyticity.Continuation(word, direction, 0.0, size)

    monkeypatch.setattr(analyticity, "_follow", follow)
    worst = continuation(lambda x: 0.0, np.zeros(2))
    assert (worst.verdict, worst.doubt) == (verdict, doubt)


@pytest.mark.parametrize("analytic_at", [2, 3, 4])
def test_one_analytic_point_nearby_makes_it_a_kink(analytic_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts_in_order = ["conjugate"] * 5
    verdicts_in_order[analytic_at] = "analytic"
    rest = iter(verdicts_in_order)
    monkeypatch.setattr(
        analyticity,
        "_follow",
        lambda function, x, direction: analyticity.Continuation(next(rest), direction, 0.0, 1.0),
    )
    assert continuation(lambda x: 0.0, np.zeros((2, 2))).verdict == "kink"


WIDTH = 0.77 * 2.0**-10
"""リチャードソン補外で、はじめに試す幅。2の累乗の幅の 0.77 倍で、点が粗い目盛りの上に並ばない。"""


def test_the_blur_is_sixteen_times_the_roughness(monkeypatch: pytest.MonkeyPatch) -> None:
    """値の粗さは、幅で割ったあとの微分に16倍で効くとみる。大きな点では、幅も広い。"""
    monkeypatch.setattr(measuring, "grain_of", lambda function, x: 1e-6)
    found = extrapolated(lambda x: 0.0, np.array([0.5, 3.0, -5.0]), "")
    np.testing.assert_allclose(found.blur, 16e-6 / (WIDTH * np.array([1, 4, 8])), rtol=1e-12)


def test_the_blur_of_a_quintic(monkeypatch: pytest.MonkeyPatch) -> None:
    """5次式では、幅を半分にした値との差に、4次式でならした残りの16倍を幅で割ったものを足す。"""
    monkeypatch.setattr(measuring, "grain_of", lambda function, x: 0.0)
    found = extrapolated(lambda x: float(x[0] ** 5), np.zeros(1), "")
    h = WIDTH / 8**3
    nodes = np.arange(-4, 5) / 4
    left = np.abs(nodes**5 - np.polyval(np.polyfit(nodes, nodes**5, 4), nodes)).max()
    np.testing.assert_allclose(found.numeric, -(h**4) / 4, rtol=1e-6)
    np.testing.assert_allclose(found.blur, h**4 * (1 / 4 - 1 / 64 + 16 * left), rtol=1e-6)


def test_nothing_is_settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """誤差の見積もりが 0 なら、勾配が 0 でも、はじめの幅だけで測れている。"""
    monkeypatch.setattr(measuring, "grain_of", lambda function, x: 0.0)
    points = []
    extrapolated(lambda x: points.append(float(x[0])) or 0.0, np.zeros(1), "")
    assert len(points) == 9


@pytest.mark.parametrize(("grain", "tries"), [(0.0, 1), (0.99e-6 * WIDTH / 16, 1), (1.01e-6 * WIDTH / 16, 4)])
def test_a_width_is_narrowed_until_the_slope_is_settled(
    grain: float, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """誤差の見積もりが許容限界の中に入れば、そこでやめる。入らなければ、8分の1ずつ、四つの幅を試す。"""
    monkeypatch.setattr(measuring, "grain_of", lambda function, x: grain)
    offsets: list[float] = []

    def line(x: np.ndarray) -> float:
        offsets.append(abs(float(x[0])))
        return float(x[0])

    found = extrapolated(line, np.zeros(1), "")
    assert found.numeric == pytest.approx([1.0], rel=1e-12)
    widths = {WIDTH / 8**n * k / 4 for n in range(tries) for k in range(1, 5)} | {0.0}
    assert sorted(set(offsets)) == pytest.approx(sorted(widths), rel=1e-12)


@pytest.mark.parametrize("verdict", ["analytic", "kink", "unclear", "conjugate"])
def test_only_what_is_not_analytic_is_refused(verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = analyticity.Continuation(verdict, np.ones(1), 1.0, 0.25)
    monkeypatch.setattr(measuring, "along", lambda function, x, index: found)
    if verdict == "conjugate":
        with pytest.raises(NotAnalytic):
            measuring.doubt_at(lambda x: x[0], np.ones(1), (0,))
    else:
        assert measuring.doubt_at(lambda x: x[0], np.ones(1), (0,)) == 0.25


@pytest.mark.parametrize(("share", "kink"), [(0.5, False), (0.5 + EPS, True)])
def test_more_than_half_of_the_gap_must_stay(share: float, kink: bool) -> None:
    """狭い幅で、傾きの差がちょうど半分になったなら、折れ目の上とはみなさない。"""

    def bent(x: np.ndarray) -> float:
        return float(max(x[0], 0.0) * (1 if x[0] > 2.0**-30 else share))

    look = sides(bent, np.zeros(1), (0,), 1.0)
    assert (look.left, look.right, look.gap, look.kink) == (0.0, 1.0, 1.0, kink)


@pytest.mark.parametrize(("distance", "seen"), [(2.0**-16, True), (2.0**-14, False)])
def test_a_large_point_is_looked_at_widely(distance: float, seen: bool) -> None:
    """値が4なら、幅は 2⁻¹⁷ の4倍。"""
    look = sides(lambda x: float(np.abs(x[0] - 4 - distance)), np.array([4.0]), (0,), 1.0)
    assert (look is not None) == seen
    assert look is None or not look.kink


def test_what_was_measured_cannot_be_changed() -> None:
    one, other = (Measurement("richardson", np.ones(1), np.zeros(1)) for _ in "ab")
    assert one != other
    with pytest.raises(AttributeError):
        one.blur = np.ones(1)
    assert (one.kinked, one.note) == (False, "")
    look = Sides(1.0, 2.0, True, 1.5)
    assert look == Sides(1.0, 2.0, True, 1.5)
    with pytest.raises(AttributeError):
        look.kink = False


def test_a_method_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(
        ValueError, match="method に 'simpson' はありません。選べるのは auto, forward_difference"
    ):
        measuring.measure(lambda x: x[0], np.ones(1), "simpson")


@pytest.mark.parametrize("verdict", ["analytic", "kink", "conjugate", "unclear"])
def test_only_kinks_are_kinks(verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = analyticity.Continuation(verdict, np.ones(1), 1.0, 0.0)
    monkeypatch.setattr(measuring, "verified", lambda function, x, probe: (np.ones(1), found))
    assert measuring.measure(lambda x: x[0], np.ones(1), "auto").kinked == (verdict == "kink")


def test_a_width_that_is_narrow_enough_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """二つめの幅で落ち着けば、三つめは試さない。"""
    monkeypatch.setattr(measuring, "grain_of", lambda function, x: 0.0)
    offsets: list[float] = []

    def wave(x: np.ndarray) -> Any:
        offsets.append(abs(float(x[0])))
        return np.sin(0.4 / WIDTH * x[0])

    found = extrapolated(wave, np.zeros(1), "")
    assert found.numeric == pytest.approx([0.4 / WIDTH], rel=1e-6)
    assert min(set(offsets) - {0.0}) == pytest.approx(WIDTH / 8 / 4, rel=1e-12)


def test_the_narrowest_width_is_used_for_a_fast_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """速く変わる関数では、幅を8分の1にすることを3回まで続け、いちばん確かな値を選ぶ。"""
    monkeypatch.setattr(measuring, "grain_of", lambda function, x: 0.0)
    x = np.array([0.3])

    def fast(x: np.ndarray) -> Any:
        return np.sin(2.3e5 * x[0])

    found = extrapolated(fast, x, "")
    assert found.numeric == pytest.approx(richardson(fast, x, h=WIDTH / 8**3), rel=1e-9)
    difference = found.numeric - richardson(fast, x, h=WIDTH / 8**3 / 2)
    assert found.blur >= np.abs(difference)


def test_the_grain_is_what_is_left_of_a_smooth_curve() -> None:
    """4次式までは滑らか。値の粗さは、9か所の中央値で、二つの幅の小さいほう。"""
    x, calls = np.linspace(-1, 1, 7), []

    def quartic(x: np.ndarray) -> float:
        calls.append(x)
        return float((1 + x + x**2 - x**3 + 2 * x**4).sum())

    assert grain_of(quartic, x) <= 20 * EPS * quartic(x)
    calls.clear()

    def steps(x: np.ndarray) -> float:
        calls.append(x)
        return float(np.round(x.sum() * 1e8) / 1e8)

    assert grain_of(steps, x) == pytest.approx(0.3e-8, rel=0.5)
    assert len(calls) == 2 * 9 * 9
    # まん中の点は、もとの点から、どちらへも幅だけのあいだで、くじで離す
    shifts = np.array([(point - x).sum() for point in calls[4::9]]) / (WIDTH * np.repeat([1, 1 / 8], 9))
    assert np.abs(shifts).max() < 1
    assert shifts.min() < -0.5
    assert shifts.max() > 0.5
    assert len(set(shifts)) == 18


def test_the_grain_of_a_large_point_is_measured_widely() -> None:
    points: list[float] = []
    grain_of(lambda x: points.append(float(x[0])) or float(x[0]), np.array([5.0]))
    farthest = max(abs(point - 5) for point in points)
    assert 8 * WIDTH < farthest < 2 * 8 * WIDTH


def test_a_fast_curve_is_not_rough() -> None:
    """広い幅では4次式から外れる速い変化も、8分の1の幅では滑らかに見える。"""
    assert grain_of(lambda x: float(np.sin(300 * x[0])), np.ones(1)) < 1e-10


def test_the_reason_is_kept_but_not_the_advice() -> None:
    """断るときの文のうち、理由だけを残し、どうすればよいかは、したことに書きかえる。"""
    found = extrapolated(
        lambda x: float(x[0]), np.ones(1), "虚部が消えます。複素ステップ法は使えないので、ほかの方法で。"
    )
    assert found.note == "虚部が消えます。そこで、リチャードソン補外で測りました。"


@pytest.mark.parametrize(
    ("difference", "seen"), [(0.9e-4, False), (1.1e-4, True), (-0.9e-4, False), (-1.1e-4, True)]
)
def test_slopes_differ_from_one_ten_thousandth(difference: float, seen: bool) -> None:
    """左と右の傾きの差が、傾きの一万分の1より小さければ、折れ目とはみなさない。"""

    def bent(x: np.ndarray) -> float:
        return float(x[0] * (1 + difference if x[0] > 0 else 1))

    look = sides(bent, np.zeros(1), (0,), 1.0)
    assert (look is not None) == seen
    if look:
        assert (look.left, look.right, look.kink) == (
            pytest.approx(1, rel=1e-9), pytest.approx(1 + difference, rel=1e-9), True,
        )  # fmt: skip


@pytest.mark.parametrize(("size", "seen"), [(2.0**31 / 100 - 1, True), (2.0**31 / 100 + 1, False)])
def test_a_kink_under_rounding_is_not_looked_for(size: float, seen: bool) -> None:
    """傾きの差が丸め誤差の100倍になる幅が、はじめの幅の8分の1より狭くなければ、調べられない。"""
    look = sides(lambda x: float(np.maximum(x[0], 0)), np.zeros(1), (0,), size)
    assert (look is not None) == seen


@pytest.mark.parametrize(
    ("distance", "kink"),
    [(0.0, True), (2.0**-48, True), (3 * 2.0**-49, False), (2.0**-44, False), (2.0**-20, False)],
)
def test_on_the_kink_or_near_it(distance: float, kink: bool) -> None:
    """大きさ1の関数では、幅 2⁻⁴⁵ まで狭めて、傾きの差が半分より多く残れば、折れ目の上とみなす。"""
    look = sides(lambda x: float(np.abs(x[0] - distance)), np.zeros(1), (0,), 1.0)
    assert look is not None
    assert look.kink == kink
    assert look.gap == abs(look.right - look.left)
    if distance == 0:
        assert (look.left, look.right, look.slope) == (-1.0, 1.0, 0.0)
    if distance >= 2.0**-44:
        assert look.slope == pytest.approx(-1.0, rel=1e-12)


def test_a_second_look_finds_what_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    """全体を見る目をふさいでも、違う要素を一つずつ見なおせば、間違った不合格は出ない。"""
    blind = continuation(lambda x: x.sum(), X)
    monkeypatch.setattr(differences, "continuation", lambda function, x: blind)
    monkeypatch.setattr(differences, "is_lost", lambda found, gradient: False)
    report = check_gradient(lambda x: np.var(x) + 0 * x[0, 0], X, 2 * (X - X.mean()) / 18)
    assert report.ok
    assert report.method == "richardson"
    with pytest.raises(NotAnalytic):  # 名指しされた方法は、切り替えない
        check_gradient(lambda x: np.var(x) + 0 * x[0, 0], X, 2 * (X - X.mean()) / 18, method="complex_step")


# ---- 自分の配列の辞書、自分の層 ----


def regression(p: dict[str, Any]) -> Any:
    rest = X @ p["w"] + p["c"] - G[:, :1]
    return (rest**2).mean() + 0.1 * np.linalg.norm(p["w"]) ** 2


def regression_gradients(p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    rest = X @ p["w"] + p["c"] - G[:, :1]
    return {"w": X.T @ rest / 3 + 0.2 * p["w"], "c": np.array(rest.mean() * 2)}


class TestDictionaries:
    P = {"w": np.array([[1.0], [-2.0], [0.5]]), "c": np.array(0.3)}

    def test_right(self) -> None:
        report = check_gradients(regression, self.P, regression_gradients(self.P))
        assert report.ok
        assert report.size == 4
        assert {name: one.method for name, one in report.reports.items()} == {
            "w": "richardson",
            "c": "complex_step",
        }

    @pytest.mark.parametrize("name", ["w", "c"])
    def test_the_wrong_array_is_named(self, name: str) -> None:
        wrong = regression_gradients(self.P)
        wrong[name] = wrong[name] * 1.001
        assert set(check_gradients(regression, self.P, wrong).wrong) == {name}

    def test_the_cost_may_write_into_what_it_gets(self) -> None:
        def greedy(p: dict[str, Any]) -> Any:
            value = (p["w"] ** 2).sum() * p["c"]
            p["w"][...] = 0
            p.clear()
            return value

        w = self.P["w"]
        before = w.copy()
        assert check_gradients(greedy, self.P, {"w": 0.6 * w, "c": np.array((w**2).sum())}).ok
        assert np.array_equal(w, before)

    @pytest.mark.parametrize(
        ("parameters", "gradients", "said"),
        [
            ({}, {}, "parameters が空"),
            ({"w": np.ones(2)}, {"v": np.ones(2)}, "gradients の名前は w"),
            ({"w": np.ones(2)}, {"w": np.ones(3)}, r"w の勾配の形は \(2,\)"),
            ({"w": [1.0]}, {"w": np.ones(1)}, r"parameters\[.w.\] は NumPy の配列"),
            ([np.ones(2)], {"w": np.ones(2)}, "parameters は辞書"),
            ({"w": np.ones(2)}, [np.ones(2)], "gradients は辞書"),
        ],
    )
    def test_refusals(self, parameters: Any, gradients: Any, said: str) -> None:
        with pytest.raises((TypeError, ValueError), match=said):
            check_gradients(lambda p: p["w"].sum(), parameters, gradients)


def batch_norm(x: Any, gamma: Any, beta: Any) -> tuple[Any, tuple[Any, ...]]:
    h = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    return gamma * h + beta, (h, gamma, x.var(0))


def batch_norm_backward(G: np.ndarray, cache: tuple[Any, ...]) -> tuple[np.ndarray, ...]:
    h, gamma, variance = cache
    g = G * gamma
    dx = (g - g.mean(0) - h * (g * h).mean(0)) / np.sqrt(variance + 1e-5)
    return dx, (G * h).sum(0), G.sum(0)


class Unlisted:
    """C で書かれた関数のように、引数の一覧がわからない関数。"""

    __signature__ = "わからない"

    def __call__(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return a + b


class TestLayers:
    INPUTS = X, np.array([1.0, -2.0, 0.5]), np.array([0.1, 0.2, 0.3])

    def test_right(self) -> None:
        report = check_layer(batch_norm, batch_norm_backward, *self.INPUTS)
        assert report.ok, str(report)
        assert list(report.reports) == ["x", "gamma", "beta"]

    def test_a_missing_term_is_noticed_though_a_plain_sum_cannot_see_it(self) -> None:
        def forgetful(G: np.ndarray, cache: tuple[Any, ...]) -> tuple[np.ndarray, ...]:
            h, gamma, variance = cache
            g = G * gamma
            return (g - g.mean(0)) / np.sqrt(variance + 1e-5), (G * h).sum(0), G.sum(0)

        assert set(check_layer(batch_norm, forgetful, *self.INPUTS).wrong) == {"x"}
        ones = np.ones_like(X)
        _, cache = batch_norm(*self.INPUTS)
        dx = forgetful(ones, cache)[0]
        assert check_gradient(lambda x: batch_norm(x, *self.INPUTS[1:])[0].sum(), X, dx).ok

    def test_inputs_that_are_not_differentiated(self) -> None:
        def partial(G: np.ndarray, cache: tuple[Any, ...]) -> tuple[Any, ...]:
            return batch_norm_backward(G, cache)[0], None, None

        assert list(check_layer(batch_norm, partial, *self.INPUTS).reports) == ["x"]

    def test_without_a_cache(self) -> None:
        report = check_layer(lambda a, b: a @ b, lambda G, a, b: (G @ b.T, a.T @ G), A, X)
        assert report.ok
        assert list(report.reports) == ["a", "b"]
        assert not check_layer(lambda a, b: a @ b, lambda G, a, b: (G @ b.T, a @ G), A, X).ok

    def test_the_seed_changes_the_upstream_gradient(self) -> None:
        seen = []
        for seed in (0, 0, 1):
            check_layer(lambda x: 2 * x, lambda G, x: seen.append(G.copy()) or 2 * G, X, seed=seed)
        assert np.array_equal(seen[0], seen[1])
        assert not np.array_equal(seen[0], seen[2])
        assert all(np.unique(G).size == G.size for G in seen)

    def test_the_first_seed_is_used_unless_another_is_given(self) -> None:
        seen = []
        for settings in ({}, {"seed": 0}):
            check_layer(lambda x: 2 * x, lambda G, x: seen.append(G.copy()) or 2 * G, X, **settings)
        assert np.array_equal(*seen)

    @pytest.mark.parametrize(
        ("forward", "names"),
        [
            (lambda a, b: a + b, ["a", "b"]),
            (lambda a, b, scale=1.0: a + b, ["a", "b"]),  # 余りは、既定値のある設定
            (lambda *parts: parts[0] + parts[1], ["inputs[0]", "inputs[1]"]),
            (lambda a, *rest: a + rest[0], ["inputs[0]", "inputs[1]"]),
            (Unlisted(), ["inputs[0]", "inputs[1]"]),
            (lambda a, b, /: a + b, ["a", "b"]),
        ],
    )
    def test_inputs_are_called_by_the_names_of_the_arguments(self, forward: Any, names: list[str]) -> None:
        report = check_layer(forward, lambda G, a, b: [G, G], X, 2 * X)
        assert report.ok, str(report)
        assert list(report.reports) == names

    def test_the_arrays_that_are_given_are_left_alone(self) -> None:
        """順伝播も逆伝播も、写しを受け取る。控えがあれば、逆伝播は入力を受け取らない。"""
        x, taken = X.copy(), []

        def forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            y = x**2
            x[...] = 0.0
            return y, 2 * np.sqrt(y) * np.sign(X)

        def backward(G: np.ndarray, *rest: Any) -> np.ndarray:
            taken.append(len(rest))
            return G * rest[0]

        check_layer(forward, backward, x)
        assert np.array_equal(x, X)
        assert taken == [1]

    def test_an_output_of_one_number(self) -> None:
        """出力は、NumPy の一つの数でもよい。控えのない組でもよい。"""
        x = np.array([1.0, 2.0])
        assert check_layer(lambda x: (x**2).sum(), lambda G, x: 2 * G * x, x).ok
        assert check_layer(lambda x: ((x**2).sum(),), lambda G, x: (2 * G * x,), x).ok
        single = x.astype(np.float32)
        seen = []
        check_layer(lambda x: 2 * x, lambda G, x: seen.append(G.dtype) or 2 * G, single)
        assert seen == [np.float32]

    @pytest.mark.parametrize("seed", [0, 1, 7])
    def test_the_upstream_gradient_is_not_the_input(self, seed: int) -> None:
        """読者の入力も、同じ種の乱数から来ることが多い。"""
        x = np.random.default_rng(seed).standard_normal((6, 3))
        seen = []
        check_layer(lambda x: 2 * x, lambda G, x: seen.append(G.copy()) or 2 * G, x, seed=seed)
        assert np.abs(seen[0] - x).min() > 0

    @pytest.mark.parametrize(
        ("forward", "backward", "said"),
        [
            (lambda x: 2 * x, lambda G, x: np.multiply(G, 2, out=G), "上流の勾配を書き換え"),
            (lambda x: 2 * x, lambda G, x: np.multiply(x, 0, out=x) + 2 * G, "入力を書き換え"),
            (lambda x: 2 * x, lambda G, x: (G, G), "同じ 1 個の勾配（x の順）.*2 個"),
            (lambda x: 2 * x, lambda G, x: None, "すべて None"),
            (lambda x: 2 * x, lambda G, x: G[:3], r"x の勾配の形は \(6, 3\)"),
            (lambda x: (x, 1, 2), lambda G, x: G, "出力か .出力, 控え."),
            (lambda x: [1.0], lambda G, x: G, "forward の出力は浮動小数点数の配列.*list"),
            (lambda x: x > 0, lambda G, x: G, "forward の出力は浮動小数点数の配列.*ndarray"),
            (lambda x: (x, 1, 2, 3), lambda G, x: G, "4 個が返りました"),
            (lambda x: 2 * x, lambda G, x: (), "同じ 1 個の勾配（x の順）.*0 個"),
            (1, lambda G, x: G, "forward は関数"),
            (lambda x: x, 1, "backward は関数"),
        ],
    )
    def test_refusals(self, forward: Any, backward: Any, said: str) -> None:
        with pytest.raises((TypeError, ValueError), match=said):
            check_layer(forward, backward, X)

    def test_no_inputs(self) -> None:
        with pytest.raises(ValueError, match="inputs がありません"):
            check_layer(lambda x: x, lambda G, x: G)

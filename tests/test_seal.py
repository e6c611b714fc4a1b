"""検印そのものの検査。正しい主張には押され、間違った主張にも、落ちない検査にも、押されない。"""

import functools
import re

import numpy as np
import pytest
import sympy as sp
from sympy import Eq, HadamardProduct, OneMatrix, Sum

from backprop.judges import (
    MIME,
    NetworkCase,
    SampleCase,
    Seal,
    SealBroken,
    network_cases,
    operation_cases,
    sample_cases,
    seal,
)
from backprop.judges import sealing as seal_module
from backprop.network import Network
from backprop.steps import bias_gradient, hidden_delta
from backprop.symbolic import (
    BATCH,
    Family,
    Index,
    Layer,
    LossDerivative,
    Partials,
    Y,
    arbitrary_function,
    is_zero,
    layers,
    matrix_pullback,
    mutants,
    resolve,
)

BEFORE, THIS, AFTER, LAST = layers("l-1", "l", "l+1", "L")
I, J, K = THIS.index("i"), THIS.index("j"), AFTER.index("k")
TRUE_RHS = Sum(AFTER.w[K, J] * AFTER.delta[K], K) * THIS.df(THIS.z[J])


def hidden_delta_setting(**changes):
    z_next = Sum(AFTER.w[K, I] * THIS.f(THIS.z[I]), I) + AFTER.b[K]
    setting = {
        "derived": resolve(Sum(AFTER.delta[K] * z_next.diff(THIS.z[J]), K)),
        "cases": network_cases(),
        "numpy": lambda c: hidden_delta(c[AFTER.w], c[AFTER.delta], c[THIS.z], c.activation(THIS)),
        "independent": lambda c: c.complex_step(THIS.z),
    }
    return {**setting, **changes}


def seal_hidden_delta(rhs=TRUE_RHS, **changes):
    return seal("eq-hidden-delta", claim=Eq(THIS.delta[J], rhs), **hidden_delta_setting(**changes))


class TestAccepts:
    def test_the_true_claim(self):
        sealed = seal_hidden_delta()
        assert sealed.controls == len(mutants(TRUE_RHS)) >= 10
        assert repr(sealed) == (
            f"検印 eq-hidden-delta: 記号 ✓ 数値 ✓ (≤ 1e-12) 独立 ✓ (≤ 1e-10) 対照 {sealed.controls}/{sealed.controls}"
        )

    def test_judges_may_answer_with_plain_numbers(self):
        w = sp.Symbol("w")
        cases = sample_cases(lambda rng: {w: float(rng.normal())}, lambda values: values[w] ** 2)
        sealed = seal(
            "eq-square",
            claim=Eq(LossDerivative(w), 2 * w),
            derived=(w**2).diff(w),
            cases=cases,
            numpy=lambda case: np.float64(2 * case[w]),
            independent=lambda case: case.complex_step(w).item(),
        )
        assert sealed.controls == 4

    def test_a_claim_of_a_fixed_size(self):
        q, n = Family("q"), Index("n", (1, 3))
        cases = sample_cases(lambda rng: {q: rng.normal(size=3)}, lambda values: (values[q] ** 2).sum())
        sealed = seal(
            "eq-three",
            claim=Eq(LossDerivative(q[n]), 2 * q[n]),
            derived=2 * q[n],
            cases=cases,
            numpy=lambda case: 2 * case[q],
            independent=lambda case: case.complex_step(q),
        )
        assert sealed.sizes == "定まった大きさ"

    def test_a_seal_cannot_be_changed(self):
        sealed = seal_hidden_delta()
        with pytest.raises(AttributeError):
            sealed.label = "eq-something-else"

    def test_the_same_line_every_time(self):
        assert seal_hidden_delta()._repr_mimebundle_() == seal_hidden_delta()._repr_mimebundle_()

    def test_mime_bundle(self):
        bundle = seal_hidden_delta()._repr_mimebundle_()
        assert bundle[MIME]["label"] == "eq-hidden-delta"
        assert bundle[MIME]["judges"] == {"symbolic": True, "numpy": 1e-12, "independent": 1e-10}
        assert r"w^{l+1}_{kj}" in bundle["text/markdown"]
        assert "\n**検印** `eq-hidden-delta`: 記号 ✓" in bundle["text/markdown"]


class TestRejects:
    """審判の一人だけに間違いを見せ、その審判の名で断られることを見る。"""

    @pytest.mark.parametrize("name", list(mutants(TRUE_RHS)))
    def test_every_mutant_offered_as_the_claim(self, name):
        with pytest.raises(SealBroken, match="記号の審判"):
            seal_hidden_delta(mutants(TRUE_RHS)[name])

    def test_the_difference_from_the_derivation_is_shown(self):
        w = sp.Symbol("w")
        cases = sample_cases(lambda rng: {w: float(rng.normal())}, lambda values: values[w] ** 2)
        judges = {"numpy": lambda case: 2 * case[w], "independent": lambda case: case.complex_step(w)}
        with pytest.raises(SealBroken, match="差は w です"):
            seal("eq-square", claim=Eq(LossDerivative(w), 3 * w), derived=2 * w, cases=cases, **judges)

    def test_claim_and_derivation_wrong_in_the_same_way(self):
        wrong = Sum(AFTER.w[J, K] * AFTER.delta[K], K) * THIS.df(THIS.z[J])
        with pytest.raises(SealBroken, match="数値の審判"):
            seal_hidden_delta(wrong, derived=wrong)

    def test_numpy_wrong(self):
        def without_derivative(c):
            return c[AFTER.w].T @ c[AFTER.delta]

        with pytest.raises(SealBroken, match="数値の審判"):
            seal_hidden_delta(numpy=without_derivative)

    def test_claim_derivation_and_numpy_wrong_in_the_same_way(self):
        wrong = Sum(AFTER.w[K, J] * AFTER.delta[K], K)
        with pytest.raises(SealBroken, match="独立の審判"):
            seal_hidden_delta(wrong, derived=wrong, numpy=lambda c: c[AFTER.w].T @ c[AFTER.delta])

    def test_a_claim_without_a_value_somewhere(self):
        # z^{l−1} は l = 1 の場面にはない。残りの場面だけで合格にしてはいけない。
        k = BEFORE.index("k")
        claim = THIS.delta[J] * BEFORE.z[k]

        def value(case):
            return case[THIS.delta] @ case[BEFORE.z if BEFORE.z in case else BEFORE.a].T

        judges = {"numpy": value, "independent": lambda case: 1.0 * value(case)}
        judges |= {"derived": claim, "cases": network_cases()}
        with pytest.raises(SealBroken, match="値を持たない場面"):
            seal("eq-nowhere", claim=Eq(LossDerivative(THIS.w[J, k]), claim), **judges)

    def test_not_a_number(self):
        with pytest.raises(SealBroken, match="数値の審判"):
            seal_hidden_delta(numpy=lambda c: np.full_like(c[THIS.z], np.nan))


class TestUndecided:
    """答えられない審判は、何も認めない。検印は押されず、どの審判がなぜ答えられなかったかを言う。"""

    JUDGES = (("numpy", "数値"), ("independent", "独立"))

    @pytest.mark.parametrize(("judge", "name"), JUDGES)
    def test_a_judge_that_fails(self, judge, name):
        def failing(case):
            raise ZeroDivisionError("0で割った")

        message = f"{name}の審判が答えられませんでした（ZeroDivisionError: 0で割った）"
        with pytest.raises(SealBroken, match=message) as found:
            seal_hidden_delta(**{judge: failing})
        assert isinstance(found.value.__cause__, ZeroDivisionError)

    @pytest.mark.parametrize(("judge", "name"), JUDGES)
    @pytest.mark.parametrize(
        "answer",
        [None, "0", True, 1j, np.nan, np.inf, [], [None], np.array([1.0, np.nan]), np.array([1.0], object)],
        ids=repr,
    )
    def test_an_answer_that_is_not_a_finite_array(self, judge, name, answer):
        message = f"{name}の審判が、有限な実数の配列ではなく、{re.escape(repr(answer))} を返しました"
        with pytest.raises(SealBroken, match=message):
            seal_hidden_delta(**{judge: lambda case: answer})

    def test_a_ragged_answer(self):
        with pytest.raises(SealBroken, match="数値の審判が答えられませんでした（ValueError"):
            seal_hidden_delta(numpy=lambda case: [[1.0], [1.0, 2.0]])

    def test_whole_numbers_are_an_answer(self):
        w = sp.Symbol("w")
        cases = sample_cases(lambda rng: {w: int(rng.integers(1, 9))}, lambda values: values[w] ** 2)
        judges = {"numpy": lambda case: 2 * case[w], "independent": lambda case: case.complex_step(w)}
        assert seal("eq-square", claim=Eq(LossDerivative(w), 2 * w), derived=2 * w, cases=cases, **judges)

    def test_symbols_that_cannot_be_decided(self, monkeypatch):
        def failing(expression):
            raise RecursionError("深すぎる")

        w = sp.Symbol("w")
        monkeypatch.setattr(sp, "simplify", failing)
        with pytest.raises(RecursionError):
            is_zero(sp.sin(w) ** 2 + sp.cos(w) ** 2 - 1)
        with pytest.raises(SealBroken, match="記号の審判が答えられませんでした（RecursionError: 深すぎる）"):
            seal_hidden_delta(derived=TRUE_RHS * (sp.sin(w) ** 2 + sp.cos(w) ** 2))

    @staticmethod
    def seal_matrices(left, right, derived):
        judges = {"numpy": lambda c: c[THIS.delta], "independent": lambda c: c.complex_step(THIS.z)}
        claim = Eq(left, right, evaluate=False)
        return seal("eq-matrix", claim=claim, derived=derived, cases=network_cases(), **judges)

    def test_a_matrix_without_a_rule_for_its_entries(self):
        X = sp.MatrixSymbol("X", THIS.N, THIS.N)
        with pytest.raises(SealBroken, match="記号の審判が答えられませんでした（TypeError: Inverse の成分"):
            self.seal_matrices(X, sp.Inverse(X), 2 * sp.Inverse(X))

    def test_a_value_that_cannot_be_computed(self, monkeypatch):
        def failing(*_):
            raise OverflowError("大きすぎる")

        monkeypatch.setattr(seal_module, "evaluate", failing)
        with pytest.raises(SealBroken, match="の値を求められませんでした（OverflowError: 大きすぎる）"):
            seal_hidden_delta()

    def test_shapes_that_differ_are_no_exception(self):
        X, Y = sp.MatrixSymbol("X", 2, 3), sp.MatrixSymbol("Y", 3, 2)
        with pytest.raises(SealBroken, match=r"主張の形は \(2, 3\)、導いた式の形は \(3, 2\) です"):
            self.seal_matrices(X, X, Y)
        with pytest.raises(SealBroken, match=r"主張の形は 数、導いた式の形は \(3, 2\) です"):
            seal_hidden_delta(derived=Y)

    def test_cases_that_are_not_cases(self):
        with pytest.raises(TypeError, match=r"cases\[1\] は Case でなければなりませんが、dict が"):
            seal_hidden_delta(cases=[network_cases()[0], {}])


class TestSameProgram:
    """数値の審判と独立の審判に、同じ計算は渡せない。"""

    w = sp.Symbol("w")

    def sealed(self, numpy, independent):
        cases = sample_cases(lambda rng: {self.w: rng.normal()}, lambda values: values[self.w] ** 2)
        claim = sp.Eq(LossDerivative(self.w), 2 * self.w)
        return seal(
            "eq-square", claim=claim, derived=2 * self.w, cases=cases, numpy=numpy, independent=independent
        )

    def double(self, case):
        return 2 * case[self.w]

    def times(self, factor):
        return lambda case: factor * case[self.w]

    def test_refused(self):
        w, two = self.w, float("2")
        once = lambda case: 2 * case[w]  # noqa: E731 同じ物を二度渡す
        part = functools.partial(once)
        for numpy, independent in (
            (once, once),
            (part, part),
            (once, lambda other: 2 * other[w]),
            (self.double, self.double),
            (self.times(two), self.times(2.0)),
            (lambda case: case.complex_step(w), lambda case: case.complex_step(w)),
            (lambda case, by=two: by * case[w], lambda case, by=two: by * case[w]),
        ):
            with pytest.raises(ValueError, match="numpy と independent が同じ計算です"):
                self.sealed(numpy, independent)

    def test_callables_that_are_not_functions(self):
        w = self.w
        double, measure = functools.partial(self.double), functools.partial(lambda case: case.complex_step(w))
        assert self.sealed(double, measure).controls == 4
        assert self.sealed(self.double, measure).controls == 4

    def test_the_same_maker_may_make_different_programs(self):
        w = self.w

        def ask(question):
            return lambda case: question(case)

        assert (
            self.sealed(ask(lambda case: 2 * case[w]), ask(lambda case: case.complex_step(w))).controls == 4
        )
        assert self.sealed(lambda case: 2 * case[w], lambda case: case[w] + case[w]).controls == 4
        with pytest.raises(SealBroken, match="独立の審判が退けました"):
            self.sealed(self.times(2.0), self.times(3.0))


class TestSizes:
    """記号の審判が、どの大きさについて示したか。"""

    @staticmethod
    def sizes(left, right):
        return Seal("eq-sizes", Eq(left, right, evaluate=False), 1).sizes

    def test_arbitrary(self):
        assert self.sizes(THIS.delta[J], TRUE_RHS) == "任意の大きさ"
        assert self.sizes(THIS.delta[1], Sum(THIS.a[J], J)) == "任意の大きさ"
        assert self.sizes(THIS.Delta, 2 * THIS.Delta) == "任意の大きさ"
        assert self.sizes(sp.MatrixSymbol("X", 2, THIS.N), sp.MatrixSymbol("Y", 2, THIS.N)) == "任意の大きさ"
        assert self.sizes(sp.Symbol("J"), Sum(1 / THIS.N, (J, 2, THIS.N))) == "任意の大きさ"

    def test_fixed(self):
        assert self.sizes(THIS.delta[1], THIS.w[1, 2] * THIS.a[2]) == "定まった大きさ"
        assert self.sizes(sp.MatrixSymbol("X", 2, 3), sp.MatrixSymbol("Y", 2, 3)) == "定まった大きさ"
        three = Index("n", (1, 3))
        assert self.sizes(sp.Symbol("J"), Sum(Family("q")[three], three)) == "定まった大きさ"

    def test_a_single_number(self):
        w = sp.Symbol("w")
        assert self.sizes(LossDerivative(w), 2 * w) == "一つの数"

    def test_it_is_recorded_and_not_printed(self):
        bundle = seal_hidden_delta()._repr_mimebundle_()
        assert bundle[MIME]["sizes"] == "任意の大きさ"
        assert "任意" not in bundle["text/plain"] + bundle["text/markdown"]


class TestBounds:
    """限界ちょうどの誤差は、主張では許し、対照では許さない。"""

    W = sp.Symbol("w")

    def seal_near(self, **errors):
        """数値の審判と独立の審判の答えを、正しい値から相対誤差だけずらす。"""
        cases = sample_cases(lambda rng: {self.W: float(rng.normal())}, lambda values: values[self.W] ** 2)
        claim = Eq(LossDerivative(self.W), 2 * self.W)
        return seal(
            "eq-square",
            claim=claim,
            derived=2 * self.W,
            cases=cases,
            numpy=lambda case: 2 * case[self.W] * (1 + errors.get("numpy", 0.0)),
            independent=lambda case: 2 * case[self.W] * (1 - errors.get("independent", 0.0)),
        )

    @pytest.mark.parametrize(
        ("judge", "name", "bound"), [("numpy", "数値", 1e-12), ("independent", "独立", 1e-10)]
    )
    def test_errors_inside_and_outside_the_bound(self, judge, name, bound):
        assert self.seal_near(**{judge: 0.8 * bound}).controls == 4
        with pytest.raises(SealBroken, match=f"{name}の審判が退けました"):
            self.seal_near(**{judge: 1.25 * bound})

    def test_controls_inside_and_outside_the_bound(self, monkeypatch):
        def nearly(error):
            monkeypatch.setattr(
                seal_module, "mutants", lambda claim: {"少し違う": claim * (1 + sp.Float(error))}
            )
            return self.seal_near()

        assert nearly(1.25e-6).controls == 1
        with pytest.raises(SealBroken, match="対照（少し違う）が数値・独立の審判を通りました"):
            nearly(0.8e-6)

    @staticmethod
    def seal_square():
        w = sp.Symbol("w")
        cases = sample_cases(lambda rng: {w: float(rng.integers(1, 9))}, lambda values: values[w] ** 2)
        judges = {"numpy": lambda case: 2 * case[w], "independent": lambda case: case[w] + case[w]}
        return seal("eq-square", claim=Eq(LossDerivative(w), 2 * w), derived=2 * w, cases=cases, **judges)

    def test_a_claim_at_the_bound_is_accepted(self, monkeypatch):
        monkeypatch.setattr(seal_module, "NUMPY_BOUND", 0.0)
        monkeypatch.setattr(seal_module, "INDEPENDENT_BOUND", 0.0)
        assert self.seal_square().controls == 4

    def test_a_control_at_the_bound_is_not_rejected(self, monkeypatch):
        # 2倍した対照の相対誤差は |4w − 2w| / |4w| = 1/2
        monkeypatch.setattr(seal_module, "REJECTION_BOUND", 0.5)
        with pytest.raises(SealBroken, match="対照（係数を2倍）が数値・独立の審判を通りました"):
            self.seal_square()


class TestControls:
    def test_a_judge_who_accepts_everything_is_found_out(self, monkeypatch):
        monkeypatch.setattr(seal_module, "is_same", lambda one, other: True)
        with pytest.raises(SealBroken, match=r"対照（.*）が記号の審判を通りました"):
            seal_hidden_delta()

    def test_cases_that_cannot_see_are_found_out(self):
        # 恒等関数だけの場面では f′ = 1 なので、f′ を落とした対照を数値では退けられない。
        net = Network([np.eye(2), np.eye(2)], [np.zeros((2, 1))] * 2, ["identity"] * 2, "half_squared_error")
        case = NetworkCase(net, np.array([[1.0], [2.0]]), np.array([[0.5], [0.25]]), l=1)
        with pytest.raises(SealBroken, match=r"対照（.*）が数値・独立の審判を通りました"):
            seal_hidden_delta(cases=[case])

    def test_a_claim_without_controls_is_refused(self, monkeypatch):
        monkeypatch.setattr(seal_module, "mutants", lambda expression: {})
        with pytest.raises(SealBroken, match="対照を一つも作れません"):
            seal_hidden_delta()

    def test_label_and_cases_are_required(self):
        with pytest.raises(ValueError, match="eq-"):
            seal("hidden-delta", claim=Eq(THIS.delta[J], TRUE_RHS), **hidden_delta_setting())
        with pytest.raises(ValueError, match="cases"):
            seal_hidden_delta(cases=[])


class TestMutants:
    def test_each_is_another_expression(self):
        for name, variant in mutants(TRUE_RHS).items():
            assert not is_zero(variant - TRUE_RHS), name

    @pytest.mark.parametrize(
        "mistake",
        [
            -TRUE_RHS,
            Sum(AFTER.w[J, K] * AFTER.delta[K], K) * THIS.df(THIS.z[J]),
            Sum(AFTER.w[K, J] * AFTER.delta[K], K),
            Sum(AFTER.w[K, J] * AFTER.delta[K], K) * THIS.df(THIS.f(THIS.z[J])),
            Sum(AFTER.w[K, J] * AFTER.delta[K], K) * THIS.f(THIS.z[J]),
            TRUE_RHS / AFTER.N,
            Sum(AFTER.w[K, J] * AFTER.delta[K], (K, 2, AFTER.N)) * THIS.df(THIS.z[J]),
        ],
        ids=["符号", "転置", "f′なし", "aでの微分", "fのまま", "平均", "最初の道なし"],
    )
    def test_the_mistakes_people_make_are_among_them(self, mistake):
        assert any(is_zero(variant - mistake) for variant in mutants(TRUE_RHS).values())

    def test_wrong_layer_and_weighted_input_are_among_them(self):
        k = BEFORE.index("k")
        right = THIS.delta[J] * BEFORE.a[k]
        for mistake in (THIS.delta[J] * THIS.a[k], THIS.delta[J] * BEFORE.z[k]):
            assert any(is_zero(variant - mistake) for variant in mutants(right).values())

    def test_inner_function_forgotten(self):
        f, g, x = arbitrary_function("f"), arbitrary_function("g"), sp.Symbol("x")
        variants = mutants(f(g(x)).diff(x))
        mistake = arbitrary_function("f", 1)(x) * arbitrary_function("g", 1)(x)
        assert any(is_zero(variant - mistake) for variant in variants.values())

    def test_every_index_of_a_double_sum(self):
        p, q = BEFORE.index("p"), BEFORE.index("q")
        G, D = Partials("u_kp -> v"), Partials("x_iq -> u_kp")
        rule = Sum(G[K, p] * D[K, p, I, q], K, p)
        names = list(mutants(rule))
        for index in (K, p):
            assert [name for name in names if name.startswith(f"{index} の和")] == [
                f"{index} の和を平均にする",
                f"{index} の和の最初の項を落とす",
                f"{index} の和の最後の項を落とす",
            ]
        assert sum("の添字" in name for name in names) == 1 + 3
        shortened = Sum(G[K, p] * D[K, p, I, q], K, (p, 1, BEFORE.N - 1))
        assert any(is_zero(variant - shortened) for variant in mutants(rule).values())

    def test_factors_the_bias_gradient_does_not_have_are_among_them(self):
        right = THIS.delta[J]
        for mistake in (right * THIS.a[J], right * THIS.df(THIS.z[J])):
            assert any(is_zero(variant - mistake) for variant in mutants(right).values())
        # 因子がほかにあれば、落とす・替える対照があるので、増やさない
        assert len(mutants(right * BEFORE.a[BEFORE.index("k")])) == 6

    def test_an_equal_variant_is_not_counted(self):
        # 対称な積では、添字の入れ替えが元と同じ式になる。それは対照に数えない。
        x = AFTER.delta
        symmetric = x[K] * x[K]
        assert all(not is_zero(variant - symmetric) for variant in mutants(symmetric).values())
        one = sp.Symbol("u") * sp.Symbol("u")
        assert "u を落とす" not in mutants(one)

    def test_a_variant_without_a_value_is_not_a_control(self):
        u, v = sp.symbols("u v")
        names = list(mutants(v / (1 - u)))
        assert "u を落とす" not in names
        assert "1/(1 - u) を落とす" in names


class TestCases:
    def test_delta_is_measured_from_the_program(self):
        for case in network_cases():
            deltas, gradients = case.network.backward(case.network.forward(case.X), case.Y)
            assert np.allclose(case[THIS.delta], deltas[case.l - 1], rtol=1e-10, atol=1e-14)
            for symbol, name in ((AFTER.w, "W"), (AFTER.b, "b")):
                expected = gradients[f"{name}{case.l + 1}"]
                assert np.allclose(case.complex_step(symbol), expected, rtol=1e-10, atol=1e-14)

    def test_delta_of_a_batch_has_no_mean_in_it(self):
        (case,) = network_cases(number=1, batch=4)
        deltas, _ = case.network.backward(case.network.forward(case.X), case.Y)
        assert np.allclose(case[THIS.delta], deltas[case.l - 1], rtol=1e-10, atol=1e-14)

    def test_depths_and_widths_vary(self):
        cases = network_cases(number=8)
        assert [case.network.num_layers for case in cases] == [2, 3, 4, 2, 3, 4, 2, 3]
        assert all(1 <= case.l < case.network.num_layers for case in cases)
        assert {size for case in cases[2:] for size in case.network.sizes} == {1, 2, 3, 4}
        assert all(len(set(case.network.sizes)) > 1 for case in cases[2:])

    def test_weights_and_biases_are_neither_large_nor_small(self):
        """標準偏差は、重みが 0.8、バイアスが 0.5 ほど。飽和もせず、どの傾きも見える。"""
        networks = [case.network for case in network_cases(number=60)]
        for name, scale in (("weights", 0.8), ("biases", 0.5)):
            values = np.concatenate([part.ravel() for net in networks for part in getattr(net, name)])
            assert np.std(values) == pytest.approx(scale, rel=0.1)

    def test_the_loss_and_its_slope_are_functions_of_the_case(self):
        """名前だけの損失 ℓ と、その微分の値は、場面の損失関数から引く。"""
        for case in network_cases(number=2):
            loss, y_hat, y = case.network.loss, np.array([[0.3]]), np.array([[0.6]])
            assert case[arbitrary_function(r"\ell")](0.3, 0.6) == loss.value(y_hat, y).item()
            assert case[arbitrary_function(r"\ell", 1)](0.3, 0.6) == loss.gradient(y_hat, y).item()

    def test_two_square_networks_come_first(self):
        assert [set(case.network.sizes) for case in network_cases()[:2]] == [{3}, {3}]

    def test_values_of_symbols(self):
        case = network_cases()[2]
        l = case.l
        assert case[THIS.N] == case.network.sizes[l]
        assert case[AFTER.w] is case.network.weights[l]
        assert case[BEFORE.a].shape == (case.network.sizes[l - 1], 1)
        assert case[Y] is case.Y
        z = 0.3
        assert case[THIS.f](z) == case.network.activations[l - 1].value(z)
        assert case[THIS.df](z) == case.network.activations[l - 1].derivative(z)
        with pytest.raises(KeyError):
            case[sp.Symbol("q")]

    def test_output_activation_gradient(self):
        for case in network_cases():
            record = case.network.forward(case.X)
            expected = case.network.loss.gradient(record.A[-1], case.Y)
            assert np.allclose(case.complex_step(LAST.a), expected, rtol=1e-12)

    def test_a_saturated_output_is_differentiated_from_its_weighted_sum(self):
        """出力の加重和からの損失は、飽和して ŷ が 1 に丸められても、桁を失わない。"""
        case = network_cases(number=2)[1]
        net = case.network.replace(**{f"b{case.network.num_layers}": np.full((3, 1), 50.0)})
        far = NetworkCase(net, case.X, case.Y, l=case.l)
        Z = net.forward(case.X).Z[-1]
        assert np.allclose(far.complex_step(LAST.z), 1 / (1 + np.exp(-Z)) - case.Y, rtol=1e-12)

    def test_sample_cases_are_seeded(self):
        w = sp.Symbol("w")
        one, other = (sample_cases(lambda rng: {w: rng.normal()}, lambda v: v[w] ** 3) for _ in range(2))
        assert [case[w] for case in one] == [case[w] for case in other]
        assert np.isclose(one[0].complex_step(w), 3 * one[0][w] ** 2, rtol=1e-14)

    def test_other_seeds_make_other_cases(self):
        w = sp.Symbol("w")
        draws = [sample_cases(lambda rng: {w: rng.normal()}, lambda v: v[w], seed=seed) for seed in (0, 1, 2)]
        assert len({case[w] for cases in draws for case in cases}) == 18
        for one, other in zip(network_cases(seed=1), network_cases(seed=2)):
            assert not np.array_equal(one.network.weights[0], other.network.weights[0])
            assert not np.array_equal(one.X, other.X)
        again = network_cases(seed=1)
        assert all(np.array_equal(one.Y, other.Y) for one, other in zip(network_cases(seed=1), again))

    def test_six_cases_of_the_first_seed_unless_others_are_asked_for(self):
        w = sp.Symbol("w")
        drawn = {"draw": lambda rng: {w: rng.normal()}, "program": lambda v: v[w] ** 2}
        for made, asked in (
            (sample_cases(**drawn), sample_cases(**drawn, number=6, seed=0)),
            (network_cases(), network_cases(number=6, seed=0, batch=1)),
        ):
            assert len(made) == len(asked) == 6
            for one, other in zip(made, asked):
                if isinstance(one, SampleCase):
                    assert one[w] == other[w]
                else:
                    assert np.array_equal(one.X, other.X)
                    assert one.X.shape[1] == 1
                    assert np.array_equal(one.network.weights[0], other.network.weights[0])

    def test_operations_are_drawn_from_the_first_seed(self):
        x, g = Family("x"), Family("g")
        one, other = (operation_cases(np.tanh, {x: (2, 3)}, g, **seed)[0] for seed in ({}, {"seed": 0}))
        assert np.array_equal(one[x], other[x])

    def test_what_is_missing_is_said(self):
        w = sp.Symbol("w")
        for call, missing in (
            (SampleCase, "values, program"),
            (lambda: SampleCase({w: 1.0}), "program"),
            (NetworkCase, "network, X, Y, l"),
            (sample_cases, "draw, program"),
            (operation_cases, "operation, inputs, upstream"),
        ):
            with pytest.raises(TypeError, match=f"の {missing} が与えられていません"):
                call()

    def test_nothing_is_drawn_for_a_program_that_cannot_be_called(self):
        drawn = []
        for program in (3, lambda: 0.0, lambda a, b: 0.0):
            with pytest.raises(TypeError, match="program は"):
                sample_cases(lambda rng: drawn.append(1) or {}, program)
        with pytest.raises(TypeError, match="draw は"):
            sample_cases(lambda: {}, lambda v: 0.0)
        assert drawn == []

    def test_cases_cannot_be_changed(self):
        w = sp.Symbol("w")
        for case, name in ((SampleCase({w: 1.0}, lambda v: v[w]), "values"), (network_cases()[0], "l")):
            with pytest.raises(AttributeError):
                setattr(case, name, None)

    def test_the_output_layer_is_the_last(self):
        case = network_cases()[0]
        last = NetworkCase(case.network, case.X, case.Y, l=case.network.num_layers)
        assert last[THIS.N] == case.network.sizes[-1]
        with pytest.raises(ValueError, match="l は層の数 2 以下でなければなりませんが、3 が"):
            NetworkCase(case.network, case.X, case.Y, l=3)

    def test_sample_case_leaves_its_values_alone(self):
        w = sp.Symbol("w")
        value = np.array([2.0])
        SampleCase({w: value}, lambda v: (v[w] ** 2).sum()).complex_step(w)
        assert value.tolist() == [2.0]


def test_loss_derivative_on_the_left():
    j, q = THIS.index("j"), BEFORE.index("q")
    z = Sum(THIS.w[I, BEFORE.index("p")] * BEFORE.a[BEFORE.index("p")], BEFORE.index("p")) + THIS.b[I]
    sealed = seal(
        "eq-weight",
        claim=Eq(LossDerivative(THIS.w[j, q]), THIS.delta[j] * BEFORE.a[q]),
        derived=resolve(Sum(THIS.delta[I] * z.diff(THIS.w[j, q]), I)),
        cases=network_cases(),
        numpy=lambda c: c[THIS.delta] @ c[BEFORE.a].T,
        independent=lambda c: c.complex_step(THIS.w),
    )
    assert sealed.controls == 6


def test_layer_names_reach_the_network():
    case = network_cases()[1]
    assert case[Layer(str(case.l)).N] == case[THIS.N]


@pytest.mark.long
class TestMatrixClaims:
    """行列の等式。"""

    RHS = HadamardProduct(AFTER.W.T * AFTER.Delta, THIS.Z.applyfunc(THIS.df))
    WEIGHT, BIAS = THIS.Delta * BEFORE.A.T / BATCH, THIS.Delta * OneMatrix(BATCH, 1) / BATCH

    @staticmethod
    def setting(**changes):
        Z_next = AFTER.W * THIS.Z.applyfunc(THIS.f) + AFTER.bias * OneMatrix(1, BATCH)
        setting = {
            "derived": matrix_pullback(Z_next, THIS.Z, AFTER.Delta),
            "cases": network_cases(batch=3),
            "numpy": lambda c: hidden_delta(c[AFTER.W], c[AFTER.Delta], c[THIS.Z], c.activation(THIS)),
            "independent": lambda c: c.complex_step(THIS.Z),
        }
        return {**setting, **changes}

    def seal(self, rhs=RHS, **changes):
        return seal("eq-matrix", claim=Eq(THIS.Delta, rhs, evaluate=False), **self.setting(**changes))

    @staticmethod
    def square(expression):
        """大きさをすべて等しくした式。形の合わない間違いも、ここでは成分で比べられる。"""
        blocks = expression.atoms(sp.MatrixSymbol, sp.OneMatrix)
        sizes = {size for block in blocks for size in block.shape if size.is_Symbol}
        return expression.xreplace(dict.fromkeys(sizes, BATCH))

    def test_the_true_claim(self):
        sealed = self.seal()
        assert sealed.controls == len(mutants(self.RHS)) >= 12
        markdown = sealed._repr_mimebundle_()["text/markdown"]
        assert r"\left(W^{l+1}\right)^{\top} \Delta^{l+1}" in markdown
        assert r"\odot f^{l\prime}\!\left(Z^{l}\right)" in markdown

    def test_a_claim_of_one_column(self):
        sealed = self.seal(
            self.BIAS,
            derived=matrix_pullback(THIS.bias * OneMatrix(1, BATCH), THIS.bias, THIS.Delta / BATCH),
            numpy=lambda c: bias_gradient(c[THIS.Delta]),
            independent=lambda c: c.complex_step(THIS.bias),
        )
        assert sealed.controls == 7

    @pytest.mark.parametrize("name", list(mutants(RHS)))
    def test_every_mutant_offered_as_the_claim(self, name):
        with pytest.raises(SealBroken, match="記号の審判"):
            self.seal(mutants(self.RHS)[name])

    @pytest.mark.parametrize("name", list(mutants(RHS)))
    def test_mutant_claimed_and_derived_in_the_same_way(self, name):
        # 記号の審判をあざむいても、形か値で退けられる。形の合わない変異は、差が0とも言えない。
        wrong = mutants(self.RHS)[name]
        with pytest.raises(SealBroken, match="(数値|記号)の審判が退けました"):
            self.seal(wrong, derived=wrong)

    def test_claim_derivation_and_numpy_wrong_in_the_same_way(self):
        wrong = AFTER.W.T * AFTER.Delta
        with pytest.raises(SealBroken, match="独立の審判"):
            self.seal(wrong, derived=wrong, numpy=lambda c: c[AFTER.W].T @ c[AFTER.Delta])

    def test_cases_that_are_not_square_cannot_see_the_transpose(self):
        rectangular = [case for case in network_cases(number=12, batch=3) if case[AFTER.N] != case[THIS.N]]
        with pytest.raises(SealBroken, match=r"対照（.*）が数値・独立の審判を通りました"):
            self.seal(cases=rectangular)

    def test_one_example_cannot_see_the_mean(self):
        with pytest.raises(SealBroken, match=r"対照（1/m をもう一度掛ける）が数値・独立の審判を通りました"):
            self.seal(cases=network_cases(batch=1))

    def test_a_value_of_another_shape_is_refused(self):
        # 列 (N, 1) と、長さ N の並びは、別のものである。
        with pytest.raises(SealBroken, match="相対誤差 inf"):
            self.seal(numpy=lambda c: c.complex_step(THIS.Z)[:, :1])

    @pytest.mark.parametrize("change", [lambda delta: np.vstack([delta, delta]), lambda delta: delta[:1]])
    @pytest.mark.parametrize(("judge", "name"), [("numpy", "数値"), ("independent", "独立")])
    def test_a_value_of_another_shape_in_one_case_is_refused(self, judge, name, change):
        setting = self.setting()
        first, genuine = setting["cases"][0], setting[judge]
        setting[judge] = lambda case: change(genuine(case)) if case is first else genuine(case)
        with pytest.raises(SealBroken, match=f"{name}の審判の値の形が違う場面"):
            self.seal(**setting)

    def test_sides_of_different_shapes_are_no_equation(self):
        with pytest.raises(ValueError, match="両辺の形が違う"):
            seal("eq-matrix", claim=Eq(THIS.Delta, THIS.Delta.T), **self.setting())

    @pytest.mark.parametrize(
        ("right", "mistake"),
        [
            (RHS, HadamardProduct(AFTER.W * AFTER.Delta, THIS.Z.applyfunc(THIS.df))),
            (RHS, HadamardProduct(AFTER.Delta * AFTER.W.T, THIS.Z.applyfunc(THIS.df))),
            (RHS, AFTER.W.T * AFTER.Delta),
            (RHS, AFTER.W.T * AFTER.Delta * THIS.Z.applyfunc(THIS.df)),
            (RHS, HadamardProduct(AFTER.W.T * AFTER.Delta, THIS.Z.applyfunc(THIS.f))),
            (WEIGHT, THIS.Delta * BEFORE.A.T),
            (WEIGHT, BEFORE.A.T * THIS.Delta / BATCH),
            (WEIGHT, THIS.Delta * BEFORE.A / BATCH),
            (WEIGHT, THIS.Delta * THIS.A.T / BATCH),
            (BIAS, THIS.Delta * OneMatrix(BATCH, 1)),
            (BIAS, THIS.Delta * OneMatrix(BATCH, 1) / BATCH**2),
            (BIAS, THIS.Delta / BATCH),
        ],
        ids=[
            "転置なし", "順序", "f′なし", "⊙でなく積", "fのまま", "和のまま", "順序（重み）", "転置なし（重み）",
            "この層の活性", "和のまま（バイアス）", "二度の平均", "足さない",
        ],
    )  # fmt: skip
    def test_the_mistakes_people_make_are_among_them(self, right, mistake):
        mistake = self.square(mistake)
        variants = map(self.square, mutants(right).values())
        assert any(variant.shape == mistake.shape and is_zero(variant - mistake) for variant in variants)

    def test_what_never_fits_is_not_a_control(self):
        # 1 Δ（列と行列の積）は、大きさをどう選んでも計算できない。
        assert not [name for name in mutants(self.BIAS) if "順序" in name]

    def test_values_of_matrices(self):
        case = network_cases(batch=3)[2]
        l = case.l
        assert case[AFTER.W] is case.network.weights[l]
        assert case[AFTER.bias] is case.network.biases[l]
        assert case[BEFORE.A].shape == (case.network.sizes[l - 1], 3)
        assert np.array_equal(case[THIS.Delta], case[THIS.delta])
        record = case.network.forward(case.X)
        assert np.allclose(case[LAST.G], case.network.loss.gradient(record.A[-1], case.Y), rtol=1e-12)


class TestOperationCases:
    """演算の場面。"""

    N, M = sp.symbols("N M", integer=True, positive=True)
    x, y, g, h = map(Family, "xygh")

    def test_upstream_is_the_derivative_of_what_follows(self):
        shapes = {self.x: (self.N, self.M), self.y: (self.N, self.M)}
        for case in operation_cases(np.multiply, shapes, self.g):
            assert case[self.g].shape == case[self.x].shape == (case[self.N], case[self.M])
            product = case[self.x] * case[self.y]
            assert np.allclose(case[self.g], np.cos(product + 0.5), rtol=1e-12)
            assert np.allclose(case.complex_step(self.x), case[self.g] * case[self.y], rtol=1e-12)

    def test_every_output_has_its_own_upstream(self):
        for case in operation_cases(lambda x: (x, x), {self.x: (self.N, self.M)}, (self.g, self.h)):
            assert not np.allclose(case[self.g], case[self.h])
            assert np.allclose(case.complex_step(self.x), case[self.g] + case[self.h], rtol=1e-12)

    def test_sizes_are_equal_first_and_different_later(self):
        cases = operation_cases(np.add, {self.x: (self.N, self.M), self.y: (self.N, 1)}, self.g)
        equal = [case[self.N] == case[self.M] for case in cases]
        assert equal[:2] == [True, True]
        assert not any(equal[2:])
        assert all(case[self.y].shape == (case[self.N], 1) for case in cases)

    def test_functions_and_seed(self):
        f = arbitrary_function("f")
        one, other = (
            operation_cases(np.tanh, {self.x: (self.N, self.M)}, self.g, functions={f: np.tanh})[2]
            for _ in "ab"
        )
        assert one[f] is np.tanh
        assert np.array_equal(one[self.x], other[self.x])
        third = operation_cases(np.tanh, {self.x: (self.N, self.M)}, self.g, seed=1)[2]
        assert not np.any(one[self.x] == third[self.x])

    def test_bad_settings_are_refused(self):
        with pytest.raises(ValueError, match="2 個要りますが"):
            operation_cases(lambda x: (x, x), {self.x: (self.N, self.M)}, self.g)
        shape = sp.symbols("a b c d", integer=True, positive=True)
        with pytest.raises(ValueError, match=r"3 個までですが、\[a, b, c, d\] が"):
            operation_cases(lambda x: x, {self.x: shape}, self.g)
        for inputs, error, message in (
            ({}, ValueError, "inputs が空です"),
            ({sp.Symbol("x"): (self.N, 1)}, TypeError, "inputs の名前 は Family"),
            ({self.x: self.N}, TypeError, r"inputs\[x\] は並び"),
            ({self.x: (self.N, 0)}, ValueError, r"inputs\[x\] の大きさ は1以上"),
            ({self.x: (self.N, 2.0)}, TypeError, r"inputs\[x\] の大きさ は整数"),
        ):
            with pytest.raises(error, match=message):
                operation_cases(lambda x: x, inputs, self.g)

    def test_three_sizes_in_four_ways(self):
        """三つの大きさが、等しい場面が二つと、どれも違う場面が二つ。"""
        shape = sp.symbols("a b c", integer=True, positive=True)
        cases = operation_cases(lambda x: x, {self.x: shape}, self.g)
        sizes = [[case[d] for d in shape] for case in cases]
        assert sizes == [[3, 3, 3], [2, 2, 2], [2, 4, 3], [4, 3, 2]]
        assert [list(case[self.x].shape) for case in cases] == sizes

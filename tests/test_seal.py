"""検印そのものの検査。正しい主張には押され、間違った主張にも、落ちない検査にも、押されない。"""

import numpy as np
import pytest
import sympy as sp
from sympy import Eq, Sum

from backprop import seal as seal_module
from backprop.cases import NetworkCase, SampleCase, network_cases, sample_cases
from backprop.mutants import mutants
from backprop.network import Network
from backprop.seal import MIME, SealBroken, seal
from backprop.steps import hidden_delta
from backprop.symbolic import Layer, LossDerivative, Partials, Y, arbitrary_function, is_zero, layers, resolve

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

    def test_the_same_line_every_time(self):
        assert seal_hidden_delta()._repr_mimebundle_() == seal_hidden_delta()._repr_mimebundle_()

    def test_mime_bundle(self):
        bundle = seal_hidden_delta()._repr_mimebundle_()
        assert bundle[MIME]["label"] == "eq-hidden-delta"
        assert r"w^{l+1}_{kj}" in bundle["text/markdown"]


class TestRejects:
    """審判の一人だけに間違いを見せ、その審判の名で断られることを見る。"""

    @pytest.mark.parametrize("name", list(mutants(TRUE_RHS)))
    def test_every_mutant_offered_as_the_claim(self, name):
        with pytest.raises(SealBroken, match="記号の審判"):
            seal_hidden_delta(mutants(TRUE_RHS)[name])

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

        def same(case):
            return case[THIS.delta] @ case[BEFORE.z if BEFORE.z in case else BEFORE.a].T

        judges = {"derived": claim, "cases": network_cases(), "numpy": same, "independent": same}
        with pytest.raises(SealBroken, match="値を持たない場面"):
            seal("eq-nowhere", claim=Eq(LossDerivative(THIS.w[J, k]), claim), **judges)

    def test_not_a_number(self):
        with pytest.raises(SealBroken, match="数値の審判"):
            seal_hidden_delta(numpy=lambda c: np.full_like(c[THIS.z], np.nan))


class TestControls:
    def test_a_judge_who_accepts_everything_is_found_out(self, monkeypatch):
        monkeypatch.setattr(seal_module, "is_zero", lambda expression: True)
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
            assert np.allclose(case.complex_step(AFTER.w), gradients[f"W{case.l + 1}"], rtol=1e-10, atol=1e-14)
            assert np.allclose(case.complex_step(AFTER.b), gradients[f"b{case.l + 1}"], rtol=1e-10, atol=1e-14)

    def test_delta_of_a_batch_has_no_mean_in_it(self):
        (case,) = network_cases(number=1, batch=4)
        deltas, _ = case.network.backward(case.network.forward(case.X), case.Y)
        assert np.allclose(case[THIS.delta], deltas[case.l - 1], rtol=1e-10, atol=1e-14)

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
        case = network_cases()[0]
        record = case.network.forward(case.X)
        expected = case.network.loss.gradient(record.A[-1], case.Y)
        assert np.allclose(case.complex_step(LAST.a), expected, rtol=1e-12)

    def test_sample_cases_are_seeded(self):
        w = sp.Symbol("w")
        one, other = (sample_cases(lambda rng: {w: rng.normal()}, lambda v: v[w] ** 3) for _ in range(2))
        assert [case[w] for case in one] == [case[w] for case in other]
        assert np.isclose(one[0].complex_step(w), 3 * one[0][w] ** 2, rtol=1e-14)

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

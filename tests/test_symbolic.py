"""記号の部屋。答えのわかっている式で、和の片づけ方と数の入れ方を確かめる。"""

import numpy as np
import pytest
import sympy as sp
from sympy import Sum
from sympy.core.function import ArgumentIndexError
from sympy.matrices.exceptions import ShapeError

from backprop.activations import ACTIVATIONS
from backprop.symbolic import (
    BATCH,
    ELL,
    Family,
    Index,
    Kronecker,
    Layer,
    LossDerivative,
    Partials,
    Y,
    arbitrary_function,
    component,
    derivative_of,
    derive_six_steps,
    entries,
    expand_definitions,
    gradient_symbol,
    identities,
    is_zero,
    layers,
    matrix_pullback,
    mutants,
    resolve,
    sigma,
    softmax,
    softplus,
    tanh,
    typeset,
)
from backprop.symbolic.contents import unknowns
from backprop.symbolic.evaluation import OneBased, evaluate, lambdify
from backprop.symbolic.functions import ArbitraryFunction, DefinedFunction

BEFORE, THIS, AFTER, LAST = layers("l-1", "l", "l+1", "L")
I, J = THIS.index("i"), THIS.index("j")
K, P, Q = AFTER.index("k"), BEFORE.index("p"), BEFORE.index("q")


class TestResolve:
    def test_delta_picks_one_term(self):
        assert resolve(Sum(Kronecker(I, J) * THIS.z[I] ** 2, I)) == THIS.z[J] ** 2

    def test_delta_of_another_range_is_left_alone(self):
        # k は 1..N_{l+1} を動く。i がその中にあるとは限らない。
        expression = Sum(Kronecker(K, J) * AFTER.z[K], K)
        assert resolve(expression).has(sp.KroneckerDelta)
        assert not is_zero(expression - AFTER.z[J])

    def test_delta_in_a_shortened_sum_is_left_alone(self):
        expression = Sum(Kronecker(I, J) * THIS.z[I], (I, 2, THIS.N))
        assert not is_zero(expression - THIS.z[J])

    def test_sum_of_one_is_the_width(self):
        assert resolve(Sum(1, I)) == THIS.N

    def test_nested_sums(self):
        # ∂/∂z_j Σ_k v_k Σ_i w_ki f(z_i) = f'(z_j) Σ_k v_k w_kj
        v = Family("v")
        inner = Sum(AFTER.w[K, I] * THIS.f(THIS.z[I]), I)
        derived = resolve(Sum(v[K] * inner, K).diff(THIS.z[J]))
        assert is_zero(derived - THIS.df(THIS.z[J]) * Sum(v[K] * AFTER.w[K, J], K))

    def test_square_of_a_sum_keeps_its_two_indices_apart(self):
        # (Σ_i z_i)² の z_j による微分は 2 Σ_i z_i。番号が混ざると 2 z_j になってしまう。
        derived = resolve((Sum(THIS.z[I], I) ** 2).diff(THIS.z[J]))
        assert is_zero(derived - 2 * Sum(THIS.z[I], I))
        assert not is_zero(derived - 2 * THIS.z[J])

    def test_free_index_is_not_captured(self):
        # 自由な j と束縛された j が同じ名前でも、別のものとして扱う。
        expression = THIS.z[J] * Sum(THIS.a[J], J)
        values = {THIS.z: np.array([2.0, 3.0]), THIS.a: np.array([5.0, 7.0]), THIS.N: 2}
        assert evaluate(resolve(expression), values, (J,)).tolist() == [24.0, 36.0]

    def test_equation(self):
        equation = sp.Eq(THIS.delta[J], Sum(Kronecker(I, J) * THIS.z[I], I))
        assert resolve(equation).rhs == THIS.z[J]

    def test_an_equation_stays_an_equation(self):
        both = sp.Eq(THIS.z[J], Sum(Kronecker(I, J) * THIS.z[I], I))
        assert resolve(both) == sp.Eq(THIS.z[J], THIS.z[J], evaluate=False)

    def test_powers_of_sums_are_spelled_out(self):
        values = {THIS.z: np.array([2.0, 3.0]), THIS.N: 2}
        for power in (2, 3):
            spelled = resolve(Sum(THIS.z[I], I) ** power)
            assert len(spelled.atoms(Sum)) == len(spelled.atoms(sp.Idx)) == power
            assert evaluate(spelled, values) == 5.0**power

    def test_sums_inside_a_function(self):
        inner = Sum(Kronecker(I, J) * THIS.z[I], I)
        assert resolve(sp.exp(inner)) == sp.exp(THIS.z[J])
        assert resolve(THIS.f(inner)) == THIS.f(THIS.z[J])
        assert resolve(1 / (1 + inner)) == 1 / (1 + THIS.z[J])

    def test_nothing_is_left_of_a_vanishing_term(self):
        assert resolve(Sum(THIS.z[I], I).diff(AFTER.z[K])) == 0


class TestIsZero:
    def test_names_of_bound_indices_do_not_matter(self):
        assert is_zero(Sum(THIS.z[I], I) - Sum(THIS.z[J], J))

    def test_order_of_sums_does_not_matter(self):
        one = Sum(Sum(AFTER.w[K, I], I), K)
        other = Sum(Sum(AFTER.w[K, I], K), I)
        assert is_zero(one - other)

    def test_sum_of_what_does_not_depend_on_the_index(self):
        # Σ_i (z_i − 平均) = 0。平均は i を含まないので、N_l 回足される。
        mean = Sum(THIS.z[J], J) / THIS.N
        assert is_zero(Sum(THIS.z[I] - mean, I))
        assert not is_zero(Sum(THIS.z[I] - mean, (I, 2, THIS.N)))
        assert is_zero(Sum(sp.S.One, (I, 2, THIS.N)) - THIS.N + 1)

    def test_transposed_sum_is_another_sum(self):
        assert not is_zero(Sum(AFTER.w[K, J] - AFTER.w[J, K], K))

    def test_shortened_sum_is_another_sum(self):
        whole = Sum(THIS.z[I], I)
        assert not is_zero(whole - Sum(THIS.z[I], (I, 2, THIS.N)))
        assert not is_zero(whole - Sum(THIS.z[I], (I, 1, THIS.N - 1)))

    def test_algebra_inside_a_sum(self):
        s = 1 / (1 + sp.exp(-THIS.z[I]))
        derivative = sp.exp(-THIS.z[I]) / (1 + sp.exp(-THIS.z[I])) ** 2
        assert is_zero(Sum(derivative, I) - Sum(s * (1 - s), I))

    def test_indices_of_one_range_may_change_places(self):
        u, v = THIS.index("u"), THIS.index("v")
        assert is_zero(Sum(THIS.z[I] * THIS.a[J], I, J) - Sum(THIS.z[v] * THIS.a[u], u, v))
        assert not is_zero(Sum(THIS.w[I, J] * THIS.z[I], I, J) - Sum(THIS.w[J, I] * THIS.z[I], I, J))

    def test_numbers(self):
        assert is_zero(sp.S.Zero)
        assert not is_zero(sp.S.One)
        assert not is_zero(sp.S.NegativeOne)

    def test_an_identity_beside_a_delta_that_stays(self):
        x = sp.Symbol("x")
        one = sp.sin(x) ** 2 + sp.cos(x) ** 2
        assert is_zero(Kronecker(K, J) * (one - 1))
        assert not is_zero(Kronecker(K, J) * one)

    def test_how_far_from_zero_a_value_at_a_point_must_be(self):
        far, near, at = sp.Rational(2, 10**15), sp.Rational(5, 10**16), sp.Rational(1e-15)
        assert [identities._differs_at_a_point(value) for value in (far, near, at)] == [True, False, False]
        assert not any(map(is_zero, (far, near, at)))


class TestRefusals:
    """SymPy の式でないものは、読まずに断る。文字列を式として読むと、違う記号が同じものになることがある。"""

    @pytest.mark.parametrize("function", [is_zero, resolve, mutants, typeset], ids=lambda f: f.__name__)
    @pytest.mark.parametrize("given", [None, "w-w", 1.5, np.array([1.0]), [sp.S.Zero]], ids=repr)
    def test_what_is_not_an_expression(self, function, given):
        message = (
            f"expression は (Expr|Basic) でなければなりませんが、{type(given).__name__} が与えられました"
        )
        with pytest.raises(TypeError, match=message):
            function(given)

    @pytest.mark.parametrize("function", [is_zero, mutants])
    def test_an_equation_is_not_a_value(self, function):
        with pytest.raises(TypeError, match="expression は Expr"):
            function(sp.Eq(THIS.z[J], 0))

    @pytest.mark.parametrize(("one", "other", "named"), [("x", THIS.W, "one"), (THIS.W, None, "other")])
    def test_sides_that_are_not_expressions(self, one, other, named):
        with pytest.raises(TypeError, match=f"{named} は Expr"):
            identities.is_same(one, other)


class TestIsSame:
    X, Y = sp.MatrixSymbol("X", 2, 3), sp.MatrixSymbol("Y", 3, 2)

    def test_shapes_come_first(self):
        assert not identities.is_same(self.X, self.Y)
        assert not identities.is_same(self.X, sp.Symbol("x"))
        assert not identities.is_same(THIS.W, THIS.W.T)
        assert identities.is_same(self.X, self.Y.T.T.T * 0 + self.X)

    def test_values_come_second(self):
        assert identities.is_same(self.X, 2 * self.X - self.X)
        assert not identities.is_same(self.X, 2 * self.X)
        assert identities.is_same(Sum(THIS.z[I], I), Sum(THIS.z[J], J))
        assert not identities.is_same(THIS.z[I], THIS.z[J])


class TestPartials:
    M, N = sp.symbols("M N", integer=True, positive=True)
    j, k = Index("j", (1, M)), Index("k", (1, N))
    outer, inner = Partials("u_k -> v"), Partials("x_j -> u_k")

    def test_latex_divides_the_indices(self):
        i, l = Index("i", (1, self.M)), Index("l", (1, self.N))
        partial = Partials(r"x_ij -> \mathcal{L}")[i, self.j]
        assert sp.latex(partial) == r"\frac{\partial \mathcal{L}}{\partial x_{ij}}"
        partial = Partials("x_ij -> u_kl")[self.k, l, i, self.j]
        assert sp.latex(partial) == r"\frac{\partial u_{kl}}{\partial x_{ij}}"

    def test_factors_stand_from_the_output_to_the_input(self):
        product = sp.latex(self.inner[self.k, self.j] * self.outer[self.k])
        assert product.index("partial v") < product.index("partial x")

    def test_sum_over_paths_against_numpy(self):
        rule = Sum(self.outer[self.k] * self.inner[self.k, self.j], self.k)
        p, q = np.array([2.0, -1.0, 0.5]), np.arange(6.0).reshape(3, 2)
        values = {self.outer: p, self.inner: q, self.M: 2, self.N: 3}
        assert unknowns(rule) == {self.outer, self.inner, self.N}
        assert np.allclose(evaluate(rule, values, (self.j,)), p @ q, rtol=1e-15)

    def test_survives_a_rebuild(self):
        component = self.inner[self.k, self.j]
        renamed = component.xreplace({self.k: Index("p", (1, self.N))})
        assert sp.latex(renamed) == r"\frac{\partial u_{p}}{\partial x_{j}}"
        assert component.func(*component.args) == component

    def test_wrong_names_and_indices(self):
        for bad in ("u_k", "x_j -> ", " -> u_k", "x_j -> u_k -> v", "x_j -> -> u_k", "-> x_j -> u_k", "->"):
            with pytest.raises(ValueError, match="x_j -> u_k"):
                Partials(bad)
        for indices in (self.k, (self.k, self.k, self.k)):
            with pytest.raises(ValueError, match="番号は 2 個"):
                self.inner[indices]

    def test_a_batch_has_a_positive_number_of_examples(self):
        assert BATCH.is_integer
        assert BATCH.is_positive


class TestFunctions:
    def test_chain_rule(self):
        f, x = arbitrary_function("f^l"), sp.Symbol("x")
        df = arbitrary_function("f^l", 1)
        assert f(x**2).diff(x) == 2 * x * df(x**2)

    def test_one_name_is_one_function(self):
        assert arbitrary_function("f^l") is arbitrary_function("f^l", 0)

    def test_names_carry_primes(self):
        x = sp.Symbol("x")
        assert arbitrary_function("g", 2).__name__ == "g''"
        assert sp.latex(arbitrary_function("g")(x)) == r"g\!\left(x\right)"
        assert sp.latex(arbitrary_function("g", 1)(x)) == r"g^{\prime}\!\left(x\right)"
        assert sp.latex(arbitrary_function("g^{l+1}")(x)) == r"g^{l+1}\!\left(x\right)"

    def test_derivative_symbols_are_told_apart(self):
        # ∂(−log p)/∂z と ∂𝓛/∂z は、同じ等式の中でも別の記号である。
        other = derivative_of(r"(-\log p)")
        assert other is derivative_of(r"(-\log p)")
        assert other(THIS.z[J]) != LossDerivative(THIS.z[J])
        assert sp.latex(other(THIS.z[J])) == r"\frac{\partial (-\log p)}{\partial z^{l}_{j}}"
        with pytest.raises(ValueError, match="tex"):
            derivative_of(" ")

    def test_target_is_a_constant(self):
        assert ELL(LAST.a[LAST.index("i")], Y[LAST.index("i")]).diff(Y[LAST.index("i")]) == 0

    def test_latex_separates_layer_and_power(self):
        assert sp.latex(THIS.z[J] ** 2) == r"\left(z^{l}_{j}\right)^{2}"
        assert sp.latex(THIS.df(THIS.z[J]) ** 2) == r"\left(f^{l\prime}\!\left(z^{l}_{j}\right)\right)^{2}"

    def test_bad_layer_name(self):
        with pytest.raises(ValueError, match="層の名前"):
            layers("x")

    def test_position(self):
        assert [Layer(name).position(2, 5) for name in ("l-1", "l", "l+1", "L", "3")] == [1, 2, 3, 5, 3]


class TestDefinedFunctions:
    @pytest.mark.parametrize("function", [sigma, tanh, softplus])
    def test_value_and_derivative_are_those_of_the_package(self, function):
        z, points = sp.Symbol("z"), np.linspace(-3, 3, 7)
        activation = ACTIVATIONS[{sigma: "sigmoid"}.get(function, function.__name__)]
        for expression, program in (
            (function(z), activation.value),
            (function(z).diff(z), activation.derivative),
        ):
            values = [float(evaluate(expression, {z: point})) for point in points]
            assert np.allclose(values, program(points), rtol=1e-13, atol=0)

    def test_a_function_has_one_argument_and_a_definition(self):
        class undefined(DefinedFunction):
            pass

        z = sp.Symbol("z")
        for argument in (0, 2):
            for call in (sigma(z), arbitrary_function("f")(z)):
                with pytest.raises(ArgumentIndexError):
                    call.fdiff(argument)
        assert sigma(z).fdiff() == sigma(z).diff(z)
        assert ArbitraryFunction(z).diff(z) == arbitrary_function("f", 1)(z)
        with pytest.raises(NotImplementedError):
            expand_definitions(undefined(z))

    def test_latex_of_a_power(self):
        z = sp.Symbol("z")
        assert sp.latex(sigma(z)) == r"\sigma\!\left(z\right)"
        assert sp.latex(sigma(z) ** 2) == r"\sigma^{2}\!\left(z\right)"

    def test_softmax_has_the_whole_jacobian(self):
        jacobian = softmax(THIS.z[I]).diff(THIS.z[J])
        a = {index: softmax(THIS.z[index]) for index in (I, J)}
        assert is_zero(jacobian - a[I] * (Kronecker(I, J) - a[J]))
        assert not is_zero(jacobian - a[I] * (1 - a[I]) * Kronecker(I, J))

    def test_softmax_does_not_depend_on_another_family(self):
        assert softmax(THIS.z[I]).diff(AFTER.z[K]) == 0

    def test_softmax_value(self):
        values = {THIS.z: np.array([0.1, -2.0, 0.7]), THIS.N: 3}
        program = ACTIVATIONS["softmax"].value(values[THIS.z][:, np.newaxis])[:, 0]
        assert np.allclose(evaluate(softmax(THIS.z[J]), values, (J,)), program, rtol=1e-14, atol=0)


class TestSixSteps:
    def test_every_step_for_symbolic_widths(self):
        v = LAST.index("v")
        steps = {name: equation.rhs for name, equation in derive_six_steps().items()}
        expected = {
            "step1": ELL(LAST.a[v], Y[v]).fdiff(),
            "step2": ELL(LAST.f(LAST.z[v]), Y[v]).fdiff() * LAST.df(LAST.z[v]),
            "step3": Sum(AFTER.w[K, J] * AFTER.delta[K], K) * THIS.df(THIS.z[J]),
            "step4": THIS.delta[J] * BEFORE.a[Q],
            "step5": THIS.delta[J],
            "step6": -Sum(Sum((THIS.delta[I] * BEFORE.a[P]) ** 2, P), I) - Sum(THIS.delta[I] ** 2, I),
        }
        assert steps.keys() == expected.keys()
        for name, expression in expected.items():
            assert is_zero(steps[name] - expression), name


class TestMatrixForm:
    n, p, m = sp.symbols("n p m", integer=True, positive=True)
    W, A, b = sp.MatrixSymbol("W", n, p), sp.MatrixSymbol("A", p, m), sp.MatrixSymbol("b", n, 1)
    Delta = sp.MatrixSymbol("Delta", n, m)
    Z = W * A + b * sp.OneMatrix(1, m)

    def test_weights(self):
        assert is_zero(matrix_pullback(self.Z, self.W, self.Delta) - self.Delta * self.A.T)

    def test_activations(self):
        assert is_zero(matrix_pullback(self.Z, self.A, self.Delta) - self.W.T * self.Delta)

    def test_bias_sums_over_the_batch(self):
        gradient = matrix_pullback(self.Z, self.b, self.Delta)
        assert gradient.shape == (self.n, 1)
        rng = np.random.default_rng(0)
        delta = rng.normal(size=(2, 3))
        concrete = gradient.subs({self.n: 2, self.m: 3}).subs(
            sp.MatrixSymbol("Delta", 2, 3), sp.Matrix(delta)
        )
        assert np.allclose(np.array(sp.Matrix(concrete.doit()), float), delta.sum(axis=1, keepdims=True))

    def test_wrong_shape(self):
        with pytest.raises(ValueError, match="upstream の形"):
            matrix_pullback(self.Z, self.W, self.A)

    def test_through_an_elementwise_function(self):
        Z_next = AFTER.W * THIS.Z.applyfunc(THIS.f) + AFTER.bias * sp.OneMatrix(1, BATCH)
        expected = sp.HadamardProduct(AFTER.W.T * AFTER.Delta, THIS.Z.applyfunc(THIS.df))
        assert is_zero(matrix_pullback(Z_next, THIS.Z, AFTER.Delta) - expected)
        assert not is_zero(matrix_pullback(Z_next, THIS.Z, AFTER.Delta) - AFTER.W.T * AFTER.Delta)

    def test_matrices_of_a_layer(self):
        shapes = {(n.W.shape, n.bias.shape, n.Z.shape, n.A.shape, n.Delta.shape, n.G.shape) for n in (THIS,)}
        batch = (THIS.N, BATCH)
        assert shapes == {((THIS.N, BEFORE.N), (THIS.N, 1), batch, batch, batch, batch)}
        assert Layer("1").W.shape == (Layer("1").N, Layer("0").N)
        assert gradient_symbol(THIS.W).shape == THIS.W.shape

    def test_components_are_the_sums_of_the_index_form(self):
        n = Index("n", (1, BATCH))
        hidden = component(AFTER.W.T * AFTER.Delta, J, n)
        assert is_zero(hidden - Sum(AFTER.w[K, J] * AFTER.delta[K, n], K))
        weight = component(THIS.Delta * BEFORE.A.T / BATCH, J, Q)
        assert is_zero(weight - Sum(THIS.delta[J, n] * BEFORE.a[Q, n], n) / BATCH)
        assert is_zero(component(THIS.Delta * sp.OneMatrix(BATCH, 1), J, sp.S.One) - Sum(THIS.delta[J, n], n))
        assert component(THIS.bias * sp.OneMatrix(1, BATCH), J, n) == THIS.b[J]

    @pytest.mark.parametrize(
        ("one", "other"),
        [("A", "a"), (r"\Delta", r"\delta"), ("Ab", "aB"), ("A^{l}", "a^{l}"), ("[A]", "a"), ("AB", "Ab")],
    )
    def test_matrices_with_different_names_are_different(self, one, other):
        for shape in ((2, 2), (self.n, self.m), (self.n, 1), (1, self.n)):
            first, second = (sp.MatrixSymbol(name, *shape) for name in (one, other))
            assert entries(first) != entries(second)
            assert not is_zero(first - second)
            assert is_zero(2 * first - first - first)

    def test_names_of_entries_are_those_of_the_book(self):
        expected = {THIS.W: "w^{l}", THIS.Z: "z^{l}", THIS.A: "a^{l}", THIS.G: "g^{l}", THIS.bias: "b^{l}"}
        expected |= {THIS.Delta: r"\delta^{l}", sp.MatrixSymbol("Delta", self.n, self.m): "delta"}
        expected |= {sp.MatrixSymbol("B", self.n, 1): "[B]", sp.MatrixSymbol("a", self.n, self.m): "[a]"}
        assert {matrix: str(entries(matrix)) for matrix in expected} == expected
        assert sp.latex(entries(sp.MatrixSymbol("a^{l}", 2, 2))[J, K]) == "[a]^{l}_{jk}"

    def test_one_name_with_two_shapes_is_refused(self):
        for other in ((self.m, self.n), (self.n, self.p)):
            first, second = sp.MatrixSymbol("A", self.n, self.m), sp.MatrixSymbol("A", *other)
            with pytest.raises(ValueError, match="別の行列ですが、成分の名前が同じ"):
                component(first * first.T * second.T if other[0] != self.m else first + second.T, J, K)
        column, matrix = sp.MatrixSymbol("b", self.n, 1), sp.MatrixSymbol("B", self.m, self.n)
        assert component(matrix * column, J, sp.S.One) == Sum(
            Family("b")[J, k := Index("k", (1, self.n))] * Family("b")[k], k
        )

    def test_a_free_index_is_not_captured(self):
        # 自由な番号 k と、積の和の番号 k は、範囲まで同じでも別のものである。
        X, V = (sp.MatrixSymbol(name, THIS.N, THIS.N) for name in "XV")
        x, v, k = Family("x"), Family("v"), THIS.index("k")
        value = component(X * V, k, J)
        assert is_zero(value - Sum(x[k, I] * v[I, J], I))
        assert not is_zero(value - Sum(x[I, I] * v[I, J], I))

    def test_three_factors(self):
        chain = (AFTER.W * THIS.W * BEFORE.A).T
        assert is_zero(chain - BEFORE.A.T * THIS.W.T * AFTER.W.T)
        assert not is_zero(chain - 2 * BEFORE.A.T * THIS.W.T * AFTER.W.T)
        n = Index("n", (1, BATCH))
        spelled = Sum(AFTER.w[K, I] * Sum(THIS.w[I, P] * BEFORE.a[P, n], P), I)
        assert is_zero(component(chain, n, K) - spelled)

    def test_what_does_not_fit_is_not_zero(self):
        for bad in (AFTER.W * AFTER.Delta, THIS.Z - THIS.Z.T, sp.HadamardProduct(THIS.Z, THIS.Z.T)):
            assert not is_zero(bad)
            with pytest.raises(ShapeError):
                component(bad, J, J)

    def test_square_does_not_mean_symmetric(self):
        X, Z = sp.MatrixSymbol("X", THIS.N, THIS.N), THIS.Z
        assert not is_zero(X * Z - X.T * Z)
        assert not is_zero(X * X.T - X.T * X)

    def test_values_against_numpy(self):
        rng = np.random.default_rng(0)
        w, d, z = rng.normal(size=(4, 3)), rng.normal(size=(4, 5)), rng.normal(size=(3, 5))
        values = {AFTER.W: w, AFTER.Delta: d, THIS.Z: z, THIS.df: np.cos, BATCH: 5}
        expression = sp.HadamardProduct(AFTER.W.T * AFTER.Delta, THIS.Z.applyfunc(THIS.df)) / BATCH
        assert unknowns(expression) == set(values)
        assert np.allclose(evaluate(expression, values), (w.T @ d) * np.cos(z) / 5, rtol=1e-14)
        summed = AFTER.Delta * sp.OneMatrix(BATCH, 1) - 2 * AFTER.Delta * sp.OneMatrix(BATCH, 1)
        assert np.allclose(evaluate(summed, values), -d.sum(axis=1, keepdims=True), rtol=1e-14)

    def test_nothing_is_broadcast(self):
        # (4, 1) と (4, 5) の積や和を、NumPy は黙って広げる。
        values = {AFTER.Delta: np.ones((4, 5)), AFTER.bias: np.ones((4, 1))}
        for bad in (sp.HadamardProduct(AFTER.Delta, AFTER.bias), AFTER.Delta + AFTER.bias):
            with pytest.raises(ShapeError):
                evaluate(bad, values)
        with pytest.raises(ShapeError):
            evaluate(AFTER.Delta * AFTER.bias, values)

    def test_unknown_kinds_are_refused(self):
        for bad in (sp.Inverse(sp.MatrixSymbol("X", THIS.N, THIS.N)), sp.Identity(THIS.N)):
            with pytest.raises(TypeError, match="成分は求められません"):
                component(bad, J, J)
            with pytest.raises(TypeError, match="値は求められません"):
                evaluate(bad, {})

    def test_notation_of_the_book(self):
        expression = sp.HadamardProduct(AFTER.W.T * AFTER.Delta, THIS.Z.applyfunc(THIS.df))
        tex = r"\left(\left(W^{l+1}\right)^{\top} \Delta^{l+1}\right) \odot f^{l\prime}\!\left(Z^{l}\right)"
        assert sp.latex(typeset(expression)) == tex
        assert sp.latex(typeset(THIS.Delta * sp.OneMatrix(BATCH, 1))) == r"\Delta^{l} \mathbf{1}"
        assert sp.latex(typeset(THIS.bias * sp.OneMatrix(1, BATCH))) == r"b^{l} \mathbf{1}^{\top}"
        assert is_zero(typeset(expression) - expression)


class TestLayers:
    def test_a_layer_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            THIS.name = "L"

    def test_the_places_of_a_weighted_input_are_indices(self):
        good = {"j": J, "k": P, "previous": BEFORE}
        for name, bad in (("j", "j"), ("k", sp.Symbol("k")), ("previous", "l-1")):
            with pytest.raises(TypeError, match=f"^{name} は"):
                THIS.weighted_input(**{**good, name: bad})


class TestComponents:
    def test_a_product_that_does_not_fit_is_shown(self):
        with pytest.raises(ShapeError, match=r"^W\^\{l\}\*W\^\{l\+1\} の形が合いません。$"):
            component(sp.MatMul(THIS.W, AFTER.W, BEFORE.W, evaluate=False), J, J)

    def test_both_places_are_indices(self):
        for row, column, named in (("j", J, "row"), (J, "k", "column")):
            with pytest.raises(TypeError, match=f"^{named} は Expr"):
                component(THIS.W, row, column)


class TestNumbers:
    def test_indices_start_at_one(self):
        column = OneBased(np.array([[10.0], [20.0]]))
        assert (column[1], column[2]) == (10.0, 20.0)
        for bad in (0, 3, (1, 2, 1)):
            with pytest.raises(IndexError):
                column[bad]

    @pytest.mark.parametrize(("shape", "at"), [((2, 2), (1, 1, 1)), ((2, 1, 3), (1, 1)), ((2, 3), 1)])
    def test_as_many_indices_as_axes(self, shape, at):
        with pytest.raises(IndexError, match="番号 .* で読もうとしました"):
            OneBased(np.zeros(shape))[at]

    def test_a_family_with_too_many_axes_is_refused_when_read(self):
        with pytest.raises(IndexError, match="で読もうとしました"):
            evaluate(THIS.z[J], {THIS.z: np.zeros((3, 2, 2)), THIS.N: 2}, (J,))

    def test_the_least_lengths(self):
        assert OneBased(np.array([5.0]))[1] == 5.0
        assert evaluate(Sum(THIS.z[J], J), {THIS.z: np.array([5.0]), THIS.N: 1}) == 5.0
        with pytest.raises(IndexError, match="番号 .* で読もうとしました"):
            evaluate(AFTER.w[K, J], {AFTER.w: np.ones(2), THIS.N: 2, AFTER.N: 2}, (K, J))
        with pytest.raises(TypeError, match="x は数でなければ"):
            evaluate(2 * sp.Symbol("x"), {sp.Symbol("x"): np.zeros(0)})

    @pytest.mark.parametrize("rows", [1, 3])
    def test_matrices_that_do_not_meet(self, rows):
        with pytest.raises(ShapeError, match="[ぁ-ん]"):
            evaluate(AFTER.W * THIS.A, {AFTER.W: np.ones((2, 2)), THIS.A: np.ones((rows, 2))})

    def test_a_free_index_has_no_value(self):
        values = {THIS.z: np.array([1.0, 2.0]), THIS.N: 2}
        for expression in (THIS.z[J], THIS.z[1] * J):
            with pytest.raises(ValueError, match="番号 j の値が決まりません"):
                evaluate(expression, values)

    def test_the_first_value_that_is_no_number_is_named(self):
        values = {THIS.z: np.array([1.0, 2.0]), THIS.N: 2, THIS.f: lambda z: f"{z:g}"}
        with pytest.raises(TypeError, match="式の値は数でなければなりませんが、.*'1'.* になりました"):
            evaluate(THIS.f(THIS.z[J]), values, (J,))

    def test_evaluate_against_einsum(self):
        rng = np.random.default_rng(0)
        w, d = rng.normal(size=(3, 2)), rng.normal(size=(3, 1))
        values = {AFTER.w: w, AFTER.delta: d, AFTER.N: 3, THIS.N: 2}
        result = evaluate(Sum(AFTER.w[K, J] * AFTER.delta[K], K), values, (J,))
        assert np.allclose(result, np.einsum("kj,km->j", w, d), rtol=1e-14)

    def test_delta_is_one_on_the_diagonal(self):
        assert np.array_equal(evaluate(Kronecker(I, J), {THIS.N: 3}, (I, J)), np.eye(3))

    def test_a_family_of_another_length_than_its_index_is_refused(self):
        z3, w = np.array([1.0, 2.0, 3.0]), np.ones((4, 3))
        for z, N in ((z3, 2), (z3[:, np.newaxis], 2), (z3, 4)):
            values = {THIS.z: z, THIS.N: N}
            for expression, indices in ((2 * THIS.z[J], (J,)), (Sum(THIS.z[J], J), ())):
                with pytest.raises(IndexError, match=r"z\^\{l\} の1番めの番号は"):
                    evaluate(expression, values, indices)
        sizes = {AFTER.w: w, THIS.N: 2, AFTER.N: 4}
        with pytest.raises(IndexError, match="2番めの番号は 2 まで"):
            evaluate(AFTER.w[K, J], sizes, (K, J))
        with pytest.raises(IndexError, match="番号"):
            evaluate(THIS.z[J] + THIS.z[4], {THIS.z: z3, THIS.N: 3}, (J,))

    def test_the_first_wrong_length_in_the_order_of_names_is_named(self):
        """いくつかの長さが違うとき、どれを先に言うかは、式の書きかたにも、値のない記号があることにもよらない。"""
        j = THIS.index("j")
        names = "hgfedcba"
        families = {name: Family(name) for name in names}
        values = {family: np.ones(3) for family in families.values()} | {THIS.N: 2}
        for order in (names, names[::-1]):
            expression = sum(families[name][j] ** (n + 2) for n, name in enumerate(order))
            with pytest.raises(IndexError, match="^a の1番めの番号は 2 まで"):
                evaluate(expression, values, (j,))
            without = {family: value for family, value in values.items() if str(family) != "a"}
            with pytest.raises(IndexError, match="^b の1番めの番号は 2 まで"):
                evaluate(expression, without, (j,))

    def test_a_complex_value_stays_complex(self):
        values = {THIS.z: np.array([1.0, 2.0 + 3j]), THIS.N: 2}
        np.testing.assert_array_equal(evaluate(2 * THIS.z[J], values, (J,)), [2.0, 4.0 + 6j])
        assert evaluate(sp.sqrt(sp.Symbol("x")), {sp.Symbol("x"): -1 + 0j}) == 1j
        assert evaluate(2 * THIS.z[J], {THIS.z: np.array([1, 2]), THIS.N: 2}, (J,)).dtype == float

    @pytest.mark.parametrize(
        ("bad", "error"),
        [(2.7, TypeError), ("2", TypeError), (2.0, TypeError), (True, TypeError), (None, TypeError),
         (0, ValueError), (-2, ValueError), (np.array([2, 2]), TypeError), (np.float64(2.0), TypeError)],
    )  # fmt: skip
    def test_a_width_is_a_positive_integer(self, bad, error):
        z = np.array([1.0, 2.0])
        for expression, indices in ((2 * THIS.z[J], (J,)), (Sum(THIS.z[J], J), ())):
            with pytest.raises(error, match=r"N_\{l\} は(整数|正)で"):
                evaluate(expression, {THIS.z: z, THIS.N: bad}, indices)
        for good in (2, np.int64(2), np.array(2)):
            assert evaluate(Sum(THIS.z[J], J), {THIS.z: z, THIS.N: good}) == 3.0

    @pytest.mark.parametrize(
        "bad",
        ["1", None, 3.0, np.array(["a"]), np.array([True, False]), np.array([1.0, None]),
         np.ma.array([1.0, 2.0], mask=[0, 1]), np.ones(2).view(np.recarray)],
    )  # fmt: skip
    def test_the_values_of_a_family_are_an_array_of_numbers(self, bad):
        with pytest.raises(TypeError, match="[ぁ-ん]"):
            evaluate(2 * THIS.z[J], {THIS.z: bad, THIS.N: 2}, (J,))
        with pytest.raises(TypeError, match="[ぁ-ん]"):
            evaluate(2 * THIS.Z, {THIS.Z: bad})
        with pytest.raises(TypeError, match="[ぁ-ん]"):
            OneBased(bad)

    def test_other_values_are_checked_too(self):
        x = sp.Symbol("x")
        for bad in ("1", None, True, np.ones(2), [1.0]):
            with pytest.raises(TypeError, match="x は数でなければ"):
                evaluate(2 * x, {x: bad})
        with pytest.raises(TypeError, match="関数でなければ"):
            evaluate(THIS.f(x), {x: 1.0, THIS.f: 2.0})
        with pytest.raises(TypeError, match="values は辞書"):
            evaluate(2 * x, [1.0])
        with pytest.raises(TypeError, match=r"indices\[0\] は Index"):
            evaluate(2 * x, {x: 1.0}, (x,))

    def test_missing_value_is_named(self):
        with pytest.raises(ValueError, match=r"z\^\{l\}"):
            lambdify(THIS.z[J], (J,))({}, 1)

    def test_unknowns_are_not_indices(self):
        expression = Sum(AFTER.w[K, J] * AFTER.f(AFTER.z[K]), K)
        assert unknowns(expression) == {AFTER.w, AFTER.z, AFTER.f, AFTER.N}


@pytest.mark.parametrize(
    "call",
    [
        lambda: layers(1),
        lambda: layers(None),
        lambda: Layer(3),
        lambda: THIS.index(3),
        lambda: THIS.position("2", 4),
        lambda: THIS.weighted_input(J, K, "l-1"),
        lambda: component("W", J, K),
        lambda: component(THIS.W, "j", K),
        lambda: component(THIS.z[J], J, K),
        lambda: entries("W"),
        lambda: matrix_pullback("WA", THIS.A, THIS.Delta),
        lambda: matrix_pullback(THIS.W * BEFORE.A, "A", THIS.Delta),
        lambda: matrix_pullback(THIS.W * BEFORE.A, BEFORE.A, None),
        lambda: gradient_symbol("W"),
        lambda: derivative_of(3),
        lambda: derivative_of(["L"]),
        lambda: arbitrary_function(3),
        lambda: arbitrary_function(["f"]),
        lambda: arbitrary_function("f", -1),
        lambda: arbitrary_function("f", "1"),
        lambda: expand_definitions("sigma(z)"),
        lambda: unknowns("z"),
        lambda: lambdify("z"),
        lambda: lambdify(THIS.z[J], J),
        lambda: lambdify(THIS.z[J], (3,)),
        lambda: evaluate("z", {}),
        lambda: evaluate(),
        lambda: entries(),
        lambda: component(THIS.W, J),
        lambda: Partials(3),
        lambda: arbitrary_function(name="f"),
    ],
)
def test_what_is_no_expression_is_refused(call):
    with pytest.raises((TypeError, ValueError), match="[ぁ-ん]"):
        call()


def test_time_does_not_depend_on_the_width():
    # 幅に数を入れて導く必要がないので、式の大きさは幅によらない。時間ではなく、式の節の数で見る。
    small, large = (
        resolve(Sum(AFTER.w[K, i] * THIS.f(THIS.z[i]), i).diff(THIS.z[i.func("j", (1, n))]))
        for n in (2, 10**9)
        for i in [Index("i", (1, n))]
    )
    assert sp.count_ops(small) == sp.count_ops(large)


class TestArbitraryFunctionsAtAPoint:
    """任意の関数を含む式が0でないことは、一点の値からわかる。"""

    def test_different_values_differ_and_equal_arguments_agree(self) -> None:
        f, g = arbitrary_function("f"), arbitrary_function("g")
        x, y = sp.symbols("x y")
        assert is_zero(f(x) * g(y) - g(y) * f(x))
        assert is_zero(f(x + y) - f(y + x))
        assert is_zero((f(x) + 1) ** 2 - f(x) ** 2 - 2 * f(x) - 1)
        assert not is_zero(f(x) - f(y))
        assert not is_zero(f(x) - g(x))
        assert not is_zero(f(x).diff(x) - f(x))
        assert not is_zero(f(g(x)) - f(g(y)))

    def test_equal_arguments_written_differently_are_not_told_apart(self) -> None:
        f, x = arbitrary_function("f"), sp.Symbol("x")
        difference = f((x + 1) ** 2) - f(x**2 + 2 * x + 1)
        assert not identities._differs_at_a_point(difference)
        assert identities._differs_at_a_point(f(x) - f(2 * x))

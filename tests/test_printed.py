"""組まれた式の読み手と、行列の組版の検査。章の検印を読み返す検査は、章の実行を分けあう test_red.py にある。"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable

import numpy as np
import pytest
import reading_tex
import reading_values
import sympy as sp
from misprints import misprints
from printed import Claim, disagreement
from reading_tex import Named, Number, Opaque, Operation, Partial, Unreadable, read, read_name
from reading_values import World, previous
from sympy import HadamardProduct, OneMatrix, Rational, Sum
from sympy.matrices.exceptions import ShapeError

from backprop.symbolic import BATCH, Index, arbitrary_function, layers, typeset

BEFORE, THIS, AFTER, LAST = layers("l-1", "l", "l+1", "L")
J, K = THIS.index("j"), AFTER.index("k")
WIDTHS = {"N_^{l-1}": 2, "N_^{l}": 3, "N_^{l+1}": 4, "m": 5, "N": 3}
WORLD = World(WIDTHS)


def value(tex: str, **at: int) -> float:
    """番号や記号に値を入れた、式の値。"""
    return WORLD.value(read(tex), at)


class TestReader:
    """読み手。"""

    def test_reads_without_the_printer(self) -> None:
        for module in (reading_tex, reading_values):
            tree = ast.parse(inspect.getsource(module))
            names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            names += [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
            assert not [name for name in names if name.partition(".")[0] in ("sympy", "backprop", "printed")]

    @pytest.mark.parametrize(
        ("tex", "expected"),
        [
            (r"\frac12 + \frac{3}{4}", 1.25),
            ("-x + y", 3),
            ("2 x y - 3", 17),
            ("x - y - 1", -4),
            ("2 x^{2}", 8),
            ("-x^2", -4),
            (r"\left(x + 1\right)^{y}", 243),
            (r"\bigl(x - \Bigl(1 - y\Bigr)\bigr) x", 12),
            (r"\sum_{i=1}^{N} i", 6),
            (r"x \sum_{i=1}^{N} i y + 1", 61),
            (r"\sum_{i=2}^{N} \sum_{k=1}^{i} k", 9),
            (r"\sum_{\substack{1 \leq i \leq N\\2 \leq k \leq x}} i k", 12),
            (r"[\,x=y\,]\, 7 + [\,x=x\,]\,", 1),
            (r"\sqrt{x + 2} + \left|{1 - y}\right| |x - y|", 2 + 4 * 3),
            (r"\sqrt x|x - y|", 2**0.5 * 3),
            (r"\frac{\sigma\!\left(0\right)}{e^{- 0}}", 0.5),
            (r"\tanh^{2} z + 1 - \tanh(z)^2", 1),
            (r"10 \cdot x \times y", 100),
            ("11 3", 33),
        ],
    )
    def test_arithmetic(self, tex: str, expected: float) -> None:
        assert value(tex, x=2, y=5, z=1) == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize(
        "tex",
        [
            r"\foo x", "x & y", "x !", r"\alpha", "x +", "+", "", "x)", r"\left(x)", r"(x\right)", "{x",
            r"\bigl(x\Bigr)", r"\frac{1}", "x_{}", "x_{j", "x^{2}^{3}", "z^{l}_{j}^{2}", r"A^{l-1}^{\top}",
            r"f^{\prime l}(x)", r"A B \odot C", r"A \odot B C", r"A \odot - B", r"f\!\left(x", r"\sigma\!(x)",
            r"x\!\left(y\right)", r"\sum x", r"\sum_{i} x", r"\sum_{1=i}^{N} x", r"\tanh", "[x]", "_j",
            r"\operatorname{softmax}(z^{l})", r"\operatorname{relu}(x)", r"\mathrm{F}[x]", r"\mathbf{x}",
            r"x \\ y", "z^{l^2}_{j}", "^{2}",
        ],
    )  # fmt: skip
    def test_what_is_not_known_is_refused(self, tex: str) -> None:
        with pytest.raises(Unreadable):
            read(tex)

    def test_layers_and_powers_are_told_apart(self) -> None:
        j = Named("j")
        assert read("w^{2}_{1j}") == Named("w", "2", (Number(1), j))
        assert read("w_{j}^{2}") == Operation("^", (Named("w", "", (j,)), Number(2)))
        assert read("W^{l+1}") == Named("W", "l+1")
        assert read("s^{2}") == Operation("^", (Named("s"), Number(2)))
        assert read("N_{l+1}") == Named("N_", "l+1")
        assert read(r"f^{l+1\prime}(x)").function == Named("f", "l+1", primes=1)
        assert read("x_{k + p - 1}").indices[0].sign == "+"
        assert read(r"\delta^{l}_{kj'n}").indices == (Named("k"), Named("j", primes=1), Named("n"))

    def test_left_sides(self) -> None:
        loss, z = Named(r"\mathcal{L}"), Named("z", "l", (Named("j"),))
        assert read_name(r"\frac{\partial\mathcal L}{\partial z^l_j}") == Partial(loss, z)
        spelled = r"\left.\frac{dJ}{d\eta}\right|_{\eta=0}", r"\left. \frac{dJ}{d \eta} \right|_{{\eta} = 0}"
        assert read_name(spelled[0]) == read_name(spelled[1]) != read_name(spelled[0].replace("0", "1"))
        assert isinstance(read_name(r"\eta_{\max}"), Opaque)

    def test_previous_layer(self) -> None:
        names = ("l", "l+1", "l+2", "l-1", "L", "2")
        assert [previous(name) for name in names] == ["l-1", "l", "l+1", "l-2", "L-1", "1"]


class TestValues:
    """名前から決まる値。"""

    def test_every_name_has_its_own_value(self) -> None:
        names = [
            "x",
            "y",
            "x'",
            r"\hat{y}",
            r"\mu",
            "z_1",
            "z_{11}",
            "z^l_1",
            "z^l_2",
            "z^{l+1}_1",
            "w^{(0)}",
            "w^{(t)}",
        ]
        calls = [f"{function}(1)" for function in ("f", "g", "f'", "f''", "f^{l}", r"\ell")]
        values = [value(tex) for tex in names + calls]
        assert len({round(abs(number), 9) for number in values}) == len(values)
        assert {number > 0 for number in values} == {True, False}

    def test_positive_names_are_positive(self) -> None:
        names = [f"x_{{{n}}}" for n in range(9)]
        world = World({}, frozenset({"x"}))
        assert min(value(name) for name in names) < 0 < min(world.value(read(name), {}) for name in names)

    def test_matrices_hold_the_components(self) -> None:
        product = value(r"\left(W^{l+1}\right)^{\top} \Delta^{l+1}")
        assert product.shape == (3, 5)
        by_hand = value(r"\sum_{k=1}^{N_{l+1}} w^{l+1}_{kj} \delta^{l+1}_{kn}", j=2, n=4)
        assert product[1, 3] == pytest.approx(by_hand, rel=1e-12)
        assert value(r"b^{l} \mathbf{1}^{\top}")[2].tolist() == [value("b^{l}_{j}", j=3)] * 5

    @pytest.mark.parametrize(
        "tex",
        [
            r"W^{l+1} \Delta^{l+1}", r"\Delta^{l} A^{l-1}", r"\Delta^{l} \odot \Delta^{l+1}",
            r"\Delta^{l} \odot 2", "Z^{l} + b^{l}", "Z^{l} + 1", r"x^{\top}", "(W^{l})^{2}",
            "W^{l+3}", "x_{i}", r"\sum_{i=1}^{x} y",
            r"\operatorname{softmax}_{4}(z^{l})", r"\tanh(x, y)", r"\frac{1}{0}", r"\frac{d}{dx} x",
        ],
    )  # fmt: skip
    def test_what_has_no_value_is_refused(self, tex: str) -> None:
        with pytest.raises(Unreadable):
            value(tex)


RIGHT = Sum(AFTER.w[K, J] * AFTER.delta[K], K) * THIS.df(THIS.z[J])
MATRIX_RIGHT = HadamardProduct(AFTER.W.T * AFTER.Delta, THIS.Z.applyfunc(THIS.df))
HIDDEN = r"\delta^l_j = f^{l\prime}(z^l_j) \sum_{k=1}^{N_{l+1}} w^{l+1}_{kj} \delta^{l+1}_k"


class TestDisagreement:
    """主張と TeX を比べる道具。"""

    CLAIM = Claim(sp.Eq(THIS.delta[J], RIGHT))

    def test_the_same_written_in_another_way(self) -> None:
        assert disagreement(self.CLAIM, HIDDEN) == ""
        assert disagreement(self.CLAIM, HIDDEN.replace("k", "q")) == ""

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            ("_{kj}", "_{jk}", "右辺の値"),
            (r"l\prime", "l", "右辺の値"),
            ("f^", "-f^", "右辺の値"),
            ("N_{l+1}", "N_l", "右辺の値"),
            (r"\delta^l_j =", r"\delta^l_k =", "左辺"),
            (r"\delta^l_j =", r"\delta^{l+1}_j =", "左辺"),
            (r"\delta^l_j =", "", "辺が二つでない"),
            (r"\sum_{k=1}^{N_{l+1}}", "", "整数でない"),
        ],
    )
    def test_what_is_wrong_is_said(self, old: str, new: str, reason: str) -> None:
        assert old in HIDDEN
        assert reason in disagreement(self.CLAIM, HIDDEN.replace(old, new))

    def test_components_may_be_written_as_a_matrix(self) -> None:
        n, k = Index("n", (1, BATCH)), BEFORE.index("k")
        claim = Claim(sp.Eq(THIS.z[J, n], Sum(THIS.w[J, k] * BEFORE.a[k, n], k) + THIS.b[J]))
        tex = r"Z^l = W^l A^{l-1} + b^l\,\mathbf 1^\top"
        assert disagreement(claim, tex) == ""
        for old, new in (("W^l A^{l-1}", "A^{l-1} W^l"), ("+", "-"), ("Z^l", "A^l"), ("Z^l =", "Z^{l+1} =")):
            assert disagreement(claim, tex.replace(old, new))

    def test_lost_transposes_have_values_when_all_sizes_are_equal(self) -> None:
        claim = Claim(sp.Eq(THIS.Delta, MATRIX_RIGHT, evaluate=False))
        tex = sp.latex(typeset(claim.claim))
        wrong = [wrong.tex for wrong in misprints(tex) if wrong.kind in ("転置", "⊙")]
        assert len(wrong) == 2
        world, expected = claim.points[1]
        for spoiled in wrong:
            found = world.value(read(spoiled.partition("=")[2]), {})
            assert found.shape == expected.shape
            assert np.abs(found - expected).max() > 0.1


# ── 行列の組版 ──────────────────────────────────────────────

ONES = OneMatrix(BATCH, 1)
F = arbitrary_function("f")
EXPRESSIONS = [
    -THIS.W * BEFORE.A,
    Rational(-2, 3) * THIS.Delta * BEFORE.A.T / BATCH,
    THIS.W * BEFORE.A - 3 * THIS.Z,
    THIS.Z - THIS.W * BEFORE.A + THIS.bias * ONES.T,
    -(THIS.W * BEFORE.A).T,
    2 * AFTER.W.T * (AFTER.Delta - AFTER.G),
    THIS.bias - THIS.Delta * ONES / BATCH,
    -MATRIX_RIGHT,
    HadamardProduct(-AFTER.W.T * AFTER.Delta, THIS.Z.applyfunc(THIS.df)),
    HadamardProduct(THIS.G - THIS.Z, THIS.Z.applyfunc(F)),
    (THIS.W * BEFORE.A + THIS.bias * ONES.T).applyfunc(THIS.f),
    -ONES.T * THIS.Delta.T / 2,
]


def claim_of(expression: sp.MatrixExpr) -> Claim:
    """右辺だけに意味のある等式。"""
    return Claim(sp.Eq(sp.MatrixSymbol("X^{l}", *expression.shape), expression, evaluate=False))


def keeps_the_values(rule: Callable[[sp.Basic], sp.Basic], expression: sp.MatrixExpr) -> bool:
    """組みなおした式の値が、もとの式の値と同じか。"""
    try:
        before, after = ([value for _, value in claim_of(e).points] for e in (expression, rule(expression)))
    except ShapeError:
        return False
    return all(
        old.shape == new.shape and np.allclose(old, new, rtol=1e-12) for old, new in zip(before, after)
    )


def changing_products(expression: sp.Basic, change: Callable[[sp.Basic], sp.Basic]) -> sp.Basic:
    """行列の積の因子を取り替える。"""
    return typeset(expression).replace(sp.MatMul, lambda *parts: sp.MatMul(*map(change, parts)))


def without_sign(expression: sp.Basic) -> sp.Basic:
    """行列の積の負号をなくす。"""
    return changing_products(expression, lambda part: abs(part) if part.is_number else part)


def without_factor(expression: sp.Basic) -> sp.Basic:
    """行列の積の係数をなくす。"""
    return changing_products(expression, lambda part: part if part.is_Matrix else sp.S.One)


def without_transpose(expression: sp.Basic) -> sp.Basic:
    """転置をなくす。"""
    return typeset(expression).replace(sp.Transpose, lambda matrix: matrix)


def without_function(expression: sp.Basic) -> sp.Basic:
    """要素ごとに施した関数をなくす。"""
    return typeset(expression.replace(lambda e: hasattr(e, "function"), lambda e: e.expr))


class TestMatrices:
    """`typeset` は、組むためだけでなく、`matrix_pullback` と `resolve` の答えを作るのにも使われる。"""

    @pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
    def test_the_typeset_expression_is_the_same(self, expression: sp.MatrixExpr) -> None:
        assert keeps_the_values(typeset, expression)

    @pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
    def test_what_is_printed_has_the_same_values(self, expression: sp.MatrixExpr) -> None:
        claim = claim_of(expression)
        tex = sp.latex(typeset(claim.claim))
        assert disagreement(claim, tex) == "", tex
        for wrong in misprints(tex):
            assert disagreement(claim, wrong.tex), wrong

    @pytest.mark.parametrize("rule", [without_sign, without_factor, without_transpose, without_function])
    def test_a_typesetting_that_loses_something_is_noticed(
        self, rule: Callable[[sp.Basic], sp.Basic]
    ) -> None:
        assert not all(keeps_the_values(rule, expression) for expression in EXPRESSIONS)

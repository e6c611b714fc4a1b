"""対照の作り方の検査: 小さな式ごとに、壊した式のすべてを手で書き並べたものと比べる。"""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import HadamardProduct, MatAdd, MatMul, OneMatrix, Sum

from backprop.symbolic import BATCH, Family, arbitrary_function, layers, mutants

BEFORE, THIS, AFTER = layers("l-1", "l", "l+1")
I, J = THIS.index("i"), THIS.index("j")
K, P = AFTER.index("k"), BEFORE.index("p")
x, y, z = sp.symbols("x y z")
f, g = arbitrary_function("f"), arbitrary_function("g")
df, dg = arbitrary_function("f", 1), arbitrary_function("g", 1)
h, dh = arbitrary_function("h"), arbitrary_function("h", 1)
q, table, other = Family("q"), Family(r"\delta^{l}"), Family(r"\beta^{l}")
w, delta = AFTER.w[K, J], AFTER.delta[K]
a, Delta, A = BEFORE.a[P], THIS.Delta, BEFORE.A
b = THIS.bias * OneMatrix(1, BATCH)
f_z, df_z = THIS.f(THIS.z[J]), THIS.df(THIS.z[J])


def everywhere(expression):
    """どの式にも作る変異。行列の式では、平均の取り違えも。"""
    found = {"符号を反転": -expression, "係数を2倍": 2 * expression}
    if isinstance(expression, sp.MatrixExpr):
        found["1/m をもう一度掛ける"] = expression / BATCH
    return found


SCALARS = [
    (x * y, {"x を落とす": y, "y を落とす": x}),
    (
        x + y,
        {"x の項を落とす": y, "y の項を落とす": x, "x の符号を変える": y - x, "y の符号を変える": x - y},
    ),
    (x**3, {"x**3 の指数を1減らす": x**2}),
    (x**2, {"x**2 の指数を1減らす": x}),
    (1 / x, {}),
    (sp.sqrt(x), {}),
    (
        Sum(w * delta, K),
        {
            "k の和を平均にする": Sum(w * delta, K) / AFTER.N,
            "k の和の最初の項を落とす": Sum(w * delta, (K, 2, AFTER.N)),
            "k の和の最後の項を落とす": Sum(w * delta, (K, 1, AFTER.N - 1)),
            f"{delta} を落とす": Sum(w, K),
            f"{w} を落とす": Sum(delta, K),
            f"{w} の添字を入れ替える": Sum(AFTER.w[J, K] * delta, K),
        },
    ),
    (
        Sum(q[K, I, P], K, P),
        {
            "k の和を平均にする": Sum(q[K, I, P], K, P) / AFTER.N,
            "k の和の最初の項を落とす": Sum(q[K, I, P], (K, 2, AFTER.N), P),
            "k の和の最後の項を落とす": Sum(q[K, I, P], (K, 1, AFTER.N - 1), P),
            "p の和を平均にする": Sum(q[K, I, P], K, P) / BEFORE.N,
            "p の和の最初の項を落とす": Sum(q[K, I, P], K, (P, 2, BEFORE.N)),
            "p の和の最後の項を落とす": Sum(q[K, I, P], K, (P, 1, BEFORE.N - 1)),
            "q[k, i, p] の添字 k と i を入れ替える": Sum(q[I, K, P], K, P),
            "q[k, i, p] の添字 i と p を入れ替える": Sum(q[K, P, I], K, P),
        },
    ),
    (
        THIS.delta[J],
        {
            f"{THIS.a[J]} を余計に掛ける": THIS.delta[J] * THIS.a[J],
            f"{df_z} を余計に掛ける": THIS.delta[J] * df_z,
        },
    ),
    (
        BEFORE.delta[P],
        {
            f"{BEFORE.a[P]} を余計に掛ける": BEFORE.delta[P] * BEFORE.a[P],
            f"{BEFORE.df(BEFORE.z[P])} を余計に掛ける": BEFORE.delta[P] * BEFORE.df(BEFORE.z[P]),
        },
    ),
    (q[J], {}),
    (other[J], {}),
    (table[I, J], {f"{table[I, J]} の添字を入れ替える": table[J, I]}),
    (a, {f"{a} をこの層の活性にする": THIS.a[P], f"{a} を加重和にする": BEFORE.z[P]}),
    (THIS.a[J], {}),
    (BEFORE.z[P], {}),
    (THIS.w[J, P], {f"{THIS.w[J, P]} の添字を入れ替える": THIS.w[P, J]}),
    (f_z, {}),
    (df_z, {f"{df_z} を微分しない": f_z, f"{df_z} を活性での値にする": THIS.df(f_z)}),
    (
        df(g(x)) * dg(x),
        {
            "f'(g(x)) を落とす": dg(x),
            "g'(x) を落とす": df(g(x)),
            "f'(g(x)) を微分しない": f(g(x)) * dg(x),
            "f'(g(x)) を活性での値にする": df(f(g(x))) * dg(x),
            "f'(g(x)) を内側の値でなく入力で求める": df(x) * dg(x),
            "g'(x) を微分しない": df(g(x)) * g(x),
            "g'(x) を活性での値にする": df(g(x)) * dg(g(x)),
        },
    ),
    (dh(x, y), {"h'(x, y) を微分しない": h(x, y)}),
    (
        x * (y + z),
        {
            "x を落とす": y + z,
            "y + z を落とす": x,
            "y の項を落とす": x * z,
            "z の項を落とす": x * y,
            "y の符号を変える": x * (z - y),
            "z の符号を変える": x * (y - z),
        },
    ),
]

MATRICES = [
    (
        A,
        {f"{A} を転置する": A.T, f"{A} をこの層の活性にする": THIS.A, f"{A} を加重和にする": BEFORE.Z},
    ),
    (THIS.A, {f"{THIS.A} を転置する": THIS.A.T}),
    (BEFORE.Z, {f"{BEFORE.Z} を転置する": BEFORE.Z.T}),
    (THIS.Z.T, {f"{THIS.Z} の転置を忘れる": THIS.Z}),
    (
        Delta * A.T,
        {
            f"{Delta} を落とす": MatMul(A.T),
            f"{A.T} を落とす": MatMul(Delta),
            f"{Delta} と {A.T} の順序を入れ替える": A.T * Delta,
            f"{Delta} を転置する": Delta.T * A.T,
            f"{A} の転置を忘れる": MatMul(Delta, A),
            f"{A} をこの層の活性にする": Delta * THIS.A.T,
            f"{A} を加重和にする": Delta * BEFORE.Z.T,
        },
    ),
    (
        Delta * A.T / BATCH,
        {
            "1/m を落とす": Delta * A.T,
            f"{Delta} を落とす": A.T / BATCH,
            f"{A.T} を落とす": Delta / BATCH,
            f"{Delta} と {A.T} の順序を入れ替える": A.T * Delta / BATCH,
            f"{Delta} を転置する": Delta.T * A.T / BATCH,
            f"{A} の転置を忘れる": Delta * A / BATCH,
            f"{A} をこの層の活性にする": Delta * THIS.A.T / BATCH,
            f"{A} を加重和にする": Delta * BEFORE.Z.T / BATCH,
        },
    ),
    (
        THIS.Z + b,
        {
            f"{b} の項を落とす": MatAdd(THIS.Z),
            f"{THIS.Z} の項を落とす": MatAdd(b),
            f"{b} の符号を変える": THIS.Z - b,
            f"{THIS.Z} の符号を変える": b - THIS.Z,
            f"{THIS.Z} を転置する": THIS.Z.T + b,
        },
    ),
    (
        HadamardProduct(THIS.Z, Delta),
        {
            f"{THIS.Z} を落とす": HadamardProduct(Delta),
            f"{Delta} を落とす": HadamardProduct(THIS.Z),
            "要素ごとの積を行列の積にする": MatMul(THIS.Z, Delta),
            f"{THIS.Z} を転置する": HadamardProduct(THIS.Z.T, Delta),
            f"{Delta} を転置する": HadamardProduct(THIS.Z, Delta.T),
        },
    ),
]


@pytest.mark.parametrize(
    ("expression", "others"), [pytest.param(*case, id=str(case[0])) for case in SCALARS + MATRICES]
)
def test_every_variant_by_hand(expression, others):
    assert mutants(expression) == {**everywhere(expression), **others}


def test_variants_inside_an_elementwise_function():
    variants = mutants(THIS.Z.applyfunc(THIS.df))
    inside = {name: variant for name, variant in variants.items() if "_z" in name}
    ends = {name.rpartition(") ")[2]: variant.function(x) for name, variant in inside.items()}
    assert ends == {"を微分しない": THIS.f(x), "を活性での値にする": THIS.df(THIS.f(x))}
    assert all(variant.expr == THIS.Z for variant in inside.values())
    assert set(variants) - set(inside) == {*everywhere(THIS.Z), f"{THIS.Z} を転置する"}
    # 微分でない関数には、壊すところがない
    assert set(mutants(THIS.Z.applyfunc(THIS.f))) == {*everywhere(THIS.Z), f"{THIS.Z} を転置する"}


def test_variants_without_a_value_are_left_out():
    assert "y を落とす" not in mutants(x / (1 - y))  # 1/(1 − 1)
    # 列と行を入れ替えた形は、どの大きさでも足せない
    assert f"{THIS.bias} を転置する" not in mutants(THIS.bias * OneMatrix(1, BATCH))


def test_a_matrix_of_fixed_size():
    X = sp.MatrixSymbol("X", 2, 3)
    assert mutants(X) == {**everywhere(X), "X を転置する": X.T}


def test_variants_of_fixed_size_that_do_not_fit_are_left_out():
    """大きさが数で決まっていれば、SymPy は形の合わない式を組ませない。そのような変異は、ないものとする。"""
    shapes = ((2, 3), (3, 4), (4, 4), (2, 3))
    A, B, C, D = (sp.MatrixSymbol(name, *shape) for name, shape in zip("ABCD", shapes))
    assert set(mutants(MatMul(A, B, C))) - set(everywhere(A)) == {"A を落とす", "C を落とす", "C を転置する"}
    assert set(mutants(MatMul(A.T, D))) - set(everywhere(A)) == {
        "A.T を落とす", "D を落とす", "A.T と D の順序を入れ替える",
    }  # fmt: skip
    assert set(mutants(HadamardProduct(A, D))) - set(everywhere(A)) == {"A を落とす", "D を落とす"}
    assert "A を転置する" not in mutants(MatAdd(A, D))


@pytest.mark.parametrize("given", [None, "x", 1.5, sp.Eq(x, y)], ids=repr)
def test_only_expressions_have_variants(given):
    with pytest.raises(TypeError, match="expression は Expr でなければなりませんが"):
        mutants(given)

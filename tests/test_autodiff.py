"""計算グラフの検査: 手計算、形、書き換えないこと、独立な審判（複素ステップ、HIPS autograd、Network）。"""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop import autodiff
from backprop.activations import ACTIVATIONS
from backprop.autodiff import (
    Add,
    Affine,
    Broadcast,
    Divide,
    Elementwise,
    Exp,
    Log,
    MatMul,
    Mean,
    Multiply,
    Negate,
    Node,
    Operation,
    Power,
    Reshape,
    Softmax,
    Subtract,
    Sum,
    Transpose,
    Variable,
    activate,
    affine,
    apply,
    exp,
    gradients,
    log,
    replace,
    topological_order,
    trace,
)
from backprop.network import Network

pytestmark = pytest.mark.filterwarnings("error")


def values(*arrays):
    return [np.asarray(a).tolist() for a in arrays]


# ---- 手計算 ----


def test_lunch_by_hand():
    # おにぎり 130 円 × 4 個とお茶 90 円 × 3 本、そこへ税の倍率 1.1 を掛ける。
    # 520 + 270 = 790、790 × 1.1 = 869
    rice, n_rice = Variable(130.0, "おにぎり"), Variable(4.0, "個数")
    tea, n_tea, tax = Variable(90.0, "お茶"), Variable(3.0, "本数"), Variable(1.1, "税")
    total = (rice * n_rice + tea * n_tea) * tax
    assert total.value == pytest.approx(869.0, rel=1e-15)
    # 1個の値段が1円上がれば 4×1.1 = 4.4、1個増えれば 130×1.1 = 143、
    # お茶は 3×1.1 = 3.3 と 90×1.1 = 99、税の倍率は 790
    expected = [4.4, 143.0, 3.3, 99.0, 790.0]
    computed = gradients(total, [rice, n_rice, tea, n_tea, tax])
    assert [g.item() for g in computed] == pytest.approx(expected, rel=1e-15)


def test_each_operation_by_hand():
    x, y = Variable(3.0), Variable(2.0)
    cases = [
        (x + y, 5.0, [1.0, 1.0]),
        (x - y, 1.0, [1.0, -1.0]),
        (x * y, 6.0, [2.0, 3.0]),
        (x / y, 1.5, [0.5, -0.75]),  # 1/2、−3/2² = −3/4
        (-x, -3.0, [-1.0, 0.0]),
        (x**2, 9.0, [6.0, 0.0]),
        (y**-1, 0.5, [0.0, -0.25]),  # −1/2²
        (log(x * y), np.log(6.0), [1 / 3, 1 / 2]),
        (exp(x - x + y), np.exp(2.0), [0.0, np.exp(2.0)]),
        (activate("tanh", x - x), 0.0, [0.0, 0.0]),
        (activate("sigmoid", x - x + y * 0.0), 0.5, [0.0, 0.0]),
    ]
    for node, value, expected in cases:
        assert node.value == pytest.approx(value, rel=1e-15)
        assert [g.item() for g in gradients(node, [x, y])] == pytest.approx(expected, rel=1e-15)


def test_numbers_on_both_sides():
    x = Variable(4.0)
    cases = [
        (x + 1, 5.0, 1.0),
        (1 + x, 5.0, 1.0),
        (x - 1.0, 3.0, 1.0),
        (1 - x, -3.0, -1.0),
        (x * 3, 12.0, 3.0),
        (3 * x, 12.0, 3.0),
        (x / 2, 2.0, 0.5),
        (2 / x, 0.5, -0.125),  # −2/4²
    ]
    for node, value, slope in cases:
        assert (node.value.item(), gradients(node, [x])[0].item()) == (value, slope)


def test_numbers_are_stretched_to_the_other_side():
    x = Variable(np.array([[1.0, 2.0]]))
    node = (2.0 * x + 1).sum()
    assert node.value == 8.0  # (2 + 1) + (4 + 1)
    assert values(*gradients(node, [x])) == [[[2.0, 2.0]]]
    assert gradients(x + 1, [x], seed=np.ones((1, 2)))[0].dtype == np.float64
    assert (Variable(np.ones(2, dtype=np.float32)) * 3).value.dtype == np.float32


def test_arrays_on_both_sides_are_constants():
    x = Variable(np.array([[1.0, 2.0]]))
    c = np.array([[3.0, 5.0]])
    for node, value in [
        (x + c, [4, 7]),
        (c + x, [4, 7]),
        (c - x, [2, 3]),
        (c * x, [3, 10]),
        (c / x, [3, 2.5]),
    ]:
        assert type(node) is Node
        assert values(node.value) == [[value]]
    assert values((c @ x.T).value, (x @ c.T).value) == [[[13.0]], [[13.0]]]


def test_affine_layer_by_hand():
    # W A + b、例は2列。 [1 2; 3 4][5 6; 7 8] + [1; −1] = [20 23; 42 49]
    W = Variable(np.array([[1.0, 2.0], [3.0, 4.0]]))
    A = Variable(np.array([[5.0, 6.0], [7.0, 8.0]]))
    b = Variable(np.array([[1.0], [-1.0]]))
    G = np.array([[1.0, 0.0], [2.0, -1.0]])
    expected = [
        [[5.0, 7.0], [4.0, 6.0]],  # G Aᵀ: [1·5+0·6, 1·7+0·8], [2·5−1·6, 2·7−1·8]
        [[7.0, -3.0], [10.0, -4.0]],  # Wᵀ G: [1·1+3·2, 3·(−1)], [2·1+4·2, 4·(−1)]
        [[1.0], [1.0]],  # 行ごとの和: 1 + 0、2 − 1
    ]
    for node in (affine(W, A, b), W @ A + b, W @ A + b.broadcast((2, 2))):
        assert values(node.value) == [[[20.0, 23.0], [42.0, 49.0]]]
        assert values(*gradients(node, [W, A, b], seed=G)) == expected


def test_sum_and_mean_by_hand():
    x = Variable(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 9.0]]))
    assert values(x.sum().value, x.sum(0).value, x.sum(1).value) == [
        24.0,
        [[5.0, 7.0, 12.0]],
        [[6.0], [18.0]],
    ]
    assert values(x.mean().value, x.mean(0).value, x.mean(1).value) == [
        4.0,
        [[2.5, 3.5, 6.0]],
        [[2.0], [6.0]],
    ]
    assert values(*gradients(x.mean(), [x])) == [[[1 / 6] * 3] * 2]
    assert values(*gradients(x.mean(0), [x], seed=np.array([[2.0, 4.0, 6.0]]))) == [[[1.0, 2.0, 3.0]] * 2]
    assert values(*gradients(x.mean(-1), [x], seed=np.array([[3.0], [6.0]]))) == [[[1.0] * 3, [2.0] * 3]]
    assert values(*gradients(x.sum(1), [x], seed=np.array([[3.0], [6.0]]))) == [[[3.0] * 3, [6.0] * 3]]


# ---- 分岐とひし形 ----


def test_a_node_used_twice_adds_up():
    x = Variable(5.0)
    assert gradients(x * x, [x]) == [10.0]
    assert gradients(x + x, [x]) == [2.0]
    assert gradients(x - x, [x]) == [0.0]
    assert gradients(x / x, [x]) == [0.0]
    M = Variable(np.array([[1.0, 2.0], [3.0, 4.0]]))
    # tr-なしの和 Σ(MM)_ij の微分は G Mᵀ + Mᵀ G、G は 1 ばかり: 行の和 (3,7) と列の和 (4,6) の足し算
    assert values(*gradients((M @ M).sum(), [M])) == [[[3 + 4, 7 + 4], [3 + 6, 7 + 6]]]


def test_diamond_needs_every_path():
    # y = x²、z = y·x + y。経路ごとの和: dz/dx = y + x·2x + 2x = 3x² + 2x = 12 + 4
    x = Variable(2.0)
    y = x * x
    assert gradients(y * x + y, [x, y]) == [16.0, 3.0]


class CountedAdd(Add):
    calls = 0

    def backward(self, upstream):
        CountedAdd.calls += 1
        return super().backward(upstream)


def test_chained_diamonds_visit_each_node_once():
    # x ← x + x を60回。経路は 2⁶⁰ 本あるが、訪れるのは60ノード。
    CountedAdd.calls = 0
    x = node = Variable(1.0)
    for _ in range(60):
        node = apply(CountedAdd(), node, node)
    assert gradients(node, [x]) == [2.0**60]
    assert CountedAdd.calls == 60
    assert len(topological_order(node)) == 61


def test_uneven_branches_wait_for_the_longer_one():
    # 短い道（直接）と長い道（三つの乗算）。近い方から先にたどると、まだ足りない勾配を流してしまう。
    x = Variable(3.0)
    a = x * 2
    long = a * -1.0 * 1.0 * 1.0
    for out in (a + long * a, long * a + a, a * long + a):
        # a(1 − a)、a = 2x: 2 − 8x = −22
        assert gradients(out, [x]) == [-22.0]


def test_long_chain_needs_no_recursion():
    x = node = Variable(1.0)
    for _ in range(10_000):
        node = -node
    order = topological_order(node)
    assert len(order) == 10_001
    assert (order[0], order[-1]) == (x, node)
    assert gradients(node, [x]) == [1.0]
    assert len(trace(node)) == 10_001
    assert replace(node, {x: 7.0}).value == 7.0


def test_topological_order_puts_parents_first():
    rng = np.random.default_rng(0)
    nodes = [Variable(1.0) for _ in range(3)]
    for _ in range(40):
        i, j = rng.integers(len(nodes), size=2)
        nodes.append(apply(Add() if rng.random() < 0.5 else Subtract(), nodes[i], nodes[j]))
    order = topological_order(nodes[-1])
    position = {id(node): i for i, node in enumerate(order)}
    assert len(position) == len(order)
    assert all(position[id(p)] < position[id(node)] for node in order for p in node.parents)
    assert order[-1] is nodes[-1]


# ---- gradients は純粋な関数 ----


def test_gradients_twice_gives_the_same_and_leaves_nothing_behind():
    x = Variable(np.array([[1.0, -2.0]]))
    b = Variable(np.array([[0.5]]))
    out = (activate("tanh", x + b) * x).sum()
    before = {id(n): n.value.copy() for n in topological_order(out)}
    first = gradients(out, [x, b])
    first[0][...] = 99.0  # 受け取った配列を書き換えても
    second, third = gradients(out, [x, b]), gradients(out, [x, b])
    assert values(*second) == values(*third)
    assert second[0].max() < 99.0
    assert all(np.array_equal(before[id(n)], n.value) for n in topological_order(out))


def test_returned_gradients_are_separate_writable_arrays():
    x = Variable(np.ones((2, 2)))
    seed = np.ones((2, 2))
    out = x + x
    computed = gradients(out, [x, x, out], seed=seed)
    for i, g in enumerate(computed):
        g += i + 1.0
    assert values(*computed) == [[[3.0] * 2] * 2, [[4.0] * 2] * 2, [[4.0] * 2] * 2]
    assert values(seed) == [[[1.0] * 2] * 2]


def test_order_of_wrt_is_kept_and_intermediate_nodes_are_allowed():
    x, y = Variable(3.0), Variable(5.0)
    p = x * y
    out = p * p
    # ∂/∂p = 2p = 30、∂/∂y = 30·3、∂/∂x = 30·5、∂/∂out = 1
    assert gradients(out, [p, y, x, out]) == [30.0, 90.0, 150.0, 1.0]
    assert gradients(out, []) == []


def test_unconnected_variable_gets_zeros_of_its_shape():
    x, other = Variable(2.0), Variable(np.ones((2, 3)))
    (g,) = gradients(x * x, [other])
    assert values(g) == [[[0.0] * 3] * 2]
    g += 1.0
    assert values(*gradients(x * x, [other])) == [[[0.0] * 3] * 2]


def test_seed_gives_the_vector_jacobian_product():
    x = Variable(np.array([1.0, 2.0]))
    assert values(*gradients(x * x, [x], seed=np.array([10.0, 100.0]))) == [[20.0, 400.0]]
    assert gradients(x.sum(), [x], seed=3.0)[0].tolist() == [3.0, 3.0]


def test_output_of_one_element_needs_no_seed():
    x = Variable(np.array([[2.0]]))
    assert values(*gradients(x * x, [x])) == [[[4.0]]]


# ---- ブロードキャスト ----


@pytest.mark.parametrize("operation", [Add, Subtract, Multiply, Divide])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3, 4), (3, 1)),
        ((3, 1), (3, 4)),
        ((3, 4), (1, 4)),
        ((3, 4), (1, 1)),
        ((3, 1), (1, 4)),
        ((1, 1), (1, 1)),
    ],
)
def test_every_gradient_has_the_shape_of_its_variable(operation, left, right):
    rng = np.random.default_rng(1)
    x, y = Variable(rng.uniform(1, 2, left)), Variable(rng.uniform(1, 2, right))
    out = apply(operation(), x, y)
    G = rng.standard_normal(out.shape)
    full = [np.broadcast_to(v.value, out.shape) for v in (x, y)]
    whole = [Variable(v.copy()) for v in full]
    unreduced = gradients(apply(operation(), *whole), whole, seed=G)
    for v, g, u in zip((x, y), gradients(out, [x, y], seed=G), unreduced):
        assert g.shape == v.shape
        expected = u
        for axis in (0, 1):
            if v.shape[axis] == 1:
                expected = expected.sum(axis=axis, keepdims=True)
        np.testing.assert_allclose(g, expected, rtol=1e-14)


@pytest.mark.parametrize("operation", [Add, Subtract, Multiply, Divide])
@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ((4,), (4, 1), r"\(4,\) と \(4, 1\) は、階数"),
        ((4, 1), (4,), r"\(4, 1\) と \(4,\) は、階数"),
        ((), (2, 2), r"\(\) と \(2, 2\) は、階数"),
        ((2, 3), (3, 2), r"\(2, 3\) と \(3, 2\) が合いません"),
        ((2, 3), (2, 2), r"長さ1の軸だけ"),
    ],
)
def test_accidental_broadcast_is_refused(operation, left, right, message):
    with pytest.raises(ValueError, match=message):
        operation().forward(np.ones(left), np.ones(right))
    with pytest.raises(ValueError, match=operation.__name__):
        apply(operation(), Variable(np.ones(left)), Variable(np.ones(right)))


def test_broadcast_and_sum_are_transposes_of_each_other():
    rng = np.random.default_rng(2)
    small, large = rng.standard_normal((3, 1)), rng.standard_normal((3, 4))
    spread, gather = Broadcast((3, 4)), Sum(axis=1)
    # ⟨large, Broadcast small⟩ = ⟨Sum large, small⟩
    assert (large * spread.forward(small)).sum() == pytest.approx((gather.forward(large) * small).sum())
    assert np.array_equal(spread.backward(large)[0], gather.forward(large))
    assert np.array_equal(gather.backward(small)[0], spread.forward(small))


# ---- 演算は、渡されたものを書き換えず、メモリーを共有しない ----

OPERATIONS = {
    "Add": (Add(), [(2, 3), (2, 3)]),
    "Add と引き伸ばし": (Add(), [(2, 3), (2, 1)]),
    "Subtract": (Subtract(), [(2, 3), (2, 3)]),
    "Multiply": (Multiply(), [(2, 3), (1, 3)]),
    "Divide": (Divide(), [(2, 3), (2, 3)]),
    "Negate": (Negate(), [(2, 3)]),
    "Power(1)": (Power(1), [(2, 3)]),
    "Power(-2.5)": (Power(-2.5), [(2, 3)]),
    "Exp": (Exp(), [(2, 3)]),
    "Log": (Log(), [(2, 3)]),
    "MatMul": (MatMul(), [(2, 3), (3, 4)]),
    "Affine": (Affine(), [(2, 3), (3, 4), (2, 1)]),
    "Affine と1例": (Affine(), [(2, 3), (3, 1), (2, 1)]),
    "Transpose": (Transpose(), [(2, 3)]),
    "Broadcast": (Broadcast((2, 3)), [(2, 1)]),
    "Broadcast そのまま": (Broadcast((2, 3)), [(2, 3)]),
    "Reshape": (Reshape((3, 2)), [(2, 3)]),
    "Reshape から1次元": (Reshape((1, 6)), [(6,)]),
    "Sum": (Sum(), [(2, 3)]),
    "Sum(0)": (Sum(0), [(2, 3)]),
    "Sum と長さ1": (Sum(1), [(2, 1)]),
    "Mean": (Mean(), [(2, 3)]),
    "Mean(1)": (Mean(1), [(2, 3)]),
    "Softmax": (Softmax(), [(2, 3)]),
    **{name: (Elementwise(name), [(2, 3)]) for name in ACTIVATIONS if name != "softmax"},
}


def positive_inputs(shapes):
    rng = np.random.default_rng(4)
    return [rng.uniform(0.5, 1.5, shape) for shape in shapes]


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_share_no_memory_with_what_they_were_given(name):
    operation, shapes = OPERATIONS[name]
    inputs = positive_inputs(shapes)
    kept = [x.copy() for x in inputs]
    for x in inputs:
        x.flags.writeable = False
    output = operation.forward(*inputs)
    assert output.flags.writeable
    upstream = np.random.default_rng(5).standard_normal(output.shape)
    upstream.flags.writeable = False
    first = operation.backward(upstream)
    given = [*inputs, output, upstream]
    assert len(first) == len(inputs)
    for i, part in enumerate(first):
        assert part.shape == inputs[i].shape
        assert not any(np.shares_memory(part, other) for other in [*given, *first[:i]])
    assert not any(np.shares_memory(output, x) for x in inputs)
    answers = [part.copy() for part in first]
    for part in first:
        part += 1.0  # その場での加算は、次の backward に影響しない
    assert all(np.array_equal(p, q) for p, q in zip(operation.backward(upstream), answers))
    assert all(np.array_equal(p, q) for p, q in zip(inputs, kept))


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_against_complex_step(name):
    # ⟨upstream, forward(inputs)⟩ を、微積分を使わずに微分する。
    operation, shapes = OPERATIONS[name]
    inputs = positive_inputs(shapes)
    upstream = np.random.default_rng(6).standard_normal(operation.forward(*inputs).shape)
    computed = operation.backward(upstream)
    for i, x in enumerate(inputs):
        for index in np.ndindex(x.shape):
            moved = [v.astype(complex) for v in inputs]
            moved[i][index] += 1e-200j
            numeric = (upstream * operation.value(*moved)).sum().imag / 1e-200
            assert computed[i][index] == pytest.approx(numeric, rel=1e-12, abs=1e-14)


# ---- 断ること ----


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Multiply().forward(1.0), TypeError, "Multiply の入力は 2 個.*1 個"),
        (lambda: Exp().forward(1.0, 2.0), TypeError, "Exp の入力は 1 個.*2 個"),
        (lambda: Multiply().forward(1, 2), TypeError, "第1入力 は NumPy の配列.*int"),
        (lambda: Multiply().forward(np.ones(2), np.ones(2, dtype=int)), TypeError, "第2入力.*int"),
        (lambda: Exp().forward(np.array([np.nan])), ValueError, "Exp の第1入力.*NaN"),
        (lambda: Exp().forward(np.array([1e4])), ValueError, "Exp の結果.*無限大"),
        (lambda: Divide().forward(1.0, 0.0), ValueError, "Divide の結果"),
        (lambda: Log().forward(0.0), ValueError, "Log の結果"),
        (lambda: Power(0.5).forward(-1.0), ValueError, "Power の結果"),
        (lambda: Power(0), ValueError, "exponent は0であっては"),
        (lambda: Power("2"), TypeError, "exponent は実数"),
        (lambda: Multiply().backward(1.0), RuntimeError, "Multiply の backward の前に"),
        (lambda: MatMul().forward(np.ones((2, 3)), np.ones((2, 3))), ValueError, r"\(2, 3\) と \(2, 3\)"),
        (lambda: MatMul().forward(np.ones((2, 3)), np.ones(3)), ValueError, r"\(2, 3\) と \(3,\)"),
        (lambda: MatMul().forward(np.ones(3), np.ones((3, 2))), ValueError, r"\(3,\) と \(3, 2\)"),
        (lambda: Affine().forward(np.ones((2, 3)), np.ones((3, 4)), np.ones(2)), ValueError, r"\(2,\) が"),
        (
            lambda: Affine().forward(np.ones((2, 3)), np.ones((3, 4)), np.ones((1, 1))),
            ValueError,
            r"\(1, 1\) が",
        ),
        (
            lambda: Affine().forward(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 1))),
            ValueError,
            r"\(2, 4\)",
        ),
        (lambda: Affine().forward(np.ones(3), np.ones((3, 4)), np.ones((3, 1))), ValueError, r"\(3,\)"),
        (lambda: Affine().forward(np.ones((2, 3)), np.ones(3), np.ones((2, 1))), ValueError, r"\(3,\)"),
        (lambda: Transpose().forward(np.ones(3)), ValueError, "Transpose の入力"),
        (lambda: Softmax().forward(np.ones(3)), ValueError, "Softmax の入力"),
        (lambda: Elementwise("softmax"), ValueError, "activation に 'softmax' はありません"),
        (lambda: Broadcast((2, 3)).forward(np.ones((2, 2))), ValueError, r"\(2, 2\) を \(2, 3\)"),
        (lambda: Broadcast((2, 3)).forward(np.ones(3)), ValueError, r"\(3,\) を \(2, 3\)"),
        (lambda: Broadcast((3, 4)).forward(np.ones(3)), ValueError, r"Broadcast は形 \(3,\) を \(3, 4\)"),
        (lambda: Sum(axis=2).forward(np.ones((2, 3))), ValueError, r"Sum の axis=2 は、形 \(2, 3\)"),
        (lambda: Sum(axis=-3).forward(np.ones((2, 3))), ValueError, "axis=-3"),
        (lambda: Mean(axis=1).forward(np.ones(3)), ValueError, "Mean の axis=1"),
        (lambda: Sum(axis="0"), TypeError, "axis は整数"),
        (lambda: Sum(axis=True), TypeError, "axis は整数"),
        (lambda: Variable(3), TypeError, "value は NumPy の配列.*int"),
        (lambda: Variable(np.array([1, 2]), "X"), TypeError, "X の要素は浮動小数点数"),
        (lambda: Variable(np.array([np.inf]), "X"), ValueError, "X に NaN"),
        (lambda: Variable(1.0) + "1", TypeError, "計算グラフの定数 は実数"),
        (lambda: Variable(1.0) ** Variable(2.0), TypeError, "累乗の指数にできません.*exp"),
        (lambda: 2 ** Variable(1.0), TypeError, r"数の累乗の指数にできません.*exp\(node"),
        (lambda: np.power(2.0, Variable(1.0)), TypeError, "NumPy の power は.*exp"),
        (lambda: np.exp(Variable(1.0)), TypeError, r"NumPy の exp は.*exp\(node\)"),
        (lambda: np.add.reduce(Variable(np.ones(2))), TypeError, "NumPy の add は.*value"),
        (lambda: np.asarray(Variable(1.0)), TypeError, "配列として読めません.*value"),
        (lambda: bool(Variable(1.0)), TypeError, "真偽として読めません"),
        (lambda: Variable(1.0) > 0, TypeError, "大小を比べられません"),
        (lambda: Variable(1.0) == 1.0, TypeError, "値と比べられません"),
        (lambda: Variable(1.0) != np.ones(1), TypeError, "値と比べられません"),
        (lambda: float(Variable(1.0)), TypeError, "一つの数として読めません"),
        (lambda: len(Variable(np.ones(2))), TypeError, "長さを持ちません"),
        (lambda: Variable(np.ones(2))[0], TypeError, "要素を取り出せません"),
        (lambda: list(Variable(np.ones(2))), TypeError, "要素を取り出せません"),
        (lambda: Variable(np.ones(2)).__setitem__(0, 1.0), TypeError, "書き換えられません"),
        (lambda: abs(Variable(1.0)), TypeError, "絶対値、商、余りを計算できません"),
        (lambda: Node([1.0]), TypeError, "Variable か apply でつくります"),
        (lambda: Variable(np.ones(4)) + np.ones((4, 1)), ValueError, "reshape でそろえて"),
        (lambda: Variable(np.ones(4)).reshape((3, 1)), ValueError, r"形 \(4,\) を \(3, 1\) にできません"),
        (lambda: apply(Operation()), TypeError, "Operation の入力は 1 個.*0 個"),
        (lambda: apply(Exp, Variable(1.0)), TypeError, r"Exp\(\) のように、かっこ"),
        (lambda: Add(1), TypeError, "Add に名前をつけずに渡せる引数は 0 個"),
        (lambda: Power(), TypeError, r"Power の exponent が与えられていません。 Power\(exponent\)"),
        (lambda: Broadcast(shapes=(2, 3)), TypeError, "shape のことでしょうか"),
        (lambda: Sum(axes=0), TypeError, "axis のことでしょうか"),
        (lambda: apply(Add, Variable(1.0), Variable(1.0)), TypeError, "operation は Operation"),
        (lambda: apply(Add(), Variable(1.0), 1.0), TypeError, "parents は Node.*float"),
        (lambda: topological_order(1.0), TypeError, "output は Node"),
        (lambda: gradients(Variable(1.0), [1.0]), TypeError, "wrt は Node"),
        (lambda: gradients(Variable(np.ones(2)), []), ValueError, r"output の要素は一つ.*\(2,\)"),
        (lambda: gradients(Variable(1.0), [], seed=np.ones(2)), ValueError, "seed の形"),
        (lambda: gradients(Variable(0.0) ** 0.5, []), ValueError, "Power の第1入力に関する勾配"),
        (lambda: replace(Variable(1.0), {Variable(1.0, "y"): 2.0}), ValueError, "Variable.*葉ではありません"),
        (lambda: activate("sigmiod", Variable(1.0)), ValueError, "'sigmiod' はありません"),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "left", "right", "message"),
    [
        (lambda x, y, b: x + y, (2, 3), (2, 4), "長さ1の軸だけです"),
        (lambda x, y, b: x + y, (2, 4), (2, 3), "長さ1の軸だけです"),
        (lambda x, y, b: x @ y, (2, 3), (4, 5), "MatMul の入力の形は"),
        (lambda x, y, b: x @ y, (2, 4), (3, 5), "MatMul の入力の形は"),
        (lambda x, y, b: affine(x, y, b), (2, 3), (4, 5), "Affine の入力"),
        (lambda x, y, b: affine(x, y, b), (2, 4), (3, 5), "Affine の入力"),
        (lambda x, y, b: affine(x, y, b), (1, 3), (3, 5), "Affine の入力"),
        (lambda x, y, b: affine(x, y, b), (3, 3), (3, 5), "Affine の入力"),
        (lambda x, y, b: x.broadcast((3, 3)), (1, 1, 3), (1,), "引き伸ばせません"),
        (lambda x, y, b: x.broadcast((3, 3)), (3,), (1,), "引き伸ばせません"),
    ],
)
def test_shapes_are_refused_whichever_side_is_longer(call, left, right, message):
    x, y, b = (Variable(np.ones(shape)) for shape in (left, right, (2, 1)))
    with pytest.raises(ValueError, match=message):
        call(x, y, b)


@pytest.mark.parametrize(("left", "right"), [((2, 3, 3), (3, 5)), ((2, 3), (3, 3, 5))])
def test_stacks_of_matrices_are_refused(left, right):
    # NumPy は行列の積み重ねどうしも掛けてしまう
    P, Q, b = (Variable(np.ones(shape)) for shape in (left, right, (2, 1)))
    with pytest.raises(ValueError, match=r"MatMul の入力の形は \(n, k\) と \(k, m\)"):
        P @ Q
    with pytest.raises(ValueError, match="Affine の入力 W, A, b の形は"):
        affine(P, Q, b)


@pytest.mark.parametrize("axis", [0, 1])
def test_an_axis_may_be_counted_from_the_end(axis):
    x = Variable(np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]))
    for reduced in (x.sum, x.mean):
        counted = reduced(axis - 2)
        np.testing.assert_array_equal(counted.value, reduced(axis).value)
        np.testing.assert_array_equal(*(gradients(y.sum(), [x])[0] for y in (counted, reduced(axis))))


@pytest.mark.parametrize("axis", [2, 3, -3, -4])
def test_an_axis_that_is_not_there_is_refused(axis):
    x = Variable(np.ones((2, 3)))
    for reduced in (x.sum, x.mean):
        with pytest.raises(ValueError, match=rf"axis={axis} は、形 \(2, 3\) の配列にはありません"):
            reduced(axis)


def test_upstream_of_another_shape_is_refused():
    add = Add()
    add.forward(np.ones((2, 3)), np.ones((2, 3)))
    for wrong in (np.ones((1, 3)), np.ones(3), 1.0):
        with pytest.raises(ValueError, match="Add の upstream の形"):
            add.backward(wrong)


def test_refused_forward_leaves_the_remembered_inputs():
    multiply = Multiply()
    multiply.forward(3.0, 5.0)
    for bad in [(1.0, np.ones(2)), (1e200, 1e200)]:
        with pytest.raises(ValueError, match="Multiply"):
            multiply.forward(*bad)
    assert multiply.backward(1.0) == (5.0, 3.0)


def test_values_are_read_only_copies():
    data = np.ones(2)
    x = Variable(data)
    data[0] = 99.0
    out = x * x
    assert values(x.value, out.value) == [[1.0, 1.0]] * 2
    for node in (x, out):
        with pytest.raises(ValueError, match="read-only"):
            node.value[0] = 2.0
    assert data.flags.writeable


def test_one_operation_may_be_used_for_many_nodes():
    multiply = Multiply()
    x, y = Variable(3.0), Variable(5.0)
    first, second = apply(multiply, x, y), apply(multiply, y, y)
    assert gradients(first, [x, y]) == [5.0, 3.0]
    assert gradients(second, [y]) == [10.0]


def test_the_common_part_computes_nothing():
    with pytest.raises(NotImplementedError, match="Operation には value がありません"):
        Operation().forward(1.0)
    with pytest.raises(NotImplementedError, match="Operation には pullback がありません"):
        Operation().pullback(np.ones(1), np.ones(1))


# ---- 読者が書いた演算 ----


class Square(Operation):
    """正しい演算。誤りは、これを一か所だけ壊してつくる。"""

    symbol = "²"

    def value(self, x):
        return x * x

    def pullback(self, upstream, x):
        return (2 * upstream * x,)


class Scale(Operation):
    """二つの入力を持つ演算。第2入力は引き伸ばされる。"""

    arity = 2

    def value(self, x, y):
        return x * y

    def pullback(self, upstream, x, y):
        return upstream * y, upstream * x


def broken(base, **hooks):
    return type("Mine", (base,), hooks)()


X23 = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def written_into(self, upstream, x):
    upstream *= 2 * x
    return (upstream,)


BAD_PULLBACKS = {
    "カンマを忘れた": (Square, lambda self, g, x: 2 * g * x, TypeError, r"ndarray.*return \(…,\).*カンマ"),
    "何も返さない": (Square, lambda self, g, x: None, TypeError, "NoneType を返しました"),
    "リスト": (Square, lambda self, g, x: [], TypeError, "1 個の入力ごとの.*0 個の並び"),
    "多い": (Square, lambda self, g, x: (g, g), TypeError, "2 個の並び"),
    "足りない": (Scale, lambda self, g, x, y: (g * y,), TypeError, r"2 個の入力.*1 個の並び.*\(…, …\)"),
    "なし": (Scale, lambda self, g, x, y: (g * y, None), TypeError, "第2入力に関する勾配 は.*NoneType"),
    "転置": (Square, lambda self, g, x: ((2 * g * x).T,), ValueError, r"\(2, 3\).*\(3, 2\)"),
    "一つの数": (Square, lambda self, g, x: (2.0,), ValueError, r"\(2, 3\).*\(\)"),
    "階数": (Square, lambda self, g, x: ((2 * g * x).ravel(),), ValueError, r"\(2, 3\).*\(6,\)"),
    "足した": (Square, lambda self, g, x: ((2 * g * x).sum(axis=1, keepdims=True),), ValueError, r"\(2, 1\)"),
    "伸びた": (
        Scale, lambda self, g, x, y: (g * y, np.ones((2, 5))), ValueError, r"第2入力.*\(2, 1\).*\(2, 5\)",
    ),
    "整数": (Square, lambda self, g, x: (np.ones(x.shape, int),), TypeError, "dtype=int64"),
    "NaN": (Square, lambda self, g, x: (g * np.nan,), ValueError, "第1入力に関する勾配 に NaN"),
    "複素数": (Square, lambda self, g, x: (g * 1j,), TypeError, "実数でなければ.*complex128"),
    "マスク": (Square, lambda self, g, x: (np.ma.array(g * x, mask=x > 5),), TypeError, "マスク"),
    "入力に書く": (Square, written_into, ValueError, "pullback が、渡された配列を書き換えようと"),
}  # fmt: skip
BAD_VALUES = {
    "整数": (lambda self, x: (x * x).astype(int), TypeError, "Mine の結果 の要素は.*int64"),
    "真偽": (lambda self, x: x > 0, TypeError, "bool"),
    "リスト": (lambda self, x: (x * x).tolist(), TypeError, "list"),
    "なし": (lambda self, x: None, TypeError, "NoneType"),
    "無限大": (lambda self, x: x / 0, ValueError, "Mine の結果 に NaN か無限大"),
    "複素数": (lambda self, x: x + 0j, TypeError, "Mine の結果 は実数"),
    "別の種類": (lambda self, x: x.view(np.recarray), TypeError, "recarray が与えられました.*np.asarray"),
    "空": (lambda self, x: x[:0], ValueError, "空"),
    "入力に書く": (
        lambda self, x: np.multiply(x, x, out=x),
        ValueError,
        "value が、渡された配列を書き換えようと",
    ),
}


@pytest.mark.parametrize("mistake", BAD_PULLBACKS)
def test_what_a_pullback_returns_is_checked(mistake):
    base, pullback, error, message = BAD_PULLBACKS[mistake]
    inputs = [Variable(X23), Variable(np.ones((2, 1)))][: base.arity]
    node = apply(broken(base, pullback=pullback), *inputs)
    for call in (lambda: gradients(node.sum(), inputs), lambda: trace(node.sum())):
        with pytest.raises(error, match=message):
            call()
    np.testing.assert_array_equal(inputs[0].value, X23)


@pytest.mark.parametrize("mistake", BAD_VALUES)
def test_what_a_value_returns_is_checked(mistake):
    value, error, message = BAD_VALUES[mistake]
    x = X23.copy()
    with pytest.raises(error, match=message):
        broken(Square, value=value).forward(x)
    with pytest.raises(error, match=message):
        apply(broken(Square, value=value), Variable(x))
    np.testing.assert_array_equal(x, X23)
    assert x.flags.writeable


def test_a_check_returns_nothing():
    with pytest.raises(TypeError, match="check は.*何も返さない"):
        broken(Square, check=lambda self, x: x.ndim == 2).forward(X23)


def test_other_errors_of_a_hook_are_its_own():
    def value(self, x):
        raise ValueError("壊れた")

    with pytest.raises(ValueError, match="^壊れた$"):
        broken(Square, value=value).forward(X23)


@pytest.mark.parametrize("value", [lambda self, x: x, lambda self, x: x[:, ::-1], lambda self, x: x.T])
def test_a_value_that_is_its_input_is_copied(value):
    x = X23.copy()
    output = broken(Square, value=value).forward(x)
    assert not np.shares_memory(output, x)
    assert output.flags.writeable


def test_right_operations_of_a_reader():
    x, y = Variable(X23), Variable(np.array([[2.0], [3.0]]))
    np.testing.assert_array_equal(gradients(apply(Square(), x).sum(), [x])[0], 2 * X23)
    dx, dy = gradients(apply(Scale(), x, y).sum(), [x, y])
    np.testing.assert_array_equal(dx, y.value * np.ones((2, 3)))
    np.testing.assert_array_equal(dy, X23.sum(axis=1, keepdims=True))
    number = broken(Square, pullback=lambda self, g, x: [2.0 * float(g) * float(x)])
    assert gradients(apply(number, z := Variable(3.0)), [z]) == [6.0]


@pytest.mark.parametrize("number", [1, 3])
def test_a_backward_with_too_few_or_too_many_parts_is_noticed(number):
    wrong = broken(Scale, backward=lambda self, upstream: (upstream,) * number)
    node = apply(wrong, Variable(1.0), Variable(2.0))
    with pytest.raises(ValueError, match=f"2 個の勾配を返さなければなりませんが、{number} 個"):
        gradients(node, [])


# ---- ノードは配列ではない ----


def test_nodes_are_equal_only_to_themselves():
    x, y = Variable(1.0), Variable(1.0)
    assert x == x
    assert x != y
    assert x is not None
    assert len({x, y, x}) == 2
    assert x in [y, x]


def test_arrays_and_numbers_of_numpy_are_constants():
    x = Variable(np.array([[1.0, 2.0]]))
    two = np.full((1, 1), 2.0)
    for node in (np.float64(2.0) * x, 2.0 * x, two * x, np.multiply(two, x)):
        assert type(node) is Node
        np.testing.assert_array_equal(gradients(node.sum(), [x])[0], [[2.0, 2.0]])


def test_an_axis_may_be_an_integer_of_numpy():
    x = Variable(X23)
    np.testing.assert_array_equal(x.sum(np.int64(0)).value, x.sum(0).value)
    np.testing.assert_array_equal(x.mean(np.int32(-1)).value, x.mean(-1).value)
    for bad in (np.bool_(True), np.float64(1.0)):
        with pytest.raises(TypeError, match="axis は整数"):
            x.sum(bad)


def test_the_order_is_the_one_in_which_the_expression_was_written():
    x, y = Variable(3.0, "x"), Variable(5.0, "y")
    product = x * y
    total = product + x
    assert topological_order(total) == [x, y, product, total]
    other = y + product
    assert topological_order(other) == [y, x, product, other]


# ---- 取り替えと記録 ----


def test_replace_recomputes_the_same_expression():
    x, y = Variable(3.0, "x"), Variable(5.0, "y")
    out = apply(Add(), x * y, x, name="答え")
    new = replace(out, {x: 2.0})
    assert (new.value, out.value, new.name) == (12.0, 18.0, "答え")
    assert gradients(new, [y]) == [2.0]
    assert [n.name for n in topological_order(new)] == [n.name for n in topological_order(out)]
    assert replace(x, {x: 4.0}).value == 4.0
    assert replace(out, {x: np.array(1.0), y: 1.0}).value == 2.0
    inside = out.parents[0]  # グラフの中にあっても、計算で求めたノードは取り替えられない
    for wrong in ({x * y: 1.0}, {inside: 1.0}, {x: np.ones(1)}):
        with pytest.raises(ValueError, match=r"葉ではありません|x の形"):
            replace(out, wrong)


def test_trace_tells_what_flows_along_each_wire():
    x, y = Variable(3.0), Variable(2.0)
    records = trace((x * y + x) ** 2)  # 9 の2乗。x へは y·18 = 36 と 18 が流れる
    total = dict.fromkeys(range(len(records)), 0.0)
    for record in records:
        assert len(record.parts) == len(record.parents)
        for parent, part in zip(record.parents, record.parts):
            assert part.shape == records[parent].value.shape
            total[parent] += part
    assert sorted(p.item() for r in records for i, p in zip(r.parents, r.parts) if i == 0) == [18, 36]
    assert all(total[i] == r.gradient for i, r in enumerate(records[:-1]))


def test_trace_lists_what_a_drawing_needs():
    x, y = Variable(3.0, "x"), Variable(5.0, "y")
    records = trace((x * y + x) ** 2)
    # xy = 15、+x = 18、² = 324;  d/d(18) = 36、d/d(15) = 36、d/dx = 36·5 + 36 = 216、d/dy = 36·3 = 108
    assert [(r.symbol, r.name, r.value.item(), r.gradient.item(), r.parents) for r in records] == [
        ("", "x", 3.0, 216.0, ()),
        ("", "y", 5.0, 108.0, ()),
        ("×", "", 15.0, 36.0, (0, 1)),
        ("+", "", 18.0, 36.0, (2, 0)),
        ("^2", "", 324.0, 1.0, (3,)),
    ]
    x = Variable(np.ones(2), "x")
    assert [r.gradient.tolist() for r in trace(x * 3.0, seed=np.array([1.0, 2.0]))] == [[3, 6], [3], [1, 2]]


def test_trace_records_cannot_be_changed_and_are_equal_only_to_themselves():
    one, other = (trace(Variable(np.ones(2)) * 3.0, seed=np.ones(2)) for _ in "ab")
    assert one[0] != other[0]
    with pytest.raises(AttributeError):
        one[0].gradient = one[0].value


def test_symbols_and_names_are_short():
    x = Variable(np.ones((1, 1)), "x")
    nodes = [x + x, x - x, x * x, x / x, -x, x**0.5, x @ x, x.T, x.sum(), x.mean(), exp(x), log(x)]
    nodes += [affine(x, x, x), activate("relu", x), activate("softmax", x), x.broadcast((1, 2))]
    symbols = ["+", "−", "×", "÷", "−", "^0.5", "@", "ᵀ", "Σ", "平均", "exp", "log"]
    assert [n.operation.symbol for n in nodes] == [*symbols, "Affine", "relu", "softmax", "broadcast"]
    assert repr(x) == "Variable(x, 形 (1, 1))"
    assert repr(x + 2.5) == "Node(+, 形 (1, 1))"
    assert repr(Variable(1.0)) == "Variable(形 ())"
    assert (x + 2.5).parents[1].name == "2.5"


# ---- 独立な審判: HIPS autograd、複素ステップ、Network ----

UNARY = {
    "tanh": (lambda x: activate("tanh", x), anp.tanh),
    "sigmoid": (lambda x: activate("sigmoid", x), lambda x: 1 / (1 + anp.exp(-x))),
    "softplus": (lambda x: activate("softplus", x), lambda x: anp.log(1 + anp.exp(x))),
    "relu": (lambda x: activate("relu", x), lambda x: anp.maximum(x, 0)),
    "softmax": (lambda x: activate("softmax", x), lambda x: anp.exp(x) / anp.exp(x).sum(0, keepdims=True)),
    "negate": (lambda x: -x, lambda x: -x),
    "square": (lambda x: x**2, lambda x: x**2),
    "exp": (lambda x: exp(activate("tanh", x)), lambda x: anp.exp(anp.tanh(x))),
    "log": (lambda x: log(x * x + 0.5), lambda x: anp.log(x * x + 0.5)),
    "sum0": (lambda x: activate("tanh", x.sum(0)), lambda x: anp.tanh(x.sum(0, keepdims=True))),
    "mean1": (lambda x: x.mean(1), lambda x: x.mean(1, keepdims=True)),
}
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / (y * y + 1.0),
    "@": lambda x, y: x @ x.T @ y if x.shape[0] == y.shape[0] else y * 2.0,
}
LEAF_SHAPES = [(3, 4), (3, 1), (1, 4), (1, 1), (3, 4)]


def random_recipe(rng, length):
    recipe = []
    for n in range(len(LEAF_SHAPES), len(LEAF_SHAPES) + length):
        if rng.random() < 0.4:
            recipe.append((str(rng.choice(list(UNARY))), int(rng.integers(n))))
        else:
            recipe.append((str(rng.choice(list(BINARY))), *map(int, rng.integers(n, size=2))))
    return recipe


def cook(recipe, leaves, judge):
    nodes = list(leaves)
    tanh = UNARY["tanh"][judge]
    for name, *operands in recipe:
        chosen = [nodes[i] for i in operands]
        result = UNARY[name][judge](*chosen) if name in UNARY else BINARY[name](*chosen)
        nodes.append(result if name == "tanh" else tanh(result * 0.7))  # 値が爆発しないように
    total = nodes[-1].sum()
    for node in nodes[len(LEAF_SHAPES) : -1]:
        total = total + node.mean()
    return total


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_agree_with_autograd_and_complex_step(seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(shape) for shape in LEAF_SHAPES]
    recipe = random_recipe(rng, length=12)
    leaves = [Variable(a, f"x{i}") for i, a in enumerate(arrays)]
    out = cook(recipe, leaves, 0)
    expected = grad(lambda given: cook(recipe, given, 1))(arrays)
    computed = gradients(out, leaves)
    for leaf, g, e in zip(leaves, computed, expected):
        assert g.shape == leaf.shape
        np.testing.assert_allclose(g, e, rtol=1e-12, atol=1e-13)
    connected = {id(node) for node in topological_order(out)}
    leaf = int(rng.choice([i for i, v in enumerate(leaves) if id(v) in connected]))
    index = tuple(rng.integers(leaves[leaf].shape))
    moved = arrays[leaf].astype(complex)
    moved[index] += 1e-200j
    numeric = replace(out, {leaves[leaf]: moved}).value.imag / 1e-200
    assert computed[leaf][index] == pytest.approx(numeric, rel=1e-11, abs=1e-13)


def test_random_graphs_use_every_operation():
    used = {name for seed in range(40) for name, *_ in random_recipe_of(seed)}
    assert used == {*UNARY, *BINARY}


def random_recipe_of(seed):
    rng = np.random.default_rng(seed)
    for shape in LEAF_SHAPES:
        rng.standard_normal(shape)
    return random_recipe(rng, length=12)


LOSS_GRAPHS = {
    "mse": lambda Y_hat, Y, m: ((Y_hat - Y) ** 2).mean(),
    "half_squared_error": lambda Y_hat, Y, m: ((Y_hat - Y) ** 2).sum() * (0.5 / m),
    "binary_cross_entropy": lambda Y_hat, Y, m: -(Y * log(Y_hat) + (1 - Y) * log(1 - Y_hat)).sum() / m,
    "cross_entropy": lambda Y_hat, Y, m: -(Y * log(Y_hat)).sum() / m,
}


@pytest.mark.parametrize(
    ("sizes", "activations", "loss"),
    [
        ([2, 3, 1], ["sigmoid", "sigmoid"], "mse"),
        ([2, 3, 1], ["tanh", "sigmoid"], "binary_cross_entropy"),
        ([3, 4, 5, 2], ["relu", "softplus", "identity"], "half_squared_error"),
        ([4, 5, 3], ["leaky_relu", "softmax"], "cross_entropy"),
        ([2, 4, 3], ["softmax", "softmax"], "mse"),
        ([3, 3, 3, 3, 2], ["tanh", "relu", "sigmoid", "sigmoid"], "binary_cross_entropy"),
    ],
)
@pytest.mark.parametrize("m", [1, 5])
@pytest.mark.parametrize("one_node", [True, False])
def test_networks_written_as_graphs_have_the_gradients_of_network(sizes, activations, loss, m, one_node):
    rng = np.random.default_rng(11)
    net = Network.random(sizes, activations, loss, rng=rng, bias_scale=0.5)
    X = rng.standard_normal((sizes[0], m))
    Y = np.eye(sizes[-1])[:, rng.integers(sizes[-1], size=m)]
    parameters = {name: Variable(value, name) for name, value in net.parameters().items()}
    A = Variable(X, "X")
    for l, name in enumerate(activations, start=1):
        W, b = parameters[f"W{l}"], parameters[f"b{l}"]
        A = activate(name, affine(W, A, b) if one_node else W @ A + b)
    cost = LOSS_GRAPHS[loss](A, Y, m)
    assert cost.value == pytest.approx(net.cost(X, Y), rel=1e-12)
    expected = net.gradients(X, Y)
    for name, g in zip(parameters, gradients(cost, list(parameters.values()))):
        np.testing.assert_allclose(g, expected[name], rtol=1e-11, atol=1e-14)


def test_rows_instead_of_columns_give_the_transposed_gradients():
    rng = np.random.default_rng(3)
    W, A, b = rng.standard_normal((2, 3)), rng.standard_normal((3, 4)), rng.standard_normal((2, 1))
    G = rng.standard_normal((2, 4))
    columns = [Variable(v) for v in (W, A, b)]
    rows = [Variable(v.T) for v in (W, A, b)]
    by_columns = gradients(affine(*columns), columns, seed=G)
    by_rows = gradients(rows[1] @ rows[0] + rows[2], rows, seed=G.T)
    for g, h in zip(by_columns, by_rows):
        np.testing.assert_allclose(g, h.T, rtol=1e-14)


def test_public_names_are_documented():
    for name in autodiff.__all__:
        if name not in ("NodeTrace", "Operand"):  # NodeTrace の例は trace にある
            assert ">>>" in getattr(autodiff, name).__doc__, name


# ---- 演算を書く人への約束 ----


def test_what_an_operation_keeps_is_not_handed_out():
    class Kept(Operation):
        arity = 1

        def value(self, x):
            self.kept = 2 * x
            return self.kept[:]

        def pullback(self, upstream, x):
            return (2 * upstream,)

    operation = Kept()
    assert not np.shares_memory(operation.forward(np.ones(3)), operation.kept)


def test_only_a_single_gradient_may_lack_a_comma():
    class Bare(Add):
        def pullback(self, upstream, x, y):
            return upstream

    operation = Bare()
    operation.forward(np.ones(3), np.ones(3))
    with pytest.raises(TypeError, match=r"return \(…, …\) としてください。$"):
        operation.backward(np.ones(3))


def test_a_stretched_axis_has_the_length_of_the_output():
    class Spread(Operation):
        arity = 1

        def value(self, x):
            return np.repeat(x, 3)

        def pullback(self, upstream, x):
            return (upstream[: self.given],)

    operation = Spread()
    operation.forward(np.ones(1))
    for operation.given in (3, 1):
        np.testing.assert_array_equal(operation.backward(np.ones(3))[0], [float(operation.given)])
    operation.given = 2
    with pytest.raises(ValueError, match=r"形は、入力と同じ \(1,\)"):
        operation.backward(np.ones(3))


@pytest.mark.parametrize(
    ("given", "output", "returned"),
    [
        ((1,), (3, 2), (3,)),  # 出力のほうが軸が多い
        ((1, 1), (3,), (3, 1)),  # 出力のほうが軸が少ない
        ((2,), (3,), (3,)),  # 長さが1でない
        ((3,), (3,), (3, 1)),  # 勾配のほうが軸が多い
    ],
)
def test_only_an_axis_of_length_one_is_stretched(given, output, returned):
    class Odd(Operation):
        arity = 1

        def value(self, x):
            return np.ones(output)

        def pullback(self, upstream, x):
            return (np.ones(returned),)

    operation = Odd()
    operation.forward(np.ones(given))
    with pytest.raises(ValueError, match="形は、入力と同じ"):
        operation.backward(np.ones(output))


def test_an_outer_sum_with_a_node_is_refused():
    with pytest.raises(TypeError, match="NumPy の add は、計算グラフのノードには使えません"):
        np.add.outer(np.ones(2), Variable(np.ones(2)))

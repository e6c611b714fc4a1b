"""文字で書かれた式の読み方: 決めた書き方だけを読み、終わらない式は断り、読めない字を指す。"""

from __future__ import annotations

import time

import pytest
import sympy as sp

from backprop.exercises import reading
from backprop.exercises.in_page import judge, preview
from backprop.exercises.reading import Unread, read
from backprop.symbolic import Family, layers

(L, AFTER) = layers("l", "l+1")
J, K = L.index("j"), AFTER.index("k")
X = sp.Symbol("x")
NAMES = {"l": L, "after": AFTER, "v": Family("v"), "j": J, "k": K, "x": X, "P": sp.MatrixSymbol("P", 2, 3)}
LABEL = "ex-step3-skip"


def refused(text: str) -> Unread:
    """断ったわけ。"""
    with pytest.raises(Unread) as caught:
        read(text, NAMES)
    assert "\n" not in str(caught.value)
    assert 0 <= caught.value.place <= len(text)
    return caught.value


class TestWays:
    """同じ式の、いろいろな書き方。"""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("l.z[j]*2", 2 * L.z[J]),
            ("ｌ．ｚ［ｊ］＊２", 2 * L.z[J]),
            ("l.z[j] × 2", 2 * L.z[J]),
            ("−x ÷ 2", -X / 2),
            ("0.1", sp.Rational(1, 10)),
            ("x\n + 1", X + 1),
            ("x**(1/2)", sp.sqrt(X)),
            ("Sum(after.w[k, j], (k, 2, after.N))", sp.Sum(AFTER.w[K, J], (K, 2, AFTER.N))),
            ("l.W.T*l.Delta", L.W.T * L.Delta),
            ("l.W.T@l.Delta", L.W.T * L.Delta),
        ],
    )
    def test_written(self, text: str, expected: sp.Expr) -> None:
        assert read(text, NAMES) == expected

    def test_equations_are_not_decided(self) -> None:
        assert read("Eq(x, 1)", NAMES).rhs == 1
        assert read("Eq(x, x)", NAMES) == sp.Eq(X, X, evaluate=False)


class TestPlaces:
    """読めない字の位置。"""

    @pytest.mark.parametrize(
        ("text", "place", "said"),
        [
            ("  u", 2, "「u」という記号"),
            ("l.z[j] + u", 9, "「u」という記号"),
            ("あ + x", 0, "「あ」という記号"),
            ("x + あ", 4, "「あ」という記号"),
            ("x*あ + u", 2, "「あ」という記号"),
            ("(x\n+ u)", 5, "「u」という記号"),
            ("x + )", 4, "掛け算の *"),
            ("x = 1", 2, "Eq(左辺, 右辺)"),
            ("x^2", 2, "べき乗は ^ ではなく **"),
            ("l.z(j)", 0, "掛け算なら *"),
            ("x(2)", 0, "掛け算なら *"),
            ("l.z + 1", 0, "番号や引数"),
            ("l.z", 0, "番号や引数まで"),
            ("l.z[x]", 4, "番号のところ"),
            ("Sum(x, x)", 7, "和をとる番号"),
            ("Sum(x, (j, 1))", 7, "(番号, はじめ, 終わり)"),
            ("x + P*P", 4, "行列の形"),
            ("exp(x, 2, 3)", 0, "計算できません"),
        ],
    )
    def test_pointed_at(self, text: str, place: int, said: str) -> None:
        trouble = refused(text)
        assert trouble.place == place
        assert said in str(trouble)

    def test_inside_the_page_too(self) -> None:
        found = preview(LABEL, " l.z[j] + u")
        assert (found["place"], found["latex"]) == (10, "")
        assert preview(LABEL, "softmax(1)")["error"] == "この式は組めません。"


NOT_FORMULAS = [
    *("l.__class__", "l.z[j].free_symbols", "l.f.__mro__", "l.name", "l.index", "Sum.__doc__", "x.func"),
    *("True", "None", "1j", "'a'", "f'{1}'", "[x]", "{x}", "lambda: 1", "x if x else x", "not x", "~x"),
    *("x < 1", "x // 2", "x % 2", "x and x", "[a for a in x]", "x := 1", "*x", "await x"),
    *("(x, x)", "(1, 2)[0]", "exp((x, x))"),
    *("Sum(*x)", "Sum(x, k=1)", "Sum", "Sum + 1", "-Sum", "l", "l.df", "sp", "print(1)", "v[()]", "v[j][k]"),
    *("\x00", "x\x00", "\ud800", "#", ")", "(", "x]", "'", '"""', "\\", "x;x", "@", "1__0", "0777"),
]


@pytest.mark.parametrize("text", NOT_FORMULAS)
def test_nothing_else_is_read(text: str) -> None:
    assert str(refused(text))


@pytest.mark.parametrize(
    "text", ["l.__class__", "l.name", "l.index(j)", "l.position", "x.func", "l.W.I", "l.df.mro"]
)
def test_only_listed_parts_are_reached(text: str) -> None:
    assert "ここでは使えません" in str(refused(text))


ENDLESS = [
    *("9**9**9", "2**(9**9)", "((9**20)**20)**20", "1e999999999", "0e999999999", "1e-999999999", "1000000"),
    *("(x + 1)**20", "((x + 1)**20)**20", "(x**20)**20", "((2*x)**20)**20", "*".join(["(1 + x)"] * 30)),
    *("2**sqrt(-1)", "sqrt(-1)**sqrt(-1)", "x**x**21", "exp(9**20)", "exp(exp(exp(9)))", "cosh(9**20)"),
    *("log(" * 4 + "x" + ")" * 4, "tanh(" * 30 + "x" + ")" * 30, "sqrt(" * 60 + "x" + ")" * 60),
    *("(" * 150 + "x" + ")" * 150, "-" * 500 + "x", "x" + "**-1" * 140, "+".join(["x"] * 290)),
    "x*" * 290 + "x",
    *("Sum(k, (k, 1, 999999))", "Sum(k, (k, -999999, 1))", "Sum(l.z[j], j)**6", "Sum(l.z[j] + x, j)**5"),
    *("Sum(Sum(Sum(Sum(Sum(Sum(x, j), k), j), k), j), k)", "Sum(x, j, k, j, k, j, k)", "x" * 601),
    "*".join([f"Sum(v[j, {n}], j)" for n in range(1, 8)]),
]


@pytest.mark.parametrize("text", ENDLESS, ids=lambda text: text[:24])
def test_endless_formulas_are_refused_at_once(text: str) -> None:
    """断らなければ、計算が終わらないか、大きすぎて壊れる。"""
    start = time.perf_counter()
    assert str(refused(text))
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    "text",
    [
        "(l.z[j] + 1)**6", "Sum(l.z[j]*after.w[k, j], j)**4", "exp(exp(exp(l.z[j])))", "l.df(l.z[j])**20",
        "+".join(f"1/(l.z[j] + {n})" for n in range(20)), "l.z[j]**l.z[j]**l.z[j]", "1/0", "0**-1",
    ],
    ids=lambda text: text[:24],
)  # fmt: skip
def test_the_largest_that_are_read_are_judged(text: str) -> None:
    start = time.perf_counter()
    assert not judge(LABEL, text)["passed"]
    assert time.perf_counter() - start < 15


def test_limits_leave_room_for_answers() -> None:
    assert reading.LENGTH >= 400
    assert read("+".join(["x"] * 60), NAMES) == 60 * X

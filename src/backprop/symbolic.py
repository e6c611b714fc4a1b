"""任意の幅のネットワークを、SymPy の記号で扱う。

幅 ``N_l`` は数ではなく記号のままである。成分の族 ``z^l_j`` は `Family`、番号 ``j = 1, …, N_l`` は
`Index`、名前だけの活性化関数 ``f^l`` は `Layer.f` が表す。微分すると、同じ族の成分どうしから
クロネッカーのデルタが現れる。`resolve` は、その和を番号の範囲のもとで片づける。
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import permutations, product
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.matrices.exceptions import ShapeError
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.printing.printer import Printer

from backprop.checks import Array

Terms = list[tuple[sp.Expr, tuple["Index", ...]]]

BATCH = sp.Symbol("m", integer=True, positive=True)
"""バッチの大きさ ``m``。"""


class Index(sp.Idx):
    """範囲 1, …, N を知っている番号。

    Examples
    --------
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> Index("j", (1, N)).upper
    N
    """

    def _latex(self, printer: Printer) -> str:
        return printer._print(self.label)


class Kronecker(sp.KroneckerDelta):
    """クロネッカーのデルタ。誤差項 δ と紛れないように ``[i = j]`` と組む。

    Examples
    --------
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> i, j = Index("i", (1, N)), Index("j", (1, N))
    >>> sp.latex(Kronecker(i, j))
    '[\\\\,i=j\\\\,]\\\\,'
    >>> Kronecker(i, i)
    1
    """

    def _latex(self, printer: Printer, **_: object) -> str:
        left, right = (printer._print(argument) for argument in self.args)
        return rf"[\,{left}={right}\,]\,"


class Component(sp.Indexed):
    """族の一つの成分 ``z^l_j``。同じ族の成分による微分は `Kronecker` の積になる。"""

    precedence = 55  # 掛け算より強く、べきより弱い。上つきの層番号とべきの指数を分けて組むため

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        if isinstance(wrt, sp.Indexed) and wrt.base == self.base:
            return sp.Mul(*(Kronecker(p, q) for p, q in zip(self.indices, wrt.indices)))
        return sp.S.Zero

    def _latex(self, printer: Printer, **_: object) -> str:
        subscript = "".join(printer._print(index) for index in self.indices)
        return f"{self.base.label.name}_{{{subscript}}}"


class Family(sp.IndexedBase):
    """成分の族。``w[k, j]`` のように番号を添えて `Component` を得る。

    Examples
    --------
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> i, j = Index("i", (1, N)), Index("j", (1, N))
    >>> z = Family("z")
    >>> z[i].diff(z[j])
    Kronecker(i, j)
    """

    def __getitem__(self, indices: Any, **_: object) -> Component:
        return Component(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def _latex(self, printer: Printer, **_: object) -> str:
        return self.label.name


class Partial(Component):
    """一つの偏微分 ``∂u_k/∂x_j``。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        (below, _), (above, rank) = self.base.parts
        names = [printer._print(index) for index in self.indices]
        top, bottom = ("".join(part) for part in (names[:rank], names[rank:]))
        return rf"\frac{{\partial {_subscripted(above, top)}}}{{\partial {_subscripted(below, bottom)}}}"


class Partials(Family):
    """偏微分の族。``"x_j -> u_k"`` は ``∂u_k/∂x_j`` を表し、``[k, j]`` と、動かされる側の番号から添える。

    値は式ではなく、一つ一つが記号である。どんな関数の偏微分でもよい、という主張に使う。

    Parameters
    ----------
    name : str
        動かす量と動かされる量を ``->`` で結んだもの。下線のあとの文字の数が、番号の数である。

    Raises
    ------
    ValueError
        名前の形が違う、添えた番号の数が合わない。

    Examples
    --------
    >>> M, N = sp.symbols("M N", integer=True, positive=True)
    >>> j, k = Index("j", (1, M)), Index("k", (1, N))
    >>> sp.latex(Partials("x_j -> u_k")[k, j]), sp.latex(Partials("u_k -> v")[k])
    ('\\\\frac{\\\\partial u_{k}}{\\\\partial x_{j}}', '\\\\frac{\\\\partial v}{\\\\partial u_{k}}')
    """

    def __new__(cls, name: str | sp.Symbol) -> Partials:
        if len([part for part in str(name).split("->") if part.strip()]) != 2:
            raise ValueError(
                f"偏微分の名前は 'x_j -> u_k' のような形でなければなりませんが、{str(name)!r} が与えられました。"
            )
        return super().__new__(cls, name)

    @property
    def parts(self) -> list[tuple[str, int]]:
        """動かす量と動かされる量の、名前と番号の数。"""
        split = [part.strip().partition("_") for part in self.label.name.split("->")]
        return [(letter, len(indices)) for letter, _, indices in split]

    def __getitem__(self, indices: Any, **_: object) -> Partial:
        indices = indices if isinstance(indices, tuple) else (indices,)
        expected = sum(rank for _, rank in self.parts)
        if len(indices) != expected:
            raise ValueError(f"{self.label.name} の番号は {expected} 個でなければなりませんが、{indices} が与えられました。")
        return Partial(self, *indices)


def _subscripted(letter: str, indices: str) -> str:
    return f"{letter}_{{{indices}}}" if indices else letter


class ArbitraryFunction(sp.Function):
    """名前だけの関数。微分すると、同じ名前にプライムのついた関数になる。"""

    tex = "f"
    order = 0

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """最初の引数による微分。ほかの引数（目標）は定数として扱う。"""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return arbitrary_function(self.tex, self.order + 1)(*self.args)

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        arguments = ", ".join(printer._print(argument) for argument in self.args)
        applied = rf"{_primed(self.tex, self.order)}\!\left({arguments}\right)"
        return applied if exp is None else rf"\left({applied}\right)^{{{exp}}}"

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        return self.fdiff(1) * self.args[0].diff(wrt)


class DefinedFunction(sp.Function):
    """名前で組み、計算では定義に戻す関数。微分も、公式ではなく定義から求める。"""

    tex = ""

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """関数の定義。"""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """定義を微分した式。"""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        x = sp.Dummy()
        return self.definition(x).diff(x).xreplace({x: self.args[0]})

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.tex}{power}\!\left({printer._print(self.args[0])}\right)"


class sigma(DefinedFunction):
    """シグモイド関数 ``σ(z) = 1 / (1 + e^{−z})``。

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> sigma(z).diff(z)
    exp(-z)/(1 + exp(-z))**2
    >>> is_zero(sigma(z).diff(z) - sigma(z) * (1 - sigma(z)))
    True
    """

    tex = r"\sigma"

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """``1 / (1 + e^{−x})``。"""
        return 1 / (1 + sp.exp(-x))


class tanh(DefinedFunction):
    """双曲線正接 ``tanh z = (e^z − e^{−z}) / (e^z + e^{−z})``。

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> is_zero(tanh(z).diff(z) - (1 - tanh(z) ** 2))
    True
    """

    tex = r"\tanh"

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """``(e^x − e^{−x}) / (e^x + e^{−x})``。"""
        return (sp.exp(x) - sp.exp(-x)) / (sp.exp(x) + sp.exp(-x))


class softplus(DefinedFunction):
    """softplus ``ζ(z) = log(1 + e^z)``。

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> is_zero(softplus(z).diff(z) - sigma(z))
    True
    """

    tex = r"\operatorname{softplus}"

    @staticmethod
    def definition(x: sp.Expr) -> sp.Expr:
        """``log(1 + e^x)``。"""
        return sp.log(1 + sp.exp(x))


class softmax(DefinedFunction):
    """softmax の一つの成分 ``e^{z_j} / Σ_k e^{z_k}``。引数は族の成分 ``z_j``。

    和は、番号 ``j`` の範囲のすべてについて取る。ほかの成分 ``z_i`` で微分しても 0 にならない。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> jacobian = softmax(l.z[i]) * (Kronecker(i, j) - softmax(l.z[j]))
    >>> is_zero(softmax(l.z[i]).diff(l.z[j]) - jacobian)
    True
    >>> sp.latex(softmax(l.z[j]))
    '\\\\operatorname{softmax}_{j}\\\\!\\\\left(z^{l}\\\\right)'
    """

    tex = r"\operatorname{softmax}"

    @staticmethod
    def definition(x: Component) -> sp.Expr:
        """``e^{x_j} / Σ_k e^{x_k}``。"""
        (own,) = x.indices
        k = Index("k", (own.lower, own.upper))
        return sp.exp(x) / sp.Sum(sp.exp(x.base[k]), k)

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        return self.definition(self.args[0]).diff(wrt)

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        (x,) = self.args
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.tex}_{{{printer._print(x.indices[0])}}}{power}\!\left({printer._print(x.base)}\right)"


def expand_definitions(expression: sp.Expr) -> sp.Expr:
    """名前のついた関数を、すべて定義に置き換えた式。

    Examples
    --------
    >>> expand_definitions(2 * sigma(sp.Symbol("z")))
    2/(1 + exp(-z))
    """
    return expression.replace(
        lambda e: isinstance(e, DefinedFunction), lambda e: e.definition(expand_definitions(e.args[0]))
    )


class LossDerivative(sp.Function):
    """``∂𝓛/∂x`` という記号。等式の左辺に使う。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> sp.latex(LossDerivative(l.b[l.index("j")]))
    '\\\\frac{\\\\partial \\\\mathcal{L}}{\\\\partial b^{l}_{j}}'
    """

    numerator = r"\mathcal{L}"

    def _latex(self, printer: Printer, **_: object) -> str:
        return rf"\frac{{\partial {self.numerator}}}{{\partial {printer._print(self.args[0])}}}"


class CostDerivative(LossDerivative):
    """``∂J/∂x`` という記号。バッチの平均損失についての等式の左辺に使う。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> sp.latex(CostDerivative(l.b[l.index("j")]))
    '\\\\frac{\\\\partial J}{\\\\partial b^{l}_{j}}'
    """

    numerator = "J"


@cache
def derivative_of(tex: str) -> type[LossDerivative]:
    """``∂(…)/∂x`` という記号を作る。損失でも平均損失でもない量についての等式の左辺に使う。

    Parameters
    ----------
    tex : str
        微分される量の組版。

    Returns
    -------
    type
        SymPy の関数。同じ名前からは同じ関数が返る。

    Raises
    ------
    ValueError
        名前が空。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> sp.latex(derivative_of(r"(-\\log p)")(l.a[l.index("j")]))
    '\\\\frac{\\\\partial (-\\\\log p)}{\\\\partial a^{l}_{j}}'
    """
    if not tex.strip():
        raise ValueError("tex は、微分される量の名前でなければなりませんが、空の文字列が与えられました。")
    return type(f"d({tex})", (LossDerivative,), {"numerator": tex})


def _primed(tex: str, order: int) -> str:
    base, _, superscript = tex.partition("^")
    primes = r"\prime" * order
    return base + (f"^{{{superscript.strip('{}')}{primes}}}" if superscript or primes else "")


def arbitrary_function(tex: str, order: int = 0) -> type[ArbitraryFunction]:
    """名前だけの関数を作る。同じ名前と階数からは同じ関数が返る。

    Parameters
    ----------
    tex : str
        組版での名前。``"f^l"`` など。
    order : int
        何回微分した関数か。

    Returns
    -------
    type
        SymPy の関数。

    Examples
    --------
    >>> f, x = arbitrary_function("f^l"), sp.Symbol("x")
    >>> sp.latex(f(2 * x).diff(x))
    '2 f^{l\\\\prime}\\\\!\\\\left(2 x\\\\right)'
    """
    return _function_class(tex, order)


@cache
def _function_class(tex: str, order: int) -> type[ArbitraryFunction]:
    return type(f"{tex}{chr(39) * order}", (ArbitraryFunction,), {"tex": tex, "order": order})


@dataclass(frozen=True)
class Layer:
    """記号の層。幅、重み、バイアス、加重和、活性、誤差項、活性化関数の記号をまとめて持つ。

    Attributes
    ----------
    name : str
        層の番号の組版: ``"l"``, ``"l+1"``, ``"L"``, ``"0"`` など。

    Examples
    --------
    >>> l, next_layer = layers("l", "l+1")
    >>> j, k = l.index("j"), next_layer.index("k")
    >>> sp.latex(next_layer.w[k, j] * next_layer.delta[k] * l.df(l.z[j]))
    'f^{l\\\\prime}\\\\!\\\\left(z^{l}_{j}\\\\right) \\\\delta^{l+1}_{k} w^{l+1}_{kj}'
    """

    name: str

    @cached_property
    def N(self) -> sp.Symbol:
        """幅 ``N_l``。"""
        return sp.Symbol(f"N_{{{self.name}}}", integer=True, positive=True)

    @cached_property
    def w(self) -> Family:
        """重み ``w^l_{jk}``。"""
        return self._family("w")

    @cached_property
    def b(self) -> Family:
        """バイアス ``b^l_j``。"""
        return self._family("b")

    @cached_property
    def z(self) -> Family:
        """加重和 ``z^l_j``。"""
        return self._family("z")

    @cached_property
    def a(self) -> Family:
        """活性 ``a^l_j``。"""
        return self._family("a")

    @cached_property
    def delta(self) -> Family:
        """誤差項 ``δ^l_j``。"""
        return self._family(r"\delta")

    @cached_property
    def f(self) -> type[ArbitraryFunction]:
        """活性化関数 ``f^l``（名前だけ）。"""
        return arbitrary_function(f"f^{{{self.name}}}")

    @cached_property
    def df(self) -> type[ArbitraryFunction]:
        """活性化関数の微分 ``f^l′``。"""
        return arbitrary_function(f"f^{{{self.name}}}", 1)

    @cached_property
    def W(self) -> sp.MatrixSymbol:
        """重みの行列 ``W^l`` (N_l, N_{l−1})。"""
        previous = Layer(str(sp.sympify(self.name) - 1).replace(" ", ""))
        return self._matrix("W", previous.N)

    @cached_property
    def bias(self) -> sp.MatrixSymbol:
        """バイアスの列 ``b^l`` (N_l, 1)。"""
        return self._matrix("b", sp.S.One)

    @cached_property
    def Z(self) -> sp.MatrixSymbol:
        """加重和の行列 ``Z^l`` (N_l, m)。"""
        return self._matrix("Z", BATCH)

    @cached_property
    def A(self) -> sp.MatrixSymbol:
        """活性の行列 ``A^l`` (N_l, m)。"""
        return self._matrix("A", BATCH)

    @cached_property
    def Delta(self) -> sp.MatrixSymbol:
        """誤差項の行列 ``Δ^l`` (N_l, m)。"""
        return self._matrix(r"\Delta", BATCH)

    @cached_property
    def G(self) -> sp.MatrixSymbol:
        """活性についての1例ごとの損失の勾配 ``∂𝓛/∂a^l_j`` を並べた行列 ``G^l`` (N_l, m)。"""
        return self._matrix("G", BATCH)

    def index(self, name: str) -> Index:
        """この層のニューロンの番号 1, …, ``N_l``。"""
        return Index(name, (1, self.N))

    def weighted_input(self, j: Index, k: Index, previous: Layer) -> sp.Expr:
        """加重和の定義 ``Σ_k w^l_{jk} a^{l−1}_k + b^l_j``。"""
        return sp.Sum(self.w[j, k] * previous.a[k], k) + self.b[j]

    def position(self, l: int, num_layers: int) -> int:
        """``l`` と ``L`` に数を入れたときの、この層の番号。

        Examples
        --------
        >>> Layer("l+1").position(l=2, num_layers=4), Layer("L").position(l=2, num_layers=4)
        (3, 4)
        """
        return int(sp.sympify(self.name, locals={"l": l, "L": num_layers}))

    def _family(self, letter: str) -> Family:
        return Family(f"{letter}^{{{self.name}}}")

    def _matrix(self, letter: str, columns: sp.Expr) -> sp.MatrixSymbol:
        return sp.MatrixSymbol(f"{letter}^{{{self.name}}}", self.N, columns)


def layers(*names: str) -> tuple[Layer, ...]:
    """記号の層をまとめて作る。

    Raises
    ------
    ValueError
        名前が ``l``, ``L``, 整数の和や差でない。

    Examples
    --------
    >>> [layer.name for layer in layers("l-1", "l")]
    ['l-1', 'l']
    """
    for name in names:
        if not re.fullmatch(r"(l|L|\d+)([+-]\d+)?", name):
            raise ValueError(f"層の名前は l, l+1, L, 0 のような形でなければなりませんが、{name!r} が与えられました。")
    return tuple(Layer(name) for name in names)


Y = Family("y")
"""目標 ``y_j``。"""

ELL = arbitrary_function(r"\ell")
"""出力1個ずつの損失 ``ℓ(ŷ_j, y_j)``（名前だけ）。"""


# ── 和を片づける ──────────────────────────────────────────────


def resolve(expression: sp.Expr) -> sp.Expr:
    """和を展開し、クロネッカーのデルタを片づけた式。

    ``Σ_i [i = j] g_i`` を ``g_j`` に変えるのは、``j`` の範囲が和の範囲と同じ記号で与えられている
    ときだけである。範囲が違えば、その項が和の中にあるとは限らないので、そのまま残す。

    Parameters
    ----------
    expression : Expr
        `Index` についての和を含む式。

    Returns
    -------
    Expr

    Examples
    --------
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> resolve(sp.Sum(l.z[i] ** 2, i).diff(l.z[j]))
    2*z^{l}[j]
    """
    if isinstance(expression, sp.MatrixExpr):
        return typeset(expression)
    if isinstance(expression, sp.Equality):
        return sp.Eq(resolve(expression.lhs), resolve(expression.rhs), evaluate=False)
    return sp.Add(*(_rebuild(body, bound) for body, bound in _resolved_terms(sp.sympify(expression))))


def is_zero(expression: sp.Expr) -> bool:
    """式が恒等的に 0 であることを、和の番号の名前によらずに判定する。

    行列の式は、すべての成分が 0 であることを、番号の式に直して判定する。形の合わない行列の式は 0 ではない。

    Parameters
    ----------
    expression : Expr or MatrixExpr

    Returns
    -------
    bool
        0 と示せたとき真。示せなければ偽。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> is_zero(sp.Sum(l.z[i], i) - sp.Sum(l.z[j], j))
    True
    >>> X = sp.MatrixSymbol("X", l.N, l.N)
    >>> is_zero(X * l.Z - X.T * l.Z), is_zero(X * l.Z - (l.Z.T * X.T).T)
    (False, True)
    """
    if isinstance(expression, sp.MatrixExpr):
        try:
            expression = component(expression, *_any_place(expression))
        except ShapeError:
            return False
    bodies: dict[tuple[Index, ...], sp.Expr] = {}
    for body, bound in _resolved_terms(expand_definitions(sp.sympify(expression))):
        body, bound = _canonical(body, bound)
        bodies[bound] = bodies.get(bound, sp.S.Zero) + body
    return all(_vanishes(body) for body in bodies.values())


def _vanishes(body: sp.Expr) -> bool:
    return body == 0 or (not _differs_at_a_point(body) and sp.simplify(body) == 0)


def _differs_at_a_point(body: sp.Expr) -> bool:
    """一点での値が 0 でなければ、恒等的に 0 ではない。整理より早くわかる。

    族の成分も、一つずつ別の数とみなす。任意の関数の値は、関数と引数の値の組ごとに、別の数とみなす。
    """
    components = sorted(body.atoms(Component), key=str)
    body = body.xreplace({component: sp.Symbol(f"component {n}") for n, component in enumerate(components)})
    # 同じ項の和は、掛け算に直す。数を入れたあとの和を SymPy に求めさせると、百倍ほどかかる。
    body = body.xreplace({total: total.doit() for total in body.atoms(sp.Sum) if _repeats(total)})
    symbols = sorted(body.free_symbols, key=str)
    if any(type(symbol) is not sp.Symbol for symbol in symbols):
        return False
    point = {symbol: sp.Rational(2 * n + 3, 7 * n + 5) for n, symbol in enumerate(symbols)}
    value = _with_values(body.subs(point)).evalf(30)
    return bool(value.is_number and abs(value) > 1e-15)


def _repeats(total: sp.Sum) -> bool:
    return not total.function.has(*total.variables)


def _with_values(number: sp.Expr) -> sp.Expr:
    """変数のない式に現れる任意の関数の値を、内側から順に、でたらめな有理数に替える。"""
    known: dict[tuple[type, sp.Expr], sp.Rational] = {}
    while calls := number.atoms(ArbitraryFunction):
        inner = [call for call in calls if not any(argument.has(ArbitraryFunction) for argument in call.args)]
        keys = {call: (call.func, tuple(argument.evalf(25) for argument in call.args)) for call in inner}
        for key in sorted(keys.values(), key=str):
            known.setdefault(key, sp.Rational(3 * len(known) + 4, 11 * len(known) + 7))
        number = number.xreplace({call: known[key] for call, key in keys.items()})
    return number


def _resolved_terms(expression: sp.Expr) -> Terms:
    return [_eliminate(body, bound) for body, bound in _terms(expression) if body != 0]


def _terms(expression: sp.Expr) -> Terms:
    """式を ``Σ_{番号} 単項式`` の和に分ける。"""
    if isinstance(expression, sp.Add):
        return [term for argument in expression.args for term in _terms(argument)]
    if isinstance(expression, sp.Mul):
        return _multiply([_terms(factor) for factor in expression.args])
    if isinstance(expression, sp.Pow) and expression.exp.is_Integer and expression.exp > 1:
        return _multiply([_terms(expression.base)] * int(expression.exp))
    if isinstance(expression, sp.Sum):
        return [_summed(body, bound, expression.limits) for body, bound in _terms(expression.function)]
    if expression.args and not isinstance(expression, (sp.Indexed, sp.Idx, sp.KroneckerDelta)):
        return [(expression.func(*map(resolve, expression.args)), ())]
    return [(expression, ())]


def _multiply(factors: list[Terms]) -> Terms:
    terms = []
    for choice in product(*factors):
        fresh = [_renamed(body, bound) for body, bound in choice]
        terms.append((sp.Mul(*(body for body, _ in fresh)), sum((bound for _, bound in fresh), ())))
    return terms


def _renamed(body: sp.Expr, bound: tuple[Index, ...]) -> tuple[sp.Expr, tuple[Index, ...]]:
    """束縛された番号を新しいものに替える。積や入れ子の和で名前がぶつからないようにするため。"""
    fresh = {index: Index(sp.Dummy(index.name, integer=True), (index.lower, index.upper)) for index in bound}
    return body.xreplace(fresh), tuple(fresh[index] for index in bound)


def _summed(
    body: sp.Expr, bound: tuple[Index, ...], limits: tuple[sp.Tuple, ...]
) -> tuple[sp.Expr, tuple[Index, ...]]:
    """和の番号に、番号の名前が持つ範囲ではなく、和が実際に動く範囲を持たせる。"""
    own = {index: Index(sp.Dummy(str(index), integer=True), (lower, upper)) for index, lower, upper in limits}
    return body.xreplace(own), (*bound, *own.values())


def _eliminate(body: sp.Expr, bound: tuple[Index, ...]) -> tuple[sp.Expr, tuple[Index, ...]]:
    for factor in sp.Mul.make_args(body):
        if isinstance(factor, sp.KroneckerDelta):
            for index, other in permutations(factor.args):
                if index in bound and _same_range(index, other):
                    rest = sp.Mul(*(f for f in sp.Mul.make_args(body) if f is not factor))
                    return _eliminate(rest.xreplace({index: other}), tuple(b for b in bound if b != index))
    return body, bound


def _same_range(index: Index, other: sp.Expr) -> bool:
    return isinstance(other, sp.Idx) and (index.lower, index.upper) == (other.lower, other.upper)


def _canonical(body: sp.Expr, bound: tuple[Index, ...]) -> tuple[sp.Expr, tuple[Index, ...]]:
    """束縛された番号の名前と順序を、式の形だけで決める。式に現れない番号についての和は、番号の数を掛ける。"""
    used = body.atoms(sp.Idx)
    body *= sp.Mul(*(index.upper - index.lower + 1 for index in bound if index not in used))
    bound = tuple(index for index in bound if index in used)
    candidates = []
    for order in permutations(sorted(bound, key=lambda index: str(index.upper))):
        names = {index: Index(f"_{n}", (index.lower, index.upper)) for n, index in enumerate(order)}
        candidates.append((body.xreplace(names), tuple(names[index] for index in order)))
    return min(candidates, key=lambda candidate: (str(candidate[1]), sp.default_sort_key(candidate[0])))


def _rebuild(body: sp.Expr, bound: tuple[Index, ...]) -> sp.Expr:
    """読みやすい名前に戻し、和の外に出せる因子を出す。"""
    taken = {str(index) for index in body.atoms(sp.Idx) if index not in bound}
    names = {}
    for index in bound:
        name = index.name
        while name in taken:
            name += "'"
        taken.add(name)
        names[index] = Index(name, (index.lower, index.upper))
    body, indices = body.xreplace(names), tuple(names.values())
    for index in indices:
        outside, inside = _split(body, index)
        body = outside * (sp.Sum(inside, index) if inside != 1 else index.upper - index.lower + 1)
    return body


def _split(body: sp.Expr, index: Index) -> tuple[sp.Expr, sp.Expr]:
    inside = [factor for factor in sp.Mul.make_args(body) if index in factor.atoms(sp.Idx)]
    outside = [factor for factor in sp.Mul.make_args(body) if index not in factor.atoms(sp.Idx)]
    return sp.Mul(*outside), sp.Mul(*inside)


# ── 行列の形 ──────────────────────────────────────────────────


class Transposed(sp.Transpose):
    """転置。``X^⊤`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        inside = printer._print(self.arg)
        simple = isinstance(self.arg, sp.MatrixSymbol) and "^" not in inside
        return (inside if simple else rf"\left({inside}\right)") + r"^{\top}"


class Hadamard(sp.HadamardProduct):
    """要素ごとの積。``X ⊙ Y`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        def grouped(factor: sp.MatrixExpr) -> str:
            inside = printer._print(factor)
            return rf"\left({inside}\right)" if factor.is_MatMul or factor.is_MatAdd else inside

        return r" \odot ".join(map(grouped, self.args))


class Elementwise(ElementwiseApplyFunction):
    """要素ごとに関数を施した行列。``f(X)`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        x = sp.Dummy()
        return printer._print(self.function(x)).replace(printer._print(x), printer._print(self.expr))


class Ones(sp.OneMatrix):
    """1 を並べた列か行。列を ``𝟏``、行を ``𝟏^⊤`` と組む。"""

    def _latex(self, printer: Printer, **_: object) -> str:
        return r"\mathbf{1}" + (r"^{\top}" if self.rows == 1 else "")


def typeset(expression: sp.Basic) -> sp.Basic:
    """行列の式を、本の記法で組まれる同じ式にする。

    Parameters
    ----------
    expression : MatrixExpr
        行列の式、その跡（`sympy.Trace`）、または等式。

    Returns
    -------
    Basic
        数学としても SymPy にとっても同じ式。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> sp.latex(typeset(l.Delta * l.A.T / BATCH))
    '\\\\frac{1}{m} \\\\Delta^{l} \\\\left(A^{l}\\\\right)^{\\\\top}'
    """
    houses = {sp.Transpose: Transposed, sp.HadamardProduct: Hadamard, sp.OneMatrix: Ones}
    houses[ElementwiseApplyFunction] = Elementwise
    for plain, house in houses.items():
        expression = expression.replace(plain, house)
    return expression


def matrix_pullback(
    expression: sp.MatrixExpr, wrt: sp.MatrixSymbol, upstream: sp.MatrixExpr
) -> sp.MatrixExpr:
    """行列の式 ``Z(X)`` を通して、上流の勾配 ``G = ∂𝓛/∂Z`` を ``∂𝓛/∂X`` に引き戻す。

    ``d𝓛 = ⟨G, dZ⟩ = tr(Gᵀ dZ)`` なので、``G`` を定数とみて ``tr(Gᵀ Z(X))`` を ``X`` で微分すればよい。

    Parameters
    ----------
    expression : MatrixExpr
        ``Z(X)``。
    wrt : MatrixSymbol
        ``X``。
    upstream : MatrixExpr
        ``G``。``Z`` と同じ形。

    Returns
    -------
    MatrixExpr
        ``X`` と同じ形。

    Raises
    ------
    ValueError
        ``G`` の形が ``Z`` と違う。

    Examples
    --------
    >>> n, p, m = sp.symbols("n p m", integer=True, positive=True)
    >>> W, A, D = sp.MatrixSymbol("W", n, p), sp.MatrixSymbol("A", p, m), sp.MatrixSymbol("D", n, m)
    >>> matrix_pullback(W * A, W, D)
    D*A.T
    >>> matrix_pullback(W * A, A, D)
    W.T*D
    """
    if expression.shape != upstream.shape:
        raise ValueError(f"upstream の形は {expression.shape} でなければなりませんが、{upstream.shape} が与えられました。")
    return typeset(sp.Trace(upstream.T * expression).diff(wrt).doit())


def gradient_symbol(wrt: sp.MatrixSymbol) -> sp.MatrixSymbol:
    """``∂J/∂X`` という記号。形は ``X`` と同じ。等式の左辺に使う。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> gradient_symbol(l.bias).shape
    (N_{l}, 1)
    """
    return sp.MatrixSymbol(rf"\frac{{\partial J}}{{\partial {wrt.name}}}", *wrt.shape)


def component(expression: sp.MatrixExpr, row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """行列の式の一つの成分を、番号の式で書く。

    行列 ``W^l`` の成分は ``w^l_{jk}``、``Δ^l`` の成分は ``δ^l_{jn}`` になる。大きさが1の向きの番号は書かない。

    Parameters
    ----------
    expression : MatrixExpr
    row, column : Index
        行と列の番号。

    Returns
    -------
    Expr
        `resolve` を通していない式。

    Raises
    ------
    ShapeError
        積や和の形が合わない。
    TypeError
        扱えない種類の行列の式。

    Examples
    --------
    >>> l, after = layers("l", "l+1")
    >>> j, n = l.index("j"), Index("n", (1, BATCH))
    >>> sp.latex(resolve(component(after.W.T * after.Delta, j, n)))
    '\\\\sum_{k=1}^{N_{l+1}} \\\\delta^{l+1}_{kn} w^{l+1}_{kj}'
    """
    match expression:
        case sp.MatrixSymbol():
            return entries(expression)[_used((row, column), expression.shape)]
        case sp.OneMatrix():
            return sp.S.One
        case sp.ZeroMatrix():
            return sp.S.Zero
        case sp.Transpose():
            return component(expression.arg, column, row)
        case ElementwiseApplyFunction():
            return expression.function(component(expression.expr, row, column))
        case sp.MatAdd() | sp.HadamardProduct():
            _require(len({part.shape for part in expression.args}) == 1, expression)
            scalar = sp.Add if isinstance(expression, sp.MatAdd) else sp.Mul
            return scalar(*(component(part, row, column) for part in expression.args))
        case sp.MatMul():
            coefficient, factors = expression.as_coeff_matrices()
            return coefficient * _product_component(factors, row, column)
    raise TypeError(f"{type(expression).__name__} の成分は求められません。")


def _product_component(factors: list[sp.MatrixExpr], row: sp.Expr, column: sp.Expr) -> sp.Expr:
    first, *rest = factors
    if not rest:
        return component(first, row, column)
    _require(first.cols == rest[0].rows, first * rest[0])
    name = "n" if first.cols == BATCH else "k"
    while name in (str(row), str(column)):
        name += "'"
    k = Index(name, (1, first.cols))
    body = component(first, row, k) * _product_component(rest, k, column)
    return body if first.cols == 1 else sp.Sum(body, k)


def _require(fits: bool, expression: sp.MatrixExpr) -> None:
    if not fits:
        raise ShapeError(f"{expression} の形が合いません。")


def entries(matrix: sp.MatrixSymbol) -> Family:
    """行列の成分の族。名前は、行列の名前の文字を小文字にしたもの。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> entries(l.W) == l.w, entries(l.Delta) == l.delta
    (True, True)
    """
    letter, *superscript = matrix.name.partition("^")
    return Family("".join([letter.lower(), *superscript]))


def _used(indices: tuple[sp.Expr, sp.Expr], shape: tuple[sp.Expr, sp.Expr]) -> tuple[sp.Expr, ...]:
    return tuple(index for index, size in zip(indices, shape) if size != 1)


def _any_place(expression: sp.MatrixExpr) -> tuple[Index, Index]:
    rows, columns = expression.shape
    return Index("i", (1, rows)), Index("j", (1, columns))


# ── 六つのステップ ────────────────────────────────────────────


def derive_six_steps() -> dict[str, sp.Equality]:
    """六つのステップの式を、任意の幅のままで微分から導く。

    ステップ6は、更新の向きに動いたときの損失の変化率 ``d𝓛/dη`` が、学習率 0 で
    ``−Σ (∂𝓛/∂w)² − Σ (∂𝓛/∂b)²`` になることを導く。

    Returns
    -------
    dict of str to Equality
        ``step1`` から ``step6`` まで。左辺が定義、右辺が導いた式。

    Examples
    --------
    >>> derive_six_steps()["step5"].rhs
    \\delta^{l}[j]
    """
    before, this, after, last = layers("l-1", "l", "l+1", "L")
    i, j, k = this.index("i"), this.index("j"), after.index("k")
    p, q = before.index("p"), before.index("q")
    u, v = last.index("u"), last.index("v")

    loss = sp.Sum(ELL(last.a[u], Y[u]), u)
    step1 = resolve(loss.diff(last.a[v]))
    step2 = resolve(loss.replace(last.a[u], last.f(last.z[u])).diff(last.z[v]))
    z_next = sp.Sum(after.w[k, i] * this.f(this.z[i]), i) + after.b[k]
    step3 = resolve(sp.Sum(after.delta[k] * z_next.diff(this.z[j]), k))
    z = this.weighted_input(i, p, before)
    step4 = resolve(sp.Sum(this.delta[i] * z.diff(this.w[j, q]), i))
    step5 = resolve(sp.Sum(this.delta[i] * z.diff(this.b[j]), i))
    eta = sp.Symbol("eta")
    moved = sp.Sum((this.w[i, p] - eta * step4.subs({j: i, q: p})) * before.a[p], p) + this.b[i]
    moved -= eta * step5.subs(j, i)
    step6 = resolve(sp.Sum(this.delta[i] * moved.diff(eta), i))

    wrt = [last.a[v], last.z[v], this.z[j], this.w[j, q], this.b[j], eta]
    derived = [step1, step2, step3, step4, step5, step6]
    return {
        f"step{n}": sp.Eq(LossDerivative(x), expression, evaluate=False)
        for n, (x, expression) in enumerate(zip(wrt, derived), start=1)
    }


# ── 数を入れる ────────────────────────────────────────────────


class OneBased:
    """1から始まる番号で読む配列。式の番号は1から、NumPy の番号は0から始まるため。

    列ベクトル (N, 1) は、番号一つで読める。

    Examples
    --------
    >>> float(OneBased(np.array([[10.0], [20.0]]))[2])
    20.0
    """

    def __init__(self, values: Array) -> None:
        self.values = values

    def __getitem__(self, indices: int | tuple[int, ...]) -> Any:
        indices = indices if isinstance(indices, tuple) else (indices,)
        column = self.values.ndim == len(indices) + 1 and self.values.shape[-1] == 1
        padded = (*indices, 1) if column else indices
        if len(padded) != self.values.ndim or any(index < 1 for index in padded):
            raise IndexError(f"形 {self.values.shape} の配列を、番号 {indices} で読もうとしました。")
        return self.values[tuple(index - 1 for index in padded)]


def unknowns(expression: sp.Expr) -> set[Any]:
    """式の値を決めるために要るもの: 成分の族、行列、名前だけの関数、そのほかの記号。

    番号は含まない。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> i = l.index("i")
    >>> unknowns(sp.Sum(l.z[i], i)) == {l.z, l.N}
    True
    """
    families = {component.base for component in expression.atoms(Component)}
    functions = {function.func for function in expression.atoms(ArbitraryFunction)}
    hidden = {item.label for item in families | expression.atoms(sp.Idx)}
    free = {item for item in expression.free_symbols if type(item) in (sp.Symbol, sp.MatrixSymbol)}
    return families | functions | free - hidden


@lru_cache(maxsize=1024)
def lambdify(expression: sp.Expr, indices: tuple[Index, ...] = ()) -> Callable[..., complex]:
    """記号の式を、数を返す関数にする。

    Parameters
    ----------
    expression : Expr
        `resolve` を通した式でなくてもよい。
    indices : tuple of Index
        得られる関数の引数になる番号。

    Returns
    -------
    callable
        ``g(values, *at)``。``values`` は記号から値を引く辞書（族には1から始まる番号の順に並んだ
        配列、名前だけの関数には NumPy の関数、記号には数）、``at`` は1から始まる番号。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> i, j = l.index("i"), l.index("j")
    >>> g = lambdify(sp.Sum(l.w[i, j] * l.z[i], i), (j,))
    >>> values = {l.w: np.eye(2), l.z: np.array([3.0, 4.0]), l.N: 2}
    >>> float(g(values, 1)), float(g(values, 2))
    (3.0, 4.0)
    """
    expression = expand_definitions(expression)
    names = {item: f"v{n}" for n, item in enumerate(sorted(unknowns(expression), key=str))}
    found = dict.fromkeys([*indices, *sorted(expression.atoms(sp.Idx), key=str)])
    numbers = {index: sp.Symbol(f"i{n}", integer=True) for n, index in enumerate(found)}
    symbols = {item: sp.Symbol(name) for item, name in names.items() if isinstance(item, sp.Symbol)}
    code = expression.replace(
        lambda e: isinstance(e, Component), lambda e: sp.IndexedBase(names[e.base])[e.indices]
    )
    code = code.replace(
        lambda e: isinstance(e, ArbitraryFunction), lambda e: sp.Function(names[e.func])(*e.args)
    )
    arguments = [*map(sp.Symbol, names.values()), *(numbers[index] for index in indices)]
    modules = [{"Kronecker": lambda p, q: float(p == q)}, "numpy"]
    function = sp.lambdify(arguments, code.xreplace({**numbers, **symbols}), modules=modules)
    return lambda values, *at: function(*(_readable(values, item) for item in names), *at)


def _readable(values: Mapping[Any, Any], item: Any) -> Any:
    if item not in values:
        raise ValueError(f"記号 {item} に値が与えられていません。")
    return OneBased(np.asarray(values[item])) if isinstance(item, Family) else values[item]


def evaluate(expression: sp.Expr, values: Mapping[Any, Any], indices: tuple[Index, ...] = ()) -> Array:
    """すべての番号について式の値を求め、配列に並べる。

    行列の式は、番号の式に直さず、NumPy の行列の演算で求める。

    Parameters
    ----------
    expression : Expr or MatrixExpr
    values : mapping
        記号から値を引く辞書。番号の範囲の大きさもここから読む。
    indices : tuple of Index
        並べる番号。行列の式では要らない。

    Returns
    -------
    ndarray
        形は番号の範囲の大きさの順。行列の式なら、その行列の形。

    Raises
    ------
    ValueError
        値の与えられていない記号がある。
    IndexError
        番号が配列の外を指す。
    ShapeError
        行列の形が合わない（NumPy のように黙って広げることはしない）。

    Examples
    --------
    >>> (l,) = layers("l")
    >>> j = l.index("j")
    >>> evaluate(2 * l.z[j], {l.z: np.array([3.0, 4.0]), l.N: 2}, (j,))
    array([6., 8.])
    >>> evaluate(l.A.T * l.Delta, {l.A: np.array([[1.0, 2.0]]), l.Delta: np.array([[3.0, 4.0]])})
    array([[3., 4.],
           [6., 8.]])
    """
    if isinstance(expression, sp.MatrixExpr):
        return _matrix_value(expression, values)
    function = lambdify(expression, indices)
    sizes = [index.upper if index.upper.is_Integer else _readable(values, index.upper) for index in indices]
    shape = tuple(map(int, sizes))
    numbers = [function(values, *(n + 1 for n in at)) for at in np.ndindex(*shape)]
    return np.asarray(numbers, dtype=float).reshape(shape)


def _matrix_value(expression: sp.MatrixExpr, values: Mapping[Any, Any]) -> Array:
    match expression:
        case sp.MatrixSymbol():
            return np.asarray(_readable(values, expression))
        case sp.OneMatrix():
            return np.ones([int(lambdify(size)(values)) for size in expression.shape])
        case sp.Transpose():
            return _matrix_value(expression.arg, values).T
        case ElementwiseApplyFunction():
            x = sp.Symbol("x")
            function = lambdify(expression.function(x))
            at = np.vectorize(lambda number: function({**values, x: number}))
            return at(_matrix_value(expression.expr, values))
        case sp.MatAdd() | sp.HadamardProduct():
            parts = [_matrix_value(part, values) for part in expression.args]
            _require(len({part.shape for part in parts}) == 1, expression)
            return sum(parts) if isinstance(expression, sp.MatAdd) else np.multiply.reduce(parts)
        case sp.MatMul():
            coefficient, factors = expression.as_coeff_matrices()
            product, *rest = (_matrix_value(factor, values) for factor in factors)
            for factor in rest:
                _require(product.shape[1] == factor.shape[0], expression)
                product = product @ factor
            return lambdify(coefficient)(values) * product
    raise TypeError(f"{type(expression).__name__} の値は求められません。")

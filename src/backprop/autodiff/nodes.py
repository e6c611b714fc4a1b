"""計算グラフのノード。ふつうの式を書けばグラフになる。"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from backprop.autodiff.operation import Operation, as_array
from backprop.autodiff.operations import (
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
    Power,
    Reshape,
    Softmax,
    Subtract,
    Sum,
    Transpose,
)
from backprop.checks import Array, array, explained, real


@explained
class Node:
    """計算グラフのノード。値と、それをつくった演算と、演算の入力（親）を持つ。

    式 ``x + y``、``x - y``、``x * y``、``x / y``、``x @ y``、``-x``、``x ** 2``、``x.T`` と、
    関数 `exp`、`log`、`activate`、`affine`、メソッド ``sum``、``mean``、``reshape``、``broadcast`` でつくる。
    式の中のふつうの数は定数になり、相手の形に引き伸ばされる。大小や真偽を問うことと、要素を取り出すことは
    できない。それには ``value`` を使う。

    Attributes
    ----------
    value : ndarray
        値。読み取り専用。
    operation : Operation or None
        値をつくった演算。葉（`Variable`）では ``None``。
    parents : tuple of Node
        演算の入力。葉では空。
    name : str
        図に書く名前。

    Examples
    --------
    >>> from backprop.autodiff import gradients
    >>> x, y = Variable(3.0, "x"), Variable(5.0, "y")
    >>> z = x * y + x
    >>> z.value
    array(18.)
    >>> gradients(z, [x, y])
    [array(6.), array(3.)]
    """

    __slots__ = ("name", "operation", "parents", "value")

    def __init__(
        self, value: Array, operation: Operation | None = None, parents: tuple[Node, ...] = (), name: str = ""
    ) -> None:
        if not isinstance(value, np.ndarray):
            raise TypeError(f"ノードは Variable か apply でつくりますが、{type(value).__name__} が与えられました。")
        value.flags.writeable = False
        self.value, self.operation, self.parents, self.name = value, operation, parents, name

    def __repr__(self) -> str:
        label = self.name or (self.operation.symbol if self.operation else "")
        return f"{type(self).__name__}({label}{', ' if label else ''}形 {self.shape})"

    @property
    def shape(self) -> tuple[int, ...]:
        """値の形。"""
        return self.value.shape

    def __add__(self, other: Operand) -> Node:
        return apply(Add(), self, self._lift(other))

    def __radd__(self, other: Operand) -> Node:
        return apply(Add(), self._lift(other), self)

    def __sub__(self, other: Operand) -> Node:
        return apply(Subtract(), self, self._lift(other))

    def __rsub__(self, other: Operand) -> Node:
        return apply(Subtract(), self._lift(other), self)

    def __mul__(self, other: Operand) -> Node:
        return apply(Multiply(), self, self._lift(other))

    def __rmul__(self, other: Operand) -> Node:
        return apply(Multiply(), self._lift(other), self)

    def __truediv__(self, other: Operand) -> Node:
        return apply(Divide(), self, self._lift(other))

    def __rtruediv__(self, other: Operand) -> Node:
        return apply(Divide(), self._lift(other), self)

    def __matmul__(self, other: Operand) -> Node:
        return apply(MatMul(), self, self._lift(other))

    def __rmatmul__(self, other: Operand) -> Node:
        return apply(MatMul(), self._lift(other), self)

    def __neg__(self) -> Node:
        return apply(Negate(), self)

    def __pow__(self, exponent: float) -> Node:
        if isinstance(exponent, Node):
            _refuse_node("累乗の指数にできません", "exp(指数 * log(底)) と書いてください。")
        return apply(Power(exponent), self)

    @property
    def T(self) -> Node:
        """転置。"""
        return apply(Transpose(), self)

    def sum(self, axis: int | None = None) -> Node:
        """和。軸を指定すれば、その軸は長さ1で残る。"""
        return apply(Sum(axis), self)

    def mean(self, axis: int | None = None) -> Node:
        """平均。軸を指定すれば、その軸は長さ1で残る。"""
        return apply(Mean(axis), self)

    def reshape(self, shape: tuple[int, ...]) -> Node:
        """要素の並びを変えずに、形だけを変える。"""
        return apply(Reshape(shape), self)

    def broadcast(self, shape: tuple[int, ...]) -> Node:
        """長さ1の軸を引き伸ばす。"""
        return apply(Broadcast(shape), self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Node:
        """配列とノードの演算。NumPy がノードを要素ごとに展開しないように、``__radd__`` などに任せる。"""
        reflected = _REFLECTED.get(ufunc.__name__)
        if method != "__call__" or kwargs or reflected is None or isinstance(inputs[0], Node):
            raise TypeError(
                f"NumPy の {ufunc.__name__} は、計算グラフのノードには使えません。{_INSTEAD.get(ufunc.__name__, _VALUE)}"
            )
        return getattr(self, reflected)(inputs[0])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (int, float, complex, np.generic, np.ndarray)):
            _refuse_node("値と比べられません")
        return self is other

    __hash__ = object.__hash__

    def _lift(self, other: Operand) -> Node:
        if isinstance(other, Node):
            return other
        if isinstance(other, np.ndarray):
            return Variable(other)
        number = real("計算グラフの定数", other)
        return Variable(np.full((1,) * self.value.ndim, number, self.value.dtype), f"{number:g}")


_VALUE = "値を使うなら node.value と書いてください。"
_REFLECTED = {
    "add": "__radd__",
    "subtract": "__rsub__",
    "multiply": "__rmul__",
    "divide": "__rtruediv__",
    "matmul": "__rmatmul__",
}
_INSTEAD = {
    "exp": "backprop.autodiff の exp(node) を使ってください。",
    "log": "backprop.autodiff の log(node) を使ってください。",
    "tanh": 'activate("tanh", node) を使ってください。',
    "square": "node ** 2 と書いてください。",
    "sqrt": "node ** 0.5 と書いてください。",
    "power": "底が数なら exp(node * 底の対数) と書いてください。",
}


def _refuse_node(why: str, instead: str = _VALUE) -> NoReturn:
    raise TypeError(f"計算グラフのノードは、{why}。{instead}")


def _refusing(why: str, instead: str = _VALUE) -> Callable[..., NoReturn]:
    """黙って別の意味になる演算を、断るメソッド。"""
    return lambda *_: _refuse_node(why, instead)


_REFUSED = {
    "大小を比べられません": ("__lt__", "__le__", "__gt__", "__ge__"),
    "真偽として読めません": ("__bool__",),
    "一つの数として読めません": ("__float__", "__int__", "__complex__", "__index__", "__round__"),
    "長さを持ちません": ("__len__",),
    "要素を取り出せません": ("__getitem__", "__iter__", "__contains__"),
    "書き換えられません": ("__setitem__", "__delitem__"),
    "配列として読めません": ("__array__",),
    "絶対値、商、余りを計算できません": (
        "__abs__", "__floordiv__", "__rfloordiv__", "__mod__", "__rmod__", "__divmod__", "__rdivmod__",
    ),
}  # fmt: skip
for _why, _methods in _REFUSED.items():
    for _method in _methods:
        setattr(Node, _method, _refusing(_why))
Node.__rpow__ = _refusing("数の累乗の指数にできません", _INSTEAD["power"])


Operand = Node | Array | float


@explained
class Variable(Node):
    """計算グラフの葉: 入力、重み、バイアス、目標など。

    Parameters
    ----------
    value : ndarray or float
        値。写しを取るので、あとで元の配列を書き換えてもグラフは変わらない。
    name : str, optional
        図に書く名前。

    Raises
    ------
    TypeError, ValueError
        有限な浮動小数点数の配列でない。

    Examples
    --------
    >>> import numpy as np
    >>> Variable(np.zeros((2, 1)), "b1")
    Variable(b1, 形 (2, 1))
    """

    __slots__ = ()

    def __init__(self, value: Array | float, name: str = "") -> None:
        super().__init__(array(name or "value", as_array(value)).copy(), name=name)


@explained
def apply(operation: Operation, *parents: Node, name: str = "") -> Node:
    """演算をノードに適用して、新しいノードをつくる。

    Parameters
    ----------
    operation : Operation
        演算。写しを取るので、同じ演算を何度使ってもよい。
    *parents : Node
        入力。
    name : str, optional
        図に書く名前。

    Returns
    -------
    Node

    Raises
    ------
    TypeError, ValueError
        ノードでない、または演算が断った。

    Examples
    --------
    >>> apply(Multiply(), Variable(3.0), Variable(5.0), name="面積")
    Node(面積, 形 ())
    """
    if not isinstance(operation, Operation):
        raise TypeError(
            f"operation は Operation でなければなりませんが、{type(operation).__name__} が与えられました。{_hint(operation)}"
        )
    check_nodes("parents", parents)
    operation = copy.copy(operation)
    return Node(operation.forward(*(parent.value for parent in parents)), operation, parents, name)


def _hint(operation: object) -> str:
    made = isinstance(operation, type) and issubclass(operation, Operation)
    return f" {operation.__name__}() のように、かっこをつけてつくってください。" if made else ""


@explained
def exp(x: Node) -> Node:
    """要素ごとの指数関数。

    Examples
    --------
    >>> exp(Variable(0.0)).value
    array(1.)
    """
    return apply(Exp(), x)


@explained
def log(x: Node) -> Node:
    """要素ごとの自然対数。

    Examples
    --------
    >>> log(Variable(1.0)).value
    array(0.)
    """
    return apply(Log(), x)


@explained
def activate(name: str, z: Node) -> Node:
    """名前で選んだ活性化関数（softmax を含む）。

    Raises
    ------
    ValueError
        その名前の活性化関数がない。

    Examples
    --------
    >>> activate("sigmoid", Variable(0.0)).value
    array(0.5)
    """
    return apply(Softmax() if isinstance(name, str) and name == "softmax" else Elementwise(name), z)


@explained
def affine(W: Node, A: Node, b: Node) -> Node:
    """一つの層の加重和 ``W A + b`` を、一つのノードとして。

    Examples
    --------
    >>> import numpy as np
    >>> W, A, b = Variable(np.ones((2, 3))), Variable(np.ones((3, 4))), Variable(np.zeros((2, 1)))
    >>> affine(W, A, b).shape
    (2, 4)
    """
    return apply(Affine(), W, A, b)


def check_nodes(name: str, nodes: Sequence[object]) -> None:
    for node in nodes:
        if not isinstance(node, Node):
            raise TypeError(
                f"{name} は Node でなければなりませんが、{type(node).__name__} が与えられました。"
            )

"""計算グラフと、その上の誤差逆伝播法。{ref}`計算グラフ <sec-graph>`の章に対応する。

- **演算**（`Operation`）は ``forward`` と ``backward`` の組である。``forward`` は値を求めて入力を覚え、
  ``backward`` は上流から来た勾配に局所的な微分を掛けて、入力ごとの勾配を返す。
- **ノード**（`Node`）は、値と、それをつくった演算と、演算の入力（親）を持つ。ふつうの式を書けばグラフになる。
- `gradients` はグラフを出力から逆にたどり、分岐では勾配を足す。どのノードも一度しか訪れない。

形は黙って合わせない。要素ごとの演算で引き伸ばすのは、階数が等しいときの長さ1の軸だけで、
``(N,)`` と ``(N, 1)`` は断る。引き伸ばした軸では、逆伝播のときに勾配を足し合わせて元の形に戻す。
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.checks import Array, array, choice, count, mapping, real, sequence

# ---- 演算 ----


class Operation:
    """演算の共通の部分。入力を確かめ、覚え、勾配を入力の形に戻す。

    演算ごとに違うのは二つの関数だけである: `value` は値、`pullback` は ``上流の勾配 × 局所的な微分``。
    どちらも引数だけから決まり、何も書き換えない。

    Attributes
    ----------
    symbol : str
        図に書く記号。
    arity : int
        入力の数。

    Examples
    --------
    新しい演算は、二つの関数を書けばつくれる。

    >>> class Sin(Operation):
    ...     symbol = "sin"
    ...
    ...     def value(self, x):
    ...         return np.sin(x)
    ...
    ...     def pullback(self, upstream, x):
    ...         return (upstream * np.cos(x),)
    >>> x = Variable(0.0)
    >>> gradients(apply(Sin(), x), [x])
    [array(1.)]
    """

    symbol = "?"
    arity = 1
    _inputs: tuple[Array, ...] = ()
    _shape: tuple[int, ...] = ()

    def forward(self, *inputs: Array | float) -> Array:
        """値を求め、逆伝播のために入力を覚える。

        Parameters
        ----------
        *inputs : ndarray or float
            入力。数 ``x`` は形 ``()`` の配列とみなす。`backward` まで書き換えてはならない。

        Returns
        -------
        ndarray
            新しい配列。

        Raises
        ------
        TypeError, ValueError
            入力の数、型、形が合わない、値が有限でない。断ったときは、覚えている入力も変わらない。

        Examples
        --------
        >>> import numpy as np
        >>> Multiply().forward(np.array([[3.0]]), np.array([[5.0]]))
        array([[15.]])
        >>> Subtract().forward(np.zeros(4), np.zeros((4, 1)))
        Traceback (most recent call last):
        ValueError: Subtract の入力の形 (4,) と (4, 1) は、階数（軸の数）が違います。reshape でそろえてください。
        """
        name = type(self).__name__
        if len(inputs) != self.arity:
            raise TypeError(
                f"{name} の入力は {self.arity} 個でなければなりませんが、{len(inputs)} 個が与えられました。"
            )
        arrays = tuple(array(f"{name} の第{i}入力", _as_array(x)) for i, x in enumerate(inputs, start=1))
        self.check(*arrays)
        with np.errstate(all="ignore"):
            output = array(f"{name} の結果", np.asarray(self.value(*arrays)))
        self._inputs, self._shape = arrays, output.shape
        return output

    def backward(self, upstream: Array | float) -> tuple[Array, ...]:
        """出力に関する勾配（上流）から、入力ごとの勾配を求める。何度呼んでもよい。

        Parameters
        ----------
        upstream : ndarray or float
            出力と同じ形。書き換えない。

        Returns
        -------
        tuple of ndarray
            入力と同じ数、同じ形の、新しい配列。``upstream`` ともお互いともメモリーを共有しない。

        Raises
        ------
        RuntimeError
            まだ `forward` を呼んでいない。
        TypeError, ValueError
            ``upstream`` の形が出力と違う、微分が有限でない。

        Examples
        --------
        3×5 の微分は (5, 3)。上流が 2 なら (10, 6)。

        >>> multiply = Multiply()
        >>> multiply.forward(3.0, 5.0)
        array(15.)
        >>> multiply.backward(2.0)
        (array(10.), array(6.))
        """
        name = type(self).__name__
        if not self._inputs:
            raise RuntimeError(f"{name} の backward の前に、forward を呼んでください。")
        upstream = array(f"{name} の upstream", _as_array(upstream), shape=self._shape)
        with np.errstate(all="ignore"):
            parts = self.pullback(upstream, *self._inputs)
        return tuple(
            array(f"{name} の第{i}入力に関する勾配", _reduced(part, x.shape))
            for i, (part, x) in enumerate(zip(parts, self._inputs), start=1)
        )

    def check(self, *inputs: Array) -> None:
        """入力の形がこの演算に合うことを確かめる。"""

    def value(self, *inputs: Array) -> Array:
        """演算の値。"""
        raise NotImplementedError

    def pullback(self, upstream: Array, *inputs: Array) -> tuple[Array, ...]:
        """入力ごとの ``上流の勾配 × 局所的な微分``。引き伸ばした軸は、まだ足していなくてよい。"""
        raise NotImplementedError


def _as_array(value: object) -> object:
    return np.asarray(value) if isinstance(value, (float, np.floating)) else value


def _reduced(gradient: Array, shape: tuple[int, ...]) -> Array:
    # 引き伸ばしは分岐（コピー）なので、逆伝播では和になる。足す軸がなくても sum は新しい配列を返す。
    stretched = tuple(i for i, (n, k) in enumerate(zip(gradient.shape, shape)) if k == 1 and n != 1)
    return np.asarray(gradient.sum(axis=stretched, keepdims=True))


class _Binary(Operation):
    arity = 2

    def check(self, x: Array, y: Array) -> None:
        name = type(self).__name__
        if x.ndim != y.ndim:
            raise ValueError(
                f"{name} の入力の形 {x.shape} と {y.shape} は、階数（軸の数）が違います。reshape でそろえてください。"
            )
        if any(n != k and 1 not in (n, k) for n, k in zip(x.shape, y.shape)):
            raise ValueError(
                f"{name} の入力の形 {x.shape} と {y.shape} が合いません。引き伸ばせるのは長さ1の軸だけです。"
            )


class Add(_Binary):
    """加算 ``x + y``。上流の勾配を、そのまま両方へ流す。

    Examples
    --------
    バイアスは列の数だけ使われるので、勾配は列の和になる: 1 + 2 + 3 = 6。

    >>> import numpy as np
    >>> add = Add()
    >>> add.forward(np.zeros((1, 3)), np.array([[10.0]]))
    array([[10., 10., 10.]])
    >>> add.backward(np.array([[1.0, 2.0, 3.0]]))
    (array([[1., 2., 3.]]), array([[6.]]))
    """

    symbol = "+"

    def value(self, x: Array, y: Array) -> Array:
        return x + y

    def pullback(self, upstream: Array, x: Array, y: Array) -> tuple[Array, ...]:
        return upstream, upstream


class Subtract(_Binary):
    """減算 ``x − y``。右へ流す勾配は符号が変わる。

    Examples
    --------
    >>> subtract = Subtract()
    >>> subtract.forward(5.0, 3.0)
    array(2.)
    >>> subtract.backward(1.0)
    (array(1.), array(-1.))
    """

    symbol = "−"

    def value(self, x: Array, y: Array) -> Array:
        return x - y

    def pullback(self, upstream: Array, x: Array, y: Array) -> tuple[Array, ...]:
        return upstream, -upstream


class Multiply(_Binary):
    """要素ごとの乗算 ``x ⊙ y``。上流の勾配に、相手の値を掛けて流す。

    Examples
    --------
    >>> multiply = Multiply()
    >>> multiply.forward(120.0, 3.0)
    array(360.)
    >>> multiply.backward(1.0)
    (array(3.), array(120.))
    """

    symbol = "×"

    def value(self, x: Array, y: Array) -> Array:
        return x * y

    def pullback(self, upstream: Array, x: Array, y: Array) -> tuple[Array, ...]:
        return upstream * y, upstream * x


class Divide(_Binary):
    """要素ごとの除算 ``x / y``。``∂/∂x = 1/y``、``∂/∂y = −x/y²``。

    Examples
    --------
    >>> divide = Divide()
    >>> divide.forward(3.0, 2.0)
    array(1.5)
    >>> divide.backward(1.0)
    (array(0.5), array(-0.75))
    """

    symbol = "÷"

    def value(self, x: Array, y: Array) -> Array:
        return x / y

    def pullback(self, upstream: Array, x: Array, y: Array) -> tuple[Array, ...]:
        return upstream / y, -upstream * x / y / y


class Negate(Operation):
    """符号の反転 ``−x``。

    Examples
    --------
    >>> negate = Negate()
    >>> negate.forward(3.0), negate.backward(2.0)
    (array(-3.), (array(-2.),))
    """

    symbol = "−"

    def value(self, x: Array) -> Array:
        return -x

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return (-upstream,)


class Power(Operation):
    """要素ごとの累乗 ``x^p``。``∂/∂x = p x^{p−1}``。

    Parameters
    ----------
    exponent : float
        ``p``。0でない実数。

    Raises
    ------
    TypeError, ValueError
        0でない有限な実数でない。

    Examples
    --------
    >>> square = Power(2)
    >>> square.forward(3.0), square.backward(1.0)
    (array(9.), (array(6.),))
    """

    def __init__(self, exponent: float) -> None:
        self.exponent = real("exponent", exponent)
        if self.exponent == 0:
            raise ValueError("exponent は0であってはなりません（x⁰ は定数です）。")

    @property
    def symbol(self) -> str:
        return f"^{self.exponent:g}"

    def value(self, x: Array) -> Array:
        return x**self.exponent

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return (upstream * self.exponent * x ** (self.exponent - 1),)


class Exp(Operation):
    """要素ごとの指数関数 ``e^x``。微分は自分自身。

    Examples
    --------
    >>> f = Exp()
    >>> f.forward(0.0), f.backward(2.0)
    (array(1.), (array(2.),))
    """

    symbol = "exp"

    def value(self, x: Array) -> Array:
        return np.exp(x)

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return (upstream * np.exp(x),)


class Log(Operation):
    """要素ごとの自然対数 ``log x``。微分は ``1/x``。

    Examples
    --------
    >>> f = Log()
    >>> f.forward(1.0), f.backward(2.0)
    (array(0.), (array(2.),))
    >>> Log().forward(-1.0)
    Traceback (most recent call last):
    ValueError: Log の結果 に NaN か無限大が含まれています。有限な値だけを与えてください。
    """

    symbol = "log"

    def value(self, x: Array) -> Array:
        return np.log(x)

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return (upstream / x,)


class Elementwise(Operation):
    """要素ごとの活性化関数 ``f(z)``。上流の勾配に ``f′(z)`` を掛けて流す。

    Parameters
    ----------
    activation : str
        `backprop.activations.ACTIVATIONS` の名前。要素ごとでない softmax には `Softmax` を使う。

    Raises
    ------
    ValueError
        その名前の、要素ごとの活性化関数がない。

    Examples
    --------
    σ(0) = 1/2、σ′(0) = 1/4。

    >>> f = Elementwise("sigmoid")
    >>> f.forward(0.0), f.backward(1.0)
    (array(0.5), (array(0.25),))
    """

    def __init__(self, activation: str) -> None:
        elementwise = {name: f for name, f in ACTIVATIONS.items() if name != "softmax"}
        self.activation = choice("activation", activation, elementwise)

    @property
    def symbol(self) -> str:
        return self.activation.name

    def value(self, z: Array) -> Array:
        return self.activation.value(z)

    def pullback(self, upstream: Array, z: Array) -> tuple[Array, ...]:
        return (self.activation.pullback(z, upstream),)


class Softmax(Operation):
    """列ごとの softmax。一つの出力がその列のすべての入力に依存する。

    Examples
    --------
    >>> import numpy as np
    >>> f = Softmax()
    >>> f.forward(np.zeros((2, 1)))
    array([[0.5],
           [0.5]])
    >>> f.backward(np.array([[1.0], [0.0]]))
    (array([[ 0.25],
           [-0.25]]),)
    """

    symbol = "softmax"

    def check(self, Z: Array) -> None:
        array("Softmax の入力", Z, shape=("N_l", "m"))

    def value(self, Z: Array) -> Array:
        return ACTIVATIONS["softmax"].value(Z)

    def pullback(self, upstream: Array, Z: Array) -> tuple[Array, ...]:
        return (ACTIVATIONS["softmax"].pullback(Z, upstream),)


class MatMul(Operation):
    """行列の積 ``P Q``。``∂/∂P = G Qᵀ``、``∂/∂Q = Pᵀ G``（``G`` は上流の勾配）。

    Examples
    --------
    >>> import numpy as np
    >>> matmul = MatMul()
    >>> matmul.forward(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    >>> matmul.backward(np.array([[1.0]]))
    (array([[3., 4.]]), array([[1.],
           [2.]]))
    """

    symbol = "@"
    arity = 2

    def check(self, P: Array, Q: Array) -> None:
        if P.ndim != 2 or Q.ndim != 2 or P.shape[1] != Q.shape[0]:
            raise ValueError(
                f"{type(self).__name__} の入力の形は (n, k) と (k, m) でなければなりませんが、"
                f"{P.shape} と {Q.shape} が与えられました。"
            )

    def value(self, P: Array, Q: Array) -> Array:
        return P @ Q

    def pullback(self, upstream: Array, P: Array, Q: Array) -> tuple[Array, ...]:
        return upstream @ Q.T, P.T @ upstream


class Affine(Operation):
    """一つの層の加重和 ``Z = W A + b``。

    ``∂/∂W = G Aᵀ``、``∂/∂A = Wᵀ G``、``∂/∂b`` は ``G`` の列の和（``G`` は上流の勾配）。

    Examples
    --------
    >>> import numpy as np
    >>> affine_ = Affine()
    >>> affine_.forward(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([[0.5]]))
    array([[11.5]])
    >>> affine_.backward(np.array([[2.0]]))
    (array([[6., 8.]]), array([[2.],
           [4.]]), array([[2.]]))
    """

    symbol = "Affine"
    arity = 3

    def check(self, W: Array, A: Array, b: Array) -> None:
        if W.ndim != 2 or A.ndim != 2 or W.shape[1] != A.shape[0] or b.shape != (W.shape[0], 1):
            raise ValueError(
                "Affine の入力 W, A, b の形は (n, k), (k, m), (n, 1) でなければなりませんが、"
                f"{W.shape}, {A.shape}, {b.shape} が与えられました。"
            )

    def value(self, W: Array, A: Array, b: Array) -> Array:
        return W @ A + b

    def pullback(self, upstream: Array, W: Array, A: Array, b: Array) -> tuple[Array, ...]:
        return upstream @ A.T, W.T @ upstream, upstream


class Transpose(Operation):
    """行列の転置 ``Xᵀ``。勾配も転置して返す。

    Examples
    --------
    >>> import numpy as np
    >>> transpose = Transpose()
    >>> transpose.forward(np.array([[1.0, 2.0]]))
    array([[1.],
           [2.]])
    >>> transpose.backward(np.array([[3.0], [4.0]]))
    (array([[3., 4.]]),)
    """

    symbol = "ᵀ"

    def check(self, X: Array) -> None:
        array("Transpose の入力", X, shape=("n", "m"))

    def value(self, X: Array) -> Array:
        return X.T.copy()

    def pullback(self, upstream: Array, X: Array) -> tuple[Array, ...]:
        return (upstream.T,)


class Broadcast(Operation):
    """長さ1の軸を引き伸ばす（コピーする）。逆伝播では、引き伸ばした軸で勾配を足す。

    Parameters
    ----------
    shape : tuple of int
        引き伸ばした形。階数は入力と同じ。

    Raises
    ------
    TypeError, ValueError
        正の整数の並びでない。

    Examples
    --------
    >>> import numpy as np
    >>> broadcast = Broadcast((1, 3))
    >>> broadcast.forward(np.array([[5.0]]))
    array([[5., 5., 5.]])
    >>> broadcast.backward(np.array([[1.0, 2.0, 3.0]]))
    (array([[6.]]),)
    """

    symbol = "broadcast"

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = tuple(count("shape の要素", n) for n in sequence("shape", shape))

    def check(self, x: Array) -> None:
        fits = x.ndim == len(self.shape) and all(n in (1, k) for n, k in zip(x.shape, self.shape))
        if not fits:
            raise ValueError(
                f"Broadcast は形 {x.shape} を {self.shape} に引き伸ばせません。"
                "階数が等しく、変わるのは長さ1の軸だけでなければなりません。"
            )

    def value(self, x: Array) -> Array:
        return np.broadcast_to(x, self.shape).copy()

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return (upstream,)


class Sum(Operation):
    """和 ``Σ x``。上流の勾配を、足したすべての要素へ同じだけ流す。

    Parameters
    ----------
    axis : int, optional
        足す軸。結果にも長さ1で残る。省けばすべての要素を足し、結果の形は ``()`` になる。

    Examples
    --------
    >>> import numpy as np
    >>> sum_ = Sum(axis=1)
    >>> sum_.forward(np.array([[1.0, 2.0, 3.0]]))
    array([[6.]])
    >>> sum_.backward(np.array([[2.0]]))
    (array([[2., 2., 2.]]),)
    """

    symbol = "Σ"

    def __init__(self, axis: int | None = None) -> None:
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, int)):
            raise TypeError(f"axis は整数か None でなければなりませんが、{axis!r} が与えられました。")
        self.axis = axis

    def check(self, x: Array) -> None:
        if self.axis is not None and not -x.ndim <= self.axis < x.ndim:
            raise ValueError(
                f"{type(self).__name__} の axis={self.axis} は、形 {x.shape} の配列にはありません。"
            )

    def value(self, x: Array) -> Array:
        return x.sum(axis=self.axis, keepdims=self.axis is not None)

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return (np.broadcast_to(upstream, x.shape),)


class Mean(Sum):
    """平均 ``(1/n) Σ x``。上流の勾配の ``1/n`` を、平均したすべての要素へ流す。

    Parameters
    ----------
    axis : int, optional
        平均する軸。結果にも長さ1で残る。省けばすべての要素を平均し、結果の形は ``()`` になる。

    Examples
    --------
    >>> import numpy as np
    >>> mean = Mean()
    >>> mean.forward(np.array([[1.0, 2.0], [3.0, 6.0]]))
    array(3.)
    >>> mean.backward(1.0)
    (array([[0.25, 0.25],
           [0.25, 0.25]]),)
    """

    symbol = "平均"

    def value(self, x: Array) -> Array:
        return super().value(x) / self._count(x)

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return super().pullback(upstream / self._count(x), x)

    def _count(self, x: Array) -> int:
        return x.size if self.axis is None else x.shape[self.axis]


# ---- ノード ----


class Node:
    """計算グラフのノード。値と、それをつくった演算と、演算の入力（親）を持つ。

    式 ``x + y``、``x - y``、``x * y``、``x / y``、``x @ y``、``-x``、``x ** 2``、``x.T`` と、
    関数 `exp`、`log`、`activate`、`affine`、メソッド ``sum``、``mean``、``broadcast`` でつくる。
    式の中のふつうの数は定数になり、相手の形に引き伸ばされる。

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
    >>> x, y = Variable(3.0, "x"), Variable(5.0, "y")
    >>> z = x * y + x
    >>> z.value
    array(18.)
    >>> gradients(z, [x, y])
    [array(6.), array(3.)]
    """

    __slots__ = ("name", "operation", "parents", "value")
    # ndarray との演算で、NumPy がノードを要素ごとに展開せず、こちらの __radd__ などに任せるようにする。
    __array_ufunc__ = None

    def __init__(
        self, value: Array, operation: Operation | None = None, parents: tuple[Node, ...] = (), name: str = ""
    ) -> None:
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

    def broadcast(self, shape: tuple[int, ...]) -> Node:
        """長さ1の軸を引き伸ばす。"""
        return apply(Broadcast(shape), self)

    def _lift(self, other: Operand) -> Node:
        if isinstance(other, Node):
            return other
        if isinstance(other, np.ndarray):
            return Variable(other)
        number = real("計算グラフの定数", other)
        return Variable(np.full((1,) * self.value.ndim, number, self.value.dtype), f"{number:g}")


Operand = Node | Array | float


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
        super().__init__(array(name or "value", _as_array(value)).copy(), name=name)


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
            f"operation は Operation でなければなりませんが、{type(operation).__name__} が与えられました。"
        )
    _check_nodes("parents", parents)
    operation = copy.copy(operation)
    return Node(operation.forward(*(parent.value for parent in parents)), operation, parents, name)


def exp(x: Node) -> Node:
    """要素ごとの指数関数。

    Examples
    --------
    >>> exp(Variable(0.0)).value
    array(1.)
    """
    return apply(Exp(), x)


def log(x: Node) -> Node:
    """要素ごとの自然対数。

    Examples
    --------
    >>> log(Variable(1.0)).value
    array(0.)
    """
    return apply(Log(), x)


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
    return apply(Softmax() if name == "softmax" else Elementwise(name), z)


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


# ---- グラフ ----


def topological_order(output: Node) -> list[Node]:
    """出力が依存するすべてのノードを、親が必ず子より先に来る順に並べる。

    再帰を使わないので、どれほど長いグラフでもよい。

    Parameters
    ----------
    output : Node
        出力。リストの最後に来る。

    Returns
    -------
    list of Node
        どのノードも一度だけ現れる。

    Raises
    ------
    TypeError
        ノードでない。

    Examples
    --------
    >>> x = Variable(2.0)
    >>> y = x * x
    >>> z = y + x
    >>> topological_order(z) == [x, y, z]
    True
    """
    _check_nodes("output", [output])
    order: list[Node] = []
    seen = {id(output)}
    stack = [(output, iter(output.parents))]
    while stack:
        node, parents = stack[-1]
        parent = next((p for p in parents if id(p) not in seen), None)
        if parent is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(id(parent))
            stack.append((parent, iter(parent.parents)))
    return order


def gradients(output: Node, wrt: Sequence[Node], seed: Array | float | None = None) -> list[Array]:
    """出力の勾配を、逆伝播で求める。

    トポロジカル順序の逆にたどるので、ノードに着いたときには、そこへ流れこむ勾配がすべて足されている。
    グラフには何も残さない。何度呼んでも同じ答えになる。

    Parameters
    ----------
    output : Node
        出力。要素が一つでなければ ``seed`` が要る。
    wrt : sequence of Node
        何に関する勾配か。葉でなくてもよい。
    seed : ndarray or float, optional
        出力に関する勾配（上流）。出力と同じ形。省けば 1。

    Returns
    -------
    list of ndarray
        ``wrt`` と同じ並び、それぞれの値と同じ形。出力につながっていないノードの勾配は 0。

    Raises
    ------
    TypeError
        ノードでない。
    ValueError
        出力の要素が一つでないのに ``seed`` がない、``seed`` の形が違う。

    Examples
    --------
    ひし形のグラフ: y = x², z = y + y·x。∂z/∂x = 2x + 3x² = 4 + 12 = 16。

    >>> x = Variable(2.0)
    >>> y = x * x
    >>> gradients(y + y * x, [x])
    [array(16.)]
    """
    order = topological_order(output)
    _check_nodes("wrt", sequence("wrt", wrt))
    upstream = {id(output): _seed(output, seed)}
    for node in reversed(order):
        if node.operation is None:
            continue
        for parent, part in zip(node.parents, node.operation.backward(upstream[id(node)])):
            known = upstream.get(id(parent))
            upstream[id(parent)] = part if known is None else known + part
    return [np.array(upstream.get(id(node), np.zeros_like(node.value))) for node in wrt]


def _seed(output: Node, seed: Array | float | None) -> Array:
    if seed is not None:
        return array("seed", _as_array(seed), shape=output.shape)
    if output.value.size != 1:
        raise ValueError(
            f"output の要素は一つでなければなりませんが、形は {output.shape} です。"
            "sum() や mean() で一つの数にするか、seed を与えてください。"
        )
    return np.ones_like(output.value)


def replace(output: Node, values: Mapping[Variable, Array | float]) -> Node:
    """いくつかの葉の値だけを取り替えて、同じ式を計算しなおす。元のグラフは変わらない。

    Parameters
    ----------
    output : Node
        元の出力。
    values : mapping of Variable to ndarray or float
        取り替える葉と、新しい値。形は元と同じ。

    Returns
    -------
    Node
        新しいグラフの出力。

    Raises
    ------
    TypeError, ValueError
        葉でない、グラフにない、形が違う。

    Examples
    --------
    >>> x, y = Variable(3.0), Variable(5.0)
    >>> replace(x * y + x, {x: 2.0}).value
    array(12.)
    """
    order = topological_order(output)
    new = {id(node): node for node in order if node.operation is None}
    for leaf, value in mapping("values", values).items():
        if id(leaf) not in new:
            raise ValueError(f"values の {leaf!r} は、このグラフの葉ではありません。")
        new[id(leaf)] = Variable(array(leaf.name or "value", _as_array(value), shape=leaf.shape), leaf.name)
    for node in order:
        if node.operation is not None:
            new[id(node)] = apply(node.operation, *(new[id(p)] for p in node.parents), name=node.name)
    return new[id(output)]


@dataclass(frozen=True, eq=False)
class NodeTrace:
    """図に書くための、一つのノードの記録。

    Attributes
    ----------
    symbol : str
        演算の記号。葉では空。
    name : str
        ノードの名前。なければ空。
    value : ndarray
        順伝播の値。
    gradient : ndarray
        出力の、このノードに関する勾配。``value`` と同じ形。
    parents : tuple of int
        親の、リストの中での番号。
    parts : tuple of ndarray
        このノードから親のそれぞれへ流れた勾配。分岐した親では、これらの和が親の ``gradient`` になる。
    """

    symbol: str
    name: str
    value: Array
    gradient: Array
    parents: tuple[int, ...]
    parts: tuple[Array, ...]


def trace(output: Node, seed: Array | float | None = None) -> list[NodeTrace]:
    """すべてのノードの値と勾配を、親が子より先に来る順に並べる。

    Parameters
    ----------
    output, seed
        `gradients` と同じ。

    Returns
    -------
    list of NodeTrace

    Raises
    ------
    TypeError, ValueError
        `gradients` と同じ。

    Examples
    --------
    >>> x, y = Variable(3.0, "x"), Variable(5.0, "y")
    >>> for i, node in enumerate(trace(x * y)):
    ...     print(i, node.name or node.symbol, node.value, node.gradient, node.parents)
    0 x 3.0 5.0 ()
    1 y 5.0 3.0 ()
    2 × 15.0 1.0 (0, 1)
    """
    order = topological_order(output)
    index = {id(node): i for i, node in enumerate(order)}
    return [
        NodeTrace(
            symbol=node.operation.symbol if node.operation else "",
            name=node.name,
            value=node.value,
            gradient=gradient,
            parents=tuple(index[id(parent)] for parent in node.parents),
            parts=node.operation.backward(gradient) if node.operation else (),
        )
        for node, gradient in zip(order, gradients(output, order, seed))
    ]


def _check_nodes(name: str, nodes: Sequence[object]) -> None:
    for node in nodes:
        if not isinstance(node, Node):
            raise TypeError(
                f"{name} は Node でなければなりませんが、{type(node).__name__} が与えられました。"
            )

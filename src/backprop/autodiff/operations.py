"""計算グラフの演算。"""

from __future__ import annotations

import math
from numbers import Integral

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.autodiff.operation import Operation
from backprop.checks import Array, array, choice, count, real, sequence


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


class Reshape(Operation):
    """要素の並びを変えずに、形だけを変える。勾配は元の形に戻して返す。

    Parameters
    ----------
    shape : tuple of int
        新しい形。要素の数は入力と同じ。

    Raises
    ------
    TypeError, ValueError
        正の整数の並びでない。

    Examples
    --------
    >>> import numpy as np
    >>> reshape = Reshape((3, 1))
    >>> reshape.forward(np.array([1.0, 2.0, 3.0]))
    array([[1.],
           [2.],
           [3.]])
    >>> reshape.backward(np.array([[4.0], [5.0], [6.0]]))
    (array([4., 5., 6.]),)
    """

    symbol = "reshape"

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = tuple(count("shape の要素", n) for n in sequence("shape", shape))

    def check(self, x: Array) -> None:
        if x.size != math.prod(self.shape):
            raise ValueError(f"Reshape は形 {x.shape} を {self.shape} にできません。要素の数が違います。")

    def value(self, x: Array) -> Array:
        return x.reshape(self.shape).copy()

    def pullback(self, upstream: Array, x: Array) -> tuple[Array, ...]:
        return (upstream.reshape(x.shape),)


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
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, Integral)):
            raise TypeError(f"axis は整数か None でなければなりませんが、{axis!r} が与えられました。")
        self.axis = None if axis is None else int(axis)

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

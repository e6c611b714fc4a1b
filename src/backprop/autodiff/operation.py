"""演算の共通の部分: 入力を確かめ、覚え、勾配を入力の形に戻す。"""

from __future__ import annotations

import numpy as np

from backprop.checks import Array, array


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

    >>> from backprop.autodiff import Variable, apply, gradients
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
        >>> from backprop.autodiff import Multiply, Subtract
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
        arrays = tuple(array(f"{name} の第{i}入力", as_array(x)) for i, x in enumerate(inputs, start=1))
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

        >>> from backprop.autodiff import Multiply
        >>> multiply = Multiply()
        >>> multiply.forward(3.0, 5.0)
        array(15.)
        >>> multiply.backward(2.0)
        (array(10.), array(6.))
        """
        name = type(self).__name__
        if not self._inputs:
            raise RuntimeError(f"{name} の backward の前に、forward を呼んでください。")
        upstream = array(f"{name} の upstream", as_array(upstream), shape=self._shape)
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


def as_array(value: object) -> object:
    return np.asarray(value) if isinstance(value, (float, np.floating)) else value


def _reduced(gradient: Array, shape: tuple[int, ...]) -> Array:
    # 引き伸ばしは分岐（コピー）なので、逆伝播では和になる。足す軸がなくても sum は新しい配列を返す。
    stretched = tuple(i for i, (n, k) in enumerate(zip(gradient.shape, shape)) if k == 1 and n != 1)
    return np.asarray(gradient.sum(axis=stretched, keepdims=True))

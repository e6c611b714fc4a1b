"""読者が書いた式を読む。``eval`` を使わず、決めた書き方だけを、決めた名前で組み立てる。"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import sympy as sp

from backprop.arguments import explained, instance, mapping
from backprop.symbolic import Layer, sigma, softmax, softplus, tanh

LENGTH = 600
"""読む字数の上限。"""
POWER = 20
"""指数に書ける数の上限。"""
COMMON: dict[str, Any] = {
    "Sum": sp.Sum, "Rational": sp.Rational, "Eq": sp.Eq,
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "cosh": sp.cosh, "sinh": sp.sinh,
    "sigma": sigma, "tanh": tanh, "softplus": softplus, "softmax": softmax,
}  # fmt: skip
"""どの問いでも使える名前。"""
PARTS = {"w", "b", "z", "a", "delta", "f", "df", "N", "W", "bias", "Z", "A", "Delta", "G"}
"""層の記号から取り出せるもの。"""
_OPERATORS = {ast.Add: "__add__", ast.Sub: "__sub__", ast.Mult: "__mul__", ast.Div: "__truediv__"}


class Unread(ValueError):
    """読めない書き方。``place`` は、その字の位置（0から）。"""

    def __init__(self, line: str, place: int = 0) -> None:
        super().__init__(line)
        self.place = place


@explained
def read(text: str, names: Mapping[str, Any]) -> sp.Basic:
    """文字で書かれた式を読む。

    Parameters
    ----------
    text : str
        Python の書き方の式。四則、``**``、番号 ``w[k, j]``、呼び出し ``Sum(…, k)``、層の記号 ``l.z``、転置 ``.T``。
    names : mapping of str to object
        その問いの記号。ほかに `COMMON` の名前が使える。

    Returns
    -------
    Expr or Eq

    Raises
    ------
    TypeError
        文字列と辞書でない。
    Unread
        読めない書き方。わけと、その字の位置を持つ。

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> read("x/2 + exp(-y)", {"x": x, "y": y})
    x/2 + exp(-y)
    >>> read("__import__('os')", {})
    Traceback (most recent call last):
        ...
    backprop.exercises.reading.Unread: 「__import__」という記号は、この問いにはありません。
    """
    instance("text", text, str), mapping("names", names)
    if len(text) > LENGTH:
        raise Unread(f"式が長すぎます（{LENGTH} 字まで）。", LENGTH)
    if not text.strip():
        raise Unread("まだ式が書かれていません。")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = (getattr(error, "offset", None) or 1) - 1
        raise Unread(
            "ここで、式として読めなくなりました。括弧と、掛け算の * を確かめてください。", place
        ) from None
    found = _Reader({**COMMON, **names}, text.strip()).value(tree.body)
    if not isinstance(found, sp.Basic):
        raise Unread("式になっていません。番号や引数まで書いてください。")
    return found


class _Reader:
    def __init__(self, names: Mapping[str, Any], text: str) -> None:
        self.names, self.text = names, text

    def value(self, node: ast.expr) -> Any:
        """部分の値。"""
        reading = getattr(self, f"_{type(node).__name__}", None)
        if reading is None:
            raise self._strange(node)
        try:
            return reading(node)
        except Unread:
            raise
        except Exception as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise Unread(f"ここが計算できません: {said}", self._place(node)) from None

    def _place(self, node: ast.expr) -> int:
        line = self.text.splitlines(keepends=True)[: node.lineno - 1]
        return len("".join(line)) + len(
            self.text.splitlines()[node.lineno - 1].encode()[: node.col_offset].decode(errors="ignore")
        )

    def _strange(self, node: ast.expr) -> Unread:
        return Unread(
            "この書き方は読めません。四則、**、番号、関数の呼び出しだけで書いてください。", self._place(node)
        )

    def _Name(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            raise Unread(f"「{node.id}」という記号は、この問いにはありません。", self._place(node))
        return self.names[node.id]

    def _Constant(self, node: ast.Constant) -> sp.Expr:
        if type(node.value) is int and abs(node.value) < 10**6:
            return sp.Integer(node.value)
        if type(node.value) is float:
            return sp.Rational(ast.get_source_segment(self.text, node) or str(node.value))
        raise self._strange(node)

    def _Tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.value(part) for part in node.elts)

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.USub):
            return -self.value(node.operand)
        if isinstance(node.op, ast.UAdd):
            return self.value(node.operand)
        raise self._strange(node)

    def _BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        for side, value in ((node.left, left), (node.right, right)):
            if not isinstance(value, sp.Basic):
                raise Unread(
                    "これは、計算に使える値になっていません。番号や引数を書いてください。", self._place(side)
                )
        if isinstance(node.op, ast.Pow):
            if right.is_number and not -POWER <= right <= POWER:
                raise Unread(f"指数は {POWER} までにしてください。", self._place(node.right))
            return left**right
        if isinstance(node.op, ast.MatMult):
            return left * right
        if type(node.op) not in _OPERATORS:
            raise self._strange(node)
        return getattr(left, _OPERATORS[type(node.op)])(right)

    def _Subscript(self, node: ast.Subscript) -> Any:
        if isinstance(node.slice, ast.Slice):
            raise self._strange(node)
        return self.value(node.value)[self.value(node.slice)]

    def _Attribute(self, node: ast.Attribute) -> Any:
        value = self.value(node.value)
        if isinstance(value, Layer) and node.attr in PARTS:
            return getattr(value, node.attr)
        if isinstance(value, sp.MatrixExpr) and node.attr == "T":
            return value.T
        raise Unread(f"「.{node.attr}」は、ここでは使えません。", self._place(node))

    def _Call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        if node.keywords or not callable(function) or isinstance(function, Layer):
            raise self._strange(node)
        if function is sp.Sum and len(node.args) < 2:
            raise Unread("Sum には、足す番号も書いてください（Sum(式, k)）。", self._place(node))
        return function(*(self.value(part) for part in node.args))

"""読者が書いた式を読む。``eval`` を使わず、決めた書き方だけを、決めた名前で組み立てる。

読めても、審判が終わらなくなる式（大きすぎる数、展開すると項の多すぎる式）は、ここで断る。
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Mapping
from math import factorial, prod
from typing import Any

import sympy as sp
from sympy.matrices.exceptions import ShapeError

from backprop.arguments import explained, instance, mapping
from backprop.symbolic import Family, Index, Layer, sigma, softmax, softplus, tanh

LENGTH = 600
"""読む字数の上限。"""
NESTED = 40
"""括弧の入れ子の上限。"""
DEEP = 150
"""式の木の深さの上限。"""
POWER = 20
"""指数に書ける数の上限。"""
BITS = 2000
"""ちょうどの数の、分子と分母の2進の桁数の上限。"""
LARGE = 10**6
"""数だけの引数の大きさの上限。"""
RANGE = 1000
"""数だけで書いた和の範囲の、項の数の上限。"""
TERMS, PLAIN_TERMS = 100, 1000
"""展開したときの項の数の上限。和のある式と、ない式で。審判は、和の番号のすべての順を比べるので、その順の数だけ数える。"""
INSIDE = 3
"""関数の中の関数の、入れ子の上限。"""


def _equation(left: Any, right: Any) -> sp.Eq:
    return sp.Eq(left, right, evaluate=False)


COMMON: dict[str, Any] = {
    "Sum": sp.Sum, "Rational": sp.Rational, "Eq": _equation,
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "cosh": sp.cosh, "sinh": sp.sinh,
    "sigma": sigma, "tanh": tanh, "softplus": softplus, "softmax": softmax,
}  # fmt: skip
"""どの問いでも使える名前。"""
PARTS = {"w", "b", "z", "a", "delta", "f", "df", "N", "W", "bias", "Z", "A", "Delta", "G"}
"""層の記号から取り出せるもの。"""
_OPERATORS = {ast.Add: "__add__", ast.Sub: "__sub__", ast.Mult: "__mul__", ast.Div: "__truediv__"}
_SIGNS = str.maketrans("−×·⋅・÷\n\r", "-****/  ")
"""数学の字で書かれた演算。"""
_STRANGE = "この書き方は読めません。四則、**、番号、関数の呼び出しだけで書いてください。"
_BROKEN = "ここで、式として読めなくなりました。括弧と、掛け算の * を確かめてください。"
_MANY = "展開すると項が多くなりすぎる式は、判定できません。もっと簡単な形で書いてください。"


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
        読めない書き方か、判定できない大きさの式。わけと、その字の位置を持つ。

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> read("x/2 + exp(−y)", {"x": x, "y": y})
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
    plain = _plain(text)
    reader = _Reader({**COMMON, **names}, plain)
    found = reader.value(_parsed(plain))
    if not isinstance(found, sp.Basic) or isinstance(found, Family):
        raise Unread("式になっていません。番号や引数まで書いてください。")
    _bounded(found)
    return found


def _plain(text: str) -> str:
    """全角の字と数学の字を、同じ長さのまま、Python の字にする。"""
    folded = (unicodedata.normalize("NFKC", letter) for letter in text.translate(_SIGNS))
    return "".join(new if len(new) == 1 else old for old, new in zip(text.translate(_SIGNS), folded))


def _parsed(text: str) -> ast.expr:
    """構文の木。"""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth > NESTED:
            raise Unread(f"括弧の入れ子が深すぎます（{NESTED} まで）。", place)
    before = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = before + max(0, (getattr(error, "offset", None) or 1) - 1)
        line = "等式は Eq(左辺, 右辺) と書いてください。" if "=" in text else _BROKEN
        raise Unread(line, min(place, len(text.rstrip()))) from None
    level = [tree]
    for _ in range(DEEP):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise Unread(_MANY)


class _Reader:
    def __init__(self, names: Mapping[str, Any], text: str) -> None:
        self.names, self.text = names, text

    def value(self, node: ast.expr) -> Any:
        """部分の値。"""
        reading = getattr(self, f"_{type(node).__name__}", None)
        if reading is None:
            raise self._unread(_STRANGE, node)
        try:
            return reading(node)
        except Unread:
            raise
        except ShapeError:
            raise self._unread("ここで、行列の形が合いません。", node) from None
        except Exception:
            raise self._unread("ここが計算できません。引数と番号を確かめてください。", node) from None

    def _unread(self, line: str, node: ast.expr) -> Unread:
        # 木の言う位置は、UTF-8 の何バイトめか。
        inside = self.text.strip().encode()[: node.col_offset].decode(errors="ignore")
        return Unread(line, len(self.text) - len(self.text.lstrip()) + len(inside))

    def _Name(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            raise self._unread(f"「{node.id}」という記号は、この問いにはありません。", node)
        return self.names[node.id]

    def _Constant(self, node: ast.Constant) -> sp.Expr:
        if type(node.value) is int and abs(node.value) < LARGE:
            return sp.Integer(node.value)
        written = ast.get_source_segment(self.text.strip(), node) or ""
        if type(node.value) is float and "e" not in written.lower() and abs(node.value) < LARGE:
            return sp.Rational(written)
        if type(node.value) not in (int, float):
            raise self._unread(_STRANGE, node)
        raise self._unread(f"数は、{LARGE} より小さい整数か小数で書いてください。", node)

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        if not isinstance(node.op, (ast.USub, ast.UAdd)):
            raise self._unread(_STRANGE, node)
        value = self._operand(node.operand)
        return -value if isinstance(node.op, ast.USub) else value

    def _BinOp(self, node: ast.BinOp) -> Any:
        left, right = self._operand(node.left), self._operand(node.right)
        if isinstance(node.op, ast.Pow):
            return self._power(left, right, node.right)
        if isinstance(node.op, ast.BitXor):
            raise self._unread("べき乗は ^ ではなく ** と書いてください。", node.right)
        if isinstance(node.op, ast.MatMult):
            return left * right
        if type(node.op) not in _OPERATORS:
            raise self._unread(_STRANGE, node.right)
        return getattr(left, _OPERATORS[type(node.op)])(right)

    def _operand(self, node: ast.expr) -> sp.Basic:
        value = self.value(node)
        if not isinstance(value, sp.Expr) or isinstance(value, Family):
            raise self._unread("これは、計算に使える値になっていません。番号や引数を書いてください。", node)
        return value

    def _power(self, base: sp.Expr, exponent: sp.Expr, node: ast.expr) -> sp.Expr:
        if exponent.is_number and not (exponent.is_real and -POWER <= exponent <= POWER):
            raise self._unread(f"指数は {POWER} までにしてください。", node)
        if base.is_Rational and exponent.is_number and _bits(base) * abs(exponent) > BITS:
            raise self._unread("数が大きくなりすぎます。", node)
        return base**exponent

    def _Subscript(self, node: ast.Subscript) -> Any:
        whole = self.value(node.value)
        if not isinstance(whole, (Family, sp.MatrixExpr)):
            raise self._unread("これには、番号を添えられません。", node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return whole[tuple(self._number(part) for part in parts)]

    def _number(self, node: ast.expr) -> sp.Expr:
        """添える番号。"""
        value = self.value(node)
        if not isinstance(value, sp.Expr) or not value.is_integer:
            raise self._unread("番号のところには、問いの番号を書いてください。", node)
        return value

    def _Attribute(self, node: ast.Attribute) -> Any:
        value = self.value(node.value)
        if isinstance(value, Layer) and node.attr in PARTS:
            return getattr(value, node.attr)
        if isinstance(value, sp.MatrixExpr) and node.attr == "T":
            return value.T
        raise self._unread(f"「.{node.attr}」は、ここでは使えません。", node)

    def _Call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        if isinstance(function, (sp.Basic, Layer)) or not callable(function):
            raise self._unread("これは関数ではありません。掛け算なら * を書いてください。", node.func)
        if node.keywords:
            raise self._unread(_STRANGE, node)
        if function is sp.Sum:
            return self._sum(node)
        values = [self._operand(part) for part in node.args]
        for value, part in zip(values, node.args):
            if value.is_number and not _modest(value):
                raise self._unread("数が大きすぎます。", part)
        return function(*values)

    def _sum(self, node: ast.Call) -> sp.Expr:
        if len(node.args) < 2:
            raise self._unread("和は Sum(式, 番号) と書いてください。", node)
        return sp.Sum(self._operand(node.args[0]), *map(self._limits, node.args[1:]))

    def _limits(self, node: ast.expr) -> Any:
        """和の番号か、``(番号, はじめ, 終わり)``。"""
        if not isinstance(node, ast.Tuple):
            return self._index(node)
        if len(node.elts) != 3:
            raise self._unread("和の範囲は (番号, はじめ, 終わり) と書いてください。", node)
        index, low, high = (self._index(node.elts[0]), *map(self._number, node.elts[1:]))
        if (high - low).is_number and not abs(high - low) <= RANGE:
            raise self._unread(f"和の範囲は {RANGE} 項までにしてください。", node)
        return index, low, high

    def _index(self, node: ast.expr) -> Index:
        value = self.value(node)
        if not isinstance(value, Index):
            raise self._unread("ここには、和をとる番号を書いてください。", node)
        return value


# ── 大きさ ────────────────────────────────────────────────────


def _bits(number: sp.Rational) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length()) if number.is_finite else 0


def _modest(number: sp.Expr) -> bool:
    """大きすぎない実数か。"""
    return bool(number.is_extended_real) and bool(abs(number.evalf(15)) <= LARGE)


def _bounded(expression: sp.Basic) -> None:
    """審判が終わらなくなる式を断る。"""
    for part in sp.preorder_traversal(expression):
        if part.is_Rational and _bits(part) > BITS:
            raise Unread("数が大きくなりすぎます。")
        if part.is_Pow and part.exp.is_number and not (part.exp.is_real and abs(part.exp) <= POWER):
            raise Unread(f"指数は、あわせて {POWER} までにしてください。")
        if isinstance(part, sp.Expr) and _too_many(_terms(part), _bound(part)):
            raise Unread(_MANY)
    if _inside(expression) > INSIDE:
        raise Unread(f"関数の入れ子は {INSIDE} までにしてください。")


def _too_many(terms: int, bound: int) -> bool:
    return terms * factorial(bound) > (TERMS if bound else PLAIN_TERMS)


def _inside(expression: sp.Basic) -> int:
    """関数と根号の入れ子の深さ。"""
    root = expression.is_Pow and not expression.exp.is_Integer
    return max(map(_inside, expression.args), default=0) + (root or isinstance(expression, sp.Function))


def _terms(expression: sp.Basic) -> int:
    """展開したときの項の数の見積もり。"""
    if expression.is_Add:
        return sum(map(_terms, expression.args))
    if expression.is_Mul:
        return prod(map(_terms, expression.args))
    if expression.is_Pow and expression.exp.is_Rational:
        return _terms(expression.base) ** max(1, abs(int(expression.exp)))
    return _terms(expression.function) if isinstance(expression, sp.Sum) else 1


def _bound(expression: sp.Basic) -> int:
    """展開したときの、一つの項の中の和の番号の数。"""
    if expression.is_Add:
        return max(map(_bound, expression.args))
    if expression.is_Mul:
        return sum(map(_bound, expression.args))
    if expression.is_Pow and expression.exp.is_Rational:
        return _bound(expression.base) * max(1, abs(int(expression.exp)))
    return len(expression.limits) + _bound(expression.function) if isinstance(expression, sp.Sum) else 0

r"""組まれた式を、TeX のまま読む。

検印が確かめるのは SymPy の式であり、読者が見るのは、それを組んだ TeX である。この読み手は SymPy の組版を
知らない。TeX だけから式の木を作る。知らない綴りは、読みとばさずに断る。

上つきの文字は、``z^{l+1}_{k}`` のように層を含むか、下つきの前にあれば層の番号、そうでなければべきである。
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


class Unreadable(ValueError):
    """知らない綴りか、値を決められない式。"""


# ── 字句 ──────────────────────────────────────────────────

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z0-9]|[-+=()\[\]{}|^_,.']")
SPACING = {r"\,", r"\;", r"\ ", r"\quad", r"\qquad", r"\textstyle"}


def tokens_of(tex: str) -> list[str]:
    r"""TeX の字句。空きは捨てるが、``\!`` は関数の印なので残す。

    Examples
    --------
    >>> tokens_of(r"\frac12 z^{l}_{j}")
    ['\\frac', '1', '2', 'z', '^', '{', 'l', '}', '_', '{', 'j', '}']
    """
    tex = re.sub(r"(?<=\d)\s+(?=\d)", r"\\cdot ", tex)
    if unknown := TOKEN.sub("", tex).strip():
        raise Unreadable(f"知らない字 {unknown!r}")
    return [token for token in TOKEN.findall(tex) if token not in SPACING]


def tex_of(tokens: list[str]) -> str:
    """字句を TeX に戻す。"""
    return re.sub(r"(\\[A-Za-z]+)\x00(?=[A-Za-z])", r"\1 ", "\x00".join(tokens)).replace("\x00", "")


def closing(tokens: list[str], at: int) -> int:
    """``{`` に対する ``}`` の場所。"""
    depth = 0
    for place in range(at, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[place], 0)
        if depth == 0:
            return place
    raise Unreadable("閉じていない波かっこ")


# ── 式の木 ──────────────────────────────────────────────────


class Node:
    """式の木の節。"""


@dataclass(frozen=True)
class Number(Node):
    """数。"""

    value: int


@dataclass(frozen=True)
class Named(Node):
    """名前のある量: 文字、層の番号、添字、プライム。"""

    letter: str
    layer: str = ""
    indices: tuple[Node, ...] = ()
    primes: int = 0

    @property
    def family(self) -> str:
        """添字を除いた名前。値はこの名前から決まる。"""
        return self.letter + (f"^{{{self.layer}}}" if self.layer else "") + "'" * self.primes


@dataclass(frozen=True)
class Call(Node):
    """関数の値。"""

    function: Named
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Partial(Node):
    """一つの偏微分。値は一つの記号とみなす。"""

    above: Node
    below: Node


@dataclass(frozen=True)
class Derivation(Node):
    """微分せよ、という指示。等式の左辺にだけ現れる。"""

    below: Node
    body: Node


@dataclass(frozen=True)
class Total(Node):
    """和。範囲は（番号、下端、上端）の並び。"""

    limits: tuple[tuple[str, Node, Node], ...]
    body: Node


@dataclass(frozen=True)
class Operation(Node):
    """四則、べき、要素ごとの積、転置、クロネッカーのデルタ。"""

    sign: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Ones(Node):
    """1 を並べた列。"""


@dataclass(frozen=True)
class Opaque(Node):
    """綴りだけを比べる名前。左辺にだけ現れる。"""

    tokens: tuple[str, ...]


# ── 読む ──────────────────────────────────────────────────

GREEK = {r"\beta", r"\delta", r"\Delta", r"\eta", r"\kappa", r"\lambda", r"\mu", r"\sigma", r"\varepsilon"}
GREEK |= {r"\varphi", r"\ell"}
FUNCTIONS = {"f", "g", r"\sigma", r"\ell"}
OPERATORS = {"softmax", "softplus"}
OPENING = {r"\left": r"\right", r"\bigl": r"\bigr", r"\Bigl": r"\Bigr"}
PAIRS = {"(": ")", "[": "]", "|": "|"}
ENDS = {"", "+", "-", "=", ",", ")", "]", "}", r"\odot", *OPENING.values()}
LAYER = re.compile(r"(l|L|\d+)([+-]\d+)?|\([^()]+\)")


@dataclass
class Reader:
    """再帰下降の読み手。``parts`` に、和の項と積の因子の、種類と場所を残す。"""

    tokens: list[str]
    at: int = 0
    bars: int = 0
    parts: list[tuple[str, int, int]] = field(default_factory=list)

    def peek(self) -> str:
        """次の字句。終わりなら空。"""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        """次の字句を読む。"""
        token = self.peek()
        if not token or (expected and token not in expected):
            raise Unreadable(f"{' か '.join(expected) or '字句'} のあるべきところに {token!r}")
        self.at += 1
        return token

    def skip(self, token: str) -> bool:
        """次がその字句なら、読みとばす。"""
        self.at += (found := self.peek() == token)
        return found

    def whole(self, rule: Callable[[], Any]) -> Any:
        """残りのすべてを、一つの規則で読む。"""
        found = rule()
        if self.peek():
            raise Unreadable(f"{tex_of(self.tokens[self.at :])!r} が余る")
        return found

    def raw(self) -> list[str]:
        """引数の字句。波かっこの中か、字句一つ。"""
        if self.peek() != "{":
            return [self.take()]
        start, self.at = self.at + 1, closing(self.tokens, self.at) + 1
        return self.tokens[start : self.at - 1]

    def argument(self) -> Node:
        """引数の式。"""
        if self.skip("{"):
            inside = self.expression()
            self.take("}")
            return inside
        return _inside([self.take()])

    def expression(self) -> Node:
        """項の和。"""
        places, terms = [self.at], [self.signed()]
        while self.peek() in ("+", "-"):
            places.append(self.at)
            terms.append(self.signed())
        self._remember("項", places)
        return terms[0] if len(terms) == 1 else Operation("+", tuple(terms))

    def _remember(self, kind: str, places: list[int]) -> None:
        if len(places) > 1:
            self.parts += [(kind, start, end) for start, end in zip(places, [*places[1:], self.at])]

    def signed(self) -> Node:
        """符号のついた項。"""
        sign = self.take() if self.peek() in ("-", "+") else ""
        term = self.term()
        return Operation("-", (term,)) if sign == "-" else term

    def term(self) -> Node:
        """積か、積どうしの要素ごとの積。かっこのない行列の積と ⊙ は、どちらが先かわからないので断る。"""
        parts = [self.product()]
        while self.skip(r"\odot"):
            parts.append(self.product())
        if len(parts) == 1:
            return _times(parts[0])
        if any(len([one for one in part if not _is_ratio(one)]) > 1 for part in parts):
            raise Unreadable("かっこのない積の、要素ごとの積")
        return Operation(r"\odot", tuple(map(_times, parts)))

    def product(self) -> list[Node]:
        """並べた因子。"""
        places, found = [self.at], [self.factor()]
        while self.peek() not in ENDS and not (self.bars and self.peek() == "|"):
            if self.peek() in (r"\cdot", r"\times"):
                self.take()
            places.append(self.at)
            found.append(self.factor())
        self._remember("因子", places)
        return found

    def factor(self) -> Node:
        """因子。べきと転置がつくことがある。"""
        base = self.atom()
        if not self.skip("^"):
            return base
        if self.peek() == r"\top" or self.tokens[self.at : self.at + 3] == ["{", r"\top", "}"]:
            self.raw()
            return Operation(r"\top", (base,))
        return Operation("^", (base, self.argument()))

    def atom(self) -> Node:
        """べきのつかない、ひとまとまりの量。"""
        token = self.peek()
        if token.isdigit():
            return self.number()
        if token in OPENING or token in PAIRS:
            return self.bracket()
        rules = {
            "{": self.argument,
            r"\frac": self.fraction,
            r"\tfrac": self.fraction,
            r"\sum": self.total,
            r"\sqrt": self.root,
            r"\tanh": self.tangent,
            r"\operatorname": self.operator,
            r"\mathrm": self.mean,
            r"\mathbf": self.ones,
            "e": self.exponential,
        }
        return rules.get(token, self.named)()

    def number(self) -> Number:
        """続けて書かれた数字。"""
        digits = self.take()
        while self.peek().isdigit():
            digits += self.take()
        return Number(int(digits))

    def bracket(self) -> Node:
        """かっこ。大きさの指定は、開くほうと閉じるほうでそろわなければならない。"""
        size = self.take() if self.peek() in OPENING else ""
        kind = self.take(*PAIRS)
        self.bars += (bar := kind == "|" and not size)
        inside = self.expression()
        self.bars -= bar
        if kind == "[":
            if size:
                raise Unreadable("大きさを指定した角かっこ")
            self.take("=")
            inside = Operation("[=]", (inside, self.expression()))
        self.close(size, PAIRS[kind])
        return Call(Named("|"), (inside,)) if kind == "|" else inside

    def close(self, size: str, kind: str) -> None:
        """開いたかっこを閉じる。"""
        if size:
            self.take(OPENING[size])
        self.take(kind)

    def fraction(self) -> Node:
        """分数、偏微分、微分の指示。"""
        self.take()
        start = self.at
        above, below = self.raw(), self.raw()
        for mark in (r"\partial", "d"):
            if above[:1] == below[:1] == [mark] and len(below) > 1 and (mark != "d" or len(above) == 1):
                variable = _inside(below[1:])
                if len(above) == 1:
                    return Derivation(variable, _times(self.product()))
                return Partial(read_name(above[1:]), variable)
        self.at = start  # 因子の場所を残すため、分子と分母をその場で読む
        return Operation("/", (self.argument(), self.argument()))

    def total(self) -> Node:
        """和。項の終わりまでが和の中身である。"""
        self.take()
        self.take("_")
        below = self.raw()
        if below[:1] == [r"\substack"]:
            limits = [_chain(row) for row in _rows(Reader(below[1:]).raw())]
        else:
            bottom = Reader(below)
            name = bottom.index_name()
            bottom.take("=")
            lower = bottom.whole(bottom.expression)
            self.take("^")
            limits = [(name, lower, self.argument())]
        return Total(tuple(limits), _times(self.product()))

    def index_name(self) -> str:
        """番号の名前。"""
        name = self.take()
        if not re.fullmatch(r"[a-z]", name):
            raise Unreadable(f"番号の名前でない {name!r}")
        while self.skip("'"):
            name += "'"
        return name

    def root(self) -> Node:
        """平方根。"""
        self.take()
        return Call(Named(r"\sqrt"), (self.argument(),))

    def exponential(self) -> Node:
        """指数関数。"""
        self.take()
        self.take("^")
        return Call(Named("e"), (self.argument(),))

    def tangent(self) -> Node:
        """双曲線正接。"""
        return self.applied(Named(self.take()), bare=True)

    def operator(self) -> Node:
        """立体の名前の関数。"""
        self.take()
        name = "".join(self.raw())
        if name not in OPERATORS:
            raise Unreadable(f"知らない関数 {name}")
        indices = self.subscript() if self.peek() == "_" else ()
        if len(indices) != (name == "softmax"):
            raise Unreadable(f"{name} の添字の数")
        return self.applied(Named(name, indices=indices))

    def applied(self, function: Named, *, bare: bool = False) -> Node:
        """関数を施した値。べきは、名前のすぐあとに書かれることがある。"""
        power = self.argument() if self.skip("^") else None
        if not bare or self.opens():
            value: Node = Call(function, self.arguments())
        else:
            value = Call(function, (self.named(),))
        return value if power is None else Operation("^", (value, power))

    def opens(self) -> bool:
        r"""関数の引数のかっこか。大きさを指定したかっこは、前に ``\!`` のあるときだけ引数である。"""
        return self.peek() == "(" or self.tokens[self.at : self.at + 3] == [r"\!", r"\left", "("]

    def arguments(self) -> tuple[Node, ...]:
        """関数の引数。"""
        if not self.opens():
            raise Unreadable("関数に引数がない")
        size = self.take(r"\left") if self.skip(r"\!") else ""
        self.take("(")
        found = [self.expression()]
        while self.skip(","):
            found.append(self.expression())
        self.close(size, ")")
        return tuple(found)

    def mean(self) -> Node:
        """期待値。"""
        self.take()
        if self.raw() != ["E"]:
            raise Unreadable("知らない立体の名前")
        if self.peek() == "{":
            return Call(Named("E"), (self.argument(),))
        size = self.take() if self.peek() in OPENING else ""
        self.take("[")
        inside = self.expression()
        self.close(size, "]")
        return Call(Named("E"), (inside,))

    def ones(self) -> Node:
        """1 を並べた列。"""
        self.take()
        if self.raw() != ["1"]:
            raise Unreadable("知らない太字")
        return Ones()

    def named(self) -> Node:
        """名前のある量か、名前だけの関数の値。"""
        letter = self.letter()
        primes = self.primes()
        layer, more = self.superscript()
        if letter == "N" and self.peek() == "_" and _is_layer(Reader(self.tokens, self.at + 1).raw()):
            self.take("_")
            return Named("N_", "".join(self.raw()))
        indices = self.subscript() if self.peek() == "_" else ()
        name = Named(letter, layer, indices, primes + more + self.primes())
        if letter not in FUNCTIONS or indices:
            if self.peek() == r"\!":
                raise Unreadable(f"関数でない {letter}")
            if layer and self.peek() == "^":
                raise Unreadable("二重の上つき")
            return name
        return self.value_or_symbol(name)

    def value_or_symbol(self, name: Named) -> Node:
        """関数の文字は、引数があれば関数、なければ記号である。"""
        start = self.at
        if self.peek() == "^" and self.tokens[start + 1 : start + 3] != ["{", r"\top"]:
            self.take()
            self.raw()
            raised, self.at = self.opens(), start
            if raised:
                return self.applied(name)
        return Call(name, self.arguments()) if self.opens() else name

    def letter(self) -> str:
        """一つの文字。帽子や花文字は、文字のうちである。"""
        token = self.take()
        if token in (r"\hat", r"\bar", r"\mathcal"):
            return f"{token}{{{''.join(self.raw())}}}"
        if not (token in GREEK or re.fullmatch(r"[A-Za-z]", token)):
            raise Unreadable(f"知らない綴り {token!r}")
        return token

    def primes(self) -> int:
        """続くプライムの数。"""
        start = self.at
        while self.skip("'"):
            pass
        return self.at - start

    def superscript(self) -> tuple[str, int]:
        """層の番号と、プライムの数。べきなら読まない。"""
        if self.peek() != "^":
            return "", 0
        start = self.at
        self.take("^")
        inside = self.raw()
        layer = [token for token in inside if token != r"\prime"]
        primes = len(inside) - len(layer)
        if inside[: len(layer)] != layer:
            raise Unreadable("プライムが、層の番号の前にある")
        if layer == [r"\top"] or not (primes or self.peek() == "_" or _is_layer(layer) or layer[:1] == ["("]):
            self.at = start
            return "", 0
        if layer and not LAYER.fullmatch("".join(layer)):
            raise Unreadable(f"層の番号でない {tex_of(layer)}")
        return "".join(layer), primes

    def subscript(self) -> tuple[Node, ...]:
        """添字。一文字ずつが一つの番号だが、足し算や引き算があれば、全体で一つの番号である。"""
        self.take("_")
        inside = Reader(self.raw())
        if {"+", "-"} & set(inside.tokens):
            return (inside.whole(inside.expression),)
        found: list[Node] = []
        while inside.peek():
            if inside.peek().isdigit():
                found.append(Number(int(inside.take())))
            else:
                letter, *primes = inside.index_name()
                found.append(Named(letter, primes=len(primes)))
        if not found:
            raise Unreadable("空の添字")
        return tuple(found)


def _times(factors: list[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Operation("*", tuple(factors))


def _is_ratio(node: Node) -> bool:
    return isinstance(node, Number) or isinstance(node, Operation) and node.sign == "/"


def _is_layer(tokens: list[str]) -> bool:
    return bool({"l", "L"} & set(tokens)) and tokens[:1] != ["("]


def _inside(tokens: list[str]) -> Node:
    reader = Reader(tokens)
    return reader.whole(reader.expression)


def _rows(tokens: list[str]) -> Iterator[list[str]]:
    row: list[str] = []
    for token in tokens:
        if token == r"\\":
            yield row
            row = []
        else:
            row = [*row, token]
    yield row


def _chain(tokens: list[str]) -> tuple[str, Node, Node]:
    """``1 \\leq k \\leq r`` を読む。"""
    first, second = (place for place, token in enumerate(tokens) if token == r"\leq")
    name = Reader(tokens[first + 1 : second])
    return name.whole(name.index_name), _inside(tokens[:first]), _inside(tokens[second + 1 :])


def sides(tokens: list[str]) -> list[tuple[int, int]]:
    """等式の辺の場所。かっこの中の等号では分けない。"""
    depth, starts, ends = 0, [0], []
    for place, token in enumerate(tokens):
        depth += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(token, 0)
        if token == "=" and depth == 0:
            ends.append(place)
            starts.append(place + 1)
    return list(zip(starts, [*ends, len(tokens)]))


def read(tex: str | list[str]) -> Node:
    r"""式を読む。

    Examples
    --------
    >>> read("s^2")
    Operation(sign='^', parts=(Named(letter='s', layer='', indices=(), primes=0), Number(value=2)))
    """
    return _inside(tokens_of(tex) if isinstance(tex, str) else tex)


def read_name(tex: str | list[str]) -> Node:
    """名前を読む。式として読めない名前は、余分な波かっこを除いた綴りのまま持つ。"""
    tokens = tokens_of(tex) if isinstance(tex, str) else tex
    try:
        return _inside(tokens)
    except Unreadable:
        return Opaque(tuple(_spelling(tokens)))


def _spelling(tokens: list[str]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        if tokens[at] == "{":
            end = closing(tokens, at)
            inside = list(_spelling(tokens[at + 1 : end]))
            yield from inside if len(inside) == 1 else ["{", *inside, "}"]
            at = end + 1
        else:
            yield tokens[at]
            at += 1

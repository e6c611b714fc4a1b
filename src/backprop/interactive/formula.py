"""短い式を、画面のための MathML と、どこでも読める HTML に書く。

MathML は読み上げられ、拡大されても崩れない。ところが GitHub は MathML の印を落とすので、そこに出る表には
上つきと下つきだけの HTML を使う。
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\[A-Za-z]+|[0-9]+(?:\.[0-9]+)?|[^\s\\]")
_SYMBOLS = {
    r"\delta": "δ", r"\sigma": "σ", r"\eta": "η", r"\lambda": "λ", r"\partial": "∂", r"\loss": "ℒ",
    r"\yhat": "ŷ", r"\log": "log",
}  # fmt: skip
_OPERATORS = {
    r"\times": "×",
    r"\odot": "⊙",
    r"\leftarrow": "←",
    r"\prime": "′",
    r"\top": "⊤",
    r"\sum": "∑",
    "-": "−",
    r"\minus": "∓",
}
"""``\\minus`` は、式の頭の符号。引き算の記号と違い、あとに空きを入れない。"""


def mathml(source: str) -> str:
    r"""式を MathML で書く。

    Parameters
    ----------
    source : str
        TeX の記法の一部: 文字、数、記号、``^{}``、``_{}``、``\frac{}{}``。式の頭の負号は ``\minus``。

    Returns
    -------
    str

    Raises
    ------
    ValueError
        知らない命令がある、括弧が閉じていない。

    Examples
    --------
    >>> mathml(r"\delta^{1}_{2} = -3")
    '<math><msubsup><mi>δ</mi><mn>2</mn><mn>1</mn></msubsup><mo>=</mo><mo>−</mo><mn>3</mn></math>'
    >>> mathml(r"\frac{a}{b}")
    '<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>'
    """
    return f"<math>{''.join(_Parser(source, _MathML()).row())}</math>"


def markup(source: str) -> str:
    r"""同じ式を、上つき ``sup`` と下つき ``sub`` だけの HTML で書く。

    Examples
    --------
    >>> markup(r"\delta^{1}_{2} = w \times (a - b)")
    '<i>δ</i><sub>2</sub><sup>1</sup> = <i>w</i> × (<i>a</i> − <i>b</i>)'
    >>> markup(r"\frac{\yhat - y}{2}")
    '(<i>ŷ</i> − <i>y</i>)/2'
    """
    return "".join(_Parser(source, _Markup()).row()).strip()


class _MathML:
    def atom(self, text: str) -> str:
        if text[0].isdigit():
            return f"<mn>{text}</mn>"
        if text.isalpha() or text in "∂ℒ":
            return f"<mi>{text}</mi>" + ('<mspace width="0.17em"/>' if text == "log" else "")
        if text == "∓":
            return '<mo form="prefix">−</mo>'
        return f'<mo stretchy="false">{text}</mo>' if text in "()" else f"<mo>{html.escape(text)}</mo>"

    def group(self, parts: list[str]) -> str:
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def scripts(self, base: str, sub: str, sup: str) -> str:
        if sub and sup:
            return f"<msubsup>{base}{sub}{sup}</msubsup>"
        return f"<msub>{base}{sub}</msub>" if sub else f"<msup>{base}{sup}</msup>"

    def fraction(self, above: list[str], below: list[str]) -> str:
        return f"<mfrac>{self.group(above)}{self.group(below)}</mfrac>"


class _Markup:
    def atom(self, text: str) -> str:
        if text[0].isdigit() or text in "()∂ℒ′⊤∑,/" or text == "log":
            return text + (" " if text in (",", "log") else "")
        if text == "∓":
            return "−"
        return f"<i>{text}</i>" if text.isalpha() else f" {html.escape(text)} "

    def group(self, parts: list[str]) -> str:
        return "".join(parts)

    def scripts(self, base: str, sub: str, sup: str) -> str:
        low, high = (
            f"<{tag}>{inner}</{tag}>" if inner else "" for tag, inner in (("sub", sub), ("sup", sup))
        )
        return f"{base}{low}{high}"

    def fraction(self, above: list[str], below: list[str]) -> str:
        return "/".join(f"({''.join(p)})" if len(p) > 2 else "".join(p) for p in (above, below))


class _Parser:
    """左から右へ読むだけの、小さな構文解析。"""

    def __init__(self, source: str, writer: _MathML | _Markup) -> None:
        self.source, self.writer = source, writer
        self.tokens = _TOKEN.findall(source)[::-1]

    def row(self, inside: bool = False) -> list[str]:
        return list(self._parts(inside))

    def _parts(self, inside: bool) -> Iterator[str]:
        while self.tokens:
            if self.tokens[-1] == "}":
                if not inside:
                    break
                self.tokens.pop()
                return
            yield self._scripted()
        if inside or self.tokens:
            raise ValueError(f"式 {self.source!r} の括弧 {{ }} が対になっていません。")

    def _scripted(self) -> str:
        base, scripts = self._argument(), {"_": "", "^": ""}
        while self.tokens and self.tokens[-1] in scripts:
            place = self.tokens.pop()
            scripts[place] = self._argument()
        return self.writer.scripts(base, *scripts.values()) if any(scripts.values()) else base

    def _argument(self) -> str:
        if not self.tokens:
            raise ValueError(f"式 {self.source!r} が途中で終わっています。")
        token = self.tokens.pop()
        if token == "{":
            return self.writer.group(self.row(inside=True))
        if token == r"\frac":
            return self.writer.fraction(self._braced(), self._braced())
        if token.startswith("\\") and token not in _SYMBOLS | _OPERATORS:
            raise ValueError(f"式 {self.source!r} の {token} は、知らない命令です。")
        return self.writer.atom((_SYMBOLS | _OPERATORS).get(token, token))

    def _braced(self) -> list[str]:
        if not self.tokens or self.tokens.pop() != "{":
            raise ValueError(f"式 {self.source!r} の括弧 {{ }} が対になっていません。")
        return self.row(inside=True)

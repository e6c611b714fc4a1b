"""MyST で書かれた文章を、どの道具でも読める Markdown に書きなおす。

読むのは MyST の構文解析器で、書きかえるのは、ほかの道具が知らない書き方だけである。そのほかは一文字も変えない。
役割の行き先、式や見出しの番号、画像の置き場所は、`Page` に尋ねる。
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from typing import Any, Protocol

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

EXTENSIONS = ("amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "tasklist")
"""読む書き方。`_config.yml` の ``myst_enable_extensions`` と同じ（検査が比べる）。"""

_INLINE = ("myst_role", "link", "image", "footnote_ref")
_MADE = ("myst_role", "link_open", "image", "footnote_ref")
_DIRECTIVE = re.compile(r"^\{([\w:-]+)\}\s*(.*)$", re.DOTALL)
_OPTION = re.compile(r"^:([\w-]+):(?:\s+(.*))?$")
_OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_ALIGNED = {"align": "aligned", "gather": "gathered", "alignat": "alignedat"}
_TITLES = {
    "attention": "注意", "caution": "注意", "danger": "危険", "error": "誤り", "hint": "ヒント",
    "important": "大切", "note": "メモ", "seealso": "関連", "tip": "こつ", "warning": "警告",
}  # fmt: skip
_PROVED = {
    "algorithm": "アルゴリズム", "assumption": "仮定", "axiom": "公理", "conjecture": "予想", "corollary": "系",
    "criterion": "判定法", "definition": "定義", "example": "例", "lemma": "補題", "observation": "観察",
    "proof": "証明", "property": "性質", "proposition": "命題", "remark": "注意", "theorem": "定理",
}  # fmt: skip


class Unreadable(ValueError):
    """書きなおし方を決めていない書き方。"""


class Page(Protocol):
    """書きなおすページについて、尋ねられること。"""

    def role(self, name: str, content: str) -> str:
        """役割の代わりに書く Markdown。"""

    def link(self, target: str, text: str) -> str:
        """サイトの中へのリンクの代わりに書く Markdown。"""

    def image(self, source: str) -> str:
        """画像の置き場所。"""

    def equation(self, label: str) -> str:
        """式の番号。"""

    def figure(self, name: str) -> str:
        """図の番号（「図 3.2」）。"""

    def heading(self) -> tuple[str, str]:
        """次の見出しの番号と、見出しのあとの周のしるし（なければ空）。"""

    def note(self, label: str) -> int:
        """注の番号。"""


@dataclass(frozen=True)
class Edit:
    """文章の一部と、その代わりに書くもの。"""

    start: int
    end: int
    text: str


def rewrite(text: str, page: Page) -> str:
    """書きなおした文章。

    Raises
    ------
    Unreadable
        書きなおし方を決めていない書き方がある。
    """
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    source = _Source(text, starts, page)
    edits = sorted(source.edits(parser().parse(text)), key=lambda edit: edit.start)
    if any(before.end > after.start for before, after in pairwise(edits)):
        raise Unreadable(f"書き方が重なっています:\n{text}")
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@cache
def parser() -> MarkdownIt:
    """MyST の構文解析器。文の中の書き方には、どこからどこまでかを書き添える。"""
    reader = create_md_parser(MdParserConfig(enable_extensions=set(EXTENSIONS)), RendererHTML)
    reader.disable("linkify", ignoreInvalid=True)
    rules = {rule.name: rule.fn for rule in reader.inline.ruler.__rules__}
    for name in _INLINE:
        reader.inline.ruler.at(name, _placed(rules[name]))
    return reader


def _placed(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    def placed(state: StateInline, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        found = rule(state, silent)
        made = [] if silent or not found else state.tokens[count:]
        for token in [token for token in made if token.type in _MADE][:1]:  # 前にたまっていた文字を除く
            token.meta["span"] = (start, state.pos)
        return found

    return placed


@dataclass
class _Source:
    """読んでいる文章と、行の始まり。"""

    text: str
    starts: list[int]
    page: Page

    def edits(self, tokens: Sequence[Token]) -> Iterator[Edit]:
        """書きかえるところ。"""
        cursor: dict[int, int] = {}
        for token in tokens:
            if token.type == "inline":
                yield from self._inline(token, cursor)
            elif token.type == "heading_open":
                yield from self._heading(token)
            elif edit := getattr(self, f"_{token.type}", None):
                yield edit(token)
            elif {"class", "id"} & token.attrs.keys() and token.type not in _STYLED:
                raise Unreadable(f"属性は書きなおせません:\n{self._of(token)}")

    def _of(self, token: Token) -> str:
        first, last = token.map or (0, 0)
        return self.text[self.starts[first] : self.starts[last]]

    def _lines(self, token: Token, text: str) -> Edit:
        """ブロックの行を、同じ字下げで書きかえる。"""
        first, last = token.map or (0, 0)
        source = self._of(token)
        indent = re.match(r"[ >]*", source)[0]
        end = self.starts[last] - (len(source) - len(source.rstrip("\n")))
        return Edit(self.starts[first], end, "\n".join((indent + line).rstrip() for line in text.split("\n")))

    def _myst_target(self, token: Token) -> Edit:
        return self._lines(token, anchor(token.content) + "\n")

    def _myst_line_comment(self, token: Token) -> Edit:
        return self._lines(token, "")

    def _myst_block_break(self, token: Token) -> Edit:
        return self._lines(token, "")

    def _math_block_label(self, token: Token) -> Edit:
        return self._lines(token, self._numbered(token.content, token.info))

    def _numbered(self, formula: str, label: str) -> str:
        number = self.page.equation(label)
        return f"{anchor(f'equation-{label}')}\n\n$$\n{formula.strip()} \\tag{{{number}}}\n$$"

    def _amsmath(self, token: Token) -> Edit:
        name = token.meta["environment"].rstrip("*")
        body = re.sub(r"^\\begin\{[^}]*\}|\\end\{[^}]*\}$", "", token.content.strip()).strip()
        inner = _ALIGNED.get(name)
        formula = f"\\begin{{{inner}}}\n{body}\n\\end{{{inner}}}" if inner else body
        start = self.text.index(token.content.strip(), self.starts[token.map[0]])
        return Edit(start, start + len(token.content.strip()), f"$$\n{formula}\n$$")

    def _heading(self, token: Token) -> Iterator[Edit]:
        # 見出しの番号としるしは、サイトのもの。
        start, line = self.starts[token.map[0]], self._of(token)
        place = re.match(r"[ >]*#{1,6}[ \t]+", line)
        if not place:
            raise Unreadable(f"見出しは # で書いてください:\n{line}")
        number, mark = self.page.heading()
        end = start + len(line.rstrip())
        yield Edit(start + place.end(), start + place.end(), number)
        yield Edit(end, end, mark)

    def _footnote_reference_open(self, token: Token) -> Edit:
        label = token.meta["label"]
        start = self.starts[token.map[0]]
        mark = re.match(r"[ >]*\[\^[^\]]+\]:[ \t]*", self.text[start:])
        return Edit(start, start + mark.end(), f"{anchor(f'note-{label}')}**注{self.page.note(label)}** ")

    def _dt_open(self, token: Token) -> Edit:
        start = self.starts[token.map[0]]
        term = self.text[start : self.starts[token.map[0] + 1]].rstrip("\n")
        return Edit(start + len(term), start + len(term), "\n")

    def _dd_open(self, token: Token) -> Edit:
        start = self.starts[token.map[0]]
        mark = re.match(r"\s*[:~]\s+", self.text[start:])
        return Edit(start, start + mark.end(), "- ")

    def _fence(self, token: Token) -> Edit:
        found = _DIRECTIVE.match(token.info.strip())
        if not found:
            return Edit(self.starts[token.map[0]], self.starts[token.map[0]], "")
        return self._lines(token, self._directive(found[1], found[2].strip(), token.content))

    _colon_fence = _fence

    def _directive(self, name: str, argument: str, content: str) -> str:
        options, body = _options(content)
        kind = name.rpartition(":")[2]
        if name == "math":
            label = options.get("label")
            return self._numbered(body, label) if label else f"$$\n{body.strip()}\n$$"
        if name in ("code-block", "code", "sourcecode"):
            caption = f"**{options['caption']}**\n\n" if "caption" in options else ""
            return f"{caption}```{argument}\n{body.rstrip()}\n```"
        if name in ("figure", "image"):
            return self._picture(argument, options, body)
        return self._boxed(kind, name, argument, options, body)

    def _picture(self, source: str, options: dict[str, str], body: str) -> str:
        alternative = options.get("alt", "").replace("[", r"\[").replace("]", r"\]")
        shown = f"![{alternative}]({self.page.image(source)})"
        name = options.get("name")
        if name:
            caption = rewrite(body.strip(), self.page)
            return f"{anchor(name)}\n\n{shown}\n\n**{self.page.figure(name)}:** {caption}".rstrip()
        return f"{shown}\n\n{rewrite(body.strip(), self.page)}".rstrip()

    def _boxed(self, kind: str, name: str, argument: str, options: dict[str, str], body: str) -> str:
        """囲み。題を太字にした引用か、畳んだもの。"""
        titled = kind in ("admonition", "dropdown", "topic", "sidebar", "margin", "card")
        word = _TITLES.get(kind) or _PROVED.get(kind)
        if not (titled or word):
            raise Unreadable(f"指示 {{{name}}} の書きなおし方が決まっていません。")
        if word and kind in _TITLES and argument:  # note などは、引数から本文が始まる
            body, argument = f"{argument}\n{body}", ""
        title = rewrite(argument, self.page) if argument else ""
        title = (f"{word}（{title}）" if title and kind in _PROVED else title or word) or ""
        inside = rewrite(body.strip("\n"), self.page)
        named = options.get("label") or options.get("name")
        before = f"{anchor(named)}\n\n" if named else ""
        if kind == "dropdown" or "dropdown" in options.get("class", ""):
            return f"{before}<details>\n<summary>{escape(title)}</summary>\n\n{inside}\n\n</details>"
        quoted = "\n".join(f"> {line}".rstrip() for line in inside.split("\n"))
        return f"{before}> **{title}**\n>\n{quoted}" if title else f"{before}{quoted}"

    def _inline(self, token: Token, cursor: dict[int, int]) -> Iterator[Edit]:
        """文の中の書き方。解析器は字下げや引用の印を除いた文字の列を数えるので、もとの場所に引きもどす。"""
        places = self._places(token, cursor)
        for child in token.children or []:
            span = child.meta.get("span")
            if span and (text := self._inline_text(child, token.content[slice(*span)])) is not None:
                yield Edit(places[span[0]], places[span[1] - 1] + 1, text)
            elif child.type == "span_open" or (child.type == "code_inline" and child.attrs):
                raise Unreadable(f"属性は書きなおせません:\n{token.content}")

    def _places(self, token: Token, cursor: dict[int, int]) -> list[int]:
        places: list[int] = []
        first = token.map[0]
        for number, line in enumerate(token.content.split("\n"), start=first):
            begin = max(self.starts[number], cursor.get(number, 0))
            start = self.text.index(line, begin, self.starts[number + 1])
            places += range(start, start + len(line) + 1)
            cursor[number] = start + len(line)
        return places

    def _inline_text(self, token: Token, source: str) -> str | None:
        """代わりに書くもの。書きかえなくてよければ None。"""
        if token.type == "myst_role":
            return self.page.role(token.meta["name"], token.content)
        if token.type == "footnote_ref":
            label = token.meta["label"]
            return f"[（注{self.page.note(label)}）](#note-{label})"
        if token.type == "image":
            place = str(token.attrs["src"])
            return (
                None if _OUTSIDE.match(place) else source.replace(f"({place}", f"({self.page.image(place)}")
            )
        place = str(token.attrs["href"])
        if _OUTSIDE.match(place):
            return None
        return self.page.link(place, re.match(r"\[(.*?)\]\(", source, re.DOTALL)[1])


_STYLED = {"container_open", "list_item_open", "bullet_list_open", "math_inline", "th_open", "td_open"}


def _options(content: str) -> tuple[dict[str, str], str]:
    """指示の選択肢と、本文。"""
    lines = content.split("\n")
    if lines and lines[0].strip() == "---":
        end = lines.index("---", 1)
        found: Any = yaml.safe_load("\n".join(lines[1:end])) or {}
        return {str(key): str(value) for key, value in found.items()}, "\n".join(lines[end + 1 :])
    options = {}
    while lines and (option := _OPTION.match(lines[0])):
        options[option[1]] = (option[2] or "").strip()
        lines = lines[1:]
    return options, "\n".join(lines).strip("\n")


def anchor(name: str) -> str:
    """リンクの行き先になる、見えない印。

    Examples
    --------
    >>> anchor("sec-seal")
    '<a id="sec-seal"></a>'
    """
    return f'<a id="{escape(name)}"></a>'


def leftovers(text: str) -> list[str]:
    """ほかの道具では読めない書き方の、残り。

    Examples
    --------
    >>> leftovers("式 {eq}`eq-a` と `{eq}` の説明")
    ['{eq}`eq-a`']
    >>> leftovers("(sec-a)=\\n# 章\\n\\n$$\\nx\\n$$ (eq-a)")
    ['(sec-a)=', '$$ (eq-a)']
    """
    found = []
    for token in parser().parse(text):
        if token.type == "myst_target":
            found.append(f"({token.content})=")
        elif token.type == "math_block_label":
            found.append(f"$$ ({token.info})")
        elif token.type in ("fence", "colon_fence") and _DIRECTIVE.match(token.info.strip()):
            found.append(token.info.strip())
        elif token.type == "colon_fence":
            found.append(":::")
        for child in token.children or []:
            if child.type == "myst_role":
                found.append(f"{{{child.meta['name']}}}`{child.content}`")
    return found

"""サイトの番号と題を、Sphinx の調べた結果から引き、サイトの外でも切れないリンクにする。"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import laps
from docutils import nodes
from plainly import Unreadable
from sphinx import addnodes
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole

_EXPLICIT = re.compile(r"^(?P<text>.+?)\s*<(?P<target>[^<>]*)>$", re.DOTALL)
_ROLES = {"eq": "math:eq", "math:numref": "math:eq", "cite": "cite:p"}
_WRITTEN = {
    "code": "`{}`", "command": "**{}**", "emphasis": "*{}*", "kbd": "<kbd>{}</kbd>", "literal": "`{}`",
    "math": "${}$", "strong": "**{}**", "sub": "<sub>{}</sub>", "sup": "<sup>{}</sup>",
    "subscript": "<sub>{}</sub>", "superscript": "<sup>{}</sup>",
}  # fmt: skip


@dataclass(frozen=True)
class Doors:
    """ノートブックの置かれるところから、開けるもの。

    ``beside`` は、ほかの章がそばにあるか。``site`` と ``branch`` は、サイトと、書きなおしたノートブックのある枝の
    URL（末尾は ``/``。なければ空）。``chapters`` は、書きなおすページ。
    """

    chapters: frozenset[str]
    beside: bool = False
    site: str = ""
    branch: str = ""

    def address(self, source: str, target: str, place: str) -> str | None:
        """ページ ``source`` から、ページ ``target`` の ``place`` へのリンク。開けなければ None。

        Examples
        --------
        >>> chapters = frozenset({"chapters/a", "chapters/b"})
        >>> Doors(chapters, beside=True).address("chapters/a", "chapters/b", "sec-x")
        'b.ipynb#sec-x'
        >>> Doors(chapters).address("chapters/a", "chapters/b", "sec-x") is None
        True
        >>> Doors(chapters, site="https://example.org/").address("chapters/a", "glossary", "")
        'https://example.org/glossary.html'
        """
        mark = f"#{place}" if place else ""
        if target == source:
            return mark or "#"
        if target in self.chapters and self.beside:
            return file_name(target) + mark
        if self.site:
            return f"{self.site}{target}.html{mark}"
        return f"{self.branch}{target}.ipynb" if self.branch and target in self.chapters else None


@contextmanager
def remembering(env: BuildEnvironment) -> Iterator[None]:
    """図の番号を引くたびに、そのページの組みを読みなおさないようにする。"""
    env.get_doctree = functools.cache(env.get_doctree)
    try:
        yield
    finally:
        del env.get_doctree


def file_name(docname: str) -> str:
    """書きなおしたノートブックの、ファイルの名前。"""
    return PurePosixPath(docname).name + ".ipynb"


@dataclass(frozen=True)
class Reference:
    """役割の行き先: サイトに現れる文字、ページ、ページの中の場所。"""

    text: str
    docname: str
    place: str = ""


class Places:
    """Sphinx に、HTML の URL の代わりに、ページの名前を答える。"""

    name, format = "html", "html"

    def get_relative_uri(self, source: str, target: str, typ: str | None = None) -> str:
        """行き先のページの名前。"""
        return target


@dataclass
class Book:
    """Sphinx の調べた結果。"""

    env: BuildEnvironment

    def resolve(self, docname: str, name: str, content: str) -> Reference:
        """役割の行き先。"""
        domain_name, _, kind = _ROLES.get(name, name if ":" in name else f"std:{name}").rpartition(":")
        found = _EXPLICIT.match(content)
        target = found["target"] if found else content
        if domain_name not in self.env.domains:
            raise Unreadable(f"役割 {{{name}}} の書きなおし方が決まっていません。")
        domain = self.env.get_domain(domain_name)
        role = domain.roles.get(kind)
        if isinstance(role, XRefRole) and role.lowercase:
            target = target.lower()
        target = " ".join(target.split())
        shown = nodes.inline("", found["text"] if found else content)
        waiting = addnodes.pending_xref(
            "", shown, refdoc=docname, refdomain=domain_name, reftype=kind, reftarget=target,
            refexplicit=bool(found), refwarn=True,
        )  # fmt: skip
        resolved = domain.resolve_xref(self.env, docname, Places(), kind, target, waiting, shown)
        if resolved is None:
            raise Unreadable(f"{{{name}}}`{content}` の行き先が見つかりません。")
        return _reference(docname, resolved)

    def address(self, docname: str, target: str) -> Reference | None:
        """Markdown のリンクの行き先。"""
        place, _, mark = target.partition("#")
        if not place:
            labels = self.env.get_domain("std").anonlabels
            found = labels.get(mark.lower())
            return Reference("", found[0], found[1]) if found else None
        name = re.sub(r"\.(md|ipynb)$", "", str(PurePosixPath(docname).parent / place))
        name = str(Path("/", name).resolve()).lstrip("/")
        return Reference(self.title(name), name, mark) if name in self.env.found_docs else None

    def title(self, docname: str) -> str:
        """ページの題。"""
        return self.env.titles[docname].astext()

    def number(self, docname: str) -> str:
        """章の番号（番号のないページでは空）。"""
        return ".".join(map(str, self.env.toc_secnumbers.get(docname, {}).get("", ())))

    def headings(self, docname: str) -> Iterator[tuple[str, str]]:
        """見出しの番号と周のしるしを、現れる順に。"""
        marks = laps.headings(self.env, docname)
        for number in self.env.toc_secnumbers.get(docname, {}).values():
            yield ".".join(map(str, number)) + ". ", next(marks, "")

    def equation(self, docname: str, label: str) -> str:
        """式の番号。"""
        return self.resolve(docname, "eq", label).text.strip("()")

    def where(self, docname: str) -> str:
        """リンクできないときに書く、ページの名前。"""
        if number := self.number(docname):
            return self.env.config.numfig_format["section"] % number
        return (
            "サイトのはじめのページ" if docname == self.env.config.root_doc else f"「{self.title(docname)}」"
        )


def _reference(docname: str, resolved: nodes.Node) -> Reference:
    """Sphinx の作ったリンクから、行き先を読む。"""
    text = "".join(_written(child) for child in resolved.children)
    link = next(resolved.findall(nodes.reference), None)
    if link is None:
        raise Unreadable(f"「{text}」の行き先が見つかりません。")
    if "refid" in link:
        return Reference(text, docname, link["refid"])
    page, _, place = link["refuri"].partition("#")
    return Reference(text, page or docname, place)


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.math):
        return f"${node.astext()}$"
    return "".join(map(_written, node.children)) if node.children else node.astext()


@dataclass
class Chapter:
    """書きなおしている一つの章。`plainly.Page` の尋ねることに答える。"""

    book: Book
    docname: str
    doors: Doors
    folder: Path
    images: dict[str, Path] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = list(self.book.headings(self.docname))
        self._numbered = bool(self._numbers)

    def role(self, name: str, content: str) -> str:
        """役割の代わりに書く Markdown。"""
        if name in _WRITTEN:
            return _WRITTEN[name].format(content)
        return self._linked(self.book.resolve(self.docname, name, content))

    def link(self, target: str, text: str) -> str:
        """サイトの中へのリンクの代わりに書く Markdown。"""
        found = self.book.address(self.docname, target)
        if found is None:
            found = self.book.resolve(self.docname, "ref", f"{text or target} <{target.lstrip('#')}>")
        return self._linked(Reference(text or found.text, found.docname, found.place))

    def _linked(self, reference: Reference) -> str:
        address = self.doors.address(self.docname, reference.docname, reference.place)
        if address:
            text = reference.text.replace("[", r"\[").replace("]", r"\]")
            return f"[{text}]({address})"
        where = self.book.where(reference.docname)
        # 式と図の番号には、章の番号が入っている
        known = where.strip("「」") in reference.text or re.search(r"\d\.\d", reference.text)
        return reference.text if known else f"{reference.text}（{where}）"

    def image(self, source: str) -> str:
        """画像は、ノートブックの中に入れる。"""
        path = (self.folder / source).resolve()
        if not path.is_file():
            raise Unreadable(f"画像 {source} がありません。")
        self.images[path.name] = path
        return f"attachment:{path.name}"

    def equation(self, label: str) -> str:
        """式の番号。"""
        return self.book.equation(self.docname, label)

    def figure(self, name: str) -> str:
        """図の番号。"""
        return self.book.resolve(self.docname, "numref", name).text

    def heading(self) -> tuple[str, str]:
        """次の見出しの番号と、周のしるし。"""
        if not self._numbered:
            return "", ""
        if not self._numbers:
            raise Unreadable(f"{self.docname} の見出しの数が、サイトと合いません。")
        return self._numbers.pop(0)

    def finish(self) -> None:
        """見出しに、使い残した番号がないか。"""
        if self._numbers:
            raise Unreadable(f"{self.docname} の見出しの数が、サイトと合いません。")

    def note(self, label: str) -> int:
        """注の番号。"""
        return self.notes.setdefault(label, len(self.notes) + 1)

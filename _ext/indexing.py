"""索引: 用語集の見出しと別の言い方を、それを扱う節に結びつける。検索（`searching`）も同じ言葉を使う。

索引のページには、言葉のあとに、行き先の節の番号と題を並べる（`_templates/genindex.html`）。
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = ROOT / "glossary.md"
ALIASES = ROOT / "_ext" / "aliases.yml"
ENTRY = re.compile(
    r"(?m)^(?P<term>[^\s:(#].*) : (?P<key>\S)\n(?:(?P<english>\S.*)\n)?"
    r"  (?P<text>.*→ \{ref\}`(?P<label>[\w-]+)`(?:、\{ref\}`[\w-]+`)*)$"
)


@dataclass(frozen=True)
class Word:
    """索引の言葉: 見出しの文字（なければ頭文字）、扱う節、並べるための読み。"""

    text: str
    key: str | None
    label: str
    reading: str


@cache
def words() -> tuple[Word, ...]:
    """用語集の見出し（日本語、英語）と、別の言い方。"""
    return (*_glossary(GLOSSARY.read_text(encoding="utf-8")), *aliases())


def _glossary(source: str) -> Iterator[Word]:
    for entry in ENTRY.finditer(source):
        term, key, label = entry["term"], entry["key"], entry["label"]
        reading = entry["text"].partition("。")[0]
        yield Word(term, key, label, term if re.match("[A-Za-z]", key) else reading)
        if entry["english"]:
            yield Word(entry["english"], None, label, entry["english"])


def aliases() -> Iterator[Word]:
    """用語集の見出しではない、別の言い方。"""
    for text, (reading, label) in yaml.safe_load(ALIASES.read_text(encoding="utf-8")).items():
        yield Word(text, _order(reading)[0].upper(), label, reading)


class IndexWords(SphinxTransform):
    """節の頭に、その節が扱う言葉の索引の項目を置く。"""

    default_priority = 520

    def apply(self, **kwargs: Any) -> None:
        """名前のついた節を順に見る。"""
        for file in (GLOSSARY, ALIASES):
            self.env.note_dependency(str(file))
        for section in list(self.document.findall(nodes.section)):
            found = [word for word in words() if word.label in section["ids"]]
            if found:
                entries = [("single", word.text, word.label, "main", word.key) for word in found]
                section.insert(1, addnodes.index(entries=entries))


def arrange(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """索引を、文字コードの順ではなく読みの順に並べ、行き先に名をつける。"""
    if "genindexentries" not in context:
        return
    # Sphinx は、索引を目次の外のものとして書く。
    if before := app.builder.relations.get(pagename, [None, None])[1]:
        address = app.builder.get_relative_uri(pagename, before)
        context["prev"] = {"link": address, "title": app.env.titles[before].astext()}
    readings = {word.text: word.reading for word in words()}
    context["genindexentries"] = [
        (letter, [
            (name, [(*link, destination(app.env, link[1])) for link in links], _named(app.env, below))
            for name, (links, below, _) in sorted(
                entries, key=lambda entry: _order(readings.get(entry[0], entry[0]))
            )
        ])
        for letter, entries in context["genindexentries"]
    ]  # fmt: skip


def _named(env: BuildEnvironment, entries: Any) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """下の段の項目。"""
    return [(name, [(*link, destination(env, link[1])) for link in links]) for name, links in entries]


def destination(env: BuildEnvironment, address: str) -> str:
    """索引の行き先の、番号と題。"""
    page, _, mark = address.partition("#")
    docname = page.removesuffix(".html")
    _, place, title = env.domaindata["std"]["labels"].get(mark, ("", "", env.titles[docname].astext()))
    number = env.toc_secnumbers.get(docname, {}).get(_entry(env, docname, place), ())
    if len(number) == 1:
        return f"第{number[0]}章 {title}"
    return f"{'.'.join(map(str, number))} {title}".strip()


def _entry(env: BuildEnvironment, docname: str, place: str) -> str:
    """目次での、節の名。節にはいくつもの id があり、目次はそのはじめのものを使う。"""
    for section in _sections(env, docname) if place else ():
        if place in section["ids"]:
            return "" if isinstance(section.parent, nodes.document) else f"#{section['ids'][0]}"
    return ""


@cache
def _sections(env: BuildEnvironment, docname: str) -> list[nodes.section]:
    """ページの節。"""
    return list(env.get_doctree(docname).findall(nodes.section))


def _order(reading: str) -> str:
    """濁点と長音の記号を除いた、並べるための読み。"""
    return re.sub("[\u3099\u309aー・]", "", unicodedata.normalize("NFD", reading)).lower()


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_transform(IndexWords)
    app.connect("html-page-context", arrange)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""ページの説明と書誌: 検索エンジン、共有先、文献管理ソフトが読む情報と、「この章を引用」。

書誌のもとは CITATION.cff ただ一つ。基準の URL（`_config.yml` の ``html: baseurl``）がなければ、URL の項目は書かない。
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import yaml
from builders import makes_site
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[1]
CITATION, PROJECT = ROOT / "CITATION.cff", ROOT / "pyproject.toml"
SHORT, LONG = 40, 160
"""説明の文字の数の目安。短ければ次の文を足し、長ければ足さない。"""


@dataclass(frozen=True)
class Work:
    """引用されるもの: 本そのもの、または一つの章。"""

    authors: tuple[str, ...]
    book: str
    version: str
    released: str
    number: int | None = None
    chapter: str = ""
    url: str = ""
    publisher: str = ""

    @property
    def title(self) -> str:
        """章の題、または本の題。"""
        return f"第{self.number}章 {self.chapter}" if self.number else self.book

    @property
    def year(self) -> str:
        """出た年。"""
        return self.released[:4]

    def text(self) -> str:
        """文章の中に書くための引用。

        Examples
        --------
        >>> Work(("著者",), "本", "1.0", "2026-01-02", 3, "連鎖律").text()
        '著者（2026）「第3章 連鎖律」『本』第 1.0 版.'
        """
        chapter = f"「{self.title}」" if self.number else ""
        address = f" {self.url}" if self.url else ""
        return f"{'、'.join(self.authors)}（{self.year}）{chapter}『{self.book}』第 {self.version} 版.{address}"

    def bibtex(self) -> str:
        """BibTeX の項目。"""
        fields = {"author": f"{{{' and '.join(self.authors)}}}", "title": self.title}
        if self.number:
            fields["booktitle"] = self.book
        if self.publisher:
            fields["publisher"] = f"{{{self.publisher}}}"
        fields |= {"year": self.year, "edition": f"第 {self.version} 版"}
        if self.url:
            fields["url"] = self.url
        kind, key = ("incollection", f"backprop-{self.number}") if self.number else ("book", "backprop")
        lines = [f"  {name:<9} = {{{value}}}," for name, value in fields.items()]
        return "\n".join([f"@{kind}{{{key},", *lines, "}"])

    def tags(self) -> dict[str, list[str]]:
        """文献管理ソフトが読む項目（Highwire Press と Dublin Core）。"""
        title = "citation_title" if not self.number else "citation_inbook_title"
        found = {
            "citation_title": [self.title],
            title: [self.book],
            "citation_author": list(self.authors),
            "citation_publication_date": [self.released.replace("-", "/")],
            "citation_publisher": [self.publisher],
            "citation_language": ["ja"],
            "citation_public_url": [self.url],
            "DC.title": [self.title],
            "DC.creator": list(self.authors),
            "DC.publisher": [self.publisher],
            "DC.date": [self.released],
            "DC.language": ["ja"],
            "DC.type": ["Text"],
            "DC.rights": ["CC BY 4.0"],
            "DC.identifier": [self.url],
        }
        if self.number:
            found["DC.relation.ispartof"] = [self.book]
        return {name: values for name, values in found.items() if any(values)}


@cache
def book() -> Work:
    """CITATION.cff に書かれた、この本。"""
    facts = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    authors = tuple(author["name"] for author in facts["authors"])
    publisher = facts["preferred-citation"]["publisher"]["name"]
    return Work(
        authors, facts["title"], facts["version"], str(facts["date-released"]), publisher=publisher
    )


def describe(doctree: nodes.document) -> str:
    """ページの最初の文から作る説明。数式のある文は使わない。"""
    description = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section | nodes.document):
            continue
        if list(paragraph.findall(nodes.math)):
            continue
        for sentence in re.findall(r"[^。]+。", re.sub(r"\s+", " ", paragraph.astext())):
            if description and len(description + sentence) > LONG:
                return description
            description += sentence.strip()
        if len(description) >= SHORT:
            break
    return description


def write_head(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """``<head>`` の項目と、章の終わりの「この章を引用」。"""
    if doctree is None or not makes_site(app):
        return
    work = _work(app, pagename, context)
    description = describe(doctree) or book().book
    properties = {
        "og:title": work.title,
        "og:type": "article" if work.number else "book",
        "og:site_name": work.book,
        "og:locale": "ja_JP",
        "og:description": description,
        "og:url": work.url,
    }
    if app.config.html_baseurl and (Path(app.srcdir) / "_static" / "card.png").exists():
        properties["og:image"] = _base(app) + "_static/card.png"
    tags = [_tag("name", "description", description)]
    tags += [_tag("property", name, value) for name, value in properties.items() if value]
    if work.number or pagename == app.config.root_doc:
        tags += [_tag("name", name, value) for name, values in work.tags().items() for value in values]
        context["body"] += _box(work)
    context["metatags"] = context.get("metatags", "") + "\n".join(tags) + "\n"


def _work(app: Sphinx, pagename: str, context: dict[str, Any]) -> Work:
    url = _base(app) + app.builder.get_target_uri(pagename) if app.config.html_baseurl else ""
    whole = book()
    number = app.env.toc_secnumbers.get(pagename, {}).get("")
    title = app.env.titles[pagename].astext()
    if not number:
        name = whole.book if pagename == app.config.root_doc else f"{title} ― {whole.book}"
        return replace(whole, book=name, url=url)
    return replace(whole, number=number[0], chapter=title, url=url)


def _base(app: Sphinx) -> str:
    return app.config.html_baseurl.rstrip("/") + "/"


def _tag(kind: str, name: str, value: str) -> str:
    return f'<meta {kind}="{escape(name)}" content="{escape(value)}" />'


def _box(work: Work) -> str:
    heading = "この章を引用" if work.number else "この本を引用"
    blocks = _block("文章で", work.text()) + _block("BibTeX", work.bibtex())
    return f'<details class="citing"><summary>{heading}</summary>{blocks}</details>'


def _block(name: str, text: str) -> str:
    """写すボタンのつく枠。"""
    frame = '<div class="highlight-none notranslate"><div class="highlight">'
    return f"<p>{name}</p>{frame}<pre>{escape(text)}</pre></div></div>"


def name_book(app: Sphinx, config: Config) -> None:
    """どの形で出すときも、本の題、著者、版を書誌からとる。ファイルの名前は、プロジェクトの名前にする。"""
    work, name = book(), _project()
    config.project, config.author = work.book, "、".join(work.authors)
    config.version = config.release = work.version
    config.epub_basename, config.epub_publisher = name, work.publisher
    config.epub_identifier = config.html_baseurl or f"{name}-{work.version}"
    config.epub_uid, config.epub_contributor = "book", config.author
    config.epub_description = yaml.safe_load(CITATION.read_text(encoding="utf-8"))["abstract"]
    config.latex_documents = [(config.root_doc, f"{name}.tex", work.book, config.author, config.latex_theme)]


def _project() -> str:
    """プロジェクトの名前。"""
    return tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["name"]


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.connect("config-inited", name_book, priority=950)  # 目次の拡張が、はじめのページを決めたあと
    app.connect("html-page-context", write_head)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

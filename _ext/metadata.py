"""ページの説明と書誌: 検索エンジン、共有先、文献管理ソフトが読む情報と、「この章を引用」。

章のほか、番号のない付録のページにも、本の一部としての書誌がつく。

書誌のもとは CITATION.cff ただ一つ。基準の URL（`_config.yml` の ``html: baseurl``）がなければ、URL の項目は書かない。
"""

from __future__ import annotations

import json
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
from sphinx.locale import _

ROOT = Path(__file__).resolve().parents[1]
CITATION, PROJECT = ROOT / "CITATION.cff", ROOT / "pyproject.toml"
SHORT, LONG = 40, 160
"""説明の文字の数の目安。短ければ次の文を足し、長ければ足さない。"""


INDEX = "genindex"
"""索引。原稿に文はないので、説明はここに書く。"""
INDEX_SAYS = "この本の索引。用語と、そのほかの言い方から、それを扱う節と、用語集の説明へ。"
LICENCE = "https://creativecommons.org/licenses/by/4.0/deed.ja"
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\n?')


@dataclass(frozen=True)
class Work:
    """引用されるもの: 本そのもの、章、または番号のないページ。"""

    authors: tuple[str, ...]
    book: str
    version: str
    released: str
    number: int | None = None
    chapter: str = ""
    url: str = ""
    publisher: str = ""
    key: str = "backprop"

    @property
    def title(self) -> str:
        """章の題、または本の題。"""
        return f"第{self.number}章 {self.chapter}" if self.number else self.chapter or self.book

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
        chapter = f"「{self.title}」" if self.chapter else ""
        address = f" {self.url}" if self.url else ""
        return (
            f"{'、'.join(self.authors)}（{self.year}）{chapter}『{self.book}』第 {self.version} 版.{address}"
        )

    def bibtex(self) -> str:
        """BibTeX の項目。"""
        fields = {"author": f"{{{' and '.join(self.authors)}}}", "title": self.title}
        if self.chapter:
            fields["booktitle"] = self.book
        if self.publisher:
            fields["publisher"] = f"{{{self.publisher}}}"
        fields |= {"year": self.year, "edition": f"第 {self.version} 版"}
        if self.url:
            fields["url"] = self.url
        kind = "incollection" if self.chapter else "book"
        lines = [f"  {name:<9} = {{{value}}}," for name, value in fields.items()]
        return "\n".join([f"@{kind}{{{self.key},", *lines, "}"])

    def tags(self) -> dict[str, list[str]]:
        """文献管理ソフトが読む項目（Highwire Press と Dublin Core）。"""
        authors = [unbroken(author) for author in self.authors]
        found = {
            "citation_title": [self.title],
            "citation_author": authors,
            "citation_publication_date": [self.released.replace("-", "/")],
            "citation_publisher": [self.publisher],
            "citation_language": ["ja"],
            "citation_public_url": [self.url],
            "DC.title": [self.title],
            "DC.creator": authors,
            "DC.publisher": [self.publisher],
            "DC.date": [self.released],
            "DC.language": ["ja"],
            "DC.type": ["Text"],
            "DC.rights": ["CC BY 4.0"],
            "DC.identifier": [self.url],
        }
        if self.chapter:
            # はじめの名は Google Scholar が、あとの名は Zotero が読む（ないと、雑誌の論文とみなす）。
            whole = ("citation_inbook_title", "citation_book_title", "DC.relation.ispartof")
            found |= dict.fromkeys(whole, [self.book])
        return {name: values for name, values in found.items() if any(values)}

    def linked(self, description: str) -> dict[str, Any]:
        """schema.org の言葉での書誌（JSON-LD）。"""
        authors = [{"@type": "Organization", "name": name} for name in self.authors]
        whole = {
            "@type": ["Book", "LearningResource"],
            "name": self.book,
            "author": authors,
            "publisher": {"@type": "Organization", "name": self.publisher},
            "inLanguage": "ja",
            "datePublished": self.released,
            "bookEdition": f"第 {self.version} 版",
            "license": LICENCE,
            "isAccessibleForFree": True,
            "learningResourceType": "教科書",
        }
        found = {"@context": "https://schema.org", **whole, "description": description}
        if self.chapter:
            found |= {"@type": ["Chapter", "LearningResource"], "name": self.title, "isPartOf": whole}
            del found["bookEdition"]
        if self.number:
            found["position"] = self.number
        if self.url:
            found["url"] = self.url
        return found


def unbroken(name: str) -> str:
    """空白のない名。文献管理ソフトは、空白で姓と名に分ける。団体の名は分けられない。

    Examples
    --------
    >>> unbroken("『本 ― 副題』著者一同")
    '『本―副題』著者一同'
    """
    return re.sub(r"\s+", "", name)


@cache
def book() -> Work:
    """CITATION.cff に書かれた、この本。"""
    facts = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    authors = tuple(author["name"] for author in facts["authors"])
    publisher = facts["preferred-citation"]["publisher"]["name"]
    return Work(authors, facts["title"], facts["version"], str(facts["date-released"]), publisher=publisher)


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
    # 同じものが、サイトのひな型にもある。
    context["metatags"] = _VIEWPORT.sub("", context.get("metatags", ""))
    if not makes_site(app) or not (doctree or pagename == INDEX):
        return
    work = _work(app, pagename)
    description = (describe(doctree) if doctree else INDEX_SAYS) or work.title
    properties = {
        "og:title": work.title,
        "og:type": "article" if work.chapter else "book",
        "og:site_name": work.book,
        "og:locale": "ja_JP",
        "og:description": description,
        "og:url": work.url,
    }
    if app.config.html_baseurl and (Path(app.srcdir) / "_static" / "card.png").exists():
        properties["og:image"] = _base(app) + "_static/card.png"
    tags = [_tag("name", "description", description)]
    tags += [_tag("property", name, value) for name, value in properties.items() if value]
    tags += [_tag("name", name, value) for name, values in work.tags().items() for value in values]
    context["metatags"] += "\n".join([*tags, _data(work.linked(description))]) + "\n"
    if "body" in context:
        context["body"] += _box(work)


def _work(app: Sphinx, pagename: str) -> Work:
    url = _base(app) + app.builder.get_target_uri(pagename) if app.config.html_baseurl else ""
    if pagename == app.config.root_doc:
        return replace(book(), url=url)
    number = app.env.toc_secnumbers.get(pagename, {}).get("", (None,))[0]
    title = app.env.titles[pagename].astext() if pagename in app.env.titles else _("Index")
    key = f"{book().key}-{number or Path(pagename).name}"
    return replace(book(), number=number, chapter=title, url=url, key=key)


def _base(app: Sphinx) -> str:
    return app.config.html_baseurl.rstrip("/") + "/"


def _tag(kind: str, name: str, value: str) -> str:
    return f'<meta {kind}="{escape(name)}" content="{escape(value)}" />'


def _data(facts: dict[str, Any]) -> str:
    """文章を読むものには見えない JSON。"""
    text = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def _box(work: Work) -> str:
    heading = "この章を引用" if work.number else "このページを引用" if work.chapter else "この本を引用"
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

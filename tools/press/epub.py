"""電子書籍（EPUB 3）。紙の本と同じ本文を、ページごとの XHTML に分ける。式は MathML、図は SVG のまま入れる。"""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from press import contents, cover
from press.finish import KEYWORDS, moment
from press.paper import new
from press.volume import Work, bound, colophon, title_page, work

HERE = Path(__file__).resolve().parent
MATHML = "http://www.w3.org/1998/Math/MathML"
RIGHTS = "文章と図は CC BY 4.0、コードは MIT ライセンス"
SUMMARY = (
    "本文は見出しで構造化され、目次と索引から移動できます。式は MathML で、TeX の表記を代わりの言葉にしています。"
    "図には説明があり、動く図は表で読めます。"
)
ACCESS = {
    "schema:accessMode": ("textual", "visual"),
    "schema:accessModeSufficient": ("textual",),
    "schema:accessibilityFeature": (
        "MathML", "alternativeText", "structuralNavigation", "tableOfContents", "index",
        "displayTransformability",
    ),
    "schema:accessibilityHazard": ("none",),
    "schema:accessibilitySummary": (SUMMARY,),
}  # fmt: skip
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".css": "text/css"}


@dataclass(frozen=True)
class File:
    """書庫の中の一つのファイル。

    Attributes
    ----------
    name : str
        ``EPUB`` フォルダの中の名前。
    data : bytes
        中身。
    properties : str
        目録（content.opf）に書く性質。
    read : bool
        読む順に並べるか。
    """

    name: str
    data: bytes
    properties: str = ""
    read: bool = False

    @property
    def kind(self) -> str:
        """メディアタイプ。"""
        return TYPES.get(Path(self.name).suffix, "application/xhtml+xml")


def epub(root: Path, made: Path) -> None:
    """電子書籍をつくる。

    Parameters
    ----------
    root : Path
        本のフォルダ。サイトができていること。
    made : Path
        置く場所。

    Raises
    ------
    leaves.Missing
        サイトがないか、目次にあるページがサイトにない。
    """
    about = work(root)
    files = list(_files(root, about))
    moved = moment(about).timetuple()[:6]
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _put(archive, "mimetype", b"application/epub+zip", moved, zipfile.ZIP_STORED)
        _put(archive, "META-INF/container.xml", CONTAINER.encode(), moved)
        for file in [File("content.opf", _package(files, about).encode()), *files]:
            _put(archive, f"EPUB/{file.name}", file.data, moved)


CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="EPUB/content.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>\n"
)


def _put(
    archive: zipfile.ZipFile, name: str, data: bytes, moved: tuple, how: int = zipfile.ZIP_DEFLATED
) -> None:
    entry = zipfile.ZipInfo(name, moved)
    entry.compress_type, entry.external_attr = how, 0o644 << 16
    archive.writestr(entry, data)


def _files(root: Path, about: Work) -> Iterator[File]:
    articles, _ = bound(root)
    headings = contents.headings(articles)
    homes = {place["id"]: f"{article['id']}.xhtml" for article in articles for place in _named(article)}
    pictures: dict[str, Path] = {}
    yield File("cover.svg", cover.svg(about, HERE).encode(), "cover-image")
    yield File("title.xhtml", _xhtml(about.whole, title_page(about)).encode(), read=True)
    yield File("nav.xhtml", _navigation(headings, homes).encode(), "nav", read=True)
    for article in articles:
        _xml(article, homes, root / "_build" / "html", pictures)
        properties = "mathml" if article.find("math") else ""
        page = _xhtml(article["data-head"], article)
        yield File(f"{article['id']}.xhtml", page.encode(), properties, read=True)
    yield File("colophon.xhtml", _xhtml("奥付", colophon(about)).encode(), read=True)
    yield File("book.css", (HERE / "epub.css").read_bytes())
    yield File("mathematics.woff2", (root / "_build" / "html" / "_static" / "mathematics.woff2").read_bytes())
    for name, path in sorted(pictures.items()):
        yield File(name, path.read_bytes())


def _named(article: Tag) -> list[Tag]:
    return [article, *article.find_all(id=True)]


def _xml(article: Tag, homes: Mapping[str, str], site: Path, pictures: dict[str, Path]) -> None:
    """XHTML の決まりに合わせる。"""
    own = f"{article['id']}.xhtml"
    for link in article.find_all("a", href=re.compile("^#")):
        place = link["href"][1:]
        if place not in homes:
            link.unwrap()
        elif homes[place] != own:
            link["href"] = f"{homes[place]}#{place}"
    for image in article.find_all("img", src=True):
        name = f"images/{Path(image['src']).name}"
        pictures[name], image["src"] = site / image["src"], name
    for formula in article.find_all("math"):
        formula["xmlns"], formula["alttext"] = MATHML, formula.get("data-tex", "")
    for part in article.find_all(scriptlevel=True):
        if part.name != "mstyle":
            part.wrap(new("mstyle", scriptlevel=part.attrs.pop("scriptlevel")))
    for element in [article, *article.find_all(True)]:
        _plain(element)


def _plain(element: Tag) -> None:
    """画面の道具のための印を外す。"""
    for name in [name for name in element.attrs if name.startswith("data-") and name != "data-head"]:
        del element[name]
    for name in ("hidden", "tabindex", "loading", "decoding", "fetchpriority", "role", "scope"):
        element.attrs.pop(name, None)


def _xhtml(title: str, body: Tag) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
        ' lang="ja" xml:lang="ja">'
        f'<head><meta charset="utf-8"/><title>{escape(title)}</title>'
        f'<link rel="stylesheet" type="text/css" href="book.css"/></head>'
        f"<body>{_decoded(body)}</body></html>\n"
    )


def _decoded(body: Tag) -> str:
    head = body.attrs.pop("data-head", "")
    try:
        return body.decode(formatter="minimal")
    finally:
        if head:
            body["data-head"] = head


def _navigation(headings: Sequence[contents.Heading], homes: Mapping[str, str]) -> str:
    """目次と、主な場所。"""
    levels = [contents.DEPTHS[heading.kind] for heading in headings]
    lines, depth = [], -1
    for heading, level in zip(headings, levels, strict=True):
        level = min(level, depth + 1)
        lines += ["<ol>"] if level > depth else ["</li>", "</ol></li>" * (depth - level)]
        place = homes[heading.place]
        lines.append(f'<li><a href="{escape(place)}#{escape(heading.place)}">{escape(heading.title)}</a>')
        depth = level
    lines.append("</li>" + "</ol></li>" * depth + "</ol>")
    first = homes[headings[0].place]
    body = BeautifulSoup(
        f'<section><nav epub:type="toc" id="toc"><h1>目次</h1>{"".join(lines)}</nav>'
        '<nav epub:type="landmarks" hidden=""><h2>主な場所</h2><ol>'
        '<li><a epub:type="toc" href="#toc">目次</a></li>'
        f'<li><a epub:type="bodymatter" href="{first}">本文</a></li>'
        '<li><a epub:type="index" href="genindex.xhtml">索引</a></li></ol></nav></section>',
        "html.parser",
    )
    return _xhtml("目次", body.section)


def _package(files: Sequence[File], about: Work) -> str:
    """目録: 題や著者、入っているファイル、読む順。"""
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{about.whole} {about.version}")
    access = "".join(
        f'<meta property="{name}">{escape(value)}</meta>'
        for name, values in ACCESS.items()
        for value in values
    )
    subjects = "".join(f"<dc:subject>{escape(word)}</dc:subject>" for word in KEYWORDS.split(", "))
    items = "".join(
        f'<item id="{_id(file)}" href="{escape(file.name)}" media-type="{file.kind}"'
        + (f' properties="{file.properties}"/>' if file.properties else "/>")
        for file in files
    )
    spine = "".join(f'<itemref idref="{_id(file)}"/>' for file in files if file.read)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="ja"'
        ' prefix="schema: http://schema.org/"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>'
        f"<dc:title>{escape(about.whole)}</dc:title>"
        f"<dc:creator>{escape(about.author)}</dc:creator><dc:language>ja</dc:language>"
        f"<dc:date>{about.date}</dc:date><dc:rights>{escape(RIGHTS)}</dc:rights>{subjects}"
        f'<meta property="dcterms:modified">{moment(about):%Y-%m-%dT%H:%M:%SZ}</meta>{access}'
        f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>\n"
    )


def _id(file: File) -> str:
    return "f-" + re.sub(r"[^A-Za-z0-9.-]", "-", file.name)

"""サイトの部品をまとめる: どのページも読む書式を一つのファイルに、スクリプトを、頭のものと終わりのものの二つに。

部品は、テーマと、拡張と、`_static` から来る。できあがったページが読み込む順につなぎ、どのページにもスクリプトにも現れない
名前の規則を除いて縮める（`tools/bundle` の PurgeCSS と esbuild）。スクリプトは、ページを読み終えてから働く。頭と終わりを
分けておくのは、あいだにあるページごとのスクリプトと、働く順が変わらないように。
一部のページだけが読む書式（動かして見る図、答えの欄）は、そのページの中に書く。ほかのページの読者には届かない。
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from html.parser import HTMLParser
from itertools import chain, pairwise, repeat
from pathlib import Path
from posixpath import dirname, normpath, relpath
from typing import Any

import nodejs
from builders import makes_site
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

STYLE = "_static/site.css"
SCRIPTS = ("_static/site.js", "_static/theme.js")
"""頭のものと、終わりのもの。"""
FONT = "_static/mathematics.woff2"
"""数式の書体。本文より先に読ませないと、届いたときに行が動く。"""
NEEDED_BY = {
    "togglebutton": re.compile(r'class="(?:[^"]* )?(?:toggle|admonition [^"]*dropdown)[" ]'),
    "design-tabs": re.compile(r'class="(?:[^"]* )?sd-tab-set[" ]'),
}
"""名前からわかる、当てはまるページがなければ要らないスクリプト。"""
PAGE_NAME = "DOCUMENTATION_OPTIONS.pagename"
"""ページの名を言うスクリプト。テーマの、版を選ぶ箱（この本にはない）だけが使う。"""
HELD = """\
    <script>
      if (location.protocol !== "file:") {{{}
        const held = document.head.appendChild(document.createElement("style"));
        held.textContent = "body {{ opacity: 0; }}";
        const read = () => document.querySelector("h1");
        const show = () => {{ read() ? held.remove() : requestAnimationFrame(show); }};
        addEventListener("load", () => held.remove());
        var typeset = () => {{
          document.fonts.load('1em "Book Math"', "x").then(show, show);
          setTimeout(show, 300);
        }};
      }}
    </script>
"""
"""本文に届き、数式の書体がそろってから、ページを見せる。

読みかけで見せると、あとから届いた上の帯のボタンや、書体で、見えている行が動く。書体は、書式が届いてから 0.3 秒まで待つ。
見えなくても（opacity）、キーの届くところは決められる。地の色は、はじめから見える。
"""
PRELOADED = """
        const font = {{ rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href: "{}" }};
        document.head.append(Object.assign(document.createElement("link"), font));"""
"""直接に開いたページ（file:）では、先読みはどのブラウザも断り、WebKit は、断ったあとは書体も読まない。"""
LINKED = '    <link rel="stylesheet" href="{}" onload="self.typeset?.()" />\n'
INSIDE = "    <style>{}</style>\n"
CALLED = '    <script defer src="{}"></script>\n'

_SHEET = re.compile(r'[ \t]*<link\b[^>]*\brel="stylesheet"[^>]*>\n?')
_PRELOAD = re.compile(r'[ \t]*<link rel="preload" as="script"[^>]*>\n?')
_SCRIPT = re.compile(r"[ \t]*<script(?P<marks>[^>]*)>(?P<body>.*?)</script>\n?", re.DOTALL)
_PLACE = re.compile(r'\b(?:href|src)="([^"?]+)')
_TAG = re.compile(r"""<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>""")
_DATA = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
_WORD = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_IMPORT = re.compile(r'@import "([^"]+)";')
_CHARSET = re.compile(r'@charset "[^"]+";')
_URL = re.compile(r"url\((['\"]?)(?!['\"]?(?:data:|#))([^)'\"]+)\1\)")
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SOURCE = re.compile(r"url\([^)]*\)(?: format\([^)]*\))?")
_SOURCES = re.compile(rf"src:\s*{_SOURCE.pattern}(?:,\s*{_SOURCE.pattern})*")
_TEXTS = {"alt", "title", "content", "data-tex", "aria-label"}
"""文の書かれる性質。書式が選ぶことはない。"""


@dataclass(frozen=True)
class Page:
    """できあがったページの、サイトの中での場所と、中身。"""

    place: str
    text: str

    def sheets(self) -> list[str]:
        """読み込む書式の場所。"""
        return [self.arrive(found[0]) for found in _SHEET.finditer(self.text)]

    def parts(self) -> tuple[str, str]:
        """頭と、その終わりから先。"""
        head, end, rest = self.text.partition("</head>")
        return head, end + rest

    def scripts(self) -> tuple[list[str], list[str]]:
        """頭と終わりのスクリプトの、場所か中身。

        ページより先に働くもの（場所のあるどれよりも前に書かれている）は、入れない。
        """
        head, rest = (list(_SCRIPT.finditer(part)) for part in self.parts())
        first = next((n for n, script in enumerate(head) if "src=" in script["marks"]), len(head))
        return tuple([name for s in part if (name := self._name(s))] for part in (head[first:], rest))

    def bundled(self, gone: set[str], head: str, scripts: Sequence[str]) -> str:
        """書式の代わりに ``head`` を、``gone`` のスクリプトの代わりに、頭と終わりの ``scripts`` を置いたページ。"""
        heads = chain([head], repeat(""))
        before, after = (self._called(part, gone, script) for part, script in zip(self.parts(), scripts))
        return _SHEET.sub(lambda _: next(heads), _PRELOAD.sub("", before)) + after

    def _called(self, part: str, gone: set[str], script: str) -> str:
        scripts = chain([script], repeat(""))

        def settle(found: re.Match[str]) -> str:
            if self._name(found) in gone:
                return next(scripts)
            waits = "src=" not in found["marks"] or re.search(r"\b(?:defer|async)\b", found["marks"])
            return found[0] if waits else found[0].replace("<script", "<script defer", 1)

        return _SCRIPT.sub(settle, part)

    def to(self, place: str) -> str:
        """このページから見た、サイトの中の場所。"""
        return relpath(place, dirname(self.place) or ".")

    def _name(self, script: re.Match[str]) -> str:
        """場所か、中身。データならば空。"""
        if "src=" in script["marks"]:
            return self.arrive(script["marks"])
        return "" if script["marks"] else script["body"]

    def arrive(self, tag: str) -> str:
        """タグの指すところの、サイトの中での場所。"""
        return normpath(f"{dirname(self.place) or '.'}/{_PLACE.search(tag)[1]}")


class Names(HTMLParser):
    """ページに現れる、要素、性質、クラス、id の名前と、スクリプトの読むデータの言葉。"""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__()
        self.tags, self.classes, self.ids = set(), set(), set()
        self.names, self.values = set(), set()
        self.words = {word for text in texts for data in _DATA.findall(text) for word in _WORD.findall(data)}
        for tag in sorted({tag for text in texts for tag in _TAG.findall(text)}):
            self.feed(tag)
            self.reset()  # script や style のあとを、その中身と読ませない

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """一つの要素の名前を集める。"""
        self.tags.add(tag)
        given = {name: value or "" for name, value in attrs}
        self.classes.update(given.get("class", "").split())
        self.ids.update(given.get("id", "").split())
        self.names.update(given)
        self.values.update(value for name, value in given.items() if name not in _TEXTS)

    def told(self) -> dict[str, Any]:
        """PurgeCSS の読む形。"""
        return {
            "tags": sorted(self.tags), "classes": sorted(self.classes), "ids": sorted(self.ids),
            "attributes": {"names": sorted(self.names), "values": sorted(self.values)},
            "undetermined": sorted(self.words),
        }  # fmt: skip


def bundle(app: Sphinx, exception: Exception | None) -> None:
    """できあがったページの部品をまとめる。下見は、保存のたびに組みなおすので、まとめない。"""
    if exception or not makes_site(app) or app.tags.has("preview"):
        return
    out = Path(app.outdir)
    pages = list(written(out))
    lists = [page.sheets() for page in pages]
    shared = common(lists)
    sheets = dict(flattened(out, [name for name in merged(lists) if name in shared]))
    own = dict(flattened(out, [name for name in merged(lists) if name not in shared]))
    heads, ends = zip(*(page.scripts() for page in pages))
    scripts = common(heads), common(ends)
    gone = {*scripts[0], *scripts[1], *(name for names in heads for name in names if PAGE_NAME in name)}
    made, small = pressed(out, "\n".join(sheets.values()), own, scripts, pages)
    for place in {*sheets, *own, *scripts[0], *scripts[1]}:
        if place.startswith("_static/"):
            (out / place).unlink()
    for place, content in made.items():
        (out / place).write_text(content, encoding="utf-8")
    for page in pages:
        style, font, *calls = (f"{page.to(place)}{stamp(out / place)}" for place in (STYLE, FONT, *SCRIPTS))
        early = HELD.format(PRELOADED.format(font) if "<math" in page.text else "")
        inside = "".join(INSIDE.format(small[name]) for name in page.sheets() if name in small)
        head = early + LINKED.format(style) + inside
        text = page.bundled(gone, head, [CALLED.format(call) for call in calls])
        (out / page.place).write_text(text, encoding="utf-8")


def written(out: Path) -> Iterator[Page]:
    """書式を読み込むページ。自分の中に持つページ（404）は、まとめるものがない。"""
    for path in sorted(out.rglob("*.html")):
        page = Page(path.relative_to(out).as_posix(), path.read_text(encoding="utf-8"))
        if not page.place.startswith("_static/") and page.sheets():
            yield page


def merged(lists: Sequence[Sequence[str]]) -> list[str]:
    """どの列の順番も守って、一つの列にする。

    Examples
    --------
    >>> merged([["a", "c"], ["a", "b", "c"]])
    ['a', 'b', 'c']
    """
    order: TopologicalSorter[str] = TopologicalSorter()
    for names in lists:
        for name in names:
            order.add(name)
        for before, after in pairwise(names):
            order.add(after, before)
    return list(order.static_order())


def common(lists: Sequence[Sequence[str]]) -> list[str]:
    """どの列にもあるもの。

    Examples
    --------
    >>> common([["a", "b", "c", "a"], ["a", "c"]])
    ['a', 'c']
    """
    return [name for name in dict.fromkeys(lists[0]) if all(name in names for names in lists)]


def flattened(out: Path, places: Iterable[str]) -> Iterator[tuple[str, str]]:
    """書式の場所と中身。取り込まれるものを先に出し、指す場所を、まとめたファイルから見たものに書きかえる。"""
    for place in places:
        text = (out / place).read_text(encoding="utf-8")
        folder = dirname(place)
        yield from flattened(out, (normpath(f"{folder}/{found}") for found in _IMPORT.findall(text)))

        def moved(found: re.Match[str], folder: str = folder) -> str:
            target = normpath(f"{folder}/{found[2]}")
            return f'url("{relpath(target, dirname(STYLE))}{stamp(out / target)}")'

        for face in set(_FACE.findall(text)):
            text = text.replace(face, faced(face, out / folder))
        yield place, _URL.sub(moved, _IMPORT.sub("", _CHARSET.sub("", text)))


def faced(rule: str, folder: Path) -> str:
    """書体の規則のうち、あるファイルを指すもの。"""
    sources = [source for source in _SOURCE.findall(rule) if (folder / _URL.match(source)[2]).is_file()]
    return _SOURCES.sub(f"src:{','.join(sources)}", rule) if sources else ""


def pressed(
    out: Path, style: str, own: dict[str, str], scripts: Sequence[Sequence[str]], pages: Sequence[Page]
) -> tuple[dict[str, str], dict[str, str]]:
    """まとめて縮めた書式とスクリプトと、一部のページだけの、縮めた書式。"""
    if asking := [name for name, text in own.items() if _URL.search(text)]:
        raise ExtensionError(f"{asking[0]} は、ページの中に書くので、ほかのファイルを指せません。")
    apart = {path.relative_to(out).as_posix() for path in (out / "_static").rglob("*.js")}
    apart = [out / place for place in sorted(apart.difference(*scripts))]
    question = {
        "style": style,
        "own": list(own.values()),
        "scripts": [joined(out, names, pages) for names in scripts],
        "others": [path.read_text(encoding="utf-8") for path in apart],
        "names": Names([page.text for page in pages]).told(),
    }
    made = nodejs.ask(nodejs.TOOLS / "bundle" / "bundle.cjs", question)
    return {STYLE: made["style"], **dict(zip(SCRIPTS, made["scripts"]))}, dict(zip(own, made["own"]))


def joined(out: Path, names: Iterable[str], pages: Sequence[Page]) -> str:
    """場所か中身で渡されたスクリプトのうち、要るものをつないだもの。"""
    wanted = [name for name in names if needed(name, pages)]
    bodies = [
        (out / name).read_text(encoding="utf-8") if name.startswith("_static/") else name for name in wanted
    ]
    return "\n;\n".join(bodies)


def needed(script: str, pages: Iterable[Page]) -> bool:
    """このスクリプトの働くページがあるか。"""
    kinds = [pattern for name, pattern in NEEDED_BY.items() if name in script.lower()]
    return all(any(pattern.search(page.text) for page in pages) for pattern in kinds)


def stamp(path: Path) -> str:
    """中身が変われば変わる印。読者のブラウザに、古い控えを使わせない。"""
    return f"?v={hashlib.sha256(path.read_bytes()).hexdigest()[:8]}" if path.is_file() else ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。ほかの拡張が、ページと部品を書き終えたあとに働く。"""
    app.connect("build-finished", bundle, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""サイトのページを、一冊に綴じる。紙の本（PDF）では、扉、目次、本文、ヒント、解答、索引、奥付を、一つの HTML にまとめる。"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import yaml
from bs4 import Tag

from press import answers, contents, maps, paper
from press.leaves import Leaf, read
from press.paper import new

INDEX = "genindex"
FRONT = "この本について"
"""入口のページの題。サイトでは本の題と同じなので、扉と重なる。"""
STILL = (
    "本文に「動かす」「押す」「選ぶ」とあるところは、サイトで動く図です。ここには、その図の数を表にして載せました。"
    "練習問題の答えの欄も、サイトにあります。"
)
"""動かない本の、はじめの断り。"""
SITE = "../html"
"""綴じた HTML から見た、サイトの場所。"""


@dataclass(frozen=True)
class Work:
    """本の題、著者、版。"""

    title: str
    subtitle: str
    author: str
    version: str
    date: str

    @property
    def whole(self) -> str:
        """副題までの題。"""
        return f"{self.title} ― {self.subtitle}"


def work(root: Path) -> Work:
    """CITATION.cff に書かれた、本の題、著者、版、日付。"""
    told = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    title, _, subtitle = told["title"].partition(" ― ")
    author = "、".join(person["name"] for person in told["authors"])
    return Work(title, subtitle, author, str(told["version"]), str(told["date-released"]))


def bound(root: Path) -> tuple[list[Tag], str]:
    """綴じる順に並んだ本文（ページごとに一つの ``article``）と、ページごとのスタイルシート。

    Raises
    ------
    leaves.Missing
        サイトがないか、目次にあるページがサイトにない。
    """
    leaves = read(root)
    names = {leaf.name for leaf in leaves}
    for leaf in leaves:
        paper.printed(leaf, names)
    front = leaves[0].article.find("h2")
    front.string = FRONT
    front.insert_after(new("p", "still", STILL))
    taken = [(leaf, answers.taken(leaf)) for leaf in leaves]
    return list(_articles(leaves, taken)), "".join(sorted({leaf.style for leaf in leaves if leaf.style}))


def _articles(
    leaves: Sequence[Leaf], taken: Sequence[tuple[Leaf, dict[str, list[answers.Answer]]]]
) -> Iterator[Tag]:
    part = ""
    for leaf in leaves:
        if leaf.name == INDEX:
            yield from _gathered(taken)
        yield _article(leaf, leaf.part if leaf.part != part else "")
        part = leaf.part


def _article(leaf: Leaf, part: str) -> Tag:
    """一つのページ。部のはじめの章には、部の題を添える。"""
    article = new("article", f"bd-article leaf depth{leaf.depth}", id=leaf.key)
    article["data-head"], article["data-part"] = leaf.title, leaf.part
    if part:
        article.append(new("h1", "part", part, id=f"part--{leaf.key}"))
    article.extend(list(leaf.article.contents))
    return article


def _gathered(taken: Sequence[tuple[Leaf, dict[str, list[answers.Answer]]]]) -> Iterator[Tag]:
    for kind, title in answers.KINDS.items():
        article = new("article", "bd-article leaf depth1 answers", id=f"answers-{kind}")
        article["data-head"] = article["data-part"] = title
        article.append(new("h1", "part", title, id=f"part--{kind}"))
        article.extend(answers.gathered(kind, [(leaf, found[kind]) for leaf, found in taken]))
        yield article


def page(root: Path) -> tuple[str, list[contents.Heading]]:
    """紙の本の HTML（ページの番号は、まだない）と、目次に載せた見出し。"""
    articles, styles = bound(root)
    about = work(root)
    body = new("main")
    body.extend(articles)
    contents.index(next(article for article in articles if article["id"] == INDEX))
    listing = contents.headings(articles)
    whole = new("div", "book")
    whole.extend([title_page(about), contents.contents(listing), body, colophon(about)])
    contents.refer(articles)
    html = root / "_build" / "html"
    for image in whole.find_all("img", src=True):
        finer = maps.place(html / image["src"], root / "_build" / "press" / "maps")
        image["src"] = f"maps/{finer}" if finer else f"{SITE}/{image['src']}"
    text = (
        '<!DOCTYPE html><html lang="ja" data-theme="light" data-mode="light"><head><meta charset="utf-8">'
        f"<title>{escape(about.whole)}</title>"
        f'<link rel="stylesheet" href="{SITE}/_static/site.css"><link rel="stylesheet" href="press.css">'
        f"<style>{styles}{_running(articles)}</style></head>"
        f'<body class="paper">{whole.decode()}</body></html>'
    )
    return text, listing


def title_page(about: Work) -> Tag:
    """扉。"""
    page = new("section", "title-page")
    page.extend([
        new("p", "book-name", about.title), new("p", "book-subtitle", about.subtitle),
        new("p", "book-author", about.author), new("p", "book-version", f"第 {about.version} 版"),
    ])  # fmt: skip
    return page


def colophon(about: Work) -> Tag:
    """奥付。"""
    page = new("section", "colophon")
    for name, value in (
        ("題", about.whole), ("著者", about.author), ("版", f"第 {about.version} 版（{about.date}）"),
        ("利用の条件", "文章と図は、クリエイティブ・コモンズ 表示 4.0 国際（CC BY 4.0）。コードは MIT ライセンス。"),
        ("組版", "同じ原稿からつくったウェブサイトのページを綴じました。番号も式も図も、サイトのものです。"
         "動く図は表で、画面で畳んである解答は終わりに集めて刷りました。図を描くコードと、正誤表は、サイトにあります。"),
    ):  # fmt: skip
        line = new("p")
        line.extend([new("b", "", name), f"　{value}"])
        page.append(line)
    return page


def _running(articles: Sequence[Tag]) -> str:
    """ページごとの柱: 左に部、右に章。"""
    rules = []
    for n, article in enumerate(articles):
        article["style"] = f"page: leaf{n}"
        # 柱では、あとから読む書体が間に合わないので、はじめの書体にある字にする。
        part, head = (
            re.sub(r'["\\\n]', "", article[name]).replace("―", "—") for name in ("data-part", "data-head")
        )
        left, right = (part, head) if part and part != head else ("", head)
        rules.append(
            f'@page leaf{n} {{ @top-left {{ content: "{left}"; }} @top-right {{ content: "{right}"; }} }}'
        )
    return "".join(rules)

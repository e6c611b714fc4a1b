"""練習問題の、答えの欄を置く。欄を動かすのは `_static/exercises/answers.js` である。

欄は、サイトにだけ、スクリプトの働く画面にだけ現れる。スクリプトのない画面と紙では、問いと解答がそのまま読める。
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from builders import makes_site
from docutils import nodes
from exercises import is_exercises, read, recorded
from numbering import file_name
from pythonside import offered
from sheets import NOTEBOOK, SELF, Sheet, sheet
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

FOLDER = "exercises"
"""スクリプトと書式の置き場所（`_static` の中）。"""
EVERYWHERE = ("solved.js", "solved.css")
"""どのページも読むもの。案内に、解いた数を添える。"""
_HINT = re.compile(r'<details class="(?:hint|solution)"')
_SOLUTION = re.compile(r'<details class="solution"')
_PARTS = re.compile(r"(?<!\\)\$(?P<tex>[^$]+)\$|`(?P<code>[^`]+)`")
_FORMULA = re.compile(
    r'<div class="answer" data-kind="formula" data-label="([\w-]+)" data-page="(\w+)".*?</div>', re.DOTALL
)


class Answer(nodes.General, nodes.Element):
    """答えの欄の場所。"""


class PutAnswers(SphinxPostTransform):
    """問いのあと、ヒントの前に、答えの欄を置く。自分で確かめる問いでは、解答の終わりに置く。"""

    default_priority = 905  # 数式と句読点を一つの箱に入れたあと

    def run(self, **kwargs: Any) -> None:
        """サイトでだけ働く。"""
        if not makes_site(self.app) or not is_exercises(self.env.docname):
            return
        for section in list(self.document.findall(nodes.section)):
            if found := read(section):
                folded = [child for child in section.children if isinstance(child, nodes.raw)]
                answer = Answer(label=found.label, page=self.env.docname)
                kind = sheet(found.label)["kind"]
                section.insert(_place(section, folded, kind), answer)


def _place(section: nodes.section, folded: list[nodes.raw], kind: str) -> int:
    """欄を入れるところ。"""
    opening = _SOLUTION if kind == SELF else _HINT
    start = next((raw for raw in folded if opening.search(raw.astext())), None)
    if start is None:
        return len(section)
    place = section.index(start)
    if kind != SELF:
        return place
    ends = (section.index(raw) for raw in folded if raw.astext().strip() == "</details>")
    return next((end for end in ends if end > place), len(section))


def write_answer(translator: Any, answer: Answer) -> None:
    """欄を書く。"""
    builder, label, page = translator.builder, answer["label"], answer["page"]
    found = sheet(label)
    if found["kind"] == NOTEBOOK:
        translator.body.append(in_notebook(label, page))
    else:
        lines = [markup(builder.app, line) for line in found.lines]
        translator.body.append(field(label, page, found, lines))
    raise nodes.SkipNode


def field(label: str, page: str, found: Sheet, lines: list[str]) -> str:
    """スクリプトが開く欄。言葉は、数式の書体を作るときに読まれるよう、文書の一部として書く。"""
    facts = json.dumps({key: value for key, value in found.items() if key != "kind"}, ensure_ascii=False)
    data = facts.replace("<", "\\u003c")
    said = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'{_box(found["kind"], label, page)} hidden><script type="application/json">{data}</script>'
        f"<template>{said}</template></div>\n"
    )


def in_notebook(label: str, page: str) -> str:
    """ノートブックで判定する問いの、案内の一行。"""
    link = f'<a href="{file_name(page)}" download>このページのノートブック</a>'
    return f"{_box(NOTEBOOK, label, page)}><p>この問いの答えは、{link}で判定できます。</p></div>\n"


def _box(kind: str, label: str, page: str) -> str:
    return f'<div class="answer" data-kind="{kind}" data-label="{label}" data-page="{Path(page).name}"'


def markup(app: Sphinx, line: str) -> str:
    """審判の一行を HTML にする。数式とコードのほかは、そのまま。"""
    return "".join(_marked(app, line))


def _marked(app: Sphinx, line: str) -> Iterator[str]:
    end = 0
    for found in _PARTS.finditer(line):
        yield escape(line[end : found.start()])
        tex, code = found["tex"], found["code"]
        formula = f'<span class="math">{app.mathml(tex, display=False)}</span>' if tex else ""
        yield formula or f"<code>{escape(code)}</code>"
        end = found.end()
    yield escape(line[end:])


def prepare(app: Sphinx, doctree: nodes.document) -> None:
    """欄の言葉の中の数式の答えを、書くプロセスが分かれる前に用意する。"""
    for task in recorded(app.env).get(app.env.docname, []):
        for line in sheet(task.label).lines:
            for found in _PARTS.finditer(line):
                if found["tex"]:
                    app.mathml.prepare(found["tex"], display=False)


def withhold(app: Sphinx, config: Any) -> None:
    """すべてのページに読み込まれるものの一覧から、練習問題のページだけのものを外す。"""
    kept_everywhere = {f"{FOLDER}/{name}" for name in EVERYWHERE}
    for name in ("html_css_files", "html_js_files"):
        files = map(str, getattr(config, name))
        kept = [file for file in files if file in kept_everywhere or not file.startswith(f"{FOLDER}/")]
        setattr(config, name, kept)


def load(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """欄のあるページにだけ、要るものを足す。"""
    if makes_site(app) and 'class="answer"' in (context.get("body") or ""):
        app.add_css_file(f"{FOLDER}/exercises.css")
        app.add_js_file(f"{FOLDER}/answers.js", loading_method="defer")


def without_judge(app: Sphinx, exception: Exception | None) -> None:
    """式の審判がない本では、式の欄を、案内の一行に替える。"""
    if exception or not makes_site(app) or offered(app.env):
        return
    out = Path(app.outdir)
    for name in recorded(app.env):
        page = out / f"{name}.html"
        if page.is_file():
            before = page.read_text(encoding="utf-8")
            after = _FORMULA.sub(lambda found: in_notebook(found[1], found[2]).rstrip(), before)
            page.write_text(after, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.add_node(Answer, html=(write_answer, None))
    app.add_post_transform(PutAnswers)
    app.connect("config-inited", withhold)
    app.connect("doctree-read", prepare)
    app.connect("html-page-context", load)
    app.connect("build-finished", without_judge, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""数式を、ビルドのときに MathML にする。読者のブラウザは、スクリプトなしで数式を描く。

TeX を読むのは temml（`tools/math`）で、Node.js のプロセス一つに、数式を1行ずつ渡す。答えは `_build/mathml.json` に残し、
temml か `convert.cjs` が変われば捨てる。空きの細かなところは `mathspacing` が直し、書体は `mathfont` が作る。
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs
import stamping
from builders import makes_site
from docutils import nodes
from mathfont import characters, font_file
from mathspacing import finish
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

TOOLS = nodejs.TOOLS / "math"
FONT, STYLESHEET, LICENCE = "mathematics.woff2", "mathematics-font.css", "mathematics-font-OFL.txt"
FACE = f"""\
/*! STIX Two Math を抜き出して直したもの。SIL Open Font License 1.1: {LICENCE} */
@font-face {{ font-family: "Book Math"; src: url("{FONT}") format("woff2"); }}
"""

_logger = logging.getLogger(__name__)
_NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|alignat|gather|multline)\}")
_OPENING = re.compile(r"[（「『【(]*$")
_CLOSING = re.compile(r"[、。，．：；）」』】！？,.:;)!?]*")
_LONGEST = 20
_TAG = re.compile(r"<[^>]*>")


class MathError(ValueError):
    """数式にできない TeX。"""


class Converter:
    """TeX を MathML にする、Node.js のプロセス。はじめて使うときに起こし、使い終えたら `close` する。

    Examples
    --------
    >>> converter = Converter()
    >>> converter("x_1", display=False)
    '<math data-tex="x_1"><msub><mi>x</mi><mn>1</mn></msub></math>'
    >>> converter("x", display=True)
    '<math display="block" data-tex="x"><mi>x</mi></math>'
    >>> converter(r"\\unknown", display=False)
    Traceback (most recent call last):
    ...
    mathml.MathError: Unsupported function name: \\unknown
    >>> converter.close()
    """

    def __init__(self, kept: Path | None = None) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._known: dict[tuple[str, bool], str] = {}
        self._kept, self._answers = kept, _kept_answers(kept)

    def __call__(self, tex: str, *, display: bool) -> str:
        """一つの数式。同じ数式は一度だけ変換する。

        Raises
        ------
        MathError
            TeX として読めないか、知らない命令がある。
        """
        key = tex.strip(), display
        if key not in self._known:
            self._known[key] = self._convert(*key)
        return self._known[key]

    def plain(self, tex: str, *, display: bool) -> str:
        """空きを直す前の MathML。数式にできなければ、もとの TeX をそのまま文字にする。"""
        answer = self._answer(tex.strip(), display)
        return answer.get("mathml", f"<math><mtext>{html.escape(tex)}</mtext></math>")

    def prepare(self, tex: str, *, display: bool) -> None:
        """答えを用意しておく。ページを書くプロセスは分かれていて、そこで尋ねた答えは残らない。"""
        self._answer(tex.strip(), display)

    def close(self) -> None:
        """プロセスを終え、答えを残す。"""
        if self._process:
            self._process.communicate()
            self._process = None
            if self._kept:
                kept = {"tool": _tool(), "answers": self._answers}
                self._kept.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")

    def _answer(self, tex: str, display: bool) -> dict[str, str]:
        key = f"{display:d}{tex}"
        if key not in self._answers:
            self._answers[key] = self._ask({"tex": tex, "display": display})
        return self._answers[key]

    def _convert(self, tex: str, display: bool) -> str:
        answer = self._answer(tex, display)
        if "error" in answer:
            raise MathError(answer["error"].split(" at position")[0].strip())
        return finish(answer["mathml"], tex, display=display)

    def _ask(self, question: dict[str, Any]) -> dict[str, str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [nodejs.program(), TOOLS / "convert.cjs"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            )  # fmt: skip
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _tool() -> str:
    """答えを決めるものの指紋。"""
    files = (TOOLS / name for name in ("convert.cjs", "package-lock.json"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _kept_answers(path: Path | None) -> dict[str, dict[str, str]]:
    if path and path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["tool"] == _tool():
            return kept["answers"]
    return {}


class GluePunctuation(SphinxPostTransform):
    """数式と、それに接する句読点や括弧を、行の切れ目で離さない。

    ブラウザは、数式の前後をいつも切ってよいとみなす。
    """

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """数式と、前の文の終わり、あとの文の頭を、一つの箱に入れる。"""
        for formula in list(self.document.findall(nodes.math)):
            before, after = _text_beside(formula, -1), _text_beside(formula, 1)
            opening = _OPENING.search(before or "")[0]
            closing = _CLOSING.match(after or "")[0]
            if not opening and not closing:
                continue
            parent = formula.parent
            place = parent.index(formula)
            if closing:
                parent[place + 1] = nodes.Text(after[len(closing) :])
            if opening:
                parent[place - 1] = nodes.Text(before[: -len(opening)])
            parent[place] = nodes.inline("", "", classes=["nobreak"])
            parent[place] += [nodes.Text(opening), formula, nodes.Text(closing)]
            if closing:
                # Firefox は、切らない箱が続くと、その間でも切らない。
                parent.insert(place + 1, nodes.raw("", "<wbr>", format="html"))


def _text_beside(node: nodes.Element, step: int) -> nodes.Text | None:
    place = node.parent.index(node) + step
    beside = node.parent[place] if 0 <= place < len(node.parent) else None
    return beside if isinstance(beside, nodes.Text) else None


def visit_math(translator: Any, node: nodes.math) -> None:
    """文の中の数式を書く。狭い画面に入らないかもしれない数式は、自分の中で横に動くようにする。"""
    formula = _formula(translator, node, display=False)
    wide = " wide" if len(_TAG.sub("", formula)) > _LONGEST else ""
    translator.body.append(translator.starttag(node, "span", "", CLASS=f"math notranslate nohighlight{wide}"))
    translator.body.append(formula + "</span>")
    raise nodes.SkipNode


def visit_math_block(translator: Any, node: nodes.math_block) -> None:
    """別行の数式を、番号とそこへのリンクを添えて書く。長い数式は、番号を残して自分の中で横に動く。"""
    translator.body.append(translator.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    translator.body.append(f'<div class="formula">{_formula(translator, node, display=True)}</div>')
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append(f"{stamping.mark(node)}</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def tex_of(node: nodes.Element) -> str:
    """数式の TeX。番号は Sphinx が振るので、番号のつかない環境にする。"""
    tex = node.astext()
    return _NUMBERED.sub(r"\\\1{\2*}", tex) if node.get("nowrap") else tex


def prepare(app: Any, doctree: nodes.document) -> None:
    """読んだページの数式の答えを、書くプロセスが分かれる前に用意する。"""
    for node in doctree.findall(lambda node: isinstance(node, (nodes.math, nodes.math_block))):
        app.mathml.prepare(tex_of(node), display=isinstance(node, nodes.math_block))


def finish_preparing(app: Any, env: Any) -> None:
    """Node.js のプロセスを終える。分かれたプロセスが同じものに尋ねると、答えが入りまじる。"""
    app.mathml.close()


def _formula(translator: Any, node: nodes.Element, *, display: bool) -> str:
    tex = tex_of(node)
    try:
        return translator.builder.app.mathml(tex, display=display)
    except MathError as error:
        _logger.warning("数式にできません: %s: %s", error, tex.strip(), location=node, type="mathml")
        return f"<code>{html.escape(tex)}</code>"


def write_font(app: Any, exception: Exception | None) -> None:
    """できあがったページから文字を集めて、書体とその利用許諾を置く。"""
    app.mathml.close()
    if exception or not makes_site(app):
        return
    folder = Path(app.outdir, "_static")
    if app.tags.has("preview") and (folder / FONT).exists():
        return
    if letters := characters(_written(Path(app.outdir))):
        (folder / FONT).write_bytes(font_file(letters))
    (folder / STYLESHEET).write_text(FACE if letters else "", encoding="utf-8")
    shutil.copy(TOOLS / "OFL.txt", folder / LICENCE)


def _written(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.html")):
        if "_static" not in path.parts:
            yield path.read_text(encoding="utf-8")


def style(app: Any) -> None:
    """サイトのページに、書体を添える。"""
    if makes_site(app):
        app.add_css_file(STYLESHEET)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.mathml = Converter(Path(app.outdir).parent / "mathml.json")
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.add_post_transform(GluePunctuation)
    app.connect("builder-inited", style)
    app.connect("doctree-read", prepare)
    app.connect("env-check-consistency", finish_preparing)
    app.connect("build-finished", write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

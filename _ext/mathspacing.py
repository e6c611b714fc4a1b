"""数式の組み方を、TeX に近づける。

temml の MathML は、空きの細かなところで TeX と違い、Chromium の癖とも合わない。ここでは、要素を並べかえずに、
空きと括弧の大きさだけを直す。
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

_SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
_TALL = {"mfrac", "mtable", "munder", "munderover", "msqrt", "mroot"}
_ROWS = {"math", "mrow", "mstyle", "mtd", "mpadded"}
_THIN = "0.1667em"
_MEDIUM = "0.2222em"
_KERN = f"margin-left:-{_THIN};"
_PRODUCTS = {"⋅", "×", "⊙", "∘", "∗"}
_BARS = {"|", "‖"}
_SIGNS = {"+", "−", "±"}
_DOTS = {"…", "⋯"}
_ITALIC = {*map(chr, range(0x41, 0x7B)), *map(chr, range(0x391, 0x3D7))}  # 1文字の変数は、斜体になる
_APPLY = "\u2061"  # 関数の名のあとの、見えない「適用」の記号


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
    _lean_accents(root)
    _use_relative_lengths(root)
    root.attrib = {"display": "block"} if display else {}
    root.set("data-tex", tex)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def _close_scripts(element: ElementTree.Element, *, display: bool, small: bool = False) -> None:
    """添字の大きさのところでは、演算子の左右を空けない。文中の分数の中身も、添字の大きさである。"""
    display = element.get("displaystyle", str(display and element.tag != "mtable").lower()) == "true"
    if small and element.tag == "mo":
        element.attrib |= {"lspace": "0", "rspace": "0"}
    for place, child in enumerate(element):
        if element.tag == "mfrac":
            _close_scripts(child, display=False, small=small or not display)
        elif element.tag in _SCRIPTED and place > 0:
            _close_scripts(child, display=False, small=True)
        else:
            _close_scripts(child, display=display, small=small)


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


def _lean_accents(root: ElementTree.Element) -> None:
    r"""``\hat Y`` の記号を、文字の傾きに合わせてずらす印をつける。temml は、小文字の一部にだけつける。"""
    for mover in root.iter("mover"):
        letter, accent = mover
        marks = accent.get("class", "")
        if len(letter.text or "") == 1 and letter.text in _ITALIC and "wbk" in marks and "chr" not in marks:
            accent.set("class", f"chr-sml {marks}")


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
    large = ("minsize", "movablelimits")
    return any(part.tag in _TALL or any(map(part.get, large)) for part in element.iter())


def _use_relative_lengths(root: ElementTree.Element) -> None:
    """行列の列の間を、文字の大きさに合わせる。temml は、ここだけを 12pt の文字として書く。"""
    for element in root.iter():
        if "5.9776pt" in (style := element.get("style", "")):
            element.set("style", style.replace("5.9776pt", "0.5em"))

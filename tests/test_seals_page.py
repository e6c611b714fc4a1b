"""検印の一覧のページ。"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from seals import BY_HAND, SIZES, kernel_checked
from toc import chapters

ROOT = Path(__file__).resolve().parents[1]
SEAL = "application/vnd.backprop.seal+json"


def stored() -> dict[str, tuple[int, str]]:
    """章に記録されている検印。ラベルから、退けた対照の数と、確かめた大きさを引く。"""
    return {
        output.data[SEAL]["label"]: (output.data[SEAL]["controls"], output.data[SEAL]["sizes"])
        for path in chapters()
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if SEAL in output.get("data", {})
    }


def listed(page: BeautifulSoup) -> dict[str, tuple[int, str]]:
    """一覧の表。式へのリンクの先から、対照の数と、確かめた大きさを引く。"""
    found = {}
    for row in page.select("table.seals tbody tr"):
        number, *judges, controls, sizes, author, kernel, claim = row.select("td")
        assert author.get_text() in ("人", "機械")
        label = number.select_one("a")["href"].partition("#equation-")[2]
        assert kernel.get_text() == ("✓" if label in kernel_checked() else "―")
        rejected, tried = controls.get_text().split("/")
        assert claim.select_one("span.math").get_text().strip()
        assert [judge.get_text() for judge in judges] == ["✓"] * 3
        assert rejected == tried
        found[label] = int(tried), sizes.get_text()
    return found


def test_every_seal_of_the_book_is_listed(pages: dict[str, BeautifulSoup]) -> None:
    found = listed(pages["seals.html"])
    assert len(found) == len(pages["seals.html"].select("table.seals tbody tr"))
    assert stored().items() <= found.items()
    assert found.keys() - stored() == {"eq-one-neuron-delta"}  # index.md は、本をつくるときに実行される


def test_a_line_of_a_seal_is_not_broken_inside_a_judge(pages: dict[str, BeautifulSoup]) -> None:
    judges = [judge.get_text() for page in pages.values() for judge in page.select(".cell_output p .nobreak")]
    bounds = [judge for judge in judges if "1e-" in judge]
    assert len(bounds) == 2 * len(listed(pages["seals.html"]))
    assert all(re.fullmatch(r"(数値|独立) ✓ \(≤ 1e-\d+\)", bound) for bound in bounds)


def test_the_sums_are_those_of_the_list(pages: dict[str, BeautifulSoup]) -> None:
    found = listed(pages["seals.html"])
    summary = pages["seals.html"].select_one("p.seal-summary").get_text()
    sizes = Counter(size for _, size in found.values())
    assert list(map(int, re.findall(r"(\d+)個", summary))) == [
        len(found),
        sum(tried for tried, _ in found.values()),
        *(sizes[size] for size in SIZES),
        len(BY_HAND),
        len(kernel_checked()),
    ]


def test_equations_are_in_the_order_of_their_numbers(pages: dict[str, BeautifulSoup]) -> None:
    for table in pages["seals.html"].select("table.seals"):
        texts = [row.select_one("td").get_text() for row in table.select("tbody tr")]
        numbers = [int(text.strip("()").rpartition(".")[2]) for text in texts]
        assert numbers == sorted(numbers)


def test_the_list_follows_the_order_of_the_book(pages: dict[str, BeautifulSoup]) -> None:
    order = [link["href"].removesuffix(".html") for link in pages["seals.html"].select("p.rubric a")]
    assert order[0] == "index"
    assert order[1:] == sorted(order[1:])
    assert len(order) > 15


def test_the_index_leads_to_the_list(pages: dict[str, BeautifulSoup]) -> None:
    assert pages["index.html"].select("article a[href='seals.html'], article a[href='seals.html#sec-seals']")


WRITTEN_BY_HAND = re.compile(
    r"matrix_pullback\(|\(dg\(x\) \+ rho\)"
    r"|Sum\((?:copies|moved|upstream|deltas|(?:\w+\.)?delta\[|[gH]\[|L_by_U|\(v_by_u|Sum\()"
)
"""人の書いた、上流の割合と一段の割合の積の和。`derive` は、その和を作る関数。"""


def derivations() -> Iterator[tuple[str, str]]:
    """検印のラベルと、微分して導いた式のもとになったコードのすべて。"""
    for path in chapters():
        cells = nbformat.read(path, as_version=4).cells
        decided: dict[str, str] = {}
        for tree in (ast.parse(cell.source) for cell in cells if cell.cell_type == "code"):
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                given = [word.value for word in call.keywords if word.arg == "derived"]
                if given and isinstance(label := call.args[0], ast.Constant):
                    yield str(label.value), "\n".join(traced(ast.unparse(given[0]), decided))
            for statement in tree.body:
                for name in assigned(statement):
                    decided[name] = ast.unparse(statement)


def assigned(statement: ast.stmt) -> list[str]:
    """文が決める名前。"""
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def traced(code: str, decided: dict[str, str]) -> list[str]:
    """コードと、そこに現れる名前を決めたコード。"""
    found, waiting = [], [code]
    while waiting:
        found.append(code := waiting.pop())
        names = (node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name))
        waiting += {decided[name] for name in names if name in decided} - {*found, *waiting}
    return found


def test_who_wrote_the_sum_is_what_the_code_says() -> None:
    found = dict(derivations())
    assert len(found) > 40
    by_hand = {label for label, code in found.items() if WRITTEN_BY_HAND.search(code)}
    assert by_hand == BY_HAND & found.keys()

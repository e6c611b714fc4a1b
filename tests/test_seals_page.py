"""検印の一覧のページ。"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
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
        number, *judges, controls, sizes, claim = row.select("td")
        label = number.select_one("a")["href"].partition("#equation-")[2]
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
    assert list(map(int, re.findall(r"(\d+)個", summary))) == [
        len(found),
        sum(tried for tried, _ in found.values()),
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

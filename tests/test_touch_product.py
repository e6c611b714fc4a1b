"""行列の積の図の検査: どのますも、検査の中で一つずつ掛けて足した値と比べる。ブラウザで予想し、たどる。"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from browsing import resize
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from touching import figure, texts
from written import shown

from backprop import interactive

W = np.array([[2.0, -1.0, 3.0], [1.0, 4.0, -2.0]])
A = np.array([[3.0, 1.0, 0.0, -1.0], [2.0, 0.0, 2.0, 1.0], [1.0, 1.0, 1.0, 0.0]])
POINTS = np.array([[1.0], [3.0]])


def evaluated(terms: str) -> float:
    """表示された計算を、電卓のように行う。"""
    text = terms.replace("−", "-").replace("×", "*")
    assert re.fullmatch(r"[\d\s.()*+-]*", text), terms
    return float(eval(text))


def by_hand(left: np.ndarray, right: np.ndarray, k: int, n: int) -> float:
    return sum(float(left[k, j]) * float(right[j, n]) for j in range(left.shape[1]))


def drawn(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, inner, columns = rng.integers(1, 5, 3)
    entries = (rng.integers(-5, 6, shape) / 2 for shape in ((rows, inner), (inner, columns), (rows, 1)))
    left, right, points = entries
    return left, right, points


def ways(left: np.ndarray, right: np.ndarray, points: np.ndarray) -> list[tuple[dict[str, Any], ...]]:
    back, forward = interactive.product(left, right, points=points).data["ways"]
    return [(back, left.T, points), (forward, left, right)]


class TestValues:
    """ますの値、灯るます、ことば、間違いの名。"""

    @pytest.mark.parametrize("seed", range(20))
    def test_every_entry(self, seed: int) -> None:
        for way, left, right in ways(*drawn(np.random.default_rng(seed))):
            grids = {grid["key"]: grid["rows"] for grid in way["grids"]}
            for k, n in np.ndindex(len(left), right.shape[1]):
                entry, answer = way["cells"][f"product-{k}-{n}"], by_hand(left, right, k, n)
                assert entry["value"] == answer
                terms, _, result = entry["says"][1].partition(" = ")
                assert result == grids["product"][k][n] == shown(answer)
                assert evaluated(terms) == pytest.approx(answer, abs=1e-9)
                assert terms.count("×") == left.shape[1]

    @pytest.mark.parametrize("seed", range(20))
    def test_an_entry_and_what_it_is_made_of_light_each_other(self, seed: int) -> None:
        for way, left, right in ways(*drawn(np.random.default_rng(seed))):
            cells = way["cells"]
            back = way["way"] == "b"
            for k, n in np.ndindex(len(left), right.shape[1]):
                inner = range(left.shape[1])
                made_of = {*(f"left-{k}-{j}" for j in inner), *(f"right-{j}-{n}" for j in inner)}
                made_of |= {f"corner-{j}-{k}" for j in inner} if back else set()
                assert set(cells[f"product-{k}-{n}"]["lit"]) == made_of | {f"product-{k}-{n}"}
                makers = {name for name in cells if f"product-{k}-{n}" in cells[name]["lit"]}
                assert makers == made_of | {f"product-{k}-{n}"}

    def test_the_way_back_reads_the_same_table_by_columns(self) -> None:
        (back, *_), _ = ways(W, A[:, :1], POINTS)
        corner = next(grid for grid in back["grids"] if grid["key"] == "corner")
        assert corner["rows"] == [[shown(v) for v in row] for row in W]
        for j in range(3):
            entry = back["cells"][f"product-{j}-0"]
            stood = {name for name in entry["lit"] if name.startswith("corner")}
            assert stood == {f"corner-{k}-{j}" for k in (0, 1)}
            assert entry["says"][0] == f"W の{j + 1}列めと、p"
        assert [back["cells"][f"product-{j}-0"]["value"] for j in range(3)] == [5, 11, -3]

    @pytest.mark.parametrize("seed", range(20))
    def test_a_mistake_is_named_and_is_not_the_answer(self, seed: int) -> None:
        for way, left, right in ways(*drawn(np.random.default_rng(seed))):
            for k, n in np.ndindex(len(left), right.shape[1]):
                entry = way["cells"][f"product-{k}-{n}"]
                values = [value for value, _ in entry["slips"]]
                assert len(set(values)) == len(values)
                assert entry["value"] not in values
                terms = [left[k, j] * right[j, n] for j in range(left.shape[1])]
                forgotten = {float(sum(terms) - term) for term in terms} - {float(sum(terms))}
                assert forgotten <= {float(value) for value in values}

    @pytest.mark.parametrize(
        ("place", "value", "said"),
        [
            ((1, 2), 1, "W の1行めを使った値です。"), ((0, 0), 9, "W の2行めを使った値です。"),
            ((1, 0), 5, "1行2列の値です。行と列の番号が逆です。"), ((0, 0), 6, "同じ場所どうしを掛けた値です。行と列を使います。"),
            ((1, 2), 8, "3組めの積を足し忘れた値です。"), ((1, 2), 10, "3組めの積の符号が逆の値です。"),
        ],
    )  # fmt: skip
    def test_known_mistakes(self, place: tuple[int, int], value: float, said: str) -> None:
        (way,) = interactive.product(W, A).data["ways"]
        k, n = place
        assert dict(map(tuple, way["cells"][f"product-{k}-{n}"]["slips"]))[value] == said

    def test_reading_the_row_on_the_way_back_is_named(self) -> None:
        (back, *_), _ = ways(W, A[:, :1], POINTS)
        row = W[0, :2] @ POINTS[:, 0]
        slips = dict(map(tuple, back["cells"]["product-0-0"]["slips"]))
        assert slips[row] == "W の1行めを横に読んだ値です。帰りは、縦に読みます。"

    def test_the_table_spells_every_sum(self) -> None:
        table = interactive.product(W, A[:, :1], points=POINTS).table
        for spelled in ("2×1 + 1×3 = 5", "(−1)×1 + 4×3 = 11", "3×1 + (−2)×3 = −3", "1×3 + 4×2 + (−2)×1 = 9"):
            assert f"<td>{spelled}</td>" in table


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"A": W}, r"A の形は \(3, K\)"), ({"W": np.ones((7, 3))}, "W は 6 行 6 列"), ({"A": A * 1000}, "大きさが 999"),
        ({"W": W * 40, "A": A * 40}, "積の大きさ"), ({"W": W * 1j}, "実数"),
        ({"opened": (3, 1)}, "opened は 2 行 4 列"), ({"opened": (1,)}, "opened"),
        ({"opened": (0, 1)}, r"opened\[0\]"),
        ({"points": np.ones((3, 1))}, "points"),
        ({"points": POINTS, "opened": (1, 2)}, "opened は 3 行 1 列"), ({"figure": 3}, "figure"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        interactive.product(**{"W": W, "A": A, **given})


@pytest.fixture
def apps(browser: webdriver.Chrome, site: str) -> list[WebElement]:
    """章の二つの図: 行列の積と、転置。"""
    figure(browser, f"{site}chapters/10_tables_to_matrices.html", "product")
    return browser.find_elements(By.CSS_SELECTOR, '.interactive[data-kind="product"] > .interactive-live')


def cell(app: WebElement, name: str) -> WebElement:
    return app.find_element(By.CSS_SELECTOR, f'[data-cell="{name}"]')


def click(app: WebElement, name: str) -> None:
    """画面の中ほどに出してから、押す。"""
    found = cell(app, name)
    app.parent.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", found)
    found.click()


def lit(app: WebElement) -> set[str]:
    found = app.find_elements(By.CSS_SELECTOR, ".product-cell.lit")
    return {each.get_attribute("data-cell") for each in found}


def lines(app: WebElement) -> list[str]:
    return texts(app, ".product-panel span")


def guess(app: WebElement, name: str, text: str) -> None:
    click(app, name)
    app.find_element(By.CSS_SELECTOR, "input[type=text]").send_keys(text, Keys.ENTER)


class TestInTheBrowser:
    """触れる、予想する、たどる。"""

    def test_they_stand_in_for_the_figures_on_paper(self, apps: list[WebElement]) -> None:
        names = ["fig-matrix-product", "fig-transpose"]
        assert [app.find_element(By.XPATH, "ancestor::figure").get_attribute("id") for app in apps] == names
        (way,) = interactive.product(W, A, opened=(2, 3)).data["ways"]
        assert lit(apps[0]) == set(way["cells"]["product-1-2"]["lit"])
        assert lines(apps[0])[1] == "1×0 + 4×2 + (−2)×1 = 6"
        assert texts(apps[0], ".product .product-cell") == [*"？？？？？？", "6", "？"]
        assert texts(apps[1], ".product .product-cell") == ["？", "？", "−3"]

    def test_an_entry_is_hidden_until_it_is_answered(self, apps: list[WebElement]) -> None:
        app, heights = apps[0], set()
        for k, n in np.ndindex(2, 4):
            name, answer = f"product-{k}-{n}", shown(by_hand(W, A, k, n))
            if name != "product-1-2":
                click(app, name)
                assert lines(app) == [f"WA の{k + 1}行{n + 1}列は？", "", ""]
                assert lit(app) == set()
                assert cell(app, name).accessible_name.endswith("まだ見ていません")
                app.find_element(By.CSS_SELECTOR, "button.main").click()
            heights.add(app.size["height"])
            click(app, name)
            assert cell(app, name).text == answer
            assert cell(app, name).accessible_name.endswith(f"、{answer}")
            assert len(lit(app)) == 7
            heights.add(app.size["height"])
        assert len(heights) == 1
        assert app.find_element(By.CSS_SELECTOR, "button.main").get_attribute("aria-disabled") == "true"

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("product-0-0", "7", "予想 7 のとおりです。"), ("product-0-3", "－３", "予想 −3 のとおりです。"),
            ("product-0-0", "9", "予想 9 は、答えより 2 大きい値です。W の2行めを使った値です。"),
            ("product-1-3", "2.5", "予想 2.5 は、答えより 0.5 小さい値です。"), ("product-0-1", "五", "「五」は数として読めません。"),
            ("product-0-1", "", ""),
        ],
    )  # fmt: skip
    def test_predictions(self, apps: list[WebElement], name: str, text: str, said: str) -> None:
        guess(apps[0], name, text)
        assert lines(apps[0])[2] == said

    def test_each_way_keeps_what_was_found(self, apps: list[WebElement]) -> None:
        app = apps[1]
        back, forth = app.find_elements(By.CSS_SELECTOR, "input[type=radio]")
        guess(app, "product-0-0", "5")
        for way, seen in ((forth, ["7", "9"]), (back, ["5", "？", "−3"])):
            app.parent.execute_script("arguments[0].click()", way)
            assert texts(app, ".product .product-cell") == seen
        app.find_elements(By.CSS_SELECTOR, ".interactive-bar button")[-2].click()
        assert texts(app, ".product .product-cell") == ["？", "？", "−3"]

    def test_what_is_given_lights_what_it_makes(self, apps: list[WebElement]) -> None:
        app = apps[0]
        click(app, "left-1-2")
        assert lit(app) == {"left-1-2", *(f"product-1-{n}" for n in range(4))}
        assert lines(app) == ["−2 は、WA の2行めへ。", "W の行は、積の行を作ります。", ""]
        click(app, "right-0-3")
        assert lit(app) == {"right-0-3", "product-0-3", "product-1-3"}
        assert lines(app)[0] == "−1 は、WA の4列めへ。"

    def test_arrows_walk_within_a_grid_and_tab_stops_once(self, apps: list[WebElement]) -> None:
        app, browser = apps[0], apps[0].parent
        click(app, "left-0-0")
        for key, name in (
            (Keys.ARROW_RIGHT, "left-0-1"), (Keys.ARROW_DOWN, "left-1-1"), (Keys.ARROW_DOWN, "left-1-1"),
            (Keys.END, "left-1-2"), (Keys.HOME, "left-1-0"), (Keys.ARROW_UP, "left-0-0"),
            (Keys.ARROW_LEFT, "left-0-0"),
        ):  # fmt: skip
            browser.switch_to.active_element.send_keys(key)
            assert browser.switch_to.active_element.get_attribute("data-cell") == name
            assert cell(app, name).get_attribute("aria-selected") == "true"
        for grid in app.find_elements(By.CSS_SELECTOR, "[role=grid]"):
            assert len(grid.find_elements(By.CSS_SELECTOR, '[tabindex="0"]')) == 1

    def test_the_table_is_read_by_columns_on_the_way_back(self, apps: list[WebElement]) -> None:
        app = apps[1]
        heights = {app.size["height"]}
        assert {name for name in lit(app) if name.startswith(("corner", "left"))} == {
            "corner-0-2", "corner-1-2", "left-2-0", "left-2-1",
        }  # fmt: skip
        click(app, "corner-0-1")
        assert lit(app) == {"corner-0-1", "left-1-0", "product-1-0"}
        assert lines(app)[:2] == ["−1 は、帰りの積の2行めへ。", "W の列は、積の行を作ります。"]
        radios = app.find_elements(By.CSS_SELECTOR, "input[type=radio]")
        app.parent.execute_script("arguments[0].click()", radios[1])
        heights.add(app.size["height"])
        row, column = ({f"left-0-{j}" for j in range(3)}, {f"right-{j}-0" for j in range(3)})
        assert lit(app) == row | column | {"product-0-0"}
        assert texts(app, ".product .product-cell") == ["7", "9"]
        assert len(heights) == 1

    @pytest.mark.long
    @pytest.mark.parametrize("width", [320, 390, 1280])
    def test_it_fits_and_can_be_touched(self, apps: list[WebElement], width: int) -> None:
        browser = apps[0].parent
        resize(browser, width)
        for app in apps:
            assert browser.execute_script("return arguments[0].scrollWidth <= arguments[0].clientWidth", app)
            sizes = [found.size for found in app.find_elements(By.CSS_SELECTOR, ".product-cell")]
            assert min(min(size["width"], size["height"]) for size in sizes) >= 24
            for row in app.find_elements(By.CSS_SELECTOR, "[role=row]"):
                edges = [found.rect for found in row.find_elements(By.CSS_SELECTOR, ".product-cell")]
                assert all(a["x"] + a["width"] <= b["x"] for a, b in zip(edges, edges[1:], strict=False))
            rects = [found.rect for found in app.find_elements(By.CSS_SELECTOR, "button")]
            assert max(rect["x"] + rect["width"] for rect in rects) <= app.rect["x"] + app.rect["width"]

    def test_without_colour_the_lit_cells_are_framed(self, apps: list[WebElement]) -> None:
        def frame(app: WebElement, name: str) -> tuple[str, ...]:
            found = cell(app, name)
            return tuple(found.value_of_css_property(f"border-top-{part}") for part in ("style", "width"))

        assert frame(apps[0], "left-1-0") == ("solid", "2px")
        assert frame(apps[0], "left-0-0") == ("solid", "1px")
        assert frame(apps[1], "corner-0-2") == ("dashed", "2px")

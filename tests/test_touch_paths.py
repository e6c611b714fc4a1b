"""道をたどる図の検査: 値を、計算グラフと、道を1本ずつたどった和と比べる。ブラウザで一歩ずつ進む。"""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from touching import figure, texts
from written import shown

from backprop import interactive
from backprop.autodiff import Variable, gradients

NINE = [
    np.array([[2.0], [-1.0], [0.5]]),
    np.array([[1.0, 0.5, -2.0], [-1.0, 3.0, 2.0], [0.5, -0.5, 1.0]]),
    np.array([[0.5, 2.0, -1.0]]),
]
NAMES = [["x"], ["α₁", "α₂", "α₃"], ["β₁", "β₂", "β₃"], ["v"]]
TWO = [np.array([[4.0], [-0.25]]), np.array([[0.5, 4.0]])]


def evaluated(terms: str) -> float:
    """表示された計算を、電卓のように行う。"""
    text = terms.replace("−", "-").replace("×", "*")
    assert re.fullmatch(r"[\d\s.()*+-]*", text), terms
    return float(eval(text))


def answer(step: dict[str, Any]) -> float:
    return float(step["answer"].replace("−", "-"))


def by_graph(rates: list[np.ndarray]) -> list[np.ndarray]:
    """計算グラフで求めた、どの量から出口への割合も。"""
    nodes = [Variable(np.ones((1, 1)))]
    for rate in rates:
        nodes.append(Variable(rate) @ nodes[-1])
    return [g[:, 0] for g in gradients(nodes[-1].sum(), nodes[:-1])]


class TestValues:
    """一歩ごとの値。"""

    @pytest.mark.parametrize("seed", range(20))
    def test_random_graphs(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        widths = [1, *rng.integers(1, 4, rng.integers(1, 4)), 1]
        rates = [rng.integers(-4, 5, (b, a)) / 4 for a, b in zip(widths, widths[1:], strict=False)]
        names = [[f"q{layer}{node}" for node in range(width)] for layer, width in enumerate(widths)]
        ways = {way["key"]: way["steps"] for way in interactive.paths(rates, names).data["ways"]}
        expected = by_graph(rates)
        for step in ways["exit"]:
            layer, node = map(int, step["node"].split("-"))
            assert step["answer"] == shown(expected[layer][node])
        total = sum(np.prod([r[b, a] for r, (a, b) in zip(rates, zip(p, p[1:], strict=False), strict=True)])
                    for p in product(*map(range, widths)))  # fmt: skip
        for steps in ways.values():
            assert steps[-1]["answer"] == shown(total)
            for step in steps:
                assert evaluated(step["terms"]) == pytest.approx(answer(step), rel=0.02, abs=0.03)

    def test_the_nine_paths(self) -> None:
        ways = {way["key"]: way["steps"] for way in interactive.paths(NINE, NAMES).data["ways"]}
        assert [len(steps) for steps in ways.values()] == [10, 7, 7]
        for place, (k, i) in enumerate((k, i) for i in range(3) for k in range(3)):
            step = ways["paths"][place]
            assert step["lit"] == [f"0-{i}-0", f"1-{k}-{i}", f"2-0-{k}"]
            assert answer(step) == NINE[0][i, 0] * NINE[1][k, i] * NINE[2][0, k]
            assert step["tally"].endswith(f"掛け算 {2 * place + 2} 回")
        exits = {step["node"]: answer(step) for step in ways["exit"]}
        entrances = {step["node"]: answer(step) for step in ways["entrance"]}
        for node in range(3):
            assert exits[f"1-{node}"] == (NINE[2] @ NINE[1])[0, node]
            assert entrances[f"2-{node}"] == (NINE[1] @ NINE[0])[node, 0]
        assert exits["0-0"] == entrances["3-0"] == -9.75
        assert [step["tally"] for step in ways["exit"]] == [f"掛け算 {n} 回" for n in (0, 0, 0, 3, 6, 9, 12)]

    def test_every_line_that_meets_is_lit(self) -> None:
        (way,) = interactive.paths(NINE, NAMES, ways=["exit"]).data["ways"]
        for step in way["steps"]:
            layer, node = step["node"].split("-")
            after = NINE[int(layer)].shape[0]
            assert step["lit"] == [f"{layer}-{k}-{node}" for k in range(after)]

    @pytest.mark.parametrize(
        ("rates", "names", "ways"),
        [
            ([NINE[0]], [["x"], ["a", "b", "c"]], ["exit"]),
            (NINE, NAMES[:-1], ["exit"]),
            (NINE, [["x"], ["α₁", "α₂"], *NAMES[2:]], ["exit"]),
            ([np.ones((2, 1)), np.ones((2, 2))], [["x"], ["a", "b"], ["v", "w"]], ["exit"]),
            ([TWO[0] * 1j, TWO[1]], [["x"], ["a", "b"], ["v"]], ["exit"]),
            ([TWO[0] * np.nan, TWO[1]], [["x"], ["a", "b"], ["v"]], ["exit"]),
            (TWO, [["x"], ["a", 2], ["v"]], ["exit"]),
            (TWO, [["x"], ["a", "b"], ["v"]], ["exti"]),
            (TWO, [["x"], ["a", "b"], ["v"]], []),
            (3, [["x"]], ["exit"]),
        ],
    )
    def test_bad_graphs_are_refused(self, rates: object, names: object, ways: object) -> None:
        with pytest.raises((TypeError, ValueError), match="rates|names|ways"):
            interactive.paths(rates, names, ways=ways)


@pytest.fixture
def app(browser: webdriver.Chrome, site: str) -> WebElement:
    figure(browser, f"{site}chapters/11_chain_rule.html", "paths")
    found = browser.find_elements(By.CSS_SELECTOR, '.interactive[data-kind="paths"] > .interactive-live')[1]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", found)
    return found


def choose(app: WebElement, place: int) -> None:
    radio = app.find_elements(By.CSS_SELECTOR, "input[type=radio]")[place]
    app.parent.execute_script("arguments[0].click()", radio)


class TestInTheBrowser:
    """一歩ずつ進む。"""

    @pytest.mark.long
    @pytest.mark.parametrize("place", range(3))
    def test_every_step_is_asked_and_then_answered(self, app: WebElement, place: int) -> None:
        way = interactive.paths(NINE, NAMES).data["ways"][place]
        choose(app, place)
        main, back = app.find_elements(By.CSS_SELECTOR, ".interactive-bar button")[:2]
        heights = set()
        for n, step in enumerate(way["steps"]):
            count = f"{n + 1}/{len(way['steps'])}"
            asked = [f"{count}　{step['ask']}は？", f"{step['terms']} = ？", "", ""]
            assert texts(app, ".paths-panel span") == asked
            assert main.text == "答えを見る"
            assert len(app.find_elements(By.CSS_SELECTOR, ".rate.on")) == len(step["lit"])
            assert texts(app, ".known").count("？") == (step["node"] is not None)
            heights.add(app.size["height"])
            main.send_keys(Keys.ENTER)
            expected = [f"{count}　{step['ask']}は？", f"{step['terms']} = {step['answer']}", "", step["tally"]]
            assert texts(app, ".paths-panel span") == expected
            assert step["answer"] in app.find_element(By.CSS_SELECTOR, "svg").get_attribute("aria-label")
            if step["node"]:
                assert step["answer"] in texts(app, ".known")
            heights.add(app.size["height"])
            if n + 1 < len(way["steps"]):
                main.send_keys(Keys.ENTER)
        assert len(heights) == 1
        assert main.get_attribute("aria-disabled") == "true"
        main.send_keys(Keys.ENTER)  # 終わりでは動かない
        assert texts(app, ".paths-panel span") == expected
        back.send_keys(Keys.ENTER, Keys.ENTER)
        assert texts(app, ".paths-ask span")[0].startswith(f"{len(way['steps']) - 1}/")

    @pytest.mark.parametrize(
        ("guess", "says"),
        [
            ("1", "予想 1 のとおりです。"), ("１．０", "予想 1 のとおりです。"), ("2/2", "予想 1 のとおりです。"),
            ("-1", "予想 −1 は、答えより 2 小さい値です。"), ("1.5", "予想 1.5 は、答えより 0.5 大きい値です。"),
            ("abc", "「abc」は数として読めません。"), ("", ""), ("1.004", "予想 1 のとおりです。"),
        ],
    )  # fmt: skip
    def test_predictions(self, app: WebElement, guess: str, says: str) -> None:
        box = app.find_element(By.CSS_SELECTOR, ".paths-guess input")
        box.send_keys(guess, Keys.ENTER)
        assert texts(app, ".paths-said span") == [says]

    def test_arrows_point_the_way_of_the_sums(self, app: WebElement) -> None:
        for place, kind in enumerate("pbf"):
            choose(app, place)
            lit = len(interactive.paths(NINE, NAMES).data["ways"][place]["steps"][0]["lit"])
            assert len(app.find_elements(By.CSS_SELECTOR, f".tip.{kind}")) == lit

"""つまみを一つ回す図の検査: どの一枚も、検査の中で NumPy だけから求めた損失と出力、中心差分の傾きと比べる。"""

from __future__ import annotations

from collections.abc import Iterator
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
from backprop.interactive.widget import LIMIT
from backprop.network import Network

X = np.linspace(-1, 1, 9)[np.newaxis]
Y = X**2
START = [0.5, 0.5, 1.0, 0.0, 0.5, -0.5, 1.0, -1.0, 0.5, 0.0]
"""10個のつまみ: 隠れ層の重みとバイアス、出力の重みとバイアス。"""
NAMES = ["w¹₁₁", "w¹₂₁", "w¹₃₁", "b¹₁", "b¹₂", "b¹₃", "w²₁₁", "w²₁₂", "w²₁₃", "b²₁"]
MARKS = np.arange(-8, 13) / 4


def network() -> Network:
    W1, b1, W2, b2 = (np.array(START[place]) for place in (slice(3), slice(3, 6), slice(6, 9), slice(9, 10)))
    return Network([W1[:, None], W2[None]], [b1[:, None], b2[None]], ["tanh", "identity"], "mse")


def output(knobs: list[float]) -> np.ndarray:
    """式のとおりの出力。"""
    w1, b1, w2, b2 = np.split(np.array(knobs), [3, 6, 9])
    return w2 @ np.tanh(w1[:, None] * X + b1[:, None]) + b2


def cost(knobs: list[float]) -> float:
    return float(((output(knobs) - Y[0]) ** 2).mean())


def turned(place: int, value: float) -> list[float]:
    return [*START[:place], value, *START[place + 1 :]]


def slope(place: int, value: float, h: float = 1e-5) -> float:
    return (cost(turned(place, value + h)) - cost(turned(place, value - h))) / (2 * h)


def frames(data: dict[str, Any]) -> Iterator[tuple[int, float, dict[str, Any]]]:
    places = [(place, value) for place in range(10) for value in MARKS]
    for (place, value), frame in zip(places, data["frames"], strict=True):
        yield place, value, frame


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return interactive.knobs(network(), X, Y, first=2, figure="fig-knob-and-loss").data


class TestValues:
    """一枚ごとの値。"""

    def test_the_knobs_stand_where_the_network_starts(self, data: dict[str, Any]) -> None:
        choice, slider = data["controls"]
        assert choice["values"] == NAMES
        assert slider["values"] == [shown(v) for v in MARKS]
        assert [float(MARKS[n]) for n in choice["homes"]] == START
        assert (choice["start"], MARKS[slider["start"]]) == (1, 0.5)

    def test_every_frame(self, data: dict[str, Any]) -> None:
        seen = set()
        for place, value, frame in frames(data):
            knobs = turned(place, value)
            (touching,), (curve,) = frame["d"]
            assert touching["x"] == value
            assert touching["y"] == pytest.approx(cost(knobs), abs=0.00501)
            assert touching["m"] == pytest.approx(slope(place, value), abs=0.00051)
            assert curve["y"] == pytest.approx(output(knobs), abs=0.00501)
            assert frame["r"][0] == shown(cost(knobs))
            exact, said = slope(place, value), float(frame["r"][1].replace("−", "-"))
            assert said == pytest.approx(exact, rel=0.0051, abs=1e-6)
            way = "増やす" if exact < 0 else "減らす"
            assert frame["r"][2] == ("ほとんど変わらない" if abs(exact) < 0.01 else way)
            seen.add(frame["r"][2])
        assert len(seen) == 3

    def test_turning_the_way_that_is_said_lowers_the_loss(self, data: dict[str, Any]) -> None:
        step = {"増やす": 1e-4, "減らす": -1e-4}
        for place, value, frame in frames(data):
            if frame["r"][2] in step:
                assert cost(turned(place, value + step[frame["r"][2]])) < cost(turned(place, value))

    def test_the_curves_are_the_losses(self, data: dict[str, Any]) -> None:
        by, home = data["plots"][0]["fixed"]
        assert home["name"] == "始めの値"
        for place, (curve, dot) in enumerate(by["layers"]):
            assert dot["s"] == home["s"] == "open"
            assert curve["y"] == pytest.approx([cost(turned(place, v)) for v in curve["x"]], abs=0.00501)
            assert (curve["x"][0], curve["x"][-1]) == (-2, 3)
            assert (dot["x"], dot["y"]) == ([START[place]], pytest.approx([cost(START)], abs=0.00501))

    def test_it_is_small(self) -> None:
        widget = interactive.knobs(network(), X, Y, first=2, figure="fig-knob-and-loss")
        assert len(widget._repr_mimebundle_()["text/html"]) < LIMIT


LINE = Network([np.array([[0.5]])], [np.array([[0.0]])], ["identity"], "mse")
XS = np.array([[-1.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"network": Network([np.eye(2)], [np.zeros((2, 1))], ["identity"], "mse")}, "1個のネットワーク"),
        (
            {"network": Network([np.ones((9, 1)), np.ones((1, 9))], [np.zeros((9, 1)), np.zeros((1, 1))],
                                ["tanh", "identity"], "mse")},
            "25 個まで.*28 個",
        ),
        ({"X": XS[:, ::-1]}, "等しい間隔"),
        ({"X": np.array([[0.0, 1.0, 3.0]])}, "等しい間隔"),
        ({"X": np.zeros((1, 3))}, "等しい間隔"),
        ({"X": XS[:, :1], "Y": XS[:, :1]}, "2個から 50 個"),
        ({"X": np.arange(51.0)[None], "Y": np.arange(51.0)[None]}, "2個から 50 個"),
        ({"Y": XS[:, :2]}, "Y"),
        ({"first": 3}, "first は 1 から 2 まで"),
        ({"figure": 3}, "figure"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(given: dict[str, Any], said: str) -> None:
    arguments = {"network": LINE, "X": XS, "Y": XS, **given}
    with pytest.raises((TypeError, ValueError), match=said):
        interactive.knobs(**arguments)


@pytest.mark.parametrize(("start", "nearest"), [(0.3, 0.25), (3.5, 3.0), (-40.0, -2.0)])
def test_a_reader_may_start_anywhere(start: float, nearest: float) -> None:
    data = interactive.knobs(LINE.replace(W1=np.array([[start]])), XS, XS).data
    choice, slider = data["controls"]
    assert slider["values"][choice["homes"][0]] == shown(nearest)
    (_, dot), _ = data["plots"][0]["fixed"][0]["layers"]
    assert dot["x"] == [start]
    assert all(len(plot["y"]["ticks"]) <= 7 for plot in data["plots"])
    other = data["frames"][len(MARKS) + choice["homes"][1]]  # バイアスを選べば、重みは始めの値のまま
    assert other["r"][0] == shown(float(((start - 1) ** 2 * XS**2).mean()))


@pytest.fixture
def app(browser: webdriver.Chrome, site: str) -> WebElement:
    return figure(browser, f"{site}chapters/01_what_is_backprop.html", "sliders")


def parts(app: WebElement) -> tuple[list[WebElement], WebElement]:
    return app.find_elements(By.CSS_SELECTOR, "input[type=radio]"), app.find_element(
        By.CSS_SELECTOR, "input[type=range]"
    )


class TestInTheBrowser:
    """選んで、回す。"""

    def test_it_stands_in_for_the_figure_on_paper(self, app: WebElement, browser: webdriver.Chrome) -> None:
        paper = browser.find_element(By.ID, "fig-knob-and-loss")
        assert app.find_element(By.XPATH, "ancestor::figure") == paper
        assert paper.find_element(By.TAG_NAME, "figcaption").is_displayed()
        assert not any(image.is_displayed() for image in paper.find_elements(By.CSS_SELECTOR, "img, picture"))
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            assert any(image.is_displayed() for image in paper.find_elements(By.CSS_SELECTOR, "img"))
            assert paper.find_element(By.TAG_NAME, "table").is_displayed()
        finally:
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    def test_a_newly_chosen_knob_starts_at_its_own_value(self, app: WebElement) -> None:
        radios, slider = parts(app)
        slider.send_keys(Keys.END)
        for place, radio in enumerate(radios):
            app.parent.execute_script("arguments[0].click()", radio)
            assert texts(app, "output") == [shown(START[place])]
            assert radio.accessible_name == f"{'重み' if NAMES[place][0] == 'w' else 'バイアス'} {NAMES[place]}"
            readouts = texts(app, ".sliders-readouts dd span")
            assert readouts[:2] == [shown(cost(START)), shown(slope(place, START[place]))]

    def test_keys_turn_the_knob_without_changing_the_height(
        self, app: WebElement, data: dict[str, Any]
    ) -> None:
        radios, slider = parts(app)
        heights, left = set(), 0
        for place, key in ((1, Keys.HOME), (3, Keys.END), (8, Keys.END), (9, Keys.HOME)):
            app.parent.execute_script("arguments[0].click()", radios[place])
            slider.send_keys(key)
            value = -2 if key == Keys.HOME else 3
            assert texts(app, ".sliders-readouts dd span")[0] == shown(cost(turned(place, value)))
            assert shown(cost(turned(place, value))) in slider.get_attribute("aria-valuetext")
            heights.add(app.size["height"])
            above = cost(turned(place, value)) > data["plots"][0]["y"]["high"]
            plot = app.find_elements(By.CSS_SELECTOR, ".sliders-plot")[0]
            assert len(plot.find_elements(By.CSS_SELECTOR, ".beyond")) == above
            left += above
        assert len(heights) == 1
        assert left

    def test_reset_returns_to_the_first_knob(self, app: WebElement) -> None:
        radios, slider = parts(app)
        app.parent.execute_script("arguments[0].click()", radios[9])
        slider.send_keys(Keys.END)
        app.find_element(By.CSS_SELECTOR, ".interactive-bar button").click()
        assert radios[1].is_selected()
        assert texts(app, "output") == ["0.5"]

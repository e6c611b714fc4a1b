"""加重和のつまみの図の検査: 値を、この検査の中で NumPy だけから求めたものと比べる。"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from touching import figure
from written import shown

from backprop import interactive


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def frames(data: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """つまみに書かれた値の組と、その一枚。"""
    places = product(*(control["values"] for control in data["controls"]))
    yield from zip(places, data["frames"], strict=True)


def real(text: str) -> float:
    """つまみに書かれた数。"""
    return float(text.replace("−", "-"))


LOSSES = {
    "シグモイド関数と2値クロスエントロピー": (
        lambda z, y: np.log1p(np.exp(-z)) if y else np.log1p(np.exp(z)),
        lambda z, y: sigmoid(z) - y,
    ),
    "シグモイド関数と平均二乗誤差": (
        lambda z, y: (sigmoid(z) - y) ** 2,
        lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z),
    ),
    "恒等関数と平均二乗誤差": (lambda z, y: (z - y) ** 2, lambda z, y: 2 * (z - y)),
}
ACTIVATIONS = {
    "シグモイド関数": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z), 0.25),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2, 1),
    "softplus": (lambda z: np.log1p(np.exp(z)), sigmoid, 1),
    "ReLU": (lambda z: z * (z > 0), lambda z: (z > 0) * 1.0, 1),
    "leaky ReLU": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01, 1),
    "恒等関数": (lambda z: z, lambda z: 1.0, 1),
}


class TestLosses:
    """損失と傾き。"""

    def test_every_frame(self) -> None:
        data = interactive.losses().data
        seen = set()
        for (pair, target, at), frame in frames(data):
            z, y = real(at), real(target.removesuffix(" が正解"))
            value, slope = (function(np.float64(z), y) for function in LOSSES[pair])
            y_hat = z if pair.startswith("恒等") else sigmoid(z)
            (touching,), (drop,) = frame["d"]
            assert touching["x"] == drop["x"] == z
            assert touching["y"] == pytest.approx(value, abs=0.00501)
            assert touching["m"] == drop["y"] == pytest.approx(slope, abs=0.000501)
            assert frame["r"][:3] == [shown(v) for v in (y_hat, value, slope)]
            words = frame["r"][3]
            assert frame["say"] == words
            assert ("外して" in words) == ((y_hat > 0.5) != (y > 0.5) or y_hat == 0.5)
            assert (("消えた" in words) or ("ほとんどない" in words)) == (abs(slope) < 0.01)
            seen.add(words)
        assert len(seen) == 4

    def test_the_curves_are_the_losses_and_their_slopes(self) -> None:
        for number, plot in enumerate(interactive.losses().data["plots"]):
            (curves,) = (layer["layers"] for layer in plot["fixed"] if layer["t"] == "by")
            for target, lines in zip((1.0, 0.0), curves, strict=True):
                for line, functions in zip(lines, LOSSES.values(), strict=True):
                    x = np.array(line["x"])
                    expected = [functions[number](v, target) for v in x]
                    assert line["y"] == pytest.approx(expected, abs=0.00501)
                    assert (x[0], x[-1]) == (-8, 8)


class TestActivations:
    """活性化関数と傾き。"""

    def test_every_frame(self) -> None:
        for (name, at), frame in frames(interactive.activations().data):
            z = np.float64(real(at))
            f, df, steepest = ACTIVATIONS[name]
            kink = z == 0 and "ReLU" in name
            (touching,), (drop,) = frame["d"]
            assert drop["x"] == z
            assert drop["y"] == pytest.approx(df(z), abs=0.000501)
            if kink:  # 折れ目には接線がない
                assert touching == {"t": "dots", "s": "end", "x": [0], "y": [0]}
                assert frame["r"][3] == f"折れ目。微分はなく、{shown(df(z))} は約束"
            else:
                assert touching["y"] == pytest.approx(f(z), abs=0.00501)
                assert touching["m"] == pytest.approx(df(z), abs=0.000501)
                flat = "平ら" if df(z) == 0 else "ほとんど平ら" if df(z) < 0.01 * steepest else "傾いている"
                assert frame["r"][3] == flat
            assert frame["r"][:3] == [shown(v) for v in (f(z), df(z), df(z) / steepest)]

    def test_the_slope_is_cut_where_it_jumps(self) -> None:
        plot = interactive.activations().data["plots"][1]
        (curves,) = (layer["layers"] for layer in plot["fixed"] if layer["t"] == "by")
        for name, layers in zip(ACTIVATIONS, curves, strict=True):
            if "ReLU" not in name:
                (line,) = layers
                expected = [ACTIVATIONS[name][1](v) for v in line["x"]]
                assert line["y"] == pytest.approx(expected, abs=0.000501)
                continue
            left, right, hole = layers
            low = 0.01 if "leaky" in name else 0
            assert (left["x"], left["y"], right["x"], right["y"]) == ([-6, 0], [low, low], [0, 6], [1, 1])
            assert (hole["s"], hole["x"], hole["y"]) == ("open", [0], [1])


@pytest.mark.parametrize("make", [interactive.losses, interactive.activations])
@pytest.mark.parametrize("step", [0.7, 7.0, 0.01, 0.0, -0.5, "0.5", None])
def test_bad_steps_are_refused(make: object, step: object) -> None:
    with pytest.raises((TypeError, ValueError), match="step は") as refused:
        make(step=step)
    assert any(word in str(refused.value) for word in ("割った数", "正", "数"))


DRAWN = """
    return [...arguments[0].querySelectorAll('.sliders-plot svg[role=img]')].map(svg => {
      const frame = svg.querySelector('.frame'), n = (e, name) => Number(e.getAttribute(name));
      const x = v => (v - n(frame, 'x')) / n(frame, 'width');
      const y = v => 1 - (v - n(frame, 'y')) / n(frame, 'height');
      const line = e => e && [[x(n(e, 'x1')), y(n(e, 'y1'))], [x(n(e, 'x2')), y(n(e, 'y2'))]];
      return {
        tangent: line(svg.querySelector('.tangent')), drop: line(svg.querySelector('.drop')),
        dots: [...svg.querySelectorAll('.dot')].map(e => [x(n(e, 'cx')), y(n(e, 'cy'))]),
      };
    });
"""


def drawn(app: WebElement) -> list[dict[str, Any]]:
    """図ごとに、接線、棒、点の、枠の中の割合での場所。"""
    return app.parent.execute_script(DRAWN, app)


def values(plot: dict[str, Any], points: list[list[float]]) -> np.ndarray:
    """枠の中の割合から、軸の値へ。"""
    low, high = (np.array([plot[axis][end] for axis in "xy"]) for end in ("low", "high"))
    return low + np.array(points) * (high - low)


class TestInTheBrowser:
    """描かれた接線と棒と点。"""

    @staticmethod
    def shown_in(browser: webdriver.Chrome, site: str, chapter: str) -> WebElement:
        return figure(browser, f"{site}chapters/{chapter}.html", "sliders")

    def test_tangents_touch_with_the_slope_of_the_loss(self, browser: webdriver.Chrome, site: str) -> None:
        app, data = self.shown_in(browser, site, "12_loss_functions"), interactive.losses().data
        slider = app.find_element(By.CSS_SELECTOR, "input[type=range]")
        heights = set()
        for key in (Keys.HOME, *[Keys.PAGE_UP] * 9):
            slider.send_keys(key)
            heights.add(app.size["height"])
            z = -8 + 0.5 * int(slider.get_attribute("value"))
            left, right = drawn(app)
            a, b = values(data["plots"][0], left["tangent"])
            slope = sigmoid(z) - 1
            assert (a + b) / 2 == pytest.approx([z, np.log1p(np.exp(-z))], abs=0.01)
            assert (b - a)[1] / (b - a)[0] == pytest.approx(slope, abs=0.002)
            bottom, top = values(data["plots"][1], right["drop"])
            assert [*bottom, *top] == pytest.approx([z, 0, z, slope], abs=0.002)
        assert len(heights) == 1

    def test_no_tangent_where_it_bends(self, browser: webdriver.Chrome, site: str) -> None:
        app = self.shown_in(browser, site, "13_activations")
        names = [label.text for label in app.find_elements(By.CSS_SELECTOR, "fieldset label")]
        radios = app.find_elements(By.CSS_SELECTOR, "input[type=radio]")
        slider = app.find_element(By.CSS_SELECTOR, "input[type=range]")
        slider.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 12)
        heights = set()
        for name, radio in zip(names, radios, strict=True):
            browser.execute_script("arguments[0].click()", radio)
            heights.add(app.size["height"])
            left, right = drawn(app)
            assert (left["tangent"] is None) == ("ReLU" in name)
            assert len(right["dots"]) == (2 if "ReLU" in name else 1)  # 折れ目では、約束の点と、届かない端
        assert len(heights) == 1

    def test_every_step_back_has_its_own_dot(self, browser: webdriver.Chrome, site: str) -> None:
        app, data = self.shown_in(browser, site, "51_vanishing_gradient"), interactive.vanishing().data
        depth = app.find_elements(By.CSS_SELECTOR, "input[type=range]")[0]
        for key, layers in ((Keys.HOME, 5), (Keys.END, 50)):
            depth.send_keys(key)
            (frame,) = (
                frame for place, frame in frames(data) if place == ("シグモイド", str(layers), "0.1")
            )
            dots = values(data["plots"][1], drawn(app)[1]["dots"])
            assert dots[:, 0] == pytest.approx(np.arange(1, layers - 1), abs=0.01)
            assert dots[:, 1] == pytest.approx(frame["d"][1][0]["y"], abs=0.01)

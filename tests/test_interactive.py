"""動かして見る図の検査: 入っている値、出力の形、ブラウザでの動き。

値は、この検査の中で NumPy だけを使って、はじめから計算しなおしたものと比べる。
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from browsing import resize, until, wake
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from written import shown

from backprop import interactive
from backprop.datasets import xor
from backprop.interactive import descent, differences, film, layers, valleys
from backprop.interactive.widget import LIMIT, Widget
from backprop.network import Network
from backprop.optimizers import GradientDescent
from backprop.training import train

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = {
    "01_what_is_backprop": ["sliders"],
    "10_tables_to_matrices": ["product", "product"],
    "11_chain_rule": ["paths", "paths"],
    "12_loss_functions": ["sliders"],
    "13_activations": ["sliders", "tug"],
    "53_momentum": ["plane"],
    "23_algorithm": ["stepper"],
    "24_by_hand": ["stepper"],
    "42_xor": ["stepper", "sliders"],
    "14_gradient_descent": ["sliders", "sliders", "valleys"],
    "51_vanishing_gradient": ["sliders"],
    "38_gradient_check": ["sliders"],
    "21_forward_pass": ["linked"],
    "22_computational_graph": ["graph"],
    "31_step1_output_gradient": ["linked"],
    "32_step2_output_delta": ["linked"],
    "33_step3_hidden_delta": ["linked"],
    "34_step4_weight_gradient": ["linked"],
    "35_step5_bias_gradient": ["linked"],
    "36_step6_update": ["linked"],
}

X, Y = xor()


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def loss_of(y: float, y_hat: float) -> float:
    return -y * math.log(y_hat) - (1 - y) * math.log(1 - y_hat)


# ---- 入っている値 --------------------------------------------------------------------------------


class TestSliders:
    """つまみのついた図。"""

    @staticmethod
    def frames(data: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """つまみに書かれた値の組と、その一枚。"""
        places = list(product(*(control["values"] for control in data["controls"])))
        yield from zip(places, data["frames"], strict=True)

    def test_learning_rate(self) -> None:
        for (eta, curve), frame in self.frames(interactive.learning_rate().data):
            rate, bend = float(eta), float(curve)
            path = 2.5 * (1 - rate * bend) ** np.arange(16.0)
            walk = frame["d"][0][0]
            assert walk["x"] == pytest.approx(path[: len(walk["x"])], abs=0.006)
            assert walk["y"] == pytest.approx(bend * path[: len(walk["x"])] ** 2 / 2, abs=0.006)
            inside = int((np.abs(path) <= descent.EDGE + 1e-9).argmin()) or 15
            assert len(walk["x"]) == inside + 1
            logs = frame["d"][1][0]["y"]
            with np.errstate(divide="ignore"):
                expected = np.maximum(np.log10(np.abs(path[: len(logs)])), valleys.FLOOR - 1)
            assert logs == pytest.approx(expected, abs=0.006)
            assert frame["r"][0] == shown(round(1 - rate * bend, 12))
            assert frame["r"][1] == shown(2 / bend)
            product_ = round(rate * bend, 9)
            converges = {True: "近づく|着く", False: "発散"}[product_ < 2]
            assert re.search("行き来" if product_ == 2 else converges, frame["say"])
            assert (frame["m"] is None) == (2 / bend > descent.RATES[-1])
            if frame["m"] is not None:
                ends = descent.RATES[0], descent.RATES[-1]
                assert ends[0] + frame["m"] * (ends[1] - ends[0]) == pytest.approx(2 / bend, abs=1e-3)

    def test_ravine(self) -> None:
        for (eta,), frame in self.frames(interactive.ravine().data):
            t = np.arange(21.0)
            path = np.array([-2 * (1 - float(eta)) ** t, (1 - 10 * float(eta)) ** t])
            walk = frame["d"][0][0]
            kept = path[:, np.abs(path[1]) < 9]
            assert walk["x"] == pytest.approx(kept[0], abs=0.006)
            assert walk["y"] == pytest.approx(kept[1], abs=0.006)
            height = (path[0] ** 2 + 10 * path[1] ** 2) / 2
            logs = frame["d"][1][0]["y"]
            assert logs == pytest.approx(np.log10(height[: len(logs)]), abs=0.006)
            assert frame["r"][2] == shown(height[-1])
            assert ("発散" in frame["say"]) == (float(eta) > 0.2)

    def test_vanishing(self) -> None:
        names, depths, scales = ["tanh", "relu"], [4, 7], [0.1, 0.6]
        data = interactive.vanishing(names, depths, scales, width=5, nets=2).data
        places = list(product(names, depths, scales))
        for (name, depth, scale), frame in zip(places, data["frames"], strict=True):
            squares = 0
            for seed in range(2):
                rng = np.random.default_rng(seed)
                W = [scale * rng.standard_normal((5, 5)) for _ in range(depth - 1)]
                W.append(scale * rng.standard_normal((1, 5)))
                for layer in W:
                    rng.standard_normal((len(layer), 1))  # 使わないバイアスの分
                a, slopes = rng.standard_normal((5, 1)), []
                for layer in W[:-1]:
                    z = layer @ a
                    a = np.tanh(z) if name == "tanh" else z * (z > 0)
                    slopes.append(1 - np.tanh(z) ** 2 if name == "tanh" else (z > 0) * 1.0)
                y_hat = sigmoid(W[-1] @ a)
                delta, norms = y_hat - (y_hat <= 0.5), []
                for layer, slope in zip(W[:0:-1], slopes[::-1], strict=True):
                    delta = (layer.T @ delta) * slope
                    norms.insert(0, (delta**2).sum())
                squares = squares + np.array(norms)
            ratio = np.sqrt(squares / squares[-1])
            line, steps = frame["d"][0][0], frame["d"][1][0]
            assert (line["from"], len(line["y"])) == (1, depth - 1)
            assert line["y"] == pytest.approx(np.log10(ratio), abs=0.051)
            assert frame["r"][0] == shown(ratio[0], 1)
            self.check_steps(frame, steps, ratio[:-1] / ratio[1:])

    @staticmethod
    def check_steps(frame: dict[str, Any], steps: dict[str, Any], paces: np.ndarray) -> None:
        """一段ずつの倍率と様子。"""
        assert (steps["from"], steps["t"]) == (1, "dots")
        assert steps["y"] == pytest.approx(np.log10(paces), abs=0.0051)
        low, high = shown(min(paces), 2), shown(max(paces), 2)
        assert frame["r"][1] == (low if low == high else f"{low}〜{high}")
        low, high = sum(p < 0.9 for p in paces), sum(p > 1.1 for p in paces)
        counts = [low, len(paces) - low - high, high]
        assert frame["r"][2] == "・".join(map(str, counts))
        assert frame["say"] == f"縮む {counts[0]}、保つ {counts[1]}、伸びる {counts[2]}"
        far = max(range(len(paces)), key=lambda at: abs(math.log(paces[at])))
        assert frame["r"][3] == f"{far + 2}→{far + 1}: {shown(paces[far], 2)}"

    def test_vanishing_survives_a_saturated_output(self) -> None:
        data = interactive.vanishing(["identity"], [30, 50], [1.0, 3.0], width=64, nets=1).data
        assert all(float(frame["r"][1].split("〜")[0]) > 1.1 for frame in data["frames"])
        assert all(frame["say"].startswith("縮む 0、保つ 0、") for frame in data["frames"])

    def test_step_size(self) -> None:
        def reciprocal(v: np.ndarray) -> complex:
            return 1 / v.item()

        data = interactive.step_size(reciprocal, 3.0, -1 / 9, name="1/x").data
        assert [shown(2.0**-k) for k in range(50, 0, -1)] == data["controls"][0]["values"]
        for k, frame in zip(range(50, 0, -1), data["frames"], strict=True):
            h = 2.0**-k
            measured = Fraction(1 / (3 + h) - 1 / 3) / Fraction(h)
            error = float(abs(measured / Fraction(-1, 9) - 1))
            assert frame["r"][0] == f"{1 / (3 + h):.16f}"
            assert frame["r"][3] == shown(error, 1)
            assert frame["d"][0][1]["y"] == pytest.approx([math.log10(error)], abs=0.051)
            assert frame["r"][-1] in ("打ち切り誤差", "桁落ち", "釣り合っている")
        # 前進差分の打ち切り誤差は h/x、中心差分は (h/x)² の割合になる。
        assert data["frames"][40]["r"][3:5] == [shown(2.0**-10 / 3, 1), shown((2.0**-10 / 3) ** 2, 1)]
        complex_errors = [frame["r"][6] for frame in data["frames"][:20]]
        assert set(complex_errors) == {"10⁻¹⁴ 以下"}
        assert differences.PRECISION == 1e-14

    def test_training(self) -> None:
        rng = np.random.default_rng(5)
        net = Network.random([2, 3, 1], ["sigmoid"] * 2, "binary_cross_entropy", rng=rng)
        rule = GradientDescent(learning_rate=1.0)
        history = train(net, X, Y, optimizer=rule, epochs=400, snapshots=(0, 100, 400))
        data = interactive.training({"a": history}, X, Y).data
        ticks = np.linspace(film.LOW, film.HIGH, film.SIDE)
        for epoch, frame in zip((0, 100, 400), data["frames"], strict=True):
            weights = history.snapshots[epoch].weights
            biases = history.snapshots[epoch].biases
            raster = frame["d"][0][0]
            low, high = raster["span"]
            for place, letter in enumerate(raster["code"]):
                row, column = divmod(place, film.SIDE)
                x = np.array([[ticks[column]], [ticks[row]]])
                value = sigmoid(weights[1] @ sigmoid(weights[0] @ x + biases[0]) + biases[1]).item()
                assert low <= value <= high
                level = low + (high - low) * film.ALPHABET.index(letter) / 63
                assert level == pytest.approx(value, abs=(high - low) / 126 + 1e-9)
            outputs = sigmoid(weights[1] @ sigmoid(weights[0] @ X + biases[0]) + biases[1])[0]
            cost = np.mean([loss_of(y, p) for y, p in zip(Y[0], outputs, strict=True)])
            assert frame["r"][:5] == [shown(cost), *(shown(p, 2) for p in outputs)]
            assert frame["d"][1][0]["x"] == [epoch]


def every_widget() -> Iterator[tuple[str, dict[str, Any]]]:
    """記録されている章の、動かして見る図の出力。"""
    for chapter, kinds in CHAPTERS.items():
        notebook = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4)
        outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
        found = [o.data for o in outputs if 'class="interactive"' in o.get("data", {}).get("text/html", "")]
        assert [re.search(r'data-kind="(\w+)"', data["text/html"])[1] for data in found] == kinds
        yield from ((chapter, data) for data in found)


WIDGETS = list(every_widget())


def content(bundle: dict[str, str]) -> dict[str, Any]:
    """出力に入っている値。"""
    page = BeautifulSoup(bundle["text/html"], "html.parser")
    return json.loads(page.select_one('script[type="application/json"]').string)


class TestOutputs:
    """ノートブックに記録されている出力。"""

    @pytest.mark.parametrize(("chapter", "bundle"), WIDGETS, ids=[name for name, _ in WIDGETS])
    def test_small_and_readable_without_scripts(self, chapter: str, bundle: dict[str, str]) -> None:
        html = bundle["text/html"]
        assert len(html.encode()) <= 1.15 * LIMIT  # 日本語の1文字は3バイト
        assert len(html) <= LIMIT
        assert bundle["text/plain"].count("\n") == 0
        table = BeautifulSoup(html, "html.parser").select_one(".interactive-table table")
        assert table.caption.get_text()
        assert len(table.select("tbody tr")) >= 5
        assert all(cell.get_text(strip=True) for cell in table.select("th, td"))
        assert html.count("</script>") == 1

    @pytest.mark.parametrize(("chapter", "bundle"), WIDGETS, ids=[name for name, _ in WIDGETS])
    def test_no_last_digits(self, chapter: str, bundle: dict[str, str]) -> None:
        # 割り算1回の値だけは、どの機械でも最後の桁まで同じなので、すべての桁を見せる。
        text = re.sub(r'"0\.\d{16}"', "", bundle["text/html"])
        assert re.search(r"\d", text)
        numbers = re.findall(r"\d+\.\d+", text)
        assert not [n for n in numbers if len(n.replace(".", "").lstrip("0")) > 4]

    def test_frames_fill_the_controls(self) -> None:
        for _, bundle in WIDGETS:
            data = content(bundle)
            if "frames" in data:
                assert len(data["frames"]) == math.prod(len(c["values"]) for c in data["controls"])
                assert all(0 <= c["start"] < len(c["values"]) for c in data["controls"])

    def test_data_is_escaped(self) -> None:
        html = Widget("sliders", "", {"a": "</script><b>"}, "")._repr_mimebundle_()["text/html"]
        assert html.count("</script>") == 1
        assert content({"text/html": html}) == {"a": "</script><b>"}

    def test_numbers_are_written_as_expected(self) -> None:
        from backprop.interactive.numbers import number

        for value in (0.0, 1.0, -0.5, 0.1234, 123.4, 1234.0, 99999.0, 123456.0, 1.5e-5, -2e-12, 0.00034):
            for digits in (1, 2, 3):
                if not 9e4 < abs(value) < 1e5:  # 丸めると桁が一つ上がるところは、下で見る
                    assert number(value, digits) == shown(value, digits), (value, digits)
        assert number(99999.0) == "1×10⁵"
        assert layers.NAMES["relu"] == "ReLU"


# ---- できあがったサイト --------------------------------------------------------------------------


class TestSite:
    """図のあるページだけが、スクリプトを読み込む。"""

    def test_scripts_are_loaded_only_where_needed(self, pages: dict[str, BeautifulSoup]) -> None:
        for place, page in pages.items():
            files = [str(script["src"]) for script in page.select("script[src]")]
            found = {m[1] for file in files if (m := re.search(r"/interactive/(\w+)\.js", file))}
            expected = ["cover"] if place == "index.html" else CHAPTERS.get(Path(place).stem, [])
            assert found == set(expected), place
        scripts = [e for page in pages.values() for e in page.select('script[src*="/interactive/"]')]
        assert scripts
        assert all(e.has_attr("defer") for e in scripts)

    def test_the_pages_hold_what_the_notebooks_hold(self, pages: dict[str, BeautifulSoup]) -> None:
        for chapter in CHAPTERS:
            built = pages[f"chapters/{chapter}.html"].select('.interactive script[type="application/json"]')
            stored = [content(bundle) for name, bundle in WIDGETS if name == chapter]
            assert [json.loads(script.string) for script in built] == stored

    def test_cells_are_marked_for_the_style(self, pages: dict[str, BeautifulSoup]) -> None:
        # 紙の図の代わりをする図は、その図の名を持ち、すぐ前のセルに紙の図がある。
        stood = 0
        for place, page in pages.items():
            touchable = [root.find_parent(class_="cell") for root in page.select(".interactive[data-kind]")]
            assert page.select(".cell.touchable") == touchable, place
            for cell in touchable:
                before = cell.find_previous_sibling()
                figures = before.select("figure") if before and "cell" in before.get("class", []) else []
                data = json.loads(cell.select_one('script[type="application/json"]').string)
                kind = cell.select_one(".interactive")["data-kind"]
                standing = bool(figures) and kind in ("sliders", "product")
                assert ("standing-in" in cell["class"]) == standing, place
                if standing:
                    stood += 1
                    assert [figure["id"] for figure in figures] == [data["figure"]]
                    assert {"stood-for", f"stood-for-{kind}"} <= set(before["class"])
            assert len(page.select(".stood-for")) == len(page.select(".standing-in")), place
        assert stood >= 3


Open = Callable[..., webdriver.Chrome]


@pytest.fixture(scope="module")
def opened(browser: webdriver.Chrome, site: str) -> Iterator[Open]:
    """章を開く。同じ章を同じ条件で続けて使うあいだは、開きなおさない。"""
    state: dict[str, object] = {}

    def open_chapter(
        chapter: str, width: int = 1280, again: bool = False, scripts: bool = True
    ) -> webdriver.Chrome:
        resize(browser, width)
        if again or state.get("at") != chapter:
            browser.get_log("browser")
            browser.get(f"{site}chapters/{chapter}.html")
            state["at"] = chapter
            if scripts:
                wake(browser)
                wait_for(browser, chapter)
        return browser

    yield open_chapter
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


@pytest.fixture(scope="module", params=list(CHAPTERS))
def chapter(request: pytest.FixtureRequest) -> str:
    """章の名前。同じ章の検査が続くように並べかえられるので、開きなおす回数が減る。"""
    return request.param


LIVE = ".interactive > .interactive-live"
RUNS_OUT = """
    const limit = document.documentElement.clientWidth + 1;
    const parts = [...document.querySelectorAll('.interactive-live, .interactive-live *')];
    return parts.filter(e => !e.closest('.interactive-hidden, clipPath, [clip-path]'))
      .filter(e => e.getBoundingClientRect().right > limit).map(e => e.outerHTML.slice(0, 100));
"""


def wait_for(chromium: webdriver.Chrome, chapter: str, query: str = LIVE) -> list[WebElement]:
    """章の図の数だけ要素がそろうのを待つ。ブラウザは、読み終わる前に返事をすることがある。"""
    find = functools.partial(chromium.find_elements, By.CSS_SELECTOR, query)
    until(chromium, lambda _: len(find()) == len(CHAPTERS[chapter]))
    return find()


def live(chromium: webdriver.Chrome) -> list[WebElement]:
    """ページの、動かせる図。"""
    return chromium.find_elements(By.CSS_SELECTOR, LIVE)


def errors(chromium: webdriver.Chrome) -> list[str]:
    log = chromium.get_log("browser")
    return [e["message"] for e in log if e["level"] == "SEVERE" and "favicon.ico" not in e["message"]]


LOOK_AT_SLIDERS = """
    const all = query => [...arguments[0].querySelectorAll(query)];
    const at = mark => mark.hidden ? null : Number(mark.style.getPropertyValue('--at'));
    const pairs = line => line.getAttribute('points').split(' ').filter(Boolean)
      .map(p => p.split(',').map(Number));
    return {
      shown: all('output').map(e => e.textContent),
      said: all('input[type=range]').map(e => e.getAttribute('aria-valuetext')),
      readouts: all('dd').map(e => e.textContent),
      pictures: all('.sliders-plot svg[role=img]').map(e => e.getAttribute('aria-label')),
      marks: all('.sliders-mark').map(at),
      walks: all('.sliders-plot svg[role=img]').map(svg => {
        const frame = svg.querySelector('.frame'), n = name => Number(frame.getAttribute(name));
        const walk = svg.querySelector('.walk, .norms');
        const inside = ([x, y]) => [(x - n('x')) / n('width'), 1 - (y - n('y')) / n('height')];
        return walk && pairs(walk).map(inside);
      }),
    };
"""


def places_of(layer: dict[str, Any]) -> list[float]:
    """折れ線の横の位置。"""
    return layer["x"] if "x" in layer else [layer["from"] + n for n in range(len(layer["y"]))]


def sliders_of(chromium: webdriver.Chrome) -> list[WebElement]:
    return chromium.find_elements(By.CSS_SELECTOR, '.interactive[data-kind="sliders"] > .interactive-live')


class TestSlidersInTheBrowser:
    """つまみを、キーで動かす。"""

    @staticmethod
    def check(app: WebElement, data: dict[str, Any], at: list[int]) -> None:
        """見えているものが、つまみの位置 `at` の一枚である。"""
        sight = app.parent.execute_script(LOOK_AT_SLIDERS, app)
        place = 0
        for index, control in zip(at, data["controls"], strict=True):
            place = place * len(control["values"]) + index
        frame = data["frames"][place]
        ranges = [c["values"][i] for i, c in zip(at, data["controls"], strict=True) if not c.get("choice")]
        assert sight["shown"] == ranges
        assert sight["said"] == [f"{text}。{frame['say']}" for text in ranges]
        assert sight["readouts"] == frame["r"]
        assert all(frame["say"] in label and re.search("[ぁ-ん]", label) for label in sight["pictures"])
        assert sight["marks"] == ([frame["m"]] if "mark" in data else [])
        for plot, drawn, points in zip(data["plots"], frame["d"], sight["walks"], strict=True):
            for layer in (layer for layer in drawn if layer.get("s") in ("walk", "norms")):
                spans = [(plot[axis]["low"], plot[axis]["high"] - plot[axis]["low"]) for axis in "xy"]
                expected = [
                    [(v - low) / span for v, (low, span) in zip(point, spans, strict=True)]
                    for point in zip(places_of(layer), layer["y"], strict=True)
                ]
                assert np.allclose(points, expected, atol=0.002)

    @pytest.mark.long
    def test_every_slider_from_end_to_end(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter)
        stored = [content(bundle) for name, bundle in WIDGETS if name == chapter]
        for app, data in zip(sliders_of(chromium), [d for d in stored if "frames" in d], strict=True):
            start = [control["start"] for control in data["controls"]]
            self.check(app, data, start)
            ranges = iter(app.find_elements(By.CSS_SELECTOR, "input[type=range]"))
            for n, control in enumerate(data["controls"]):
                last, at = len(control["values"]) - 1, list(start)
                if control.get("choice"):
                    continue
                slider = next(ranges)
                for key, place in (
                    (Keys.HOME, 0),
                    (Keys.ARROW_RIGHT, 1),
                    (Keys.END, last),
                    (Keys.ARROW_LEFT, last - 1),
                ):
                    slider.send_keys(key)
                    at[n] = place
                    self.check(app, data, at)
                for _ in range(min(last - 1, 12)):
                    slider.send_keys(Keys.ARROW_LEFT)
                    at[n] -= 1
                    self.check(app, data, at)
                reset = next(b for b in app.find_elements(By.TAG_NAME, "button") if b.text == "最初に戻す")
                reset.send_keys(Keys.ENTER)
                self.check(app, data, start)
            choices = [n for n, control in enumerate(data["controls"]) if control.get("choice")]
            for n, box in zip(choices, app.find_elements(By.TAG_NAME, "fieldset"), strict=True):
                radios = box.find_elements(By.CSS_SELECTOR, "input[type=radio]")
                for place in (*range(len(radios)), start[n]):
                    chromium.execute_script("arguments[0].click()", radios[place])
                    at = [*start[:n], place, *start[n + 1 :]]
                    if homes := data["controls"][n].get("homes"):  # 選んだものの、始めの値から
                        at[n + 1] = homes[place]
                    self.check(app, data, at)

    def test_the_decision_regions_are_painted_from_the_raster(self, opened: Open) -> None:
        chromium = opened("42_xor")
        app, (data,) = sliders_of(chromium)[0], [content(b) for _, b in WIDGETS if "side" in content(b)]
        slider = app.find_element(By.CSS_SELECTOR, "input[type=range]")
        slider.send_keys(Keys.END)
        paint = """
            const [root, done] = arguments, image = new Image();
            image.onload = () => {
              const canvas = document.createElement('canvas'), c = canvas.getContext('2d');
              [canvas.width, canvas.height] = [image.width, image.height];
              c.drawImage(image, 0, 0);
              done([...c.getImageData(0, 0, image.width, image.height).data]);
            };
            image.src = root.querySelector('image').getAttribute('href');
        """
        pixels = np.reshape(chromium.execute_async_script(paint, app), (film.SIDE, film.SIDE, 4))[::-1]
        chosen = (
            data["controls"][0]["start"] * len(data["controls"][1]["values"])
            + len(data["controls"][1]["values"])
            - 1
        )
        raster = data["frames"][chosen]["d"][0][0]
        low, high = raster["span"]
        level = np.array([film.ALPHABET.index(letter) for letter in raster["code"]]).reshape(
            film.SIDE, film.SIDE
        )
        value = low + (high - low) * level / 63
        blue, orange = pixels[value < 0.3], pixels[value > 0.7]
        assert len(blue)
        assert len(orange)
        assert (blue[:, 2] > blue[:, 0] + 20).all()  # 0 は青、1 は橙
        assert (orange[:, 0] > orange[:, 2] + 20).all()
        assert app.find_element(By.CSS_SELECTOR, ".contour").get_attribute("d").count("M") > 20

    def test_playing_stops_at_the_end(self, opened: Open) -> None:
        chromium = opened("42_xor")
        app = sliders_of(chromium)[0]
        slider = app.find_element(By.CSS_SELECTOR, "input[type=range]")
        slider.send_keys(Keys.END, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
        play = next(b for b in app.find_elements(By.TAG_NAME, "button") if b.text == "再生")
        play.send_keys(Keys.ENTER)
        assert play.text == "止める"
        chromium.set_script_timeout(5)
        chromium.execute_async_script("setTimeout(arguments[0], 1500)")
        assert play.text == "再生"
        assert slider.get_attribute("value") == slider.get_attribute("max")


def test_a_figure_starts_when_it_comes_near(browser: webdriver.Chrome, site: str) -> None:
    """開いたばかりのページは、見えない図の支度をしない。読みはじめたら、一画面先まで来た図を始める。"""
    resize(browser, 390)
    browser.get(f"{site}chapters/33_step3_hidden_delta.html")
    until(browser, lambda _: browser.execute_script("return document.readyState") == "complete")
    (root,) = browser.find_elements(By.CSS_SELECTOR, ".interactive[data-kind]")
    below = "return arguments[0].getBoundingClientRect().top - innerHeight"
    # はじめの節の図は、画面に近づくまで組まないところ（reading.css）ではない。
    assert 250 < browser.execute_script(below, root) < 880
    browser.execute_async_script("setTimeout(arguments[0], 500)")
    assert not live(browser)
    browser.execute_script("scrollBy({top: 10, behavior: 'instant'})")
    until(browser, lambda _: live(browser))


# 要素の頭が画面の底から ``inside`` だけ入るところへ行く。そこから読みもどす。
GO = """
    const [element, inside] = arguments;
    const top = element.getBoundingClientRect().top + scrollY - innerHeight + inside;
    scrollTo({ top, behavior: 'instant' });
"""
UP = """
    scrollBy({ top: -10, behavior: 'instant' });
    const s = getComputedStyle(arguments[0]);
    return [s.display, s.visibility];
"""
SEARCHING = r"""
    const off = rule => rule.media && !matchMedia(rule.media.mediaText).matches;
    const rules = list => [...list].filter(rule => !off(rule))
      .flatMap(rule => rule.selectorText ? [rule.selectorText] : rules(rule.cssRules ?? []));
    const holds = element => element?.matches(':scope:has(.interactive), .interactive');
    const found = [...document.styleSheets].flatMap(sheet => rules(sheet.cssRules));
    return found.flatMap(text => text.split(/,(?![^(]*\))/)).filter(text => {
      const [, before, inside] = /^(.*?)(?::not\()?:has\(([^)]*)/.exec(text) ?? [];
      if (!inside || /^> ?[\w.-]+$/.test(inside)) return false;
      const anchor = before.replace(/\[data-theme[^\]]*\]/, '').trim() || '*';
      return [...document.querySelectorAll(anchor)]
        .some(element => holds(/^[+~]/.test(inside) ? element.nextElementSibling : element));
    });
"""


class TestEverywhere:
    """どの図についても言えること。"""

    def test_labels_and_no_error(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter)
        apps = live(chromium)
        assert len(apps) == len(CHAPTERS[chapter])
        unnamed = chromium.execute_script("""
            const named = e => (e.getAttribute('aria-label') || e.textContent
              || [...(e.labels || [])].map(l => l.textContent).join('')).trim();
            const parts = '.interactive-live, .interactive-live :is(button, input, svg[role=img])';
            return [...document.querySelectorAll(parts)]
              .filter(e => e.checkVisibility({ visibilityProperty: true }))  // 重ねてある、ほかの計算のほか
              .filter(e => !/[ぁ-んァ-ヶ一-龠]|\\(\\d|tanh|ReLU|softplus/.test(named(e))).map(e => e.outerHTML);
        """)
        assert not unnamed
        for app in apps:
            assert app.get_attribute("role") == "group"
        assert not errors(chromium)

    def test_no_button_of_the_page_covers_a_figure(self, opened: Open, chapter: str) -> None:
        # 「トップに戻る」は、少し読みもどると出る。図のボタンに重なると、押しまちがえて場所を失う。
        chromium = opened(chapter, width=390)
        top = chromium.find_element(By.ID, "pst-back-to-top")
        end = chromium.find_element(By.CLASS_NAME, "prev-next-footer")
        for element, inside, seen in [
            *((app, 300, "hidden") for app in live(chromium)),
            (end, 100, "visible"),
        ]:
            chromium.execute_script(GO, element, inside)
            until(chromium, lambda _, seen=seen: chromium.execute_script(UP, top) == ["block", seen])
        opened(chapter)

    def test_no_rule_of_the_style_searches_a_figure(self, opened: Open, chapter: str) -> None:
        # :has() の選ぶ要素の中に図があると、ブラウザは、一歩ごとに図のすべてを調べなおす。
        assert not opened(chapter).execute_script(SEARCHING)

    def test_every_name_in_the_page_is_used_once(self, opened: Open, chapter: str) -> None:
        # 図の種類ごとに別のスクリプトなので、番号を別々に振ると、ラジオの組や切り抜きが混ざる。
        chromium = opened(chapter)
        names = chromium.execute_script("""
            const ids = [...document.querySelectorAll('.interactive-live [id]')].map(e => e.id);
            const groups = [...document.querySelectorAll('.interactive-live fieldset')]
              .map(e => e.querySelector('input').name);
            return [...ids, ...groups];
        """)
        assert len(names) == len(set(names))

    def test_narrow_pages_do_not_run_out(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter, width=390)
        chromium.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        assert not chromium.execute_script(RUNS_OUT)
        small = chromium.execute_script("""
            return [...document.querySelectorAll('.interactive-live :is(button, input)')]
              .map(e => [e.getBoundingClientRect(), e.outerHTML])
              .filter(([r]) => r.width && (r.width < 18 || r.height < 18)).map(([, html]) => html)
        """)
        assert not small
        opened(chapter)

    def test_printing_shows_the_table(self, opened: Open) -> None:
        chromium = opened("42_xor")
        tables = chromium.find_elements(By.CSS_SELECTOR, ".interactive-table table")
        assert not any(table.is_displayed() for table in tables)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            assert all(table.is_displayed() for table in tables)
            assert not any(app.is_displayed() for app in live(chromium))
        finally:
            chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    def test_the_table_opens_on_the_screen(self, opened: Open) -> None:
        chromium = opened("42_xor")
        app, table = live(chromium)[0], chromium.find_element(By.CSS_SELECTOR, ".interactive-table")
        toggle = next(b for b in app.find_elements(By.TAG_NAME, "button") if b.text == "表で見る")
        for state in ("true", "false"):
            toggle.send_keys(Keys.ENTER)
            assert toggle.get_attribute("aria-expanded") == state
            assert table.is_displayed() == (state == "true")

    def test_reduced_motion_offers_no_playing(self, opened: Open) -> None:
        chromium = opened("42_xor")
        reduce = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": reduce})
        try:
            chromium = opened("42_xor", again=True)
            assert len(live(chromium)) == 2
            assert not [
                b for b in chromium.find_elements(By.CSS_SELECTOR, ".interactive button") if b.text == "再生"
            ]
        finally:
            chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
            opened("42_xor", again=True)

    def test_without_javascript_the_tables_stand(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter)
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            chromium = opened(chapter, again=True, scripts=False)
            tables = wait_for(chromium, chapter, ".interactive-table table")
            assert not live(chromium)
        finally:
            chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        for table in tables:
            chromium.execute_script("arguments[0].scrollIntoView({behavior: 'instant'})", table)
            until(chromium, lambda _, table=table: table.is_displayed())

    @pytest.mark.long
    def test_from_a_file(self, opened: Open, html: Path, chapter: str) -> None:
        chromium = opened(chapter)
        chromium.get_log("browser")
        chromium.get((html / "chapters" / f"{chapter}.html").as_uri())
        wake(chromium)
        wait_for(chromium, chapter)
        assert all(app.find_elements(By.CSS_SELECTOR, "svg[role=img], [role=grid]") for app in live(chromium))
        assert not errors(chromium)
        opened(chapter, again=True)

"""出発点を選ぶ図の検査: 値、ページの中の計算、ブラウザでの動き。"""

from __future__ import annotations

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from touching import computed, figure, point_at, texts
from written import shown

from backprop import interactive
from backprop.interactive.planes import valleys
from backprop.judges import complex_step
from backprop.optimizers import GradientDescent

KERNEL = "kernels/valleys.js"


def cost(w: np.ndarray) -> complex:
    return w[0] ** 4 / 4 - w[0] ** 2 / 2 + w[0] / 5 + (w[1] - w[0] ** 2 / 2) ** 2


def starts(number: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.uniform(valleys.LOW, valleys.HIGH, (number, 2))


class TestValues:
    """入っている値。"""

    def test_the_grid_is_the_loss(self) -> None:
        data = interactive.two_valleys().data
        across = np.linspace(data["plane"]["x"]["low"], data["plane"]["x"]["high"], data["columns"])
        up = np.linspace(data["plane"]["y"]["low"], data["plane"]["y"]["high"], data["rows"])
        expected = [cost(np.array([a, b])) for b in up for a in across]
        assert data["grid"] == pytest.approx(expected, abs=0.00501)

    def test_the_slope_of_the_graph_is_that_of_the_loss(self) -> None:
        for w in starts(100):
            assert valleys.slope(w) == pytest.approx(complex_step(cost, w), rel=1e-10, abs=1e-12)

    def test_the_bottoms_are_lower_than_what_surrounds_them(self) -> None:
        left, right = valleys.minima()
        around = 0.05 * np.array([[np.cos(t), np.sin(t)] for t in np.linspace(0, 6.2, 40)])
        for bottom in (left, right):
            assert complex_step(cost, bottom) == pytest.approx([0, 0], abs=1e-9)
            assert all(cost(bottom) < cost(bottom + step) for step in around)
        assert left[0] < 0 < right[0]
        assert cost(left) < cost(right)

    def test_the_table_holds_the_walks_of_the_package(self) -> None:
        html = interactive.two_valleys(rate=0.2, updates=30).table
        for start in valleys.ROWS:
            w, optimizer = np.array(start), GradientDescent(learning_rate=0.2)
            for _ in range(30):
                optimizer.step([w], [complex_step(cost, w)])
            end = f"({shown(w[0])}, {shown(w[1])})"
            assert f"<td>{shown(cost(np.array(start)))}</td><td>{shown(cost(w))}</td><td>{end}</td>" in html

    @pytest.mark.parametrize("start", [(3.0, 0.0), (0.0, -2.0), (0.0,), 1.0, (None, 0), (np.nan, 0.0)])
    def test_bad_starts_are_refused(self, start: object) -> None:
        with pytest.raises((TypeError, ValueError), match="start"):
            interactive.two_valleys(start)

    @pytest.mark.parametrize("rate", [0.0, 0.01, 0.7, -1, "0.1"])
    def test_bad_rates_are_refused(self, rate: object) -> None:
        with pytest.raises((TypeError, ValueError), match="rate"):
            interactive.two_valleys(rate=rate)


class TestKernel:
    """ページの中の計算は、パッケージと同じ。"""

    def test_loss_and_slope(self, browser: webdriver.Chrome) -> None:
        points = starts(1000)
        costs = computed(browser, KERNEL, "cost", points.tolist())
        slopes = computed(browser, KERNEL, "gradient", points.tolist())
        for w, value, slope in zip(points, costs, slopes, strict=True):
            assert value == pytest.approx(cost(w), rel=1e-12, abs=1e-13)
            assert slope == pytest.approx(valleys.slope(w), rel=1e-12, abs=1e-13)

    @pytest.mark.long
    def test_every_step_of_the_paths(self, browser: webdriver.Chrome) -> None:
        rng = np.random.default_rng(1)
        points, rates = starts(60), rng.uniform(0.02, 0.5, 60)
        calls = [[w.tolist(), rate, 100, valleys.FAR] for w, rate in zip(points, rates.tolist(), strict=True)]
        for (start, rate, *_), path in zip(calls, computed(browser, KERNEL, "descend", calls), strict=True):
            assert path[0] == start
            assert len(path) == 101 or np.hypot(*path[-1]) >= valleys.FAR
            assert all(np.hypot(*w) < valleys.FAR for w in path[:-1])
            optimizer, w = GradientDescent(learning_rate=rate), np.array(start)
            for before, after in zip(path, path[1:], strict=False):
                w[:] = before
                optimizer.step([w], [valleys.slope(w)])
                assert after == pytest.approx(w, rel=1e-12, abs=1e-12 * max(1, np.abs(before).max()))


@pytest.fixture
def app(browser: webdriver.Chrome, site: str) -> WebElement:
    return figure(browser, f"{site}chapters/14_gradient_descent.html", "valleys")


class TestInTheBrowser:
    """出発点を、つまみ、矢印キー、マウス、指で選ぶ。"""

    @staticmethod
    def check(app: WebElement, start: tuple[float, float], rate: float, words: str) -> None:
        w, optimizer, updates = np.array(start), GradientDescent(learning_rate=rate), 0
        while updates < 100 and np.linalg.norm(w) < valleys.FAR:
            optimizer.step([w], [complex_step(cost, w)])
            updates += 1
        assert texts(app, "output") == [*(shown(v) for v in start), shown(rate)]
        first, last, end, said = texts(app, "dd")
        assert (first, said) == (shown(cost(np.array(start))), words)
        if words != "発散した":
            assert (last, end) == (shown(cost(w)), f"({shown(w[0])}, {shown(w[1])})")
        path = app.find_element(By.CSS_SELECTOR, ".pad .walk").get_attribute("points").split()
        assert len(path) == updates + 1
        row = texts(app.find_element(By.XPATH, ".."), ".interactive-table tbody tr:first-child > *")
        assert row == [f"({shown(start[0])}, {shown(start[1])})、η = {shown(rate)}", first, last, end, said]

    def test_the_names_of_the_valleys_lie_above_the_path(self, app: WebElement) -> None:
        under = """
            const path = arguments[0].querySelector('.pad .walk');
            const above = e => path.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING;
            return [...arguments[0].querySelectorAll('.pad .valley-name')].map(above).map(Boolean);
        """
        assert app.parent.execute_script(under, app) == [True, True]

    def test_ranges(self, app: WebElement) -> None:
        self.check(app, (1.6, 1.6), 0.1, "右の浅い谷に着いた")
        first, second, rate = app.find_elements(By.CSS_SELECTOR, "input[type=range]")
        first.send_keys(Keys.HOME)
        self.check(app, (-2.2, 1.6), 0.1, "左の深い谷に着いた")
        second.send_keys(Keys.HOME)
        rate.send_keys(Keys.END)
        self.check(app, (-2.2, -1.2), 0.5, "発散した")
        rate.send_keys(Keys.HOME)
        self.check(app, (-2.2, -1.2), 0.02, "まだ着いていない")

    def test_keys(self, app: WebElement) -> None:
        pad = app.find_element(By.CSS_SELECTOR, ".pad")
        pad.send_keys(Keys.ARROW_LEFT, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
        self.check(app, (1.55, 1.5), 0.1, "右の浅い谷に着いた")
        pad.send_keys(*[Keys.ARROW_RIGHT] * 20)
        self.check(app, (2.2, 1.5), 0.1, "右の浅い谷に着いた")

    @pytest.mark.parametrize("kind", ["mouse", "touch"])
    def test_pointing_and_dragging(self, app: WebElement, kind: str) -> None:
        def place(a: float, b: float) -> tuple[float, float]:
            return (a + 2.2) / 4.4, (b + 1.2) / 3.6

        point_at(app, *place(-1.0, 2.0), kind)
        self.check(app, (-1.0, 2.0), 0.1, "左の深い谷に着いた")
        point_at(app, *place(0.4, -0.9), kind, drag=True)
        self.check(app, (0.4, -0.9), 0.1, "左の深い谷に着いた")

    @pytest.mark.long
    def test_the_contours_lie_on_the_levels(self, app: WebElement) -> None:
        found = app.parent.execute_script("""
            const frame = arguments[0].querySelector('.pad .frame');
            const n = name => Number(frame.getAttribute(name));
            const inside = ([x, y]) => [(x - n('x')) / n('width'), 1 - (y - n('y')) / n('height')];
            const points = path => path.getAttribute('d').split(/[ML]/).filter(Boolean);
            return [...arguments[0].querySelectorAll('.level')].map(path =>
              points(path).map(p => inside(p.split(',').map(Number))));
        """, app)  # fmt: skip
        assert len(found) == len(valleys.LEVELS)
        for level, points in zip(valleys.LEVELS, found, strict=True):
            places = valleys.LOW + np.array(points) * (valleys.HIGH - valleys.LOW)
            slopes = np.array([np.hypot(*complex_step(cost, w)) for w in places])
            off = np.abs([cost(w) - level for w in places])
            assert len(places) > 10
            assert (off < 0.03 * (1 + slopes)).all()

    def test_the_figure_keeps_its_height(self, app: WebElement) -> None:
        heights = set()
        for x, y in ((0.02, 0.1), (0.5, 0.5), (0.98, 0.02), (0.3, 0.9)):
            point_at(app, x, y)
            heights.add(app.size["height"])
        assert len(heights) == 1

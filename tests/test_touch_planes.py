"""平面の上の点を動かす図の検査: 領域の境目、ページの中の計算、ブラウザでの動き。"""

from __future__ import annotations

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from touching import computed, figure, point_at, texts
from written import shown

from backprop import interactive
from backprop.interactive.planes import momentum
from backprop.optimizers import Momentum

MONOTONE, SWING, ALTERNATE, DIVERGE, BORDER = range(5)


def walked(steepness: np.ndarray, mu: float, updates: int) -> np.ndarray:
    """パッケージのモーメンタムの歩み、形 (updates + 1, 点の数)。発散した点は、あふれる前に押すのをやめる。"""
    w, optimizer = np.ones_like(steepness), Momentum(learning_rate=1.0, momentum=mu)
    path = [w.copy()]
    for _ in range(updates):
        optimizer.step([w], [np.where(np.abs(w) < 1e100, steepness * w, 0.0)])
        path.append(w.copy())
    return np.array(path)


def manner(path: np.ndarray) -> int:
    """歩みだけから見た様子。"""
    size = np.abs(path)
    if size[-50:].max() > 2 * size[:50].max():
        return DIVERGE
    assert size[-50:].max() < 0.5  # 発散しないなら、近づく
    seen = path[: int((size < 1e-250).argmax()) or None]
    if (seen > 0).all() and (np.diff(seen) < 0).all():
        return MONOTONE
    if (np.sign(seen) == (-1.0) ** np.arange(len(seen))).all():
        return ALTERNATE
    assert (seen < 0).any()
    assert (np.diff(seen) > 0).any()
    return SWING


class TestMomentumPlane:
    """学習率と μ の平面。"""

    @pytest.mark.parametrize("mu", np.linspace(0.0, 0.9, 19).round(3))
    def test_every_region_and_both_sides_of_every_border(self, mu: float) -> None:
        rng = np.random.default_rng(int(1000 * mu))
        edges = [border.item() for border in momentum.borders(np.array([mu]))]
        sides = np.array([edge * (1 + sign * 0.02) for edge in edges for sign in (-1, 1)])
        points = np.concatenate([sides, rng.uniform(0.01, momentum.EDGE, 200)])
        # 境目のすぐそばでは、根がほとんど重なるか、大きさがほとんど1なので、様子が現れるのに時間がかかる
        points = points[[min(abs(p / edge - 1) for edge in edges) > 0.015 for p in points]]
        assert len(points) > 180
        for steepness, path in zip(points, walked(points, mu, 1000).T, strict=True):
            assert momentum.region(steepness, mu) == manner(path), (steepness, mu)

    def test_on_the_border_of_diverging_it_neither_comes_nor_goes(self) -> None:
        for mu in np.linspace(0.0, 0.9, 10):
            border = 2 * (1 + mu)
            path = np.abs(walked(np.array([border]), mu, 2000)[:, 0])
            assert momentum.region(border, mu) == BORDER
            assert path[-200:] == pytest.approx(path[-1], rel=1e-9)
            assert path[-1] > 0.1

    def test_the_outlines_meet_at_the_borders(self) -> None:
        regions = interactive.momentum_plane().data["regions"]
        for number, region in enumerate(regions):
            assert momentum.region(*region["at"]) == number
            for x, mu in zip(*region["outline"], strict=True):
                edges = [0, *(b.item() for b in momentum.borders(np.array([mu]))), momentum.EDGE]
                assert min(abs(x - edge) for edge in edges) < 0.03

    def test_the_table_holds_the_walks_of_the_package(self) -> None:
        html = interactive.momentum_plane().table
        for steepness, mu in momentum.ROWS:
            path = walked(np.array([steepness]), mu, 20)[:, 0]
            cells = "".join(f"<td>{shown(path[n])}</td>" for n in momentum.SHOWN)
            assert f"<td>{shown(mu)}</td>" in html
            assert cells in html

    @pytest.mark.parametrize(
        "at", [(0.0, 0.4), (5.0, 0.4), (1.0, -0.1), (1.0, 1.0), (1.0,), 1.0, "ab", (None, 0)]
    )
    def test_bad_points_are_refused(self, at: object) -> None:
        with pytest.raises((TypeError, ValueError), match="at"):
            interactive.momentum_plane(at)

    def test_few_updates_are_refused(self) -> None:
        with pytest.raises(ValueError, match="updates は 20 以上"):
            interactive.momentum_plane(updates=19)


class TestMomentumKernel:
    """ページの中の計算は、パッケージと同じ。"""

    def test_walks(self, browser: webdriver.Chrome) -> None:
        rng = np.random.default_rng(0)
        points = np.column_stack([rng.uniform(0.02, 4.2, 500), rng.uniform(0, 0.98, 500)])
        calls = [[*point, 1, 40] for point in points.tolist()]
        found = computed(browser, "kernels/momentum.js", "walk", calls)
        for (steepness, mu), path in zip(points, found, strict=True):
            expected = walked(np.array([steepness]), mu, 40)[:, 0]
            assert path == pytest.approx(expected, rel=1e-12, abs=1e-300)

    def test_roots_and_regions(self, browser: webdriver.Chrome) -> None:
        rng = np.random.default_rng(1)
        points = np.column_stack([rng.uniform(0.02, 4.2, 2000), rng.uniform(0, 0.98, 2000)])
        borders = [[2.8, 0.4], [0.25, 0.25], [2.25, 0.25], [1.0, 0.0], [2.0, 0.0], [0.02, 0.0]]
        calls = [*borders, *points.tolist()]
        sizes = computed(browser, "kernels/momentum.js", "largest", calls)
        regions = computed(browser, "kernels/momentum.js", "region", calls)
        for (steepness, mu), size, region in zip(calls, sizes, regions, strict=True):
            # 根がほとんど重なるところでは、根の大きさは、桁の半分までしか決まらない
            half = (1 + mu - steepness) / 2
            near = abs(half**2 - mu) < 1e-3
            expected = np.abs(np.roots([1, steepness - 1 - mu, mu])).max()
            assert size == pytest.approx(expected, rel=1e-7 if near else 1e-12)
            assert region == momentum.region(steepness, mu)

    def test_numbers_are_written_as_in_the_tables(self, browser: webdriver.Chrome) -> None:
        rng = np.random.default_rng(2)
        values = (rng.normal(size=1000) * 10.0 ** rng.integers(-12, 12, 1000)).tolist()
        values += [0.0, 1.0, -1.0, 1e-4, 9.99e-5, 99999.0, 1e5, -0.5, 1234.0, 1e-300]
        found = computed(browser, "numbers.js", "number", [[value] for value in values])
        for value, text in zip(values, found, strict=True):
            assert text == shown(value), value


@pytest.fixture
def plane(browser: webdriver.Chrome, site: str) -> object:
    return figure(browser, f"{site}chapters/53_momentum.html", "plane")


class TestMomentumInTheBrowser:
    """点を、つまみ、矢印キー、マウス、指で動かす。"""

    @staticmethod
    def check(app: object, steepness: float, mu: float) -> None:
        path = walked(np.array([steepness]), mu, 40)[:, 0]
        frame = interactive.momentum_plane().data["curve"]["y"]
        left = path.max() > frame["high"] or path.min() < frame["low"]
        assert len(app.find_elements(By.CSS_SELECTOR, ".beyond")) == left
        words = (*momentum.NAMES, momentum.ON_BORDER)[momentum.region(steepness, mu)]
        assert texts(app, "output") == [shown(steepness), shown(mu)]
        size, last, said = texts(app, "dd")
        assert (last, said) == (shown(path[-1]), words)
        assert float(size) == pytest.approx(np.abs(np.roots([1, steepness - 1 - mu, mu])).max(), abs=0.0051)
        row = texts(app.find_element(By.XPATH, ".."), ".interactive-table tbody tr:first-child > *")
        assert row == [shown(steepness), shown(mu), size, *(shown(path[n]) for n in momentum.SHOWN), words]
        assert all(words in label for label in app.parent.execute_script(
            "return [...arguments[0].querySelectorAll('svg[role=img]')].map(e => e.ariaLabel)", app
        ))  # fmt: skip

    def test_ranges(self, plane: object) -> None:
        self.check(plane, 0.1, 0.4)
        first, second = plane.find_elements(By.CSS_SELECTOR, "input[type=range]")
        first.send_keys(Keys.END)
        self.check(plane, 4.2, 0.4)
        second.send_keys(Keys.HOME)
        self.check(plane, 4.2, 0.0)
        first.send_keys(Keys.HOME, Keys.ARROW_RIGHT)
        self.check(plane, 0.04, 0.0)

    def test_keys(self, plane: object) -> None:
        pad = plane.find_element(By.CSS_SELECTOR, ".pad")
        pad.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_UP)
        self.check(plane, 0.14, 0.41)
        pad.send_keys(Keys.SHIFT + Keys.ARROW_RIGHT + Keys.NULL, Keys.ARROW_LEFT)
        self.check(plane, 0.22, 0.41)
        pad.send_keys(*[Keys.ARROW_LEFT] * 20)
        self.check(plane, 0.02, 0.41)
        next(b for b in plane.find_elements(By.TAG_NAME, "button") if b.text == "最初に戻す").click()
        self.check(plane, 0.1, 0.4)

    @pytest.mark.parametrize("kind", ["mouse", "touch"])
    def test_pointing_and_dragging(self, plane: object, kind: str) -> None:
        point_at(plane, 2.8 / 4.2, 0.4, kind)
        self.check(plane, 2.8, 0.4)
        point_at(plane, 0.5, 0.9, kind, drag=True)
        self.check(plane, 2.1, 0.9)
        point_at(plane, 1.5, -0.5, kind, drag=True)  # 枠の外へ引けば、端で止まる
        self.check(plane, 4.2, 0.0)

    def test_a_finger_outside_the_point_may_scroll(self, plane: object) -> None:
        point_at(plane, 0.5, 0.5, "touch")
        touch = plane.parent.execute_script("""
            const style = query => getComputedStyle(arguments[0].querySelector(query)).touchAction;
            return [style('.pad'), style('.pad-handle')];
        """, plane)  # fmt: skip
        assert touch == ["auto", "none"]

    def test_the_figure_keeps_its_height(self, plane: object) -> None:
        heights = set()
        for x, y in ((0.02, 0.1), (0.5, 0.5), (0.42, 0.02), (0.95, 0.1), (2.8 / 4.2, 0.4)):
            point_at(plane, x, y)
            heights.add(plane.size["height"])
        assert len(heights) == 1


@pytest.mark.parametrize(
    ("chapter", "kind"),
    [("01_what_is_backprop", "sliders"), ("12_loss_functions", "sliders"), ("42_xor", "sliders"),
     ("53_momentum", "plane"), ("14_gradient_descent", "valleys")],
)  # fmt: skip
def test_frames_stay_while_the_figure_moves(
    browser: webdriver.Chrome, site: str, chapter: str, kind: str
) -> None:
    """動かしても、枠と目盛りは、はじめに描いたもの。中の線と点だけが変わる。"""
    app = figure(browser, f"{site}chapters/{chapter}.html", kind)
    kept = app.find_elements(By.CSS_SELECTOR, ".sliders-plot svg .tick, .sliders-plot svg .frame")
    inside = "return [...arguments[0].querySelectorAll('.sliders-plot [clip-path]')].map(e => e.innerHTML)"
    before = browser.execute_script(inside, app)
    for slider in app.find_elements(By.CSS_SELECTOR, "input[type=range]"):
        slider.send_keys(*[Keys.ARROW_LEFT] * 2, *[Keys.ARROW_RIGHT] * 3)
    assert len(kept) > 8
    assert browser.execute_script("return arguments[0].every(e => e.isConnected)", kept)
    assert all(now != then for now, then in zip(browser.execute_script(inside, app), before, strict=True))

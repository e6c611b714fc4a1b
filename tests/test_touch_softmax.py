"""softmax の綱引きの検査: 値、ページの中の計算、ブラウザでの動き。"""

from __future__ import annotations

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from touching import computed, figure, texts
from written import shown

from backprop import interactive
from backprop.activations import ACTIVATIONS
from backprop.judges import complex_step
from backprop.losses import LOSSES

KERNEL = "kernels/softmax.js"


def shares(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def slopes(z: np.ndarray, target: int) -> np.ndarray:
    """損失を、複素ステップ法で測った傾き。"""
    return complex_step(lambda v: np.log(np.exp(v - z.max()).sum()) - (v[target] - z.max()), z)


class TestKernel:
    """ページの中の計算は、パッケージと同じ。"""

    @pytest.fixture(scope="class")
    def cases(self) -> list[list[object]]:
        rng = np.random.default_rng(0)
        scales = [1.0, 5.0, 300.0] * 100
        sums = [rng.normal(size=rng.integers(2, 6)) * scale for scale in scales]
        return [[z.tolist(), int(rng.integers(len(z)))] for z in sums]

    def test_shares(self, browser: webdriver.Chrome, cases: list[list[object]]) -> None:
        found = computed(browser, KERNEL, "softmax", [[z] for z, _ in cases])
        for (z, _), share in zip(cases, found, strict=True):
            expected = ACTIVATIONS["softmax"].value(np.array(z)[:, None])[:, 0]
            assert share == pytest.approx(expected, rel=1e-12, abs=1e-300)

    def test_loss_and_slope(self, browser: webdriver.Chrome, cases: list[list[object]]) -> None:
        losses = computed(browser, KERNEL, "loss", cases)
        pulls = computed(browser, KERNEL, "gradient", cases)
        ce = LOSSES["cross_entropy"]
        for (z, target), loss, pull in zip(cases, losses, pulls, strict=True):
            Z, Y = np.array(z)[:, None], np.eye(len(z))[:, [target]]
            assert loss == pytest.approx(ce.value_at_z(Z, Y).item(), rel=1e-12, abs=1e-12)
            expected = (ACTIVATIONS["softmax"].value(Z) - Y)[:, 0]
            assert pull == pytest.approx(expected, rel=1e-12, abs=1e-15)


class TestValues:
    """動かせないところで見せる表。"""

    @pytest.mark.parametrize(("z", "target"), [((2.0, 1.0, 0.0), 2), ((-3.0, 4.5, 0.2), 3)])
    def test_the_table(self, z: tuple[float, ...], target: int) -> None:
        widget = interactive.softmax_tug(z, target)
        share, slope = shares(np.array(z)), slopes(np.array(z), target - 1)
        for n in range(3):
            cells = [str(n + 1), *(shown(v) for v in (z[n], share[n], n + 1 == target, slope[n]))]
            row = "".join(f"<td>{cell}</td>" for cell in cells[1:])
            assert f'<th scope="row">{cells[0]}</th>{row}' in widget.table
        assert repr(widget).endswith("、".join(shown(p) for p in share) + "。")

    @pytest.mark.parametrize("z", [(1.0, 2.0), (1.0, 2.0, 7.0), (1.0, np.nan, 0.0), 3.0, "abc"])
    def test_bad_sums_are_refused(self, z: object) -> None:
        with pytest.raises((TypeError, ValueError), match="z"):
            interactive.softmax_tug(z)

    @pytest.mark.parametrize("target", [0, 4, 1.5, "1"])
    def test_bad_targets_are_refused(self, target: object) -> None:
        with pytest.raises((TypeError, ValueError), match="target"):
            interactive.softmax_tug(target=target)


@pytest.fixture
def app(browser: webdriver.Chrome, site: str) -> WebElement:
    return figure(browser, f"{site}chapters/13_activations.html", "tug")


class TestInTheBrowser:
    """つまみとボタンで動かす。"""

    @staticmethod
    def check(app: WebElement, z: list[float], target: int) -> None:
        share, slope = shares(np.array(z)), slopes(np.array(z), target)
        assert texts(app, "output") == [shown(v) for v in z]
        assert texts(app, ".bar-value") == [shown(v) for v in (*share, *slope)]
        assert texts(app, "dd") == [shown(-np.log(share[target])), "1", "0"]
        found = app.parent.execute_script(
            "return [...arguments[0].querySelectorAll('.bar')].map(e => +e.getAttribute('width'))", app
        )
        widths, values = np.array(found), np.array([*share, *np.abs(slope)])
        for bars, sizes in ((widths[:3], values[:3]), (widths[3:], values[3:])):
            assert bars / bars.max() == pytest.approx(sizes / sizes.max(), abs=1e-6)
        cells = texts(app.find_element(By.XPATH, ".."), ".interactive-table tbody tr > *")
        assert cells == [
            text for n in range(3)
            for text in (str(n + 1), *(shown(v) for v in (z[n], share[n], n == target, slope[n])))
        ]  # fmt: skip

    def test_pushing_one_up_pulls_the_others_down(self, app: WebElement) -> None:
        self.check(app, [2.0, 1.0, 0.0], 1)
        third = app.find_elements(By.CSS_SELECTOR, "input[type=range]")[2]
        before = texts(app, ".bar-value")[:3]
        third.send_keys(*[Keys.ARROW_RIGHT] * 15)
        self.check(app, [2.0, 1.0, 1.5], 1)
        after = texts(app, ".bar-value")[:3]
        assert [float(a) < float(b) for a, b in zip(after, before, strict=True)] == [True, True, False]
        third.send_keys(Keys.HOME)
        self.check(app, [2.0, 1.0, -6.0], 1)

    def test_adding_the_same_to_all_changes_nothing(self, app: WebElement) -> None:
        down, up = app.find_elements(By.CSS_SELECTOR, ".interactive-bar button")[:2]
        before = texts(app, ".bar-value")
        for count in range(1, 5):
            up.send_keys(Keys.ENTER)
            self.check(app, [2.0 + count, 1.0 + count, 0.0 + count], 1)
            assert texts(app, ".bar-value") == before
        assert up.get_attribute("aria-disabled") == "true"
        up.send_keys(Keys.ENTER)  # 端では動かない
        self.check(app, [6.0, 5.0, 4.0], 1)
        down.send_keys(Keys.ENTER)
        self.check(app, [5.0, 4.0, 3.0], 1)

    def test_the_right_class_is_the_only_one_pushed_up(self, app: WebElement) -> None:
        for place, radio in enumerate(app.find_elements(By.CSS_SELECTOR, "input[type=radio]")):
            app.parent.execute_script("arguments[0].click()", radio)
            self.check(app, [2.0, 1.0, 0.0], place)
            signs = [text.startswith("−") for text in texts(app, ".bar-value")[3:]]
            assert signs == [n == place for n in range(3)]
        next(b for b in app.find_elements(By.TAG_NAME, "button") if b.text == "最初に戻す").click()
        self.check(app, [2.0, 1.0, 0.0], 1)

    def test_the_figure_keeps_its_height(self, app: WebElement) -> None:
        heights = {app.size["height"]}
        for slider in app.find_elements(By.CSS_SELECTOR, "input[type=range]"):
            for key in (Keys.HOME, Keys.END):
                slider.send_keys(key)
                heights.add(app.size["height"])
        assert len(heights) == 1

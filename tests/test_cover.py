"""表紙の図の検査: 値、流れる順、止めること、動きを減らす設定。"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from browsing import resize, until
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from backprop import interactive
from backprop.interactive.numbers import number
from backprop.network import Network

ETA = 0.02
X, T = np.array([[1.0], [2.0]]), np.array([[1.0], [-0.5]])
W1, B1 = np.array([[1.0, 0.5], [0.5, -1.0], [-1.0, 1.0]]), np.array([[0.0], [0.5], [0.0]])
W2, B2 = np.array([[0.25, 1.0, -0.5], [-0.5, 1.0, 1.0]]), np.array([[0.5], [0.25]])

Trip = dict[str, Any]


def network() -> Network:
    """本の小さなネットワーク。"""
    return Network([W1, W2], [B1, B2], ["relu", "identity"], "half_squared_error")


def by_numpy(rounds: int) -> tuple[list[Trip], str]:
    """見せるはずの値と、終わりの損失。五行の手順の式だけから。"""
    w1, c1, w2, c2 = W1, B1, W2, B2
    trips = []
    for _ in range(rounds + 1):
        z1 = w1 @ X + c1
        a1 = np.where(z1 > 0, z1, 0.0)
        out = w2 @ a1 + c2
        d2 = out - T
        d1 = (w2.T @ d2) * (z1 > 0)
        trips.append({
            "a": [[number(v) for v in part.ravel()] for part in (X, a1, out)],
            "d": [[number(v) for v in part.ravel()] for part in (d1, d2)],
            "w": [w1.round(3).tolist(), w2.round(3).tolist()],
            "loss": number(((out - T) ** 2).sum() / 2),
        })  # fmt: skip
        w1, c1, w2, c2 = w1 - ETA * d1 @ X.T, c1 - ETA * d1, w2 - ETA * d2 @ a1.T, c2 - ETA * d2
    return trips[:-1], trips[-1]["loss"]


def test_values_are_those_of_numpy() -> None:
    given = network()
    data = interactive.cover(given, X, T, learning_rate=ETA).data
    assert (data["trips"], data["end"]) == by_numpy(8)
    assert np.array_equal(given.weights[0], W1)


def test_wide_and_deep_networks_are_refused() -> None:
    wide = Network([np.ones((5, 2)), np.ones((1, 5))], [np.zeros((5, 1)), np.zeros((1, 1))],
                   ["relu", "identity"], "half_squared_error")  # fmt: skip
    three = ["relu", "relu", "identity"]
    deep = Network([np.eye(2)] * 3, [np.zeros((2, 1))] * 3, three, "half_squared_error")
    for bad, target in ((wide, T[:1]), (deep, T)):
        with pytest.raises(ValueError, match="隠れ層が一つで、どの層も 4 個まで"):
            interactive.cover(bad, X, target, learning_rate=ETA)


# ---- ブラウザの中 --------------------------------------------------------------------------------

MOTION = "prefers-reduced-motion"
LOOK = """
    const root = document.querySelector(".cover");
    const shown = [...root.querySelectorAll("[data-value]")];
    return {
      values: Object.fromEntries(shown.map(e => [e.dataset.value, e.textContent])),
      scene: root.querySelector("[aria-current]").textContent,
      flowing: [...root.querySelectorAll(".wire.f, .wire.b")].map(e => [e.dataset.wire, e.classList[1]]),
      pulses: root.querySelectorAll(".pulse").length,
      said: root.querySelector("[aria-live]").textContent,
      read: root.querySelector(".cover-loss").textContent,
      tall: root.offsetHeight,
    };
"""


def open_cover(browser: webdriver.Chrome, site: str, motion: str, width: int = 1280) -> WebElement:
    """動きの設定を決めて、表紙を開く。"""
    resize(browser, width)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": MOTION, "value": motion}]})
    browser.get(f"{site}index.html")
    until(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".cover svg"))
    return browser.find_element(By.CSS_SELECTOR, ".cover")


@pytest.fixture
def cover(browser: webdriver.Chrome, site: str) -> Iterator[webdriver.Chrome]:
    """動きを減らす設定で開いた表紙。ひとりでには動かない。"""
    open_cover(browser, site, "reduce")
    yield browser
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def press(browser: webdriver.Chrome, name: str) -> None:
    """ボタンをキーで押す。"""
    buttons = browser.find_elements(By.CSS_SELECTOR, ".cover button")
    next(button for button in buttons if button.text == name).send_keys(Keys.ENTER)


def step(browser: webdriver.Chrome, times: int = 1) -> None:
    """何場面か進める。"""
    browser.execute_script("""
        const next = [...document.querySelectorAll(".cover button")].find(b => b.textContent === "一歩");
        for (let n = 0; n < arguments[0]; n++) next.click();
    """, times)  # fmt: skip


def visible(trip: Trip, scene: int) -> dict[str, str]:
    """場面 `scene` に見えるはずの値。"""
    places = [("a", l, trip["a"][l]) for l in (0, 1, 2) if l == 0 or scene >= l - 1]
    places += [("d", l, trip["d"][l - 1]) for l in (1, 2) if scene >= 5 - l]
    return {f"{kind}{l}_{j}": text for kind, l, texts in places for j, text in enumerate(texts, start=1)}


def test_every_step_shows_its_values(cover: webdriver.Chrome) -> None:
    trips, end = by_numpy(8)
    names = ["順伝播", "順伝播", "損失", "逆伝播", "逆伝播", "更新"]
    wires = {0: ("1", "f", 6), 1: ("2", "f", 6), 4: ("2", "b", 6)}
    heights = set()
    for n, trip in enumerate([*trips, trips[0]]):
        for scene, name in enumerate(names):
            step(cover, 1 if n or scene else 48 - 5)  # 止まっているのは、はじめの一往復を終えたところ
            sight = cover.execute_script(LOOK)
            heights.add(sight["tall"])
            assert (sight["scene"], sight["values"]) == (name, visible(trip, scene)), (n, scene)
            layer, way, count = wires.get(scene, ("", "", 0))
            assert len(sight["flowing"]) == count == sight["pulses"]
            assert all(wire[0] == layer and kind == way for wire, kind in sight["flowing"])
            assert f"{n % 8 + 1}往復めの{name}" in sight["said"]
            later = trips[n + 1]["loss"] if n < 7 else end if n == 7 else trips[1]["loss"]
            if scene == 5:
                assert f"損失は {trip['loss']} から {later} へ" in sight["said"]
            if scene == 2:
                assert f"損失は {trip['loss']}。" in sight["read"]
    assert len(heights) == 1


def test_it_stands_still_for_those_who_want_it(cover: webdriver.Chrome) -> None:
    before = cover.execute_script(LOOK)
    assert (before["scene"], before["values"]) == ("更新", visible(by_numpy(8)[0][0], 5))
    cover.execute_async_script("setTimeout(arguments[0], 1500)")
    assert cover.execute_script(LOOK) == before
    press(cover, "一歩")
    assert cover.execute_script(LOOK)["scene"] == "順伝播"
    press(cover, "動かす")  # 頼めば動く
    until(cover, lambda _: cover.execute_script(LOOK)["scene"] == "損失")
    press(cover, "止める")


def test_it_moves_and_stops(browser: webdriver.Chrome, site: str) -> None:
    open_cover(browser, site, "no-preference")
    until(browser, lambda _: browser.execute_script(LOOK)["scene"] == "損失")
    press(browser, "止める")
    before = browser.execute_script(LOOK)
    browser.execute_async_script("setTimeout(arguments[0], 1500)")
    assert browser.execute_script(LOOK) == before
    press(browser, "動かす")
    until(browser, lambda _: browser.execute_script(LOOK)["scene"] == "逆伝播")
    # 見えないところでは動かない
    browser.execute_script("scrollTo(0, document.body.scrollHeight)")
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    hidden = browser.execute_script(LOOK)["read"]
    browser.execute_async_script("setTimeout(arguments[0], 2500)")
    assert browser.execute_script(LOOK)["read"] == hidden


def test_what_flows_stays_on_its_wire_when_stopped(browser: webdriver.Chrome, site: str) -> None:
    open_cover(browser, site, "no-preference")
    placed = browser.execute_async_script("""
        const done = arguments[0];
        const pulses = () => [...document.querySelectorAll('.cover-picture .pulse')];
        const stop = () => {
          const toggle = document.querySelector('.cover .interactive-bar button');
          if (!pulses().length || toggle.textContent !== '止める') return requestAnimationFrame(stop);
          toggle.click();
          done(pulses().map(e => e.hasAttribute('transform')));
        };
        stop();
    """)
    assert placed
    assert all(placed)


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone(browser: webdriver.Chrome, site: str, width: int) -> None:
    app = open_cover(browser, site, "reduce", width)
    outside = browser.execute_script(
        "const box = arguments[0].querySelector('svg').getBoundingClientRect();"
        "const parts = [...arguments[0].querySelectorAll('svg text, svg circle')];"
        "return parts.map(e => e.getBoundingClientRect()).filter(r => r.left < box.left ||"
        " r.right > box.right || r.top < box.top || r.bottom > box.bottom).length",
        app,
    )
    assert outside == 0
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")

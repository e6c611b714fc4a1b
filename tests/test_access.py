"""だれもが使えることの検査: axe-core、キーボード、動きを減らす設定。"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import LAID_OUT, by_finger, resize, wake
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"

Pages = dict[str, BeautifulSoup]
Open = Callable[..., webdriver.Chrome]
Violations = dict[str, list[str]]

CHAPTER = "chapters/14_gradient_descent.html"
NARROW = ("index.html", CHAPTER, "search.html", "404.html")
THEMES = ("light", "dark")

# 同じところに同じ見え方で何度も現れる、コードの字句と数式は、中身を一つだけ残す。
THIN = """
    const kept = new Set();
    const again = (e, place) => {
      const kind = [e.localName, e.className, place?.localName, place?.className].join();
      return kept.has(kind) || !kept.add(kind);
    };
    for (const token of document.querySelectorAll('pre span')) {
      if (token.childElementCount) continue;
      if (!token.className || again(token, token.closest('.cell_output, .cell_input, details'))) {
        token.replaceWith(...token.childNodes);
      }
    }
    for (const formula of document.querySelectorAll('math')) {
      const mark = document.createElementNS('http://www.w3.org/1998/Math/MathML', 'mtext');
      mark.textContent = '式';
      formula.replaceChildren(...again(formula, formula.parentElement.parentElement) ? [] : [mark]);
    }
"""
SETTLE = LAID_OUT + """
    document.querySelectorAll('details').forEach(box => { box.open = true; });
    const boxes = [...document.querySelectorAll('pre, .pst-scrollable-table-container')];
    const reachable = e => e.scrollWidth <= e.clientWidth || e.tabIndex === 0;
    const until = performance.now() + 2000;
    while (!boxes.every(reachable) && performance.now() < until) await new Promise(r => setTimeout(r, 50));
"""
# 触れて確かめる図の、操作のところ。
FIGURES = """
    const found = [];
    for (const live of document.querySelectorAll('.interactive-live')) {
      const { violations } = await axe.run(live, {resultTypes: ['violations']});
      const told = rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 150)}`);
      found.push(...violations.flatMap(told));
    }
    return { figures: document.querySelectorAll('.interactive-live').length, found };
"""
RUN = """
    const [theme, rules] = arguments;
    const options = rules ? {runOnly: rules} : {};
    document.documentElement.dataset.theme = theme;
    const found = await axe.run(document, {resultTypes: ['violations'], ...options});
    return {
      checked: found.passes.length,
      violations: found.violations.flatMap(
        rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')} ${node.html.slice(0, 150)}`)),
    };
"""


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core のプログラム。入っていなければ理由を示して飛ばす（REQUIRE_BROWSER=1 なら失敗させる）。"""
    if not AXE.exists():
        give_up = pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip
        give_up("axe-core がありません。tools/axe で npm ci を実行してください。")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def calm(browser: webdriver.Chrome) -> Iterator[None]:
    """動きを減らす設定。現れる途中の、色の薄い文字を測らないために使う。"""
    prefer(browser, "reduce")
    yield
    prefer(browser, "no-preference")


def prefer(browser: webdriver.Chrome, motion: str) -> None:
    """動きについての、読者の設定。"""
    features = [{"name": "prefers-reduced-motion", "value": motion}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


@pytest.fixture(scope="module")
def look(browser: webdriver.Chrome, site: str) -> Open:
    """ページを、決まった幅で開く。"""

    def open_page(place: str, width: int = 1280) -> webdriver.Chrome:
        resize(browser, width)
        browser.get(site + place)
        wake(browser)
        wait(browser, "await document.fonts.ready;")
        return browser

    return open_page


def wait(browser: webdriver.Chrome, script: str, *arguments: Any) -> Any:
    """終わるのを待つことのあるプログラムを、ページの中で走らせる。"""
    wrapped = f"""
        const done = arguments[arguments.length - 1];
        (async function () {{ {script} }}).apply(null, [...arguments].slice(0, -1))
          .then(done, error => done({{ error: String(error) }}));
    """
    return browser.execute_async_script(wrapped, *arguments)


def inspect(browser: webdriver.Chrome, theme: str, rules: list[str] | None = None) -> list[str]:
    """開いているページの、axe-core の違反。"""
    found = wait(browser, RUN, theme, rules)
    assert "error" not in found, found
    assert found["checked"] >= (1 if rules else 10)
    return found["violations"]


@pytest.fixture(scope="module")
def violations(pages: Pages, browser: webdriver.Chrome, look: Open, axe: str) -> dict[str, Violations]:
    """すべてのページを一度ずつ開いて調べた、画面の色ごとの違反。"""
    prefer(browser, "reduce")
    found: dict[str, Violations] = {theme: {} for theme in THEMES}
    for place in pages:
        chromium = look(place)
        wait(chromium, SETTLE)
        chromium.execute_script(THIN)
        chromium.execute_script(axe)
        # 画面の色で変わるのは、色だけ。
        found["light"][place] = inspect(chromium, "light")
        found["dark"][place] = inspect(chromium, "dark", ["color-contrast", "link-in-text-block"])
    prefer(browser, "no-preference")
    return found


@pytest.mark.skipif(
    not os.environ.get("AXE"),
    reason="すべてのページの axe の検査は長くかかるので、make test-site AXE=1 のときだけ行います。",
)
class TestAxe:
    """axe-core の決まりに、どのページも、明るい画面でも暗い画面でも反しない。"""

    @pytest.mark.parametrize("theme", THEMES)
    def test_every_page(self, violations: dict[str, Violations], theme: str) -> None:
        assert len(violations[theme]) > 30
        assert not {place: found for place, found in violations[theme].items() if found}

    @pytest.mark.usefixtures("calm")
    def test_a_page_as_it_is(self, look: Open, axe: str) -> None:
        # 間引かないページでも、結果は同じ。
        chromium = look("index.html")
        wait(chromium, SETTLE)
        chromium.execute_script(axe)
        assert not [violation for theme in THEMES for violation in inspect(chromium, theme)]

    @pytest.mark.usefixtures("calm")
    def test_figures_as_they_are(self, pages: Pages, look: Open, axe: str) -> None:
        # 間引くと、押せる式の、見えている字と名前とを比べられない。
        figures, found = 0, {}
        for place in (place for place, page in pages.items() if page.select(".interactive")):
            chromium = look(place)
            wait(chromium, SETTLE)
            chromium.execute_script(axe)
            seen = wait(chromium, FIGURES)
            figures += seen["figures"]
            found[place] = seen["found"]
        assert figures > 20
        assert not {place: violations for place, violations in found.items() if violations}

    @pytest.mark.parametrize("place", NARROW)
    @pytest.mark.usefixtures("calm")
    def test_a_narrow_screen(self, look: Open, axe: str, place: str) -> None:
        chromium = look(place, 390)
        wait(chromium, SETTLE)
        chromium.execute_script(THIN)
        chromium.execute_script(axe)
        assert not [violation for theme in THEMES for violation in inspect(chromium, theme)]

    @pytest.mark.usefixtures("calm")
    def test_search_results_and_the_opened_menus(self, look: Open, axe: str) -> None:
        chromium = look("search.html?q=XOR")
        assert eventually(lambda: chromium.find_elements(By.CSS_SELECTOR, "a.search-result"))
        chromium.execute_script(axe)
        for theme in THEMES:
            assert not inspect(chromium, theme)
        chromium = look("index.html")
        chromium.execute_script(axe)
        press(chromium, Keys.CONTROL, "k")
        chromium.switch_to.active_element.send_keys("δ")
        assert eventually(lambda: chromium.find_elements(By.CSS_SELECTOR, "dialog a.search-result"))
        for theme in THEMES:
            assert not inspect(chromium, theme)
        chromium = look("index.html", 390)
        chromium.execute_script(axe)
        chromium.find_element(By.CSS_SELECTOR, ".primary-toggle").send_keys(Keys.ENTER)
        assert not inspect(chromium, "dark")


# いまキーの届いている要素について: 名札、名前、見えるか、枠があるか。
FOCUSED = """
    const label = e.dataset.walked ||= String(window.walked = (window.walked || 0) + 1);
    // 目次の三角は、行の高さを取らない summary の中にある。
    const face = e.matches('summary') && e.querySelector(':scope > .toctree-toggle') || e;
    const box = face.getBoundingClientRect(), style = getComputedStyle(e);
    const outlined = s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
    const ring = s => outlined(s) || s.boxShadow !== 'none';
    return {
      label,
      html: e.outerHTML.slice(0, 120),
      shown: box.width > 0 && box.height > 0 && Number(style.opacity) > 0 && style.visibility === 'visible',
      inside: box.bottom > 0 && box.top < innerHeight,
      ring: ring(style) || ring(getComputedStyle(face)),
    };
"""
# Tab が押されるたびに、その前の Tab で来ていたところを書きとめる。ひと回りしたら、そこで止まる。
RECORD = f"""
    const look = e => {{ {FOCUSED} }};
    let first = null;
    Object.assign(window, {{ steps: [], arrived: false }});
    addEventListener('keydown', event => {{
      if (event.key !== 'Tab') return;
      const e = document.activeElement;
      const step = e && e !== document.body ? look(e) : null;
      window.arrived ||= first !== null && (!step || step.label === first);
      if (window.arrived) event.preventDefault();
      else if (step) window.steps.push(step);
      first ??= step?.label ?? null;
    }}, true);
"""
# キーで来られるはずのもの。隠れているものと、閉じた箱の中のものは除く。
REACHABLE = """
    const kinds = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    const shown = e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
      && e.getClientRects().length && !e.disabled && !e.closest('[inert]');
    const grouped = e => e.type === 'radio' && !e.checked;
    return [...document.querySelectorAll(kinds)].filter(e => shown(e) && !grouped(e) && !e.dataset.walked)
      .map(e => e.outerHTML.slice(0, 150));
"""


def press(chromium: webdriver.Chrome, *keys: str) -> None:
    """キーを、はじめのものを押したまま、押す。"""
    actions = ActionChains(chromium)
    for key in keys[:-1]:
        actions.key_down(key)
    actions.send_keys(keys[-1])
    for key in keys[:-1]:
        actions.key_up(key)
    actions.perform()


def wait_for_frames(chromium: webdriver.Chrome) -> None:
    """画面が二度描かれるまで。"""
    chromium.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));"
    )


def walk(chromium: webdriver.Chrome, limit: int = 600) -> list[dict[str, Any]]:
    """Tab だけで、ページの終わりまで歩く。画面が着いてくるのを、一歩ごとに待つ（reading.css）。"""
    chromium.execute_script(RECORD)
    for _ in range(limit):
        press(chromium, Keys.TAB)
        wait_for_frames(chromium)
        if chromium.execute_script("return window.arrived"):
            return chromium.execute_script("return window.steps")
    pytest.fail(f"{limit}回の Tab で終わりに着きません。")


def eventually(condition: Callable[[], Any], seconds: float = 5) -> bool:
    """しばらく待てば成り立つか。"""
    until = time.monotonic() + seconds
    while not (held := bool(condition())) and time.monotonic() < until:
        time.sleep(0.02)
    return held


@pytest.mark.usefixtures("calm")
@pytest.mark.long
class TestKeyboard:
    """キーボードだけで使う。"""

    @pytest.mark.parametrize("width", [1280, 390])
    def test_everything_is_reached_and_seen(self, look: Open, width: int) -> None:
        chromium = look("chapters/42_xor.html", width)
        steps = walk(chromium)
        assert len({step["label"] for step in steps}) == len(steps), "同じところに二度来ました"
        assert not [step["html"] for step in steps if not (step["shown"] and step["inside"] and step["ring"])]
        assert not chromium.execute_script(REACHABLE)

    def test_the_way_past_the_menus(self, look: Open) -> None:
        chromium = look(CHAPTER)
        press(chromium, Keys.TAB)
        link = chromium.switch_to.active_element
        assert link.text == "本文へスキップ"
        assert link.location["y"] >= 0
        link.send_keys(Keys.ENTER)
        press(chromium, Keys.TAB)
        inside = "return document.querySelector('#main-content').contains(document.activeElement)"
        assert chromium.execute_script(inside)

    def test_search_box(self, look: Open) -> None:
        chromium = look(CHAPTER)
        button = chromium.find_element(By.CSS_SELECTOR, ".search-button-field")
        button.send_keys(Keys.ENTER)
        box = chromium.switch_to.active_element
        assert box.get_attribute("type") == "search"
        for _ in range(4):
            press(chromium, Keys.TAB)
            assert chromium.execute_script("return document.activeElement.matches('dialog[open] *, body')")
        press(chromium, Keys.ESCAPE)
        assert eventually(lambda: not chromium.find_elements(By.CSS_SELECTOR, "dialog[open]"))
        press(chromium, Keys.CONTROL, "k")
        chromium.switch_to.active_element.send_keys("連鎖律")
        assert eventually(lambda: chromium.find_elements(By.CSS_SELECTOR, "dialog a.search-result"))
        press(chromium, Keys.ENTER)
        assert eventually(lambda: "11_chain_rule.html" in chromium.current_url)

    def test_the_words_typed_are_beside_the_glass(self, look: Open) -> None:
        chromium = look("search.html")
        gap = chromium.execute_script("""
            const field = document.querySelector('#main-content .bd-search');
            const box = field.querySelector('input');
            const start = box.getBoundingClientRect().left + parseFloat(getComputedStyle(box).paddingLeft);
            return start - field.querySelector('.fa-magnifying-glass').getBoundingClientRect().right;
        """)
        assert gap >= 2

    def test_colour_button_says_and_changes_the_mode(self, look: Open) -> None:
        chromium = look(CHAPTER)
        button = chromium.find_element(By.CSS_SELECTOR, ".theme-switch-button")
        heard = set()
        for _ in range(3):
            button.send_keys(Keys.ENTER)
            mode = chromium.execute_script("return document.documentElement.dataset.mode")
            heard.add((mode, button.accessible_name))
        chromium.execute_script("localStorage.clear()")
        assert {mode for mode, _ in heard} == {"light", "dark", "auto"}
        assert len({name for _, name in heard}) == 3
        assert all(name.startswith("画面の色: ") for _, name in heard)
        assert not button.get_attribute("textContent").strip(), "検索の結果の抜き書きに混ざります"

    @pytest.mark.parametrize("side", ["primary", "secondary"])
    def test_sidebars_on_a_phone(self, look: Open, side: str) -> None:
        chromium = look(CHAPTER, 390)
        toggles = chromium.find_elements(By.CSS_SELECTOR, f".{side}-toggle")
        toggle = next(button for button in toggles if button.is_displayed())
        toggle.send_keys(Keys.ENTER)
        opened = f"#pst-{side}-sidebar-modal[open]"
        assert eventually(lambda: chromium.find_elements(By.CSS_SELECTOR, opened))
        press(chromium, Keys.TAB)
        assert chromium.execute_script(f"return document.activeElement.closest('{opened}') !== null")
        press(chromium, Keys.ESCAPE)
        assert eventually(lambda: not chromium.find_elements(By.CSS_SELECTOR, opened))

    @pytest.mark.parametrize("width", [1280, 390])
    def test_folded_code_opens_and_can_be_copied(self, look: Open, width: int) -> None:
        chromium = look(CHAPTER, width)
        if width == 390:
            by_finger(chromium)
        box = chromium.find_element(By.CSS_SELECTOR, "article details:has(pre)")
        box.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
        assert box.get_attribute("open") is not None
        code, button = (box.find_element(By.CSS_SELECTOR, found) for found in ("pre", "button.copybtn"))
        if width == 390:  # 指の画面では、コードは横に動き、ボタンは上に重ならない
            assert chromium.execute_script("return arguments[0].scrollWidth > arguments[0].clientWidth", code)
            assert eventually(lambda: code.get_property("tabIndex") == 0)
            assert not button.is_displayed()
        else:
            button.send_keys(Keys.ENTER)
            assert eventually(lambda: "success" in button.get_attribute("class"))
        box.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
        assert box.get_attribute("open") is None


class TestMotion:
    """動きを減らす設定。"""

    MOVING = """
        const styles = [...document.querySelectorAll('*')].flatMap(
          e => ['', '::before', '::after'].map(part => [e, getComputedStyle(e, part)]));
        const still = text => text.split(',').every(part => parseFloat(part) === 0);
        const animated = s => s.animationName !== 'none' && !still(s.animationDuration);
        const moving = s => !still(s.transitionDuration) || animated(s) || s.scrollBehavior === 'smooth';
        return styles.filter(([e, s]) => moving(s)).map(([e]) => e.outerHTML.slice(0, 100)).slice(0, 20);
    """

    def test_nothing_moves_for_those_who_ask(self, browser: webdriver.Chrome, look: Open) -> None:
        chromium = look(CHAPTER)
        assert chromium.execute_script(self.MOVING)
        prefer(browser, "reduce")
        moving = chromium.execute_script(self.MOVING)
        prefer(browser, "no-preference")
        assert not moving

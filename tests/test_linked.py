"""応え合う図の検査: 値、プログラムの行、灯り方、キーと指での動き、画面での姿。

値は、この検査の中で NumPy だけを使って、はじめから計算しなおしたものと比べる。
"""

from __future__ import annotations

import functools
import gzip
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from asking import Ask, asking
from browsing import resize, until, wake
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from backprop import interactive
from backprop.interactive import formula
from backprop.interactive.numbers import number
from backprop.network import Network

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = {
    1: "31_step1_output_gradient",
    2: "32_step2_output_delta",
    3: "33_step3_hidden_delta",
    4: "34_step4_weight_gradient",
    5: "35_step5_bias_gradient",
    6: "36_step6_update",
}
FORWARD = "21_forward_pass"

# アルゴリズムの章の、手でたどる 2–3–2。
W1, b1 = np.array([[1.0, 0.5], [0.5, -1.0], [-1.0, 1.0]]), np.array([[0.0], [0.5], [0.0]])
W2, b2 = np.array([[0.25, 1.0, -0.5], [-0.5, 1.0, 1.0]]), np.array([[0.5], [0.25]])
x, y, eta = np.array([[1.0], [2.0]]), np.array([[1.0], [-0.5]]), 0.1


class Relu:
    derivative = staticmethod(lambda Z: (Z > 0) * 1.0)


class Identity:
    derivative = staticmethod(np.ones_like)


def by_numpy() -> tuple[dict[str, float], dict[str, Any]]:
    """名前から値を引く表と、プログラムの行の使う名前の表。六つのステップの式だけから。"""
    Z1 = W1 @ x + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2 @ A1 + b2
    delta2 = Z2 - y
    s1 = (Z1 > 0) * 1.0
    delta1 = (W2.T @ delta2) * s1
    dW = {1: delta1 @ x.T, 2: delta2 @ A1.T}
    found: dict[str, float] = {"eta": eta}
    columns = {
        "a0_": x, "a1_": A1, "a2_": Z2, "z1_": Z1, "z2_": Z2, "y": y, "dy": Z2 - y, "d1_": delta1,
        "d2_": delta2, "s1_": s1, "s2_": np.ones((2, 1)), "c1_": W2.T @ delta2,
    }  # fmt: skip
    for prefix, column in columns.items():
        found |= {f"{prefix}{j + 1}": value for j, value in enumerate(column[:, 0])}
    for l, W, b, d in ((1, W1, b1, delta1), (2, W2, b2, delta2)):
        for j, k in product(range(len(W)), range(W.shape[1])):
            w, g, place = W[j, k], dW[l][j, k], f"{l}_{j + 1}{k + 1}"
            found |= {f"w{place}": w, f"gw{place}": g, f"ew{place}": eta * g, f"nw{place}": w - eta * g}
            found[f"v{place}"] = w * d[j, 0]
        for j in range(len(W)):
            place, g = f"{l}_{j + 1}", d[j, 0]
            found |= {
                f"b{place}": b[j, 0],
                f"gb{place}": g,
                f"eb{place}": eta * g,
                f"nb{place}": b[j, 0] - eta * g,
            }
    names = {
        "A1": A1, "A2": Z2, "Z1": Z1, "Z2": Z2, "dA2": Z2 - y, "delta1": delta1, "delta2": delta2, "W1": W1,
        "W2": W2, "b1": b1, "b2": b2, "x": x, "y": y, "eta": eta, "dW1": dW[1], "dW2": dW[2], "db1": delta1,
        "db2": delta2, "relu": Relu, "identity": Identity,
    }  # fmt: skip
    return {name: float(value) for name, value in found.items()}, names


VALUES, NAMES = by_numpy()
STEPS = {n: interactive.step(n) for n in CHAPTERS}


def started() -> tuple[Network, np.ndarray]:
    """順伝播の章の図の、はじめの状態。章に記録されている出力から読む。"""
    live = recorded(FORWARD)["live"]
    arrays = {name: np.array(live[name]) for name in ("W1", "b1", "W2", "b2", "x")}
    net = Network(
        [arrays["W1"], arrays["W2"]], [arrays["b1"], arrays["b2"]], [live["hidden"], live["output"]],
        "half_squared_error",
    )  # fmt: skip
    return net, arrays["x"]


def bundle(chapter: str) -> str:
    """章に記録されている、この図の出力。"""
    notebook = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4)
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    (found,) = [
        html for o in outputs if 'data-kind="linked"' in (html := o.get("data", {}).get("text/html", ""))
    ]
    return found


def recorded(chapter: str) -> dict[str, Any]:
    script = BeautifulSoup(bundle(chapter), "html.parser").select_one('script[type="application/json"]')
    return json.loads(script.string)


def parts_of(data: dict[str, Any]) -> Iterator[str]:
    """計算の式に現れる部分。"""
    yield from (item for unit in data["units"] for item in unit["items"] if str(item) in data["math"])


# ---- 入っている値 --------------------------------------------------------------------------------


@pytest.mark.parametrize("n", CHAPTERS)
class TestStep:
    """ステップの図。"""

    def test_values_are_those_of_numpy(self, n: int) -> None:
        values = STEPS[n].data["values"]
        assert values
        assert values == {name: number(VALUES[name]) for name in values}

    def test_every_formula_comes_true(self, n: int) -> None:
        for unit in STEPS[n].data["units"]:
            left, sign, *right = unit["items"]
            assert sign in "=←"
            terms = [
                repr(VALUES[item]) if item in VALUES else item.translate({0xD7: "*", 0x2212: "-"})
                for item in right
            ]
            terms = [f"({term})" if term[0] == "-" and len(term) > 1 else term for term in terms]
            assert re.fullmatch(r"[\d.e()*+\- ]+", " ".join(terms))
            assert eval(" ".join(terms)) == pytest.approx(VALUES[left], rel=1e-12, abs=1e-15), unit["title"]
            assert unit["flow"]["out"] == left

    def test_every_flow_comes_true(self, n: int) -> None:
        for unit in STEPS[n].data["units"]:
            flow = unit["flow"]
            inputs = [1.0 if one == "one" else VALUES[one] for one, *_ in flow["in"]]
            for (_, *by), value in zip(flow["in"], inputs, strict=True):
                if by:
                    assert VALUES[by[1]] == VALUES[by[0]] * value
            gathered = [VALUES[i[2]] if i[2:] else v for i, v in zip(flow["in"], inputs, strict=True)]
            join = {"∑": sum(gathered), "×": np.prod(gathered), "−": gathered[0] - gathered[-1]}[
                flow["op"][0]
            ]
            if flow["op"][1:]:
                assert VALUES[flow["op"][1]] == join
            before, part, after = flow.get("tail", ["", "", ""])
            end = VALUES[part] * join if before else VALUES[part] - join if after else join
            assert end == pytest.approx(VALUES[flow["out"]], rel=1e-12, abs=1e-15)

    def test_the_lines_of_code_run(self, n: int) -> None:
        for line in STEPS[n].data["code"]:
            source = "".join(token if isinstance(token, str) else token[0] for token in line)
            found: dict[str, Any] = {}
            exec(source, dict(NAMES), found)
            ((name, value),) = found.items()
            named = {token[0]: token[1].split() for token in line if not isinstance(token, str)}
            assert value.ravel() == pytest.approx([VALUES[part] for part in named[name]], rel=1e-12)
            for token, parts in named.items():
                inputs = eval(token, dict(NAMES)) if token != name else value
                assert sorted(np.ravel(inputs)) == pytest.approx(
                    sorted(VALUES[part] for part in parts), rel=1e-12
                )

    def test_the_page_holds_the_figure_and_the_still_one(self, n: int) -> None:
        stored = recorded(CHAPTERS[n])
        assert stored == plain(STEPS[n].data)
        assert stored["figure"] == f"fig-step{n}"
        assert stored["strip"]["now"] == {1: "3", 2: "4a", 3: "4b", 4: "4c", 5: "4d", 6: "5"}[n]

    def test_symbols_are_proper_and_have_words(self, n: int) -> None:
        data = STEPS[n].data
        for text in [
            *data["math"].values(),
            *(item[0] for item in data["general"] if not isinstance(item, str)),
        ]:
            assert ET.fromstring(text).tag == "math"
        assert set(parts_of(data)) <= set(data["say"])
        assert all(re.search("[ぁ-ん一-龠]", words) for words in data["say"].values())

    def test_the_table_says_the_same(self, n: int) -> None:
        rows = BeautifulSoup(STEPS[n].table, "html.parser").select("tbody tr")
        words = {row.td.get_text(): row.select("td")[1].get_text() for row in rows}
        data = STEPS[n].data
        assert words == {data["say"][part]: data["values"][part] for part in parts_of(data)}


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """出力に書かれる形。組は並びになる。"""
    return json.loads(json.dumps(data))


def test_a_sum_is_written_in_both_forms() -> None:
    assert formula.mathml(r"\sum_{k}") == "<math><msub><mo>∑</mo><mi>k</mi></msub></math>"
    assert formula.markup(r"\sum_{k} w") == "∑<sub><i>k</i></sub><i>w</i>"


# ---- 読者が動かす順伝播の計算 --------------------------------------------------------------------


def states(count: int) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(7)
    for _ in range(count):
        sizes = [int(n) for n in rng.integers(1, 4, 3)]
        hidden = str(rng.choice(["relu", "sigmoid", "tanh", "identity"]))
        scale = float(rng.choice([0.1, 1.0, 5.0]))
        net = Network.random(
            sizes, [hidden, "identity"], "half_squared_error", rng=rng, weight_scale=scale, bias_scale=scale
        )
        arrays = {name: np.clip(value, -10, 10).round(3).tolist() for name, value in net.parameters().items()}
        x0 = rng.uniform(-10, 10, (sizes[0], 1)).round(3).tolist()
        yield {**arrays, "x": x0, "hidden": hidden, "output": "identity", "limit": 10, "choices": []}


def forward_by_numpy(state: dict[str, Any]) -> dict[str, float]:
    """順伝播を、本のパッケージを使わずに。"""
    U1, c1, U2, c2, x0 = (np.array(state[name]) for name in ("W1", "b1", "W2", "b2", "x"))
    functions = {
        "relu": lambda z: np.maximum(z, 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh,
        "identity": lambda z: z,
    }  # fmt: skip
    Z1 = U1 @ x0 + c1
    A1 = functions[state["hidden"]](Z1)
    Z2 = U2 @ A1 + c2
    found = {}
    for prefix, column in {"a0": x0, "b1": c1, "b2": c2, "z1": Z1, "a1": A1, "z2": Z2, "a2": Z2}.items():
        found |= {f"{prefix}_{j + 1}": value for j, value in enumerate(column[:, 0])}
    for l, U, before in ((1, U1, x0), (2, U2, A1)):
        for (j, k), value in np.ndenumerate(U):
            found |= {f"w{l}_{j + 1}{k + 1}": value, f"p{l}_{j + 1}{k + 1}": value * before[k, 0]}
    return found


@pytest.fixture(scope="module")
def ask(browser: webdriver.Chrome) -> Iterator[Ask]:
    with asking(browser, "tuning") as made:
        yield made


class TestTuning:
    """順伝播の図の計算（`_static/interactive/parts/tuning.js`）。"""

    def test_many_states_against_numpy(self, ask: Ask) -> None:
        every = list(states(300))
        answers = ask("q.map(live => new tuning.Tuning(live, {}, () => {}).values())", every)
        for state, answer in zip(every, answers, strict=True):
            expected = forward_by_numpy(state)
            assert set(answer) == set(expected)
            largest = max(map(abs, expected.values()))
            for name, value in expected.items():
                assert answer[name] == pytest.approx(value, rel=1e-12, abs=1e-13 * largest), (state, name)

    def test_setting_one_number_changes_only_what_it_reaches(self, ask: Ask) -> None:
        (state,) = [
            {**s, "W1": [[1, 2], [3, 4]], "W2": [[1, 1]], "b1": [[0], [0]], "b2": [[0]], "x": [[1], [1]]}
            for s in states(1)
        ]
        script = """(() => {
            const made = new tuning.Tuning(q, {}, () => {}), before = made.values();
            made.set('w1_12', 11.23456); const after = made.values();
            const start = q.W1[0][1]; made.reset();
            return [before, after, start, made.values()];
        })()"""
        before, after, start, back = ask(script, {**state, "hidden": "identity"})
        assert after["w1_12"] == 10  # 限りで止める
        assert {name for name in after if after[name] != before[name]} == {
            "w1_12", "p1_12", "z1_1", "a1_1", "p2_11", "z2_1", "a2_1"
        }  # fmt: skip
        assert start == 2
        assert back == before


# ---- できあがったサイト --------------------------------------------------------------------------

LIVE = '.interactive[data-kind="linked"] > .interactive-live'
Open = Callable[..., webdriver.Chrome]


@pytest.fixture(scope="module")
def opened(browser: webdriver.Chrome, site: str) -> Iterator[Open]:
    """章を、はじめから開く。"""

    def open_chapter(chapter: str, width: int = 1280, still: bool = True) -> webdriver.Chrome:
        features = [{"name": "prefers-reduced-motion", "value": "reduce" if still else ""}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
        resize(browser, width)
        browser.get_log("browser")
        browser.get(f"{site}chapters/{chapter}.html")
        wake(browser)
        find = functools.partial(browser.find_elements, By.CSS_SELECTOR, LIVE)
        until(browser, lambda _: len(find()) == 1)
        browser.execute_script("arguments[0].scrollIntoView()", find()[0])
        return browser

    yield open_chapter
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def press(chromium: webdriver.Chrome, text: str) -> None:
    """図の中の、その名のボタンを押す。"""
    script = """
        const named = b => b.getAttribute('aria-label') || b.textContent;
        const all = [...document.querySelectorAll(arguments[0] + ' button')];
        all.find(b => named(b) === arguments[1]).click();
    """
    chromium.execute_script(script, LIVE, text)


# 計算は重ねて組んであり、いまのものだけが見える。
SEEN = """
    const app = document.querySelector(arguments[0]);
    const visible = e => e.checkVisibility({ visibilityProperty: true });
    const all = query => [...app.querySelectorAll(query)].filter(visible);
"""
EVERY = (
    f"{SEEN}"
    """
    const lit = query => all(query).filter(e => e.classList.contains('lit')).length;
    const mouse = (e, type) =>
      e.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType: 'mouse' }));
    const seen = [];
    const next = all('button').find(b => b.getAttribute('aria-label') === '次の計算');
    for (let unit = 0; unit < arguments[1]; unit += 1) {
      const places = { symbol: '.linked-symbol', token: '.linked-token',
        picture: '.linked-picture [role=button][data-part]' };
      for (const [kind, query] of Object.entries(places)) for (const element of all(query)) {
        mouse(element, 'pointerover');
        seen.push({ unit, kind, part: element.dataset.part, picture: lit('.linked-picture [data-part]'),
          code: lit('.linked-token'), symbols: lit('.linked-symbol') });
        mouse(app, 'pointerleave');
      }
      next.click();
    }
    return [seen, lit('[data-part]')];
"""
)
ANY_LIT = "return document.querySelectorAll('.linked .lit').length > 1"
SHOWN = f"{SEEN} return all('[data-value]').map(e => [e.dataset.next || e.dataset.value, e.textContent]);"
STACKED = f"""{SEEN}
    return ['.linked-title', '.linked-flow', '.linked-unit'].map(one =>
      [app.querySelector(one).children.length, all(one + ' > *').map(e => e.dataset.of)]);
"""
HEIGHT = "return document.querySelector(arguments[0]).getBoundingClientRect().height"
RUNS_OUT = """
    const limit = document.documentElement.clientWidth + 1, app = document.querySelector(arguments[0]);
    return [...app.querySelectorAll('*')].filter(e => !e.closest('.interactive-hidden'))
      .filter(e => e.getBoundingClientRect().right > limit).map(e => e.outerHTML.slice(0, 100));
"""
OVERLAPS = """
    const app = document.querySelector(arguments[0]);
    const boxes = [...app.querySelectorAll('.linked-picture text')]
      .map(e => [e.textContent, e.getBoundingClientRect()]);
    const found = [];
    boxes.forEach(([a, r], i) => boxes.slice(i + 1).forEach(([b, s]) => {
      const across = Math.min(r.right, s.right) - Math.max(r.left, s.left);
      const down = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top);
      if (across > 2 && down > 7) found.push([a, b]);
    }));
    return found;
"""


def errors(chromium: webdriver.Chrome) -> list[str]:
    log = chromium.get_log("browser")
    return [e["message"] for e in log if e["level"] == "SEVERE" and "favicon.ico" not in e["message"]]


def every_page() -> list[str]:
    return [*CHAPTERS.values(), FORWARD]


@pytest.fixture(scope="module", params=every_page())
def chapter(request: pytest.FixtureRequest) -> str:
    return request.param


class TestEveryPage:
    """どの章の図についても言えること。"""

    def test_everything_answers_everything(self, opened: Open, chapter: str) -> None:
        chromium, data = opened(chapter), recorded(chapter)
        seen, left = chromium.execute_script(EVERY, LIVE, len(data["units"]))
        assert not left
        formulas = {part for item in data["general"] if not isinstance(item, str) for part in item[1].split()}
        for row in seen:
            if row["kind"] != "picture" or set(row["part"].split()) & formulas:
                assert min(row["picture"], row["code"], row["symbols"]) > 0, row
        counted = {kind: sum(row["kind"] == kind for row in seen) for kind in ("symbol", "token", "picture")}
        assert min(counted.values()) >= 3 * len(data["units"])

    def test_one_calculation_is_seen_at_a_time(self, opened: Open, chapter: str) -> None:
        chromium, data = opened(chapter), recorded(chapter)
        units = data["units"]
        for n, unit in enumerate(units):
            for count, seen in chromium.execute_script(STACKED, LIVE):
                assert (count, seen) == (len(units), [str(n)])
            title = chromium.execute_script(f"{SEEN} return all('.linked-title')[0].innerText", LIVE)
            assert title.split() == [unit["title"], str(n + 1), "/", str(len(units))]
            press(chromium, "次の計算")

    def test_numbers_are_those_of_numpy(self, opened: Open, chapter: str) -> None:
        chromium, data = opened(chapter), recorded(chapter)
        results = data["results"]
        expected = VALUES if results else forward_by_numpy(data["live"])
        if results:
            before = dict(chromium.execute_script(SHOWN, LIVE))
            hidden = {part for part in before if any(part.startswith(kind) for kind in results)} - {"one"}
            shown = {part for part, text in before.items() if text == "？"}
            assert shown == {part for part in hidden if not part.startswith("n")} or shown <= hidden
            assert shown
            press(chromium, "計算する")
        for _ in data["units"]:
            for part, text in chromium.execute_script(SHOWN, LIVE):
                assert text.strip("()") in (number(expected[part]), number(expected[part], 1)), part
            press(chromium, "次の計算")
        if results:
            press(chromium, "答えを伏せる")
            assert "？" in {text for _, text in chromium.execute_script(SHOWN, LIVE)}
        assert not errors(chromium)

    @pytest.mark.long
    @pytest.mark.parametrize("width", [1280, 390])
    def test_nothing_moves_and_nothing_runs_out(self, opened: Open, chapter: str, width: int) -> None:
        chromium, data = opened(chapter, width), recorded(chapter)
        heights = {chromium.execute_script(HEIGHT, LIVE)}
        for _ in data["units"]:
            press(chromium, "次の計算")
            heights.add(chromium.execute_script(HEIGHT, LIVE))
            assert not chromium.execute_script(RUNS_OUT, LIVE)
        assert not chromium.execute_script(OVERLAPS, LIVE)
        if data["results"]:
            press(chromium, "計算する")
            assert not chromium.execute_script(OVERLAPS, LIVE)
        chromium.execute_script("document.querySelectorAll('.linked-symbol').forEach(e => e.click())")
        heights.add(chromium.execute_script(HEIGHT, LIVE))
        assert len(heights) == 1
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= width

    @pytest.mark.long
    def test_with_the_keyboard_alone(self, opened: Open, chapter: str) -> None:
        chromium, data = opened(chapter), recorded(chapter)
        where = """
            const e = document.activeElement, group = e.closest('[role=group]');
            return [group && group.getAttribute('aria-label'), e.getAttribute('aria-label') || e.textContent];
        """
        chromium.execute_script("document.querySelector(arguments[0] + ' :is(a, select)').focus()", LIVE)
        stops: list[list[str]] = []
        for _ in range(30):
            stops.append(chromium.execute_script(where))
            if stops[-1][1] == "表で見る":
                break
            chromium.switch_to.active_element.send_keys(Keys.TAB)
        groups = [group for group, _ in stops]
        for wanted in ("どの計算にも使う式", "この計算の式", "NumPy のプログラム"):
            assert groups.count(wanted) == 1
        assert stops[-1][1] == "表で見る"
        # 絵の中を矢印キーで移り、選んだものが開き、灯る。
        chromium.execute_script("""
            const query = ' .linked-picture [role=button][tabindex="0"]';
            document.querySelector(arguments[0] + query).focus();
        """, LIVE)  # fmt: skip
        opened_units = set()
        picture = chromium.find_elements(By.CSS_SELECTOR, f"{LIVE} .linked-picture [role=button]")
        for key in [Keys.HOME, *[Keys.ARROW_RIGHT] * len(picture)]:
            chromium.switch_to.active_element.send_keys(key)
            opened_units.add(
                chromium.execute_script(
                    f"{SEEN} return all('.linked-count').map(e => e.textContent).join()", LIVE
                )
            )
            assert chromium.execute_script("return document.activeElement.classList.contains('lit')")
        assert len(opened_units) == len(data["units"])
        # 式の記号を押して灯したままにすると、ことばで知らせる。
        chromium.execute_script(f"{SEEN} all('.linked-unit [tabindex=\"0\"]')[0].focus()", LIVE)
        chromium.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        part = chromium.execute_script("return document.activeElement.dataset.part")
        chromium.switch_to.active_element.send_keys(Keys.ENTER)
        said = chromium.execute_script(
            "return document.querySelector(arguments[0] + ' [aria-live]').textContent", LIVE
        )
        assert said.startswith(data["say"][part])
        chromium.execute_script("document.activeElement.blur()")
        assert chromium.execute_script("return document.querySelectorAll('.linked .lit').length") > 1

    def test_touching_lights_and_puts_out(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter, 390)
        for count in (True, False):
            spot = chromium.execute_script(f"{SEEN} const e = all('.linked-unit .linked-symbol').at(-1);" """
                e.scrollIntoView({ block: 'center', behavior: 'instant' });
                const r = e.getBoundingClientRect();
                return [r.x + r.width / 2, r.y + r.height / 2];
            """, LIVE)  # fmt: skip
            finger = [{"x": spot[0], "y": spot[1]}]
            chromium.execute_cdp_cmd(
                "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": finger}
            )
            chromium.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            until(chromium, lambda c, wanted=count: c.execute_script(ANY_LIT) == wanted)

    @pytest.mark.long
    def test_the_colours_of_the_reader(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter)
        features = [{"name": "forced-colors", "value": "active"}]
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
        odd = chromium.execute_script("""
            const probe = document.body.appendChild(document.createElement('div'));
            const system = name => { probe.style.color = name; return getComputedStyle(probe).color; };
            const own = ['Canvas', 'CanvasText', 'LinkText', 'VisitedText', 'GrayText', 'Highlight',
              'ButtonText'].map(system).concat('rgba(0, 0, 0, 0)');
            document.querySelector(arguments[0] + ' .linked-symbol').click();
            return [...document.querySelectorAll(arguments[0] + ' svg *')]
              .flatMap(e => [getComputedStyle(e).fill, getComputedStyle(e).stroke])
              .filter(paint => paint !== 'none' && !own.includes(paint));
        """, LIVE)  # fmt: skip
        assert not odd

    @pytest.mark.long
    def test_small_targets(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter, 390)
        small = chromium.execute_script("""
            const targets = ' :is(button, input:not([type=radio]), select, a)';
            return [...document.querySelectorAll(arguments[0] + targets)]
              .map(e => [e.getBoundingClientRect(), e.outerHTML.slice(0, 120)])
              .filter(([r]) => r.width && (r.width < 24 || r.height < 24)).map(([, html]) => html);
        """, LIVE)  # fmt: skip
        assert not small

    @pytest.mark.long
    def test_it_stands_still_when_asked(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter)
        press(chromium, "流して見る" if chapter == FORWARD else "計算する")
        chromium.execute_async_script("setTimeout(arguments[0], 300)")
        assert not chromium.find_elements(By.CSS_SELECTOR, f"{LIVE} .pulse")

    def test_it_moves_once_and_can_be_stopped(self, opened: Open, chapter: str) -> None:
        chromium = opened(chapter, still=False)
        pulses = functools.partial(chromium.find_elements, By.CSS_SELECTOR, f"{LIVE} .pulse")
        chromium.execute_script(
            "document.querySelector('.linked-picture').scrollIntoView({block: 'center', behavior: 'instant'})"
        )
        until(chromium, lambda _: pulses())
        press(chromium, "止める")
        assert not pulses()
        press(chromium, "流して見る" if chapter == FORWARD else "計算する")
        assert pulses()
        press(chromium, "止める")
        assert not pulses()

    @pytest.mark.long
    def test_without_scripts_and_on_paper(self, opened: Open, chapter: str, site: str) -> None:
        chromium = opened(chapter)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            assert not chromium.find_element(By.CSS_SELECTOR, LIVE).is_displayed()
            assert chromium.find_element(By.CSS_SELECTOR, '[data-kind="linked"] table').is_displayed()
        finally:
            chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        if chapter == FORWARD:
            return
        still = chromium.find_element(By.CSS_SELECTOR, f"#{recorded(chapter)['figure']} img")
        caption = chromium.find_element(By.CSS_SELECTOR, f"#{recorded(chapter)['figure']} figcaption")
        assert not still.is_displayed()
        assert caption.is_displayed()
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert still.is_displayed()
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


class TestForward:
    """順伝播の図で、数を動かす。"""

    CHANGE = """
        const app = document.querySelector(arguments[0]), q = query => app.querySelector(query);
        const fire = (e, type) => e.dispatchEvent(new Event(type, { bubbles: true }));
        for (const [part, value] of arguments[1]) {
          q('select').value = part; fire(q('select'), 'change');
          q('input[type=number]').value = value; fire(q('input[type=number]'), 'change');
        }
        const radio = q(`input[value=${arguments[2]}]`);
        if (!radio.checked) radio.click();
        return [q('[aria-live]').textContent, app.getBoundingClientRect().height];
    """

    def test_any_input_and_any_weight(self, opened: Open) -> None:
        chromium, live = opened(FORWARD, 390), recorded(FORWARD)["live"]
        rng = np.random.default_rng(3)
        heights = set()
        for n in range(40):
            state = {name: np.array(live[name]) for name in ("W1", "b1", "W2", "b2", "x")}
            scale = (0.01, 1, 4, 10)[n % 4]
            state = {name: rng.uniform(-scale, scale, value.shape).round(3) for name, value in state.items()}
            state["hidden"] = ("relu", "sigmoid", "tanh", "identity")[n // 4 % 4]
            values = forward_by_numpy(state)
            knobs = [[part, value] for part, value in values.items() if re.match("a0|w|b", part)]
            said, height = chromium.execute_script(self.CHANGE, LIVE, knobs, state["hidden"])
            heights.add(height)
            for part, text in chromium.execute_script(SHOWN, LIVE):
                assert text.strip("()") in (number(values[part]), number(values[part], 1)), (
                    part,
                    values[part],
                )
            assert number(values["a2_1"]) in said or number(values["a2_1"], 1) in said
            assert f"{state['hidden']}.value(" in chromium.find_element(By.CSS_SELECTOR, ".linked-code").text
            assert not chromium.execute_script(RUNS_OUT, LIVE)
            press(chromium, "次の計算")
        assert len(heights) == 1
        press(chromium, "最初に戻す")
        start = forward_by_numpy(live)
        assert all(
            text.strip("()") == number(start[part]) for part, text in chromium.execute_script(SHOWN, LIVE)
        )
        assert not errors(chromium)

    def test_touching_the_picture_chooses_what_to_move(self, opened: Open) -> None:
        chromium = opened(FORWARD)
        touch = """
            const app = document.querySelector(arguments[0]);
            const place = app.querySelector(`[data-id=${arguments[1]}]`);
            const inner = place.querySelector('.linked-row') || place;
            inner.dispatchEvent(new MouseEvent('click', { bubbles: true }));
            return [app.querySelector('select').value, app.querySelector('[aria-live]').textContent];
        """
        for place, part in (("w2_13", "w2_13"), ("w1_21", "w1_21"), ("n1_2", "b1_2"), ("n0_1", "a0_1")):
            chosen, said = chromium.execute_script(touch, LIVE, place)
            assert chosen == part
            assert said

    def test_words_are_not_numbers(self, opened: Open) -> None:
        chromium = opened(FORWARD)
        before = chromium.execute_script(SHOWN, LIVE)
        chromium.execute_script(self.CHANGE, LIVE, [["w1_11", ""]], "relu")
        assert chromium.execute_script(SHOWN, LIVE) == before


def test_the_strip_leads_to_the_chapters(html: Path) -> None:
    for data in map(recorded, CHAPTERS.values()):
        assert len(data["strip"]["cells"]) == 8
        assert all((html / "chapters" / href).is_file() for _, _, href in data["strip"]["cells"])


def test_its_style_is_loaded_only_where_needed(pages: dict[str, BeautifulSoup]) -> None:
    rules = re.compile(r"\.linked-")
    own = {
        place
        for place, page in pages.items()
        if any(rules.search(sheet.get_text()) for sheet in page.select("head > style"))
    }
    assert own == {f"chapters/{chapter}.html" for chapter in every_page()}


def test_the_figure_is_light(html: Path) -> None:
    script = (html / "_static" / "interactive" / "linked.js").read_bytes()
    assert len(gzip.compress(script)) < 12_000

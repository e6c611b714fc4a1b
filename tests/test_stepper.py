"""一歩ずつの図の検査: 入っている値、ページの計算と言葉、ブラウザでの動き。"""

from __future__ import annotations

import dataclasses
import gzip
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from asking import Ask, asking
from autograd import grad
from browsing import resize, until, wake
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from test_engine import PAIRS, apart, drawn, plain
from written import shown

from backprop import interactive
from backprop.activations import ACTIVATIONS
from backprop.datasets import xor
from backprop.interactive import formula
from backprop.interactive.formula import mathml
from backprop.interactive.numbers import number
from backprop.interactive.stepping import bugs as stepping_bugs
from backprop.interactive.stepping.plan import plan
from backprop.interactive.stepping.values import Trip, round_trip
from backprop.interactive.widget import Widget
from backprop.judges import museum
from backprop.network import Network

PARTS = ("engine", "formula", "trip", "plan", "bugs", "judges", "guess", "reading", "draws")
PLAN = """q.map(state => {
  const t = trip.trip(state);
  const plain = line => line.replaceAll(/ data-name="[^"]*"/g, '').replaceAll('<span>', '');
  return plan.plan(t).map(step => ({
    ...step, sums: step.sums(t).map(plain), formulas: step.formulas.map(formula.mathml) }));
})"""


@pytest.fixture(scope="module")
def ask(browser: webdriver.Chrome) -> Iterator[Ask]:
    with asking(browser, *PARTS) as made:
        yield made


def every_kind() -> Iterator[tuple[Network, Any, Any, int, bool]]:
    """すべての活性化関数と損失の組。一つの例と、全例。"""
    for n, (pair, hidden) in enumerate(product(PAIRS, ACTIVATIONS)):
        net, X, Y = drawn(n, pair, hidden)
        for batch in (False, True):
            yield net, X, Y, n % X.shape[1], batch


class TestWords:
    """ページの書く手順は、Python の書く手順と、一字も違わない。"""

    @pytest.mark.long
    def test_every_step_of_every_kind(self, ask: Ask) -> None:
        cases = list(every_kind())
        states = [plain(net, X, Y, rate=0.25, shown=n, batch=batch) for net, X, Y, n, batch in cases]
        answers = ask(PLAN, states)
        count = 0
        for (net, X, Y, n, batch), answer in zip(cases, answers, strict=True):
            t = round_trip(net, X, Y, 0.25, n, batch)
            steps = list(plan(t))
            assert [step["title"] for step in answer] == [step.title for step in steps]
            for given, step in zip(answer, steps, strict=True):
                expected = {
                    "phase": step.phase, "see": step.see, "shapes": step.shapes, "note": step.note,
                    "shows": list(step.shows), "nodes": list(step.nodes), "wires": list(step.wires),
                    "way": step.way, "formulas": [mathml(f) for f in step.formulas],
                }  # fmt: skip
                assert {name: given[name] for name in expected} == expected, (net, step.title)
                lines = [unmarked(line) for line in step.sums(t)]
                assert [unmarked(line) for line in given["sums"]] == lines, (net, step.title)
                count += len(lines)
        assert count > 5000


def unmarked(line: str) -> str:
    """色のない数の印を除く。"""
    return line.replace("</span>", "").replace('<span class="f">', "‹f›").replace('<span class="b">', "‹b›")


# ---- 誤りと審判 ----------------------------------------------------------------------------------

NEEDS = "Object.entries(bugs.BUGS).map(([name, bug]) => [name, bug.needs(q.net, q.m)])"
COMPUTE = """q.map(({ net, X, Y, rate, bug }) => {
  const found = bugs.BUGS[bug], record = engine.forward(net, X);
  const made = (found?.backward ?? engine.backward)(net, record, Y);
  const after = found?.step?.(net, record, Y, rate)[0] ?? engine.updated(net, made, rate);
  const list = values => engine.PARAMETERS.map(name => values[name]);
  const cost = engine.mean((found?.losses ?? engine.losses)(net, record, Y));
  return { gradients: list(made), after: list(after), cost };
})"""
EXAMINE = "q.map(({ net, X, Y, rate, bug, draws }) => judges.examine(net, X, Y, bugs.BUGS[bug], rate, draws))"
RATE = 0.2
FUNCTIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
    "softmax": lambda z: anp.exp(z) / anp.exp(z).sum(axis=0),
    "mse": lambda p, t: ((p - t) ** 2).mean(axis=0),
    "half_squared_error": lambda p, t: ((p - t) ** 2).sum(axis=0) / 2,
    "cross_entropy": lambda p, t: -(t * anp.log(p)).sum(axis=0),
    "binary_cross_entropy": lambda p, t: -(t * anp.log(p) + (1 - t) * anp.log(1 - p)).sum(axis=0),
}


def by_autograd(net: Network, X: Any, Y: Any) -> dict[str, Any]:
    """よその自動微分。"""

    def cost(parameters: dict[str, Any]) -> Any:
        A = X
        for l, f in enumerate(net.activations, start=1):
            A = FUNCTIONS[f.name](anp.dot(parameters[f"W{l}"], A) + parameters[f"b{l}"])
        return FUNCTIONS[net.loss.name](A, Y).mean()

    return grad(cost)(net.parameters())


def exhibit(name: str, net: Network, X: Any, Y: Any, rate: float) -> museum.Exhibit:
    """博物館の展示を、このネットワークと例の上に置いたもの。"""
    if not name:
        return museum.own(museum.right, net, X, Y, rate=rate)
    stage = museum.OwnStage(net, X, Y, rate)
    made = dataclasses.replace(museum.EXHIBITS[name], stage=stage)
    if name == "flipped_sign":  # 博物館では、ステップ1と2のまとまる組にだけある
        made = dataclasses.replace(
            made, backward=lambda n, r, Y: museum.from_output(n, r, -museum.right_output(n, r, Y))
        )
    return made


LIKELY = [
    ("identity", "mse"),
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "mse"),
    ("identity", "half_squared_error"),
]


def staged(seed: int) -> tuple[Network, Any, Any]:
    """誤りの条件に当たりやすい、大きさのそろったものを多く引く。目標は、ときどき0と1。"""
    rng = np.random.default_rng(seed)
    pair = PAIRS[seed % len(PAIRS)] if seed % 3 else LIKELY[seed // 3 % len(LIKELY)]
    hidden = list(ACTIVATIONS)[seed // 2 % 7] if seed % 2 else ("tanh", "relu")[seed // 2 % 2]
    n = int(rng.integers(2, 5))
    sizes = [n] * 3 if seed % 4 < 2 else [int(k) for k in rng.integers(1, 5, 3)]
    m = n if seed % 5 == 0 else int(rng.integers(1, 5))
    if seed % 7 == 0:
        sizes[2] = 1
    net = Network.random(sizes, [hidden, pair[0]], pair[1], rng=rng, weight_scale=0.8, bias_scale=0.5)
    X, Y = rng.normal(size=(sizes[0], m)), rng.normal(size=(sizes[2], m))
    if pair[1] == "binary_cross_entropy" or seed % 11 == 0:
        Y = rng.integers(0, 2, Y.shape) * 1.0
    if pair[1] == "cross_entropy":
        Y = np.eye(sizes[2])[:, rng.integers(0, sizes[2], m)]
    return net, X, Y


class TestBugs:
    """ページの誤りと審判は、博物館のものと同じ。"""

    def test_all_but_three_are_there(self, ask: Ask) -> None:
        names = ask("Object.keys(bugs.BUGS)")
        assert set(names) == set(museum.EXHIBITS) - set(stepping_bugs.LEFT_OUT)
        assert set(names) == set(stepping_bugs.TOLD) == set(stepping_bugs.bugs())
        assert len(stepping_bugs.LEFT_OUT) == 3

    def test_wrong_gradients_costs_and_updates(self, ask: Ask) -> None:
        cases = applicable(ask, 20)
        for (name, net, X, Y), answer in zip(cases, ask(COMPUTE, self.asked(cases)), strict=True):
            shown = exhibit(name, net, X, Y, RATE)
            assert answer["cost"] == pytest.approx(shown.cost(net, X, Y), rel=1e-12, abs=1e-15)
            wrong, right = shown.gradients(net, X, Y), net.gradients(X, Y)
            size = max(abs(value).max() for value in right.values())
            for given, (key, value) in zip(answer["gradients"], wrong.items(), strict=True):
                away = abs(np.array(given) - np.broadcast_to(value, right[key].shape)).max()
                assert away <= 1e-12 * max(size, np.abs(value).max()), (name, key)
            moved = shown.stage.network()
            shown.step(shown, moved, X, Y, {})
            assert max(map(apart, answer["after"], moved.parameters().values())) <= 1e-11, name

    @pytest.mark.long
    def test_verdicts_are_those_of_the_museum(self, ask: Ask) -> None:
        cases, compared = applicable(ask, 5), dict.fromkeys([*museum.JUDGES, "記号", "自動微分"], 0)
        for (name, net, X, Y), found in zip(cases, ask(EXAMINE, self.asked(cases)), strict=True):
            verdict = examined(exhibit(name, net, X, Y, RATE))
            for judge, noticed in found.items():
                if isinstance(noticed, str) or not verdict:
                    assert noticed == "折れ目の近く" or judge not in verdict
                    continue
                assert noticed == verdict[judge], (name, judge, net, X.shape)
                compared[judge] += 1
        assert min(compared.values()) > 50, compared

    @staticmethod
    def asked(cases: list[Any]) -> list[dict[str, Any]]:
        draws = stepper_data()["draws"]
        return [plain(net, X, Y, rate=RATE, bug=name, draws=draws) for name, net, X, Y in cases]


def examined(shown: museum.Exhibit) -> dict[str, bool]:
    """博物館の審判の答え。学習のあとで softmax の出力が飽和し、0 と ∞ の積になる展示は、答えがない。"""
    try:
        with np.errstate(invalid="ignore"):
            return museum.examine(shown, {"記号": by_autograd, "自動微分": by_autograd})
    except ValueError:
        return {}


def applicable(ask: Ask, most: int) -> list[tuple[str, Network, Any, Any]]:
    """どの誤りも、当てはまるネットワークを、`most` 個まで。空の名前は、正しい実装。"""
    cases, seen = [], dict.fromkeys(["", *stepping_bugs.bugs()], 0)
    for seed in range(260):
        net, X, Y = staged(seed)
        needs = dict(ask(NEEDS, plain(net, X, Y, m=X.shape[1])))
        names = [name for name in seen if not needs.get(name) and seen[name] < most]
        for name in names:
            seen[name] += 1
            cases.append((name, net, X, Y))
    assert min(seen.values()) >= 5, seen
    return cases


def stepper_data() -> dict[str, Any]:
    net = Network.random([2, 3, 2], ["relu", "identity"], "mse", rng=np.random.default_rng(0))
    return interactive.stepper(net, np.ones((2, 1)), np.ones((2, 1)), learning_rate=0.1).data


# ---- 入っている値と、数を入れた行 ----------------------------------------------------------------


def chapter_network() -> tuple[Network, Any, Any]:
    """アルゴリズムの章の 2–3–2。"""
    W1, b1 = np.array([[1.0, 0.5], [0.5, -1.0], [-1.0, 1.0]]), np.array([[0.0], [0.5], [0.0]])
    W2, b2 = np.array([[0.25, 1.0, -0.5], [-0.5, 1.0, 1.0]]), np.array([[0.5], [0.25]])
    net = Network([W1, W2], [b1, b2], ["relu", "identity"], "half_squared_error")
    return net, np.array([[1.0, 2.0, -1.0], [2.0, 0.5, 0.5]]), np.array([[1.0, 0.5, 0.0], [-0.5, 1.0, 1.0]])


def xor_network() -> tuple[Network, Any, Any]:
    """XOR の章の 2–2–1。"""
    W, b = [np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([[1.0, -1.5]])], [[[0.5], [-0.5]], [[0.25]]]
    return Network(W, list(map(np.array, b)), ["sigmoid"] * 2, "binary_cross_entropy"), *xor()


PAGES = {"23_algorithm": (chapter_network, 0.1, 0), "42_xor": (xor_network, 0.5, 1)}


def widget(chapter: str) -> Widget:
    make, rate, first = PAGES[chapter]
    return interactive.stepper(*make(), learning_rate=rate, first=first)


def worked(chapter: str) -> dict[str, float]:
    """一往復の値を、パッケージを使わず、六つのステップの式だけから求める。"""
    make, rate, first = PAGES[chapter]
    net, X, Y = make()
    x, y, (W1, W2), (b1, b2) = X[:, [first]], Y[:, [first]], net.weights, net.biases

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    def run(W1: Any, b1: Any, W2: Any, b2: Any) -> tuple[Any, Any, Any, Any, float]:
        z1 = W1 @ x + b1
        a1 = np.maximum(z1, 0) if chapter == "23_algorithm" else sigmoid(z1)
        z2 = W2 @ a1 + b2
        a2 = z2 if chapter == "23_algorithm" else sigmoid(z2)
        if chapter == "23_algorithm":
            return z1, a1, z2, a2, float(((a2 - y) ** 2).sum() / 2)
        return z1, a1, z2, a2, float(-np.log(a2 if y[0, 0] == 1 else 1 - a2).sum())

    z1, a1, z2, a2, loss = run(W1, b1, W2, b2)
    d2, slope = a2 - y, (z1 > 0) * 1.0 if chapter == "23_algorithm" else a1 * (1 - a1)
    dy = d2 if chapter == "23_algorithm" else d2 / (a2 * (1 - a2))
    d1 = (W2.T @ d2) * slope
    gradients = [d1 @ x.T, d1, d2 @ a1.T, d2]
    moved = [value - rate * g for value, g in zip((W1, b1, W2, b2), gradients, strict=True)]
    again = run(*moved)
    found: dict[str, float] = {"loss": loss, "nloss": again[4]}
    parts = {"x": x, "y": y, "dy": dy, "z1_": z1, "a1_": a1, "z2_": z2, "a2_": a2, "d1_": d1, "d2_": d2}
    parts |= {f"n{name}": value for name, value in zip(("z1_", "a1_", "z2_", "a2_"), again, strict=False)}
    for name, values in parts.items():
        found |= {f"{name}{j}": float(value) for j, value in enumerate(values[:, 0], 1)}
    for prefix, arrays in (("", (W1, b1, W2, b2)), ("g", gradients), ("n", moved)):
        for name, values in zip(("w1", "b1", "w2", "b2"), arrays, strict=True):
            for (j, k), value in np.ndenumerate(values):
                found[f"{prefix}{name}_{j + 1}{k + 1 if name[0] == 'w' else ''}"] = float(value)
    return found


def evaluated(side: str) -> float:
    """表示された計算を、電卓のように行う。"""
    text = side.translate(str.maketrans({"−": "-", "×": "*"})).replace("²", "**2")
    text = re.sub(r"-(\([^()]*\)|[\d.]+)\*\*2", r"-1*\1**2", text)
    text = re.sub(r"log (\([^()]*(?:\([^()]*\))?[^()]*\)|[\d.]+)", r"log(\1)", text)
    names = {"log": math.log, "tanh": math.tanh, "max": max, "σ": lambda z: 1 / (1 + math.exp(-z))}
    assert re.fullmatch(r"(?:log|max|tanh|σ|[\d\s.()*/+,-])*", text), side
    return float(eval(text, names))


class TestData:
    """図に入っている値と、数を入れた行。"""

    @pytest.mark.parametrize("chapter", list(PAGES))
    def test_values_are_those_of_the_steps_alone(self, chapter: str) -> None:
        given, expected = widget(chapter).data["values"], worked(chapter)
        assert given == {name: shown(expected[name]) for name in given}
        assert set(given) == set(expected)

    def test_the_chapter_says_the_same_numbers(self) -> None:
        values = widget("23_algorithm").data["values"]
        assert (values["loss"], values["nloss"]) == ("0.406", "0.117")
        assert [values[f"d1_{j}"] for j in (1, 2, 3)] == ["−0.5", "0", "1"]
        assert [values[f"nw2_2{k}"] for k in (1, 2, 3)] == ["−0.65", "1", "0.925"]

    @pytest.mark.long
    def test_every_value_appears_once_and_every_sum_in_its_step(self) -> None:
        for net, X, Y, n, batch in every_kind():
            t = round_trip(net, X, Y, 0.25, n, batch)
            steps = list(plan(t))
            names = [name for step in steps for name in step.shows]
            assert len(names) == len(set(names))
            for step in steps[1:]:
                text = " ".join(plain_text(line) for line in step.sums(t))
                assert all(number(t.values[name]) in text for name in step.shows), step.title

    @pytest.mark.long
    def test_spelled_out_sums_come_true(self) -> None:
        count = 0
        for seed, (pair, hidden) in enumerate(product(PAIRS, ACTIVATIONS)):
            net, X, Y = drawn(seed, pair, hidden, 0.7)
            for batch in (False, True):
                t = round_trip(net, X, Y, 0.25, 0, batch)
                for line in (plain_text(line) for step in plan(t) for line in step.sums(t)):
                    left, terms, result = (
                        re.fullmatch(r"(.*?)(?: = |: | ← )(.*) = (\S+?)(?:（.*）)?", line).groups()
                        if line.count("=") > 1 or "←" in line or ": " in line
                        else (None, "z", "")
                    )
                    if re.search(r"[δηzeg]|leaky|[a-y]\d", terms) or "×10" in line:
                        continue  # 記号のままの辺、指数関数、桁を掛けて書いた数
                    count += 1
                    size = max(1.0, *(abs(float(x)) for x in re.findall(r"[\d.]+", terms)))
                    assert evaluated(terms) == pytest.approx(evaluated(result), rel=0.03, abs=0.02 * size), (
                        line
                    )
        assert count > 2000

    def test_formulas_are_proper_and_say_the_same_in_both_forms(self) -> None:
        sources = {
            f
            for net, X, Y, n, batch in every_kind()
            for s in plan(round_trip(net, X, Y, 1.0, n, batch))
            for f in s.formulas
        }
        assert len(sources) > 150
        for source in sources:
            letters = "".join(ET.fromstring(mathml(source)).itertext())
            assert sorted(re.sub(r"[()/]", "", letters)) == sorted(
                re.sub(r"[\s()/]", "", plain_text(formula.markup(source)))
            )

    @pytest.mark.parametrize("source", [r"\unknown", "a_{b", "a}", "a^", r"\frac a b"])
    def test_a_formula_that_cannot_be_read_is_refused(self, source: str) -> None:
        for write in (formula.mathml, formula.markup):
            with pytest.raises(ValueError, match=r"[ぁ-ん]"):
                write(source)


def plain_text(text: str) -> str:
    """HTML から印を除いたもの。"""
    return BeautifulSoup(text, "html.parser").get_text()


# ---- 予想 ----------------------------------------------------------------------------------------

JUDGED = "q.asked.map(([name, value]) => guess.judged(name, value, q.state, null, q.words))"


class TestGuess:
    """予想の読み方と、答え。"""

    def test_reading(self, ask: Ask) -> None:
        good = {
            "0.5": 0.5, "-0.5": -0.5, "−0.5": -0.5, "－０．５": -0.5, "ー1": -1, "–2": -2, "1/4": 0.25,
            "−３／４": -0.75,
            "1.2e-3": 0.0012, ".5": 0.5, " 2 ": 2, "+3": 3, "1 / -2": -0.5, "5.": 5,
        }  # fmt: skip
        assert ask("q.map(reading.read)", list(good)) == pytest.approx(list(good.values()))
        bad = ["", "x", "1/0", "1/2/3", "--1", "0.5.1", "1e", "5 %", "1e999"]
        assert ask("q.map(reading.read)", bad) == [None] * len(bad)

    @pytest.mark.long
    def test_answers_name_the_mistake(self, ask: Ask) -> None:
        words = {name: list(rest) for name, rest in stepping_bugs.bugs().items()}
        named = 0
        for name, net, X, Y in applicable(ask, 6):
            if not name:
                continue
            state = plain(net, X, Y, rate=RATE, shown=0, batch=True)
            values, wrong = ask(
                "[trip.trip(q[0]).values, trip.trip(q[0], bugs.BUGS[q[1]]).values]", [state, name]
            )
            changed = [
                key
                for key in wrong
                if re.match(r"d[12]_\d$|g[wb]", key) and number(wrong[key]) != number(values[key])
            ]
            asked = [
                [key, wrong[key]]
                for key in changed
                if abs(wrong[key] - values[key]) > 0.02 * abs(values[key])
            ]
            if not asked:
                continue
            answers = ask(JUDGED, {"asked": asked, "state": state, "words": words})
            for (key, guess), (hit, told) in zip(asked, answers, strict=True):
                assert not hit
                start = f"値は {number(values[key])} です。予想との差は {number(abs(guess - values[key]))}"
                assert told.startswith(start), told
                assert told.endswith("。")
                assert told.count("。") >= 3, (name, key, told)
                named += 1
        assert named > 300

    def test_right_answers_and_plain_slips(self, ask: Ask) -> None:
        net, X, Y = chapter_network()
        state = plain(net, X, Y, rate=0.1, shown=0, batch=False)
        asked = {
            ("d1_1", -0.5): "当たりです", ("d1_1", -0.501): "値は −0.5 です。予想との差は 0.001（0.2 %）です。",
            ("z1_2", -1.5): "バイアスを足し忘れた", ("a1_2", -1.0): "加重和のまま", ("loss", 0.8125): "½ を掛け忘れた",
            ("d1_2", 0.25): "傾きを忘れる", ("gw2_21", 0.75): "誤差項だけ", ("nw2_11", 0.15): "勾配の向きへ動かした",
            ("nw2_11", 1.25): "学習率を掛け忘れた", ("dy1", 0.5): "符号が逆", ("d1_1", 7.0): "（1500 %）です。",
            ("a1_2", 3.0): "値は 0 です。予想との差は 3です。",
        }  # fmt: skip
        answers = ask(
            JUDGED, {"asked": list(map(list, asked)), "state": state, "words": stepping_bugs.bugs()}
        )
        for expected, (_, told) in zip(asked.values(), answers, strict=True):
            assert expected in told, told
        assert [hit for hit, _ in answers] == [True] + [False] * (len(asked) - 1)


class TestDraws:
    """「別の数で」の数。"""

    def test_simple_reproducible_and_off_the_kinks(self, ask: Ask) -> None:
        for loss, output in (
            ("mse", "relu"),
            ("cross_entropy", "softmax"),
            ("binary_cross_entropy", "sigmoid"),
        ):
            for seed in range(12):
                names = {"hidden": "relu", "output": output, "loss": loss}
                one, two = (ask("draws.drawn(...q)", [seed, [4, 3, 4], names, 3]) for _ in range(2))
                assert one == two
                values = [one["X"], one["Y"], *(one["net"][name] for name in ("W1", "b1", "W2", "b2"))]
                assert all(4 * value == round(4 * value) for part in values for row in part for value in row)
                arrays = {name: np.array(one["net"][name], float) for name in ("W1", "b1", "W2", "b2")}
                W, b = [arrays["W1"], arrays["W2"]], [arrays["b1"], arrays["b2"]]
                made = Network(W, b, ["relu", output], loss)
                made.cost(
                    np.array(one["X"], float), np.array(one["Y"], float)
                )  # 目標が定義域になければ、断られる
                assert min(abs(z).min() for z in made.forward(np.array(one["X"], float)).Z) > 0.05
                assert ask("draws.fits(...q)", [loss, one["Y"]])


# ---- できあがったページ --------------------------------------------------------------------------

LOOK = """
    const root = arguments[0], all = query => [...root.querySelectorAll(query)];
    const page = root.querySelector('.stepper-page.current');
    const text = e => e ? e.textContent : null;
    return {
      values: Object.fromEntries(all('svg [data-value]').map(e => [e.dataset.value, e.textContent])),
      right: Object.fromEntries(all('svg [data-right]').map(e => [e.dataset.right, e.textContent])),
      sums: [...page.querySelectorAll('.stepper-sums p')].map(text),
      struck: [...page.querySelectorAll('.stepper-sums s')].map(text),
      visible: all('.stepper-page').filter(e => getComputedStyle(e).visibility === 'visible').length,
      title: text(page.querySelector('.stepper-title')), count: text(root.querySelector('.stepper-count')),
      spoken: text(root.querySelector('[aria-live]')), answer: text(root.querySelector('.stepper-answer')),
      current: all('.stepper-progress button').findIndex(e => e.hasAttribute('aria-current')),
      formulas: page.querySelectorAll('.stepper-formulas math').length,
      picture: root.querySelector('svg').getAttribute('aria-label'),
      heads: [all('.head.f').length, all('.head.b').length],
      height: root.offsetHeight,
    };
"""
SET = """
    const control = arguments[0].querySelector(`[data-control="${arguments[1]}"]`);
    if (control.type === 'checkbox') { if (control.checked !== arguments[2]) control.click(); return; }
    control.value = arguments[2];
    control.dispatchEvent(new Event('change', { bubbles: true }));
"""
OVERLAP = """
    const all = query => [...arguments[0].querySelectorAll(query)];
    const boxes = all('svg text.weight').map(e => [e.getBoundingClientRect(), e.textContent]);
    const cells = all('svg rect.cell').map(e => [e.getBoundingClientRect(), 'cell']);
    const picture = arguments[0].querySelector('svg').getBoundingClientRect();
    const across = (p, q) => p.left < q.right - 2 && q.left < p.right - 2;
    const meet = (p, q) => across(p, q) && p.top < q.bottom - 6 && q.top < p.bottom - 6;
    const found = [];
    boxes.forEach(([p, a], n) => {
      for (const [q, b] of [...boxes.slice(n + 1), ...cells]) if (meet(p, q)) found.push([a, b]);
    });
    const outside = all('svg text').filter(e => {
      const r = e.getBoundingClientRect();
      return r.left < picture.left - 1 || r.right > picture.right + 1 || r.bottom > picture.bottom + 1;
    }).map(e => e.textContent);
    const limit = document.documentElement.clientWidth + 1;
    const wide = all('*')
      .filter(e => !e.closest('.interactive-hidden, .stepper-formulas, .stepper-details'))
      .filter(e => e.getBoundingClientRect().right > limit).map(e => e.outerHTML.slice(0, 90));
    return [found, outside, wide];
"""
Show = Callable[..., WebElement]


@pytest.fixture(scope="module")
def shows(browser: webdriver.Chrome, site: str) -> Iterator[Show]:
    """章の図を、はじめの姿で開く。"""

    def show(chapter: str, width: int = 1280) -> WebElement:
        resize(browser, width)
        browser.get_log("browser")
        browser.get(f"{site}chapters/{chapter}.html")
        wake(browser)
        until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".stepper .stepper-page.current"))
        app = browser.find_element(By.CSS_SELECTOR, ".stepper")
        browser.execute_script("arguments[0].scrollIntoView(); arguments[0].focus()", app)
        return app

    yield show
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def look(app: WebElement) -> dict[str, Any]:
    return app.parent.execute_script(LOOK, app)


def choose(app: WebElement, **choices: Any) -> None:
    for name, value in choices.items():
        app.parent.execute_script(SET, app, name, value)
    app.parent.execute_script("arguments[0].focus()", app)


class TestInThePage:
    """ページの図を、キーと指と選択で動かす。"""

    @pytest.mark.long
    @pytest.mark.parametrize("chapter", list(PAGES))
    def test_every_number_of_every_step(self, shows: Show, chapter: str) -> None:
        app, (make, rate, first) = shows(chapter), PAGES[chapter]
        net, X, Y = make()
        app.send_keys(Keys.HOME)
        for n, batch in [(first, False), (0, False), (X.shape[1] - 1, False), (X.shape[1] - 1, True)]:
            choose(app, example="all" if batch else str(n))
            t = round_trip(net, X, Y, rate, n, batch)
            self.walk(app, t)
        choose(app, example=str(first))

    @staticmethod
    def walk(app: WebElement, t: Trip) -> None:
        app.send_keys(Keys.HOME)
        known: dict[str, str] = {}
        steps, heights = list(plan(t)), set()
        for place, step in enumerate(steps):
            if place:
                app.send_keys(Keys.ARROW_RIGHT)
            sight = look(app)
            known |= {name: number(t.values[name]) for name in step.shows}
            # 更新のあとは、新しい値が古い値に代わる。線の上の重みは、書ききれないことがある。
            visible = {name: text for name, text in known.items() if f"n{name}" not in known}
            if t.batch:
                visible = {name: text for name, text in visible.items() if "loss" not in name}
            given = sight["values"]
            assert {k: v for k, v in given.items() if "w" not in k} == {
                k: v for k, v in visible.items() if "w" not in k
            }
            assert all(visible[name] == text for name, text in given.items())
            assert sight["sums"] == [plain_text(line) for line in step.sums(t)], step.title
            assert sight["title"] == f"{step.phase}: {step.title}"
            assert sight["count"] == f"{place} / {len(steps) - 1}"
            assert (sight["current"], sight["visible"]) == (place, 1)
            assert sight["formulas"] == len(step.formulas)
            assert step.title in sight["picture"]
            count = len(step.wires)
            assert sight["heads"] == [count * (step.way == "f"), count * (step.way == "b")]
            if place:
                assert step.title in sight["spoken"]
                assert all(number(t.values[name]) in sight["spoken"] for name in step.shows)
            heights.add(sight["height"])
        assert len(heights) == 1

    def test_keys_buttons_and_the_list_of_steps(self, shows: Show) -> None:
        app = shows("42_xor")
        last = len(list(plan(round_trip(*xor_network(), 0.5, 1)))) - 1
        keys = [
            (Keys.HOME, 0),
            (Keys.ARROW_LEFT, 0),
            (Keys.ARROW_RIGHT, 1),
            (Keys.END, last),
            (Keys.ARROW_RIGHT, last),
        ]
        for key, place in [*keys, (Keys.ARROW_LEFT, last - 1), (Keys.HOME, 0)]:
            app.send_keys(key)
            assert look(app)["current"] == place
        buttons = {b.text: b for b in app.find_elements(By.CSS_SELECTOR, "button[data-move]")}
        assert list(buttons) == ["最初", "前", "次", "最後"]
        assert buttons["前"].get_attribute("aria-disabled") == "true"
        for text, place in (("次", 1), ("次", 2), ("前", 1), ("最後", last), ("次", last), ("最初", 0)):
            buttons[text].send_keys(Keys.ENTER)
            assert look(app)["current"] == place
        app.find_elements(By.CSS_SELECTOR, ".stepper-progress button")[9].send_keys(Keys.SPACE)
        assert look(app)["current"] == 9

    def test_swiping_and_touching_a_neuron(self, shows: Show) -> None:
        app = shows("23_algorithm")
        app.send_keys(Keys.HOME)
        swipe = """
            const target = arguments[0].querySelector(arguments[3]);
            const fire = (type, x, y) => target.dispatchEvent(
              new PointerEvent(type, {clientX: x, clientY: y, bubbles: true}));
            fire('pointerdown', 200, 100); fire('pointerup', 200 + arguments[1], 100 + arguments[2]);
        """
        for dx, dy, place in ((-90, 5, 1), (-90, 80, 1), (-20, 0, 1), (-90, 0, 2), (90, 0, 1)):
            app.parent.execute_script(swipe, app, dx, dy, "svg")
            assert look(app)["current"] == place
        app.parent.execute_script(swipe, app, 1, 1, '[data-node="1_2"]')
        assert len(app.find_elements(By.CSS_SELECTOR, ".wire.linked, .wire.f")) >= 4
        assert app.find_elements(By.CSS_SELECTOR, ".chosen .cell")
        assert "隠れ層の2個め" in look(app)["spoken"]
        app.send_keys(Keys.ARROW_DOWN)
        assert "隠れ層の3個め" in look(app)["spoken"]
        app.send_keys(Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP)
        assert not app.find_elements(By.CSS_SELECTOR, ".chosen .cell")

    @pytest.mark.long
    @pytest.mark.parametrize("width", [1280, 390])
    def test_nothing_overlaps_or_runs_out_and_the_height_stays(self, shows: Show, width: int) -> None:
        app = shows("23_algorithm", width)
        for sizes, output, loss, example in (
            ((2, 3, 2), "identity", "half_squared_error", "0"),
            ((4, 4, 4), "softmax", "cross_entropy", "all"),
            ((4, 1, 4), "sigmoid", "binary_cross_entropy", "1"),
            ((1, 4, 1), "tanh", "mse", "all"),
            ((3, 3, 3), "softmax", "mse", "2"),
        ):
            choose(app, **{f"size{l}": str(n) for l, n in enumerate(sizes)})
            choose(app, hidden="tanh", output=output)
            choose(app, loss=loss, example=example)
            app.send_keys(Keys.HOME)
            heights = set()
            for _ in app.find_elements(By.CSS_SELECTOR, ".stepper-progress button"):
                found, outside, wide = app.parent.execute_script(OVERLAP, app)
                assert (found, outside, wide) == ([], [], []), (sizes, look(app)["title"])
                heights.add(look(app)["height"])
                app.send_keys(Keys.ARROW_RIGHT)
            assert len(heights) == 1, sizes

    @pytest.mark.long
    def test_any_network_shows_what_python_computes(self, shows: Show) -> None:
        app = shows("23_algorithm")
        net, X, Y = chapter_network()
        for hidden, output, loss in (
            ("tanh", "identity", "mse"), ("softplus", "tanh", "half_squared_error"),
            ("softmax", "softmax", "mse"),
        ):  # fmt: skip
            choose(app, hidden=hidden, output=output)
            choose(app, loss=loss, example="all")
            other = Network(net.weights, net.biases, [hidden, output], loss)
            self.walk(app, round_trip(other, X, Y, 0.1, 0, True))
        choose(app, hidden="relu", output="identity")
        choose(app, loss="half_squared_error", example="0", w1_12="−3/4", rate="0.2", x1="1.5")
        W1, inputs = net.weights[0].copy(), X.copy()
        W1[0, 1], inputs[0, 0] = -0.75, 1.5
        edited = Network([W1, net.weights[1]], net.biases, ["relu", "identity"], "half_squared_error")
        self.walk(app, round_trip(edited, inputs, Y, 0.2, 0))
        choose(app, rate="nonsense")
        assert "読めません" in app.find_element(By.CSS_SELECTOR, ".stepper-complaint").get_attribute(
            "textContent"
        )
        choose(app, rate="-1")
        assert "正の数" in app.find_element(By.CSS_SELECTOR, ".stepper-complaint").get_attribute(
            "textContent"
        )
        app.parent.execute_script("arguments[0].querySelector('[data-control=reset]').click()", app)
        self.walk(app, round_trip(net, X, Y, 0.1, 0))

    def test_predicting(self, shows: Show) -> None:
        app = shows("23_algorithm")
        choose(app, predict=True)
        steps = list(plan(round_trip(*chapter_network(), 0.1, 0)))
        place = next(n for n, step in enumerate(steps) if step.shows == ["d1_1"])
        app.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * place)
        sight = look(app)
        assert sight["values"]["d1_1"] == "？"
        assert sight["sums"][-1].endswith("= ？")
        assert "−0.5" not in sight["picture"]
        assert "予想してください" in sight["spoken"]
        height = sight["height"]
        box = app.find_element(By.CSS_SELECTOR, '[data-control="guess"]')
        box.send_keys("abc", Keys.ENTER)
        assert "読めません" in look(app)["answer"]
        assert look(app)["values"]["d1_1"] == "？"
        box.clear()
        box.send_keys("１／２", Keys.ENTER)
        sight = look(app)
        assert sight["values"]["d1_1"] == "−0.5"
        assert "差は 1（200 %）" in sight["answer"]
        assert "符号が逆" in sight["answer"]
        assert sight["height"] == height
        app.parent.execute_script("arguments[0].focus()", app)
        app.send_keys(Keys.ARROW_RIGHT)
        box.send_keys("0", Keys.ENTER)
        assert "当たり" in look(app)["answer"]
        choose(app, predict=False)
        assert "？" not in look(app)["values"].values()

    @pytest.mark.long
    def test_bugs_marks_and_judges(self, shows: Show) -> None:
        app = shows("23_algorithm")
        net, X, Y = chapter_network()
        x, y = X[:, [0]], Y[:, [0]]
        menu = app.find_elements(By.CSS_SELECTOR, '[data-control="bug"] option[value]')
        assert [o.get_attribute("value") for o in menu if o.get_attribute("value")] == list(
            stepping_bugs.bugs()
        )
        for bug in (
            "open_mask",
            "flipped_sign",
            "last_path",
            "weight_for_activation",
            "bias_as_number",
            "early",
        ):
            choose(app, bug=bug)
            until(
                app.parent,
                lambda _: "調べて" not in app.find_element(By.CSS_SELECTOR, ".stepper-judges").text,
            )
            placed = exhibit(bug, net, x, y, 0.1)
            verdict = museum.examine(placed, {"記号": by_autograd, "自動微分": by_autograd})
            told = {
                e.get_attribute("data-judge"): e.text
                for e in app.find_elements(By.CSS_SELECTOR, "[data-judge]")
            }
            assert len(told) == 9
            for judge, text in told.items():
                expected = (
                    "見せられません"
                    if judge not in verdict
                    else ("気づきます", "気づきません")[not verdict[judge]]
                )
                assert expected in text, (bug, judge, text)
            court = app.find_element(By.CSS_SELECTOR, ".stepper-court p").text
            assert court.startswith(stepping_bugs.TOLD[bug])
            if bug == "early":
                continue
            wrong, right = placed.gradients(net, x, y), net.gradients(x, y)
            count = sum(int((np.broadcast_to(wrong[k], v.shape) != v).sum()) for k, v in right.items())
            assert f"17 個の勾配のうち、{count} 個が変わります" in court
        choose(app, bug="last_path")
        steps = list(plan(round_trip(net, X, Y, 0.1, 0)))
        place = next(n for n, step in enumerate(steps) if step.shows == ["d1_1"])
        app.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * place)
        sight = look(app)
        assert sight["values"]["d1_1"] == "−0.375"
        assert sight["right"]["d1_1"] == "−0.5"
        assert sight["struck"] == ["−0.5"]
        assert "正しくは −0.5" in sight["spoken"]
        choose(app, bug="")
        assert look(app)["right"] == {}

    def test_the_table_follows(self, shows: Show) -> None:
        app = shows("23_algorithm")
        net, X, Y = chapter_network()
        table = app.parent.find_element(By.CSS_SELECTOR, ".interactive-table table")
        before = table.get_attribute("textContent")
        toggle = next(b for b in app.find_elements(By.TAG_NAME, "button") if b.text == "表で見る")
        toggle.send_keys(Keys.ENTER)
        assert "".join(table.get_attribute("textContent").split()) == "".join(before.split())
        choose(app, hidden="tanh", example="1", bug="no_slope")
        text = table.get_attribute("textContent")
        assert "傾きを忘れる" in text
        t = round_trip(
            Network(net.weights, net.biases, ["tanh", "identity"], "half_squared_error"), X, Y, 0.1, 1
        )
        assert all(step.title in text for step in list(plan(t))[1:])
        assert number(t.values["d1_1"]) in text
        assert "✗" in text
        toggle.send_keys(Keys.ENTER)

    def test_the_picture_stays_on_a_phone(self, shows: Show) -> None:
        app = shows("23_algorithm", 390)
        where = """
            const app = arguments[0], picture = app.querySelector('.stepper-picture');
            const panel = app.querySelector('.stepper-panel');
            const top = scrollY + panel.getBoundingClientRect().bottom - innerHeight;
            scrollTo({ top, behavior: 'instant' });
            const [p, q] = [picture, panel].map(e => e.getBoundingClientRect());
            const bar = document.querySelector('.bd-header-article').getBoundingClientRect().bottom;
            return [p.top - bar, p.bottom, q.bottom, innerHeight];
        """
        small = {"width": 390, "height": 660, "deviceScaleFactor": 1, "mobile": True}
        app.parent.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", small)
        top, bottom, end, height = app.parent.execute_script(where, app)
        assert -1 <= top <= 9
        assert height - bottom > 200  # 説明を読む場所も残る
        assert end <= height + 1

    def test_links_arrive_and_nothing_fails(self, shows: Show, html: Path) -> None:
        for chapter in PAGES:
            shows(chapter)
            assert all(
                (html / "chapters" / place).is_file() for _, place in widget(chapter).data["see"].values()
            )
        assert (html / "chapters" / "39_bug_museum.html").is_file()

    def test_scripts_are_small(self, html: Path) -> None:
        script = (html / "_static" / "interactive" / "stepper.js").read_bytes()
        assert len(gzip.compress(script)) <= 25_000

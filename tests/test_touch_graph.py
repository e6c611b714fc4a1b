"""計算グラフを戻る図の検査: 値、ページの中の計算と字、ノードを選ぶ順、予想と間違いの名、キーと指での動き。"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import Ask, asking
from browsing import resize, until
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from touching import computed, figure, texts
from written import shown

from backprop import interactive
from backprop.autodiff import Node, NodeTrace, Variable, activate, exp, gradients, log, trace
from backprop.figures.graphs.layout import Layout
from backprop.interactive.graphs.given import LARGEST, Graph, short
from backprop.interactive.graphs.steps import rows
from backprop.interactive.graphs.untangled import Untangled

PAGE = "chapters/22_computational_graph.html"
KERNEL = "kernels/graph.js"
SHOP, DIAMOND = "科学館の支払い", "式 y = x·x、z = y + yx"
GIVEN = {"p": 120.0, "c": 4.0, "q": 80.0, "r": 0.75}


def shop(values: dict[str, float]) -> Node:
    p, c, q, r = (Variable(values[name], f"${name}$") for name in "pcqr")
    return (p * c + c * q) * r


def diamond(value: float = 2.0) -> Node:
    x = Variable(value, "$x$")
    y = x * x
    return y + y * x


def widget() -> interactive.Widget:
    """章の図。"""
    outputs = {SHOP: shop(GIVEN), DIAMOND: diamond()}
    return interactive.backward_graph(outputs, figure="fig-shop-backward")


TWO: tuple[Callable[[Node, Node], Node], ...] = (
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / y,
)  # fmt: skip
ONE: tuple[Callable[[Node], Node], ...] = (
    lambda x: -x, lambda x: x**2, lambda x: x**-1, lambda x: x + 1.5, lambda x: 2 * x, exp,
    lambda x: activate("sigmoid", x), lambda x: activate("tanh", x), lambda x: activate("relu", x),
)  # fmt: skip
POSITIVE: tuple[Callable[[Node], Node], ...] = (log, lambda x: x**0.5)


def random_graph(seed: int) -> Node:
    """でたらめな演算を重ねたグラフ。値は、どこでも穏やかな大きさ。"""
    rng = np.random.default_rng(seed)
    leaves = rng.normal(size=rng.integers(1, 4)) * 2
    nodes: list[Node] = [Variable(float(f"{v:.3g}"), f"${n}$") for n, v in zip("abc", leaves, strict=False)]
    while len(nodes) < len(leaves) + 7:
        x, y = (nodes[int(n)] for n in rng.integers(max(len(nodes) - 4, 0), len(nodes), 2))
        ones = ONE + POSITIVE if x.value > 0 else ONE
        two = rng.random() < 0.5
        node = TWO[rng.integers(len(TWO))](x, y) if two else ones[rng.integers(len(ones))](x)
        if 0.05 < abs(node.value) < 30:
            nodes.append(node)
    return nodes[-1]


GRAPHS = [random_graph(seed) for seed in range(120)]


def plain(records: list[NodeTrace]) -> list[dict[str, Any]]:
    """ページの中の計算に渡すノード。"""
    return [
        {"op": r.symbol, "of": list(r.parents)} if r.symbol else {"v": float(r.value)} for r in records
    ]


class TestKernel:
    """ページの中の計算は、パッケージと同じ。"""

    def test_every_operation_is_drawn(self) -> None:
        found = {(r.symbol, len(r.parents)) for output in GRAPHS for r in trace(output) if r.symbol}
        wanted = {("+", 2), ("−", 2), ("×", 2), ("÷", 2), ("−", 1), ("^2", 1), ("^-1", 1), ("^0.5", 1)}
        assert wanted | {(name, 1) for name in ("exp", "log", "sigmoid", "tanh", "relu")} <= found

    def test_values_and_gradients(self, browser: webdriver.Chrome) -> None:
        traced = [trace(output) for output in GRAPHS]
        calls = [[plain(records)] for records in traced]
        values = computed(browser, KERNEL, "forward", calls)
        known = [[*call, value] for call, value in zip(calls, values, strict=True)]
        back = computed(browser, KERNEL, "backward", known)
        for records, value, found in zip(traced, values, back, strict=True):
            assert value == pytest.approx([r.value.item() for r in records], rel=1e-12)
            parts = [abs(p.item()) for r in records for p in r.parts]
            small = 1e-13 * max(parts)  # 足して打ち消し合うところ
            expected = [r.gradient.item() for r in records]
            assert found["gradients"] == pytest.approx(expected, rel=1e-12, abs=small)
            for record, sent in zip(records, found["parts"], strict=True):
                assert sent == pytest.approx([p.item() for p in record.parts], rel=1e-12, abs=small)

    def test_far_values_do_not_overflow(self, browser: webdriver.Chrome) -> None:
        for name in ("sigmoid", "tanh", "relu"):
            places = [-1000.0, -40.0, 0.0, 40.0, 1000.0]
            nodes = [[{"v": x}, {"op": name, "of": [0]}] for x in places]
            values = computed(browser, KERNEL, "forward", [[each] for each in nodes])
            back = computed(browser, KERNEL, "backward", list(map(list, zip(nodes, values, strict=True))))
            for x, value, found in zip(places, values, back, strict=True):
                leaf = Variable(x)
                output = activate(name, leaf)
                assert value[1] == pytest.approx(output.value.item(), rel=1e-12)
                assert found["gradients"][0] == pytest.approx(gradients(output, [leaf])[0].item(), rel=1e-12)


def evaluated(terms: str) -> float:
    """表示された計算を、電卓のように行う。"""
    text = re.sub(r"\)([⁻·⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f")**({m[1].translate(LOWERED)})", terms)
    text = text.replace("×10", "e").replace("−", "-").replace("×", "*").replace("÷", "/").translate(LOWERED)
    tools = {"exp": math.exp, "log": math.log, "tanh": math.tanh, "ReLU": lambda v: max(v, 0.0)}
    return float(eval(text, {"σ": lambda v: 1 / (1 + math.exp(-v)), **tools}))


LOWERED = str.maketrans("⁻·⁰¹²³⁴⁵⁶⁷⁸⁹", "-.0123456789")


class TestValues:
    """表の計算。"""

    def test_the_shop(self) -> None:
        found = list(rows(Graph(shop(GIVEN))))
        assert [row for row in found if row[0] == "行き"] == [
            ("行き", "掛け算①の値", "120 × 4 = 480"), ("行き", "掛け算②の値", "4 × 80 = 320"),
            ("行き", "足し算③の値", "480 + 320 = 800"), ("行き", "掛け算④の値", "800 × 0.75 = 600"),
        ]  # fmt: skip
        assert [row[1:] for row in found if row[0] == "帰り"] == [
            ("掛け算④から足し算③へ", "1 × 0.75 = 0.75"), ("掛け算④からrへ", "1 × 800 = 800"),
            ("足し算③から掛け算①へ", "0.75 をそのまま"), ("足し算③から掛け算②へ", "0.75 をそのまま"),
            ("掛け算②からcへ", "0.75 × 80 = 60"), ("掛け算②からqへ", "0.75 × 4 = 3"),
            ("掛け算①からpへ", "0.75 × 4 = 3"), ("掛け算①からcへ", "0.75 × 120 = 90"),
            ("cの勾配", "60 + 90 = 150"),
        ]  # fmt: skip

    def test_the_diamond(self) -> None:
        found = dict(row[1:] for row in rows(Graph(diamond())))
        assert found["掛け算①の勾配"] == "1 + 2 = 3"
        assert found["掛け算①からxへ"] == "3 × 2 + 3 × 2 = 12"
        assert found["xの勾配"] == "4 + 12 = 16"

    @pytest.mark.parametrize("output", GRAPHS[:60], ids=range(60))
    def test_every_line_is_true(self, output: Node) -> None:
        graph = Graph(output)
        words = {graph.word(n): n for n in range(len(graph.records))}
        for way, name, told in rows(graph):
            if told.endswith(" をそのまま"):
                _, target = name.removesuffix("へ").split("から")
                assert told.split()[0] in {shown(float(p), 4) for r in graph.records for p in r.parts}, target
                continue
            terms, answer = told.split(" = ")
            assert evaluated(terms) == pytest.approx(evaluated(answer), rel=0.01, abs=0.02)
            if name.endswith(("の値", "の勾配")):
                n = words[re.sub("の(値|勾配)$", "", name)]
                assert answer == short(graph.value(n) if way == "行き" else graph.gradient(n))

    def test_every_gradient_agrees_with_moving_the_value(self) -> None:
        for name in "pcqr":
            more = shop(GIVEN | {name: GIVEN[name] + 1}).value - shop(GIVEN).value
            assert f"{name} の勾配 {shown(float(more), 4)}" in repr(widget())

    def test_the_table_stands_for_both_graphs(self) -> None:
        table = BeautifulSoup(widget().table, "html.parser")
        lines = [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tbody tr")]
        expected = [
            [f"{name} {place}", *row] for name, node in {SHOP: shop(GIVEN), DIAMOND: diamond()}.items()
            for place, row in enumerate(rows(Graph(node)), start=1)
        ]  # fmt: skip
        assert lines == expected

    @pytest.mark.parametrize(
        ("output", "says"),
        [
            (Variable(1.0, "$x$"), "演算が 0 個"), (diamond().value, "ndarray"),
            (Variable(np.ones((2, 1))) * 2, r"\(2, 1\)"),
            (Variable(np.ones((2, 1)), "$x$").sum(), r"\(2, 1\)"),
            (activate("softplus", Variable(1.0, "$x$")), "softplus"), (Variable(1.0) * 2, "''"),
            (Variable(1.0, "$w_1$") * 2, r"\$w_1\$"), (Variable(1 / 3, "$x$") * 2, "0.333"),
            (Variable(1001.0, "$x$") * 2, "1001"), (Variable(np.array(1j), "$x$") * 2, "complex"),
        ],
    )  # fmt: skip
    def test_bad_graphs_are_refused(self, output: object, says: str) -> None:
        with pytest.raises((TypeError, ValueError), match=rf"outputs\['名'\].*{says}"):
            interactive.backward_graph({"名": output})

    @pytest.mark.parametrize("outputs", [{}, [], {1: diamond()}])
    def test_names_are_needed(self, outputs: object) -> None:
        with pytest.raises((TypeError, ValueError), match="outputs"):
            interactive.backward_graph(outputs)


def crossings(layout: Layout) -> int:
    """割りつけのとおりに描いた線の、交わりの数。"""
    y = layout.heights()
    wires = [pair for wire in layout.wires for pair in zip(layout.route(wire), layout.route(wire)[1:])]
    column = layout.every_column
    return sum(
        (y[a] - y[c]) * (y[b] - y[d]) < -1e-9
        for n, (a, b) in enumerate(wires) for c, d in wires[:n] if column[a] == column[c]
    )  # fmt: skip


class TestLayout:
    """絵の割りつけ。"""

    def test_the_diamond_has_no_crossing(self) -> None:
        assert crossings(Graph(diamond()).layout) == 0
        assert crossings(Graph(shop(GIVEN)).layout) == 0

    def test_it_is_never_worse_than_on_paper(self) -> None:
        fewer = 0
        for output in GRAPHS:
            records = enumerate(trace(output))
            nodes = {str(n): (r.symbol or "x", tuple(map(str, r.parents))) for n, r in records}
            mine, paper = crossings(Untangled(nodes)), crossings(Layout(nodes))
            assert mine <= paper
            fewer += mine < paper
        assert fewer > 10


@pytest.fixture(scope="module")
def ask(browser: webdriver.Chrome) -> Iterator[Ask]:
    with asking(browser, "trail", "reading") as made:
        yield made


class TestWords:
    """ページの中で作る字は、パッケージの字と同じ。"""

    ROWS = "q.map(nodes => new trail.Trail(nodes, nodes.map(n => n.v)).rows())"

    def test_rows(self, ask: Ask) -> None:
        outputs = [shop(GIVEN), diamond(), diamond(-1.5), *GRAPHS]
        small = [output for output in outputs if len(Graph(output).operations) <= 15]
        data = [self.nodes(output) for output in small]
        for output, found in zip(small, ask(self.ROWS, data), strict=True):
            assert found == [list(row) for row in rows(Graph(output))]

    @staticmethod
    def nodes(output: Node) -> list[dict[str, Any]]:
        graph = Graph(output)
        return [
            node | {"mark": graph.mark(n), "word": graph.word(n)}
            for n, node in enumerate(plain(graph.records))
        ]


@pytest.fixture
def app(browser: webdriver.Chrome, site: str) -> WebElement:
    return figure(browser, site + PAGE, "graph")


def bar(app: WebElement) -> list[WebElement]:
    """下の並びのボタン: 次、まとめて、前へ、最初から、表で見る。"""
    return app.find_elements(By.CSS_SELECTOR, ".interactive-bar button")


def lines(app: WebElement) -> list[str]:
    return texts(app, ".graph-panel [aria-live] p")


def press(app: WebElement, word: str) -> None:
    """ノードを、呼び名で選ぶ。"""
    app.parent.execute_script(
        "[...arguments[0].querySelectorAll('.graph-node')]"
        ".find(e => e.getAttribute('aria-label').startsWith(arguments[1])).click()", app, word,
    )  # fmt: skip


def click(button: WebElement) -> None:
    button.parent.execute_script("arguments[0].click()", button)


def choose(app: WebElement, place: int) -> None:
    click(app.find_elements(By.CSS_SELECTOR, "input[type=radio]")[place])


def drawn(app: WebElement, kind: str) -> list[str]:
    """絵に書かれた数。"""
    return sorted(text for text in texts(app, f".graph-picture text.{kind}") if text)


def answer(app: WebElement, guess: str) -> None:
    """予想を書いて、答えを見る。"""
    app.find_element(By.CSS_SELECTOR, ".graph-guess input").send_keys(guess, Keys.ENTER)


ORDERS = {SHOP: (["④", "③", "②", "①"], ["④", "③", "①", "②"]), DIAMOND: (["③", "②", "①"],)}
USED_BY = {SHOP: {"①": "③", "②": "③", "③": "④", "④": ""}, DIAMOND: {"①": "②③", "②": "③", "③": ""}}
WORDS = {SHOP: dict(zip("①②③④", ("掛け算", "掛け算", "足し算", "掛け算"), strict=True)),
         DIAMOND: dict(zip("①②③", ("掛け算", "掛け算", "足し算"), strict=True))}  # fmt: skip


class TestOrder:
    """訪れてよい順。"""

    def test_the_way_there_waits_for_its_inputs(self, app: WebElement) -> None:
        press(app, "足し算③")
        assert lines(app)[2] == "足し算③は、まだです。掛け算①と掛け算②の値が、まだありません。"
        press(app, "c")
        assert lines(app)[2] == "cは、与えられた数です。演算のノードを選んでください。"
        steps = {"掛け算②": "4 × 80 = 320", "掛け算①": "120 × 4 = 480", "足し算③": "480 + 320 = 800"}
        for word, told in steps.items():
            press(app, word)
            assert lines(app)[2] == told
        assert drawn(app, "f") == sorted(["120", "4", "80", "0.75", "320", "480", "800"])
        assert not drawn(app, "b")
        click(bar(app)[0])
        assert "600" in drawn(app, "f")
        assert drawn(app, "b") == ["1"]

    def test_all_at_once(self, app: WebElement) -> None:
        click(bar(app)[1])
        assert lines(app)[0] == "出口の勾配は1です。次に訪れるノードを、選んでください。"

    @pytest.mark.parametrize(
        ("name", "order"), [(name, order) for name, orders in ORDERS.items() for order in orders]
    )
    def test_every_order_that_waits_is_allowed_and_no_other(
        self, app: WebElement, name: str, order: list[str]
    ) -> None:
        choose(app, [SHOP, DIAMOND].index(name))
        click(bar(app)[1])
        words, users = WORDS[name], USED_BY[name]
        for place, now in enumerate(order):
            for other in words:
                missing = [u for u in users[other] if u not in order[:place]]
                if other in order[:place]:
                    press(app, f"{words[other]}{other}")
                    assert lines(app)[2] == f"{words[other]}{other}は、もう訪れました。"
                elif missing:
                    press(app, f"{words[other]}{other}")
                    who = "と".join(f"{words[u]}{u}" for u in sorted(missing, reverse=True))
                    told = f"{words[other]}{other}は、まだです。{who}から、勾配がまだ届いていません。"
                    assert lines(app)[2] == told
            press(app, f"{words[now]}{now}")
            assert lines(app)[0].startswith(f"{words[now]}{now}から")
            press(app, f"{words[order[-1]]}{order[-1]}")
            assert lines(app)[2] == f"先に、{words[now]}{now}の勾配を流し終えます。"
            click(bar(app)[1])
        assert lines(app)[0] == "すべてのノードを訪れました。"
        assert lines(app)[1] == {SHOP: "勾配: p 3、c 150、q 3、r 800", DIAMOND: "勾配: x 16"}[name]
        assert bar(app)[0].get_attribute("aria-disabled") == "true"
        waits = [o for o in permutations(words) if all(set(users[n]) <= set(o[: o.index(n)]) for n in words)]
        assert sorted(waits) == sorted(map(tuple, ORDERS[name]))

    def test_the_two_ways_that_meet_are_added(self, app: WebElement) -> None:
        click(bar(app)[1])
        for word, sums in (("④", []), ("③", []), ("①", ["90"])):
            press(app, f"{WORDS[SHOP][word]}{word}")
            click(bar(app)[1])
            assert drawn(app, "b").count("90") == 2 * len(sums)
            assert not any("60" in text for text in drawn(app, "b"))
        press(app, "掛け算②")
        for _ in range(4):
            click(bar(app)[0])
        assert lines(app)[0] == "90 と 60 が届いた、cの勾配は？（3/3）"
        assert "90、60" in drawn(app, "b")
        assert not any("150" in text for text in drawn(app, "b"))
        click(bar(app)[0])
        assert lines(app)[1] == "90 + 60 = 150"
        assert {"90 + 60", "= 150"} <= set(drawn(app, "b"))

    def test_back_and_again(self, app: WebElement) -> None:
        click(bar(app)[1])
        seen = []
        for _ in range(14):
            seen.append((lines(app)[:2], drawn(app, "b")))
            click(bar(app)[0])
        for state in reversed(seen):
            click(bar(app)[2])
            assert (lines(app)[:2], drawn(app, "b")) == state
        click(bar(app)[2])
        assert bar(app)[2].get_attribute("aria-disabled") == "true"
        click(bar(app)[0])
        click(bar(app)[3])
        assert lines(app) == ["行き: 値を、左から計算します。", "", ""]


@pytest.mark.long
class TestGuesses:
    """予想と、間違いの名。"""

    @staticmethod
    def asked(app: WebElement, graph: int, order: str, question: int) -> None:
        """ノード `order` を訪れ、終わりのノードの `question` 番めの問いまで進む。"""
        choose(app, graph)
        click(bar(app)[1])
        words = WORDS[(SHOP, DIAMOND)[graph]]
        for n, tag in enumerate(order):
            press(app, f"{words[tag]}{tag}")
            if n + 1 < len(order):
                click(bar(app)[1])
        for _ in range(2 * question):
            click(bar(app)[0])

    @pytest.mark.parametrize(
        ("graph", "order", "question", "guess", "says"),
        [
            (0, "④", 0, "0.75", "○ 当たりです。"), (0, "④", 0, "３/４", "○ 当たりです。"),
            (0, "④", 0, "800", "△ 予想は 799.2 違います。自分の値を掛けた値です。掛けるのは、相手の値です。"),
            (0, "④", 0, "1", "△ 予想は 0.25 違います。そのまま渡した値です。掛け算では、相手の値を掛けます。"),
            (0, "④", 0, "-0.75", "△ 予想は 1.5 違います。符号が逆です。"),
            (0, "④", 0, "12", "△ 予想は 11.25 違います。"),
            (0, "④③", 0, "0.375", "△ 予想は 0.375 違います。半分に分けた値です。足し算は、どちらにもそのまま渡します。"),
            (0, "④③", 0, "360", "△ 予想は 359.2 違います。値を掛けたものです。足し算は、そのまま渡します。"),
            (0, "④③", 0, "1", "△ 予想は 0.25 違います。届いた勾配を忘れた値です。"),
            (0, "④③", 0, "480", "△ 予想は 479.2 違います。行きの値です。帰りには、勾配を送ります。"),
            (0, "④③②", 0, "80", "△ 予想は 20 違います。相手の値だけです。届いた勾配を掛けます。"),
            (0, "④③②", 0, "3", "△ 予想は 57 違います。自分の値を掛けた値です。掛けるのは、相手の値です。"),
            (0, "④③②", 0, "80.75", "△ 予想は 20.75 違います。足した値です。帰りの掛け算では、掛けます。"),
            (0, "④③②①", 2, "150", "○ 当たりです。"),
            (0, "④③②①", 2, "90", "△ 予想は 60 違います。届いた一つだけの値です。上書きせずに、足します。"),
            (0, "④③②①", 2, "5400", "△ 予想は 5250 違います。掛けた値です。届いた勾配は、足します。"),
            (0, "④③②①", 2, "75", "△ 予想は 75 違います。平均した値です。届いた勾配は、足すだけです。"),
            (1, "③②①", 0, "12", "○ 当たりです。"),
            (1, "③②①", 0, "6", "△ 予想は 6 違います。片方の分だけの値です。2か所で使ったので、2か所の分を足します。"),
            (1, "③②①", 0, "8", "△ 予想は 4 違います。届いた勾配の、一つだけを使った値です。足してから流します。"),
            (1, "③②①", 0, "4", "△ 予想は 8 違います。届いた勾配の、一つだけを使った値です。足してから流します。"),
        ],
    )  # fmt: skip
    def test_mistakes_are_named(
        self, app: WebElement, graph: int, order: str, question: int, guess: str, says: str
    ) -> None:
        self.asked(app, graph, order, question)
        before = drawn(app, "b")
        assert lines(app)[1] == ""
        answer(app, guess)
        assert lines(app)[2] == says
        assert lines(app)[1]
        assert drawn(app, "b") != before

    def test_words_are_not_numbers(self, app: WebElement) -> None:
        self.asked(app, 0, "④", 0)
        answer(app, "はんぶん以上")
        assert lines(app)[1:] == ["", "「はんぶん以上」は、数として読めません。"]

    def test_nothing_written_shows_only_the_answer(self, app: WebElement) -> None:
        self.asked(app, 0, "④", 0)
        answer(app, "")
        assert lines(app)[1:] == ["1 × 0.75 = 0.75", ""]


class TestNumbers:
    """与えられた数を変える。"""

    def write(self, app: WebElement, place: int, text: str) -> None:
        app.parent.execute_script(
            "const [app, n, v] = arguments;"
            "const box = app.querySelectorAll('.graph-numbers:not(.off) input')[n];"
            "box.value = v; box.dispatchEvent(new Event('change'))", app, place, text,
        )  # fmt: skip

    def test_the_table_and_the_picture_follow(self, app: WebElement) -> None:
        rng = np.random.default_rng(0)
        click(bar(app)[1])
        for _ in range(12):
            found = rng.normal(size=4) * [300, 5, 80, 1]
            values = {n: float(f"{v:.4g}") for n, v in zip("pcqr", found, strict=True)}
            for place, value in enumerate(values.values()):
                self.write(app, place, repr(value))
            graphs = {SHOP: Graph(shop(values)), DIAMOND: Graph(diamond())}
            expected = [
                text for name, graph in graphs.items() for place, row in enumerate(rows(graph), start=1)
                for text in (f"{name} {place}", *row)
            ]  # fmt: skip
            assert texts(app.find_element(By.XPATH, ".."), ".interactive-table tbody tr > *") == expected
            assert shown(graphs[SHOP].value(7), 4) in drawn(app, "f")
            for _ in range(4):
                click(bar(app)[1])
            leaves = [n for n in range(7) if not graphs[SHOP].records[n].symbol]
            told = "、".join(f"{graphs[SHOP].word(n)} {shown(graphs[SHOP].gradient(n), 4)}" for n in leaves)
            assert lines(app)[1] == f"勾配: {told}"

    @pytest.mark.parametrize("text", ["", "1001", "-1e9", "abc"])
    def test_what_cannot_be_drawn_is_refused(self, app: WebElement, text: str) -> None:
        self.write(app, 0, text)
        assert lines(app)[2] == f"−{LARGEST} から {LARGEST} までの、計算できる数を書いてください。"
        assert app.find_element(By.CSS_SELECTOR, ".graph-numbers input").get_attribute("value") == "120"

    def test_every_graph_has_its_own_boxes(self, app: WebElement) -> None:
        visible = """
            return [...arguments[0].querySelectorAll('.graph-numbers input')]
              .map(e => e.checkVisibility({visibilityProperty: true}));
        """
        assert app.parent.execute_script(visible, app) == [True] * 4 + [False]
        choose(app, 1)
        assert app.parent.execute_script(visible, app) == [False] * 4 + [True]
        self.write(app, 0, "3")
        assert "3" in drawn(app, "f")


def active(app: WebElement) -> str:
    return app.parent.execute_script(
        "const e = document.activeElement; return e.getAttribute('aria-label') || e.textContent || e.tagName"
    )


class TestEveryHand:
    """キー、指、読み上げ、高さ。"""

    def test_by_keyboard_alone(self, app: WebElement) -> None:
        nodes = app.find_elements(By.CSS_SELECTOR, ".graph-node")
        assert [node.get_attribute("tabindex") for node in nodes].count("0") == 1
        app.parent.execute_script("arguments[0].focus()", nodes[0])
        nodes[0].send_keys(Keys.END)
        assert active(app).startswith("掛け算④")
        bar(app)[1].send_keys(Keys.ENTER)
        app.parent.execute_script("arguments[0].focus()", nodes[7])
        visits = (0, ["0.75", "800"]), (2, ["0.75"] * 2), (1, ["60", "3"]), (2, ["3", "90", "150"])
        for steps, answers in visits:
            app.parent.switch_to.active_element.send_keys(*[Keys.ARROW_LEFT] * steps, Keys.ENTER)
            for each in answers:
                assert active(app) == "INPUT"
                app.parent.switch_to.active_element.send_keys(each, Keys.ENTER)
                assert lines(app)[2] == "○ 当たりです。"
                app.parent.switch_to.active_element.send_keys(Keys.ENTER)
        assert lines(app)[0] == "すべてのノードを訪れました。"

    def test_a_finger_opens_no_keyboard(self, browser: webdriver.Chrome, site: str) -> None:
        features = [{"name": "hover", "value": "none"}, {"name": "pointer", "value": "coarse"}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
        browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        try:
            app = figure(browser, site + PAGE, "graph", 390)
            click(bar(app)[1])
            node = app.find_elements(By.CSS_SELECTOR, ".graph-node")[7]
            box = node.rect
            top = browser.execute_script("return arguments[0].getBoundingClientRect().top", node)
            where = [{"x": box["x"] + box["width"] / 2, "y": top + box["height"] / 2}]
            browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": where})
            browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            until(browser, lambda _: lines(app)[0].startswith("掛け算④から"))
            assert active(app) != "INPUT"
        finally:
            browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})

    @pytest.mark.long
    @pytest.mark.parametrize("width", [1280, 390, 320])
    def test_the_figure_keeps_its_height(self, browser: webdriver.Chrome, site: str, width: int) -> None:
        app = figure(browser, site + PAGE, "graph", width)
        measure = """
            return [arguments[0], arguments[0].querySelector('.graph-panel')]
              .map(e => e.getBoundingClientRect().height);
        """
        heights = set()

        def look() -> None:
            heights.add(tuple(browser.execute_script(measure, app)))

        for graph in (0, 1):
            choose(app, graph)
            look()
            for node in app.find_elements(By.CSS_SELECTOR, ".graph-node"):
                click(node)
                look()
            click(bar(app)[1])
            box = app.find_element(By.CSS_SELECTOR, ".graph-guess input")
            while bar(app)[0].get_attribute("aria-disabled") == "false":
                for node in app.find_elements(By.CSS_SELECTOR, ".graph-node"):
                    click(node)
                    look()
                    if lines(app)[2] == "":
                        break
                while app.find_element(By.CSS_SELECTOR, ".graph-node.now"):
                    browser.execute_script("arguments[0].value = '-0.75'", box)
                    click(bar(app)[0])
                    look()
                    click(bar(app)[0])
                    look()
                    if not app.find_elements(By.CSS_SELECTOR, ".graph-node.now"):
                        break
        assert len(heights) == 1

    def test_the_picture_is_told_in_words(self, app: WebElement) -> None:
        click(bar(app)[1])
        for word in ("掛け算④", "足し算③"):
            press(app, word)
            click(bar(app)[1])
        label = app.find_element(By.CSS_SELECTOR, "svg[role=img]").get_attribute("aria-label")
        assert label.startswith("科学館の支払いの計算グラフ。p、値 120。")
        assert "掛け算①、値 480、届いた勾配 0.75。" in label
        assert "掛け算④、値 600、訪れました" in label
        assert app.find_elements(By.CSS_SELECTOR, ".graph-panel [aria-live=polite]")

    @pytest.mark.parametrize("width", [1280, 390])
    def test_targets_are_large_and_inside(self, browser: webdriver.Chrome, site: str, width: int) -> None:
        app = figure(browser, site + PAGE, "graph", width)
        for graph in (0, 1):
            choose(app, graph)
            boxes = browser.execute_script(
                "const f = arguments[0].querySelector('.graph-picture').getBoundingClientRect();"
                "return [...arguments[0].querySelectorAll('.graph-node')].map(e => e.getBoundingClientRect())"
                ".map(r => [r.width, r.height, r.left - f.left, f.right - r.right])", app,
            )  # fmt: skip
            for wide, high, left, right in boxes:
                assert min(wide, high) >= 36
                assert min(left, right) >= 0

    @pytest.mark.parametrize(("graph", "times"), [(0, 8), (1, 6)])
    @pytest.mark.parametrize("width", [1280, 390])
    def test_every_use_has_its_own_arrows(
        self, browser: webdriver.Chrome, site: str, width: int, graph: int, times: int
    ) -> None:
        """x·x の x からは、二本が行き、二本が帰る。どの矢印も重ならない。"""
        app = figure(browser, site + PAGE, "graph", width)
        choose(app, graph)
        for kind in "fb":
            heads = browser.execute_script(
                "return [...arguments[0].querySelectorAll(`.graph-picture .head.${arguments[1]}`)]"
                ".map(e => e.getBoundingClientRect()).map(r => [r.left + r.width / 2, r.top + r.height / 2])",
                app, kind,
            )  # fmt: skip
            assert len(heads) == times + 1
            assert min(math.dist(a, b) for n, a in enumerate(heads) for b in heads[:n]) > 6

    @pytest.mark.parametrize("width", [1280, 390])
    def test_numbers_do_not_cover_each_other(
        self, browser: webdriver.Chrome, site: str, width: int
    ) -> None:
        app = figure(browser, site + PAGE, "graph", width)
        for graph in (0, 1):
            choose(app, graph)
            for _ in range(5):
                click(bar(app)[1])
            boxes = browser.execute_script(
                "return [...arguments[0].querySelectorAll('.graph-picture text, .graph-node')]"
                ".filter(e => e.textContent).map(e => [e.getBoundingClientRect(), e.textContent])"
                ".map(([r, t]) => [r.left, r.top, r.right, r.bottom, t])", app,
            )  # fmt: skip
            for n, (a, b, c, d, text) in enumerate(boxes):
                for e, f, g, h, other in boxes[:n]:
                    wide, high = min(c, g) - max(a, e), min(d, h) - max(b, f)
                    assert min(wide, high) < 5, (text, other)


class TestOnThePage:
    """紙の図の場所、紙、重さ。"""

    def test_it_takes_the_place_of_the_paper_figure(self, app: WebElement) -> None:
        paper = app.find_element(By.XPATH, "ancestor::figure")
        assert paper.get_attribute("id") == "fig-shop-backward"
        still = paper.find_elements(By.CSS_SELECTOR, "img")
        assert still
        assert not any(image.is_displayed() for image in still)
        assert paper.find_element(By.TAG_NAME, "figcaption").is_displayed()
        app.parent.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            assert any(image.is_displayed() for image in still)
            assert not app.is_displayed()
            assert app.find_element(By.XPATH, "..").find_element(By.TAG_NAME, "table").is_displayed()
        finally:
            app.parent.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    @pytest.mark.parametrize("width", [1280, 390])
    def test_what_follows_hardly_moves(self, browser: webdriver.Chrome, site: str, width: int) -> None:
        top = """
            const parts = document.querySelectorAll('section, .cell');
            for (const part of parts) part.style.contentVisibility = 'visible';
            const place = document.getElementById('sec-graph-rule');
            return place.getBoundingClientRect().top + scrollY;
        """
        resize(browser, width)
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/interactive/graph.js"]})
        try:
            browser.get(site + PAGE)
            until(browser, lambda page: page.execute_script("return document.readyState === 'complete'"))
            before = browser.execute_script(top)
        finally:
            browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
        figure(browser, site + PAGE, "graph", width)
        assert browser.execute_script(top) == pytest.approx(before, abs=40)

    def test_the_script_is_light(self, html: Path) -> None:
        script = (html / "_static" / "interactive" / "graph.js").read_bytes()
        assert len(gzip.compress(script, 9)) < 9_400

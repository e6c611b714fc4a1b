"""練習問題の答えの欄と、解いた問題の記録: 判定は `check` と同じで、記録は読者のブラウザだけに残る。"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answering import field
from browsing import resize, until
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from sheets import NOTEBOOK, SELF, made_of, sheet
from test_access import SETTLE, THIN, inspect, wait
from test_access import axe as axe  # fixture
from test_exercises import RIGHT

from backprop.exercises import QUESTIONS, Choice, Order, Tiles, Values, check

ROOT = Path(__file__).resolve().parents[1]
PARTS = ROOT / "_static" / "exercises"
KEY = "backprop-solved"
PAGE = "exercises/33_step3_hidden_delta_ex.html"
LIST = "progress.html"
LIMIT = 29_200  # 札を並べて作る式の欄と、解答を終わりに置く紙のぶん、25,000 から増やした
"""練習問題のページだけが読むものの、縮める前の大きさの上限。"""

Pages = dict[str, BeautifulSoup]
"""サイトの中での場所から、解析したページを引く。"""

# 一つの欄に、答えを次々に入れて判定させ、言われたことを集める。
ANSWER = """
    const [label, answers] = arguments;
    const box = document.querySelector(`.answer[data-label="${label}"]`);
    const form = box.querySelector('form'), inputs = [...form.querySelectorAll('input')];
    const enter = {
      values: answer => inputs.forEach((input, n) => { input.value = answer[n]; }),
      choice: answer => inputs.forEach((radio, n) => { radio.checked = n === answer; }),
      order: answer => {
        const list = form.querySelector('ol'), items = [...list.children];
        const words = item => item.children[1].textContent;
        for (const text of answer) {
          const item = items.find(item => words(item) === text);
          while (item.nextElementSibling) item.querySelector('button[aria-label$="下へ"]').click();
        }
      },
      tiles: answer => {
        const [row, stock] = form.querySelectorAll('.answer-tiles');
        for (const tile of row.querySelectorAll('button')) tile.click();
        for (const name of answer) [...stock.children].find(tile => tile.name === name).click();
      },
    }[box.dataset.kind];
    return answers.map(answer => {
      enter(answer);
      form.requestSubmit();
      return form.querySelector('.answer-verdict').firstChild.parentElement.innerText.trim();
    });
"""


def fields(page: BeautifulSoup) -> dict[str, str]:
    """ページの欄の、問いの名前から種類を引く。"""
    return {str(box["data-label"]): str(box["data-kind"]) for box in page.select(".answer")}


@pytest.fixture(scope="module")
def texts(html: Path) -> dict[str, str]:
    """できあがったページの文字。すべてを解析すると長くかかる。"""
    files = [path for path in sorted(html.rglob("*.html")) if "_static" not in path.parts]
    return {path.relative_to(html).as_posix(): path.read_text(encoding="utf-8") for path in files}


@pytest.fixture(scope="module")
def exercise_pages(texts: dict[str, str]) -> Pages:
    """練習問題のページ。"""
    found = {place: parsed(text) for place, text in texts.items() if place.startswith("exercises/")}
    assert PAGE in found
    return found


def parsed(text: str) -> BeautifulSoup:
    """解析したページ。"""
    return BeautifulSoup(text, "html.parser")


def outside(line: str) -> list[str]:
    """言葉のうち、数式でないところ。コードの印は、ページには見えない。"""
    return [part.replace("`", "").strip() for part in re.split(r"\$[^$]+\$", line)]


def agree(said: str, line: str) -> bool:
    """ページの言葉が、ノートブックの言葉と同じか。数式は、組まれているので比べない。"""
    pattern = ".*".join(map(re.escape, outside(" ".join(line.split()))))
    return re.fullmatch(pattern, " ".join(said.split()), re.DOTALL) is not None


def flat(answer: Any) -> list[str]:
    """欄に書ける形の答え。"""
    return [str(part) for part in np.asarray(answer, dtype=object).ravel()]


def near_misses(right: np.ndarray) -> Iterator[np.ndarray]:
    """どの間違いとも違う値。書かれる形がいろいろになるように。"""
    yield right + 0.0612  # どこも違う
    for place in range(right.size):
        for value in (1 / 3, 123456.7, 1234567.0, -1.5e-7, 2.5e20, 0.0001234, 7.0):
            given = right.copy()
            given.flat[place] = value
            yield given


class TestBuilt:
    """できあがったページ。"""

    def test_every_question_has_one_field(self, exercise_pages: Pages) -> None:
        found = [item for page in exercise_pages.values() for item in fields(page).items()]
        assert len(found) == len(dict(found))
        assert QUESTIONS.keys() <= dict(found).keys()
        for label, kind in found:
            # 式の審判のない本では、式の欄は、ノートブックへの案内になる。
            assert kind == sheet(label)["kind"] or (sheet(label)["kind"], kind) == ("formula", NOTEBOOK)
            assert (kind == SELF) == (label not in QUESTIONS)

    def test_fields_stand_between_the_question_and_the_hints(self, exercise_pages: Pages) -> None:
        for page in exercise_pages.values():
            for box in page.select(".answer"):
                inside = box.find_parent("details", class_="solution") is not None
                assert inside == (box["data-kind"] == SELF)
                later = box.find_next_sibling("details")
                assert inside or later["class"] == ["hint"]

    def test_without_scripts_only_the_way_to_the_notebook_is_seen(
        self, exercise_pages: Pages, html: Path
    ) -> None:
        for place, page in exercise_pages.items():
            for box in page.select(".answer"):
                assert box.has_attr("hidden") == (box["data-kind"] != NOTEBOOK)
            for link in page.select(".answer a[download]"):
                assert ((html / place).parent / str(link["href"])).is_file()

    def test_the_head_counts_and_adds_up(self, exercise_pages: Pages) -> None:
        for page in exercise_pages.values():
            said = page.select_one(".reading-time > div").get_text()
            minutes = [int(m) for m in re.findall(r"★☆* [^（]+（(\d+)分）", page.get_text())]
            assert said.startswith(f"{len(minutes)}問　解く時間の目安　{sum(minutes)}分")
        head = exercise_pages[PAGE].select_one(".reading-time > div").get_text()
        assert head == "7問　解く時間の目安　62分（一周目 37分）"

    def test_chapters_end_with_the_way_to_their_exercises(
        self, texts: dict[str, str], exercise_pages: Pages
    ) -> None:
        found = {}
        for place, text in texts.items():
            for way in re.finditer(r'<p class="to-exercises">(.*?)</p>(.{60})', text, re.DOTALL):
                assert not re.match(r"\s*<section", way[2]), place
                found[Path(place).stem] = parsed(way[1]).get_text()
        assert {f"{name}_ex" for name in found} == {Path(place).stem for place in exercise_pages}
        assert found["33_step3_hidden_delta"] == "練習問題（7問、一周目 37分）→"

    def test_the_list_has_every_exercise(self, texts: dict[str, str], exercise_pages: Pages) -> None:
        listing = parsed(texts[LIST])
        links = [str(a["href"]) for a in listing.select("table.solved td a")]
        every = [f"{place}#{label}" for place, page in exercise_pages.items() for label in fields(page)]
        assert sorted(links) == sorted(every)
        assert not any(row.select("td")[1].get_text() for row in listing.select("table.solved tbody tr"))

    def test_menus_count_the_exercises(self, texts: dict[str, str], exercise_pages: Pages) -> None:
        for place in ("index.html", PAGE, LIST):
            menu = parsed(texts[place]).select_one("nav.bd-docs-nav")
            counts = {str(e["data-page"]): int(str(e["data-exercises"])) for e in menu.select("[data-page]")}
            assert counts == {Path(p).stem: len(fields(page)) for p, page in exercise_pages.items()}
            assert int(str(menu.select_one(".exercises-done")["data-every"])) == sum(counts.values())


class TestWeight:
    """練習問題のないページは、案内に添える数のほかに、何も読まない。"""

    def test_only_pages_with_exercises_load_it(self, texts: dict[str, str]) -> None:
        for place, text in texts.items():
            loaded = set(re.findall(r'<script[^>]* src="[^"]*/exercises/(\w+\.js)', text))
            asked = 'class="answer"' in text
            wanted = {"answers.js"} if asked else {"progress.js"} if place == LIST else set()
            assert loaded == wanted, place

    def test_sizes(self) -> None:
        own = [PARTS / name for name in ("answers.js", "exercises.css", "solved.js", "solved.css")]
        assert sum(path.stat().st_size for path in own) <= LIMIT
        everywhere = [(PARTS / name).read_bytes() for name in ("solved.js", "solved.css")]
        assert len(gzip.compress(everywhere[0], 9)) <= 1500
        assert len(everywhere[1]) <= 1000


Open = Callable[..., webdriver.Chrome]


@pytest.fixture(scope="module")
def opened(browser: webdriver.Chrome, site: str) -> Iterator[Open]:
    """記録のないブラウザで、ページを開く。"""

    def open_page(place: str, width: int = 1280, keep: bool = False) -> webdriver.Chrome:
        resize(browser, width)
        browser.get(site + place)
        if not keep:
            browser.execute_script("localStorage.clear()")
            browser.get(site + place)
        until(browser, lambda b: b.execute_script("return document.readyState") == "complete")
        return browser

    yield open_page
    browser.execute_script("localStorage.clear()")


def judged(chromium: webdriver.Chrome, label: str, answers: list[Any]) -> list[str]:
    """欄の判定。"""
    return chromium.execute_script(ANSWER, label, answers)


def expected(label: str, question: Any) -> Iterator[tuple[Any, str]]:
    """欄への書き方と、`check` の言うこと。"""
    if isinstance(question, Values):
        right = np.asarray(question.right(), float)
        given = [right, *RIGHT.get(label, []), *question.mistakes().values(), *near_misses(right)]
        for answer in (a for a in given if np.shape(a) == right.shape):
            yield flat(answer), repr(question.verdict(np.asarray(answer, float)))
    elif isinstance(question, Choice):
        # どの番号がどの答えかは、見えている文字で決まる。
        texts = [made_of(label, question).lines[option[0]] for option in made_of(label, question)["options"]]
        for option in (question.right, *question.wrong):
            yield texts.index(str(option)), repr(question.verdict(option))
    elif isinstance(question, Tiles):
        rows = [row for known in (question.right, *question.wrong.values()) for row in known]
        for row in [*rows, *permutations(question.tiles, 1), *permutations(question.tiles, 2)]:
            yield list(row), repr(question.verdict(list(row)))
        yield [], repr(check("ex-step3-bug", ...))
    else:
        for order in [*question.others, *permutations(question.right)][:60]:
            yield list(map(str, order)), repr(question.verdict(list(order)))


class TestJudging:
    """ページの判定は、ノートブックの判定と、一字も違わない。"""

    @pytest.mark.long
    def test_every_field_of_the_book(self, opened: Open, exercise_pages: Pages) -> None:
        for place, page in exercise_pages.items():
            chromium = opened(place, keep=True)
            for label, kind in fields(page).items():
                if kind in ("values", "choice", "order", "tiles"):
                    pairs = list(expected(label, QUESTIONS[label]))
                    said = judged(chromium, label, [answer for answer, _ in pairs])
                    wrong = [(a, s, line) for (a, line), s in zip(pairs, said) if not agree(s, line)]
                    assert not wrong, label
                    assert any(line.startswith("✓") for _, line in pairs)
                    assert sum(line.startswith("✗") for _, line in pairs) >= 2

    def test_nothing_is_sent(self, opened: Open) -> None:
        chromium = opened(PAGE)
        count = "return performance.getEntriesByType('resource').length"
        before = chromium.execute_script(count)
        judged(chromium, "ex-step3-two-paths", [["5/4", "-7/4"], ["1", "2"]])
        assert chromium.execute_script(count) == before
        assert chromium.execute_script("return document.cookie") == ""

    @pytest.mark.parametrize(
        ("written", "passed"),
        [
            (("5/4", "-7/4"), True),
            (("1.25", "−1.75"), True),
            (("１．２５", "－７／４"), True),
            ((" 125e-2 ", "ー1.75"), True),
            (("+10/8", "7/-4"), True),
            ((".125e1", "-1.7500000000001"), True),
            (("1.25", "-1.750001"), False),
        ],
    )
    def test_ways_of_writing(self, opened: Open, written: tuple[str, str], passed: bool) -> None:
        (said,) = judged(opened(PAGE), "ex-step3-two-paths", [list(written)])
        assert said.startswith("✓ 合格" if passed else "✗ まだです")

    @pytest.mark.parametrize(
        "strange",
        ["x", "5/0", "½", "2²", "1,5", "0x10", "Infinity", "NaN", "1/2/3", "--1", "1e999", "5 4/", "<b>"],
    )
    def test_strange_answers_get_one_line(self, opened: Open, strange: str) -> None:
        (said,) = judged(opened(PAGE), "ex-step3-two-paths", [["5/4", strange]])
        assert said == repr(check("ex-step3-two-paths", strange))

    def test_blank_answers(self, opened: Open) -> None:
        chromium = opened(PAGE)
        empty = repr(check("ex-step3-bug", ...))
        assert judged(chromium, "ex-step3-two-paths", [["", ""], ["1", " "]]) == [empty, empty]
        assert judged(chromium, "ex-step3-bug", [-1]) == [empty]


OTHERS = {
    "ex-matrix": Values(
        lambda: [[0.25, -2, 3], [4, 5, 1e-3]], {"転置を忘れた値": lambda: [[0.25, -2, 3], [4, 5, 1]]}
    ),
    "ex-number": Values(lambda: 0.3333, {"上に丸めた値": lambda: 0.3334}, digits=4),
    "ex-order": Order(
        ["Z = W @ A", "A = f(Z)", "誤差項を求める", "重みを更新する"],
        {
            ("Z = W @ A", "A = f(Z)"): "活性は、加重和 $z$ から求めます。",
            ("誤差項を求める", "重みを更新する"): "`W` は、誤差項を求めてから変えます。",
        },
        [["Z = W @ A", "誤差項を求める", "A = f(Z)", "重みを更新する"]],
    ),
    "ex-tiles": Tiles(
        {"W.T": r"W^\top", "W": "W", "delta": r"\delta", "*": r"\odot", "slope": "f'"},
        r"\frac{\partial L}{\partial z}",
        [["W.T", "delta", "*", "slope"], ["slope", "*", "W.T", "delta"]],
        "列で戻し、傾きを掛けています。",
        {"転置を忘れた式": [["W", "delta", "*", "slope"], ["slope", "*", "W", "delta"]]},
        {"W": "帰りには、表の列を使います。"},
    ),
    "ex-two": Choice(True, "理由。", {False: "`a < b` だからです。"}),
}
"""本にまだないかもしれない形の問い。"""


@pytest.fixture(scope="module")
def drawn(browser: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """その問いだけのページを、ファイルとして開いたブラウザ。"""
    folder = tmp_path_factory.mktemp("drawn")
    for name in ("solved.js", "answers.js", "exercises.css"):
        (folder / name).write_bytes((PARTS / name).read_bytes())
    boxes = ""
    for label, question in OTHERS.items():
        made = made_of(label, question)
        lines = [line.replace("<", "&lt;") for line in made.lines]
        boxes += f"<section><h2>{label}</h2>{field(label, 'page', made, lines)}</section>"
    page = (
        "<!doctype html><html lang=ja><meta charset=utf-8><link rel=stylesheet href=exercises.css>"
        f"<script src=solved.js></script><article class=bd-article>{boxes}</article>"
        "<script src=answers.js></script>"
    )
    (folder / "page.html").write_text(page, encoding="utf-8")
    resize(browser, 1280)
    browser.get((folder / "page.html").as_uri())
    yield browser
    browser.execute_script("localStorage.clear()")


class TestOtherForms:
    """行列、丸めた数、並べる答え、はいかいいえか。"""

    @pytest.mark.parametrize("label", OTHERS)
    def test_verdicts(self, drawn: webdriver.Chrome, label: str) -> None:
        pairs = list(expected(label, OTHERS[label]))
        said = judged(drawn, label, [answer for answer, _ in pairs])
        for (answer, line), found in zip(pairs, said):
            assert agree(found.replace("$", "").replace("`", ""), line.replace("$", "")), (
                answer,
                found,
                line,
            )
        assert {line[0] for _, line in pairs} == {"✓", "✗"}

    def test_the_order_shown_first_is_not_a_right_one(self) -> None:
        made = made_of("ex-order", OTHERS["ex-order"])
        assert made["items"] not in made["orders"]
        always = Order("AB", {}, ["BA"])
        assert made_of("ex-always", always)["items"]

    def test_the_right_choice_may_stand_anywhere(self) -> None:
        places = set()
        for n in range(40):
            options = made_of(f"ex-{n}", Choice("甲", "理由。", {"乙": "い。", "丙": "ろ。"}))["options"]
            places.add([passed for *_, passed in options].index(True))
        assert places == {0, 1, 2}

    def test_order_by_keys_keeps_the_focus_and_says_the_place(self, drawn: webdriver.Chrome) -> None:
        items = "[...document.querySelectorAll('.answer-order li')].map(e => e.children[1].textContent)"
        before = drawn.execute_script(f"return {items}")
        button = drawn.find_elements(By.CSS_SELECTOR, ".answer-order li:first-child button")[1]
        button.send_keys(Keys.ENTER)
        assert drawn.execute_script(f"return {items}") == [before[1], before[0], *before[2:]]
        assert drawn.switch_to.active_element == button
        assert button.accessible_name == f"「{before[0]}」を下へ"
        assert (
            drawn.execute_script(
                "return document.querySelector('.answer-order').closest('form')"
                ".querySelector('.visually-hidden').textContent"
            )
            == "2 番めです。"
        )

    def test_order_by_a_pointer(self, drawn: webdriver.Chrome) -> None:
        items = "[...document.querySelectorAll('.answer-order li')].map(e => e.children[1].textContent)"
        before = drawn.execute_script(f"return {items}")
        first, *_, last = drawn.find_elements(By.CSS_SELECTOR, ".answer-order .answer-handle")
        ActionChains(drawn).click_and_hold(first).move_to_element(last).move_by_offset(
            0, 12
        ).release().perform()
        assert drawn.execute_script(f"return {items}") == [*before[1:], before[0]]


TILES = """
    const [row, stock] = document.querySelectorAll('[data-label="ex-tiles"] .answer-tiles');
    const names = part => [...part.querySelectorAll('button')].map(tile => tile.name);
    return { row: names(row), stock: names(stock), focus: document.activeElement.name,
      coloured: [...row.querySelectorAll('.moving')].map(tile => tile.name),
      said: row.closest('form').querySelector('.visually-hidden').textContent };
"""


class TestTiles:
    """札を並べて作る式: マウス、指、キーのどれでも並べられる。"""

    @pytest.fixture
    def at(self, drawn: webdriver.Chrome) -> Callable[[], dict[str, Any]]:
        drawn.execute_script("localStorage.clear()")
        drawn.refresh()
        return lambda: drawn.execute_script(TILES)

    @staticmethod
    def tile(drawn: webdriver.Chrome, name: str) -> Any:
        return drawn.find_element(By.CSS_SELECTOR, f'[data-label="ex-tiles"] button[name="{name}"]')

    @staticmethod
    def step(drawn: webdriver.Chrome, way: str) -> Any:
        return drawn.find_element(By.CSS_SELECTOR, f'[data-label="ex-tiles"] button[aria-label$="{way}"]')

    def judge(self, drawn: webdriver.Chrome) -> str:
        box = drawn.find_element(By.CSS_SELECTOR, '[data-label="ex-tiles"]')
        box.find_element(By.CSS_SELECTOR, ".answer-judge").click()
        return box.find_element(By.CSS_SELECTOR, ".answer-verdict").text

    def test_by_a_pointer(self, drawn: webdriver.Chrome, at: Callable[[], dict[str, Any]]) -> None:
        before = at()["stock"]
        assert sorted(before) == sorted(OTHERS["ex-tiles"].tiles)
        for name in ("W", "delta", "slope", "*"):
            self.tile(drawn, name).click()
        assert at()["row"] == ["W", "delta", "slope", "*"]
        assert at()["coloured"] == ["*"]
        assert at()["stock"] == ["W.T"]
        self.step(drawn, "左へ").click()
        assert at()["row"] == ["W", "delta", "*", "slope"]
        assert self.judge(drawn) == "✗ まだです: 転置を忘れた式と同じ式です。"
        self.tile(drawn, "W").click()
        assert at()["row"] == ["delta", "*", "slope"]
        assert at()["stock"] == [name for name in before if name in ("W", "W.T")]
        self.tile(drawn, "W.T").click()
        assert self.judge(drawn).startswith("✗ まだです: 知っている間違いの")
        for _ in range(4):  # 端では止まる
            self.step(drawn, "左へ").click()
        assert at()["row"] == ["W.T", "delta", "*", "slope"]
        assert not drawn.execute_script("return solvedExercises.get('ex-tiles')")
        assert self.judge(drawn) == "✓ 合格: 列で戻し、傾きを掛けています。"
        assert drawn.execute_script("return solvedExercises.get('ex-tiles').seal") == "審判"
        for name in ("W.T", "delta", "*", "slope"):
            self.tile(drawn, name).click()
        assert at()["stock"] == before
        assert self.judge(drawn) == repr(check("ex-step3-bug", ...))

    def test_by_keys_alone(self, drawn: webdriver.Chrome, at: Callable[[], dict[str, Any]]) -> None:
        first, second, *_ = before = at()["stock"]
        assert self.tile(drawn, first).accessible_name == f"「{first}」を並べる"
        self.tile(drawn, first).send_keys(Keys.ENTER)
        assert at()["focus"] == second  # 次の札へ移る
        drawn.switch_to.active_element.send_keys(Keys.SPACE)
        assert (at()["row"], at()["said"]) == ([first, second], f"{first} {second}")
        assert self.tile(drawn, first).accessible_name == f"「{first}」を戻す"
        self.tile(drawn, second).send_keys(Keys.ARROW_LEFT)
        assert (at()["row"], at()["focus"]) == ([second, first], second)
        assert at()["said"] == f"{second} {first}"
        drawn.switch_to.active_element.send_keys(Keys.ARROW_LEFT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        assert at()["row"] == [first, second]
        drawn.switch_to.active_element.send_keys(Keys.TAB)
        assert at()["focus"] == before[2]
        assert self.step(drawn, "左へ").accessible_name == f"「{second}」を左へ"
        self.step(drawn, "左へ").send_keys(Keys.ENTER)
        assert at()["row"] == [second, first]
        self.tile(drawn, first).send_keys(Keys.ENTER)
        assert (at()["row"], at()["focus"], at()["coloured"]) == ([second], second, [second])
        drawn.switch_to.active_element.send_keys(Keys.ENTER)
        assert (at()["stock"], at()["focus"], at()["said"]) == (before, second, "式は空です。")

    def test_a_formula_stands_before_the_row(self, drawn: webdriver.Chrome) -> None:
        row = drawn.find_element(By.CSS_SELECTOR, '[data-label="ex-tiles"] .answer-tiles')
        assert row.text.startswith(r"$\frac{\partial L}{\partial z} =$")
        assert row.accessible_name == "式"


JUDGE = """
    window.backpropFormulas = {
      size: '11 MB',
      start: async (tell) => tell(0.5),
      judge: async (label, text) => {
        if (text === 'broken') throw new Error('止まりました。');
        return { passed: text === 'x', line: `${label} ${text}`, named: '' };
      },
      preview: async (label, text) => text.includes('?')
        ? { error: '読めません。', place: text.indexOf('?') } : { mathml: `<math><mi>${text}</mi></math>` },
    };
"""


class TestFormulas:
    """式の欄: 審判は、使う人だけが読みこむ。"""

    @pytest.fixture
    def form(self, browser: webdriver.Chrome, tmp_path: Path) -> webdriver.Chrome:
        (tmp_path / "exercises").mkdir()
        for name in ("solved.js", "answers.js"):
            (tmp_path / "exercises" / name).write_bytes((PARTS / name).read_bytes())
        (tmp_path / "exercises" / "formulas.js").write_text(JUDGE, encoding="utf-8")
        made = made_of("ex-step3-skip", QUESTIONS["ex-step3-skip"])
        box = f"<section><h2>式</h2>{field('ex-step3-skip', 'page', made, made.lines)}</section>"
        page = (
            "<!doctype html><html lang=ja><meta charset=utf-8><script src=exercises/solved.js></script>"
            f"{box}<script src=exercises/answers.js></script>"
        )
        (tmp_path / "page.html").write_text(page, encoding="utf-8")
        browser.get((tmp_path / "page.html").as_uri())
        browser.execute_script("localStorage.clear()")
        browser.get((tmp_path / "page.html").as_uri())
        return browser

    def test_judging_and_the_preview(self, form: webdriver.Chrome) -> None:
        def said() -> str:
            return form.find_element(By.CSS_SELECTOR, ".answer-verdict").text

        assert not form.execute_script("return window.backpropFormulas")
        area = form.find_element(By.TAG_NAME, "textarea")
        area.send_keys(Keys.ENTER)
        assert said() == repr(check("ex-step3-skip", ...))
        until(form, lambda b: "11 MB" in b.find_elements(By.CSS_SELECTOR, ".answer-how")[-1].text)
        area.send_keys("y", Keys.ENTER)
        until(form, lambda _: said() == "✗ まだです: ex-step3-skip y")
        until(form, lambda b: b.find_elements(By.CSS_SELECTOR, ".answer-preview math"))
        area.send_keys("?")
        until(form, lambda b: b.find_elements(By.CSS_SELECTOR, ".answer-preview mark"))
        assert form.find_element(By.CSS_SELECTOR, ".answer-preview").text.endswith("読めません。")
        area.clear()
        area.send_keys("broken", Keys.ENTER)
        until(form, lambda _: "止まりました。" in said())
        area.clear()
        area.send_keys("x", Keys.ENTER)
        until(form, lambda _: said() == "✓ 合格: ex-step3-skip x")
        assert form.execute_script("return solvedExercises.get('ex-step3-skip').seal") == "審判"


def stored(chromium: webdriver.Chrome) -> dict[str, Any]:
    """覚えられている記録。"""
    text = chromium.execute_script(f"return localStorage.getItem('{KEY}')")
    return json.loads(text)["solved"] if text else {}


def said(chromium: webdriver.Chrome) -> str:
    """一覧のページの知らせ。"""
    return chromium.find_element(By.CSS_SELECTOR, ".progress-said").text


def press(chromium: webdriver.Chrome, name: str) -> None:
    """一覧のページのボタンを押す。"""
    chromium.find_element(By.CSS_SELECTOR, f'[data-do="{name}"]').send_keys(Keys.ENTER)


def solve(chromium: webdriver.Chrome) -> None:
    """二つを解く。"""
    judged(chromium, "ex-step3-two-paths", [["5/4", "-7/4"]])
    judged(chromium, "ex-step3-bug", [2])


def counts(chromium: webdriver.Chrome) -> list[str]:
    """案内に見えている数。"""
    marks = chromium.find_elements(By.CSS_SELECTOR, ".bd-sidebar-primary .solved-count")
    return [mark.text for mark in marks if mark.is_displayed()]


@pytest.mark.long
class TestProgress:
    """解いた問題の記録。"""

    def test_nothing_is_shown_before_the_first(self, opened: Open) -> None:
        chromium = opened(PAGE)
        assert counts(chromium) == []
        assert not chromium.find_element(By.CSS_SELECTOR, ".exercises-done").is_displayed()
        judged(chromium, "ex-step3-bug", [0])
        assert stored(chromium) == {}

    def test_it_survives_and_is_seen_everywhere(self, opened: Open) -> None:
        chromium = opened(PAGE)
        solve(chromium)
        every = chromium.find_element(By.CSS_SELECTOR, ".exercises-done").get_attribute("data-every")
        assert counts(chromium) == [f"2/{every}", "2/7"]
        chromium = opened(PAGE, keep=True)
        assert set(stored(chromium)) == {"ex-step3-two-paths", "ex-step3-bug"}
        assert counts(chromium) == [f"2/{every}", "2/7"]
        assert len(chromium.find_elements(By.CSS_SELECTOR, ".answer.solved")) == 2
        assert counts(opened("index.html", keep=True)) == [f"2/{every}", "2/7"]
        chromium = opened(LIST, keep=True)
        days = [e.text for e in chromium.find_elements(By.CSS_SELECTOR, "table.solved td:nth-child(2)")]
        assert sum(bool(re.fullmatch(r"✓ \d{4}-\d\d-\d\d", day)) for day in days) == 2
        assert "のうち 2問" in chromium.find_element(By.CSS_SELECTOR, ".progress-count").text

    def test_own_seals_need_every_part_and_can_be_taken_back(self, opened: Open) -> None:
        chromium = opened(PAGE)
        label = "ex-step3-why-backwards"
        box = chromium.find_element(By.CSS_SELECTOR, f'[data-label="{label}"]')
        chromium.execute_script("arguments[0].closest('details').open = true", box)
        button = box.find_element(By.TAG_NAME, "button")
        checks = chromium.find_elements(By.CSS_SELECTOR, ".answer-list input")
        assert len(checks) == 3
        checks[0].send_keys(Keys.SPACE)
        button.send_keys(Keys.ENTER)
        assert "あと 2 つ" in box.text
        assert chromium.switch_to.active_element == checks[1]
        for check_ in checks[1:]:
            check_.send_keys(Keys.SPACE)
        button.send_keys(Keys.ENTER)
        assert stored(chromium)[label]["seal"] == "自分"
        assert button.text == "取り消す"
        button.send_keys(Keys.ENTER)
        assert label not in stored(chromium)

    def test_export_erase_import(self, opened: Open, tmp_path: Path) -> None:
        solve(opened(PAGE))
        chromium = opened(LIST, keep=True)
        before = stored(chromium)
        chromium.execute_script(
            "URL.createObjectURL = blob => { window.written = blob; return 'data:,'; };"
            "HTMLAnchorElement.prototype.click = function () { window.named = this.download; };"
        )
        press(chromium, "export")
        text = wait(chromium, "return await window.written.text();")
        assert chromium.execute_script("return window.named").endswith(".json")
        assert json.loads(text) == {"version": 1, "solved": before}
        press(chromium, "erase")
        chromium.switch_to.alert.dismiss()
        assert stored(chromium) == before
        press(chromium, "erase")
        chromium.switch_to.alert.accept()
        assert stored(chromium) == {}
        assert counts(chromium) == []
        file = tmp_path / "kept.json"
        file.write_text(text, encoding="utf-8")
        chromium.find_element(By.CSS_SELECTOR, ".progress-tools input").send_keys(str(file))
        until(chromium, lambda b: "2問の記録を読みこみ" in said(b))
        assert stored(chromium) == before

    @pytest.mark.parametrize(
        "broken",
        [
            "",
            "{",
            "[]",
            "null",
            '{"version": 2, "solved": {}}',
            '{"version": 1}',
            '{"version": 1, "solved": []}',
            '{"version": 1, "solved": {"sec-a": {"on": "2026-01-01", "seal": "自分", "page": "a"}}}',
            '{"version": 1, "solved": {"ex-a": {"on": "2026-13-01", "seal": "自分", "page": "a"}}}',
            '{"version": 1, "solved": {"ex-a": {"on": "2026-01-01", "seal": "<b>", "page": "a"}}}',
            '{"version": 1, "solved": {"ex-a": {"on": "2026-01-01", "seal": "自分", "page": "../a"}}}',
            '{"version": 1, "solved": {"ex-a": null}}',
        ],
    )
    def test_broken_files_change_nothing(self, opened: Open, tmp_path: Path, broken: str) -> None:
        chromium = opened(LIST)
        kept = {"ex-step3-bug": {"on": "2026-01-02", "seal": "審判", "page": "33_step3_hidden_delta_ex"}}
        chromium.execute_script("solvedExercises.replace(arguments[0])", kept)
        file = tmp_path / "broken.json"
        file.write_text(broken, encoding="utf-8")
        chromium.find_element(By.CSS_SELECTOR, ".progress-tools input").send_keys(str(file))
        until(chromium, lambda b: "読めませんでした" in said(b))
        assert stored(chromium) == kept

    def test_records_follow_an_exercise_that_moved(self, opened: Open) -> None:
        chromium = opened(LIST)
        old = {"on": "2026-01-02", "seal": "審判", "page": "33_step3_hidden_delta_ex"}
        moved = dict.fromkeys(("ex-step3-bug", "ex-step3-loops"), {**old, "page": "old"})
        seals = {**moved, "ex-no-more": old}
        chromium.execute_script("solvedExercises.replace(arguments[0])", seals)
        chromium = opened(LIST, keep=True)
        every = chromium.find_element(By.CSS_SELECTOR, ".exercises-done").get_attribute("data-every")
        assert counts(chromium) == [f"2/{every}", "2/7"]
        assert set(stored(chromium)) == set(seals)

    def test_a_spoilt_record_is_no_record(self, opened: Open) -> None:
        chromium = opened(PAGE)
        chromium.execute_script(f"localStorage.setItem('{KEY}', '{{\"version\": 1')")
        chromium = opened(PAGE, keep=True)
        assert counts(chromium) == []
        solve(chromium)
        assert len(stored(chromium)) == 2

    @pytest.mark.parametrize("place", [PAGE, LIST])
    def test_a_browser_that_remembers_nothing_says_so(self, opened: Open, site: str, place: str) -> None:
        chromium = opened("index.html")
        refuse = "Storage.prototype.setItem = () => { throw new DOMException('no'); };"
        script = chromium.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": refuse})
        try:
            chromium.get(site + place)
            if place == PAGE:
                solve(chromium)
                assert "記録を覚えません" in chromium.find_element(By.CSS_SELECTOR, ".answer-verdict").text
                assert counts(chromium)[-1] == "2/7"
            else:
                chromium.execute_script("solvedExercises.add('ex-step3-bug', 'a', '審判')")
                assert "記録を覚えない設定" in said(chromium)
        finally:
            chromium.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def test_pages_opened_as_files(self, browser: webdriver.Chrome, html: Path) -> None:
        browser.get((html / PAGE).as_uri())
        browser.execute_script("localStorage.clear()")
        browser.get((html / PAGE).as_uri())
        solve(browser)

        def kept(chromium: webdriver.Chrome) -> bool:
            chromium.get((html / PAGE).as_uri())
            return len(chromium.find_elements(By.CSS_SELECTOR, ".answer.solved")) == 2

        WebDriverWait(browser, 10).until(kept)  # ブラウザが、ページを移ったあとで記録を書き終えることがある
        browser.execute_script("localStorage.clear()")


WIDE = """
    const limit = document.documentElement.clientWidth + 1;
    return [
      ...document.documentElement.scrollWidth > limit ? ['page'] : [],
      ...[...document.querySelectorAll('.answer *, .progress-tools *, table.solved')]
        .filter(e => e.getBoundingClientRect().right > limit).map(e => e.outerHTML.slice(0, 100)),
    ];
"""


class TestEveryone:
    """だれでも使える。"""

    @pytest.mark.parametrize("place", [PAGE, LIST])
    def test_narrow(self, opened: Open, place: str) -> None:
        chromium = opened(place, 390)
        chromium.execute_script("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        assert not [e for e in chromium.execute_script(WIDE) if "<table" not in e]

    @pytest.mark.parametrize("width", [1280, 390])
    def test_tiles_are_large_enough_for_a_finger(self, opened: Open, width: int) -> None:
        chromium = opened(PAGE, width)
        judged(chromium, "ex-step3-build", [["W_next.T", "delta_next", "*", "f'(z)", "W.T"]])
        sizes = chromium.execute_script(
            "return [...document.querySelectorAll('.answer-tiles button')]"
            ".map(e => e.getBoundingClientRect()).map(e => [e.width, e.height])"
        )
        assert len(sizes) == len(QUESTIONS["ex-step3-build"].tiles) + 2
        assert all(min(size) >= 44 for size in sizes)
        assert not chromium.execute_script(WIDE)
        row = chromium.find_element(By.CSS_SELECTOR, ".answer-row")
        assert row.value_of_css_property("border-top-style") == "dashed"

    @pytest.mark.parametrize("place", [PAGE, LIST])
    def test_axe(self, opened: Open, axe: str, place: str) -> None:
        solve(opened(PAGE))
        chromium = opened(place, keep=True)
        if place == PAGE:
            judged(chromium, "ex-step3-two-paths", [["5/4", "-7/4"], ["x", ""]])
            judged(chromium, "ex-step3-predict", [0])
            judged(chromium, "ex-step3-build", [["W_next", "f'(z)"]])
        wait(chromium, SETTLE)
        chromium.execute_script(THIN)
        chromium.execute_script(axe)
        assert not inspect(chromium, "light")
        assert not inspect(chromium, "dark", ["color-contrast", "link-in-text-block"])

    def test_keys_alone(self, opened: Open) -> None:
        chromium = opened(PAGE)
        first, second = chromium.find_elements(By.CSS_SELECTOR, '[data-label="ex-step3-two-paths"] input')
        assert [first.accessible_name, second.accessible_name] == ["1 番め", "2 番め"]
        first.send_keys("x", Keys.TAB)
        chromium.switch_to.active_element.send_keys("-7/4", Keys.ENTER)
        assert chromium.switch_to.active_element == first
        assert [e.get_attribute("aria-invalid") for e in (first, second)] == ["true", "false"]
        first.send_keys(Keys.BACKSPACE, "5/4", Keys.ENTER)
        radio = chromium.find_element(By.CSS_SELECTOR, '[data-label="ex-step3-bug"] input')
        radio.send_keys(Keys.SPACE, Keys.ARROW_DOWN)
        chromium.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
        chromium.switch_to.active_element.send_keys(Keys.ENTER)
        assert set(stored(chromium)) == {"ex-step3-two-paths", "ex-step3-bug"}
        live = chromium.find_elements(By.CSS_SELECTOR, "form .answer-verdict[role=status]")
        assert [e.text[:4] for e in live if e.text] == ["✓ 合格", "✓ 合格"]

    @pytest.mark.parametrize("page", [PAGE, "exercises/42_xor_ex.html"])
    def test_paper_has_the_solutions_at_its_end(self, opened: Open, page: str) -> None:
        chromium = opened(page)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        places, said = chromium.execute_script("""
            const all = name => [...document.querySelectorAll(`article ${name}`)];
            const top = e => e.getBoundingClientRect().top;
            const titles = 'section > section:has(details.solution) > h2';
            const opened = all('details:is(.hint, .solution) > summary');
            return [[titles, 'details.hint', 'details.solution'].map(name => all(name).map(top)),
              opened.map(e => getComputedStyle(e, '::before').content)];
        """)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        questions, hints, solutions = places
        assert len(solutions) == len(questions) >= 6
        assert max(questions) < min(hints) < max(hints) < min(solutions)
        assert all(found == sorted(found) for found in places)
        assert set(said) == {'counter(question) "番の"'}

    def test_paper_shows_the_solutions_and_no_fields(self, opened: Open) -> None:
        chromium = opened(PAGE)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        seen = chromium.execute_script("""
            const height = e => e.getBoundingClientRect().height;
            const folded = [...document.querySelectorAll('details:is(.hint, .solution) > p')];
            return {
              fields: [...document.querySelectorAll('.answer, .exercises-done')].filter(height).length,
              folded: folded.filter(e => !height(e)).length,
              open: folded.length,
            };
        """)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        assert seen["fields"] == 0
        assert seen["open"] > 20
        assert seen["folded"] == 0

    def test_without_scripts(self, opened: Open, site: str) -> None:
        chromium = opened(PAGE)
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            chromium.get(site + PAGE)
            boxes = chromium.find_elements(By.CSS_SELECTOR, ".answer")
            seen = {box.get_attribute("data-kind") for box in boxes if box.is_displayed()}
            assert seen == {NOTEBOOK}
            assert not [
                b for b in chromium.find_elements(By.CSS_SELECTOR, ".answer button") if b.is_displayed()
            ]
            chromium.get(site + LIST)
            assert not chromium.find_element(By.CSS_SELECTOR, ".progress-tools").is_displayed()
        finally:
            chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

"""ブラウザの中の Python: NumPy のいらないこと、届く量、どこでも同じに始まること、審判がノートブックと同じに判定すること。"""

from __future__ import annotations

import base64
import gzip
import importlib
import io
import json
import os
import pkgutil
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
import pythonmodules
import pythonside
from building import site
from engines import Engine, start
from exercises import Exercise
from packing import place

from backprop.exercises import check
from backprop.exercises.in_page import questions, trial

LABEL = "ex-step3-skip"
PAGE = "exercises/33_step3_hidden_delta_ex.html"
HTTP, FILE = 12e6, 16e6
"""届く量の上限。サーバーが縮めて送るときと、縮めずに読むとき。"""
START, VERDICT = 8, 2
"""始まるまでと、一つの判定の、秒数の上限。"""
RIGHT: dict[str, list[str]] = {}
for chapter in pkgutil.iter_modules(answers.__path__):
    for label, found in importlib.import_module(f"answers.{chapter.name}").RIGHT.items():
        RIGHT[label] = [text for text in found if isinstance(text, str)]
ASK = """
    const [name, ...rest] = arguments, start = performance.now();
    const value = await window.backpropFormulas[name](...rest);
    return { value, took: (performance.now() - start) / 1000 };
"""
ADD = """
    await new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = arguments[0];
      Object.assign(script, { onload: done, onerror: () => fail(new Error("formulas.js")) });
      document.head.append(script);
    });
"""
READ = """
    return performance.getEntriesByType("resource").map(entry => entry.name);
"""


@pytest.fixture(scope="session")
def parts(html: Path) -> dict[str, dict[str, Any]]:
    """ページの側のスクリプトが言う、読むファイル。"""
    if not pythonside.RUNTIME.is_dir():
        pytest.skip("tools/pyodide に npm のものがないので、式の欄のない本です。")
    text = (html / pythonside.SCRIPT).read_text(encoding="utf-8")
    return json.loads(re.search(r"const PARTS = (\{.*\});", text)[1])


def unpacked(path: Path) -> bytes:
    """ファイルの渡す中身。"""
    return gzip.decompress(
        base64.b64decode(re.search(r'","([^"]+)"\);', path.read_text(encoding="utf-8"))[1])
    )


class TestModules:
    """ブラウザへ運ぶモジュール。"""

    def test_numpy_is_not_needed(self, tmp_path: Path) -> None:
        place(tmp_path, {name: text.encode() for name, text in pythonmodules.own().items()})
        program = (
            "import sys\n"
            "for name in ('numpy', 'matplotlib', 'scipy', 'gmpy2'): sys.modules[name] = None\n"
            f"sys.path.insert(0, {str(tmp_path)!r})\n"
            "import backprop.exercises.in_page as page\n"
            f"assert page.__file__.startswith({str(tmp_path)!r})\n"
            f"for text in {RIGHT[LABEL]!r}: assert page.judge({LABEL!r}, text)['passed']\n"
            f"assert page.preview({LABEL!r}, 'l.z[j]')['latex']\n"
        )
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)

    def test_only_what_is_needed(self) -> None:
        own = pythonmodules.own()
        assert {"backprop/__init__.py", "backprop/arguments.py"} < own.keys()
        assert {f"backprop/exercises/bank/formulas/{chapter.name}.py" for chapter in _banks()} < own.keys()
        strange = ("numpy", "evaluation", "checks", "values", "functions.py", "calling", "choices")
        brought = [name for name in own if any(word in name for word in strange)]
        assert brought == ["backprop/symbolic/functions.py"]
        assert not own["backprop/exercises/__init__.py"]

    def test_every_question_is_carried(self) -> None:
        from backprop.exercises import QUESTIONS, Formula

        assert questions().keys() == {name for name, asked in QUESTIONS.items() if isinstance(asked, Formula)}


def _banks() -> list[Any]:
    from backprop.exercises.bank import formulas

    return list(pkgutil.iter_modules(formulas.__path__))


class TestFiles:
    """サイトに置かれたもの。"""

    def test_sizes(self, html: Path, parts: dict[str, dict[str, Any]]) -> None:
        files = [html / pythonside.FOLDER / f"{name}.js" for name in parts]
        raw = [path.read_bytes() for path in files]
        assert [part["size"] for part in parts.values()] == [len(content) for content in raw]
        assert sum(map(len, raw)) <= FILE
        assert sum(len(gzip.compress(content, 9)) for content in raw) <= HTTP
        said = (html / "_static" / "exercises" / "answers.js").read_text(encoding="utf-8")
        assert f"式の審判（{sum(map(len, raw)) / 1e6:.0f} MB）" in said
        assert len((html / pythonside.SCRIPT).read_bytes()) <= 6_000

    def test_nothing_else_is_there(self, html: Path, parts: dict[str, dict[str, Any]]) -> None:
        there = {path.name for path in (html / pythonside.FOLDER).iterdir()}
        assert there == {f"{name}.js" for name in parts} | {pythonside.LICENCES}

    def test_licences(self, html: Path) -> None:
        text = (html / pythonside.FOLDER / pythonside.LICENCES).read_text(encoding="utf-8")
        for word in (
            "Mozilla Public License", "PYTHON SOFTWARE FOUNDATION LICENSE", "SymPy Development Team",
            "Fredrik Johansson", "Ron Kok",
        ):  # fmt: skip
            assert word in text

    def test_no_page_reads_it_by_itself(self, html: Path) -> None:
        for path in html.rglob("*.html"):
            assert "_static/python" not in path.read_text(encoding="utf-8")

    def test_the_same_from_the_same(self, html: Path, parts: dict[str, dict[str, Any]]) -> None:
        again = pythonside.compiled(pythonmodules.own())
        assert unpacked(html / pythonside.FOLDER / "backprop.zip.js") == again

    @pytest.mark.long
    def test_sets_keep_their_order(self, parts: Any) -> None:
        sets = {"sets.py": "x in {'apple', 'banana', 'cherry', 'durian', 'elder', 'fig', 'grape'}"}
        assert pythonside.compiled(sets) == pythonside.compiled(sets)

    @pytest.mark.long
    def test_the_same_sympy_from_the_same(self, html: Path, parts: dict[str, dict[str, Any]]) -> None:
        again = pythonside.compiled(pythonmodules.outside())
        assert unpacked(html / pythonside.FOLDER / "sympy.zip.js") == again

    def test_compiled_by_the_python_that_runs_it(self, html: Path, parts: dict[str, dict[str, Any]]) -> None:
        heads = set()
        for name in ("python_stdlib.zip", "sympy.zip", "backprop.zip"):
            with zipfile.ZipFile(io.BytesIO(unpacked(html / pythonside.FOLDER / f"{name}.js"))) as book:
                heads |= {book.read(entry)[:8] for entry in book.namelist()}
        assert heads == {b"\xcb\r\r\n\x01\0\0\0"}  # Python 3.12 の、もとのファイルと比べない形

    def test_lazy_imports_are_carried(self, html: Path, parts: dict[str, dict[str, Any]]) -> None:
        """関数の中で取り込まれるものも。ないことは、その関数が働くまでわからない。"""
        with zipfile.ZipFile(io.BytesIO(unpacked(html / pythonside.FOLDER / "sympy.zip.js"))) as book:
            names = set(book.namelist())
        assert {
            f"{name}.pyc" for name in ("sympy/__init__", "mpmath/__init__", "sympy/physics/units/__init__")
        } < names
        assert not [name for name in names if "/tests/" in name]

    def test_what_was_made_is_used_again(self, tmp_path: Path) -> None:
        path, made = tmp_path / "part.js", []
        for key in ("a", "a", "b"):
            pythonside.remembered(path, key, lambda: made.append(1) or "text")
        assert len(made) == 2


class TestWithout:
    """式の欄のない本。"""

    @pytest.fixture
    def app(self, tmp_path: Path) -> SimpleNamespace:
        asked = [Exercise(LABEL, "題", 1, "導く", 3)]
        env = SimpleNamespace(backprop_exercises={"exercises/a": asked})
        builder = SimpleNamespace(name="html")
        return SimpleNamespace(outdir=str(tmp_path / "html"), builder=builder, env=env)

    def test_no_tools(
        self, app: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        monkeypatch.setattr(pythonside, "RUNTIME", tmp_path / "missing")
        pythonside.write(app, None)
        assert capsys.readouterr().out == f"{pythonside.ABSENT}\n"
        assert not list(tmp_path.iterdir())
        assert not pythonside.offered(app.env)

    def test_no_formula_is_asked(self, app: SimpleNamespace, tmp_path: Path) -> None:
        app.env.backprop_exercises = {"exercises/a": [Exercise("ex-step3-bug", "題", 1, "虫を探す", 3)]}
        pythonside.write(app, None)
        assert not list(tmp_path.iterdir())

    def test_getting_the_tools_makes_the_book_again(self, tmp_path: Path) -> None:
        before = site.state(tmp_path)
        (tmp_path / site.SPARED).mkdir(parents=True)
        assert site.state(tmp_path) != before


class Asking:
    """ページの中の Python に尋ねる。"""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine = engine
        engine.visit(url)
        self.before = engine.run(READ)
        engine.run(ADD, url.rpartition("/")[0] + f"/../{pythonside.SCRIPT}")

    def __call__(self, name: str, *given: Any) -> Any:
        return self.engine.run(ASK, name, *given)["value"]

    def took(self, name: str, *given: Any) -> float:
        """答えるまでの秒数。"""
        return self.engine.run(ASK, name, *given)["took"]


def smoke(ask: Asking) -> None:
    """始まり、正しい答え、間違い、読めない字、組んだ式。"""
    assert not [name for name in ask.before if "python" in name or "formulas" in name]
    print(f"{ask.engine.name}: 始まるまで {ask.took('start'):.1f} 秒")
    for text in (RIGHT[LABEL][0], "l.df(l.z[j])*Sum(after.w[k, j]*after.delta[k], k)", "l.z[j", "", "u"):
        expected = check(LABEL, text)
        found = ask("judge", LABEL, text)
        assert found == {"passed": expected.passed, "line": expected.line, "named": expected.named}
    found = ask("preview", LABEL, "l.z[j]/12")
    assert found["mathml"].startswith("<math")
    assert (found["error"], found["place"]) == ("", None)
    assert ask("preview", LABEL, "l.z[j] + u")["place"] == 9


@pytest.fixture(scope="module", params=["http", "file"])
def ask(request: pytest.FixtureRequest, html: Path, parts: Any) -> Iterator[Asking]:
    """Chromium の中の、配られたページと、直接に開いたページ。"""
    with ExitStack() as stack:
        engine = start("chromium", stack, "REQUIRE_BROWSER")
        site = request.getfixturevalue("site") if request.param == "http" else f"{html.as_uri()}/"
        yield Asking(engine, site + PAGE)


@pytest.mark.long
class TestPage:
    """Chromium の中で。手元のサーバーのほかは、どこも見つからない。"""

    def test_the_same_verdicts(self, ask: Asking) -> None:
        smoke(ask)

    def test_only_the_own_site_is_asked(self, ask: Asking) -> None:
        url = ask.engine.driver.current_url
        root = url.removesuffix(PAGE)
        strange = [name for name in ask.engine.run(READ) if not name.startswith((root, "blob:", "data:"))]
        assert not strange
        sent = [json.loads(entry["message"])["message"] for entry in ask.engine.driver.get_log("performance")]
        asked = [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]
        assert not [name for name in asked if not name.startswith((root, "blob:", "data:", "chrome:"))]

    def test_hung_work_is_ended_and_begins_again(self, ask: Asking) -> None:
        ask.engine.run("window.backpropFormulas.limit = 1;")
        found = ask("judge", LABEL, RIGHT[LABEL][0])
        assert not found["passed"]
        assert "終わらなかったので、判定を止めました" in found["line"]
        ask.engine.run("window.backpropFormulas.limit = 60000;")
        assert ask("judge", LABEL, RIGHT[LABEL][0])["passed"]

    def test_stopped_on_request(self, ask: Asking) -> None:
        ask("stop")
        assert ask("judge", LABEL, RIGHT[LABEL][1])["passed"]

    def test_odd_texts_do_not_break_it(self, ask: Asking) -> None:
        for text in ("(" * 500, "-" * 590 + "j", "j" + "**-j" * 140, "+".join(["j"] * 295),
                     "not " * 140 + "j",
                     "lambda: " * 70 + "j", "9**9**9", "1e999999999", "\x00", "😀"):  # fmt: skip
            expected = check(LABEL, text)
            assert ask("judge", LABEL, text)["line"] == expected.line, text[:20]
        assert ask("judge", LABEL, RIGHT[LABEL][0])["passed"]


def test_missing_files_are_told_in_one_line(browser: Any, html: Path, parts: Any, tmp_path: Path) -> None:
    script = tmp_path / "_static" / "exercises" / "formulas.js"
    place(script.parent, {"formulas.js": (html / pythonside.SCRIPT).read_bytes()})
    page = tmp_path / "page.html"
    page.write_text(
        '<meta charset="utf-8"><script src="_static/exercises/formulas.js"></script>', encoding="utf-8"
    )
    browser.get(page.as_uri())
    line = browser.execute_async_script(
        "const done = arguments[1];"
        "backpropFormulas.judge(arguments[0], 'j').then(found => done(found.line));",
        LABEL,
    )
    assert "ノートブックで判定できます" in line


@pytest.fixture(scope="module")
def corpus(site: str, parts: Any) -> Iterator[Asking]:
    """長い検査のための、始まった Python。"""
    with ExitStack() as stack:
        asking = Asking(start("chromium", stack, "REQUIRE_BROWSER"), site + PAGE)
        asking.engine.driver.set_script_timeout(600)
        assert within(asking.took("start"), START)
        asking.engine.run("window.backpropFormulas.limit = 600000;")
        yield asking


def within(seconds: float, limit: float) -> bool:
    """時間のうちか。ほかの仕事で混んでいる機械では、測っても意味がない。"""
    print(f"{seconds:.2f} 秒（{limit:g} 秒まで）")
    return seconds <= limit or os.getloadavg()[0] > os.cpu_count()


@pytest.mark.formulas
class TestCorpus:
    """すべての問いの、正しい答えのすべての書き方と、間違いのすべて。"""

    @pytest.mark.parametrize("label", questions())
    def test_right_and_wrong(self, corpus: Asking, label: str) -> None:
        for text in RIGHT[label]:
            begin = time.perf_counter()
            found = corpus("judge", label, text)
            assert within(time.perf_counter() - begin, VERDICT), (label, text)
            assert found["passed"], (text, found)
        wrong = corpus("trial", label)
        assert wrong
        assert [tuple(pair) for pair in wrong] == trial(label)

    @pytest.mark.parametrize("way", ["http", "file"])
    @pytest.mark.parametrize("name", ["firefox", "webkit"])
    def test_in_other_browsers(
        self, name: str, way: str, html: Path, request: pytest.FixtureRequest, parts: Any
    ) -> None:
        site = request.getfixturevalue("site") if way == "http" else f"{html.as_uri()}/"
        with ExitStack() as stack:
            smoke(Asking(start(name, stack), site + PAGE))

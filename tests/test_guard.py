"""ノートブックとパッケージは、外と通信せず、作業ツリーの外に何も書かない。"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import guard
import nbformat
import pytest
from execute import run

ROOT = Path(__file__).resolve().parents[1]
# 例示のための宛先（RFC 5737、RFC 2606）。番人がいなくても、どこにも届かない。
NOWHERE = "192.0.2.1"
NO_NAME = "nowhere.invalid"
SLOW_FONTS = "Matplotlib is building the font cache; this may take a moment.\n"


def notebook(*cells: str) -> nbformat.NotebookNode:
    """コードのセルを並べたノートブック。"""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


class TestWatch:
    """番人が断るもの、断らないもの。"""

    REFUSED = (
        ("socket.connect", (None, (NOWHERE, 80)), NOWHERE),
        ("socket.connect", (None, "/var/run/service.sock"), "service.sock"),
        ("socket.connect", (None, ("2001:db8::1", 80, 0, 0)), "2001:db8::1"),
        ("socket.bind", (None, ("", 80)), "通信"),
        ("socket.sendto", (None, (NOWHERE, 53)), NOWHERE),
        ("socket.getaddrinfo", (NO_NAME, 80, 0, 0, 0), NO_NAME),
        ("socket.getaddrinfo", (NO_NAME.encode(), 80, 0, 0, 0), NO_NAME),
        ("socket.gethostbyname", (NO_NAME,), NO_NAME),
        ("subprocess.Popen", ("curl", ["curl"], None, None), "curl"),
        ("os.system", (b"curl",), "curl"),
        ("open", ("outside", "w", os.O_WRONLY | os.O_CREAT), "outside"),
        ("open", ("outside", "r+", os.O_RDWR), "outside"),
        ("open", (b"outside", None, os.O_WRONLY), "outside"),
        ("open", ("tree/../outside", "a", os.O_WRONLY | os.O_APPEND), "outside"),
        ("open", ("tree-beside", "w", os.O_WRONLY), "tree-beside"),
        ("os.mkdir", (Path("outside"), 0o777, -1), "outside"),
        ("os.rename", ("tree/inside", "outside", -1, -1), "outside"),
        ("os.rename", ("outside", "tree/inside", -1, -1), "outside"),
        ("os.remove", ("outside", -1), "outside"),
        ("shutil.rmtree", ("outside", None), "outside"),
        ("sqlite3.connect", ("outside",), "outside"),
    )
    ALLOWED = (
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("socket.bind", (None, ("::1", 0, 0, 0))),
        ("socket.sendmsg", (None, None)),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
        ("open", ("outside", "r", os.O_RDONLY)),
        ("open", ("tree/inside", "w", os.O_WRONLY)),
        ("open", (3, "w", os.O_WRONLY)),
        ("open", (os.devnull, "w", os.O_WRONLY)),
        ("os.mkdir", ("tree/folder", 0o777, -1)),
        ("os.symlink", ("outside", "tree/name", -1)),
        ("sqlite3.connect", (":memory:",)),
        ("import", ("socket", None, None, None, None)),
    )

    @pytest.fixture
    def tree(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """書いてよいフォルダ。"""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "tree").mkdir()
        return tmp_path / "tree"

    @pytest.mark.parametrize(("event", "arguments", "named"), REFUSED)
    def test_refuses(self, tree: Path, event: str, arguments: tuple[Any, ...], named: str) -> None:
        with pytest.raises(guard.Refused, match=named):
            guard.guard(tree)(event, arguments)

    @pytest.mark.parametrize(("event", "arguments"), ALLOWED)
    def test_lets_pass(self, tree: Path, event: str, arguments: tuple[Any, ...]) -> None:
        guard.guard(tree)(event, arguments)

    def test_follows_links(self, tree: Path) -> None:
        try:
            (tree / "link").symlink_to(tree.parent)
        except OSError:
            pytest.skip("この機械では、リンクを作る権限がありません。")
        with pytest.raises(guard.Refused, match="link"):
            guard.guard(tree)("open", ("tree/link/file", "w", os.O_WRONLY))

    def test_examples(self) -> None:
        assert doctest.testmod(guard) == (0, 3)


class TestKernels:
    """章を実行するカーネルには、番人がいる。"""

    TRESPASSES = {
        f"import urllib.request\nurllib.request.urlopen('http://{NO_NAME}/')": "この機械の外と通信",
        f"import socket\nsocket.create_connection(('{NOWHERE}', 80), timeout=1)": "この機械の外と通信",
        "from pathlib import Path\n(Path.home() / 'backprop-trespass').write_text('')": "作業ツリーの外に",
        "import tempfile\ntempfile.NamedTemporaryFile()": "作業ツリーの外に",
        "import os\nos.mkdir(Path.home() / 'backprop-trespass')": "作業ツリーの外に",
        "import subprocess\nsubprocess.run(['true'])": "ほかのプログラム",
    }

    def test_trespasses_are_refused_in_words(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for home in ("HOME", "USERPROFILE"):  # 番人がいなくても、本物の家は汚れない
            monkeypatch.setenv(home, str(tmp_path))
        trespasses = notebook(*self.TRESPASSES)
        for cell in trespasses.cells:
            cell.metadata["tags"] = ["raises-exception"]
        run(trespasses, ROOT / "chapters")
        for cell, words in zip(trespasses.cells, self.TRESPASSES.values(), strict=True):
            assert [words in output.get("evalue", "") for output in cell.outputs] == [True], cell.outputs
        assert not list(tmp_path.iterdir())

    def test_ordinary_work_is_not_hindered(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))  # 個人の設定は、カーネルに及ばない
        work = notebook(
            "import tempfile\nfrom pathlib import Path\nimport matplotlib\nfrom backprop import figures",
            "print(matplotlib.get_configdir(), matplotlib.get_cachedir(), sep='\\n')",
            "scratch = Path('../_build/guard-test')\nscratch.write_text('')\nscratch.unlink()",
            "print(tempfile.gettempdir())",
        )
        (ROOT / "_build").mkdir(exist_ok=True)
        run(work, ROOT / "chapters")
        shown = ["".join(output.text for output in cell.outputs).splitlines() for cell in work.cells]
        assert shown[1] == [str(ROOT / "_build" / "matplotlib")] * 2
        # 一時ファイルの置き場所を探す試し書きは、章のフォルダでは行われない。
        assert shown[3] != [str(ROOT / "chapters")]

    def test_comparing_with_the_stored_outputs_is_guarded_too(self, tmp_path: Path) -> None:
        trespass = "import socket\nsocket.create_connection(('{}', 80), timeout=1)"
        path = tmp_path / "trespass.ipynb"
        nbformat.write(notebook(trespass.format(NOWHERE)), path)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist",
             "--override-ini=addopts=", "--nbval", "--nbval-current-env", str(path)],
            cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == pytest.ExitCode.TESTS_FAILED
        assert "この機械の外と通信" in done.stdout


class TestPackage:
    """`backprop` を取り込むだけで、外に及ぶことは起きない。"""

    # 番人と同じ出来事を見て、断らずに書きとめる。
    RECORD = """\
import sys
sys.path.insert(0, sys.argv[1])
import guard
watch, seen = guard.guard(sys.argv[2]), []
def record(event, arguments):
    try:
        watch(event, arguments)
    except guard.Refused as refusal:
        seen.append(str(refusal))
sys.addaudithook(record)
import importlib, pkgutil, backprop
for room in pkgutil.iter_modules(backprop.__path__):
    if room.name not in ("figures", "interactive") or "figures" in sys.argv:
        importlib.import_module(f"backprop.{room.name}")
print(*seen, sep="\\n")
"""

    def imported(self, home: Path, *arguments: str, **environment: str) -> list[str]:
        """まっさらな家で、すべての部屋を取り込む。外に及ぼうとしたことの一覧。"""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "PYTHONPATH") if name in os.environ}
        kept |= {"HOME": str(home), "USERPROFILE": str(home)}
        kept |= {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", self.RECORD, str(ROOT / "tools"), str(ROOT), *arguments],
            cwd=home, env=kept | environment, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        # 書体の多い機械では、はじめの一覧づくりに時間がかかることを、matplotlib が知らせる。
        assert not done.stderr.replace(SLOW_FONTS, "")
        return done.stdout.split("\n")[:-1] if done.stdout.strip() else []

    def test_all_rooms_but_the_drawing_ones_reach_nothing(self, tmp_path: Path) -> None:
        assert not self.imported(tmp_path)
        assert not list(tmp_path.iterdir())

    def test_drawing_keeps_its_list_of_fonts_where_it_is_told(self, tmp_path: Path) -> None:
        home, fonts = tmp_path / "home", tmp_path / "fonts"
        home.mkdir()
        reached = self.imported(home, "figures", MPLCONFIGDIR=str(fonts))
        assert not list(home.iterdir())
        assert list(fonts.iterdir())
        # 控えがないときに一度だけ、機械にある書体を尋ねるプログラムを呼ぶ。
        asks = r"ほかのプログラムを動かそうとしました: .*'(fc-list|system_profiler)'"
        assert not [line for line in reached if str(fonts) not in line and not re.search(asks, line)]

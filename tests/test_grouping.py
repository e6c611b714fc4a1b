"""同じブラウザを使う検査は、並べて走らせても、一つのプロセスで走る。ブラウザも、ページの測定も、一度だけになる。"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from engines import STARTERS, process

SMALL = """
    import os
    import time
    from pathlib import Path

    import pytest
    from engines import STARTERS

    @pytest.fixture(scope="module", params=STARTERS)
    def engine(request):
        with Path(__file__).with_name(request.param).open("a") as file:
            print(os.getpid(), file=file)
        time.sleep(0.3)

    class TestSmall:
        @pytest.mark.parametrize("kind", ["first", "last", "word", "slant"])
        def test_nothing(self, engine, kind):
            pass
"""


def test_each_browser_is_started_once(tmp_path: Path) -> None:
    (tmp_path / "test_small.py").write_text(textwrap.dedent(SMALL), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [
        sys.executable, "-m", "pytest", "-p", "conftest", "--numprocesses", "2", "--dist", "loadgroup",
        "--no-loadscope-reorder", "--quiet", str(tmp_path),
    ]  # fmt: skip
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8")
    assert told.returncode == 0, told.stdout
    assert "12 passed" in told.stdout
    started = {name: (tmp_path / name).read_text(encoding="utf-8").split() for name in STARTERS}
    assert {name: len(processes) for name, processes in started.items()} == dict.fromkeys(STARTERS, 1)
    assert len({process for (process,) in started.values()}) == 2


@pytest.mark.parametrize(
    ("nodeid", "expected"),
    [
        ("tests/test_engines.py::TestPositions::test_nothing_is_out_of_place[webkit-script]", "webkit"),
        ("tests/test_engines.py::TestPositions::test_links_arrive_at_the_top[firefox]", "firefox"),
        ("tests/test_engines.py::TestLinksPastLiveFigures::test_arrive[chromium-http-1280]", "chromium"),
        ("tests/test_browser_python.py::TestCorpus::test_in_other_browsers[webkit-http]", "webkit"),
        ("tests/test_browser_python.py::TestCorpus::test_right_and_wrong[eq-x]", "chromium"),
    ],
)
def test_the_process_is_read_from_the_name(nodeid: str, expected: str) -> None:
    assert process(nodeid) == expected

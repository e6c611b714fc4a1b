"""外の審判を呼び、裁き、記録するしくみ。審判がいなくても走る。"""

from __future__ import annotations

import doctest
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from install import Absent, Refused
from judging import EXACT, Tally, error, exact_exp, exact_gradient, outside_judge
from outside import install, score

ROOT = Path(__file__).resolve().parents[1]


class TestJudges:
    """審判がいないとき。"""

    def test_absent_is_skipped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("REQUIRE_JUDGES", raising=False)
        with pytest.raises(pytest.skip.Exception, match="no_such_judge が入っていない"):
            outside_judge("no_such_judge")

    def test_absent_is_a_failure_when_required(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REQUIRE_JUDGES", "1")
        with pytest.raises(pytest.fail.Exception, match="no_such_judge が入っていない"):
            outside_judge("no_such_judge")

    def test_make_requires_them(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert "$(if $(MAY_SKIP),,REQUIRE_JUDGES=1)" in makefile
        assert "\nmake outside SCORE=_build/" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


class TestTrial:
    """400桁の数値微分と、裁きの数え方。"""

    def test_derivative_far_in_the_tail(self) -> None:
        at = np.array([-600.0, 0.0, 40.0, 300.0])
        found = exact_gradient(lambda z: (1 / (1 + exact_exp(-z))).sum(), at)
        e = [EXACT.exp(-abs(z)) for z in at]
        np.testing.assert_allclose(found, [float(x / (1 + x) ** 2) for x in e], rtol=1e-15)

    @pytest.mark.parametrize(
        ("ours", "theirs", "right"),
        [(1.0, 1.1, {"backprop": 1, "other": 0}), (1.1, 1.0, {"backprop": 0, "other": 1}),
         (1.1, 1.2, {"backprop": 0, "other": 0}), (np.nan, 1.0, {"backprop": 0, "other": 1})],
    )  # fmt: skip
    def test_verdicts(self, ours: float, theirs: float, right: dict[str, int]) -> None:
        tally, one = Tally(1e-6), np.ones(1)
        tally.compare("例", {"g": one * ours}, {"g": one * theirs}, {"g": one}, lambda name: one)
        assert tally.right == right
        assert len(tally.wrong) == 1 - right["backprop"]
        assert tally.report()["decided"] == 1

    def test_agreement_asks_nobody(self) -> None:
        tally, one = Tally(1e-6), np.ones(1)
        tally.compare("例", {"g": one}, {"g": one + 1e-9}, {"g": one}, lambda name: pytest.fail("尋ねた"))
        assert (tally.compared, tally.decided) == (1, 0)
        assert tally.worst == pytest.approx(1e-9, rel=1e-6)

    def test_shapes_must_agree(self) -> None:
        with pytest.raises(AssertionError):
            error(np.ones(2), np.ones((2, 1)), np.ones(2))


class TestInstall:
    """CPU だけの版を先に試し、なければ索引にあるものを入れる。"""

    def test_examples(self) -> None:
        assert doctest.testmod(install) == (0, 2)

    @pytest.mark.parametrize(
        ("platform", "asked"), [("linux", ["torch-cpu.txt", "torch.txt"]), ("darwin", ["torch.txt"])]
    )
    def test_what_is_absent_is_sought_elsewhere(
        self, platform: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def absent(environment: Path, locks: Sequence[Path]) -> None:
            seen.append(locks[0].name)
            raise Absent("torch がありません。")

        seen: list[str] = []
        monkeypatch.setattr(install, "install", absent)
        assert install.main(["環境"], platform) == 1
        assert seen == asked

    def test_other_reasons_end_at_once(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def refuse(environment: Path, locks: Sequence[Path]) -> None:
            raise Refused(f"{locks[0].name} の中身が違います。")

        monkeypatch.setattr(install, "install", refuse)
        assert install.main(["環境"], "linux") == 1
        assert capsys.readouterr().err == "エラー: torch-cpu.txt の中身が違います。\n"

    def test_both_kinds_of_torch_are_of_one_version(self) -> None:
        locks = [(install.HERE / name).read_text(encoding="utf-8") for name in ("torch-cpu.txt", "torch.txt")]
        versions = [re.findall(r"(?m)^torch==([\d.]+)", lock) for lock in locks]
        assert versions[0] == versions[1] != []
        wanted = (install.HERE / "requirements.txt").read_text(encoding="utf-8")
        assert f"torch=={versions[0][0]} " in wanted


class TestScore:
    """成績の記録。"""

    SUITE = """
import pytest

def test_compares(record_property):
    record_property("outside", {"name": "網", "compared": 3, "worst": 1.26e-13, "decided": 1})

def test_compares_more(record_property):
    record_property("outside", {"name": "網", "compared": 2, "worst": 2e-14, "decided": 0})

def test_absent():
    pytest.skip("審判がいません")
"""

    def written(self, folder: Path, suite: str, *options: str) -> Path:
        """小さな検査を走らせて、記録を書かせる。"""
        (folder / "test_small.py").write_text(suite, encoding="utf-8")
        path = folder / "made" / "score.json"
        command = [sys.executable, "-m", "pytest", "-p", "outside.score", "--score", path, *options]
        environment = {"PYTHONPATH": str(ROOT / "tools"), "PYTHONUTF8": "1"}
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        return path

    @pytest.mark.parametrize("options", [(), ("--numprocesses", "2")], ids=["alone", "parallel"])
    def test_numbers_are_combined(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        made = json.loads(self.written(tmp_path, self.SUITE, *options).read_text(encoding="utf-8"))
        assert made["judged"] == {"網": {"compared": 5, "worst": 1.3e-13, "decided": 1}}
        assert made["skipped"] == [{"test": "test_absent", "reason": "審判がいません"}]
        assert made["source"] == score.source_digest()
        assert {"backprop", "python", "numpy", "mpmath"} <= made["versions"].keys()

    def test_a_failure_is_not_recorded(self, tmp_path: Path) -> None:
        assert not self.written(tmp_path, f"{self.SUITE}\ndef test_red():\n    assert False\n").exists()

    def test_examples(self) -> None:
        assert doctest.testmod(score) == (0, 2)

    def test_digest_sees_names_and_contents(self, tmp_path: Path) -> None:
        def digest(**files: str) -> str:
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            for name, text in files.items():
                path = folder / f"{name.replace('__', '/')}.py"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return score.source_digest(folder)

        first = digest(steps="1", training__c="2")
        assert digest(steps="1", training__c="2") == first
        assert digest(steps="1", training__c="2", figures__x="3", symbolic__y="4") == first
        changed = [
            digest(steps="1", training__c="3"),
            digest(steps="1", training__d="2"),
            digest(steps="1", losses="2"),
            digest(steps="12", training__c=""),
        ]
        assert len({first, *changed}) == 5

"""証明の核: 原稿、核の印刷の記録、付録のページが、同じことを言う。"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from pathlib import Path

import kernel
import nbformat
import pytest
from toc import chapters

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {
    name: (ROOT / "proofs" / f"{name}.v").read_text(encoding="utf-8") for name in kernel.CATALOGUE["files"]
}
THEOREMS = kernel.CATALOGUE["theorems"]
RECORD = kernel.PRINTED.read_text(encoding="utf-8")
SECTIONS = dict(part.split("\n", 1) for part in RECORD.split("== ")[1:])
PAGE = (ROOT / "kernel.md").read_text(encoding="utf-8")
SKIPPING = "Coq と Coquelicot がないので、核の検査ができません。make proofs で入れられます。"


def squeezed(text: str) -> str:
    """空白の並びを一つにする。"""
    return " ".join(text.split())


def told(name: str) -> str:
    """記録の中の、定理の節。"""
    (section,) = (
        body for title, body in SECTIONS.items() if re.match(rf"定理 {re.escape(name)}(（|$)", title)
    )
    return section


def quoted() -> list[str]:
    """ページに引いた、核の印刷。"""
    return [squeezed(block) for block in re.findall(r"(?s)```text\n(.*?)```", PAGE)]


def beside() -> list[str]:
    """「行ごとに並べる」の表の、核に見せた一歩。"""
    (section,) = re.findall(r"(?s)\(sec-kernel-proof\)=(.*?)\n\(sec-", PAGE)
    rows = [re.split(r"(?<!\\)\|", line) for line in section.splitlines() if line.startswith("| ")]
    return [re.sub(r"^`|`$", "", row[2].strip()).replace("\\|", "|") for row in rows if "`" in row[2]]


class TestSources:
    """原稿と、その一覧。"""

    def test_every_file_is_listed(self) -> None:
        assert {path.stem for path in (ROOT / "proofs").glob("*.v")} == set(SOURCES)

    def test_every_theorem_is_listed(self) -> None:
        stated = {
            f"{name}.{theorem}"
            for name, text in SOURCES.items()
            for theorem in re.findall(r"(?m)^Theorem ([\w']+)", text)
        }
        assert stated <= set(THEOREMS)

    def test_nothing_is_taken_for_granted(self) -> None:
        for text in SOURCES.values():
            code = re.sub(r"(?s)\(\*.*?\*\)", "", text)
            assert not re.findall(r"\b(Admitted|admit|Axiom|Parameter|Conjecture|give_up)\b", code)
            assert Counter(re.findall(r"\b(Proof|Qed)\.", code))["Proof"] == code.count("Qed.")

    def test_files_use_only_those_before(self) -> None:
        seen: set[str] = set()
        for name, text in SOURCES.items():
            for line in re.findall(r"From Backprop Require Import (.*)\.", text):
                assert set(line.split()) <= seen
            seen.add(name)

    def test_what_they_mirror_is_in_the_book(self) -> None:
        labels = {label for found in THEOREMS.values() for label in found}
        cells = (cell.source for path in chapters() for cell in nbformat.read(path, as_version=4).cells)
        text = "\n".join([(ROOT / "index.md").read_text(encoding="utf-8"), *cells])
        known = set(re.findall(r"\((eq-[\w-]+|thm-[\w-]+)\)", text))
        assert labels <= known
        assert {"thm-all-layers", "thm-all-weights", "thm-all-gradients"} <= labels
        comments = squeezed("\n".join(SOURCES.values()))
        assert {label for label in labels if label not in comments} == set()


class TestRecord:
    """核の印刷の記録（proofs/printed.txt）。"""

    def test_is_that_of_these_sources(self) -> None:
        assert kernel.digest() in RECORD, kernel.AGAIN

    def test_every_theorem_is_printed_with_its_axioms(self) -> None:
        assert sum(title.startswith("定理 ") for title in SECTIONS) == len(THEOREMS)
        for name, labels in THEOREMS.items():
            section = told(name)
            assert section.startswith(name.partition(".")[2])
            (line,) = re.findall(r"(?m)^公理: (.*)$", section)
            assert set(line.split("、")) - {"なし"} <= kernel.AXIOMS
            assert f"定理 {name}" + (f"（{'、'.join(labels)}）" if labels else "") in SECTIONS

    def test_the_second_kernel_agreed(self) -> None:
        assert "Axioms:" in SECTIONS["coqchk"]
        found = re.findall(r"(?m)^ +(?:\w+\.)+(\w+)$", SECTIONS["coqchk"])
        assert set(found) == kernel.AXIOMS
        assert SECTIONS["coqchk"].count("<none>") == 3

    def test_wrong_formulas_are_refuted(self) -> None:
        for rule in ("transpose_forgotten", "slope_left_out", "slope_at_a", "one_path_lost"):
            assert squeezed(told(f"Controls.{rule}_refuted")).startswith(
                f"{rule}_refuted : ~ always_right {rule} "
            )
        assert ": always_right right" in told("Controls.right_is_right")


class TestPage:
    """付録「証明の核」。"""

    def test_every_quotation_is_the_kernels_own(self) -> None:
        assert len(quoted()) >= 8
        record = squeezed(RECORD)
        for block in quoted():
            assert block in record

    def test_every_line_of_the_proof_is_in_the_source(self) -> None:
        lines, source = beside(), squeezed(SOURCES["Induction"])
        assert len(lines) >= 14
        for line in lines:
            assert squeezed(line) in source, line

    def test_the_words_of_the_statement_are_in_the_record(self) -> None:
        (section,) = re.findall(r"(?s)\(sec-kernel-statement\)=(.*?)\n\(sec-", PAGE)
        codes = [
            code
            for row in re.findall(r"(?m)^\| .* \| (.*) \|$", section)
            for code in re.findall(r"`([^`]+)`", row)
        ]
        assert len(codes) >= 12
        used = squeezed(told("Induction.all_layers") + "".join(
            body for title, body in SECTIONS.items() if title.startswith(("定義 Induction.", "定義 Network."))
        ))  # fmt: skip
        applied = [code for code in codes if not re.fullmatch(r"(w|b|f'?|N|g|D|z|a) .*", code) or "=" in code]
        for code in applied:
            assert squeezed(code) in used, code

    def test_the_table_names_the_theorems(self) -> None:
        (section,) = re.findall(r"(?s)\(sec-kernel-list\)=(.*?)\n\(sec-", PAGE)
        names = {name.partition(".")[2] for name in THEOREMS}
        rows = [row.split("|")[1:4] for row in section.splitlines() if row.startswith("| ")][1:]
        listed = {name for row in rows for name in re.findall(r"`(\w+)`", row[2])}
        assert listed <= names
        for _, equations, told_names in rows:
            if "など" in told_names:
                continue
            by_name = {name.partition(".")[2]: set(labels) for name, labels in THEOREMS.items()}
            mirrored = set().union(*(by_name[name] for name in re.findall(r"`(\w+)`", told_names)))
            assert set(re.findall(r"(?:eq|thm)-[\w-]+", equations)) <= mirrored
        labels = {label for found in THEOREMS.values() for label in found} - {"eq-one-neuron-delta"}
        assert set(re.findall(r"(?:eq|thm)-[\w-]+", section)) == labels


@pytest.fixture(scope="module")
def kernel_here() -> None:
    """証明の核。なければ理由を示して飛ばす（REQUIRE_COQ=1 なら失敗させる）。"""
    if not kernel.ready():
        (pytest.fail if os.environ.get("REQUIRE_COQ") else pytest.skip)(SKIPPING)


@pytest.mark.long
@pytest.mark.usefixtures("kernel_here")
class TestKernel:
    """核を走らせる。"""

    def test_the_kernel_prints_the_record(self, tmp_path: Path) -> None:
        now = kernel.body(kernel.printed(tmp_path))
        assert now == kernel.body(RECORD).partition("== coqchk")[0].lstrip()

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (
                "(w net (S l) k j * δ_next k)) * f' net l (z j))",
                "(w net (S l) j k * δ_next k)) * f' net l (z j))",
            ),
            ("(w net (S l) k j * δ_next k)) * f' net l (z j))", "(w net (S l) k j * δ_next k)))"),
            ("apply IH; lia.", "lia."),
        ],
    )
    def test_a_broken_proof_is_refused(
        self, before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sources = tmp_path / "proofs"
        shutil.copytree(ROOT / "proofs", sources)
        text = SOURCES["Induction"]
        assert before in text
        (sources / "Induction.v").write_text(text.replace(before, after, 1), encoding="utf-8")
        monkeypatch.setattr(kernel, "SOURCES", sources)
        (tmp_path / "work").mkdir()
        with pytest.raises(kernel.Refused, match=r"Induction\.v が核に断られました"):
            kernel.compiled(tmp_path / "work")


class TestWithoutKernel:
    """核のない機械と、食い違う記録。"""

    def test_missing_kernel_is_said_in_one_line(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert kernel.main([]) == 1
        words = capsys.readouterr()
        assert not words.out
        assert words.err == f"エラー: {kernel.NEEDED}\n"
        heading = kernel.NEEDED.partition("CONTRIBUTING.md の「")[2].partition("」")[0]
        assert f"### {heading}\n" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    def test_a_changed_statement_is_named(self) -> None:
        changed = RECORD.replace("~ always_right slope_at_a", "always_right slope_at_a")
        with pytest.raises(kernel.Refused, match=r"定理 Controls\.slope_at_a_refuted"):
            kernel.compare(changed, RECORD)
        with pytest.raises(kernel.Refused, match="原稿が"):
            kernel.compare(RECORD, RECORD.replace(kernel.digest(), "0" * 64))
        kernel.compare(RECORD, RECORD)

    def test_another_axiom_is_refused(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(kernel, "compiled", lambda work: None)
        monkeypatch.setattr(
            kernel, "ask", lambda work, asked: ("Axioms:\nMine.backprop : True" for _ in asked)
        )
        with pytest.raises(kernel.Refused, match="公理に頼っています: backprop"):
            kernel.printed(tmp_path)

    def test_apt_and_the_page_name_the_same_packages(self) -> None:
        for name in (".ci/run", ".github/workflows/weekly.yml", "CONTRIBUTING.md"):
            assert " ".join(kernel.APT) in (ROOT / name).read_text(encoding="utf-8")

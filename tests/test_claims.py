"""主張を並べる道具が、主張を見つけ、支えるものを取り違えず、支えのない新しい文を見逃さない。"""

from __future__ import annotations

from pathlib import Path

import claims
import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

SHOWN = [new_output("execute_result", {"text/plain": "1"})]


def page(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    """ノートブックを一つ書く。"""
    path = folder / "a.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


class TestKinds:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("どの重みも動きます。", "すべて"),
            ("これしかありません。", "すべて"),
            ("深いほうが遅くなります。", "比べ"),
            ("前より小さくなります。", "比べ"),
            ("外からは見えません。", "外からは"),
            ("ですから、動きません。", "だから"),
            ("100個のうち97個です。", "数"),
            ("傾きは $0.25$ です。", "数"),
        ],
    )
    def test_claims_are_found(self, text: str, kind: str) -> None:
        assert kind in claims.kinds(text)

    @pytest.mark.parametrize(
        "text",
        ["重みを動かします。", "いつも正しいのでしょうか。", "すべて足しましょう。", "これを層と呼びます。"],
    )
    def test_what_is_not_claimed(self, text: str) -> None:
        assert not claims.kinds(text)


class TestCarriers:
    CLAIM = "いつも正です。"

    def carried(self, folder: Path, *cells: nbformat.NotebookNode) -> bool:
        return self.CLAIM not in claims.bare(page(folder, *cells))

    def test_nothing_carries(self, tmp_path: Path) -> None:
        assert not self.carried(tmp_path, new_markdown_cell(self.CLAIM))
        assert not self.carried(tmp_path, new_markdown_cell(self.CLAIM), new_code_cell("x = 1"))
        assert not self.carried(tmp_path, new_code_cell("x = 1"), new_markdown_cell(self.CLAIM))

    def test_the_check_right_below(self, tmp_path: Path) -> None:
        text, check = new_markdown_cell(self.CLAIM), new_code_cell("assert x > 0")
        assert self.carried(tmp_path, text, check)
        assert self.carried(tmp_path, text, new_code_cell("x = 1"), check)
        assert not self.carried(tmp_path, text, new_markdown_cell("次です。"), check)
        assert not self.carried(tmp_path, check, text)

    def test_a_heading_parts_them(self, tmp_path: Path) -> None:
        text = new_markdown_cell(f"{self.CLAIM}\n\n## 次\n\n続きます。")
        assert not self.carried(tmp_path, text, new_code_cell("assert x > 0"))
        text = new_markdown_cell(f"続きます。\n\n## 次\n\n{self.CLAIM}")
        assert not self.carried(tmp_path, new_code_cell("x", outputs=SHOWN), text)

    def test_the_output_right_above(self, tmp_path: Path) -> None:
        assert self.carried(tmp_path, new_code_cell("x", outputs=SHOWN), new_markdown_cell(self.CLAIM))

    def test_the_formula_beside(self, tmp_path: Path) -> None:
        formula = "$$\nx^2 > 0\n$$ (eq-x)"
        assert self.carried(tmp_path, new_markdown_cell(f"{self.CLAIM}\n\n{formula}"))
        assert self.carried(tmp_path, new_markdown_cell(f"{formula}\n\n{self.CLAIM}"))
        assert not self.carried(tmp_path, new_markdown_cell(f"{formula}\n\n式です。\n\n{self.CLAIM}"))

    def test_the_quotation_above(self, tmp_path: Path) -> None:
        """引いた印刷が記録のとおりかは、そのページの検査が見る（test_kernel.py）。"""
        quotation = "```text\nx : R\n```"
        assert self.carried(tmp_path, new_markdown_cell(f"{quotation}\n\n{self.CLAIM}"))
        assert not self.carried(tmp_path, new_markdown_cell(f"{self.CLAIM}\n\n{quotation}"))
        assert not self.carried(tmp_path, new_markdown_cell(f"{quotation}\n\n印刷です。\n\n{self.CLAIM}"))
        assert not self.carried(tmp_path, new_markdown_cell(f"{quotation}\n\n## 次\n\n{self.CLAIM}"))

    @pytest.mark.parametrize(
        "link", ["{eq}`eq-x`", "{cite:t}`knuth`", "{ref}`前の章 <sec-x>`", "{numref}`fig-x`"]
    )
    def test_references(self, tmp_path: Path, link: str) -> None:
        path = page(tmp_path, new_markdown_cell(f"{link} から、いつも正です。"))
        assert claims.claims(path)
        assert not claims.bare(path)
        beside = new_markdown_cell(f"{link} を見ます。\n{self.CLAIM}")
        assert not self.carried(tmp_path, beside)

    def test_captions_need_a_check_of_their_own(self, tmp_path: Path) -> None:
        shown = {"mystnb": {"figure": {"caption": "いつも正です。"}, "image": {"alt": "線は下がる。"}}}
        figure = new_code_cell("draw()", outputs=SHOWN, metadata=shown)
        assert not self.carried(tmp_path, figure)
        assert self.carried(tmp_path, figure, new_code_cell("assert x > 0"))

    def test_summaries_are_told_apart(self, tmp_path: Path) -> None:
        (claim,) = claims.claims(page(tmp_path, new_markdown_cell(f"## まとめ\n\n{self.CLAIM}")))
        assert "まとめ" in claim.kinds


class TestRecord:
    @pytest.fixture
    def book(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(claims, "RECORD", tmp_path / "claims.yml")
        monkeypatch.setattr(claims, "pages", lambda: {"a": tmp_path / "a.md"})
        (tmp_path / "a.md").write_text("いつも正です。\n", encoding="utf-8")
        return tmp_path

    def test_a_new_bare_sentence_is_refused(self, book: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert claims.main(["--check"]) == 1
        assert "支えるものがありません: いつも正です。" in capsys.readouterr().err
        claims.main(["--record"])
        assert claims.main(["--check"]) == 0
        (book / "a.md").write_text("いつも正です。\nどれも負です。\n", encoding="utf-8")
        assert claims.main(["--check"]) == 1

    def test_the_record_only_shrinks(self, book: Path, capsys: pytest.CaptureFixture[str]) -> None:
        claims.main(["--record"])
        (book / "a.md").write_text("正です。\n", encoding="utf-8")
        assert claims.main(["--check"]) == 1
        assert "もう要らない記録です" in capsys.readouterr().err

    def test_unknown_pages(self, book: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert claims.main(["b"]) == 2
        assert "目次にないページです: b" in capsys.readouterr().err

    def test_the_record_of_this_book(self) -> None:
        assert yaml.safe_load(claims.RECORD.read_text(encoding="utf-8")).keys() <= claims.pages().keys()
        assert not claims.faults()

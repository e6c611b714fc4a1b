"""本文の主張と、それを支えるものを並べる。

「主張」は、すべて・だけ・いつも、比べ、「外からは」、理由、数を含む文と、図の見出し、代わりの文、まとめの文である。
「支えるもの」は、すぐ下の検査、すぐ上の出力、隣の式、参照、引用である。文の意味は読まない。支えになっているかは、人が読む。
何も支えない文は、記録（claims.yml）にあるものだけを許す。記録は、短くなるだけである。

    make claims                                     すべてのページの数
    make claims PAGE=chapters/12_loss_functions     そのページの主張を、支えるものと並べて
    python tools/claims.py --check                  記録にない、支えのない文があれば 1
    python tools/claims.py --record                 いまの、支えのない文を記録する
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import toc
import yaml

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tools" / "claims.yml"
HEAD = """\
# 支えるものが、まだ見つからない主張（tools/claims.py）。ここにないページは、すべての主張に支えがある。
# 足さない。文のすぐ下に検査を書くか、参照や引用を添えるか、言えるところまで狭めるか、除く。
"""

KINDS = {
    "すべて": r"すべて|どの[^。]{0,12}も|どんな|どれも|どちらも|いつも|つねに|必ず|かならず|決して|だけ(?!で(?:なく|は))|"
    r"しか[^し]|以外|はじめて|最も|いちばん|唯一|まったく|ほとんど|ちょうど|何も|誰も",
    "比べ": r"より(?:も)?[、]?[^、。]{0,12}(?:い|く|ます)|同じ|近い|ほうが|方が|以上|以下|超え|下回|上回|増え|減り|減る|縮み|倍",
    "外からは": r"外からは",
    "だから": r"だから|ですから|なので|したがって|そのため",
    "数": r"[0-9.]+\s*(?:\$|%|倍|割|回|個|秒|分|本|桁)|\$[^$]*[0-9]\.[0-9][^$]*\$|10\^\{",
}
NOT_CLAIMS = r"(?:ましょう|ください|でしょうか|ますか|ですか|と呼びます|と書きます|とします|と決めます|ことにします)。?$"
"""問い、誘い、名づけと取り決めは、正しいかどうかを言わない。"""

Cell = nbformat.NotebookNode


@dataclass(frozen=True)
class Claim:
    """一つの主張。"""

    text: str
    kinds: tuple[str, ...]
    carriers: tuple[str, ...]


@dataclass
class Block:
    """ひとつづきの文と、そのまわりで支えになるもの。"""

    lines: list[str]
    kind: str = ""
    carriers: list[str] = field(default_factory=list)
    segment: int = 0
    """いくつめの見出しのあとか。"""


def kinds(text: str) -> list[str]:
    """主張の種類。主張でなければ空。

    Examples
    --------
    >>> kinds("どの重みも、同じ向きに動きます。"), kinds("どの重みを選びましょうか。")
    (['すべて', '比べ'], [])
    """
    if re.search(NOT_CLAIMS, text):
        return []
    return [kind for kind, pattern in KINDS.items() if re.search(pattern, text)]


def cited(text: str) -> list[str]:
    """文の中の、引用と、示してある場所への参照。

    Examples
    --------
    >>> cited("式 {eq}`eq-a` から、{cite:t}`b` のとおりです。{term}`層` です。")
    ['参照 eq-a', '引用 b']
    """
    found = re.findall(r"\{(eq|ref|numref|doc|cite(?::\w+)?)\}`(?:[^`<]*<)?([^`>]+)>?`", text)
    return [f"{'引用' if role.startswith('cite') else '参照'} {target}" for role, target in found]


def blocks(text: str) -> Iterator[Block]:
    """Markdown を、見出しと空行で分けた文のまとまり。式は前と後ろの、引いた印刷は後ろのまとまりを支える。"""
    section, segment, before, formula, printout = "", 0, None, False, False
    for part in re.split(r"\n\s*\n|\n(?=\$\$)|(?<=\$\$)(?: \([\w-]+\))?\n", text):
        if part.startswith("$$"):
            if before:
                before.carriers.append("隣の式")
            formula = True
            continue
        if part.startswith("```text"):
            printout = True
            continue
        if heading := re.search(r"^#+ (.*)$", part, re.MULTILINE):
            section, segment, formula, printout = heading[1], segment + 1, False, False
        lines = [
            line.strip("> \t-") for line in part.splitlines() if not re.match(r"\s*(#|\(|:::|```)", line)
        ]
        kind, carriers = "まとめ" if section == "まとめ" else "", ["隣の式"] if formula else []
        carriers += ["上の印刷"] * printout
        before = Block([line for line in lines if line], kind, carriers, segment)
        formula, printout = formula and not before.lines, printout and not before.lines
        yield before


def _checks(cells: list[Cell]) -> list[str]:
    """続くコードのセルのうち、検査と検印。"""
    hard = [
        cell for cell in cells if re.search(r"^\s*(assert |with pytest|seal\()", cell.source, re.MULTILINE)
    ]
    return [f"下の検査 {cell.id}" for cell in hard]


def _outputs(cells: list[Cell]) -> list[str]:
    return [f"上の出力 {cell.id}" for cell in cells if cell.get("outputs")]


def _around(cells: list[Cell], place: int, step: int) -> list[Cell]:
    """そのセルに続くコードのセル。"""
    found, at = [], place + step
    while 0 <= at < len(cells) and cells[at].cell_type == "code":
        found.append(cells[at])
        at += step
    return found


def notebook_blocks(cells: list[Cell]) -> Iterator[Block]:
    """ノートブックの、文のまとまり。図の見出しと代わりの文も。"""
    for place, cell in enumerate(cells):
        below, above = _checks(_around(cells, place, 1)), _outputs(_around(cells, place, -1))
        if cell.cell_type == "markdown":
            found = list(blocks(cell.source))
            for block in found:  # 見出しの向こうのものは、支えに数えない
                block.carriers += below if block.segment == found[-1].segment else []
                block.carriers += above if block.segment == 0 else []
            yield from found
        elif shown := cell.metadata.get("mystnb", {}):
            caption, alt = shown.get("figure", {}).get("caption", ""), shown.get("image", {}).get("alt", "")
            for kind, text in (("見出し", caption), ("代わりの文", alt)):
                yield Block(re.findall(r"[^。\n]+。?", text), kind, _checks([cell]) + below)


def claims(path: Path) -> list[Claim]:
    """ページの主張。"""
    if path.suffix == ".ipynb":
        found = notebook_blocks(nbformat.read(path, as_version=4).cells)
    else:
        found = blocks(path.read_text(encoding="utf-8"))
    return [claim for block in found for claim in _claims(block)]


def _claims(block: Block) -> Iterator[Claim]:
    for line in block.lines:
        if named := kinds(line):
            yield Claim(line, (*named, *([block.kind] * bool(block.kind))), (*cited(line), *block.carriers))


def bare(path: Path) -> list[str]:
    """何も支えない主張。"""
    return list(dict.fromkeys(claim.text for claim in claims(path) if not claim.carriers))


def pages() -> dict[str, Path]:
    """目次にある、すべての原稿。"""
    paths = ((name, ROOT / f"{name}{end}") for name in toc.pages() for end in (".ipynb", ".md"))
    return {name: path for name, path in paths if path.is_file()}


def known() -> dict[str, list[str]]:
    """記録にある、支えのない主張。"""
    return yaml.safe_load(RECORD.read_text(encoding="utf-8")) or {} if RECORD.is_file() else {}


def faults() -> list[str]:
    """記録にない、支えのない文と、記録に残っている、もうない文。"""
    found, allowed = {name: bare(path) for name, path in pages().items()}, known()
    new = [
        f"{name}: 支えるものがありません: {text}"
        for name, texts in found.items()
        for text in texts
        if text not in allowed.get(name, [])
    ]
    gone = [
        f"{name}: もう要らない記録です。claims.yml から除いてください: {text}"
        for name, texts in allowed.items()
        for text in texts
        if text not in found.get(name, [])
    ]
    return new + gone


def record() -> None:
    """いまの、支えのない文を記録する。"""
    found = {name: texts for name, path in pages().items() if (texts := bare(path))}
    text = yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=10_000)
    RECORD.write_text(HEAD + text, encoding="utf-8")


def show(name: str, path: Path) -> None:
    """ページの主張を、支えるものと並べる。"""
    for claim in claims(path):
        carriers = "、".join(dict.fromkeys(claim.carriers)) or "― 何も支えません"
        print(f"{claim.text}\n    [{'・'.join(claim.kinds)}] {carriers}")


def table() -> None:
    """ページごとの数。"""
    print("| ページ | 主張 | 支えのない文 | 種類 |\n|---|---|---|---|")
    for name, path in pages().items():
        found = claims(path)
        counts = Counter(kind for claim in found for kind in claim.kinds)
        listed = "、".join(f"{kind} {count}" for kind, count in counts.most_common())
        print(f"| {name} | {len(found)} | {len(bare(path))} | {listed} |")


def main(arguments: list[str] | None = None) -> int:
    """主張を並べる。``--check`` なら、記録と比べる。"""
    parser = argparse.ArgumentParser(description="本文の主張と、それを支えるもの")
    parser.add_argument("page", nargs="*", help="ページの名（chapters/12_loss_functions）。なければ、数の表")
    parser.add_argument("--check", action="store_true", help="記録にない、支えのない文があれば 1 を返す")
    parser.add_argument("--record", action="store_true", help="いまの、支えのない文を記録する")
    chosen = parser.parse_args(arguments)
    if missing := [name for name in chosen.page if name not in pages()]:
        print(f"目次にないページです: {'、'.join(missing)}", file=sys.stderr)
        return 2
    if chosen.record:
        record()
    elif chosen.check:
        found = faults()
        print(*found, sep="\n", file=sys.stderr)
        return 1 if found else 0
    elif chosen.page:
        for name in chosen.page:
            show(name, pages()[name])
    else:
        table()
    return 0


if __name__ == "__main__":
    sys.exit(main())

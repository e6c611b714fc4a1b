"""検印の一覧を、章のページから集めて作る。

``{seals}`` と書いたところに、すべての検印の表が入る。表は章に押された検印そのものから作るので、本文と食い違わない。
ページに現れない事実（記号の審判が確かめた大きさ）は、実行されたノートブックの出力から読む。
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from builders import makes_site
from docutils import nodes
from jupyter_cache import get_cache
from sphinx.addnodes import pending_xref
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

LINE = re.compile(
    r"検印 (?P<label>eq-[a-z0-9-]+): 記号 ✓ 数値 ✓ \((?P<numpy>[^)]+)\) 独立 ✓ \((?P<independent>[^)]+)\) "
    r"対照 (?P<controls>\d+)/(?P=controls)$"
)
HEADINGS = ("式", "記号", "数値", "独立", "対照", "大きさ", "和", "核", "確かめた等式")
BY_HAND = frozenset(
    yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))["連鎖律の和を人が書いた式"]
)
THEOREMS = Path(__file__).resolve().parents[1] / "proofs" / "theorems.toml"
SIZES = ("任意の大きさ", "定まった大きさ", "一つの数")
MIME = "application/vnd.backprop.seal+json"


@dataclass(frozen=True)
class Stamp:
    """ページの上の検印。

    Examples
    --------
    >>> line = "検印 eq-a: 記号 ✓ 数値 ✓ (≤ 1e-12) 独立 ✓ (≤ 1e-10) 対照 7/7"
    >>> stamp = Stamp.read(line, "a = b", {"eq-a": "任意の大きさ"})
    >>> stamp.label, stamp.numpy, stamp.independent, stamp.controls, stamp.sizes
    ('eq-a', '≤ 1e-12', '≤ 1e-10', 7, '任意の大きさ')
    >>> Stamp.read("検印をすべて退けました。", "", {}) is None
    True
    """

    label: str
    claim: str
    numpy: str
    independent: str
    controls: int
    sizes: str

    @classmethod
    def read(cls, line: str, claim: str, sizes: dict[str, str]) -> Stamp | None:
        """一行の結果を読む。検印でない文なら None。``sizes`` は、ラベルから、確かめた大きさを引く。"""
        if not (match := LINE.match(line)):
            return None
        label, *bounds, controls = match.group("label", "numpy", "independent", "controls")
        return cls(label, claim, *bounds, int(controls), sizes[label])


class Placeholder(nodes.General, nodes.Element):
    """一覧が入るところ。"""


class SealsDirective(SphinxDirective):
    """``{seals}``。"""

    def run(self) -> list[nodes.Node]:
        """場所だけを取っておく。中身は、すべてのページを読み終えてから入れる。"""
        return [Placeholder()]


def collect(app: Any, doctree: nodes.document) -> None:
    """読み終えたページから、検印を集める。"""
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{app.env.docname}.ipynb"
    sizes = _sizes(executed, Path(app.env.mystnb_config.execution_cache_path))
    found = []
    for paragraph in doctree.findall(nodes.paragraph):
        before = paragraph.previous_sibling()
        claim = before.astext() if isinstance(before, nodes.math_block) else ""
        if stamp := Stamp.read(paragraph.astext(), claim, sizes):
            found.append(stamp)
            if makes_site(app):  # 一覧の表では、文の中の数式として組む
                app.mathml.prepare(stamp.claim, display=False)
    _stamps(app.env)[app.env.docname] = found


def _sizes(executed: Path, cache: Path) -> dict[str, str]:
    """実行されたノートブックの検印の、ラベルから、記号の審判が確かめた大きさ。"""
    if not executed.exists():  # ノートブックでないページ
        return {}
    notebook = nbformat.read(executed, as_version=4)
    # MyST で書いたページは、前に実行した結果を使うとき、ここに出力が残らない
    if not _bundles(notebook) and cache.exists():
        with contextlib.suppress(KeyError):
            _, notebook = get_cache(cache).merge_match_into_notebook(notebook)
    return {bundle["label"]: bundle["sizes"] for bundle in _bundles(notebook)}


def _bundles(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


def purge(app: Any, env: BuildEnvironment, docname: str) -> None:
    """読みなおすページの検印を忘れる。"""
    _stamps(env).pop(docname, None)


def merge(app: Any, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """並行して読んだページの検印を合わせる。"""
    _stamps(env).update({name: _stamps(other)[name] for name in docnames if name in _stamps(other)})


class FillSeals(SphinxPostTransform):
    """取っておいた場所に、表を入れる。式の番号は、このあとの変換が解決する。"""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """目次の順に、ページごとの表を並べる。"""
        for placeholder in list(self.document.findall(Placeholder)):
            stamps = _stamps(self.env)
            order = [name for name in self.env.toctree_includes.get("index", []) if stamps.get(name)]
            pages = [name for name in ["index", *order] if stamps.get(name)]
            placeholder.replace_self([self._summary(pages), *(n for name in pages for n in self._page(name))])

    def _summary(self, pages: list[str]) -> nodes.paragraph:
        stamps = [stamp for name in pages for stamp in _stamps(self.env)[name]]
        if lost := BY_HAND - {stamp.label for stamp in stamps}:
            raise ValueError(f"seals.yml にある式の検印がありません: {sorted(lost)}")
        if lost := kernel_checked() - {stamp.label for stamp in stamps}:
            raise ValueError(f"proofs/theorems.toml にある式の検印がありません: {sorted(lost)}")
        controls = sum(stamp.controls for stamp in stamps)
        bounds = {(stamp.numpy, stamp.independent) for stamp in stamps}
        text = f"検印は{len(stamps)}個、退けた対照は合わせて{controls}個です。相対誤差は、"
        text += "、または".join(f"「数値」が {numpy}、「独立」が {other}" for numpy, other in sorted(bounds))
        text += " です。"
        return nodes.paragraph("", text + _provers(stamps), classes=["seal-summary"])

    def _page(self, name: str) -> list[nodes.Node]:
        link = self._reference("std", "doc", f"/{name}", self.env.titles[name].astext())
        numbers = self.env.get_domain("math").data["objects"]
        stamps = sorted(_stamps(self.env)[name], key=lambda stamp: numbers[stamp.label][1])
        return [nodes.rubric("", "", link), _table([self._row(stamp) for stamp in stamps])]

    def _row(self, stamp: Stamp) -> nodes.row:
        number = self._reference("math", "eq", stamp.label, stamp.label)
        equation = nodes.math("", stamp.claim)
        judges = ["✓", "✓", "✓", f"{stamp.controls}/{stamp.controls}"]
        provers = [stamp.sizes, _author(stamp), _kernel(stamp)]
        return _cells([number, *map(nodes.Text, judges + provers), equation])

    def _reference(self, domain: str, kind: str, target: str, text: str) -> pending_xref:
        return pending_xref(
            "", nodes.inline("", text), refdoc=self.env.docname, refdomain=domain, reftype=kind,
            reftarget=target, refexplicit=kind == "doc", refwarn=True,
        )  # fmt: skip


def _stamps(env: BuildEnvironment) -> dict[str, list[Stamp]]:
    if not hasattr(env, "backprop_stamps"):
        env.backprop_stamps = {}
    return env.backprop_stamps


def _author(stamp: Stamp) -> str:
    return "人" if stamp.label in BY_HAND else "機械"


def kernel_checked() -> set[str]:
    """証明の核が、本の式を写した定理を認めた式（proofs/theorems.toml）。"""
    theorems = tomllib.loads(THEOREMS.read_text(encoding="utf-8"))["theorems"]
    return {label for labels in theorems.values() for label in labels if label.startswith("eq-")}


def _kernel(stamp: Stamp) -> str:
    return "✓" if stamp.label in kernel_checked() else "―"


def _provers(stamps: list[Stamp]) -> str:
    sizes = Counter(stamp.sizes for stamp in stamps)
    told = "、".join(f"{size}で確かめたものが{sizes[size]}個" for size in SIZES if sizes[size])
    known = f"証明の核が確かめたものは、{len(kernel_checked())}個です。"
    return f"「記号」の審判が、{told}です。連鎖律の和を人が書いたものは、{len(BY_HAND)}個です。{known}"


def _cells(contents: list[nodes.Node]) -> nodes.row:
    entries = [nodes.entry("", nodes.paragraph("", "", content)) for content in contents]
    return nodes.row("", *entries)


def _table(rows: list[nodes.row]) -> nodes.table:
    columns = [nodes.colspec(colwidth=width) for width in (1, 1, 1, 1, 1, 2, 1, 1, 6)]
    head = nodes.thead("", _cells([nodes.Text(heading) for heading in HEADINGS]))
    group = nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(columns))
    return nodes.table("", group, classes=["seals"])


def setup(app: Any) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    app.add_node(Placeholder)
    app.add_directive("seals", SealsDirective)
    app.add_post_transform(FillSeals)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

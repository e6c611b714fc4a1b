"""練習問題のページ: 解答を畳み、原稿だけの印を除き、解くのにかかる時間を数える。

練習問題は、見出しの一つの節である。節の頭の行に、星、種類、分を書く。「解答」という見出しの節は、畳んだ箱にする。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

FOLDER = "exercises/"
LABEL = "ex-"
SOLUTION = "解答"
KINDS = ("導く", "計算する", "予想してから動かす", "虫を探す", "書く", "説明する")
_ABOUT = re.compile(rf"^(★{{1,3}})☆{{0,2}} ({'|'.join(KINDS)})（(\d+)分）")
_MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """一つの練習問題。"""

    label: str
    title: str
    stars: int
    kind: str
    minutes: int


def is_exercises(docname: str) -> bool:
    """練習問題のページか。

    Examples
    --------
    >>> is_exercises("exercises/42_xor_ex"), is_exercises("chapters/42_xor")
    (True, False)
    """
    return docname.startswith(FOLDER)


def read(section: nodes.section) -> Exercise | None:
    """節の頭の行から読みとった練習問題。頭の行がなければ None。"""
    label = next((name for name in section["ids"] if name.startswith(LABEL)), "")
    about = next(iter(section.findall(nodes.paragraph)), None)
    found = _ABOUT.match(about.astext()) if label and about is not None else None
    if not found:
        return None
    stars, kind, minutes = found.groups()
    return Exercise(label, section.next_node(nodes.title).astext(), len(stars), kind, int(minutes))


class FoldSolutions(SphinxTransform):
    """解答の節を、畳んだ箱にほどく。見出しが消えるので、目次にも番号にも現れない。"""

    default_priority = 855  # 周のしるしと目次の前

    def apply(self, **kwargs: Any) -> None:
        """練習問題のページだけで働く。"""
        if not is_exercises(self.env.docname):
            return
        for block in self.document.findall(nodes.literal_block):
            unmark(block)
        sections = list(self.document.findall(nodes.section))
        recorded(self.env)[self.env.docname] = [found for section in sections if (found := read(section))]
        for section in sections:
            if section.next_node(nodes.title).astext() == SOLUTION:
                section.replace_self(list(_folded(section)))


def unmark(block: nodes.literal_block) -> None:
    """編集の印の行を、見えるコードから除く。"""
    block.rawsource = text = _MARKS.sub("", block.astext()).rstrip("\n")
    block.children = []
    block += nodes.Text(text)


def _folded(section: nodes.section) -> Iterator[nodes.Node]:
    yield nodes.raw("", f'<details class="solution"><summary>{SOLUTION}</summary>', format="html")
    yield from (child for child in section.children if not isinstance(child, nodes.title))
    yield nodes.raw("", "</details>", format="html")


def recorded(env: BuildEnvironment) -> dict[str, list[Exercise]]:
    """ページごとの練習問題。"""
    if not hasattr(env, "backprop_exercises"):
        env.backprop_exercises = {}
    return env.backprop_exercises


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """読みなおすページの記録を忘れる。"""
    recorded(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """並行して読んだページの記録を合わせる。"""
    recorded(env).update({name: recorded(other)[name] for name in docnames if name in recorded(other)})


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx の拡張として登録する。"""
    app.add_transform(FoldSolutions)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

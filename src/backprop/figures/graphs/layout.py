"""計算グラフの割りつけ: 節の段（左からの列）と、列の中での高さ。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from backprop.figures.drafting.spreading import spread

Wire = tuple[str, str]

ROW = 1.25
DEEPEST = 9
"""値を読めるように描ける、列の数の限り。"""


def _is_node(entry: object) -> bool:
    """``(記号, 親の名前の並び)`` か。"""
    if not isinstance(entry, tuple) or len(entry) != 2:
        return False
    symbol, parents = entry
    named = isinstance(parents, (tuple, list)) and all(isinstance(parent, str) for parent in parents)
    return isinstance(symbol, str) and named


class Layout:
    """節の段（左からの列）と、列の中での並び。"""

    def __init__(self, nodes: Mapping[str, tuple[str, Sequence[str]]]) -> None:
        if not isinstance(nodes, Mapping) or not nodes:
            raise TypeError(
                f"nodes は {{名前: (記号, 親の名前の並び)}} の辞書でなければなりませんが、{nodes!r} が与えられました。"
            )
        self.symbols: dict[str, str] = {}
        self.parents: dict[str, tuple[str, ...]] = {}
        for name, entry in nodes.items():
            self._add(name, entry)
        self.children = {name: [c for c in nodes if name in self.parents[c]] for name in nodes}
        self.wires = [(p, child) for child, parents in self.parents.items() for p in dict.fromkeys(parents)]
        self.sinks = [name for name, children in self.children.items() if not children]
        self.column = self._columns()
        self.width = max(self.column.values()) + 1
        self.every_column, self.links = self._links()

    def _add(self, name: str, entry: Any) -> None:
        if not _is_node(entry):
            raise TypeError(
                f"nodes[{name!r}] は (記号, 親の名前の並び) でなければなりませんが、{entry!r} が与えられました。"
            )
        self.symbols[name], self.parents[name] = entry[0], tuple(entry[1])
        for parent in self.parents[name]:
            if parent not in self.symbols or parent == name:
                raise ValueError(
                    f"nodes[{name!r}] の親 {parent!r} が、それより前にありません。親を先に書いてください。"
                )

    def _columns(self) -> dict[str, int]:
        """最長の道の長さ。入力だけは、使われる直前の列まで右へ寄せる。"""
        column: dict[str, int] = {}
        for name, parents in self.parents.items():
            column[name] = 1 + max((column[p] for p in parents), default=-1)
        for name, parents in self.parents.items():
            if not parents and self.children[name]:
                column[name] = min(column[c] for c in self.children[name]) - 1
        return column

    def joining(self) -> set[str]:
        """計算の幹に、わきから一本で加わる入力。三つの入力が集まるところでは、両端の二つ。"""
        found = set()
        for parents in self.parents.values():
            inputs = [p for p in parents if not self.parents[p] and len(self.children[p]) == 1]
            if len(inputs) == 3 and len(parents) == 3:
                inputs = [inputs[0], inputs[2]]
            elif len(inputs) == len(parents):
                continue
            found |= set(inputs)
        return found

    def route(self, wire: Wire) -> list[str]:
        """列をまたぐ線が通る、見えない節を含む道。"""
        start, end = wire
        between = range(self.column[start] + 1, self.column[end])
        return [start, *(f"{start}→{end}@{c}" for c in between), end]

    def _links(self) -> tuple[dict[str, int], dict[str, list[str]]]:
        """見えない節も含めた、すべての節の列と、つながる相手。"""
        column, links = dict(self.column), {}
        for child, parents in self.parents.items():
            for parent in parents:
                path = self.route((parent, child))
                for step, (a, b) in enumerate(pairwise(path)):
                    column.setdefault(b, self.column[parent] + step + 1)
                    links.setdefault(a, []).append(b)
                    links.setdefault(b, []).append(a)
        return column, links

    def heights(self) -> dict[str, float]:
        """縦の位置。つながる相手の平均に寄せながら、同じ列の節を `ROW` 以上離す。"""
        place = self.every_column
        columns = [[n for n in place if place[n] == c] for c in range(self.width)]
        y = {n: ROW * (i - (len(names) - 1) / 2) for names in columns for i, n in enumerate(names)}
        for _ in range(200):
            for names in columns:
                wanted = [0.5 * self._pull(n, y) + 0.5 * y[n] for n in names]
                inertia = [0.001 if self.parents.get(n, ("",)) == () else 1.0 for n in names]
                for n, position in zip(names, spread(wanted, ROW, -1e6, 1e6, inertia)):
                    y[n] = position
        top = max(y.values())
        return {n: round(top - value, 4) for n, value in y.items()}

    def _pull(self, name: str, y: Mapping[str, float]) -> float:
        """つながる相手の高さの平均。計算の幹がまっすぐになるよう、入力より演算どうしを重く見る。"""
        others = self.links.get(name, [name])
        weights = [1.0 if self.parents.get(m, ("",)) == () else 400.0 for m in others]
        return sum(w * y[m] for w, m in zip(weights, others)) / sum(weights)

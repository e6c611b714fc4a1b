"""線の交わりの少ない割りつけ。狭い画面では、交わるところに数を書く場所がない。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations

from backprop.figures.graphs.layout import Layout

MANY = 6
"""列の節がこれより多ければ、並べかえない。"""


class Untangled(Layout):
    """列ごとに並べかえ、となりの列との線の交わりを減らした割りつけ。"""

    def __init__(self, nodes: Mapping[str, tuple[str, Sequence[str]]]) -> None:
        super().__init__(nodes)
        columns = [[n for n, c in self.every_column.items() if c == column] for column in range(self.width)]
        for column in [*range(self.width), *reversed(range(self.width))]:
            if len(columns[column]) <= MANY:
                before, after = columns[:column], columns[column + 1 :]
                orders = ([*before, list(order), *after] for order in permutations(columns[column]))
                columns = min(orders, key=self._crossings)
        self.every_column = {n: self.every_column[n] for names in columns for n in names}

    def _crossings(self, columns: Sequence[Sequence[str]]) -> int:
        count = 0
        for names, after in zip(columns, columns[1:]):
            ends = [(a, n) for a, name in enumerate(names) for n in self.links[name] if n in after]
            wires = [(a, after.index(n)) for a, n in ends]
            count += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(wires, 2))
        return count

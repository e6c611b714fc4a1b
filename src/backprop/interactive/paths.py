"""道に沿って掛け、道について足す: 割合の載った線をたどる図。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from backprop import checks
from backprop.checks import Array, explained
from backprop.figures.drafting.inputs import text
from backprop.interactive.numbers import number
from backprop.interactive.widget import Widget, table

WAYS = {"paths": "道を1本ずつ", "exit": "出口から", "entrance": "入り口から"}

Step = dict[str, object]


@dataclass(frozen=True)
class _Graph:
    """列に並んだ量と、となりの列への線に載った割合。``rates[l][k, i]`` は、列 l の i から列 l + 1 の k への割合。"""

    rates: list[Array]
    names: list[list[str]]

    def parts(self, layer: int, node: int, way: str, values: list[Array]) -> list[tuple[str, float, float]]:
        """ある量に集まる線: 線の名前、線の割合、線の先の量の割合。"""
        if way == "exit":
            return [
                (f"{layer}-{k}-{node}", self.rates[layer][k, node], values[layer + 1][k])
                for k in range(len(self.names[layer + 1]))
            ]
        return [
            (f"{layer - 1}-{node}-{i}", self.rates[layer - 1][node, i], values[layer - 1][i])
            for i in range(len(self.names[layer - 1]))
        ]


@explained
def paths(
    rates: Sequence[Array], names: Sequence[Sequence[str]], *, ways: Sequence[str] = tuple(WAYS)
) -> Widget:
    """入り口から出口への割合を、道を1本ずつ、または出口か入り口から一つずつ求めていく図。

    一歩ごとに、読者が答えを予想してから見る。

    Parameters
    ----------
    rates : sequence of array
        となりの列への割合、形 (次の列の数, 前の列の数)。はじめの列と終わりの列の量は一つずつ。
    names : sequence of sequence of str
        列ごとの、量の名前。
    ways : sequence of str
        求め方: ``"paths"``（道を1本ずつ）、``"exit"``（出口から）、``"entrance"``（入り口から）。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        割合が有限の実数の行列でない、形がつながらない、名前の数が合わない、求め方の名前がない。

    Notes
    -----
    「連鎖律」の章（11_chain_rule）で使う。

    Examples
    --------
    >>> paths([np.array([[4.0], [-0.25]]), np.array([[0.5, 4.0]])], [["x"], ["u₁", "u₂"], ["v"]])
    道をたどる図: x から v への 2 本の道。割合の和は 1。
    """
    graph = _graph(rates, names)
    for i, way in enumerate(checks.sequence("ways", ways)):
        checks.choice(f"ways[{i}]", way, WAYS)
    chosen = list(dict.fromkeys(ways))
    if not chosen:
        raise ValueError("ways には少なくとも一つの求め方が要りますが、[] が与えられました。")
    steps = {way: list(_steps(graph, way)) for way in chosen}
    total = float(_values(graph, "exit")[0][0])
    ends = f"{graph.names[0][0]} から {graph.names[-1][0]}"
    data = {
        "label": f"{ends} への道",
        "names": graph.names,
        "rates": [[[number(v) for v in row] for row in rate.tolist()] for rate in graph.rates],
        "ways": [{"key": way, "name": WAYS[way], "steps": steps[way]} for way in chosen],
    }
    count = prod(len(column) for column in graph.names)
    return Widget("paths", f"道をたどる図: {ends} への {count} 本の道。割合の和は {number(total)}。", data, _table(steps))


def _graph(rates: object, names: object) -> _Graph:
    tables = [_real(f"rates[{i}]", v) for i, v in enumerate(checks.sequence("rates", rates))]
    columns = [
        [text(f"names[{i}][{j}]", name) for j, name in enumerate(checks.sequence(f"names[{i}]", column))]
        for i, column in enumerate(checks.sequence("names", names))
    ]
    if len(tables) < 2 or len(columns) != len(tables) + 1:
        raise ValueError(
            f"names には rates より一つ多い列が、rates には二つ以上の表が要りますが、"
            f"{len(columns)} 列と {len(tables)} 個が与えられました。"
        )
    for i, (rate, before, after) in enumerate(zip(tables, columns, columns[1:])):
        if rate.shape != (len(after), len(before)):
            raise ValueError(
                f"rates[{i}] の形は {(len(after), len(before))} でなければなりませんが、{rate.shape} が与えられました。"
            )
    if len(columns[0]) != 1 or len(columns[-1]) != 1:
        raise ValueError(
            f"はじめと終わりの列の量は一つずつでなければなりませんが、names は {columns} です。"
        )
    return _Graph(tables, columns)


def _real(name: str, value: object) -> Array:
    rate = checks.array(name, value, ("N", "M"))
    if np.iscomplexobj(rate):
        raise TypeError(f"{name} の要素は実数でなければなりませんが、{rate.dtype} が与えられました。")
    return rate.astype(float)


def _values(graph: _Graph, way: str) -> list[Array]:
    """列ごとの割合: 出口への割合か、入り口からの割合。"""
    count = len(graph.names)
    values = [np.ones(1)] * count
    if way == "exit":
        for layer in range(count - 2, -1, -1):
            values[layer] = values[layer + 1] @ graph.rates[layer]
    else:
        for layer in range(1, count):
            values[layer] = graph.rates[layer - 1] @ values[layer - 1]
    return values


def _steps(graph: _Graph, way: str) -> Iterator[Step]:
    yield from (_walked(graph) if way == "paths" else _gathered(graph, way))


def _walked(graph: _Graph) -> Iterator[Step]:
    """道を1本ずつたどり、終わりに足す。"""
    found: list[float] = []
    lines = len(graph.rates)
    for place, nodes in enumerate(product(*(range(len(column)) for column in graph.names)), start=1):
        factors = [float(rate[nodes[l + 1], nodes[l]]) for l, rate in enumerate(graph.rates)]
        found.append(prod(factors))
        route = " → ".join(column[n] for column, n in zip(graph.names, nodes))
        yield {
            "ask": f"道 {route} の割合",
            "terms": _times(factors),
            "answer": number(found[-1]),
            "lit": [f"{l}-{nodes[l + 1]}-{nodes[l]}" for l in range(lines)],
            "node": None,
            "tally": f"ここまでの和 {number(sum(found))}、掛け算 {place * (lines - 1)} 回",
        }
    yield {
        "ask": f"{graph.names[0][0]} から {graph.names[-1][0]} への割合",
        "terms": _plus(found),
        "answer": number(sum(found)),
        "lit": [],
        "node": None,
        "tally": f"掛け算は、合わせて {len(found) * (lines - 1)} 回",
    }


def _gathered(graph: _Graph, way: str) -> Iterator[Step]:
    """出口か入り口から、量ごとに、集まる線の割合を足していく。"""
    values, count = _values(graph, way), len(graph.names)
    order = range(count - 2, -1, -1) if way == "exit" else range(1, count)
    times = 0
    for layer in order:
        for node, name in enumerate(graph.names[layer]):
            parts = graph.parts(layer, node, way, values)
            first = layer == order[0]
            times += 0 if first else len(parts)
            pairs = [[rate] if first else [value, rate] for _, rate, value in parts]
            ends = (name, graph.names[-1][0]) if way == "exit" else (graph.names[0][0], name)
            yield {
                "ask": f"{ends[0]} から {ends[1]} への割合",
                "terms": " + ".join(_times(pair, whole=len(pairs) == 1) for pair in pairs),
                "answer": number(values[layer][node]),
                "lit": [line for line, _, _ in parts],
                "node": f"{layer}-{node}",
                "tally": f"掛け算 {times} 回",
            }


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _times(factors: Sequence[float], whole: bool = True) -> str:
    """積。`whole` でなければ、足し算の中に置けるよう、頭の負号を括弧に入れる。"""
    first, *rest = factors
    return " × ".join([number(first) if whole else _factor(first), *map(_factor, rest)])


def _plus(terms: Sequence[float]) -> str:
    first, *rest = terms
    return " + ".join([number(first), *map(_factor, rest)])


def _table(steps: dict[str, list[Step]]) -> str:
    rows = [
        (f"{WAYS[way]} {place}", str(step["ask"]), f"{step['terms']} = {step['answer']}", str(step["tally"]))
        for way, each in steps.items()
        for place, step in enumerate(each, start=1)
    ]
    return table(["求め方", "求めるもの", "計算", "ここまで"], rows, "割合を求める順。線の割合を掛け、道について足す。")

"""計算グラフの行きと帰りを、一つずつの計算に書く。ページの `parts/trail.js` と同じ字になる。"""

from __future__ import annotations

from collections.abc import Iterator

from backprop.autodiff import NodeTrace
from backprop.interactive.graphs.given import Graph, short, sign

Row = tuple[str, str, str]


def rows(graph: Graph) -> Iterator[Row]:
    """向き、求めるもの、計算。帰りは、行きの逆に訪れる。"""
    for n in graph.operations:
        yield "行き", f"{graph.word(n)}の値", f"{_forward(graph, n)} = {short(graph.value(n))}"
    for n in reversed(graph.operations):
        yield from _visit(graph, n)


def _visit(graph: Graph, n: int) -> Iterator[Row]:
    """演算を訪れ、入力へ送る。二つめの勾配が届いて、届くものがそろったところでは、足す。"""
    for parent in graph.parents(n):
        yield "帰り", f"{graph.word(n)}から{graph.word(parent)}へ", _sent(graph, n, parent)
    for parent in graph.parents(n):
        users = graph.users(parent)
        if len(users) > 1 and users[-1] == n:
            parts = " + ".join(_factor(_amount(graph, user, parent)) for user in users)
            yield "帰り", f"{graph.word(parent)}の勾配", f"{parts} = {short(graph.gradient(parent))}"


def _factor(value: float) -> str:
    text = short(value)
    return f"({text})" if text.startswith("−") else text


def _forward(graph: Graph, n: int) -> str:
    record = graph.records[n]
    values = [graph.value(parent) for parent in record.parents]
    if len(values) == 2:
        return f" {sign(record)} ".join(map(_factor, values))
    symbol = sign(record)
    inside = f"({short(values[0])})"
    return symbol.replace("( )", inside) if "( )" in symbol else symbol + inside


def _amount(graph: Graph, n: int, parent: int) -> float:
    """演算から、その入力へ送られる勾配。"""
    record = graph.records[n]
    return sum(float(part.item()) for p, part in zip(record.parents, record.parts) if p == parent)


def _plain(record: NodeTrace, k: int) -> bool:
    """届いた勾配を、そのまま渡すところか。"""
    return record.symbol == "+" or (record.symbol, len(record.parents), k) == ("−", 2, 0)


def _sent(graph: Graph, n: int, parent: int) -> str:
    record, g = graph.records[n], graph.gradient(n)
    places = [k for k, p in enumerate(record.parents) if p == parent]
    if len(places) == 1 and _plain(record, places[0]):
        return f"{short(g)} をそのまま"
    slopes = graph.slopes(n)
    terms = [_factor(g) if _plain(record, k) else f"{_factor(g)} × {_factor(slopes[k])}" for k in places]
    return f"{' + '.join(terms)} = {short(_amount(graph, n, parent))}"

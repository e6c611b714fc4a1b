"""計算グラフの帰り道を、読者が自分でたどる図。"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from backprop.autodiff import Node
from backprop.checks import explained
from backprop.figures.drafting.inputs import named, text
from backprop.figures.graphs.layout import ROW
from backprop.interactive.graphs.given import LARGEST, Graph, checked, short
from backprop.interactive.graphs.steps import rows
from backprop.interactive.numbers import rounded
from backprop.interactive.widget import Widget, table


@explained
def backward_graph(outputs: Mapping[str, Node], *, figure: str = "") -> Widget:
    """計算グラフに、行きの値を流し、帰りに訪れるノードを選び、送る勾配を予想しながら戻る図。

    Parameters
    ----------
    outputs : mapping of str to Node
        グラフの名前から、出口のノードへの辞書。どのノードも一つの数で、与えた数には名前がついていること。
    figure : str, optional
        画面で代わりをする、紙の図の名前（``"fig-…"``）。

    Returns
    -------
    Widget

    Raises
    ------
    TypeError, ValueError
        ノードでない、要素が一つでない、ページの中で計算できない演算がある、与えた数に名前がないか、有効数字4桁を
        超える、大きすぎる。

    Notes
    -----
    「計算グラフ」の章（22_computational_graph）で使う。

    Examples
    --------
    >>> from backprop.autodiff import Variable
    >>> x, y = Variable(3.0, "$x$"), Variable(5.0, "$y$")
    >>> backward_graph({"z = xy + x": x * y + x})
    計算グラフを戻る図: z = xy + x（x の勾配 6、y の勾配 3）。
    """
    named("outputs", outputs)
    text("figure", figure)
    graphs = {
        text("outputs の名前", name): checked(f"outputs[{name!r}]", node) for name, node in outputs.items()
    }
    data = {
        "label": "計算グラフを、出口から戻る",
        "figure": figure,
        "limit": LARGEST,
        "graphs": [_data(name, graph) for name, graph in graphs.items()],
    }
    summary = "、".join(f"{name}（{_found(graph)}）" for name, graph in graphs.items())
    return Widget("graph", f"計算グラフを戻る図: {summary}。", data, _table(graphs))


def _found(graph: Graph) -> str:
    leaves = (n for n, record in enumerate(graph.records) if not record.symbol and not graph.constant(n))
    return "、".join(f"{graph.word(n)} の勾配 {short(graph.gradient(n))}" for n in leaves)


def _data(name: str, graph: Graph) -> dict[str, Any]:
    heights = graph.layout.heights()
    top = max(heights.values())
    places = {
        key: rounded([column, (top - heights[key]) / ROW], 2)
        for key, column in graph.layout.every_column.items()
    }
    return {
        "name": name,
        "size": [graph.layout.width, rounded([(top - min(heights.values())) / ROW], 2)[0]],
        "nodes": [_node(graph, n, places[str(n)]) for n in range(len(graph.records))],
        "bends": {
            f"{parent}-{child}": [places[stop] for stop in graph.layout.route((parent, child))[1:-1]]
            for parent, child in graph.layout.wires
            if graph.layout.column[child] - graph.layout.column[parent] > 1
        },
    }


def _node(graph: Graph, n: int, at: list[float]) -> dict[str, Any]:
    record = graph.records[n]
    shown = {"at": at, "mark": graph.mark(n), "word": graph.word(n)}
    if record.symbol:
        return shown | {"tag": graph.number(n), "op": record.symbol, "of": list(record.parents)}
    return shown | {"v": _plain(graph.value(n))} | ({"fixed": True} if graph.constant(n) else {})


def _plain(value: float) -> float:
    """整数なら、小数点のない数。"""
    return int(value) if value == int(value) else value


def _table(graphs: Mapping[str, Graph]) -> str:
    """行きと帰りの計算。動かせるときは、読者の選んだグラフと数の計算になる。"""
    lines = [
        (f"{html.escape(name)} {place}", *row)
        for name, graph in graphs.items()
        for place, row in enumerate(rows(graph), start=1)
    ]
    return table(["グラフと順", "向き", "求めるもの", "計算"], lines, "計算グラフの行きと帰り。出口の勾配は1。")

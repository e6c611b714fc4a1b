"""与えられた計算グラフ: 断るもの、ノードの呼び名、演算が自分で知っている傾き。"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backprop import checks
from backprop.autodiff import Node, NodeTrace, topological_order, trace
from backprop.figures.graphs.layout import DEEPEST
from backprop.interactive.graphs.untangled import Untangled
from backprop.interactive.numbers import number

DIGITS = 4
"""値と勾配を見せる桁。手で計算した答えと比べられるように、ほかの図より一つ多い。"""
LARGEST = 1000
"""読者の選べる数の大きさの限り。"""
TINY = 1e-12
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"
_WORDS = {
    "+": "足し算", "−": "引き算", "×": "掛け算", "÷": "割り算", "exp": "exp", "log": "log",
    "sigmoid": "シグモイド", "tanh": "tanh", "relu": "ReLU",
}  # fmt: skip
_SIGNS = {"sigmoid": "σ", "relu": "ReLU"}
_RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"\^(-?[\d.]+)")


def short(value: float) -> str:
    """図に見せる数。打ち消し合ったあとに残る丸め誤差は、0とみなす。"""
    return number(value if abs(value) > TINY else 0.0, DIGITS)


@dataclass(frozen=True)
class Graph:
    """一つの数を返す計算グラフ。ノードは、親が子より先に来る順の番号で呼ぶ。"""

    output: Node

    @cached_property
    def nodes(self) -> list[Node]:
        return topological_order(self.output)

    @cached_property
    def records(self) -> list[NodeTrace]:
        return trace(self.output)

    @cached_property
    def layout(self) -> Untangled:
        """ノードの列と高さ。"""
        return Untangled(
            {str(n): (r.name or r.symbol, tuple(map(str, r.parents))) for n, r in enumerate(self.records)}
        )

    @cached_property
    def operations(self) -> list[int]:
        """演算のノード。"""
        return [n for n, record in enumerate(self.records) if record.symbol]

    def value(self, n: int) -> float:
        return float(self.records[n].value.item())

    def gradient(self, n: int) -> float:
        return float(self.records[n].gradient.item())

    def slopes(self, n: int) -> list[float]:
        """演算の、入力ごとの局所的な微分。"""
        operation = self.nodes[n].operation
        return [float(part.item()) for part in operation.backward(np.ones_like(self.nodes[n].value))]

    def parents(self, n: int) -> list[int]:
        """重なりのない、入力のノード。"""
        return list(dict.fromkeys(self.records[n].parents))

    def users(self, n: int) -> list[int]:
        """そのノードを使う演算を、逆にたどる順に。"""
        return [child for child in reversed(self.operations) if n in self.records[child].parents]

    def mark(self, n: int) -> str:
        """ノードの中に書く字。"""
        record = self.records[n]
        return sign(record) if record.symbol else self._name(n)

    def word(self, n: int) -> str:
        """文の中での呼び名。"""
        record = self.records[n]
        return f"{_word(record)}{self.number(n)}" if record.symbol else self._name(n)

    def number(self, n: int) -> str:
        """演算の番号。プログラムの行と同じ順につける。"""
        return CIRCLED[self.operations.index(n)]

    def constant(self, n: int) -> bool:
        """式の中に書かれた、ふつうの数か。"""
        return not self.records[n].symbol and bool(re.fullmatch(r"-?[\d.]+", self.records[n].name))

    def _name(self, n: int) -> str:
        return short(self.value(n)) if self.constant(n) else self.records[n].name.strip("$")


def sign(record: NodeTrace) -> str:
    """演算の記号。"""
    if power := _POWER.fullmatch(record.symbol):
        return f"( ){power[1].translate(_RAISED)}"
    return _SIGNS.get(record.symbol, record.symbol)


def _word(record: NodeTrace) -> str:
    if power := _POWER.fullmatch(record.symbol):
        return f"{power[1].replace('-', '−')} 乗"
    return "符号の反転" if record.symbol == "−" and len(record.parents) == 1 else _WORDS[record.symbol]


def checked(name: str, output: object) -> Graph:
    """描けて、ページの中で計算しなおせる計算グラフ。"""
    if not isinstance(output, Node):
        raise TypeError(
            f"{name} は計算グラフのノードでなければなりませんが、{type(output).__name__} が与えられました。"
        )
    if output.value.size != 1:
        raise ValueError(f"{name} は一つの数でなければなりませんが、形は {output.shape} です。")
    graph = Graph(output)
    for node, record in zip(graph.nodes, graph.records):
        _check(name, node, record)
    if not 1 <= len(graph.operations) <= len(CIRCLED) or graph.layout.width > DEEPEST:
        raise ValueError(
            f"{name} は、演算が 1 個から {len(CIRCLED)} 個まで、列が {DEEPEST} 列までのグラフでなければなりませんが、"
            f"演算が {len(graph.operations)} 個、列が {graph.layout.width} 列あります。"
        )
    return graph


def _check(name: str, node: Node, record: NodeTrace) -> None:
    if record.value.size != 1 or np.iscomplexobj(record.value):
        raise ValueError(
            f"{name} のノードは、どれも一つの実数でなければなりませんが、{record.value.dtype} の、"
            f"形 {node.shape} のものがあります。"
        )
    if record.symbol and record.symbol not in _WORDS and not _POWER.fullmatch(record.symbol):
        raise ValueError(f"{name} の演算 {record.symbol} は、ページの中で計算できません。")
    if not record.symbol:
        _leaf(name, record)


def _leaf(name: str, record: NodeTrace) -> None:
    """葉の名前は、そのまま字で書けて、数は、見せる桁で書ききれること。"""
    value = checks.real(name, record.value.item())
    if not record.name.strip("$ ") or re.search(r"[\\^_{}<>&]", record.name):
        raise ValueError(
            f"{name} に与えた数の名前は、そのまま書ける字でなければなりませんが、{record.name!r} です。"
        )
    if abs(value) > LARGEST or float(f"{value:.{DIGITS}g}") != value:
        raise ValueError(
            f"{name} に与えた数は、大きさが {LARGEST} までの、有効数字 {DIGITS} 桁までの数でなければ"
            f"なりませんが、{record.name} は {value!r} です。"
        )

"""グラフをたどる: トポロジカル順序、逆伝播、計算のしなおし、図のための記録。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backprop.autodiff.nodes import Node, Variable, apply, check_nodes
from backprop.autodiff.operation import as_array
from backprop.checks import Array, array, explained, mapping, sequence


@explained
def topological_order(output: Node) -> list[Node]:
    """出力が依存するすべてのノードを、親が必ず子より先に来る順に並べる。

    親どうしは、式に書かれた順に並ぶ。再帰を使わないので、どれほど長いグラフでもよい。

    Parameters
    ----------
    output : Node
        出力。リストの最後に来る。

    Returns
    -------
    list of Node
        どのノードも一度だけ現れる。

    Raises
    ------
    TypeError
        ノードでない。

    Examples
    --------
    >>> x = Variable(2.0)
    >>> y = x * x
    >>> z = y + x
    >>> topological_order(z) == [x, y, z]
    True
    """
    check_nodes("output", [output])
    order: list[Node] = []
    seen = {id(output)}
    stack = [(output, iter(output.parents))]
    while stack:
        node, parents = stack[-1]
        parent = next((p for p in parents if id(p) not in seen), None)
        if parent is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(id(parent))
            stack.append((parent, iter(parent.parents)))
    return order


@explained
def gradients(output: Node, wrt: Sequence[Node], seed: Array | float | None = None) -> list[Array]:
    """出力の勾配を、逆伝播で求める。

    トポロジカル順序の逆にたどるので、ノードに着いたときには、そこへ流れこむ勾配がすべて足されている。
    グラフには何も残さない。何度呼んでも同じ答えになる。

    Parameters
    ----------
    output : Node
        出力。要素が一つでなければ ``seed`` が要る。
    wrt : sequence of Node
        何に関する勾配か。葉でなくてもよい。
    seed : ndarray or float, optional
        出力に関する勾配（上流）。出力と同じ形。省けば 1。

    Returns
    -------
    list of ndarray
        ``wrt`` と同じ並び、それぞれの値と同じ形。出力につながっていないノードの勾配は 0。

    Raises
    ------
    TypeError
        ノードでない。
    ValueError
        出力の要素が一つでないのに ``seed`` がない、``seed`` の形が違う。

    Examples
    --------
    ひし形のグラフ: y = x², z = y + y·x。∂z/∂x = 2x + 3x² = 4 + 12 = 16。

    >>> x = Variable(2.0)
    >>> y = x * x
    >>> gradients(y + y * x, [x])
    [array(16.)]
    """
    order = topological_order(output)
    check_nodes("wrt", sequence("wrt", wrt))
    upstream = {id(output): _seed(output, seed)}
    for node in reversed(order):
        if node.operation is None:
            continue
        for parent, part in zip(node.parents, _parts(node, upstream[id(node)])):
            known = upstream.get(id(parent))
            upstream[id(parent)] = part if known is None else known + part
    return [np.array(upstream.get(id(node), np.zeros_like(node.value))) for node in wrt]


def _parts(node: Node, upstream: Array) -> Sequence[Array]:
    """親ごとの勾配。`Operation.backward` を書き換えた演算でも、数は合わなければならない。"""
    parts = node.operation.backward(upstream)
    if len(parts) != len(node.parents):
        raise ValueError(
            f"{type(node.operation).__name__} の backward は {len(node.parents)} 個の勾配を返さなければなりませんが、"
            f"{len(parts)} 個を返しました。"
        )
    return parts


def _seed(output: Node, seed: Array | float | None) -> Array:
    if seed is not None:
        return array("seed", as_array(seed), shape=output.shape)
    if output.value.size != 1:
        raise ValueError(
            f"output の要素は一つでなければなりませんが、形は {output.shape} です。"
            "sum() や mean() で一つの数にするか、seed を与えてください。"
        )
    return np.ones_like(output.value)


@explained
def replace(output: Node, values: Mapping[Variable, Array | float]) -> Node:
    """いくつかの葉の値だけを取り替えて、同じ式を計算しなおす。元のグラフは変わらない。

    Parameters
    ----------
    output : Node
        元の出力。
    values : mapping of Variable to ndarray or float
        取り替える葉と、新しい値。形は元と同じ。

    Returns
    -------
    Node
        新しいグラフの出力。

    Raises
    ------
    TypeError, ValueError
        葉でない、グラフにない、形が違う。

    Examples
    --------
    >>> x, y = Variable(3.0), Variable(5.0)
    >>> replace(x * y + x, {x: 2.0}).value
    array(12.)
    """
    order = topological_order(output)
    new = {id(node): node for node in order if node.operation is None}
    for leaf, value in mapping("values", values).items():
        if id(leaf) not in new:
            raise ValueError(f"values の {leaf!r} は、このグラフの葉ではありません。")
        new[id(leaf)] = Variable(array(leaf.name or "value", as_array(value), shape=leaf.shape), leaf.name)
    for node in order:
        if node.operation is not None:
            new[id(node)] = apply(node.operation, *(new[id(p)] for p in node.parents), name=node.name)
    return new[id(output)]


@explained
@dataclass(frozen=True, eq=False)
class NodeTrace:
    """図に書くための、一つのノードの記録。

    Attributes
    ----------
    symbol : str
        演算の記号。葉では空。
    name : str
        ノードの名前。なければ空。
    value : ndarray
        順伝播の値。
    gradient : ndarray
        出力の、このノードに関する勾配。``value`` と同じ形。
    parents : tuple of int
        親の、リストの中での番号。
    parts : tuple of ndarray
        このノードから親のそれぞれへ流れた勾配。分岐した親では、これらの和が親の ``gradient`` になる。
    """

    symbol: str
    name: str
    value: Array
    gradient: Array
    parents: tuple[int, ...]
    parts: tuple[Array, ...]


@explained
def trace(output: Node, seed: Array | float | None = None) -> list[NodeTrace]:
    """すべてのノードの値と勾配を、親が子より先に来る順に並べる。

    Parameters
    ----------
    output, seed
        `gradients` と同じ。

    Returns
    -------
    list of NodeTrace

    Raises
    ------
    TypeError, ValueError
        `gradients` と同じ。

    Examples
    --------
    >>> x, y = Variable(3.0, "x"), Variable(5.0, "y")
    >>> for i, node in enumerate(trace(x * y)):
    ...     print(i, node.name or node.symbol, node.value, node.gradient, node.parents)
    0 x 3.0 5.0 ()
    1 y 5.0 3.0 ()
    2 × 15.0 1.0 (0, 1)
    """
    order = topological_order(output)
    index = {id(node): i for i, node in enumerate(order)}
    return [
        NodeTrace(
            symbol=node.operation.symbol if node.operation else "",
            name=node.name,
            value=node.value,
            gradient=gradient,
            parents=tuple(index[id(parent)] for parent in node.parents),
            parts=node.operation.backward(gradient) if node.operation else (),
        )
        for node, gradient in zip(order, gradients(output, order, seed))
    ]
